/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup and wiring of the coordinator, and its status.
 */
#include "coord/coord_priv.h"

static const tt_sm_def *const machine_defs[TT_COORD_MACHINE_COUNT] = {
    [TT_COORD_MACHINE_STATE] = &tt_coord_state_def,
    [TT_COORD_MACHINE_TASK] = &tt_coord_task_def,
    [TT_COORD_MACHINE_DEGRADATION] = &tt_coord_degradation_def,
    [TT_COORD_MACHINE_CASE] = &tt_coord_case_def,
};

const tt_sm_def *tt_coord_machine_def(tt_coord_machine machine)
{
    TT_ASSERT((unsigned)machine < TT_COORD_MACHINE_COUNT);
    return machine_defs[machine];
}

const tt_sm_counts *tt_coord_machine_counts(const tt_coord *coord, tt_coord_machine machine)
{
    TT_ASSERT((unsigned)machine < TT_COORD_MACHINE_COUNT);
    return &coord->counts[machine];
}

/* Refuses a budget of a day that no call could use. */
static tutti_status check_task_budgets(const tt_coord_config *config, tt_error *error)
{
    for (uint8_t i = 0; i < TT_task_COUNT; i++) {
        const tt_schedule_config *schedule = &config->schedules[i];
        const char *name = tt_enum_text(&tt_enum_task, i);
        if (tt_dec_lt(schedule->day_budget.d, schedule->call_budget.d)) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.schedules.%s.day_budget is below "
                "coordinator.schedules.%s.call_budget: no call could be made",
                name,
                name);
        }
    }
    return TUTTI_OK;
}

static tutti_status check_starts(const tt_coord_config *config, tt_error *error)
{
    for (uint8_t i = 0; i < TT_task_COUNT; i++) {
        bool has_bars = tt_coord_task_get((tt_task)i)->is_per_symbol;
        if (!has_bars && config->schedules[i].start == TT_task_start_BAR) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.schedules.%s.start cannot be bar: the task is about no symbol, and so "
                "has no bars",
                tt_enum_text(&tt_enum_task, i));
        }
    }
    return TUTTI_OK;
}

static bool is_safe(tt_resolution action)
{
    return action == TT_resolution_WAIT || action == TT_resolution_ABORT;
}

static tutti_status check_arbiter(const tt_coord_config *config, uint32_t index, tt_error *error)
{
    const tt_arbiter_step_config *arbiter = &config->arbiters[index];
    if (arbiter->provider[0] == '\0') {
        return tt_error_set(
            error, TUTTI_INVALID, "coordinator.arbiters[%u] names no provider", index);
    }
    if (tt_coord_is_rules(arbiter) && index + 1 < config->arbiter_count) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.arbiters[%u] is rules, which settle everything; nothing may follow them",
            index);
    }
    if (tt_dec_lt(arbiter->day_budget.d, arbiter->call_budget.d)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.arbiters[%u].day_budget is below its call_budget: it could never be asked",
            index);
    }
    return TUTTI_OK;
}

static tutti_status check_arbiters(const tt_coord_config *config, tt_error *error)
{
    const tt_arbitration_config *arbitration = &config->arbitration;
    int64_t sum = 0;
    for (uint32_t i = 0; i < config->arbiter_count; i++) {
        TUTTI_TRY(check_arbiter(config, i, error));
        sum += tt_coord_is_rules(&config->arbiters[i]) ? 0 : config->arbiters[i].timeout.ns;
    }
    if (sum > arbitration->time_limit.ns) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.arbitration.time_limit is below the sum of the timeouts of "
            "coordinator.arbiters: a slow one would leave no time for the next");
    }
    const struct {
        const char *name;
        tt_resolution action;
    } fallbacks[] = {
        {"ta_sentiment_fallback", arbitration->ta_sentiment_fallback},
        {"regime_fallback", arbitration->regime_fallback},
        {"symbols_fallback", arbitration->symbols_fallback},
        {"regime_change_fallback", arbitration->regime_change_fallback},
        {"risk_modification_fallback", arbitration->risk_modification_fallback},
    };
    for (size_t i = 0; i < sizeof fallbacks / sizeof fallbacks[0]; i++) {
        if (!is_safe(fallbacks[i].action)) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.arbitration.%s must be wait or abort: what nobody settled is not "
                "traded",
                fallbacks[i].name);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_coord_config_check(const tt_coord_config *config, tt_error *error)
{
    const tt_consensus_config *consensus = &config->consensus;
    if (tt_dec_lt(consensus->high_agreement_threshold.d, consensus->low_agreement_threshold.d)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.consensus.low_agreement_threshold is above high_agreement_threshold");
    }
    const tt_degradation_config *degradation = &config->degradation;
    if (degradation->max_failures / 3 < degradation->step_failures) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.degradation.max_failures is %u; with step_failures %u the level "
            "emergency needs at least %llu",
            degradation->max_failures,
            degradation->step_failures,
            3ULL * degradation->step_failures);
    }
    if (config->emergency.close_retry_max.ns < config->emergency.close_retry.ns) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "coordinator.emergency.close_retry_max is below coordinator.emergency.close_retry");
    }
    TUTTI_TRY(check_starts(config, error));
    TUTTI_TRY(tt_coord_depends_check(config, error));
    TUTTI_TRY(check_task_budgets(config, error));
    return check_arbiters(config, error);
}

static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)deadline;
    tt_coord *coord = ctx;
    switch (kind) {
    case COORD_TIMER_DUE:
        tt_coord_schedule_turn(coord, (uint32_t)subject);
        tt_coord_dispatch_run(coord);
        return;
    case COORD_TIMER_TIMEOUT:
        coord->slots[subject].timeout_timer.n = 0;
        tt_coord_call_timeout(coord, (uint32_t)subject);
        return;
    case COORD_TIMER_GRACE:
        tt_coord_symbol_get(coord, (uint32_t)subject)->grace_timer.n = 0;
        tt_coord_dispatch_run(coord);
        return;
    case COORD_TIMER_CLOSING:
        tt_coord_close_check(coord);
        return;
    case COORD_TIMER_ARBITER:
        tt_coord_case_timeout(coord, (uint32_t)subject);
        return;
    case COORD_TIMER_DAY:
        tt_coord_day_over(coord);
        return;
    case COORD_TIMER_HOLD:
        tt_coord_hold_end(coord, (uint32_t)subject);
        return;
    case COORD_TIMER_OUTAGE:
        tt_coord_outage_forget(coord, (uint32_t)subject);
        return;
    case COORD_TIMER_HEALTH:
        tt_coord_health_check(coord);
        return;
    case COORD_TIMER_QUIET:
        tt_coord_degradation_quiet(coord);
        return;
    case COORD_TIMER_PATIENCE:
        tt_coord_depends_expire(coord, (uint32_t)subject);
        return;
    case COORD_TIMER_APPROVAL:
        tt_coord_approval_expire(coord, (uint32_t)subject);
        return;
    default:
        TT_ASSERT(false);
    }
}

static tutti_status subscribe_all(tt_coord *coord)
{
    static const struct {
        tt_topic topic;
        tt_bus_handler_fn handler;
    } handlers[] = {
        {TT_TOPIC_SESSION_EVENTS, tt_coord_on_session},
        {TT_TOPIC_AGENT_ANSWERS, tt_coord_on_answer},
        {TT_TOPIC_INDICATORS, tt_coord_on_indicators},
        {TT_TOPIC_TA_SIGNALS, tt_coord_on_ta},
        {TT_TOPIC_REGIME_UPDATES, tt_coord_on_regime},
        {TT_TOPIC_SENTIMENT_UPDATES, tt_coord_on_sentiment},
        {TT_TOPIC_TRADING_SIGNALS, tt_coord_on_signal},
        {TT_TOPIC_POSITION_UPDATES, tt_coord_on_position},
        {TT_TOPIC_SUB_ACCOUNT_UPDATES, tt_coord_on_sub_account},
        {TT_TOPIC_ACCOUNT_UPDATES, tt_coord_on_account},
        {TT_TOPIC_RISK_ALERTS, tt_coord_on_alert},
        {TT_TOPIC_EXECUTION_EVENTS, tt_coord_on_execution},
        {TT_TOPIC_HEALTH_REPORTS, tt_coord_on_health},
        {TT_TOPIC_RISK_VERDICTS, tt_coord_on_verdict},
        {TT_TOPIC_FEED_EVENTS, tt_coord_on_feed},
        {TT_TOPIC_COORDINATOR_COMMANDS, tt_coord_on_command},
        {TT_TOPIC_COMMAND_REPLIES, tt_coord_on_reply},
        {TT_TOPIC_ENTRY_GROUPS, tt_coord_on_group},
    };
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        TUTTI_TRY(tt_bus_subscribe(
            coord->bus, handlers[i].topic, "coordinator", handlers[i].handler, coord));
    }
    return TUTTI_OK;
}

static tutti_status add_regions(tt_coord *coord)
{
    tt_core *core = coord->core;
    TUTTI_TRY(tt_core_add_region(core, "coord.state", coord->state, sizeof *coord->state));
    TUTTI_TRY(tt_core_add_region(
        core, "coord.slots", coord->slots, coord->slot_count * sizeof *coord->slots));
    TUTTI_TRY(tt_core_add_region(
        core, "coord.symbols", coord->symbols, coord->symbol_count * sizeof *coord->symbols));
    TUTTI_TRY(tt_core_add_region(
        core, "coord.waiting", coord->waiting, coord->slot_count * sizeof *coord->waiting));
    TUTTI_TRY(tt_core_add_region(
        core, "coord.counts", coord->counts, TT_COORD_MACHINE_COUNT * sizeof *coord->counts));
    TUTTI_TRY(tt_core_add_region(
        core, "coord.cases", coord->cases, coord->symbol_count * sizeof *coord->cases));
    TUTTI_TRY(tt_core_add_region(core, "coord.parts", coord->parts, sizeof *coord->parts));
    return tt_core_add_region(
        core, "coord.accounts", coord->accounts, COORD_ACCOUNTS * sizeof *coord->accounts);
}

static tutti_status allocate(tt_coord *coord, tt_arena *arena)
{
    coord->symbol_count = coord->core->instruments->count;
    coord->slot_count = coord->symbol_count * TT_task_PORTFOLIO_CHECK + 1;
    coord->state = tt_arena_alloc(arena, 1, sizeof *coord->state);
    coord->slots = tt_arena_alloc(arena, coord->slot_count, sizeof *coord->slots);
    coord->symbols = tt_arena_alloc(arena, coord->symbol_count, sizeof *coord->symbols);
    coord->waiting = tt_arena_alloc(arena, coord->slot_count, sizeof *coord->waiting);
    coord->counts = tt_arena_alloc(arena, TT_COORD_MACHINE_COUNT, sizeof *coord->counts);
    coord->cases = tt_arena_alloc(arena, coord->symbol_count, sizeof *coord->cases);
    coord->accounts = tt_arena_alloc(arena, COORD_ACCOUNTS, sizeof *coord->accounts);
    coord->parts = tt_arena_alloc(arena, 1, sizeof *coord->parts);
    bool has_all = coord->parts != NULL && coord->cases != NULL && coord->accounts != NULL &&
                   coord->state != NULL && coord->slots != NULL && coord->symbols != NULL &&
                   coord->waiting != NULL && coord->counts != NULL;
    return has_all ? TUTTI_OK : TUTTI_NO_MEMORY;
}

tutti_status
tt_coord_setup(tt_core *core, const tt_coord_config *config, tt_arena *arena, tt_coord **result)
{
    TUTTI_TRY(tt_coord_config_check(config, NULL));
    tt_coord *coord = tt_arena_alloc(arena, 1, sizeof *coord);
    if (coord == NULL) {
        return TUTTI_NO_MEMORY;
    }
    coord->core = core;
    coord->bus = core->bus;
    coord->config = *config;
    TUTTI_TRY(allocate(coord, arena));
    for (uint32_t i = 0; i < TT_COORD_MACHINE_COUNT; i++) {
        TUTTI_TRY(tt_sm_init(&coord->machines[i], machine_defs[i], NULL));
    }
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        coord->state->enabled[i] = config->schedules[i].enabled;
        coord->depends[i] = tt_coord_depends_bits(config->schedules[i].depends_on);
    }
    tt_coord_related_setup(coord);
    coord->required = tt_coord_depends_bits(config->health_check.required);
    TUTTI_TRY(add_regions(coord));
    TUTTI_TRY(subscribe_all(coord));
    tt_timers_set_handler(core->timers, TT_TIMER_COORDINATOR, on_timer, coord);
    *result = coord;
    return TUTTI_OK;
}

static void add_slot_status(const tt_coord *coord, uint32_t index, tt_task_status *task)
{
    const tt_coord_slot *slot = &coord->slots[index];
    if (slot->last_run.ns > task->last_run.ns) {
        task->last_run = slot->last_run;
    }
    bool is_sooner = task->next_run.ns == 0 || slot->next_due.ns < task->next_run.ns;
    if (slot->next_due.ns != 0 && is_sooner) {
        task->next_run = slot->next_due;
    }
    task->runs += slot->runs;
    task->errors += slot->errors;
    task->skipped += slot->skipped;
    task->in_flight += slot->state == COORD_SLOT_IN_FLIGHT;
    if (slot->state == COORD_SLOT_WAITING) {
        task->waiting[tt_coord_dispatch_reason(coord, index)]++;
    }
}

void tt_coord_status_get(const tt_coord *coord, tt_coord_status *ret_status)
{
    const tt_coord_state *state = coord->state;
    *ret_status = (tt_coord_status){
        .total_task_runs = state->task_runs,
        .total_signals = state->signals,
        .total_holds = state->holds,
        .total_signals_dropped = state->signals_dropped,
        .total_entries_suppressed = state->entries_suppressed,
        .total_conflicts_detected = state->conflicts_detected,
        .total_conflicts_resolved = state->conflicts_resolved,
        .total_trades_routed = state->trades_routed,
        .total_late_answers = state->late_answers,
        .total_refused_answers = state->refused_answers,
        .total_calls_deferred = state->calls_deferred,
        .total_close_requests = state->close_requests,
        .consecutive_llm_failures = state->llm_failures,
        .consecutive_api_failures = state->api_failures,
        .state = (tt_coordinator_state)state->state,
        .degradation = (tt_degradation)state->degradation,
    };
    ret_status->spent_today = coord->accounts[COORD_ACCOUNT_ALL].spent;
    ret_status->reserved = coord->accounts[COORD_ACCOUNT_ALL].reserved;
    for (uint32_t i = 0; i < COORD_ACCOUNTS; i++) {
        ret_status->total_budget_refusals += coord->accounts[i].refused;
    }
    for (uint32_t i = 0; i < coord->symbol_count; i++) {
        ret_status->closing_symbols += coord->symbols[i].closing != 0;
        ret_status->open_cases += coord->cases[i].state != COORD_CASE_NONE;
        if (coord->cases[i].state == COORD_CASE_WAITING) {
            ret_status->waiting_approvals++;
            if (ret_status->approval_count < TT_COORD_APPROVALS_MAX) {
                tt_coord_approval_get(
                    coord, i + 1, &ret_status->approvals[ret_status->approval_count++]);
            }
        }
    }
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        ret_status->tasks[i].enabled = state->enabled[i];
    }
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        add_slot_status(coord, i, &ret_status->tasks[tt_coord_slot_task(coord, i)]);
    }
}
