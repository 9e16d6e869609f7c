/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of the auditor: checked arithmetic and comparison.
 */
#include "journal/books_priv.h"

tt_dec tt_audit_add(tt_books_check *books, tt_dec a, tt_dec b)
{
    tt_dec sum = TT_DEC_ZERO;
    books->has_overflow |= tt_dec_add(a, b, &sum) != TUTTI_OK;
    return sum;
}

tt_dec tt_audit_sub(tt_books_check *books, tt_dec a, tt_dec b)
{
    tt_dec difference = TT_DEC_ZERO;
    books->has_overflow |= tt_dec_sub(a, b, &difference) != TUTTI_OK;
    return difference;
}

tt_dec tt_audit_mul(tt_books_check *books, tt_dec a, tt_dec b)
{
    tt_dec product = TT_DEC_ZERO;
    books->has_overflow |= tt_dec_mul(a, b, TT_ROUND_HALF_EVEN, &product) != TUTTI_OK;
    return product;
}

tt_dec tt_audit_abs(tt_books_check *books, tt_dec a)
{
    return tt_dec_sign(a) < 0 ? tt_audit_sub(books, TT_DEC_ZERO, a) : a;
}

tutti_status tt_audit_refuse(const tt_books_check *books, const char *what)
{
    const tt_topic_info *info = tt_topic_info_get(books->msg->topic);
    return tt_error_set(
        books->error,
        TUTTI_CORRUPT,
        "the books do not balance: message %llu (%s): %s",
        (unsigned long long)books->msg->seq,
        info ? info->name : "?",
        what);
}

tutti_status
tt_audit_expect(const tt_books_check *books, const char *what, tt_dec recorded, tt_dec computed)
{
    if (books->has_overflow) {
        return tt_audit_refuse(books, "its numbers are too large to compute with");
    }
    if (tt_dec_eq(recorded, computed)) {
        return TUTTI_OK;
    }
    char is[TT_DEC_TEXT_MAX];
    char should_be[TT_DEC_TEXT_MAX];
    const tt_topic_info *info = tt_topic_info_get(books->msg->topic);
    (void)tt_dec_format(recorded, is);
    (void)tt_dec_format(computed, should_be);
    return tt_error_set(
        books->error,
        TUTTI_CORRUPT,
        "the books do not balance: message %llu (%s): %s is %s, computed %s",
        (unsigned long long)books->msg->seq,
        info ? info->name : "?",
        what,
        is,
        should_be);
}

tutti_status tt_audit_expect_count(
    const tt_books_check *books, const char *what, uint64_t recorded, uint64_t computed)
{
    if (recorded == computed) {
        return TUTTI_OK;
    }
    return tt_error_set(
        books->error,
        TUTTI_CORRUPT,
        "the books do not balance: message %llu: %s is %llu, computed %llu",
        (unsigned long long)books->msg->seq,
        what,
        (unsigned long long)recorded,
        (unsigned long long)computed);
}

tt_audit_holding *tt_audit_holding_of(tt_books_check *books, uint8_t position_side)
{
    uint32_t key = books->msg->key;
    if (key < 1 || key > TT_INSTRUMENTS_MAX) {
        return NULL;
    }
    return &books->holdings[position_side == TT_side_SELL ? key - 1 + TT_INSTRUMENTS_MAX : key - 1];
}

tutti_status tt_audit_side(tt_books_check *books, uint8_t position_side)
{
    bool is_named = position_side != TT_side_NONE;
    if (!books->has_mode) {
        books->has_mode = true;
        books->is_hedging = is_named;
    }
    return is_named == books->is_hedging
               ? TUTTI_OK
               : tt_audit_refuse(books, "position_side does not fit the other messages");
}

/* What the account has earned so far, and what was paid into it. */
static tt_dec unlike_initial(tt_books_check *books)
{
    tt_dec earned = tt_audit_sub(books, books->realized, books->fees);
    return tt_audit_add(books, books->transfers, earned);
}

tt_dec tt_audit_balance(tt_books_check *books)
{
    return tt_audit_add(books, books->initial, unlike_initial(books));
}

void tt_audit_learn_initial(tt_books_check *books, tt_dec balance)
{
    if (!books->has_initial) {
        books->initial = tt_audit_sub(books, balance, unlike_initial(books));
        books->has_initial = true;
    }
}
