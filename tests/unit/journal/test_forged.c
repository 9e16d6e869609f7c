/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Headers and records that were changed and given right checksums: found all the same.
 *
 * Covers: journal_format.c
 */
#include "base/crc32c.h"
#include "journal/journal_format.h"
#include "journal_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sets the version of a file with a header whose checksum ends at `crc_at`. */
static void set_version(fx_file *file, uint32_t version, size_t crc_at)
{
    memcpy(file->bytes + 8, &version, sizeof version);
    uint32_t crc = tt_crc32c(0, file->bytes, crc_at);
    memcpy(file->bytes + crc_at, &crc, sizeof crc);
    fx_file_store(fx_journal, file);
}

static void test_a_newer_version_is_refused_with_a_hint(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    tt_error error = {0};
    set_version(fx_image_last(&image, "meta"), TT_JOURNAL_VERSION + 1, 28);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, "meta"));
    assert_non_null(strstr(error.hint, "newer"));
    set_version(fx_image_last(&image, "meta"), TT_JOURNAL_VERSION, 28);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_END);
    fx_file *file = fx_image_last(&image, ".ttj");
    set_version(file, TT_JOURNAL_VERSION + 1, 92);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, file->name));
    tt_journal_writer *writer = NULL;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_VERSION);
    fx_image_free(&image);
}

/* A record of the file, with its checksum made right again. */
static void reseal(fx_file *file, size_t at)
{
    uint32_t length;
    memcpy(&length, file->bytes + at, sizeof length);
    uint32_t crc = tt_crc32c(0, file->bytes + at + 16, length);
    crc = tt_crc32c(crc, file->bytes + at, 4);
    crc = tt_crc32c(crc, file->bytes + at + 8, 8);
    memcpy(file->bytes + at + 4, &crc, sizeof crc);
    fx_file_store(fx_journal, file);
}

static void test_forged_records_with_right_checksums(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *file = fx_image_last(&image, "00000001.ttj");
    tt_error error = {0};
    // A payload: only the chain can tell.
    file->bytes[96 + 16 + 64] ^= 1;
    reseal(file, 96);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "chain value"));
    file->bytes[96 + 16 + 64] ^= 1;
    // A sequence number.
    file->bytes[96 + 16] ^= 2;
    reseal(file, 96);
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "do not continue"));
    file->bytes[96 + 16] ^= 2;
    reseal(file, 96);
    // The commit: counts, flags.
    size_t commit = 96;
    while (file->bytes[commit + 8] != 2) {
        uint32_t length;
        memcpy(&length, file->bytes + commit, sizeof length);
        commit += 16 + length;
    }
    const size_t fields[] = {16, 24, 32, 40, 80, 84, 88};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        file->bytes[commit + fields[i]] ^= 8;
        reseal(file, commit);
        assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
        file->bytes[commit + fields[i]] ^= 8;
        reseal(file, commit);
    }
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_END);
    fx_image_free(&image);
}

/* A file under construction. */
typedef struct forged_file {
    FILE *out;
    uint64_t offset;
    tt_journal_end end;
} forged_file;

/* Writes a record of clock messages that fill `size` bytes, with a right checksum. */
static void forge_step(forged_file *to, size_t size)
{
    size_t each = sizeof(tt_msg) + sizeof(tt_clock);
    size = size / each * each;
    tt_record_head *head = calloc(1, sizeof *head + size);
    assert_non_null(head);
    *head = (tt_record_head){.length = (uint32_t)size, .type = TT_RECORD_STEP};
    for (size_t at = 0; at < size; at += each) {
        tt_msg *msg = (void *)((unsigned char *)(head + 1) + at);
        msg->seq = ++to->end.last_seq;
        msg->topic = TT_TOPIC_CLOCK;
        msg->size = sizeof(tt_clock);
    }
    tt_record_seal_as(head, to->offset, TT_JOURNAL_VERSION);
    assert_int_equal(fwrite(head, 1, sizeof *head + size, to->out), sizeof *head + size);
    to->offset += sizeof *head + size;
    to->end.step_count++;
    free(head);
}

static void test_a_batch_beyond_the_bound(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_close(fx_create(fx_journal, &options));
    char name[FX_PATH_MAX + 64];
    (void)snprintf(name, sizeof name, "%s/00000000000000000001.ttj", fx_journal);
    assert_int_equal(truncate(name, sizeof(tt_segment_header)), 0);
    forged_file to = {.out = fopen(name, "ab"), .offset = sizeof(tt_segment_header)};
    assert_non_null(to.out);
    for (int i = 0; i < 3; i++) {
        forge_step(&to, TT_JOURNAL_STEP_MAX / 2);
    }
    tt_commit_record commit;
    to.end.commit_count = 1;
    tt_commit_fill(&commit, &to.end, to.offset - sizeof(tt_segment_header), 0);
    tt_record_seal_as(&commit.head, to.offset, TT_JOURNAL_VERSION);
    assert_int_equal(fwrite(&commit, 1, sizeof commit, to.out), sizeof commit);
    assert_int_equal(fclose(to.out), 0);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "larger than any that is written"));
}

static void test_forged_headers_with_right_checksums(void **state)
{
    (void)state;
    fx_image image;
    fx_make_closed(&image);
    fx_file *file = fx_image_last(&image, ".ttj");
    // Sequence, steps, commits, time, chain value, zeros.
    const size_t fields[] = {16, 24, 32, 40, 48, 79, 88, 91};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        file->bytes[fields[i]] ^= 4;
        set_version(file, TT_JOURNAL_VERSION, 92); // Makes the checksum right.
        tt_error error = {0};
        assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
        assert_non_null(strstr(error.message, file->name));
        file->bytes[fields[i]] ^= 4;
    }
    set_version(file, TT_JOURNAL_VERSION, 92);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_newer_version_is_refused_with_a_hint, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_forged_records_with_right_checksums, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_forged_headers_with_right_checksums, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_batch_beyond_the_bound, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
