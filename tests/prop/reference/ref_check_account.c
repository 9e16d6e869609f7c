/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the state of affairs: may anything be entered now, and on this symbol?
 */
#include "ref_trial.h"

/* Three causes: the drawdown breaker, the halt of the coordinator, and positions that must be flat
 * first. */
tt_check_outcome ref_check_halted(ref_trial *trial, tt_risk_check *row)
{
    const tt_risk_state *state = trial->state;
    row->value = state->limits.drawdown_pct;
    row->limit = trial->config->breakers.max_drawdown_pct;
    bool is_halted = state->breached[TT_breach_type_MAX_DRAWDOWN] || state->is_killed ||
                     state->closing_count > 0 || trial->symbol->closing != TT_RISK_CLOSING_NONE;
    return is_halted ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

/* Refuses while a lock of one of the reasons is in force. */
static tt_check_outcome check_locks(ref_trial *trial, tt_risk_check *row, uint32_t reasons)
{
    const tt_risk_lock *lock = tt_risk_lock_find(
        &trial->state->locks, reasons, trial->symbol_index + 1, trial->proposal->side, trial->now);
    if (!lock) {
        return TT_check_outcome_PASS;
    }
    row->value = ref_seconds(lock->until.ns - trial->now.ns);
    trial->verdict->lock = lock->reason;
    trial->verdict->locked_until = lock->until;
    return TT_check_outcome_REJECT;
}

tt_check_outcome ref_check_cooldown(ref_trial *trial, tt_risk_check *row)
{
    return check_locks(trial, row, TT_RISK_LOCKS_COOLDOWN);
}

tt_check_outcome ref_check_protection(ref_trial *trial, tt_risk_check *row)
{
    return check_locks(trial, row, TT_RISK_LOCKS_PROTECTION);
}

static bool is_inside(const tt_risk_window *window, int64_t time_of_day)
{
    bool is_behind_from = time_of_day >= window->from_ns;
    bool is_before_to = time_of_day < window->to_ns;
    return window->from_ns < window->to_ns ? is_behind_from && is_before_to
                                           : is_behind_from || is_before_to;
}

static bool is_allowed(const tt_risk_tables *tables, int64_t time_of_day)
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
static int64_t wait_until_allowed(const tt_risk_tables *tables, int64_t time_of_day)
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

tt_check_outcome ref_check_window(ref_trial *trial, tt_risk_check *row)
{
    int64_t time_of_day = trial->now.ns % TT_NS_PER_DAY;
    if (is_allowed(trial->tables, time_of_day)) {
        return TT_check_outcome_PASS;
    }
    int64_t wait = wait_until_allowed(trial->tables, time_of_day);
    row->value = ref_seconds(wait);
    trial->verdict->lock = TT_lock_reason_ENTRY_WINDOW;
    trial->verdict->locked_until.ns = wait == 0 ? 0 : trial->now.ns + wait;
    return TT_check_outcome_REJECT;
}

/* The count that is nearest to its limit, or beyond it: limits of the account, the symbol and the
 * source of the signal. */
tt_check_outcome ref_check_trade_count(ref_trial *trial, tt_risk_check *row)
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
            row->value = ref_number(counts[i][0]);
            row->limit = ref_number(counts[i][1]);
            return TT_check_outcome_REJECT;
        }
    }
    row->value = ref_number(counts[0][0]);
    row->limit = ref_number(counts[0][1]);
    return TT_check_outcome_PASS;
}

/* Without account state every limit is unknown: nothing can be within it. */
tt_check_outcome ref_check_equity(ref_trial *trial, tt_risk_check *row)
{
    const tt_risk_account *account = &trial->state->account;
    row->value.d = account->equity.d;
    bool is_there = account->is_known && tt_dec_sign(account->equity.d) > 0;
    return is_there ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

/* A reduction needs equity only when its size is a share of it. */
tt_check_outcome ref_check_equity_share(ref_trial *trial, tt_risk_check *row)
{
    if (!tt_dec_is_zero(trial->proposal->size.d)) {
        return TT_check_outcome_SKIP;
    }
    return ref_check_equity(trial, row);
}

tt_check_outcome ref_check_price(ref_trial *trial, tt_risk_check *row)
{
    row->limit = ref_seconds(trial->config->limits.max_price_age.ns);
    if (!tt_dec_is_zero(trial->reference.d) && !trial->is_blind) {
        return TT_check_outcome_PASS;
    }
    row->value = ref_seconds(trial->market_price_age.ns);
    return TT_check_outcome_REJECT;
}

tt_check_outcome ref_check_unresolved(ref_trial *trial, tt_risk_check *row)
{
    // An entry that cannot be followed would be as good as unknown.
    bool has_room = trial->state->entry_count < TT_RISK_ENTRIES_MAX;
    uint32_t unknown = trial->symbol->unknown_orders + trial->symbol->is_unsettled;
    row->value = ref_number(unknown);
    bool is_clear = unknown == 0 && has_room;
    return is_clear ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

/* Adding to a position opens none. */
tt_check_outcome ref_check_positions(ref_trial *trial, tt_risk_check *row)
{
    uint32_t counted = trial->state->active_count;
    uint32_t stated = trial->state->account.open_positions;
    uint32_t count = (counted > stated ? counted : stated) + (trial->symbol->is_active ? 0 : 1);
    row->value = ref_number(count);
    row->limit = ref_number(trial->config->limits.max_open_positions);
    bool is_within = count <= trial->config->limits.max_open_positions || trial->symbol->is_active;
    return is_within ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

tt_check_outcome ref_check_breakers(ref_trial *trial, tt_risk_check *row)
{
    const uint8_t *breached = trial->state->breached;
    uint32_t count =
        (uint32_t)breached[TT_breach_type_DAILY_LOSS] + breached[TT_breach_type_WEEKLY_LOSS];
    row->value = ref_number(count);
    return count == 0 ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}
