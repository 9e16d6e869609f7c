/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor of the books: executions that wait for their entry, and cash that no trade moved.
 *
 * Covers: books_cash.c books_fill.c
 */
#include "books_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* qty waiting_qty price fee */
static tt_waiting_fill *
add_waiting(fx_step *step, tt_waiting_event event, const char *const numbers[4])
{
    tt_waiting_fill *what = run_add(step, TT_TOPIC_WAITING_FILLS, 1, sizeof(tt_waiting_fill));
    *what = (tt_waiting_fill){
        .qty = {run_dec(numbers[0])},
        .waiting_qty = {run_dec(numbers[1])},
        .price = {run_dec(numbers[2])},
        .fee = {run_dec(numbers[3])},
        .order_id = 70,
        .exec_id = 7,
        .event = (uint8_t)event,
        .side = TT_side_SELL,
        .position_side = TT_side_BUY,
    };
    return what;
}

/* The fill that was added last: of the order that had waited, on a side. */
static void of_side(fx_step *step, tt_side side, bool has_waited)
{
    tt_fill *fill = (tt_fill *)(void *)(step->bytes + step->size - sizeof(tt_fill));
    fill->position_side = (uint8_t)side;
    fill->order_id = has_waited ? 70 : 60;
    fill->exec_id = has_waited ? 7 : 6;
}

// clang-format off
/* 1 is sold while nothing is held; 0.4 of it find their entry, 0.6 do not. */
static void make_waiting(void)
{
    run_begin();
    fx_step *step = run_new_step();
    (void)add_waiting(step, TT_waiting_event_PUT_ASIDE, N("1", "1", "90", "0.3"));
    step = run_new_step();
    uint64_t id = run_add_fill(step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0,
        N("95", "0.4", "0", "0", "0.4", "38", "10000"));
    of_side(step, TT_side_BUY, false);
    (void)add_waiting(step, TT_waiting_event_BOOKED, N("0.4", "0.6", "90", "0.12"));
    (void)run_add_fill(step, 1, TT_side_SELL, TT_fill_effect_CLOSE, id,
        N("90", "0.4", "0.12", "-2", "0", "0", "9997.88"));
    of_side(step, TT_side_BUY, true);
    step = run_new_step();
    (void)add_waiting(step, TT_waiting_event_RELEASED, N("0.6", "0", "90", "0.18"));
    (void)run_add_fill(step, 1, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("90", "0.6", "0.18", "0", "-0.6", "-54", "9997.7"));
    of_side(step, TT_side_SELL, true);
}
// clang-format on

static tt_waiting_fill *waiting_at(size_t step, size_t before)
{
    size_t at = 0;
    for (size_t i = 0; i < before; i++) {
        at += tt_msg_bytes((tt_msg *)(void *)(run_steps[step].bytes + at));
    }
    return (tt_waiting_fill *)(void *)((tt_msg *)(void *)(run_steps[step].bytes + at) + 1);
}

/* What waits is booked by the fill that was told, and by no other. */
static void test_what_waits_is_booked_by_its_own_fill(void **state)
{
    (void)state;
    static const size_t places[][2] = {{0, 0}, {1, 1}, {2, 0}};
    static const char *const fields[] = {"qty", "waiting_qty", "side", "position_side", "event"};
    static const char *const of_fill[] = {"price", "fee", "order_id", "exec_id"};
    make_waiting();
    run_expect_balance();
    const tt_layout *layout = &tt_layout_waiting_fill;
    size_t changed = 0;
    for (size_t i = 0; i < 3; i++) {
        for (uint16_t n = 0; n < layout->field_count; n++) {
            bool is_audited = false;
            for (size_t k = 0; k < 5; k++) {
                is_audited |= strcmp(layout->fields[n].name, fields[k]) == 0;
                is_audited |= i > 0 && k < 4 && strcmp(layout->fields[n].name, of_fill[k]) == 0;
            }
            if (is_audited) {
                unsigned char *at = (unsigned char *)waiting_at(places[i][0], places[i][1]) +
                                    layout->fields[n].offset;
                at[0] ^= 1;
                if (run_audit(NULL) != TUTTI_CORRUPT) {
                    fail_msg("a change of %s of %zu passed", layout->fields[n].name, i);
                }
                at[0] ^= 1;
                changed++;
            }
        }
    }
    assert_int_equal(changed, 5 + 9 + 9);
    run_expect_balance();
}

static void test_a_wait_that_is_not_ended_as_told(void **state)
{
    (void)state;
    make_waiting();
    run_edit(&run_steps[1], 2, false);
    run_step_count = 2;
    run_expect_fault("ends without the fill that had waited");
    make_waiting();
    run_edit(&run_steps[1], 2, false);
    run_edit(&run_steps[1], 1, false);
    run_expect_fault("waiting for a held position");
    make_waiting();
    run_edit(&run_steps[1], 1, true);
    run_expect_fault("two wait for one fill");
    make_waiting();
    run_edit(&run_steps[0], 0, false);
    run_expect_fault("more is booked than had waited");
    make_waiting();
    run_steps[0].size = 0;
    (void)run_add_fill(
        &run_steps[0],
        1,
        TT_side_BUY,
        TT_fill_effect_OPEN,
        0,
        N("95", "0.4", "0", "0", "0.4", "38", "10000"));
    of_side(&run_steps[0], TT_side_BUY, false);
    (void)add_waiting(&run_steps[0], TT_waiting_event_PUT_ASIDE, N("1", "1", "90", "0.3"));
    run_step_count = 1;
    run_expect_fault("is held: nothing need wait");
}

/* amount transfers account_fees account_funding balance */
static tt_cash_booking *add_cash(fx_step *step, tt_cash_kind kind, const char *const numbers[5])
{
    tt_cash_booking *booking = run_add(step, TT_TOPIC_CASH_BOOKINGS, 0, sizeof(tt_cash_booking));
    booking->kind = (uint8_t)kind;
    booking->amount.d = run_dec(numbers[0]);
    booking->transfers.d = run_dec(numbers[1]);
    booking->account_fees.d = run_dec(numbers[2]);
    booking->account_funding.d = run_dec(numbers[3]);
    booking->balance.d = run_dec(numbers[4]);
    return booking;
}

/* The account that stands behind the booking of a step. */
static tt_account_update *account_of(fx_step *step)
{
    return (tt_account_update *)(step->bytes + 2 * sizeof(tt_msg) + sizeof(tt_cash_booking));
}

static void add_account_of(fx_step *step, const char *transfers, const char *const numbers[7])
{
    run_add_account(step, 0, 0, 0, numbers);
    account_of(step)->transfers.d = run_dec(transfers);
}

/* A deposit, a withdrawal, a fee and funding that were lost, each with its account. */
static void make_cash(void)
{
    run_begin();
    fx_step *step = run_new_step();
    (void)add_cash(step, TT_cash_kind_DEPOSIT, N("500", "500", "0", "0", "10500"));
    add_account_of(step, "500", N("10500", "0", "10500", "0", "0", "0", "0"));
    step = run_new_step();
    (void)add_cash(step, TT_cash_kind_WITHDRAWAL, N("-2000", "-1500", "0", "0", "8500"));
    add_account_of(step, "-1500", N("8500", "0", "8500", "0", "0", "0", "0"));
    step = run_new_step();
    (void)add_cash(step, TT_cash_kind_FEE, N("-0.5", "-1500", "0.5", "0", "8499.5"));
    add_account_of(step, "-1500", N("8499.5", "0", "8499.5", "0", "0.5", "0", "-0.5"));
    step = run_new_step();
    (void)add_cash(step, TT_cash_kind_FUNDING, N("2", "-1500", "0.5", "2", "8501.5"));
    add_account_of(step, "-1500", N("8501.5", "0", "8501.5", "2", "0.5", "0", "1.5"));
}

static tt_cash_booking *booking_of(size_t step)
{
    return (tt_cash_booking *)((tt_msg *)run_steps[step].bytes + 1);
}

static void test_cash_that_no_trade_moved_balances(void **state)
{
    (void)state;
    make_cash();
    run_expect_balance();
    // The first booking may also be what tells the start balance.
    run_steps[0].size = 0;
    run_step_count = 1;
    (void)add_cash(&run_steps[0], TT_cash_kind_DEPOSIT, N("500", "500", "0", "0", "10500"));
    run_expect_balance();
}

static void test_each_number_of_a_booking_is_checked(void **state)
{
    (void)state;
    const tt_dec least = {1};
    for (size_t i = 0; i < 4; i++) {
        for (size_t field = 0; field < 5; field++) {
            make_cash();
            tt_cash_booking *booking = booking_of(i);
            tt_money *const fields[] = {
                &booking->amount,
                &booking->transfers,
                &booking->account_fees,
                &booking->account_funding,
                &booking->balance};
            bool tells_start = i == 0 && field == 4;
            fields[field]->d = tt_dec_xadd(fields[field]->d, least);
            run_expect_fault(tells_start ? "initial is" : "computed");
        }
    }
    // The account must have it, too.
    make_cash();
    tt_account_update *account = account_of(&run_steps[1]);
    account->transfers.d = tt_dec_xadd(account->transfers.d, least);
    run_expect_fault("transfers is");
    make_cash();
    run_edit(&run_steps[2], 0, false); // The fee is booked by nobody.
    run_expect_fault("fees is");
}

static void test_a_booking_has_a_kind_that_fits(void **state)
{
    (void)state;
    static const tt_cash_kind kinds[] = {
        TT_cash_kind_NONE, TT_cash_kind_UNEXPLAINED, TT_cash_kind_WITHDRAWAL, TT_cash_kind_COUNT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        make_cash();
        booking_of(0)->kind = (uint8_t)kinds[i];
        run_expect_fault("none of its kind");
    }
    make_cash();
    booking_of(1)->kind = TT_cash_kind_DEPOSIT;
    run_expect_fault("none of its kind");
    make_cash();
    booking_of(2)->amount.d = TT_DEC_ZERO;
    run_expect_fault("none of its kind");
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_waits_is_booked_by_its_own_fill),
        cmocka_unit_test(test_a_wait_that_is_not_ended_as_told),
        cmocka_unit_test(test_cash_that_no_trade_moved_balances),
        cmocka_unit_test(test_each_number_of_a_booking_is_checked),
        cmocka_unit_test(test_a_booking_has_a_kind_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
