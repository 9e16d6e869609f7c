/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of JSON strings. Inside of base only.
 */
#ifndef TT_BASE_JSON_STRING_H
#define TT_BASE_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Checks a string from behind its opening quote. Returns NULL and moves `*at` onto the closing
 * quote, or returns what is wrong and moves `*at` to the place.
 */
const char *tt_json_check_string(const char *data, size_t length, size_t *at, bool *ret_has_escape);

/**
 * Decodes the character at `*at` of a checked string into UTF-8 and moves on. Returns the bytes
 * written to `out`, 0 at the closing quote.
 */
size_t tt_json_decode_char(const char *data, size_t *at, char out[4]);

#endif
