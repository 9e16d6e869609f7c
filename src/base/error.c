/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Error detail and the end of a broken invariant.
 */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tutti_status tt_error_set(tt_error *error, tutti_status status, const char *format, ...)
{
    if (!error) {
        return status;
    }
    va_list args;
    va_start(args, format);
    memset(error, 0, sizeof *error);
    error->status = status;
    (void)vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    return status;
}

void tt_error_hint(tt_error *error, const char *format, ...)
{
    if (!error) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->hint, sizeof error->hint, format, args);
    va_end(args);
}

_Noreturn void tt_assert_failed(const char *expression, const char *file, int line)
{
    (void)fprintf(stderr, "tutti: broken invariant at %s:%d: %s\n", file, line, expression);
    abort();
}

tutti_status tt_status_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return TUTTI_NO_SPACE;
    case EACCES:
    case EPERM:
    case EROFS:
        return TUTTI_PERMISSION;
    case ENOENT:
    case ENOTDIR:
        return TUTTI_NOT_FOUND;
    case ENOMEM:
        return TUTTI_NO_MEMORY;
    default:
        return TUTTI_IO;
    }
}
