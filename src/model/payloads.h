/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Every payload: from one table of fields come the struct, the field descriptors (JSON codec,
 * validation, documentation) and the proof that the struct has no padding, so that its bytes are
 * its encoding.
 *
 * A row is F(kind, field, argument, "meaning"). Kinds: price qty money ratio (16 bytes each), time
 * dur u64 i64 seq (8), u32 key (4), u16 topic source (2), u8 flag enum (1; argument of enum: its
 * name), uuid (16), text (argument: bytes, NUL padded), hash (32 bytes), reserved (argument: bytes,
 * zero), list (argument: item payload; always the last field, counted by the field `count`;
 * capacity TT_MAX_<item>). Messages carry only the used items of a list.
 */
#ifndef TT_MODEL_PAYLOADS_H
#define TT_MODEL_PAYLOADS_H

#include "base/types.h"
#include "model/enums.h"

#include <stdint.h>

/* ---- market data (inputs; bars also from the aggregator) ---- */
#define TT_FIELDS_bar(F) \
    F(price, open, 0, "first price") F(price, high, 0, "highest price") F(price, low, 0, "lowest price") F(price, close, 0, "last price") \
    F(qty, volume, 0, "traded quantity") F(time, open_time, 0, "start of the interval; the message's time is its end") \
    F(u64, feed_seq, 0, "position in the feed; 0 for a bar built by the aggregator") \
    F(u32, interval_s, 0, "length of the interval in seconds") F(u32, trade_count, 0, "trades in the interval; 0 if unknown") F(reserved, reserved, 8, "")
#define TT_FIELDS_quote(F) \
    F(price, bid, 0, "best bid; 0 = none") F(price, ask, 0, "best ask; 0 = none") F(qty, bid_qty, 0, "quantity at the best bid") F(qty, ask_qty, 0, "quantity at the best ask") \
    F(time, venue_time, 0, "the venue's own time; 0 if it gave none") F(u64, feed_seq, 0, "position in the feed")
#define TT_FIELDS_trade(F) \
    F(price, price, 0, "trade price") F(qty, qty, 0, "trade quantity") F(time, venue_time, 0, "the venue's own time; 0 if it gave none") F(u64, feed_seq, 0, "position in the feed") \
    F(u64, trade_id, 0, "the venue's trade id; 0 if it gave none") F(enum, aggressor, side, "side that took liquidity") F(reserved, reserved, 7, "")
#define TT_FIELDS_depth_level(F) \
    F(price, price, 0, "level") F(qty, qty, 0, "new quantity at the level; 0 removes it") F(enum, side, side, "buy = bid side") F(reserved, reserved, 15, "")
#define TT_MAX_depth_level 20
#define TT_FIELDS_depth(F) \
    F(time, venue_time, 0, "the venue's own time; 0 if it gave none") F(u64, feed_seq, 0, "position in the feed") F(u64, first_update_id, 0, "first update id covered") F(u64, last_update_id, 0, "last update id covered") \
    F(u8, count, 0, "levels that follow") F(flag, is_snapshot, 0, "levels replace the whole book") F(flag, is_last, 0, "last part of this update") F(reserved, reserved, 13, "") \
    F(list, levels, depth_level, "changed levels")
#define TT_FIELDS_feed_event(F) \
    F(u64, feed_seq, 0, "position in the feed") F(u64, line, 0, "line of the file; 0 if not a file") F(enum, event, feed_event_type, "what happened") F(reserved, reserved, 15, "") \
    F(text, file, 96, "file or feed") F(text, message, 160, "what is wrong and what would be right")

/* ---- other inputs ---- */
#define TT_FIELDS_clock(F) F(u64, tick, 0, "running number of clock inputs") F(reserved, reserved, 8, "")
#define TT_FIELDS_session_event(F) \
    F(hash, config_hash, 0, "SHA-256 of the configuration text in force") F(u64, seed, 0, "seed of all randomness of the run") F(enum, event, session_event_type, "what happened") F(enum, mode, mode, "mode of the run") F(reserved, reserved, 6, "") \
    F(text, run_id, 32, "id of the run; prefix of client order ids")
#define TT_FIELDS_answer_byte(F) F(u8, byte, 0, "one byte")
#define TT_MAX_answer_byte 1536
#define TT_FIELDS_agent_answer(F) \
    F(money, cost, 0, "what the call cost") F(seq, call_seq, 0, "the agent_calls message that this answers") F(dur, latency, 0, "time from call to answer") F(u32, tokens, 0, "tokens used; 0 for rules") \
    F(topic, answer_topic, 0, "topic whose payload the body holds") F(u16, count, 0, "bytes of the body") F(enum, status, answer_status, "how the call ended") F(reserved, reserved, 7, "") \
    F(text, model, 32, "model or rule set that answered") F(text, error, 96, "what went wrong; empty when ok") F(list, body, answer_byte, "encoded payload of answer_topic")
#define TT_FIELDS_venue_report(F) \
    F(price, price, 0, "fill price") F(qty, qty, 0, "fill quantity") F(qty, cumulative_qty, 0, "filled so far, by the venue's count") F(money, fee, 0, "fee of this fill in account currency; negative = rebate") \
    F(u64, order_id, 0, "order id") F(u64, exec_id, 0, "the venue's execution id; a repeat is dropped") F(time, venue_time, 0, "the venue's own time") F(u64, venue_order_id, 0, "the venue's order id") \
    F(enum, kind, report_kind, "what the venue reports") F(enum, liquidity, liquidity, "maker or taker") F(enum, venue_state, order_state, "order state at the venue, in answers to a query") F(flag, is_query_reply, 0, "answers an order query") F(reserved, reserved, 12, "") \
    F(text, client_order_id, 48, "idempotency key of the order") F(text, reason, 96, "the venue's words")
#define TT_FIELDS_coordinator_command(F) \
    F(u64, request_id, 0, "chosen by the sender; the reply carries it") F(enum, command, command, "what is asked") F(enum, task, task, "task meant by enable, disable, force_run") F(reserved, reserved, 6, "") \
    F(text, actor, 32, "who asks") F(text, reason, 96, "why")

/* ---- market, agents ---- */
#define TT_FIELDS_indicators(F) \
    F(price, close, 0, "last close") F(ratio, rsi_14, 0, "relative strength index") F(ratio, ema_9, 0, "") F(ratio, ema_21, 0, "") F(ratio, ema_50, 0, "") F(ratio, ema_200, 0, "") F(ratio, sma_20, 0, "") \
    F(ratio, macd, 0, "MACD line 12/26") F(ratio, macd_signal, 0, "9-period signal line") F(ratio, macd_hist, 0, "MACD histogram") F(ratio, macd_hist_prev, 0, "histogram one bar earlier") \
    F(ratio, atr_14, 0, "average true range") F(ratio, atr_avg_20, 0, "20-period mean of ATR") F(ratio, adx_14, 0, "average directional index") F(ratio, plus_di_14, 0, "") F(ratio, minus_di_14, 0, "") \
    F(ratio, chop_14, 0, "choppiness index") F(ratio, bb_upper, 0, "Bollinger 20/2") F(ratio, bb_lower, 0, "Bollinger 20/2") F(ratio, bb_width_pct, 0, "band width in percent of the middle") \
    F(ratio, high_20, 0, "highest high of 20 bars") F(ratio, low_20, 0, "lowest low of 20 bars") F(ratio, roc_10, 0, "rate of change in percent") F(ratio, volume, 0, "volume of the last bar") F(ratio, volume_avg_20, 0, "") \
    F(seq, bar_seq, 0, "the bar that completed this set") F(u32, bar_count, 0, "bars seen") F(flag, is_warm, 0, "every indicator has its full history") F(reserved, reserved, 3, "")
#define TT_FIELDS_agent_call(F) \
    F(seq, indicators_seq, 0, "indicators shown to the agent; 0 = none") F(seq, ta_seq, 0, "latest TA output of this symbol; 0 = none") F(seq, regime_seq, 0, "latest regime output; 0 = none") F(seq, sentiment_seq, 0, "latest sentiment; 0 = none") \
    F(seq, account_seq, 0, "latest account state; 0 = none") F(seq, position_seq, 0, "latest position of this symbol; 0 = none") F(time, deadline, 0, "when the call times out") F(u32, attempt, 0, "1 = first") F(enum, agent, agent, "who is asked") F(enum, task, task, "schedule that asks") F(reserved, reserved, 2, "")
#define TT_FIELDS_ta_signal(F) \
    F(ratio, trend_strength, 0, "0..1") F(ratio, momentum_score, 0, "-1..1") F(ratio, confidence, 0, "0..1") F(ratio, rsi, 0, "0..100") F(ratio, macd_hist, 0, "") F(price, support, 0, "0 = none") F(price, resistance, 0, "0 = none") \
    F(seq, call_seq, 0, "the call that was answered") F(seq, indicators_seq, 0, "what the agent saw") F(enum, trend_direction, trend, "") F(enum, bias, bias, "") F(enum, rsi_signal, rsi_signal, "") F(enum, macd_signal, macd_signal, "") F(enum, current_position, level_position, "") F(u8, timeframes_aligned, 0, "") F(reserved, reserved, 10, "") \
    F(text, primary_signal, 32, "") F(text, reasoning, 128, "why")
#define TT_FIELDS_regime_update(F) \
    F(ratio, confidence, 0, "0..1") F(ratio, trend_strength, 0, "0..1") F(ratio, choppiness, 0, "0..100") F(ratio, adx_value, 0, "0..100") F(ratio, position_size_multiplier, 0, "0.25..1.5") F(ratio, stop_loss_multiplier, 0, "0.5..2.0") F(ratio, take_profit_multiplier, 0, "0.5..3.0") \
    F(seq, call_seq, 0, "the call that was answered") F(seq, indicators_seq, 0, "what the agent saw") F(enum, regime, regime, "regime in force after hysteresis") F(enum, candidate, regime, "regime that the agent named this time") F(u8, candidate_count, 0, "consecutive detections of the candidate") F(enum, volatility, volatility, "") F(enum, volume_profile, volume_profile, "") F(enum, entry_strictness, strictness, "") F(u8, max_leverage, 0, "leverage cap of the regime") F(reserved, reserved, 9, "") \
    F(text, reasoning, 128, "why")
#define TT_FIELDS_sentiment_update(F) \
    F(ratio, score, 0, "-1..1") F(ratio, social_score, 0, "-1..1") F(ratio, news_score, 0, "-1..1") F(ratio, confidence, 0, "0..1") F(ratio, fear_greed, 0, "-1..1") \
    F(seq, call_seq, 0, "the call that was answered") F(enum, bias, sentiment_bias, "") F(reserved, reserved, 7, "") F(text, key_event, 64, "") F(text, reasoning, 128, "why")
#define TT_FIELDS_model_vote(F) \
    F(ratio, confidence, 0, "0..1") F(price, entry_price, 0, "0 = none") F(price, stop_loss, 0, "0 = none") F(price, take_profit, 0, "0 = none") F(enum, action, action, "") F(reserved, reserved, 15, "") F(text, model, 16, "")
#define TT_MAX_model_vote 8
#define TT_FIELDS_trading_signal(F) \
    F(ratio, confidence, 0, "0..1") F(price, entry_price, 0, "0 = market") F(price, stop_loss, 0, "0 = none") F(price, take_profit, 0, "0 = none") F(ratio, position_size_pct, 0, "percent of equity, 0 = default size") F(ratio, agreement, 0, "top votes / valid votes") \
    F(seq, call_seq, 0, "the call that was answered; 0 for a strategy in the core") F(seq, indicators_seq, 0, "what the decision saw") F(seq, ta_seq, 0, "") F(seq, regime_seq, 0, "") F(seq, sentiment_seq, 0, "") F(enum, action, action, "") F(u8, leverage, 0, "wanted leverage, 1 = none") F(u8, valid_votes, 0, "") F(u8, count, 0, "votes that follow") F(reserved, reserved, 4, "") \
    F(text, reasoning, 128, "why") F(list, votes, model_vote, "vote of each model")
#define TT_FIELDS_rebalance_trade(F) \
    F(money, amount, 0, "account currency") F(ratio, current_pct, 0, "") F(ratio, target_pct, 0, "") F(key, instrument, 0, "") F(enum, side, side, "") F(u8, priority, 0, "1 before 2") F(reserved, reserved, 10, "")
#define TT_MAX_rebalance_trade 8
#define TT_FIELDS_portfolio_update(F) \
    F(money, equity, 0, "") F(ratio, max_deviation_pct, 0, "largest distance from target") F(ratio, confidence, 0, "0..1") F(seq, call_seq, 0, "the call that was answered") F(enum, action, portfolio_action, "") F(u8, count, 0, "trades that follow") F(reserved, reserved, 6, "") F(text, reasoning, 128, "why") F(list, trades, rebalance_trade, "sells first")

/* ---- coordination ---- */
#define TT_FIELDS_consensus_vote(F) \
    F(seq, output_seq, 0, "the agent output that votes; 0 = none") F(dur, age, 0, "age of that output") F(enum, agent, agent, "") F(enum, result, vote_result, "") F(reserved, reserved, 14, "") F(text, value, 32, "what the agent said")
#define TT_MAX_consensus_vote 4
#define TT_FIELDS_consensus(F) \
    F(ratio, confidence_before, 0, "") F(ratio, agreement, 0, "agreeing / present") F(ratio, multiplier, 0, "") F(ratio, confidence_after, 0, "") F(seq, signal_seq, 0, "") F(u8, count, 0, "votes that follow") F(u8, agreeing, 0, "") F(u8, present, 0, "") F(reserved, reserved, 5, "") F(list, votes, consensus_vote, "")
#define TT_FIELDS_conflict_item(F) \
    F(ratio, confidence_a, 0, "") F(ratio, confidence_b, 0, "") F(ratio, difference, 0, "") F(seq, seq_a, 0, "output of agent a") F(seq, seq_b, 0, "output of agent b") F(enum, type, conflict_type, "") F(enum, agent_a, agent, "") F(enum, agent_b, agent, "") F(reserved, reserved, 13, "") F(text, detail, 96, "")
#define TT_MAX_conflict_item 4
#define TT_FIELDS_conflict_decision(F) \
    F(ratio, confidence, 0, "of the arbiter") F(ratio, size_reduction_pct, 0, "0..100; only reduces") F(seq, signal_seq, 0, "") F(seq, consensus_seq, 0, "") F(u8, leverage_cap, 0, "0 = unchanged") F(enum, action, resolution, "") F(u8, count, 0, "conflicts that follow") F(reserved, reserved, 13, "") F(text, arbiter, 32, "who decided") F(text, reasoning, 128, "why") F(list, conflicts, conflict_item, "")
#define TT_FIELDS_trade_proposal(F) \
    F(money, size, 0, "notional in account currency") F(ratio, size_pct, 0, "of equity; used when size is 0") F(price, entry_price, 0, "0 = market") F(price, stop_loss, 0, "0 = none") F(price, take_profit, 0, "0 = none") F(ratio, confidence, 0, "0..1") F(ratio, ta_confidence, 0, "-1 = none") F(ratio, sentiment_confidence, 0, "-1 = none") F(ratio, size_reduction_pct, 0, "from the arbiter") F(ratio, size_multiplier, 0, "from the regime; 1 = none") \
    F(seq, signal_seq, 0, "") F(seq, consensus_seq, 0, "") F(seq, conflict_seq, 0, "0 = no conflict") F(u8, leverage, 0, "at least 1") F(enum, kind, proposal_kind, "") F(enum, side, side, "") F(enum, regime, regime, "") F(enum, entry_strictness, strictness, "") F(enum, exit_reason, exit_reason, "for closes") F(reserved, reserved, 2, "")
#define TT_FIELDS_command_reply(F) \
    F(u64, request_id, 0, "") F(enum, command, command, "") F(enum, status, reply_status, "") F(reserved, reserved, 6, "") F(text, message, 128, "")
#define TT_FIELDS_system_event(F) \
    F(i64, old_value, 0, "") F(i64, new_value, 0, "") F(enum, event, system_event_type, "") F(enum, severity, severity, "") F(reserved, reserved, 14, "") F(text, subject, 32, "task, action or part") F(text, message, 160, "")
#define TT_FIELDS_notification(F) F(enum, severity, severity, "") F(reserved, reserved, 15, "") F(text, message, 240, "")
#define TT_FIELDS_position_command(F) \
    F(ratio, reduce_pct, 0, "share to reduce, for reduce") F(enum, command, position_command_type, "") F(enum, reason, exit_reason, "") F(reserved, reserved, 14, "")

/* ---- risk ---- */
#define TT_FIELDS_risk_check(F) \
    F(ratio, value, 0, "what was measured") F(ratio, limit, 0, "what is allowed") F(ratio, before, 0, "number before a clamp") F(ratio, after, 0, "number after a clamp") F(enum, code, risk_code, "") F(enum, outcome, check_outcome, "") F(reserved, reserved, 14, "")
#define TT_MAX_risk_check 20
#define TT_FIELDS_risk_verdict(F) \
    F(money, size_before, 0, "") F(money, size_after, 0, "") F(qty, qty, 0, "quantity to order, on the lot") F(price, reference_price, 0, "price that sized the order") F(price, entry_price, 0, "0 = market") F(price, stop_loss, 0, "") F(price, take_profit, 0, "") F(money, equity, 0, "") F(money, margin_available, 0, "") F(ratio, exposure_pct, 0, "before this trade") F(ratio, risk_per_trade_pct, 0, "loss at the stop in percent of equity") \
    F(seq, proposal_seq, 0, "") F(u64, position_id, 0, "position that a close means; 0 = none") F(u8, leverage_before, 0, "") F(u8, leverage_after, 0, "") F(enum, status, verdict, "") F(enum, code, risk_code, "first rejection") F(enum, kind, proposal_kind, "") F(enum, side, side, "") F(enum, exit_reason, exit_reason, "") F(u8, count, 0, "checks that follow") F(reserved, reserved, 8, "") F(list, checks, risk_check, "in their order")
#define TT_FIELDS_risk_alert(F) \
    F(ratio, value, 0, "") F(ratio, limit, 0, "") F(seq, subject_seq, 0, "verdict, order or fill that it is about") F(time, until, 0, "end of a cooldown; 0 = none") F(enum, alert_type, alert_type, "") F(enum, severity, severity, "") F(enum, breach_type, breach_type, "") F(enum, code, risk_code, "") F(reserved, reserved, 12, "") F(text, message, 160, "")

/* ---- orders and books ---- */
#define TT_FIELDS_order_intent(F) \
    F(qty, qty, 0, "") F(price, price, 0, "limit price; 0 = none") F(price, trigger_price, 0, "stop trigger; 0 = none") F(price, stop_loss, 0, "protective stop to place after the entry fills") F(price, take_profit, 0, "target to place after the entry fills") F(price, reference_price, 0, "price that sized the order; basis of worst-case exposure") \
    F(u64, order_id, 0, "sequence of this message") F(seq, verdict_seq, 0, "0 for protective orders") F(u64, parent_order_id, 0, "entry that this protects; 0 = none") F(u64, position_id, 0, "position that this acts on; 0 = opens one") F(time, expire_time, 0, "0 = none") F(enum, side, side, "") F(enum, type, order_type, "") F(enum, tif, tif, "") F(enum, role, order_role, "") F(flag, reduce_only, 0, "never opens or increases") F(u8, leverage, 0, "") F(enum, exit_reason, exit_reason, "") F(reserved, reserved, 1, "") F(text, client_order_id, 48, "idempotency key, from run id and order id")
#define TT_FIELDS_order_cancel(F) F(u64, order_id, 0, "") F(u64, venue_order_id, 0, "") F(text, client_order_id, 48, "") F(text, reason, 64, "")
#define TT_FIELDS_order_query(F) F(u64, order_id, 0, "") F(u32, attempt, 0, "1 = first") F(reserved, reserved, 4, "") F(text, client_order_id, 48, "")
#define TT_FIELDS_execution_event(F) \
    F(qty, qty, 0, "ordered") F(qty, filled_qty, 0, "") F(money, filled_notional, 0, "sum of price x quantity") F(price, price, 0, "limit or trigger; 0 = market") F(u64, order_id, 0, "") F(u64, position_id, 0, "") F(u64, parent_order_id, 0, "") F(u64, venue_order_id, 0, "") F(seq, intent_seq, 0, "") \
    F(enum, event, execution_event_type, "") F(enum, old_state, order_state, "") F(enum, new_state, order_state, "") F(enum, side, side, "") F(enum, type, order_type, "") F(enum, role, order_role, "") F(enum, report_kind, report_kind, "what caused it") F(reserved, reserved, 1, "") F(text, client_order_id, 48, "") F(text, reason, 96, "")
#define TT_FIELDS_fill(F) \
    F(price, price, 0, "") F(qty, qty, 0, "positive") F(money, notional, 0, "price x quantity, exact") F(money, fee, 0, "") F(money, realized_pnl, 0, "of the part that reduced, before fees") F(qty, position_qty, 0, "after this fill, signed") F(money, position_cost, 0, "signed cost of the rest after this fill") F(money, balance, 0, "account balance after this fill") \
    F(u64, fill_id, 0, "sequence of this message") F(u64, order_id, 0, "") F(u64, position_id, 0, "") F(u64, exec_id, 0, "") F(time, venue_time, 0, "") F(enum, side, side, "") F(enum, liquidity, liquidity, "") F(enum, role, order_role, "") F(enum, effect, fill_effect, "") F(enum, exit_reason, exit_reason, "") F(reserved, reserved, 3, "") 
#define TT_FIELDS_position_update(F) \
    F(qty, qty, 0, "signed; 0 = closed") F(money, cost, 0, "signed cost of what is held") F(price, entry_price, 0, "cost / quantity, rounded, for display") F(price, mark, 0, "") F(money, unrealized_pnl, 0, "quantity x mark - cost, exact") F(money, realized_pnl, 0, "of this position so far, before fees") F(money, fees, 0, "of this position so far") F(price, stop_loss, 0, "0 = none") F(price, take_profit, 0, "0 = none") F(qty, max_qty, 0, "largest quantity held") \
    F(u64, position_id, 0, "sequence of the fill that opened it") F(time, opened_at, 0, "") F(seq, cause_fill, 0, "fill that changed it; 0 = mark") F(enum, event, position_event, "") F(enum, side, side, "buy = long") F(enum, exit_reason, exit_reason, "") F(u8, leverage, 0, "") F(reserved, reserved, 4, "")
#define TT_FIELDS_account_update(F) \
    F(money, initial, 0, "start balance") F(money, balance, 0, "initial + realised - fees") F(money, unrealized_pnl, 0, "") F(money, equity, 0, "balance + unrealised, exact") F(money, realized_pnl, 0, "") F(money, fees, 0, "") F(money, exposure, 0, "sum of |quantity| x mark") F(money, pending_exposure, 0, "worst case of open and unknown entry orders") F(money, margin_used, 0, "") F(money, margin_available, 0, "") F(money, cash_flow, 0, "sum of -signed quantity x price - fees; cash_flow + sum(quantity x mark) + initial = equity") \
    F(seq, cause_fill, 0, "fill that changed it; 0 = mark") F(u32, open_positions, 0, "") F(u32, open_orders, 0, "") F(u32, unknown_orders, 0, "") F(u32, closed_trades, 0, "") F(reserved, reserved, 8, "")
#define TT_FIELDS_dead_letter(F) \
    F(seq, dead_seq, 0, "message that could not be handled; 0 if it was never sequenced") F(topic, dead_topic, 0, "") F(source, dead_source, 0, "") F(u32, attempts, 0, "") F(enum, reason, dead_reason, "") F(reserved, reserved, 15, "") F(text, handler, 32, "") F(text, message, 160, "what is wrong and what would be right")

/* Payload layouts in the order of their ids; item payloads of lists come first. */
#define TT_ITEM_LIST(X) X(depth_level) X(answer_byte) X(model_vote) X(rebalance_trade) X(consensus_vote) X(conflict_item) X(risk_check)
#define TT_PAYLOAD_LIST(X) \
    X(bar) X(quote) X(trade) X(depth) X(feed_event) X(clock) X(session_event) X(agent_answer) X(venue_report) X(coordinator_command) \
    X(indicators) X(agent_call) X(ta_signal) X(regime_update) X(sentiment_update) X(trading_signal) X(portfolio_update) \
    X(consensus) X(conflict_decision) X(trade_proposal) X(command_reply) X(system_event) X(notification) X(position_command) \
    X(risk_verdict) X(risk_alert) X(order_intent) X(order_cancel) X(order_query) X(execution_event) X(fill) X(position_update) X(account_update) X(dead_letter)

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

#define TT_FIELD_DECLARE_(kind, name, arg, doc) TT_C_##kind(name, arg)
#define TT_PAYLOAD_DECLARE_(p) \
    typedef struct tt_##p { TT_FIELDS_##p(TT_FIELD_DECLARE_) } tt_##p;
TT_ITEM_LIST(TT_PAYLOAD_DECLARE_)
TT_PAYLOAD_LIST(TT_PAYLOAD_DECLARE_)
#undef TT_PAYLOAD_DECLARE_
#undef TT_FIELD_DECLARE_

#endif
