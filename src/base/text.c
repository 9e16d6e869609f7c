/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Slices, bounded text, integers.
 */
#include "base/text.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

tt_slice tt_slice_of(const char *text)
{
    return (tt_slice){.data = text, .length = strlen(text)};
}

bool tt_slice_eq(tt_slice a, tt_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool tt_slice_is(tt_slice slice, const char *text)
{
    return tt_slice_eq(slice, tt_slice_of(text));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

tt_slice tt_slice_trim(tt_slice slice)
{
    while (slice.length > 0 && is_blank(slice.data[slice.length - 1])) {
        slice.length--;
    }
    while (slice.length > 0 && is_blank(slice.data[0])) {
        slice.data++;
        slice.length--;
    }
    return slice;
}

tt_slice tt_slice_split(tt_slice *rest, char separator)
{
    tt_slice all = *rest;
    const char *at = all.length > 0 ? memchr(all.data, separator, all.length) : NULL;
    if (!at) {
        *rest = (tt_slice){0};
        return all;
    }
    size_t before = (size_t)(at - all.data);
    *rest = (tt_slice){.data = at + 1, .length = all.length - before - 1};
    return (tt_slice){.data = all.data, .length = before};
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* As RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
size_t tt_utf8_size(const char *text, size_t left)
{
    const unsigned char *c = (const unsigned char *)text;
    if (left == 0) {
        return 0;
    }
    if (c[0] < 0x80) {
        return 1;
    }
    if (c[0] < 0xc2 || c[0] > 0xf4) {
        return 0; // A continuation, an overlong form of two bytes, or beyond U+10FFFF.
    }
    size_t size = c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    if (left < size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(c[i])) {
            return 0;
        }
    }
    // The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF.
    bool bad = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
               (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f);
    return bad ? 0 : size;
}

static uint64_t load_word(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static size_t ascii_run_bytes(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && (unsigned char)text[at] < 0x80) {
        at++;
    }
    return at;
}

/* Eight bytes at a time; the last eight overlap with those before them. */
size_t tt_ascii_run(const char *text, size_t length)
{
    const uint64_t high_bits = UINT64_C(0x8080808080808080);
    if (length < sizeof(uint64_t)) {
        return ascii_run_bytes(text, length);
    }
    size_t last = length - sizeof(uint64_t);
    size_t at = 0;
    while (at < last && (load_word(text + at) & high_bits) == 0) {
        at += sizeof(uint64_t);
    }
    if (at >= last && (load_word(text + last) & high_bits) == 0) {
        return length;
    }
    return at + ascii_run_bytes(text + at, length - at);
}

void tt_text_init(tt_text_buf *buf, char *data, size_t capacity)
{
    TT_ASSERT(capacity >= 1);
    *buf = (tt_text_buf){.data = data, .capacity = capacity};
    data[0] = '\0';
}

void tt_text_append(tt_text_buf *buf, const char *text, size_t length)
{
    if (buf->truncated) {
        return;
    }
    size_t room = buf->capacity - 1 - buf->length;
    if (length > room) {
        buf->truncated = true;
        length = room;
    }
    if (length > 0) {
        memcpy(buf->data + buf->length, text, length);
    }
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void tt_text_append_text(tt_text_buf *buf, const char *text)
{
    tt_text_append(buf, text, strlen(text));
}

void tt_text_appendf(tt_text_buf *buf, const char *format, ...)
{
    if (buf->truncated) {
        return;
    }
    va_list args;
    va_start(args, format);
    size_t room = buf->capacity - buf->length;
    int wanted = vsnprintf(buf->data + buf->length, room, format, args);
    va_end(args);
    TT_ASSERT(wanted >= 0);
    buf->truncated = (size_t)wanted >= room;
    buf->length += buf->truncated ? room - 1 : (size_t)wanted;
}

tutti_status tt_text_parse_u64(const char *text, size_t length, uint64_t *result)
{
    if (length == 0 || (length > 1 && text[0] == '0')) {
        return TUTTI_PARSE;
    }
    uint64_t value = 0;
    bool overflow = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return TUTTI_PARSE;
        }
        uint64_t digit = (uint64_t)(text[i] - '0');
        overflow = overflow || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
                   __builtin_add_overflow(value, digit, &value);
    }
    if (overflow) {
        return TUTTI_RANGE;
    }
    *result = value;
    return TUTTI_OK;
}

tutti_status tt_text_parse_i64(const char *text, size_t length, int64_t *result)
{
    bool negative = length > 0 && text[0] == '-';
    size_t sign = negative ? 1 : 0;
    uint64_t value = 0;
    TUTTI_TRY(tt_text_parse_u64(text + sign, length - sign, &value));
    if (negative && value == 0) {
        return TUTTI_PARSE;
    }
    if (value > (uint64_t)INT64_MAX + sign) {
        return TUTTI_RANGE;
    }
    *result = (int64_t)(negative ? -value : value);
    return TUTTI_OK;
}
