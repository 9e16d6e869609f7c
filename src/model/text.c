/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Text fields of payloads: always valid UTF-8, NUL-terminated, zero behind the end, so that equal
 * texts are equal bytes.
 */
#include "model/text.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

/** Bytes of the character that `lead` starts, 0 for a byte that starts none. */
static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0; // a continuation byte, an overlong form, or beyond U+10FFFF
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/** Tells whether the second byte keeps the character shortest, no surrogate, and in range. */
static bool second_byte_fits(unsigned char lead, unsigned char second)
{
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

size_t tt_text_char_size(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = length == 0 ? 0 : sequence_length(bytes[0]);
    if (size < 2) {
        return size;
    }
    if (size > length || !second_byte_fits(bytes[0], bytes[1])) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

bool tt_text_is_utf8(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t size = tt_text_char_size(text + at, length - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}

void tt_text_set(char *field, size_t field_size, const char *text)
{
    TT_ASSERT(field_size > 0);
    size_t length = strlen(text);
    size_t at = 0;
    size_t used = 0;
    while (at < length) {
        size_t size = tt_text_char_size(text + at, length - at);
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
    int length = vsnprintf(text, sizeof text, format, args);
    tt_text_set(field, field_size, length < 0 ? "" : text);
}

void tt_text_format(char *field, size_t field_size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tt_text_vformat(field, field_size, format, args);
    va_end(args);
}
