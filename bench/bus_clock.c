/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The clocks of this machine, as the parts around the core want them.
 */
#include "bus_bench.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * TT_NS_PER_S + now.tv_nsec;
}

static tt_time read_wall(void *ctx)
{
    (void)ctx;
    return (tt_time){read_clock(CLOCK_REALTIME)};
}

static tt_dur read_monotonic(void *ctx)
{
    (void)ctx;
    return (tt_dur){read_clock(CLOCK_MONOTONIC)};
}

const tt_timepiece bus_timepiece = {.wall = read_wall, .monotonic = read_monotonic};
