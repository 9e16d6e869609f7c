/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ticks of the synthetic market: the same on every build, well-formed, lively.
 */
#include "base/crc32c.h"
#include "fixture.h"
#include "market/book.h"

static void start(feed_bench *bench, uint64_t ticks)
{
    bench->config.feed.kind = TT_feed_kind_SYNTHETIC;
    bench->config.synthetic.ticks = ticks;
    if (bench->instruments.count == 0) {
        bench_instrument(bench, "BTC/USDT", 60);
        bench_instrument(bench, "ETH/USDT", 60);
        bench_instrument(bench, "SOL/USDT", 60);
    }
    bench_open(bench);
}

static uint32_t digest(feed_bench *bench, uint64_t seed, uint64_t ticks)
{
    bench->seed = seed;
    start(bench, ticks);
    uint32_t crc = 0;
    while (bench->feed.next(bench->feed.ctx, &bench->item, &bench->error) == TUTTI_OK) {
        crc = tt_crc32c(crc, &bench->item.time, sizeof bench->item.time);
        crc = tt_crc32c(crc, &bench->item.payload, bench->item.size);
    }
    bench_close(bench);
    return crc;
}

/* The digest was taken once; every build of every compiler must give it. */
static void test_same_bytes_on_every_build(void **state)
{
    feed_bench *bench = *state;
    assert_int_equal(digest(bench, 42, 100000), 0x0bde4f54);
    assert_int_equal(digest(bench, 42, 100000), digest(bench, 42, 100000));
    assert_int_not_equal(digest(bench, 42, 1000), digest(bench, 43, 1000));
}

static void test_ticks_are_counted(void **state)
{
    feed_bench *bench = *state;
    start(bench, 5000);
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    uint64_t ticks = counts[TT_TOPIC_MARKET_QUOTE] + counts[TT_TOPIC_MARKET_TRADE] +
                     counts[TT_TOPIC_MARKET_DEPTH];
    assert_int_equal(ticks, 5000);
    assert_true(counts[TT_TOPIC_MARKET_QUOTE] > 2000);
    assert_true(counts[TT_TOPIC_MARKET_TRADE] > 1000);
    assert_true(counts[TT_TOPIC_MARKET_DEPTH] > 500);
    tt_feed_progress progress;
    bench_progress(bench, &progress);
    assert_int_equal(progress.bytes_done, 5000);
    assert_int_equal(progress.bytes_total, 5000);
}

static void test_no_depth(void **state)
{
    feed_bench *bench = *state;
    bench->config.synthetic.depth_levels = 0;
    start(bench, 5000);
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_DEPTH], 0);
}

/* Quotes are on tick and lot and not crossed, trades are at the quote, depth makes a sound book. */
static void test_items_fit_together(void **state)
{
    feed_bench *bench = *state;
    start(bench, 30000);
    static tt_book books[3];
    memset(books, 0, sizeof books);
    tt_quote quotes[3] = {0};
    int snapshots = 0;
    for (int i = 0; i < 30000; i++) {
        if (bench->feed.next(bench->feed.ctx, &bench->item, &bench->error) != TUTTI_OK) {
            break;
        }
        const tt_feed_item *item = &bench->item;
        if (item->topic == TT_TOPIC_FEED_EVENTS) {
            continue;
        }
        tt_quote *quote = &quotes[item->key - 1];
        if (item->topic == TT_TOPIC_MARKET_QUOTE) {
            *quote = item->payload.quote;
            assert_true(tt_dec_lt(quote->bid.d, quote->ask.d));
            assert_true(tt_dec_is_multiple(quote->bid.d, num("0.01")));
            assert_true(tt_dec_is_multiple(quote->bid_qty.d, num("0.001")));
            assert_true(tt_dec_sign(quote->bid_qty.d) > 0 && tt_dec_sign(quote->ask_qty.d) > 0);
            assert_true(quote->venue_time.ns < item->time.ns);
        } else if (item->topic == TT_TOPIC_MARKET_TRADE) {
            const tt_trade *trade = &item->payload.trade;
            tt_price side = trade->aggressor == TT_side_BUY ? quote->ask : quote->bid;
            assert_true(tt_dec_eq(trade->price.d, side.d));
        } else {
            const tt_depth *depth = &item->payload.depth;
            snapshots += depth->is_snapshot;
            assert_int_equal(depth->count, depth->is_snapshot ? 10 : 2);
            assert_int_equal(tt_book_apply(&books[item->key - 1], depth), TUTTI_OK);
            if (depth->is_snapshot) {
                assert_true(tt_book_is_usable(&books[item->key - 1]));
            }
        }
    }
    assert_true(snapshots > 100);
    assert_int_equal(books[0].stale_updates, 0);
}

static void test_times(void **state)
{
    feed_bench *bench = *state;
    strcpy(bench->config.synthetic.start, "2030-05-06 07:08:09");
    bench->config.synthetic.tick_interval.ns = 1500 * TT_NS_PER_MS;
    bench->config.synthetic.gaps_per_day.d = num("0");
    start(bench, 4);
    bench_next(bench, TT_TOPIC_MARKET_QUOTE); // The first word of each instrument is a quote.
    bench_time(bench, "2030-05-06T07:08:09Z");
    assert_int_equal(bench->item.key, 1);
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    bench_time(bench, "2030-05-06T07:08:10.500Z");
    assert_int_equal(bench->item.key, 2);
    bench_next(bench, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(bench->item.key, 3);
}

static void test_outage(void **state)
{
    feed_bench *bench = *state;
    bench->config.synthetic.gaps_per_day.d = num("1000");
    start(bench, 20000);
    tt_time before = {0};
    do {
        before = bench->item.time;
        assert_int_equal(bench->feed.next(bench->feed.ctx, &bench->item, &bench->error), TUTTI_OK);
    } while (bench->item.topic != TT_TOPIC_FEED_EVENTS);
    const tt_feed_event *event = &bench->item.payload.event;
    assert_int_equal(event->event, TT_feed_event_type_GAP);
    assert_int_equal(bench->item.key, 0);
    int seconds = 0;
    assert_int_equal(sscanf(event->message, "no market data for %d seconds", &seconds), 1);
    assert_int_equal(bench->item.time.ns - before.ns, seconds * TT_NS_PER_S + 250 * TT_NS_PER_MS);
    assert_int_equal(bench->feed.next(bench->feed.ctx, &bench->item, &bench->error), TUTTI_OK);
    assert_int_equal(bench->item.topic, TT_TOPIC_MARKET_QUOTE); // Prices first, then the rest.
}

/* Endless means to the end of time, which is an end and no error. */
static void test_end_of_time(void **state)
{
    feed_bench *bench = *state;
    strcpy(bench->config.synthetic.start, "2199-12-29 23:59:00");
    bench->config.synthetic.tick_interval.ns = 3600 * TT_NS_PER_S;
    bench->config.synthetic.gaps_per_day.d = num("0");
    start(bench, 0);
    uint64_t counts[TT_TOPIC_COUNT];
    bench_count(bench, counts);
    assert_int_equal(counts[TT_TOPIC_MARKET_QUOTE], 1);
    tt_feed_progress progress;
    bench_progress(bench, &progress);
    assert_int_equal(progress.bytes_total, 0);
}

static void test_refused_start(void **state)
{
    feed_bench *bench = *state;
    bench->config.feed.kind = TT_feed_kind_SYNTHETIC;
    bench_open_fails(bench, TUTTI_INVALID, "needs an instrument");
    bench_instrument(bench, "BTC/USDT", 60);
    strcpy(bench->config.synthetic.start, "tomorrow");
    bench_open_fails(bench, TUTTI_INVALID, "synthetic.start 'tomorrow' is no time");
    strcpy(bench->config.synthetic.start, "1969-12-31");
    bench_open_fails(bench, TUTTI_INVALID, "is no time within 1970 to 2200");
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_same_bytes_on_every_build),
        BENCH_TEST(test_ticks_are_counted),
        BENCH_TEST(test_no_depth),
        BENCH_TEST(test_items_fit_together),
        BENCH_TEST(test_times),
        BENCH_TEST(test_outage),
        BENCH_TEST(test_end_of_time),
        BENCH_TEST(test_refused_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
