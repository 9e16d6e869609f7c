/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bytes of a file, unpacked: plain, gzip, zstd or zip, told apart by their first bytes and never by
 * the name. A stream that is cut short or damaged is an error, not an early end.
 */
#ifndef TT_FEED_BYTE_SOURCE_H
#define TT_FEED_BYTE_SOURCE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct tt_byte_source tt_byte_source;

/** Opens `path`; of a zip archive the first entry that is a file.
 * @retval TUTTI_NOT_FOUND, TUTTI_PERMISSION, TUTTI_IO the file cannot be opened or read.
 * @retval TUTTI_CORRUPT it is packed, but not readable.
 * @gives{release with tt_byte_source_close()} @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_byte_source_open(const char *path, tt_byte_source **result, tt_error *error);
/** Reads up to `capacity` bytes; `*ret_size` 0 means the end.
 * @retval TUTTI_CORRUPT the packed stream is damaged or cut short.  @retval TUTTI_IO. */
TUTTI_NODISCARD tutti_status tt_byte_source_read(
    tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error);
/** Bytes of the file that have been used, and its size, both packed. */
void tt_byte_source_progress(const tt_byte_source *source, uint64_t *ret_done, uint64_t *ret_total);
/** Path as it was opened. @lends{until tt_byte_source_close} */
const char *tt_byte_source_path(const tt_byte_source *source);
/** Closes; NULL is fine. */
void tt_byte_source_close(tt_byte_source *source);

#endif
