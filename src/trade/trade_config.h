/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the trade module.
 */
#ifndef TT_TRADE_TRADE_CONFIG_H
#define TT_TRADE_TRADE_CONFIG_H

#include "model/config_kinds.h"
#include "model/limits.h"

/* clang-format off */
#define TT_CONFIG_account(K)                                                                       \
    K(money, initial_balance, 0, "10000", "0.01", "1000000000000",                                 \
      "Balance at the start, in account currency.")                                                \
    K(text, currency, 12, "USDT", "", "",                                                          \
      "Account currency; every instrument is quoted in it.")                                       \
    K(enum, position_mode, position_mode, "netting", "", "",                                       \
      "One position an instrument (netting), or a long and a short one side by side (hedging).")   \
    K(flag, sub_accounts, 0, "false", "", "",                                                      \
      "See positions by their parts: a source of trades closes what it holds itself, and what "    \
      "each has done with the account is published at each of its fills.")                         \
    K(dur, mark_interval, 0, "1", "0", "3600",                                                     \
      "Least seconds of event time between two position and account updates that only a price "    \
      "of that position caused; 0 = every price.")
TT_CONFIG_DECLARE(account)

/* One row of the list account.capital: what a source of trades starts with. */
#define TT_CONFIG_capital(K)                                                                       \
    K(text, strategy, 32, "", "", "",                                                              \
      "The source of trades: trading_decision, strategy, portfolio.")                              \
    K(money, amount, 0, "0", "0", "1000000000000",                                                 \
      "Capital that its sub-account starts with, of account.initial_balance; or share_pct.")       \
    K(ratio, share_pct, 0, "0", "0", "100",                                                        \
      "The same in percent of account.initial_balance.")
TT_CONFIG_DECLARE(capital)

#define TT_CONFIG_orders(K)                                                                        \
    K(dur, ack_timeout, 0, "5", "0.01", "3600",                                                    \
      "Seconds without word from the venue after which an order is unknown and is queried; not "   \
      "below what the latencies of the simulated exchange add up to.")                             \
    K(dur, query_interval, 0, "5", "0.01", "3600",                                                 \
      "Seconds between two queries of an unknown order, and before a failed close is repeated. "   \
      "A query without an answer doubles the wait, and so does a close that fails again, up to "   \
      "16 times this.")                          \
    K(dur, status_interval, 0, "3600", "0", "604800",                                              \
      "Seconds without word from the venue after which an order that works there is asked about: " \
      "bounds how long a lost report can go unnoticed; 0 = never.")                                \
    K(dur, entry_expiry, 0, "3600", "1", "604800",                                                 \
      "Seconds after which an unfilled limit entry is cancelled.")                                 \
    K(enum, entry_tif, tif, "gtc", "", "",                                                         \
      "How limit entries stand: gtc rests until entry_expiry, post_only too but never takes, ioc " \
      "and fok end at once.")                                                                      \
    K(u32, orders_per_minute, 0, "0", "0", "60000",                                                \
      "Orders that may be sent in a minute; 0 = any number. Exits always go out, entries beyond "  \
      "it are refused.")                                                                           \
    K(u32, orders_burst, 0, "5", "1", "1000", "Orders that may be sent at once.")                  \
    K(u32, requests_per_minute, 0, "0", "0", "60000",                                              \
      "Orders, cancels and queries in a minute; 0 = any number. Exits and cancels always go out, " \
      "queries wait.")                                                                             \
    K(u32, requests_burst, 0, "10", "1", "1000", "Requests that may be sent at once.")             \
    K(flag, close_at_end, 0, "true", "", "",                                                       \
      "Close what is open when the data of a backtest or of a session ends.")
TT_CONFIG_DECLARE(orders)

#define TT_CONFIG_exits(K)                                                                         \
    K(flag, trailing_stop, 0, "false", "", "", "Let the stop follow the price.")                   \
    K(ratio, trailing_activation_pct, 0, "1", "0", "100",                                          \
      "Profit of the price over the entry from which the stop follows, in percent.")               \
    K(ratio, trailing_distance_pct, 0, "1.5", "0.01", "99",                                        \
      "Distance of the trailing stop behind the best price, in percent of it.")                    \
    K(ratio, trailing_atr_multiple, 0, "0", "0", "100",                                            \
      "Distance as a multiple of the average true range instead, as soon as that is known; "       \
      "0 = in percent.")                                                                           \
    K(ratio, trailing_step_pct, 0, "0.1", "0", "100",                                              \
      "Least move of a trailing stop, in percent of the price: bounds the orders that it costs.")  \
    K(flag, break_even, 0, "false", "", "", "Move the stop to the entry once there is a profit.")  \
    K(ratio, break_even_at_pct, 0, "1", "0.01", "100",                                             \
      "Profit of the price over the entry that moves the stop to the entry, in percent.")          \
    K(ratio, break_even_buffer_pct, 0, "0.1", "0", "100",                                          \
      "Part of that profit that the stop keeps, in percent of the entry.")                         \
    K(dur, time_limit, 0, "0", "0", "31536000",                                                    \
      "Seconds after which a position without profit is closed; 0 = never.")                       \
    K(dur, max_hold, 0, "0", "0", "31536000",                                                      \
      "Seconds after which every position is closed; 0 = never.")                                  \
    K(dur, daily_close, 0, "0", "0", "86400",                                                      \
      "Seconds after midnight UTC at which positions are closed each day; 86400 = midnight, "      \
      "0 = never.")                                                                                \
    K(ratio, max_spread_pct, 0, "0", "0", "100",                                                   \
      "Spread in percent of the middle above which positions are closed; 0 = any.")                \
    K(money, min_liquidity, 0, "0", "0", "1000000000000",                                          \
      "Least worth of what the best bid and ask offer together; below it positions are closed; "   \
      "0 = any.")                                                                                  \
    K(dur, market_grace, 0, "5", "0", "3600",                                                      \
      "Seconds for which spread or liquidity must be beyond their limit.")                         \
    K(ratio, stop_limit_pct, 0, "0", "0", "50",                                                    \
      "Stops are sent with a limit so many percent beyond their trigger; what the limit keeps "    \
      "from being filled the stop guard closes; 0 = stops are sent without.")                      \
    K(flag, stop_guard, 0, "true", "", "",                                                         \
      "Close a position whose price is beyond its stop when the venue does not do it.")            \
    K(dur, stop_guard_delay, 0, "10", "0", "3600",                                                 \
      "Seconds that a stop which works at the venue has for it; without one it is done at once.")
TT_CONFIG_DECLARE(exits)

/* The steps of a ladder, with what stands before the name of each key. */
#define TT_CONFIG_LADDER_STEPS(K, P)                                                               \
    K(ratio, P##share_1_pct, 0, "30", "0", "100",                                                  \
      "Share of the first step, in percent; 0 = none.")                                            \
    K(ratio, P##at_1_pct, 0, "30", "1", "100",                                                     \
      "Where it is, in percent of the way from the entry to the target.")                          \
    K(ratio, P##share_2_pct, 0, "40", "0", "100", "Share of the second step.")                     \
    K(ratio, P##at_2_pct, 0, "50", "1", "100", "Where it is.")                                     \
    K(ratio, P##share_3_pct, 0, "30", "0", "100", "Share of the third step.")                      \
    K(ratio, P##at_3_pct, 0, "70", "1", "100",                                                     \
      "Where it is. What the shares leave is sold at the target.")

#define TT_CONFIG_ladder(K)                                                                        \
    K(flag, enabled, 0, "false", "", "", "Take the profit in steps before the target.")            \
    TT_CONFIG_LADDER_STEPS(K, )
TT_CONFIG_DECLARE(ladder)

/* A row of the list `exits.symbols`: every key of `exits`, and of `exits.ladder` as ladder_*. What
 * a row does not name is as there (config_inherit.c). */
#define TT_CONFIG_symbol_exits(K)                                                                  \
    K(text, symbol, 24, "", "", "", "Symbol of the instrument that the row is about.")             \
    TT_CONFIG_exits(K)                                                                             \
    K(flag, ladder, 0, "false", "", "", "Take the profit in steps before the target.")             \
    TT_CONFIG_LADDER_STEPS(K, ladder_)
TT_CONFIG_DECLARE(symbol_exits)

#define TT_CONFIG_reconciliation(K)                                                                \
    K(dur, interval, 0, "60", "0", "86400",                                                        \
      "Seconds between two comparisons of the books with the venue in a paper session, and at its "\
      "start; 0 = never.")                                                                         \
    K(dur, confirm, 0, "2", "0.1", "60",                                                           \
      "Seconds after which a difference is looked at again before it is believed.")                \
    K(dur, timeout, 0, "5", "0.1", "3600",                                                        \
      "Seconds without an answer after which a comparison has failed; the next one waits longer.") \
    K(money, balance_tolerance, 0, "0.01", "0", "1000000",                                         \
      "Largest difference between the cash of the books and that of the venue that is none, in "   \
      "account currency. Beyond it entries are held until the cash agrees, or a person has "       \
      "acknowledged what it is.")                                                                  \
    K(flag, in_backtests, 0, "false", "", "",                                                      \
      "Compare in backtests and scenarios as well, where the exchange cannot fail unasked.")
TT_CONFIG_DECLARE(reconciliation)
/* clang-format on */

/** All of it. */
typedef struct tt_trade_config {
    tt_account_config account;
    tt_capital_config capital[TT_SUB_ACCOUNTS_MAX - 1];
    uint32_t capital_count;
    tt_orders_config orders;
    tt_reconciliation_config reconciliation;
    tt_exits_config exits;
    tt_ladder_config ladder;
    tt_symbol_exits_config symbol_exits[TT_INSTRUMENTS_MAX]; /**< Complete rows. */
    uint32_t symbol_exits_count;
} tt_trade_config;

#endif
