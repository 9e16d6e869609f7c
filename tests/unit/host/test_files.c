/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Files and folders: made, replaced whole, removed; errors with path and reason.
 */
#include "../../lib/test.h"
#include "host/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_root(void **state)
{
    static char root[64];
    snprintf(root, sizeof root, "/tmp/tutti-files-XXXXXX");
    *state = mkdtemp(root);
    return *state == NULL;
}

static int remove_root(void **state)
{
    tt_error error = {0};
    return tt_path_remove(*state, &error) != TUTTI_OK;
}

static void makes_nested_folders_and_removes_them_with_all_they_hold(void **state)
{
    char path[TT_PATH_MAX];
    char file[TT_PATH_MAX];
    tt_error error = {0};
    assert_int_equal(tt_path_join(path, *state, "a/b/c", &error), TUTTI_OK);
    assert_int_equal(tt_folder_make(path, &error), TUTTI_OK);
    assert_int_equal(tt_folder_make(path, &error), TUTTI_OK);
    assert_int_equal(tt_path_join(file, path, "text", &error), TUTTI_OK);
    assert_int_equal(tt_file_write(file, "hello", 5, &error), TUTTI_OK);
    assert_true(tt_path_exists(file));
    assert_int_equal(tt_path_join(path, *state, "a", &error), TUTTI_OK);
    assert_int_equal(tt_path_remove(path, &error), TUTTI_OK);
    assert_false(tt_path_exists(path));
    assert_int_equal(tt_path_remove(path, &error), TUTTI_OK);
}

static void writes_a_file_whole_and_leaves_no_partial_one(void **state)
{
    char path[TT_PATH_MAX];
    char partial[TT_PATH_MAX];
    char text[16] = {0};
    tt_error error = {0};
    assert_int_equal(tt_path_join(path, *state, "report", &error), TUTTI_OK);
    assert_int_equal(tt_path_join(partial, *state, "report.partial", &error), TUTTI_OK);
    assert_int_equal(tt_file_write(path, "first text", 10, &error), TUTTI_OK);
    assert_int_equal(tt_file_write(path, "second", 6, &error), TUTTI_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text, file), 6);
    fclose(file);
    assert_memory_equal(text, "second", 6);
    assert_false(tt_path_exists(partial));
}

static void says_which_path_failed_and_why(void **state)
{
    char file[TT_PATH_MAX];
    char below[TT_PATH_MAX];
    tt_error error = {0};
    assert_int_equal(tt_path_join(file, *state, "file", &error), TUTTI_OK);
    assert_int_equal(tt_file_write(file, "x", 1, &error), TUTTI_OK);
    assert_int_equal(tt_folder_make(file, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, file));
    assert_int_equal(tt_path_join(below, file, "below", &error), TUTTI_OK);
    assert_int_equal(tt_file_write(below, "x", 1, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "Not a directory"));
}

static void hashes_as_the_standard_says(void **state)
{
    (void)state;
    static const uint8_t of_abc[4] = {0xba, 0x78, 0x16, 0xbf}; // FIPS 180-4, example "abc"
    uint8_t hash[32];
    tt_hash_text("abc", 3, hash);
    assert_memory_equal(hash, of_abc, sizeof of_abc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_nested_folders_and_removes_them_with_all_they_hold),
        cmocka_unit_test(writes_a_file_whole_and_leaves_no_partial_one),
        cmocka_unit_test(says_which_path_failed_and_why),
        cmocka_unit_test(hashes_as_the_standard_says),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
