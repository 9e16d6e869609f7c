/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The auditor of the books: reads the messages of a run in order, does the bookkeeping again by
 * itself, and compares at every record.
 *
 * It shares no code with the module that keeps the books. What it holds a run to:
 *
 *  - fills: notional = price x quantity; the effect (open, increase, reduce, close) is that of the
 *    position held; the position's quantity is the running sum of signed fills; a reduction takes
 * its share of the cost, rounded half to even, and realises the rest; the balance follows.
 *  - waiting_fills: in hedging, an execution that was told before the entry that it closes is put
 *    aside while the position is flat, and is booked or released later, by the fill that follows,
 * in full: same execution, price, quantity and share of the fee; when a step is over nothing waits
 *    for a position that is held, and the sums that were told are those of the auditor.
 *  - funding: the sums of account and position follow.
 *  - cash_bookings: the kind fits the sign, and the sums of the account follow: transfers, or fees
 *    or funding and with them the cash flow.
 *  - position_updates: quantity, cost, realised profit and fees are those of the fills;
 *    unrealised = quantity x mark - cost; the mark is a price that was seen (see below); the event
 * is what the fill that caused it did, or a mark.
 *  - account_updates: realised, fees, funding and cash flow are the sums over fills and funding;
 * the start balance never changes; balance = initial + transfers + realised - fees; funding is
 * realised; equity = balance + unrealised; unrealised and exposure are the sums over the open
 * positions; initial + transfers + cash flow + sum(quantity x mark) = equity; open positions and
 * closed trades are counted right.
 *
 * The mark of an instrument is the last price of a bar's close or a trade, or the middle of a quote
 * while no trade of it was seen; the first fill's price when there was none. Within the step of a
 * new price both the old and the new one can be in force, because messages wait for their delivery.
 */
#ifndef TT_JOURNAL_BOOKS_CHECK_H
#define TT_JOURNAL_BOOKS_CHECK_H

#include "base/error.h"
#include "model/message.h"

typedef struct tt_books_check tt_books_check;

/** Begins an audit. @retval TUTTI_NO_MEMORY. @thread{setup} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_books_check_new(tt_books_check **result);
/** NULL is fine. */
void tt_books_check_free(tt_books_check *books);
/** Audits the next step of a journal. @retval TUTTI_CORRUPT the books do not balance: `error` names
 * the message, what is wrong, the number recorded and the number computed. The audit is over then.
 * @thread{owner} @alloc{never} */
TUTTI_NODISCARD tutti_status
tt_books_check_step(tt_books_check *books, const void *step, size_t size, tt_error *error);

#endif
