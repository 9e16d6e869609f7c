/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Signals about what their source holds itself.
 *
 * Covers: coord_parts.c
 */
#include "fixture.h"

static void hold(struct desk *desk, uint8_t account, tt_source source, const char *qty)
{
    const tt_sub_account_update update = {
        .position_qty = {num(qty)}, .account_source = (uint16_t)source, .account = account};
    desk_say(desk, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, BTC, &update);
}

static void say(struct desk *desk, tt_source source, tt_action action)
{
    const tt_trading_signal signal = good_signal(action, "0.8");
    desk_forget(desk);
    desk_say(desk, TT_TOPIC_TRADING_SIGNALS, source, BTC, &signal);
}

static void expect_trade(const struct desk *desk, tt_proposal_kind kind, tt_side side)
{
    assert_int_equal(desk_count(desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    const tt_trade_proposal *trade =
        PAYLOAD(desk_last(desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal);
    assert_int_equal(trade->kind, kind);
    assert_int_equal(trade->side, side);
}

static void expect_end(const struct desk *desk, const char *reason)
{
    assert_int_equal(desk_count(desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    const tt_conflict_decision *end =
        PAYLOAD(desk_last(desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
    assert_int_equal(end->action, TT_resolution_WAIT);
    assert_string_equal(end->reasoning, reason);
}

#define NOTHING "there is no such position to close"
#define OTHERS  "others hold the other side of this symbol: no entry yet"

static void a_signal_is_about_its_own_part(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    hold(&desk, 1, TT_SOURCE_AGENT_DECISION, "1");
    hold(&desk, 2, TT_SOURCE_STRATEGY, "2");
    desk_position(&desk, BTC, "3");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_SELL); /* A flip closes first. */
    expect_trade(&desk, TT_proposal_kind_CLOSE, TT_side_SELL);
    hold(&desk, 1, TT_SOURCE_AGENT_DECISION, "0");
    desk_position(&desk, BTC, "2");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_LONG);
    expect_end(&desk, NOTHING);
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_SELL); /* And waits for the others then. */
    expect_end(&desk, OTHERS);
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_BUY); /* On their side it may enter. */
    expect_trade(&desk, TT_proposal_kind_ENTRY, TT_side_BUY);
    say(&desk, TT_SOURCE_STRATEGY, TT_action_CLOSE_LONG);
    expect_trade(&desk, TT_proposal_kind_CLOSE, TT_side_SELL);
    hold(&desk, 2, TT_SOURCE_STRATEGY, "0");
    desk_position(&desk, BTC, "0");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_SELL);
    expect_trade(&desk, TT_proposal_kind_ENTRY, TT_side_SELL);
    desk_close(&desk);
}

/* A source that never traded has no part; what nobody stands for is anybody's. */
static void what_nobody_stands_for_is_anybodys(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    hold(&desk, 0, TT_SOURCE_NONE, "-1");
    desk_position(&desk, BTC, "-1");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_SHORT);
    expect_trade(&desk, TT_proposal_kind_CLOSE, TT_side_BUY);
    hold(&desk, 0, TT_SOURCE_NONE, "0");
    hold(&desk, 1, TT_SOURCE_PORTFOLIO, "-1");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_SHORT);
    expect_end(&desk, NOTHING);
    /* A part on the other side than the position is none that could be closed. */
    hold(&desk, 2, TT_SOURCE_AGENT_DECISION, "1");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_SHORT);
    expect_end(&desk, NOTHING);
    desk_close(&desk);
}

static void without_parts_the_position_is_one(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "3");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_LONG);
    expect_trade(&desk, TT_proposal_kind_CLOSE, TT_side_SELL);
    /* A sub-account that there is not says nothing. */
    hold(&desk, TT_SUB_ACCOUNTS_MAX, TT_SOURCE_STRATEGY, "3");
    say(&desk, TT_SOURCE_AGENT_DECISION, TT_action_CLOSE_LONG);
    expect_trade(&desk, TT_proposal_kind_CLOSE, TT_side_SELL);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_about_its_own_part),
        cmocka_unit_test(what_nobody_stands_for_is_anybodys),
        cmocka_unit_test(without_parts_the_position_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
