/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti store: rebuilds the read model of a session from its journal.
 */
#include "cli/journal_source.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char usage[] = "store rebuild DIR [--json]";

static tutti_status rebuild(const char *out_dir, tt_store_rebuilt *ret_rebuilt, tt_error *error)
{
    char store_path[TT_PATH_MAX];
    tt_journal_source source;
    tutti_status status = tt_journal_source_open(out_dir, &source, error);
    if (status == TUTTI_OK) {
        status = tt_path_join(store_path, out_dir, "store.db", error);
    }
    if (status == TUTTI_OK) {
        status = tt_store_rebuild(
            source.dir, store_path, &source.config->engine.instruments, NULL, ret_rebuilt, error);
    }
    tt_journal_source_close(&source);
    return status;
}

tt_exit tt_cmd_store(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "j", NULL, "rebuild, and one folder", 2, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (strcmp(options.arguments[0], "rebuild") != 0) {
        return tt_cli_usage(usage, "store can only rebuild, not", options.arguments[0]);
    }
    tt_error error = {0};
    tt_store_rebuilt rebuilt = {0};
    if (rebuild(options.arguments[1], &rebuilt, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    }
    if (options.json) {
        printf(
            "{\"last_seq\": %" PRIu64 ", \"passed_over\": %" PRIu64 "}\n",
            rebuilt.last_seq,
            rebuilt.passed_over);
        return TT_EXIT_OK;
    }
    printf("read model rebuilt up to message %" PRIu64 "\n", rebuilt.last_seq);
    if (rebuilt.passed_over > 0) {
        printf(
            "%" PRIu64 " messages of declared topics are not in it: no table takes them\n",
            rebuilt.passed_over);
    }
    return TT_EXIT_OK;
}
