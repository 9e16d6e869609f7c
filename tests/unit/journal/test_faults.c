/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The system refuses: every write, sync, allocation, truncation and rename fails once, at each
 * place where it is called. Nothing that was acknowledged is lost, and nothing is written
 * afterwards.
 *
 * Covers: journal_file.c
 */
#include "journal/journal_file.h"
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which call fails, with what, and what was called. */
typedef struct fault_plan {
    enum {
        FAULT_PWRITE,
        FAULT_SYNC,
        FAULT_ALLOCATE,
        FAULT_TRUNCATE,
        FAULT_RENAME,
        FAULT_NONE
    } kind;
    int countdown; /* Calls of that kind that still work. */
    int number;    /* errno. */
    bool is_short; /* A write that fails writes half first. */
    bool has_failed;
    int calls_after; /* Of pwrite and sync, after the failure. */
} fault_plan;

static bool fails(fault_plan *faults, int kind)
{
    if (faults->has_failed && (kind == FAULT_PWRITE || kind == FAULT_SYNC)) {
        faults->calls_after++;
    }
    if ((int)faults->kind != kind || faults->countdown-- != 0) {
        return false;
    }
    faults->has_failed = true;
    errno = faults->number;
    return true;
}

static ssize_t fault_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    if (!fails(ctx, FAULT_PWRITE)) {
        return pwrite(fd, bytes, size, offset);
    }
    if (((fault_plan *)ctx)->is_short) {
        // The first half is written, and the next call fails.
        ((fault_plan *)ctx)->countdown = 0;
        ((fault_plan *)ctx)->is_short = false;
        ((fault_plan *)ctx)->has_failed = false;
        return size > 1 ? pwrite(fd, bytes, size / 2, offset) : 0;
    }
    errno = ((fault_plan *)ctx)->number;
    return -1;
}

static int fault_fdatasync(void *ctx, int fd)
{
    return fails(ctx, FAULT_SYNC) ? -1 : fdatasync(fd);
}

static int fault_fsync(void *ctx, int fd)
{
    return fails(ctx, FAULT_SYNC) ? -1 : fsync(fd);
}

static int fault_allocate(void *ctx, int fd, off_t size)
{
    return fails(ctx, FAULT_ALLOCATE) ? ((fault_plan *)ctx)->number : ftruncate(fd, size);
}

static int fault_ftruncate(void *ctx, int fd, off_t size)
{
    return fails(ctx, FAULT_TRUNCATE) ? -1 : ftruncate(fd, size);
}

static int fault_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    return fails(ctx, FAULT_RENAME) ? -1 : renameat(dir_fd, from, dir_fd, to);
}

static tt_journal_io fault_io(fault_plan *faults)
{
    return (tt_journal_io){
        .ctx = faults,
        .pwrite = fault_pwrite,
        .fdatasync = fault_fdatasync,
        .fsync = fault_fsync,
        .allocate = fault_allocate,
        .ftruncate = fault_ftruncate,
        .renameat = fault_renameat};
}

/* What a run of the writer came to. */
typedef struct run_outcome {
    tutti_status status; /* Of the first failure. */
    tt_error error;
    tt_journal_end acknowledged; /* After the last commit that returned TUTTI_OK. */
    bool was_created;
} run_outcome;

/* Creates a journal and writes steps, with several changes of segment, until something fails. */
static void run_writer(const tt_journal_options *options, run_outcome *outcome)
{
    static fx_step step;
    memset(outcome, 0, sizeof *outcome);
    tt_journal_writer *writer = NULL;
    outcome->status =
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, options, &writer, &outcome->error);
    if (outcome->status != TUTTI_OK) {
        return;
    }
    outcome->was_created = true;
    tt_journal_state(writer, &outcome->acknowledged);
    tt_seq next = 1;
    for (int i = 0; i < 24 && outcome->status == TUTTI_OK; i++, next = step.last_seq + 1) {
        fx_step_make(&step, next, 71);
        outcome->status = tt_journal_append(writer, step.bytes, step.size, &outcome->error);
        if (outcome->status == TUTTI_OK && i % 2 == 1) {
            outcome->status = tt_journal_commit(writer, &outcome->error);
            if (outcome->status == TUTTI_OK) {
                tt_journal_state(writer, &outcome->acknowledged);
            }
        }
    }
    if (outcome->status != TUTTI_OK) {
        // Fail closed: the same status for whatever is asked.
        tt_error error = {0};
        fx_step_make(&step, next, 71);
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, &error), outcome->status);
        assert_non_null(strstr(error.message, "writes no more"));
        assert_int_equal(tt_journal_commit(writer, &error), outcome->status);
    }
    tt_journal_close(writer);
}

/* After a failure a fresh writer finds all that was acknowledged and goes on from there. */
static void check_recovery(const run_outcome *outcome, tt_durability durability)
{
    tt_journal_options options = fx_options(durability, 2000);
    tt_error error = {0};
    tt_journal_writer *writer = NULL;
    tt_journal_end end = {0};
    if (!outcome->was_created) {
        writer = fx_create(fx_journal, &options);
    } else {
        tutti_status status = tt_journal_resume(fx_journal, &options, &writer, &end, &error);
        if (status != TUTTI_OK) {
            fail_msg("after %s: %s", outcome->error.message, error.message);
        }
        assert_true(end.last_seq >= outcome->acknowledged.last_seq);
        assert_true(end.step_count - outcome->acknowledged.step_count <= 2);
        if (end.last_seq == outcome->acknowledged.last_seq) {
            assert_memory_equal(end.chain, outcome->acknowledged.chain, 32);
        }
    }
    fx_append(writer, 24 - (size_t)end.step_count, 1, 71);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, &error), TUTTI_END);
    assert_int_equal(end.step_count, 24);
}

/* The journal must hold the 24 steps of run_writer, byte for byte. */
static void check_steps(void)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    const void *bytes;
    size_t size;
    step.last_seq = 0;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    for (int i = 0; i < 24; i++) {
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
        fx_step_make(&step, step.last_seq + 1, 71);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
    }
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

static void test_no_space_after_every_byte(void **state)
{
    (void)state;
    for (int durable = 0; durable < 2; durable++) {
        tt_durability durability = durable ? TT_durability_ALWAYS : TT_durability_NONE;
        tt_journal_options options = fx_options(durability, 2000);
        run_outcome outcome = {.status = TUTTI_NO_SPACE};
        uint64_t limit = 1;
        for (; outcome.status != TUTTI_OK; limit += 31) {
            options.fail_after_bytes = limit;
            run_writer(&options, &outcome);
            if (outcome.status != TUTTI_OK) {
                assert_int_equal(outcome.status, TUTTI_NO_SPACE);
                assert_non_null(strstr(outcome.error.message, fx_journal));
                assert_non_null(strstr(outcome.error.message, "No space left"));
                assert_non_null(strstr(outcome.error.hint, "free space"));
                check_recovery(&outcome, durability);
                check_steps();
            }
            fx_dir_remove(fx_journal);
        }
        assert_true(limit > 5000);
    }
}

static void test_one_byte_short_of_a_commit(void **state)
{
    (void)state;
    // The bytes of a whole run; then the same run with space for all but the last of them.
    tt_journal_options options = fx_options(TT_durability_ALWAYS, 1u << 20);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 4, 2, 71);
    fx_image image;
    fx_image_load(fx_journal, &image);
    tt_journal_close(writer);
    fx_file *file = fx_image_last(&image, ".ttj");
    size_t size = file->size;
    while (file->bytes[size - 1] == 0) {
        size--;
    }
    size_t meta = fx_image_last(&image, "meta")->size;
    fx_image_free(&image);
    fx_dir_remove(fx_journal);
    options.fail_after_bytes = meta + size - 1;
    run_outcome outcome;
    run_writer(&options, &outcome);
    assert_int_equal(outcome.status, TUTTI_NO_SPACE);
    assert_int_equal(outcome.acknowledged.step_count, 2);
    check_recovery(&outcome, TT_durability_ALWAYS);
}

/* Lets the n-th call of a kind fail, for all n until none is reached; returns how many failed. */
static int fail_each_call(int kind, int number, bool is_short, tutti_status expected)
{
    int failures = 0;
    for (int countdown = 0;; countdown++) {
        fault_plan faults = {
            .kind = (unsigned)kind, .countdown = countdown, .number = number, .is_short = is_short};
        tt_journal_io io = fault_io(&faults);
        tt_journal_options options = fx_options(TT_durability_ALWAYS, 2000);
        options.io = &io;
        run_outcome outcome;
        run_writer(&options, &outcome);
        bool was_reached = faults.has_failed;
        if (outcome.status == TUTTI_OK) {
            assert_true(!was_reached || faults.calls_after <= 1); // At most the close.
            fx_dir_remove(fx_journal);
            if (!was_reached) {
                return failures;
            }
            continue;
        }
        assert_int_equal(outcome.status, expected);
        assert_non_null(strstr(outcome.error.message, fx_root));
        assert_non_null(strstr(outcome.error.message, strerror(number)));
        assert_int_equal(faults.calls_after, 0);
        check_recovery(&outcome, TT_durability_ALWAYS);
        fx_dir_remove(fx_journal);
        failures++;
    }
}

static void test_every_write_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_PWRITE, EIO, false, TUTTI_IO) > 15);
    assert_true(fail_each_call(FAULT_PWRITE, EDQUOT, false, TUTTI_NO_SPACE) > 15);
}

static void test_every_write_is_short_and_then_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_PWRITE, EIO, true, TUTTI_IO) > 15);
}

static void test_every_sync_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_SYNC, EIO, false, TUTTI_IO) > 15);
}

static void test_every_allocation_truncation_and_rename_fails(void **state)
{
    (void)state;
    assert_true(fail_each_call(FAULT_ALLOCATE, ENOSPC, false, TUTTI_NO_SPACE) > 2);
    assert_true(fail_each_call(FAULT_TRUNCATE, EIO, false, TUTTI_IO) > 4);
    assert_true(fail_each_call(FAULT_RENAME, EACCES, false, TUTTI_PERMISSION) > 2);
}

static void test_an_interrupted_write_is_repeated(void **state)
{
    (void)state;
    fault_plan faults = {.kind = FAULT_PWRITE, .countdown = 6, .number = EINTR};
    tt_journal_io io = fault_io(&faults);
    tt_journal_options options = fx_options(TT_durability_ALWAYS, 2000);
    options.io = &io;
    run_outcome outcome;
    run_writer(&options, &outcome);
    assert_true(faults.has_failed);
    assert_int_equal(outcome.status, TUTTI_OK);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
}

/* Counts syncs by durability. */
typedef struct sync_counter {
    int data_syncs;
    int syncs;
    int allocations;
} sync_counter;

static int count_fdatasync(void *ctx, int fd)
{
    (void)fd;
    ((sync_counter *)ctx)->data_syncs++;
    return 0;
}

static int count_fsync(void *ctx, int fd)
{
    (void)fd;
    ((sync_counter *)ctx)->syncs++;
    return 0;
}

static int count_allocate(void *ctx, int fd, off_t size)
{
    ((sync_counter *)ctx)->allocations++;
    return ftruncate(fd, size);
}

static sync_counter count_syncs(tt_durability durability)
{
    sync_counter counter = {0};
    tt_journal_io io = tt_journal_io_system;
    io.ctx = &counter;
    io.fdatasync = count_fdatasync;
    io.fsync = count_fsync;
    io.allocate = count_allocate;
    tt_journal_options options = fx_options(durability, 1u << 20);
    options.io = &io;
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 30, 3, 1);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_dir_remove(fx_journal);
    return counter;
}

static void test_durability_decides_on_syncs(void **state)
{
    (void)state;
    sync_counter none = count_syncs(TT_durability_NONE);
    assert_int_equal(none.data_syncs + none.syncs + none.allocations, 0);
    sync_counter always = count_syncs(TT_durability_ALWAYS);
    assert_int_equal(always.data_syncs, 10 + 2); // One a commit; closing marks and cuts.
    assert_int_equal(always.allocations, 1);
    // The directory's parent; layouts, their name; segment, its name, its space; meta, its name.
    assert_int_equal(always.syncs, 8);
    sync_counter batch = count_syncs(TT_durability_BATCH);
    assert_int_equal(batch.data_syncs, always.data_syncs);
}

static void test_a_directory_that_cannot_be_written(void **state)
{
    (void)state;
    assert_int_equal(mkdir(fx_journal, 0555), 0);
    assert_int_equal(chmod(fx_root, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        // As nobody, because root may write everywhere.
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(2);
        }
        tt_journal_options options = fx_options(TT_durability_NONE, 0);
        tt_journal_writer *writer = NULL;
        tt_error error = {0};
        tutti_status status =
            tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error);
        _exit(
            status == TUTTI_PERMISSION && strstr(error.message, fx_journal) &&
                    strstr(error.message, "Permission denied") && error.hint[0]
                ? 0
                : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WEXITSTATUS(status) == 2) {
        skip();
    }
    assert_int_equal(status, 0);
}

static void test_a_file_where_the_directory_should_be(void **state)
{
    (void)state;
    fx_file file = {.name = "journal", .bytes = (unsigned char *)fx_journal, .size = 1};
    fx_file_store(fx_root, &file);
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = NULL;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error),
        TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, fx_journal));
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "there is no journal in"));
}

static void test_segments_too_large_are_refused(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, UINT64_C(5) << 30);
    tt_journal_writer *writer = NULL;
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, NULL),
        TUTTI_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_space_after_every_byte, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_one_byte_short_of_a_commit, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_every_write_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_write_is_short_and_then_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_every_sync_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_allocation_truncation_and_rename_fails, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_interrupted_write_is_repeated, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_durability_decides_on_syncs, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_directory_that_cannot_be_written, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_file_where_the_directory_should_be, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_segments_too_large_are_refused, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
