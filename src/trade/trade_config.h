/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the trade module.
 */
#ifndef TT_TRADE_TRADE_CONFIG_H
#define TT_TRADE_TRADE_CONFIG_H

#include "model/config_kinds.h"

/* clang-format off */
#define TT_CONFIG_account(K)                                                                       \
    K(money, initial_balance, 0, "10000", "0.01", "1000000000000",                                 \
      "Balance at the start, in account currency.")                                                \
    K(text, currency, 12, "USDT", "", "",                                                          \
      "Account currency; every instrument is quoted in it.")                                       \
    K(dur, mark_interval, 0, "1", "0", "3600",                                                     \
      "Least seconds of event time between two position and account updates that only a price "    \
      "of that position caused; 0 = every price.")
TT_CONFIG_DECLARE(account)

#define TT_CONFIG_orders(K)                                                                        \
    K(dur, ack_timeout, 0, "5", "0.01", "3600",                                                    \
      "Seconds without word from the venue after which an order is unknown and is queried.")       \
    K(dur, query_interval, 0, "5", "0.01", "3600",                                                 \
      "Seconds between two queries of an unknown order, and before a failed close is repeated.")   \
    K(dur, status_interval, 0, "3600", "0", "604800",                                              \
      "Seconds without word from the venue after which an order that works there is asked about: " \
      "bounds how long a lost report can go unnoticed; 0 = never.")                                \
    K(dur, entry_expiry, 0, "3600", "1", "604800",                                                 \
      "Seconds after which an unfilled limit entry is cancelled.")                                 \
    K(flag, close_at_end, 0, "true", "", "",                                                       \
      "Close what is open when the data of a backtest ends.")
TT_CONFIG_DECLARE(orders)
/* clang-format on */

/** All of it. */
typedef struct tt_trade_config {
    tt_account_config account;
    tt_orders_config orders;
} tt_trade_config;

#endif
