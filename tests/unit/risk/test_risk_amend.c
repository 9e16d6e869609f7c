/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Amends of entries: judged without the order itself, counted with the worse of both values.
 */
#include "fixture.h"

/* An entry of 15 ETH at 100, acknowledged; the position limit is 2000. */
static uint64_t open_entry(risk_court *court)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("1500");
    proposal.entry_price = PRICE("100");
    court_start(court);
    assert_int_equal(court_judge(court, ETH, &proposal), TT_risk_code_NONE);
    uint64_t order = court_intent(court, ETH);
    court_event(court, ETH, order, TT_order_state_NEW, TT_order_state_SUBMITTED, "0");
    return order;
}

static tt_trade_proposal
amend_of(uint64_t order, const char *qty, const char *price, const char *size)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.confidence = RATIO("1");
    proposal.regime = TT_regime_UNKNOWN;
    proposal.size = MONEY(size);
    proposal.entry_price = PRICE(price);
    proposal.amended_order_id = order;
    proposal.amended_qty = QTY(qty);
    return proposal;
}

static tt_risk_code
judge_amend(risk_court *court, uint64_t order, const char *qty, const char *price, const char *size)
{
    tt_trade_proposal proposal = amend_of(order, qty, price, size);
    return court_judge(court, ETH, &proposal);
}

static void assert_pending(const risk_court *court, const char *notional)
{
    assert_num(court->risk->state->symbols[ETH - 1].pending, notional);
    assert_num(court->risk->state->pending, notional);
    assert_num(court->risk->state->pending_margin, notional);
    tt_risk_state_check(court->risk->state);
}

static void answer(risk_court *court, uint64_t order, tt_execution_event_type type, const char *qty)
{
    tt_execution_event event = {
        .qty = QTY(qty),
        .price = PRICE("100"),
        .order_id = order,
        .event = (uint8_t)type,
        .old_state = TT_order_state_SUBMITTED,
        .new_state = TT_order_state_SUBMITTED,
        .role = TT_order_role_ENTRY,
    };
    court_say(court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, ETH, &event);
}

static void the_order_itself_does_not_count_twice(void **unused)
{
    (void)unused;
    risk_court court;
    uint64_t order = open_entry(&court);
    uint32_t entries = court.risk->state->entries_today;
    assert_int_equal(judge_amend(&court, order, "20", "100", "2000"), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    assert_num(court.verdict.qty, "20");
    assert_num(court.verdict.exposure_pct, "0");
    assert_row(&court, SIZE_REDUCED, PASS, "2000", "2000");
    /* From the approval on the worse counts; it is no further trade of the day. */
    assert_pending(&court, "2000");
    assert_int_equal(court.risk->state->entry_count, 1);
    assert_int_equal(court.risk->state->entries_today, entries);
    answer(&court, order, TT_execution_event_type_ORDER_AMENDED, "20");
    assert_pending(&court, "2000");
    court_event(&court, ETH, order, TT_order_state_SUBMITTED, TT_order_state_CANCELLED, "0");
    assert_pending(&court, "0");
    court_close(&court);
}

static void what_is_clamped_binds_nothing(void **unused)
{
    (void)unused;
    risk_court court;
    uint64_t order = open_entry(&court);
    assert_int_equal(judge_amend(&court, order, "20.001", "100", "2000.1"), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    assert_pending(&court, "1500");
    court.risk->state->is_killed = 1;
    tt_risk_changed(court.risk);
    assert_int_equal(judge_amend(&court, order, "16", "100", "1600"), TT_risk_code_TRADING_HALTED);
    assert_pending(&court, "1500");
    court_close(&court);
}

static void a_refused_or_lost_amend_gives_back_what_it_bound(void **unused)
{
    (void)unused;
    const tt_execution_event_type ends[] = {
        TT_execution_event_type_ORDER_AMEND_REJECTED, TT_execution_event_type_ORDER_AMEND_LOST};
    risk_court court;
    uint64_t order = open_entry(&court);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        assert_int_equal(judge_amend(&court, order, "18", "100", "1800"), TT_risk_code_NONE);
        assert_pending(&court, "1800");
        /* Fills take nothing off what the amend would still be worth. */
        court_event(
            &court, ETH, order, TT_order_state_SUBMITTED, TT_order_state_PARTIALLY_FILLED, "0.001");
        assert_pending(&court, "1800");
        answer(&court, order, ends[i], "15");
        assert_pending(&court, "1500");
    }
    court_close(&court);
}

static void a_cut_counts_when_it_is_in_force(void **unused)
{
    (void)unused;
    risk_court court;
    uint64_t order = open_entry(&court);
    answer(&court, order, TT_execution_event_type_ORDER_AMENDING, "15");
    assert_pending(&court, "1500");
    answer(&court, order, TT_execution_event_type_ORDER_AMENDED, "4");
    assert_pending(&court, "400");
    court_close(&court);
}

/* Where the account says that no margin is free there may be less than none: the margin of the
 * order itself must not make room. */
static void margin_that_is_gone_is_not_lent(void **unused)
{
    (void)unused;
    risk_court court;
    uint64_t order = open_entry(&court);
    tt_account_update update = {
        .initial = MONEY("10000"),
        .balance = MONEY("10000"),
        .equity = MONEY("10000"),
        .pending_exposure = MONEY("1500"),
        .margin_available = MONEY("100"),
    };
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(judge_amend(&court, order, "15", "99", "1485"), TT_risk_code_NONE);
    assert_num(court.risk->state->account.margin_available, "100");
    assert_num(court.risk->state->account.pending_exposure, "1500");
    update.margin_available = MONEY("0");
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    answer(&court, order, TT_execution_event_type_ORDER_AMEND_REJECTED, "15");
    assert_int_equal(
        judge_amend(&court, order, "15", "99", "1485"), TT_risk_code_INSUFFICIENT_MARGIN);
    court_close(&court);
}

/* An order that risk does not follow is judged as if it were all new. */
static void an_order_that_is_not_followed_counts_in_full(void **unused)
{
    (void)unused;
    risk_court court;
    (void)open_entry(&court);
    assert_int_equal(judge_amend(&court, 4711, "6", "100", "600"), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    assert_row(&court, SIZE_REDUCED, CLAMP, "2100", "2000");
    assert_pending(&court, "1500");
    court_close(&court);
}

static void the_regime_is_that_of_the_order(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.leverage.trending_bull = 3;
    court.config.leverage.unknown = 1;
    court.config.limits.max_leverage.d = num("3");
    for (uint32_t i = 0; i < court.instruments.count; i++) {
        court.instruments.list[i].max_leverage.d = num("3");
    }
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal(); // Of a bull market.
    proposal.size = MONEY("1500");
    proposal.entry_price = PRICE("100");
    proposal.leverage = 3;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.leverage_after, 3);
    uint64_t order = court_intent(&court, ETH);
    proposal = amend_of(order, "16", "100", "1600");
    proposal.leverage = 3;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    assert_int_equal(court.verdict.leverage_after, 3);
    court_close(&court);
}

static void the_count_of_trades_is_not_asked(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_trades_per_day = 1;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("1500");
    proposal.entry_price = PRICE("100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    uint64_t order = court_intent(&court, ETH);
    assert_int_equal(judge_amend(&court, order, "16", "100", "1600"), TT_risk_code_NONE);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADE_COUNT);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_itself_does_not_count_twice),
        cmocka_unit_test(what_is_clamped_binds_nothing),
        cmocka_unit_test(a_refused_or_lost_amend_gives_back_what_it_bound),
        cmocka_unit_test(a_cut_counts_when_it_is_in_force),
        cmocka_unit_test(margin_that_is_gone_is_not_lent),
        cmocka_unit_test(an_order_that_is_not_followed_counts_in_full),
        cmocka_unit_test(the_regime_is_that_of_the_order),
        cmocka_unit_test(the_count_of_trades_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
