/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The writer at work: appending, committing, changing segments.
 *
 * A segment ends when the next batch would not fit. There are two orders, each such that a crash
 * between any two steps leaves a journal that can be continued, and that a sealed segment without a
 * successor under either name is one whose successor was deleted.
 *
 * With a spare (ADR 107): its header is written to it with the first batch; it gets its name; the
 * batch and the name are synced, and acknowledged; then the thread of spares seals the old segment,
 * which loses its spare space, and syncs it. Nobody waits for that but the change after this one.
 *
 * Without: the next segment is written as NAME.new; the old one is sealed, cut and synced; the next
 * one gets its name; and then the batch is written to it.
 */
#include "journal/journal_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Smaller batches are written by the sync at once: nothing is gained by two calls. */
#define START_WRITE_MIN ((size_t)8 * 1024)

/* What the processor and the system call a huge page, on the machines that have one of this size;
 * elsewhere it is an alignment like any other. */
#define LARGE_PAGE ((size_t)2 * 1024 * 1024)

/* With fills_later: what is written in advance before a start is over. */
#define FILL_AT_START ((uint64_t)4 * 1024 * 1024)

/* Keeps the first failure; from then on the writer refuses everything. */
static tutti_status fail_for_good(tt_journal_writer *writer, tutti_status status, tt_error *error)
{
    writer->failure.status = status;
    if (error) {
        *error = writer->failure;
    }
    return status;
}

/* Says again why nothing is written any more. */
static tutti_status refuse(const tt_journal_writer *writer, tt_error *error)
{
    return tt_error_set(
        error,
        writer->failure.status,
        "the journal writes no more since: %.400s",
        writer->failure.message);
}

tutti_status tt_writer_sync(tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (dir->is_durable && dir->io.fdatasync(dir->io.ctx, writer->file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", writer->name, error);
    }
    return TUTTI_OK;
}

tutti_status tt_writer_cut(tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (dir->io.ftruncate(dir->io.ctx, writer->file.fd, (off_t)writer->position) != 0) {
        return tt_journal_fail(dir, errno, "truncate", writer->name, error);
    }
    return TUTTI_OK;
}

/* Opens a segment that has its name, and cuts it behind `position`. */
static tutti_status
open_segment(tt_journal_writer *writer, tt_seq first_seq, uint64_t position, tt_error *error)
{
    if (writer->file.fd >= 0) {
        (void)close(writer->file.fd);
        writer->file.fd = -1;
    }
    tt_segment_header header;
    tt_segment_name(writer->name, first_seq);
    TUTTI_TRY(tt_segment_open(&writer->dir, first_seq, O_RDWR, &writer->file.fd, &header, error));
    writer->file.name = writer->name;
    writer->segment_first = first_seq;
    writer->version = header.version;
    writer->position = position;
    return tt_writer_cut(writer, error);
}

/* Reserves the space of the open segment, if the journal is durable: with its size fixed in advance
 * a commit changes no metadata, so that fdatasync is one flush. */
static tutti_status reserve_space(tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (!dir->is_durable) {
        return TUTTI_OK;
    }
    int number = dir->io.allocate(dir->io.ctx, writer->file.fd, (off_t)writer->space);
    if (number != 0) {
        return tt_journal_fail(dir, number, "take the space of", writer->name, error);
    }
    if (dir->io.fsync(dir->io.ctx, writer->file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", writer->name, error);
    }
    return TUTTI_OK;
}

tutti_status tt_writer_open_segment(
    tt_journal_writer *writer, tt_seq first_seq, uint64_t position, tt_error *error)
{
    TUTTI_TRY(open_segment(writer, first_seq, position, error));
    TUTTI_TRY(reserve_space(writer, error));
    if (!writer->prepares_ahead) {
        return TUTTI_OK;
    }
    // The first write to space that was only reserved changes metadata once more.
    TUTTI_TRY(tt_block_open(&writer->block, &writer->dir, writer->file, position, error));
    tt_journal_dir dir = writer->dir;
    dir.fail_after = 0; // Zeros are not what a journal writes.
    bool *is_direct = &writer->block.is_direct;
    uint64_t first = (position + FILL_AT_START) / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK;
    writer->fill_at = writer->fills_later && first < writer->space ? first : writer->space;
    return tt_spare_fill(&dir, writer->file, position, writer->fill_at, is_direct, NULL, error);
}

/* Writes zeros behind all that was committed; nothing lies there, and nobody else writes. */
static tutti_status fill_piece(tt_journal_writer *writer, tt_error *error)
{
    uint64_t end = writer->position + TT_JOURNAL_BLOCK - 1;
    uint64_t from = end / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK;
    from = from > writer->fill_at ? from : writer->fill_at;
    uint64_t to = from + TT_SPARE_PIECE < writer->space ? from + TT_SPARE_PIECE : writer->space;
    tt_journal_dir dir = writer->dir;
    dir.fail_after = 0; // Zeros are not what a journal writes.
    if (from < to) {
        TUTTI_TRY(tt_spare_fill_piece(
            &dir, writer->file, from, (size_t)(to - from), &writer->block.is_direct, error));
    }
    writer->fill_at = to > from ? to : writer->space;
    return TUTTI_OK;
}

tutti_status tt_journal_fill(tt_journal_writer *writer, bool *ret_has_more, tt_error *error)
{
    *ret_has_more = false;
    if (writer->failure.status != TUTTI_OK) {
        return refuse(writer, error);
    }
    if (!writer->fills_later || writer->fill_at >= writer->space) {
        return TUTTI_OK;
    }
    // What was appended may have begun to be written: zeros would go over it.
    tutti_status status = writer->batch.used == 0 ? fill_piece(writer, &writer->failure) : TUTTI_OK;
    *ret_has_more = status == TUTTI_OK && writer->fill_at < writer->space;
    return status == TUTTI_OK ? TUTTI_OK : fail_for_good(writer, status, error);
}

unsigned char *tt_batch_memory(bool is_large)
{
    if (!is_large) {
        return aligned_alloc(TT_JOURNAL_BLOCK, TT_WRITER_BUFFER_BYTES);
    }
    const size_t size = (TT_WRITER_BUFFER_BYTES + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    unsigned char *memory = aligned_alloc(LARGE_PAGE, size);
    if (memory) {
        // A system that has none to give is as good, only slower. The first is taken now: zeroing
        // it is work for no commit.
        (void)madvise(memory, size, MADV_HUGEPAGE);
        memory[0] = 0;
    }
    return memory;
}

/* Finishes the step records of the batch where they are written, if that is not where they were
 * meant to stand. */
static void place_steps(tt_journal_writer *writer)
{
    tt_batch *batch = &writer->batch;
    if (batch->placed == writer->position) {
        return;
    }
    unsigned char *bytes = tt_batch_start(batch->memory, writer->position);
    memmove(bytes, batch->bytes, batch->used);
    batch->bytes = bytes;
    batch->placed = writer->position;
    batch->is_poor = false;
    for (size_t at = 0; at < batch->used;) {
        tt_record_head *head = (void *)(batch->bytes + at);
        batch->is_poor |= tt_step_record_finish(head, batch->placed + at);
        at += sizeof *head + head->length;
    }
}

/* Lets the disk begin with what was written, while the batch is still being hashed. */
static tutti_status start_write(tt_journal_writer *writer, size_t size, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (!dir->is_durable || !dir->io.write_out || size < START_WRITE_MIN ||
        writer->block.is_direct) { // Past the page cache nothing waits for a beginning.
        return TUTTI_OK;
    }
    off_t from = (off_t)writer->position;
    if (dir->io.write_out(dir->io.ctx, writer->file.fd, from, (off_t)size, false) != 0) {
        return tt_journal_fail(dir, errno, "write", writer->name, error);
    }
    return TUTTI_OK;
}

/* Writes what the buffer holds, which ends in a commit, behind `position`. */
static tutti_status write_batch(tt_journal_writer *writer, size_t size, tt_error *error)
{
    tutti_status status = tt_block_write(
        &writer->block,
        &writer->dir,
        writer->file,
        writer->batch.bytes,
        size,
        writer->position,
        error);
    if (status != TUTTI_OK) {
        // What was written of it was never acknowledged. Leave a clean end, if that is possible.
        (void)tt_writer_cut(writer, NULL);
        return status;
    }
    return TUTTI_OK;
}

void tt_writer_ask_ahead(tt_journal_writer *writer)
{
    if (writer->quiet_bytes == 0) {
        tt_spare_ask(&writer->spare);
    }
}

/* Counts what was committed until it is enough to make segments ahead. */
static void note_committed(tt_journal_writer *writer, size_t size)
{
    if (writer->quiet_bytes > 0) {
        writer->quiet_bytes -= size < writer->quiet_bytes ? size : writer->quiet_bytes;
        tt_writer_ask_ahead(writer);
    }
}

/* What ends the open segment, and the journal behind it. */
static void fill_seal(const tt_journal_writer *writer, tt_seal *ret_seal, tt_journal_end *ret_after)
{
    *ret_after = writer->committed;
    ret_after->commit_count++;
    ret_after->is_closed = false;
    tt_seal_fill(ret_seal, writer->file, writer->position, writer->version, ret_after);
}

/* Goes on in a spare, which gets its name with its first commit. */
static tutti_status
enter_spare(tt_journal_writer *writer, const tt_spare_file *spare, tt_error *error)
{
    fill_seal(writer, &writer->left, &writer->committed);
    writer->end.commit_count = writer->committed.commit_count;
    tt_block old = writer->block;
    writer->block = writer->left_block;
    writer->left_block = old;
    writer->block.is_direct = spare->is_direct;
    memcpy(writer->spare_name, spare->name, sizeof writer->spare_name);
    writer->segment_first = writer->committed.last_seq + 1;
    tt_segment_name(writer->name, writer->segment_first);
    writer->file = (tt_journal_file){.name = writer->name, .fd = spare->fd};
    writer->version = TT_JOURNAL_VERSION;
    writer->position = sizeof(tt_segment_header);
    writer->fill_at = writer->space; // The thread of spares has written it.
    tt_segment_header header = tt_segment_header_after(&writer->committed);
    memcpy(writer->block.bytes, &header, sizeof header); // Is written with what follows it.
    if (spare->is_direct) {
        return TUTTI_OK;
    }
    return tt_journal_file_write(
        &writer->dir, writer->file, (tt_bytes){&header, sizeof header}, 0, error);
}

/* Gives the open segment its name, if it has none: its header and first batch are written. */
static tutti_status show_spare(tt_journal_writer *writer, tt_error *error)
{
    const tt_journal_dir *dir = &writer->dir;
    if (writer->left.fd >= 0 &&
        dir->io.renameat(dir->io.ctx, dir->fd, writer->spare_name, writer->name) != 0) {
        return tt_journal_fail(dir, errno, "rename", writer->spare_name, error);
    }
    return TUTTI_OK;
}

/* Makes the name that the open segment has got durable, as its first batch is, and has the one
 * before it sealed. */
static tutti_status settle_spare(tt_journal_writer *writer, tt_error *error)
{
    if (writer->left.fd < 0) {
        return TUTTI_OK;
    }
    TUTTI_TRY(tt_journal_dir_sync(&writer->dir, error));
    tt_spare_seal(&writer->spare, &writer->left, &writer->left_block);
    writer->left.fd = -1;
    tt_writer_ask_ahead(writer);
    return TUTTI_OK;
}

/* Seals what the buffer holds, which may be nothing, by a commit with these flags. */
static tutti_status write_commit(tt_journal_writer *writer, uint32_t flags, tt_error *error)
{
    tt_journal_end after = writer->end;
    after.commit_count = writer->committed.commit_count + 1;
    after.is_closed = (flags & TT_COMMIT_CLOSED) != 0;
    tt_batch *batch = &writer->batch;
    place_steps(writer); // May move them.
    tt_commit_record *record = (void *)(batch->bytes + batch->used);
    size_t size = batch->used + sizeof *record;
    if (tt_batch_is_poor(batch->is_poor, batch->bytes, batch->used, batch->placed)) {
        flags |= TT_COMMIT_POOR;
    }
    tt_commit_fill(record, &after, batch->used, flags);
    tt_record_seal_as(&record->head, writer->position + batch->used, writer->version);
    if (writer->chain) { // While the disk works.
        tt_chain_begin(writer->chain, after.chain, batch->bytes, batch->used);
    }
    TUTTI_TRY(write_batch(writer, size, error));
    TUTTI_TRY(show_spare(writer, error));
    if (!writer->chain) {
        TUTTI_TRY(start_write(writer, size, error));
        tt_journal_hash_batch(&writer->hash, after.chain, batch->bytes, batch->used);
    }
    TUTTI_TRY(tt_writer_sync(writer, error));
    TUTTI_TRY(settle_spare(writer, error));
    writer->position += size;
    note_committed(writer, size);
    writer->committed = after;
    writer->end = after;
    batch->used = 0;
    batch->is_poor = false;
    return TUTTI_OK;
}

/* Goes on in a segment that is made here, once the open one is sealed. */
static tutti_status enter_prepared(tt_journal_writer *writer, tt_error *error)
{
    tt_seal seal;
    tt_journal_end start;
    char name[TT_JOURNAL_NAME_MAX];
    fill_seal(writer, &seal, &start);
    tt_segment_name(name, start.last_seq + 1);
    TUTTI_TRY(tt_segment_prepare(&writer->dir, &start, error));
    TUTTI_TRY(tt_journal_dir_sync(&writer->dir, error));
    TUTTI_TRY(tt_seal_write(&writer->dir, &seal, &writer->block, error));
    writer->committed = start;
    writer->end.commit_count = start.commit_count;
    TUTTI_TRY(tt_journal_file_publish(&writer->dir, name, error));
    // Only reserved: to write the space would take long, and a commit waits.
    TUTTI_TRY(open_segment(writer, start.last_seq + 1, sizeof(tt_segment_header), error));
    TUTTI_TRY(reserve_space(writer, error));
    writer->block.is_direct = false;
    writer->fill_at = writer->space;
    tt_writer_ask_ahead(writer);
    return TUTTI_OK;
}

tutti_status tt_writer_rotate(tt_journal_writer *writer, tt_error *error)
{
    tt_spare_file spare;
    TUTTI_TRY(tt_spare_wait_sealed(&writer->spare, error));
    // Without room for its seal in its space a segment is sealed at once: see the reader.
    if (writer->position + TT_SEAL_BYTES > writer->space ||
        !tt_spare_take(&writer->spare, &spare)) {
        return enter_prepared(writer, error);
    }
    return enter_spare(writer, &spare, error);
}

tutti_status tt_writer_commit(tt_journal_writer *writer, uint32_t flags, tt_error *error)
{
    if (writer->failure.status != TUTTI_OK) {
        return refuse(writer, error);
    }
    tt_writer_finish_chain(writer);
    uint64_t end = writer->position + writer->batch.used + 2 * sizeof(tt_commit_record);
    bool has_steps = writer->committed.last_seq >= writer->segment_first;
    tutti_status status = tt_spare_check_sealed(&writer->spare, &writer->failure);
    if (status == TUTTI_OK && end > writer->segment_bytes && has_steps && writer->batch.used > 0) {
        status = tt_writer_rotate(writer, &writer->failure);
    }
    if (status == TUTTI_OK) {
        status = write_commit(writer, flags, &writer->failure);
    }
    return status == TUTTI_OK ? TUTTI_OK : fail_for_good(writer, status, error);
}

tutti_status tt_journal_commit(tt_journal_writer *writer, tt_error *error)
{
    if (writer->batch.used == 0 && writer->failure.status == TUTTI_OK) {
        return TUTTI_OK;
    }
    return tt_writer_commit(writer, 0, error);
}

/* Puts a checked step into the buffer. */
static void
buffer_step(tt_journal_writer *writer, const void *step, size_t size, const tt_msg *last)
{
    tt_batch *batch = &writer->batch;
    if (batch->used == 0) {
        batch->placed = writer->position;
        batch->bytes = tt_batch_start(batch->memory, batch->placed);
    }
    tt_record_head *head = (void *)(batch->bytes + batch->used);
    head->length = (uint32_t)size;
    memcpy(head + 1, step, size);
    batch->is_poor |= tt_step_record_finish(head, batch->placed + batch->used);
    batch->used += sizeof *head + size;
    writer->end.last_seq = last->seq;
    writer->end.last_time = last->time;
    writer->end.step_count++;
    writer->end.is_closed = false;
}

tutti_status
tt_journal_append(tt_journal_writer *writer, const void *step, size_t size, tt_error *error)
{
    if (writer->failure.status != TUTTI_OK) {
        return refuse(writer, error);
    }
    if (size > TT_JOURNAL_STEP_MAX) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "a step of %zu bytes after sequence %llu; at most %zu are possible",
            size,
            (unsigned long long)writer->end.last_seq,
            TT_JOURNAL_STEP_MAX);
    }
    const tt_msg *last = NULL;
    const char *why = "";
    if (tt_step_check(step, size, writer->end.last_seq, TT_JOURNAL_VERSION, &last, &why) !=
        TUTTI_OK) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "the step after sequence %llu is not journaled: %s",
            (unsigned long long)writer->end.last_seq,
            why);
    }
    if (writer->batch.used + sizeof(tt_record_head) + size > TT_JOURNAL_BATCH_MAX) {
        TUTTI_TRY(tt_journal_commit(writer, error));
    }
    buffer_step(writer, step, size, last);
    return TUTTI_OK;
}

tutti_status tt_writer_commit_batch(
    tt_journal_writer *writer, const tt_batch *batch, const tt_journal_end *end, tt_error *error)
{
    TUTTI_TRY(tt_journal_commit(writer, error));
    tt_batch own = writer->batch;
    writer->batch = *batch;
    writer->end.last_seq = end->last_seq;
    writer->end.last_time = end->last_time;
    writer->end.step_count = end->step_count;
    writer->end.is_closed = false;
    tutti_status status = tt_writer_commit(writer, 0, error);
    writer->batch = own;
    return status;
}

void tt_writer_finish_chain(tt_journal_writer *writer)
{
    uint8_t value[TT_DIGEST_SIZE];
    if (writer->chain && tt_chain_finish(writer->chain, value) &&
        writer->failure.status == TUTTI_OK) {
        memcpy(writer->committed.chain, value, sizeof value);
        memcpy(writer->end.chain, value, sizeof value);
    }
}

size_t tt_journal_pending(const tt_journal_writer *writer)
{
    return writer->batch.used;
}

void tt_journal_state(const tt_journal_writer *writer, tt_journal_end *ret_end)
{
    *ret_end = writer->end;
}

const char *tt_journal_cut_reason(const tt_journal_writer *writer)
{
    return writer->cut_reason;
}
