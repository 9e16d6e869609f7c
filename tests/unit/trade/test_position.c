/* SPDX-License-Identifier: Apache-2.0 */
/* The books of one instrument, to the last digit. */
#include "fixture.h"

#include <string.h>

static const tt_fill *fill_row(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_FILLS, index);
    assert_non_null(msg);
    const tt_fill *row = tt_msg_payload(msg);
    assert_true(row->fill_id == msg->seq);
    return row;
}

static const tt_position_update *position_row(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_POSITION_UPDATES, index);
    assert_non_null(msg);
    return tt_msg_payload(msg);
}

static void fill_with_fee(
    fixture *f, uint64_t id, uint64_t exec, const char *qty, const char *price, const char *fee)
{
    tt_venue_report what = report(f, id, TT_report_kind_FILL);
    what.exec_id = exec;
    what.qty.d = dec(qty);
    what.price.d = dec(price);
    what.fee.d = dec(fee);
    what.cumulative_qty.d = tt_dec_xadd(order(f, id)->filled_qty.d, dec(qty));
    what.venue_time.ns = 77;
    what.liquidity = TT_liquidity_MAKER;
    step(f, TT_TOPIC_VENUE_REPORTS, order(f, id)->instrument, &what);
}

static void opens_a_position(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "0.3", .reference = "100"});
    fill_with_fee(f, id, 11, "0.3", "100.1", "0.012");
    const tt_fill *row = fill_row(f, 0);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 1);
    assert_dec(row->notional.d, "30.03");
    assert_dec(row->fee.d, "0.012");
    assert_dec(row->realized_pnl.d, "0");
    assert_dec(row->position_qty.d, "0.3");
    assert_dec(row->position_cost.d, "30.03");
    assert_dec(row->balance.d, "9999.988");
    assert_int_equal(row->effect, TT_fill_effect_OPEN);
    assert_int_equal(row->exit_reason, TT_exit_reason_NONE);
    assert_int_equal(row->liquidity, TT_liquidity_MAKER);
    assert_int_equal(row->venue_time.ns, 77);
    assert_true(row->exec_id == 11 && row->order_id == id && row->position_id == row->fill_id);
    const tt_position_update *position = position_row(f, 0);
    assert_int_equal(position->event, TT_position_event_OPENED);
    assert_dec(position->entry_price.d, "100.1");
    assert_dec(position->mark.d, "100.1");
    assert_dec(position->fees.d, "0.012");
    assert_int_equal(position->side, TT_side_BUY);
    assert_true(position->cause_fill == row->fill_id && position->position_id == row->fill_id);
    assert_int_equal(position->opened_at.ns, f->now.ns);
}

static void takes_cost_by_share_rounded_half_even(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "0.003"});
    fill_with_fee(f, a, 1, "0.003", "100.01", "0");
    approve_close(f, 1);
    uint64_t b = sent_intent(f, TT_order_role_CLOSE)->order_id;
    /* cost 0.30003; a third of it is exact: 0.10001 */
    fill_with_fee(f, b, 2, "0.001", "101", "0");
    assert_dec(fill_row(f, 0)->realized_pnl.d, "0.00099");
    assert_dec(fill_row(f, 0)->position_cost.d, "0.20002");
    assert_int_equal(fill_row(f, 0)->effect, TT_fill_effect_REDUCE);
    assert_int_equal(fill_row(f, 0)->exit_reason, TT_exit_reason_SIGNAL);
    fill_with_fee(f, b, 3, "0.002", "99.99", "0");
    assert_dec(fill_row(f, 0)->realized_pnl.d, "-0.00004");
    assert_dec(fill_row(f, 0)->position_cost.d, "0");
    assert_int_equal(fill_row(f, 0)->effect, TT_fill_effect_CLOSE);
    assert_dec(account(f).balance.d, "10000.00095");
}

static void keeps_what_rounding_leaves(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "3"});
    fill_with_fee(f, a, 1, "1", "0.01", "0");
    fill_with_fee(f, a, 2, "2", "0.02", "0");
    /* cost 0.05 of 3: one unit takes 0.016666666666666667, half even at 18 digits */
    approve_close(f, 1);
    uint64_t b = sent_intent(f, TT_order_role_CLOSE)->order_id;
    fill_with_fee(f, b, 3, "1", "0.03", "0");
    assert_dec(fill_row(f, 0)->realized_pnl.d, "0.013333333333333333");
    assert_dec(fill_row(f, 0)->position_cost.d, "0.033333333333333333");
    fill_with_fee(f, b, 4, "2", "0.03", "0");
    assert_dec(fill_row(f, 0)->realized_pnl.d, "0.026666666666666667");
    assert_dec(account(f).balance.d, "10000.04");
    assert_dec(account(f).cash_flow.d, "0.04");
}

static void books_a_short(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "2", .side = TT_side_SELL});
    fill_with_fee(f, a, 1, "2", "100", "0.2");
    assert_dec(fill_row(f, 0)->position_qty.d, "-2");
    assert_dec(fill_row(f, 0)->position_cost.d, "-200");
    assert_int_equal(position_row(f, 0)->side, TT_side_SELL);
    assert_dec(position_row(f, 0)->entry_price.d, "100");
    approve_close(f, 1);
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->side, TT_side_BUY);
    fill_with_fee(f, close->order_id, 2, "2", "90", "0.18");
    assert_dec(fill_row(f, 0)->realized_pnl.d, "20");
    const tt_position_update *closed = position_row(f, 0);
    assert_int_equal(closed->event, TT_position_event_CLOSED);
    assert_int_equal(closed->side, TT_side_SELL);
    assert_int_equal(closed->exit_reason, TT_exit_reason_SIGNAL);
    assert_dec(closed->entry_price.d, "100");
    assert_dec(closed->realized_pnl.d, "20");
    assert_dec(closed->fees.d, "0.38");
    assert_dec(closed->max_qty.d, "2");
    assert_dec(account(f).balance.d, "10019.62");
    assert_int_equal(account(f).closed_trades, 1);
}

static void crosses_zero_as_close_and_open(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "1"});
    fill_with_fee(f, a, 1, "1", "100", "0.1");
    uint64_t first = position_row(f, 0)->position_id;
    uint64_t b =
        approve(f, &(entry){.qty = "3", .side = TT_side_SELL, .stop = "120", .target = "80"});
    fill_with_fee(f, b, 2, "3", "110", "0.3");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 2);
    const tt_fill *close = fill_row(f, 0);
    const tt_fill *open = fill_row(f, 1);
    assert_true(close->exec_id == 2 && open->exec_id == 2);
    assert_int_equal(close->effect, TT_fill_effect_CLOSE);
    assert_int_equal(close->exit_reason, TT_exit_reason_SIGNAL);
    assert_dec(close->qty.d, "1");
    assert_dec(close->notional.d, "110");
    assert_dec(close->fee.d, "0.1");
    assert_dec(close->realized_pnl.d, "10");
    assert_true(close->position_id == first);
    assert_int_equal(open->effect, TT_fill_effect_OPEN);
    assert_int_equal(open->exit_reason, TT_exit_reason_NONE);
    assert_dec(open->qty.d, "2");
    assert_dec(open->notional.d, "220");
    assert_dec(open->fee.d, "0.2");
    assert_dec(open->position_qty.d, "-2");
    assert_dec(open->position_cost.d, "-220");
    assert_true(open->position_id == open->fill_id && open->position_id != first);
    assert_int_equal(position_row(f, 0)->event, TT_position_event_CLOSED);
    assert_int_equal(position_row(f, 1)->event, TT_position_event_OPENED);
    assert_dec(position_row(f, 1)->stop_loss.d, "120");
    assert_dec(position_row(f, 1)->max_qty.d, "2");
    assert_dec(account(f).balance.d, "10009.6");
}

static void splits_a_fee_that_does_not_divide(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "1"});
    fill_with_fee(f, a, 1, "1", "100", "0");
    uint64_t b = approve(f, &(entry){.qty = "3", .side = TT_side_SELL});
    fill_with_fee(f, b, 2, "3", "100", "0.1");
    assert_dec(fill_row(f, 0)->fee.d, "0.033333333333333333");
    assert_dec(fill_row(f, 1)->fee.d, "0.066666666666666667");
    assert_dec(account(f).fees.d, "0.1");
}

static void increase_takes_new_levels_and_lower_leverage(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "1", .stop = "90", .target = "130", .leverage = 5});
    fill_with_fee(f, a, 1, "1", "100", "0");
    uint64_t b = approve(f, &(entry){.qty = "1", .stop = "95", .leverage = 2});
    fill_with_fee(f, b, 2, "1", "110", "0");
    const tt_position_update *position = position_row(f, 0);
    assert_int_equal(position->event, TT_position_event_INCREASED);
    assert_dec(position->stop_loss.d, "95");
    assert_dec(position->take_profit.d, "130");
    assert_int_equal(position->leverage, 2);
    assert_dec(position->entry_price.d, "105");
    assert_dec(position->cost.d, "210");
    assert_int_equal(fill_row(f, 0)->effect, TT_fill_effect_INCREASE);
}

static void refuses_what_the_books_cannot_hold(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "1"});
    fill_with_fee(f, a, 1, "10000000000", "1000000", "0");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_state(f, a, TT_order_state_UNKNOWN);
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    fill_with_fee(f, a, 2, "1", "100", "10000000000000000");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    tt_trade_status numbers;
    tt_trade_status_get(f->trade, &numbers);
    assert_int_equal(numbers.refused_reports, 2);
    assert_int_equal(numbers.fills, 0);
}

/* Each bound of the books, at the last value that fits and at the first that does not. */
static void knows_the_bounds_of_the_sums(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    tt_venue_report what = report(f, id, TT_report_kind_FILL);
    what.qty.d = dec("1");
    what.price.d = dec("100");
    what.fee.d = dec("-2");
    tt_books *books = f->trade->books;
    const tt_order *found = order(f, id);
    struct {
        tt_dec *sum;
        const char *fits;
    } bounds[] = {
        {&books->account.cash_flow.d, "-999999999999999900"},
        {&books->account.fees.d, "999999999999999998"},
        {&books->positions[0].cost.d, "99999999999999900"},
        {&books->positions[0].qty.d, "9999999999"},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        tt_dec one_more = tt_dec_from_i64(tt_dec_sign(dec(bounds[i].fits)), 0);
        *bounds[i].sum = dec(bounds[i].fits);
        assert_true(tt_position_can_book(f->trade, found, &what));
        *bounds[i].sum = tt_dec_xadd(dec(bounds[i].fits), one_more);
        assert_false(tt_position_can_book(f->trade, found, &what));
        *bounds[i].sum = TT_DEC_ZERO;
    }
    books->positions[0].mark.d = dec("1000000000");
    what.qty.d = dec("100000000");
    what.price.d = dec("1");
    assert_true(tt_position_can_book(f->trade, found, &what));
    what.qty.d = dec("100000000.001");
    assert_false(tt_position_can_book(f->trade, found, &what));
    /* What reduces fits whatever is held. */
    books->positions[0].mark.d = dec("1");
    books->positions[0].cost.d = dec("-100000000000000000");
    books->positions[0].qty.d = dec("-10000000000");
    what.qty.d = dec("10000000000");
    assert_true(tt_position_can_book(f->trade, found, &what));
    books->positions[0] = (tt_position){0};
}

/* A token that costs next to nothing: more than half of the largest quantity is held. It was never
 * closed, because the fill was added to the position. */
static void a_position_of_any_size_can_be_closed(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(
        f,
        &(entry){.qty = "9000000000", .reference = "0.01", .stop = "0.0001", .side = TT_side_BUY});
    fill(f, id, 1, "9000000000", "0.01");
    assert_dec(f->trade->books->positions[0].qty.d, "9000000000");
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    const tt_order *close = live(f, 1, TT_order_role_CLOSE);
    fill(f, close->intent.order_id, 2, "9000000000", "0.01");
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 0);
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    assert_int_equal(f->trade->books->counters.refused_reports, 0);
}

/* The answer to a query repeats a fill of more than half of the largest quantity. It is known, so
 * it needs no room; refused, it made the order unknown, which was asked about, and so on. */
static void the_repeat_of_a_large_fill_is_a_repeat(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "9000000000", .price = "0.01"});
    fill_cum(f, id, 1, "6000000000", "0.01", "6000000000");
    for (unsigned i = 1; i <= 3; i++) {
        fill_cum(f, id, 1, "6000000000", "0.01", "6000000000");
        assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 0);
        assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
        assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
        assert_int_equal(f->trade->books->counters.duplicate_reports, i);
    }
    /* A new one that does not fit is refused, once asked about, and not again by its answer. */
    fill_cum(f, id, 2, "5000000000", "0.01", "11000000000");
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    assert_state(f, id, TT_order_state_UNKNOWN);
    fill_cum(f, id, 2, "5000000000", "0.01", "11000000000");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
    assert_dec(f->trade->books->positions[0].qty.d, "6000000000");
}

static void assert_refused_for_room(fixture *f, const entry *what)
{
    assert_int_equal(approve(f, what), 0);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
    assert_non_null(strstr(alert->message, "larger than the books can hold"));
}

/* An entry that the books could not hold is refused before it is sent: behind it its fill would be,
 * and the position would not be known. What works counts in full; the other side does not. */
static void an_entry_that_the_books_cannot_hold_is_not_sent(void **state)
{
    fixture *f = *state;
    uint64_t first = approve(f, &(entry){.qty = "6000000000", .price = "0.01"});
    assert_true(first != 0);
    const entry beyond = {.qty = "4000000000.001", .price = "0.01"};
    assert_refused_for_room(f, &beyond);
    fill(f, first, 1, "1000000000", "0.01");
    assert_refused_for_room(f, &beyond);
    assert_true(approve(f, &(entry){.qty = "4000000000", .price = "0.01"}) != 0);
    assert_refused_for_room(f, &(entry){.qty = "0.001", .price = "0.01"});
    assert_true(
        approve(f, &(entry){.qty = "9000000000", .price = "0.02", .side = TT_side_SELL}) != 0);
}

static void rebate_is_a_negative_fee(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "1"});
    fill_with_fee(f, a, 1, "1", "100", "-0.02");
    assert_dec(account(f).balance.d, "10000.02");
    assert_dec(account(f).cash_flow.d, "-99.98");
    assert_dec(account(f).equity.d, "10000.02");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opens_a_position),
        TEST(takes_cost_by_share_rounded_half_even),
        TEST(keeps_what_rounding_leaves),
        TEST(books_a_short),
        TEST(crosses_zero_as_close_and_open),
        TEST(splits_a_fee_that_does_not_divide),
        TEST(increase_takes_new_levels_and_lower_leverage),
        TEST(refuses_what_the_books_cannot_hold),
        TEST(knows_the_bounds_of_the_sums),
        TEST(the_repeat_of_a_large_fill_is_a_repeat),
        TEST(a_position_of_any_size_can_be_closed),
        TEST(an_entry_that_the_books_cannot_hold_is_not_sent),
        TEST(rebate_is_a_negative_fee),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
