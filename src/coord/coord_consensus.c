/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Consensus: do the other agents of the symbol lean the way of a signal?
 *
 * Each of technical analysis, regime and sentiment has a vote as long as its latest output is
 * within its window; who is silent is not counted. With r = agreeing / present, thresholds l <= h,
 * boost b and penalty p the confidence of the signal is multiplied by
 *
 *   r >= h       1 + 2b (r - 0.5)
 *   l <= r < h   1
 *   r <  l       (1 - p) + r p / l
 *
 * and limited to 1. r is never rounded: the thresholds are compared by cross multiplication.
 * A close counts as the trade that it is: CLOSE_LONG like SELL, CLOSE_SHORT like BUY.
 */
#include "coord/coord_priv.h"

#include <string.h>

static tt_dec number_of(tt_i128 value)
{
    return (tt_dec){value * TT_DEC_ONE_I64};
}

/* part / whole, rounded half-even, of numbers of votes: it needs no wide division. */
static tt_dec share_of(uint32_t part, uint32_t whole)
{
    TT_ASSERT(part <= whole && whole <= TT_MAX_consensus_vote);
    uint64_t product = part * (uint64_t)TT_DEC_ONE_I64;
    uint64_t quotient = product / whole;
    uint64_t twice = 2 * (product % whole);
    quotient += twice > whole || (twice == whole && (quotient & 1) != 0);
    return (tt_dec){quotient};
}
_Static_assert(TT_MAX_consensus_vote <= 16, "a product of that many votes has 64 bits");

/* Most agreements leave a confidence as it is. */
static tt_dec scaled(tt_dec confidence, tt_dec multiplier)
{
    return multiplier.v == TT_DEC_ONE_I64 ? confidence : tt_dec_xmul(confidence, multiplier);
}

/* agreeing / present >= threshold, exactly. */
static bool is_at_least(uint32_t agreeing, uint32_t present, tt_ratio threshold)
{
    return (tt_i128)agreeing * TT_DEC_ONE_I64 >= threshold.d.v * present;
}

/* a x b / c, rounded half-even; the arguments are small. */
static tt_dec muldiv(tt_dec a, tt_dec b, tt_dec c)
{
    tt_dec result = {0};
    tutti_status status = tt_dec_muldiv(a, b, c, TT_ROUND_HALF_EVEN, &result);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

tt_ratio tt_coord_consensus_multiplier(
    const tt_consensus_config *config, uint32_t agreeing, uint32_t present)
{
    tt_dec one = number_of(1);
    if (present == 0) {
        return (tt_ratio){one};
    }
    if (is_at_least(agreeing, present, config->high_agreement_threshold)) {
        tt_dec lead = number_of(2 * (tt_i128)agreeing - present);
        return (tt_ratio){
            tt_dec_xadd(one, muldiv(config->max_confidence_boost.d, lead, number_of(present)))};
    }
    if (is_at_least(agreeing, present, config->low_agreement_threshold)) {
        return (tt_ratio){one};
    }
    tt_dec penalty = config->max_confidence_penalty.d;
    tt_dec reach = {config->low_agreement_threshold.d.v * present};
    tt_dec back = muldiv(penalty, number_of(agreeing), reach);
    return (tt_ratio){tt_dec_xadd(tt_dec_xsub(one, penalty), back)};
}

/* A long bias speaks for buying, a short one for selling. */
static bool ta_agrees(uint8_t bias, tt_side side)
{
    return bias == (side == TT_side_BUY ? TT_bias_LONG : TT_bias_SHORT);
}

bool tt_coord_regime_agrees(uint8_t regime, tt_side side)
{
    if (side == TT_side_BUY) {
        return regime == TT_regime_TRENDING_BULL || regime == TT_regime_BREAKOUT_POTENTIAL ||
               regime == TT_regime_VOLATILE_BULL;
    }
    return regime == TT_regime_TRENDING_BEAR || regime == TT_regime_VOLATILE_BEAR;
}

static bool sentiment_agrees(uint8_t bias, tt_side side)
{
    if (side == TT_side_BUY) {
        return bias == TT_sentiment_bias_BULLISH || bias == TT_sentiment_bias_VERY_BULLISH;
    }
    return bias == TT_sentiment_bias_BEARISH || bias == TT_sentiment_bias_VERY_BEARISH;
}

static tt_consensus_vote *add_vote(tt_consensus *consensus, tt_agent agent)
{
    TT_ASSERT(consensus->count < TT_MAX_consensus_vote);
    tt_consensus_vote *vote = &consensus->votes[consensus->count++];
    vote->agent = (uint8_t)agent;
    vote->result = TT_vote_result_ABSENT;
    return vote;
}

/* What the agents say, as the field of a vote holds it: zero behind the text. */
typedef char vote_value[sizeof(((tt_consensus_vote *)0)->value)];
#define VALUE_ROW(e, name, text) [TT_##e##_##name] = text,
static const vote_value bias_values[] = {TT_ENUM_bias(VALUE_ROW)};
static const vote_value regime_values[] = {TT_ENUM_regime(VALUE_ROW)};
static const vote_value sentiment_values[] = {TT_ENUM_sentiment_bias(VALUE_ROW)};

static void cast_vote(
    tt_consensus *consensus,
    tt_consensus_vote *vote,
    tt_seq seq,
    bool agrees,
    const vote_value *value)
{
    vote->output_seq = seq;
    vote->result = agrees ? TT_vote_result_AGREES : TT_vote_result_DISAGREES;
    memcpy(vote->value, value, sizeof vote->value);
    consensus->present++;
    consensus->agreeing = (uint8_t)(consensus->agreeing + agrees);
}

static void count_votes(const tt_coord *coord, uint32_t key, tt_side side, tt_consensus *consensus)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_coord_known known;
    tt_coord_known_get(coord, key, &known);
    tt_consensus_vote *vote = add_vote(consensus, TT_agent_TECHNICAL_ANALYSIS);
    if (known.has_ta) {
        vote->age = known.ta_age;
        TT_ASSERT(symbol->ta_bias < TT_bias_COUNT);
        const vote_value *value = &bias_values[symbol->ta_bias];
        cast_vote(consensus, vote, symbol->ta_seq, ta_agrees(symbol->ta_bias, side), value);
    }
    vote = add_vote(consensus, TT_agent_REGIME_DETECTION);
    if (known.has_regime) {
        vote->age = known.regime_age;
        TT_ASSERT(symbol->regime < TT_regime_COUNT);
        const vote_value *value = &regime_values[symbol->regime];
        cast_vote(
            consensus,
            vote,
            symbol->regime_seq,
            tt_coord_regime_agrees(symbol->regime, side),
            value);
    }
    vote = add_vote(consensus, TT_agent_SENTIMENT_ANALYSIS);
    if (known.has_sentiment) {
        vote->age = known.sentiment_age;
        TT_ASSERT(symbol->sentiment_bias < TT_sentiment_bias_COUNT);
        const vote_value *value = &sentiment_values[symbol->sentiment_bias];
        bool agrees = sentiment_agrees(symbol->sentiment_bias, side);
        cast_vote(consensus, vote, symbol->sentiment_seq, agrees, value);
    }
}

void tt_coord_consensus_run(tt_coord *coord, tt_coord_decision *decision)
{
    const tt_trading_signal *signal = decision->signal;
    tt_consensus consensus = {
        .confidence_before = signal->confidence,
        .signal_seq = decision->signal_seq,
    };
    count_votes(coord, decision->key, decision->side, &consensus);
    if (consensus.present > 0) {
        consensus.agreement.d = share_of(consensus.agreeing, consensus.present);
    }
    consensus.multiplier = tt_coord_consensus_multiplier(
        &coord->config.consensus, consensus.agreeing, consensus.present);
    consensus.confidence_after.d =
        tt_dec_min(number_of(1), scaled(signal->confidence.d, consensus.multiplier.d));
    decision->confidence = consensus.confidence_after;
    decision->consensus_seq =
        tt_coord_publish(coord, TT_TOPIC_CONSENSUS, decision->key, &consensus);
}
