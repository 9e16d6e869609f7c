/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The way out of a core: a subscriber on a thread of its own, behind a bounded queue of messages.
 *
 * The core puts; one consumer thread takes, works, and says `done` or `failed`. No consumer,
 * however slow, holds the core: what happens at the bound is a declared policy.
 *
 *     | policy        | at the bound                                                             |
 *     | `block`       | the core waits up to block_ns, then as `dead_letter`                     |
 *     | `drop_oldest` | the oldest waiting message is dropped, counted                           |
 *     | `drop_newest` | the new message is dropped, counted                                      |
 *     | `conflate`    | always: a newer message of a (topic, key) replaces the waiting one, in   |
 *     |               | its place; at the bound a new key is dead-lettered                       |
 *     | `dead_letter` | the new message becomes a dead letter                                    |
 *     | `halt`        | the loop stops: fail closed                                              |
 *
 * A failed message is tried again after 1, 2 and 4 seconds (or as told), off the path of the core:
 * it waits on the consumer's side. After the last try it goes back through the inbox, whole, with
 * its attempts and the reason. Delivery is at least once: who acts on messages must be idempotent
 * by their sequence number. A retried message comes after younger ones.
 *
 * Each message that was put is done, expired, dropped, dead-lettered, or in the report of the stop.
 *
 *     | call                                        | who                                      |
 *     | new, subscribe                              | setup, before tt_bus_loop_attach         |
 *     | take_*, done, failed                        | the one consumer thread                  |
 *     | put, drain, harvest                         | the loop that owns the core              |
 *     | unsubscribe, close, stats                   | any thread                               |
 */
#ifndef TT_MAILBOX_MAILBOX_H
#define TT_MAILBOX_MAILBOX_H

#include "mailbox/inbox.h"

typedef struct tt_mailbox tt_mailbox;

#define TT_MAILBOX_NAME_MAX          32
#define TT_MAILBOX_SUBSCRIPTIONS_MAX 16
#define TT_MAILBOX_RETRIES_MAX       8

/** What happens at the bound. */
typedef enum tt_mailbox_policy {
    TT_MAILBOX_BLOCK,
    TT_MAILBOX_DROP_OLDEST,
    TT_MAILBOX_DROP_NEWEST,
    TT_MAILBOX_CONFLATE,
    TT_MAILBOX_DEAD_LETTER,
    TT_MAILBOX_HALT,
    TT_MAILBOX_POLICY_COUNT
} tt_mailbox_policy;
/** Returns the name of a policy, such as "drop_oldest". @thread{any} */
const char *tt_mailbox_policy_text(tt_mailbox_policy policy);

/** When a failed message is tried again. */
typedef struct tt_mailbox_retry {
    uint32_t count; /**< Tries after the first; at most TT_MAILBOX_RETRIES_MAX. */
    int64_t delay_ns[TT_MAILBOX_RETRIES_MAX];
} tt_mailbox_retry;
/** 3 more tries, after 1, 2 and 4 seconds: what a mailbox does that is not told otherwise. */
extern const tt_mailbox_retry tt_mailbox_retry_default;

/** Sizes and rules; zero = default. */
typedef struct tt_mailbox_options {
    const char *name; /**< Required; shorter than TT_MAILBOX_NAME_MAX. */
    tt_mailbox_policy policy;
    uint32_t count_max;            /**< Messages that wait; default 1024, at most 2^20. */
    uint32_t bytes_max;            /**< Bytes of those; default 1 MiB; at least one message. */
    int64_t block_ns;              /**< Longest wait of the core under `block`; default 100 ms. */
    const tt_mailbox_retry *retry; /**< NULL: tt_mailbox_retry_default. */
    uint32_t retries_waiting_max;  /**< Failed messages kept for later; default 64. */
    tt_publisher *dead_letters;    /**< How dead letters go back; required, of its own. */
    tt_idle_options idle;          /**< How the consumer waits; its clock is that of retries. */
} tt_mailbox_options;

/** Which messages a mailbox gets; all that is given must hold. */
typedef struct tt_mailbox_subscription {
    tt_topic topic;        /**< TT_TOPIC_NONE: by pattern. */
    const char *pattern;   /**< `*` = any run of characters, `?` = one. */
    uint16_t address;      /**< Messages for this target are for it, too. */
    uint32_t key;          /**< 0 = any. */
    uint16_t source;       /**< TT_SOURCE_NONE = any. */
    uint8_t priority_min;  /**< TT_priority_NONE = any. */
    tt_bus_filter_fn want; /**< NULL = all. Called on the thread of the core; must not block. */
    void *ctx;
} tt_mailbox_subscription;

/** Counters; put = done + expired + dropped_* + conflated + dead_lettered + waiting + retrying +
 * what is in hand or dead but not yet handed back. */
typedef struct tt_mailbox_stats {
    uint64_t put;            /**< Messages that the mailbox was given. */
    uint64_t taken;          /**< Deliveries, those of retries included. */
    uint64_t done;           /**< Messages done. */
    uint64_t failed;         /**< Deliveries that failed. */
    uint64_t retried;        /**< Deliveries after the first. */
    uint64_t expired;        /**< Too old when they were to be taken. */
    uint64_t dropped_oldest; /**< By policy. */
    uint64_t dropped_newest; /**< By policy, or because the mailbox is closed. */
    uint64_t conflated;      /**< Replaced by a newer message before they were taken. */
    uint64_t overflowed;     /**< Refused at the bound and left to the loop as a dead letter. */
    uint64_t dead_lettered;  /**< Given up by the consumer and handed back. */
    uint64_t filter_failed;  /**< Times that `want` could not tell: the message was not for it. */
    uint64_t blocked;        /**< Times that the core had to wait. */
    uint64_t count_max;      /**< Most that ever waited. */
    uint64_t bytes_max;
    uint64_t waiting;  /**< Now. */
    uint64_t retrying; /**< Failed, and kept for later. */
    uint64_t parks;    /**< Times that the consumer slept. */
    uint64_t wakes;    /**< System calls made to wake it. */
} tt_mailbox_stats;

/** Bytes of an arena that suffice; 0: a number is beyond its bound. @thread{any} */
size_t tt_mailbox_memory(const tt_mailbox_options *options);
/** @retval TUTTI_INVALID an option is beyond its bound. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_mailbox_new(const tt_mailbox_options *options, tt_arena *arena, tt_mailbox **result);
/** Adds a subscription; a message that several fit comes once. @retval TUTTI_LIMIT
 * TT_MAILBOX_SUBSCRIPTIONS_MAX. @retval TUTTI_INVALID neither topic nor pattern, or a pattern
 * that no name can fit. @retval
 * TUTTI_STATE already attached. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_mailbox_subscribe(tt_mailbox *box, const tt_mailbox_subscription *subscription);
/** Ends the subscription at an index (in order of subscribing): what is put already still comes.
 * @thread{any} */
void tt_mailbox_unsubscribe(tt_mailbox *box, uint32_t index);
const char *tt_mailbox_name(const tt_mailbox *box);

/**
 * Takes the next message: first a retry that is due, then the oldest that waits. It must be given
 * back by tt_mailbox_done or tt_mailbox_failed before the next.
 *
 * @retval TUTTI_NOT_FOUND nothing there now. @retval TUTTI_END nothing will come any more.
 * @retval TUTTI_STATE the last message was not given back. @lends{until it is given back}
 * @blocks{never}
 */
TUTTI_NODISCARD tutti_status tt_mailbox_take_try(tt_mailbox *box, const tt_msg **ret_msg);
/** As tt_mailbox_take_try, but waits. @retval TUTTI_TIMEOUT. @blocks{up to the limit} */
TUTTI_NODISCARD tutti_status
tt_mailbox_take_timed(tt_mailbox *box, tt_dur limit, const tt_msg **ret_msg);
/** As tt_mailbox_take_timed without a limit. @blocks{until there is a message or the end} */
TUTTI_NODISCARD tutti_status tt_mailbox_take_wait(tt_mailbox *box, const tt_msg **ret_msg);
/** Which try of the message in hand this is: 1 = the first. 0 when none is in hand. */
uint32_t tt_mailbox_attempt(const tt_mailbox *box);
/** Gives the message in hand back as handled. @retval TUTTI_STATE none is in hand, or the loop has
 * stopped and reported it as not delivered. */
TUTTI_NODISCARD tutti_status tt_mailbox_done(tt_mailbox *box);
/**
 * Gives the message in hand back as not handled. `reason` (at most 159 bytes count) stands in the
 * dead letter if no try is left.
 *
 * @retval TUTTI_LIMIT no room to keep it and none to hand it back: it stays in hand; call again.
 * @retval TUTTI_STATE as for tt_mailbox_done.
 */
TUTTI_NODISCARD tutti_status tt_mailbox_failed(tt_mailbox *box, const char *reason);
/** The consumer wants no more: what is put is dropped from now on, and the loop reports what was
 * waiting. @thread{any} */
void tt_mailbox_close(tt_mailbox *box);
void tt_mailbox_stats_get(const tt_mailbox *box, tt_mailbox_stats *ret_stats);

/** What became of a message that was put. */
typedef enum tt_mailbox_put {
    TT_MAILBOX_PUT_TAKEN,    /**< It waits, or policy has dropped one. */
    TT_MAILBOX_PUT_OVERFLOW, /**< Not taken: to be dead-lettered. */
    TT_MAILBOX_PUT_HALT      /**< Not taken: the loop must stop. */
} tt_mailbox_put;

/** Puts a copy of a message. @thread{owner} @blocks{policy `block`: up to block_ns} */
tt_mailbox_put tt_mailbox_put_msg(tt_mailbox *box, const tt_msg *msg);
/** Tells whether a message would be taken at once, as its size says; an older one may go for it. */
bool tt_mailbox_has_place(tt_mailbox *box, const tt_msg *msg);
/** Nothing will be put any more: the consumer gets what waits, and then TUTTI_END. @thread{owner}
 */
void tt_mailbox_drain(tt_mailbox *box);
/** Tells whether everything put was done or given up. @thread{owner} */
bool tt_mailbox_is_idle(const tt_mailbox *box);
/** A message that was not delivered. */
typedef void (*tt_mailbox_undelivered_fn)(void *ctx, const tt_msg *msg, uint32_t attempts);
/** Ends the mailbox: the consumer gets TUTTI_END, and `fn` each message that waits, is kept for
 * later or is in hand. False when the consumer is inside a call just now: call again.
 * @thread{owner} @blocks{never} */
bool tt_mailbox_harvest(tt_mailbox *box, tt_mailbox_undelivered_fn fn, void *ctx);

#endif
