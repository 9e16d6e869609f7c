/* SPDX-License-Identifier: Apache-2.0 */
/* The table of orders and the memory of their executions. */
#include "fixture.h"

static tt_arena arena;
static tt_orders orders;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(tt_arena_init(&arena, 16u << 20), TUTTI_OK);
    assert_int_equal(tt_orders_init(&orders, &arena), TUTTI_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_arena_fini(&arena);
    return 0;
}

static tt_order *add(uint64_t id, uint32_t instrument)
{
    tt_order_intent intent = {.order_id = id, .qty = {dec("1")}};
    tt_order *order = tt_order_add(&orders, &intent, instrument);
    order->state = TT_order_state_PENDING;
    return order;
}

static void finish(uint64_t id)
{
    tt_order *order = tt_order_find(&orders, id);
    assert_non_null(order);
    order->state = TT_order_state_CANCELLED;
    tt_order_retire(&orders, order);
}

static void lists_by_instrument_in_order_of_creation(void **state)
{
    (void)state;
    add(10, 1);
    add(11, 2);
    add(12, 1);
    add(13, 1);
    finish(12);
    tt_order *first = tt_order_first(&orders, 1);
    assert_int_equal(first->intent.order_id, 10);
    assert_int_equal(tt_order_after(&orders, first)->intent.order_id, 13);
    assert_null(tt_order_after(&orders, tt_order_after(&orders, first)));
    assert_int_equal(tt_order_first(&orders, 2)->intent.order_id, 11);
    assert_null(tt_order_first(&orders, 3));
    tt_order_table_check(&orders);
}

static void remembers_the_newest_final_orders(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= TT_ORDERS_RECENT + 3; id++) {
        add(id, 1);
        finish(id);
        tt_order_table_check(&orders);
    }
    assert_null(tt_order_find(&orders, 3));
    assert_non_null(tt_order_find(&orders, 4));
    assert_non_null(tt_order_find(&orders, TT_ORDERS_RECENT + 3));
    /* Forgotten slots are used again: no more memory is touched. */
    assert_int_equal(orders.table->used, TT_ORDERS_RECENT + 1);
}

static void entries_leave_room_for_the_rest(void **state)
{
    (void)state;
    uint64_t id = 0;
    while (tt_order_has_room(&orders, false)) {
        id++;
        add(id, 1 + (uint32_t)(id % TT_INSTRUMENTS_MAX));
    }
    assert_int_equal(id, TT_ORDERS_MAX - TT_ORDERS_RESERVED);
    tt_order_table_check(&orders);
    for (uint64_t i = 1; i <= id; i++) {
        finish(i);
    }
    assert_int_equal(orders.table->live_count, 0);
    tt_order_table_check(&orders);
}

/* Orders that only reduce push out what is remembered, but never the newest of it. */
static void reduce_only_orders_use_every_slot_but_a_few(void **state)
{
    (void)state;
    uint64_t id = 0;
    while (id < TT_ORDERS_RECENT) {
        add(++id, 1);
        finish(id);
    }
    while (tt_order_has_room(&orders, true)) {
        add(++id, 2);
    }
    assert_int_equal(orders.table->live_count, TT_ORDER_SLOTS - 16);
    assert_int_equal(orders.table->recent_count, 16);
    assert_null(tt_order_find(&orders, TT_ORDERS_RECENT - 16));
    assert_non_null(tt_order_find(&orders, TT_ORDERS_RECENT));
    tt_order_table_check(&orders);
}

static tt_venue_report execution(uint64_t exec_id, const char *qty, const char *cumulative)
{
    return (tt_venue_report){
        .exec_id = exec_id, .qty = {dec(qty)}, .cumulative_qty = {dec(cumulative)}};
}

static tt_execution_check check(tt_order *order, const tt_venue_report *what)
{
    tt_execution_check result = tt_order_check_execution(order, what);
    if (result == TT_EXECUTION_NEW) {
        tt_order_note_execution(order, what, (tt_money){what->qty.d});
    }
    return result;
}

static void knows_a_repeat_by_its_id(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report a = execution(7, "0.2", "0.2");
    tt_venue_report b = execution(8, "0.3", "0.5");
    assert_int_equal(check(order, &a), TT_EXECUTION_NEW);
    assert_int_equal(check(order, &b), TT_EXECUTION_NEW);
    assert_int_equal(check(order, &a), TT_EXECUTION_REPEATED);
    assert_int_equal(check(order, &b), TT_EXECUTION_REPEATED);
    assert_dec(order->filled_qty.d, "0.5");
    assert_dec(order->filled_notional.d, "0.5");
    assert_dec(tt_order_remaining(order).d, "0.5");
}

static void books_reordered_executions_once(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report a = execution(7, "0.2", "0.2");
    tt_venue_report b = execution(8, "0.3", "0.5");
    assert_int_equal(check(order, &b), TT_EXECUTION_NEW);
    assert_true(tt_order_has_gap(order));
    assert_int_equal(check(order, &a), TT_EXECUTION_NEW);
    assert_false(tt_order_has_gap(order));
    assert_int_equal(check(order, &b), TT_EXECUTION_REPEATED);
    assert_dec(order->covered_qty.d, "0.5");
}

static void knows_an_old_repeat_by_its_quantity(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_qty sum = {TT_DEC_ZERO};
    for (uint64_t i = 1; i <= TT_ORDER_EXECS + 5; i++) {
        tt_venue_report what = execution(i, "0.01", "0");
        sum.d = tt_dec_xadd(sum.d, dec("0.01"));
        what.cumulative_qty = sum;
        assert_int_equal(check(order, &what), TT_EXECUTION_NEW);
    }
    tt_venue_report old = execution(2, "0.01", "0.02");
    assert_int_equal(check(order, &old), TT_EXECUTION_REPEATED);
    /* The same while something is missing. */
    tt_venue_report ahead = execution(99, "0.01", "0.5");
    assert_int_equal(check(order, &ahead), TT_EXECUTION_NEW);
    assert_int_equal(check(order, &old), TT_EXECUTION_REPEATED);
}

static void sees_a_contradiction(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report a = execution(7, "0.2", "0.2");
    tt_venue_report renamed = execution(9, "0.2", "0.2");
    assert_int_equal(check(order, &a), TT_EXECUTION_NEW);
    assert_int_equal(check(order, &renamed), TT_EXECUTION_CONTRADICTED);
}

static void tracks_so_many_ahead_of_a_gap_and_no_more(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_qty sum = {dec("0.01")};
    for (uint64_t i = 1; i <= TT_ORDER_AHEAD; i++) {
        tt_venue_report what = execution(i, "0.01", "0");
        sum.d = tt_dec_xadd(sum.d, dec("0.01"));
        what.cumulative_qty = sum;
        assert_int_equal(check(order, &what), TT_EXECUTION_NEW);
    }
    tt_venue_report next = execution(50, "0.01", "0.9");
    assert_int_equal(check(order, &next), TT_EXECUTION_UNTRACKED);
    tt_venue_report first = execution(1, "0.01", "0.02");
    assert_int_equal(check(order, &first), TT_EXECUTION_REPEATED);
    /* The missing one is taken, and with it everything behind it. */
    tt_venue_report missing = execution(60, "0.01", "0.01");
    assert_int_equal(check(order, &missing), TT_EXECUTION_NEW);
    assert_true(tt_dec_eq(order->covered_qty.d, sum.d));
    assert_int_equal(order->ahead_count, 0);
    assert_int_equal(check(order, &next), TT_EXECUTION_NEW);
}

static void covers_stretches_between_two_gaps(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report c = execution(3, "0.1", "0.3");
    tt_venue_report e = execution(5, "0.1", "0.5");
    tt_venue_report a = execution(1, "0.2", "0.2");
    tt_venue_report d = execution(4, "0.1", "0.4");
    assert_int_equal(check(order, &e), TT_EXECUTION_NEW);
    assert_int_equal(check(order, &c), TT_EXECUTION_NEW);
    assert_dec(order->covered_qty.d, "0");
    assert_int_equal(check(order, &a), TT_EXECUTION_NEW);
    assert_dec(order->covered_qty.d, "0.3");
    assert_int_equal(check(order, &d), TT_EXECUTION_NEW);
    assert_dec(order->covered_qty.d, "0.5");
    assert_dec(order->filled_qty.d, "0.5");
}

/* Many executions later the one ahead is still known. */
static void knows_what_is_ahead_however_long_it_waits(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report ahead = execution(99, "0.1", "0.6");
    assert_int_equal(check(order, &ahead), TT_EXECUTION_NEW);
    tt_qty sum = {TT_DEC_ZERO};
    for (uint64_t i = 1; i <= TT_ORDER_EXECS + 1; i++) {
        tt_venue_report what = execution(i, "0.01", "0");
        sum.d = tt_dec_xadd(sum.d, dec("0.01"));
        what.cumulative_qty = sum;
        assert_int_equal(check(order, &what), TT_EXECUTION_NEW);
    }
    assert_int_equal(check(order, &ahead), TT_EXECUTION_REPEATED);
}

static void an_overfill_leaves_nothing_to_fill(void **state)
{
    (void)state;
    tt_order *order = add(1, 1);
    tt_venue_report a = execution(7, "1.5", "1.5");
    assert_int_equal(check(order, &a), TT_EXECUTION_NEW);
    assert_dec(tt_order_remaining(order).d, "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_by_instrument_in_order_of_creation),
        TEST(remembers_the_newest_final_orders),
        TEST(entries_leave_room_for_the_rest),
        TEST(reduce_only_orders_use_every_slot_but_a_few),
        TEST(knows_a_repeat_by_its_id),
        TEST(books_reordered_executions_once),
        TEST(knows_an_old_repeat_by_its_quantity),
        TEST(sees_a_contradiction),
        TEST(tracks_so_many_ahead_of_a_gap_and_no_more),
        TEST(covers_stretches_between_two_gaps),
        TEST(knows_what_is_ahead_however_long_it_waits),
        TEST(an_overfill_leaves_nothing_to_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
