/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Journals of format version 1, written by the release that wrote it (tests/data/journal_v1): they
 * are read, checked, repaired and continued; and what differs between the versions.
 */
#include "base/crc32c.h"
#include "journal/journal_format.h"
#include "journal_fixture.h"
#include "model/topics.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Puts a copy of a kept journal into `dir`. */
static void take_kept(const char *name, fx_image *image)
{
    char path[FX_PATH_MAX + 300];
    (void)snprintf(path, sizeof path, TT_TEST_SOURCE_DIR "/tests/data/journal_v1/%s", name);
    fx_image_load(path, image);
    fx_image_store(fx_journal, image);
}

/* The chain of version 1 over the first `count` steps of a seed. */
static void chain_of_steps(size_t count, uint64_t seed, uint8_t chain[32])
{
    static fx_step step;
    static unsigned char both[32 + FX_STEP_MAX];
    step.last_seq = 0;
    SHA256((const unsigned char *)FX_META, FX_META_SIZE, chain);
    for (size_t i = 0; i < count; i++) {
        fx_step_make(&step, step.last_seq + 1, seed);
        memcpy(both, chain, 32);
        memcpy(both + 32, step.bytes, step.size);
        SHA256(both, 32 + step.size, chain);
    }
}

/* Reads all and compares the first `count` steps with those of a seed; the chain value after each
 * is that of version 1. */
static void check_steps(size_t count, uint64_t seed)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    step.last_seq = 0;
    for (size_t i = 1; i <= count; i++) {
        const void *bytes = NULL;
        size_t size = 0;
        uint8_t chain[32];
        tt_journal_end end;
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
        fx_step_make(&step, step.last_seq + 1, seed);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
        tt_journal_reader_end(reader, &end);
        chain_of_steps(i, seed, chain);
        assert_memory_equal(end.chain, chain, 32);
    }
    tt_journal_reader_close(reader);
}

static void test_a_closed_journal_is_read(void **state)
{
    (void)state;
    fx_image image;
    take_kept("closed", &image);
    check_steps(15, 31);
    tt_journal_end end;
    uint8_t chain[32];
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    chain_of_steps(15, 31, chain);
    assert_memory_equal(end.chain, chain, 32);
    assert_int_equal(end.step_count, 15);
    assert_true(end.is_closed);
    fx_image_free(&image);
}

static void test_a_crashed_journal_is_read_and_repaired(void **state)
{
    (void)state;
    fx_image image;
    take_kept("crashed", &image);
    check_steps(12, 32);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, 12);
    assert_false(end.is_closed);
    tt_journal_repair_report report;
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_string_equal(report.reason, "");
    fx_image_free(&image);
}

/* Continues a kept journal of `count` steps, twice; all segments that were there stay as they are
 * but for the seal of the last one. */
static void continue_kept(const char *name, size_t count, uint64_t seed, tt_durability durability)
{
    fx_image image;
    take_kept(name, &image);
    tt_journal_options options = fx_options(durability, 4096);
    tt_journal_end end;
    for (size_t more = 0; more < 30; more += 15) {
        tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
        assert_int_equal(end.step_count, count + more);
        fx_append(writer, 15, 4, seed);
        tt_journal_close(writer);
    }
    check_steps(count, seed);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, count + 30);
    assert_true(end.is_closed);
    fx_image now;
    fx_image_load(fx_journal, &now);
    uint32_t last_version = 0;
    for (size_t i = 0; i + 1 < now.count; i++) {
        uint32_t version;
        memcpy(&version, now.files[i].bytes + 8, sizeof version);
        assert_in_range(version, last_version, 2); // Never back.
        last_version = version;
        for (size_t j = 0; j < image.count && version == 1; j++) {
            if (strcmp(image.files[j].name, now.files[i].name) == 0) {
                size_t size = image.files[j].size;
                while (image.files[j].bytes[size - 1] == 0) {
                    size--;
                }
                assert_memory_equal(image.files[j].bytes, now.files[i].bytes, size);
            }
        }
    }
    assert_int_equal(last_version, 2);
    fx_image_free(&now);
    fx_image_free(&image);
    fx_dir_remove(fx_journal);
}

static void test_a_kept_journal_is_continued_in_the_new_version(void **state)
{
    (void)state;
    continue_kept("closed", 15, 31, TT_durability_NONE);
    continue_kept("closed", 15, 31, TT_durability_BATCH);
    continue_kept("crashed", 12, 32, TT_durability_NONE);
    continue_kept("crashed", 12, 32, TT_durability_ALWAYS);
    continue_kept("fresh", 0, 1, TT_durability_NONE);
    continue_kept("fresh", 0, 1, TT_durability_BATCH);
}

/* A version 1 segment that holds nothing, behind others: the crash came right after a change of
 * segments. */
static void test_an_empty_last_segment_is_replaced(void **state)
{
    (void)state;
    fx_image image;
    take_kept("closed", &image);
    fx_file *last = fx_image_last(&image, ".ttj");
    last->size = sizeof(tt_segment_header);
    fx_image_store(fx_journal, &image);
    tt_journal_options options = fx_options(TT_durability_NONE, 4096);
    tt_journal_end end;
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    size_t left = (size_t)end.step_count;
    assert_in_range(left, 6, 14);
    fx_append(writer, 20, 4, 31);
    tt_journal_close(writer);
    check_steps(left, 31);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, left + 20);
    fx_image_free(&image);
}

static void test_every_flipped_byte_is_found(void **state)
{
    (void)state;
    const char *const names[] = {"closed", "crashed"};
    for (size_t kept = 0; kept < 2; kept++) {
        fx_image image;
        take_kept(names[kept], &image);
        for (size_t i = 0; i < image.count; i++) {
            fx_file *file = &image.files[i];
            size_t size = file->size;
            while (file->bytes[size - 1] == 0) {
                size--;
            }
            for (size_t at = 0; at < size; at++) {
                tt_error error = {0};
                file->bytes[at] ^= 0x24;
                fx_file_store(fx_journal, file);
                tutti_status status = fx_read(fx_journal, NULL, &error);
                if (status != TUTTI_CORRUPT && status != TUTTI_VERSION) {
                    fail_msg("byte %zu of %s: %s", at, file->name, tutti_status_name(status));
                }
                file->bytes[at] ^= 0x24;
            }
            fx_file_store(fx_journal, file);
        }
        fx_image_free(&image);
        fx_dir_remove(fx_journal);
    }
}

/* Changes one byte in the head of the first message, with all checksums right, in a file of one
 * step and one commit. */
static tutti_status read_with_head_byte(const char *name, size_t offset, uint32_t version)
{
    fx_image image;
    take_kept(name, &image);
    fx_file *file = fx_image_last(&image, "00000001.ttj");
    tt_record_head *head = (void *)(file->bytes + sizeof(tt_segment_header));
    ((unsigned char *)(head + 1))[offset] ^= 1;
    tt_record_seal_as(head, sizeof(tt_segment_header), version);
    fx_image_store(fx_journal, &image);
    tt_error error = {0};
    tutti_status status = fx_read(fx_journal, NULL, &error);
    if (status == TUTTI_CORRUPT && strstr(error.message, "leaves zero")) {
        status = TUTTI_INVALID; // For this reason, and no other.
    }
    fx_image_free(&image);
    return status;
}

static void test_spare_bytes_of_a_message_must_be_zero_in_version_1(void **state)
{
    (void)state;
    for (size_t offset = 57; offset < 64; offset++) {
        assert_int_equal(read_with_head_byte("closed", offset, 1), TUTTI_INVALID);
    }
    assert_int_equal(read_with_head_byte("closed", 55, 1), TUTTI_CORRUPT); // The chain.
}

static void test_version_2_knows_addresses_and_declared_topics(void **state)
{
    (void)state;
    static fx_step step;
    tt_journal_options options = fx_options(TT_durability_NONE, 4096);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    step.size = 0;
    tt_msg *msg = (tt_msg *)fx_step_add(&step, 1024, 1, 48) - 1;
    msg->topic = 1024 + 4095;
    ((unsigned char *)msg)[58] = 7;
    ((unsigned char *)msg)[59] = 9;
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    const size_t spare[] = {57, 60, 61, 62, 63};
    msg->seq = 2;
    for (size_t i = 0; i < 5; i++) {
        tt_error error = {0};
        ((unsigned char *)msg)[spare[i]] = 1;
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, &error), TUTTI_INVALID);
        assert_non_null(strstr(error.message, "leaves zero"));
        ((unsigned char *)msg)[spare[i]] = 0;
    }
    msg->topic = 1024 + 4096; // Beyond the last that can be declared.
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_INVALID);
    msg->topic = 1023;
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_INVALID);
    tt_journal_close(writer);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, 1);
}

static void test_an_old_segment_behind_a_new_one_is_refused(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 2000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 15, 3, 31);
    tt_journal_close(writer);
    fx_image image;
    fx_image_load(fx_journal, &image);
    fx_file *last = fx_image_last(&image, ".ttj");
    // Empty, with a right header of version 1.
    tt_segment_header *header = (void *)last->bytes;
    last->size = sizeof *header;
    tt_segment_header_seal_as(header, 1);
    fx_file_store(fx_journal, last);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, last->name));
    tt_segment_header_seal_as(header, 2);
    fx_file_store(fx_journal, last);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

/* Gives all segments another fingerprint of layouts, with a right checksum. */
static void set_layouts(fx_image *image, uint64_t layouts)
{
    for (size_t i = 0; i < image->count; i++) {
        tt_segment_header *header = (void *)image->files[i].bytes;
        if (strstr(image->files[i].name, ".ttj")) {
            header->layouts = layouts;
            header->crc = tt_crc32c(0, header, offsetof(tt_segment_header, crc));
        }
    }
    fx_image_store(fx_journal, image);
}

static void test_a_journal_of_other_layouts_is_refused(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 2000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 15, 3, 31);
    tt_journal_close(writer);
    fx_image image;
    fx_image_load(fx_journal, &image);
    const tt_segment_header *header = (const void *)fx_image_last(&image, ".ttj")->bytes;
    assert_int_equal(header->layouts, tt_layout_fingerprint());
    set_layouts(&image, tt_layout_fingerprint() ^ 1);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
    assert_non_null(strstr(error.message, "a build whose messages have other layouts"));
    assert_non_null(strstr(error.hint, "use the release that wrote the journal"));
    // Who only looks would need the file that describes them.
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open_any(fx_journal, &reader, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.hint, "the file that describes them is missing"));
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_VERSION);
    set_layouts(&image, 0); // Of a build that did not tell.
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_closed_journal_is_read, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_crashed_journal_is_read_and_repaired, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_kept_journal_is_continued_in_the_new_version, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_empty_last_segment_is_replaced, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_every_flipped_byte_is_found, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_spare_bytes_of_a_message_must_be_zero_in_version_1, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_version_2_knows_addresses_and_declared_topics, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_old_segment_behind_a_new_one_is_refused, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_journal_of_other_layouts_is_refused, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
