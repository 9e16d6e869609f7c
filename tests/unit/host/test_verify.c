/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Verification finds what was changed: a flipped byte, a message that the engine would not have
 * published, a fill that the books do not bear; it names the message.
 *
 * Covers: replay.c
 */
#include "fixture.h"
#include "host/backtest.h"
#include "host/files.h"
#include "host/replay.h"

#include <sys/stat.h>
#include <unistd.h>

static char run_dir[64];  /**< A backtest that all tests read. */
static char copy_dir[64]; /**< Where its changed copies go. */

static int make_run(void **state)
{
    (void)state;
    static const char *const sets[] = {"synthetic.ticks=3000", NULL};
    tt_config *config = fx_config(sets);
    snprintf(run_dir, sizeof run_dir, "%s", fx_folder());
    snprintf(copy_dir, sizeof copy_dir, "%s", fx_folder());
    tt_backtest_options options = {.out_dir = run_dir};
    tt_backtest_result result;
    tt_error error = {0};
    fx_ok(tt_backtest_run(config, &options, &result, &error), &error);
    tt_report_free(result.report);
    free(config);
    return 0;
}

static int remove_run(void **state)
{
    (void)state;
    fx_remove(run_dir);
    fx_remove(copy_dir);
    return 0;
}

/** Changes a message in a copy of the journal; false: not this one. */
typedef bool (*change_fn)(tt_msg *msg);

static tt_seq change_step(void *step, size_t size, change_fn change)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        // The step is a copy of the test's own.
        if (change((tt_msg *)(uintptr_t)msg)) {
            return msg->seq;
        }
    }
    return 0;
}

/** Stands behind the recorded configuration in copies. */
static const char *other_settings = "";

static tt_journal_writer *create_copy(const char *target, const tt_journal_reader *reader)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    size_t size = 0;
    const void *meta = tt_journal_reader_meta(reader, &size);
    char *text = malloc(size + strlen(other_settings) + 1);
    memcpy(text, meta, size);
    memcpy(text + size, other_settings, strlen(other_settings) + 1);
    tt_journal_options options = {.durability = TT_durability_NONE};
    fx_ok(tt_journal_create(target, text, strlen(text), &options, &writer, &error), &error);
    free(text);
    return writer;
}

/** Writes the journal again, sealed as a whole, with the first message changed that `change` takes.
 * Gives its number. */
static tt_seq copy_with(change_fn change)
{
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    const void *step = NULL;
    size_t size = 0;
    tt_seq changed = 0;
    void *copy = aligned_alloc(64, TT_JOURNAL_STEP_MAX);
    const char *target = fx_path(copy_dir, "journal");
    fx_remove(target);
    fx_ok(tt_journal_reader_open(fx_path(run_dir, "journal"), &reader, &error), &error);
    tt_journal_writer *writer = create_copy(target, reader);
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        memcpy(copy, step, size);
        changed = changed != 0 ? changed : change_step(copy, size, change);
        fx_ok(tt_journal_append(writer, copy, size, &error), &error);
    }
    tt_journal_close(writer);
    tt_journal_reader_close(reader);
    free(copy);
    return changed;
}

/** Requires that the changed copy is found corrupt, at this message. */
static void expect_found(tt_seq seq, const char *words)
{
    tt_error error = {0};
    tt_verify_result result;
    char number[32];
    snprintf(number, sizeof number, "%llu", (unsigned long long)seq);
    assert_true(seq > 0);
    assert_int_equal(tt_verify_run(copy_dir, &result, &error), TUTTI_CORRUPT);
    assert_false(result.replayed);
    if (strstr(error.message, number) == NULL || strstr(error.message, words) == NULL) {
        fail_msg("message %s, %s: said '%s'", number, words, error.message);
    }
}

static bool change_nothing(tt_msg *msg)
{
    (void)msg;
    return false;
}

static bool change_indicators(tt_msg *msg)
{
    if (msg->topic != TT_TOPIC_INDICATORS) {
        return false;
    }
    tt_indicators *payload = (tt_indicators *)(void *)(msg + 1);
    payload->rsi_14.d = tt_dec_xadd(payload->rsi_14.d, tt_dec_from_i64(1, 0));
    return true;
}

static bool change_fee(tt_msg *msg)
{
    if (msg->topic != TT_TOPIC_FILLS) {
        return false;
    }
    tt_fill *payload = (tt_fill *)(void *)(msg + 1);
    payload->fee.d = tt_dec_xadd(payload->fee.d, tt_dec_from_i64(1, 9));
    return true;
}

static bool change_input(tt_msg *msg)
{
    if (msg->topic != TT_TOPIC_MARKET_TRADE) {
        return false;
    }
    tt_trade *payload = (tt_trade *)(void *)(msg + 1);
    payload->price.d = tt_dec_xadd(payload->price.d, tt_dec_from_i64(1000, 0));
    return true;
}

static void a_true_journal_verifies_wherever_it_is_named(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_verify_result result;
    tt_verify_result again;
    fx_ok(tt_verify_run(run_dir, &result, &error), &error);
    assert_true(result.replayed);
    assert_int_equal(result.messages, result.end.last_seq);
    assert_int_equal(result.fills_checked, fx_count(fx_path(run_dir, "journal"), TT_TOPIC_FILLS));
    assert_true(result.fills_checked > 2);
    fx_ok(tt_verify_run(fx_path(run_dir, "journal"), &again, &error), &error);
    assert_memory_equal(again.end.chain, result.end.chain, TT_DIGEST_SIZE);
    assert_int_equal(tt_verify_run(copy_dir, &again, &error), TUTTI_NOT_FOUND);
}

static void a_whole_copy_in_other_groups_verifies(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_verify_result result;
    copy_with(change_nothing);
    fx_ok(tt_verify_run(copy_dir, &result, &error), &error);
    tt_journal_end end = fx_journal_end(fx_path(run_dir, "journal"));
    assert_int_equal(result.end.last_seq, end.last_seq);
    assert_int_equal(result.end.step_count, end.step_count);
    assert_memory_not_equal(
        result.end.chain, end.chain, TT_DIGEST_SIZE); // The digest covers the groups.
}

/** Written by the release that wrote format version 1, see tests/data/journal_v1: chain and records
 * are read (test_version.c), but its verdicts had another layout, and nothing says which. */
static void a_journal_of_other_messages_is_refused(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_verify_result result;
    tutti_status status =
        tt_verify_run(TT_TEST_SOURCE_DIR "/tests/data/journal_v1/backtest", &result, &error);
    assert_int_equal(status, TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "another size than in this release"));
}

/** A release with another setting: what it recorded is read and its books are checked; what it
 * decided is not decided again, as nobody here knows what that setting did. */
static void settings_of_another_release_are_left_out(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_verify_result result;
    tt_verify_result own;
    fx_ok(tt_verify_run(run_dir, &own, &error), &error);
    assert_int_equal(own.settings_left_out, 0);
    other_settings = "astrology:\n  sign: aries\n";
    copy_with(change_nothing);
    fx_ok(tt_verify_run(copy_dir, &result, &error), &error);
    assert_int_equal(result.settings_left_out, 1);
    assert_true(result.is_foreign);
    assert_false(result.replayed);
    assert_int_equal(result.fills_checked, own.fills_checked);
    assert_int_equal(result.messages, own.messages);
    expect_found(copy_with(change_fee), "books");
    other_settings = "";

    tt_journal_reader *reader = NULL;
    tt_config *config = calloc(1, sizeof *config);
    fx_ok(tt_journal_reader_open(fx_path(copy_dir, "journal"), &reader, &error), &error);
    assert_int_equal(tt_journal_config(reader, config, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, "there is no key `astrology`"));
    assert_string_equal(error.hint, TT_JOURNAL_HINT_OTHERS);
    tt_journal_reader_close(reader);
    free(config);
}

static void finds_a_flipped_byte(void **state)
{
    (void)state;
    copy_with(change_nothing);
    tt_error error = {0};
    tt_verify_result result;
    const char *segment = fx_segment(fx_path(copy_dir, "journal"));
    for (long from_end = 1000; from_end < 100000; from_end += 24001) {
        fx_flip_byte(segment, from_end);
        assert_int_equal(tt_verify_run(copy_dir, &result, &error), TUTTI_CORRUPT);
        fx_flip_byte(segment, from_end);
    }
    fx_ok(tt_verify_run(copy_dir, &result, &error), &error);
}

static void finds_a_message_that_the_engine_would_not_publish(void **state)
{
    (void)state;
    expect_found(copy_with(change_indicators), "replay gives other bytes");
}

static void finds_a_fill_that_the_books_do_not_bear(void **state)
{
    (void)state;
    tt_seq fill = copy_with(change_fee);
    tt_error error = {0};
    tt_verify_result result;
    assert_true(fill > 0);
    assert_int_equal(tt_verify_run(copy_dir, &result, &error), TUTTI_CORRUPT);
    // The books are checked before the replay: it is they who find it.
    assert_null(strstr(error.message, "replay"));
}

static void finds_what_follows_from_a_changed_input(void **state)
{
    (void)state;
    assert_true(copy_with(change_input) > 0);
    tt_error error = {0};
    tt_verify_result result;
    assert_int_equal(tt_verify_run(copy_dir, &result, &error), TUTTI_CORRUPT);
}

static void replay_refuses_a_step_without_input(void **state)
{
    (void)state;
    _Alignas(16) struct {
        tt_msg head;
        tt_clock clock;
    } step = {.head = {.seq = 9, .topic = TT_TOPIC_CLOCK, .size = sizeof(tt_clock)}};
    tt_config *config = fx_config(NULL);
    tt_engine *engine = NULL;
    tt_error error = {0};
    fx_ok(tt_engine_new(&config->engine, &engine, &error), &error);
    assert_int_equal(tt_replay_step(engine, &step, sizeof step, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "message 9"));
    // Nothing was stepped: the next message of the engine is still the first.
    assert_int_equal(tt_bus_next_seq(tt_engine_bus(engine)), 1);
    tt_engine_free(engine);
    free(config);
}

static void touch(const char *folder, const char *name)
{
    FILE *file = fopen(fx_path(folder, name), "w");
    assert_non_null(file);
    fclose(file);
}

/** A journal whose first segments retention has dropped cannot be replayed, and says so. */
static void a_replay_needs_the_first_message(void **state)
{
    (void)state;
    tt_error error = {0};
    fx_ok(tt_journal_require_all(fx_path(run_dir, "journal"), &error), &error);
    char folder[64];
    snprintf(folder, sizeof folder, "%s", fx_folder());
    touch(folder, "meta");
    touch(folder, "00000000000000000120.ttj");
    assert_int_equal(tt_journal_require_all(folder, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "begins with message 120"));
    fx_remove(folder);
}

/** Whether there is a journal is not known: to say that there is none would be wrong. */
static void a_folder_that_may_not_be_read_is_told(void **state)
{
    (void)state;
    tt_error error = {0};
    char expected[128];
    char found[TT_PATH_MAX];
    char folder[64];
    (void)snprintf(folder, sizeof folder, "%s", fx_folder());
    touch(folder, "meta");
    assert_int_equal(chmod(folder, 0), 0);
    const uid_t me = geteuid();
    const bool is_root = me == 0; // who may do everything becomes somebody else
    assert_true(!is_root || seteuid(65534) == 0);
    tutti_status status = tt_journal_locate(folder, found, &error);
    assert_true(!is_root || seteuid(me) == 0);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(status, TUTTI_PERMISSION);
    (void)snprintf(expected, sizeof expected, "this user may not look into %s/journal", folder);
    assert_string_equal(error.message, expected);
    fx_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_true_journal_verifies_wherever_it_is_named),
        cmocka_unit_test(a_journal_of_other_messages_is_refused),
        cmocka_unit_test(settings_of_another_release_are_left_out),
        cmocka_unit_test(a_whole_copy_in_other_groups_verifies),
        cmocka_unit_test(finds_a_flipped_byte),
        cmocka_unit_test(finds_a_message_that_the_engine_would_not_publish),
        cmocka_unit_test(finds_a_fill_that_the_books_do_not_bear),
        cmocka_unit_test(finds_what_follows_from_a_changed_input),
        cmocka_unit_test(replay_refuses_a_step_without_input),
        cmocka_unit_test(a_replay_needs_the_first_message),
        cmocka_unit_test(a_folder_that_may_not_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, make_run, remove_run);
}
