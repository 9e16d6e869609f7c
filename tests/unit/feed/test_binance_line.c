/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lines of raw Binance captures, spot and futures, and what is refused in them.
 */
#include "feed/binance_line.h"
#include "fixture.h"

static tt_binance_line line;

static void expect_line(const char *text, tt_binance_kind kind)
{
    tt_feed_refusal refusal = {0};
    if (tt_binance_decode(tt_slice_of(text), &line, &refusal) != TUTTI_OK) {
        fail_msg("%s", refusal.message);
    }
    assert_int_equal(line.kind, kind);
}

static void expect_no_line(const char *text, const char *part)
{
    tt_feed_refusal refusal = {0};
    assert_int_equal(tt_binance_decode(tt_slice_of(text), &line, &refusal), TUTTI_INVALID);
    if (strstr(refusal.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", refusal.message, part);
    }
}

#define STAMP "1723161254087891268 "
#define QUOTE STAMP "{\"stream\":\"btcusdt@bookTicker\",\"data\":"
#define TRADE STAMP "{\"stream\":\"btcusdt@trade\",\"data\":"
#define DEPTH STAMP "{\"stream\":\"btcusdt@depth@100ms\",\"data\":"

static void test_spot_quote(void **state)
{
    (void)state;
    expect_line(
        QUOTE "{\"u\":50093239212,\"s\":\"BTCUSDT\",\"b\":\"61837.63000000\",\"B\":\"3.78826000\","
              "\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}}",
        TT_BINANCE_QUOTE);
    assert_int_equal(line.local_time.ns, INT64_C(1723161254087891268));
    assert_string_equal(line.symbol, "btcusdt");
    assert_num(line.quote.bid, "61837.63");
    assert_num(line.quote.ask, "61837.64");
    assert_num(line.quote.bid_qty, "3.78826");
    assert_num(line.quote.ask_qty, "1.54698");
    assert_int_equal(line.quote.venue_time.ns, 0);
}

static void test_futures_quote_and_no_bid(void **state)
{
    (void)state;
    expect_line(
        QUOTE "{\"e\":\"bookTicker\",\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"0.00\",\"B\":\"0\","
              "\"a\":\"61800.30\",\"A\":\"2.510\",\"T\":1723161256313,\"E\":1723161256314}}",
        TT_BINANCE_QUOTE);
    assert_num(line.quote.bid, "0");
    assert_int_equal(line.quote.venue_time.ns, INT64_C(1723161256313000000));
}

static void test_trades(void **state)
{
    (void)state;
    expect_line(
        TRADE "{\"e\":\"trade\",\"E\":1723161255343,\"s\":\"BTCUSDT\",\"t\":3735683259,"
              "\"p\":\"61837.63000000\",\"q\":\"0.02000000\",\"T\":1723161255342,\"m\":true,"
              "\"M\":true}}",
        TT_BINANCE_TRADE);
    assert_num(line.trade.price, "61837.63");
    assert_num(line.trade.qty, "0.02");
    assert_int_equal(line.trade.trade_id, 3735683259);
    assert_int_equal(line.trade.aggressor, TT_side_SELL);
    assert_int_equal(line.trade.venue_time.ns, INT64_C(1723161255342000000));
    expect_line(
        TRADE "{\"t\":1,\"p\":\"5\",\"q\":\"1\",\"T\":7,\"X\":\"MARKET\",\"m\":false}}",
        TT_BINANCE_TRADE);
    assert_int_equal(line.trade.aggressor, TT_side_BUY);
}

static void test_depth(void **state)
{
    (void)state;
    expect_line(
        DEPTH "{\"e\":\"depthUpdate\",\"E\":1723161255308,\"s\":\"BTCUSDT\",\"U\":10,\"u\":14,"
              "\"b\":[[\"55653.87\",\"0.00000000\"],[\"55653.86\",\"2\"]],"
              "\"a\":[[\"61838.04\",\"0.32332\"]]}}",
        TT_BINANCE_DEPTH);
    assert_int_equal(line.first_update_id, 10);
    assert_int_equal(line.last_update_id, 14);
    assert_int_equal(line.previous_update_id, 0);
    assert_int_equal(line.venue_time.ns, INT64_C(1723161255308000000));
    assert_int_equal(line.level_count, 3);
    assert_int_equal(line.levels[0].side, TT_side_BUY);
    assert_num(line.levels[0].qty, "0");
    assert_num(line.levels[1].price, "55653.86");
    assert_int_equal(line.levels[2].side, TT_side_SELL);
    expect_line(
        DEPTH "{\"U\":1,\"u\":2,\"pu\":9,\"E\":1,\"T\":1,\"b\":[],\"a\":[]}}", TT_BINANCE_DEPTH);
    assert_int_equal(line.level_count, 0);
    assert_int_equal(line.previous_update_id, 9);
}

static void test_snapshots(void **state)
{
    (void)state;
    expect_line(
        STAMP "{\"lastUpdateId\":7,\"bids\":[[\"1\",\"2\"]],\"asks\":[[\"3\",\"4\"]]}",
        TT_BINANCE_SNAPSHOT);
    assert_int_equal(line.last_update_id, 7);
    assert_int_equal(line.level_count, 2);
    assert_string_equal(line.symbol, "");
    assert_int_equal(line.venue_time.ns, 0);
    expect_line(
        STAMP "{\"lastUpdateId\":7,\"E\":5,\"T\":6,\"bids\":[],\"asks\":[]}", TT_BINANCE_SNAPSHOT);
    assert_int_equal(line.venue_time.ns, 5 * TT_NS_PER_MS);
}

static void test_refused_stamps_and_streams(void **state)
{
    (void)state;
    expect_no_line("", "does not start with a time");
    expect_no_line("{\"stream\":1}", "does not start with a time");
    expect_no_line("-5 {}", "does not start with a time");
    expect_no_line("0 {}", "does not start with a time");
    expect_no_line("9223372036854775807 {}", "does not start with a time");
    expect_no_line(STAMP, "byte 0 of the JSON");
    expect_no_line(STAMP "[]", "of the JSON");
    expect_no_line(STAMP "{}", "of the JSON");
    expect_no_line(STAMP "{\"stream\":5,\"data\":{}}", "of the JSON");
    expect_no_line(STAMP "{\"stream\":\"x@kline_1m\",\"data\":{}}", "'x@kline_1m' is none of");
    expect_no_line(STAMP "{\"stream\":\"@trade\",\"data\":{}}", "names no symbol");
    expect_no_line(
        STAMP "{\"stream\":\"abcdefghijklmnopqrstuvwx@trade\",\"data\":{}}", "names no symbol");
    expect_no_line(STAMP "{\"stream\":\"x@trade\",\"x\":{}}", "'data' does not follow");
    expect_no_line(STAMP "{\"stream\":\"x@trade\",\"data\":[]}", "of the JSON");
    expect_no_line(STAMP "{\"id\":1}", "field 'lastUpdateId' is missing");
}

static void test_refused_fields(void **state)
{
    (void)state;
    expect_no_line(QUOTE "{\"b\":\"1\",\"B\":\"1\",\"a\":\"2\"}}", "field 'A' is missing");
    expect_no_line(
        QUOTE "{\"b\":\"2\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}}", "the bid is not below the ask");
    expect_no_line(QUOTE "{\"b\":1}}", "of the JSON"); // A number is no string.
    expect_no_line(QUOTE "{\"b\":\"x\"}}", "bid 'x' is not a number");
    expect_no_line(QUOTE "{\"b\":\"-1\"}}", "bid -1 is not above 0");
    expect_no_line(QUOTE "{\"B\":\"-1\"}}", "bid quantity -1 is below 0");
    expect_no_line(QUOTE "{\"b\":\"1\",\"b\":\"1\"}}", "of the JSON"); // Twice.
    expect_no_line(TRADE "{\"p\":\"0\"}}", "price 0 is not above 0");
    expect_no_line(
        TRADE "{\"t\":1,\"p\":\"5\",\"q\":\"0\",\"T\":7,\"m\":false}}", "a trade of quantity 0");
    expect_no_line(TRADE "{\"m\":1}}", "m is neither true nor false");
    expect_no_line(TRADE "{\"t\":-1}}", "trade id -1 is no whole number");
    expect_no_line(TRADE "{\"t\":1.5}}", "trade id 1.5 is no whole number");
    expect_no_line(TRADE "{\"T\":9999999999999}}", "T is not within 1970 to 2200");
    expect_no_line(DEPTH "{\"b\":[[\"1\"]]}}", "of the JSON");
    expect_no_line(DEPTH "{\"b\":[[\"1\",\"2\",\"3\"]]}}", "of the JSON");
    expect_no_line(DEPTH "{\"b\":[\"1\"]}}", "a level is not an array");
    expect_no_line(DEPTH "{\"b\":[[\"0\",\"2\"]]}}", "price of a level 0 is not above 0");
    expect_no_line(TRADE "{\"t\":1,\"p\":\"5\",\"q\":\"1\",\"T\":7,\"m\":false}} x", "of the JSON");
    expect_no_line(
        TRADE "{\"t\":1,\"p\":\"5\",\"q\":\"1\",\"T\":7,\"m\":false},\"x\":1}", "of the JSON");
}

static void test_level_bound(void **state)
{
    (void)state;
    const size_t capacity = 20 * (TT_BINANCE_LEVELS_MAX + 2);
    char *text = malloc(capacity);
    size_t size =
        (size_t)sprintf(text, STAMP "{\"lastUpdateId\":7,\"asks\":[],\"bids\":[[\"1\",\"2\"]");
    for (int i = 1; i < TT_BINANCE_LEVELS_MAX; i++) {
        size += (size_t)sprintf(text + size, ",[\"1\",\"2\"]");
    }
    strcpy(text + size, "]}");
    expect_line(text, TT_BINANCE_SNAPSHOT);
    assert_int_equal(line.level_count, TT_BINANCE_LEVELS_MAX);
    strcpy(text + size, ",[\"1\",\"2\"]]}");
    expect_no_line(text, "more than 10000 levels");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spot_quote),
        cmocka_unit_test(test_futures_quote_and_no_bid),
        cmocka_unit_test(test_trades),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_refused_stamps_and_streams),
        cmocka_unit_test(test_refused_fields),
        cmocka_unit_test(test_level_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
