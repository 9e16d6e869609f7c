/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The message bus of the core: topics, subscriptions, priority lanes, history, dead letters,
 * statistics. Pure and single-threaded; no allocation after tt_bus_new.
 *
 * Life of a message: tt_bus_publish copies it into the outbox of the current step, gives it the
 * next sequence number, appends it to the history of its topic and queues it in the lane of its
 * priority. tt_bus_run delivers until the lanes are empty: highest lane first, sequence order
 * within a lane; to the handlers in the order of their subscription, those of the topic before
 * those by pattern. A handler that publishes only queues: there is no recursion and no lock, so
 * nothing can deadlock. Causation and correlation are inherited from the message being delivered. A
 * message is immutable from the moment it is published.
 *
 * The outbox holds all messages of a step in sequence order, head and payload back to back: it is
 * what the journal stores and where the host finds the effects. It is emptied by tt_bus_begin.
 *
 * How to publish is in bus_post.h, what is counted in bus_stats.h.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}, unless they say otherwise.
 */
#ifndef TT_BUS_BUS_H
#define TT_BUS_BUS_H

#include "base/arena.h"
#include "bus/bus_post.h"
#include "bus/bus_rate.h"
#include "bus/bus_stats.h"
#include "model/limits.h"
#include "model/message.h"
#include "model/registry.h"

typedef struct tt_bus tt_bus;
struct tt_core;

/** Most subscriptions of one topic. */
#define TT_BUS_SUBSCRIBERS_MAX 100

/** Handles one delivered message. `msg` is lent until the handler returns. Returns TUTTI_OK, or a
 * status that is counted as a failed delivery, and dead-lettered; other handlers still get it. */
typedef tutti_status (*tt_bus_handler_fn)(void *ctx, tt_bus *bus, const tt_msg *msg);
/** What a filter says. One that cannot tell says so: it is counted, and the message is not for it.
 */
typedef enum tt_bus_match {
    TT_BUS_MATCH_NO,
    TT_BUS_MATCH_YES,
    TT_BUS_MATCH_FAILED
} tt_bus_match;
/** Tells whether a subscription wants a message. Must not publish. */
typedef tt_bus_match (*tt_bus_filter_fn)(void *ctx, const tt_msg *msg);

/** How a request ended. */
typedef struct tt_bus_reply {
    tutti_status status; /**< TUTTI_OK; TUTTI_TIMEOUT: the deadline came first. */
    const tt_msg *msg;   /**< The answer, or NULL. */
    tt_seq request;      /**< Number of the request. */
    uint64_t tag;        /**< As given with the request. */
} tt_bus_reply;
/** Takes the end of a request. May do all that a handler may. `reply` is lent for the call. */
typedef void (*tt_bus_reply_fn)(void *ctx, tt_bus *bus, const tt_bus_reply *reply);

/** Sizes of a bus; zero = default. */
typedef struct tt_bus_options {
    uint32_t outbox_bytes;   /**< Messages of one step; default 4 MiB; 4 KiB to 1 GiB. */
    uint32_t queue_messages; /**< Messages queued at once in one lane; default 8192. */
    uint32_t depth_max;      /**< Longest chain of causes within one step; default 64. */
    uint32_t
        history_scale_pct;    /**< Scales each topic's history; default 100; at least 1 message. */
    uint32_t key_max;         /**< Largest key of built-in topics; default TT_INSTRUMENTS_MAX. */
    uint32_t topics_max;      /**< Topics that can be declared; default none. */
    uint32_t sources_max;     /**< Sources that can be declared; default none. */
    uint32_t topic_bytes;     /**< Histories and tables of all declared topics; default 32 KiB for
                                   each; at most 1 GiB. */
    uint32_t ttl_default_ms;  /**< Of declared topics that state none; default 300 s. */
    struct tt_timers *timers; /**< For deadlines, retries and trials; NULL: what needs them
 is refused. */
    uint32_t requests_max;    /**< Requests without an answer yet; default 256; at most 65535. */
    uint32_t blocked_max;     /**< Blocked correlations; default 256; at most 65535. */
    uint32_t subscriptions_max; /**< At one time; default 1024; at most 65535. */
    bool keep_expired;        /**< Expired messages keep their place in the history until newer ones
                                 take it; they are never among the latest. */
    uint32_t expiry_max;      /**< Messages with a ttl of their own, or outside of the ring, that a
                                 timer takes out of the history; default 8192; at most 2^20. */
    uint32_t dead_max;        /**< Dead letters kept whole; default 256; at most 16384. */
    uint32_t dead_bytes;      /**< Payloads of them; default 1 MiB; 4032 bytes to 256 MiB. */
    uint32_t idempotency_max; /**< Keys remembered; default 4096; at most 2^24. */
    uint32_t limits_max;      /**< Topics with a limit; default 16; at most 4096. */
    uint32_t retries_max;     /**< Messages that wait for a retry; default 64; at most 16384. */
    uint32_t retry_bytes;     /**< Payloads of them; default 256 KiB; 4032 bytes to 256 MiB. */
    uint32_t cares_max;       /**< Records of subscribers that fail; default 64; at most 4096. */
    uint32_t quarantine_after; /**< Failures in a row that begin a quarantine; default 0 = never. */
    uint32_t probe_ms;  /**< Time after which one message is a trial, for those without a time of
                           their own; default 0 = never. */
    uint32_t window_ms; /**< Length of the windows over counters; default 10 s; 100 ms to a day. */
    uint32_t timings_max; /**< Subscriptions with handler times of their own; default 64; at most
                             4096. */
} tt_bus_options;

/** Bytes of an arena that suffice for these options; 0: one is beyond its bound. @thread{any} */
size_t tt_bus_memory(const tt_bus_options *options);
/** Creates a bus in `arena`. @retval TUTTI_NO_MEMORY the arena is too small. @retval TUTTI_INVALID
 * an option is beyond its bound. @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status
tt_bus_new(const tt_bus_options *options, tt_arena *arena, tt_bus **result);
/** Registers what must survive a restart: numbers, time, counters, history, latest messages. What
 * is still queued is not part of it: save between steps. After loading call tt_bus_restore.
 * @retval TUTTI_LIMIT. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_register(tt_bus *bus, struct tt_core *core);

/** What to declare; see tt_topic_decl. */
typedef tt_topic_decl tt_bus_topic_decl;

/**
 * Declares a topic; from then on it is published and subscribed to like the others. May be called
 * by a handler. A message on `topic_declarations` tells it, so that a journal explains itself:
 * declare within a step. The same declaration again gives the same number, and no message.
 *
 * @retval TUTTI_EXISTS the name stands for another declaration. @retval TUTTI_LIMIT `topics_max` or
 * `topic_bytes` is used up, or the message found no room. @retval TUTTI_INVALID, TUTTI_PARSE the
 * declaration is not right. `error` says what would be.
 */
TUTTI_NODISCARD tutti_status
tt_bus_declare(tt_bus *bus, const tt_bus_topic_decl *decl, tt_topic *ret_topic, tt_error *error);
/** Declares who publishes; otherwise as tt_bus_declare, with `source_declarations`. */
TUTTI_NODISCARD tutti_status
tt_bus_declare_source(tt_bus *bus, const char *name, tt_source *ret_source, tt_error *error);
/** What is declared, to look names up. @lends{as long as the bus} */
const tt_registry *tt_bus_registry(const tt_bus *bus);
/**
 * Call after the regions were written: declared topics and sources are part of the state, and come
 * back with it. Subscriptions do not: restore first, then declare (what is there stays as it is),
 * then subscribe to declared topics.
 *
 * @retval TUTTI_VERSION other topics were declared before. @retval TUTTI_CORRUPT the state is none
 * that a bus with these options has written. After a failure the bus is of no use. @thread{setup}
 */
TUTTI_NODISCARD tutti_status tt_bus_restore(tt_bus *bus, tt_error *error);

/** Most retries of one delivery. */
#define TT_BUS_RETRIES_MAX 8
/** When a delivery that failed is tried again: delay_ns[0] after the first failure, and so on. */
typedef struct tt_bus_retry {
    uint32_t count; /**< At most TT_BUS_RETRIES_MAX. */
    int64_t delay_ns[TT_BUS_RETRIES_MAX];
} tt_bus_retry;

/** A subscription to be made. Zero = no restriction. Texts are lent for as long as it lives. */
typedef struct tt_bus_subscription {
    const char *name;    /**< Names it in statistics and dead letters; required. */
    tt_topic topic;      /**< What to get: one topic, */
    const char *pattern; /**< or all topics with such a name, now and later: `*` is any run of
                              characters, also none, also dots; `?` is exactly one. */
    tt_bus_handler_fn handler;
    tt_bus_filter_fn filter; /**< Asked last; gets `ctx`. */
    tt_bus_reply_fn reply;   /**< Takes the ends of its requests; gets `ctx`. */
    void *ctx;
    tt_source address;    /**< Messages for this target are for it, too. */
    uint32_t key;         /**< Only messages with this key. */
    tt_source source;     /**< Only messages of this source. */
    uint8_t min_priority; /**< Only messages of this priority or a higher one. */
    bool replay_latest;   /**< It begins when the bus is next quiet, with the latest message of each
                               key: topics ascending, keys ascending, expired ones left out. Then
                               comes all that was published after; nothing twice, nothing left out
                               but what a newer one of its key replaced meanwhile. */
    const tt_bus_retry *retry; /**< With one of these three: as tt_bus_set_care for its name. */
    uint32_t quarantine_after;
    int64_t probe_ns;
} tt_bus_subscription;

/**
 * Subscribes. A message goes first to the subscriptions of its topic, then to those by pattern,
 * each in order of subscription. May be called by a handler: the handlers of a message are fixed
 * when its delivery starts, so it gets the next message first. `ret_id` (may be NULL) is never used
 * again.
 *
 * @retval TUTTI_LIMIT a topic has TT_BUS_SUBSCRIBERS_MAX subscriptions, or the bus has
 * `subscriptions_max`. @retval TUTTI_INVALID no name or handler, a topic and a pattern or neither,
 * an unknown topic, source or address, or a pattern that no name can fit; or
 * as tt_bus_set_care.
 */
TUTTI_NODISCARD tutti_status
tt_bus_subscribe_to(tt_bus *bus, const tt_bus_subscription *request, uint64_t *ret_id);
/** Ends one subscription; false if there is none of that id. A message whose delivery has started
 * still reaches it, so `ctx` and texts must live until it has ended. */
bool tt_bus_unsubscribe_id(tt_bus *bus, uint64_t id);
/** Subscribes `handler` to all messages of a topic. @retval as tt_bus_subscribe_to */
TUTTI_NODISCARD tutti_status tt_bus_subscribe(
    tt_bus *bus, tt_topic topic, const char *name, tt_bus_handler_fn handler, void *ctx);
/** As tt_bus_subscribe, for messages that `filter` wants only; it gets the same `ctx`. */
TUTTI_NODISCARD tutti_status tt_bus_subscribe_filtered(
    tt_bus *bus,
    tt_topic topic,
    const char *name,
    tt_bus_handler_fn handler,
    tt_bus_filter_fn filter,
    void *ctx);
/** Ends the subscriptions of `name` to a topic (TT_TOPIC_NONE: all that it has, also by pattern);
 * returns how many. Otherwise as tt_bus_unsubscribe_id. */
uint32_t tt_bus_unsubscribe(tt_bus *bus, tt_topic topic, const char *name);
/** Number of subscriptions that get the messages of a topic, or, for TT_TOPIC_NONE, of all. */
uint32_t tt_bus_subscriber_count(const tt_bus *bus, tt_topic topic);

/** What stands between an interceptor and the handler. */
typedef struct tt_bus_next tt_bus_next;
/** Stands around handlers: it calls tt_bus_proceed or does not, and what it returns is how the
 * delivery ended. It may hand on another message; `msg` itself must not be changed. */
typedef tutti_status (*tt_bus_wrap_fn)(
    void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next);
/** Most interceptors of a topic, and of the bus. */
#define TT_BUS_TOPIC_WRAPS_MAX 8
#define TT_BUS_WRAPS_MAX       64
/**
 * Wraps the handlers of all topics whose name fits `pattern`, those that subscribe later and topics
 * that are declared later, too. The first one wrapped is the outermost. Texts are lent as long as
 * it stands. From a handler it holds from the next message on.
 * @retval TUTTI_EXISTS the name is taken: nothing is wrapped twice. @retval TUTTI_LIMIT a topic or
 * the bus has as many as it can. @retval TUTTI_INVALID no name or function, or no pattern.
 */
TUTTI_NODISCARD tutti_status
tt_bus_wrap(tt_bus *bus, const char *pattern, const char *name, tt_bus_wrap_fn fn, void *ctx);
/** Takes an interceptor away; false if there is none of that name. The delivery that has started
 * still uses it. */
bool tt_bus_unwrap(tt_bus *bus, const char *name);
/** Goes on to the next interceptor, or to the handler. Only within the call that got `next`. */
tutti_status tt_bus_proceed(const tt_bus_next *next, tt_bus *bus, const tt_msg *msg);
/** Name of the subscription that is being served. */
const char *tt_bus_next_name(const tt_bus_next *next);

/** Tells whether a message must not reach a subscription. Must not publish. */
typedef bool (*tt_bus_guard_fn)(void *ctx, const tt_msg *msg, const char *subscriber);
/** Sets who is asked before each delivery; NULL = nobody. What it keeps away is counted. */
void tt_bus_set_guard(tt_bus *bus, tt_bus_guard_fn fn, void *ctx);
/** Keeps all messages of a correlation from all handlers, for a workflow that has failed. The same
 * again is fine. Part of the state. @retval TUTTI_LIMIT `blocked_max` are blocked.
 * @retval TUTTI_INVALID the correlation is zero. */
TUTTI_NODISCARD tutti_status tt_bus_block(tt_bus *bus, tt_uuid correlation);
/** Lets them through again; false if they were not blocked. */
bool tt_bus_unblock(tt_bus *bus, tt_uuid correlation);
bool tt_bus_is_blocked(const tt_bus *bus, tt_uuid correlation);
uint32_t tt_bus_blocked_count(const tt_bus *bus);

/**
 * Publishes a request of the subscription `subscriber`, which needs a `reply` and an `address`: the
 * address becomes the source. The correlation is a new one, unless the post names one. The first
 * response with that correlation to that address ends the request; when none has come at
 * `deadline`, it ends with TUTTI_TIMEOUT and a dead letter says NO_REPLY. Part of the state: after
 * a restart, the subscription made in the same place of the order gets the end.
 *
 * @retval TUTTI_STATE the bus has no timers. @retval TUTTI_NOT_FOUND no such subscription.
 * @retval TUTTI_INVALID it has no `reply` or `address`, or as tt_bus_publish. @retval TUTTI_EXISTS
 * a request with this correlation waits. @retval TUTTI_LIMIT `requests_max` wait, or no timer is
 * left, or as tt_bus_publish.
 */
TUTTI_NODISCARD tutti_status tt_bus_request(
    tt_bus *bus,
    const tt_bus_post *post,
    tt_time deadline,
    uint64_t subscriber,
    uint64_t tag,
    tt_seq *ret_seq);
/** Publishes the answer to a request: kind, target, correlation and cause follow from `request`. */
tutti_status
tt_bus_respond(tt_bus *bus, const tt_msg *request, const tt_bus_post *post, tt_seq *ret_seq);
/** Counters of requests. */
typedef struct tt_bus_request_stats {
    uint64_t requested;
    uint64_t answered;
    uint64_t timed_out;
    uint64_t late;      /**< Directed responses for which no request waited. */
    uint64_t unclaimed; /**< Ends whose subscription had ended. */
    uint32_t pending;
} tt_bus_request_stats;
void tt_bus_request_stats_get(const tt_bus *bus, tt_bus_request_stats *ret_stats);

/** Until tt_bus_inputs_end only inputs may be published, and declarations are: for a function that
 * makes a step from outside of any handler. Anything else is refused with TUTTI_INVALID: a replay,
 * which publishes the inputs alone, could not know of it. After tt_bus_begin. */
void tt_bus_inputs_begin(tt_bus *bus);
/** Tells how many posts and redrives were refused since tt_bus_inputs_begin. */
uint32_t tt_bus_inputs_end(tt_bus *bus);
/** Starts a step at `now`, which never goes back: empties the outbox. What is still queued stays
 * queued, and is delivered by the next run unless it has expired by then. Not from a handler. */
void tt_bus_begin(tt_bus *bus, tt_time now);
/** Delivers until nothing is queued. Does nothing when called by a handler. */
void tt_bus_run(tt_bus *bus);

/** Sets the number of the next message, never to a lower one; used by recovery. @thread{setup} */
void tt_bus_set_next_seq(tt_bus *bus, tt_seq next);
/** Time of the current step. */
tt_time tt_bus_now(const tt_bus *bus);
/** The message being delivered, or NULL. */
const tt_msg *tt_bus_current(const tt_bus *bus);

/** First byte and length of the outbox: whole messages, in sequence order.
 * @lends{until the next tt_bus_begin} */
const void *tt_bus_outbox(const tt_bus *bus, size_t *ret_bytes);
/** Next message after `msg` in the outbox (`msg` NULL: the first), or NULL. */
const tt_msg *tt_bus_outbox_next(const tt_bus *bus, const tt_msg *msg);

/** Latest message of (topic, source, key) not older than `max_age` and not expired, or NULL. O(1).
 * Source TT_SOURCE_NONE = any. `max_age.ns` 0 = any age. The latest of each key survives however
 * much is published under other keys; so does the latest of each (source, key), up to two sources a
 * key on average (beyond that the oldest is lost and counted). When the newest one has expired, an
 * older one with a longer time to live takes its place, unless expired messages are kept.
 * @lends{until the next publish on that topic} */
const tt_msg *
tt_bus_latest(const tt_bus *bus, tt_topic topic, tt_source source, uint32_t key, tt_dur max_age);

/** Where the newest message of a key stands, for who asks at each message; no state. */
typedef struct tt_bus_newest {
    const void *topic; /**< NULL: there never is one. */
    uint32_t pair;
} tt_bus_newest;
/** Finds it: it stands there as long as the bus. Without history, or beyond the keys, there never
 * is a message. @thread{setup} */
tt_bus_newest tt_bus_newest_of(const tt_bus *bus, tt_topic topic, uint32_t key);
/** The newest message, of any source and age, expired or not; NULL if there is none. O(1).
 * @lends{until the next publish on that topic} @thread{owner} */
const tt_msg *tt_bus_newest_msg(const tt_bus_newest *newest);

/** What tt_bus_latest_where looks for. */
typedef struct tt_bus_latest_filter {
    tt_dur max_age;      /**< 0 = any age. */
    tt_bus_filter_fn fn; /**< NULL = any. */
    void *ctx;
} tt_bus_latest_filter;
/** As tt_bus_latest, among the messages that `filter` wants: walks those of this key alone, newest
 * first. */
const tt_msg *tt_bus_latest_where(
    const tt_bus *bus,
    tt_topic topic,
    tt_source source,
    uint32_t key,
    const tt_bus_latest_filter *filter);

/** Finds a message by number in the history of its topic or among the latest; NULL if it is no
 * longer kept. O(log n). @lends{until the next publish on that topic} */
const tt_msg *tt_bus_find(const tt_bus *bus, tt_topic topic, tt_seq seq);
/** Walks a topic's history newest first: `previous` NULL = newest. NULL at the end. Expired
 * messages are included where they are kept, otherwise for less than a millisecond.
 * @lends{until the next publish on that topic} */
const tt_msg *tt_bus_history(const tt_bus *bus, tt_topic topic, const tt_msg *previous);

/** What to look for in the history of a topic. Zero = no bound; all bounds are inclusive. */
typedef struct tt_bus_question {
    tt_topic topic;
    tt_source source; /**< TT_SOURCE_NONE = any. */
    uint32_t key;     /**< Counts if `is_keyed`. */
    bool is_keyed;
    tt_seq since_seq;
    tt_seq until_seq;
    tt_time since_time;
    tt_time until_time;
    tt_bus_filter_fn filter; /**< NULL = all. */
    void *ctx;
    uint32_t limit; /**< Most messages in the answer. */
} tt_bus_question;
/** Writes the messages that fit, newest first, without expired ones, to `ret_msgs`, which has room
 * for `limit`; returns how many. The bounds of number and time are found by binary search.
 * @lends{until the next publish on that topic} */
uint32_t tt_bus_query(const tt_bus *bus, const tt_bus_question *question, const tt_msg **ret_msgs);
/** Forgets the history of a topic, the latest messages included; returns how many there were. */
uint32_t tt_bus_clear_history(tt_bus *bus, tt_topic topic);

/** Remembers the idempotency key of a message of before a restart, for a bus whose state was not
 * saved: all of them in their order leave the last `idempotency_max`. @thread{setup} */
void tt_bus_recall_key(tt_bus *bus, const tt_uuid *key, tt_seq seq);

/** Publishes a dead letter about `msg`; `msg` NULL or with seq 0: about something that never became
 * a message. While a dead letter is being delivered it only counts, so that there is never a loop.
 */
void tt_bus_dead_letter(
    tt_bus *bus, const tt_msg *msg, tt_dead_reason reason, const char *handler, const char *text);

/** A dead letter that is kept whole. */
typedef struct tt_bus_dead {
    uint64_t id; /**< As in the message on `dead_letters`. */
    tt_msg head; /**< seq 0: it never became a message. */
    tt_time first_failure;
    tt_time last_failure;
    uint32_t attempts;     /**< Deliveries tried. */
    uint32_t payload_size; /**< 0: only the head is known. */
    tt_dead_reason reason;
    bool is_queued;   /**< Will be delivered again by the current run. */
    bool is_outside;  /**< The handler is outside of the core. */
    char handler[32]; /**< Who failed; empty: it was never delivered. */
    char text[160];
} tt_bus_dead;
/** Dead letters kept. At the bound the oldest is dropped and counted, and an alert is raised until
 * half of the room is free. */
uint32_t tt_bus_dead_count(const tt_bus *bus);
/** Walks them, oldest first: `previous` 0 = the oldest. False at the end. */
bool tt_bus_dead_next(const tt_bus *bus, uint64_t previous, tt_bus_dead *ret_dead);
/** Reads one; head and payload go to `ret_msg` (may be NULL) of TT_MSG_BYTES_MAX bytes.
 * @retval TUTTI_NOT_FOUND. */
TUTTI_NODISCARD tutti_status
tt_bus_dead_get(const tt_bus *bus, uint64_t id, tt_bus_dead *ret_dead, void *ret_msg);
/**
 * Queues one to be delivered again, however old it is: to the handler that failed, or, if it was
 * never delivered, to all. What never became a message is published now, as a new message. When it
 * goes well the letter leaves; otherwise it stays, with one attempt more, and is told again.
 *
 * A handler in quarantine gets none, unless its next trial is due: then the letter is the trial.
 *
 * @retval TUTTI_NOT_FOUND no such id. @retval TUTTI_BUSY it is queued already. @retval
 * TUTTI_INVALID only its head is known. @retval TUTTI_STATE the handler has ended its subscription,
 * or is in quarantine, or the correlation is blocked.
 * @retval TUTTI_LIMIT the chain of causes is too long, or the new message was refused again.
 */
TUTTI_NODISCARD tutti_status tt_bus_dead_redrive(tt_bus *bus, uint64_t id);
/** Tells whether one could be redriven now, as tt_bus_dead_redrive does, and in words why not; one
 * that never became a message may still be refused anew. `text` gets at most `size` bytes with its
 * NUL. @thread{owner} */
TUTTI_NODISCARD tutti_status
tt_bus_dead_obstacle(const tt_bus *bus, uint64_t id, char *text, size_t size);
/** Throws one away. @retval TUTTI_NOT_FOUND. @retval TUTTI_BUSY it is queued. */
TUTTI_NODISCARD tutti_status tt_bus_dead_discard(tt_bus *bus, uint64_t id);

/** A message that somebody outside of the core, such as a mailbox, could not handle. */
typedef struct tt_bus_returned {
    const tt_msg *msg; /**< Whole; seq 0: it never became a message, and only its head counts. */
    tt_dead_reason reason;
    uint32_t attempts; /**< Deliveries tried. */
    const char *handler;
    const char *text;
} tt_bus_returned;
/**
 * Takes one back, as the input of the step: the input is its dead letter, and the message is kept
 * whole among the others. A replay that publishes the recorded input keeps one of the same number,
 * size and place, whose payload is zero: its journal has the message itself. What never became a
 * message, and dead letters themselves, are told and not kept.
 * @retval TUTTI_LIMIT no room. */
TUTTI_NODISCARD tutti_status tt_bus_return(tt_bus *bus, const tt_bus_returned *returned);
/** Tells whether a handler outside can get a letter again. Must not publish. */
typedef bool (*tt_bus_outlet_fn)(void *ctx, const char *handler);
/** Sets who is asked before a letter goes to its handler outside; while it is NULL every handler is
 * taken to be there, so that a replay needs none of them. */
void tt_bus_set_outlet(tt_bus *bus, tt_bus_outlet_fn fn, void *ctx);
/** Walks the letters that were redriven to handlers outside in this step, oldest first: `previous`
 * 0 = the first. Head and payload go to `ret_msg` of TT_MSG_BYTES_MAX bytes. False at the end. They
 * leave with the next step. */
bool tt_bus_redriven_next(
    const tt_bus *bus, uint64_t previous, tt_bus_dead *ret_dead, void *ret_msg);

/** Tells whether there are any. */
bool tt_bus_has_redriven(const tt_bus *bus);

/** What is done for a subscriber that fails. */
typedef struct tt_bus_care {
    const tt_bus_retry *retry; /**< NULL = none: a failure is a dead letter at once. */
    uint32_t quarantine_after; /**< Failures in a row; 0 = as in the options. */
    int64_t probe_ns; /**< After that time one message is a trial; 0 = as in the options. */
} tt_bus_care;
/**
 * Says what is done when deliveries to a subscriber fail, now or for later subscriptions. A
 * message that waits goes again to that subscriber alone; after the last attempt it is a dead
 * letter that tells how many there were. While a subscriber is in quarantine its messages are
 * skipped and counted; an alert tells when that begins and ends. State survives a restart.
 *
 * @retval TUTTI_INVALID no name, too many or impossible delays. @retval TUTTI_STATE there are
 * no timers. @retval TUTTI_LIMIT `cares_max` records are in use.
 */
TUTTI_NODISCARD tutti_status
tt_bus_set_care(tt_bus *bus, const char *name, const tt_bus_care *care);
/** Ends the quarantines of a subscriber. @retval TUTTI_NOT_FOUND it is in none. */
TUTTI_NODISCARD tutti_status tt_bus_release(tt_bus *bus, const char *name);
/** Messages that wait for a retry. */
uint32_t tt_bus_retry_count(const tt_bus *bus);
/** How a subscriber that fails is doing. */
typedef struct tt_bus_care_stats {
    uint64_t retried;
    uint64_t skipped; /**< Messages it did not get because of a quarantine. */
    uint32_t failures_in_a_row;
    bool is_quarantined;
} tt_bus_care_stats;
/** False when there is no record of that subscriber. */
bool tt_bus_care_get(const tt_bus *bus, const char *name, tt_bus_care_stats *ret_stats);
/** Walks the records: name and stats of the one of number `i`, from 0; NULL at the end. */
const char *tt_bus_care_at(const tt_bus *bus, uint32_t i, tt_bus_care_stats *ret_stats);

/** What a topic may get; a rate of zero = no limit. */
typedef struct tt_bus_limits {
    tt_bus_rate topic;  /**< From all sources together. */
    tt_bus_rate source; /**< From each of them. */
} tt_bus_limits;
/** Limits what is published on a topic, from now on; a refusal is TUTTI_LIMIT with a dead letter.
 * @retval TUTTI_INVALID unknown topic, or dead_letters, or a rate that cannot be kept. @retval
 * TUTTI_LIMIT `limits_max` topics have one. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_limit(tt_bus *bus, tt_topic topic, const tt_bus_limits *limits);
/** The limits in force, of a topic that is known; zero where there are none. */
tt_bus_limits tt_bus_limits_get(const tt_bus *bus, tt_topic topic);
/** Tells whether a limit would refuse a message of that topic and source at `now`, which is not
 * before the time of the bus. Changes nothing. */
bool tt_bus_would_limit(const tt_bus *bus, tt_topic topic, tt_source source, tt_time now);
/** Lets a source publish past all limits, or no longer. @retval TUTTI_INVALID unknown source.
 * @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_exempt(tt_bus *bus, tt_source source, bool is_exempt);
bool tt_bus_is_exempt(const tt_bus *bus, tt_source source);
/** Does what a command on bus_commands says of limits (`limit`, `exempt`), as the message would;
 * for one that was recorded. @retval as tt_bus_limit, tt_bus_exempt. @thread{owner} */
TUTTI_NODISCARD tutti_status tt_bus_command_set(tt_bus *bus, const tt_bus_command *command);

#endif
