/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two entries of which one cancels the other: what becomes a proposal, and what does not.
 *
 * Covers: coord_group.c
 */
#include "fixture.h"

#include <string.h>

static tt_entry_group good_group(tt_group_style style)
{
    bool is_breakout = style == TT_group_style_BREAKOUT;
    return (tt_entry_group){
        .size_pct = RATIO("5"),
        .confidence = RATIO("0.9"),
        .upper_entry = PRICE("110"),
        .upper_stop = PRICE(is_breakout ? "108" : "112"),
        .upper_target = PRICE(is_breakout ? "120" : "100"),
        .lower_entry = PRICE("90"),
        .lower_stop = PRICE(is_breakout ? "92" : "88"),
        .style = (uint8_t)style,
        .leverage = 2,
    };
}

static void ask(struct desk *desk, uint32_t key, const tt_entry_group *group)
{
    desk_forget(desk);
    desk_say(desk, TT_TOPIC_ENTRY_GROUPS, TT_SOURCE_STRATEGY, key, group);
}

static void assert_half(const tt_msg *msg, const tt_msg *group, tt_side side, bool is_stop)
{
    const tt_trade_proposal *proposal = PAYLOAD(msg, trade_proposal);
    assert_int_equal(proposal->kind, TT_proposal_kind_ENTRY);
    assert_int_equal(proposal->side, side);
    assert_int_equal(proposal->is_stop_entry, is_stop);
    assert_int_equal(proposal->group_seq, group->seq);
    assert_int_equal(proposal->leverage, 2);
    assert_num(proposal->size_pct, "5");
    assert_num(proposal->confidence, "0.9");
    assert_num(proposal->hold_reduction_pct, "0");
    assert_memory_equal(&msg->correlation, &group->correlation, sizeof msg->correlation);
}

static void both_halves_are_proposed(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    for (tt_group_style style = 0; style < TT_group_style_COUNT; style++) {
        const tt_entry_group group = good_group(style);
        bool is_breakout = style == TT_group_style_BREAKOUT;
        ask(&desk, BTC, &group);
        assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 2);
        const tt_msg *asked = desk_last(&desk, TT_TOPIC_ENTRY_GROUPS);
        const tt_msg *upper = desk_nth(&desk, TT_TOPIC_TRADE_PROPOSALS, 0);
        const tt_msg *lower = desk_nth(&desk, TT_TOPIC_TRADE_PROPOSALS, 1);
        assert_half(upper, asked, is_breakout ? TT_side_BUY : TT_side_SELL, is_breakout);
        assert_half(lower, asked, is_breakout ? TT_side_SELL : TT_side_BUY, is_breakout);
        assert_num(PAYLOAD(upper, trade_proposal)->entry_price, "110");
        assert_num(PAYLOAD(upper, trade_proposal)->stop_loss, is_breakout ? "108" : "112");
        assert_num(PAYLOAD(upper, trade_proposal)->take_profit, is_breakout ? "120" : "100");
        assert_num(PAYLOAD(lower, trade_proposal)->entry_price, "90");
        assert_num(PAYLOAD(lower, trade_proposal)->stop_loss, is_breakout ? "92" : "88");
        assert_num(PAYLOAD(lower, trade_proposal)->take_profit, "0");
    }
    desk_close(&desk);
}

static void assert_refused(struct desk *desk, const tt_entry_group *group, const char *reason)
{
    ask(desk, BTC, group);
    assert_int_equal(desk_count(desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    const tt_msg *msg = desk_last(desk, TT_TOPIC_ENTRY_GROUP_EVENTS);
    const tt_entry_group_event *event = PAYLOAD(msg, entry_group_event);
    assert_string_equal(event->reason, reason);
    assert_int_equal(event->new_state, TT_group_state_REFUSED);
    assert_int_equal(event->group_seq, desk_last(desk, TT_TOPIC_ENTRY_GROUPS)->seq);
}

static void what_has_no_form_is_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_entry_group group = good_group(TT_group_style_BREAKOUT);
    group.lower_entry = group.upper_entry;
    assert_refused(&desk, &group, "the upper entry must be above the lower one");
    group.lower_entry = PRICE("0");
    assert_refused(&desk, &group, "both entries need a price");
    group = good_group(TT_group_style_BREAKOUT);
    group.size_pct = RATIO("100");
    ask(&desk, BTC, &group);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 2);
    group.size_pct = RATIO("100.1");
    assert_refused(&desk, &group, "size_pct must be above 0 and at most 100");
    group.size_pct = RATIO("0");
    assert_refused(&desk, &group, "size_pct must be above 0 and at most 100");
    desk_close(&desk);
}

static void where_an_entry_would_be_suppressed_a_group_is_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_entry_group group = good_group(TT_group_style_BREAKOUT);
    desk_position(&desk, BTC, "1");
    assert_refused(&desk, &group, "a position of this symbol is open");
    desk_position(&desk, BTC, "0");
    tt_coord_symbol_get(desk.coord, BTC)->is_silent = 1;
    assert_refused(&desk, &group, "this symbol has no market data: no entries until it has");
    tt_coord_symbol_get(desk.coord, BTC)->is_silent = 0;
    desk_command(&desk, TT_command_PAUSE, TT_task_TA_ANALYSIS, 0);
    assert_refused(&desk, &group, "the coordinator is not running");
    desk_close(&desk);
}

static void a_person_asks_by_a_command(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_coordinator_command command = {
        .request_id = 7,
        .command = TT_command_PLACE_GROUP,
        .size_pct = RATIO("5"),
        .upper_entry = PRICE("110"),
        .lower_entry = PRICE("90"),
        .lower_target = PRICE("95"),
        .style = TT_group_style_REVERSION,
    };
    desk_forget(&desk);
    desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, BTC, &command);
    const tt_msg *asked = desk_last(&desk, TT_TOPIC_ENTRY_GROUPS);
    assert_int_equal(asked->cause, desk_last(&desk, TT_TOPIC_COORDINATOR_COMMANDS)->seq);
    assert_num(PAYLOAD(asked, entry_group)->confidence, "1");
    assert_num(PAYLOAD(asked, entry_group)->lower_target, "95");
    const tt_command_reply *reply =
        PAYLOAD(desk_last(&desk, TT_TOPIC_COMMAND_REPLIES), command_reply);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_int_equal(reply->request_id, 7);
    const tt_trade_proposal *lower =
        PAYLOAD(desk_nth(&desk, TT_TOPIC_TRADE_PROPOSALS, 1), trade_proposal);
    assert_int_equal(lower->side, TT_side_BUY);
    assert_int_equal(lower->leverage, 1); // It names none.
    command.lower_entry = PRICE("120");
    desk_forget(&desk);
    desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, BTC, &command);
    reply = PAYLOAD(desk_last(&desk, TT_TOPIC_COMMAND_REPLIES), command_reply);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(reply->message, "the upper entry must be above the lower one");
    assert_int_equal(desk_count(&desk, TT_TOPIC_ENTRY_GROUPS), 0);
    desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &command);
    reply = PAYLOAD(desk_last(&desk, TT_TOPIC_COMMAND_REPLIES), command_reply);
    assert_string_equal(reply->message, "a group is about one instrument");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_halves_are_proposed),
        cmocka_unit_test(what_has_no_form_is_refused),
        cmocka_unit_test(where_an_entry_would_be_suppressed_a_group_is_refused),
        cmocka_unit_test(a_person_asks_by_a_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
