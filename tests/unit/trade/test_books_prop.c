/* SPDX-License-Identifier: Apache-2.0 */
/* A million random events: books exact at every record, no order twice or back from the end, every
 * row of the state table taken. TUTTI_PROP_SEED and TUTTI_PROP_EVENTS choose another run. */
#include "prop_world.h"

#include <stdlib.h>

#define SEEDS 4u

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void world_init(world *w, uint64_t seed)
{
    *w = (world){.seed = seed};
    tt_trade_config config = fixture_config();
    config.orders.status_interval.ns = 3 * TT_NS_PER_S;
    fixture_init_with(&w->f, &config);
    tt_random_init(&w->random, seed, 0);
    w->slots = tt_map_new(&w->f.arena, MODEL_ORDERS);
    assert_non_null(w->slots);
}

/* Positions are the sums of the executions that were booked; each order has those it says. */
static void check_agreement(world *w)
{
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        const model_order *order = &w->orders[i];
        int64_t sum = 0;
        for (uint32_t e = 0; e < order->exec_count; e++) {
            sum += order->execs[e].is_booked ? order->execs[e].qty : 0;
        }
        CHECK(w, order->id == 0 || sum == order->filled);
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        int64_t held = 0;
        tt_dec qty = w->f.trade->books->positions[i].qty.d;
        CHECK(w, tt_dec_to_i64(qty, 3, TT_ROUND_EXACT, &held) == TUTTI_OK);
        CHECK(w, held == w->held[i]);
    }
}

static void run(uint64_t seed, uint64_t events, uint64_t taken[TT_SM_ROWS_MAX])
{
    static world w;
    world_init(&w, seed);
    for (uint64_t i = 0; i < events; i++) {
        world_step(&w);
        if (i % 16 == 0) {
            tt_trade_check(w.f.trade);
        }
    }
    check_agreement(&w);
    world_settle(&w);
    tt_trade_check(w.f.trade);
    tt_trade_status numbers;
    tt_trade_status_get(w.f.trade, &numbers);
    print_message(
        "seed %llu: %llu orders, %llu fills, %llu closed, %llu repeats, %llu late, %llu beyond, "
        "%llu queries, %llu refused, %llu forgotten\n",
        (unsigned long long)seed,
        (unsigned long long)numbers.orders,
        (unsigned long long)numbers.fills,
        (unsigned long long)numbers.closed_trades,
        (unsigned long long)numbers.duplicate_reports,
        (unsigned long long)numbers.late_reports,
        (unsigned long long)numbers.overfills,
        (unsigned long long)numbers.queries,
        (unsigned long long)w.refused_fills,
        (unsigned long long)w.lost_orders);
    CHECK(&w, numbers.fills == w.fill_rows && numbers.publish_failures == 0);
    CHECK(&w, numbers.overfills > 0 && numbers.duplicate_reports > 0);
    for (uint32_t i = 0; i < TT_SM_ROWS_MAX; i++) {
        taken[i] += w.f.trade->orders.table->transitions.taken[i];
    }
    fixture_fini(&w.f);
}

static void a_million_events_keep_the_books(void **state)
{
    (void)state;
    static uint64_t taken[TT_SM_ROWS_MAX];
    uint64_t events = from_environment("TUTTI_PROP_EVENTS", 1000000);
    uint64_t seed = from_environment("TUTTI_PROP_SEED", 1);
    for (unsigned i = 0; i < SEEDS; i++) {
        run(seed + i, events / SEEDS, taken);
    }
    for (uint8_t i = 0; i < tt_order_machine.row_count; i++) {
        const tt_sm_row *row = &tt_order_machine.rows[i];
        if (taken[i] == 0) {
            print_error(
                "row never taken: %s on %s\n",
                tt_order_machine.states[row->from],
                tt_order_machine.events[row->event]);
        }
        assert_true(taken[i] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_events_keep_the_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
