/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal beside the raw log and beside stores of other projects, in one run. bench/README.md
 * says what each row means. Every run is read back and checked: count, content, digest.
 */
#include "bench.h"
#include "folder.h"
#include "heap.h"
#include "journal_peer.h"
#include "journal_recovery.h"
#include "journal_turns.h"
#include "place.h"
#include "watch.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OFFERED_RATE 1e6

enum {
    KIB = 1024,
    PEER_BATCHES = 2,
    LINE = 64
};

/** Sizes of the runs. */
typedef struct run_sizes {
    int turns;
    uint64_t offered;
    uint64_t saturated;
    uint64_t recovered;
    int recoveries;
    double publishers_s;
    double peer_s;
    double patience_s;
} run_sizes;

static const run_sizes full_sizes = {
    .turns = 5,
    .offered = 1000000,
    .saturated = 1000000,
    .recovered = 1000000,
    .recoveries = 3,
    .publishers_s = 1.0,
    .peer_s = 0.7,
    .patience_s = 40};
static const run_sizes short_sizes = {
    .turns = 1,
    .offered = 20000,
    .saturated = 20000,
    .recovered = 20000,
    .recoveries = 1,
    .publishers_s = 0.1,
    .peer_s = 0.05,
    .patience_s = 0};

/** Messages to a commit of a peer: 64 KiB and 1 MiB. */
static const uint32_t peer_batches[PEER_BATCHES] = {256, 4096};
static int disturbed;
static int turns_total;
static uint64_t heap_most;

/** A number of a result that becomes a row. */
typedef struct result_column {
    const char *name;
    const char *unit;
    size_t offset;
} result_column;

static const result_column columns[] = {
    {"rate", "msg/s", offsetof(load_result, rate)},
    {"p50", "us", offsetof(load_result, p50_us)},
    {"p99", "us", offsetof(load_result, p99_us)},
    {"p99.9", "us", offsetof(load_result, p999_us)},
    {"max", "us", offsetof(load_result, max_us)},
};

enum {
    COLUMN_RATE,
    COLUMN_P50,
    COLUMN_P99,
    COLUMN_COUNT = sizeof columns / sizeof *columns
};

/** Demands of a pair of logs, as ratios; 0 = none. */
typedef struct pair_demands {
    double rate_least;
    double p50_most;
    double p99_most;
} pair_demands;

static void demand(bench_row *row, double budget, bool is_least)
{
    row->budget = budget;
    row->budget_is_least = is_least;
    row->budget_is_ratio = true;
}

static void add_column(
    bench_table *table,
    const char *title,
    const turn_results *turns,
    const result_column *column,
    const pair_demands *demands)
{
    char name[LINE];
    double tutti[TURNS_MAX], raw[TURNS_MAX];
    snprintf(name, sizeof name, "%s, %s", title, column->name);
    turns_pick(turns->tutti, turns->count, column->offset, tutti);
    turns_pick(turns->raw, turns->count, column->offset, raw);
    bench_row *row = bench_add(table, name, column->unit, tutti, turns->count);
    bench_beside(row, "raw", tutti, raw, turns->count);
    if (column == &columns[COLUMN_RATE]) {
        demand(row, demands->rate_least, true);
    } else if (column == &columns[COLUMN_P50]) {
        demand(row, demands->p50_most, false);
    } else if (column == &columns[COLUMN_P99]) {
        demand(row, demands->p99_most, false);
    }
}

/** Runs a plan and adds its rows. */
static void
measure(bench_table *table, const char *title, const turns_plan *plan, const pair_demands *demands)
{
    turn_results turns;
    turns_run(plan, &turns);
    disturbed += turns.disturbed;
    turns_total += turns.count;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        add_column(table, title, &turns, &columns[i], demands);
    }
    for (int i = 0; i < turns.count && plan->kind != TURNS_PUBLISHERS; i++) {
        const uint64_t calls = turns.tutti[i].heap_calls;
        heap_most = calls > heap_most ? calls : heap_most;
    }
}

static const char *mode_text(tt_durability durability)
{
    if (durability == TT_durability_NONE) {
        return "none";
    }
    return durability == TT_durability_ALWAYS ? "always" : "batch";
}

static void bench_offered(bench_table *table, const run_sizes *sizes)
{
    static const tt_durability modes[] = {
        TT_durability_ALWAYS, TT_durability_BATCH, TT_durability_NONE};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char title[LINE];
        const bool has_budget = modes[i] == TT_durability_BATCH;
        const pair_demands demands = {
            .p50_most = has_budget ? 1.2 : 0, .p99_most = has_budget ? 1.2 : 0};
        const turns_plan plan = {
            .kind = TURNS_OFFERED,
            .durability = modes[i],
            // Nobody is held to small commits: after a stall all that waits may go at once.
            .batch_bytes = 4096 * KIB,
            .turns = sizes->turns,
            .messages = sizes->offered,
            .rate = OFFERED_RATE};
        snprintf(title, sizeof title, "%s, 1 M/s offered", mode_text(modes[i]));
        measure(table, title, &plan, &demands);
    }
}

static void bench_saturated(bench_table *table, const run_sizes *sizes)
{
    static const struct {
        tt_durability durability;
        uint32_t kib;
    } shapes[] = {
        {TT_durability_ALWAYS, 64},
        {TT_durability_BATCH, 64},
        {TT_durability_BATCH, 256},
        {TT_durability_BATCH, 1024},
        {TT_durability_NONE, 1024},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char title[LINE];
        const pair_demands demands = {
            .rate_least = shapes[i].durability == TT_durability_BATCH ? 0.8 : 0};
        const turns_plan plan = {
            .kind = TURNS_SATURATED,
            .durability = shapes[i].durability,
            .batch_bytes = shapes[i].kib * KIB,
            .turns = sizes->turns,
            .messages = sizes->saturated};
        snprintf(
            title,
            sizeof title,
            "%s, saturated, %u KiB",
            mode_text(shapes[i].durability),
            shapes[i].kib);
        measure(table, title, &plan, &demands);
    }
}

/** Beside a raw log that goes past the page cache, too: what frames, checksums and chain cost. */
static void bench_direct(bench_table *table, const run_sizes *sizes)
{
    static const uint32_t kib[] = {64, 256, 1024};
    const pair_demands demands = {0};
    turns_plan plan = {
        .kind = TURNS_OFFERED,
        .durability = TT_durability_BATCH,
        .batch_bytes = 4096 * KIB,
        .turns = sizes->turns,
        .messages = sizes->offered,
        .rate = OFFERED_RATE,
        .is_direct = true};
    measure(table, "both direct, 1 M/s offered", &plan, &demands);
    plan.kind = TURNS_SATURATED;
    plan.messages = sizes->saturated;
    for (size_t i = 0; i < sizeof kib / sizeof *kib; i++) {
        char title[LINE];
        plan.batch_bytes = kib[i] * KIB;
        snprintf(title, sizeof title, "both direct, saturated, %u KiB", kib[i]);
        measure(table, title, &plan, &demands);
    }
}

/** Without space for all of it: what goes on longer than anyone has prepared for. */
static void bench_sustained(bench_table *table, const run_sizes *sizes)
{
    const pair_demands demands = {0};
    turns_plan plan = {
        .kind = TURNS_OFFERED,
        .durability = TT_durability_BATCH,
        .batch_bytes = 4096 * KIB,
        .turns = sizes->turns,
        .messages = 2 * sizes->offered,
        .rate = OFFERED_RATE,
        .is_sustained = true};
    measure(table, "sustained, 1 M/s offered", &plan, &demands);
    plan.kind = TURNS_SATURATED;
    plan.batch_bytes = 256 * KIB;
    plan.messages = 2 * sizes->saturated;
    measure(table, "sustained, saturated, 256 KiB", &plan, &demands);
}

static void bench_publishers(bench_table *table, const run_sizes *sizes)
{
    const pair_demands demands = {.rate_least = 1 / 1.1, .p50_most = 1.1, .p99_most = 1.1};
    const turns_plan plan = {
        .kind = TURNS_PUBLISHERS,
        .durability = TT_durability_ALWAYS,
        .batch_bytes = 64 * KIB,
        .turns = sizes->turns,
        // Room for what no disk can do in that time.
        .messages = (uint64_t)(sizes->publishers_s * 1e6),
        .seconds = sizes->publishers_s};
    measure(table, "always, 64 publishers", &plan, &demands);
}

static void add_recovery(
    bench_table *table, const char *how, const recovery_times *times, int count, double budget)
{
    char name[LINE];
    double all[TURNS_MAX], resume[TURNS_MAX], raw[TURNS_MAX];
    for (int i = 0; i < count; i++) {
        all[i] = times[i].resume_s + times[i].read_s;
        resume[i] = times[i].resume_s;
        raw[i] = times[i].raw_s;
    }
    snprintf(name, sizeof name, "recovery of 1 M messages, %s", how);
    bench_row *row = bench_add(table, name, "s", all, count);
    bench_beside(row, "reading the files", all, raw, count);
    row->budget = budget;
    snprintf(name, sizeof name, "of it, opening to append, %s", how);
    row = bench_add(table, name, "s", resume, count);
    bench_beside(row, "reading the files", resume, raw, count);
}

static void bench_recovery(bench_table *table, const run_sizes *sizes)
{
    recovery_times warm[TURNS_MAX], cold[TURNS_MAX];
    char dir[4096];
    snprintf(dir, sizeof dir, "%s", folder_path("recovery"));
    recovery_prepare(dir, sizes->recovered);
    for (int i = 0; i < sizes->recoveries; i++) {
        recovery_run(dir, sizes->recovered, false, &warm[i]);
        recovery_run(dir, sizes->recovered, true, &cold[i]);
    }
    add_recovery(table, "in the page cache", warm, sizes->recoveries, 1);
    add_recovery(table, "from the disk", cold, sizes->recoveries, 0);
    bench_note(table, "  its files", "%.0f MiB", (double)warm[0].bytes / KIB / KIB);
    folder_remove("recovery");
}

/** Fresh store, one run, gone again. False: not installed. */
static bool run_peer(
    peer_open open, uint32_t batch, const run_sizes *sizes, bool is_offered, load_result *result)
{
    peer_store peer;
    const char *why = NULL;
    if (!open(&peer, &why)) {
        return false;
    }
    folder_settle();
    *result = (load_result){0};
    if (is_offered) {
        peer_offered(&peer, OFFERED_RATE, batch, sizes->peer_s, result);
    } else {
        peer_saturated(&peer, batch, sizes->peer_s, result);
    }
    peer.close(peer.ctx);
    return true;
}

static void bench_peer_batch(
    bench_table *table, const char *title, peer_open open, int batch, const run_sizes *sizes)
{
    char name[LINE], beside[LINE];
    load_result results[TURNS_MAX], beside_results[TURNS_MAX];
    double rates[TURNS_MAX], tutti[TURNS_MAX], values[TURNS_MAX];
    const int count = sizes->turns < 3 ? sizes->turns : 3;
    const turns_plan plan = {
        .kind = TURNS_SATURATED,
        .durability = TT_durability_BATCH,
        .batch_bytes = peer_batches[batch] * LOAD_BYTES,
        .messages = sizes->saturated};
    for (int i = 0; i < count; i++) {
        if (!run_peer(open, peer_batches[batch], sizes, false, &results[i])) {
            bench_fail("%s is gone", title);
        }
        turns_tutti(&plan, &beside_results[i]);
    }
    turns_pick(results, count, columns[COLUMN_RATE].offset, rates);
    turns_pick(beside_results, count, columns[COLUMN_RATE].offset, tutti);
    snprintf(name, sizeof name, "%s, %u a commit, rate", title, peer_batches[batch]);
    snprintf(beside, sizeof beside, "Tutti, batch, %u KiB", peer_batches[batch] * LOAD_BYTES / KIB);
    bench_row *row = bench_add(table, name, "msg/s", rates, count);
    bench_beside(row, beside, rates, tutti, count);
    turns_pick(results, count, columns[COLUMN_P50].offset, values);
    snprintf(name, sizeof name, "%s, %u a commit, commit p50", title, peer_batches[batch]);
    bench_add(table, name, "us", values, count);
    turns_pick(results, count, columns[COLUMN_P99].offset, values);
    snprintf(name, sizeof name, "%s, %u a commit, commit p99", title, peer_batches[batch]);
    bench_add(table, name, "us", values, count);
}

static void
bench_peer_offered(bench_table *table, const char *title, peer_open open, const run_sizes *sizes)
{
    char name[LINE];
    load_result result;
    if (!run_peer(open, peer_batches[1], sizes, true, &result)) {
        bench_fail("%s is gone", title);
    }
    snprintf(name, sizeof name, "%s, 1 M/s offered", title);
    if (result.rate < OFFERED_RATE * 0.95) {
        bench_note(table, name, "not kept up with: %.0f msg/s", result.rate);
        return;
    }
    bench_note(
        table,
        name,
        "kept up with: p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us",
        result.p50_us,
        result.p99_us,
        result.p999_us,
        result.max_us);
}

static void bench_peers(bench_table *table, const run_sizes *sizes)
{
    static const struct {
        const char *title;
        peer_open open;
    } peers[] = {
        {"SQLite WAL FULL", peer_sqlite_full},
        {"SQLite WAL NORMAL", peer_sqlite_normal},
        {"LMDB", peer_lmdb},
        {"Redis Streams always", peer_redis},
        {"NATS JetStream", peer_nats},
    };
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        peer_store peer;
        const char *why = NULL;
        if (!peers[i].open(&peer, &why)) {
            bench_note(table, peers[i].title, "%s", why);
            continue;
        }
        peer.close(peer.ctx);
        for (int batch = 0; batch < PEER_BATCHES; batch++) {
            bench_peer_batch(table, peers[i].title, peers[i].open, batch, sizes);
        }
        bench_peer_offered(table, peers[i].title, peers[i].open, sizes);
        if (peers[i].open == peer_nats) {
            bench_note(table, "  durability of it", "%s", peer_nats_durability());
        }
    }
}

/** Resident memory now, in MiB. */
static double resident_mib(void)
{
    long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    if (in == NULL || fscanf(in, "%*d %ld", &pages) != 1) {
        pages = 0;
    }
    if (in != NULL) {
        fclose(in);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / KIB / KIB;
}

static void *probe(void *round_trip_ns)
{
    *(double *)round_trip_ns = place_probe(); // Pins its thread: not ours.
    return NULL;
}

static double probe_placement(void)
{
    double round_trip_ns = 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, probe, &round_trip_ns) != 0) {
        bench_fail("no thread for the probe of the placement");
    }
    pthread_join(thread, NULL);
    return round_trip_ns;
}

static void add_machine(bench_table *table, double before, double after)
{
    bench_note(
        table,
        "placement before, after",
        "%s (%.0f ns), %s (%.0f ns)",
        place_text(place_of(before)),
        before,
        place_text(place_of(after)),
        after);
    bench_note(table, "turns disturbed by others, all turns", "%d of %d", disturbed, turns_total);
    const char *system = folder_system();
    bench_note(
        table,
        "file system",
        "%s%s",
        system,
        strcmp(system, "memory") == 0 ? ": syncs do nothing here, so the numbers mean nothing"
                                      : "");
}

static void add_memory(bench_table *table, double before, double after)
{
    const double calls = (double)heap_most;
    if (heap_is_counted()) {
        bench_row *row = bench_add(table, "allocations while appending", "calls", &calls, 1);
        snprintf(
            row->note, sizeof row->note, "%s", calls > 0 ? "NOT within: none" : "within: none");
    } else {
        bench_note(table, "allocations while appending", "not counted under a sanitizer");
    }
    const double growth = after - before;
    bench_add(table, "growth of resident memory over all runs", "MiB", &growth, 1);
    const double peak = bench_peak_mib();
    bench_add(table, "peak resident memory", "MiB", &peak, 1);
}

/** A part of the benchmark; --only picks one. */
typedef struct bench_part {
    const char *name;
    void (*run)(bench_table *table, const run_sizes *sizes);
} bench_part;

static const bench_part parts[] = {
    {"publishers", bench_publishers},
    {"offered", bench_offered},
    {"saturated", bench_saturated},
    {"direct", bench_direct},
    {"sustained", bench_sustained},
    {"recovery", bench_recovery},
    {"peers", bench_peers},
};

static void run_parts(bench_table *table, const run_sizes *sizes, const char *only)
{
    int found = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (only == NULL || strcmp(parts[i].name, only) == 0) {
            parts[i].run(table, sizes);
            found++;
        }
    }
    if (found == 0) {
        bench_fail("no part '%s'; see bench/README.md", only);
    }
}

int main(int argc, char **argv)
{
    static bench_table table = {.name = "journal"};
    const bench_options options = bench_parse(argc, argv);
    const run_sizes *sizes = options.is_short ? &short_sizes : &full_sizes;
    folder_make(options.dir, "journal");
    place_prefer();
    turns_patience(sizes->patience_s);
    const double trip_before = probe_placement();
    const double memory_before = resident_mib();
    run_parts(&table, sizes, options.only);
    add_memory(&table, memory_before, resident_mib());
    add_machine(&table, trip_before, probe_placement());
    return bench_finish(&table);
}
