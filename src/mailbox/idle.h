/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a thread without work waits, and how it is woken.
 *
 * Strategies (enumeration `idle` of the model): `spin` asks again and again: the fastest, and only
 * for a thread with a CPU of its own. `backoff`, the default, spins for a moment, then parks.
 * `block` parks at once. A parked thread sleeps in a futex on a tt_park; who changes something
 * calls tt_park_wake, which makes no system call when nobody sleeps, and one for each sleep when
 * somebody does.
 *
 *     | call          | who                                                                    |
 *     | tt_park_init  | before all others                                                      |
 *     | tt_park_wake  | any thread, after it has made ready what others wait for               |
 *     | tt_idle_wait  | any thread, any number at once                                         |
 */
#ifndef TT_MAILBOX_IDLE_H
#define TT_MAILBOX_IDLE_H

#include "base/clock.h"
#include "mailbox/barrier.h"
#include "model/enums.h"

/** Wait without a time limit. */
#define TT_IDLE_FOR_EVER INT64_MAX
/** Far enough apart that neither false sharing nor the prefetch of a neighbour line disturbs. */
#define TT_MAILBOX_PAD 128

/** A place to sleep. */
typedef struct tt_park {
    _Alignas(TT_MAILBOX_PAD) _Atomic uint32_t epoch; /**< Changes with each wake-up. */
    _Atomic uint32_t is_asleep;                      /**< Somebody may be asleep. */
    _Atomic uint64_t parks;                          /**< Times that somebody went to sleep. */
    _Atomic uint64_t wakes;                          /**< System calls made to wake. */
} tt_park;

/** How to wait; zero = default. */
typedef struct tt_idle_options {
    tt_idle strategy;    /**< Zero is `backoff`. */
    int64_t spin_ns;     /**< Spinning before parking; default 50 us, a bit more than a wake. */
    int64_t park_max_ns; /**< Longest sleep in one piece; default 100 ms. */
    const tt_timepiece *clock; /**< Required; lent as long as the options are used. */
} tt_idle_options;

/** Tells whether what is waited for is there; may take it. */
typedef bool (*tt_idle_ready_fn)(void *ctx);

void tt_park_init(tt_park *park);
/** Wakes all that sleep; they may have been woken for nothing and look again. */
void tt_park_wake_all(tt_park *park);
/** Wakes whoever sleeps, if anybody does. @thread{any} @blocks{never} */
static inline void tt_park_wake(tt_park *park)
{
    tt_barrier_light();
    if (atomic_load_explicit(&park->is_asleep, memory_order_relaxed)) {
        tt_park_wake_all(park);
    }
}

/** Fills in the defaults. */
tt_idle_options tt_idle_defaults(const tt_idle_options *options);
/** Waits until `ready(ctx)` is true or `limit_ns` have passed on the clock; tells whether it was.
 * Asks at least once. `options` have no zeros left. @thread{any} @blocks{up to the limit} */
bool tt_idle_wait(
    const tt_idle_options *options,
    tt_park *park,
    int64_t limit_ns,
    tt_idle_ready_fn ready,
    void *ctx);

#endif
