/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti config: checks a configuration, shows what is in force, prints the reference of all keys.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "config check|show CONFIG.yaml [--set section.key=value]... [--json]\n"
                            "       tutti config reference";

static tt_exit print_allocated(tutti_status status, char *text, const tt_error *error)
{
    if (status != TUTTI_OK) {
        return tt_cli_fail(error, TT_CATEGORY_CONFIG, false);
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
        tutti_status status = tt_config_render_origins(config, &text, &error);
        code = print_allocated(status, text, &error);
    }
    free(config);
    return code;
}

tt_exit tt_cmd_config(int argc, char **argv)
{
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, "sdj", usage, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    const char *verb = options.argument_count > 0 ? options.arguments[0] : "";
    if (strcmp(verb, "reference") == 0 && options.argument_count == 1) {
        char *text = NULL;
        tt_error error = {0};
        tutti_status status = tt_config_reference(&text, &error);
        return print_allocated(status, text, &error);
    }
    bool is_check = strcmp(verb, "check") == 0;
    if ((is_check || strcmp(verb, "show") == 0) && options.argument_count == 2) {
        return show(&options, is_check);
    }
    fprintf(stderr, "usage: tutti %s\n", usage);
    return TT_EXIT_USAGE;
}
