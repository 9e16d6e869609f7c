/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Text fields of payloads: always valid UTF-8, NUL-terminated, zero behind the end, so that equal
 * texts are equal bytes.
 */
#include "model/text.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool tt_text_is_utf8(const char *text, size_t length)
{
    size_t at = tt_ascii_run(text, length);
    while (at < length) {
        size_t size = tt_utf8_size(text + at, length - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}

/* A text of 16 bytes at most: as two words, which may overlap, the first of them at the start. */
static inline size_t load_short(const char *text, size_t length, uint64_t words[2])
{
    uint32_t halves[2];
    words[0] = words[1] = 0;
    if (length >= sizeof words[0]) {
        memcpy(&words[0], text, sizeof words[0]);
        memcpy(&words[1], text + length - sizeof words[1], sizeof words[1]);
        return length - sizeof words[1];
    }
    if (length >= sizeof halves[0]) {
        memcpy(&halves[0], text, sizeof halves[0]);
        memcpy(&halves[1], text + length - sizeof halves[1], sizeof halves[1]);
        words[0] = halves[0] | (uint64_t)halves[1] << 8 * (length - sizeof halves[1]);
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        words[0] |= (uint64_t)(unsigned char)text[i] << 8 * i;
    }
    return 0;
}

/* Most texts are a word or two of ASCII, in fields of whole words: these need no calls. */
static inline bool set_short(char *field, size_t field_size, const char *text, size_t length)
{
    enum {
        SHORT_MAX = 16,
        FIELD_MAX = 128
    };
    uint64_t words[2];
    if (length > SHORT_MAX || length >= field_size || field_size > FIELD_MAX ||
        field_size % SHORT_MAX != 0) {
        return false;
    }
    size_t second = load_short(text, length, words);
    if (((words[0] | words[1]) & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    for (size_t at = 0; at < field_size; at += SHORT_MAX) {
        memset(field + at, 0, SHORT_MAX);
    }
    memcpy(field, &words[0], sizeof words[0]);
    if (second != 0) {
        memcpy(field + second, &words[1], sizeof words[1]);
    }
    return true;
}

/* The others are a few words of it, in such a field, too: `length` is above 16. */
static inline bool set_words(char *field, size_t field_size, const char *text, size_t length)
{
    enum {
        ROW = 16
    };
    if (length <= ROW || length >= field_size || field_size % ROW != 0) {
        return false;
    }
    const size_t last = length - ROW;
    uint64_t words[2];
    uint64_t bits = 0;
    for (size_t at = 0; at < length; at += ROW) {
        memcpy(words, text + (at < last ? at : last), sizeof words);
        bits |= words[0] | words[1];
    }
    if ((bits & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    for (size_t at = 0; at < field_size; at += ROW) {
        memset(field + at, 0, ROW);
    }
    for (size_t at = 0; at < last; at += ROW) {
        memcpy(field + at, text + at, ROW);
    }
    memcpy(field + last, text + last, ROW);
    return true;
}

void tt_text_set(char *field, size_t field_size, const char *text)
{
    TT_ASSERT(field_size > 0);
    size_t length = strlen(text);
    if (set_short(field, field_size, text, length) || set_words(field, field_size, text, length)) {
        return;
    }
    size_t at = tt_ascii_run(text, length < field_size ? length : field_size - 1);
    size_t used = at;
    memcpy(field, text, at);
    while (at < length) {
        size_t size = tt_utf8_size(text + at, length - at);
        size_t width = size == 0 ? 1 : size;
        if (used + width >= field_size) {
            break;
        }
        if (size == 0) {
            field[used] = '?';
        } else {
            memcpy(field + used, text + at, size);
        }
        used += width;
        at += width;
    }
    memset(field + used, 0, field_size - used);
}

void tt_text_vformat(char *field, size_t field_size, const char *format, va_list args)
{
    char text[TT_TEXT_FORMAT_MAX];
    size_t plain_length = 0;
    va_list again;
    va_copy(again, args);
    if (!tt_text_format_plain(text, sizeof text, format, args, &plain_length) &&
        vsnprintf(text, sizeof text, format, again) < 0) {
        text[0] = '\0';
    }
    va_end(again);
    tt_text_set(field, field_size, text);
}

void tt_text_format(char *field, size_t field_size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tt_text_vformat(field, field_size, format, args);
    va_end(args);
}
