/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus: publish on the core, hand-off between threads, priority lanes, memory; each beside what
 * else there is. `bench_bus --short` runs everything briefly: it shows that it works, not how fast.
 */
#include "handoff.h"
#include "place.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static bench_table table = {.name = "bus"};
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    if (argc > 1 && !is_short) {
        fprintf(stderr, "usage: bench_bus [--short]\n");
        return 2;
    }
    place_prefer();
    handoff_bench(&table, is_short);
    return bench_finish(&table);
}
