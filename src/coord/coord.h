/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The coordinator: makes many agents act as one. It asks them on schedules, checks what they
 * answer, publishes it in their name, scales a decision by the agreement of the others, settles
 * conflicts by rules, proposes trades to risk, obeys commands, reacts to breakers and degrades when
 * agents fail.
 *
 * Consumes session_events, agent_answers, indicators, ta_signals, regime_updates,
 * sentiment_updates, trading_signals, position_updates, account_updates, risk_alerts,
 * coordinator_commands, command_replies (of risk). Publishes agent_calls, ta_signals,
 * regime_updates, sentiment_updates, trading_signals, portfolio_updates, consensus,
 * conflict_decisions, trade_proposals, command_replies, system_events, notifications,
 * position_commands.
 *
 * All functions: @thread{owner of the core} @blocks{never}; @alloc{never} after setup.
 */
#ifndef TT_COORD_COORD_H
#define TT_COORD_COORD_H

#include "bus/core.h"
#include "coord/coord_config.h"
#include "sm/sm.h"

typedef struct tt_coord tt_coord;

/** Registers the coordinator with bus, timers and regions. The configuration is copied.
 * @retval TUTTI_INVALID tt_coord_config_check refuses it.  @retval TUTTI_NO_MEMORY, TUTTI_LIMIT.
 * @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status
tt_coord_setup(tt_core *core, const tt_coord_config *config, tt_arena *arena, tt_coord **result);

/** Why a due task has not been asked yet. */
typedef enum tt_coord_wait {
    TT_COORD_WAIT_NONE,       /**< Ready. */
    TT_COORD_WAIT_INDICATORS, /**< The indicators of the symbol are not warm. */
    TT_COORD_WAIT_BAR,        /**< A bar closes at this moment and is not here yet. */
    TT_COORD_WAIT_DEPENDENCY, /**< A task that it builds on has not succeeded yet. */
    TT_COORD_WAIT_CAPACITY,   /**< max_concurrent_calls are in flight. */
    TT_COORD_WAIT_COUNT
} tt_coord_wait;

/** One schedule, over all its symbols, as a status page shows it. */
typedef struct tt_task_status {
    tt_time last_run; /**< ns 0 = never. */
    tt_time next_run; /**< ns 0 = none planned. */
    uint64_t runs;    /**< Answers accepted. */
    uint64_t errors;
    uint64_t skipped; /**< Turns that passed without a call. */
    uint32_t in_flight;
    uint32_t waiting[TT_COORD_WAIT_COUNT]; /**< Symbols that wait, by reason. */
    bool enabled;
} tt_task_status;

/** Conflicts that wait for a person, in a status; further ones are only counted. */
#define TT_COORD_APPROVALS_MAX 16

/** One of them. */
typedef struct tt_coord_approval {
    tt_seq case_seq; /**< What approve and reject must name. */
    tt_seq signal_seq;
    tt_ratio confidence; /**< Of the arbiter whose opinion is to be followed. */
    tt_time until;       /**< Then the fallback is taken. */
    uint32_t key;
    uint8_t action;   /**< tt_action */
    char arbiter[32]; /**< As in conflict_decisions. */
} tt_coord_approval;

/** Numbers for status pages; a copy. */
typedef struct tt_coord_status {
    tt_task_status tasks[TT_task_COUNT];
    uint64_t total_task_runs;
    uint64_t total_signals;
    uint64_t total_holds;              /**< Signals that ask for nothing. */
    uint64_t total_signals_dropped;    /**< Not RUNNING when they came. */
    uint64_t total_entries_suppressed; /**< Degraded, or the position is being closed. */
    uint64_t total_conflicts_detected; /**< Signals with at least one conflict. */
    uint64_t total_conflicts_resolved;
    uint64_t total_trades_routed;
    uint64_t total_late_answers;       /**< To no call in flight. */
    uint64_t total_refused_answers;    /**< To a call in flight, but not valid. */
    uint64_t total_calls_deferred;     /**< No timer or no room on the bus; tried again. */
    uint64_t total_close_requests;     /**< Closes asked for again because a position stayed. */
    uint32_t consecutive_llm_failures; /**< Answers that could not be used. */
    uint32_t consecutive_api_failures; /**< Calls without an answer. */
    uint64_t total_budget_refusals;    /**< Calls not made because a budget was spent. */
    tt_money spent_today;              /**< On all calls, on the UTC day of the last one. */
    tt_money reserved;                 /**< For calls in flight. */
    uint32_t open_cases;               /**< Conflicts that arbiters or a person settle now. */
    uint32_t waiting_approvals;        /**< Of them, those that wait for a person. */
    uint32_t approval_count;           /**< Of them, those listed. */
    tt_coord_approval approvals[TT_COORD_APPROVALS_MAX]; /**< By instrument. */
    uint32_t closing_symbols; /**< Positions that are being closed until flat. */
    tt_coordinator_state state;
    tt_degradation degradation;
} tt_coord_status;
void tt_coord_status_get(const tt_coord *coord, tt_coord_status *ret_status);

/** The three state machines, for documents and coverage. */
typedef enum tt_coord_machine {
    TT_COORD_MACHINE_STATE,       /**< running, paused, halted */
    TT_COORD_MACHINE_TASK,        /**< one task of one symbol */
    TT_COORD_MACHINE_DEGRADATION, /**< levels */
    TT_COORD_MACHINE_CASE,        /**< a conflict that arbiters or a person settle */
    TT_COORD_MACHINE_COUNT
} tt_coord_machine;
/** Returns the table of a machine. @thread{any} */
const tt_sm_def *tt_coord_machine_def(tt_coord_machine machine);
/** Returns how often each row was taken so far. @lends{while `coord` lives} */
const tt_sm_counts *tt_coord_machine_counts(const tt_coord *coord, tt_coord_machine machine);

#endif
