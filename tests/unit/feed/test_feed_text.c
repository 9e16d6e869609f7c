/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers, times, symbols and texts of rows.
 */
#include "feed/feed_source.h"
#include "fixture.h"

static tt_slice slice(const char *text)
{
    return tt_slice_of(text);
}

static void expect_price(const char *text, const char *scale, const char *value)
{
    tt_price price = {0};
    tt_feed_refusal refusal = {0};
    tt_ratio ratio = {num(scale)};
    assert_int_equal(tt_feed_parse_price(slice(text), ratio, "open", &price, &refusal), TUTTI_OK);
    assert_num(price, value);
}

static void expect_no_price(const char *text, const char *scale, const char *part)
{
    tt_price price = {num("7")};
    tt_feed_refusal refusal = {0};
    tt_ratio ratio = {num(scale)};
    assert_int_equal(
        tt_feed_parse_price(slice(text), ratio, "open", &price, &refusal), TUTTI_INVALID);
    assert_non_null(strstr(refusal.message, part));
    assert_non_null(strstr(refusal.message, "open"));
    assert_num(price, "7");
}

static void test_prices(void **state)
{
    (void)state;
    expect_price("46319.0", "1", "46319");
    expect_price("973100", "0.0001", "97.31");
    expect_price("0.000000000000000001", "1", "0.000000000000000001");
    expect_price("1e3", "1", "1000");
    expect_price("1000000000", "1", "1000000000");
    expect_no_price("", "1", "is not a number");
    expect_no_price("nan", "1", "is not a number");
    expect_no_price("inf", "1", "is not a number");
    expect_no_price("-inf", "1", "is not a number");
    expect_no_price("0x10", "1", "is not a number");
    expect_no_price("1,5", "1", "is not a number");
    expect_no_price("0", "1", "is not above 0");
    expect_no_price("-1", "1", "is not above 0");
    expect_no_price("1000000000.01", "1", "open 1000000000.01 is above 1e9");
    // A factor the wrong way round is told, as the text alone looks right.
    expect_no_price("973100", "10000", "open 973100 times price_scale 10000 is above 1e9");
    expect_no_price("1e30", "1", "too large");
    expect_no_price("0.000000000000000001", "0.1", "18 decimals");
}

static void test_quantities(void **state)
{
    (void)state;
    tt_qty qty = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(tt_feed_parse_qty(slice("0"), "volume", &qty, &refusal), TUTTI_OK);
    assert_int_equal(tt_feed_parse_qty(slice("10000000000"), "volume", &qty, &refusal), TUTTI_OK);
    assert_num(qty, "10000000000");
    assert_int_equal(tt_feed_parse_qty(slice("-0.1"), "volume", &qty, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "volume -0.1 is below 0");
    assert_int_equal(
        tt_feed_parse_qty(slice("10000000001"), "volume", &qty, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "volume 10000000001 is above 1e10");
    assert_int_equal(tt_feed_parse_qty(slice("NaN"), "volume", &qty, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "volume 'NaN' is not a number");
}

static void expect_time(const char *text, const char *value)
{
    tt_time time = {0};
    tt_feed_refusal refusal = {0};
    if (tt_feed_parse_time(slice(text), &time, &refusal) != TUTTI_OK) {
        fail_msg("%s", refusal.message);
    }
    char found[TT_TIME_TEXT_MAX];
    tt_time_format(time, found);
    assert_string_equal(found, value);
}

static void expect_no_time(const char *text, const char *part)
{
    tt_time time = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(tt_feed_parse_time(slice(text), &time, &refusal), TUTTI_INVALID);
    if (strstr(refusal.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", refusal.message, part);
    }
}

static void test_times(void **state)
{
    (void)state;
    expect_time("2021-12-31 23:01:00.000000", "2021-12-31T23:01:00Z");
    expect_time("19980102 00:00", "1998-01-02T00:00:00Z");
    expect_time("1990-01-02", "1990-01-02T00:00:00Z");
    expect_time("20240808", "2024-08-08T00:00:00Z");
    expect_time("1723161253", "2024-08-08T23:54:13Z");
    expect_time("1723161253937", "2024-08-08T23:54:13.937Z");
    expect_time("1723161253937085", "2024-08-08T23:54:13.937085Z");
    expect_time("1723161253937085768", "2024-08-08T23:54:13.937085768Z");
    expect_time("1970-01-01", "1970-01-01T00:00:00Z");
    expect_no_time("", "is not one of");
    expect_no_time("yesterday", "is not one of");
    expect_no_time("2024-02-30", "is not one of");
    expect_no_time("17231612539", "is not one of"); // 11 digits are no unit.
    expect_no_time("9999999999999999999", "is not one of");
    expect_no_time("1969-12-31", "not within 1970 to 2200");
    expect_no_time("2200-01-02", "not within 1970 to 2200");
}

static void expect_symbol(const tt_instruments *instruments, const char *text, uint32_t id)
{
    const tt_instrument *found = tt_feed_find_symbol(instruments, slice(text));
    assert_int_equal(found == NULL ? 0 : found->id.n, id);
}

static void test_symbols(void **state)
{
    feed_bench *bench = *state;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 60);
    bench_instrument(bench, "btcusdt", 60); // Exact names come first.
    expect_symbol(&bench->instruments, "BTC/USDT", 1);
    expect_symbol(&bench->instruments, "BTCUSDT", 1);
    expect_symbol(&bench->instruments, "btc-usdt", 1);
    expect_symbol(&bench->instruments, "btcusdt", 3);
    expect_symbol(&bench->instruments, "eth_usdt", 2);
    expect_symbol(&bench->instruments, "ETHUSD", 0);
    expect_symbol(&bench->instruments, "ETHUSDTX", 0);
    expect_symbol(&bench->instruments, "ETHUSDT/", 0);
    expect_symbol(&bench->instruments, "", 0);
}

static void test_quoting(void **state)
{
    (void)state;
    char quoted[TT_FEED_QUOTED_MAX];
    assert_string_equal(tt_feed_quote_text(slice("plain"), quoted), "plain");
    assert_string_equal(tt_feed_quote_text((tt_slice){"a\0\xff\nb", 5}, quoted), "a???b");
    char text[100];
    memset(text, 'x', sizeof text);
    tt_feed_quote_text((tt_slice){text, 39}, quoted);
    assert_int_equal(strlen(quoted), 39);
    assert_null(strchr(quoted, '.'));
    tt_feed_quote_text((tt_slice){text, 40}, quoted);
    assert_string_equal(quoted + 36, "...");
    assert_string_equal(tt_feed_base_name("/a/b/c.csv"), "c.csv");
    assert_string_equal(tt_feed_base_name("c.csv"), "c.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prices),
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_times),
        cmocka_unit_test_setup_teardown(test_symbols, bench_setup, bench_teardown),
        cmocka_unit_test(test_quoting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
