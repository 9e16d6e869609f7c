/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ring for several producers and one consumer.
 *
 * Records start at multiples of 16 and have no header among them: each place where one may start
 * has a word in a table of its own, which says what starts there, how long it is, and in which lap
 * of the ring. A word of another lap says nothing, so nothing is cleared when room is given back
 * (ADR 114).
 *
 * Invariants:
 * 1. head <= tail <= head + size; both are multiples of 16.
 * 2. Producers move tail by compare-and-swap: who moved it owns the bytes and the words in between
 *    until he commits.
 * 3. The word of a record gets the lap of its position by its claim, and says that it is committed
 *    by its commit (release); the consumer reads it (acquire) and takes nothing behind one that is
 *    not.
 * 4. head_seen is a head that was true once, so never beyond head; producers may set it back.
 * 5. A word is written at positions of the ring that only grow: one of a later lap is never there
 *    before the consumer is in that lap, and one of an earlier lap is told from it by its upper
 *    bits. With the size and the kind below, 2^63 bytes go through a ring before they come again.
 */
#include "base/error.h"
#include "base/ring.h"
#include "base/ring_frame.h"

#include <string.h>

/** Bit of the tail; positions are multiples of 16. */
#define CLOSED UINT64_C(1)

/** What a word of the lap of its position says, in its lowest bits. */
enum mpsc_kind {
    NOTHING = 0,   /**< It is of another lap. */
    COMMITTED = 1, /**< A record. */
    SKIPPED = 2,   /**< A claim that was given up, or what is left before the end of the memory. */
    CLAIMED = 3,   /**< A record that is being filled. */
    KIND_BITS = 2
};
#define KIND_MASK ((UINT64_C(1) << KIND_BITS) - 1)

/* What all words of the lap of a position have in common: above the lowest bits, which are as many
 * as those of the size and one more, the number of that lap, from 1. */
static inline uint64_t lap_word(const tt_mpsc *ring, uint64_t at)
{
    return ((at | ring->mask) + 1) << 1;
}

/* Bytes that a record takes in the ring. */
static inline uint64_t span_of(uint64_t size)
{
    return size == 0 ? TT_MPSC_GRAIN : (size + TT_MPSC_GRAIN - 1) & ~(uint64_t)(TT_MPSC_GRAIN - 1);
}

static inline _Atomic uint64_t *word_at(const tt_mpsc *ring, uint64_t at)
{
    return &ring->words[(at & ring->mask) / TT_MPSC_GRAIN];
}

static inline uint64_t make_word(const tt_mpsc *ring, uint64_t at, uint64_t size, uint64_t kind)
{
    return lap_word(ring, at) | size << KIND_BITS | kind;
}

/* What a word says at a position: size and kind, or NOTHING. */
static inline uint64_t say_at(const tt_mpsc *ring, uint64_t at, uint64_t word)
{
    uint64_t said = word ^ lap_word(ring, at);
    return said <= ring->mask * 2 + 1 ? said : NOTHING;
}

static inline uint64_t kind_in(uint64_t said)
{
    return said & KIND_MASK;
}

static inline uint32_t size_in(uint64_t said)
{
    return (uint32_t)(said >> KIND_BITS);
}

/* Notes where the consumer looks next. */
static inline void note_head(tt_mpsc *ring, uint64_t head)
{
    ring->next = word_at(ring, head);
    ring->next_lap = lap_word(ring, head);
}

/* Gives the room before `head` back. */
static inline void move_head(tt_mpsc *ring, uint64_t head)
{
    note_head(ring, head);
    atomic_store_explicit(&ring->head, head, memory_order_release);
}

size_t tt_mpsc_bytes(size_t size)
{
    return size + size / TT_MPSC_GRAIN * sizeof(uint64_t);
}

tutti_status tt_mpsc_init(tt_mpsc *ring, void *memory, size_t size)
{
    TUTTI_TRY(tt_ring_check_memory(memory, size));
    memset(ring, 0, sizeof *ring);
    ring->data = memory;
    ring->words = (_Atomic uint64_t *)(void *)(ring->data + size);
    ring->mask = size - 1;
    ring->record_max = (uint32_t)(size / 2 - TT_RING_HEADER);
    ring->next_most = ring->mask * 2 + 1;
    memset(ring->data + size, 0, size / TT_MPSC_GRAIN * sizeof(uint64_t));
    note_head(ring, 0);
    return TUTTI_OK;
}

/* Tells whether the ring can hold what ends at `end`, asking the consumer's line only when the head
 * that a producer last saw does not suffice. */
static bool has_room(tt_mpsc *ring, uint64_t end)
{
    uint64_t size = ring->mask + 1;
    if (end - atomic_load_explicit(&ring->head_seen, memory_order_acquire) <= size) {
        return true;
    }
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    atomic_store_explicit(&ring->head_seen, head, memory_order_release);
    return end - head <= size;
}

/* Moves tail over `padding` and a record; tells where it stood. */
static tutti_status reserve(tt_mpsc *ring, uint32_t size, uint64_t *ret_at, uint64_t *ret_padding)
{
    uint64_t at = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    for (;;) {
        if ((at & CLOSED) != 0) {
            return TUTTI_STATE;
        }
        uint64_t left = ring->mask + 1 - (at & ring->mask);
        uint64_t span = span_of(size);
        uint64_t padding = span <= left ? 0 : left;
        uint64_t end = at + padding + span;
        if (!has_room(ring, end)) {
            // A tail that is out of date looks like a full ring when the consumer has passed it.
            uint64_t now = atomic_load_explicit(&ring->tail, memory_order_relaxed);
            if (now == at) {
                return TUTTI_LIMIT;
            }
            at = now;
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(
                &ring->tail, &at, end, memory_order_relaxed, memory_order_relaxed)) {
            *ret_at = at;
            *ret_padding = padding;
            return TUTTI_OK;
        }
    }
}

/* Takes room for a record; tells where it starts. */
static tutti_status take_room(tt_mpsc *ring, uint32_t size, uint64_t *ret_at)
{
    uint64_t at = 0;
    uint64_t padding = 0;
    if (size > ring->record_max) {
        return TUTTI_RANGE;
    }
    tutti_status status = reserve(ring, size, &at, &padding);
    if (status != TUTTI_OK) {
        (void)atomic_fetch_add_explicit(&ring->refused, 1, memory_order_relaxed);
        return status;
    }
    // Counted here, where the line is at hand and nothing waits to be written.
    (void)atomic_fetch_add_explicit(&ring->claimed, 1, memory_order_relaxed);
    if (padding > 0) {
        uint64_t word = make_word(ring, at, padding, SKIPPED);
        atomic_store_explicit(word_at(ring, at), word, memory_order_release);
    }
    *ret_at = at + padding;
    return TUTTI_OK;
}

tutti_status tt_mpsc_claim(tt_mpsc *ring, uint32_t size, void **ret_record)
{
    uint64_t at = 0;
    TUTTI_TRY(take_room(ring, size, &at));
    // The commit finds here what it does not know.
    uint64_t word = make_word(ring, at, size, CLAIMED);
    atomic_store_explicit(word_at(ring, at), word, memory_order_relaxed);
    *ret_record = ring->data + (at & ring->mask);
    return TUTTI_OK;
}

/* Makes a claimed record visible as `kind`. */
static void publish(tt_mpsc *ring, const void *record, uint64_t kind)
{
    uint64_t at = (uint64_t)((const unsigned char *)record - ring->data);
    TT_ASSERT(at <= ring->mask && at % TT_MPSC_GRAIN == 0);
    uint64_t word = atomic_load_explicit(word_at(ring, at), memory_order_relaxed);
    TT_ASSERT(kind_in(word) == CLAIMED);
    atomic_store_explicit(word_at(ring, at), word ^ CLAIMED ^ kind, memory_order_release);
}

void tt_mpsc_commit(tt_mpsc *ring, void *record)
{
    publish(ring, record, COMMITTED);
}

void tt_mpsc_drop(tt_mpsc *ring, void *record)
{
    (void)atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
    publish(ring, record, SKIPPED);
}

void tt_mpsc_close(tt_mpsc *ring)
{
    (void)atomic_fetch_or_explicit(&ring->tail, CLOSED, memory_order_acq_rel);
}

bool tt_mpsc_is_drained(const tt_mpsc *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    return atomic_load_explicit(&ring->tail, memory_order_acquire) == (head | CLOSED);
}

tutti_status tt_mpsc_push(tt_mpsc *ring, const void *record, uint32_t size)
{
    uint64_t at = 0;
    TUTTI_TRY(take_room(ring, size, &at));
    if (size > 0) {
        memcpy(ring->data + (at & ring->mask), record, size);
    }
    uint64_t word = make_word(ring, at, size, COMMITTED);
    atomic_store_explicit(word_at(ring, at), word, memory_order_release);
    return TUTTI_OK;
}

/* Keeps the high-water mark. The line of the tail is left to the producers as long as no more than
 * one record waits, which the word behind that record tells. */
static void note_backlog(tt_mpsc *ring, uint64_t head, uint64_t span)
{
    uint64_t end = head + span;
    if (end <= ring->tail_seen) {
        return;
    }
    uint64_t next = atomic_load_explicit(word_at(ring, end), memory_order_relaxed);
    uint64_t kind = kind_in(say_at(ring, end, next));
    ring->tail_seen = end;
    if (kind == COMMITTED || kind == SKIPPED) {
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_relaxed) & ~CLOSED;
    }
    uint64_t waiting = ring->tail_seen - head;
    if (waiting > atomic_load_explicit(&ring->bytes_max, memory_order_relaxed)) {
        atomic_store_explicit(&ring->bytes_max, waiting, memory_order_relaxed);
    }
}

/* What is said at head. */
static inline uint64_t read_next(const tt_mpsc *ring)
{
    uint64_t said = atomic_load_explicit(ring->next, memory_order_acquire) ^ ring->next_lap;
    return said <= ring->next_most ? said : NOTHING;
}

const void *tt_mpsc_peek(tt_mpsc *ring, uint32_t *ret_size)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t said = read_next(ring);
    while (kind_in(said) == SKIPPED) {
        head += span_of(size_in(said));
        move_head(ring, head);
        said = read_next(ring);
    }
    if (kind_in(said) != COMMITTED) {
        return NULL;
    }
    *ret_size = size_in(said);
    note_backlog(ring, head, span_of(*ret_size));
    return ring->data + (head & ring->mask);
}

void tt_mpsc_release(tt_mpsc *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t said = read_next(ring);
    TT_ASSERT(kind_in(said) == COMMITTED);
    uint64_t popped = atomic_load_explicit(&ring->popped, memory_order_relaxed);
    atomic_store_explicit(&ring->popped, popped + 1, memory_order_relaxed);
    move_head(ring, head + span_of(size_in(said)));
}

tutti_status tt_mpsc_pop(tt_mpsc *ring, void *record, uint32_t capacity, uint32_t *ret_size)
{
    const void *place = tt_mpsc_peek(ring, ret_size);
    if (!place) {
        return TUTTI_END;
    }
    if (*ret_size > capacity) {
        return TUTTI_RANGE;
    }
    if (*ret_size > 0) {
        memcpy(record, place, *ret_size);
    }
    tt_mpsc_release(ring);
    return TUTTI_OK;
}

tt_ring_stats tt_mpsc_stats_get(const tt_mpsc *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire) & ~CLOSED;
    uint64_t dropped = atomic_load_explicit(&ring->dropped, memory_order_relaxed);
    return (tt_ring_stats){
        .pushed = atomic_load_explicit(&ring->claimed, memory_order_relaxed) - dropped,
        .popped = atomic_load_explicit(&ring->popped, memory_order_relaxed),
        .refused = atomic_load_explicit(&ring->refused, memory_order_relaxed),
        .bytes_used = tail - head,
        .bytes_max = atomic_load_explicit(&ring->bytes_max, memory_order_relaxed),
    };
}
