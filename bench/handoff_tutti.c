/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Carrier: the way of a message through Tutti, with everything on that way. A publisher posts into
 * the inbox; the core makes a step of it, publishes, delivers to a handler and keeps history; a
 * mailbox takes it to the thread that asked. Round trips go all the way; throughput is that of the
 * way in, up to the handler.
 *
 * The topic is declared, with a payload of 64 or 256 bytes.
 */
#include "bus_bench.h"
#include "handoff_loops.h"
#include "mailbox/loop.h"
#include "model/registry.h"

#include <stdlib.h>

enum {
    INBOX_BYTES = HANDOFF_QUEUE * 512,
    HISTORY = 1000 /**< As that of trades. */
};

/** The parts between the threads. */
struct tutti_path {
    tt_arena arena;
    tt_inbox *inbox;
    tt_bus *bus;
    tt_bus_loop *loop;
    tt_publisher *publisher[HANDOFF_PRODUCERS_MAX];
    tt_mailbox *mailbox[HANDOFF_PRODUCERS_MAX];
    handoff_job *job;
    tt_topic topic;
    uint32_t ended; /**< Producers. */
};

/** Declares the topic of messages of that size. */
static void declare(struct tutti_path *path, uint32_t size)
{
    char schema[512];
    tt_error error = {0};
    bus_schema_write(schema, sizeof schema, size);
    const tt_bus_topic_decl decl = {
        .name = "bench.handoff",
        .schema = schema,
        .history_count = HISTORY,
        .key_max = HANDOFF_PRODUCERS_MAX,
        .kind = TT_msg_kind_EVENT,
    };
    tt_bus_begin(path->bus, (tt_time){0});
    bus_check(tt_bus_declare(path->bus, &decl, &path->topic, &error), error.message);
    tt_bus_run(path->bus);
}

static tutti_status arrive(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct tutti_path *path = ctx;
    (void)bus;
    path->ended += handoff_arrived(path->job, tt_msg_payload(msg));
    return TUTTI_OK;
}

static void open_mailbox(struct tutti_path *path, uint32_t producer)
{
    const tt_publisher_options dead = {.name = "dead", .source = TT_SOURCE_HOST};
    tt_publisher *publisher = NULL;
    bus_check(tt_inbox_open(path->inbox, &dead, &publisher), "publisher of dead letters");
    const tt_mailbox_options options = {
        .name = producer == 0 ? "first" : "second",
        .policy = TT_MAILBOX_BLOCK,
        .dead_letters = publisher,
        .idle = {.clock = &bus_timepiece},
    };
    const tt_mailbox_subscription subscription = {.topic = path->topic, .key = producer + 1};
    bus_check(tt_mailbox_new(&options, &path->arena, &path->mailbox[producer]), "mailbox");
    bus_check(tt_mailbox_subscribe(path->mailbox[producer], &subscription), "mailbox subscription");
    bus_check(tt_bus_loop_attach(path->loop, path->mailbox[producer]), "attaching a mailbox");
}

static void open_publisher(struct tutti_path *path, uint32_t producer)
{
    const tt_publisher_options options = {
        .name = producer == 0 ? "first" : "second",
        .source = TT_SOURCE_FEED,
        .ring_bytes = INBOX_BYTES,
    };
    bus_check(tt_inbox_open(path->inbox, &options, &path->publisher[producer]), "publisher");
}

static void tutti_open(handoff_job *job)
{
    struct tutti_path *path = calloc(1, sizeof *path);
    const tt_inbox_options inbox = {
        .ring_bytes = INBOX_BYTES * HANDOFF_PRODUCERS_MAX,
        .topics_max = TT_TOPIC_USER_FIRST + 1,
        .idle = {.clock = &bus_timepiece},
    };
    const tt_bus_options bus = {.topics_max = 1, .topic_bytes = 1u << 20};
    bus_check(tt_arena_init(&path->arena, (size_t)128 << 20), "memory");
    bus_check(tt_inbox_new(&inbox, &path->arena, &path->inbox), "inbox");
    bus_check(tt_bus_new(&bus, &path->arena, &path->bus), "bus");
    const tt_bus_loop_options loop = {
        .bus = path->bus, .inbox = path->inbox, .clock = &bus_timepiece};
    declare(path, job->size);
    bus_check(tt_bus_loop_new(&loop, &path->arena, &path->loop), "loop");
    bus_check(tt_bus_subscribe(path->bus, path->topic, "bench", arrive, path), "subscribe");
    path->job = job;
    for (uint32_t i = 0; i < job->producers; i++) {
        open_publisher(path, i);
        if (job->is_two_way) {
            open_mailbox(path, i);
        }
    }
    job->requests = path;
}

static void tutti_close(handoff_job *job)
{
    struct tutti_path *path = job->requests;
    tt_arena_fini(&path->arena);
    free(path);
}

HANDOFF_INLINE bool tutti_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct tutti_path *path = at;
    const tt_bus_post post = {
        .topic = path->topic,
        .source = TT_SOURCE_FEED,
        .key = producer + 1,
        .payload = bytes,
        .priority = TT_priority_NORMAL,
    };
    tutti_status status = tt_inbox_post_try(path->publisher[producer], &post, size);
    if (status != TUTTI_OK && status != TUTTI_LIMIT) { // No room is what one waits for.
        bus_check(status, "posting");
    }
    return status == TUTTI_OK;
}

static void tutti_produce(handoff_job *job, uint32_t producer)
{
    handoff_produce(job, producer, tutti_send);
}

/** The core: turns until each producer has ended. */
static void run_core(handoff_job *job)
{
    struct tutti_path *path = job->requests;
    uint32_t polls = 0;
    uint64_t start = 0;
    while (path->ended < job->producers) {
        if (tt_bus_loop_turn(path->loop) == 0) {
            handoff_wait(job, &polls);
        } else if (start == 0) {
            start = place_ticks();
        }
    }
    job->ticks = place_ticks() - start;
}

HANDOFF_INLINE const void *tutti_peek(void *at)
{
    const tt_msg *msg = NULL;
    return tt_mailbox_take_try(at, &msg) == TUTTI_OK ? tt_msg_payload(msg) : NULL;
}

HANDOFF_INLINE void tutti_release(void *at)
{
    bus_check(tt_mailbox_done(at), "giving a message back");
}

static void tutti_ping(handoff_job *job, uint32_t producer)
{
    struct tutti_path *path = job->requests;
    job->answers[producer] = path->mailbox[producer];
    handoff_ping(job, producer, tutti_send, tutti_peek, tutti_release);
}

const handoff_carrier handoff_tutti = {
    .name = "Tutti inbox, core, mailbox",
    .open = tutti_open,
    .close = tutti_close,
    .produce = tutti_produce,
    .consume = run_core,
    .ping = tutti_ping,
    .pong = run_core,
};
