/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor books cash that no trade moved again.
 */
#include "journal/books_priv.h"

/* What a booking adds to which sum; false if its kind is none that is booked, or its sign is not
 * that of its kind. */
static bool book(tt_books_check *books, const tt_cash_booking *what)
{
    tt_dec amount = what->amount.d;
    switch ((tt_cash_kind)what->kind) {
    case TT_cash_kind_DEPOSIT:
    case TT_cash_kind_WITHDRAWAL:
        books->transfers = tt_audit_add(books, books->transfers, amount);
        return tt_dec_sign(amount) == (what->kind == TT_cash_kind_DEPOSIT ? 1 : -1);
    case TT_cash_kind_FEE:
        books->fees = tt_audit_sub(books, books->fees, amount);
        books->cash_flow = tt_audit_add(books, books->cash_flow, amount);
        return !tt_dec_is_zero(amount);
    case TT_cash_kind_FUNDING:
        books->funding = tt_audit_add(books, books->funding, amount);
        books->realized = tt_audit_add(books, books->realized, amount);
        books->cash_flow = tt_audit_add(books, books->cash_flow, amount);
        return !tt_dec_is_zero(amount);
    case TT_cash_kind_NONE:
    case TT_cash_kind_UNEXPLAINED:
    case TT_cash_kind_COUNT:
        break;
    }
    return false;
}

tutti_status tt_audit_cash(tt_books_check *books)
{
    const tt_cash_booking *what = TT_PAYLOAD(books->msg, CASH_BOOKINGS, cash_booking);
    if (!book(books, what)) {
        return tt_audit_refuse(books, "the amount is none of its kind");
    }
    tt_audit_learn_initial(books, what->balance.d);
    TUTTI_TRY(tt_audit_expect(books, "transfers", what->transfers.d, books->transfers));
    TUTTI_TRY(tt_audit_expect(books, "account_fees", what->account_fees.d, books->fees));
    TUTTI_TRY(tt_audit_expect(books, "account_funding", what->account_funding.d, books->funding));
    return tt_audit_expect(books, "balance", what->balance.d, tt_audit_balance(books));
}
