/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The portfolio module on a real bus with real timers; the test plays everybody else: account,
 * positions, risk, orders. Prices are 1, so that quantities are amounts.
 */
#ifndef TESTS_PORTFOLIO_FIXTURE_H
#define TESTS_PORTFOLIO_FIXTURE_H

#include "../../lib/test.h"
#include "portfolio/portfolio_priv.h"

#define BTC 1u
#define XRP 2u

struct desk {
    tt_arena arena;
    tt_core core;
    tt_instruments instruments;
    tt_portfolio_module_config config;
    tt_portfolio *portfolio;
    tt_time now;
    uint32_t said[TT_TOPIC_COUNT]; /**< Messages of each topic that the test has not forgotten. */
    tt_trade_proposal proposal;    /**< The last one. */
    uint32_t proposal_key;
    tt_seq proposals[8]; /**< Number of the last one of each key. */
    tt_seq verdict;
};

extern struct desk desk;

#define assert_num(value, text) assert_true(tt_dec_eq((value).d, num(text)))

tt_dec num(const char *text);
void say(tt_topic topic, tt_source source, uint32_t key, const void *payload);
void wait_s(int64_t seconds);
void session(tt_session_event_type event);
void system_event(tt_system_event_type event, int64_t value);
void account(const char *equity);
void position(uint32_t key, const char *qty);
void command(tt_command what);
void setup_module(void);
void set_targets(const char *btc, const char *xrp, const char *cash);
int open_desk(void **state);
int close_desk(void **state);
void start(void);
const tt_msg *newest(tt_topic topic);
uint32_t count_of(tt_topic topic);
void forget(void);
const tt_rebalance_plan *plan(void);
const tt_trade_proposal *proposal(uint32_t key);
const tt_rebalance_batch *leg(void);
void assert_reply(tt_reply_status status, const char *message);
tt_portfolio_status status(void);
void judge(uint32_t key, tt_risk_code code);
void order(uint32_t key, uint64_t id, bool reduces);
void end_order(uint32_t key, uint64_t id, tt_order_state state, const char *filled);
void fill(uint32_t key, uint64_t id, const char *amount, bool reduces);
void advise(tt_portfolio_action action, tt_rebalance_strategy strategy);

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

#endif
