/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal repair: cuts off what a crash left unfinished behind the last commit, and nothing
 * else. The next session would do the same; this does it now, and says what.
 */
#include "cli/journal_source.h"
#include "host/replay.h"
#include "model/text.h"
#include "report/render.h"

#include <inttypes.h>

static const char usage[] = "journal repair DIR [--dry-run] [--json]";

/** Refuses while a writer has the journal open, as repair itself would. */
static tutti_status check_writer(const char *dir, tt_error *error)
{
    tt_journal_survey survey;
    TUTTI_TRY(tt_journal_survey_read(dir, &survey, error));
    if (!survey.has_writer) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_BUSY, "the journal %s is in use by process %ld", dir, survey.owner);
    tt_error_hint(error, "stop that process first; it cuts nothing that it still writes");
    return TUTTI_BUSY;
}

/** Finds what repair would cut, by reading alone. */
static tutti_status
look(const char *path, tt_journal_source *source, tt_journal_repair_report *report, tt_error *error)
{
    TUTTI_TRY(tt_journal_source_open(path, source, error));
    TUTTI_TRY(check_writer(source->dir, error));
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(source->reader, &step, &size, error);
    }
    if (status != TUTTI_END) {
        return status;
    }
    tt_journal_reader_end(source->reader, &report->end);
    TT_TEXT_SET(report->reason, tt_journal_reader_tail(source->reader));
    return TUTTI_OK;
}

static tutti_status repair(
    const char *path, tt_journal_source *source, tt_journal_repair_report *report, tt_error *error)
{
    TUTTI_TRY(tt_journal_locate(path, source->dir, error));
    return tt_journal_repair(source->dir, report, error);
}

/** Damage is not for this command: it says what can be done instead. */
static void hint_damage(tt_error *error)
{
    if (error->status == TUTTI_CORRUPT) {
        tt_error_hint(
            error,
            "this is damage, not an unfinished end, and nothing was changed: restore the journal "
            "from a copy; `tutti journal dump` prints what stands before it");
    }
}

static void print_text(const char *path, const tt_journal_repair_report *report, bool is_dry)
{
    uint64_t bytes = report->end.cut_bytes;
    if (bytes == 0) {
        printf("%s: nothing to repair\n", path);
    } else {
        printf(
            "%s: %s %" PRIu64 " bytes: %s\n",
            path,
            is_dry ? "would cut" : "cut",
            bytes,
            report->reason);
    }
    printf(
        "  ends with message %" PRIu64 ", after %" PRIu64 " steps and %" PRIu64
        " commits, all as they were written\n  digest ",
        report->end.last_seq,
        report->end.step_count,
        report->end.commit_count);
    tt_cli_put_digest(stdout, report->end.chain);
    putchar('\n');
}

static void print_json(const tt_journal_repair_report *report, bool is_dry)
{
    printf(
        "{\"dry_run\": %s, \"cut_bytes\": %" PRIu64 ", \"reason\": ",
        is_dry ? "true" : "false",
        report->end.cut_bytes);
    tt_render_json_text(stdout, report->reason);
    printf(
        ", \"last_seq\": %" PRIu64 ", \"steps\": %" PRIu64 ", \"digest\": \"",
        report->end.last_seq,
        report->end.step_count);
    tt_cli_put_digest(stdout, report->end.chain);
    puts("\"}");
}

tt_exit tt_cmd_journal_repair(int argc, char **argv)
{
    tt_cli_options options;
    bool is_dry = false;
    const tt_cli_own own[] = {{"dry-run", NULL, &is_dry}, {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {usage, "j", own, "one folder", 2, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_error error = {0};
    tt_journal_repair_report report = {0};
    tt_journal_source source = {0};
    const char *path = options.arguments[1];
    tutti_status status =
        is_dry ? look(path, &source, &report, &error) : repair(path, &source, &report, &error);
    if (status != TUTTI_OK) {
        hint_damage(&error);
        code = tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
    } else if (options.json) {
        print_json(&report, is_dry);
    } else {
        print_text(path, &report, is_dry);
    }
    tt_journal_source_close(&source);
    return code;
}
