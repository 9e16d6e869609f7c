/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A day of quotes and trades of one stock: the best over the exchanges, and the real files.
 */
#include "fixture.h"

static void start(feed_bench *bench, const char *quotes, const char *trades)
{
    bench->config.feed.kind = TT_feed_kind_EQUITY_TICKS;
    strcpy(bench->config.equity_ticks.date, "2013-10-07");
    bench->config.equity_ticks.utc_offset_hours.d = num("-4");
    bench_instrument(bench, "AIG", 60);
    bench_text(bench, "trades.csv", trades);
    strcpy(bench->config.feed.trades_path, bench->config.feed.path);
    bench_text(bench, "quotes.csv", quotes);
    bench_open(bench);
}

/* Next quote as "bid x size / ask x size". */
static void expect_quote(feed_bench *bench, const char *text)
{
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    const tt_quote *quote = &bench->item.payload.quote;
    char bid[TT_DEC_TEXT_MAX];
    char bid_qty[TT_DEC_TEXT_MAX];
    char ask[TT_DEC_TEXT_MAX];
    char ask_qty[TT_DEC_TEXT_MAX];
    tt_dec_format(quote->bid.d, bid);
    tt_dec_format(quote->bid_qty.d, bid_qty);
    tt_dec_format(quote->ask.d, ask);
    tt_dec_format(quote->ask_qty.d, ask_qty);
    char found[200];
    (void)snprintf(found, sizeof found, "%s x %s / %s x %s", bid, bid_qty, ask, ask_qty);
    assert_string_equal(found, text);
}

static void test_consolidation(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        "1000,0,0,501000,300,Q,1,0\n" // Only Q's ask.
        "1000,500000,100,0,0,Q,1,0\n"
        "1000,500100,200,502000,50,N,1,0\n" // A better bid of N.
        "1001,500000,700,0,0,P,1,0\n"       // Not the best: nothing changes.
        "1002,500100,300,0,0,P,1,0\n"       // The same price: sizes add up.
        "1003,499900,200,0,0,N,1,0\n"       // N steps back; P stays.
        "1004,501500,10,0,0,K,1,0\n"        // Crosses Q's ask, which is stale.
        "1005,0,0,501600,5,Q,1,0\n",
        "");
    expect_quote(bench, "0 x 0 / 50.1 x 300");
    bench_time(bench, "2013-10-07T04:00:01Z");
    assert_int_equal(bench->item.payload.quote.venue_time.ns, bench->item.time.ns);
    expect_quote(bench, "50 x 100 / 50.1 x 300");
    expect_quote(bench, "50.01 x 200 / 50.1 x 300");
    expect_quote(bench, "50.01 x 500 / 50.1 x 300");
    bench_time(bench, "2013-10-07T04:00:01.002Z");
    expect_quote(bench, "50.01 x 300 / 50.1 x 300");
    expect_quote(bench, "50.15 x 10 / 50.2 x 50");
    expect_quote(bench, "50.15 x 10 / 50.16 x 5");
    bench_end(bench);
}

static void test_new_ask_drops_crossed_bids(void **state)
{
    feed_bench *bench = *state;
    start(
        bench, "1,500000,1,510000,1,Q,1,0\n2,499000,2,510000,1,N,1,0\n3,0,0,500000,3,P,1,0\n", "");
    expect_quote(bench, "50 x 1 / 51 x 1");
    expect_quote(bench, "50 x 1 / 51 x 2");
    expect_quote(bench, "49.9 x 2 / 50 x 3"); // A locked market counts as crossed.
    bench_end(bench);
}

static void test_merge_and_refusals(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        "1,500000,1,510000,1,Q,1,0\n5,500100,1,0,0,Q,1,1\n5,500100,1,0,0,Q,1,0\n",
        "1,500500,100,Q,0,0\n4,500600,100,N,0,0\n3,500700,100,N,0,0\n9,500800,100,N,0,0\n");
    expect_quote(bench, "50 x 1 / 51 x 1");          // At one time, quotes come first.
    bench_refused(bench, 2, "marked as suspicious"); // A bad row has no time: it is told at once.
    bench_next(bench, TT_TOPIC_MARKET_TRADE);
    assert_num(bench->item.payload.trade.price, "50.05");
    assert_int_equal(bench->item.payload.trade.aggressor, TT_side_NONE);
    bench_next(bench, TT_TOPIC_MARKET_TRADE);
    bench_refused(bench, 3, "time goes back");
    assert_string_equal(bench->item.payload.event.file, "trades.csv");
    expect_quote(bench, "50.01 x 1 / 51 x 1");
    bench_next(bench, TT_TOPIC_MARKET_TRADE);
    bench_end(bench);
}

static void test_config_errors(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_EQUITY_TICKS;
    bench_instrument(bench, "AIG", 60);
    bench_text(bench, "q", "1,500000,1,510000,1,Q,1,0\n");
    bench_open_fails(bench, TUTTI_INVALID, "equity_ticks.date '' is no date after 1970");
    strcpy(bench->config.equity_ticks.date, "2013-10-07 12");
    bench_open_fails(bench, TUTTI_INVALID, "is no date");
    strcpy(bench->config.equity_ticks.date, "1970-01-01");
    bench_open_fails(bench, TUTTI_INVALID, "is no date after 1970");
    strcpy(bench->config.equity_ticks.date, "2013-10-07");
    strcat(bench->config.feed.path, ",x");
    bench_open_fails(bench, TUTTI_INVALID, "takes one file of quotes, not 2");
    bench_text(bench, "q", "1,500000,1,510000,1,Q,1,0\n");
    strcpy(bench->config.feed.trades_path, "/absent");
    bench_open_fails(bench, TUTTI_NOT_FOUND, "/absent");
    bench_instrument(bench, "SPY", 60);
    bench_open_fails(bench, TUTTI_INVALID, "holds one instrument, but 2 are configured");
}

static void test_scale_and_offset(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_EQUITY_TICKS;
    bench->config.equity_ticks.price_scale.d = num("1");
    bench->config.equity_ticks.utc_offset_hours.d = num("5.5");
    strcpy(bench->config.equity_ticks.date, "20131007");
    bench_instrument(bench, "AIG", 60);
    bench_text(bench, "q", "34200000,50.25,1,51,1,Q,1,0\n");
    bench_open(bench);
    expect_quote(bench, "50.25 x 1 / 51 x 1");
    bench_time(bench, "2013-10-07T04:00:00Z");
    bench_end(bench);
}

/* 1,079,935 rows change the best 489,918 times; 25,351 trades. */
static void test_real_day(void **state)
{
    need_data("equity_ticks/aig_20131007_quote.zip");
    need_data("equity_ticks/aig_20131007_trade.zip");
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_EQUITY_TICKS;
    strcpy(bench->config.equity_ticks.date, "2013-10-07");
    bench->config.equity_ticks.utc_offset_hours.d = num("-4");
    bench_instrument(bench, "AIG", 60);
    strcpy(bench->config.feed.path, data_file("equity_ticks/aig_20131007_quote.zip"));
    strcpy(bench->config.feed.trades_path, data_file("equity_ticks/aig_20131007_trade.zip"));
    bench_open(bench);
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_QUOTE], 489918);
    assert_int_equal(counts[TT_TOPIC_MARKET_TRADE], 25351);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
    bench_time(bench, "2013-10-08T00:00:00.248Z");
    assert_num(bench->item.payload.quote.bid, "48.79");
    assert_num(bench->item.payload.quote.ask, "48.94");
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_consolidation),
        BENCH_TEST(test_new_ask_drops_crossed_bids),
        BENCH_TEST(test_merge_and_refusals),
        BENCH_TEST(test_config_errors),
        BENCH_TEST(test_scale_and_offset),
        BENCH_TEST(test_real_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
