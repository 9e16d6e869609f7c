/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The program tutti: finds the command and runs it.
 */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void print_commands(FILE *out)
{
    fputs("Tutti runs many trading agents as one.\n\nusage: tutti COMMAND [OPTIONS]\n\n", out);
    for (const tt_command_row *row = tt_commands; row->name != NULL; row++) {
        fprintf(out, "  %-10s %s\n", row->name, row->summary);
    }
    fputs("\n`tutti COMMAND --help` shows the options of one. First steps: README.md.\n", out);
}

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
        print_commands(argc < 2 ? stderr : stdout);
        return argc < 2 ? TT_EXIT_USAGE : TT_EXIT_OK;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    for (const tt_command_row *row = tt_commands; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return (int)check_output(row->run(argc - 1, argv + 1));
        }
    }
    fprintf(stderr, "tutti: there is no command '%s'\n\n", argv[1]);
    print_commands(stderr);
    return TT_EXIT_USAGE;
}
