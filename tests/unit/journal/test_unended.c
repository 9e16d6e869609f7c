/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What passes for a change of segments that a crash has interrupted, and what does not: a segment
 * without its seal, one without its header.
 *
 * Covers: journal_cross.c journal_open.c journal_repair.c
 */
#include "change_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_a_blank_segment_is_none(void **state)
{
    (void)state;
    const crash_loss loss = {.has_names = true};
    fx_image found;
    tt_journal_end before;
    tt_journal_end end;
    ch_stop_behind_name(&loss, &found, &before);
    cr_watched = fx_image_last(&found, ".ttj")->name;
    assert_string_not_equal(cr_watched, "00000000000000000001.ttj");
    assert_int_equal(ch_read_all(fx_journal, 0, "blank"), before.step_count);
    const tt_journal_retention rules = {.now_ns = 1};
    assert_int_equal(fx_retain(&rules).archived, 0);
    tt_journal_io io = cr_io();
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.io = &io;
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    assert_int_equal(end.step_count, before.step_count);
    assert_int_equal(end.cut_bytes, 0);
    // It is gone, and for good, before anything that it would contradict is written.
    size_t first = 0;
    while (cr_taken->calls[first].kind != CALL_WRITE &&
           (cr_taken->calls[first].kind != CALL_SYNC_NAMES || cr_taken->calls[first].size == 1)) {
        first++;
        assert_true(first < cr_taken->count);
    }
    assert_int_equal(cr_taken->calls[first].kind, CALL_SYNC_NAMES);
    ch_small_seq = end.last_seq + 1; // There is room for it.
    ch_append(writer, 1);
    assert_int_equal(writer->segment_first, 1);
    ch_append(writer, 3);
    cr_taken->is_on = false;
    tt_journal_close(writer);
    assert_int_equal(ch_read_all(fx_journal, 0, "behind"), before.step_count + 4);
    fx_image_free(&found);
}

static void test_what_is_torn_in_a_blank_segment_is_cut_with_it(void **state)
{
    (void)state;
    fx_image found;
    tt_journal_end before;
    ch_stop_behind_name(NULL, &found, &before);
    fx_file *last = fx_image_last(&found, ".ttj");
    memset(last->bytes, 0, SECTOR);
    assert_true(ch_end_of(last) > SECTOR);
    ch_check_found(fx_journal, &found, &before, "torn");
    fx_image_store(fx_journal, &found);
    tt_journal_repair_report report;
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_string_equal(report.file, last->name);
    assert_non_null(strstr(report.reason, last->name));
    assert_int_equal(report.end.cut_bytes, ch_end_of(last) - sizeof(tt_segment_header));
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_int_equal(report.end.cut_bytes, 0);
    assert_int_equal(ch_read_all(fx_journal, 0, "repaired"), before.step_count);
    fx_image_free(&found);
}

/* A journal with a change in its middle is changed once more, and must be refused. */
static void expect_refusal(const fx_image *image, const char *why)
{
    tt_error error = {0};
    fx_image_store(fx_journal, image);
    tutti_status status = fx_read(fx_journal, NULL, &error);
    if (status != TUTTI_CORRUPT || !strstr(error.message, why)) {
        fail_msg("not \"%s\", but %s: %s", why, tutti_status_name(status), error.message);
    }
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    tt_journal_writer *writer;
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_CORRUPT);
}

static void test_a_segment_without_room_for_its_seal_was_cut(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    ch_make_unsealed(&image, &end);
    fx_file *old = &image.files[0];
    assert_string_equal(old->name, "00000000000000000001.ttj");
    const size_t used = ch_end_of(old);
    old->size = used + TT_SEAL_BYTES;
    fx_image_store(fx_journal, &image);
    assert_int_equal(ch_read_all(fx_journal, 0, "room"), end.step_count);
    old->size--;
    expect_refusal(&image, "ends without its seal, but another one follows");
    // Without its last commit it does not end where the next one begins.
    old->size = used + TT_SEAL_BYTES;
    memset(old->bytes + used - TT_SEAL_BYTES, 0, TT_SEAL_BYTES);
    expect_refusal(&image, "ends without its seal, but another one follows");
    fx_image_free(&image);
}

static void test_bytes_behind_an_unsealed_segment_are_damage(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    ch_make_unsealed(&image, &end);
    fx_file *old = &image.files[0];
    // A record that was written to its end: none that a seal could have become.
    tt_seal seal;
    tt_seal_fill(
        &seal, (tt_journal_file){.name = "", .fd = -1}, ch_end_of(old), TT_JOURNAL_VERSION, &end);
    seal.record.body.step_count ^= 1;
    memcpy(old->bytes + ch_end_of(old), &seal.record, sizeof seal.record);
    expect_refusal(&image, "the record was written to its end and is damaged");
    fx_image_free(&image);
}

static void test_only_the_segment_before_the_last_may_be_unsealed(void **state)
{
    (void)state;
    fx_image unsealed;
    fx_image later;
    tt_journal_end end;
    ch_make_unsealed(&unsealed, &end);
    fx_image_store(fx_journal, &unsealed);
    tt_journal_options options = ch_options(NULL);
    tt_journal_writer *writer = fx_resume(fx_journal, &options, NULL);
    ch_append(writer, STEPS);
    tt_journal_close(writer);
    fx_image_load(fx_journal, &later);
    assert_true(later.count > 4);
    // The first one without its seal again; and with it, but uncut.
    fx_file ended = later.files[0];
    later.files[0] = unsealed.files[0];
    expect_refusal(&later, "ends without its seal, but another one follows");
    memcpy(unsealed.files[0].bytes, ended.bytes, ended.size);
    later.files[0] = unsealed.files[0];
    expect_refusal(&later, "does not end with its seal");
    later.files[0] = ended;
    fx_image_free(&later);
    fx_image_free(&unsealed);
}

static void test_a_lost_header_is_damage_once_a_commit_follows(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    ch_make_unsealed(&image, &end);
    fx_file *last = fx_image_last(&image, ".ttj");
    memset(last->bytes, 0, SECTOR);
    expect_refusal(&image, "has lost its header");
    // And behind a sealed segment in any case.
    fx_file empty = {.size = last->size, .bytes = calloc(1, last->size)};
    memcpy(empty.name, last->name, sizeof empty.name);
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    fx_image_free(&image);
    fx_dir_remove(fx_journal);
    ch_make_unsealed(&image, &end);
    fx_image_store(fx_journal, &image);
    tt_journal_close(fx_resume(fx_journal, &options, NULL));
    fx_file_store(fx_journal, &empty);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, empty.name));
    free(empty.bytes);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_blank_segment_is_none, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_is_torn_in_a_blank_segment_is_cut_with_it, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_segment_without_room_for_its_seal_was_cut, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_bytes_behind_an_unsealed_segment_are_damage, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_only_the_segment_before_the_last_may_be_unsealed, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_lost_header_is_damage_once_a_commit_follows, cr_set_up, cr_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
