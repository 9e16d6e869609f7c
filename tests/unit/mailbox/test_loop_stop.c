/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a loop cannot deliver: dead letters of mailboxes, halts, the stop and its report.
 */
#include "loop_fixture.h"

static void what_a_mailbox_refuses_becomes_a_dead_letter(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){.name = "slow", .policy = TT_MAILBOX_DEAD_LETTER, .count_max = 2},
        &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    tt_publisher *publisher = feed();
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(fixture_try(publisher, i, 1), TUTTI_OK);
    }
    assert_int_equal(tt_bus_loop_turn(fix.loop), 4); // three posts, and an input for the letter
    tt_dead_letter letter = newest_dead();
    assert_int_equal(letter.dead_seq, 3);
    assert_int_equal(letter.dead_topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(letter.dead_source, TT_SOURCE_FEED);
    assert_int_equal(letter.attempts, 0);
    assert_int_equal(letter.reason, TT_dead_reason_MAILBOX_FULL);
    assert_string_equal(letter.handler, "slow");
    assert_int_equal(sink.dead, 1);
    assert_int_equal(sink.inputs, 4);
    assert_int_equal(take_quote(box), 1);
    fixture_close(&fix);
}

static void a_full_mailbox_of_dead_letters_makes_no_loop(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *letters = attached(
        &(tt_mailbox_options){.policy = TT_MAILBOX_DEAD_LETTER, .count_max = 1},
        &(tt_mailbox_subscription){.pattern = "*"});
    tt_publisher *publisher = feed();
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(fixture_try(publisher, i, 1), TUTTI_OK);
    }
    while (tt_bus_loop_turn(fix.loop) > 0) {
    }
    assert_int_equal(sink.dead, 4);
    assert_int_equal(stats_now().dead_unsent, 4);
    assert_int_equal(take_quote(letters), 1);
    fixture_close(&fix);
}

static void a_consumer_gives_up_through_the_inbox(void **state)
{
    (void)state;
    static const tt_mailbox_retry none = {.count = 0};
    open_with((fixture_options){0});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){.name = "disk", .retry = &none},
        &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    const tt_msg *msg = NULL;
    assert_int_equal(fixture_try(feed(), 9, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(tt_mailbox_failed(box, "no space left"), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    tt_dead_letter letter = newest_dead();
    assert_int_equal(letter.dead_seq, 1);
    assert_int_equal(letter.attempts, 1);
    assert_int_equal(letter.reason, TT_dead_reason_HANDLER_FAILED);
    assert_string_equal(letter.handler, "disk");
    assert_string_equal(letter.message, "no space left");
    assert_true(stop_now(TUTTI_OK).is_complete);
    fixture_close(&fix);
}

static void halt_stops_taking_and_the_report_says_why(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){.name = "audit", .policy = TT_MAILBOX_HALT, .count_max = 2},
        &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    tt_publisher *publisher = feed();
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(fixture_try(publisher, i, 1), TUTTI_OK);
    }
    assert_int_equal(tt_bus_loop_turn(fix.loop), 3);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 0);
    assert_int_equal(fixture_try(publisher, 6, 1), TUTTI_STATE);
    assert_int_equal(take_quote(box), 1);
    tt_loop_report report = stop_now(TUTTI_STATE);
    assert_true(report.has_halted);
    assert_string_equal(report.halt_reason, "audit: the mailbox is full");
    assert_int_equal(report.total, 4); // 3 refused, 4 and 5 in the inbox, 2 in the mailbox
    assert_int_equal(report.row_count, 2);
    assert_string_equal(report.rows[0].mailbox, "audit");
    assert_int_equal(report.rows[0].count, 2);
    assert_int_equal(report.rows[0].first_seq, 2);
    assert_int_equal(report.rows[0].last_seq, 3);
    assert_string_equal(report.rows[1].mailbox, "inbox");
    assert_int_equal(report.rows[1].count, 2);
    fixture_close(&fix);
}

static void a_sink_that_fails_halts_before_anything_leaves(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){0}, &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    tt_publisher *publisher = feed();
    sink.answer = TUTTI_IO;
    assert_int_equal(fixture_try(publisher, 1, 1), TUTTI_OK);
    assert_int_equal(fixture_try(publisher, 2, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    fixture_expect_none(box);
    tt_loop_report report = stop_now(TUTTI_STATE);
    assert_string_equal(report.halt_reason, "sink: the step could not be recorded: io");
    fixture_close(&fix);
}

static void a_stop_reports_what_it_could_not_deliver(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *fast = attached(
        &(tt_mailbox_options){.name = "fast"}, &(tt_mailbox_subscription){.pattern = "market*"});
    tt_mailbox *slow = attached(
        &(tt_mailbox_options){.name = "slow"},
        &(tt_mailbox_subscription){.pattern = "*", .source = TT_SOURCE_FEED});
    tt_publisher *publisher = feed();
    for (uint64_t i = 1; i <= 6; i++) {
        assert_int_equal(fixture_try(publisher, i, 1), TUTTI_OK);
    }
    static const tt_clock tick = {.tick = 1};
    const tt_bus_post clock = {.topic = TT_TOPIC_CLOCK, .source = TT_SOURCE_FEED, .payload = &tick};
    assert_int_equal(tt_inbox_post_try(publisher, &clock, 0), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 7);
    for (uint64_t i = 1; i <= 6; i++) {
        assert_int_equal(take_quote(fast), i);
    }
    assert_int_equal(take_quote(slow), 1);
    const tt_msg *in_hand = NULL;
    assert_int_equal(tt_mailbox_take_try(slow, &in_hand), TUTTI_OK);
    assert_int_equal(tt_mailbox_failed(slow, "x"), TUTTI_OK);
    assert_int_equal(tt_mailbox_take_try(slow, &in_hand), TUTTI_OK);
    assert_int_equal(fixture_try(publisher, 7, 1), TUTTI_OK); // accepted: worked off by the stop
    tt_loop_report report = stop_now(TUTTI_TIMEOUT);
    assert_false(report.is_complete);
    assert_int_equal(report.total, 1 + 5 + 1);
    assert_int_equal(report.unlisted, 0);
    assert_int_equal(report.unsent, 0);
    assert_int_equal(report.row_count, 3);
    const tt_undelivered *quotes = &report.rows[0];
    assert_string_equal(quotes->mailbox, "inbox"); // the limit of 0 had passed
    assert_int_equal(quotes->topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(quotes->count, 1);
    assert_int_equal(quotes->last_seq, 0);
    quotes = &report.rows[1];
    assert_string_equal(quotes->mailbox, "slow");
    assert_int_equal(quotes->topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(quotes->count, 5);
    assert_int_equal(quotes->first_seq, 2);
    assert_int_equal(quotes->last_seq, 6);
    assert_int_equal(report.rows[2].topic, TT_TOPIC_CLOCK);
    assert_int_equal(report.rows[2].count, 1);
    assert_int_equal(report.rows[2].first_seq, 7);
    assert_int_equal(sink.dead, 7); // each has its dead letter
    assert_int_equal(tt_bus_loop_turn(fix.loop), 0);
    assert_int_equal(stop_now(TUTTI_TIMEOUT).total, 7); // again: the same
    assert_int_equal(
        tt_bus_loop_attach(fix.loop, fixture_box(&fix, &(tt_mailbox_options){0})), TUTTI_STATE);
    assert_int_equal(fixture_try(publisher, 8, 1), TUTTI_STATE);
    fixture_close(&fix);
}

static void a_stop_with_time_works_off_the_inbox(void **state)
{
    (void)state;
    open_with((fixture_options){.loop.batch_max = 4});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){0}, &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    tt_publisher *publisher = feed();
    for (uint64_t i = 1; i <= 100; i++) {
        assert_int_equal(fixture_try(publisher, i, 1), TUTTI_OK);
    }
    fix.clock.step_ns = 20 * TT_NS_PER_US;
    static tt_loop_report report;
    assert_int_equal(
        tt_bus_loop_stop(fix.loop, (tt_dur){5 * TT_NS_PER_MS}, &report), TUTTI_TIMEOUT);
    assert_int_equal(report.total, 100);
    assert_string_equal(report.rows[0].mailbox, "box");
    assert_int_equal(report.rows[0].first_seq, 1);
    assert_int_equal(report.rows[0].last_seq, 100);
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_END);
    fixture_close(&fix);
}

static void a_mailbox_that_its_consumer_closes_is_let_go(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_mailbox *box = attached(
        &(tt_mailbox_options){.name = "gone"},
        &(tt_mailbox_subscription){.topic = TT_TOPIC_MARKET_QUOTE});
    tt_publisher *publisher = feed();
    assert_int_equal(fixture_try(publisher, 1, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    tt_mailbox_close(box);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 0);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1); // the dead letter of what it held
    assert_string_equal(newest_dead().handler, "gone");
    assert_int_equal(fixture_try(publisher, 2, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    assert_int_equal(fixture_box_stats(box).put, 1);
    tt_loop_report report = stop_now(TUTTI_TIMEOUT);
    assert_int_equal(report.total, 1);
    assert_string_equal(report.rows[0].mailbox, "gone");
    fixture_close(&fix);
}

static void a_stop_may_be_asked_for_by_a_handler(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_publisher *publisher = feed();
    tt_bus_loop_request_stop(fix.loop);
    assert_int_equal(fixture_try(publisher, 1, 1), TUTTI_STATE);
    assert_true(stop_now(TUTTI_OK).is_complete);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_mailbox_refuses_becomes_a_dead_letter),
        cmocka_unit_test(a_full_mailbox_of_dead_letters_makes_no_loop),
        cmocka_unit_test(a_consumer_gives_up_through_the_inbox),
        cmocka_unit_test(halt_stops_taking_and_the_report_says_why),
        cmocka_unit_test(a_sink_that_fails_halts_before_anything_leaves),
        cmocka_unit_test(a_stop_reports_what_it_could_not_deliver),
        cmocka_unit_test(a_stop_with_time_works_off_the_inbox),
        cmocka_unit_test(a_mailbox_that_its_consumer_closes_is_let_go),
        cmocka_unit_test(a_stop_may_be_asked_for_by_a_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
