/* SPDX-License-Identifier: Apache-2.0 */
/* Two entries of which the first that fills cancels the other. */
#include "fixture.h"

#include <string.h>

static fixture f;
static uint64_t upper;
static uint64_t lower;
static tt_seq group_seq;

static tt_seq propose(tt_side side, tt_verdict status)
{
    const tt_trade_proposal proposal = {
        .group_seq = group_seq, .side = (uint8_t)side, .is_stop_entry = 1};
    tt_risk_verdict verdict = {
        .proposal_seq = step(&f, TT_TOPIC_TRADE_PROPOSALS, 1, &proposal),
        .qty = {dec("1")},
        .entry_price = {dec(side == TT_side_BUY ? "101" : "99")},
        .reference_price = {dec(side == TT_side_BUY ? "101" : "99")},
        .stop_loss = {dec("100")},
        .status = (uint8_t)status,
        .code = status == TT_verdict_REJECTED ? TT_risk_code_LOW_RR : TT_risk_code_NONE,
        .kind = TT_proposal_kind_ENTRY,
        .side = (uint8_t)side,
        .leverage_after = 1,
    };
    return step(&f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
}

static void ask(void)
{
    const tt_entry_group group = {.size_pct = {dec("1")}};
    group_seq = step(&f, TT_TOPIC_ENTRY_GROUPS, 1, &group);
}

/* Sends a group; both entries are acknowledged. */
static void place(void)
{
    ask();
    propose(TT_side_BUY, TT_verdict_APPROVED);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
    propose(TT_side_SELL, TT_verdict_MODIFIED);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 2);
    upper = sent(&f, TT_TOPIC_ORDER_INTENTS, 0)->seq;
    lower = sent(&f, TT_TOPIC_ORDER_INTENTS, 1)->seq;
    say(&f, upper, TT_report_kind_ACCEPTED);
    say(&f, lower, TT_report_kind_ACCEPTED);
}

static void start(tt_position_mode mode)
{
    tt_trade_config config = fixture_config();
    config.account.position_mode = mode;
    fixture_init_with(&f, &config);
}

static void assert_event(unsigned index, tt_group_state old_state, tt_group_state new_state)
{
    const tt_msg *msg = sent(&f, TT_TOPIC_ENTRY_GROUP_EVENTS, index);
    assert_non_null(msg);
    const tt_entry_group_event *event = tt_msg_payload(msg);
    assert_int_equal(event->group_seq, group_seq);
    assert_int_equal(event->old_state, old_state);
    assert_int_equal(event->new_state, new_state);
}

/* Of all cancels of the step one is that of the order, and no other has its reason. */
static void assert_cancelled(uint64_t id)
{
    unsigned found = 0;
    for (unsigned i = 0; i < sent_count(&f, TT_TOPIC_ORDER_CANCELS); i++) {
        const tt_order_cancel *cancel = tt_msg_payload(sent(&f, TT_TOPIC_ORDER_CANCELS, i));
        if (strcmp(cancel->reason, "the other entry of its group filled or ended") == 0) {
            assert_int_equal(cancel->order_id, id);
            found++;
        }
    }
    assert_int_equal(found, 1);
}

static const char *held(uint32_t leg)
{
    static char text[TT_DEC_TEXT_MAX];
    tt_dec_format(f.trade->books->positions[leg - 1].qty.d, text);
    return text;
}

static uint32_t at_work(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        count += f.trade->groups->list[i].group_seq != 0;
    }
    return count;
}

/* What the status says of all groups. */
static void assert_counted(uint32_t live, uint64_t sent, uint64_t refused, uint64_t repairs)
{
    tt_trade_status status;
    tt_trade_status_get(f.trade, &status);
    assert_int_equal(status.live_groups, live);
    assert_int_equal(status.groups_sent, sent);
    assert_int_equal(status.groups_refused, refused);
    assert_int_equal(status.group_repairs, repairs);
}

static void both_wait_for_their_price(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    place();
    const tt_order_intent *buy = &order(&f, upper)->intent;
    assert_int_equal(buy->type, TT_order_type_STOP);
    assert_dec(buy->trigger_price.d, "101");
    assert_dec(buy->price.d, "0");
    assert_int_equal(buy->tif, TT_tif_GTC);
    assert_true(buy->expire_time.ns > f.now.ns);
    assert_int_equal(at_work(), 1);
    /* In the worst case both fill. */
    assert_dec(account(&f).pending_exposure.d, "200");
    fixture_fini(&f);
}

static void the_first_fill_cancels_the_other(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    place();
    fill(&f, upper, 1, "0.4", "101");
    assert_event(0, TT_group_state_WORKING, TT_group_state_DECIDED);
    assert_cancelled(lower);
    fill(&f, upper, 2, "0.6", "101");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_CANCELS), 0);
    assert_dec(account(&f).pending_exposure.d, "99"); /* Until the venue has said so. */
    say(&f, lower, TT_report_kind_CANCELLED);
    assert_event(0, TT_group_state_DECIDED, TT_group_state_DONE);
    assert_string_equal(held(1), "1");
    assert_int_equal(at_work(), 0);
    fixture_fini(&f);
}

/* 0.4 bought, then 1 sold: 0.6 are short that nobody wanted. */
static void what_the_second_opens_is_closed(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    place();
    fill(&f, upper, 1, "0.4", "101");
    fill(&f, lower, 2, "1", "99");
    assert_event(0, TT_group_state_DECIDED, TT_group_state_BOTH);
    assert_event(1, TT_group_state_BOTH, TT_group_state_DONE);
    const tt_order_intent *close = sent_intent(&f, TT_order_role_CLOSE);
    assert_int_equal(close->side, TT_side_BUY);
    assert_dec(close->qty.d, "0.6");
    assert_int_equal(close->reduce_only, 1);
    assert_int_equal(close->exit_reason, TT_exit_reason_OTHER_FILLED);
    assert_cancelled(upper); /* Its rest is not wanted either. */
    assert_counted(0, 1, 0, 1);
    fill(&f, close->order_id, 3, "0.6", "100");
    say(&f, upper, TT_report_kind_CANCELLED);
    assert_string_equal(held(1), "0");
    fixture_fini(&f);
}

/* What the second takes from the first is no position of its own: nothing is opened again. */
static void what_the_second_reduces_stays_reduced(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    place();
    fill(&f, upper, 1, "1", "101");
    fill(&f, lower, 2, "0.3", "99");
    assert_event(0, TT_group_state_DECIDED, TT_group_state_BOTH);
    assert_string_equal(held(1), "0.7");
    assert_int_equal(f.trade->groups->repairs, 0);
    assert_dec(sent_intent(&f, TT_order_role_STOP_LOSS)->qty.d, "0.7");
    fill(&f, lower, 3, "0.2", "99");
    assert_event(0, TT_group_state_BOTH, TT_group_state_BOTH);
    say(&f, lower, TT_report_kind_CANCELLED);
    assert_event(0, TT_group_state_BOTH, TT_group_state_DONE);
    assert_string_equal(held(1), "0.5");
    fixture_fini(&f);
}

static void in_hedging_the_second_position_is_closed_whole(void **state)
{
    (void)state;
    start(TT_position_mode_HEDGING);
    place();
    fill(&f, lower, 1, "1", "99");
    fill(&f, upper, 2, "1", "101");
    const tt_order_intent *close = sent_intent(&f, TT_order_role_CLOSE);
    assert_int_equal(close->side, TT_side_SELL);
    assert_dec(close->qty.d, "1");
    assert_int_equal(close->position_side, TT_side_BUY);
    fill(&f, close->order_id, 3, "1", "101");
    assert_string_equal(held(1), "0");
    assert_string_equal(held(1 + TT_INSTRUMENTS_MAX), "-1");
    fixture_fini(&f);
}

/* The venue said that it was cancelled, and then tells a fill: the mark is the order's own. */
static void a_fill_after_everything_is_undone(void **state)
{
    (void)state;
    start(TT_position_mode_HEDGING);
    place();
    fill(&f, upper, 1, "1", "101");
    say(&f, lower, TT_report_kind_CANCELLED);
    assert_int_equal(at_work(), 0);
    fill(&f, lower, 2, "1", "99");
    assert_int_equal(sent_count(&f, TT_TOPIC_ENTRY_GROUP_EVENTS), 0);
    const tt_order_intent *close = sent_intent(&f, TT_order_role_CLOSE);
    assert_int_equal(close->side, TT_side_BUY);
    assert_int_equal(close->exit_reason, TT_exit_reason_OTHER_FILLED);
    fixture_fini(&f);
}

static void one_that_ends_takes_the_other_with_it(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    place();
    say(&f, upper, TT_report_kind_REJECTED);
    assert_event(0, TT_group_state_WORKING, TT_group_state_WITHDRAWN);
    assert_cancelled(lower);
    say(&f, lower, TT_report_kind_CANCELLED);
    assert_event(0, TT_group_state_WITHDRAWN, TT_group_state_DONE);
    assert_int_equal(at_work(), 0);
    /* It fills before its cancel comes: risk has approved it, so it stays. */
    place();
    say(&f, lower, TT_report_kind_EXPIRED);
    fill(&f, upper, 1, "1", "101");
    assert_event(0, TT_group_state_WITHDRAWN, TT_group_state_DECIDED);
    assert_event(1, TT_group_state_DECIDED, TT_group_state_DONE);
    assert_string_equal(held(1), "1");
    assert_int_equal(sent_intent(&f, TT_order_role_STOP_LOSS)->side, TT_side_SELL);
    fixture_fini(&f);
}

static void both_or_none(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    for (int refused = 0; refused < 2; refused++) {
        ask();
        propose(TT_side_BUY, refused == 0 ? TT_verdict_REJECTED : TT_verdict_APPROVED);
        assert_int_equal(sent_count(&f, TT_TOPIC_ENTRY_GROUP_EVENTS), 0);
        propose(TT_side_SELL, refused == 1 ? TT_verdict_REJECTED : TT_verdict_APPROVED);
        assert_event(0, TT_group_state_NONE, TT_group_state_REFUSED);
        assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
        const tt_risk_alert *alert = sent_one(&f, TT_TOPIC_RISK_ALERTS);
        assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
        assert_int_equal(alert->code, TT_risk_code_LOW_RR);
    }
    assert_int_equal(f.trade->groups->refused, 2);
    /* What the coordinator has refused leaves nothing behind: an entry of its own is sent. */
    ask();
    assert_true(approve(&f, &(entry){.qty = "1"}) != 0);
    fixture_fini(&f);
}

/* What the books could not hold is not sent, on either side. */
static void neither_if_the_books_cannot_hold_one(void **state)
{
    (void)state;
    for (tt_side side = TT_side_BUY; side <= TT_side_SELL; side++) {
        start(TT_position_mode_NETTING);
        entry most = {.qty = "10000000000", .side = side, .reference = "0.01"};
        fill(&f, approve(&f, &most), 1, "10000000000", "0.01");
        ask();
        propose(TT_side_BUY, TT_verdict_APPROVED);
        propose(TT_side_SELL, TT_verdict_APPROVED);
        assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
        assert_int_equal(f.trade->groups->refused, 1);
        const tt_entry_group_event *event = sent_one(&f, TT_TOPIC_ENTRY_GROUP_EVENTS);
        assert_non_null(strstr(event->reason, "larger than the books can hold"));
        fixture_fini(&f);
    }
}

static void groups_are_bounded(void **state)
{
    (void)state;
    start(TT_position_mode_NETTING);
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        place();
    }
    assert_int_equal(at_work(), TT_GROUPS_MAX);
    ask();
    propose(TT_side_BUY, TT_verdict_APPROVED);
    propose(TT_side_SELL, TT_verdict_APPROVED);
    assert_event(0, TT_group_state_NONE, TT_group_state_REFUSED);
    const tt_entry_group_event *event = sent_one(&f, TT_TOPIC_ENTRY_GROUP_EVENTS);
    assert_string_equal(event->reason, "too many groups are at work");
    assert_counted(TT_GROUPS_MAX, TT_GROUPS_MAX, 1, 0);
    fixture_fini(&f);
}

/* Sends a group whose second verdict comes when the bus has room for `room` messages more. */
static void place_in_a_full_bus(uint32_t room)
{
    enum {
        QUEUE = 8
    };
    tt_trade_config config = fixture_config();
    const tt_bus_options options = {.history_scale_pct = 10, .queue_messages = QUEUE};
    fixture_init_bus(&f, &config, &options);
    ask();
    propose(TT_side_BUY, TT_verdict_APPROVED);
    const tt_trade_proposal proposal = {
        .group_seq = group_seq, .side = TT_side_SELL, .is_stop_entry = 1};
    const tt_risk_verdict verdict = {
        .proposal_seq = step(&f, TT_TOPIC_TRADE_PROPOSALS, 1, &proposal),
        .qty = {dec("1")},
        .entry_price = {dec("99")},
        .reference_price = {dec("99")},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = TT_side_SELL,
        .leverage_after = 1,
    };
    const tt_fill nothing = {.fill_id = 0};
    const tt_bus_post filler = {
        .topic = TT_TOPIC_FILLS, .source = TT_SOURCE_HOST, .payload = &nothing};
    const tt_bus_post post = {
        .topic = TT_TOPIC_RISK_VERDICTS,
        .source = TT_SOURCE_RISK,
        .key = 1,
        .payload = &verdict,
        .priority = TT_priority_URGENT,
        .flags = TT_MSG_INPUT};
    tt_bus_begin(f.core.bus, f.now);
    assert_int_equal(tt_bus_publish(f.core.bus, &post, NULL), TUTTI_OK);
    for (uint32_t i = room; i < QUEUE; i++) {
        assert_int_equal(tt_bus_publish(f.core.bus, &filler, NULL), TUTTI_OK);
    }
    tt_bus_run(f.core.bus);
    tt_trade_check(f.trade);
}

/* An intent without room is no order: the other one must not stand alone, and a group without
 * orders must not keep its place. */
static void a_full_bus_sends_none_of_both(void **state)
{
    (void)state;
    place_in_a_full_bus(0);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(f.trade->orders.table->live_count, 0);
    assert_int_equal(at_work(), 0);
    fixture_fini(&f);
    place_in_a_full_bus(1);
    upper = sent(&f, TT_TOPIC_ORDER_INTENTS, 0)->seq;
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 1);
    assert_int_equal(at_work(), 1);
    say(&f, upper, TT_report_kind_CANCELLED);
    assert_event(0, TT_group_state_WITHDRAWN, TT_group_state_DONE);
    assert_int_equal(at_work(), 0);
    fixture_fini(&f);
}

static void the_machine_is_sound(void **state)
{
    (void)state;
    tt_error error;
    assert_int_equal(tt_sm_check(&tt_group_machine, &error), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_wait_for_their_price),
        cmocka_unit_test(the_first_fill_cancels_the_other),
        cmocka_unit_test(what_the_second_opens_is_closed),
        cmocka_unit_test(what_the_second_reduces_stays_reduced),
        cmocka_unit_test(in_hedging_the_second_position_is_closed_whole),
        cmocka_unit_test(a_fill_after_everything_is_undone),
        cmocka_unit_test(one_that_ends_takes_the_other_with_it),
        cmocka_unit_test(both_or_none),
        cmocka_unit_test(neither_if_the_books_cannot_hold_one),
        cmocka_unit_test(groups_are_bounded),
        cmocka_unit_test(a_full_bus_sends_none_of_both),
        cmocka_unit_test(the_machine_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
