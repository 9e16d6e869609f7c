/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A loop that a test drives turn by turn, and a sink that counts and checks the steps.
 */
#ifndef TT_TESTS_UNIT_MAILBOX_LOOP_FIXTURE_H
#define TT_TESTS_UNIT_MAILBOX_LOOP_FIXTURE_H

#include "fixture.h"

/** What the sink has got. */
typedef struct loop_sink {
    uint64_t steps;
    uint64_t messages;
    uint64_t inputs;
    uint64_t dead;
    tt_seq last_seq;
    uint32_t crc;
    tutti_status answer; /**< What it says to the next step. */
} loop_sink;

extern fixture fix;
extern loop_sink sink;

/** Opens `fix` with the sink, empty, and a clock that stands still. */
void open_with(fixture_options options);
tt_publisher *feed(void);
/** A mailbox with one subscription, attached to the loop. */
tt_mailbox *
attached(const tt_mailbox_options *options, const tt_mailbox_subscription *subscription);
/** Takes a quote, says done, and returns its number. */
uint64_t take_quote(tt_mailbox *box);
/** Stops the loop with no time left for anything. */
tt_loop_report stop_now(tutti_status expected);
tt_bus_loop_stats stats_now(void);
tt_dead_letter newest_dead(void);

#endif
