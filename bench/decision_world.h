/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A running engine in which every decision becomes an order: agents have said what they think, the
 * market moves by a tick a second, and the exchange takes each order back behind the measurement,
 * so that the next decision finds what this one found.
 */
#ifndef TT_BENCH_DECISION_WORLD_H
#define TT_BENCH_DECISION_WORLD_H

#include "base/ring.h"
#include "bench.h"
#include "config/config.h"
#include "engine/engine.h"

/** Who decides. */
typedef enum decision_maker {
    DECISION_AGENT,   /**< The decision agent: a tick makes it due, its answer is an input. */
    DECISION_STRATEGY /**< A strategy in the core: a bar makes it decide. */
} decision_maker;

typedef struct decision_world {
    decision_maker maker;
    bool has_conflicts; /**< TA against sentiment, in a choppy market. */
    tt_config *config;
    tt_engine *engine;
    tt_ring steps; /**< To the journal thread, as in a session. */
    void *steps_memory;
    tt_time now;
    tt_seq cause; /**< Of the call that is answered; so is `correlation`. */
    tt_uuid correlation;
    uint64_t turn;
    uint64_t decisions;
    tt_quote quote;
    tt_bar bar;
    tt_agent_answer answer; /**< Of the decision agent, whose body does not change. */
    uint64_t ring_bytes;    /**< Of the last decision, handed to the journal. */
} decision_world;

/** Starts a session and lets every agent but the one that decides speak once. */
void decision_world_open(decision_world *world, decision_maker maker, bool has_conflicts);
void decision_world_close(decision_world *world);

/** One input, and its step handed to the journal: what the core does. */
void decision_world_step(
    decision_world *world, tt_topic topic, tt_source source, const void *payload, size_t size);
/** Lets the market move on for almost a second, and makes the next tick or bar ready; not timed. */
void decision_world_prepare(decision_world *world);
/** Moves the market on; what is timed begins here. */
void decision_world_tick(decision_world *world);
/** Reads the call of the decision agent and writes down its answer; not timed: it is the agent's.
 */
void decision_world_think(decision_world *world);
/** Gives the answer; what is timed ends here. */
void decision_world_answer(decision_world *world);
/** Lets the exchange cancel the order of the last step, and empties the ring. */
void decision_world_refuse(decision_world *world);
/** Checks verdict and intent of the last step, then as decision_world_refuse. */
void decision_world_settle(decision_world *world);
/** The first message of a topic in the last step; fails if there is none. */
const tt_msg *decision_world_find(const decision_world *world, tt_topic topic);

#endif
