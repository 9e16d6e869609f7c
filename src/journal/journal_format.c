/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Making and checking the bytes of the journal. Pure: works on memory alone.
 */
#include "journal/journal_format.h"

#include "base/crc32c.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(tt_msg) == 64, "the message head is part of the format");

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
    if (header->version != TT_JOURNAL_VERSION) {
        *why = "the journal has another format version";
        return TUTTI_VERSION;
    }
    return header->header_bytes == sizeof *header ? TUTTI_OK : TUTTI_CORRUPT;
}

bool tt_meta_text_check(const tt_meta_header *header, const void *text)
{
    return header->text_crc == tt_crc32c(0, text, (size_t)header->text_bytes);
}

void tt_segment_header_seal(tt_segment_header *header)
{
    memcpy(header->magic, TT_JOURNAL_SEGMENT_MAGIC, sizeof header->magic);
    header->version = TT_JOURNAL_VERSION;
    header->header_bytes = sizeof *header;
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
    if (header->version != TT_JOURNAL_VERSION) {
        *why = "the segment has another format version";
        return TUTTI_VERSION;
    }
    if (header->header_bytes != sizeof *header ||
        memcmp(header->reserved, zeros, sizeof zeros) != 0) {
        return TUTTI_CORRUPT;
    }
    return TUTTI_OK;
}

/* The checksum covers everything of a record but itself. */
static uint32_t record_crc(const tt_record_head *head)
{
    const unsigned char *bytes = (const unsigned char *)head;
    uint32_t crc = tt_crc32c(0, bytes, offsetof(tt_record_head, crc));
    size_t rest = offsetof(tt_record_head, type);
    return tt_crc32c(crc, bytes + rest, sizeof *head - rest + head->length);
}

void tt_record_seal(tt_record_head *head, uint64_t file_offset)
{
    TT_ASSERT(file_offset % 16 == 0 && file_offset / 16 <= UINT32_MAX);
    head->place = (uint32_t)(file_offset / 16);
    head->crc = record_crc(head);
}

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

bool tt_record_crc_check(const tt_record_head *head)
{
    return head->crc == record_crc(head);
}

bool tt_commit_check(const void *bytes, size_t size, uint64_t file_offset)
{
    const tt_commit_record *record = bytes;
    return size >= sizeof *record && record->head.type == TT_RECORD_COMMIT &&
           tt_record_head_check(&record->head, file_offset) && tt_record_crc_check(&record->head);
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

bool tt_message_check(const tt_msg *head, const void *payload)
{
    const tt_topic_info *info = tt_topic_info_get(head->topic);
    if (!info || head->size < info->layout->fixed_size) {
        return false;
    }
    const tt_layout *layout = info->layout;
    if (layout->item_size > 0) {
        const unsigned char *at = (const unsigned char *)payload + layout->count_offset;
        unsigned count = at[0] | (layout->count_size == 2 ? (unsigned)at[1] << 8 : 0);
        if (count > layout->item_max) {
            return false;
        }
    }
    return head->size == tt_layout_used_size(layout, payload);
}

tutti_status tt_step_check(
    const void *step, size_t size, tt_seq after, const tt_msg **ret_last, const char **why)
{
    const tt_msg *last = NULL;
    size_t used = 0;
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        if (msg->seq != after + 1) {
            *why = "the sequence numbers do not continue";
            return TUTTI_INVALID;
        }
        if (!tt_message_check(msg, tt_msg_payload(msg))) {
            *why = "a message has an unknown topic or the wrong size for it";
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
