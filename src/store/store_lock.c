/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One writer a read model. SQLite would let two of them take turns; the projection must not.
 */
#include "store/store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tutti_status fail_lock(const char *path, int number, tt_error *error)
{
    if (number == EAGAIN) {
        (void)tt_error_set(error, TUTTI_BUSY, "%s is being written by another process", path);
        tt_error_hint(error, "stop the session that uses it first");
        return TUTTI_BUSY;
    }
    return tt_error_set(
        error, tt_status_of_errno(number), "cannot lock %s: %s", path, strerrordesc_np(number));
}

/* Locks the whole file; returns an errno value. */
static int lock_file(const char *name, int *ret_fd)
{
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        int number = errno == EACCES ? EAGAIN : errno;
        (void)close(fd);
        return number;
    }
    *ret_fd = fd;
    return 0;
}

tutti_status tt_store_lock_take(const char *path, int *ret_fd, tt_error *error)
{
    size_t size = strlen(path) + sizeof ".lock";
    char *name = malloc(size);
    if (!name) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    tt_text_buf text;
    tt_text_init(&text, name, size);
    tt_text_appendf(&text, "%s.lock", path);
    int number = lock_file(name, ret_fd);
    free(name);
    return number == 0 ? TUTTI_OK : fail_lock(path, number, error);
}

void tt_store_lock_release(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}
