/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The judgement of a tail. What counts, in this order:
 *
 * 1. Only zeros: clean.
 * 2. Whole steps and nothing after them: their commit was never written; torn.
 * 3. A broken record with a whole commit after it. Writes of one commit can reach the disk out of
 *    order when the power fails, so this is torn only if that commit is the very next one, nothing
 *    follows it, and a sector inside is still as empty as it was before the write, which the flag
 *    POOR of the commit says it cannot be if it was written. Everything else is damage.
 * 4. A broken record with no whole commit after it: torn if it ends where the bytes end, or if such
 * an empty sector is in it. A commit record ends in bytes that are never zero, so one that reaches
 * its end was written whole and is damage.
 *
 * No change of a single byte can pass for a tear: see docs/spec/journal.md.
 */
#include "journal/journal_tail.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_CHUNK ((size_t)32 * 1024)

/* The bytes to judge and where they come from. */
typedef struct tail_bytes {
    const unsigned char
        *at;          /* 16-byte aligned; zero up to the next multiple of 16 behind `size`. */
    size_t size;      /* As many as the file has, but never less than the largest record. */
    size_t used;      /* Up to the last byte that is not zero. */
    uint64_t start;   /* Offset in the file: the end of the last commit. */
    uint64_t commits; /* Number of the last commit before `start`. */
    uint32_t version;
} tail_bytes;

typedef enum record_state {
    RECORD_BROKEN,
    RECORD_STEP,
    RECORD_COMMIT
} record_state;

static record_state examine(const tail_bytes *bytes, size_t at)
{
    const tt_record_head *head = (const tt_record_head *)(const void *)(bytes->at + at);
    size_t left = bytes->size - at;
    if (left < sizeof *head || !tt_record_head_check(head, bytes->start + at) ||
        left - sizeof *head < head->length || !tt_record_crc_check(head, bytes->version)) {
        return RECORD_BROKEN;
    }
    return head->type == TT_RECORD_COMMIT ? RECORD_COMMIT : RECORD_STEP;
}

/* First whole commit record at or after `from`; `used` when there is none. */
static size_t find_commit(const tail_bytes *bytes, size_t from)
{
    for (size_t at = from; at < bytes->used; at += 16) {
        if (tt_commit_check(bytes->at + at, bytes->size - at, bytes->start + at, bytes->version)) {
            return at;
        }
    }
    return bytes->used;
}

/* Tells whether some sector between two offsets is still as empty as before it was written. */
static bool has_empty_sector(const tail_bytes *bytes, size_t from, size_t to)
{
    size_t size = (to - from + 7) / 8 * 8;
    return tt_batch_has_poor_sector(bytes->at + from, size, bytes->start + from, 0);
}

/* Case 3. */
static bool is_commit_out_of_order(const tail_bytes *bytes, size_t broken, size_t commit)
{
    const tt_commit_record *record = (const void *)(bytes->at + commit);
    return record->body.commit_count == bytes->commits + 1 && record->body.batch_bytes == commit &&
           (record->body.flags & TT_COMMIT_POOR) == 0 && bytes->used <= commit + sizeof *record &&
           has_empty_sector(bytes, broken, commit);
}

/* Case 4. */
static bool is_cut_short(const tail_bytes *bytes, size_t broken)
{
    const tt_record_head *head = (const tt_record_head *)(const void *)(bytes->at + broken);
    size_t written = bytes->used - broken;
    if (written < sizeof *head || has_empty_sector(bytes, broken, bytes->used)) {
        return true;
    }
    if (!tt_record_head_check(head, bytes->start + broken)) {
        return false;
    }
    size_t end = sizeof *head + head->length;
    if (end > bytes->size - broken) {
        return true;
    }
    // One missing byte of a commit cannot be told from one that became zero, and no crash leaves
    // that.
    return written <= (head->type == TT_RECORD_COMMIT ? end - 2 : end);
}

static tt_tail judge(const tail_bytes *bytes)
{
    tt_tail tail = {.why = "", .offset = bytes->start, .bytes = bytes->used};
    size_t at = 0;
    record_state state = RECORD_BROKEN;
    while (at < bytes->used && (state = examine(bytes, at)) == RECORD_STEP) {
        at += sizeof(tt_record_head) +
              ((const tt_record_head *)(const void *)(bytes->at + at))->length;
        tail.steps++;
    }
    tail.offset = bytes->start + at;
    if (at >= bytes->used) {
        tail.kind = bytes->used == 0 ? TT_TAIL_CLEAN : TT_TAIL_TORN;
        tail.why = bytes->used == 0 ? "" : "the commit of the last steps was never written";
        return tail;
    }
    if (state == RECORD_COMMIT) {
        tail.kind = TT_TAIL_WHOLE;
        return tail;
    }
    size_t commit = find_commit(bytes, at + 16);
    bool is_torn =
        commit < bytes->used ? is_commit_out_of_order(bytes, at, commit) : is_cut_short(bytes, at);
    tail.kind = is_torn ? TT_TAIL_TORN : TT_TAIL_CORRUPT;
    tail.why = is_torn                ? "the last commit was not written to its end"
               : commit < bytes->used ? "the record is damaged, and whole commits follow it"
                                      : "the record was written to its end and is damaged";
    return tail;
}

/* Finds how many bytes from `start` reach up to the last one that is not zero. */
static tutti_status find_used(
    const tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t start,
    uint64_t file_size,
    uint64_t *ret_used,
    tt_error *error)
{
    unsigned char chunk[SCAN_CHUNK];
    for (uint64_t end = file_size; end > start;) {
        size_t size = end - start < SCAN_CHUNK ? (size_t)(end - start) : SCAN_CHUNK;
        end -= size;
        TUTTI_TRY(tt_journal_file_read(dir, file, end, chunk, &size, error));
        while (size > 0 && chunk[size - 1] == 0) {
            size--;
        }
        if (size > 0) {
            *ret_used = end + size - start;
            return TUTTI_OK;
        }
    }
    *ret_used = 0;
    return TUTTI_OK;
}

/* Reads the bytes into zeroed memory and judges them. */
static tutti_status read_and_judge(
    const tt_journal_dir *dir,
    tt_journal_file file,
    unsigned char *memory,
    tail_bytes *bytes,
    tt_tail *ret_tail,
    tt_error *error)
{
    size_t got = bytes->used;
    TUTTI_TRY(tt_journal_file_read(dir, file, bytes->start, memory, &got, error));
    *ret_tail = judge(bytes);
    return TUTTI_OK;
}

tutti_status tt_tail_read(
    const tt_journal_dir *dir,
    tt_journal_file file,
    tt_tail_place place,
    tt_tail *ret_tail,
    tt_error *error)
{
    uint64_t start = place.start;
    uint64_t file_size;
    uint64_t used;
    TUTTI_TRY(tt_journal_file_size(dir, file, &file_size, error));
    if (file_size < start) {
        *ret_tail = (tt_tail){
            .kind = TT_TAIL_CORRUPT, .offset = file_size, .why = "commits were cut off the file"};
        return TUTTI_OK;
    }
    TUTTI_TRY(find_used(dir, file, start, file_size, &used, error));
    // A record may end in zeros: they belong to it as far as the file goes.
    uint64_t size = used + TT_JOURNAL_BATCH_MAX + sizeof(tt_commit_record);
    size = size < file_size - start ? size : file_size - start;
    unsigned char *memory = calloc(1, (size_t)size + 16);
    if (!memory) {
        return tt_error_set(
            error, TUTTI_NO_MEMORY, "no memory to examine %s/%s", dir->path, file.name);
    }
    tail_bytes bytes = {
        .at = memory,
        .size = (size_t)size,
        .used = (size_t)used,
        .start = start,
        .commits = place.commits,
        .version = place.version};
    tutti_status status = read_and_judge(dir, file, memory, &bytes, ret_tail, error);
    free(memory);
    return status;
}
