/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Account, positions and the periods over which losses are counted.
 *
 * A UTC day begins at midnight, an ISO week on Monday. Both begin with the last equity known
 * before, so that a gap over the boundary counts to the new period. The turn of a year changes
 * nothing: a week runs on over it.
 */
#include "risk/risk_state.h"

#include "base/calendar.h"
#include "base/error.h"
#include "model/account_figures.h"
#include "model/limits.h"

#include <string.h>

tt_money tt_risk_share_of(tt_money amount, tt_ratio share)
{
    tt_money part = {TT_MONEY_MAX};
    tutti_status status = tt_dec_mul(amount.d, share.d, TT_ROUND_FLOOR, &part.d);
    return status == TUTTI_OK ? part : (tt_money){TT_MONEY_MAX};
}

tt_ratio tt_risk_drawdown(tt_money peak, tt_money equity)
{
    if (tt_dec_le(peak.d, equity.d)) {
        return (tt_ratio){TT_DEC_ZERO};
    }
    tt_ratio percent = {TT_DEC_C(100, 0)};
    if (tt_dec_sign(peak.d) > 0) {
        tt_dec fall = tt_dec_xsub(peak.d, equity.d);
        // Out of range only for a loss of more than 10^18 peaks: then the 100 % stand.
        tt_dec hundred = percent.d;
        if (tt_dec_muldiv(fall, hundred, peak.d, TT_ROUND_DOWN, &percent.d) != TUTTI_OK) {
            percent.d = hundred;
        }
    }
    return percent;
}

/* Equity at or below which a loss of (1 - kept) has been reached; rounded towards tripping. */
static tt_money floor_of(tt_money start, tt_ratio kept)
{
    tt_money floor = {TT_DEC_ZERO};
    TT_ASSERT(tt_dec_mul(start.d, kept.d, TT_ROUND_CEILING, &floor.d) == TUTTI_OK);
    return floor;
}

static void begin_day(tt_risk_state *state, const tt_risk_shares *shares, tt_time now)
{
    tt_risk_account *account = &state->account;
    account->day_start = account->equity;
    account->daily_floor = floor_of(account->day_start, shares->kept_day);
    account->daily_warn = floor_of(account->day_start, shares->kept_day_warn);
    account->day_end.ns = (tt_time_day(now) + 1) * TT_NS_PER_DAY;
    state->breached[TT_breach_type_DAILY_LOSS] = false;
    state->warned[TT_breach_type_DAILY_LOSS] = false;
    state->entries_today = 0;
    state->trades_today = 0;
    memset(state->strategies, 0, sizeof state->strategies);
    state->strategy_count = 1;
    for (int i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        state->symbols[i].entries_today = 0;
    }
}

static void begin_week(tt_risk_state *state, const tt_risk_shares *shares, tt_time now)
{
    tt_risk_account *account = &state->account;
    int64_t days_left = 8 - (int64_t)tt_time_weekday(now);
    account->week_start = account->equity;
    account->weekly_floor = floor_of(account->week_start, shares->kept_week);
    account->weekly_warn = floor_of(account->week_start, shares->kept_week_warn);
    account->week_end.ns = (tt_time_day(now) + days_left) * TT_NS_PER_DAY;
    state->breached[TT_breach_type_WEEKLY_LOSS] = false;
    state->warned[TT_breach_type_WEEKLY_LOSS] = false;
}

void tt_risk_state_roll(tt_risk_state *state, const tt_risk_shares *shares, tt_time now)
{
    if (!state->account.is_known || now.ns < state->account.day_end.ns) {
        return;
    }
    begin_day(state, shares, now);
    if (now.ns >= state->account.week_end.ns) {
        begin_week(state, shares, now);
    }
}

static void set_peak(tt_risk_account *account, tt_money peak)
{
    account->peak = peak;
    account->trough = peak;
}

static void follow_peak(tt_risk_account *account)
{
    if (tt_dec_lt(account->peak.d, account->equity.d)) {
        tt_ratio ended = tt_risk_drawdown(account->peak, account->trough);
        account->max_drawdown_pct.d = tt_dec_max(account->max_drawdown_pct.d, ended.d);
        set_peak(account, account->equity);
    } else if (tt_dec_lt(account->equity.d, account->trough.d)) {
        account->trough = account->equity;
    }
}

/* A rising peak would cost a product at each message; the floor matters only below the peak. */
static void follow_drawdown_floor(tt_risk_account *account, const tt_risk_shares *shares)
{
    bool is_below = tt_dec_lt(account->equity.d, account->peak.d);
    if (is_below && !tt_dec_eq(account->floor_peak.d, account->peak.d)) {
        account->floor_peak = account->peak;
        account->drawdown_floor = floor_of(account->peak, shares->kept_peak);
        account->drawdown_warn = floor_of(account->peak, shares->kept_peak_warn);
    }
}

static void follow_floors(tt_risk_account *account, const tt_risk_shares *shares)
{
    account->daily_floor = floor_of(account->day_start, shares->kept_day);
    account->daily_warn = floor_of(account->day_start, shares->kept_day_warn);
    account->weekly_floor = floor_of(account->week_start, shares->kept_week);
    account->weekly_warn = floor_of(account->week_start, shares->kept_week_warn);
}

/* The equity is that before a transfer; `change` came in. */
static void transfer(tt_risk_state *state, const tt_risk_shares *shares, tt_dec change)
{
    tt_risk_account *account = &state->account;
    const tt_money before = account->equity;
    const tt_money after = {tt_dec_xadd(before.d, change)};
    tt_money *const moved[] = {
        &account->peak, &account->trough, &account->day_start, &account->week_start};
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        *moved[i] = tt_account_moved(*moved[i], before, after);
    }
    if (tt_dec_sign(before.d) > 0 && tt_dec_sign(after.d) > 0) {
        for (uint32_t i = 0; i < state->trades.count; i++) {
            tt_money *result = &state->trades.list[i].result;
            *result = tt_account_moved(*result, before, after);
        }
    }
    account->equity = after;
    follow_floors(account, shares);
}

void tt_risk_state_account(
    tt_risk_state *state,
    const tt_risk_shares *shares,
    const tt_account_update *update,
    tt_time now)
{
    tt_risk_account *account = &state->account;
    tt_dec change = tt_dec_xsub(update->transfers.d, account->transfers.d);
    change = account->is_known ? change : TT_DEC_ZERO;
    account->transfers = update->transfers;
    account->equity.d = tt_dec_xsub(update->equity.d, tt_dec_xadd(account->set_aside.d, change));
    account->exposure = update->exposure;
    account->pending_exposure = update->pending_exposure;
    tt_dec free = tt_dec_xsub(update->margin_available.d, account->set_aside.d);
    account->margin_available.d = tt_dec_max(free, TT_DEC_ZERO);
    account->open_positions = update->open_positions;
    if (!account->is_known) {
        account->is_known = true;
        set_peak(account, account->equity);
        begin_day(state, shares, now);
        begin_week(state, shares, now);
    }
    if (tt_dec_lt(account->peak.d, account->equity.d)) {
        state->warned[TT_breach_type_MAX_DRAWDOWN] = false;
    }
    follow_peak(account);
    if (!tt_dec_is_zero(change)) {
        transfer(state, shares, change);
    }
    follow_drawdown_floor(account, shares);
}

void tt_risk_state_set_aside(tt_risk_state *state, const tt_risk_shares *shares, tt_money total)
{
    tt_risk_account *account = &state->account;
    tt_dec change = tt_dec_xsub(total.d, account->set_aside.d);
    account->set_aside = total;
    if (!account->is_known) {
        return;
    }
    tt_money *const moved[] = {
        &account->equity,
        &account->peak,
        &account->trough,
        &account->day_start,
        &account->week_start,
        &account->margin_available,
    };
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        moved[i]->d = tt_dec_xsub(moved[i]->d, change);
    }
    account->margin_available.d = tt_dec_max(account->margin_available.d, TT_DEC_ZERO);
    follow_floors(account, shares);
    follow_drawdown_floor(account, shares);
}

static tt_risk_leg leg_of(const tt_position_update *update)
{
    tt_risk_leg leg = {
        .qty = update->qty, .position_id = update->position_id, .leverage = update->leverage};
    if (!tt_dec_is_zero(update->qty.d)) {
        // cost + unrealised = quantity x mark, by their definition.
        leg.exposure.d = tt_dec_xabs(tt_dec_xadd(update->cost.d, update->unrealized_pnl.d));
    }
    leg.margin = tt_risk_margin(leg.exposure, leg.leverage);
    return leg;
}

/* Replaces one of the two positions; the other one keeps its share of the sums. */
static void replace_leg(tt_risk_symbol *symbol, const tt_position_update *update)
{
    tt_risk_leg leg = leg_of(update);
    if (update->position_side == TT_side_SELL) {
        tt_dec other = tt_dec_xsub(symbol->exposure.d, symbol->short_leg.exposure.d);
        tt_dec margin = tt_dec_xsub(symbol->margin.d, symbol->short_leg.margin.d);
        symbol->exposure.d = tt_dec_xadd(other, leg.exposure.d);
        symbol->margin.d = tt_dec_xadd(margin, leg.margin.d);
        symbol->short_leg = leg;
        return;
    }
    symbol->exposure.d = tt_dec_xadd(symbol->short_leg.exposure.d, leg.exposure.d);
    symbol->margin.d = tt_dec_xadd(symbol->short_leg.margin.d, leg.margin.d);
    symbol->qty = leg.qty;
    symbol->position_id = leg.position_id;
    symbol->leverage = leg.leverage;
}

void tt_risk_state_position(
    tt_risk_state *state, uint32_t symbol_index, const tt_position_update *update)
{
    tt_risk_symbol *symbol = &state->symbols[symbol_index];
    state->exposure.d = tt_dec_xsub(state->exposure.d, symbol->exposure.d);
    state->margin.d = tt_dec_xsub(state->margin.d, symbol->margin.d);
    state->is_hedging = update->position_side != TT_side_NONE;
    symbol->mark = update->mark;
    replace_leg(symbol, update);
    if (!tt_dec_is_zero(update->qty.d)) {
        symbol->cost_max.d = tt_dec_max(symbol->cost_max.d, tt_dec_xabs(update->cost.d));
    }
    state->exposure.d = tt_dec_xadd(state->exposure.d, symbol->exposure.d);
    state->margin.d = tt_dec_xadd(state->margin.d, symbol->margin.d);
    tt_risk_state_activate(state, symbol_index);
}

static bool is_held(const tt_risk_symbol *symbol)
{
    return !tt_dec_is_zero(symbol->qty.d) || !tt_dec_is_zero(symbol->short_leg.qty.d);
}

static void remove_active(tt_risk_state *state, uint32_t symbol_index)
{
    uint32_t place = 0;
    while (state->active[place] != symbol_index) {
        place++;
    }
    state->active_count--;
    for (uint32_t i = place; i < state->active_count; i++) {
        state->active[i] = state->active[i + 1];
    }
    state->active[state->active_count] = 0;
}

void tt_risk_state_activate(tt_risk_state *state, uint32_t symbol_index)
{
    tt_risk_symbol *symbol = &state->symbols[symbol_index];
    bool is_active = is_held(symbol) || symbol->entry_count > 0;
    if (is_active == (bool)symbol->is_active) {
        return;
    }
    symbol->is_active = is_active;
    if (is_active) {
        state->active[state->active_count++] = (uint8_t)symbol_index;
    } else {
        remove_active(state, symbol_index);
        state->closing_count -= symbol->closing == TT_RISK_CLOSING_ALL;
        symbol->closing = TT_RISK_CLOSING_NONE;
    }
}

void tt_risk_state_close(tt_risk_state *state, uint32_t symbol_index, bool is_all)
{
    tt_risk_symbol *symbol = &state->symbols[symbol_index];
    uint8_t closing = is_all ? TT_RISK_CLOSING_ALL : TT_RISK_CLOSING_SYMBOL;
    if (symbol->is_active && closing > symbol->closing) {
        symbol->closing = closing;
        state->closing_count += is_all;
    }
}

tt_risk_strategy *tt_risk_state_strategy(tt_risk_state *state, uint32_t source)
{
    for (uint32_t i = 1; i < state->strategy_count; i++) {
        if (state->strategies[i].source == source) {
            return &state->strategies[i];
        }
    }
    if (source == 0 || state->strategy_count == 0 ||
        state->strategy_count > TT_RISK_STRATEGIES_MAX) {
        return &state->strategies[0];
    }
    tt_risk_strategy *strategy = &state->strategies[state->strategy_count++];
    strategy->source = source;
    return strategy;
}

void tt_risk_state_reset(tt_risk_state *state, const tt_risk_shares *shares, tt_time now)
{
    tt_risk_account *account = &state->account;
    tt_ratio ended = tt_risk_drawdown(account->peak, account->trough);
    account->max_drawdown_pct.d = tt_dec_max(account->max_drawdown_pct.d, ended.d);
    set_peak(account, account->equity);
    begin_day(state, shares, now);
    begin_week(state, shares, now);
    for (int i = 0; i < TT_breach_type_COUNT; i++) {
        state->breached[i] = false;
        state->warned[i] = false;
    }
    tt_risk_locks_end(&state->locks);
    state->consecutive_losses = 0;
}

/* Sums of the symbols and of the entries, beside those that the state keeps. */
static void check_sums(const tt_risk_state *state)
{
    tt_money exposure = {TT_DEC_ZERO};
    tt_money margin = {TT_DEC_ZERO};
    tt_money pending = {TT_DEC_ZERO};
    tt_money pending_margin = {TT_DEC_ZERO};
    tt_money in_flight[TT_INSTRUMENTS_MAX] = {0};
    for (uint32_t i = 0; i < state->entry_count; i++) {
        tt_money *sum = &in_flight[state->entries[i].symbol_index];
        sum->d = tt_dec_xadd(sum->d, state->entries[i].notional.d);
    }
    for (int i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        const tt_risk_symbol *symbol = &state->symbols[i];
        exposure.d = tt_dec_xadd(exposure.d, symbol->exposure.d);
        margin.d = tt_dec_xadd(margin.d, symbol->margin.d);
        pending.d = tt_dec_xadd(pending.d, symbol->pending.d);
        pending_margin.d = tt_dec_xadd(pending_margin.d, symbol->pending_margin.d);
        TT_ASSERT(tt_dec_eq(symbol->pending.d, in_flight[i].d));
    }
    TT_ASSERT(tt_dec_eq(exposure.d, state->exposure.d));
    TT_ASSERT(tt_dec_eq(margin.d, state->margin.d));
    TT_ASSERT(tt_dec_eq(pending.d, state->pending.d));
    TT_ASSERT(tt_dec_eq(pending_margin.d, state->pending_margin.d));
}

static void check_active(const tt_risk_state *state)
{
    uint32_t listed[TT_INSTRUMENTS_MAX] = {0};
    uint32_t closing = 0;
    for (uint32_t i = 0; i < state->active_count; i++) {
        listed[state->active[i]]++;
    }
    for (int i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        const tt_risk_symbol *symbol = &state->symbols[i];
        bool is_active = is_held(symbol) || symbol->entry_count > 0;
        TT_ASSERT(symbol->is_active == is_active);
        TT_ASSERT(is_active || symbol->closing == TT_RISK_CLOSING_NONE);
        closing += symbol->closing == TT_RISK_CLOSING_ALL;
        TT_ASSERT(listed[i] == (is_active ? 1u : 0u));
    }
    TT_ASSERT(state->closing_count == closing);
}

void tt_risk_state_check(const tt_risk_state *state)
{
    const tt_risk_account *account = &state->account;
    check_sums(state);
    check_active(state);
    tt_risk_locks_check(&state->locks);
    if (account->is_known) {
        TT_ASSERT(tt_dec_le(account->trough.d, account->peak.d));
        TT_ASSERT(tt_dec_le(account->equity.d, account->peak.d));
        TT_ASSERT(account->day_end.ns <= account->week_end.ns);
    }
}
