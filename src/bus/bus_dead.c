/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters: a message says what could not be handled, and why; the whole of it is set aside.
 * While a dead letter is being delivered no further one is published, only counted: a failing
 * reader of dead letters cannot make a loop.
 */
#include "bus/bus_dead.h"

/** Topic 0 counts what is about no known topic. */
static struct topic_state *counters_of(tt_bus *bus, uint32_t topic)
{
    return &bus->state->topics[known_topic(bus, topic)];
}

void tt_bus_count_dead(tt_bus *bus, const tt_dead_letter *letter)
{
    counters_of(bus, letter->dead_topic)->dead_lettered++;
}

/** Reserved room, or one more count when a dead letter is being delivered or the reserve is full.
 */
static bool try_publish(tt_bus *bus, const tt_bus_post *post)
{
    const tt_msg *current = current_msg(bus);
    bool is_loop = current && current->topic == TT_TOPIC_DEAD_LETTERS;
    return !is_loop && tt_bus_publish_dead(bus, post);
}

void tt_bus_announce_dead(tt_bus *bus, const tt_bus_failure *failure, uint64_t dead_id)
{
    const tt_msg *about = failure->msg;
    tt_dead_letter letter = {
        .dead_seq = about->seq,
        .dead_id = dead_id,
        .dead_topic = known_topic(bus, about->topic) != 0 ? about->topic : 0,
        .dead_source = known_source(bus, about->source) != 0 ? about->source : 0,
        .attempts = failure->attempts,
        .reason = (uint8_t)failure->reason,
    };
    TT_TEXT_SET(letter.handler, failure->handler);
    TT_TEXT_SET(letter.message, failure->text);
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_BUS,
        .key = about->key < bus->topics[TT_TOPIC_DEAD_LETTERS].key_count ? about->key : 0,
        .payload = &letter,
        .flags = failure->is_input ? TT_MSG_INPUT : 0,
        .cause = about->seq,
        .correlation = about->correlation,
    };
    if (try_publish(bus, &post)) {
        tt_bus_count_dead(bus, &letter);
    } else {
        counters_of(bus, letter.dead_topic)->dead_unsent++;
    }
}

/** The oldest that does not wait for its delivery; NULL if all do. */
static tt_bus_stored *oldest_idle(tt_bus_store *store)
{
    tt_bus_stored *stored = tt_bus_store_next(store, NULL);
    while (stored && stored->is_queued) {
        stored = tt_bus_store_next(store, stored);
    }
    return stored;
}

static void tell_fill(tt_bus *bus, bool is_raised)
{
    const tt_bus_alert alert = {
        .value = tt_bus_store_count(bus->dead) - bus->state->dead_leaving,
        .limit = bus->dead_max,
        .alert = TT_bus_alert_type_DEAD_LETTERS_FULL,
        .is_raised = is_raised,
    };
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_ALERTS, .source = TT_SOURCE_BUS, .payload = &alert};
    bus->state->is_dead_full = is_raised; // first: a refusal of the alert comes back here
    (void)tt_bus_publish(bus, &post, NULL);
}

bool tt_bus_make_dead_room(tt_bus *bus, uint32_t size, bool *ret_has_dropped)
{
    while (!tt_bus_store_has_room(bus->dead, size)) {
        tt_bus_stored *oldest = oldest_idle(bus->dead);
        bus->state->dead_lost++;
        if (!oldest) {
            return false;
        }
        tt_bus_store_remove(bus->dead, oldest);
        *ret_has_dropped = true;
    }
    return true;
}

uint64_t tt_bus_set_aside(tt_bus *bus, const tt_bus_failure *failure, bool has_dropped)
{
    const tt_msg *about = failure->msg;
    uint32_t size = about->size; // none for what never became a message and was not right
    if (!tt_bus_make_dead_room(bus, size, &has_dropped)) {
        return 0;
    }
    tt_bus_stored *stored = tt_bus_store_add(bus->dead, about, about + 1, size);
    stored->attempts = failure->attempts;
    stored->subscription = failure->subscription;
    stored->reason = (uint8_t)failure->reason;
    stored->is_outside = failure->is_outside;
    stored->last_failure = bus->state->now;
    stored->first_failure = failure->attempts > 1 ? failure->first_failure : bus->state->now;
    TT_TEXT_SET(stored->handler, failure->handler);
    TT_TEXT_SET(stored->text, failure->text);
    uint64_t id = stored->id;
    if (has_dropped && !bus->state->is_dead_full) {
        tell_fill(bus, true);
    }
    return id;
}

void tt_bus_bury(tt_bus *bus, const tt_bus_failure *failure)
{
    // A dead letter that a reader could not handle tells nothing that is not kept already.
    bool is_kept = failure->msg->topic != TT_TOPIC_DEAD_LETTERS;
    tt_bus_announce_dead(bus, failure, is_kept ? tt_bus_set_aside(bus, failure, false) : 0);
}

void tt_bus_check_dead_fill(tt_bus *bus)
{
    uint32_t count = tt_bus_store_count(bus->dead) - bus->state->dead_leaving;
    if (bus->state->is_dead_full && count <= bus->dead_max / 2) {
        tell_fill(bus, false);
    }
}

static const tt_msg no_msg = {0};

void tt_bus_dead_letter(
    tt_bus *bus, const tt_msg *msg, tt_dead_reason reason, const char *handler, const char *text)
{
    tt_msg head = {0};
    if (msg && msg->seq == 0) { // a head alone: there are no bytes behind it
        head = *msg;
        head.size = 0;
    }
    const tt_bus_failure failure = {
        .msg = !msg            ? &no_msg
               : msg->seq == 0 ? &head
                               : msg,
        .reason = reason,
        .handler = handler,
        .text = text,
        .attempts = reason == TT_dead_reason_HANDLER_FAILED ? 1 : 0,
    };
    tt_bus_bury(bus, &failure);
}

tutti_status tt_bus_refuse(
    tt_bus *bus,
    const tt_msg *refused,
    tutti_status status,
    tt_dead_reason reason,
    const char *text)
{
    struct topic_state *state = counters_of(bus, refused->topic);
    if (status == TUTTI_LIMIT) {
        state->dropped++;
        state->too_deep += reason == TT_dead_reason_DEPTH_LIMIT;
    } else {
        state->invalid++;
    }
    const tt_bus_failure failure = {
        .msg = refused,
        .reason = reason,
        .handler = "",
        .text = text,
        .is_input = (refused->flags & TT_MSG_INPUT) != 0,
    };
    if (failure.is_input) {
        // The letter is the input in its place. It is not kept: a replay could not know it whole.
        tt_bus_announce_dead(bus, &failure, 0);
    } else {
        tt_bus_bury(bus, &failure);
    }
    return status;
}
