/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The beginning and the end of a writer: create, resume, close.
 *
 * `meta` is what makes a directory a journal: it is written last, so that an interrupted creation
 * leaves nothing that counts.
 */
#include "journal/journal_layouts.h"
#include "journal/journal_lock.h"
#include "journal/journal_tail.h"
#include "journal/journal_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENT_BYTES_DEFAULT (UINT64_C(64) * 1024 * 1024)
#define SEGMENT_BYTES_MAX     (UINT64_C(4) * 1024 * 1024 * 1024)

/* Gives everything back. */
static void free_writer(tt_journal_writer *writer)
{
    tt_spare_stop(&writer->spare);
    if (writer->file.fd >= 0) {
        (void)close(writer->file.fd);
    }
    if (writer->left.fd >= 0) {
        (void)close(writer->left.fd);
    }
    tt_journal_lock_release(writer->lock_fd);
    tt_journal_hash_fini(&writer->hash);
    tt_journal_dir_close(&writer->dir);
    tt_block_fini(&writer->block);
    tt_block_fini(&writer->left_block);
    free(writer->batch.memory);
    free(writer);
}

void tt_journal_close(tt_journal_writer *writer)
{
    if (!writer) {
        return;
    }
    // What waits is committed by itself, so that the mark, whose chain value covers it, follows.
    bool is_marked = tt_journal_commit(writer, NULL) == TUTTI_OK && writer->committed.is_closed;
    if (writer->failure.status == TUTTI_OK &&
        tt_spare_wait_sealed(&writer->spare, NULL) == TUTTI_OK &&
        (is_marked || tt_writer_commit(writer, TT_COMMIT_CLOSED, NULL) == TUTTI_OK) &&
        tt_writer_cut(writer, NULL) == TUTTI_OK) {
        (void)tt_writer_sync(writer, NULL);
    }
    free_writer(writer);
}

/* How the space of segments is taken, and the thread that makes them ahead. */
static tutti_status
prepare(tt_journal_writer *writer, const tt_journal_options *options, tt_error *error)
{
    bool is_durable = writer->dir.is_durable;
    writer->prepares_ahead = options->prepares_ahead && is_durable;
    writer->fills_later = options->fills_later && writer->prepares_ahead;
    writer->space = writer->segment_bytes;
    if (!is_durable || !(options->prepares_ahead || options->prepares_when_busy)) {
        return TUTTI_OK;
    }
    writer->quiet_bytes = writer->prepares_ahead ? 0 : writer->segment_bytes / 2;
    writer->space = (writer->space + TT_JOURNAL_BLOCK - 1) / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK;
    uint32_t wanted = options->spares > 0 ? options->spares : 1;
    return tt_spare_start(&writer->spare, &writer->dir, writer->space, wanted, error);
}

/* Memory, directory and lock of a writer. */
static tutti_status open_writer(
    tt_journal_writer *writer, const char *dir, const tt_journal_options *options, tt_error *error)
{
    writer->segment_bytes = options->segment_bytes ? options->segment_bytes : SEGMENT_BYTES_DEFAULT;
    if (writer->segment_bytes > SEGMENT_BYTES_MAX) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "segments of %llu bytes; at most 4 GiB",
            (unsigned long long)writer->segment_bytes);
    }
    if (options->spares > TT_JOURNAL_SPARES_MAX) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "%u segments to keep ready; at most %d",
            options->spares,
            TT_JOURNAL_SPARES_MAX);
    }
    writer->batch.memory = tt_batch_memory(false);
    writer->batch.bytes = writer->batch.memory;
    if (!writer->batch.memory || !tt_block_init(&writer->block) ||
        !tt_block_init(&writer->left_block)) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal");
    }
    TUTTI_TRY(tt_journal_hash_init(&writer->hash, error));
    TUTTI_TRY(tt_journal_dir_make(&writer->dir, dir, options, error));
    TUTTI_TRY(tt_journal_lock_take(&writer->dir, &writer->lock_fd, error));
    tt_spare_remove_all(&writer->dir);
    return prepare(writer, options, error);
}

/* An empty writer; NULL when there is no memory. */
static tt_journal_writer *new_writer(void)
{
    tt_journal_writer *writer = calloc(1, sizeof *writer);
    if (writer) {
        writer->dir.fd = -1;
        writer->file.fd = -1;
        writer->lock_fd = -1;
        writer->left.fd = -1;
    }
    return writer;
}

/* A first segment without `meta` is what an interrupted tt_journal_create leaves, if it is empty;
 * otherwise someone lost the file `meta`, and nothing is overwritten. */
static tutti_status check_absent(const tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (tt_journal_dir_has(dir, TT_JOURNAL_META_NAME)) {
        (void)tt_error_set(error, TUTTI_EXISTS, "there is a journal in %s already", dir->path);
        tt_error_hint(error, "continue it, or choose another directory");
        return TUTTI_EXISTS;
    }
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(tt_segment_list(dir, &numbers, &count, error));
    uint64_t first = count > 0 ? numbers[0] : 1;
    free(numbers);
    if (count > 1 || first != 1) {
        return tt_error_set(
            error, TUTTI_CORRUPT, "%s has segments of a journal but no meta", dir->path);
    }
    return TUTTI_OK;
}

/* The one segment that an interrupted creation may leave must hold nothing. */
static tutti_status check_empty(const tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, 1);
    if (!tt_journal_dir_has(dir, name)) {
        return TUTTI_OK;
    }
    tt_journal_file file = {.name = name};
    tt_tail tail;
    tt_tail_place place = {sizeof(tt_segment_header), 0, TT_JOURNAL_VERSION};
    TUTTI_TRY(tt_journal_file_open(dir, name, O_RDONLY, &file.fd, error));
    tutti_status status = tt_tail_read(dir, file, place, &tail, error);
    (void)close(file.fd);
    TUTTI_TRY(status);
    if (tail.kind != TT_TAIL_CLEAN) {
        return tt_error_set(
            error, TUTTI_CORRUPT, "%s has a segment of a journal but no meta", dir->path);
    }
    return TUTTI_OK;
}

/* Makes the first segment, and then `meta`, which is what makes the directory a journal. */
static tutti_status
begin_journal(tt_journal_writer *writer, const void *meta, size_t meta_size, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, 1);
    TUTTI_TRY(check_absent(writer, error));
    TUTTI_TRY(check_empty(writer, error));
    TUTTI_TRY(tt_layouts_write(&writer->dir, error));
    tt_journal_hash_two(&writer->hash, meta, meta_size, "", 0, writer->end.chain);
    writer->committed = writer->end;
    TUTTI_TRY(tt_segment_prepare(&writer->dir, &writer->end, error));
    TUTTI_TRY(tt_journal_file_publish(&writer->dir, name, error));
    TUTTI_TRY(tt_writer_open_segment(writer, 1, sizeof(tt_segment_header), error));
    return tt_journal_meta_write(&writer->dir, meta, meta_size, error);
}

tutti_status tt_journal_create(
    const char *dir,
    const void *meta,
    size_t meta_size,
    const tt_journal_options *options,
    tt_journal_writer **result,
    tt_error *error)
{
    if (meta_size > TT_JOURNAL_META_MAX) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "the configuration text has %zu bytes; a journal keeps at most %zu",
            meta_size,
            TT_JOURNAL_META_MAX);
    }
    tt_journal_writer *writer = new_writer();
    if (!writer) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal");
    }
    tutti_status status = open_writer(writer, dir, options, error);
    if (status == TUTTI_OK) {
        status = begin_journal(writer, meta, meta_size, error);
    }
    if (status != TUTTI_OK) {
        free_writer(writer);
        return status;
    }
    tt_writer_ask_ahead(writer);
    *result = writer;
    return TUTTI_OK;
}

/* Finishes a rotation that was interrupted between the seal and the name of the next segment. */
static tutti_status finish_rotation(tt_journal_writer *writer, tt_error *error)
{
    tt_seq first_seq = writer->committed.last_seq + 1;
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, first_seq);
    TUTTI_TRY(tt_writer_open_segment(writer, writer->segment_first, writer->position, error));
    TUTTI_TRY(tt_writer_cut(writer, error));
    TUTTI_TRY(tt_writer_sync(writer, error));
    TUTTI_TRY(tt_segment_prepare(&writer->dir, &writer->committed, error));
    TUTTI_TRY(tt_journal_file_publish(&writer->dir, name, error));
    return tt_writer_open_segment(writer, first_seq, sizeof(tt_segment_header), error);
}

/* Removes what interrupted rotations prepared and nobody needs. */
static tutti_status remove_prepared(tt_journal_writer *writer, tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(tt_journal_dir_list(
        &writer->dir,
        "",
        TT_JOURNAL_SEGMENT_SUFFIX TT_JOURNAL_NEW_SUFFIX,
        &numbers,
        &count,
        error));
    for (size_t i = 0; i < count; i++) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_journal_name(name, "", numbers[i], TT_JOURNAL_SEGMENT_SUFFIX TT_JOURNAL_NEW_SUFFIX);
        tt_journal_dir_remove(&writer->dir, name);
    }
    free(numbers);
    return TUTTI_OK;
}

/* Puts a fresh segment into the place of one of an older version that holds no step. Its commits,
 * which seal nothing, are not counted any more. */
static tutti_status replace_segment(tt_journal_writer *writer, tt_error *error)
{
    tt_segment_header header;
    int fd;
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, writer->segment_first);
    TUTTI_TRY(tt_segment_open(&writer->dir, writer->segment_first, O_RDONLY, &fd, &header, error));
    (void)close(fd);
    writer->committed.commit_count = header.commit_count;
    writer->committed.is_closed = false;
    writer->end = writer->committed;
    TUTTI_TRY(tt_segment_prepare(&writer->dir, &writer->committed, error));
    TUTTI_TRY(tt_journal_file_publish(&writer->dir, name, error));
    return tt_writer_open_segment(writer, writer->segment_first, sizeof(tt_segment_header), error);
}

/* Goes on behind a segment of an older version, which is never written to but for its seal. */
static tutti_status leave_old_segment(tt_journal_writer *writer, tt_error *error)
{
    if (writer->committed.last_seq < writer->segment_first) {
        return replace_segment(writer, error);
    }
    TUTTI_TRY(tt_writer_open_segment(writer, writer->segment_first, writer->position, error));
    return tt_writer_rotate(writer, error);
}

/* Makes a file durable, if the journal is. */
static tutti_status sync_file(const tt_journal_dir *dir, const char *name, tt_error *error)
{
    int fd;
    TUTTI_TRY(tt_journal_file_open(dir, name, O_RDONLY, &fd, error));
    tutti_status status = TUTTI_OK;
    if (dir->is_durable && dir->io.fsync(dir->io.ctx, fd) != 0) {
        status = tt_journal_fail(dir, errno, "sync", name, error);
    }
    (void)close(fd);
    return status;
}

/* Seals and cuts the segment before the last, if its writer did not. */
static tutti_status
end_unended(tt_journal_writer *writer, const tt_unended *unended, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_journal_file file = {.name = name};
    tt_seal seal;
    if (unended->first_seq == 0) {
        return TUTTI_OK;
    }
    // What follows it is there for good before it has its seal.
    tt_segment_name(name, unended->after.last_seq + 1);
    TUTTI_TRY(sync_file(&writer->dir, name, error));
    TUTTI_TRY(tt_journal_dir_sync(&writer->dir, error));
    tt_segment_name(name, unended->first_seq);
    TUTTI_TRY(tt_journal_file_open(&writer->dir, name, O_RDWR, &file.fd, error));
    tt_seal_fill(&seal, file, unended->offset, unended->version, &unended->after);
    tutti_status status = tt_seal_write(&writer->dir, &seal, &writer->left_block, error);
    (void)close(file.fd);
    return status;
}

/* Removes a segment that got its name, and that a power cut has left without anything else. */
static tutti_status remove_blank(tt_journal_writer *writer, tt_seq first_seq, tt_error *error)
{
    if (first_seq == 0) {
        return TUTTI_OK;
    }
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, first_seq);
    tt_journal_dir_remove(&writer->dir, name);
    return tt_journal_dir_sync(&writer->dir, error);
}

/* Continues where the journal ends. */
static tutti_status
continue_journal(tt_journal_writer *writer, const tt_journal_end *from, tt_error *error)
{
    tt_journal_recovery recovery;
    TUTTI_TRY(tt_journal_recover(writer->dir.path, from, &recovery, error));
    writer->end = recovery.end;
    writer->committed = recovery.end;
    writer->segment_first = recovery.segment_first;
    writer->position = recovery.position;
    TUTTI_TRY(tt_layouts_write(&writer->dir, error));
    memcpy(writer->cut_reason, recovery.cut_reason, sizeof writer->cut_reason);
    TUTTI_TRY(end_unended(writer, &recovery.unended, error));
    TUTTI_TRY(remove_blank(writer, recovery.blank, error));
    if (recovery.is_sealed) {
        return finish_rotation(writer, error);
    }
    TUTTI_TRY(remove_prepared(writer, error));
    if (recovery.version < TT_JOURNAL_VERSION) {
        return leave_old_segment(writer, error);
    }
    return tt_writer_open_segment(writer, recovery.segment_first, recovery.position, error);
}

/* Opens the directory of an existing journal, without making one. */
static tutti_status check_present(const char *path, tt_error *error)
{
    tt_journal_dir dir;
    tutti_status status = tt_journal_dir_open(&dir, path, error);
    bool is_present = status == TUTTI_OK && tt_journal_dir_has(&dir, TT_JOURNAL_META_NAME);
    if (status == TUTTI_OK) {
        tt_journal_dir_close(&dir);
    }
    if (status == TUTTI_NOT_FOUND || (status == TUTTI_OK && !is_present)) {
        return tt_error_set(error, TUTTI_NOT_FOUND, "there is no journal in %s", path);
    }
    return status;
}

tutti_status tt_journal_resume(
    const char *dir,
    const tt_journal_options *options,
    tt_journal_writer **result,
    tt_journal_end *ret_end,
    tt_error *error)
{
    TUTTI_TRY(check_present(dir, error));
    tt_journal_writer *writer = new_writer();
    if (!writer) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal");
    }
    tutti_status status = open_writer(writer, dir, options, error);
    if (status == TUTTI_OK) {
        status = continue_journal(writer, options->verify_from, error);
    }
    if (status != TUTTI_OK) {
        free_writer(writer);
        return status;
    }
    if (ret_end) {
        *ret_end = writer->end;
    }
    writer->end.cut_bytes = 0;
    writer->committed.cut_bytes = 0;
    tt_writer_ask_ahead(writer);
    *result = writer;
    return TUTTI_OK;
}
