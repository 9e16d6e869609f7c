/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Archives. Compressed and read in pieces: memory does not grow with the segment.
 */
#include "journal/journal_archive.h"

#include "base/crc32c.h"
#include "journal/journal_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define PIECE ((size_t)128 * 1024)
#define LEVEL 3
/* A damaged header must not let a reader take more memory than a segment compressed here needs. */
#define WINDOW_LOG_MAX 27

struct tt_archive {
    const tt_journal_dir *dir;
    char name[TT_JOURNAL_NAME_MAX];
    tt_journal_file file;
    tt_archive_header header;
    ZSTD_DStream *stream;
    unsigned char packed[PIECE];
    ZSTD_inBuffer in;
    uint64_t position; /* In the file: what was read into `packed` ends here. */
    uint64_t plain;    /* Bytes of the segment that were handed out. */
    uint32_t crc;      /* Of the frame so far. */
    bool is_frame_over;
};

void tt_archive_name(char name[TT_JOURNAL_NAME_MAX], tt_seq first_seq)
{
    tt_journal_name(name, "", first_seq, TT_JOURNAL_ARCHIVE_SUFFIX);
}

/* Says that an archive is not right. */
static tutti_status fail_archive(const tt_archive *archive, const char *why, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s/%s: byte %llu of the segment in it: %s",
        archive->dir->path,
        archive->name,
        (unsigned long long)archive->plain,
        why);
    tt_error_hint(error, "restore the journal from a copy; do not trade on it as it is");
    return TUTTI_CORRUPT;
}

/* ---- reading ---- */

static tutti_status check_header(const tt_archive *archive, tt_seq first_seq, tt_error *error)
{
    const tt_archive_header *header = &archive->header;
    if (memcmp(header->magic, TT_JOURNAL_ARCHIVE_MAGIC, sizeof header->magic) != 0 ||
        header->crc != tt_crc32c(0, header, offsetof(tt_archive_header, crc))) {
        return fail_archive(archive, "the header of the archive is damaged", error);
    }
    if (header->version < 2 || header->version > TT_JOURNAL_VERSION) {
        (void)tt_error_set(
            error,
            TUTTI_VERSION,
            "%s/%s: the archive has another format version",
            archive->dir->path,
            archive->name);
        tt_error_hint(error, "use the release that wrote the journal, or a newer one");
        return TUTTI_VERSION;
    }
    if (header->header_bytes != sizeof *header || header->first_seq != first_seq) {
        return fail_archive(archive, "the header belongs to an archive of another name", error);
    }
    return TUTTI_OK;
}

static tutti_status open_archive(tt_archive *archive, tt_seq first_seq, tt_error *error)
{
    uint64_t file_size;
    size_t size = sizeof archive->header;
    tt_archive_name(archive->name, first_seq);
    archive->file.name = archive->name;
    TUTTI_TRY(
        tt_journal_file_open(archive->dir, archive->name, O_RDONLY, &archive->file.fd, error));
    TUTTI_TRY(tt_journal_file_read(archive->dir, archive->file, 0, &archive->header, &size, error));
    TUTTI_TRY(check_header(archive, first_seq, error));
    TUTTI_TRY(tt_journal_file_size(archive->dir, archive->file, &file_size, error));
    if (file_size - sizeof archive->header != archive->header.packed_bytes) {
        return fail_archive(archive, "the archive was cut off or something follows it", error);
    }
    archive->position = sizeof archive->header;
    archive->in = (ZSTD_inBuffer){.src = archive->packed};
    archive->stream = ZSTD_createDStream();
    if (!archive->stream || ZSTD_isError(ZSTD_DCtx_setParameter(
                                archive->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", archive->name);
    }
    return TUTTI_OK;
}

tutti_status
tt_archive_open(const tt_journal_dir *dir, tt_seq first_seq, tt_archive **result, tt_error *error)
{
    tt_archive *archive = calloc(1, sizeof *archive);
    if (!archive) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read an archive");
    }
    archive->dir = dir;
    archive->file.fd = -1;
    tutti_status status = open_archive(archive, first_seq, error);
    if (status != TUTTI_OK) {
        tt_archive_close(archive);
        return status;
    }
    *result = archive;
    return TUTTI_OK;
}

const tt_archive_header *tt_archive_header_of(const tt_archive *archive)
{
    return &archive->header;
}

/* Reads the next piece of the file. TUTTI_END: there is none. */
static tutti_status read_packed(tt_archive *archive, tt_error *error)
{
    size_t size = sizeof archive->packed;
    TUTTI_TRY(tt_journal_file_read(
        archive->dir, archive->file, archive->position, archive->packed, &size, error));
    archive->position += size;
    archive->crc = tt_crc32c(archive->crc, archive->packed, size);
    archive->in.size = size;
    archive->in.pos = 0;
    return size > 0 ? TUTTI_OK : TUTTI_END;
}

/* Decompresses into `out` as far as the frame goes. */
static tutti_status unpack(tt_archive *archive, ZSTD_outBuffer *out, tt_error *error)
{
    while (out->pos < out->size && !archive->is_frame_over) {
        if (archive->in.pos == archive->in.size) {
            tutti_status status = read_packed(archive, error);
            if (status == TUTTI_END) {
                return fail_archive(archive, "the compressed bytes end too early", error);
            }
            TUTTI_TRY(status);
        }
        size_t left = ZSTD_decompressStream(archive->stream, out, &archive->in);
        if (ZSTD_isError(left)) {
            return fail_archive(archive, ZSTD_getErrorName(left), error);
        }
        archive->is_frame_over = left == 0;
    }
    return TUTTI_OK;
}

tutti_status tt_archive_read(tt_archive *archive, void *bytes, size_t *size, tt_error *error)
{
    ZSTD_outBuffer out = {.dst = bytes, .size = *size};
    TUTTI_TRY(unpack(archive, &out, error));
    *size = out.pos;
    archive->plain += out.pos;
    return TUTTI_OK;
}

tutti_status tt_archive_finish(tt_archive *archive, const tt_journal_end *end, tt_error *error)
{
    unsigned char byte;
    size_t size = sizeof byte;
    const tt_archive_header *header = &archive->header;
    TUTTI_TRY(tt_archive_read(archive, &byte, &size, error)); // Takes the checksum of the frame.
    if (size != 0 || archive->plain != header->plain_bytes || !archive->is_frame_over) {
        return fail_archive(archive, "the segment has another size than the header says", error);
    }
    while (archive->in.pos == archive->in.size) {
        tutti_status status = read_packed(archive, error);
        if (status == TUTTI_END) {
            break;
        }
        TUTTI_TRY(status);
    }
    if (archive->in.pos != archive->in.size || archive->crc != header->packed_crc) {
        return fail_archive(archive, "the checksum of the compressed bytes is wrong", error);
    }
    if (header->last_seq != end->last_seq || header->step_count != end->step_count ||
        header->commit_count != end->commit_count || header->last_time_ns != end->last_time.ns ||
        memcmp(header->chain, end->chain, sizeof header->chain) != 0) {
        return fail_archive(archive, "the segment does not end where the header says", error);
    }
    return TUTTI_OK;
}

void tt_archive_close(tt_archive *archive)
{
    if (!archive) {
        return;
    }
    if (archive->file.fd >= 0) {
        (void)close(archive->file.fd);
    }
    (void)ZSTD_freeDStream(archive->stream);
    free(archive);
}

/* ---- writing ---- */

/* A segment on its way into an archive. */
typedef struct packing {
    tt_journal_dir *dir;
    tt_journal_file from;
    tt_journal_file to;
    tt_archive_header header;
    ZSTD_CStream *stream;
    unsigned char *plain;  /* PIECE. */
    unsigned char *packed; /* PIECE. */
} packing;

/* Writes compressed bytes behind those that are there. */
static tutti_status put_packed(packing *pack, size_t size, tt_error *error)
{
    tt_archive_header *header = &pack->header;
    tt_bytes bytes = {pack->packed, size};
    uint64_t offset = sizeof *header + header->packed_bytes;
    TUTTI_TRY(tt_journal_file_write(pack->dir, pack->to, bytes, offset, error));
    header->packed_crc = tt_crc32c(header->packed_crc, pack->packed, size);
    header->packed_bytes += size;
    return TUTTI_OK;
}

/* Compresses one piece; the last one ends the frame. */
static tutti_status pack_piece(packing *pack, size_t size, bool is_last, tt_error *error)
{
    ZSTD_inBuffer in = {.src = pack->plain, .size = size};
    size_t left = 1;
    while (in.pos < in.size || (is_last && left > 0)) {
        ZSTD_outBuffer out = {.dst = pack->packed, .size = PIECE};
        left =
            ZSTD_compressStream2(pack->stream, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            return tt_error_set(
                error,
                TUTTI_NO_MEMORY,
                "cannot compress %s/%s: %s",
                pack->dir->path,
                pack->from.name,
                ZSTD_getErrorName(left));
        }
        TUTTI_TRY(put_packed(pack, out.pos, error));
    }
    return TUTTI_OK;
}

static tutti_status pack_all(packing *pack, tt_error *error)
{
    for (uint64_t at = 0; at < pack->header.plain_bytes;) {
        size_t size = PIECE;
        TUTTI_TRY(tt_journal_file_read(pack->dir, pack->from, at, pack->plain, &size, error));
        if (size == 0) {
            return tt_error_set(
                error, TUTTI_IO, "%s/%s became shorter", pack->dir->path, pack->from.name);
        }
        at += size;
        TUTTI_TRY(pack_piece(pack, size, at >= pack->header.plain_bytes, error));
    }
    return TUTTI_OK;
}

/* Compresses behind the header, writes the header, makes all of it durable. */
static tutti_status fill_archive(packing *pack, tt_error *error)
{
    tt_archive_header *header = &pack->header;
    struct stat info;
    if (fstat(pack->from.fd, &info) != 0) {
        return tt_journal_fail(pack->dir, errno, "examine", pack->from.name, error);
    }
    header->plain_bytes = (uint64_t)info.st_size;
    header->sealed_ns = info.st_mtim.tv_sec * TT_NS_PER_S + info.st_mtim.tv_nsec;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(pack->stream, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(pack->stream, ZSTD_c_checksumFlag, 1)) ||
        ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(pack->stream, header->plain_bytes))) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "zstd refuses its settings");
    }
    TUTTI_TRY(pack_all(pack, error));
    header->crc = tt_crc32c(0, header, offsetof(tt_archive_header, crc));
    tt_bytes bytes = {header, sizeof *header};
    TUTTI_TRY(tt_journal_file_write(pack->dir, pack->to, bytes, 0, error));
    if (pack->dir->io.fsync(pack->dir->io.ctx, pack->to.fd) != 0) {
        return tt_journal_fail(pack->dir, errno, "sync", pack->to.name, error);
    }
    return TUTTI_OK;
}

/* Makes NAME.new. */
static tutti_status make_new(packing *pack, tt_error *error)
{
    char new_name[TT_JOURNAL_NAME_MAX];
    tt_journal_name(
        new_name, "", pack->header.first_seq, TT_JOURNAL_ARCHIVE_SUFFIX TT_JOURNAL_NEW_SUFFIX);
    pack->to.name = new_name;
    TUTTI_TRY(tt_journal_file_open(
        pack->dir, new_name, O_WRONLY | O_CREAT | O_TRUNC, &pack->to.fd, error));
    tutti_status status = fill_archive(pack, error);
    if (close(pack->to.fd) != 0 && status == TUTTI_OK) {
        status = tt_journal_fail(pack->dir, errno, "close", new_name, error);
    }
    if (status != TUTTI_OK) {
        tt_journal_dir_remove(pack->dir, new_name);
    }
    return status;
}

/* Memory of a packing, and what it reads. */
static tutti_status open_packing(packing *pack, tt_error *error)
{
    pack->stream = ZSTD_createCStream();
    pack->plain = malloc(PIECE);
    pack->packed = malloc(PIECE);
    if (!pack->stream || !pack->plain || !pack->packed) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to compress %s", pack->from.name);
    }
    return tt_journal_file_open(pack->dir, pack->from.name, O_RDONLY, &pack->from.fd, error);
}

static void close_packing(packing *pack)
{
    if (pack->from.fd >= 0) {
        (void)close(pack->from.fd);
    }
    (void)ZSTD_freeCStream(pack->stream);
    free(pack->plain);
    free(pack->packed);
}

tutti_status tt_archive_write(
    tt_journal_dir *dir,
    tt_seq first_seq,
    const tt_journal_end *end,
    const uint8_t chain_before[TT_DIGEST_SIZE],
    tt_error *error)
{
    char from[TT_JOURNAL_NAME_MAX];
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(from, first_seq);
    tt_archive_name(name, first_seq);
    packing pack = {
        .dir = dir,
        .from = {.name = from, .fd = -1},
        .header = {
            .magic = TT_JOURNAL_ARCHIVE_MAGIC,
            .version = TT_JOURNAL_VERSION,
            .header_bytes = sizeof pack.header,
            .first_seq = first_seq,
            .last_seq = end->last_seq,
            .step_count = end->step_count,
            .commit_count = end->commit_count,
            .last_time_ns = end->last_time.ns}};
    memcpy(pack.header.chain, end->chain, TT_DIGEST_SIZE);
    memcpy(pack.header.chain_before, chain_before, TT_DIGEST_SIZE);
    tutti_status status = open_packing(&pack, error);
    if (status == TUTTI_OK) {
        status = make_new(&pack, error);
    }
    close_packing(&pack);
    return status == TUTTI_OK ? tt_journal_file_publish(dir, name, error) : status;
}
