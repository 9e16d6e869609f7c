/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any pattern against any name; a line feed stands between them. Both are short, so that the
 * recursive definition can say what is right.
 */
#include "base/error.h"
#include "bus/pattern.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHORT 12 /* the definition takes exponential time */

static bool is_match(const char *pattern, const char *name, size_t length)
{
    if (*pattern == '*') {
        return is_match(pattern + 1, name, length) ||
               (length > 0 && is_match(pattern, name + 1, length - 1));
    }
    if (length == 0) {
        return *pattern == '\0';
    }
    return (*pattern == '?' || *pattern == *name) && *pattern != '\0' &&
           is_match(pattern + 1, name + 1, length - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256];
    tt_pattern pattern;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    if (length >= sizeof text) {
        return 0;
    }
    if (length > 0) {
        memcpy(text, data, length);
    }
    text[length] = '\0';
    if (tt_pattern_compile(text, &pattern) != TUTTI_OK) {
        return 0;
    }
    const char *name = end ? (const char *)end + 1 : "";
    size_t name_length = end ? size - length - 1 : 0;
    bool is_right = tt_pattern_matches(&pattern, name, name_length);
    if (strlen(text) <= SHORT && name_length <= SHORT) {
        TT_ASSERT(is_right == is_match(text, name, name_length));
    }
    return 0;
}
