/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The message bus, for programs that link libtutti: topics with typed payloads, priorities,
 * history, dead letters, other threads, and, if wanted, a journal of everything.
 *
 * One thread owns a bus. Either the caller: then it publishes and calls tutti_bus_turn to deliver;
 * or a thread of the bus itself, from tutti_bus_start to tutti_bus_stop. Handlers run on the owner
 * thread, one after another, to the end; one that publishes only queues. So no handler runs under a
 * lock, and nothing can deadlock. Other threads post through a publisher and take from a mailbox.
 *
 * Order: highest priority first, within a priority by sequence number; to the handlers with exact
 * topics before those with patterns, then in the order of subscription.
 *
 * Thread tags: @thread{owner} is the thread that owns the bus: the caller's before tutti_bus_start
 * and after tutti_bus_stop, in between only handlers and what tutti_bus_call runs. @thread{any} is
 * any thread at any time between tutti_bus_new and tutti_bus_free.
 */
#ifndef TUTTI_BUS_H
#define TUTTI_BUS_H

#include <tutti/message.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tutti_bus tutti_bus;
typedef struct tutti_publisher tutti_publisher;
typedef struct tutti_mailbox tutti_mailbox;

/* ---- a bus -------------------------------------------------------------------------------- */

/** How a bus is built; zero = default. */
typedef struct tutti_bus_options {
    const char *journal; /**< Directory that everything is recorded in; NULL = nothing is. What it
                            costs once it is busy stands in tutti/journal.h. */
    tutti_durability durability;
    uint32_t topics_max;        /**< Topics that can be declared; default 64, at most 4096. */
    uint32_t sources_max;       /**< Sources that can be declared; default 16, at most 256. */
    uint32_t topic_bytes;       /**< Histories of all of them; default 32 KiB for each. */
    uint32_t subscriptions_max; /**< Of all topics; default 1024. */
    uint32_t step_bytes;        /**< Messages that one post can cause; default 4 MiB. */
    uint32_t queue_messages;    /**< Messages waiting in one priority; default 8192. */
    uint32_t depth_max;         /**< Longest chain of causes; default 64. */
    uint32_t ttl_default_ms;    /**< Of topics declared without one; default 300,000. */
    uint32_t dead_letters_max;  /**< Dead letters kept; default 256. */
    uint32_t idempotency_max;   /**< Keys remembered; default 4096. */
    uint32_t retries_max;       /**< Failed deliveries that wait for a retry; default 64. */
    uint32_t requests_max;      /**< Requests that wait for an answer; default 256. */
    uint32_t blocked_max;       /**< Correlations that can be blocked; default 256. */
    uint32_t quarantine_after;  /**< Failures in a row of one handler; default 10. */
    /** A handler in quarantine gets one message as a trial after so long, again after each that
     * fails; default 60,000; UINT32_MAX = never: tutti_bus_release ends it. */
    uint32_t probe_ms;
    uint32_t window_ms;    /**< What tutti_bus_recent covers; default 10,000. */
    uint32_t timing_every; /**< Times one message in so many; default 16; UINT32_MAX = none. */
    uint32_t inbox_bytes;  /**< Posts waiting, each priority class; default 1 MiB. */
    bool keep_expired; /**< Expired messages stay in the history until newer ones take their place;
                            they are never among the latest. */
} tutti_bus_options;

/** Builds a bus; all memory is taken here. @thread{any} @alloc{setup}
 * @retval TUTTI_INVALID an option is beyond its bound, which the error tells; or the journal is
 * that of a run of tutti. @retval TUTTI_NO_MEMORY.
 * @retval TUTTI_BUSY, TUTTI_IO, ... the journal cannot be opened. */
TUTTI_NODISCARD tutti_status
tutti_bus_new(const tutti_bus_options *options, tutti_bus **result, tutti_error *error);
/** Frees a bus; stops it first if it runs. Publishers and mailboxes go with it. NULL is fine. Not
 * within a step: that ends the program. */
void tutti_bus_free(tutti_bus *bus);

/* ---- topics and sources ------------------------------------------------------------------- */

/** What a topic is; zero = default. Text is copied. */
typedef struct tutti_topic_options {
    const char *name; /**< Letters, digits and _ . - / : ; a letter or _ first. */
    /** Fields of the payload, as `name:kind`, separated by blanks: "price:price qty:qty side:u8
     * note:text[32]". Laid out as a C compiler lays out the same struct, the end filled up to a
     * multiple of 16. Kinds: price qty money ratio (16 bytes, exact decimals), time dur u64 i64
     * (8), u32 (4), u16 (2), u8 flag (1), uuid (16), text[N], enum(a,b,c) (1), or `bytes[N]` alone:
     * up to N bytes of any content. */
    const char *schema;
    uint32_t history_count; /**< Messages kept; 0 = none: neither history nor latest. */
    uint32_t history_bytes; /**< Bytes of those; 0 = bounded by number alone. */
    uint32_t key_max;       /**< Largest key; 0 = no keys. */
    uint32_t ttl_ms;        /**< 0 = default of the bus; TUTTI_TTL_NEVER. */
    uint32_t rate_per_s;    /**< Messages a second let through; 0 = all. */
    uint32_t burst;         /**< Messages let through at once; 0 = those of one second. */
    uint8_t kind;           /**< tutti_kind. */
    uint8_t priority;       /**< tutti_priority; default normal. */
} tutti_topic_options;

/** Declares a topic. The same declaration again gives the same number. @thread{owner}
 * @retval TUTTI_EXISTS the name stands for another declaration. @retval TUTTI_LIMIT topics_max.
 * @retval TUTTI_INVALID, TUTTI_PARSE the declaration is not right. */
TUTTI_NODISCARD tutti_status tutti_bus_declare_topic(
    tutti_bus *bus, const tutti_topic_options *options, tutti_topic *ret_topic, tutti_error *error);
/** Declares who publishes. Otherwise as tutti_bus_declare_topic. @thread{owner} */
TUTTI_NODISCARD tutti_status tutti_bus_declare_source(
    tutti_bus *bus, const char *name, tutti_source *ret_source, tutti_error *error);
/** Finds a topic by name; 0 if there is none. @thread{owner} */
tutti_topic tutti_bus_find_topic(const tutti_bus *bus, const char *name);
/** Name of a topic, or NULL. @lends{as long as the bus} @thread{owner} */
const char *tutti_bus_topic_name(const tutti_bus *bus, tutti_topic topic);
/** Finds a source by name; 0 if there is none. @thread{owner} */
tutti_source tutti_bus_find_source(const tutti_bus *bus, const char *name);
/** Name of a source, or NULL. @lends{as long as the bus} @thread{owner} */
const char *tutti_bus_source_name(const tutti_bus *bus, tutti_source source);
/** The declared topic behind `previous` (0: the first one); 0 at the end. @thread{owner} */
tutti_topic tutti_bus_topic_next(const tutti_bus *bus, tutti_topic previous);
/** As what a topic was declared, with every default filled in; after a restart as the journal has
 * it. @retval TUTTI_NOT_FOUND none of that number was declared. @lends{texts, as long as the bus}
 * @thread{owner} */
TUTTI_NODISCARD tutti_status
tutti_bus_topic_options(const tutti_bus *bus, tutti_topic topic, tutti_topic_options *ret_options);

/* ---- subscribing -------------------------------------------------------------------------- */

/** Handles a message, which is lent until the handler returns. A status other than TUTTI_OK is a
 * failed delivery: it is counted, tried again if the subscription says so, and in the end
 * dead-lettered; the other handlers get the message all the same. @thread{owner} */
typedef tutti_status (*tutti_handler_fn)(void *ctx, tutti_bus *bus, const tutti_message *message);
/** What a filter says. FAILED is no match, and is counted. */
typedef enum tutti_match {
    TUTTI_MATCH_NO,
    TUTTI_MATCH_YES,
    TUTTI_MATCH_FAILED
} tutti_match;
/** Tells whether a message is wanted. Must not publish. @thread{owner} */
typedef tutti_match (*tutti_filter_fn)(void *ctx, const tutti_message *message);

/** The end of a request. */
typedef struct tutti_reply {
    uint64_t request_seq;
    uint64_t tag;                /**< As given with the request. */
    tutti_status status;         /**< TUTTI_OK, or TUTTI_TIMEOUT: no answer came in time. */
    const tutti_message *answer; /**< NULL when none came. */
} tutti_reply;
/** Takes the end of a request. @thread{owner} */
typedef void (*tutti_reply_fn)(void *ctx, tutti_bus *bus, const tutti_reply *reply);

#define TUTTI_RETRIES_MAX 8
/** When a failed delivery is tried again. */
typedef struct tutti_retry {
    uint32_t count; /**< Tries after the first. */
    int64_t delay_ns[TUTTI_RETRIES_MAX];
} tutti_retry;

/** Who wants what; zero = any, default, none. Text is copied. */
typedef struct tutti_subscription {
    const char *name;    /**< Of the subscriber; required. */
    tutti_topic topic;   /**< Or, when 0: */
    const char *pattern; /**< `*` = any run of characters, `?` = one; later topics too. */
    tutti_handler_fn handler;
    void *ctx;
    tutti_filter_fn filter; /**< Gets the same ctx. */
    tutti_reply_fn reply;   /**< Takes the ends of its requests; gets the same ctx. */
    uint32_t key;
    tutti_source source;
    uint8_t priority_min;
    tutti_source address;      /**< Messages with this target come here; those without come, too. */
    bool wants_latest;         /**< First the latest message of each key, then what is new. */
    const tutti_retry *retry;  /**< NULL: a failure is final. */
    uint32_t quarantine_after; /**< Failures in a row; 0 = that of the bus; UINT32_MAX = never. */
    int64_t probe_ns;          /**< Until a trial; 0 = `probe_ms` of the bus. */
} tutti_subscription;

/** Subscribes. Also from inside a handler: the set of handlers of a message is fixed when its
 * delivery starts. @retval TUTTI_LIMIT 100 a topic, or subscriptions_max. @retval TUTTI_INVALID.
 * @thread{owner} */
TUTTI_NODISCARD tutti_status tutti_bus_subscribe(
    tutti_bus *bus, const tutti_subscription *subscription, uint64_t *ret_id, tutti_error *error);
/** Ends a subscription; false if there is none of that number. @thread{owner} */
bool tutti_bus_unsubscribe(tutti_bus *bus, uint64_t id);
/** Ends all subscriptions of a name; tells how many there were. @thread{owner} */
uint32_t tutti_bus_unsubscribe_name(tutti_bus *bus, const char *name);

/** What stands between an interceptor and the handler. */
typedef struct tutti_next tutti_next;
/** Stands around handlers: it calls tutti_bus_proceed or does not; what it returns is how the
 * delivery ended. @thread{owner} */
typedef tutti_status (*tutti_wrap_fn)(
    void *ctx, tutti_bus *bus, const tutti_message *message, const tutti_next *next);
/** Wraps the handlers of all topics whose name fits `pattern`, later ones too. The first one is the
 * outermost. `name` and `pattern` are lent as long as it stands. @retval TUTTI_EXISTS the name is
 * taken. @retval TUTTI_LIMIT 8 a topic, 32 in all. @thread{owner} */
TUTTI_NODISCARD tutti_status
tutti_bus_wrap(tutti_bus *bus, const char *pattern, const char *name, tutti_wrap_fn fn, void *ctx);
/** Takes an interceptor away; false if there is none of that name. @thread{owner} */
bool tutti_bus_unwrap(tutti_bus *bus, const char *name);
/** Goes on to the next interceptor, or to the handler. Only within the call that got `next`. */
tutti_status tutti_bus_proceed(const tutti_next *next, const tutti_message *message);
/** Name of the subscription whose handler is wrapped. @lends{for the call that got `next`} */
const char *tutti_next_name(const tutti_next *next);
/** Tells whether a message must be kept from a subscriber. Must not publish. @thread{owner} */
typedef bool (*tutti_guard_fn)(void *ctx, const tutti_message *message, const char *subscriber);
/** Sets who is asked before each delivery to a handler; NULL = nobody. What it keeps away is
 * counted, and no failure. @thread{owner} */
void tutti_bus_set_guard(tutti_bus *bus, tutti_guard_fn guard, void *ctx);

/* ---- publishing --------------------------------------------------------------------------- */

/** What to publish; zero = default, none. */
typedef struct tutti_post {
    tutti_topic topic;
    tutti_source source; /**< Required, but for publishers that have one. */
    uint32_t key;
    const void *payload; /**< Copied as it is; tutti_bus_from_json makes one that was checked. */
    uint32_t size;       /**< Bytes of the payload: those of the schema, or up to N of bytes[N]. */
    uint32_t ttl_ms;     /**< 0 = that of the topic; TUTTI_TTL_NEVER. */
    tutti_source target; /**< 0 = everybody. */
    uint8_t priority;    /**< tutti_priority. */
    uint64_t cause;      /**< 0 = the message in delivery. */
    uint8_t correlation[16]; /**< Zero = that of the cause; without one, a new one. */
    uint8_t idempotency[16]; /**< Not zero: a repeat of this key is dropped. */
} tutti_post;

/** Publishes; `ret_seq` (may be NULL) gets the number. In a handler it only queues; outside of one
 * everything that it causes is delivered when it returns. @retval TUTTI_EXISTS a repeat of its
 * idempotency key; `ret_seq` gets the first. With a journal, keys are known again after a
 * restart: the last `idempotency_max` of what is published outside of handlers, and as many of what
 * handlers publish.
 * @retval TUTTI_INVALID, TUTTI_LIMIT refused, counted, dead-lettered. @retval TUTTI_STATE the bus
 * has stopped, perhaps because this could not be recorded. @thread{owner} */
tutti_status tutti_bus_publish(tutti_bus *bus, const tutti_post *post, uint64_t *ret_seq);
/** Publishes the answer to a request: kind, target, correlation and cause follow from it.
 * @retval as tutti_bus_publish. @thread{owner} */
tutti_status tutti_bus_respond(
    tutti_bus *bus, const tutti_message *request, const tutti_post *post, uint64_t *ret_seq);
/** Publishes a request; the answer comes to the `reply` of a subscription, or TUTTI_TIMEOUT after
 * `limit_ns`. `subscription` must have a `reply` and an `address`, which becomes the source.
 * @retval as tutti_bus_publish, or TUTTI_NOT_FOUND no such subscription. @thread{owner} */
tutti_status tutti_bus_request(
    tutti_bus *bus,
    const tutti_post *post,
    int64_t limit_ns,
    uint64_t subscription,
    uint64_t tag,
    uint64_t *ret_seq);
/** Takes what other threads have posted, fires what is due; tells how many steps it made. For a bus
 * that is not started; within a step it does nothing. @thread{owner} */
uint32_t tutti_bus_turn(tutti_bus *bus);

/* ---- reading ------------------------------------------------------------------------------ */

/** Latest message of a topic, of a source (0 = any) and key, not older than `max_age_ns` (0 = any
 * age) and not expired; or NULL. @lends{until the next publish on the topic} @thread{owner} */
const tutti_message *tutti_bus_latest(
    const tutti_bus *bus, tutti_topic topic, tutti_source source, uint32_t key, int64_t max_age_ns);

/** Which messages of a topic's history; zero = all. */
typedef struct tutti_query {
    tutti_topic topic; /**< Required. */
    tutti_source source;
    uint32_t key;
    bool is_keyed;      /**< `key` counts. */
    uint64_t since_seq; /**< Inclusive. */
    int64_t since_ns;   /**< Inclusive. */
    int64_t until_ns;   /**< Inclusive; 0 = now. */
    uint64_t until_seq; /**< Inclusive; 0 = the newest. To go on with older ones: the number of the
                             last one less one. */
    tutti_filter_fn filter; /**< Asked last. */
    void *ctx;              /**< Of the filter. */
} tutti_query;
/** Writes at most `limit` messages to `ret_messages`, newest first, expired ones left out; tells
 * how many. @lends{until the next publish on the topic} @thread{owner} */
uint32_t tutti_bus_query(
    const tutti_bus *bus,
    const tutti_query *query,
    uint32_t limit,
    const tutti_message **ret_messages);

/** Finds a message by number, in the history of its topic or among the latest; NULL if it is no
 * longer kept. @lends{until the next publish on the topic} @thread{owner} */
const tutti_message *tutti_bus_find(const tutti_bus *bus, tutti_topic topic, uint64_t seq);
/** Forgets the history of a topic, the latest messages included; tells how many there were. A
 * journal keeps them. @thread{owner} */
uint32_t tutti_bus_clear_history(tutti_bus *bus, tutti_topic topic);

/** A message that could not be handled. */
typedef struct tutti_dead {
    uint64_t id;
    const tutti_message *message; /**< Whole. @lends{until the next call} */
    const char *reason;           /**< A word, such as "handler_failed". */
    char handler[32];             /**< Handler or mailbox that could not; may be empty. */
    uint32_t attempts;
    char text[160]; /**< What was wrong, in words. */
    int64_t first_failure_ns;
    int64_t last_failure_ns;
    bool is_of_mailbox; /**< `handler` is a mailbox. */
} tutti_dead;
/** Shows the dead letter behind `previous` (0: the oldest), which may have left meanwhile; false at
 * the end. @thread{owner} */
bool tutti_bus_dead_next(tutti_bus *bus, uint64_t previous, tutti_dead *ret_dead);
/** Delivers a dead letter again, to whom could not handle it; outside of handlers as a command that
 * the journal has. @retval TUTTI_NOT_FOUND. @retval TUTTI_BUSY it is on its way. @retval
 * TUTTI_STATE its handler is gone or in quarantine. @retval TUTTI_INVALID it was no right message.
 * @retval TUTTI_LIMIT it was refused again, its mailbox is full, or the chain of causes is too
 * long. @thread{owner} */
tutti_status tutti_bus_dead_redrive(tutti_bus *bus, uint64_t id);
/** Forgets a dead letter. @retval TUTTI_NOT_FOUND. @thread{owner} */
tutti_status tutti_bus_dead_discard(tutti_bus *bus, uint64_t id);

/** What became of all dead letters. */
typedef struct tutti_dead_work {
    uint32_t done;         /**< Redriven or forgotten. */
    uint32_t left;         /**< Not. */
    uint64_t first_left;   /**< The oldest of those; 0 = none. */
    tutti_status why_left; /**< What tutti_bus_dead_redrive said about that one. */
} tutti_dead_work;
/** Redrives all dead letters that are there now, oldest first, those of mailboxes, too; `topic`: of
 * that one alone; 0 = of all. One that fails again is done, and a new letter. @thread{owner, not in
 * a handler: TUTTI_STATE} */
tutti_status
tutti_bus_dead_redrive_all(tutti_bus *bus, tutti_topic topic, tutti_dead_work *ret_work);
/** Forgets all dead letters, or those of a topic. @thread{owner, not in a handler: TUTTI_STATE} */
tutti_status
tutti_bus_dead_discard_all(tutti_bus *bus, tutti_topic topic, tutti_dead_work *ret_work);

/** Counters of a topic, or of all. */
typedef struct tutti_bus_stats {
    uint64_t published;
    uint64_t delivered; /**< Handlers that returned TUTTI_OK. */
    uint64_t failed;    /**< Handlers that returned something else. */
    uint64_t expired;
    uint64_t filtered;
    uint64_t dropped;    /**< Refused at a bound. */
    uint64_t invalid;    /**< Refused because something was wrong. */
    uint64_t duplicates; /**< Repeats of an idempotency key. */
    uint64_t dead_lettered;
    uint32_t history_count;
    uint32_t subscribers;
    uint64_t filter_failed; /**< Times that a filter could not tell. */
    uint64_t guarded;       /**< Times that a guard, or a blocked correlation, kept one away. */
    uint64_t retried;       /**< Deliveries tried again after a failure. */
    uint64_t quarantined;   /**< Times that a quarantine kept one from a handler. */
    uint64_t rate_limited;  /**< Part of `dropped`: refused by a limit of rate. */
} tutti_bus_stats;
/** Counters of a topic; 0 = all together. @thread{owner} */
void tutti_bus_stats_get(const tutti_bus *bus, tutti_topic topic, tutti_bus_stats *ret_stats);
/** How much they have grown in the last `window_ms`, in eighths of it. What is no counter is as
 * now. @thread{owner} */
void tutti_bus_recent(const tutti_bus *bus, tutti_topic topic, tutti_bus_stats *ret_stats);

/** Times, in nanoseconds; percentiles are exact to less than one percent. */
typedef struct tutti_times {
    uint64_t count;
    uint64_t mean;
    uint64_t min;
    uint64_t max;
    uint64_t p50;
    uint64_t p95;
    uint64_t p99;
    uint64_t p999;
} tutti_times;
/** How long the handler of a subscription took; false when nothing was measured. @thread{owner} */
bool tutti_bus_handler_times(const tutti_bus *bus, uint64_t subscription, tutti_times *ret_times);
/** How long messages of a priority waited to be delivered; false when nothing was measured.
 * @thread{owner} */
bool tutti_bus_queue_delays(const tutti_bus *bus, uint8_t priority, tutti_times *ret_times);

/* ---- other threads ------------------------------------------------------------------------ */

/** Starts a thread that owns the bus from now on. All signals are blocked in it, and in those of a
 * journal, but for those of faults and profilers. @retval TUTTI_STATE it runs, has stopped, or is
 * within a step. @thread{owner} */
TUTTI_NODISCARD tutti_status tutti_bus_start(tutti_bus *bus, tutti_error *error);

/** Runs on the thread that owns the bus. */
typedef void (*tutti_call_fn)(void *ctx, tutti_bus *bus);
/** Runs `fn` on the thread that owns the bus, between two messages, and waits for its end: so any
 * thread declares, subscribes, publishes or reads. @retval TUTTI_STATE the bus has stopped, perhaps
 * because this could not be recorded; or it is called within a step. @thread{any} @blocks{until it
 * has run} */
tutti_status tutti_bus_call(tutti_bus *bus, tutti_call_fn fn, void *ctx);

/** Number up to which the journal is durable; 0 without one. @thread{any} */
uint64_t tutti_bus_durable(const tutti_bus *bus);
/** Waits until a message is durable. @retval TUTTI_TIMEOUT. @retval TUTTI_STATE nothing is
 * recorded, the journal has stopped, or it is called by a handler on the thread of the bus, whose
 * step is recorded at its end; or the status of its failure. @thread{any} */
tutti_status tutti_bus_wait_durable(tutti_bus *bus, uint64_t seq, int64_t wait_ns);

/** One row of what was not delivered. */
typedef struct tutti_undelivered {
    char mailbox[32]; /**< "inbox": posted, but never a message. */
    tutti_topic topic;
    uint64_t count;
    uint64_t first_seq; /**< 0 for the inbox. */
    uint64_t last_seq;
} tutti_undelivered;
#define TUTTI_REPORT_ROWS 64
/** What a stop found. */
typedef struct tutti_stop_report {
    uint64_t undelivered; /**< Messages, in all. */
    uint64_t not_durable; /**< Messages that the journal could not make durable. */
    uint32_t row_count;
    bool has_halted; /**< The bus had stopped by itself before; `halt_reason` says why. */
    char halt_reason[64];
    tutti_undelivered rows[TUTTI_REPORT_ROWS];
} tutti_stop_report;
/** Stops in order: posts are refused, what was accepted is delivered, mailboxes are waited for, the
 * journal is made durable, all within `limit_ns`. What could not be delivered is dead-lettered and
 * stands in the report (which may be NULL). @retval TUTTI_TIMEOUT something was not delivered.
 * @retval TUTTI_STATE the bus had halted by itself; or it is called within a step, and nothing was
 * done. @thread{any while the bus runs, else owner} @blocks{up to the limit} */
tutti_status tutti_bus_stop(tutti_bus *bus, int64_t limit_ns, tutti_stop_report *ret_report);
/** Begins to stop, and does not wait: posts are refused from now on, what was accepted is still
 * delivered. A handler may call it; tutti_bus_stop then waits and reports. @thread{any} */
void tutti_bus_request_stop(tutti_bus *bus);

#ifdef __cplusplus
}
#endif

#include <tutti/mailbox.h>

#endif
