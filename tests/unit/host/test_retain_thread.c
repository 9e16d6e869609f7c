/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread that keeps the journal small: it compresses, drops what is old or too much, leaves
 * what the read model has not stored, and gives up on damage without harm.
 */
#include "../journal/journal_fixture.h"
#include "host/retain_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[FX_PATH_MAX];
static char dir[FX_PATH_MAX + 16];
static tt_hub *hub;
static tt_journal_end last;

/* A closed journal of many segments with a snapshot at its end. */
static int set_up(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(dir, sizeof dir, "%s/journal", root);
    hub = aligned_alloc(TT_CACHE_LINE, sizeof *hub);
    assert_non_null(hub);
    memset(hub, 0, sizeof *hub);
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(dir, &options);
    fx_append(writer, 40, 1, 17);
    tt_journal_state(writer, &last);
    assert_int_equal(tt_snapshot_write(dir, &last, "state", 5, NULL), TUTTI_OK);
    tt_journal_close(writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(hub);
    fx_dir_remove(root);
    return 0;
}

static void test_it_compresses_and_drops(void **state)
{
    (void)state;
    tt_journal_survey survey;
    tt_retain_thread retain = {.hub = hub, .dir = dir};
    assert_int_equal(tt_retain_thread_work(&retain), TUTTI_OK);
    assert_true(retain.archived > 5);
    assert_int_equal(retain.dropped, 0);
    // An hour: nothing is so old. Then a nanosecond, and half is not stored yet.
    retain.age_ns = 3600 * TT_NS_PER_S;
    assert_int_equal(tt_retain_thread_work(&retain), TUTTI_OK);
    assert_int_equal(retain.dropped, 0);
    retain.age_ns = 1;
    retain.has_store = true;
    atomic_store(&hub->stored_seq, last.last_seq / 2);
    assert_int_equal(tt_retain_thread_work(&retain), TUTTI_OK);
    assert_true(retain.dropped > 0);
    assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
    assert_in_range(survey.first_seq, 2, last.last_seq / 2 + 1);
    uint64_t before = retain.dropped;
    retain.has_store = false;
    retain.age_ns = 0;
    retain.bytes = 1;
    assert_int_equal(tt_retain_thread_work(&retain), TUTTI_OK);
    assert_true(retain.dropped > before);
    assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
    assert_int_equal(survey.archives, 0);
    tt_journal_end end;
    assert_int_equal(fx_read(dir, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, last.last_seq);
}

static void test_it_works_until_it_is_told_to_stop(void **state)
{
    (void)state;
    pthread_t thread;
    tt_retain_thread retain = {.hub = hub, .dir = dir, .bytes = 1};
    assert_int_equal(pthread_create(&thread, NULL, tt_retain_thread_run, &retain), 0);
    tt_journal_survey survey = {.first_seq = 1};
    while (survey.first_seq == 1 || survey.archives > 0) {
        assert_int_equal(tt_journal_survey_read(dir, &survey, NULL), TUTTI_OK);
    }
    atomic_store(&hub->stop_retain, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(retain.has_failed);
    assert_true(retain.dropped > 5);
}

static void test_damage_ends_it_and_changes_nothing(void **state)
{
    (void)state;
    fx_image image;
    fx_image_load(dir, &image);
    image.files[0].bytes[150] ^= 1;
    fx_image_store(dir, &image);
    tt_retain_thread retain = {.hub = hub, .dir = dir, .bytes = 1};
    assert_null(tt_retain_thread_run(&retain));
    assert_true(retain.has_failed);
    assert_non_null(strstr(retain.error.message, image.files[0].name));
    assert_int_equal(retain.archived + retain.dropped, 0);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_compresses_and_drops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_it_works_until_it_is_told_to_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_ends_it_and_changes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
