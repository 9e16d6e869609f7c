/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Finds a session, asks it, and turns what is no success into an error with a hint.
 */
#include "cli/session_client.h"

#include "cli/session_rows.h"
#include "host/files.h"
#include "net/http_client.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ANSWER_MAX = 8 * 1024 * 1024
};

/** An address that stands for all of this machine's is asked on the machine itself. */
static void reach(const char *address, char *url, size_t size)
{
    static const struct {
        const char *any;
        const char *own;
    } rows[] = {{"http://0.0.0.0:", "http://127.0.0.1:"}, {"http://[::]:", "http://[::1]:"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = strlen(rows[i].any);
        if (strncmp(address, rows[i].any, length) == 0) {
            snprintf(url, size, "%s%s", rows[i].own, address + length);
            return;
        }
    }
    snprintf(url, size, "%s", address);
}

/** What somebody may want who asks a folder without a session. */
static const char *hint_without_session(const char *out_dir)
{
    char path[TT_PATH_MAX];
    tt_error ignored = {0};
    bool has_run =
        tt_path_join(path, out_dir, "journal", &ignored) == TUTTI_OK && access(path, F_OK) == 0;
    return has_run
               ? "a run that has ended stands there: tutti journal dump DIR [TOPIC], compare and "
                 "why read it"
               : "start one: tutti run CONFIG.yaml; or name its folder (--out) or address "
                 "(--url)";
}

static tutti_status read_address(tt_session_client *client, const char *out_dir, tt_error *error)
{
    char path[TT_PATH_MAX];
    char line[sizeof client->url] = "";
    TUTTI_TRY(tt_path_join(path, out_dir, "api.address", error));
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        tt_error_set(error, TUTTI_NOT_FOUND, "no session runs in %s", out_dir);
        tt_error_hint(error, "%s", hint_without_session(out_dir));
        return TUTTI_NOT_FOUND;
    }
    bool has_line = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    line[strcspn(line, "\r\n")] = 0;
    if (!has_line || line[0] == 0) {
        return tt_error_set(error, TUTTI_PARSE, "%s: this is no address", path);
    }
    reach(line, client->url, sizeof client->url);
    return TUTTI_OK;
}

static tutti_status read_token(tt_session_client *client, const char *out_dir, tt_error *error)
{
    char path[TT_PATH_MAX];
    const char *from = client->token_option;
    if (from == NULL) {
        TUTTI_TRY(tt_path_join(path, out_dir, "api.token", error));
        from = path;
    }
    tutti_status status = tt_secret_read(from, client->token, sizeof client->token, error);
    if (status == TUTTI_NOT_FOUND) {
        tt_error_set(error, TUTTI_PERMISSION, "there is no token at %s", from);
        tt_error_hint(error, "give --token-file a file with one: tutti token add makes it");
        return TUTTI_PERMISSION;
    }
    return status;
}

tutti_status tt_session_client_open(tt_session_client *client, const char *out_dir, tt_error *error)
{
    const char *folder = out_dir == NULL ? TT_CLI_OUT_DIR : out_dir;
    if (client->url_option == NULL) {
        TUTTI_TRY(read_address(client, folder, error));
    } else if (strlen(client->url_option) >= sizeof client->url) {
        return tt_error_set(error, TUTTI_LIMIT, "--url: it is too long");
    } else {
        snprintf(client->url, sizeof client->url, "%s", client->url_option);
        size_t length = strlen(client->url);
        while (length > 0 && client->url[length - 1] == '/') {
            client->url[--length] = 0;
        }
    }
    if (tt_http_client_check_url(client->url, error) != TUTTI_OK) {
        error->status = TUTTI_PARSE; // The address is not right; nobody has refused anything.
        return TUTTI_PARSE;
    }
    TUTTI_TRY(read_token(client, folder, error));
    return tt_http_client_setup(error);
}

/** Turns an answer that is no success into an error, with the words of the session. */
static tutti_status refuse(const tt_session_answer *answer, tt_error *error)
{
    char title[128] = "";
    char detail[200] = "";
    tutti_status status = TUTTI_INVALID;
    if (answer->code == 401 || answer->code == 403) {
        status = TUTTI_PERMISSION;
    } else if (answer->code == 429 || answer->code == 503) {
        status = TUTTI_BUSY;
    } else if (answer->code == 504) {
        status = TUTTI_TIMEOUT;
    }
    bool is_known = tt_session_member(answer->body, answer->size, "title", title, sizeof title);
    if (!is_known) {
        return tt_error_set(
            error, TUTTI_NOT_FOUND, "what answers is no session (%d)", answer->code);
    }
    bool has_detail =
        tt_session_member(answer->body, answer->size, "detail", detail, sizeof detail);
    return tt_error_set(
        error, status, "%s%s%s", title, has_detail ? ": " : "", has_detail ? detail : "");
}

static tutti_status
name_failure(const tt_session_client *client, tutti_status status, bool was_sent, tt_error *error)
{
    if (status == TUTTI_BUSY && !was_sent) {
        tt_error_set(error, TUTTI_NOT_FOUND, "nobody answers at %s", client->url);
        tt_error_hint(
            error, "has the session ended? tutti run CONFIG.yaml goes on where it stopped");
        return TUTTI_NOT_FOUND;
    }
    if (status == TUTTI_BUSY || status == TUTTI_TIMEOUT) {
        tt_error_set(error, TUTTI_TIMEOUT, "the session at %s gave no answer", client->url);
        tt_error_hint(error, "what was asked may have been done: tutti commands tells");
        return TUTTI_TIMEOUT;
    }
    return status;
}

tutti_status tt_session_client_ask(
    const tt_session_client *client,
    const char *path,
    const char *body,
    tt_session_answer *ret_answer,
    tt_error *error)
{
    char url[1024];
    char authorization[TT_TOKEN_SECRET_MAX + 32];
    *ret_answer = (tt_session_answer){.body = calloc(1, ANSWER_MAX)};
    if (ret_answer->body == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for an answer");
    }
    snprintf(url, sizeof url, "%s/api/v1/%s", client->url, path);
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", client->token);
    const tt_http_post post = {
        .url = url,
        .headers = {authorization, body == NULL ? NULL : "Content-Type: application/json"},
        .body = body,
        .body_size = body == NULL ? 0 : strlen(body),
        .connect_timeout.ns = 5 * TT_NS_PER_S,
        .timeout.ns = 60 * TT_NS_PER_S, // Longer than a session waits for its core.
    };
    tt_http_result result = {.body = ret_answer->body, .capacity = ANSWER_MAX};
    tutti_status status = tt_http_client_post(&post, &result, error);
    OPENSSL_cleanse(authorization, sizeof authorization);
    ret_answer->code = result.code;
    ret_answer->size = result.size;
    if (status != TUTTI_OK) {
        status = name_failure(client, status, result.was_sent, error);
    } else if (result.code < 200 || result.code > 299) {
        status = refuse(ret_answer, error);
    }
    if (status != TUTTI_OK) {
        tt_session_answer_free(ret_answer);
    }
    return status;
}

void tt_session_answer_free(tt_session_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}

tt_exit tt_session_client_get(
    tt_session_client *client,
    const tt_cli_options *options,
    const char *path,
    tt_session_answer *ret_answer)
{
    tt_error error = {0};
    *ret_answer = (tt_session_answer){0};
    if (tt_session_client_open(client, options->out_dir, &error) != TUTTI_OK ||
        tt_session_client_ask(client, path, NULL, ret_answer, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_SESSION, options->json);
    }
    return TT_EXIT_OK;
}

static tutti_status ask_each(
    tt_session_client *client,
    const char *out_dir,
    const char *const *paths,
    size_t count,
    tt_session_answer *ret_answers,
    tt_error *error)
{
    tutti_status status = tt_session_client_open(client, out_dir, error);
    for (size_t i = 0; status == TUTTI_OK && i < count; i++) {
        status = tt_session_client_ask(client, paths[i], NULL, &ret_answers[i], error);
    }
    return status;
}

tt_exit tt_session_client_show(
    const tt_cli_words *words,
    const char *const *paths,
    size_t count,
    tt_session_answer *ret_answers,
    bool *ret_json)
{
    static tt_session_client client;
    const tt_cli_own own[] = {TT_SESSION_OPTIONS(&client), {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {.usage = words->usage, .allowed = "oj", .own = own};
    tt_cli_options options;
    tt_error error = {0};
    memset(ret_answers, 0, count * sizeof *ret_answers);
    tt_exit code = tt_cli_parse(words->argc, words->argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    *ret_json = options.json;
    if (ask_each(&client, options.out_dir, paths, count, ret_answers, &error) == TUTTI_OK) {
        return TT_EXIT_OK;
    }
    for (size_t i = 0; i < count; i++) {
        tt_session_answer_free(&ret_answers[i]);
    }
    return tt_cli_fail(&error, TT_CATEGORY_SESSION, options.json);
}
