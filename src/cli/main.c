/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The program tutti: finds the command and runs it.
 */
#include "cli/cli.h"
#include "cli/help.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/** What could not be printed is not done: a full disk behind a pipe or a redirection. */
static tt_exit check_output(tt_exit code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return code;
    }
    if (errno != EPIPE) { // A reader that has seen enough (head) needs no words.
        fprintf(stderr, "tutti: standard output: %s\n", strerror(errno));
    }
    return code == TT_EXIT_OK ? TT_EXIT_IO : code;
}

static tt_exit refuse_command(const char *typed)
{
    char message[192];
    const char *nearest = tt_help_nearest(typed);
    snprintf(
        message,
        sizeof message,
        "there is no command '%.80s'%s%s%s",
        typed,
        nearest == NULL ? "" : "; did you mean '",
        nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "'?");
    return tt_cli_refuse(message, "`tutti --help` lists all commands.");
}

int main(int argc, char **argv)
{
    // A reader that went away (a closed pipe) is an error of write, not the end of the process.
    signal(SIGPIPE, SIG_IGN);
    // A limit on the size of files (ulimit -f) is a full disk.
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        tt_help_overview(argc < 2 ? stderr : stdout);
        return argc < 2 ? TT_EXIT_USAGE : TT_EXIT_OK;
    }
    tt_cli_look_for_json(argc, argv);
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const tt_command_row *row = tt_command_find(name);
    if (row != NULL) {
        return (int)check_output(row->run(argc - 1, argv + 1));
    }
    return (int)check_output(refuse_command(argv[1]));
}
