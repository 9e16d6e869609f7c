/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the bus: its bounds.
 */
#ifndef TT_BUS_BUS_CONFIG_H
#define TT_BUS_BUS_CONFIG_H

#include "model/config_kinds.h"

// clang-format off
#define TT_CONFIG_bus(K)                                                                           \
    K(u32, outbox_bytes, 0, "4194304", "65536", "1073741824",                                      \
      "Bytes of all messages of one step; what does not fit is dropped with a dead letter.")       \
    K(u32, queue_messages, 0, "8192", "16", "1048576",                                             \
      "Messages queued at once in one priority lane; what does not fit is dropped likewise.")      \
    K(u32, depth_max, 0, "64", "1", "10000",                                                       \
      "Longest chain of causes within one step; a longer one is cut with a dead letter.")          \
    K(u32, history_scale_pct, 0, "100", "1", "10000",                                              \
      "Scales the number of messages that each topic keeps.")                                      \
    K(flag, keep_expired, 0, "true", "", "",                                                       \
      "Expired messages stay in the history until newer ones take their place.")                  \
    K(u32, dead_max, 0, "256", "1", "16384",                                                       \
      "Dead letters kept whole; then the oldest is dropped, with an alert.")                      \
    K(u32, dead_bytes, 0, "1048576", "4032", "268435456",                                          \
      "Bytes of the payloads of dead letters.")                                                    \
    K(u32, idempotency_max, 0, "4096", "1", "16777216",                                            \
      "Idempotency keys remembered; a message with one of them is not published again.")           \
    K(u32, subscriptions_max, 0, "1024", "64", "65535",                                            \
      "Subscriptions at one time.")                                                                \
    K(u32, requests_max, 0, "256", "1", "65535",                                                   \
      "Requests that wait for an answer.")                                                         \
    K(u32, blocked_max, 0, "256", "1", "65535",                                                    \
      "Correlations that can be blocked at one time.")                                             \
    K(u32, retries_max, 0, "64", "1", "16384",                                                     \
      "Failed deliveries that wait for another try; more are dead letters at once.")               \
    K(u32, retry_bytes, 0, "262144", "4032", "268435456",                                          \
      "Bytes of the payloads of deliveries that wait for another try.")                            \
    K(u32, cares_max, 0, "64", "1", "4096",                                                        \
      "Subscribers for which retries and failures in a row are kept.")                             \
    K(u32, quarantine_after, 0, "0", "0", "1000000",                                               \
      "Failures in a row after which a subscriber gets no more messages; 0 = never.")              \
    K(u32, probe_ms, 0, "60000", "0", "86400000",                                                  \
      "Time after which a subscriber in quarantine gets one message as a trial, again after each " \
      "trial that fails; 0 = never: it is released by a person.")                                  \
    K(u32, window_ms, 0, "10000", "100", "86400000",                                               \
      "Time that counters of the recent past cover.")                                              \
    K(u32, timing_sample, 0, "64", "0", "1000000",                                                 \
      "One message in so many is measured: waiting, time of its handlers; 0 = none.")              \
    K(u32, timings_max, 0, "64", "1", "4096",                                                      \
      "Handlers with times of their own; those of the rest are counted together.")
// clang-format on

TT_CONFIG_DECLARE(bus)

#endif
