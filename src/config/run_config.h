/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration that belongs to no module: the run, its clock, and what is kept and served.
 */
#ifndef TT_CONFIG_RUN_CONFIG_H
#define TT_CONFIG_RUN_CONFIG_H

#include "model/config_kinds.h"

// clang-format off
#define TT_CONFIG_run(K)                                                                           \
    K(text, id, 27, "run", "", "",                                                                 \
      "Short name of the run, of letters, digits, '.', '_' and '-'; client order ids begin "       \
      "with it.")                                                                                  \
    K(text, name, 96, "", "", "", "Title for reports and pages.")                                  \
    K(u64, seed, 0, "1", "", "", "Seed of everything random; the same seed gives the same run.")
TT_CONFIG_DECLARE(run)

#define TT_CONFIG_clock(K)                                                                         \
    K(ratio, speed, 0, "60", "0.001", "1000000",                                                   \
      "Seconds of event time that pass in one second of a paper session.")
TT_CONFIG_DECLARE(clock)

#define TT_CONFIG_journaling(K)                                                                    \
    K(enum, durability, durability, "batch", "", "",                                               \
      "When a step is safe: after each write reached the disk (always), after a group of them "    \
      "did (batch), or once the system has it (none). Not given, a backtest has none.")            \
    K(dur, batch_interval, 0, "0.01", "0.0001", "10",                                              \
      "Seconds for which a step may wait for others to be committed with it.")                     \
    K(u32, batch_bytes, 0, "1048576", "4096", "4194304",                                          \
      "Bytes of steps after which a group is committed at once.")                                  \
    K(u32, segment_mib, 0, "64", "1", "4095",                                                      \
      "Size of a journal file in MiB before the next one is begun.")                               \
    K(u32, snapshot_steps, 0, "100000", "0", "4294967295",                                         \
      "Steps between two snapshots of a paper session; 0 = none.")                                 \
    K(flag, archive, 0, "false", "", "", "Compress journal files of a paper session when full.")   \
    K(dur, retain_age, 0, "0", "0", "3155760000",                                                  \
      "Seconds after which full journal files may be dropped, as far as no snapshot needs them; "  \
      "0 = kept. They are compressed first.")                                                      \
    K(u32, retain_mib, 0, "0", "0", "4294967295",                                                  \
      "Size of the journal in MiB beyond which the oldest full files may be dropped, as far as "   \
      "no snapshot needs them; 0 = no bound. They are compressed first.")
TT_CONFIG_DECLARE(journaling)

#define TT_CONFIG_health(K)                                                                        \
    K(dur, interval, 0, "1", "0", "60",                                                            \
      "Real seconds between two looks at the parts of a paper session; 0 = none.")                 \
    K(ratio, clear, 0, "0.8", "0.1", "1",                                                          \
      "A level ends when the value is below this part of its limit. Every limit below: 0 = none.") \
    K(u32, feed_warn_bars, 0, "3", "0", "1000000",                                                 \
      "Lengths of a bar for which a symbol had no market data.")                                   \
    K(u32, feed_critical_bars, 0, "10", "0", "1000000",                                            \
      "The same, critical: the symbol gets no entries until it has market data again.")            \
    K(ratio, feed_down_share, 0, "1", "0.000001", "1",                                             \
      "Part of the symbols that must be critical for the feed as a whole to be down; 1 = all.")    \
    K(dur, venue_warn, 0, "5", "0", "86400",                                                       \
      "Seconds, real and of event time, that the venue takes for its first answer to an order.")   \
    K(dur, venue_critical, 0, "30", "0", "86400", "The same, critical: the venue is down.")        \
    K(u32, venue_failures_warn, 0, "3", "0", "1000000",                                            \
      "Orders and cancels in a row that could not be sent.")                                       \
    K(u32, venue_failures_critical, 0, "10", "0", "1000000",                                       \
      "The same, critical: the venue is down.")                                                    \
    K(dur, journal_warn, 0, "1", "0", "86400",                                                     \
      "Real seconds for which a message is not durable.")                                          \
    K(dur, journal_critical, 0, "10", "0", "86400", "The same, critical: the journal is down.")    \
    K(dur, flush_warn, 0, "1", "0", "86400", "Real seconds that the last commit took.")            \
    K(dur, flush_critical, 0, "0", "0", "86400", "The same, critical: the journal is down.")       \
    K(dur, store_warn, 0, "30", "0", "86400",                                                      \
      "Real seconds for which a durable message is not in the read model.")                        \
    K(dur, store_critical, 0, "300", "0", "86400",                                                 \
      "The same, critical; told, but no outage: that is for a read model that cannot be written.") \
    K(dur, pool_warn, 0, "60", "0", "86400", "Real seconds that a worker has had a call in hand.") \
    K(dur, pool_critical, 0, "300", "0", "86400", "The same, critical.")                           \
    K(u32, memory_warn_mib, 0, "512", "0", "1048576", "MiB of memory that the process holds.")     \
    K(u32, memory_critical_mib, 0, "2048", "0", "1048576", "The same, critical.")
TT_CONFIG_DECLARE(health)

#define TT_CONFIG_bus_health(K)                                                                    \
    K(dur, window, 0, "60", "1", "3600", "Real seconds that the numbers below are about.")         \
    K(ratio, success_min, 0, "0.95", "0.000001", "1",                                              \
      "Least part of the deliveries that succeeds.")                                               \
    K(dur, handler_mean, 0, "0.1", "0.000001", "3600", "Mean seconds that a handler takes.")       \
    K(dur, handler_max, 0, "0.5", "0.000001", "3600", "Most seconds that a handler takes.")        \
    K(u32, failures_in_row, 0, "5", "1", "1000000",                                                \
      "Failures of a topic in a row, without a success between.")                                  \
    K(u32, failures, 0, "10", "1", "1000000", "Failures.")                                         \
    K(u32, queue_pct, 0, "90", "1", "100", "How full, in percent, a queue between threads is.")    \
    K(u32, overflows, 0, "1", "1", "1000000", "Messages that found no room.")                      \
    K(dur, silence, 0, "300", "1", "86400", "Seconds without any message.")
TT_CONFIG_DECLARE(bus_health)

#define TT_CONFIG_store(K)                                                                         \
    K(flag, enabled, 0, "true", "", "", "Keep a SQL copy of the journal for queries and pages.")
TT_CONFIG_DECLARE(store)

#define TT_CONFIG_api(K)                                                                           \
    K(flag, enabled, 0, "true", "", "",                                                            \
      "Serve the HTTP interface and the dashboard in a paper session.")                            \
    K(text, listen, 64, "127.0.0.1:8090", "", "",                                                  \
      "Address and port to listen on; port 0 takes a free one.")                                   \
    K(text, tokens, 256, "", "", "",                                                               \
      "File of the tokens that let people in (tutti token add); empty = api.tokens in the folder " \
      "of the run, made with a token for this machine if the address is a loopback one.")          \
    K(u32, limit_default, 0, "60", "0", "600",                                                     \
      "Requests a minute of one token from one address: reading; 0 = no limit.")                   \
    K(u32, limit_moderate, 0, "30", "0", "600",                                                    \
      "The same for commands that change what runs; 0 = no limit.")                                \
    K(u32, limit_expensive, 0, "5", "0", "600",                                                    \
      "The same for runs of tasks, rebalances and reset of risk; 0 = no limit.")                   \
    K(u32, limit_protective, 0, "120", "0", "600",                                                 \
      "The same for what can only lower the risk, counted apart from all else: pause, halt, "      \
      "flatten, close, cancel, reject; 0 = no limit.")                                             \
    K(dur, command_timeout, 0, "10", "0.1", "45",                                                  \
      "Seconds that a command waits for the core's answer; then 504 says where to ask again.")
TT_CONFIG_DECLARE(api)

/* One row of the list `instruments`; the fields stand in tt_instrument. A default of "" marks a key
 * that must be given. */
#define TT_CONFIG_instrument(K)                                                                    \
    K(text, symbol, 24, "", "", "", "Name, such as BTC/USDT; unique.")                             \
    K(price, price_increment, 0, "", "0.000000001", "", "Tick: prices are multiples of it.")       \
    K(qty, qty_increment, 0, "", "0.000000001", "", "Lot: quantities are multiples of it.")        \
    K(qty, min_qty, 0, "0", "0", "", "Smallest order, a multiple of the lot; 0 = one lot.")        \
    K(money, min_notional, 0, "10", "0", "1000000000000",                                          \
      "Smallest value of an order, in account currency.")                                          \
    K(ratio, maker_fee_rate, 0, "0.0002", "-0.1", "0.1",                                           \
      "Fee of passive fills as a part of their value; negative = rebate.")                         \
    K(ratio, taker_fee_rate, 0, "0.0005", "-0.1", "0.1", "Fee of aggressive fills likewise.")      \
    K(ratio, max_leverage, 0, "5", "1", "1000", "Highest leverage that the exchange allows.")      \
    K(ratio, maintenance_margin_rate, 0, "0", "0", "0.5",                                          \
      "Part of the value of a leveraged position that must stay as margin; the exchange "          \
      "liquidates it below.")                                                                      \
    K(u32, bar_interval_s, 0, "60", "1", "86400", "Seconds of a bar.")
// clang-format on

#endif
