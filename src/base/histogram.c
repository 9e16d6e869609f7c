/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Log-linear histograms.
 *
 * Bucket of a value: the value itself below 2^SUB_BITS. Above, with the highest bit at m, the value
 * is shifted right by s = m - SUB_BITS, which leaves 128 to 255; the bucket is that plus 128 s.
 */
#include "base/histogram.h"

#include "base/dec.h"
#include "base/error.h"

#include <string.h>

#define SUB_COUNT (UINT64_C(1) << TT_HISTOGRAM_SUB_BITS)
#define MILLION   1000000u

static uint32_t bucket_of(uint64_t value)
{
    uint32_t high = 63u - (uint32_t)__builtin_clzll(value | SUB_COUNT); // shift 0 below 256
    uint32_t shift = high - TT_HISTOGRAM_SUB_BITS;
    return (uint32_t)(value >> shift) + (shift << TT_HISTOGRAM_SUB_BITS);
}

/** Largest value of a bucket. */
static uint64_t top_of(uint32_t bucket)
{
    if (bucket < 2 * SUB_COUNT) {
        return bucket;
    }
    uint32_t shift = (bucket >> TT_HISTOGRAM_SUB_BITS) - 1;
    uint64_t base = bucket - ((uint64_t)shift << TT_HISTOGRAM_SUB_BITS);
    return ((base + 1) << shift) - 1;
}

void tt_histogram_record(tt_histogram *histogram, uint64_t value)
{
    if (value > TT_HISTOGRAM_VALUE_MAX) {
        value = TT_HISTOGRAM_VALUE_MAX;
        histogram->clamped++;
    }
    if (histogram->count == 0 || value < histogram->min) {
        histogram->min = value;
    }
    if (value > histogram->max) {
        histogram->max = value;
    }
    histogram->count++;
    histogram->sum += value;
    histogram->buckets[bucket_of(value)]++;
}

uint64_t tt_histogram_percentile(const tt_histogram *histogram, uint32_t per_million)
{
    if (histogram->count == 0) {
        return 0;
    }
    uint32_t part = per_million < MILLION ? per_million : MILLION;
    tt_u128 exact = (tt_u128)histogram->count * part;
    uint64_t rank = (uint64_t)((exact + MILLION - 1) / MILLION); // rounded up
    rank = rank == 0 ? 1 : rank;
    uint64_t seen = 0;
    uint32_t bucket = bucket_of(histogram->min);
    for (; bucket < bucket_of(histogram->max); bucket++) {
        seen += histogram->buckets[bucket];
        if (seen >= rank) {
            break;
        }
    }
    uint64_t top = top_of(bucket);
    return top < histogram->max ? top : histogram->max;
}

uint64_t tt_histogram_mean(const tt_histogram *histogram)
{
    return histogram->count == 0 ? 0 : histogram->sum / histogram->count;
}

void tt_histogram_merge(tt_histogram *into, const tt_histogram *from)
{
    if (from->count == 0) {
        return;
    }
    if (into->count == 0 || from->min < into->min) {
        into->min = from->min;
    }
    into->max = from->max > into->max ? from->max : into->max;
    into->count += from->count;
    into->sum += from->sum;
    into->clamped += from->clamped;
    for (uint32_t i = bucket_of(from->min); i <= bucket_of(from->max); i++) {
        into->buckets[i] += from->buckets[i];
    }
}

void tt_histogram_reset(tt_histogram *histogram)
{
    if (histogram->count == 0) {
        return;
    }
    uint32_t first = bucket_of(histogram->min);
    uint32_t last = bucket_of(histogram->max);
    memset(&histogram->buckets[first], 0, (last - first + 1) * sizeof histogram->buckets[0]);
    histogram->count = 0;
    histogram->sum = 0;
    histogram->min = 0;
    histogram->max = 0;
    histogram->clamped = 0;
}
