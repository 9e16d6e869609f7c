/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages of a run, and what the auditor says of it.
 */
#include "books_run.h"

#include <string.h>

fx_step run_steps[RUN_STEPS_MAX];
size_t run_step_count;
static tt_seq next_seq;
static tt_fill_effect last_effect;

void run_begin(void)
{
    run_step_count = 0;
    next_seq = 1;
}

tt_dec run_dec(const char *text)
{
    tt_dec value;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

fx_step *run_new_step(void)
{
    assert_true(run_step_count < RUN_STEPS_MAX);
    fx_step *step = &run_steps[run_step_count++];
    step->size = 0;
    return step;
}

void *run_add(fx_step *step, tt_topic topic, uint32_t key, size_t size)
{
    void *payload = fx_step_add(step, topic, next_seq++, size);
    ((tt_msg *)payload - 1)->key = key;
    return payload;
}

void run_add_bar(fx_step *step, uint32_t key, const char *close)
{
    ((tt_bar *)run_add(step, TT_TOPIC_MARKET_BAR, key, sizeof(tt_bar)))->close.d = run_dec(close);
}

void run_add_trade(fx_step *step, uint32_t key, const char *price)
{
    ((tt_trade *)run_add(step, TT_TOPIC_MARKET_TRADE, key, sizeof(tt_trade)))->price.d =
        run_dec(price);
}

void run_add_quote(fx_step *step, uint32_t key, const char *bid, const char *ask)
{
    tt_quote *quote = run_add(step, TT_TOPIC_MARKET_QUOTE, key, sizeof(tt_quote));
    quote->bid.d = run_dec(bid);
    quote->ask.d = run_dec(ask);
}

/* price qty fee realized position_qty position_cost balance */
uint64_t run_add_fill(
    fx_step *step,
    uint32_t key,
    tt_side side,
    tt_fill_effect effect,
    uint64_t position_id,
    const char *const numbers[7])
{
    tt_fill *fill = run_add(step, TT_TOPIC_FILLS, key, sizeof(tt_fill));
    uint64_t seq = next_seq - 1;
    fill->side = (uint8_t)side;
    fill->effect = (uint8_t)effect;
    last_effect = effect;
    fill->fill_id = seq;
    fill->position_id = position_id ? position_id : seq;
    fill->price.d = run_dec(numbers[0]);
    fill->qty.d = run_dec(numbers[1]);
    assert_int_equal(
        tt_dec_mul(fill->price.d, fill->qty.d, TT_ROUND_EXACT, &fill->notional.d), TUTTI_OK);
    fill->fee.d = run_dec(numbers[2]);
    fill->realized_pnl.d = run_dec(numbers[3]);
    fill->position_qty.d = run_dec(numbers[4]);
    fill->position_cost.d = run_dec(numbers[5]);
    fill->balance.d = run_dec(numbers[6]);
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
void run_add_position(
    fx_step *step,
    uint32_t key,
    uint64_t position_id,
    uint64_t cause_fill,
    const char *const numbers[6])
{
    tt_position_update *position =
        run_add(step, TT_TOPIC_POSITION_UPDATES, key, sizeof(tt_position_update));
    position->position_id = position_id;
    position->cause_fill = cause_fill;
    position->event = cause_fill == 0 ? TT_position_event_MARKED : fill_event(last_effect);
    position->qty.d = run_dec(numbers[0]);
    position->cost.d = run_dec(numbers[1]);
    position->mark.d = run_dec(numbers[2]);
    position->unrealized_pnl.d = run_dec(numbers[3]);
    position->realized_pnl.d = run_dec(numbers[4]);
    position->fees.d = run_dec(numbers[5]);
}

/* balance unrealized equity realized fees exposure cash_flow */
void run_add_account(
    fx_step *step,
    uint64_t cause_fill,
    uint32_t open,
    uint32_t closed,
    const char *const numbers[7])
{
    tt_account_update *account =
        run_add(step, TT_TOPIC_ACCOUNT_UPDATES, 0, sizeof(tt_account_update));
    account->initial.d = run_dec("10000");
    account->cause_fill = cause_fill;
    account->open_positions = open;
    account->closed_trades = closed;
    account->balance.d = run_dec(numbers[0]);
    account->unrealized_pnl.d = run_dec(numbers[1]);
    account->equity.d = run_dec(numbers[2]);
    account->realized_pnl.d = run_dec(numbers[3]);
    account->fees.d = run_dec(numbers[4]);
    account->exposure.d = run_dec(numbers[5]);
    account->cash_flow.d = run_dec(numbers[6]);
}

/* Audits the run. */
tutti_status run_audit(tt_error *error)
{
    tt_books_check *books = NULL;
    assert_int_equal(tt_books_check_new(&books), TUTTI_OK);
    tutti_status status = TUTTI_OK;
    for (size_t i = 0; i < run_step_count && status == TUTTI_OK; i++) {
        status = tt_books_check_step(books, run_steps[i].bytes, run_steps[i].size, error);
    }
    tt_books_check_free(books);
    return status;
}

void run_expect_fault(const char *what)
{
    tt_error error = {0};
    assert_int_equal(run_audit(&error), TUTTI_CORRUPT);
    if (!strstr(error.message, what)) {
        fail_msg("'%s' is not in: %s", what, error.message);
    }
}

void run_expect_balance(void)
{
    tt_error error = {0};
    if (run_audit(&error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
}

/* Takes a message out of a step, or doubles it. */
void run_edit(fx_step *step, size_t index, bool twice)
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
