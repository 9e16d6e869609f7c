/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lines in one buffer: [begin, end) is unread, and its first `scanned` bytes hold no newline.
 */
#include "feed/line_source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define READ_MIN_BYTES 65536
/* A line of the largest length, "\r\n", and room to read more at once. */
#define BUFFER_BYTES (TT_FEED_LINE_MAX + 2 + READ_MIN_BYTES)
/* Less room than this behind the unread bytes moves them to the front. */

struct tt_line_source {
    tt_byte_source *bytes;
    uint64_t number; /**< Of the last line that was handed out. */
    size_t begin;
    size_t end;
    size_t scanned;
    bool is_at_end;
    bool is_skipping; /**< Within a line that is too long. */
    char buffer[BUFFER_BYTES];
};

tutti_status tt_line_source_open(const char *path, tt_line_source **result, tt_error *error)
{
    tt_line_source *source = malloc(sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    memset(source, 0, offsetof(tt_line_source, buffer));
    tutti_status status = tt_byte_source_open(path, &source->bytes, error);
    if (status != TUTTI_OK) {
        free(source);
        return status;
    }
    *result = source;
    return TUTTI_OK;
}

/** Moves what is unread to the front when the room behind it is short, and reads more. */
static tutti_status read_more(tt_line_source *source, tt_error *error)
{
    if (source->begin > 0 && BUFFER_BYTES - source->end < READ_MIN_BYTES) {
        memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
        source->end -= source->begin;
        source->begin = 0;
    }
    size_t count = 0;
    TUTTI_TRY(tt_byte_source_read(
        source->bytes, source->buffer + source->end, BUFFER_BYTES - source->end, &count, error));
    source->end += count;
    source->is_at_end = count == 0;
    return TUTTI_OK;
}

/** Hands out the `length` bytes at begin; `skip` are the bytes of the line's end behind them. */
static void take_line(tt_line_source *source, size_t length, size_t skip, tt_line *ret_line)
{
    const char *text = source->buffer + source->begin;
    source->begin += length + skip;
    source->scanned = 0;
    if (length > 0 && text[length - 1] == '\r') {
        length--;
    }
    source->number++;
    if (source->number == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    *ret_line = (tt_line){text, length, source->number};
}

/** Drops what is buffered of a line that is too long. */
static void drop_buffered(tt_line_source *source)
{
    source->begin = source->end = source->scanned = 0;
    source->is_skipping = true;
}

static tutti_status
finish_line(tt_line_source *source, size_t length, size_t skip, tt_line *ret_line, tt_error *error)
{
    bool is_too_long = source->is_skipping;
    source->is_skipping = false;
    take_line(source, length, skip, ret_line);
    if (!is_too_long && ret_line->length <= TT_FEED_LINE_MAX) {
        return TUTTI_OK;
    }
    return tt_error_set(error, TUTTI_LIMIT, "the line is longer than %d bytes", TT_FEED_LINE_MAX);
}

tutti_status tt_line_source_next(tt_line_source *source, tt_line *ret_line, tt_error *error)
{
    for (;;) {
        size_t length = source->end - source->begin;
        const char *from = source->buffer + source->begin + source->scanned;
        const char *newline = memchr(from, '\n', length - source->scanned);
        if (newline != NULL) {
            length = (size_t)(newline - (source->buffer + source->begin));
            return finish_line(source, length, 1, ret_line, error);
        }
        if (source->is_at_end) {
            bool is_over = length == 0 && !source->is_skipping;
            return is_over ? TUTTI_END : finish_line(source, length, 0, ret_line, error);
        }
        source->scanned = length;
        if (length > TT_FEED_LINE_MAX + 1) {
            drop_buffered(source);
        }
        TUTTI_TRY(read_more(source, error));
    }
}

void tt_line_source_progress(const tt_line_source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    tt_byte_source_progress(source->bytes, ret_done, ret_total);
}

const char *tt_line_source_path(const tt_line_source *source)
{
    return tt_byte_source_path(source->bytes);
}

void tt_line_source_close(tt_line_source *source)
{
    if (source != NULL) {
        tt_byte_source_close(source->bytes);
        free(source);
    }
}
