/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Runs a backtest: opens the parts, feeds them, writes what came out.
 */
#include "host/backtest.h"

#include "agent/agents.h"
#include "host/driver.h"
#include "host/files.h"
#include "host/llm_world.h"
#include "venue/sim.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/** Everything that a running backtest holds; closed in one place. */
typedef struct backtest {
    const tt_config *config;
    const tt_backtest_options *options;
    tt_engine *engine;
    tt_feed feed;
    tt_agents agents;
    tt_llm *llm;
    tt_venue venue;
    tt_journal_writer *journal;
    tt_report *report;
    tt_driver driver;
    char *meta;
    uint8_t meta_hash[32];
    char journal_dir[TT_PATH_MAX];
    char partial_dir[TT_PATH_MAX];
    char record_dir[TT_PATH_MAX];         /**< Calls of language models. */
    char partial_record_dir[TT_PATH_MAX]; /**< "" = none is written. */
    double started;
    double told;
} backtest;

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static tutti_status report_step(void *ctx, const void *step, size_t size, tt_error *error)
{
    (void)error;
    tt_report_apply(ctx, step, size);
    return TUTTI_OK;
}

/** A folder may be reused when it is new, or when a backtest wrote it (only backtests write
 * report.json). */
static tutti_status check_out_dir(backtest *run, tt_error *error)
{
    char report[TT_PATH_MAX];
    const char *out_dir = run->options->out_dir;
    TUTTI_TRY(tt_folder_make(out_dir, error));
    TUTTI_TRY(tt_path_join(run->journal_dir, out_dir, "journal", error));
    TUTTI_TRY(tt_path_join(run->partial_dir, out_dir, "journal.partial", error));
    TUTTI_TRY(tt_path_join(report, out_dir, "report.json", error));
    if (tt_path_exists(run->journal_dir) && !tt_path_exists(report)) {
        tt_error_set(
            error,
            TUTTI_EXISTS,
            "%s: holds the journal of a session that is not a backtest",
            run->journal_dir);
        tt_error_hint(error, "give --out another folder, or remove this one yourself");
        return TUTTI_EXISTS;
    }
    TUTTI_TRY(tt_path_join(run->record_dir, out_dir, "llm", error));
    TUTTI_TRY(tt_path_join(run->partial_record_dir, out_dir, "llm.partial", error));
    TUTTI_TRY(tt_path_remove(run->partial_record_dir, error));
    return tt_path_remove(run->partial_dir, error);
}

static tutti_status open_llm(backtest *run, tt_error *error)
{
    bool is_recorded = run->options->out_dir != NULL && run->options->llm_record == NULL;
    const tt_llm_options options = {
        .world = &tt_real_llm_world,
        .config = &run->config->llm,
        .coord = &run->config->engine.coord,
        .record_folder = is_recorded ? run->partial_record_dir : NULL,
        .replay_folder = run->options->llm_record,
    };
    return tt_llm_open(&options, &run->agents, &run->llm, error);
}

static tutti_status open_journal(backtest *run, tt_error *error)
{
    if (run->options->out_dir == NULL) {
        return TUTTI_OK;
    }
    TUTTI_TRY(check_out_dir(run, error));
    tt_journal_options options = {
        .durability = run->config->journal.durability,
        .segment_bytes = (uint64_t)run->config->journal.segment_mib << 20,
        .fail_after_bytes = run->options->journal_fail_after,
    };
    return tt_journal_create(
        run->partial_dir, run->meta, strlen(run->meta), &options, &run->journal, error);
}

static tutti_status open_parts(backtest *run, tt_error *error)
{
    const tt_config *config = run->config;
    TUTTI_TRY(tt_config_render(config, &run->meta, error));
    tt_hash_text(run->meta, strlen(run->meta), run->meta_hash);
    if (tt_report_new(config->engine.instruments.count, &run->report) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the report");
    }
    TUTTI_TRY(tt_engine_new(&config->engine, &run->engine, error));
    TUTTI_TRY(tt_agents_open(&config->agents, &config->engine.instruments, &run->agents, error));
    TUTTI_TRY(tt_sim_venue_open(
        &config->venue,
        &config->engine.instruments,
        config->engine.seed,
        NULL,
        &run->venue,
        error));
    const tt_account_config *account = &config->engine.trade.account;
    tt_sim_venue_endow(&run->venue, account->initial_balance, account->currency);
    TUTTI_TRY(tt_feed_open(
        &config->feed, &config->engine.instruments, config->engine.seed, &run->feed, error));
    TUTTI_TRY(open_journal(run, error));
    TUTTI_TRY(open_llm(run, error));
    tt_driver_parts parts = {
        .config = &config->engine,
        .engine = run->engine,
        .agents = &run->agents,
        .venue = &run->venue,
        .journal = run->journal,
        .commit_before_effects = config->journal.durability != TT_durability_NONE,
        .commit_bytes = config->journal.batch_bytes,
        .agent_latency = config->agents.agents.latency,
        .sink = report_step,
        .sink_ctx = run->report,
    };
    tutti_status status = tt_driver_init(&run->driver, &parts);
    return status == TUTTI_OK ? TUTTI_OK : tt_error_set(error, status, "no memory for the driver");
}

static void close_parts(backtest *run)
{
    tt_driver_fini(&run->driver);
    tt_journal_close(run->journal);
    if (run->feed.close != NULL) {
        run->feed.close(run->feed.ctx);
    }
    if (run->venue.close != NULL) {
        run->venue.close(run->venue.ctx);
    }
    tt_llm_close(run->llm);
    tt_agents_close(&run->agents);
    tt_engine_free(run->engine);
    free(run->meta);
}

static void tell_progress(backtest *run, bool is_done)
{
    const double interval_s = 0.1;
    double now = now_seconds();
    if (run->options->progress == NULL || (!is_done && now - run->told < interval_s)) {
        return;
    }
    run->told = now;
    tt_feed_progress progress = {0};
    run->feed.progress(run->feed.ctx, &progress);
    run->options->progress(run->options->progress_ctx, &progress, now - run->started, is_done);
}

static bool is_stopped(const backtest *run)
{
    return run->options->stop != NULL && *run->options->stop != 0;
}

static tutti_status feed_all(backtest *run, tt_time *ret_last, tt_error *error)
{
    enum {
        ITEMS_PER_LOOK = 256
    };
    tt_feed_item item;
    for (uint64_t count = 0; !is_stopped(run); count++) {
        tutti_status status = run->feed.next(run->feed.ctx, &item, error);
        if (status == TUTTI_END) {
            break;
        }
        TUTTI_TRY(status);
        if (count == 0) {
            TUTTI_TRY(tt_driver_session(
                &run->driver,
                TT_session_event_type_STARTED,
                TT_mode_BACKTEST,
                item.time,
                run->meta_hash,
                error));
        }
        TUTTI_TRY(tt_driver_market(&run->driver, &item, error));
        *ret_last = item.time;
        if (count % ITEMS_PER_LOOK == 0) {
            tell_progress(run, false);
        }
    }
    return TUTTI_OK;
}

static tutti_status run_session(backtest *run, tt_error *error)
{
    const tt_dur settle = {600 * TT_NS_PER_S};
    tt_time last = {0};
    TUTTI_TRY(feed_all(run, &last, error));
    if (last.ns == 0) {
        tt_error_set(
            error, TUTTI_INVALID, "%s: there is no market data in it", run->config->feed.feed.path);
        tt_error_hint(error, "look at feed.kind and the columns under csv in the configuration");
        return TUTTI_INVALID;
    }
    TUTTI_TRY(tt_driver_finish(&run->driver, last, settle, error));
    TUTTI_TRY(tt_driver_session(
        &run->driver,
        TT_session_event_type_STOPPED,
        TT_mode_BACKTEST,
        tt_engine_now(run->engine),
        run->meta_hash,
        error));
    tell_progress(run, true);
    return run->journal == NULL ? TUTTI_OK : tt_journal_commit(run->journal, error);
}

/** Names of the reports: as they are written, and in their place. */
static const char *const report_names[][2] = {
    {"report.html.new", "report.html"},
    {"report.json.new", "report.json"},
};
enum {
    REPORT_COUNT = sizeof report_names / sizeof report_names[0]
};

static tutti_status
write_text(const char *folder, const char *name, const char *text, tt_error *error)
{
    char path[TT_PATH_MAX];
    TUTTI_TRY(tt_path_join(path, folder, name, error));
    return tt_file_write(path, text, strlen(text), error);
}

static tutti_status
write_reports(const backtest *run, const tt_report_context *context, tt_error *error)
{
    char *texts[REPORT_COUNT] = {0};
    tutti_status status = tt_report_html(run->report, context, &texts[0]);
    if (status == TUTTI_OK) {
        status = tt_report_json(run->report, context, true, &texts[1]);
    }
    if (status != TUTTI_OK) {
        tt_error_set(error, status, "no memory for the report");
    }
    for (int i = 0; i < REPORT_COUNT && status == TUTTI_OK; i++) {
        status = write_text(run->options->out_dir, report_names[i][0], texts[i], error);
    }
    for (int i = 0; i < REPORT_COUNT; i++) {
        free(texts[i]);
    }
    return status;
}

/** Puts the journal and the reports, which are all whole, into the place of earlier ones. */
static tutti_status replace_earlier(const backtest *run, tt_error *error)
{
    char from[TT_PATH_MAX];
    char to[TT_PATH_MAX];
    TUTTI_TRY(tt_path_remove(run->journal_dir, error));
    TUTTI_TRY(tt_path_rename(run->partial_dir, run->journal_dir, error));
    if (run->options->llm_record == NULL) {
        TUTTI_TRY(tt_path_remove(run->record_dir, error));
    }
    if (tt_path_exists(run->partial_record_dir)) {
        TUTTI_TRY(tt_path_rename(run->partial_record_dir, run->record_dir, error));
    }
    for (int i = 0; i < REPORT_COUNT; i++) {
        TUTTI_TRY(tt_path_join(from, run->options->out_dir, report_names[i][0], error));
        TUTTI_TRY(tt_path_join(to, run->options->out_dir, report_names[i][1], error));
        TUTTI_TRY(tt_path_rename(from, to, error));
    }
    return TUTTI_OK;
}

/** Writes the reports, then puts everything into its place. */
static tutti_status publish(backtest *run, tt_backtest_result *result, tt_error *error)
{
    if (run->journal == NULL) {
        return TUTTI_OK;
    }
    tt_journal_end end;
    tt_journal_state(run->journal, &end);
    memcpy(result->digest, end.chain, sizeof result->digest);
    result->has_digest = true;
    tt_journal_close(run->journal);
    run->journal = NULL;
    tt_report_context context = {
        .title = run->config->run.name,
        .currency = run->config->engine.trade.account.currency,
        .instruments = &run->config->engine.instruments,
        .digest = result->digest,
    };
    TUTTI_TRY(write_reports(run, &context, error));
    return replace_earlier(run, error);
}

/** Removes what a run that failed has written. The first error is what the caller must see; what
 * stays behind is replaced by the next run. */
static void remove_rest(const backtest *run)
{
    char path[TT_PATH_MAX];
    tt_error ignored;
    if (run->partial_dir[0] == 0) {
        return;
    }
    (void)!tt_path_remove(run->partial_dir, &ignored);
    if (run->partial_record_dir[0] != 0) {
        (void)!tt_path_remove(run->partial_record_dir, &ignored);
    }
    for (int i = 0; i < REPORT_COUNT; i++) {
        if (tt_path_join(path, run->options->out_dir, report_names[i][0], &ignored) == TUTTI_OK) {
            (void)!tt_path_remove(path, &ignored);
        }
    }
}

tutti_status tt_backtest_run(
    const tt_config *config,
    const tt_backtest_options *options,
    tt_backtest_result *result,
    tt_error *error)
{
    backtest *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a backtest");
    }
    run->config = config; // One by one: the whole is too large for a copy on the stack.
    run->options = options;
    run->started = now_seconds();
    *result = (tt_backtest_result){0};
    tutti_status status = open_parts(run, error);
    if (status == TUTTI_OK) {
        status = run_session(run, error);
    }
    result->seconds = now_seconds() - run->started;
    result->was_stopped = is_stopped(run);
    if (status == TUTTI_OK) {
        status = publish(run, result, error);
    }
    close_parts(run);
    if (status == TUTTI_OK) {
        result->report = run->report;
    } else {
        tt_report_free(run->report);
        remove_rest(run);
    }
    free(run);
    return status;
}
