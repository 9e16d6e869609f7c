/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The order of the checks, and the verdict that they add up to.
 *
 * Checks run in the order of their places and stop at the first refusal; a verdict tells which ran.
 * A check that the configuration does not ask for has no row. A check may only take away: size and
 * leverage never grow.
 */
#include "risk/risk_trial.h"

#include "base/error.h"
#include "risk/risk_check_account.h"
#include "risk/risk_check_exposure.h"
#include "risk/risk_check_proposal.h"
#include "risk/risk_check_signal.h"
#include "risk/risk_check_size.h"
#include "risk/risk_facts.h"
#include "risk/risk_plain.h"

/* ---- which checks there are ---- */

static bool has_trade_limits(const tt_risk_module_config *config)
{
    bool has_one =
        config->limits.max_trades_per_day > 0 || config->limits.max_trades_per_strategy > 0;
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        has_one |= config->symbols[i].max_trades_per_day > 0;
    }
    return has_one;
}

#define BIT(code) TT_RISK_PLACE_BIT(code)

#define ALL_CHECKS ((UINT32_C(1) << TT_RISK_PLACE_COUNT) - 1)

/* What a rebalance buys has no stop, target or confidence: the targets of the allocation are the
 * idea. It has a limit of its own for a symbol, and no cooldown: the sales of the same rebalance
 * would begin one. */
#define INCREASE_CHECKS                                                                            \
    (BIT(INVALID_PROPOSAL) | BIT(TRADING_HALTED) | BIT(PROTECTION_LOCK) | BIT(NO_EQUITY) |         \
     BIT(NO_PRICE) | BIT(UNRESOLVED_ORDER) | BIT(MAX_POSITIONS) | BIT(SIZE_REDUCED) |              \
     BIT(SIZE_TOO_SMALL) | BIT(EXPOSURE_LIMIT) | BIT(INSUFFICIENT_MARGIN) | BIT(CIRCUIT_BREAKER) | \
     BIT(BUDGET))

/* What reduces is never held back by a halt, a cooldown or a limit. */
#define REDUCTION_CHECKS                                                                           \
    (BIT(INVALID_PROPOSAL) | BIT(NO_POSITION) | BIT(NO_EQUITY) | BIT(NO_PRICE) |                   \
     BIT(SIZE_REDUCED) | BIT(SIZE_TOO_SMALL))

#define CLOSE_CHECKS (BIT(INVALID_PROPOSAL) | BIT(NO_POSITION))

void tt_risk_plan_fill(const tt_risk_module_config *config, bool has_budgets, tt_risk_plan *plan)
{
    uint32_t off = config->protection_count > 0 ? 0 : BIT(PROTECTION_LOCK);
    off |= config->window_count > 0 ? 0 : BIT(ENTRY_WINDOW);
    off |= has_trade_limits(config) ? 0 : BIT(TRADE_COUNT);
    off |= has_budgets ? 0 : BIT(BUDGET);
    *plan = (tt_risk_plan){
        .entry = ALL_CHECKS & ~BIT(NO_POSITION) & ~off,
        .increase = INCREASE_CHECKS & ~off,
        .reduction = REDUCTION_CHECKS,
        .close = CLOSE_CHECKS,
    };
}

/* ---- rows ---- */

void tt_risk_list(tt_risk_trial *trial, tt_risk_place place, tt_risk_check row)
{
    tt_risk_verdict *verdict = trial->verdict;
    uint32_t at = verdict->count; // Behind all others, mostly: checks run in their order.
    if (trial->listed >> place != 0) {
        at = (uint32_t)__builtin_popcount(trial->listed & ((UINT32_C(1) << place) - 1));
    }
    TT_ASSERT((trial->listed >> place & 1u) == 0 && verdict->count < TT_MAX_risk_check);
    for (uint32_t i = verdict->count; i > at; i--) {
        verdict->checks[i] = verdict->checks[i - 1];
    }
    if (row.code == TT_risk_code_NONE) {
        row.code = (uint8_t)tt_risk_code_at(place);
    }
    verdict->checks[at] = row;
    verdict->count++;
    trial->listed |= UINT32_C(1) << place;
}

/* The quantity of what is refused is none: the row that it was judged by says what it was. */
static void list_quantity(tt_risk_trial *trial, tt_risk_place place)
{
    bool has_run = (trial->plan_mask & BIT(SIZE_TOO_SMALL)) != 0;
    if (has_run && place > TT_RISK_PLACE_SIZE_TOO_SMALL) {
        tt_risk_check row = {
            .value.d = trial->qty.d,
            .limit.d = trial->verdict->min_qty.d,
            .outcome = TT_check_outcome_PASS,
        };
        tt_risk_list(trial, TT_RISK_PLACE_SIZE_TOO_SMALL, row);
    }
}

__attribute__((cold)) bool
tt_risk_refuse(tt_risk_trial *trial, tt_risk_place place, tt_dec value, tt_dec limit)
{
    list_quantity(trial, place);
    tt_risk_list(trial, place, (tt_risk_check){.value.d = value, .limit.d = limit});
    return tt_risk_refuse_listed(trial, place);
}

/* ---- what is judged ---- */

TT_RISK_COLD tt_money share_by_quotient(tt_dec equity, tt_dec percent)
{
    if (tt_dec_sign(equity) <= 0) {
        return (tt_money){TT_DEC_ZERO};
    }
    tt_money size = {TT_NOTIONAL_MAX};
    tutti_status status = tt_dec_muldiv(equity, percent, TT_DEC_C(100, 0), TT_ROUND_DOWN, &size.d);
    return (tt_money){status == TUTTI_OK ? tt_dec_min(size.d, TT_NOTIONAL_MAX) : TT_NOTIONAL_MAX};
}

/* equity x percent / 100, cut off. */
static inline tt_money share_of_equity(const tt_risk_trial *trial, tt_dec percent)
{
    uint64_t micro = 0;
    if (to_micro_percent(percent, &micro) && trial->ready->is_equity_within) {
        return (tt_money){micro_percent_of_equity(trial->ready, micro)};
    }
    return share_by_quotient(trial->state->account.equity.d, percent);
}

/* A share of the equity, where the proposal names no size; 0 while there is no equity. Out of range
 * is a broken rule of the proposal; the number is not used then. */
static inline tt_money asked_size(const tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    return TT_RISK_MOSTLY(tt_dec_is_zero(proposal->size.d))
               ? share_of_equity(trial, proposal->size_pct.d)
               : proposal->size;
}

/* What opens is sized by its limit, or by a price that is fresh. */
static inline tt_price opening_price(const tt_risk_trial *trial)
{
    tt_price reference = trial->proposal->entry_price;
    if (tt_dec_is_zero(reference.d) &&
        trial->market_price_age.ns <= trial->config->limits.max_price_age.ns) {
        reference = trial->market_price;
    }
    return reference;
}

/* A price that is too old to enter at still tells the value of what is to be closed. */
static inline tt_price closing_price(const tt_risk_trial *trial)
{
    bool has_market = !tt_dec_is_zero(trial->market_price.d);
    return has_market ? trial->market_price : trial->symbol->mark;
}

/* A rebalance only ever buys more; what it sells beyond a position would be a short that no
 * allocation asks for. An allocation is held with its own money. */
TT_RISK_COLD void prepare_other(tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    bool is_rebalance = proposal->kind == TT_proposal_kind_REBALANCE;
    trial->opens =
        is_rebalance && proposal->side == TT_side_BUY && tt_dec_sign(trial->held.qty.d) >= 0;
    trial->reference = trial->opens ? opening_price(trial) : closing_price(trial);
    trial->leverage = is_rebalance ? 1 : proposal->leverage;
    if (is_rebalance) {
        trial->plan_mask = trial->opens ? trial->plan->increase : trial->plan->reduction;
    } else {
        bool is_close = proposal->kind == TT_proposal_kind_CLOSE;
        trial->plan_mask = is_close ? trial->plan->close : trial->plan->entry;
    }
}

static inline void refresh(tt_risk_trial *trial)
{
    const tt_risk_ready *ready = trial->ready;
    if (!ready->is_valid || !tt_dec_eq(ready->for_equity.d, trial->state->account.equity.d)) {
        tt_risk_ready_refresh(trial);
    }
}

static inline void prepare(tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    refresh(trial);
    if (TT_RISK_MOSTLY(proposal->kind == TT_proposal_kind_ENTRY)) {
        trial->opens = true;
        trial->reference = opening_price(trial);
        trial->leverage = proposal->leverage;
        trial->plan_mask = trial->plan->entry;
    } else {
        prepare_other(trial);
    }
    trial->loss_level = tt_risk_loss_level_of(trial->state->consecutive_losses);
    trial->skipped = 0;
    trial->listed = 0;
    trial->lots_for.d.v = -1;
    trial->qty.d = TT_DEC_ZERO;
    trial->size = asked_size(trial);
    if (TT_RISK_MOSTLY(trial->opens)) {
        begin_size(trial);
    }
    tt_i128 way = 0;
    if (tt_risk_is_positive(proposal->stop_loss.d) && tt_risk_is_positive(trial->reference.d)) {
        way = trial->reference.d.v - proposal->stop_loss.d.v;
    }
    trial->stop_distance.d.v = way < 0 ? -way : way;
}

/* Most have no budgets. */
static inline bool pass_budget(tt_risk_trial *trial)
{
    return (trial->plan_mask & BIT(BUDGET)) == 0 || tt_risk_pass_budget(trial);
}

/* The checks of what is no entry. */
TT_RISK_COLD bool pass_other(tt_risk_trial *trial)
{
    if (!pass_proposal(trial)) {
        return false;
    }
    if (trial->proposal->kind == TT_proposal_kind_CLOSE) {
        return pass_position(trial);
    }
    if (trial->opens) {
        return pass_affairs_of_increase(trial) && pass_size_of_increase(trial) &&
               pass_limits_of_increase(trial) && pass_breakers(trial) && pass_budget(trial);
    }
    return pass_position(trial) && pass_affairs_of_reduction(trial) &&
           pass_size_of_reduction(trial);
}

static inline bool pass_entry(tt_risk_trial *trial)
{
    return pass_entry_rules(trial) && pass_affairs(trial) && pass_idea(trial) && pass_size(trial) &&
           pass_limits(trial) && pass_breakers(trial) && pass_budget(trial);
}

/* ---- what comes of it ---- */

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
static bool takes_too_much(const tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    const tt_risk_verdict *verdict = trial->verdict;
    tt_dec pct = proposal->hold_reduction_pct.d;
    bool is_whole = tt_dec_eq(trial->advised.d, verdict->size_after.d) &&
                    verdict->leverage_before == verdict->leverage_after;
    bool is_asked = tt_dec_sign(pct) < 0 || (!tt_dec_is_zero(pct) && !is_whole);
    if (!is_asked || proposal->kind != TT_proposal_kind_ENTRY) {
        return false;
    }
    tt_dec leverage_before = tt_dec_from_i64(verdict->leverage_before, 0);
    tt_dec leverage_after = tt_dec_from_i64(verdict->leverage_after, 0);
    return is_cut_by_more(trial->advised.d, verdict->size_after.d, pct) ||
           is_cut_by_more(leverage_before, leverage_after, pct);
}

static inline void approve(tt_risk_trial *trial)
{
    tt_risk_verdict *verdict = trial->verdict;
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
    bool is_less = tt_dec_lt(verdict->size_after.d, verdict->size_before.d) ||
                   verdict->leverage_after < verdict->leverage_before;
    verdict->status = is_less ? TT_verdict_MODIFIED : TT_verdict_APPROVED;
    if (is_less && takes_too_much(trial)) {
        verdict->status = TT_verdict_HELD;
    }
}

static tt_verdict refusal_of(uint8_t code)
{
    bool is_halt = code == TT_risk_code_TRADING_HALTED || code == TT_risk_code_CIRCUIT_BREAKER;
    return is_halt ? TT_verdict_HALTED : TT_verdict_REJECTED;
}

void tt_risk_ready_plain(tt_risk_trial *trial)
{
    refresh(trial);
    make_plain(trial);
}

bool tt_risk_pass_plainly(tt_risk_trial *trial)
{
    return pass_plainly(trial);
}

void tt_risk_judge(tt_risk_trial *trial)
{
    tt_risk_verdict *verdict = trial->verdict;
    prepare(trial);
    write_facts(trial);
    bool is_entry = trial->proposal->kind == TT_proposal_kind_ENTRY;
    if (TT_RISK_MOSTLY(is_entry) ? pass_entry(trial) : pass_other(trial)) {
        approve(trial);
    } else {
        verdict->status = (uint8_t)refusal_of(verdict->code);
    }
    verdict->checks_run = trial->plan_mask;
    verdict->checks_skipped = trial->skipped;
    if (trial->tables->is_coarse) {
        tt_risk_facts_list(trial);
    }
}
