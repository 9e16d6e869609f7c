/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the five tasks are; how tasks and symbols number the slots: all symbols of the first task,
 * then of the second, ..., and last the one slot of the portfolio; and the life of a slot:
 *
 *   IDLE -due, force-> WAITING -call-> IN_FLIGHT -answer, fail, timeout-> IDLE
 *   WAITING -drop-> IDLE (switched off, halted, stopped); IN_FLIGHT -recover-> WAITING (restart)
 */
#include "coord/coord_priv.h"

/* A decision must not be held up for ever by an optional agent that fails: of the sentiment it only
 * asks that it was tried. What a task builds on can be configured; these are the defaults. */
// clang-format off
static const tt_coord_task tasks[TT_task_COUNT] = {
    [TT_task_TA_ANALYSIS] = {
        .agent = TT_agent_TECHNICAL_ANALYSIS, .source = TT_SOURCE_AGENT_TA,
        .topic = TT_TOPIC_TA_SIGNALS,
        .is_per_symbol = true, .needs_indicators = true, .depends_on = "none", .max_parallel = 3,
        .interval_s = 60, .timeout_s = 30, .run_on_start = true, .enabled = true},
    [TT_task_REGIME_DETECTION] = {
        .agent = TT_agent_REGIME_DETECTION, .source = TT_SOURCE_AGENT_REGIME,
        .topic = TT_TOPIC_REGIME_UPDATES,
        .is_per_symbol = true, .needs_indicators = true, .depends_on = "ta_analysis",
        .max_parallel = 3,
        .interval_s = 300, .timeout_s = 30, .enabled = true},
    [TT_task_SENTIMENT_ANALYSIS] = {
        .agent = TT_agent_SENTIMENT_ANALYSIS, .source = TT_SOURCE_AGENT_SENTIMENT,
        .topic = TT_TOPIC_SENTIMENT_UPDATES,
        .is_per_symbol = true, .is_optional = true, .depends_on = "none", .max_parallel = 3,
        .interval_s = 1800, .timeout_s = 60},
    [TT_task_TRADING_DECISION] = {
        .agent = TT_agent_TRADING_DECISION, .source = TT_SOURCE_AGENT_DECISION,
        .topic = TT_TOPIC_TRADING_SIGNALS,
        .is_per_symbol = true, .needs_indicators = true,
        .depends_on = "ta_analysis, regime_detection, sentiment_analysis", .max_parallel = 3,
        .interval_s = 3600, .timeout_s = 60, .enabled = true},
    [TT_task_PORTFOLIO_CHECK] = {
        .agent = TT_agent_PORTFOLIO_REBALANCE, .source = TT_SOURCE_AGENT_PORTFOLIO,
        .topic = TT_TOPIC_PORTFOLIO_UPDATES, .depends_on = "none", .max_parallel = 1,
        .interval_s = 3600, .timeout_s = 30, .enabled = true},
};
// clang-format on

static const char *const slot_states[] = {"idle", "waiting", "in_flight"};
static const char *const slot_events[] = {
    "due", "force", "call", "drop", "answer", "fail", "timeout", "recover"};
static const tt_sm_row slot_rows[] = {
    {COORD_SLOT_IDLE, COORD_SLOT_DUE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_IDLE, COORD_SLOT_FORCE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_FORCE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_CALL, COORD_SLOT_IN_FLIGHT, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_DROP, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_ANSWER, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_FAIL, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_TIMEOUT, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_RECOVER, COORD_SLOT_WAITING, 0, 0},
};
const tt_sm_def tt_coord_task_def = {
    .name = "task",
    .states = slot_states,
    .state_count = COORD_SLOT_IN_FLIGHT + 1,
    .events = slot_events,
    .event_count = COORD_SLOT_RECOVER + 1,
    .rows = slot_rows,
    .row_count = sizeof slot_rows / sizeof slot_rows[0],
    .initial = COORD_SLOT_IDLE,
};

bool tt_coord_slot_step(tt_coord *coord, uint32_t slot, uint8_t event)
{
    return tt_sm_step(
               &coord->machines[TT_COORD_MACHINE_TASK],
               &coord->counts[TT_COORD_MACHINE_TASK],
               &coord->slots[slot].state,
               event,
               0,
               NULL) == TT_SM_TAKEN;
}

const tt_coord_task *tt_coord_task_get(tt_task task)
{
    TT_ASSERT((unsigned)task < TT_task_COUNT);
    return &tasks[task];
}

void tt_coord_schedule_defaults(tt_task task, tt_schedule_config *ret_schedule)
{
    const tt_coord_task *facts = tt_coord_task_get(task);
    *ret_schedule = (tt_schedule_config){
        .enabled = facts->enabled,
        .interval.ns = facts->interval_s * TT_NS_PER_S,
        .run_on_start = facts->run_on_start,
        .timeout.ns = facts->timeout_s * TT_NS_PER_S,
        .max_parallel = facts->max_parallel,
    };
    TT_TEXT_SET(ret_schedule->depends_on, facts->depends_on);
}

uint32_t tt_coord_slot_find(const tt_coord *coord, tt_task task, uint32_t key)
{
    if (!tt_coord_task_get(task)->is_per_symbol) {
        return key == 0 ? coord->slot_count - 1 : COORD_NO_SLOT;
    }
    if (!tt_coord_is_symbol(coord, key)) {
        return COORD_NO_SLOT;
    }
    return (uint32_t)task * coord->symbol_count + key - 1;
}

const char *tt_coord_key_text(const tt_coord *coord, uint32_t key)
{
    const tt_instrument *instrument =
        tt_instrument_find(coord->core->instruments, (tt_instrument_id){key});
    return instrument == NULL ? "portfolio" : instrument->symbol;
}
