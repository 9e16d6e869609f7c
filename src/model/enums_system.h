/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of messages, runs, inputs and the bus, and of the configuration alone.
 */
#ifndef TT_MODEL_ENUMS_SYSTEM_H
#define TT_MODEL_ENUMS_SYSTEM_H

// clang-format off
#define TT_ENUM_priority(E)                                                                        \
    E(priority, NONE, "none")                                                                      \
    E(priority, LOW, "low")                                                                        \
    E(priority, NORMAL, "normal")                                                                  \
    E(priority, HIGH, "high")                                                                      \
    E(priority, URGENT, "urgent")
#define TT_ENUM_msg_kind(E)                                                                        \
    E(msg_kind, EVENT, "event")                                                                    \
    E(msg_kind, SIGNAL, "signal")                                                                  \
    E(msg_kind, REQUEST, "request")                                                                \
    E(msg_kind, RESPONSE, "response")                                                              \
    E(msg_kind, COMMAND, "command")                                                                \
    E(msg_kind, ALERT, "alert")                                                                    \
    E(msg_kind, VETO, "veto")
#define TT_ENUM_mode(E)                                                                            \
    E(mode, BACKTEST, "backtest")                                                                  \
    E(mode, PAPER, "paper")                                                                        \
    E(mode, REPLAY, "replay")                                                                      \
    E(mode, SCENARIO, "scenario")
#define TT_ENUM_severity(E)                                                                        \
    E(severity, INFO, "info")                                                                      \
    E(severity, WARNING, "warning")                                                                \
    E(severity, HIGH, "high")                                                                      \
    E(severity, CRITICAL, "critical")
#define TT_ENUM_system_event_type(E)                                                               \
    E(system_event_type, SESSION_STARTED, "session_started")                                       \
    E(system_event_type, SESSION_RECOVERED, "session_recovered")                                   \
    E(system_event_type, SESSION_STOPPED, "session_stopped")                                       \
    E(system_event_type, COORDINATOR_PAUSED, "coordinator_paused")                                 \
    E(system_event_type, COORDINATOR_RESUMED, "coordinator_resumed")                               \
    E(system_event_type, COORDINATOR_HALTED, "coordinator_halted")                                 \
    E(system_event_type, TASK_ERROR, "task_error")                                                 \
    E(system_event_type, DEGRADATION_INCREASED, "degradation_increased")                           \
    E(system_event_type, DEGRADATION_DECREASED, "degradation_decreased")                           \
    E(system_event_type, DEGRADATION_RECOVERY, "degradation_recovery")                             \
    E(system_event_type, EMERGENCY_ACTION, "emergency_action")                                     \
    E(system_event_type, IN_FLIGHT_TASKS_RECOVERED, "in_flight_tasks_recovered")                   \
    E(system_event_type, INVARIANT_BROKEN, "invariant_broken")                                     \
    E(system_event_type, BUDGET_SPENT, "budget_spent")                                             \
    E(system_event_type, PART_DOWN, "part_down")                                                   \
    E(system_event_type, PART_UP, "part_up")                                                       \
    E(system_event_type, SYMBOL_PAUSED, "symbol_paused")                                           \
    E(system_event_type, SYMBOL_RESUMED, "symbol_resumed")                                         \
    E(system_event_type, HEALTH_CHECK_FAILED, "health_check_failed")                               \
    E(system_event_type, HEALTH_CHECK_PASSED, "health_check_passed")                               \
    E(system_event_type, ALLOCATION_DRIFT, "allocation_drift")
#define TT_ENUM_feed_event_type(E)                                                                 \
    E(feed_event_type, ROW_REFUSED, "row_refused")                                                 \
    E(feed_event_type, GAP, "gap")                                                                 \
    E(feed_event_type, END_OF_DATA, "end_of_data")                                                 \
    E(feed_event_type, DISCONNECTED, "disconnected")                                               \
    E(feed_event_type, CONNECTED, "connected")
#define TT_ENUM_session_event_type(E)                                                              \
    E(session_event_type, STARTED, "started")                                                      \
    E(session_event_type, RECOVERED, "recovered")                                                  \
    E(session_event_type, STOPPING, "stopping")                                                    \
    E(session_event_type, STOPPED, "stopped")
/* Parts outside the core whose health the host reports. */
#define TT_ENUM_part(E)                                                                            \
    E(part, NONE, "none")                                                                          \
    E(part, STORE, "store")                                                                        \
    E(part, FEED, "feed")                                                                          \
    E(part, VENUE, "venue")                                                                        \
    E(part, JOURNAL, "journal")                                                                    \
    E(part, AGENTS, "agents")                                                                      \
    E(part, POOL, "pool")                                                                          \
    E(part, MEMORY, "memory")
/* What the host measures of them; NONE: the part says itself whether it works. */
#define TT_ENUM_health_measure(E)                                                                  \
    E(health_measure, NONE, "none")                                                                \
    E(health_measure, FEED_AGE, "feed_age")                                                        \
    E(health_measure, VENUE_ANSWER, "venue_answer")                                                \
    E(health_measure, VENUE_FAILURES, "venue_failures")                                            \
    E(health_measure, JOURNAL_LAG, "journal_lag")                                                  \
    E(health_measure, JOURNAL_FLUSH, "journal_flush")                                              \
    E(health_measure, STORE_LAG, "store_lag")                                                      \
    E(health_measure, POOL_WAIT, "pool_wait")                                                      \
    E(health_measure, MEMORY, "memory")
#define TT_ENUM_health_level(E)                                                                    \
    E(health_level, OK, "ok")                                                                      \
    E(health_level, WARN, "warn")                                                                  \
    E(health_level, CRITICAL, "critical")
#define TT_ENUM_dead_reason(E)                                                                     \
    E(dead_reason, NONE, "none")                                                                   \
    E(dead_reason, HANDLER_FAILED, "handler_failed")                                               \
    E(dead_reason, EXPIRED, "expired")                                                             \
    E(dead_reason, DEPTH_LIMIT, "depth_limit")                                                     \
    E(dead_reason, QUEUE_FULL, "queue_full")                                                       \
    E(dead_reason, INVALID_INPUT, "invalid_input")                                                 \
    E(dead_reason, UNKNOWN_CALL, "unknown_call")                                                   \
    E(dead_reason, UNKNOWN_ORDER, "unknown_order")                                                 \
    E(dead_reason, RATE_LIMIT, "rate_limit")                                                       \
    E(dead_reason, QUARANTINED, "quarantined")                                                     \
    E(dead_reason, MAILBOX_FULL, "mailbox_full")                                                   \
    E(dead_reason, NO_REPLY, "no_reply")                                                           \
    E(dead_reason, UNDELIVERED_AT_STOP, "undelivered_at_stop")
#define TT_ENUM_bus_command_type(E)                                                                \
    E(bus_command_type, NONE, "none")                                                              \
    E(bus_command_type, REDRIVE, "redrive")                                                        \
    E(bus_command_type, DISCARD, "discard")                                                        \
    E(bus_command_type, RELEASE, "release")                                                        \
    E(bus_command_type, BLOCK, "block")                                                            \
    E(bus_command_type, UNBLOCK, "unblock")                                                        \
    E(bus_command_type, REDRIVE_ALL, "redrive_all")                                                \
    E(bus_command_type, DISCARD_ALL, "discard_all")                                                \
    E(bus_command_type, LIMIT, "limit")                                                            \
    E(bus_command_type, EXEMPT, "exempt")
#define TT_ENUM_bus_alert_type(E)                                                                  \
    E(bus_alert_type, QUARANTINE, "quarantine")                                                    \
    E(bus_alert_type, SUCCESS_RATE, "success_rate")                                                \
    E(bus_alert_type, HANDLER_TIME_MEAN, "handler_time_mean")                                      \
    E(bus_alert_type, HANDLER_TIME_MAX, "handler_time_max")                                        \
    E(bus_alert_type, CONSECUTIVE_FAILURES, "consecutive_failures")                                \
    E(bus_alert_type, FAILURE_RATE, "failure_rate")                                                \
    E(bus_alert_type, QUEUE_FILL, "queue_fill")                                                    \
    E(bus_alert_type, INACTIVITY, "inactivity")                                                    \
    E(bus_alert_type, DEAD_LETTERS_FULL, "dead_letters_full")                                      \
    E(bus_alert_type, MAILBOX_OVERFLOW, "mailbox_overflow")
/* Configuration only */
#define TT_ENUM_feed_kind(E)                                                                       \
    E(feed_kind, SYNTHETIC, "synthetic")                                                           \
    E(feed_kind, CSV_BARS, "csv_bars")                                                             \
    E(feed_kind, BINANCE, "binance")                                                               \
    E(feed_kind, EQUITY_TICKS, "equity_ticks")
#define TT_ENUM_row_policy(E)                                                                      \
    E(row_policy, SKIP, "skip")                                                                    \
    E(row_policy, STOP, "stop")
#define TT_ENUM_bar_time(E)                                                                        \
    E(bar_time, CLOSE, "close")                                                                    \
    E(bar_time, OPEN, "open")
#define TT_ENUM_durability(E)                                                                      \
    E(durability, ALWAYS, "always")                                                                \
    E(durability, BATCH, "batch")                                                                  \
    E(durability, NONE, "none")
#define TT_ENUM_idle(E)                                                                            \
    E(idle, BACKOFF, "backoff")                                                                    \
    E(idle, BLOCK, "block")                                                                        \
    E(idle, SPIN, "spin")
// clang-format on

#endif
