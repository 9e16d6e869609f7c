/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Every enumeration that stands in a message: one row a value, with the text that JSON and the
 * documentation use. Values are stored in the journal: rows are appended, never reordered.
 */
#ifndef TT_MODEL_ENUMS_H
#define TT_MODEL_ENUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
#define TT_ENUM_priority(E)                                                                        \
    E(priority, NONE, "none")                                                                      \
    E(priority, LOW, "low")                                                                        \
    E(priority, NORMAL, "normal")                                                                  \
    E(priority, HIGH, "high")                                                                      \
    E(priority, URGENT, "urgent")
#define TT_ENUM_msg_kind(E)                                                                        \
    E(msg_kind, EVENT, "event")                                                                    \
    E(msg_kind, SIGNAL, "signal")                                                                  \
    E(msg_kind, REQUEST, "request")                                                                \
    E(msg_kind, RESPONSE, "response")                                                              \
    E(msg_kind, COMMAND, "command")                                                                \
    E(msg_kind, ALERT, "alert")                                                                    \
    E(msg_kind, VETO, "veto")
#define TT_ENUM_mode(E)                                                                            \
    E(mode, BACKTEST, "backtest")                                                                  \
    E(mode, PAPER, "paper")                                                                        \
    E(mode, REPLAY, "replay")                                                                      \
    E(mode, SCENARIO, "scenario")
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
    E(report_kind, TIMEOUT, "timeout")
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
    E(execution_event_type, ORDER_RESOLVED, "order_resolved")
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
    E(exit_reason, EXTERNAL, "external")
/* What an exit rule of the trade module did. */
#define TT_ENUM_exit_action(E)                                                                     \
    E(exit_action, NONE, "none")                                                                   \
    E(exit_action, TRAILING_STARTED, "trailing_started")                                           \
    E(exit_action, STOP_MOVED, "stop_moved")                                                       \
    E(exit_action, CLOSE, "close")
/* Agents */
#define TT_ENUM_task(E)                                                                            \
    E(task, TA_ANALYSIS, "ta_analysis")                                                            \
    E(task, REGIME_DETECTION, "regime_detection")                                                  \
    E(task, SENTIMENT_ANALYSIS, "sentiment_analysis")                                              \
    E(task, TRADING_DECISION, "trading_decision")                                                  \
    E(task, PORTFOLIO_CHECK, "portfolio_check")
#define TT_ENUM_agent(E)                                                                           \
    E(agent, TECHNICAL_ANALYSIS, "technical_analysis")                                             \
    E(agent, REGIME_DETECTION, "regime_detection")                                                 \
    E(agent, SENTIMENT_ANALYSIS, "sentiment_analysis")                                             \
    E(agent, TRADING_DECISION, "trading_decision")                                                 \
    E(agent, PORTFOLIO_REBALANCE, "portfolio_rebalance")                                           \
    E(agent, ARBITER, "arbiter")
#define TT_ENUM_answer_status(E)                                                                   \
    E(answer_status, OK, "ok")                                                                     \
    E(answer_status, NO_OPINION, "no_opinion")                                                     \
    E(answer_status, ERROR, "error")                                                               \
    E(answer_status, TIMEOUT, "timeout")                                                           \
    E(answer_status, INVALID, "invalid")
#define TT_ENUM_trend(E)                                                                           \
    E(trend, NEUTRAL, "neutral")                                                                   \
    E(trend, BULLISH, "bullish")                                                                   \
    E(trend, BEARISH, "bearish")
#define TT_ENUM_bias(E)                                                                            \
    E(bias, NEUTRAL, "neutral")                                                                    \
    E(bias, LONG, "long")                                                                          \
    E(bias, SHORT, "short")
#define TT_ENUM_rsi_signal(E)                                                                      \
    E(rsi_signal, NEUTRAL, "neutral")                                                              \
    E(rsi_signal, OVERSOLD, "oversold")                                                            \
    E(rsi_signal, OVERBOUGHT, "overbought")
#define TT_ENUM_macd_signal(E)                                                                     \
    E(macd_signal, NEUTRAL, "neutral")                                                             \
    E(macd_signal, BULLISH_CROSS, "bullish_cross")                                                 \
    E(macd_signal, BEARISH_CROSS, "bearish_cross")                                                 \
    E(macd_signal, BULLISH, "bullish")                                                             \
    E(macd_signal, BEARISH, "bearish")
#define TT_ENUM_level_position(E)                                                                  \
    E(level_position, MID_RANGE, "mid_range")                                                      \
    E(level_position, NEAR_SUPPORT, "near_support")                                                \
    E(level_position, NEAR_RESISTANCE, "near_resistance")
#define TT_ENUM_regime(E)                                                                          \
    E(regime, UNKNOWN, "unknown")                                                                  \
    E(regime, TRENDING_BULL, "trending_bull")                                                      \
    E(regime, TRENDING_BEAR, "trending_bear")                                                      \
    E(regime, RANGING, "ranging")                                                                  \
    E(regime, VOLATILE_BULL, "volatile_bull")                                                      \
    E(regime, VOLATILE_BEAR, "volatile_bear")                                                      \
    E(regime, CHOPPY, "choppy")                                                                    \
    E(regime, BREAKOUT_POTENTIAL, "breakout_potential")
#define TT_ENUM_volatility(E)                                                                      \
    E(volatility, LOW, "low")                                                                      \
    E(volatility, NORMAL, "normal")                                                                \
    E(volatility, HIGH, "high")                                                                    \
    E(volatility, EXTREME, "extreme")
#define TT_ENUM_volume_profile(E)                                                                  \
    E(volume_profile, STABLE, "stable")                                                            \
    E(volume_profile, DECREASING, "decreasing")                                                    \
    E(volume_profile, INCREASING, "increasing")                                                    \
    E(volume_profile, SPIKE, "spike")
#define TT_ENUM_strictness(E)                                                                      \
    E(strictness, NORMAL, "normal")                                                                \
    E(strictness, RELAXED, "relaxed")                                                              \
    E(strictness, STRICT, "strict")                                                                \
    E(strictness, VERY_STRICT, "very_strict")
#define TT_ENUM_sentiment_bias(E)                                                                  \
    E(sentiment_bias, NEUTRAL, "neutral")                                                          \
    E(sentiment_bias, VERY_BEARISH, "very_bearish")                                                \
    E(sentiment_bias, BEARISH, "bearish")                                                          \
    E(sentiment_bias, BULLISH, "bullish")                                                          \
    E(sentiment_bias, VERY_BULLISH, "very_bullish")
#define TT_ENUM_action(E)                                                                          \
    E(action, HOLD, "HOLD")                                                                        \
    E(action, BUY, "BUY")                                                                          \
    E(action, SELL, "SELL")                                                                        \
    E(action, CLOSE_LONG, "CLOSE_LONG")                                                            \
    E(action, CLOSE_SHORT, "CLOSE_SHORT")
#define TT_ENUM_portfolio_action(E)                                                                \
    E(portfolio_action, NO_ACTION, "no_action")                                                    \
    E(portfolio_action, REBALANCE, "rebalance")
/* Coordination */
#define TT_ENUM_vote_result(E)                                                                     \
    E(vote_result, ABSENT, "absent")                                                               \
    E(vote_result, AGREES, "agrees")                                                               \
    E(vote_result, DISAGREES, "disagrees")
#define TT_ENUM_conflict_type(E)                                                                   \
    E(conflict_type, TA_SENTIMENT, "ta_sentiment_conflict")                                        \
    E(conflict_type, REGIME, "regime_conflict")                                                    \
    E(conflict_type, CONTRADICTING_SYMBOLS, "contradicting_symbols")                               \
    E(conflict_type, REGIME_CHANGE, "regime_change")                                               \
    E(conflict_type, RISK_MODIFICATION, "risk_modification")
#define TT_ENUM_resolution(E)                                                                      \
    E(resolution, WAIT, "wait")                                                                    \
    E(resolution, PROCEED, "proceed")                                                              \
    E(resolution, MODIFY, "modify")                                                                \
    E(resolution, ABORT, "abort")
#define TT_ENUM_coordinator_state(E)                                                               \
    E(coordinator_state, RUNNING, "running")                                                       \
    E(coordinator_state, PAUSED, "paused")                                                         \
    E(coordinator_state, HALTED, "halted")
#define TT_ENUM_degradation(E)                                                                     \
    E(degradation, NORMAL, "normal")                                                               \
    E(degradation, REDUCED, "reduced")                                                             \
    E(degradation, LIMITED, "limited")                                                             \
    E(degradation, EMERGENCY, "emergency")
#define TT_ENUM_command(E)                                                                         \
    E(command, NONE, "none")                                                                       \
    E(command, PAUSE, "pause")                                                                     \
    E(command, RESUME, "resume")                                                                   \
    E(command, HALT, "halt")                                                                       \
    E(command, FLATTEN, "flatten")                                                                 \
    E(command, ENABLE_TASK, "enable_task")                                                         \
    E(command, DISABLE_TASK, "disable_task")                                                       \
    E(command, FORCE_RUN, "force_run")                                                             \
    E(command, RESET_RISK, "reset_risk")                                                           \
    E(command, APPROVE, "approve")                                                                 \
    E(command, REJECT, "reject")                                                                   \
    E(command, RELEASE, "release")                                                                 \
    E(command, CLOSE_POSITION, "close_position")                                                   \
    E(command, CANCEL_ORDER, "cancel_order")                                                       \
    E(command, REBALANCE, "rebalance")                                                             \
    E(command, FORCE_REBALANCE, "force_rebalance")                                                 \
    E(command, CANCEL_REBALANCE, "cancel_rebalance")                                               \
    E(command, ASSIGN_POSITION, "assign_position")
/* Who asks: what he may do is checked where he comes in; NONE = from this machine itself. */
#define TT_ENUM_role(E)                                                                            \
    E(role, NONE, "none")                                                                          \
    E(role, VIEWER, "viewer")                                                                      \
    E(role, TRADER, "trader")                                                                      \
    E(role, ADMIN, "admin")
#define TT_ENUM_reply_status(E)                                                                    \
    E(reply_status, DONE, "done")                                                                  \
    E(reply_status, REFUSED, "refused")                                                            \
    E(reply_status, NOT_FOUND, "not_found")
#define TT_ENUM_system_event_type(E)                                                               \
    E(system_event_type, SESSION_STARTED, "session_started")                                       \
    E(system_event_type, SESSION_RECOVERED, "session_recovered")                                   \
    E(system_event_type, SESSION_STOPPED, "session_stopped")                                       \
    E(system_event_type, COORDINATOR_PAUSED, "coordinator_paused")                                 \
    E(system_event_type, COORDINATOR_RESUMED, "coordinator_resumed")                               \
    E(system_event_type, COORDINATOR_HALTED, "coordinator_halted")                                 \
    E(system_event_type, TASK_ERROR, "task_error")                                                 \
    E(system_event_type, DEGRADATION_INCREASED, "degradation_increased")                           \
    E(system_event_type, DEGRADATION_DECREASED, "degradation_decreased")                           \
    E(system_event_type, DEGRADATION_RECOVERY, "degradation_recovery")                             \
    E(system_event_type, EMERGENCY_ACTION, "emergency_action")                                     \
    E(system_event_type, IN_FLIGHT_TASKS_RECOVERED, "in_flight_tasks_recovered")                   \
    E(system_event_type, INVARIANT_BROKEN, "invariant_broken")                                     \
    E(system_event_type, BUDGET_SPENT, "budget_spent")                                             \
    E(system_event_type, PART_DOWN, "part_down")                                                   \
    E(system_event_type, PART_UP, "part_up")                                                       \
    E(system_event_type, SYMBOL_PAUSED, "symbol_paused")                                           \
    E(system_event_type, SYMBOL_RESUMED, "symbol_resumed")                                         \
    E(system_event_type, HEALTH_CHECK_FAILED, "health_check_failed")                               \
    E(system_event_type, HEALTH_CHECK_PASSED, "health_check_passed")                               \
    E(system_event_type, ALLOCATION_DRIFT, "allocation_drift")
#define TT_ENUM_severity(E)                                                                        \
    E(severity, INFO, "info")                                                                      \
    E(severity, WARNING, "warning")                                                                \
    E(severity, HIGH, "high")                                                                      \
    E(severity, CRITICAL, "critical")
/* Risk */
#define TT_ENUM_proposal_kind(E)                                                                   \
    E(proposal_kind, ENTRY, "entry")                                                               \
    E(proposal_kind, CLOSE, "close")                                                               \
    E(proposal_kind, REBALANCE, "rebalance")
#define TT_ENUM_verdict(E)                                                                         \
    E(verdict, REJECTED, "rejected")                                                               \
    E(verdict, APPROVED, "approved")                                                               \
    E(verdict, MODIFIED, "modified")                                                               \
    E(verdict, HALTED, "halted")                                                                   \
    E(verdict, HELD, "held")
/* Rejection codes keep the names of the field; NONE stands for "not rejected". */
#define TT_ENUM_risk_code(E)                                                                       \
    E(risk_code, NONE, "NONE")                                                                     \
    E(risk_code, INVALID_PROPOSAL, "INVALID_PROPOSAL")                                             \
    E(risk_code, TRADING_HALTED, "TRADING_HALTED")                                                 \
    E(risk_code, IN_COOLDOWN, "IN_COOLDOWN")                                                       \
    E(risk_code, STOP_LOSS_REQUIRED, "STOP_LOSS_REQUIRED")                                         \
    E(risk_code, STOP_TOO_TIGHT, "STOP_TOO_TIGHT")                                                 \
    E(risk_code, STOP_TOO_WIDE, "STOP_TOO_WIDE")                                                   \
    E(risk_code, LOW_RR, "LOW_RR")                                                                 \
    E(risk_code, CONFIDENCE_TOO_LOW, "CONFIDENCE_TOO_LOW")                                         \
    E(risk_code, SIZE_REDUCED, "SIZE_REDUCED")                                                     \
    E(risk_code, SIZE_REDUCED_LOSSES, "SIZE_REDUCED_LOSSES")                                       \
    E(risk_code, VOLATILITY_SPIKE, "VOLATILITY_SPIKE")                                             \
    E(risk_code, LEVERAGE_REDUCED, "LEVERAGE_REDUCED")                                             \
    E(risk_code, EXPOSURE_LIMIT, "EXPOSURE_LIMIT")                                                 \
    E(risk_code, CORRELATED_EXPOSURE, "CORRELATED_EXPOSURE")                                       \
    E(risk_code, HIGH_CORRELATION, "HIGH_CORRELATION")                                             \
    E(risk_code, INSUFFICIENT_MARGIN, "INSUFFICIENT_MARGIN")                                       \
    E(risk_code, CIRCUIT_BREAKER, "CIRCUIT_BREAKER")                                               \
    E(risk_code, AGENT_DISAGREEMENT, "AGENT_DISAGREEMENT")                                         \
    E(risk_code, MAX_POSITIONS, "MAX_POSITIONS")                                                   \
    E(risk_code, SIZE_TOO_SMALL, "SIZE_TOO_SMALL")                                                 \
    E(risk_code, NO_EQUITY, "NO_EQUITY")                                                           \
    E(risk_code, NO_PRICE, "NO_PRICE")                                                             \
    E(risk_code, UNRESOLVED_ORDER, "UNRESOLVED_ORDER")                                             \
    E(risk_code, NO_POSITION, "NO_POSITION")                                                       \
    E(risk_code, SIZE_ADVISED, "SIZE_ADVISED")                                                     \
    E(risk_code, RISK_PER_TRADE, "RISK_PER_TRADE")                                                 \
    E(risk_code, PROTECTION_LOCK, "PROTECTION_LOCK")                                               \
    E(risk_code, ENTRY_WINDOW, "ENTRY_WINDOW")                                                     \
    E(risk_code, TRADE_COUNT, "TRADE_COUNT")
#define TT_ENUM_check_outcome(E)                                                                   \
    E(check_outcome, PASS, "pass")                                                                 \
    E(check_outcome, WARN, "warn")                                                                 \
    E(check_outcome, CLAMP, "clamp")                                                               \
    E(check_outcome, REJECT, "reject")                                                             \
    E(check_outcome, SKIP, "skip")
#define TT_ENUM_alert_type(E)                                                                      \
    E(alert_type, TRADE_REJECTED, "trade_rejected")                                                \
    E(alert_type, CIRCUIT_BREAKER, "circuit_breaker")                                              \
    E(alert_type, CONTINGENT_ORDER_FAILURE, "contingent_order_failure")                            \
    E(alert_type, FILL_HANDLING_FAILURE, "fill_handling_failure")                                  \
    E(alert_type, POSITION_SYNC_DISCREPANCY, "position_sync_discrepancy")                          \
    E(alert_type, ORDER_UNKNOWN, "order_unknown")                                                  \
    E(alert_type, COOLDOWN, "cooldown")                                                            \
    E(alert_type, VOLATILITY_SPIKE, "volatility_spike")                                            \
    E(alert_type, UNUSUAL_MOVEMENT, "unusual_movement")                                            \
    E(alert_type, PROTECTION, "protection")                                                        \
    E(alert_type, LOSS_WARNING, "loss_warning")                                                    \
    E(alert_type, MARGIN_LOW, "margin_low")                                                        \
    E(alert_type, LIQUIDATION_RISK, "liquidation_risk")                                            \
    E(alert_type, LIQUIDATION_DETECTED, "liquidation_detected")
#define TT_ENUM_breach_type(E)                                                                     \
    E(breach_type, NONE, "none")                                                                   \
    E(breach_type, DAILY_LOSS, "daily_loss")                                                       \
    E(breach_type, WEEKLY_LOSS, "weekly_loss")                                                     \
    E(breach_type, MAX_DRAWDOWN, "max_drawdown")                                                   \
    E(breach_type, CONSECUTIVE_LOSSES, "consecutive_losses")
/* What holds entries back for a time: cooldowns, then protections, then windows of the day. */
#define TT_ENUM_lock_reason(E)                                                                     \
    E(lock_reason, NONE, "none")                                                                   \
    E(lock_reason, POST_TRADE, "post_trade")                                                       \
    E(lock_reason, POST_LOSS, "post_loss")                                                         \
    E(lock_reason, CONSECUTIVE_LOSSES_3, "consecutive_losses_3")                                   \
    E(lock_reason, CONSECUTIVE_LOSSES_5, "consecutive_losses_5")                                   \
    E(lock_reason, VOLATILITY_SPIKE, "volatility_spike")                                           \
    E(lock_reason, UNUSUAL_MOVEMENT, "unusual_movement")                                           \
    E(lock_reason, POST_REBALANCE, "post_rebalance")                                               \
    E(lock_reason, STOPLOSS_GUARD, "stoploss_guard")                                               \
    E(lock_reason, MAX_DRAWDOWN, "max_drawdown")                                                   \
    E(lock_reason, LOW_PROFIT, "low_profit")                                                       \
    E(lock_reason, COOLDOWN, "cooldown")                                                           \
    E(lock_reason, ENTRY_WINDOW, "entry_window")
#define TT_ENUM_protection(E)                                                                      \
    E(protection, STOPLOSS_GUARD, "stoploss_guard")                                                \
    E(protection, MAX_DRAWDOWN, "max_drawdown")                                                    \
    E(protection, LOW_PROFIT, "low_profit")                                                        \
    E(protection, COOLDOWN, "cooldown")
#define TT_ENUM_protection_scope(E)                                                                \
    E(protection_scope, ALL, "all")                                                                \
    E(protection_scope, SYMBOL, "symbol")                                                          \
    E(protection_scope, SIDE, "side")                                                              \
    E(protection_scope, SYMBOL_SIDE, "symbol_side")
#define TT_ENUM_position_command_type(E)                                                           \
    E(position_command_type, CLOSE, "close")                                                       \
    E(position_command_type, REDUCE, "reduce")                                                     \
    E(position_command_type, CANCEL_ENTRIES, "cancel_entries")
/* Inputs and bus */
#define TT_ENUM_feed_event_type(E)                                                                 \
    E(feed_event_type, ROW_REFUSED, "row_refused")                                                 \
    E(feed_event_type, GAP, "gap")                                                                 \
    E(feed_event_type, END_OF_DATA, "end_of_data")                                                 \
    E(feed_event_type, DISCONNECTED, "disconnected")                                               \
    E(feed_event_type, CONNECTED, "connected")
#define TT_ENUM_session_event_type(E)                                                              \
    E(session_event_type, STARTED, "started")                                                      \
    E(session_event_type, RECOVERED, "recovered")                                                  \
    E(session_event_type, STOPPING, "stopping")                                                    \
    E(session_event_type, STOPPED, "stopped")
/* Parts outside the core whose health the host reports. */
#define TT_ENUM_part(E)                                                                            \
    E(part, NONE, "none")                                                                          \
    E(part, STORE, "store")                                                                        \
    E(part, FEED, "feed")                                                                          \
    E(part, VENUE, "venue")                                                                        \
    E(part, JOURNAL, "journal")                                                                    \
    E(part, AGENTS, "agents")
#define TT_ENUM_dead_reason(E)                                                                     \
    E(dead_reason, NONE, "none")                                                                   \
    E(dead_reason, HANDLER_FAILED, "handler_failed")                                               \
    E(dead_reason, EXPIRED, "expired")                                                             \
    E(dead_reason, DEPTH_LIMIT, "depth_limit")                                                     \
    E(dead_reason, QUEUE_FULL, "queue_full")                                                       \
    E(dead_reason, INVALID_INPUT, "invalid_input")                                                 \
    E(dead_reason, UNKNOWN_CALL, "unknown_call")                                                   \
    E(dead_reason, UNKNOWN_ORDER, "unknown_order")                                                 \
    E(dead_reason, RATE_LIMIT, "rate_limit")                                                       \
    E(dead_reason, QUARANTINED, "quarantined")                                                     \
    E(dead_reason, MAILBOX_FULL, "mailbox_full")                                                   \
    E(dead_reason, NO_REPLY, "no_reply")                                                           \
    E(dead_reason, UNDELIVERED_AT_STOP, "undelivered_at_stop")
#define TT_ENUM_bus_command_type(E)                                                                \
    E(bus_command_type, NONE, "none")                                                              \
    E(bus_command_type, REDRIVE, "redrive")                                                        \
    E(bus_command_type, DISCARD, "discard")                                                        \
    E(bus_command_type, RELEASE, "release")                                                        \
    E(bus_command_type, BLOCK, "block")                                                            \
    E(bus_command_type, UNBLOCK, "unblock")
#define TT_ENUM_bus_alert_type(E)                                                                  \
    E(bus_alert_type, QUARANTINE, "quarantine")                                                    \
    E(bus_alert_type, SUCCESS_RATE, "success_rate")                                                \
    E(bus_alert_type, HANDLER_TIME_MEAN, "handler_time_mean")                                      \
    E(bus_alert_type, HANDLER_TIME_MAX, "handler_time_max")                                        \
    E(bus_alert_type, CONSECUTIVE_FAILURES, "consecutive_failures")                                \
    E(bus_alert_type, FAILURE_RATE, "failure_rate")                                                \
    E(bus_alert_type, QUEUE_FILL, "queue_fill")                                                    \
    E(bus_alert_type, INACTIVITY, "inactivity")                                                    \
    E(bus_alert_type, DEAD_LETTERS_FULL, "dead_letters_full")                                      \
    E(bus_alert_type, MAILBOX_OVERFLOW, "mailbox_overflow")


/* Configuration only */
#define TT_ENUM_feed_kind(E)                                                                       \
    E(feed_kind, SYNTHETIC, "synthetic")                                                           \
    E(feed_kind, CSV_BARS, "csv_bars")                                                             \
    E(feed_kind, BINANCE, "binance")                                                               \
    E(feed_kind, EQUITY_TICKS, "equity_ticks")
#define TT_ENUM_row_policy(E)                                                                      \
    E(row_policy, SKIP, "skip")                                                                    \
    E(row_policy, STOP, "stop")
#define TT_ENUM_bar_time(E)                                                                        \
    E(bar_time, CLOSE, "close")                                                                    \
    E(bar_time, OPEN, "open")
#define TT_ENUM_durability(E)                                                                      \
    E(durability, ALWAYS, "always")                                                                \
    E(durability, BATCH, "batch")                                                                  \
    E(durability, NONE, "none")
#define TT_ENUM_idle(E)                                                                            \
    E(idle, BACKOFF, "backoff")                                                                    \
    E(idle, BLOCK, "block")                                                                        \
    E(idle, SPIN, "spin")

/* What a breaker of risk does. */
#define TT_ENUM_emergency_action(E)                                                                \
    E(emergency_action, NONE, "none")                                                              \
    E(emergency_action, PAUSE_TRADING, "pause_trading")                                            \
    E(emergency_action, REDUCE_POSITIONS, "reduce_positions")                                      \
    E(emergency_action, HALT_ALL, "halt_all")
/* What starts a turn of a task. */
#define TT_ENUM_task_start(E)                                                                      \
    E(task_start, INTERVAL, "interval")                                                            \
    E(task_start, BAR, "bar")
#define TT_ENUM_llm_protocol(E)                                                                    \
    E(llm_protocol, OPENAI, "openai")                                                              \
    E(llm_protocol, ANTHROPIC, "anthropic")
/* Stages of a conflict that arbiters settle. */
#define TT_ENUM_case_stage(E)                                                                      \
    E(case_stage, NONE, "none")                                                                    \
    E(case_stage, OPENED, "opened")                                                                \
    E(case_stage, ARBITER_SKIPPED, "arbiter_skipped")                                              \
    E(case_stage, ARBITER_FAILED, "arbiter_failed")                                                \
    E(case_stage, ESCALATED, "escalated")                                                          \
    E(case_stage, APPROVED, "approved")                                                            \
    E(case_stage, REJECTED, "rejected")                                                            \
    E(case_stage, EXPIRED, "expired")                                                              \
    E(case_stage, ENDED, "ended")
/* Portfolio. NONE: as the configuration says. */
#define TT_ENUM_rebalance_strategy(E)                                                              \
    E(rebalance_strategy, NONE, "none")                                                            \
    E(rebalance_strategy, DEFER, "defer")                                                          \
    E(rebalance_strategy, IMMEDIATE, "immediate")                                                  \
    E(rebalance_strategy, DCA_24H, "dca_24h")                                                      \
    E(rebalance_strategy, LIMIT_ORDERS, "limit_orders")
#define TT_ENUM_plan_outcome(E)                                                                    \
    E(plan_outcome, NONE, "none")                                                                  \
    E(plan_outcome, ON_TARGET, "on_target")                                                        \
    E(plan_outcome, PLANNED, "planned")                                                            \
    E(plan_outcome, DEFERRED, "deferred")                                                          \
    E(plan_outcome, REFUSED, "refused")                                                            \
    E(plan_outcome, COMPLETED, "completed")                                                        \
    E(plan_outcome, CANCELLED, "cancelled")
#define TT_ENUM_batch_state(E)                                                                     \
    E(batch_state, NONE, "none")                                                                   \
    E(batch_state, PENDING, "pending")                                                             \
    E(batch_state, DUE, "due")                                                                     \
    E(batch_state, SENT, "sent")                                                                   \
    E(batch_state, DONE, "done")                                                                   \
    E(batch_state, FAILED, "failed")                                                               \
    E(batch_state, SKIPPED, "skipped")
#define TT_ENUM_late_policy(E)                                                                     \
    E(late_policy, SKIP, "skip")                                                                   \
    E(late_policy, RUN, "run")

/* The venue's state against ours. */
#define TT_ENUM_reconcile_stage(E)                                                                 \
    E(reconcile_stage, NONE, "none")                                                               \
    E(reconcile_stage, SUSPECTED, "suspected")                                                     \
    E(reconcile_stage, CLEARED, "cleared")                                                         \
    E(reconcile_stage, REPAIRED, "repaired")                                                       \
    E(reconcile_stage, RELEASED, "released")
#define TT_ENUM_discrepancy(E)                                                                     \
    E(discrepancy, NONE, "none")                                                                   \
    E(discrepancy, MISSED_FILL, "missed_fill")                                                     \
    E(discrepancy, UNKNOWN_ORDER, "unknown_order")                                                 \
    E(discrepancy, EXTERNAL_TRADE, "external_trade")                                               \
    E(discrepancy, CLOSED_OUTSIDE, "closed_outside")                                               \
    E(discrepancy, LIQUIDATION, "liquidation")                                                     \
    E(discrepancy, ADL, "adl")                                                                     \
    E(discrepancy, SIZE_MISMATCH, "size_mismatch")
/* Distance of the mark from liquidation. */
#define TT_ENUM_liquidation_level(E)                                                               \
    E(liquidation_level, FAR, "far")                                                               \
    E(liquidation_level, MEDIUM, "medium")                                                         \
    E(liquidation_level, HIGH, "high")                                                             \
    E(liquidation_level, CRITICAL, "critical")                                                     \
    E(liquidation_level, PASSED, "passed")
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

#define TT_ENUM_LIST(X)                                                                            \
    X(priority) X(msg_kind) X(mode) X(side) X(liquidity) X(order_type) X(tif) X(order_role)        \
    X(order_state) X(report_kind) X(execution_event_type) X(position_event) X(fill_effect)         \
    X(exit_reason) X(task) X(agent) X(answer_status) X(trend) X(bias) X(rsi_signal)                \
    X(macd_signal) X(level_position) X(regime) X(volatility) X(volume_profile) X(strictness)       \
    X(sentiment_bias) X(action) X(portfolio_action) X(vote_result) X(conflict_type) X(resolution)  \
    X(coordinator_state) X(degradation) X(command) X(reply_status) X(system_event_type)            \
    X(severity) X(proposal_kind) X(verdict) X(risk_code) X(check_outcome) X(alert_type)            \
    X(breach_type) X(position_command_type) X(feed_event_type) X(session_event_type)               \
    X(dead_reason) X(feed_kind) X(row_policy) X(bar_time) X(durability) X(idle)                    \
    X(bus_command_type) X(bus_alert_type) X(case_stage) X(llm_protocol) X(role) X(task_start)      \
    X(part) X(exit_action) X(lock_reason) X(protection) X(protection_scope) X(emergency_action)    \
    X(external_kind) X(position_mode) X(liquidation_level)                                         \
    X(rebalance_strategy) X(plan_outcome) X(batch_state) X(late_policy)                            \
    X(reconcile_stage) X(discrepancy)                                                              \
    X(bag_event)

// clang-format on

/* enum tt_side { TT_side_BUY, ... , TT_side_COUNT } and so on. */
#define TT_ENUM_VALUE_(e, name, text) TT_##e##_##name,
// clang-format off
#define TT_ENUM_DECLARE_(e)                                                                        \
    typedef enum tt_##e { TT_ENUM_##e(TT_ENUM_VALUE_) TT_##e##_COUNT } tt_##e;
// clang-format on
TT_ENUM_LIST(TT_ENUM_DECLARE_)
#undef TT_ENUM_DECLARE_
#undef TT_ENUM_VALUE_

/** Describes one enumeration: its name and the text of each value. */
typedef struct tt_enum_info {
    const char *name;
    const char *const *texts;
    uint8_t count;
} tt_enum_info;

#define TT_ENUM_INFO_DECLARE_(e) extern const tt_enum_info tt_enum_##e;
TT_ENUM_LIST(TT_ENUM_INFO_DECLARE_)
#undef TT_ENUM_INFO_DECLARE_

/** Returns all enumerations in their order; NULL ends the list. @thread{any} */
const tt_enum_info *const *tt_enum_all(void);
/** Returns the text of `value`, or "?" for a value outside the enumeration. */
const char *tt_enum_text(const tt_enum_info *info, uint8_t value);
/** Finds the value whose text is `text` (case counts). Returns false if there is none. */
bool tt_enum_find(const tt_enum_info *info, const char *text, size_t length, uint8_t *value);

#endif
