/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Signals: from decision to proposal.
 *
 * Covers: coord_proposal.c
 */
#include "fixture.h"

static void send(struct desk *desk, uint32_t key, const tt_trading_signal *signal)
{
    desk_forget(desk);
    desk_say(desk, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION, key, signal);
}

static void send_action(struct desk *desk, uint32_t key, tt_action action)
{
    const tt_trading_signal signal = good_signal(action, "0.8");
    send(desk, key, &signal);
}

static const tt_trade_proposal *proposal(const struct desk *desk)
{
    assert_int_equal(desk_count(desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    return PAYLOAD(desk_last(desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal);
}

static void hold_asks_for_nothing(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    send_action(&desk, BTC, TT_action_HOLD);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONSENSUS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 0);
    assert_int_equal(desk_status(&desk).total_signals, 1);
    assert_int_equal(desk_status(&desk).total_holds, 1);
    desk_close(&desk);
}

static void entry_carries_what_was_decided(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_trading_signal signal = good_signal(TT_action_BUY, "0.8");
    signal.entry_price = PRICE("100.5");
    send(&desk, BTC, &signal);
    const tt_trade_proposal *trade = proposal(&desk);
    assert_int_equal(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->key, BTC);
    assert_int_equal(trade->kind, TT_proposal_kind_ENTRY);
    assert_int_equal(trade->side, TT_side_BUY);
    assert_num(trade->size, "0");
    assert_num(trade->size_pct, "10");
    assert_num(trade->entry_price, "100.5");
    assert_num(trade->stop_loss, "98");
    assert_num(trade->take_profit, "104");
    assert_num(trade->confidence, "0.8");
    assert_num(trade->ta_confidence, "-1");
    assert_num(trade->sentiment_confidence, "-1");
    assert_num(trade->size_reduction_pct, "0");
    assert_num(trade->size_multiplier, "1");
    assert_int_equal(trade->leverage, 3);
    assert_int_equal(trade->regime, TT_regime_UNKNOWN);
    assert_int_equal(trade->entry_strictness, TT_strictness_NORMAL);
    assert_int_equal(trade->exit_reason, TT_exit_reason_NONE);
    assert_int_equal(trade->signal_seq, desk_last(&desk, TT_TOPIC_TRADING_SIGNALS)->seq);
    assert_int_equal(trade->consensus_seq, desk_last(&desk, TT_TOPIC_CONSENSUS)->seq);
    assert_int_equal(trade->conflict_seq, 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 0);
    assert_int_equal(desk_status(&desk).total_trades_routed, 1);
    desk_close(&desk);
}

static void context_of_the_other_agents(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.71");
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BULLISH, "0.62");
    send_action(&desk, BTC, TT_action_BUY);
    const tt_trade_proposal *trade = proposal(&desk);
    assert_num(trade->confidence, "1");
    assert_num(trade->ta_confidence, "0.71");
    assert_num(trade->sentiment_confidence, "0.62");
    assert_num(trade->size_multiplier, "0.9");
    assert_int_equal(trade->regime, TT_regime_TRENDING_BULL);
    assert_int_equal(trade->entry_strictness, TT_strictness_RELAXED);
    assert_int_equal(trade->leverage, 2); // cap of the regime
    // Another symbol knows nothing of it.
    send_action(&desk, XRP, TT_action_BUY);
    trade = proposal(&desk);
    assert_num(trade->ta_confidence, "-1");
    assert_int_equal(trade->regime, TT_regime_UNKNOWN);
    assert_int_equal(trade->leverage, 3);
    // What is older than its window is not known any more.
    desk_sleep(&desk, "600.000000001");
    send_action(&desk, BTC, TT_action_BUY);
    trade = proposal(&desk);
    assert_num(trade->ta_confidence, "-1");
    assert_num(trade->sentiment_confidence, "0.62");
    assert_num(trade->size_multiplier, "1");
    assert_int_equal(trade->regime, TT_regime_UNKNOWN);
    assert_int_equal(trade->leverage, 3);
    desk_close(&desk);
}

static void default_size_and_leverage(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.coordinator.default_size_pct = RATIO("7.5");
    tt_trading_signal signal = good_signal(TT_action_SELL, "0.8");
    signal.position_size_pct = RATIO("0");
    signal.leverage = 0; // a strategy in the core that names none
    send(&desk, BTC, &signal);
    const tt_trade_proposal *trade = proposal(&desk);
    assert_int_equal(trade->side, TT_side_SELL);
    assert_num(trade->size_pct, "7.5");
    assert_int_equal(trade->leverage, 1);
    desk_close(&desk);
}

/* Every action against every position: what is proposed, and on which side. */
static void actions_and_positions(void **state)
{
    (void)state;
    enum {
        NOTHING = -1
    };
    static const struct {
        tt_action action;
        const char *position;
        int kind;
        tt_side side;
    } rows[] = {
        {TT_action_BUY, "0", TT_proposal_kind_ENTRY, TT_side_BUY},
        {TT_action_BUY, "2", TT_proposal_kind_ENTRY, TT_side_BUY},
        {TT_action_BUY, "-2", TT_proposal_kind_CLOSE, TT_side_BUY},
        {TT_action_SELL, "0", TT_proposal_kind_ENTRY, TT_side_SELL},
        {TT_action_SELL, "-2", TT_proposal_kind_ENTRY, TT_side_SELL},
        {TT_action_SELL, "2", TT_proposal_kind_CLOSE, TT_side_SELL},
        {TT_action_CLOSE_LONG, "2", TT_proposal_kind_CLOSE, TT_side_SELL},
        {TT_action_CLOSE_LONG, "-2", NOTHING, TT_side_NONE},
        {TT_action_CLOSE_LONG, "0", NOTHING, TT_side_NONE},
        {TT_action_CLOSE_SHORT, "-2", TT_proposal_kind_CLOSE, TT_side_BUY},
        {TT_action_CLOSE_SHORT, "2", NOTHING, TT_side_NONE},
        {TT_action_CLOSE_SHORT, "0", NOTHING, TT_side_NONE},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        desk_position(&desk, BTC, rows[i].position);
        send_action(&desk, BTC, rows[i].action);
        assert_int_equal(desk_count(&desk, TT_TOPIC_CONSENSUS), 1);
        if (rows[i].kind == NOTHING) {
            assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
            const tt_conflict_decision *end =
                PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
            assert_int_equal(end->count, 0);
            assert_string_equal(end->reasoning, "there is no such position to close");
            continue;
        }
        const tt_trade_proposal *trade = proposal(&desk);
        assert_int_equal(trade->kind, rows[i].kind);
        assert_int_equal(trade->side, rows[i].side);
    }
    desk_close(&desk);
}

/* A close is of the whole position: nothing of the signal's size, prices or leverage. */
static void contents_of_a_close(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_regime(&desk, BTC, TT_regime_RANGING, "0.8");
    desk_position(&desk, BTC, "2");
    send_action(&desk, BTC, TT_action_CLOSE_LONG);
    const tt_trade_proposal *trade = proposal(&desk);
    assert_int_equal(trade->exit_reason, TT_exit_reason_SIGNAL);
    assert_num(trade->size, "0");
    assert_num(trade->size_pct, "0");
    assert_num(trade->size_multiplier, "1");
    assert_num(trade->stop_loss, "0");
    assert_int_equal(trade->leverage, 1);
    // A position of another symbol is not meant.
    send_action(&desk, XRP, TT_action_CLOSE_LONG);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk_close(&desk);
}

static void not_running_drops_signals(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_PAUSE, 0, 0);
    send_action(&desk, BTC, TT_action_BUY);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONSENSUS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(desk_status(&desk).total_signals_dropped, 1);
    desk_command(&desk, TT_command_HALT, 0, 0);
    send_action(&desk, BTC, TT_action_BUY);
    assert_int_equal(desk_status(&desk).total_signals_dropped, 2);
    desk_close(&desk);
    desk_start_quiet(&desk);
    desk_session(&desk, TT_session_event_type_STOPPING);
    send_action(&desk, BTC, TT_action_BUY);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk_close(&desk);
}

static void signal_of_no_symbol_is_a_dead_letter(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    send_action(&desk, 0, TT_action_BUY);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 1);
    send_action(&desk, 3, TT_action_BUY);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 1);
    assert_int_equal(desk_status(&desk).total_signals, 0);
    desk_close(&desk);
}

/* While a position is being closed, no new entry of its symbol is proposed. */
static void no_entry_while_closing(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_command(&desk, TT_command_FLATTEN, 0, BTC);
    send_action(&desk, BTC, TT_action_BUY);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    const tt_conflict_decision *end =
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
    assert_int_equal(end->action, TT_resolution_WAIT);
    assert_string_equal(end->reasoning, "the position of this symbol is being closed");
    assert_int_equal(desk_status(&desk).total_entries_suppressed, 1);
    send_action(&desk, BTC, TT_action_CLOSE_LONG);
    assert_int_equal(proposal(&desk)->kind, TT_proposal_kind_CLOSE);
    send_action(&desk, XRP, TT_action_BUY);
    assert_int_equal(proposal(&desk)->kind, TT_proposal_kind_ENTRY);
    desk_close(&desk);
}

/* What handlers and history see of a signal is what was published: nobody writes into it. */
static void signals_are_not_changed(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    send_action(&desk, BTC, TT_action_BUY);
    const tt_msg *msg = desk_last(&desk, TT_TOPIC_TRADING_SIGNALS);
    assert_num(PAYLOAD(msg, trading_signal)->confidence, "0.8");
    const tt_msg *kept = tt_bus_find(desk.core.bus, TT_TOPIC_TRADING_SIGNALS, msg->seq);
    assert_num(PAYLOAD(kept, trading_signal)->confidence, "0.8");
    assert_num(proposal(&desk)->confidence, "1");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold_asks_for_nothing),
        cmocka_unit_test(entry_carries_what_was_decided),
        cmocka_unit_test(context_of_the_other_agents),
        cmocka_unit_test(default_size_and_leverage),
        cmocka_unit_test(actions_and_positions),
        cmocka_unit_test(contents_of_a_close),
        cmocka_unit_test(not_running_drops_signals),
        cmocka_unit_test(signal_of_no_symbol_is_a_dead_letter),
        cmocka_unit_test(no_entry_while_closing),
        cmocka_unit_test(signals_are_not_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
