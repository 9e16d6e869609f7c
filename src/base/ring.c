/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ring for one producer and one consumer.
 *
 * Positions count bytes since the start and never wrap in practice (2^64). Invariants:
 * 1. head <= tail <= head + size; both are multiples of 8.
 * 2. Bytes in [head, tail) belong to the consumer, all others to the producer.
 * 3. The producer alone stores tail (release), the consumer alone stores head (release); each loads
 *    the other's (acquire) only when what it last saw does not suffice.
 */
#include "base/ring.h"

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
    ring->record_max = (uint32_t)(size / 2 - TT_RING_HEADER);
    ring->claim_size = NO_CLAIM;
    return TUTTI_OK;
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

static void put_header(tt_ring *ring, uint64_t at, uint32_t size, uint32_t kind)
{
    tt_ring_header header = {.size = size, .kind = kind};
    memcpy(ring->data + (at & ring->mask), &header, sizeof header);
}

tutti_status tt_ring_claim(tt_ring *ring, uint32_t size, void **ret_record)
{
    if (size > ring->record_max) {
        return TUTTI_RANGE;
    }
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t padding = tt_ring_padding(tail & ring->mask, ring->mask + 1, size);
    if (!has_room(ring, tail, padding + tt_ring_span(size))) {
        count_one(&ring->refused);
        return TUTTI_LIMIT;
    }
    if (padding > 0) {
        put_header(ring, tail, (uint32_t)(padding - TT_RING_HEADER), TT_RING_PADDING);
    }
    ring->claim_at = tail + padding;
    ring->claim_size = size;
    *ret_record = ring->data + (ring->claim_at & ring->mask) + TT_RING_HEADER;
    return TUTTI_OK;
}

void tt_ring_commit(tt_ring *ring, uint32_t size)
{
    TT_ASSERT(ring->claim_size != NO_CLAIM && size <= ring->claim_size);
    put_header(ring, ring->claim_at, size, TT_RING_RECORD);
    ring->claim_size = NO_CLAIM;
    count_one(&ring->pushed);
    uint64_t tail = ring->claim_at + tt_ring_span(size);
    atomic_store_explicit(&ring->tail, tail, memory_order_release);
}

tutti_status tt_ring_push(tt_ring *ring, const void *record, uint32_t size)
{
    void *place = NULL;
    TUTTI_TRY(tt_ring_claim(ring, size, &place));
    if (size > 0) {
        memcpy(place, record, size);
    }
    tt_ring_commit(ring, size);
    return TUTTI_OK;
}

/* Tells whether there is a record at `head`, asking the producer's line only when none is known. */
static bool has_record(tt_ring *ring, uint64_t head)
{
    if (head != ring->tail_seen) {
        return true;
    }
    ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
    uint64_t waiting = ring->tail_seen - head;
    if (waiting > atomic_load_explicit(&ring->bytes_max, memory_order_relaxed)) {
        atomic_store_explicit(&ring->bytes_max, waiting, memory_order_relaxed);
    }
    return waiting > 0;
}

static tt_ring_header header_at(const tt_ring *ring, uint64_t at)
{
    tt_ring_header header;
    memcpy(&header, ring->data + (at & ring->mask), sizeof header);
    return header;
}

const void *tt_ring_peek(tt_ring *ring, uint32_t *ret_size)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (!has_record(ring, head)) {
        return NULL;
    }
    tt_ring_header header = header_at(ring, head);
    if (header.kind == TT_RING_PADDING) {
        // A padding record is committed together with the record behind it.
        head += tt_ring_span(header.size);
        atomic_store_explicit(&ring->head, head, memory_order_release);
        header = header_at(ring, head);
    }
    *ret_size = header.size;
    return ring->data + (head & ring->mask) + TT_RING_HEADER;
}

void tt_ring_release(tt_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    TT_ASSERT(head != ring->tail_seen);
    tt_ring_header header = header_at(ring, head);
    TT_ASSERT(header.kind == TT_RING_RECORD);
    count_one(&ring->popped);
    atomic_store_explicit(&ring->head, head + tt_ring_span(header.size), memory_order_release);
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
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (previous) {
        uint64_t offset = (uint64_t)((const unsigned char *)previous - ring->data) - TT_RING_HEADER;
        at += (offset - at) & ring->mask;
        at += tt_ring_span(header_at(ring, at).size);
    }
    if (at != tail && header_at(ring, at).kind == TT_RING_PADDING) {
        at += tt_ring_span(header_at(ring, at).size);
    }
    if (at == tail) {
        return NULL;
    }
    *ret_size = header_at(ring, at).size;
    return ring->data + (at & ring->mask) + TT_RING_HEADER;
}

tt_ring_stats tt_ring_stats_get(const tt_ring *ring)
{
    // Head first: the tail that is read later can only be further.
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
