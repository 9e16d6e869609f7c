/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Files and folders of a run.
 */
#include "host/files.h"

#include "journal/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tutti_status fail(tt_error *error, const char *what, const char *path)
{
    int code = errno;
    return tt_error_set(
        error, tt_status_of_errno(code), "%s: cannot %s: %s", path, what, strerror(code));
}

tutti_status
tt_path_join(char path[TT_PATH_MAX], const char *folder, const char *name, tt_error *error)
{
    int length = snprintf(path, TT_PATH_MAX, "%s/%s", folder, name);
    if (length < 0 || length >= TT_PATH_MAX) {
        return tt_error_set(error, TUTTI_LIMIT, "%s/%s: the path is too long", folder, name);
    }
    return TUTTI_OK;
}

bool tt_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

tutti_status tt_folder_make(const char *path, tt_error *error)
{
    char part[TT_PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        return tt_error_set(error, TUTTI_INVALID, "'%s' is not a usable folder name", path);
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != 0) {
            continue;
        }
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST) {
            return fail(error, "make this folder", part);
        }
    }
    struct stat info;
    if (stat(path, &info) != 0) {
        return fail(error, "use this folder", path);
    }
    return S_ISDIR(info.st_mode)
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_INVALID, "%s: is a file, a folder is needed", path);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

tutti_status tt_path_remove(const char *path, tt_error *error)
{
    enum {
        OPEN_FOLDERS_MAX = 16
    };
    if (!tt_path_exists(path)) {
        return TUTTI_OK;
    }
    if (nftw(path, remove_entry, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        return fail(error, "remove this", path);
    }
    return TUTTI_OK;
}

static tutti_status
write_all(int file, const char *text, size_t size, const char *path, tt_error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(file, text + done, size - done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail(error, "write this file", path);
        }
        done += (size_t)written;
    }
    return fsync(file) == 0 ? TUTTI_OK : fail(error, "flush this file", path);
}

tutti_status tt_file_write(const char *path, const char *text, size_t size, tt_error *error)
{
    char temporary[TT_PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.partial", path);
    if (length < 0 || (size_t)length >= sizeof temporary) {
        return tt_error_set(error, TUTTI_LIMIT, "%s: the path is too long", path);
    }
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        return fail(error, "create this file", temporary);
    }
    tutti_status status = write_all(file, text, size, path, error);
    if (close(file) != 0 && status == TUTTI_OK) {
        status = fail(error, "close this file", path);
    }
    if (status == TUTTI_OK) {
        status = tt_path_rename(temporary, path, error);
    }
    if (status != TUTTI_OK) {
        unlink(temporary);
    }
    return status;
}

tutti_status tt_path_rename(const char *from, const char *to, tt_error *error)
{
    return rename(from, to) == 0 ? TUTTI_OK : fail(error, "move a file to this name", to);
}

void tt_hash_text(const char *text, size_t size, uint8_t hash[32])
{
    tt_sha256(text, size, hash);
}

int64_t tt_resident_bytes(void)
{
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) {
        return 0;
    }
    text[size] = 0;
    // Pages of the program, then pages that are resident.
    const char *resident = strchr(text, ' ');
    return resident == NULL ? 0 : strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE);
}
