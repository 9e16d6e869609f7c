/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing. This is half of the hot path (ADR 60): a publish writes head and payload once, to the
 * outbox and to the history in one pass, and touches nothing else that is far away.
 */
#include "base/uuid.h"
#include "bus/bus_dead.h"
#include "bus/bus_seen.h"
#include "bus/bus_timing.h"
#include "bus/bus_write.h"

#include <string.h>

/** Low bits of the first half of a fresh correlation: the fraction of the millisecond, in 12 bits.
 */
HOT_INLINE uint64_t fraction_of(uint64_t rest_ns)
{
    return (uint32_t)rest_ns * 4096u / (uint32_t)TT_NS_PER_MS; // below 2^32
}

/** The others: milliseconds, and version 7. */
static uint64_t fresh_base(uint64_t ms)
{
    return ms << 16 | 7u << 12;
}

/** A fresh correlation id: UUIDv7 with the sequence number where others put random bits: unique
 * within a run, and the same in each replay. */
tt_uuid tt_bus_new_correlation(tt_time now, tt_seq seq)
{
    uint64_t ms = (uint64_t)now.ns / (uint64_t)TT_NS_PER_MS;
    uint64_t first = fresh_base(ms) | fraction_of((uint64_t)now.ns % (uint64_t)TT_NS_PER_MS);
    return tt_uuid_make(first >> 16, (uint32_t)first, seq);
}

/** A fresh correlation. Its second half is the sequence number as tt_uuid_make writes it. */
HOT_INLINE void put_fresh(tt_bus *bus, struct places to, tt_seq seq, int64_t now_ns)
{
    uint64_t rest_ns = (uint64_t)now_ns - (uint64_t)bus->fresh_ns;
    if (UNLIKELY(rest_ns >= (uint64_t)TT_NS_PER_MS)) {
        rest_ns = (uint64_t)now_ns % (uint64_t)TT_NS_PER_MS;
        bus->fresh_ns = now_ns - (int64_t)rest_ns;
        bus->fresh_high = fresh_base((uint64_t)now_ns / (uint64_t)TT_NS_PER_MS);
    }
    uint64_t high = bus->fresh_high | fraction_of(rest_ns);
    const uint64_t variant = 0x80; // of the first byte; the number never reaches these two bits
    put_word(to, HEAD_CORRELATION, __builtin_bswap64(high));
    put_word(to, HEAD_CORRELATION + 1, __builtin_bswap64(seq) | variant);
}

/** Takes the place of the next message in the ring; keeps what stood there if it is still the
 * latest of its (source, key). */
static uint32_t take_slot(tt_bus *bus, struct topic *topic, uint32_t pair)
{
    struct topic_state *state = topic->state;
    uint32_t place = state->ring_head;
    uint32_t slot = state->next_slot;
    uint32_t next = place + 1 == topic->history_max ? 0 : place + 1;
    state->ring_head = next;
    state->next_slot = topic->ring[next];
    if (state->ring_count < topic->history_max) {
        state->ring_count++;
        return slot;
    }
    state->aged_count -= state->aged_count != 0;
    const struct slot_link *link = &topic->links[slot]; // the message itself has left the cache
    if (link->pair == 0) {
        state->hole_count--;
        return slot;
    }
    if (topic->pair[link->pair] == slot + 1 && link->pair != pair) {
        uint32_t spare = tt_bus_pin(bus, topic, slot);
        topic->ring[place] = spare;
        state->next_slot = topic->ring[next]; // it may be the same place
        return spare;
    }
    unlink_slot(topic, slot);
    if (link->timer != 0) {
        tt_bus_stop_aging(bus, topic, slot);
    }
    return slot;
}

/** Asks at once for all that publish and delivery will need: with many topics it is far away. */
HOT_INLINE void fetch_lines(const struct topic *topic, uint32_t pair, uint32_t key)
{
    uint32_t slot = topic->state->next_slot;
    __builtin_prefetch(&topic->links[slot], 1);
    __builtin_prefetch(&topic->any[key], 1);
    __builtin_prefetch(&topic->pair[pair], 1);
    __builtin_prefetch(topic->only);
    __builtin_prefetch(topic->only_state, 1);
}

/** Makes room in history for a message and makes it the latest of its kind. */
HOT_INLINE uint32_t take_history(tt_bus *bus, struct topic *topic, uint32_t source, uint32_t key)
{
    uint32_t pair = pair_index(topic, source, key);
    fetch_lines(topic, pair, key);
    uint32_t slot = take_slot(bus, topic, pair);
    uint32_t former = topic->pair[pair];
    if (topic->state->pin_count > 0 && former != 0 && topic->links[former - 1].pin_place != 0) {
        tt_bus_unpin(bus, topic, former - 1);
    }
    uint32_t older = topic->any[key];
    if (older != 0) {
        topic->links[older - 1].newer = slot + 1;
    }
    struct slot_link *link = &topic->links[slot];
    link->pair = pair;
    link->older = older;
    link->newer = 0; // it is not pinned and has no timer: see take_slot
    topic->pair[pair] = slot + 1;
    topic->any[key] = slot + 1;
    return slot;
}

/** Copies the part of a payload that is there: the items in use, and the bytes of the publisher's
 * struct. What lies between the fields and behind them becomes zero. */
static void
copy_shaped(const struct topic *topic, void *ret_payload, const void *from, uint32_t size)
{
    unsigned char *to = ret_payload;
    const tt_layout *layout = topic->layout;
    uint32_t items = tt_layout_item_count(layout, from);
    uint32_t exact =
        items > 0 ? layout->fixed_size + items * layout->item_size : topic->struct_size;
    memcpy(to, from, exact);
    memset(to + exact, 0, size - exact);
    for (uint16_t i = 0; topic->struct_size < layout->size && i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind == TT_KIND_reserved) {
            memset(to + field->offset, 0, field->size);
        }
    }
}

/** What a publish has found out about a post. */
struct checked {
    struct topic *topic;
    uint32_t source; /**< Its place. */
    uint32_t priority;
    uint32_t size;   /**< Of the payload. */
    uint32_t ttl_ms; /**< 0: never. */
    uint64_t word;   /**< Of the head: topic, size, kind and priority. */
    uint64_t timed;  /**< LANE_TIMED if the message is measured. */
    uint8_t lane_bit;
    bool is_plain;  /**< The message is as its topic says; size, ttl and word are read there. */
    bool is_alone;  /**< Nothing is queued, and it is not measured. */
    bool is_shaped; /**< The payload is not copied as it stands. */
};

/* What is read where it is needed takes no register before. */

HOT_INLINE uint32_t size_of(const struct checked *checked)
{
    return checked->is_plain ? checked->topic->fixed_size : checked->size;
}

HOT_INLINE uint32_t ttl_of(const struct checked *checked)
{
    return checked->is_plain ? checked->topic->ttl_ms : checked->ttl_ms;
}

HOT_INLINE uint64_t ttl_word_of(const struct checked *checked)
{
    return checked->is_plain ? checked->topic->ttl_word : (uint64_t)checked->ttl_ms << 32;
}

HOT_INLINE uint32_t target_of(const struct checked *checked, const tt_bus_post *post)
{
    return checked->is_plain ? 0 : (uint32_t)post->target;
}

HOT_INLINE uint64_t word_of(const struct checked *checked)
{
    return checked->is_plain ? checked->topic->head_word : checked->word;
}

HOT_INLINE uint32_t priority_of(const struct checked *checked)
{
    return checked->is_plain ? checked->topic->priority : checked->priority;
}

/** Queues a message. Alone it needs no lane. */
HOT_INLINE void enqueue(tt_bus *bus, const struct checked *checked, const tt_msg *msg)
{
    struct topic *topic = checked->topic;
    if (checked->is_alone) {
        bus->alone.msg = msg;
        bus->alone.topic = topic;
        bus->alone.depth = bus->child_depth;
        bus->queued_count = 1;
        bus->lanes_alone |= checked->is_plain ? topic->lane_bit : checked->lane_bit;
    } else {
        push(
            bus,
            priority_of(checked),
            lane_entry(bus, topic, msg, bus->child_depth) | checked->timed);
    }
}

static uint32_t asked_ttl(const struct topic *topic, const tt_bus_post *post)
{
    uint32_t ttl_ms = post->ttl_ms != 0 ? post->ttl_ms : topic->ttl_ms;
    return ttl_ms == TT_TTL_NEVER ? 0 : ttl_ms;
}

/** The word of the head of a post that is not as the topic says. */
static uint64_t
asked_word(const struct topic *topic, const tt_bus_post *post, uint32_t size, uint32_t priority)
{
    uint32_t kind = post->kind != 0 ? post->kind - 1u : topic->kind;
    return (uint64_t)post->topic | (uint64_t)size << 32 | (uint64_t)kind << 48 |
           (uint64_t)priority << 56;
}

/** One timer serves all messages with the time to live of the topic. */
static inline bool needs_timer(const struct topic *topic, uint32_t ttl_ms)
{
    return ttl_ms != 0 && (topic->state->is_aging == 0 || ttl_ms != topic->ttl_ms);
}

/** What is published outside a delivery after the input of a step belongs to that input. */
HOT_INLINE void start_chain(tt_bus *bus, const tt_msg *input)
{
    bus->root = input;
    bus->parent = input;
    bus->child_depth = 1;
}

/** Cause and correlation: as the post says, or inherited, or anew. */
HOT_INLINE void
put_chain(tt_bus *bus, const tt_bus_post *post, struct places to, tt_seq seq, int64_t now_ns)
{
    const tt_msg *parent = bus->parent;
    uint64_t high = load_word(&post->correlation);
    uint64_t low = load_word((const unsigned char *)&post->correlation + sizeof high);
    if ((post->flags & TT_MSG_INPUT) != 0) {
        if (!parent) {
            start_chain(bus, (const tt_msg *)to.sent);
        }
        parent = NULL;
    }
    put_word(to, HEAD_CAUSE, post->cause != 0 || !parent ? post->cause : parent->seq);
    if (UNLIKELY((high | low) != 0)) {
        put_word(to, HEAD_CORRELATION, high);
        put_word(to, HEAD_CORRELATION + 1, low);
    } else if (parent) {
        const unsigned char *inherited = parent->correlation.bytes;
        put_word(to, HEAD_CORRELATION, load_word(inherited));
        put_word(to, HEAD_CORRELATION + 1, load_word(inherited + sizeof high));
    } else {
        put_fresh(bus, to, seq, now_ns);
    }
}

/** Writes a checked message to the outbox and to history, in one pass, and queues it. */
HOT_INLINE tt_seq
append(tt_bus *bus, const struct checked *checked, const tt_bus_post *post, enum keeping keeping)
{
    const bool is_kept = keeping != KEEP_NONE;
    struct topic *topic = checked->topic;
    size_t offset = bus->outbox_used;
    uint32_t slot = is_kept ? take_history(bus, topic, checked->source, post->key) : 0;
    tt_msg *msg = (tt_msg *)(void *)(bus->outbox + offset);
    const struct places to = {
        .sent = (uint64_t *)(void *)msg,
        .kept = is_kept ? (uint64_t *)(void *)slot_msg(topic, slot) : NULL,
        .keeping = keeping,
    };
    uint32_t size = size_of(checked);
    bus->outbox_used = offset + sizeof(tt_msg) + size;
    if (!checked->is_shaped) {
        put_payload(to, post->payload, size);
    }
    topic->state->published++;
    enqueue(bus, checked, msg);
    put_word(to, HEAD_KEY_TTL, post->key | ttl_word_of(checked));
    put_word(to, HEAD_TOPIC_TO_PRIORITY, word_of(checked) | (uint64_t)post->source << 16);
    put_word(to, HEAD_FLAGS_TARGET, post->flags | (uint64_t)target_of(checked, post) << 16);
    struct bus_state *state = bus->state;
    tt_seq seq = state->next_seq;
    int64_t now_ns = state->now.ns;
    state->next_seq = seq + 1;
    if (is_kept) {
        topic->state->last_seq = seq;
    }
    put_word(to, HEAD_SEQ, seq);
    put_word(to, HEAD_TIME, (uint64_t)now_ns);
    put_chain(bus, post, to, seq, now_ns);
    if (checked->is_shaped) {
        copy_shaped(topic, msg + 1, post->payload, size);
        if (is_kept) {
            memcpy(slot_msg(topic, slot) + 1, msg + 1, size);
        }
    }
    if (is_kept && topic->is_expiring && needs_timer(topic, ttl_of(checked))) {
        tt_bus_age(bus, topic, slot);
    }
    return seq;
}

static bool is_sane(const tt_bus *bus, const struct checked *checked, const tt_bus_post *post)
{
    return checked->source != 0 && post->key < checked->topic->key_count &&
           post->priority < TT_priority_COUNT && post->kind <= TT_msg_kind_COUNT &&
           (post->target == TT_SOURCE_NONE || known_source(bus, (uint32_t)post->target) != 0);
}

/** 0 for a list count beyond the capacity. */
static uint32_t payload_size(const struct topic *topic, const tt_bus_post *post)
{
    return topic->special & TOPIC_LISTED ? tt_layout_used_size(topic->layout, post->payload)
                                         : topic->fixed_size;
}

HOT_INLINE bool has_outbox_room(const tt_bus *bus, uint32_t size, size_t reserve_bytes)
{
    return bus->outbox_used + sizeof(tt_msg) + size <= bus->outbox_limit + reserve_bytes;
}

/** Tells whether a lane has room, while something is queued. */
HOT_INLINE bool has_lane_room(tt_bus *bus, uint32_t priority, uint32_t reserve_messages)
{
    push_alone(bus);
    const struct lane *lane = &bus->lanes[priority];
    return lane->tail - lane->head < lane->max + reserve_messages;
}

/** Tells whether outbox and lane have room. */
static bool has_room(
    tt_bus *bus, uint32_t priority, uint32_t size, uint32_t reserve_messages, size_t reserve_bytes)
{
    return has_outbox_room(bus, size, reserve_bytes) &&
           (bus->queued_count == 0 || has_lane_room(bus, priority, reserve_messages));
}

/** Head of a message that does not come to be. */
static void fill_refused(const tt_bus *bus, const tt_bus_post *post, tt_msg *ret_msg)
{
    const tt_msg *parent = post->flags & TT_MSG_INPUT ? NULL : bus->parent;
    bool is_known = known_topic(bus, (uint32_t)post->topic) != 0;
    *ret_msg = (tt_msg){
        .time = bus->state->now,
        .cause = post->cause != 0 || !parent ? post->cause : parent->seq,
        .correlation = post->correlation,
        .key = post->key,
        .topic = is_known ? (uint16_t)post->topic : 0,
        .source = known_source(bus, (uint32_t)post->source) != 0 ? (uint16_t)post->source : 0,
        .flags = post->flags,
    };
    if (tt_uuid_is_zero(post->correlation) && parent) {
        ret_msg->correlation = parent->correlation;
    }
}

static tutti_status refuse_invalid(tt_bus *bus, const tt_bus_post *post, const char *text)
{
    tt_msg refused;
    fill_refused(bus, post, &refused);
    return tt_bus_refuse(bus, &refused, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT, text);
}

/** Refuses a post that is right: the whole message is set aside. */
static tutti_status refuse_checked(
    tt_bus *bus, const struct checked *checked, const tt_bus_post *post, tt_dead_reason reason)
{
    static const char *const texts[TT_dead_reason_COUNT] = {
        [TT_dead_reason_DEPTH_LIMIT] = "the chain of causes is too long",
        [TT_dead_reason_QUEUE_FULL] = "no room for a message in this step",
        [TT_dead_reason_RATE_LIMIT] = "more messages than the limit of the topic or the source",
    };
    tt_msg *refused = bus->refused;
    fill_refused(bus, post, refused);
    refused->ttl_ms = checked->ttl_ms;
    refused->size = (uint16_t)checked->size;
    refused->kind = checked->topic->kind;
    refused->priority = (uint8_t)checked->priority;
    copy_shaped(checked->topic, refused + 1, post->payload, checked->size);
    return tt_bus_refuse(bus, refused, TUTTI_LIMIT, reason, texts[reason]);
}

/** Number of the message that first had the key of a post; 0 for a key that is new, or none. */
static tt_seq first_with_key(const tt_bus *bus, const tt_bus_post *post)
{
    return tt_uuid_is_zero(post->idempotency) ? 0 : tt_bus_seen_find(bus->seen, &post->idempotency);
}

static tt_seq append_any(tt_bus *bus, struct checked *checked, const tt_bus_post *post)
{
    if (bus->state->next_seq >= bus->sample_seq) {
        checked->timed = tt_bus_timing_queued(bus, checked->priority);
    }
    checked->is_alone = bus->queued_count == 0 && checked->timed == 0;
    checked->lane_bit = (uint8_t)(1u << checked->priority);
    checked->is_shaped = (checked->topic->special & TOPIC_SHAPED) != 0;
    return checked->topic->history_max != 0 ? append(bus, checked, post, KEEP_NEAR)
                                            : append(bus, checked, post, KEEP_NONE);
}

/** Puts a checked message into its place, unless a bound forbids it. */
static tutti_status
admit(tt_bus *bus, struct checked *checked, const tt_bus_post *post, tt_seq *ret_seq)
{
    if (bus->child_depth > bus->depth_max) {
        return refuse_checked(bus, checked, post, TT_dead_reason_DEPTH_LIMIT);
    }
    if (!has_room(bus, checked->priority, checked->size, 0, 0)) {
        return refuse_checked(bus, checked, post, TT_dead_reason_QUEUE_FULL);
    }
    if (checked->topic->limit != 0 && !tt_bus_admit(bus, checked->topic, checked->source)) {
        return refuse_checked(bus, checked, post, TT_dead_reason_RATE_LIMIT);
    }
    if (post->topic == TT_TOPIC_DEAD_LETTERS) {
        tt_bus_count_dead(bus, post->payload);
    }
    if (post->target != TT_SOURCE_NONE) {
        be_cautious(bus, CAUTION_DIRECTED);
    }
    *ret_seq = append_any(bus, checked, post);
    if (post->topic == TT_TOPIC_DEAD_LETTERS && (post->flags & TT_MSG_INPUT)) {
        tt_bus_keep_returned(bus, post->payload, post);
    }
    if (!tt_uuid_is_zero(post->idempotency)) {
        tt_bus_seen_add(bus->seen, &post->idempotency, *ret_seq);
    }
    return TUTTI_OK;
}

/** Publishes any post: finds out what it asks for, and what is wrong with it. */
COLD static tutti_status publish_any(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    if (bus->inputs_only) {
        return tt_bus_publish_input(bus, post, ret_seq);
    }
    // Topic 0 has no keys, so no post to it is sane.
    struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)post->topic)];
    struct checked checked = {
        .topic = topic,
        .source = known_source(bus, (uint32_t)post->source),
    };
    if (!is_sane(bus, &checked, post)) {
        return refuse_invalid(
            bus, post, "unknown topic, source or target, or key, priority or kind too large");
    }
    checked.size = payload_size(topic, post);
    if (checked.size == 0) {
        return refuse_invalid(bus, post, "the count of the list exceeds its capacity");
    }
    checked.priority = post->priority != 0 ? post->priority : topic->priority;
    checked.ttl_ms = asked_ttl(topic, post);
    checked.word = asked_word(topic, post, checked.size, checked.priority);
    tt_seq seq = first_with_key(bus, post);
    tutti_status status = TUTTI_EXISTS;
    if (seq == 0) {
        status = admit(bus, &checked, post, &seq);
    } else {
        topic->state->duplicates++;
    }
    if (ret_seq && seq != 0) {
        *ret_seq = seq;
    }
    return status;
}

/** The topic of a number; another one, or topic 0, which is none, if there is none. */
HOT_INLINE struct topic *find_topic(const tt_bus *bus, uint32_t number)
{
    uint32_t place =
        number < TT_TOPIC_USER_FIRST ? number : number - TT_TOPIC_USER_FIRST + TT_TOPIC_COUNT;
    size_t offset = (place < bus->topic_count ? place : 0) * sizeof(struct topic);
    unsigned char *topic = (unsigned char *)bus->topics + offset;
    __builtin_prefetch(bus->states + offset, 1); // before the topic itself has come
    __builtin_prefetch(topic + 64);              // what history needs
    return (struct topic *)(void *)topic;
}

HOT_INLINE bool is_source(const tt_bus *bus, uint32_t source)
{
    return source - 1 < TT_SOURCE_COUNT - 1 || known_source(bus, source) != 0;
}

/** Tells whether a post is right, its message will be as its topic says, and nothing has to be
 * asked or counted. Each field is read as wide as a publisher writes it. */
HOT_INLINE bool is_plain(const tt_bus *bus, const struct topic *topic, const tt_bus_post *post)
{
    uint64_t special =
        load_word(&post->idempotency) |
        load_word((const unsigned char *)&post->idempotency + sizeof(uint64_t)) |
        (topic->special | post->priority | post->kind | post->ttl_ms | (uint32_t)post->target);
    return special == 0 && (uint16_t)topic->head_word == (uint32_t)post->topic &&
           post->key < topic->key_count && bus->child_depth <= bus->depth_max &&
           is_source(bus, (uint32_t)post->source);
}

/** Publishes a plain post for which the outbox has room. */
HOT_INLINE tutti_status publish_plain(
    tt_bus *bus,
    struct topic *topic,
    const tt_bus_post *post,
    tt_seq *ret_seq,
    enum keeping keeping,
    bool is_alone)
{
    const struct checked checked = {
        .topic = topic,
        .source = keeping != KEEP_NONE ? known_source(bus, (uint32_t)post->source) : 0,
        .is_plain = true,
        .is_alone = is_alone,
    };
    if (!is_alone && UNLIKELY(!has_lane_room(bus, topic->priority, 0))) {
        return publish_any(bus, post, ret_seq);
    }
    tt_seq seq = append(bus, &checked, post, keeping);
    if (ret_seq) {
        *ret_seq = seq;
    }
    return TUTTI_OK;
}

/* A function for each case: so the shortest has to save the fewest registers. */

static NOINLINE tutti_status
publish_queued(tt_bus *bus, struct topic *topic, const tt_bus_post *post, tt_seq *ret_seq)
{
    return publish_plain(bus, topic, post, ret_seq, KEEP_NONE, false);
}

static NOINLINE tutti_status
publish_kept(tt_bus *bus, struct topic *topic, const tt_bus_post *post, tt_seq *ret_seq)
{
    return publish_plain(bus, topic, post, ret_seq, KEEP_NEAR, true);
}

static NOINLINE tutti_status
publish_kept_queued(tt_bus *bus, struct topic *topic, const tt_bus_post *post, tt_seq *ret_seq)
{
    return publish_plain(bus, topic, post, ret_seq, KEEP_NEAR, false);
}

static NOINLINE tutti_status
publish_far(tt_bus *bus, struct topic *topic, const tt_bus_post *post, tt_seq *ret_seq)
{
    return publish_plain(bus, topic, post, ret_seq, KEEP_FAR, true);
}

static NOINLINE tutti_status
publish_far_queued(tt_bus *bus, struct topic *topic, const tt_bus_post *post, tt_seq *ret_seq)
{
    return publish_plain(bus, topic, post, ret_seq, KEEP_FAR, false);
}

/** Tells whether the next slot of a topic can be expected to have left the cache. */
HOT_INLINE bool is_far(const tt_bus *bus, const struct topic *topic)
{
    return topic->far_gap != 0 && bus->state->next_seq - topic->state->last_seq > topic->far_gap;
}

tutti_status tt_bus_publish(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    struct topic *topic = find_topic(bus, (uint32_t)post->topic);
    if (UNLIKELY(
            !is_plain(bus, topic, post) || bus->state->next_seq >= bus->sample_seq ||
            !has_outbox_room(bus, topic->fixed_size, 0))) {
        return publish_any(bus, post, ret_seq);
    }
    bool is_alone = bus->queued_count == 0;
    if (topic->history_max != 0) {
        if (is_far(bus, topic)) {
            return is_alone ? publish_far(bus, topic, post, ret_seq)
                            : publish_far_queued(bus, topic, post, ret_seq);
        }
        return is_alone ? publish_kept(bus, topic, post, ret_seq)
                        : publish_kept_queued(bus, topic, post, ret_seq);
    }
    return is_alone ? publish_plain(bus, topic, post, ret_seq, KEEP_NONE, true)
                    : publish_queued(bus, topic, post, ret_seq);
}

bool tt_bus_publish_dead(tt_bus *bus, const tt_bus_post *post)
{
    struct topic *topic = &bus->topics[TT_TOPIC_DEAD_LETTERS];
    struct checked checked = {
        .topic = topic,
        .source = (uint32_t)post->source,
        .priority = topic->priority,
        .size = topic->fixed_size,
        .ttl_ms = topic->ttl_ms,
        .word = topic->head_word,
    };
    if (!has_room(bus, checked.priority, checked.size, DEAD_RESERVE_MESSAGES, DEAD_RESERVE_BYTES)) {
        return false;
    }
    (void)append_any(bus, &checked, post);
    return true;
}
