/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch over a bus of the library: the monitor of the mailboxes with a ring of its own to post
 * into, so that a full inbox, which it is to tell of, does not keep it from telling.
 */
#include "lib/lib_priv.h"

#include <tutti/operate.h>

/** Alerts that can wait; each look posts at most TT_MONITOR_CHANGES_MAX. */
#define RING_BYTES (UINT32_C(16) << 10)

_Static_assert(
    (int)TUTTI_ALERT_QUARANTINE == (int)TT_bus_alert_type_QUARANTINE &&
        (int)TUTTI_ALERT_SUCCESS_RATE == (int)TT_bus_alert_type_SUCCESS_RATE &&
        (int)TUTTI_ALERT_HANDLER_TIME_MEAN == (int)TT_bus_alert_type_HANDLER_TIME_MEAN &&
        (int)TUTTI_ALERT_HANDLER_TIME_MAX == (int)TT_bus_alert_type_HANDLER_TIME_MAX &&
        (int)TUTTI_ALERT_CONSECUTIVE_FAILURES == (int)TT_bus_alert_type_CONSECUTIVE_FAILURES &&
        (int)TUTTI_ALERT_FAILURE_RATE == (int)TT_bus_alert_type_FAILURE_RATE &&
        (int)TUTTI_ALERT_QUEUE_FILL == (int)TT_bus_alert_type_QUEUE_FILL &&
        (int)TUTTI_ALERT_INACTIVITY == (int)TT_bus_alert_type_INACTIVITY &&
        (int)TUTTI_ALERT_DEAD_LETTERS_FULL == (int)TT_bus_alert_type_DEAD_LETTERS_FULL &&
        (int)TUTTI_ALERT_MAILBOX_OVERFLOW == (int)TT_bus_alert_type_MAILBOX_OVERFLOW &&
        (int)TUTTI_ALERT_MAILBOX_OVERFLOW + 1 == (int)TT_bus_alert_type_COUNT,
    "the public numbers are those of the model");

static tutti_status check(const tutti_watch_options *options, tutti_error *error)
{
    if (options->every_ns < 0 || options->window_ns < 0 || options->handler_mean_ns_max < 0 ||
        options->handler_max_ns_max < 0 || options->silence_ns_max < 0) {
        tt_error_set(error, TUTTI_INVALID, "a time of the watch is negative");
        tt_error_hint(error, "times are nanoseconds, 0 is the default");
        return TUTTI_INVALID;
    }
    int64_t every_ns = options->every_ns != 0 ? options->every_ns : TT_NS_PER_S;
    int64_t window_ns = options->window_ns != 0 ? options->window_ns : TT_MONITOR_WINDOW_NS;
    if (window_ns < every_ns) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "a window of %lld ns is shorter than the %lld ns between two looks",
            (long long)window_ns,
            (long long)every_ns);
        tt_error_hint(error, "make window_ns longer, or every_ns shorter");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

static tt_monitor_limits limits_of(const tutti_watch_options *options)
{
    return (tt_monitor_limits){
        .success_ppm_min = options->success_ppm_min,
        .handler_mean_ns_max = options->handler_mean_ns_max,
        .handler_max_ns_max = options->handler_max_ns_max,
        .in_row_max = options->failures_in_row_max,
        .failures_max = options->failures_max,
        .queue_pct_max = options->queue_pct_max,
        .overflows_max = options->overflows_max,
        .silence_ns_max = options->silence_ns_max,
        .window_ns = options->window_ns,
    };
}

/** Takes memory and a publisher, once. */
static tutti_status make_room(tutti_bus *bus)
{
    if (!bus->alerts) {
        const tt_publisher_options options = {
            .name = "watch",
            .source = TT_SOURCE_HOST,
            .ring_bytes = RING_BYTES,
            .ring_lane = tt_topic_info_get(TT_TOPIC_BUS_ALERTS)->priority,
            .is_trusted = true,
        };
        TUTTI_TRY(tt_inbox_open(bus->inbox, &options, &bus->alerts));
    }
    tt_arena_fini(&bus->monitor_arena);
    bus->monitor = NULL;
    return tt_arena_init(&bus->monitor_arena, tt_bus_monitor_memory());
}

static tutti_status begin(tutti_bus *bus, const tutti_watch_options *options)
{
    TUTTI_TRY(tt_bus_loop_set_look(bus->loop, NULL, NULL, 0)); // whatever fails, none is half there
    TUTTI_TRY(make_room(bus));
    const tt_bus_monitor_options parts = {
        .bus = bus->bus,
        .inbox = bus->inbox,
        .loop = bus->loop,
        .publisher = bus->alerts,
        .limits = limits_of(options),
    };
    TUTTI_TRY(tt_bus_monitor_new(&parts, &bus->monitor_arena, &bus->monitor));
    return tt_bus_loop_set_look(bus->loop, tt_bus_monitor_look, bus->monitor, options->every_ns);
}

tutti_status tutti_bus_watch(tutti_bus *bus, const tutti_watch_options *options, tutti_error *error)
{
    static const tutti_watch_options defaults = {0};
    options = options ? options : &defaults;
    TUTTI_TRY(check(options, error));
    tutti_status status = bus->is_stopped ? TUTTI_STATE : begin(bus, options);
    if (status != TUTTI_OK) {
        tt_error_set(error, status, "the bus cannot be watched: %s", tutti_status_text(status));
        tt_error_hint(
            error, "it must not have stopped, and needs a publisher of 16 KiB, and memory");
    }
    return status;
}

uint32_t tutti_bus_alerts(const tutti_bus *bus)
{
    return bus->monitor ? tt_bus_monitor_raised(bus->monitor) : 0;
}

bool tutti_alert_read(const tutti_message *message, tutti_alert *ret_alert)
{
    const tt_msg *msg = (const tt_msg *)(const void *)message;
    if (msg->topic != TT_TOPIC_BUS_ALERTS) {
        return false;
    }
    const tt_bus_alert *alert = TT_PAYLOAD(msg, BUS_ALERTS, bus_alert);
    *ret_alert = (tutti_alert){
        .kind = (tutti_alert_kind)alert->alert,
        .is_raised = alert->is_raised,
        .name = tt_enum_text(&tt_enum_bus_alert_type, alert->alert),
        .subject = alert->subject,
        .value = alert->value,
        .limit = alert->limit,
    };
    return true;
}
