/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The directory of a journal and its files: system calls behind a table, so that tests can make
 * each of them fail, and errors that name path and reason. Private to the journal.
 *
 * All functions: @thread{owner} @blocks{disk}
 */
#ifndef TT_JOURNAL_JOURNAL_FILE_H
#define TT_JOURNAL_JOURNAL_FILE_H

#include "journal/journal_format.h"

#include <sys/types.h>

/** Writes past the page cache have offsets, sizes and memory at multiples of this. */
#define TT_JOURNAL_BLOCK ((size_t)4096)

/** System calls that write. Each as the call of the same name, with `ctx` in front; `allocate`
 * returns an errno value as posix_fallocate does. */
typedef struct tt_journal_io {
    void *ctx;
    ssize_t (*pwrite)(void *ctx, int fd, const void *bytes, size_t size, off_t offset);
    /** tt_range_write_out. NULL = who would have the disk begin waits for the sync, and who would
     * wait for the disk syncs. */
    int (*write_out)(void *ctx, int fd, off_t offset, off_t size, bool waits);
    int (*fdatasync)(void *ctx, int fd);
    int (*fsync)(void *ctx, int fd);
    int (*allocate)(void *ctx, int fd, off_t size);
    int (*ftruncate)(void *ctx, int fd, off_t size);
    int (*renameat)(void *ctx, int dir_fd, const char *from, const char *to);
    /** O_DIRECT: lets the writes to an open file go past the page cache, or through it again; -1:
     * that cannot be. NULL = all go through it. */
    int (*set_direct)(void *ctx, int fd, bool is_direct);
} tt_journal_io;

/** The table that calls the system. */
extern const tt_journal_io tt_journal_io_system;

/** A directory that a journal lives in, and how it is written. */
typedef struct tt_journal_dir {
    char *path; /**< For messages. */
    int fd;     /**< -1 = not open. */
    tt_journal_io io;
    bool is_durable;     /**< Make files and names survive a power cut. */
    uint64_t fail_after; /**< tt_journal_options.fail_after_bytes. */
    uint64_t written;    /**< Bytes written so far; counted for fail_after. */
} tt_journal_dir;

/** Some bytes of a file. */
typedef struct tt_bytes {
    const void *at;
    size_t size;
} tt_bytes;

/** Opens a directory to read. @retval TUTTI_NOT_FOUND it is absent. */
TUTTI_NODISCARD tutti_status
tt_journal_dir_open(tt_journal_dir *dir, const char *path, tt_error *error);
/** Opens a directory to write; makes it, and those above it, if they are absent. */
TUTTI_NODISCARD tutti_status tt_journal_dir_make(
    tt_journal_dir *dir, const char *path, const tt_journal_options *options, tt_error *error);
/** One whose `path` is NULL and `fd` -1 is fine. */
void tt_journal_dir_close(tt_journal_dir *dir);
/** fsync of the directory, if names must be durable. */
TUTTI_NODISCARD tutti_status tt_journal_dir_sync(const tt_journal_dir *dir, tt_error *error);
/** Numbers of the files with this prefix and suffix, ascending. The caller frees `*ret_numbers`. */
TUTTI_NODISCARD tutti_status tt_journal_dir_list(
    const tt_journal_dir *dir,
    const char *prefix,
    const char *suffix,
    uint64_t **ret_numbers,
    size_t *ret_count,
    tt_error *error);
/** Tells whether a file is there. */
bool tt_journal_dir_has(const tt_journal_dir *dir, const char *name);
/** Removes a file; one that is absent is fine. */
void tt_journal_dir_remove(const tt_journal_dir *dir, const char *name);

/** Fills `error` from the errno value `number`: "cannot VERB PATH/NAME: reason"; returns its
 * status. */
tutti_status tt_journal_fail(
    const tt_journal_dir *dir, int number, const char *verb, const char *name, tt_error *error);
/** Opens a file. @retval TUTTI_NOT_FOUND it is absent. */
TUTTI_NODISCARD tutti_status tt_journal_file_open(
    const tt_journal_dir *dir, const char *name, int flags, int *ret_fd, tt_error *error);
/** An open file with its name, for messages. */
typedef struct tt_journal_file {
    const char *name; /**< @borrows{while in use} */
    int fd;
} tt_journal_file;
/** Writes all bytes at `offset`; short writes are continued. */
TUTTI_NODISCARD tutti_status tt_journal_file_write(
    tt_journal_dir *dir, tt_journal_file file, tt_bytes bytes, uint64_t offset, tt_error *error);
/** Lets the writes to an open file go past the page cache. Returns whether they do: not on every
 * file system, nor with a fault point in bytes (tt_journal_options.fail_after_bytes). */
bool tt_journal_file_go_direct(const tt_journal_dir *dir, int fd);
/** As tt_journal_file_write, for whole blocks. `is_direct`: the file goes past the page cache; a
 * file system that refuses that only now is written to through it, from then on. */
TUTTI_NODISCARD tutti_status tt_journal_file_write_blocks(
    tt_journal_dir *dir,
    tt_journal_file file,
    tt_bytes blocks,
    uint64_t offset,
    bool *is_direct,
    tt_error *error);
/** Reads `size` bytes at `offset`; fewer only at the end of the file. */
TUTTI_NODISCARD tutti_status tt_journal_file_read(
    const tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t offset,
    void *bytes,
    size_t *size,
    tt_error *error);
TUTTI_NODISCARD tutti_status tt_journal_file_size(
    const tt_journal_dir *dir, tt_journal_file file, uint64_t *ret_size, tt_error *error);
/** Writes NAME.new: `first`, then `second`; durable if the directory is. */
TUTTI_NODISCARD tutti_status tt_journal_file_prepare(
    tt_journal_dir *dir, const char *name, tt_bytes first, tt_bytes second, tt_error *error);
/** Gives NAME.new its name. */
TUTTI_NODISCARD tutti_status
tt_journal_file_publish(tt_journal_dir *dir, const char *name, tt_error *error);

#endif
