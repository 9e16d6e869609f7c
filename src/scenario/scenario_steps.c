/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The steps of a scenario: one function a kind, in a table.
 */
#include "scenario/scenario_priv.h"

#include "venue/sim.h"

#include <stdlib.h>
#include <string.h>

/** Advances edges and timers to `until`, and the scenario with them. */
static tutti_status advance_to(scenario *run, tt_time until, tt_error *error)
{
    TUTTI_TRY(tt_driver_advance(&run->driver, until, error));
    run->now = until;
    return TUTTI_OK;
}

static tutti_status step_advance(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_dur span;
    TUTTI_TRY(tt_scenario_seconds(run, node, &span, error));
    return advance_to(run, (tt_time){run->now.ns + span.ns}, error);
}

/** Removes `symbol` from a copy of a mapping, so that the rest is the payload alone. */
static tutti_status payload_without_symbol(
    scenario *run, struct fy_node *node, tt_topic topic, void *payload, tt_error *error)
{
    struct fy_node *copy = fy_node_copy(run->document, node);
    if (copy == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    struct fy_node *symbol = tt_scenario_get(copy, "symbol");
    if (symbol != NULL) {
        struct fy_node_pair *pair = fy_node_mapping_lookup_pair_by_string(copy, "symbol", FY_NT);
        fy_node_mapping_remove(copy, pair);
    }
    tutti_status status = tt_scenario_payload(run, copy, topic, payload, error);
    fy_node_free(copy);
    return status;
}

static uint64_t next_feed_seq(scenario *run)
{
    return ++run->next_exec_id;
}

static tutti_status deliver_item(scenario *run, tt_feed_item *item, tt_error *error)
{
    item->time = run->now;
    return tt_driver_market(&run->driver, item, error);
}

static tutti_status step_bar(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_BAR, .size = sizeof item.payload.bar};
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(payload_without_symbol(run, node, item.topic, &item.payload.bar, error));
    tt_bar *bar = &item.payload.bar;
    const tt_instrument *instrument =
        tt_instrument_find(&run->config->engine.instruments, (tt_instrument_id){item.key});
    bar->interval_s = instrument->bar_interval_s;
    bar->open_time = run->now;
    bar->feed_seq = next_feed_seq(run);
    int64_t close = run->now.ns + (int64_t)bar->interval_s * TT_NS_PER_S;
    TUTTI_TRY(advance_to(run, (tt_time){close}, error));
    return deliver_item(run, &item, error);
}

static tutti_status read_number(
    scenario *run, struct fy_node *mapping, const char *key, tt_dec *ret_number, tt_error *error)
{
    char text[64];
    struct fy_node *node = tt_scenario_get(mapping, key);
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), ret_number) != TUTTI_OK) {
        return tt_scenario_fail_at(
            run, node == NULL ? mapping : node, error, "`%s` must be a number", key);
    }
    return TUTTI_OK;
}

/** A run of bars: the close moves by `step` each bar, with a range of `range` around it. */
static tutti_status step_bars(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"symbol", "count", "from", "step", "range", "volume", NULL};
    tt_dec count, from, step, range, volume;
    int64_t bars = 0;
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    TUTTI_TRY(read_number(run, node, "count", &count, error));
    TUTTI_TRY(read_number(run, node, "from", &from, error));
    TUTTI_TRY(read_number(run, node, "step", &step, error));
    TUTTI_TRY(read_number(run, node, "range", &range, error));
    TUTTI_TRY(read_number(run, node, "volume", &volume, error));
    if (tt_dec_to_i64(count, 0, TT_ROUND_EXACT, &bars) != TUTTI_OK || bars < 1 || bars > 100000) {
        return tt_scenario_fail_at(run, node, error, "`count` must be 1 to 100000");
    }
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    const tt_instrument *instrument =
        tt_instrument_find(&run->config->engine.instruments, (tt_instrument_id){key});
    for (tt_dec open = from; bars > 0; bars--, open = tt_dec_xadd(open, step)) {
        tt_feed_item item = {
            .topic = TT_TOPIC_MARKET_BAR, .key = key, .size = sizeof item.payload.bar};
        tt_dec close = tt_dec_xadd(open, step);
        item.payload.bar = (tt_bar){
            .open = {open},
            .high = {tt_dec_xadd(tt_dec_max(open, close), range)},
            .low = {tt_dec_xsub(tt_dec_min(open, close), range)},
            .close = {close},
            .volume = {volume},
            .open_time = run->now,
            .feed_seq = next_feed_seq(run),
            .interval_s = instrument->bar_interval_s,
        };
        int64_t end = run->now.ns + (int64_t)instrument->bar_interval_s * TT_NS_PER_S;
        TUTTI_TRY(advance_to(run, (tt_time){end}, error));
        TUTTI_TRY(deliver_item(run, &item, error));
    }
    return TUTTI_OK;
}

static tutti_status step_quote(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_QUOTE, .size = sizeof item.payload.quote};
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(payload_without_symbol(run, node, item.topic, &item.payload.quote, error));
    item.payload.quote.feed_seq = next_feed_seq(run);
    return deliver_item(run, &item, error);
}

static tutti_status step_trade(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_TRADE, .size = sizeof item.payload.trade};
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(payload_without_symbol(run, node, item.topic, &item.payload.trade, error));
    item.payload.trade.feed_seq = next_feed_seq(run);
    return deliver_item(run, &item, error);
}

static tutti_status find_enum(
    scenario *run,
    struct fy_node *mapping,
    const char *key,
    const tt_enum_info *names,
    uint8_t *ret_value,
    tt_error *error)
{
    char text[64];
    struct fy_node *node = tt_scenario_get(mapping, key);
    tt_scenario_text(node, text, sizeof text);
    if (!tt_enum_find(names, text, strlen(text), ret_value)) {
        return tt_scenario_fail_at(
            run, node == NULL ? mapping : node, error, "'%s' is no %s; `%s` must be one", text,
            names->name, key);
    }
    return TUTTI_OK;
}

/** The newest call of an agent for an instrument: the one that a scripted answer is for. */
static const tt_msg *find_call(const scenario *run, uint8_t agent, uint32_t key)
{
    const tt_msg *found = NULL;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        if (msg->topic == TT_TOPIC_AGENT_CALLS && msg->key == key &&
            TT_PAYLOAD(msg, AGENT_CALLS, agent_call)->agent == agent) {
            found = msg;
        }
    }
    return found;
}

/** Topic that an agent answers with. */
static tt_topic answer_topic(uint8_t agent)
{
    static const tt_topic topics[TT_agent_COUNT] = {
        [TT_agent_TECHNICAL_ANALYSIS] = TT_TOPIC_TA_SIGNALS,
        [TT_agent_REGIME_DETECTION] = TT_TOPIC_REGIME_UPDATES,
        [TT_agent_SENTIMENT_ANALYSIS] = TT_TOPIC_SENTIMENT_UPDATES,
        [TT_agent_TRADING_DECISION] = TT_TOPIC_TRADING_SIGNALS,
        [TT_agent_PORTFOLIO_REBALANCE] = TT_TOPIC_PORTFOLIO_UPDATES,
    };
    return topics[agent];
}

static tutti_status fill_answer(
    scenario *run, struct fy_node *node, uint8_t agent, tt_agent_answer *answer, tt_error *error)
{
    struct fy_node *payload = tt_scenario_get(node, "payload");
    if (tt_scenario_get(node, "status") != NULL) {
        TUTTI_TRY(find_enum(run, node, "status", &tt_enum_answer_status, &answer->status, error));
    }
    char text[96];
    tt_scenario_text(tt_scenario_get(node, "error"), text, sizeof text);
    TT_TEXT_SET(answer->error, text);
    TT_TEXT_SET(answer->model, "scenario");
    if (payload == NULL) {
        return TUTTI_OK;
    }
    _Alignas(16) unsigned char body[TT_PAYLOAD_MAX];
    TUTTI_TRY(tt_scenario_payload(run, payload, answer_topic(agent), body, error));
    tt_agent_answer_set(answer, answer_topic(agent), body);
    return TUTTI_OK;
}

static tutti_status step_answer(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"agent", "symbol", "payload", "status", "error", NULL};
    uint8_t agent = 0;
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    TUTTI_TRY(find_enum(run, node, "agent", &tt_enum_agent, &agent, error));
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    key = agent == TT_agent_PORTFOLIO_REBALANCE ? 0 : key;
    const tt_msg *call = find_call(run, agent, key);
    if (call == NULL) {
        return tt_scenario_fail_at(run, node, error, "this agent has not been called yet");
    }
    tt_answer_item item = {
        .time = run->now,
        .key = key,
        .source = (uint16_t)(TT_SOURCE_AGENT_TA + agent),
        .cause = call->seq,
        .correlation = call->correlation,
    };
    TUTTI_TRY(fill_answer(run, node, agent, &item.answer, error));
    item.answer.call_seq = call->seq;
    tt_input input;
    tt_answer_item_input(&item, &input);
    return tt_driver_input(&run->driver, &input, error);
}

/** The order that a scripted report is about: `role` and `symbol` name it; the newest one counts. */
static const tt_msg *find_order(const scenario *run, uint8_t role, uint32_t key)
{
    const tt_msg *found = NULL;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        if (msg->topic == TT_TOPIC_ORDER_INTENTS && msg->key == key &&
            TT_PAYLOAD(msg, ORDER_INTENTS, order_intent)->role == role) {
            found = msg;
        }
    }
    return found;
}

static tutti_status send_report(
    scenario *run, const tt_msg *order, const tt_venue_report *report, tt_error *error)
{
    tt_input input = {
        .time = run->now,
        .topic = TT_TOPIC_VENUE_REPORTS,
        .source = TT_SOURCE_VENUE,
        .key = order->key,
        .cause = order->seq,
        .correlation = order->correlation,
        .payload = report,
        .payload_size = sizeof *report,
    };
    return tt_driver_input(&run->driver, &input, error);
}

static tutti_status step_report(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"role", "symbol", "payload", NULL};
    uint8_t role = TT_order_role_ENTRY;
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    if (tt_scenario_get(node, "role") != NULL) {
        TUTTI_TRY(find_enum(run, node, "role", &tt_enum_order_role, &role, error));
    }
    const tt_msg *order = find_order(run, role, key);
    if (order == NULL) {
        return tt_scenario_fail_at(run, node, error, "there is no order of that role and symbol yet");
    }
    tt_venue_report report;
    TUTTI_TRY(tt_scenario_payload(
        run, tt_scenario_get(node, "payload"), TT_TOPIC_VENUE_REPORTS, &report, error));
    const tt_order_intent *intent = TT_PAYLOAD(order, ORDER_INTENTS, order_intent);
    if (report.order_id == 0) {
        report.order_id = intent->order_id;
        memcpy(report.client_order_id, intent->client_order_id, sizeof report.client_order_id);
    }
    if (report.kind == TT_report_kind_FILL && report.exec_id == 0) {
        report.exec_id = ++run->next_exec_id;
    }
    return send_report(run, order, &report, error);
}

/** Names of the faults of the simulated exchange. */
static const char *const fault_names[TT_SIM_FAULT_COUNT] = {
    [TT_SIM_FAULT_REJECT_NEXT] = "reject_next",
    [TT_SIM_FAULT_DROP_NEXT_ACK] = "drop_next_ack",
    [TT_SIM_FAULT_DROP_NEXT_REPORT] = "drop_next_report",
    [TT_SIM_FAULT_LOSE_NEXT_ORDER] = "lose_next_order",
    [TT_SIM_FAULT_LOSE_NEXT_CANCEL] = "lose_next_cancel",
    [TT_SIM_FAULT_DUPLICATE_NEXT_REPORT] = "duplicate_next_report",
    [TT_SIM_FAULT_DELAY_NEXT_REPORT] = "delay_next_report",
    [TT_SIM_FAULT_DISCONNECT] = "disconnect",
    [TT_SIM_FAULT_CONNECT] = "connect",
};

static tutti_status step_fault(scenario *run, struct fy_node *node, tt_error *error)
{
    char name[64];
    tt_scenario_text(node, name, sizeof name);
    if (run->has_scripted_venue) {
        return tt_scenario_fail_at(run, node, error, "faults need the simulated exchange (venue: sim)");
    }
    for (int i = 0; i < TT_SIM_FAULT_COUNT; i++) {
        if (strcmp(fault_names[i], name) == 0) {
            tt_sim_venue_fault(&run->venue, (tt_sim_fault)i);
            return TUTTI_OK;
        }
    }
    return tt_scenario_fail_at(run, node, error, "there is no fault '%s'", name);
}

static tutti_status step_command(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_coordinator_command command;
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    key = tt_scenario_get(node, "symbol") == NULL ? 0 : key;
    TUTTI_TRY(
        payload_without_symbol(run, node, TT_TOPIC_COORDINATOR_COMMANDS, &command, error));
    if (command.request_id == 0) {
        command.request_id = ++run->next_request_id;
    }
    if (command.actor[0] == 0) {
        TT_TEXT_SET(command.actor, "operator");
    }
    tt_input input = {
        .time = run->now,
        .topic = TT_TOPIC_COORDINATOR_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .key = key,
        .payload = &command,
        .payload_size = sizeof command,
    };
    return tt_driver_input(&run->driver, &input, error);
}

/** Any input, as it is: for what must be refused. */
static tutti_status step_input(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"topic", "symbol", "payload", NULL};
    char name[64];
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    tt_scenario_text(tt_scenario_get(node, "topic"), name, sizeof name);
    tt_topic topic = tt_topic_find(name, strlen(name));
    if (topic == TT_TOPIC_NONE) {
        return tt_scenario_fail_at(run, node, error, "there is no topic '%s'", name);
    }
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    key = tt_scenario_get(node, "symbol") == NULL ? 0 : key;
    _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
    TUTTI_TRY(tt_scenario_payload(run, tt_scenario_get(node, "payload"), topic, payload, error));
    tt_input input = {
        .time = run->now,
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .key = key,
        .payload = payload,
        .payload_size = tt_topic_info_get(topic)->layout->size,
    };
    return tt_driver_input(&run->driver, &input, error);
}

static tutti_status step_restart(scenario *run, struct fy_node *node, tt_error *error)
{
    (void)node;
    return tt_scenario_restart(run, error);
}

static tutti_status step_end(scenario *run, struct fy_node *node, tt_error *error)
{
    (void)node;
    const tt_dur limit = {600 * TT_NS_PER_S};
    TUTTI_TRY(tt_driver_finish(&run->driver, run->now, limit, error));
    run->now = tt_engine_now(run->engine);
    return TUTTI_OK;
}

typedef tutti_status (*step_fn)(scenario *run, struct fy_node *node, tt_error *error);

static const struct {
    const char *kind;
    step_fn carry_out;
} step_table[] = {
    {"advance", step_advance}, {"bar", step_bar},         {"bars", step_bars},
    {"quote", step_quote},     {"trade", step_trade},     {"answer", step_answer},
    {"report", step_report},   {"fault", step_fault},     {"command", step_command},
    {"input", step_input},     {"restart", step_restart}, {"end_of_data", step_end},
};

tutti_status tt_scenario_step(scenario *run, struct fy_node *step, tt_error *error)
{
    if (!fy_node_is_mapping(step) || fy_node_mapping_item_count(step) != 1) {
        return tt_scenario_fail_at(
            run, step, error, "a step is one key: what to do, or what to expect");
    }
    struct fy_node_pair *pair = fy_node_mapping_get_by_index(step, 0);
    struct fy_node *node = fy_node_pair_value(pair);
    char kind[64];
    tt_scenario_text(fy_node_pair_key(pair), kind, sizeof kind);
    for (size_t i = 0; i < sizeof step_table / sizeof step_table[0]; i++) {
        if (strcmp(step_table[i].kind, kind) == 0) {
            return step_table[i].carry_out(run, node, error);
        }
    }
    bool is_known = false;
    TUTTI_TRY(tt_scenario_expect(run, kind, node, &is_known, error));
    return is_known ? TUTTI_OK
                    : tt_scenario_fail_at(run, step, error, "there is no step '%s'", kind);
}
