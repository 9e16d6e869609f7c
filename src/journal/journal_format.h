/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bytes of the journal, private to it: headers, records, checksums, names of files. The same
 * layouts stand in docs/spec/journal.md; both change together with TT_JOURNAL_VERSION.
 *
 * Versions differ in what the chain covers, in the order of the bytes under the checksum of a
 * record, and in which bytes of a message must be zero; sizes and offsets are the same.
 *
 * All numbers are little-endian. Each record starts at a multiple of 16 in its file, and so does
 * each message in it, so that a record read into aligned memory is used in place.
 */
#ifndef TT_JOURNAL_JOURNAL_FORMAT_H
#define TT_JOURNAL_JOURNAL_FORMAT_H

#include "journal/journal.h"

#define TT_JOURNAL_META_NAME       "meta"
#define TT_JOURNAL_LOCK_NAME       "lock"
#define TT_JOURNAL_BEGIN_NAME      "begin"
#define TT_JOURNAL_SPARE_NAME      "spare.new" /* The first of them; others: "spare-N.new". */
#define TT_JOURNAL_ARCHIVE_SUFFIX  ".tta"
#define TT_JOURNAL_SEGMENT_SUFFIX  ".ttj"
#define TT_JOURNAL_NEW_SUFFIX      ".new"
#define TT_JOURNAL_SNAPSHOT_PREFIX "snapshot-"
#define TT_JOURNAL_SNAPSHOT_SUFFIX ".tts"
/** 20 digits, a suffix, a second suffix, NUL. */
#define TT_JOURNAL_NAME_MAX 48
#define TT_JOURNAL_SECTOR   512u

#define TT_JOURNAL_META_MAGIC    "TUTTIJM"
#define TT_JOURNAL_SEGMENT_MAGIC "TUTTIJS"
#define TT_JOURNAL_BEGIN_MAGIC   "TUTTIJB"
#define TT_JOURNAL_COMMIT_END    "TTCOMMIT"

/** Head of the file `meta`; the text follows. */
typedef struct tt_meta_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t text_bytes;
    uint32_t text_crc;
    uint32_t crc; /**< Of all bytes before it. */
} tt_meta_header;

/** Head of a segment: where the journal stood when the segment was begun. */
typedef struct tt_segment_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t first_seq; /**< Also the name of the file. */
    uint64_t step_count;
    uint64_t commit_count;
    int64_t last_time_ns;
    uint8_t chain[TT_DIGEST_SIZE];
    uint64_t layouts; /**< tt_layout_fingerprint of who wrote it; 0 = not told. */
    uint8_t reserved[4];
    uint32_t crc; /**< Of all bytes before it. */
} tt_segment_header;

/** The file `begin`: where the journal begins, after older segments were dropped on purpose. */
typedef struct tt_begin_record {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t first_seq; /**< First message that is kept. What follows is the state before it. */
    uint64_t step_count;
    uint64_t commit_count;
    int64_t last_time_ns;
    uint8_t chain[TT_DIGEST_SIZE];
    uint8_t meta_digest[TT_DIGEST_SIZE]; /**< SHA-256 of the text of `meta`: hash(0). */
    int64_t dropped_ns;                  /**< Wall time of the dropping; for people. */
    uint32_t reserved;
    uint32_t crc; /**< Of all bytes before it. */
} tt_begin_record;

typedef enum tt_record_type {
    TT_RECORD_STEP = 1,
    TT_RECORD_COMMIT = 2
} tt_record_type;

/** Head of a record; the body follows. */
typedef struct tt_record_head {
    uint32_t length; /**< Of the body; a multiple of 16. */
    uint32_t crc; /**< Of the body, then the head without this field (version 1: the head first). */
    uint8_t type;
    uint8_t reserved[3];
    uint32_t place; /**< Offset of the record in its file / 16. */
} tt_record_head;

/** Some sector-sized piece of the batch has at most one word that is not zero, so that it cannot be
 * told from one that was never written. */
#define TT_COMMIT_POOR 1u
/** The writer was closed after this commit. */
#define TT_COMMIT_CLOSED 2u
/** The segment ends here and the next one exists. */
#define TT_COMMIT_SEALED 4u

/** Body of a commit. */
typedef struct tt_commit_body {
    uint64_t last_seq;
    uint64_t step_count;   /**< Since the journal began. */
    uint64_t commit_count; /**< Since the journal began, with this one. */
    int64_t last_time_ns;
    uint8_t chain[TT_DIGEST_SIZE]; /**< Before this commit (version 1: with it). */
    uint32_t batch_bytes;          /**< Bytes of the step records that this commit seals. */
    uint32_t flags;
    char end[8]; /**< TT_JOURNAL_COMMIT_END: never zero, so that a cut at the end shows. */
} tt_commit_body;

/** A whole commit record. */
typedef struct tt_commit_record {
    tt_record_head head;
    tt_commit_body body;
} tt_commit_record;

_Static_assert(sizeof(tt_meta_header) == 32, "format");
_Static_assert(sizeof(tt_segment_header) == 96, "format");
_Static_assert(sizeof(tt_begin_record) == 128, "format");
_Static_assert(sizeof(tt_record_head) == 16, "format");
_Static_assert(sizeof(tt_commit_body) == 80, "format");
_Static_assert(sizeof(tt_commit_record) == 96, "format");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is the memory of such hosts");

/** The chain covers a batch in pieces of so many bytes (the last one may be shorter), so that they
 * can be hashed side by side. */
#define TT_JOURNAL_PIECE ((size_t)8 * 1024)
/** Step records that one commit may seal. */
#define TT_JOURNAL_BATCH_MAX (TT_JOURNAL_STEP_MAX + sizeof(tt_record_head))

/** Fills in magic, version and checksums. */
void tt_meta_header_seal(tt_meta_header *header, const void *text, size_t size);
/** Checks the head; the text is checked by tt_meta_text_check. `why` gets a reason.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION. */
TUTTI_NODISCARD tutti_status tt_meta_header_check(const tt_meta_header *header, const char **why);
bool tt_meta_text_check(const tt_meta_header *header, const void *text);
void tt_segment_header_seal(tt_segment_header *header);
/** As tt_segment_header_seal, for any version. */
void tt_segment_header_seal_as(tt_segment_header *header, uint32_t version);
/** As tt_meta_header_check. `size` is how many bytes of the file there are, at most the header. */
TUTTI_NODISCARD tutti_status
tt_segment_header_check(const tt_segment_header *header, size_t size, const char **why);
/** Tells whether the messages of a segment are laid out as this build does, as far as it says. */
bool tt_segment_header_is_own(const tt_segment_header *header);

/** Finishes a step record whose length and body are there: type, place, checksum. Returns whether
 * some sector that the body fills alone is poor. One that holds the head of a record is not: the
 * two words of a head are never zero. */
bool tt_step_record_finish(tt_record_head *head, uint64_t file_offset);
/** Fills in place and checksum of a record whose length and type stand in its head, and zeroes what
 * is reserved. */
void tt_record_seal_as(tt_record_head *head, uint64_t file_offset, uint32_t version);
/** Tells whether a head is possible at this place: type, length, zeros; without the checksum. */
bool tt_record_head_check(const tt_record_head *head, uint64_t file_offset);
/** Checks the checksum over head and body, which must be there. */
bool tt_record_crc_check(const tt_record_head *head, uint32_t version);
/** Tells whether a whole and right commit record starts here. `size`: bytes that are there. */
bool tt_commit_check(const void *bytes, size_t size, uint64_t file_offset, uint32_t version);
/** Fills a commit from the state after it, but for the chain value, which is that of `end`. */
void tt_commit_fill(
    tt_commit_record *record, const tt_journal_end *end, size_t batch_bytes, uint32_t flags);
/** Tells whether a batch of step records has a poor sector, from what tt_step_record_finish said of
 * any of its records: looks at its end alone. */
bool tt_batch_is_poor(bool has_poor_record, const void *bytes, size_t size, uint64_t file_offset);
/** Tells whether some sector of the file, as far as it lies in these bytes, has at most one word
 * that is not zero (`words_max` 1), or none (`words_max` 0). */
bool tt_batch_has_poor_sector(
    const void *bytes, size_t size, uint64_t file_offset, unsigned words_max);

/** Checks that a step is whole messages that continue at `after`: sizes, topics, counts of lists,
 * zeros, order of sequence numbers. `ret_last` gets the last message. `why` gets a reason.
 * @retval TUTTI_INVALID. */
TUTTI_NODISCARD tutti_status tt_step_check(
    const void *step,
    size_t size,
    tt_seq after,
    uint32_t version,
    const tt_msg **ret_last,
    const char **why);
struct tt_layout_set;
/** The same for the layouts of another build; NULL: of this one. */
TUTTI_NODISCARD tutti_status tt_step_check_as(
    const struct tt_layout_set *set,
    const void *step,
    size_t size,
    tt_seq after,
    uint32_t version,
    const tt_msg **ret_last,
    const char **why);
/** Tells whether a message is one that a step of this version may hold, whatever its number: topic,
 * size, count of a list, zeros. `why` gets a reason. */
bool tt_message_check(const tt_msg *head, const void *payload, uint32_t version, const char **why);

/** Writes the name of a segment or snapshot: prefix, 20 digits, suffix. */
void tt_journal_name(
    char name[TT_JOURNAL_NAME_MAX], const char *prefix, uint64_t number, const char *suffix);
/** Reads such a name back; false if it is none. */
bool tt_journal_name_parse(
    const char *name, const char *prefix, const char *suffix, uint64_t *ret_number);

#endif
