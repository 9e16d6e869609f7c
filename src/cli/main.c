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
    fprintf(stderr, "tutti: standard output: %s\n", strerror(errno));
    return code == TT_EXIT_OK ? TT_EXIT_IO : code;
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
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const tt_command_row *row = tt_command_find(name);
    if (row != NULL) {
        return (int)check_output(row->run(argc - 1, argv + 1));
    }
    const char *nearest = tt_help_nearest(argv[1]);
    fprintf(stderr, "tutti: there is no command '%s'", argv[1]);
    if (nearest != NULL) {
        fprintf(stderr, "; did you mean '%s'?", nearest);
    }
    fputs("\n`tutti --help` lists all commands.\n", stderr);
    return TT_EXIT_USAGE;
}
