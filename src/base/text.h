/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Slices of text, a bounded text builder and strict integer parsing. Times and ids as text stand in
 * the two headers included here.
 *
 * Text is a pointer with a length; it need not end in NUL unless a function says so.
 * All functions: @thread{any} @alloc{never} @blocks{never}
 */
#ifndef TT_BASE_TEXT_H
#define TT_BASE_TEXT_H

#include "base/calendar.h"
#include "base/uuid.h"

#include <tutti/status.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Text that stands somewhere else. `data` may be NULL when `length` is 0. */
typedef struct tt_slice {
    const char *data;
    size_t length;
} tt_slice;

/** Makes a slice of a NUL-terminated text. @lends{until the text changes} */
tt_slice tt_slice_of(const char *text);
/** Tells whether two slices hold the same bytes. */
bool tt_slice_eq(tt_slice a, tt_slice b);
/** Tells whether a slice holds exactly the NUL-terminated `text`. */
bool tt_slice_is(tt_slice slice, const char *text);
/** Takes blanks, tabs, carriage returns and line feeds off both ends. */
tt_slice tt_slice_trim(tt_slice slice);
/**
 * Splits at the first `separator`: returns what stands before it and moves `rest` behind it.
 * Without a separator returns all and leaves `rest` empty with NULL data.
 */
tt_slice tt_slice_split(tt_slice *rest, char separator);

/** Returns the bytes of the UTF-8 character at `text` (1 to 4), or 0 if there is no valid one. */
size_t tt_utf8_size(const char *text, size_t left);

/** Number of bytes at the start of `text` that are ASCII; NUL counts as such. */
size_t tt_ascii_run(const char *text, size_t length);

/**
 * As vsnprintf for literal bytes, %s, %c, %% and %d, %i, %u with l, ll or z; several times as fast.
 *
 * Returns false for any other format, and for a %s of NULL: `args` and `text` are used up then, and
 * the caller, who kept a copy of `args`, asks the C library.
 */
bool tt_text_format_plain(
    char *text, size_t capacity, const char *format, va_list args, size_t *ret_length)
    __attribute__((format(printf, 3, 0)));

/** Text under construction in the caller's memory; always NUL-terminated, never overrun. */
typedef struct tt_text_buf {
    char *data;
    size_t capacity; /**< Bytes of `data`, with room for the NUL. */
    size_t length;   /**< Without the NUL. */
    bool truncated;  /**< Something did not fit; what stands is a prefix of what was meant. */
} tt_text_buf;

/** Starts an empty text in `data`. `capacity` >= 1. */
void tt_text_init(tt_text_buf *buf, char *data, size_t capacity);
/** Appends bytes; as many as fit. After the first loss nothing more is appended. */
void tt_text_append(tt_text_buf *buf, const char *text, size_t length);
/** Appends a NUL-terminated text. */
void tt_text_append_text(tt_text_buf *buf, const char *text);
/** Appends in the manner of printf. */
void tt_text_appendf(tt_text_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Parses a whole text of decimal digits, without sign, blanks or leading zeros other than "0".
 *
 * @retval TUTTI_PARSE no such number.  @retval TUTTI_RANGE too large.
 */
TUTTI_NODISCARD tutti_status tt_text_parse_u64(const char *text, size_t length, uint64_t *result);
/** As tt_text_parse_u64, with an optional '-'; "-0" is refused. */
TUTTI_NODISCARD tutti_status tt_text_parse_i64(const char *text, size_t length, int64_t *result);

#endif
