/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A made-up market: correlated prices with regimes, clustered volatility and outages. Pure: no
 * file, no clock. Doubles are used with + - * / and square roots alone, each of which IEEE 754
 * defines to the last bit, so that one seed makes one market on every build. What leaves it are
 * whole ticks and lots.
 */
#ifndef TT_FEED_SYNTHETIC_MARKET_H
#define TT_FEED_SYNTHETIC_MARKET_H

#include "base/error.h"
#include "base/random.h"
#include "feed/feed_config.h"
#include "model/instrument.h"

/** What a price does for a while. */
typedef enum tt_synthetic_regime {
    TT_SYNTHETIC_TREND_UP,
    TT_SYNTHETIC_TREND_DOWN,
    TT_SYNTHETIC_RANGE,
    TT_SYNTHETIC_VOLATILE,
    TT_SYNTHETIC_REGIME_COUNT
} tt_synthetic_regime;

/** The regime of one instrument, or of the market. */
typedef struct tt_synthetic_phase {
    tt_synthetic_regime regime;
    tt_time until;
} tt_synthetic_phase;

/** One instrument of the market. */
typedef struct tt_synthetic_asset {
    const tt_instrument *instrument;
    double price;     /**< Middle, before it is put on ticks. */
    double price_low; /**< Bounds that the price stays within. */
    double price_high;
    double anchor;      /**< Where a range pulls to: the price when it began. */
    double daily_sigma; /**< Standard deviation of a day's return. */
    double variance;    /**< Of the moment, in units of the usual one. */
    double tick;        /**< Price increment. */
    double base_lots;   /**< Usual size of a quote in lots. */
    int64_t least_lots; /**< Smallest size. */
    tt_synthetic_phase phase;
} tt_synthetic_asset;

/** The market. */
typedef struct tt_synthetic_market {
    const tt_synthetic_config *config;
    tt_random random;
    uint32_t count;
    double common_weight; /**< Of the shock that all share; squares with own_weight add up to 1. */
    double own_weight;
    double common_shock;
    double turn_s; /**< Seconds between two turns of one instrument. */
    tt_synthetic_phase phase;
    tt_synthetic_asset assets[TT_INSTRUMENTS_MAX];
} tt_synthetic_market;

/** Stream of the seed that the market draws from. */
#define TT_SYNTHETIC_STREAM 0x73796e7468u

/** Best prices in ticks. */
typedef struct tt_synthetic_quote {
    int64_t bid;
    int64_t ask;
} tt_synthetic_quote;

/** Makes the market as it is at `start`. @borrows{`config` and `instruments` as long as it is used}
 * @retval TUTTI_INVALID a list of the configuration is none, or a price does not fit its tick. */
TUTTI_NODISCARD tutti_status tt_synthetic_market_init(
    tt_synthetic_market *market,
    const tt_synthetic_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    tt_time start,
    tt_error *error);
/** Draws the shock that all instruments share in this round. */
void tt_synthetic_market_round(tt_synthetic_market *market, tt_time now);
/** Moves the price of one instrument by one turn. */
void tt_synthetic_market_turn(tt_synthetic_market *market, uint32_t index, tt_time now);
/** Draws whether an outage starts in this round; returns its length in seconds, or 0. The prices
 * have then moved. */
uint32_t tt_synthetic_market_outage(tt_synthetic_market *market);
/** Best prices around the price of the moment. */
tt_synthetic_quote tt_synthetic_market_quote(const tt_synthetic_market *market, uint32_t index);
/** Draws a size in lots, `scale` times the usual one on average. */
int64_t tt_synthetic_market_lots(tt_synthetic_market *market, uint32_t index, double scale);

#endif
