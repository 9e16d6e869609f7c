/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The steps of a scenario: one function a kind, in a table.
 */
#include "scenario/scenario_priv.h"
#include "venue/sim.h"

#include <stdlib.h>
#include <string.h>

static tutti_status step_advance(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_dur span;
    TUTTI_TRY(tt_scenario_seconds(run, node, &span, error));
    return tt_scenario_advance(run, (tt_time){run->now.ns + span.ns}, error);
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
            run,
            node == NULL ? mapping : node,
            error,
            "'%s' is no %s; `%s` must be one",
            text,
            names->name,
            key);
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
        [TT_agent_ARBITER] = TT_TOPIC_ARBITER_OPINIONS,
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
    tt_scenario_text(tt_scenario_get(node, "cost"), text, sizeof text);
    if (text[0] != 0 && tt_dec_parse(text, strlen(text), &answer->cost.d) != TUTTI_OK) {
        return tt_scenario_fail_at(run, node, error, "'%s' is no amount; `cost` must be one", text);
    }
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
    static const char *const keys[] = {
        "agent", "symbol", "payload", "status", "error", "cost", NULL};
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

/** The order that a scripted report is about: `role` and `symbol` name it; the newest one counts.
 */
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

/** What a report belongs to: the newest query of its order if it answers one, else the intent. */
static tt_seq cause_of(const scenario *run, const tt_msg *order, const tt_venue_report *report)
{
    tt_seq cause = order->seq;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL && report->is_query_reply;
         msg = tt_scenario_next(run, msg)) {
        if (msg->topic == TT_TOPIC_ORDER_QUERIES &&
            TT_PAYLOAD(msg, ORDER_QUERIES, order_query)->order_id == order->seq) {
            cause = msg->seq;
        }
    }
    return cause;
}

static tutti_status
send_report(scenario *run, const tt_msg *order, const tt_venue_report *report, tt_error *error)
{
    tt_input input = {
        .time = run->now,
        .topic = TT_TOPIC_VENUE_REPORTS,
        .source = TT_SOURCE_VENUE,
        .key = order->key,
        .cause = cause_of(run, order, report),
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
        return tt_scenario_fail_at(
            run, node, error, "there is no order of that role and symbol yet");
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
    [TT_SIM_FAULT_LOSE_NEXT_AMEND] = "lose_next_amend",
    [TT_SIM_FAULT_REJECT_NEXT_AMEND] = "reject_next_amend",
    [TT_SIM_FAULT_DUPLICATE_NEXT_REPORT] = "duplicate_next_report",
    [TT_SIM_FAULT_DELAY_NEXT_REPORT] = "delay_next_report",
    [TT_SIM_FAULT_DROP_NEXT_FILL] = "drop_next_fill",
    [TT_SIM_FAULT_DROP_NEXT_FUNDING] = "drop_next_funding",
    [TT_SIM_FAULT_LOSE_NEXT_FEE] = "lose_next_fee",
    [TT_SIM_FAULT_WRONG_NEXT_BALANCE] = "wrong_next_balance",
    [TT_SIM_FAULT_DROP_NEXT_BALANCE] = "drop_next_balance",
    [TT_SIM_FAULT_DISCONNECT] = "disconnect",
    [TT_SIM_FAULT_CONNECT] = "connect",
};

static tutti_status step_fault(scenario *run, struct fy_node *node, tt_error *error)
{
    char name[64];
    tt_scenario_text(node, name, sizeof name);
    if (run->has_scripted_venue) {
        return tt_scenario_fail_at(
            run, node, error, "faults need the simulated exchange (venue: sim)");
    }
    for (int i = 0; i < TT_SIM_FAULT_COUNT; i++) {
        if (strcmp(fault_names[i], name) == 0) {
            tt_sim_venue_fault(&run->venue, (tt_sim_fault)i);
            return TUTTI_OK;
        }
    }
    return tt_scenario_fail_at(run, node, error, "there is no fault '%s'", name);
}

/** Somebody else trades on our account at the simulated exchange. */
static tutti_status step_external(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_venue_trade trade;
    uint32_t key = 0;
    if (run->has_scripted_venue) {
        return tt_scenario_fail_at(
            run, node, error, "this needs the simulated exchange (venue: sim)");
    }
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    TUTTI_TRY(tt_scenario_payload_of(run, node, TT_TOPIC_VENUE_TRADES, &trade, error));
    tt_error wrong = {0};
    if (tt_sim_venue_external(&run->venue, run->now, key, &trade, &wrong) != TUTTI_OK) {
        return tt_scenario_fail_at(run, node, error, "%s", wrong.message);
    }
    return TUTTI_OK;
}

/** Cash is paid into the account at the simulated exchange, or taken out of it. */
static tutti_status step_transfer(scenario *run, struct fy_node *node, tt_error *error)
{
    char told[8];
    char text[TT_DEC_TEXT_MAX];
    if (run->has_scripted_venue) {
        return tt_scenario_fail_at(
            run, node, error, "this needs the simulated exchange (venue: sim)");
    }
    tt_scenario_text(tt_scenario_get(node, "told"), told, sizeof told);
    tt_scenario_text(tt_scenario_get(node, "amount"), text, sizeof text);
    tt_money amount = {TT_DEC_ZERO};
    if (tt_dec_parse(text, strlen(text), &amount.d) != TUTTI_OK) {
        return tt_scenario_fail_at(
            run, node, error, "'%s' is no amount; `amount` must be one", text);
    }
    if (strcmp(told, "true") != 0 && strcmp(told, "false") != 0) {
        return tt_scenario_fail_at(
            run, node, error, "'%s' is not true or false; `told` must be one of them", told);
    }
    tt_error wrong = {0};
    bool is_told = strcmp(told, "true") == 0;
    if (tt_sim_venue_transfer(&run->venue, run->now, amount, is_told, &wrong) != TUTTI_OK) {
        return tt_scenario_fail_at(run, node, error, "%s", wrong.message);
    }
    return TUTTI_OK;
}

/** The newest conflict that waits for a person: the one that approve and reject mean. */
static tt_seq find_escalated(const scenario *run)
{
    tt_seq found = 0;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        if (msg->topic == TT_TOPIC_CONFLICT_CASES &&
            TT_PAYLOAD(msg, CONFLICT_CASES, conflict_case)->stage == TT_case_stage_ESCALATED) {
            found = TT_PAYLOAD(msg, CONFLICT_CASES, conflict_case)->case_seq;
        }
    }
    return found;
}

/** The newest entry: the one that orders to cancel and to amend mean. */
static tt_seq find_entry(const scenario *run)
{
    tt_seq found = 0;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        if (msg->topic == TT_TOPIC_ORDER_INTENTS &&
            TT_PAYLOAD(msg, ORDER_INTENTS, order_intent)->role == TT_order_role_ENTRY) {
            found = msg->seq;
        }
    }
    return found;
}

/** Fills in what a command leaves out. */
static void complete_command(scenario *run, tt_coordinator_command *command)
{
    bool is_approval =
        command->command == TT_command_APPROVE || command->command == TT_command_REJECT;
    if (is_approval && command->subject_seq == 0) {
        command->subject_seq = find_escalated(run);
    }
    bool is_of_order =
        command->command == TT_command_CANCEL_ORDER || command->command == TT_command_AMEND_ORDER;
    if (is_of_order && command->subject_seq == 0) {
        command->subject_seq = find_entry(run);
    }
    if (command->request_id == 0) {
        command->request_id = ++run->next_request_id;
    }
    if (command->actor[0] == 0) {
        TT_TEXT_SET(command->actor, "operator");
    }
}

static tutti_status step_command(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_coordinator_command command;
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    key = tt_scenario_get(node, "symbol") == NULL ? 0 : key;
    TUTTI_TRY(tt_scenario_payload_of(run, node, TT_TOPIC_COORDINATOR_COMMANDS, &command, error));
    complete_command(run, &command);
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
        .payload_size = tt_topic_info_get((uint16_t)topic)->layout->size,
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
    bool is_alone; /**< Takes no value; the others need one. */
} step_table[] = {
    {"advance", step_advance, false},
    {"bar", tt_scenario_bar, false},
    {"bars", tt_scenario_bars, false},
    {"quote", tt_scenario_quote, false},
    {"trade", tt_scenario_trade, false},
    {"answer", step_answer, false},
    {"report", step_report, false},
    {"fault", step_fault, false},
    {"external", step_external, false},
    {"transfer", step_transfer, false},
    {"command", step_command, false},
    {"input", step_input, false},
    {"restart", step_restart, true},
    {"end_of_data", step_end, true},
    {"expect", tt_scenario_expect, false},
    {"expect_none", tt_scenario_expect_none, false},
    {"expect_count", tt_scenario_expect_count, false},
    {"forget", tt_scenario_forget, true},
};

/** Tells whether a step was given a value: `restart:` has none. */
static bool has_value(struct fy_node *node)
{
    size_t length = 0;
    return node != NULL &&
           (!fy_node_is_scalar(node) || (fy_node_get_scalar(node, &length) != NULL && length > 0));
}

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
        if (strcmp(step_table[i].kind, kind) != 0) {
            continue;
        }
        if (has_value(node) == step_table[i].is_alone) {
            return tt_scenario_fail_at(
                run,
                step,
                error,
                step_table[i].is_alone ? "`%s` takes no value" : "`%s` needs a value",
                kind);
        }
        return step_table[i].carry_out(run, node, error);
    }
    return tt_scenario_fail_at(run, step, error, "there is no step '%s'", kind);
}
