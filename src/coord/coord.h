/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The coord module.
 */
#ifndef TT_COORD_COORD_H
#define TT_COORD_COORD_H

#include "bus/core.h"
#include "coord/coord_config.h"

typedef struct tt_coord tt_coord;

/** Registers the coordinator: schedules, answers, consensus, conflicts, commands, emergency actions. */
TUTTI_NODISCARD tutti_status tt_coord_setup(
    tt_core *core, const tt_coord_config *config, tt_arena *arena, tt_coord **result);

/** One schedule as a status page shows it. */
typedef struct tt_task_status {
    tt_time last_run;          /**< ns 0 = never. */
    tt_time next_run;
    uint64_t runs;             /**< Answers accepted. */
    uint64_t errors;
    uint32_t in_flight;
    bool enabled;
} tt_task_status;

/** Numbers for status pages; a copy. */
typedef struct tt_coord_status {
    tt_task_status tasks[TT_task_COUNT];
    uint64_t total_task_runs;
    uint64_t total_signals;
    uint64_t total_conflicts_detected;
    uint64_t total_conflicts_resolved;
    uint64_t total_trades_routed;
    uint32_t consecutive_llm_failures;
    uint32_t consecutive_api_failures;
    tt_coordinator_state state;
    tt_degradation degradation;
} tt_coord_status;
void tt_coord_status_get(const tt_coord *coord, tt_coord_status *ret_status);

#endif
