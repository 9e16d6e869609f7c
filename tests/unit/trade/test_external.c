/* SPDX-License-Identifier: Apache-2.0 */
/* Trades that no order of ours caused. */
#include "fixture.h"

#include <string.h>

static tt_venue_trade external(tt_external_kind kind, tt_side side, const char *qty, uint64_t id)
{
    return (tt_venue_trade){
        .price = {dec("90")},
        .qty = {dec(qty)},
        .fee = {dec("0.5")},
        .exec_id = id,
        .side = (uint8_t)side,
        .kind = (uint8_t)kind,
    };
}

static void happen(fixture *f, tt_external_kind kind, tt_side side, const char *qty, uint64_t id)
{
    tt_venue_trade what = external(kind, side, qty, id);
    step(f, TT_TOPIC_VENUE_TRADES, 1, &what);
}

static void a_liquidation_closes_with_its_loss(void **state)
{
    fixture *f = *state;
    open_long(f, "80", "120");
    happen(f, TT_external_kind_LIQUIDATION, TT_side_SELL, "1", 900);
    const tt_fill *booked = sent_one(f, TT_TOPIC_FILLS);
    assert_int_equal(booked->role, TT_order_role_ADJUSTMENT);
    assert_int_equal(booked->effect, TT_fill_effect_CLOSE);
    assert_int_equal(booked->exit_reason, TT_exit_reason_LIQUIDATED);
    assert_true(booked->order_id == 0);
    assert_dec(booked->realized_pnl.d, "-10");
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_CLOSED);
    assert_int_equal(position->exit_reason, TT_exit_reason_LIQUIDATED);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_LIQUIDATION_DETECTED);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    assert_non_null(strstr(alert->message, "sell 1 at 90, entry was 100"));
    /* Stop and target go with it. */
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 2);
    assert_dec(account(f).balance.d, "9989.5");
}

static void deleveraging_reduces_and_protection_follows(void **state)
{
    fixture *f = *state;
    open_long(f, "80", NULL);
    happen(f, TT_external_kind_ADL, TT_side_SELL, "0.4", 900);
    const tt_fill *booked = sent_one(f, TT_TOPIC_FILLS);
    assert_int_equal(booked->effect, TT_fill_effect_REDUCE);
    assert_int_equal(booked->exit_reason, TT_exit_reason_ADL);
    assert_dec(booked->realized_pnl.d, "-4");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "0.6");
}

static void a_repeat_is_dropped(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    happen(f, TT_external_kind_TRADE, TT_side_SELL, "0.1", 900);
    happen(f, TT_external_kind_TRADE, TT_side_SELL, "0.1", 900);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    assert_dec(f->trade->books->positions[0].qty.d, "0.9");
    assert_int_equal(f->trade->books->counters.duplicate_reports, 1);
}

static void what_it_opens_is_external(void **state)
{
    fixture *f = *state;
    happen(f, TT_external_kind_TRADE, TT_side_SELL, "2", 900);
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_OPENED);
    assert_int_equal(position->is_external, 1);
    assert_dec(position->qty.d, "-2");
    assert_dec(account(f).exposure.d, "180");
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

static void a_trade_that_crosses_zero_is_a_close_and_an_open(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    happen(f, TT_external_kind_TRADE, TT_side_SELL, "3", 900);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 2);
    const tt_fill *closes = tt_msg_payload(sent(f, TT_TOPIC_FILLS, 0));
    const tt_fill *opens = tt_msg_payload(sent(f, TT_TOPIC_FILLS, 1));
    assert_int_equal(closes->effect, TT_fill_effect_CLOSE);
    assert_dec(closes->realized_pnl.d, "-10");
    assert_int_equal(opens->effect, TT_fill_effect_OPEN);
    assert_dec(opens->qty.d, "2");
    assert_dec(tt_dec_xadd(closes->fee.d, opens->fee.d), "0.5");
    assert_true(closes->position_id != opens->position_id);
    assert_int_equal(f->trade->books->positions[0].is_external, 1);
}

static void what_cannot_be_true_is_refused(void **state)
{
    fixture *f = *state;
    tt_venue_trade wrong[6];
    for (size_t i = 0; i < 6; i++) {
        wrong[i] = external(TT_external_kind_TRADE, TT_side_BUY, "1", 900);
    }
    wrong[0].side = TT_side_NONE;
    wrong[1].kind = TT_external_kind_NONE;
    wrong[2].exec_id = 0;
    wrong[3].price.d = dec("0");
    wrong[4].position_side = TT_side_BUY;
    wrong[5].qty.d = dec("10000000000");
    wrong[5].price.d = dec("1000000000");
    for (size_t i = 0; i < 6; i++) {
        step(f, TT_TOPIC_VENUE_TRADES, 1, &wrong[i]);
        assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
        assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    }
    assert_int_equal(f->trade->books->counters.refused_reports, 6);
    assert_int_equal(f->trade->books->venue_sides[0].exec_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_liquidation_closes_with_its_loss),
        TEST(deleveraging_reduces_and_protection_follows),
        TEST(a_repeat_is_dropped),
        TEST(what_it_opens_is_external),
        TEST(a_trade_that_crosses_zero_is_a_close_and_an_open),
        TEST(what_cannot_be_true_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
