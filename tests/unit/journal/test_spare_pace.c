/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a spare is handed to the disk: piece by piece, with one flush at its end.
 *
 * Covers: journal_spare.c
 */
#include "journal/journal_spare.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 1024 * 1024,
    SPARE = 3 * PIECE + 4096
};

/* Calls for spares, in their order; the one thread that makes them calls. */
typedef struct pace_log {
    char calls[16]; /* p: a piece is waited for, d: fdatasync, f: fsync. */
    size_t count;
    off_t offsets[8];
    bool fails; /* What is waited for. */
} pace_log;

static ssize_t pace_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    (void)ctx;
    return pwrite(fd, bytes, size, offset);
}

static void note(pace_log *log, char call)
{
    assert_true(log->count + 1 < sizeof log->calls);
    log->calls[log->count++] = call;
}

static int pace_write_out(void *ctx, int fd, off_t offset, off_t size)
{
    pace_log *log = ctx;
    (void)fd;
    assert_int_equal(size, PIECE);
    log->offsets[log->count] = offset;
    note(log, 'p');
    errno = EIO;
    return log->fails ? -1 : 0;
}

static int pace_fdatasync(void *ctx, int fd)
{
    note(ctx, 'd');
    return fdatasync(fd);
}

static int pace_fsync(void *ctx, int fd)
{
    note(ctx, 'f');
    return fsync(fd);
}

static int pace_allocate(void *ctx, int fd, off_t size)
{
    (void)ctx;
    return posix_fallocate(fd, 0, size);
}

/* Makes a spare, or tries to. */
static void
make_spare(pace_log *log, bool has_write_out, tt_spare_stats *ret_stats, off_t *ret_size)
{
    char path[FX_PATH_MAX];
    tt_journal_dir dir;
    tt_spare spare = {0};
    int fd = -1;
    fx_dir_make(path);
    assert_int_equal(tt_journal_dir_open(&dir, path, NULL), TUTTI_OK);
    dir.io.ctx = log;
    dir.io.pwrite = pace_pwrite;
    dir.io.allocate = pace_allocate;
    dir.io.write_out = has_write_out ? pace_write_out : NULL;
    dir.io.fdatasync = pace_fdatasync;
    dir.io.fsync = pace_fsync;
    assert_int_equal(tt_spare_start(&spare, &dir, SPARE, NULL), TUTTI_OK);
    tt_spare_ask(&spare);
    tt_spare_settle(&spare);
    *ret_size = 0;
    if (tt_spare_take(&spare, &fd)) {
        *ret_size = lseek(fd, 0, SEEK_END);
        (void)close(fd);
    }
    tt_spare_stats_get(&spare, ret_stats);
    tt_spare_stop(&spare);
    tt_journal_dir_close(&dir);
    fx_dir_remove(path);
}

static void test_a_spare_is_flushed_once(void **state)
{
    (void)state;
    pace_log log = {0};
    tt_spare_stats stats;
    off_t size;
    make_spare(&log, true, &stats, &size);
    assert_string_equal(log.calls, "pppf");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(log.offsets[i], i * PIECE);
    }
    assert_int_equal(size, SPARE);
    assert_int_equal(stats.made, 1);
}

static void test_where_pieces_cannot_be_waited_for_they_are_synced(void **state)
{
    (void)state;
    pace_log log = {0};
    tt_spare_stats stats;
    off_t size;
    make_spare(&log, false, &stats, &size);
    assert_string_equal(log.calls, "dddf");
    assert_int_equal(size, SPARE);
    assert_int_equal(stats.made, 1);
}

static void test_a_piece_that_the_disk_does_not_take_ends_the_spare(void **state)
{
    (void)state;
    pace_log log = {.fails = true};
    tt_spare_stats stats;
    off_t size;
    make_spare(&log, true, &stats, &size);
    assert_string_equal(log.calls, "p"); // What failed is not tried again, nor synced.
    assert_int_equal(size, 0);
    assert_int_equal(stats.failed, 1);
    assert_int_equal(stats.made, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_spare_is_flushed_once),
        cmocka_unit_test(test_where_pieces_cannot_be_waited_for_they_are_synced),
        cmocka_unit_test(test_a_piece_that_the_disk_does_not_take_ends_the_spare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
