/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading one batch: the steps of one commit. Nothing of a batch is used before all of it is
 * checked: the checksum of each record, the messages of each step, the chain value and the counts
 * of the commit.
 */
#include "journal/journal_reader.h"

#include <stdlib.h>
#include <string.h>

#define READ_CHUNK  ((size_t)256 * 1024)
#define KNOWN_FLAGS (TT_COMMIT_POOR | TT_COMMIT_CLOSED | TT_COMMIT_SEALED)
#define WINDOW_MAX  (TT_JOURNAL_BATCH_MAX + sizeof(tt_commit_record) + READ_CHUNK)

tutti_status tt_reader_fail(
    const tt_journal_reader *reader,
    uint64_t offset,
    uint64_t steps,
    const char *why,
    tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s/%s: record at byte %llu (step %llu, after commit %llu at sequence %llu): %s",
        reader->dir.path,
        reader->name,
        (unsigned long long)offset,
        (unsigned long long)reader->verified.step_count + steps + 1,
        (unsigned long long)reader->verified.commit_count,
        (unsigned long long)reader->verified.last_seq,
        why);
    tt_error_hint(error, "restore the journal from a copy; do not trade on it as it is");
    return TUTTI_CORRUPT;
}

/* Makes room for `size` bytes from `position` on, which moves to the front of the window. */
static tutti_status make_room(tt_journal_reader *reader, size_t size, tt_error *error)
{
    size_t gone = (size_t)(reader->position - reader->base);
    size_t kept = reader->filled > gone ? reader->filled - gone : 0;
    if (kept > 0) {
        memmove(reader->window, reader->window + gone, kept);
    }
    reader->base = reader->position;
    reader->filled = kept;
    if (size <= reader->capacity) {
        return TUTTI_OK;
    }
    size_t capacity = reader->capacity ? reader->capacity : READ_CHUNK;
    while (capacity < size) {
        capacity *= 2;
    }
    unsigned char *window = realloc(reader->window, capacity);
    if (!window) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", reader->dir.path);
    }
    reader->window = window;
    reader->capacity = capacity;
    return TUTTI_OK;
}

/* Reads behind what the window holds. */
static tutti_status read_more(tt_journal_reader *reader, size_t *size, tt_error *error)
{
    unsigned char *to = reader->window + reader->filled;
    if (reader->archive) {
        return tt_archive_read(reader->archive, to, size, error);
    }
    return tt_journal_file_read(
        &reader->dir, reader->file, reader->base + reader->filled, to, size, error);
}

/* Makes sure that the window holds `size` bytes from `position` on.
 * TUTTI_END: the file does not have them. */
static tutti_status need(tt_journal_reader *reader, size_t size, tt_error *error)
{
    if (reader->base + reader->filled >= reader->position + size) {
        return TUTTI_OK;
    }
    if (size > WINDOW_MAX) {
        return TUTTI_END;
    }
    TUTTI_TRY(make_room(reader, size, error));
    size_t got = reader->capacity - reader->filled;
    TUTTI_TRY(read_more(reader, &got, error));
    reader->filled += got;
    return reader->filled >= size ? TUTTI_OK : TUTTI_END;
}

static const tt_record_head *record_at(const tt_journal_reader *reader, size_t at)
{
    return (const void *)(reader->window + (reader->position - reader->base) + at);
}

/* Finds the commit of the batch at `position`, checking each record on the way.
 * TUTTI_END: some record is not whole or not right. */
static tutti_status
find_commit(tt_journal_reader *reader, size_t *ret_commit, size_t *ret_steps, tt_error *error)
{
    size_t at = 0;
    for (size_t steps = 0;; steps++) {
        TUTTI_TRY(need(reader, at + sizeof(tt_record_head), error));
        if (!tt_record_head_check(record_at(reader, at), reader->position + at)) {
            return TUTTI_END;
        }
        size_t size = sizeof(tt_record_head) + record_at(reader, at)->length;
        TUTTI_TRY(need(reader, at + size, error));
        const tt_record_head *head = record_at(reader, at);
        if (!tt_record_crc_check(head, reader->version)) {
            return TUTTI_END;
        }
        if (head->type == TT_RECORD_COMMIT) {
            *ret_commit = at;
            *ret_steps = steps;
            return TUTTI_OK;
        }
        at += size;
    }
}

static tutti_status reserve_marks(tt_journal_reader *reader, size_t count, tt_error *error)
{
    if (count <= reader->marks_capacity) {
        return TUTTI_OK;
    }
    size_t capacity = reader->marks_capacity ? reader->marks_capacity : 64;
    while (capacity < count) {
        capacity *= 2;
    }
    tt_step_mark *marks = realloc(reader->marks, capacity * sizeof *marks);
    if (!marks) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", reader->dir.path);
    }
    reader->marks = marks;
    reader->marks_capacity = capacity;
    return TUTTI_OK;
}

/* Checks the steps of a batch and notes where the journal stands after each. `state` moves from the
 * commit before to the end of the batch. */
static tutti_status
check_steps(tt_journal_reader *reader, size_t count, tt_journal_end *state, tt_error *error)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const tt_record_head *head = record_at(reader, at);
        const tt_msg *last = NULL;
        const char *why = "";
        const tt_layout_set *set = reader->foreign ? &reader->foreign->set : NULL;
        if (tt_step_check_as(
                set, head + 1, head->length, state->last_seq, reader->version, &last, &why) !=
            TUTTI_OK) {
            return tt_reader_fail(reader, reader->position + at, i, why, error);
        }
        if (reader->version == 1) {
            tt_journal_hash_step(&reader->hash, state->chain, head + 1, head->length);
        }
        state->last_seq = last->seq;
        state->last_time = last->time;
        state->step_count++;
        tt_step_mark *mark = &reader->marks[i];
        *mark = (tt_step_mark){.last_seq = state->last_seq, .last_time = state->last_time};
        if (reader->version == 1) {
            memcpy(mark->chain, state->chain, sizeof mark->chain);
        }
        at += sizeof *head + head->length;
    }
    return TUTTI_OK;
}

/* What is wrong with a commit whose checksum is right; NULL when nothing is. */
static const char *
commit_fault(const tt_commit_body *body, const tt_journal_end *state, size_t batch_bytes)
{
    if (memcmp(body->chain, state->chain, sizeof body->chain) != 0) {
        return "the chain value of the commit is not that of the steps";
    }
    if (body->last_seq != state->last_seq || body->step_count != state->step_count ||
        body->commit_count != state->commit_count || body->last_time_ns != state->last_time.ns ||
        body->batch_bytes != batch_bytes) {
        return "the commit does not count what stands before it";
    }
    if ((body->flags & ~KNOWN_FLAGS) != 0 ||
        memcmp(body->end, TT_JOURNAL_COMMIT_END, sizeof body->end) != 0) {
        return "the commit has flags or an end that this version does not write";
    }
    return NULL;
}

tutti_status tt_reader_load_batch(tt_journal_reader *reader, tt_error *error)
{
    size_t commit;
    size_t steps;
    TUTTI_TRY(find_commit(reader, &commit, &steps, error));
    TUTTI_TRY(reserve_marks(reader, steps, error));
    tt_journal_end state = reader->verified;
    state.commit_count++;
    state.cut_bytes = 0;
    TUTTI_TRY(check_steps(reader, steps, &state, error));
    const tt_commit_record *record = (const void *)record_at(reader, commit);
    const char *fault = commit_fault(&record->body, &state, commit);
    if (fault) {
        return tt_reader_fail(reader, reader->position + commit, steps, fault, error);
    }
    if (reader->version > 1) {
        // The commit holds the value before it; what it seals moves the chain.
        tt_journal_hash_batch(&reader->hash, state.chain, record_at(reader, 0), commit);
    }
    state.is_closed = (record->body.flags & TT_COMMIT_CLOSED) != 0;
    reader->is_sealed = (record->body.flags & TT_COMMIT_SEALED) != 0;
    reader->verified = state;
    reader->cursor = (size_t)(reader->position - reader->base);
    reader->step_count = steps;
    reader->step_index = 0;
    reader->position += commit + sizeof *record;
    return TUTTI_OK;
}
