/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti scenario: runs scripted flows and checks what is expected of them.
 */
#include "cli/cli.h"
#include "scenario/scenario.h"

#include <stdio.h>

static const char usage[] = "scenario FILE.yaml... [--quiet] [--json] [--set section.key=value]...";

/** Runs one file; the transcript goes to standard output, what is said of it to standard error. */
static tt_exit run_file(const char *path, const tt_cli_options *options)
{
    tt_scenario_options run = {
        .transcript = options->quiet ? NULL : stdout,
        .sets = options->sets,
        .set_count = options->set_count,
    };
    tt_scenario_result result;
    tt_error error = {0};
    if (tt_scenario_run(path, &run, &result, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_CONFIG, options->json);
    }
    fflush(stdout);
    if (result.failed_line != 0) {
        fprintf(stderr, "FAILED %s\n%s\n", path, result.failure);
        return TT_EXIT_FAILED;
    }
    fprintf(
        stderr,
        "ok %s: %s: %u expectations, %llu messages\n",
        path,
        result.name,
        result.expectations,
        result.messages);
    return TT_EXIT_OK;
}

tt_exit tt_cmd_scenario(int argc, char **argv)
{
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, "qsj", usage, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.argument_count == 0) {
        fprintf(stderr, "tutti: a scenario file is needed\nusage: tutti %s\n", usage);
        return TT_EXIT_USAGE;
    }
    int failed = 0;
    for (int i = 0; i < options.argument_count; i++) {
        tt_exit result = run_file(options.arguments[i], &options);
        failed += result != TT_EXIT_OK;
        // The first failure decides the exit code; the other files are run all the same.
        code = code == TT_EXIT_OK ? result : code;
    }
    fprintf(stderr, "%d passed, %d failed\n", options.argument_count - failed, failed);
    return code;
}
