/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lists as JSON: exact texts, filters, pages, the equity curve, and what a reader may not do.
 *
 * Covers: store_equity.c store_lists.c store_row.c
 */
#include "base/json.h"
#include "query_fixture.h"
#include "store/store_priv.h"
#include "store/store_query_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tt_store_text text;

static int tear_down(void **state)
{
    tt_store_text_fini(&text);
    return query_close(state);
}

/* Reads all tokens, so that what is written is JSON. */
static void check_json(const char *json, size_t length)
{
    static char scratch[65536];
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, json, length, scratch, sizeof scratch);
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        status = tt_json_next(&reader, &token);
    }
    if (status != TUTTI_END) {
        fail_msg("%s at %zu: %s", reader.error.what, reader.error.offset, json);
    }
}

static const char *list(tt_store_list which, tt_store_filter filter)
{
    tt_error error = {0};
    if (tt_store_list_json(query, which, &filter, &text, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(strlen(text.data), text.length);
    check_json(text.data, text.length);
    return text.data;
}

/* Expects {"items": ... "count": count, "total": total. */
static void expect_counts(const char *json, int count, int total)
{
    char part[64];
    (void)snprintf(part, sizeof part, "], \"count\": %d, \"total\": %d, ", count, total);
    expect_part(json, part);
}

#define CORRELATION "\"correlation\":\"11111111-1111-1111-1111-111111111111\""

static void test_a_list_of_orders(void **state)
{
    (void)state;
    assert_string_equal(
        list(TT_STORE_ORDERS, (tt_store_filter){.id = RUN_STOP}),
        "{\"items\": [{\"order_id\":21,\"client_order_id\":\"run-1-21\","
        "\"created_at\":\"1970-01-01T00:00:21Z\",\"updated_at\":\"1970-01-01T00:00:25Z\","
        "\"symbol\":\"BTC/USDT\",\"side\":\"sell\",\"type\":\"stop\",\"tif\":\"gtc\","
        "\"role\":\"stop_loss\",\"state\":\"filled\",\"qty\":\"2\",\"price\":\"0\","
        "\"trigger_price\":\"95.5\",\"stop_loss\":\"0\",\"take_profit\":\"0\","
        "\"reference_price\":\"0\",\"filled_qty\":\"2\",\"filled_notional\":\"201\","
        "\"reduce_only\":true,\"leverage\":2,\"exit_reason\":\"none\",\"verdict_seq\":0,"
        "\"parent_order_id\":10,\"position_id\":0,\"venue_order_id\":\"0\","
        "\"expire_time\":\"1970-01-01T01:00:00Z\",\"amend\":\"none\",\"amends\":0,"
        "\"reason\":\"\"," CORRELATION "}], \"count\": 1,"
        " \"total\": 1, \"limit\": 100, \"offset\": 0, \"last_seq\": 32}");
    const char *json = list(TT_STORE_ORDERS, (tt_store_filter){0});
    expect_counts(json, 2, 2);
    assert_true(strstr(json, "\"order_id\":21") < strstr(json, "\"order_id\":10")); // Newest first.
    expect_part(json, "\"venue_order_id\":\"18446744073709551615\"");
    expect_part(json, "\"expire_time\":null");
    expect_part(json, "\"reduce_only\":false");
}

static void test_states_of_orders(void **state)
{
    (void)state;
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.state = "filled"}), 2, 2);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.state = "final"}), 2, 2);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.state = "working"}), 0, 0);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.state = "new"}), 0, 0);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.state = ""}), 2, 2);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.instrument = 1}), 2, 2);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){.instrument = 2}), 0, 0);
}

static void test_fills_and_positions(void **state)
{
    (void)state;
    const char *json = list(TT_STORE_FILLS, (tt_store_filter){.id = RUN_ORDER});
    expect_counts(json, 2, 2);
    expect_part(json, "\"exec_id\":\"18446744073709551601\"");
    expect_part(json, "\"venue_time\":\"1970-01-01T00:00:00.000000014Z\"");
    json = list(TT_STORE_FILLS, (tt_store_filter){.state = "close", .instrument = 1});
    expect_counts(json, 1, 1);
    expect_part(json, "\"effect\":\"close\"");
    json = list(TT_STORE_POSITIONS, (tt_store_filter){.state = "closed"});
    expect_counts(json, 1, 1);
    expect_part(
        json, "\"position_id\":14,\"symbol\":\"BTC/USDT\",\"side\":\"buy\",\"is_open\":false,");
    expect_part(json, "\"exit_reason\":\"stop_loss\"");
    expect_part(json, "\"closed_at\":\"1970-01-01T00:00:27Z\"");
    expect_counts(list(TT_STORE_POSITIONS, (tt_store_filter){.state = "open"}), 0, 0);
    expect_counts(list(TT_STORE_POSITIONS, (tt_store_filter){0}), 1, 1);
}

static void test_agents_and_decisions(void **state)
{
    (void)state;
    const char *json = list(TT_STORE_AGENT_OUTPUTS, (tt_store_filter){.state = "ta_signals"});
    expect_counts(json, 1, 1);
    expect_part(json, "\"payload\":{\"");
    expect_part(json, "it's \\\"up\\\" \xE2\x82\xAC");
    expect_counts(list(TT_STORE_AGENT_OUTPUTS, (tt_store_filter){0}), 5, 5);
    expect_counts(list(TT_STORE_AGENT_OUTPUTS, (tt_store_filter){.id = 902}), 1, 1);
    json = list(TT_STORE_SIGNALS, (tt_store_filter){.state = "BUY"});
    expect_counts(json, 1, 1);
    expect_part(json, "\"action\":\"BUY\",\"confidence\":\"0.8\"");
    expect_part(json, "\"votes\":[{");
    expect_part(json, "\"model\":\"second\"");
    expect_part(
        list(TT_STORE_CONSENSUS, (tt_store_filter){.id = RUN_SIGNAL}),
        "\"agreement\":\"0.666666666666666667\"");
    json = list(TT_STORE_CONFLICTS, (tt_store_filter){.state = "modify"});
    expect_counts(json, 1, 1);
    expect_part(json, "\"size_reduction_pct\":\"25\"");
    expect_part(json, "\"conflicts\":[{");
}

static void test_verdicts_with_their_checks(void **state)
{
    (void)state;
    const char *json = list(TT_STORE_VERDICTS, (tt_store_filter){.state = "modified"});
    expect_counts(json, 1, 1);
    expect_part(
        json,
        "\"checks\":[{\"code\":\"TRADING_HALTED\",\"outcome\":\"pass\",\"value\":\"0\","
        "\"limit\":\"5\",\"before\":\"0\",\"after\":\"0\"},{\"code\":\"IN_COOLDOWN\"");
    expect_counts(list(TT_STORE_VERDICTS, (tt_store_filter){.state = "rejected"}), 0, 0);
}

static void test_the_other_lists(void **state)
{
    (void)state;
    const char *json = list(TT_STORE_ALERTS, (tt_store_filter){.state = "critical"});
    expect_part(json, "\"limit\":\"3\"");
    expect_part(json, "down; DROP TABLE orders; --");
    json = list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){0});
    expect_part(json, "\"old_value\":-1,\"new_value\":\"-9223372036854775808\"");
    json = list(TT_STORE_DEAD_LETTERS, (tt_store_filter){.state = "handler_failed", .id = RUN_BAR});
    expect_part(json, "\"dead_seq\":2,\"dead_id\":65536,\"dead_topic\":\"market_data.bar\"");
    json = list(TT_STORE_SESSIONS, (tt_store_filter){0});
    expect_part(json, "\"seed\":\"18446744073709551615\"");
    tt_store_list found;
    static const char *const names[] = {
        "sessions",
        "orders",
        "fills",
        "positions",
        "agent_outputs",
        "signals",
        "consensus",
        "conflicts",
        "verdicts",
        "alerts",
        "system_events",
        "dead_letters",
        "command_log",
        "position_margins",
        "rebalance_batches",
        "sub_accounts",
        "activity"};
    for (int i = 0; i < TT_STORE_LIST_COUNT; i++) {
        assert_true(tt_store_list_find(names[i], &found));
        assert_int_equal(found, i);
        (void)list(found, (tt_store_filter){0});
    }
    assert_false(tt_store_list_find("equity", &found));
    assert_false(tt_store_list_find("", &found));
}

/* Applies account updates: message `first` and on, one a second of `step` seconds. */
static void add_equity(tt_seq first, size_t count, int64_t step_s)
{
    static fx_step step;
    for (size_t i = 0; i < count; i++) {
        step.size = 0;
        tt_seq seq = first + i;
        tt_account_update *account =
            fx_step_add(&step, TT_TOPIC_ACCOUNT_UPDATES, seq, sizeof(tt_account_update));
        account->equity.d = tt_dec_from_i64((int64_t)i, 2);
        ((tt_msg *)account - 1)->time.ns = (1000 + (int64_t)i * step_s) * TT_NS_PER_S;
        assert_int_equal(tt_store_apply_step(store, step.bytes, step.size, NULL), TUTTI_OK);
    }
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
}

static void test_pages(void **state)
{
    (void)state;
    static fx_step step;
    for (tt_seq seq = RUN_LAST + 1; seq <= RUN_LAST + 250; seq++) {
        step.size = 0;
        (void)fx_step_add(&step, TT_TOPIC_SYSTEM_EVENTS, seq, sizeof(tt_system_event));
        assert_int_equal(tt_store_apply_step(store, step.bytes, step.size, NULL), TUTTI_OK);
    }
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_counts(list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){0}), 100, 251);
    const char *json = list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){.limit = 2, .offset = 1});
    expect_counts(json, 2, 251);
    expect_part(json, "\"limit\": 2, \"offset\": 1, \"last_seq\": 282}");
    expect_part(json, "{\"seq\":281,");
    expect_part(json, "{\"seq\":280,");
    assert_null(strstr(json, "{\"seq\":282,"));
    expect_counts(list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){.limit = 1000}), 251, 251);
    expect_counts(list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){.offset = 250}), 1, 251);
    expect_counts(list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){.offset = UINT32_MAX}), 0, 251);
}

static void expect_refused(tt_store_list which, tt_store_filter filter, const char *why)
{
    tt_error error = {0};
    assert_int_equal(tt_store_list_json(query, which, &filter, &text, &error), TUTTI_INVALID);
    expect_part(error.message, why);
    assert_null(text.data);
    assert_int_equal(text.length, 0);
}

static void test_filters_that_make_no_sense(void **state)
{
    (void)state;
    (void)list(TT_STORE_ORDERS, (tt_store_filter){0}); // So that there is a text to drop.
    expect_refused(TT_STORE_ORDERS, (tt_store_filter){.limit = 1001}, "at most 1000");
    expect_refused(
        TT_STORE_ORDERS,
        (tt_store_filter){.state = "flying"},
        "state of orders is one of all, working, final, none, new, ");
    expect_refused(TT_STORE_ORDERS, (tt_store_filter){.state = "' OR 1 --"}, "not '' OR 1 --'");
    expect_refused(
        TT_STORE_POSITIONS,
        (tt_store_filter){.state = "filled"},
        "state of positions is one of all, open, closed; not 'filled'");
    expect_refused(TT_STORE_AGENT_OUTPUTS, (tt_store_filter){.state = "gossip"}, "is a topic");
    expect_refused(
        TT_STORE_CONSENSUS, (tt_store_filter){.state = "agrees"}, "cannot be selected by state");
    expect_refused(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){.id = 1}, "cannot be selected by id");
    expect_refused(
        TT_STORE_SESSIONS, (tt_store_filter){.instrument = 1}, "cannot be selected by symbol");
}

static const char *curve(tt_store_span span)
{
    tt_error error = {0};
    if (tt_store_equity_json(query, &span, &text, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    check_json(text.data, text.length);
    return text.data;
}

static void test_a_short_equity_curve_is_whole(void **state)
{
    (void)state;
    assert_string_equal(
        curve((tt_store_span){.to = {20 * TT_NS_PER_S}}),
        "{\"items\": [{\"time\":\"1970-01-01T00:00:16Z\",\"equity\":\"9999.9\","
        "\"balance\":\"10000\",\"exposure\":\"0\",\"seq\":16},"
        "{\"time\":\"1970-01-01T00:00:20Z\",\"equity\":\"9998.8\",\"balance\":\"10000\","
        "\"exposure\":\"0\",\"seq\":20}], \"count\": 2, \"total\": 2, \"last_seq\": 32}");
    expect_part(curve((tt_store_span){0}), "\"count\": 4, \"total\": 4,");
    expect_part(curve((tt_store_span){.from = {21 * TT_NS_PER_S}}), "\"count\": 2, \"total\": 2,");
    expect_part(
        curve((tt_store_span){.from = {99 * TT_NS_PER_S}}),
        "{\"items\": [], \"count\": 0, \"total\": 0,");
}

static void test_a_long_equity_curve_is_thinned(void **state)
{
    (void)state;
    add_equity(RUN_LAST + 1, 10001, 60);
    tt_time from = {1000 * TT_NS_PER_S};
    const char *json = curve((tt_store_span){.from = from, .points = 11});
    expect_part(json, "\"count\": 11, \"total\": 10001,");
    // The first, the newest at each tenth, the last.
    for (int64_t i = 0; i <= 10; i++) {
        char part[80];
        char value[TT_DEC_TEXT_MAX];
        (void)tt_dec_format(tt_dec_from_i64(i * 1000, 2), value);
        (void)snprintf(part, sizeof part, "\"equity\":\"%s\"", value);
        expect_part(json, part);
    }
    expect_part(curve((tt_store_span){.from = from}), "\"count\": 500, ");
    expect_part(curve((tt_store_span){.from = from, .points = 2}), "\"count\": 2, ");
    expect_part(curve((tt_store_span){.from = from, .points = 5000}), "\"count\": 5000, ");
    // A time that does not divide: the last record is there all the same.
    json = curve((tt_store_span){.from = from, .points = 8});
    expect_part(json, "\"count\": 8, ");
    expect_part(json, "\"equity\":\"100\",\"balance\":\"0\",\"exposure\":\"0\",\"seq\":10033}]");
    tt_error error = {0};
    tt_store_span span = {.points = 5001};
    assert_int_equal(tt_store_equity_json(query, &span, &text, &error), TUTTI_INVALID);
    span.points = 1;
    assert_int_equal(tt_store_equity_json(query, &span, &text, &error), TUTTI_INVALID);
}

static void test_many_records_of_one_moment(void **state)
{
    (void)state;
    add_equity(RUN_LAST + 1, 600, 0);
    const char *json = curve((tt_store_span){.from = {1000 * TT_NS_PER_S}, .points = 10});
    expect_part(json, "\"count\": 1, \"total\": 600,");
    expect_part(json, "\"equity\":\"5.99\""); // The newest of that moment.
}

static void test_a_reader_sees_what_is_committed(void **state)
{
    (void)state;
    static fx_step step;
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_SYSTEM_EVENTS, RUN_LAST + 1, sizeof(tt_system_event));
    assert_int_equal(tt_store_apply_step(store, step.bytes, step.size, NULL), TUTTI_OK);
    const char *json = list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){0});
    expect_counts(json, 1, 1);
    expect_part(json, "\"last_seq\": 32}");
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    json = list(TT_STORE_SYSTEM_EVENTS, (tt_store_filter){0});
    expect_counts(json, 2, 2);
    expect_part(json, "\"last_seq\": 33}");
}

static void test_a_reader_cannot_write_or_checkpoint(void **state)
{
    (void)state;
    tt_error error = {0};
    assert_int_equal(
        tt_store_db_run(&query->db, "DELETE FROM orders", "write", &error), TUTTI_PERMISSION);
    int64_t pages = -1;
    assert_int_equal(
        tt_store_db_number(&query->db, "PRAGMA wal_autocheckpoint", &pages, NULL), TUTTI_OK);
    assert_int_equal(pages, 0);
    // The last connection that closes would fold the log into the file: a reader must not.
    char log[FX_PATH_MAX + 32];
    (void)snprintf(log, sizeof log, "%s-wal", path);
    fx_image image;
    fx_image_load(root, &image);
    tt_store_close(store);
    fx_image_store(root, &image); // As after the death of the writer: with its log.
    fx_image_free(&image);
    tt_store_query_close(query);
    assert_int_equal(tt_store_query_open(path, &query, NULL), TUTTI_OK);
    expect_counts(list(TT_STORE_ORDERS, (tt_store_filter){0}), 2, 2);
    tt_store_query_close(query);
    query = NULL;
    assert_int_equal(access(log, F_OK), 0);
    store = store_of(path);
}

static void test_opening_what_is_not_there(void **state)
{
    (void)state;
    tt_store_query *other = NULL;
    tt_error error = {0};
    char name[FX_PATH_MAX + 32];
    (void)snprintf(name, sizeof name, "%s/none.db", root);
    assert_int_equal(tt_store_query_open(name, &other, &error), TUTTI_NOT_FOUND);
    expect_part(error.message, name);
    assert_int_not_equal(access(name, F_OK), 0); // It was not made.
    fx_file empty = {.name = "none.db", .bytes = (unsigned char *)name, .size = 0};
    fx_file_store(root, &empty);
    assert_int_equal(tt_store_query_open(name, &other, &error), TUTTI_NOT_FOUND);
    fx_file garbage = {.name = "none.db", .bytes = (unsigned char *)&the_run, .size = 4096};
    fx_file_store(root, &garbage);
    assert_int_equal(tt_store_query_open(name, &other, &error), TUTTI_CORRUPT);
    assert_int_equal(
        tt_store_db_run(&store->db, "PRAGMA user_version = 1", "write", NULL), TUTTI_OK);
    assert_int_equal(tt_store_query_open(path, &other, &error), TUTTI_VERSION);
}

static void test_the_indexes_are_used(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *index;
    } plans[] = {
        {"SELECT * FROM orders WHERE state = 'new' ORDER BY created_at", "orders_by_state"},
        {"SELECT * FROM orders WHERE created_at > 5", "orders_by_time"},
        {"SELECT * FROM fills WHERE order_id = 5 ORDER BY seq DESC", "fills_by_order"},
        {"SELECT * FROM positions WHERE is_open = 1", "positions_by_state"},
        {"SELECT * FROM equity WHERE time <= 9 ORDER BY time DESC, seq DESC LIMIT 1",
         "equity_by_time"},
        {"SELECT * FROM agent_outputs WHERE topic = 'x' ORDER BY seq DESC",
         "agent_outputs_by_topic"},
        {"SELECT source, seq FROM signals WHERE correlation = 'x'",
         "COVERING INDEX signals_by_correlation"},
        {"SELECT source, seq FROM activity WHERE topic = 'trade_proposals' AND correlation = 'x'",
         "INDEX proposals_by_correlation"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        char sql[256];
        sqlite3_stmt *statement = NULL;
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", plans[i].sql);
        assert_int_equal(tt_store_db_prepare(&query->db, sql, &statement, NULL), TUTTI_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        expect_part((const char *)sqlite3_column_text(statement, 3), plans[i].index);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE); // And no sorting.
        (void)sqlite3_finalize(statement);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_list_of_orders, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_states_of_orders, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_fills_and_positions, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_agents_and_decisions, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_verdicts_with_their_checks, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_the_other_lists, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_pages, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_filters_that_make_no_sense, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_a_short_equity_curve_is_whole, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_equity_curve_is_thinned, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_many_records_of_one_moment, query_open, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_reader_sees_what_is_committed, query_open, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_reader_cannot_write_or_checkpoint, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_opening_what_is_not_there, query_open, tear_down),
        cmocka_unit_test_setup_teardown(test_the_indexes_are_used, query_open, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
