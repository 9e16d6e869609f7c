/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Time as a thing that is handed in: code outside of the core that needs "now" takes a tt_timepiece
 * (tt_clock is the payload of a message). The real one lives in host; tests use the fake one.
 */
#ifndef TT_BASE_CLOCK_H
#define TT_BASE_CLOCK_H

#include "base/types.h"

/** A clock. Implementations fill all slots. */
typedef struct tt_timepiece {
    void *ctx; /**< Handed to each slot. */
    /** Returns the UTC time; may jump when the machine's clock is set. Any thread, never blocks. */
    tt_time (*wall)(void *ctx);
    /** Returns the time since some fixed moment; never runs backwards. Any thread, never blocks. */
    tt_dur (*monotonic)(void *ctx);
} tt_timepiece;

static inline tt_time tt_timepiece_wall(const tt_timepiece *clock)
{
    return clock->wall(clock->ctx);
}
static inline tt_dur tt_timepiece_monotonic(const tt_timepiece *clock)
{
    return clock->monotonic(clock->ctx);
}

/** A clock that moves only when told. One thread. */
typedef struct tt_fake_timepiece {
    tt_time wall;
    tt_dur monotonic;
} tt_fake_timepiece;

/** Starts at `wall` with a monotonic time of zero. @borrows{`fake` as long as the result is used}
 */
tt_timepiece tt_fake_timepiece_init(tt_fake_timepiece *fake, tt_time wall);
/** Lets time pass on both scales. `span` >= 0. */
void tt_fake_timepiece_advance(tt_fake_timepiece *fake, tt_dur span);
/** Sets the wall time alone, forwards or backwards, as an operator would. */
void tt_fake_timepiece_set_wall(tt_fake_timepiece *fake, tt_time wall);

#endif
