/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The fake clock.
 */
#include "base/clock.h"

static tt_time fake_wall(void *ctx)
{
    const tt_fake_timepiece *fake = ctx;
    return fake->wall;
}

static tt_dur fake_monotonic(void *ctx)
{
    const tt_fake_timepiece *fake = ctx;
    return fake->monotonic;
}

tt_timepiece tt_fake_timepiece_init(tt_fake_timepiece *fake, tt_time wall)
{
    *fake = (tt_fake_timepiece){.wall = wall};
    return (tt_timepiece){.ctx = fake, .wall = fake_wall, .monotonic = fake_monotonic};
}

void tt_fake_timepiece_advance(tt_fake_timepiece *fake, tt_dur span)
{
    TT_ASSERT(span.ns >= 0);
    fake->wall.ns += span.ns;
    fake->monotonic.ns += span.ns;
}

void tt_fake_timepiece_set_wall(tt_fake_timepiece *fake, tt_time wall)
{
    fake->wall = wall;
}
