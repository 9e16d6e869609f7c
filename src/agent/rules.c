/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the rule agents share.
 */
#include "agent/rules.h"

void tt_rule_view_fill(tt_rule_view *view, const tt_indicators *indicators)
{
    *view = (tt_rule_view){
        .close = tt_dec_to_double(indicators->close.d),
        .rsi = tt_dec_to_double(indicators->rsi_14.d),
        .ema_9 = tt_dec_to_double(indicators->ema_9.d),
        .ema_21 = tt_dec_to_double(indicators->ema_21.d),
        .ema_50 = tt_dec_to_double(indicators->ema_50.d),
        .ema_200 = tt_dec_to_double(indicators->ema_200.d),
        .macd_hist = tt_dec_to_double(indicators->macd_hist.d),
        .macd_hist_prev = tt_dec_to_double(indicators->macd_hist_prev.d),
        .atr = tt_dec_to_double(indicators->atr_14.d),
        .atr_avg = tt_dec_to_double(indicators->atr_avg_20.d),
        .adx = tt_dec_to_double(indicators->adx_14.d),
        .plus_di = tt_dec_to_double(indicators->plus_di_14.d),
        .minus_di = tt_dec_to_double(indicators->minus_di_14.d),
        .chop = tt_dec_to_double(indicators->chop_14.d),
        .bb_upper = tt_dec_to_double(indicators->bb_upper.d),
        .bb_lower = tt_dec_to_double(indicators->bb_lower.d),
        .high_20 = tt_dec_to_double(indicators->high_20.d),
        .low_20 = tt_dec_to_double(indicators->low_20.d),
        .roc = tt_dec_to_double(indicators->roc_10.d),
        .volume = tt_dec_to_double(indicators->volume.d),
        .volume_avg = tt_dec_to_double(indicators->volume_avg_20.d)};
}

void tt_rule_decline(tt_agent_answer *answer, const char *why)
{
    answer->status = TT_answer_status_NO_OPINION;
    TT_TEXT_SET(answer->error, why);
}

const tt_instrument *tt_rule_begin(
    const tt_instruments *instruments, const tt_agent_request *request, tt_agent_answer *answer)
{
    const tt_instrument *instrument =
        tt_instrument_find(instruments, (tt_instrument_id){request->key});
    if (instrument == NULL) {
        tt_rule_decline(answer, "the call names no configured instrument");
        return NULL;
    }
    if (!request->has_indicators || !request->indicators.is_warm) {
        tt_rule_decline(answer, "the indicators do not have their history yet");
        return NULL;
    }
    if (tt_dec_sign(request->indicators.close.d) <= 0) {
        tt_rule_decline(answer, "the indicators have no close");
        return NULL;
    }
    return instrument;
}

tt_ratio tt_rule_score(double value, double low, double high)
{
    tt_ratio result = {TT_DEC_ZERO};
    tutti_status status = tt_dec_from_double(tt_rule_clamp(value, low, high), &result.d);
    TT_ASSERT(status == TUTTI_OK);
    status = tt_dec_quantize(result.d, TT_DEC_C(1, 4), TT_ROUND_HALF_EVEN, &result.d);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}
