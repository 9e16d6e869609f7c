/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The subjects of the benchmark of the bus, one a file.
 */
#ifndef TT_BENCH_BUS_BENCH_H
#define TT_BENCH_BUS_BENCH_H

#include "base/clock.h"
#include "bench.h"

enum {
    HANDOFF_WORDS = 32 /**< Of the largest message. */
};

/** The clocks of this machine. */
extern const tt_timepiece bus_timepiece;

/** Ends the benchmark unless `status` is TUTTI_OK. */
static inline void bus_check(tutti_status status, const char *what)
{
    if (status != TUTTI_OK) {
        bench_fail("%s: %s", what, tutti_status_text(status));
    }
}

/** Writes a schema of `size` bytes, a multiple of 8. */
void bus_schema_write(char *text, size_t capacity, uint32_t size);

/** Publish and delivery on the core. */
void bus_core_bench(bench_table *table, bool is_short);
/** A cancel in a flood of market data. */
void bus_lanes_bench(bench_table *table, bool is_short);
/** Numbers of peers, quoted. */
void bus_quoted_bench(bench_table *table, bool is_short);
/** Memory over a long run. */
void bus_memory_bench(bench_table *table, bool is_short);

#endif
