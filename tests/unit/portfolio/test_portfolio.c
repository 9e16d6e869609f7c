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
        DESK_TEST(the_machine_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
