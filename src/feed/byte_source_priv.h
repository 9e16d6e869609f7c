/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of byte sources: the open file, and the table that each way of packing fills.
 */
#ifndef TT_FEED_BYTE_SOURCE_PRIV_H
#define TT_FEED_BYTE_SOURCE_PRIV_H

#include "feed/byte_source.h"

#include <stdbool.h>

#define TT_BYTE_CHUNK 65536

/** How one way of packing is read. */
typedef struct tt_byte_format {
    /** Makes the decoder; `source->file` is open at byte 0. */
    tutti_status (*open)(tt_byte_source *source, tt_error *error);
    tutti_status (*read)(
        tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error);
    /** Frees the decoder; called with a NULL decoder when open failed. */
    void (*close)(tt_byte_source *source);
} tt_byte_format;

struct tt_byte_source {
    const tt_byte_format *format;
    void *decoder;
    char *path;
    int fd;
    bool is_at_end;      /**< The file has been read to its end. */
    uint64_t size_bytes; /**< Of the file. */
    uint64_t done_bytes; /**< Packed bytes that the decoder has used. */
    size_t used;         /**< Bytes of `chunk` that have been used. */
    size_t filled;       /**< Bytes of `chunk` that are valid. */
    unsigned char chunk[TT_BYTE_CHUNK];
};

extern const tt_byte_format tt_byte_format_plain;
extern const tt_byte_format tt_byte_format_gzip;
extern const tt_byte_format tt_byte_format_zstd;
extern const tt_byte_format tt_byte_format_zip;

/** Reads the next chunk of the file when all of the last one is used; sets is_at_end at the end. */
TUTTI_NODISCARD tutti_status tt_byte_source_fill(tt_byte_source *source, tt_error *error);
/** Says that the packed data of a file ends within one of its `part`s. Returns TUTTI_CORRUPT. */
tutti_status tt_byte_source_refuse_cut(
    const tt_byte_source *source, const char *packing, const char *part, tt_error *error);

#endif
