/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Strings of JSON: check, decode.
 */
#include "base/json_string.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

#define SURROGATE_HIGH  0xd800U
#define SURROGATE_LOW   0xdc00U
#define SURROGATE_AFTER 0xe000U

/* Reads four hexadecimal digits. */
static bool read_hex4(const char *text, size_t left, uint32_t *ret_unit)
{
    if (left < 4) {
        return false;
    }
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = text[i];
        bool is_digit = c >= '0' && c <= '9';
        char folded = (char)(c | 0x20);
        if (!is_digit && !(folded >= 'a' && folded <= 'f')) {
            return false;
        }
        unit = unit << 4 | (uint32_t)(is_digit ? c - '0' : folded - 'a' + 10);
    }
    *ret_unit = unit;
    return true;
}

/* Checks what stands behind "\u" and moves over it, and over the second half of a pair. */
static const char *check_unicode(const char *data, size_t length, size_t *at)
{
    uint32_t unit = 0;
    uint32_t low = 0;
    if (!read_hex4(data + *at, length - *at, &unit)) {
        return "\\u needs four hexadecimal digits";
    }
    *at += 4;
    if (unit < SURROGATE_HIGH || unit >= SURROGATE_AFTER) {
        return NULL;
    }
    if (unit >= SURROGATE_LOW || length - *at < 6 || data[*at] != '\\' || data[*at + 1] != 'u' ||
        !read_hex4(data + *at + 2, length - *at - 2, &low) || low < SURROGATE_LOW ||
        low >= SURROGATE_AFTER) {
        return "half of a surrogate pair stands alone";
    }
    *at += 6;
    return NULL;
}

/* Checks an escape from behind its backslash and moves over it. */
static const char *check_escape(const char *data, size_t length, size_t *at)
{
    if (*at == length) {
        return "the string does not end";
    }
    char c = data[*at];
    if (c == 'u') {
        (*at)++;
        return check_unicode(data, length, at);
    }
    static const char escapes[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};
    if (!memchr(escapes, c, sizeof escapes)) {
        return "no such escape";
    }
    (*at)++;
    return NULL;
}

const char *tt_json_check_string(const char *data, size_t length, size_t *at, bool *ret_has_escape)
{
    *ret_has_escape = false;
    while (*at < length && data[*at] != '"') {
        unsigned char c = (unsigned char)data[*at];
        if (c < 0x20) {
            return "a control character must be escaped";
        }
        if (c == '\\') {
            *ret_has_escape = true;
            (*at)++;
            const char *what = check_escape(data, length, at);
            if (what) {
                return what;
            }
            continue;
        }
        size_t size = tt_utf8_size(data + *at, length - *at);
        if (size == 0) {
            return "not UTF-8";
        }
        *at += size;
    }
    return *at < length ? NULL : "the string does not end";
}

static size_t encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Code point of a checked "\u" escape whose digits start at `*at`. */
static uint32_t decode_unicode(const char *data, size_t *at)
{
    uint32_t unit = 0;
    uint32_t low = 0;
    (void)read_hex4(data + *at, 4, &unit);
    *at += 4;
    if (unit < SURROGATE_HIGH || unit >= SURROGATE_AFTER) {
        return unit;
    }
    (void)read_hex4(data + *at + 2, 4, &low);
    *at += 6;
    return 0x10000 + ((unit - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
}

static char decode_short(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; // Quote, backslash and slash stand for themselves.
    }
}

size_t tt_json_decode_char(const char *data, size_t *at, char out[4])
{
    char c = data[*at];
    if (c == '"') {
        return 0;
    }
    if (c != '\\') {
        size_t size = tt_utf8_size(data + *at, 4); // Checked before: never reads behind its end.
        memcpy(out, data + *at, size);
        *at += size;
        return size;
    }
    c = data[*at + 1];
    *at += 2;
    if (c == 'u') {
        return encode(decode_unicode(data, at), out);
    }
    out[0] = decode_short(c);
    return 1;
}
