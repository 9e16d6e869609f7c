/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti store: rebuilds the read model of a session from its journal.
 */
#include "cli/cli.h"
#include "host/files.h"
#include "host/replay.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "store rebuild DIR [--json]";

static tutti_status rebuild(const char *out_dir, tt_seq *ret_last, tt_error *error)
{
    char journal_dir[TT_PATH_MAX];
    char store_path[TT_PATH_MAX];
    TUTTI_TRY(tt_journal_locate(out_dir, journal_dir, error));
    TUTTI_TRY(tt_path_join(store_path, out_dir, "store.db", error));
    tt_journal_reader *reader = NULL;
    TUTTI_TRY(tt_journal_reader_open(journal_dir, &reader, error));
    tt_config *config = calloc(1, sizeof *config);
    tutti_status status = config == NULL ? tt_error_set(error, TUTTI_NO_MEMORY, "no memory")
                                         : tt_journal_config(reader, config, error);
    tt_journal_reader_close(reader);
    if (status == TUTTI_OK) {
        status = tt_store_rebuild(
            journal_dir, store_path, &config->engine.instruments, NULL, ret_last, error);
    }
    free(config);
    return status;
}

tt_exit tt_cmd_store(int argc, char **argv)
{
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, "j", usage, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.argument_count != 2 || strcmp(options.arguments[0], "rebuild") != 0) {
        fprintf(stderr, "usage: tutti %s\n", usage);
        return TT_EXIT_USAGE;
    }
    tt_error error = {0};
    tt_seq last = 0;
    if (rebuild(options.arguments[1], &last, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    }
    printf(
        options.json ? "{\"last_seq\": %" PRIu64 "}\n"
                     : "read model rebuilt up to message %" PRIu64 "\n",
        last);
    return TT_EXIT_OK;
}
