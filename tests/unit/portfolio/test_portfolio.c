/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup, what is remembered of others, status, and the regions of the module.
 *
 * Covers: portfolio.c
 */
#include "fixture.h"

/* Positions without a target, and what they bind, are left alone. */
static void what_has_no_target_is_not_allocated(void **state)
{
    (void)state;
    start();
    position(3, "-500");
    command(TT_command_REBALANCE);
    assert_num(plan()->equity, "500");
    assert_num(plan()->buys, "400");
    assert_num(status().equity, "500");
    assert_num(status().cash, "500");
    assert_num(status().cash_pct, "100");
    assert_true(status().needs_rebalancing);
}

/* The regions are all there is: copied into a fresh module, the plan goes on. */
static void a_plan_survives_in_its_regions(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    void *copies[TT_REGIONS_MAX];
    for (uint32_t i = 0; i < desk.core.region_count; i++) {
        copies[i] = malloc(desk.core.regions[i].size);
        assert_non_null(copies[i]);
        memcpy(copies[i], desk.core.regions[i].data, desk.core.regions[i].size);
    }
    tt_arena_fini(&desk.arena);
    setup_module();
    for (uint32_t i = 0; i < desk.core.region_count; i++) {
        memcpy(desk.core.regions[i].data, copies[i], desk.core.regions[i].size);
        free(copies[i]);
    }
    tt_error error;
    assert_int_equal(tt_bus_restore(desk.core.bus, &error), TUTTI_OK);
    assert_int_equal(status().batches[1].open, 2);
    forget();
    wait_s(14400);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    fill(BTC, 3, "66.66", false);
    assert_int_equal(leg()->state, TT_batch_state_DONE);
}

/* Messages of an instrument that there is not leave the state as it is, to the byte. */
static void unknown_instruments_are_left_alone(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    static tt_portfolio_state before;
    const tt_execution_event event = {
        .order_id = 1, .old_state = TT_order_state_NONE, .new_state = TT_order_state_NEW};
    const tt_bar bar = {.close.d = num("2")};
    const tt_risk_alert alert = {.alert_type = TT_alert_type_TRADE_REJECTED};
    const uint32_t keys[] = {0, desk.instruments.count + 1};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        before = *desk.portfolio->state;
        say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, keys[i], &event);
        say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, keys[i], &bar);
        say(TT_TOPIC_RISK_ALERTS, TT_SOURCE_TRADE, keys[i], &alert);
        position(keys[i], "5");
        assert_memory_equal(&before, desk.portfolio->state, sizeof before);
    }
}

/* A plan without an own strategy takes the configured one: it must be one that trades. */
static void the_configured_strategy_trades(void **state)
{
    (void)state;
    for (int i = 0; i < TT_rebalance_strategy_COUNT; i++) {
        tt_error error = {0};
        bool trades = i != TT_rebalance_strategy_NONE && i != TT_rebalance_strategy_DEFER;
        desk.config.allocation.strategy = (tt_rebalance_strategy)i;
        assert_int_equal(
            tt_portfolio_config_check(&desk.config, &desk.instruments, &error),
            trades ? TUTTI_OK : TUTTI_INVALID);
        assert_string_equal(
            error.message,
            trades ? "" : "portfolio.strategy must be immediate, dca_24h or limit_orders");
    }
    setup_module(); // what close_desk takes down
}

static void the_machine_is_whole(void **state)
{
    (void)state;
    tt_error error;
    assert_int_equal(tt_sm_check(tt_portfolio_machine_def(), &error), TUTTI_OK);
    start();
    command(TT_command_REBALANCE);
    assert_int_equal(tt_portfolio_machine_counts(desk.portfolio)->taken[0], 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_has_no_target_is_not_allocated),
        DESK_TEST(a_plan_survives_in_its_regions),
        DESK_TEST(unknown_instruments_are_left_alone),
        DESK_TEST(the_configured_strategy_trades),
        DESK_TEST(the_machine_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
