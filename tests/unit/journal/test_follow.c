/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Several at one journal: readers that follow a writer, and a second writer, which is refused.
 *
 * Covers: journal_lock.c
 */
#include "journal_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads the journal to its end and expects so many steps. */
static void expect_steps(uint64_t count)
{
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, count);
}

static void test_a_reader_follows_a_living_writer(void **state)
{
    (void)state;
    static fx_step step;
    tt_journal_options options = fx_options(TT_durability_BATCH, 4096);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    const void *bytes;
    size_t size;
    tt_seq last = 0;
    for (int round = 0; round < 120; round++) {
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
        size_t count = 1 + (size_t)round % 3;
        fx_append(writer, count, 1000, 9);
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
            fx_step_make(&step, last + 1, 9);
            assert_memory_equal(bytes, step.bytes, step.size);
            last = step.last_seq;
        }
    }
    tt_journal_close(writer);
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_end end;
    tt_journal_reader_end(reader, &end);
    assert_true(end.is_closed);
    fx_image image;
    fx_image_load(fx_journal, &image);
    assert_true(image.count > 5); // It crossed segments.
    fx_image_free(&image);
    tt_journal_reader_close(reader);
}

/* A process that appends and commits until it is told to stop by the number of steps. */
static void write_as_child(size_t steps)
{
    tt_journal_options options = fx_options(TT_durability_BATCH, (uint64_t)64 * 1024);
    tt_journal_writer *writer = NULL;
    if (tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, NULL) != TUTTI_OK) {
        _exit(1);
    }
    static fx_step step;
    tt_seq next = 1;
    for (size_t i = 0; i < steps; i++, next = step.last_seq + 1) {
        fx_step_make(&step, next, 4);
        if (tt_journal_append(writer, step.bytes, step.size, NULL) != TUTTI_OK ||
            (i % 5 == 0 && tt_journal_commit(writer, NULL) != TUTTI_OK)) {
            _exit(1);
        }
    }
    tt_journal_close(writer);
    _exit(0);
}

static void test_a_reader_follows_another_process(void **state)
{
    (void)state;
    const size_t steps = 4000;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        write_as_child(steps);
    }
    tt_journal_reader *reader = NULL;
    while (tt_journal_reader_open(fx_journal, &reader, NULL) == TUTTI_NOT_FOUND) {
    }
    assert_non_null(reader);
    tt_error error = {0};
    tt_journal_end end = {0};
    while (!end.is_closed) {
        const void *bytes;
        size_t size;
        tutti_status status = tt_journal_reader_next(reader, &bytes, &size, &error);
        if (status != TUTTI_OK && status != TUTTI_END) {
            fail_msg("%s", error.message);
        }
        tt_journal_reader_end(reader, &end);
    }
    assert_int_equal(end.step_count, steps);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tt_journal_reader_close(reader);
}

static void test_a_second_writer_is_refused_by_name(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_journal_writer *other = NULL;
    tt_error error = {0};
    char owner[64];
    (void)snprintf(owner, sizeof owner, "process %ld", (long)getpid());
    assert_int_equal(tt_journal_resume(fx_journal, &options, &other, NULL, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, owner));
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &other, &error), TUTTI_BUSY);
    pid_t child = fork();
    if (child == 0) {
        _exit(tt_journal_resume(fx_journal, &options, &other, NULL, NULL) == TUTTI_BUSY ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fx_append(writer, 3, 1, 1); // The refused ones have done no harm.
    tt_journal_close(writer);
    expect_steps(3);
    tt_journal_close(fx_resume(fx_journal, &options, NULL));
}

static void test_a_lock_file_that_names_nobody(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_file lock = {.name = "lock", .bytes = (unsigned char *)fx_journal, .size = 4};
    fx_file_store(fx_journal, &lock);
    tt_journal_writer *other = NULL;
    tt_error error = {0};
    assert_int_equal(tt_journal_resume(fx_journal, &options, &other, NULL, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, "by another process"));
    tt_journal_close(writer);
}

static void test_the_lock_dies_with_its_process(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        tt_journal_options options = fx_options(TT_durability_NONE, 0);
        tt_journal_writer *writer = fx_create(fx_journal, &options);
        fx_append(writer, 10, 1, 6);
        _exit(0); // Without closing.
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_end end;
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    assert_int_equal(end.step_count, 10);
    assert_false(end.is_closed);
    tt_journal_close(writer);
    expect_steps(10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_reader_follows_a_living_writer, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_reader_follows_another_process, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_second_writer_is_refused_by_name, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_lock_file_that_names_nobody, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_lock_dies_with_its_process, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
