/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the tests of this module share.
 */
#include "fixture.h"

static tt_time stepping_wall(void *ctx)
{
    fixture_clock *clock = ctx;
    clock->wall_looks++;
    return clock->fake.wall;
}

static tt_dur stepping_monotonic(void *ctx)
{
    fixture_clock *clock = ctx;
    tt_fake_timepiece_advance(&clock->fake, (tt_dur){clock->step_ns});
    return clock->fake.monotonic;
}

void fixture_clock_init(fixture_clock *clock, int64_t step_ns)
{
    (void)tt_fake_timepiece_init(&clock->fake, (tt_time){T0_NS});
    clock->step_ns = step_ns;
    clock->clock =
        (tt_timepiece){.ctx = clock, .wall = stepping_wall, .monotonic = stepping_monotonic};
}

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    assert_int_equal(clock_gettime(id, &now), 0);
    return (int64_t)now.tv_sec * TT_NS_PER_S + now.tv_nsec;
}

static tt_time real_wall(void *ctx)
{
    (void)ctx;
    return (tt_time){read_clock(CLOCK_REALTIME)};
}

static tt_dur real_monotonic(void *ctx)
{
    (void)ctx;
    return (tt_dur){read_clock(CLOCK_MONOTONIC)};
}

const tt_timepiece fixture_real_clock = {.wall = real_wall, .monotonic = real_monotonic};

void fixture_open(fixture *fix, const fixture_options *options)
{
    tt_bus_options bus = options->bus;
    memset(fix, 0, sizeof *fix);
    fixture_clock_init(&fix->clock, TT_NS_PER_US);
    const tt_timepiece *clock = options->clock ? options->clock : &fix->clock.clock;
    tt_inbox_options inbox = options->inbox;
    inbox.idle.clock = clock;
    assert_int_equal(tt_arena_init(&fix->arena, (size_t)512 << 20), TUTTI_OK);
    assert_int_equal(tt_inbox_new(&inbox, &fix->arena, &fix->inbox), TUTTI_OK);
    fix->dead = fixture_publisher(fix, &(tt_publisher_options){.name = "dead", .is_shared = true});
    assert_int_equal(tt_timers_new(64, &fix->arena, &fix->timers), TUTTI_OK);
    bus.topics_max = 8;
    bus.timers = fix->timers;
    assert_int_equal(tt_bus_new(&bus, &fix->arena, &fix->bus), TUTTI_OK);
    tt_bus_loop_options loop = options->loop;
    loop.bus = fix->bus;
    loop.timers = fix->timers;
    loop.inbox = fix->inbox;
    loop.clock = clock;
    assert_int_equal(tt_bus_loop_new(&loop, &fix->arena, &fix->loop), TUTTI_OK);
}

void fixture_close(fixture *fix)
{
    tt_arena_fini(&fix->arena);
}

tt_publisher *fixture_publisher(fixture *fix, const tt_publisher_options *options)
{
    tt_publisher *publisher = NULL;
    assert_int_equal(tt_inbox_open(fix->inbox, options, &publisher), TUTTI_OK);
    return publisher;
}

tt_bus_post fixture_post(uint64_t number, uint32_t key)
{
    static _Thread_local tt_quote quote;
    memset(&quote, 0, sizeof quote);
    quote.feed_seq = number;
    return (tt_bus_post){
        .topic = TT_TOPIC_MARKET_QUOTE, .source = TT_SOURCE_FEED, .key = key, .payload = &quote};
}

tutti_status fixture_try(tt_publisher *publisher, uint64_t number, uint32_t key)
{
    const tt_bus_post post = fixture_post(number, key);
    return tt_inbox_post_try(publisher, &post, 0);
}

uint64_t fixture_number(const void *payload)
{
    const tt_quote *quote = payload;
    return quote->feed_seq;
}

const tt_msg *fixture_msg(uint64_t number, uint32_t key, uint16_t size)
{
    static _Alignas(16) unsigned char memory[sizeof(tt_msg) + TT_PAYLOAD_MAX];
    const tt_msg head = {
        .seq = number,
        .time = {T0_NS},
        .key = key,
        .topic = TT_TOPIC_MARKET_QUOTE,
        .source = TT_SOURCE_FEED,
        .size = size,
        .priority = TT_priority_NORMAL,
    };
    assert_true(size >= 16 && size <= TT_PAYLOAD_MAX && size % 16 == 0);
    memset(memory, (int)(number & 0xff), sizeof memory);
    memcpy(memory, &head, sizeof head);
    memcpy(memory + sizeof head, &number, sizeof number);
    return (const tt_msg *)(const void *)memory;
}

uint64_t fixture_msg_number(const tt_msg *msg)
{
    uint64_t number = 0;
    const unsigned char *payload = tt_msg_payload(msg);
    assert_int_equal((uintptr_t)msg % 16, 0);
    memcpy(&number, payload, sizeof number);
    assert_int_equal(number, msg->seq);
    for (uint32_t i = sizeof number; i < msg->size; i++) {
        assert_int_equal(payload[i], number & 0xff);
    }
    return number;
}

tt_mailbox *fixture_box(fixture *fix, const tt_mailbox_options *options)
{
    tt_mailbox *box = NULL;
    tt_mailbox_options filled = *options;
    filled.name = filled.name ? filled.name : "box";
    filled.dead_letters = filled.dead_letters ? filled.dead_letters : fix->dead;
    filled.idle.clock = filled.idle.clock ? filled.idle.clock : &fix->clock.clock;
    assert_int_equal(tt_mailbox_new(&filled, &fix->arena, &box), TUTTI_OK);
    return box;
}

tt_mailbox_stats fixture_box_stats(const tt_mailbox *box)
{
    tt_mailbox_stats stats;
    tt_mailbox_stats_get(box, &stats);
    return stats;
}

void fixture_expect(tt_mailbox *box, uint64_t number)
{
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(fixture_msg_number(msg), number);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
}

void fixture_expect_none(tt_mailbox *box)
{
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_NOT_FOUND);
}
