/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti version: what this program is and what it can read.
 */
#include "cli/cli.h"
#include "journal/journal.h"

#include <stdio.h>

static const char usage[] = "version [--json]";

tt_exit tt_cmd_version(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {.usage = usage, .allowed = "j"};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.json) {
        printf(
            "{\"version\": \"%s\", \"journal_format\": %d}\n",
            TUTTI_VERSION_TEXT,
            TT_JOURNAL_VERSION);
    } else {
        printf("tutti %s (journal format %d)\n", TUTTI_VERSION_TEXT, TT_JOURNAL_VERSION);
    }
    return TT_EXIT_OK;
}
