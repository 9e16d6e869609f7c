/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How other threads talk with a bus: publishers to post into it, mailboxes to listen to it. Part of
 * tutti/bus.h.
 *
 * No consumer, however slow, holds the bus: what happens when a mailbox is full is its policy.
 * Delivery is at least once: who acts on messages must be idempotent by their number.
 */
#ifndef TUTTI_MAILBOX_H
#define TUTTI_MAILBOX_H

#include <tutti/bus.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who posts from another thread; zero = default. Text is copied. */
typedef struct tutti_publisher_options {
    const char *name;    /**< At most 31 bytes; required. */
    tutti_source source; /**< Stands in every post; 0: each post names its own. */
    uint32_t rate_per_s; /**< Posts a second; 0 = without limit. */
    uint32_t burst;      /**< Posts at once; 0 = 1. */
    uint32_t ring_bytes; /**< A ring of its own, a power of two from 16 KiB: posting is faster. */
    bool is_trusted;     /**< Exempt from the limits of rate. */
    bool is_shared;      /**< Several threads post at the same time; no ring of its own. */
} tutti_publisher_options;

/** Opens a publisher; it lives as long as the bus. @retval TUTTI_LIMIT there are 256, those of
 * mailboxes and of a watch included, or their rings have 16 MiB. @retval TUTTI_INVALID.
 * @retval TUTTI_STATE stopped. @thread{any} */
TUTTI_NODISCARD tutti_status tutti_publisher_open(
    tutti_bus *bus,
    const tutti_publisher_options *options,
    tutti_publisher **result,
    tutti_error *error);
/** Posts a copy into the bus; an urgent post overtakes all others. `wait_ns`: how long to wait for
 * room (TUTTI_NO_WAIT, TUTTI_WAIT_FOREVER, or nanoseconds). @retval TUTTI_LIMIT no room, or more
 * than a limit of rate allows; the thread of the bus itself, in a handler, does not wait. @retval
 * TUTTI_TIMEOUT no room in time. @retval TUTTI_STATE stopped.
 * @retval TUTTI_INVALID topic, source, priority or size.
 * @thread{that of the publisher; any if it is shared} */
TUTTI_NODISCARD tutti_status
tutti_publisher_post(tutti_publisher *publisher, const tutti_post *post, int64_t wait_ns);
/** What became of the posts of a publisher. */
typedef struct tutti_publisher_stats {
    uint64_t posted;
    uint64_t refused;      /**< Told TUTTI_LIMIT: no room. */
    uint64_t timed_out;    /**< Told TUTTI_TIMEOUT. */
    uint64_t waited;       /**< Posts that had to wait for room. */
    uint64_t rate_limited; /**< Told TUTTI_LIMIT by a limit of rate. */
    uint64_t invalid;      /**< Told TUTTI_INVALID, but for those of another size than the topic. */
    uint64_t after_stop;   /**< Told TUTTI_STATE. */
} tutti_publisher_stats;
/** @thread{any} */
void tutti_publisher_stats_get(const tutti_publisher *publisher, tutti_publisher_stats *ret_stats);

/** What a mailbox does when it is full. */
typedef enum tutti_mailbox_policy {
    TUTTI_MAILBOX_BLOCK,       /**< The bus waits up to block_ns, then as DEAD_LETTER. */
    TUTTI_MAILBOX_DROP_OLDEST, /**< The oldest waiting message goes. */
    TUTTI_MAILBOX_DROP_NEWEST, /**< The new message goes. */
    TUTTI_MAILBOX_CONFLATE, /**< A newer message of a (topic, key) replaces the waiting one; one of
                                 a new key as DEAD_LETTER. */
    TUTTI_MAILBOX_DEAD_LETTER, /**< The new message becomes a dead letter. */
    TUTTI_MAILBOX_HALT         /**< The bus stops. */
} tutti_mailbox_policy;

/** Subscriptions of a mailbox at most. */
#define TUTTI_MAILBOX_SUBSCRIPTIONS_MAX 16

/** What a mailbox wants besides its first subscription; all that is given must hold, zero = any.
 * Text is copied. */
typedef struct tutti_mailbox_want {
    tutti_topic topic;   /**< Or, when 0: */
    const char *pattern; /**< As for subscriptions. */
    uint32_t key;
    tutti_source source;
    uint8_t priority_min;
    tutti_filter_fn filter; /**< Asked last, on the thread of the bus; must not block. */
    void *ctx;              /**< Of the filter. */
} tutti_mailbox_want;

/** A subscriber on a thread of its own; zero = default, any. Text is copied. */
typedef struct tutti_mailbox_options {
    const char *name; /**< At most 31 bytes; required. */
    tutti_mailbox_policy policy;
    tutti_topic topic;   /**< Or, when 0: */
    const char *pattern; /**< As for subscriptions. */
    uint32_t key;
    tutti_source source;
    uint8_t priority_min;
    uint32_t count_max;       /**< Messages that wait; default 1024, at most 2^16 under DROP_OLDEST
                                   and CONFLATE, else 2^20. */
    uint32_t bytes_max;       /**< Bytes of those; default 1 MiB; 4096 to 2^28. */
    int64_t block_ns;         /**< Longest wait of the bus under BLOCK; default 100 ms. */
    const tutti_retry *retry; /**< Default: 3 more tries after 1, 2 and 4 seconds. */
    tutti_source address;     /**< Messages with this target come here; those without come, too. */
    tutti_filter_fn filter;   /**< Asked last, on the thread of the bus; must not block. */
    void *ctx;                /**< Of the filter. */
    /** Further subscriptions, beside the one above; a message that several fit comes once.
     * @borrows{for the call} */
    const tutti_mailbox_want *more;
    uint32_t more_count; /**< At most TUTTI_MAILBOX_SUBSCRIPTIONS_MAX - 1. */
} tutti_mailbox_options;

/** Opens a mailbox: it gets the messages of every later step. It lives as long as the bus.
 * @retval TUTTI_LIMIT there are 64, or it wants more than TUTTI_MAILBOX_SUBSCRIPTIONS_MAX.
 * @retval TUTTI_INVALID name, pattern or an option; the error says which. @retval TUTTI_EXISTS one
 * of that name is open: dead letters go back by name. @retval TUTTI_NO_MEMORY.
 * @thread{any} */
TUTTI_NODISCARD tutti_status tutti_mailbox_open(
    tutti_bus *bus,
    const tutti_mailbox_options *options,
    tutti_mailbox **result,
    tutti_error *error);
/** Takes the next message; give it back by tutti_mailbox_done or tutti_mailbox_failed before the
 * next. @retval TUTTI_NOT_FOUND nothing there now. @retval TUTTI_TIMEOUT nothing came in time.
 * @retval TUTTI_END nothing will come any more. @thread{the consumer} */
TUTTI_NODISCARD tutti_status
tutti_mailbox_take(tutti_mailbox *mailbox, int64_t wait_ns, const tutti_message **ret_message);
/** Gives the message in hand back as handled. @thread{the consumer} */
tutti_status tutti_mailbox_done(tutti_mailbox *mailbox);
/** Gives the message in hand back as not handled: it comes again, or becomes a dead letter with
 * this reason. @retval TUTTI_LIMIT no room to keep it: it stays in hand. @thread{the consumer} */
tutti_status tutti_mailbox_failed(tutti_mailbox *mailbox, const char *reason);
/** Which try of the message in hand this is: 1 = the first; 0 = none is in hand. @thread{the
 * consumer} */
uint32_t tutti_mailbox_attempt(const tutti_mailbox *mailbox);
/** Wants no more. @thread{any} */
void tutti_mailbox_close(tutti_mailbox *mailbox);
/** What became of the messages of a mailbox. */
typedef struct tutti_mailbox_stats {
    uint64_t put;            /**< Messages that the mailbox was given. */
    uint64_t taken;          /**< Deliveries, those of retries included. */
    uint64_t done;           /**< Messages done. */
    uint64_t failed;         /**< Deliveries that failed. */
    uint64_t retried;        /**< Deliveries after the first. */
    uint64_t expired;        /**< Too old when they were to be taken. */
    uint64_t dropped_oldest; /**< By policy. */
    uint64_t dropped_newest; /**< By policy, or because the mailbox is closed. */
    uint64_t conflated;      /**< Replaced by a newer message before they were taken. */
    uint64_t overflowed;     /**< Refused at the bound, and a dead letter. */
    uint64_t dead_lettered;  /**< Given up after the last try. */
    uint64_t filter_failed;  /**< Times that the filter could not tell. */
    uint64_t blocked;        /**< Times that the bus had to wait for it. */
    uint64_t count_max;      /**< Most that ever waited. */
    uint64_t waiting;        /**< Now. */
    uint64_t retrying;       /**< Failed, and kept for later. */
} tutti_mailbox_stats;
/** @thread{any} */
void tutti_mailbox_stats_get(const tutti_mailbox *mailbox, tutti_mailbox_stats *ret_stats);

#ifdef __cplusplus
}
#endif

#endif
