/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables: growth, lists of open orders, executions, draws; and a text for every reason.
 */
#include "fixture.h"

static uint32_t add(tt_sim *sim, uint64_t id)
{
    tt_order_intent intent = {.order_id = id, .side = TT_side_BUY};
    intent.qty.d = num("3");
    tt_text_format(
        intent.client_order_id, sizeof intent.client_order_id, "id-%llu", (unsigned long long)id);
    uint32_t index = 0;
    assert_int_equal(tt_sim_add_order(sim, &intent, BTC, &index), TUTTI_OK);
    return index;
}

/* Every order is found by its id, however often tables and index have grown. */
static void test_growth(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_sim *sim = floor_sim(bench);
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(add(sim, i), i);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        char id[48];
        (void)snprintf(id, sizeof id, "id-%u", i);
        assert_int_equal(tt_sim_find(sim, id), i);
    }
    assert_int_equal(tt_sim_find(sim, "id-20000"), TT_SIM_NONE);
    assert_int_equal(tt_sim_find(sim, "id-"), TT_SIM_NONE);
}

static void expect_list(const tt_sim *sim, const char *numbers)
{
    char text[100] = "";
    uint32_t last = TT_SIM_NONE;
    for (uint32_t i = sim->markets[0].first_order; i != TT_SIM_NONE; i = sim->orders[i].next) {
        assert_int_equal(sim->orders[i].previous, last);
        last = i;
        (void)sprintf(text + strlen(text), "%u ", i);
    }
    assert_int_equal(sim->markets[0].last_order, last);
    assert_string_equal(text, numbers);
}

static void test_open_list(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_sim *sim = floor_sim(bench);
    for (uint32_t i = 0; i < 4; i++) {
        tt_sim_link(sim, add(sim, i));
    }
    expect_list(sim, "0 1 2 3 ");
    tt_sim_unlink(sim, 1);
    expect_list(sim, "0 2 3 ");
    tt_sim_unlink(sim, 3);
    tt_sim_unlink(sim, 0);
    expect_list(sim, "2 ");
    tt_sim_link(sim, 0);
    expect_list(sim, "2 0 ");
    assert_int_equal(sim->stats.open_orders, 2);
    tt_sim_unlink(sim, 2);
    tt_sim_unlink(sim, 0);
    expect_list(sim, "");
}

static void test_executions(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_sim *sim = floor_sim(bench);
    uint32_t order = add(sim, 1);
    tt_sim_link(sim, order);
    sim->orders[order].state = TT_order_state_SUBMITTED;
    tt_sim_exec exec = {.order = order, .qty.d = num("1"), .cumulative.d = num("1")};
    assert_int_equal(tt_sim_add_exec(sim, &exec), TUTTI_OK);
    assert_int_equal(sim->orders[order].state, TT_order_state_PARTIALLY_FILLED);
    assert_num(tt_sim_open_qty(&sim->orders[order]), "2");
    exec.qty.d = num("2");
    exec.cumulative.d = num("3");
    assert_int_equal(tt_sim_add_exec(sim, &exec), TUTTI_OK);
    assert_int_equal(sim->orders[order].state, TT_order_state_FILLED);
    expect_list(sim, "");
    assert_int_equal(sim->execs[sim->orders[order].first_exec].next, 1);
    assert_int_equal(sim->execs[1].next, TT_SIM_NONE);
    assert_num(sim->markets[0].holdings[0].qty, "3");
    // More than was ordered is a broken invariant.
    exec.cumulative.d = num("4");
    TT_EXPECT_ABORT(tt_sim_add_exec(sim, &exec) == TUTTI_OK);
}

static void test_draws(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_sim *sim = floor_sim(bench);
    uint32_t first = add(sim, 1);
    uint32_t second = add(sim, 2);
    tt_random a = tt_sim_draw(sim, &sim->orders[first]);
    tt_random b = tt_sim_draw(sim, &sim->orders[first]);
    tt_random c = tt_sim_draw(sim, &sim->orders[second]);
    tt_random d = tt_sim_draw(sim, NULL);
    uint64_t draws[] = {tt_random_u64(&a), tt_random_u64(&b), tt_random_u64(&c), tt_random_u64(&d)};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(draws[i], draws[j]);
        }
    }
    assert_int_equal(sim->orders[first].draws, 2);
    sim->orders[first].draws = 1; // The second draw again.
    tt_random again = tt_sim_draw(sim, &sim->orders[first]);
    assert_int_equal(tt_random_u64(&again), draws[1]);
}

static void test_every_reason_has_a_text(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_sim *sim = floor_sim(bench);
    uint32_t index = add(sim, 1);
    tt_sim_order *order = &sim->orders[index];
    char texts[TT_SIM_REASON_COUNT][96];
    for (uint8_t i = 0; i < TT_SIM_REASON_COUNT; i++) {
        order->reason = i;
        tt_sim_reason_text(sim, order, texts[i]);
        assert_int_equal(strlen(texts[i]) == 0, i == TT_SIM_REASON_NONE);
        for (uint8_t j = 0; j < i; j++) {
            bool is_price_range =
                i == TT_SIM_REASON_TRIGGER_RANGE && j == TT_SIM_REASON_PRICE_RANGE;
            assert_true(is_price_range || strcmp(texts[i], texts[j]) != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_growth),
        FLOOR_TEST(test_open_list),
        FLOOR_TEST(test_executions),
        FLOOR_TEST(test_draws),
        FLOOR_TEST(test_every_reason_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
