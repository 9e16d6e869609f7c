/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing of any post: what it asks for, what is wrong with it, and whether a bound forbids it.
 * A post that asks for nothing special goes by bus.c.
 */
#include "bus/bus_append.h"
#include "bus/bus_dead.h"
#include "bus/bus_seen.h"
#include "bus/bus_timing.h"

/** A fresh correlation id: UUIDv7 with the sequence number where others put random bits: unique
 * within a run, and the same in each replay. */
tt_uuid tt_bus_new_correlation(tt_time now, tt_seq seq)
{
    uint64_t ms = (uint64_t)now.ns / (uint64_t)TT_NS_PER_MS;
    uint64_t first = fresh_base(ms) | fraction_of((uint64_t)now.ns % (uint64_t)TT_NS_PER_MS);
    return tt_uuid_make(first >> 16, (uint32_t)first, seq);
}

static bool is_sane(const tt_bus *bus, const struct checked *checked, const tt_bus_post *post)
{
    return checked->source != 0 && post->key < checked->topic->key_count &&
           post->priority < TT_priority_COUNT && post->kind <= TT_msg_kind_COUNT &&
           (post->target == TT_SOURCE_NONE || known_source(bus, (uint32_t)post->target) != 0);
}

/** Items in the list of a payload. */
static inline uint32_t item_count(const tt_layout *layout, const unsigned char *payload)
{
    const unsigned char *at = payload + layout->count_offset;
    return layout->count_size == 1 ? at[0] : (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

/** Finds out how large a payload is; false for a list count beyond the capacity. */
static inline bool measure(struct checked *checked)
{
    const struct topic *topic = checked->topic;
    checked->exact = topic->struct_size;
    checked->size = topic->fixed_size;
    checked->is_shaped = (topic->special & TOPIC_SHAPED) != 0;
    if ((topic->special & TOPIC_LISTED) != 0) {
        const tt_layout *layout = topic->layout;
        uint32_t count = item_count(layout, checked->payload);
        checked->exact = layout->fixed_size + count * layout->item_size;
        checked->size = (checked->exact + 15) & ~15u;
        return count <= layout->item_max;
    }
    return true;
}

/** Tells whether outbox and lane have room. */
static inline bool has_room(
    tt_bus *bus, uint32_t priority, uint32_t size, uint32_t reserve_messages, size_t reserve_bytes)
{
    return has_outbox_room(bus, size, reserve_bytes) &&
           (!has_queued(bus) || has_lane_room(bus, priority, reserve_messages));
}

/** Head of a message that does not come to be. */
static void fill_refused(const tt_bus *bus, const tt_bus_post *post, tt_msg *ret_msg)
{
    const tt_msg *parent = post->flags & TT_MSG_INPUT ? NULL : bus->chain.parent;
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
    const struct places to = {.sent = (uint64_t *)(void *)refused, .keeping = KEEP_NONE};
    put_shaped(checked->topic, to, post->payload, checked->exact, checked->size);
    return tt_bus_refuse(bus, refused, TUTTI_LIMIT, reason, texts[reason]);
}

/** Number of the message that first had the key of a post; 0 for a key that is new, or none. */
static tt_seq first_with_key(const tt_bus *bus, const tt_bus_post *post)
{
    return tt_uuid_is_zero(post->idempotency) ? 0 : tt_bus_seen_find(bus->seen, &post->idempotency);
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
    return (uint64_t)post->topic | FIRST_SOURCE | (uint64_t)size << 32 | (uint64_t)kind << 48 |
           (uint64_t)priority << 56;
}

static tt_seq append_any(tt_bus *bus, struct checked *checked, const tt_bus_post *post)
{
    if (bus->state->next_seq >= bus->sample_seq) {
        checked->timed = tt_bus_timing_queued(bus, checked->priority);
    }
    checked->is_alone = !has_queued(bus) && checked->timed == 0;
    checked->is_sized = true;
    checked->where = tt_bus_where(post);
    checked->key = post->key;
    checked->flags = post->flags;
    checked->post = post;
    checked->named = post;
    if (checked->priority == checked->topic->priority) {
        checked->topic->special &= (uint16_t)~TOPIC_NEW;
    }
    if (checked->topic->history_max == 0) {
        return append(bus, checked, KEEP_NONE);
    }
    return is_far(bus, checked->topic) ? append(bus, checked, KEEP_FAR)
                                       : append(bus, checked, KEEP_NEAR);
}

/** Puts a checked message into its place, unless a bound forbids it. */
static tutti_status
admit(tt_bus *bus, struct checked *checked, const tt_bus_post *post, tt_seq *ret_seq)
{
    if (own_depth(bus) > bus->depth_max) {
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
static NOINLINE tutti_status publish_fully(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    if (bus->inputs_only) {
        return tt_bus_publish_input(bus, post, ret_seq);
    }
    // Topic 0 has no keys, so no post to it is sane.
    struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)post->topic)];
    struct checked checked = {
        .topic = topic,
        .payload = post->payload,
        .source = known_source(bus, (uint32_t)post->source),
    };
    if (!is_sane(bus, &checked, post)) {
        return refuse_invalid(
            bus, post, "unknown topic, source or target, or key, priority or kind too large");
    }
    if (!measure(&checked)) {
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

/** Tells whether nothing has to be asked or counted for a post that asks for nothing but perhaps
 * cause and correlation. */
static inline bool
is_usual(const tt_bus *bus, const struct topic *topic, uint64_t where, uint64_t key)
{
    const uint32_t other = topic->special & ~(uint32_t)(TOPIC_LISTED | TOPIC_SHAPED);
    return other == 0 && key < topic->key_count && topic->history_max != 0 &&
           bus->plain_count != 0 && known_source(bus, source_of(where)) != 0 &&
           bus->state->next_seq < bus->sample_seq;
}

/** The word of the head of a message of that size that is else as its topic says. */
static inline uint64_t sized_word(const struct topic *topic, uint32_t size)
{
    return topic->head_word + ((uint64_t)(size - topic->fixed_size) << 32);
}

/** Publishes what decisions and orders consist of: payloads with a list, and posts that name cause
 * or correlation (`named`, or NULL). Returns its number; 0, and nothing has happened, where there
 * is more to ask. */
static NOINLINE tt_seq publish_usual(
    tt_bus *bus,
    const void *payload,
    uint64_t where,
    uint64_t key,
    uint64_t flags,
    const tt_bus_post *named)
{
    // Topic 0 has no keys.
    struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)where)];
    if (UNLIKELY(!is_usual(bus, topic, where, key))) {
        return 0;
    }
    struct checked checked = {
        .topic = topic,
        .payload = payload,
        .where = where,
        .key = key,
        .flags = flags,
        .named = named,
        .source = known_source(bus, source_of(where)),
        .is_sized = true,
    };
    if (UNLIKELY(!measure(&checked) || !has_room(bus, topic->priority, checked.size, 0, 0))) {
        return 0;
    }
    checked.word = sized_word(topic, checked.size);
    checked.is_alone = !has_queued(bus);
    return UNLIKELY(is_far(bus, topic)) ? append(bus, &checked, KEEP_FAR)
                                        : append(bus, &checked, KEEP_NEAR);
}

/** The same for a post that may name them. */
HOT_INLINE bool publish_usual_post(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    tt_seq seq =
        publish_usual(bus, post->payload, tt_bus_where(post), post->key, post->flags, post);
    if (ret_seq && seq != 0) {
        *ret_seq = seq;
    }
    return seq != 0;
}

/** Tells whether a post asks for nothing but perhaps cause and correlation. */
static inline bool asks_usual(const tt_bus_post *post)
{
    return tt_bus_asked(post) == 0 && tt_uuid_is_zero(post->idempotency);
}

tutti_status tt_bus_publish_any(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    if (LIKELY(asks_usual(post)) && publish_usual_post(bus, post, ret_seq)) {
        return TUTTI_OK;
    }
    return publish_fully(bus, post, ret_seq);
}

tutti_status
tt_bus_publish_named(tt_bus *bus, const tt_bus_post *post, uint64_t where, tt_seq *ret_seq)
{
    uint64_t named = load_word(&post->correlation) |
                     load_word((const unsigned char *)&post->correlation + sizeof(uint64_t)) |
                     post->cause;
    if (named == 0) {
        tutti_status status =
            tt_bus_publish_plain(bus, post->payload, where, post->key, post->flags);
        if (ret_seq && status == TUTTI_OK) {
            *ret_seq = bus->state->next_seq - 1;
        }
        return status;
    }
    if (LIKELY(publish_usual_post(bus, post, ret_seq))) {
        return TUTTI_OK;
    }
    return publish_fully(bus, post, ret_seq);
}

tutti_status
tt_bus_publish_other(tt_bus *bus, const void *payload, uint64_t where, uint64_t key, uint64_t flags)
{
    if (LIKELY(publish_usual(bus, payload, where, key, flags, NULL) != 0)) {
        return TUTTI_OK;
    }
    const tt_bus_post post = {
        .topic = (tt_topic)(uint32_t)where,
        .source = (tt_source)source_of(where),
        .payload = payload,
        .key = (uint32_t)key,
        .flags = (uint8_t)flags,
    };
    return publish_fully(bus, &post, NULL);
}

bool tt_bus_publish_dead(tt_bus *bus, const tt_bus_post *post)
{
    struct topic *topic = &bus->topics[TT_TOPIC_DEAD_LETTERS];
    struct checked checked = {
        .topic = topic,
        .source = (uint32_t)post->source,
        .priority = topic->priority,
        .payload = post->payload,
        .size = topic->fixed_size,
        .exact = topic->struct_size,
        .ttl_ms = topic->ttl_ms,
        .word = topic->head_word,
    };
    if (!has_room(bus, checked.priority, checked.size, DEAD_RESERVE_MESSAGES, DEAD_RESERVE_BYTES)) {
        return false;
    }
    (void)append_any(bus, &checked, post);
    return true;
}

void tt_bus_recall_key(tt_bus *bus, const tt_uuid *key, tt_seq seq)
{
    if (tt_bus_seen_find(bus->seen, key) == 0) {
        tt_bus_seen_add(bus->seen, key, seq);
    }
}
