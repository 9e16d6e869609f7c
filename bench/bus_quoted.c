/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of peers that this program cannot run: taken on the same kind of machine at another time,
 * near placement, quiet. They are for orientation; a ratio to them would mean nothing.
 * `make bench BENCH=peers` measures those that can be fetched.
 */
#include "bus_bench.h"

#include <stdio.h>

static const struct {
    const char *name;
    const char *unit;
    double small; /**< 64 bytes. */
    double large; /**< 256 bytes; 0 = not known. */
} quotes[] = {
    {"LMAX Disruptor 4, 1x1 round trip p50, busy spin", "ns", 250, 290},
    {"LMAX Disruptor 4, 1x1 throughput, yielding", "M/s", 20.4, 17.4},
    {"LMAX Disruptor 4, 3x1 throughput, yielding", "M/s", 21.0, 0},
    {"Aeron IPC, C driver, 1x1 round trip p50", "ns", 220, 240},
    {"Aeron IPC, C driver, 1x1 throughput", "M/s", 12.0, 4.2},
    {"NautilusTrader router, by reference, 1 topic", "ns", 13.9, 13.9},
    {"NautilusTrader router, by reference, 1024 topics", "ns", 20.9, 20.9},
    {"NautilusTrader router, 1024 topics, 2 wildcards", "ns", 25.5, 25.5},
};

void bus_quoted_bench(bench_table *table, bool is_short)
{
    (void)is_short;
    printf("\nquoted, not measured in this run   %37s %8s\n", "64 B", "256 B");
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        char name[64];
        printf("  %-56s %12.1f", quotes[i].name, quotes[i].small);
        if (quotes[i].large > 0) {
            printf(" %8.1f", quotes[i].large);
        } else {
            printf(" %8s", "-");
        }
        printf(" %s\n", quotes[i].unit);
        snprintf(name, sizeof name, "quoted: %s", quotes[i].name);
        bench_add(table, name, quotes[i].unit, &quotes[i].small, 1)->is_printed = true;
    }
}
