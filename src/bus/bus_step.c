/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Where a step begins, and what came out of it.
 */
#include "bus/bus_dead.h"
#include "bus/bus_recent.h"

#include <string.h>

/** Does what the time of a step asks for, and forgets why the last one had to look closer. */
COLD static void catch_up(tt_bus *bus)
{
    int64_t now_ns = bus->state->now.ns;
    bus->pending &= ~(uint64_t)(CAUTION_LEFT | CAUTION_DIRECTED);
    if (now_ns >= bus->window_end_ns) {
        tt_bus_recent_advance(bus);
    }
    if (now_ns >= bus->quiet_ns) {
        tt_bus_expire(bus);
    }
    if (bus->state->dead_leaving != 0) {
        tt_bus_drop_leaving(bus);
    }
    bus->due_ns = bus->window_end_ns < bus->quiet_ns ? bus->window_end_ns : bus->quiet_ns;
}

/** What an earlier step has left queued stays in the outbox. */
COLD static void keep_queued(tt_bus *bus)
{
    tt_bus_use_lanes(bus, bus->used.end); // as long as it is known what caused it
    be_cautious(bus, CAUTION_LEFT);
    bus->used.start = bus->used.end;
}

/** Begins any step. */
COLD static void begin_fully(tt_bus *bus, tt_time now)
{
    TT_ASSERT(!is_delivering(bus));
    TT_ASSERT(now.ns >= bus->state->now.ns);
    bus->state->now = now;
    if (now.ns >= bus->due_ns) {
        catch_up(bus);
    }
    if (has_queued(bus)) {
        keep_queued(bus);
    } else {
        memset(&bus->used, 0, sizeof bus->used);
    }
    memset(&bus->chain, 0, sizeof bus->chain);
}

void tt_bus_begin(tt_bus *bus, tt_time now)
{
    if (UNLIKELY(bus->pending != 0 || now.ns < bus->state->now.ns || now.ns >= bus->due_ns)) {
        begin_fully(bus, now);
        return;
    }
    bus->state->now = now;
    memset(&bus->used, 0, sizeof bus->used);
    memset(&bus->chain, 0, sizeof bus->chain);
}

/** No post is plain meanwhile: so the hot path asks nothing. */
static void set_inputs_only(tt_bus *bus, bool is_on)
{
    bus->inputs_only = is_on;
    set_child_depth(bus, bus->child_depth);
}

void tt_bus_inputs_begin(tt_bus *bus)
{
    TT_ASSERT(!is_delivering(bus));
    bus->not_inputs = 0;
    set_inputs_only(bus, true);
}

uint32_t tt_bus_inputs_end(tt_bus *bus)
{
    set_inputs_only(bus, false);
    return bus->not_inputs;
}

tutti_status tt_bus_publish_input(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    if ((post->flags & TT_MSG_INPUT) == 0) {
        bus->not_inputs++;
        return TUTTI_INVALID;
    }
    set_inputs_only(bus, false);
    tutti_status status = tt_bus_publish(bus, post, ret_seq);
    set_inputs_only(bus, true);
    return status;
}

tt_seq tt_bus_next_seq(const tt_bus *bus)
{
    return bus->state->next_seq;
}

void tt_bus_set_next_seq(tt_bus *bus, tt_seq next)
{
    TT_ASSERT(next >= bus->state->next_seq);
    tt_bus_use_lanes(bus, bus->used.end); // the numbers of a row follow one another
    bus->state->next_seq = next;
}

tt_time tt_bus_now(const tt_bus *bus)
{
    return bus->state->now;
}

const tt_msg *tt_bus_current(const tt_bus *bus)
{
    return current_msg(bus);
}

const void *tt_bus_outbox(const tt_bus *bus, size_t *ret_bytes)
{
    *ret_bytes = bus->used.end - bus->used.start;
    return bus->outbox + bus->used.start;
}

const tt_msg *tt_bus_outbox_next(const tt_bus *bus, const tt_msg *msg)
{
    const unsigned char *at =
        msg ? (const unsigned char *)msg + tt_msg_bytes(msg) : bus->outbox + bus->used.start;
    return at < bus->outbox + bus->used.end ? (const tt_msg *)(const void *)at : NULL;
}
