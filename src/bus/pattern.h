/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Patterns of topic names: `*` stands for any run of characters, also none, also dots; `?` for
 * exactly one; all else for itself. Pure; @thread{any} @alloc{never}
 */
#ifndef TT_BUS_PATTERN_H
#define TT_BUS_PATTERN_H

#include <tutti/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest pattern; the longest name of a topic. */
#define TT_PATTERN_MAX 63

/** A pattern made ready. */
typedef struct tt_pattern {
    uint64_t steps[256]; /**< Bit i of [c]: c leads from place i to the next. */
    uint64_t stars;      /**< Bit i: at place i anything may follow. */
    uint32_t length;     /**< Of the pattern without its stars: the last place. */
} tt_pattern;

/** Makes a pattern ready. @retval TUTTI_INVALID it is NULL, empty, longer than TT_PATTERN_MAX, or
 * has a character that no name of a topic has. */
TUTTI_NODISCARD tutti_status tt_pattern_compile(const char *text, tt_pattern *ret_pattern);
/** Tells whether a pattern stands for a name. Takes one look at each character. */
bool tt_pattern_matches(const tt_pattern *pattern, const char *name, size_t length);

#endif
