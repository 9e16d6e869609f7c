/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules an instrument has. */
#include "fixture.h"

static tt_trade_config two_symbols(void)
{
    tt_trade_config config = fixture_config();
    config.exits.max_hold.ns = 20 * TT_NS_PER_S;
    config.symbol_exits_count = 1;
    config.symbol_exits[0] = (tt_symbol_exits_config){
        .symbol = "ETH/USDT",
        .max_hold = {40 * TT_NS_PER_S},
        .trailing_stop = true,
        .trailing_activation_pct = {dec("1")},
        .trailing_distance_pct = {dec("2")},
        .ladder = true,
        .ladder_share_1_pct = {dec("50")},
        .ladder_at_1_pct = {dec("50")},
    };
    return config;
}

static void a_row_counts_for_its_instrument_alone(void **state)
{
    (void)state;
    fixture f;
    tt_trade_config config = two_symbols();
    fixture_init_with(&f, &config);
    open_long(&f, "95", "110");
    uint64_t eth = approve(
        &f, &(entry){.qty = "2", .reference = "50", .stop = "45", .target = "60", .key = 2});
    fill(&f, eth, 2, "2", "50");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 3); /* a stop and two steps */
    bar(&f, 1, "102");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 2, "51");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->action, TT_exit_action_TRAILING_STARTED);
    assert_dec(event->stop_after.d, "49.98");
    pass(&f, 20000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 1);
    assert_int_equal(sent(&f, TT_TOPIC_EXIT_EVENTS, 0)->key, 1);
    pass(&f, 20000);
    assert_int_equal(sent(&f, TT_TOPIC_EXIT_EVENTS, 0)->key, 2);
    fixture_fini(&f);
}

static void every_key_of_a_row_arrives(void **state)
{
    (void)state;
    fixture f;
    tt_trade_config config = two_symbols();
    tt_symbol_exits_config *row = &config.symbol_exits[0];
    row->ladder_share_2_pct.d = dec("20");
    row->ladder_at_2_pct.d = dec("60");
    row->ladder_share_3_pct.d = dec("10");
    row->ladder_at_3_pct.d = dec("70");
    row->stop_guard = true;
    row->stop_limit_pct.d = dec("0.3");
    fixture_init_with(&f, &config);
    const tt_exit_rules *rules = tt_leg_rules(f.trade, 2);
    assert_true(rules->exits.stop_guard);
    assert_dec(rules->exits.stop_limit_pct.d, "0.3");
    assert_true(rules->ladder.enabled);
    assert_dec(rules->ladder.share_1_pct.d, "50");
    assert_dec(rules->ladder.at_1_pct.d, "50");
    assert_dec(rules->ladder.share_2_pct.d, "20");
    assert_dec(rules->ladder.at_2_pct.d, "60");
    assert_dec(rules->ladder.share_3_pct.d, "10");
    assert_dec(rules->ladder.at_3_pct.d, "70");
    /* The short leg of hedging has the rules of its instrument. */
    assert_ptr_equal(tt_leg_rules(f.trade, 2 + TT_INSTRUMENTS_MAX), rules);
    assert_false(tt_leg_rules(f.trade, 1)->exits.stop_guard);
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_counts_for_its_instrument_alone),
        cmocka_unit_test(every_key_of_a_row_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
