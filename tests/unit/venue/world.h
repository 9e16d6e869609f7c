/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Random sessions at the simulated exchange: data, orders, cancels, queries and repeats from a
 * seed. What happens next never hangs on what the exchange says, so that one script can be run
 * twice.
 */
#ifndef TESTS_VENUE_WORLD_H
#define TESTS_VENUE_WORLD_H

#include "base/random.h"
#include "fixture.h"

/** What kind of data drives the session. */
typedef enum world_data {
    WORLD_BARS,
    WORLD_QUOTES, /**< And trades. */
    WORLD_DEPTH,  /**< And quotes and trades. */
    WORLD_TRADES,
    WORLD_DATA_COUNT
} world_data;

#define WORLD_STEPS_MAX 2000

/** One item of data as it was passed. */
typedef struct world_item {
    tt_time time;
    tt_topic topic;
    union {
        tt_bar bar;
        tt_quote quote;
        tt_trade trade;
        tt_depth depth;
    } payload;
} world_item;

/** A session. */
typedef struct venue_world {
    floor_bench *bench;
    tt_random random;
    world_data data;
    int64_t ticks; /**< Middle of the market, in tenths. */
    uint64_t last_id;
    uint32_t item_count;
    world_item items[WORLD_STEPS_MAX];
    tt_quote quote;      /**< The newest ... */
    tt_quote last_quote; /**< ... and the one before. */
    tt_bar bar;
} venue_world;

/** Starts a session; the exchange is opened with random costs, latencies and chances. */
void world_start(venue_world *world, floor_bench *bench, world_data data, uint64_t seed);
/** Does one step. */
void world_step(venue_world *world);
/** Closes the exchange, opens it again, and passes all data once more, as after a crash. */
void world_crash(venue_world *world);

#endif
