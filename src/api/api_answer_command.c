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
    tt_coordinator_command command;
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

/** Takes what stands for {name} or {id}. */
static bool take_param(const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const char *param = call->param;
    if (strstr(call->route->pattern, "{name}") != NULL) {
        return tt_enum_find(&tt_enum_task, param, strlen(param), &draft->command.task) ||
               refuse_task(reply);
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

/** Tells whether a task is of one symbol; then a missing one is the first instrument. */
static bool
take_symbol(const tt_api *api, const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    const char *symbol = tt_http_query(call->request, "symbol");
    if (symbol == NULL) {
        return true;
    }
    if (!call->route->takes_symbol) {
        return refuse(reply, 400, "this takes no symbol", NULL);
    }
    const tt_instrument *found =
        tt_instrument_find_symbol(api->options.instruments, symbol, strlen(symbol));
    if (found == NULL) {
        return refuse(reply, 404, "there is no such symbol", NULL);
    }
    draft->key = found->id.n;
    return true;
}

/** Whole path, without "/confirm", and the symbol: a confirmation for one is none for all. */
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
        "%.*s?symbol=%u",
        (int)length,
        call->request->path,
        draft->key);
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

static bool
read_draft(const tt_api *api, const tt_api_call *call, struct draft *draft, tt_http_reply *reply)
{
    *draft = (struct draft){0};
    draft->command.command = (uint8_t)call->route->command;
    draft->command.role = (uint8_t)call->role;
    memcpy(draft->command.actor, call->actor, strlen(call->actor));
    if (!take_param(call, draft, reply) || !take_symbol(api, call, draft, reply) ||
        !take_body(call, draft, reply)) {
        return false;
    }
    memcpy(draft->command.reason, draft->body.reason, sizeof draft->command.reason);
    if (!take_levels(call, draft, reply)) {
        return false;
    }
    return name_resource(call, draft) || refuse(reply, 400, "the address is too long", NULL);
}

/* ---- what is answered ---- */

static int code_of(const tt_api_command *at)
{
    if (at->state != TT_API_COMMAND_DONE) {
        return 202;
    }
    switch ((tt_reply_status)at->status) {
    case TT_reply_status_DONE:
        return 200;
    case TT_reply_status_REFUSED:
        return 409;
    case TT_reply_status_NOT_FOUND:
        return 404;
    case TT_reply_status_COUNT:
        break;
    }
    return 500;
}

static void put_command(const tt_api *api, FILE *out, const tt_api_command *at)
{
    const tt_coordinator_command *command = &at->command;
    bool is_done = at->state == TT_API_COMMAND_DONE;
    bool is_of_task = command->command == TT_command_ENABLE_TASK ||
                      command->command == TT_command_DISABLE_TASK ||
                      command->command == TT_command_FORCE_RUN;
    fprintf(
        out,
        "\"request_id\": %" PRIu64 ", \"command\": \"%s\", \"actor\": ",
        command->request_id,
        tt_enum_text(&tt_enum_command, command->command));
    tt_api_put_text(out, command->actor);
    fprintf(out, ", \"role\": \"%s\"", tt_enum_text(&tt_enum_role, command->role));
    if (is_of_task) {
        fprintf(out, ", \"task\": \"%s\"", tt_enum_text(&tt_enum_task, command->task));
    }
    if (at->key != 0) {
        fputs(", \"symbol\": ", out);
        tt_api_put_text(out, tt_api_symbol(api, at->key));
    }
    if (command->subject_seq != 0) {
        fprintf(out, ", \"subject\": %" PRIu64, command->subject_seq);
    }
    fputs(", \"reason\": ", out);
    tt_api_put_text(out, command->reason);
    fprintf(
        out,
        ", \"outcome\": \"%s\", \"message\": ",
        is_done ? tt_enum_text(&tt_enum_reply_status, at->status) : "pending");
    tt_api_put_text(out, is_done ? at->message : "");
    fprintf(out, ", \"command_seq\": %" PRIu64 ", \"reply_seq\": ", at->command_seq);
    fprintf(out, "%" PRIu64 ", ", is_done ? at->reply_seq : 0);
    tt_api_put_time(out, "time", at->time);
}

/** What became of a command. What was refused is a problem with the same members. */
static void tell(const tt_api *api, const tt_api_command *at, tt_http_reply *reply)
{
    FILE *out = open_memstream(&reply->body, &reply->size);
    reply->code = code_of(at);
    reply->kind = TT_HTTP_WHOLE;
    bool is_problem = reply->code >= 400;
    reply->content_type = is_problem ? "application/problem+json" : "application/json";
    if (out == NULL) {
        reply->code = 500;
        return;
    }
    fputc('{', out);
    if (is_problem) {
        fprintf(
            out,
            "\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %d, \"detail\": ",
            reply->code == 404 ? "there is no such thing" : "refused",
            reply->code);
        tt_api_put_text(out, at->message);
        fputs(", ", out);
    }
    put_command(api, out, at);
    fputs("}\n", out);
    fclose(out);
}

static void tell_timeout(const tt_api_command *at, tt_http_reply *reply)
{
    FILE *out = open_memstream(&reply->body, &reply->size);
    reply->code = 504;
    reply->kind = TT_HTTP_WHOLE;
    reply->content_type = "application/problem+json";
    if (out != NULL) {
        fprintf(
            out,
            "{\"type\": \"about:blank\", \"title\": \"the core has not answered yet\", "
            "\"status\": 504, \"detail\": \"the command may still be carried out; "
            "GET /api/v1/commands/%" PRIu64 " tells\", \"request_id\": %" PRIu64 "}\n",
            at->command.request_id,
            at->command.request_id);
        fclose(out);
    }
}

/* ---- posting ---- */

static bool is_same(const tt_api_command *at, const struct draft *draft)
{
    const tt_coordinator_command *a = &at->command;
    const tt_coordinator_command *b = &draft->command;
    return a->command == b->command && a->task == b->task && a->subject_seq == b->subject_seq &&
           tt_dec_eq(a->stop_loss.d, b->stop_loss.d) &&
           tt_dec_eq(a->take_profit.d, b->take_profit.d) && at->key == draft->key &&
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
    tell(api, at, reply);
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

static void
send(tt_api *api, const tt_api_call *call, const struct draft *draft, tt_http_reply *reply)
{
    tt_api_command *at = tt_api_commands_place(&api->commands);
    if (at == NULL) {
        tt_api_problem(reply, 503, "too many commands wait for the core");
        return;
    }
    if (api->options.post == NULL ||
        !api->options.post(api->options.ctx, &draft->command, draft->key)) {
        *at = (tt_api_command){0};
        tt_api_problem(reply, 503, "too many commands wait for the core");
        return;
    }
    at->state = TT_API_COMMAND_SENT;
    at->command = draft->command;
    at->key = draft->key;
    at->ticket = call->request->ticket;
    at->deadline_ns = tt_http_server_now(api->server) + api->options.config->command_timeout.ns;
    memcpy(at->headers, reply->headers, sizeof at->headers - 1);
    api->commands.sent++;
    reply->kind = TT_HTTP_DEFERRED;
    tt_http_server_tick_soon(api->server);
}

/** Reads a plain member of a flat object into text. */
static bool read_member(const char *json, const char *key, char *text, size_t size)
{
    char scratch[2048];
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, json, strlen(json), scratch, sizeof scratch);
    while (tt_json_next(&reader, &token) == TUTTI_OK) {
        bool is_it = token.kind == TT_JSON_KEY && tt_slice_is(token.text, key);
        if (!is_it || tt_json_next(&reader, &token) != TUTTI_OK) {
            continue;
        }
        size_t length = token.kind == TT_JSON_NULL ? 0 : token.text.length;
        if (length >= size) {
            return false;
        }
        memcpy(text, length == 0 ? "" : token.text.data, length);
        text[length] = 0;
        return true;
    }
    return false;
}

static uint64_t read_seq(const char *json, const char *key)
{
    char text[32] = "";
    uint64_t number = 0;
    bool is_number = read_member(json, key, text, sizeof text) &&
                     tt_text_parse_u64(text, strlen(text), &number) == TUTTI_OK;
    return is_number ? number : 0;
}

static uint8_t read_enum(const char *json, const char *key, const tt_enum_info *info)
{
    char text[32] = "";
    uint8_t value = 0;
    bool is_one =
        read_member(json, key, text, sizeof text) && tt_enum_find(info, text, strlen(text), &value);
    return is_one ? value : UINT8_MAX;
}

/** A command that an earlier process was asked, as the read model has it. False if it has none. */
static bool read_logged(tt_api *api, uint64_t request_id, tt_api_command *at)
{
    char symbol[32] = "";
    char *json = tt_api_logged_command(api, request_id);
    if (json == NULL) {
        return false;
    }
    *at = (tt_api_command){.command_seq = read_seq(json, "seq")};
    at->command.request_id = request_id;
    at->command.command = read_enum(json, "command", &tt_enum_command);
    at->command.task = read_enum(json, "task", &tt_enum_task);
    at->command.role = read_enum(json, "role", &tt_enum_role);
    at->command.subject_seq = read_seq(json, "subject_seq");
    at->status = read_enum(json, "status", &tt_enum_reply_status);
    at->reply_seq = read_seq(json, "reply_seq");
    at->state = at->reply_seq == 0 ? TT_API_COMMAND_SENT : TT_API_COMMAND_DONE;
    (void)read_member(json, "actor", at->command.actor, sizeof at->command.actor);
    (void)read_member(json, "reason", at->command.reason, sizeof at->command.reason);
    (void)read_member(json, "reply", at->message, sizeof at->message);
    if (read_member(json, "symbol", symbol, sizeof symbol) && symbol[0] != 0) {
        const tt_instrument *found =
            tt_instrument_find_symbol(api->options.instruments, symbol, strlen(symbol));
        at->key = found == NULL ? 0 : found->id.n;
    }
    free(json);
    return true;
}

void tt_api_answer_command(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    struct draft draft;
    if (!read_draft(api, call, &draft, reply)) {
        return;
    }
    const tt_api_command *before =
        draft.body.request_id == 0 ? NULL
                                   : tt_api_commands_find(&api->commands, draft.body.request_id);
    tt_api_command logged;
    if (before == NULL && draft.body.request_id != 0 &&
        read_logged(api, draft.body.request_id, &logged)) {
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
        tell(api, at, &reply);
    } else if (now_ns >= at->deadline_ns) {
        tell_timeout(at, &reply);
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

/* ---- what was asked before ---- */

void tt_api_answer_command_state(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    uint64_t id = 0;
    if (tt_text_parse_u64(call->param, strlen(call->param), &id) != TUTTI_OK) {
        tt_api_problem(reply, 400, "the id is no number");
        return;
    }
    tt_api_command logged;
    const tt_api_command *at = id == 0 ? NULL : tt_api_commands_find(&api->commands, id);
    if (at == NULL && id != 0 && id <= TT_API_REQUEST_ID_MAX && read_logged(api, id, &logged)) {
        at = &logged;
    }
    FILE *out = at == NULL ? NULL : open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        tt_api_problem_detail(
            reply,
            404,
            "there is no such command",
            "all stand in the journal, topic coordinator_commands");
        return;
    }
    fputc('{', out);
    put_command(api, out, at);
    fputs("}\n", out);
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}

/** The newest command older than `before`; 0 = the newest of all. */
static const tt_api_command *next_older(const tt_api *api, uint64_t before)
{
    const tt_api_command *found = NULL;
    for (uint32_t i = 0; i < TT_API_COMMANDS_MAX; i++) {
        const tt_api_command *at = &api->commands.list[i];
        bool is_older = at->state != TT_API_COMMAND_FREE && (before == 0 || at->order < before);
        if (is_older && (found == NULL || at->order > found->order)) {
            found = at;
        }
    }
    return found;
}

void tt_api_answer_commands(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    (void)call;
    FILE *out = open_memstream(&reply->body, &reply->size);
    unsigned count = 0;
    if (out == NULL) {
        return;
    }
    fputs("{\"items\": [", out);
    for (const tt_api_command *at = next_older(api, 0); at != NULL;
         at = next_older(api, at->order)) {
        fputs(count++ == 0 ? "\n  {" : ",\n  {", out);
        put_command(api, out, at);
        fputc('}', out);
    }
    fprintf(out, "], \"count\": %u}\n", count);
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}
