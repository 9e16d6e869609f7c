/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti backtest: market data through the whole engine.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "backtest CONFIG.yaml [--data FILE] [--out DIR] [--set "
                            "section.key=value]... [--llm-record DIR] [--json] [--quiet]";

static tt_exit print_result(
    const tt_config *config, const tt_backtest_result *result, const tt_cli_options *options)
{
    tt_report_context context = {
        .title = config->run.name,
        .currency = config->engine.trade.account.currency,
        .instruments = &config->engine.instruments,
        .digest = result->has_digest ? result->digest : NULL,
        .wall_seconds = result->seconds,
    };
    char *text = NULL;
    tutti_status status = options->json ? tt_report_json(result->report, &context, false, &text)
                                        : tt_report_table(result->report, &context, &text);
    if (status != TUTTI_OK) {
        return TT_EXIT_INTERNAL;
    }
    fputs(text, stdout);
    free(text);
    if (!options->json && options->out_dir != NULL) {
        printf("  report %s/report.html\n", options->out_dir);
    }
    return TT_EXIT_OK;
}

tt_exit tt_cmd_backtest(int argc, char **argv)
{
    tt_cli_options options;
    const char *llm_record = NULL;
    const tt_cli_own own[] = {{.name = "llm-record", .value = &llm_record}, {0}};
    const tt_cli_syntax syntax = {usage, "odsjq", own, "one configuration file", 1, 1};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_config *config = NULL;
    code = tt_cli_load_config(&options, options.arguments[0], &config);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_config_for_backtest(config);
    tt_backtest_options run = {
        .out_dir = options.out_dir,
        .llm_record = llm_record,
        .progress = options.quiet ? NULL : tt_cli_progress,
        .stop = tt_cli_stop_flag(),
    };
    tt_backtest_result result;
    tt_error error = {0};
    if (tt_backtest_run(config, &run, &result, &error) != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_DATA, options.json);
    } else {
        code = print_result(config, &result, &options);
        tt_report_free(result.report);
    }
    free(config);
    return code;
}
