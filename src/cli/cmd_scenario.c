/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti scenario: runs scripted flows and checks what is expected of them.
 */
#include "cli/cli.h"
#include "report/render.h"
#include "scenario/scenario.h"

#include <stdio.h>

static const char usage[] = "scenario FILE.yaml... [--quiet] [--json] [--set section.key=value]...";

/** What is said of a file, as a line behind those of its transcript. */
static void print_json(const char *path, const tt_scenario_result *result)
{
    fputs("{\"scenario\": ", stdout);
    tt_render_json_text(stdout, path);
    fputs(", \"name\": ", stdout);
    tt_render_json_text(stdout, result->name);
    printf(
        ", \"passed\": %s, \"expectations\": %u, \"messages\": %llu",
        result->failed_line == 0 ? "true" : "false",
        result->expectations,
        result->messages);
    if (result->failed_line != 0) {
        printf(", \"line\": %d, \"failure\": ", result->failed_line);
        tt_render_json_text(stdout, result->failure);
    }
    puts("}");
}

/** Runs one file; the transcript goes to standard output, what is said of it to standard error, or
 * behind the transcript with --json. */
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
    if (options->json) {
        print_json(path, &result);
        return result.failed_line == 0 ? TT_EXIT_OK : TT_EXIT_FAILED;
    }
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
    const tt_cli_syntax syntax = {
        usage, "qsj", NULL, "a scenario file, or several", 1, TT_CLI_WORDS_MAX};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    int failed = 0;
    for (int i = 0; i < options.argument_count; i++) {
        tt_exit result = run_file(options.arguments[i], &options);
        failed += result != TT_EXIT_OK;
        // The first failure decides the exit code; the other files are run all the same.
        code = code == TT_EXIT_OK ? result : code;
    }
    if (options.json) {
        printf("{\"passed\": %d, \"failed\": %d}\n", options.argument_count - failed, failed);
    } else {
        fprintf(stderr, "%d passed, %d failed\n", options.argument_count - failed, failed);
    }
    return code;
}
