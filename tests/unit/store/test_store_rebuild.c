/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Making the read model anew gives the same rows, whatever was there before; a failure keeps it.
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
