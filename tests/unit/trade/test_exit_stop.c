/* SPDX-License-Identifier: Apache-2.0 */
/* Break-even, trailing, the guard: the stop comes closer, and never goes back. */
#include "fixture.h"

static fixture f;

static void start(const tt_exits_config *exits)
{
    tt_trade_config config = fixture_config();
    config.exits = *exits;
    fixture_init_with(&f, &config);
}

static tt_exits_config trailing(void)
{
    return (tt_exits_config){
        .trailing_stop = true,
        .trailing_activation_pct = {dec("1")},
        .trailing_distance_pct = {dec("1.5")},
    };
}

static const char *stop(void)
{
    static char text[TT_DEC_TEXT_MAX];
    tt_dec_format(f.trade->books->positions[0].stop_loss.d, text);
    return text;
}

static void acknowledge_stop(void)
{
    say(&f, live(&f, 1, TT_order_role_STOP_LOSS)->intent.order_id, TT_report_kind_ACCEPTED);
}

static void the_stop_is_set_at_activation(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, NULL, NULL);
    bar(&f, 1, "100.99");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "101");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->action, TT_exit_action_TRAILING_STARTED);
    assert_dec(event->stop_before.d, "0");
    /* 99.485 is between two ticks: the farther one. */
    assert_dec(event->stop_after.d, "99.48");
    assert_dec(event->value.d, "1");
    const tt_order_intent *intent = sent_intent(&f, TT_order_role_STOP_LOSS);
    assert_dec(intent->trigger_price.d, "99.48");
    assert_int_equal(intent->exit_reason, TT_exit_reason_TRAILING_STOP);
    fixture_fini(&f);
}

static void it_follows_new_bests_alone(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, "95", NULL);
    bar(&f, 1, "102");
    assert_string_equal(stop(), "100.47");
    acknowledge_stop();
    bar(&f, 1, "101.5");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "102");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "102.01");
    assert_string_equal(stop(), "100.47");
    bar(&f, 1, "102.02");
    assert_string_equal(stop(), "100.48");
    fixture_fini(&f);
}

static void a_closer_stop_stays(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, "99.8", NULL);
    bar(&f, 1, "101");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->action, TT_exit_action_TRAILING_STARTED);
    assert_dec(event->stop_after.d, "99.8");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(
        live(&f, 1, TT_order_role_STOP_LOSS)->intent.exit_reason, TT_exit_reason_STOP_LOSS);
    fixture_fini(&f);
}

static void small_steps_cost_no_orders(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    config.trailing_step_pct.d = dec("1");
    start(&config);
    open_long(&f, "95", NULL);
    bar(&f, 1, "102");
    assert_string_equal(stop(), "100.47");
    bar(&f, 1, "103");
    assert_string_equal(stop(), "100.47");
    /* 103.05 x 0.985 = 101.504: 1.03 further, and one percent of the price is 1.0305. */
    bar(&f, 1, "103.05");
    assert_string_equal(stop(), "100.47");
    bar(&f, 1, "103.07");
    assert_string_equal(stop(), "101.52");
    fixture_fini(&f);
}

static void the_distance_can_be_of_ranges(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    config.trailing_atr_multiple.d = dec("2.5");
    start(&config);
    uint64_t id = approve(&f, &(entry){.qty = "1", .side = TT_side_SELL});
    fill(&f, id, 1, "1", "100");
    tt_indicators indicators = {.atr_14 = {dec("0.3")}};
    step(&f, TT_TOPIC_INDICATORS, 1, &indicators);
    bar(&f, 1, "99");
    assert_string_equal(stop(), "99.75");
    assert_int_equal(sent_intent(&f, TT_order_role_STOP_LOSS)->side, TT_side_BUY);
    bar(&f, 1, "98");
    assert_string_equal(stop(), "98.75");
    bar(&f, 1, "98.5");
    assert_string_equal(stop(), "98.75");
    /* A wider range does not loosen it. */
    indicators.atr_14.d = dec("3");
    step(&f, TT_TOPIC_INDICATORS, 1, &indicators);
    bar(&f, 1, "97.5");
    assert_string_equal(stop(), "98.75");
    fixture_fini(&f);
}

static void break_even_keeps_its_buffer(void **state)
{
    (void)state;
    start(&(tt_exits_config){
        .break_even = true,
        .break_even_at_pct = {dec("1")},
        .break_even_buffer_pct = {dec("0.105")},
    });
    open_long(&f, "95", NULL);
    bar(&f, 1, "100.99");
    assert_string_equal(stop(), "95");
    bar(&f, 1, "101");
    /* 100.105: the tick that keeps at least the buffer. */
    assert_string_equal(stop(), "100.11");
    acknowledge_stop();
    bar(&f, 1, "110");
    assert_string_equal(stop(), "100.11");
    fixture_fini(&f);
}

static void an_increase_does_not_loosen(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, "95", NULL);
    bar(&f, 1, "110");
    assert_string_equal(stop(), "108.35");
    uint64_t id = approve(&f, &(entry){.qty = "1", .stop = "96"});
    fill(&f, id, 1, "1", "110");
    assert_string_equal(stop(), "108.35");
    const tt_order_intent *intent = sent_intent(&f, TT_order_role_STOP_LOSS);
    assert_dec(intent->qty.d, "2");
    assert_dec(intent->trigger_price.d, "108.35");
    fixture_fini(&f);
}

/* The average of three is not a number of 18 digits; taken anew from what is left it would be
 * another one in the last digit, and levels could move by a tick. */
static void a_reduction_does_not_move_the_entry(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    uint64_t id = approve(&f, &(entry){.qty = "3", .stop = "95"});
    fill(&f, id, 1, "1", "100");
    fill(&f, id, 2, "2", "100.01");
    assert_dec(f.trade->exits[0].entry.d, "100.006666666666666667");
    command(&f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    fill(&f, live(&f, 1, TT_order_role_CLOSE)->intent.order_id, 3, "1", "100");
    bar(&f, 1, "100.5");
    assert_dec(f.trade->books->positions[0].qty.d, "2");
    assert_dec(f.trade->exits[0].held.d, "2");
    assert_dec(f.trade->exits[0].entry.d, "100.006666666666666667");
    fixture_fini(&f);
}

static void a_closer_signal_keeps_its_name(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, "95", NULL);
    bar(&f, 1, "110");
    uint64_t id = approve(&f, &(entry){.qty = "1", .stop = "109"});
    fill(&f, id, 1, "1", "110");
    assert_string_equal(stop(), "109");
    assert_int_equal(
        sent_intent(&f, TT_order_role_STOP_LOSS)->exit_reason, TT_exit_reason_STOP_LOSS);
    fixture_fini(&f);
}

static void the_position_always_has_a_stop_while_it_moves(void **state)
{
    (void)state;
    tt_exits_config config = trailing();
    start(&config);
    open_long(&f, "95", NULL);
    uint64_t old = live(&f, 1, TT_order_role_STOP_LOSS)->intent.order_id;
    for (unsigned i = 0; i < 20; i++) {
        char price[TT_DEC_TEXT_MAX];
        tt_dec_format(tt_dec_from_i64(102 + i, 0), price);
        bar(&f, 1, price);
        /* None is acknowledged: the first one stays, and the number is bounded. */
        assert_int_equal(order(&f, old)->cancel_reason, TT_CANCEL_NONE);
    }
    unsigned count = 0;
    for (tt_order *o = tt_order_first(&f.trade->orders, 1); o != NULL;
         o = tt_order_after(&f.trade->orders, o)) {
        count += o->intent.role == TT_order_role_STOP_LOSS;
    }
    assert_int_equal(count, TT_PROTECT_LIVE_MAX);
    /* The best one that works stays; the worse one makes room for the right one. */
    acknowledge_stop();
    assert_int_equal(order(&f, old)->cancel_reason, TT_CANCEL_REPLACED);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
    say(&f, old, TT_report_kind_CANCELLED);
    assert_dec(sent_intent(&f, TT_order_role_STOP_LOSS)->trigger_price.d, "119.18");
    fixture_fini(&f);
}

static void the_guard_acts_at_once_without_a_stop(void **state)
{
    (void)state;
    start(&(tt_exits_config){.stop_guard = true, .stop_guard_delay = {10 * TT_NS_PER_S}});
    open_long(&f, "95", NULL);
    tt_order *old = live(&f, 1, TT_order_role_STOP_LOSS);
    tt_order_doubt(f.trade, old, TT_report_kind_NONE, "a test");
    bar(&f, 1, "95.01");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    bar(&f, 1, "95");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->reason, TT_exit_reason_STOP_GUARD);
    assert_dec(event->value.d, "95");
    assert_int_equal(sent_intent(&f, TT_order_role_CLOSE)->exit_reason, TT_exit_reason_STOP_GUARD);
    fixture_fini(&f);
}

static void the_guard_of_a_short_looks_up(void **state)
{
    (void)state;
    start(&(tt_exits_config){.stop_guard = true, .stop_guard_delay = {10 * TT_NS_PER_S}});
    uint64_t id = approve(&f, &(entry){.qty = "1", .side = TT_side_SELL, .stop = "105"});
    fill(&f, id, 1, "1", "100");
    acknowledge_stop();
    bar(&f, 1, "105");
    pass(&f, 9999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(sent_intent(&f, TT_order_role_CLOSE)->side, TT_side_BUY);
    fixture_fini(&f);
}

/* A stop with a limit may be filled in part and stand still: the guard closes the rest. */
static void a_stop_with_a_limit_has_the_guard_behind_it(void **state)
{
    (void)state;
    start(&(tt_exits_config){
        .stop_guard = true,
        .stop_guard_delay = {10 * TT_NS_PER_S},
        .stop_limit_pct = {dec("0.505")},
    });
    uint64_t id = approve(&f, &(entry){.qty = "1", .stop = "95"});
    fill(&f, id, 1, "1", "100");
    const tt_order_intent *stop = sent_intent(&f, TT_order_role_STOP_LOSS);
    assert_int_equal(stop->type, TT_order_type_STOP_LIMIT);
    assert_dec(stop->trigger_price.d, "95");
    /* 94.52025, on the tick that is farther. */
    assert_dec(stop->price.d, "94.52");
    acknowledge_stop();
    fill(&f, live(&f, 1, TT_order_role_STOP_LOSS)->intent.order_id, 2, "0.4", "94.6");
    bar(&f, 1, "94");
    pass(&f, 9999);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(&f, 1);
    assert_dec(sent_intent(&f, TT_order_role_CLOSE)->qty.d, "0.6");
    fixture_fini(&f);
    start(&(tt_exits_config){.stop_guard = true, .stop_limit_pct = {dec("0.505")}});
    id = approve(&f, &(entry){.qty = "1", .side = TT_side_SELL, .stop = "105"});
    fill(&f, id, 1, "1", "100");
    assert_dec(sent_intent(&f, TT_order_role_STOP_LOSS)->price.d, "105.54");
    fixture_fini(&f);
}

static void the_guard_can_be_off(void **state)
{
    (void)state;
    start(&(tt_exits_config){.stop_guard = false});
    open_long(&f, "95", NULL);
    bar(&f, 1, "90");
    pass(&f, 100000);
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    fixture_fini(&f);
}

static void tighten(uint32_t key, const char *pct)
{
    const tt_position_command what = {
        .command = TT_position_command_type_TIGHTEN_STOPS,
        .reason = TT_exit_reason_LOSS_BREAKER,
        .stop_pct = {dec(pct)},
    };
    step(&f, TT_TOPIC_POSITION_COMMANDS, key, &what);
}

static void a_breaker_tightens_once_and_only_closer(void **state)
{
    (void)state;
    start(&(tt_exits_config){0});
    open_long(&f, "90", NULL);
    bar(&f, 1, "97.01");
    tighten(0, "1");
    const tt_exit_event *event = sent_one(&f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->action, TT_exit_action_STOP_MOVED);
    assert_int_equal(event->reason, TT_exit_reason_LOSS_BREAKER);
    assert_dec(event->stop_before.d, "90");
    assert_dec(event->stop_after.d, "96.04"); /* 96.0399, to the tick towards the price */
    assert_dec(event->limit.d, "1");
    assert_int_equal(
        sent_intent(&f, TT_order_role_STOP_LOSS)->exit_reason, TT_exit_reason_LOSS_BREAKER);
    acknowledge_stop();
    bar(&f, 1, "99");
    assert_string_equal(stop(), "96.04");
    tighten(0, "3"); /* 96.03 would be farther */
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    assert_string_equal(stop(), "96.04");
    tighten(2, "0.5");
    assert_string_equal(stop(), "96.04");
    tighten(1, "0.5");
    assert_string_equal(stop(), "98.51");
    fixture_fini(&f);
}

static void a_short_without_a_stop_gets_one_and_a_coarse_tick_the_next(void **state)
{
    (void)state;
    start(&(tt_exits_config){0});
    uint64_t id = approve(&f, &(entry){.qty = "1", .side = TT_side_SELL, .reference = "100"});
    fill(&f, id, 1, "1", "100");
    tighten(0, "1");
    assert_string_equal(stop(), "101");
    acknowledge_stop();
    tighten(0, "0.005"); /* 100.005: the tick below would act at once */
    assert_string_equal(stop(), "100.01");
    fixture_fini(&f);
}

/* What an entry that was on its way still fills is tightened, too; a later entry is not. */
static void what_still_fills_is_tightened(void **state)
{
    (void)state;
    start(&(tt_exits_config){0});
    uint64_t id = approve(&f, &(entry){.qty = "1", .price = "100", .stop = "90"});
    say(&f, id, TT_report_kind_ACCEPTED);
    tighten(0, "1");
    fill(&f, id, 1, "0.4", "100");
    assert_string_equal(stop(), "99");
    acknowledge_stop();
    fill(&f, id, 2, "0.6", "100");
    assert_string_equal(stop(), "99");
    assert_dec(f.trade->exits[0].tighten_pct.d, "0");
    acknowledge_stop();
    command(&f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    fill(&f, live(&f, 1, TT_order_role_CLOSE)->intent.order_id, 3, "1", "100");
    open_long(&f, "90", NULL);
    assert_string_equal(stop(), "90");
    fixture_fini(&f);
}

static void what_nobody_manages_or_closes_stays(void **state)
{
    (void)state;
    start(&(tt_exits_config){0});
    open_long(&f, "90", NULL);
    command(&f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    tighten(0, "1");
    assert_int_equal(sent_count(&f, TT_TOPIC_EXIT_EVENTS), 0);
    assert_string_equal(stop(), "90");
    tighten(0, "0");
    assert_int_equal(sent_count(&f, TT_TOPIC_DEAD_LETTERS), 1);
    tighten(0, "100");
    assert_int_equal(sent_count(&f, TT_TOPIC_DEAD_LETTERS), 1);
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stop_is_set_at_activation),
        cmocka_unit_test(it_follows_new_bests_alone),
        cmocka_unit_test(a_closer_stop_stays),
        cmocka_unit_test(small_steps_cost_no_orders),
        cmocka_unit_test(the_distance_can_be_of_ranges),
        cmocka_unit_test(break_even_keeps_its_buffer),
        cmocka_unit_test(an_increase_does_not_loosen),
        cmocka_unit_test(a_reduction_does_not_move_the_entry),
        cmocka_unit_test(a_closer_signal_keeps_its_name),
        cmocka_unit_test(the_position_always_has_a_stop_while_it_moves),
        cmocka_unit_test(the_guard_acts_at_once_without_a_stop),
        cmocka_unit_test(the_guard_of_a_short_looks_up),
        cmocka_unit_test(a_stop_with_a_limit_has_the_guard_behind_it),
        cmocka_unit_test(the_guard_can_be_off),
        cmocka_unit_test(a_breaker_tightens_once_and_only_closer),
        cmocka_unit_test(a_short_without_a_stop_gets_one_and_a_coarse_tick_the_next),
        cmocka_unit_test(what_still_fills_is_tightened),
        cmocka_unit_test(what_nobody_manages_or_closes_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
