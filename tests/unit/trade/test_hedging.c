/* SPDX-License-Identifier: Apache-2.0 */
/* A long and a short position of one instrument side by side: what happens to one follows for both
 * where it must. */
#include "fixture.h"

#define SHORT_LEG (1 + TT_INSTRUMENTS_MAX)

static fixture world;

static fixture *start(const tt_exits_config *exits)
{
    tt_trade_config config = fixture_config();
    config.account.position_mode = TT_position_mode_HEDGING;
    config.account.mark_interval.ns = 0;
    config.exits = *exits;
    fixture_init_with(&world, &config);
    return &world;
}

static uint64_t open_side(fixture *f, tt_side side, const char *qty, const char *stop)
{
    uint64_t id = approve(f, &(entry){.qty = qty, .side = side, .stop = stop, .reference = "100"});
    fill(f, id, 1, qty, "100");
    return id;
}

static tt_order *stop_of(const fixture *f, tt_side side)
{
    tt_order *found = NULL;
    for (tt_order *o = tt_order_first(&f->trade->orders, 1); o != NULL;
         o = tt_order_after(&f->trade->orders, o)) {
        bool is_stop = o->intent.role == TT_order_role_STOP_LOSS;
        if (is_stop && o->intent.position_side == side && o->cancel_reason == TT_CANCEL_NONE) {
            found = o;
        }
    }
    assert_non_null(found);
    return found;
}

/* 1 long and 3 short of 100: at 110 the long one has earned 10 and the short one has lost 30, in
 * every account that is told. */
static void a_price_is_that_of_both_positions_at_once(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){0});
    open_side(f, TT_side_BUY, "1", NULL);
    open_side(f, TT_side_SELL, "3", NULL);
    f->now.ns += TT_NS_PER_S;
    bar(f, 1, "110");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 2);
    for (unsigned i = 0; i < 2; i++) {
        const tt_msg *msg = sent(f, TT_TOPIC_ACCOUNT_UPDATES, i);
        const tt_account_update *told = tt_msg_payload(msg);
        assert_dec(told->unrealized_pnl.d, "-20");
        assert_dec(told->exposure.d, "440");
    }
    fixture_fini(f);
}

/* The stop of the long position sells more than is held: the rest opens on the short one, which
 * must not stay without a stop for it. */
static void what_is_filled_beyond_a_position_is_protected_with_the_other(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){0});
    open_side(f, TT_side_SELL, "1", "120");
    say(f, stop_of(f, TT_side_SELL)->intent.order_id, TT_report_kind_ACCEPTED);
    open_side(f, TT_side_BUY, "1", "90");
    fill(f, stop_of(f, TT_side_BUY)->intent.order_id, 1, "1.5", "90");
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    assert_dec(f->trade->books->positions[SHORT_LEG - 1].qty.d, "-1.5");
    assert_dec(stop_of(f, TT_side_SELL)->intent.qty.d, "1.5");
    assert_dec(stop_of(f, TT_side_SELL)->intent.trigger_price.d, "120");
    fixture_fini(f);
}

static const tt_exits_config guarded = {.stop_guard = true, .stop_guard_delay = {10 * TT_NS_PER_S}};

static void assert_guard_closes(const fixture *f, tt_side position_side)
{
    const tt_exit_event *decided = sent_one(f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(decided->reason, TT_exit_reason_STOP_GUARD);
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->position_side, position_side);
    assert_int_equal(close->reduce_only, 1);
    assert_dec(close->qty.d, "1");
}

/* The stop of the short position works and does not act: the guard gives it its time. */
static void the_guard_looks_after_a_short_position(void **state)
{
    (void)state;
    fixture *f = start(&guarded);
    open_side(f, TT_side_SELL, "1", "110");
    say(f, stop_of(f, TT_side_SELL)->intent.order_id, TT_report_kind_ACCEPTED);
    bar(f, 1, "111");
    pass(f, 9999);
    assert_int_equal(sent_count(f, TT_TOPIC_EXIT_EVENTS), 0);
    pass(f, 1);
    assert_guard_closes(f, TT_side_SELL);
    fixture_fini(f);
}

/* The stop of one side does not stand for that of the other, of which nobody knows: the guard
 * closes at once. */
static void the_guard_looks_at_the_stop_of_the_side(void **state)
{
    (void)state;
    for (tt_side side = TT_side_BUY; side <= TT_side_SELL; side++) {
        fixture *f = start(&guarded);
        open_side(f, TT_side_BUY, "1", "90");
        open_side(f, TT_side_SELL, "1", "110");
        say(f, stop_of(f, TT_side_BUY)->intent.order_id, TT_report_kind_ACCEPTED);
        say(f, stop_of(f, TT_side_SELL)->intent.order_id, TT_report_kind_ACCEPTED);
        tt_order_doubt(f->trade, stop_of(f, side), TT_report_kind_TIMEOUT, "a test");
        bar(f, 1, side == TT_side_BUY ? "89" : "111");
        assert_guard_closes(f, side);
        fixture_fini(f);
    }
}

/* More than half of the largest quantity on each side: neither stands in the way of the other. */
static void both_sides_can_be_as_large_as_one(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){0});
    for (tt_side side = TT_side_BUY; side <= TT_side_SELL; side++) {
        uint64_t id = approve(f, &(entry){.qty = "9000000000", .side = side, .reference = "0.01"});
        fill(f, id, 1, "9000000000", "0.01");
    }
    assert_dec(f->trade->books->positions[0].qty.d, "9000000000");
    assert_dec(f->trade->books->positions[SHORT_LEG - 1].qty.d, "-9000000000");
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    tt_order *first = live(f, 1, TT_order_role_CLOSE);
    fill(f, first->intent.order_id, 2, "9000000000", "0.01");
    tt_order *second = live(f, 1, TT_order_role_CLOSE);
    fill(f, second->intent.order_id, 3, "9000000000", "0.01");
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    assert_dec(f->trade->books->positions[SHORT_LEG - 1].qty.d, "0");
    assert_int_equal(f->trade->books->counters.refused_reports, 0);
    fixture_fini(f);
}

/* An excess that the other side cannot take is refused. */
static void an_excess_counts_on_the_other_side(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){0});
    uint64_t id =
        approve(f, &(entry){.qty = "9000000000", .side = TT_side_SELL, .reference = "0.01"});
    fill(f, id, 1, "9000000000", "0.01");
    id =
        approve(f, &(entry){.qty = "1", .side = TT_side_BUY, .stop = "0.009", .reference = "0.01"});
    fill(f, id, 1, "1", "0.01");
    const tt_order *stop = stop_of(f, TT_side_BUY);
    tt_venue_report what = report(f, stop->intent.order_id, TT_report_kind_FILL);
    what.price.d = dec("0.01");
    what.qty.d = dec("1000000001");
    assert_true(tt_position_can_book(f->trade, stop, &what));
    what.qty.d = dec("1000000001.001");
    assert_false(tt_position_can_book(f->trade, stop, &what));
    fixture_fini(f);
}

/* The same by a trade at the venue that no order caused. */
static void a_trade_without_an_order_changes_both_positions(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){0});
    open_side(f, TT_side_SELL, "1", "120");
    say(f, stop_of(f, TT_side_SELL)->intent.order_id, TT_report_kind_ACCEPTED);
    open_side(f, TT_side_BUY, "1", "90");
    const tt_venue_trade liquidation = {
        .price = {dec("80")},
        .qty = {dec("1.25")},
        .exec_id = 7,
        .side = TT_side_SELL,
        .kind = TT_external_kind_LIQUIDATION,
        .position_side = TT_side_BUY,
    };
    step(f, TT_TOPIC_VENUE_TRADES, 1, &liquidation);
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    assert_dec(f->trade->books->positions[0].realized_pnl.d, "-20");
    assert_dec(f->trade->books->positions[SHORT_LEG - 1].qty.d, "-1.25");
    assert_dec(stop_of(f, TT_side_SELL)->intent.qty.d, "1.25");
    fixture_fini(f);
}

/* The tick is that of the instrument, also for the short position: a limit of 120.606 is no price
 * of a venue with a tick of 0.01. */
static void the_limit_of_a_stop_stands_on_the_tick_of_its_instrument(void **state)
{
    (void)state;
    fixture *f = start(&(tt_exits_config){.stop_guard = true, .stop_limit_pct = {dec("0.505")}});
    open_side(f, TT_side_SELL, "1", "120");
    assert_int_equal(stop_of(f, TT_side_SELL)->intent.type, TT_order_type_STOP_LIMIT);
    assert_dec(stop_of(f, TT_side_SELL)->intent.price.d, "120.61");
    open_side(f, TT_side_BUY, "1", "90");
    assert_dec(stop_of(f, TT_side_BUY)->intent.price.d, "89.54");
    fixture_fini(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_is_that_of_both_positions_at_once),
        cmocka_unit_test(what_is_filled_beyond_a_position_is_protected_with_the_other),
        cmocka_unit_test(the_guard_looks_after_a_short_position),
        cmocka_unit_test(the_guard_looks_at_the_stop_of_the_side),
        cmocka_unit_test(both_sides_can_be_as_large_as_one),
        cmocka_unit_test(an_excess_counts_on_the_other_side),
        cmocka_unit_test(a_trade_without_an_order_changes_both_positions),
        cmocka_unit_test(the_limit_of_a_stop_stands_on_the_tick_of_its_instrument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
