/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What benchmarks share: repeated measurement, the table on the terminal, the JSON file.
 *
 * A number alone says little about code: most of it is the machine. So a row has a peer that the
 * same run measured in turns with it, and the ratio is the median of the ratios of the turns, which
 * a slow drift of the machine does not touch.
 */
#ifndef TT_BENCH_BENCH_H
#define TT_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/** One line of a result. Zero-length texts and zero numbers are "none". */
typedef struct bench_row {
    char name[80];
    char unit[24];
    double value;  /**< Median of the runs. */
    double spread; /**< (largest - smallest) / median. */
    char peer[64]; /**< What stands beside it, measured in the same run. */
    double peer_value;
    double ratio;         /**< 0 = value / peer_value. */
    double budget;        /**< What the design allows or demands. */
    bool budget_is_least; /**< At least the budget is demanded; else at most. */
    bool budget_is_ratio; /**< The budget is for the ratio; else for the value. */
    bool is_printed;      /**< A table of its own shows it; the file has it all the same. */
    char note[160];       /**< What a reader must know; a row without runs is this alone. */
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

/** What the command line asks for. */
typedef struct bench_options {
    bool is_short;    /**< --short: a few small runs, to test the benchmark itself. */
    const char *dir;  /**< --dir DIR: where files are written; "out/bench" if not given. */
    const char *only; /**< --only PART: measure this part alone; NULL = all. */
} bench_options;

/** Reads the command line; ends with status 2 on words that it does not know. */
bench_options bench_parse(int argc, char **argv);
/** Monotonic time in seconds. */
double bench_seconds(void);
/** Monotonic time in nanoseconds. */
int64_t bench_ns(void);
/** The middle one of some values, which are left as they are. */
double bench_median(const double *values, int count);
/** Adds a row from several measurements: median and spread. Returns it, to fill in the rest. */
bench_row *
bench_add(bench_table *table, const char *name, const char *unit, const double *values, int count);
/** Puts a peer beside the row of `values`: run i of both was one turn. */
void bench_beside(
    bench_row *row, const char *peer, const double *values, const double *peer_values, int count);
/** Adds a row that says something and measures nothing. */
void bench_note(bench_table *table, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Prints the table and writes out/bench/<name>.json. Returns the exit status of the program. */
int bench_finish(const bench_table *table);
/** Peak resident memory of the process in MiB. */
double bench_peak_mib(void);
/** Makes a folder if it is absent. */
void bench_make_folder(const char *path);
/** Ends the program, once, whatever its other threads do. @thread{any} */
_Noreturn void bench_end(int status);
/** Ends with a clear message: the benchmark cannot run, or what it timed gave a wrong answer. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
