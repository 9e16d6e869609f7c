/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Group commit by one thread: numbers, tickets, bounds, what is refused, how it stops. With many
 * threads it is tested in tests/threads/test_group.c.
 *
 * Covers: journal_group.c journal_group_commit.c journal_gate.c
 */
#include "journal/journal_group.h"
#include "journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tt_journal_group *start(tt_durability durability, const tt_journal_group_options *options)
{
    tt_journal_options journal = fx_options(durability, 1u << 20);
    tt_journal_group *group = NULL;
    tt_error error = {0};
    tutti_status status =
        tt_journal_group_start(fx_create(fx_journal, &journal), options, &group, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return group;
}

/* Appends a clock message with this tick. */
static tutti_status
append_tick(tt_journal_group *group, uint64_t tick, int64_t timeout, tt_seq *seq)
{
    tt_clock clock = {.tick = tick};
    tt_msg head = {
        .seq = 99, // Not looked at.
        .time = {(int64_t)tick},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .size = sizeof clock};
    return tt_journal_group_append(group, &head, &clock, timeout, seq);
}

/* Reads the journal, which must hold the ticks 1 to `count` as messages of these numbers. */
static void check_ticks(uint64_t count)
{
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    const void *step;
    size_t size;
    for (uint64_t i = 1; i <= count; i++) {
        assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
        const tt_msg *msg = tt_step_next(step, size, NULL);
        assert_int_equal(msg->seq, i);
        assert_int_equal(TT_PAYLOAD(msg, CLOCK, clock)->tick, i);
        assert_null(tt_step_next(step, size, msg));
    }
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

static void test_what_is_durable_can_be_read(void **state)
{
    tt_durability modes[] = {TT_durability_ALWAYS, TT_durability_BATCH, TT_durability_NONE};
    for (size_t i = 0; i < 3; i++) {
        tt_journal_group_options options = {0};
        tt_journal_group *group = start(modes[i], &options);
        tt_seq ticket = 0;
        for (uint64_t tick = 1; tick <= 50; tick++) {
            assert_int_equal(append_tick(group, tick, 0, &ticket), TUTTI_OK);
            assert_int_equal(ticket, tick);
            if (tick % 10 == 0) {
                assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
                assert_true(tt_journal_group_durable(group) >= ticket);
                check_ticks(tick);
            }
        }
        tt_journal_group_report report;
        assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
        assert_int_equal(report.appended, 50);
        assert_int_equal(report.durable, 50);
        assert_int_equal(report.lost, 0);
        assert_int_equal(report.end.last_seq, 50);
        tt_journal_group_stats stats;
        tt_journal_group_stats_get(group, &stats);
        assert_int_equal(stats.messages, 50);
        assert_int_equal(stats.steps, 50);
        assert_in_range(stats.commits, 5, 50);
        tt_journal_group_free(group);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

static void test_a_service_goes_on_where_a_journal_ends(void **state)
{
    (void)state;
    tt_journal_options journal = fx_options(TT_durability_NONE, 1u << 20);
    tt_journal_writer *writer = fx_create(fx_journal, &journal);
    fx_append(writer, 10, 3, 4);
    tt_journal_end before;
    tt_journal_state(writer, &before);
    tt_journal_group_options options = {0};
    tt_journal_group *group = NULL;
    assert_int_equal(tt_journal_group_start(writer, &options, &group, NULL), TUTTI_OK);
    tt_seq ticket;
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    assert_int_equal(ticket, before.last_seq + 1);
    tt_journal_group_free(group);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, before.last_seq + 1);
    assert_true(end.is_closed);
}

static void test_steps_of_a_sequencer(void **state)
{
    (void)state;
    static fx_step step;
    tt_journal_group_options options = {0};
    tt_journal_group *group = start(TT_durability_NONE, &options);
    tt_seq ticket = 0;
    for (int i = 0; i < 40; i++) {
        fx_step_make(&step, ticket + 1, 6);
        assert_int_equal(
            tt_journal_group_append_step(group, step.bytes, step.size, 0, &ticket), TUTTI_OK);
        assert_int_equal(ticket, step.last_seq);
    }
    // Numbers that do not continue, half a message, nothing, too much.
    tt_seq none = 77;
    fx_step_make(&step, ticket + 2, 6);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size, 0, &none), TUTTI_INVALID);
    fx_step_make(&step, ticket + 1, 6);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size - 16, 0, &none), TUTTI_INVALID);
    assert_int_equal(tt_journal_group_append_step(group, step.bytes, 0, 0, &none), TUTTI_INVALID);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, TT_JOURNAL_STEP_MAX + 16, 0, &none),
        TUTTI_LIMIT);
    assert_int_equal(none, 77);
    tt_msg strange = {.topic = 60000};
    assert_int_equal(tt_journal_group_append(group, &strange, "", 0, &none), TUTTI_INVALID);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.refused, 5);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    tt_journal_group_free(group);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, 41);
    assert_int_equal(end.last_seq, ticket);
}

static void test_the_bounds_of_a_batch(void **state)
{
    (void)state;
    // An hour: nothing is committed unless the bytes, a flush or the stop ask for it.
    tt_journal_group_options options = {
        .batch_ns = 3600 * TT_NS_PER_S, .batch_bytes = 10 * (16 + 64 + sizeof(tt_clock))};
    tt_journal_group *group = start(TT_durability_BATCH, &options);
    tt_seq ticket = 0;
    for (uint64_t tick = 1; tick <= 9; tick++) {
        assert_int_equal(append_tick(group, tick, 0, &ticket), TUTTI_OK);
    }
    assert_int_equal(tt_journal_group_wait(group, ticket, 0), TUTTI_BUSY);
    assert_int_equal(tt_journal_group_wait(group, ticket, 20 * TT_NS_PER_MS), TUTTI_TIMEOUT);
    assert_int_equal(tt_journal_group_durable(group), 0);
    assert_int_equal(append_tick(group, 10, 0, &ticket), TUTTI_OK); // The bytes are reached.
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    assert_int_equal(append_tick(group, 11, 0, &ticket), TUTTI_OK);
    tt_journal_group_flush(group);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    assert_int_equal(append_tick(group, 12, 0, &ticket), TUTTI_OK);
    tt_journal_group_report report;
    assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
    assert_int_equal(report.durable, 12);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.commits, 3);
    assert_int_equal(stats.bytes_high, options.batch_bytes);
    tt_journal_group_free(group);
    check_ticks(12);
}

static void test_the_time_of_a_batch(void **state)
{
    (void)state;
    tt_journal_group_options options = {.batch_ns = 30 * TT_NS_PER_MS};
    tt_journal_group *group = start(TT_durability_BATCH, &options);
    tt_seq ticket = 0;
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_NS_PER_MS), TUTTI_TIMEOUT);
    assert_int_equal(append_tick(group, 2, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.commits, 1);
    tt_journal_group_free(group);
}

static void test_tickets_that_nobody_got_and_appends_after_the_stop(void **state)
{
    (void)state;
    tt_journal_group_options options = {0};
    tt_journal_group *group = start(TT_durability_NONE, &options);
    tt_seq ticket = 0;
    assert_int_equal(tt_journal_group_wait(group, 0, 0), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, 1, TT_NS_PER_MS), TUTTI_INVALID);
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    tt_journal_group_report report;
    tt_error error = {0};
    assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
    assert_int_equal(tt_journal_group_failure(group, &error), TUTTI_OK);
    assert_string_equal(error.message, "");
    assert_int_equal(append_tick(group, 2, 0, &ticket), TUTTI_STATE);
    assert_int_equal(append_tick(group, 2, TT_WAIT_FOREVER, &ticket), TUTTI_STATE);
    assert_int_equal(tt_journal_group_wait(group, 1, 0), TUTTI_OK);
    assert_int_equal(tt_journal_group_stop(group, 0, &report), TUTTI_OK);
    tt_journal_group_free(group);
    tt_journal_group_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_durable_can_be_read, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_service_goes_on_where_a_journal_ends, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_steps_of_a_sequencer, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_bounds_of_a_batch, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_time_of_a_batch, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_tickets_that_nobody_got_and_appends_after_the_stop, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
