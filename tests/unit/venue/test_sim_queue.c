/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Places in the queue: what is ahead when an order arrives, and how it moves up.
 */
#include "fixture.h"

static tt_qty ahead(const floor_bench *bench, uint32_t order)
{
    return floor_sim(bench)->orders[order - 1].queue_ahead;
}

static void test_what_is_ahead(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_depth(bench, true, "b 100 3 b 99.8 7 b 99.5 2 a 100.2 4");
    floor_limit(bench, 1, TT_side_BUY, "1", "100");    // At the best.
    floor_limit(bench, 2, TT_side_BUY, "1", "99.8");   // Behind it.
    floor_limit(bench, 3, TT_side_BUY, "1", "99.9");   // Between levels: nobody is there.
    floor_limit(bench, 4, TT_side_BUY, "1", "100.1");  // Better than the best.
    floor_limit(bench, 5, TT_side_BUY, "1", "99.4");   // Deeper than can be seen.
    floor_limit(bench, 6, TT_side_SELL, "1", "100.2"); // The other side.
    floor_stop(bench, 7, TT_side_SELL, "1", "90");
    floor_wait(bench, 0);
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
    }
    assert_num(ahead(bench, 1), "3");
    assert_num(ahead(bench, 2), "7");
    assert_num(ahead(bench, 3), "0");
    assert_num(ahead(bench, 4), "0");
    assert_num(ahead(bench, 5), "-1");
    assert_num(ahead(bench, 6), "4");
}

static void test_levels_that_shrink_and_appear(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_depth(bench, true, "b 100 3 b 99.8 7 a 100.2 4");
    floor_limit(bench, 1, TT_side_BUY, "1", "99.8");
    floor_limit(bench, 2, TT_side_BUY, "1", "99");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    floor_depth(bench, false, "b 99.8 9"); // New orders are behind ours.
    assert_num(ahead(bench, 1), "7");
    floor_depth(bench, false, "b 99.8 2"); // Cancels can only have been ahead at the most.
    assert_num(ahead(bench, 1), "2");
    floor_depth(bench, false, "b 99.8 8");
    assert_num(ahead(bench, 1), "2");
    floor_depth(bench, false, "b 99 5"); // What could not be seen is there now.
    assert_num(ahead(bench, 2), "5");
    floor_trade(bench, "99.8", "1.5", TT_side_SELL);
    assert_num(ahead(bench, 1), "0.5");
    assert_num(ahead(bench, 2), "5");
}

static void test_share_of_the_queue(void **state)
{
    floor_bench *bench = *state;
    bench->config.queue_ahead.d = num("0.5");
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "4");
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    assert_num(ahead(bench, 1), "1.5");
    floor_close(bench);
    bench->config.queue_ahead.d = num("0");
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "4");
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    floor_trade(bench, "100", "0.3", TT_side_SELL);
    expect(bench, "1 fill 0.3 @ 100 maker fee 0.006 cum 0.3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_what_is_ahead),
        FLOOR_TEST(test_levels_that_shrink_and_appear),
        FLOOR_TEST(test_share_of_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
