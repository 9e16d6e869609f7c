/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal dump: prints the messages of a journal that are wanted.
 */
#include "cli/journal_select.h"

static const char usage[] =
    "journal dump DIR [TOPIC] [--topic PATTERN] [--key SYMBOL] [--correlation ID] [--source NAME]\n"
    "       [--since TIME] [--until TIME] [--from-seq N] [--to-seq N] [--limit N | --last N]\n"
    "       [--json | --text]";

tt_exit tt_cmd_journal_dump(int argc, char **argv)
{
    const tt_select_command command = {.usage = usage, .show = tt_select_print};
    return tt_select_run(&command, argc, argv);
}
