/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retention: archives read as what they were, damage in them is found, nothing goes that a snapshot
 * still needs, and dropping is told from loss.
 *
 * Covers: journal_retain.c journal_archive.c
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

#define STEPS 40

static char root[FX_PATH_MAX];
static char dir[FX_PATH_MAX + 16];

static int set_up(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(dir, sizeof dir, "%s/journal", root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fx_dir_remove(root);
    return 0;
}

/* A closed journal of several segments with STEPS steps; a snapshot after `snapshot_steps` (0 =
 * none). `points`: where it stands after each step. */
static void make_journal(tt_journal_end *points, size_t snapshot_steps)
{
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(dir, &options);
    tt_journal_state(writer, &points[0]);
    for (size_t i = 1; i <= STEPS; i++) {
        fx_append(writer, 1, 1, 17);
        tt_journal_state(writer, &points[i]);
        if (i == snapshot_steps) {
            assert_int_equal(tt_snapshot_write(dir, &points[i], "state", 5, NULL), TUTTI_OK);
        }
    }
    tt_journal_close(writer);
}

static tt_journal_retained retain(const tt_journal_retention *rules)
{
    tt_journal_retained retained;
    tt_error error = {0};
    if (tt_journal_retain(dir, rules, &retained, &error) != TUTTI_OK) {
        fail_msg("retain: %s", error.message);
    }
    return retained;
}

/* Reads all; the steps must be those made by make_journal from `first` on. */
static void check_steps(const tt_journal_end *points, size_t first)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    if (tt_journal_reader_open(dir, &reader, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    tt_journal_end end;
    tt_journal_reader_begin(reader, &end);
    assert_int_equal(end.last_seq, points[first].last_seq);
    assert_int_equal(end.step_count, first);
    assert_memory_equal(end.chain, points[first].chain, 32);
    for (size_t i = first; i < STEPS; i++) {
        const void *bytes = NULL;
        size_t size = 0;
        if (tt_journal_reader_next(reader, &bytes, &size, &error) != TUTTI_OK) {
            fail_msg("step %zu: %s", i, error.message);
        }
        fx_step_make(&step, points[i].last_seq + 1, 17);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
        tt_journal_reader_end(reader, &end);
        assert_memory_equal(end.chain, points[i + 1].chain, 32);
    }
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

/* Step after which the journal begins, from the number of its first message. */
static size_t step_before(const tt_journal_end *points, tt_seq first_seq)
{
    for (size_t i = 0; i <= STEPS; i++) {
        if (points[i].last_seq + 1 == first_seq) {
            return i;
        }
    }
    fail_msg("%llu begins no step", (unsigned long long)first_seq);
    return 0;
}

static void test_archives_read_as_their_segments(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    tt_journal_survey before;
    tt_journal_survey after;
    make_journal(points, 0);
    assert_int_equal(tt_journal_survey_read(dir, &before, NULL), TUTTI_OK);
    assert_true(before.segments > 5);
    tt_journal_retention rules = {0};
    tt_journal_retained done = retain(&rules);
    assert_int_equal(done.archived, before.segments - 1);
    assert_int_equal(done.dropped, 0);
    assert_int_equal(done.first_seq, 1);
    assert_int_equal(tt_journal_survey_read(dir, &after, NULL), TUTTI_OK);
    assert_int_equal(after.segments, 1);
    assert_int_equal(after.archives, before.segments - 1);
    assert_int_equal(after.first_seq, 1);
    assert_int_equal(done.bytes, after.segment_bytes + after.archive_bytes);
    assert_true(after.archive_bytes < before.segment_bytes / 2);
    check_steps(points, 0);
    // Again: nothing to do. Then on, and again.
    done = retain(&rules);
    assert_int_equal(done.archived, 0);
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_end end;
    tt_journal_writer *writer = fx_resume(dir, &options, &end);
    assert_int_equal(end.step_count, STEPS);
    fx_append(writer, 20, 2, 18);
    done = retain(&rules); // Beside a living writer.
    assert_in_range(done.archived, 2, 10);
    fx_append(writer, 20, 2, 18);
    tt_journal_close(writer);
    assert_int_equal(fx_read(dir, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, STEPS + 40);
}

static void test_a_reader_reaches_any_point_in_archives(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    tt_journal_retention rules = {0};
    (void)retain(&rules);
    for (size_t i = 0; i <= STEPS; i++) {
        tt_journal_reader *reader = NULL;
        tt_error error = {0};
        assert_int_equal(tt_journal_reader_open(dir, &reader, NULL), TUTTI_OK);
        if (tt_journal_reader_seek(reader, &points[i], &error) != TUTTI_OK) {
            fail_msg("%s", error.message);
        }
        const void *step;
        size_t size;
        size_t count = 0;
        while (tt_journal_reader_next(reader, &step, &size, NULL) == TUTTI_OK) {
            count++;
        }
        assert_int_equal(count, STEPS - i);
        tt_journal_reader_close(reader);
    }
}

static void test_every_flipped_byte_and_length_of_an_archive(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    tt_journal_retention rules = {0};
    (void)retain(&rules);
    fx_image image;
    fx_image_load(dir, &image);
    for (size_t i = 0; i < image.count; i++) {
        fx_file *file = &image.files[i];
        size_t size = file->size;
        for (size_t at = 0; at < size; at++) {
            tt_error error = {0};
            file->bytes[at] ^= (unsigned char)(1u << (at % 8));
            fx_file_store(dir, file);
            tutti_status status = fx_read(dir, NULL, &error);
            if ((status != TUTTI_CORRUPT && status != TUTTI_VERSION) ||
                (!strstr(error.message, file->name) && !strstr(error.message, "meta"))) {
                fail_msg(
                    "byte %zu of %s: %s %s",
                    at,
                    file->name,
                    tutti_status_name(status),
                    error.message);
            }
            file->bytes[at] ^= (unsigned char)(1u << (at % 8));
        }
        bool is_archive = strstr(file->name, ".tta") != NULL;
        for (file->size = 0; is_archive && file->size < size; file->size++) {
            fx_file_store(dir, file);
            assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_CORRUPT);
        }
        file->size = size;
        fx_file_store(dir, file);
    }
    fx_image_free(&image);
    check_steps(points, 0);
}

static void test_deleted_swapped_and_lengthened_archives(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    tt_journal_retention rules = {0};
    (void)retain(&rules);
    fx_image image;
    fx_image_load(dir, &image);
    for (size_t i = 0; i + 2 < image.count; i++) { // All archives: then a segment and meta.
        fx_file *file = &image.files[i];
        char path[FX_PATH_MAX + 100];
        (void)snprintf(path, sizeof path, "%s/%s", dir, file->name);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_CORRUPT);
        for (size_t j = 0; j + 2 < image.count; j++) {
            fx_file moved = image.files[j];
            memcpy(moved.name, file->name, sizeof moved.name);
            fx_file_store(dir, &moved);
            assert_int_equal(fx_read(dir, NULL, NULL), i == j ? TUTTI_END : TUTTI_CORRUPT);
        }
        fx_file longer = {.size = file->size + 1, .bytes = calloc(1, file->size + 1)};
        memcpy(longer.name, file->name, sizeof longer.name);
        memcpy(longer.bytes, file->bytes, file->size);
        fx_file_store(dir, &longer);
        assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_CORRUPT);
        free(longer.bytes);
        fx_file_store(dir, file);
    }
    fx_image_free(&image);
    check_steps(points, 0);
}

/* Whoever changes what the head of an archive says of its end can give it the right checksum: it is
 * held against the steps. */
static void test_a_forged_head_of_an_archive_is_found(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, STEPS);
    tt_journal_retention rules = {0};
    (void)retain(&rules);
    fx_image image;
    fx_image_load(dir, &image);
    fx_file *archive = fx_image_last(&image, ".tta");
    uint32_t crc;
    archive->bytes[56] ^= 1; // The chain value after the segment.
    crc = tt_crc32c(0, archive->bytes, 148);
    memcpy(archive->bytes + 148, &crc, sizeof crc);
    fx_file_store(dir, archive);
    assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_CORRUPT);
    fx_image_free(&image);
}

static void test_without_a_snapshot_nothing_is_dropped(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    tt_journal_retention rules = {.bytes = 1};
    tt_journal_retained done = retain(&rules);
    assert_true(done.archived > 5);
    assert_int_equal(done.dropped, 0);
    assert_int_equal(done.snapshot_seq, 0);
    check_steps(points, 0);
}

static void test_what_a_snapshot_needs_is_never_dropped(void **state)
{
    for (size_t snapshot = 1; snapshot <= STEPS; snapshot += 3) {
        tt_journal_end points[STEPS + 1];
        make_journal(points, snapshot);
        tt_journal_retention rules = {.bytes = 1};
        tt_journal_retained done = retain(&rules);
        assert_int_equal(done.snapshot_seq, points[snapshot].last_seq);
        assert_true(done.first_seq <= points[snapshot].last_seq + 1);
        size_t first = step_before(points, done.first_seq);
        assert_int_equal(done.dropped > 0, first > 0);
        check_steps(points, first);
        // The journal goes on from the snapshot, and a point before the beginning is refused.
        tt_journal_options options = fx_options(TT_durability_NONE, 3000);
        options.verify_from = &points[snapshot];
        tt_journal_end end;
        tt_journal_close(fx_resume(dir, &options, &end));
        assert_int_equal(end.step_count, STEPS);
        if (first > 0) {
            tt_journal_reader *reader = NULL;
            tt_error error = {0};
            assert_int_equal(tt_journal_reader_open(dir, &reader, NULL), TUTTI_OK);
            assert_int_equal(tt_journal_reader_seek(reader, &points[0], &error), TUTTI_CORRUPT);
            assert_non_null(strstr(error.message, "dropped by the rules"));
            tt_journal_reader_close(reader);
        }
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void test_bounds_by_bytes_age_and_need(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, STEPS);
    tt_journal_retention rules = {0};
    tt_journal_retained all = retain(&rules);
    // Exactly what there is: nothing goes. One byte less: one archive goes.
    rules.bytes = all.bytes;
    assert_int_equal(retain(&rules).dropped, 0);
    rules.bytes = all.bytes - 1;
    tt_journal_retained done = retain(&rules);
    assert_int_equal(done.dropped, 1);
    assert_true(done.bytes <= rules.bytes);
    check_steps(points, step_before(points, done.first_seq));
    // Age: all were sealed about now. A clock that was set back makes nothing old.
    struct stat info;
    assert_int_equal(stat(dir, &info), 0);
    struct timespec now = info.st_mtim;
    rules =
        (tt_journal_retention){.age_ns = 3600 * TT_NS_PER_S, .now_ns = now.tv_sec * TT_NS_PER_S};
    assert_int_equal(retain(&rules).dropped, 0);
    rules.now_ns -= 365 * 86400 * TT_NS_PER_S;
    assert_int_equal(retain(&rules).dropped, 0);
    rules.now_ns = INT64_MIN;
    assert_int_equal(retain(&rules).dropped, 0);
    rules.now_ns = now.tv_sec * TT_NS_PER_S + 7200 * TT_NS_PER_S;
    rules.keep_from = points[20].last_seq + 1;
    done = retain(&rules);
    assert_true(done.dropped > 0);
    assert_true(done.first_seq <= rules.keep_from);
    rules.keep_from = 0;
    tt_journal_retained rest = retain(&rules);
    assert_true(rest.dropped > 0);
    assert_true(rest.first_seq > done.first_seq);
    check_steps(points, step_before(points, rest.first_seq));
    tt_journal_survey survey;
    assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.archives, 0);
    assert_int_equal(survey.first_seq, rest.first_seq);
}

static void test_dropping_is_told_from_loss(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 20);
    tt_journal_retention rules = {.bytes = 1};
    tt_journal_retained done = retain(&rules);
    size_t first = step_before(points, done.first_seq);
    assert_true(first > 5);
    fx_image image;
    fx_image_load(dir, &image);
    fx_file *begin = fx_image_last(&image, "begin");
    char path[FX_PATH_MAX + 100];
    (void)snprintf(path, sizeof path, "%s/begin", dir);
    tt_error error = {0};
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fx_read(dir, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "the first segment is missing"));
    size_t size = begin->size;
    for (size_t at = 0; at < size; at++) {
        begin->bytes[at] ^= 0x11;
        fx_file_store(dir, begin);
        tutti_status status = fx_read(dir, NULL, &error);
        assert_true(status == TUTTI_CORRUPT || status == TUTTI_VERSION);
        begin->bytes[at] ^= 0x11;
    }
    for (begin->size = 0; begin->size < size; begin->size++) {
        fx_file_store(dir, begin);
        assert_int_equal(fx_read(dir, NULL, NULL), TUTTI_CORRUPT);
    }
    fx_file_store(dir, begin);
    check_steps(points, first);
    // The first segment that is kept is deleted.
    fx_file *oldest = &image.files[0];
    (void)snprintf(path, sizeof path, "%s/%s", dir, oldest->name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fx_read(dir, NULL, &error), TUTTI_CORRUPT);
    fx_image_free(&image);
}

static void test_damage_stops_retention(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, STEPS);
    tt_journal_retention rules = {0};
    tt_journal_retained done = retain(&rules);
    fx_image image;
    fx_image_load(dir, &image);
    rules.bytes = 1;
    tt_error error = {0};
    // Each file in turn, in its middle; snapshots too: without a whole one nothing may go.
    for (size_t i = 0; i < image.count; i++) {
        fx_file *file = &image.files[i];
        file->bytes[file->size / 2] ^= 8;
        fx_file_store(dir, file);
        tutti_status status = tt_journal_retain(dir, &rules, &done, &error);
        bool is_snapshot = strstr(file->name, ".tts") != NULL;
        assert_int_equal(status, is_snapshot ? TUTTI_OK : TUTTI_CORRUPT);
        assert_int_equal(done.dropped, 0);
        file->bytes[file->size / 2] ^= 8;
        fx_file_store(dir, file);
    }
    fx_image_free(&image);
    check_steps(points, 0);
    assert_true(retain(&rules).dropped > 0);
}

static void test_a_damaged_segment_is_not_archived(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    fx_image image;
    fx_image_load(dir, &image);
    fx_file *file = &image.files[2];
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(dir, file);
    tt_journal_retention rules = {0};
    tt_journal_retained done;
    tt_error error = {0};
    assert_int_equal(tt_journal_retain(dir, &rules, &done, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, file->name));
    assert_in_range(done.archived, 1, 2); // The one before it ends at a damaged beginning.
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(dir, file);
    assert_true(retain(&rules).archived > 2);
    fx_image_free(&image);
    check_steps(points, 0);
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
        fx_file_store(dir, flip->file);
        flip->file = NULL;
    }
    return fsync(fd);
}

/* The archive is whole by all its checksums, but the segment is no longer what it was made of. */
static void test_an_archive_that_is_not_its_segment_replaces_nothing(void **state)
{
    (void)state;
    tt_journal_end points[STEPS + 1];
    make_journal(points, 0);
    fx_image image;
    fx_image_load(dir, &image);
    fx_file *file = first_segment(&image);
    late_flip flip = {file};
    tt_journal_io io = tt_journal_io_system;
    io.ctx = &flip;
    io.fsync = flip_at_sync;
    tt_journal_retention rules = {.io = &io};
    tt_journal_retained done;
    tt_error error = {0};
    file->bytes[file->size / 2] ^= 8;
    assert_int_equal(tt_journal_retain(dir, &rules, &done, &error), TUTTI_CORRUPT);
    assert_null(flip.file);
    assert_non_null(strstr(error.message, file->name));
    assert_non_null(strstr(error.message, "was not archived"));
    assert_int_equal(done.archived, 0);
    tt_journal_survey survey;
    assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.archives, 0);
    file->bytes[file->size / 2] ^= 8;
    fx_file_store(dir, file);
    rules.io = NULL;
    assert_true(retain(&rules).archived > 2);
    fx_image_free(&image);
    check_steps(points, 0);
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
        tt_journal_end points[STEPS + 1];
        make_journal(points, STEPS);
        fault_plan plan = {.countdown = countdown};
        tt_journal_io io = tt_journal_io_system;
        io.ctx = &plan;
        io.pwrite = fault_pwrite;
        io.fsync = fault_fsync;
        io.renameat = fault_renameat;
        tt_journal_retention rules = {.bytes = 1, .io = &io};
        tt_journal_retained done;
        tt_error error = {0};
        tutti_status status = tt_journal_retain(dir, &rules, &done, &error);
        tt_journal_reader *reader = NULL;
        tt_journal_end begin;
        assert_int_equal(tt_journal_reader_open(dir, &reader, NULL), TUTTI_OK);
        tt_journal_reader_begin(reader, &begin);
        tt_journal_reader_close(reader);
        check_steps(points, (size_t)begin.step_count);
        if (status == TUTTI_OK) {
            assert_true(countdown > 20);
            assert_true(done.dropped > 5);
            return;
        }
        assert_int_equal(status, TUTTI_NO_SPACE);
        assert_non_null(strstr(error.message, dir));
        // The next run ends what this one began.
        rules.io = NULL;
        done = retain(&rules);
        check_steps(points, step_before(points, done.first_seq));
        tt_journal_survey survey;
        assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
        assert_int_equal(survey.archives, 0);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_archives_read_as_their_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_reader_reaches_any_point_in_archives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_flipped_byte_and_length_of_an_archive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_deleted_swapped_and_lengthened_archives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_forged_head_of_an_archive_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_without_a_snapshot_nothing_is_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_a_snapshot_needs_is_never_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds_by_bytes_age_and_need, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dropping_is_told_from_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_stops_retention, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_damaged_segment_is_not_archived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_archive_that_is_not_its_segment_replaces_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_failing_call_leaves_a_whole_journal, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
