/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Requests by hand for tests of agents: a quiet market around 100, from which a test departs.
 */
#ifndef TT_TEST_AGENT_FIXTURE_H
#define TT_TEST_AGENT_FIXTURE_H

#include "agent/agents.h"
#include "base/random.h"

#include <string.h>

#define FIXTURE_CALL 41
#define FIXTURE_SET  40

/** `hundredths` / 100. */
static inline tt_ratio ratio_of(int64_t hundredths)
{
    return (tt_ratio){tt_dec_from_i64(hundredths, 2)};
}

static inline tt_price price_of(int64_t hundredths)
{
    return (tt_price){tt_dec_from_i64(hundredths, 2)};
}

static inline bool is_ratio(tt_ratio is, int64_t hundredths)
{
    return tt_dec_eq(is.d, tt_dec_from_i64(hundredths, 2));
}

static inline bool is_score(tt_ratio is, int64_t ten_thousandths)
{
    return tt_dec_eq(is.d, tt_dec_from_i64(ten_thousandths, 4));
}

static inline bool is_price(tt_price is, int64_t hundredths)
{
    return tt_dec_eq(is.d, tt_dec_from_i64(hundredths, 2));
}

/** Two instruments with a tick of 0.01. */
static inline tt_instruments fixture_instruments(void)
{
    tt_instruments instruments = {.count = 2};
    for (uint32_t i = 0; i < 2; i++) {
        instruments.list[i] = (tt_instrument){
            .price_increment = {TT_DEC_C(1, 2)}, .bar_interval_s = 60, .id = {i + 1}};
    }
    TT_TEXT_SET(instruments.list[0].symbol, "BTC/USDT");
    TT_TEXT_SET(instruments.list[1].symbol, "ETH/USDT");
    return instruments;
}

/** Nothing moves, nothing leans: every average is at the close, ATR is 1. */
static inline tt_indicators fixture_indicators(void)
{
    return (tt_indicators){
        .close = price_of(10000),
        .rsi_14 = ratio_of(5000),
        .ema_9 = ratio_of(10000),
        .ema_21 = ratio_of(10000),
        .ema_50 = ratio_of(10000),
        .ema_200 = ratio_of(10000),
        .sma_20 = ratio_of(10000),
        .atr_14 = ratio_of(100),
        .atr_avg_20 = ratio_of(100),
        .adx_14 = ratio_of(1500),
        .plus_di_14 = ratio_of(2000),
        .minus_di_14 = ratio_of(2000),
        .chop_14 = ratio_of(5000),
        .bb_upper = ratio_of(10200),
        .bb_lower = ratio_of(9800),
        .bb_width_pct = ratio_of(400),
        .high_20 = ratio_of(10200),
        .low_20 = ratio_of(9800),
        .volume = ratio_of(1000),
        .volume_avg_20 = ratio_of(1000),
        .bar_count = 60,
        .is_warm = 1};
}

/** A clear rise. */
static inline tt_indicators fixture_rise(void)
{
    tt_indicators indicators = fixture_indicators();
    indicators.close = price_of(10150);
    indicators.ema_9 = ratio_of(10120);
    indicators.ema_21 = ratio_of(10080);
    indicators.ema_50 = ratio_of(10030);
    indicators.adx_14 = ratio_of(3500);
    indicators.plus_di_14 = ratio_of(3000);
    indicators.minus_di_14 = ratio_of(1000);
    indicators.rsi_14 = ratio_of(6000);
    indicators.macd_hist = ratio_of(20);
    indicators.macd_hist_prev = ratio_of(10);
    indicators.roc_10 = ratio_of(200);
    return indicators;
}

/** The mirror image of a set around 100. */
static inline tt_indicators fixture_mirror(tt_indicators from)
{
    const tt_dec two_hundred = TT_DEC_C(200, 0);
    const tt_dec hundred = TT_DEC_C(100, 0);
    tt_indicators to = from;
    to.close.d = tt_dec_xsub(two_hundred, from.close.d);
    to.ema_9.d = tt_dec_xsub(two_hundred, from.ema_9.d);
    to.ema_21.d = tt_dec_xsub(two_hundred, from.ema_21.d);
    to.ema_50.d = tt_dec_xsub(two_hundred, from.ema_50.d);
    to.ema_200.d = tt_dec_xsub(two_hundred, from.ema_200.d);
    to.bb_upper.d = tt_dec_xsub(two_hundred, from.bb_lower.d);
    to.bb_lower.d = tt_dec_xsub(two_hundred, from.bb_upper.d);
    to.high_20.d = tt_dec_xsub(two_hundred, from.low_20.d);
    to.low_20.d = tt_dec_xsub(two_hundred, from.high_20.d);
    to.plus_di_14 = from.minus_di_14;
    to.minus_di_14 = from.plus_di_14;
    to.rsi_14.d = tt_dec_xsub(hundred, from.rsi_14.d);
    to.macd_hist.d = tt_dec_xneg(from.macd_hist.d);
    to.macd_hist_prev.d = tt_dec_xneg(from.macd_hist_prev.d);
    to.roc_10.d = tt_dec_xneg(from.roc_10.d);
    return to;
}

static inline tt_agent_request fixture_request(tt_indicators indicators)
{
    return (tt_agent_request){
        .call_seq = FIXTURE_CALL,
        .now = {1000 * TT_NS_PER_S},
        .key = 1,
        .call = {.indicators_seq = FIXTURE_SET, .ta_seq = 38, .regime_seq = 39},
        .indicators = indicators,
        .has_indicators = true};
}

/** Asks an agent and checks the form of what it says. */
static inline tt_agent_answer
fixture_ask(tt_agent_fn fn, void *ctx, const tt_agent_request *request)
{
    tt_instruments instruments = fixture_instruments();
    tt_agent_answer answer = {0};
    fn(ctx, &instruments, request, &answer);
    if (answer.status == TT_answer_status_OK) {
        tt_error error = {0};
        const tt_topic_info *info = tt_topic_info_get(answer.answer_topic);
        tutti_status status = tt_payload_check(info->layout, answer.body, answer.count, &error);
        if (status != TUTTI_OK) {
            tt_assert_failed(error.message, "fixture.h", __LINE__);
        }
    }
    return answer;
}

/** Copies a payload out of an answer into a zeroed struct. */
#define FIXTURE_BODY(answer, TOPIC, target)                                                        \
    do {                                                                                           \
        assert_int_equal((answer).status, TT_answer_status_OK);                                    \
        assert_int_equal((answer).answer_topic, TT_TOPIC_##TOPIC);                                 \
        memset(&(target), 0, sizeof(target));                                                      \
        assert_true((answer).count <= sizeof(target));                                             \
        memcpy(&(target), (answer).body, (answer).count);                                          \
    } while (0)

#endif
