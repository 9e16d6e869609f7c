/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What becomes of a post that has been checked: history, head, payload, queue, in one pass. Inline,
 * for publishing alone: bus.c has the posts that ask for nothing special, bus_any.c all others.
 */
#ifndef TT_BUS_BUS_APPEND_H
#define TT_BUS_BUS_APPEND_H

#include "base/uuid.h"
#include "bus/bus_index.h"
#include "bus/bus_write.h"

#include <string.h>

/** Low bits of the first half of a fresh correlation: the fraction of the millisecond, in 12 bits.
 */
HOT_INLINE uint64_t fraction_of(uint64_t rest_ns)
{
    return (uint32_t)rest_ns * 4096u / (uint32_t)TT_NS_PER_MS; // below 2^32
}

/** The others: milliseconds, and version 7. */
static inline uint64_t fresh_base(uint64_t ms)
{
    return ms << 16 | 7u << 12;
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

/** Makes room in history for a message that is not of the sole pair of its topic, and makes it the
 * latest of its kind. `is_usual`: its time to live is that of the topic. */
uint32_t
tt_bus_take_indexed(tt_bus *bus, struct topic *topic, uint32_t source, uint32_t key, bool is_usual);

/** Takes the place of the next message in the ring of a topic without an index. */
HOT_INLINE uint32_t take_next(const struct topic *topic, struct topic_state *state)
{
    uint32_t slot = state->ring_head;
    uint32_t next = slot + 1;
    state->ring_head = next == topic->history_max ? 0 : next;
    if (UNLIKELY(state->ring_count < topic->history_max)) {
        state->ring_count++;
    }
    return slot;
}

/** Called before a message of a key goes to the slot up to which a topic of several keys without an
 * index knew of no latest message: pins what stands there if it is one, and looks for the next. */
void tt_bus_pass_key(tt_bus *bus, struct topic *topic, uint32_t slot, uint32_t key);

/** Takes the place of the next message in the ring of a topic of several keys without an index. */
HOT_INLINE uint32_t
take_keyed(tt_bus *bus, struct topic *topic, struct topic_state *state, uint32_t key)
{
    if (UNLIKELY(state->ring_head == state->next_slot)) {
        tt_bus_pass_key(bus, topic, state->ring_head, key);
    }
    uint16_t *newest = newest_of(bus, topic) + key;
    uint32_t former = *newest;
    uint32_t slot = take_next(topic, state);
    *newest = (uint16_t)(slot + 1);
    if (UNLIKELY(former > topic->history_max)) {
        tt_bus_free_pin(bus, topic, former - 1);
    }
    return slot;
}

/** Makes room in history for a message and makes it the latest of its kind. */
HOT_INLINE uint32_t
take_history(tt_bus *bus, struct topic *topic, uint32_t source, uint32_t key, bool is_usual)
{
    struct topic_state *state = state_of(bus, topic);
    if (state->sole_pair == pair_index(bus, source, key) && is_usual) {
        return take_next(topic, state);
    }
    if (state->sole_pair == (PAIR_KEYED | source) && is_usual) {
        return take_keyed(bus, topic, state, key);
    }
    return tt_bus_take_indexed(bus, topic, source, key, is_usual);
}

/** A post that has been checked. A plain one has what tt_bus_publish_plain gets, and else is as its
 * topic says. Who publishes one kind of post leaves what is the same for all of them constant. */
struct checked {
    struct topic *topic;
    const void *payload;
    uint64_t where; /**< Topic and source. */
    uint64_t key;
    uint64_t flags;
    const tt_bus_post *post;  /**< What more is asked for; NULL: priority, time to live and target
                                   are as the topic says. */
    const tt_bus_post *named; /**< May name cause and correlation; NULL: names none. */
    uint32_t source;          /**< Its place. */
    uint32_t priority;
    uint32_t size;   /**< Of the payload. */
    uint32_t exact;  /**< Bytes of it that the publisher has. */
    uint32_t ttl_ms; /**< 0: never. */
    uint64_t word;   /**< Of the head: topic, size, kind and priority. */
    uint64_t timed;  /**< LANE_TIMED if the message is measured. */
    bool is_alone;   /**< Nothing is queued, and it is not measured. */
    bool is_in_row;  /**< A row is queued, and it is as those before. */
    bool is_sized;   /**< `size`, `exact` and `word` are set: they are not those of the topic. */
    bool is_shaped;  /**< The payload is not copied as it stands. */
};

/* What is read where it is needed takes no register before. */

/** Where the size stands in the word that has topic, size, kind and priority. */
#define HEAD_WORD_SIZE_AT (offsetof(tt_msg, size) - offsetof(tt_msg, topic))

/** Payload bytes of a plain message. */
HOT_INLINE uint32_t plain_size(const struct topic *topic)
{
    uint16_t size; // not by a shift: the compiler would keep the whole word, too
    memcpy(&size, (const unsigned char *)&topic->head_word + HEAD_WORD_SIZE_AT, sizeof size);
    return size;
}

/** Priority of a plain message. */
HOT_INLINE uint32_t plain_priority(const struct topic *topic)
{
    return (uint8_t)(topic->head_word >> 56);
}

HOT_INLINE uint32_t size_of(const struct checked *checked)
{
    return checked->is_sized ? checked->size : plain_size(checked->topic);
}

HOT_INLINE uint32_t ttl_of(const struct checked *checked)
{
    return checked->post ? checked->ttl_ms : checked->topic->ttl_ms;
}

/** The upper half of the word of key and time to live. A topic that keeps nothing has it there
 * already: beside its time to live stands how much it keeps. */
HOT_INLINE uint64_t ttl_word_of(const struct checked *checked, enum keeping keeping)
{
    if (keeping == KEEP_NONE && !checked->post) {
        uint64_t word;
        memcpy(&word, &checked->topic->history_max, sizeof word);
        return word;
    }
    return (uint64_t)ttl_of(checked) << 32;
}

HOT_INLINE uint64_t word_of(const struct checked *checked)
{
    return checked->is_sized ? checked->word : checked->topic->head_word;
}

HOT_INLINE uint32_t priority_of(const struct checked *checked)
{
    return checked->post ? checked->priority : plain_priority(checked->topic);
}

HOT_INLINE uint64_t target_word_of(const struct checked *checked)
{
    return checked->post ? (uint64_t)checked->post->target << 16 : 0;
}

/** Tells whether a message that has been written at `offset` is queued by lying there: what is
 * queued is a row with it now. `timed`: LANE_TIMED or 0. */
bool tt_bus_extend_row(tt_bus *bus, size_t offset, uint32_t priority, uint64_t timed);

/** Queues a message. Alone or in a row it needs no lane. */
HOT_INLINE void enqueue(tt_bus *bus, const struct checked *checked, const tt_msg *msg)
{
    if (checked->is_in_row) {
        return;
    }
    if (!checked->is_alone) {
        size_t offset = (size_t)((const unsigned char *)msg - bus->outbox);
        if (!tt_bus_extend_row(bus, offset, priority_of(checked), checked->timed)) {
            uint64_t entry = lane_entry(bus, checked->topic, msg, own_depth(bus));
            push(bus, offset, priority_of(checked), entry | checked->timed);
        }
        return;
    }
    bus->pending += QUEUED_ALONE;
    bus->alone.msg = msg;
    bus->alone.topic = checked->topic;
    if (checked->post) {
        bus->lanes_alone |= (uint8_t)(1u << checked->priority);
    }
}

/** One timer serves all messages with the time to live of the topic. */
static inline bool needs_timer(const tt_bus *bus, const struct topic *topic, uint32_t ttl_ms)
{
    return ttl_ms != 0 && (state_of(bus, topic)->is_aging == 0 || ttl_ms != topic->ttl_ms);
}

/** What is published outside a delivery after the input of a step belongs to that input. */
HOT_INLINE void start_chain(tt_bus *bus, const tt_msg *input, bool is_alone)
{
    bus->chain.root = input;
    bus->chain.parent = input;
    if (!is_alone) {
        bus->row.full_seq = 0; // what is in the row was no consequence
    }
}

/** Cause and correlation that a post names; what it does not name is inherited, or made anew. */
HOT_INLINE void put_named(
    tt_bus *bus,
    const tt_bus_post *post,
    const tt_msg *parent,
    struct places to,
    tt_seq seq,
    int64_t now_ns)
{
    uint64_t high = load_word(&post->correlation);
    uint64_t low = load_word((const unsigned char *)&post->correlation + sizeof high);
    put_word(to, HEAD_CAUSE, post->cause != 0 || !parent ? post->cause : parent->seq);
    if ((high | low) == 0 && !parent) {
        put_fresh(bus, to, seq, now_ns);
        return;
    }
    if ((high | low) == 0) {
        high = load_word(parent->correlation.bytes);
        low = load_word(parent->correlation.bytes + sizeof high);
    }
    put_word(to, HEAD_CORRELATION, high);
    put_word(to, HEAD_CORRELATION + 1, low);
}

/** Cause and correlation: as the post says, or inherited, or anew. */
HOT_INLINE void
put_chain(tt_bus *bus, const struct checked *checked, struct places to, tt_seq seq, int64_t now_ns)
{
    const tt_msg *parent = bus->chain.parent;
    if ((checked->flags & TT_MSG_INPUT) != 0) {
        if (!parent) {
            start_chain(bus, (const tt_msg *)to.sent, checked->is_alone);
        }
        parent = NULL;
    }
    if (checked->named) {
        put_named(bus, checked->named, parent, to, seq, now_ns);
    } else if (parent) {
        put_pair(to, HEAD_CAUSE, load_halves(&parent->seq, parent->correlation.bytes));
        put_word(to, HEAD_CORRELATION + 1, load_word(parent->correlation.bytes + sizeof seq));
    } else {
        put_word(to, HEAD_CAUSE, 0);
        put_fresh(bus, to, seq, now_ns);
    }
}

/** Zeroes bytes of a payload, in words: `start` to `end`, which is a multiple of 8. */
HOT_INLINE void clear_words(struct places to, uint32_t start, uint32_t end)
{
    const uint32_t head_words = sizeof(tt_msg) / sizeof(uint64_t);
    uint32_t at = head_words + start / 8;
    const uint32_t last = head_words + end / 8;
    put_word(to, at, to.sent[at] & ((UINT64_C(1) << start % 8 * 8) - 1));
    while (++at < last) {
        put_word(to, at, 0);
    }
}

/** Zeroes what lies between the fields of a payload. */
COLD static void clear_each(const tt_layout *layout, struct places to)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind == TT_KIND_reserved) {
            memset((unsigned char *)to.sent + sizeof(tt_msg) + field->offset, 0, field->size);
        }
        if (field->kind == TT_KIND_reserved && to.keeping != KEEP_NONE) {
            memset((unsigned char *)to.kept + sizeof(tt_msg) + field->offset, 0, field->size);
        }
    }
}

/** Copies what is left of a payload behind its last whole pair of words, and zeroes the rest. */
COLD static void put_rest(struct places to, const void *from, uint32_t exact, uint32_t size)
{
    uint32_t whole = exact & ~15u;
    from = (const unsigned char *)from + whole;
    for (uint32_t left = exact - whole; whole < size; whole += 16, left = 0) {
        unsigned char bytes[16] = {0};
        memcpy(bytes, from, left);
        put_words(places_from(to, (int64_t)sizeof(tt_msg) + whole), bytes, 2);
    }
}

/** Copies the part of a payload that is there, `exact` bytes: the items in use, and the bytes of
 * the publisher's struct. What lies between the fields and behind them becomes zero. */
HOT_INLINE void put_shaped(
    const struct topic *topic, struct places to, const void *from, uint32_t exact, uint32_t size)
{
    const uint32_t whole = exact & ~15u;
    if (LIKELY(whole != 0)) {
        put_payload(to, from, whole);
    }
    if (whole != size) {
        put_rest(to, from, exact, size);
    }
    if (LIKELY(topic->gap_end > 0)) {
        clear_words(to, topic->gap_start, topic->gap_end);
    } else if (UNLIKELY(topic->gap_start != 0)) {
        clear_each(topic->layout, to);
    }
}

/** Writes a checked message to the outbox and to history, in one pass, and queues it. */
HOT_INLINE tt_seq append(tt_bus *bus, const struct checked *checked, enum keeping keeping)
{
    const bool is_kept = keeping != KEEP_NONE;
    struct topic *topic = checked->topic;
    size_t offset = bus->used.end;
    uint32_t slot = 0;
    if (is_kept) {
        bool is_usual = ttl_of(checked) == topic->ttl_ms;
        slot = take_history(bus, topic, checked->source, (uint32_t)checked->key, is_usual);
    }
    tt_msg *msg = (tt_msg *)(void *)(bus->outbox + offset);
    const struct places to = {
        .sent = (uint64_t *)(void *)msg,
        .kept = is_kept ? (uint64_t *)(void *)slot_msg(topic, slot) : NULL,
        .keeping = keeping,
    };
    uint32_t size = size_of(checked);
    bus->used.end = offset + sizeof(tt_msg) + size;
    put_word(to, HEAD_TOPIC_TO_PRIORITY, word_of(checked) + (checked->where >> 16));
    put_word(to, HEAD_KEY_TTL, checked->key | ttl_word_of(checked, keeping));
    put_word(to, HEAD_FLAGS_TARGET, checked->flags | target_word_of(checked));
    state_of(bus, topic)->published++;
    enqueue(bus, checked, msg);
    struct bus_state *state = bus->state;
    tt_seq seq = state->next_seq;
    int64_t now_ns = state->now.ns;
    state->next_seq = seq + 1;
    if (is_kept) {
        state_of(bus, topic)->last_seq = seq;
    }
    put_word(to, HEAD_SEQ, seq);
    put_word(to, HEAD_TIME, (uint64_t)now_ns);
    put_chain(bus, checked, to, seq, now_ns);
    if (checked->is_shaped) {
        put_shaped(topic, to, checked->payload, checked->exact, size);
    } else {
        put_payload(to, checked->payload, size);
    }
    if (is_kept && topic->is_expiring && needs_timer(bus, topic, ttl_of(checked))) {
        tt_bus_age(bus, topic, slot);
    }
    return seq;
}

/** Tells whether the outbox has room, past its bound by `reserve_bytes`. */
HOT_INLINE bool has_outbox_room(const tt_bus *bus, uint32_t size, size_t reserve_bytes)
{
    return bus->used.end + sizeof(tt_msg) + size <= bus->outbox_limit + reserve_bytes;
}

/** Tells whether a lane has room. */
HOT_INLINE bool has_lane_room(const tt_bus *bus, uint32_t priority, uint32_t reserve_messages)
{
    return lane_depth(bus, priority) < bus->lanes[priority].max + reserve_messages;
}

#endif
