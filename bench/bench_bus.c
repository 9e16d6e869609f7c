/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus: publish on the core, hand-off between threads, priority lanes, memory; each beside what
 * else there is. `--short` runs everything briefly: it shows that it works, not how fast. Names of
 * subjects run these alone.
 */
#include "bus_bench.h"
#include "handoff.h"
#include "place.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    void (*run)(bench_table *table, bool is_short);
} subjects[] = {
    {"core", bus_core_bench},
    {"handoff", handoff_bench},
    {"quoted", bus_quoted_bench},
    {"lanes", bus_lanes_bench},
    {"memory", bus_memory_bench},
};
enum {
    SUBJECTS = sizeof subjects / sizeof subjects[0]
};

/** Index of a subject, SUBJECTS if there is none of that name. */
static int find_subject(const char *name)
{
    int i = 0;
    while (i < SUBJECTS && strcmp(name, subjects[i].name) != 0) {
        i++;
    }
    return i;
}

static int fail_usage(const char *word)
{
    fprintf(stderr, "bench_bus: '%s' is not understood\nusage: bench_bus [--short] [", word);
    for (int i = 0; i < SUBJECTS; i++) {
        fprintf(stderr, "%s%s", i > 0 ? "|" : "", subjects[i].name);
    }
    fputs("]...\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static bench_table table = {.name = "bus"};
    bool is_short = false;
    bool is_wanted[SUBJECTS] = {false};
    bool is_named = false;
    for (int i = 1; i < argc; i++) {
        int subject = find_subject(argv[i]);
        if (strcmp(argv[i], "--short") == 0) {
            is_short = true;
        } else if (subject < SUBJECTS) {
            is_wanted[subject] = true;
            is_named = true;
        } else {
            return fail_usage(argv[i]);
        }
    }
    place_prefer();
    for (int i = 0; i < SUBJECTS; i++) {
        if (is_wanted[i] || !is_named) {
            subjects[i].run(&table, is_short);
        }
    }
    return bench_finish(&table);
}
