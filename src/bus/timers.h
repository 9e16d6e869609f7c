/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Timers of the core: (deadline, arming order) decides who fires first, so ties are stable. State
 * is one region without pointers; owners register a handler under a small fixed number.
 */
#ifndef TT_BUS_TIMERS_H
#define TT_BUS_TIMERS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/types.h"

typedef struct tt_timers tt_timers;

/** Most firings of one tt_timers_fire. */
#define TT_TIMERS_FIRE_MAX 65536u

/** Fixed numbers of the owners of timers. */
typedef enum tt_timer_owner {
    TT_TIMER_COORDINATOR,
    TT_TIMER_RISK,
    TT_TIMER_TRADE,
    TT_TIMER_MARKET,
    TT_TIMER_STRATEGY,
    TT_TIMER_BUS,
    TT_TIMER_PORTFOLIO,
    TT_TIMER_OWNER_COUNT
} tt_timer_owner;

/** A timer fired. `kind` and `subject` are what the owner gave when arming. */
typedef void (*tt_timer_fn)(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline);

/** Handle of an armed timer; 0 = none. Never reused while the timers live. */
typedef struct tt_timer_id {
    uint64_t n;
} tt_timer_id;

/** Room for `capacity` timers, at most 65535. @retval TUTTI_NO_MEMORY. @retval TUTTI_INVALID
 * capacity out of range. @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_timers_new(uint32_t capacity, tt_arena *arena, tt_timers **result);
/** Memory of the state, to register as a region. */
void *tt_timers_state(tt_timers *timers, size_t *ret_size);
/** Names who is called for the timers of `owner`; needed before its first timer fires.
 * @thread{setup} */
void tt_timers_set_handler(tt_timers *timers, tt_timer_owner owner, tt_timer_fn fn, void *ctx);
/** Arms a one-shot timer; `result` may be NULL. A deadline that has passed fires with the next
 * tt_timers_fire. @retval TUTTI_LIMIT all are in use (counted). */
TUTTI_NODISCARD tutti_status tt_timers_arm(
    tt_timers *timers,
    tt_timer_owner owner,
    uint32_t kind,
    uint64_t subject,
    tt_time deadline,
    tt_timer_id *result);
/** Cancels; false if it already fired or never was. O(log n). */
bool tt_timers_cancel(tt_timers *timers, tt_timer_id id);
/** Earliest deadline, or TT_TIME_NEVER. */
tt_time tt_timers_next(const tt_timers *timers);
/** Fires every timer with deadline <= now, in order; handlers may arm and cancel. What they arm for
 * now or earlier fires, too, up to TT_TIMERS_FIRE_MAX in all; the rest waits for the next call. */
void tt_timers_fire(tt_timers *timers, tt_time now);

/** Counters; a copy. */
typedef struct tt_timers_stats {
    uint64_t fired;
    uint64_t refused;  /**< Not armed: all were in use. */
    uint64_t deferred; /**< Times that tt_timers_fire stopped at its bound. */
    uint32_t armed;
    uint32_t high_water;
} tt_timers_stats;
void tt_timers_stats_get(const tt_timers *timers, tt_timers_stats *ret_stats);

#endif
