/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshots: whole or not at all, the newest whole one is read, two are kept.
 */
#include "journal/snapshot.h"
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tt_journal_end end_at(tt_seq seq)
{
    tt_journal_end end = {
        .last_seq = seq,
        .last_time = {(int64_t)seq * 1000},
        .step_count = seq / 2,
        .commit_count = seq / 3};
    memset(end.chain, (int)seq, sizeof end.chain);
    return end;
}

static void write_at(tt_seq seq, const char *state)
{
    tt_journal_end end = end_at(seq);
    tt_error error = {0};
    if (tt_snapshot_write(fx_root, &end, state, strlen(state), &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
}

/* Reads the newest and expects this one; 0 = none. */
static void expect_newest(tt_seq seq, const char *expected)
{
    tt_journal_end end;
    void *state = NULL;
    size_t size = 0;
    tt_error error = {0};
    tutti_status status = tt_snapshot_read(fx_root, &end, &state, &size, &error);
    if (seq == 0) {
        assert_int_equal(status, TUTTI_NOT_FOUND);
        assert_non_null(strstr(error.message, fx_root));
        return;
    }
    assert_int_equal(status, TUTTI_OK);
    tt_journal_end wanted = end_at(seq);
    assert_int_equal(end.last_seq, wanted.last_seq);
    assert_int_equal(end.last_time.ns, wanted.last_time.ns);
    assert_int_equal(end.step_count, wanted.step_count);
    assert_int_equal(end.commit_count, wanted.commit_count);
    assert_memory_equal(end.chain, wanted.chain, sizeof end.chain);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(state, expected, size);
    free(state);
}

static void test_the_newest_is_read_and_two_are_kept(void **state)
{
    (void)state;
    expect_newest(0, NULL);
    write_at(10, "ten");
    expect_newest(10, "ten");
    write_at(200, "two hundred");
    write_at(3000, "");
    expect_newest(3000, "");
    fx_image image;
    fx_image_load(fx_root, &image);
    assert_int_equal(image.count, 2);
    assert_string_equal(image.files[0].name, "snapshot-00000000000000000200.tts");
    fx_image_free(&image);
    write_at(3000, "again");
    expect_newest(3000, "again");
}

static void test_every_damaged_byte_is_passed_over(void **state)
{
    (void)state;
    write_at(10, "the older state");
    write_at(20, "the newer state");
    fx_image image;
    fx_image_load(fx_root, &image);
    fx_file *newer = &image.files[1];
    for (size_t at = 0; at < newer->size; at++) {
        newer->bytes[at] ^= 0x40;
        fx_file_store(fx_root, newer);
        expect_newest(10, "the older state");
        newer->bytes[at] ^= 0x40;
    }
    size_t size = newer->size;
    for (newer->size = 0; newer->size < size; newer->size++) {
        fx_file_store(fx_root, newer);
        expect_newest(10, "the older state");
    }
    fx_file_store(fx_root, newer);
    expect_newest(20, "the newer state");
    image.files[0].bytes[130] ^= 1;
    newer->bytes[130] ^= 1;
    fx_image_store(fx_root, &image);
    expect_newest(0, NULL);
    fx_image_free(&image);
}

/* System calls of which the n-th fails. */
typedef struct fault_plan {
    int countdown;
} fault_plan;

static int is_due(void *ctx)
{
    if (((fault_plan *)ctx)->countdown-- != 0) {
        return 0;
    }
    errno = EIO;
    return 1;
}

static ssize_t fault_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    return is_due(ctx) ? -1 : pwrite(fd, bytes, size, offset);
}

static int fault_fsync(void *ctx, int fd)
{
    return is_due(ctx) ? -1 : fsync(fd);
}

static int fault_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    return is_due(ctx) ? -1 : renameat(dir_fd, from, dir_fd, to);
}

static void test_a_failed_write_leaves_the_old_one(void **state)
{
    (void)state;
    write_at(10, "the older state");
    tt_journal_end end = end_at(20);
    for (int countdown = 0;; countdown++) {
        fault_plan fault = {.countdown = countdown};
        tt_journal_dir dir;
        tt_error error = {0};
        assert_int_equal(tt_journal_dir_open(&dir, fx_root, NULL), TUTTI_OK);
        dir.is_durable = true;
        dir.io.ctx = &fault;
        dir.io.pwrite = fault_pwrite;
        dir.io.fsync = fault_fsync;
        dir.io.renameat = fault_renameat;
        tutti_status status = tt_snapshot_write_in(&dir, &end, "new", 3, &error);
        tt_journal_dir_close(&dir);
        if (status == TUTTI_OK) {
            assert_int_equal(countdown, 5); // Two writes, sync, rename, sync of the directory.
            break;
        }
        assert_int_equal(status, TUTTI_IO);
        assert_non_null(strstr(error.message, fx_root));
        if (countdown < 4) {
            expect_newest(10, "the older state");
        }
    }
    expect_newest(20, "new");
}

static void test_a_large_state(void **state)
{
    (void)state;
    size_t size = 5u * 1024 * 1024 + 3;
    unsigned char *bytes = malloc(size);
    uint64_t random = 3;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)fx_random(&random);
    }
    tt_journal_end end = end_at(7);
    assert_int_equal(tt_snapshot_write(fx_root, &end, bytes, size, NULL), TUTTI_OK);
    void *got = NULL;
    size_t got_size = 0;
    assert_int_equal(tt_snapshot_read(fx_root, &end, &got, &got_size, NULL), TUTTI_OK);
    assert_int_equal(got_size, size);
    assert_int_equal(memcmp(got, bytes, size), 0);
    assert_int_equal((uintptr_t)got % 16, 0);
    free(got);
    free(bytes);
}

static void test_a_journal_that_lost_commits_does_not_fit_its_snapshot(void **state)
{
    (void)state;
    char dir[FX_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/journal", fx_root);
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(dir, &options);
    fx_append(writer, 10, 1, 3);
    fx_image image;
    fx_image_load(dir, &image);
    fx_append(writer, 10, 1, 3);
    tt_journal_end end;
    tt_journal_state(writer, &end);
    assert_int_equal(tt_snapshot_write(dir, &end, "state", 5, NULL), TUTTI_OK);
    tt_journal_close(writer);
    // The file ends at an earlier commit: by itself it looks whole.
    fx_file_store(dir, fx_image_last(&image, ".ttj"));
    fx_image_free(&image);
    assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_END);
    void *got = NULL;
    size_t size;
    tt_error error = {0};
    assert_int_equal(tt_snapshot_read(dir, &end, &got, &size, NULL), TUTTI_OK);
    free(got);
    options.verify_from = &end;
    assert_int_equal(tt_journal_resume(dir, &options, &writer, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "it ends before"));
}

static void test_a_directory_that_is_absent(void **state)
{
    (void)state;
    char path[FX_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/none", fx_root);
    tt_journal_end end = end_at(1);
    void *got;
    size_t size;
    tt_error error = {0};
    assert_int_equal(tt_snapshot_write(path, &end, "", 0, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(tt_snapshot_read(path, &end, &got, &size, &error), TUTTI_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_the_newest_is_read_and_two_are_kept, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_damaged_byte_is_passed_over, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_failed_write_leaves_the_old_one, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_large_state, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_journal_that_lost_commits_does_not_fit_its_snapshot, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_directory_that_is_absent, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
