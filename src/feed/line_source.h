/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lines of a byte source, with their numbers. A line is bounded: a longer one is skipped and told.
 */
#ifndef TT_FEED_LINE_SOURCE_H
#define TT_FEED_LINE_SOURCE_H

#include "feed/byte_source.h"

/** Longest line in bytes, without its end. A depth snapshot of 1,000 levels takes 64 KB. */
#define TT_FEED_LINE_MAX 1048576

typedef struct tt_line_source tt_line_source;

/** A line, without "\n" or "\r\n". @lends{until the next call on the source} */
typedef struct tt_line {
    const char *text;
    size_t length;
    uint64_t number; /**< From 1. */
} tt_line;

/** Opens a file; see tt_byte_source_open. @gives{release with tt_line_source_close()} */
TUTTI_NODISCARD tutti_status
tt_line_source_open(const char *path, tt_line_source **result, tt_error *error);
/** Next line. A byte order mark in front of the first is dropped.
 * @retval TUTTI_END    no more lines.
 * @retval TUTTI_LIMIT  this line is longer than TT_FEED_LINE_MAX and was skipped; `ret_line` has
 * its number; the next call goes on behind it.
 * @retval TUTTI_CORRUPT, TUTTI_IO  as tt_byte_source_read. */
TUTTI_NODISCARD tutti_status
tt_line_source_next(tt_line_source *source, tt_line *ret_line, tt_error *error);
/** As tt_byte_source_progress; bytes in the buffer count as done. */
void tt_line_source_progress(const tt_line_source *source, uint64_t *ret_done, uint64_t *ret_total);
/** Path as it was opened. @lends{until tt_line_source_close} */
const char *tt_line_source_path(const tt_line_source *source);
/** Closes; NULL is fine. */
void tt_line_source_close(tt_line_source *source);

#endif
