/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of orders and positions.
 */
#ifndef TT_MODEL_ENUMS_ORDERS_H
#define TT_MODEL_ENUMS_ORDERS_H

// clang-format off
#define TT_ENUM_side(E)                                                                            \
    E(side, NONE, "none")                                                                          \
    E(side, BUY, "buy")                                                                            \
    E(side, SELL, "sell")
#define TT_ENUM_liquidity(E)                                                                       \
    E(liquidity, NONE, "none")                                                                     \
    E(liquidity, MAKER, "maker")                                                                   \
    E(liquidity, TAKER, "taker")
#define TT_ENUM_order_type(E)                                                                      \
    E(order_type, MARKET, "market")                                                                \
    E(order_type, LIMIT, "limit")                                                                  \
    E(order_type, STOP, "stop")                                                                    \
    E(order_type, STOP_LIMIT, "stop_limit")
#define TT_ENUM_tif(E)                                                                             \
    E(tif, GTC, "gtc")                                                                             \
    E(tif, IOC, "ioc")                                                                             \
    E(tif, FOK, "fok")                                                                             \
    E(tif, POST_ONLY, "post_only")
#define TT_ENUM_order_role(E)                                                                      \
    E(order_role, ENTRY, "entry")                                                                  \
    E(order_role, STOP_LOSS, "stop_loss")                                                          \
    E(order_role, TAKE_PROFIT, "take_profit")                                                      \
    E(order_role, CLOSE, "close")                                                                  \
    E(order_role, REDUCE, "reduce")                                                                \
    E(order_role, REBALANCE, "rebalance")                                                          \
    E(order_role, ADJUSTMENT, "adjustment")
/* NEW: intent recorded. PENDING: handed to the venue edge. SUBMITTED: the venue acknowledged. */
#define TT_ENUM_order_state(E)                                                                     \
    E(order_state, NONE, "none")                                                                   \
    E(order_state, NEW, "new")                                                                     \
    E(order_state, PENDING, "pending")                                                             \
    E(order_state, SUBMITTED, "submitted")                                                         \
    E(order_state, PARTIALLY_FILLED, "partially_filled")                                           \
    E(order_state, FILLED, "filled")                                                               \
    E(order_state, CANCELLED, "cancelled")                                                         \
    E(order_state, REJECTED, "rejected")                                                           \
    E(order_state, EXPIRED, "expired")                                                             \
    E(order_state, FAILED, "failed")                                                               \
    E(order_state, UNKNOWN, "unknown")
#define TT_ENUM_report_kind(E)                                                                     \
    E(report_kind, NONE, "none")                                                                   \
    E(report_kind, ACCEPTED, "accepted")                                                           \
    E(report_kind, REJECTED, "rejected")                                                           \
    E(report_kind, FILL, "fill")                                                                   \
    E(report_kind, CANCELLED, "cancelled")                                                         \
    E(report_kind, CANCEL_REJECTED, "cancel_rejected")                                             \
    E(report_kind, EXPIRED, "expired")                                                             \
    E(report_kind, NOT_FOUND, "not_found")                                                         \
    E(report_kind, STATUS, "status")                                                               \
    E(report_kind, SEND_FAILED, "send_failed")                                                     \
    E(report_kind, TIMEOUT, "timeout")                                                             \
    E(report_kind, AMENDED, "amended")                                                             \
    E(report_kind, AMEND_REJECTED, "amend_rejected")
#define TT_ENUM_execution_event_type(E)                                                            \
    E(execution_event_type, ORDER_CREATED, "order_created")                                        \
    E(execution_event_type, ORDER_SENT, "order_sent")                                              \
    E(execution_event_type, ORDER_PLACED, "order_placed")                                          \
    E(execution_event_type, ORDER_PARTIAL_FILL, "order_partial_fill")                              \
    E(execution_event_type, ORDER_FILLED, "order_filled")                                          \
    E(execution_event_type, ORDER_CANCELLED, "order_cancelled")                                    \
    E(execution_event_type, ORDER_REJECTED, "order_rejected")                                      \
    E(execution_event_type, ORDER_EXPIRED, "order_expired")                                        \
    E(execution_event_type, ORDER_ERROR, "order_error")                                            \
    E(execution_event_type, ORDER_UNKNOWN, "order_unknown")                                        \
    E(execution_event_type, ORDER_RESOLVED, "order_resolved")                                      \
    E(execution_event_type, ORDER_AMENDING, "order_amending")                                      \
    E(execution_event_type, ORDER_AMENDED, "order_amended")                                        \
    E(execution_event_type, ORDER_AMEND_REJECTED, "order_amend_rejected")                          \
    E(execution_event_type, ORDER_AMEND_LOST, "order_amend_lost")
#define TT_ENUM_position_event(E)                                                                  \
    E(position_event, NONE, "none")                                                                \
    E(position_event, OPENED, "position_opened")                                                   \
    E(position_event, INCREASED, "position_increased")                                             \
    E(position_event, REDUCED, "position_reduced")                                                 \
    E(position_event, CLOSED, "position_closed")                                                   \
    E(position_event, MARKED, "position_marked")                                                   \
    E(position_event, FUNDED, "position_funded")
#define TT_ENUM_fill_effect(E)                                                                     \
    E(fill_effect, NONE, "none")                                                                   \
    E(fill_effect, OPEN, "open")                                                                   \
    E(fill_effect, INCREASE, "increase")                                                           \
    E(fill_effect, REDUCE, "reduce")                                                               \
    E(fill_effect, CLOSE, "close")
#define TT_ENUM_exit_reason(E)                                                                     \
    E(exit_reason, NONE, "none")                                                                   \
    E(exit_reason, STOP_LOSS, "stop_loss")                                                         \
    E(exit_reason, TAKE_PROFIT, "take_profit")                                                     \
    E(exit_reason, SIGNAL, "signal")                                                               \
    E(exit_reason, EMERGENCY, "emergency")                                                         \
    E(exit_reason, OPERATOR, "operator")                                                           \
    E(exit_reason, REDUCED, "reduced")                                                             \
    E(exit_reason, REBALANCE, "rebalance")                                                         \
    E(exit_reason, END_OF_RUN, "end_of_run")                                                       \
    E(exit_reason, STOP_FAILED, "stop_failed")                                                     \
    E(exit_reason, TRAILING_STOP, "trailing_stop")                                                 \
    E(exit_reason, BREAK_EVEN, "break_even")                                                       \
    E(exit_reason, TIME_LIMIT, "time_limit")                                                       \
    E(exit_reason, MAX_HOLD, "max_hold")                                                           \
    E(exit_reason, CLOSE_TIME, "close_time")                                                       \
    E(exit_reason, SPREAD, "spread")                                                               \
    E(exit_reason, LOW_LIQUIDITY, "low_liquidity")                                                 \
    E(exit_reason, STOP_GUARD, "stop_guard")                                                       \
    E(exit_reason, LIQUIDATED, "liquidated")                                                       \
    E(exit_reason, ADL, "adl")                                                                     \
    E(exit_reason, EXTERNAL, "external")                                                           \
    E(exit_reason, LOSS_BREAKER, "loss_breaker")                                                   \
    E(exit_reason, OTHER_FILLED, "other_filled")
/* Two entries of which one cancels the other. Breakout: stops, buy above and sell below. Reversion:
 * limits, sell above and buy below. */
#define TT_ENUM_group_style(E)                                                                     \
    E(group_style, BREAKOUT, "breakout")                                                           \
    E(group_style, REVERSION, "reversion")
#define TT_ENUM_group_state(E)                                                                     \
    E(group_state, NONE, "none")                                                                   \
    E(group_state, WORKING, "working")                                                             \
    E(group_state, DECIDED, "decided")                                                             \
    E(group_state, WITHDRAWN, "withdrawn")                                                         \
    E(group_state, BOTH, "both_filled")                                                            \
    E(group_state, DONE, "done")                                                                   \
    E(group_state, REFUSED, "refused")
/* What an exit rule of the trade module did. */
#define TT_ENUM_exit_action(E)                                                                     \
    E(exit_action, NONE, "none")                                                                   \
    E(exit_action, TRAILING_STARTED, "trailing_started")                                           \
    E(exit_action, STOP_MOVED, "stop_moved")                                                       \
    E(exit_action, CLOSE, "close")                                                                 \
    E(exit_action, SET_BY_HAND, "set_by_hand")
/* An execution that was told before the fill of the entry that it closes. */
#define TT_ENUM_waiting_event(E)                                                                   \
    E(waiting_event, NONE, "none")                                                                 \
    E(waiting_event, PUT_ASIDE, "put_aside")                                                       \
    E(waiting_event, BOOKED, "booked")                                                             \
    E(waiting_event, RELEASED, "released")
/* Netting: one position an instrument. Hedging: a long and a short one side by side. */
#define TT_ENUM_position_mode(E)                                                                   \
    E(position_mode, NETTING, "netting")                                                           \
    E(position_mode, HEDGING, "hedging")
/* Trades at the venue that no order of ours caused. */
#define TT_ENUM_external_kind(E)                                                                   \
    E(external_kind, NONE, "none")                                                                 \
    E(external_kind, TRADE, "trade")                                                               \
    E(external_kind, LIQUIDATION, "liquidation")                                                   \
    E(external_kind, ADL, "adl")
#define TT_ENUM_bag_event(E)                                                                       \
    E(bag_event, NONE, "none")                                                                     \
    E(bag_event, ALLOCATION, "hodl_allocation")                                                    \
    E(bag_event, EXECUTION, "hodl_execution")
// clang-format on

#endif
