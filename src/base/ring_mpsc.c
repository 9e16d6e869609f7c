/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ring for several producers and one consumer.
 *
 * Invariants:
 * 1. head <= tail <= head + size; both are multiples of 8.
 * 2. Producers move tail by compare-and-swap: who moved it owns the bytes in between until he
 * commits.
 * 3. The kind of a record is zero until its commit stores it (release); the consumer reads it
 *    (acquire) and takes nothing behind a zero.
 * 4. head_seen is a head that was true once, so never beyond head; producers may set it back.
 * 5. Bytes outside of [head, tail) are zero: the consumer clears what it releases, so that a header
 * of a later lap starts as "not committed" wherever it comes to stand.
 */
#include "base/error.h"
#include "base/ring.h"
#include "base/ring_frame.h"

#include <string.h>

/** Bit of the tail; positions are multiples of 8. */
#define CLOSED UINT64_C(1)

tutti_status tt_mpsc_init(tt_mpsc *ring, void *memory, size_t size)
{
    TUTTI_TRY(tt_ring_check_memory(memory, size));
    memset(ring, 0, sizeof *ring);
    memset(memory, 0, size);
    ring->data = memory;
    ring->mask = size - 1;
    ring->record_max = (uint32_t)(size / 2 - TT_RING_HEADER);
    return TUTTI_OK;
}

/* The kind of the record at a position; the one field that both sides touch at the same time. */
static _Atomic uint32_t *kind_at(tt_mpsc *ring, uint64_t at)
{
    unsigned char *header = ring->data + (at & ring->mask);
    return (_Atomic uint32_t *)(void *)(header + offsetof(tt_ring_header, kind));
}

static void put_size(tt_mpsc *ring, uint64_t at, uint32_t size)
{
    memcpy(ring->data + (at & ring->mask) + offsetof(tt_ring_header, size), &size, sizeof size);
}

static uint32_t size_at(const tt_mpsc *ring, uint64_t at)
{
    uint32_t size = 0;
    memcpy(&size, ring->data + (at & ring->mask) + offsetof(tt_ring_header, size), sizeof size);
    return size;
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
        uint64_t padding = tt_ring_padding(at & ring->mask, ring->mask + 1, size);
        uint64_t end = at + padding + tt_ring_span(size);
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

tutti_status tt_mpsc_claim(tt_mpsc *ring, uint32_t size, void **ret_record)
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
        put_size(ring, at, (uint32_t)(padding - TT_RING_HEADER));
        atomic_store_explicit(kind_at(ring, at), TT_RING_PADDING, memory_order_release);
    }
    put_size(ring, at + padding, size);
    *ret_record = ring->data + ((at + padding) & ring->mask) + TT_RING_HEADER;
    return TUTTI_OK;
}

/* Makes a claimed record visible as `kind`. */
static void publish(tt_mpsc *ring, void *record, uint32_t kind)
{
    uint64_t at = (uint64_t)((unsigned char *)record - ring->data) - TT_RING_HEADER;
    TT_ASSERT(at <= ring->mask && (at & 7) == 0);
    atomic_store_explicit(kind_at(ring, at), kind, memory_order_release);
}

void tt_mpsc_commit(tt_mpsc *ring, void *record)
{
    publish(ring, record, TT_RING_RECORD);
}

void tt_mpsc_drop(tt_mpsc *ring, void *record)
{
    (void)atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
    publish(ring, record, TT_RING_PADDING);
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
    void *place = NULL;
    TUTTI_TRY(tt_mpsc_claim(ring, size, &place));
    if (size > 0) {
        memcpy(place, record, size);
    }
    tt_mpsc_commit(ring, place);
    return TUTTI_OK;
}

/* Clears the record at `head` and gives its room back. Returns the new head. */
static uint64_t advance(tt_mpsc *ring, uint64_t head)
{
    uint64_t span = tt_ring_span(size_at(ring, head));
    memset(ring->data + (head & ring->mask), 0, span);
    atomic_store_explicit(&ring->head, head + span, memory_order_release);
    return head + span;
}

/* Keeps the high-water mark. The line of the tail is left to the producers as long as no more than
 * one record waits, which the header behind that record tells. */
static void note_backlog(tt_mpsc *ring, uint64_t head, uint64_t span)
{
    if (head + span <= ring->tail_seen) {
        return;
    }
    uint32_t next = atomic_load_explicit(kind_at(ring, head + span), memory_order_relaxed);
    ring->tail_seen = head + span;
    if (next != TT_RING_NONE) {
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_relaxed) & ~CLOSED;
    }
    uint64_t waiting = ring->tail_seen - head;
    if (waiting > atomic_load_explicit(&ring->bytes_max, memory_order_relaxed)) {
        atomic_store_explicit(&ring->bytes_max, waiting, memory_order_relaxed);
    }
}

const void *tt_mpsc_peek(tt_mpsc *ring, uint32_t *ret_size)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t kind = atomic_load_explicit(kind_at(ring, head), memory_order_acquire);
    while (kind == TT_RING_PADDING) {
        head = advance(ring, head);
        kind = atomic_load_explicit(kind_at(ring, head), memory_order_acquire);
    }
    if (kind == TT_RING_NONE) {
        return NULL;
    }
    *ret_size = size_at(ring, head);
    note_backlog(ring, head, tt_ring_span(*ret_size));
    return ring->data + (head & ring->mask) + TT_RING_HEADER;
}

void tt_mpsc_release(tt_mpsc *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t kind = atomic_load_explicit(kind_at(ring, head), memory_order_acquire);
    TT_ASSERT(kind == TT_RING_RECORD);
    uint64_t popped = atomic_load_explicit(&ring->popped, memory_order_relaxed);
    atomic_store_explicit(&ring->popped, popped + 1, memory_order_relaxed);
    (void)advance(ring, head);
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
