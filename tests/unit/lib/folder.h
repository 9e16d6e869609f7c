/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A folder of its own for each test that writes a journal.
 */
#ifndef TT_TESTS_UNIT_LIB_FOLDER_H
#define TT_TESTS_UNIT_LIB_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char dir[] = "/tmp/tutti_lib_XXXXXX";
static char dir_journal[64]; /**< A folder in it, which is not there yet. */

static inline int make_dir(void **state)
{
    (void)state;
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir)) {
        return -1;
    }
    snprintf(dir_journal, sizeof dir_journal, "%s/journal", dir);
    return 0;
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
