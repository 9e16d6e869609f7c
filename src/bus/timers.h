/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Timers of the core: (deadline, arming order) decides who fires first, so ties are stable. State is
 * one region without pointers; owners register a handler under a small fixed number.
 */
#ifndef TT_BUS_TIMERS_H
#define TT_BUS_TIMERS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/types.h"

typedef struct tt_timers tt_timers;
struct tt_core;

/** Fixed numbers of the owners of timers. */
typedef enum tt_timer_owner {
    TT_TIMER_COORDINATOR, TT_TIMER_RISK, TT_TIMER_TRADE, TT_TIMER_MARKET, TT_TIMER_STRATEGY, TT_TIMER_OWNER_COUNT
} tt_timer_owner;

/** A timer fired. `kind` and `subject` are what the owner gave when arming. */
typedef void (*tt_timer_fn)(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline);

/** Handle of an armed timer; 0 = none. Never reused while the timers live. */
typedef struct tt_timer_id {
    uint64_t n;
} tt_timer_id;

TUTTI_NODISCARD tutti_status tt_timers_new(uint32_t capacity, tt_arena *arena, tt_timers **result);
/** Memory of the state, to register as a region. */
void *tt_timers_state(tt_timers *timers, size_t *ret_size);
void tt_timers_set_handler(tt_timers *timers, tt_timer_owner owner, tt_timer_fn fn, void *ctx);
/** Arms a one-shot timer. @retval TUTTI_LIMIT all are in use (counted). */
TUTTI_NODISCARD tutti_status tt_timers_arm(tt_timers *timers, tt_timer_owner owner, uint32_t kind,
    uint64_t subject, tt_time deadline, tt_timer_id *result);
/** Cancels; false if it already fired or never was. O(log n). */
bool tt_timers_cancel(tt_timers *timers, tt_timer_id id);
/** Earliest deadline, or TT_TIME_NEVER. */
tt_time tt_timers_next(const tt_timers *timers);
/** Fires every timer with deadline <= now, in order; handlers may arm and cancel. */
void tt_timers_fire(tt_timers *timers, tt_time now);

#endif
