/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Prints what would have been different.
 */
#include "cli/replay_what_if.h"

#include "cli/journal_source.h"
#include "cli/report_columns.h"
#include "host/what_if.h"
#include "report/render.h"

#include <inttypes.h>
#include <stdlib.h>

/** A comparison on its way to the terminal. Differences are told first and printed last. */
typedef struct printing {
    const tt_what_if_options *options;
    tt_what_if_result result;
    FILE *list; /**< Lines of the differences. */
    char *list_text;
    size_t list_size;
    const tt_instruments *instruments;
    uint64_t shown;
    uint64_t found;
    char line[TT_MESSAGE_JSON_MAX];
} printing;

static void put_side_json(printing *work, const char *name, const tt_msg *msg)
{
    tt_text_buf text;
    tt_text_init(&text, work->line, sizeof work->line);
    if (msg != NULL) {
        tt_msg_to_json(msg, work->instruments, &text);
    }
    fprintf(work->list, ",\"%s\":%s", name, msg == NULL ? "null" : work->line);
}

static void list_json(printing *work, const tt_difference *difference)
{
    const tt_msg *msg = difference->before != NULL ? difference->before : difference->after;
    fprintf(
        work->list,
        "%s{\"topic\":\"%s\",\"input_seq\":%" PRIu64,
        work->shown == 0 ? "" : ",",
        tt_topic_info_get(msg->topic)->name,
        difference->input);
    put_side_json(work, "unchanged", difference->before);
    put_side_json(work, "changed", difference->after);
    fputs("}", work->list);
}

static void put_side(printing *work, const char *name, const tt_msg *msg)
{
    tt_text_buf text;
    tt_text_init(&text, work->line, sizeof work->line);
    if (msg == NULL) {
        tt_text_append_text(&text, "-");
    } else {
        tt_compare_describe(msg, work->instruments, &text);
    }
    fprintf(work->list, "      %-10s %s\n", name, work->line);
}

static void list_text(printing *work, const tt_difference *difference)
{
    char time[TT_TIME_TEXT_MAX];
    const tt_msg *msg = difference->before != NULL ? difference->before : difference->after;
    const tt_instrument *instrument =
        tt_instrument_find(work->instruments, (tt_instrument_id){msg->key});
    tt_time_format((tt_time){msg->time.ns - msg->time.ns % TT_NS_PER_MS}, time);
    fprintf(
        work->list,
        "%4" PRIu64 "  %s  %s  %s  (%s %" PRIu64 ")\n",
        work->shown + 1,
        time,
        instrument == NULL ? "-" : instrument->symbol,
        tt_topic_info_get(msg->topic)->name,
        difference->before != NULL ? "message" : "by input",
        difference->before != NULL ? difference->before->seq : difference->input);
    put_side(work, "unchanged", difference->before);
    put_side(work, "changed", difference->after);
}

static void take_difference(void *ctx, const tt_difference *difference)
{
    printing *work = ctx;
    work->found++;
    if (work->shown == work->options->differences) {
        return;
    }
    if (work->instruments == NULL) {
        work->instruments = &work->result.config->engine.instruments;
    }
    if (work->options->json) {
        list_json(work, difference);
    } else {
        list_text(work, difference);
    }
    work->shown++;
}

/* ---- what is assumed ---- */

static void put_assumptions(const tt_what_if_result *result)
{
    puts("\nHow this was found");
    if (result->first_deviation == 0) {
        puts("  With the recorded settings the run comes out byte for byte as it was recorded, so "
             "numbers of messages\n  of the unchanged run are those of the journal (tutti why).");
    } else {
        printf(
            "  With the recorded settings the run differs from the record from message %" PRIu64
            " on (a session in real time,\n  or another venue): compare the two runs with each "
            "other, not with the record; numbers of messages are those\n  of the unchanged run; "
            "inputs are those of the journal.\n",
            result->first_deviation);
    }
    printf(
        "  Market data, commands and answers of agents are the recorded ones in both runs; agents "
        "would have seen another\n  account or position where the runs differ, but say the "
        "same.\n  Orders of both runs went to the simulated exchange; the %" PRIu64
        " recorded reports of the venue were set aside. After the\n  first order that differs, "
        "delays and slippage of later orders are drawn anew.\n",
        result->venue_reports);
    const tt_what_if_side *side = &result->changed;
    if (side->calls_unanswered + side->answers_unused + side->answers_near > 0) {
        printf(
            "  In the changed run %" PRIu64 " agent calls have no recorded answer, %" PRIu64
            " recorded answers were not asked for,\n  and %" PRIu64
            " calls got the answer of a call at nearly the same moment.\n",
            side->calls_unanswered,
            side->answers_unused,
            side->answers_near);
    }
}

static void put_counts(const tt_difference_counts *counts)
{
    printf(
        "\n  %-26s %14s %14s %14s %14s\n",
        "events",
        "same",
        "changed",
        "unchanged only",
        "changed only");
    for (uint16_t topic = 0; topic < TT_TOPIC_COUNT; topic++) {
        if (counts->same[topic] + counts->changed[topic] + counts->only_before[topic] +
                counts->only_after[topic] >
            0) {
            printf(
                "  %-26s %14" PRIu64 " %14" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n",
                tt_topic_info_get(topic)->name,
                counts->same[topic],
                counts->changed[topic],
                counts->only_before[topic],
                counts->only_after[topic]);
        }
    }
}

static void print_text(const printing *work)
{
    const tt_what_if_result *result = &work->result;
    const tt_report_columns table = {
        .numbers =
            {tt_report_numbers_get(result->recorded),
             tt_report_numbers_get(result->unchanged.report),
             tt_report_numbers_get(result->changed.report)},
        .titles = {"recorded", "unchanged", "changed"},
        .first = result->first_deviation == 0 ? 1 : 0};
    printf("%s, up to message %" PRIu64 ", with", work->options->path, result->last_seq);
    for (int i = 0; i < work->options->set_count; i++) {
        printf(" %s", work->options->sets[i]);
    }
    fputs("\n\n", stdout);
    tt_report_columns_print(&table, result->config->engine.trade.account.currency);
    put_counts(&result->differences);
    if (work->found == 0) {
        puts("\nNothing would have been different.");
    } else {
        printf("\nThe first %" PRIu64 " of %" PRIu64 " differences\n", work->shown, work->found);
        fputs(work->list_text, stdout);
    }
    put_assumptions(result);
}

/* ---- JSON ---- */

static tutti_status
put_report_json(const tt_what_if_result *result, const char *name, const tt_report *report)
{
    const tt_report_context context = {
        .title = result->config->run.name,
        .currency = result->config->engine.trade.account.currency,
        .instruments = &result->config->engine.instruments,
    };
    char *text = NULL;
    TUTTI_TRY(tt_report_json(report, &context, false, &text));
    printf(",\"%s\":%s", name, text);
    free(text);
    return TUTTI_OK;
}

static void put_side_counts(const char *name, const tt_what_if_side *side)
{
    printf(
        ",\"%s\":{\"calls_unanswered\":%" PRIu64 ",\"answers_unused\":%" PRIu64
        ",\"answers_near\":%" PRIu64 "}",
        name,
        side->calls_unanswered,
        side->answers_unused,
        side->answers_near);
}

static void put_counts_json(const tt_difference_counts *counts)
{
    const char *separator = "";
    fputs(",\"events\":{", stdout);
    for (uint16_t topic = 0; topic < TT_TOPIC_COUNT; topic++) {
        if (tt_compare_fields(topic) != NULL) {
            printf(
                "%s\"%s\":{\"same\":%" PRIu64 ",\"changed\":%" PRIu64 ",\"unchanged_only\":%" PRIu64
                ",\"changed_only\":%" PRIu64 "}",
                separator,
                tt_topic_info_get(topic)->name,
                counts->same[topic],
                counts->changed[topic],
                counts->only_before[topic],
                counts->only_after[topic]);
            separator = ",";
        }
    }
    fputs("}", stdout);
}

static tutti_status print_json(const printing *work)
{
    const tt_what_if_result *result = &work->result;
    fputs("{\"settings\":[", stdout);
    for (int i = 0; i < work->options->set_count; i++) {
        fputs(i == 0 ? "" : ",", stdout);
        tt_render_json_text(stdout, work->options->sets[i]);
    }
    printf(
        "],\"last_seq\":%" PRIu64 ",\"mode\":\"%s\",\"reproduces_record\":%s,"
        "\"first_deviation_seq\":%" PRIu64 ",\"venue_reports_set_aside\":%" PRIu64,
        result->last_seq,
        tt_enum_text(&tt_enum_mode, result->mode),
        result->first_deviation == 0 ? "true" : "false",
        result->first_deviation,
        result->venue_reports);
    TUTTI_TRY(put_report_json(result, "recorded", result->recorded));
    TUTTI_TRY(put_report_json(result, "unchanged", result->unchanged.report));
    TUTTI_TRY(put_report_json(result, "changed", result->changed.report));
    put_side_counts("unchanged_answers", &result->unchanged);
    put_side_counts("changed_answers", &result->changed);
    put_counts_json(&result->differences);
    printf(
        ",\"differences_found\":%" PRIu64 ",\"differences\":[%s]}\n", work->found, work->list_text);
    return TUTTI_OK;
}

static tt_exit run_and_print(printing *work)
{
    tt_error error = {0};
    bool is_setting = false;
    const tt_what_if_question question = {
        .path = work->options->path,
        .sets = work->options->sets,
        .set_count = work->options->set_count,
        .until = work->options->until,
        .stop = tt_cli_stop_flag(),
        .told = take_difference,
        .told_ctx = work,
    };
    tutti_status status = tt_what_if_run(&question, &work->result, &is_setting, &error);
    if (fclose(work->list) != 0 && status == TUTTI_OK) {
        status = tt_error_set(&error, TUTTI_NO_MEMORY, "no memory for the list of differences");
    }
    if (status == TUTTI_OK && work->options->json) {
        status = print_json(work);
    } else if (status == TUTTI_OK) {
        print_text(work);
    }
    tt_exit code = TT_EXIT_OK;
    if (status != TUTTI_OK) {
        code = tt_cli_fail(
            &error, is_setting ? TT_CATEGORY_CONFIG : TT_CATEGORY_RUN, work->options->json);
    }
    tt_what_if_free(&work->result);
    return code;
}

tt_exit tt_replay_what_if(const tt_what_if_options *options)
{
    printing *work = calloc(1, sizeof *work);
    if (work == NULL) {
        return TT_EXIT_INTERNAL;
    }
    work->options = options;
    work->list = open_memstream(&work->list_text, &work->list_size);
    tt_exit code = work->list == NULL ? TT_EXIT_INTERNAL : run_and_print(work);
    free(work->list_text);
    free(work);
    return code;
}
