/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti run: a paper session until it is stopped.
 */
#include "cli/activity.h"
#include "cli/cli.h"
#include "host/memory.h"
#include "host/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "run CONFIG.yaml [--out DIR] [--data FILE] [--set section.key=value]... [--json] [--quiet]";

static void print_start(const tt_config *config, const char *out_dir, const tt_session_info *info)
{
    printf("Tutti paper session '%s' in %s\n", config->run.name, out_dir);
    if (info->is_recovered) {
        printf(
            "recovered at message %" PRIu64 ": %s, %" PRIu64 " steps replayed, %" PRIu64
            " unfinished bytes cut\n",
            info->last_seq,
            info->used_snapshot ? "from a snapshot" : "from the journal alone",
            info->steps_replayed,
            info->cut_bytes);
    }
    if (info->left_aside[0] != 0) {
        printf("the newest snapshot was left aside: %s\n", info->left_aside);
    }
    if (info->address[0] != 0) {
        // The link lets its reader look: it is shown to a person, and never goes into a log file.
        bool is_terminal = isatty(STDOUT_FILENO) != 0;
        printf(
            "status page: %s%s\n",
            is_terminal ? info->page_link : info->address,
            is_terminal ? "" : "/");
    }
    puts("stop with Ctrl-C\n");
    fflush(stdout);
}

static void watch(tt_session *session, const tt_config *config, bool is_quiet)
{
    static tt_msg_copy msg;
    const volatile int *stop = tt_cli_stop_flag();
    while (*stop == 0 && !tt_session_is_over(session)) {
        bool has_shown = false;
        while (tt_session_take_activity(session, &msg)) {
            if (!is_quiet) {
                tt_activity_print(stdout, &msg.head, &config->engine.instruments);
                has_shown = true;
            }
        }
        if (has_shown) {
            fflush(stdout);
        }
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
}

/** What the session has delivered as JSON, into memory that the caller frees; NULL without memory.
 */
static char *delivery_text(const tt_delivery *delivery)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    tt_delivery_json(delivery, out);
    return fclose(out) == 0 ? text : NULL;
}

static tt_exit print_summary(
    const tt_config *config,
    const tt_report *report,
    const uint8_t *digest,
    const tt_delivery *delivery,
    bool json)
{
    char *delivered = delivery_text(delivery);
    tt_report_context context = {
        .title = config->run.name,
        .currency = config->engine.trade.account.currency,
        .instruments = &config->engine.instruments,
        .digest = digest,
        .delivery = delivered,
    };
    char *text = NULL;
    tutti_status status = json ? tt_report_json(report, &context, false, &text)
                               : tt_report_table(report, &context, &text);
    free(delivered);
    if (status != TUTTI_OK) {
        return TT_EXIT_INTERNAL;
    }
    fputs(text, stdout);
    free(text);
    if (!json) {
        tt_delivery_print(delivery, stdout);
    }
    static const tt_exit codes[] = {
        [TT_DELIVERY_COMPLETE] = TT_EXIT_OK,
        [TT_DELIVERY_BEHIND] = TT_EXIT_BEHIND,
        [TT_DELIVERY_INCOMPLETE] = TT_EXIT_UNDELIVERED,
    };
    return codes[tt_delivery_outcome_of(delivery)];
}

static tt_exit
run_session(const tt_config *config, const char *out_dir, const tt_cli_options *options)
{
    tt_session *session = NULL;
    tt_session_info info;
    tt_error error = {0};
    if (tt_session_start(config, out_dir, &session, &info, &error) != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_RUN, options->json);
    }
    if (!options->json) {
        print_start(config, out_dir, &info);
    }
    watch(session, config, options->quiet || options->json);
    if (!options->json) {
        puts("\nstopping");
        fflush(stdout);
    }
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    static tt_delivery delivery;
    tutti_status status = tt_session_stop(session, &report, digest, &delivery, &error);
    tt_exit code = print_summary(config, report, digest, &delivery, options->json);
    tt_report_free(report);
    return status == TUTTI_OK ? code : tt_cli_fail(&error, TT_CATEGORY_RUN, options->json);
}

tt_exit tt_cmd_run(int argc, char **argv)
{
    tt_cli_options options;
    tt_memory_keep_small();
    const tt_cli_syntax syntax = {usage, "odsjq", NULL, "one configuration file", 1, 1};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_config *config = NULL;
    code = tt_cli_load_config(&options, options.arguments[0], &config);
    if (code != TT_EXIT_OK) {
        return code;
    }
    code =
        run_session(config, options.out_dir == NULL ? TT_CLI_OUT_DIR : options.out_dir, &options);
    free(config);
    return code;
}
