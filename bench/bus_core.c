/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publish and delivery on the thread of the core, in ns a message: bare (a topic that keeps
 * nothing) and with everything on (a thousand topics in use, history, causes, a clock lent), beside
 * the least that any bus must do. What the handlers saw is summed up and must be what was
 * published.
 */
#include "bus/bus.h"
#include "bus_bench.h"
#include "place.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 21,      /**< That are undisturbed, if there are so many */
    ROUNDS_MAX = 60,  /**< of these. */
    ROUNDS_LEAST = 5, /**< With fewer of them, all count. */
    ROUNDS_SHORT = 3,
    SLICES = 8, /**< Of a round: the fastest counts. */
    MESSAGES = 1 << 16,
    MESSAGES_SHORT = 1 << 12,
    STEP = 16, /**< Messages of a step, where there are several. */
    TOPICS = 1024,
    KEYS = 16,
    HISTORY = 64,
    TIMING_EVERY = 16, /**< As a bus of the library does by default. */
    HANDLERS_MAX = 10
};

#define INLINE __attribute__((always_inline)) static inline

/** A round in which the least that a bus must do takes that much longer than in the fastest one ran
 * on a processor that was slowed down from outside. */
#define SLOW_MAX 1.1

/** What a handler does: it looks at the message. */
struct sum {
    uint64_t count;
    uint64_t total;
};

static tutti_status add_up(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct sum *sum = ctx;
    (void)bus;
    uint64_t number;
    memcpy(&number, tt_msg_payload(msg), sizeof number);
    sum->count++;
    sum->total += number;
    return TUTTI_OK;
}

/** A bus, its topics, and what its handlers saw. */
struct setup {
    tt_arena arena;
    tt_bus *bus;
    tt_topic topics[TOPICS];
    uint32_t topic_count;
    uint32_t handlers;
    uint32_t exact; /**< Handlers that are subscribed to each topic by itself. */
    struct sum sums[HANDLERS_MAX];
    uint64_t now;
};

/** One row to measure: a shape of the bus. */
struct shape {
    uint32_t handlers;
    bool is_full;
    uint32_t step;
    uint32_t used;    /**< Topics that are published on in turn. */
    bool is_keyed;    /**< Each of many topics gets messages of all keys, not of one of its own. */
    double budget[2]; /**< For 64 and 256 bytes; 0 = none. */
};

void bus_schema_write(char *text, size_t capacity, uint32_t size)
{
    size_t used = 0;
    for (uint32_t i = 0; i < size / 8; i++) {
        used += (size_t)snprintf(text + used, capacity - used, "%sw%u:u64", i > 0 ? " " : "", i);
    }
}

/** Subscriptions by pattern, before there are topics: of several handlers the last gets all of them
 * that way; others fit none. */
static void subscribe_by_pattern(struct setup *setup)
{
    const char *const patterns[] = {"market.*", "orders.*", "*.none", "marke?.x*"};
    for (size_t i = setup->handlers > 1 ? 0 : 1; i < sizeof patterns / sizeof patterns[0]; i++) {
        const tt_bus_subscription request = {
            .name = "pattern",
            .pattern = patterns[i],
            .handler = add_up,
            .ctx = &setup->sums[setup->handlers - 1],
        };
        bus_check(tt_bus_subscribe_to(setup->bus, &request, NULL), "subscribe by pattern");
    }
    setup->exact = setup->handlers > 1 ? setup->handlers - 1 : 1;
}

static void declare(struct setup *setup, uint32_t size, uint32_t history)
{
    char name[32];
    char schema[512];
    tt_error error = {0};
    bus_schema_write(schema, sizeof schema, size);
    for (uint32_t i = 0; i < setup->topic_count; i++) {
        snprintf(name, sizeof name, "market.%u", i);
        const tt_bus_topic_decl decl = {
            .name = name,
            .schema = schema,
            .history_count = history,
            .key_max = KEYS,
            .kind = TT_msg_kind_EVENT,
        };
        tt_bus_begin(setup->bus, (tt_time){0});
        bus_check(tt_bus_declare(setup->bus, &decl, &setup->topics[i], &error), error.message);
        for (uint32_t j = 0; j < setup->exact; j++) {
            bus_check(
                tt_bus_subscribe(setup->bus, setup->topics[i], "sum", add_up, &setup->sums[j]),
                "subscribe");
        }
        tt_bus_run(setup->bus);
    }
}

/** Ticks instead of nanoseconds: what is measured here is the cost of looking. */
static uint64_t read_ticks(void *ctx)
{
    (void)ctx;
    return place_ticks();
}

static void open_setup(struct setup *setup, uint32_t size, uint32_t handlers, bool is_full)
{
    memset(setup, 0, sizeof *setup);
    setup->topic_count = is_full ? TOPICS : 1;
    setup->handlers = handlers;
    const tt_bus_options options = {
        .topics_max = TOPICS,
        .subscriptions_max = TOPICS * HANDLERS_MAX + 8,
        .topic_bytes = is_full ? 256u << 20 : 1u << 20,
    };
    bus_check(tt_arena_init(&setup->arena, tt_bus_memory(&options)), "memory");
    bus_check(tt_bus_new(&options, &setup->arena, &setup->bus), "bus");
    setup->exact = handlers;
    if (is_full) {
        subscribe_by_pattern(setup);
        tt_bus_set_stopwatch(setup->bus, read_ticks, NULL, TIMING_EVERY);
    }
    declare(setup, size, is_full ? HISTORY : 0);
}

/** The key of a message. With many topics in turn each gets one key, or, `is_keyed`, another one at
 * each turn. */
INLINE uint32_t key_of(const struct shape *shape, uint32_t number)
{
    return 1 + (number + (shape->is_keyed ? number / shape->used : 0)) % KEYS;
}

/** Publishes `count` messages in steps. What a row is about is constant where this is called: the
 * bus is measured, and not how its callers find out what to publish. Returns the sum of what was
 * published. */
INLINE uint64_t publish_steps(struct setup *setup, const struct shape *shape, uint32_t count)
{
    _Alignas(64) uint64_t payload[HANDOFF_WORDS] = {0};
    tt_bus *bus = setup->bus;
    uint64_t expected = 0;
    uint32_t turn = 0;
    for (uint32_t i = 0; i < count; i += shape->step) {
        tt_bus_begin(bus, (tt_time){(int64_t)++setup->now});
        for (uint32_t j = 0; j < shape->step; j++) {
            payload[0] = i + j;
            expected += i + j;
            turn = (turn + 389) & (shape->used - 1); // neighbours are not neighbours
            const tt_bus_post post = {
                .topic = setup->topics[turn],
                .source = TT_SOURCE_FEED,
                .key = key_of(shape, i + j),
                .payload = payload,
                .flags = j == 0 ? TT_MSG_INPUT : 0,
            };
            if (tt_bus_publish(bus, &post, NULL) != TUTTI_OK) {
                bench_fail("a publish was refused");
            }
        }
        tt_bus_run(bus);
    }
    return expected;
}

/* A loop for each kind of row. */

#define LOOP(name_, step_, used_, is_keyed_)                                                       \
    __attribute__((noinline)) static uint64_t name_(struct setup *setup, uint32_t count)           \
    {                                                                                              \
        const struct shape shape = {.step = (step_), .used = (used_), .is_keyed = (is_keyed_)};    \
        return publish_steps(setup, &shape, count);                                                \
    }

LOOP(publish_one, 1, 1, false)
LOOP(publish_one_stepped, STEP, 1, false)
LOOP(publish_many, 1, TOPICS, false)
LOOP(publish_many_stepped, STEP, TOPICS, false)
LOOP(publish_keyed, 1, TOPICS, true)
LOOP(publish_keyed_stepped, STEP, TOPICS, true)

/** The loop of a row. */
static uint64_t publish_row(struct setup *setup, const struct shape *shape, uint32_t count)
{
    const bool is_stepped = shape->step != 1;
    if (shape->used == 1) {
        return is_stepped ? publish_one_stepped(setup, count) : publish_one(setup, count);
    }
    if (!shape->is_keyed) {
        return is_stepped ? publish_many_stepped(setup, count) : publish_many(setup, count);
    }
    return is_stepped ? publish_keyed_stepped(setup, count) : publish_keyed(setup, count);
}

/** Publishes `count` messages in steps; returns ns a message. */
static double publish(struct setup *setup, const struct shape *shape, uint32_t count)
{
    for (uint32_t i = 0; i < setup->handlers; i++) {
        setup->sums[i] = (struct sum){0};
    }
    double start = place_thread_ns();
    uint64_t expected = publish_row(setup, shape, count);
    double ns = (place_thread_ns() - start) / count;
    for (uint32_t i = 0; i < setup->handlers; i++) {
        if (setup->sums[i].count != count || setup->sums[i].total != expected) {
            bench_fail("a handler did not see what was published");
        }
    }
    return ns;
}

/** The least: head and payload written into a ring, one call through a pointer, a sum. */
struct least {
    _Alignas(64) unsigned char ring[1024][64 + HANDOFF_WORDS * 8];
    tt_bus_handler_fn handler;
    struct sum sum;
};

static double publish_least(struct least *least, uint32_t size, uint32_t count)
{
    _Alignas(64) uint64_t payload[HANDOFF_WORDS] = {0};
    tt_bus_handler_fn volatile handler = add_up; // called through a pointer, as in a bus
    least->sum = (struct sum){0};
    double start = place_thread_ns();
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *at = least->ring[i & 1023];
        payload[0] = i;
        tt_msg *msg = (tt_msg *)(void *)at;
        *msg = (tt_msg){.seq = i, .time = {(int64_t)i}, .key = 1, .size = (uint16_t)size};
        uint64_t *words = (uint64_t *)(void *)(msg + 1);
        for (uint32_t j = 0; j < size / 8; j++) {
            words[j] = payload[j];
        }
        if (handler(&least->sum, NULL, msg) != TUTTI_OK) {
            bench_fail("the handler failed");
        }
    }
    double ns = (place_thread_ns() - start) / count;
    if (least->sum.count != count || least->sum.total != (uint64_t)count * (count - 1) / 2) {
        bench_fail("the handler did not see what was written");
    }
    return ns;
}

static const struct shape shapes[] = {
    {1, false, 1, 1, false, {14, 0}},
    {1, false, STEP, 1, false, {14, 0}},
    {5, false, STEP, 1, false, {0}},
    {10, false, STEP, 1, false, {0}},
    {1, true, 1, 1, false, {50, 75}},
    {1, true, STEP, 1, false, {50, 75}},
    {1, true, 1, TOPICS, false, {50, 75}},
    {1, true, STEP, TOPICS, false, {50, 75}},
    {1, true, 1, TOPICS, true, {50, 75}},
    {1, true, STEP, TOPICS, true, {50, 75}},
    {5, true, STEP, TOPICS, false, {0}},
    {10, true, STEP, TOPICS, false, {0}},
};
enum {
    SHAPES = sizeof shapes / sizeof shapes[0]
};

static void add_row(
    bench_table *table,
    const struct shape *shape,
    uint32_t size,
    const double *ns,
    const double *least,
    int rounds)
{
    char name[80];
    snprintf(
        name,
        sizeof name,
        "publish %u B, %s, %u topic%s%s, %u handler%s, %u a step",
        size,
        shape->is_full ? "full" : "bare",
        shape->used,
        shape->used == 1 ? "" : "s",
        shape->is_keyed ? " of 16 keys" : "",
        shape->handlers,
        shape->handlers == 1 ? "" : "s",
        shape->step);
    bench_row *row = bench_add(table, name, "ns", ns, rounds);
    bench_beside(row, "copy and call", ns, least, rounds);
    row->budget = shape->budget[size == 256];
}

/** What was measured in turns, and how the machine was meanwhile. */
struct round {
    double least;
    double foreign; /**< Part of the machine that others used. */
    double ns[SHAPES];
};

/** A round with the processor to itself, at about the speed of the fastest round. */
static bool is_clean(const struct round *round, double fastest)
{
    return round->foreign <= WATCH_FOREIGN_MAX && round->least <= fastest * SLOW_MAX;
}

/** Puts the clean rounds first; returns how many there are. */
static int sort_out(struct round *rounds, int count)
{
    double fastest = rounds[0].least;
    for (int i = 1; i < count; i++) {
        fastest = rounds[i].least < fastest ? rounds[i].least : fastest;
    }
    int clean = 0;
    for (int i = 0; i < count; i++) {
        if (is_clean(&rounds[i], fastest)) {
            const struct round moved = rounds[clean];
            rounds[clean++] = rounds[i];
            rounds[i] = moved;
        }
    }
    return clean;
}

/** The faster one of a slice and those before it: what disturbs only ever takes longer, and rarely
 * all of a round. */
static double faster(double fastest, double ns)
{
    return fastest == 0 || ns < fastest ? ns : fastest;
}

static void measure_round(
    struct setup *setups, struct least *least, uint32_t size, uint32_t count, struct round *round)
{
    watch_span watch;
    watch_start(&watch, 0);
    round->least = 0;
    for (int slice = 0; slice < SLICES; slice++) {
        round->least = faster(round->least, publish_least(least, size, count / SLICES));
    }
    for (uint32_t i = 0; i < SHAPES; i++) {
        (void)publish(&setups[i], &shapes[i], MESSAGES_SHORT); // caches are its own
        round->ns[i] = 0;
        for (int slice = 0; slice < SLICES; slice++) {
            double ns = publish(&setups[i], &shapes[i], count / SLICES);
            round->ns[i] = faster(round->ns[i], ns);
        }
    }
    round->foreign = watch_foreign(&watch);
}

static void add_rows(bench_table *table, uint32_t size, const struct round *rounds, int count)
{
    double ns[ROUNDS_MAX];
    double least[ROUNDS_MAX];
    for (uint32_t i = 0; i < SHAPES; i++) {
        for (int j = 0; j < count; j++) {
            ns[j] = rounds[j].ns[i];
            least[j] = rounds[j].least;
        }
        add_row(table, &shapes[i], size, ns, least, count);
    }
}

static void bench_size(bench_table *table, uint32_t size, bool is_short)
{
    static struct setup setups[SHAPES];
    static struct least least;
    static struct round rounds[ROUNDS_MAX];
    const int wanted = is_short ? ROUNDS_SHORT : ROUNDS;
    const int most = is_short ? ROUNDS_SHORT : ROUNDS_MAX;
    int count = 0;
    int clean = 0;
    for (uint32_t i = 0; i < SHAPES; i++) {
        open_setup(&setups[i], size, shapes[i].handlers, shapes[i].is_full);
        (void)publish(&setups[i], &shapes[i], TOPICS * HISTORY * 2); // history is full
    }
    while (count < most && clean < wanted) {
        measure_round(setups, &least, size, is_short ? MESSAGES_SHORT : MESSAGES, &rounds[count++]);
        clean = sort_out(rounds, count);
    }
    const bool is_disturbed = clean < ROUNDS_LEAST;
    add_rows(table, size, rounds, is_disturbed ? count : clean);
    bench_note(
        table,
        size == 256 ? "publish 256 B, rounds" : "publish 64 B, rounds",
        "%d of %d undisturbed%s",
        clean,
        count,
        is_disturbed ? ": too few, all count, DISTURBED" : "");
    for (uint32_t i = 0; i < SHAPES; i++) {
        tt_arena_fini(&setups[i].arena);
    }
}

void bus_core_bench(bench_table *table, bool is_short)
{
    place_pin(0);
    bench_size(table, 64, is_short);
    bench_size(table, 256, is_short);
}
