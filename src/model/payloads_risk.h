/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of risk: verdicts with their checks, alerts.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_RISK_H
#define TT_MODEL_PAYLOADS_RISK_H

// clang-format off
#define TT_FIELDS_risk_check(F, P)                                                                 \
    F(P, ratio, value, 0, "what was measured")                                                     \
    F(P, ratio, limit, 0, "what is allowed")                                                       \
    F(P, ratio, before, 0, "number before a clamp")                                                \
    F(P, ratio, after, 0, "number after a clamp")                                                  \
    F(P, enum, code, risk_code, "the rule that was checked")                                       \
    F(P, enum, outcome, check_outcome, "what came of it")                                          \
    F(P, reserved, reserved, 14, "")
#define TT_MAX_risk_check 28
#define TT_FIELDS_risk_verdict(F, P)                                                               \
    F(P, money, size_before, 0, "notional proposed")                                               \
    F(P, money, size_after, 0, "notional allowed")                                                 \
    F(P, qty, qty, 0, "quantity to order, on the lot")                                             \
    F(P, price, reference_price, 0, "price that sized the order")                                  \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, money, equity, 0, "equity that the verdict rests on")                                     \
    F(P, money, margin_available, 0, "free margin that it rests on")                               \
    F(P, ratio, exposure_pct, 0, "before this trade")                                              \
    F(P, ratio, risk_per_trade_pct, 0, "loss at the stop in percent of equity")                    \
    F(P, seq, proposal_seq, 0, "the proposal that is judged")                                      \
    F(P, u64, position_id, 0, "position that a close means; 0 = the trade opens or adds")          \
    F(P, u8, leverage_before, 0, "leverage proposed")                                              \
    F(P, u8, leverage_after, 0, "leverage allowed")                                                \
    F(P, enum, status, verdict, "the judgement")                                                   \
    F(P, enum, code, risk_code, "first rejection")                                                 \
    F(P, enum, kind, proposal_kind, "of the proposal")                                             \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, exit_reason, exit_reason, "for closes")                                             \
    F(P, u8, count, 0, "checks that follow")                                                       \
    F(P, time, locked_until, 0, "end of what holds entries back; null = nothing does")             \
    F(P, enum, lock, lock_reason, "what holds entries back")                                       \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, list, checks, risk_check, "in their order")
#define TT_FIELDS_risk_alert(F, P)                                                                 \
    F(P, ratio, value, 0, "what was measured")                                                     \
    F(P, ratio, limit, 0, "what is allowed")                                                       \
    F(P, seq, subject_seq, 0, "verdict, order or fill that it is about")                           \
    F(P, time, until, 0, "end of a cooldown; 0 = none")                                            \
    F(P, enum, alert_type, alert_type, "what happened")                                            \
    F(P, enum, severity, severity, "how bad it is")                                                \
    F(P, enum, breach_type, breach_type, "which breaker")                                          \
    F(P, enum, code, risk_code, "the rule; NONE if it was no rejection")                           \
    F(P, enum, lock, lock_reason, "what holds entries back")                                       \
    F(P, reserved, reserved, 11, "")                                                               \
    F(P, text, message, 160, "the same in words")
// clang-format on

#endif
