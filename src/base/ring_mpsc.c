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
 * 4. Bytes outside of [head, tail) are zero: the consumer clears what it releases, so that a header
 * of a later lap starts as "not committed" wherever it comes to stand.
 */
#include "base/error.h"
#include "base/ring.h"
#include "base/ring_frame.h"

#include <stdbool.h>
#include <string.h>

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

/* Moves tail over `padding` and a record; tells where it stood. Returns false when there is no
 * room. */
static bool reserve(tt_mpsc *ring, uint32_t size, uint64_t *ret_at, uint64_t *ret_padding)
{
    uint64_t ring_size = ring->mask + 1;
    uint64_t at = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    for (;;) {
        uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
        uint64_t padding = tt_ring_padding(at & ring->mask, ring_size, size);
        uint64_t end = at + padding + tt_ring_span(size);
        if (head > at) {
            // The tail is out of date: others moved it, and the consumer followed.
            at = atomic_load_explicit(&ring->tail, memory_order_relaxed);
            continue;
        }
        if (end - head > ring_size) {
            return false;
        }
        if (atomic_compare_exchange_weak_explicit(
                &ring->tail, &at, end, memory_order_relaxed, memory_order_relaxed)) {
            *ret_at = at;
            *ret_padding = padding;
            return true;
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
    if (!reserve(ring, size, &at, &padding)) {
        (void)atomic_fetch_add_explicit(&ring->refused, 1, memory_order_relaxed);
        return TUTTI_LIMIT;
    }
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
    (void)atomic_fetch_add_explicit(&ring->pushed, 1, memory_order_relaxed);
    publish(ring, record, TT_RING_RECORD);
}

void tt_mpsc_drop(tt_mpsc *ring, void *record)
{
    publish(ring, record, TT_RING_PADDING);
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

/* Keeps the high-water mark. */
static void note_backlog(tt_mpsc *ring, uint64_t head)
{
    uint64_t waiting = atomic_load_explicit(&ring->tail, memory_order_relaxed) - head;
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
    note_backlog(ring, head);
    *ret_size = size_at(ring, head);
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
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return (tt_ring_stats){
        .pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed),
        .popped = atomic_load_explicit(&ring->popped, memory_order_relaxed),
        .refused = atomic_load_explicit(&ring->refused, memory_order_relaxed),
        .bytes_used = tail - head,
        .bytes_max = atomic_load_explicit(&ring->bytes_max, memory_order_relaxed),
    };
}
