/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A coordinator on a real bus with real timers; everybody else is played by the test. Time moves as
 * a driver moves it: a clock input at each deadline. Numbers are written as texts.
 */
#ifndef TESTS_COORD_FIXTURE_H
#define TESTS_COORD_FIXTURE_H

#include "coord/coord.h"
#include "coord/coord_priv.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

/** Keys of the instruments. */
enum {
    BTC = 1,
    XRP,
    ETH
};

struct desk {
    tt_arena arena;
    tt_core core;
    tt_instruments instruments;
    tt_coord_config config;  /**< Defaults; may be changed before desk_open. */
    uint32_t timer_capacity; /**< Before desk_open. */
    tt_bus_options bus;      /**< Before desk_open. */
    tt_coord *coord;
    tt_time now;
    bool is_warm;        /**< Of the indicators that the next bars bring. */
    uint64_t request_id; /**< Of the last command. */
    unsigned char *log;  /**< All messages since desk_forget. */
    size_t log_used;
};

/** A number from a text. */
tt_dec num(const char *text);
#define RATIO(text) ((tt_ratio){num(text)})
#define PRICE(text) ((tt_price){num(text)})
#define QTY(text)   ((tt_qty){num(text)})
#define MONEY(text) ((tt_money){num(text)})
/** Fails unless the number is exactly `text`. */
void assert_num_(tt_dec value, const char *text, const char *file, int line);
#define assert_num(value, text) assert_num_((value).d, text, __FILE__, __LINE__)

/** Sets the defaults and two instruments with bars of 60 s. */
void desk_init(struct desk *desk);
/** Sets the module up; the clock stands at 2024-03-13T12:00:00Z. */
void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
/** desk_init, desk_open, STARTED, a warm bar of each symbol. No task has run. */
void desk_start(struct desk *desk);
/** As desk_start with all schedules off: only what the test publishes happens. */
void desk_start_quiet(struct desk *desk);

/** One step with this input. */
void desk_say(
    struct desk *desk, tt_topic topic, tt_source source, uint32_t key, const void *payload);
/** Moves the clock on, with a clock input at each deadline up to then. */
void desk_wait(struct desk *desk, const char *seconds);
/** Moves the clock on without any input: what is due stays due until the next one. */
void desk_sleep(struct desk *desk, const char *seconds);
void desk_session(struct desk *desk, tt_session_event_type event);
/** A bar of a symbol that closes now; the market module's part is played along. */
void desk_bar(struct desk *desk, uint32_t key);
void desk_command(struct desk *desk, tt_command command, tt_task task, uint32_t key);
/** A position; qty signed, "0" = closed. */
void desk_position(struct desk *desk, uint32_t key, const char *qty);
void desk_alert(struct desk *desk, tt_breach_type breach, tt_severity severity);

/** Outputs of agents as if they had been published: straight onto the bus. */
void desk_ta(struct desk *desk, uint32_t key, tt_bias bias, const char *confidence);
void desk_regime(struct desk *desk, uint32_t key, tt_regime regime, const char *confidence);
void desk_sentiment(
    struct desk *desk, uint32_t key, tt_sentiment_bias bias, const char *confidence);
/** A good signal: market entry, stop and target on the right sides, 10 %, leverage 3. */
tt_trading_signal good_signal(tt_action action, const char *confidence);
void desk_signal(struct desk *desk, uint32_t key, tt_action action, const char *confidence);

/** Good outputs, as an agent would answer. */
tt_ta_signal good_ta(void);
tt_regime_update good_regime(tt_regime regime, const char *confidence);
tt_sentiment_update good_sentiment(void);

/** Answers a call with a payload of a topic (or none for a status other than ok). */
void desk_answer(
    struct desk *desk,
    const tt_msg *call,
    tt_answer_status status,
    tt_topic topic,
    const void *payload);
/** Answers the last call of a task with a good output; fails if there is none in flight. */
void desk_answer_task(struct desk *desk, tt_task task, uint32_t key);

/** Answers every call in flight with a good output, and those that follow, until there is none. */
void desk_answer_all(struct desk *desk);
/** Lives for some minutes: a bar of each symbol at each whole minute, every call answered. */
void desk_live(struct desk *desk, uint32_t minutes);

/** Messages since desk_forget. */
void desk_forget(struct desk *desk);
uint32_t desk_count(const struct desk *desk, tt_topic topic);
uint32_t desk_count_key(const struct desk *desk, tt_topic topic, uint32_t key);
/** The n-th (0 = first) of a topic; fails if there are not so many. */
const tt_msg *desk_nth(const struct desk *desk, tt_topic topic, uint32_t n);
/** The last of a topic; fails if there is none. */
const tt_msg *desk_last(const struct desk *desk, tt_topic topic);
/** The last call of a task of a symbol, or NULL; and how many there were. */
const tt_msg *desk_call(const struct desk *desk, tt_task task, uint32_t key);
uint32_t desk_calls(const struct desk *desk, tt_task task, uint32_t key);
/** System events of a kind. */
uint32_t desk_events(const struct desk *desk, tt_system_event_type event);
const tt_system_event *desk_event(const struct desk *desk, tt_system_event_type event);
/** The last reply. */
const tt_command_reply *desk_reply(const struct desk *desk);
tt_coord_status desk_status(const struct desk *desk);
/** Payload of a logged message. */
#define PAYLOAD(msg, type) ((const tt_##type *)tt_msg_payload(msg))

/** Copies all regions out and back. */
unsigned char *desk_save(const struct desk *desk, size_t *ret_size);
void desk_load(struct desk *desk, const unsigned char *saved);

#endif
