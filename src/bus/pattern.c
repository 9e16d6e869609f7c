/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Patterns as automata whose places are the bits of one word: all ways to match are followed at
 * once, so that no pattern takes more than one step for each character of a name.
 */
#include "bus/pattern.h"

#include <string.h>

static bool is_of_a_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.-/:", c));
}

tutti_status tt_pattern_compile(const char *text, tt_pattern *ret_pattern)
{
    size_t size = text ? strnlen(text, TT_PATTERN_MAX + 1) : 0;
    if (size == 0 || size > TT_PATTERN_MAX) {
        return TUTTI_INVALID;
    }
    *ret_pattern = (tt_pattern){0};
    for (size_t i = 0; i < size; i++) {
        uint64_t place = UINT64_C(1) << ret_pattern->length;
        if (text[i] == '*') {
            ret_pattern->stars |= place;
            continue;
        }
        if (text[i] != '?' && !is_of_a_name(text[i])) {
            return TUTTI_INVALID;
        }
        for (unsigned c = 0; text[i] == '?' && c < 256; c++) {
            ret_pattern->steps[c] |= place;
        }
        ret_pattern->steps[(unsigned char)text[i]] |= place;
        ret_pattern->length++;
    }
    return TUTTI_OK;
}

bool tt_pattern_matches(const tt_pattern *pattern, const char *name, size_t length)
{
    uint64_t places = 1;
    for (size_t i = 0; i < length && places != 0; i++) {
        uint64_t steps = pattern->steps[(unsigned char)name[i]];
        places = (places & steps) << 1 | (places & pattern->stars);
    }
    return (places >> pattern->length & 1) != 0;
}
