/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Beginning in the middle: from the headers of segments and archives to the one that is needed.
 *
 * Numbers and times never fall from one segment to the next, so the right one is found by halving.
 */
#include "journal/journal_reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* State of the journal before the first message of a segment. */
static tt_journal_end end_before(const tt_segment_header *header)
{
    tt_journal_end end = {
        .last_seq = header->first_seq - 1,
        .last_time = {header->last_time_ns},
        .step_count = header->step_count,
        .commit_count = header->commit_count};
    memcpy(end.chain, header->chain, sizeof end.chain);
    return end;
}

tutti_status tt_reader_jump(tt_journal_reader *reader, tt_seq first_seq, tt_error *error)
{
    tt_segment_header header;
    TUTTI_TRY(tt_reader_header(reader, first_seq, &header, error));
    reader->verified = end_before(&header);
    reader->end = reader->verified;
    return tt_reader_enter(reader, first_seq, error);
}

/* State at the end of an archived segment. */
static tutti_status archived_end(
    const tt_journal_reader *reader, tt_seq first_seq, tt_journal_end *ret_end, tt_error *error)
{
    tt_archive *archive;
    TUTTI_TRY(tt_archive_open(&reader->dir, first_seq, &archive, error));
    const tt_archive_header *header = tt_archive_header_of(archive);
    *ret_end = (tt_journal_end){
        .last_seq = header->last_seq,
        .last_time = {header->last_time_ns},
        .step_count = header->step_count,
        .commit_count = header->commit_count};
    memcpy(ret_end->chain, header->chain, sizeof ret_end->chain);
    tt_archive_close(archive);
    return TUTTI_OK;
}

/* Reads the seal that ends an open segment; `ret_end->commit_count` 0: there is none. */
static tutti_status read_seal(
    const tt_journal_reader *reader,
    tt_journal_file file,
    uint32_t version,
    tt_journal_end *ret_end,
    tt_error *error)
{
    _Alignas(16) tt_commit_record record;
    uint64_t file_size;
    size_t size = sizeof record;
    *ret_end = (tt_journal_end){0};
    TUTTI_TRY(tt_journal_file_size(&reader->dir, file, &file_size, error));
    if (file_size < sizeof(tt_segment_header) + sizeof record || file_size % 16 != 0) {
        return TUTTI_OK;
    }
    uint64_t offset = file_size - sizeof record;
    TUTTI_TRY(tt_journal_file_read(&reader->dir, file, offset, &record, &size, error));
    if (tt_commit_check(&record, size, offset, version) &&
        (record.body.flags & TT_COMMIT_SEALED) != 0) {
        *ret_end = (tt_journal_end){
            .last_seq = record.body.last_seq,
            .last_time = {record.body.last_time_ns},
            .step_count = record.body.step_count,
            .commit_count = record.body.commit_count};
        memcpy(ret_end->chain, record.body.chain, sizeof ret_end->chain);
    }
    return TUTTI_OK;
}

/* State at the end of a sealed segment, from its last record or from the header of its archive. */
static tutti_status sealed_end(
    const tt_journal_reader *reader, tt_seq first_seq, tt_journal_end *ret_end, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_header header;
    int fd = -1;
    tt_segment_name(name, first_seq);
    tutti_status status = TUTTI_NOT_FOUND;
    if (tt_journal_dir_has(&reader->dir, name)) {
        status = tt_segment_open(&reader->dir, first_seq, O_RDONLY, &fd, &header, error);
    }
    if (status == TUTTI_NOT_FOUND) {
        return archived_end(reader, first_seq, ret_end, error);
    }
    TUTTI_TRY(status);
    const tt_journal_file file = {.name = name, .fd = fd};
    status = read_seal(reader, file, header.version, ret_end, error);
    (void)close(fd);
    return status;
}

/* The segment that was entered must begin with what the one before it ended with. */
static tutti_status check_seal(tt_journal_reader *reader, tt_seq previous, tt_error *error)
{
    tt_journal_end end;
    const tt_journal_end *own = &reader->verified;
    TUTTI_TRY(sealed_end(reader, previous, &end, error));
    if (end.last_seq == own->last_seq && end.last_time.ns == own->last_time.ns &&
        end.step_count == own->step_count && end.commit_count == own->commit_count &&
        memcmp(end.chain, own->chain, sizeof end.chain) == 0) {
        return TUTTI_OK;
    }
    return tt_reader_fail(
        reader, 0, 0, "the segment does not begin with what the one before it ends with", error);
}

void tt_reader_step_back(
    const tt_journal_reader *reader, const uint64_t *numbers, size_t count, size_t *index)
{
    if (*index == 0 || *index + 1 < count || numbers[*index - 1] <= reader->begin.last_seq) {
        return;
    }
    tt_journal_end end;
    // Anything else that may be wrong with it is not for who begins behind it.
    if (sealed_end(reader, numbers[*index - 1], &end, NULL) == TUTTI_OK && end.commit_count == 0) {
        --*index;
    }
}

/* What is looked for, in the list of segments. */
typedef struct search {
    const tt_journal_reader *reader;
    const uint64_t *numbers;
    tt_seq from_seq;
    tt_time since;
} search;

/* Tells whether nothing that is wanted stands before a segment. */
static tutti_status may_begin_at(const search *find, size_t index, bool *ret_may, tt_error *error)
{
    *ret_may = find->numbers[index] <= find->from_seq;
    if (!*ret_may && find->since.ns != INT64_MIN) {
        tt_segment_header header;
        TUTTI_TRY(tt_reader_header(find->reader, find->numbers[index], &header, error));
        *ret_may = header.last_time_ns < find->since.ns;
    }
    return TUTTI_OK;
}

/* Place of the last segment before which nothing is wanted; the first may always begin. */
static tutti_status find_start(const search *find, size_t count, size_t *ret_index, tt_error *error)
{
    size_t low = 0;
    size_t high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        bool may = false;
        TUTTI_TRY(may_begin_at(find, middle, &may, error));
        if (may) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *ret_index = low;
    return TUTTI_OK;
}

/* Jumps to a segment of the list and checks that it fits what stands before. */
static tutti_status
enter_at(tt_journal_reader *reader, const uint64_t *numbers, size_t index, tt_error *error)
{
    if (index == 0 || numbers[index] <= reader->begin.last_seq + 1) {
        return TUTTI_OK; // The reader stands there already.
    }
    TUTTI_TRY(tt_reader_jump(reader, numbers[index], error));
    return check_seal(reader, numbers[index - 1], error);
}

tutti_status tt_reader_check_fresh(const tt_journal_reader *reader, tt_error *error)
{
    if (reader->verified.commit_count == reader->begin.commit_count &&
        reader->failure.status == TUTTI_OK) {
        return TUTTI_OK;
    }
    return tt_error_set(error, TUTTI_STATE, "%s: the reader has read already", reader->dir.path);
}

/* Finds the segment and enters it. */
static tutti_status skip(tt_journal_reader *reader, search *find, tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    size_t index = 0;
    TUTTI_TRY(tt_segment_list(&reader->dir, &numbers, &count, error));
    find->numbers = numbers;
    tutti_status status = find_start(find, count, &index, error);
    tt_reader_step_back(reader, numbers, count, &index);
    if (status == TUTTI_OK && count > 0) {
        status = enter_at(reader, numbers, index, error);
    }
    free(numbers);
    return status;
}

tutti_status
tt_journal_reader_skip(tt_journal_reader *reader, tt_seq from_seq, tt_time since, tt_error *error)
{
    TUTTI_TRY(tt_reader_check_fresh(reader, error));
    search find = {.reader = reader, .from_seq = from_seq, .since = since};
    tutti_status status = skip(reader, &find, &reader->failure);
    if (status != TUTTI_OK) {
        reader->failure.status = status;
        if (error) {
            *error = reader->failure;
        }
    }
    return status;
}

tutti_status tt_journal_reader_segments(
    const tt_journal_reader *reader, tt_seq **ret_firsts, size_t *ret_count, tt_error *error)
{
    return tt_segment_list(&reader->dir, ret_firsts, ret_count, error);
}
