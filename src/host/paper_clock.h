/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The clock of a paper session: event time that runs at a multiple of real time from a given start.
 */
#ifndef TT_HOST_PAPER_CLOCK_H
#define TT_HOST_PAPER_CLOCK_H

#include "base/types.h"

/** Read-only after the start, so that every thread may read it. */
typedef struct tt_paper_clock {
    tt_time start;         /**< Event time at the start. */
    int64_t start_mono_ns; /**< Monotonic clock at the start. */
    int64_t speed_milli;   /**< Event seconds per 1,000 real seconds. */
} tt_paper_clock;

/** Starts a clock at `start`. `speed` is event seconds per real second. */
void tt_paper_clock_start(tt_paper_clock *clock, tt_time start, tt_ratio speed);
/** Event time now. @thread{any} */
tt_time tt_paper_clock_now(const tt_paper_clock *clock);
/** Monotonic real time in nanoseconds. @thread{any} */
int64_t tt_mono_ns(void);
/** Wall time in nanoseconds since 1970; jumps when somebody sets the clock. @thread{any} */
int64_t tt_wall_ns(void);
/** Sleeps at most `ns` real nanoseconds. @thread{any} @blocks{until then} */
void tt_sleep_ns(int64_t ns);

#endif
