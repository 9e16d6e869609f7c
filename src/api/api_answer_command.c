/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A command of a person: read, confirmed if it is dangerous, sent once, answered with what the core
 * said of it.
 *
 * The answer waits until the core's reply is durable. A number that comes again gives the answer of
 * the first time; the same number for something else is refused.
 */
#include "api/api_body.h"
#include "api/api_priv.h"
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is asked ---- */

/** A command that is being read. */
struct draft {
    tt_coordinator_command command; /**< For the bus: who asks, and about which letter. */
    tt_bus_command bus;             /**< NONE: it is for the coordinator. */
    uint32_t key;
    tt_api_body body;
    char resource[TT_CONFIRM_RESOURCE_MAX]; /**< What a confirmation is about. */
};

static bool refuse(tt_http_reply *reply, int code, const char *title, const char *detail)
{
    tt_api_problem_detail(reply, code, title, detail);
    return false;
}

/** Refuses a name that is none, with those there are. */
static bool refuse_task(tt_http_reply *reply)
{
    char detail[256] = "tasks are";
    for (uint8_t i = 0; i < TT_task_COUNT; i++) {
        size_t length = strlen(detail);
        snprintf(
            detail + length,
            sizeof detail - length,
            "%s %s",
            i == 0 ? "" : ",",
            tt_enum_text(&tt_enum_task, i));
    }
    return refuse(reply, 404, "there is no such task", detail);
}

static bool take_source(const char *name, struct draft *draft, tt_http_reply *reply)
{
    return tt_source_find(name, strlen(name), &draft->command.budget_source) ||
           refuse(
               reply,
               404,
               "there is no such source of trades",
               "such as trading_decision, strategy or portfolio");
}

/** Takes what stands for {name}, {source} or {id}. */
static bool take_param(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const char *param = call->param;
    if (call->route->bus_command == TT_bus_command_type_RELEASE) {
        if (strlen(param) >= sizeof draft->bus.subscriber) {
            return refuse(reply, 404, "there is no such handler", "GET /api/v1/quarantine");
        }
        TT_TEXT_SET(draft->bus.subscriber, param);
        return true;
    }
    if (strstr(call->route->pattern, "{name}") != NULL) {
        return tt_enum_find(&tt_enum_task, param, strlen(param), &draft->command.task) ||
               refuse_task(reply);
    }
    if (strstr(call->route->pattern, "{source}") != NULL) {
        return take_source(param, draft, reply);
    }
    if (strstr(call->route->pattern, "{id}") == NULL) {
        return true;
    }
    uint64_t id = 0;
    if (tt_text_parse_u64(param, strlen(param), &id) != TUTTI_OK || id == 0) {
        return refuse(reply, 400, "the id is no number", "ids are whole numbers from 1");
    }
    draft->command.subject_seq = id;
    return true;
}

static bool take_topic(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const char *name = tt_http_query(call->request, "topic");
    if (name == NULL) {
        return true;
    }
    draft->bus.dead_topic = (uint16_t)tt_topic_find(name, strlen(name));
    return draft->bus.dead_topic != TT_TOPIC_NONE ||
           refuse(reply, 404, "there is no such topic", "tutti topics lists them");
}

/** Whole path, without "/confirm", with symbol and topic: a confirmation for one is none for all.
 */
static bool name_resource(const tt_api_call *call, struct draft *draft)
{
    const char *end = "/confirm";
    size_t length = strlen(call->request->path);
    if (length > strlen(end) && strcmp(call->request->path + length - strlen(end), end) == 0) {
        length -= strlen(end);
    }
    int size = snprintf(
        draft->resource,
        sizeof draft->resource,
        "%.*s?symbol=%u&topic=%u",
        (int)length,
        call->request->path,
        draft->key,
        draft->bus.dead_topic);
    return size > 0 && (size_t)size < sizeof draft->resource;
}

static bool take_body(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const tt_http_request *request = call->request;
    const char *type = tt_http_head_field(request->head, "Content-Type");
    tt_error error = {0};
    if (request->body_size > 0 && (type == NULL || strncmp(type, "application/json", 16) != 0 ||
                                   (type[16] != 0 && type[16] != ';' && type[16] != ' '))) {
        return refuse(reply, 415, "the body must be JSON", "Content-Type: application/json");
    }
    if (tt_api_body_read(request->body, request->body_size, &draft->body, &error) != TUTTI_OK) {
        return refuse(reply, 400, "the body is not right", error.message);
    }
    return true;
}

/** Takes the levels of the one command that has them; refuses them with another. */
static bool take_levels(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const tt_api_body *body = &draft->body;
    bool has_one = !tt_dec_is_zero(body->stop_loss.d) || !tt_dec_is_zero(body->take_profit.d);
    if (has_one && call->route->command != TT_command_PROTECT_POSITION) {
        return refuse(reply, 400, "this takes no stop_loss and no take_profit", NULL);
    }
    draft->command.stop_loss = body->stop_loss;
    draft->command.take_profit = body->take_profit;
    return true;
}

/** Takes the amount of the commands that have one; refuses it with another. */
static bool take_amount(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const tt_money amount = draft->body.amount;
    const tt_command command = call->route->command;
    const bool is_there = !tt_dec_is_zero(amount.d);
    const bool is_of_budget =
        command == TT_command_RESERVE_BUDGET || command == TT_command_RELEASE_BUDGET;
    const bool is_of_cash =
        command == TT_command_ACKNOWLEDGE_TRANSFER || command == TT_command_ACKNOWLEDGE_COST;
    if (is_there && !is_of_budget && !is_of_cash) {
        return refuse(reply, 400, "this takes no amount", NULL);
    }
    if (is_of_budget && tt_dec_sign(amount.d) < 0) {
        return refuse(reply, 400, "the body is not right", "amount must be a sum of money above 0");
    }
    draft->command.amount = amount;
    const bool is_posted = call->route->answer == tt_api_answer_command;
    if (!is_there && is_of_cash && is_posted) {
        return refuse(
            reply,
            400,
            "an amount is needed",
            "{\"amount\": \"-1000\"}: balance_difference of GET /api/v1/account");
    }
    return is_there || command != TT_command_RESERVE_BUDGET ||
           refuse(reply, 400, "an amount is needed", "{\"amount\": \"1000\"}, in money");
}

/** Takes the values of an order for the one command that has them; refuses them with another. */
static bool take_values(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const tt_api_body *body = &draft->body;
    bool has_one = !tt_dec_is_zero(body->qty.d) || !tt_dec_is_zero(body->price.d) ||
                   !tt_dec_is_zero(body->trigger_price.d);
    bool is_asked = call->route->command == TT_command_AMEND_ORDER;
    if (has_one && !is_asked) {
        return refuse(reply, 400, "this takes no qty, no price and no trigger_price", NULL);
    }
    draft->command.qty = body->qty;
    draft->command.price = body->price;
    draft->command.trigger_price = body->trigger_price;
    bool is_posted = is_asked && call->route->answer == tt_api_answer_command;
    return has_one || !is_posted ||
           refuse(reply, 400, "nothing is to be amended", "qty, price, trigger_price, or several");
}

/** Takes a group of entries for the one command that has one; refuses it with another. */
static bool take_group(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const tt_api_body *body = &draft->body;
    tt_coordinator_command *command = &draft->command;
    bool is_asked = call->route->command == TT_command_PLACE_GROUP;
    if (body->is_group && !is_asked) {
        return refuse(reply, 400, "this takes no entries", NULL);
    }
    command->size_pct = body->size_pct;
    command->upper_entry = body->upper_entry;
    command->upper_stop = body->upper_stop;
    command->upper_target = body->upper_target;
    command->lower_entry = body->lower_entry;
    command->lower_stop = body->lower_stop;
    command->lower_target = body->lower_target;
    command->style = body->style;
    command->leverage = body->leverage;
    bool is_posted = is_asked && call->route->answer == tt_api_answer_command;
    bool is_whole = !tt_dec_is_zero(body->size_pct.d) && !tt_dec_is_zero(body->upper_entry.d) &&
                    !tt_dec_is_zero(body->lower_entry.d);
    return !is_posted || (is_whole && draft->key != 0) ||
           refuse(
               reply,
               400,
               "the group is not whole",
               "symbol in the address; size_pct, upper_entry, lower_entry in the body");
}

static bool
read_draft(const tt_api *api, const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    *draft = (struct draft){0};
    draft->command.command = (uint8_t)call->route->command;
    draft->command.role = (uint8_t)call->role;
    memcpy(draft->command.actor, call->actor, strlen(call->actor));
    if (!take_param(call, draft, reply) ||
        !tt_api_take_symbol(api, call->request, 404, &draft->key, reply) ||
        !take_topic(call, draft, reply) || !take_body(call, draft, reply)) {
        return false;
    }
    memcpy(draft->command.reason, draft->body.reason, sizeof draft->command.reason);
    if (!take_levels(call, draft, reply) || !take_amount(call, draft, reply) ||
        !take_values(call, draft, reply) || !take_group(call, draft, reply)) {
        return false;
    }
    return name_resource(call, draft) || refuse(reply, 400, "the address is too long", NULL);
}

/* ---- posting ---- */

/** Fills in what a command for the bus has in common with the others. */
static void complete_bus(const tt_api_route *route, struct draft *draft)
{
    const tt_coordinator_command *command = &draft->command;
    tt_bus_command *bus = &draft->bus;
    bus->command = (uint8_t)route->bus_command;
    bus->role = command->role;
    bus->dead_id = command->subject_seq;
    TT_TEXT_SET(bus->actor, command->actor);
    TT_TEXT_SET(bus->reason, command->reason);
}

static bool is_same_group(const tt_coordinator_command *a, const tt_coordinator_command *b)
{
    return tt_dec_eq(a->size_pct.d, b->size_pct.d) &&
           tt_dec_eq(a->upper_entry.d, b->upper_entry.d) &&
           tt_dec_eq(a->upper_stop.d, b->upper_stop.d) &&
           tt_dec_eq(a->upper_target.d, b->upper_target.d) &&
           tt_dec_eq(a->lower_entry.d, b->lower_entry.d) &&
           tt_dec_eq(a->lower_stop.d, b->lower_stop.d) &&
           tt_dec_eq(a->lower_target.d, b->lower_target.d) && a->style == b->style &&
           a->leverage == b->leverage;
}

static bool is_same(const tt_api_command *at, const struct draft *draft)
{
    const tt_coordinator_command *a = &at->command;
    const tt_coordinator_command *b = &draft->command;
    if (draft->bus.command != TT_bus_command_type_NONE) {
        const tt_bus_command *bus = &draft->bus;
        return at->is_of_bus && a->command == bus->command && a->subject_seq == bus->dead_id &&
               at->dead_topic == bus->dead_topic && strcmp(at->subscriber, bus->subscriber) == 0 &&
               strcmp(a->actor, bus->actor) == 0;
    }
    return !at->is_of_bus && a->command == b->command && a->task == b->task &&
           a->subject_seq == b->subject_seq && a->budget_source == b->budget_source &&
           tt_dec_eq(a->amount.d, b->amount.d) && tt_dec_eq(a->stop_loss.d, b->stop_loss.d) &&
           tt_dec_eq(a->take_profit.d, b->take_profit.d) && is_same_group(a, b) &&
           tt_dec_eq(a->qty.d, b->qty.d) && tt_dec_eq(a->price.d, b->price.d) &&
           tt_dec_eq(a->trigger_price.d, b->trigger_price.d) && at->key == draft->key &&
           strcmp(a->actor, b->actor) == 0;
}

/** Answers a number that was used before. */
static void
repeat(const tt_api *api, const tt_api_command *at, const struct draft *draft, tt_http_reply *reply)
{
    if (!is_same(at, draft)) {
        tt_api_problem_detail(
            reply,
            422,
            "this request_id was used for another command",
            "take a new one, or leave it out");
        return;
    }
    tt_api_command_tell(api, at, reply);
    tt_api_add_header(reply, "Idempotent-Replayed: true\r\n");
}

/** A number that no command has. Below 2^53, so that every JSON reader keeps it. */
static bool choose_id(tt_api *api, uint64_t *ret_id)
{
    do {
        if (!tt_secret_random(ret_id, sizeof *ret_id)) {
            return false;
        }
        *ret_id &= TT_API_REQUEST_ID_MAX;
    } while (*ret_id == 0 || tt_api_commands_find(&api->commands, *ret_id) != NULL);
    return true;
}

/** Hands a command to the core; false: its queue is full. */
static bool hand_over(const tt_api *api, const struct draft *draft)
{
    const tt_api_options *options = &api->options;
    if (draft->bus.command != TT_bus_command_type_NONE) {
        return options->post_bus != NULL && options->post_bus(options->ctx, &draft->bus);
    }
    return options->post != NULL && options->post(options->ctx, &draft->command, draft->key);
}

static void
send(tt_api *api, const tt_api_call *call, const struct draft *draft, tt_http_reply *reply)
{
    tt_api_command *at = tt_api_commands_place(&api->commands);
    if (at == NULL) {
        tt_api_problem(reply, 503, "too many commands wait for the core");
        return;
    }
    if (!hand_over(api, draft)) {
        *at = (tt_api_command){0};
        tt_api_problem(reply, 503, "too many commands wait for the core");
        return;
    }
    at->state = TT_API_COMMAND_SENT;
    at->command = draft->command;
    if (draft->bus.command != TT_bus_command_type_NONE) {
        tt_api_command_note_bus(at, &draft->bus);
    }
    at->key = draft->key;
    at->ticket = call->request->ticket;
    at->deadline_ns = tt_http_server_now(api->server) + api->options.config->command_timeout.ns;
    memcpy(at->headers, reply->headers, sizeof at->headers - 1);
    api->commands.sent++;
    reply->kind = TT_HTTP_DEFERRED;
    tt_http_server_tick_soon(api->server);
}

void tt_api_answer_command(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    struct draft draft;
    if (!read_draft(api, call, &draft, reply)) {
        return;
    }
    complete_bus(call->route, &draft);
    const tt_api_command *before =
        draft.body.request_id == 0 ? NULL
                                   : tt_api_commands_find(&api->commands, draft.body.request_id);
    tt_api_command logged;
    if (before == NULL && draft.body.request_id != 0 &&
        tt_api_command_logged(api, draft.body.request_id, &logged)) {
        before = &logged; // A restart does not make a number new.
    }
    if (before != NULL) {
        repeat(api, before, &draft, reply);
        return;
    }
    int64_t now_ns = tt_http_server_now(api->server);
    if (call->route->needs_confirmation &&
        !tt_confirm_use(
            &api->confirmations, call->actor, draft.resource, draft.body.confirmation, now_ns)) {
        char detail[200];
        snprintf(
            detail, sizeof detail, "POST %s/confirm gives one; it holds once", call->request->path);
        tt_api_problem_detail(reply, 400, "a valid confirmation is needed", detail);
        return;
    }
    draft.command.request_id = draft.body.request_id;
    if (draft.command.request_id == 0 && !choose_id(api, &draft.command.request_id)) {
        tt_api_problem(reply, 503, "the system gives no random numbers");
        return;
    }
    draft.bus.request_id = draft.command.request_id;
    send(api, call, &draft, reply);
}

void tt_api_answer_confirm(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    struct draft draft;
    char text[TT_CONFIRM_TEXT_MAX];
    int64_t now_ns = tt_http_server_now(api->server);
    if (!read_draft(api, call, &draft, reply)) {
        return;
    }
    if (!tt_confirm_make(&api->confirmations, call->actor, draft.resource, now_ns, text)) {
        tt_api_problem(reply, 503, "the system gives no random numbers");
        return;
    }
    FILE *out = open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        return;
    }
    fprintf(out, "{\"confirmation\": \"%s\", \"expires_s\": %d}\n", text, TT_CONFIRM_SECONDS);
    fclose(out);
    reply->code = 201;
    reply->content_type = "application/json";
}

/* ---- later ---- */

static void answer_waiting(tt_api *api, tt_api_command *at, int64_t now_ns)
{
    tt_http_reply reply = {0};
    uint64_t ticket = at->ticket;
    if (at->state == TT_API_COMMAND_DONE) {
        tt_api_command_tell(api, at, &reply);
    } else if (now_ns >= at->deadline_ns) {
        tt_api_command_tell_timeout(at, &reply);
        api->commands.timeouts++;
    } else {
        tt_http_server_tick_soon(api->server);
        return;
    }
    at->ticket = 0;
    tt_api_add_header(&reply, "%s", at->headers);
    api->failed_requests += reply.code >= 400;
    (void)tt_http_server_answer(api->server, ticket, &reply);
}

void tt_api_commands_tick(tt_api *api, int64_t now_ns)
{
    while (api->options.take_reply != NULL &&
           api->options.take_reply(api->options.ctx, &api->msg)) {
        tt_api_commands_take(&api->commands, &api->msg.head);
    }
    tt_seq durable = api->options.durable == NULL ? 0 : api->options.durable(api->options.ctx);
    for (uint32_t i = 0; i < TT_API_COMMANDS_MAX; i++) {
        tt_api_command *at = &api->commands.list[i];
        if (at->state == TT_API_COMMAND_ANSWERED && at->reply_seq <= durable) {
            at->state = TT_API_COMMAND_DONE;
        }
        if (at->ticket != 0) {
            answer_waiting(api, at, now_ns);
        }
    }
}
