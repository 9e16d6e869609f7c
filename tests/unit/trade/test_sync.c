/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The books against the venue. Covers: sync_repair.c.
 */
#include "fixture.h"

static uint64_t start(fixture *f)
{
    (void)fixture_start_paper(f);
    const tt_venue_query *query = sent_one(f, TT_TOPIC_VENUE_QUERIES);
    return query->query_id;
}

static tt_venue_position told(const fixture *f, const char *qty)
{
    return (tt_venue_position){
        .qty = {dec(qty)},
        .mark = {dec("100")},
        .query_id = f->trade->books->sync.query_id,
        .venue_time = f->now,
        .is_last = 1,
    };
}

static void tell(fixture *f, const char *qty)
{
    tt_venue_position what = told(f, qty);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
}

/* The stage and cause of the newest step; NONE = nothing was said. */
static tt_reconciliation said(const fixture *f)
{
    unsigned count = sent_count(f, TT_TOPIC_RECONCILIATIONS);
    if (count == 0) {
        return (tt_reconciliation){0};
    }
    return *(const tt_reconciliation *)tt_msg_payload(sent(f, TT_TOPIC_RECONCILIATIONS, count - 1));
}

static void one_query_at_a_time_and_always_a_wait(void **state)
{
    fixture *f = *state;
    start(f);
    pass(f, 4999);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 0);
    tell(f, "0");
    pass(f, 59999);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 0);
    pass(f, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
    /* No answer: twice the interval. */
    pass(f, 5000);
    pass(f, 119999);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 0);
    pass(f, 1);
    assert_int_equal(((const tt_venue_query *)sent_one(f, TT_TOPIC_VENUE_QUERIES))->attempt, 2);
    assert_int_equal(f->trade->books->counters.venue_silences, 1);
}

/* An answer after its time is no longer compared, and no dead letter; one to no question is. */
static void a_late_answer_changes_nothing(void **state)
{
    fixture *f = *state;
    start(f);
    tt_venue_position late = told(f, "7");
    pass(f, 5000);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &late);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_RECONCILIATIONS), 0);
    assert_int_equal(f->trade->books->counters.venue_late, 1);
    pass(f, 120000);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &late); // Also while the next query is open.
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_RECONCILIATIONS), 0);
    assert_int_equal(f->trade->books->counters.venue_late, 2);
    late.query_id++;
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &late);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    tell(f, "0");
    assert_int_equal(f->trade->books->sync.query_id, 0);
}

static uint32_t failures_shown(const fixture *f, bool is_late)
{
    tt_trade_status status;
    tt_trade_status_get(f->trade, &status);
    assert_true(status.is_venue_late == is_late);
    return status.comparisons_failed;
}

/* From the third time on people are told, each time, until an answer comes in time. */
static void a_venue_that_does_not_answer_is_told_as_long_as_it_lasts(void **state)
{
    fixture *f = *state;
    start(f);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t failures = 1; failures <= 6; failures++) {
            pass(f, 5000);
            const bool is_told = failures >= 3;
            assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), is_told);
            assert_int_equal(failures_shown(f, false), is_told ? failures : 0);
            if (failures == 6) {
                const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
                assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
                assert_int_equal(alert->severity, TT_severity_HIGH);
                assert_string_equal(
                    alert->message,
                    "the venue has not told its positions 6 times in a row: the books are not "
                    "compared");
            }
            pass(f, 60000 << (failures < 4 ? failures : 4));
        }
        tell(f, "0");
        const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
        assert_int_equal(alert->severity, TT_severity_INFO);
        assert_string_equal(
            alert->message,
            "the venue has told its positions in time after 6 times without: the books are "
            "compared");
        assert_int_equal(failures_shown(f, false), 0);
        pass(f, 60000); // The next query.
    }
}

/* Who answers, but always too late, is told how to be compared. */
static void a_venue_that_is_always_late_is_told(void **state)
{
    fixture *f = *state;
    start(f);
    for (uint32_t failures = 1; failures <= 3; failures++) {
        tt_venue_position late = told(f, "0");
        pass(f, 5000);
        if (failures == 3) {
            const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
            assert_string_equal(
                alert->message,
                "the venue has told its positions later than reconciliation.timeout (5 s) 3 times "
                "in a row: the books are not compared; raise it");
        }
        step(f, TT_TOPIC_VENUE_POSITIONS, 1, &late);
        pass(f, 60000 << failures);
    }
    assert_int_equal(failures_shown(f, true), 3);
    tell(f, "0");
    assert_int_equal(failures_shown(f, false), 0);
    assert_int_equal(f->trade->books->sync.is_late, 0);
}

/* After a silence the first answer brings the questions about unknown orders at once. */
static void unknown_orders_are_asked_when_the_venue_is_back(void **state)
{
    fixture *f = *state;
    start(f);
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    pass(f, 7000);
    pass(f, 14000);
    pass(f, 28000);
    pass(f, 56000);
    pass(f, 15000);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
    tell(f, "0");
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_true(query->order_id == id && query->attempt == 6);
    pass(f, 7000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
}

/* So do closes that have failed. */
static void closes_that_wait_are_sent_when_the_venue_is_back(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    start(f);
    pass(f, 5000);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    static const int64_t waits_ms[] = {7000, 14000, 28000, 56000};
    for (unsigned i = 0; i < 4; i++) {
        say(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, TT_report_kind_SEND_FAILED);
        pass(f, waits_ms[i]);
        assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 1);
    }
    say(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, TT_report_kind_SEND_FAILED);
    pass(f, 15000);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    tell(f, "1");
    assert_dec(sent_intent(f, TT_order_role_CLOSE)->qty.d, "1");
}

static void backtests_are_not_compared(void **state)
{
    fixture *f = *state;
    tt_session_event started = {
        .event = TT_session_event_type_STARTED, .mode = (uint8_t)TT_mode_BACKTEST};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &started);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 0);
    f->trade->config.reconciliation.in_backtests = true;
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &started);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
}

static void an_answer_older_than_the_last_fill_says_nothing(void **state)
{
    fixture *f = *state;
    start(f);
    tt_venue_position before = told(f, "0");
    f->now.ns += TT_NS_PER_S;
    open_long(f, NULL, NULL);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &before);
    assert_int_equal(said(f).stage, TT_reconcile_stage_NONE);
    assert_int_equal(tt_sync_blocks(f->trade, 1), false);
}

static void twice_the_same_is_believed_once_is_not(void **state)
{
    fixture *f = *state;
    start(f);
    open_long(f, NULL, NULL);
    f->now.ns += TT_NS_PER_S;
    tell(f, "0.4");
    assert_int_equal(said(f).stage, TT_reconcile_stage_SUSPECTED);
    assert_int_equal(said(f).blocks_entries, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    /* Entries wait. */
    assert_int_equal(approve(f, &(entry){.qty = "1"}), 0);
    pass(f, 2000);
    /* Another difference is a new one. */
    tell(f, "0.3");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    pass(f, 2000);
    tell(f, "0.3");
    assert_int_equal(said(f).stage, TT_reconcile_stage_REPAIRED);
    assert_int_equal(said(f).cause, TT_discrepancy_SIZE_MISMATCH);
    assert_dec(said(f).repaired_qty.d, "-0.7");
    assert_int_equal(said(f).blocks_entries, 0);
    const tt_fill *booked = sent_one(f, TT_TOPIC_FILLS);
    assert_int_equal(booked->role, TT_order_role_ADJUSTMENT);
    assert_dec(booked->position_qty.d, "0.3");
    assert_int_equal(f->trade->books->counters.discrepancies, 1);
}

static void an_order_in_doubt_decides_first(void **state)
{
    fixture *f = *state;
    start(f);
    uint64_t id = approve(f, &(entry){.qty = "1"});
    say(f, id, TT_report_kind_ACCEPTED);
    f->now.ns += TT_NS_PER_S;
    tell(f, "1");
    assert_int_equal(said(f).stage, TT_reconcile_stage_SUSPECTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    for (int i = 0; i < 3; i++) {
        pass(f, 2000);
        tell(f, "1");
        assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    }
    fill(f, id, 1, "1", "100");
    pass(f, 2000);
    tell(f, "1");
    assert_int_equal(said(f).stage, TT_reconcile_stage_CLEARED);
    assert_int_equal(said(f).cause, TT_discrepancy_MISSED_FILL);
    assert_int_equal(f->trade->books->counters.discrepancies, 0);
}

/* Confirms that the venue is flat while the books hold 1. */
static void lose_all(fixture *f, tt_external_kind kind, const char *external)
{
    open_long(f, NULL, NULL);
    f->now.ns += TT_NS_PER_S;
    for (int i = 0; i < 2; i++) {
        tt_venue_position what = told(f, "0");
        what.last_external = (uint8_t)kind;
        what.external_qty.d = dec(external);
        what.external_price.d = dec("91");
        step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
        if (i == 0) {
            pass(f, 2000);
        }
    }
}

static void the_venue_names_the_cause(void **state)
{
    static const struct {
        tt_external_kind kind;
        const char *external;
        tt_discrepancy cause;
        tt_exit_reason reason;
        const char *price;
    } rows[] = {
        {TT_external_kind_LIQUIDATION,
         "-1",
         TT_discrepancy_LIQUIDATION,
         TT_exit_reason_LIQUIDATED,
         "91"},
        {TT_external_kind_ADL, "-1", TT_discrepancy_ADL, TT_exit_reason_ADL, "91"},
        {TT_external_kind_TRADE,
         "-1",
         TT_discrepancy_CLOSED_OUTSIDE,
         TT_exit_reason_EXTERNAL,
         "91"},
        /* A liquidation of another quantity does not explain it. */
        {TT_external_kind_LIQUIDATION,
         "-0.5",
         TT_discrepancy_CLOSED_OUTSIDE,
         TT_exit_reason_EXTERNAL,
         "100"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture *f = *state;
        start(f);
        lose_all(f, rows[i].kind, rows[i].external);
        assert_int_equal(said(f).cause, rows[i].cause);
        const tt_fill *booked = sent_one(f, TT_TOPIC_FILLS);
        assert_int_equal(booked->exit_reason, rows[i].reason);
        assert_dec(booked->price.d, rows[i].price);
        fixture_teardown(state);
        fixture_setup_sync(state);
    }
}

static void what_was_told_at_once_is_not_booked_again(void **state)
{
    fixture *f = *state;
    start(f);
    open_long(f, NULL, NULL);
    const tt_venue_trade trade = {
        .price = {dec("95")},
        .qty = {dec("0.5")},
        .exec_id = 77,
        .side = TT_side_SELL,
        .kind = TT_external_kind_TRADE,
    };
    step(f, TT_TOPIC_VENUE_TRADES, 1, &trade);
    f->now.ns += TT_NS_PER_S;
    tt_venue_position what = told(f, "0.5");
    what.external_qty.d = dec("-0.5");
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
    assert_int_equal(said(f).stage, TT_reconcile_stage_NONE);
}

static void an_unknown_order_holds_entries_back_until_it_is_gone(void **state)
{
    fixture *f = *state;
    start(f);
    tt_venue_position what = told(f, "0");
    what.count = 1;
    what.order_count = 1;
    what.orders[0] = (tt_venue_order){.order_id = 0, .venue_order_id = 555};
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
    assert_int_equal(said(f).cause, TT_discrepancy_UNKNOWN_ORDER);
    assert_true(said(f).venue_order_id == 555);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    assert_int_equal(alert->severity, TT_severity_HIGH);
    assert_int_equal(approve(f, &(entry){.qty = "1"}), 0);
    pass(f, 60000);
    what.query_id = f->trade->books->sync.query_id;
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0); /* Said once. */
    pass(f, 60000);
    tell(f, "0");
    assert_int_equal(said(f).stage, TT_reconcile_stage_RELEASED);
    assert_true(approve(f, &(entry){.qty = "1"}) != 0);
}

static void a_position_of_others_waits_for_a_person(void **state)
{
    fixture *f = *state;
    start(f);
    tell(f, "2");
    pass(f, 2000);
    tell(f, "2");
    assert_int_equal(said(f).cause, TT_discrepancy_SIZE_MISMATCH);
    assert_int_equal(said(f).blocks_entries, 1);
    tt_position *position = &f->trade->books->positions[0];
    assert_int_equal(position->is_external, 1);
    /* No agent closes it. */
    approve_close(f, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    tt_coordinator_command assign = {
        .request_id = 1, .command = TT_command_ASSIGN_POSITION, .subject_seq = 999999};
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &assign);
    assert_int_equal(
        ((const tt_command_reply *)sent_one(f, TT_TOPIC_COMMAND_REPLIES))->status,
        TT_reply_status_NOT_FOUND);
    assign.subject_seq = position->position_id;
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &assign);
    assert_int_equal(
        ((const tt_command_reply *)sent_one(f, TT_TOPIC_COMMAND_REPLIES))->status,
        TT_reply_status_DONE);
    assert_int_equal(said(f).stage, TT_reconcile_stage_RELEASED);
    approve_close(f, 1);
    assert_dec(sent_intent(f, TT_order_role_CLOSE)->qty.d, "2");
}

static void answers_to_nothing_are_refused(void **state)
{
    fixture *f = *state;
    uint64_t id = start(f);
    tt_venue_position wrong[3] = {told(f, "5"), told(f, "5"), told(f, "5")};
    wrong[0].query_id = id + 1;
    wrong[1].position_side = TT_side_BUY;
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &wrong[0]);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &wrong[1]);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    step(f, TT_TOPIC_VENUE_POSITIONS, 3, &wrong[2]);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    tell(f, "0");
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &wrong[2]); /* Late. */
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_int_equal(f->trade->books->sync.legs[0].query_id, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_sync, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_query_at_a_time_and_always_a_wait),
        TEST(a_late_answer_changes_nothing),
        TEST(a_venue_that_does_not_answer_is_told_as_long_as_it_lasts),
        TEST(a_venue_that_is_always_late_is_told),
        TEST(unknown_orders_are_asked_when_the_venue_is_back),
        TEST(closes_that_wait_are_sent_when_the_venue_is_back),
        TEST(backtests_are_not_compared),
        TEST(an_answer_older_than_the_last_fill_says_nothing),
        TEST(twice_the_same_is_believed_once_is_not),
        TEST(an_order_in_doubt_decides_first),
        TEST(the_venue_names_the_cause),
        TEST(what_was_told_at_once_is_not_booked_again),
        TEST(an_unknown_order_holds_entries_back_until_it_is_gone),
        TEST(a_position_of_others_waits_for_a_person),
        TEST(answers_to_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
