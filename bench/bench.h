/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What benchmarks share: repeated measurement, the table on the terminal, the JSON file.
 */
#ifndef TT_BENCH_BENCH_H
#define TT_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/** One line of a result. Zero-length texts and zero numbers are "none". */
typedef struct bench_row {
    char name[64];
    char unit[24];
    double value;  /**< Median of the runs. */
    double spread; /**< (largest - smallest) / median. */
    char peer[64]; /**< What stands beside it, measured in the same run. */
    double peer_value;
    double budget;        /**< What the design allows or demands. */
    bool budget_is_least; /**< The value must be at least the budget; else at most. */
    bool is_printed;      /**< A table of its own shows it; the file has it all the same. */
} bench_row;

enum {
    BENCH_ROWS_MAX = 512,
    BENCH_RUNS_MAX = 64
};

/** The rows of one benchmark program. */
typedef struct bench_table {
    const char *name;
    bench_row rows[BENCH_ROWS_MAX];
    int count;
} bench_table;

/** Monotonic time in seconds. */
double bench_seconds(void);
/** Adds a row from several measurements: median and spread. Returns it, to fill in the rest. */
bench_row *
bench_add(bench_table *table, const char *name, const char *unit, const double *values, int count);
/** Prints the table and writes out/bench/<name>.json. Returns the exit status of the program. */
int bench_finish(const bench_table *table);
/** Peak resident memory of the process in MiB. */
double bench_peak_mib(void);
/** Ends with a clear message: the benchmark cannot run, or what it timed gave a wrong answer. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
