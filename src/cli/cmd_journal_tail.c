/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal tail: the last messages of a journal, then those that a living writer commits.
 */
#include "cli/journal_select.h"
#include "host/paper_clock.h"

#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "journal tail DIR [TOPIC] [--until-closed] [--last N] [--topic PATTERN] [--key SYMBOL]\n"
    "       [--correlation ID] [--source NAME] [--since TIME] [--until TIME] [--from-seq N]\n"
    "       [--to-seq N] [--limit N] [--json | --text]";

/** Messages that tail begins with when nothing else is said. */
#define LAST_DEFAULT "10"

static bool is_closed(const tt_selection *selection)
{
    tt_journal_end end;
    tt_journal_reader_end(selection->source.reader, &end);
    return end.is_closed;
}

/** Says once, on a terminal, why nothing moves. */
static void say_waiting(bool *has_said)
{
    if (!*has_said && isatty(STDERR_FILENO) != 0) {
        fputs(
            "tutti: the journal is closed; waiting for a session that goes on (Ctrl-C ends)\n",
            stderr);
    }
    *has_said = true;
}

static tutti_status follow(tt_selection *selection, tt_error *error)
{
    const volatile int *stop = tt_cli_stop_flag();
    bool has_said = false;
    while (*stop == 0) {
        tutti_status status = tt_select_print(selection, error);
        if (fflush(stdout) != 0 || status != TUTTI_END || selection->is_done) {
            return status;
        }
        if (is_closed(selection)) {
            if (selection->until_closed) {
                return TUTTI_END;
            }
            say_waiting(&has_said);
        }
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    return TUTTI_END;
}

/** Without a start of its own, tail begins with the last few messages. */
static void choose_start(tt_filter_words *words)
{
    bool has_start = words->since != NULL || words->from_seq != NULL || words->limit != NULL ||
                     words->last != NULL;
    if (!has_start) {
        words->last = LAST_DEFAULT;
    }
}

static tt_exit tail(const tt_cli_options *options, tt_selection *selection)
{
    tt_error error = {0};
    bool is_usage = false;
    if (options->argument_count == 3) {
        if (selection->words.topic != NULL) {
            return tt_cli_usage(usage, "the topic is given twice", options->arguments[2]);
        }
        selection->words.topic = options->arguments[2];
    }
    choose_start(&selection->words);
    tutti_status status =
        tt_select_open(selection, options->arguments[1], options->json, &is_usage, &error);
    if (status == TUTTI_OK) {
        status = follow(selection, &error);
    }
    tt_select_close(selection);
    return status == TUTTI_END
               ? TT_EXIT_OK
               : tt_cli_fail(&error, is_usage ? TT_CATEGORY_USAGE : TT_CATEGORY_RUN, options->json);
}

tt_exit tt_cmd_journal_tail(int argc, char **argv)
{
    tt_cli_options options;
    tt_cli_own own[TT_SELECT_OWN_MAX];
    tt_selection *selection = calloc(1, sizeof *selection);
    if (selection == NULL) {
        return TT_EXIT_INTERNAL;
    }
    tt_select_own(selection, true, own);
    const tt_cli_syntax syntax = {usage, "j", own};
    tt_exit code = tt_cli_parse_own(argc, argv, &syntax, &options);
    if (code == TT_EXIT_OK && (options.argument_count < 2 || options.argument_count > 3)) {
        code = tt_cli_usage(usage, "one folder is needed, and at most one topic", "journal tail");
    }
    if (code == TT_EXIT_OK) {
        code = tail(&options, selection);
    }
    free(selection);
    return code;
}
