/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What clang-tidy is told of functions in other files, so that it does not follow paths on which
 * something failed and came back as TUTTI_OK. Included by tools/lint.py alone.
 */
#ifndef TT_TOOLS_ANALYZER_H
#define TT_TOOLS_ANALYZER_H

#include "base/error.h"

static inline tutti_status analyzer_failed(tutti_status status)
{
    return status != TUTTI_OK ? status : TUTTI_IO;
}

#define tt_error_set(error, status, ...)                                                           \
    ((void)(tt_error_set)(error, status, __VA_ARGS__), analyzer_failed(status))
#define tt_status_of_errno(number) analyzer_failed((tt_status_of_errno)(number))

#endif
