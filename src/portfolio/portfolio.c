/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup and wiring of the portfolio module, what it remembers of others, and its status.
 */
#include "portfolio/portfolio_priv.h"

#include <string.h>

const tt_sm_def *tt_portfolio_machine_def(void)
{
    return &tt_portfolio_leg_def;
}

const tt_sm_counts *tt_portfolio_machine_counts(const tt_portfolio *portfolio)
{
    return portfolio->counts;
}

/* --- configuration --- */

static uint32_t key_of(const tt_instruments *instruments, const char *symbol)
{
    const tt_instrument *instrument =
        tt_instrument_find_symbol(instruments, symbol, strlen(symbol));
    return instrument != NULL ? instrument->id.n : 0;
}

static tutti_status check_target(
    const tt_portfolio_module_config *config,
    uint32_t index,
    const tt_instruments *instruments,
    tt_error *error)
{
    const char *symbol = config->targets[index].symbol;
    if (key_of(instruments, symbol) == 0) {
        (void)tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "portfolio.targets[%u] names `%s`, which is no instrument",
            index,
            symbol);
        tt_error_hint(error, "use a symbol of the list instruments");
        return TUTTI_NOT_FOUND;
    }
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(config->targets[i].symbol, symbol) == 0) {
            return tt_error_set(
                error, TUTTI_EXISTS, "portfolio.targets[%u] names %s a second time", index, symbol);
        }
    }
    return TUTTI_OK;
}

static tutti_status check_sum(const tt_portfolio_module_config *config, tt_error *error)
{
    tt_dec sum = config->allocation.cash_target_pct.d;
    for (uint32_t i = 0; i < config->target_count; i++) {
        sum = tt_dec_xadd(sum, config->targets[i].target_pct.d);
    }
    if (config->target_count == 0) {
        if (tt_dec_is_zero(sum)) {
            return TUTTI_OK;
        }
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "portfolio.cash_target_pct has no meaning without rows in portfolio.targets");
    }
    if (tt_dec_eq(sum, tt_dec_from_i64(100, 0))) {
        return TUTTI_OK;
    }
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(sum, text);
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "portfolio.targets and portfolio.cash_target_pct add up to %s; they must add up to exactly "
        "100",
        text);
    tt_error_hint(error, "such as 33.33, 33.33 and 33.34");
    return TUTTI_INVALID;
}

tutti_status tt_portfolio_config_check(
    const tt_portfolio_module_config *config, const tt_instruments *instruments, tt_error *error)
{
    const tt_allocation_config *allocation = &config->allocation;
    for (uint32_t i = 0; i < config->target_count; i++) {
        TUTTI_TRY(check_target(config, i, instruments, error));
    }
    TUTTI_TRY(check_sum(config, error));
    if (tt_dec_lt(allocation->warn_pct.d, allocation->threshold_pct.d)) {
        return tt_error_set(
            error, TUTTI_INVALID, "portfolio.warn_pct is below portfolio.threshold_pct");
    }
    if (tt_dec_lt(allocation->high_pct.d, allocation->warn_pct.d)) {
        return tt_error_set(error, TUTTI_INVALID, "portfolio.high_pct is below portfolio.warn_pct");
    }
    if (allocation->strategy == TT_rebalance_strategy_NONE ||
        allocation->strategy == TT_rebalance_strategy_DEFER) {
        return tt_error_set(
            error, TUTTI_INVALID, "portfolio.strategy must be immediate, dca_24h or limit_orders");
    }
    return tt_bags_config_check(config, error);
}

/* --- what others say --- */

static tutti_status on_session(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_session_event *session = TT_PAYLOAD(msg, SESSION_EVENTS, session_event);
    portfolio->state->is_active = session->event == TT_session_event_type_STARTED ||
                                  session->event == TT_session_event_type_RECOVERED;
    tt_legs_work(portfolio);
    return TUTTI_OK;
}

static tutti_status on_system(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    if (msg->source != TT_SOURCE_COORDINATOR) {
        return TUTTI_OK;
    }
    const tt_system_event *event = TT_PAYLOAD(msg, SYSTEM_EVENTS, system_event);
    tt_portfolio_state *state = portfolio->state;
    switch (event->event) {
    case TT_system_event_type_COORDINATOR_PAUSED:
        state->coordinator_state = TT_coordinator_state_PAUSED;
        break;
    case TT_system_event_type_COORDINATOR_RESUMED:
        state->coordinator_state = TT_coordinator_state_RUNNING;
        break;
    case TT_system_event_type_COORDINATOR_HALTED:
        state->coordinator_state = TT_coordinator_state_HALTED;
        break;
    case TT_system_event_type_DEGRADATION_INCREASED:
    case TT_system_event_type_DEGRADATION_DECREASED:
    case TT_system_event_type_DEGRADATION_RECOVERY:
        state->degradation = (uint8_t)event->new_value;
        break;
    default:
        return TUTTI_OK;
    }
    tt_legs_work(portfolio);
    return TUTTI_OK;
}

static tutti_status on_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    portfolio->state->equity = TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update)->equity;
    portfolio->state->has_account = 1;
    return TUTTI_OK;
}

/* What it holds: all that is held, or its own part; the rest is bound by others. */
static void value_holding(const tt_portfolio_state *state, tt_holding *holding)
{
    const tt_qty *held = state->has_parts != 0 ? holding->own : holding->sides;
    tt_dec all = tt_dec_xadd(holding->sides[0].d, holding->sides[1].d);
    holding->qty.d = tt_dec_xadd(held[0].d, held[1].d);
    holding->value.d = tt_dec_xmul(holding->qty.d, holding->mark.d);
    tt_dec others = tt_dec_xabs(tt_dec_xsub(all, holding->qty.d));
    holding->others.d = tt_dec_xmul(others, holding->mark.d);
}

/* The first of them says that positions are told by their parts. */
static tutti_status on_sub_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    if (!tt_portfolio_knows(portfolio, msg->key)) {
        return TUTTI_OK;
    }
    const tt_sub_account_update *update = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
    portfolio->state->has_parts = 1;
    if (update->account != 0 && update->account_source == TT_SOURCE_PORTFOLIO) {
        tt_holding *holding = tt_portfolio_holding(portfolio, msg->key);
        holding->own[update->position_side == TT_side_SELL] = update->position_qty;
        value_holding(portfolio->state, holding);
    }
    return TUTTI_OK;
}

static tutti_status on_position(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    if (!tt_portfolio_knows(portfolio, msg->key)) {
        return TUTTI_OK;
    }
    const tt_position_update *position = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    tt_holding *holding = tt_portfolio_holding(portfolio, msg->key);
    holding->sides[position->position_side == TT_side_SELL] = position->qty; // netting has one
    holding->mark = position->mark;
    value_holding(portfolio->state, holding);
    if (position->event == TT_position_event_CLOSED) {
        tt_bags_take(portfolio, msg, position);
    }
    return TUTTI_OK;
}

static tutti_status on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    if (!tt_portfolio_knows(portfolio, msg->key)) {
        return TUTTI_OK;
    }
    tt_portfolio_holding(portfolio, msg->key)->price = TT_PAYLOAD(msg, MARKET_BAR, bar)->close;
    if (portfolio->state->plan.is_active && portfolio->state->timer.n == 0) {
        tt_legs_work(portfolio); // no timer was free
    }
    return TUTTI_OK;
}

/* Whoever closes positions does not want them bought again an hour later. */
static tutti_status on_position_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_position_command *command = TT_PAYLOAD(msg, POSITION_COMMANDS, position_command);
    if (!portfolio->state->plan.is_active ||
        command->command == TT_position_command_type_CANCEL_ENTRIES) {
        return TUTTI_OK;
    }
    (void)tt_legs_drop(portfolio, msg->key, "positions are being closed");
    tt_legs_work(portfolio);
    return TUTTI_OK;
}

static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)kind;
    (void)subject;
    (void)deadline;
    tt_portfolio *portfolio = ctx;
    portfolio->state->timer.n = 0;
    tt_legs_work(portfolio);
}

/* --- setup --- */

static tutti_status subscribe_all(tt_portfolio *portfolio)
{
    static const struct {
        tt_topic topic;
        tt_bus_handler_fn handler;
    } handlers[] = {
        {TT_TOPIC_SESSION_EVENTS, on_session},
        {TT_TOPIC_SYSTEM_EVENTS, on_system},
        {TT_TOPIC_ACCOUNT_UPDATES, on_account},
        {TT_TOPIC_SUB_ACCOUNT_UPDATES, on_sub_account},
        {TT_TOPIC_POSITION_UPDATES, on_position},
        {TT_TOPIC_MARKET_BAR, on_bar},
        {TT_TOPIC_POSITION_COMMANDS, on_position_command},
        {TT_TOPIC_PORTFOLIO_UPDATES, tt_portfolio_on_update},
        {TT_TOPIC_COORDINATOR_COMMANDS, tt_portfolio_on_command},
        {TT_TOPIC_RISK_VERDICTS, tt_portfolio_on_verdict},
        {TT_TOPIC_RISK_ALERTS, tt_portfolio_on_alert},
        {TT_TOPIC_ORDER_INTENTS, tt_portfolio_on_intent},
        {TT_TOPIC_EXECUTION_EVENTS, tt_portfolio_on_execution},
    };
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        TUTTI_TRY(tt_bus_subscribe(
            portfolio->core->bus, handlers[i].topic, "portfolio", handlers[i].handler, portfolio));
    }
    return TUTTI_OK;
}

static tutti_status add_regions(tt_portfolio *portfolio)
{
    tt_core *core = portfolio->core;
    TUTTI_TRY(
        tt_core_add_region(core, "portfolio.state", portfolio->state, sizeof *portfolio->state));
    TUTTI_TRY(tt_core_add_region(
        core, "portfolio.legs", portfolio->legs, TT_PORTFOLIO_LEGS_MAX * sizeof *portfolio->legs));
    TUTTI_TRY(tt_core_add_region(core, "portfolio.bags", portfolio->bags, sizeof *portfolio->bags));
    return tt_core_add_region(
        core, "portfolio.counts", portfolio->counts, sizeof *portfolio->counts);
}

tutti_status tt_portfolio_setup(
    tt_core *core, const tt_portfolio_module_config *config, tt_arena *arena, tt_portfolio **result)
{
    TUTTI_TRY(tt_portfolio_config_check(config, core->instruments, NULL));
    tt_portfolio *portfolio = tt_arena_alloc(arena, 1, sizeof *portfolio);
    if (portfolio == NULL) {
        return TUTTI_NO_MEMORY;
    }
    portfolio->core = core;
    portfolio->config = *config;
    for (uint32_t i = 0; i < config->target_count; i++) {
        portfolio->target_keys[i] = key_of(core->instruments, config->targets[i].symbol);
    }
    portfolio->state = tt_arena_alloc(arena, 1, sizeof *portfolio->state);
    portfolio->legs = tt_arena_alloc(arena, TT_PORTFOLIO_LEGS_MAX, sizeof *portfolio->legs);
    portfolio->counts = tt_arena_alloc(arena, 1, sizeof *portfolio->counts);
    portfolio->bags = tt_arena_alloc(arena, 1, sizeof *portfolio->bags);
    if (portfolio->bags == NULL || portfolio->state == NULL || portfolio->legs == NULL ||
        portfolio->counts == NULL) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(tt_sm_init(&portfolio->machine, &tt_portfolio_leg_def, NULL));
    TUTTI_TRY(add_regions(portfolio));
    TUTTI_TRY(subscribe_all(portfolio));
    tt_timers_set_handler(core->timers, TT_TIMER_PORTFOLIO, on_timer, portfolio);
    *result = portfolio;
    return TUTTI_OK;
}

/* --- status --- */

static void add_leg(const tt_portfolio *portfolio, const tt_leg *leg, tt_batch_status *batch)
{
    const tt_plan_state *plan = &portfolio->state->plan;
    batch->due.ns = plan->start.ns + plan->interval.ns * leg->batch;
    batch->planned.d = tt_dec_xadd(batch->planned.d, leg->planned.d);
    batch->filled.d = tt_dec_xadd(batch->filled.d, leg->filled.d);
    batch->trades++;
    batch->open += !tt_leg_is_final(leg);
    batch->done += leg->state == TT_batch_state_DONE;
    batch->failed += leg->state == TT_batch_state_FAILED;
    batch->skipped += leg->state == TT_batch_state_SKIPPED;
}

static void add_allocation(const tt_portfolio *portfolio, tt_portfolio_status *status)
{
    tt_plan_input input;
    if (!tt_portfolio_value(portfolio, &input)) {
        return;
    }
    tt_plan plan;
    tt_plan_make(&input, &plan);
    status->equity = input.equity;
    status->cash = plan.cash;
    status->max_deviation_pct = plan.max_deviation_pct;
    status->needs_rebalancing = tt_dec_le(status->threshold_pct.d, plan.max_deviation_pct.d);
    status->cash_pct.d = tt_dec_from_i64(100, 0);
    status->row_count = plan.count;
    for (uint32_t i = 0; i < plan.count; i++) {
        const tt_plan_row *row = &plan.rows[i];
        status->rows[i] =
            (tt_allocation_row){row->value, row->current_pct, row->target_pct, row->instrument};
        status->cash_pct.d = tt_dec_xsub(status->cash_pct.d, row->current_pct.d);
    }
}

void tt_portfolio_status_get(const tt_portfolio *portfolio, tt_portfolio_status *ret_status)
{
    const tt_portfolio_state *state = portfolio->state;
    const tt_allocation_config *config = &portfolio->config.allocation;
    *ret_status = (tt_portfolio_status){
        .has_targets = portfolio->config.target_count > 0,
        .cash_target_pct = config->cash_target_pct,
        .threshold_pct = config->threshold_pct,
        .drift = (tt_severity)state->drift,
        .last_check = state->last_check,
        .last_plan = state->last_plan,
        .plan_seq = state->plan.is_active ? state->plan.plan_seq : 0,
        .strategy = (tt_rebalance_strategy)state->plan.strategy,
        .batch_count = state->plan.batches,
        .checks = state->checks,
        .plans = state->plans,
        .refused_plans = state->refused_plans,
        .trades_done = state->trades_done,
        .trades_failed = state->trades_failed,
        .trades_skipped = state->trades_skipped,
        .agent_refused = state->agent_refused,
        .publish_failures = state->publish_failures,
        .set_aside = portfolio->bags->set_aside,
        .bags_today = portfolio->bags->day_total,
        .bag_count = portfolio->config.bag_count,
    };
    for (uint32_t i = 0; i < portfolio->config.bag_count; i++) {
        TT_TEXT_SET(ret_status->bags[i].name, portfolio->config.bags[i].name);
        ret_status->bags[i].pending = portfolio->bags->bags[i].pending;
        ret_status->bags[i].booked = portfolio->bags->bags[i].booked;
    }
    if (state->last_plan.ns != 0) {
        ret_status->next_plan.ns = state->last_plan.ns + config->min_interval.ns;
    }
    for (uint32_t i = 0; i < state->plan.leg_count; i++) {
        const tt_leg *leg = &portfolio->legs[i];
        add_leg(portfolio, leg, &ret_status->batches[leg->batch]);
    }
    add_allocation(portfolio, ret_status);
}
