/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Getting a database that cannot be used out of the way of a new one: it is kept beside it for a
 * look.
 */
#include "store/store_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAMAGED ".damaged"

/* The files of a database; the log before what it belongs to. */
static const char *const suffixes[] = {"-wal", "-shm", ""};
#define SUFFIX_COUNT (sizeof suffixes / sizeof suffixes[0])

/* PATH and two endings; NULL: no memory. */
static char *name_of(const char *path, const char *first, const char *second)
{
    size_t size = strlen(path) + strlen(first) + strlen(second) + 1;
    char *name = malloc(size);
    if (name) {
        (void)snprintf(name, size, "%s%s%s", path, first, second);
    }
    return name;
}

/* What came of a rename or unlink; that the file is not there is fine. */
static tutti_status check(int result, const char *verb, const char *name, tt_error *error)
{
    int number = errno;
    if (result == 0 || number == ENOENT) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error, tt_status_of_errno(number), "cannot %s %s: %s", verb, name, strerrordesc_np(number));
}

/* Moves PATH+suffix to PATH.damaged+suffix; an older one there goes. */
static tutti_status set_file_aside(const char *path, const char *suffix, tt_error *error)
{
    char *from = name_of(path, suffix, "");
    char *to = name_of(path, DAMAGED, suffix);
    tutti_status status = TUTTI_OK;
    if (!from || !to) {
        status = tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    if (status == TUTTI_OK) {
        status = check(unlink(to), "remove", to, error);
    }
    if (status == TUTTI_OK) {
        status = check(rename(from, to), "rename", from, error);
    }
    free(from);
    free(to);
    return status;
}

tutti_status tt_store_set_aside(const char *path, tt_error *error)
{
    int lock_fd = -1;
    TUTTI_TRY(tt_store_lock_take(path, &lock_fd, error));
    tutti_status status = TUTTI_OK;
    for (size_t i = 0; i < SUFFIX_COUNT && status == TUTTI_OK; i++) {
        status = set_file_aside(path, suffixes[i], error);
    }
    tt_store_lock_release(lock_fd);
    return status;
}
