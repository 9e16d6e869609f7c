/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Files and folders of a run: made, replaced and removed whole.
 */
#ifndef TT_HOST_FILES_H
#define TT_HOST_FILES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_PATH_MAX 1024

/** Joins two parts of a path. @retval TUTTI_LIMIT it gets too long. */
TUTTI_NODISCARD tutti_status
tt_path_join(char path[TT_PATH_MAX], const char *folder, const char *name, tt_error *error);
/** Makes a folder and its parents; one that is there already is fine. */
TUTTI_NODISCARD tutti_status tt_folder_make(const char *path, tt_error *error);
/** Tells whether something exists at `path`. */
bool tt_path_exists(const char *path);
/** Removes a file, or a folder with all that it holds. What is not there is fine. */
TUTTI_NODISCARD tutti_status tt_path_remove(const char *path, tt_error *error);
/** Writes a file whole or not at all: temporary file, fsync, rename. */
TUTTI_NODISCARD tutti_status
tt_file_write(const char *path, const char *text, size_t size, tt_error *error);
/** Renames, with the names in the error. */
TUTTI_NODISCARD tutti_status tt_path_rename(const char *from, const char *to, tt_error *error);
/** Bytes of memory that this process holds (resident); 0 if the system does not tell. @thread{any}
 */
int64_t tt_resident_bytes(void);
/** SHA-256 of a text. */
void tt_hash_text(const char *text, size_t size, uint8_t hash[32]);

#endif
