/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which price sizes a market order.
 */
#include "fixture.h"

/* A bar that ended so long ago. */
static void say_bar_late(risk_court *court, const char *close, uint32_t interval_s, int64_t late_ns)
{
    const int64_t open_ns = court->now.ns - late_ns - (int64_t)interval_s * TT_NS_PER_S;
    tt_bar bar = {.open_time = {open_ns}, .close = PRICE(close), .interval_s = interval_s};
    court_say(court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, ETH, &bar);
}

static void say_bar(risk_court *court, const char *close, uint32_t interval_s)
{
    say_bar_late(court, close, interval_s, 0);
}

static void say_quote(risk_court *court, const char *bid, const char *ask)
{
    tt_quote quote = {.bid = PRICE(bid), .ask = PRICE(ask)};
    court_say(court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, ETH, &quote);
}

static void say_trade(risk_court *court, const char *price)
{
    tt_trade trade = {.price = PRICE(price), .qty = QTY("1")};
    court_say(court, TT_TOPIC_MARKET_TRADE, TT_SOURCE_FEED, ETH, &trade);
}

/* Judges a market entry and fails unless it was sized at `price`; "" = refused for want of one. */
static void expect_price(risk_court *court, const char *price)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("0");
    proposal.stop_loss = PRICE("98");
    proposal.take_profit = PRICE("0");
    tt_risk_code code = court_judge(court, ETH, &proposal);
    if (price[0] == '\0') {
        assert_int_equal(code, TT_risk_code_NO_PRICE);
        return;
    }
    assert_int_equal(code, TT_risk_code_NONE);
    assert_num(court->verdict.reference_price, price);
    assert_num(court->verdict.entry_price, "0");
}

static void the_newest_price_wins(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    expect_price(&court, "");
    say_bar(&court, "100", 60);
    expect_price(&court, "100");
    say_quote(&court, "100.1", "100.4");
    expect_price(&court, "100.25");
    say_trade(&court, "100.3");
    expect_price(&court, "100.3");
    say_bar(&court, "101", 60);
    expect_price(&court, "101");
    say_trade(&court, "100.7");
    say_quote(&court, "100.8", "100.8");
    expect_price(&court, "100.8");
    court_close(&court);
}

/* market.bar_grace: it comes behind ticks of the interval that follows. */
static void a_late_bar_is_older_than_ticks_behind_its_end(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_trade(&court, "100");
    court_wait(&court, 1);
    say_bar_late(&court, "101", 60, TT_NS_PER_S - 1); // It ended behind the trade.
    expect_price(&court, "101");
    say_trade(&court, "100.2");
    say_bar_late(&court, "101", 60, 0); // Of the same moment: the bar came last.
    expect_price(&court, "101");
    say_quote(&court, "100.3", "100.5");
    say_bar_late(&court, "101", 60, 1);
    expect_price(&court, "100.4");
    court_wait(&court, 1);
    say_trade(&court, "100.6");
    say_bar_late(&court, "101", 60, 1);
    expect_price(&court, "100.6");
    say_bar_late(&court, "102", 0, 1); // Names no interval: it is of now.
    expect_price(&court, "102");
    say_bar_late(&court, "99", 86400, TT_NS_PER_S);
    expect_price(&court, "100.6");
    court_wait(&court, 301); // No tick counts any more.
    expect_price(&court, "99");
    court_close(&court);
}

/* One may be behind its end and the other not. */
static void each_tick_is_compared_with_the_bar(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court, "100", "100");
    say_trade(&court, "100.5");
    court_wait(&court, 1);
    say_bar_late(&court, "101", 60, 1);
    expect_price(&court, "101");
    say_quote(&court, "100.7", "100.7");
    say_bar_late(&court, "101", 60, 1);
    expect_price(&court, "100.7");
    say_trade(&court, "100.9");
    expect_price(&court, "100.9");
    court_close(&court);
}

static void prices_of_other_symbols_do_not_count(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court, "100", "102");
    tt_quote other = {.bid = PRICE("5"), .ask = PRICE("6")};
    court_say(&court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, SOL, &other);
    expect_price(&court, "101");
    court_close(&court);
}

static void a_one_sided_quote_is_no_price(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_bar(&court, "100", 60);
    say_quote(&court, "0", "150");
    expect_price(&court, "100");
    say_quote(&court, "150", "0");
    expect_price(&court, "100");
    court_close(&court);
}

static void ticks_grow_old(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court, "100", "100");
    court_wait(&court, 300);
    expect_price(&court, "100");
    court.now.ns += 1;
    expect_price(&court, "");
    court_close(&court);
}

static void an_old_tick_gives_way_to_the_bar(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_bar(&court, "100", 86400);
    say_quote(&court, "101", "101");
    expect_price(&court, "101");
    court_wait(&court, 301);
    expect_price(&court, "100");
    court_close(&court);
}

static void a_bar_lasts_for_its_interval_and_the_age(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_bar(&court, "100", 86400);
    court_wait(&court, 86400 + 300);
    expect_price(&court, "100");
    court_wait(&court, 1);
    expect_price(&court, "");
    court_close(&court);
}

static void the_age_is_configured(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_price_age.ns = 2 * TT_NS_PER_S;
    court_open(&court);
    court_account(&court, "10000");
    say_quote(&court, "100", "100");
    court_wait(&court, 2);
    expect_price(&court, "100");
    court.now.ns += 1;
    expect_price(&court, "");
    say_bar(&court, "100", 60);
    court_wait(&court, 62);
    expect_price(&court, "100");
    court.now.ns += 1;
    expect_price(&court, "");
    court_close(&court);
}

static void a_limit_entry_needs_no_market(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_bar(&court, "500", 60);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.reference_price, "100");
    court_close(&court);
}

static void stop_and_target_are_judged_at_the_market(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_bar(&court, "98", 60);
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("0"); // The market has fallen to the stop.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INVALID_PROPOSAL);
    say_bar(&court, "99.5", 60);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, STOP_TOO_WIDE, PASS, "1.507538", "5"); // 1.5 / 99.5
    court_close(&court);
}

static void a_close_takes_any_price(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "2", "100");
    tt_trade_proposal proposal = {.kind = TT_proposal_kind_CLOSE, .side = TT_side_SELL};
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.reference_price, "100"); // The position's own mark.
    say_bar(&court, "90", 60);
    court_wait(&court, 86400);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.reference_price, "90"); // However old.
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_price_wins),
        cmocka_unit_test(a_late_bar_is_older_than_ticks_behind_its_end),
        cmocka_unit_test(each_tick_is_compared_with_the_bar),
        cmocka_unit_test(prices_of_other_symbols_do_not_count),
        cmocka_unit_test(a_one_sided_quote_is_no_price),
        cmocka_unit_test(ticks_grow_old),
        cmocka_unit_test(an_old_tick_gives_way_to_the_bar),
        cmocka_unit_test(a_bar_lasts_for_its_interval_and_the_age),
        cmocka_unit_test(the_age_is_configured),
        cmocka_unit_test(a_limit_entry_needs_no_market),
        cmocka_unit_test(stop_and_target_are_judged_at_the_market),
        cmocka_unit_test(a_close_takes_any_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
