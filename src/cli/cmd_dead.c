/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti dead: the dead letters of a running session, to look at, deliver again or throw away; tutti
 * quarantine: the handlers that are left alone after failures, and how they come back.
 */
#include "base/text.h"
#include "cli/session_ask.h"
#include "cli/session_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char dead_usage[] =
    "dead list [--before ID] [--limit N] | show ID | redrive|discard ID|--all|--topic TOPIC "
    "[--reason TEXT] [--yes] " TT_SESSION_USAGE;
static const char quarantine_usage[] =
    "quarantine list | release HANDLER [--reason TEXT] " TT_SESSION_USAGE;

static const tt_session_column dead_columns[] = {
    {"dead_id", "letter"},
    {"last_failure", "time"},
    {"dead_topic", "topic"},
    {"symbol", "symbol"},
    {"handler", "handler"},
    {"reason", "reason"},
    {"attempts", "attempts"},
    {"message", "what was wrong"},
    {NULL, NULL}};

static const tt_session_column quarantine_columns[] = {
    {"handler", "handler"},
    {"failures_in_a_row", "failures in a row"},
    {"skipped", "messages skipped"},
    {NULL, NULL}};

/** One call. */
struct call {
    tt_session_ask ask;
    const char *usage;
    const char *topic;
    const char *before;
    const char *limit;
    bool is_all;
};

/** No page is asked for. */
static bool is_whole(const struct call *call)
{
    return call->before == NULL && call->limit == NULL;
}

static tt_exit print_list(
    struct call *call,
    const tt_cli_options *options,
    const char *path,
    const tt_session_column *columns,
    const char *older_hint)
{
    tt_session_answer answer;
    tt_exit code = tt_session_client_get(&call->ask.client, options, path, &answer);
    if (code != TT_EXIT_OK) {
        return code;
    }
    char left_out[24] = "0";
    if (options->json || tt_session_table(answer.body, answer.size, "items", columns) < 0) {
        fputs(answer.body, stdout);
    } else if (
        tt_session_member(answer.body, answer.size, "left_out", left_out, sizeof left_out) &&
        strcmp(left_out, "0") != 0) {
        printf("and %s older ones%s\n", left_out, older_hint);
    }
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}

static tt_exit print_letter(struct call *call, const tt_cli_options *options)
{
    static const char *const keys[] = {
        "dead_id",
        "dead_topic",
        "dead_seq",
        "dead_source",
        "symbol",
        "handler",
        "reason",
        "message",
        "attempts",
        "first_failure",
        "last_failure"};
    tt_session_answer answer;
    char value[160];
    snprintf(call->ask.path, sizeof call->ask.path, "dead_letters/%s", options->arguments[1]);
    tt_exit code = tt_session_client_get(&call->ask.client, options, call->ask.path, &answer);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options->json) {
        fputs(answer.body, stdout);
    }
    for (size_t i = 0; !options->json && i < sizeof keys / sizeof keys[0]; i++) {
        if (tt_session_member(answer.body, answer.size, keys[i], value, sizeof value)) {
            printf("%-14s %s\n", keys[i], value);
        }
    }
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}

/** Redrive or discard: one letter, all, or those of a topic. */
static tt_exit work_on(struct call *call, const tt_cli_options *options)
{
    static const char *const questions[2][2] = {
        {"throw this dead letter away", "throw dead letters away"},
        {"deliver this dead letter again", "deliver dead letters again"}};
    const char *verb = options->arguments[0];
    bool is_redrive = strcmp(verb, "redrive") == 0;
    bool is_many = call->is_all || call->topic != NULL;
    int words = is_many ? 1 : 2;
    if (options->argument_count != words || (call->is_all && call->topic != NULL) ||
        !is_whole(call)) {
        return tt_cli_usage(call->usage, "this needs one of", "ID, --all, --topic TOPIC");
    }
    const char *word = call->topic != NULL ? call->topic : is_many ? verb : options->arguments[1];
    if (!tt_session_is_plain(word)) {
        return tt_cli_usage(call->usage, "this cannot be right", word);
    }
    snprintf(
        call->ask.path,
        sizeof call->ask.path,
        "dead_letters/%s%s%s%s%s",
        is_many ? "" : word,
        is_many ? "" : "/",
        verb,
        call->topic != NULL ? "?topic=" : "",
        call->topic != NULL ? call->topic : "");
    call->ask.question = questions[is_redrive][is_many];
    call->ask.symbol = call->topic;
    return tt_session_ask_run(&call->ask, options);
}

/** The page of letters that is asked for. */
static tt_exit list_letters(struct call *call, const tt_cli_options *options)
{
    char path[96] = "dead_letters/kept";
    uint64_t number = 0;
    const char *const asked[2][2] = {{"before", call->before}, {"limit", call->limit}};
    for (size_t i = 0; i < 2; i++) {
        const char *value = asked[i][1];
        if (value == NULL) {
            continue;
        }
        if (tt_text_parse_u64(value, strlen(value), &number) != TUTTI_OK || number == 0) {
            return tt_cli_usage(call->usage, "this is no number from 1", value);
        }
        size_t length = strlen(path);
        char sign = strchr(path, '?') == NULL ? '?' : '&';
        snprintf(path + length, sizeof path - length, "%c%s=%" PRIu64, sign, asked[i][0], number);
    }
    return print_list(
        call, options, path, dead_columns, ": dead list --before with the last letter shown");
}

/** Whether the words are `verb`, and its subject if it has one; no option about letters goes with
 * it. Prints what is wrong itself. */
static tt_exit
check_verb(const struct call *call, const tt_cli_options *options, const char *subject)
{
    const char *const given[][2] = {
        {"--topic", call->topic},
        {"--all", call->is_all ? "" : NULL},
        {"--before", call->before},
        {"--limit", call->limit}};
    bool is_page = strcmp(options->arguments[0], "list") == 0;
    for (size_t i = 0; i < (is_page ? 2 : 4); i++) {
        if (given[i][1] != NULL) {
            return tt_cli_usage(call->usage, "this does not go with it", given[i][0]);
        }
    }
    if (subject != NULL && options->argument_count < 2) {
        return tt_cli_usage(call->usage, "this needs", subject);
    }
    if (subject == NULL && options->argument_count > 1) {
        return tt_cli_usage(call->usage, "this word is not understood", options->arguments[1]);
    }
    if (subject != NULL && !tt_session_is_plain(options->arguments[1])) {
        return tt_cli_usage(call->usage, "this cannot be right", options->arguments[1]);
    }
    return TT_EXIT_OK;
}

tt_exit tt_cmd_dead(int argc, char **argv)
{
    static struct call call = {.usage = dead_usage, .ask = {.name = "dead"}};
    const tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&call.ask.client),
        {"reason", &call.ask.reason, NULL},
        {"topic", &call.topic, NULL},
        {"before", &call.before, NULL},
        {"limit", &call.limit, NULL},
        {"all", NULL, &call.is_all},
        {"yes", NULL, &call.ask.is_sure},
        {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {call.usage, "oj", own, "list, show, redrive or discard", 1, 2};
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    const char *verb = options.arguments[0];
    if (strcmp(verb, "redrive") == 0 || strcmp(verb, "discard") == 0) {
        return work_on(&call, &options);
    }
    if (strcmp(verb, "list") == 0) {
        code = check_verb(&call, &options, NULL);
        return code == TT_EXIT_OK ? list_letters(&call, &options) : code;
    }
    if (strcmp(verb, "show") == 0) {
        code = check_verb(&call, &options, "the ID of a letter");
        return code == TT_EXIT_OK ? print_letter(&call, &options) : code;
    }
    return tt_cli_usage(dead_usage, "this is none of list, show, redrive and discard", verb);
}

tt_exit tt_cmd_quarantine(int argc, char **argv)
{
    static struct call call = {.usage = quarantine_usage, .ask = {.name = "quarantine"}};
    const tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&call.ask.client),
        {"reason", &call.ask.reason, NULL},
        {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {call.usage, "oj", own, "list or release", 1, 2};
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (strcmp(options.arguments[0], "list") == 0) {
        code = check_verb(&call, &options, NULL);
        return code == TT_EXIT_OK
                   ? print_list(&call, &options, "quarantine", quarantine_columns, "")
                   : code;
    }
    if (strcmp(options.arguments[0], "release") != 0) {
        return tt_cli_usage(
            quarantine_usage, "this is none of list and release", options.arguments[0]);
    }
    code = check_verb(&call, &options, "the name of a HANDLER");
    if (code != TT_EXIT_OK) {
        return code;
    }
    snprintf(call.ask.path, sizeof call.ask.path, "quarantine/%s/release", options.arguments[1]);
    return tt_session_ask_run(&call.ask, &options);
}
