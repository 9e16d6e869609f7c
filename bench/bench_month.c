/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The month of one-minute bars through the whole engine: with all agents, and with a moving-average
 * strategy alone. Beside them, in the same run: reading the file without an engine, and the bare
 * rule on an array.
 */
#include "bench.h"
#include "config/config.h"
#include "host/backtest.h"
#include "host/driver.h"
#include "venue/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 5,
    BARS = 45031,
    REPEATS = 20
};
static const char default_data[] = "../shared/data/bars/btc_perp_1m_202201.csv.gz";

static tt_config *load(const char *path, const char *data)
{
    tt_error error = {0};
    tt_config *config = calloc(1, sizeof *config);
    tt_config_overrides overrides = {.data_path = data};
    if (config == NULL || tt_config_load(path, &overrides, config, &error) != TUTTI_OK) {
        bench_fail("%s", error.message);
    }
    return config;
}

/** Reads all bars of the file; returns the seconds that it took. */
static double read_bars(const tt_config *config, tt_feed_item *items)
{
    tt_feed feed;
    tt_error error = {0};
    double start = bench_seconds();
    if (tt_feed_open(&config->feed, &config->engine.instruments, 1, &feed, &error) != TUTTI_OK) {
        bench_fail("%s", error.message);
    }
    uint32_t count = 0;
    while (count < BARS && feed.next(feed.ctx, &items[count], &error) == TUTTI_OK) {
        count++;
    }
    feed.close(feed.ctx);
    if (count != BARS) {
        bench_fail("the file has %u bars, %d were expected", count, BARS);
    }
    return bench_seconds() - start;
}

/** One backtest from the file; checks what it gives. */
static double run_backtest(const tt_config *config, uint64_t least_trades)
{
    tt_error error = {0};
    tt_backtest_result result;
    const tt_backtest_options options = {0};
    if (tt_backtest_run(config, &options, &result, &error) != TUTTI_OK) {
        bench_fail("%s", error.message);
    }
    const tt_report_numbers *numbers = tt_report_numbers_get(result.report);
    if (numbers->bars != BARS || numbers->closed_trades < least_trades) {
        bench_fail(
            "the backtest gave %llu bars and %llu trades",
            (unsigned long long)numbers->bars,
            (unsigned long long)numbers->closed_trades);
    }
    tt_report_free(result.report);
    return result.seconds;
}

/** Bars that are in memory already, through engine and exchange, several months in a row. */
static double run_in_memory(const tt_config *config, tt_feed_item *items, uint64_t *ret_orders)
{
    static const uint8_t no_hash[32];
    static tt_driver driver; // Too large for the stack.
    tt_engine *engine = NULL;
    tt_venue venue;
    tt_error error = {0};
    if (tt_engine_new(&config->engine, &engine, &error) != TUTTI_OK ||
        tt_sim_venue_open(&config->venue, &config->engine.instruments, 1, NULL, &venue, &error) !=
            TUTTI_OK) {
        bench_fail("%s", error.message);
    }
    tt_driver_parts parts = {.config = &config->engine, .engine = engine, .venue = &venue};
    if (tt_driver_init(&driver, &parts) != TUTTI_OK || tt_driver_session(
                                                           &driver,
                                                           TT_session_event_type_STARTED,
                                                           TT_mode_BACKTEST,
                                                           items[0].time,
                                                           no_hash,
                                                           &error) != TUTTI_OK) {
        bench_fail("the session did not start");
    }
    const int64_t month_ns = items[BARS - 1].time.ns - items[0].time.ns + 60 * TT_NS_PER_S;
    double start = bench_seconds();
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (int i = 0; i < BARS; i++) {
            tt_feed_item item = items[i];
            item.time.ns += repeat * month_ns;
            item.payload.bar.open_time.ns += repeat * month_ns;
            if (tt_driver_market(&driver, &item, &error) != TUTTI_OK) {
                bench_fail("%s", error.message);
            }
        }
    }
    double seconds = bench_seconds() - start;
    tt_engine_status status;
    tt_engine_status_get(engine, &status);
    *ret_orders = status.trade.orders;
    tt_driver_fini(&driver);
    venue.close(venue.ctx);
    tt_engine_free(engine);
    return seconds;
}

/** The rule alone: two rolling sums over an array of closes. What a strategy costs without a
 * system. */
static double run_bare_rule(const tt_feed_item *items, uint64_t *ret_crosses)
{
    enum {
        FAST = 20,
        SLOW = 100
    };
    static int64_t closes[BARS];
    for (int i = 0; i < BARS; i++) {
        if (tt_dec_to_i64(items[i].payload.bar.close.d, 8, TT_ROUND_EXACT, &closes[i]) !=
            TUTTI_OK) {
            bench_fail("a close has more than eight decimals");
        }
    }
    uint64_t crosses = 0;
    double start = bench_seconds();
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        int64_t fast = 0, slow = 0;
        bool was_above = false;
        for (int i = 0; i < BARS; i++) {
            fast += closes[i] - (i >= FAST ? closes[i - FAST] : 0);
            slow += closes[i] - (i >= SLOW ? closes[i - SLOW] : 0);
            bool is_above = fast * SLOW > slow * FAST;
            crosses += i >= SLOW && is_above != was_above;
            was_above = is_above;
        }
    }
    *ret_crosses = crosses;
    return bench_seconds() - start;
}

static void add_pair(
    bench_table *table,
    const char *name,
    const double *seconds,
    double bars,
    const char *peer,
    double peer_seconds)
{
    double rate[RUNS];
    double nanoseconds[RUNS];
    char text[64];
    for (int i = 0; i < RUNS; i++) {
        rate[i] = bars / seconds[i];
        nanoseconds[i] = seconds[i] * 1e9 / bars;
    }
    snprintf(text, sizeof text, "%s", name);
    bench_row *row = bench_add(table, text, "bars/s", rate, RUNS);
    snprintf(row->peer, sizeof row->peer, "%s", peer);
    row->peer_value = bars / peer_seconds;
    snprintf(text, sizeof text, "%s, cost", name);
    bench_add(table, text, "ns/bar", nanoseconds, RUNS);
}

int main(int argc, char **argv)
{
    const char *data = argc > 1 ? argv[1] : default_data;
    static bench_table table = {.name = "month"};
    tt_config *full = load("examples/btc_month.yaml", data);
    tt_config *bare = load("examples/btc_ma_cross.yaml", data);
    tt_feed_item *items = calloc(BARS, sizeof *items);
    if (items == NULL) {
        bench_fail("no memory");
    }
    double file[RUNS], agents[RUNS], strategy[RUNS], memory[RUNS], rule[RUNS];
    uint64_t orders = 0, crosses = 0;
    for (int i = 0; i < RUNS; i++) {
        file[i] = read_bars(full, items);
        agents[i] = run_backtest(full, 11);
        strategy[i] = run_backtest(bare, 11);
        memory[i] = run_in_memory(bare, items, &orders);
        rule[i] = run_bare_rule(items, &crosses);
    }
    if (orders == 0 || crosses == 0) {
        bench_fail("the strategy did not trade");
    }
    add_pair(&table, "file alone, unpacked and checked", file, BARS, "", 1);
    table.rows[table.count - 2].peer[0] = 0;
    add_pair(&table, "all agents, from the file", agents, BARS, "the file alone", file[0]);
    add_pair(&table, "moving averages, from the file", strategy, BARS, "the file alone", file[0]);
    add_pair(
        &table,
        "moving averages, bars in memory",
        memory,
        (double)BARS * REPEATS,
        "the bare rule on an array",
        rule[0]);
    bench_row *row = &table.rows[table.count - 2];
    row->budget = 10e6;
    row->budget_is_least = true;
    double peak = bench_peak_mib();
    bench_add(&table, "peak resident memory", "MiB", &peak, 1);
    free(items);
    free(full);
    free(bare);
    return bench_finish(&table);
}
