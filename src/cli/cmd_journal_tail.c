/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal tail: the last messages of a journal, then those that a living writer commits.
 */
#include "cli/journal_select.h"
#include "host/paper_clock.h"

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

tt_exit tt_cmd_journal_tail(int argc, char **argv)
{
    const tt_select_command command = {
        .usage = usage,
        .is_tail = true,
        .prepare = choose_start,
        .show = follow,
    };
    return tt_select_run(&command, argc, argv);
}
