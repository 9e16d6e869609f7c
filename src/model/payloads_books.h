/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of the books: positions, accounts, funding, margin, profit bags.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_BOOKS_H
#define TT_MODEL_PAYLOADS_BOOKS_H

// clang-format off
#define TT_FIELDS_position_update(F, P)                                                            \
    F(P, qty, qty, 0, "signed; 0 = closed")                                                        \
    F(P, money, cost, 0, "signed cost of what is held")                                            \
    F(P, price, entry_price, 0, "cost / quantity, rounded, for display")                           \
    F(P, price, mark, 0, "price that values it")                                                   \
    F(P, money, unrealized_pnl, 0, "quantity x mark - cost, exact")                                \
    F(P, money, realized_pnl, 0, "of this position so far with funding, before fees")              \
    F(P, money, fees, 0, "of this position so far")                                                \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, qty, max_qty, 0, "largest quantity held")                                                 \
    F(P, u64, position_id, 0, "sequence of the fill that opened it")                               \
    F(P, time, opened_at, 0, "when it was opened")                                                 \
    F(P, seq, cause_fill, 0, "fill that changed it; 0 = mark")                                     \
    F(P, enum, event, position_event, "what happened")                                             \
    F(P, enum, side, side, "buy = long")                                                           \
    F(P, enum, exit_reason, exit_reason, "why it was closed; none while open")                     \
    F(P, u8, leverage, 0, "leverage of the position")                                              \
    F(P, enum, position_side, side, "hedging: same as side; none = netting")                       \
    F(P, flag, is_external, 0, "not opened by us; nobody manages it unless it is assigned")        \
    F(P, reserved, reserved, 2, "")
#define TT_FIELDS_account_update(F, P)                                                             \
    F(P, money, initial, 0, "start balance")                                                       \
    F(P, money, balance, 0, "initial + transfers + realised - fees")                               \
    F(P, money, unrealized_pnl, 0, "sum of quantity x mark - cost")                                \
    F(P, money, equity, 0, "balance + unrealised, exact")                                          \
    F(P, money, realized_pnl, 0, "of all reductions and funding, before fees")                     \
    F(P, money, fees, 0, "paid so far")                                                            \
    F(P, money, exposure, 0, "sum of absolute quantity x mark")                                    \
    F(P, money, pending_exposure, 0, "worst case of open and unknown entry orders")                \
    F(P, money, margin_used, 0, "exposure / leverage, summed")                                     \
    F(P, money, margin_available, 0, "equity less margin in use and of open entries; at least 0")  \
    F(P, money, cash_flow, 0,                                                                      \
      "sum of -signed quantity x price - fees + funding; this + initial + transfers + values = "   \
      "equity")                                                                                    \
    F(P, money, transfers, 0, "deposits less withdrawals so far")                                  \
    F(P, seq, cause_fill, 0, "fill that changed it; 0 = mark")                                     \
    F(P, u32, open_positions, 0, "positions that are not flat")                                    \
    F(P, u32, open_orders, 0, "orders that are not final")                                         \
    F(P, u32, unknown_orders, 0, "orders whose outcome is unknown")                                \
    F(P, u32, closed_trades, 0, "positions that became flat")                                      \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_sub_account_update(F, P)                                                         \
    F(P, money, initial, 0, "capital that it started with; of the house what is left")             \
    F(P, money, transfers, 0, "deposits less withdrawals: all are of the house")                   \
    F(P, money, balance, 0, "capital + transfers + realised - fees")                               \
    F(P, money, equity, 0, "capital + transfers + cash flow + value of its parts")                 \
    F(P, money, realized_pnl, 0, "with funding, before fees")                                      \
    F(P, money, fees, 0, "paid so far")                                                            \
    F(P, money, funding, 0, "part of realized_pnl; negative = paid")                               \
    F(P, money, cash_flow, 0, "sum over its executions and funding")                               \
    F(P, qty, position_qty, 0, "its part of the position, signed")                                 \
    F(P, money, position_cost, 0, "signed cost of that part")                                      \
    F(P, u32, fills, 0, "executions and parts of executions")                                      \
    F(P, source, account_source, 0, "whose trades they are; none = the house")                     \
    F(P, u8, account, 0, "number of the sub-account; 0 = the house")                               \
    F(P, enum, position_side, side, "hedging: position, buy = long; none = netting")               \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_funding_payment(F, P)                                                            \
    F(P, money, amount, 0, "received; negative = paid")                                            \
    F(P, ratio, rate, 0, "rate of the interval")                                                   \
    F(P, price, mark, 0, "price that valued the position; 0 = not told")                           \
    F(P, qty, qty, 0, "signed quantity that was held")                                             \
    F(P, time, venue_time, 0, "moment of the funding: one payment each moment and position")       \
    F(P, u64, query_id, 0, "listed in the answer to this query; 0 = told when it was paid")        \
    F(P, enum, side, side, "position that it is for, buy = long; none = the netting position")     \
    F(P, reserved, reserved, 15, "")
#define TT_FIELDS_funding(F, P)                                                                    \
    F(P, money, amount, 0, "booked; negative = paid")                                              \
    F(P, ratio, rate, 0, "rate of the interval")                                                   \
    F(P, price, mark, 0, "price that valued the position; 0 = not told")                           \
    F(P, qty, qty, 0, "signed quantity that the venue held")                                       \
    F(P, money, position_funding, 0, "of the position so far, after this")                         \
    F(P, money, account_funding, 0, "of the account so far, after this")                           \
    F(P, money, balance, 0, "account balance after this")                                          \
    F(P, u64, position_id, 0, "position that it is for; the last one when it is closed; 0 = none") \
    F(P, time, venue_time, 0, "moment of the funding")                                             \
    F(P, seq, payment_seq, 0, "the input that is booked")                                          \
    F(P, enum, side, side, "buy = long, sell = short; none = flat")                                \
    F(P, enum, position_side, side, "hedging: position, buy = long; none = netting")               \
    F(P, reserved, reserved, 6, "")
#define TT_FIELDS_cash_booking(F, P)                                                               \
    F(P, money, amount, 0, "change of the cash")                                                   \
    F(P, money, transfers, 0, "deposits less withdrawals of the account so far, after this")       \
    F(P, money, account_fees, 0, "of the account so far, after this")                              \
    F(P, money, account_funding, 0, "of the account so far, after this")                           \
    F(P, money, balance, 0, "account balance after this")                                          \
    F(P, u64, transfer_id, 0, "the venue's id; 0 = it did not tell of it")                         \
    F(P, time, venue_time, 0, "when it was made, as far as it is known")                           \
    F(P, seq, subject_seq, 0, "the transfer, answer or command that is booked")                    \
    F(P, seq, found_seq, 0, "balance_reconciliations message that had found it; 0 = none")         \
    F(P, enum, kind, cash_kind, "what it is")                                                      \
    F(P, flag, is_acknowledged, 0, "a person said what it is")                                     \
    F(P, reserved, reserved, 14, "")
#define TT_FIELDS_position_margin(F, P)                                                            \
    F(P, price, liquidation_price, 0, "mark at which the venue liquidates it")                     \
    F(P, price, mark, 0, "price that values it")                                                   \
    F(P, ratio, distance_pct, 0, "of the mark from there, percent of the mark; below 0 = passed")  \
    F(P, money, margin, 0, "absolute quantity x mark / leverage")                                  \
    F(P, ratio, margin_ratio_pct, 0, "(margin + unrealised) / margin x 100")                       \
    F(P, money, unrealized_pnl, 0, "quantity x mark - cost, exact")                                \
    F(P, u64, position_id, 0, "the position")                                                      \
    F(P, enum, level, liquidation_level, "how near it is")                                         \
    F(P, enum, side, side, "buy = long")                                                           \
    F(P, enum, position_side, side, "hedging: same as side; none = netting")                       \
    F(P, u8, leverage, 0, "leverage of the position")                                              \
    F(P, reserved, reserved, 4, "")
#define TT_FIELDS_bag_part(F, P)                                                                   \
    F(P, money, amount, 0, "put into the bag, or booked, by this event")                           \
    F(P, money, pending, 0, "in the bag, not booked yet")                                          \
    F(P, money, booked, 0, "booked so far")                                                        \
    F(P, text, name, 16, "of the bag")
#define TT_MAX_bag_part 8
#define TT_FIELDS_profit_bag(F, P)                                                                 \
    F(P, money, profit, 0, "of the position that was closed, after fees")                          \
    F(P, money, amount, 0, "sum over the bags of this event")                                      \
    F(P, money, set_aside, 0, "in all bags, pending and booked: not for trading")                  \
    F(P, money, day_total, 0, "put into bags on this UTC day")                                     \
    F(P, u64, position_id, 0, "position that was closed")                                          \
    F(P, seq, position_seq, 0, "message that told it")                                             \
    F(P, enum, event, bag_event, "what happened")                                                  \
    F(P, flag, is_capped, 0, "a cap made it less")                                                 \
    F(P, u8, count, 0, "bags that follow")                                                         \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, list, parts, bag_part, "every bag, as configured")
// clang-format on

#endif
