/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Carriers without other libraries: the raw ring, a raw ring for several producers, Tutti's own.
 */
#include "base/ring.h"
#include "handoff_loops.h"
#include "raw_ring.h"

#include <stdlib.h>

static void *take_memory(size_t bytes)
{
    void *memory = aligned_alloc(RAW_RING_ALIGN, (bytes + RAW_RING_ALIGN - 1) & ~(size_t)127);
    if (memory == NULL) {
        bench_fail("no memory");
    }
    memset(memory, 0, bytes); // touched, so that no run pays for its first pages
    return memory;
}

/** One raw ring for each producer; the consumer goes from one to the next. */
struct raw_channel {
    raw_ring ring[HANDOFF_PRODUCERS_MAX];
    uint32_t producers;
    uint32_t turn;
};

static void *raw_open(uint32_t size, uint32_t producers)
{
    struct raw_channel *channel = take_memory(sizeof *channel);
    channel->producers = producers;
    for (uint32_t i = 0; i < producers; i++) {
        channel->ring[i].slots = take_memory((size_t)HANDOFF_QUEUE * size);
        channel->ring[i].count = HANDOFF_QUEUE;
        channel->ring[i].stride = size;
    }
    return channel;
}

static void raw_close(void *at)
{
    struct raw_channel *channel = at;
    for (uint32_t i = 0; i < channel->producers; i++) {
        free(channel->ring[i].slots);
    }
    free(channel);
}

HANDOFF_INLINE bool raw_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    raw_ring *ring = &((struct raw_channel *)at)->ring[producer];
    void *slot = raw_ring_claim(ring);
    if (slot == NULL) {
        return false;
    }
    memcpy(slot, bytes, size);
    raw_ring_commit(ring);
    return true;
}

HANDOFF_INLINE const void *raw_peek(void *at)
{
    struct raw_channel *channel = at;
    const void *message = raw_ring_peek(&channel->ring[channel->turn]);
    if (message == NULL && channel->producers > 1) {
        channel->turn = 1 - channel->turn;
        message = raw_ring_peek(&channel->ring[channel->turn]);
    }
    return message;
}

HANDOFF_INLINE void raw_release(void *at)
{
    struct raw_channel *channel = at;
    raw_ring_release(&channel->ring[channel->turn]);
}

HANDOFF_CARRIER(raw, "raw ring", false);

/** Slots with a number that says whose turn it is (after D. Vyukov): any number of producers. */
struct sequence_channel {
    _Alignas(RAW_RING_ALIGN) unsigned char *slots;
    uint32_t stride;
    _Alignas(RAW_RING_ALIGN) _Atomic uint64_t tail;
    _Alignas(RAW_RING_ALIGN) uint64_t head;
};

static unsigned char *slot_of(const struct sequence_channel *channel, uint64_t at)
{
    return channel->slots + (at & (HANDOFF_QUEUE - 1)) * channel->stride;
}

static _Atomic uint64_t *turn_of(const struct sequence_channel *channel, uint64_t at)
{
    return (_Atomic uint64_t *)(void *)slot_of(channel, at);
}

static void *sequence_open(uint32_t size, uint32_t producers)
{
    (void)producers;
    struct sequence_channel *channel = take_memory(sizeof *channel);
    channel->stride = size + 64; // the number has a line of its own, messages stay aligned
    channel->slots = take_memory((size_t)HANDOFF_QUEUE * channel->stride);
    for (uint64_t i = 0; i < HANDOFF_QUEUE; i++) {
        atomic_store(turn_of(channel, i), i);
    }
    return channel;
}

static void sequence_close(void *at)
{
    free(((struct sequence_channel *)at)->slots);
    free(at);
}

HANDOFF_INLINE bool sequence_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct sequence_channel *channel = at;
    (void)producer;
    uint64_t tail = atomic_load_explicit(&channel->tail, memory_order_relaxed);
    for (;;) {
        uint64_t turn = atomic_load_explicit(turn_of(channel, tail), memory_order_acquire);
        if (turn < tail) {
            return false;
        }
        if (turn > tail) {
            tail = atomic_load_explicit(&channel->tail, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(
                       &channel->tail,
                       &tail,
                       tail + 1,
                       memory_order_relaxed,
                       memory_order_relaxed)) {
            break;
        }
    }
    memcpy(slot_of(channel, tail) + sizeof(uint64_t), bytes, size);
    atomic_store_explicit(turn_of(channel, tail), tail + 1, memory_order_release);
    return true;
}

HANDOFF_INLINE const void *sequence_peek(void *at)
{
    struct sequence_channel *channel = at;
    _Atomic uint64_t *turn = turn_of(channel, channel->head);
    bool is_there = atomic_load_explicit(turn, memory_order_acquire) == channel->head + 1;
    return is_there ? slot_of(channel, channel->head) + sizeof *turn : NULL;
}

HANDOFF_INLINE void sequence_release(void *at)
{
    struct sequence_channel *channel = at;
    uint64_t free_at = channel->head + HANDOFF_QUEUE;
    atomic_store_explicit(turn_of(channel, channel->head), free_at, memory_order_release);
    channel->head++;
}

HANDOFF_CARRIER(sequence, "raw ring, numbered slots", false);

/** Bytes of a ring that holds HANDOFF_QUEUE messages: a power of two. */
static size_t ring_bytes(uint32_t size)
{
    return (size_t)HANDOFF_QUEUE * size * 2;
}

/** One tt_ring for each producer. */
struct ring_channel {
    tt_ring ring[HANDOFF_PRODUCERS_MAX];
    void *memory[HANDOFF_PRODUCERS_MAX];
    uint32_t producers;
    uint32_t turn;
};

static void *ring_open(uint32_t size, uint32_t producers)
{
    struct ring_channel *channel = take_memory(sizeof *channel);
    channel->producers = producers;
    for (uint32_t i = 0; i < producers; i++) {
        channel->memory[i] = take_memory(ring_bytes(size));
        if (tt_ring_init(&channel->ring[i], channel->memory[i], ring_bytes(size)) != TUTTI_OK) {
            bench_fail("tt_ring does not start");
        }
    }
    return channel;
}

static void ring_close(void *at)
{
    struct ring_channel *channel = at;
    for (uint32_t i = 0; i < channel->producers; i++) {
        free(channel->memory[i]);
    }
    free(channel);
}

HANDOFF_INLINE bool ring_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct ring_channel *channel = at;
    return tt_ring_push(&channel->ring[producer], bytes, size) == TUTTI_OK;
}

HANDOFF_INLINE const void *ring_peek(void *at)
{
    struct ring_channel *channel = at;
    uint32_t size;
    const void *message = tt_ring_peek(&channel->ring[channel->turn], &size);
    if (message == NULL && channel->producers > 1) {
        channel->turn = 1 - channel->turn;
        message = tt_ring_peek(&channel->ring[channel->turn], &size);
    }
    return message;
}

HANDOFF_INLINE void ring_release(void *at)
{
    struct ring_channel *channel = at;
    tt_ring_release(&channel->ring[channel->turn]);
}

HANDOFF_CARRIER(ring, "tt_ring", true);

struct mpsc_channel {
    tt_mpsc ring;
    void *memory;
};

static void *mpsc_open(uint32_t size, uint32_t producers)
{
    (void)producers;
    struct mpsc_channel *channel = take_memory(sizeof *channel);
    channel->memory = take_memory(tt_mpsc_bytes(ring_bytes(size)));
    if (tt_mpsc_init(&channel->ring, channel->memory, ring_bytes(size)) != TUTTI_OK) {
        bench_fail("tt_mpsc does not start");
    }
    return channel;
}

static void mpsc_close(void *at)
{
    free(((struct mpsc_channel *)at)->memory);
    free(at);
}

HANDOFF_INLINE bool mpsc_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    (void)producer;
    return tt_mpsc_push(&((struct mpsc_channel *)at)->ring, bytes, size) == TUTTI_OK;
}

HANDOFF_INLINE const void *mpsc_peek(void *at)
{
    uint32_t size;
    return tt_mpsc_peek(&((struct mpsc_channel *)at)->ring, &size);
}

HANDOFF_INLINE void mpsc_release(void *at)
{
    tt_mpsc_release(&((struct mpsc_channel *)at)->ring);
}

HANDOFF_CARRIER(mpsc, "tt_mpsc", true);
