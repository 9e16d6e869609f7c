/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Through a journal to the messages that are wanted.
 */
#include "cli/journal_select.h"

#include <stdlib.h>
#include <string.h>

/** Fills the rows of the options; `is_tail` adds those of tail. */
static void own_options(tt_selection *selection, bool is_tail, tt_cli_own rows[TT_SELECT_OWN_MAX])
{
    tt_filter_words *words = &selection->words;
    const tt_cli_own all[] = {
        {"topic", &words->topic, NULL},
        {"key", &words->key, NULL},
        {"correlation", &words->correlation, NULL},
        {"source", &words->source, NULL},
        {"since", &words->since, NULL},
        {"until", &words->until, NULL},
        {"from-seq", &words->from_seq, NULL},
        {"to-seq", &words->to_seq, NULL},
        {"limit", &words->limit, NULL},
        {"last", &words->last, NULL},
        {"text", NULL, &selection->as_text},
        {is_tail ? "until-closed" : NULL, NULL, is_tail ? &selection->until_closed : NULL},
        {NULL, NULL, NULL},
    };
    _Static_assert(sizeof all / sizeof all[0] <= TT_SELECT_OWN_MAX, "rows");
    memcpy(rows, all, sizeof all);
}

/** Tells whether a message is wanted. Names that stand before the start are read when needed. */
static tutti_status
match(tt_selection *selection, const tt_msg *msg, bool *ret_is_wanted, tt_error *error)
{
    if (msg->topic >= TT_TOPIC_USER_FIRST || msg->source >= TT_SOURCE_USER_FIRST) {
        TUTTI_TRY(tt_journal_source_explain(&selection->source, msg, error));
    }
    *ret_is_wanted = tt_filter_match(&selection->filter, msg);
    return TUTTI_OK;
}

/** What was found in one segment. */
typedef struct findings {
    uint64_t wanted;
    bool has_older; /**< It begins before `since`. */
} findings;

static tutti_status
count_step(tt_selection *selection, const void *step, size_t size, findings *found, tt_error *error)
{
    tt_journal_names_take(selection->source.names, step, size);
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        bool is_wanted = false;
        TUTTI_TRY(match(selection, msg, &is_wanted, error));
        found->wanted += is_wanted;
        found->has_older |= msg->time.ns < selection->filter.since.ns;
    }
    return TUTTI_OK;
}

/** Counts what is wanted from the segment that begins with `from` up to message `until`. */
static tutti_status
count_between(tt_selection *selection, tt_seq from, tt_seq until, findings *found, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    tt_journal_end end = {0};
    TUTTI_TRY(tt_journal_reader_open_any(selection->source.dir, &reader, error));
    tutti_status status = tt_journal_reader_skip(reader, from, (tt_time){INT64_MIN}, error);
    if (status == TUTTI_OK) {
        tt_journal_reader_end(reader, &end);
    }
    while (status == TUTTI_OK && end.last_seq + 1 < until) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_OK) {
            status = count_step(selection, step, size, found, error);
        }
        tt_journal_reader_end(reader, &end);
    }
    tt_journal_reader_close(reader);
    return status == TUTTI_END ? TUTTI_OK : status;
}

/** Goes back, segment by segment, until the last wanted messages are found. */
static tutti_status
go_back(tt_selection *selection, const tt_seq *firsts, size_t count, tt_error *error)
{
    tt_journal_filter *filter = &selection->filter;
    findings found = {0};
    tt_seq until = UINT64_MAX;
    // Of names that are met before their declaration, all are read.
    selection->source.skipped_to = UINT64_MAX;
    for (size_t i = count; i > 0 && found.wanted < filter->last && !found.has_older; i--) {
        if (until <= filter->from_seq) {
            break;
        }
        TUTTI_TRY(count_between(selection, firsts[i - 1], until, &found, error));
        until = firsts[i - 1];
    }
    selection->skip = found.wanted > filter->last ? found.wanted - filter->last : 0;
    filter->from_seq = until > filter->from_seq && until != UINT64_MAX ? until : filter->from_seq;
    return TUTTI_OK;
}

/** Finds where the last wanted messages begin. */
static tutti_status find_last(tt_selection *selection, tt_error *error)
{
    tt_seq *firsts = NULL;
    size_t count = 0;
    TUTTI_TRY(tt_journal_reader_segments(selection->source.reader, &firsts, &count, error));
    tutti_status status = go_back(selection, firsts, count, error);
    free(firsts);
    return status;
}

/** Time of the last message: the last segment tells. */
static tutti_status find_end(const char *dir, tt_time *ret_end, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    tt_journal_end end = {0};
    TUTTI_TRY(tt_journal_reader_open_any(dir, &reader, error));
    tutti_status status = tt_journal_reader_skip(reader, UINT64_MAX, (tt_time){INT64_MIN}, error);
    while (status == TUTTI_OK) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(reader, &step, &size, error);
    }
    tt_journal_reader_end(reader, &end);
    *ret_end = end.last_time;
    tt_journal_reader_close(reader);
    return status == TUTTI_END ? TUTTI_OK : status;
}

/** Reads what the words need to be understood, and then the words. */
static tutti_status read_words(tt_selection *selection, bool *ret_is_usage, tt_error *error)
{
    tt_journal_source *source = &selection->source;
    tt_time end = {0};
    if (tt_filter_needs_names(&selection->words)) {
        TUTTI_TRY(tt_journal_names_read(source->names, source->dir, UINT64_MAX, error));
    }
    if (tt_filter_needs_end(&selection->words)) {
        TUTTI_TRY(find_end(source->dir, &end, error));
    }
    tutti_status status = tt_filter_parse(
        &selection->words,
        &source->config->engine.instruments,
        tt_journal_names_registry(source->names),
        end,
        &selection->filter,
        error);
    *ret_is_usage = status != TUTTI_OK;
    return status;
}

/** Opens the journal, reads the words. A wrong word has `ret_is_usage` set. */
static tutti_status open_selection(
    tt_selection *selection, const char *path, bool json, bool *ret_is_usage, tt_error *error)
{
    tt_journal_source *source = &selection->source;
    *ret_is_usage = false;
    TUTTI_TRY(tt_journal_source_open(path, source, error));
    TUTTI_TRY(read_words(selection, ret_is_usage, error));
    if (selection->filter.last > 0) {
        TUTTI_TRY(find_last(selection, error));
    }
    TUTTI_TRY(
        tt_journal_source_skip(source, selection->filter.from_seq, selection->filter.since, error));
    selection->printer.registry = tt_journal_names_registry(source->names);
    selection->printer.instruments = &source->config->engine.instruments;
    selection->printer.out = stdout;
    selection->printer.json = tt_cli_wants_json(json, selection->as_text);
    return TUTTI_OK;
}

static void close_selection(tt_selection *selection)
{
    tt_journal_source_close(&selection->source);
}

static tutti_status take_message(tt_selection *selection, const tt_msg *msg, tt_error *error)
{
    bool is_wanted = false;
    TUTTI_TRY(match(selection, msg, &is_wanted, error));
    if (is_wanted && selection->skip > 0) {
        selection->skip--;
    } else if (is_wanted) {
        TUTTI_TRY(tt_journal_source_explain(&selection->source, msg, error));
        tt_message_print(&selection->printer, msg);
        selection->printed++;
    }
    uint64_t limit = selection->filter.limit;
    selection->is_done =
        tt_filter_is_past(&selection->filter, msg) || (limit > 0 && selection->printed == limit);
    return TUTTI_OK;
}

tutti_status tt_select_print(tt_selection *selection, tt_error *error)
{
    // Nobody reads a pipe that was closed: no need to go on.
    while (!selection->is_done && ferror(stdout) == 0) {
        const void *step = NULL;
        size_t size = 0;
        TUTTI_TRY(tt_journal_source_next(&selection->source, &step, &size, error));
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL && !selection->is_done;
             msg = tt_step_next(step, size, msg)) {
            TUTTI_TRY(take_message(selection, msg, error));
        }
    }
    return TUTTI_END;
}

static tt_exit
show(const tt_select_command *command, const tt_cli_options *options, tt_selection *selection)
{
    tt_error error = {0};
    bool is_usage = false;
    if (options->argument_count == 3) {
        if (selection->words.topic != NULL) {
            return tt_cli_usage(command->usage, "the topic is given twice", options->arguments[2]);
        }
        selection->words.topic = options->arguments[2];
    }
    if (command->prepare != NULL) {
        command->prepare(&selection->words);
    }
    tutti_status status =
        open_selection(selection, options->arguments[1], options->json, &is_usage, &error);
    if (status == TUTTI_OK) {
        status = command->show(selection, &error);
    }
    close_selection(selection);
    return status == TUTTI_END
               ? TT_EXIT_OK
               : tt_cli_fail(&error, is_usage ? TT_CATEGORY_USAGE : TT_CATEGORY_RUN, options->json);
}

tt_exit tt_select_run(const tt_select_command *command, int argc, char **argv)
{
    tt_cli_options options;
    tt_cli_own own[TT_SELECT_OWN_MAX];
    tt_selection *selection = calloc(1, sizeof *selection);
    if (selection == NULL) {
        return TT_EXIT_INTERNAL;
    }
    own_options(selection, command->is_tail, own);
    const tt_cli_syntax syntax = {command->usage, "j", own, "one folder", 2, 3};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code == TT_EXIT_OK) {
        code = show(command, &options, selection);
    }
    free(selection);
    return code;
}
