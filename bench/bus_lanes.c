/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A cancel in a flood: one thread posts market data as fast as the inbox takes it, so that its lane
 * is full all the time; now and then it posts the command that ends in a cancel. Measured is the
 * time from the post until the handler that stands at the edge to the venue sees the cancel: once
 * with the command in the urgent lane, once, for contrast, in the lane of the flood.
 */
#include "bus_bench.h"
#include "mailbox/loop.h"
#include "place.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 5,
    ROUNDS_SHORT = 1,
    CANCELS = 4000, /**< In a round. */
    CANCELS_SHORT = 50,
    FLOOD = 500 /**< Posts of market data, or tries, between two cancels. */
};

/** One run. */
struct flood {
    tt_arena arena;
    tt_inbox *inbox;
    tt_bus *bus;
    tt_bus_loop *loop;
    tt_publisher *market;
    tt_publisher *person;
    uint8_t priority; /**< Of the commands. */
    uint32_t cancels; /**< To post. */
    /* The core's. */
    uint64_t trades; /**< Handled. */
    uint32_t reached;
    uint64_t last_request;
    uint64_t *ticks; /**< When a cancel reached the edge, by request. */
    /* The poster's. */
    uint64_t *posted; /**< When its command was posted. */
    uint64_t sent, refused;
    _Atomic bool is_over;
};

static tutti_status see_trade(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct flood *flood = ctx;
    (void)bus;
    (void)msg;
    flood->trades++;
    return TUTTI_OK;
}

/** Stands for the order desk: a command becomes a cancel. */
static tutti_status make_cancel(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    const tt_order_cancel cancel = {
        .order_id = TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command)->request_id};
    const tt_bus_post post = {
        .topic = TT_TOPIC_ORDER_CANCELS,
        .source = TT_SOURCE_TRADE,
        .key = msg->key,
        .payload = &cancel,
    };
    return tt_bus_publish(bus, &post, NULL);
}

/** Stands for the edge to the venue. */
static tutti_status see_cancel(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct flood *flood = ctx;
    (void)bus;
    uint64_t request = TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel)->order_id;
    if (request != flood->last_request + 1 || request > flood->cancels) {
        bench_fail("cancel %llu came out of turn", (unsigned long long)request);
    }
    flood->last_request = request;
    flood->ticks[request - 1] = place_ticks();
    flood->reached++;
    return TUTTI_OK;
}

static void open_flood(struct flood *flood)
{
    const tt_inbox_options inbox = {.is_unchecked = true, .idle = {.clock = &bus_timepiece}};
    const tt_publisher_options market = {.name = "market", .source = TT_SOURCE_FEED};
    const tt_publisher_options person = {.name = "person", .source = TT_SOURCE_OPERATOR};
    const tt_bus_options bus = {0};
    bus_check(tt_arena_init(&flood->arena, (size_t)128 << 20), "memory");
    bus_check(tt_inbox_new(&inbox, &flood->arena, &flood->inbox), "inbox");
    bus_check(tt_inbox_open(flood->inbox, &market, &flood->market), "publisher");
    bus_check(tt_inbox_open(flood->inbox, &person, &flood->person), "publisher");
    bus_check(tt_bus_new(&bus, &flood->arena, &flood->bus), "bus");
    const tt_bus_loop_options loop = {
        .bus = flood->bus, .inbox = flood->inbox, .clock = &bus_timepiece};
    bus_check(tt_bus_loop_new(&loop, &flood->arena, &flood->loop), "loop");
    bus_check(
        tt_bus_subscribe(flood->bus, TT_TOPIC_MARKET_TRADE, "market", see_trade, flood),
        "subscribe");
    bus_check(
        tt_bus_subscribe(flood->bus, TT_TOPIC_COORDINATOR_COMMANDS, "desk", make_cancel, flood),
        "subscribe");
    bus_check(
        tt_bus_subscribe(flood->bus, TT_TOPIC_ORDER_CANCELS, "venue", see_cancel, flood),
        "subscribe");
}

static void *run_core(void *argument)
{
    struct flood *flood = argument;
    place_pin(1);
    while (!atomic_load_explicit(&flood->is_over, memory_order_acquire) ||
           flood->trades < flood->sent || flood->reached < flood->cancels) {
        (void)tt_bus_loop_turn(flood->loop);
    }
    return NULL;
}

/** Market data at the limit of the inbox. */
static void post_market(struct flood *flood)
{
    const tt_trade trade = {0};
    const tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_TRADE, .source = TT_SOURCE_FEED, .key = 1, .payload = &trade};
    for (uint32_t i = 0; i < FLOOD; i++) {
        tutti_status status = tt_inbox_post_try(flood->market, &post, sizeof trade);
        if (status == TUTTI_OK) {
            flood->sent++;
        } else if (status == TUTTI_LIMIT) {
            flood->refused++;
        } else {
            bus_check(status, "market data");
        }
    }
}

static void post_cancel(struct flood *flood, uint64_t request)
{
    const tt_coordinator_command command = {.request_id = request};
    const tt_bus_post post = {
        .topic = TT_TOPIC_COORDINATOR_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .key = 1,
        .payload = &command,
        .priority = flood->priority,
    };
    flood->posted[request - 1] = place_ticks();
    bus_check(tt_inbox_post_wait(flood->person, &post, sizeof command), "a command");
}

static void fill_lane(struct flood *flood)
{
    while (flood->refused == 0) {
        post_market(flood);
    }
    flood->refused = 0;
}

/** One round; returns how much of the flood was refused because the lane was full. */
static double run_flood(struct flood *flood)
{
    pthread_t core;
    open_flood(flood);
    fill_lane(flood);
    if (pthread_create(&core, NULL, run_core, flood) != 0) {
        bench_fail("no thread");
    }
    place_pin(0);
    uint64_t before = flood->sent;
    for (uint64_t request = 1; request <= flood->cancels; request++) {
        post_market(flood);
        post_cancel(flood, request);
    }
    double tries = (double)(flood->sent - before + flood->refused);
    double refused = (double)flood->refused / tries;
    atomic_store_explicit(&flood->is_over, true, memory_order_release);
    pthread_join(core, NULL);
    tt_arena_fini(&flood->arena);
    return refused;
}

static int compare_ticks(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

enum {
    P50,
    P99,
    P999,
    MAX,
    FIELDS
};

/** Runs a round and reads its percentiles in us. */
static double measure(uint8_t priority, uint32_t cancels, double *us)
{
    static uint64_t ticks[CANCELS], posted[CANCELS];
    static const double parts[FIELDS] = {0.5, 0.99, 0.999, 1};
    struct flood flood = {
        .priority = priority, .cancels = cancels, .ticks = ticks, .posted = posted};
    double refused = run_flood(&flood);
    for (uint32_t i = 0; i < cancels; i++) {
        ticks[i] -= posted[i];
    }
    qsort(ticks, cancels, sizeof *ticks, compare_ticks);
    for (int i = 0; i < FIELDS; i++) {
        us[i] = (double)ticks[(uint32_t)(parts[i] * (cancels - 1))] * place_tick_ns() / 1000;
    }
    return refused;
}

void bus_lanes_bench(bench_table *table, bool is_short)
{
    static const char *const names[FIELDS] = {"p50", "p99", "p99.9", "max"};
    double urgent[FIELDS][ROUNDS], normal[FIELDS][ROUNDS];
    double us[FIELDS];
    double refused = 0;
    int rounds = is_short ? ROUNDS_SHORT : ROUNDS;
    uint32_t cancels = is_short ? CANCELS_SHORT : CANCELS;
    if (place_cpus() < 2) {
        printf("cancel in a flood: skipped, it needs two processors\n");
        return;
    }
    for (int round = 0; round < rounds; round++) {
        refused += measure(TT_priority_URGENT, cancels, us);
        for (int i = 0; i < FIELDS; i++) {
            urgent[i][round] = us[i];
        }
        refused += measure(TT_priority_NORMAL, cancels, us);
        for (int i = 0; i < FIELDS; i++) {
            normal[i][round] = us[i];
        }
    }
    printf(
        "\ncancel in a flood: %.0f %% of the market data found the lane full\n",
        100 * refused / (2 * rounds));
    for (int i = 0; i < FIELDS; i++) {
        char name[64];
        snprintf(name, sizeof name, "cancel in a flood, to the venue edge, %s", names[i]);
        bench_row *row = bench_add(table, name, "us", urgent[i], rounds);
        bench_beside(row, "in the lane of the flood", urgent[i], normal[i], rounds);
    }
}
