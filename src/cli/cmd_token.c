/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti token: who may ask a session. A secret is printed once, when its token is made.
 */
#include "api/api_tokens.h"
#include "cli/cli.h"
#include "host/files.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "token add NAME viewer|trader|admin | list | revoke NAME [--out DIR | --tokens FILE] [--json]";

/** One call of the command. */
struct call {
    tt_cli_options options;
    const char *path_option; /**< --tokens; NULL = not given. */
    char path[TT_PATH_MAX];
    tt_tokens tokens;
};

static tutti_status find_path(struct call *call, tt_error *error)
{
    const char *folder = call->options.out_dir == NULL ? TT_CLI_OUT_DIR : call->options.out_dir;
    if (call->path_option == NULL) {
        return tt_path_join(call->path, folder, "api.tokens", error);
    }
    if (strlen(call->path_option) >= sizeof call->path) {
        return tt_error_set(error, TUTTI_LIMIT, "--tokens: the path is too long");
    }
    memcpy(call->path, call->path_option, strlen(call->path_option) + 1);
    return TUTTI_OK;
}

static tutti_status load(struct call *call, bool may_be_absent, tt_error *error)
{
    TUTTI_TRY(find_path(call, error));
    tutti_status status = tt_tokens_load(call->path, &call->tokens, error);
    if (status == TUTTI_NOT_FOUND && may_be_absent) {
        *error = (tt_error){0};
        return TUTTI_OK;
    }
    if (status == TUTTI_NOT_FOUND) {
        tt_error_hint(error, "give --out the folder of a session, or --tokens the file");
    }
    return status;
}

static tutti_status add(struct call *call, tt_error *error)
{
    char secret[TT_TOKEN_SECRET_MAX];
    tt_role role = TT_role_NONE;
    const char *name = call->options.arguments[1];
    if (!tt_role_find(call->options.arguments[2], &role)) {
        tt_error_set(error, TUTTI_INVALID, "there is no role '%.32s'", call->options.arguments[2]);
        tt_error_hint(error, "viewer reads, trader acts on trades, admin decides what runs");
        return TUTTI_INVALID;
    }
    TUTTI_TRY(load(call, true, error));
    TUTTI_TRY(tt_tokens_add(&call->tokens, name, role, secret, error));
    TUTTI_TRY(tt_tokens_save(call->path, &call->tokens, error));
    if (call->options.json) {
        printf(
            "{\"name\": \"%s\", \"role\": \"%s\", \"token\": \"%s\"}\n",
            name,
            tt_enum_text(&tt_enum_role, (uint8_t)role),
            secret);
    } else {
        fprintf(stderr, "keep this token of %s: it is shown once\n", name);
        printf("%s\n", secret);
    }
    OPENSSL_cleanse(secret, sizeof secret);
    return TUTTI_OK;
}

static tutti_status list(struct call *call, tt_error *error)
{
    TUTTI_TRY(load(call, false, error));
    const char *separator = "";
    fputs(call->options.json ? "[" : "", stdout);
    for (uint32_t i = 0; i < call->tokens.count; i++) {
        const tt_token *token = &call->tokens.list[i];
        const char *role = tt_enum_text(&tt_enum_role, (uint8_t)token->role);
        if (call->options.json) {
            printf("%s{\"name\": \"%s\", \"role\": \"%s\"}", separator, token->name, role);
        } else {
            printf("%-32s %s\n", token->name, role);
        }
        separator = ", ";
    }
    fputs(call->options.json ? "]\n" : "", stdout);
    return TUTTI_OK;
}

static tutti_status revoke(struct call *call, tt_error *error)
{
    const char *name = call->options.arguments[1];
    TUTTI_TRY(load(call, false, error));
    if (!tt_tokens_remove(&call->tokens, name)) {
        return tt_error_set(
            error, TUTTI_NOT_FOUND, "%s: there is no token '%.32s'", call->path, name);
    }
    TUTTI_TRY(tt_tokens_save(call->path, &call->tokens, error));
    if (call->options.json) {
        printf("{\"revoked\": \"%s\"}\n", name); // It stood in the file: it needs no escapes.
    } else {
        printf("%s may ask no more; a session notices within two seconds\n", name);
    }
    return TUTTI_OK;
}

tt_exit tt_cmd_token(int argc, char **argv)
{
    static struct call call;
    const tt_cli_own own[] = {{"tokens", &call.path_option, NULL}, {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {usage, "oj", own, "add, list or revoke", 1, 3};
    static const struct {
        const char *name;
        const char *takes;
        int words;
        tutti_status (*run)(struct call *call, tt_error *error);
    } verbs[] = {
        {"add", "add NAME viewer|trader|admin", 3, add},
        {"list", "list, and nothing else", 1, list},
        {"revoke", "revoke NAME", 2, revoke}};
    tt_error error = {0};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &call.options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(call.options.arguments[0], verbs[i].name) != 0) {
            continue;
        }
        if (call.options.argument_count != verbs[i].words) {
            return tt_cli_usage(usage, "this needs", verbs[i].takes);
        }
        return verbs[i].run(&call, &error) == TUTTI_OK
                   ? TT_EXIT_OK
                   : tt_cli_fail(&error, TT_CATEGORY_CONFIG, call.options.json);
    }
    return tt_cli_usage(usage, "this is none of add, list and revoke", call.options.arguments[0]);
}
