/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Entries in flight: counted from the verdict to the end of their order.
 */
#include "fixture.h"

static tt_risk_code judge(risk_court *court, uint32_t key, const char *size)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY(size);
    return court_judge(court, key, &proposal);
}

static void expect_pending(const risk_court *court, uint32_t key, const char *notional)
{
    assert_num(court->risk->state->symbols[key - 1].pending, notional);
}

static void two_proposals_in_a_step_share_the_room(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("1500");
    tt_bus_post post = {
        .topic = TT_TOPIC_TRADE_PROPOSALS,
        .source = TT_SOURCE_COORDINATOR,
        .key = ETH,
        .payload = &proposal,
    };
    tt_bus_begin(court.core.bus, court.now);
    assert_int_equal(tt_bus_publish(court.core.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(court.core.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(court.core.bus);
    assert_int_equal(court.verdict_count, 2);
    assert_row(&court, SIZE_REDUCED, CLAMP, "3000", "2000");
    assert_num(court.verdict.size_after, "500");
    expect_pending(&court, ETH, "2000");
    court_close(&court);
}

static void an_entry_that_nobody_orders_expires(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge(&court, ETH, "2000"), TT_risk_code_NONE);
    expect_pending(&court, ETH, "2000");
    assert_int_equal(judge(&court, ETH, "2000"), TT_risk_code_NONE);
    assert_num(court.verdict.size_after, "2000"); // In a later step the room is free again.
    expect_pending(&court, ETH, "2000");
    assert_int_equal(court.risk->state->entry_count, 1);
    court_close(&court);
}

static void an_order_holds_its_room_until_it_is_final(void **unused)
{
    (void)unused;
    const tt_order_state ends[] = {
        TT_order_state_FILLED,
        TT_order_state_CANCELLED,
        TT_order_state_REJECTED,
        TT_order_state_EXPIRED,
        TT_order_state_FAILED,
    };
    risk_court court;
    court_start(&court);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        assert_int_equal(judge(&court, ETH, "1500"), TT_risk_code_NONE);
        uint64_t order = court_intent(&court, ETH);
        const tt_order_state steps[] = {
            TT_order_state_NEW, TT_order_state_PENDING, TT_order_state_SUBMITTED};
        for (size_t k = 0; k + 1 < sizeof steps / sizeof steps[0]; k++) {
            court_event(&court, ETH, order, steps[k], steps[k + 1], "0");
            expect_pending(&court, ETH, "1500");
        }
        assert_int_equal(judge(&court, ETH, "1500"), TT_risk_code_NONE);
        assert_num(court.verdict.size_after, "500");
        court_event(&court, ETH, order, TT_order_state_SUBMITTED, ends[i], "0");
        tt_trade_proposal broken = good_proposal();
        broken.leverage = 0;
        (void)court_judge(&court, ETH, &broken); // A later step: the second one has expired.
        expect_pending(&court, ETH, "0");
        assert_int_equal(court.risk->state->entry_count, 0);
        assert_int_equal(court.risk->state->active_count, 0);
    }
    court_close(&court);
}

static void fills_free_what_they_fill(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge(&court, ETH, "1000"), TT_risk_code_NONE);
    uint64_t order = court_intent(&court, ETH);
    tt_order_state partial = TT_order_state_PARTIALLY_FILLED;
    court_event(&court, ETH, order, TT_order_state_SUBMITTED, partial, "4");
    expect_pending(&court, ETH, "600");
    court_event(&court, ETH, order, partial, TT_order_state_UNKNOWN, "4");
    expect_pending(&court, ETH, "600"); // Unknown is the worst case.
    court_event(&court, ETH, order, TT_order_state_UNKNOWN, partial, "9.999");
    expect_pending(&court, ETH, "0.1");
    court_event(&court, ETH, order, partial, TT_order_state_FILLED, "10");
    expect_pending(&court, ETH, "0");
    court_close(&court);
}

/* Quantity, price and leverage of the order count, not those of the verdict that it follows. */
static void an_order_counts_as_it_is(void **unused)
{
    (void)unused;
    const struct {
        const char *qty;
        const char *price;
        uint8_t leverage;
        const char *pending;
        const char *margin;
    } orders[] = {
        {"10", "100", 2, "1000", "500"},
        {"9", "100", 2, "900", "450"},
        {"10", "90", 2, "900", "450"},
        {"10", "100", 4, "1000", "250"},
    };
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        risk_court court;
        court_start(&court);
        tt_trade_proposal proposal = good_proposal();
        proposal.size = MONEY("1000");
        proposal.leverage = 2;
        assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
        assert_num(court.risk->state->pending_margin, "500");
        tt_order_intent intent = {
            .qty = QTY(orders[i].qty),
            .reference_price = PRICE(orders[i].price),
            .order_id = tt_bus_next_seq(court.core.bus),
            .verdict_seq = court.verdict_seq,
            .role = TT_order_role_ENTRY,
            .leverage = orders[i].leverage,
        };
        court_say(&court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, ETH, &intent);
        expect_pending(&court, ETH, orders[i].pending);
        assert_num(court.risk->state->pending_margin, orders[i].margin);
        court_close(&court);
    }
}

static void margin_of_entries_counts(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("1000.1");
    proposal.leverage = 3;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    (void)court_intent(&court, ETH);
    // 10.001 x 100 = 1000.1; a third of it, rounded up.
    assert_num(court.risk->state->pending_margin, "333.366666666666666667");
    assert_int_equal(judge(&court, SOL, "1000"), TT_risk_code_NONE);
    assert_num(court.verdict.margin_available, "9666.633333333333333333");
    court_close(&court);
}

static void other_roles_are_not_entries(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    for (int role = 0; role < TT_order_role_COUNT; role++) {
        tt_order_intent intent = {
            .qty = QTY("5"),
            .reference_price = PRICE("100"),
            .order_id = 1000 + (uint64_t)role,
            .role = (uint8_t)role,
            .leverage = 1,
        };
        if (role != TT_order_role_ENTRY) {
            court_say(&court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, ETH, &intent);
        }
    }
    assert_int_equal(court.risk->state->entry_count, 0);
    court_close(&court);
}

static void an_entry_without_verdict_is_counted_too(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_order_intent intent = {
        .qty = QTY("5"),
        .reference_price = PRICE("100"),
        .order_id = 1000,
        .role = TT_order_role_ENTRY,
        .leverage = 1,
    };
    court_say(&court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, ETH, &intent);
    expect_pending(&court, ETH, "500");
    court_event(&court, ETH, 1000, TT_order_state_NEW, TT_order_state_FAILED, "0");
    expect_pending(&court, ETH, "0");
    court_close(&court);
}

static void at_the_bound_entries_are_refused(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_order_intent intent = {
        .qty = QTY("0.001"),
        .reference_price = PRICE("1"),
        .role = TT_order_role_ENTRY,
        .leverage = 1,
    };
    for (uint64_t i = 1; i <= TT_RISK_ENTRIES_MAX; i++) {
        assert_int_equal(court.risk->state->entry_count, i - 1);
        intent.order_id = 10000 + i;
        court_say(&court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, ETH, &intent);
    }
    assert_int_equal(judge(&court, SOL, "100"), TT_risk_code_UNRESOLVED_ORDER);
    intent.order_id++; // One more than can be followed changes nothing.
    court_say(&court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, ETH, &intent);
    assert_int_equal(court.risk->state->entry_count, TT_RISK_ENTRIES_MAX);
    tt_order_state final = TT_order_state_CANCELLED;
    court_event(&court, ETH, 10001, TT_order_state_SUBMITTED, final, "0");
    assert_int_equal(judge(&court, SOL, "100"), TT_risk_code_NONE);
    court_close(&court);
}

static void events_of_strange_orders_change_nothing(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge(&court, ETH, "1000"), TT_risk_code_NONE);
    court_event(&court, ETH, 0, TT_order_state_NEW, TT_order_state_FAILED, "0");
    court_event(&court, ETH, 424242, TT_order_state_NEW, TT_order_state_FAILED, "0");
    expect_pending(&court, ETH, "1000");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_proposals_in_a_step_share_the_room),
        cmocka_unit_test(an_entry_that_nobody_orders_expires),
        cmocka_unit_test(an_order_holds_its_room_until_it_is_final),
        cmocka_unit_test(fills_free_what_they_fill),
        cmocka_unit_test(an_order_counts_as_it_is),
        cmocka_unit_test(margin_of_entries_counts),
        cmocka_unit_test(other_roles_are_not_entries),
        cmocka_unit_test(an_entry_without_verdict_is_counted_too),
        cmocka_unit_test(at_the_bound_entries_are_refused),
        cmocka_unit_test(events_of_strange_orders_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
