/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of market data: bars, quotes, trades, depth, indicators, what a feed reports.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_MARKET_H
#define TT_MODEL_PAYLOADS_MARKET_H

// clang-format off
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
// clang-format on

#endif
