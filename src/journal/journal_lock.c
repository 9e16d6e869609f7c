/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The lock of a journal: an open-file-description lock, which also keeps out a second writer of the
 * same process and tells a reader, without taking it, whether a writer lives.
 */
#include "journal/journal_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The whole file. */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

/* The process that the file names; 0 if it names none. */
static long owner_of(int fd)
{
    char text[32] = {0};
    if (pread(fd, text, sizeof text - 1, 0) <= 0) {
        return 0;
    }
    return strncmp(text, "pid ", 4) == 0 ? strtol(text + 4, NULL, 10) : 0;
}

static tutti_status fail_busy(const tt_journal_dir *dir, int fd, tt_error *error)
{
    long owner = owner_of(fd);
    if (owner > 0) {
        (void)tt_error_set(
            error, TUTTI_BUSY, "the journal %s is in use by process %ld", dir->path, owner);
    } else {
        (void)tt_error_set(
            error, TUTTI_BUSY, "the journal %s is in use by another process", dir->path);
    }
    tt_error_hint(error, "stop that process first, or choose another directory");
    return TUTTI_BUSY;
}

/* Writes the owner into the file: only a help to people, so a failure does not matter. */
static void name_owner(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof text, "pid %ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) != length) {
        (void)ftruncate(fd, 0);
    }
}

tutti_status tt_journal_lock_take(const tt_journal_dir *dir, int *ret_fd, tt_error *error)
{
    int fd;
    TUTTI_TRY(tt_journal_file_open(dir, TT_JOURNAL_LOCK_NAME, O_RDWR | O_CREAT, &fd, error));
    struct flock lock = whole_file();
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        int number = errno;
        tutti_status status =
            number == EAGAIN || number == EACCES
                ? fail_busy(dir, fd, error)
                : tt_journal_fail(dir, number, "lock", TT_JOURNAL_LOCK_NAME, error);
        (void)close(fd);
        return status;
    }
    name_owner(fd);
    *ret_fd = fd;
    return TUTTI_OK;
}

void tt_journal_lock_release(int fd)
{
    if (fd >= 0) {
        (void)ftruncate(fd, 0);
        (void)close(fd);
    }
}

bool tt_journal_lock_is_held(const tt_journal_dir *dir)
{
    int fd = openat(dir->fd, TT_JOURNAL_LOCK_NAME, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    struct flock lock = whole_file();
    lock.l_type = F_RDLCK; // What a descriptor that cannot write may ask for; it conflicts as well.
    bool is_held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    (void)close(fd);
    return is_held;
}

long tt_journal_lock_owner(const tt_journal_dir *dir)
{
    int fd = openat(dir->fd, TT_JOURNAL_LOCK_NAME, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    long owner = owner_of(fd);
    (void)close(fd);
    return tt_journal_lock_is_held(dir) ? owner : 0;
}
