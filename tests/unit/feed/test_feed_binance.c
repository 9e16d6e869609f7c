/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Captures of Binance streams as feeds: items, parts of depth, gaps, symbols, and the real files.
 */
#include "fixture.h"
#include "market/book.h"

#define QUOTE(ns, symbol, bid, ask)                                                                \
#ns " {\"stream\":\"" symbol "@bookTicker\",\"data\":{\"u\":1,\"b\":\"" bid                    \
        "\",\"B\":\"1\",\"a\":\"" ask "\",\"A\":\"1\"}}\n"
#define DEPTH(ns, first, last, levels)                                                             \
#ns " {\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"E\":5,\"U\":" #first ",\"u\":" #last     \
        ",\"b\":[" levels "],\"a\":[]}}\n"
#define FUTURES_DEPTH(ns, first, last, previous)                                                   \
#ns " {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"E\":5,\"U\":" #first ",\"u\":" #last       \
        ",\"pu\":" #previous ",\"b\":[],\"a\":[]}}\n"
#define SNAPSHOT(ns, id) #ns " {\"lastUpdateId\":" #id ",\"bids\":[[\"9\",\"1\"]],\"asks\":[]}\n"

static void start(feed_bench *bench, const char *text)
{
    bench->config.feed.kind = TT_feed_kind_BINANCE;
    if (bench->instruments.count == 0) {
        bench_instrument(bench, "BTC/USDT", 60);
    }
    bench_text(bench, "capture", text);
    bench_open(bench);
}

static void test_items(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        QUOTE(
            1000,
            "btcusdt",
            "10",
            "11") "1500 {\"stream\":\"btcusdt@trade\",\"data\":{\"t\":5,\"p\":\"10.5\",\"q\":\"2\","
                  "\"T\":3,\"m\":true}}\n" DEPTH(1500, 1, 2, "[\"9\",\"0\"]"));
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(bench->item.time.ns, 1000);
    assert_int_equal(bench->item.key, 1);
    assert_num(bench->item.payload.quote.ask, "11");
    bench_next(bench, TT_TOPIC_MARKET_TRADE);
    assert_int_equal(bench->item.time.ns, 1500);
    assert_int_equal(bench->item.payload.trade.trade_id, 5);
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    assert_int_equal(bench->item.payload.depth.count, 1);
    assert_int_equal(bench->item.payload.depth.is_last, 1);
    assert_int_equal(bench->item.payload.depth.is_snapshot, 0);
    assert_int_equal(bench->item.payload.depth.last_update_id, 2);
    bench_end(bench);
}

/* A book of 45 levels comes in three parts, and makes the same book as one message would. */
static void test_depth_in_parts(void **state)
{
    feed_bench *bench = *state;
    char text[3000];
    size_t size = (size_t)sprintf(text, "1000 {\"lastUpdateId\":7,\"bids\":[");
    for (int i = 0; i < 45; i++) {
        size += (size_t)sprintf(text + size, "%s[\"%d\",\"%d\"]", i ? "," : "", 100 - i, i + 1);
    }
    strcpy(text + size, "],\"asks\":[]}\n");
    start(bench, text);
    tt_book book = {0};
    for (int part = 0; part < 3; part++) {
        bench_next(bench, TT_TOPIC_MARKET_DEPTH);
        const tt_depth *depth = &bench->item.payload.depth;
        assert_int_equal(depth->count, part < 2 ? 20 : 5);
        assert_int_equal(depth->is_last, part == 2);
        assert_int_equal(depth->is_snapshot, 1);
        assert_int_equal(depth->last_update_id, 7);
        assert_int_equal(tt_book_apply(&book, depth), TUTTI_OK);
    }
    bench_end(bench);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 45);
    assert_int_equal(book.stale_updates, 0);
    assert_num(tt_book_level_at(&book, TT_side_BUY, 44)->qty, "45");
}

static void test_gap_in_update_ids(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        DEPTH(1, 10, 12, "") DEPTH(2, 13, 15, "") DEPTH(3, 17, 18, "") DEPTH(4, 16, 18, "")
            DEPTH(5, 18, 20, ""));
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    bench_next(bench, TT_TOPIC_FEED_EVENTS);
    assert_int_equal(bench->item.payload.event.event, TT_feed_event_type_GAP);
    assert_int_equal(bench->item.payload.event.line, 3);
    assert_int_equal(bench->item.key, 1);
    assert_string_equal(
        bench->item.payload.event.message,
        "depth updates are missing between 15 and 17: the book may be wrong until a snapshot");
    bench_next(bench, TT_TOPIC_MARKET_DEPTH); // The update itself follows.
    assert_int_equal(bench->item.payload.depth.last_update_id, 18);
    bench_refused(bench, 4, "update id goes back: 18 after 18");
    bench_next(bench, TT_TOPIC_MARKET_DEPTH); // An update may begin before the last one's end.
    assert_int_equal(bench->item.payload.depth.last_update_id, 20);
    bench_end(bench);
}

static void test_gap_of_futures(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        FUTURES_DEPTH(1, 10, 12, 5) FUTURES_DEPTH(2, 40, 50, 12) FUTURES_DEPTH(3, 60, 61, 55));
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    bench_next(bench, TT_TOPIC_MARKET_DEPTH); // Ids jump, but 12 is named as the one before.
    bench_next(bench, TT_TOPIC_FEED_EVENTS);
    assert_int_equal(bench->item.payload.event.event, TT_feed_event_type_GAP);
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    bench_end(bench);
}

static void test_symbols(void **state)
{
    feed_bench *bench = *state;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 60);
    start(
        bench,
        QUOTE(1000, "xrpusdt", "1", "2") QUOTE(2000, "btcusdt", "10", "11") SNAPSHOT(2500, 7)
            QUOTE(3000, "ethusdt", "5", "6")
                QUOTE(2999, "ethusdt", "5", "6") "x\n" QUOTE(4000, "btcusdt", "11", "12"));
    bench_refused(bench, 1, "symbol 'xrpusdt' is not configured");
    assert_int_equal(bench->item.time.ns, 1000);
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(bench->item.key, 1);
    bench_refused(bench, 3, "a snapshot names no symbol");
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(bench->item.key, 2);
    bench_refused(bench, 5, "the local time goes back");
    bench_refused(bench, 6, "does not start with a time");
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(bench->item.key, 1);
    bench_end(bench);
}

static void test_snapshot_of_the_only_symbol(void **state)
{
    feed_bench *bench = *state;
    bench_instrument(bench, "ETH/USDT", 60);
    bench_instrument(bench, "BTC/USDT", 60);
    start(bench, SNAPSHOT(1, 5) QUOTE(1000, "btcusdt", "10", "11") SNAPSHOT(2000, 7));
    bench_refused(bench, 1, "a snapshot names no symbol"); // Nothing is known of the file yet.
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    bench_next(bench, TT_TOPIC_MARKET_DEPTH);
    assert_int_equal(bench->item.key, 2);
    assert_int_equal(bench->item.payload.depth.is_snapshot, 1);
    bench_end(bench);
}

static void start_real(feed_bench *bench, const char *name)
{
    bench->config.feed.kind = TT_feed_kind_BINANCE;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 60);
    strcpy(bench->config.feed.path, data_file(name));
}

static void expect_counts(feed_bench *bench, uint64_t quotes, uint64_t trades, uint64_t depth)
{
    uint64_t counts[TT_TOPIC_COUNT];
    bench_open(bench);
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_QUOTE], quotes);
    assert_int_equal(counts[TT_TOPIC_MARKET_TRADE], trades);
    assert_int_equal(counts[TT_TOPIC_MARKET_DEPTH], depth);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
}

/* 93,954 lines: 66,089 + 21,313 + 6,551 updates and one snapshot, in 25,394 parts. */
static void test_real_futures(void **state)
{
    need_data("binance_usdm/btcusdt_20240808.gz");
    feed_bench *bench = *state;
    start_real(bench, "binance_usdm/btcusdt_20240808.gz");
    expect_counts(bench, 66089, 21313, 25394);
}

/* Both spot files, merged by time: 41,249 and 33,618 lines. */
static void test_real_spot(void **state)
{
    need_data("binance_spot/btcusdt_20240808.gz");
    need_data("binance_spot/ethusdt_20240808.gz");
    feed_bench *bench = *state;
    start_real(bench, "binance_spot/btcusdt_20240808.gz");
    strcat(bench->config.feed.path, ", ");
    strcat(bench->config.feed.path, data_file("binance_spot/ethusdt_20240808.gz"));
    expect_counts(bench, 28040 + 24077, 9757 + 6106, 8007 + 7278);
    tt_feed_progress progress;
    bench_progress(bench, &progress);
    assert_int_equal(progress.bytes_done, 1274097 + 1104666);
    assert_int_equal(progress.bytes_total, progress.bytes_done);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_items),
        BENCH_TEST(test_depth_in_parts),
        BENCH_TEST(test_gap_in_update_ids),
        BENCH_TEST(test_gap_of_futures),
        BENCH_TEST(test_symbols),
        BENCH_TEST(test_snapshot_of_the_only_symbol),
        BENCH_TEST(test_real_futures),
        BENCH_TEST(test_real_spot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
