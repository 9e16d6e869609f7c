/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Archives: they read as what they were, and damage in them is found.
 *
 * Covers: journal_archive.c
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

static void test_archives_read_as_their_segments(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    tt_journal_survey before;
    tt_journal_survey after;
    fx_make_points(points, 0);
    assert_int_equal(tt_journal_survey_read(fx_journal, &before, NULL), TUTTI_OK);
    assert_true(before.segments > 5);
    tt_journal_retention rules = {0};
    tt_journal_retained done = fx_retain(&rules);
    assert_int_equal(done.archived, before.segments - 1);
    assert_int_equal(done.dropped, 0);
    assert_int_equal(done.first_seq, 1);
    assert_int_equal(tt_journal_survey_read(fx_journal, &after, NULL), TUTTI_OK);
    assert_int_equal(after.segments, 1);
    assert_int_equal(after.archives, before.segments - 1);
    assert_int_equal(after.first_seq, 1);
    assert_int_equal(done.bytes, after.segment_bytes + after.archive_bytes);
    assert_true(after.archive_bytes < before.segment_bytes / 2);
    fx_check_points(points, 0);
    // Again: nothing to do. Then on, and again.
    done = fx_retain(&rules);
    assert_int_equal(done.archived, 0);
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_end end;
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    assert_int_equal(end.step_count, FX_POINTS);
    fx_append(writer, 20, 2, 18);
    done = fx_retain(&rules); // Beside a living writer.
    assert_in_range(done.archived, 2, 10);
    fx_append(writer, 20, 2, 18);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, FX_POINTS + 40);
}

static void test_a_reader_reaches_any_point_in_archives(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    tt_journal_retention rules = {0};
    (void)fx_retain(&rules);
    for (size_t i = 0; i <= FX_POINTS; i++) {
        tt_journal_reader *reader = NULL;
        tt_error error = {0};
        assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
        if (tt_journal_reader_seek(reader, &points[i], &error) != TUTTI_OK) {
            fail_msg("%s", error.message);
        }
        const void *step;
        size_t size;
        size_t count = 0;
        while (tt_journal_reader_next(reader, &step, &size, NULL) == TUTTI_OK) {
            count++;
        }
        assert_int_equal(count, FX_POINTS - i);
        tt_journal_reader_close(reader);
    }
}

static void test_every_flipped_byte_and_length_of_an_archive(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    tt_journal_retention rules = {0};
    (void)fx_retain(&rules);
    fx_image image;
    fx_image_load(fx_journal, &image);
    for (size_t i = 0; i < image.count; i++) {
        fx_file *file = &image.files[i];
        size_t size = file->size;
        for (size_t at = 0; at < size; at++) {
            tt_error error = {0};
            file->bytes[at] ^= (unsigned char)(1u << (at % 8));
            fx_file_store(fx_journal, file);
            tutti_status status = fx_read(fx_journal, NULL, &error);
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
            fx_file_store(fx_journal, file);
            assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
        }
        file->size = size;
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
    fx_check_points(points, 0);
}

static void test_deleted_swapped_and_lengthened_archives(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, 0);
    tt_journal_retention rules = {0};
    (void)fx_retain(&rules);
    fx_image image;
    fx_image_load(fx_journal, &image);
    for (size_t i = 0; i + 2 < image.count; i++) { // All archives: then a segment and meta.
        fx_file *file = &image.files[i];
        char path[FX_PATH_MAX + 100];
        (void)snprintf(path, sizeof path, "%s/%s", fx_journal, file->name);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
        for (size_t j = 0; j + 2 < image.count; j++) {
            fx_file moved = image.files[j];
            memcpy(moved.name, file->name, sizeof moved.name);
            fx_file_store(fx_journal, &moved);
            assert_int_equal(fx_read(fx_journal, NULL, NULL), i == j ? TUTTI_END : TUTTI_CORRUPT);
        }
        fx_file longer = {.size = file->size + 1, .bytes = calloc(1, file->size + 1)};
        memcpy(longer.name, file->name, sizeof longer.name);
        memcpy(longer.bytes, file->bytes, file->size);
        fx_file_store(fx_journal, &longer);
        assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
        free(longer.bytes);
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
    fx_check_points(points, 0);
}

/* Whoever changes what the head of an archive says of its end can give it the right checksum: it is
 * held against the steps. */
static void test_a_forged_head_of_an_archive_is_found(void **state)
{
    (void)state;
    tt_journal_end points[FX_POINTS + 1];
    fx_make_points(points, FX_POINTS);
    tt_journal_retention rules = {0};
    (void)fx_retain(&rules);
    fx_image image;
    fx_image_load(fx_journal, &image);
    fx_file *archive = fx_image_last(&image, ".tta");
    uint32_t crc;
    archive->bytes[56] ^= 1; // The chain value after the segment.
    crc = tt_crc32c(0, archive->bytes, 148);
    memcpy(archive->bytes + 148, &crc, sizeof crc);
    fx_file_store(fx_journal, archive);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_archives_read_as_their_segments, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_reader_reaches_any_point_in_archives, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_flipped_byte_and_length_of_an_archive, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_deleted_swapped_and_lengthened_archives, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_forged_head_of_an_archive_is_found, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
