/* SPDX-License-Identifier: Apache-2.0 */
/* Stops and targets: never without one, never two for long. */
#include "fixture.h"

#include <string.h>

static uint64_t live_id(const fixture *f, tt_order_role role)
{
    const tt_order *found = live(f, 1, role);
    assert_non_null(found);
    return found->intent.order_id;
}

static bool was_cancelled(const fixture *f, uint64_t id)
{
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_ORDER_CANCELS); i++) {
        const tt_order_cancel *cancel = tt_msg_payload(sent(f, TT_TOPIC_ORDER_CANCELS, i));
        if (cancel->order_id == id) {
            return true;
        }
    }
    return false;
}

static const tt_risk_alert *failure(const fixture *f)
{
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_RISK_ALERTS); i++) {
        const tt_risk_alert *alert = tt_msg_payload(sent(f, TT_TOPIC_RISK_ALERTS, i));
        if (alert->alert_type == TT_alert_type_CONTINGENT_ORDER_FAILURE) {
            return alert;
        }
    }
    return NULL;
}

static void an_entry_fill_places_stop_and_target(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "95", .target = "110", .leverage = 3});
    fill(f, id, 1, "1", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 2);
    uint64_t position = f->trade->books->positions[0].position_id;
    const tt_order_intent *stop = sent_intent(f, TT_order_role_STOP_LOSS);
    assert_int_equal(stop->type, TT_order_type_STOP);
    assert_int_equal(stop->side, TT_side_SELL);
    assert_int_equal(stop->reduce_only, 1);
    assert_dec(stop->qty.d, "1");
    assert_dec(stop->trigger_price.d, "95");
    assert_dec(stop->price.d, "0");
    assert_int_equal(stop->exit_reason, TT_exit_reason_STOP_LOSS);
    assert_int_equal(stop->leverage, 3);
    assert_true(stop->parent_order_id == id && stop->position_id == position);
    assert_true(stop->verdict_seq == 0);
    const tt_order_intent *target = sent_intent(f, TT_order_role_TAKE_PROFIT);
    assert_int_equal(target->type, TT_order_type_LIMIT);
    assert_int_equal(target->side, TT_side_SELL);
    assert_int_equal(target->reduce_only, 1);
    assert_dec(target->price.d, "110");
    assert_dec(target->trigger_price.d, "0");
    assert_int_equal(target->exit_reason, TT_exit_reason_TAKE_PROFIT);
    /* The story of a trade has one correlation. */
    const tt_msg *msg = sent(f, TT_TOPIC_ORDER_INTENTS, 0);
    assert_memory_equal(&msg->correlation, &order(f, id)->correlation, sizeof msg->correlation);
    /* Protection adds no exposure. */
    assert_dec(account(f).pending_exposure.d, "0");
    assert_int_equal(account(f).open_orders, 2);
}

static void a_short_is_protected_on_the_other_side(void **state)
{
    fixture *f = *state;
    uint64_t id =
        approve(f, &(entry){.qty = "1", .side = TT_side_SELL, .stop = "105", .target = "90"});
    fill(f, id, 1, "1", "100");
    assert_int_equal(sent_intent(f, TT_order_role_STOP_LOSS)->side, TT_side_BUY);
    assert_int_equal(sent_intent(f, TT_order_role_TAKE_PROFIT)->side, TT_side_BUY);
}

static void without_levels_nothing_is_placed(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_null(live(f, 1, TT_order_role_STOP_LOSS));
}

static void the_stop_fills_and_the_target_is_cancelled(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    uint64_t target = live_id(f, TT_order_role_TAKE_PROFIT);
    fill(f, stop, 7, "1", "94.5");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_CLOSED);
    assert_int_equal(position->exit_reason, TT_exit_reason_STOP_LOSS);
    assert_dec(position->realized_pnl.d, "-5.5");
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == target);
    assert_string_equal(cancel->reason, "the position is closed");
    say(f, target, TT_report_kind_CANCELLED);
    assert_int_equal(account(f).open_orders, 0);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

static void the_target_fills_and_the_stop_is_cancelled(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    fill(f, live_id(f, TT_order_role_TAKE_PROFIT), 7, "1", "110");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->exit_reason, TT_exit_reason_TAKE_PROFIT);
    assert_true(was_cancelled(f, stop));
    /* Both at once: the venue may not fill it any more; if it does, the books say so. */
    say(f, stop, TT_report_kind_CANCELLED);
    assert_null(failure(f));
}

/* New stop first; the old one goes when the venue has acknowledged the new one. */
static void a_larger_position_is_never_without_a_stop(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95", .target = "110"});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 1, "0.4", "100");
    uint64_t small = live_id(f, TT_order_role_STOP_LOSS);
    say(f, small, TT_report_kind_ACCEPTED);
    fill(f, id, 2, "0.6", "100");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "1");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    uint64_t whole = live_id(f, TT_order_role_STOP_LOSS);
    assert_true(whole != small);
    say(f, live_id(f, TT_order_role_TAKE_PROFIT), TT_report_kind_ACCEPTED);
    assert_false(was_cancelled(f, small));
    say(f, whole, TT_report_kind_ACCEPTED);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == small);
    assert_string_equal(cancel->reason, "replaced for another quantity or level");
    say(f, small, TT_report_kind_CANCELLED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_null(failure(f));
}

static void a_part_of_the_target_shrinks_the_stop(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    uint64_t target = live_id(f, TT_order_role_TAKE_PROFIT);
    fill(f, target, 7, "0.3", "110");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "0.7");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 1);
    assert_true(live_id(f, TT_order_role_TAKE_PROFIT) == target);
    say(f, live_id(f, TT_order_role_STOP_LOSS), TT_report_kind_ACCEPTED);
    assert_true(was_cancelled(f, stop));
}

static void a_new_level_replaces_the_order(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "97", .target = "115"});
    fill(f, id, 9, "1", "101");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->trigger_price.d, "97");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "2");
    assert_dec(sent_intent(f, TT_order_role_TAKE_PROFIT)->price.d, "115");
}

/* Fills faster than the venue answers: bounded, and brought in line when it does. */
static void changes_beyond_the_bound_wait_for_an_answer(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    for (uint64_t i = 1; i <= 10; i++) {
        fill(f, id, i, "0.1", "100");
    }
    unsigned stops = 0;
    tt_orders *orders = &f->trade->orders;
    for (tt_order *o = tt_order_first(orders, 1); o != NULL; o = tt_order_after(orders, o)) {
        stops += o->intent.role == TT_order_role_STOP_LOSS;
    }
    assert_int_equal(stops, TT_PROTECT_LIVE_MAX);
    uint64_t newest = live_id(f, TT_order_role_STOP_LOSS);
    assert_dec(order(f, newest)->intent.qty.d, "0.4");
    tt_order *first = tt_order_first(orders, 1);
    while (first->intent.role != TT_order_role_STOP_LOSS) {
        first = tt_order_after(orders, first);
    }
    say(f, first->intent.order_id, TT_report_kind_EXPIRED);
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "1");
}

/* All places are taken by acknowledged stops that are too small: the largest stays until the right
 * one works. */
static void what_works_but_is_not_right_makes_room(void **state)
{
    fixture *f = *state;
    uint64_t ids[TT_PROTECT_LIVE_MAX] = {0};
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    for (uint64_t i = 0; i < TT_PROTECT_LIVE_MAX; i++) {
        fill(f, id, i + 1, "0.1", "100");
        ids[i] = live_id(f, TT_order_role_STOP_LOSS);
    }
    fill(f, id, 5, "0.6", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    for (uint64_t i = 0; i < TT_PROTECT_LIVE_MAX; i++) {
        say(f, ids[i], TT_report_kind_ACCEPTED);
    }
    for (uint64_t i = 0; i + 1 < TT_PROTECT_LIVE_MAX; i++) {
        assert_int_equal(order(f, ids[i])->cancel_reason, TT_CANCEL_REPLACED);
    }
    uint64_t largest = ids[TT_PROTECT_LIVE_MAX - 1];
    assert_int_equal(order(f, largest)->cancel_reason, TT_CANCEL_NONE);
    say(f, ids[0], TT_report_kind_CANCELLED);
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "1");
    assert_int_equal(order(f, largest)->cancel_reason, TT_CANCEL_NONE);
    say(f, live_id(f, TT_order_role_STOP_LOSS), TT_report_kind_ACCEPTED);
    assert_int_equal(order(f, largest)->cancel_reason, TT_CANCEL_REPLACED);
}

static void a_rejected_stop_closes_the_position(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "95", .target = "110"});
    fill(f, id, 1, "1", "100");
    say(f, live_id(f, TT_order_role_STOP_LOSS), TT_report_kind_REJECTED);
    const tt_risk_alert *alert = failure(f);
    assert_non_null(alert);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 1);
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->type, TT_order_type_MARKET);
    assert_int_equal(close->exit_reason, TT_exit_reason_STOP_FAILED);
    assert_int_equal(close->reduce_only, 1);
    assert_dec(close->qty.d, "1");
    fill(f, close->order_id, 2, "1", "99");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->exit_reason, TT_exit_reason_STOP_FAILED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1); /* The target. */
}

static void a_lost_stop_is_placed_again_twice(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "95"});
    fill(f, id, 1, "1", "100");
    static const tt_report_kind losses[] = {TT_report_kind_SEND_FAILED, TT_report_kind_CANCELLED};
    for (unsigned i = 0; i < TT_STOP_ATTEMPTS_MAX; i++) {
        uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
        say(f, stop, losses[i]);
        assert_int_equal(failure(f)->severity, TT_severity_HIGH);
        assert_true(live_id(f, TT_order_role_STOP_LOSS) != stop);
        assert_false(tt_close_is_active(f->trade, 1));
    }
    say(f, live_id(f, TT_order_role_STOP_LOSS), TT_report_kind_EXPIRED);
    assert_int_equal(failure(f)->severity, TT_severity_CRITICAL);
    assert_int_equal(sent_intent(f, TT_order_role_CLOSE)->exit_reason, TT_exit_reason_STOP_FAILED);
    assert_null(live(f, 1, TT_order_role_STOP_LOSS));
}

static void a_lost_target_is_given_up_with_an_alert(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    say(f, live_id(f, TT_order_role_TAKE_PROFIT), TT_report_kind_REJECTED);
    assert_int_equal(failure(f)->severity, TT_severity_HIGH);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_non_null(live(f, 1, TT_order_role_STOP_LOSS));
    /* A new level is a new try. */
    uint64_t id = approve(f, &(entry){.qty = "1", .target = "115"});
    fill(f, id, 9, "1", "101");
    assert_dec(sent_intent(f, TT_order_role_TAKE_PROFIT)->qty.d, "2");
}

static void the_stop_stays_while_the_position_is_closed(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    approve_close(f, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    uint64_t close = sent_intent(f, TT_order_role_CLOSE)->order_id;
    fill(f, close, 2, "0.5", "101");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_true(live_id(f, TT_order_role_STOP_LOSS) == stop);
    fill(f, close, 3, "0.5", "101");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 2);
}

static void crossing_zero_exchanges_the_protection(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    uint64_t target = live_id(f, TT_order_role_TAKE_PROFIT);
    uint64_t id =
        approve(f, &(entry){.qty = "3", .side = TT_side_SELL, .stop = "120", .target = "90"});
    fill(f, id, 9, "3", "101");
    assert_true(was_cancelled(f, stop) && was_cancelled(f, target));
    assert_int_equal(sent_intent(f, TT_order_role_STOP_LOSS)->side, TT_side_BUY);
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "2");
}

/* Cancels that nobody answers must not keep a new position from its first stop. */
static void a_silent_venue_does_not_cost_a_new_position_its_stop(void **state)
{
    fixture *f = *state;
    for (unsigned i = 0; i < 2 * TT_PROTECT_LIVE_MAX; i++) {
        bool is_long = i % 2 == 0;
        uint64_t id = approve(
            f,
            &(entry){
                .qty = i == 0 ? "1" : "2",
                .side = is_long ? TT_side_BUY : TT_side_SELL,
                .stop = is_long ? "90" : "110"});
        fill(f, id, 1, i == 0 ? "1" : "2", "100");
        const tt_order *stop = live(f, 1, TT_order_role_STOP_LOSS);
        assert_non_null(stop);
        assert_int_equal(stop->intent.side, is_long ? TT_side_SELL : TT_side_BUY);
        assert_dec(stop->intent.qty.d, "1");
    }
}

static void an_unknown_stop_is_not_taken_for_one(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t old = live_id(f, TT_order_role_STOP_LOSS);
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill(f, id, 9, "1", "100");
    uint64_t stop = live_id(f, TT_order_role_STOP_LOSS);
    say(f, stop, TT_report_kind_TIMEOUT);
    assert_false(was_cancelled(f, old));
    assert_int_equal(order(f, old)->cancel_reason, TT_CANCEL_NONE);
    say_status(f, stop, TT_order_state_SUBMITTED, NULL);
    assert_true(was_cancelled(f, old));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_fill_places_stop_and_target),
        TEST(a_short_is_protected_on_the_other_side),
        TEST(without_levels_nothing_is_placed),
        TEST(the_stop_fills_and_the_target_is_cancelled),
        TEST(the_target_fills_and_the_stop_is_cancelled),
        TEST(a_larger_position_is_never_without_a_stop),
        TEST(a_part_of_the_target_shrinks_the_stop),
        TEST(a_new_level_replaces_the_order),
        TEST(changes_beyond_the_bound_wait_for_an_answer),
        TEST(what_works_but_is_not_right_makes_room),
        TEST(a_rejected_stop_closes_the_position),
        TEST(a_lost_stop_is_placed_again_twice),
        TEST(a_lost_target_is_given_up_with_an_alert),
        TEST(the_stop_stays_while_the_position_is_closed),
        TEST(crossing_zero_exchanges_the_protection),
        TEST(a_silent_venue_does_not_cost_a_new_position_its_stop),
        TEST(an_unknown_stop_is_not_taken_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
