/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti topics: the catalogue of topics, from the registry.
 */
#include "cli/cli.h"
#include "model/topics_reference.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "topics";

tt_exit tt_cmd_topics(int argc, char **argv)
{
    enum {
        CATALOGUE_BYTES = 1 << 20
    };
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, "", usage, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    char *memory = malloc(CATALOGUE_BYTES);
    if (memory == NULL) {
        return TT_EXIT_INTERNAL;
    }
    tt_text_buf text;
    tt_text_init(&text, memory, CATALOGUE_BYTES);
    tt_topics_reference(&text);
    fputs(memory, stdout);
    free(memory);
    return TT_EXIT_OK;
}
