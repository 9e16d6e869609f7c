/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the interface: files that only their owner may read, and hexadecimal digits.
 */
#ifndef TT_API_API_SECRET_H
#define TT_API_API_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/** Reads a whole file that only its owner may read. `text` is freed by the caller; it has a NUL
 * behind `size`. @retval TUTTI_NOT_FOUND, TUTTI_PERMISSION, TUTTI_LIMIT, TUTTI_IO, TUTTI_NO_MEMORY.
 */
TUTTI_NODISCARD tutti_status
tt_secret_load(const char *path, size_t most, char **ret_text, size_t *ret_size, tt_error *error);
/** Reads exactly `size` bytes from 2 * `size` lower-case hexadecimal digits. */
bool tt_secret_unhex(const char *text, size_t length, void *bytes, size_t size);

#endif
