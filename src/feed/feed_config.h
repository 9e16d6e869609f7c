/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of feeds.
 */
#ifndef TT_FEED_FEED_CONFIG_H
#define TT_FEED_FEED_CONFIG_H

#include "model/config_kinds.h"

/* clang-format off */
#define TT_CONFIG_feed(K)                                                                          \
    K(enum, kind, feed_kind, "synthetic", "", "", "Where market data comes from.")                 \
    K(text, path, 512, "", "", "",                                                                 \
      "File of the feed, plain or packed by gzip, zstd or zip; several files, separated by "       \
      "commas, are merged by time. --data overrides it.")                                          \
    K(text, trades_path, 256, "", "", "",                                                          \
      "Second file, for equity_ticks: the trades; empty = quotes alone.")                          \
    K(enum, on_bad_row, row_policy, "skip", "", "",                                                \
      "What a row that cannot be used does: it is refused and counted (skip) or ends the "         \
      "session (stop).")
TT_CONFIG_DECLARE(feed)

/* Columns of csv_bars: 0-based numbers, or names from the header line. */
#define TT_CONFIG_csv(K)                                                                           \
    K(flag, header, 0, "true", "", "", "The first line names the columns.")                        \
    K(text, timestamp, 48, "timestamp", "", "", "Column of the time.")                             \
    K(text, open, 48, "open", "", "", "Column of the first price.")                                \
    K(text, high, 48, "high", "", "", "Column of the highest price.")                              \
    K(text, low, 48, "low", "", "", "Column of the lowest price.")                                 \
    K(text, close, 48, "close", "", "", "Column of the last price.")                               \
    K(text, volume, 48, "volume", "", "", "Column of the volume; empty = none.")                   \
    K(text, symbol, 48, "", "", "",                                                                \
      "Column of the symbol, for files with several instruments; empty = none.")                   \
    K(flag, wide, 0, "false", "", "",                                                              \
      "One column of closing prices for each instrument, named by its symbol; an empty cell is "   \
      "no bar.")                                                                                   \
    K(enum, bar_time, bar_time, "close", "", "",                                                   \
      "Whether the time is the open or the close of the bar.")                                     \
    K(ratio, price_scale, 0, "1", "0.00000001", "1000000", "Each price is multiplied by this.")
TT_CONFIG_DECLARE(csv)

#define TT_CONFIG_equity_ticks(K)                                                                  \
    K(text, date, 16, "", "", "",                                                                  \
      "Day of the file, such as 2013-10-07; its rows count milliseconds from midnight.")           \
    K(ratio, utc_offset_hours, 0, "-5", "-14", "14",                                               \
      "Hours from UTC to the time zone of the rows: -4 is New York in summer.")                    \
    K(ratio, price_scale, 0, "0.0001", "0.00000001", "1000000", "Each price is multiplied by this.")
TT_CONFIG_DECLARE(equity_ticks)

#define TT_CONFIG_synthetic(K)                                                                     \
    K(u64, ticks, 0, "0", "", "", "Quotes, trades and depth updates to make; 0 = endless.")        \
    K(text, start, 32, "2024-01-01 00:00:00", "", "", "Time of the first tick, UTC.")              \
    K(dur, tick_interval, 0, "0.25", "0.000001", "3600",                                           \
      "Seconds between two ticks; the instruments take turns.")                                    \
    K(text, start_prices, 256, "50000, 2500, 150, 40", "", "",                                     \
      "First price of each instrument, in their order; the list repeats.")                         \
    K(text, volatilities, 256, "0.04, 0.05, 0.06", "", "",                                         \
      "Standard deviation of a day's return of each instrument; the list repeats.")                \
    K(ratio, correlation, 0, "0.6", "0", "1",                                                      \
      "Correlation of the shocks that move any two instruments.")                                  \
    K(ratio, spread_bps, 0, "2", "0", "1000",                                                      \
      "Quoted spread in basis points; at least one tick.")                                         \
    K(ratio, trend_strength, 0, "0.3", "0", "5",                                                   \
      "Drift of a minute within a trend, in standard deviations of a minute.")                     \
    K(dur, regime_min, 0, "1800", "1", "31536000", "Shortest duration of a market regime.")        \
    K(dur, regime_max, 0, "7200", "1", "31536000", "Longest duration of a market regime.")         \
    K(ratio, gaps_per_day, 0, "2", "0", "1000",                                                    \
      "Outages a day: some silence, after which the price is somewhere else.")                     \
    K(u32, depth_levels, 0, "5", "0", "10", "Levels of depth on each side; 0 = no depth.")
TT_CONFIG_DECLARE(synthetic)
/* clang-format on */

/** All of it. */
typedef struct tt_feed_module_config {
    tt_feed_config feed;
    tt_csv_config csv;
    tt_equity_ticks_config equity_ticks;
    tt_synthetic_config synthetic;
} tt_feed_module_config;

#endif
