/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor of the books: marks, positions, the account.
 */
#include "journal/books_priv.h"
#include "journal/journal.h"
#include "model/bar.h"

#include <stdlib.h>
#include <string.h>

/* A price that would make a position worth more than this is not taken as a mark (1e17). */
#define VALUE_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 100000000000000000})

void tt_audit_add_mark(tt_books_check *books, tt_audit_holding *held, tt_dec price)
{
    tt_dec value = TT_DEC_ZERO;
    if (tt_dec_sign(price) <= 0 ||
        tt_dec_mul(held->qty, price, TT_ROUND_HALF_EVEN, &value) != TUTTI_OK ||
        !tt_dec_le(tt_audit_abs(books, value), VALUE_MAX)) {
        return;
    }
    if (held->mark_count == TT_AUDIT_MARKS_MAX) {
        memmove(held->marks, held->marks + 1, sizeof held->marks - sizeof held->marks[0]);
        held->mark_count--;
    }
    held->marks[held->mark_count++] = price;
}

/* The mark number `index` is in force: those before it are over, those behind it may still come. */
static void settle_mark(tt_audit_holding *held, uint32_t index)
{
    memmove(held->marks, held->marks + index, (held->mark_count - index) * sizeof held->marks[0]);
    held->mark_count -= index;
}

/* The step is over: the newest price is in force. */
static void settle_all_marks(tt_books_check *books)
{
    for (size_t i = 0; i < TT_AUDIT_HOLDINGS; i++) {
        tt_audit_holding *held = &books->holdings[i];
        if (held->mark_count > 1) {
            settle_mark(held, held->mark_count - 1);
        }
    }
}

/* A price is that of both positions of an instrument. */
static tutti_status see_price(tt_books_check *books, tt_dec price, tt_time time, bool is_trade)
{
    static const uint8_t sides[] = {TT_side_BUY, TT_side_SELL};
    for (size_t i = 0; i < 2; i++) {
        tt_audit_holding *held = tt_audit_holding_of(books, sides[i]);
        if (held) {
            held->priced_at = time;
            held->has_trades |= is_trade;
            tt_audit_add_mark(books, held, price);
        }
    }
    return TUTTI_OK;
}

/* One that ended before the newest price says what was. */
static tutti_status see_bar(tt_books_check *books)
{
    const tt_bar *bar = TT_PAYLOAD(books->msg, MARKET_BAR, bar);
    const tt_audit_holding *held = tt_audit_holding_of(books, TT_side_NONE);
    const tt_time end = tt_bar_end(bar, books->msg->time);
    bool is_old = held && end.ns < held->priced_at.ns;
    return is_old ? TUTTI_OK : see_price(books, bar->close.d, end, false);
}

static tutti_status see_trade(tt_books_check *books)
{
    tt_dec price = TT_PAYLOAD(books->msg, MARKET_TRADE, trade)->price.d;
    return tt_dec_sign(price) > 0 ? see_price(books, price, books->msg->time, true) : TUTTI_OK;
}

static tutti_status see_quote(tt_books_check *books)
{
    const tt_audit_holding *held = tt_audit_holding_of(books, TT_side_NONE);
    const tt_quote *quote = TT_PAYLOAD(books->msg, MARKET_QUOTE, quote);
    tt_dec sum;
    tt_dec middle;
    if (held && !held->has_trades && tt_dec_sign(quote->bid.d) > 0 &&
        tt_dec_sign(quote->ask.d) > 0 && tt_dec_add(quote->bid.d, quote->ask.d, &sum) == TUTTI_OK &&
        tt_dec_div(sum, tt_dec_from_i64(2, 0), TT_ROUND_HALF_EVEN, &middle) == TUTTI_OK) {
        return see_price(books, middle, books->msg->time, false);
    }
    return TUTTI_OK;
}

/* Checks that a mark is a price that may be in force; it is from now on. */
static tutti_status check_mark(const tt_books_check *books, tt_audit_holding *held, tt_dec mark)
{
    for (uint32_t i = 0; i < held->mark_count; i++) {
        if (tt_dec_eq(held->marks[i], mark)) {
            settle_mark(held, i);
            return TUTTI_OK;
        }
    }
    tt_dec newest = held->mark_count > 0 ? held->marks[held->mark_count - 1] : TT_DEC_ZERO;
    return tt_audit_expect(books, "mark", mark, newest);
}

static tutti_status check_cause(const tt_books_check *books, tt_seq cause_fill)
{
    return cause_fill == 0
               ? TUTTI_OK
               : tt_audit_expect_count(books, "cause_fill", cause_fill, books->last_fill);
}

/* What a position_update must call itself: funding, a mark, or what the last fill did. */
static tt_position_event
event_of(const tt_books_check *books, tt_audit_holding *held, tt_seq cause_fill)
{
    if (cause_fill == 0) {
        bool is_funded = held->is_funded;
        held->is_funded = false;
        return is_funded ? TT_position_event_FUNDED : TT_position_event_MARKED;
    }
    switch (books->last_effect) {
    case TT_fill_effect_OPEN:
        return TT_position_event_OPENED;
    case TT_fill_effect_INCREASE:
        return TT_position_event_INCREASED;
    case TT_fill_effect_REDUCE:
        return TT_position_event_REDUCED;
    case TT_fill_effect_CLOSE:
        return TT_position_event_CLOSED;
    case TT_fill_effect_NONE:
    case TT_fill_effect_COUNT:
        break;
    }
    return TT_position_event_NONE;
}

static tutti_status see_position(tt_books_check *books)
{
    const tt_position_update *position = TT_PAYLOAD(books->msg, POSITION_UPDATES, position_update);
    tt_audit_holding *held = tt_audit_holding_of(books, position->position_side);
    if (!held) {
        return tt_audit_refuse(books, "its key is no instrument");
    }
    TUTTI_TRY(tt_audit_side(books, position->position_side));
    TUTTI_TRY(check_cause(books, position->cause_fill));
    if (position->event != event_of(books, held, position->cause_fill)) {
        return tt_audit_refuse(books, "the event is not what its cause makes of it");
    }
    TUTTI_TRY(
        tt_audit_expect_count(books, "position_id", position->position_id, held->position_id));
    TUTTI_TRY(tt_audit_expect(books, "qty", position->qty.d, held->qty));
    TUTTI_TRY(tt_audit_expect(books, "cost", position->cost.d, held->cost));
    TUTTI_TRY(tt_audit_expect(books, "realized_pnl", position->realized_pnl.d, held->realized));
    TUTTI_TRY(tt_audit_expect(books, "fees", position->fees.d, held->fees));
    tt_dec value = tt_audit_mul(books, held->qty, position->mark.d);
    TUTTI_TRY(tt_audit_expect(
        books,
        "unrealized_pnl",
        position->unrealized_pnl.d,
        tt_audit_sub(books, value, held->cost)));
    return check_mark(books, held, position->mark.d);
}

/* Sums over the open positions. */
typedef struct position_sums {
    tt_dec value;
    tt_dec cost;
    tt_dec exposure;
    uint32_t open;
} position_sums;

/* Adds a position at one of its possible marks. */
static void
add_holding(tt_books_check *books, const tt_audit_holding *held, tt_dec mark, position_sums *sums)
{
    tt_dec value = tt_audit_mul(books, held->qty, mark);
    sums->value = tt_audit_add(books, sums->value, value);
    sums->cost = tt_audit_add(books, sums->cost, held->cost);
    sums->exposure = tt_audit_add(books, sums->exposure, tt_audit_abs(books, value));
    sums->open++;
}

/* Sums with the newest marks, but for `other` (NULL: none), which counts with its mark number
 * `mark`. */
static position_sums sum_up(tt_books_check *books, const tt_audit_holding *other, uint32_t mark)
{
    position_sums sums = {0};
    for (size_t i = 0; i < TT_AUDIT_HOLDINGS; i++) {
        const tt_audit_holding *held = &books->holdings[i];
        if (!tt_dec_is_zero(held->qty) && held->mark_count > 0) {
            uint32_t index = held == other ? mark : held->mark_count - 1;
            add_holding(books, held, held->marks[index], &sums);
        }
    }
    return sums;
}

/* Sums with the marks that explain the recorded unrealised profit; with the newest ones if none do.
 * One input brings prices of one instrument: only there can an older price still be in force. */
static position_sums explain(tt_books_check *books, tt_dec unrealized)
{
    for (size_t i = 0; i < TT_AUDIT_HOLDINGS; i++) {
        tt_audit_holding *held = &books->holdings[i];
        for (uint32_t mark = 0; mark + 1 < held->mark_count; mark++) {
            position_sums sums = sum_up(books, held, mark);
            if (tt_dec_eq(tt_audit_sub(books, sums.value, sums.cost), unrealized)) {
                return sums;
            }
        }
    }
    return sum_up(books, NULL, 0);
}

static tutti_status check_sums(tt_books_check *books, const tt_account_update *account)
{
    position_sums sums = explain(books, account->unrealized_pnl.d);
    tt_dec unrealized = tt_audit_sub(books, sums.value, sums.cost);
    TUTTI_TRY(tt_audit_expect(books, "unrealized_pnl", account->unrealized_pnl.d, unrealized));
    TUTTI_TRY(tt_audit_expect(books, "exposure", account->exposure.d, sums.exposure));
    TUTTI_TRY(tt_audit_expect_count(books, "open_positions", account->open_positions, sums.open));
    tt_dec paid_in = tt_audit_add(books, books->initial, books->transfers);
    tt_dec by_cash =
        tt_audit_add(books, tt_audit_add(books, paid_in, books->cash_flow), sums.value);
    return tt_audit_expect(
        books, "equity (initial + transfers + cash_flow + value)", account->equity.d, by_cash);
}

static tutti_status see_account(tt_books_check *books)
{
    const tt_account_update *account = TT_PAYLOAD(books->msg, ACCOUNT_UPDATES, account_update);
    tt_audit_learn_initial(books, account->balance.d);
    TUTTI_TRY(check_cause(books, account->cause_fill));
    TUTTI_TRY(tt_audit_expect(books, "initial", account->initial.d, books->initial));
    TUTTI_TRY(tt_audit_expect(books, "realized_pnl", account->realized_pnl.d, books->realized));
    TUTTI_TRY(tt_audit_expect(books, "fees", account->fees.d, books->fees));
    TUTTI_TRY(tt_audit_expect(books, "transfers", account->transfers.d, books->transfers));
    TUTTI_TRY(tt_audit_expect(books, "cash_flow", account->cash_flow.d, books->cash_flow));
    TUTTI_TRY(tt_audit_expect(books, "balance", account->balance.d, tt_audit_balance(books)));
    tt_dec equity = tt_audit_add(books, account->balance.d, account->unrealized_pnl.d);
    TUTTI_TRY(tt_audit_expect(books, "equity (balance + unrealized)", account->equity.d, equity));
    TUTTI_TRY(tt_audit_expect_count(
        books, "closed_trades", account->closed_trades, books->closed_trades));
    return check_sums(books, account);
}

/* Audits one message. */
static tutti_status see(tt_books_check *books)
{
    switch (books->msg->topic) {
    case TT_TOPIC_MARKET_BAR:
        return see_bar(books);
    case TT_TOPIC_MARKET_TRADE:
        return see_trade(books);
    case TT_TOPIC_MARKET_QUOTE:
        return see_quote(books);
    case TT_TOPIC_FILLS:
        return tt_audit_fill(books);
    case TT_TOPIC_WAITING_FILLS:
        return tt_audit_waiting(books);
    case TT_TOPIC_FUNDING:
        return tt_audit_funding(books);
    case TT_TOPIC_CASH_BOOKINGS:
        return tt_audit_cash(books);
    case TT_TOPIC_POSITION_UPDATES:
        return see_position(books);
    case TT_TOPIC_ACCOUNT_UPDATES:
        return see_account(books);
    default:
        return TUTTI_OK;
    }
}

tutti_status tt_books_check_new(tt_books_check **result)
{
    *result = calloc(1, sizeof **result);
    return *result ? TUTTI_OK : TUTTI_NO_MEMORY;
}

void tt_books_check_free(tt_books_check *books)
{
    free(books);
}

tutti_status
tt_books_check_step(tt_books_check *books, const void *step, size_t size, tt_error *error)
{
    books->error = error;
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        books->msg = msg;
        TUTTI_TRY(see(books));
    }
    settle_all_marks(books);
    return tt_audit_waiting_end(books);
}
