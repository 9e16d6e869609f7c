/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti config: checks a configuration, shows what is in force, prints the reference of all keys.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "config check|show CONFIG.yaml [--data FILE] [--set section.key=value]... [--json]\n"
    "       tutti config reference [--json]";

static tt_exit print_allocated(tutti_status status, char *text, const tt_error *error, bool json)
{
    if (status != TUTTI_OK) {
        return tt_cli_fail(error, TT_CATEGORY_CONFIG, json);
    }
    fputs(text, stdout);
    free(text);
    return TT_EXIT_OK;
}

static tt_exit show(const tt_cli_options *options, bool only_check)
{
    tt_config *config = NULL;
    tt_exit code = tt_cli_load_config(options, options->arguments[1], &config);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (only_check) {
        if (options->json) {
            puts("{\"valid\": true}");
        } else {
            printf("%s: the configuration is valid\n", options->arguments[1]);
        }
    } else {
        char *text = NULL;
        tt_error error = {0};
        tutti_status status = options->json ? tt_config_render_json(config, &text, &error)
                                            : tt_config_render_origins(config, &text, &error);
        code = print_allocated(status, text, &error, options->json);
    }
    free(config);
    return code;
}

static tt_exit print_reference(bool json)
{
    char *text = NULL;
    tt_error error = {0};
    tutti_status status =
        json ? tt_config_reference_json(&text, &error) : tt_config_reference(&text, &error);
    return print_allocated(status, text, &error, json);
}

tt_exit tt_cmd_config(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "sdj", NULL, "check, show or reference", 1, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    const char *verb = options.arguments[0];
    if (strcmp(verb, "reference") == 0) {
        return options.argument_count == 1
                   ? print_reference(options.json)
                   : tt_cli_usage(usage, "the reference takes no file", options.arguments[1]);
    }
    bool is_check = strcmp(verb, "check") == 0;
    if (!is_check && strcmp(verb, "show") != 0) {
        return tt_cli_usage(usage, "this is none of check, show and reference", verb);
    }
    return options.argument_count == 2
               ? show(&options, is_check)
               : tt_cli_usage(usage, "this needs", "one configuration file");
}
