/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor books a fill again.
 */
#include "journal/books_priv.h"

/* A quantity or an amount with the sign of its side: what is bought counts above zero. */
static tt_dec as_signed(tt_books_check *books, const tt_fill *fill, tt_dec amount)
{
    return fill->side == TT_side_BUY ? amount : tt_audit_sub(books, TT_DEC_ZERO, amount);
}

/* What a fill does to a position of this quantity. */
static tt_fill_effect effect_of(tt_books_check *books, tt_dec held, tt_dec change)
{
    if (tt_dec_is_zero(held)) {
        return TT_fill_effect_OPEN;
    }
    if (tt_dec_sign(held) == tt_dec_sign(change)) {
        return TT_fill_effect_INCREASE;
    }
    tt_dec rest = tt_audit_add(books, held, change);
    return tt_dec_is_zero(rest) ? TT_fill_effect_CLOSE : TT_fill_effect_REDUCE;
}

/* Takes the share of the cost that leaves with a reduction; returns what is realised. */
static tt_dec reduce(tt_books_check *books, tt_audit_holding *held, tt_dec change, tt_dec notional)
{
    tt_dec share = held->cost;
    if (!tt_dec_is_zero(tt_audit_add(books, held->qty, change))) {
        books->has_overflow |= tt_dec_muldiv(
                                   held->cost,
                                   tt_audit_abs(books, change),
                                   tt_audit_abs(books, held->qty),
                                   TT_ROUND_HALF_EVEN,
                                   &share) != TUTTI_OK;
    }
    held->cost = tt_audit_sub(books, held->cost, share);
    return tt_audit_sub(books, TT_DEC_ZERO, tt_audit_add(books, notional, share));
}

/* Begins a position. */
static void open_holding(tt_books_check *books, tt_audit_holding *held, const tt_fill *fill)
{
    held->position_id = books->msg->seq;
    held->realized = TT_DEC_ZERO;
    held->fees = TT_DEC_ZERO;
    held->funding = TT_DEC_ZERO;
    held->is_funded = false;
    if (held->mark_count == 0) {
        tt_audit_add_mark(books, held, fill->price.d);
    }
}

/* Books a fill again. `ret_realized`: what it realises. */
static void
book(tt_books_check *books, tt_audit_holding *held, const tt_fill *fill, tt_dec *ret_realized)
{
    tt_dec change = as_signed(books, fill, fill->qty.d);
    tt_dec notional = as_signed(books, fill, tt_audit_mul(books, fill->price.d, fill->qty.d));
    tt_fill_effect effect = effect_of(books, held->qty, change);
    if (effect == TT_fill_effect_OPEN) {
        open_holding(books, held, fill);
    }
    *ret_realized = TT_DEC_ZERO;
    if (effect == TT_fill_effect_OPEN || effect == TT_fill_effect_INCREASE) {
        held->cost = tt_audit_add(books, held->cost, notional);
    } else {
        *ret_realized = reduce(books, held, change, notional);
    }
    held->qty = tt_audit_add(books, held->qty, change);
    held->realized = tt_audit_add(books, held->realized, *ret_realized);
    held->fees = tt_audit_add(books, held->fees, fill->fee.d);
    books->realized = tt_audit_add(books, books->realized, *ret_realized);
    books->fees = tt_audit_add(books, books->fees, fill->fee.d);
    books->cash_flow =
        tt_audit_sub(books, books->cash_flow, tt_audit_add(books, notional, fill->fee.d));
    books->closed_trades += effect == TT_fill_effect_CLOSE;
    books->last_fill = books->msg->seq;
    books->last_effect = effect;
}

/* Checks what a fill says of itself before it is booked. */
static tutti_status
check_fill_head(tt_books_check *books, tt_audit_holding *held, const tt_fill *fill)
{
    if (fill->side != TT_side_BUY && fill->side != TT_side_SELL) {
        return tt_audit_refuse(books, "the side is neither buy nor sell");
    }
    if (tt_dec_sign(fill->qty.d) <= 0 || tt_dec_sign(fill->price.d) <= 0) {
        return tt_audit_refuse(books, "price and quantity must be above zero");
    }
    tt_dec change = as_signed(books, fill, fill->qty.d);
    if (fill->effect != effect_of(books, held->qty, change)) {
        return tt_audit_refuse(books, "the effect is not what the held position makes of it");
    }
    tt_dec rest = tt_audit_add(books, held->qty, change);
    if (tt_dec_sign(rest) * tt_dec_sign(held->qty) < 0) {
        return tt_audit_refuse(books, "it crosses zero: it must be booked as a close and an open");
    }
    TUTTI_TRY(tt_audit_expect_count(books, "fill_id", fill->fill_id, books->msg->seq));
    return tt_audit_expect(
        books, "notional", fill->notional.d, tt_audit_mul(books, fill->price.d, fill->qty.d));
}

/* --- what was told before the entry that it closes --- */

static tt_audit_holding *other_of(tt_books_check *books, const tt_waiting_fill *what)
{
    bool is_long = what->position_side == TT_side_BUY;
    return tt_audit_holding_of(books, is_long ? TT_side_SELL : TT_side_BUY);
}

/* The fill that a message of waiting_fills has told of, and where it belongs. */
static tutti_status
check_due(tt_books_check *books, const tt_audit_holding *held, const tt_fill *fill)
{
    const tt_waiting_fill *due = books->due;
    if (!due) {
        return TUTTI_OK;
    }
    books->due = NULL;
    bool is_booked = due->event == TT_waiting_event_BOOKED;
    const tt_audit_holding *wanted =
        is_booked ? tt_audit_holding_of(books, due->position_side) : other_of(books, due);
    if (held != wanted || fill->side != due->side || fill->order_id != due->order_id ||
        fill->exec_id != due->exec_id) {
        return tt_audit_refuse(books, "it is not the execution that had waited");
    }
    TUTTI_TRY(tt_audit_expect(books, "price", fill->price.d, due->price.d));
    TUTTI_TRY(tt_audit_expect(books, "qty", fill->qty.d, due->qty.d));
    return tt_audit_expect(books, "fee", fill->fee.d, due->fee.d);
}

tutti_status tt_audit_waiting(tt_books_check *books)
{
    const tt_waiting_fill *what = TT_PAYLOAD(books->msg, WAITING_FILLS, waiting_fill);
    tt_audit_holding *held = tt_audit_holding_of(books, what->position_side);
    if (!held) {
        return tt_audit_refuse(books, "its key is no instrument");
    }
    TUTTI_TRY(tt_audit_side(books, what->position_side));
    bool is_put = what->event == TT_waiting_event_PUT_ASIDE;
    bool is_side = what->side != what->position_side &&
                   (what->side == TT_side_BUY || what->side == TT_side_SELL);
    if (tt_dec_sign(what->qty.d) <= 0 || tt_dec_sign(what->price.d) <= 0 || !is_side) {
        return tt_audit_refuse(books, "it is no execution that closes the position");
    }
    if (books->due || (is_put && !tt_dec_is_zero(held->qty))) {
        return tt_audit_refuse(
            books, is_put ? "the position is held: nothing need wait" : "two wait for one fill");
    }
    held->waiting = is_put ? tt_audit_add(books, held->waiting, what->qty.d)
                           : tt_audit_sub(books, held->waiting, what->qty.d);
    books->due = is_put ? NULL : what;
    books->has_waiting = true;
    if (tt_dec_sign(held->waiting) < 0) {
        return tt_audit_refuse(books, "more is booked than had waited");
    }
    return tt_audit_expect(books, "waiting_qty", what->waiting_qty.d, held->waiting);
}

tutti_status tt_audit_waiting_end(tt_books_check *books)
{
    if (books->due) {
        return tt_audit_refuse(books, "the step ends without the fill that had waited");
    }
    bool has_waiting = false;
    for (size_t i = 0; books->has_waiting && i < TT_AUDIT_HOLDINGS; i++) {
        const tt_audit_holding *held = &books->holdings[i];
        bool waits = !tt_dec_is_zero(held->waiting);
        has_waiting |= waits;
        if (waits && !tt_dec_is_zero(held->qty)) {
            return tt_audit_refuse(books, "the step ends with a fill waiting for a held position");
        }
    }
    books->has_waiting = has_waiting;
    return TUTTI_OK;
}

tutti_status tt_audit_fill(tt_books_check *books)
{
    const tt_fill *fill = TT_PAYLOAD(books->msg, FILLS, fill);
    tt_audit_holding *held = tt_audit_holding_of(books, fill->position_side);
    if (!held) {
        return tt_audit_refuse(books, "its key is no instrument");
    }
    TUTTI_TRY(tt_audit_side(books, fill->position_side));
    TUTTI_TRY(check_due(books, held, fill));
    TUTTI_TRY(check_fill_head(books, held, fill));
    tt_dec realized;
    book(books, held, fill, &realized);
    tt_audit_learn_initial(books, fill->balance.d);
    TUTTI_TRY(tt_audit_expect_count(books, "position_id", fill->position_id, held->position_id));
    TUTTI_TRY(tt_audit_expect(books, "realized_pnl", fill->realized_pnl.d, realized));
    TUTTI_TRY(tt_audit_expect(books, "position_qty", fill->position_qty.d, held->qty));
    TUTTI_TRY(tt_audit_expect(books, "position_cost", fill->position_cost.d, held->cost));
    return tt_audit_expect(books, "balance", fill->balance.d, tt_audit_balance(books));
}

tutti_status tt_audit_funding(tt_books_check *books)
{
    const tt_funding *funding = TT_PAYLOAD(books->msg, FUNDING, funding);
    tt_audit_holding *held = tt_audit_holding_of(books, funding->position_side);
    if (!held) {
        return tt_audit_refuse(books, "its key is no instrument");
    }
    TUTTI_TRY(tt_audit_side(books, funding->position_side));
    held->funding = tt_audit_add(books, held->funding, funding->amount.d);
    held->realized = tt_audit_add(books, held->realized, funding->amount.d);
    books->funding = tt_audit_add(books, books->funding, funding->amount.d);
    books->realized = tt_audit_add(books, books->realized, funding->amount.d);
    books->cash_flow = tt_audit_add(books, books->cash_flow, funding->amount.d);
    held->is_funded = !tt_dec_is_zero(held->qty);
    tt_audit_learn_initial(books, funding->balance.d);
    TUTTI_TRY(tt_audit_expect_count(books, "position_id", funding->position_id, held->position_id));
    TUTTI_TRY(
        tt_audit_expect(books, "position_funding", funding->position_funding.d, held->funding));
    TUTTI_TRY(
        tt_audit_expect(books, "account_funding", funding->account_funding.d, books->funding));
    return tt_audit_expect(books, "balance", funding->balance.d, tt_audit_balance(books));
}
