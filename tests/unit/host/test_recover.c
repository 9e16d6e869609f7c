/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recovery: a snapshot and the rest of the journal, or the journal alone, give the same state, byte
 * for byte; a snapshot that is damaged or lies is left aside.
 */
#include "fixture.h"
#include "host/backtest.h"
#include "host/recover.h"
#include "host/replay.h"

#include <unistd.h>

static char run_dir[64];
static const char *const sets[] = {"synthetic.ticks=3000", NULL};

static int make_run(void **state)
{
    tt_config *config = fx_config(sets);
    snprintf(run_dir, sizeof run_dir, "%s", fx_folder());
    tt_backtest_options options = {.out_dir = run_dir};
    tt_backtest_result result;
    tt_error error = {0};
    fx_ok(tt_backtest_run(config, &options, &result, &error), &error);
    tt_report_free(result.report);
    *state = config;
    return 0;
}

static int remove_run(void **state)
{
    fx_remove(run_dir);
    free(*state);
    return 0;
}

/** State of an engine as one block. Release with free(). */
static void *state_of(const tt_engine *engine)
{
    void *state = calloc(1, tt_engine_snapshot_size(engine));
    assert_non_null(state);
    tt_engine_save(engine, state);
    return state;
}

/** Recovers, and requires the state to be `wanted` (NULL: any). Gives the state. */
static void *recover(const tt_config *config, const void *wanted, tt_recovery *recovery)
{
    tt_engine *engine = NULL;
    tt_error error = {0};
    fx_ok(
        tt_recover_engine(fx_path(run_dir, "journal"), config, &engine, recovery, &error), &error);
    void *state = state_of(engine);
    if (wanted != NULL) {
        assert_memory_equal(state, wanted, tt_engine_snapshot_size(engine));
    }
    tt_engine_free(engine);
    return state;
}

/** Replays some steps and writes a snapshot of the engine as it was `late` steps earlier: with 0 a
 * true one, otherwise one that lies. */
static void write_snapshot(const tt_config *config, uint64_t steps, uint64_t late)
{
    const char *dir = fx_path(run_dir, "journal");
    tt_engine *engine = NULL;
    tt_journal_reader *reader = NULL;
    tt_journal_end end;
    tt_error error = {0};
    void *state = NULL;
    fx_ok(tt_engine_new(&config->engine, &engine, &error), &error);
    fx_ok(tt_journal_reader_open(dir, &reader, &error), &error);
    for (uint64_t done = 0; done < steps; done++) {
        const void *step = NULL;
        size_t size = 0;
        if (done == steps - late) {
            state = state_of(engine);
        }
        fx_ok(tt_journal_reader_next(reader, &step, &size, &error), &error);
        fx_ok(tt_replay_step(engine, step, size, &error), &error);
    }
    state = state != NULL ? state : state_of(engine);
    tt_journal_reader_end(reader, &end);
    fx_ok(tt_snapshot_write(dir, &end, state, tt_engine_snapshot_size(engine), &error), &error);
    free(state);
    tt_journal_reader_close(reader);
    tt_engine_free(engine);
}

static void snapshot_and_journal_alone_give_the_same_state(void **state)
{
    const tt_config *config = *state;
    tt_recovery alone;
    tt_recovery quick;
    void *wanted = recover(config, NULL, &alone);
    tt_journal_end end = fx_journal_end(fx_path(run_dir, "journal"));
    assert_false(alone.used_snapshot);
    assert_int_equal(alone.steps_replayed, end.step_count);
    assert_int_equal(alone.end.last_seq, end.last_seq);
    assert_int_equal(alone.feed_seq, 3000);
    write_snapshot(config, end.step_count - 100, 0);
    free(recover(config, wanted, &quick));
    assert_true(quick.used_snapshot);
    assert_int_equal(quick.steps_replayed, 100);
    assert_int_equal(quick.feed_seq, 3000);
    assert_memory_equal(quick.end.chain, end.chain, TT_DIGEST_SIZE);
    free(wanted);
}

static void a_snapshot_that_lies_is_left_aside(void **state)
{
    const tt_config *config = *state;
    tt_recovery recovery;
    tt_journal_end end = fx_journal_end(fx_path(run_dir, "journal"));
    // The newest two are kept: both lie.
    write_snapshot(config, end.step_count - 60, 20);
    write_snapshot(config, end.step_count - 50, 20);
    void *wanted = recover(config, NULL, &recovery);
    assert_false(recovery.used_snapshot);
    assert_true(recovery.left_aside[0] != 0); // And it is told.
    assert_int_equal(recovery.steps_replayed, end.step_count);
    write_snapshot(config, end.step_count, 0);
    free(recover(config, wanted, &recovery));
    assert_true(recovery.used_snapshot);
    assert_int_equal(recovery.left_aside[0], 0);
    assert_int_equal(recovery.steps_replayed, 0);
    free(wanted);
}

static void a_snapshot_that_the_journal_does_not_reach_stops_the_start(void **state)
{
    const tt_config *config = *state;
    const char *dir = fx_path(run_dir, "journal");
    tt_journal_end end = fx_journal_end(dir);
    tt_error error = {0};
    char words[64];
    write_snapshot(config, end.step_count, 0);
    fx_ok(tt_recover_check_snapshot(dir, &error), &error);
    // What a journal that has lost whole commits looks like: the snapshot is ahead of it.
    tt_journal_end ahead = end;
    ahead.last_seq += 5;
    ahead.step_count += 5;
    fx_ok(tt_snapshot_write(dir, &ahead, "state", 5, &error), &error);
    assert_int_equal(tt_recover_check_snapshot(dir, &error), TUTTI_CORRUPT);
    snprintf(words, sizeof words, "after message %llu", (unsigned long long)ahead.last_seq);
    assert_non_null(strstr(error.message, words));
    assert_non_null(strstr(error.message, "it ends before"));
    assert_non_null(strstr(error.hint, "snapshot-*.tts"));
    // And one of another journal: the same place, another chain.
    char name[64];
    snprintf(name, sizeof name, "snapshot-%020llu.tts", (unsigned long long)ahead.last_seq);
    assert_int_equal(unlink(fx_path(dir, name)), 0);
    end.chain[0] ^= 1;
    fx_ok(tt_snapshot_write(dir, &end, "state", 5, &error), &error);
    assert_int_equal(tt_recover_check_snapshot(dir, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "its contents are others there"));
    end.chain[0] ^= 1;
    write_snapshot(config, end.step_count, 0);
    fx_ok(tt_recover_check_snapshot(dir, &error), &error);
}

static void goes_on_with_the_same_configuration_alone(void **state)
{
    static const char *const free_sets[] = {
        "synthetic.ticks=3000", "api.enabled=false", "store.enabled=false", "clock.speed=7", NULL};
    static const char *const other_sets[] = {"synthetic.ticks=3000", "run.seed=43", NULL};
    (void)state;
    tt_error error = {0};
    tt_config *changed = fx_config(free_sets);
    tt_config *other = fx_config(other_sets);
    const char *dir = fx_path(run_dir, "journal");
    fx_ok(tt_recover_check_config(dir, changed, &error), &error);
    assert_int_equal(tt_recover_check_config(dir, other, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, dir));
    assert_true(error.hint[0] != 0);
    free(changed);
    free(other);
}

static void a_journal_that_is_changed_cannot_be_recovered_from(void **state)
{
    const tt_config *config = *state;
    tt_engine *engine = NULL;
    tt_recovery recovery;
    tt_error error = {0};
    const char *dir = fx_path(run_dir, "journal");
    fx_flip_byte(fx_segment(dir), 50000);
    assert_int_equal(tt_recover_engine(dir, config, &engine, &recovery, &error), TUTTI_CORRUPT);
    assert_null(engine);
    fx_flip_byte(fx_segment(dir), 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_and_journal_alone_give_the_same_state),
        cmocka_unit_test(a_snapshot_that_lies_is_left_aside),
        cmocka_unit_test(a_snapshot_that_the_journal_does_not_reach_stops_the_start),
        cmocka_unit_test(goes_on_with_the_same_configuration_alone),
        cmocka_unit_test(a_journal_that_is_changed_cannot_be_recovered_from),
    };
    return cmocka_run_group_tests(tests, make_run, remove_run);
}
