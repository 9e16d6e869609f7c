/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishers, a running loop, mailboxes of each policy with consumers that are fast, slow or fail,
 * one that ends its subscription and one that closes meanwhile, and a stop in the middle: nothing
 * is lost without a count. Then: who is blocked is released, and urgent overtakes.
 */
#include "../unit/mailbox/fixture.h"

#include <pthread.h>
#include <sched.h>

enum {
    PUBLISHERS = 4,
    BOXES = 8
};

static fixture fix;

/** What the sink has seen. */
static struct {
    uint64_t quotes;
    uint64_t dead;
    tt_seq last_seq;
} sink;

static tutti_status keep(void *ctx, const void *step, size_t bytes)
{
    const unsigned char *at = step;
    (void)ctx;
    while (at < (const unsigned char *)step + bytes) {
        const tt_msg *msg = (const void *)at;
        assert_int_equal(msg->seq, sink.last_seq + 1);
        sink.last_seq = msg->seq;
        sink.quotes += msg->topic == TT_TOPIC_MARKET_QUOTE;
        sink.dead += msg->topic == TT_TOPIC_DEAD_LETTERS;
        at += tt_msg_bytes(msg);
    }
    return TUTTI_OK;
}

struct publisher {
    tt_publisher *handle;
    pthread_t thread;
    uint64_t posts; /**< To make; fewer when the inbox closes before. */
    uint64_t posted;
    uint32_t number;
};

static tutti_status post_one(const struct publisher *self, uint64_t i)
{
    const tt_bus_post post = fixture_post((uint64_t)self->number << 32 | i, self->number + 1);
    switch (i % 3) {
    case 0:
        return tt_inbox_post_try(self->handle, &post, 0);
    case 1:
        return tt_inbox_post_timed(self->handle, &post, 0, (tt_dur){50 * TT_NS_PER_US});
    default:
        return tt_inbox_post_wait(self->handle, &post, 0);
    }
}

static void *publish(void *ctx)
{
    struct publisher *self = ctx;
    for (uint64_t i = 1; i <= self->posts; i++) {
        tutti_status status = post_one(self, i);
        self->posted += status == TUTTI_OK;
        if (status == TUTTI_STATE) {
            break;
        }
    }
    return NULL;
}

enum temper {
    FAST,
    SLOW,
    FAILING,
    CLOSING
};

struct consumer {
    tt_mailbox *box;
    pthread_t thread;
    enum temper temper;
    bool is_ordered;
    uint64_t last[PUBLISHERS];
    uint64_t done;
    uint64_t refused; /**< Given back after the loop had reported it. */
};

/** Each publisher's messages come in order, whatever was left out. */
static void check_order(struct consumer *self, const tt_msg *msg)
{
    uint64_t number = fixture_number(tt_msg_payload(msg));
    uint64_t *last = &self->last[number >> 32];
    assert_true(!self->is_ordered || number > *last);
    *last = number;
}

static void give_back(struct consumer *self, uint64_t taken)
{
    if (self->temper == SLOW) {
        for (int i = 0; i < 3; i++) {
            (void)sched_yield();
        }
    }
    tutti_status status = self->temper == FAILING && taken % 3 == 0
                              ? tt_mailbox_failed(self->box, "bad luck")
                              : tt_mailbox_done(self->box);
    if (status == TUTTI_LIMIT) {
        status = tt_mailbox_done(self->box); // no room for a failure: so be it
    }
    self->refused += status == TUTTI_STATE;
}

static void *consume(void *ctx)
{
    struct consumer *self = ctx;
    const tt_msg *msg = NULL;
    for (uint64_t taken = 1;; taken++) {
        tutti_status status = taken % 2 == 0
                                  ? tt_mailbox_take_timed(self->box, (tt_dur){TT_NS_PER_MS}, &msg)
                                  : tt_mailbox_take_wait(self->box, &msg);
        if (status == TUTTI_END) {
            return NULL;
        }
        if (status == TUTTI_TIMEOUT) {
            continue;
        }
        assert_int_equal(status, TUTTI_OK);
        check_order(self, msg);
        give_back(self, taken);
        if (self->temper == CLOSING && taken == 500) {
            tt_mailbox_close(self->box);
        }
    }
}

static const tt_mailbox_retry soon = {
    .count = 2, .delay_ns = {100 * TT_NS_PER_US, 200 * TT_NS_PER_US}};

static const struct {
    tt_mailbox_policy policy;
    uint32_t count_max;
    enum temper temper;
} plan[BOXES] = {
    {TT_MAILBOX_BLOCK, 64, FAST},
    {TT_MAILBOX_DROP_OLDEST, 16, SLOW},
    {TT_MAILBOX_DROP_NEWEST, 16, SLOW},
    {TT_MAILBOX_CONFLATE, 8, SLOW},
    {TT_MAILBOX_DEAD_LETTER, 256, FAST},
    {TT_MAILBOX_DROP_OLDEST, 256, FAILING},
    {TT_MAILBOX_BLOCK, 256, FAILING},
    {TT_MAILBOX_DROP_NEWEST, 64, CLOSING},
};

static void start_consumers(struct consumer *consumers)
{
    static const tt_mailbox_subscription quotes = {.topic = TT_TOPIC_MARKET_QUOTE};
    for (uint32_t i = 0; i < BOXES; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "box%u", i);
        consumers[i] = (struct consumer){
            .box = fixture_box(
                &fix,
                &(tt_mailbox_options){
                    .name = name,
                    .policy = plan[i].policy,
                    .count_max = plan[i].count_max,
                    .block_ns = TT_NS_PER_MS,
                    .retry = &soon,
                    .idle.clock = &fixture_real_clock}),
            .temper = plan[i].temper,
            .is_ordered = plan[i].temper != FAILING,
        };
        assert_int_equal(tt_mailbox_subscribe(consumers[i].box, &quotes), TUTTI_OK);
        assert_int_equal(tt_bus_loop_attach(fix.loop, consumers[i].box), TUTTI_OK);
        assert_int_equal(pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]), 0);
    }
}

static void start_publishers(struct publisher *publishers, uint64_t posts)
{
    for (uint32_t i = 0; i < PUBLISHERS; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "p%u", i);
        publishers[i] = (struct publisher){
            .handle = fixture_publisher(
                &fix,
                &(tt_publisher_options){.name = name, .ring_bytes = i % 2 == 0 ? 16 << 10 : 0}),
            .posts = posts,
            .number = i,
        };
        assert_int_equal(pthread_create(&publishers[i].thread, NULL, publish, &publishers[i]), 0);
    }
}

static uint64_t reported(const tt_loop_report *report, const char *mailbox)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < report->row_count; i++) {
        count += strcmp(report->rows[i].mailbox, mailbox) == 0 ? report->rows[i].count : 0;
    }
    return count;
}

/** Each message that a mailbox was given has exactly one end. */
static uint64_t check_box(const struct consumer *consumer, const tt_loop_report *report)
{
    tt_mailbox_stats stats = fixture_box_stats(consumer->box);
    uint64_t undelivered = reported(report, tt_mailbox_name(consumer->box));
    assert_int_equal(
        stats.put,
        stats.done + stats.expired + stats.dropped_oldest + stats.dropped_newest + stats.conflated +
            stats.overflowed + stats.dead_lettered + undelivered);
    assert_true(consumer->refused <= 1);
    return stats.overflowed + stats.dead_lettered + undelivered;
}

static void join_all(struct publisher *publishers, struct consumer *consumers)
{
    for (uint32_t i = 0; i < PUBLISHERS; i++) {
        assert_int_equal(pthread_join(publishers[i].thread, NULL), 0);
    }
    for (uint32_t i = 0; i < BOXES; i++) {
        assert_int_equal(pthread_join(consumers[i].thread, NULL), 0);
    }
}

static void check_all(
    const struct publisher *publishers,
    const struct consumer *consumers,
    const tt_loop_report *report)
{
    uint64_t posted = 0;
    uint64_t dead = reported(report, "inbox");
    for (uint32_t i = 0; i < PUBLISHERS; i++) {
        tt_publisher_stats stats;
        tt_publisher_stats_get(publishers[i].handle, &stats);
        assert_int_equal(stats.posted, publishers[i].posted);
        posted += stats.posted;
    }
    assert_int_equal(posted, sink.quotes + reported(report, "inbox"));
    for (uint32_t i = 0; i < BOXES; i++) {
        dead += check_box(&consumers[i], report);
    }
    assert_int_equal(report->unlisted, 0);
    assert_int_equal(dead, sink.dead + report->unsent);
}

static void open_running(uint32_t own_ring_bytes)
{
    memset(&sink, 0, sizeof sink);
    fixture_open(
        &fix,
        &(fixture_options){
            .inbox =
                {.lane_bytes = {[TT_priority_NORMAL] = 16 << 10}, .ring_bytes = own_ring_bytes},
            .loop = {.sink = keep, .own_bytes = 1 << 20},
            .clock = &fixture_real_clock});
    assert_int_equal(tt_bus_loop_start(fix.loop), TUTTI_OK);
    assert_int_equal(tt_bus_loop_start(fix.loop), TUTTI_STATE);
}

/** One life of a bus; with `posts` the publishers end by themselves, else the stop ends them. */
static void live(uint64_t posts, int64_t stop_after_quotes, tt_dur limit)
{
    static struct publisher publishers[PUBLISHERS];
    static struct consumer consumers[BOXES];
    static tt_loop_report report;
    open_running(64 << 10);
    start_consumers(consumers);
    start_publishers(publishers, posts);
    tt_bus_loop_stats stats = {0};
    while ((int64_t)stats.posts < stop_after_quotes) {
        (void)sched_yield();
        tt_bus_loop_stats_get(fix.loop, &stats);
        if (stats.posts > 200) {
            tt_mailbox_unsubscribe(consumers[0].box, 0); // in the middle of deliveries
        }
    }
    tutti_status status = tt_bus_loop_stop(fix.loop, limit, &report);
    assert_int_equal(status, report.is_complete ? TUTTI_OK : TUTTI_TIMEOUT);
    join_all(publishers, consumers);
    check_all(publishers, consumers, &report);
    fixture_close(&fix);
}

static void a_stop_in_the_middle_loses_nothing_uncounted(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        live(UINT64_MAX, 1000, (tt_dur){round % 2 == 0 ? 0 : 5 * TT_NS_PER_MS});
    }
}

static void a_stop_with_time_delivers_all_that_is_not_given_up(void **state)
{
    (void)state;
    live(4000, 8000, (tt_dur){20 * TT_NS_PER_S});
}

struct blocked {
    tt_publisher *handle;
    _Atomic int is_posting;
    tutti_status status;
};

static void *post_until_full(void *ctx)
{
    struct blocked *blocked = ctx;
    const tt_bus_post post = fixture_post(1, 1);
    do {
        atomic_store(&blocked->is_posting, 1);
        blocked->status = tt_inbox_post_wait(blocked->handle, &post, 0);
    } while (blocked->status == TUTTI_OK);
    return NULL;
}

static void who_is_blocked_at_the_bound_is_released_by_the_stop(void **state)
{
    (void)state;
    for (uint32_t own = 0; own < 2; own++) {
        fixture_open(
            &fix,
            &(fixture_options){.inbox = {.ring_bytes = 16 << 10}, .clock = &fixture_real_clock});
        struct blocked blocked = {
            .handle = fixture_publisher(
                &fix, &(tt_publisher_options){.name = "p", .ring_bytes = own * (16 << 10)})};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, post_until_full, &blocked), 0);
        tt_publisher_stats stats = {0};
        while (stats.waited == 0) {
            (void)sched_yield();
            tt_publisher_stats_get(blocked.handle, &stats);
        }
        tt_bus_loop_request_stop(fix.loop);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(blocked.status, TUTTI_STATE);
        tt_publisher_stats_get(blocked.handle, &stats);
        static tt_loop_report report;
        assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){20 * TT_NS_PER_S}, &report), TUTTI_OK);
        tt_bus_loop_stats loop;
        tt_bus_loop_stats_get(fix.loop, &loop);
        assert_int_equal(loop.posts, stats.posted);
        fixture_close(&fix);
    }
}

static void *stop_too(void *ctx)
{
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){TT_NS_PER_S}, ctx), TUTTI_OK);
    return NULL;
}

static void two_may_stop_at_once(void **state)
{
    (void)state;
    static tt_loop_report reports[2];
    pthread_t thread;
    open_running(0);
    assert_int_equal(pthread_create(&thread, NULL, stop_too, &reports[0]), 0);
    (void)stop_too(&reports[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(reports[0].is_complete && reports[1].is_complete);
    fixture_close(&fix);
}

/** Posts without pause until the inbox closes. */
static void *flood(void *ctx)
{
    tt_publisher *handle = ctx;
    while (fixture_try(handle, 1, 1) != TUTTI_STATE) {
    }
    return NULL;
}

static void cancels_pass_a_flood(void **state)
{
    (void)state;
    open_running(0);
    static const tt_coordinator_command cancel = {0};
    static const tt_bus_post post = {
        .topic = TT_TOPIC_COORDINATOR_COMMANDS, .source = TT_SOURCE_OPERATOR, .payload = &cancel};
    tt_publisher *market = fixture_publisher(&fix, &(tt_publisher_options){.name = "market"});
    tt_publisher *person = fixture_publisher(&fix, &(tt_publisher_options){.name = "person"});
    tt_mailbox *edge = fixture_box(&fix, &(tt_mailbox_options){.idle.clock = &fixture_real_clock});
    assert_int_equal(
        tt_mailbox_subscribe(
            edge, &(tt_mailbox_subscription){.topic = TT_TOPIC_COORDINATOR_COMMANDS}),
        TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, edge), TUTTI_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, flood, market), 0);
    for (int i = 0; i < 300; i++) {
        const tt_msg *msg = NULL;
        assert_int_equal(tt_inbox_post_try(person, &post, 0), TUTTI_OK); // never refused
        assert_int_equal(tt_mailbox_take_timed(edge, (tt_dur){10 * TT_NS_PER_S}, &msg), TUTTI_OK);
        assert_int_equal(tt_mailbox_done(edge), TUTTI_OK);
    }
    static tt_loop_report report;
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){20 * TT_NS_PER_S}, &report), TUTTI_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_in_the_middle_loses_nothing_uncounted),
        cmocka_unit_test(a_stop_with_time_delivers_all_that_is_not_given_up),
        cmocka_unit_test(who_is_blocked_at_the_bound_is_released_by_the_stop),
        cmocka_unit_test(two_may_stop_at_once),
        cmocka_unit_test(cancels_pass_a_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
