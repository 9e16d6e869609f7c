/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opening feeds: lists of files, what cannot be opened, and the input of an item.
 */
#include "fixture.h"

#define HEADER "timestamp,open,high,low,close,volume\n"

static void write_bars(feed_bench *bench, const char *name, const char *rows)
{
    char text[500];
    (void)snprintf(text, sizeof text, HEADER "%s", rows);
    (void)bench_write(bench, name, text, strlen(text));
}

static void test_one_file_for_each_instrument(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 120);
    write_bars(bench, "btc", "2022-01-01 00:01,1,1,1,1,1\n2022-01-01 00:03,3,3,3,3,1\n");
    write_bars(bench, "eth", "2022-01-01 00:02,2,2,2,2,1\n2022-01-01 00:04,4,4,4,4,1\n");
    (void)sprintf(
        bench->config.feed.path, " %s , %s ", bench_path(bench, "btc"), bench_path(bench, "eth"));
    bench_open(bench);
    const uint32_t keys[] = {1, 2, 1, 2};
    for (int i = 0; i < 4; i++) {
        bench_next(bench, TT_TOPIC_MARKET_BAR);
        assert_int_equal(bench->item.key, keys[i]);
        assert_int_equal(bench->item.payload.bar.interval_s, keys[i] * 60);
    }
    bench_end(bench);
}

static void test_paths_that_are_none(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_open_fails(bench, TUTTI_INVALID, "feed.path '' names no file");
    strcpy(bench->config.feed.path, "a,,b");
    bench_open_fails(bench, TUTTI_INVALID, "names no file, or an empty name");
    strcpy(bench->config.feed.path, "/absent/file");
    bench_open_fails(bench, TUTTI_NOT_FOUND, "/absent/file: cannot be opened: No such file");
    strcpy(bench->config.feed.path, "/absent/a,/absent/b");
    bench_open_fails(bench, TUTTI_INVALID, "feed.path names 2 files for 1 instruments");
    bench->config.csv.wide = true;
    bench_open_fails(bench, TUTTI_INVALID, "csv.wide takes one file, not 2");
    for (int i = 0; i < 17; i++) {
        strcpy(bench->config.feed.path + 2 * i, i == 16 ? "x" : "x,");
    }
    bench_open_fails(bench, TUTTI_LIMIT, "feed.path names more than 16 files");
    bench->config.feed.path[31] = '\0';
    bench_open_fails(bench, TUTTI_INVALID, "csv.wide takes one file, not 16");
}

/* When the second file cannot be opened, the first is closed again (the leak check sees to it). */
static void test_second_file_is_missing(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_BINANCE;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_text(bench, "a", "x\n");
    strcat(bench->config.feed.path, ",/absent");
    bench_open_fails(bench, TUTTI_NOT_FOUND, "/absent");
}

static void test_input_of_an_item(void **state)
{
    (void)state;
    tt_feed_item item = {
        .time.ns = 5, .topic = TT_TOPIC_MARKET_TRADE, .key = 3, .size = sizeof(tt_trade)};
    tt_input input = {.cause = 99};
    tt_feed_item_input(&item, &input);
    assert_int_equal(input.time.ns, 5);
    assert_int_equal(input.topic, TT_TOPIC_MARKET_TRADE);
    assert_int_equal(input.source, TT_SOURCE_FEED);
    assert_int_equal(input.key, 3);
    assert_int_equal(input.cause, 0);
    assert_ptr_equal(input.payload, &item.payload);
    assert_int_equal(input.payload_size, sizeof(tt_trade));
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_one_file_for_each_instrument),
        BENCH_TEST(test_paths_that_are_none),
        BENCH_TEST(test_second_file_is_missing),
        cmocka_unit_test(test_input_of_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
