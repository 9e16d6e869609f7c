/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of risk: proposals, verdicts, checks, alerts, what holds entries back.
 */
#ifndef TT_MODEL_ENUMS_RISK_H
#define TT_MODEL_ENUMS_RISK_H

// clang-format off
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
    E(risk_code, TRADE_COUNT, "TRADE_COUNT")                                                       \
    E(risk_code, BUDGET, "BUDGET")
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
    E(alert_type, LIQUIDATION_DETECTED, "liquidation_detected")                                    \
    E(alert_type, BALANCE_DISCREPANCY, "balance_discrepancy")                                      \
    E(alert_type, CASH_TRANSFER, "cash_transfer")
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
    E(position_command_type, CANCEL_ENTRIES, "cancel_entries")                                     \
    E(position_command_type, TIGHTEN_STOPS, "tighten_stops")
/* What a breaker of risk does. */
#define TT_ENUM_emergency_action(E)                                                                \
    E(emergency_action, NONE, "none")                                                              \
    E(emergency_action, PAUSE_TRADING, "pause_trading")                                            \
    E(emergency_action, REDUCE_POSITIONS, "reduce_positions")                                      \
    E(emergency_action, HALT_ALL, "halt_all")
/* Distance of the mark from liquidation. */
#define TT_ENUM_liquidation_level(E)                                                               \
    E(liquidation_level, FAR, "far")                                                               \
    E(liquidation_level, MEDIUM, "medium")                                                         \
    E(liquidation_level, HIGH, "high")                                                             \
    E(liquidation_level, CRITICAL, "critical")                                                     \
    E(liquidation_level, PASSED, "passed")
// clang-format on

#endif
