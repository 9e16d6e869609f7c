/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A file with given bytes for one test.
 */
#ifndef TT_TEST_TEMP_FILE_H
#define TT_TEST_TEMP_FILE_H

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Path of the file; one test at a time. */
static char temp_path[64];

static inline const char *temp_write_bytes(const char *bytes, size_t size)
{
    strcpy(temp_path, "/tmp/tutti-test-XXXXXX");
    int fd = mkstemp(temp_path);
    TT_ASSERT(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
    return temp_path;
}

static inline const char *temp_write(const char *text)
{
    return temp_write_bytes(text, strlen(text));
}

static inline void temp_remove(void)
{
    if (temp_path[0] != '\0') {
        (void)unlink(temp_path);
        temp_path[0] = '\0';
    }
}

#endif
