/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a refusal says.
 */
#include "fixture.h"

static void expect_message(risk_court *court, tt_trade_proposal proposal, const char *message)
{
    court_forget(court);
    (void)court_judge(court, ETH, &proposal);
    assert_int_equal(court->alert_count, 1);
    assert_string_equal(court->alerts[0].message, message);
    assert_int_equal(court->alerts[0].code, court->verdict.code);
}

static void refusals_of_a_proposal_say_why(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE("99.75");
    expect_message(&court, proposal, "STOP_TOO_TIGHT: stop distance is 0.25 %, least 0.5 %");
    proposal.stop_loss = PRICE("90");
    expect_message(&court, proposal, "STOP_TOO_WIDE: stop distance is 10 %, most 5 %");
    proposal.stop_loss = PRICE("0");
    expect_message(&court, proposal, "STOP_LOSS_REQUIRED: an entry needs a stop_loss");
    proposal = good_proposal();
    proposal.take_profit = PRICE("101");
    expect_message(&court, proposal, "LOW_RR: reward over risk is 0.5, least 1.5");
    proposal = good_proposal();
    proposal.confidence = RATIO("0.5");
    expect_message(&court, proposal, "CONFIDENCE_TOO_LOW: confidence is 0.5, least 0.55");
    proposal = good_proposal();
    proposal.size = MONEY("4.99");
    expect_message(
        &court, proposal, "SIZE_TOO_SMALL: after all cuts the order would be 4.9, least 5");
    proposal = good_proposal();
    proposal.entry_price = PRICE("0");
    expect_message(
        &court,
        proposal,
        "NO_PRICE: no fresh price of the symbol; age of the last in seconds is 0, limit 300");
    tt_trade_proposal close = {.kind = TT_proposal_kind_CLOSE};
    expect_message(&court, close, "NO_POSITION: no position is open that this would reduce");
    court_close(&court);
}

static void refusals_by_the_state_say_why(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, SOL, "75", "100");
    expect_message(&court, good_proposal(), "EXPOSURE_LIMIT: exposure would be 8500, limit 8000");
    court_position(&court, SOL, "0", "100");
    court_closed(&court, BTC, "-1");
    expect_message(
        &court, good_proposal(), "IN_COOLDOWN: seconds of cooldown left: 600 (post_loss)");
    court_wait(&court, 600);
    court_account(&court, "7900");
    expect_message(
        &court,
        good_proposal(),
        "TRADING_HALTED: halted by the drawdown breaker until risk is reset; drawdown is 21 %, "
        "limit 20 %");
    court_close(&court);
}

static void many_reasons_are_cut_at_the_end_of_the_field(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = {.entry_price = PRICE("-1"), .kind = TT_proposal_kind_ENTRY};
    (void)court_judge(&court, ETH, &proposal);
    assert_row(&court, INVALID_PROPOSAL, REJECT, "5", "0");
    const char *message = court.alerts[0].message;
    assert_int_equal(strlen(message), sizeof court.alerts[0].message - 1);
    assert_non_null(strstr(message, "side must be buy or sell; size or size_pct"));
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_of_a_proposal_say_why),
        cmocka_unit_test(refusals_by_the_state_say_why),
        cmocka_unit_test(many_reasons_are_cut_at_the_end_of_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
