/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ids in UUID form.
 */
#include "base/uuid.h"

#include <string.h>

/* Stores the low `count` bytes of a number, highest first. */
static void put_big_endian(uint8_t *bytes, size_t count, uint64_t value)
{
    for (size_t i = count; i > 0; i--) {
        bytes[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

tt_uuid tt_uuid_make(uint64_t unix_ms, uint32_t payload_high, uint64_t payload_low)
{
    const uint64_t version = 7;
    const uint64_t variant = 2;
    const uint64_t low_mask = (UINT64_C(1) << 62) - 1;
    tt_uuid uuid = {0};
    put_big_endian(uuid.bytes, 6, unix_ms);
    put_big_endian(uuid.bytes + 6, 2, version << 12 | (payload_high & 0xfffU));
    put_big_endian(uuid.bytes + 8, 8, variant << 62 | (payload_low & low_mask));
    return uuid;
}

bool tt_uuid_eq(tt_uuid a, tt_uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* Tells whether a dash stands before the byte at `index`. */
static bool has_dash(size_t index)
{
    return index == 4 || index == 6 || index == 8 || index == 10;
}

size_t tt_uuid_format(tt_uuid uuid, char text[TT_UUID_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if (has_dash(i)) {
            text[length++] = '-';
        }
        text[length++] = digits[uuid.bytes[i] >> 4];
        text[length++] = digits[uuid.bytes[i] & 15];
    }
    text[length] = '\0';
    return length;
}

/* Value of a hexadecimal digit, or -1. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

tutti_status tt_uuid_parse(const char *text, size_t length, tt_uuid *result)
{
    if (length != TT_UUID_TEXT_MAX - 1) {
        return TUTTI_PARSE;
    }
    tt_uuid uuid = {0};
    size_t at = 0;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if (has_dash(i) && text[at++] != '-') {
            return TUTTI_PARSE;
        }
        int high = digit_value(text[at++]);
        int low = digit_value(text[at++]);
        if (high < 0 || low < 0) {
            return TUTTI_PARSE;
        }
        uuid.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *result = uuid;
    return TUTTI_OK;
}
