/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A core without an engine for tests of one module: bus, timers, two instruments, and a step that
 * publishes an input, fires timers and runs the bus, in the order in which the engine does it.
 */
#ifndef TT_TEST_RIG_H
#define TT_TEST_RIG_H

#include "bus/core.h"

#include <stdlib.h>
#include <string.h>

typedef struct rig {
    tt_arena arena;
    tt_instruments instruments;
    tt_core core;
} rig;

static inline void rig_must(tutti_status status)
{
    TT_ASSERT(status == TUTTI_OK);
}

static inline tt_instrument rig_instrument(uint32_t id, const char *symbol, uint32_t interval_s)
{
    tt_instrument instrument = {
        .price_increment = {TT_DEC_C(1, 2)},
        .qty_increment = {TT_DEC_C(1, 3)},
        .min_qty = {TT_DEC_C(1, 3)},
        .max_leverage = {TT_DEC_C(5, 0)},
        .bar_interval_s = interval_s,
        .id = {id}};
    tt_text_set(instrument.symbol, sizeof instrument.symbol, symbol);
    return instrument;
}

static inline void rig_init(rig *r)
{
    memset(r, 0, sizeof *r);
    rig_must(tt_arena_init(&r->arena, (size_t)256 << 20));
    r->instruments.list[0] = rig_instrument(1, "BTC/USDT", 60);
    r->instruments.list[1] = rig_instrument(2, "ETH/USDT", 300);
    r->instruments.count = 2;
    r->core.instruments = &r->instruments;
    tt_bus_options options = {0};
    rig_must(tt_bus_new(&options, &r->arena, &r->core.bus));
    rig_must(tt_bus_register(r->core.bus, &r->core));
    rig_must(tt_timers_new(64, &r->arena, &r->core.timers));
    size_t size = 0;
    void *state = tt_timers_state(r->core.timers, &size);
    rig_must(tt_core_add_region(&r->core, "timers", state, size));
}

static inline void rig_fini(rig *r)
{
    tt_arena_fini(&r->arena);
}

/** One step: an input of `topic`, or none when `payload` is NULL. */
static inline void
rig_step(rig *r, int64_t time_ns, tt_topic topic, uint32_t key, const void *payload)
{
    tt_time now = {time_ns};
    tt_bus_begin(r->core.bus, now);
    tt_clock clock = {.tick = 1};
    tt_bus_post post = {
        .topic = payload != NULL ? topic : TT_TOPIC_CLOCK,
        .source = TT_SOURCE_FEED,
        .key = payload != NULL ? key : 0,
        .payload = payload != NULL ? payload : &clock,
        .flags = TT_MSG_INPUT};
    rig_must(tt_bus_publish(r->core.bus, &post, NULL));
    tt_timers_fire(r->core.timers, now);
    tt_bus_run(r->core.bus);
}

/** The message `index` of a topic in the outbox of the last step, or NULL. */
static inline const tt_msg *rig_out(const rig *r, tt_topic topic, uint32_t index)
{
    for (const tt_msg *msg = tt_bus_outbox_next(r->core.bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(r->core.bus, msg)) {
        if (msg->topic == topic && index-- == 0) {
            return msg;
        }
    }
    return NULL;
}

/** Number of messages of a topic in the outbox of the last step. */
static inline uint32_t rig_count(const rig *r, tt_topic topic)
{
    uint32_t count = 0;
    while (rig_out(r, topic, count) != NULL) {
        count++;
    }
    return count;
}

/** Copies all regions; the caller frees. */
static inline unsigned char *rig_save(const rig *r)
{
    size_t size = 0;
    for (uint32_t i = 0; i < r->core.region_count; i++) {
        size += r->core.regions[i].size;
    }
    TT_ASSERT(size > 0);
    unsigned char *copy = malloc(size);
    TT_ASSERT(copy != NULL);
    size_t at = 0;
    for (uint32_t i = 0; i < r->core.region_count; i++) {
        memcpy(copy + at, r->core.regions[i].data, r->core.regions[i].size);
        at += r->core.regions[i].size;
    }
    return copy;
}

static inline void rig_load(rig *r, const unsigned char *copy)
{
    size_t at = 0;
    for (uint32_t i = 0; i < r->core.region_count; i++) {
        memcpy(r->core.regions[i].data, copy + at, r->core.regions[i].size);
        at += r->core.regions[i].size;
    }
}

#endif
