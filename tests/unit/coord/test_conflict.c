/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Conflicts and how they are settled.
 *
 * Covers: coord_arbiter.c
 */
#include "fixture.h"

#include <stdio.h>

/* Sends an entry and returns the conflict decision, or NULL when there was none. */
static const tt_conflict_decision *
decide(struct desk *desk, uint32_t key, tt_action action, const char *confidence)
{
    desk_forget(desk);
    desk_signal(desk, key, action, confidence);
    assert_true(desk_count(desk, TT_TOPIC_CONFLICT_DECISIONS) <= 1);
    if (desk_count(desk, TT_TOPIC_CONFLICT_DECISIONS) == 0) {
        return NULL;
    }
    return PAYLOAD(desk_last(desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
}

static void no_outputs_no_conflict(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    assert_null(decide(&desk, BTC, TT_action_BUY, "0.8"));
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_int_equal(desk_status(&desk).total_conflicts_detected, 0);
    desk_close(&desk);
}

/* TA long at 0.70, sentiment bearish at 0.75: one conflict, with both numbers and their sources. */
static void ta_against_sentiment(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.70");
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BEARISH, "0.75");
    tt_seq mood = desk_last(&desk, TT_TOPIC_SENTIMENT_UPDATES)->seq;
    const tt_conflict_decision *conflict = decide(&desk, BTC, TT_action_BUY, "0.6");
    assert_non_null(conflict);
    assert_int_equal(conflict->count, 1);
    const tt_conflict_item *item = &conflict->conflicts[0];
    assert_int_equal(item->type, TT_conflict_type_TA_SENTIMENT);
    assert_int_equal(item->agent_a, TT_agent_TECHNICAL_ANALYSIS);
    assert_int_equal(item->agent_b, TT_agent_SENTIMENT_ANALYSIS);
    assert_num(item->confidence_a, "0.7");
    assert_num(item->confidence_b, "0.75");
    assert_num(item->difference, "0.05");
    assert_int_equal(item->seq_a, ta);
    assert_int_equal(item->seq_b, mood);
    assert_string_equal(item->detail, "technical analysis is long, sentiment is bearish");
    assert_int_equal(conflict->signal_seq, desk_last(&desk, TT_TOPIC_TRADING_SIGNALS)->seq);
    assert_int_equal(conflict->consensus_seq, desk_last(&desk, TT_TOPIC_CONSENSUS)->seq);
    assert_int_equal(desk_status(&desk).total_conflicts_detected, 1);
    assert_int_equal(desk_status(&desk).total_conflicts_resolved, 1);
    desk_close(&desk);
}

static void which_leanings_oppose(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    for (uint8_t ta = 0; ta < TT_bias_COUNT; ta++) {
        for (uint8_t mood = 0; mood < TT_sentiment_bias_COUNT; mood++) {
            desk_ta(&desk, BTC, (tt_bias)ta, "0.7");
            desk_sentiment(&desk, BTC, (tt_sentiment_bias)mood, "0.7");
            bool is_up =
                mood == TT_sentiment_bias_BULLISH || mood == TT_sentiment_bias_VERY_BULLISH;
            bool is_down =
                mood == TT_sentiment_bias_BEARISH || mood == TT_sentiment_bias_VERY_BEARISH;
            bool expected = (ta == TT_bias_LONG && is_down) || (ta == TT_bias_SHORT && is_up);
            assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.8") != NULL, expected);
        }
    }
    desk_close(&desk);
}

/* The difference must be smaller than the threshold, exactly: 0.5 against 0.7 is no conflict, and
 * neither is 0.9 against 0.7, which binary fractions tell apart. */
static void difference_is_strict_and_exact(void **state)
{
    (void)state;
    static const struct {
        const char *ta;
        const char *mood;
        bool is_conflict;
    } rows[] = {
        {"0.5", "0.7", false},
        {"0.9", "0.7", false},
        {"0.7", "0.5", false},
        {"0.500000000000000001", "0.7", true},
        {"0.7", "0.899999999999999999", true},
        {"0.7", "0.9", false},
        {"0.9", "0.2", false},
        {"0", "0.2", false},
        {"0.3", "0.3", true},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        desk_ta(&desk, BTC, TT_bias_LONG, rows[i].ta);
        desk_sentiment(&desk, BTC, TT_sentiment_bias_BEARISH, rows[i].mood);
        assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.8") != NULL, rows[i].is_conflict);
    }
    desk_close(&desk);
}

static void choppy_regime(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    const tt_conflict_decision *conflict = decide(&desk, BTC, TT_action_BUY, "0.8");
    assert_non_null(conflict);
    assert_int_equal(conflict->count, 1);
    assert_int_equal(conflict->conflicts[0].type, TT_conflict_type_REGIME);
    assert_int_equal(conflict->conflicts[0].agent_a, TT_agent_REGIME_DETECTION);
    assert_int_equal(conflict->conflicts[0].agent_b, TT_agent_TRADING_DECISION);
    assert_num(conflict->conflicts[0].confidence_a, "0.9");
    assert_num(conflict->conflicts[0].confidence_b, "0.68");
    assert_int_equal(conflict->action, TT_resolution_ABORT);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    for (uint8_t regime = 0; regime < TT_regime_COUNT; regime++) {
        desk_regime(&desk, BTC, (tt_regime)regime, "0.9");
        bool expected = regime == TT_regime_CHOPPY;
        assert_int_equal(decide(&desk, BTC, TT_action_SELL, "0.8") != NULL, expected);
    }
    desk_close(&desk);
}

static void switches_and_threshold_are_read(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BEARISH, "0.75");
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    tt_conflicts_config *config = &desk.coord->config.conflicts;
    const tt_conflict_decision *both = decide(&desk, BTC, TT_action_BUY, "0.8");
    assert_int_equal(both->count, 2);
    config->ta_sentiment_conflict = false;
    both = decide(&desk, BTC, TT_action_BUY, "0.8");
    assert_int_equal(both->count, 1);
    assert_int_equal(both->conflicts[0].type, TT_conflict_type_REGIME);
    config->regime_conflict = false;
    assert_null(decide(&desk, BTC, TT_action_BUY, "0.8"));
    config->ta_sentiment_conflict = true;
    config->confidence_difference = RATIO("0.05");
    assert_null(decide(&desk, BTC, TT_action_BUY, "0.8"));
    config->confidence_difference = RATIO("0.051");
    assert_non_null(decide(&desk, BTC, TT_action_BUY, "0.8"));
    desk_close(&desk);
}

/* Old outputs and outputs of other symbols are no conflict. */
static void windows_and_symbols(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, XRP, TT_bias_LONG, "0.7");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BEARISH, "0.7");
    desk_regime(&desk, XRP, TT_regime_CHOPPY, "0.9");
    assert_null(decide(&desk, BTC, TT_action_BUY, "0.8"));
    assert_non_null(decide(&desk, XRP, TT_action_BUY, "0.8"));
    desk_sentiment(&desk, XRP, TT_sentiment_bias_BEARISH, "0.7");
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.8")->count, 2);
    desk_sleep(&desk, "120.000000001");
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.8")->count, 1);
    desk_sleep(&desk, "480");
    assert_null(decide(&desk, XRP, TT_action_BUY, "0.8"));
    desk_close(&desk);
}

/* A close reduces risk: doubt may not keep the position open. */
static void closes_are_not_examined(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    desk_position(&desk, BTC, "2");
    assert_null(decide(&desk, BTC, TT_action_CLOSE_LONG, "0.3"));
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_null(decide(&desk, BTC, TT_action_SELL, "0.3"));
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    desk_close(&desk);
}

/* ---- the arbiter by itself ---- */

static tt_conflict_decision
arbitrate(const tt_arbiter_config *config, const char *confidence, bool ta, bool regime)
{
    tt_conflict_decision conflict = {0};
    if (ta) {
        conflict.conflicts[conflict.count++].type = TT_conflict_type_TA_SENTIMENT;
    }
    if (regime) {
        conflict.conflicts[conflict.count++].type = TT_conflict_type_REGIME;
    }
    tt_coord_arbiter_decide(config, RATIO(confidence), &conflict);
    return conflict;
}

static void arbiter_policy(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    static const struct {
        const char *confidence;
        bool ta;
        bool regime;
        tt_resolution action;
        const char *reduction;
        uint8_t cap;
    } rows[] = {
        {"0.749999999999999999", true, false, TT_resolution_WAIT, "0", 0},
        {"0.75", true, false, TT_resolution_MODIFY, "50", 0},
        {"0.849999999999999999", false, true, TT_resolution_ABORT, "0", 0},
        {"0.85", false, true, TT_resolution_MODIFY, "50", 1},
        {"0.5", true, true, TT_resolution_ABORT, "0", 0},
        {"0.8", true, true, TT_resolution_ABORT, "0", 0},
        {"0.9", true, true, TT_resolution_MODIFY, "50", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_conflict_decision conflict =
            arbitrate(&desk.config.arbiter, rows[i].confidence, rows[i].ta, rows[i].regime);
        assert_int_equal(conflict.action, rows[i].action);
        assert_num(conflict.size_reduction_pct, rows[i].reduction);
        assert_int_equal(conflict.leverage_cap, rows[i].cap);
        assert_num(conflict.confidence, "1");
        assert_string_equal(conflict.arbiter, "rules");
        assert_true(conflict.reasoning[0] != '\0');
    }
}

/* Every pair of judgements: the more cautious one wins, in both orders. */
static void arbiter_takes_the_most_cautious(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    static const tt_resolution by_caution[] = {
        TT_resolution_PROCEED, TT_resolution_MODIFY, TT_resolution_WAIT, TT_resolution_ABORT};
    for (size_t a = 0; a < 4; a++) {
        for (size_t b = 0; b < 4; b++) {
            desk.config.arbiter.ta_sentiment_action = by_caution[a];
            desk.config.arbiter.regime_action = by_caution[b];
            tt_conflict_decision conflict = arbitrate(&desk.config.arbiter, "0.1", true, true);
            assert_int_equal(conflict.action, by_caution[a > b ? a : b]);
            bool modifies = conflict.action == TT_resolution_MODIFY;
            assert_num(conflict.size_reduction_pct, modifies ? "50" : "0");
        }
    }
}

static void arbiter_configuration(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.arbiter.size_reduction_pct = RATIO("12.5");
    desk.config.arbiter.regime_leverage_cap = 2;
    desk.config.arbiter.ta_sentiment_confidence = RATIO("0.1");
    desk.config.arbiter.regime_confidence = RATIO("0.2");
    tt_conflict_decision conflict = arbitrate(&desk.config.arbiter, "0.2", true, true);
    assert_int_equal(conflict.action, TT_resolution_MODIFY);
    assert_num(conflict.size_reduction_pct, "12.5");
    assert_int_equal(conflict.leverage_cap, 2);
    assert_string_equal(
        conflict.reasoning,
        "ta_sentiment_conflict and others at confidence 0.2000: modify, size -12.5 %");
}

static void the_arbiter_says_why(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    tt_conflict_decision conflict = arbitrate(&desk.config.arbiter, "0.1", false, true);
    assert_string_equal(conflict.reasoning, "regime_conflict at confidence 0.1000: abort");
    desk.config.arbiter.regime_action = TT_resolution_MODIFY;
    conflict = arbitrate(&desk.config.arbiter, "0.1", false, true);
    assert_string_equal(
        conflict.reasoning, "regime_conflict at confidence 0.1000: modify, size -50 %");
}

/* The text of a reason as a format would write it, zero to the end of the field. */
static void
expect_reason(const tt_conflict_decision *conflict, tt_ratio confidence, const char *reduction)
{
    char number[TT_DEC_TEXT_MAX];
    char expected[512] = {0};
    (void)tt_dec_format_fixed(confidence.d, 4, number);
    bool is_less = conflict->action == TT_resolution_MODIFY;
    int length = snprintf(
        expected,
        sizeof conflict->reasoning,
        "%s%s at confidence %s: %s%s%s%s",
        tt_enum_text(&tt_enum_conflict_type, conflict->conflicts[0].type),
        conflict->count > 1 ? " and others" : "",
        number,
        tt_enum_text(&tt_enum_resolution, conflict->action),
        is_less ? ", size -" : "",
        is_less ? reduction : "",
        is_less ? " %" : "");
    assert_in_range(length, 1, sizeof conflict->reasoning - 1);
    assert_memory_equal(conflict->reasoning, expected, sizeof conflict->reasoning);
    assert_memory_equal(conflict->arbiter, "rules\0\0\0\0\0\0\0\0\0\0\0", 16);
}

/* Numbers of all lengths, ties of the rounding, and every type and action. */
static void every_reason_is_as_a_format_writes_it(void **state)
{
    (void)state;
    static const char *const confidences[] = {
        "0",
        "0.00005",
        "0.00015",
        "0.000150000000000001",
        "0.1",
        "0.9",
        "0.99994999",
        "0.99995",
        "1",
        "1.00005",
        "12.3456",
        "-0.25",
        "1000000"};
    static const char *const reductions[] = {
        "0", "1", "9", "10", "50", "99", "99.999999999999999999", "100", "12.5", "7.25"};
    static const tt_resolution actions[] = {
        TT_resolution_WAIT, TT_resolution_PROCEED, TT_resolution_MODIFY, TT_resolution_ABORT};
    struct desk desk;
    desk_init(&desk);
    tt_arbiter_config *config = &desk.config.arbiter;
    for (uint32_t i = 0; i < 13u * 10 * 4 * TT_conflict_type_COUNT * 2; i++) {
        tt_ratio confidence = RATIO(confidences[i % 13]);
        const char *reduction = reductions[i / 13 % 10];
        const tt_resolution action = actions[i / 130 % 4];
        const tt_ratio never = RATIO("1000000000");
        tt_conflict_decision conflict = {.count = (uint8_t)(1 + i / 520 % 2)};
        conflict.conflicts[0].type = (uint8_t)(i / 1040);
        conflict.conflicts[1].type = TT_conflict_type_REGIME_CHANGE;
        memset(conflict.reasoning, 'x', sizeof conflict.reasoning);
        config->size_reduction_pct = RATIO(reduction);
        config->ta_sentiment_confidence = config->regime_confidence = never;
        config->symbols_confidence = config->risk_modification_confidence = never;
        config->ta_sentiment_action = config->regime_action = config->symbols_action = action;
        config->regime_change_action = config->risk_modification_action = action;
        tt_coord_arbiter_decide(config, confidence, &conflict);
        assert_int_equal(conflict.action, action);
        expect_reason(&conflict, confidence, reduction);
    }
}

/* What both sides say is told in the words of their enumerations, zero to the end of the field. */
static void a_conflict_tells_what_each_side_says(void **state)
{
    (void)state;
    static const struct {
        tt_bias bias;
        tt_sentiment_bias mood;
    } rows[] = {
        {TT_bias_LONG, TT_sentiment_bias_BEARISH},
        {TT_bias_LONG, TT_sentiment_bias_VERY_BEARISH},
        {TT_bias_SHORT, TT_sentiment_bias_BULLISH},
        {TT_bias_SHORT, TT_sentiment_bias_VERY_BULLISH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk desk;
        desk_start_quiet(&desk);
        desk_ta(&desk, BTC, rows[i].bias, "0.70");
        desk_sentiment(&desk, BTC, rows[i].mood, "0.75");
        desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
        const tt_action action = rows[i].bias == TT_bias_LONG ? TT_action_BUY : TT_action_SELL;
        const tt_conflict_decision *conflict = decide(&desk, BTC, action, "0.9");
        assert_non_null(conflict);
        assert_int_equal(conflict->count, 2);
        char expected[sizeof conflict->conflicts[0].detail] = {0};
        (void)snprintf(
            expected,
            sizeof expected,
            "technical analysis is %s, sentiment is %s",
            tt_enum_text(&tt_enum_bias, rows[i].bias),
            tt_enum_text(&tt_enum_sentiment_bias, rows[i].mood));
        assert_memory_equal(conflict->conflicts[0].detail, expected, sizeof expected);
        memset(expected, 0, sizeof expected);
        (void)snprintf(
            expected,
            sizeof expected,
            "%s in a choppy market, which is better avoided",
            tt_enum_text(&tt_enum_action, action));
        assert_memory_equal(conflict->conflicts[1].detail, expected, sizeof expected);
        desk_close(&desk);
    }
}

/* The whole way: a modification reaches the proposal, and only ever reduces it. */
static void modification_reaches_the_proposal(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.9");
    const tt_conflict_decision *conflict = decide(&desk, BTC, TT_action_BUY, "1");
    assert_int_equal(conflict->action, TT_resolution_MODIFY);
    const tt_msg *msg = desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS);
    const tt_trade_proposal *proposal = PAYLOAD(msg, trade_proposal);
    assert_num(proposal->confidence, "0.85");
    assert_num(proposal->size_pct, "10");
    assert_num(proposal->size_reduction_pct, "50");
    assert_int_equal(proposal->leverage, 1);
    assert_int_equal(proposal->conflict_seq, desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS)->seq);
    desk_close(&desk);
}

static void waiting_makes_no_proposal(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BEARISH, "0.75");
    assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.6")->action, TT_resolution_WAIT);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk.coord->config.arbiter.ta_sentiment_action = TT_resolution_PROCEED;
    assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.6")->action, TT_resolution_PROCEED);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_outputs_no_conflict),
        cmocka_unit_test(ta_against_sentiment),
        cmocka_unit_test(which_leanings_oppose),
        cmocka_unit_test(difference_is_strict_and_exact),
        cmocka_unit_test(choppy_regime),
        cmocka_unit_test(switches_and_threshold_are_read),
        cmocka_unit_test(windows_and_symbols),
        cmocka_unit_test(closes_are_not_examined),
        cmocka_unit_test(arbiter_policy),
        cmocka_unit_test(arbiter_takes_the_most_cautious),
        cmocka_unit_test(arbiter_configuration),
        cmocka_unit_test(the_arbiter_says_why),
        cmocka_unit_test(every_reason_is_as_a_format_writes_it),
        cmocka_unit_test(a_conflict_tells_what_each_side_says),
        cmocka_unit_test(modification_reaches_the_proposal),
        cmocka_unit_test(waiting_makes_no_proposal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
