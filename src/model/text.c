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

void tt_text_set(char *field, size_t field_size, const char *text)
{
    TT_ASSERT(field_size > 0);
    size_t length = strlen(text);
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
