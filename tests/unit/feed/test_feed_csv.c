/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bars from csv: the three layouts, refused rows, and the files of the data folder.
 */
#include "fixture.h"

#define HEADER "timestamp,open,high,low,close,volume\n"

static void start(feed_bench *bench, const char *text)
{
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    if (bench->instruments.count == 0) {
        bench_instrument(bench, "BTC/USDT", 60);
    }
    bench_text(bench, "bars.csv", text);
    bench_open(bench);
}

static void expect_bar(feed_bench *bench, uint32_t key, const char *time, const char *close)
{
    bench_next(bench, TT_TOPIC_MARKET_BAR);
    assert_int_equal(bench->item.key, key);
    bench_time(bench, time);
    assert_num(bench->item.payload.bar.close, close);
}

static void test_bars(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        HEADER "2022-01-01 00:01:00.000000,10,12,9,11,5.5\n2022-01-01 00:02:00,11,11,11,11,0\n");
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "11");
    const tt_bar *bar = &bench->item.payload.bar;
    assert_num(bar->open, "10");
    assert_num(bar->high, "12");
    assert_num(bar->low, "9");
    assert_num(bar->volume, "5.5");
    assert_int_equal(bar->interval_s, 60);
    assert_int_equal(bar->open_time.ns, bench->item.time.ns - 60 * TT_NS_PER_S);
    assert_int_equal(bar->trade_count, 0);
    expect_bar(bench, 1, "2022-01-01T00:02:00Z", "11");
    bench_end(bench);
}

static void test_time_of_the_open(void **state)
{
    feed_bench *bench = *state;
    bench->config.csv.bar_time = TT_bar_time_OPEN;
    start(bench, HEADER "2022-01-01 00:01,10,12,9,11,5\n");
    expect_bar(bench, 1, "2022-01-01T00:02:00Z", "11");
    assert_int_equal(bench->item.payload.bar.open_time.ns, bench->item.time.ns - 60 * TT_NS_PER_S);
    bench_end(bench);
}

static void test_no_header_and_scale(void **state)
{
    feed_bench *bench = *state;
    tt_csv_config *csv = &bench->config.csv;
    csv->header = false;
    csv->price_scale.d = num("0.0001");
    strcpy(csv->timestamp, "0");
    strcpy(csv->open, "1");
    strcpy(csv->high, "2");
    strcpy(csv->low, "3");
    strcpy(csv->close, "4");
    strcpy(csv->volume, "5");
    bench_instrument(bench, "SPY", 86400);
    start(
        bench,
        "19980102 00:00,973100,975300,965300,973600,2150000\n"
        "19980105 00:00,978400,984400,967800,977500\n"
        "19980106 00:00,972500,972800,961900,966300,2821800\n");
    expect_bar(bench, 1, "1998-01-02T00:00:00Z", "97.36");
    assert_num(bench->item.payload.bar.volume, "2150000");
    bench_refused(bench, 2, "the row has 5 fields instead of 6");
    expect_bar(bench, 1, "1998-01-06T00:00:00Z", "96.63");
    bench_end(bench);
}

static void test_first_row_with_too_few_fields(void **state)
{
    feed_bench *bench = *state;
    tt_csv_config *csv = &bench->config.csv;
    csv->header = false;
    strcpy(csv->timestamp, "0");
    strcpy(csv->open, "1");
    strcpy(csv->high, "1");
    strcpy(csv->low, "1");
    strcpy(csv->close, "2");
    strcpy(csv->volume, "");
    start(bench, "2022-01-01,5\n2022-01-01 00:01,5,5,9\n2022-01-01 00:02,6,6,9\n");
    bench_refused(bench, 1, "the row has 2 fields instead of 3");
    bench_time(bench, "2022-01-01T00:01:00Z"); // It waited for the first good row.
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "5");
    expect_bar(bench, 1, "2022-01-01T00:02:00Z", "6");
    bench_end(bench);
}

/* One bad row of each sort between good ones; the good ones all come. */
static void test_bad_rows(void **state)
{
    feed_bench *bench = *state;
    start(
        bench,
        HEADER "2022-01-01 00:01,10,12,9,11,5\n"
               "2022-01-01 00:02,10,12,9,11\n"
               "2022-01-01 00:02,10,12,9,11,5,6\n"
               "2022-01-01 00:02,ten,12,9,11,5\n"
               "2022-01-01 00:02,10,inf,9,11,5\n"
               "2022-01-01 00:02,10,12,NaN,11,5\n"
               "2022-01-01 00:02,10,12,-9,11,5\n"
               "2022-01-01 00:02,10,12,9,0,5\n"
               "2022-01-01 00:02,10,9,12,11,5\n"
               "2022-01-01 00:02,10,12,9,11,-5\n"
               "01.02.2022,10,12,9,11,5\n"
               "2022-01-01 00:00,10,12,9,11,5\n"
               "2022-01-01 00:01,10,12,9,11,5\n"
               "2022-01-01 00:01:59,10,12,9,11,5\n"
               "2199-01-01 00:00,10,12,9,11,x\n"
               "\n"
               "2022-01-01 00:02,10,12,9,11.5,5\n");
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "11");
    bench_refused(bench, 3, "5 fields instead of 6");
    assert_string_equal(bench->item.payload.event.file, "bars.csv");
    bench_refused(bench, 4, "7 fields instead of 6");
    bench_refused(bench, 5, "open 'ten' is not a number");
    assert_int_equal(bench->item.key, 1);
    bench_refused(bench, 6, "high 'inf' is not a number");
    bench_refused(bench, 7, "low 'NaN' is not a number");
    bench_refused(bench, 8, "low -9 is not above 0");
    bench_refused(bench, 9, "close 0 is not above 0");
    bench_refused(bench, 10, "high is below low");
    bench_refused(bench, 11, "volume -5 is below 0");
    bench_refused(bench, 12, "time '01.02.2022' is not one of");
    bench_refused(bench, 13, "time goes back: 2022-01-01T00:00:00Z after 2022-01-01T00:01:00Z");
    bench_refused(bench, 14, "second bar of BTC/USDT for 2022-01-01T00:01:00Z");
    bench_refused(bench, 15, "overlaps the one before: 59 s apart, but bar_interval_s of BTC/USDT");
    bench_refused(bench, 16, "volume 'x' is not a number");
    bench_time(bench, "2022-01-01T00:01:00Z"); // A bad row does not move the clock.
    bench_refused(bench, 17, "1 fields instead of 6");
    expect_bar(bench, 1, "2022-01-01T00:02:00Z", "11.5");
    tt_feed_progress progress;
    bench_progress(bench, &progress);
    assert_int_equal(progress.refused, 15);
    assert_int_equal(progress.items, 17);
    assert_int_equal(progress.bytes_done, progress.bytes_total);
    bench_end(bench);
}

static void test_bad_row_stops(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.on_bad_row = TT_row_policy_STOP;
    start(bench, HEADER "2022-01-01 00:01,10,12,9,11,5\n2022-01-01 00:02,10,12,9,x,5\n");
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "11");
    bench_fails(bench, TUTTI_PARSE, "bars.csv:3: close 'x' is not a number");
    assert_string_equal(bench->error.hint, "feed.on_bad_row: skip would leave the row out");
}

static void test_line_that_is_too_long(void **state)
{
    feed_bench *bench = *state;
    char *text = calloc(1, TT_NS_PER_MS + 100000);
    strcpy(text, HEADER "2022-01-01 00:01,10,12,9,11,5\n");
    size_t length = strlen(text);
    memset(text + length, '1', 1048577);
    strcpy(text + length + 1048577, "\n2022-01-01 00:02,10,12,9,11,5\n");
    start(bench, text);
    free(text);
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "11");
    bench_refused(bench, 3, "the line is longer than 1048576 bytes");
    expect_bar(bench, 1, "2022-01-01T00:02:00Z", "11");
    bench_end(bench);
}

static void test_column_of_symbols(void **state)
{
    feed_bench *bench = *state;
    strcpy(bench->config.csv.symbol, "sym");
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 60);
    start(
        bench,
        "sym,timestamp,open,high,low,close,volume\n"
        "DOGE,2022-01-01 00:00,1,1,1,1,1\n"
        "BTCUSDT,2022-01-01 00:01,10,12,9,11,5\n"
        "ETHUSDT,2022-01-01 00:01,1,1.5,1,1.25,5\n"
        "DOGE,2022-01-01 00:02,1,1,1,1,1\n"
        "BTCUSDT,2022-01-01 00:01:30,10,12,9,11,5\n"
        "ETHUSDT,2022-01-01 00:02,1,1.5,1,1.5,5\n");
    bench_refused(bench, 2, "symbol 'DOGE' is not configured");
    bench_time(bench, "2022-01-01T00:00:00Z"); // A sound row that is not for us tells the time.
    expect_bar(bench, 1, "2022-01-01T00:01:00Z", "11");
    expect_bar(bench, 2, "2022-01-01T00:01:00Z", "1.25");
    bench_refused(bench, 5, "symbol 'DOGE' is not configured");
    bench_time(bench, "2022-01-01T00:02:00Z");
    bench_refused(bench, 6, "time goes back");
    expect_bar(bench, 2, "2022-01-01T00:02:00Z", "1.5");
    bench_end(bench);
}

static void test_wide(void **state)
{
    feed_bench *bench = *state;
    strcpy(bench->config.csv.timestamp, "Date");
    bench->config.csv.wide = true;
    bench->config.csv.price_scale.d = num("2");
    bench_instrument(bench, "XOM", 86400);
    bench_instrument(bench, "AAPL", 86400);
    start(
        bench,
        "Date,AAPL,AMD,XOM\n1990-01-02,0.264,4,4.068\n1990-01-03,,4,4.027\n"
        "1990-01-04,x,4,4\n1990-01-04,0.3,4,5\n1990-01-05,,,\n1990-01-06,0.4,4,6\n");
    expect_bar(bench, 1, "1990-01-02T00:00:00Z", "8.136");
    const tt_bar *bar = &bench->item.payload.bar;
    assert_num(bar->open, "8.136");
    assert_num(bar->high, "8.136");
    assert_num(bar->low, "8.136");
    assert_num(bar->volume, "0");
    assert_int_equal(bar->interval_s, 86400);
    expect_bar(bench, 2, "1990-01-02T00:00:00Z", "0.528");
    expect_bar(bench, 1, "1990-01-03T00:00:00Z", "8.054"); // An empty cell is no bar.
    expect_bar(bench, 1, "1990-01-04T00:00:00Z", "8");
    bench_refused(bench, 4, "AAPL 'x' is not a number"); // One bad cell leaves the others.
    assert_int_equal(bench->item.key, 2);
    bench_refused(bench, 5, "second bar of XOM");
    expect_bar(bench, 2, "1990-01-04T00:00:00Z", "0.6");
    expect_bar(bench, 1, "1990-01-06T00:00:00Z", "12");
    expect_bar(bench, 2, "1990-01-06T00:00:00Z", "0.8");
    bench_end(bench);
}

static void test_bars_out_of_range(void **state)
{
    feed_bench *bench = *state;
    bench_instrument(bench, "SPY", 86400);
    start(bench, HEADER "1970-01-01,1,1,1,1,1\n1970-01-02,1,1,1,1,1\n2200-01-01,1,1,1,1,1\n");
    bench_refused(bench, 2, "the bar is not within 1970 to 2200");
    expect_bar(bench, 1, "1970-01-02T00:00:00Z", "1");
    expect_bar(bench, 1, "2200-01-01T00:00:00Z", "1");
    bench_end(bench);
}

static void test_files_that_cannot_work(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_text(bench, "a.csv", "");
    bench_open_fails(bench, TUTTI_PARSE, "a.csv: the file is empty");
    bench_text(bench, "a.csv", "a\"b,c\n");
    bench_open_fails(bench, TUTTI_PARSE, "a.csv:1: a quote is out of place");
    bench_text(bench, "a.csv", "a,b\n");
    bench_open_fails(bench, TUTTI_INVALID, "the file has no column 'timestamp'");
    bench_instrument(bench, "ETH/USDT", 300);
    bench_text(bench, "a.csv", HEADER);
    bench_open_fails(bench, TUTTI_INVALID, "feed.path names 1 files for 2 instruments");
    strcpy(bench->config.csv.symbol, "open");
    bench->config.csv.bar_time = TT_bar_time_OPEN;
    bench_open_fails(bench, TUTTI_INVALID, "needs the same bar_interval_s");
}

static void start_real(feed_bench *bench, const char *name)
{
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    strcpy(bench->config.feed.path, data_file(name));
    bench_open(bench);
}

static void test_real_btc(void **state)
{
    need_data("bars/btc_perp_1m_202201.csv.gz");
    feed_bench *bench = *state;
    bench_instrument(bench, "BTC/USDT", 60);
    start_real(bench, "bars/btc_perp_1m_202201.csv.gz");
    expect_bar(bench, 1, "2021-12-31T23:01:00Z", "46377");
    assert_num(bench->item.payload.bar.volume, "2300413.7295");
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_BAR], 45030);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
    bench_time(bench, "2022-02-01T05:31:00Z");
    assert_num(bench->item.payload.bar.close, "38544");
}

static void lean_layout(feed_bench *bench, const char *scale)
{
    tt_csv_config *csv = &bench->config.csv;
    csv->header = false;
    csv->bar_time = TT_bar_time_OPEN;
    csv->price_scale.d = num(scale);
    strcpy(csv->timestamp, "0");
    strcpy(csv->open, "1");
    strcpy(csv->high, "2");
    strcpy(csv->low, "3");
    strcpy(csv->close, "4");
    strcpy(csv->volume, "5");
}

/* The last line has no newline: wc -l counts 5,848. */
static void test_real_spy(void **state)
{
    need_data("bars/spy_daily.zip");
    feed_bench *bench = *state;
    bench_instrument(bench, "SPY", 86400);
    lean_layout(bench, "0.0001");
    start_real(bench, "bars/spy_daily.zip");
    expect_bar(bench, 1, "1998-01-03T00:00:00Z", "97.36");
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_BAR], 5848);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
    assert_num(bench->item.payload.bar.low, "395.33");
    bench_time(bench, "2021-04-01T00:00:00Z");
}

static void test_real_coinbase(void **state)
{
    need_data("bars/btcusd_coinbase_daily.zip");
    feed_bench *bench = *state;
    bench_instrument(bench, "BTC/USD", 86400);
    lean_layout(bench, "1");
    start_real(bench, "bars/btcusd_coinbase_daily.zip");
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_BAR], 1318);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
    assert_num(bench->item.payload.bar.close, "6253.67");
}

static void test_real_stocks(void **state)
{
    need_data("bars/sp500_20_stocks_daily.csv.gz");
    feed_bench *bench = *state;
    static const char *const symbols[] = {"AAPL", "AMD", "BAC", "BBY", "CVX", "GE",   "HD",
                                          "JNJ",  "JPM", "KO",  "LLY", "MRK", "MSFT", "PEP",
                                          "PFE",  "PG",  "RRC", "UNH", "WMT", "XOM"};
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        bench_instrument(bench, symbols[i], 86400);
    }
    strcpy(bench->config.csv.timestamp, "Date");
    bench->config.csv.wide = true;
    start_real(bench, "bars/sp500_20_stocks_daily.csv.gz");
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_BAR], 20 * 8313);
    assert_int_equal(counts[TT_TOPIC_FEED_EVENTS], 0);
    assert_int_equal(bench->item.key, 20);
    assert_num(bench->item.payload.bar.close, "106.627");
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_bars),
        BENCH_TEST(test_time_of_the_open),
        BENCH_TEST(test_no_header_and_scale),
        BENCH_TEST(test_first_row_with_too_few_fields),
        BENCH_TEST(test_bad_rows),
        BENCH_TEST(test_bad_row_stops),
        BENCH_TEST(test_line_that_is_too_long),
        BENCH_TEST(test_column_of_symbols),
        BENCH_TEST(test_wide),
        BENCH_TEST(test_bars_out_of_range),
        BENCH_TEST(test_files_that_cannot_work),
        BENCH_TEST(test_real_btc),
        BENCH_TEST(test_real_spy),
        BENCH_TEST(test_real_coinbase),
        BENCH_TEST(test_real_stocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
