/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Measurement, table and JSON of the benchmarks.
 */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bench_options bench_parse(int argc, char **argv)
{
    bench_options options = {.dir = "out/bench"};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--short") == 0) {
            options.is_short = true;
        } else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc) {
            options.dir = argv[++i];
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            options.only = argv[++i];
        } else {
            fprintf(stderr, "usage: %s [--short] [--dir DIR] [--only PART]\n", argv[0]);
            exit(2);
        }
    }
    return options;
}

int64_t bench_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

double bench_seconds(void)
{
    return (double)bench_ns() / 1e9;
}

double bench_peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

static _Atomic bool is_ending;

void bench_end(int status)
{
    while (atomic_exchange(&is_ending, true)) {
        pause(); // The thread that ends the program takes this one with it.
    }
    exit(status);
}

void bench_fail(const char *format, ...)
{
    va_list arguments;
    while (atomic_load(&is_ending)) {
        pause(); // What fails now fails because the program ends.
    }
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    bench_end(1);
}

static int compare_values(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Puts `values` in order into `sorted`. */
static void sort_values(double *sorted, const double *values, int count)
{
    if (count < 1 || count > BENCH_RUNS_MAX) {
        bench_fail("%d runs; there can be 1 to %d", count, BENCH_RUNS_MAX);
    }
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_values);
}

double bench_median(const double *values, int count)
{
    double sorted[BENCH_RUNS_MAX];
    sort_values(sorted, values, count);
    return sorted[count / 2];
}

static bench_row *new_row(bench_table *table, const char *name)
{
    if (table->count == BENCH_ROWS_MAX) {
        bench_fail("%s: more than %d rows", name, BENCH_ROWS_MAX);
    }
    bench_row *row = &table->rows[table->count++];
    *row = (bench_row){0};
    snprintf(row->name, sizeof row->name, "%s", name);
    return row;
}

bench_row *
bench_add(bench_table *table, const char *name, const char *unit, const double *values, int count)
{
    double sorted[BENCH_RUNS_MAX];
    sort_values(sorted, values, count);
    bench_row *row = new_row(table, name);
    row->value = sorted[count / 2];
    snprintf(row->unit, sizeof row->unit, "%s", unit);
    row->spread = row->value > 0 ? (sorted[count - 1] - sorted[0]) / row->value : 0;
    return row;
}

void bench_beside(
    bench_row *row, const char *peer, const double *values, const double *peer_values, int count)
{
    double ratios[BENCH_RUNS_MAX];
    snprintf(row->peer, sizeof row->peer, "%s", peer);
    row->peer_value = bench_median(peer_values, count);
    for (int i = 0; i < count; i++) {
        ratios[i] = peer_values[i] > 0 ? values[i] / peer_values[i] : 0;
    }
    row->ratio = bench_median(ratios, count);
}

void bench_note(bench_table *table, const char *name, const char *format, ...)
{
    va_list arguments;
    bench_row *row = new_row(table, name);
    va_start(arguments, format);
    vsnprintf(row->note, sizeof row->note, format, arguments);
    va_end(arguments);
}

static double ratio_of(const bench_row *row)
{
    if (row->ratio > 0) {
        return row->ratio;
    }
    return row->peer_value > 0 ? row->value / row->peer_value : 0;
}

static bool is_within(const bench_row *row)
{
    double value = row->budget_is_ratio ? ratio_of(row) : row->value;
    return row->budget_is_least ? value >= row->budget : value <= row->budget;
}

static void print_row(const bench_row *row)
{
    printf("%-46s", row->name);
    if (row->unit[0] != 0) {
        printf(" %14.2f %-10s +-%3.0f %%", row->value, row->unit, row->spread * 50);
    }
    if (row->peer[0] != 0) {
        printf("  %5.2f x %s (%.2f)", ratio_of(row), row->peer, row->peer_value);
    }
    if (row->budget > 0) {
        const char *sign = row->budget_is_least ? ">=" : "<=";
        const char *verdict = is_within(row) ? "within" : "NOT within";
        if (row->budget_is_ratio) {
            printf("  budget %s %.2f x: %s", sign, row->budget, verdict);
        } else {
            printf("  budget %s %.0f: %s", sign, row->budget, verdict);
        }
    }
    if (row->note[0] != 0) {
        printf("  %s", row->note);
    }
    putchar('\n');
}

/* A text of ours as a JSON text: no control characters in it. */
static void write_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\": ", name);
    if (text[0] == 0) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_number(FILE *out, const char *name, bool is_there, double value)
{
    if (is_there) {
        fprintf(out, ", \"%s\": %.6g", name, value);
    } else {
        fprintf(out, ", \"%s\": null", name);
    }
}

static void write_row(FILE *out, const bench_row *row, const char *separator)
{
    const bool has_runs = row->unit[0] != 0;
    const bool has_peer = row->peer[0] != 0;
    fprintf(out, "%s\n  {", separator);
    write_text(out, "name", row->name);
    fputs(", ", out);
    write_text(out, "unit", row->unit);
    write_number(out, "value", has_runs, row->value);
    write_number(out, "spread", has_runs, row->spread);
    fputs(", ", out);
    write_text(out, "peer", row->peer);
    write_number(out, "peer_value", has_peer, row->peer_value);
    write_number(out, "ratio", has_peer, ratio_of(row));
    write_number(out, "budget", row->budget > 0, row->budget);
    fprintf(out, ", \"budget_of\": %s", row->budget_is_ratio ? "\"ratio\"" : "\"value\"");
    fprintf(
        out, ", \"within\": %s, ", row->budget > 0 ? is_within(row) ? "true" : "false" : "null");
    write_text(out, "note", row->note);
    fputc('}', out);
}

void bench_make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        bench_fail("%s: %s", path, strerror(errno));
    }
}

int bench_finish(const bench_table *table)
{
    char path[256];
    printf("\n%s\n", table->name);
    bench_make_folder("out");
    bench_make_folder("out/bench");
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
