/* SPDX-License-Identifier: Apache-2.0 */
/* Exit rules as a whole: one decision for a position, its message, time. */
#include "fixture.h"

#include <string.h>

static fixture f;

static void start(const tt_exits_config *exits)
{
    tt_trade_config config = fixture_config();
    config.exits = *exits;
    fixture_init_with(&f, &config);
}

static const tt_exit_event *decision(void)
{
    return sent_one(&f, TT_TOPIC_EXIT_EVENTS);
}

static void one_rule_closes_and_the_order_has_it_as_cause(void **state)
{
    (void)state;
    start(&(tt_exits_config){.max_hold = {20 * TT_NS_PER_S}, .time_limit = {20 * TT_NS_PER_S}});
    uint64_t id = open_long(&f, "95", NULL);
    pass(&f, 19999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    const tt_exit_event *event = decision();
    assert_int_equal(event->action, TT_exit_action_CLOSE);
    assert_int_equal(event->reason, TT_exit_reason_MAX_HOLD);
    assert_dec(event->value.d, "20");
    assert_dec(event->limit.d, "20");
    assert_true(event->due.ns == FIXTURE_START_NS + 20 * TT_NS_PER_S);
    assert_true(event->position_id == f.trade->books->positions[0].position_id);
    const tt_order_intent *close = sent_intent(&f, TT_order_role_CLOSE);
    assert_int_equal(close->exit_reason, TT_exit_reason_MAX_HOLD);
    assert_int_equal(close->reduce_only, 1);
    const tt_msg *intent = sent(&f, TT_TOPIC_ORDER_INTENTS, 0);
    assert_true(intent->cause == sent(&f, TT_TOPIC_EXIT_EVENTS, 0)->seq);
    assert_memory_equal(
        &intent->correlation, &order(&f, id)->correlation, sizeof intent->correlation);
    /* Nothing is decided a second time, however long the venue takes. */
    bar(&f, 1, "50");
    pass(&f, 3600000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    fixture_fini(&f);
}

static void working_entries_go_with_the_position(void **state)
{
    (void)state;
    start(&(tt_exits_config){.max_hold = {20 * TT_NS_PER_S}});
    open_long(&f, "95", NULL);
    uint64_t id = approve(&f, &(entry){.qty = "1", .price = "90", .stop = "80"});
    say(&f, id, TT_report_kind_ACCEPTED);
    pass(&f, 20000);
    assert_int_equal(decision()->reason, TT_exit_reason_MAX_HOLD);
    const tt_order_cancel *cancel = sent_one(&f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    fixture_fini(&f);
}

static void a_new_position_has_its_own_time(void **state)
{
    (void)state;
    start(&(tt_exits_config){.max_hold = {20 * TT_NS_PER_S}});
    open_long(&f, NULL, NULL);
    pass(&f, 15000);
    approve_close(&f, 1);
    fill(&f, live(&f, 1, TT_order_role_CLOSE)->intent.order_id, 2, "1", "100");
    assert_true(f.trade->exits[0].timer.n == 0 && f.trade->exits[0].position_id == 0);
    pass(&f, 3000);
    open_long(&f, NULL, NULL);
    pass(&f, 19999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_int_equal(decision()->reason, TT_exit_reason_MAX_HOLD);
    fixture_fini(&f);
}

static void the_time_limit_waits_for_a_profit_to_end(void **state)
{
    (void)state;
    start(&(tt_exits_config){.time_limit = {10 * TT_NS_PER_S}});
    open_long(&f, NULL, NULL);
    bar(&f, 1, "100.01");
    pass(&f, 11000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "100.02");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "100");
    assert_int_equal(decision()->reason, TT_exit_reason_TIME_LIMIT);
    fixture_fini(&f);
}

static void the_close_of_the_day_is_the_next_one(void **state)
{
    (void)state;
    /* The fixture starts at midnight: the close at midnight is a day away. */
    start(&(tt_exits_config){.daily_close = {86400 * TT_NS_PER_S}});
    open_long(&f, NULL, NULL);
    int64_t day_ms = 86400000;
    pass(&f, day_ms - 1);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_int_equal(decision()->reason, TT_exit_reason_CLOSE_TIME);
    assert_true(decision()->due.ns == FIXTURE_START_NS + day_ms * TT_NS_PER_MS);
    fixture_fini(&f);
    start(&(tt_exits_config){.daily_close = {3600 * TT_NS_PER_S}});
    pass(&f, 3600000);
    open_long(&f, NULL, NULL);
    pass(&f, day_ms - 1);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_int_equal(decision()->reason, TT_exit_reason_CLOSE_TIME);
    fixture_fini(&f);
}

static uint64_t buy_for_the_portfolio(void)
{
    tt_risk_verdict verdict = {
        .qty = {dec("1")},
        .reference_price = {dec("100")},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_REBALANCE,
        .side = TT_side_BUY,
        .leverage_after = 1,
    };
    step(&f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
    return sent(&f, TT_TOPIC_ORDER_INTENTS, 0)->seq;
}

static void what_the_portfolio_holds_is_left_alone(void **state)
{
    (void)state;
    start(&(tt_exits_config){
        .max_hold = {20 * TT_NS_PER_S},
        .time_limit = {10 * TT_NS_PER_S},
        .max_spread_pct = {dec("1")},
        .trailing_stop = true,
        .trailing_activation_pct = {dec("1")},
        .trailing_distance_pct = {dec("1.5")},
    });
    fill(&f, buy_for_the_portfolio(), 1, "1", "100");
    bar(&f, 1, "110");
    bar(&f, 1, "90");
    tt_quote quote = {.bid = {dec("80")}, .ask = {dec("120")}};
    step(&f, TT_TOPIC_MARKET_QUOTE, 1, &quote);
    pass(&f, 25000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    assert_true(f.trade->exits[0].timer.n == 0);
    /* With the stop of a signal it is a trade, from then on. */
    uint64_t id = approve(&f, &(entry){.qty = "1", .stop = "70"});
    fill(&f, id, 2, "1", "90");
    bar(&f, 1, "96");
    pass(&f, 19999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_int_equal(decision()->reason, TT_exit_reason_MAX_HOLD);
    assert_dec(decision()->value.d, "20");
    fixture_fini(&f);
}

/* Nobody manages what was not opened here; its moments pass without a sound, and only once. */
static void what_is_external_is_left_alone(void **state)
{
    (void)state;
    start(&(tt_exits_config){.max_hold = {20 * TT_NS_PER_S}});
    open_long(&f, "95", NULL);
    f.trade->books->positions[0].is_external = 1;
    pass(&f, 20000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    assert_true(f.trade->exits[0].timer.n == 0);
    tt_timers_stats stats;
    tt_timers_stats_get(f.core.timers, &stats);
    assert_true(stats.fired < 10 && stats.deferred == 0);
    bar(&f, 1, "90");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    fixture_fini(&f);
}

static void after_a_restart_the_rules_go_on(void **state)
{
    (void)state;
    start(&(tt_exits_config){.max_hold = {20 * TT_NS_PER_S}});
    open_long(&f, NULL, NULL);
    pass(&f, 12000);
    tt_session_event event = {.event = TT_session_event_type_RECOVERED};
    step(&f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    pass(&f, 7999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_int_equal(decision()->reason, TT_exit_reason_MAX_HOLD);
    fixture_fini(&f);
}

static void what_cannot_work_together_is_refused(void **state)
{
    (void)state;
    tt_instruments none = {0};
    tt_trade_config config = fixture_config();
    tt_error error;
    config.exits.break_even = true;
    config.exits.break_even_at_pct.d = config.exits.break_even_buffer_pct.d = dec("1");
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "exits.break_even_buffer_pct"));
    config.exits.break_even_buffer_pct.d = dec("0.99");
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_OK);
    config.exits.stop_limit_pct.d = dec("0.1");
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "exits.stop_limit_pct"));
    config.exits.stop_guard = true;
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_OK);
    config.exits.time_limit.ns = 11;
    config.exits.max_hold.ns = 10;
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "exits.time_limit"));
    config.exits.max_hold.ns = 11;
    assert_int_equal(tt_trade_config_check(&config, &none, "r", &error), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rule_closes_and_the_order_has_it_as_cause),
        cmocka_unit_test(working_entries_go_with_the_position),
        cmocka_unit_test(a_new_position_has_its_own_time),
        cmocka_unit_test(the_time_limit_waits_for_a_profit_to_end),
        cmocka_unit_test(the_close_of_the_day_is_the_next_one),
        cmocka_unit_test(what_the_portfolio_holds_is_left_alone),
        cmocka_unit_test(what_is_external_is_left_alone),
        cmocka_unit_test(after_a_restart_the_rules_go_on),
        cmocka_unit_test(what_cannot_work_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
