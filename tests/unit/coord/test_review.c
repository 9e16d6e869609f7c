/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Positions when the regime changes, and trades of which risk takes much.
 *
 * Covers: coord_review.c coord_held.c
 */
#include "fixture.h"

#include <string.h>

static void add_arbiter(struct desk *desk, const char *name)
{
    tt_arbiter_step_config *arbiter = &desk->config.arbiters[desk->config.arbiter_count++];
    *arbiter = (tt_arbiter_step_config){.timeout.ns = 4 * TT_NS_PER_S};
    TT_TEXT_SET(arbiter->provider, name);
}

static void open_desk(struct desk *desk, bool with_arbiter)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
    }
    desk->config.conflicts.regime_change = true;
    desk->config.conflicts.risk_modification = true;
    desk->config.conflicts.regime_conflict = false;
    if (with_arbiter) {
        add_arbiter(desk, "one");
    }
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

static const tt_conflict_decision *last_decision(const struct desk *desk)
{
    return PAYLOAD(desk_last(desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
}

static const tt_position_command *last_command(const struct desk *desk)
{
    return PAYLOAD(desk_last(desk, TT_TOPIC_POSITION_COMMANDS), position_command);
}

/* A long position that was opened in a bull market. */
static void hold_long(struct desk *desk)
{
    desk_regime(desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_position(desk, BTC, "2");
    desk_forget(desk);
}

static void give_opinion(struct desk *desk, tt_arbiter_opinion opinion)
{
    const tt_msg call = *desk_last(desk, TT_TOPIC_AGENT_CALLS);
    desk_answer(desk, &call, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, &opinion);
}

static void a_change_against_the_position_reduces_it(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    hold_long(&desk);
    // The same regime, and one that supports the position as well: nothing.
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_regime(&desk, BTC, TT_regime_BREAKOUT_POTENTIAL, "0.8");
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 0);
    desk_regime(&desk, BTC, TT_regime_TRENDING_BEAR, "0.9");
    assert_int_equal(last_decision(&desk)->action, TT_resolution_MODIFY);
    assert_int_equal(last_decision(&desk)->signal_seq, 0);
    const tt_conflict_item *item = &last_decision(&desk)->conflicts[0];
    assert_int_equal(item->type, TT_conflict_type_REGIME_CHANGE);
    assert_string_equal(item->detail, "trending_bear does not support the open long position");
    assert_int_equal(item->agent_a, TT_agent_REGIME_DETECTION);
    assert_int_equal(item->agent_b, TT_agent_TRADING_DECISION);
    assert_num(item->confidence_a, "0.9");
    assert_int_equal(item->seq_a, desk_last(&desk, TT_TOPIC_REGIME_UPDATES)->seq);
    assert_int_equal(desk_status(&desk).total_conflicts_detected, 1);
    assert_int_equal(desk_status(&desk).total_conflicts_resolved, 1);
    assert_int_equal(last_command(&desk)->command, TT_position_command_type_REDUCE);
    assert_num(last_command(&desk)->reduce_pct, "50");
    assert_int_equal(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS)->key, BTC);
    // It is asked for until it is seen, and judged once.
    desk_wait(&desk, "5");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 2);
    desk_position(&desk, BTC, "1");
    desk_regime(&desk, BTC, TT_regime_TRENDING_BEAR, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 1);
    desk_close(&desk);
}

static void what_the_rules_do(void **state)
{
    (void)state;
    static const struct {
        tt_resolution action;
        uint32_t commands;
    } rows[] = {
        {TT_resolution_PROCEED, 0},
        {TT_resolution_WAIT, 0},
        {TT_resolution_ABORT, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk desk;
        open_desk(&desk, false);
        desk.coord->config.arbiter.regime_change_action = rows[i].action;
        hold_long(&desk);
        desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
        assert_int_equal(last_decision(&desk)->action, rows[i].action);
        assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), rows[i].commands);
        if (rows[i].commands > 0) {
            assert_int_equal(last_command(&desk)->command, TT_position_command_type_CLOSE);
        }
        desk_close(&desk);
    }
}

/* Flat, not switched on, the first regime that is known, a regime before the position. */
static void what_is_no_change(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.8");
    desk_position(&desk, XRP, "2");
    desk_regime(&desk, XRP, TT_regime_CHOPPY, "0.8");
    hold_long(&desk);
    desk_position(&desk, BTC, "0");
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.8");
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 0);
    desk.coord->config.conflicts.regime_change = false;
    hold_long(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.8");
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 0);
    desk_close(&desk);
}

static void arbiters_judge_positions(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    hold_long(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    const tt_conflict_case *opened =
        PAYLOAD(desk_nth(&desk, TT_TOPIC_CONFLICT_CASES, 0), conflict_case);
    assert_int_equal(opened->stage, TT_case_stage_OPENED);
    assert_int_equal(opened->action, TT_action_HOLD);
    assert_int_equal(opened->conflicts[0].type, TT_conflict_type_REGIME_CHANGE);
    // A hold leaves the judgement alone.
    desk_signal(&desk, BTC, TT_action_HOLD, "0.5");
    assert_int_equal(desk_status(&desk).open_cases, 1);
    // Of a position only the size can be less; less is followed however sure the arbiter is.
    give_opinion(
        &desk,
        (tt_arbiter_opinion){
            .action = TT_resolution_MODIFY,
            .confidence = RATIO("0.1"),
            .size_reduction_pct = RATIO("30")});
    assert_int_equal(last_decision(&desk)->action, TT_resolution_MODIFY);
    assert_num(last_command(&desk)->reduce_pct, "30");
    assert_int_equal(desk_status(&desk).open_cases, 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk_close(&desk);
}

static void who_leaves_it_alone_must_be_sure(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    hold_long(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    give_opinion(
        &desk, (tt_arbiter_opinion){.action = TT_resolution_PROCEED, .confidence = RATIO("0.29")});
    assert_int_equal(desk_status(&desk).waiting_approvals, 1);
    desk.coord->config.arbitration.regime_change_fallback = TT_resolution_ABORT;
    desk_wait(&desk, "300");
    assert_int_equal(last_decision(&desk)->action, TT_resolution_ABORT);
    assert_int_equal(last_command(&desk)->command, TT_position_command_type_CLOSE);
    desk_close(&desk);
}

/* What cannot be done to a position is refused; without anybody the fallback keeps it. */
static void a_bad_opinion_of_a_position(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    hold_long(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    give_opinion(
        &desk,
        (tt_arbiter_opinion){
            .action = TT_resolution_MODIFY,
            .confidence = RATIO("0.9"),
            .confidence_limit = RATIO("0.5")});
    assert_int_equal(last_decision(&desk)->action, TT_resolution_WAIT);
    assert_string_equal(last_decision(&desk)->arbiter, "fallback");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    desk_close(&desk);
}

/* A newer decision to trade ends it; one that comes first is settled first. */
static void trades_and_positions_take_turns(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    hold_long(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    desk_signal(&desk, BTC, TT_action_SELL, "0.9");
    assert_int_equal(last_decision(&desk)->action, TT_resolution_WAIT);
    assert_int_equal(desk_status(&desk).open_cases, 0);
    assert_int_equal(
        PAYLOAD(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal)->kind,
        TT_proposal_kind_CLOSE);
    desk_close(&desk);

    open_desk(&desk, true);
    hold_long(&desk);
    desk.coord->config.conflicts.regime_conflict = true;
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    give_opinion(
        &desk, (tt_arbiter_opinion){.action = TT_resolution_WAIT, .confidence = RATIO("0.9")});
    desk_signal(&desk, BTC, TT_action_BUY, "0.9"); // A conflict of a trade.
    desk_regime(&desk, BTC, TT_regime_TRENDING_BEAR, "0.9");
    assert_int_equal(desk_status(&desk).open_cases, 1);
    desk_forget(&desk);
    desk_wait(&desk, "4"); // Nobody answers: the fallback; then the position has its turn.
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 1);
    assert_int_equal(
        PAYLOAD(desk_nth(&desk, TT_TOPIC_CONFLICT_CASES, 1), conflict_case)->action,
        TT_action_HOLD);
    desk_close(&desk);
}

/* ---- held ---- */

static void say_held(struct desk *desk, tt_seq proposal_seq)
{
    const tt_risk_verdict verdict = {
        .size_before = MONEY("1000"),
        .size_after = MONEY("300"),
        .proposal_seq = proposal_seq,
        .leverage_before = 3,
        .leverage_after = 1,
        .status = TT_verdict_HELD,
        .kind = TT_proposal_kind_ENTRY,
    };
    desk_say(desk, TT_TOPIC_RISK_VERDICTS, TT_SOURCE_RISK, BTC, &verdict);
}

static const tt_trade_proposal *last_proposal(const struct desk *desk)
{
    return PAYLOAD(desk_last(desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal);
}

static void a_sure_trade_goes_on_with_less(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_signal(&desk, BTC, TT_action_BUY, "0.75");
    assert_num(last_proposal(&desk)->hold_reduction_pct, "50");
    const tt_seq signal_seq = last_proposal(&desk)->signal_seq;
    say_held(&desk, desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->seq);
    assert_int_equal(last_decision(&desk)->action, TT_resolution_PROCEED);
    assert_int_equal(last_decision(&desk)->signal_seq, signal_seq);
    assert_string_equal(
        last_decision(&desk)->conflicts[0].detail,
        "risk leaves 300.00 of 1000.00, leverage 1 of 3");
    // The same trade again, with what risk takes accepted.
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 2);
    assert_num(last_proposal(&desk)->hold_reduction_pct, "0");
    assert_num(last_proposal(&desk)->size_pct, "10");
    assert_num(last_proposal(&desk)->confidence, "0.75");
    assert_int_equal(last_proposal(&desk)->leverage, 3);
    assert_int_equal(last_proposal(&desk)->signal_seq, signal_seq);
    // Nothing stays behind: the next trade may be held again.
    desk_signal(&desk, BTC, TT_action_BUY, "0.75");
    assert_num(last_proposal(&desk)->hold_reduction_pct, "50");
    desk_close(&desk);
}

static void an_unsure_trade_waits(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_signal(&desk, BTC, TT_action_BUY, "0.7499");
    say_held(&desk, desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->seq);
    assert_int_equal(last_decision(&desk)->action, TT_resolution_WAIT);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    // The same verdict again is of no trade any more.
    say_held(&desk, desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->seq);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 1);
    desk_close(&desk);
}

/* What an arbiter takes off a held trade comes on top of what was taken off before. */
static void arbiters_settle_a_held_trade(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    desk.coord->config.conflicts.regime_conflict = true;
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.8");
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    give_opinion(
        &desk,
        (tt_arbiter_opinion){
            .action = TT_resolution_MODIFY,
            .confidence = RATIO("0.9"),
            .size_reduction_pct = RATIO("20")});
    assert_num(last_proposal(&desk)->size_reduction_pct, "20");
    assert_num(last_proposal(&desk)->hold_reduction_pct, "50");
    say_held(&desk, desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->seq);
    const tt_conflict_case *opened =
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_CASES), conflict_case);
    assert_int_equal(opened->conflicts[0].type, TT_conflict_type_RISK_MODIFICATION);
    assert_int_equal(opened->conflicts[0].seq_a, desk_last(&desk, TT_TOPIC_TRADING_SIGNALS)->seq);
    assert_int_equal(opened->conflicts[0].seq_b, desk_last(&desk, TT_TOPIC_RISK_VERDICTS)->seq);
    assert_num(opened->size_pct, "8");
    give_opinion(
        &desk,
        (tt_arbiter_opinion){
            .action = TT_resolution_MODIFY,
            .confidence = RATIO("0.9"),
            .size_reduction_pct = RATIO("50")});
    assert_num(last_proposal(&desk)->size_pct, "8");
    assert_num(last_proposal(&desk)->size_reduction_pct, "50");
    assert_num(last_proposal(&desk)->hold_reduction_pct, "0");
    assert_int_equal(desk_status(&desk).open_cases, 0);
    desk_close(&desk);
}

static void what_is_not_held(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    tt_seq first = desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->seq;
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    say_held(&desk, first); // A newer one has taken its place.
    say_held(&desk, 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 0);
    desk_position(&desk, BTC, "2");
    desk_signal(&desk, BTC, TT_action_SELL, "0.9");
    assert_int_equal(last_proposal(&desk)->kind, TT_proposal_kind_CLOSE);
    assert_num(last_proposal(&desk)->hold_reduction_pct, "0");
    desk_position(&desk, BTC, "0");
    desk.coord->config.conflicts.risk_modification = false;
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_num(last_proposal(&desk)->hold_reduction_pct, "0");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_against_the_position_reduces_it),
        cmocka_unit_test(what_the_rules_do),
        cmocka_unit_test(what_is_no_change),
        cmocka_unit_test(arbiters_judge_positions),
        cmocka_unit_test(who_leaves_it_alone_must_be_sure),
        cmocka_unit_test(a_bad_opinion_of_a_position),
        cmocka_unit_test(trades_and_positions_take_turns),
        cmocka_unit_test(a_sure_trade_goes_on_with_less),
        cmocka_unit_test(an_unsure_trade_waits),
        cmocka_unit_test(arbiters_settle_a_held_trade),
        cmocka_unit_test(what_is_not_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
