/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of feeds.
 */
#ifndef TT_FEED_FEED_CONFIG_H
#define TT_FEED_FEED_CONFIG_H

#include "model/config_kinds.h"

#define TT_CONFIG_feed(K)                                                                          \
    K(enum, kind, feed_kind, "synthetic", "", "", "Where market data comes from.")                 \
    K(text, path, 256, "", "", "", "File of the feed; --data overrides it.")                       \
    K(text, trades_path, 256, "", "", "", "Second file, for equity_ticks: the trades.")            \
    K(enum, on_bad_row, row_policy, "skip", "", "", "What a row that cannot be used does: it is refused and counted (skip) or ends the session (stop).")
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
    K(enum, bar_time, bar_time, "close", "", "", "Whether the time is the open or the close of the bar.") \
    K(ratio, price_scale, 0, "1", "0.00000001", "1000000", "Each price is multiplied by this.")
TT_CONFIG_DECLARE(csv)

#define TT_CONFIG_synthetic(K)                                                                     \
    K(u64, ticks, 0, "0", "", "", "Quotes and trades to make; 0 = endless.")
TT_CONFIG_DECLARE(synthetic)

/** All of it. */
typedef struct tt_feed_module_config {
    tt_feed_config feed;
    tt_csv_config csv;
    tt_synthetic_config synthetic;
} tt_feed_module_config;

#endif
