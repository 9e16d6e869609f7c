/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of orders: intents, life cycle, fills, exits.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_ORDERS_H
#define TT_MODEL_PAYLOADS_ORDERS_H

// clang-format off
#define TT_FIELDS_order_intent(F, P)                                                               \
    F(P, qty, qty, 0, "quantity to order, positive")                                               \
    F(P, price, price, 0, "limit price; 0 = none")                                                 \
    F(P, price, trigger_price, 0, "stop trigger; 0 = none")                                        \
    F(P, price, stop_loss, 0, "protective stop to place after the entry fills")                    \
    F(P, price, take_profit, 0, "target to place after the entry fills")                           \
    F(P, price, reference_price, 0, "price that sized the order; basis of worst-case exposure")    \
    F(P, u64, order_id, 0, "sequence of this message")                                             \
    F(P, seq, verdict_seq, 0, "0 for protective orders")                                           \
    F(P, u64, parent_order_id, 0, "entry that this protects; 0 = none")                            \
    F(P, u64, position_id, 0, "position that this acts on; 0 = opens one")                         \
    F(P, time, expire_time, 0, "0 = none")                                                         \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, type, order_type, "market, limit or stop")                                          \
    F(P, enum, tif, tif, "how long it stands")                                                     \
    F(P, enum, role, order_role, "what the order is for")                                          \
    F(P, flag, reduce_only, 0, "never opens or increases")                                         \
    F(P, u8, leverage, 0, "leverage of the position")                                              \
    F(P, enum, exit_reason, exit_reason, "why it closes; none for entries")                        \
    F(P, enum, position_side, side, "hedging: position that it acts on; none = netting")           \
    F(P, text, client_order_id, 48, "idempotency key, from run id and order id")
#define TT_FIELDS_order_cancel(F, P)                                                               \
    F(P, u64, order_id, 0, "the order to cancel")                                                  \
    F(P, u64, venue_order_id, 0, "its id at the venue; 0 = not known")                             \
    F(P, text, client_order_id, 48, "its idempotency key")                                         \
    F(P, text, reason, 64, "why")
#define TT_FIELDS_order_amend(F, P)                                                                \
    F(P, qty, qty, 0, "total quantity from then on, with what is filled")                          \
    F(P, price, price, 0, "limit price from then on; 0 = it has none")                             \
    F(P, price, trigger_price, 0, "stop trigger from then on; 0 = it has none")                    \
    F(P, qty, qty_before, 0, "total quantity before")                                              \
    F(P, price, price_before, 0, "limit price before")                                             \
    F(P, price, trigger_before, 0, "stop trigger before")                                          \
    F(P, u64, order_id, 0, "the order to amend")                                                   \
    F(P, u64, venue_order_id, 0, "its id at the venue; 0 = not known")                             \
    F(P, u64, amend_id, 0, "sequence of this message; with the key of the order it is its key")    \
    F(P, seq, verdict_seq, 0, "judgement of risk; 0 = it only cuts the quantity")                  \
    F(P, seq, command_seq, 0, "who asked for it")                                                  \
    F(P, reserved, reserved, 8, "")                                                                \
    F(P, text, client_order_id, 48, "idempotency key of the order")
#define TT_FIELDS_order_query(F, P)                                                                \
    F(P, u64, order_id, 0, "the order asked for")                                                  \
    F(P, u32, attempt, 0, "1 = first")                                                             \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, client_order_id, 48, "its idempotency key")
#define TT_FIELDS_execution_event(F, P)                                                            \
    F(P, qty, qty, 0, "ordered")                                                                   \
    F(P, qty, filled_qty, 0, "filled so far")                                                      \
    F(P, money, filled_notional, 0, "sum of price x quantity")                                     \
    F(P, price, price, 0, "limit or trigger; 0 = market")                                          \
    F(P, u64, order_id, 0, "the order")                                                            \
    F(P, u64, position_id, 0, "position that it acts on; 0 = opens one")                           \
    F(P, u64, parent_order_id, 0, "entry that it protects; 0 = none")                              \
    F(P, u64, venue_order_id, 0, "its id at the venue; 0 = not known")                             \
    F(P, seq, intent_seq, 0, "the message that ordered it")                                        \
    F(P, enum, event, execution_event_type, "what happened")                                       \
    F(P, enum, old_state, order_state, "before")                                                   \
    F(P, enum, new_state, order_state, "after")                                                    \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, type, order_type, "market, limit or stop")                                          \
    F(P, enum, role, order_role, "what the order is for")                                          \
    F(P, enum, report_kind, report_kind, "what caused it")                                         \
    F(P, reserved, reserved, 1, "")                                                                \
    F(P, text, client_order_id, 48, "its idempotency key")                                         \
    F(P, text, reason, 96, "why, if a reason is known")
#define TT_FIELDS_fill(F, P)                                                                       \
    F(P, price, price, 0, "price of the execution")                                                \
    F(P, qty, qty, 0, "positive")                                                                  \
    F(P, money, notional, 0, "price x quantity, exact")                                            \
    F(P, money, fee, 0, "negative = rebate")                                                       \
    F(P, money, realized_pnl, 0, "of the part that reduced, before fees")                          \
    F(P, qty, position_qty, 0, "after this fill, signed")                                          \
    F(P, money, position_cost, 0, "signed cost of the rest after this fill")                       \
    F(P, money, balance, 0, "account balance after this fill")                                     \
    F(P, u64, fill_id, 0, "sequence of this message")                                              \
    F(P, u64, order_id, 0, "the order that was filled")                                            \
    F(P, u64, position_id, 0, "the position that changed")                                         \
    F(P, u64, exec_id, 0, "the venue's execution id")                                              \
    F(P, time, venue_time, 0, "the venue's own time")                                              \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, liquidity, liquidity, "maker or taker")                                             \
    F(P, enum, role, order_role, "what the order is for")                                          \
    F(P, enum, effect, fill_effect, "what it does to the position")                                \
    F(P, enum, exit_reason, exit_reason, "why it closes; none for entries")                        \
    F(P, enum, position_side, side, "hedging: position, buy = long; none = netting")               \
    F(P, reserved, reserved, 2, "")
#define TT_FIELDS_waiting_fill(F, P)                                                               \
    F(P, qty, qty, 0, "of this event, positive")                                                   \
    F(P, qty, waiting_qty, 0, "of the position after this event, positive; 0 = nothing waits")     \
    F(P, price, price, 0, "price of the execution")                                                \
    F(P, money, fee, 0, "share of this quantity; negative = rebate")                               \
    F(P, u64, put_seq, 0, "message that put the execution aside; this one when it does")           \
    F(P, u64, order_id, 0, "the order that was filled; 0 = a trade that no order caused")          \
    F(P, u64, exec_id, 0, "the venue's execution id")                                              \
    F(P, enum, event, waiting_event, "what happened")                                              \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, role, order_role, "what the order is for")                                          \
    F(P, enum, position_side, side, "position that it reduces, buy = long")                        \
    F(P, reserved, reserved, 4, "")
#define TT_FIELDS_exit_event(F, P)                                                                 \
    F(P, price, price, 0, "mark that led to it")                                                   \
    F(P, price, best, 0, "best mark since the trailing stop started; 0 = it has not")              \
    F(P, price, stop_before, 0, "level of the stop before; 0 = none")                              \
    F(P, price, stop_after, 0, "level of the stop in force from now on; 0 = none")                 \
    F(P, ratio, value, 0, "what was measured")                                                     \
    F(P, ratio, limit, 0, "what is configured")                                                    \
    F(P, u64, position_id, 0, "the position that it acts on")                                      \
    F(P, time, due, 0, "moment that came, for rules of time; 0 = none")                            \
    F(P, enum, reason, exit_reason, "the rule")                                                    \
    F(P, enum, action, exit_action, "what it does")                                                \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, message, 96, "the same in words")
// clang-format on

#endif
