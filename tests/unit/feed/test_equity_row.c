/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rows of equity ticks.
 */
#include "feed/equity_row.h"
#include "fixture.h"

static tt_csv_row row;

static tt_ratio scale(void)
{
    return (tt_ratio){TT_DEC_C(1, 4)};
}

static tutti_status parse_quote(const char *text, tt_equity_quote *quote, tt_feed_refusal *refusal)
{
    assert_int_equal(tt_csv_split(tt_slice_of(text), &row, refusal), TUTTI_OK);
    return tt_equity_parse_quote(&row, scale(), quote, refusal);
}

static tutti_status parse_trade(const char *text, tt_equity_trade *trade, tt_feed_refusal *refusal)
{
    assert_int_equal(tt_csv_split(tt_slice_of(text), &row, refusal), TUTTI_OK);
    return tt_equity_parse_trade(&row, scale(), trade, refusal);
}

static void test_quotes(void **state)
{
    (void)state;
    tt_equity_quote quote = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(parse_quote("14400152,0,0,494100,300,Q,1,0", &quote, &refusal), TUTTI_OK);
    assert_int_equal(quote.ms, 14400152);
    assert_int_equal(quote.exchange, 'Q');
    assert_num(quote.bid, "0");
    assert_num(quote.ask, "49.41");
    assert_num(quote.ask_qty, "300");
    assert_int_equal(parse_quote("0,487900,100,490900,5000,P,1,0", &quote, &refusal), TUTTI_OK);
    assert_num(quote.bid, "48.79");
    assert_num(quote.bid_qty, "100");
}

static void expect_no_quote(const char *text, const char *reason)
{
    tt_equity_quote quote = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(parse_quote(text, &quote, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, reason);
}

static void test_bad_quotes(void **state)
{
    (void)state;
    expect_no_quote("1,0,0,494100,300,Q,1", "the row has 7 fields instead of 8");
    expect_no_quote("x,0,0,494100,300,Q,1,0", "'x' is no number of milliseconds within a day");
    expect_no_quote(
        "86400000,0,0,494100,300,Q,1,0", "'86400000' is no number of milliseconds within a day");
    expect_no_quote("1,-5,100,494100,300,Q,1,0", "bid -5 is not above 0");
    expect_no_quote("1,0,0,494100,-3,Q,1,0", "size -3 is below 0");
    expect_no_quote("1,0,0,494100,0,Q,1,0", "the ask has no size");
    expect_no_quote("1,0,0,0,0,Q,1,0", "neither bid nor ask is in the row");
    expect_no_quote("1,5,1,5,1,Q,1,0", "the bid is not below the ask");
    expect_no_quote("1,5,1,6,1,QQ,1,0", "exchange 'QQ' is no letter A to Z");
    expect_no_quote("1,5,1,6,1,q,1,0", "exchange 'q' is no letter A to Z");
    expect_no_quote("1,5,1,6,1,Q,1,1", "the row is marked as suspicious");
    expect_no_quote("1,5,1,6,1,Q,1,", "the suspicious mark is not 0 or 1");
}

static void test_trades(void **state)
{
    (void)state;
    tt_equity_trade trade = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(parse_trade("14400688,491800,300,P,2000,0", &trade, &refusal), TUTTI_OK);
    assert_int_equal(trade.ms, 14400688);
    assert_num(trade.price, "49.18");
    assert_num(trade.qty, "300");
    assert_int_equal(trade.exchange, 'P');
    assert_int_equal(parse_trade("1,491800,300,P,2000,1", &trade, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "the row is marked as suspicious");
    assert_int_equal(parse_trade("1,491800,0,P,2000,0", &trade, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "a trade of quantity 0");
    assert_int_equal(parse_trade("1,0,5,P,2000,0", &trade, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "price 0 is not above 0");
    assert_int_equal(parse_trade("1,1,5,P,2000", &trade, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "the row has 5 fields instead of 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_bad_quotes),
        cmocka_unit_test(test_trades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
