/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal stats: what a journal holds, in numbers.
 */
#include "cli/journal_source.h"
#include "report/journal_stats.h"
#include "report/render.h"

#include <inttypes.h>
#include <stdlib.h>

static const char usage[] = "journal stats DIR [--json]";

/** Seconds of event time from the first message to the last. */
static double span_seconds(const tt_journal_stats *stats)
{
    return (double)(stats->end.last_time.ns - stats->first_time.ns) / (double)TT_NS_PER_S;
}

static double rate(const tt_journal_stats *stats)
{
    double seconds = span_seconds(stats);
    return seconds > 0 ? (double)stats->messages / seconds : 0;
}

static void put_files(const char *name, uint32_t count, uint64_t bytes)
{
    printf("  %-12s %10" PRIu32 "  ", name, count);
    tt_cli_put_bytes(stdout, bytes);
    putchar('\n');
}

static void put_time_span(const tt_journal_stats *stats)
{
    char first[TT_TIME_TEXT_MAX];
    char last[TT_TIME_TEXT_MAX];
    if (stats->messages == 0) {
        puts("  empty: nothing is committed");
        return;
    }
    tt_time_format(stats->first_time, first);
    tt_time_format(stats->end.last_time, last);
    if (stats->files.first_seq > 1) {
        printf(
            "  begins with  message %" PRIu64 "; older ones were dropped\n",
            stats->files.first_seq);
    }
    printf("  from         %s\n  to           %s\n", first, last);
    printf("  rate         %.2f messages a second of event time\n", rate(stats));
    printf("  largest step %" PRIu64 " messages, ", stats->largest_step_messages);
    tt_cli_put_bytes(stdout, stats->largest_step_bytes);
    printf(", from message %" PRIu64 "\n", stats->largest_step);
}

static void put_topics(const tt_registry *registry, const tt_journal_stats *stats)
{
    printf("\n  %-20s %12s %7s %12s\n", "topic", "messages", "share", "bytes");
    for (uint32_t place = 1; place < TT_TOPIC_PLACES; place++) {
        if (stats->topic_messages[place] > 0) {
            char number[TT_NUMBER_TEXT_MAX];
            double share = (double)stats->topic_bytes[place] / (double)stats->message_bytes;
            printf(
                "  %-20s %12" PRIu64 " %5.1f %% ",
                tt_registry_topic_name(registry, tt_topic_at(place), number),
                stats->topic_messages[place],
                share * 100);
            printf("%12" PRIu64 "\n", stats->topic_bytes[place]);
        }
    }
}

static void put_end(const tt_journal_stats *stats)
{
    if (stats->files.has_writer) {
        printf("  end          process %ld writes\n", stats->files.owner);
    } else {
        printf("  end          %s\n", stats->end.is_closed ? "closed" : "not closed: interrupted");
    }
}

static void put_declared(const tt_journal_names *names)
{
    const tt_registry *registry = tt_journal_names_registry(names);
    uint32_t topics = tt_registry_topic_count(registry);
    uint32_t sources = tt_registry_source_count(registry);
    uint64_t refused = tt_journal_names_refused(names);
    if (topics + sources + refused > 0) {
        printf("\n  declared: %" PRIu32 " topics, %" PRIu32 " sources", topics, sources);
        printf(refused > 0 ? "; %" PRIu64 " declarations contradict others\n" : "\n", refused);
    }
}

static void print_text(const tt_journal_source *source, const tt_journal_stats *stats)
{
    printf("%s\n", source->dir);
    const tt_journal_survey *files = &stats->files;
    put_files("segments", files->segments, files->segment_bytes);
    put_files("archived", files->archives, files->archive_bytes);
    put_files("snapshots", files->snapshots, files->snapshot_bytes);
    printf("  commits      %10" PRIu64 "\n", stats->end.commit_count);
    printf("  steps        %10" PRIu64 "\n", stats->end.step_count);
    printf("  messages     %10" PRIu64 "  ", stats->messages);
    tt_cli_put_bytes(stdout, stats->message_bytes);
    putchar('\n');
    put_time_span(stats);
    fputs("  digest       ", stdout);
    tt_cli_put_digest(stdout, stats->end.chain);
    putchar('\n');
    put_end(stats);
    if (stats->end.cut_bytes > 0) {
        printf("  unfinished   %" PRIu64 " bytes: %s\n", stats->end.cut_bytes, stats->tail);
    }
    if (stats->messages > 0) {
        put_topics(tt_journal_names_registry(source->names), stats);
        put_declared(source->names);
    }
}

static void put_files_json(const char *name, uint32_t count, uint64_t bytes)
{
    printf("\"%s\": {\"count\": %" PRIu32 ", \"bytes\": %" PRIu64 "}, ", name, count, bytes);
}

static void put_time_json(const char *name, tt_time time, bool is_there)
{
    char text[TT_TIME_TEXT_MAX];
    tt_time_format(time, text);
    printf(is_there ? "\"%s\": \"%s\", " : "\"%s\": null, ", name, text);
}

static void put_topics_json(const tt_registry *registry, const tt_journal_stats *stats)
{
    const char *separator = "";
    fputs("\"topics\": {", stdout);
    for (uint32_t place = 1; place < TT_TOPIC_PLACES; place++) {
        if (stats->topic_messages[place] > 0) {
            char number[TT_NUMBER_TEXT_MAX];
            printf(
                "%s\"%s\": {\"messages\": %" PRIu64 ", \"bytes\": %" PRIu64 "}",
                separator,
                tt_registry_topic_name(registry, tt_topic_at(place), number),
                stats->topic_messages[place],
                stats->topic_bytes[place]);
            separator = ", ";
        }
    }
    fputs("}", stdout);
}

static void print_json(const tt_journal_source *source, const tt_journal_stats *stats)
{
    fputs("{\"dir\": ", stdout);
    tt_render_json_text(stdout, source->dir);
    fputs(", ", stdout);
    const tt_journal_survey *files = &stats->files;
    put_files_json("segments", files->segments, files->segment_bytes);
    put_files_json("archived", files->archives, files->archive_bytes);
    put_files_json("snapshots", files->snapshots, files->snapshot_bytes);
    printf("\"first_seq\": %" PRIu64 ", \"writer_pid\": %ld, ", files->first_seq, files->owner);
    printf(
        "\"commits\": %" PRIu64 ", \"steps\": %" PRIu64 ", \"messages\": %" PRIu64
        ", \"inputs\": %" PRIu64 ", \"message_bytes\": %" PRIu64 ", \"last_seq\": %" PRIu64 ", ",
        stats->end.commit_count,
        stats->end.step_count,
        stats->messages,
        stats->inputs,
        stats->message_bytes,
        stats->end.last_seq);
    put_time_json("first_time", stats->first_time, stats->messages > 0);
    put_time_json("last_time", stats->end.last_time, stats->messages > 0);
    printf(
        "\"messages_per_second\": %.3f, \"largest_step\": {\"seq\": %" PRIu64
        ", \"messages\": %" PRIu64 ", \"bytes\": %" PRIu64
        "}, \"closed\": %s, \"unfinished_bytes\": %" PRIu64 ", \"unfinished_reason\": ",
        rate(stats),
        stats->largest_step,
        stats->largest_step_messages,
        stats->largest_step_bytes,
        stats->end.is_closed ? "true" : "false",
        stats->end.cut_bytes);
    tt_render_json_text(stdout, stats->tail);
    printf(
        ", \"declared\": {\"topics\": %" PRIu32 ", \"sources\": %" PRIu32 ", \"refused\": %" PRIu64
        "}",
        tt_registry_topic_count(tt_journal_names_registry(source->names)),
        tt_registry_source_count(tt_journal_names_registry(source->names)),
        tt_journal_names_refused(source->names));
    fputs(", \"digest\": \"", stdout);
    tt_cli_put_digest(stdout, stats->end.chain);
    fputs("\", ", stdout);
    put_topics_json(tt_journal_names_registry(source->names), stats);
    puts("}");
}

static tutti_status
gather(const char *path, tt_journal_source *source, tt_journal_stats *stats, tt_error *error)
{
    TUTTI_TRY(tt_journal_source_open(path, source, error));
    TUTTI_TRY(tt_journal_survey_read(source->dir, &stats->files, error));
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_source_next(source, &step, &size, error);
        if (status == TUTTI_END) {
            tt_journal_stats_finish(stats, source->reader);
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        tt_journal_stats_take(stats, step, size);
    }
}

tt_exit tt_cmd_journal_stats(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "j", NULL, "one folder", 2, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_error error = {0};
    static tt_journal_stats stats; // large, and a command runs once
    tt_journal_source source;
    if (gather(options.arguments[1], &source, &stats, &error) != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    } else if (options.json) {
        print_json(&source, &stats);
    } else {
        print_text(&source, &stats);
    }
    tt_journal_source_close(&source);
    return code;
}
