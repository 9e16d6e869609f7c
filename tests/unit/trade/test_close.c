/* SPDX-License-Identifier: Apache-2.0 */
/* Closing and reducing until it is true. */
#include "fixture.h"

static const tt_order_intent *only_intent(const fixture *f)
{
    return sent_one(f, TT_TOPIC_ORDER_INTENTS);
}

static void assert_no_intent(const fixture *f)
{
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

static void a_verdict_closes_the_whole_position(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    tt_seq verdict = approve_close(f, 1);
    const tt_order_intent *intent = only_intent(f);
    assert_int_equal(intent->role, TT_order_role_CLOSE);
    assert_int_equal(intent->type, TT_order_type_MARKET);
    assert_int_equal(intent->side, TT_side_SELL);
    assert_int_equal(intent->reduce_only, 1);
    assert_int_equal(intent->exit_reason, TT_exit_reason_SIGNAL);
    assert_dec(intent->qty.d, "1");
    assert_true(intent->verdict_seq == verdict);
    assert_true(intent->position_id == f->trade->books->positions[0].position_id);
    assert_dec(account(f).pending_exposure.d, "0");
    approve_close(f, 1);
    assert_no_intent(f);
    fill(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, 2, "1", "101");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_CLOSED);
    assert_int_equal(position->exit_reason, TT_exit_reason_SIGNAL);
    assert_false(tt_close_is_active(f->trade, 1));
}

static void assert_no_position(const fixture *f)
{
    assert_no_intent(f);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
    assert_int_equal(alert->code, TT_risk_code_NO_POSITION);
}

static void a_verdict_without_its_position_is_refused(void **state)
{
    fixture *f = *state;
    approve_close(f, 1);
    assert_no_position(f);
    open_long(f, NULL, NULL);
    tt_risk_verdict stale = {
        .status = TT_verdict_APPROVED, .kind = TT_proposal_kind_CLOSE, .position_id = 1};
    step(f, TT_TOPIC_RISK_VERDICTS, 1, &stale);
    assert_no_position(f);
}

static void rebalance(fixture *f, tt_side side, const char *qty)
{
    tt_risk_verdict verdict = {
        .status = TT_verdict_MODIFIED,
        .kind = TT_proposal_kind_REBALANCE,
        .side = (uint8_t)side,
        .qty = {dec(qty)},
        .position_id = tt_trade_position(f->trade, 1)->position_id,
    };
    step(f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
}

static void a_rebalance_only_reduces(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    rebalance(f, TT_side_BUY, "0.5");
    assert_no_position(f);
    rebalance(f, TT_side_SELL, "0");
    assert_no_position(f);
    rebalance(f, TT_side_SELL, "0.3");
    const tt_order_intent *intent = only_intent(f);
    assert_int_equal(intent->role, TT_order_role_REBALANCE);
    assert_int_equal(intent->exit_reason, TT_exit_reason_REBALANCE);
    assert_dec(intent->qty.d, "0.3");
    fill(f, intent->order_id, 2, "0.3", "101");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_REDUCED);
    assert_int_equal(position->exit_reason, TT_exit_reason_REBALANCE);
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "0.7");
    rebalance(f, TT_side_SELL, "5"); /* More than is held: all of it. */
    assert_dec(only_intent(f)->qty.d, "0.7");
}

static void a_command_closes_one_or_all(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    uint64_t eth =
        approve(f, &(entry){.qty = "2", .side = TT_side_SELL, .reference = "50", .key = 2});
    fill(f, eth, 1, "2", "50");
    command(f, 2, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_int_equal(sent(f, TT_TOPIC_ORDER_INTENTS, 0)->key, 2);
    assert_int_equal(only_intent(f)->side, TT_side_BUY);
    assert_int_equal(only_intent(f)->exit_reason, TT_exit_reason_OPERATOR);
    command(f, 0, TT_position_command_type_CLOSE, TT_exit_reason_NONE, NULL);
    assert_int_equal(sent(f, TT_TOPIC_ORDER_INTENTS, 0)->key, 1);
    assert_int_equal(only_intent(f)->exit_reason, TT_exit_reason_EMERGENCY);
}

static void a_command_cancels_entries_and_closes_what_still_fills(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_no_intent(f);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    assert_string_equal(cancel->reason, "the position is being closed");
    /* The fill was faster than the cancel. */
    fill(f, id, 1, "0.4", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 2);
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(close->qty.d, "0.4");
    assert_int_equal(close->exit_reason, TT_exit_reason_OPERATOR);
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "0.4");
    /* One more; the closing goes on until nothing is left. */
    uint64_t first = close->order_id;
    fill(f, id, 2, "0.1", "100");
    say(f, id, TT_report_kind_CANCELLED);
    fill(f, first, 3, "0.4", "99");
    const tt_order_intent *rest = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(rest->qty.d, "0.1");
    fill(f, rest->order_id, 4, "0.1", "99");
    assert_dec(f->trade->books->positions[0].qty.d, "0");
    assert_false(tt_close_is_active(f->trade, 1));
}

static void a_late_fill_of_a_withdrawn_entry_takes_no_other_with_it(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    say(f, id, TT_report_kind_CANCELLED);
    uint64_t next = approve(f, &(entry){.qty = "2"});
    fill(f, next, 1, "2", "100");
    fill(f, id, 2, "0.5", "100");
    assert_dec(sent_intent(f, TT_order_role_CLOSE)->qty.d, "0.5");
}

/* An entry was over before the close was asked for: its fill, told late, opens nothing that stays.
 * What was cancelled without a close keeps it. */
static void a_late_fill_of_an_entry_that_had_ended_is_closed(void **state)
{
    static const tt_report_kind ends[] = {TT_report_kind_CANCELLED, TT_report_kind_EXPIRED};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
        say(f, id, TT_report_kind_ACCEPTED);
        say(f, id, ends[i]);
        command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
        fill(f, id, 10 + i, "0.5", "100");
        const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
        assert_dec(close->qty.d, "0.5");
        assert_int_equal(close->exit_reason, TT_exit_reason_OPERATOR);
        fill(f, close->order_id, 20 + i, "0.5", "100");
        assert_dec(f->trade->books->positions[0].qty.d, "0");
    }
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    say(f, id, TT_report_kind_CANCELLED);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_OPERATOR, NULL);
    fill(f, id, 30, "0.5", "100");
    assert_false(tt_close_is_active(f->trade, 1));
    assert_dec(f->trade->books->positions[0].qty.d, "0.5");
}

/* So is one that ended many orders ago, up to a bound; one of another instrument is not. */
static void late_fills_are_closed_up_to_a_bound(void **state)
{
    fixture *f = *state;
    for (unsigned later = 63; later <= 64; later++) {
        uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
        say(f, id, TT_report_kind_CANCELLED);
        uint64_t other = 0;
        for (unsigned i = 0; i < later; i++) {
            other = approve(f, &(entry){.qty = "1", .price = "100", .key = 2});
            say(f, other, TT_report_kind_CANCELLED);
        }
        command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
        bool is_known = later == 63;
        assert_int_equal(
            order(f, id)->close_reason, is_known ? TT_exit_reason_OPERATOR : TT_exit_reason_NONE);
        assert_int_equal(order(f, other)->close_reason, TT_exit_reason_NONE);
    }
}

static void a_reduction_rounds_up_to_the_lot(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1.001", .stop = "95"});
    fill(f, id, 1, "1.001", "100");
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "50");
    const tt_order_intent *intent = only_intent(f);
    assert_dec(intent->qty.d, "0.501");
    assert_int_equal(intent->role, TT_order_role_REDUCE);
    assert_int_equal(intent->exit_reason, TT_exit_reason_REDUCED);
    fill(f, intent->order_id, 2, "0.501", "100");
    assert_false(tt_close_is_active(f->trade, 1));
    assert_dec(f->trade->books->positions[0].qty.d, "0.5");
}

static void a_rest_that_cannot_be_ordered_is_closed_too(void **state)
{
    (void)state;
    fixture g;
    fixture_init(&g);
    g.instruments.list[0].min_qty.d = dec("0.3");
    open_long(&g, NULL, NULL);
    command(&g, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "80");
    assert_dec(only_intent(&g)->qty.d, "1");
    fixture_fini(&g);
    fixture_init(&g);
    g.instruments.list[0].min_qty.d = dec("0.3");
    open_long(&g, NULL, NULL);
    command(&g, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "1");
    assert_dec(only_intent(&g)->qty.d, "0.3");
    fixture_fini(&g);
}

static void the_stronger_wish_wins(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "50");
    uint64_t half = only_intent(f)->order_id;
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "20");
    assert_no_intent(f);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_no_intent(f); /* One order at a time. */
    fill(f, half, 2, "0.5", "100");
    const tt_order_intent *rest = only_intent(f);
    assert_dec(rest->qty.d, "0.5");
    assert_int_equal(rest->role, TT_order_role_CLOSE);
    assert_int_equal(rest->exit_reason, TT_exit_reason_OPERATOR);
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "10");
    fill(f, rest->order_id, 3, "0.5", "100");
    assert_dec(f->trade->books->positions[0].qty.d, "0");
}

static void a_failed_close_is_tried_again(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_EMERGENCY, NULL);
    static const tt_report_kind failures[] = {
        TT_report_kind_REJECTED,
        TT_report_kind_SEND_FAILED,
        TT_report_kind_CANCELLED,
        TT_report_kind_EXPIRED,
        TT_report_kind_REJECTED,
        TT_report_kind_REJECTED,
    };
    static const int64_t waits_ms[] = {7000, 14000, 28000, 56000, 112000, 112000};
    for (unsigned i = 0; i < 6; i++) {
        uint64_t id = live(f, 1, TT_order_role_CLOSE)->intent.order_id;
        say(f, id, failures[i]);
        const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
        assert_int_equal(alert->alert_type, TT_alert_type_CONTINGENT_ORDER_FAILURE);
        assert_int_equal(alert->severity, TT_severity_CRITICAL);
        assert_no_intent(f);
        approve_close(f, 1);
        assert_no_intent(f);
        pass(f, waits_ms[i] - 1);
        assert_no_intent(f);
        pass(f, 1);
        assert_true(only_intent(f)->order_id != id);
        assert_dec(only_intent(f)->qty.d, "1");
    }
    /* A fill shows that the venue takes orders again: the wait is the first one. */
    uint64_t id = live(f, 1, TT_order_role_CLOSE)->intent.order_id;
    fill(f, id, 9, "0.4", "90");
    say(f, id, TT_report_kind_CANCELLED);
    pass(f, 6999);
    assert_no_intent(f);
    pass(f, 1);
    assert_dec(only_intent(f)->qty.d, "0.6");
    fill(f, only_intent(f)->order_id, 10, "0.6", "90");
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
}

static void tell_health(fixture *f, tt_part part, bool is_up, tt_health_level level)
{
    const tt_health_report report = {
        .part = (uint8_t)part, .is_up = is_up, .level = (uint8_t)level, .message = "told"};
    step(f, TT_TOPIC_HEALTH_REPORTS, 0, &report);
}

/* The wait is for a venue that does not work: when it does, the next attempt goes out at once, and
 * the wait after one more failure is no shorter for it. */
static void a_close_that_waits_is_sent_when_the_venue_works_again(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_EMERGENCY, NULL);
    tell_health(f, TT_part_VENUE, true, TT_health_level_OK);
    assert_no_intent(f);
    say(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, TT_report_kind_SEND_FAILED);
    pass(f, 7000);
    say(f, only_intent(f)->order_id, TT_report_kind_SEND_FAILED);
    tell_health(f, TT_part_FEED, true, TT_health_level_OK);
    assert_no_intent(f);
    tell_health(f, TT_part_VENUE, false, TT_health_level_CRITICAL);
    assert_no_intent(f);
    tell_health(f, TT_part_VENUE, true, TT_health_level_WARN);
    assert_no_intent(f);
    tell_health(f, TT_part_VENUE, true, TT_health_level_OK);
    assert_dec(only_intent(f)->qty.d, "1");
    say(f, only_intent(f)->order_id, TT_report_kind_SEND_FAILED);
    pass(f, 27999);
    assert_no_intent(f);
    pass(f, 1);
    fill(f, only_intent(f)->order_id, 9, "1", "90");
    tell_health(f, TT_part_VENUE, true, TT_health_level_OK);
    assert_no_intent(f);
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
}

static void what_ends_the_wish_ends_the_waiting(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    approve_close(f, 1);
    say(f, only_intent(f)->order_id, TT_report_kind_REJECTED);
    fill(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, 2, "1", "95");
    assert_false(tt_close_is_active(f->trade, 1));
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
}

static void a_verdict_to_close_withdraws_the_entries(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "90"});
    say(f, id, TT_report_kind_ACCEPTED);
    approve_close(f, 1);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    /* What it still fills is closed with the same reason. */
    fill(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, 2, "1", "100");
    fill(f, id, 3, "0.2", "90");
    assert_dec(only_intent(f)->qty.d, "0.2");
    assert_int_equal(only_intent(f)->exit_reason, TT_exit_reason_SIGNAL);
}

static void an_unknown_close_is_not_doubled(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    uint64_t id = only_intent(f)->order_id;
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_no_intent(f);
    say(f, id, TT_report_kind_NOT_FOUND);
    pass(f, 7000);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_FAILED);
    pass(f, 7000);
    assert_true(only_intent(f)->order_id != id);
}

static void a_stop_that_is_faster_ends_the_closing(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    approve_close(f, 1);
    uint64_t close = only_intent(f)->order_id;
    fill(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, 2, "1", "95");
    assert_false(tt_close_is_active(f->trade, 1));
    /* The close must not reduce the next position: it is cancelled. */
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == close);
    say(f, close, TT_report_kind_CANCELLED);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
}

static void a_reduce_only_order_that_opens_is_closed(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    approve_close(f, 1);
    fill(f, only_intent(f)->order_id, 2, "1.5", "100");
    assert_dec(f->trade->books->positions[0].qty.d, "-0.5");
    const tt_order_intent *undo = only_intent(f);
    assert_int_equal(undo->side, TT_side_BUY);
    assert_dec(undo->qty.d, "0.5");
    assert_int_equal(undo->exit_reason, TT_exit_reason_EMERGENCY);
}

static void the_end_of_data_closes_all(void **state)
{
    fixture *f = *state;
    uint64_t resting = approve(f, &(entry){.qty = "1", .price = "50", .key = 2});
    open_long(f, "95", "110");
    tt_feed_event event = {.event = TT_feed_event_type_GAP};
    step(f, TT_TOPIC_FEED_EVENTS, 0, &event);
    assert_no_intent(f);
    event.event = TT_feed_event_type_END_OF_DATA;
    step(f, TT_TOPIC_FEED_EVENTS, 0, &event);
    assert_int_equal(only_intent(f)->exit_reason, TT_exit_reason_END_OF_RUN);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == resting);
}

static void the_end_of_data_may_leave_all_open(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    config.orders.close_at_end = false;
    fixture g;
    fixture_init_with(&g, &config);
    open_long(&g, NULL, NULL);
    tt_feed_event event = {.event = TT_feed_event_type_END_OF_DATA};
    step(&g, TT_TOPIC_FEED_EVENTS, 0, &event);
    assert_no_intent(&g);
    fixture_fini(&g);
}

static void commands_that_make_no_sense_are_dead_letters(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 3, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "0");
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "100.1");
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_no_intent(f);
    command(f, 1, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "100");
    assert_dec(only_intent(f)->qty.d, "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_verdict_closes_the_whole_position),
        TEST(a_verdict_without_its_position_is_refused),
        TEST(a_rebalance_only_reduces),
        TEST(a_command_closes_one_or_all),
        TEST(a_command_cancels_entries_and_closes_what_still_fills),
        TEST(a_late_fill_of_an_entry_that_had_ended_is_closed),
        TEST(late_fills_are_closed_up_to_a_bound),
        TEST(a_late_fill_of_a_withdrawn_entry_takes_no_other_with_it),
        TEST(a_reduction_rounds_up_to_the_lot),
        TEST(a_rest_that_cannot_be_ordered_is_closed_too),
        TEST(the_stronger_wish_wins),
        TEST(a_failed_close_is_tried_again),
        TEST(a_close_that_waits_is_sent_when_the_venue_works_again),
        TEST(what_ends_the_wish_ends_the_waiting),
        TEST(a_verdict_to_close_withdraws_the_entries),
        TEST(an_unknown_close_is_not_doubled),
        TEST(a_stop_that_is_faster_ends_the_closing),
        TEST(a_reduce_only_order_that_opens_is_closed),
        TEST(the_end_of_data_closes_all),
        TEST(the_end_of_data_may_leave_all_open),
        TEST(commands_that_make_no_sense_are_dead_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
