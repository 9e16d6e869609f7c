/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A backtest: the same bytes twice, an earlier one replaced only by one that ended well, nothing
 * left after a failure.
 */
#include "fixture.h"
#include "host/backtest.h"
#include "host/replay.h"

static const char *const ticks_3000[] = {"synthetic.ticks=3000", NULL};
static const char *const ticks_2000[] = {"synthetic.ticks=2000", NULL};

/** Runs a backtest into `folder` and gives its status. */
static tutti_status run_into(
    const char *folder,
    const char *const *sets,
    uint64_t fail_after,
    uint8_t digest[TT_DIGEST_SIZE],
    tt_error *error)
{
    tt_config *config = fx_config(sets);
    tt_backtest_options options = {.out_dir = folder, .journal_fail_after = fail_after};
    tt_backtest_result result;
    tutti_status status = tt_backtest_run(config, &options, &result, error);
    assert_int_equal(result.report != NULL, status == TUTTI_OK);
    memcpy(digest, result.digest, TT_DIGEST_SIZE);
    tt_report_free(result.report);
    free(config);
    return status;
}

/** Requires that a folder holds this backtest, whole, and nothing else. */
static void check_holds(const char *folder, const uint8_t digest[TT_DIGEST_SIZE])
{
    tt_error error = {0};
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    assert_memory_equal(result.end.chain, digest, TT_DIGEST_SIZE);
    assert_true(result.end.is_closed);
    assert_true(tt_path_exists(fx_path(folder, "report.html")));
    assert_true(tt_path_exists(fx_path(folder, "report.json")));
    assert_int_equal(fx_names(folder), 3);
}

static void gives_the_same_bytes_twice(void **state)
{
    const char *folder = *state;
    uint8_t first[TT_DIGEST_SIZE];
    uint8_t second[TT_DIGEST_SIZE];
    tt_error error = {0};
    fx_ok(run_into(folder, ticks_3000, 0, first, &error), &error);
    check_holds(folder, first);
    assert_true(fx_count(fx_path(folder, "journal"), TT_TOPIC_FILLS) > 2);
    fx_ok(run_into(folder, ticks_3000, 0, second, &error), &error);
    assert_memory_equal(first, second, TT_DIGEST_SIZE);
    check_holds(folder, second);
}

static void replaces_an_earlier_one_only_when_it_ended_well(void **state)
{
    const char *folder = *state;
    uint8_t first[TT_DIGEST_SIZE];
    uint8_t second[TT_DIGEST_SIZE];
    tt_error error = {0};
    fx_ok(run_into(folder, ticks_2000, 0, first, &error), &error);
    // The disk is full in the middle.
    assert_int_equal(run_into(folder, ticks_3000, 100000, second, &error), TUTTI_NO_SPACE);
    check_holds(folder, first);
    // The journal can be written, a report cannot.
    const char *obstacle = fx_path(folder, "report.json.new.partial");
    fx_ok(tt_folder_make(obstacle, &error), &error);
    assert_int_not_equal(run_into(folder, ticks_3000, 0, second, &error), TUTTI_OK);
    assert_non_null(strstr(error.message, "report.json"));
    fx_remove(obstacle);
    check_holds(folder, first);
    fx_ok(run_into(folder, ticks_3000, 0, second, &error), &error);
    assert_memory_not_equal(first, second, TT_DIGEST_SIZE);
    check_holds(folder, second);
}

static void leaves_nothing_after_a_failure(void **state)
{
    static const char *const no_file[] = {
        "feed.kind=csv_bars", "feed.path=/nowhere/at/all.csv, /nowhere/else.csv", NULL};
    const char *folder = *state;
    uint8_t digest[TT_DIGEST_SIZE];
    tt_error error = {0};
    assert_int_equal(run_into(folder, ticks_3000, 50000, digest, &error), TUTTI_NO_SPACE);
    assert_int_equal(fx_names(folder), 0);
    assert_int_equal(run_into(folder, no_file, 0, digest, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "/nowhere/at/all.csv"));
    assert_int_equal(fx_names(folder), 0);
}

static void refuses_the_folder_of_a_session(void **state)
{
    const char *folder = *state;
    uint8_t digest[TT_DIGEST_SIZE];
    tt_error error = {0};
    fx_ok(tt_folder_make(fx_path(folder, "journal"), &error), &error);
    assert_int_equal(run_into(folder, ticks_2000, 0, digest, &error), TUTTI_EXISTS);
    assert_non_null(strstr(error.message, fx_path(folder, "journal")));
    assert_true(error.hint[0] != 0);
    assert_int_equal(fx_names(folder), 1);
}

/** What a person's Ctrl-C sets. */
typedef struct stop_flag {
    volatile int is_set;
} stop_flag;

/** Asks to stop as soon as the run tells that it has begun. */
static void stop_at_once(void *ctx, const tt_feed_progress *progress, double seconds, bool is_done)
{
    (void)progress;
    (void)seconds;
    (void)is_done;
    ((stop_flag *)ctx)->is_set = 1;
}

static void ends_early_but_in_order_when_it_is_stopped(void **state)
{
    const char *folder = *state;
    stop_flag stop = {0};
    tt_config *config = fx_config(ticks_3000);
    tt_backtest_options options = {
        .out_dir = folder, .progress = stop_at_once, .progress_ctx = &stop, .stop = &stop.is_set};
    tt_backtest_result result;
    tt_error error = {0};
    fx_ok(tt_backtest_run(config, &options, &result, &error), &error);
    assert_true(result.was_stopped);
    assert_true(tt_report_numbers_get(result.report)->ticks < 3000);
    assert_int_equal(tt_report_numbers_get(result.report)->topics[TT_TOPIC_SESSION_EVENTS], 2);
    check_holds(folder, result.digest);
    tt_report_free(result.report);
    free(config);
}

static void needs_no_folder(void **state)
{
    (void)state;
    tt_config *config = fx_config(ticks_2000);
    tt_backtest_options options = {0};
    tt_backtest_result result;
    tt_error error = {0};
    fx_ok(tt_backtest_run(config, &options, &result, &error), &error);
    assert_false(result.has_digest);
    assert_int_equal(tt_report_numbers_get(result.report)->ticks, 2000);
    tt_report_free(result.report);
    free(config);
}

static int make_folder(void **state)
{
    *state = strdup(fx_folder());
    return *state == NULL;
}

static int remove_folder(void **state)
{
    fx_remove(*state);
    free(*state);
    return 0;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(gives_the_same_bytes_twice),
        IN_FOLDER(replaces_an_earlier_one_only_when_it_ended_well),
        IN_FOLDER(leaves_nothing_after_a_failure),
        IN_FOLDER(refuses_the_folder_of_a_session),
        IN_FOLDER(ends_early_but_in_order_when_it_is_stopped),
        cmocka_unit_test(needs_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
