/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recorded answers find the calls of another run: by who, what, which and when; in either order;
 * the nearest within the window; at the bound the oldest goes and is counted.
 */
#include "../../lib/test.h"
#include "host/recorded_answers.h"

static tt_recorded_answers table;
static tt_answer_item item;
static struct {
    tt_msg head;
    tt_agent_call call;
} made;

static int open_table(void **state)
{
    (void)state;
    return tt_recorded_answers_init(&table, (tt_dur){5 * TT_NS_PER_S}) != TUTTI_OK;
}

static int close_table(void **state)
{
    (void)state;
    tt_recorded_answers_fini(&table);
    return 0;
}

/** A call of the run at a second; numbers are those of the run. */
static const tt_msg *call_at(int64_t second, tt_seq seq)
{
    memset(&made, 0, sizeof made);
    made.head.seq = seq;
    made.head.time.ns = second * TT_NS_PER_S;
    made.head.topic = TT_TOPIC_AGENT_CALLS;
    made.head.key = 1;
    made.head.size = sizeof made.call;
    made.head.correlation.bytes[0] = (uint8_t)seq;
    made.call.agent = TT_agent_TRADING_DECISION;
    made.call.task = TT_task_TRADING_DECISION;
    made.call.attempt = 1;
    return &made.head;
}

/** An answer of the record that came two seconds after its call. */
static tt_recorded_answer answer_to(int64_t second)
{
    tt_recorded_answer answer = {
        .call = tt_call_identity_of(call_at(second, 999)),
        .latency.ns = 2 * TT_NS_PER_S,
        .source = TT_SOURCE_AGENT_DECISION,
    };
    answer.answer.call_seq = 999;
    answer.answer.tokens = (uint32_t)second;
    return answer;
}

static bool call(int64_t second, tt_seq seq)
{
    return tt_recorded_answers_call(&table, call_at(second, seq), &item);
}

static bool answer(int64_t second)
{
    tt_recorded_answer recorded = answer_to(second);
    return tt_recorded_answers_answer(&table, &recorded, &item);
}

/** The item answers this call of the run, with what was recorded for that second. */
static void expect_item(tt_seq seq, int64_t second, int64_t recorded)
{
    assert_int_equal(item.answer.call_seq, seq);
    assert_int_equal(item.cause, seq);
    assert_int_equal(item.correlation.bytes[0], seq);
    assert_int_equal(item.time.ns, (second + 2) * TT_NS_PER_S);
    assert_int_equal(item.answer.tokens, recorded);
    assert_int_equal(item.source, TT_SOURCE_AGENT_DECISION);
    assert_int_equal(item.key, 1);
}

static void either_may_come_first(void **state)
{
    (void)state;
    assert_false(call(100, 7));
    assert_true(answer(100));
    expect_item(7, 100, 100);
    assert_false(answer(160));
    assert_true(call(160, 9));
    expect_item(9, 160, 160);
    assert_int_equal(table.matched, 2);
    assert_int_equal(table.matched_near, 0);
    assert_int_equal(tt_recorded_answers_unanswered(&table), 0);
    assert_int_equal(tt_recorded_answers_unused(&table), 0);
}

static void the_nearest_within_the_window(void **state)
{
    (void)state;
    assert_false(answer(100));
    assert_false(answer(104));
    assert_true(call(103, 5));
    expect_item(5, 103, 104);
    assert_false(call(106, 6)); // Six seconds from what is left.
    assert_true(call(105, 7));
    expect_item(7, 105, 100);
    assert_int_equal(table.matched_near, 2);
    assert_int_equal(tt_recorded_answers_unanswered(&table), 1);
    assert_true(answer(101)); // Five seconds from the call that waits: the bound belongs to it.
    expect_item(6, 106, 101);
}

static void the_same_moment_goes_before_the_older(void **state)
{
    (void)state;
    assert_false(call(98, 3));
    assert_false(call(100, 4));
    assert_true(answer(100));
    expect_item(4, 100, 100);
    assert_true(answer(99));
    expect_item(3, 98, 99);
}

static void another_identity_never_matches(void **state)
{
    (void)state;
    tt_call_identity changes[4];
    for (int i = 0; i < 4; i++) {
        changes[i] = answer_to(100).call;
    }
    changes[0].agent = TT_agent_TECHNICAL_ANALYSIS;
    changes[1].task = TT_task_TA_ANALYSIS;
    changes[2].key = 2;
    changes[3].attempt = 2;
    for (int i = 0; i < 4; i++) {
        tt_recorded_answer other = answer_to(100);
        other.call = changes[i];
        assert_false(tt_recorded_answers_answer(&table, &other, &item));
    }
    assert_false(call(100, 1));
    assert_int_equal(tt_recorded_answers_unused(&table), 4);
    assert_int_equal(tt_recorded_answers_unanswered(&table), 1);
}

static void at_the_bound_the_oldest_goes(void **state)
{
    (void)state;
    for (int64_t i = 0; i < TT_RECORDED_WAITING_MAX + 1; i++) {
        assert_false(answer(1000 + 100 * i));
    }
    assert_int_equal(tt_recorded_answers_unused(&table), TT_RECORDED_WAITING_MAX + 1);
    assert_false(call(1000, 1));
    assert_true(call(1100, 2));
    for (int64_t i = 0; i < TT_RECORDED_WAITING_MAX; i++) {
        assert_false(call(900000 + 100 * i, 3));
    }
    assert_int_equal(table.dropped_calls, 1);
    assert_int_equal(tt_recorded_answers_unanswered(&table), TT_RECORDED_WAITING_MAX + 1);
    assert_false(answer(1000)); // Its call was the oldest.
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(either_may_come_first, open_table, close_table),
        cmocka_unit_test_setup_teardown(the_nearest_within_the_window, open_table, close_table),
        cmocka_unit_test_setup_teardown(
            the_same_moment_goes_before_the_older, open_table, close_table),
        cmocka_unit_test_setup_teardown(another_identity_never_matches, open_table, close_table),
        cmocka_unit_test_setup_teardown(at_the_bound_the_oldest_goes, open_table, close_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
