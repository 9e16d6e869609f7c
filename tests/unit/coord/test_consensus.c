/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void
assert_multiplier(const struct desk *desk, uint32_t agreeing, uint32_t present, const char *text)
{
    tt_ratio multiplier = tt_coord_consensus_multiplier(&desk->config.consensus, agreeing, present);
    assert_num(multiplier, text);
}

/* The curve at every point that the reference measured; exact where the value is exact, and at 18
 * digits where it is not. */
static void multiplier_vectors(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    assert_multiplier(&desk, 0, 1, "0.85");
    assert_multiplier(&desk, 1, 10, "0.895454545454545455");
    assert_multiplier(&desk, 2, 10, "0.940909090909090909");
    assert_multiplier(&desk, 32, 100, "0.995454545454545455");
    assert_multiplier(&desk, 33, 100, "1");
    assert_multiplier(&desk, 1, 2, "1");
    assert_multiplier(&desk, 65, 100, "1");
    assert_multiplier(&desk, 66, 100, "1.096");
    assert_multiplier(&desk, 2, 3, "1.1");
    assert_multiplier(&desk, 8, 10, "1.18");
    assert_multiplier(&desk, 1, 1, "1.3");
    assert_multiplier(&desk, 3, 3, "1.3");
    assert_multiplier(&desk, 1, 3, "1");
    assert_multiplier(&desk, 0, 0, "1");
}

/* The same vectors as the reference prints them, at four digits. */
static void multiplier_vectors_as_printed(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    static const struct {
        uint32_t agreeing;
        const char *text;
    } vectors[] = {
        {0, "0.8500"},
        {10, "0.8955"},
        {20, "0.9409"},
        {32, "0.9955"},
        {33, "1.0000"},
        {50, "1.0000"},
        {65, "1.0000"},
        {66, "1.0960"},
        {80, "1.1800"},
        {100, "1.3000"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[TT_DEC_TEXT_MAX];
        tt_ratio multiplier =
            tt_coord_consensus_multiplier(&desk.config.consensus, vectors[i].agreeing, 100);
        (void)tt_dec_format_fixed(multiplier.d, 4, text);
        assert_string_equal(text, vectors[i].text);
    }
}

/* A threshold of exactly two thirds cannot be written with 18 digits: one digit below it the vote
 * of two in three still counts, one above it no longer does. */
static void thresholds_compare_exactly(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.consensus.high_agreement_threshold = RATIO("0.666666666666666666");
    assert_multiplier(&desk, 2, 3, "1.1");
    desk.config.consensus.high_agreement_threshold = RATIO("0.666666666666666667");
    assert_multiplier(&desk, 2, 3, "1");
    desk.config.consensus.low_agreement_threshold = RATIO("0.333333333333333333");
    assert_multiplier(&desk, 1, 3, "1");
    desk.config.consensus.low_agreement_threshold = RATIO("0.333333333333333334");
    assert_multiplier(&desk, 1, 3, "1");
    desk.config.consensus.low_agreement_threshold = RATIO("0.4");
    assert_multiplier(&desk, 1, 3, "0.975");
}

static void multiplier_follows_configuration(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.consensus.max_confidence_boost = RATIO("0.1");
    desk.config.consensus.max_confidence_penalty = RATIO("0.5");
    assert_multiplier(&desk, 1, 1, "1.1");
    assert_multiplier(&desk, 0, 1, "0.5");
    desk.config.consensus.low_agreement_threshold = RATIO("0");
    assert_multiplier(&desk, 0, 1, "1");
    desk.config.consensus.high_agreement_threshold = RATIO("0.5");
    assert_multiplier(&desk, 1, 2, "1");
    assert_multiplier(&desk, 3, 5, "1.02");
}

/* The curve never falls when more agree, and stays within its ends. */
static void multiplier_is_monotonic(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t present = 1; present <= 64; present++) {
        tt_dec before = num("0");
        for (uint32_t agreeing = 0; agreeing <= present; agreeing++) {
            tt_dec now = tt_coord_consensus_multiplier(&desk.config.consensus, agreeing, present).d;
            assert_true(tt_dec_le(before, now));
            before = now;
        }
        assert_true(tt_dec_eq(before, num("1.3")));
    }
}

static const tt_consensus *
run(struct desk *desk, uint32_t key, tt_action action, const char *confidence)
{
    desk_forget(desk);
    desk_signal(desk, key, action, confidence);
    assert_int_equal(desk_count(desk, TT_TOPIC_CONSENSUS), 1);
    return PAYLOAD(desk_last(desk, TT_TOPIC_CONSENSUS), consensus);
}

static void assert_votes(
    const tt_consensus *consensus, tt_vote_result ta, tt_vote_result regime, tt_vote_result mood)
{
    assert_int_equal(consensus->count, 3);
    assert_int_equal(consensus->votes[0].agent, TT_agent_TECHNICAL_ANALYSIS);
    assert_int_equal(consensus->votes[0].result, ta);
    assert_int_equal(consensus->votes[1].agent, TT_agent_REGIME_DETECTION);
    assert_int_equal(consensus->votes[1].result, regime);
    assert_int_equal(consensus->votes[2].agent, TT_agent_SENTIMENT_ANALYSIS);
    assert_int_equal(consensus->votes[2].result, mood);
}

#define YES    TT_vote_result_AGREES
#define NO     TT_vote_result_DISAGREES
#define SILENT TT_vote_result_ABSENT

static void nobody_votes(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_consensus *consensus = run(&desk, BTC, TT_action_BUY, "0.6");
    assert_votes(consensus, SILENT, SILENT, SILENT);
    assert_int_equal(consensus->present, 0);
    assert_num(consensus->agreement, "0");
    assert_num(consensus->multiplier, "1");
    assert_num(consensus->confidence_after, "0.6");
    desk_close(&desk);
}

static void all_agree_and_confidence_is_capped(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_VERY_BULLISH, "0.6");
    const tt_consensus *consensus = run(&desk, BTC, TT_action_BUY, "0.6");
    assert_votes(consensus, YES, YES, YES);
    assert_num(consensus->agreement, "1");
    assert_num(consensus->multiplier, "1.3");
    assert_num(consensus->confidence_before, "0.6");
    assert_num(consensus->confidence_after, "0.78");
    assert_string_equal(consensus->votes[0].value, "long");
    assert_string_equal(consensus->votes[1].value, "trending_bull");
    assert_string_equal(consensus->votes[2].value, "very_bullish");
    consensus = run(&desk, BTC, TT_action_BUY, "0.9");
    assert_num(consensus->confidence_after, "1");
    consensus = run(&desk, BTC, TT_action_SELL, "0.6");
    assert_votes(consensus, NO, NO, NO);
    assert_num(consensus->confidence_after, "0.51");
    desk_close(&desk);
}

/* Which regimes speak for which side: the names that the regime agent really uses. */
static void regime_votes(void **state)
{
    (void)state;
    static const struct {
        tt_regime regime;
        tt_vote_result buy;
        tt_vote_result sell;
    } rows[TT_regime_COUNT] = {
        {TT_regime_UNKNOWN, NO, NO},
        {TT_regime_TRENDING_BULL, YES, NO},
        {TT_regime_TRENDING_BEAR, NO, YES},
        {TT_regime_RANGING, NO, NO},
        {TT_regime_VOLATILE_BULL, YES, NO},
        {TT_regime_VOLATILE_BEAR, NO, YES},
        {TT_regime_CHOPPY, NO, NO},
        {TT_regime_BREAKOUT_POTENTIAL, YES, NO},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < TT_regime_COUNT; i++) {
        desk_regime(&desk, BTC, rows[i].regime, "0.8");
        assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, rows[i].buy, SILENT);
        assert_votes(run(&desk, BTC, TT_action_SELL, "0.6"), SILENT, rows[i].sell, SILENT);
    }
    desk_close(&desk);
}

static void ta_and_sentiment_votes(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    static const struct {
        tt_bias ta;
        tt_sentiment_bias mood;
        tt_vote_result buy;
        tt_vote_result sell;
        tt_vote_result mood_buy;
        tt_vote_result mood_sell;
    } rows[] = {
        {TT_bias_LONG, TT_sentiment_bias_BULLISH, YES, NO, YES, NO},
        {TT_bias_SHORT, TT_sentiment_bias_BEARISH, NO, YES, NO, YES},
        {TT_bias_NEUTRAL, TT_sentiment_bias_NEUTRAL, NO, NO, NO, NO},
        {TT_bias_LONG, TT_sentiment_bias_VERY_BULLISH, YES, NO, YES, NO},
        {TT_bias_SHORT, TT_sentiment_bias_VERY_BEARISH, NO, YES, NO, YES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        desk_ta(&desk, BTC, rows[i].ta, "0.9");
        desk_sentiment(&desk, BTC, rows[i].mood, "0.9");
        assert_votes(run(&desk, BTC, TT_action_BUY, "0.5"), rows[i].buy, SILENT, rows[i].mood_buy);
        assert_votes(
            run(&desk, BTC, TT_action_SELL, "0.5"), rows[i].sell, SILENT, rows[i].mood_sell);
    }
    desk_close(&desk);
}

/* Windows are those of the configuration: an age equal to the window counts, one more does not; and
 * no time to live of a topic cuts them (regime 900 s and sentiment 5400 s on the bus, windows up to
 * a day). */
static void windows_are_exact(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BULLISH, "0.6");
    desk_sleep(&desk, "120");
    const tt_consensus *consensus = run(&desk, BTC, TT_action_BUY, "0.6");
    assert_votes(consensus, YES, YES, YES);
    assert_int_equal(consensus->votes[0].age.ns, 120 * TT_NS_PER_S);
    desk_sleep(&desk, "0.000000001");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, YES, YES);
    desk_sleep(&desk, "479.999999999");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, YES, YES);
    desk_sleep(&desk, "0.000000001");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, SILENT, YES);
    desk_sleep(&desk, "2999.999999999");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, SILENT, YES);
    desk_sleep(&desk, "0.000000001");
    consensus = run(&desk, BTC, TT_action_BUY, "0.6");
    assert_votes(consensus, SILENT, SILENT, SILENT);
    assert_int_equal(consensus->votes[2].output_seq, 0);
    assert_int_equal(consensus->votes[2].age.ns, 0);
    desk_close(&desk);
}

static void windows_beyond_the_life_of_messages(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled = false;
    }
    desk.config.consensus.ta_max_age.ns = 86400 * TT_NS_PER_S;
    desk.config.consensus.regime_max_age.ns = 86400 * TT_NS_PER_S;
    desk.config.consensus.sentiment_max_age.ns = 86400 * TT_NS_PER_S;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_regime(&desk, BTC, TT_regime_TRENDING_BULL, "0.8");
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BULLISH, "0.6");
    desk_sleep(&desk, "86400");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), YES, YES, YES);
    desk_close(&desk);
}

/* What is said of one symbol never counts for another. */
static void symbols_do_not_mix(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, XRP, TT_bias_LONG, "0.7");
    desk_regime(&desk, XRP, TT_regime_TRENDING_BULL, "0.8");
    desk_sentiment(&desk, XRP, TT_sentiment_bias_BULLISH, "0.6");
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), SILENT, SILENT, SILENT);
    assert_votes(run(&desk, XRP, TT_action_BUY, "0.6"), YES, YES, YES);
    desk_ta(&desk, BTC, TT_bias_SHORT, "0.7");
    assert_votes(run(&desk, XRP, TT_action_BUY, "0.6"), YES, YES, YES);
    assert_votes(run(&desk, BTC, TT_action_BUY, "0.6"), NO, SILENT, SILENT);
    desk_close(&desk);
}

/* The newest output of a symbol votes, and its number stands in the record. */
static void latest_output_votes(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    desk_ta(&desk, BTC, TT_bias_SHORT, "0.7");
    tt_seq newest = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    const tt_consensus *consensus = run(&desk, BTC, TT_action_SELL, "0.6");
    assert_votes(consensus, YES, SILENT, SILENT);
    assert_int_equal(consensus->votes[0].output_seq, newest);
    assert_int_equal(consensus->signal_seq, desk_last(&desk, TT_TOPIC_TRADING_SIGNALS)->seq);
    desk_close(&desk);
}

/* A close is a trade of its direction. */
static void closes_lean_like_their_trade(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_SHORT, "0.7");
    desk_position(&desk, BTC, "1");
    assert_votes(run(&desk, BTC, TT_action_CLOSE_LONG, "0.6"), YES, SILENT, SILENT);
    assert_votes(run(&desk, BTC, TT_action_CLOSE_SHORT, "0.6"), NO, SILENT, SILENT);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiplier_vectors),
        cmocka_unit_test(multiplier_vectors_as_printed),
        cmocka_unit_test(thresholds_compare_exactly),
        cmocka_unit_test(multiplier_follows_configuration),
        cmocka_unit_test(multiplier_is_monotonic),
        cmocka_unit_test(nobody_votes),
        cmocka_unit_test(all_agree_and_confidence_is_capped),
        cmocka_unit_test(regime_votes),
        cmocka_unit_test(ta_and_sentiment_votes),
        cmocka_unit_test(windows_are_exact),
        cmocka_unit_test(windows_beyond_the_life_of_messages),
        cmocka_unit_test(symbols_do_not_mix),
        cmocka_unit_test(latest_output_votes),
        cmocka_unit_test(closes_lean_like_their_trade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
