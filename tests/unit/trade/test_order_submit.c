/* SPDX-License-Identifier: Apache-2.0 */
/* From a verdict to an intent. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static const tt_execution_event *event_row(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_EXECUTION_EVENTS, index);
    assert_non_null(msg);
    return tt_msg_payload(msg);
}

static void market_entry_becomes_an_intent(void **state)
{
    fixture *f = *state;
    entry what = {.qty = "0.5", .reference = "101.5", .stop = "95", .target = "120", .leverage = 3};
    uint64_t id = approve(f, &what);
    const tt_msg *msg = sent(f, TT_TOPIC_ORDER_INTENTS, 0);
    const tt_order_intent *intent = sent_one(f, TT_TOPIC_ORDER_INTENTS);
    const tt_msg *verdict = sent(f, TT_TOPIC_RISK_VERDICTS, 0);
    char client_id[48];
    snprintf(client_id, sizeof client_id, "run7-%llu", (unsigned long long)id);
    assert_string_equal(intent->client_order_id, client_id);
    assert_true(intent->order_id == msg->seq && id == msg->seq);
    assert_true(intent->verdict_seq == verdict->seq && msg->cause == verdict->seq);
    assert_memory_equal(&msg->correlation, &verdict->correlation, sizeof msg->correlation);
    assert_int_equal(msg->key, 1);
    assert_int_equal(msg->source, TT_SOURCE_TRADE);
    assert_dec(intent->qty.d, "0.5");
    assert_dec(intent->price.d, "0");
    assert_dec(intent->trigger_price.d, "0");
    assert_dec(intent->reference_price.d, "101.5");
    assert_dec(intent->stop_loss.d, "95");
    assert_dec(intent->take_profit.d, "120");
    assert_int_equal(intent->type, TT_order_type_MARKET);
    assert_int_equal(intent->tif, TT_tif_GTC);
    assert_int_equal(intent->role, TT_order_role_ENTRY);
    assert_int_equal(intent->side, TT_side_BUY);
    assert_int_equal(intent->reduce_only, 0);
    assert_int_equal(intent->leverage, 3);
    assert_int_equal(intent->exit_reason, TT_exit_reason_NONE);
    assert_int_equal(intent->expire_time.ns, 0);
    assert_true(intent->position_id == 0 && intent->parent_order_id == 0);
}

static void limit_entry_has_price_and_expiry(void **state)
{
    fixture *f = *state;
    approve(f, &(entry){.qty = "2", .price = "99.5", .side = TT_side_SELL});
    const tt_order_intent *intent = sent_one(f, TT_TOPIC_ORDER_INTENTS);
    assert_int_equal(intent->type, TT_order_type_LIMIT);
    assert_dec(intent->price.d, "99.5");
    assert_int_equal(intent->side, TT_side_SELL);
    assert_int_equal(intent->expire_time.ns, FIXTURE_START_NS + 3600 * TT_NS_PER_S);
}

static void creation_and_handover_are_two_events(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "2", .price = "99.5"});
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 2);
    const tt_execution_event *created = event_row(f, 0);
    assert_int_equal(created->event, TT_execution_event_type_ORDER_CREATED);
    assert_int_equal(created->old_state, TT_order_state_NONE);
    assert_int_equal(created->new_state, TT_order_state_NEW);
    assert_true(created->order_id == id && created->intent_seq == id);
    assert_dec(created->qty.d, "2");
    assert_dec(created->price.d, "99.5");
    assert_dec(created->filled_qty.d, "0");
    assert_string_equal(created->client_order_id, order(f, id)->intent.client_order_id);
    const tt_execution_event *handed = event_row(f, 1);
    assert_int_equal(handed->event, TT_execution_event_type_ORDER_SENT);
    assert_int_equal(handed->new_state, TT_order_state_PENDING);
    assert_state(f, id, TT_order_state_PENDING);
    assert_dec(account(f).pending_exposure.d, "199");
    assert_int_equal(account(f).open_orders, 1);
}

static void an_increase_names_its_position(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    uint64_t position = f->trade->books->positions[0].position_id;
    approve(f, &(entry){.qty = "1"});
    const tt_order_intent *intent = sent_one(f, TT_TOPIC_ORDER_INTENTS);
    assert_true(position != 0 && intent->position_id == position);
}

static void only_approved_verdicts_trade(void **state)
{
    fixture *f = *state;
    for (uint8_t status = 0; status < TT_verdict_COUNT; status++) {
        tt_risk_verdict verdict = {
            .qty = {dec("1")},
            .reference_price = {dec("100")},
            .status = status,
            .side = TT_side_BUY,
            .leverage_after = 1,
        };
        step(f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
        bool trades = status == TT_verdict_APPROVED || status == TT_verdict_MODIFIED;
        assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), trades ? 1 : 0);
    }
}

static const tt_risk_alert *refused(fixture *f, tt_risk_code code)
{
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
    assert_int_equal(alert->code, code);
    assert_true(alert->subject_seq == sent(f, TT_TOPIC_RISK_VERDICTS, 0)->seq);
    return alert;
}

static void refuses_what_cannot_be_an_order(void **state)
{
    fixture *f = *state;
    approve(f, &(entry){.qty = "0"});
    refused(f, TT_risk_code_INVALID_PROPOSAL);
    approve(f, &(entry){.qty = "1", .reference = "0"});
    refused(f, TT_risk_code_INVALID_PROPOSAL);
    approve(f, &(entry){.qty = "10000000", .reference = "1000000000"});
    refused(f, TT_risk_code_INVALID_PROPOSAL);
    tt_risk_verdict no_side = {
        .qty = {dec("1")}, .reference_price = {dec("1")}, .status = TT_verdict_APPROVED};
    step(f, TT_TOPIC_RISK_VERDICTS, 1, &no_side);
    refused(f, TT_risk_code_INVALID_PROPOSAL);
    tt_trade_status numbers;
    tt_trade_status_get(f->trade, &numbers);
    assert_int_equal(numbers.refused_entries, 4);
    assert_int_equal(numbers.orders, 0);
}

static void a_verdict_for_no_instrument_is_a_dead_letter(void **state)
{
    fixture *f = *state;
    approve(f, &(entry){.qty = "1", .key = 3});
    const tt_dead_letter *dead = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(dead->reason, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

static void refuses_an_entry_while_closing(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    approve_close(f, 1);
    approve(f, &(entry){.qty = "1"});
    refused(f, TT_risk_code_UNRESOLVED_ORDER);
    assert_true(approve(f, &(entry){.qty = "1", .key = 2}) != 0);
}

/* The table is full of entries: another is refused, a stop is not. */
static void entries_are_bounded_protection_is_not(void **state)
{
    fixture *f = *state;
    uint64_t first = approve(f, &(entry){.qty = "1", .stop = "90", .target = "110"});
    say(f, first, TT_report_kind_ACCEPTED);
    uint32_t count = 1;
    tt_risk_verdict verdict = {
        .qty = {dec("0.001")},
        .entry_price = {dec("1")},
        .status = TT_verdict_APPROVED,
        .side = TT_side_BUY,
        .leverage_after = 1,
    };
    while (tt_order_has_room(&f->trade->orders, false)) {
        tt_bus_post post = {
            .topic = TT_TOPIC_RISK_VERDICTS,
            .source = TT_SOURCE_RISK,
            .key = 2,
            .payload = &verdict,
            .flags = TT_MSG_INPUT};
        tt_bus_begin(f->core.bus, f->now);
        assert_int_equal(tt_bus_publish(f->core.bus, &post, NULL), TUTTI_OK);
        tt_bus_run(f->core.bus);
        count++;
    }
    assert_int_equal(count, TT_ORDERS_MAX - TT_ORDERS_RESERVED);
    approve(f, &(entry){.qty = "1"});
    assert_non_null(strstr(refused(f, TT_risk_code_UNRESOLVED_ORDER)->message, "too many orders"));
    fill(f, first, 1, "0.4", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 2);
    assert_non_null(live(f, 1, TT_order_role_STOP_LOSS));
    approve_close(f, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 1);
    assert_int_equal(f->trade->books->counters.refused_entries, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static void limit_entries_stand_as_configured(void **state)
{
    (void)state;
    static fixture own;
    tt_trade_config config = fixture_config();
    config.orders.entry_tif = TT_tif_POST_ONLY;
    fixture_init_with(&own, &config);
    approve(&own, &(entry){.qty = "1", .price = "99", .stop = "95"});
    assert_int_equal(sent_intent(&own, TT_order_role_ENTRY)->tif, TT_tif_POST_ONLY);
    uint64_t id = approve(&own, &(entry){.qty = "1", .stop = "95"});
    assert_int_equal(sent_intent(&own, TT_order_role_ENTRY)->tif, TT_tif_GTC);
    fill(&own, id, 1, "1", "100");
    assert_int_equal(sent_intent(&own, TT_order_role_STOP_LOSS)->tif, TT_tif_GTC);
    fixture_fini(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_entries_stand_as_configured),
        TEST(market_entry_becomes_an_intent),
        TEST(limit_entry_has_price_and_expiry),
        TEST(creation_and_handover_are_two_events),
        TEST(an_increase_names_its_position),
        TEST(only_approved_verdicts_trade),
        TEST(refuses_what_cannot_be_an_order),
        TEST(a_verdict_for_no_instrument_is_a_dead_letter),
        TEST(refuses_an_entry_while_closing),
        TEST(entries_are_bounded_protection_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
