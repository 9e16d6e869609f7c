/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Event time from the monotonic clock.
 */
#include "host/paper_clock.h"

#include "base/error.h"

#include <time.h>

int64_t tt_mono_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * TT_NS_PER_S + now.tv_nsec;
}

int64_t tt_wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * TT_NS_PER_S + now.tv_nsec;
}

void tt_sleep_ns(int64_t ns)
{
    if (ns > 0) {
        struct timespec span = {.tv_sec = ns / TT_NS_PER_S, .tv_nsec = ns % TT_NS_PER_S};
        nanosleep(&span, NULL);
    }
}

void tt_paper_clock_start(tt_paper_clock *clock, tt_time start, tt_ratio speed)
{
    int64_t speed_milli = 0;
    tutti_status status = tt_dec_to_i64(speed.d, 3, TT_ROUND_UP, &speed_milli);
    TT_ASSERT(status == TUTTI_OK && speed_milli > 0);
    *clock = (tt_paper_clock){start, tt_mono_ns(), speed_milli};
}

tt_time tt_paper_clock_now(const tt_paper_clock *clock)
{
    tt_i128 elapsed = tt_mono_ns() - clock->start_mono_ns;
    return (tt_time){clock->start.ns + (int64_t)(elapsed * clock->speed_milli / 1000)};
}
