/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The planner. Shares are compared as percentages of the whole, computed to 18 decimals in one
 * step, so that a share which lies exactly on the threshold is seen to do so.
 */
#include "portfolio/plan.h"

#include "base/error.h"
#include "model/limits.h"

#define CENT    TT_DEC_C(1, 2)
#define HUNDRED TT_DEC_C(100, 0)

tt_dec tt_plan_cents(tt_dec amount, tt_round round)
{
    tt_dec result = TT_DEC_ZERO;
    tutti_status status = tt_dec_quantize(amount, CENT, round, &result);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

/* part x factor / whole; the largest ratio where there is no such number. */
static tt_dec share(tt_dec part, tt_dec factor, tt_dec whole)
{
    tt_dec result = TT_DEC_ZERO;
    if (tt_dec_muldiv(part, factor, whole, TT_ROUND_HALF_EVEN, &result) != TUTTI_OK) {
        return tt_dec_sign(part) < 0 ? tt_dec_xneg(TT_RATIO_MAX) : TT_RATIO_MAX;
    }
    return tt_dec_max(tt_dec_min(result, TT_RATIO_MAX), tt_dec_xneg(TT_RATIO_MAX));
}

static tt_dec distance(tt_dec a, tt_dec b)
{
    return tt_dec_xabs(tt_dec_xsub(a, b));
}

void tt_plan_drop(tt_plan_row *row)
{
    row->amount.d = TT_DEC_ZERO;
    row->side = TT_side_NONE;
    row->priority = 0;
    row->is_exit = 0;
}

static void set_trade(tt_plan_row *row, tt_side side, tt_dec amount)
{
    row->amount.d = amount;
    row->side = (uint8_t)side;
    row->priority = side == TT_side_SELL ? 1 : 2;
}

/* A short position is bought back first; what lies beyond flat is the business of the next plan. */
static void trade_row(const tt_plan_holding *holding, tt_dec equity, tt_plan_row *row)
{
    tt_dec target = share(equity, holding->target_pct.d, HUNDRED);
    tt_dec difference = tt_dec_xsub(target, holding->value.d);
    bool is_short = tt_dec_sign(holding->value.d) < 0;
    row->is_exit = tt_dec_is_zero(holding->target_pct.d) && tt_dec_sign(holding->value.d) > 0;
    tt_dec amount = tt_plan_cents(tt_dec_xabs(difference), TT_ROUND_HALF_EVEN);
    if (is_short || row->is_exit != 0) {
        tt_dec held = tt_plan_cents(tt_dec_xabs(holding->value.d), TT_ROUND_DOWN);
        amount = tt_dec_min(amount, held);
    }
    bool is_too_small = tt_dec_lt(amount, holding->min_trade.d) && row->is_exit == 0;
    if (is_too_small || tt_dec_is_zero(amount)) {
        tt_plan_drop(row);
        return;
    }
    set_trade(row, tt_dec_sign(difference) < 0 ? TT_side_SELL : TT_side_BUY, amount);
}

static uint8_t rank(const tt_plan_row *row)
{
    return row->side == TT_side_NONE ? 3 : row->priority;
}

static bool goes_before(const tt_plan_row *a, const tt_plan_row *b)
{
    if (rank(a) != rank(b)) {
        return rank(a) < rank(b);
    }
    return tt_dec_lt(b->amount.d, a->amount.d);
}

void tt_plan_settle(tt_plan *plan)
{
    for (uint32_t i = 1; i < plan->count; i++) {
        tt_plan_row row = plan->rows[i];
        uint32_t at = i;
        for (; at > 0 && goes_before(&row, &plan->rows[at - 1]); at--) {
            plan->rows[at] = plan->rows[at - 1];
        }
        plan->rows[at] = row;
    }
    plan->sells.d = TT_DEC_ZERO;
    plan->buys.d = TT_DEC_ZERO;
    plan->trade_count = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        const tt_plan_row *row = &plan->rows[i];
        tt_money *sum = row->side == TT_side_SELL ? &plan->sells : &plan->buys;
        sum->d = tt_dec_xadd(sum->d, row->amount.d);
        plan->trade_count += row->side != TT_side_NONE;
    }
}

tt_money tt_plan_cut(tt_money amount, tt_money budget, tt_money sum)
{
    if (tt_dec_le(sum.d, budget.d)) {
        return amount;
    }
    if (tt_dec_sign(budget.d) <= 0) {
        return (tt_money){TT_DEC_ZERO};
    }
    tt_dec part = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(amount.d, budget.d, sum.d, TT_ROUND_DOWN, &part);
    TT_ASSERT(status == TUTTI_OK); // less than the amount
    return (tt_money){tt_plan_cents(part, TT_ROUND_DOWN)};
}

static tt_dec min_trade_of(const tt_plan_input *input, uint32_t instrument)
{
    for (uint32_t i = 0; i < input->count; i++) {
        if (input->holdings[i].instrument == instrument) {
            return input->holdings[i].min_trade.d;
        }
    }
    return TT_DEC_ZERO;
}

/* Buys are paid by what is there and what is sold; nothing is borrowed. */
static void fit_buys(const tt_plan_input *input, tt_plan *plan)
{
    tt_money budget = {tt_dec_max(tt_dec_xadd(plan->cash.d, plan->sells.d), TT_DEC_ZERO)};
    tt_money sum = plan->buys;
    if (tt_dec_le(sum.d, budget.d)) {
        return;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        tt_plan_row *row = &plan->rows[i];
        if (row->side != TT_side_BUY) {
            continue;
        }
        row->amount = tt_plan_cut(row->amount, budget, sum);
        tt_dec least = min_trade_of(input, row->instrument);
        if (tt_dec_lt(row->amount.d, least) || tt_dec_is_zero(row->amount.d)) {
            tt_plan_drop(row);
        }
    }
    tt_plan_settle(plan);
}

void tt_plan_make(const tt_plan_input *input, tt_plan *ret_plan)
{
    *ret_plan = (tt_plan){.cash = input->equity, .count = input->count};
    tt_dec equity = input->equity.d;
    bool has_equity = tt_dec_sign(equity) > 0;
    TT_ASSERT(input->count <= TT_PLAN_ROWS_MAX);
    for (uint32_t i = 0; i < input->count; i++) {
        const tt_plan_holding *holding = &input->holdings[i];
        tt_plan_row *row = &ret_plan->rows[i];
        row->value = holding->value;
        row->target_pct = holding->target_pct;
        row->instrument = holding->instrument;
        ret_plan->cash.d = tt_dec_xsub(ret_plan->cash.d, holding->value.d);
        if (has_equity) {
            row->current_pct.d = share(holding->value.d, HUNDRED, equity);
            tt_dec off = distance(row->current_pct.d, row->target_pct.d);
            ret_plan->max_deviation_pct.d = tt_dec_max(ret_plan->max_deviation_pct.d, off);
            trade_row(holding, equity, row);
        }
    }
    if (has_equity) {
        tt_dec off = distance(share(ret_plan->cash.d, HUNDRED, equity), input->cash_target_pct.d);
        ret_plan->max_deviation_pct.d = tt_dec_max(ret_plan->max_deviation_pct.d, off);
    }
    tt_plan_settle(ret_plan);
    fit_buys(input, ret_plan);
}

static tt_dec batch_part(tt_money amount, uint32_t batches)
{
    tt_dec part = TT_DEC_ZERO;
    tutti_status status = tt_dec_div(amount.d, tt_dec_from_i64(batches, 0), TT_ROUND_DOWN, &part);
    TT_ASSERT(status == TUTTI_OK);
    return tt_plan_cents(part, TT_ROUND_DOWN);
}

static bool
fits(const tt_money *amounts, const tt_money *minimums, uint32_t count, uint32_t batches)
{
    for (uint32_t i = 0; i < count; i++) {
        tt_dec part = batch_part(amounts[i], batches);
        if (tt_dec_lt(part, minimums[i].d) || tt_dec_is_zero(part)) {
            return false;
        }
    }
    return true;
}

uint32_t tt_plan_batches(
    const tt_money *amounts, const tt_money *minimums, uint32_t count, uint32_t batches_max)
{
    uint32_t batches = batches_max;
    while (batches > 1 && !fits(amounts, minimums, count, batches)) {
        batches--;
    }
    return batches > 0 ? batches : 1;
}

tt_money tt_plan_batch_amount(tt_money amount, uint32_t batches, uint32_t index)
{
    TT_ASSERT(index < batches);
    tt_dec part = batch_part(amount, batches);
    if (index > 0) {
        return (tt_money){part};
    }
    tt_dec others = tt_dec_xmul(part, tt_dec_from_i64((int64_t)batches - 1, 0));
    return (tt_money){tt_dec_xsub(amount.d, others)};
}
