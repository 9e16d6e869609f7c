/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * gzip files, of one or several members.
 */
#include "feed/byte_source_priv.h"

#include <stdlib.h>
#include <zlib.h>

typedef struct gzip_decoder {
    z_stream stream;
    bool is_member_done; /**< The last member ended; another may follow. */
} gzip_decoder;

static tutti_status open_gzip(tt_byte_source *source, tt_error *error)
{
    gzip_decoder *decoder = calloc(1, sizeof *decoder);
    // 15 bits of window, + 16: gzip headers and trailers, whose checksum and length zlib checks.
    if (decoder == NULL || inflateInit2(&decoder->stream, 15 + 16) != Z_OK) {
        free(decoder);
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to unpack it", source->path);
    }
    source->decoder = decoder;
    return TUTTI_OK;
}

static tutti_status
refuse_damaged(const tt_byte_source *source, const gzip_decoder *decoder, tt_error *error)
{
    const char *detail = decoder->stream.msg == NULL ? "invalid data" : decoder->stream.msg;
    return tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s: the gzip data is damaged near byte %llu: %s",
        source->path,
        (unsigned long long)source->done_bytes,
        detail);
}

/** Unpacks what the chunk holds; the output may be empty while a header is read. */
static tutti_status
unpack(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    gzip_decoder *decoder = source->decoder;
    z_stream *stream = &decoder->stream;
    uInt limit = capacity < TT_BYTE_CHUNK ? (uInt)capacity : TT_BYTE_CHUNK;
    uInt available = (uInt)(source->filled - source->used);
    stream->next_in = source->chunk + source->used;
    stream->avail_in = available;
    stream->next_out = buffer;
    stream->avail_out = limit;
    int code = inflate(stream, Z_NO_FLUSH);
    source->used += available - stream->avail_in;
    source->done_bytes += available - stream->avail_in;
    *ret_size = limit - stream->avail_out;
    decoder->is_member_done = code == Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END || (code == Z_BUF_ERROR && available == 0)) {
        return TUTTI_OK;
    }
    return refuse_damaged(source, decoder, error);
}

static tutti_status
read_gzip(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    gzip_decoder *decoder = source->decoder;
    *ret_size = 0;
    while (*ret_size == 0) {
        TUTTI_TRY(tt_byte_source_fill(source, error));
        if (source->used == source->filled && decoder->is_member_done) {
            return TUTTI_OK;
        }
        if (decoder->is_member_done && inflateReset(&decoder->stream) != Z_OK) {
            return refuse_damaged(source, decoder, error);
        }
        bool is_input_over = source->used == source->filled;
        TUTTI_TRY(unpack(source, buffer, capacity, ret_size, error));
        if (is_input_over && *ret_size == 0 && !decoder->is_member_done) {
            return tt_byte_source_refuse_cut(source, "gzip", "stream", error);
        }
    }
    return TUTTI_OK;
}

static void close_gzip(tt_byte_source *source)
{
    gzip_decoder *decoder = source->decoder;
    if (decoder != NULL) {
        (void)inflateEnd(&decoder->stream);
        free(decoder);
    }
}

const tt_byte_format tt_byte_format_gzip = {open_gzip, read_gzip, close_gzip};
