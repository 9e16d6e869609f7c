/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The dead-letter queue: read, deliver again, throw away. What is delivered again goes through the
 * lane of its priority like any message, and is copied out first: handlers may do what they like
 * with the queue meanwhile.
 */
#include "bus/bus_dead.h"

static void describe(const tt_bus_stored *stored, tt_bus_dead *ret_dead)
{
    *ret_dead = (tt_bus_dead){
        .id = stored->id,
        .head = stored->head,
        .first_failure = stored->first_failure,
        .last_failure = stored->last_failure,
        .attempts = stored->attempts,
        .payload_size = stored->size,
        .reason = (tt_dead_reason)stored->reason,
        .is_queued = stored->is_queued != 0,
        .is_outside = stored->is_outside != 0,
    };
    TT_TEXT_SET(ret_dead->handler, stored->handler);
    TT_TEXT_SET(ret_dead->text, stored->text);
}

uint32_t tt_bus_dead_count(const tt_bus *bus)
{
    return tt_bus_store_count(bus->dead);
}

bool tt_bus_dead_next(const tt_bus *bus, uint64_t previous, tt_bus_dead *ret_dead)
{
    const tt_bus_stored *stored = previous == 0 ? NULL : tt_bus_store_find(bus->dead, previous);
    if (previous != 0 && !stored) {
        return false;
    }
    stored = tt_bus_store_next(bus->dead, stored);
    if (stored) {
        describe(stored, ret_dead);
    }
    return stored != NULL;
}

tutti_status tt_bus_dead_get(const tt_bus *bus, uint64_t id, tt_bus_dead *ret_dead, void *ret_msg)
{
    const tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    if (!stored) {
        return TUTTI_NOT_FOUND;
    }
    describe(stored, ret_dead);
    if (ret_msg) {
        tt_bus_store_read(bus->dead, stored, ret_msg);
    }
    return TUTTI_OK;
}

tutti_status tt_bus_dead_discard(tt_bus *bus, uint64_t id)
{
    tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    if (!stored) {
        return TUTTI_NOT_FOUND;
    }
    if (stored->is_queued) {
        return TUTTI_BUSY;
    }
    tt_bus_store_remove(bus->dead, stored);
    bus->state->dead_discarded++;
    tt_bus_check_dead_fill(bus);
    return TUTTI_OK;
}

/** Publishes what never became a message. A new refusal sets it aside anew. */
static tutti_status publish_anew(tt_bus *bus, tt_bus_stored *stored)
{
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    tt_bus_store_read(bus->dead, stored, copy);
    const tt_msg *msg = (const tt_msg *)(const void *)copy;
    const tt_bus_post post = {
        .topic = (tt_topic)msg->topic,
        .source = (tt_source)msg->source,
        .key = msg->key,
        .payload = msg + 1,
        .priority = msg->priority,
        .flags = msg->flags & (uint8_t)~TT_MSG_INPUT,
        .cause = msg->cause,
        .correlation = msg->correlation,
        .ttl_ms = msg->ttl_ms == 0 ? TT_TTL_NEVER : msg->ttl_ms,
    };
    tt_bus_store_remove(bus->dead, stored);
    tutti_status status = tt_bus_publish(bus, &post, NULL);
    bus->state->redriven += status == TUTTI_OK;
    tt_bus_check_dead_fill(bus);
    return status;
}

tutti_status tt_bus_dead_redrive(tt_bus *bus, uint64_t id)
{
    tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    if (!stored) {
        return TUTTI_NOT_FOUND;
    }
    if (stored->is_queued) {
        return TUTTI_BUSY;
    }
    if (stored->is_outside) {
        return tt_bus_redrive_outside(bus, stored);
    }
    if (stored->size == 0 || known_topic(bus, stored->head.topic) == 0) {
        return TUTTI_INVALID;
    }
    if (stored->head.seq == 0) {
        return publish_anew(bus, stored);
    }
    if (bus->child_depth > bus->depth_max) {
        return TUTTI_LIMIT;
    }
    bool is_gone = stored->handler[0] != '\0' && !tt_bus_target(bus, stored);
    if (is_gone || tt_bus_is_blocked(bus, stored->head.correlation)) {
        return TUTTI_STATE;
    }
    tt_bus_enqueue_again(bus, stored, LANE_DEAD);
    return TUTTI_OK;
}

/** One more try for the handler that failed. The letter leaves, or tells of one more attempt. It
 * stays as it is when the guard keeps it away. */
static void redeliver_to_one(tt_bus *bus, uint64_t id, const tt_msg *msg)
{
    tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    struct subscription *target = tt_bus_target(bus, stored);
    if (target && tt_bus_is_kept_away(bus, target, msg)) {
        return;
    }
    tutti_status status = target ? tt_bus_deliver_again(bus, target, msg) : TUTTI_STATE;
    stored = tt_bus_store_find(bus->dead, id); // the handler may have thrown it away
    if (!stored) {
        return;
    }
    if (status == TUTTI_OK) {
        tt_bus_store_remove(bus->dead, stored);
        bus->state->redriven++;
        tt_bus_check_dead_fill(bus);
        return;
    }
    stored->attempts++;
    stored->last_failure = bus->state->now;
    stored->reason = TT_dead_reason_HANDLER_FAILED;
    TT_TEXT_SET(stored->text, tutti_status_text(status));
    const tt_bus_failure failure = {
        .msg = msg,
        .reason = TT_dead_reason_HANDLER_FAILED,
        .handler = stored->handler,
        .text = tutti_status_text(status),
        .attempts = stored->attempts,
    };
    tt_bus_announce_dead(bus, &failure, id);
}

void tt_bus_redrive_queued(tt_bus *bus, uint32_t number)
{
    tt_bus_stored *stored = tt_bus_store_at(bus->dead, number);
    uint64_t id = stored->id;
    stored->is_queued = 0;
    tt_bus_store_read(bus->dead, stored, bus->again);
    const tt_msg *msg = bus->again;
    tt_bus_enter_again(bus, msg);
    if (stored->handler[0] != '\0') {
        redeliver_to_one(bus, id, msg);
        return;
    }
    if (tt_bus_is_blocked(bus, msg->correlation)) {
        bus->delivering->state->guarded++;
        return;
    }
    tt_bus_store_remove(bus->dead, stored); // each handler that fails gets a letter of its own
    bus->state->redriven++;
    tt_bus_check_dead_fill(bus);
    tt_bus_deliver_all(bus, msg);
}
