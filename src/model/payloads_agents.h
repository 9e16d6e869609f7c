/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads between coordinator and agents: calls, answers, signals, opinions.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_AGENTS_H
#define TT_MODEL_PAYLOADS_AGENTS_H

// clang-format off
#define TT_FIELDS_answer_byte(F, P)                                                                \
    F(P, u8, byte, 0, "one byte")
#define TT_MAX_answer_byte 1536
#define TT_FIELDS_agent_answer(F, P)                                                               \
    F(P, money, cost, 0, "what the call cost")                                                     \
    F(P, seq, call_seq, 0, "the agent_calls message that this answers")                            \
    F(P, dur, latency, 0, "time from call to answer")                                              \
    F(P, u32, tokens, 0, "tokens used; 0 for rules")                                               \
    F(P, topic, answer_topic, 0, "topic whose payload the body holds")                             \
    F(P, u16, count, 0, "bytes of the body")                                                       \
    F(P, enum, status, answer_status, "how the call ended")                                        \
    F(P, reserved, reserved, 7, "")                                                                \
    F(P, hash, record, 0, "SHA-256 of the recorded call, its name in the record; 0 = none")        \
    F(P, text, model, 32, "model or rule set that answered")                                       \
    F(P, text, error, 96, "what went wrong; empty when ok")                                        \
    F(P, list, body, answer_byte, "encoded payload of answer_topic")
#define TT_FIELDS_agent_call(F, P)                                                                 \
    F(P, seq, indicators_seq, 0, "indicators shown to the agent; 0 = none")                        \
    F(P, seq, ta_seq, 0, "latest TA output of this symbol; 0 = none")                              \
    F(P, seq, regime_seq, 0, "latest regime output; 0 = none")                                     \
    F(P, seq, sentiment_seq, 0, "latest sentiment; 0 = none")                                      \
    F(P, seq, account_seq, 0, "latest account state; 0 = none")                                    \
    F(P, seq, position_seq, 0, "latest position of this symbol; 0 = none")                         \
    F(P, time, deadline, 0, "when the call times out")                                             \
    F(P, u32, attempt, 0, "1 = first")                                                             \
    F(P, enum, agent, agent, "who is asked")                                                       \
    F(P, enum, task, task, "schedule that asks")                                                   \
    F(P, reserved, reserved, 2, "")                                                                \
    F(P, money, budget, 0, "most that the call may cost; 0 = it must cost nothing")                \
    F(P, seq, subject_seq, 0, "conflict_cases message that an arbiter settles; else 0")            \
    F(P, u8, arbiter, 0, "place of the arbiter in the chain, from 0")                              \
    F(P, reserved, reserved_2, 7, "")
#define TT_FIELDS_ta_signal(F, P)                                                                  \
    F(P, ratio, trend_strength, 0, "0..1")                                                         \
    F(P, ratio, momentum_score, 0, "-1..1")                                                        \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, ratio, rsi, 0, "0..100")                                                                  \
    F(P, ratio, macd_hist, 0, "MACD histogram that the agent saw")                                 \
    F(P, price, support, 0, "0 = none")                                                            \
    F(P, price, resistance, 0, "0 = none")                                                         \
    F(P, seq, call_seq, 0, "the call that was answered")                                           \
    F(P, seq, indicators_seq, 0, "what the agent saw")                                             \
    F(P, enum, trend_direction, trend, "trend that the agent sees")                                \
    F(P, enum, bias, bias, "side that the agent would take")                                       \
    F(P, enum, rsi_signal, rsi_signal, "what the RSI says")                                        \
    F(P, enum, macd_signal, macd_signal, "what the MACD says")                                     \
    F(P, enum, current_position, level_position, "where the price is in its range")                \
    F(P, u8, timeframes_aligned, 0, "time frames that agree with the trend")                       \
    F(P, reserved, reserved, 10, "")                                                               \
    F(P, text, primary_signal, 32, "the strongest reason in a word")                               \
    F(P, text, reasoning, 128, "why")
#define TT_FIELDS_regime_update(F, P)                                                              \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, ratio, trend_strength, 0, "0..1")                                                         \
    F(P, ratio, choppiness, 0, "0..100")                                                           \
    F(P, ratio, adx_value, 0, "0..100")                                                            \
    F(P, ratio, position_size_multiplier, 0, "0.25..1.5")                                          \
    F(P, ratio, stop_loss_multiplier, 0, "0.5..2.0")                                               \
    F(P, ratio, take_profit_multiplier, 0, "0.5..3.0")                                             \
    F(P, seq, call_seq, 0, "the call that was answered")                                           \
    F(P, seq, indicators_seq, 0, "what the agent saw")                                             \
    F(P, enum, regime, regime, "regime in force after hysteresis")                                 \
    F(P, enum, candidate, regime, "regime that the agent named this time")                         \
    F(P, u8, candidate_count, 0, "consecutive detections of the candidate")                        \
    F(P, enum, volatility, volatility, "how much the price moves")                                 \
    F(P, enum, volume_profile, volume_profile, "how the volume develops")                          \
    F(P, enum, entry_strictness, strictness, "how strict entries are judged")                      \
    F(P, u8, max_leverage, 0, "leverage cap of the regime")                                        \
    F(P, reserved, reserved, 9, "")                                                                \
    F(P, text, reasoning, 128, "why")
#define TT_FIELDS_sentiment_update(F, P)                                                           \
    F(P, ratio, score, 0, "-1..1")                                                                 \
    F(P, ratio, social_score, 0, "-1..1")                                                          \
    F(P, ratio, news_score, 0, "-1..1")                                                            \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, ratio, fear_greed, 0, "-1..1")                                                            \
    F(P, seq, call_seq, 0, "the call that was answered")                                           \
    F(P, enum, bias, sentiment_bias, "mood in a word")                                             \
    F(P, reserved, reserved, 7, "")                                                                \
    F(P, text, key_event, 64, "the event that matters most; may be empty")                         \
    F(P, text, reasoning, 128, "why")
#define TT_FIELDS_model_vote(F, P)                                                                 \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, price, entry_price, 0, "0 = none")                                                        \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, enum, action, action, "what the model would do")                                          \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, model, 16, "name of the model")
#define TT_MAX_model_vote 8
#define TT_FIELDS_trading_signal(F, P)                                                             \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, ratio, position_size_pct, 0, "percent of equity, 0 = default size")                       \
    F(P, ratio, agreement, 0, "top votes / valid votes")                                           \
    F(P, seq, call_seq, 0, "the call that was answered; 0 for a strategy in the core")             \
    F(P, seq, indicators_seq, 0, "what the decision saw")                                          \
    F(P, seq, ta_seq, 0, "TA output that the decision saw; 0 = none")                              \
    F(P, seq, regime_seq, 0, "regime that the decision saw; 0 = none")                             \
    F(P, seq, sentiment_seq, 0, "sentiment that the decision saw; 0 = none")                       \
    F(P, enum, action, action, "what to do")                                                       \
    F(P, u8, leverage, 0, "wanted leverage, 1 = none")                                             \
    F(P, u8, valid_votes, 0, "votes that were valid")                                              \
    F(P, u8, count, 0, "votes that follow")                                                        \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, reasoning, 128, "why")                                                              \
    F(P, list, votes, model_vote, "vote of each model")
#define TT_FIELDS_rebalance_trade(F, P)                                                            \
    F(P, money, amount, 0, "account currency")                                                     \
    F(P, ratio, current_pct, 0, "share of equity now")                                             \
    F(P, ratio, target_pct, 0, "share of equity wanted")                                           \
    F(P, key, instrument, 0, "what to trade")                                                      \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, u8, priority, 0, "1 before 2")                                                            \
    F(P, reserved, reserved, 10, "")
#define TT_MAX_rebalance_trade 8
#define TT_FIELDS_portfolio_update(F, P)                                                           \
    F(P, money, equity, 0, "equity that the plan assumes")                                         \
    F(P, ratio, max_deviation_pct, 0, "largest distance from target")                              \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, seq, call_seq, 0, "the call that was answered")                                           \
    F(P, enum, action, portfolio_action, "whether to trade")                                       \
    F(P, u8, count, 0, "trades that follow")                                                       \
    F(P, enum, strategy, rebalance_strategy, "how to trade; none = as configured")                 \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, text, reasoning, 128, "why")                                                              \
    F(P, list, trades, rebalance_trade, "sells first")
#define TT_FIELDS_arbiter_opinion(F, P)                                                            \
    F(P, ratio, confidence, 0, "of the arbiter, 0..1")                                             \
    F(P, ratio, size_reduction_pct, 0, "percent off the size; 0 = unchanged")                      \
    F(P, ratio, confidence_limit, 0, "lower confidence of the trade; 0 = unchanged")               \
    F(P, price, stop_loss, 0, "tighter stop; 0 = unchanged")                                       \
    F(P, seq, call_seq, 0, "the call that was answered")                                           \
    F(P, seq, case_seq, 0, "conflict_cases message that it settles")                               \
    F(P, enum, action, resolution, "what to do")                                                   \
    F(P, u8, leverage, 0, "lower leverage; 0 = unchanged")                                         \
    F(P, u8, arbiter, 0, "place of the arbiter in the chain, from 0")                              \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, text, name, 32, "the arbiter")                                                            \
    F(P, text, reasoning, 128, "why")
// clang-format on

#endif
