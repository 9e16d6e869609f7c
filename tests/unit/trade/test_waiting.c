/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A close that is told before its entry. Covers: waiting.c.
 */
#include "fixture.h"

#define SHORT_LEG (1 + TT_INSTRUMENTS_MAX)

static int start_with(void **state, tt_position_mode mode)
{
    static fixture f;
    tt_trade_config config = fixture_config();
    config.account.position_mode = (uint8_t)mode;
    config.reconciliation = (tt_reconciliation_config){
        .interval = {60 * TT_NS_PER_S},
        .confirm = {2 * TT_NS_PER_S},
        .timeout = {5 * TT_NS_PER_S},
    };
    fixture_init_with(&f, &config);
    *state = &f;
    return 0;
}

static int set_up(void **state)
{
    return start_with(state, TT_position_mode_HEDGING);
}

static int set_up_netting(void **state)
{
    return start_with(state, TT_position_mode_NETTING);
}

static tt_dec held(const fixture *f, uint32_t leg)
{
    return f->trade->books->positions[leg - 1].qty.d;
}

static const tt_waiting_fill *said(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_WAITING_FILLS, index);
    assert_non_null(msg);
    return tt_msg_payload(msg);
}

static void assert_said(const fixture *f, unsigned index, tt_waiting_event event, const char *qty)
{
    const tt_waiting_fill *what = said(f, index);
    assert_string_equal(
        tt_enum_text(&tt_enum_waiting_event, what->event),
        tt_enum_text(&tt_enum_waiting_event, (uint8_t)event));
    assert_dec(what->qty.d, qty);
}

/* An execution with a fee. */
static void fill_fee(fixture *f, uint64_t id, const char *qty, const char *price, const char *fee)
{
    tt_venue_report what = report(f, id, TT_report_kind_FILL);
    what.exec_id = 1000 + id;
    what.qty.d = dec(qty);
    what.price.d = dec(price);
    what.fee.d = dec(fee);
    what.cumulative_qty.d = tt_dec_xadd(order(f, id)->filled_qty.d, what.qty.d);
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
}

/* 1 is held at 100 with a stop at 90, and an entry of 1 more works. */
typedef struct scene {
    uint64_t stop;
    uint64_t entry;
} scene;

static scene open_one_and_ask_for_more(fixture *f)
{
    scene on;
    (void)open_long(f, "90", NULL);
    on.stop = live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id;
    on.entry = approve(f, &(entry){.qty = "1", .price = "95", .stop = "90"});
    say(f, on.entry, TT_report_kind_ACCEPTED);
    return on;
}

/* At the venue the entry fills at 95, the position is closed at 94, and its stop sells the rest at
 * 90. The close is told, then the stop, and only then the entry. Returns the scene before that. */
static scene tell_both_closes(fixture *f)
{
    scene on = open_one_and_ask_for_more(f);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    fill_fee(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, "1", "94", "0.1");
    assert_dec(held(f, 1), "0");
    fill_fee(f, on.stop, "1", "90", "0.3");
    return on;
}

static void a_close_told_before_its_entry_waits_for_it(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    assert_dec(held(f, 1), "0");
    assert_dec(held(f, SHORT_LEG), "0");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    assert_said(f, 0, TT_waiting_event_PUT_ASIDE, "1");
    assert_dec(said(f, 0)->waiting_qty.d, "1");
    assert_dec(said(f, 0)->fee.d, "0.3");
    assert_int_equal(said(f, 0)->put_seq, sent(f, TT_TOPIC_WAITING_FILLS, 0)->seq);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    tt_seq put_seq = said(f, 0)->put_seq;

    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_said(f, 0, TT_waiting_event_BOOKED, "1");
    assert_dec(said(f, 0)->waiting_qty.d, "0");
    assert_int_equal(said(f, 0)->put_seq, put_seq);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 2);
    const tt_fill *opened = tt_msg_payload(sent(f, TT_TOPIC_FILLS, 0));
    const tt_fill *closed = tt_msg_payload(sent(f, TT_TOPIC_FILLS, 1));
    assert_int_equal(opened->order_id, on.entry);
    assert_int_equal(opened->effect, TT_fill_effect_OPEN);
    assert_int_equal(closed->order_id, on.stop);
    assert_int_equal(closed->effect, TT_fill_effect_CLOSE);
    assert_int_equal(closed->exit_reason, TT_exit_reason_STOP_LOSS);
    assert_int_equal(closed->position_side, TT_side_BUY);
    assert_dec(closed->realized_pnl.d, "-5");
    assert_dec(closed->fee.d, "0.3");
    /* -6 of the first, -5 of the second, and all fees: as if it had been told in order. */
    assert_dec(account(f).realized_pnl.d, "-11");
    assert_dec(account(f).fees.d, "0.6");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_dec(held(f, 1), "0");
    assert_dec(held(f, SHORT_LEG), "0");
    /* The booked fill is caused by the message that tells of the wait. */
    assert_int_equal(sent(f, TT_TOPIC_FILLS, 1)->cause, sent(f, TT_TOPIC_WAITING_FILLS, 0)->seq);
}

static void what_waits_counts_in_full_and_holds_entries_back(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    /* 95 of the entry that is being withdrawn, and 90 of what may be too much. */
    assert_dec(account(f).pending_exposure.d, "185");
    assert_int_equal(approve(f, &(entry){.qty = "1"}), 0);
    assert_int_equal(f->trade->books->counters.refused_entries, 1);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_dec(account(f).pending_exposure.d, "0");
    assert_int_not_equal(approve(f, &(entry){.qty = "1"}), 0);
}

static void it_is_booked_in_parts_with_exact_fees(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    fill(f, on.entry, 7, "0.3", "95");
    assert_said(f, 0, TT_waiting_event_BOOKED, "0.3");
    assert_dec(said(f, 0)->fee.d, "0.09");
    assert_dec(said(f, 0)->waiting_qty.d, "0.7");
    assert_dec(held(f, 1), "0");
    fill(f, on.entry, 8, "0.7", "96");
    assert_said(f, 0, TT_waiting_event_BOOKED, "0.7");
    assert_dec(said(f, 0)->fee.d, "0.21");
    /* 0.3 x (90 - 95) + 0.7 x (90 - 96) beside the -6 of the close. */
    assert_dec(account(f).realized_pnl.d, "-11.7");
    assert_dec(account(f).fees.d, "0.4");
    assert_int_equal(f->trade->books->waiting.count, 0);
}

static void a_repeat_of_what_waits_is_dropped(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    tt_venue_report again = report(f, on.stop, TT_report_kind_FILL);
    again.exec_id = 1000 + on.stop;
    again.qty.d = dec("1");
    again.price.d = dec("90");
    again.cumulative_qty.d = dec("1");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &again);
    assert_int_equal(sent_count(f, TT_TOPIC_WAITING_FILLS), 0);
    assert_int_equal(f->trade->books->waiting.count, 1);
    fill_fee(f, on.entry, "1", "95", "0.2");
    fill_cum(f, on.entry, 1000 + on.entry, "1", "95", "1");
    assert_dec(held(f, 1), "0");
    assert_int_equal(f->trade->books->counters.duplicate_reports, 2);
}

/* The entry ends, and the venue says that nothing of it was filled: the stop has sold too much. */
static void what_no_entry_explains_is_an_excess_and_closed(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    say(f, on.entry, TT_report_kind_CANCELLED);
    /* A cancel may be told before a fill: it is asked once more. */
    assert_int_equal(f->trade->books->waiting.count, 1);
    assert_int_equal(
        ((const tt_order_query *)sent_one(f, TT_TOPIC_ORDER_QUERIES))->order_id, on.entry);
    say_status(f, on.entry, TT_order_state_CANCELLED, "0");
    assert_said(f, 0, TT_waiting_event_RELEASED, "1");
    const tt_fill *opened = sent_one(f, TT_TOPIC_FILLS);
    assert_int_equal(opened->position_side, TT_side_SELL);
    assert_int_equal(opened->effect, TT_fill_effect_OPEN);
    assert_dec(opened->fee.d, "0.3");
    assert_dec(held(f, SHORT_LEG), "-1");
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->position_side, TT_side_SELL);
    assert_int_equal(close->exit_reason, TT_exit_reason_EMERGENCY);
    assert_dec(close->qty.d, "1");
    assert_int_equal(f->trade->books->counters.released, 1);
    assert_dec(account(f).pending_exposure.d, "0");
}

static void an_ended_entry_that_does_not_answer_hides_nothing(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    say(f, on.entry, TT_report_kind_CANCELLED);
    pass(f, f->config.orders.ack_timeout.ns / TT_NS_PER_MS - 1);
    assert_int_equal(f->trade->books->waiting.count, 1);
    pass(f, 1);
    assert_said(f, 0, TT_waiting_event_RELEASED, "1");
    assert_dec(held(f, SHORT_LEG), "-1");
    assert_int_equal(f->trade->books->waiting.timers[0].n, 0);
}

/* A fill after the cancel of its entry: the close had waited for just this. */
static void a_fill_after_the_cancel_is_what_it_waited_for(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    say(f, on.entry, TT_report_kind_CANCELLED);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_said(f, 0, TT_waiting_event_BOOKED, "1");
    assert_dec(held(f, 1), "0");
    assert_dec(held(f, SHORT_LEG), "0");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

/* An answer that was under way before the execution was told says nothing of it. */
static void only_an_answer_to_a_later_question_counts(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    tt_seq query = sent(f, TT_TOPIC_ORDER_QUERIES, 0)->seq;
    tt_venue_report answer = report(f, on.entry, TT_report_kind_STATUS);
    answer.venue_state = TT_order_state_SUBMITTED;
    answer.is_query_reply = 1;
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &answer, said(f, 0)->put_seq);
    assert_int_equal(f->trade->books->waiting.count, 1);
    assert_true(query > f->trade->books->waiting.list[0].put_seq);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &answer, query);
    assert_said(f, 0, TT_waiting_event_RELEASED, "1");
}

/* Half of it the entry has filled by the time of the answer; the other half is too much. */
static void the_part_that_the_answer_explains_goes_on_waiting(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    tt_trade_status status;
    tt_trade_status_get(f->trade, &status);
    assert_true(status.waiting_fills == 1 && status.live_waiting == 1);
    assert_true(status.waiting_released == 0 && status.waiting_refused == 0);
    say_status(f, on.entry, TT_order_state_PARTIALLY_FILLED, "0.4");
    tt_trade_status_get(f->trade, &status);
    assert_true(status.waiting_released == 1 && status.live_waiting == 1);
    assert_said(f, 0, TT_waiting_event_RELEASED, "0.6");
    assert_dec(said(f, 0)->fee.d, "0.18");
    assert_dec(said(f, 0)->waiting_qty.d, "0.4");
    assert_dec(held(f, SHORT_LEG), "-0.6");
    fill(f, on.entry, 9, "0.4", "95");
    assert_said(f, 0, TT_waiting_event_BOOKED, "0.4");
    assert_dec(said(f, 0)->fee.d, "0.12");
    assert_dec(held(f, 1), "0");
}

/* Only what entries have unfilled may wait: the rest is an excess at once. */
static void more_than_the_entries_have_left_does_not_wait(void **state)
{
    fixture *f = *state;
    scene on = open_one_and_ask_for_more(f);
    fill(f, on.stop, 1, "2.5", "90");
    assert_said(f, 0, TT_waiting_event_PUT_ASIDE, "1");
    assert_dec(held(f, 1), "0");
    assert_dec(held(f, SHORT_LEG), "-0.5");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 2);
}

/* The bound: what finds no place is an excess, as if no entry worked. */
static void without_a_place_it_is_an_excess_and_counted(void **state)
{
    fixture *f = *state;
    scene on = open_one_and_ask_for_more(f);
    f->trade->books->waiting.count = TT_WAITING_MAX;
    for (uint32_t i = 0; i < TT_WAITING_MAX; i++) {
        f->trade->books->waiting.list[i] = (tt_waiting_exec){
            .qty = {dec("0.001")}, .price = {dec("1")}, .leg = 2, .put_seq = 1, .leverage = 1};
    }
    fill(f, on.stop, 1, "1.5", "90");
    assert_dec(held(f, SHORT_LEG), "-0.5");
    tt_trade_status status;
    tt_trade_status_get(f->trade, &status);
    assert_int_equal(status.waiting_refused, 1);
    assert_int_equal(f->trade->books->counters.waiting, 0);
}

/* A liquidation told before the fill of the entry. */
static void a_trade_without_an_order_waits_as_well(void **state)
{
    fixture *f = *state;
    scene on = open_one_and_ask_for_more(f);
    const tt_venue_trade liquidation = {
        .price = {dec("80")},
        .qty = {dec("2")},
        .fee = {dec("0.4")},
        .exec_id = 7,
        .side = TT_side_SELL,
        .kind = TT_external_kind_LIQUIDATION,
        .position_side = TT_side_BUY,
    };
    step(f, TT_TOPIC_VENUE_TRADES, 1, &liquidation);
    assert_said(f, 0, TT_waiting_event_PUT_ASIDE, "1");
    assert_dec(said(f, 0)->fee.d, "0.2");
    assert_int_equal(said(f, 0)->order_id, 0);
    fill(f, on.entry, 3, "1", "95");
    const tt_fill *closed = tt_msg_payload(sent(f, TT_TOPIC_FILLS, 1));
    assert_int_equal(closed->exit_reason, TT_exit_reason_LIQUIDATED);
    assert_dec(closed->realized_pnl.d, "-15");
    assert_dec(held(f, SHORT_LEG), "0");
}

/* Everything is in the regions: a restart asks about the entry again and goes on. */
static void a_restart_asks_again(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    tt_session_event event = {.event = TT_session_event_type_RECOVERED};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    assert_int_equal(f->trade->books->waiting.count, 1);
    assert_int_equal(
        ((const tt_order_query *)sent_one(f, TT_TOPIC_ORDER_QUERIES))->order_id, on.entry);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_said(f, 0, TT_waiting_event_BOOKED, "1");
    assert_dec(account(f).realized_pnl.d, "-11");
}

static void tell_venue(fixture *f, tt_side side, const char *qty, bool is_last)
{
    tt_venue_position what = {
        .qty = {dec(qty)},
        .mark = {dec("90")},
        .query_id = f->trade->books->sync.query_id,
        .venue_time = f->now,
        .position_side = (uint8_t)side,
        .is_last = is_last,
    };
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
}

/* The venue shows a short position twice while the close may still find its entry: nothing is
 * repaired. Once it is known to be an excess, the books agree by themselves. */
static void a_comparison_repairs_nothing_meanwhile(void **state)
{
    fixture *f = *state;
    (void)fixture_start_paper(f);
    scene on = tell_both_closes(f);
    for (unsigned i = 0; i < 2; i++) {
        tell_venue(f, TT_side_BUY, "0", false);
        tell_venue(f, TT_side_SELL, "-1", true);
        assert_dec(held(f, SHORT_LEG), "0");
        f->now.ns += 2 * TT_NS_PER_S;
        pass(f, 1);
        assert_int_equal(f->trade->books->waiting.count, 1);
    }
    say_status(f, on.entry, TT_order_state_CANCELLED, "0");
    say_status(f, on.entry, TT_order_state_CANCELLED, "0");
    assert_dec(held(f, SHORT_LEG), "-1");
    f->now.ns += 2 * TT_NS_PER_S;
    pass(f, 1);
    tell_venue(f, TT_side_BUY, "0", false);
    tell_venue(f, TT_side_SELL, "-1", true);
    assert_int_equal(f->trade->books->counters.discrepancies, 0);
    assert_int_equal(f->trade->books->sync.legs[SHORT_LEG - 1].query_id, 0);
}

/* A venue that has sold too much and is silent: the worst case counts, people are told when the
 * answer is late, and the step that brings it sends the closing. */
static void a_silent_venue_is_the_worst_case_until_it_answers(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    int64_t ack_ms = f->config.orders.ack_timeout.ns / TT_NS_PER_MS;
    pass(f, ack_ms - 1);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    pass(f, 1);
    assert_state(f, on.entry, TT_order_state_UNKNOWN);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_ORDER_UNKNOWN);
    for (unsigned i = 0; i < 60; i++) {
        pass(f, 60000);
        assert_int_equal(f->trade->books->waiting.count, 1);
        assert_dec(account(f).pending_exposure.d, "185");
        assert_int_equal(approve(f, &(entry){.qty = "1", .price = "95"}), 0);
    }
    say_status(f, on.entry, TT_order_state_CANCELLED, "0");
    assert_said(f, 0, TT_waiting_event_RELEASED, "1");
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->position_side, TT_side_SELL);
    assert_int_equal(close->reduce_only, 1);
    assert_dec(close->qty.d, "1");
}

/* The stop sells 0.5 more than is held, which a reduce-only order never does, and a later entry
 * buys 0.5. Told as stop, entry, excess, the books are flat while the venue is long and short: its
 * sum is 0, too, so that no price can lose money. Two answers bring both into the books. */
static void an_excess_behind_a_later_entry_is_flat_in_sum_and_found(void **state)
{
    fixture *f = *state;
    (void)fixture_start_paper(f);
    tell_venue(f, TT_side_SELL, "0", true);
    (void)open_long(f, "90", NULL);
    uint64_t stop = live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id;
    fill_cum(f, stop, 1, "1", "90", "1");
    assert_dec(held(f, 1), "0");
    uint64_t id = approve(f, &(entry){.qty = "0.5", .price = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 2, "0.5", "95");
    assert_dec(held(f, 1), "0.5");
    fill_cum(f, stop, 3, "0.5", "90", "1.5");
    assert_dec(held(f, 1), "0");
    assert_dec(held(f, SHORT_LEG), "0");
    /* More than was ordered is told at once. */
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_FILL_HANDLING_FAILURE);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    for (int64_t wait_s = 60; wait_s > 0; wait_s = wait_s == 60 ? 2 : 0) {
        pass(f, wait_s * 1000);
        assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
        tell_venue(f, TT_side_BUY, "0.5", false);
        tell_venue(f, TT_side_SELL, "-0.5", true);
    }
    assert_dec(held(f, 1), "0.5");
    assert_dec(held(f, SHORT_LEG), "-0.5");
    assert_int_equal(f->trade->books->counters.discrepancies, 2);
}

/* Netting needs none of it: the position flips and flips back, and the result is the same. */
static void netting_flips_and_flips_back_with_the_same_result(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    assert_int_equal(sent_count(f, TT_TOPIC_WAITING_FILLS), 0);
    assert_dec(held(f, 1), "-1");
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->reduce_only, 1);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_dec(held(f, 1), "0");
    assert_dec(account(f).realized_pnl.d, "-11");
    assert_dec(account(f).fees.d, "0.6");
    fill_cum(f, on.entry, 1000 + on.entry, "1", "95", "1");
    assert_dec(held(f, 1), "0");
    assert_int_equal(f->trade->books->counters.duplicate_reports, 1);
}

/* The order that went out between flip and flip back only reduces a short position. The venue has
 * none, so it refuses, and nothing follows. */
static void what_netting_sends_in_between_finds_nothing(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    uint64_t id = close->order_id;
    assert_int_equal(close->reduce_only, 1);
    assert_int_equal(close->side, TT_side_BUY);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_dec(held(f, 1), "0");
    say(f, id, TT_report_kind_REJECTED);
    assert_state(f, id, TT_order_state_REJECTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    pass(f, 600000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_dec(account(f).pending_exposure.d, "0");
    assert_int_equal(account(f).open_orders, 0);
}

/* The refusal comes before the flip back: the closing tries again no sooner than it may, and ends
 * with the position. */
static void what_netting_sends_in_between_is_refused_first(void **state)
{
    fixture *f = *state;
    scene on = tell_both_closes(f);
    uint64_t id = sent_intent(f, TT_order_role_CLOSE)->order_id;
    say(f, id, TT_report_kind_REJECTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    fill_fee(f, on.entry, "1", "95", "0.2");
    assert_dec(held(f, 1), "0");
    pass(f, 600000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(account(f).open_orders, 0);
    assert_dec(account(f).realized_pnl.d, "-11");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_close_told_before_its_entry_waits_for_it),
        TEST(what_waits_counts_in_full_and_holds_entries_back),
        TEST(it_is_booked_in_parts_with_exact_fees),
        TEST(a_repeat_of_what_waits_is_dropped),
        TEST(what_no_entry_explains_is_an_excess_and_closed),
        TEST(an_ended_entry_that_does_not_answer_hides_nothing),
        TEST(a_fill_after_the_cancel_is_what_it_waited_for),
        TEST(only_an_answer_to_a_later_question_counts),
        TEST(the_part_that_the_answer_explains_goes_on_waiting),
        TEST(more_than_the_entries_have_left_does_not_wait),
        TEST(without_a_place_it_is_an_excess_and_counted),
        TEST(a_trade_without_an_order_waits_as_well),
        TEST(a_restart_asks_again),
        TEST(a_comparison_repairs_nothing_meanwhile),
        TEST(a_silent_venue_is_the_worst_case_until_it_answers),
        TEST(an_excess_behind_a_later_entry_is_flat_in_sum_and_found),
        cmocka_unit_test_setup_teardown(
            what_netting_sends_in_between_finds_nothing, set_up_netting, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            what_netting_sends_in_between_is_refused_first, set_up_netting, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            netting_flips_and_flips_back_with_the_same_result, set_up_netting, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
