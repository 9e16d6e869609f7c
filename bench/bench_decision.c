/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From a tick to an order: the whole way through the engine, with the step handed to the journal
 * thread's ring as a session does it. Beside it, in turns, the least that anyone must do who says
 * the same: its bytes copied into the outbox and into that ring, a call a message.
 *
 * Twice: decisions one after the other, as a core that is busy with the market makes them, and
 * decisions after other work, which has left nothing of the engine in the nearer caches.
 *
 * Every decision that is timed is checked: verdict, order, and what they refer to.
 */
#include "base/histogram.h"
#include "decision_parts.h"
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 9,
    ROUNDS_SHORT = 3,
    // A round; all rounds together within the day for which agents are fresh.
    DECISIONS = 8000,
    DECISIONS_COLD = 1000,
    DECISIONS_SHORT = 100,
    OTHER_WORK_BYTES = 4 << 20 /**< Several times what the caches of one core hold. */
};

/** Percentiles that are told of each round. */
static const struct {
    const char *name;
    uint32_t per_million;
    double budget; /**< Of the design, for the whole way; 0 = none. */
} percentiles[] = {
    {"p50", TT_P50, 500},
    {"p99", TT_P99, 2000},
    {"p99.9", TT_P999, 0},
};
enum {
    PERCENTILES = sizeof percentiles / sizeof percentiles[0]
};

/** What was measured of one kind of decision. */
struct results {
    double whole[PERCENTILES][BENCH_RUNS_MAX];
    double floor[PERCENTILES][BENCH_RUNS_MAX];
    double tick[PERCENTILES][BENCH_RUNS_MAX];
    int rounds;
};

static void note(tt_histogram *histogram, double ticks)
{
    tt_histogram_record(histogram, (uint64_t)(ticks * place_tick_ns() + 0.5));
}

static void read_out(const tt_histogram *histogram, double result[][BENCH_RUNS_MAX], int round)
{
    for (int i = 0; i < PERCENTILES; i++) {
        result[i][round] = (double)tt_histogram_percentile(histogram, percentiles[i].per_million);
    }
}

/** One decision; returns the ticks that it took, and of them those up to the call. */
static double decide(decision_world *world, double *ret_tick)
{
    decision_world_prepare(world);
    uint64_t start = place_ticks();
    decision_world_tick(world);
    uint64_t end = place_ticks();
    double ticks = (double)(end - start);
    *ret_tick = ticks;
    if (world->maker == DECISION_AGENT) {
        decision_world_think(world);
        start = place_ticks();
        decision_world_answer(world);
        end = place_ticks();
        ticks += (double)(end - start);
    }
    return ticks;
}

/** Reads and writes what has nothing to do with the engine. */
static void work_on_others(void)
{
    enum {
        LINE = 64
    };
    static volatile unsigned char others[OTHER_WORK_BYTES];
    for (size_t i = 0; i < sizeof others; i += LINE) {
        others[i]++;
    }
}

/** Measures the floor on the messages of the last decision. */
static void run_floor(decision_floor *floor, int count, bool is_cold, tt_histogram *times)
{
    for (int i = 0; i < count; i++) {
        if (is_cold) {
            work_on_others();
        }
        note(times, decision_floor_run(floor));
    }
}

static void
run_round(decision_world *world, decision_floor *floor, int count, bool is_cold, struct results *to)
{
    static tt_histogram whole; // Too large for the stack.
    static tt_histogram least;
    static tt_histogram tick;
    tt_histogram_reset(&whole);
    tt_histogram_reset(&least);
    tt_histogram_reset(&tick);
    for (int i = 0; i < count; i++) {
        double up_to_call;
        if (is_cold) {
            work_on_others();
        }
        note(&whole, decide(world, &up_to_call));
        note(&tick, up_to_call);
        if (i == count - 1) {
            decision_floor_take(floor, world);
        }
        decision_world_settle(world);
    }
    run_floor(floor, count, is_cold, &least);
    read_out(&whole, to->whole, to->rounds);
    read_out(&least, to->floor, to->rounds);
    read_out(&tick, to->tick, to->rounds);
    to->rounds++;
}

static void tell(bench_table *table, const char *name, const struct results *results)
{
    for (int i = 0; i < PERCENTILES; i++) {
        char text[64];
        snprintf(text, sizeof text, "%.48s, %s", name, percentiles[i].name);
        bench_row *row = bench_add(table, text, "ns", results->whole[i], results->rounds);
        bench_beside(row, "copy and call", results->whole[i], results->floor[i], results->rounds);
        row->budget = percentiles[i].budget;
    }
}

/** A kind of decision: who decides, and whether the agents agree. */
struct kind {
    const char *name;
    decision_maker maker;
    bool has_conflicts;
};
static const struct kind kinds[] = {
    {"agent, two conflicts", DECISION_AGENT, true},
    {"agent, all agree", DECISION_AGENT, false},
    {"strategy, two conflicts", DECISION_STRATEGY, true},
    {"strategy, all agree", DECISION_STRATEGY, false},
};

static int count_of(bool is_cold, bool is_short)
{
    return is_short ? DECISIONS_SHORT : is_cold ? DECISIONS_COLD : DECISIONS;
}

/** Decisions of a kind, one after the other or each after other work. */
static void measure_rounds(
    bench_table *table, const struct kind *kind, decision_world *world, bool is_cold, bool is_short)
{
    static struct results results;
    static decision_floor floor;
    const int rounds = is_short ? ROUNDS_SHORT : ROUNDS;
    char name[64];
    results.rounds = 0;
    for (int i = 0; i < rounds; i++) {
        run_round(world, &floor, count_of(is_cold, is_short), is_cold, &results);
    }
    snprintf(name, sizeof name, "%s%s", kind->name, is_cold ? ", cold" : "");
    tell(table, name, &results);
    if (kind == &kinds[0] && !is_cold) {
        bench_row *row =
            bench_add(table, "  of it the tick, up to the call", "ns", results.tick[0], rounds);
        snprintf(
            row->note,
            sizeof row->note,
            "%u messages, %u bytes in all",
            floor.messages,
            floor.bytes);
    }
}

static void measure(bench_table *table, const struct kind *kind, bool is_short)
{
    decision_world world;
    decision_world_open(&world, kind->maker, kind->has_conflicts);
    measure_rounds(table, kind, &world, false, is_short);
    measure_rounds(table, kind, &world, true, is_short);
    if (kind->maker == DECISION_AGENT && kind->has_conflicts) {
        decision_parts_bench(table, &world, is_short);
    }
    decision_world_close(&world);
}

int main(int argc, char **argv)
{
    static bench_table table = {.name = "decision"};
    bench_options options = bench_parse(argc, argv);
    place_prefer();
    place_pin(0);
    place_load before = place_load_now();
    bool is_known = options.only == NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (options.only == NULL || strcmp(options.only, kinds[i].name) == 0) {
            measure(&table, &kinds[i], options.is_short);
            is_known = true;
        }
    }
    if (!is_known) {
        bench_fail("no kind of decision is called %s; a row has its name", options.only);
    }
    bench_note(
        &table,
        "used by others",
        "%.0f %% of the machine during the run",
        place_foreign(&before) * 100);
    return bench_finish(&table);
}
