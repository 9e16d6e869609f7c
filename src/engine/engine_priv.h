/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the engine.
 */
#ifndef TT_ENGINE_ENGINE_PRIV_H
#define TT_ENGINE_ENGINE_PRIV_H

#include "bus/core.h"
#include "engine/engine.h"

/** State of the engine itself; a region. */
struct engine_state {
    uint64_t inputs;
    uint64_t refused_inputs;
    tt_seq checked_account; /**< Newest account record whose sums were checked. */
    uint64_t is_stopped;
};

struct tt_engine {
    tt_arena arena; /**< Holds everything, this struct included. */
    tt_engine_config config;
    tt_core core;
    struct engine_state *state;
    tt_market *market;
    tt_strategy *strategy;
    tt_trade_module *trade;
    tt_risk *risk;
    tt_coord *coord;
    tt_portfolio *portfolio;
    uint64_t layout_hash; /**< Of the regions and of all message layouts. */
};

/** Checks an input against registry, bounds and meaning. Changes nothing.
 * @retval TUTTI_INVALID `error` says what is wrong, `ret_reason` of what kind that is. */
tutti_status tt_engine_check_input(
    const tt_engine *engine, const tt_input *input, tt_dead_reason *ret_reason, tt_error *error);
/** Checks that prices and quantities of a market data payload make sense together; the payload has
 * passed tt_payload_check. @retval TUTTI_INVALID. */
tutti_status tt_engine_check_market(const tt_input *input, tt_error *error);
/** Options of the bus of an engine, without its timers. */
tt_bus_options tt_engine_bus_options(const tt_engine_config *config);
/** Checks what the step published against the invariants of the books.
 * @retval TUTTI_STATE one is broken; `error` says which. */
tutti_status tt_engine_check_books(tt_engine *engine, tt_error *error);
/** Hash of region names and sizes and of all message layouts. */
uint64_t tt_engine_layout_hash(const tt_core *core);

#endif
