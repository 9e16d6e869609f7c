/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Orders of a symbol that fail one after the other: after coordinator.emergency.execution_errors
 * the symbol gets no entries for a time. Closes go on. An order that the venue accepts or fills
 * ends the series; the end of the time, and nothing else, ends the hold. Each of them counts for
 * the degradation as well.
 */
#include "coord/coord_priv.h"

bool tt_coord_is_held(const tt_coord *coord, uint32_t key)
{
    return tt_coord_symbol_get(coord, key)->hold_until.ns > tt_bus_now(coord->bus).ns;
}

void tt_coord_hold_end(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    symbol->hold_timer.n = 0;
    symbol->hold_until.ns = 0;
    const tt_coord_note note = {
        .event = TT_system_event_type_SYMBOL_RESUMED,
        .severity = TT_severity_INFO,
        .key = key,
        .subject = tt_coord_key_text(coord, key),
    };
    tt_coord_event(coord, &note, "entries of this symbol may go on");
}

static void begin_hold(tt_coord *coord, uint32_t key, const char *reason)
{
    const tt_execution_errors_config *config = &coord->config.execution_errors;
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const char *name = tt_coord_key_text(coord, key);
    symbol->hold_until.ns = tt_bus_now(coord->bus).ns + config->pause.ns;
    symbol->order_errors = 0;
    if (symbol->hold_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, symbol->hold_timer);
    }
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_HOLD, key, symbol->hold_until, &id);
    // Without a timer the hold ends in silence.
    symbol->hold_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
    tt_coord_command_positions(
        coord, key, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_EMERGENCY);
    const tt_coord_note note = {
        .event = TT_system_event_type_SYMBOL_PAUSED,
        .severity = TT_severity_HIGH,
        .key = key,
        .subject = name,
        .new_value = config->count,
    };
    long long seconds = config->pause.ns / TT_NS_PER_S;
    tt_coord_event(
        coord,
        &note,
        "%u orders in a row failed; no entries for %lld s: %s",
        config->count,
        seconds,
        reason);
    if (config->notify) {
        tt_coord_notify(
            coord,
            TT_severity_HIGH,
            "%s: %u orders in a row failed; no entries for %lld s: %s",
            name,
            config->count,
            seconds,
            reason);
    }
}

static void count_error(tt_coord *coord, uint32_t key, const char *reason)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    uint32_t limit = coord->config.execution_errors.count;
    if (limit > 0 && ++symbol->order_errors >= limit) {
        begin_hold(coord, key, reason);
    }
}

/** What an event says of whether orders work. */
enum outcome {
    OUTCOME_NONE, /**< The venue said nothing of its own, or did what it was asked to. */
    OUTCOME_FAILED,
    OUTCOME_WORKED
};

/* An order that the venue had taken and does not answer for now is no order that failed: that is
 * an outage, or a restart. */
static bool was_taken(const tt_execution_event *event)
{
    return event->event == TT_execution_event_type_ORDER_UNKNOWN &&
           event->old_state != TT_order_state_NEW && event->old_state != TT_order_state_PENDING;
}

static enum outcome outcome_of(const tt_execution_event *event)
{
    static const uint8_t outcomes[TT_execution_event_type_COUNT] = {
        [TT_execution_event_type_ORDER_REJECTED] = OUTCOME_FAILED,
        [TT_execution_event_type_ORDER_ERROR] = OUTCOME_FAILED,
        [TT_execution_event_type_ORDER_UNKNOWN] = OUTCOME_FAILED,
        [TT_execution_event_type_ORDER_PLACED] = OUTCOME_WORKED,
        [TT_execution_event_type_ORDER_PARTIAL_FILL] = OUTCOME_WORKED,
        [TT_execution_event_type_ORDER_FILLED] = OUTCOME_WORKED,
    };
    return was_taken(event) ? OUTCOME_NONE : (enum outcome)outcomes[event->event];
}

tutti_status tt_coord_on_execution(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_execution_event *event = TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event);
    switch (outcome_of(event)) {
    case OUTCOME_FAILED:
        tt_coord_degradation_failure(coord, COORD_FAILURE_ORDER);
        count_error(coord, msg->key, event->reason);
        return TUTTI_OK;
    case OUTCOME_WORKED:
        tt_coord_symbol_get(coord, msg->key)->order_errors = 0;
        tt_coord_degradation_order(coord);
        return TUTTI_OK;
    case OUTCOME_NONE:
        break;
    }
    return TUTTI_OK;
}
