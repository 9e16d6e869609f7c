/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The order of the checks, and the verdict that they add up to.
 *
 * Checks run in the order of their table and stop at the first rejection; a verdict holds the rows
 * of those that ran. A check that the configuration does not ask for has no row. A check may only
 * take away: size and leverage never grow.
 */
#include "ref_trial.h"

#include "base/error.h"

#include <string.h>

/* A check, and whether the configuration asks for it; NULL = always. */
typedef struct check_row {
    tt_risk_code code;
    ref_check_fn check;
    bool (*is_on)(const tt_risk_module_config *config);
} check_row;

static bool has_protections(const tt_risk_module_config *config)
{
    return config->protection_count > 0;
}

static bool has_windows(const tt_risk_module_config *config)
{
    return config->window_count > 0;
}

static bool has_trade_limits(const tt_risk_module_config *config)
{
    bool has_one =
        config->limits.max_trades_per_day > 0 || config->limits.max_trades_per_strategy > 0;
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        has_one |= config->symbols[i].max_trades_per_day > 0;
    }
    return has_one;
}

static const check_row ENTRY_CHECKS[] = {
    {TT_risk_code_INVALID_PROPOSAL, ref_check_proposal, NULL},
    {TT_risk_code_TRADING_HALTED, ref_check_halted, NULL},
    {TT_risk_code_IN_COOLDOWN, ref_check_cooldown, NULL},
    {TT_risk_code_PROTECTION_LOCK, ref_check_protection, has_protections},
    {TT_risk_code_ENTRY_WINDOW, ref_check_window, has_windows},
    {TT_risk_code_TRADE_COUNT, ref_check_trade_count, has_trade_limits},
    {TT_risk_code_NO_EQUITY, ref_check_equity, NULL},
    {TT_risk_code_NO_PRICE, ref_check_price, NULL},
    {TT_risk_code_UNRESOLVED_ORDER, ref_check_unresolved, NULL},
    {TT_risk_code_MAX_POSITIONS, ref_check_positions, NULL},
    {TT_risk_code_STOP_LOSS_REQUIRED, ref_check_stop_required, NULL},
    {TT_risk_code_STOP_TOO_TIGHT, ref_check_stop_tight, NULL},
    {TT_risk_code_STOP_TOO_WIDE, ref_check_stop_wide, NULL},
    {TT_risk_code_LOW_RR, ref_check_reward, NULL},
    {TT_risk_code_CONFIDENCE_TOO_LOW, ref_check_confidence, NULL},
    {TT_risk_code_AGENT_DISAGREEMENT, ref_check_disagreement, NULL},
    {TT_risk_code_SIZE_ADVISED, ref_check_advised, NULL},
    {TT_risk_code_SIZE_REDUCED, ref_check_position_size, NULL},
    {TT_risk_code_RISK_PER_TRADE, ref_check_loss_at_stop, NULL},
    {TT_risk_code_SIZE_REDUCED_LOSSES, ref_check_loss_row, NULL},
    {TT_risk_code_VOLATILITY_SPIKE, ref_check_spike, NULL},
    {TT_risk_code_LEVERAGE_REDUCED, ref_check_leverage, NULL},
    {TT_risk_code_SIZE_TOO_SMALL, ref_check_least_size, NULL},
    {TT_risk_code_EXPOSURE_LIMIT, ref_check_exposure, NULL},
    {TT_risk_code_CORRELATED_EXPOSURE, ref_check_correlation, NULL},
    {TT_risk_code_INSUFFICIENT_MARGIN, ref_check_margin, NULL},
    {TT_risk_code_CIRCUIT_BREAKER, ref_check_breakers, NULL},
};

/* What a rebalance buys has no stop, target or confidence: the targets of the allocation are the
 * idea. It has a limit of its own for a symbol, and no cooldown: the sales of the same rebalance
 * would begin one. */
static const check_row INCREASE_CHECKS[] = {
    {TT_risk_code_INVALID_PROPOSAL, ref_check_proposal, NULL},
    {TT_risk_code_TRADING_HALTED, ref_check_halted, NULL},
    {TT_risk_code_PROTECTION_LOCK, ref_check_protection, has_protections},
    {TT_risk_code_NO_EQUITY, ref_check_equity, NULL},
    {TT_risk_code_NO_PRICE, ref_check_price, NULL},
    {TT_risk_code_UNRESOLVED_ORDER, ref_check_unresolved, NULL},
    {TT_risk_code_MAX_POSITIONS, ref_check_positions, NULL},
    {TT_risk_code_SIZE_REDUCED, ref_check_position_size, NULL},
    {TT_risk_code_SIZE_TOO_SMALL, ref_check_least_size, NULL},
    {TT_risk_code_EXPOSURE_LIMIT, ref_check_exposure, NULL},
    {TT_risk_code_INSUFFICIENT_MARGIN, ref_check_margin, NULL},
    {TT_risk_code_CIRCUIT_BREAKER, ref_check_breakers, NULL},
};

/* What reduces is never held back by a halt, a cooldown or a limit. */
static const check_row REBALANCE_CHECKS[] = {
    {TT_risk_code_INVALID_PROPOSAL, ref_check_proposal, NULL},
    {TT_risk_code_NO_POSITION, ref_check_position, NULL},
    {TT_risk_code_NO_EQUITY, ref_check_equity_share, NULL},
    {TT_risk_code_NO_PRICE, ref_check_price, NULL},
    {TT_risk_code_SIZE_REDUCED, ref_check_held_size, NULL},
    {TT_risk_code_SIZE_TOO_SMALL, ref_check_least_size, NULL},
};

static const check_row CLOSE_CHECKS[] = {
    {TT_risk_code_INVALID_PROPOSAL, ref_check_proposal, NULL},
    {TT_risk_code_NO_POSITION, ref_check_position, NULL},
};

#define COUNT_OF(list) (sizeof(list) / sizeof(list)[0])
_Static_assert(COUNT_OF(ENTRY_CHECKS) <= TT_MAX_risk_check, "a verdict has room for every check");
_Static_assert(REF_LIST_MAX == TT_MAX_risk_check, "a list has no more checks than a verdict");

static void
fill_list(const check_row *rows, size_t count, const tt_risk_module_config *config, ref_list *list)
{
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].is_on || rows[i].is_on(config)) {
            list->checks[list->count++] =
                (ref_list_row){.check = rows[i].check, .code = rows[i].code};
        }
    }
}

void ref_plan_fill(const tt_risk_module_config *config, ref_plan *plan)
{
    fill_list(ENTRY_CHECKS, COUNT_OF(ENTRY_CHECKS), config, &plan->entry);
    fill_list(INCREASE_CHECKS, COUNT_OF(INCREASE_CHECKS), config, &plan->increase);
    fill_list(REBALANCE_CHECKS, COUNT_OF(REBALANCE_CHECKS), config, &plan->reduction);
    fill_list(CLOSE_CHECKS, COUNT_OF(CLOSE_CHECKS), config, &plan->close);
}

static const ref_list *list_of(const ref_trial *trial)
{
    const ref_plan *plan = trial->plan;
    switch ((tt_proposal_kind)trial->proposal->kind) {
    case TT_proposal_kind_REBALANCE:
        return trial->opens ? &plan->increase : &plan->reduction;
    case TT_proposal_kind_CLOSE:
        return &plan->close;
    case TT_proposal_kind_ENTRY:
    case TT_proposal_kind_COUNT:
        break;
    }
    return &plan->entry;
}

/* Runs the checks; returns the code of the rejection, NONE if there was none. */
static tt_risk_code run_checks(ref_trial *trial, const ref_list *list)
{
    tt_verdict_view *verdict = trial->verdict;
    const ref_list_row *next = list->checks;
    const ref_list_row *end = next + list->count;
    tt_risk_check *row = verdict->checks;
    for (; next != end; next++, row++) {
        *row = (tt_risk_check){.code = (uint8_t)next->code};
        tt_check_outcome outcome = next->check(trial, row);
        row->outcome = (uint8_t)outcome;
        if (outcome == TT_check_outcome_REJECT) {
            verdict->count = (uint8_t)(row + 1 - verdict->checks);
            return next->code;
        }
    }
    verdict->count = (uint8_t)list->count;
    return TT_risk_code_NONE;
}

/* A share of the equity, where the proposal names no size; 0 while there is no equity. */
static tt_money asked_size(const ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    tt_dec equity = trial->state->account.equity.d;
    if (!tt_dec_is_zero(proposal->size.d) || tt_dec_sign(equity) <= 0) {
        return proposal->size;
    }
    tt_money size = {TT_NOTIONAL_MAX};
    tutti_status status =
        tt_dec_muldiv(equity, proposal->size_pct.d, TT_DEC_C(100, 0), TT_ROUND_DOWN, &size.d);
    // Out of range is a broken rule of the proposal; the number is not used then.
    size.d = status == TUTTI_OK ? tt_dec_min(size.d, TT_NOTIONAL_MAX) : TT_NOTIONAL_MAX;
    return size;
}

static tt_price sizing_price(const ref_trial *trial)
{
    if (trial->opens) {
        bool is_market = tt_dec_is_zero(trial->proposal->entry_price.d);
        bool is_fresh = trial->market_price_age.ns <= trial->config->limits.max_price_age.ns;
        tt_price market = is_fresh ? trial->market_price : (tt_price){TT_DEC_ZERO};
        return is_market ? market : trial->proposal->entry_price;
    }
    // A price that is too old to enter at still tells the value of what is to be closed.
    bool has_market = !tt_dec_is_zero(trial->market_price.d);
    return has_market ? trial->market_price : trial->symbol->mark;
}

/* A rebalance only ever buys more; what it sells beyond a position would be a short that no
 * allocation asks for. */
static bool is_opening(const ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    if (proposal->kind == TT_proposal_kind_REBALANCE) {
        return proposal->side == TT_side_BUY && tt_dec_sign(trial->leg.qty.d) >= 0;
    }
    return proposal->kind == TT_proposal_kind_ENTRY;
}

static void prepare(ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    trial->opens = is_opening(trial);
    trial->reference = sizing_price(trial);
    trial->size = asked_size(trial);
    trial->leverage = proposal->leverage;
    trial->margin_available = ref_margin_free(trial->state);
    if (proposal->kind == TT_proposal_kind_REBALANCE) {
        trial->leverage = 1; // An allocation is held with its own money.
    }
    if (tt_dec_sign(proposal->stop_loss.d) > 0 && tt_dec_sign(trial->reference.d) > 0) {
        tt_dec difference = tt_dec_xsub(trial->reference.d, proposal->stop_loss.d);
        trial->stop_distance.d = tt_dec_xabs(difference);
    }
}

static void write_head(const ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    tt_verdict_view *verdict = trial->verdict;
    memset(verdict, 0, offsetof(tt_verdict_view, checks));
    verdict->size_before = trial->size;
    verdict->reference_price = trial->reference;
    verdict->entry_price = proposal->entry_price;
    verdict->stop_loss = proposal->stop_loss;
    verdict->take_profit = proposal->take_profit;
    verdict->equity = trial->state->account.equity;
    verdict->margin_available = trial->margin_available;
    verdict->leverage_before = proposal->leverage;
    verdict->kind = proposal->kind;
    verdict->side = proposal->side;
    verdict->exit_reason = proposal->exit_reason;
}

/* part / whole in percent for the reader of a verdict, cut off behind six decimals; 0 where there
 * is no such number. */
static tt_ratio percent_of(tt_dec part, tt_dec whole)
{
    tt_ratio percent = {TT_DEC_ZERO};
    if (tt_dec_sign(part) <= 0 || tt_dec_sign(whole) <= 0) {
        return percent;
    }
    if (tt_dec_le(part, REF_MICRO_MAX)) {
        return ref_micro(part.v * REF_MICRO_PERCENT / whole.v);
    }
    tutti_status status = tt_dec_muldiv(part, TT_DEC_C(100, 0), whole, TT_ROUND_DOWN, &percent.d);
    return status == TUTTI_OK ? percent : (tt_ratio){TT_RATIO_MAX};
}

/* Tells whether `after` is less than `before` by more than `pct` percent. */
static bool is_cut_by_more(tt_dec before, tt_dec after, tt_dec pct)
{
    tt_dec kept = tt_dec_xsub(TT_DEC_C(100, 0), pct);
    tt_dec least = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(before, kept, TT_DEC_C(100, 0), TT_ROUND_HALF_EVEN, &least);
    return status != TUTTI_OK || tt_dec_lt(after, least);
}

/* Tells whether an entry must be looked at again because risk took more of it than its proposer
 * wants to accept unseen. What arbiters and the regime took is not risk's doing. */
static bool takes_too_much(const ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    const tt_verdict_view *verdict = trial->verdict;
    tt_dec pct = proposal->hold_reduction_pct.d;
    if (tt_dec_is_zero(pct) || proposal->kind != TT_proposal_kind_ENTRY) {
        return false;
    }
    tt_dec leverage_before = tt_dec_from_i64(verdict->leverage_before, 0);
    tt_dec leverage_after = tt_dec_from_i64(verdict->leverage_after, 0);
    return is_cut_by_more(trial->advised.d, verdict->size_after.d, pct) ||
           is_cut_by_more(leverage_before, leverage_after, pct);
}

/* The same until a fill or a mark changes it: the quotient is kept. */
static tt_ratio exposure_of(const ref_trial *trial)
{
    tt_dec used = ref_exposure_used(trial->state).d;
    tt_dec equity = trial->state->account.equity.d;
    ref_quotient *last = trial->last_exposure;
    if (!tt_dec_eq(last->part.d, used) || !tt_dec_eq(last->whole.d, equity)) {
        last->part.d = used;
        last->whole.d = equity;
        last->percent = percent_of(used, equity);
    }
    return last->percent;
}

static void approve(ref_trial *trial)
{
    tt_verdict_view *verdict = trial->verdict;
    tt_dec equity = trial->state->account.equity.d;
    bool is_close = verdict->kind == TT_proposal_kind_CLOSE;
    if (is_close) {
        verdict->size_before.d = tt_dec_xmul(trial->qty.d, trial->reference.d);
    }
    if (verdict->kind != TT_proposal_kind_ENTRY) {
        verdict->leverage_before = (uint8_t)trial->leverage;
    }
    verdict->size_after = is_close ? verdict->size_before : trial->size;
    verdict->qty = trial->qty;
    verdict->leverage_after = (uint8_t)trial->leverage;
    tt_dec loss = ref_loss_of(trial).d;
    verdict->risk_per_trade_pct = percent_of(loss, equity);
    bool is_less = tt_dec_lt(verdict->size_after.d, verdict->size_before.d) ||
                   verdict->leverage_after < verdict->leverage_before;
    verdict->status = is_less ? TT_verdict_MODIFIED : TT_verdict_APPROVED;
    if (is_less && takes_too_much(trial)) {
        verdict->status = TT_verdict_HELD;
    }
}

static tt_verdict refusal_of(tt_risk_code code)
{
    bool is_halt = code == TT_risk_code_TRADING_HALTED || code == TT_risk_code_CIRCUIT_BREAKER;
    return is_halt ? TT_verdict_HALTED : TT_verdict_REJECTED;
}

void ref_judge(ref_trial *trial)
{
    prepare(trial);
    write_head(trial);
    tt_verdict_view *verdict = trial->verdict;
    verdict->exposure_pct = exposure_of(trial);
    verdict->code = (uint8_t)run_checks(trial, list_of(trial));
    if (verdict->code == TT_risk_code_NONE) {
        approve(trial);
    } else {
        verdict->status = (uint8_t)refusal_of((tt_risk_code)verdict->code);
    }
}
