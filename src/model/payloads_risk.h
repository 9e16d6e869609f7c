/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of risk: verdicts with their checks, alerts. A verdict holds what it rests on; a check
 * that passed has a row only where its numbers do not follow from that (model/verdict.h).
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
/* The checks of a verdict, by place; in this order they run. Each kind of proposal has its part of
 * them. */
#define TT_RISK_PLACE_LIST(P)                                                                      \
    P(INVALID_PROPOSAL) P(NO_POSITION) P(TRADING_HALTED) P(IN_COOLDOWN) P(PROTECTION_LOCK)         \
    P(ENTRY_WINDOW) P(TRADE_COUNT) P(NO_EQUITY) P(NO_PRICE) P(UNRESOLVED_ORDER) P(MAX_POSITIONS)   \
    P(STOP_LOSS_REQUIRED) P(STOP_TOO_TIGHT) P(STOP_TOO_WIDE) P(LOW_RR) P(CONFIDENCE_TOO_LOW)       \
    P(AGENT_DISAGREEMENT) P(SIZE_ADVISED) P(SIZE_REDUCED) P(RISK_PER_TRADE)                        \
    P(SIZE_REDUCED_LOSSES) P(VOLATILITY_SPIKE) P(LEVERAGE_REDUCED) P(SIZE_TOO_SMALL)               \
    P(EXPOSURE_LIMIT) P(CORRELATED_EXPOSURE) P(INSUFFICIENT_MARGIN) P(CIRCUIT_BREAKER)        \
    P(BUDGET)
#define TT_MAX_risk_check 29
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
    F(P, money, exposure_used, 0, "held and in flight before this trade, at its worst")            \
    F(P, money, exposure_limit, 0, "most that may be held and in flight")                          \
    F(P, money, position_used, 0, "of the symbol, before this trade")                              \
    F(P, money, position_limit, 0, "most of the symbol")                                           \
    F(P, money, loss_limit, 0, "largest loss at the stop")                                         \
    F(P, money, correlated_used, 0, "weighted by correlation, before this trade")                  \
    F(P, money, correlated_limit, 0, "most of it")                                                 \
    F(P, money, margin_limit, 0, "margin that this trade may need")                                \
    F(P, ratio, drawdown_pct, 0, "fall from the peak")                                             \
    F(P, ratio, confidence, 0, "of the proposal, as capped")                                       \
    F(P, ratio, disagreement, 0, "between TA and sentiment")                                       \
    F(P, ratio, atr, 0, "average true range; 0 = not known")                                       \
    F(P, ratio, atr_limit, 0, "above it is a spike; 0 = not known")                                \
    F(P, qty, min_qty, 0, "least quantity of an order")                                            \
    F(P, seq, proposal_seq, 0, "the proposal that is judged")                                      \
    F(P, u64, position_id, 0, "position that a close means; 0 = the trade opens or adds")          \
    F(P, time, locked_until, 0, "end of what holds entries back; null = nothing does")             \
    F(P, dur, price_age_max, 0, "oldest price that sizes a trade")                                 \
    F(P, u32, checks_run, 0, "one bit for each check that ran, by its place")                      \
    F(P, u32, checks_skipped, 0, "one bit for each of them that had nothing to look at")           \
    F(P, u32, entries_today, 0, "of the account, in this UTC day")                                 \
    F(P, u32, entries_max, 0, "limit of them; 0 = none")                                           \
    F(P, u32, drawdown_max_micro, 0, "limit of the drawdown, in 10^-6 percent")                    \
    F(P, u32, stop_min_micro, 0, "nearest stop, in 10^-6 percent")                                 \
    F(P, u32, stop_max_micro, 0, "farthest stop, in 10^-6 percent")                                \
    F(P, u32, reward_min_micro, 0, "least reward over risk, in 10^-6")                             \
    F(P, u32, confidence_min_micro, 0, "least confidence, in 10^-6")                               \
    F(P, u32, disagreement_max_micro, 0, "distance from which a verdict warns, in 10^-6")          \
    F(P, u8, leverage_before, 0, "leverage proposed")                                              \
    F(P, u8, leverage_after, 0, "leverage allowed")                                                \
    F(P, u8, leverage_max, 0, "highest leverage of this trade")                                    \
    F(P, u8, positions, 0, "positions and open entries with this trade")                           \
    F(P, u8, positions_max, 0, "limit of them")                                                    \
    F(P, u8, losses_in_row, 0, "closed trades in a row that lost")                                 \
    F(P, enum, status, verdict, "the judgement")                                                   \
    F(P, enum, code, risk_code, "first rejection")                                                 \
    F(P, enum, kind, proposal_kind, "of the proposal")                                             \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, exit_reason, exit_reason, "for closes")                                             \
    F(P, enum, lock, lock_reason, "what holds entries back")                                       \
    F(P, u8, count, 0, "checks that follow")                                                       \
    F(P, reserved, reserved, 11, "")                                                               \
    F(P, list, checks, risk_check, "checks whose numbers do not follow from the fields above")
/* A verdict as it is read: every check that ran has its row. It is in no message; tt_verdict_show
 * makes it. */
#define TT_FIELDS_verdict_view(F, P)                                                               \
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
