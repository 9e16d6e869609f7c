/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Everything that decides what the engine does; plain values, no pointers.
 */
#ifndef TT_ENGINE_ENGINE_CONFIG_H
#define TT_ENGINE_ENGINE_CONFIG_H

#include "bus/bus.h"
#include "bus/bus_config.h"
#include "bus/timers.h"
#include "coord/coord.h"
#include "market/market.h"
#include "model/instrument.h"
#include "risk/risk.h"
#include "strategy/strategy.h"
#include "trade/trade.h"

/** Configuration of an engine. */
typedef struct tt_engine_config {
    tt_instruments instruments;
    tt_bus_config bus; /**< Zero = default, here alone. */
    tt_market_config market;
    tt_ma_cross_config ma_cross;
    tt_coord_config coord;
    tt_risk_module_config risk;
    tt_trade_config trade;
    uint64_t seed;
    char run_id[32]; /**< Prefix of client order ids. */
} tt_engine_config;

/** Status of all modules; a copy. */
typedef struct tt_engine_status {
    tt_time now;
    tt_seq last_seq;
    tt_market_status market;
    tt_strategy_status strategy;
    tt_coord_status coord;
    tt_risk_status risk;
    tt_trade_status trade;
    tt_bus_topic_stats bus_totals;
    tt_bus_topic_stats bus_topics[TT_TOPIC_COUNT];
    tt_timers_stats timers;
    uint64_t inputs; /**< Steps taken, refused inputs included. */
    uint64_t refused_inputs;
    uint32_t queue_high_water;
    bool is_stopped; /**< After a broken invariant. */
} tt_engine_status;

#endif
