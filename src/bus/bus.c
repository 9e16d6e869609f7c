/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing, and what came out of a step. This is half of the hot path: a publish copies the
 * payload twice (outbox and history), and touches nothing else that is far away.
 */
#include "base/uuid.h"
#include "bus/bus_dead.h"
#include "bus/bus_recent.h"
#include "bus/bus_seen.h"
#include "bus/bus_timing.h"

#include <string.h>

void tt_bus_begin(tt_bus *bus, tt_time now)
{
    TT_ASSERT(!bus->current);
    TT_ASSERT(now.ns >= bus->state->now.ns);
    bus->state->now = now;
    if (now.ns >= bus->window_end_ns) {
        tt_bus_recent_advance(bus);
    }
    if (now.ns >= bus->quiet_ns) {
        tt_bus_expire(bus);
    }
    if (bus->state->dead_leaving != 0) {
        tt_bus_drop_leaving(bus);
    }
    bus->outbox_start = bus->queued_count == 0 ? 0 : bus->outbox_used;
    bus->outbox_used = bus->outbox_start;
    bus->root = NULL;
    bus->parent = NULL;
    bus->child_depth = 0;
}

/** The first half of a fresh correlation, as a number: the milliseconds of the step, version 7, and
 * the fraction of the millisecond in 12 bits. */
HOT_INLINE uint64_t fresh_number(int64_t now_ns)
{
    uint64_t ns = (uint64_t)now_ns;
    uint64_t ms = ns / (uint64_t)TT_NS_PER_MS;
    uint64_t rest = ns - ms * (uint64_t)TT_NS_PER_MS;
    return ms << 16 | 7u << 12 | rest * 4096 / (uint64_t)TT_NS_PER_MS;
}

/** A fresh correlation id: UUIDv7 with the sequence number where others put random bits: unique
 * within a run, and the same in each replay. */
tt_uuid tt_bus_new_correlation(tt_time now, tt_seq seq)
{
    uint64_t first = fresh_number(now.ns);
    return tt_uuid_make(first >> 16, (uint32_t)first, seq);
}

/** Where the message gets its cause and correlation from when the post names none. */
static const tt_msg *parent_of(const tt_bus *bus, const tt_bus_post *post)
{
    return post->flags & TT_MSG_INPUT ? NULL : bus->parent;
}

_Static_assert(
    offsetof(tt_msg, key) == 40 && offsetof(tt_msg, ttl_ms) == 44 &&
        offsetof(tt_msg, topic) == 48 && offsetof(tt_msg, source) == 50 &&
        offsetof(tt_msg, size) == 52 && offsetof(tt_msg, kind) == 54 &&
        offsetof(tt_msg, priority) == 55 && offsetof(tt_msg, flags) == 56 &&
        offsetof(tt_msg, target) == 58 && sizeof(tt_msg) == 64,
    "words and fields are the same bytes");

/** Words of a head, as they lie in memory. Whole words go from registers into the outbox: fields of
 * a few bytes would be read back, as words, before they have left the store buffer, which costs
 * more than all the rest of a publish. */
enum head_word {
    HEAD_SEQ,
    HEAD_TIME,
    HEAD_CAUSE,
    HEAD_CORRELATION,
    HEAD_KEY_TTL = 5,
    HEAD_TOPIC_TO_PRIORITY,
    HEAD_FLAGS_TARGET
};

HOT_INLINE void put_correlation(uint64_t *head, uint64_t high, uint64_t low)
{
    head[HEAD_CORRELATION] = high;
    head[HEAD_CORRELATION + 1] = low;
}

/** A fresh correlation. Its first half is the same for the whole step, and its second half is the
 * sequence number as tt_uuid_make writes it. */
HOT_INLINE void put_fresh(tt_bus *bus, uint64_t *head, tt_seq seq)
{
    int64_t now_ns = bus->state->now.ns;
    if (bus->fresh_ns != now_ns) {
        bus->fresh_high = __builtin_bswap64(fresh_number(now_ns));
        bus->fresh_ns = now_ns;
    }
    uint64_t low = UINT64_C(1) << 63 | (seq & ((UINT64_C(1) << 62) - 1));
    put_correlation(head, bus->fresh_high, __builtin_bswap64(low));
}

/** Cause and correlation. */
HOT_INLINE void put_chain(tt_bus *bus, const tt_bus_post *post, uint64_t *head, tt_seq seq)
{
    const tt_msg *parent = parent_of(bus, post);
    uint64_t words[2];
    memcpy(words, &post->correlation, sizeof words);
    head[HEAD_CAUSE] = post->cause != 0 || !parent ? post->cause : parent->seq;
    if ((words[0] | words[1]) != 0) {
        put_correlation(head, words[0], words[1]);
    } else if (parent) {
        memcpy(words, &parent->correlation, sizeof words);
        put_correlation(head, words[0], words[1]);
    } else {
        put_fresh(bus, head, seq);
    }
}

/** Begins to bring into the cache what a publish will need. With many topics in turn, all that
 * belongs to a topic has left since its last message, and most of it is found only through other
 * parts of it: so the ends of these chains are asked for first. */
HOT_INLINE void fetch_topic(const tt_bus *bus, const struct topic *topic)
{
    __builtin_prefetch(&topic->slots); // the line of what history needs
    __builtin_prefetch(topic->state, 1);
    __builtin_prefetch(&bus->subscriptions[topic->set.slots[0]]);
}

/** Takes the place of the next message in the ring; keeps what stood there if it is still the
 * latest of its (source, key). */
static uint32_t take_slot(tt_bus *bus, struct topic *topic, uint32_t pair)
{
    struct topic_state *state = topic->state;
    uint32_t place = state->ring_head;
    uint32_t slot = topic->ring[place];
    __builtin_prefetch(slot_msg(topic, slot), 1);
    __builtin_prefetch(slot_msg(topic, slot) + 1, 1); // its payload
    state->ring_head = place + 1 == topic->history_max ? 0 : place + 1;
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
        topic->ring[place] = tt_bus_pin(bus, topic, slot);
        return topic->ring[place];
    }
    unlink_slot(topic, slot);
    if (link->timer != 0) {
        tt_bus_stop_aging(bus, topic, slot);
    }
    return slot;
}

/** Makes room in history for a message and makes it the latest of its kind. */
static uint32_t take_history(tt_bus *bus, struct topic *topic, uint32_t source, uint32_t key)
{
    uint32_t pair = pair_index(topic, source, key);
    __builtin_prefetch(&topic->pair[pair], 1);
    __builtin_prefetch(&topic->any[key], 1);
    uint32_t slot = take_slot(bus, topic, pair);
    uint32_t former = topic->pair[pair];
    if (topic->state->pin_count > 0 && former != 0 && topic->links[former - 1].pin_place != 0) {
        tt_bus_unpin(bus, topic, former - 1);
    }
    uint32_t older = topic->any[key];
    if (older != 0) {
        topic->links[older - 1].newer = slot + 1;
    }
    topic->links[slot] = (struct slot_link){.pair = pair, .older = older};
    topic->pair[pair] = slot + 1;
    topic->any[key] = slot + 1;
    return slot;
}

/** Reads a word into a register of its own. A publisher has often just written the payload field
 * by field: a load that is wider than these stores has to wait until they have reached the cache.
 * Left alone, the compiler would join two of them. */
static inline uint64_t load_word(const unsigned char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    __asm__("" : "+r"(word));
    return word;
}

/** Copies `count` words. */
HOT_INLINE void copy_words(unsigned char *to, const unsigned char *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = load_word(from + sizeof word * i);
        memcpy(to + sizeof word * i, &word, sizeof word);
    }
}

/** Copies whole units of 16 bytes, four at a time. */
HOT_INLINE void copy_units(void *to, const void *from, uint32_t size)
{
    unsigned char *at = to;
    const unsigned char *source = from;
    for (; size >= 64; size -= 64) {
        copy_words(at, source, 8);
        at += 64;
        source += 64;
    }
    for (; size != 0; size -= 16) {
        copy_words(at, source, 2);
        at += 16;
        source += 16;
    }
}

/** Copies the part of a payload that is there: the items in use, and the bytes of the publisher's
 * struct. What lies between the fields and behind them becomes zero. */
static void
copy_shaped(const struct topic *topic, unsigned char *to, const void *from, uint32_t size)
{
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

/** Queues a message. Alone it needs no lane. */
HOT_INLINE void enqueue(tt_bus *bus, uint32_t priority, uint64_t entry)
{
    entry |= UNLIKELY(bus->has_stopwatch) ? tt_bus_timing_queued(bus, priority) : 0;
    if (bus->queued_count == 0) {
        put_alone(bus, priority, entry);
    } else {
        push(bus, priority, entry);
    }
}

/** What is published outside a delivery after the input of a step belongs to that input. */
static void start_chain(tt_bus *bus, const tt_msg *input)
{
    bus->root = input;
    bus->parent = input;
    bus->child_depth = 1;
}

HOT_INLINE void
copy_payload(const struct topic *topic, tt_msg *msg, const void *payload, uint32_t size)
{
    if (UNLIKELY((topic->special & TOPIC_SHAPED) != 0)) {
        copy_shaped(topic, (unsigned char *)(msg + 1), payload, size);
    } else {
        copy_units(msg + 1, payload, size);
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
};

static uint32_t ttl_of(const struct topic *topic, const tt_bus_post *post)
{
    uint32_t ttl_ms = post->ttl_ms != 0 ? post->ttl_ms : topic->ttl_ms;
    return ttl_ms == TT_TTL_NEVER ? 0 : ttl_ms;
}

/** The word of the head of a post that is not as the topic says. */
static uint64_t
word_of(const struct topic *topic, const tt_bus_post *post, uint32_t size, uint32_t priority)
{
    uint32_t kind = post->kind != 0 ? post->kind - 1u : topic->kind;
    return (uint64_t)post->topic | (uint64_t)size << 32 | (uint64_t)kind << 48 |
           (uint64_t)priority << 56;
}

/** One timer serves all messages with the time to live of the topic. */
static bool needs_timer(const struct topic *topic, uint32_t ttl_ms)
{
    return ttl_ms != 0 && (topic->state->is_aging == 0 || ttl_ms != topic->ttl_ms);
}

/** Copies a message into its place in the history of its topic. */
static void keep(tt_bus *bus, struct topic *topic, uint32_t slot, const tt_msg *msg)
{
    copy_units(slot_msg(topic, slot), msg, (uint32_t)sizeof(tt_msg) + msg->size);
    if (topic->is_expiring && needs_timer(topic, msg->ttl_ms)) {
        tt_bus_age(bus, topic, slot);
    }
}

/** Writes a checked message to the outbox and to history, and queues it. */
HOT_INLINE tt_seq append(tt_bus *bus, const struct checked *checked, const tt_bus_post *post)
{
    struct topic *topic = checked->topic;
    size_t offset = bus->outbox_used;
    uint32_t slot = 0;
    if (topic->history_max != 0) {
        slot = take_history(bus, topic, checked->source, post->key);
    }
    tt_msg *msg = (tt_msg *)(void *)(bus->outbox + offset);
    tt_seq seq = bus->state->next_seq++;
    uint64_t *head = (uint64_t *)(void *)msg; // the build has no strict aliasing
    head[HEAD_SEQ] = seq;
    head[HEAD_TIME] = (uint64_t)bus->state->now.ns;
    head[HEAD_KEY_TTL] = post->key | (uint64_t)checked->ttl_ms << 32;
    head[HEAD_TOPIC_TO_PRIORITY] = checked->word | (uint64_t)post->source << 16;
    head[HEAD_FLAGS_TARGET] = post->flags | (uint64_t)post->target << 16;
    put_chain(bus, post, head, seq);
    copy_payload(topic, msg, post->payload, checked->size);
    bus->outbox_used = offset + sizeof(tt_msg) + checked->size;
    topic->state->published++;
    enqueue(bus, checked->priority, lane_entry(bus, topic, offset));
    if (topic->history_max != 0) {
        keep(bus, topic, slot, msg);
    }
    if ((post->flags & TT_MSG_INPUT) && !bus->parent) {
        start_chain(bus, msg);
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

HOT_INLINE bool has_room(
    tt_bus *bus, uint32_t priority, uint32_t size, uint32_t reserve_messages, size_t reserve_bytes)
{
    if (bus->outbox_used + sizeof(tt_msg) + size > bus->outbox_limit + reserve_bytes) {
        return false;
    }
    if (bus->queued_count == 0) {
        return true;
    }
    push_single(bus);
    const struct lane *lane = &bus->lanes[priority];
    return lane->tail - lane->head < lane->max + reserve_messages;
}

/** Head of a message that does not come to be. */
static void fill_refused(const tt_bus *bus, const tt_bus_post *post, tt_msg *ret_msg)
{
    const tt_msg *parent = parent_of(bus, post);
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
    copy_payload(checked->topic, refused, post->payload, checked->size);
    return tt_bus_refuse(bus, refused, TUTTI_LIMIT, reason, texts[reason]);
}

/** Number of the message that first had the key of a post; 0 for a key that is new, or none. */
static tt_seq first_with_key(const tt_bus *bus, const tt_bus_post *post)
{
    return tt_uuid_is_zero(post->idempotency) ? 0 : tt_bus_seen_find(bus->seen, &post->idempotency);
}

/** Puts a checked message into its place, unless a bound forbids it. */
static tutti_status
admit(tt_bus *bus, const struct checked *checked, const tt_bus_post *post, tt_seq *ret_seq)
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
    *ret_seq = append(bus, checked, post);
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
    checked.ttl_ms = ttl_of(topic, post);
    checked.word = word_of(topic, post, checked.size, checked.priority);
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

/** Tells whether a message will be as its topic says, and nothing has to be asked or counted. */
static inline bool is_plain(const struct topic *topic, const tt_bus_post *post)
{
    uint64_t idempotency[2];
    memcpy(idempotency, &post->idempotency, sizeof idempotency);
    return (topic->special | post->priority | post->kind | post->ttl_ms | (uint32_t)post->target |
            idempotency[0] | idempotency[1]) == 0;
}

tutti_status tt_bus_publish(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)post->topic)];
    fetch_topic(bus, topic);
    const struct checked checked = {
        .topic = topic,
        .source = known_source(bus, (uint32_t)post->source),
        .priority = topic->priority,
        .size = topic->fixed_size,
        .ttl_ms = topic->ttl_ms,
        .word = topic->head_word,
    };
    if (UNLIKELY(
            !is_plain(topic, post) || checked.source == 0 || post->key >= topic->key_count ||
            bus->child_depth > bus->depth_max ||
            !has_room(bus, checked.priority, checked.size, 0, 0))) {
        return publish_any(bus, post, ret_seq);
    }
    tt_seq seq = append(bus, &checked, post);
    if (ret_seq) {
        *ret_seq = seq;
    }
    return TUTTI_OK;
}

bool tt_bus_publish_dead(tt_bus *bus, const tt_bus_post *post)
{
    struct topic *topic = &bus->topics[TT_TOPIC_DEAD_LETTERS];
    const struct checked checked = {
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
    append(bus, &checked, post);
    return true;
}

tt_seq tt_bus_next_seq(const tt_bus *bus)
{
    return bus->state->next_seq;
}

void tt_bus_set_next_seq(tt_bus *bus, tt_seq next)
{
    TT_ASSERT(next >= bus->state->next_seq);
    bus->state->next_seq = next;
}

tt_time tt_bus_now(const tt_bus *bus)
{
    return bus->state->now;
}

const tt_msg *tt_bus_current(const tt_bus *bus)
{
    return bus->current;
}

const void *tt_bus_outbox(const tt_bus *bus, size_t *ret_bytes)
{
    *ret_bytes = bus->outbox_used - bus->outbox_start;
    return bus->outbox + bus->outbox_start;
}

const tt_msg *tt_bus_outbox_next(const tt_bus *bus, const tt_msg *msg)
{
    const unsigned char *at =
        msg ? (const unsigned char *)msg + tt_msg_bytes(msg) : bus->outbox + bus->outbox_start;
    return at < bus->outbox + bus->outbox_used ? (const tt_msg *)(const void *)at : NULL;
}
