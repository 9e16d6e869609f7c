/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Closing and reducing until it is seen.
 *
 * A close is not believed before it is seen: every position in its scope is asked for again, at
 * doubling intervals, until position_updates says that it is flat. A reduction likewise, until the
 * position is as small as it was meant to be, to within one lot. While halted with a close,
 * whatever opens after all (an entry that was on its way) is closed as well.
 */
#include "coord/coord_priv.h"

static void arm_check(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->closing_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, state->closing_timer);
    }
    tt_time deadline = {tt_bus_now(coord->bus).ns + state->closing_delay.ns};
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_CLOSING, 0, deadline, &id);
    // Without a timer the next update of a closing position tries again (tt_coord_close_watch).
    state->closing_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

static void begin_checks(tt_coord *coord)
{
    coord->state->closing_delay = coord->config.emergency.close_retry;
    arm_check(coord);
}

void tt_coord_close(tt_coord *coord, uint32_t key, tt_exit_reason reason)
{
    for (uint32_t i = 1; i <= coord->symbol_count; i++) {
        if (key == 0 || key == i) {
            // Flat ones too: an entry may fill before its cancel arrives.
            tt_coord_symbol_get(coord, i)->closing = (uint8_t)reason;
            tt_coord_symbol_get(coord, i)->is_reducing = 0;
        }
    }
    // A close or a reduction cancels the working entries of its scope as well.
    tt_coord_command_positions(coord, key, TT_position_command_type_CLOSE, reason);
    begin_checks(coord);
}

/* Notes how much of a position may stay; a smaller wish that is not fulfilled yet remains. */
static void wish_less(tt_coord_symbol *symbol, tt_ratio reduce_pct)
{
    const tt_dec hundred = TT_DEC_C(100, 0);
    tt_dec held = tt_dec_xabs(symbol->position_qty.d);
    tt_dec cut = {0};
    tutti_status status = tt_dec_muldiv(held, reduce_pct.d, hundred, TT_ROUND_HALF_EVEN, &cut);
    tt_dec rest = status == TUTTI_OK ? tt_dec_xsub(held, cut) : TT_DEC_ZERO;
    if (!symbol->is_reducing || tt_dec_lt(rest, symbol->reduce_to.d)) {
        symbol->reduce_to.d = rest;
    }
    symbol->is_reducing = 1;
}

void tt_coord_reduce(tt_coord *coord, tt_ratio reduce_pct)
{
    bool has_positions = false;
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
        if (!tt_dec_is_zero(symbol->position_qty.d) && symbol->closing == 0) {
            wish_less(symbol, reduce_pct);
            has_positions = true;
        }
    }
    tt_coord_command_reduce(coord, 0, reduce_pct);
    if (has_positions) {
        begin_checks(coord);
    }
}

void tt_coord_reduce_one(tt_coord *coord, uint32_t key, tt_ratio reduce_pct)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (tt_dec_is_zero(symbol->position_qty.d) || symbol->closing != 0) {
        return;
    }
    wish_less(symbol, reduce_pct);
    tt_coord_command_reduce(coord, key, reduce_pct);
    begin_checks(coord);
}

/* What a position is too large by; 0 when it is as small as was wished, to within one lot. */
static tt_dec excess_of(const tt_coord *coord, uint32_t key)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const tt_instrument *instrument =
        tt_instrument_find(coord->core->instruments, (tt_instrument_id){key});
    tt_dec excess = tt_dec_xsub(tt_dec_xabs(symbol->position_qty.d), symbol->reduce_to.d);
    tt_dec lot = tt_dec_max(instrument->qty_increment.d, instrument->min_qty.d);
    return tt_dec_lt(excess, lot) ? TT_DEC_ZERO : excess;
}

/* Asks again for a reduction that is not complete; false when it is. */
static bool reduce_again(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_dec excess = excess_of(coord, key);
    if (tt_dec_is_zero(excess)) {
        symbol->is_reducing = 0;
        symbol->reduce_to.d = TT_DEC_ZERO;
        return false;
    }
    const tt_dec hundred = TT_DEC_C(100, 0);
    tt_ratio share = {hundred};
    tutti_status status = tt_dec_muldiv(
        excess, hundred, tt_dec_xabs(symbol->position_qty.d), TT_ROUND_HALF_EVEN, &share.d);
    TT_ASSERT(status == TUTTI_OK); // At most 100: the excess is a part of the position.
    coord->state->close_requests++;
    tt_coord_command_reduce(coord, key, share);
    return true;
}

static bool close_again(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (tt_dec_is_zero(symbol->position_qty.d)) {
        symbol->closing = 0;
        return false;
    }
    coord->state->close_requests++;
    tt_coord_command_positions(
        coord, key, TT_position_command_type_CLOSE, (tt_exit_reason)symbol->closing);
    return true;
}

/* Asks again for what is still too large; returns how many positions that are. */
static uint32_t ask_again(tt_coord *coord)
{
    uint32_t open = 0;
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
        if (symbol->closing != 0) {
            open += close_again(coord, key);
        } else if (symbol->is_reducing) {
            open += reduce_again(coord, key);
        }
    }
    return open;
}

void tt_coord_close_check(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    state->closing_timer.n = 0;
    uint32_t open = ask_again(coord);
    const tt_coord_note note = {
        .event = TT_system_event_type_EMERGENCY_ACTION,
        .severity = open == 0 ? TT_severity_INFO : TT_severity_CRITICAL,
        .subject = "close_positions",
        .new_value = open,
    };
    if (open == 0) {
        tt_coord_event(coord, &note, "everything that had to be closed or reduced is");
        return;
    }
    tt_coord_event(coord, &note, "%u positions are still open; closing them again", open);
    tt_coord_notify(
        coord,
        TT_severity_CRITICAL,
        "%u positions are still open after a close; trying again",
        open);
    int64_t longest = coord->config.emergency.close_retry_max.ns;
    int64_t delay = state->closing_delay.ns * 2;
    state->closing_delay.ns = delay < longest ? delay : longest;
    arm_check(coord);
}

void tt_coord_close_watch(tt_coord *coord, uint32_t key)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    bool is_open = !tt_dec_is_zero(symbol->position_qty.d);
    bool is_asked = symbol->closing != 0 || symbol->is_reducing;
    if (coord->state->is_watching && is_open && symbol->closing == 0) {
        tt_coord_close(coord, key, TT_exit_reason_EMERGENCY);
    } else if (is_asked && coord->state->closing_timer.n == 0) {
        begin_checks(coord);
    }
}
