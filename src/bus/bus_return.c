/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages that come back from outside of the core: kept with the other dead letters, and handed
 * out again by a redrive.
 *
 * What happens here must not depend on more than the recorded inputs tell, or a replay would
 * differ: numbers, sizes and order of the letters follow from the inputs alone. The payload of a
 * letter is known only to the run that took the message back; nothing in the core depends on it.
 */
#include "bus/bus_dead.h"

#include <string.h>

static bool is_kept(const tt_msg *msg)
{
    return msg->seq != 0 && msg->topic != TT_TOPIC_DEAD_LETTERS;
}

tutti_status tt_bus_return(tt_bus *bus, const tt_bus_returned *returned)
{
    const tt_msg *msg = returned->msg;
    tt_dead_letter letter = {
        .dead_seq = msg->seq,
        .dead_topic = known_topic(bus, msg->topic) != 0 ? msg->topic : 0,
        .dead_source = known_source(bus, msg->source) != 0 ? msg->source : 0,
        .attempts = returned->attempts,
        .reason = (uint8_t)returned->reason,
    };
    TT_TEXT_SET(letter.handler, returned->handler);
    TT_TEXT_SET(letter.message, returned->text);
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_HOST,
        .key = msg->key < bus->topics[TT_TOPIC_DEAD_LETTERS].key_count ? msg->key : 0,
        .payload = &letter,
        .flags = TT_MSG_INPUT,
        .cause = msg->seq,
        .correlation = msg->correlation,
    };
    struct returning returning = {.msg = msg};
    if (is_kept(msg) && tt_bus_make_dead_room(bus, msg->size, &returning.has_dropped)) {
        letter.dead_size = msg->size;
        letter.dead_id = tt_bus_store_next_id(bus->dead);
    }
    bus->returning = &returning;
    tutti_status status = tt_bus_publish(bus, &post, NULL);
    bus->returning = NULL;
    return status;
}

/** What a replay knows of a message that came back: as much as its letter says. */
static void recall(const tt_dead_letter *letter, const tt_bus_post *post, tt_msg *ret_msg)
{
    *ret_msg = (tt_msg){
        .seq = letter->dead_seq,
        .correlation = post->correlation,
        .key = post->key,
        .topic = letter->dead_topic,
        .source = letter->dead_source,
        .size = letter->dead_size,
    };
    memset(ret_msg + 1, 0, letter->dead_size);
}

void tt_bus_keep_returned(tt_bus *bus, const tt_dead_letter *letter, const tt_bus_post *post)
{
    if (letter->dead_id == 0 || letter->dead_size > TT_PAYLOAD_MAX) {
        return;
    }
    struct returning returning = {.msg = bus->refused};
    if (bus->returning) {
        returning = *bus->returning;
    } else {
        recall(letter, post, bus->refused);
    }
    const tt_bus_failure failure = {
        .msg = returning.msg,
        .reason = (tt_dead_reason)letter->reason,
        .handler = letter->handler,
        .text = letter->message,
        .attempts = letter->attempts,
        .first_failure = bus->state->now,
        .is_outside = true,
    };
    (void)tt_bus_set_aside(bus, &failure, returning.has_dropped);
}

void tt_bus_set_outlet(tt_bus *bus, tt_bus_outlet_fn fn, void *ctx)
{
    bus->outlet = fn;
    bus->outlet_ctx = ctx;
}

void tt_bus_redrive_outside(tt_bus *bus, tt_bus_stored *stored)
{
    stored->is_queued = 1;
    bus->state->dead_leaving++;
    bus->due_ns = INT64_MIN;
    bus->state->redriven++;
    tt_bus_check_dead_fill(bus);
}

static bool is_leaving(const tt_bus_stored *stored)
{
    return stored->is_outside && stored->is_queued;
}

bool tt_bus_has_redriven(const tt_bus *bus)
{
    return bus->state->dead_leaving != 0;
}

bool tt_bus_redriven_next(
    const tt_bus *bus, uint64_t previous, tt_bus_dead *ret_dead, void *ret_msg)
{
    if (bus->state->dead_leaving == 0) {
        return false;
    }
    const tt_bus_stored *stored = previous == 0 ? NULL : tt_bus_store_find(bus->dead, previous);
    do {
        stored = tt_bus_store_next(bus->dead, stored);
    } while (stored && !is_leaving(stored));
    return stored && tt_bus_dead_get(bus, stored->id, ret_dead, ret_msg) == TUTTI_OK;
}

void tt_bus_drop_leaving(tt_bus *bus)
{
    tt_bus_stored *stored = tt_bus_store_next(bus->dead, NULL);
    while (stored) {
        tt_bus_stored *next = tt_bus_store_next(bus->dead, stored);
        if (is_leaving(stored)) {
            tt_bus_store_remove(bus->dead, stored);
        }
        stored = next;
    }
    bus->state->dead_leaving = 0;
}
