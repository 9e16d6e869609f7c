/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the simulated exchange.
 */
#ifndef TT_VENUE_VENUE_CONFIG_H
#define TT_VENUE_VENUE_CONFIG_H

#include "model/config_kinds.h"

/* clang-format off */
#define TT_CONFIG_venue(K)                                                                         \
    K(dur, order_latency, 0, "0.05", "0", "60",                                                    \
      "Seconds until an order, cancel or query reaches the exchange.")                             \
    K(dur, report_latency, 0, "0.05", "0", "60", "Seconds until a report comes back.")             \
    K(dur, latency_jitter, 0, "0.02", "0", "60",                                                   \
      "Largest random addition to each latency, in seconds.")                                      \
    K(dur, bar_open_grace, 0, "5", "0", "86400",                                                   \
      "An order that arrives within so many seconds after a bar opened still trades at its "       \
      "open; a later one at its close.")                                                           \
    K(ratio, half_spread_bps, 0, "1", "0", "1000",                                                 \
      "Half of the spread in basis points, where bars or trades give no bid and ask.")             \
    K(ratio, slippage_bps, 0, "1", "0", "1000",                                                    \
      "Largest random adverse slippage of what takes liquidity, in basis points.")                 \
    K(ratio, partial_fill_probability, 0, "0.1", "0", "1",                                         \
      "Probability that a fill is split in two.")                                                  \
    K(ratio, reject_probability, 0, "0", "0", "1", "Probability that a valid order is rejected.")  \
    K(dur, outage_every, 0, "0", "0", "31536000",                                                  \
      "Seconds between two outages of the connection, counted from 1970; 0 = none.") \
    K(dur, outage_length, 0, "30", "0.001", "86400",                                               \
      "Seconds of an outage: nothing can be sent, and what the exchange says is lost.")            \
    K(ratio, queue_ahead, 0, "1", "0", "10",                                                       \
      "Part of the visible quantity at its price that is ahead of a new limit order.")             \
    K(ratio, funding_rate, 0, "0", "-0.1", "0.1",                                                  \
      "Part of the value of a position that longs pay to shorts at each funding; negative: "       \
      "shorts pay. 0 = no funding. Instruments with max_leverage 1 are spot and have none.")       \
    K(dur, funding_interval, 0, "28800", "60", "604800",                                           \
      "Seconds between two fundings, counted from midnight UTC.")                                  \
    K(u32, orders_max, 0, "1000000", "1", "16777216",                                              \
      "Orders that the exchange remembers; beyond it new ones are rejected.")
TT_CONFIG_DECLARE(venue)
/* clang-format on */

#endif
