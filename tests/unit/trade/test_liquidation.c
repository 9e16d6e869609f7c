/* SPDX-License-Identifier: Apache-2.0 */
/* Prices of liquidation, and warnings on the way there. */
#include "fixture.h"

static tt_position *position(const fixture *f)
{
    return &f->trade->books->positions[0];
}

static void enter(fixture *f, tt_side side, uint8_t leverage)
{
    uint64_t id = approve(f, &(entry){.qty = "1", .side = side, .leverage = leverage});
    fill(f, id, 1, "1", "100");
}

/* The level that was warned of in the newest step; 0 = none. */
static int warned(const fixture *f)
{
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_RISK_ALERTS); i++) {
        const tt_risk_alert *alert = tt_msg_payload(sent(f, TT_TOPIC_RISK_ALERTS, i));
        if (alert->alert_type == TT_alert_type_LIQUIDATION_RISK) {
            return position(f)->liquidation_level;
        }
    }
    return 0;
}

static void the_price_is_that_of_the_leverage(void **state)
{
    fixture *f = *state;
    enter(f, TT_side_BUY, 3);
    assert_dec(position(f)->liquidation_price.d, "66.666666666666666667");
    approve_close(f, 1);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 2, "1", "100");
    assert_dec(position(f)->liquidation_price.d, "0");
    enter(f, TT_side_SELL, 3);
    assert_dec(position(f)->liquidation_price.d, "133.333333333333333333");
}

static void maintenance_margin_brings_it_nearer(void **state)
{
    fixture *f = *state;
    f->instruments.list[0].maintenance_margin_rate.d = dec("0.2");
    enter(f, TT_side_BUY, 5);
    assert_dec(position(f)->liquidation_price.d, "100"); /* 80 / 0.8 */
    approve_close(f, 1);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 2, "1", "100");
    enter(f, TT_side_SELL, 5);
    assert_dec(position(f)->liquidation_price.d, "100"); /* 120 / 1.2 */
}

static void leverage_1_and_spot_have_none(void **state)
{
    fixture *f = *state;
    enter(f, TT_side_BUY, 1);
    assert_dec(position(f)->liquidation_price.d, "0");
    f->instruments.list[1].max_leverage.d = dec("1");
    uint64_t id = approve(f, &(entry){.qty = "1", .leverage = 5, .key = 2});
    fill(f, id, 1, "1", "100");
    assert_dec(f->trade->books->positions[1].liquidation_price.d, "0");
}

static void it_follows_the_average_price(void **state)
{
    fixture *f = *state;
    enter(f, TT_side_BUY, 2);
    assert_dec(position(f)->liquidation_price.d, "50");
    uint64_t id = approve(f, &(entry){.qty = "1", .leverage = 2});
    fill(f, id, 1, "1", "110");
    assert_dec(position(f)->liquidation_price.d, "52.5");
}

static void each_level_warns_below_its_bound(void **state)
{
    fixture *f = *state;
    /* At 2x the price is 50: 30 % away at 71.43, 20 % at 62.5, 10 % at 55.56. */
    static const struct {
        const char *mark;
        int level;
    } steps[] = {
        {"71.43", 0},
        {"71.42", TT_liquidation_level_MEDIUM},
        {"62.5", 0}, /* Exactly 20 % is still medium, and said. */
        {"62.49", TT_liquidation_level_HIGH},
        {"55.55", TT_liquidation_level_CRITICAL},
        {"50", 0}, /* 0 % is critical, and said. */
        {"49.99", TT_liquidation_level_PASSED},
        {"60", TT_liquidation_level_HIGH}, /* A better level is a change, too. */
        {"80", 0},
        {"60", TT_liquidation_level_HIGH},
    };
    enter(f, TT_side_BUY, 2);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        bar(f, 1, steps[i].mark);
        assert_int_equal(warned(f), steps[i].level);
    }
}

static void a_short_is_warned_the_other_way(void **state)
{
    fixture *f = *state;
    enter(f, TT_side_SELL, 2);
    assert_dec(position(f)->liquidation_price.d, "150");
    bar(f, 1, "115"); /* 35 / 115 = 30.4 % */
    assert_int_equal(warned(f), 0);
    bar(f, 1, "140"); /* 10 / 140 = 7.1 % */
    assert_int_equal(warned(f), TT_liquidation_level_CRITICAL);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    assert_dec(alert->value.d, "7.142857142857142857");
    assert_dec(alert->limit.d, "10");
}

static void the_same_level_warns_again_after_its_own_minute(void **state)
{
    fixture *f = *state;
    enter(f, TT_side_BUY, 2);
    bar(f, 1, "60");
    assert_int_equal(warned(f), TT_liquidation_level_HIGH);
    /* Prices every second do not put the repeat off. */
    for (int i = 1; i < 60; i++) {
        f->now.ns += TT_NS_PER_S;
        bar(f, 1, "60");
        assert_int_equal(warned(f), 0);
    }
    f->now.ns += TT_NS_PER_S;
    bar(f, 1, "60");
    assert_int_equal(warned(f), TT_liquidation_level_HIGH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_price_is_that_of_the_leverage),
        TEST(maintenance_margin_brings_it_nearer),
        TEST(leverage_1_and_spot_have_none),
        TEST(it_follows_the_average_price),
        TEST(each_level_warns_below_its_bound),
        TEST(a_short_is_warned_the_other_way),
        TEST(the_same_level_warns_again_after_its_own_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
