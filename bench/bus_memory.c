/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Memory over a long run: many messages under many keys, with history; the resident memory at
 * several points and the number of allocations after the start. Memory that grows fails, and so
 * does a single allocation.
 */
#include "bus/bus.h"
#include "bus_bench.h"
#include "heap.h"
#include "place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEYS = 10000,
    HISTORY = 1000,
    STEP = 16,
    POINTS = 4
};
/** Growth that counts as none: what the kernel accounts late. */
#define SLACK_MIB 0.5

static const double points[POINTS] = {1e6, 10e6, 50e6, 100e6};
/** A short run goes through the same points at this part of them. */
#define SHORT_PART 0.002

/** Without the library's streams, which would allocate. */
static double resident_mib(void)
{
    char text[128] = {0};
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, sizeof text - 1) <= 0) {
        bench_fail("/proc/self/statm cannot be read");
    }
    close(file);
    const char *resident = strchr(text, ' '); // the second number: pages
    double pages = resident != NULL ? (double)strtoul(resident, NULL, 10) : 0;
    return pages * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

struct count {
    uint64_t messages;
    uint64_t numbers; /**< Sum of the numbers in the messages. */
};

static tutti_status count_one(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct count *count = ctx;
    (void)bus;
    uint64_t number;
    memcpy(&number, tt_msg_payload(msg), sizeof number);
    count->messages++;
    count->numbers += number;
    return TUTTI_OK;
}

static tt_topic open_topic(tt_bus *bus, struct count *count)
{
    const tt_bus_topic_decl decl = {
        .name = "memory.keys",
        .schema = "number:u64 a:u64 b:u64 c:u64 d:u64 e:u64 f:u64 g:u64",
        .history_count = HISTORY,
        .key_max = KEYS,
        .kind = TT_msg_kind_EVENT,
    };
    tt_topic topic = TT_TOPIC_NONE;
    tt_error error = {0};
    tt_bus_begin(bus, (tt_time){1});
    if (tt_bus_declare(bus, &decl, &topic, &error) != TUTTI_OK ||
        tt_bus_subscribe(bus, topic, "count", count_one, count) != TUTTI_OK) {
        bench_fail("the topic is refused: %s", error.message);
    }
    tt_bus_run(bus);
    return topic;
}

/** Publishes the messages from `first` on until `last`. */
static void publish(tt_bus *bus, tt_topic topic, uint64_t first, uint64_t last)
{
    for (uint64_t at = first; at < last; at += STEP) {
        tt_bus_begin(bus, (tt_time){(int64_t)at + 2});
        for (uint64_t i = at; i < at + STEP; i++) {
            const uint64_t payload[8] = {i};
            const tt_bus_post post = {
                .topic = topic,
                .source = TT_SOURCE_FEED,
                .key = (uint32_t)(i * 7919 % KEYS) + 1,
                .payload = payload,
            };
            if (tt_bus_publish(bus, &post, NULL) != TUTTI_OK) {
                bench_fail("a publish was refused");
            }
        }
        tt_bus_run(bus);
    }
}

static void check_answer(tt_bus *bus, tt_topic topic, const struct count *count, uint64_t total)
{
    if (count->messages != total || count->numbers != total * (total - 1) / 2) {
        bench_fail("the handler did not see what was published");
    }
    for (uint32_t key = 1; key <= KEYS; key++) {
        const tt_msg *latest = tt_bus_latest(bus, topic, TT_SOURCE_NONE, key, (tt_dur){0});
        if (latest == NULL || latest->key != key ||
            latest->seq + KEYS <= tt_bus_next_seq(bus) - 1) {
            bench_fail("the latest message of key %u is not kept", key);
        }
    }
}

static void report_allocations(bench_table *table, uint64_t calls)
{
    double value = (double)calls;
    if (!heap_is_counted()) {
        printf("allocations are not counted under a sanitizer\n");
        return;
    }
    bench_add(table, "allocations after the start", "calls", &value, 1);
    if (calls != 0) {
        bench_fail("the bus allocated %llu times", (unsigned long long)calls);
    }
}

void bus_memory_bench(bench_table *table, bool is_short)
{
    const tt_bus_options options = {.topics_max = 1, .topic_bytes = 64u << 20};
    tt_arena arena;
    tt_bus *bus = NULL;
    struct count count = {0};
    double mib[POINTS];
    uint64_t at = 0;
    if (tt_arena_init(&arena, tt_bus_memory(&options)) != TUTTI_OK ||
        tt_bus_new(&options, &arena, &bus) != TUTTI_OK) {
        bench_fail("the bus does not start");
    }
    place_pin(0);
    tt_topic topic = open_topic(bus, &count);
    uint64_t calls = heap_calls();
    double start = place_thread_ns();
    for (int i = 0; i < POINTS; i++) {
        uint64_t until = (uint64_t)(points[i] * (is_short ? SHORT_PART : 1)) / STEP * STEP;
        publish(bus, topic, at, until);
        at = until;
        mib[i] = resident_mib();
    }
    double ns = (place_thread_ns() - start) / (double)at;
    calls = heap_calls() - calls;
    for (int i = 0; i < POINTS; i++) {
        char name[64];
        snprintf(
            name, sizeof name, "resident after %.0f M messages, %d keys", points[i] / 1e6, KEYS);
        bench_row *row = bench_add(table, name, "MiB", &mib[i], 1);
        if (i > 0 && !is_short) {
            row->budget = mib[0] + SLACK_MIB;
        }
    }
    bench_add(table, "publish in the long run, 64 B", "ns", &ns, 1);
    report_allocations(table, calls);
    check_answer(bus, topic, &count, at);
    if (!is_short && mib[POINTS - 1] > mib[0] + SLACK_MIB) {
        bench_fail("memory grew from %.1f to %.1f MiB", mib[0], mib[POINTS - 1]);
    }
    tt_arena_fini(&arena);
}
