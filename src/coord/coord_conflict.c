/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Conflicts that speak against an entry, found in the outputs of its own symbol:
 *
 * 1. TA against sentiment: one leans up, the other down, and neither is clearly surer, that is
 *    |TA confidence - sentiment confidence| < confidence_difference, strictly and exactly.
 *    When one is clearly surer it is trusted and there is no conflict.
 * 2. Regime: the market is choppy, whatever the trade.
 * 3. Contradicting symbols: the trade is against a related symbol (coord_symbols.c).
 *
 * Two more come at other moments: a change of the regime under an open position (coord_review.c),
 * and a trade of which risk would take much (coord_held.c).
 *
 * Closes are not examined: they reduce risk, and nobody's doubt may keep a position open.
 */
#include "coord/coord_priv.h"

#include <string.h>

tt_conflict_item *
tt_coord_conflict_add(tt_conflict_decision *conflict, tt_conflict_type type, tt_ratio a, tt_ratio b)
{
    TT_ASSERT(conflict->count < TT_MAX_conflict_item);
    tt_conflict_item *item = &conflict->conflicts[conflict->count++];
    item->type = (uint8_t)type;
    item->confidence_a = a;
    item->confidence_b = b;
    item->difference.d = tt_dec_xabs(tt_dec_xsub(a.d, b.d));
    return item;
}

static bool leans_up(uint8_t bias)
{
    return bias == TT_sentiment_bias_BULLISH || bias == TT_sentiment_bias_VERY_BULLISH;
}

static bool leans_down(uint8_t bias)
{
    return bias == TT_sentiment_bias_BEARISH || bias == TT_sentiment_bias_VERY_BEARISH;
}

bool tt_coord_is_opposed(const tt_coord_symbol *symbol)
{
    return (symbol->ta_bias == TT_bias_LONG && leans_down(symbol->sentiment_bias)) ||
           (symbol->ta_bias == TT_bias_SHORT && leans_up(symbol->sentiment_bias));
}

/* Each detail that there can be, as its field holds it: zero behind the text. */
typedef char detail_text[sizeof(((tt_conflict_item *)0)->detail)];
#define LONG_ROW(e, name, text)                                                                    \
    [TT_##e##_##name] = "technical analysis is long, sentiment is " text,
#define SHORT_ROW(e, name, text)                                                                   \
    [TT_##e##_##name] = "technical analysis is short, sentiment is " text,
#define CHOPPY_ROW(e, name, text)                                                                  \
    [TT_##e##_##name] = text " in a choppy market, which is better avoided",
static const detail_text long_texts[] = {TT_ENUM_sentiment_bias(LONG_ROW)};
static const detail_text short_texts[] = {TT_ENUM_sentiment_bias(SHORT_ROW)};
static const detail_text choppy_texts[] = {TT_ENUM_action(CHOPPY_ROW)};

/* What technical analysis and sentiment say, of which one leans up and the other down. */
static const detail_text *sides_text(const tt_coord_symbol *symbol)
{
    const detail_text *texts = symbol->ta_bias == TT_bias_LONG ? long_texts : short_texts;
    TT_ASSERT(symbol->sentiment_bias < TT_sentiment_bias_COUNT);
    return &texts[symbol->sentiment_bias];
}

static void detect_ta_sentiment(
    const tt_coord *coord,
    uint32_t key,
    const tt_coord_known *known,
    tt_conflict_decision *conflict)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (!known->has_ta || !known->has_sentiment || !tt_coord_is_opposed(symbol)) {
        return;
    }
    tt_dec difference =
        tt_dec_xabs(tt_dec_xsub(symbol->ta_confidence.d, symbol->sentiment_confidence.d));
    if (!tt_dec_lt(difference, coord->config.conflicts.confidence_difference.d)) {
        return;
    }
    tt_conflict_item *item = tt_coord_conflict_add(
        conflict,
        TT_conflict_type_TA_SENTIMENT,
        symbol->ta_confidence,
        symbol->sentiment_confidence);
    item->agent_a = TT_agent_TECHNICAL_ANALYSIS;
    item->agent_b = TT_agent_SENTIMENT_ANALYSIS;
    item->seq_a = symbol->ta_seq;
    item->seq_b = symbol->sentiment_seq;
    memcpy(item->detail, sides_text(symbol), sizeof item->detail);
}

static void detect_regime(
    const tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_coord_known *known,
    tt_conflict_decision *conflict)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, decision->key);
    if (!known->has_regime || symbol->regime != TT_regime_CHOPPY) {
        return;
    }
    tt_conflict_item *item = tt_coord_conflict_add(
        conflict, TT_conflict_type_REGIME, symbol->regime_confidence, decision->confidence);
    item->agent_a = TT_agent_REGIME_DETECTION;
    item->agent_b = TT_agent_TRADING_DECISION;
    item->seq_a = symbol->regime_seq;
    item->seq_b = decision->signal_seq;
    TT_ASSERT(decision->signal->action < TT_action_COUNT);
    memcpy(item->detail, &choppy_texts[decision->signal->action], sizeof item->detail);
}

void tt_coord_conflict_detect(
    const tt_coord *coord, const tt_coord_decision *decision, tt_conflict_decision *conflict)
{
    tt_coord_known known;
    tt_coord_known_get(coord, decision->key, &known);
    if (coord->config.conflicts.ta_sentiment_conflict) {
        detect_ta_sentiment(coord, decision->key, &known, conflict);
    }
    if (coord->config.conflicts.regime_conflict) {
        detect_regime(coord, decision, &known, conflict);
    }
    if (coord->config.conflicts.contradicting_symbols) {
        tt_coord_related_detect(coord, decision, conflict);
    }
}
