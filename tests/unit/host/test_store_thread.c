/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The store thread and its failures, run on the thread of the test: a stop gives it one attempt.
 */
#include "fixture.h"
#include "host/paper_clock.h"
#include "host/store_thread.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

#define MS TT_NS_PER_MS

static struct world {
    tt_config *config;
    tt_hub hub;
    tt_store_thread store;
    char folder[64];
    char path[128];
    char journal[128];
} world;

static int begin(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.config = fx_config(NULL);
    assert_int_equal(tt_hub_init(&world.hub), TUTTI_OK);
    tt_paper_clock_start(&world.hub.clock, (tt_time){TT_NS_PER_S}, (tt_ratio){TT_DEC_C(1, 0)});
    snprintf(world.folder, sizeof world.folder, "%s", fx_folder());
    snprintf(world.path, sizeof world.path, "%s", fx_path(world.folder, "store.db"));
    snprintf(world.journal, sizeof world.journal, "%s", fx_path(world.folder, "journal"));
    world.store = (tt_store_thread){
        .hub = &world.hub,
        .instruments = &world.config->engine.instruments,
        .path = world.path,
        .journal_dir = world.journal,
    };
    atomic_store(&world.hub.stop_store, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tt_store_thread_close(&world.store);
    tt_hub_fini(&world.hub);
    fx_remove(world.folder);
    free(world.config);
    return 0;
}

/** One attempt that fails; requires that the next one is to come after `pause_ns`. */
static void fail_once(int64_t pause_ns)
{
    uint64_t failures = world.store.failures;
    int64_t before_ns = tt_mono_ns();
    assert_null(tt_store_thread_run(&world.store));
    int64_t after_ns = tt_mono_ns();
    assert_int_equal(world.store.failures, failures + 1);
    assert_true(world.store.retry_ns >= before_ns + pause_ns);
    assert_true(world.store.retry_ns <= after_ns + pause_ns);
    assert_int_equal(atomic_load(&world.hub.store_down), 1);
    assert_int_equal(atomic_load(&world.hub.store_failures), failures + 1);
}

/** Each pause is twice the one before, up to the longest. A stop waits for none of them. */
static void the_pauses_grow_up_to_a_bound(void **state)
{
    static const int64_t pauses_ns[] = {
        250 * MS,
        500 * MS,
        1000 * MS,
        2000 * MS,
        4000 * MS,
        8000 * MS,
        16000 * MS,
        30000 * MS,
        30000 * MS};
    (void)state;
    assert_int_equal(mkdir(world.path, 0777), 0); // no database can be there
    for (size_t i = 0; i < sizeof pauses_ns / sizeof pauses_ns[0]; i++) {
        fail_once(pauses_ns[i]);
    }
    world.store.failures = 1000000;
    atomic_store(&world.hub.store_failures, 1000000);
    fail_once(30000 * MS);
}

/** A thread that is not asked to stop makes no attempt before its time. */
static void a_pause_is_kept(void **state)
{
    (void)state;
    assert_int_equal(mkdir(world.path, 0777), 0);
    fail_once(250 * MS);
    pthread_t thread;
    atomic_store(&world.hub.stop_store, 0);
    world.store.retry_ns = tt_mono_ns() + 3600 * TT_NS_PER_S;
    assert_int_equal(pthread_create(&thread, NULL, tt_store_thread_run, &world.store), 0);
    tt_sleep_ns(200 * MS);
    assert_int_equal(atomic_load(&world.hub.store_failures), 1);
    atomic_store(&world.hub.stop_store, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&world.hub.store_failures), 2); // the last attempt, at once
}

/** A database of another version makes room for a new one. */
static void one_of_another_version_is_set_aside(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_store *store = NULL;
    sqlite3 *db = NULL;
    struct stat info;
    fx_ok(tt_store_open(world.path, world.store.instruments, &store, &error), &error);
    tt_store_close(store);
    assert_int_equal(sqlite3_open(world.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 9999", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    atomic_store(&world.hub.stored_seq, 77);
    fail_once(250 * MS);
    assert_int_equal(world.store.error.status, TUTTI_VERSION);
    assert_int_equal(atomic_load(&world.hub.stored_seq), 0); // retention keeps what it needs
    assert_int_equal(stat(fx_path(world.folder, "store.db.damaged"), &info), 0);
    assert_int_not_equal(stat(world.path, &info), 0);
    fail_once(500 * MS); // there is no journal to follow; the database is new
    assert_int_equal(stat(world.path, &info), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_pauses_grow_up_to_a_bound, begin, end),
        cmocka_unit_test_setup_teardown(a_pause_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(one_of_another_version_is_set_aside, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
