/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal dump: prints the messages of a journal that are wanted.
 */
#include "cli/journal_select.h"

#include <stdlib.h>

static const char usage[] =
    "journal dump DIR [TOPIC] [--topic PATTERN] [--key SYMBOL] [--correlation ID] [--source NAME]\n"
    "       [--since TIME] [--until TIME] [--from-seq N] [--to-seq N] [--limit N | --last N]\n"
    "       [--json | --text]";

static tt_exit dump(const tt_cli_options *options, tt_selection *selection)
{
    tt_error error = {0};
    bool is_usage = false;
    if (options->argument_count == 3) {
        if (selection->words.topic != NULL) {
            return tt_cli_usage(usage, "the topic is given twice", options->arguments[2]);
        }
        selection->words.topic = options->arguments[2];
    }
    tutti_status status =
        tt_select_open(selection, options->arguments[1], options->json, &is_usage, &error);
    if (status == TUTTI_OK) {
        status = tt_select_print(selection, &error);
    }
    tt_select_close(selection);
    return status == TUTTI_END
               ? TT_EXIT_OK
               : tt_cli_fail(&error, is_usage ? TT_CATEGORY_USAGE : TT_CATEGORY_RUN, options->json);
}

tt_exit tt_cmd_journal_dump(int argc, char **argv)
{
    tt_cli_options options;
    tt_cli_own own[TT_SELECT_OWN_MAX];
    tt_selection *selection = calloc(1, sizeof *selection);
    if (selection == NULL) {
        return TT_EXIT_INTERNAL;
    }
    tt_select_own(selection, false, own);
    const tt_cli_syntax syntax = {usage, "j", own};
    tt_exit code = tt_cli_parse_own(argc, argv, &syntax, &options);
    if (code == TT_EXIT_OK && (options.argument_count < 2 || options.argument_count > 3)) {
        code = tt_cli_usage(usage, "one folder is needed, and at most one topic", "journal dump");
    }
    if (code == TT_EXIT_OK) {
        code = dump(&options, selection);
    }
    free(selection);
    return code;
}
