/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The dead-letter queue: read, deliver again, throw away. What is delivered again goes through the
 * lane of its priority like any message, and is copied out first: handlers may do what they like
 * with the queue meanwhile.
 */
#include "bus/bus_care.h"

#include <string.h>

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

/** Why a letter cannot be redriven. */
struct obstacle {
    tutti_status status; /**< TUTTI_OK: it can. */
    const char *text;    /**< With %s for the handler, if it names it. */
};

/** A quarantine keeps letters away as it does messages; the trial that may end it can be one. */
static bool is_shut_out(const tt_bus *bus, const tt_bus_stored *stored)
{
    uint32_t care = tt_bus_find_care(bus, stored->handler);
    return care != 0 && bus->cares[care - 1].is_quarantined && !bus->cares[care - 1].is_probing;
}

/** Of a letter for one handler of the core, or, after a message grew too old, for all. */
static struct obstacle find_inner_obstacle(const tt_bus *bus, const tt_bus_stored *stored)
{
    bool is_for_one = stored->handler[0] != '\0';
    if (own_depth(bus) > bus->depth_max) {
        return (struct obstacle){TUTTI_LIMIT, "the chain of causes is too long"};
    }
    if (is_for_one && !tt_bus_target(bus, stored)) {
        return (struct obstacle){TUTTI_STATE, "subscriber %s is gone"};
    }
    if (tt_bus_is_blocked(bus, stored->head.correlation)) {
        return (struct obstacle){TUTTI_STATE, "its correlation is blocked: unblock it first"};
    }
    if (is_for_one && is_shut_out(bus, stored)) {
        return (struct obstacle){TUTTI_STATE, "subscriber %s is in quarantine: release it first"};
    }
    return (struct obstacle){TUTTI_OK, ""};
}

static struct obstacle find_obstacle(const tt_bus *bus, const tt_bus_stored *stored)
{
    if (!stored) {
        return (struct obstacle){
            TUTTI_NOT_FOUND, "it is not kept: delivered, thrown away, dropped for room, or none"};
    }
    if (stored->is_queued) {
        return (struct obstacle){TUTTI_BUSY, "it is on its way already"};
    }
    if (stored->is_outside) {
        bool is_there = !bus->outlet || bus->outlet(bus->outlet_ctx, stored->handler);
        if (!is_there) {
            return (struct obstacle){TUTTI_STATE, "mailbox %s is not attached: attach it first"};
        }
        if (tt_bus_is_blocked(bus, stored->head.correlation)) {
            return (struct obstacle){TUTTI_STATE, "its correlation is blocked: unblock it first"};
        }
        return (struct obstacle){TUTTI_OK, ""};
    }
    if (stored->size == 0 || known_topic(bus, stored->head.topic) == 0) {
        return (struct obstacle){TUTTI_INVALID, "it was no right message: nobody can get it"};
    }
    return stored->head.seq == 0 ? (struct obstacle){TUTTI_OK, ""}
                                 : find_inner_obstacle(bus, stored);
}

tutti_status tt_bus_dead_obstacle(const tt_bus *bus, uint64_t id, char *text, size_t size)
{
    const tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    const struct obstacle obstacle = find_obstacle(bus, stored);
    const char *hole = strstr(obstacle.text, "%s");
    size_t before = hole ? (size_t)(hole - obstacle.text) : strlen(obstacle.text);
    tt_text_format(
        text,
        size,
        "%.*s%s%s",
        (int)before,
        obstacle.text,
        hole ? stored->handler : "",
        hole ? hole + 2 : "");
    return obstacle.status;
}

tutti_status tt_bus_dead_redrive(tt_bus *bus, uint64_t id)
{
    tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    TUTTI_TRY(find_obstacle(bus, stored).status);
    if (bus->inputs_only) { // a replay would not know of it: a command on bus_commands is an input
        bus->not_inputs++;
        return TUTTI_INVALID;
    }
    if (stored->is_outside) {
        tt_bus_redrive_outside(bus, stored);
        return TUTTI_OK;
    }
    if (stored->head.seq == 0) {
        return publish_anew(bus, stored);
    }
    tt_bus_enqueue_again(bus, stored, LANE_DEAD);
    return TUTTI_OK;
}

/** The letter stays, and tells of what became of this attempt. */
static void
stay(tt_bus *bus, tt_bus_stored *stored, const tt_msg *msg, tt_dead_reason reason, const char *text)
{
    stored->last_failure = bus->state->now;
    stored->reason = (uint8_t)reason;
    TT_TEXT_SET(stored->text, text);
    const tt_bus_failure failure = {
        .msg = msg,
        .reason = reason,
        .handler = stored->handler,
        .text = text,
        .attempts = stored->attempts,
    };
    tt_bus_announce_dead(bus, &failure, stored->id);
}

/** One more try for the handler that failed. The letter leaves, or tells of one more attempt. It
 * stays as it is when the guard keeps it away. A failure here is none in a row with those of new
 * messages, since a person asked for it; only a trial decides about a quarantine. */
static void redeliver_to_one(tt_bus *bus, uint64_t id, const tt_msg *msg)
{
    tt_bus_stored *stored = tt_bus_store_find(bus->dead, id);
    struct subscription *target = tt_bus_target(bus, stored);
    if (target && tt_bus_is_kept_away(bus, target, msg)) {
        return;
    }
    uint32_t care = tt_bus_find_care(bus, stored->handler);
    bool is_trial = target && care != 0 && bus->cares[care - 1].is_quarantined;
    if (is_trial && !tt_bus_may_deliver(bus, care)) { // since it was asked for
        bus->delivering->state->quarantined++;
        target->state->quarantined++;
        stay(bus, stored, msg, TT_dead_reason_QUARANTINED, "the subscriber is in quarantine");
        return;
    }
    tutti_status status = target ? tt_bus_deliver_again(bus, target, msg) : TUTTI_STATE;
    if (is_trial) {
        tt_bus_care_trial(bus, care, status == TUTTI_OK);
    }
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
    stay(bus, stored, msg, TT_dead_reason_HANDLER_FAILED, tutti_status_text(status));
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
