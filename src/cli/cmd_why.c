/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti why: the chain of causes behind a fill or any other message.
 */
#include "base/text.h"
#include "cli/journal_source.h"
#include "llm/llm_record.h"
#include "report/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "why ID [--journal DIR] [--json]   (ID: number of a fill or of any message)";

/** What the command holds while it works. */
typedef struct why {
    tt_journal_source source;
    tt_trace_log *log;
    tt_trace *trace;
} why;

static void close_why(why *run)
{
    tt_journal_source_close(&run->source);
    tt_trace_log_close(run->log);
    free(run->trace);
}

static bool is_recorded(const tt_agent_answer *answer)
{
    static const uint8_t none[sizeof answer->record];
    return memcmp(answer->record, none, sizeof none) != 0;
}

/** Prints the recorded call of an answer: what was asked, said and paid. The record stands beside
 * the journal; without it the hash alone is known. */
static void print_record(const char *journal_dir, const tt_msg *msg)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    char folder[TT_PATH_MAX];
    char hex[TT_LLM_HEX_MAX];
    char *text = NULL;
    tt_error error = {0};
    tt_llm_hex(answer->record, hex);
    tutti_status status = tt_path_join(folder, journal_dir, "../llm", &error);
    if (status == TUTTI_OK) {
        status = tt_llm_record_text(folder, answer->record, &text, &error);
    }
    printf("\nrecord %s of message %" PRIu64 "%s\n", hex, msg->seq, text == NULL ? "" : ":");
    printf("%s%s\n", status == TUTTI_OK ? text : "  ", status == TUTTI_OK ? "" : error.message);
    free(text);
}

static void print_records(const char *journal_dir, const tt_trace *trace)
{
    for (uint32_t i = 0; i < trace->count; i++) {
        const tt_msg *msg = trace->links[i].msg;
        if (msg->topic == TT_TOPIC_AGENT_ANSWERS &&
            is_recorded(TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer))) {
            print_record(journal_dir, msg);
        }
    }
}

static tutti_status explain(const char *path, uint64_t id, bool json, why *run, tt_error *error)
{
    TUTTI_TRY(tt_journal_source_open(path, &run->source, error));
    run->trace = calloc(1, sizeof *run->trace);
    if (run->trace == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    TUTTI_TRY(tt_trace_log_open(run->source.dir, &run->log, error));
    TUTTI_TRY(tt_trace_follow(run->log, id, run->trace, error));
    const tt_instruments *instruments = &run->source.config->engine.instruments;
    if (json) {
        return tt_trace_print_json(stdout, run->trace, instruments);
    }
    tt_trace_print(stdout, run->trace, instruments);
    print_records(run->source.dir, run->trace);
    return TUTTI_OK;
}

tt_exit tt_cmd_why(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "Jj", NULL, "the number of a message", 1, 1};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    uint64_t id = 0;
    if (tt_text_parse_u64(options.arguments[0], strlen(options.arguments[0]), &id) != TUTTI_OK) {
        return tt_cli_usage(usage, "this is not the number of a message", options.arguments[0]);
    }
    const char *path = options.journal == NULL ? TT_CLI_OUT_DIR : options.journal;
    why run = {0};
    tt_error error = {0};
    if (explain(path, id, options.json, &run, &error) != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    }
    close_why(&run);
    return code;
}
