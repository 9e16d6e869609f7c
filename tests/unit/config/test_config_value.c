/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Single values: every kind, at and beyond its bounds.
 */
#include "config_fixture.h"

#define LINE(section, key, value) ONE_INSTRUMENT section ":\n  " key ": " value "\n"

static void numbers(void **state)
{
    (void)state;
    const char *hint = "write a number from 1 to 10";
    assert_loads(LINE("risk", "max_leverage", "1"));
    assert_loads(LINE("risk", "max_leverage", "10.000"));
    assert_loads(LINE("risk", "max_leverage", "+2.5e0"));
    assert_true(tt_dec_eq(config.engine.risk.limits.max_leverage.d, TT_DEC_C(25, 1)));
    static const char *const cases[][2] = {
        {"0.999999999999999999", "`0.999999999999999999` is too small"},
        {"10.000000000000000001", "`10.000000000000000001` is too large"},
        {"-3", "`-3` is too small"},
        {"1e30", "`1e30` is too large or has more than 18 decimals"},
        {"1.0000000000000000001",
         "`1.0000000000000000001` is too large or has more than 18 decimals"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        char message[256];
        (void)snprintf(text, sizeof text, LINE("risk", "max_leverage", "%s"), cases[i][0]);
        (void)snprintf(
            message, sizeof message, "configuration:6:17: risk.max_leverage: %s", cases[i][1]);
        assert_refused(text, TUTTI_RANGE, message, hint);
    }
}

static void what_is_no_number(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "abc", "0x10", "1_000", ".5", "5.", "1,5", "nan", ".inf", "true", "5 6", "5%", "1e", "1-2"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        char message[256];
        (void)snprintf(text, sizeof text, LINE("risk", "max_leverage", "%s"), cases[i]);
        (void)snprintf(
            message,
            sizeof message,
            "configuration:6:17: risk.max_leverage: `%s` is not a number",
            cases[i]);
        assert_refused(text, TUTTI_PARSE, message, "write a number from 1 to 10");
    }
    assert_refused(
        LINE("risk", "max_leverage", "'3'"),
        TUTTI_PARSE,
        "configuration:6:17: risk.max_leverage: `3` stands in quotes, which makes it text",
        "write a number from 1 to 10");
}

static void whole_numbers(void **state)
{
    (void)state;
    assert_loads(LINE("journal", "snapshot_steps", "4294967295"));
    assert_true(config.journal.snapshot_steps == UINT32_MAX);
    assert_loads(LINE("journal", "snapshot_steps", "1e3"));
    assert_int_equal(config.journal.snapshot_steps, 1000);
    assert_refused(
        LINE("journal", "snapshot_steps", "4294967296"),
        TUTTI_RANGE,
        "configuration:6:19: journal.snapshot_steps: `4294967296` is too large",
        "write a whole number from 0 to 4294967295");
    assert_refused(
        LINE("journal", "snapshot_steps", "1.5"),
        TUTTI_PARSE,
        "configuration:6:19: journal.snapshot_steps: `1.5` is not a whole number",
        "write a whole number from 0 to 4294967295");
    assert_loads(LINE("run", "seed", "18446744073709551615"));
    assert_true(config.run.seed == UINT64_MAX);
    assert_refused(
        LINE("run", "seed", "18446744073709551616"),
        TUTTI_RANGE,
        "configuration:6:9: run.seed: `18446744073709551616` is too large",
        "write a whole number from 0 to 18446744073709551615");
    assert_refused(
        LINE("run", "seed", "-1"),
        TUTTI_RANGE,
        "configuration:6:9: run.seed: `-1` is too small",
        "write a whole number from 0 to 18446744073709551615");
}

static void durations(void **state)
{
    (void)state;
    assert_loads(LINE("venue", "order_latency", "0.000000001"));
    assert_int_equal(config.venue.order_latency.ns, 1);
    assert_loads(LINE("venue", "order_latency", "60") "orders: {ack_timeout: 61}\n");
    assert_int_equal(config.venue.order_latency.ns, 60 * TT_NS_PER_S);
    assert_refused(
        LINE("venue", "order_latency", "0.0000000001"),
        TUTTI_RANGE,
        "configuration:6:18: venue.order_latency: `0.0000000001` has more than 9 decimals",
        "write seconds from 0 to 60");
    assert_refused(
        LINE("venue", "order_latency", "60.1"),
        TUTTI_RANGE,
        "configuration:6:18: venue.order_latency: `60.1` is too large",
        "write seconds from 0 to 60");
    assert_refused(
        LINE("venue", "order_latency", "5s"),
        TUTTI_PARSE,
        "configuration:6:18: venue.order_latency: `5s` is not a number",
        "write seconds from 0 to 60");
}

static void flags(void **state)
{
    (void)state;
    assert_loads(LINE("store", "enabled", "false"));
    assert_false(config.store.enabled);
    static const char *const bad[] = {"yes", "no", "on", "True", "FALSE", "1", "0", "y"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        char message[256];
        (void)snprintf(text, sizeof text, LINE("store", "enabled", "%s"), bad[i]);
        (void)snprintf(
            message,
            sizeof message,
            "configuration:6:12: store.enabled: `%s` is neither true nor false",
            bad[i]);
        assert_refused(text, TUTTI_PARSE, message, "write true or false");
    }
}

static void enumerations(void **state)
{
    (void)state;
    assert_loads(LINE("feed", "kind", "csv_bars"));
    assert_int_equal(config.feed.feed.kind, TT_feed_kind_CSV_BARS);
    assert_loads(LINE("feed", "kind", "'csv_bars'"));
    assert_refused(
        LINE("feed", "kind", "CSV_BARS"),
        TUTTI_PARSE,
        "configuration:6:9: feed.kind: `CSV_BARS` is not among the allowed values",
        "write one of synthetic, csv_bars, binance, equity_ticks");
}

static void texts(void **state)
{
    (void)state;
    assert_loads(LINE("run", "name", "\"a: b, 5 %\""));
    assert_string_equal(config.run.name, "a: b, 5 %");
    assert_loads(LINE("run", "name", "123"));
    assert_string_equal(config.run.name, "123");
    assert_loads(LINE("run", "id", "abcdefghijklmnopqrstuvwxyz"));
    assert_refused(
        LINE("run", "id", "abcdefghijklmnopqrstuvwxyz0"),
        TUTTI_RANGE,
        "configuration:6:7: run.id: `abcdefghijklmnopqrstuvwxyz0` is too long",
        "write text of at most 26 bytes");
    assert_refused(
        LINE("run", "name", "\"a\\nb\""),
        TUTTI_PARSE,
        "configuration:6:9: run.name: the text has a line break or another control character",
        "");
    assert_refused(
        LINE("run", "name", "\"a\\x7f\""),
        TUTTI_PARSE,
        "configuration:6:9: run.name: the text has a line break or another control character",
        "");
}

/* A shorter text must not leave a rest of a longer one. */
static void texts_replace_the_whole_field(void **state)
{
    (void)state;
    assert_loads(LINE("api", "listen", "'x'"));
    char zeros[sizeof config.api.listen - 2] = {0};
    assert_memory_equal(config.api.listen, "x", 2);
    assert_memory_equal(config.api.listen + 2, zeros, sizeof zeros);
}

static void long_values_are_cut_in_messages(void **state)
{
    (void)state;
    char text[1200];
    (void)snprintf(text, sizeof text, "%s%0900d\n", ONE_INSTRUMENT "feed:\n  kind: ", 7);
    assert_int_equal(load(text), TUTTI_PARSE);
    assert_true(strlen(error.message) < 160);
    assert_non_null(strstr(error.message, "is not among the allowed values"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(durations),
        cmocka_unit_test(flags),
        cmocka_unit_test(enumerations),
        cmocka_unit_test(texts),
        cmocka_unit_test(texts_replace_the_whole_field),
        cmocka_unit_test(long_values_are_cut_in_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
