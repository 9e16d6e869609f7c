/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The space of the first segment, written piece by piece while nobody commits.
 */
#include "journal/journal_file.h"
#include "journal/journal_writer.h"
#include "journal_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MIB     ((uint64_t)1024 * 1024)
#define SEGMENT (6 * MIB)
#define SEED    31

/* Calls fill until there is nothing left; how often. */
static int fill_all(tt_journal_writer *writer)
{
    bool has_more = true;
    int count = 0;
    for (; has_more; count++) {
        assert_int_equal(tt_journal_fill(writer, &has_more, NULL), TUTTI_OK);
    }
    return count;
}

static tt_journal_options options_of(bool fills_later)
{
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.fills_later = fills_later;
    return options;
}

/* Writes some MiB of steps, over a segment and into the next; once it has come so far, with a fill
 * after each commit. */
static void write_steps(bool fills_later, uint64_t after, fx_image *image)
{
    const tt_journal_options options = options_of(fills_later);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    bool has_more = false;
    for (int i = 0; writer->segment_first == 1 || i % 100 != 0; i++) {
        fx_append(writer, 64, 65, SEED + (uint64_t)i);
        assert_int_equal(tt_journal_fill(writer, &has_more, NULL), TUTTI_OK); // Not now.
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
        if (writer->position >= after) {
            assert_int_equal(tt_journal_fill(writer, &has_more, NULL), TUTTI_OK);
        }
    }
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_load(fx_journal, image);
}

static void the_bytes_are_those_of_a_segment_filled_at_once(void **state)
{
    static fx_image at_once;
    static fx_image later;
    // From the start; when commits have passed what was filled, and never.
    static const uint64_t after[] = {0, 5 * MIB, SEGMENT};
    write_steps(false, 0, &at_once);
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
        write_steps(true, after[i], &later);
        assert_int_equal(later.count, at_once.count);
        for (size_t f = 0; f < later.count; f++) {
            assert_string_equal(later.files[f].name, at_once.files[f].name);
            assert_int_equal(later.files[f].size, at_once.files[f].size);
            assert_memory_equal(
                later.files[f].bytes, at_once.files[f].bytes, at_once.files[f].size);
        }
        fx_image_free(&later);
    }
    fx_image_free(&at_once);
}

static void each_piece_is_bounded_and_waits_for_what_is_pending(void **state)
{
    (void)state;
    const tt_journal_options options = options_of(true);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    assert_int_equal(writer->fill_at, 4 * MIB);
    bool has_more = false;
    assert_int_equal(tt_journal_fill(writer, &has_more, NULL), TUTTI_OK);
    assert_true(has_more);
    assert_int_equal(writer->fill_at, 4 * MIB + TT_SPARE_PIECE);
    fx_append(writer, 1, 2, SEED); // and no commit
    assert_int_equal(tt_journal_fill(writer, &has_more, NULL), TUTTI_OK);
    assert_true(has_more);
    assert_int_equal(writer->fill_at, 4 * MIB + TT_SPARE_PIECE);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    assert_int_equal(fill_all(writer), 7);
    assert_int_equal(writer->fill_at, writer->space);
    assert_int_equal(fill_all(writer), 1);
    tt_journal_close(writer);
}

static void a_segment_that_is_filled_at_once_needs_nothing(void **state)
{
    (void)state;
    const tt_journal_options options = options_of(false);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    assert_int_equal(writer->fill_at, writer->space);
    assert_int_equal(fill_all(writer), 1);
    tt_journal_close(writer);
}

static int writes_left;

static ssize_t failing_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    (void)ctx;
    if (writes_left-- <= 0) {
        errno = EIO;
        return -1;
    }
    return pwrite(fd, bytes, size, offset);
}

static void a_failure_ends_all_writing(void **state)
{
    (void)state;
    tt_journal_io io = tt_journal_io_system;
    io.pwrite = failing_pwrite;
    tt_journal_options options = options_of(true);
    options.io = &io;
    writes_left = 1000000;
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    writes_left = 0;
    bool has_more = true;
    tt_error error = {0};
    assert_int_equal(tt_journal_fill(writer, &has_more, &error), TUTTI_IO);
    assert_false(has_more);
    assert_int_equal(error.status, TUTTI_IO);
    writes_left = 1000000;
    assert_int_equal(tt_journal_fill(writer, &has_more, &error), TUTTI_IO);
    assert_non_null(strstr(error.message, "writes no more"));
    assert_int_equal(tt_journal_commit(writer, &error), TUTTI_IO);
    tt_journal_close(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_bytes_are_those_of_a_segment_filled_at_once, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            each_piece_is_bounded_and_waits_for_what_is_pending, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            a_segment_that_is_filled_at_once_needs_nothing, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(a_failure_ends_all_writing, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
