/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the library: a bus of the core, its loop, and what the public interface adds to them:
 * memory, copies of texts, handlers with the public types.
 *
 * Invariants: everything but the publishers and mailboxes belongs to the thread that owns the bus.
 * `is_running` changes in start and stop alone. What is taken while the bus lives (publishers,
 * mailboxes) stands in lists under `lock` and is given back by tutti_bus_free.
 */
#ifndef TT_LIB_LIB_PRIV_H
#define TT_LIB_LIB_PRIV_H

#include "bus/core.h"
#include "journal/journal_group.h"
#include "mailbox/monitor.h"

#include <tutti/bus.h>

#include <pthread.h>

#define TT_LIB_NAME_MAX    32
#define TT_LIB_PATTERN_MAX 64

/** A subscription with the public types. */
struct lib_subscription {
    tutti_bus *bus;
    tutti_handler_fn handler;
    tutti_filter_fn filter;
    tutti_reply_fn reply;
    void *ctx;
    uint64_t id;     /**< 0 = free. */
    tt_seq ended_in; /**< Message in whose delivery it ended. */
    char name[TT_LIB_NAME_MAX];
    char pattern[TT_LIB_PATTERN_MAX];
};

/** Interceptors at one time. */
#define TT_LIB_WRAPS_MAX 32
/** An interceptor with the public types. */
struct lib_wrap {
    tutti_bus *bus;
    tutti_wrap_fn fn;
    void *ctx;
    const char *name; /**< NULL = free. */
    tt_seq ended_in;  /**< Message in whose delivery it was taken away. */
};

struct tutti_publisher {
    tutti_bus *bus;
    tt_publisher *publisher;
    tutti_publisher *next;
};

/** What the filter of a subscription of a mailbox needs, and its pattern. */
struct lib_want {
    tutti_filter_fn filter;
    void *ctx;
    char pattern[TT_LIB_PATTERN_MAX];
};

struct tutti_mailbox {
    tt_mailbox *box;
    tt_arena arena; /**< Its memory. */
    tutti_mailbox *next;
    char name[TT_LIB_NAME_MAX];
    _Atomic bool is_closed; /**< Another may have its name. */
    struct lib_want wants[TUTTI_MAILBOX_SUBSCRIPTIONS_MAX];
};

struct tutti_bus {
    tutti_bus_options options; /**< With every default filled in. */
    tt_arena arena;
    tt_timepiece clock;
    tt_bus *bus;
    tt_timers *timers;
    tt_inbox *inbox;
    tt_bus_loop *loop;
    tt_journal_group *group; /**< NULL: nothing is recorded. */
    struct lib_subscription *subscriptions;
    _Atomic uint32_t *shapes; /**< Of declared topics: what posting threads must know. */
    struct lib_wrap wraps[TT_LIB_WRAPS_MAX];
    tutti_guard_fn guard;
    void *guard_ctx;
    _Alignas(16) unsigned char dead[TT_MSG_BYTES_MAX]; /**< The dead letter shown last. */
    tt_bus_monitor *monitor;                           /**< NULL: nobody watches. */
    tt_publisher *alerts;                              /**< How it posts. */
    tt_arena monitor_arena;                            /**< Its memory. */
    pthread_mutex_t lock; /**< Around the lists below; never held while anything waits. */
    tutti_publisher *publishers;
    tutti_mailbox *mailboxes;
    _Atomic bool is_running; /**< A thread of its own owns the bus. */
    _Atomic bool is_stopped;
    bool is_calling;  /**< What tutti_bus_call runs is at work. */
    bool is_replying; /**< The end of a request is told; at its deadline that is no delivery. */
};

/* lib_bus.c */
/** Tells whether a handler, or a reply, is at work. */
bool tt_lib_is_handling(const tutti_bus *bus);
/** Tells whether a step is under way: as tt_lib_is_handling, or in what tutti_bus_call runs. */
bool tt_lib_is_within(const tutti_bus *bus);

/* lib_options.c */
/** Names the first option that is beyond its bound. @retval TUTTI_INVALID */
TUTTI_NODISCARD tutti_status
tt_lib_check_options(const tutti_bus_options *options, tutti_error *error);

/* lib_operate.c */
/** Publishes a command on `bus_commands`: in the step that is under way, or in one of its own; as
 * an input, unless a handler is at work. @retval as tt_bus_loop_within */
tutti_status tt_lib_command(tutti_bus *bus, tt_bus_command *command);

/* lib_subscribe.c */
/** Asks a filter with the public types. */
tt_bus_match tt_lib_match(tutti_filter_fn filter, void *ctx, const tt_msg *msg);

/* lib_text.c */
/** Writes a message as JSON, with a NUL. @retval TUTTI_LIMIT it does not fit. */
TUTTI_NODISCARD tutti_status
tt_lib_to_json(const tt_registry *registry, const tutti_message *message, char *text, size_t size);

/* lib_record.c */
/** Longest that a batch waits for company. */
#define TT_LIB_BATCH_NS (2 * TT_NS_PER_MS)
/** Opens the journal in a directory to append, or makes one; `ret_end` tells where it ends. */
TUTTI_NODISCARD tutti_status tt_lib_open_writer(
    const char *dir,
    tutti_durability durability,
    tt_journal_writer **result,
    tt_journal_end *ret_end,
    tutti_error *error);
/** UTC time of the machine. @thread{any} */
tt_time tt_lib_wall(void);
/** Opens the journal of a bus, and takes over the numbers, the time and the declarations that stand
 * in it. */
TUTTI_NODISCARD tutti_status tt_lib_record_open(tutti_bus *bus, tutti_error *error);
/** The sink of the loop. */
tutti_status tt_lib_record_step(void *ctx, const void *step, size_t bytes);

/* lib_declare.c */
/** Set in the shape of a topic whose payload is bytes of any content; the rest is their most, or
 * the size of the struct. */
#define TT_LIB_SHAPE_IS_BYTES (UINT32_C(1) << 31)
/** Makes the shape of a topic known to posting threads. @thread{owner} */
void tt_lib_learn_shape(tutti_bus *bus, tt_topic topic);

#endif
