/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Archives: sealed segments, compressed. A reader sees the bytes of the segment and checks them as
 * ever; the header lets it check the whole too. Private to the journal.
 *
 * All functions: @thread{owner} @blocks{disk}
 */
#ifndef TT_JOURNAL_JOURNAL_ARCHIVE_H
#define TT_JOURNAL_JOURNAL_ARCHIVE_H

#include "journal/journal_file.h"

#define TT_JOURNAL_ARCHIVE_MAGIC "TUTTIJA"

/** Head of an archive; one zstd frame follows, and the file ends with it. */
typedef struct tt_archive_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t first_seq; /**< Also the name of the file. */
    uint64_t last_seq;  /**< This and the following: where the journal stands after the segment. */
    uint64_t step_count;
    uint64_t commit_count;
    int64_t last_time_ns;
    uint8_t chain[TT_DIGEST_SIZE];
    uint8_t chain_before[TT_DIGEST_SIZE];
    int64_t sealed_ns;     /**< Wall time at which the segment was last written to. */
    uint64_t plain_bytes;  /**< Of the segment. */
    uint64_t packed_bytes; /**< Of the frame. */
    uint32_t packed_crc;
    uint32_t crc; /**< Of all bytes before it. */
} tt_archive_header;

_Static_assert(sizeof(tt_archive_header) == 152, "format");

/** An archive that is read from its start to its end. */
typedef struct tt_archive tt_archive;

/** Name of the archive of the segment whose first message has this number. */
void tt_archive_name(char name[TT_JOURNAL_NAME_MAX], tt_seq first_seq);
/** Compresses the sealed segment `first_seq`, after which the journal stands at `end`, into an
 * archive that has its name for good. The segment stays. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_archive_write(
    tt_journal_dir *dir,
    tt_seq first_seq,
    const tt_journal_end *end,
    const uint8_t chain_before[TT_DIGEST_SIZE],
    tt_error *error);
/** Opens an archive and checks its header. @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION.
 * @alloc{yes} */
TUTTI_NODISCARD tutti_status
tt_archive_open(const tt_journal_dir *dir, tt_seq first_seq, tt_archive **result, tt_error *error);
const tt_archive_header *tt_archive_header_of(const tt_archive *archive);
/** The next bytes of the segment; fewer than `*size` only at its end. @retval TUTTI_CORRUPT. */
TUTTI_NODISCARD tutti_status
tt_archive_read(tt_archive *archive, void *bytes, size_t *size, tt_error *error);
/** Checks that all was read, that nothing follows, the checksum of the frame, and that the segment
 * ends at `end`. @retval TUTTI_CORRUPT. */
TUTTI_NODISCARD tutti_status
tt_archive_finish(tt_archive *archive, const tt_journal_end *end, tt_error *error);
/** NULL is fine. */
void tt_archive_close(tt_archive *archive);

#endif
