/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A risk module on a real bus, with short words for what happens to it. Numbers are written as
 * texts.
 */
#ifndef TESTS_RISK_FIXTURE_H
#define TESTS_RISK_FIXTURE_H

#include "../../lib/test.h"
#include "base/error.h"
#include "risk/risk.h"
#include "risk/risk_priv.h"

/** Keys of the instruments. */
enum {
    BTC = 1,
    XRP,
    XRP_BTC,
    ETH,
    SOL,
    ADA,
    INSTRUMENTS
};

#define ALERTS_KEPT 16

typedef struct risk_court {
    tt_arena arena;
    tt_core core;
    tt_instruments instruments;
    tt_risk_module_config config; /**< Defaults; may be changed before court_open. */
    tt_risk *risk;
    tt_time now;
    tt_verdict_view verdict; /**< The last one, as it is read. */
    tt_seq verdict_seq;
    uint32_t verdict_count;
    tt_risk_alert alerts[ALERTS_KEPT]; /**< Since court_forget. */
    uint32_t alert_keys[ALERTS_KEPT];
    uint32_t alert_count;
    tt_command_reply reply;
    uint32_t reply_count;
} risk_court;

/** A number from a text. */
tt_dec num(const char *text);
#define PRICE(text) ((tt_price){num(text)})
#define QTY(text)   ((tt_qty){num(text)})
#define MONEY(text) ((tt_money){num(text)})
#define RATIO(text) ((tt_ratio){num(text)})

/** Fails unless the number is exactly `text`. */
void assert_num_(tt_dec value, const char *text, const char *file, int line);
#define assert_num(value, text) assert_num_((value).d, text, __FILE__, __LINE__)

/** Sets the defaults: the instruments above, lot 0.001, least 0.001 and 5 of account currency. */
void court_init(risk_court *court);
/** Sets the module up and starts the clock at 2024-03-13T12:00:00Z, a Wednesday. */
void court_open(risk_court *court);
/** court_init, court_open and an account of 10000. */
void court_start(risk_court *court);
void court_close(risk_court *court);

/** Publishes one message as a step of its own. */
void court_say(
    risk_court *court, tt_topic topic, tt_source source, uint32_t key, const void *payload);
/** Tells risk that a test has written state, tables or instruments past the messages. */
void court_changed(risk_court *court);
void court_wait(risk_court *court, int64_t seconds);
/** Moves the clock to a moment such as "2024-12-31T23:59:59Z". */
void court_wait_until(risk_court *court, const char *time);
/** Forgets alerts. */
void court_forget(risk_court *court);

/** An account without positions, whose margin is all free. */
void court_account(risk_court *court, const char *equity);
/** A position at a mark; qty signed, 0 closes. */
void court_position(risk_court *court, uint32_t key, const char *qty, const char *mark);
/** A position that closed with this result after fees. */
void court_closed(risk_court *court, uint32_t key, const char *result);

/** A position of `cost` that closed with this result after fees; the rules of protections see it.
 */
void court_traded(
    risk_court *court,
    uint32_t key,
    tt_side side,
    tt_exit_reason reason,
    const char *cost,
    const char *result);

/** A good proposal: buy for 1000 at 100, stop 98, target 104, confidence 0.8, trending bull. */
tt_trade_proposal good_proposal(void);
/** Judges; returns the code of the verdict. */
tt_risk_code court_judge(risk_court *court, uint32_t key, const tt_trade_proposal *proposal);
/** The row of a code in the last verdict, or NULL. */
const tt_risk_check *court_row(const risk_court *court, tt_risk_code code);
/** Fails unless the verdict has this code and the row these numbers. */
void assert_row_(
    const risk_court *court,
    tt_risk_code code,
    tt_check_outcome outcome,
    const char *value,
    const char *limit,
    const char *file,
    int line);
#define assert_row(court, code, outcome, value, limit)                                             \
    assert_row_(                                                                                   \
        (court),                                                                                   \
        TT_risk_code_##code,                                                                       \
        TT_check_outcome_##outcome,                                                                \
        (value),                                                                                   \
        (limit),                                                                                   \
        __FILE__,                                                                                  \
        __LINE__)

/** The order of the last approved entry: its intent. Returns its id. */
uint64_t court_intent(risk_court *court, uint32_t key);
/** A change of an entry order's state. */
void court_event(
    risk_court *court,
    uint32_t key,
    uint64_t order_id,
    tt_order_state from,
    tt_order_state to,
    const char *filled);
/** A command; the reply is in the court. */
void court_command(risk_court *court, tt_command command);

#endif
