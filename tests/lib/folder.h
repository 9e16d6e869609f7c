/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Takes a folder of a test away.
 */
#ifndef TT_TESTS_LIB_FOLDER_H
#define TT_TESTS_LIB_FOLDER_H

#include "test.h"

#include <dirent.h>

/** Removes a folder that holds files alone; fails the test when it cannot. */
static inline void tt_test_remove_folder(const char *path)
{
    DIR *listing = opendir(path);
    assert_non_null(listing);
    for (const struct dirent *item = readdir(listing); item != NULL; item = readdir(listing)) {
        (void)unlinkat(dirfd(listing), item->d_name, 0); // But the folder itself and its parent.
    }
    assert_int_equal(closedir(listing), 0);
    assert_int_equal(rmdir(path), 0);
}

#endif
