/* SPDX-License-Identifier: Apache-2.0 */
/* Amends until they are sent: what can be asked for, what risk is asked, what goes to the venue.
 * Covers: order_amend.c, amend_report.c */
#include "amend_fixture.h"

#include <stdio.h>
#include <string.h>

static void refuses(
    fixture *f,
    uint64_t id,
    const char *qty,
    const char *price,
    const char *trigger,
    const char *why)
{
    uint64_t refused = f->trade->amends->refused;
    const tt_command_reply *reply = amend(f, id, qty, price, trigger);
    assert_string_equal(reply->message, why);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_true(f->trade->amends->refused == refused + 1);
}

static void a_cut_goes_to_the_venue_at_once(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    const tt_command_reply *reply = amend(f, id, "1.5", NULL, NULL);
    char expected[128];
    snprintf(
        expected,
        sizeof expected,
        "amend of order %llu is on its way: quantity 2 -> 1.5",
        (unsigned long long)id);
    assert_string_equal(reply->message, expected);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    const tt_order_amend *sent_amend = sent_one(f, TT_TOPIC_ORDER_AMENDS);
    assert_true(sent_amend->order_id == id);
    assert_true(sent_amend->amend_id == sent(f, TT_TOPIC_ORDER_AMENDS, 0)->seq);
    assert_true(sent_amend->command_seq != 0 && sent_amend->verdict_seq == 0);
    assert_string_equal(sent_amend->client_order_id, order(f, id)->intent.client_order_id);
    assert_dec(sent_amend->qty.d, "1.5");
    assert_dec(sent_amend->price.d, "90");
    assert_dec(sent_amend->trigger_price.d, "0");
    assert_dec(sent_amend->qty_before.d, "2");
    assert_dec(sent_amend->price_before.d, "90");
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 0);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, TT_execution_event_type_ORDER_AMENDING);
    assert_int_equal(event->new_state, TT_order_state_SUBMITTED);
    assert_string_equal(event->reason, "quantity 2 -> 1.5");
    /* Until the venue has said so, the order is worth what it was. */
    assert_dec(order(f, id)->intent.qty.d, "2");
    assert_dec(account(f).pending_exposure.d, "180");
    assert_true(f->trade->amends->sent == 1);
}

static void risk_judges_what_is_more_than_a_cut(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    fill(f, id, 1, "0.5", "90");
    step_amend(f, id, "3", "91", NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_COMMAND_REPLIES), 0);
    const tt_trade_proposal *proposal = sent_one(f, TT_TOPIC_TRADE_PROPOSALS);
    assert_dec(proposal->size.d, "227.5"); /* 2.5 at 91. */
    assert_dec(proposal->entry_price.d, "91");
    assert_dec(proposal->amended_qty.d, "2.5");
    assert_true(proposal->amended_order_id == id);
    assert_int_equal(proposal->kind, TT_proposal_kind_ENTRY);
    assert_int_equal(proposal->side, TT_side_BUY);
    assert_int_equal(proposal->is_stop_entry, 0);
    judge(f, TT_verdict_APPROVED, TT_risk_code_NONE, "2.5");
    const tt_order_amend *sent_amend = sent_one(f, TT_TOPIC_ORDER_AMENDS);
    assert_dec(sent_amend->qty.d, "3");
    assert_dec(sent_amend->price.d, "91");
    assert_true(sent_amend->verdict_seq != 0);
    const tt_command_reply *reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_true(reply->request_id == 77);
    /* From now on it is worth the more of both: 2.5 at 91, not 1.5 at 90. */
    assert_dec(account(f).pending_exposure.d, "227.5");
}

static void a_lower_price_alone_is_judged_too(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    step_amend(f, id, NULL, "80", NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 1);
    judge(f, TT_verdict_APPROVED, TT_risk_code_NONE, "2");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 1);
    assert_dec(account(f).pending_exposure.d, "180"); /* The old price is worse. */
}

static void what_risk_would_make_less_is_not_sent(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    step_amend(f, id, "3", NULL, NULL);
    judge(f, TT_verdict_MODIFIED, TT_risk_code_NONE, "2.9");
    const tt_command_reply *reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(reply->message, "risk would allow no more than 261 at these values");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    step_amend(f, id, "3", NULL, NULL);
    judge(f, TT_verdict_REJECTED, TT_risk_code_EXPOSURE_LIMIT, "0");
    reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(reply->message, "risk: EXPOSURE_LIMIT");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(order(f, id)->amend.id, 0);
    /* Nothing of it is left behind. */
    assert_int_equal(amend(f, id, "1", NULL, NULL)->status, TT_reply_status_DONE);
}

/* An approval of another quantity than was asked for is none. */
static void an_approval_must_be_of_all(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    step_amend(f, id, "3", NULL, NULL);
    judge(f, TT_verdict_APPROVED, TT_risk_code_NONE, "2.999");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(
        ((const tt_command_reply *)sent_one(f, TT_TOPIC_COMMAND_REPLIES))->status,
        TT_reply_status_REFUSED);
}

static void the_same_values_are_no_amend(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    const tt_command_reply *reply = amend(f, id, "2", "90", NULL);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_non_null(strstr(reply->message, "has these values already"));
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
}

static void values_must_be_possible(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    refuses(f, id, NULL, NULL, NULL, "name a price, a trigger, a quantity, or several of them");
    refuses(f, id, NULL, "90.001", NULL, "price 90.001 is no multiple of 0.01");
    refuses(f, id, "1.0001", NULL, NULL, "quantity 1.0001 is no multiple of 0.001");
    refuses(f, id, NULL, "-1", NULL, "price -1 is not above 0 and up to 1000000000");
    refuses(f, id, "-1", NULL, NULL, "quantity -1 is not above 0 and up to 10000000000");
    refuses(f, id, NULL, NULL, "95", "this order has no trigger");
    refuses(f, id, "0.01", NULL, NULL, "the order would be worth less than 1");
    refuses(
        f,
        id,
        "10000000000",
        "1000000",
        NULL,
        "the order would be worth more than 1000000000000000");
    fill(f, id, 1, "1", "90");
    refuses(
        f,
        id,
        "1",
        NULL,
        NULL,
        "quantity 1 is not above the 1 that is filled: cancel the rest instead");
    refuses(
        f,
        id,
        "0.5",
        NULL,
        NULL,
        "quantity 0.5 is not above the 1 that is filled: cancel the rest instead");
    assert_int_equal(amend(f, id, "1.001", NULL, NULL)->status, TT_reply_status_DONE);
}

static void refuses_now(fixture *f, uint64_t id, const char *why)
{
    char text[128];
    snprintf(text, sizeof text, "order %llu%s", (unsigned long long)id, why);
    refuses(f, id, "1", NULL, NULL, text);
}

static void an_order_must_work(void **state)
{
    fixture *f = *state;
    assert_int_equal(amend(f, 4711, "1", NULL, NULL)->status, TT_reply_status_NOT_FOUND);
    uint64_t id = approve(f, &(entry){.qty = "2", .price = "90"});
    refuses_now(f, id, ": the venue has not acknowledged it yet");
    say(f, id, TT_report_kind_ACCEPTED);
    assert_int_equal(amend(f, id, "1.9", NULL, NULL)->status, TT_reply_status_DONE);
    refuses_now(f, id, ": an amend of it waits for its answer");
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    refuses_now(f, id, ": it is unknown, and the venue is being asked");
}

static void an_order_that_is_cancelled_or_over_is_left_alone(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    tt_coordinator_command cancel = {
        .request_id = 78, .command = TT_command_CANCEL_ORDER, .subject_seq = id};
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &cancel);
    refuses_now(f, id, ": it is being cancelled");
    say(f, id, TT_report_kind_CANCELLED);
    refuses_now(f, id, " is over: cancelled");
}

static void an_order_with_a_gap_is_not_amended(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    fill_cum(f, id, 2, "0.5", "90", "1");
    assert_true(tt_order_has_gap(order(f, id)));
    refuses_now(f, id, ": the venue has filled more than it reported");
}

static void orders_that_reduce_follow_from_their_position(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "120");
    refuses_now(
        f,
        live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id,
        ": it reduces a position: protect or close the position instead");
    refuses_now(
        f,
        live(f, 1, TT_order_role_TAKE_PROFIT)->intent.order_id,
        ": it reduces a position: protect or close the position instead");
}

static void a_purchase_of_the_portfolio_is_left_alone(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    order(f, id)->is_allocation = 1;
    refuses_now(f, id, ": it is part of a rebalance: cancel it instead");
}

static void the_rate_of_orders_bounds_amends(void **state)
{
    (void)state;
    fixture f;
    tt_trade_config config = fixture_config();
    config.orders.orders_per_minute = 1;
    config.orders.orders_burst = 2;
    fixture_init_with(&f, &config);
    uint64_t id = working(&f, "2", "90");
    assert_int_equal(amend(&f, id, "1.5", NULL, NULL)->status, TT_reply_status_DONE);
    answer(&f, id, TT_report_kind_AMENDED, "1.5", "90");
    refuses(&f, id, "1", NULL, NULL, "too many orders or requests were sent: try again later");
    assert_true(f.trade->books->counters.rate_refused == 1);
    fixture_fini(&f);
}

/* The other entries of the position count in full, the order itself by what it asks for. */
static void an_amend_that_the_books_cannot_hold_is_refused(void **state)
{
    fixture *f = *state;
    (void)working(f, "1000000000", "0.01");
    uint64_t id = working(f, "6000000000", "0.01");
    const tt_command_reply *reply = amend(f, id, "9000000000.001", NULL, NULL);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "larger than the books can hold"));
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 0);
    step_amend(f, id, "9000000000", NULL, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_TRADE_PROPOSALS), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(a_cut_goes_to_the_venue_at_once),
        TEST(risk_judges_what_is_more_than_a_cut),
        TEST(a_lower_price_alone_is_judged_too),
        TEST(what_risk_would_make_less_is_not_sent),
        TEST(an_approval_must_be_of_all),
        TEST(the_same_values_are_no_amend),
        TEST(values_must_be_possible),
        TEST(an_amend_that_the_books_cannot_hold_is_refused),
        TEST(an_order_must_work),
        TEST(an_order_that_is_cancelled_or_over_is_left_alone),
        TEST(an_order_with_a_gap_is_not_amended),
        TEST(orders_that_reduce_follow_from_their_position),
        TEST(a_purchase_of_the_portfolio_is_left_alone),
        cmocka_unit_test(the_rate_of_orders_bounds_amends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
