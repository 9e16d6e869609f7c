/* SPDX-License-Identifier: Apache-2.0 */
/* Spread and liquidity: for long enough, and only what is known. */
#include "fixture.h"

static fixture f;

static void start(const char *spread, const char *liquidity, int64_t grace_ms)
{
    tt_trade_config config = fixture_config();
    config.exits = (tt_exits_config){
        .max_spread_pct = {dec(spread)},
        .min_liquidity = {dec(liquidity)},
        .market_grace = {grace_ms * TT_NS_PER_MS},
    };
    fixture_init_with(&f, &config);
    open_long(&f, NULL, NULL);
    /* What was paid is the mark, so that quotes do not move it. */
    tt_trade payload = {.price = {dec("100")}, .qty = {dec("1")}};
    step(&f, TT_TOPIC_MARKET_TRADE, 1, &payload);
}

static void quote(const char *bid, const char *bid_qty, const char *ask, const char *ask_qty)
{
    tt_quote payload = {
        .bid = {dec(bid)},
        .ask = {dec(ask)},
        .bid_qty = {dec(bid_qty)},
        .ask_qty = {dec(ask_qty)},
    };
    step(&f, TT_TOPIC_MARKET_QUOTE, 1, &payload);
}

static unsigned decisions(void)
{
    return sent_count(&f, TT_TOPIC_EXIT_EVENTS);
}

static void a_spread_at_the_limit_is_allowed(void **state)
{
    (void)state;
    start("5", NULL, 0);
    quote("97.5", "1", "102.5", "1");
    assert_int_equal(decisions(), 0);
    quote("97.49", "1", "102.51", "1");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->reason, TT_exit_reason_SPREAD);
    assert_dec(event->value.d, "5.02");
    assert_int_equal(sent_intent(&f, TT_order_role_CLOSE)->exit_reason, TT_exit_reason_SPREAD);
    fixture_fini(&f);
}

static void it_must_last(void **state)
{
    (void)state;
    start("5", NULL, 5000);
    quote("90", "1", "110", "1");
    pass(&f, 4999);
    assert_int_equal(decisions(), 0);
    quote("99", "1", "101", "1");
    pass(&f, 5000);
    assert_int_equal(decisions(), 0);
    quote("90", "1", "110", "1");
    pass(&f, 3000);
    quote("80", "1", "120", "1");
    pass(&f, 1999);
    assert_int_equal(decisions(), 0);
    pass(&f, 1);
    assert_int_equal(decisions(), 1);
    assert_dec(((const tt_exit_event *)sent_one(&f, TT_TOPIC_EXIT_EVENTS))->value.d, "40");
    fixture_fini(&f);
}

static void liquidity_is_worth_of_both_sides(void **state)
{
    (void)state;
    start(NULL, "100", 0);
    quote("99", "0.5", "101", "0.5");
    assert_int_equal(decisions(), 0);
    quote("99", "0.5", "101", "0.499");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->reason, TT_exit_reason_LOW_LIQUIDITY);
    assert_dec(event->value.d, "99.899");
    assert_dec(event->limit.d, "100");
    fixture_fini(&f);
}

static void what_is_not_said_is_not_known(void **state)
{
    (void)state;
    start("5", "100", 0);
    quote("99", "0", "101", "0");
    assert_int_equal(decisions(), 0);
    /* Nobody asks: that is no liquidity, and no spread. */
    quote("99", "0.5", "0", "0");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->reason, TT_exit_reason_LOW_LIQUIDITY);
    assert_dec(event->value.d, "49.5");
    fixture_fini(&f);
}

/* Somebody closes before the market has been bad for long enough: the rule says its word, and what
 * is under way is not sent again. */
static void a_rule_within_a_close_sends_nothing(void **state)
{
    (void)state;
    start("5", NULL, 5000);
    quote("90", "1", "110", "1");
    pass(&f, 1000);
    command(&f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 1);
    pass(&f, 4000);
    assert_int_equal(decisions(), 1);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(f.trade->exits[0].market_at.ns, 0);
    fixture_fini(&f);
}

static void without_limits_or_position_nothing_happens(void **state)
{
    (void)state;
    start(NULL, NULL, 0);
    quote("1", "0.001", "199", "0.001");
    assert_int_equal(decisions(), 0);
    fixture_fini(&f);
    start("5", "100", 0);
    tt_quote wide = {.bid = {dec("1")}, .ask = {dec("2")}};
    step(&f, TT_TOPIC_MARKET_QUOTE, 2, &wide);
    step(&f, TT_TOPIC_MARKET_QUOTE, 9, &wide);
    assert_int_equal(decisions(), 0);
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spread_at_the_limit_is_allowed),
        cmocka_unit_test(it_must_last),
        cmocka_unit_test(liquidity_is_worth_of_both_sides),
        cmocka_unit_test(what_is_not_said_is_not_known),
        cmocka_unit_test(a_rule_within_a_close_sends_nothing),
        cmocka_unit_test(without_limits_or_position_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
