/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Through a journal to the messages that are wanted.
 */
#include "cli/journal_select.h"

#include <string.h>

void tt_select_own(tt_selection *selection, bool is_tail, tt_cli_own rows[TT_SELECT_OWN_MAX])
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

/** A first way through the journal: where it ends, and how many messages are wanted. */
typedef struct survey {
    tt_time end;
    uint64_t wanted;
} survey;

static tutti_status
look_through(const char *path, const tt_journal_filter *filter, survey *ret_survey, tt_error *error)
{
    tt_journal_source source;
    *ret_survey = (survey){0};
    tutti_status status = tt_journal_source_open(path, &source, error);
    while (status == TUTTI_OK) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(source.reader, &step, &size, error);
        for (const tt_msg *msg = status == TUTTI_OK ? tt_step_next(step, size, NULL) : NULL;
             msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            ret_survey->end = msg->time;
            ret_survey->wanted += filter != NULL && tt_filter_match(filter, msg);
        }
    }
    tt_journal_source_close(&source);
    return status == TUTTI_END ? TUTTI_OK : status;
}

tutti_status tt_select_open(
    tt_selection *selection, const char *path, bool json, bool *ret_is_usage, tt_error *error)
{
    survey found = {0};
    *ret_is_usage = false;
    TUTTI_TRY(tt_journal_source_open(path, &selection->source, error));
    const tt_instruments *instruments = &selection->source.config->engine.instruments;
    if (tt_filter_needs_end(&selection->words)) {
        TUTTI_TRY(look_through(path, NULL, &found, error));
    }
    tutti_status status =
        tt_filter_parse(&selection->words, instruments, found.end, &selection->filter, error);
    if (status != TUTTI_OK) {
        *ret_is_usage = true;
        return status;
    }
    if (selection->filter.last > 0) {
        TUTTI_TRY(look_through(path, &selection->filter, &found, error));
        uint64_t last = selection->filter.last;
        selection->skip = found.wanted > last ? found.wanted - last : 0;
    }
    selection->printer.instruments = instruments;
    selection->printer.out = stdout;
    selection->printer.json = tt_cli_wants_json(json, selection->as_text);
    return TUTTI_OK;
}

void tt_select_close(tt_selection *selection)
{
    tt_journal_source_close(&selection->source);
}

static void take_message(tt_selection *selection, const tt_msg *msg)
{
    if (tt_filter_match(&selection->filter, msg)) {
        if (selection->skip > 0) {
            selection->skip--;
        } else {
            tt_message_print(&selection->printer, msg);
            selection->printed++;
        }
    }
    uint64_t limit = selection->filter.limit;
    selection->is_done =
        tt_filter_is_past(&selection->filter, msg) || (limit > 0 && selection->printed == limit);
}

tutti_status tt_select_print(tt_selection *selection, tt_error *error)
{
    // Nobody reads a pipe that was closed: no need to go on.
    while (!selection->is_done && ferror(stdout) == 0) {
        const void *step = NULL;
        size_t size = 0;
        TUTTI_TRY(tt_journal_reader_next(selection->source.reader, &step, &size, error));
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL && !selection->is_done;
             msg = tt_step_next(step, size, msg)) {
            take_message(selection, msg);
        }
    }
    return TUTTI_END;
}
