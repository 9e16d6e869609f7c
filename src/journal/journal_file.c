/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Files of the journal.
 *
 * A file that must be there whole or not at all is written as NAME.new and then renamed. Where the
 * directory is durable, the file is synced before the rename and the directory after it.
 */
#include "journal/journal_file.h"

#include "journal/journal_range.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One pwrite moves at most this much, so that sizes fit the result. */
#define WRITE_MAX (1u << 30)

static ssize_t system_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    (void)ctx;
    return pwrite(fd, bytes, size, offset);
}

static int system_write_out(void *ctx, int fd, off_t offset, off_t size, bool waits)
{
    (void)ctx;
    return tt_range_write_out(fd, offset, size, waits);
}

static int system_fdatasync(void *ctx, int fd)
{
    (void)ctx;
    return fdatasync(fd);
}

static int system_fsync(void *ctx, int fd)
{
    (void)ctx;
    return fsync(fd);
}

static int system_allocate(void *ctx, int fd, off_t size)
{
    (void)ctx;
    return posix_fallocate(fd, 0, size);
}

static int system_ftruncate(void *ctx, int fd, off_t size)
{
    (void)ctx;
    return ftruncate(fd, size);
}

static int system_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    (void)ctx;
    return renameat(dir_fd, from, dir_fd, to);
}

static int system_set_direct(void *ctx, int fd, bool is_direct)
{
    (void)ctx;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) {
        return -1;
    }
    return fcntl(fd, F_SETFL, is_direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

const tt_journal_io tt_journal_io_system = {
    .pwrite = system_pwrite,
    .write_out = system_write_out,
    .fdatasync = system_fdatasync,
    .fsync = system_fsync,
    .allocate = system_allocate,
    .ftruncate = system_ftruncate,
    .renameat = system_renameat,
    .set_direct = system_set_direct,
};

tutti_status tt_journal_fail(
    const tt_journal_dir *dir, int number, const char *verb, const char *name, tt_error *error)
{
    const char *reason = strerrordesc_np(number);
    tutti_status status = tt_error_set(
        error,
        tt_status_of_errno(number),
        "cannot %s %s%s%s: %s",
        verb,
        dir->path,
        *name ? "/" : "",
        name,
        reason ? reason : "unknown error");
    if (status == TUTTI_NO_SPACE) {
        tt_error_hint(
            error,
            "free space on this file system; a restart continues from the last "
            "commit");
    } else if (status == TUTTI_PERMISSION) {
        tt_error_hint(
            error, "let this user read the directory, and write to it unless it only reads");
    }
    return status;
}

/* fsync of the directory that holds `path`, so that the name of a new directory is durable. `path`
 * is changed while at work and restored. */
static int sync_parent(const tt_journal_io *io, char *path)
{
    char *slash = strrchr(path, '/');
    if (slash) {
        *slash = '\0';
    }
    const char *parent = !slash ? "." : slash == path ? "/" : path;
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int number = fd < 0 || io->fsync(io->ctx, fd) != 0 ? errno : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (slash) {
        *slash = '/';
    }
    return number;
}

/* Makes one directory; `io` NULL: need not be durable. Returns an errno value. */
static int make_directory(const tt_journal_io *io, char *path)
{
    if (mkdir(path, 0777) != 0) {
        return errno == EEXIST ? 0 : errno;
    }
    return io ? sync_parent(io, path) : 0;
}

/* Makes a directory and those above it. `path` is changed while at work and restored. */
static int make_directories(const tt_journal_io *io, char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int number = make_directory(io, path);
        *slash = '/';
        if (number != 0) {
            return number;
        }
    }
    return make_directory(io, path);
}

tutti_status tt_journal_dir_open(tt_journal_dir *dir, const char *path, tt_error *error)
{
    *dir = (tt_journal_dir){.fd = -1, .io = tt_journal_io_system, .path = strdup(path)};
    if (!dir->path) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal");
    }
    dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0) {
        tutti_status status = tt_journal_fail(dir, errno, "open", "", error);
        tt_journal_dir_close(dir);
        return status;
    }
    return TUTTI_OK;
}

tutti_status tt_journal_dir_make(
    tt_journal_dir *dir, const char *path, const tt_journal_options *options, tt_error *error)
{
    const tt_journal_io *io = options->io ? options->io : &tt_journal_io_system;
    bool is_durable = options->durability != TT_durability_NONE;
    char *copy = strdup(path);
    int number = copy ? make_directories(is_durable ? io : NULL, copy) : ENOMEM;
    free(copy);
    if (number != 0) {
        return tt_error_set(
            error, tt_status_of_errno(number), "cannot make %s: %s", path, strerrordesc_np(number));
    }
    TUTTI_TRY(tt_journal_dir_open(dir, path, error));
    dir->io = *io;
    dir->is_durable = is_durable;
    dir->fail_after = options->fail_after_bytes;
    return TUTTI_OK;
}

void tt_journal_dir_close(tt_journal_dir *dir)
{
    free(dir->path);
    if (dir->fd >= 0) {
        (void)close(dir->fd);
    }
    *dir = (tt_journal_dir){.fd = -1};
}

tutti_status tt_journal_dir_sync(const tt_journal_dir *dir, tt_error *error)
{
    if (dir->is_durable && dir->io.fsync(dir->io.ctx, dir->fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", "", error);
    }
    return TUTTI_OK;
}

/* Orders numbers for qsort. */
static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Collects the numbers of the matching names of an open directory stream; -1 on lack of memory. */
static int collect_numbers(
    DIR *stream, const char *prefix, const char *suffix, uint64_t **numbers, size_t *count)
{
    size_t capacity = 0;
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        uint64_t number;
        if (!tt_journal_name_parse(entry->d_name, prefix, suffix, &number)) {
            continue;
        }
        if (*count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            uint64_t *grown = realloc(*numbers, capacity * sizeof *grown);
            if (!grown) {
                return -1;
            }
            *numbers = grown;
        }
        (*numbers)[(*count)++] = number;
    }
    return 0;
}

tutti_status tt_journal_dir_list(
    const tt_journal_dir *dir,
    const char *prefix,
    const char *suffix,
    uint64_t **ret_numbers,
    size_t *ret_count,
    tt_error *error)
{
    int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        int number = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return tt_journal_fail(dir, number, "list", "", error);
    }
    uint64_t *numbers = NULL;
    size_t count = 0;
    int failed = collect_numbers(stream, prefix, suffix, &numbers, &count);
    (void)closedir(stream);
    if (failed) {
        free(numbers);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to list %s", dir->path);
    }
    if (count > 1) {
        qsort(numbers, count, sizeof *numbers, compare_numbers);
    }
    *ret_numbers = numbers;
    *ret_count = count;
    return TUTTI_OK;
}

bool tt_journal_dir_has(const tt_journal_dir *dir, const char *name)
{
    return faccessat(dir->fd, name, F_OK, 0) == 0;
}

void tt_journal_dir_remove(const tt_journal_dir *dir, const char *name)
{
    (void)unlinkat(dir->fd, name, 0);
}

tutti_status tt_journal_file_open(
    const tt_journal_dir *dir, const char *name, int flags, int *ret_fd, tt_error *error)
{
    // A pipe in the place of a file must not hold who opens it.
    int fd = openat(dir->fd, name, flags | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0) {
        return tt_journal_fail(dir, errno, "open", name, error);
    }
    struct stat info;
    if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
        (void)close(fd);
        return tt_error_set(error, TUTTI_IO, "%s/%s is not a regular file", dir->path, name);
    }
    (void)fcntl(fd, F_SETFL, flags); // without O_NONBLOCK
    *ret_fd = fd;
    return TUTTI_OK;
}

/* One write; beyond the fault point only what lies before it is written. Returns as pwrite. */
static ssize_t write_some(tt_journal_dir *dir, int fd, tt_bytes bytes, uint64_t offset)
{
    size_t size = bytes.size < WRITE_MAX ? bytes.size : WRITE_MAX;
    if (dir->fail_after > 0) {
        uint64_t left = dir->fail_after > dir->written ? dir->fail_after - dir->written : 0;
        size = size < left ? size : (size_t)left;
        if (size == 0) {
            errno = ENOSPC;
            return -1;
        }
    }
    return dir->io.pwrite(dir->io.ctx, fd, bytes.at, size, (off_t)offset);
}

/* Writes all bytes; short writes are continued. `bytes` and `offset` move over what was written.
 * Returns an errno value. */
static int write_all(tt_journal_dir *dir, int fd, tt_bytes *bytes, uint64_t *offset)
{
    while (bytes->size > 0) {
        ssize_t count = write_some(dir, fd, *bytes, *offset);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count < 0 ? errno : EIO;
        }
        bytes->at = (const char *)bytes->at + count;
        bytes->size -= (size_t)count;
        *offset += (uint64_t)count;
        dir->written += (uint64_t)count;
    }
    return 0;
}

tutti_status tt_journal_file_write(
    tt_journal_dir *dir, tt_journal_file file, tt_bytes bytes, uint64_t offset, tt_error *error)
{
    int number = write_all(dir, file.fd, &bytes, &offset);
    return number == 0 ? TUTTI_OK : tt_journal_fail(dir, number, "write", file.name, error);
}

bool tt_journal_file_go_direct(const tt_journal_dir *dir, int fd)
{
    return dir->io.set_direct && dir->fail_after == 0 &&
           dir->io.set_direct(dir->io.ctx, fd, true) == 0;
}

tutti_status tt_journal_file_write_blocks(
    tt_journal_dir *dir,
    tt_journal_file file,
    tt_bytes blocks,
    uint64_t offset,
    bool *is_direct,
    tt_error *error)
{
    int number = write_all(dir, file.fd, &blocks, &offset);
    if (number == EINVAL && *is_direct && dir->io.set_direct(dir->io.ctx, file.fd, false) == 0) {
        *is_direct = false;
        number = write_all(dir, file.fd, &blocks, &offset);
    }
    return number == 0 ? TUTTI_OK : tt_journal_fail(dir, number, "write", file.name, error);
}

tutti_status tt_journal_file_read(
    const tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t offset,
    void *bytes,
    size_t *size,
    tt_error *error)
{
    size_t wanted = *size;
    for (*size = 0; *size < wanted;) {
        ssize_t count =
            pread(file.fd, (char *)bytes + *size, wanted - *size, (off_t)(offset + *size));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return tt_journal_fail(dir, errno, "read", file.name, error);
        }
        if (count == 0) {
            break;
        }
        *size += (size_t)count;
    }
    return TUTTI_OK;
}

tutti_status tt_journal_file_size(
    const tt_journal_dir *dir, tt_journal_file file, uint64_t *ret_size, tt_error *error)
{
    struct stat info;
    if (fstat(file.fd, &info) != 0) {
        return tt_journal_fail(dir, errno, "examine", file.name, error);
    }
    *ret_size = (uint64_t)info.st_size;
    return TUTTI_OK;
}

/* Writes both pieces to a fresh file and makes it durable. */
static tutti_status fill_file(
    tt_journal_dir *dir, tt_journal_file file, tt_bytes first, tt_bytes second, tt_error *error)
{
    TUTTI_TRY(tt_journal_file_write(dir, file, first, 0, error));
    TUTTI_TRY(tt_journal_file_write(dir, file, second, first.size, error));
    if (dir->is_durable && dir->io.fsync(dir->io.ctx, file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", file.name, error);
    }
    return TUTTI_OK;
}

tutti_status tt_journal_file_prepare(
    tt_journal_dir *dir, const char *name, tt_bytes first, tt_bytes second, tt_error *error)
{
    char new_name[TT_JOURNAL_NAME_MAX];
    (void)snprintf(new_name, sizeof new_name, "%s" TT_JOURNAL_NEW_SUFFIX, name);
    tt_journal_file file = {.name = new_name};
    TUTTI_TRY(tt_journal_file_open(dir, new_name, O_WRONLY | O_CREAT | O_TRUNC, &file.fd, error));
    tutti_status status = fill_file(dir, file, first, second, error);
    if (close(file.fd) != 0 && status == TUTTI_OK) {
        status = tt_journal_fail(dir, errno, "close", new_name, error);
    }
    if (status != TUTTI_OK) {
        tt_journal_dir_remove(dir, new_name);
    }
    return status;
}

tutti_status tt_journal_file_publish(tt_journal_dir *dir, const char *name, tt_error *error)
{
    char new_name[TT_JOURNAL_NAME_MAX];
    (void)snprintf(new_name, sizeof new_name, "%s" TT_JOURNAL_NEW_SUFFIX, name);
    if (dir->io.renameat(dir->io.ctx, dir->fd, new_name, name) != 0) {
        return tt_journal_fail(dir, errno, "rename", new_name, error);
    }
    return tt_journal_dir_sync(dir, error);
}
