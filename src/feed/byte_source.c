/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opening files, telling the formats apart, and the plain format.
 */
#include "feed/byte_source.h"

#include "feed/byte_source_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tutti_status open_file(tt_byte_source *source, tt_error *error)
{
    source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        return tt_error_set(
            error,
            tt_status_of_errno(errno),
            "%s: cannot be opened: %s",
            source->path,
            strerror(errno));
    }
    struct stat info;
    if (fstat(source->fd, &info) != 0) {
        return tt_error_set(error, TUTTI_IO, "%s: %s", source->path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return tt_error_set(error, TUTTI_INVALID, "%s: is not a file", source->path);
    }
    source->size_bytes = (uint64_t)info.st_size;
    return TUTTI_OK;
}

tutti_status tt_byte_source_refuse_cut(
    const tt_byte_source *source, const char *packing, const char *part, tt_error *error)
{
    tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s: the %s data is cut short: the file ends after %llu bytes, within a %s",
        source->path,
        packing,
        (unsigned long long)source->done_bytes,
        part);
    tt_error_hint(error, "copy or download the file again");
    return TUTTI_CORRUPT;
}

tutti_status tt_byte_source_fill(tt_byte_source *source, tt_error *error)
{
    if (source->used < source->filled || source->is_at_end) {
        return TUTTI_OK;
    }
    ssize_t count;
    do {
        count = read(source->fd, source->chunk, sizeof source->chunk);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return tt_error_set(
            error, TUTTI_IO, "%s: cannot be read: %s", source->path, strerror(errno));
    }
    source->used = 0;
    source->filled = (size_t)count;
    source->is_at_end = count == 0;
    return TUTTI_OK;
}

static tutti_status open_plain(tt_byte_source *source, tt_error *error)
{
    (void)source;
    (void)error;
    return TUTTI_OK;
}

static tutti_status
read_plain(tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    TUTTI_TRY(tt_byte_source_fill(source, error));
    size_t count = source->filled - source->used;
    count = count < capacity ? count : capacity;
    memcpy(buffer, source->chunk + source->used, count);
    source->used += count;
    source->done_bytes += count;
    *ret_size = count;
    return TUTTI_OK;
}

static void close_plain(tt_byte_source *source)
{
    (void)source;
}

const tt_byte_format tt_byte_format_plain = {open_plain, read_plain, close_plain};

/** Chooses the format by the first bytes, which are in the chunk. */
static const tt_byte_format *detect_format(const tt_byte_source *source)
{
    static const struct {
        const char *magic;
        size_t size;
        const tt_byte_format *format;
    } known[] = {
        {"\x1f\x8b", 2, &tt_byte_format_gzip},
        {"\x28\xb5\x2f\xfd", 4, &tt_byte_format_zstd},
        {"PK\x03\x04", 4, &tt_byte_format_zip},
        {"PK\x05\x06", 4, &tt_byte_format_zip},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (source->filled >= known[i].size &&
            memcmp(source->chunk, known[i].magic, known[i].size) == 0) {
            return known[i].format;
        }
    }
    return &tt_byte_format_plain;
}

static tutti_status open_decoder(tt_byte_source *source, tt_error *error)
{
    TUTTI_TRY(open_file(source, error));
    TUTTI_TRY(tt_byte_source_fill(source, error));
    source->format = detect_format(source);
    return source->format->open(source, error);
}

tutti_status tt_byte_source_open(const char *path, tt_byte_source **result, tt_error *error)
{
    tt_byte_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    source->fd = -1;
    source->path = strdup(path);
    tutti_status status = source->path == NULL
                              ? tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read a file")
                              : open_decoder(source, error);
    if (status != TUTTI_OK) {
        tt_byte_source_close(source);
        return status;
    }
    *result = source;
    return TUTTI_OK;
}

tutti_status tt_byte_source_read(
    tt_byte_source *source, void *buffer, size_t capacity, size_t *ret_size, tt_error *error)
{
    TT_ASSERT(capacity > 0);
    return source->format->read(source, buffer, capacity, ret_size, error);
}

void tt_byte_source_progress(const tt_byte_source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    *ret_done = source->done_bytes;
    *ret_total = source->size_bytes;
}

const char *tt_byte_source_path(const tt_byte_source *source)
{
    return source->path;
}

void tt_byte_source_close(tt_byte_source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->format != NULL) {
        source->format->close(source);
    }
    if (source->fd >= 0) {
        (void)close(source->fd);
    }
    free(source->path);
    free(source);
}
