/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A paper session with all its threads: it trades, answers HTTP and people meanwhile, stops in
 * order, goes on after a restart, and what it leaves verifies.
 *
 * Covers: host/core_thread.c host/journal_thread.c host/market_thread.c host/pool_threads.c
 * host/paper_clock.c host/session.c host/session_stop.c host/api_edge.c
 */
#include "host/replay.h"
#include "session_rig.h"
#include "store/store.h"

static char body[1 << 20];

static void asks_for_everything(const rig *held)
{
    static const char *const paths[] = {
        "/healthz",
        "/api/v1/coordinator/status",
        "/api/v1/orchestration/message-bus/stats",
        "/api/v1/account",
        "/api/v1/orders?limit=5",
        "/api/v1/fills",
        "/api/v1/positions?status=open",
        "/api/v1/equity?points=20",
    };
    rig_wait_for_text(held, "/api/v1/fills", "\"items\": [{");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(rig_get(held, paths[i], body, sizeof body), 200);
        rig_check_json(body);
    }
    rig_wait_for_metric(held, "tutti_fills_total", 4);
    rig_wait_for_text(held, "/", "</html>");
    assert_int_equal(rig_get(held, "/nowhere", body, sizeof body), 404);
    assert_int_equal(rig_get(held, "/api/v1/orders?limit=x", body, sizeof body), 400);
    assert_int_equal(rig_get(held, "/api/v1/orders?limit=99999", body, sizeof body), 400);
    assert_int_equal(rig_send(held, "\x16\x03\x01 garbage\r\n\r\n", body, sizeof body), 400);
}

static void trades_until_there_are_fills(rig *held)
{
    assert_true(rig_wait_for(held, TT_TOPIC_FILLS, 4));
    // The first agent answers when its indicators are warm.
    rig_wait_for_metric(held, "tutti_task_runs_total", 1);
    asks_for_everything(held);
}

static void obeys_commands(rig *held)
{
    rig_command(held, TT_command_PAUSE, 1);
    rig_wait_for_text(held, "/api/v1/coordinator/status", "\"state\": \"paused\"");
    rig_command(held, TT_command_FLATTEN, 2);
    rig_wait_for_text(held, "/metrics", "\ntutti_open_positions 0\n");
    rig_command(held, TT_command_RESUME, 3);
    rig_wait_for_text(held, "/api/v1/coordinator/status", "\"state\": \"running\"");
}

/** The report of the first part against what the journal holds. */
static void check_report(const tt_report *report, const char *journal)
{
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    tt_journal_end end = fx_journal_end(journal);
    assert_true(numbers->bars > 0);
    assert_true(numbers->ticks > 0);
    assert_int_equal(numbers->topics[TT_TOPIC_COMMAND_REPLIES], 3);
    assert_int_equal(numbers->topics[TT_TOPIC_SESSION_EVENTS], 3); // Started, stopping, stopped.
    assert_int_equal(numbers->messages, end.last_seq);
    assert_int_equal(numbers->inputs, end.step_count);
    assert_int_equal(numbers->fills, fx_count(journal, TT_TOPIC_FILLS));
    assert_int_equal(numbers->orders, fx_count(journal, TT_TOPIC_ORDER_INTENTS));
    assert_true(numbers->agents[TT_agent_TECHNICAL_ANALYSIS].answers[TT_answer_status_OK] > 0);
    assert_true(end.is_closed);
}

/** The read model holds all that the journal holds, once the session has stopped. */
static void check_store(const tt_config *config, const char *folder, tt_seq last_seq)
{
    tt_error error = {0};
    tt_store *store = NULL;
    fx_ok(
        tt_store_open(fx_path(folder, "store.db"), &config->engine.instruments, &store, &error),
        &error);
    assert_int_equal(tt_store_last_seq(store), last_seq);
    tt_store_close(store);
}

static void check_verified(const char *folder, const uint8_t digest[32], uint64_t fills)
{
    tt_error error = {0};
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    assert_true(result.replayed);
    assert_memory_equal(result.end.chain, digest, TT_DIGEST_SIZE);
    assert_int_equal(result.fills_checked, fills);
    assert_int_equal(result.messages, result.end.last_seq);
}

static uint64_t run_first_part(const tt_config *config, const char *folder)
{
    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    rig_start(&held, config, folder);
    assert_false(held.info.is_recovered);
    trades_until_there_are_fills(&held);
    obeys_commands(&held);
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    check_report(report, fx_path(folder, "journal"));
    check_store(config, folder, tt_report_numbers_get(report)->messages);
    uint64_t fills = tt_report_numbers_get(report)->fills;
    check_verified(folder, digest, fills);
    tt_report_free(report);
    return fills;
}

static void run_second_part(const tt_config *config, const char *folder, uint64_t fills_before)
{
    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    tt_seq before = fx_journal_end(fx_path(folder, "journal")).last_seq;
    rig_start(&held, config, folder);
    assert_true(held.info.is_recovered);
    assert_true(held.info.used_snapshot);
    assert_int_equal(held.info.steps_replayed, 0);
    assert_int_equal(held.info.cut_bytes, 0);
    assert_int_equal(held.info.last_seq, before);
    rig_wait_for_text(&held, "/api/v1/coordinator/status", "\"is_recovered\": true");
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 1));
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    assert_true(numbers->fills > 0);
    assert_int_equal(
        fx_journal_end(fx_path(folder, "journal")).last_seq, before + numbers->messages);
    check_store(config, folder, before + numbers->messages);
    check_verified(folder, digest, fills_before + numbers->fills);
    tt_report_free(report);
}

static void runs_stops_and_goes_on(void **state)
{
    (void)state;
    tt_config *config = fx_config(NULL);
    const char *folder = fx_folder();
    uint64_t fills = run_first_part(config, folder);
    run_second_part(config, folder, fills);
    fx_remove(folder);
    free(config);
}

static void stops_in_order_under_full_load(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "clock.speed=1000000", "synthetic.tick_interval=0.01", "api.enabled=false", NULL};
    tt_config *config = fx_config(sets);
    const char *folder = fx_folder();
    tt_coordinator_command noise = {.command = TT_command_RESUME};
    for (int round = 0; round < 3; round++) {
        rig held;
        tt_error error = {0};
        tt_report *report = NULL;
        uint8_t digest[TT_DIGEST_SIZE];
        rig_start(&held, config, folder);
        uint64_t taken = 0;
        // The first round stops at once; the others under a flood of data and commands.
        for (int64_t end = tt_mono_ns() + round * 150 * TT_NS_PER_MS; tt_mono_ns() < end;) {
            noise.request_id = ++taken;
            taken -= !tt_session_command(held.session, &noise, 0);
        }
        fx_ok(rig_stop(&held, &report, digest, &error), &error);
        // Every command that was taken was answered, also those that waited at the stop.
        assert_int_equal(tt_report_numbers_get(report)->topics[TT_TOPIC_COMMAND_REPLIES], taken);
        // Nor did an order of the last steps stay behind.
        assert_int_equal(tt_delivery_outcome_of(&held.delivery), TT_DELIVERY_COMPLETE);
        tt_report_free(report);
    }
    tt_error error = {0};
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    fx_remove(folder);
    free(config);
}

static void ends_when_its_data_ends(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "synthetic.ticks=3000",
        "clock.speed=20000",
        "api.enabled=false",
        "store.enabled=false",
        NULL};
    tt_config *config = fx_config(sets);
    const char *folder = fx_folder();
    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    rig_start(&held, config, folder);
    int64_t limit = tt_mono_ns() + RIG_PATIENCE_NS;
    while (!tt_session_is_over(held.session) && tt_mono_ns() < limit) {
        tt_sleep_ns(TT_NS_PER_MS);
    }
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    assert_int_equal(tt_report_numbers_get(report)->ticks, 3000);
    assert_false(tt_path_exists(fx_path(folder, "store.db")));
    tt_report_free(report);
    fx_remove(folder);
    free(config);
}

/** Requires that a session is refused and that the folder is as it was before. */
static void
expect_refused(const tt_config *config, const char *folder, tutti_status status, const char *words)
{
    tt_session *session = NULL;
    tt_session_info info;
    tt_error error = {0};
    int names = fx_names(folder);
    assert_int_equal(tt_session_start(config, folder, &session, &info, &error), status);
    assert_null(session);
    if (strstr(error.message, words) == NULL) {
        fail_msg("'%s' is not in '%s'", words, error.message);
    }
    assert_int_equal(fx_names(folder), names);
}

static void write_file(const char *path)
{
    tt_error error = {0};
    fx_ok(tt_file_write(path, "{}", 2, &error), &error);
}

static void refuses_folders_of_others_and_leaves_them_alone(void **state)
{
    (void)state;
    static const char *const no_file[] = {
        "feed.kind=csv_bars", "feed.path=/nowhere/a.csv, /nowhere/b.csv", NULL};
    tt_config *config = fx_config(NULL);
    tt_config *broken = fx_config(no_file);
    const char *folder = fx_folder();
    expect_refused(broken, folder, TUTTI_NOT_FOUND, "/nowhere/a.csv");
    write_file(fx_path(folder, "report.json"));
    expect_refused(config, folder, TUTTI_EXISTS, "holds a backtest");
    fx_remove(fx_path(folder, "report.json"));
    write_file(fx_path(folder, "exchange.log"));
    expect_refused(config, folder, TUTTI_EXISTS, "not its journal");
    fx_remove(folder);
    free(config);
    free(broken);
}

static void refuses_what_another_session_holds(void **state)
{
    (void)state;
    tt_config *config = fx_config(NULL);
    char folder[64];
    char other_folder[64];
    char listen[64];
    snprintf(folder, sizeof folder, "%s", fx_folder());
    snprintf(other_folder, sizeof other_folder, "%s", fx_folder());
    rig held;
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    tt_error error = {0};
    rig_start(&held, config, folder);
    rig_wait_for_metric(&held, "tutti_stored_seq", 1); // The read model appears after the start.
    expect_refused(config, folder, TUTTI_BUSY, "journal");
    snprintf(listen, sizeof listen, "api.listen=127.0.0.1:%u", (unsigned)held.port);
    const char *const same_port[] = {listen, NULL};
    const char *const other_seed[] = {"run.seed=43", NULL};
    tt_config *port = fx_config(same_port);
    tt_config *seed = fx_config(other_seed);
    expect_refused(port, other_folder, TUTTI_BUSY, strchr(listen, '=') + 1);
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    tt_report_free(report);
    expect_refused(seed, folder, TUTTI_INVALID, "another configuration");
    fx_remove(folder);
    fx_remove(other_folder);
    free(config);
    free(port);
    free(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_stops_and_goes_on),
        cmocka_unit_test(stops_in_order_under_full_load),
        cmocka_unit_test(ends_when_its_data_ends),
        cmocka_unit_test(refuses_folders_of_others_and_leaves_them_alone),
        cmocka_unit_test(refuses_what_another_session_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
