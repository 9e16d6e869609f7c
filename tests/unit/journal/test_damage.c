/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Damage to the files: each must be found by a full read, which names the file.
 *
 * Covers: journal_format.c journal_segment.c
 */
#include "base/crc32c.h"
#include "journal/journal_format.h"
#include "journal_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a crash of a durable writer leaves: segments with spare space, without the mark of closing.
 */
static void make_crashed(fx_image *image)
{
    tt_journal_options options = fx_options(TT_durability_BATCH, 4096);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 13, 3, 32);
    fx_image_load(fx_journal, image);
    tt_journal_close(writer);
    fx_image_store(fx_journal, image);
}

/* Up to where the bytes of a file matter: not the spare space at its end. */
static size_t used_size(const fx_file *file)
{
    size_t size = file->size;
    while (size > 1 && file->bytes[size - 1] == 0) {
        size--;
    }
    return size > 0 ? size : 1;
}

static void expect_damage_named(const fx_file *file, size_t at, unsigned value)
{
    tt_error error = {0};
    tutti_status status = fx_read(fx_journal, NULL, &error);
    if ((status != TUTTI_CORRUPT && status != TUTTI_VERSION) ||
        (!strstr(error.message, file->name) && !strstr(error.message, "meta"))) {
        fail_msg(
            "byte %zu of %s became %u: %s %s",
            at,
            file->name,
            value,
            tutti_status_name(status),
            error.message);
    }
}

/* Changes one byte of a file in several ways. */
static void flip_byte(fx_file *file, size_t at)
{
    unsigned char was = file->bytes[at];
    unsigned char values[] = {
        (unsigned char)(was ^ 0xFF), (unsigned char)(was ^ 1), (unsigned char)(was ^ 0x80), 0};
    for (size_t i = 0; i < sizeof values; i++) {
        file->bytes[at] = values[i];
        if (values[i] != was) {
            fx_file_store(fx_journal, file);
            expect_damage_named(file, at, values[i]);
        }
    }
    file->bytes[at] = was;
}

/* Changes each byte of each file. */
static void flip_every_byte(fx_image *image)
{
    for (size_t i = 0; i < image->count; i++) {
        fx_file *file = &image->files[i];
        size_t size = used_size(file);
        for (size_t at = 0; at < size; at++) {
            flip_byte(file, at);
        }
        fx_file_store(fx_journal, file);
    }
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
}

static void test_every_flipped_byte_of_a_closed_journal(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    flip_every_byte(&image);
    fx_image_free(&image);
}

static void test_every_flipped_byte_of_a_crashed_journal(void **state)
{
    (void)state;
    fx_image image;
    make_crashed(&image);
    flip_every_byte(&image);
    fx_image_free(&image);
}

static void test_resume_refuses_damage_and_changes_nothing(void **state)
{
    (void)state;
    fx_image image;
    fx_image after;
    make_crashed(&image);
    uint64_t random = fx_seed(1);
    tt_journal_options options = fx_options(TT_durability_BATCH, 4096);
    for (int i = 0; i < 200; i++) {
        fx_file *file = &image.files[fx_random(&random) % image.count];
        assert_true(file->size > 0);
        size_t at = fx_random(&random) % used_size(file);
        file->bytes[at] ^= 0x10;
        fx_file_store(fx_journal, file);
        tt_journal_writer *writer = NULL;
        tutti_status status = tt_journal_resume(fx_journal, &options, &writer, NULL, NULL);
        assert_true(status == TUTTI_CORRUPT || status == TUTTI_VERSION);
        fx_image_load(fx_journal, &after);
        assert_int_equal(after.count, image.count);
        for (size_t f = 0; f < after.count; f++) {
            assert_int_equal(after.files[f].size, image.files[f].size);
            assert_memory_equal(after.files[f].bytes, image.files[f].bytes, image.files[f].size);
        }
        fx_image_free(&after);
        file->bytes[at] ^= 0x10;
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
}

static void test_sampled_flips_of_a_large_journal(void **state)
{
    (void)state;
    uint64_t random = fx_seed(7);
    tt_journal_options options = fx_options(TT_durability_NONE, (uint64_t)200 * 1024);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 1500, 40, 33);
    tt_journal_close(writer);
    fx_image image;
    fx_image_load(fx_journal, &image);
    for (int i = 0; i < 150; i++) {
        fx_file *file = &image.files[fx_random(&random) % image.count];
        size_t at = fx_random(&random) % file->size;
        unsigned char was = file->bytes[at];
        file->bytes[at] = (unsigned char)(was ^ (1 + fx_random(&random) % 255));
        fx_file_store(fx_journal, file);
        expect_damage_named(file, at, file->bytes[at]);
        file->bytes[at] = was;
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
}

static void test_the_record_is_named(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *file = fx_image_last(&image, "00000001.ttj");
    // The second record of the file: the second step of the first commit.
    uint32_t length;
    memcpy(&length, file->bytes + 96, sizeof length);
    size_t second = 96 + 16 + length;
    file->bytes[second + 20] ^= 4;
    fx_file_store(fx_journal, file);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    char expected[200];
    (void)snprintf(
        expected,
        sizeof expected,
        "%s: record at byte %zu (step 2, after commit 0 at sequence 0)",
        file->name,
        second);
    assert_non_null(strstr(error.message, expected));
    assert_non_null(strstr(error.message, "whole commits follow"));
    fx_image_free(&image);
}

static void test_a_failed_reader_stays_failed(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *file = fx_image_last(&image, ".ttj");
    file->bytes[file->size - 30] ^= 1;
    fx_file_store(fx_journal, file);
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    const void *bytes;
    size_t size;
    while (tt_journal_reader_next(reader, &bytes, &size, NULL) == TUTTI_OK) {
    }
    file->bytes[file->size - 30] ^= 1;
    fx_file_store(fx_journal, file);
    tt_error error = {0};
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, file->name));
    tt_journal_reader_close(reader);
    fx_image_free(&image);
}

static void test_every_deleted_file_is_missed(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    for (size_t i = 0; i < image.count; i++) {
        char path[FX_PATH_MAX + 100];
        (void)snprintf(path, sizeof path, "%s/%s", fx_journal, image.files[i].name);
        assert_int_equal(unlink(path), 0);
        tt_error error = {0};
        tutti_status status = fx_read(fx_journal, NULL, &error);
        bool is_meta = strcmp(image.files[i].name, "meta") == 0;
        assert_int_equal(status, is_meta ? TUTTI_NOT_FOUND : TUTTI_CORRUPT);
        tt_journal_options options = fx_options(TT_durability_NONE, 0);
        tt_journal_writer *writer = NULL;
        assert_int_not_equal(
            tt_journal_resume(fx_journal, &options, &writer, NULL, NULL), TUTTI_OK);
        if (is_meta) {
            assert_int_equal(
                tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error),
                TUTTI_CORRUPT);
            assert_non_null(strstr(error.message, "no meta"));
        }
        fx_file_store(fx_journal, &image.files[i]);
    }
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

static void test_truncated_segments_before_the_last(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *last = fx_image_last(&image, ".ttj");
    for (fx_file *file = image.files; file < last; file++) {
        for (size_t size = 0; size < file->size; size += 7) {
            fx_file shorter = *file;
            shorter.size = size;
            fx_file_store(fx_journal, &shorter);
            expect_damage_named(file, size, 0);
        }
        fx_file_store(fx_journal, file);
    }
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

static void test_lengthened_segments(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *last = fx_image_last(&image, ".ttj");
    for (fx_file *file = image.files; file < last; file++) {
        fx_file longer = {.size = file->size + 16, .bytes = calloc(1, file->size + 16)};
        memcpy(longer.name, file->name, sizeof longer.name);
        memcpy(longer.bytes, file->bytes, file->size);
        fx_file_store(fx_journal, &longer);
        if (file < last - 1) {
            expect_damage_named(file, file->size, 0);
        } else { // The one before the last may have its space still; but nothing in it.
            assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
        }
        longer.bytes[file->size + 8] = 1;
        fx_file_store(fx_journal, &longer);
        expect_damage_named(file, file->size, 1);
        free(longer.bytes);
        fx_file_store(fx_journal, file);
    }
    fx_image_free(&image);
}

static void test_swapped_and_foreign_segments(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    // Each segment under the name of each other one.
    for (size_t i = 0; i + 1 < image.count; i++) {
        for (size_t j = 0; j + 1 < image.count; j++) {
            fx_file moved = image.files[j];
            memcpy(moved.name, image.files[i].name, sizeof moved.name);
            fx_file_store(fx_journal, &moved);
            assert_int_equal(fx_read(fx_journal, NULL, NULL), i == j ? TUTTI_END : TUTTI_CORRUPT);
            fx_file_store(fx_journal, &image.files[i]);
        }
    }
    // The same place of another journal with the same meta and the same sequence numbers.
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
    tt_journal_options options = fx_options(TT_durability_NONE, 2500);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    static fx_step step;
    for (tt_seq seq = 1; seq < 80; seq++) {
        step.size = 0;
        (void)fx_step_add(&step, TT_TOPIC_CLOCK, seq, sizeof(tt_clock));
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    }
    tt_journal_close(writer);
    fx_image other;
    fx_image_load(fx_journal, &other);
    fx_file_store(fx_journal, fx_image_last(&image, "00000001.ttj"));
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_CORRUPT);
    fx_image_free(&other);
    fx_image_free(&image);
}

static void test_another_meta_is_found(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
    tt_journal_writer *writer = NULL;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    assert_int_equal(
        tt_journal_create(fx_journal, "run:\n  seed: 2\n", 15, &options, &writer, NULL), TUTTI_OK);
    tt_journal_close(writer);
    for (size_t i = 0; i < image.count; i++) {
        if (strcmp(image.files[i].name, "meta") != 0) {
            fx_file_store(fx_journal, &image.files[i]);
        }
    }
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "another meta"));
    fx_image_free(&image);
}

static void test_a_lost_meta_is_not_replaced(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 3, 1, 1);
    tt_journal_close(writer);
    char name[FX_PATH_MAX + 32];
    (void)snprintf(name, sizeof name, "%s/meta", fx_journal);
    assert_int_equal(unlink(name), 0);
    tt_error error = {0};
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error),
        TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "a segment of a journal but no meta"));
}

static void test_damage_beside_a_living_writer(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_BATCH, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 6, 1, 1);
    char name[FX_PATH_MAX + 64];
    (void)snprintf(name, sizeof name, "%s/00000000000000000001.ttj", fx_journal);
    int fd = open(name, O_RDWR);
    char byte;
    assert_int_equal(pread(fd, &byte, 1, 96 + 16 + 20), 1); // In the first step.
    byte = (char)(byte ^ 1);
    assert_int_equal(pwrite(fd, &byte, 1, 96 + 16 + 20), 1);
    (void)close(fd);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "step 1,"));
    tt_journal_close(writer);
}

static void test_a_file_that_shrinks_under_a_reader(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 6, 1, 1);
    tt_journal_close(writer);
    tt_journal_reader *reader = NULL;
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    while (tt_journal_reader_next(reader, &bytes, &size, NULL) == TUTTI_OK) {
    }
    char name[FX_PATH_MAX + 64];
    (void)snprintf(name, sizeof name, "%s/00000000000000000001.ttj", fx_journal);
    assert_int_equal(truncate(name, 500), 0);
    tt_error error = {0};
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "cut off the file"));
    tt_journal_reader_close(reader);
}

/** A pipe where a file should be would hold whoever opens it, for ever. */
static void test_a_pipe_is_no_file(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 6, 1, 1);
    tt_journal_close(writer);
    char name[FX_PATH_MAX + 64];
    char expected[FX_PATH_MAX + 96];
    (void)snprintf(name, sizeof name, "%s/00000000000000000001.ttj", fx_journal);
    (void)snprintf(expected, sizeof expected, "%s is not a regular file", name);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(mkfifo(name, 0600), 0);
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    const void *bytes;
    size_t size;
    tutti_status status = tt_journal_reader_open(fx_journal, &reader, &error);
    if (status == TUTTI_OK) {
        status = tt_journal_reader_next(reader, &bytes, &size, &error);
        tt_journal_reader_close(reader);
    }
    assert_int_equal(status, TUTTI_IO);
    assert_string_equal(error.message, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_every_flipped_byte_of_a_closed_journal, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_flipped_byte_of_a_crashed_journal, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_resume_refuses_damage_and_changes_nothing, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_sampled_flips_of_a_large_journal, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_record_is_named, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_reader_stays_failed, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_every_deleted_file_is_missed, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_truncated_segments_before_the_last, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_lengthened_segments, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_swapped_and_foreign_segments, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_another_meta_is_found, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_lost_meta_is_not_replaced, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_damage_beside_a_living_writer, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_file_that_shrinks_under_a_reader, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_pipe_is_no_file, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
