/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * zip archives: the first entry that is a file.
 */
#include "feed/byte_source_priv.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

typedef struct zip_decoder {
    zip_t *archive;
    zip_file_t *entry;
    uint64_t packed_bytes;
    uint64_t unpacked_bytes;
    uint64_t read_bytes; /**< Unpacked bytes handed out. */
} zip_decoder;

static tutti_status refuse_archive(const tt_byte_source *source, int code, tt_error *error)
{
    zip_error_t detail;
    zip_error_init_with_code(&detail, code);
    tutti_status status = tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s: the zip archive cannot be read: %s",
        source->path,
        zip_error_strerror(&detail));
    tt_error_hint(error, "copy or download the file again; its end may be missing");
    zip_error_fini(&detail);
    return status;
}

/** Finds the first entry that is not a folder. */
static tutti_status open_entry(const tt_byte_source *source, zip_decoder *decoder, tt_error *error)
{
    zip_int64_t count = zip_get_num_entries(decoder->archive, 0);
    for (zip_int64_t i = 0; i < count; i++) {
        zip_stat_t info;
        zip_stat_init(&info);
        if (zip_stat_index(decoder->archive, (zip_uint64_t)i, 0, &info) != 0) {
            break;
        }
        size_t length = strlen(info.name);
        if (length > 0 && info.name[length - 1] == '/') {
            continue;
        }
        decoder->packed_bytes = info.comp_size;
        decoder->unpacked_bytes = info.size;
        decoder->entry = zip_fopen_index(decoder->archive, (zip_uint64_t)i, 0);
        if (decoder->entry == NULL) {
            return tt_error_set(
                error,
                TUTTI_CORRUPT,
                "%s: entry %s cannot be read: %s",
                source->path,
                info.name,
                zip_strerror(decoder->archive));
        }
        return TUTTI_OK;
    }
    return tt_error_set(error, TUTTI_CORRUPT, "%s: the zip archive holds no file", source->path);
}

static tutti_status open_zip(tt_byte_source *source, tt_error *error)
{
    zip_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to unpack it", source->path);
    }
    source->decoder = decoder;
    int code = 0;
    decoder->archive = zip_open(source->path, ZIP_RDONLY, &code);
    if (decoder->archive == NULL) {
        return refuse_archive(source, code, error);
    }
    return open_entry(source, decoder, error);
}

static tutti_status
read_zip(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    zip_decoder *decoder = source->decoder;
    zip_int64_t count = zip_fread(decoder->entry, buffer, capacity);
    if (count < 0) {
        return tt_error_set(
            error,
            TUTTI_CORRUPT,
            "%s: the zip entry is damaged after %llu unpacked bytes: %s",
            source->path,
            (unsigned long long)decoder->read_bytes,
            zip_file_strerror(decoder->entry));
    }
    decoder->read_bytes += (uint64_t)count;
    *ret_size = (size_t)count;
    // libzip does not tell how far it is in the file; the share of the entry stands for it.
    double share = decoder->unpacked_bytes == 0
                       ? 1
                       : (double)decoder->read_bytes / (double)decoder->unpacked_bytes;
    source->done_bytes =
        count == 0 ? source->size_bytes : (uint64_t)(share * (double)decoder->packed_bytes);
    return TUTTI_OK;
}

static void close_zip(tt_byte_source *source)
{
    zip_decoder *decoder = source->decoder;
    if (decoder == NULL) {
        return;
    }
    if (decoder->entry != NULL) {
        (void)zip_fclose(decoder->entry);
    }
    if (decoder->archive != NULL) {
        zip_discard(decoder->archive);
    }
    free(decoder);
}

const tt_byte_format tt_byte_format_zip = {open_zip, read_zip, close_zip};
