/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshots: copies of the state of the engine beside the journal, to make restarts short. They are
 * never the truth: one that is damaged or of another version is passed over, and without any the
 * journal is replayed from its start.
 */
#include "journal/snapshot.h"

#include "journal/journal_hash.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SNAPSHOT_MAGIC "TUTTISN"
/* How many are kept: one to read if the newest is damaged. */
#define SNAPSHOTS_KEPT 2
/* A damaged length must not take all memory. */
#define STATE_BYTES_MAX (UINT64_C(4) * 1024 * 1024 * 1024)

/* Head of the file; the state follows. */
typedef struct snapshot_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t last_seq;
    uint64_t step_count;
    uint64_t commit_count;
    int64_t last_time_ns;
    uint8_t chain[TT_DIGEST_SIZE];
    uint64_t state_bytes;
    uint8_t reserved[8];
    uint8_t digest[TT_DIGEST_SIZE]; /* SHA-256 of all bytes before it, and the state. */
} snapshot_header;

_Static_assert(sizeof(snapshot_header) == 128, "format");

static tutti_status digest_of(
    const snapshot_header *header,
    const void *state,
    uint8_t digest[TT_DIGEST_SIZE],
    tt_error *error)
{
    tt_journal_hash hash;
    TUTTI_TRY(tt_journal_hash_init(&hash, error));
    tt_journal_hash_two(
        &hash,
        header,
        offsetof(snapshot_header, digest),
        state,
        (size_t)header->state_bytes,
        digest);
    tt_journal_hash_fini(&hash);
    return TUTTI_OK;
}

/* Removes all but the newest. A failure only leaves a file too many. */
static void remove_old(const tt_journal_dir *dir)
{
    uint64_t *numbers;
    size_t count;
    if (tt_journal_dir_list(
            dir, TT_JOURNAL_SNAPSHOT_PREFIX, TT_JOURNAL_SNAPSHOT_SUFFIX, &numbers, &count, NULL) !=
        TUTTI_OK) {
        return;
    }
    for (size_t i = 0; i + SNAPSHOTS_KEPT < count; i++) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_journal_name(name, TT_JOURNAL_SNAPSHOT_PREFIX, numbers[i], TT_JOURNAL_SNAPSHOT_SUFFIX);
        tt_journal_dir_remove(dir, name);
    }
    free(numbers);
}

tutti_status tt_snapshot_write_in(
    tt_journal_dir *dir, const tt_journal_end *end, const void *state, size_t size, tt_error *error)
{
    snapshot_header header = {
        .magic = SNAPSHOT_MAGIC,
        .version = TT_JOURNAL_VERSION,
        .header_bytes = sizeof header,
        .last_seq = end->last_seq,
        .step_count = end->step_count,
        .commit_count = end->commit_count,
        .last_time_ns = end->last_time.ns,
        .state_bytes = size};
    memcpy(header.chain, end->chain, sizeof header.chain);
    TUTTI_TRY(digest_of(&header, state, header.digest, error));
    char name[TT_JOURNAL_NAME_MAX];
    tt_journal_name(name, TT_JOURNAL_SNAPSHOT_PREFIX, end->last_seq, TT_JOURNAL_SNAPSHOT_SUFFIX);
    tt_bytes head = {&header, sizeof header};
    tt_bytes body = {state, size};
    TUTTI_TRY(tt_journal_file_prepare(dir, name, head, body, error));
    TUTTI_TRY(tt_journal_file_publish(dir, name, error));
    remove_old(dir);
    return TUTTI_OK;
}

tutti_status tt_snapshot_write(
    const char *dir, const tt_journal_end *end, const void *state, size_t size, tt_error *error)
{
    tt_journal_dir opened;
    TUTTI_TRY(tt_journal_dir_open(&opened, dir, error));
    opened.is_durable = true;
    tutti_status status = tt_snapshot_write_in(&opened, end, state, size, error);
    tt_journal_dir_close(&opened);
    return status;
}

/* Tells whether a header is one of this version with a possible length. */
static bool is_header_usable(const snapshot_header *header, uint64_t file_size)
{
    static const uint8_t zeros[sizeof header->reserved];
    return memcmp(header->magic, SNAPSHOT_MAGIC, sizeof header->magic) == 0 &&
           header->version >= 1 && header->version <= TT_JOURNAL_VERSION &&
           header->header_bytes == sizeof *header && header->state_bytes <= STATE_BYTES_MAX &&
           file_size == sizeof *header + header->state_bytes &&
           memcmp(header->reserved, zeros, sizeof zeros) == 0;
}

/* Reads the state behind a usable header and checks all. */
static tutti_status read_state(
    const tt_journal_dir *dir,
    tt_journal_file file,
    const snapshot_header *header,
    void **ret_state,
    tt_error *error)
{
    size_t size = (size_t)header->state_bytes;
    void *state = malloc(size > 0 ? size : 1);
    if (!state) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s/%s", dir->path, file.name);
    }
    uint8_t digest[TT_DIGEST_SIZE] = {0};
    tutti_status status = tt_journal_file_read(dir, file, sizeof *header, state, &size, error);
    if (status == TUTTI_OK) {
        status =
            size == header->state_bytes ? digest_of(header, state, digest, error) : TUTTI_CORRUPT;
    }
    if (status == TUTTI_OK && memcmp(digest, header->digest, sizeof digest) != 0) {
        status = TUTTI_CORRUPT;
    }
    if (status != TUTTI_OK) {
        free(state);
        return status;
    }
    *ret_state = state;
    return TUTTI_OK;
}

/* Reads an open snapshot; any failure means that it is not to be used. */
static tutti_status read_file(
    const tt_journal_dir *dir,
    tt_journal_file file,
    tt_journal_end *ret_end,
    void **ret_state,
    size_t *ret_size,
    tt_error *error)
{
    snapshot_header header = {0};
    size_t size = sizeof header;
    uint64_t file_size;
    TUTTI_TRY(tt_journal_file_size(dir, file, &file_size, error));
    TUTTI_TRY(tt_journal_file_read(dir, file, 0, &header, &size, error));
    if (!is_header_usable(&header, file_size)) {
        return TUTTI_CORRUPT;
    }
    TUTTI_TRY(read_state(dir, file, &header, ret_state, error));
    *ret_size = (size_t)header.state_bytes;
    *ret_end = (tt_journal_end){
        .last_seq = header.last_seq,
        .last_time = {header.last_time_ns},
        .step_count = header.step_count,
        .commit_count = header.commit_count};
    memcpy(ret_end->chain, header.chain, sizeof header.chain);
    return TUTTI_OK;
}

static tutti_status read_newest(
    const tt_journal_dir *dir,
    tt_journal_end *ret_end,
    void **ret_state,
    size_t *ret_size,
    tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    TUTTI_TRY(tt_journal_dir_list(
        dir, TT_JOURNAL_SNAPSHOT_PREFIX, TT_JOURNAL_SNAPSHOT_SUFFIX, &numbers, &count, error));
    tutti_status status = TUTTI_NOT_FOUND;
    for (size_t i = count; i > 0 && status != TUTTI_OK; i--) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_journal_name(
            name, TT_JOURNAL_SNAPSHOT_PREFIX, numbers[i - 1], TT_JOURNAL_SNAPSHOT_SUFFIX);
        tt_journal_file file = {.name = name};
        if (tt_journal_file_open(dir, name, O_RDONLY, &file.fd, NULL) != TUTTI_OK) {
            continue;
        }
        status = read_file(dir, file, ret_end, ret_state, ret_size, NULL);
        (void)close(file.fd);
    }
    free(numbers);
    if (status != TUTTI_OK) {
        return tt_error_set(
            error, TUTTI_NOT_FOUND, "%s has no usable snapshot (%zu are there)", dir->path, count);
    }
    return TUTTI_OK;
}

tutti_status tt_snapshot_read(
    const char *dir, tt_journal_end *ret_end, void **ret_state, size_t *ret_size, tt_error *error)
{
    tt_journal_dir opened;
    TUTTI_TRY(tt_journal_dir_open(&opened, dir, error));
    tutti_status status = read_newest(&opened, ret_end, ret_state, ret_size, error);
    tt_journal_dir_close(&opened);
    return status;
}
