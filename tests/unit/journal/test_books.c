/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor of the books: a run computed by hand passes; every number changed in the last digit,
 * every message left out or repeated is found.
 *
 * Covers: books_cash.c books_check.c books_fill.c books_number.c
 */
#include "journal/books_check.h"
#include "journal_fixture.h"
#include "model/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 16

/* The run: one step each for a price, or for a fill with its position and account. */
static fx_step steps[STEPS_MAX];
static size_t step_count;
static tt_seq next_seq;
static tt_fill_effect last_effect;

static tt_dec dec(const char *text)
{
    tt_dec value;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

static fx_step *new_step(void)
{
    assert_true(step_count < STEPS_MAX);
    fx_step *step = &steps[step_count++];
    step->size = 0;
    return step;
}

static void *add(fx_step *step, tt_topic topic, uint32_t key, size_t size)
{
    void *payload = fx_step_add(step, topic, next_seq++, size);
    ((tt_msg *)payload - 1)->key = key;
    return payload;
}

static void add_bar(fx_step *step, uint32_t key, const char *close)
{
    ((tt_bar *)add(step, TT_TOPIC_MARKET_BAR, key, sizeof(tt_bar)))->close.d = dec(close);
}

static void add_trade(fx_step *step, uint32_t key, const char *price)
{
    ((tt_trade *)add(step, TT_TOPIC_MARKET_TRADE, key, sizeof(tt_trade)))->price.d = dec(price);
}

static void add_quote(fx_step *step, uint32_t key, const char *bid, const char *ask)
{
    tt_quote *quote = add(step, TT_TOPIC_MARKET_QUOTE, key, sizeof(tt_quote));
    quote->bid.d = dec(bid);
    quote->ask.d = dec(ask);
}

/* price qty fee realized position_qty position_cost balance */
static uint64_t add_fill(
    fx_step *step,
    uint32_t key,
    tt_side side,
    tt_fill_effect effect,
    uint64_t position_id,
    const char *const numbers[7])
{
    tt_fill *fill = add(step, TT_TOPIC_FILLS, key, sizeof(tt_fill));
    uint64_t seq = next_seq - 1;
    fill->side = (uint8_t)side;
    fill->effect = (uint8_t)effect;
    last_effect = effect;
    fill->fill_id = seq;
    fill->position_id = position_id ? position_id : seq;
    fill->price.d = dec(numbers[0]);
    fill->qty.d = dec(numbers[1]);
    assert_int_equal(
        tt_dec_mul(fill->price.d, fill->qty.d, TT_ROUND_EXACT, &fill->notional.d), TUTTI_OK);
    fill->fee.d = dec(numbers[2]);
    fill->realized_pnl.d = dec(numbers[3]);
    fill->position_qty.d = dec(numbers[4]);
    fill->position_cost.d = dec(numbers[5]);
    fill->balance.d = dec(numbers[6]);
    return seq;
}

/* The event of a position_update by the effect of its fill. */
static uint8_t fill_event(tt_fill_effect effect)
{
    static const uint8_t events[TT_fill_effect_COUNT] = {
        [TT_fill_effect_OPEN] = TT_position_event_OPENED,
        [TT_fill_effect_INCREASE] = TT_position_event_INCREASED,
        [TT_fill_effect_REDUCE] = TT_position_event_REDUCED,
        [TT_fill_effect_CLOSE] = TT_position_event_CLOSED};
    return events[effect];
}

/* qty cost mark unrealized realized fees */
static void add_position(
    fx_step *step,
    uint32_t key,
    uint64_t position_id,
    uint64_t cause_fill,
    const char *const numbers[6])
{
    tt_position_update *position =
        add(step, TT_TOPIC_POSITION_UPDATES, key, sizeof(tt_position_update));
    position->position_id = position_id;
    position->cause_fill = cause_fill;
    position->event = cause_fill == 0 ? TT_position_event_MARKED : fill_event(last_effect);
    position->qty.d = dec(numbers[0]);
    position->cost.d = dec(numbers[1]);
    position->mark.d = dec(numbers[2]);
    position->unrealized_pnl.d = dec(numbers[3]);
    position->realized_pnl.d = dec(numbers[4]);
    position->fees.d = dec(numbers[5]);
}

/* balance unrealized equity realized fees exposure cash_flow */
static void add_account(
    fx_step *step,
    uint64_t cause_fill,
    uint32_t open,
    uint32_t closed,
    const char *const numbers[7])
{
    tt_account_update *account = add(step, TT_TOPIC_ACCOUNT_UPDATES, 0, sizeof(tt_account_update));
    account->initial.d = dec("10000");
    account->cause_fill = cause_fill;
    account->open_positions = open;
    account->closed_trades = closed;
    account->balance.d = dec(numbers[0]);
    account->unrealized_pnl.d = dec(numbers[1]);
    account->equity.d = dec(numbers[2]);
    account->realized_pnl.d = dec(numbers[3]);
    account->fees.d = dec(numbers[4]);
    account->exposure.d = dec(numbers[5]);
    account->cash_flow.d = dec(numbers[6]);
}

#define N(...)                                                                                     \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

// clang-format off
/* A long position of instrument 1: opened, marked, increased, reduced. */
static uint64_t make_long(void)
{
    fx_step *step = new_step();
    uint64_t id = add_fill(step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0,
        N("100", "2", "0.1", "0", "2", "200", "9999.9"));
    add_position(step, 1, id, id, N("2", "200", "100", "0", "0", "0.1"));
    add_account(step, id, 1, 0, N("9999.9", "0", "9999.9", "0", "0.1", "200", "-200.1"));
    step = new_step();
    add_bar(step, 1, "104");
    add_position(step, 1, id, 0, N("2", "200", "104", "8", "0", "0.1"));
    add_account(step, 0, 1, 0, N("9999.9", "8", "10007.9", "0", "0.1", "208", "-200.1"));
    step = new_step();
    uint64_t fill = add_fill(step, 1, TT_side_BUY, TT_fill_effect_INCREASE, id,
        N("103", "1", "0.05", "0", "3", "303", "9999.85"));
    add_position(step, 1, id, fill, N("3", "303", "104", "9", "0", "0.15"));
    add_account(step, fill, 1, 0, N("9999.85", "9", "10008.85", "0", "0.15", "312", "-303.15"));
    step = new_step();
    fill = add_fill(step, 1, TT_side_SELL, TT_fill_effect_REDUCE, id,
        N("110", "1", "0.055", "9", "2", "202", "10008.795"));
    add_position(step, 1, id, fill, N("2", "202", "104", "6", "9", "0.205"));
    add_account(step, fill, 1, 0,
        N("10008.795", "6", "10014.795", "9", "0.205", "208", "-193.205"));
    return id;
}

/* A short position of instrument 2 whose cost does not divide; then the rest of instrument 1
 * crosses zero. */
static void make_short(uint64_t long_id)
{
    fx_step *step = new_step();
    add_quote(step, 2, "33", "34"); // 33.5
    uint64_t id = add_fill(step, 2, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("33", "1", "0", "0", "-1", "-33", "10008.795"));
    add_position(step, 2, id, id, N("-1", "-33", "33.5", "-0.5", "0", "0"));
    add_account(step, id, 2, 0,
        N("10008.795", "5.5", "10014.295", "9", "0.205", "241.5", "-160.205"));
    uint64_t fill = add_fill(step, 2, TT_side_SELL, TT_fill_effect_INCREASE, id,
        N("33.5", "2", "-0.005", "0", "-3", "-100", "10008.8"));
    add_position(step, 2, id, fill, N("-3", "-100", "33.5", "-0.5", "0", "-0.005"));
    add_account(step, fill, 2, 0, N("10008.8", "5.5", "10014.3", "9", "0.2", "308.5", "-93.2"));
    step = new_step();
    fill = add_fill(step, 2, TT_side_BUY, TT_fill_effect_REDUCE, id,
        N("30", "1", "0", "3.333333333333333333", "-2",
          "-66.666666666666666667", "10012.133333333333333333"));
    add_position(step, 2, id, fill,
        N("-2", "-66.666666666666666667", "33.5",
          "-0.333333333333333333", "3.333333333333333333", "-0.005"));
    add_account(step, fill, 2, 0,
        N("10012.133333333333333333", "5.666666666666666667", "10017.8",
          "12.333333333333333333", "0.2", "275", "-123.2"));
    step = new_step();
    fill = add_fill(step, 2, TT_side_BUY, TT_fill_effect_CLOSE, id,
        N("31", "2", "0", "4.666666666666666667", "0", "0", "10016.8"));
    add_position(step, 2, id, fill, N("0", "0", "33.5", "0", "8", "-0.005"));
    add_account(step, fill, 1, 1, N("10016.8", "6", "10022.8", "17", "0.2", "208", "-185.2"));
    step = new_step();
    fill = add_fill(step, 1, TT_side_SELL, TT_fill_effect_CLOSE, long_id,
        N("100", "2", "0", "-2", "0", "0", "10014.8"));
    add_position(step, 1, long_id, fill, N("0", "0", "104", "0", "7", "0.205"));
    add_account(step, fill, 0, 2, N("10014.8", "0", "10014.8", "15", "0.2", "0", "14.8"));
    id = add_fill(step, 1, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("100", "5", "0", "0", "-5", "-500", "10014.8"));
    add_position(step, 1, id, id, N("-5", "-500", "104", "-20", "0", "0"));
    add_account(step, id, 1, 2, N("10014.8", "-20", "9994.8", "15", "0.2", "520", "514.8"));
}
// clang-format on

static int set_up(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    make_short(make_long());
    return 0;
}

/* Audits the run. */
static tutti_status audit(tt_error *error)
{
    tt_books_check *books = NULL;
    assert_int_equal(tt_books_check_new(&books), TUTTI_OK);
    tutti_status status = TUTTI_OK;
    for (size_t i = 0; i < step_count && status == TUTTI_OK; i++) {
        status = tt_books_check_step(books, steps[i].bytes, steps[i].size, error);
    }
    tt_books_check_free(books);
    return status;
}

static void expect_fault(const char *what)
{
    tt_error error = {0};
    assert_int_equal(audit(&error), TUTTI_CORRUPT);
    if (!strstr(error.message, what)) {
        fail_msg("'%s' is not in: %s", what, error.message);
    }
}

static void expect_balance(void)
{
    tt_error error = {0};
    if (audit(&error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
}

static void test_a_run_that_balances(void **state)
{
    (void)state;
    expect_balance();
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
        if (audit(&error) != TUTTI_CORRUPT) {
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
    for (size_t i = 0; i < step_count; i++) {
        tt_msg *msg = NULL;
        for (size_t at = 0; at < steps[i].size; at += tt_msg_bytes(msg)) {
            msg = (tt_msg *)(void *)(steps[i].bytes + at);
            bool is_books = msg->topic == TT_TOPIC_FILLS ||
                            msg->topic == TT_TOPIC_POSITION_UPDATES ||
                            msg->topic == TT_TOPIC_ACCOUNT_UPDATES;
            changed += is_books ? change_fields(msg) : 0;
        }
    }
    assert_true(changed > 250);
    expect_balance();
}

static void test_both_numbers_are_named(void **state)
{
    (void)state;
    tt_msg *msg = (tt_msg *)(void *)steps[3].bytes; // The reducing fill.
    ((tt_fill *)(void *)(msg + 1))->realized_pnl.d = dec("9.5");
    tt_error error = {0};
    assert_int_equal(audit(&error), TUTTI_CORRUPT);
    char expected[128];
    (void)snprintf(
        expected,
        sizeof expected,
        "message %llu (fills): realized_pnl is 9.5, computed 9",
        (unsigned long long)msg->seq);
    assert_non_null(strstr(error.message, expected));
}

/* Takes a message out of a step, or doubles it. */
static void edit(fx_step *step, size_t index, bool twice)
{
    size_t at = 0;
    for (size_t i = 0; i < index; i++) {
        at += tt_msg_bytes((tt_msg *)(void *)(step->bytes + at));
    }
    size_t size = tt_msg_bytes((tt_msg *)(void *)(step->bytes + at));
    if (twice) {
        memmove(step->bytes + at + size, step->bytes + at, step->size - at);
        step->size += size;
    } else {
        memmove(step->bytes + at, step->bytes + at + size, step->size - at - size);
        step->size -= size;
    }
}

static void test_fills_left_out_or_repeated(void **state)
{
    (void)state;
    for (size_t i = 0; i < step_count; i++) {
        for (int twice = 0; twice < 2; twice++) {
            (void)set_up(state);
            size_t index =
                steps[i].size > 0 && ((tt_msg *)(void *)steps[i].bytes)->topic == TT_TOPIC_FILLS
                    ? 0
                    : 1;
            edit(&steps[i], index, twice);
            if (index == 0 || i == 4) {
                assert_int_equal(audit(NULL), TUTTI_CORRUPT);
            }
        }
    }
}

static void test_a_fill_that_crosses_zero_in_one(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    uint64_t id = add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "2", "0", "0", "2", "200", "10000"));
    (void)add_fill(
        step,
        1,
        TT_side_SELL,
        TT_fill_effect_REDUCE,
        id,
        N("100", "3", "0", "0", "-1", "-100", "10000"));
    expect_fault("crosses zero");
}

static void test_nonsense_is_refused(void **state)
{
    (void)state;
    tt_msg *msg = (tt_msg *)(void *)steps[0].bytes;
    tt_fill *fill = (tt_fill *)(void *)(msg + 1);
    fill->side = TT_side_NONE;
    expect_fault("neither buy nor sell");
    (void)set_up(state);
    fill->qty.d = dec("-2");
    expect_fault("above zero");
    (void)set_up(state);
    msg->key = 0;
    expect_fault("no instrument");
    msg->key = TT_INSTRUMENTS_MAX + 1;
    expect_fault("no instrument");
    (void)set_up(state);
    tt_msg *second = (tt_msg *)(void *)(steps[0].bytes + tt_msg_bytes(msg));
    second->key = 0;
    expect_fault("(position_updates): its key is no instrument");
    (void)set_up(state);
    fill->price.d.v = ((tt_i128)1 << 126);
    expect_fault("too large");
    (void)set_up(state);
    fill->fee.d.v = ~(tt_i128)0 ^ ((tt_i128)1 << 126);
    expect_fault("do not balance");
}

static void test_marks_are_prices_that_were_seen(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    uint64_t id = add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    // A trade, and the bar that it completes: within the step both prices may be in force, in
    // order.
    step = new_step();
    add_trade(step, 1, "102");
    add_bar(step, 1, "101");
    add_account(step, 0, 1, 0, N("10000", "0", "10000", "0", "0", "100", "-100"));
    add_account(step, 0, 1, 0, N("10000", "2", "10002", "0", "0", "102", "-100"));
    add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    add_position(step, 1, id, 0, N("1", "100", "101", "1", "0", "0"));
    add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
    expect_balance();
    // Once the newer one was shown, the older one is over.
    size_t kept = step->size;
    add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    expect_fault("mark is 102, computed 101");
    step->size = kept;
    // A quote does not mark an instrument that trades.
    step = new_step();
    add_quote(step, 1, "90", "92");
    add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
    expect_balance();
    add_account(step, 0, 1, 0, N("10000", "-9", "9991", "0", "0", "91", "-100"));
    expect_fault("unrealized_pnl is -9, computed 1");
    // In the next step only the newest price is left.
    step_count--;
    step = new_step();
    add_trade(step, 1, "105");
    add_trade(step, 1, "106");
    step = new_step();
    add_account(step, 0, 1, 0, N("10000", "6", "10006", "0", "0", "106", "-100"));
    expect_balance();
    add_account(step, 0, 1, 0, N("10000", "5", "10005", "0", "0", "105", "-100"));
    expect_fault("unrealized_pnl is 5, computed 6");
}

/* Within a step the eight newest prices may be in force; older ones are forgotten. */
static void test_so_many_prices_of_a_step_are_kept(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    uint64_t id = add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    step = new_step();
    for (int price = 101; price <= 109; price++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", price);
        add_trade(step, 1, text);
    }
    size_t kept = step->size;
    add_position(step, 1, id, 0, N("1", "100", "101", "1", "0", "0"));
    expect_fault("mark is 101, computed 109");
    step->size = kept;
    add_position(step, 1, id, 0, N("1", "100", "102", "2", "0", "0"));
    add_position(step, 1, id, 0, N("1", "100", "109", "9", "0", "0"));
    expect_balance();
}

/* A bar that ended before the newest price is no mark; one that ended with it is. */
static void test_late_bars_are_no_marks(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    step = new_step();
    tt_msg *head = (tt_msg *)add(step, TT_TOPIC_MARKET_TRADE, 1, sizeof(tt_trade)) - 1;
    ((tt_trade *)(head + 1))->price.d = dec("102");
    head->time.ns = 100 * TT_NS_PER_S;
    for (int64_t open_s = 39; open_s <= 40; open_s++) {
        step = new_step();
        tt_bar *bar = add(step, TT_TOPIC_MARKET_BAR, 1, sizeof(tt_bar));
        ((tt_msg *)bar - 1)->time.ns = 110 * TT_NS_PER_S;
        bar->close.d = dec("101");
        bar->open_time.ns = open_s * TT_NS_PER_S;
        bar->interval_s = 60;
        bool is_late = open_s == 39;
        size_t kept = step->size;
        add_account(step, 0, 1, 0, N("10000", "1", "10001", "0", "0", "101", "-100"));
        if (is_late) {
            expect_fault("unrealized_pnl is 1, computed 2");
            step->size = kept;
            add_account(step, 0, 1, 0, N("10000", "2", "10002", "0", "0", "102", "-100"));
        }
        expect_balance();
    }
}

static void test_more_prices_in_a_step_than_are_kept(void **state)
{
    (void)state;
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    uint64_t id = add_fill(
        step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0, N("100", "1", "0", "0", "1", "100", "10000"));
    add_bar(step, 1, "0"); // No price.
    for (int i = 1; i <= 12; i++) {
        char price[12];
        (void)snprintf(price, sizeof price, "%d", 100 + i);
        add_trade(step, 1, price);
    }
    add_position(step, 1, id, 0, N("1", "100", "112", "12", "0", "0"));
    step = new_step();
    add_account(step, 0, 1, 0, N("10000", "12", "10012", "0", "0", "112", "-100"));
    expect_balance();
}

/* qty waiting_qty price fee */
static tt_waiting_fill *
add_waiting(fx_step *step, tt_waiting_event event, const char *const numbers[4])
{
    tt_waiting_fill *what = add(step, TT_TOPIC_WAITING_FILLS, 1, sizeof(tt_waiting_fill));
    *what = (tt_waiting_fill){
        .qty = {dec(numbers[0])},
        .waiting_qty = {dec(numbers[1])},
        .price = {dec(numbers[2])},
        .fee = {dec(numbers[3])},
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
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    (void)add_waiting(step, TT_waiting_event_PUT_ASIDE, N("1", "1", "90", "0.3"));
    step = new_step();
    uint64_t id = add_fill(step, 1, TT_side_BUY, TT_fill_effect_OPEN, 0,
        N("95", "0.4", "0", "0", "0.4", "38", "10000"));
    of_side(step, TT_side_BUY, false);
    (void)add_waiting(step, TT_waiting_event_BOOKED, N("0.4", "0.6", "90", "0.12"));
    (void)add_fill(step, 1, TT_side_SELL, TT_fill_effect_CLOSE, id,
        N("90", "0.4", "0.12", "-2", "0", "0", "9997.88"));
    of_side(step, TT_side_BUY, true);
    step = new_step();
    (void)add_waiting(step, TT_waiting_event_RELEASED, N("0.6", "0", "90", "0.18"));
    (void)add_fill(step, 1, TT_side_SELL, TT_fill_effect_OPEN, 0,
        N("90", "0.6", "0.18", "0", "-0.6", "-54", "9997.7"));
    of_side(step, TT_side_SELL, true);
}
// clang-format on

static tt_waiting_fill *waiting_at(size_t step, size_t before)
{
    size_t at = 0;
    for (size_t i = 0; i < before; i++) {
        at += tt_msg_bytes((tt_msg *)(void *)(steps[step].bytes + at));
    }
    return (tt_waiting_fill *)(void *)((tt_msg *)(void *)(steps[step].bytes + at) + 1);
}

/* What waits is booked by the fill that was told, and by no other. */
static void test_what_waits_is_booked_by_its_own_fill(void **state)
{
    (void)state;
    static const size_t places[][2] = {{0, 0}, {1, 1}, {2, 0}};
    static const char *const fields[] = {"qty", "waiting_qty", "side", "position_side", "event"};
    static const char *const of_fill[] = {"price", "fee", "order_id", "exec_id"};
    make_waiting();
    expect_balance();
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
                if (audit(NULL) != TUTTI_CORRUPT) {
                    fail_msg("a change of %s of %zu passed", layout->fields[n].name, i);
                }
                at[0] ^= 1;
                changed++;
            }
        }
    }
    assert_int_equal(changed, 5 + 9 + 9);
    expect_balance();
}

static void test_a_wait_that_is_not_ended_as_told(void **state)
{
    (void)state;
    make_waiting();
    edit(&steps[1], 2, false);
    step_count = 2;
    expect_fault("ends without the fill that had waited");
    make_waiting();
    edit(&steps[1], 2, false);
    edit(&steps[1], 1, false);
    expect_fault("waiting for a held position");
    make_waiting();
    edit(&steps[1], 1, true);
    expect_fault("two wait for one fill");
    make_waiting();
    edit(&steps[0], 0, false);
    expect_fault("more is booked than had waited");
    make_waiting();
    steps[0].size = 0;
    (void)add_fill(
        &steps[0],
        1,
        TT_side_BUY,
        TT_fill_effect_OPEN,
        0,
        N("95", "0.4", "0", "0", "0.4", "38", "10000"));
    of_side(&steps[0], TT_side_BUY, false);
    (void)add_waiting(&steps[0], TT_waiting_event_PUT_ASIDE, N("1", "1", "90", "0.3"));
    step_count = 1;
    expect_fault("is held: nothing need wait");
}

/* amount transfers account_fees account_funding balance */
static tt_cash_booking *add_cash(fx_step *step, tt_cash_kind kind, const char *const numbers[5])
{
    tt_cash_booking *booking = add(step, TT_TOPIC_CASH_BOOKINGS, 0, sizeof(tt_cash_booking));
    booking->kind = (uint8_t)kind;
    booking->amount.d = dec(numbers[0]);
    booking->transfers.d = dec(numbers[1]);
    booking->account_fees.d = dec(numbers[2]);
    booking->account_funding.d = dec(numbers[3]);
    booking->balance.d = dec(numbers[4]);
    return booking;
}

/* The account that stands behind the booking of a step. */
static tt_account_update *account_of(fx_step *step)
{
    return (tt_account_update *)(step->bytes + 2 * sizeof(tt_msg) + sizeof(tt_cash_booking));
}

static void add_account_of(fx_step *step, const char *transfers, const char *const numbers[7])
{
    add_account(step, 0, 0, 0, numbers);
    account_of(step)->transfers.d = dec(transfers);
}

/* A deposit, a withdrawal, a fee and funding that were lost, each with its account. */
static void make_cash(void)
{
    step_count = 0;
    next_seq = 1;
    fx_step *step = new_step();
    (void)add_cash(step, TT_cash_kind_DEPOSIT, N("500", "500", "0", "0", "10500"));
    add_account_of(step, "500", N("10500", "0", "10500", "0", "0", "0", "0"));
    step = new_step();
    (void)add_cash(step, TT_cash_kind_WITHDRAWAL, N("-2000", "-1500", "0", "0", "8500"));
    add_account_of(step, "-1500", N("8500", "0", "8500", "0", "0", "0", "0"));
    step = new_step();
    (void)add_cash(step, TT_cash_kind_FEE, N("-0.5", "-1500", "0.5", "0", "8499.5"));
    add_account_of(step, "-1500", N("8499.5", "0", "8499.5", "0", "0.5", "0", "-0.5"));
    step = new_step();
    (void)add_cash(step, TT_cash_kind_FUNDING, N("2", "-1500", "0.5", "2", "8501.5"));
    add_account_of(step, "-1500", N("8501.5", "0", "8501.5", "2", "0.5", "0", "1.5"));
}

static tt_cash_booking *booking_of(size_t step)
{
    return (tt_cash_booking *)((tt_msg *)steps[step].bytes + 1);
}

static void test_cash_that_no_trade_moved_balances(void **state)
{
    (void)state;
    make_cash();
    expect_balance();
    // The first booking may also be what tells the start balance.
    steps[0].size = 0;
    step_count = 1;
    (void)add_cash(&steps[0], TT_cash_kind_DEPOSIT, N("500", "500", "0", "0", "10500"));
    expect_balance();
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
            expect_fault(tells_start ? "initial is" : "computed");
        }
    }
    // The account must have it, too.
    make_cash();
    tt_account_update *account = account_of(&steps[1]);
    account->transfers.d = tt_dec_xadd(account->transfers.d, least);
    expect_fault("transfers is");
    make_cash();
    edit(&steps[2], 0, false); // The fee is booked by nobody.
    expect_fault("fees is");
}

static void test_a_booking_has_a_kind_that_fits(void **state)
{
    (void)state;
    static const tt_cash_kind kinds[] = {
        TT_cash_kind_NONE, TT_cash_kind_UNEXPLAINED, TT_cash_kind_WITHDRAWAL, TT_cash_kind_COUNT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        make_cash();
        booking_of(0)->kind = (uint8_t)kinds[i];
        expect_fault("none of its kind");
    }
    make_cash();
    booking_of(1)->kind = TT_cash_kind_DEPOSIT;
    expect_fault("none of its kind");
    make_cash();
    booking_of(2)->amount.d = TT_DEC_ZERO;
    expect_fault("none of its kind");
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
        cmocka_unit_test(test_what_waits_is_booked_by_its_own_fill),
        cmocka_unit_test(test_a_wait_that_is_not_ended_as_told),
        cmocka_unit_test(test_cash_that_no_trade_moved_balances),
        cmocka_unit_test(test_each_number_of_a_booking_is_checked),
        cmocka_unit_test(test_a_booking_has_a_kind_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
