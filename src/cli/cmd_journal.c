/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal: finds the subcommand and runs it.
 */
#include "cli/journal_source.h"

#include <string.h>

static const tt_command_row rows[] = {
    {"dump", tt_cmd_journal_dump, "prints messages, all or those that filters let through"},
    {"tail", tt_cmd_journal_tail, "prints the last messages and follows a living writer"},
    {"stats", tt_cmd_journal_stats, "files, counts by topic, time span, digest"},
    {"verify", tt_cmd_journal_verify, "checks checksums, hash chain and records"},
    {"repair", tt_cmd_journal_repair, "cuts off what a crash left unfinished, and nothing else"},
    {NULL, NULL, NULL},
};

static tt_exit print_usage(FILE *out, tt_exit code)
{
    fputs("usage: tutti journal COMMAND DIR [OPTIONS]\n\n", out);
    for (const tt_command_row *row = rows; row->name != NULL; row++) {
        fprintf(out, "  %-8s %s\n", row->name, row->summary);
    }
    fputs("\n`tutti journal COMMAND --help` shows the options of one.\n", out);
    return code;
}

tt_exit tt_cmd_journal(int argc, char **argv)
{
    if (argc < 2) {
        fputs("tutti: a command for the journal is needed\n", stderr);
        return print_usage(stderr, TT_EXIT_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_usage(stdout, TT_EXIT_OK);
    }
    for (const tt_command_row *row = rows; row->name != NULL; row++) {
        if (strcmp(row->name, argv[1]) == 0) {
            return row->run(argc, argv);
        }
    }
    fprintf(stderr, "tutti: there is no command 'journal %s'\n", argv[1]);
    return print_usage(stderr, TT_EXIT_USAGE);
}
