/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retention. A crash between any two steps leaves a journal that reads the same: an archive has its
 * name, and was verified, before its segment goes; `begin` is durable before an archive goes, and
 * what stands before it is removed by the next run.
 */
#include "journal/journal_reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPARE_PIECE ((size_t)16 * 1024)

/* A segment that is complete: any but the last. */
typedef struct sealed_segment {
    tt_journal_end start; /* Before it. */
    tt_journal_end end;   /* After it. */
    uint64_t bytes;
    int64_t sealed_ns;
} sealed_segment;

/* One run of the rules. */
typedef struct retaining {
    tt_journal_dir dir;
    const tt_journal_retention *rules;
    tt_journal_retained *done;
    uint8_t meta_digest[TT_DIGEST_SIZE];
    sealed_segment *segments; /* In order. */
    size_t count;
} retaining;

/* The name of what is made of a segment. */
static void
name_of(char name[TT_JOURNAL_NAME_MAX], const sealed_segment *segment, const char *suffix)
{
    tt_journal_name(name, "", segment->start.last_seq + 1, suffix);
}

static bool has_file(const retaining *run, const sealed_segment *segment, const char *suffix)
{
    char name[TT_JOURNAL_NAME_MAX];
    name_of(name, segment, suffix);
    return tt_journal_dir_has(&run->dir, name);
}

static void remove_file(const retaining *run, const sealed_segment *segment, const char *suffix)
{
    char name[TT_JOURNAL_NAME_MAX];
    name_of(name, segment, suffix);
    tt_journal_dir_remove(&run->dir, name);
}

/* Size in the directory, 0 when it is not there. */
static uint64_t file_bytes(const retaining *run, tt_seq first_seq, const char *suffix)
{
    char name[TT_JOURNAL_NAME_MAX];
    struct stat info;
    tt_journal_name(name, "", first_seq, suffix);
    return fstatat(run->dir.fd, name, &info, 0) == 0 ? (uint64_t)info.st_size : 0;
}

/* ---- what there is ---- */

static tt_journal_end state_before(const tt_segment_header *header)
{
    tt_journal_end state = {
        .last_seq = header->first_seq - 1,
        .last_time = {header->last_time_ns},
        .step_count = header->step_count,
        .commit_count = header->commit_count};
    memcpy(state.chain, header->chain, sizeof state.chain);
    return state;
}

/* Takes the segments that are complete, by the words of their headers; removes what an interrupted
 * run has left before the beginning. */
static tutti_status take_segments(
    retaining *run,
    const tt_journal_reader *reader,
    const uint64_t *numbers,
    size_t count,
    tt_error *error)
{
    tt_journal_end *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] <= reader->begin.last_seq) {
            sealed_segment dropped = {.start.last_seq = numbers[i] - 1};
            remove_file(run, &dropped, TT_JOURNAL_ARCHIVE_SUFFIX);
            remove_file(run, &dropped, TT_JOURNAL_SEGMENT_SUFFIX);
            continue;
        }
        tt_segment_header header;
        TUTTI_TRY(tt_reader_header(reader, numbers[i], &header, error));
        if (last) {
            *last = state_before(&header);
        }
        sealed_segment *segment = &run->segments[run->count++];
        *segment = (sealed_segment){.start = state_before(&header)};
        last = &segment->end;
        run->done->bytes += file_bytes(run, numbers[i], TT_JOURNAL_SEGMENT_SUFFIX) +
                            file_bytes(run, numbers[i], TT_JOURNAL_ARCHIVE_SUFFIX);
    }
    run->count -= run->count > 0; // The last one is being written.
    return TUTTI_OK;
}

static tutti_status survey(retaining *run, tt_error *error)
{
    tt_journal_reader *reader;
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(tt_journal_reader_open(run->dir.path, &reader, error));
    tt_journal_hash_two(&reader->hash, reader->meta, reader->meta_size, "", 0, run->meta_digest);
    run->done->first_seq = reader->begin.last_seq + 1;
    tutti_status status = tt_segment_list(&run->dir, &numbers, &count, error);
    if (status == TUTTI_OK) {
        run->segments = calloc(count + 1, sizeof *run->segments);
        status = run->segments ? take_segments(run, reader, numbers, count, error)
                               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for retention");
        free(numbers);
    }
    tt_journal_reader_close(reader);
    return status;
}

/* ---- verifying ---- */

/* Reads on until the reader has crossed into the segment that begins after `last_seq`: all before
 * it is checked then, seals and archives included. */
static tutti_status cross_behind(tt_journal_reader *reader, tt_seq last_seq, tt_error *error)
{
    for (;;) {
        const void *step;
        size_t size;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, error);
        if (status != TUTTI_OK && status != TUTTI_END) {
            return status;
        }
        if (reader->segment_first > last_seq) {
            return TUTTI_OK;
        }
        if (status == TUTTI_END) {
            return tt_reader_fail(reader, reader->position, 0, "the segment has no seal", error);
        }
    }
}

/* Verifies the segments from `first` to `last`. `ret_is_ended`: the last one has got its seal and
 * lost its space; the writer may still be at that. */
static tutti_status verify_segments(
    const retaining *run,
    const sealed_segment *first,
    const sealed_segment *last,
    bool *ret_is_ended,
    tt_error *error)
{
    tt_journal_reader *reader;
    TUTTI_TRY(tt_journal_reader_open(run->dir.path, &reader, error));
    tutti_status status = TUTTI_OK;
    if (first->start.last_seq != reader->begin.last_seq) {
        reader->verified = first->start;
        reader->end = first->start;
        status = tt_reader_enter(reader, first->start.last_seq + 1, error);
    }
    if (status == TUTTI_OK) {
        status = cross_behind(reader, last->end.last_seq, error);
    }
    *ret_is_ended = reader->unended.first_seq != last->start.last_seq + 1;
    tt_journal_reader_close(reader);
    return status;
}

/* Reads everything behind the newest whole snapshot. `ret_seq`: its last message. */
static tutti_status verify_snapshot(const retaining *run, tt_seq *ret_seq, tt_error *error)
{
    tt_journal_reader *reader;
    tt_journal_end end;
    void *state;
    size_t size;
    TUTTI_TRY(tt_snapshot_read(run->dir.path, &end, &state, &size, error));
    free(state);
    TUTTI_TRY(tt_journal_reader_open(run->dir.path, &reader, error));
    tutti_status status = tt_journal_reader_seek(reader, &end, error);
    while (status == TUTTI_OK) {
        const void *step;
        status = tt_journal_reader_next(reader, &step, &size, error);
    }
    tt_journal_reader_close(reader);
    *ret_seq = end.last_seq;
    return status == TUTTI_END ? TUTTI_OK : status;
}

/* ---- archiving ---- */

/* Compares the segment in an archive with the plain one, byte for byte. */
static tutti_status compare(
    const retaining *run,
    const sealed_segment *segment,
    tt_archive *archive,
    tt_journal_file plain,
    tt_error *error)
{
    unsigned char from_archive[COMPARE_PIECE];
    unsigned char from_plain[COMPARE_PIECE];
    uint64_t at = 0;
    size_t size;
    do {
        size_t plain_size = sizeof from_plain;
        size = sizeof from_archive;
        TUTTI_TRY(tt_archive_read(archive, from_archive, &size, error));
        TUTTI_TRY(tt_journal_file_read(&run->dir, plain, at, from_plain, &plain_size, error));
        if (size != plain_size || memcmp(from_archive, from_plain, size) != 0) {
            return tt_error_set(
                error,
                TUTTI_CORRUPT,
                "%s/%s was not archived: what was read back differs",
                run->dir.path,
                plain.name);
        }
        at += size;
    } while (size == sizeof from_archive);
    return tt_archive_finish(archive, &segment->end, error);
}

/* Reads an archive back. */
static tutti_status
check_archive(const retaining *run, const sealed_segment *segment, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_archive *archive;
    name_of(name, segment, TT_JOURNAL_SEGMENT_SUFFIX);
    tt_journal_file plain = {.name = name};
    TUTTI_TRY(tt_archive_open(&run->dir, segment->start.last_seq + 1, &archive, error));
    tutti_status status = tt_journal_file_open(&run->dir, name, O_RDONLY, &plain.fd, error);
    if (status == TUTTI_OK) {
        status = compare(run, segment, archive, plain, error);
        (void)close(plain.fd);
    }
    tt_archive_close(archive);
    return status;
}

/* Moves a segment into its archive, if it was ended. */
static tutti_status
archive_segment(retaining *run, const sealed_segment *segment, bool *ret_is_ended, tt_error *error)
{
    tt_seq first_seq = segment->start.last_seq + 1;
    TUTTI_TRY(verify_segments(run, segment, segment, ret_is_ended, error));
    if (!*ret_is_ended) {
        return TUTTI_OK;
    }
    uint64_t before = file_bytes(run, first_seq, TT_JOURNAL_SEGMENT_SUFFIX) +
                      file_bytes(run, first_seq, TT_JOURNAL_ARCHIVE_SUFFIX);
    TUTTI_TRY(tt_archive_write(&run->dir, first_seq, &segment->end, segment->start.chain, error));
    tutti_status status = check_archive(run, segment, error);
    if (status != TUTTI_OK) {
        remove_file(run, segment, TT_JOURNAL_ARCHIVE_SUFFIX);
        return status;
    }
    remove_file(run, segment, TT_JOURNAL_SEGMENT_SUFFIX);
    run->done->archived++;
    run->done->bytes -= before - file_bytes(run, first_seq, TT_JOURNAL_ARCHIVE_SUFFIX);
    return tt_journal_dir_sync(&run->dir, error);
}

static tutti_status archive_all(retaining *run, tt_error *error)
{
    bool is_ended = true;
    for (size_t i = 0; i < run->count && is_ended; i++) {
        if (has_file(run, &run->segments[i], TT_JOURNAL_SEGMENT_SUFFIX)) {
            TUTTI_TRY(archive_segment(run, &run->segments[i], &is_ended, error));
        }
    }
    run->count -= !is_ended; // The last of them, for the next run.
    return TUTTI_OK;
}

/* ---- dropping ---- */

/* Learns size and age of an archive. */
static tutti_status measure(const retaining *run, sealed_segment *segment, tt_error *error)
{
    tt_archive *archive;
    TUTTI_TRY(tt_archive_open(&run->dir, segment->start.last_seq + 1, &archive, error));
    const tt_archive_header *header = tt_archive_header_of(archive);
    segment->bytes = sizeof *header + header->packed_bytes;
    segment->sealed_ns = header->sealed_ns;
    tt_archive_close(archive);
    return TUTTI_OK;
}

/* How many of the oldest archives are beyond the bounds. */
static tutti_status count_surplus(retaining *run, size_t *ret_count, tt_error *error)
{
    const tt_journal_retention *rules = run->rules;
    uint64_t left = run->done->bytes;
    *ret_count = 0;
    for (size_t i = 0; i < run->count; i++) {
        sealed_segment *segment = &run->segments[i];
        TUTTI_TRY(measure(run, segment, error));
        bool is_old = rules->age_ns > 0 && segment->sealed_ns < rules->now_ns &&
                      rules->now_ns - segment->sealed_ns > rules->age_ns;
        bool is_too_much = rules->bytes > 0 && left > rules->bytes;
        if (!is_old && !is_too_much) {
            break;
        }
        left -= segment->bytes;
        *ret_count = i + 1;
    }
    return TUTTI_OK;
}

/* Of these, how many nobody needs: neither the snapshot nor whoever reads from `keep_from`. */
static size_t count_free(const retaining *run, size_t count, tt_seq snapshot_seq)
{
    tt_seq needed = snapshot_seq + 1;
    if (run->rules->keep_from > 0 && run->rules->keep_from < needed) {
        needed = run->rules->keep_from;
    }
    while (count > 0 && run->segments[count - 1].end.last_seq >= needed) {
        count--;
    }
    return count;
}

static tutti_status drop(retaining *run, tt_error *error)
{
    size_t count;
    TUTTI_TRY(count_surplus(run, &count, error));
    if (count == 0) {
        return TUTTI_OK;
    }
    tutti_status status = verify_snapshot(run, &run->done->snapshot_seq, error);
    if (status == TUTTI_NOT_FOUND) {
        return TUTTI_OK; // Without a snapshot all of the journal is needed.
    }
    TUTTI_TRY(status);
    count = count_free(run, count, run->done->snapshot_seq);
    if (count == 0) {
        return TUTTI_OK;
    }
    const sealed_segment *last = &run->segments[count - 1];
    bool is_ended;
    TUTTI_TRY(verify_segments(run, &run->segments[0], last, &is_ended, error));
    TT_ASSERT(is_ended); // They are archived.
    TUTTI_TRY(tt_begin_write(&run->dir, run->meta_digest, &last->end, run->rules->now_ns, error));
    for (size_t i = 0; i < count; i++) {
        remove_file(run, &run->segments[i], TT_JOURNAL_ARCHIVE_SUFFIX);
        run->done->bytes -= run->segments[i].bytes;
        run->done->dropped++;
    }
    run->done->first_seq = last->end.last_seq + 1;
    return tt_journal_dir_sync(&run->dir, error);
}

tutti_status tt_journal_retain(
    const char *dir,
    const tt_journal_retention *retention,
    tt_journal_retained *ret_retained,
    tt_error *error)
{
    retaining run = {.rules = retention, .done = ret_retained};
    *ret_retained = (tt_journal_retained){0};
    TUTTI_TRY(tt_journal_dir_open(&run.dir, dir, error));
    run.dir.is_durable = true;
    if (retention->io) {
        run.dir.io = *retention->io;
    }
    tutti_status status = survey(&run, error);
    if (status == TUTTI_OK) {
        status = archive_all(&run, error);
    }
    if (status == TUTTI_OK) {
        status = drop(&run, error);
    }
    free(run.segments);
    tt_journal_dir_close(&run.dir);
    return status;
}
