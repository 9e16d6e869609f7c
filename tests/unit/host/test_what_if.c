/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What-if runs: the recorded settings give the recorded run again, byte for byte, with agents and
 * orders; changed settings change what they must, and a setting that cannot act is refused.
 *
 * Covers: rerun.c what_if_settings.c
 */
#include "fixture.h"
#include "host/backtest.h"
#include "host/rerun.h"
#include "host/what_if.h"

static char run_dir[64];
static uint64_t differences;

static int make_run(void **state)
{
    (void)state;
    static const char *const sets[] = {"synthetic.ticks=20000", NULL};
    tt_config *config = fx_config(sets);
    snprintf(run_dir, sizeof run_dir, "%s", fx_folder());
    tt_backtest_options options = {.out_dir = run_dir};
    tt_backtest_result result;
    tt_error error = {0};
    fx_ok(tt_backtest_run(config, &options, &result, &error), &error);
    assert_true(tt_report_numbers_get(result.report)->closed_trades > 3);
    assert_true(tt_report_numbers_get(result.report)->topics[TT_TOPIC_AGENT_ANSWERS] > 100);
    tt_report_free(result.report);
    free(config);
    return 0;
}

static int remove_run(void **state)
{
    (void)state;
    fx_remove(run_dir);
    return 0;
}

static void count(void *ctx, const tt_difference *difference)
{
    (void)ctx;
    assert_true(difference->before != NULL || difference->after != NULL);
    differences++;
}

static tutti_status
ask(const char *const *sets, tt_seq until, tt_what_if_result *result, bool *is_setting)
{
    tt_error error = {0};
    tt_what_if_question question = {.path = run_dir, .sets = sets, .until = until, .told = count};
    while (sets[question.set_count] != NULL) {
        question.set_count++;
    }
    differences = 0;
    tutti_status status = tt_what_if_run(&question, result, is_setting, &error);
    assert_true(status == TUTTI_OK || error.message[0] != '\0');
    return status;
}

static void the_recorded_settings_give_the_recorded_run(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    tt_what_if_result result;
    bool is_setting = true;
    assert_int_equal(ask(none, UINT64_MAX, &result, &is_setting), TUTTI_OK);
    assert_int_equal(result.first_deviation, 0);
    assert_int_equal(differences, 0);
    assert_int_equal(result.mode, TT_mode_BACKTEST);
    assert_true(result.venue_reports > 10);
    assert_int_equal(result.unchanged.answers_near, 0);
    assert_int_equal(result.unchanged.answers_unused, 0);
    const tt_report_numbers *recorded = tt_report_numbers_get(result.recorded);
    const tt_report_numbers *again = tt_report_numbers_get(result.changed.report);
    assert_memory_equal(recorded, again, sizeof *recorded);
    assert_true(result.differences.same[TT_TOPIC_FILLS] == recorded->fills && recorded->fills > 6);
    tt_what_if_free(&result);
}

static void a_lower_limit_changes_what_it_must(void **state)
{
    (void)state;
    static const char *const sets[] = {"risk.max_open_positions=1", NULL};
    tt_what_if_result result;
    bool is_setting = true;
    assert_int_equal(ask(sets, UINT64_MAX, &result, &is_setting), TUTTI_OK);
    assert_int_equal(result.first_deviation, 0);
    const tt_report_numbers *before = tt_report_numbers_get(result.unchanged.report);
    const tt_report_numbers *after = tt_report_numbers_get(result.changed.report);
    assert_int_equal(before->rejections[TT_risk_code_MAX_POSITIONS], 0);
    assert_true(after->rejections[TT_risk_code_MAX_POSITIONS] > 0);
    assert_true(differences > 0);
    const tt_difference_counts *counts = &result.differences;
    for (uint16_t topic = 0; topic < TT_TOPIC_COUNT; topic++) {
        if (topic == TT_TOPIC_FILLS || topic == TT_TOPIC_ORDER_INTENTS) {
            uint64_t both = counts->same[topic] + counts->changed[topic];
            assert_int_equal(both + counts->only_before[topic], before->topics[topic]);
            assert_int_equal(both + counts->only_after[topic], after->topics[topic]);
        }
    }
    tt_what_if_free(&result);
}

static void a_record_that_stops_in_the_middle(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    for (tt_seq until = 1; until < 20000; until = until * 3 + 1) {
        tt_what_if_result result;
        bool is_setting = true;
        assert_int_equal(ask(none, until, &result, &is_setting), TUTTI_OK);
        assert_true(result.last_seq >= until);
        assert_int_equal(result.first_deviation, 0);
        tt_what_if_free(&result);
    }
}

static void a_setting_that_cannot_act_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"agents.decision.size_pct=3", NULL},
        {"feed.path=other.csv", NULL},
        {"store.enabled=false", NULL},
        {"risk.max_open_positions=5", NULL}, // As recorded.
        {"risk.max_open_positions=0", NULL},
        {"risk.frob=1", NULL},
        {"risk.max_open_positions", NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tt_what_if_result result;
        bool is_setting = false;
        assert_int_not_equal(ask(wrong[i], UINT64_MAX, &result, &is_setting), TUTTI_OK);
        assert_true(is_setting);
        tt_what_if_free(&result);
    }
}

static void a_chunk_has_a_bound(void **state)
{
    (void)state;
    tt_message_chunk chunk = {.size = TT_RERUN_CHUNK_MAX - 15};
    tt_error error = {0};
    assert_int_equal(tt_message_chunk_add(&chunk, "0123456789abcdef", 16, &error), TUTTI_LIMIT);
    chunk.size = 0;
    fx_ok(tt_message_chunk_add(&chunk, "0123456789abcdef", 16, &error), &error);
    assert_memory_equal(chunk.bytes, "0123456789abcdef", 16);
    free(chunk.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorded_settings_give_the_recorded_run),
        cmocka_unit_test(a_lower_limit_changes_what_it_must),
        cmocka_unit_test(a_record_that_stops_in_the_middle),
        cmocka_unit_test(a_setting_that_cannot_act_is_refused),
        cmocka_unit_test(a_chunk_has_a_bound),
    };
    return cmocka_run_group_tests(tests, make_run, remove_run);
}
