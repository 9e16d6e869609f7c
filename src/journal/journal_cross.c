/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader's way from one segment to the next.
 *
 * A segment is ended while its successor is written to already (ADR 107). So the one before the
 * last may be found uncut, or unsealed: then the header of the last one must say that nothing but
 * the seal is missing, and there must be room for it. All others end in their seal.
 */
#include "journal/journal_reader.h"
#include "journal/journal_seal.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

tutti_status
tt_reader_judge(const tt_journal_reader *reader, bool is_alive, tt_tail *ret_tail, tt_error *error)
{
    const tt_tail_place place = {reader->position, reader->verified.commit_count, reader->version};
    TUTTI_TRY(tt_tail_read(&reader->dir, reader->file, place, ret_tail, error));
    if (is_alive && ret_tail->kind == TT_TAIL_CORRUPT) {
        // A write may have been under way between two of our reads. What was seen of it stands in
        // the file by now, so a second look is not deceived.
        (void)sched_yield();
        return tt_tail_read(&reader->dir, reader->file, place, ret_tail, error);
    }
    return TUTTI_OK;
}

/* Tells whether a segment is the last one. */
static tutti_status
is_last(const tt_journal_reader *reader, tt_seq first_seq, bool *ret_is_last, tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(
        tt_journal_dir_list(&reader->dir, "", TT_JOURNAL_SEGMENT_SUFFIX, &numbers, &count, error));
    *ret_is_last = count > 0 && numbers[count - 1] == first_seq;
    free(numbers);
    return TUTTI_OK;
}

/* Notes that the open segment was not ended. `after`: behind its seal, which has its place at
 * `offset`. */
static void note_unended(tt_journal_reader *reader, uint64_t offset, const tt_journal_end *after)
{
    reader->unended = (tt_unended){
        .first_seq = reader->segment_first,
        .offset = offset,
        .version = reader->version,
        .after = *after};
}

/* Tells whether only zeros stand behind the seal of the open segment, which was read, and that may
 * be: a writer that cuts a segment before it leaves the next has not come to it. */
static tutti_status
is_uncut(const tt_journal_reader *reader, tt_seq next, bool *ret_is_uncut, tt_error *error)
{
    uint64_t size;
    tt_tail tail = {.kind = TT_TAIL_CORRUPT};
    bool is_before_last;
    *ret_is_uncut = false;
    // In this order: if the next one is not the last any more, this one has been cut since.
    TUTTI_TRY(is_last(reader, next, &is_before_last, error));
    TUTTI_TRY(tt_journal_file_size(&reader->dir, reader->file, &size, error));
    if (size == reader->position) {
        return TUTTI_OK;
    }
    if (is_before_last && size > reader->position) {
        TUTTI_TRY(tt_reader_judge(reader, false, &tail, error));
    }
    *ret_is_uncut = tail.kind == TT_TAIL_CLEAN;
    return *ret_is_uncut
               ? TUTTI_OK
               : tt_reader_fail(
                     reader, reader->position, 0, "the segment does not end with its seal", error);
}

/* The open segment must end with its seal, which was read; the one before the last may have zeros
 * behind it. */
static tutti_status check_end(tt_journal_reader *reader, tt_seq next, tt_error *error)
{
    uint64_t size;
    bool is_unended;
    TUTTI_TRY(tt_journal_file_size(&reader->dir, reader->file, &size, error));
    if (size == reader->position) {
        return TUTTI_OK;
    }
    TUTTI_TRY(is_uncut(reader, next, &is_unended, error));
    if (is_unended) {
        note_unended(reader, reader->position - TT_SEAL_BYTES, &reader->verified);
    }
    return TUTTI_OK;
}

tutti_status tt_reader_cross(tt_journal_reader *reader, tt_error *error)
{
    tt_seq next = reader->verified.last_seq + 1;
    // The next segment gets its name from the prepared one: looking at the name again after having
    // missed both finds it if it was renamed in between.
    if (!tt_segment_exists(&reader->dir, next)) {
        if (tt_segment_is_prepared(&reader->dir, next)) {
            return TUTTI_END;
        }
        if (!tt_segment_exists(&reader->dir, next)) {
            return tt_reader_fail(
                reader, reader->position, 0, "the segment that follows is missing", error);
        }
    }
    if (next == reader->segment_first) {
        return tt_reader_fail(
            reader, reader->position, 0, "the segment is sealed, but holds nothing", error);
    }
    if (reader->archive) {
        TUTTI_TRY(tt_archive_finish(reader->archive, &reader->verified, error));
    } else {
        TUTTI_TRY(check_end(reader, next, error));
    }
    return tt_reader_enter(reader, next, error);
}

bool tt_reader_is_followed(const tt_journal_reader *reader)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_seq next = reader->verified.last_seq + 1;
    tt_segment_name(name, next);
    return next != reader->segment_first && tt_journal_dir_has(&reader->dir, name);
}

/* The next segment has its name, but not its header: a power cut came before its first commit was
 * durable, if there is nothing behind that. */
static tutti_status judge_blank(
    tt_journal_reader *reader, tt_seq next, const tt_tail *own, bool is_alive, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_tail tail;
    tt_segment_name(name, next);
    tt_journal_file file = {.name = name};
    const tt_tail_place place = {
        sizeof(tt_segment_header), reader->verified.commit_count + 1, TT_JOURNAL_VERSION};
    TUTTI_TRY(tt_journal_file_open(&reader->dir, name, O_RDONLY, &file.fd, error));
    tutti_status status = tt_tail_read(&reader->dir, file, place, &tail, error);
    (void)close(file.fd);
    TUTTI_TRY(status);
    if (own->kind != TT_TAIL_CLEAN || (tail.kind != TT_TAIL_CLEAN && tail.kind != TT_TAIL_TORN)) {
        return tt_reader_fail(
            reader, reader->position, 0, "the segment that follows has lost its header", error);
    }
    reader->blank = next;
    reader->tail = is_alive ? (tt_tail){.why = ""} : tail;
    reader->end.cut_bytes = reader->tail.bytes;
    return TUTTI_END;
}

/* Goes to the next segment as if the seal of the open one had been read. */
static tutti_status pass_seal(tt_journal_reader *reader, tt_seq next, tt_error *error)
{
    reader->verified.commit_count++;
    reader->verified.is_closed = false;
    note_unended(reader, reader->position, &reader->verified);
    TUTTI_TRY(tt_reader_enter(reader, next, error));
    reader->end = reader->verified;
    return TUTTI_BUSY;
}

tutti_status tt_reader_cross_unsealed(tt_journal_reader *reader, bool is_alive, tt_error *error)
{
    const tt_seq next = reader->verified.last_seq + 1;
    bool is_before_last;
    uint64_t size;
    tt_tail tail;
    TUTTI_TRY(is_last(reader, next, &is_before_last, error));
    // The seal may have come since we looked for a batch; it has, if there is yet another segment.
    tutti_status status = tt_reader_load_batch(reader, error);
    if (status != TUTTI_END) {
        return status;
    }
    TUTTI_TRY(tt_reader_judge(reader, is_alive, &tail, error));
    if (tail.kind == TT_TAIL_WHOLE) {
        return TUTTI_BUSY;
    }
    if (tail.kind == TT_TAIL_CORRUPT) {
        return tt_reader_fail(reader, tail.offset, tail.steps, tail.why, error);
    }
    TUTTI_TRY(tt_journal_file_size(&reader->dir, reader->file, &size, error));
    if (!is_before_last || reader->version < 2 || size < reader->position + TT_SEAL_BYTES) {
        return tt_reader_fail(
            reader,
            reader->position,
            0,
            "the segment ends without its seal, but another one follows",
            error);
    }
    return tt_segment_is_blank(&reader->dir, next)
               ? judge_blank(reader, next, &tail, is_alive, error)
               : pass_seal(reader, next, error);
}
