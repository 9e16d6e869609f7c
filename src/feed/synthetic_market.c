/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The model of the synthetic market.
 *
 * Return of a turn = drift of the regime + sigma x shock. Shock = common part + own part, so that
 * any two instruments have the configured correlation. Sigma follows a GARCH(1,1) recursion on the
 * instrument's own shocks. Regimes last for random spans; an instrument mostly takes that of the
 * market.
 */
#include "feed/synthetic_market.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#define SECONDS_PER_DAY 86400.0
/* variance' = BASE + REACTION x variance x shock^2 + MEMORY x variance; they add up to 1. */
#define VARIANCE_BASE     0.001
#define VARIANCE_REACTION 0.02
#define VARIANCE_MEMORY   0.979
#define VARIANCE_MAX      25.0
#define RANGE_PULL_S      600.0 /* Seconds in which a range pulls the price back. */
#define FOLLOW_PCT        70    /* How often an instrument takes the regime of the market. */
#define QUOTE_NOTIONAL    20000.0
#define TICKS_MIN         100.0 /* A price has at least so many ticks. */
#define OUTAGE_MIN_S      30
#define OUTAGE_MAX_S      300

static const double regime_sigma[TT_SYNTHETIC_REGIME_COUNT] = {1.0, 1.0, 0.7, 2.2};

/** Uniform in [0, 1). */
static double draw_unit(tt_random *random)
{
    return (double)(tt_random_u64(random) >> 11) * 0x1p-53;
}

/** Close to normal, mean 0, variance 1: the count of 64 fair bits, smoothed. */
static double draw_shock(tt_random *random)
{
    int bits = __builtin_popcountll(tt_random_u64(random));
    return ((double)(bits - 32) + draw_unit(random) - 0.5) * 0.25;
}

static void start_phase(
    tt_synthetic_market *market, tt_synthetic_phase *phase, tt_synthetic_regime regime, tt_time now)
{
    int64_t low = market->config->regime_min.ns;
    int64_t high = market->config->regime_max.ns;
    phase->regime = regime;
    phase->until.ns = now.ns + tt_random_between(&market->random, low, high);
}

/** Draws a regime other than the last: trends are as frequent as the two others together twice. */
static tt_synthetic_regime draw_regime(tt_random *random, tt_synthetic_regime last)
{
    for (;;) {
        uint64_t draw = tt_random_below(random, 100);
        tt_synthetic_regime regime = draw < 35   ? TT_SYNTHETIC_TREND_UP
                                     : draw < 70 ? TT_SYNTHETIC_TREND_DOWN
                                     : draw < 88 ? TT_SYNTHETIC_RANGE
                                                 : TT_SYNTHETIC_VOLATILE;
        if (regime != last) {
            return regime;
        }
    }
}

static void refresh_asset_phase(tt_synthetic_market *market, tt_synthetic_asset *asset, tt_time now)
{
    if (now.ns < asset->phase.until.ns) {
        return;
    }
    bool does_follow = tt_random_below(&market->random, 100) < FOLLOW_PCT;
    tt_synthetic_regime regime =
        does_follow ? market->phase.regime : draw_regime(&market->random, asset->phase.regime);
    start_phase(market, &asset->phase, regime, now);
    asset->anchor = asset->price;
}

void tt_synthetic_market_round(tt_synthetic_market *market, tt_time now)
{
    if (now.ns >= market->phase.until.ns) {
        start_phase(
            market, &market->phase, draw_regime(&market->random, market->phase.regime), now);
    }
    market->common_shock = draw_shock(&market->random);
}

/** Drift of a turn as a share of the price. */
static double turn_drift(const tt_synthetic_market *market, const tt_synthetic_asset *asset)
{
    if (asset->phase.regime == TT_SYNTHETIC_RANGE) {
        double pull = market->turn_s < RANGE_PULL_S ? market->turn_s / RANGE_PULL_S : 1.0;
        return pull * (asset->anchor / asset->price - 1.0);
    }
    if (asset->phase.regime == TT_SYNTHETIC_VOLATILE) {
        return 0;
    }
    double strength = tt_dec_to_double(market->config->trend_strength.d);
    double minute_sigma = asset->daily_sigma * sqrt(60.0 / SECONDS_PER_DAY);
    double drift = strength * minute_sigma * market->turn_s / 60.0;
    return asset->phase.regime == TT_SYNTHETIC_TREND_UP ? drift : -drift;
}

static void move_price(tt_synthetic_asset *asset, double change)
{
    change = change < -0.2 ? -0.2 : change > 0.2 ? 0.2 : change;
    double price = asset->price * (1.0 + change);
    price = price < asset->price_low ? asset->price_low : price;
    asset->price = price > asset->price_high ? asset->price_high : price;
}

void tt_synthetic_market_turn(tt_synthetic_market *market, uint32_t index, tt_time now)
{
    tt_synthetic_asset *asset = &market->assets[index];
    refresh_asset_phase(market, asset, now);
    double own = draw_shock(&market->random);
    double shock = market->common_weight * market->common_shock + market->own_weight * own;
    double sigma = asset->daily_sigma * regime_sigma[asset->phase.regime] *
                   sqrt(asset->variance * market->turn_s / SECONDS_PER_DAY);
    move_price(asset, turn_drift(market, asset) + sigma * shock);
    double variance = VARIANCE_BASE + VARIANCE_REACTION * asset->variance * shock * shock +
                      VARIANCE_MEMORY * asset->variance;
    asset->variance = variance < VARIANCE_MAX ? variance : VARIANCE_MAX;
}

uint32_t tt_synthetic_market_outage(tt_synthetic_market *market)
{
    double per_day = tt_dec_to_double(market->config->gaps_per_day.d);
    if (draw_unit(&market->random) >= per_day * market->turn_s / SECONDS_PER_DAY) {
        return 0;
    }
    int64_t silent_s = tt_random_between(&market->random, OUTAGE_MIN_S, OUTAGE_MAX_S);
    double common = draw_shock(&market->random);
    for (uint32_t i = 0; i < market->count; i++) {
        tt_synthetic_asset *asset = &market->assets[i];
        double own = draw_shock(&market->random);
        double shock = market->common_weight * common + market->own_weight * own;
        // What silences a feed is rarely a quiet market: three times the usual movement.
        double sigma = 3.0 * asset->daily_sigma * sqrt((double)silent_s / SECONDS_PER_DAY);
        move_price(asset, sigma * shock);
    }
    return (uint32_t)silent_s;
}

tt_synthetic_quote tt_synthetic_market_quote(const tt_synthetic_market *market, uint32_t index)
{
    const tt_synthetic_asset *asset = &market->assets[index];
    double middle = asset->price / asset->tick;
    double half = middle * tt_dec_to_double(market->config->spread_bps.d) / 20000.0 *
                  regime_sigma[asset->phase.regime];
    half = half < 0.5 ? 0.5 : half;
    tt_synthetic_quote quote = {(int64_t)(middle - half), (int64_t)(middle + half)};
    quote.bid = quote.bid < 1 ? 1 : quote.bid;
    quote.ask = quote.ask <= quote.bid ? quote.bid + 1 : quote.ask;
    return quote;
}

int64_t tt_synthetic_market_lots(tt_synthetic_market *market, uint32_t index, double scale)
{
    const tt_synthetic_asset *asset = &market->assets[index];
    // The square of a uniform draw has the mean 1/3 and many small values.
    double draw = draw_unit(&market->random);
    int64_t lots = (int64_t)(3.0 * draw * draw * scale * asset->base_lots);
    return lots < asset->least_lots ? asset->least_lots : lots;
}

/** Numbers of a list in the configuration. */
typedef struct number_list {
    double values[TT_INSTRUMENTS_MAX];
    uint32_t count;
} number_list;

static tutti_status refuse_list(const char *key, const char *text, double high, tt_error *error)
{
    return tt_error_set(
        error,
        TUTTI_INVALID,
        "synthetic.%s '%s' is no list of 1 to %d numbers, separated by commas, above 0 and up to "
        "%g",
        key,
        text,
        TT_INSTRUMENTS_MAX,
        high);
}

static tutti_status
parse_list(const char *key, const char *text, double high, number_list *ret_list, tt_error *error)
{
    tt_slice rest = tt_slice_of(text);
    while (rest.data != NULL) {
        tt_slice part = tt_slice_trim(tt_slice_split(&rest, ','));
        tt_dec value = TT_DEC_ZERO;
        bool is_number = tt_dec_parse(part.data, part.length, &value) == TUTTI_OK;
        double number = tt_dec_to_double(value);
        if (!is_number || number <= 0 || number > high || ret_list->count == TT_INSTRUMENTS_MAX) {
            return refuse_list(key, text, high, error);
        }
        ret_list->values[ret_list->count++] = number;
    }
    return ret_list->count > 0 ? TUTTI_OK : refuse_list(key, text, high, error);
}

static tutti_status init_asset(
    tt_synthetic_asset *asset,
    const tt_instrument *instrument,
    double price,
    double daily_sigma,
    tt_error *error)
{
    double tick = tt_dec_to_double(instrument->price_increment.d);
    double lot = tt_dec_to_double(instrument->qty_increment.d);
    double least = tt_dec_to_double(instrument->min_qty.d) / lot;
    if (price < TICKS_MIN * tick) {
        tutti_status status = tt_error_set(
            error,
            TUTTI_INVALID,
            "synthetic.start_prices: %g is less than %g ticks of %s",
            price,
            TICKS_MIN,
            instrument->symbol);
        tt_error_hint(error, "raise it, or lower the instrument's price_increment");
        return status;
    }
    double low = price * 0.001;
    *asset = (tt_synthetic_asset){
        .instrument = instrument,
        .price = price,
        .anchor = price,
        .price_low = low < TICKS_MIN * tick ? TICKS_MIN * tick : low,
        .price_high = price * 1000 > 5e8 ? 5e8 : price * 1000,
        .daily_sigma = daily_sigma,
        .variance = 1,
        .tick = tick,
        .base_lots = QUOTE_NOTIONAL / price / lot,
        .least_lots = least < 1 ? 1 : (int64_t)(least + 0.5),
    };
    return TUTTI_OK;
}

/** The first regime is a trend, so that a session does not begin with hours of nothing. */
static void start_phases(tt_synthetic_market *market, tt_time start)
{
    bool is_up = tt_random_below(&market->random, 2) == 0;
    tt_synthetic_regime first = is_up ? TT_SYNTHETIC_TREND_UP : TT_SYNTHETIC_TREND_DOWN;
    start_phase(market, &market->phase, first, start);
    for (uint32_t i = 0; i < market->count; i++) {
        start_phase(market, &market->assets[i].phase, first, start);
    }
}

tutti_status tt_synthetic_market_init(
    tt_synthetic_market *market,
    const tt_synthetic_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    tt_time start,
    tt_error *error)
{
    number_list prices = {.count = 0};
    number_list sigmas = {.count = 0};
    TUTTI_TRY(parse_list("start_prices", config->start_prices, 1e8, &prices, error));
    TUTTI_TRY(parse_list("volatilities", config->volatilities, 2, &sigmas, error));
    if (config->regime_min.ns > config->regime_max.ns) {
        return tt_error_set(
            error, TUTTI_INVALID, "synthetic.regime_min is above synthetic.regime_max");
    }
    TT_ASSERT(prices.count > 0 && sigmas.count > 0);
    memset(market, 0, sizeof *market);
    market->config = config;
    market->count = instruments->count;
    tt_random_init(&market->random, seed, TT_SYNTHETIC_STREAM);
    double correlation = tt_dec_to_double(config->correlation.d);
    market->common_weight = sqrt(correlation);
    market->own_weight = sqrt(1.0 - correlation);
    market->turn_s = (double)config->tick_interval.ns / 1e9 * (double)instruments->count;
    for (uint32_t i = 0; i < instruments->count; i++) {
        TUTTI_TRY(init_asset(
            &market->assets[i],
            &instruments->list[i],
            prices.values[i % prices.count],
            sigmas.values[i % sigmas.count],
            error));
    }
    start_phases(market, start);
    return TUTTI_OK;
}
