/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the state of affairs: may anything be entered now, and on this symbol?
 */
#include "risk/risk_trial.h"

tt_check_outcome tt_risk_check_halted(tt_risk_trial *trial, tt_risk_check *row)
{
    row->value = trial->state->limits.drawdown_pct;
    row->limit = trial->config->breakers.max_drawdown_pct;
    bool is_halted = trial->state->breached[TT_breach_type_MAX_DRAWDOWN];
    return is_halted ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

/* Refuses while a lock of one of the reasons is in force. */
static tt_check_outcome check_locks(tt_risk_trial *trial, tt_risk_check *row, uint32_t reasons)
{
    const tt_risk_lock *lock = tt_risk_lock_find(
        &trial->state->locks, reasons, trial->symbol_index + 1, trial->proposal->side, trial->now);
    if (!lock) {
        return TT_check_outcome_PASS;
    }
    row->value = tt_risk_seconds(lock->until.ns - trial->now.ns);
    trial->verdict->lock = lock->reason;
    trial->verdict->locked_until = lock->until;
    return TT_check_outcome_REJECT;
}

tt_check_outcome tt_risk_check_cooldown(tt_risk_trial *trial, tt_risk_check *row)
{
    return check_locks(trial, row, TT_RISK_LOCKS_COOLDOWN);
}

tt_check_outcome tt_risk_check_protection(tt_risk_trial *trial, tt_risk_check *row)
{
    return check_locks(trial, row, TT_RISK_LOCKS_PROTECTION);
}

/* Without account state every limit is unknown: nothing can be within it. */
tt_check_outcome tt_risk_check_equity(tt_risk_trial *trial, tt_risk_check *row)
{
    const tt_risk_account *account = &trial->state->account;
    row->value.d = account->equity.d;
    bool is_there = account->is_known && tt_dec_sign(account->equity.d) > 0;
    return is_there ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

/* A reduction needs equity only when its size is a share of it. */
tt_check_outcome tt_risk_check_equity_share(tt_risk_trial *trial, tt_risk_check *row)
{
    if (!tt_dec_is_zero(trial->proposal->size.d)) {
        return TT_check_outcome_SKIP;
    }
    return tt_risk_check_equity(trial, row);
}

tt_check_outcome tt_risk_check_price(tt_risk_trial *trial, tt_risk_check *row)
{
    row->limit = tt_risk_seconds(trial->config->limits.max_price_age.ns);
    if (!tt_dec_is_zero(trial->reference.d)) {
        return TT_check_outcome_PASS;
    }
    row->value = tt_risk_seconds(trial->market_price_age.ns);
    return TT_check_outcome_REJECT;
}

tt_check_outcome tt_risk_check_unresolved(tt_risk_trial *trial, tt_risk_check *row)
{
    // An entry that cannot be followed would be as good as unknown.
    bool has_room = trial->state->entry_count < TT_RISK_ENTRIES_MAX;
    row->value = tt_risk_number(trial->symbol->unknown_orders);
    bool is_clear = trial->symbol->unknown_orders == 0 && has_room;
    return is_clear ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

/* Adding to a position opens none. */
tt_check_outcome tt_risk_check_positions(tt_risk_trial *trial, tt_risk_check *row)
{
    uint32_t counted = trial->state->active_count;
    uint32_t stated = trial->state->account.open_positions;
    uint32_t count = (counted > stated ? counted : stated) + (trial->symbol->is_active ? 0 : 1);
    row->value = tt_risk_number(count);
    row->limit = tt_risk_number(trial->config->limits.max_open_positions);
    bool is_within = count <= trial->config->limits.max_open_positions || trial->symbol->is_active;
    return is_within ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

tt_check_outcome tt_risk_check_breakers(tt_risk_trial *trial, tt_risk_check *row)
{
    const uint8_t *breached = trial->state->breached;
    uint32_t count =
        (uint32_t)breached[TT_breach_type_DAILY_LOSS] + breached[TT_breach_type_WEEKLY_LOSS];
    row->value = tt_risk_number(count);
    return count == 0 ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}
