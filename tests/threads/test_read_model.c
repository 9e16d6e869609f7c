/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The read model is lost, damaged or out of reach: the session goes on, people are told, and when
 * it can be written again it has every message of the journal.
 *
 * Covers: store_thread.c
 */
#include "host/replay.h"
#include "session_rig.h"
#include "store/store.h"

#include <sys/stat.h>

/** Stops, checks the journal, and requires that the read model has all of it. */
static tt_seq stop_and_compare(rig *held, const tt_config *config, const char *folder)
{
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    fx_ok(rig_stop(held, &report, digest, &error), &error);
    tt_report_free(report);
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    tt_store *store = NULL;
    const char *path = fx_path(folder, "store.db");
    fx_ok(tt_store_open(path, &config->engine.instruments, &store, &error), &error);
    assert_int_equal(tt_store_last_seq(store), result.end.last_seq);
    tt_store_close(store);
    return result.end.last_seq;
}

static void one_of_another_run_is_set_aside(void **state)
{
    (void)state;
    static const char *const first_sets[] = {"api.enabled=false", NULL};
    static const char *const second_sets[] = {"api.enabled=false", "run.seed=43", NULL};
    tt_config *first = fx_config(first_sets);
    tt_config *second = fx_config(second_sets);
    char first_folder[64];
    char second_folder[64];
    rig held;
    snprintf(first_folder, sizeof first_folder, "%s", fx_folder());
    snprintf(second_folder, sizeof second_folder, "%s", fx_folder());
    rig_start(&held, first, first_folder);
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 2));
    tt_seq last = stop_and_compare(&held, first, first_folder);
    assert_int_equal(
        rename(fx_path(first_folder, "store.db"), fx_path(second_folder, "store.db")), 0);
    rig_start(&held, second, second_folder);
    assert_true(rig_wait_for(&held, TT_TOPIC_NOTIFICATIONS, 2)); // Down, and up again.
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 2));
    stop_and_compare(&held, second, second_folder);
    tt_error error = {0};
    tt_store *aside = NULL;
    const char *path = fx_path(second_folder, "store.db.damaged");
    fx_ok(tt_store_open(path, &first->engine.instruments, &aside, &error), &error);
    assert_int_equal(tt_store_last_seq(aside), last);
    tt_store_close(aside);
    fx_remove(first_folder);
    fx_remove(second_folder);
    free(first);
    free(second);
}

static void one_that_is_deleted_is_made_anew(void **state)
{
    (void)state;
    tt_config *config = fx_config(NULL);
    const char *folder = fx_folder();
    rig held;
    rig_start(&held, config, folder);
    rig_wait_for_metric(&held, "tutti_stored_seq", 100);
    rig_wait_for_text(&held, "/api/v1/sessions", "started");
    assert_int_equal(unlink(fx_path(folder, "store.db")), 0);
    rig_wait_for_metric(&held, "tutti_store_failures_total", 1);
    rig_wait_for_metric(&held, "tutti_store_up", 1);
    // The interface reads the new one, which has the start as well.
    rig_wait_for_text(&held, "/api/v1/system_events", "part_up");
    rig_wait_for_text(&held, "/api/v1/sessions", "started");
    stop_and_compare(&held, config, folder);
    assert_int_equal(fx_count(fx_path(folder, "journal"), TT_TOPIC_HEALTH_REPORTS), 2);
    fx_remove(folder);
    free(config);
}

static void a_session_starts_without_one(void **state)
{
    (void)state;
    tt_config *config = fx_config(NULL);
    const char *folder = fx_folder();
    const char *path = fx_path(folder, "store.db");
    assert_int_equal(mkdir(path, 0777), 0);
    rig held;
    rig_start(&held, config, folder);
    rig_wait_for_metric(&held, "tutti_store_failures_total", 2);
    rig_wait_for_text(&held, "/metrics", "\ntutti_store_up 0\n");
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 1)); // It trades.
    assert_int_equal(rmdir(fx_path(folder, "store.db")), 0);
    rig_wait_for_metric(&held, "tutti_store_up", 1);
    stop_and_compare(&held, config, folder);
    // However often it failed: down once, up once.
    assert_int_equal(fx_count(fx_path(folder, "journal"), TT_TOPIC_HEALTH_REPORTS), 2);
    fx_remove(folder);
    free(config);
}

static void a_session_ends_without_one(void **state)
{
    (void)state;
    tt_config *config = fx_config(NULL);
    const char *folder = fx_folder();
    assert_int_equal(mkdir(fx_path(folder, "store.db"), 0777), 0);
    rig held;
    rig_start(&held, config, folder);
    rig_wait_for_metric(&held, "tutti_store_failures_total", 1);
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    assert_int_equal(tt_delivery_outcome_of(&held.delivery), TT_DELIVERY_BEHIND);
    tt_report_free(report);
    fx_remove(folder);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_another_run_is_set_aside),
        cmocka_unit_test(one_that_is_deleted_is_made_anew),
        cmocka_unit_test(a_session_starts_without_one),
        cmocka_unit_test(a_session_ends_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
