/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of a running session: pause, resume, halt, release, flatten, task, approve,
 * reject, close, protect, cancel, reset-risk, rebalance. What is dangerous is asked back, or needs
 * --yes.
 */
#include "base/text.h"
#include "cli/session_client.h"
#include "cli/session_rows.h"
#include "report/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** One command: its words become the address. */
static const struct ask {
    const char *name;
    const char *words;    /**< For the usage; "" = none. */
    const char *path;     /**< With %s for the subject. */
    const char *question; /**< Asked before; NULL = it is not dangerous. */
    enum {
        TAKES_NOTHING,
        TAKES_SYMBOL,
        TAKES_LEVELS /**< --stop, --target, or both. */
    } takes;
} asks[] = {
    {"pause", "", "coordinator/pause", NULL, TAKES_NOTHING},
    {"resume", "", "coordinator/resume", NULL, TAKES_NOTHING},
    {"halt", "", "coordinator/halt", NULL, TAKES_NOTHING},
    {"release", "", "coordinator/release", "release the halt", TAKES_NOTHING},
    {"flatten", "", "coordinator/flatten", "close positions at the market", TAKES_SYMBOL},
    {"task", "run|enable|disable NAME", "coordinator/task/%s/%s", NULL, TAKES_SYMBOL},
    {"approve", "ID", "approvals/%s/approve", NULL, TAKES_NOTHING},
    {"reject", "ID", "approvals/%s/reject", NULL, TAKES_NOTHING},
    {"assign", "POSITION", "positions/%s/assign", NULL, TAKES_NOTHING},
    {"close", "POSITION", "positions/%s/close", "close this position at the market", TAKES_NOTHING},
    {"protect",
     "POSITION",
     "positions/%s/protect",
     "set the stop or target of this position",
     TAKES_LEVELS},
    {"cancel", "ORDER", "orders/%s/cancel", "cancel this order", TAKES_NOTHING},
    {"reset-risk", "", "risk/reset", "reset breakers and cooldowns", TAKES_NOTHING},
    {"rebalance", "", "portfolio/rebalance", "rebalance the portfolio", TAKES_NOTHING},
    {"force-rebalance",
     "",
     "portfolio/rebalance/force",
     "rebalance the portfolio below its threshold and before its time",
     TAKES_NOTHING},
    {"cancel-rebalance", "", "portfolio/rebalance/cancel", NULL, TAKES_NOTHING},
};

/** One call. */
struct call {
    tt_session_client client;
    const struct ask *ask;
    const char *symbol;
    const char *reason;
    const char *stop;   /**< Level; NULL = as it is. */
    const char *target; /**< Likewise. */
    bool is_sure;
    char path[512]; /**< Below /api/v1/. */
};

/** A word becomes a part of an address: only what needs no escape. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(word);
    return length > 0 && length < 64 && strspn(word, plain) == length;
}

static int words_of(const struct ask *ask)
{
    if (ask->words[0] == 0) {
        return 0;
    }
    return strchr(ask->words, ' ') == NULL ? 1 : 2;
}

/** Makes the address. False if a word or a symbol cannot stand in one. */
static bool make_path(struct call *call, const tt_cli_options *options)
{
    tt_text_buf path;
    const char *const *words = options->arguments;
    int count = words_of(call->ask);
    tt_text_init(&path, call->path, sizeof call->path);
    for (int i = 0; i < count; i++) {
        if (!is_plain(words[i])) {
            return false;
        }
    }
    if (count == 2) {
        tt_text_appendf(&path, "coordinator/task/%s/%s", words[1], words[0]);
    } else {
        const char *hole = strstr(call->ask->path, "%s");
        size_t before = hole == NULL ? strlen(call->ask->path) : (size_t)(hole - call->ask->path);
        tt_text_append(&path, call->ask->path, before);
        tt_text_append_text(&path, hole == NULL ? "" : words[0]);
        tt_text_append_text(&path, hole == NULL ? "" : hole + 2);
    }
    if (call->symbol != NULL) {
        tt_text_append_text(&path, "?symbol=");
    }
    for (const char *at = call->symbol; at != NULL && *at != 0; at++) {
        tt_text_appendf(&path, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return !path.truncated;
}

/** Asks a person on a terminal. */
static bool is_wanted(const struct call *call)
{
    char line[16] = "";
    if (call->is_sure) {
        return true;
    }
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        fprintf(stderr, "tutti: %s needs --yes where nobody can be asked\n", call->ask->name);
        return false;
    }
    const char *symbol = call->symbol == NULL ? "" : call->symbol;
    fprintf(
        stderr,
        "%s%s%s at %s? [y/N] ",
        call->ask->question,
        symbol[0] == 0 ? "" : " of ",
        symbol,
        call->client.url);
    return fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

/** "positions/1/close?symbol=..." becomes "positions/1/close/confirm?symbol=...". */
static tutti_status confirm(const struct call *call, char *text, size_t size, tt_error *error)
{
    char path[sizeof call->path + 16];
    tt_session_answer answer = {0};
    size_t length = strcspn(call->path, "?");
    snprintf(path, sizeof path, "%.*s/confirm%s", (int)length, call->path, call->path + length);
    TUTTI_TRY(tt_session_client_ask(&call->client, path, "", &answer, error));
    bool has_text = tt_session_member(answer.body, answer.size, "confirmation", text, size);
    tt_session_answer_free(&answer);
    return has_text ? TUTTI_OK
                    : tt_error_set(error, TUTTI_INVALID, "the session gave no confirmation");
}

static void put_level(FILE *out, const char *key, const char *level)
{
    if (level != NULL) {
        fprintf(out, ", \"%s\": ", key);
        tt_render_json_text(out, level);
    }
}

static tutti_status send(const struct call *call, tt_session_answer *answer, tt_error *error)
{
    char confirmation[64] = "";
    char *body = NULL;
    size_t size = 0;
    if (call->ask->question != NULL) {
        TUTTI_TRY(confirm(call, confirmation, sizeof confirmation, error));
    }
    FILE *out = open_memstream(&body, &size);
    if (out == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a request");
    }
    fputs("{\"reason\": ", out);
    tt_render_json_text(out, call->reason == NULL ? "" : call->reason);
    put_level(out, "stop_loss", call->stop);
    put_level(out, "take_profit", call->target);
    if (confirmation[0] != 0) {
        fputs(", \"confirmation\": ", out);
        tt_render_json_text(out, confirmation);
    }
    fputs("}", out);
    fclose(out);
    tutti_status status = tt_session_client_ask(&call->client, call->path, body, answer, error);
    free(body);
    return status;
}

static tt_exit run_ask(struct call *call, const tt_cli_options *options)
{
    tt_session_answer answer = {0};
    tt_error error = {0};
    if (tt_session_client_open(&call->client, options->out_dir, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_SESSION, options->json);
    }
    if (call->ask->question != NULL && !is_wanted(call)) {
        return TT_EXIT_USAGE;
    }
    if (send(call, &answer, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_SESSION, options->json);
    }
    char message[160] = "done";
    (void)tt_session_member(answer.body, answer.size, "message", message, sizeof message);
    printf("%s%s", options->json ? answer.body : message, options->json ? "" : "\n");
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}

tt_exit tt_cmd_ask(int argc, char **argv)
{
    static struct call call;
    char usage[240];
    const tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&call.client),
        {"symbol", &call.symbol, NULL},
        {"reason", &call.reason, NULL},
        {"stop", &call.stop, NULL},
        {"target", &call.target, NULL},
        {"yes", NULL, &call.is_sure},
        {NULL, NULL, NULL}};
    tt_cli_options options;
    for (call.ask = asks; strcmp(call.ask->name, argv[0]) != 0; call.ask++) {
        // The table of commands names those of this table alone.
    }
    snprintf(
        usage,
        sizeof usage,
        "%s%s%s%s%s [--reason TEXT]%s " TT_SESSION_USAGE,
        call.ask->name,
        call.ask->words[0] == 0 ? "" : " ",
        call.ask->words,
        call.ask->takes == TAKES_SYMBOL ? " [--symbol SYMBOL]" : "",
        call.ask->takes == TAKES_LEVELS ? " [--stop PRICE] [--target PRICE]" : "",
        call.ask->question != NULL ? " [--yes]" : "");
    const tt_cli_syntax syntax = {.usage = usage, .allowed = "oj", .own = own};
    tt_exit code = tt_cli_parse_own(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.argument_count != words_of(call.ask)) {
        return tt_cli_usage(
            usage, "this needs", call.ask->words[0] == 0 ? "no words" : call.ask->words);
    }
    bool has_level = call.stop != NULL || call.target != NULL;
    if (has_level != (call.ask->takes == TAKES_LEVELS)) {
        return tt_cli_usage(
            usage, has_level ? "this takes no level" : "this needs a level", "--stop, --target");
    }
    if (!make_path(&call, &options)) {
        const char *word = options.argument_count > 0 ? options.arguments[0] : "--symbol";
        return tt_cli_usage(usage, "this cannot be right", word);
    }
    return run_ask(&call, &options);
}
