/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the state of affairs: may anything be entered now, and on this symbol?
 */
#ifndef TT_RISK_RISK_CHECK_ACCOUNT_H
#define TT_RISK_RISK_CHECK_ACCOUNT_H

#include "risk/risk_trial.h"

/* Three causes: the drawdown breaker, the halt of the coordinator, and positions that must be flat
 * first. */
static inline bool is_halted(const tt_risk_trial *trial)
{
    const tt_risk_state *state = trial->state;
    return state->breached[TT_breach_type_MAX_DRAWDOWN] || state->is_killed ||
           state->closing_count > 0 || trial->symbol->closing != TT_RISK_CLOSING_NONE;
}

static inline bool pass_halted(tt_risk_trial *trial)
{
    return !is_halted(trial) || tt_risk_refuse(
                                    trial,
                                    TT_RISK_PLACE_TRADING_HALTED,
                                    trial->state->limits.drawdown_pct.d,
                                    trial->config->breakers.max_drawdown_pct.d);
}

/* Refuses while a lock of one of the reasons is in force. */
TT_RISK_COLD bool pass_locks(tt_risk_trial *trial, tt_risk_place place, uint32_t reasons)
{
    const tt_risk_lock *lock = tt_risk_lock_find(
        &trial->state->locks, reasons, trial->symbol_index + 1, trial->proposal->side, trial->now);
    if (!lock) {
        return true;
    }
    trial->verdict->lock = lock->reason;
    trial->verdict->locked_until = lock->until;
    tt_ratio left = tt_risk_seconds(lock->until.ns - trial->now.ns);
    return tt_risk_refuse(trial, place, left.d, TT_DEC_ZERO);
}

/* Behind the end of the last lock nothing is looked for. */
static inline bool has_locks(const tt_risk_trial *trial)
{
    return trial->state->locks.last_end.ns > trial->now.ns;
}

static inline bool pass_cooldown(tt_risk_trial *trial)
{
    return !has_locks(trial) ||
           pass_locks(trial, TT_RISK_PLACE_IN_COOLDOWN, TT_RISK_LOCKS_COOLDOWN);
}

static inline bool pass_protection(tt_risk_trial *trial)
{
    bool is_on = (trial->plan_mask & TT_RISK_PLACE_BIT(PROTECTION_LOCK)) != 0;
    return !is_on || !has_locks(trial) ||
           pass_locks(trial, TT_RISK_PLACE_PROTECTION_LOCK, TT_RISK_LOCKS_PROTECTION);
}

static inline bool is_inside(const tt_risk_window *window, int64_t time_of_day)
{
    bool is_behind_from = time_of_day >= window->from_ns;
    bool is_before_to = time_of_day < window->to_ns;
    return window->from_ns < window->to_ns ? is_behind_from && is_before_to
                                           : is_behind_from || is_before_to;
}

TT_RISK_COLD bool is_allowed(const tt_risk_tables *tables, int64_t time_of_day)
{
    bool must_be_inside = false;
    bool is_in_one = false;
    for (uint32_t i = 0; i < tables->window_count; i++) {
        const tt_risk_window *window = &tables->windows[i];
        bool inside = is_inside(window, time_of_day);
        if (inside && !window->allow) {
            return false;
        }
        must_be_inside |= window->allow;
        is_in_one |= inside;
    }
    return is_in_one || !must_be_inside;
}

/* Time until entries are allowed: it comes with an edge of a window, or never (0). */
TT_RISK_COLD int64_t wait_until_allowed(const tt_risk_tables *tables, int64_t time_of_day)
{
    int64_t least = 0;
    for (uint32_t i = 0; i < 2 * tables->window_count; i++) {
        const tt_risk_window *window = &tables->windows[i / 2];
        int64_t edge = i % 2 == 0 ? window->from_ns : window->to_ns;
        int64_t wait = edge > time_of_day ? edge - time_of_day : edge - time_of_day + TT_NS_PER_DAY;
        if (is_allowed(tables, edge) && (least == 0 || wait < least)) {
            least = wait;
        }
    }
    return least;
}

TT_RISK_COLD bool pass_window(tt_risk_trial *trial)
{
    int64_t time_of_day = trial->now.ns % TT_NS_PER_DAY;
    if (is_allowed(trial->tables, time_of_day)) {
        return true;
    }
    int64_t wait = wait_until_allowed(trial->tables, time_of_day);
    trial->verdict->lock = TT_lock_reason_ENTRY_WINDOW;
    trial->verdict->locked_until.ns = wait == 0 ? 0 : trial->now.ns + wait;
    return tt_risk_refuse(trial, TT_RISK_PLACE_ENTRY_WINDOW, tt_risk_seconds(wait).d, TT_DEC_ZERO);
}

/* The count that has reached its limit: limits of the account, the symbol and the source of the
 * signal. */
TT_RISK_COLD bool pass_trade_count(tt_risk_trial *trial)
{
    const tt_risk_config *limits = &trial->config->limits;
    const uint32_t counts[][2] = {
        {trial->state->entries_today, limits->max_trades_per_day},
        {trial->symbol->entries_today,
         trial->tables->symbols[trial->symbol_index].max_trades_per_day},
        {trial->strategy ? trial->strategy->entries : 0, limits->max_trades_per_strategy},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i][1] != 0 && counts[i][0] >= counts[i][1]) {
            return tt_risk_refuse(
                trial,
                TT_RISK_PLACE_TRADE_COUNT,
                tt_risk_number(counts[i][0]).d,
                tt_risk_number(counts[i][1]).d);
        }
    }
    return true;
}

/* Most have neither windows nor counts. */
static inline bool pass_times(tt_risk_trial *trial)
{
    const uint32_t windows = TT_RISK_PLACE_BIT(ENTRY_WINDOW);
    const uint32_t counts = TT_RISK_PLACE_BIT(TRADE_COUNT);
    if ((trial->plan_mask & (windows | counts)) == 0) {
        return true;
    }
    return ((trial->plan_mask & windows) == 0 || pass_window(trial)) &&
           ((trial->plan_mask & counts) == 0 || pass_trade_count(trial));
}

/* Without account state every limit is unknown: nothing can be within it. */
static inline bool has_equity(const tt_risk_trial *trial)
{
    const tt_risk_account *account = &trial->state->account;
    return account->is_known && tt_risk_is_positive(account->equity.d);
}

static inline bool pass_equity(tt_risk_trial *trial)
{
    return has_equity(trial) ||
           tt_risk_refuse(
               trial, TT_RISK_PLACE_NO_EQUITY, trial->state->account.equity.d, TT_DEC_ZERO);
}

static inline bool pass_price(tt_risk_trial *trial)
{
    bool is_there = !tt_dec_is_zero(trial->reference.d) && !trial->is_blind;
    return is_there || tt_risk_refuse(
                           trial,
                           TT_RISK_PLACE_NO_PRICE,
                           tt_risk_seconds(trial->market_price_age.ns).d,
                           tt_risk_seconds(trial->config->limits.max_price_age.ns).d);
}

static inline uint32_t count_unknown(const tt_risk_trial *trial)
{
    return trial->symbol->unknown_orders + trial->symbol->is_unsettled;
}

/* An entry that cannot be followed would be as good as unknown. */
static inline bool has_room(const tt_risk_trial *trial)
{
    return trial->state->entry_count < TT_RISK_ENTRIES_MAX;
}

static inline bool pass_unresolved(tt_risk_trial *trial)
{
    uint32_t unknown = count_unknown(trial);
    bool is_clear = unknown == 0 && has_room(trial);
    return is_clear ||
           tt_risk_refuse(
               trial, TT_RISK_PLACE_UNRESOLVED_ORDER, tt_risk_number(unknown).d, TT_DEC_ZERO);
}

/* More than may be open: adding to a position opens none. */
TT_RISK_COLD bool pass_many_positions(tt_risk_trial *trial, uint32_t count)
{
    uint32_t max = trial->config->limits.max_open_positions;
    bool is_within = trial->symbol->is_active;
    if (is_within && count <= UINT8_MAX) {
        return true;
    }
    tt_risk_check row = {.value = tt_risk_number(count), .limit = tt_risk_number(max)};
    if (!is_within) {
        return tt_risk_refuse(trial, TT_RISK_PLACE_MAX_POSITIONS, row.value.d, row.limit.d);
    }
    trial->verdict->positions = UINT8_MAX;
    tt_risk_list(trial, TT_RISK_PLACE_MAX_POSITIONS, row);
    return true;
}

/* With this trade. */
static inline uint32_t count_positions(const tt_risk_trial *trial)
{
    uint32_t counted = trial->state->active_count;
    uint32_t stated = trial->state->account.open_positions;
    return (counted > stated ? counted : stated) + (trial->symbol->is_active == 0);
}

static inline bool pass_positions(tt_risk_trial *trial)
{
    uint32_t count = count_positions(trial);
    uint32_t max = trial->config->limits.max_open_positions; // At most 64.
    trial->verdict->positions = (uint8_t)count;
    return TT_RISK_MOSTLY(count <= max) || pass_many_positions(trial, count);
}

/* From TRADING_HALTED to MAX_POSITIONS. */
static inline bool pass_affairs(tt_risk_trial *trial)
{
    return pass_halted(trial) && pass_cooldown(trial) && pass_protection(trial) &&
           pass_times(trial) && pass_equity(trial) && pass_price(trial) && pass_unresolved(trial) &&
           pass_positions(trial);
}

/* The same of what a rebalance buys: cooldowns, windows and counts are not for it. */
static inline bool pass_affairs_of_increase(tt_risk_trial *trial)
{
    return pass_halted(trial) && pass_protection(trial) && pass_equity(trial) &&
           pass_price(trial) && pass_unresolved(trial) && pass_positions(trial);
}

/* A reduction needs equity only when its size is a share of it. */
static inline bool pass_affairs_of_reduction(tt_risk_trial *trial)
{
    if (tt_dec_is_zero(trial->proposal->size.d)) {
        return pass_equity(trial) && pass_price(trial);
    }
    trial->skipped |= TT_RISK_PLACE_BIT(NO_EQUITY);
    return pass_price(trial);
}

/* Breakers of losses in force. */
static inline uint32_t count_breakers(const tt_risk_trial *trial)
{
    const uint8_t *breached = trial->state->breached;
    return (uint32_t)breached[TT_breach_type_DAILY_LOSS] + breached[TT_breach_type_WEEKLY_LOSS];
}

static inline bool pass_breakers(tt_risk_trial *trial)
{
    uint32_t count = count_breakers(trial);
    return count == 0 ||
           tt_risk_refuse(
               trial, TT_RISK_PLACE_CIRCUIT_BREAKER, tt_risk_number(count).d, TT_DEC_ZERO);
}

#endif
