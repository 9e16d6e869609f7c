/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads from and about the venue: its reports, what it holds, what differs from the books.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_VENUE_H
#define TT_MODEL_PAYLOADS_VENUE_H

// clang-format off
#define TT_FIELDS_venue_report(F, P)                                                               \
    F(P, price, price, 0, "fill price")                                                            \
    F(P, qty, qty, 0, "fill quantity")                                                             \
    F(P, qty, cumulative_qty, 0, "filled so far, by the venue's count")                            \
    F(P, money, fee, 0, "fee of this fill in account currency; negative = rebate")                 \
    F(P, qty, order_qty, 0, "total quantity of the order now, once amended or asked; 0 = untold")  \
    F(P, price, order_price, 0, "its limit price now; 0 = none, or not told")                      \
    F(P, price, order_trigger, 0, "its stop trigger now; 0 = none, or not told")                   \
    F(P, u64, order_id, 0, "order id")                                                             \
    F(P, u64, exec_id, 0, "the venue's execution id; a repeat is dropped")                         \
    F(P, time, venue_time, 0, "the venue's own time")                                              \
    F(P, u64, venue_order_id, 0, "the venue's order id")                                           \
    F(P, u64, amend_id, 0, "amend that is answered; of an answer to a query the last in force")    \
    F(P, enum, kind, report_kind, "what the venue reports")                                        \
    F(P, enum, liquidity, liquidity, "maker or taker")                                             \
    F(P, enum, venue_state, order_state, "order state at the venue, in answers to a query")        \
    F(P, flag, is_query_reply, 0, "answers an order query")                                        \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, client_order_id, 48, "idempotency key of the order")                                \
    F(P, text, reason, 96, "the venue's words")
#define TT_FIELDS_venue_trade(F, P)                                                                \
    F(P, price, price, 0, "price of the execution")                                                \
    F(P, qty, qty, 0, "positive")                                                                  \
    F(P, money, fee, 0, "in account currency; negative = rebate")                                  \
    F(P, u64, exec_id, 0, "the venue's execution id; a repeat is dropped")                         \
    F(P, u64, venue_order_id, 0, "the venue's order id; 0 = not told")                             \
    F(P, time, venue_time, 0, "the venue's own time")                                              \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, kind, external_kind, "why it happened")                                             \
    F(P, enum, position_side, side, "position that it acts on, buy = long; none = netting")        \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, text, reason, 96, "the venue's words")
#define TT_FIELDS_venue_query(F, P)                                                                \
    F(P, u64, query_id, 0, "sequence of this message")                                             \
    F(P, time, funding_since, 0, "list the funding payments from this moment on")                  \
    F(P, u32, attempt, 0, "unanswered ones before it, plus one")                                   \
    F(P, flag, is_hedging, 0, "answer with a long and a short position for each instrument")       \
    F(P, reserved, reserved, 11, "")
#define TT_FIELDS_venue_order(F, P)                                                                \
    F(P, u64, order_id, 0, "order id; 0 = it is not one of ours")                                  \
    F(P, u64, venue_order_id, 0, "the venue's order id")
#define TT_MAX_venue_order 16
#define TT_FIELDS_venue_position(F, P)                                                             \
    F(P, qty, qty, 0, "signed; 0 = flat")                                                          \
    F(P, price, entry_price, 0, "0 = not told")                                                    \
    F(P, price, mark, 0, "0 = not told")                                                           \
    F(P, qty, external_qty, 0, "signed sum of what no order of ours traded so far")                \
    F(P, price, external_price, 0, "of the last such trade; 0 = none")                             \
    F(P, u64, query_id, 0, "the query that is answered")                                           \
    F(P, time, venue_time, 0, "moment that it describes")                                          \
    F(P, u32, order_count, 0, "open orders of the position; more than listed: the list is cut")    \
    F(P, u8, count, 0, "orders that follow")                                                       \
    F(P, enum, position_side, side, "hedging: position, buy = long; none = netting")               \
    F(P, enum, last_external, external_kind, "what the last trade without an order of ours was")   \
    F(P, flag, is_last, 0, "the answer is complete")                                               \
    F(P, u32, payments, 0, "on the last one: payments and transfers that were listed before it")   \
    F(P, flag, payments_cut, 0, "on the last one: there are older ones, not listed any more")      \
    F(P, reserved, reserved, 3, "")                                                                \
    F(P, list, orders, venue_order, "open orders")
#define TT_FIELDS_reconciliation(F, P)                                                             \
    F(P, qty, local_qty, 0, "what the books held")                                                 \
    F(P, qty, venue_qty, 0, "what the venue holds")                                                \
    F(P, qty, repaired_qty, 0, "signed quantity that was booked to agree; 0 = none")               \
    F(P, u64, query_id, 0, "query whose answer showed it; 0 = none")                               \
    F(P, u64, position_id, 0, "position of the books; 0 = none yet")                               \
    F(P, u64, venue_order_id, 0, "order that is not known here; 0 = none")                         \
    F(P, enum, stage, reconcile_stage, "how far it is")                                            \
    F(P, enum, cause, discrepancy, "why they differ, as far as it is known")                       \
    F(P, enum, position_side, side, "hedging: position, buy = long; none = netting")               \
    F(P, flag, blocks_entries, 0, "no entries of this instrument from now on")                     \
    F(P, reserved, reserved, 4, "")
#define TT_FIELDS_venue_balance(F, P)                                                              \
    F(P, money, cash, 0,                                                                           \
      "of the account, all that is held paid in full: wallet balance less signed cost of it")      \
    F(P, money, fees, 0, "charged so far; counts if tells_sums")                                   \
    F(P, money, funding, 0, "paid to the account so far, negative = taken; counts if tells_sums")  \
    F(P, u64, query_id, 0, "the query that is answered")                                           \
    F(P, time, venue_time, 0, "moment that it describes")                                          \
    F(P, flag, tells_sums, 0, "fees and funding are told, from the first trade of the run on")     \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, currency, 16, "that of the account")
#define TT_FIELDS_venue_transfer(F, P)                                                             \
    F(P, money, amount, 0, "into the account; negative = out of it")                               \
    F(P, u64, transfer_id, 0, "the venue's id; a repeat is dropped")                               \
    F(P, time, venue_time, 0, "when it was made")                                                  \
    F(P, u64, query_id, 0, "listed in the answer to this query; 0 = told when it was made")        \
    F(P, reserved, reserved, 8, "")                                                                \
    F(P, text, currency, 16, "that of the account")
#define TT_FIELDS_balance_reconciliation(F, P)                                                     \
    F(P, money, local_cash, 0, "by the books: initial + transfers + cash flow")                    \
    F(P, money, venue_cash, 0, "by the venue")                                                     \
    F(P, money, difference, 0, "what the venue has more")                                          \
    F(P, money, tolerance, 0, "differences up to it are none")                                     \
    F(P, u64, query_id, 0, "query whose answer showed it; 0 = none")                               \
    F(P, enum, stage, reconcile_stage, "how far it is")                                            \
    F(P, enum, cause, cash_kind, "what it is, as far as it is known")                              \
    F(P, flag, blocks_entries, 0, "no entries of any instrument from now on")                      \
    F(P, reserved, reserved, 5, "")
// clang-format on

#endif
