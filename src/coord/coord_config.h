/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the coord module.
 */
#ifndef TT_COORD_COORD_CONFIG_H
#define TT_COORD_COORD_CONFIG_H

#include "base/error.h"
#include "model/config_kinds.h"
#include "model/instrument.h"

#include <stdbool.h>

/* One schedule; used five times, once a task (see TT_ENUM_task). Key: coordinator.schedules.<task>.
 * The defaults below are those of most tasks; tt_coord_schedule_defaults gives each task its own.
 */
// clang-format off
#define TT_CONFIG_schedule(K)                                                                      \
    K(flag, enabled, 0, "true", "", "", "Run this task on its schedule.")                          \
    K(enum, start, task_start, "interval", "", "",                                                 \
      "What starts a run: the interval, or each bar of the symbol that closes. Not given, "        \
      "technical analysis, regime and decision start with bars that are longer than their "        \
      "interval.")                                                                                 \
    K(dur, interval, 0, "60", "1", "604800",                                                       \
      "Seconds between two runs of a symbol; with start: bar the least seconds. Not given, that "  \
      "of the portfolio check is at least a bar of the instruments.")                 \
    K(flag, run_on_start, 0, "false", "", "",                                                      \
      "First run at the start instead of one interval, or one bar, later.")                        \
    K(text, depends_on, 96, "", "", "",                                                            \
      "Tasks that must have run since the last run, separated by commas; none = none. One that "   \
      "is not enabled is not waited for.")                                                         \
    K(dur, dependency_wait, 0, "0", "0", "3600",                                                   \
      "Seconds for which a run waits for those tasks; then it uses their outputs that may still "  \
      "vote, or is left out. 0 = as long as it takes.")                                            \
    K(u32, max_parallel, 0, "3", "1", "64", "Symbols that are asked about at the same time.")      \
    K(dur, timeout, 0, "30", "0.001", "3600", "Seconds after which a call counts as failed.")      \
    K(money, call_budget, 0, "0", "0", "1000000",                                                  \
      "Most that one call may cost, in account currency; 0 = nothing, as rules do.")               \
    K(money, day_budget, 0, "0", "0", "1000000000",                                                \
      "Most that the calls of this task may cost in a UTC day; not below call_budget.")
TT_CONFIG_DECLARE(schedule)

#define TT_CONFIG_consensus(K)                                                                     \
    K(ratio, high_agreement_threshold, 0, "0.66", "0", "1",                                        \
      "Agreement from which confidence is raised.")                                                \
    K(ratio, low_agreement_threshold, 0, "0.33", "0", "1",                                         \
      "Agreement below which confidence is lowered; not above high_agreement_threshold.")          \
    K(ratio, max_confidence_boost, 0, "0.30", "0", "1",                                            \
      "Largest rise, as a share of the confidence.")                                               \
    K(ratio, max_confidence_penalty, 0, "0.15", "0", "1",                                          \
      "Largest cut, as a share of the confidence.")                                                \
    K(dur, ta_max_age, 0, "120", "1", "86400", "Seconds for which a TA output may vote.")          \
    K(dur, regime_max_age, 0, "600", "1", "86400", "Seconds for which a regime may vote.")         \
    K(dur, sentiment_max_age, 0, "3600", "1", "86400", "Seconds for which a sentiment may vote.")
TT_CONFIG_DECLARE(consensus)

#define TT_CONFIG_conflicts(K)                                                                     \
    K(flag, ta_sentiment_conflict, 0, "true", "", "", "Detect TA against sentiment.")              \
    K(flag, regime_conflict, 0, "true", "", "", "Detect trades in a choppy regime.")               \
    K(ratio, confidence_difference, 0, "0.2", "0", "1",                                            \
      "TA and sentiment conflict only when their confidences are closer than this.")               \
    K(flag, contradicting_symbols, 0, "true", "", "",                                              \
      "Detect trades against the decision for, or the position in, a related symbol "              \
      "(coordinator.related_symbols).")                                                            \
    K(dur, decision_max_age, 0, "3600", "1", "604800",                                             \
      "Seconds for which a decision on a related symbol counts.")                                  \
    K(flag, regime_change, 0, "false", "", "",                                                     \
      "Look at an open position again when the regime changes to one that does not support it.")   \
    K(flag, risk_modification, 0, "false", "", "",                                                 \
      "Look at a trade again before its order when risk takes much of it.")                        \
    K(ratio, risk_modification_pct, 0, "50", "0.01", "99.99",                                      \
      "Percent of size or leverage above which that is much.")
TT_CONFIG_DECLARE(conflicts)

/* One row of the list coordinator.related_symbols. */
#define TT_CONFIG_related_symbols(K)                                                               \
    K(text, first, 24, "", "", "", "One symbol.")                                                  \
    K(text, second, 24, "", "", "", "The other symbol.")                                           \
    K(flag, inverse, 0, "false", "", "", "They move against each other.")
TT_CONFIG_DECLARE(related_symbols)

/* Key: coordinator.arbiter. The rule arbiter judges each conflict by itself: at or above the
 * confidence of its row the trade goes on with less, below it the action of its row is taken. Of
 * several judgements the most cautious wins: abort, wait, modify, proceed; of several modifications
 * the largest reduction and the lowest leverage. It never enlarges a trade. */
#define TT_CONFIG_arbiter(K)                                                                       \
    K(ratio, ta_sentiment_confidence, 0, "0.75", "0", "1",                                         \
      "Confidence after consensus from which a TA-sentiment conflict only reduces the size.")      \
    K(enum, ta_sentiment_action, resolution, "wait", "", "",                                       \
      "What a TA-sentiment conflict does below that confidence.")                                  \
    K(ratio, regime_confidence, 0, "0.85", "0", "1",                                               \
      "Confidence after consensus from which a choppy regime only reduces size and leverage.")     \
    K(enum, regime_action, resolution, "abort", "", "",                                            \
      "What a choppy regime does below that confidence.")                                          \
    K(ratio, size_reduction_pct, 0, "50", "0", "99",                                               \
      "Percent by which a modification cuts the size.")                                            \
    K(u32, regime_leverage_cap, 0, "1", "1", "10",                                                 \
      "Highest leverage of a trade that a choppy regime modified.")                                \
    K(ratio, symbols_confidence, 0, "0.85", "0", "1",                                              \
      "Confidence after consensus from which contradicting symbols only reduce the size.")         \
    K(enum, symbols_action, resolution, "wait", "", "",                                            \
      "What contradicting symbols do below that confidence.")                                      \
    K(enum, regime_change_action, resolution, "modify", "", "",                                    \
      "What a regime that does not support it does to a position: proceed and wait keep it, "      \
      "modify reduces it by size_reduction_pct, abort closes it.")                                 \
    K(ratio, risk_modification_confidence, 0, "0.75", "0", "1",                                    \
      "Confidence after consensus from which a trade of which risk took much goes on.")            \
    K(enum, risk_modification_action, resolution, "wait", "", "",                                  \
      "What becomes of it below that confidence.")
TT_CONFIG_DECLARE(arbiter)

/* Key: coordinator.arbitration: bounds of the chain of arbiters (list coordinator.arbiters). The
 * fallbacks stand for a conflict that nobody settled; of several the most cautious is taken. */
#define TT_CONFIG_arbitration(K)                                                                   \
    K(dur, time_limit, 0, "10", "0.001", "3600",                                                   \
      "Seconds for all arbiters of one conflict together; not below the sum of their timeouts.")   \
    K(ratio, confidence_floor, 0, "0.3", "0", "1",                                                 \
      "An arbiter that lets a trade go on with less confidence than this is not followed; "        \
      "a person is asked.")                                                                        \
    K(dur, approval_time, 0, "300", "0", "86400",                                                  \
      "Seconds for which a person may approve or reject; 0 = the next arbiter is asked instead.")  \
    K(enum, ta_sentiment_fallback, resolution, "wait", "", "",                                     \
      "What becomes of a TA-sentiment conflict that nobody settled: wait or abort.")               \
    K(enum, regime_fallback, resolution, "abort", "", "",                                          \
      "What becomes of a trade in a choppy regime when nobody settled it: wait or abort.")         \
    K(enum, symbols_fallback, resolution, "wait", "", "",                                          \
      "The same of contradicting symbols.")                                                        \
    K(enum, regime_change_fallback, resolution, "wait", "", "",                                    \
      "What becomes of a position after a change of the regime that nobody judged: wait keeps "    \
      "it, abort closes it.")                                                                      \
    K(enum, risk_modification_fallback, resolution, "wait", "", "",                                \
      "What becomes of a trade of which risk took much when nobody settled it: wait or abort.")
TT_CONFIG_DECLARE(arbitration)

/* One row of the list coordinator.arbiters, in the order in which they are asked. */
#define TT_CONFIG_arbiter_step(K)                                                                  \
    K(text, provider, 32, "", "", "",                                                              \
      "Name of one of llm.providers, or rules: the rule arbiter, which ends the chain.")           \
    K(dur, timeout, 0, "4", "0.001", "3600", "Seconds after which the next arbiter is asked.")     \
    K(money, call_budget, 0, "0", "0", "1000000",                                                  \
      "Most that one question may cost; 0 = it must cost nothing.")                                \
    K(money, day_budget, 0, "0", "0", "1000000000",                                                \
      "Most that this arbiter may cost in a UTC day; not below call_budget.")
TT_CONFIG_DECLARE(arbiter_step)

/* Key: coordinator.degradation. */
#define TT_CONFIG_degradation(K)                                                                   \
    K(u32, step_failures, 0, "3", "1", "1000",                                                     \
      "Failures a level: once this many is reduced, twice limited, three times emergency.")        \
    K(u32, recovery_successes, 0, "3", "1", "1000", "Successes that take one failure off.")        \
    K(u32, max_failures, 0, "12", "1", "10000",                                                    \
      "Failures that are remembered at most; at least three times step_failures.")                 \
    K(flag, close_on_emergency, 0, "false", "", "",                                                \
      "Close all positions when the level emergency is reached.")                                  \
    K(u32, feed_outage, 0, "6", "0", "10000",                                                      \
      "Failures that a feed counts as while it is disconnected.")                                  \
    K(u32, venue_outage, 0, "6", "0", "10000", "The same of the venue.")                           \
    K(u32, store_outage, 0, "3", "0", "10000", "The same of the read model.")                      \
    K(u32, journal_outage, 0, "6", "0", "10000", "The same of a journal that lags behind.")        \
    K(u32, agents_outage, 0, "3", "0", "10000",                                                    \
      "The same of required tasks that do not succeed (emergency.health_check).")                  \
    K(dur, outage_hold, 0, "60", "0", "86400",                                                     \
      "Seconds for which an outage still counts after it has ended.")                              \
    K(dur, quiet_time, 0, "3600", "1", "604800",                                                   \
      "Seconds without a failure after which one is taken off, whatever else happens.")
TT_CONFIG_DECLARE(degradation)

/* Key: coordinator.emergency. */
#define TT_CONFIG_emergency(K)                                                                     \
    K(flag, resume_next_day, 0, "false", "", "",                                                   \
      "End a pause by the daily loss alone when the UTC day ends.")                                \
    K(dur, close_retry, 0, "5", "0.1", "3600",                                                     \
      "Seconds until a close that left a position open is asked for again; doubles each time.")    \
    K(dur, close_retry_max, 0, "300", "0.1", "86400",                                              \
      "Longest pause between two such requests; not below close_retry.")
TT_CONFIG_DECLARE(emergency)

/* Used four times, once a breaker: coordinator.emergency.<breach_type>. The defaults below are
 * replaced by those of tt_coord_breach_defaults. */
#define TT_CONFIG_breach(K)                                                                        \
    K(enum, action, emergency_action, "none", "", "", "What this breaker does.")                   \
    K(ratio, reduce_pct, 0, "50", "1", "100",                                                      \
      "Percent by which reduce_positions shrinks every position.")                                 \
    K(flag, close_positions, 0, "false", "", "",                                                   \
      "Close all positions as well, until they are flat.")                                         \
    K(ratio, tighten_stops_pct, 0, "0", "0", "50",                                                 \
      "Move every stop that is farther from the price than so many percent of it to there, never " \
      "away from it; 0 = stops stay.")                                                             \
    K(flag, notify, 0, "true", "", "", "Tell a person.")
TT_CONFIG_DECLARE(breach)

/* Key: coordinator.emergency.execution_errors. */
#define TT_CONFIG_execution_errors(K)                                                              \
    K(u32, count, 0, "3", "0", "1000",                                                             \
      "Orders of a symbol that fail in a row and stop its entries for a time; 0 = never.")         \
    K(dur, pause, 0, "900", "1", "604800", "Seconds without entries of that symbol.")              \
    K(flag, notify, 0, "true", "", "", "Tell a person.")
TT_CONFIG_DECLARE(execution_errors)

/* Key: coordinator.emergency.health_check. */
#define TT_CONFIG_health_check(K)                                                                  \
    K(dur, interval, 0, "60", "0", "86400",                                                        \
      "Seconds between two checks; 0 = none. Not given, at least one bar of the instruments.")     \
    K(text, required, 96, "ta_analysis, regime_detection", "", "",                                 \
      "Tasks that must succeed, separated by commas; one that is not enabled is not missed.")      \
    K(u32, max_missed, 0, "3", "1", "1000",                                                        \
      "Intervals of a task that may pass without a success; bars, where they start it and are "    \
      "longer.")
TT_CONFIG_DECLARE(health_check)

#define TT_CONFIG_coordinator(K)                                                                   \
    K(u32, max_concurrent_calls, 0, "64", "1", "512", "Agent calls in flight over all tasks.")     \
    K(u32, max_concurrent_tasks, 0, "5", "1", "5", "Tasks with a call in flight.")                 \
    K(ratio, regime_change_confidence, 0, "0.7", "0", "1",                                         \
      "Least confidence of a detection that counts towards a change of regime.")                   \
    K(u32, regime_change_detections, 0, "2", "1", "100",                                           \
      "Consecutive detections that change the regime.")                                            \
    K(ratio, default_size_pct, 0, "5", "0.01", "100",                                              \
      "Size in percent of equity when a decision names none.")                                     \
    K(dur, bar_grace, 0, "2", "0", "3600",                                                         \
      "Seconds for which a due task waits for a bar that closes at that moment.")                  \
    K(money, day_budget, 0, "5", "0", "1000000000",                                                \
      "Most that all calls of agents and arbiters together may cost in a UTC day.")
TT_CONFIG_DECLARE(coordinator)
// clang-format on

/** Rows that coordinator.related_symbols may have. */
#define TT_RELATED_SYMBOLS_MAX 64

/** Rows that coordinator.arbiters may have. */
#define TT_ARBITERS_MAX 4

/** Types of breakers that have a section of their own, and NONE. */
#define TT_COORD_BREACHES (TT_breach_type_CONSECUTIVE_LOSSES + 1)

/** All of it. */
typedef struct tt_coord_config {
    tt_coordinator_config coordinator;
    tt_consensus_config consensus;
    tt_conflicts_config conflicts;
    tt_arbiter_config arbiter;
    tt_arbitration_config arbitration;
    tt_arbiter_step_config arbiters[TT_ARBITERS_MAX];
    uint32_t arbiter_count; /**< 0 = the rule arbiter alone. */
    tt_related_symbols_config related[TT_RELATED_SYMBOLS_MAX];
    uint32_t related_count;
    tt_degradation_config degradation;
    tt_emergency_config emergency;
    tt_breach_config breaches[TT_COORD_BREACHES]; /**< By breach_type; [NONE] is unused. */
    tt_execution_errors_config execution_errors;
    tt_health_check_config health_check;
    tt_schedule_config schedules[TT_task_COUNT];
    /** Tasks that a language model answers; derived, not a key. */
    bool is_model[TT_task_COUNT];
} tt_coord_config;

/** Fills the defaults of one task's schedule; they differ by task. @thread{any} */
void tt_coord_schedule_defaults(tt_task task, tt_schedule_config *ret_schedule);
/** Fills the defaults of one breaker; they differ by breaker. @thread{any} */
void tt_coord_breach_defaults(tt_breach_type breach, tt_breach_config *ret_breach);
/** Tells whether a row of the chain is the rule arbiter. @thread{any} */
bool tt_coord_is_rules(const tt_arbiter_step_config *arbiter);
/** Checks what no single key can say: keys that must fit each other.
 * @retval TUTTI_INVALID `error` names the two keys. @thread{any} */
TUTTI_NODISCARD tutti_status tt_coord_config_check(const tt_coord_config *config, tt_error *error);
/** Checks the list of related symbols: two different instruments, each pair once.
 * @retval TUTTI_INVALID `error` names the row. @thread{any} */
TUTTI_NODISCARD tutti_status tt_coord_related_check(
    const tt_coord_config *config, const tt_instruments *instruments, tt_error *error);

#endif
