/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sends a command to a session: asked back or confirmed if it is dangerous, answered in words or as
 * JSON.
 */
#include "cli/session_ask.h"

#include "base/text.h"
#include "cli/session_rows.h"
#include "report/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool tt_session_is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(word);
    return length > 0 && length < 64 && strspn(word, plain) == length;
}

bool tt_session_ask_symbol(tt_session_ask *ask)
{
    size_t used = strlen(ask->path);
    tt_text_buf path;
    if (ask->symbol == NULL) {
        return true;
    }
    tt_text_init(&path, ask->path + used, sizeof ask->path - used);
    tt_text_append_text(&path, "?symbol=");
    for (const char *at = ask->symbol; *at != 0; at++) {
        tt_text_appendf(&path, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return !path.truncated;
}

/** Asks a person on a terminal. */
static bool is_wanted(const tt_session_ask *ask)
{
    char line[16] = "";
    if (ask->is_sure) {
        return true;
    }
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        char message[96];
        snprintf(message, sizeof message, "%s needs --yes where nobody can be asked", ask->name);
        (void)tt_cli_refuse(message, "it is dangerous: look at what it would do, then add --yes");
        return false;
    }
    const char *symbol = ask->symbol == NULL ? "" : ask->symbol;
    fprintf(
        stderr,
        "%s%s%s at %s? [y/N] ",
        ask->question,
        symbol[0] == 0 ? "" : " of ",
        symbol,
        ask->client.url);
    return fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

/** "positions/1/close?symbol=..." becomes "positions/1/close/confirm?symbol=...". */
static tutti_status confirm(const tt_session_ask *ask, char *text, size_t size, tt_error *error)
{
    char path[sizeof ask->path + 16];
    tt_session_answer answer = {0};
    size_t length = strcspn(ask->path, "?");
    snprintf(path, sizeof path, "%.*s/confirm%s", (int)length, ask->path, ask->path + length);
    TUTTI_TRY(tt_session_client_ask(&ask->client, path, "", &answer, error));
    bool has_text = tt_session_member(answer.body, answer.size, "confirmation", text, size);
    tt_session_answer_free(&answer);
    return has_text ? TUTTI_OK
                    : tt_error_set(error, TUTTI_INVALID, "the session gave no confirmation");
}

static void put_member(FILE *out, const char *key, const char *value)
{
    if (value != NULL) {
        fprintf(out, ", \"%s\": ", key);
        tt_render_json_text(out, value);
    }
}

static tutti_status send(const tt_session_ask *ask, tt_session_answer *answer, tt_error *error)
{
    char confirmation[64] = "";
    char *body = NULL;
    size_t size = 0;
    if (ask->question != NULL) {
        TUTTI_TRY(confirm(ask, confirmation, sizeof confirmation, error));
    }
    FILE *out = open_memstream(&body, &size);
    if (out == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a request");
    }
    fputs("{\"reason\": ", out);
    tt_render_json_text(out, ask->reason == NULL ? "" : ask->reason);
    for (const tt_session_extra *at = ask->extra; at != NULL && at->member != NULL; at++) {
        put_member(out, at->member, at->value);
    }
    if (confirmation[0] != 0) {
        fputs(", \"confirmation\": ", out);
        tt_render_json_text(out, confirmation);
    }
    fputs("}", out);
    fclose(out);
    tutti_status status = tt_session_client_ask(&ask->client, ask->path, body, answer, error);
    free(body);
    return status;
}

tt_exit tt_session_ask_run(tt_session_ask *ask, const tt_cli_options *options)
{
    tt_session_answer answer = {0};
    tt_error error = {0};
    if (tt_session_client_open(&ask->client, options->out_dir, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_SESSION, options->json);
    }
    if (ask->question != NULL && !is_wanted(ask)) {
        return TT_EXIT_USAGE;
    }
    if (send(ask, &answer, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_SESSION, options->json);
    }
    char message[160] = "done";
    (void)tt_session_member(answer.body, answer.size, "message", message, sizeof message);
    printf("%s%s", options->json ? answer.body : message, options->json ? "" : "\n");
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}
