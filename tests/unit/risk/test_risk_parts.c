/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Budgets: what is reserved for a source of trades, and what that leaves for the others.
 *
 * Covers: risk_budget.c
 */
#include "fixture.h"
#include "model/text.h"

static void reserve(risk_court *court, const char *strategy, const char *amount)
{
    tt_budget_config *row = &court->config.budgets[court->config.budget_count++];
    TT_TEXT_SET(row->strategy, strategy);
    row->amount = MONEY(amount);
}

/* 3000 for the agent that decides, in two rows, and 2000 for the built-in strategy, of 10000. */
static void start(risk_court *court)
{
    court_init(court);
    court->config.has_parts = true;
    reserve(court, "trading_decision", "1000");
    reserve(court, "strategy", "2000");
    reserve(court, "trading_decision", "2000");
    court->config.limits.max_position_pct = RATIO("1000");
    court->config.limits.max_total_exposure_pct = RATIO("1000");
    court->config.limits.max_risk_per_trade_pct = RATIO("100");
    court->config.correlation.max_exposure_pct = RATIO("1000");
    court->config.correlation.warn_exposure_pct = RATIO("1000");
    court->config.breakers.max_drawdown_pct = RATIO("100");
    court->config.breakers.daily_loss_pct = RATIO("100");
    court->config.breakers.weekly_loss_pct = RATIO("100");
    court->config.limits.max_margin_pct = RATIO("100");
    court_open(court);
    court_account(court, "10000");
}

/* A proposal of `size` on a signal of `source`; 0: the coordinator's own. */
static tt_risk_code
judge_at(risk_court *court, tt_source source, uint32_t key, const char *size, uint8_t leverage)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY(size);
    proposal.leverage = leverage;
    if (source != TT_SOURCE_NONE) {
        tt_trading_signal signal = {.action = TT_action_BUY};
        proposal.signal_seq = tt_bus_next_seq(court->core.bus);
        court_say(court, TT_TOPIC_TRADING_SIGNALS, source, key, &signal);
    }
    return court_judge(court, key, &proposal);
}

static tt_risk_code judge(risk_court *court, tt_source source, const char *size)
{
    return judge_at(court, source, ETH, size, 1);
}

/* What a sub-account holds of the position, which `court_position` has told. */
static void
hold(risk_court *court, uint8_t account, tt_source source, uint32_t key, const char *qty)
{
    tt_sub_account_update update = {
        .position_qty = QTY(qty), .account_source = (uint16_t)source, .account = account};
    court_say(court, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, key, &update);
}

static void rows_of_a_source_add_up(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    assert_int_equal(court.risk->parts->budget_count, 2);
    assert_num(court.risk->parts->budgets[0].reserved, "3000");
    assert_num(court.risk->parts->budgets[1].reserved, "2000");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "3000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "3000", "3000");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "3000.1"), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "3000.1", "3000");
    assert_string_equal(
        court.alerts[0].message, "BUDGET: capital in use would be 3000.1, reserved or left 3000");
    court_close(&court);
}

static void others_have_what_is_not_reserved(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "5000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "5000", "5000");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_TA, "5000.1"), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "5000.1", "5000");
    court_account(&court, "4000"); // Less than what is reserved: nothing is left.
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "100"), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "100", "0");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "2000"), TT_risk_code_NONE);
    court_close(&court);
}

static void what_is_held_and_in_flight_is_in_use(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    court_position(&court, BTC, "30", "100");
    hold(&court, 1, TT_SOURCE_AGENT_DECISION, BTC, "10");
    hold(&court, 2, TT_SOURCE_STRATEGY, BTC, "15");
    hold(&court, 0, TT_SOURCE_NONE, BTC, "5");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "800"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "1800", "3000");
    uint64_t order_id = court_intent(&court, ETH); // It waits, and counts.
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "1200.1"), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "3000.1", "3000");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "500"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "2000", "2000");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "500.1"), TT_risk_code_BUDGET);
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "4500"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "5000", "5000"); // What the house holds, and this.
    court_event(&court, ETH, order_id, TT_order_state_SUBMITTED, TT_order_state_CANCELLED, "0");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "2000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "3000", "3000");
    hold(&court, 1, TT_SOURCE_AGENT_DECISION, BTC, "0");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "3000"), TT_risk_code_NONE);
    court_close(&court);
}

/* Margin counts, not notional: of what is held, of what waits, and of the trade. */
static void capital_is_margin(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    tt_position_update update = {
        .qty = QTY("-40"),
        .cost = MONEY("-4000"),
        .mark = PRICE("100"),
        .position_id = 7,
        .leverage = 4,
        .event = TT_position_event_OPENED,
        .side = TT_side_SELL,
    };
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &update);
    hold(&court, 1, TT_SOURCE_STRATEGY, BTC, "-40");
    assert_int_equal(judge_at(&court, TT_SOURCE_STRATEGY, ETH, "2000", 2), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "2000", "2000");
    assert_int_equal(judge_at(&court, TT_SOURCE_STRATEGY, ETH, "2000.2", 2), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "2000.1", "2000");
    court_close(&court);
}

/* A source that found all sub-accounts taken trades for the house: its reservation holds what the
 * house holds. */
static void a_source_without_a_part_is_the_house(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    court_position(&court, BTC, "10", "100");
    hold(&court, 0, TT_SOURCE_NONE, BTC, "10");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "2000"), TT_risk_code_NONE);
    for (uint8_t account = 1; account < TT_SUB_ACCOUNTS_MAX; account++) {
        hold(&court, account, (tt_source)(TT_SOURCE_USER_FIRST + account), BTC, "0");
    }
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "1000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "2000", "2000");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "1000.1"), TT_risk_code_BUDGET);
    tt_sub_account_update strange = {.account = TT_SUB_ACCOUNTS_MAX, .position_qty = QTY("9")};
    court_say(&court, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, BTC, &strange);
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "1000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "2000", "2000");
    court_close(&court);
}

static void closes_and_reductions_need_no_budget(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    court_position(&court, ETH, "50", "100");
    hold(&court, 1, TT_SOURCE_STRATEGY, ETH, "50"); // More than its budget.
    tt_trade_proposal close = {
        .size_multiplier = RATIO("1"), .leverage = 1, .kind = TT_proposal_kind_CLOSE};
    assert_int_equal(court_judge(&court, ETH, &close), TT_risk_code_NONE);
    assert_null(court_row(&court, TT_risk_code_BUDGET));
    court_close(&court);
}

static void endow(risk_court *court, uint8_t account, tt_source source, const char *capital)
{
    tt_sub_account_update update = {
        .initial = MONEY(capital), .account_source = (uint16_t)source, .account = account};
    court_say(court, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, BTC, &update);
}

/* A capital is the limit with all that the part has won and lost; the others share the rest of the
 * equity. A reservation of the same source can only be stricter. */
static void a_capital_is_a_limit_that_follows_its_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    reserve(&court, "trading_decision", "3500");
    court.config.has_capital = true;
    court.config.limits.max_position_pct = RATIO("1000");
    court.config.limits.max_total_exposure_pct = RATIO("1000");
    court.config.limits.max_risk_per_trade_pct = RATIO("100");
    court.config.limits.max_margin_pct = RATIO("100");
    court.config.correlation.max_exposure_pct = RATIO("1000");
    court.config.correlation.warn_exposure_pct = RATIO("1000");
    court.config.breakers.max_drawdown_pct = RATIO("100");
    court.config.breakers.daily_loss_pct = RATIO("100");
    court.config.breakers.weekly_loss_pct = RATIO("100");
    court_open(&court);
    court_account(&court, "10000");
    endow(&court, 1, TT_SOURCE_AGENT_DECISION, "3000");
    endow(&court, 2, TT_SOURCE_STRATEGY, "2000");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "3000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "3000", "3000");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "3000.1"), TT_risk_code_BUDGET);
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "2000.1"), TT_risk_code_BUDGET);
    assert_row(&court, BUDGET, REJECT, "2000.1", "2000");
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "5000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "5000", "5000");
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "5000.1"), TT_risk_code_BUDGET);
    /* It bought 10 for 100 and paid 1; the price is 180 now: 800 are won, 1800 in use. */
    court_position(&court, BTC, "10", "180");
    court_account(&court, "10799");
    tt_sub_account_update update = {
        .initial = MONEY("3000"),
        .cash_flow = MONEY("-1001"),
        .position_qty = QTY("10"),
        .account_source = TT_SOURCE_AGENT_DECISION,
        .account = 1,
    };
    court_say(&court, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, BTC, &update);
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "1700"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "3500", "3500"); // Of 3799; the reservation is stricter.
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "5000"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "5000", "5000"); // What one wins is not the others'.
    /* And falls to 10: 1999 + 100 are left of it, and 100 of that are in use. */
    court_position(&court, BTC, "10", "10");
    court_account(&court, "9099");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "1999"), TT_risk_code_NONE);
    assert_row(&court, BUDGET, PASS, "2099", "2099");
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "1999.1"), TT_risk_code_BUDGET);
    court_close(&court);
}

/* A close or reduction is judged by what its source holds, and what nobody stands for. */
static void a_close_is_of_the_own_part(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "6", "100");
    hold(&court, 1, TT_SOURCE_STRATEGY, ETH, "2");
    hold(&court, 2, TT_SOURCE_PORTFOLIO, ETH, "3");
    hold(&court, 0, TT_SOURCE_NONE, ETH, "1");
    tt_trading_signal signal = {.action = TT_action_CLOSE_LONG};
    tt_trade_proposal close = {
        .signal_seq = tt_bus_next_seq(court.core.bus),
        .size_multiplier = RATIO("1"),
        .leverage = 1,
        .kind = TT_proposal_kind_CLOSE,
        .side = TT_side_SELL,
    };
    court_say(&court, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, ETH, &signal);
    assert_int_equal(court_judge(&court, ETH, &close), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "3");
    hold(&court, 0, TT_SOURCE_NONE, ETH, "0");
    hold(&court, 1, TT_SOURCE_STRATEGY, ETH, "0");
    assert_int_equal(court_judge(&court, ETH, &close), TT_risk_code_NO_POSITION);
    tt_trade_proposal sale = {
        .size = MONEY("500"),
        .size_multiplier = RATIO("1"),
        .leverage = 1,
        .kind = TT_proposal_kind_REBALANCE,
        .side = TT_side_SELL,
    };
    assert_int_equal(court_judge(&court, ETH, &sale), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "3");              // Its own 300 of 600.
    hold(&court, 2, TT_SOURCE_PORTFOLIO, ETH, "-3"); // Against the position: nothing to sell.
    assert_int_equal(court_judge(&court, ETH, &sale), TT_risk_code_NO_POSITION);
    court_close(&court);
}

static void say_command(risk_court *court, tt_command command, tt_source source, const char *amount)
{
    tt_coordinator_command asked = {
        .command = (uint8_t)command,
        .request_id = 7,
        .budget_source = (uint16_t)source,
        .amount = MONEY(amount),
    };
    court_say(court, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &asked);
    assert_int_equal(court->reply.command, command);
    assert_int_equal(court->reply.request_id, 7);
}

static void expect_reply(const risk_court *court, tt_reply_status status, const char *message)
{
    assert_string_equal(court->reply.message, message);
    assert_int_equal(court->reply.status, status);
}

#define RESERVE TT_command_RESERVE_BUDGET
#define RELEASE TT_command_RELEASE_BUDGET
#define DONE    TT_reply_status_DONE
#define REFUSED TT_reply_status_REFUSED

/* 5000 of 10000 are reserved by the configuration. */
static void budgets_are_reserved_and_released_by_command(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "5000.000000000000000001");
    expect_reply(
        &court,
        REFUSED,
        "5000.000000000000000001 cannot be reserved for strategy: 5000.00 is left");
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "5000");
    expect_reply(&court, DONE, "7000 is reserved for strategy now");
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "0.01");
    expect_reply(&court, REFUSED, "0.01 cannot be reserved for portfolio: 0.00 is left");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "7000.01"), TT_risk_code_BUDGET);
    assert_int_equal(judge(&court, TT_SOURCE_PORTFOLIO, "1000"), TT_risk_code_BUDGET);
    // What was released is everybody's, and a part of what is held stays.
    say_command(&court, RELEASE, TT_SOURCE_AGENT_DECISION, "1000.5");
    expect_reply(&court, DONE, "1999.5 is reserved for trading_decision now");
    assert_int_equal(judge(&court, TT_SOURCE_PORTFOLIO, "1000.51"), TT_risk_code_BUDGET);
    assert_int_equal(judge(&court, TT_SOURCE_AGENT_DECISION, "1999.51"), TT_risk_code_BUDGET);
    assert_int_equal(judge(&court, TT_SOURCE_PORTFOLIO, "1000.5"), TT_risk_code_NONE);
    // As much as there is, or more: all; without an amount, too.
    say_command(&court, RELEASE, TT_SOURCE_AGENT_DECISION, "1999.5");
    expect_reply(
        &court, DONE, "all 1999.5 of trading_decision is released: it shares what is left");
    say_command(&court, RELEASE, TT_SOURCE_AGENT_DECISION, "1");
    expect_reply(&court, TT_reply_status_NOT_FOUND, "trading_decision has no budget");
    say_command(&court, RELEASE, TT_SOURCE_STRATEGY, "0");
    expect_reply(&court, DONE, "all 7000 of strategy is released: it shares what is left");
    // With the last one the check is gone.
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "8999.5"), TT_risk_code_NONE);
    assert_null(court_row(&court, TT_risk_code_BUDGET));
    court_close(&court);
}

static void a_budget_is_refused_where_it_cannot_be(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    say_command(&court, RESERVE, TT_SOURCE_NONE, "1");
    expect_reply(&court, TT_reply_status_NOT_FOUND, "no source of trades was named");
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "0");
    expect_reply(&court, REFUSED, "the amount must be above 0");
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "-1");
    expect_reply(&court, REFUSED, "the amount must be above 0");
    say_command(&court, RELEASE, TT_SOURCE_STRATEGY, "-1");
    expect_reply(&court, REFUSED, "the amount must be above 0; without one all is released");
    assert_int_equal(judge(&court, TT_SOURCE_STRATEGY, "2000"), TT_risk_code_NONE);
    court_close(&court);
    court_start(&court); // Nobody says who holds what.
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "1");
    expect_reply(
        &court,
        REFUSED,
        "budgets need account.sub_accounts to be on: risk must know who holds what");
    court_close(&court);
    court_init(&court); // Before the first account state.
    court.config.has_parts = true;
    court_open(&court);
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "1");
    expect_reply(
        &court, REFUSED, "there is no account state yet, so there is no capital to reserve");
    court_close(&court);
}

static void budgets_of_eight_sources_are_the_most(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    for (int i = 2; i < TT_RISK_BUDGETS_MAX; i++) {
        say_command(&court, RESERVE, (tt_source)(TT_SOURCE_PORTFOLIO + i), "1");
        assert_int_equal(court.reply.status, DONE);
    }
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "1");
    expect_reply(&court, REFUSED, "eight sources have a budget: release one of them first");
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "1"); // It has one.
    expect_reply(&court, DONE, "2001 is reserved for strategy now");
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.budget_count, 8);
    assert_int_equal(status.budgets[1].source, TT_SOURCE_STRATEGY);
    assert_num(status.budgets[1].reserved, "2001");
    say_command(&court, RELEASE, TT_SOURCE_AGENT_DECISION, "0");
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "1");
    expect_reply(&court, DONE, "1 is reserved for portfolio now");
    court_close(&court);
}

/* A reservation of a source that has a capital is within that: 5000 of 10000 here. */
static void a_capital_bounds_what_is_reserved_of_it(void **unused)
{
    (void)unused;
    risk_court court;
    start(&court);
    tt_sub_account_update update = {
        .initial = MONEY("5000"), .account_source = TT_SOURCE_PORTFOLIO, .account = 1};
    court_say(&court, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, ETH, &update);
    say_command(&court, RESERVE, TT_SOURCE_STRATEGY, "0.01");
    expect_reply(&court, REFUSED, "0.01 cannot be reserved for strategy: 0.00 is left");
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "5000.01");
    expect_reply(&court, REFUSED, "5000.01 cannot be reserved for portfolio: 5000.00 is left");
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "4000");
    say_command(&court, RESERVE, TT_SOURCE_PORTFOLIO, "1000.01");
    expect_reply(&court, REFUSED, "1000.01 cannot be reserved for portfolio: 1000.00 is left");
    court_close(&court);
}

static void without_budgets_there_is_no_row(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge(&court, TT_SOURCE_NONE, "1000"), TT_risk_code_NONE);
    assert_null(court_row(&court, TT_risk_code_BUDGET));
    court_close(&court);
}

static void expect_refused(risk_court *court, const char *message)
{
    tt_error error = {0};
    tutti_status status = tt_risk_config_check(&court->config, &court->instruments, &error);
    assert_int_equal(status, TUTTI_INVALID);
    assert_string_equal(error.message, message);
}

static void rows_are_checked(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    reserve(&court, "trading_decision", "0.01");
    reserve(&court, "", "1");
    expect_refused(&court, "risk.budgets[1]: '' is no source of trades");
    court.config.budget_count = 1;
    reserve(&court, "somebody", "1");
    expect_refused(&court, "risk.budgets[1]: 'somebody' is no source of trades");
    court.config.budget_count = 1;
    reserve(&court, "portfolio", "0");
    expect_refused(&court, "risk.budgets[1]: amount must be above 0");
    court.config.budgets[1].amount = MONEY("1");
    tt_error error = {0};
    assert_int_equal(tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_OK);
    court.config.budget_count = TT_RISK_BUDGETS_MAX + 1;
    assert_int_equal(tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_source_add_up),
        cmocka_unit_test(others_have_what_is_not_reserved),
        cmocka_unit_test(what_is_held_and_in_flight_is_in_use),
        cmocka_unit_test(capital_is_margin),
        cmocka_unit_test(a_source_without_a_part_is_the_house),
        cmocka_unit_test(closes_and_reductions_need_no_budget),
        cmocka_unit_test(a_capital_is_a_limit_that_follows_its_equity),
        cmocka_unit_test(a_close_is_of_the_own_part),
        cmocka_unit_test(budgets_are_reserved_and_released_by_command),
        cmocka_unit_test(a_budget_is_refused_where_it_cannot_be),
        cmocka_unit_test(budgets_of_eight_sources_are_the_most),
        cmocka_unit_test(a_capital_bounds_what_is_reserved_of_it),
        cmocka_unit_test(without_budgets_there_is_no_row),
        cmocka_unit_test(rows_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
