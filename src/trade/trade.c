/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup and wiring of the trade module, its session events, and what leaves it.
 *
 * Invariants of the module (tt_trade_check):
 *  1. An intent is published once, before its order exists; its order id is its sequence number.
 *  2. The books hold exactly the sum of the executions that were reported, less those that wait for
 *     the fill of their entry (see books.h, waiting.c).
 *  3. What may still open a position is in the account's pending exposure, an unknown order in
 * full.
 *  4. An open position with a stop level has a live stop, or is being closed, or its stop is being
 *     placed again.
 */
#include "trade/trade_priv.h"

#include <stdarg.h>
#include <string.h>

/* client_order_id is "<run_id>-<order_id>"; an order id has at most 20 digits. */
#define RUN_ID_MAX (sizeof(((tt_order_intent *)0)->client_order_id) - 1 - 1 - 20)

static tutti_status
check_quote(const tt_instrument *instrument, const char *currency, tt_error *error)
{
    const char *slash = strchr(instrument->symbol, '/');
    if (slash == NULL || strcmp(slash + 1, currency) == 0) {
        return TUTTI_OK;
    }
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "instrument %s is quoted in %s, the account is in %s",
        instrument->symbol,
        slash + 1,
        currency);
    tt_error_hint(error, "use instruments quoted in %s, or set account.currency", currency);
    return TUTTI_INVALID;
}

tutti_status tt_trade_config_check(
    const tt_trade_config *config,
    const tt_instruments *instruments,
    const char *run_id,
    tt_error *error)
{
    for (uint32_t i = 0; i < instruments->count; i++) {
        TUTTI_TRY(check_quote(&instruments->list[i], config->account.currency, error));
    }
    TUTTI_TRY(tt_exit_rules_check(config, instruments, error));
    TUTTI_TRY(tt_capital_check(config, error));
    if (strlen(run_id) > RUN_ID_MAX) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "run id \"%s\" has %zu characters", run_id, strlen(run_id));
        tt_error_hint(
            error, "at most %zu: it is the prefix of every client order id", (size_t)RUN_ID_MAX);
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

static void stop_entries(tt_trade_module *trade)
{
    /* Protective orders stay at the venue: positions must not lose their stops with the session. */
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        tt_order_cancel_entries(trade, leg, TT_CANCEL_STOPPING, TT_exit_reason_NONE);
    }
}

static tutti_status on_session(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_session_event *session = TT_PAYLOAD(msg, SESSION_EVENTS, session_event);
    switch ((tt_session_event_type)session->event) {
    case TT_session_event_type_STARTED:
        tt_account_publish(trade, 0);
        tt_sub_tell(trade);
        tt_sync_start(trade, (tt_mode)session->mode);
        break;
    case TT_session_event_type_RECOVERED:
        tt_trade_recover(trade);
        tt_account_publish(trade, 0);
        tt_sub_tell(trade);
        tt_sync_start(trade, (tt_mode)session->mode);
        break;
    case TT_session_event_type_STOPPING:
        stop_entries(trade);
        break;
    case TT_session_event_type_STOPPED:
    case TT_session_event_type_COUNT:
        break;
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}

static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)deadline;
    tt_trade_module *trade = ctx;
    if (kind == TT_TRADE_TIMER_ORDER) {
        tt_order_on_timer(trade, subject);
    } else if (kind == TT_TRADE_TIMER_EXIT) {
        tt_exits_on_timer(trade, (uint32_t)subject);
    } else if (kind == TT_TRADE_TIMER_SYNC) {
        tt_sync_on_timer(trade);
    } else if (kind == TT_TRADE_TIMER_WAITING) {
        tt_waiting_on_timer(trade, (uint32_t)subject);
    } else {
        uint32_t leg = (uint32_t)subject;
        trade->books->closings[leg - 1].timer = (tt_timer_id){0};
        tt_close_step(trade, leg);
    }
    tt_account_flush(trade);
}

static tutti_status subscribe_all(tt_trade_module *trade)
{
    static const struct {
        tt_topic topic;
        const char *name;
        tt_bus_handler_fn handler;
    } subscriptions[] = {
        {TT_TOPIC_SESSION_EVENTS, "trade.session", on_session},
        {TT_TOPIC_RISK_VERDICTS, "trade.verdict", tt_trade_on_verdict},
        {TT_TOPIC_ENTRY_GROUPS, "trade.group", tt_trade_on_group},
        {TT_TOPIC_ORDER_INTENTS, "trade.intent", tt_trade_on_intent},
        {TT_TOPIC_VENUE_REPORTS, "trade.report", tt_trade_on_report},
        {TT_TOPIC_VENUE_TRADES, "trade.venue_trade", tt_trade_on_venue_trade},
        {TT_TOPIC_VENUE_POSITIONS, "trade.venue_position", tt_trade_on_venue_position},
        {TT_TOPIC_FUNDING_PAYMENTS, "trade.funding", tt_trade_on_funding},
        {TT_TOPIC_VENUE_BALANCES, "trade.venue_balance", tt_trade_on_venue_balance},
        {TT_TOPIC_VENUE_TRANSFERS, "trade.venue_transfer", tt_trade_on_venue_transfer},
        {TT_TOPIC_POSITION_COMMANDS, "trade.command", tt_trade_on_command},
        {TT_TOPIC_COORDINATOR_COMMANDS, "trade.person", tt_trade_on_person},
        {TT_TOPIC_FEED_EVENTS, "trade.feed", tt_trade_on_feed_event},
        {TT_TOPIC_HEALTH_REPORTS, "trade.health", tt_trade_on_health},
        {TT_TOPIC_MARKET_BAR, "trade.bar", tt_trade_on_bar},
        {TT_TOPIC_MARKET_TRADE, "trade.trade", tt_trade_on_trade},
        {TT_TOPIC_MARKET_QUOTE, "trade.quote", tt_trade_on_quote},
        {TT_TOPIC_INDICATORS, "trade.indicators", tt_trade_on_indicators},
        {TT_TOPIC_EXIT_EVENTS, "trade.exit", tt_trade_on_exit_event},
    };
    for (size_t i = 0; i < sizeof subscriptions / sizeof subscriptions[0]; i++) {
        TUTTI_TRY(tt_bus_subscribe(
            trade->core->bus,
            subscriptions[i].topic,
            subscriptions[i].name,
            subscriptions[i].handler,
            trade));
    }
    return TUTTI_OK;
}

static tutti_status add_regions(tt_trade_module *trade)
{
    tt_core *core = trade->core;
    tt_orders *orders = &trade->orders;
    TUTTI_TRY(tt_core_add_region(core, "trade.orders", orders->table, sizeof *orders->table));
    size_t map_size = tt_map_size(TT_ORDER_SLOTS);
    TUTTI_TRY(tt_core_add_region(core, "trade.order_map", orders->map, map_size));
    size_t exits_size = TT_LEGS_MAX * sizeof *trade->exits;
    TUTTI_TRY(tt_core_add_region(core, "trade.exits", trade->exits, exits_size));
    TUTTI_TRY(tt_core_add_region(core, "trade.rates", trade->rates, sizeof *trade->rates));
    TUTTI_TRY(tt_core_add_region(core, "trade.groups", trade->groups, sizeof *trade->groups));
    TUTTI_TRY(tt_core_add_region(core, "trade.amends", trade->amends, sizeof *trade->amends));
    TUTTI_TRY(tt_core_add_region(
        core, "trade.sub_accounts", trade->sub_accounts, sizeof *trade->sub_accounts));
    return tt_core_add_region(core, "trade.books", trade->books, sizeof *trade->books);
}

tutti_status tt_trade_setup(
    tt_core *core, const tt_trade_config *config, tt_arena *arena, tt_trade_module **result)
{
    TUTTI_TRY(tt_trade_config_check(config, core->instruments, core->run_id, NULL));
    tt_trade_module *trade = tt_arena_alloc(arena, 1, sizeof *trade);
    if (trade == NULL) {
        return TUTTI_NO_MEMORY;
    }
    trade->core = core;
    trade->config = *config;
    tt_exit_rules_fill(trade);
    trade->books = tt_arena_alloc(arena, 1, sizeof *trade->books);
    trade->exits = tt_arena_alloc(arena, TT_LEGS_MAX, sizeof *trade->exits);
    trade->rates = tt_arena_alloc(arena, 1, sizeof *trade->rates);
    trade->sub_accounts = tt_arena_alloc(arena, 1, sizeof *trade->sub_accounts);
    trade->groups = tt_arena_alloc(arena, 1, sizeof *trade->groups);
    trade->amends = tt_arena_alloc(arena, 1, sizeof *trade->amends);
    if (trade->groups == NULL || trade->amends == NULL || trade->books == NULL ||
        trade->exits == NULL || trade->rates == NULL || trade->sub_accounts == NULL) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(tt_orders_init(&trade->orders, arena));
    TUTTI_TRY(tt_sm_init(&trade->group_machine, &tt_group_machine, NULL));
    TUTTI_TRY(add_regions(trade));
    TUTTI_TRY(subscribe_all(trade));
    tt_timers_set_handler(core->timers, TT_TIMER_TRADE, on_timer, trade);
    trade->books->account.initial = config->account.initial_balance;
    tt_sub_endow(trade);
    *result = trade;
    return TUTTI_OK;
}

static tt_order *skip_other_leg(tt_trade_module *trade, uint32_t leg, tt_order *order)
{
    while (order != NULL && tt_order_leg(trade, order) != leg) {
        order = tt_order_after(&trade->orders, order);
    }
    return order;
}

tt_order *tt_leg_first(tt_trade_module *trade, uint32_t leg)
{
    return skip_other_leg(trade, leg, tt_order_first(&trade->orders, tt_leg_instrument(leg)));
}

tt_order *tt_leg_after(tt_trade_module *trade, uint32_t leg, const tt_order *order)
{
    return skip_other_leg(trade, leg, tt_order_after(&trade->orders, order));
}

bool tt_trade_has_instrument(const tt_trade_module *trade, uint32_t key)
{
    return key >= 1 && key <= trade->core->instruments->count;
}

bool tt_trade_publish_for(
    tt_trade_module *trade, const tt_trade_post *post, tt_seq cause, tt_seq *ret_seq)
{
    tt_bus_post out = {
        .topic = post->topic,
        .source = TT_SOURCE_TRADE,
        .key = post->key,
        .payload = post->payload,
        .cause = cause,
    };
    if (post->correlation != NULL) {
        out.correlation = *post->correlation;
    }
    if (tt_bus_publish(trade->core->bus, &out, ret_seq) == TUTTI_OK) {
        return true;
    }
    trade->books->counters.publish_failures++;
    return false;
}

bool tt_trade_publish(tt_trade_module *trade, const tt_trade_post *post, tt_seq *ret_seq)
{
    return tt_trade_publish_for(trade, post, 0, ret_seq);
}

void tt_trade_raise(tt_trade_module *trade, const tt_trade_alert *alert, const char *format, ...)
{
    tt_risk_alert payload = {
        .value = alert->value,
        .limit = alert->limit,
        .subject_seq = alert->subject,
        .alert_type = (uint8_t)alert->type,
        .severity = (uint8_t)alert->severity,
        .code = (uint8_t)alert->code,
    };
    va_list arguments;
    va_start(arguments, format);
    tt_text_vformat(payload.message, sizeof payload.message, format, arguments);
    va_end(arguments);
    (void)tt_trade_publish(
        trade,
        &(tt_trade_post){TT_TOPIC_RISK_ALERTS, alert->key, alert->correlation, &payload},
        NULL);
}

static void count_groups(const tt_groups *groups, tt_trade_status *status)
{
    for (uint32_t i = 0; i < tt_group_machine.row_count; i++) {
        bool is_sending = tt_group_machine.rows[i].event == TT_GROUP_EVENT_SENT;
        status->groups_sent += is_sending ? groups->transitions.taken[i] : 0;
    }
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        status->live_groups += groups->list[i].group_seq != 0;
    }
    status->groups_refused = groups->refused;
    status->group_repairs = groups->repairs;
}

void tt_trade_status_get(const tt_trade_module *trade, tt_trade_status *ret_status)
{
    const struct tt_trade_counters *counters = &trade->books->counters;
    *ret_status = (tt_trade_status){
        .orders = counters->orders,
        .fills = counters->fills,
        .closed_trades = trade->books->account.closed_trades,
        .duplicate_reports = counters->duplicate_reports,
        .late_reports = counters->late_reports,
        .unknown_reports = counters->unknown_reports,
        .refused_reports = counters->refused_reports,
        .refused_entries = counters->refused_entries,
        .overfills = counters->overfills,
        .refused_marks = counters->refused_marks,
        .publish_failures = counters->publish_failures,
        .queries = counters->queries,
        .rate_refused = counters->rate_refused,
        .overdrawn_sends = counters->overdrawn_sends,
        .waiting_fills = counters->waiting,
        .waiting_refused = counters->waiting_full,
        .waiting_released = counters->released,
        .live_waiting = trade->books->waiting.count,
        .balance_discrepancies = counters->balance_discrepancies,
        .transfers = counters->transfers,
        .amends = trade->amends->sent,
        .amends_refused = trade->amends->refused,
        .amends_rejected = trade->amends->rejected,
        .amends_lost = trade->amends->lost,
        .live_orders = trade->orders.table->live_count,
    };
    count_groups(trade->groups, ret_status);
    ret_status->comparisons_failed = tt_sync_failures(trade);
    ret_status->is_venue_late = ret_status->comparisons_failed != 0 && trade->books->sync.is_late;
    const tt_sync_balance *balance = &trade->books->sync.balance;
    if (balance->query_id != 0) {
        ret_status->balance_difference = balance->difference;
        ret_status->balance_cause = (tt_cash_kind)balance->cause;
        ret_status->is_balance_confirmed = balance->is_confirmed != 0;
    }
    tt_account_compute(trade, &ret_status->account);
}
