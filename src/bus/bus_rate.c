/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Token buckets. What is missing is kept, and not what is there, so that a bucket of zeros is full.
 */
#include "bus/bus_rate.h"

#define TOKEN UINT64_C(1000000000) /* nanoseconds of a second: a rate of 1 brings one a second */

static void refill(tt_bus_bucket *bucket, tt_bus_rate rate, tt_time now)
{
    uint64_t elapsed = (uint64_t)now.ns - (uint64_t)bucket->time_ns;
    bucket->time_ns = now.ns;
    tt_u128 gained = (tt_u128)elapsed * rate.per_s;
    bucket->missing -= gained < bucket->missing ? (uint64_t)gained : bucket->missing;
}

bool tt_bus_bucket_has(tt_bus_bucket *bucket, tt_bus_rate rate, tt_time now)
{
    refill(bucket, rate, now);
    return bucket->missing + TOKEN <= rate.burst * TOKEN;
}

void tt_bus_bucket_take(tt_bus_bucket *bucket)
{
    bucket->missing += TOKEN;
}
