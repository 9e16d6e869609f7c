/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * zstd files, of one or several frames.
 */
#include "feed/byte_source_priv.h"

#include <stdlib.h>
#include <zstd.h>

typedef struct zstd_decoder {
    ZSTD_DStream *stream;
    size_t expected; /**< 0 between frames: only there the file may end. */
} zstd_decoder;

static tutti_status open_zstd(tt_byte_source *source, tt_error *error)
{
    zstd_decoder *decoder = calloc(1, sizeof *decoder);
    ZSTD_DStream *stream = decoder == NULL ? NULL : ZSTD_createDStream();
    if (stream == NULL) {
        free(decoder);
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to unpack it", source->path);
    }
    decoder->stream = stream;
    decoder->expected = 1;
    source->decoder = decoder;
    return TUTTI_OK;
}

static tutti_status
unpack(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    zstd_decoder *decoder = source->decoder;
    ZSTD_inBuffer in = {source->chunk, source->filled, source->used};
    ZSTD_outBuffer out = {buffer, capacity, 0};
    size_t code = ZSTD_decompressStream(decoder->stream, &out, &in);
    source->done_bytes += in.pos - source->used;
    source->used = in.pos;
    *ret_size = out.pos;
    if (ZSTD_isError(code)) {
        return tt_error_set(
            error,
            TUTTI_CORRUPT,
            "%s: the zstd data is damaged near byte %llu: %s",
            source->path,
            (unsigned long long)source->done_bytes,
            ZSTD_getErrorName(code));
    }
    decoder->expected = code;
    return TUTTI_OK;
}

static tutti_status
read_zstd(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    zstd_decoder *decoder = source->decoder;
    *ret_size = 0;
    while (*ret_size == 0) {
        TUTTI_TRY(tt_byte_source_fill(source, error));
        bool is_input_over = source->used == source->filled;
        if (is_input_over && decoder->expected == 0) {
            return TUTTI_OK;
        }
        TUTTI_TRY(unpack(source, buffer, capacity, ret_size, error));
        if (is_input_over && *ret_size == 0 && decoder->expected != 0) {
            return tt_byte_source_refuse_cut(source, "zstd", "frame", error);
        }
    }
    return TUTTI_OK;
}

static void close_zstd(tt_byte_source *source)
{
    zstd_decoder *decoder = source->decoder;
    if (decoder != NULL) {
        (void)ZSTD_freeDStream(decoder->stream);
        free(decoder);
    }
}

const tt_byte_format tt_byte_format_zstd = {open_zstd, read_zstd, close_zstd};
