/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of the portfolio: plans and batches.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_PORTFOLIO_H
#define TT_MODEL_PAYLOADS_PORTFOLIO_H

// clang-format off
#define TT_FIELDS_plan_row(F, P)                                                                   \
    F(P, money, value, 0, "of the position, signed")                                               \
    F(P, money, amount, 0, "to trade in all batches; 0 = nothing")                                 \
    F(P, ratio, current_pct, 0, "share of what is allocated now")                                  \
    F(P, ratio, target_pct, 0, "share wanted")                                                     \
    F(P, key, instrument, 0, "what is held")                                                       \
    F(P, enum, side, side, "of the trade; none = no trade")                                        \
    F(P, u8, priority, 0, "1 = sells, before 2 = buys; 0 = no trade")                              \
    F(P, flag, is_exit, 0, "the whole position is sold, however small")                            \
    F(P, reserved, reserved, 9, "")
#define TT_MAX_plan_row 16
#define TT_FIELDS_rebalance_plan(F, P)                                                             \
    F(P, money, equity, 0, "what is allocated: equity less positions that have no target")         \
    F(P, money, cash, 0, "of it, what is in no position")                                          \
    F(P, ratio, cash_target_pct, 0, "share wanted in cash")                                        \
    F(P, ratio, max_deviation_pct, 0, "largest distance of a share from its target")               \
    F(P, ratio, threshold_pct, 0, "distance from which is traded")                                 \
    F(P, money, sells, 0, "sum to sell; of a plan that ended: sold")                               \
    F(P, money, buys, 0, "sum to buy; of a plan that ended: bought")                               \
    F(P, seq, plan_seq, 0, "the plan that ended; 0 = this message")                                \
    F(P, seq, advice_seq, 0, "portfolio_updates message that led to it; 0 = a command")            \
    F(P, dur, interval, 0, "between two batches")                                                  \
    F(P, enum, outcome, plan_outcome, "what is done")                                              \
    F(P, enum, strategy, rebalance_strategy, "how it is traded")                                   \
    F(P, enum, drift, severity, "how far the drift is: info, warning, high")                       \
    F(P, u8, batches, 0, "batches of the plan")                                                    \
    F(P, flag, is_forced, 0, "threshold and pause between plans did not count")                    \
    F(P, u8, count, 0, "rows that follow")                                                         \
    F(P, u8, agent_cuts, 0, "trades that the agent made smaller or left out")                      \
    F(P, u8, agent_refused, 0, "trades of the agent that no plan contains")                        \
    F(P, text, reason, 128, "why")                                                                 \
    F(P, list, rows, plan_row, "every symbol with a target; trades sells first")
#define TT_FIELDS_rebalance_batch(F, P)                                                            \
    F(P, money, planned, 0, "amount of the plan")                                                  \
    F(P, money, amount, 0, "amount to trade, never more than planned")                             \
    F(P, money, filled, 0, "traded so far")                                                        \
    F(P, seq, plan_seq, 0, "the plan")                                                             \
    F(P, seq, proposal_seq, 0, "last proposal; 0 = none yet")                                      \
    F(P, seq, verdict_seq, 0, "its verdict; 0 = none yet")                                         \
    F(P, u64, order_id, 0, "last order; 0 = none yet")                                             \
    F(P, time, due, 0, "when the batch is due")                                                    \
    F(P, time, retry_at, 0, "not tried again before; null = at once")                              \
    F(P, enum, state, batch_state, "after the change")                                             \
    F(P, enum, old_state, batch_state, "before it")                                                \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, u8, batch, 0, "number of the batch, from 0")                                              \
    F(P, u8, batches, 0, "batches of the plan")                                                    \
    F(P, u8, attempts, 0, "proposals made")                                                        \
    F(P, enum, code, risk_code, "why risk refused the last proposal; NONE = it did not")           \
    F(P, reserved, reserved, 9, "")                                                                \
    F(P, text, reason, 96, "why")
// clang-format on

#endif
