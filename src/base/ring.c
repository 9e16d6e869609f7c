/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ring for one producer and one consumer.
 *
 * A record is published by its own header, which is written last: the consumer looks at the record
 * itself and not at the producer's tail, so that a small record travels in one cache line.
 *
 * Positions count bytes since the start and never wrap in practice (2^64). Invariants:
 * 1. head <= tail <= head + size; both are multiples of 8.
 * 2. Bytes in [head, tail) belong to the consumer, all others to the producer.
 * 3. A header carries the lap of its position. The header at tail does not carry the lap of tail:
 *    the producer clears it before it publishes the record in front, and when the ring is full it
 *    is the header of the oldest record, of the lap before. So the consumer sees what is published
 *    and nothing else.
 * 4. The producer alone stores tail, the consumer alone stores head (release); the producer loads
 *    head (acquire) only when what it last saw does not suffice.
 */
#include "base/ring.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/ring_frame.h"

#include <string.h>

#define NO_CLAIM UINT32_MAX

tutti_status tt_ring_init(tt_ring *ring, void *memory, size_t size)
{
    TUTTI_TRY(tt_ring_check_memory(memory, size));
    memset(ring, 0, sizeof *ring);
    ring->data = memory;
    ring->mask = size - 1;
    ring->shift = (uint32_t)__builtin_ctzll(size);
    memset(memory, 0, TT_RING_HEADER);
    ring->record_max = (uint32_t)(size / 2 - TT_RING_HEADER);
    ring->claim_size = NO_CLAIM;
    ring->stretch = size;
    ring->turn = size;
    return TUTTI_OK;
}

void tt_ring_stay_near(tt_ring *ring, size_t stretch)
{
    uint64_t size = ring->mask + 1;
    TT_ASSERT(stretch > 0);
    ring->stretch = stretch < size ? stretch : size;
    ring->turn = ring->stretch;
}

/* Adds to a counter that only the calling thread writes. */
static void count_one(_Atomic uint64_t *counter)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

/* Tells whether `bytes` more fit behind `tail`. */
static bool has_room(tt_ring *ring, uint64_t tail, uint64_t bytes)
{
    uint64_t size = ring->mask + 1;
    if (tail + bytes - ring->head_seen <= size) {
        return true;
    }
    ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
    return tail + bytes - ring->head_seen <= size;
}

/* The header at a position; the one word that both sides touch at the same time. */
static _Atomic uint64_t *header_at(const tt_ring *ring, uint64_t at)
{
    return (_Atomic uint64_t *)(void *)(ring->data + (at & ring->mask));
}

/* Kind and lap of a position in one word; never 0. Only neighbouring laps are ever compared. */
static uint32_t mark_of(const tt_ring *ring, uint64_t at, uint32_t kind)
{
    return kind | (uint32_t)(at >> ring->shift) << 8;
}

static uint64_t make_header(const tt_ring *ring, uint64_t at, uint32_t size, uint32_t kind)
{
    return size | (uint64_t)mark_of(ring, at, kind) << 32;
}

/* Kind of a header that carries the lap of its position; of any other one it is no kind. */
static uint32_t kind_of(const tt_ring *ring, uint64_t at, uint64_t header)
{
    return (uint32_t)(header >> 32) ^ mark_of(ring, at, TT_RING_NONE);
}

/* After a backlog of more than that its pages are given back. */
#define BACKLOG_KEPT ((uint64_t)1 << 20)

/* The ring is empty and its producer at `offset`: the consumer looks at the header there and at
 * nothing else, and what it finds, the bytes of before or none, is no record. */
static void give_back_backlog(tt_ring *ring, uint64_t offset)
{
    if (offset >= BACKLOG_KEPT) {
        tt_pages_give_back(ring->data + ring->stretch, ring->mask + 1 - ring->stretch);
    }
}

/* Padding in front of a record that would pass the turn: to the end of the memory when the record
 * does not fit before it, or when the ring is empty and the record fits in front of what is left.
 * The turn is set when the lap has begun, not before: a claim may still come to nothing. */
static __attribute__((noinline)) uint64_t
padding_at_turn(tt_ring *ring, uint64_t tail, uint64_t span)
{
    uint64_t offset = tail & ring->mask;
    uint64_t lap = tail - offset;
    uint64_t lap_end = lap + ring->mask + 1;
    if (tail + span > lap_end) {
        return lap_end - tail;
    }
    if (ring->turn <= lap) {
        ring->turn = lap + ring->stretch;
    }
    if (tail + span <= ring->turn || span > offset) {
        return 0; // Beyond the turn the next record looks again.
    }
    ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (ring->head_seen == tail) {
        give_back_backlog(ring, offset);
        return lap_end - tail;
    }
    uint64_t next = tail + span + ring->stretch;
    ring->turn = next < lap_end ? next : lap_end;
    return 0;
}

/* Where a record of `size` bytes goes: behind `tail`, or at the front again. */
static inline tutti_status find_place(tt_ring *ring, uint64_t tail, uint32_t size, uint64_t *ret_at)
{
    uint64_t span = tt_ring_span(size);
    if (size > ring->record_max) {
        return TUTTI_RANGE;
    }
    uint64_t padding = tail + span <= ring->turn ? 0 : padding_at_turn(ring, tail, span);
    if (!has_room(ring, tail, padding + span)) {
        count_one(&ring->refused);
        return TUTTI_LIMIT;
    }
    *ret_at = tail + padding;
    return TUTTI_OK;
}

tutti_status tt_ring_claim(tt_ring *ring, uint32_t size, void **ret_record)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    TUTTI_TRY(find_place(ring, tail, size, &ring->claim_at));
    ring->claim_size = size;
    *ret_record = ring->data + (ring->claim_at & ring->mask) + TT_RING_HEADER;
    return TUTTI_OK;
}

/* Makes the record at `at` visible; the padding in front of it, if there is any, is what is
 * published. */
static inline void publish(tt_ring *ring, uint64_t tail, uint64_t at, uint32_t size)
{
    uint64_t header = make_header(ring, at, size, TT_RING_RECORD);
    if (at != tail) {
        uint32_t padding = (uint32_t)(at - tail - TT_RING_HEADER);
        atomic_store_explicit(header_at(ring, at), header, memory_order_relaxed);
        header = make_header(ring, tail, padding, TT_RING_PADDING);
    }
    atomic_store_explicit(header_at(ring, tail), header, memory_order_release);
}

/* Hands over the record that was written at `at`. */
static inline void hand_over(tt_ring *ring, uint64_t tail, uint64_t at, uint32_t size)
{
    uint64_t next = at + tt_ring_span(size);
    if (next - ring->head_seen <= ring->mask) {
        atomic_store_explicit(header_at(ring, next), 0, memory_order_relaxed);
    }
    publish(ring, tail, at, size);
    ring->claim_size = NO_CLAIM;
    count_one(&ring->pushed);
    atomic_store_explicit(&ring->tail, next, memory_order_release);
}

void tt_ring_commit(tt_ring *ring, uint32_t size)
{
    TT_ASSERT(ring->claim_size != NO_CLAIM && size <= ring->claim_size);
    hand_over(ring, atomic_load_explicit(&ring->tail, memory_order_relaxed), ring->claim_at, size);
}

/* A few whole lines are copied in place: a call costs as much as copying two of them. What is long
 * is copied in pieces: beyond two KiB the C library takes one instruction for all of it, which on
 * some processors is several times as slow as its own vectors. */
static inline void copy_record(void *to, const void *from, uint32_t size)
{
    enum {
        IN_PLACE_MAX = 256,
        PIECE = 1024
    };
    uint32_t at = 0;
    if ((size & (TT_CACHE_LINE - 1)) == 0 && size <= IN_PLACE_MAX) {
        for (; at < size; at += TT_CACHE_LINE) {
            memcpy((unsigned char *)to + at, (const unsigned char *)from + at, TT_CACHE_LINE);
        }
        return;
    }
    for (uint32_t piece = PIECE; at < size; at += piece) {
        piece = size - at < PIECE ? size - at : PIECE;
        __asm__("" : "+r"(piece)); // not known to be PIECE, for which the compiler copies by itself
        memcpy((unsigned char *)to + at, (const unsigned char *)from + at, piece);
    }
}

tutti_status tt_ring_push(tt_ring *ring, const void *record, uint32_t size)
{
    uint64_t at = 0;
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    TUTTI_TRY(find_place(ring, tail, size, &at));
    copy_record(ring->data + (at & ring->mask) + TT_RING_HEADER, record, size);
    hand_over(ring, tail, at, size);
    return TUTTI_OK;
}

/* Keeps the high-water mark. The line of the tail is left to the producer as long as no more than
 * one record waits, which the header behind that record tells. */
static void note_backlog(tt_ring *ring, uint64_t head, uint64_t span)
{
    uint64_t end = head + span;
    if (end <= ring->tail_seen) {
        return;
    }
    uint64_t next = atomic_load_explicit(header_at(ring, end), memory_order_relaxed);
    uint32_t kind = kind_of(ring, end, next);
    bool is_last = kind != TT_RING_RECORD && kind != TT_RING_PADDING;
    ring->tail_seen = is_last ? end : atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t waiting = (ring->tail_seen > end ? ring->tail_seen : end) - head;
    if (waiting > atomic_load_explicit(&ring->bytes_max, memory_order_relaxed)) {
        atomic_store_explicit(&ring->bytes_max, waiting, memory_order_relaxed);
    }
}

const void *tt_ring_peek(tt_ring *ring, uint32_t *ret_size)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t header = atomic_load_explicit(header_at(ring, head), memory_order_acquire);
    uint32_t kind = kind_of(ring, head, header);
    if (kind == TT_RING_PADDING) {
        // Published together with the record behind it.
        head += tt_ring_span((uint32_t)header);
        atomic_store_explicit(&ring->head, head, memory_order_release);
        header = atomic_load_explicit(header_at(ring, head), memory_order_relaxed);
        kind = kind_of(ring, head, header);
    }
    if (kind != TT_RING_RECORD) {
        return NULL;
    }
    *ret_size = (uint32_t)header;
    note_backlog(ring, head, tt_ring_span(*ret_size));
    return ring->data + (head & ring->mask) + TT_RING_HEADER;
}

void tt_ring_release(tt_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t header = atomic_load_explicit(header_at(ring, head), memory_order_relaxed);
    TT_ASSERT(kind_of(ring, head, header) == TT_RING_RECORD);
    count_one(&ring->popped);
    uint64_t end = head + tt_ring_span((uint32_t)header);
    atomic_store_explicit(&ring->head, end, memory_order_release);
}

tutti_status tt_ring_pop(tt_ring *ring, void *record, uint32_t capacity, uint32_t *ret_size)
{
    const void *place = tt_ring_peek(ring, ret_size);
    if (!place) {
        return TUTTI_END;
    }
    if (*ret_size > capacity) {
        return TUTTI_RANGE;
    }
    if (*ret_size > 0) {
        memcpy(record, place, *ret_size);
    }
    tt_ring_release(ring);
    return TUTTI_OK;
}

const void *tt_ring_walk(const tt_ring *ring, const void *previous, uint32_t *ret_size)
{
    uint64_t at = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (previous) {
        uint64_t offset = (uint64_t)((const unsigned char *)previous - ring->data) - TT_RING_HEADER;
        at += (offset - at) & ring->mask;
        at +=
            tt_ring_span((uint32_t)atomic_load_explicit(header_at(ring, at), memory_order_relaxed));
    }
    uint64_t header = atomic_load_explicit(header_at(ring, at), memory_order_acquire);
    if (kind_of(ring, at, header) == TT_RING_PADDING) {
        at += tt_ring_span((uint32_t)header);
        header = atomic_load_explicit(header_at(ring, at), memory_order_relaxed);
    }
    if (kind_of(ring, at, header) != TT_RING_RECORD) {
        return NULL;
    }
    *ret_size = (uint32_t)header;
    return ring->data + (at & ring->mask) + TT_RING_HEADER;
}

/* Bytes of the padding that the consumer has not come by yet; 0 when none is next. */
static uint64_t padding_at(const tt_ring *ring, uint64_t head)
{
    uint64_t header = atomic_load_explicit(header_at(ring, head), memory_order_relaxed);
    bool is_padding = kind_of(ring, head, header) == TT_RING_PADDING;
    return is_padding ? tt_ring_span((uint32_t)header) : 0;
}

tt_ring_stats tt_ring_stats_get(const tt_ring *ring)
{
    // Head first: the tail that is read later can only be further.
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    uint64_t padding = padding_at(ring, head);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    // The padding is published before the tail moves past it.
    head += padding <= tail - head ? padding : 0;
    return (tt_ring_stats){
        .pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed),
        .popped = atomic_load_explicit(&ring->popped, memory_order_relaxed),
        .refused = atomic_load_explicit(&ring->refused, memory_order_relaxed),
        .bytes_used = tail - head,
        .bytes_max = atomic_load_explicit(&ring->bytes_max, memory_order_relaxed),
    };
}
