/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding that the answers of the venue list. Covers: sync_funding.c.
 */
#include "fixture.h"

static int64_t asked_since(fixture *f)
{
    const tt_venue_query *query = sent_one(f, TT_TOPIC_VENUE_QUERIES);
    return query->funding_since.ns;
}

/* A payment of `age_s` seconds ago; `is_listed`: in the answer to the open query. */
static void pay(fixture *f, int64_t age_s, bool is_listed)
{
    tt_funding_payment what = {
        .amount = {dec("-1.5")},
        .venue_time = {f->now.ns - age_s * TT_NS_PER_S},
        .query_id = is_listed ? f->trade->books->sync.query_id : 0,
    };
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &what);
}

static void end_answer(fixture *f, uint32_t payments, bool is_cut)
{
    tt_venue_position what = {
        .qty = {dec("1")},
        .mark = {dec("100")},
        .query_id = f->trade->books->sync.query_id,
        .venue_time = f->now,
        .payments = payments,
        .payments_cut = is_cut,
        .is_last = 1,
    };
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
}

static const struct tt_trade_counters *counters(const fixture *f)
{
    return &f->trade->books->counters;
}

static void a_session_asks_from_its_start_on(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    int64_t first = f->now.ns;
    assert_true(asked_since(f) == first);
    int64_t answered = f->now.ns;
    end_answer(f, 0, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
    // After a restart from where it was, not from the restart.
    tt_session_event again = {
        .event = TT_session_event_type_RECOVERED, .mode = (uint8_t)TT_mode_PAPER};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &again);
    assert_true(asked_since(f) == answered);
}

static void what_was_lost_is_booked_and_told(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    pay(f, 6, true);
    const tt_funding *booked = sent_one(f, TT_TOPIC_FUNDING);
    assert_dec(booked->amount.d, "-1.5");
    assert_dec(booked->balance.d, "9998.5");
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    assert_int_equal(alert->severity, TT_severity_WARNING);
    assert_true(alert->subject_seq == booked->payment_seq);
    assert_string_equal(
        alert->message, "a funding payment of -1.5 was missed: it is booked now, late");
    assert_int_equal(counters(f)->missed_payments, 1);
    end_answer(f, 1, false);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    assert_int_equal(counters(f)->cut_payments, 0);
}

/* The list may overtake the message of the payment itself: nothing was lost. */
static void what_is_young_is_booked_without_a_word(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    pay(f, 5, true);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    assert_int_equal(counters(f)->missed_payments, 0);
    pay(f, 5, false);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 0);
    assert_int_equal(counters(f)->repeated_payments, 1);
}

/* One that is late, but was told by itself, was not missed. */
static void what_is_not_listed_was_not_missed(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    pass(f, 1000);
    pay(f, 3600, false);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    end_answer(f, 1, false); // Nor does it count for the list.
    int64_t answered = f->now.ns;
    pass(f, 60000);
    assert_true(asked_since(f) < answered);
}

static void a_list_of_which_one_was_lost_is_asked_for_again(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    int64_t first = asked_since(f);
    pass(f, 1000);
    pay(f, 6, true);
    end_answer(f, 2, false);
    pass(f, 60000);
    assert_true(asked_since(f) == first);
    pay(f, 66, true);
    end_answer(f, 2, false); // The same one is lost again: each answer is counted by itself.
    pass(f, 60000);
    assert_true(asked_since(f) == first);
    pay(f, 127, true);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 1);
    pay(f, 126, true);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 0); // It is the one of before.
    int64_t answered = f->now.ns;
    end_answer(f, 2, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
}

/* Two messages came, but of one payment: the other one is asked for again. */
static void a_doubled_payment_does_not_hide_a_lost_one(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    int64_t first = asked_since(f);
    pass(f, 1000);
    pay(f, 6, true);
    pay(f, 6, true);
    end_answer(f, 2, false);
    pass(f, 60000);
    assert_true(asked_since(f) == first);
    pay(f, 67, true); // A lost one that is older, and one that is younger...
    pay(f, 66, true); // ...than the one that is known, which is doubled again:
    pay(f, 66, true);
    pay(f, 65, true);
    pay(f, 67, true);
    end_answer(f, 4, false); // there was a fourth.
    assert_int_equal(counters(f)->missed_payments, 3);
    pass(f, 60000);
    assert_true(asked_since(f) == first);
    for (int64_t age_s = 127; age_s > 123; age_s--) {
        pay(f, age_s, true);
    }
    int64_t answered = f->now.ns;
    end_answer(f, 4, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
    assert_int_equal(counters(f)->missed_payments, 4);
}

/* What is refused was listed, too: the books do not ask for it for ever. */
static void a_refused_payment_is_not_asked_for_again(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    pass(f, 1000);
    pay(f, INT64_C(3600) * 24 * 365 * 100, true); // Before 1970.
    assert_int_equal(counters(f)->refused_payments, 1);
    int64_t answered = f->now.ns;
    end_answer(f, 1, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
}

/* As many as are remembered, the newest first, so that each moves the ones before. */
static void all_that_is_remembered_is_counted(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    pass(f, 1000);
    for (int64_t age_s = 10; age_s < 10 + TT_FUNDING_SEEN; age_s++) {
        pay(f, age_s, true);
    }
    int64_t answered = f->now.ns;
    end_answer(f, TT_FUNDING_SEEN, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
    for (int64_t age_s = 70; age_s < 70 + TT_FUNDING_SEEN; age_s++) {
        pay(f, age_s, true);
    }
    pay(f, 70, true);
    pay(f, 69 + TT_FUNDING_SEEN, true);
    end_answer(f, TT_FUNDING_SEEN + 1, false);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
}

static void what_the_venue_lists_no_more_is_told_once(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    (void)fixture_start_paper(f);
    int64_t answered = f->now.ns;
    end_answer(f, 0, true);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->severity, TT_severity_HIGH);
    assert_int_equal(counters(f)->cut_payments, 1);
    pass(f, 60000);
    assert_true(asked_since(f) == answered);
    end_answer(f, 0, false);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_sync, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_asks_from_its_start_on),
        TEST(what_was_lost_is_booked_and_told),
        TEST(what_is_young_is_booked_without_a_word),
        TEST(what_is_not_listed_was_not_missed),
        TEST(a_list_of_which_one_was_lost_is_asked_for_again),
        TEST(a_doubled_payment_does_not_hide_a_lost_one),
        TEST(a_refused_payment_is_not_asked_for_again),
        TEST(all_that_is_remembered_is_counted),
        TEST(what_the_venue_lists_no_more_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
