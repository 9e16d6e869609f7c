/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Repair cuts an unfinished tail, says so, and touches nothing else; the survey counts files.
 *
 * Covers: journal_repair.c journal_lock.c
 */
#include "journal_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A journal of several segments, closed; `ret_end` where it ends. */
static void make_closed(tt_journal_end *ret_end)
{
    tt_journal_options options = fx_options(TT_durability_NONE, 2000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 15, 3, 31);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, ret_end, NULL), TUTTI_END);
}

static void expect_same(const fx_image *image)
{
    fx_image now;
    fx_image_load(fx_journal, &now);
    assert_int_equal(now.count, image->count);
    for (size_t i = 0; i < now.count; i++) {
        assert_string_equal(now.files[i].name, image->files[i].name);
        assert_int_equal(now.files[i].size, image->files[i].size);
        assert_memory_equal(now.files[i].bytes, image->files[i].bytes, now.files[i].size);
    }
    fx_image_free(&now);
}

static void test_a_whole_journal_is_left_alone(void **state)
{
    (void)state;
    tt_journal_end end;
    fx_image image;
    make_closed(&end);
    fx_image_load(fx_journal, &image);
    tt_journal_repair_report report;
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_int_equal(report.end.last_seq, end.last_seq);
    assert_int_equal(report.end.cut_bytes, 0);
    assert_string_equal(report.reason, "");
    assert_string_equal(report.file, fx_image_last(&image, ".ttj")->name);
    expect_same(&image);
    fx_image_free(&image);
}

static void test_a_torn_tail_is_cut_and_told(void **state)
{
    (void)state;
    tt_journal_end end;
    fx_image image;
    make_closed(&end);
    fx_image_load(fx_journal, &image);
    fx_file *last = fx_image_last(&image, ".ttj");
    last->size -= 40; // Within the closing commit.
    fx_file_store(fx_journal, last);
    tt_journal_repair_report report;
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_int_equal(report.end.cut_bytes, 96 - 40);
    assert_int_equal(report.end.last_seq, end.last_seq);
    assert_non_null(strstr(report.reason, "cut 56 unfinished bytes"));
    assert_non_null(strstr(report.reason, last->name));
    last->size -= 56;
    expect_same(&image);
    assert_int_equal(tt_journal_repair(fx_journal, &report, NULL), TUTTI_OK);
    assert_string_equal(report.reason, "");
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.cut_bytes, 0);
    fx_image_free(&image);
}

static void test_damage_is_refused_and_left_alone(void **state)
{
    (void)state;
    tt_journal_end end;
    fx_image image;
    make_closed(&end);
    fx_image_load(fx_journal, &image);
    fx_image_last(&image, ".ttj")->bytes[96 + 16 + 70] ^= 1;
    fx_image_store(fx_journal, &image);
    tt_journal_repair_report report;
    tt_error error = {0};
    assert_int_equal(tt_journal_repair(fx_journal, &report, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, fx_journal));
    expect_same(&image);
    fx_image_free(&image);
    (void)snprintf(fx_journal, sizeof fx_journal, "%s/none", fx_root);
    assert_int_equal(tt_journal_repair(fx_journal, &report, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, fx_journal));
}

static void test_the_survey_counts(void **state)
{
    (void)state;
    tt_journal_end end;
    tt_journal_survey survey;
    make_closed(&end);
    fx_image image;
    fx_image_load(fx_journal, &image);
    uint64_t bytes = 0;
    for (size_t i = 0; i < image.count; i++) {
        bytes += strcmp(image.files[i].name, "meta") == 0 ? 0 : image.files[i].size;
    }
    assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.first_seq, 1);
    assert_int_equal(survey.segments, image.count - 1);
    assert_int_equal(survey.segment_bytes, bytes);
    assert_int_equal(survey.snapshots, 0);
    assert_false(survey.has_writer);
    assert_int_equal(survey.owner, 0);
    assert_int_equal(tt_snapshot_write(fx_journal, &end, "state", 5, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.snapshots, 1);
    assert_int_equal(survey.newest_snapshot, end.last_seq);
    assert_int_equal(survey.snapshot_bytes, 128 + 5);
    fx_image_free(&image);
    assert_int_equal(tt_journal_survey_read(fx_root, &survey, NULL), TUTTI_NOT_FOUND);
}

/* A child writes and lives; the parent may neither write nor repair, and learns who does. */
static void test_a_living_second_process_keeps_all_others_out(void **state)
{
    (void)state;
    int ready[2];
    int leave[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(leave), 0);
    pid_t child = fork();
    if (child == 0) {
        tt_journal_options options = fx_options(TT_durability_NONE, 0);
        tt_journal_writer *writer = fx_create(fx_journal, &options);
        fx_append(writer, 3, 1, 1);
        (void)close(leave[1]);
        (void)!write(ready[1], &byte, 1);
        (void)!read(leave[0], &byte, 1); // Until the parent closes its end.
        _exit(0);                        // Dies without closing the journal.
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    char owner[32];
    (void)snprintf(owner, sizeof owner, "process %ld", (long)child);
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, owner));
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error),
        TUTTI_BUSY);
    assert_non_null(strstr(error.message, owner));
    tt_journal_repair_report report;
    assert_int_equal(tt_journal_repair(fx_journal, &report, &error), TUTTI_BUSY);
    tt_journal_survey survey;
    assert_int_equal(tt_journal_survey_read(fx_journal, &survey, NULL), TUTTI_OK);
    assert_true(survey.has_writer);
    assert_int_equal(survey.owner, child);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END); // Reading needs no lock.
    assert_int_equal(end.step_count, 3);
    (void)close(leave[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tt_journal_close(fx_resume(fx_journal, &options, &end)); // The lock died with its owner.
    assert_int_equal(end.step_count, 3);
    (void)close(leave[0]);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_whole_journal_is_left_alone, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_torn_tail_is_cut_and_told, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_damage_is_refused_and_left_alone, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_survey_counts, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_living_second_process_keeps_all_others_out, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
