/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Verdicts and alerts on the bus, counters, and messages that name no instrument.
 */
#include "fixture.h"

static void one_verdict_a_proposal(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.alert_count, 0);
    proposal.confidence = RATIO("0.1");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CONFIDENCE_TOO_LOW);
    assert_int_equal(court.alert_count, 1);
    const tt_risk_alert *alert = &court.alerts[0];
    assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
    assert_int_equal(alert->severity, TT_severity_WARNING);
    assert_int_equal(alert->subject_seq, court.verdict_seq);
    assert_int_equal(alert->breach_type, TT_breach_type_NONE);
    assert_int_equal(court.alert_keys[0], ETH);
    assert_num(alert->value, "0.1");
    assert_num(alert->limit, "0.55");
    court_close(&court);
}

static void verdicts_are_counted_by_code(void **unused)
{
    (void)unused;
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    (void)court_judge(&court, ETH, &proposal);
    proposal.size = MONEY("9999");
    (void)court_judge(&court, ETH, &proposal);
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    proposal.confidence = RATIO("0");
    (void)court_judge(&court, ETH, &proposal);
    (void)court_judge(&court, ETH, &proposal);
    proposal.stop_loss = PRICE("0");
    (void)court_judge(&court, ETH, &proposal);
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.verdicts, 5);
    assert_int_equal(status.approved, 2);
    assert_int_equal(status.rejected[TT_risk_code_CONFIDENCE_TOO_LOW], 2);
    assert_int_equal(status.rejected[TT_risk_code_STOP_LOSS_REQUIRED], 1);
    court_close(&court);
}

static void status_tells_halt_and_cooldown(void **unused)
{
    (void)unused;
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    tt_risk_status_get(court.risk, &status);
    assert_false(status.halted);
    assert_int_equal(status.cooldown_until.ns, 0);
    court_closed(&court, BTC, "-1");
    court_wait(&court, 10);
    court_closed(&court, BTC, "1");
    court_account(&court, "1");
    tt_risk_status_get(court.risk, &status);
    assert_true(status.halted);
    assert_int_equal(status.cooldown_until.ns, court.now.ns + 590 * TT_NS_PER_S);
    court_close(&court);
}

static void messages_without_instrument_are_refused(void **unused)
{
    (void)unused;
    const tt_topic topics[] = {
        TT_TOPIC_POSITION_UPDATES,
        TT_TOPIC_ORDER_INTENTS,
        TT_TOPIC_EXECUTION_EVENTS,
        TT_TOPIC_INDICATORS,
        TT_TOPIC_MARKET_BAR,
    };
    static const unsigned char zero[TT_PAYLOAD_MAX] __attribute__((aligned(16))) = {0};
    risk_court court;
    court_start(&court);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        tt_bus_topic_stats stats;
        court_say(&court, topics[i], TT_SOURCE_TRADE, INSTRUMENTS, zero);
        tt_bus_topic_stats_get(court.core.bus, topics[i], &stats);
        assert_int_equal(stats.failed, 1);
    }
    court_close(&court);
}

static void a_verdict_that_the_bus_refuses_reserves_nothing(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE("98");
    tt_bus_post post = {
        .topic = TT_TOPIC_TRADE_PROPOSALS,
        .source = TT_SOURCE_COORDINATOR,
        .key = ETH,
        .payload = &proposal,
    };
    tt_bus_begin(court.core.bus, court.now);
    // The outbox of a megabyte is full before its last proposal is judged.
    while (tt_bus_publish(court.core.bus, &post, NULL) == TUTTI_OK) {
    }
    tt_bus_run(court.core.bus);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.verdicts, court.verdict_count);
    assert_true(court.risk->state->entry_count <= status.approved);
    tt_bus_topic_stats stats;
    tt_bus_topic_stats_get(court.core.bus, TT_TOPIC_TRADE_PROPOSALS, &stats);
    assert_true(stats.failed > 0);
    tt_risk_state_check(court.risk->state);
    tt_arena_fini(&court.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_verdict_a_proposal),
        cmocka_unit_test(verdicts_are_counted_by_code),
        cmocka_unit_test(status_tells_halt_and_cooldown),
        cmocka_unit_test(messages_without_instrument_are_refused),
        cmocka_unit_test(a_verdict_that_the_bus_refuses_reserves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
