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
#include "portfolio/portfolio.h"
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
    tt_portfolio_module_config portfolio;
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
    tt_portfolio_status portfolio;
    tt_bus_topic_stats bus_totals;
    tt_bus_topic_stats bus_topics[TT_TOPIC_COUNT];
    tt_timers_stats timers;
    uint64_t inputs; /**< Steps taken, refused inputs included. */
    uint64_t refused_inputs;
    uint32_t queue_high_water;
    bool is_stopped; /**< After a broken invariant. */
} tt_engine_status;

/** What a histogram says, in nanoseconds. */
typedef struct tt_engine_times {
    uint64_t count;
    uint64_t p50;
    uint64_t p95;
    uint64_t p99;
    uint64_t p999;
    uint64_t max;
} tt_engine_times;

/** Handlers in a status; further ones are only counted. */
#define TT_ENGINE_HANDLERS_MAX 96

/** One subscription. */
typedef struct tt_engine_handler {
    char name[32];
    uint16_t topic; /**< 0: by pattern. */
    uint64_t delivered;
    uint64_t failed;
    uint64_t retried;
    uint64_t recent_delivered; /**< Within the window. */
    uint64_t recent_failed;
    tt_engine_times times; /**< Count 0: not measured, or counted with the rest. */
} tt_engine_handler;

/** Dead letters in a status: the newest; older ones are only counted. */
#define TT_ENGINE_DEAD_MAX 64
/** Subscribers in quarantine in a status; further ones are only counted. */
#define TT_ENGINE_QUARANTINED_MAX 64

/** One dead letter that is kept. */
typedef struct tt_engine_dead {
    uint64_t id;
    tt_seq seq; /**< Of the message; 0: it never became one. */
    tt_time first_failure;
    tt_time last_failure;
    uint32_t attempts;
    uint32_t key;
    uint16_t topic;
    uint16_t source;
    uint8_t reason;   /**< tt_dead_reason. */
    char handler[32]; /**< Empty: it was never delivered. */
    char text[96];
} tt_engine_dead;

/** Some of them, oldest first. */
typedef struct tt_engine_dead_page {
    uint32_t count;
    uint32_t left_out; /**< Older than those of the page. */
    tt_engine_dead rows[TT_ENGINE_DEAD_MAX];
} tt_engine_dead_page;

/** One subscriber in quarantine. */
typedef struct tt_engine_quarantined {
    char name[32];
    uint64_t skipped;  /**< Messages that it did not get. */
    uint32_t failures; /**< In a row. */
} tt_engine_quarantined;

/** How the bus is doing; a copy. */
typedef struct tt_engine_bus_status {
    tt_bus_topic_stats recent; /**< All topics, within the window. */
    tt_bus_failure_stats failures;
    tt_bus_request_stats requests;
    tt_bus_lane_stats lanes[TT_priority_COUNT]; /**< By priority; none at 0. */
    tt_engine_times delays[TT_priority_COUNT];
    tt_engine_times rest; /**< Handlers without times of their own. */
    uint32_t window_ms;
    uint32_t handler_count;
    uint32_t handlers_left_out;
    tt_engine_handler handlers[TT_ENGINE_HANDLERS_MAX];
    uint32_t dead_count;
    uint32_t dead_left_out;                  /**< Older than those below. */
    tt_engine_dead dead[TT_ENGINE_DEAD_MAX]; /**< Oldest first. */
    uint32_t quarantined_count;
    uint32_t quarantined_left_out;
    tt_engine_quarantined quarantined[TT_ENGINE_QUARANTINED_MAX];
} tt_engine_bus_status;

#endif
