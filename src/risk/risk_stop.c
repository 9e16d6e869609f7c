/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stop of an entry that has none (risk.atr_stops): a number of average true ranges from the
 * price, by market regime, rounded to the tick away from the price. It is there before the checks
 * run, so that they judge it like one of the signal: its distance, the loss at it, the size.
 * Without a range or a price there is no stop, and the checks refuse the entry if one is required.
 */
#include "base/error.h"
#include "risk/risk_priv.h"

static tt_ratio ranges_of(const tt_atr_stops_config *config, uint8_t regime)
{
    const tt_ratio by_class[TT_RISK_REGIME_CLASSES] = {
        [TT_RISK_REGIME_UNKNOWN] = config->other,
        [TT_RISK_REGIME_BULL] = config->trending_bull,
        [TT_RISK_REGIME_BEAR] = config->trending_bear,
        [TT_RISK_REGIME_RANGING] = config->ranging,
        [TT_RISK_REGIME_VOLATILE] = config->volatile_market,
        [TT_RISK_REGIME_CHOPPY] = config->choppy,
        [TT_RISK_REGIME_BREAKOUT] = config->other,
    };
    return by_class[tt_risk_class_of((tt_regime)regime)];
}

static tt_price stop_at(const tt_risk_trial *trial, tt_dec price, tt_dec distance)
{
    bool is_buy = trial->proposal->side == TT_side_BUY;
    tt_dec level = is_buy ? tt_dec_xsub(price, distance) : tt_dec_xadd(price, distance);
    tt_round round = is_buy ? TT_ROUND_FLOOR : TT_ROUND_CEILING;
    tt_dec tick = trial->instrument->price_increment.d;
    bool is_usable = tt_dec_sign(level) > 0 &&
                     tt_dec_quantize(level, tick, round, &level) == TUTTI_OK &&
                     tt_dec_sign(level) > 0 && tt_dec_le(level, TT_PRICE_MAX);
    return (tt_price){is_usable ? level : TT_DEC_ZERO};
}

void tt_risk_stop_fill_in(tt_risk *risk, tt_risk_trial *trial)
{
    const tt_trade_proposal *asked = trial->proposal;
    const tt_atr_stops_config *config = &risk->config.atr_stops;
    bool is_entry = asked->kind == TT_proposal_kind_ENTRY && trial->instrument != NULL;
    if (!is_entry || !tt_dec_is_zero(asked->stop_loss.d)) {
        return;
    }
    tt_dec range = trial->symbol->atr.d;
    tt_dec entry = asked->entry_price.d;
    tt_dec price = tt_dec_sign(entry) > 0 ? entry : trial->market_price.d;
    tt_dec distance = TT_DEC_ZERO;
    bool is_known =
        tt_dec_sign(range) > 0 && tt_dec_sign(price) > 0 && tt_dec_le(price, TT_PRICE_MAX) &&
        tt_dec_mul(range, ranges_of(config, asked->regime).d, TT_ROUND_HALF_EVEN, &distance) ==
            TUTTI_OK &&
        tt_dec_le(distance, TT_PRICE_MAX);
    if (!is_known) {
        return;
    }
    risk->proposal = *asked;
    risk->proposal.stop_loss = stop_at(trial, price, distance);
    trial->proposal = &risk->proposal;
}
