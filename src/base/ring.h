/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bounded rings of records between threads: tt_ring for one producer, tt_mpsc for several; one
 * consumer each. Records are byte strings of any size up to a bound, handed over by value, in
 * order. No locks, no waiting, and no system calls but one (tt_ring_stay_near): full and empty are
 * told to the caller, who decides.
 *
 * Layout: in a tt_ring records start at multiples of 8 with an 8-byte header, in a tt_mpsc at
 * multiples of 16, and what would be their headers is a table of its own (ADR 114). One that does
 * not fit before the end of the memory starts at the front again, behind a padding record. A record
 * is always in one piece, and its bytes start at a multiple of 8.
 *
 * Who may call what at the same time as what (P: a producer thread, C: the consumer thread):
 *
 *     | call                              | tt_ring            | tt_mpsc             |
 *     | init                              | before all others  | before all others   |
 *     | claim .. commit, push             | the one P          | any P, any number   |
 *     | peek .. release, pop              | the one C          | the one C           |
 *     | close                             | -                  | any thread          |
 *     | walk                              | both sides quiet   | -                   |
 *     | stats                             | any thread         | any thread          |
 *
 * P and C calls never wait for one another. In a tt_mpsc the consumer sees records in the order in
 * which they were claimed: one that is claimed but not yet committed holds back those behind it.
 */
#ifndef TT_BASE_RING_H
#define TT_BASE_RING_H

#include <tutti/status.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_CACHE_LINE 64
/** Between what different threads write: a processor fetches lines in pairs. */
#define TT_RING_PAD      128
#define TT_RING_SIZE_MIN 64
#define TT_RING_SIZE_MAX (UINT32_C(1) << 30)
/** Records of a tt_mpsc start at multiples of this and take a multiple of it. */
#define TT_MPSC_GRAIN 16

/** Counters; a copy, each value exact at some recent moment. */
typedef struct tt_ring_stats {
    uint64_t pushed;     /**< Records committed; in a tt_mpsc those being filled count, too. */
    uint64_t popped;     /**< Records released. */
    uint64_t refused;    /**< Claims refused because the ring was full. */
    uint64_t bytes_used; /**< In the ring now, headers and padding between records included. */
    uint64_t bytes_max;  /**< Most that the consumer has found waiting. */
} tt_ring_stats;

/** Ring for one producer and one consumer. Records are published by their own headers; the consumer
 * hardly ever looks at the producer's line, nor the producer at the consumer's. */
typedef struct tt_ring {
    _Alignas(TT_RING_PAD) unsigned char *data; /**< Read-only after init, as the next three. */
    uint64_t mask;
    uint32_t record_max;
    uint32_t shift; /**< The size is 2^shift. */
    /* The producer's. */
    _Alignas(TT_RING_PAD) _Atomic uint64_t tail; /**< Bytes committed since the start. */
    uint64_t head_seen;                          /**< Last known head. */
    uint64_t claim_at;                           /**< Where the claimed record starts. */
    uint32_t claim_size;                         /**< What was claimed; UINT32_MAX = nothing. */
    _Atomic uint64_t pushed;
    _Atomic uint64_t refused;
    uint64_t stretch; /**< Bytes between two looks for an empty ring; its size = none. */
    uint64_t turn;    /**< Position behind which a record asks for a look; one of an older lap: it
                         is to be set. */
    /* Written by the consumer, read by the producer. */
    _Alignas(TT_RING_PAD) _Atomic uint64_t head; /**< Bytes released since the start. */
    /* The consumer's own. */
    _Alignas(TT_RING_PAD) uint64_t tail_seen; /**< Up to here it is known to be committed. */
    _Atomic uint64_t popped;
    _Atomic uint64_t bytes_max;
} tt_ring;

/** Ring for several producers and one consumer. */
typedef struct tt_mpsc {
    _Alignas(TT_RING_PAD) unsigned char *data; /**< Read-only after init, as the next three. */
    _Atomic uint64_t *words;                   /**< One for each place where a record may start. */
    uint64_t mask;
    uint32_t record_max;
    /* The producers' line. */
    _Alignas(TT_RING_PAD) _Atomic uint64_t tail; /**< Bytes claimed since the start; odd: closed. */
    _Atomic uint64_t head_seen;                  /**< A head that was true once. */
    _Atomic uint64_t claimed;
    _Atomic uint64_t dropped;
    _Atomic uint64_t refused;
    /* Written by the consumer, read by a producer when the ring seems full. */
    _Alignas(TT_RING_PAD) _Atomic uint64_t head; /**< Bytes released since the start. */
    /* The consumer's own. */
    _Alignas(TT_RING_PAD) uint64_t tail_seen; /**< Up to here it is known to be claimed. */
    const _Atomic uint64_t *next;             /**< The word at head. */
    uint64_t next_lap;                        /**< What it has of the lap of head. */
    uint64_t next_most;                       /**< Largest that it can say besides. */
    _Atomic uint64_t popped;
    _Atomic uint64_t bytes_max;
} tt_mpsc;

/**
 * Starts an empty ring in `memory`: `size` bytes, a power of two between TT_RING_SIZE_MIN and
 * TT_RING_SIZE_MAX, aligned to 8. The largest record is size / 2 - 8.
 *
 * @retval TUTTI_INVALID size or alignment. @borrows{`memory` until the ring is gone} @thread{setup}
 */
TUTTI_NODISCARD tutti_status tt_ring_init(tt_ring *ring, void *memory, size_t size);
/**
 * Keeps a ring that is mostly empty in its first pages: each time the producer has gone `stretch`
 * bytes and finds the ring empty, it begins at the front again. So memory that no backlog has
 * needed is never touched, and that of one of more than a MiB goes back to the system behind it.
 * Until the consumer comes by next the ring then holds what lies before the place that was left, at
 * least `stretch` bytes: for producers that wait for room. A `stretch` of the ring's size or more
 * changes nothing.
 *
 * @thread{setup}
 */
void tt_ring_stay_near(tt_ring *ring, size_t stretch);
/**
 * Reserves room for a record of `size` bytes and lends it for filling. Nothing is visible to the
 * consumer until the commit; a second claim without one replaces the first.
 *
 * @retval TUTTI_LIMIT full; counted as refused. @retval TUTTI_RANGE larger than the largest record.
 * @lends{until the commit}
 */
TUTTI_NODISCARD tutti_status tt_ring_claim(tt_ring *ring, uint32_t size, void **ret_record);
/** Hands the claimed record over with its first `size` bytes (at most what was claimed). */
void tt_ring_commit(tt_ring *ring, uint32_t size);
/** Claim, copy, commit. */
TUTTI_NODISCARD tutti_status tt_ring_push(tt_ring *ring, const void *record, uint32_t size);
/** Shows the oldest record, or NULL when the ring is empty. @lends{until its release} */
const void *tt_ring_peek(tt_ring *ring, uint32_t *ret_size);
/** Gives the room of the record that was last peeked back to the producer. */
void tt_ring_release(tt_ring *ring);
/**
 * Peek, copy, release.
 *
 * @retval TUTTI_END empty. @retval TUTTI_RANGE the record has more than `capacity` bytes; it stays,
 * and its size is in `ret_size`.
 */
TUTTI_NODISCARD tutti_status
tt_ring_pop(tt_ring *ring, void *record, uint32_t capacity, uint32_t *ret_size);
/** Looks at what waits without taking it: the record behind `previous` (NULL: the oldest), or NULL.
 * For the end of a ring, when neither side moves any more. @lends{as long as nothing moves} */
const void *tt_ring_walk(const tt_ring *ring, const void *previous, uint32_t *ret_size);
tt_ring_stats tt_ring_stats_get(const tt_ring *ring);
/** Tells the consumer at a glance whether a peek would find nothing. */
static inline bool tt_ring_is_empty(const tt_ring *ring)
{
    uint64_t taken = atomic_load_explicit(&ring->head, memory_order_relaxed);
    const void *at = ring->data + (taken & ring->mask);
    uint64_t header = atomic_load_explicit((const _Atomic uint64_t *)at, memory_order_relaxed);
    uint32_t lap = (uint32_t)(taken >> ring->shift) << 8;
    return ((uint32_t)(header >> 32) ^ lap) - 1 >= 0xff; // a header of this lap has a kind
}

/** Bytes of memory that a tt_mpsc of `size` needs: half as many again. @thread{any} */
size_t tt_mpsc_bytes(size_t size);
/** As tt_ring_init, in tt_mpsc_bytes(size) of memory. Records start at multiples of TT_MPSC_GRAIN
 * behind its start. */
TUTTI_NODISCARD tutti_status tt_mpsc_init(tt_mpsc *ring, void *memory, size_t size);
/** As tt_ring_claim, but each claim must be committed or dropped, soon: it holds back those behind.
 * @retval TUTTI_STATE the ring is closed. */
TUTTI_NODISCARD tutti_status tt_mpsc_claim(tt_mpsc *ring, uint32_t size, void **ret_record);
/** Hands over the record that tt_mpsc_claim lent. */
void tt_mpsc_commit(tt_mpsc *ring, void *record);
/** Gives a claim up: the consumer skips it. */
void tt_mpsc_drop(tt_mpsc *ring, void *record);
/** Claim, copy, commit. */
TUTTI_NODISCARD tutti_status tt_mpsc_push(tt_mpsc *ring, const void *record, uint32_t size);
/** Lets no more claims in. What was claimed before is still to be committed and taken. */
void tt_mpsc_close(tt_mpsc *ring);
/** Tells the consumer that the ring is closed and that everything claimed has been taken. */
bool tt_mpsc_is_drained(const tt_mpsc *ring);
/** As tt_ring_peek. */
const void *tt_mpsc_peek(tt_mpsc *ring, uint32_t *ret_size);
/** As tt_ring_release. */
void tt_mpsc_release(tt_mpsc *ring);
/** As tt_ring_pop. */
TUTTI_NODISCARD tutti_status
tt_mpsc_pop(tt_mpsc *ring, void *record, uint32_t capacity, uint32_t *ret_size);
tt_ring_stats tt_mpsc_stats_get(const tt_mpsc *ring);
/** As tt_ring_is_empty. */
static inline bool tt_mpsc_is_empty(const tt_mpsc *ring)
{
    uint64_t said = atomic_load_explicit(ring->next, memory_order_relaxed) ^ ring->next_lap;
    return said > ring->next_most || (said & 3) == 3; // of another lap, or being filled
}

#endif
