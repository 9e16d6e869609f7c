/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Quotes and depth in one book: the newest quote rules the best prices.
 */
#include "fixture.h"

static tt_sim_market market;

static int reset(void **state)
{
    (void)state;
    memset(&market, 0, sizeof market);
    return 0;
}

static void quote(const char *bid, const char *bid_qty, const char *ask, const char *ask_qty)
{
    const tt_quote it = {
        .bid.d = num(bid),
        .bid_qty.d = num(bid_qty),
        .ask.d = num(ask),
        .ask_qty.d = num(ask_qty),
    };
    tt_sim_book_quote(&market, &it);
}

static void depth(tt_side side, const char *price, const char *qty, bool is_last)
{
    static uint64_t id;
    tt_depth it = {.count = 1, .is_last = is_last, .last_update_id = ++id};
    it.levels[0] = (tt_depth_level){.side = (uint8_t)side};
    it.levels[0].price.d = num(price);
    it.levels[0].qty.d = num(qty);
    assert_int_equal(tt_sim_book_depth(&market, &it), TUTTI_OK);
}

static void expect_touch(const char *bid, const char *ask)
{
    tt_sim_touch touch = tt_sim_book_touch(&market);
    assert_num(touch.bid, bid);
    assert_num(touch.ask, ask);
}

static void test_quotes_alone(void **state)
{
    (void)state;
    expect_touch("0", "0");
    quote("100", "1", "101", "2");
    expect_touch("100", "101");
    assert_num(market.last_price, "100.5");
    quote("99", "1", "103", "2"); // Without depth nothing stands behind the best.
    expect_touch("99", "103");
    assert_int_equal(tt_book_count(&market.book, TT_side_BUY), 1);
    assert_int_equal(tt_book_count(&market.book, TT_side_SELL), 1);
    quote("0", "0", "103", "5");
    expect_touch("0", "103");
    assert_num(market.last_price, "101"); // Half a quote has no middle.
    assert_num(tt_book_best(&market.book, TT_side_SELL)->qty, "5");
}

static void test_quote_over_depth(void **state)
{
    (void)state;
    depth(TT_side_BUY, "100", "1", true);
    depth(TT_side_BUY, "99", "2", true);
    depth(TT_side_SELL, "101", "3", true);
    depth(TT_side_SELL, "102", "4", true);
    expect_touch("100", "101");
    quote("99", "7", "102", "8"); // The levels in front are gone; those behind stay.
    expect_touch("99", "102");
    assert_num(tt_book_best(&market.book, TT_side_BUY)->qty, "7");
    depth(TT_side_SELL, "105", "9", true);
    quote("98", "1", "103", "1");
    expect_touch("98", "103");
    assert_int_equal(tt_book_count(&market.book, TT_side_SELL), 2);
}

static void test_old_depth_that_crosses(void **state)
{
    (void)state;
    depth(TT_side_BUY, "100", "1", true);
    depth(TT_side_SELL, "101", "1", true);
    quote("105", "1", "106", "1");
    depth(TT_side_SELL, "101", "2", true); // Older than the quote: it crosses the bid.
    expect_touch("105", "106");
    assert_num(tt_book_best(&market.book, TT_side_SELL)->price, "106");
}

static void test_crossed_depth_alone(void **state)
{
    (void)state;
    depth(TT_side_BUY, "100", "1", true);
    depth(TT_side_SELL, "101", "1", true);
    depth(TT_side_BUY, "102", "1", true);
    expect_touch("0", "0"); // Nobody knows which side is right: no trade.
    depth(TT_side_SELL, "101", "0", true);
    depth(TT_side_SELL, "103", "1", true);
    expect_touch("102", "103");
}

static void test_bad_depth(void **state)
{
    (void)state;
    tt_depth it = {.count = 1, .is_last = 1};
    it.levels[0].side = TT_side_BUY;
    assert_int_equal(tt_sim_book_depth(&market, &it), TUTTI_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_quotes_alone, reset),
        cmocka_unit_test_setup(test_quote_over_depth, reset),
        cmocka_unit_test_setup(test_old_depth_that_crosses, reset),
        cmocka_unit_test_setup(test_crossed_depth_alone, reset),
        cmocka_unit_test_setup(test_bad_depth, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
