/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A journal with topics and sources that were declared at run time, made by a bus.
 */
#ifndef TT_TESTS_LIB_DECLARED_H
#define TT_TESTS_LIB_DECLARED_H

#include "bus/bus.h"
#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The payload of `news`, as a C struct: at:u64 side:enum(up,down) head:text[16]. */
typedef struct declared_news {
    uint64_t at;
    uint8_t side;
    char head[16];
    uint8_t reserved[7];
} declared_news;
_Static_assert(sizeof(declared_news) == 32, "a multiple of 16");

/** Numbers of the messages. DECLARED_NEWS + 2 k is news k, DECLARED_NEWS + 2 k + 1 the raw bytes
 * that it caused. */
enum {
    DECLARED_SOURCE = 1,
    DECLARED_TOPIC_NEWS = 2,
    DECLARED_TOPIC_RAW = 3,
    DECLARED_NEWS = 4,
};
#define DECLARED_T0_NS (INT64_C(1704067200) * TT_NS_PER_S)

static inline void declared_require(tutti_status status, const tt_error *error)
{
    if (status != TUTTI_OK) {
        fprintf(stderr, "declared: status %d: %s\n", (int)status, error ? error->message : "");
        abort();
    }
}

/** What the maker holds. */
typedef struct declared_maker {
    tt_arena arena;
    tt_bus *bus;
    tt_journal_writer *writer;
    tt_source wire;
    tt_topic news;
    tt_topic raw;
} declared_maker;

static inline void declared_append(declared_maker *maker)
{
    tt_error error = {0};
    size_t size = 0;
    const void *step = tt_bus_outbox(maker->bus, &size);
    declared_require(tt_journal_append(maker->writer, step, size, &error), &error);
    declared_require(tt_journal_commit(maker->writer, &error), &error);
}

static inline void declared_declare(declared_maker *maker)
{
    static const tt_bus_topic_decl news = {
        .name = "news.wire",
        .schema = "at:u64 side:enum(up,down) head:text[16]",
        .history_count = 4,
        .key_max = 3};
    static const tt_bus_topic_decl raw = {.name = "raw", .schema = "bytes[30]"};
    tt_error error = {0};
    tt_bus_begin(maker->bus, (tt_time){DECLARED_T0_NS});
    declared_require(tt_bus_declare_source(maker->bus, "reuters", &maker->wire, &error), &error);
    declared_require(tt_bus_declare(maker->bus, &news, &maker->news, &error), &error);
    declared_require(tt_bus_declare(maker->bus, &raw, &maker->raw, &error), &error);
    declared_append(maker);
}

/** One step: a piece of news, and the raw bytes that came of it, a second later than the last. */
static inline void declared_publish(declared_maker *maker, uint64_t number)
{
    declared_news payload = {.at = number, .side = number % 2};
    _Alignas(16) unsigned char bytes[32] = {3, 0, 0xca, 0xfe, (unsigned char)number};
    tt_seq seq = 0;
    (void)snprintf(payload.head, sizeof payload.head, "story %u", (unsigned)(number % 100000));
    tt_bus_begin(maker->bus, (tt_time){DECLARED_T0_NS + (int64_t)(number + 1) * TT_NS_PER_S});
    const tt_bus_post first = {
        .topic = maker->news,
        .source = maker->wire,
        .key = (uint32_t)(number % 3 + 1),
        .payload = &payload,
        .flags = TT_MSG_INPUT};
    declared_require(tt_bus_publish(maker->bus, &first, &seq), NULL);
    const tt_bus_post second = {
        .topic = maker->raw,
        .source = maker->wire,
        .target = maker->wire,
        .cause = seq,
        .payload = bytes};
    declared_require(tt_bus_publish(maker->bus, &second, NULL), NULL);
    tt_bus_run(maker->bus);
    declared_append(maker);
}

/** Makes the journal `dir` (which must not be there) with `count` pieces of news. */
static inline void declared_make(const char *dir, uint64_t count, uint64_t segment_bytes)
{
    static const tt_bus_options options = {.topics_max = 4, .sources_max = 2, .key_max = 3};
    const tt_journal_options writing = {
        .durability = TT_durability_NONE, .segment_bytes = segment_bytes};
    static const char meta[] = TT_JOURNAL_META_LIBRARY;
    tt_error error = {0};
    declared_maker maker = {0};
    declared_require(tt_arena_init(&maker.arena, tt_bus_memory(&options)), NULL);
    declared_require(tt_bus_new(&options, &maker.arena, &maker.bus), NULL);
    declared_require(
        tt_journal_create(dir, meta, sizeof meta - 1, &writing, &maker.writer, &error), &error);
    declared_declare(&maker);
    for (uint64_t i = 0; i < count; i++) {
        declared_publish(&maker, i);
    }
    tt_journal_close(maker.writer);
    tt_arena_fini(&maker.arena);
}

#endif
