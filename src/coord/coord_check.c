/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Range checks of what agents say. The form was checked before (tt_payload_check); here it is the
 * meaning: a value outside its range is refused, never clamped, so that nobody acts on what the
 * agent did not say.
 */
#include "coord/coord_priv.h"

#include <stddef.h>
#include <string.h>

/** Range of one decimal field. */
struct range {
    const char *name;
    size_t offset;
    tt_i128 min;
    tt_i128 max;
};

/* One hundredth, as decimals count. */
#define HUNDREDTH ((tt_i128)(TT_DEC_ONE_I64 / 100))
/* Bounds in hundredths. */
#define RANGE(payload, field, min, max)                                                            \
    {                                                                                              \
#payload "." #field, offsetof(tt_##payload, field), (min)*HUNDREDTH, (max)*HUNDREDTH       \
    }
#define NO_MAX ((tt_i128)(~(tt_u128)0 >> 1))
#define RANGE_FROM(payload, field, min)                                                            \
    {                                                                                              \
#payload "." #field, offsetof(tt_##payload, field), (min)*HUNDREDTH, NO_MAX                \
    }

static const struct range ta_ranges[] = {
    RANGE(ta_signal, trend_strength, 0, 100),
    RANGE(ta_signal, momentum_score, -100, 100),
    RANGE(ta_signal, confidence, 0, 100),
    RANGE(ta_signal, rsi, 0, 10000),
    RANGE_FROM(ta_signal, support, 0),
    RANGE_FROM(ta_signal, resistance, 0),
};
static const struct range regime_ranges[] = {
    RANGE(regime_update, confidence, 0, 100),
    RANGE(regime_update, trend_strength, 0, 100),
    RANGE(regime_update, choppiness, 0, 10000),
    RANGE(regime_update, adx_value, 0, 10000),
    RANGE(regime_update, position_size_multiplier, 25, 150),
    RANGE(regime_update, stop_loss_multiplier, 50, 200),
    RANGE(regime_update, take_profit_multiplier, 50, 300),
};
static const struct range sentiment_ranges[] = {
    RANGE(sentiment_update, score, -100, 100),
    RANGE(sentiment_update, social_score, -100, 100),
    RANGE(sentiment_update, news_score, -100, 100),
    RANGE(sentiment_update, confidence, 0, 100),
    RANGE(sentiment_update, fear_greed, -100, 100),
};
static const struct range signal_ranges[] = {
    RANGE(trading_signal, confidence, 0, 100),
    RANGE_FROM(trading_signal, entry_price, 0),
    RANGE_FROM(trading_signal, stop_loss, 0),
    RANGE_FROM(trading_signal, take_profit, 0),
    RANGE(trading_signal, position_size_pct, 0, 10000),
    RANGE(trading_signal, agreement, 0, 100),
};
static const struct range vote_ranges[] = {
    RANGE(model_vote, confidence, 0, 100),
    RANGE_FROM(model_vote, entry_price, 0),
    RANGE_FROM(model_vote, stop_loss, 0),
    RANGE_FROM(model_vote, take_profit, 0),
};
static const struct range portfolio_ranges[] = {
    RANGE_FROM(portfolio_update, max_deviation_pct, 0),
    RANGE(portfolio_update, confidence, 0, 100),
};

static tutti_status refuse_range(const struct range *range, tt_dec value, tt_error *error)
{
    char text[TT_DEC_TEXT_MAX];
    char min[TT_DEC_TEXT_MAX];
    char max[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, text);
    (void)tt_dec_format((tt_dec){range->min}, min);
    if (range->max == NO_MAX) {
        return tt_error_set(
            error, TUTTI_INVALID, "%s is %s; it must be at least %s", range->name, text, min);
    }
    (void)tt_dec_format((tt_dec){range->max}, max);
    return tt_error_set(
        error, TUTTI_INVALID, "%s is %s; it must be from %s to %s", range->name, text, min, max);
}

static tutti_status
check_ranges(const struct range *ranges, size_t count, const void *payload, tt_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct range *range = &ranges[i];
        tt_dec value;
        memcpy(&value, (const char *)payload + range->offset, sizeof value);
        if (value.v < range->min || value.v > range->max) {
            return refuse_range(range, value, error);
        }
    }
    return TUTTI_OK;
}
#define CHECK_RANGES(ranges, payload, error)                                                       \
    check_ranges((ranges), sizeof(ranges) / sizeof(ranges)[0], (payload), (error))

tutti_status tt_coord_check_ta(const tt_ta_signal *ta, tt_error *error)
{
    TUTTI_TRY(CHECK_RANGES(ta_ranges, ta, error));
    bool has_both = ta->support.d.v != 0 && ta->resistance.d.v != 0;
    if (has_both && tt_dec_lt(ta->resistance.d, ta->support.d)) {
        return tt_error_set(
            error, TUTTI_INVALID, "ta_signal.support lies above ta_signal.resistance");
    }
    return TUTTI_OK;
}

tutti_status tt_coord_check_regime(const tt_regime_update *regime, tt_error *error)
{
    return CHECK_RANGES(regime_ranges, regime, error);
}

tutti_status tt_coord_check_sentiment(const tt_sentiment_update *sentiment, tt_error *error)
{
    return CHECK_RANGES(sentiment_ranges, sentiment, error);
}

/* Refuses `below` >= `above` where both are given. */
static tutti_status check_order(
    tt_price below, const char *below_name, tt_price above, const char *above_name, tt_error *error)
{
    if (below.d.v == 0 || above.d.v == 0 || tt_dec_lt(below.d, above.d)) {
        return TUTTI_OK;
    }
    char low[TT_DEC_TEXT_MAX];
    char high[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(below.d, low);
    (void)tt_dec_format(above.d, high);
    return tt_error_set(
        error,
        TUTTI_INVALID,
        "trading_signal.%s is %s; it must lie below %s, which is %s",
        below_name,
        low,
        above_name,
        high);
}

/* Buying: stop < entry < target; selling the reverse. Each pair that is given must fit, so that a
 * market entry (0) still has its stop and target on the right sides of each other. */
static tutti_status check_prices(const tt_trading_signal *signal, tt_error *error)
{
    tt_price stop = signal->stop_loss;
    tt_price entry = signal->entry_price;
    tt_price target = signal->take_profit;
    if (signal->action == TT_action_BUY) {
        TUTTI_TRY(check_order(stop, "stop_loss", entry, "entry_price", error));
        TUTTI_TRY(check_order(entry, "entry_price", target, "take_profit", error));
        return check_order(stop, "stop_loss", target, "take_profit", error);
    }
    if (signal->action == TT_action_SELL) {
        TUTTI_TRY(check_order(entry, "entry_price", stop, "stop_loss", error));
        TUTTI_TRY(check_order(target, "take_profit", entry, "entry_price", error));
        return check_order(target, "take_profit", stop, "stop_loss", error);
    }
    return TUTTI_OK;
}

tutti_status tt_coord_check_signal(const tt_trading_signal *signal, tt_error *error)
{
    TUTTI_TRY(CHECK_RANGES(signal_ranges, signal, error));
    if (signal->leverage < 1) {
        return tt_error_set(
            error, TUTTI_INVALID, "trading_signal.leverage is 0; it must be at least 1");
    }
    for (uint8_t i = 0; i < signal->count; i++) {
        TUTTI_TRY(CHECK_RANGES(vote_ranges, &signal->votes[i], error));
    }
    return check_prices(signal, error);
}

static tutti_status
check_trade(const tt_rebalance_trade *trade, uint32_t symbol_count, tt_error *error)
{
    if (trade->instrument < 1 || trade->instrument > symbol_count) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "rebalance_trade.instrument is %u; it must be from 1 to %u",
            trade->instrument,
            symbol_count);
    }
    if (trade->side == TT_side_NONE) {
        return tt_error_set(
            error, TUTTI_INVALID, "rebalance_trade.side is none; it must be buy or sell");
    }
    if (tt_dec_sign(trade->amount.d) <= 0) {
        return tt_error_set(error, TUTTI_INVALID, "rebalance_trade.amount must be greater than 0");
    }
    return TUTTI_OK;
}

tutti_status
tt_coord_check_portfolio(const tt_portfolio_update *update, uint32_t symbol_count, tt_error *error)
{
    TUTTI_TRY(CHECK_RANGES(portfolio_ranges, update, error));
    for (uint8_t i = 0; i < update->count; i++) {
        TUTTI_TRY(check_trade(&update->trades[i], symbol_count, error));
    }
    return TUTTI_OK;
}
