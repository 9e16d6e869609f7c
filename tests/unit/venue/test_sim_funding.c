/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding that the exchange lists in its answers. Covers: sim_funding.c
 */
#include "fixture.h"
#include "venue/sim_log.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR_MS     (INT64_C(3600) * 1000)
#define INTERVAL_NS (INT64_C(28800) * TT_NS_PER_S)
#define ASKED       70

static bool take(floor_bench *bench)
{
    return bench->venue.poll(bench->venue.ctx, bench->now, &bench->output);
}

static unsigned told(floor_bench *bench)
{
    unsigned count = 0;
    while (take(bench)) {
        count += bench->output.topic == TT_TOPIC_FUNDING_PAYMENTS;
    }
    return count;
}

static void open_funded(floor_bench *bench)
{
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = INTERVAL_NS;
    bench->instruments.list[BTC - 1].max_leverage.d = num("10");
    floor_open(bench);
}

static void enter(floor_bench *bench, uint64_t id, tt_side side, tt_side position_side)
{
    tt_order_intent *intent = floor_order(bench, id, side, TT_order_type_MARKET, "2", "");
    intent->leverage = 1;
    intent->position_side = (uint8_t)position_side;
    floor_send(bench);
    assert_int_equal(told(bench), 0);
}

static void start(floor_bench *bench)
{
    open_funded(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, TT_side_NONE);
}

/* What an answer lists, and its last position. */
typedef struct listing {
    uint32_t count;
    int64_t moments[16];
    tt_venue_position last;
} listing;

static listing ask(floor_bench *bench, int64_t since_ns, bool is_hedging)
{
    struct {
        tt_msg head;
        tt_venue_query query;
    } what = {
        .head = {.topic = TT_TOPIC_VENUE_QUERIES, .seq = ASKED, .size = sizeof what.query},
        .query = {.query_id = ASKED, .funding_since = {since_ns}, .is_hedging = is_hedging},
    };
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &what.head, &bench->error), TUTTI_OK);
    listing all = {0};
    while (take(bench)) {
        if (bench->output.topic == TT_TOPIC_FUNDING_PAYMENTS) {
            assert_int_equal(bench->output.funding.query_id, ASKED);
            assert_int_equal(all.last.is_last, 0); // All of them come before the end.
            assert_in_range(all.count, 0, 15);
            all.moments[all.count++] = bench->output.funding.venue_time.ns;
        } else if (bench->output.topic == TT_TOPIC_VENUE_POSITIONS) {
            all.last = bench->output.position;
        }
    }
    assert_int_equal(all.last.is_last, 1);
    assert_int_equal(all.last.payments, all.count);
    return all;
}

static void test_a_lost_payment_is_listed(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DROP_NEXT_FUNDING);
    int64_t before = bench->now.ns;
    floor_wait(bench, 8 * HOUR_MS);
    assert_int_equal(told(bench), 0);
    tt_sim_stats stats;
    tt_sim_venue_stats_get(&bench->venue, &stats);
    assert_int_equal(stats.lost_reports, 1);
    listing all = ask(bench, before, false);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.last.payments_cut, 0);
    assert_int_equal(all.moments[0] % INTERVAL_NS, 0);
    // From its moment on it is asked for, later it is not.
    assert_int_equal(ask(bench, all.moments[0], false).count, 1);
    assert_int_equal(ask(bench, all.moments[0] + 1, false).count, 0);
    // The fault was for one payment.
    floor_wait(bench, 8 * HOUR_MS);
    assert_int_equal(told(bench), 1);
    assert_int_equal(bench->output.funding.query_id, 0);
}

static void test_the_oldest_payment_leaves_and_is_missed(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    for (int i = 0; i < TT_SIM_PAYMENTS_KEPT; i++) {
        floor_wait(bench, 8 * HOUR_MS);
        assert_int_equal(told(bench), 1);
    }
    listing eight = ask(bench, 1, false);
    assert_int_equal(eight.count, TT_SIM_PAYMENTS_KEPT);
    assert_int_equal(eight.last.payments_cut, 0);
    floor_wait(bench, 8 * HOUR_MS);
    assert_int_equal(told(bench), 1);
    listing cut = ask(bench, eight.moments[0], false);
    assert_int_equal(cut.count, TT_SIM_PAYMENTS_KEPT);
    assert_int_equal(cut.last.payments_cut, 1);
    for (int i = 0; i + 1 < TT_SIM_PAYMENTS_KEPT; i++) {
        assert_int_equal(cut.moments[i], eight.moments[i + 1]); // Oldest first.
    }
    listing whole = ask(bench, eight.moments[0] + 1, false);
    assert_int_equal(whole.count, TT_SIM_PAYMENTS_KEPT);
    assert_int_equal(whole.last.payments_cut, 0);
}

static void cut_log(const floor_bench *bench, size_t bytes)
{
    struct stat info;
    assert_int_equal(stat(bench->log, &info), 0);
    assert_int_equal(truncate(bench->log, info.st_size - (off_t)bytes), 0);
}

/* A crash behind the first of two payments of a moment: after the restart the other one is made,
 * and the first is not made again. */
static void test_each_payment_of_a_moment_is_made_once(void **state)
{
    static const size_t ended = sizeof(tt_sim_record_head) + sizeof(tt_sim_record_funding);
    static const size_t payment = sizeof(tt_sim_record_head) + sizeof(tt_sim_record_payment);
    floor_bench *bench = *state;
    floor_use_log(bench);
    open_funded(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, TT_side_BUY);
    enter(bench, 2, TT_side_SELL, TT_side_SELL);
    floor_wait(bench, 8 * HOUR_MS);
    assert_int_equal(told(bench), 2);
    tt_time now = bench->now;
    floor_close(bench);
    cut_log(bench, ended + payment);
    open_funded(bench);
    bench->feed_seq = 0;
    floor_quote(bench, "99.9", "30", "100", "30"); // The data comes again; it is known.
    bench->now = now;
    assert_int_equal(told(bench), 1);
    listing all = ask(bench, 1, true);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.moments[0], all.moments[1]);
    const tt_sim_market *market = &floor_sim(bench)->markets[BTC - 1];
    assert_num(market->holdings[TT_side_BUY].payments[0].amount, "-0.01999");
    assert_num(market->holdings[TT_side_SELL].payments[0].amount, "0.01999");
    // And both outlive the next restart.
    floor_close(bench);
    open_funded(bench);
    bench->now = now;
    assert_int_equal(told(bench), 0);
    assert_int_equal(ask(bench, 1, true).count, 2);
}

static int64_t moment_after(tt_time time)
{
    return (time.ns / INTERVAL_NS + 1) * INTERVAL_NS;
}

/* Closes the exchange, and opens it again `moments` moments of funding later, without any data. */
static int64_t restart_later(floor_bench *bench, int64_t moments)
{
    int64_t first = moment_after(bench->now);
    floor_close(bench);
    open_funded(bench);
    bench->now.ns = first + (moments - 1) * INTERVAL_NS + INTERVAL_NS / 2;
    return first;
}

static void expect_payment(floor_bench *bench, int64_t moment_ns, const char *mark)
{
    assert_true(take(bench));
    assert_int_equal(bench->output.topic, TT_TOPIC_FUNDING_PAYMENTS);
    assert_int_equal(bench->output.funding.venue_time.ns, moment_ns);
    assert_num(bench->output.funding.mark, mark);
    assert_num(bench->output.funding.qty, "2");
    tt_dec expected = tt_dec_xneg(tt_dec_xmul(num("0.0002"), num(mark)));
    assert_true(tt_dec_eq(bench->output.funding.amount.d, expected));
}

/* Two moments are due before any data has come: what is asked then pays nothing at price 0. The
 * first price pays both, before it fills anything. */
static void test_funding_waits_for_a_price(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    int64_t first = restart_later(bench, 2);
    assert_int_equal(ask(bench, 1, false).count, 0);
    tt_order_intent *intent = floor_order(bench, 2, TT_side_BUY, TT_order_type_MARKET, "1", "");
    intent->leverage = 1;
    floor_send(bench);
    assert_int_equal(told(bench), 0);
    floor_quote(bench, "119.9", "30", "120.1", "30");
    expect_payment(bench, first, "120");
    expect_payment(bench, first + INTERVAL_NS, "120");
    assert_int_equal(told(bench), 0);
    assert_num(floor_sim(bench)->markets[BTC - 1].holdings[TT_side_NONE].qty, "3");
    floor_wait(bench, 8 * HOUR_MS); // The plan goes on.
    assert_int_equal(told(bench), 1);
}

static void test_other_data_that_pays(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    int64_t first = restart_later(bench, 1);
    assert_int_equal(told(bench), 0);
    floor_quote(bench, "119.9", "30", "0", "0"); // One side is no price.
    assert_int_equal(told(bench), 0);
    floor_trade(bench, "118", "1", TT_side_BUY);
    expect_payment(bench, first, "118");
    int64_t second = restart_later(bench, 1);
    assert_int_equal(told(bench), 0);
    bench->feed_seq += 10;
    floor_bar(bench, "110", "112", "108", "111");
    expect_payment(bench, second, "111");
}

/* What is logged while a moment waits does not end it. */
static void test_what_waits_outlives_a_restart(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    int64_t first = restart_later(bench, 1);
    floor_limit(bench, 2, TT_side_BUY, "1", "50");
    assert_int_equal(told(bench), 0);
    tt_time now = bench->now;
    floor_close(bench);
    open_funded(bench);
    bench->now = now;
    assert_int_equal(told(bench), 0);
    floor_quote(bench, "119.9", "30", "120.1", "30");
    expect_payment(bench, first, "120");
    assert_int_equal(told(bench), 0);
}

/* Data that comes again gives the price of its time; newer data pays. */
static void test_old_data_prices_what_is_due(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    int64_t first = restart_later(bench, 1);
    assert_int_equal(told(bench), 0);
    tt_time now = bench->now;
    bench->feed_seq = 0;
    floor_quote(bench, "99.9", "30", "100", "30");
    assert_int_equal(told(bench), 0);
    bench->now = now;
    floor_quote(bench, "119.9", "30", "120.1", "30");
    expect_payment(bench, first, "120");
}

/* Depth alone has no last price: the middle of the book is one. */
static void test_the_book_prices_funding(void **state)
{
    floor_bench *bench = *state;
    open_funded(bench);
    floor_depth(bench, true, "b 99 30 a 100 30");
    enter(bench, 1, TT_side_BUY, TT_side_NONE);
    int64_t first = moment_after(bench->now);
    floor_wait(bench, 8 * HOUR_MS);
    expect_payment(bench, first, "99.5");
    assert_int_equal(told(bench), 0);
}

/* Depth pays what waits, too; a trade meanwhile plans no later moment first. */
static void test_the_book_pays_what_waits(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    int64_t first = restart_later(bench, 1);
    assert_int_equal(told(bench), 0);
    tt_venue_trade other = {
        .qty.d = num("1"),
        .price.d = num("110"),
        .side = TT_side_BUY,
        .kind = TT_external_kind_TRADE,
    };
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, BTC, &other, &bench->error), TUTTI_OK);
    assert_int_equal(told(bench), 0);
    assert_int_equal(floor_sim(bench)->next_funding.ns, TT_TIME_NEVER.ns);
    other.side = TT_side_SELL;
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, BTC, &other, &bench->error), TUTTI_OK);
    assert_int_equal(told(bench), 0);
    floor_depth(bench, true, "b 119 30 a 121 30");
    expect_payment(bench, first, "120");
    assert_int_equal(told(bench), 0);
}

static void test_no_data_any_more_no_funding(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    (void)restart_later(bench, 1);
    assert_int_equal(told(bench), 0);
    floor_end_data(bench);
    floor_quote(bench, "119.9", "30", "120.1", "30");
    assert_int_equal(told(bench), 0);
}

static void expect_refused(floor_bench *bench, tt_sim_record *record)
{
    floor_use_log(bench);
    open_funded(bench);
    tt_sim *sim = floor_sim(bench);
    tt_sim_record_seal(sim, TT_SIM_RECORD_PAYMENT, record);
    assert_int_equal(tt_sim_log_write(sim, record), TUTTI_OK);
    floor_close(bench);
    tt_venue venue;
    assert_int_equal(
        tt_sim_venue_open(
            &bench->config, &bench->instruments, bench->seed, bench->log, &venue, &bench->error),
        TUTTI_CORRUPT);
    assert_non_null(strstr(bench->error.message, "a funding payment of a position that cannot be"));
    (void)unlink(bench->log);
}

static void test_payments_of_nothing_are_damage(void **state)
{
    tt_sim_record record = {.body.payment = {.payment.venue_time.ns = 1, .key = INSTRUMENTS + 1}};
    expect_refused(*state, &record);
    record.body.payment.key = BTC;
    record.body.payment.payment.side = TT_side_COUNT;
    expect_refused(*state, &record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_a_lost_payment_is_listed),
        FLOOR_TEST(test_the_oldest_payment_leaves_and_is_missed),
        FLOOR_TEST(test_each_payment_of_a_moment_is_made_once),
        FLOOR_TEST(test_funding_waits_for_a_price),
        FLOOR_TEST(test_other_data_that_pays),
        FLOOR_TEST(test_what_waits_outlives_a_restart),
        FLOOR_TEST(test_old_data_prices_what_is_due),
        FLOOR_TEST(test_the_book_prices_funding),
        FLOOR_TEST(test_the_book_pays_what_waits),
        FLOOR_TEST(test_no_data_any_more_no_funding),
        FLOOR_TEST(test_payments_of_nothing_are_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
