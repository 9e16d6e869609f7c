/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the coord module.
 */
#ifndef TT_COORD_COORD_CONFIG_H
#define TT_COORD_COORD_CONFIG_H

#include "model/config_kinds.h"

/* One schedule; used five times, once a task (see TT_ENUM_task). Key: coordinator.schedules.<task>.
 * The defaults of interval, time-out and so on differ by task and stand in coord_schedule.c. */
#define TT_CONFIG_schedule(K)                                                                      \
    K(flag, enabled, 0, "true", "", "", "Run this task on its schedule.")                          \
    K(dur, interval, 0, "60", "1", "604800", "Seconds between two runs of a symbol.")              \
    K(flag, run_on_start, 0, "false", "", "", "First run at the start instead of one interval later.") \
    K(dur, timeout, 0, "30", "0.001", "3600", "Seconds after which a call counts as failed.")
TT_CONFIG_DECLARE(schedule)

#define TT_CONFIG_consensus(K)                                                                     \
    K(ratio, high_agreement_threshold, 0, "0.66", "0", "1", "Agreement from which confidence is raised.") \
    K(ratio, low_agreement_threshold, 0, "0.33", "0", "1", "Agreement below which confidence is lowered.") \
    K(ratio, max_confidence_boost, 0, "0.30", "0", "1", "Largest rise, as a share of the confidence.") \
    K(ratio, max_confidence_penalty, 0, "0.15", "0", "1", "Largest cut, as a share of the confidence.") \
    K(dur, ta_max_age, 0, "120", "1", "86400", "Seconds for which a TA output may vote.")          \
    K(dur, regime_max_age, 0, "600", "1", "86400", "Seconds for which a regime may vote.")         \
    K(dur, sentiment_max_age, 0, "3600", "1", "86400", "Seconds for which a sentiment may vote.")
TT_CONFIG_DECLARE(consensus)

#define TT_CONFIG_conflicts(K)                                                                     \
    K(flag, ta_sentiment_conflict, 0, "true", "", "", "Detect TA against sentiment.")              \
    K(flag, regime_conflict, 0, "true", "", "", "Detect trades in a choppy regime.")               \
    K(ratio, confidence_difference, 0, "0.2", "0", "1", "TA and sentiment conflict only when their confidences are closer than this.")
TT_CONFIG_DECLARE(conflicts)

#define TT_CONFIG_coordinator(K)                                                                   \
    K(u32, max_concurrent_calls, 0, "64", "1", "512", "Agent calls in flight over all tasks.")     \
    K(ratio, regime_change_confidence, 0, "0.7", "0", "1", "Least confidence of a detection that counts towards a change of regime.") \
    K(u32, regime_change_detections, 0, "2", "1", "100", "Consecutive detections that change the regime.") \
    K(ratio, default_size_pct, 0, "5", "0.01", "100", "Size in percent of equity when a decision names none.")
TT_CONFIG_DECLARE(coordinator)

/** All of it. */
typedef struct tt_coord_config {
    tt_coordinator_config coordinator;
    tt_consensus_config consensus;
    tt_conflicts_config conflicts;
    tt_schedule_config schedules[TT_task_COUNT];
} tt_coord_config;

#endif
