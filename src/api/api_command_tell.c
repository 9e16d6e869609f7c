/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What became of commands: of one that was just answered, of one by its number, of the newest; from
 * the table, or from the read model, which an earlier process has filled.
 */
#include "api/api_body.h"
#include "api/api_priv.h"
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

/** A number that the command has, if it has one. */
static void put_number(FILE *out, const char *name, tt_dec value)
{
    if (!tt_dec_is_zero(value)) {
        fputs(", ", out);
        tt_api_put_dec(out, name, value);
    }
}

/** What a command is about. */
static void put_subject(const tt_api *api, FILE *out, const tt_api_command *at)
{
    const tt_coordinator_command *command = &at->command;
    bool is_of_task = !at->is_of_bus && (command->command == TT_command_ENABLE_TASK ||
                                         command->command == TT_command_DISABLE_TASK ||
                                         command->command == TT_command_FORCE_RUN);
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
    if (command->budget_source != TT_SOURCE_NONE) {
        fprintf(out, ", \"source\": \"%s\"", tt_source_text(command->budget_source));
    }
    put_number(out, "amount", command->amount.d);
    put_number(out, "qty", command->qty.d);
    put_number(out, "price", command->price.d);
    put_number(out, "trigger_price", command->trigger_price.d);
    if (at->subscriber[0] != 0) {
        fputs(", \"subscriber\": ", out);
        tt_api_put_text(out, at->subscriber);
    }
    if (at->dead_topic != 0) {
        fprintf(out, ", \"topic\": \"%s\"", tt_topic_info_get(at->dead_topic)->name);
    }
}

static void put_command(const tt_api *api, FILE *out, const tt_api_command *at)
{
    const tt_coordinator_command *command = &at->command;
    bool is_done = at->state == TT_API_COMMAND_DONE;
    char name[32];
    tt_api_command_name(at, name, sizeof name);
    fprintf(
        out,
        "\"request_id\": %" PRIu64 ", \"command\": \"%s\", \"actor\": ",
        command->request_id,
        name);
    tt_api_put_text(out, command->actor);
    fprintf(out, ", \"role\": \"%s\"", tt_enum_text(&tt_enum_role, command->role));
    put_subject(api, out, at);
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

/** What the core said, without the word that stands in the title. */
static const char *detail_of(const tt_api_command *at, const char *title)
{
    size_t length = strlen(title);
    bool is_repeated = strncmp(at->message, title, length) == 0 && at->message[length] == ':';
    return is_repeated ? at->message + length + strspn(at->message + length, ": ") : at->message;
}

void tt_api_command_tell(const tt_api *api, const tt_api_command *at, tt_http_reply *reply)
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
        const char *title = reply->code == 404 ? "there is no such thing" : "refused";
        fprintf(
            out,
            "\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %d, \"detail\": ",
            title,
            reply->code);
        tt_api_put_text(out, detail_of(at, title));
        fputs(", ", out);
    }
    put_command(api, out, at);
    fputs("}\n", out);
    fclose(out);
}

void tt_api_command_tell_timeout(const tt_api_command *at, tt_http_reply *reply)
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

/* ---- from the read model ---- */

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

/** The command itself, and what it is about. */
static void read_what(const char *json, tt_api_command *at)
{
    static const char prefix[] = "bus_";
    char name[32] = "";
    char subject[32] = "";
    (void)read_member(json, "command", name, sizeof name);
    at->is_of_bus = strncmp(name, prefix, sizeof prefix - 1) == 0;
    if (!at->is_of_bus) {
        at->command.command = read_enum(json, "command", &tt_enum_command);
        at->command.task = read_enum(json, "task", &tt_enum_task);
        return;
    }
    const char *rest = name + sizeof prefix - 1;
    if (!tt_enum_find(&tt_enum_bus_command_type, rest, strlen(rest), &at->command.command)) {
        at->command.command = UINT8_MAX;
    }
    (void)read_member(json, "task", subject, sizeof subject);
    if (at->command.command == TT_bus_command_type_RELEASE) {
        TT_TEXT_SET(at->subscriber, subject);
    } else {
        at->dead_topic = (uint16_t)tt_topic_find(subject, strlen(subject));
    }
}

bool tt_api_command_logged(tt_api *api, uint64_t request_id, tt_api_command *at)
{
    char symbol[32] = "";
    char *json = tt_api_logged_command(api, request_id);
    if (json == NULL) {
        return false;
    }
    *at = (tt_api_command){.command_seq = read_seq(json, "seq")};
    at->command.request_id = request_id;
    read_what(json, at);
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
    if (at == NULL && id != 0 && id <= TT_API_REQUEST_ID_MAX &&
        tt_api_command_logged(api, id, &logged)) {
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
