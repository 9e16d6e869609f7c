/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Making the read model anew gives the same rows, whatever was there before; a failure keeps it.
 * One that cannot be used gets out of the way.
 *
 * Covers: store_aside.c
 */
#include "../../lib/declared.h"
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[FX_PATH_MAX];
static char path[FX_PATH_MAX + 16];
static char journal[FX_PATH_MAX + 16];
static store_run the_run;

static int set_up(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(path, sizeof path, "%s/store.db", root);
    (void)snprintf(journal, sizeof journal, "%s/journal", root);
    run_make(&the_run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fx_dir_remove(root);
    return 0;
}

static void project_all(void)
{
    tt_store *store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    tt_store_close(store);
}

static tutti_status apply(tt_store *store, const fx_step *step, tt_error *error)
{
    return tt_store_apply_step(store, step->bytes, step->size, error);
}

/* Progress that was heard. */
typedef struct progress_log {
    int calls;
    tt_seq seq;
    uint64_t steps;
} progress_log;

static void hear(void *ctx, tt_seq seq, uint64_t steps)
{
    progress_log *all = ctx;
    all->calls++;
    all->seq = seq;
    all->steps = steps;
}

static void test_a_rebuild_gives_the_same_rows(void **state)
{
    (void)state;
    run_write_journal(&the_run, journal);
    // Incremental, with a commit after each step.
    tt_store *store = store_of(path);
    for (size_t i = 0; i <= the_run.count; i++) {
        store_apply(store, &the_run, i);
        assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    }
    tt_store_close(store);
    char *incremental = dump_of(path);
    tt_store_rebuilt made = {0};
    tt_error error = {0};
    progress_log heard = {0};
    tt_store_progress progress = {.report = hear, .ctx = &heard};
    if (tt_store_rebuild(journal, path, run_instruments(), &progress, &made, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(made.last_seq, RUN_LAST);
    assert_int_equal(made.passed_over, 0);
    assert_int_equal(heard.seq, RUN_LAST);
    assert_int_equal(heard.steps, the_run.count);
    char *rebuilt = dump_of(path);
    assert_string_equal(incremental, rebuilt);
    // It goes on as if nothing had happened.
    store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    static fx_step step;
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_ACCOUNT_UPDATES, RUN_LAST + 1, sizeof(tt_account_update));
    assert_int_equal(apply(store, &step, NULL), TUTTI_OK);
    tt_store_close(store);
    expect_rows(path, "SELECT count(*) FROM equity", "5");
    free(incremental);
    free(rebuilt);
}

static void test_a_rebuild_replaces_anything(void **state)
{
    (void)state;
    run_write_journal(&the_run, journal);
    project_all();
    char *whole = dump_of(path);
    write_version(path, TT_STORE_VERSION + 1);
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), NULL, NULL, NULL), TUTTI_OK);
    char *rebuilt = dump_of(path);
    assert_string_equal(whole, rebuilt);
    free(rebuilt);
    fx_file garbage = {.name = "store.db", .bytes = (unsigned char *)path, .size = 7};
    fx_file_store(root, &garbage);
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), NULL, NULL, NULL), TUTTI_OK);
    rebuilt = dump_of(path);
    assert_string_equal(whole, rebuilt);
    free(rebuilt);
    free(whole);
}

static void test_a_failed_rebuild_keeps_the_old_one(void **state)
{
    (void)state;
    project_all();
    char *whole = dump_of(path);
    tt_error error = {0};
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), NULL, NULL, &error), TUTTI_NOT_FOUND);
    run_write_journal(&the_run, journal);
    fx_image image;
    fx_image_load(journal, &image);
    fx_file *file = fx_image_last(&image, ".ttj");
    file->bytes[file->size / 2] ^= 1;
    fx_file_store(journal, file);
    fx_image_free(&image);
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), NULL, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, ".ttj"));
    char *after = dump_of(path);
    assert_string_equal(whole, after);
    char name[FX_PATH_MAX + 32];
    (void)snprintf(name, sizeof name, "%s.new", path);
    assert_int_not_equal(access(name, F_OK), 0);
    free(whole);
    free(after);
}

static void test_a_long_rebuild_tells_how_far_it_is(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(journal, &options);
    fx_append(writer, 12000, 1000, 3);
    tt_journal_close(writer);
    progress_log heard = {0};
    tt_store_progress progress = {.report = hear, .ctx = &heard};
    assert_int_equal(
        tt_store_rebuild(journal, path, run_instruments(), &progress, NULL, NULL), TUTTI_OK);
    assert_int_equal(heard.calls, 3);
    assert_int_equal(heard.steps, 12000);
}

static void test_declared_topics_are_passed_over_and_counted(void **state)
{
    (void)state;
    declared_make(journal, 3, 0);
    tt_store_rebuilt made = {0};
    tt_error error = {0};
    if (tt_store_rebuild(journal, path, run_instruments(), NULL, &made, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(made.last_seq, DECLARED_NEWS + 5);
    assert_int_equal(made.passed_over, 6);
    // A dead letter about them is a row like others, with their names.
    tt_store *store = store_of(path);
    static fx_step step;
    step.size = 0;
    tt_dead_letter *letter =
        fx_step_add(&step, TT_TOPIC_DEAD_LETTERS, DECLARED_NEWS + 6, sizeof *letter);
    *letter = (tt_dead_letter){.dead_seq = 4, .dead_topic = 1024, .dead_source = 256};
    assert_int_equal(apply(store, &step, NULL), TUTTI_OK);
    assert_int_equal(tt_store_passed_over(store), 0); // since it was opened
    tt_store_close(store);
    // Its declarations were not offered to this store: numbers.
    expect_rows(path, "SELECT dead_topic || ' ' || dead_source FROM dead_letters", "1024 256");
}

static void test_rows_name_what_was_declared(void **state)
{
    (void)state;
    static fx_step step;
    step.size = 0;
    tt_topic_declaration *topic = fx_step_add(&step, TT_TOPIC_TOPIC_DECLARATIONS, 1, sizeof *topic);
    *topic = (tt_topic_declaration){
        .topic_id = 1024, .name = "news", .schema = "n:u64", .priority = TT_priority_NORMAL};
    tt_source_declaration *source =
        fx_step_add(&step, TT_TOPIC_SOURCE_DECLARATIONS, 2, sizeof *source);
    *source = (tt_source_declaration){.source_id = 256, .name = "robot"};
    tt_dead_letter *letter = fx_step_add(&step, TT_TOPIC_DEAD_LETTERS, 3, sizeof *letter);
    *letter = (tt_dead_letter){.dead_seq = 4, .dead_topic = 1024, .dead_source = 256};
    tt_store *store = store_of(path);
    assert_int_equal(apply(store, &step, NULL), TUTTI_OK);
    tt_store_close(store);
    expect_rows(path, "SELECT dead_topic || ' ' || dead_source FROM dead_letters", "news robot");
}

static bool exists(const char *suffix)
{
    char name[FX_PATH_MAX + 48];
    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static void put_file(const char *suffix, const char *content)
{
    char name[FX_PATH_MAX + 48];
    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

static void test_set_aside_with_its_log(void **state)
{
    (void)state;
    put_file("", "not a database");
    put_file("-wal", "its log");
    put_file(".damaged", "an older one");
    put_file(".damaged-shm", "of the older one");
    tt_error error = {0};
    assert_int_equal(tt_store_set_aside(path, &error), TUTTI_OK);
    assert_false(exists("") || exists("-wal") || exists("-shm"));
    assert_true(exists(".damaged") && exists(".damaged-wal"));
    assert_false(exists(".damaged-shm"));                         // It belonged to the older one.
    assert_int_equal(tt_store_set_aside(path, &error), TUTTI_OK); // None there is fine.
    assert_false(exists(".damaged"));
    project_all();
    tt_store *store = store_of(path);
    assert_int_equal(tt_store_set_aside(path, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, "another process"));
    tt_store_close(store);
    assert_true(exists(""));
}

static void test_one_that_was_deleted_is_noticed(void **state)
{
    (void)state;
    project_all();
    tt_store *store = store_of(path);
    assert_true(tt_store_is_in_place(store));
    assert_int_equal(unlink(path), 0);
    assert_false(tt_store_is_in_place(store));
    put_file("", "");
    assert_false(tt_store_is_in_place(store)); // Another file with the same name.
    tt_store_close(store);
}

/* The log of the old database must not come into the new one: SQLite drops it when it finds an
 * empty database beside it. */
static void test_the_log_of_one_that_is_gone_is_dropped(void **state)
{
    (void)state;
    tt_store *store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    assert_true(exists("-wal"));
    char keep[FX_PATH_MAX + 48];
    char log[FX_PATH_MAX + 48];
    (void)snprintf(keep, sizeof keep, "%s.keep", path);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(link(log, keep), 0);
    tt_store_close(store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(keep, log), 0);
    store = store_of(path);
    assert_int_equal(tt_store_last_seq(store), 0);
    store_apply(store, &the_run, the_run.count);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    assert_int_equal(tt_store_last_seq(store), RUN_LAST);
    tt_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_rebuild_gives_the_same_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_rebuild_replaces_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_rebuild_keeps_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_declared_topics_are_passed_over_and_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_name_what_was_declared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_rebuild_tells_how_far_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_set_aside_with_its_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_was_deleted_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_log_of_one_that_is_gone_is_dropped, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
