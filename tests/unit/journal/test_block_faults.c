/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commits past the page cache when the disk refuses: each write and each sync fails once, at once
 * or after a part of it; a part of any size is gone on with. Nothing that was acknowledged is lost,
 * nothing is written afterwards.
 *
 * Covers: journal_block.c
 */
#include "journal/journal_block.h"
#include "journal/journal_writer.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SEGMENT = 16 * 1024,
    COMMITS = 40,
    SEED = 93
};

/* What happens to one of the calls of the writer. */
typedef enum fault_kind {
    FAULT_NONE,
    FAULT_WRITE,         /* It fails. */
    FAULT_SHORT_WRITE,   /* A part is written, and the rest fails. */
    FAULT_PARTIAL_WRITE, /* A part is written, and the rest works. */
    FAULT_SYNC
} fault_kind;

/* A file system that takes whole sectors alone past the page cache, and a fault. The calls of the
 * thread that makes spares are passed on and not counted. */
typedef struct faulty_disk {
    pthread_t writer;
    fault_kind kind;
    int countdown;     /* Calls of that kind that still work. */
    int number;        /* errno. */
    size_t part;       /* Bytes that are written of it. */
    bool keeps_direct; /* It cannot go back through the page cache. */
    bool has_failed;   /* And the call said so. */
    bool was_reached;
    bool fails_next; /* The rest of a short write. */
    int direct;      /* Writes past the page cache. */
    int refused;     /* Of these: no whole sectors. */
    int calls_after; /* Writes and syncs behind the failure. */
} faulty_disk;

static bool is_writers(const faulty_disk *disk)
{
    return pthread_equal(pthread_self(), disk->writer) != 0;
}

static int faulty_set_direct(void *ctx, int fd, bool is_direct)
{
    const faulty_disk *disk = ctx;
    return !is_direct && disk->keeps_direct ? -1 : fx_mark(fd, is_direct);
}

/* Counts the call; tells whether it is the one that fails. */
static bool is_its_turn(faulty_disk *disk, fault_kind kind)
{
    if (disk->kind != kind || disk->countdown-- != 0) {
        return false;
    }
    disk->was_reached = true;
    return true;
}

static ssize_t fail_write(faulty_disk *disk)
{
    disk->has_failed = true;
    errno = disk->number;
    return -1;
}

static ssize_t faulty_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    faulty_disk *disk = ctx;
    if (!is_writers(disk) || !fx_is_marked(fd)) {
        disk->calls_after += is_writers(disk) && disk->has_failed;
        return pwrite(fd, bytes, size, offset);
    }
    disk->calls_after += disk->has_failed;
    disk->direct++;
    if (((uintptr_t)bytes | size | (size_t)offset) % TT_JOURNAL_SECTOR != 0) {
        disk->refused++;
        errno = EINVAL;
        return -1;
    }
    if (disk->fails_next || is_its_turn(disk, FAULT_WRITE)) {
        disk->fails_next = false;
        return fail_write(disk);
    }
    if (size > disk->part) {
        disk->fails_next = is_its_turn(disk, FAULT_SHORT_WRITE);
        if (disk->fails_next || is_its_turn(disk, FAULT_PARTIAL_WRITE)) {
            size = disk->part;
        }
    }
    return pwrite(fd, bytes, size, offset);
}

static int faulty_fdatasync(void *ctx, int fd)
{
    faulty_disk *disk = ctx;
    (void)fd; // Nothing here loses its power.
    if (!is_writers(disk)) {
        return 0;
    }
    disk->calls_after += disk->has_failed;
    if (is_its_turn(disk, FAULT_SYNC)) {
        disk->has_failed = true;
        errno = disk->number;
        return -1;
    }
    return 0;
}

static int no_fsync(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return 0;
}

/* What a run came to. */
typedef struct run_outcome {
    tutti_status status; /* Of the first failure. */
    tt_error error;
    tt_journal_end acknowledged;
    bool is_direct;   /* At its end. */
    bool was_reached; /* The fault, before it was closed. */
} run_outcome;

/* Appends the steps that follow and commits them. */
static tutti_status commit_steps(tt_journal_writer *writer, uint64_t *random, run_outcome *outcome)
{
    static fx_step step;
    uint64_t count = 1 + fx_random(random) % 3;
    for (uint64_t i = 0; i < count; i++) {
        tt_journal_end end;
        tt_journal_state(writer, &end);
        fx_step_make(&step, end.last_seq + 1, SEED);
        TUTTI_TRY(tt_journal_append(writer, step.bytes, step.size, &outcome->error));
    }
    TUTTI_TRY(tt_journal_commit(writer, &outcome->error));
    tt_journal_state(writer, &outcome->acknowledged);
    return TUTTI_OK;
}

/* Writes a journal of several segments until something fails. */
static void run_writer(faulty_disk *disk, run_outcome *outcome)
{
    tt_journal_io io = tt_journal_io_system;
    io.ctx = disk;
    io.pwrite = faulty_pwrite;
    io.fdatasync = faulty_fdatasync;
    io.fsync = no_fsync;
    io.set_direct = faulty_set_direct;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.io = &io;
    *outcome = (run_outcome){.status = TUTTI_OK};
    uint64_t random = SEED;
    fault_kind kind = disk->kind;
    disk->writer = pthread_self();
    disk->kind = FAULT_NONE; // What it takes to create a journal fails in other tests.
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    disk->kind = kind;
    tt_journal_state(writer, &outcome->acknowledged);
    for (int i = 0; i < COMMITS && outcome->status == TUTTI_OK; i++) {
        tt_spare_settle(&writer->spare); // The order of calls is the same in each run.
        outcome->status = commit_steps(writer, &random, outcome);
    }
    outcome->is_direct = writer->block.is_direct;
    outcome->was_reached = disk->was_reached;
    assert_true(outcome->status != TUTTI_OK || writer->segment_first > 1);
    if (outcome->status != TUTTI_OK) {
        tt_error error = {0};
        assert_int_equal(tt_journal_commit(writer, &error), outcome->status);
        assert_non_null(strstr(error.message, "writes no more"));
    }
    tt_journal_close(writer);
}

/* The journal holds what was acknowledged, and at most the commit that failed. */
static void check_kept(const run_outcome *outcome)
{
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    tt_journal_writer *writer = NULL;
    tt_journal_end end;
    tt_error error = {0};
    if (tt_journal_resume(fx_journal, &options, &writer, &end, &error) != TUTTI_OK) {
        fail_msg("after %s: %s", outcome->error.message, error.message);
    }
    assert_in_range(end.step_count - outcome->acknowledged.step_count, 0, 3);
    if (end.step_count == outcome->acknowledged.step_count) {
        assert_int_equal(end.last_seq, outcome->acknowledged.last_seq);
        assert_memory_equal(end.chain, outcome->acknowledged.chain, sizeof end.chain);
    }
    fx_append(writer, 3, 1, SEED);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
}

/* Lets the n-th call of a kind fail, for all n until none is reached; returns how many failed. */
static int fail_each_call(fault_kind kind, int number, size_t part, tutti_status expected)
{
    for (int countdown = 0;; countdown++) {
        faulty_disk disk = {.kind = kind, .countdown = countdown, .number = number, .part = part};
        run_outcome outcome;
        run_writer(&disk, &outcome);
        if (outcome.status == TUTTI_OK) { // Not before it was closed, which cannot tell.
            assert_false(outcome.was_reached);
            check_kept(&outcome);
            fx_dir_remove(fx_journal);
            if (!disk.was_reached) {
                return countdown;
            }
            continue;
        }
        assert_int_equal(outcome.status, expected);
        assert_non_null(strstr(outcome.error.message, fx_journal));
        assert_non_null(strstr(outcome.error.message, strerror(number)));
        assert_int_equal(disk.calls_after, 0);
        assert_int_equal(disk.refused, 0);
        check_kept(&outcome);
        fx_dir_remove(fx_journal);
    }
}

static void test_every_write_past_the_page_cache_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_WRITE, EIO, 0, TUTTI_IO) > COMMITS);
    assert_true(fail_each_call(FAULT_WRITE, ENOSPC, 0, TUTTI_NO_SPACE) > COMMITS);
}

static void test_every_write_is_short_and_then_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_SHORT_WRITE, EIO, 512, TUTTI_IO) > COMMITS);
    assert_true(fail_each_call(FAULT_SHORT_WRITE, ENOSPC, 4096, TUTTI_NO_SPACE) > 2);
}

static void test_every_sync_behind_such_a_write_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_SYNC, EIO, 0, TUTTI_IO) > COMMITS);
    assert_true(fail_each_call(FAULT_SYNC, ENOSPC, 0, TUTTI_NO_SPACE) > COMMITS);
}

/* Without a fault. */
static void make_reference(tt_journal_end *end)
{
    faulty_disk disk = {.kind = FAULT_NONE};
    run_outcome outcome;
    run_writer(&disk, &outcome);
    assert_int_equal(outcome.status, TUTTI_OK);
    assert_true(outcome.is_direct);
    assert_true(disk.direct > COMMITS);
    assert_int_equal(fx_read(fx_journal, end, NULL), TUTTI_END);
    fx_dir_remove(fx_journal);
}

/* Lets the n-th write that is longer be this part of one; false: there is none. */
static bool go_on_behind(size_t part, int countdown, const tt_journal_end *wanted)
{
    faulty_disk disk = {.kind = FAULT_PARTIAL_WRITE, .countdown = countdown, .part = part};
    run_outcome outcome;
    tt_journal_end end;
    run_writer(&disk, &outcome);
    assert_int_equal(outcome.status, TUTTI_OK);
    assert_int_equal(disk.refused, disk.was_reached && part % 512 != 0);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, wanted->last_seq);
    assert_memory_equal(end.chain, wanted->chain, sizeof end.chain);
    assert_true(end.is_closed);
    fx_dir_remove(fx_journal);
    return disk.was_reached;
}

static void test_a_part_of_a_write_is_gone_on_with(void **state)
{
    (void)state;
    // Whole sectors: past the page cache. Other parts, which no disk leaves: through it from then.
    const size_t parts[] = {512, 1536, 4096, 17, 4095};
    tt_journal_end wanted;
    make_reference(&wanted);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int countdown = 0;
        while (go_on_behind(parts[i], countdown, &wanted)) {
            countdown++;
        }
        assert_true(countdown > 2);
    }
}

static void test_one_that_cannot_go_back_through_the_page_cache(void **state)
{
    (void)state;
    faulty_disk disk = {
        .kind = FAULT_PARTIAL_WRITE, .countdown = 5, .part = 17, .keeps_direct = true};
    run_outcome outcome;
    run_writer(&disk, &outcome);
    assert_int_equal(outcome.status, TUTTI_IO);
    assert_non_null(strstr(outcome.error.message, "cannot write"));
    assert_non_null(strstr(outcome.error.message, strerror(EINVAL)));
    assert_int_equal(disk.refused, 1);
    check_kept(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_every_write_past_the_page_cache_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_write_is_short_and_then_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_sync_behind_such_a_write_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_part_of_a_write_is_gone_on_with, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_one_that_cannot_go_back_through_the_page_cache, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
