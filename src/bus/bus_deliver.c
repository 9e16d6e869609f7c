/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Delivery: takes messages from the lanes and calls the handlers. The other half of the hot path.
 */
#include "bus/bus_care.h"
#include "bus/bus_index.h"
#include "bus/bus_timing.h"

#include <string.h>

/** What a subscription asks for beyond the topic. */
static bool fits(const struct subscription *subscription, const tt_msg *msg)
{
    return (subscription->key == 0 || subscription->key == msg->key) &&
           (subscription->source == 0 || subscription->source == msg->source) &&
           msg->priority >= subscription->min_priority;
}

COLD static bool
wants(struct topic *topic, const struct subscription *subscription, const tt_msg *msg)
{
    if (msg->target != 0 && msg->target != subscription->address) {
        return false; // it is not for this one, which had no say
    }
    if (!fits(subscription, msg)) {
        topic->state->filtered++;
        subscription->state->filtered++;
        return false;
    }
    tt_bus_match match =
        subscription->filter ? subscription->filter(subscription->ctx, msg) : TT_BUS_MATCH_YES;
    if (match == TT_BUS_MATCH_YES) {
        return true;
    }
    if (match == TT_BUS_MATCH_NO) {
        topic->state->filtered++;
        subscription->state->filtered++;
    } else {
        topic->state->filter_failed++;
        subscription->state->filter_failed++;
    }
    return false;
}

/** Asks guard and blocked correlations; counts what they keep away. */
COLD static bool
is_guarded(tt_bus *bus, struct topic *topic, struct subscription *subscription, const tt_msg *msg)
{
    if (tt_bus_is_blocked(bus, msg->correlation) ||
        (bus->guard && bus->guard(bus->guard_ctx, msg, subscription->name))) {
        topic->state->guarded++;
        subscription->state->guarded++;
        return true;
    }
    return false;
}

static tutti_status invoke(tt_bus *bus, const struct subscription *subscription, const tt_msg *msg)
{
    return bus->set->wrap_count == 0 ? subscription->handler(subscription->ctx, bus, msg)
                                     : tt_bus_call_wrapped(bus, subscription, msg);
}

static tutti_status invoke_timed(tt_bus *bus, struct subscription *subscription, const tt_msg *msg)
{
    uint64_t start = tt_bus_timing_now(bus);
    tutti_status status = invoke(bus, subscription, msg);
    tt_bus_timing_handled(bus, subscription, msg, start);
    return status;
}

/** Counts how a handler ended; `slot` is that of its subscription. */
static inline void
count(const tt_bus *bus, const struct topic *topic, uint64_t slot, tutti_status status)
{
    if (UNLIKELY(status != TUTTI_OK)) {
        state_of(bus, topic)->failed++;
        bus->subscribers[slot].failed++;
    } else {
        state_of(bus, topic)->delivered++;
        bus->delivered[slot]++;
    }
}

static uint32_t slot_of(const struct subscription *subscription)
{
    return (uint32_t)(subscription->id & SLOT_MASK);
}

/** Calls a handler, through interceptors if there are any. */
static tutti_status
call(tt_bus *bus, struct topic *topic, struct subscription *subscription, const tt_msg *msg)
{
    tutti_status status =
        bus->is_timed ? invoke_timed(bus, subscription, msg) : invoke(bus, subscription, msg);
    count(bus, topic, slot_of(subscription), status);
    return status;
}

static uint32_t number_of(const struct subscription *subscription)
{
    return slot_of(subscription) + 1;
}

COLD static void fail(
    tt_bus *bus,
    uint32_t care,
    const struct subscription *subscription,
    const tt_msg *msg,
    tutti_status why)
{
    tt_bus_failure failure = {
        .msg = msg,
        .reason = TT_dead_reason_HANDLER_FAILED,
        .handler = subscription->name,
        .text = tutti_status_text(why),
        .attempts = 1,
        .subscription = number_of(subscription),
    };
    tt_bus_care_failure(bus, care, &failure);
}

/** Delivers to one subscription, if it wants the message and nothing keeps it away. */
COLD static void
deliver_to(tt_bus *bus, struct topic *topic, struct subscription *subscription, const tt_msg *msg)
{
    if ((subscription->is_picky || msg->target != 0) && !wants(topic, subscription, msg)) {
        return;
    }
    if ((bus->pending & CAUTION_WARY) != 0 && is_guarded(bus, topic, subscription, msg)) {
        return;
    }
    uint32_t care = subscription->care;
    if (care != 0 && !tt_bus_may_deliver(bus, care)) {
        topic->state->quarantined++;
        subscription->state->quarantined++;
        return;
    }
    tutti_status status = call(bus, topic, subscription, msg);
    if (status != TUTTI_OK) {
        fail(bus, care, subscription, msg, status);
    } else if (care != 0) {
        tt_bus_care_success(bus, care);
    }
}

/** What is published from now on follows from `msg`. */
static inline void follow(tt_bus *bus, const tt_msg *msg, uint32_t depth)
{
    bus->chain.parent = msg;
    if (UNLIKELY(bus->child_depth != depth + 1)) {
        set_child_depth(bus, depth + 1);
    }
}

static inline void enter(tt_bus *bus, struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    follow(bus, msg, depth);
    bus->delivering = topic;
    bus->set = topic->set;
}

COLD static void free_ended(tt_bus *bus)
{
    bus->pending &= ~(uint64_t)PENDING_ENDED;
    tt_bus_free_ended(bus);
    if (bus->has_ended_wrap) {
        tt_bus_free_wraps(bus);
    }
}

static inline bool has_ended(const tt_bus *bus)
{
    return (bus->pending & PENDING_ENDED) != 0;
}

static inline void leave(tt_bus *bus)
{
    bus->delivering = NULL;
    if (UNLIKELY(has_ended(bus))) {
        free_ended(bus);
    }
}

/** A handler for which there is nothing to ask, and the slot of its subscription. */
struct plain {
    tt_bus_handler_fn handler;
    void *ctx;
    uint64_t slot;
};

HOT_INLINE void call_plain(tt_bus *bus, struct topic *topic, struct plain plain, const tt_msg *msg)
{
    tutti_status status = plain.handler(plain.ctx, bus, msg);
    count(bus, topic, plain.slot, status);
    if (UNLIKELY(status != TUTTI_OK)) {
        const struct subscription *subscription = &bus->subscriptions[plain.slot];
        fail(bus, subscription->care, subscription, bus->chain.parent, status);
    }
}

/** Delivers to all of the set, which is fixed: see tt_bus_freeze. */
static void deliver_all(tt_bus *bus, struct topic *topic, const tt_msg *msg)
{
    uint32_t handlers = bus->set->count;
    uint32_t special = bus->set->wrap_count | msg->target | bus->is_timed;
    for (uint32_t i = 0; i < handlers; i++) {
        uint32_t slot = bus->set->slots[i];
        struct subscription *subscription = &bus->subscriptions[slot];
        uint32_t wary = (uint32_t)bus->pending & CAUTION_WARY;
        if (UNLIKELY((special | subscription->is_special | wary) != 0)) {
            deliver_to(bus, topic, subscription, msg);
        } else {
            const struct plain plain = {subscription->handler, subscription->ctx, slot};
            call_plain(bus, topic, plain, msg);
        }
    }
}

void tt_bus_deliver_all(tt_bus *bus, const tt_msg *msg)
{
    deliver_all(bus, bus->delivering, msg);
}

COLD static void bury_expired(tt_bus *bus, struct topic *topic, const tt_msg *msg)
{
    topic->state->expired++;
    tt_bus_dead_letter(bus, msg, TT_dead_reason_EXPIRED, "", "not delivered: too old");
    bus->delivering = NULL;
}

/** Delivers a message of any kind. */
static NOINLINE void
deliver_fully(tt_bus *bus, struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    enter(bus, topic, msg, depth);
    if (UNLIKELY(is_expired(bus, msg))) {
        bury_expired(bus, topic, msg);
        return;
    }
    if (UNLIKELY(msg->target != 0) && msg->kind == TT_msg_kind_RESPONSE) {
        tt_bus_settle(bus, msg);
    }
    deliver_all(bus, topic, msg);
    if (msg->topic == TT_TOPIC_BUS_COMMANDS) {
        tt_bus_command_do(bus, msg);
    }
    leave(bus);
}

/** Delivers to the only handler of a topic: one call. */
HOT_INLINE void deliver_only(tt_bus *bus, struct topic *topic, const tt_msg *msg)
{
    struct plain only = {topic->only, topic->only_ctx, topic->only_slot};
    __asm__("" : "+r"(only.slot)); // or it is widened before and after the call
    call_plain(bus, topic, only, msg);
}

/** Tells whether a message may go to the only handler of its topic, if there is only one. */
static inline bool is_carefree(const tt_bus *bus)
{
    return LIKELY((bus->pending & CAUTION_ANY) == 0);
}

/** Delivers a message of a lane. */
HOT_INLINE void deliver(tt_bus *bus, struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    if (!is_carefree(bus) || !topic->only) {
        deliver_fully(bus, topic, msg, depth);
        return;
    }
    follow(bus, msg, depth);
    deliver_only(bus, topic, msg);
    if (UNLIKELY(has_ended(bus))) {
        free_ended(bus);
    }
}

/** Delivers the message that is queued alone. */
HOT_INLINE void deliver_alone(tt_bus *bus)
{
    struct topic *topic = bus->alone.topic;
    const tt_msg *msg = bus->alone.msg;
    uint32_t depth = alone_depth(bus);
    bus->pending -= QUEUED_ALONE;
    deliver(bus, topic, msg, depth);
}

struct subscription *tt_bus_target(const tt_bus *bus, const tt_bus_stored *stored)
{
    const struct topic *topic = &bus->topics[known_topic(bus, stored->head.topic)];
    struct subscription *first = NULL;
    for (uint32_t i = 0; i < topic->set->count; i++) {
        struct subscription *subscription = &bus->subscriptions[topic->set->slots[i]];
        if (strncmp(subscription->name, stored->handler, sizeof stored->handler - 1) != 0) {
            continue;
        }
        if (number_of(subscription) == stored->subscription) {
            return subscription;
        }
        first = first ? first : subscription;
    }
    return first;
}

void tt_bus_enter_again(tt_bus *bus, const tt_msg *msg)
{
    enter(bus, &bus->topics[topic_place(msg->topic)], msg, bus->child_depth - 1);
}

bool tt_bus_is_kept_away(tt_bus *bus, struct subscription *target, const tt_msg *msg)
{
    return is_guarded(bus, bus->delivering, target, msg);
}

tutti_status tt_bus_deliver_again(tt_bus *bus, struct subscription *target, const tt_msg *msg)
{
    return call(bus, bus->delivering, target, msg);
}

void tt_bus_enqueue_again(tt_bus *bus, tt_bus_stored *stored, uint64_t kind)
{
    stored->is_queued = 1;
    uint64_t entry = kind | (uint64_t)own_depth(bus) << 32 | tt_bus_store_number(stored);
    push(bus, bus->used.end, stored->head.priority, entry);
}

/** Delivers what is set aside and has its turn. */
COLD static void deliver_stored(tt_bus *bus, uint64_t queued)
{
    set_child_depth(bus, (uint32_t)((queued & (LANE_DEAD - 1)) >> 32) + 1);
    if (queued & LANE_RETRY) {
        tt_bus_retry_queued(bus, (uint32_t)queued);
    } else {
        tt_bus_redrive_queued(bus, (uint32_t)queued);
    }
    leave(bus);
}

static const tt_msg *queued_msg(const tt_bus *bus, uint64_t queued)
{
    return (const tt_msg *)(const void *)(bus->outbox + (uint32_t)queued);
}

static uint32_t queued_depth(uint64_t queued)
{
    return (uint32_t)(queued >> 32) & 0xffff;
}

/** Delivers to the only handler of a topic, and measures it. What a topic has beyond its first line
 * is not touched: with many topics it would come from far. */
COLD static void
deliver_only_timed(tt_bus *bus, struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    struct subscription *subscription = &bus->subscriptions[topic->only_slot];
    follow(bus, msg, depth);
    uint64_t start = tt_bus_timing_now(bus);
    tutti_status status = subscription->handler(subscription->ctx, bus, msg);
    tt_bus_timing_handled(bus, subscription, msg, start);
    count(bus, topic, slot_of(subscription), status);
    if (status != TUTTI_OK) {
        fail(bus, subscription->care, subscription, bus->chain.parent, status);
    }
    if (has_ended(bus)) {
        free_ended(bus);
    }
}

/** Delivers what is to be measured, unless the stopwatch has gone. */
COLD static void deliver_timed(tt_bus *bus, struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    bus->is_timed = tt_bus_timing_taken(bus, msg->priority);
    if (bus->is_timed && is_carefree(bus) && topic->only) {
        deliver_only_timed(bus, topic, msg, depth);
    } else {
        deliver_fully(bus, topic, msg, depth);
    }
    bus->is_timed = false;
}

/** Delivers what is measured, or was set aside. */
COLD static void deliver_special(tt_bus *bus, uint64_t queued)
{
    if (queued >= LANE_DEAD) {
        deliver_stored(bus, queued);
        return;
    }
    struct topic *topic = &bus->topics[(queued & (LANE_TIMED - 1)) >> 48];
    deliver_timed(bus, topic, queued_msg(bus, queued), queued_depth(queued));
}

/** Takes the oldest message of the highest lane that is not empty. */
static inline uint64_t dequeue(tt_bus *bus)
{
    bus->pending -= QUEUED_ONE;
    uint32_t priority = 31u - (uint32_t)__builtin_clz(bus->busy_lanes);
    struct lane *lane = &bus->lanes[priority];
    uint64_t queued = lane->entries[lane->head++ & lane->mask];
    if (lane->head == lane->tail) {
        lane->head = 0; // an empty lane starts over in memory that is warm
        lane->tail = 0;
        bus->busy_lanes &= ~(1u << priority);
    }
    return queued;
}

/** Delivers a copy of a message of the history: what the handler publishes may take its slot. */
static void
replay(tt_bus *bus, struct topic *topic, struct subscription *subscription, const tt_msg *kept)
{
    tt_msg *msg = (tt_msg *)(void *)bus->scratch;
    memcpy(msg, kept, tt_msg_bytes(kept));
    enter(bus, topic, msg, 0);
    deliver_to(bus, topic, subscription, msg);
    bus->delivering = NULL;
}

/** Delivers the latest message of each key of a topic that was published before `end`: later ones
 * come by themselves. */
static void
replay_topic(tt_bus *bus, struct topic *topic, struct subscription *subscription, tt_seq end)
{
    uint32_t key_count = topic->history_max != 0 ? topic->key_count : 0;
    for (uint32_t key = 0; key < key_count && !subscription->is_ended; key++) {
        uint32_t slot = latest_slot(topic, pair_index(bus, TT_SOURCE_NONE, key));
        const tt_msg *kept = slot != 0 ? slot_msg(topic, slot - 1) : NULL;
        if (kept && kept->seq < end && !is_expired(bus, kept)) {
            replay(bus, topic, subscription, kept);
        }
    }
}

static bool stands_in(const struct topic *topic, uint16_t slot)
{
    for (uint32_t i = 0; i < topic->set->count; i++) {
        if (topic->set->slots[i] == slot) {
            return true;
        }
    }
    return false;
}

/** Begins the first subscription that waits for a quiet bus. */
COLD static void replay_waiting(tt_bus *bus)
{
    uint16_t slot = bus->waiting.slots[0];
    struct subscription *subscription = &bus->subscriptions[slot];
    tt_seq end = bus->state->next_seq;
    uint32_t topic_count = bus->topic_count;
    tt_bus_list_remove(&bus->waiting, slot);
    set_pending(bus, PENDING_REPLAY, bus->waiting.count != 0);
    tt_bus_join(bus, subscription);
    for (uint32_t i = 1; i < topic_count && !subscription->is_ended; i++) {
        struct topic *topic = &bus->topics[i];
        if (stands_in(topic, slot)) {
            replay_topic(bus, topic, subscription, end);
        }
    }
    leave(bus);
}

HOT_INLINE void deliver_queued(tt_bus *bus)
{
    uint64_t queued = dequeue(bus);
    if (UNLIKELY(queued >= LANE_TIMED)) {
        deliver_special(bus, queued);
    } else {
        struct topic *topic = &bus->topics[queued >> 48];
        deliver(bus, topic, queued_msg(bus, queued), queued_depth(queued));
    }
}

/** Notes how much is queued in a row, before any of it is taken. */
HOT_INLINE void note_row(tt_bus *bus)
{
    uint32_t count = row_count(bus);
    note_high_water(&bus->state->high_water, count);
    note_high_water(&bus->lanes[bus->row.priority].high_water, count);
}

/** Passes a message of the row that is not as those before; tells whether it is measured. */
COLD static bool pass_stop(struct row *row, size_t at)
{
    bool is_timed = at == row->timed;
    if (at == row->turn) {
        row->depth = row->tail_depth;
        row->turn = ROW_NONE;
    }
    row->timed = is_timed ? ROW_NONE : row->timed;
    row->stop = row->turn < row->timed ? row->turn : row->timed;
    return is_timed;
}

/** Delivers a message of the row. */
HOT_INLINE void deliver_in_row(tt_bus *bus, struct topic *topic, const tt_msg *msg, size_t at)
{
    if (UNLIKELY(at == bus->row.stop) && pass_stop(&bus->row, at)) {
        deliver_timed(bus, topic, msg, bus->row.depth);
    } else {
        deliver(bus, topic, msg, bus->row.depth);
    }
}

/** Delivers what is queued in a row, as long as it is one. */
static NOINLINE void deliver_row(tt_bus *bus)
{
    size_t end = 0;
    uint32_t number = TT_TOPIC_NONE; // neighbours are often of one topic
    struct topic *topic = NULL;
    bus->row.full_seq = 0; // what comes next is a consequence
    do {
        if (bus->used.end != end) {
            end = bus->used.end;
            note_row(bus);
        }
        const size_t at = bus->row.next;
        const tt_msg *msg = (const tt_msg *)(const void *)(bus->outbox + at);
        if (msg->topic != number) {
            number = msg->topic;
            topic = &bus->topics[numbered_place(number)];
        }
        const size_t next = at + sizeof *msg + msg->size;
        bus->row.next = next;
        if (next == end) {
            bus->pending -= QUEUED_ROW;
        }
        deliver_in_row(bus, topic, msg, at);
    } while (is_row_queued(bus));
}

/** Delivers what is queued until nothing is, and ends the deliveries. */
static NOINLINE void deliver_pending(tt_bus *bus)
{
    bus->pending |= PENDING_DELIVERING;
    for (;;) {
        if (is_alone_queued(bus)) {
            deliver_alone(bus);
        } else if (is_row_queued(bus)) {
            deliver_row(bus);
        } else if (queued_count(bus) != 0) {
            deliver_queued(bus);
        } else if ((bus->pending & PENDING_REPLAY) != 0) {
            replay_waiting(bus);
        } else {
            break;
        }
    }
    bus->pending &= ~(uint64_t)PENDING_DELIVERING;
    if (bus->chain.parent != bus->chain.root) {
        bus->chain.parent = bus->chain.root;
        set_child_depth(bus, 1);
    }
}

/** Tells whether all there is to do is one call: for the input of a step, which is followed
 * already. */
HOT_INLINE bool is_one_call(const tt_bus *bus)
{
    return bus->pending == QUEUED_ALONE && bus->alone.topic->only &&
           bus->alone.msg == bus->chain.root;
}

void tt_bus_run(tt_bus *bus)
{
    if (LIKELY(is_one_call(bus))) {
        bus->pending = PENDING_DELIVERING;
        deliver_only(bus, bus->alone.topic, bus->alone.msg);
        if (LIKELY(bus->pending == PENDING_DELIVERING)) {
            bus->pending = 0;
            return;
        }
        if (has_ended(bus)) {
            free_ended(bus);
        }
    } else if (is_delivering(bus)) {
        return;
    }
    deliver_pending(bus);
}
