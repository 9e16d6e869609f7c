/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How commands talk to a running session: over its HTTP interface, with a token, like anybody else.
 *
 * A session leaves its address in DIR/api.address and the token of this machine in DIR/api.token.
 */
#ifndef TT_CLI_SESSION_CLIENT_H
#define TT_CLI_SESSION_CLIENT_H

#include "api/api_tokens.h"
#include "cli/cli.h"

/** Options of every command that talks to a session, for a table of tt_cli_own. */
#define TT_SESSION_OPTIONS(client)                                                                 \
    {"url", &(client)->url_option, NULL},                                                          \
    {                                                                                              \
        "token-file", &(client)->token_option, NULL                                                \
    }
#define TT_SESSION_USAGE "[--out DIR | --url URL --token-file FILE] [--json]"

/** Who is asked, with what. */
typedef struct tt_session_client {
    const char *url_option;
    const char *token_option;
    char url[256];
    char token[TT_TOKEN_SECRET_MAX];
} tt_session_client;

/** What came back. */
typedef struct tt_session_answer {
    int code;   /**< 200, ... */
    char *body; /**< From malloc; never NULL after a call that went well. */
    size_t size;
} tt_session_answer;

/** What a command was called with. */
typedef struct tt_cli_words {
    int argc;
    char **argv;
    const char *usage;
} tt_cli_words;

/** Finds address and token. @retval TUTTI_NOT_FOUND no session runs in the folder.  @retval
 * TUTTI_PERMISSION, TUTTI_PARSE, TUTTI_IO the files. */
TUTTI_NODISCARD tutti_status
tt_session_client_open(tt_session_client *client, const char *out_dir, tt_error *error);
/** Sends a GET (`body` NULL) or POST to a path below /api/v1/. Whatever is no 2xx becomes an error:
 * @retval TUTTI_INVALID refused, not found, not right.  @retval TUTTI_PERMISSION the token.
 * @retval TUTTI_BUSY too many requests, or starting.  @retval TUTTI_NOT_FOUND nobody answers.
 * @retval TUTTI_TIMEOUT the session did not answer in time. */
TUTTI_NODISCARD tutti_status tt_session_client_ask(
    const tt_session_client *client,
    const char *path,
    const char *body,
    tt_session_answer *ret_answer,
    tt_error *error);
void tt_session_answer_free(tt_session_answer *answer);
/** Finds the session and asks one path below /api/v1/. Prints what is wrong itself.
 * @param ret_answer to be freed by the caller after TT_EXIT_OK, else empty. */
TUTTI_NODISCARD tt_exit tt_session_client_get(
    tt_session_client *client,
    const tt_cli_options *options,
    const char *path,
    tt_session_answer *ret_answer);
/** The whole of a command that takes no words and only asks: reads its options, finds the session
 * and asks each path below /api/v1/. Prints what is wrong itself.
 * @param ret_answers one for each path; to be freed by the caller after TT_EXIT_OK, else empty.
 * @param ret_json whether --json is given. */
TUTTI_NODISCARD tt_exit tt_session_client_show(
    const tt_cli_words *words,
    const char *const *paths,
    size_t count,
    tt_session_answer *ret_answers,
    bool *ret_json);

#endif
