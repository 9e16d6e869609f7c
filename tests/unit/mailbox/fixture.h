/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the tests of this module share: a clock that moves a little with each look, so that waiting
 * ends without sleeping; a real clock for threads; an inbox, a bus and messages.
 */
#ifndef TT_TESTS_UNIT_MAILBOX_FIXTURE_H
#define TT_TESTS_UNIT_MAILBOX_FIXTURE_H

#include "../../lib/test.h"
#include "mailbox/loop.h"

#include <time.h>

#define T0_NS (INT64_C(1700000000) * TT_NS_PER_S)

/** A clock for one thread: each look at the monotonic time moves both scales by `step_ns`. */
typedef struct fixture_clock {
    tt_fake_timepiece fake;
    int64_t step_ns;
    uint32_t wall_looks; /**< Times that somebody asked for the wall time. */
    tt_timepiece clock;
} fixture_clock;

void fixture_clock_init(fixture_clock *clock, int64_t step_ns);
/** The clock of the machine. */
extern const tt_timepiece fixture_real_clock;

/** An inbox, a bus with timers and a loop over them, all with one clock. */
typedef struct fixture {
    fixture_clock clock;
    tt_arena arena;
    tt_inbox *inbox;
    tt_publisher *dead; /**< For mailboxes. */
    tt_bus *bus;
    tt_timers *timers;
    tt_bus_loop *loop;
} fixture;

/** What a test wants to be different; zero = default. */
typedef struct fixture_options {
    tt_inbox_options inbox;
    tt_bus_loop_options loop;
    tt_bus_options bus;        /**< With room for 8 topics, and the timers. */
    const tt_timepiece *clock; /**< NULL: the clock of the fixture, a microsecond a look. */
} fixture_options;

void fixture_open(fixture *fix, const fixture_options *options);
void fixture_close(fixture *fix);
tt_publisher *fixture_publisher(fixture *fix, const tt_publisher_options *options);
/** A post of a quote whose number is in feed_seq. The payload is static: one at a time a thread. */
tt_bus_post fixture_post(uint64_t number, uint32_t key);
/** Posts a quote with tt_inbox_post_try. */
tutti_status fixture_try(tt_publisher *publisher, uint64_t number, uint32_t key);
/** The number of a posted or delivered quote. */
uint64_t fixture_number(const void *payload);
/** A message with a payload of `size` bytes that starts with `number`. */
const tt_msg *fixture_msg(uint64_t number, uint32_t key, uint16_t size);
uint64_t fixture_msg_number(const tt_msg *msg);
/** A mailbox of the fixture's arena with its dead letters and clock. */
tt_mailbox *fixture_box(fixture *fix, const tt_mailbox_options *options);
tt_mailbox_stats fixture_box_stats(const tt_mailbox *box);
/** Takes a message, requires that it is `number`, and says done. */
void fixture_expect(tt_mailbox *box, uint64_t number);
/** Requires that nothing is to be taken. */
void fixture_expect_none(tt_mailbox *box);

#endif
