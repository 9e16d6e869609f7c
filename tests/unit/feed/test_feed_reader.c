/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader: refusals in front of the first good row, the bound of them, files without any good
 * row, broken files, and resuming.
 */
#include "fixture.h"

#define HEADER "timestamp,open,high,low,close,volume\n"
#define GOOD   "2022-01-01 00:01,10,12,9,11,5\n"

static void start(feed_bench *bench, int bad_rows, const char *rest)
{
    static char text[20000];
    size_t size = (size_t)sprintf(text, HEADER);
    for (int i = 0; i < bad_rows; i++) {
        size += (size_t)sprintf(text + size, "bad %d\n", i);
    }
    strcpy(text + size, rest);
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    bench_instrument(bench, "BTC/USDT", 60);
    bench_text(bench, "bars.csv", text);
    bench_open(bench);
}

static void test_refusals_wait_for_the_first_row(void **state)
{
    feed_bench *bench = *state;
    start(bench, 64, GOOD "bad\n");
    for (uint64_t i = 0; i < 64; i++) {
        bench_refused(bench, i + 2, "1 fields instead of 6");
        bench_time(bench, "2022-01-01T00:01:00Z");
    }
    bench_next(bench, TT_TOPIC_MARKET_BAR);
    bench_refused(bench, 67, "1 fields instead of 6");
    tt_feed_progress progress;
    bench_progress(bench, &progress);
    assert_int_equal(progress.refused, 65);
    assert_int_equal(progress.items, 66);
    bench_end(bench);
}

static void test_too_many_in_front(void **state)
{
    feed_bench *bench = *state;
    start(bench, 65, GOOD);
    bench_fails(
        bench,
        TUTTI_PARSE,
        "bars.csv:2: the row has 1 fields instead of 6; nor any of the next rows");
    assert_string_equal(
        bench->error.hint, "is it the right file, and do the column settings fit it?");
}

static void test_no_good_row(void **state)
{
    feed_bench *bench = *state;
    start(bench, 2, "");
    bench_fails(
        bench, TUTTI_PARSE, "bars.csv:2: the row has 1 fields instead of 6; no row could be used");
}

static void test_no_row(void **state)
{
    feed_bench *bench = *state;
    start(bench, 0, "");
    bench_fails(bench, TUTTI_PARSE, "bars.csv: there are no rows");
}

static void test_first_row_stops(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.on_bad_row = TT_row_policy_STOP;
    start(bench, 1, GOOD);
    bench_fails(bench, TUTTI_PARSE, "bars.csv:2: the row has 1 fields instead of 6");
}

static void test_file_that_is_cut(void **state)
{
    feed_bench *bench = *state;
    char text[3000] = HEADER;
    for (int i = 0; i < 50; i++) {
        (void)sprintf(text + strlen(text), "2022-01-01 01:%02d,10,12,9,%d,5\n", i, 9 + i % 3);
    }
    unsigned char packed[3000];
    size_t size = pack_gzip(text, packed, sizeof packed);
    const char *path = bench_write(bench, "bars.csv.gz", packed, size - 20);
    bench->config.feed.kind = TT_feed_kind_CSV_BARS;
    bench_instrument(bench, "BTC/USDT", 60);
    strcpy(bench->config.feed.path, path);
    bench_open(bench);
    bench_next(bench, TT_TOPIC_MARKET_BAR); // What could be read comes first.
    tutti_status status = TUTTI_OK;
    for (int i = 0; status == TUTTI_OK && i < 100; i++) {
        status = bench->feed.next(bench->feed.ctx, &bench->item, &bench->error);
    }
    assert_int_equal(status, TUTTI_CORRUPT);
    assert_non_null(strstr(bench->error.message, "bars.csv.gz: the gzip data is cut short"));
    assert_string_equal(bench->error.hint, "copy or download the file again");
    bench_fails(bench, TUTTI_CORRUPT, "cut short");
}

/* Opening again and reading up to a number goes on exactly there. */
static void test_resume(void **state)
{
    feed_bench *bench = *state;
    start(bench, 3, GOOD "bad\n2022-01-01 00:02,10,12,9,11,5\n2022-01-01 00:03,10,12,9,10,5\n");
    for (int i = 0; i < 6; i++) {
        tt_feed_item item;
        assert_int_equal(bench->feed.next(bench->feed.ctx, &item, &bench->error), TUTTI_OK);
    }
    tt_feed_item expected;
    assert_int_equal(bench->feed.next(bench->feed.ctx, &expected, &bench->error), TUTTI_OK);
    bench_close(bench);
    bench_open(bench);
    uint64_t seq = 0;
    tt_feed_item item;
    while (seq < 7) {
        assert_int_equal(bench->feed.next(bench->feed.ctx, &item, &bench->error), TUTTI_OK);
        seq = item.topic == TT_TOPIC_MARKET_BAR ? item.payload.bar.feed_seq
                                                : item.payload.event.feed_seq;
    }
    assert_int_equal(item.topic, expected.topic);
    assert_memory_equal(&item.payload.bar, &expected.payload.bar, sizeof item.payload.bar);
    bench->item.topic = TT_TOPIC_NONE;
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_refusals_wait_for_the_first_row),
        BENCH_TEST(test_too_many_in_front),
        BENCH_TEST(test_no_good_row),
        BENCH_TEST(test_no_row),
        BENCH_TEST(test_first_row_stops),
        BENCH_TEST(test_file_that_is_cut),
        BENCH_TEST(test_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
