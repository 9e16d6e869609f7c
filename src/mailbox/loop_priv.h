/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the loop.
 *
 * States: new -> running (tt_bus_loop_start, or the first turn) -> stopped. Halted is a mark on the
 * way: nothing is taken any more, and the stop says why.
 *
 * Invariants:
 * 1. Everything but the atomics belongs to the thread of the loop; after `stopped` nobody writes.
 * 2. A mailbox is in `pending`, in `boxes`, or was harvested; `pending` ends as `no_more`.
 * 3. A message that a mailbox did not take has a dead letter in `own`, or is counted unsent.
 */
#ifndef TT_MAILBOX_LOOP_PRIV_H
#define TT_MAILBOX_LOOP_PRIV_H

#include "bus/bus_seen.h"
#include "mailbox/loop.h"
#include "mailbox/mailbox_priv.h"

#include <pthread.h>

/** Numbers of topics: those in between are none. */
#define TT_LOOP_TOPICS (TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX)

enum loop_state {
    LOOP_NEW,
    LOOP_RUNNING,
    LOOP_STOPPED
};

/** What is known of a topic without asking the registry. */
struct loop_topic {
    uint16_t size; /**< Of the payload; 0: not known, or it has a list. */
    uint8_t priority;
    uint8_t reserved;
    _Atomic uint32_t duplicates; /**< Posts that were repeats. */
};

struct loop_counts {
    _Atomic uint64_t turns;
    _Atomic uint64_t steps;
    _Atomic uint64_t posts;
    _Atomic uint64_t refused;
    _Atomic uint64_t dead_letters;
    _Atomic uint64_t clock_steps;
    _Atomic uint64_t duplicates;
    _Atomic uint64_t recalled;
    _Atomic uint64_t dead_unsent;
    _Atomic uint64_t guarded;
    _Atomic uint64_t redriven;
    _Atomic uint64_t clock_back;
};

struct tt_bus_loop {
    tt_bus_loop_options options;
    tt_idle_options idle;
    tt_ring own; /**< Dead letters of the loop itself: a report, then the message. */
    tt_mailbox *boxes[TT_LOOP_MAILBOXES_MAX]; /**< NULL: harvested. */
    uint32_t box_count;
    uint64_t *wanted_by; /**< By topic: which boxes may want it. */
    uint64_t *known_for; /**< By topic: for which boxes the above is known. */
    struct loop_topic *topics;
    tt_bus_seen *seen; /**< Idempotency keys of posts. */
    uint64_t clock_tick;
    int64_t look_at_ns; /**< When to look next. */
    tt_time turn;       /**< Time of the steps of this turn. */
    bool has_turn_time; /**< It has been asked for. */
    bool has_halted;
    struct loop_counts counts;
    tt_loop_report report;
    pthread_t thread;
    bool has_thread;
    _Atomic uintptr_t owner; /**< Who runs `run`; 0: nobody. */
    _Atomic uint32_t state;
    _Atomic uint32_t is_stop_requested;
    _Atomic uint32_t is_stop_claimed;
    _Atomic uint32_t attached_count;
    _Atomic int64_t deadline_ns; /**< Of the stop, on the monotonic clock. */
    _Atomic(tt_mailbox *) pending;
    _Atomic(struct tt_loop_call *) calls; /**< Newest first. */
    tt_park called;                       /**< Who has called sleeps here until it is over. */
    tt_park stopped; /**< Who waits for a stop that another thread has begun. */
};

/* loop.c */
/** Makes a step of a dead letter about a message. */
void tt_loop_step_dead(
    tt_bus_loop *loop, tt_time now, const tt_dead_report *report, const tt_msg *msg);
/** Time of the next steps. */
tt_time tt_loop_now(tt_bus_loop *loop);
/** Stops taking, for a reason that the report tells. */
void tt_loop_halt(tt_bus_loop *loop, const char *what, const char *who);

/** Fires timers, runs the bus, hands out what the step has published. */
void tt_loop_finish_step(tt_bus_loop *loop, tt_time now);

/* loop_call.c */
/** Runs the calls that wait; tells how many there were. */
uint32_t tt_loop_take_calls(tt_bus_loop *loop);
/** Takes no more calls, and tells so to those that wait. */
void tt_loop_refuse_calls(tt_bus_loop *loop);
bool tt_loop_has_call(const tt_bus_loop *loop);

/* loop_feed.c */
/** Takes mailboxes in that were attached meanwhile. */
void tt_loop_admit(tt_bus_loop *loop);
/** Lets no more mailboxes in. */
void tt_loop_admit_no_more(tt_bus_loop *loop);
/** Puts a message into each mailbox that wants it. */
void tt_loop_feed(tt_bus_loop *loop, const tt_msg *msg);
/** Puts the dead letters that were redriven in this step into their mailboxes again. */
void tt_loop_redrive(tt_bus_loop *loop);
/** Tells whether a mailbox of that name takes messages. */
bool tt_loop_has_box(const tt_bus_loop *loop, const char *name);
/** Tells whether the mailbox of a dead letter has room for it, or makes some. */
bool tt_loop_has_place(const tt_bus_loop *loop, const tt_bus_dead *dead);
/** Lets go of mailboxes that their consumers have closed. */
void tt_loop_dismiss_closed(tt_bus_loop *loop);

/* loop_stop.c */
/** Counts a message that was not delivered in the report. */
void tt_loop_note_undelivered(tt_bus_loop *loop, const char *mailbox, uint16_t topic, tt_seq seq);
/** The end of the loop, on its thread. */
void tt_loop_wind_down(tt_bus_loop *loop);

#endif
