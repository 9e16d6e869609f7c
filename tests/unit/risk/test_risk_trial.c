/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The order of the checks, and what a verdict holds.
 */
#include "../../lib/config_defaults.h"
#include "fixture.h"

static const tt_risk_code ORDER[] = {
    TT_risk_code_INVALID_PROPOSAL,
    TT_risk_code_TRADING_HALTED,
    TT_risk_code_IN_COOLDOWN,
    TT_risk_code_NO_EQUITY,
    TT_risk_code_NO_PRICE,
    TT_risk_code_UNRESOLVED_ORDER,
    TT_risk_code_MAX_POSITIONS,
    TT_risk_code_STOP_LOSS_REQUIRED,
    TT_risk_code_STOP_TOO_TIGHT,
    TT_risk_code_STOP_TOO_WIDE,
    TT_risk_code_LOW_RR,
    TT_risk_code_CONFIDENCE_TOO_LOW,
    TT_risk_code_AGENT_DISAGREEMENT,
    TT_risk_code_SIZE_ADVISED,
    TT_risk_code_SIZE_REDUCED,
    TT_risk_code_RISK_PER_TRADE,
    TT_risk_code_SIZE_REDUCED_LOSSES,
    TT_risk_code_VOLATILITY_SPIKE,
    TT_risk_code_LEVERAGE_REDUCED,
    TT_risk_code_SIZE_TOO_SMALL,
    TT_risk_code_EXPOSURE_LIMIT,
    TT_risk_code_CORRELATED_EXPOSURE,
    TT_risk_code_INSUFFICIENT_MARGIN,
    TT_risk_code_CIRCUIT_BREAKER,
};
#define ORDER_COUNT (sizeof ORDER / sizeof ORDER[0])

static void an_approval_holds_every_check(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.count, ORDER_COUNT);
    for (size_t i = 0; i < ORDER_COUNT; i++) {
        assert_int_equal(court.verdict.checks[i].code, ORDER[i]);
        assert_int_not_equal(court.verdict.checks[i].outcome, TT_check_outcome_REJECT);
    }
    court_close(&court);
}

static void an_approval_repeats_the_proposal(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    const tt_verdict_view *verdict = &court.verdict;
    assert_int_equal(verdict->status, TT_verdict_APPROVED);
    assert_int_equal(verdict->kind, TT_proposal_kind_ENTRY);
    assert_int_equal(verdict->side, TT_side_BUY);
    assert_num(verdict->size_before, "1000");
    assert_num(verdict->size_after, "1000");
    assert_num(verdict->qty, "10");
    assert_num(verdict->reference_price, "100");
    assert_num(verdict->entry_price, "100");
    assert_num(verdict->stop_loss, "98");
    assert_num(verdict->take_profit, "104");
    assert_num(verdict->equity, "10000");
    assert_num(verdict->margin_available, "10000");
    assert_num(verdict->exposure_pct, "0");
    assert_num(verdict->risk_per_trade_pct, "0.2"); // 2 % of 1000 in 10000
    assert_int_equal(verdict->leverage_before, 1);
    assert_int_equal(verdict->leverage_after, 1);
    court_close(&court);
}

/* More than the share that its proposer accepts unseen: held, and nothing is reserved for it. */
static void a_proposal_may_be_held(void **unused)
{
    (void)unused;
    static const struct {
        const char *size;
        const char *reduction;
        uint8_t leverage;
        tt_verdict status;
    } rows[] = {
        {"1000", "0", 1, TT_verdict_APPROVED},
        {"4000", "0", 1, TT_verdict_MODIFIED}, // To 2000, exactly half.
        {"4000.01", "0", 1, TT_verdict_HELD},
        {"4000.01", "60", 1, TT_verdict_MODIFIED}, // What an arbiter took is not risk's doing.
        {"1000", "0", 4, TT_verdict_MODIFIED},     // Ranging: to 2.
        {"1000", "0", 5, TT_verdict_HELD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        risk_court court;
        court_start(&court);
        tt_trade_proposal proposal = good_proposal();
        proposal.regime = TT_regime_RANGING;
        proposal.size = MONEY(rows[i].size);
        proposal.size_reduction_pct = RATIO(rows[i].reduction);
        proposal.leverage = rows[i].leverage;
        proposal.hold_reduction_pct = RATIO("50");
        assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
        assert_int_equal(court.verdict.status, rows[i].status);
        if (rows[i].status == TT_verdict_HELD) {
            // The same again, accepted as it is: all of the room is still there.
            proposal.hold_reduction_pct = RATIO("0");
            assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
            assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
            assert_num(court.verdict.exposure_pct, "0");
        }
        court_close(&court);
    }
}

static void percentages_are_shown_beyond_the_fast_way(void **unused)
{
    (void)unused;
    const struct {
        const char *equity;
        const char *exposure;
        const char *percent;
    } rows[] = {
        {"30000", "10000", "33.333333"},
        {"3000000000000", "1000000000000", "33.333333"},
        {"3000000000000", "1000000000000.5", "33.33333333335"},
        {"0.000000000000000001", "1000000000000", "10000000000000"},
        {"0.000000000000000001", "900000000000000000", "10000000000000"},
    };
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_risk_account *account = &court.risk->state->account;
        account->equity = account->peak = account->trough = MONEY(rows[i].equity);
        account->exposure = MONEY(rows[i].exposure);
        tt_risk_changed(court.risk);
        (void)court_judge(&court, ETH, &proposal);
        assert_num(court.verdict.exposure_pct, rows[i].percent);
    }
    tt_arena_fini(&court.arena);
}

/* Each breaks what one check looks at, and nothing that an earlier one does. */
static void no_leverage(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->leverage = 0;
}

static void halted(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->breached[TT_breach_type_MAX_DRAWDOWN] = true;
}

static void resting(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    tt_risk_lock lock = {
        .until.ns = court->now.ns + TT_NS_PER_DAY, .reason = TT_lock_reason_POST_TRADE};
    assert_true(tt_risk_lock_begin(&court->risk->state->locks, &lock, court->now));
}

static void no_account(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->account.is_known = false;
}

static void no_price(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->entry_price = PRICE("0");
}

static void unknown_order(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->symbols[ETH - 1].unknown_orders = 1;
}

static void no_place(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->config.limits.max_open_positions = 0;
}

static void no_stop(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->stop_loss = PRICE("0");
}

static void tight_stop(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->tables->millionths.stop_min = 50000000;
}

static void wide_stop(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->tables->symbols[ETH - 1].stop_max = 100000;
}

static void near_target(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->take_profit = PRICE("100.1");
}

static void no_confidence(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->confidence = RATIO("0");
}

static void tiny_size(risk_court *court, tt_trade_proposal *proposal)
{
    (void)court;
    proposal->size = MONEY("1");
}

static void much_exposure(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->account.exposure = MONEY("7999.9");
}

static void much_correlated(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court_position(court, ADA, "1", "100");
    court->risk->tables->correlation[ETH - 1][ADA - 1] = RATIO("1");
    court->risk->tables->shares.correlated = RATIO("0.01");
    court->risk->state->limits.is_valid = false;
}

static void little_margin(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->account.margin_available = MONEY("0.5");
}

static void lost_day(risk_court *court, tt_trade_proposal *proposal)
{
    (void)proposal;
    court->risk->state->breached[TT_breach_type_DAILY_LOSS] = true;
}

static const struct {
    tt_risk_code code;
    void (*break_it)(risk_court *court, tt_trade_proposal *proposal);
} REFUSING[] = {
    {TT_risk_code_INVALID_PROPOSAL, no_leverage},
    {TT_risk_code_TRADING_HALTED, halted},
    {TT_risk_code_IN_COOLDOWN, resting},
    {TT_risk_code_NO_EQUITY, no_account},
    {TT_risk_code_NO_PRICE, no_price},
    {TT_risk_code_UNRESOLVED_ORDER, unknown_order},
    {TT_risk_code_MAX_POSITIONS, no_place},
    {TT_risk_code_STOP_LOSS_REQUIRED, no_stop},
    {TT_risk_code_STOP_TOO_TIGHT, tight_stop},
    {TT_risk_code_STOP_TOO_WIDE, wide_stop},
    {TT_risk_code_LOW_RR, near_target},
    {TT_risk_code_CONFIDENCE_TOO_LOW, no_confidence},
    {TT_risk_code_SIZE_TOO_SMALL, tiny_size},
    {TT_risk_code_EXPOSURE_LIMIT, much_exposure},
    {TT_risk_code_CORRELATED_EXPOSURE, much_correlated},
    {TT_risk_code_INSUFFICIENT_MARGIN, little_margin},
    {TT_risk_code_CIRCUIT_BREAKER, lost_day},
};
#define REFUSING_COUNT (sizeof REFUSING / sizeof REFUSING[0])

static size_t place_of(tt_risk_code code)
{
    for (size_t i = 0; i < ORDER_COUNT; i++) {
        if (ORDER[i] == code) {
            return i;
        }
    }
    fail();
    return 0;
}

/* A proposal that breaks one check is refused there, and the verdict ends with that row. */
static void each_check_refuses_at_its_place(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < REFUSING_COUNT; i++) {
        risk_court court;
        court_start(&court);
        tt_trade_proposal proposal = good_proposal();
        REFUSING[i].break_it(&court, &proposal);
        court_changed(&court);
        assert_int_equal(court_judge(&court, ETH, &proposal), REFUSING[i].code);
        assert_int_equal(court.verdict.count, place_of(REFUSING[i].code) + 1);
        size_t last = court.verdict.count - 1u;
        assert_int_equal(court.verdict.checks[last].outcome, TT_check_outcome_REJECT);
        assert_num(court.verdict.qty, "0");
        assert_num(court.verdict.size_after, "0");
        assert_int_equal(court.verdict.leverage_after, 0);
        tt_arena_fini(&court.arena);
    }
}

/* One that breaks two is refused by the earlier. */
static void the_first_refusal_wins(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < REFUSING_COUNT; i++) {
        for (size_t k = i + 1; k < REFUSING_COUNT; k++) {
            risk_court court;
            court_start(&court);
            tt_trade_proposal proposal = good_proposal();
            REFUSING[k].break_it(&court, &proposal);
            REFUSING[i].break_it(&court, &proposal);
            court_changed(&court);
            assert_int_equal(court_judge(&court, ETH, &proposal), REFUSING[i].code);
            tt_arena_fini(&court.arena);
        }
    }
}

static void halts_are_told_apart_from_refusals(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < REFUSING_COUNT; i++) {
        risk_court court;
        court_start(&court);
        tt_trade_proposal proposal = good_proposal();
        REFUSING[i].break_it(&court, &proposal);
        court_changed(&court);
        (void)court_judge(&court, ETH, &proposal);
        bool is_halt = REFUSING[i].code == TT_risk_code_TRADING_HALTED ||
                       REFUSING[i].code == TT_risk_code_CIRCUIT_BREAKER;
        assert_int_equal(court.verdict.status, is_halt ? TT_verdict_HALTED : TT_verdict_REJECTED);
        tt_arena_fini(&court.arena);
    }
}

/* What is configured has its row, in its place; what is not has none. */
static void configured_checks_stand_in_their_place(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.protection_count = 1;
    TT_TEST_DEFAULTS(protection, &court.config.protections[0]);
    court.config.window_count = 1;
    TT_TEXT_SET(court.config.windows[0].from, "03:00");
    TT_TEXT_SET(court.config.windows[0].to, "04:00");
    court.config.limits.max_trades_per_day = 10;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.count, ORDER_COUNT + 3);
    assert_int_equal(court.verdict.checks[2].code, TT_risk_code_IN_COOLDOWN);
    assert_int_equal(court.verdict.checks[3].code, TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(court.verdict.checks[4].code, TT_risk_code_ENTRY_WINDOW);
    assert_int_equal(court.verdict.checks[5].code, TT_risk_code_TRADE_COUNT);
    assert_int_equal(court.verdict.checks[6].code, TT_risk_code_NO_EQUITY);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configured_checks_stand_in_their_place),
        cmocka_unit_test(an_approval_holds_every_check),
        cmocka_unit_test(an_approval_repeats_the_proposal),
        cmocka_unit_test(a_proposal_may_be_held),
        cmocka_unit_test(percentages_are_shown_beyond_the_fast_way),
        cmocka_unit_test(each_check_refuses_at_its_place),
        cmocka_unit_test(the_first_refusal_wins),
        cmocka_unit_test(halts_are_told_apart_from_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
