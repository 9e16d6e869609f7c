/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A change of segments that no commit waits for (ADR 107): what a kill or a power cut can leave at
 * any moment of it is read, continued and ended; what was acknowledged is there; and who reads
 * beside the writer sees each commit at once.
 *
 * See call_record.h for how.
 *
 * Covers: journal_seal.c journal_cross.c journal_spare.c journal_write.c
 */
#include "change_fixture.h"

#include <string.h>

static void crash_at_changes(bool is_direct, bool is_late)
{
    cr_taken->is_direct = is_direct;
    tt_journal_io io = cr_io();
    tt_journal_writer *writer = ch_begin(&io);
    tt_journal_end before;
    tt_journal_state(writer, &before);
    cr_hold(is_late);
    ch_append_to_change(writer);
    ch_append_one(writer);
    ch_append_one(writer);
    cr_hold(false);
    assert_int_equal(tt_spare_wait_sealed(&writer->spare, NULL), TUTTI_OK);
    ch_append_to_change(writer);
    ch_append_one(writer);
    tt_spare_settle(&writer->spare);
    assert_int_equal(cr_count_seal_calls(CALL_WRITE), 2);
    assert_int_equal(cr_count_seal_calls(CALL_CUT), 2);
    assert_int_equal(cr_count_seal_calls(CALL_SYNC), 2);
    size_t first = cr_find_name(0);
    ch_crash_everywhere(first > 6 ? first - 6 : 0, &before);
    tt_journal_close(writer);
}

static void test_a_crash_at_every_call_of_a_change(void **state)
{
    (void)state;
    crash_at_changes(false, false);
}

static void test_a_crash_past_the_page_cache_while_the_seal_is_late(void **state)
{
    (void)state;
    crash_at_changes(true, true);
}

static void test_a_crash_while_a_crash_is_mended(void **state)
{
    (void)state;
    fx_image found;
    tt_journal_end before;
    ch_stop_behind_name(NULL, &found, &before);
    tt_journal_io io = cr_io();
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.io = &io;
    const size_t moment = cr_taken->count;
    tt_journal_end end;
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    cr_acknowledge(&end); // What was found is told.
    ch_append_one(writer);
    ch_append_one(writer);
    ch_crash_everywhere(moment, &before);
    tt_journal_close(writer);
    fx_image_free(&found);
}

static void test_a_commit_is_acknowledged_and_read_before_the_seal(void **state)
{
    (void)state;
    tt_journal_io io = cr_io();
    tt_journal_writer *writer = ch_begin(&io);
    tt_journal_reader *reader = NULL;
    tt_journal_end end;
    tt_journal_end seen;
    const void *bytes;
    size_t size;
    tt_spare_stats stats;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    while (tt_journal_reader_next(reader, &bytes, &size, NULL) == TUTTI_OK) {
    }
    cr_hold(true);
    ch_append_to_change(writer);
    cr_wait_at_gate();
    // Who follows, who comes, who begins in the middle: all see it. The old segment has its space.
    for (int i = 0; i < 3; i++) {
        tutti_status status;
        do {
            status = tt_journal_reader_next(reader, &bytes, &size, NULL);
        } while (status == TUTTI_OK);
        assert_int_equal(status, TUTTI_END);
        tt_journal_reader_end(reader, &seen);
        tt_journal_state(writer, &end);
        assert_memory_equal(&seen, &end, sizeof end);
        assert_int_equal(ch_read_all(fx_journal, 0, "beside"), end.step_count);
        assert_int_equal(ch_read_all(fx_journal, end.last_seq, "beside"), end.step_count);
        ch_append_one(writer);
    }
    // What is not ended is not archived.
    tt_journal_retention rules = {.now_ns = 1};
    assert_int_equal(fx_retain(&rules).archived, 0);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.sealed, 0);
    cr_hold(false);
    assert_int_equal(tt_spare_wait_sealed(&writer->spare, NULL), TUTTI_OK);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.sealed, 1);
    assert_int_equal(fx_retain(&rules).archived, 1);
    tt_journal_state(writer, &end);
    assert_int_equal(ch_read_all(fx_journal, 0, "behind"), end.step_count);
    tt_journal_reader_close(reader);
    tt_journal_close(writer);
}

static void test_the_next_change_waits_for_the_seal(void **state)
{
    (void)state;
    tt_journal_io io = cr_io();
    tt_journal_writer *writer = ch_begin(&io);
    ch_append_to_change(writer);
    ch_append_to_change(writer);
    ch_append_to_change(writer);
    // Between two names a segment is written to its end, cut and synced.
    for (int n = 0; n < 2; n++) {
        bool is_ended = false;
        for (size_t i = cr_find_name(n); i < cr_find_name(n + 1); i++) {
            is_ended |= cr_taken->calls[i].kind == CALL_SYNC && cr_taken->calls[i].is_of_seals;
        }
        assert_true(is_ended);
    }
    tt_journal_close(writer);
}

static void test_a_seal_that_fails_ends_the_writer(void **state)
{
    (void)state;
    for (int fails = 0; fails < 3; fails++) {
        cr_taken->fails = fails;
        cr_taken->seal_calls = 0;
        tt_journal_io io = cr_io();
        tt_journal_writer *writer = ch_begin(&io);
        ch_append_to_change(writer);
        tt_error error = {0};
        assert_int_equal(tt_spare_wait_sealed(&writer->spare, &error), TUTTI_IO);
        assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
        tt_journal_end end;
        tt_journal_state(writer, &end);
        static fx_step step;
        ch_make_step(&step, end.last_seq + 1);
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
        error = (tt_error){0};
        assert_int_equal(tt_journal_commit(writer, &error), TUTTI_IO);
        assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
        assert_int_equal(tt_journal_commit(writer, &error), TUTTI_IO);
        tt_journal_close(writer);
        tt_journal_end found;
        cr_taken->fails = NONE;
        tt_journal_options options = ch_options(NULL);
        writer = fx_resume(fx_journal, &options, &found);
        assert_int_equal(found.step_count, end.step_count);
        assert_false(found.is_closed);
        tt_journal_close(writer);
        ch_check_ended(fx_journal, "behind a failure");
        cr_forget();
        cr_taken->is_on = false;
        fx_dir_remove(fx_journal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_crash_at_every_call_of_a_change, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_crash_past_the_page_cache_while_the_seal_is_late, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_crash_while_a_crash_is_mended, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_commit_is_acknowledged_and_read_before_the_seal, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_next_change_waits_for_the_seal, cr_set_up, cr_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_seal_that_fails_ends_the_writer, cr_set_up, cr_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
