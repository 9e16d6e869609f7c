/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Histograms of durations, log-linear ("HDR"): fixed memory, exact counts, a bounded error.
 *
 * Values below 128 ns have a bucket each; from there every doubling is cut into 128 buckets of
 * equal width, up to one hour. So a percentile is never below the true value, and above it by less
 * than 1/128 of it (0.79 %). Minimum, maximum, count and mean are exact. A value above the bound
 * counts as the bound and is counted in `clamped`.
 *
 * Plain data without pointers (tt_histogram); one owner. Recording takes a few nanoseconds and is
 * O(1). All functions: @thread{owner} @blocks{never} @alloc{never}
 */
#ifndef TT_BASE_HISTOGRAM_H
#define TT_BASE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

/** Largest value: one hour in nanoseconds. */
#define TT_HISTOGRAM_VALUE_MAX UINT64_C(3600000000000)
/** Buckets to a doubling, as a power of two. */
#define TT_HISTOGRAM_SUB_BITS 7
/** 128 single values, then 128 buckets for each of the 35 doublings up to 2^42 > one hour. */
#define TT_HISTOGRAM_BUCKETS (36u << TT_HISTOGRAM_SUB_BITS)

/** Usual arguments of tt_histogram_percentile: parts per million. */
#define TT_P50  500000u
#define TT_P95  950000u
#define TT_P99  990000u
#define TT_P999 999000u

/** Counts of values; all zero = empty. */
typedef struct tt_histogram {
    uint64_t count;
    uint64_t sum; /**< Wraps after 584 years of recorded time. */
    uint64_t min; /**< Valid when count > 0; so is max. */
    uint64_t max;
    uint64_t clamped; /**< Values above the bound. */
    uint64_t buckets[TT_HISTOGRAM_BUCKETS];
} tt_histogram;

/** Counts one value. */
void tt_histogram_record(tt_histogram *histogram, uint64_t value_ns);
/** The value that `per_million` of a million values do not exceed: an upper bound of the smallest
 * recorded value with that property, never above the maximum. 0 when empty; above a million counts
 * as a million. */
uint64_t tt_histogram_percentile(const tt_histogram *histogram, uint32_t per_million);
/** Mean, rounded down; 0 when empty. */
uint64_t tt_histogram_mean(const tt_histogram *histogram);
/** Adds the counts of `from`. */
void tt_histogram_merge(tt_histogram *into, const tt_histogram *from);
/** Empties; costs what is between the smallest and the largest value. */
void tt_histogram_reset(tt_histogram *histogram);

#endif
