/* SPDX-License-Identifier: Apache-2.0 */
/* Which prices mark a position, and how often that is told. */
#include "fixture.h"

static void trade(fixture *f, const char *price)
{
    tt_trade payload = {.price = {dec(price)}, .qty = {dec("1")}};
    step(f, TT_TOPIC_MARKET_TRADE, 1, &payload);
}

static void quote(fixture *f, const char *bid, const char *ask)
{
    tt_quote payload = {.bid = {dec(bid)}, .ask = {dec(ask)}};
    step(f, TT_TOPIC_MARKET_QUOTE, 1, &payload);
}

static tt_dec mark(const fixture *f)
{
    return f->trade->books->positions[0].mark.d;
}

static void trades_and_bars_come_before_quotes(void **state)
{
    fixture *f = *state;
    quote(f, "99", "100.01");
    assert_dec(mark(f), "99.505");
    bar(f, 1, "101");
    assert_dec(mark(f), "101");
    quote(f, "102", "104");
    assert_dec(mark(f), "103");
    trade(f, "105");
    assert_dec(mark(f), "105");
    quote(f, "1", "2");
    assert_dec(mark(f), "105");
    bar(f, 1, "106");
    assert_dec(mark(f), "106");
}

/* A bar of a minute that ended `age_ms` ago. */
static void late_bar(fixture *f, const char *price, int64_t age_ms)
{
    tt_price close = {dec(price)};
    tt_bar payload = {.open = close, .high = close, .low = close, .close = close, .interval_s = 60};
    payload.open_time.ns = f->now.ns - 60 * TT_NS_PER_S - age_ms * TT_NS_PER_MS;
    step(f, TT_TOPIC_MARKET_BAR, 1, &payload);
}

/* Built from ticks, a bar comes with the first tick behind it or later: its close says what was. */
static void a_bar_from_before_the_newest_price_marks_nothing(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    trade(f, "105");
    f->now.ns += TT_NS_PER_S;
    late_bar(f, "101", 1001);
    assert_dec(mark(f), "105");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    late_bar(f, "102", 1000); // The trade ended it.
    assert_dec(mark(f), "102");
    late_bar(f, "103", 500);
    assert_dec(mark(f), "103");
    late_bar(f, "104", 501); // Older than the bar before.
    assert_dec(mark(f), "103");
    late_bar(f, "106", -3600000); // It cannot have ended yet: it ends now, and so may the next.
    assert_dec(mark(f), "106");
    late_bar(f, "107", 0);
    assert_dec(mark(f), "107");
    // It is the same behind another position.
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    fill(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, 9, "1", "107");
    open_long(f, NULL, NULL);
    late_bar(f, "90", 1);
    assert_dec(mark(f), "107");
}

/* So it is with quotes, where nothing was traded. */
static void a_bar_from_before_the_newest_quote_marks_nothing(void **state)
{
    fixture *f = *state;
    quote(f, "104", "106");
    f->now.ns += TT_NS_PER_S;
    late_bar(f, "101", 1001);
    assert_dec(mark(f), "105");
    late_bar(f, "102", 999);
    assert_dec(mark(f), "102");
}

/* The price fell below the stop, came back, and a position was opened. The bar of the fall closes
 * nothing: the guard looks at what is. */
static void a_late_bar_does_not_reach_a_stop(void **state)
{
    (void)state;
    fixture g;
    tt_trade_config config = fixture_config();
    config.exits.stop_guard = true;
    fixture_init_with(&g, &config);
    trade(&g, "100");
    open_long(&g, "95", NULL);
    g.now.ns += TT_NS_PER_S;
    late_bar(&g, "94", 2000);
    pass(&g, 60000);
    assert_int_equal(sent_count(&g, TT_TOPIC_EXIT_EVENTS), 0);
    assert_null(live(&g, 1, TT_order_role_CLOSE));
    late_bar(&g, "94", 0);
    pass(&g, 1);
    assert_int_equal(sent_count(&g, TT_TOPIC_EXIT_EVENTS), 1);
    fixture_fini(&g);
}

static void unusable_prices_mark_nothing(void **state)
{
    fixture *f = *state;
    quote(f, "0", "100");
    quote(f, "100", "0");
    trade(f, "0");
    bar(f, 1, "0");
    bar(f, 3, "100");
    assert_dec(mark(f), "0");
}

static void a_position_takes_the_mark_that_is_known(void **state)
{
    fixture *f = *state;
    bar(f, 1, "98");
    uint64_t id = approve(f, &(entry){.qty = "2"});
    fill(f, id, 1, "2", "100");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_dec(position->mark.d, "98");
    assert_dec(position->unrealized_pnl.d, "-4");
    assert_dec(account(f).equity.d, "9996");
}

static void marks_are_told_once_an_interval(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    f->now.ns += 999 * TT_NS_PER_MS;
    trade(f, "101");
    assert_int_equal(sent_count(f, TT_TOPIC_POSITION_UPDATES), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    f->now.ns += TT_NS_PER_MS;
    trade(f, "102");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_MARKED);
    assert_dec(position->mark.d, "102");
    assert_dec(position->unrealized_pnl.d, "2");
    assert_true(position->cause_fill == 0);
    assert_int_equal(sent(f, TT_TOPIC_POSITION_UPDATES, 0)->key, 1);
    const tt_account_update *now = sent_one(f, TT_TOPIC_ACCOUNT_UPDATES);
    assert_dec(now->equity.d, "10002");
    trade(f, "103");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
}

static void each_position_has_its_own_interval(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    uint64_t eth = approve(f, &(entry){.qty = "1", .reference = "50", .key = 2});
    fill(f, eth, 1, "1", "50");
    f->now.ns += 60 * TT_NS_PER_S;
    bar(f, 1, "101");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 1);
    bar(f, 2, "51");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 1);
    assert_dec(account(f).equity.d, "10002");
}

static void an_interval_of_zero_tells_every_price(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    config.account.mark_interval.ns = 0;
    fixture g;
    fixture_init_with(&g, &config);
    open_long(&g, NULL, NULL);
    for (unsigned i = 0; i < 3; i++) {
        trade(&g, "101");
        assert_int_equal(sent_count(&g, TT_TOPIC_ACCOUNT_UPDATES), 1);
    }
    fixture_fini(&g);
}

static void a_price_beyond_the_bound_is_refused(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1000000000", .reference = "0.001"});
    fill(f, id, 1, "1000000000", "0.001");
    f->now.ns += 2 * TT_NS_PER_S;
    trade(f, "1000000000");
    assert_dec(mark(f), "0.001");
    tt_trade_status numbers;
    tt_trade_status_get(f->trade, &numbers);
    assert_int_equal(numbers.refused_marks, 1);
    trade(f, "100000000");
    assert_dec(mark(f), "100000000");
}

static void when_flat_nothing_is_told(void **state)
{
    fixture *f = *state;
    f->now.ns += 60 * TT_NS_PER_S;
    bar(f, 1, "101");
    assert_int_equal(sent_count(f, TT_TOPIC_POSITION_UPDATES), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trades_and_bars_come_before_quotes),
        TEST(a_bar_from_before_the_newest_price_marks_nothing),
        TEST(a_bar_from_before_the_newest_quote_marks_nothing),
        TEST(a_late_bar_does_not_reach_a_stop),
        TEST(unusable_prices_mark_nothing),
        TEST(a_position_takes_the_mark_that_is_known),
        TEST(marks_are_told_once_an_interval),
        TEST(each_position_has_its_own_interval),
        TEST(an_interval_of_zero_tells_every_price),
        TEST(a_price_beyond_the_bound_is_refused),
        TEST(when_flat_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
