/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader: from segment to segment, batch to batch, step to step.
 */
#include "journal/journal_lock.h"
#include "journal/journal_reader.h"
#include "journal/journal_segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Looks at a tail before its judgement stands, while a writer may be at work. */
#define LOOKS_MAX 8

/* Closes the open segment. */
static void leave_segment(tt_journal_reader *reader)
{
    if (reader->file.fd >= 0) {
        (void)close(reader->file.fd);
    }
    reader->file.fd = -1;
    tt_archive_close(reader->archive);
    reader->archive = NULL;
    reader->passed_over = tt_journal_reader_passed_over(reader);
    tt_foreign_close(reader->foreign);
    reader->foreign = NULL;
}

/* Tells whether a segment begins where the reader stands. */
static bool continues(const tt_segment_header *header, const tt_journal_end *end)
{
    return header->first_seq == end->last_seq + 1 && header->step_count == end->step_count &&
           header->commit_count == end->commit_count && header->last_time_ns == end->last_time.ns &&
           memcmp(header->chain, end->chain, sizeof header->chain) == 0;
}

/* A segment under its name or in its archive. */
typedef struct opened_segment {
    tt_segment_header header;
    tt_archive *archive;
    tt_foreign *foreign;
    int fd;
} opened_segment;

static void close_opened(opened_segment *opened)
{
    if (opened->fd >= 0) {
        (void)close(opened->fd);
    }
    tt_archive_close(opened->archive);
    tt_foreign_close(opened->foreign);
}

/* Says that the messages of a segment are laid out otherwise. Returns TUTTI_VERSION. */
static tutti_status
refuse_layouts(const tt_journal_reader *reader, const char *name, const char *hint, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_VERSION,
        "%s/%s: the segment was written by a build whose messages have other layouts",
        reader->dir.path,
        name);
    tt_error_hint(error, "%s", hint);
    return TUTTI_VERSION;
}

/* The layouts of an opened segment, unless they are ours. */
static tutti_status open_layouts(
    const tt_journal_reader *reader, opened_segment *opened, const char *name, tt_error *error)
{
    if (tt_segment_header_is_own(&opened->header)) {
        return TUTTI_OK;
    }
    if (!reader->is_any) {
        return refuse_layouts(reader, name, TT_JOURNAL_HINT_OTHERS, error);
    }
    tutti_status status =
        tt_foreign_open(&reader->dir, opened->header.layouts, &opened->foreign, error);
    if (status == TUTTI_NOT_FOUND) {
        return refuse_layouts(
            reader,
            name,
            "the file that describes them is missing: use the release that wrote the journal",
            error);
    }
    return status;
}

tutti_status tt_journal_reader_require_own(const tt_journal_reader *reader, tt_error *error)
{
    return reader->foreign ? refuse_layouts(reader, reader->name, TT_JOURNAL_HINT_OTHERS, error)
                           : TUTTI_OK;
}

/* Opens an archive up to behind the header of the segment in it. */
static tutti_status open_archived(
    const tt_journal_reader *reader, tt_seq first_seq, opened_segment *opened, tt_error *error)
{
    size_t size = sizeof opened->header;
    const char *why = "";
    TUTTI_TRY(tt_archive_open(&reader->dir, first_seq, &opened->archive, error));
    TUTTI_TRY(tt_archive_read(opened->archive, &opened->header, &size, error));
    tutti_status status = tt_segment_header_check(&opened->header, size, &why);
    if (status != TUTTI_OK || opened->header.first_seq != first_seq) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_archive_name(name, first_seq);
        status = status == TUTTI_OK ? TUTTI_CORRUPT : status;
        return tt_error_set(error, status, "%s/%s: %s", reader->dir.path, name, why);
    }
    return TUTTI_OK;
}

/* Opens a segment. One that is archived and not yet removed is read as it stands. */
static tutti_status open_segment(
    const tt_journal_reader *reader, tt_seq first_seq, opened_segment *opened, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    *opened = (opened_segment){.fd = -1};
    tt_segment_name(name, first_seq);
    tutti_status status = TUTTI_NOT_FOUND;
    if (tt_journal_dir_has(&reader->dir, name)) {
        status =
            tt_segment_open(&reader->dir, first_seq, O_RDONLY, &opened->fd, &opened->header, error);
    }
    // It may have moved into its archive since we looked.
    if (status == TUTTI_NOT_FOUND) {
        opened->fd = -1;
        status = open_archived(reader, first_seq, opened, error);
    }
    if (status == TUTTI_OK) {
        status = open_layouts(reader, opened, name, error);
    }
    if (status != TUTTI_OK) {
        close_opened(opened);
    }
    return status;
}

tutti_status tt_reader_header(
    const tt_journal_reader *reader,
    tt_seq first_seq,
    tt_segment_header *ret_header,
    tt_error *error)
{
    opened_segment opened;
    TUTTI_TRY(open_segment(reader, first_seq, &opened, error));
    *ret_header = opened.header;
    close_opened(&opened);
    return TUTTI_OK;
}

/* Makes an opened segment the one that is read. */
static void settle_segment(tt_journal_reader *reader, const opened_segment *opened)
{
    const tt_segment_header *header = &opened->header;
    tt_seq first_seq = header->first_seq;
    leave_segment(reader);
    if (opened->archive) {
        tt_archive_name(reader->name, first_seq);
    } else {
        tt_segment_name(reader->name, first_seq);
    }
    reader->file = (tt_journal_file){.name = reader->name, .fd = opened->fd};
    reader->archive = opened->archive;
    reader->foreign = opened->foreign;
    reader->segment_first = first_seq;
    reader->version = header->version;
    reader->position = sizeof(tt_segment_header);
    reader->base = reader->position;
    reader->filled = 0;
    reader->is_sealed = false;
}

/* Tells whether an opened segment stands where the reader does. */
static bool fits(const tt_journal_reader *reader, const opened_segment *opened)
{
    const tt_archive_header *archive =
        opened->archive ? tt_archive_header_of(opened->archive) : NULL;
    return continues(&opened->header, &reader->verified) &&
           opened->header.version >= reader->version &&
           (!archive || memcmp(archive->chain_before, reader->verified.chain, TT_DIGEST_SIZE) == 0);
}

tutti_status tt_reader_enter(tt_journal_reader *reader, tt_seq first_seq, tt_error *error)
{
    opened_segment opened;
    TUTTI_TRY(open_segment(reader, first_seq, &opened, error));
    if (!fits(reader, &opened)) {
        close_opened(&opened);
        char name[TT_JOURNAL_NAME_MAX];
        tt_segment_name(name, first_seq);
        (void)tt_error_set(
            error,
            TUTTI_CORRUPT,
            "%s/%s: the segment does not continue what stands before it (%s)",
            reader->dir.path,
            name,
            first_seq == 1 ? "it belongs to another meta" : "it belongs to another journal");
        tt_error_hint(error, "restore the journal from a copy; do not trade on it as it is");
        return TUTTI_CORRUPT;
    }
    settle_segment(reader, &opened);
    return TUTTI_OK;
}

/* Tells whether there is a segment after the open one. */
static tutti_status has_successor(const tt_journal_reader *reader, bool *ret_has, tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(
        tt_journal_dir_list(&reader->dir, "", TT_JOURNAL_SEGMENT_SUFFIX, &numbers, &count, error));
    *ret_has = count > 0 && numbers[count - 1] > reader->segment_first;
    free(numbers);
    return TUTTI_OK;
}

/* Tells whether nothing at all was written at `position`: the usual case of a reader that follows.
 */
static bool is_quiet(const tt_journal_reader *reader)
{
    static const unsigned char zeros[sizeof(tt_record_head)];
    unsigned char head[sizeof zeros];
    size_t size = sizeof head;
    return tt_journal_file_read(&reader->dir, reader->file, reader->position, head, &size, NULL) ==
               TUTTI_OK &&
           memcmp(head, zeros, size) == 0;
}

/* What a judged tail means to the reader; TUTTI_BUSY: look for the batch again. */
static tutti_status conclude(
    tt_journal_reader *reader,
    const tt_tail *tail,
    bool is_followed,
    bool is_alive,
    tt_error *error)
{
    if (tail->kind == TT_TAIL_WHOLE) {
        return TUTTI_BUSY;
    }
    if (tail->kind == TT_TAIL_CORRUPT) {
        return tt_reader_fail(reader, tail->offset, tail->steps, tail->why, error);
    }
    if (is_followed) {
        return tt_reader_fail(
            reader,
            tail->offset,
            tail->steps,
            "the segment ends without its seal, but another one follows",
            error);
    }
    reader->tail = is_alive ? (tt_tail){.why = ""} : *tail;
    reader->end.cut_bytes = reader->tail.bytes;
    return TUTTI_END;
}

/* There is no whole batch at `position`: is this the end, for now, or damage? TUTTI_BUSY: a writer
 * has finished a commit meanwhile, or the next segment was entered. TUTTI_OK: a batch was read. */
static tutti_status examine_end(tt_journal_reader *reader, tt_error *error)
{
    bool is_alive = !reader->is_exclusive && tt_journal_lock_is_held(&reader->dir);
    reader->filled = 0;
    reader->base = reader->position;
    if (tt_reader_is_followed(reader)) {
        return tt_reader_cross_unsealed(reader, is_alive, error);
    }
    if (is_alive && is_quiet(reader)) {
        return conclude(reader, &(tt_tail){.kind = TT_TAIL_CLEAN, .why = ""}, false, true, error);
    }
    // The list of segments is read before the tail: a successor that is seen was preceded by all
    // that this one will ever hold.
    bool has_later;
    tt_tail tail;
    TUTTI_TRY(has_successor(reader, &has_later, error));
    if (has_later && tt_reader_is_followed(reader)) {
        return TUTTI_BUSY; // It came since we looked.
    }
    TUTTI_TRY(tt_reader_judge(reader, is_alive, &tail, error));
    return conclude(reader, &tail, has_later, is_alive, error);
}

/* One look for the next batch, crossing into the next segment where there is one.
 * TUTTI_BUSY: a writer has finished a commit meanwhile; look again. */
static tutti_status look(tt_journal_reader *reader, tt_error *error)
{
    if (reader->is_sealed) {
        TUTTI_TRY(tt_reader_cross(reader, error));
    }
    tutti_status status = tt_reader_load_batch(reader, error);
    if (status != TUTTI_END) {
        return status;
    }
    if (reader->archive) {
        return tt_reader_fail(
            reader, reader->position, 0, "the archived segment does not end with its seal", error);
    }
    return examine_end(reader, error);
}

/* Reads and checks the next batch. TUTTI_END: there is no whole commit yet; `tail` tells what there
 * is. */
static tutti_status load(tt_journal_reader *reader, tt_error *error)
{
    reader->tail = (tt_tail){.why = ""};
    reader->blank = 0;
    reader->end.cut_bytes = 0;
    tutti_status status = TUTTI_BUSY;
    for (int looks = 0; looks < LOOKS_MAX && status == TUTTI_BUSY; looks++) {
        status = look(reader, error);
    }
    if (status != TUTTI_BUSY) {
        return status;
    }
    return tt_reader_fail(
        reader, reader->position, 0, "the batch is larger than any that is written", error);
}

/* The first segment must be there and belong to the meta. */
static tutti_status enter_first(tt_journal_reader *reader, tt_error *error)
{
    tt_journal_hash_two(
        &reader->hash, reader->meta, reader->meta_size, "", 0, reader->verified.chain);
    bool has_begin;
    uint8_t meta_digest[TT_DIGEST_SIZE];
    memcpy(meta_digest, reader->verified.chain, sizeof meta_digest);
    TUTTI_TRY(tt_begin_read(&reader->dir, meta_digest, &reader->verified, &has_begin, error));
    reader->begin = reader->verified;
    reader->end = reader->verified;
    tt_seq first_seq = reader->begin.last_seq + 1;
    if (!tt_segment_exists(&reader->dir, first_seq)) {
        (void)tt_error_set(
            error,
            TUTTI_CORRUPT,
            "%s: the first segment is missing (the journal begins at %llu)",
            reader->dir.path,
            (unsigned long long)first_seq);
        tt_error_hint(error, "restore the journal from a copy; do not trade on it as it is");
        return TUTTI_CORRUPT;
    }
    return tt_reader_enter(reader, first_seq, error);
}

static tutti_status open_reader(tt_journal_reader *reader, const char *dir, tt_error *error)
{
    tutti_status status = tt_journal_dir_open(&reader->dir, dir, error);
    if (status == TUTTI_NOT_FOUND) {
        return tt_error_set(error, status, "there is no journal in %s (no such directory)", dir);
    }
    TUTTI_TRY(status);
    TUTTI_TRY(tt_journal_hash_init(&reader->hash, error));
    TUTTI_TRY(tt_journal_meta_read(&reader->dir, &reader->meta, &reader->meta_size, error));
    return enter_first(reader, error);
}

static tutti_status
new_reader(const char *dir, bool is_any, tt_journal_reader **result, tt_error *error)
{
    tt_journal_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", dir);
    }
    reader->dir.fd = -1;
    reader->file.fd = -1;
    reader->tail.why = "";
    reader->is_any = is_any;
    tutti_status status = open_reader(reader, dir, error);
    if (status != TUTTI_OK) {
        tt_journal_reader_close(reader);
        return status;
    }
    *result = reader;
    return TUTTI_OK;
}

tutti_status tt_journal_reader_open(const char *dir, tt_journal_reader **result, tt_error *error)
{
    return new_reader(dir, false, result, error);
}

tutti_status
tt_journal_reader_open_any(const char *dir, tt_journal_reader **result, tt_error *error)
{
    return new_reader(dir, true, result, error);
}

bool tt_journal_reader_is_foreign(const tt_journal_reader *reader)
{
    return reader->foreign != NULL;
}

uint64_t tt_journal_reader_passed_over(const tt_journal_reader *reader)
{
    return reader->passed_over + (reader->foreign ? reader->foreign->passed_over : 0);
}

const void *tt_journal_reader_meta(const tt_journal_reader *reader, size_t *ret_size)
{
    *ret_size = reader->meta_size;
    return reader->meta;
}

/* Moves `end` to where the last commit left the journal: all its steps were returned. */
static void finish_batch(tt_journal_reader *reader)
{
    reader->end = reader->verified;
}

/* Hands out the next step of the batch. */
static void take_step(tt_journal_reader *reader, const void **ret_step, size_t *ret_size)
{
    const tt_record_head *head = (const void *)(reader->window + reader->cursor);
    const tt_step_mark *mark = &reader->marks[reader->step_index];
    *ret_step = head + 1;
    *ret_size = head->length;
    reader->cursor += sizeof *head + head->length;
    reader->step_index++;
    reader->end.last_seq = mark->last_seq;
    reader->end.last_time = mark->last_time;
    reader->end.step_count++;
    if (reader->version == 1) {
        memcpy(reader->end.chain, mark->chain, sizeof mark->chain);
    }
    if (reader->step_index == reader->step_count) {
        finish_batch(reader);
    }
}

/* Hands out the failure that is kept. */
static tutti_status tell_failure(const tt_journal_reader *reader, tt_error *error)
{
    if (error) {
        *error = reader->failure;
    }
    return reader->failure.status;
}

/* Loads batches until there is a step to hand out. */
static tutti_status find_step(tt_journal_reader *reader)
{
    while (reader->step_index == reader->step_count) {
        tutti_status status = load(reader, &reader->failure);
        if (status != TUTTI_OK) {
            reader->failure.status = status == TUTTI_END ? TUTTI_OK : status;
            return status;
        }
        if (reader->step_count == 0) {
            finish_batch(reader);
        }
    }
    return TUTTI_OK;
}

/* Takes the next step as messages of this build; its size is 0 when it has none. */
static tutti_status take_own(tt_journal_reader *reader, const void **ret_step, size_t *ret_size)
{
    take_step(reader, ret_step, ret_size);
    if (!reader->foreign) {
        return TUTTI_OK;
    }
    tutti_status status = tt_foreign_step(
        reader->foreign, *ret_step, *ret_size, ret_step, ret_size, &reader->failure);
    reader->failure.status = status;
    return status;
}

tutti_status tt_journal_reader_next(
    tt_journal_reader *reader, const void **ret_step, size_t *ret_size, tt_error *error)
{
    *ret_size = 0;
    while (reader->failure.status == TUTTI_OK && *ret_size == 0) {
        tutti_status status = find_step(reader);
        if (status == TUTTI_END) {
            return status;
        }
        if (status == TUTTI_OK) {
            (void)take_own(reader, ret_step, ret_size);
        }
    }
    return reader->failure.status == TUTTI_OK ? TUTTI_OK : tell_failure(reader, error);
}

void tt_journal_reader_end(const tt_journal_reader *reader, tt_journal_end *ret_end)
{
    *ret_end = reader->end;
}

void tt_journal_reader_begin(const tt_journal_reader *reader, tt_journal_end *ret_begin)
{
    *ret_begin = reader->begin;
}

const char *tt_journal_reader_tail(const tt_journal_reader *reader)
{
    return reader->tail.why;
}

void tt_journal_reader_close(tt_journal_reader *reader)
{
    if (!reader) {
        return;
    }
    leave_segment(reader);
    tt_journal_hash_fini(&reader->hash);
    tt_journal_dir_close(&reader->dir);
    free(reader->window);
    free(reader->marks);
    free(reader->meta);
    free(reader);
}
