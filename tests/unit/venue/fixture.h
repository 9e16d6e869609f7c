/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A simulated exchange with short words for what is sent to it and what it says. Numbers are texts.
 *
 * Unless a test changes the configuration there is no latency, spread, slippage or chance.
 */
#ifndef TESTS_VENUE_FIXTURE_H
#define TESTS_VENUE_FIXTURE_H

#include "../../lib/test.h"
#include "venue/sim.h"
#include "venue/sim_priv.h"

/** Keys of the instruments: tick 0.1, lot 0.001, least 0.002 and 5 of value, fees 2 and 5 bps. */
enum {
    BTC = 1,
    ETH,
    INSTRUMENTS = ETH
};

/** An order message that can be changed before it is sent. */
typedef struct order_msg {
    tt_msg head;
    tt_order_intent intent;
} order_msg;

typedef struct floor_bench {
    tt_venue_config config;
    tt_instruments instruments;
    uint64_t seed;
    tt_venue venue;
    bool is_open;
    char log[64]; /**< Path of the log; empty = none. */
    tt_time now;
    uint64_t feed_seq;      /**< Of the last data. */
    tt_seq seq;             /**< Of the last message. */
    tt_venue_output output; /**< The last one. */
    order_msg order;
    tt_error error;
} floor_bench;

tt_dec num(const char *text);
void assert_dec_(tt_dec value, const char *text, const char *file, int line);
#define assert_num(value, text) assert_dec_((value).d, text, __FILE__, __LINE__)

/** cmocka setup and teardown: `*state` is a floor_bench that is not open. */
int floor_setup(void **state);
int floor_teardown(void **state);
#define FLOOR_TEST(name) cmocka_unit_test_setup_teardown(name, floor_setup, floor_teardown)

/** Opens the exchange (again); time starts at 2024-01-01. */
void floor_open(floor_bench *bench);
void floor_close(floor_bench *bench);
/** Uses a log in a temporary file. */
void floor_use_log(floor_bench *bench);
tt_sim *floor_sim(const floor_bench *bench);

/** Prepares an order for BTC: `price` is the limit, the trigger of a stop, or "" of a market order.
 * Its id is `id`, its client order id "run-<id>". */
tt_order_intent *floor_order(
    floor_bench *bench,
    uint64_t id,
    tt_side side,
    tt_order_type type,
    const char *qty,
    const char *price);
/** Sends the prepared order; with another key; or prepares and sends. */
void floor_send(floor_bench *bench);
void floor_send_key(floor_bench *bench, uint32_t key);
void floor_market(floor_bench *bench, uint64_t id, tt_side side, const char *qty);
void floor_limit(floor_bench *bench, uint64_t id, tt_side side, const char *qty, const char *price);
void floor_stop(
    floor_bench *bench, uint64_t id, tt_side side, const char *qty, const char *trigger);
void floor_cancel(floor_bench *bench, uint64_t id);
void floor_query(floor_bench *bench, uint64_t id);
/** Amends a limit order, with this number of the amend. */
void floor_amend(
    floor_bench *bench, uint64_t id, uint64_t amend_id, const char *qty, const char *price);
/** The same of a stop. */
void floor_amend_stop(
    floor_bench *bench, uint64_t id, uint64_t amend_id, const char *qty, const char *trigger);

/** A bar of BTC of one minute that closes at `now` + 1 minute; moves `now` there. */
void floor_bar(
    floor_bench *bench, const char *open, const char *high, const char *low, const char *close);
/** Data of BTC one second later; moves `now`. */
void floor_quote(
    floor_bench *bench, const char *bid, const char *bid_qty, const char *ask, const char *ask_qty);
void floor_trade(floor_bench *bench, const char *price, const char *qty, tt_side aggressor);
/** Levels as "b 100 5 a 101 0 ..."; `is_snapshot` replaces the book. */
void floor_depth(floor_bench *bench, bool is_snapshot, const char *levels);
void floor_end_data(floor_bench *bench);
/** Lets time pass. */
void floor_wait(floor_bench *bench, int64_t milliseconds);

/**
 * Writes an output as text:
 *     "7 accepted", "7 fill 0.5 @ 100.1 taker fee 0.025 cum 0.5", "7 cancelled cum 0: <reason>",
 *     "7 amended cum 0", "7 status filled cum 1",
 *     "7 rejected cum 0: <reason>", "7 not_found cum 0: <reason>"
 */
void floor_text(const tt_venue_output *output, char text[256]);
/** The next output by `now` must be this. */
void expect_(floor_bench *bench, const char *text, const char *file, int line);
#define expect(bench, text) expect_(bench, text, __FILE__, __LINE__)
/** There must be no output by `now`. */
void expect_nothing_(floor_bench *bench, const char *file, int line);
#define expect_nothing(bench) expect_nothing_(bench, __FILE__, __LINE__)

#endif
