/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Secrets: randomness, digits, files that nobody else may read. No error text holds a secret.
 */
#include "api/api_secret.h"

#include "api/api_tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

bool tt_secret_random(void *bytes, size_t size)
{
    // The system's generator; up to 256 bytes come whole.
    return getrandom(bytes, size, 0) == (ssize_t)size;
}

void tt_secret_hex(const void *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
    text[2 * size] = 0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tt_secret_unhex(const char *text, size_t length, void *bytes, size_t size)
{
    unsigned char *to = bytes;
    if (length != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

static tutti_status fail(const char *path, const char *what, int code, tt_error *error)
{
    return tt_error_set(
        error, tt_status_of_errno(code), "%s: cannot %s: %s", path, what, strerror(code));
}

static tutti_status
check_file(const char *path, const struct stat *facts, size_t most, tt_error *error)
{
    if (!S_ISREG(facts->st_mode)) {
        return tt_error_set(error, TUTTI_INVALID, "%s: not a file", path);
    }
    if (facts->st_uid != geteuid()) {
        return tt_error_set(error, TUTTI_PERMISSION, "%s: belongs to another user", path);
    }
    if ((facts->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        tt_error_set(
            error,
            TUTTI_PERMISSION,
            "%s: others may read or write it (mode %04o)",
            path,
            (unsigned)(facts->st_mode & 07777));
        tt_error_hint(error, "chmod 600 %s; if others may have read it, make new tokens", path);
        return TUTTI_PERMISSION;
    }
    return facts->st_size >= 0 && (size_t)facts->st_size <= most
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_LIMIT, "%s: larger than %zu bytes", path, most);
}

static tutti_status read_whole(
    int file, const char *path, size_t most, char **ret_text, size_t *ret_size, tt_error *error)
{
    struct stat facts;
    if (fstat(file, &facts) != 0) {
        return fail(path, "look at it", errno, error);
    }
    TUTTI_TRY(check_file(path, &facts, most, error));
    char *text = calloc(1, most + 1);
    if (text == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", path);
    }
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < most) {
        got = read(file, text + size, most - size);
        size += got > 0 ? (size_t)got : 0;
    }
    if (got < 0) {
        free(text);
        return fail(path, "read it", errno, error);
    }
    *ret_text = text;
    *ret_size = size;
    return TUTTI_OK;
}

tutti_status
tt_secret_load(const char *path, size_t most, char **ret_text, size_t *ret_size, tt_error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        return fail(path, "open it", errno, error);
    }
    tutti_status status = read_whole(file, path, most, ret_text, ret_size, error);
    close(file);
    return status;
}

tutti_status tt_secret_read(const char *path, char *text, size_t size, tt_error *error)
{
    char *content = NULL;
    size_t length = 0;
    TUTTI_TRY(tt_secret_load(path, 4096, &content, &length, error));
    size_t line = strcspn(content, "\r\n");
    bool fits = line > 0 && line < size;
    if (fits) {
        memcpy(text, content, line);
        text[line] = 0;
    }
    free(content);
    return fits ? TUTTI_OK
                : tt_error_set(error, TUTTI_PARSE, "%s: its first line is no token", path);
}

static tutti_status
write_all(int file, const char *path, const char *text, size_t size, tt_error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(file, text + done, size - done);
        if (put < 0) {
            return fail(path, "write it", errno, error);
        }
        done += (size_t)put;
    }
    return fsync(file) == 0 ? TUTTI_OK : fail(path, "write it", errno, error);
}

tutti_status tt_secret_write(const char *path, const char *text, size_t size, tt_error *error)
{
    char draft[PATH_MAX];
    int length = snprintf(draft, sizeof draft, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof draft) {
        return tt_error_set(error, TUTTI_LIMIT, "%s: the path is too long", path);
    }
    // What an earlier attempt left may be open to others; this one is not.
    (void)unlink(draft);
    int file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return fail(draft, "make it", errno, error);
    }
    tutti_status status = write_all(file, draft, text, size, error);
    if (close(file) != 0 && status == TUTTI_OK) {
        status = fail(draft, "write it", errno, error);
    }
    if (status == TUTTI_OK && rename(draft, path) != 0) {
        status = fail(path, "replace it", errno, error);
    }
    if (status != TUTTI_OK) {
        (void)unlink(draft);
    }
    return status;
}
