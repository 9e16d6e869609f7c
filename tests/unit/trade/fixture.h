/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A trade module on a bus with timers, and words to tell a story: verdicts, venue reports, time;
 * then look at what was published.
 */
#ifndef TESTS_UNIT_TRADE_FIXTURE_H
#define TESTS_UNIT_TRADE_FIXTURE_H

#include "trade/trade_priv.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

/** The world around the module. Instrument 1 is BTC/USDT, 2 is ETH/USDT; lot 0.001, tick 0.01. */
typedef struct fixture {
    tt_arena arena;
    tt_core core;
    tt_instruments instruments;
    tt_trade_config config;
    tt_trade_module *trade;
    tt_time now;
} fixture;

/** Start of time in every test: 2020-01-01. */
#define FIXTURE_START_NS INT64_C(1577836800000000000)

tt_dec dec(const char *text);
/** Asserts that a decimal prints as `expected`. */
void assert_dec(tt_dec actual, const char *expected);

void fixture_init(fixture *f);
void fixture_init_with(fixture *f, const tt_trade_config *config);
void fixture_init_bus(fixture *f, const tt_trade_config *config, const tt_bus_options *options);
tt_trade_config fixture_config(void);
/** cmocka setup of a fixture that compares with the venue: each 60 s, confirmed after 2 s, an
 * answer within 5 s, differences of the cash up to 0.01 are none. */
int fixture_setup_sync(void **state);
/** A paper session starts; returns the query with which it compares, 0 = it asks none. */
uint64_t fixture_start_paper(fixture *f);
void fixture_fini(fixture *f);
/** cmocka set-up and tear-down; *state is the fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/** One step: publishes an input, fires timers, delivers; returns its sequence number. The
 * invariants of the module are checked after it. */
tt_seq step(fixture *f, tt_topic topic, uint32_t key, const void *payload);
/** The same with a cause. */
tt_seq step_caused(fixture *f, tt_topic topic, uint32_t key, const void *payload, tt_seq cause);
/** Lets time pass and fires what is due. */
void pass(fixture *f, int64_t ms);

/** The `index`-th message of a topic in the newest step, or NULL. */
const tt_msg *sent(const fixture *f, tt_topic topic, unsigned index);
unsigned sent_count(const fixture *f, tt_topic topic);
/** The only message of a topic in the newest step; its payload. */
const void *sent_one(const fixture *f, tt_topic topic);
/** The newest intent with a role in the newest step; fails if there is none. */
const tt_order_intent *sent_intent(const fixture *f, tt_order_role role);
/** The newest account_update. */
tt_account_update account(const fixture *f);
tt_order *order(const fixture *f, uint64_t order_id);
void assert_state(const fixture *f, uint64_t order_id, tt_order_state state);

/** What an entry verdict says; NULL texts are 0. */
typedef struct entry {
    const char *qty;
    const char *price; /**< NULL = market. */
    const char *reference;
    const char *stop;
    const char *target;
    tt_side side;
    uint8_t leverage;
    uint32_t key; /**< 0 = 1. */
} entry;
/** Approves an entry; returns its order id, or 0 if no intent was published. */
uint64_t approve(fixture *f, const entry *what);
/** Approves the closing of the position of an instrument. */
tt_seq approve_close(fixture *f, uint32_t key);

/** A report of an order; fills nothing else in. */
tt_venue_report report(const fixture *f, uint64_t order_id, tt_report_kind kind);
void say(fixture *f, uint64_t order_id, tt_report_kind kind);
void say_status(fixture *f, uint64_t order_id, tt_order_state state, const char *cumulative);
/** Reports an execution; `cumulative` NULL = filled so far and this. */
void fill(fixture *f, uint64_t order_id, uint64_t exec_id, const char *qty, const char *price);
void fill_cum(
    fixture *f,
    uint64_t order_id,
    uint64_t exec_id,
    const char *qty,
    const char *price,
    const char *cumulative);

/** A bar that closes at `price`. */
void bar(fixture *f, uint32_t key, const char *price);
/** A position command. */
void command(
    fixture *f,
    uint32_t key,
    tt_position_command_type type,
    tt_exit_reason reason,
    const char *pct);
/** Opens a position of 1 BTC at 100 with stop and target (NULL = none); returns the entry's id. All
 * protective orders are acknowledged. */
uint64_t open_long(fixture *f, const char *stop, const char *target);
/** The live order of a role that is not being cancelled; NULL if none. */
tt_order *live(const fixture *f, uint32_t key, tt_order_role role);

#endif
