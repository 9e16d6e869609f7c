/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup and wiring of the module; one handler a topic; publication of verdicts.
 *
 * A verdict follows its proposal within the same delivery, before any other message can change what
 * it was judged by. Who may have changed it: account_updates (risk_state.c, risk_breakers.c),
 * position_updates (risk_state.c, risk_cooldowns.c), order_intents and execution_events
 * (risk_entries.c), indicators (risk_cooldowns.c), market_data.bar (risk_price.c), RESET_RISK
 * (risk_breakers.c), RESERVE_BUDGET and RELEASE_BUDGET (risk_budget.c).
 */
#include "risk/risk.h"

#include "base/error.h"
#include "risk/risk_entries.h"
#include "risk/risk_priv.h"

tutti_status tt_risk_raise(tt_risk *risk, uint32_t key, const tt_risk_alert *alert)
{
    tt_bus_post post = {
        .topic = TT_TOPIC_RISK_ALERTS,
        .source = TT_SOURCE_RISK,
        .key = key,
        .payload = alert,
    };
    return tt_bus_publish(risk->core->bus, &post, NULL);
}

tutti_status tt_risk_reply(tt_risk *risk, const tt_command_reply *reply)
{
    tt_bus_post post = {
        .topic = TT_TOPIC_COMMAND_REPLIES,
        .source = TT_SOURCE_RISK,
        .payload = reply,
    };
    return tt_bus_publish(risk->core->bus, &post, NULL);
}

void tt_risk_changed(tt_risk *risk)
{
    risk->changes++;
}

static void count_verdict(tt_risk_counters *counters, const tt_risk_verdict *verdict)
{
    counters->verdicts++;
    if (verdict->code == TT_risk_code_NONE) {
        counters->approved++;
    } else {
        counters->rejected[verdict->code]++;
    }
}

static tutti_status
alert_refusal(tt_risk *risk, const tt_risk_trial *trial, uint32_t key, tt_seq verdict_seq)
{
    const tt_risk_verdict *verdict = trial->verdict;
    const tt_risk_check *row = &verdict->checks[verdict->count - 1];
    tt_risk_alert alert = {
        .value = row->value,
        .limit = row->limit,
        .subject_seq = verdict_seq,
        .alert_type = TT_alert_type_TRADE_REJECTED,
        .severity = TT_severity_WARNING,
        .code = verdict->code,
        .until = verdict->locked_until,
        .lock = verdict->lock,
    };
    tt_risk_message_refused(trial, alert.message, sizeof alert.message);
    return tt_risk_raise(risk, key, &alert);
}

static void count_entry(tt_risk *risk, const tt_risk_trial *trial)
{
    tt_risk_state *state = risk->state;
    state->entries_today++;
    state->symbols[trial->symbol_index].entries_today++;
    if (trial->strategy) {
        tt_risk_state_strategy(state, trial->strategy->source)->entries++;
    }
}

/* What an approval binds: a new entry, or more of the one that is amended. */
static void reserve(tt_risk *risk, const tt_risk_trial *trial, tt_seq verdict_seq)
{
    const tt_risk_verdict *verdict = trial->verdict;
    tt_risk_state *state = risk->state;
    uint64_t amended_id = trial->proposal->amended_order_id;
    if (amended_id == 0) {
        tt_risk_entries_reserve(state, trial->symbol_index, verdict, verdict_seq);
        tt_risk_entry *entry = &state->entries[state->entry_count - 1];
        entry->source = trial->source;
        entry->regime = trial->proposal->regime;
        entry->strictness = trial->proposal->entry_strictness;
        count_entry(risk, trial);
        return;
    }
    tt_risk_entry *entry = tt_risk_entries_find(state, amended_id);
    bool is_as_asked = verdict->status == TT_verdict_APPROVED &&
                       tt_dec_eq(verdict->qty.d, trial->proposal->amended_qty.d);
    if (entry != NULL && is_as_asked) { // What risk would make less is not sent.
        tt_risk_entries_amend(state, entry, verdict);
    }
}

static tutti_status on_trade_proposal(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_risk *risk = ctx;
    tt_risk_trial trial;
    tt_risk_try(risk, msg->key, TT_PAYLOAD(msg, TRADE_PROPOSALS, trade_proposal), &trial);
    risk->verdict.proposal_seq = msg->seq;
    tt_bus_post post = {
        .topic = TT_TOPIC_RISK_VERDICTS,
        .source = TT_SOURCE_RISK,
        .key = msg->key,
        .payload = &risk->verdict,
    };
    tt_seq verdict_seq = 0;
    // A verdict that the bus refuses reaches nobody: nothing is reserved for it.
    TUTTI_TRY(tt_bus_publish(bus, &post, &verdict_seq));
    count_verdict(&risk->state->counters, &risk->verdict);
    if (risk->verdict.code != TT_risk_code_NONE) {
        return alert_refusal(risk, &trial, msg->key, verdict_seq);
    }
    if (risk->verdict.status == TT_verdict_HELD) {
        return TUTTI_OK; // Nothing is ordered: who proposed it decides, and proposes again.
    }
    risk->changes++;
    if (trial.opens) {
        reserve(risk, &trial, verdict_seq);
    }
    bool is_rebalance = risk->verdict.kind == TT_proposal_kind_REBALANCE;
    return is_rebalance ? tt_risk_cooldowns_rebalance(risk, msg) : TUTTI_OK;
}

static tutti_status on_account_update(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    const tt_risk_shares *shares = &risk->tables->shares;
    tt_risk_state_roll(risk->state, shares, msg->time);
    tt_risk_state_account(
        risk->state, shares, TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update), msg->time);
    TUTTI_TRY(tt_risk_breakers_watch(risk, msg));
    return tt_risk_margin_watch(risk, msg);
}

static tutti_status on_profit_bag(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    tt_risk_state_roll(risk->state, &risk->tables->shares, msg->time);
    tt_risk_state_set_aside(
        risk->state, &risk->tables->shares, TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag)->set_aside);
    return TUTTI_OK;
}

static tutti_status on_position_update(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    const tt_position_update *update = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_risk_state_position(risk->state, msg->key - 1, update);
    if (update->event != TT_position_event_CLOSED) {
        return TUTTI_OK;
    }
    tt_risk_state_roll(risk->state, &risk->tables->shares, msg->time);
    TUTTI_TRY(tt_risk_cooldowns_closed(risk, msg, update));
    TUTTI_TRY(tt_risk_protections_closed(risk, msg, update));
    risk->state->symbols[msg->key - 1].cost_max = (tt_money){TT_DEC_ZERO};
    return TUTTI_OK;
}

static tutti_status on_reconciliation(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_reconciliation *event = TT_PAYLOAD(msg, RECONCILIATIONS, reconciliation);
    tt_risk_symbol *symbol = &risk->state->symbols[msg->key - 1];
    symbol->is_position_unsettled = event->blocks_entries;
    symbol->is_unsettled = event->blocks_entries || risk->state->is_cash_unsettled;
    return TUTTI_OK;
}

/* The cash is that of all symbols. */
static tutti_status on_balance(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk_state *state = ((tt_risk *)ctx)->state;
    state->is_cash_unsettled =
        TT_PAYLOAD(msg, BALANCE_RECONCILIATIONS, balance_reconciliation)->blocks_entries;
    for (int i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        tt_risk_symbol *symbol = &state->symbols[i];
        symbol->is_unsettled = symbol->is_position_unsettled || state->is_cash_unsettled;
    }
    return TUTTI_OK;
}

static tutti_status on_sub_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_sub_account_update *update = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
    return tt_risk_parts_note(risk->parts, msg->key - 1, update);
}

static tutti_status on_order_intent(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_risk_entries_claim(risk->state, msg->key - 1, TT_PAYLOAD(msg, ORDER_INTENTS, order_intent));
    return TUTTI_OK;
}

static tutti_status on_execution_event(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_risk_entries_follow(
        risk->state, msg->key - 1, TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event));
    return TUTTI_OK;
}

static tutti_status on_indicators(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    return tt_risk_cooldowns_volatility(risk, msg, TT_PAYLOAD(msg, INDICATORS, indicators));
}

static tutti_status on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    if (!tt_risk_knows(risk, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_risk_symbol *symbol = &risk->state->symbols[msg->key - 1];
    tt_price before = symbol->bar_close;
    const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
    tt_risk_price_bar(symbol, msg, bar);
    if (risk->config.correlation.window != 0) {
        tt_risk_returns_note(&risk->state->correlations.symbols[msg->key - 1], bar, before);
    }
    return tt_risk_cooldowns_movement(risk, msg, before);
}

/* The coordinator's halt holds every entry back, whoever proposes it. */
static tutti_status on_system_event(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    const tt_system_event *event = TT_PAYLOAD(msg, SYSTEM_EVENTS, system_event);
    if (event->event == TT_system_event_type_COORDINATOR_HALTED) {
        risk->state->is_killed = 1;
    } else if (
        event->event == TT_system_event_type_COORDINATOR_PAUSED ||
        event->event == TT_system_event_type_COORDINATOR_RESUMED) {
        risk->state->is_killed = 0;
    }
    return TUTTI_OK;
}

/* What is asked to be closed must be flat before anything is opened. */
static tutti_status on_position_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_risk *risk = ctx;
    const tt_position_command *command = TT_PAYLOAD(msg, POSITION_COMMANDS, position_command);
    if (command->command != TT_position_command_type_CLOSE) {
        return TUTTI_OK;
    }
    bool is_all = msg->key == 0 || command->reason == TT_exit_reason_EMERGENCY;
    for (uint32_t key = 1; key <= risk->core->instruments->count; key++) {
        if (msg->key == 0 || msg->key == key) {
            tt_risk_state_close(risk->state, key - 1, is_all);
        }
    }
    return TUTTI_OK;
}

static tutti_status on_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    switch (command->command) {
    case TT_command_RESET_RISK:
        return tt_risk_breakers_command(ctx, command);
    case TT_command_RESERVE_BUDGET:
    case TT_command_RELEASE_BUDGET:
        return tt_risk_budgets_command(ctx, command);
    default:
        return TUTTI_OK; // Not for risk.
    }
}

/* Every message but a proposal may change the state: what stands ready is made again behind it. So
 * no handler can forget to say so. */
static tutti_status on_change(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    const tt_risk_ear *ear = ctx;
    ear->risk->changes++;
    return ear->handler(ear->risk, bus, msg);
}

static tutti_status subscribe_all(tt_bus *bus, tt_risk *risk)
{
    static const struct {
        tt_topic topic;
        tt_bus_handler_fn handler;
    } handlers[] = {
        {TT_TOPIC_ACCOUNT_UPDATES, on_account_update},
        {TT_TOPIC_POSITION_UPDATES, on_position_update},
        {TT_TOPIC_RECONCILIATIONS, on_reconciliation},
        {TT_TOPIC_BALANCE_RECONCILIATIONS, on_balance},
        {TT_TOPIC_SUB_ACCOUNT_UPDATES, on_sub_account},
        {TT_TOPIC_PROFIT_BAGS, on_profit_bag},
        {TT_TOPIC_ORDER_INTENTS, on_order_intent},
        {TT_TOPIC_EXECUTION_EVENTS, on_execution_event},
        {TT_TOPIC_INDICATORS, on_indicators},
        {TT_TOPIC_MARKET_BAR, on_bar},
        {TT_TOPIC_COORDINATOR_COMMANDS, on_command},
        {TT_TOPIC_SYSTEM_EVENTS, on_system_event},
        {TT_TOPIC_POSITION_COMMANDS, on_position_command},
    };
    _Static_assert(sizeof handlers / sizeof handlers[0] == TT_RISK_EARS, "an ear for each");
    TUTTI_TRY(tt_bus_subscribe(bus, TT_TOPIC_TRADE_PROPOSALS, "risk", on_trade_proposal, risk));
    for (size_t i = 0; i < TT_RISK_EARS; i++) {
        tt_risk_ear *ear = &risk->ears[i];
        *ear = (tt_risk_ear){risk, handlers[i].handler};
        TUTTI_TRY(tt_bus_subscribe(bus, handlers[i].topic, "risk", on_change, ear));
    }
    return TUTTI_OK;
}

tutti_status
tt_risk_setup(tt_core *core, const tt_risk_module_config *config, tt_arena *arena, tt_risk **result)
{
    TUTTI_TRY(tt_risk_config_check(config, core->instruments, NULL));
    tt_risk *risk = tt_arena_alloc(arena, 1, sizeof *risk);
    tt_risk_state *state = tt_arena_alloc(arena, 1, sizeof *state);
    tt_risk_parts *parts = tt_arena_alloc(arena, 1, sizeof *parts);
    tt_risk_tables *tables = tt_arena_alloc(arena, 1, sizeof *tables);
    if (!risk || !state || !parts || !tables) {
        return TUTTI_NO_MEMORY;
    }
    risk->core = core;
    risk->state = state;
    risk->parts = parts;
    risk->tables = tables;
    risk->config = *config;
    risk->changes = 1; // Nothing is ready.
    tt_risk_prices_find(core, risk->prices);
    tt_risk_tables_fill(config, core->instruments, tables);
    tt_risk_plan_fill(config, false, &risk->plans[0]);
    tt_risk_plan_fill(config, true, &risk->plans[1]);
    for (uint32_t i = 0; i < TT_RISK_PLANS_OF_AMENDS; i++) {
        risk->plans[TT_RISK_PLANS_OF_AMENDS + i] = risk->plans[i];
        risk->plans[TT_RISK_PLANS_OF_AMENDS + i].entry &= ~TT_RISK_PLACE_BIT(TRADE_COUNT);
    }
    tt_risk_budgets_fill(config, parts);
    TUTTI_TRY(tt_core_add_region(core, "risk", state, sizeof *state));
    TUTTI_TRY(tt_core_add_region(core, "risk.parts", parts, sizeof *parts));
    TUTTI_TRY(subscribe_all(core->bus, risk));
    *result = risk;
    return TUTTI_OK;
}

/* Change from `start` to `equity` in percent of `start`, negative for a loss. */
static tt_ratio change_of(tt_money start, tt_money equity)
{
    tt_ratio change = {TT_DEC_ZERO};
    tt_dec difference = tt_dec_xsub(equity.d, start.d);
    if (tt_dec_sign(start.d) <= 0) {
        return change;
    }
    tutti_status status =
        tt_dec_muldiv(difference, TT_DEC_C(100, 0), start.d, TT_ROUND_HALF_EVEN, &change.d);
    return status == TUTTI_OK ? change : (tt_ratio){TT_RATIO_MAX};
}

static void list_locks(const tt_risk_locks *locks, tt_time now, tt_risk_status *ret_status)
{
    for (uint32_t i = 0; i < locks->count; i++) {
        const tt_risk_lock *lock = &locks->list[i];
        bool is_cooldown = (TT_RISK_LOCKS_COOLDOWN >> lock->reason & 1u) != 0;
        if (is_cooldown && lock->key == 0 && lock->until.ns > ret_status->cooldown_until.ns) {
            ret_status->cooldown_until = lock->until;
        }
        if (lock->until.ns <= now.ns) {
            continue;
        }
        if (ret_status->lock_count < TT_RISK_STATUS_LOCKS) {
            ret_status->locks[ret_status->lock_count] = (tt_risk_lock_status){
                .until = lock->until,
                .since = lock->since,
                .subject_seq = lock->subject_seq,
                .key = lock->key,
                .reason = lock->reason,
                .side = lock->side,
            };
        }
        ret_status->lock_count++;
    }
}

void tt_risk_status_get(const tt_risk *risk, tt_risk_status *ret_status)
{
    const tt_risk_state *state = risk->state;
    const tt_risk_account *account = &state->account;
    tt_ratio lowest = tt_risk_drawdown(account->peak, account->trough);
    *ret_status = (tt_risk_status){
        .peak_equity = account->peak,
        .equity = account->equity,
        .drawdown_pct = tt_risk_drawdown(account->peak, account->equity),
        .max_drawdown_pct.d = tt_dec_max(account->max_drawdown_pct.d, lowest.d),
        .daily_pnl_pct = change_of(account->day_start, account->equity),
        .weekly_pnl_pct = change_of(account->week_start, account->equity),
        .verdicts = state->counters.verdicts,
        .approved = state->counters.approved,
        .consecutive_losses = state->consecutive_losses,
        .entries_today = state->entries_today,
        .trades_today = state->trades_today,
        .closing = state->closing_count,
        .halted = state->breached[TT_breach_type_MAX_DRAWDOWN],
        .killed = state->is_killed != 0,
    };
    list_locks(&state->locks, tt_bus_now(risk->core->bus), ret_status);
    ret_status->budget_count = risk->parts->budget_count;
    for (uint32_t i = 0; i < risk->parts->budget_count; i++) {
        const tt_risk_budget *row = &risk->parts->budgets[i];
        ret_status->budgets[i] = (tt_risk_budget_status){row->reserved, (uint16_t)row->source};
    }
    for (int i = 0; i < TT_breach_type_COUNT; i++) {
        ret_status->breached[i] = state->breached[i] != 0;
    }
    for (int i = 0; i < TT_risk_code_COUNT; i++) {
        ret_status->rejected[i] = state->counters.rejected[i];
    }
}
