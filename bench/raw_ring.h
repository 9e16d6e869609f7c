/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The ring that all others are measured beside: one producer, one consumer, slots of one size,
 * everything inline. Each side keeps what it last saw of the other, so that a cursor travels only
 * when the ring looks full or empty. It counts nothing, checks nothing and knows no sizes: what is
 * as fast as this does nothing else either.
 */
#ifndef TT_BENCH_RAW_RING_H
#define TT_BENCH_RAW_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/** Two lines, because the processor fetches lines in pairs. */
#define RAW_RING_ALIGN 128

typedef struct raw_ring {
    _Alignas(RAW_RING_ALIGN) unsigned char *slots;
    uint64_t count; /**< A power of two. */
    uint32_t stride;
    _Alignas(RAW_RING_ALIGN) _Atomic uint64_t tail; /**< The producer's. */
    uint64_t head_seen;
    _Alignas(RAW_RING_ALIGN) _Atomic uint64_t head; /**< The consumer's. */
    uint64_t tail_seen;
} raw_ring;

static inline unsigned char *raw_ring_slot(const raw_ring *ring, uint64_t at)
{
    return ring->slots + (at & (ring->count - 1)) * ring->stride;
}

/** Place of the next message, or NULL when the ring is full. */
static inline void *raw_ring_claim(raw_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail - ring->head_seen == ring->count) {
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - ring->head_seen == ring->count) {
            return NULL;
        }
    }
    return raw_ring_slot(ring, tail);
}

static inline void raw_ring_commit(raw_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

/** The oldest message, or NULL when there is none. */
static inline const void *raw_ring_peek(raw_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->tail_seen) {
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen) {
            return NULL;
        }
    }
    return raw_ring_slot(ring, head);
}

static inline void raw_ring_release(raw_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
}

#endif
