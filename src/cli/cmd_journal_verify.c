/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal verify: is every record of this journal as it was written? `tutti verify` also
 * checks the books and replays.
 */
#include "cli/journal_source.h"
#include "host/paper_clock.h"
#include "report/journal_stats.h"
#include "report/render.h"

#include <inttypes.h>
#include <unistd.h>

static const char usage[] = "journal verify DIR [--json] [--quiet]";

/** How far a verification is. */
typedef struct progress {
    uint64_t total; /**< Bytes of all segments; 0 = unknown, as archives do not tell. */
    uint64_t done;
    int64_t started_ns;
    int64_t told_ns;
    bool is_shown;
    bool has_drawn;
} progress;

/** Draws at most ten times a second, and nothing for work that is done at once. */
static void tell(progress *work, bool is_done)
{
    const int64_t quiet_ns = 300 * TT_NS_PER_MS;
    const int64_t interval_ns = 100 * TT_NS_PER_MS;
    int64_t now = tt_mono_ns();
    int64_t elapsed_ns = now - work->started_ns;
    if (!work->is_shown || elapsed_ns < quiet_ns ||
        (!is_done && now - work->told_ns < interval_ns)) {
        return;
    }
    double elapsed = (double)elapsed_ns / (double)TT_NS_PER_S;
    work->told_ns = now;
    work->has_drawn = true;
    double rate = (double)work->done / 1e6 / elapsed;
    if (work->total == 0) {
        fprintf(stderr, "\rverifying: %.0f MB  %.0f MB/s ", (double)work->done / 1e6, rate);
    } else {
        double share = (double)work->done / (double)work->total;
        share = share > 1 || is_done ? 1 : share;
        double left = share > 0 ? elapsed * (1 - share) / share : 0;
        fprintf(stderr, "\rverifying %3.0f %%  %.0f MB/s  %.0f s left ", share * 100, rate, left);
    }
    fflush(stderr);
}

static void end_line(const progress *work)
{
    if (work->has_drawn) {
        fputc('\n', stderr);
    }
}

/** Reads everything; the reader checks. A message counts when its step is whole. */
static tutti_status check(
    const char *path,
    bool is_shown,
    tt_journal_source *source,
    tt_journal_stats *stats,
    tt_error *error)
{
    enum {
        RECORD_HEAD = 16,
        STEPS_PER_LOOK = 1024
    };
    TUTTI_TRY(tt_journal_source_open(path, source, error));
    TUTTI_TRY(tt_journal_survey_read(source->dir, &stats->files, error));
    progress work = {
        .total = stats->files.archives == 0 ? stats->files.segment_bytes : 0,
        .started_ns = tt_mono_ns(),
        .is_shown = is_shown && isatty(STDERR_FILENO) != 0};
    tutti_status status = TUTTI_OK;
    for (uint64_t count = 0; status == TUTTI_OK; count++) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(source->reader, &step, &size, error);
        if (status == TUTTI_OK) {
            tt_journal_stats_take(stats, step, size);
            work.done += size + RECORD_HEAD;
        }
        if (count % STEPS_PER_LOOK == 0) {
            tell(&work, false);
        }
    }
    tell(&work, status == TUTTI_END);
    end_line(&work);
    tt_journal_stats_finish(stats, source->reader);
    return status == TUTTI_END ? TUTTI_OK : status;
}

static void print_text(const char *path, const tt_journal_stats *stats)
{
    const tt_journal_end *end = &stats->end;
    printf("%s: every record is as it was written\n", path);
    printf(
        "  checked: configuration, %" PRIu32 " segments, %" PRIu64 " commits, %" PRIu64
        " steps, %" PRIu64 " messages:\n"
        "  checksums, hash chain, order of numbers, sizes; not books and replay (`tutti verify`)\n",
        stats->files.segments + stats->files.archives,
        end->commit_count,
        end->step_count,
        stats->messages);
    if (stats->files.first_seq > 1) {
        printf(
            "  it begins with message %" PRIu64 ": older ones were dropped by its retention\n",
            stats->files.first_seq);
    }
    if (end->cut_bytes > 0) {
        printf(
            "  %" PRIu64 " bytes after the last commit were never durable and do not count: %s\n",
            end->cut_bytes,
            stats->tail);
    }
    if (!end->is_closed) {
        puts("  the writer did not close it: it is in use, was interrupted, or has lost its end");
    }
    fputs("  digest ", stdout);
    tt_cli_put_digest(stdout, end->chain);
    putchar('\n');
}

static void print_json(const tt_journal_stats *stats)
{
    const tt_journal_end *end = &stats->end;
    printf(
        "{\"verified\": true, \"segments\": %" PRIu32 ", \"commits\": %" PRIu64
        ", \"steps\": %" PRIu64 ", \"messages\": %" PRIu64 ", \"first_seq\": %" PRIu64
        ", \"last_seq\": %" PRIu64 ", \"closed\": %s, "
        "\"unfinished_bytes\": %" PRIu64 ", \"unfinished_reason\": ",
        stats->files.segments + stats->files.archives,
        end->commit_count,
        end->step_count,
        stats->messages,
        stats->files.first_seq,
        end->last_seq,
        end->is_closed ? "true" : "false",
        end->cut_bytes);
    tt_render_json_text(stdout, stats->tail);
    fputs(", \"digest\": \"", stdout);
    tt_cli_put_digest(stdout, end->chain);
    puts("\"}");
}

tt_exit tt_cmd_journal_verify(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "jq", NULL, "one folder", 2, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_error error = {0};
    static tt_journal_stats stats; // large, and a command runs once
    tt_journal_source source;
    if (check(options.arguments[1], !options.quiet, &source, &stats, &error) != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    } else if (options.json) {
        print_json(&stats);
    } else {
        print_text(options.arguments[1], &stats);
    }
    tt_journal_source_close(&source);
    return code;
}
