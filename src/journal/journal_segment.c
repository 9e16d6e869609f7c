/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The file `meta` and the segments.
 *
 * A segment gets its name only when its header is written. A prepared one has it for good by then.
 * Of one that was a spare a power cut may leave the name without the header, which lies within one
 * sector: then it reads as zeros as a whole, and half a header is always damage, never a crash.
 */
#include "journal/journal_segment.h"

#include "base/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tutti_status
tt_journal_meta_write(tt_journal_dir *dir, const void *text, size_t size, tt_error *error)
{
    tt_meta_header header;
    tt_meta_header_seal(&header, text, size);
    tt_bytes head = {&header, sizeof header};
    tt_bytes body = {text, size};
    TUTTI_TRY(tt_journal_file_prepare(dir, TT_JOURNAL_META_NAME, head, body, error));
    tutti_status status = tt_journal_file_publish(dir, TT_JOURNAL_META_NAME, error);
    if (status != TUTTI_OK) {
        // It may have its name, but not for certain: a creation that failed leaves no journal.
        tt_journal_dir_remove(dir, TT_JOURNAL_META_NAME);
    }
    return status;
}

/* Says that a file of the journal is not right; `status` CORRUPT or VERSION. */
static tutti_status fail_file(
    const tt_journal_dir *dir,
    const char *name,
    tutti_status status,
    const char *why,
    tt_error *error)
{
    (void)tt_error_set(error, status, "%s/%s: %s", dir->path, name, why);
    if (status == TUTTI_VERSION) {
        tt_error_hint(
            error,
            "this program reads format versions up to %d, and messages as its own build lays them "
            "out; use the release that wrote the journal (or, for a newer format, a newer one)",
            TT_JOURNAL_VERSION);
    } else {
        tt_error_hint(error, "restore the journal from a copy; do not trade on it as it is");
    }
    return status;
}

/* Reads the text behind the checked header and checks it too. */
static tutti_status read_meta_text(
    const tt_journal_dir *dir,
    tt_journal_file file,
    const tt_meta_header *header,
    void **ret_text,
    tt_error *error)
{
    size_t size = (size_t)header->text_bytes;
    // One byte more than the text, to see that the file ends there.
    char *text = malloc(size + 1);
    if (!text) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s/%s", dir->path, file.name);
    }
    size_t got = size + 1;
    tutti_status status = tt_journal_file_read(dir, file, sizeof *header, text, &got, error);
    if (status == TUTTI_OK && (got != size || !tt_meta_text_check(header, text))) {
        status =
            fail_file(dir, file.name, TUTTI_CORRUPT, "the configuration text is damaged", error);
    }
    if (status != TUTTI_OK) {
        free(text);
        return status;
    }
    text[size] = '\0';
    *ret_text = text;
    return TUTTI_OK;
}

static tutti_status read_meta(
    const tt_journal_dir *dir,
    tt_journal_file file,
    void **ret_text,
    size_t *ret_size,
    tt_error *error)
{
    tt_meta_header header = {0};
    size_t size = sizeof header;
    const char *why = "";
    TUTTI_TRY(tt_journal_file_read(dir, file, 0, &header, &size, error));
    tutti_status status = tt_meta_header_check(&header, &why);
    if (status == TUTTI_OK && header.text_bytes > TT_JOURNAL_META_MAX) {
        status = TUTTI_CORRUPT;
    }
    if (status != TUTTI_OK) {
        return fail_file(dir, file.name, status, why, error);
    }
    *ret_size = (size_t)header.text_bytes;
    return read_meta_text(dir, file, &header, ret_text, error);
}

tutti_status
tt_journal_meta_read(const tt_journal_dir *dir, void **ret_text, size_t *ret_size, tt_error *error)
{
    tt_journal_file file = {.name = TT_JOURNAL_META_NAME};
    if (!tt_journal_dir_has(dir, TT_JOURNAL_META_NAME)) {
        return tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "there is no journal in %s (the file meta is absent)",
            dir->path);
    }
    TUTTI_TRY(tt_journal_file_open(dir, TT_JOURNAL_META_NAME, O_RDONLY, &file.fd, error));
    tutti_status status = read_meta(dir, file, ret_text, ret_size, error);
    (void)close(file.fd);
    return status;
}

void tt_segment_name(char name[TT_JOURNAL_NAME_MAX], tt_seq first_seq)
{
    tt_journal_name(name, "", first_seq, TT_JOURNAL_SEGMENT_SUFFIX);
}

tt_segment_header tt_segment_header_after(const tt_journal_end *end)
{
    tt_segment_header header = {
        .first_seq = end->last_seq + 1,
        .step_count = end->step_count,
        .commit_count = end->commit_count,
        .last_time_ns = end->last_time.ns};
    memcpy(header.chain, end->chain, sizeof header.chain);
    tt_segment_header_seal(&header);
    return header;
}

tutti_status tt_segment_prepare(tt_journal_dir *dir, const tt_journal_end *end, tt_error *error)
{
    tt_segment_header header = tt_segment_header_after(end);
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, header.first_seq);
    tt_bytes head = {&header, sizeof header};
    return tt_journal_file_prepare(dir, name, head, (tt_bytes){"", 0}, error);
}

/* Reads and checks the header of an open segment. */
static tutti_status read_header(
    const tt_journal_dir *dir,
    tt_journal_file file,
    tt_seq first_seq,
    tt_segment_header *header,
    tt_error *error)
{
    size_t size = sizeof *header;
    const char *why = "";
    TUTTI_TRY(tt_journal_file_read(dir, file, 0, header, &size, error));
    tutti_status status = tt_segment_header_check(header, size, &why);
    if (status == TUTTI_OK && header->first_seq != first_seq) {
        status = TUTTI_CORRUPT;
        why = "the header belongs to a segment of another name";
    }
    return status == TUTTI_OK ? status : fail_file(dir, file.name, status, why, error);
}

tutti_status tt_segment_open(
    const tt_journal_dir *dir,
    tt_seq first_seq,
    int flags,
    int *ret_fd,
    tt_segment_header *ret_header,
    tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, first_seq);
    tt_journal_file file = {.name = name};
    TUTTI_TRY(tt_journal_file_open(dir, name, flags, &file.fd, error));
    tutti_status status = read_header(dir, file, first_seq, ret_header, error);
    if (status != TUTTI_OK) {
        (void)close(file.fd);
        return status;
    }
    *ret_fd = file.fd;
    return TUTTI_OK;
}

bool tt_segment_exists(const tt_journal_dir *dir, tt_seq first_seq)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, first_seq);
    if (tt_journal_dir_has(dir, name)) {
        return true;
    }
    tt_journal_name(name, "", first_seq, TT_JOURNAL_ARCHIVE_SUFFIX);
    return tt_journal_dir_has(dir, name);
}

bool tt_segment_is_blank(const tt_journal_dir *dir, tt_seq first_seq)
{
    static const unsigned char zeros[sizeof(tt_segment_header)];
    unsigned char bytes[sizeof zeros];
    size_t size = sizeof bytes;
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, first_seq);
    tt_journal_file file = {.name = name};
    if (tt_journal_file_open(dir, name, O_RDONLY, &file.fd, NULL) != TUTTI_OK) {
        return false;
    }
    bool is_read = tt_journal_file_read(dir, file, 0, bytes, &size, NULL) == TUTTI_OK;
    (void)close(file.fd);
    return is_read && size == sizeof bytes && memcmp(bytes, zeros, size) == 0;
}

/* Merges two ordered lists into the first, which has room for both; returns the count. */
static size_t merge_numbers(uint64_t *into, size_t count, const uint64_t *more, size_t more_count)
{
    size_t kept = count;
    for (size_t i = 0; i < more_count; i++) {
        size_t at = kept;
        while (at > 0 && into[at - 1] > more[i]) {
            at--;
        }
        if (at > 0 && into[at - 1] == more[i]) {
            continue; // Archived, and not yet removed.
        }
        memmove(into + at + 1, into + at, (kept - at) * sizeof *into);
        into[at] = more[i];
        kept++;
    }
    return kept;
}

tutti_status tt_segment_list(
    const tt_journal_dir *dir, uint64_t **ret_numbers, size_t *ret_count, tt_error *error)
{
    uint64_t *archives;
    uint64_t *plain;
    size_t archive_count;
    size_t plain_count;
    TUTTI_TRY(
        tt_journal_dir_list(dir, "", TT_JOURNAL_ARCHIVE_SUFFIX, &archives, &archive_count, error));
    tutti_status status =
        tt_journal_dir_list(dir, "", TT_JOURNAL_SEGMENT_SUFFIX, &plain, &plain_count, error);
    if (status != TUTTI_OK) {
        free(archives);
        return status;
    }
    uint64_t *all = realloc(archives, (archive_count + plain_count + 1) * sizeof *all);
    if (all) {
        size_t merged = merge_numbers(all, archive_count, plain, plain_count);
        merged -= merged > 1 && tt_segment_is_blank(dir, all[merged - 1]);
        *ret_count = merged;
        *ret_numbers = all;
    } else {
        free(archives);
        status = tt_error_set(error, TUTTI_NO_MEMORY, "no memory to list %s", dir->path);
    }
    free(plain);
    return status;
}

/* Why a record of the beginning is not right; NULL when it is. */
static const char *
begin_fault(const tt_begin_record *record, const uint8_t meta_digest[TT_DIGEST_SIZE])
{
    if (memcmp(record->magic, TT_JOURNAL_BEGIN_MAGIC, sizeof record->magic) != 0 ||
        record->crc != tt_crc32c(0, record, offsetof(tt_begin_record, crc))) {
        return "the record of the beginning is damaged";
    }
    if (record->version >= 2 && record->version <= TT_JOURNAL_VERSION &&
        (record->header_bytes != sizeof *record || record->first_seq < 2 || record->reserved != 0 ||
         memcmp(record->meta_digest, meta_digest, TT_DIGEST_SIZE) != 0)) {
        return "the record of the beginning belongs to another meta, or is no such record";
    }
    return NULL;
}

tutti_status tt_begin_read(
    const tt_journal_dir *dir,
    const uint8_t meta_digest[TT_DIGEST_SIZE],
    tt_journal_end *ret_begin,
    bool *ret_has,
    tt_error *error)
{
    tt_journal_file file = {.name = TT_JOURNAL_BEGIN_NAME};
    unsigned char bytes[sizeof(tt_begin_record) + 1]; // One more, to see that the file ends there.
    tt_begin_record record;
    size_t size = sizeof bytes;
    *ret_has = tt_journal_dir_has(dir, TT_JOURNAL_BEGIN_NAME);
    if (!*ret_has) {
        return TUTTI_OK;
    }
    TUTTI_TRY(tt_journal_file_open(dir, file.name, O_RDONLY, &file.fd, error));
    tutti_status status = tt_journal_file_read(dir, file, 0, bytes, &size, error);
    (void)close(file.fd);
    TUTTI_TRY(status);
    memcpy(&record, bytes, sizeof record);
    const char *fault = size == sizeof record ? begin_fault(&record, meta_digest)
                                              : "the record of the beginning has another size";
    if (fault) {
        return fail_file(dir, file.name, TUTTI_CORRUPT, fault, error);
    }
    if (record.version < 2 || record.version > TT_JOURNAL_VERSION) {
        return fail_file(dir, file.name, TUTTI_VERSION, "the file has another version", error);
    }
    *ret_begin = (tt_journal_end){
        .last_seq = record.first_seq - 1,
        .last_time = {record.last_time_ns},
        .step_count = record.step_count,
        .commit_count = record.commit_count};
    memcpy(ret_begin->chain, record.chain, TT_DIGEST_SIZE);
    return TUTTI_OK;
}

tutti_status tt_begin_write(
    tt_journal_dir *dir,
    const uint8_t meta_digest[TT_DIGEST_SIZE],
    const tt_journal_end *begin,
    int64_t now_ns,
    tt_error *error)
{
    tt_begin_record record = {
        .magic = TT_JOURNAL_BEGIN_MAGIC,
        .version = TT_JOURNAL_VERSION,
        .header_bytes = sizeof record,
        .first_seq = begin->last_seq + 1,
        .step_count = begin->step_count,
        .commit_count = begin->commit_count,
        .last_time_ns = begin->last_time.ns,
        .dropped_ns = now_ns};
    memcpy(record.chain, begin->chain, TT_DIGEST_SIZE);
    memcpy(record.meta_digest, meta_digest, TT_DIGEST_SIZE);
    record.crc = tt_crc32c(0, &record, offsetof(tt_begin_record, crc));
    tt_bytes bytes = {&record, sizeof record};
    TUTTI_TRY(tt_journal_file_prepare(dir, TT_JOURNAL_BEGIN_NAME, bytes, (tt_bytes){"", 0}, error));
    return tt_journal_file_publish(dir, TT_JOURNAL_BEGIN_NAME, error);
}

bool tt_segment_is_prepared(const tt_journal_dir *dir, tt_seq first_seq)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_journal_name(name, "", first_seq, TT_JOURNAL_SEGMENT_SUFFIX TT_JOURNAL_NEW_SUFFIX);
    return tt_journal_dir_has(dir, name);
}
