/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal: finds the subcommand and runs it.
 */
#include "cli/help.h"
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

static void print_usage(FILE *out)
{
    fputs("usage: tutti journal COMMAND DIR [OPTIONS]\n\n", out);
    for (const tt_command_row *row = rows; row->name != NULL; row++) {
        fprintf(out, "  %-8s %s\n", row->name, row->summary);
    }
    fputs("\n`tutti journal COMMAND --help` shows the options of one.\n", out);
}

/** Refuses what is no command, with the one that was meant, and all there are. */
static tt_exit refuse(const char *typed)
{
    char message[160];
    char usage[128] = "usage: tutti journal ";
    tt_help_near near = {.typed = typed};
    for (const tt_command_row *row = rows; row->name != NULL; row++) {
        size_t length = strlen(usage);
        snprintf(usage + length, sizeof usage - length, "%s%s", row == rows ? "" : "|", row->name);
        tt_help_compare(&near, row->name);
    }
    size_t length = strlen(usage);
    snprintf(usage + length, sizeof usage - length, " DIR [OPTIONS]");
    snprintf(
        message,
        sizeof message,
        "%s%.60s%s%s%s",
        typed[0] == 0 ? "a command for the journal is needed" : "there is no command 'journal ",
        typed,
        near.name == NULL ? (typed[0] == 0 ? "" : "'") : "'; did you mean '",
        near.name == NULL ? "" : near.name,
        near.name == NULL ? "" : "'?");
    return tt_cli_refuse(message, usage);
}

tt_exit tt_cmd_journal(int argc, char **argv)
{
    if (argc < 2) {
        return refuse("");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return TT_EXIT_OK;
    }
    for (const tt_command_row *row = rows; row->name != NULL; row++) {
        if (strcmp(row->name, argv[1]) == 0) {
            return row->run(argc, argv);
        }
    }
    return refuse(argv[1]);
}
