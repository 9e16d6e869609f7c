/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor of the books: a run computed by hand passes; every number changed in the last digit,
 * every message left out or repeated is found.
 *
 * Covers: books_check.c books_fill.c books_number.c
 */
#include "books_run.h"
#include "model/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
/* A long position of instrument 1: opened, marked, increased, reduced. */
static uint64_t make_long(void)
{
    fx_step *step = run_new_step();
    uint64_t id = run_add_fill(step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0,
        N("100", "2", "0.1", "0", "2", "200", "9999.9"));
    run_add_position(step, 1, id, id, N("2", "200", "100", "0", "0", "0.1"));
    run_add_account(step, id, 1, 0, N("9999.9", "0", "9999.9", "0", "0.1", "200", "-200.1"));
    step = run_new_step();
    run_add_bar(step, 1, "104");
    run_add_position(step, 1, id, 0, N("2", "200", "104", "8", "0", "0.1"));
    run_add_account(step, 0, 1, 0, N("9999.9", "8", "10007.9", "0", "0.1", "208", "-200.1"));
    step = run_new_step();
    uint64_t fill = run_add_fill(step, 1, TT_side_BUY, TT_fill_effect_INCREASE, id,
        N("103", "1", "0.05", "0", "3", "303", "9999.85"));
    run_add_position(step, 1, id, fill, N("3", "303", "104", "9", "0", "0.15"));
    run_add_account(step, fill, 1, 0, N("9999.85", "9", "10008.85", "0", "0.15", "312", "-303.15"));
    step = run_new_step();
    fill = run_add_fill(step, 1, TT_side_SELL, TT_fill_effect_REDUCE, id,
        N("110", "1", "0.055", "9", "2", "202", "10008.795"));
    run_add_position(step, 1, id, fill, N("2", "202", "104", "6", "9", "0.205"));
    run_add_account(step, fill, 1, 0,
        N("10008.795", "6", "10014.795", "9", "0.205", "208", "-193.205"));
    return id;
}

/* A short position of instrument 2 whose cost does not divide; then the rest of instrument 1
 * crosses zero. */
static void make_short(uint64_t long_id)
{
    fx_step *step = run_new_step();
    run_add_quote(step, 2, "33", "34"); // 33.5
    uint64_t id = run_add_fill(step, 2, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("33", "1", "0", "0", "-1", "-33", "10008.795"));
    run_add_position(step, 2, id, id, N("-1", "-33", "33.5", "-0.5", "0", "0"));
    run_add_account(step, id, 2, 0,
        N("10008.795", "5.5", "10014.295", "9", "0.205", "241.5", "-160.205"));
    uint64_t fill = run_add_fill(step, 2, TT_side_SELL, TT_fill_effect_INCREASE, id,
        N("33.5", "2", "-0.005", "0", "-3", "-100", "10008.8"));
    run_add_position(step, 2, id, fill, N("-3", "-100", "33.5", "-0.5", "0", "-0.005"));
    run_add_account(step, fill, 2, 0, N("10008.8", "5.5", "10014.3", "9", "0.2", "308.5", "-93.2"));
    step = run_new_step();
    fill = run_add_fill(step, 2, TT_side_BUY, TT_fill_effect_REDUCE, id,
        N("30", "1", "0", "3.333333333333333333", "-2",
          "-66.666666666666666667", "10012.133333333333333333"));
    run_add_position(step, 2, id, fill,
        N("-2", "-66.666666666666666667", "33.5",
          "-0.333333333333333333", "3.333333333333333333", "-0.005"));
    run_add_account(step, fill, 2, 0,
        N("10012.133333333333333333", "5.666666666666666667", "10017.8",
          "12.333333333333333333", "0.2", "275", "-123.2"));
    step = run_new_step();
    fill = run_add_fill(step, 2, TT_side_BUY, TT_fill_effect_CLOSE, id,
        N("31", "2", "0", "4.666666666666666667", "0", "0", "10016.8"));
    run_add_position(step, 2, id, fill, N("0", "0", "33.5", "0", "8", "-0.005"));
    run_add_account(step, fill, 1, 1, N("10016.8", "6", "10022.8", "17", "0.2", "208", "-185.2"));
    step = run_new_step();
    fill = run_add_fill(step, 1, TT_side_SELL, TT_fill_effect_CLOSE, long_id,
        N("100", "2", "0", "-2", "0", "0", "10014.8"));
    run_add_position(step, 1, long_id, fill, N("0", "0", "104", "0", "7", "0.205"));
    run_add_account(step, fill, 0, 2, N("10014.8", "0", "10014.8", "15", "0.2", "0", "14.8"));
    id = run_add_fill(step, 1, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("100", "5", "0", "0", "-5", "-500", "10014.8"));
    run_add_position(step, 1, id, id, N("-5", "-500", "104", "-20", "0", "0"));
    run_add_account(step, id, 1, 2, N("10014.8", "-20", "9994.8", "15", "0.2", "520", "514.8"));
}
// clang-format on

static int set_up(void **state)
{
    (void)state;
    run_begin();
    make_short(make_long());
    return 0;
}

static void test_a_run_that_balances(void **state)
{
    (void)state;
    run_expect_balance();
}

/* Fields that no rule speaks of: descriptions, protection, margin. */
static bool is_free(const char *name)
{
    static const char *const names[] = {
        "order_id",    "exec_id",        "venue_time",        "liquidity",   "role",
        "exit_reason", "entry_price",    "stop_loss",         "take_profit", "max_qty",
        "opened_at",   "leverage",       "pending_exposure",  "margin_used", "margin_available",
        "open_orders", "unknown_orders", "liquidation_price", "margin",      "margin_ratio_pct",
        "is_external", "reserved"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Changes each audited field of a message in its last digit. */
static size_t change_fields(tt_msg *msg)
{
    size_t changed = 0;
    const tt_layout *layout = tt_topic_info_get(msg->topic)->layout;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        bool is_side_of_position =
            msg->topic == TT_TOPIC_POSITION_UPDATES && strcmp(field->name, "side") == 0;
        if (is_free(field->name) || is_side_of_position) {
            continue;
        }
        unsigned char *at = (unsigned char *)(msg + 1) + field->offset;
        // An account_update without a cause is fine: its cause becomes another one.
        unsigned char bit = strcmp(field->name, "cause_fill") == 0 ? 0x40 : 1;
        at[0] ^= bit;
        tt_error error = {0};
        char number[32];
        (void)snprintf(number, sizeof number, "message %llu", (unsigned long long)msg->seq);
        if (run_audit(&error) != TUTTI_CORRUPT) {
            fail_msg(
                "a change of %s in message %llu passed", field->name, (unsigned long long)msg->seq);
        }
        // The start balance may be learnt from this very message; then a later one is named.
        if (msg->seq != 1) {
            assert_non_null(strstr(error.message, number));
        }
        at[0] ^= bit;
        changed++;
    }
    return changed;
}

static void test_every_number_changed_in_its_last_digit(void **state)
{
    (void)state;
    size_t changed = 0;
    for (size_t i = 0; i < run_step_count; i++) {
        tt_msg *msg = NULL;
        for (size_t at = 0; at < run_steps[i].size; at += tt_msg_bytes(msg)) {
            msg = (tt_msg *)(void *)(run_steps[i].bytes + at);
            bool is_books = msg->topic == TT_TOPIC_FILLS ||
                            msg->topic == TT_TOPIC_POSITION_UPDATES ||
                            msg->topic == TT_TOPIC_ACCOUNT_UPDATES;
            changed += is_books ? change_fields(msg) : 0;
        }
    }
    assert_true(changed > 250);
    run_expect_balance();
}

static void test_both_numbers_are_named(void **state)
{
    (void)state;
    tt_msg *msg = (tt_msg *)(void *)run_steps[3].bytes; // The reducing fill.
    ((tt_fill *)(void *)(msg + 1))->realized_pnl.d = run_dec("9.5");
    tt_error error = {0};
    assert_int_equal(run_audit(&error), TUTTI_CORRUPT);
    char expected[128];
    (void)snprintf(
        expected,
        sizeof expected,
        "message %llu (fills): realized_pnl is 9.5, computed 9",
        (unsigned long long)msg->seq);
    assert_non_null(strstr(error.message, expected));
}

static void test_fills_left_out_or_repeated(void **state)
{
    (void)state;
    for (size_t i = 0; i < run_step_count; i++) {
        for (int twice = 0; twice < 2; twice++) {
            (void)set_up(state);
            size_t index = run_steps[i].size > 0 &&
                                   ((tt_msg *)(void *)run_steps[i].bytes)->topic == TT_TOPIC_FILLS
                               ? 0
                               : 1;
            run_edit(&run_steps[i], index, twice);
            if (index == 0 || i == 4) {
                assert_int_equal(run_audit(NULL), TUTTI_CORRUPT);
            }
        }
    }
}

static void test_a_fill_that_crosses_zero_in_one(void **state)
{
    (void)state;
    run_begin();
    fx_step *step = run_new_step();
    uint64_t id = run_add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "2", "0", "0", "2", "200", "10000"));
    (void)run_add_fill(
        step,
        1,
        TT_side_SELL,
        TT_fill_effect_REDUCE,
        id,
        N("100", "3", "0", "0", "-1", "-100", "10000"));
    run_expect_fault("crosses zero");
}

static void test_nonsense_is_refused(void **state)
{
    (void)state;
    tt_msg *msg = (tt_msg *)(void *)run_steps[0].bytes;
    tt_fill *fill = (tt_fill *)(void *)(msg + 1);
    fill->side = TT_side_NONE;
    run_expect_fault("neither buy nor sell");
    (void)set_up(state);
    fill->qty.d = run_dec("-2");
    run_expect_fault("above zero");
    (void)set_up(state);
    msg->key = 0;
    run_expect_fault("no instrument");
    msg->key = TT_INSTRUMENTS_MAX + 1;
    run_expect_fault("no instrument");
    (void)set_up(state);
    tt_msg *second = (tt_msg *)(void *)(run_steps[0].bytes + tt_msg_bytes(msg));
    second->key = 0;
    run_expect_fault("(position_updates): its key is no instrument");
    (void)set_up(state);
    fill->price.d.v = ((tt_i128)1 << 126);
    run_expect_fault("too large");
    (void)set_up(state);
    fill->fee.d.v = ~(tt_i128)0 ^ ((tt_i128)1 << 126);
    run_expect_fault("do not balance");
}

static void test_marks_are_prices_that_were_seen(void **state)
{
    (void)state;
    run_begin();
    fx_step *step = run_new_step();
    uint64_t id = run_add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    // A trade, and the bar that it completes: within the step both prices may be in force, in
    // order.
    step = run_new_step();
    run_add_trade(step, 1, "102");
    run_add_bar(step, 1, "101");
    run_add_account(step, 0, 1, 0, N("10000", "0", "10000", "0", "0", "100", "-100"));
    run_add_account(step, 0, 1, 0, N("10000", "2", "10002", "0", "0", "102", "-100"));
    run_add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    run_add_position(step, 1, id, 0, N("1", "100", "101", "1", "0", "0"));
    run_add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
    run_expect_balance();
    // Once the newer one was shown, the older one is over.
    size_t kept = step->size;
    run_add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    run_expect_fault("mark is 102, computed 101");
    step->size = kept;
    // A quote does not mark an instrument that trades.
    step = run_new_step();
    run_add_quote(step, 1, "90", "92");
    run_add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
    run_expect_balance();
    run_add_account(step, 0, 1, 0, N("10000", "-9", "9991", "0", "0", "91", "-100"));
    run_expect_fault("unrealized_pnl is -9, computed 1");
    // In the next step only the newest price is left.
    run_step_count--;
    step = run_new_step();
    run_add_trade(step, 1, "105");
    run_add_trade(step, 1, "106");
    step = run_new_step();
    run_add_account(step, 0, 1, 0, N("10000", "6", "10006", "0", "0", "106", "-100"));
    run_expect_balance();
    run_add_account(step, 0, 1, 0, N("10000", "5", "10005", "0", "0", "105", "-100"));
    run_expect_fault("unrealized_pnl is 5, computed 6");
}

/* Within a step the eight newest prices may be in force; older ones are forgotten. */
static void test_so_many_prices_of_a_step_are_kept(void **state)
{
    (void)state;
    run_begin();
    fx_step *step = run_new_step();
    uint64_t id = run_add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    step = run_new_step();
    for (int price = 101; price <= 109; price++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", price);
        run_add_trade(step, 1, text);
    }
    size_t kept = step->size;
    run_add_position(step, 1, id, 0, N("1", "100", "101", "1", "0", "0"));
    run_expect_fault("mark is 101, computed 109");
    step->size = kept;
    run_add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    run_add_position(step, 1, id, 0, N("1", "100", "109", "9", "0", "0"));
    run_expect_balance();
}

/* A bar that ended before the newest price is no mark; one that ended with it is. */
static void test_late_bars_are_no_marks(void **state)
{
    (void)state;
    run_begin();
    fx_step *step = run_new_step();
    run_add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    step = run_new_step();
    tt_msg *head = (tt_msg *)run_add(step, TT_TOPIC_MARKET_TRADE, 1, sizeof(tt_trade)) - 1;
    ((tt_trade *)(head + 1))->price.d = run_dec("102");
    head->time.ns = 100 * TT_NS_PER_S;
    for (int64_t open_s = 39; open_s <= 40; open_s++) {
        step = run_new_step();
        tt_bar *bar = run_add(step, TT_TOPIC_MARKET_BAR, 1, sizeof(tt_bar));
        ((tt_msg *)bar - 1)->time.ns = 110 * TT_NS_PER_S;
        bar->close.d = run_dec("101");
        bar->open_time.ns = open_s * TT_NS_PER_S;
        bar->interval_s = 60;
        bool is_late = open_s == 39;
        size_t kept = step->size;
        run_add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
        if (is_late) {
            run_expect_fault("unrealized_pnl is 1, computed 2");
            step->size = kept;
            run_add_account(step, 0, 1, 0, N("10000", "2", "10002", "0", "0", "102", "-100"));
        }
        run_expect_balance();
    }
}

static void test_more_prices_in_a_step_than_are_kept(void **state)
{
    (void)state;
    run_begin();
    fx_step *step = run_new_step();
    uint64_t id = run_add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    run_add_bar(step, 1, "0"); // No price.
    for (int i = 1; i <= 12; i++) {
        char price[12];
        (void)snprintf(price, sizeof price, "%d", 100 + i);
        run_add_trade(step, 1, price);
    }
    run_add_position(step, 1, id, 0, N("1", "100", "112", "12", "0", "0"));
    step = run_new_step();
    run_add_account(step, 0, 1, 0, N("10000", "12", "10012", "0", "0", "112", "-100"));
    run_expect_balance();
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_run_that_balances, set_up),
        cmocka_unit_test_setup(test_every_number_changed_in_its_last_digit, set_up),
        cmocka_unit_test_setup(test_both_numbers_are_named, set_up),
        cmocka_unit_test_setup(test_fills_left_out_or_repeated, set_up),
        cmocka_unit_test_setup(test_a_fill_that_crosses_zero_in_one, set_up),
        cmocka_unit_test_setup(test_nonsense_is_refused, set_up),
        cmocka_unit_test_setup(test_marks_are_prices_that_were_seen, set_up),
        cmocka_unit_test_setup(test_so_many_prices_of_a_step_are_kept, set_up),
        cmocka_unit_test_setup(test_late_bars_are_no_marks, set_up),
        cmocka_unit_test_setup(test_more_prices_in_a_step_than_are_kept, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
