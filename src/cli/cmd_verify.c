/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti verify: is this journal whole, are its books right, does it replay?
 */
#include "cli/cli.h"
#include "host/replay.h"

#include <inttypes.h>
#include <stdio.h>

static const char usage[] = "verify DIR [--json]";

/** Says what was checked beyond checksums and chain. */
static void print_scope(const tt_verify_result *result)
{
    if (result->dropped == 0) {
        printf(
            "  books balance at each of %" PRIu64 " fills and %" PRIu64 " account records\n",
            result->fills_checked,
            result->accounts_checked);
        if (!result->is_foreign) {
            puts("  replay gives the same bytes");
        }
        return;
    }
    printf(
        "  it begins with message %" PRIu64 ": older ones were dropped by its retention, so the "
        "books are not checked\n",
        result->dropped + 1);
    if (result->replayed) {
        printf(
            "  replay of the %" PRIu64 " steps behind the newest snapshot gives the same bytes\n",
            result->steps_replayed);
    } else if (!result->is_foreign) {
        puts("  not replayed: there is no snapshot to begin with");
    }
}

/** Says what could be done with the journal of a release whose messages had other layouts. */
static void print_foreign(const tt_verify_result *result)
{
    puts("  written by another release: messages are read by the names of their fields; not "
         "replayed, which takes that release");
    if (result->passed_over > 0) {
        printf(
            "  %" PRIu64 " messages of topics that this release has not were passed over\n",
            result->passed_over);
    }
    if (result->settings_left_out > 0) {
        printf(
            "  %" PRIu32 " recorded settings are none of this release, or have values that it "
            "refuses\n",
            result->settings_left_out);
    }
}

static void print_text(const char *path, const tt_verify_result *result)
{
    printf("%s: verified\n", path);
    printf(
        "  %" PRIu64 " messages in %" PRIu64 " steps and %" PRIu64
        " commits: checksums and hash chain hold\n",
        result->messages,
        result->end.step_count,
        result->end.commit_count);
    print_scope(result);
    if (result->is_foreign) {
        print_foreign(result);
    }
    if (result->end.cut_bytes > 0) {
        printf(
            "  %" PRIu64 " bytes after the last commit were never durable and do not count\n",
            result->end.cut_bytes);
    }
    fputs("  digest ", stdout);
    for (int i = 0; i < TT_DIGEST_SIZE; i++) {
        printf("%02x", result->end.chain[i]);
    }
    putchar('\n');
}

static void print_json(const tt_verify_result *result)
{
    printf(
        "{\"verified\": true, \"messages\": %" PRIu64 ", \"steps\": %" PRIu64
        ", \"commits\": %" PRIu64 ", \"fills_checked\": %" PRIu64 ", \"accounts_checked\": %" PRIu64
        ", \"dropped\": %" PRIu64 ", \"replayed\": %s, \"other_release\": %s"
        ", \"passed_over\": %" PRIu64 ", \"settings_left_out\": %" PRIu32 ", \"last_seq\": %" PRIu64
        ", \"uncommitted_bytes\": %" PRIu64 ", \"digest\": \"",
        result->messages,
        result->end.step_count,
        result->end.commit_count,
        result->fills_checked,
        result->accounts_checked,
        result->dropped,
        result->replayed ? "true" : "false",
        result->is_foreign ? "true" : "false",
        result->passed_over,
        result->settings_left_out,
        result->end.last_seq,
        result->end.cut_bytes);
    for (int i = 0; i < TT_DIGEST_SIZE; i++) {
        printf("%02x", result->end.chain[i]);
    }
    puts("\"}");
}

tt_exit tt_cmd_verify(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "j", NULL, "one folder", 1, 1};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_verify_result result;
    tt_error error = {0};
    if (tt_verify_run(options.arguments[0], &result, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    }
    if (options.json) {
        print_json(&result);
    } else {
        print_text(options.arguments[0], &result);
    }
    return TT_EXIT_OK;
}
