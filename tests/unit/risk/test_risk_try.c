/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The short way of an entry that passes, beside all checks: the same verdicts, and none that rests
 * on what was ready before a change. That every handler counts its changes is asked behind each
 * message of all tests of the module (court_say).
 */
#include "fixture.h"

#include <string.h>

/* Whether risk judges the proposal by what is ready. */
static bool is_plain(risk_court *court, const tt_trade_proposal *proposal)
{
    tt_risk_trial trial = {
        .ready = &court->risk->ready[ETH - 1],
        .proposal = proposal,
        .verdict = &court->risk->verdict,
        .now = court->now,
        .market_price = PRICE("100"),
    };
    return trial.ready->plain.is_possible && tt_risk_pass_plainly(&trial);
}

/* The bytes of a verdict up to the end of its list. */
static size_t used_size(const tt_risk_verdict *verdict)
{
    return tt_layout_used_size(&tt_layout_risk_verdict, verdict);
}

/* Judges twice on the same state: as it comes, and with nothing ready. */
static void expect_the_same(risk_court *court, const tt_trade_proposal *proposal, bool is_short)
{
    static tt_risk_verdict first; // Too large for a frame.
    tt_risk_trial trial;
    tt_bus_begin(court->core.bus, court->now);
    tt_risk_ready_check(court->risk);
    assert_int_equal(is_plain(court, proposal), is_short);
    memset(&court->risk->verdict, 0x5a, sizeof court->risk->verdict);
    tt_risk_try(court->risk, ETH, proposal, &trial);
    first = court->risk->verdict;
    assert_int_equal(trial.symbol_index, ETH - 1);
    assert_true(trial.opens);
    court->risk->ready[ETH - 1].plain.is_possible = false;
    memset(&court->risk->verdict, 0xa5, sizeof court->risk->verdict);
    tt_risk_try(court->risk, ETH, proposal, &trial);
    assert_int_equal(used_size(&first), used_size(&court->risk->verdict));
    assert_memory_equal(&first, &court->risk->verdict, used_size(&first));
    tt_risk_changed(court->risk);
    tt_bus_run(court->core.bus);
}

static tt_trade_proposal at_market(void)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("0");
    proposal.size_pct = RATIO("2.5");
    proposal.entry_price = PRICE("0");
    proposal.size_reduction_pct = RATIO("50");
    proposal.size_multiplier = RATIO("0.25");
    return proposal;
}

static void say_quote(risk_court *court)
{
    const tt_quote quote = {.bid = PRICE("99.9"), .ask = PRICE("100.1")};
    court_say(court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, ETH, &quote);
}

static void both_ways_say_the_same(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court);
    tt_trade_proposal proposal = good_proposal();
    expect_the_same(&court, &proposal, true);
    proposal = at_market();
    expect_the_same(&court, &proposal, true);
    proposal.side = TT_side_SELL;
    proposal.stop_loss = PRICE("102");
    proposal.take_profit = PRICE("96");
    proposal.ta_confidence = RATIO("0.8");
    proposal.sentiment_confidence = RATIO("0.7");
    expect_the_same(&court, &proposal, true);
    court_position(&court, ADA, "1", "100"); // Correlated: it is in the facts.
    expect_the_same(&court, &proposal, true);
    court_close(&court);
}

/* Each is refused, clamped, warned about, or has too many digits: the checks say so. */
static void what_is_not_plain_goes_to_the_checks(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court);
    tt_trade_proposal cases[12];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cases[i] = at_market();
    }
    cases[0].size_pct = RATIO("90");
    cases[0].size_multiplier = RATIO("1");
    cases[1].size_reduction_pct = RATIO("50.5");
    cases[2].size_multiplier = RATIO("0.1234567");
    cases[3].stop_loss = PRICE("99.99");
    cases[4].take_profit = PRICE("0");
    cases[5].leverage = 100;
    cases[6].confidence = RATIO("0.1");
    cases[7].is_opposed = 1;
    cases[8].ta_confidence = RATIO("0.9");
    cases[8].sentiment_confidence = RATIO("0.1");
    cases[9].size_pct = RATIO("0.001");
    cases[10].hold_reduction_pct = RATIO("-1");
    cases[11].side = TT_side_NONE;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_the_same(&court, &cases[i], false);
    }
    court_close(&court);
}

/* A level that is not there is not one at 0, even where that would be near enough. */
static void no_level_is_no_level_at_zero(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_stop_pct = RATIO("100");
    court.config.limits.require_stop_loss = false;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("100");
    proposal.stop_loss = PRICE("0.01");
    proposal.take_profit = PRICE("400");
    expect_the_same(&court, &proposal, true);
    proposal.stop_loss = PRICE("0");
    expect_the_same(&court, &proposal, false);
    proposal.side = TT_side_SELL;
    proposal.stop_loss = PRICE("102");
    proposal.take_profit = PRICE("0.01");
    expect_the_same(&court, &proposal, true);
    proposal.take_profit = PRICE("0");
    expect_the_same(&court, &proposal, false);
    court_close(&court);
}

/* What the last approval has bound is taken off for the next one, within the same second. */
static void an_approval_counts_for_the_next(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    const tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    (void)court_intent(&court, ETH);
    assert_int_equal(court.risk->verdict.entries_today, 0);
    assert_num(court.risk->verdict.position_used, "0");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.risk->verdict.position_used, "1000");
    assert_num(court.risk->verdict.exposure_used, "1000");
    assert_int_equal(court.risk->verdict.entries_today, 1);
    court_close(&court);
}

/* An entry whose order never came takes no room in the next step. */
static void what_nobody_claims_is_given_back(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    const tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.risk->verdict.position_used, "0");
    court_close(&court);
}

static void a_new_day_counts_from_nothing(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    (void)court_intent(&court, ETH);
    court_wait_until(&court, "2024-03-13T23:59:59Z");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.risk->verdict.entries_today, 1);
    (void)court_intent(&court, ETH);
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.risk->verdict.entries_today, 0);
    court_close(&court);
}

/* Time alone may stop an entry: a lock has been there, a price has aged. */
static void time_is_asked_of_every_entry(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_quote(&court);
    const tt_trade_proposal proposal = at_market();
    expect_the_same(&court, &proposal, true);
    court_wait(&court, court.config.limits.max_price_age.ns / TT_NS_PER_S + 1);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    say_quote(&court);
    expect_the_same(&court, &proposal, true);
    court_close(&court);
}

/* With fresh data asked for, a price of its own is no reason to look away from the market's. */
static void an_old_market_stops_an_entry_at_a_price(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.require_fresh_data = true;
    court_open(&court);
    court_account(&court, "10000");
    const tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    say_quote(&court);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_wait(&court, court.config.limits.max_price_age.ns / TT_NS_PER_S + 1);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_say_the_same),
        cmocka_unit_test(what_is_not_plain_goes_to_the_checks),
        cmocka_unit_test(no_level_is_no_level_at_zero),
        cmocka_unit_test(an_approval_counts_for_the_next),
        cmocka_unit_test(what_nobody_claims_is_given_back),
        cmocka_unit_test(a_new_day_counts_from_nothing),
        cmocka_unit_test(time_is_asked_of_every_entry),
        cmocka_unit_test(an_old_market_stops_an_entry_at_a_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
