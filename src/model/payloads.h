/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Every payload: from one table of fields come the struct, the field descriptors (JSON codec,
 * validation, documentation) and the proof that the struct has no padding, so that its bytes are
 * its encoding.
 *
 * A row is F(P, kind, field, argument, "meaning"), P being the payload itself. Kinds: price qty
 * money ratio (16 bytes each), time dur u64 i64 seq (8), u32 key (4), u16 topic source (2), u8 flag
 * enum (1; argument of enum: its name), uuid (16), text (argument: bytes, NUL padded), hash (32
 * bytes), reserved (argument: bytes, zero), list (argument: item payload; always the last field,
 * counted by the field `count`; capacity TT_MAX_<item>). Messages carry only the used items of a
 * list.
 */
#ifndef TT_MODEL_PAYLOADS_H
#define TT_MODEL_PAYLOADS_H

#include "base/types.h"
#include "model/enums.h"

#include <stdint.h>

// clang-format off
/* Market data (inputs; bars also from the aggregator) */
#define TT_FIELDS_bar(F, P)                                                                        \
    F(P, price, open, 0, "first price")                                                            \
    F(P, price, high, 0, "highest price")                                                          \
    F(P, price, low, 0, "lowest price")                                                            \
    F(P, price, close, 0, "last price")                                                            \
    F(P, qty, volume, 0, "traded quantity")                                                        \
    F(P, time, open_time, 0, "start of the interval; the message's time is its end")               \
    F(P, u64, feed_seq, 0, "position in the feed; 0 for a bar built by the aggregator")            \
    F(P, u32, interval_s, 0, "length of the interval in seconds")                                  \
    F(P, u32, trade_count, 0, "trades in the interval; 0 if unknown")                              \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_quote(F, P)                                                                      \
    F(P, price, bid, 0, "best bid; 0 = none")                                                      \
    F(P, price, ask, 0, "best ask; 0 = none")                                                      \
    F(P, qty, bid_qty, 0, "quantity at the best bid")                                              \
    F(P, qty, ask_qty, 0, "quantity at the best ask")                                              \
    F(P, time, venue_time, 0, "the venue's own time; 0 if it gave none")                           \
    F(P, u64, feed_seq, 0, "position in the feed")
#define TT_FIELDS_trade(F, P)                                                                      \
    F(P, price, price, 0, "trade price")                                                           \
    F(P, qty, qty, 0, "trade quantity")                                                            \
    F(P, time, venue_time, 0, "the venue's own time; 0 if it gave none")                           \
    F(P, u64, feed_seq, 0, "position in the feed")                                                 \
    F(P, u64, trade_id, 0, "the venue's trade id; 0 if it gave none")                              \
    F(P, enum, aggressor, side, "side that took liquidity")                                        \
    F(P, reserved, reserved, 7, "")
#define TT_FIELDS_depth_level(F, P)                                                                \
    F(P, price, price, 0, "level")                                                                 \
    F(P, qty, qty, 0, "new quantity at the level; 0 removes it")                                   \
    F(P, enum, side, side, "buy = bid side")                                                       \
    F(P, reserved, reserved, 15, "")
#define TT_MAX_depth_level 20
#define TT_FIELDS_depth(F, P)                                                                      \
    F(P, time, venue_time, 0, "the venue's own time; 0 if it gave none")                           \
    F(P, u64, feed_seq, 0, "position in the feed")                                                 \
    F(P, u64, first_update_id, 0, "first update id covered")                                       \
    F(P, u64, last_update_id, 0, "last update id covered")                                         \
    F(P, u8, count, 0, "levels that follow")                                                       \
    F(P, flag, is_snapshot, 0, "levels replace the whole book")                                    \
    F(P, flag, is_last, 0, "last part of this update")                                             \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, list, levels, depth_level, "changed levels")
#define TT_FIELDS_feed_event(F, P)                                                                 \
    F(P, u64, feed_seq, 0, "position in the feed")                                                 \
    F(P, u64, line, 0, "line of the file; 0 if not a file")                                        \
    F(P, enum, event, feed_event_type, "what happened")                                            \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, file, 96, "file or feed")                                                           \
    F(P, text, message, 160, "what is wrong and what would be right")

/* Other inputs */
#define TT_FIELDS_clock(F, P)                                                                      \
    F(P, u64, tick, 0, "running number of clock inputs")                                           \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_session_event(F, P)                                                              \
    F(P, hash, config_hash, 0, "SHA-256 of the configuration text in force")                       \
    F(P, u64, seed, 0, "seed of all randomness of the run")                                        \
    F(P, enum, event, session_event_type, "what happened")                                         \
    F(P, enum, mode, mode, "mode of the run")                                                      \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, run_id, 32, "id of the run; prefix of client order ids")
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
#define TT_FIELDS_venue_report(F, P)                                                               \
    F(P, price, price, 0, "fill price")                                                            \
    F(P, qty, qty, 0, "fill quantity")                                                             \
    F(P, qty, cumulative_qty, 0, "filled so far, by the venue's count")                            \
    F(P, money, fee, 0, "fee of this fill in account currency; negative = rebate")                 \
    F(P, u64, order_id, 0, "order id")                                                             \
    F(P, u64, exec_id, 0, "the venue's execution id; a repeat is dropped")                         \
    F(P, time, venue_time, 0, "the venue's own time")                                              \
    F(P, u64, venue_order_id, 0, "the venue's order id")                                           \
    F(P, enum, kind, report_kind, "what the venue reports")                                        \
    F(P, enum, liquidity, liquidity, "maker or taker")                                             \
    F(P, enum, venue_state, order_state, "order state at the venue, in answers to a query")        \
    F(P, flag, is_query_reply, 0, "answers an order query")                                        \
    F(P, reserved, reserved, 12, "")                                                               \
    F(P, text, client_order_id, 48, "idempotency key of the order")                                \
    F(P, text, reason, 96, "the venue's words")
#define TT_FIELDS_coordinator_command(F, P)                                                        \
    F(P, u64, request_id, 0, "chosen by the sender; the reply carries it")                         \
    F(P, enum, command, command, "what is asked")                                                  \
    F(P, enum, task, task, "task meant by enable, disable, force_run")                             \
    F(P, enum, role, role, "what he who asks may do; none = he asks at this machine")              \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, text, actor, 32, "who asks")                                                              \
    F(P, text, reason, 96, "why")                                                                  \
    F(P, u64, subject_seq, 0, "conflict_cases message, position or order meant; else 0")           \
    F(P, reserved, reserved_2, 8, "")

/* Market, agents */
#define TT_FIELDS_indicators(F, P)                                                                 \
    F(P, price, close, 0, "last close")                                                            \
    F(P, ratio, rsi_14, 0, "relative strength index")                                              \
    F(P, ratio, ema_9, 0, "exponential mean of 9 closes")                                          \
    F(P, ratio, ema_21, 0, "exponential mean of 21 closes")                                        \
    F(P, ratio, ema_50, 0, "exponential mean of 50 closes")                                        \
    F(P, ratio, ema_200, 0, "exponential mean of 200 closes")                                      \
    F(P, ratio, sma_20, 0, "mean of 20 closes")                                                    \
    F(P, ratio, macd, 0, "MACD line 12/26")                                                        \
    F(P, ratio, macd_signal, 0, "9-period signal line")                                            \
    F(P, ratio, macd_hist, 0, "MACD histogram")                                                    \
    F(P, ratio, macd_hist_prev, 0, "histogram one bar earlier")                                    \
    F(P, ratio, atr_14, 0, "average true range")                                                   \
    F(P, ratio, atr_avg_20, 0, "20-period mean of ATR")                                            \
    F(P, ratio, adx_14, 0, "average directional index")                                            \
    F(P, ratio, plus_di_14, 0, "directional index of rises")                                       \
    F(P, ratio, minus_di_14, 0, "directional index of falls")                                      \
    F(P, ratio, chop_14, 0, "choppiness index")                                                    \
    F(P, ratio, bb_upper, 0, "Bollinger 20/2")                                                     \
    F(P, ratio, bb_lower, 0, "Bollinger 20/2")                                                     \
    F(P, ratio, bb_width_pct, 0, "band width in percent of the middle")                            \
    F(P, ratio, high_20, 0, "highest high of 20 bars")                                             \
    F(P, ratio, low_20, 0, "lowest low of 20 bars")                                                \
    F(P, ratio, roc_10, 0, "rate of change in percent")                                            \
    F(P, ratio, volume, 0, "volume of the last bar")                                               \
    F(P, ratio, volume_avg_20, 0, "mean volume of 20 bars")                                        \
    F(P, seq, bar_seq, 0, "the bar that completed this set")                                       \
    F(P, u32, bar_count, 0, "bars seen")                                                           \
    F(P, flag, is_warm, 0, "every indicator but ema_200 has its full history")                     \
    F(P, reserved, reserved, 3, "")
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

/* Coordination */
#define TT_FIELDS_consensus_vote(F, P)                                                             \
    F(P, seq, output_seq, 0, "the agent output that votes; 0 = none")                              \
    F(P, dur, age, 0, "age of that output")                                                        \
    F(P, enum, agent, agent, "who votes")                                                          \
    F(P, enum, result, vote_result, "whether the agent agrees")                                    \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, value, 32, "what the agent said")
#define TT_MAX_consensus_vote 4
#define TT_FIELDS_consensus(F, P)                                                                  \
    F(P, ratio, confidence_before, 0, "confidence of the signal")                                  \
    F(P, ratio, agreement, 0, "agreeing / present")                                                \
    F(P, ratio, multiplier, 0, "factor that agreement gives")                                      \
    F(P, ratio, confidence_after, 0, "confidence x multiplier, at most 1")                         \
    F(P, seq, signal_seq, 0, "the signal that is voted on")                                        \
    F(P, u8, count, 0, "votes that follow")                                                        \
    F(P, u8, agreeing, 0, "agents that agree")                                                     \
    F(P, u8, present, 0, "agents with an output that may vote")                                    \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, list, votes, consensus_vote, "one for each agent asked")
#define TT_FIELDS_conflict_item(F, P)                                                              \
    F(P, ratio, confidence_a, 0, "confidence of agent a")                                          \
    F(P, ratio, confidence_b, 0, "confidence of agent b")                                          \
    F(P, ratio, difference, 0, "distance of the confidences")                                      \
    F(P, seq, seq_a, 0, "output of agent a")                                                       \
    F(P, seq, seq_b, 0, "output of agent b")                                                       \
    F(P, enum, type, conflict_type, "what conflicts")                                              \
    F(P, enum, agent_a, agent, "one side")                                                         \
    F(P, enum, agent_b, agent, "other side")                                                       \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, text, detail, 96, "what each side says")
#define TT_MAX_conflict_item 4
#define TT_FIELDS_conflict_decision(F, P)                                                          \
    F(P, ratio, confidence, 0, "of the arbiter")                                                   \
    F(P, ratio, size_reduction_pct, 0, "0..100; only reduces")                                     \
    F(P, ratio, confidence_limit, 0, "lower confidence of the trade; 0 = unchanged")               \
    F(P, price, stop_loss, 0, "tighter stop; 0 = unchanged")                                       \
    F(P, seq, signal_seq, 0, "the signal that is settled")                                         \
    F(P, seq, consensus_seq, 0, "its consensus")                                                   \
    F(P, seq, case_seq, 0, "conflict_cases message that opened it; 0 = settled at once by rules")  \
    F(P, seq, opinion_seq, 0, "arbiter_opinions message that is followed; 0 = none")               \
    F(P, u8, leverage_cap, 0, "0 = unchanged")                                                     \
    F(P, enum, action, resolution, "how it is settled")                                            \
    F(P, u8, count, 0, "conflicts that follow")                                                    \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, text, arbiter, 32, "who decided")                                                         \
    F(P, text, reasoning, 128, "why")                                                              \
    F(P, list, conflicts, conflict_item, "what conflicted")
#define TT_FIELDS_trade_proposal(F, P)                                                             \
    F(P, money, size, 0, "notional in account currency")                                           \
    F(P, ratio, size_pct, 0, "of equity; used when size is 0")                                     \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, ratio, ta_confidence, 0, "-1 = none")                                                     \
    F(P, ratio, sentiment_confidence, 0, "-1 = none")                                              \
    F(P, ratio, size_reduction_pct, 0, "from the arbiter")                                         \
    F(P, ratio, size_multiplier, 0, "from the regime; 1 = none")                                   \
    F(P, seq, signal_seq, 0, "the signal that is proposed; 0 = none")                              \
    F(P, seq, consensus_seq, 0, "its consensus; 0 = none")                                         \
    F(P, seq, conflict_seq, 0, "0 = no conflict")                                                  \
    F(P, u8, leverage, 0, "at least 1")                                                            \
    F(P, enum, kind, proposal_kind, "entry, close or rebalance")                                   \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, regime, regime, "regime in force")                                                  \
    F(P, enum, entry_strictness, strictness, "strictness of that regime")                          \
    F(P, enum, exit_reason, exit_reason, "for closes")                                             \
    F(P, flag, is_opposed, 0, "TA and sentiment take opposite sides, and nobody settled it")       \
    F(P, reserved, reserved, 1, "")                                                                \
    F(P, ratio, hold_reduction_pct, 0,                                                             \
      "held instead of modified when risk takes more than this share; 0 = never held")
#define TT_FIELDS_command_reply(F, P)                                                              \
    F(P, u64, request_id, 0, "of the command")                                                     \
    F(P, enum, command, command, "of the command")                                                 \
    F(P, enum, status, reply_status, "whether it was done")                                        \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, message, 128, "what was done, or why not")
#define TT_FIELDS_system_event(F, P)                                                               \
    F(P, i64, old_value, 0, "before the change")                                                   \
    F(P, i64, new_value, 0, "after the change")                                                    \
    F(P, enum, event, system_event_type, "what happened")                                          \
    F(P, enum, severity, severity, "how bad it is")                                                \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, subject, 32, "task, action or part")                                                \
    F(P, text, message, 160, "the same in words")
#define TT_FIELDS_notification(F, P)                                                               \
    F(P, enum, severity, severity, "how bad it is")                                                \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, message, 240, "what a person must know")
#define TT_FIELDS_position_command(F, P)                                                           \
    F(P, ratio, reduce_pct, 0, "share to reduce, for reduce")                                      \
    F(P, enum, command, position_command_type, "what to do")                                       \
    F(P, enum, reason, exit_reason, "why the position ends")                                       \
    F(P, reserved, reserved, 14, "")

/* Risk */
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

/* Orders and books */
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
    F(P, money, balance, 0, "initial + realised - fees")                                           \
    F(P, money, unrealized_pnl, 0, "sum of quantity x mark - cost")                                \
    F(P, money, equity, 0, "balance + unrealised, exact")                                          \
    F(P, money, realized_pnl, 0, "of all reductions and funding, before fees")                     \
    F(P, money, fees, 0, "paid so far")                                                            \
    F(P, money, exposure, 0, "sum of absolute quantity x mark")                                    \
    F(P, money, pending_exposure, 0, "worst case of open and unknown entry orders")                \
    F(P, money, margin_used, 0, "exposure / leverage, summed")                                     \
    F(P, money, margin_available, 0, "equity less margin in use and of open entries; at least 0")  \
    F(P, money, cash_flow, 0,                                                                      \
      "sum of -signed quantity x price - fees + funding; this + initial + values = equity")        \
    F(P, seq, cause_fill, 0, "fill that changed it; 0 = mark")                                     \
    F(P, u32, open_positions, 0, "positions that are not flat")                                    \
    F(P, u32, open_orders, 0, "orders that are not final")                                         \
    F(P, u32, unknown_orders, 0, "orders whose outcome is unknown")                                \
    F(P, u32, closed_trades, 0, "positions that became flat")                                      \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_funding_payment(F, P)                                                            \
    F(P, money, amount, 0, "received; negative = paid")                                            \
    F(P, ratio, rate, 0, "rate of the interval")                                                   \
    F(P, price, mark, 0, "price that valued the position; 0 = not told")                           \
    F(P, qty, qty, 0, "signed quantity that was held")                                             \
    F(P, time, venue_time, 0, "moment of the funding: one payment each moment and position")       \
    F(P, enum, side, side, "position that it is for, buy = long; none = the netting position")     \
    F(P, reserved, reserved, 7, "")
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
    F(P, u32, attempt, 0, "unanswered ones before it, plus one")                                   \
    F(P, flag, is_hedging, 0, "answer with a long and a short position for each instrument")       \
    F(P, reserved, reserved, 3, "")
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
    F(P, reserved, reserved, 8, "")                                                                \
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
#define TT_FIELDS_sub_account_update(F, P)                                                         \
    F(P, money, balance, 0, "start balance of the house + realised - fees")                        \
    F(P, money, equity, 0, "start balance of the house + cash flow + value of its parts")          \
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
#define TT_FIELDS_dead_letter(F, P)                                                                \
    F(P, seq, dead_seq, 0, "message that could not be handled; 0 if it was never sequenced")       \
    F(P, u64, dead_id, 0, "where the whole message is kept; 0 if it is not")                       \
    F(P, topic, dead_topic, 0, "topic of that message; null if it had none")                       \
    F(P, source, dead_source, 0, "who published that message")                                     \
    F(P, u32, attempts, 0, "deliveries tried")                                                     \
    F(P, enum, reason, dead_reason, "why in a word")                                               \
    F(P, reserved, reserved, 1, "")                                                                \
    F(P, u16, dead_size, 0, "payload of a message that came back from outside of the core")        \
    F(P, reserved, reserved_2, 4, "")                                                              \
    F(P, text, handler, 32, "who could not handle it; may be empty")                               \
    F(P, text, message, 160, "what is wrong and what would be right")
#define TT_FIELDS_topic_declaration(F, P)                                                          \
    F(P, u32, ttl_ms, 0, "strictly older is expired; 0 = never")                                   \
    F(P, u32, history_count, 0, "messages kept; 0 = none, not even the latest")                    \
    F(P, u32, history_bytes, 0, "bytes of the messages kept; 0 = bounded by number alone")         \
    F(P, u32, key_max, 0, "largest key")                                                           \
    F(P, u32, rate_per_s, 0, "messages a second that are let through; 0 = all")                    \
    F(P, u32, burst, 0, "messages let through at once; 0 = those of one second")                   \
    F(P, u16, topic_id, 0, "number of the topic, from 1024")                                       \
    F(P, enum, kind, msg_kind, "kind of its messages")                                             \
    F(P, enum, priority, priority, "priority of its messages")                                     \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, name, 64, "name of the topic")                                                      \
    F(P, text, schema, 1024, "fields of its payload, as name:kind")
#define TT_FIELDS_source_declaration(F, P)                                                         \
    F(P, u16, source_id, 0, "number of the source, from 256")                                      \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, name, 32, "name of the source")
#define TT_FIELDS_bus_command(F, P)                                                                \
    F(P, u64, request_id, 0, "chosen by the sender; the reply carries it")                         \
    F(P, u64, dead_id, 0, "dead letter meant by redrive and discard")                              \
    F(P, uuid, correlation, 0, "correlation meant by block and unblock")                           \
    F(P, enum, command, bus_command_type, "what is asked")                                         \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, subscriber, 32, "subscriber meant by release")                                      \
    F(P, text, actor, 32, "who asks")
#define TT_FIELDS_bus_alert(F, P)                                                                  \
    F(P, i64, value, 0, "what was measured")                                                       \
    F(P, i64, limit, 0, "what it is compared with")                                                \
    F(P, enum, alert, bus_alert_type, "what it is about")                                          \
    F(P, flag, is_raised, 0, "true when it begins, false when it has passed")                      \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, subject, 64, "topic, subscriber or mailbox; empty = the bus")

/* Arbitration */
#define TT_FIELDS_conflict_case(F, P)                                                              \
    F(P, ratio, confidence, 0, "of the signal after consensus")                                    \
    F(P, ratio, size_pct, 0, "size that is asked for, in percent of equity")                       \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, seq, case_seq, 0, "message that opened the case; 0 in that message itself")               \
    F(P, seq, signal_seq, 0, "the signal to settle")                                               \
    F(P, seq, consensus_seq, 0, "its consensus")                                                   \
    F(P, seq, subject_seq, 0, "call, opinion or command that led to this stage; 0 = none")         \
    F(P, time, deadline, 0, "when this stage ends by itself; null = at once")                      \
    F(P, enum, stage, case_stage, "what happened")                                                 \
    F(P, enum, action, action, "what the signal asks for")                                         \
    F(P, u8, leverage, 0, "leverage that is asked for")                                            \
    F(P, u8, arbiter, 0, "place of the arbiter in the chain, from 0")                              \
    F(P, u8, count, 0, "conflicts that follow")                                                    \
    F(P, reserved, reserved, 3, "")                                                                \
    F(P, text, name, 32, "arbiter or person")                                                      \
    F(P, text, reason, 128, "why")                                                                 \
    F(P, list, conflicts, conflict_item, "what conflicts")
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
#define TT_FIELDS_health_report(F, P)                                                              \
    F(P, u64, failures, 0, "attempts in a row that failed; 0 while it is up")                      \
    F(P, enum, part, part, "what the report is about")                                             \
    F(P, flag, is_up, 0, "it works")                                                               \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, message, 160, "what is wrong; empty while it is up")

/* Exits */
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

/* Portfolio */
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

/* Profit bags */
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

/* Payload layouts in the order of their ids; item payloads of lists come first. */
#define TT_ITEM_LIST(X)                                                                            \
    X(depth_level) X(answer_byte) X(model_vote) X(rebalance_trade) X(consensus_vote)               \
    X(conflict_item) X(risk_check) X(plan_row) X(venue_order)                                      \
    X(bag_part)
#define TT_PAYLOAD_LIST(X)                                                                         \
    X(bar) X(quote) X(trade) X(depth) X(feed_event) X(clock) X(session_event) X(agent_answer)      \
    X(venue_report) X(coordinator_command) X(indicators) X(agent_call) X(ta_signal)                \
    X(regime_update) X(sentiment_update) X(trading_signal) X(portfolio_update) X(consensus)        \
    X(conflict_decision) X(trade_proposal) X(command_reply) X(system_event) X(notification)        \
    X(position_command) X(risk_verdict) X(risk_alert) X(order_intent) X(order_cancel)              \
    X(order_query) X(execution_event) X(fill) X(position_update) X(account_update) X(dead_letter)  \
    X(topic_declaration) X(source_declaration) X(bus_command) X(bus_alert) X(conflict_case)        \
    X(arbiter_opinion) X(health_report) X(exit_event) X(funding_payment) X(funding)                \
    X(venue_trade) X(position_margin)                                                              \
    X(rebalance_plan) X(rebalance_batch)                                                           \
    X(venue_query) X(venue_position) X(reconciliation)                                             \
    X(profit_bag)                                                                                  \
    X(sub_account_update)

#define TT_C_price(n, a) tt_price n;
#define TT_C_qty(n, a) tt_qty n;
#define TT_C_money(n, a) tt_money n;
#define TT_C_ratio(n, a) tt_ratio n;
#define TT_C_time(n, a) tt_time n;
#define TT_C_dur(n, a) tt_dur n;
#define TT_C_u64(n, a) uint64_t n;
#define TT_C_i64(n, a) int64_t n;
#define TT_C_seq(n, a) tt_seq n;
#define TT_C_u32(n, a) uint32_t n;
#define TT_C_key(n, a) uint32_t n;
#define TT_C_u16(n, a) uint16_t n;
#define TT_C_topic(n, a) uint16_t n;
#define TT_C_source(n, a) uint16_t n;
#define TT_C_u8(n, a) uint8_t n;
#define TT_C_flag(n, a) uint8_t n;
#define TT_C_enum(n, a) uint8_t n;
#define TT_C_uuid(n, a) tt_uuid n;
#define TT_C_hash(n, a) uint8_t n[32];
#define TT_C_text(n, a) char n[a];
#define TT_C_reserved(n, a) uint8_t n[a];
#define TT_C_list(n, a) struct tt_##a n[TT_MAX_##a];

// clang-format on

#define TT_FIELD_DECLARE_(p, kind, name, arg, doc) TT_C_##kind(name, arg)
#define TT_PAYLOAD_DECLARE_(p)                                                                     \
    typedef struct tt_##p {                                                                        \
        TT_FIELDS_##p(TT_FIELD_DECLARE_, p)                                                        \
    } tt_##p;
TT_ITEM_LIST(TT_PAYLOAD_DECLARE_)
TT_PAYLOAD_LIST(TT_PAYLOAD_DECLARE_)
#undef TT_PAYLOAD_DECLARE_
#undef TT_FIELD_DECLARE_

#endif
