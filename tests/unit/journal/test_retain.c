/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retention: nothing goes that a snapshot still needs, nothing that was not verified, and dropping
 * is told from loss.
 *
 * Covers: journal_retain.c
 */
#include "base/crc32c.h"
#include "journal/journal_file.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_without_a_snapshot_nothing_is_dropped(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    tt_journal_retention rules = {.bytes = 1};
    tt_journal_retained done = fx_retain(&rules);
    assert_true(done.archived > 5);
    assert_int_equal(done.dropped, 0);
    assert_int_equal(done.snapshot_seq, 0);
    fx_check_points(points, 0);
}

static void test_what_a_snapshot_needs_is_never_dropped(void **state)
{
    for (size_t snapshot = 1; snapshot <= FX_POINTS; snapshot += 3) {
        tt_journal_end points[FX_POINTS + 1];
        fx_make_points(points, snapshot);
        tt_journal_retention rules = {.bytes = 1};
        tt_journal_retained done = fx_retain(&rules);
        assert_int_equal(done.snapshot_seq, points[snapshot].last_seq);
        assert_true(done.first_seq <= points[snapshot].last_seq + 1);
        size_t first = fx_step_before(points, done.first_seq);
        assert_int_equal(done.dropped > 0, first > 0);
        fx_check_points(points, first);
        // The journal goes on from the snapshot, and a point before the beginning is refused.
        tt_journal_options options = fx_options(TT_durability_NONE, 3000);
        options.verify_from = &points[snapshot];
        tt_journal_end end;
        tt_journal_close(fx_resume(fx_journal, &options, &end));
        assert_int_equal(end.step_count, FX_POINTS);
        if (first > 0) {
            tt_journal_reader *reader = NULL;
            tt_error error = {0};
            assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
            assert_int_equal(tt_journal_reader_seek(reader, &points[0], &error), TUTTI_CORRUPT);
            assert_non_null(strstr(error.message, "dropped by the rules"));
            tt_journal_reader_close(reader);
        }
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

static void test_bounds_by_bytes_age_and_need(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, FX_POINTS);
    tt_journal_retention rules = {0};
    tt_journal_retained all = fx_retain(&rules);
    // Exactly what there is: nothing goes. One byte less: one archive goes.
    rules.bytes = all.bytes;
    assert_int_equal(fx_retain(&rules).dropped, 0);
    rules.bytes = all.bytes - 1;
    tt_journal_retained done = fx_retain(&rules);
    assert_int_equal(done.dropped, 1);
    assert_true(done.bytes <= rules.bytes);
    fx_check_points(points, fx_step_before(points, done.first_seq));
    // Age: all were sealed about now. A clock that was set back makes nothing old.
    struct stat info;
    assert_int_equal(stat(fx_journal, &info), 0);
    struct timespec now = info.st_mtim;
    rules =
        (tt_journal_retention){.age_ns = 3600 * TT_NS_PER_S, .now_ns = now.tv_sec * TT_NS_PER_S};
    assert_int_equal(fx_retain(&rules).dropped, 0);
    rules.now_ns -= 365 * 86400 * TT_NS_PER_S;
    assert_int_equal(fx_retain(&rules).dropped, 0);
    rules.now_ns = INT64_MIN;
    assert_int_equal(fx_retain(&rules).dropped, 0);
    rules.now_ns = now.tv_sec * TT_NS_PER_S + 7200 * TT_NS_PER_S;
    rules.keep_from = points[20].last_seq + 1;
    done = fx_retain(&rules);
    assert_true(done.dropped > 0);
    assert_true(done.first_seq <= rules.keep_from);
    rules.keep_from = 0;
    tt_journal_retained rest = fx_retain(&rules);
    assert_true(rest.dropped > 0);
    assert_true(rest.first_seq > done.first_seq);
    fx_check_points(points, fx_step_before(points, rest.first_seq));
    tt_journal_survey survey;
    assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.archives, 0);
    assert_int_equal(survey.first_seq, rest.first_seq);
}

static void test_dropping_is_told_from_loss(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 20);
    tt_journal_retention rules = {.bytes = 1};
    tt_journal_retained done = fx_retain(&rules);
    size_t first = fx_step_before(points, done.first_seq);
    assert_true(first > 5);
    fx_image image;
    fx_image_load(fx_journal, &image);
    fx_file *begin = fx_image_last(&image, "begin");
    char path[FX_PATH_MAX + 100];
    (void)snprintf(path, sizeof path, "%s/begin", fx_journal);
    tt_error error = {0};
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "the first segment is missing"));
    size_t size = begin->size;
    for (size_t at = 0; at < size; at++) {
        begin->bytes[at] ^= 0x11;
        fx_file_store(fx_journal, begin);
        tutti_status status = fx_read(fx_journal, NULL, &error);
        assert_true(status == TUTTI_CORRUPT || status == TUTTI_VERSION);
        begin->bytes[at] ^= 0x11;
    }
    for (begin->size = 0; begin->size < size; begin->size++) {
        fx_file_store(fx_journal, begin);
        assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
    }
    fx_file_store(fx_journal, begin);
    fx_check_points(points, first);
    // The first segment that is kept is deleted.
    fx_file *oldest = &image.files[0];
    (void)snprintf(path, sizeof path, "%s/%s", fx_journal, oldest->name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    fx_image_free(&image);
}

static void test_damage_stops_retention(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, FX_POINTS);
    tt_journal_retention rules = {0};
    tt_journal_retained done = fx_retain(&rules);
    fx_image image;
    fx_image_load(fx_journal, &image);
    rules.bytes = 1;
    tt_error error = {0};
    // Each file in turn, in its middle; snapshots too: without a whole one nothing may go.
    for (size_t i = 0; i < image.count; i++) {
        fx_file *file = &image.files[i];
        file->bytes[file->size / 2] ^= 8;
        fx_file_store(fx_journal, file);
        tutti_status status = tt_journal_retain(fx_journal, &rules, &done, &error);
        bool is_snapshot = strstr(file->name, ".tts") != NULL;
        assert_int_equal(status, is_snapshot ? TUTTI_OK : TUTTI_CORRUPT);
        assert_int_equal(done.dropped, 0);
        file->bytes[file->size / 2] ^= 8;
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
    fx_check_points(points, 0);
    assert_true(fx_retain(&rules).dropped > 0);
}

static void test_a_damaged_segment_is_not_archived(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    fx_image image;
    fx_image_load(fx_journal, &image);
    fx_file *file = &image.files[2];
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(fx_journal, file);
    tt_journal_retention rules = {0};
    tt_journal_retained done;
    tt_error error = {0};
    assert_int_equal(tt_journal_retain(fx_journal, &rules, &done, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, file->name));
    assert_in_range(done.archived, 1, 2); // The one before it ends at a damaged beginning.
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(fx_journal, file);
    assert_true(fx_retain(&rules).archived > 2);
    fx_image_free(&image);
    fx_check_points(points, 0);
}

/* The file of the oldest messages. */
static fx_file *first_segment(fx_image *image)
{
    fx_file *first = NULL;
    for (size_t i = 0; i < image->count; i++) {
        fx_file *file = &image->files[i];
        bool is_segment = strstr(file->name, TT_JOURNAL_SEGMENT_SUFFIX) != NULL;
        if (is_segment && (!first || strcmp(file->name, first->name) < 0)) {
            first = file;
        }
    }
    assert_non_null(first);
    return first;
}

/* Flips a bit of a file, once, when something is synced. */
typedef struct late_flip {
    const fx_file *file; /* NULL = done. */
} late_flip;

static int flip_at_sync(void *ctx, int fd)
{
    late_flip *flip = ctx;
    if (flip->file) {
        fx_file_store(fx_journal, flip->file);
        flip->file = NULL;
    }
    return fsync(fd);
}

/* The archive is whole by all its checksums, but the segment is no longer what it was made of. */
static void test_an_archive_that_is_not_its_segment_replaces_nothing(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    fx_image image;
    fx_image_load(fx_journal, &image);
    fx_file *file = first_segment(&image);
    late_flip flip = {file};
    tt_journal_io io = tt_journal_io_system;
    io.ctx = &flip;
    io.fsync = flip_at_sync;
    tt_journal_retention rules = {.io = &io};
    tt_journal_retained done;
    tt_error error = {0};
    file->bytes[file->size / 2] ^= 8;
    assert_int_equal(tt_journal_retain(fx_journal, &rules, &done, &error), TUTTI_CORRUPT);
    assert_null(flip.file);
    assert_non_null(strstr(error.message, file->name));
    assert_non_null(strstr(error.message, "was not archived"));
    assert_int_equal(done.archived, 0);
    tt_journal_survey survey;
    assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.archives, 0);
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(fx_journal, file);
    rules.io = NULL;
    assert_true(fx_retain(&rules).archived > 2);
    fx_image_free(&image);
    fx_check_points(points, 0);
}

/* System calls of which the n-th fails, or which end the process there. */
typedef struct fault_plan {
    int countdown;
    bool is_crash;
} fault_plan;

static int is_due(void *ctx)
{
    fault_plan *plan = ctx;
    if (plan->countdown-- != 0) {
        return 0;
    }
    errno = ENOSPC;
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

static void test_every_failing_call_leaves_a_whole_journal(void **state)
{
    for (int countdown = 0;; countdown++) {
        tt_journal_end points[FX_POINTS + 1];
        fx_make_points(points, FX_POINTS);
        fault_plan plan = {.countdown = countdown};
        tt_journal_io io = tt_journal_io_system;
        io.ctx = &plan;
        io.pwrite = fault_pwrite;
        io.fsync = fault_fsync;
        io.renameat = fault_renameat;
        tt_journal_retention rules = {.bytes = 1, .io = &io};
        tt_journal_retained done;
        tt_error error = {0};
        tutti_status status = tt_journal_retain(fx_journal, &rules, &done, &error);
        tt_journal_reader *reader = NULL;
        tt_journal_end begin;
        assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
        tt_journal_reader_begin(reader, &begin);
        tt_journal_reader_close(reader);
        fx_check_points(points, (size_t)begin.step_count);
        if (status == TUTTI_OK) {
            assert_true(countdown > 20);
            assert_true(done.dropped > 5);
            return;
        }
        assert_int_equal(status, TUTTI_NO_SPACE);
        assert_non_null(strstr(error.message, fx_journal));
        // The next run ends what this one began.
        rules.io = NULL;
        done = fx_retain(&rules);
        fx_check_points(points, fx_step_before(points, done.first_seq));
        tt_journal_survey survey;
        assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
        assert_int_equal(survey.archives, 0);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_without_a_snapshot_nothing_is_dropped, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_a_snapshot_needs_is_never_dropped, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_bounds_by_bytes_age_and_need, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_dropping_is_told_from_loss, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_damage_stops_retention, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_damaged_segment_is_not_archived, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_archive_that_is_not_its_segment_replaces_nothing, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_failing_call_leaves_a_whole_journal, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
