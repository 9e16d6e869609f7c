/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Outages: parts that are down for a time, unlike single failures. Each one counts towards the
 * degradation as so many failures, as long as it lasts and for outage_hold after its end, so that a
 * part that comes and goes does not make the level come and go.
 *
 *   part      who says so                                        as delivered it counts as
 *   feed      feed_events disconnected, connected; health_reports   6: no new entries
 *   venue     health_reports                                        6: no new entries
 *   store     health_reports                                        3: sentiment is left out
 *   journal   health_reports                                        6: no new entries
 *   pool      health_reports                                        nothing: agents fall silent
 *   memory    health_reports                                        nothing: people are told
 *   agents    the health check of the coordinator (coord_watch.c)   3
 *
 * A symbol whose market data is missing while the feed as a whole works is no outage: its entries
 * are held and its working ones cancelled until it has data again; closes go on.
 *
 * A report that says what was known changes nothing.
 */
#include "coord/coord_priv.h"

static uint32_t weight_of(const tt_coord *coord, tt_part part)
{
    const tt_degradation_config *config = &coord->config.degradation;
    switch (part) {
    case TT_part_FEED:
        return config->feed_outage;
    case TT_part_VENUE:
        return config->venue_outage;
    case TT_part_STORE:
        return config->store_outage;
    case TT_part_JOURNAL:
        return config->journal_outage;
    case TT_part_AGENTS:
        return config->agents_outage;
    case TT_part_POOL:   // Its silence is that of the agents, which counts.
    case TT_part_MEMORY: // Told to people; nothing stops by it.
    case TT_part_NONE:
    case TT_part_COUNT:
        break;
    }
    return 0;
}

uint32_t tt_coord_outage_weight(const tt_coord *coord)
{
    uint32_t sum = 0;
    for (tt_part part = 0; part < TT_part_COUNT; part++) {
        const tt_coord_outage *outage = &coord->state->outages[part];
        sum += outage->counts ? weight_of(coord, part) : 0;
    }
    return sum;
}

static void tell(tt_coord *coord, tt_part part, int64_t failures, const char *message)
{
    bool is_down = coord->state->outages[part].is_down;
    const char *name = tt_enum_text(&tt_enum_part, (uint8_t)part);
    const tt_coord_note note = {
        .event = is_down ? TT_system_event_type_PART_DOWN : TT_system_event_type_PART_UP,
        .severity = is_down ? TT_severity_HIGH : TT_severity_INFO,
        .subject = name,
        .old_value = !is_down,
        .new_value = failures,
    };
    tt_coord_event(coord, &note, "%s: %s", name, message);
    tt_coord_notify(coord, note.severity, "%s: %s", name, message);
}

static void cancel_hold(tt_coord *coord, tt_coord_outage *outage)
{
    if (outage->hold_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, outage->hold_timer);
        outage->hold_timer.n = 0;
    }
}

static void begin_outage(tt_coord *coord, tt_part part, int64_t failures, const char *message)
{
    tt_coord_outage *outage = &coord->state->outages[part];
    cancel_hold(coord, outage);
    outage->is_down = 1;
    outage->counts = 1;
    tell(coord, part, failures, message);
    tt_coord_degradation_follow(coord);
}

static void end_outage(tt_coord *coord, tt_part part)
{
    tt_coord_outage *outage = &coord->state->outages[part];
    tt_time until = {tt_bus_now(coord->bus).ns + coord->config.degradation.outage_hold.ns};
    outage->is_down = 0;
    tell(coord, part, 0, "works again");
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_OUTAGE, part, until, &id);
    if (status == TUTTI_OK) {
        outage->hold_timer = id;
    } else {
        tt_coord_outage_forget(coord, (uint32_t)part); // Without a timer it would count for ever.
    }
}

void tt_coord_outage_forget(tt_coord *coord, uint32_t part)
{
    tt_coord_outage *outage = &coord->state->outages[part];
    outage->hold_timer.n = 0;
    outage->counts = 0;
    tt_coord_degradation_follow(coord);
}

void tt_coord_outage_set(
    tt_coord *coord, tt_part part, bool is_down, int64_t failures, const char *message)
{
    bool was_down = coord->state->outages[part].is_down;
    if (is_down && !was_down) {
        begin_outage(coord, part, failures, message);
    } else if (!is_down && was_down) {
        end_outage(coord, part);
    }
}

static void tell_silence(tt_coord *coord, uint32_t key, const tt_health_report *report)
{
    bool is_silent = tt_coord_symbol_get(coord, key)->is_silent;
    const char *name = tt_coord_key_text(coord, key);
    const char *what = is_silent ? "no market data, so no entries of this symbol"
                                 : "market data again, so entries of this symbol may go on";
    const tt_coord_note note = {
        .event =
            is_silent ? TT_system_event_type_SYMBOL_PAUSED : TT_system_event_type_SYMBOL_RESUMED,
        .severity = is_silent ? TT_severity_HIGH : TT_severity_INFO,
        .key = key,
        .subject = name,
        .new_value = report->value,
    };
    tt_coord_event(coord, &note, "%s: %s", what, report->message);
    tt_coord_notify(coord, note.severity, "%s: %s: %s", name, what, report->message);
}

/* One symbol has no market data any more, or has some again. */
static void follow_symbol(tt_coord *coord, uint32_t key, const tt_health_report *report)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    bool is_silent = report->level == TT_health_level_CRITICAL;
    if (symbol->is_silent == is_silent) {
        return;
    }
    symbol->is_silent = is_silent;
    if (is_silent) {
        tt_coord_command_positions(
            coord, key, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_EMERGENCY);
    }
    tell_silence(coord, key, report);
}

tutti_status tt_coord_on_health(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const tt_health_report *report = TT_PAYLOAD(msg, HEALTH_REPORTS, health_report);
    if (report->part == TT_part_NONE || report->part == TT_part_AGENTS) {
        return TUTTI_INVALID; // Nothing, or what only the coordinator itself can know.
    }
    if (report->measure == TT_health_measure_FEED_AGE && tt_coord_is_symbol(ctx, msg->key)) {
        follow_symbol(ctx, msg->key, report);
    }
    tt_coord_outage_set(
        ctx, (tt_part)report->part, !report->is_up, (int64_t)report->failures, report->message);
    return TUTTI_OK;
}

tutti_status tt_coord_on_feed(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const tt_feed_event *event = TT_PAYLOAD(msg, FEED_EVENTS, feed_event);
    bool is_down = event->event == TT_feed_event_type_DISCONNECTED;
    if (is_down || event->event == TT_feed_event_type_CONNECTED) {
        const char *message = event->message[0] == '\0' ? "disconnected" : event->message;
        tt_coord_outage_set(ctx, TT_part_FEED, is_down, 1, message);
    }
    return TUTTI_OK;
}
