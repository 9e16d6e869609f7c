/* SPDX-License-Identifier: Apache-2.0 */
/* The ladder of targets: together always what is held. */
#include "fixture.h"

#include <string.h>

static fixture f;

static tt_ladder_config ladder(void)
{
    return (tt_ladder_config){
        .enabled = true,
        .share_1_pct = {dec("30")},
        .at_1_pct = {dec("30")},
        .share_2_pct = {dec("40")},
        .at_2_pct = {dec("50")},
        .share_3_pct = {dec("20")},
        .at_3_pct = {dec("70")},
    };
}

static void start(const tt_ladder_config *config)
{
    tt_trade_config all = fixture_config();
    all.ladder = *config;
    fixture_init_with(&f, &all);
}

/* "level x quantity" of the live targets, by level of a long position. */
static const char *targets(void)
{
    static char text[256];
    tt_target found[TT_LADDER_MAX];
    uint32_t count = 0;
    for (tt_order *o = tt_order_first(&f.trade->orders, 1); o != NULL;
         o = tt_order_after(&f.trade->orders, o)) {
        if (o->intent.role == TT_order_role_TAKE_PROFIT && o->cancel_reason == TT_CANCEL_NONE) {
            assert_true(count < TT_LADDER_MAX);
            found[count++] = (tt_target){o->intent.price, tt_order_remaining(o)};
        }
    }
    text[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        char level[TT_DEC_TEXT_MAX];
        char qty[TT_DEC_TEXT_MAX];
        tt_dec_format(found[i].level.d, level);
        tt_dec_format(found[i].qty.d, qty);
        size_t used = strlen(text);
        tt_text_format(text + used, sizeof text - used, "%s%sx%s", i ? " " : "", level, qty);
    }
    return text;
}

static void acknowledge_all(void)
{
    for (unsigned i = 0; i < 64; i++) {
        tt_order *waits = NULL;
        for (tt_order *o = tt_order_first(&f.trade->orders, 1); o != NULL;
             o = tt_order_after(&f.trade->orders, o)) {
            if (o->state == TT_order_state_PENDING || o->cancel_reason != TT_CANCEL_NONE) {
                waits = o;
            }
        }
        if (waits == NULL) {
            return;
        }
        bool is_cancelled = waits->cancel_reason != TT_CANCEL_NONE;
        say(&f,
            waits->intent.order_id,
            is_cancelled ? TT_report_kind_CANCELLED : TT_report_kind_ACCEPTED);
    }
}

static tt_order *target_at(const char *level)
{
    for (tt_order *o = tt_order_first(&f.trade->orders, 1); o != NULL;
         o = tt_order_after(&f.trade->orders, o)) {
        if (o->intent.role == TT_order_role_TAKE_PROFIT && o->cancel_reason == TT_CANCEL_NONE &&
            tt_dec_eq(o->intent.price.d, dec(level))) {
            return o;
        }
    }
    fail_msg("no target at %s", level);
    return NULL;
}

static void each_step_has_its_share(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    open_long(&f, "95", "110");
    assert_string_equal(targets(), "103x0.3 105x0.4 107x0.2 110x0.1");
    const tt_order *nearest = target_at("103");
    assert_int_equal(nearest->intent.reduce_only, 1);
    assert_int_equal(nearest->intent.exit_reason, TT_exit_reason_TAKE_PROFIT);
    fixture_fini(&f);
}

static void a_step_that_fills_shrinks_the_stop_alone(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    open_long(&f, "95", "110");
    acknowledge_all();
    fill(&f, target_at("103")->intent.order_id, 2, "0.1", "103");
    assert_string_equal(targets(), "103x0.2 105x0.4 107x0.2 110x0.1");
    assert_dec(sent_intent(&f, TT_order_role_STOP_LOSS)->qty.d, "0.9");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 1);
    fill(&f, target_at("103")->intent.order_id, 3, "0.2", "103");
    assert_string_equal(targets(), "105x0.4 107x0.2 110x0.1");
    acknowledge_all();
    fill(&f, target_at("105")->intent.order_id, 4, "0.4", "105");
    acknowledge_all();
    fill(&f, target_at("107")->intent.order_id, 5, "0.2", "107");
    acknowledge_all();
    fill(&f, target_at("110")->intent.order_id, 6, "0.1", "110");
    assert_dec(f.trade->books->positions[0].qty.d, "0");
    /* 0.3 x 3 + 0.4 x 5 + 0.2 x 7 + 0.1 x 10 */
    assert_dec(f.trade->books->account.realized_pnl.d, "5.3");
    fixture_fini(&f);
}

static void a_reduction_takes_the_nearest_steps(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    open_long(&f, "95", "110");
    acknowledge_all();
    command(&f, 1, TT_position_command_type_REDUCE, TT_exit_reason_OPERATOR, "50");
    fill(&f, live(&f, 1, TT_order_role_REDUCE)->intent.order_id, 2, "0.5", "101");
    acknowledge_all();
    assert_string_equal(targets(), "107x0.2 110x0.1 105x0.2");
    fixture_fini(&f);
}

static void a_larger_position_has_larger_steps(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    open_long(&f, "95", "110");
    acknowledge_all();
    uint64_t id = approve(&f, &(entry){.qty = "1"});
    fill(&f, id, 9, "1", "102");
    acknowledge_all();
    /* The entry is 101 on average: 9 to go. */
    assert_string_equal(targets(), "103.7x0.6 105.5x0.8 107.3x0.4 110x0.2");
    fixture_fini(&f);
}

static void what_is_too_small_goes_to_the_next(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    uint64_t id = approve(&f, &(entry){.qty = "0.04", .stop = "95", .target = "110"});
    fill(&f, id, 1, "0.04", "100");
    /* 0.012, 0.016, 0.008 and 0.004: the third and the last are worth less than one. */
    assert_string_equal(targets(), "103x0.012 105x0.016 110x0.012");
    fixture_fini(&f);
    start(&config);
    id = approve(&f, &(entry){.qty = "0.011", .stop = "95", .target = "110"});
    fill(&f, id, 1, "0.011", "100");
    assert_string_equal(targets(), "110x0.011");
    fixture_fini(&f);
}

static void shares_of_all_leave_nothing_for_the_target(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    config.share_3_pct.d = dec("30");
    start(&config);
    uint64_t id =
        approve(&f, &(entry){.qty = "0.101", .side = TT_side_SELL, .stop = "105", .target = "90"});
    fill(&f, id, 1, "0.101", "100");
    /* What rounding to the lot leaves goes to the last step. */
    assert_string_equal(targets(), "97x0.03 95x0.04 93x0.031");
    fixture_fini(&f);
}

static void fast_fills_are_bounded_and_settle(void **state)
{
    (void)state;
    tt_ladder_config config = ladder();
    start(&config);
    uint64_t id = approve(&f, &(entry){.qty = "1", .price = "100", .target = "110"});
    say(&f, id, TT_report_kind_ACCEPTED);
    for (uint64_t i = 1; i <= 10; i++) {
        fill(&f, id, i, "0.1", "100");
        uint32_t count = 0;
        for (tt_order *o = tt_order_first(&f.trade->orders, 1); o != NULL;
             o = tt_order_after(&f.trade->orders, o)) {
            count += o->intent.role == TT_order_role_TAKE_PROFIT;
        }
        assert_true(count <= TT_TARGETS_LIVE_MAX);
    }
    acknowledge_all();
    assert_string_equal(targets(), "103x0.3 105x0.4 107x0.2 110x0.1");
    fixture_fini(&f);
}

static void a_ladder_must_be_climbable(void **state)
{
    (void)state;
    tt_error error;
    tt_ladder_config config = ladder();
    assert_int_equal(tt_ladder_config_check(&config, "exits.ladder.", &error), TUTTI_OK);
    config.at_2_pct.d = dec("30");
    assert_int_equal(tt_ladder_config_check(&config, "exits.ladder.", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "exits.ladder.at_2_pct"));
    config.share_2_pct.d = dec("0");
    assert_int_equal(tt_ladder_config_check(&config, "exits.ladder.", &error), TUTTI_OK);
    config.share_3_pct.d = dec("70.01");
    assert_int_equal(tt_ladder_config_check(&config, "exits.ladder.", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "exits.ladder.share_1_pct"));
    config.enabled = false;
    assert_int_equal(tt_ladder_config_check(&config, "exits.ladder.", &error), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_its_share),
        cmocka_unit_test(a_step_that_fills_shrinks_the_stop_alone),
        cmocka_unit_test(a_reduction_takes_the_nearest_steps),
        cmocka_unit_test(a_larger_position_has_larger_steps),
        cmocka_unit_test(what_is_too_small_goes_to_the_next),
        cmocka_unit_test(shares_of_all_leave_nothing_for_the_target),
        cmocka_unit_test(fast_fills_are_bounded_and_settle),
        cmocka_unit_test(a_ladder_must_be_climbable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
