/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sub-accounts: the parts sum to the whole. The fixture asserts all sums after every step.
 */
#include "base/random.h"
#include "fixture.h"

#include <stdio.h>

/* An entry of a source: the chain that leads back to its signal. */
static uint64_t enter(fixture *f, tt_source source, tt_side side, const char *qty)
{
    tt_trading_signal signal = {.action = side == TT_side_BUY ? TT_action_BUY : TT_action_SELL};
    tt_bus_post post = {
        .topic = TT_TOPIC_TRADING_SIGNALS,
        .source = (uint16_t)source,
        .key = 1,
        .payload = &signal};
    tt_trade_proposal proposal = {.side = (uint8_t)side};
    tt_risk_verdict verdict = {
        .qty = {dec(qty)},
        .reference_price = {dec("100")},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = (uint8_t)side,
        .leverage_after = 1,
    };
    tt_bus_begin(f->core.bus, f->now);
    assert_int_equal(tt_bus_publish(f->core.bus, &post, &proposal.signal_seq), TUTTI_OK);
    tt_bus_run(f->core.bus);
    verdict.proposal_seq = step(f, TT_TOPIC_TRADE_PROPOSALS, 1, &proposal);
    step(f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
    return sent_intent(f, TT_order_role_ENTRY)->order_id;
}

static const tt_sub_account *sub(const fixture *f, uint32_t number)
{
    return &f->trade->sub_accounts->list[number];
}

static void two_sources_hold_against_each_other(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 1, "1", "100");
    assert_int_equal(sub(f, 1)->source, TT_SOURCE_STRATEGY);
    /* The reduction of the account takes the part of the other source: its position is closed. */
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_SELL, "1"), 2, "1", "110");
    assert_int_equal(sub(f, 2)->source, TT_SOURCE_AGENT_DECISION);
    assert_dec(sub(f, 1)->positions[0].qty.d, "0");
    assert_dec(sub(f, 1)->realized_pnl.d, "10");
    /* More than is held: the rest is that of the order. */
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 3, "1", "100");
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_SELL, "3"), 4, "3", "120");
    assert_dec(sub(f, 1)->realized_pnl.d, "30");
    assert_dec(sub(f, 2)->positions[0].qty.d, "-2");
    assert_dec(sub(f, 2)->positions[0].cost.d, "-240");
}

static void a_reduction_takes_the_own_part_first(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "2"), 1, "2", "100");
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_BUY, "1"), 2, "1", "130");
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_SELL, "1.5"), 3, "1.5", "140");
    assert_dec(sub(f, 2)->positions[0].qty.d, "0");
    assert_dec(sub(f, 2)->realized_pnl.d, "10");
    assert_dec(sub(f, 1)->positions[0].qty.d, "1.5");
    assert_dec(sub(f, 1)->realized_pnl.d, "20");
}

static void funding_is_shared_by_quantity(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 1, "1", "100");
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_BUY, "2"), 2, "2", "100");
    const tt_funding_payment payment = {
        .amount = {dec("-0.000000000000000001")}, .venue_time = {FIXTURE_START_NS}};
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &payment);
    /* Two thirds of the last digit round up to one; nothing is left, and nothing is lost. */
    assert_dec(sub(f, 1)->funding.d, "0");
    assert_dec(sub(f, 2)->funding.d, "-0.000000000000000001");
    assert_dec(sub(f, 0)->funding.d, "0");
}

/* Three equal parts of one last digit: each rounds to nothing, and the house bears the digit. */
static void the_house_bears_what_rounding_leaves(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 1, "1", "100");
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_BUY, "1"), 2, "1", "100");
    fill(f, enter(f, TT_SOURCE_OPERATOR, TT_side_BUY, "1"), 3, "1", "100");
    const tt_funding_payment payment = {
        .amount = {dec("-0.000000000000000001")}, .venue_time = {FIXTURE_START_NS}};
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &payment);
    for (uint32_t number = 1; number <= 3; number++) {
        assert_dec(sub(f, number)->funding.d, "0");
    }
    assert_dec(sub(f, 0)->funding.d, "-0.000000000000000001");
    assert_dec(sub(f, 0)->cash_flow.d, "-0.000000000000000001");
}

static void without_a_source_it_is_the_house(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    assert_dec(sub(f, 0)->positions[0].qty.d, "1");
    /* A command closes; what it closes is the part of whoever holds it. */
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 2, "1", "105");
    assert_dec(sub(f, 0)->realized_pnl.d, "5");
}

/* A close is tried again so much later that its verdict is forgotten: it is still that source's. */
static void a_close_belongs_to_its_source_to_the_end(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_AGENT_DECISION, TT_side_BUY, "1"), 1, "1", "100");
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "2"), 2, "2", "100");
    tt_trading_signal signal = {.action = TT_action_SELL};
    tt_trade_proposal proposal = {.side = TT_side_SELL};
    tt_bus_post post = {
        .topic = TT_TOPIC_TRADING_SIGNALS,
        .source = TT_SOURCE_STRATEGY,
        .key = 1,
        .payload = &signal};
    tt_bus_begin(f->core.bus, f->now);
    assert_int_equal(tt_bus_publish(f->core.bus, &post, &proposal.signal_seq), TUTTI_OK);
    tt_bus_run(f->core.bus);
    tt_risk_verdict verdict = {
        .qty = {dec("2")},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_REBALANCE,
        .side = TT_side_SELL,
    };
    verdict.proposal_seq = step(f, TT_TOPIC_TRADE_PROPOSALS, 1, &proposal);
    verdict.position_id = f->trade->books->positions[0].position_id;
    tt_seq seq = step(f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
    say(f, sent_intent(f, TT_order_role_REBALANCE)->order_id, TT_report_kind_REJECTED);
    const tt_risk_verdict other = {.status = TT_verdict_REJECTED};
    while (tt_bus_find(f->core.bus, TT_TOPIC_RISK_VERDICTS, seq) != NULL) {
        step(f, TT_TOPIC_RISK_VERDICTS, 1, &other);
    }
    pass(f, 7000);
    fill(f, sent_intent(f, TT_order_role_REBALANCE)->order_id, 3, "2", "110");
    assert_dec(sub(f, 2)->positions[0].qty.d, "0");
    assert_dec(sub(f, 2)->realized_pnl.d, "20");
    assert_dec(sub(f, 1)->positions[0].qty.d, "1");
    assert_dec(sub(f, 1)->realized_pnl.d, "0");
}

static void updates_are_published_when_asked_for(void **state)
{
    fixture *f = *state;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 1, "1", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_SUB_ACCOUNT_UPDATES), 0);
    f->trade->config.account.sub_accounts = true;
    fill(f, enter(f, TT_SOURCE_STRATEGY, TT_side_BUY, "1"), 2, "1", "102");
    const tt_sub_account_update *update = sent_one(f, TT_TOPIC_SUB_ACCOUNT_UPDATES);
    assert_int_equal(update->account, 1);
    assert_int_equal(update->account_source, TT_SOURCE_STRATEGY);
    assert_dec(update->position_qty.d, "2");
    assert_dec(update->position_cost.d, "202");
    assert_dec(update->cash_flow.d, "-202");
    const tt_funding_payment payment = {.amount = {dec("-0.5")}, .venue_time = {FIXTURE_START_NS}};
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &payment);
    update = sent_one(f, TT_TOPIC_SUB_ACCOUNT_UPDATES);
    assert_int_equal(update->account, 1);
    assert_dec(update->cash_flow.d, "-202.5");
}

static void sources_beyond_the_bound_trade_for_the_house(void **state)
{
    fixture *f = *state;
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        uint64_t id = enter(f, (tt_source)(TT_SOURCE_FEED + i), TT_side_BUY, "1");
        fill(f, id, i + 1, "1", "100");
    }
    assert_dec(sub(f, TT_SUB_ACCOUNTS_MAX - 1)->positions[0].qty.d, "1");
    assert_dec(sub(f, 0)->positions[0].qty.d, "1");
}

/* Odd prices, quantities and fees of four sources, with funding and marks between them. */
static void parts_sum_to_the_whole_over_random_stories(void **state)
{
    fixture *f = *state;
    tt_random random;
    tt_random_init(&random, 20261128, 7);
    for (uint64_t i = 1; i <= 3000; i++) {
        char qty[32];
        char price[32];
        snprintf(
            qty,
            sizeof qty,
            "%d.%03d",
            (int)tt_random_below(&random, 3),
            1 + (int)tt_random_below(&random, 999));
        snprintf(
            price,
            sizeof price,
            "%d.%09d",
            90 + (int)tt_random_below(&random, 20),
            (int)tt_random_below(&random, 1000000000));
        tt_side side = tt_random_below(&random, 2) == 0 ? TT_side_BUY : TT_side_SELL;
        tt_source source = (tt_source)(TT_SOURCE_STRATEGY + tt_random_below(&random, 4));
        uint64_t id = enter(f, source, side, qty);
        tt_venue_report what = report(f, id, TT_report_kind_FILL);
        what.exec_id = i;
        what.qty.d = what.cumulative_qty.d = dec(qty);
        what.price.d = dec(price);
        what.fee.d = tt_dec_xmul(dec(price), dec("0.000333333333333333"));
        step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
        if (i % 7 == 0) {
            const tt_funding_payment payment = {
                .amount = {tt_dec_xmul(dec(price), dec("-0.000777777777777777"))},
                .venue_time = {FIXTURE_START_NS + (int64_t)i}};
            step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &payment);
        }
        bar(f, 1, price);
    }
    assert_true(sub(f, 1)->fills > 100 && sub(f, 4)->fills > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_sources_hold_against_each_other),
        TEST(a_reduction_takes_the_own_part_first),
        TEST(funding_is_shared_by_quantity),
        TEST(the_house_bears_what_rounding_leaves),
        TEST(without_a_source_it_is_the_house),
        TEST(a_close_belongs_to_its_source_to_the_end),
        TEST(updates_are_published_when_asked_for),
        TEST(sources_beyond_the_bound_trade_for_the_house),
        TEST(parts_sum_to_the_whole_over_random_stories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
