/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recovery, and the way of a reader to a point in the middle.
 */
#include "journal/journal_recover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The journal ends before the point, or passes it with other contents. */
static tutti_status fail_point(
    const tt_journal_reader *reader, const tt_journal_end *point, const char *why, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s: the journal has no such point as sequence %llu: %s",
        reader->dir.path,
        (unsigned long long)point->last_seq,
        why);
    tt_error_hint(
        error,
        "the end of the journal was cut off, or the point (a snapshot) belongs to "
        "another journal; restore the journal from a copy");
    return TUTTI_CORRUPT;
}

/* Enters the last segment that begins at or before the message after `point`, by its own word: what
 * stands before it is not read. */
static tutti_status
enter_before(tt_journal_reader *reader, const tt_journal_end *point, tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(tt_segment_list(&reader->dir, &numbers, &count, error));
    size_t index = 0;
    while (index + 1 < count && numbers[index + 1] <= point->last_seq + 1) {
        index++;
    }
    tt_reader_step_back(reader, numbers, count, &index);
    tt_seq first = count > 0 ? numbers[index] : 0;
    free(numbers);
    if (first <= reader->begin.last_seq + 1) {
        return TUTTI_OK; // The reader stands there already.
    }
    return tt_reader_jump(reader, first, error);
}

/* Reads on until `point`. */
static tutti_status
read_up_to(tt_journal_reader *reader, const tt_journal_end *point, tt_error *error)
{
    while (reader->end.last_seq < point->last_seq) {
        const void *step;
        size_t size;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_END) {
            return fail_point(reader, point, "it ends before", error);
        }
        TUTTI_TRY(status);
    }
    if (reader->end.last_seq != point->last_seq || reader->end.step_count != point->step_count ||
        memcmp(reader->end.chain, point->chain, sizeof point->chain) != 0) {
        return fail_point(reader, point, "its contents are others there", error);
    }
    return TUTTI_OK;
}

tutti_status
tt_journal_reader_seek(tt_journal_reader *reader, const tt_journal_end *end, tt_error *error)
{
    TUTTI_TRY(tt_reader_check_fresh(reader, error));
    if (end->last_seq < reader->begin.last_seq) {
        return fail_point(reader, end, "it was dropped by the rules of retention", error);
    }
    TUTTI_TRY(enter_before(reader, end, error));
    return read_up_to(reader, end, error);
}

/* Says what will be cut off. */
static void explain_cut(const tt_journal_reader *reader, tt_journal_recovery *recovery)
{
    const tt_tail *tail = &reader->tail;
    char name[TT_JOURNAL_NAME_MAX];
    if (tail->kind != TT_TAIL_TORN) {
        return;
    }
    tt_segment_name(name, reader->blank != 0 ? reader->blank : reader->segment_first);
    (void)snprintf(
        recovery->cut_reason,
        sizeof recovery->cut_reason,
        "cut %llu unfinished bytes (%llu whole steps) after commit %llu at sequence %llu of %s: %s",
        (unsigned long long)tail->bytes,
        (unsigned long long)tail->steps,
        (unsigned long long)recovery->end.commit_count,
        (unsigned long long)recovery->end.last_seq,
        name,
        tail->why);
}

/* Reads all that is left. */
static tutti_status run_to_end(
    tt_journal_reader *reader,
    const tt_journal_end *from,
    tt_journal_recovery *recovery,
    tt_error *error)
{
    reader->is_exclusive = true;
    if (from) {
        TUTTI_TRY(tt_journal_reader_seek(reader, from, error));
    }
    const void *step;
    size_t size;
    tutti_status status;
    do {
        status = tt_journal_reader_next(reader, &step, &size, error);
    } while (status == TUTTI_OK);
    if (status != TUTTI_END) {
        return status;
    }
    recovery->end = reader->end;
    recovery->segment_first = reader->segment_first;
    recovery->position = reader->position;
    recovery->version = reader->version;
    recovery->is_sealed = reader->is_sealed;
    recovery->unended = reader->unended;
    recovery->blank = reader->blank;
    explain_cut(reader, recovery);
    return TUTTI_OK;
}

tutti_status tt_journal_recover(
    const char *path,
    const tt_journal_end *from,
    tt_journal_recovery *ret_recovery,
    tt_error *error)
{
    *ret_recovery = (tt_journal_recovery){0};
    tt_journal_reader *reader;
    TUTTI_TRY(tt_journal_reader_open(path, &reader, error));
    tutti_status status = run_to_end(reader, from, ret_recovery, error);
    tt_journal_reader_close(reader);
    return status;
}
