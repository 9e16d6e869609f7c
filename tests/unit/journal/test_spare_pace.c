/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How spares are handed to the disk: piece by piece, with one flush at the end of each; how many
 * there are, and when.
 *
 * Covers: journal_spare.c
 */
#include "journal/journal_gate.h"
#include "journal/journal_spare.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 64 * 1024,
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

static int pace_write_out(void *ctx, int fd, off_t offset, off_t size, bool waits)
{
    pace_log *log = ctx;
    (void)fd;
    assert_true(waits);
    assert_int_equal(size, offset < 3 * PIECE ? PIECE : SPARE % PIECE);
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
    tt_spare_file file;
    fx_dir_make(path);
    assert_int_equal(tt_journal_dir_open(&dir, path, NULL), TUTTI_OK);
    dir.io.ctx = log;
    dir.io.pwrite = pace_pwrite;
    dir.io.allocate = pace_allocate;
    dir.io.write_out = has_write_out ? pace_write_out : NULL;
    dir.io.fdatasync = pace_fdatasync;
    dir.io.fsync = pace_fsync;
    dir.io.set_direct = NULL;
    assert_int_equal(tt_spare_start(&spare, &dir, SPARE, 1, NULL), TUTTI_OK);
    tt_spare_ask(&spare);
    tt_spare_settle(&spare);
    *ret_size = 0;
    if (tt_spare_take(&spare, &file)) {
        *ret_size = lseek(file.fd, 0, SEEK_END);
        (void)close(file.fd);
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
    assert_string_equal(log.calls, "ppppf");
    for (int i = 0; i < 4; i++) {
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
    assert_string_equal(log.calls, "ddddf");
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

/* A thread that is held in the second piece until the writer needs the spare. */
static ssize_t held_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    tt_spare *spare = ctx;
    bool is_needed = offset < PIECE;
    while (!is_needed) {
        (void)sched_yield();
        (void)pthread_mutex_lock(&spare->lock);
        is_needed = spare->is_needed;
        (void)pthread_mutex_unlock(&spare->lock);
    }
    return pwrite(fd, bytes, size, offset);
}

/* Starts a thread that keeps `wanted` spares, in a directory of its own. */
static void start(tt_spare *spare, tt_journal_dir *dir, uint32_t wanted, bool is_held)
{
    assert_int_equal(tt_journal_dir_open(dir, fx_root, NULL), TUTTI_OK);
    if (is_held) {
        dir->io.ctx = spare;
        dir->io.pwrite = held_pwrite;
    }
    assert_int_equal(tt_spare_start(spare, dir, SPARE, wanted, NULL), TUTTI_OK);
}

static void end(tt_spare *spare, tt_journal_dir *dir)
{
    tt_spare_stop(spare);
    for (uint32_t i = 0; i < TT_JOURNAL_SPARES_MAX; i++) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_spare_name(name, i);
        assert_false(tt_journal_dir_has(dir, name));
    }
    tt_journal_dir_close(dir);
}

/* As the writer does with a spare that it takes: another name. */
static void rename_spare(const tt_journal_dir *dir, const tt_spare_file *file)
{
    assert_int_equal(renameat(dir->fd, file->name, dir->fd, "taken"), 0);
    (void)close(file->fd);
}

static void test_as_many_are_made_as_are_wanted(void **state)
{
    (void)state;
    static tt_spare spare;
    tt_journal_dir dir;
    tt_spare_stats stats;
    tt_spare_file taken[2];
    start(&spare, &dir, 3, false);
    tt_spare_ask(&spare);
    tt_spare_settle(&spare);
    tt_spare_stats_get(&spare, &stats);
    assert_int_equal(stats.made, 3);
    assert_true(tt_spare_take(&spare, &taken[0]));
    assert_string_equal(taken[0].name, "spare.new"); // The oldest.
    // Until the writer has renamed it nobody may make a file of that name.
    tt_spare_settle(&spare);
    tt_spare_stats_get(&spare, &stats);
    assert_int_equal(stats.made, 3);
    rename_spare(&dir, &taken[0]);
    tt_spare_ask(&spare);
    tt_spare_settle(&spare);
    tt_spare_stats_get(&spare, &stats);
    assert_int_equal(stats.made, 4);
    assert_true(tt_spare_take(&spare, &taken[1]));
    assert_string_equal(taken[1].name, "spare-1.new");
    rename_spare(&dir, &taken[1]);
    end(&spare, &dir);
}

static void test_one_that_is_needed_is_taken_as_it_is(void **state)
{
    (void)state;
    static tt_spare spare;
    tt_journal_dir dir;
    tt_spare_stats stats;
    tt_spare_file file;
    start(&spare, &dir, 1, true);
    tt_spare_ask(&spare);
    assert_true(tt_spare_take(&spare, &file));
    tt_spare_stats_get(&spare, &stats);
    assert_int_equal(stats.made, 1);
    assert_int_equal(stats.early, 1);
    assert_int_equal(stats.missed, 0);
    // All of its space is there, and reads as zeros.
    assert_int_equal(lseek(file.fd, 0, SEEK_END), SPARE);
    static unsigned char bytes[SPARE];
    int fd = openat(dir.fd, file.name, O_RDONLY);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 0), SPARE);
    for (size_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(bytes[i], 0);
    }
    (void)close(fd);
    rename_spare(&dir, &file);
    end(&spare, &dir);
}

static void test_while_one_is_ready_there_is_time(void **state)
{
    (void)state;
    static tt_spare spare;
    tt_journal_dir dir;
    tt_spare_stats stats = {0};
    start(&spare, &dir, 3, false);
    tt_spare_ask(&spare);
    while (stats.made < 1) {
        tt_spare_stats_get(&spare, &stats);
    }
    // The second one has four pieces, and a pause of 4 ms before each.
    int64_t before_ns = tt_gate_now_ns();
    while (stats.made < 2) {
        (void)sched_yield();
        tt_spare_stats_get(&spare, &stats);
    }
    assert_true(tt_gate_now_ns() - before_ns >= 3 * INT64_C(4000000));
    end(&spare, &dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_spare_is_flushed_once),
        cmocka_unit_test(test_where_pieces_cannot_be_waited_for_they_are_synced),
        cmocka_unit_test(test_a_piece_that_the_disk_does_not_take_ends_the_spare),
        cmocka_unit_test_setup_teardown(
            test_as_many_are_made_as_are_wanted, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_one_that_is_needed_is_taken_as_it_is, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_while_one_is_ready_there_is_time, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
