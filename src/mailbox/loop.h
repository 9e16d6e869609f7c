/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread that owns a bus: takes records from the inbox, urgent ones first, makes a step of
 * each, and hands what came out to a sink (a journal) and to mailboxes.
 *
 * A step: time advances to that of the clock, never back; the record is published as an input;
 * timers that are due fire; the bus runs until it is quiet; the sink gets the bytes of the whole
 * outbox; each message of it is put into the mailboxes that want it. When nothing comes but a timer
 * is due, an input of the topic `clock` makes the step, so that a replay has it, too. The clock is
 * read once a batch.
 *
 * Mailboxes are fed from the outbox: they never influence the core. What a full mailbox refuses, a
 * consumer gives up, or a stop leaves over comes back as an input of `dead_letters`, and is kept
 * with the dead letters of the bus; a redrive puts it into that mailbox again.
 *
 * A post whose idempotency key came lately makes no step. The loop remembers the keys of posts, the
 * bus those of handlers: a recorded input has no key, and a replay must come to the same. The key
 * is a second input of the step, on `post_keys`, so that it is recorded with the post or not at
 * all; after a restart tt_bus_loop_recall takes it from there.
 *
 *     | call                         | who                                                     |
 *     | new, start                   | setup                                                   |
 *     | turn                         | one thread, instead of start: tests, simulations        |
 *     | attach, request_stop         | any thread                                              |
 *     | call                         | any thread but the loop's; not from handlers            |
 *     | within                       | the thread that calls turn, between turns               |
 *     | stop                         | any one thread but the loop's                           |
 *     | stats                        | any thread                                              |
 */
#ifndef TT_MAILBOX_LOOP_H
#define TT_MAILBOX_LOOP_H

#include "bus/timers.h"
#include "mailbox/mailbox.h"

typedef struct tt_bus_loop tt_bus_loop;

#define TT_LOOP_MAILBOXES_MAX 64

/** Gets the bytes of a step: whole messages in sequence order. A status other than TUTTI_OK halts
 * the loop: what cannot be recorded must not go on. @thread{of the loop} */
typedef tutti_status (*tt_loop_sink_fn)(void *ctx, const void *step, size_t bytes);

/** Looks at the bus between two turns, such as tt_bus_monitor_look; must not publish, may post.
 * `now` is on the steady clock. @thread{of the loop} */
typedef void (*tt_loop_look_fn)(void *ctx, tt_time now);

/** Parts and rules of a loop; zero = default. All parts are lent until the loop is gone. */
typedef struct tt_bus_loop_options {
    tt_bus *bus;               /**< Required; used by no one else from now on. */
    tt_timers *timers;         /**< May be NULL. */
    tt_inbox *inbox;           /**< Required. */
    const tt_timepiece *clock; /**< Required; its wall time is that of the steps. */
    tt_loop_sink_fn sink;      /**< May be NULL. */
    void *sink_ctx;
    tt_loop_look_fn look; /**< Called once in a while, also when nothing happens; may be NULL. */
    void *look_ctx;
    int64_t look_every_ns; /**< On the steady clock; default 1 s. */
    tt_idle_options idle;  /**< How the loop waits for work. */
    uint32_t batch_max;    /**< Records of a turn; default 256. */
    uint32_t own_bytes; /**< For dead letters of the loop itself; power of two, default 256 KiB. */
    uint32_t idempotency_max; /**< Keys of posts remembered; default 4096; at most 2^24. */
} tt_bus_loop_options;

/** What could not be delivered, by mailbox and topic. */
typedef struct tt_undelivered {
    char mailbox[TT_MAILBOX_NAME_MAX]; /**< "inbox": posted, but never a message. */
    uint16_t topic;
    uint64_t count;
    tt_seq first_seq; /**< 0 for the inbox. */
    tt_seq last_seq;
} tt_undelivered;

#define TT_LOOP_REPORT_ROWS 64

/** What a stop found. */
typedef struct tt_loop_report {
    bool is_complete;  /**< Everything was delivered within the limit. */
    bool has_halted;   /**< The loop had stopped by itself before; `halt_reason` says why. */
    uint64_t total;    /**< Messages that were not delivered. */
    uint64_t unlisted; /**< Of those, how many found no row below. */
    uint64_t unsent;   /**< Of those, how many found no room for a dead letter. */
    uint32_t row_count;
    char halt_reason[64];
    tt_undelivered rows[TT_LOOP_REPORT_ROWS];
} tt_loop_report;

/** Counters of a loop. */
typedef struct tt_bus_loop_stats {
    uint64_t turns;
    uint64_t steps;
    uint64_t posts;        /**< Steps of posts. */
    uint64_t refused;      /**< Posts that were refused; a dead letter is the input for each. */
    uint64_t duplicates;   /**< Posts whose idempotency key had come before: no step. */
    uint64_t recalled;     /**< Keys taken from records. */
    uint64_t dead_letters; /**< Steps of dead letters from mailboxes. */
    uint64_t clock_steps;  /**< Steps that only timers needed. */
    uint64_t dead_unsent;  /**< Overflows that found no room for a dead letter. */
    uint64_t guarded;      /**< Messages of blocked correlations, kept from all mailboxes. */
    uint64_t redriven;     /**< Dead letters put into their mailbox again. */
    uint64_t clock_back;   /**< Times that the clock stood before engine time. */
} tt_bus_loop_stats;

/** Bytes of an arena that suffice. @thread{any} */
size_t tt_bus_loop_memory(const tt_bus_loop_options *options);
/** @retval TUTTI_INVALID a part is missing or an option is beyond its bound. @retval
 * TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_bus_loop_new(const tt_bus_loop_options *options, tt_arena *arena, tt_bus_loop **result);
/** Feeds a mailbox with the messages of every later step. @retval TUTTI_STATE it is attached, or
 * the loop has stopped. @retval TUTTI_LIMIT TT_LOOP_MAILBOXES_MAX are. @thread{any} */
TUTTI_NODISCARD tutti_status tt_bus_loop_attach(tt_bus_loop *loop, tt_mailbox *box);
/** Takes the place of a mailbox before there is one, for who must know first that there is a place:
 * a publisher is never taken back. @retval TUTTI_LIMIT as tt_bus_loop_attach. @thread{any} */
TUTTI_NODISCARD tutti_status tt_bus_loop_reserve(tt_bus_loop *loop);
/** Gives a place back that tt_bus_loop_reserve took. @thread{any} */
void tt_bus_loop_unreserve(tt_bus_loop *loop);
/** As tt_bus_loop_attach, at the place that tt_bus_loop_reserve took; whose it still is if this
 * fails. @retval TUTTI_STATE as there. @thread{any} */
TUTTI_NODISCARD tutti_status tt_bus_loop_attach_reserved(tt_bus_loop *loop, tt_mailbox *box);

/** Replaces who looks, from the next turn on; as in the options. @retval TUTTI_INVALID
 * `look_every_ns` is negative. @thread{owner} */
TUTTI_NODISCARD tutti_status
tt_bus_loop_set_look(tt_bus_loop *loop, tt_loop_look_fn fn, void *ctx, int64_t look_every_ns);

/** Starts the thread. @retval TUTTI_STATE started before. @retval TUTTI_LIMIT the system gives no
 * thread. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_loop_start(tt_bus_loop *loop);
/** Tells whether the calling thread is the one that tt_bus_loop_start made. @thread{any} */
bool tt_bus_loop_is_mine(const tt_bus_loop *loop);
/** Works off one batch on the calling thread; tells how many steps it made. Not together with
 * tt_bus_loop_start. */
uint32_t tt_bus_loop_turn(tt_bus_loop *loop);
/** Refuses new posts, and lets the loop end once what was accepted is worked off. Does not wait.
 * May be called by a handler. @thread{any} */
void tt_bus_loop_request_stop(tt_bus_loop *loop);
/**
 * Stops: refuses posts, works off what was accepted, waits for the mailboxes to be emptied, all
 * within `limit`; reports what could not be delivered, and dead-letters it. Idempotent: the second
 * call gives the same report. Without a thread the caller works the rest off itself.
 *
 * @retval TUTTI_TIMEOUT something could not be delivered; the report says what.
 * @retval TUTTI_STATE   the loop had halted by itself; the report says why.
 * @blocks{up to the limit, and for the last step} @thread{any but the loop's}
 */
TUTTI_NODISCARD tutti_status
tt_bus_loop_stop(tt_bus_loop *loop, tt_dur limit, tt_loop_report *ret_report);
/** Runs within a step; may use the bus as a handler may. */
typedef void (*tt_loop_call_fn)(void *ctx, tt_bus *bus);
/** Runs `fn` within a step of its own, on the thread that owns the bus, which is the caller's: it
 * publishes, declares, subscribes; the step is delivered, recorded and handed to mailboxes when the
 * call returns. Not from a handler. What it publishes is marked as input by `fn` itself.
 * @retval TUTTI_STATE the loop has stopped or halted, perhaps with this step, which then was not
 * recorded. @retval TUTTI_INVALID `fn` published what is no input, or redrove a dead letter: that
 * was refused, the rest was done; a redrive is an input of bus_commands. @thread{owner} */
TUTTI_NODISCARD tutti_status tt_bus_loop_within(tt_bus_loop *loop, tt_loop_call_fn fn, void *ctx);
/** As tt_bus_loop_within, for the thread of the loop from any other: waits until `fn` has run.
 * @retval TUTTI_STATE the loop has stopped or halted: `fn` did not run. @retval TUTTI_INVALID as
 * for tt_bus_loop_within. @thread{any but the loop's} @blocks{until it has run} */
TUTTI_NODISCARD tutti_status tt_bus_loop_call(tt_bus_loop *loop, tt_loop_call_fn fn, void *ctx);
/** Number of the message that first had this key, among the last `idempotency_max` posts with one;
 * 0 = none. Counts a repeat for the topic. @thread{owner} */
tt_seq tt_bus_loop_find_repeat(tt_bus_loop *loop, tt_topic topic, const tt_uuid *key);
/** Remembers the key of the input that became message `seq`, and records it with the step that is
 * under way. The key must be new. @thread{owner, within a step} */
void tt_bus_loop_keep_key(tt_bus_loop *loop, const tt_uuid *key, tt_seq seq);
/** Records the key of message `seq`, which a handler has published with it: the bus remembers it
 * now, and after a restart only if a snapshot or this tells. For buses whose steps nobody replays.
 * @thread{owner, within a handler} */
void tt_bus_loop_record_key(tt_bus_loop *loop, const tt_uuid *key, tt_seq seq);
/** Takes a recorded message: one on `post_keys` is remembered as it was, among those of posts if it
 * was an input, else among those of handlers; any other is left alone. All of a journal, in its
 * order, leave the last `idempotency_max` keys of each. @thread{setup} */
void tt_bus_loop_recall(tt_bus_loop *loop, const tt_msg *msg);
/** Tells whether the mailbox that a dead letter is of would take it now; true for letters of none.
 * @thread{owner} */
bool tt_bus_loop_has_place(const tt_bus_loop *loop, uint64_t dead_id);
/** Posts about a topic that were repeats. @thread{any} */
uint64_t tt_bus_loop_duplicates(const tt_bus_loop *loop, tt_topic topic);
void tt_bus_loop_stats_get(const tt_bus_loop *loop, tt_bus_loop_stats *ret_stats);

#endif
