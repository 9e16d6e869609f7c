/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Making and checking the bytes of the journal. Pure: works on memory alone.
 */
#include "journal/journal_format.h"

#include "base/crc32c.h"
#include "model/layout_set.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(tt_msg) == 64, "the message head is part of the format");

/* Topics that are declared at run time: their sizes are known to their schemas alone. */
#define USER_TOPIC_FIRST 1024u
#define USER_TOPICS_MAX  4096u
/* The last eight bytes of the head of a message: flags, a spare byte, the address (version 1:
 * spare), spare bytes. The bits that must be zero, by version. */
#define HEAD_END 56
#define SPARE_1  UINT64_C(0xFFFFFFFFFFFFFF00)
#define SPARE_2  UINT64_C(0xFFFFFFFF0000FF00)

void tt_meta_header_seal(tt_meta_header *header, const void *text, size_t size)
{
    *header = (tt_meta_header){.version = TT_JOURNAL_VERSION, .header_bytes = sizeof *header};
    memcpy(header->magic, TT_JOURNAL_META_MAGIC, sizeof header->magic);
    header->text_bytes = size;
    header->text_crc = tt_crc32c(0, text, size);
    header->crc = tt_crc32c(0, header, offsetof(tt_meta_header, crc));
}

tutti_status tt_meta_header_check(const tt_meta_header *header, const char **why)
{
    *why = "the header of the file is damaged";
    if (memcmp(header->magic, TT_JOURNAL_META_MAGIC, sizeof header->magic) != 0 ||
        header->crc != tt_crc32c(0, header, offsetof(tt_meta_header, crc))) {
        return TUTTI_CORRUPT;
    }
    if (header->version < 1 || header->version > TT_JOURNAL_VERSION) {
        *why = "the journal has another format version";
        return TUTTI_VERSION;
    }
    return header->header_bytes == sizeof *header ? TUTTI_OK : TUTTI_CORRUPT;
}

bool tt_meta_text_check(const tt_meta_header *header, const void *text)
{
    return header->text_crc == tt_crc32c(0, text, (size_t)header->text_bytes);
}

/* tt_layout_fingerprint, once. */
static uint64_t own_layouts(void)
{
    static _Atomic uint64_t known;
    uint64_t layouts = atomic_load_explicit(&known, memory_order_relaxed);
    if (layouts == 0) {
        layouts = tt_layout_fingerprint();
        atomic_store_explicit(&known, layouts, memory_order_relaxed);
    }
    return layouts;
}

void tt_segment_header_seal(tt_segment_header *header)
{
    tt_segment_header_seal_as(header, TT_JOURNAL_VERSION);
}

void tt_segment_header_seal_as(tt_segment_header *header, uint32_t version)
{
    memcpy(header->magic, TT_JOURNAL_SEGMENT_MAGIC, sizeof header->magic);
    header->version = version;
    header->header_bytes = sizeof *header;
    header->layouts = version > 1 ? own_layouts() : 0;
    memset(header->reserved, 0, sizeof header->reserved);
    header->crc = tt_crc32c(0, header, offsetof(tt_segment_header, crc));
}

tutti_status tt_segment_header_check(const tt_segment_header *header, size_t size, const char **why)
{
    static const uint8_t zeros[sizeof header->reserved];
    *why = "the header of the segment is damaged";
    if (size < sizeof *header ||
        memcmp(header->magic, TT_JOURNAL_SEGMENT_MAGIC, sizeof header->magic) != 0 ||
        header->crc != tt_crc32c(0, header, offsetof(tt_segment_header, crc))) {
        return TUTTI_CORRUPT;
    }
    if (header->version < 1 || header->version > TT_JOURNAL_VERSION) {
        *why = "the segment has another format version";
        return TUTTI_VERSION;
    }
    if (header->header_bytes != sizeof *header ||
        memcmp(header->reserved, zeros, sizeof zeros) != 0 ||
        (header->version == 1 && header->layouts != 0)) {
        return TUTTI_CORRUPT;
    }
    return TUTTI_OK;
}

bool tt_segment_header_is_own(const tt_segment_header *header)
{
    return header->layouts == 0 || header->layouts == own_layouts();
}

/* Offset of what stands behind the checksum in the head of a record. */
#define HEAD_REST offsetof(tt_record_head, type)

/* The checksum covers everything of a record but itself: the body first, then the length and
 * `rest`, the eight bytes at HEAD_REST. */
static uint32_t crc_of_version_2(const tt_record_head *head, uint64_t rest)
{
    uint32_t length = head->length;
    uint32_t crc = tt_crc32c(0, head + 1, length);
    crc = tt_crc32c(crc, &length, sizeof length);
    return tt_crc32c(crc, &rest, sizeof rest);
}

/* The same in version 1: the head first. */
static uint32_t crc_of_version_1(const tt_record_head *head)
{
    const unsigned char *bytes = (const unsigned char *)head;
    uint32_t crc = tt_crc32c(0, bytes, offsetof(tt_record_head, crc));
    return tt_crc32c(crc, bytes + HEAD_REST, sizeof *head - HEAD_REST + head->length);
}

static uint32_t record_crc(const tt_record_head *head, uint32_t version)
{
    uint64_t rest;
    memcpy(&rest, (const unsigned char *)head + HEAD_REST, sizeof rest);
    return version == 1 ? crc_of_version_1(head) : crc_of_version_2(head, rest);
}

/* In version 2 what stands at HEAD_REST is put together here and not read back: a load of bytes
 * that were just written one by one waits until all that was written before is in the cache, where
 * another processor had it last. That was 90 ns of 210 for a message of 256 bytes. */
void tt_record_seal_as(tt_record_head *head, uint64_t file_offset, uint32_t version)
{
    TT_ASSERT(file_offset % 16 == 0 && file_offset / 16 <= UINT32_MAX);
    const uint64_t rest = head->type | file_offset / 16 << 32; // Nothing is reserved.
    memcpy((unsigned char *)head + HEAD_REST, &rest, sizeof rest);
    head->crc = version == 1 ? crc_of_version_1(head) : crc_of_version_2(head, rest);
}
_Static_assert(
    sizeof(tt_record_head) - HEAD_REST == sizeof(uint64_t) &&
        offsetof(tt_record_head, place) == HEAD_REST + 4 &&
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "the type, three bytes that are zero, and the place");

bool tt_record_head_check(const tt_record_head *head, uint64_t file_offset)
{
    if (head->reserved[0] != 0 || head->reserved[1] != 0 || head->reserved[2] != 0 ||
        head->place != file_offset / 16) {
        return false;
    }
    if (head->type == TT_RECORD_COMMIT) {
        return head->length == sizeof(tt_commit_body);
    }
    return head->type == TT_RECORD_STEP && head->length % 16 == 0 &&
           head->length >= sizeof(tt_msg) && head->length <= TT_JOURNAL_STEP_MAX;
}

bool tt_record_crc_check(const tt_record_head *head, uint32_t version)
{
    return head->crc == record_crc(head, version);
}

bool tt_commit_check(const void *bytes, size_t size, uint64_t file_offset, uint32_t version)
{
    const tt_commit_record *record = bytes;
    return size >= sizeof *record && record->head.type == TT_RECORD_COMMIT &&
           tt_record_head_check(&record->head, file_offset) &&
           tt_record_crc_check(&record->head, version);
}

void tt_commit_fill(
    tt_commit_record *record, const tt_journal_end *end, size_t batch_bytes, uint32_t flags)
{
    *record = (tt_commit_record){
        .head = {.length = sizeof record->body, .type = TT_RECORD_COMMIT},
        .body = {
            .last_seq = end->last_seq,
            .step_count = end->step_count,
            .commit_count = end->commit_count,
            .last_time_ns = end->last_time.ns,
            .batch_bytes = (uint32_t)batch_bytes,
            .flags = flags}};
    memcpy(record->body.chain, end->chain, sizeof end->chain);
    memcpy(record->body.end, TT_JOURNAL_COMMIT_END, sizeof record->body.end);
}

/* Tells whether at most `words_max` words are not zero. Ordinary data is left after a few words. */
static bool is_poor(const unsigned char *bytes, size_t size, unsigned words_max)
{
    unsigned words = 0;
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        words += word != 0;
        if (words > words_max) {
            return false;
        }
    }
    return true;
}

bool tt_batch_has_poor_sector(
    const void *bytes, size_t size, uint64_t file_offset, unsigned words_max)
{
    const unsigned char *at = bytes;
    while (size > 0) {
        size_t piece = TT_JOURNAL_SECTOR - (size_t)(file_offset % TT_JOURNAL_SECTOR);
        piece = piece < size ? piece : size;
        if (is_poor(at, piece, words_max)) {
            return true;
        }
        at += piece;
        size -= piece;
        file_offset += piece;
    }
    return false;
}

bool tt_step_record_finish(tt_record_head *head, uint64_t file_offset)
{
    head->type = TT_RECORD_STEP;
    tt_record_seal_as(head, file_offset, TT_JOURNAL_VERSION);
    const size_t size = sizeof *head + head->length;
    size_t at = TT_JOURNAL_SECTOR - (size_t)(file_offset % TT_JOURNAL_SECTOR);
    for (; at + TT_JOURNAL_SECTOR <= size; at += TT_JOURNAL_SECTOR) {
        if (is_poor((const unsigned char *)head + at, TT_JOURNAL_SECTOR, 1)) {
            return true;
        }
    }
    return false;
}

bool tt_batch_is_poor(bool has_poor_record, const void *bytes, size_t size, uint64_t file_offset)
{
    size_t piece = (size_t)((file_offset + size) % TT_JOURNAL_SECTOR);
    piece = piece < size ? piece : size;
    return has_poor_record ||
           (piece > 0 && is_poor((const unsigned char *)bytes + (size - piece), piece, 1));
}

const tt_msg *tt_step_next(const void *step, size_t size, const tt_msg *previous)
{
    const unsigned char *start = step;
    const unsigned char *at =
        previous ? (const unsigned char *)previous + tt_msg_bytes(previous) : start;
    size_t left = size - (size_t)(at - start);
    const tt_msg *msg = (const tt_msg *)(const void *)at;
    if (left < sizeof *msg || left < tt_msg_bytes(msg)) {
        return NULL;
    }
    return msg;
}

/* The layout of a topic: of this build, or of the one that `set` is of. */
static const tt_layout *layout_of(const tt_layout_set *set, uint16_t topic)
{
    if (set) {
        const tt_layout_topic *row = tt_layout_set_topic(set, topic);
        return row ? row->layout : NULL;
    }
    const tt_topic_info *info = tt_topic_info_get(topic);
    return info ? info->layout : NULL;
}

/* Checks that the payload has the size that its topic and its count ask for. */
static inline bool is_payload_sized(
    const tt_layout_set *set, const tt_msg *head, const void *payload, uint32_t version)
{
    if (version > 1 && head->topic >= USER_TOPIC_FIRST &&
        head->topic < USER_TOPIC_FIRST + USER_TOPICS_MAX) {
        return head->size % 16 == 0 && head->size <= TT_PAYLOAD_MAX; // Only its schema knows more.
    }
    const tt_layout *layout = layout_of(set, head->topic);
    if (!layout || head->size < layout->fixed_size) {
        return false;
    }
    return head->size == tt_layout_used_size(layout, payload); // 0 if the count is too large.
}

/* Tells whether the spare bytes at the end of the head are zero. Version 2 puts the address of a
 * directed message into two of them. */
static bool has_clean_end(const tt_msg *head, uint32_t version)
{
    uint64_t word;
    memcpy(&word, (const unsigned char *)head + HEAD_END, sizeof word);
    return (word & (version == 1 ? SPARE_1 : SPARE_2)) == 0;
}

static inline bool check_message(
    const tt_layout_set *set,
    const tt_msg *head,
    const void *payload,
    uint32_t version,
    const char **why)
{
    if (!is_payload_sized(set, head, payload, version)) {
        *why = "a message has an unknown topic, or another size than in this release";
        return false;
    }
    if (!has_clean_end(head, version)) {
        *why = "a message has bytes in its head that this version leaves zero";
        return false;
    }
    return true;
}

bool tt_message_check(const tt_msg *head, const void *payload, uint32_t version, const char **why)
{
    return check_message(NULL, head, payload, version, why);
}

tutti_status tt_step_check(
    const void *step,
    size_t size,
    tt_seq after,
    uint32_t version,
    const tt_msg **ret_last,
    const char **why)
{
    return tt_step_check_as(NULL, step, size, after, version, ret_last, why);
}

tutti_status tt_step_check_as(
    const tt_layout_set *set,
    const void *step,
    size_t size,
    tt_seq after,
    uint32_t version,
    const tt_msg **ret_last,
    const char **why)
{
    const tt_msg *last = NULL;
    size_t used = 0;
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        if (msg->seq != after + 1) {
            *why = "the sequence numbers do not continue";
            return TUTTI_INVALID;
        }
        if (!check_message(set, msg, tt_msg_payload(msg), version, why)) {
            return TUTTI_INVALID;
        }
        after = msg->seq;
        used += tt_msg_bytes(msg);
        last = msg;
    }
    if (!last || used != size) {
        *why = "the bytes are not whole messages";
        return TUTTI_INVALID;
    }
    *ret_last = last;
    return TUTTI_OK;
}

void tt_journal_name(
    char name[TT_JOURNAL_NAME_MAX], const char *prefix, uint64_t number, const char *suffix)
{
    (void)snprintf(
        name, TT_JOURNAL_NAME_MAX, "%s%020llu%s", prefix, (unsigned long long)number, suffix);
}

bool tt_journal_name_parse(
    const char *name, const char *prefix, const char *suffix, uint64_t *ret_number)
{
    size_t prefix_size = strlen(prefix);
    if (strncmp(name, prefix, prefix_size) != 0 || strlen(name) < prefix_size + 20 ||
        strcmp(name + prefix_size + 20, suffix) != 0) {
        return false;
    }
    uint64_t number = 0;
    for (const char *digit = name + prefix_size; digit < name + prefix_size + 20; digit++) {
        uint64_t next;
        if (*digit < '0' || *digit > '9' || __builtin_mul_overflow(number, 10u, &next) ||
            __builtin_add_overflow(next, (uint64_t)(*digit - '0'), &number)) {
            return false;
        }
    }
    *ret_number = number;
    return true;
}
