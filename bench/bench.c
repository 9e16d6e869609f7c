/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Measurement, table and JSON of the benchmarks.
 */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double bench_peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

void bench_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int compare_values(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

bench_row *
bench_add(bench_table *table, const char *name, const char *unit, const double *values, int count)
{
    double sorted[BENCH_RUNS_MAX];
    if (table->count == BENCH_ROWS_MAX || count < 1 || count > BENCH_RUNS_MAX) {
        bench_fail("%s: too many rows or runs", name);
    }
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_values);
    bench_row *row = &table->rows[table->count++];
    *row = (bench_row){.value = sorted[count / 2]};
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->unit, sizeof row->unit, "%s", unit);
    row->spread = row->value > 0 ? (sorted[count - 1] - sorted[0]) / row->value : 0;
    return row;
}

static bool is_within(const bench_row *row)
{
    return row->budget_is_least ? row->value >= row->budget : row->value <= row->budget;
}

static void print_row(const bench_row *row)
{
    printf("%-36s %14.2f %-10s +-%3.0f %%", row->name, row->value, row->unit, row->spread * 50);
    if (row->peer[0] != 0) {
        printf(
            "  %5.2f x %s (%.2f)",
            row->peer_value > 0 ? row->value / row->peer_value : 0,
            row->peer,
            row->peer_value);
    }
    if (row->budget > 0) {
        printf(
            "  budget %s %.0f: %s",
            row->budget_is_least ? ">=" : "<=",
            row->budget,
            is_within(row) ? "within" : "NOT within");
    }
    putchar('\n');
}

static void write_row(FILE *out, const bench_row *row, const char *separator)
{
    fprintf(
        out,
        "%s\n  {\"name\": \"%s\", \"unit\": \"%s\", \"value\": %.6g, \"spread\": %.4f, ",
        separator,
        row->name,
        row->unit,
        row->value,
        row->spread);
    if (row->peer[0] != 0) {
        fprintf(
            out,
            "\"peer\": \"%s\", \"peer_value\": %.6g, \"ratio\": %.4f, ",
            row->peer,
            row->peer_value,
            row->peer_value > 0 ? row->value / row->peer_value : 0);
    } else {
        fputs("\"peer\": null, \"peer_value\": null, \"ratio\": null, ", out);
    }
    if (row->budget > 0) {
        fprintf(
            out,
            "\"budget\": %.6g, \"within\": %s}",
            row->budget,
            is_within(row) ? "true" : "false");
    } else {
        fputs("\"budget\": null, \"within\": null}", out);
    }
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        bench_fail("%s: %s", path, strerror(errno));
    }
}

int bench_finish(const bench_table *table)
{
    char path[256];
    printf("\n%s\n", table->name);
    make_folder("out");
    make_folder("out/bench");
    snprintf(path, sizeof path, "out/bench/%s.json", table->name);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        bench_fail("%s: %s", path, strerror(errno));
    }
    fputc('[', out);
    for (int i = 0; i < table->count; i++) {
        if (!table->rows[i].is_printed) {
            print_row(&table->rows[i]);
        }
        write_row(out, &table->rows[i], i == 0 ? "" : ",");
    }
    fputs("\n]\n", out);
    if (fclose(out) != 0) {
        bench_fail("%s: %s", path, strerror(errno));
    }
    printf("-> %s\n", path);
    return 0;
}
