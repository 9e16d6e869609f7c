/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The projection: exact rows, each step once, and clear errors.
 *
 * Covers: store_bind.c store_lock.c store_schema.c store_sql.c
 */
#include "store/store_priv.h"
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[FX_PATH_MAX];
static char path[FX_PATH_MAX + 16];
static store_run the_run;

static int set_up(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(path, sizeof path, "%s/store.db", root);
    run_make(&the_run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fx_dir_remove(root);
    return 0;
}

static void project_all(void)
{
    tt_store *store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    assert_int_equal(tt_store_last_seq(store), RUN_LAST);
    tt_store_close(store);
}

#define CORRELATION "11111111-1111-1111-1111-111111111111"

static void test_rows_of_orders_and_fills(void **state)
{
    (void)state;
    project_all();
    expect_rows(
        path,
        "SELECT * FROM orders ORDER BY 1",
        "10|run-1-10|10000000000|17000000000|17|1|BTC/USDT|buy|market|gtc|entry|filled|2|0|0"
        "|95.5|0|0|2|201|0|2|none|9|0|14|18446744073709551615|0|half|" CORRELATION "|none|0\n"
        "21|run-1-21|21000000000|25000000000|25|1|BTC/USDT|sell|stop|gtc|stop_loss|filled|2|0"
        "|95.5|0|0|0|2|201|1|2|none|0|10|0|0|3600000000000||" CORRELATION "|none|0");
    expect_rows(
        path,
        "SELECT * FROM fills ORDER BY 1",
        "14|14000000000|10|14|1|BTC/USDT|18446744073709551601|buy|none|entry|open|none|100|1"
        "|100|0|0|1|0|9999.9|14|" CORRELATION "\n"
        "18|18000000000|10|14|1|BTC/USDT|18446744073709551597|buy|none|entry|increase|none|101"
        "|1|101|0|0|2|0|9999.8|18|" CORRELATION "\n"
        "26|26000000000|21|14|1|BTC/USDT|18446744073709551589|sell|none|stop_loss|close"
        "|stop_loss|95.5|2|191|0|0|0|0|9989.8|26|" CORRELATION);
}

static void test_rows_of_positions_and_equity(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    store_apply(store, &the_run, 8); // Up to the mark.
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT * FROM positions",
        "14|1|BTC/USDT|buy|1|2|2|0|0|0|3.000000000000000001|0|0|0|0|2|none|14000000000|0"
        "|23000000000|23|" CORRELATION "|none|0");
    store_apply(store, &the_run, the_run.count);
    tt_store_close(store);
    expect_rows(
        path,
        "SELECT * FROM positions",
        "14|1|BTC/USDT|buy|0|0|2|0|0|0|0|-10|0|0|0|2|stop_loss|14000000000|27000000000"
        "|27000000000|27|" CORRELATION "|none|0");
    expect_rows(
        path,
        "SELECT seq, time, initial, balance, equity, open_positions FROM equity",
        "16|16000000000|10000|10000|9999.9|1\n20|20000000000|10000|10000|9998.8|1\n"
        "24|24000000000|10000|10000|10002.8|1\n28|28000000000|10000|10000|9989.8|1");
}

static void test_rows_of_agents_and_coordination(void **state)
{
    (void)state;
    project_all();
    expect_rows(
        path,
        "SELECT seq, topic, symbol, source, call_seq FROM agent_outputs",
        "3|ta_signals|BTC/USDT|coordinator|900\n4|regime_updates|BTC/USDT|coordinator|901\n"
        "5|sentiment_updates|BTC/USDT|coordinator|902\n"
        "6|trading_signals|BTC/USDT|coordinator|903\n"
        "32|portfolio_updates|NULL|coordinator|904");
    expect_rows(
        path,
        "SELECT json_extract(payload, '$.reasoning'), json_extract(payload, '$.confidence'),"
        " json_extract(payload, '$.trend_direction') FROM agent_outputs WHERE seq = 3",
        "it's \"up\" \xE2\x82\xAC|0.75|bullish");
    expect_rows(
        path,
        "SELECT json_extract(payload, '$.trades[0].instrument') FROM agent_outputs"
        " WHERE seq = 32",
        "ETH/USDT");
    expect_rows(
        path,
        "SELECT seq, action, confidence, stop_loss, leverage, ta_seq,"
        " json_extract(payload, '$.votes[1].model'), json_array_length(payload, '$.votes')"
        " FROM signals",
        "6|BUY|0.8|95.5|2|3|second|2");
    expect_rows(
        path, "SELECT seq, signal_seq, agreement FROM consensus", "7|6|0.666666666666666667");
    expect_rows(
        path,
        "SELECT seq, signal_seq, consensus_seq, action, size_reduction_pct, arbiter,"
        " json_array_length(payload, '$.conflicts') FROM conflicts",
        "8|6|7|modify|25|rules|1");
}

/** A step of its own that says something of the amend of the stop. */
static void apply_amend(tt_store *store, tt_seq seq, tt_execution_event_type type, const char *qty)
{
    static fx_step step;
    step.size = 0;
    tt_execution_event *event =
        fx_step_add(&step, TT_TOPIC_EXECUTION_EVENTS, seq, sizeof(tt_execution_event));
    memset(event, 0, sizeof *event);
    tt_msg *msg = (tt_msg *)event - 1;
    msg->key = 1;
    msg->kind = tt_topic_info_get(TT_TOPIC_EXECUTION_EVENTS)->kind;
    msg->priority = tt_topic_info_get(TT_TOPIC_EXECUTION_EVENTS)->priority;
    msg->source = TT_SOURCE_TRADE;
    event->order_id = RUN_STOP;
    event->event = (uint8_t)type;
    event->old_state = event->new_state = TT_order_state_SUBMITTED;
    event->type = TT_order_type_STOP;
    event->qty.d = dec_of(qty);
    event->price.d = dec_of("96.5");
    TT_TEXT_SET(event->client_order_id, "run-1-21");
    assert_int_equal(tt_store_apply_step(store, step.bytes, step.size, NULL), TUTTI_OK);
}

/** Values change once an amend is in force; how the newest one went stands beside them. */
static void test_amends_of_an_order(void **state)
{
    (void)state;
    static const struct {
        tt_execution_event_type type;
        const char *qty;
        const char *row;
    } events[] = {
        {TT_execution_event_type_ORDER_AMENDING, "9", "2|0|95.5|under_way|0"},
        {TT_execution_event_type_ORDER_AMEND_REJECTED, "9", "2|0|95.5|rejected|0"},
        {TT_execution_event_type_ORDER_AMENDING, "9", "2|0|95.5|under_way|0"},
        {TT_execution_event_type_ORDER_AMENDED, "1.5", "1.5|0|96.5|in_force|1"},
        {TT_execution_event_type_ORDER_UNKNOWN, "9", "1.5|0|96.5|in_force|1"},
        {TT_execution_event_type_ORDER_AMEND_LOST, "9", "1.5|0|96.5|lost|1"},
        {TT_execution_event_type_ORDER_AMENDED, "1", "1|0|96.5|in_force|2"},
    };
    tt_store *store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        apply_amend(store, RUN_LAST + 1 + i, events[i].type, events[i].qty);
        assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
        expect_rows(
            path,
            "SELECT qty, price, trigger_price, amend, amends FROM orders WHERE order_id = 21",
            events[i].row);
    }
    tt_store_close(store);
}

static void test_rows_of_risk_and_system(void **state)
{
    (void)state;
    project_all();
    expect_rows(
        path,
        "SELECT seq, status, qty, size_before, size_after FROM risk_verdicts",
        "9|modified|2|300|200");
    expect_rows(
        path,
        "SELECT * FROM risk_checks ORDER BY 1, 2",
        "9|0|TRADING_HALTED|pass|0|5|0|0\n9|1|IN_COOLDOWN|clamp|0.1|5|0|0\n"
        "9|2|MAX_POSITIONS|pass|2|7|0|0\n"
        "9|3|STOP_LOSS_REQUIRED|skip|0.2|5|0|0");
    expect_rows(
        path,
        "SELECT * FROM alerts",
        "29|29000000000|1|BTC/USDT|circuit_breaker|critical|daily_loss|NONE|-3.5|3|26|0"
        "|down; DROP TABLE orders; --|" CORRELATION);
    expect_rows(
        path,
        "SELECT * FROM system_events",
        "30|30000000000|coordinator|coordinator_paused|warning||-1|-9223372036854775808|");
    expect_rows(
        path,
        "SELECT * FROM dead_letters",
        "31|31000000000|2|65536|market_data.bar|feed|handler_failed|1||");
    expect_rows(
        path,
        "SELECT * FROM sessions",
        "1|1000000000|started|paper|run-1|18446744073709551615"
        "|abababababababababababababababababababababababababababababababab");
    expect_rows(path, "SELECT last_seq, last_time, steps FROM projection", "32|32000000000|11");
}

static void test_the_connection_is_set_up_as_documented(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    int64_t number = -1;
    assert_int_equal(
        tt_store_db_number(&store->db, "PRAGMA foreign_keys", &number, NULL), TUTTI_OK);
    assert_int_equal(number, 1);
    assert_int_equal(tt_store_db_number(&store->db, "PRAGMA mmap_size", &number, NULL), TUTTI_OK);
    assert_int_equal(number, 0);
    tt_store_close(store);
    expect_rows(path, "PRAGMA journal_mode", "wal");
    expect_rows(path, "PRAGMA user_version", "5");
    expect_rows(path, "PRAGMA application_id", "1414812500");
    expect_rows(path, "PRAGMA integrity_check", "ok");
}

static void test_a_verdict_takes_its_checks_along(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    store_apply(store, &the_run, 4);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    assert_int_equal(
        tt_store_db_run(&store->db, "DELETE FROM risk_verdicts", "write", NULL), TUTTI_OK);
    tt_store_close(store);
    expect_rows(path, "SELECT count(*) FROM risk_checks", "0");
}

static void test_each_step_counts_once(void **state)
{
    (void)state;
    project_all();
    char *once = dump_of(path);
    for (int i = 0; i < 3; i++) {
        project_all();
    }
    tt_store *store = store_of(path);
    assert_int_equal(tt_store_last_seq(store), RUN_LAST);
    for (size_t i = the_run.count; i-- > 0;) {
        const fx_step *step = &the_run.steps[i];
        assert_int_equal(tt_store_apply_step(store, step->bytes, step->size, NULL), TUTTI_OK);
    }
    tt_store_close(store);
    char *again = dump_of(path);
    assert_string_equal(once, again);
    free(once);
    free(again);
}

static void test_a_restart_at_every_step(void **state)
{
    (void)state;
    project_all();
    char *whole = dump_of(path);
    for (size_t stop = 0; stop <= the_run.count; stop++) {
        (void)tear_down(state);
        (void)set_up(state);
        tt_store *store = store_of(path);
        store_apply(store, &the_run, stop);
        tt_store_close(store); // Commits.
        store = store_of(path);
        assert_int_equal(
            tt_store_last_seq(store), stop == 0 ? 0 : the_run.steps[stop - 1].last_seq);
        store_apply(store, &the_run, the_run.count);
        tt_store_close(store);
        char *parts = dump_of(path);
        assert_string_equal(whole, parts);
        free(parts);
    }
    free(whole);
}

static void test_a_death_in_the_middle_of_a_transaction(void **state)
{
    (void)state;
    project_all();
    char *whole = dump_of(path);
    for (size_t committed = 0; committed + 2 < the_run.count; committed++) {
        (void)tear_down(state);
        (void)set_up(state);
        pid_t child = fork();
        if (child == 0) {
            tt_store *store = store_of(path);
            store_apply(store, &the_run, committed);
            if (tt_store_commit(store, NULL) == TUTTI_OK) {
                store_apply(store, &the_run, committed + 2);
            }
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        tt_store *store = store_of(path);
        assert_int_equal(
            tt_store_last_seq(store), committed == 0 ? 0 : the_run.steps[committed - 1].last_seq);
        store_apply(store, &the_run, the_run.count);
        tt_store_close(store);
        char *parts = dump_of(path);
        assert_string_equal(whole, parts);
        free(parts);
    }
    free(whole);
}

static tutti_status apply(tt_store *store, const fx_step *step, tt_error *error)
{
    return tt_store_apply_step(store, step->bytes, step->size, error);
}

static void test_gaps_are_refused(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    tt_error error = {0};
    assert_int_equal(apply(store, &the_run.steps[1], &error), TUTTI_STATE);
    assert_non_null(strstr(error.message, "up to 0; the step offered begins at 2"));
    store_apply(store, &the_run, 2);
    assert_int_equal(apply(store, &the_run.steps[3], &error), TUTTI_STATE);
    assert_int_equal(tt_store_last_seq(store), 5);
    store_apply(store, &the_run, the_run.count); // Nothing was lost by it.
    assert_int_equal(tt_store_apply_step(store, "", 0, &error), TUTTI_INVALID);
    tt_store_close(store);
    expect_rows(path, "SELECT count(*) FROM equity", "4");
}

static void test_another_journal_is_noticed(void **state)
{
    (void)state;
    project_all();
    tt_store *store = store_of(path);
    tt_error error = {0};
    // The last step with other contents: the end of the journal was lost and written anew.
    static fx_step step;
    step = the_run.steps[the_run.count - 1];
    step.bytes[100] ^= 1;
    assert_int_equal(apply(store, &step, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "does not follow this journal"));
    assert_non_null(strstr(error.hint, "rebuild"));
    // A step that reaches over the end.
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, RUN_LAST, sizeof(tt_clock));
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, RUN_LAST + 1, sizeof(tt_clock));
    assert_int_equal(apply(store, &step, &error), TUTTI_CORRUPT);
    // The start of another run.
    step = the_run.steps[0];
    tt_session_event *session = (tt_session_event *)(void *)(step.bytes + sizeof(tt_msg));
    TT_TEXT_SET(session->run_id, "run-2");
    assert_int_equal(apply(store, &step, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "message 1 differs"));
    assert_int_equal(apply(store, &the_run.steps[0], &error), TUTTI_OK);
    tt_store_close(store);
}

static void test_a_second_writer_is_refused(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    tt_store *other = NULL;
    tt_error error = {0};
    assert_int_equal(tt_store_open(path, run_instruments(), &other, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, path));
    char journal[FX_PATH_MAX + 16];
    (void)snprintf(journal, sizeof journal, "%s/journal", root);
    run_write_journal(&the_run, journal);
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), NULL, NULL, &error), TUTTI_BUSY);
    tt_store_close(store);
    tt_store_close(store_of(path));
}

static void test_a_locked_database(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    (void)sqlite3_busy_timeout(store->db.handle, 20);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    tt_error error = {0};
    assert_int_equal(apply(store, &the_run.steps[0], &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    store_apply(store, &the_run, the_run.count);
    tt_store_close(store);
    expect_rows(path, "SELECT last_seq FROM projection", "32");
}

static void test_a_full_disk(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    store_apply(store, &the_run, 2);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    int64_t pages = 0;
    assert_int_equal(tt_store_db_number(&store->db, "PRAGMA page_count", &pages, NULL), TUTTI_OK);
    char limit[64];
    (void)snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld", (long long)pages);
    assert_int_equal(tt_store_db_run(&store->db, limit, "limit", NULL), TUTTI_OK);
    // Steps of account updates until no page is left.
    static fx_step step;
    tt_error error = {0};
    tutti_status status = TUTTI_OK;
    tt_seq seq = 6;
    for (; status == TUTTI_OK && seq < 100000; seq++) {
        step.size = 0;
        (void)fx_step_add(&step, TT_TOPIC_ACCOUNT_UPDATES, seq, sizeof(tt_account_update));
        status = apply(store, &step, &error);
    }
    assert_int_equal(status, TUTTI_NO_SPACE);
    assert_non_null(strstr(error.message, path));
    assert_non_null(strstr(error.hint, "free space"));
    assert_int_equal(tt_store_last_seq(store), 5); // All since the commit is undone.
    assert_int_equal(
        tt_store_db_run(&store->db, "PRAGMA max_page_count = 1000000", "limit", NULL), TUTTI_OK);
    store_apply(store, &the_run, the_run.count); // Space is back: it goes on.
    tt_store_close(store);
    expect_rows(path, "SELECT last_seq FROM projection", "32");
}

/* Runs `check` in a process that may not write everywhere; skips where that cannot be had. */
static void as_nobody(int (*check)(void))
{
    assert_int_equal(chmod(root, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(2);
        }
        _exit(check());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WEXITSTATUS(status) == 2) {
        skip();
    }
    assert_int_equal(status, 0);
}

static int open_is_denied(void)
{
    tt_store *store = NULL;
    tt_error error = {0};
    return tt_store_open(path, run_instruments(), &store, &error) == TUTTI_PERMISSION &&
                   strstr(error.message, path)
               ? 0
               : 1;
}

static void test_no_permission_to_write(void **state)
{
    (void)state;
    as_nobody(open_is_denied);
    project_all();
    as_nobody(open_is_denied);
}

static void write_file(const char *name, const char *text, size_t size)
{
    FILE *out = fopen(name, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void test_files_that_are_no_read_model(void **state)
{
    (void)state;
    tt_store *store = NULL;
    tt_error error = {0};
    char garbage[5000];
    memset(garbage, 'x', sizeof garbage);
    write_file(path, garbage, sizeof garbage);
    assert_int_equal(tt_store_open(path, run_instruments(), &store, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, path));
    assert_non_null(strstr(error.message, "not a database"));
    assert_non_null(strstr(error.hint, "rebuild"));
    assert_int_equal(unlink(path), 0);
    // A database of another program is left alone.
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "CREATE TABLE mine(x); INSERT INTO mine VALUES(1)", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(tt_store_open(path, run_instruments(), &store, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "not a read model"));
    expect_rows(path, "SELECT name FROM sqlite_schema", "mine");
    // A directory in the way.
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_int_equal(tt_store_open(path, run_instruments(), &store, &error), TUTTI_IO);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(rmdir(path), 0);
}

static void test_other_versions_are_refused(void **state)
{
    (void)state;
    project_all();
    tt_store *store = NULL;
    tt_error error = {0};
    write_version(path, TT_STORE_VERSION + 1);
    assert_int_equal(tt_store_open(path, run_instruments(), &store, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, "version 5"));
    assert_non_null(strstr(error.hint, "newer release"));
    write_version(path, 0);
    assert_int_equal(tt_store_open(path, run_instruments(), &store, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.hint, "older release"));
    write_version(path, TT_STORE_VERSION);
    tt_store_close(store_of(path));
}

static void test_damage_never_passes_in_silence(void **state)
{
    (void)state;
    project_all();
    char *whole = dump_of(path);
    fx_image image;
    fx_image_load(root, &image);
    fx_file *file = fx_image_last(&image, "store.db");
    uint64_t random = fx_seed(5);
    int failures = 0;
    for (int i = 0; i < 60; i++) {
        // A page of noise: SQLite has no checksums, but its pages have a form.
        size_t page = 4096 * (fx_random(&random) % (file->size / 4096));
        unsigned char kept[4096];
        memcpy(kept, file->bytes + page, sizeof kept);
        for (size_t at = 0; at < sizeof kept; at++) {
            file->bytes[page + at] = (unsigned char)fx_random(&random);
        }
        fx_image_store(root, &image);
        tt_store *store = NULL;
        tt_error error = {0};
        tutti_status status = tt_store_open(path, run_instruments(), &store, &error);
        for (size_t s = 0; status == TUTTI_OK && s < the_run.count; s++) {
            status = apply(store, &the_run.steps[s], &error);
        }
        if (status != TUTTI_OK) {
            assert_true(error.message[0] != '\0');
            failures++;
        }
        tt_store_close(store);
        memcpy(file->bytes + page, kept, sizeof kept);
    }
    assert_true(failures > 0);
    fx_image_store(root, &image);
    char *after = dump_of(path);
    assert_string_equal(whole, after);
    fx_image_free(&image);
    free(whole);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_of_orders_and_fills, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_amends_of_an_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_of_positions_and_equity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_of_agents_and_coordination, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_of_risk_and_system, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_connection_is_set_up_as_documented, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_verdict_takes_its_checks_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_step_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_restart_at_every_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_death_in_the_middle_of_a_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gaps_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_journal_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_second_writer_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_locked_database, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_permission_to_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_no_read_model, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_versions_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_never_passes_in_silence, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
