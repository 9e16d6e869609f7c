/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Requests: answered, timed out, late, bounded, and over a restart.
 */
#include "bus_fixture.h"

struct rig {
    fixture fix;
    tt_timers *timers;
    tt_arena timer_arena;
    uint64_t asker; /**< Subscription of the requester. */
    tt_bus_reply last;
    tt_seq last_answer;
    uint32_t reply_count;
};

static struct rig one;
static struct rig two;

static void take_reply(void *ctx, tt_bus *bus, const tt_bus_reply *reply)
{
    struct rig *rig = ctx;
    assert_int_equal(reply->status == TUTTI_OK, reply->msg != NULL);
    assert_true(reply->msg == NULL || tt_bus_current(bus) == reply->msg);
    rig->last = *reply;
    rig->last_answer = reply->msg ? reply->msg->seq : 0;
    rig->last.msg = NULL; // it was lent for the call
    rig->reply_count++;
}

static void open_rig(struct rig *rig, uint32_t timers, uint32_t requests)
{
    memset(rig, 0, sizeof *rig);
    assert_int_equal(tt_arena_init(&rig->timer_arena, 1 << 20), TUTTI_OK);
    assert_int_equal(tt_timers_new(timers, &rig->timer_arena, &rig->timers), TUTTI_OK);
    fixture_open(&rig->fix, &(tt_bus_options){.timers = rig->timers, .requests_max = requests});
    const tt_bus_subscription request = {
        .name = "asker", .reply = take_reply, .ctx = rig, .address = TT_SOURCE_STRATEGY};
    assert_int_equal(tt_bus_subscribe_to(rig->fix.bus, &request, &rig->asker), TUTTI_OK);
}

static void close_rig(struct rig *rig)
{
    tt_arena_fini(&rig->fix.arena);
    tt_arena_fini(&rig->timer_arena);
}

static int setup(void **state)
{
    open_rig(&one, 16, 4);
    *state = &one;
    return 0;
}

static int teardown(void **state)
{
    close_rig(*state);
    return 0;
}

static tt_time in_seconds(const struct rig *rig, int64_t seconds)
{
    return (tt_time){tt_bus_now(rig->fix.bus).ns + seconds * TT_NS_PER_S};
}

static tt_seq ask(struct rig *rig, int64_t seconds, uint64_t tag)
{
    tt_seq seq = 0;
    const tt_bus_post post = fixture_post(TT_TOPIC_FILLS);
    assert_int_equal(
        tt_bus_request(rig->fix.bus, &post, in_seconds(rig, seconds), rig->asker, tag, &seq),
        TUTTI_OK);
    return seq;
}

static tt_seq answer(struct rig *rig, tt_seq request)
{
    tt_seq seq = 0;
    tt_bus_post post = fixture_post(TT_TOPIC_COMMAND_REPLIES);
    post.source = TT_SOURCE_RISK;
    const tt_msg *msg = tt_bus_find(rig->fix.bus, TT_TOPIC_FILLS, request);
    assert_int_equal(tt_bus_respond(rig->fix.bus, msg, &post, &seq), TUTTI_OK);
    return seq;
}

static void later(struct rig *rig, int64_t seconds)
{
    tt_time now = in_seconds(rig, seconds);
    tt_bus_begin(rig->fix.bus, now);
    tt_timers_fire(rig->timers, now);
    tt_bus_run(rig->fix.bus);
}

static tt_bus_request_stats stats_of(const struct rig *rig)
{
    tt_bus_request_stats stats;
    tt_bus_request_stats_get(rig->fix.bus, &stats);
    return stats;
}

/** Whatever the kind of its topic, what answers is a response. */
static void an_answer_is_a_response_on_any_topic(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 77);
    tt_seq reply = 0;
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    tt_bus_run(rig->fix.bus);
    later(rig, 4);
    const tt_msg *msg = tt_bus_find(rig->fix.bus, TT_TOPIC_FILLS, request);
    assert_int_equal(tt_bus_respond(rig->fix.bus, msg, &post, &reply), TUTTI_OK);
    const tt_msg *sent = tt_bus_find(rig->fix.bus, TT_TOPIC_CLOCK, reply);
    assert_int_equal(sent->kind, TT_msg_kind_RESPONSE);
    assert_int_equal(stats_of(rig).answered, 0);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(stats_of(rig).answered, 1);
}

static void an_answer_ends_a_request(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 77);
    const tt_msg *msg = tt_bus_find(rig->fix.bus, TT_TOPIC_FILLS, request);
    assert_int_equal(msg->kind, TT_msg_kind_REQUEST);
    assert_int_equal(msg->source, TT_SOURCE_STRATEGY);
    tt_bus_run(rig->fix.bus);
    later(rig, 4);
    tt_seq reply = answer(rig, request);
    const tt_msg *sent = tt_bus_find(rig->fix.bus, TT_TOPIC_COMMAND_REPLIES, reply);
    assert_int_equal(sent->kind, TT_msg_kind_RESPONSE);
    assert_int_equal(sent->target, TT_SOURCE_STRATEGY);
    assert_int_equal(sent->cause, request);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(rig->last.status, TUTTI_OK);
    assert_int_equal(rig->last.request, request);
    assert_int_equal(rig->last.tag, 77);
    assert_int_equal(rig->last_answer, reply);
    later(rig, 10); // its timer is gone
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(stats_of(rig).answered, 1);
    assert_int_equal(stats_of(rig).pending, 0);
    assert_int_equal(tt_timers_next(rig->timers).ns, TT_TIME_NEVER.ns);
}

static void each_answer_finds_its_request(void **state)
{
    struct rig *rig = *state;
    tt_seq first = ask(rig, 5, 1);
    tt_seq second = ask(rig, 5, 2);
    tt_bus_run(rig->fix.bus);
    (void)answer(rig, second);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->last.tag, 2);
    (void)answer(rig, first);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->last.tag, 1);
}

static void the_deadline_ends_a_request_and_a_late_answer_is_counted(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 9);
    later(rig, 4);
    assert_int_equal(rig->reply_count, 0);
    later(rig, 1);
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(rig->last.status, TUTTI_TIMEOUT);
    assert_int_equal(rig->last.tag, 9);
    assert_int_equal(fixture_dead(&rig->fix).reason, TT_dead_reason_NO_REPLY);
    assert_int_equal(fixture_dead(&rig->fix).dead_seq, request);
    assert_string_equal(fixture_dead(&rig->fix).handler, "asker");
    (void)answer(rig, request);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(stats_of(rig).late, 1);
    assert_int_equal(stats_of(rig).timed_out, 1);
}

static void a_second_answer_is_late(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 9);
    (void)answer(rig, request);
    (void)answer(rig, request);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 1);
    assert_int_equal(stats_of(rig).late, 1);
}

static void only_what_fits_is_an_answer(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 9);
    const tt_msg *msg = tt_bus_find(rig->fix.bus, TT_TOPIC_FILLS, request);
    tt_bus_post post = fixture_post(TT_TOPIC_COMMAND_REPLIES);
    post.correlation = msg->correlation;
    assert_int_equal(tt_bus_publish(rig->fix.bus, &post, NULL), TUTTI_OK); // for all
    post.target = TT_SOURCE_TRADE;
    assert_int_equal(tt_bus_publish(rig->fix.bus, &post, NULL), TUTTI_OK); // for another
    post.target = TT_SOURCE_STRATEGY;
    post.kind = TT_msg_kind_EVENT + 1;
    assert_int_equal(tt_bus_publish(rig->fix.bus, &post, NULL), TUTTI_OK); // no response
    post.kind = 0;
    post.correlation.bytes[0] ^= 1; // the same word, another correlation
    assert_int_equal(tt_bus_publish(rig->fix.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 0);
    assert_int_equal(stats_of(rig).late, 2);
    assert_int_equal(stats_of(rig).pending, 1);
}

static void an_end_without_its_subscription_is_counted(void **state)
{
    struct rig *rig = *state;
    tt_seq first = ask(rig, 5, 1);
    (void)ask(rig, 5, 2);
    tt_bus_run(rig->fix.bus);
    assert_true(tt_bus_unsubscribe_id(rig->fix.bus, rig->asker));
    (void)answer(rig, first);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(fixture_dead(&rig->fix).reason, TT_dead_reason_NO_REPLY);
    later(rig, 5);
    assert_int_equal(rig->reply_count, 0);
    assert_int_equal(stats_of(rig).unclaimed, 2);
    assert_int_equal(stats_of(rig).pending, 0);
}

static void wrong_requests_are_refused(void **state)
{
    struct rig *rig = *state;
    tt_bus *bus = rig->fix.bus;
    tt_bus_post post = fixture_post(TT_TOPIC_FILLS);
    tt_time soon = in_seconds(rig, 1);
    uint64_t mute = 0;
    tt_seq seq = 0;
    const tt_bus_subscription without = {
        .name = "mute", .reply = take_reply, .ctx = rig}; // no address
    assert_int_equal(tt_bus_subscribe_to(bus, &without, &mute), TUTTI_OK);
    assert_int_equal(tt_bus_request(bus, &post, soon, mute, 0, &seq), TUTTI_INVALID);
    assert_int_equal(tt_bus_request(bus, &post, soon, 12345, 0, &seq), TUTTI_NOT_FOUND);
    post.key = 1000;
    assert_int_equal(tt_bus_request(bus, &post, soon, rig->asker, 0, &seq), TUTTI_INVALID);
    post.key = 0;
    post.correlation = tt_uuid_make(1, 2, 3);
    assert_int_equal(tt_bus_request(bus, &post, soon, rig->asker, 0, &seq), TUTTI_OK);
    assert_int_equal(tt_bus_request(bus, &post, soon, rig->asker, 0, &seq), TUTTI_EXISTS);
    assert_int_equal(stats_of(rig).pending, 1);
    fixture plain;
    fixture_open(&plain, &(tt_bus_options){0});
    assert_int_equal(tt_bus_request(plain.bus, &post, soon, 1, 0, &seq), TUTTI_STATE);
    tt_arena_fini(&plain.arena);
}

static void requests_and_timers_are_bounded(void **state)
{
    struct rig *rig = *state;
    tt_bus_post post = fixture_post(TT_TOPIC_FILLS);
    tt_time soon = in_seconds(rig, 1);
    for (uint64_t i = 0; i < 4; i++) {
        (void)ask(rig, 5, i);
    }
    assert_int_equal(tt_bus_request(rig->fix.bus, &post, soon, rig->asker, 0, NULL), TUTTI_LIMIT);
    later(rig, 5);
    assert_int_equal(rig->reply_count, 4);
    (void)ask(rig, 5, 9);
    open_rig(&two, 1, 4);
    (void)ask(&two, 5, 0);
    assert_int_equal(tt_bus_request(two.fix.bus, &post, soon, two.asker, 0, NULL), TUTTI_LIMIT);
    assert_int_equal(stats_of(&two).pending, 1);
    close_rig(&two);
}

static void a_blocked_answer_ends_nothing(void **state)
{
    struct rig *rig = *state;
    tt_seq request = ask(rig, 5, 9);
    const tt_msg *msg = tt_bus_find(rig->fix.bus, TT_TOPIC_FILLS, request);
    assert_int_equal(tt_bus_block(rig->fix.bus, msg->correlation), TUTTI_OK);
    (void)answer(rig, request);
    tt_bus_run(rig->fix.bus);
    assert_int_equal(rig->reply_count, 0);
    assert_int_equal(stats_of(rig).pending, 1);
}

static void copy_state(struct rig *from, struct rig *to)
{
    for (uint32_t i = 0; i < from->fix.core.region_count; i++) {
        const tt_region *region = &from->fix.core.regions[i];
        memcpy(to->fix.core.regions[i].data, region->data, region->size);
    }
    size_t size = 0;
    const void *timers = tt_timers_state(from->timers, &size);
    memcpy(tt_timers_state(to->timers, &size), timers, size);
    assert_int_equal(tt_bus_restore(to->fix.bus, NULL), TUTTI_OK);
}

static void requests_wait_over_a_restart(void **state)
{
    struct rig *rig = *state;
    tt_seq answered = ask(rig, 5, 1);
    (void)ask(rig, 5, 2);
    tt_bus_run(rig->fix.bus);
    open_rig(&two, 16, 4);
    copy_state(rig, &two);
    assert_int_equal(stats_of(&two).pending, 2);
    (void)answer(&two, answered);
    tt_bus_run(two.fix.bus);
    assert_int_equal(two.reply_count, 1);
    assert_int_equal(two.last.tag, 1);
    later(&two, 5);
    assert_int_equal(two.reply_count, 2);
    assert_int_equal(two.last.tag, 2);
    assert_int_equal(two.last.status, TUTTI_TIMEOUT);
    close_rig(&two);
}

#define REQUEST_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REQUEST_TEST(an_answer_ends_a_request),
        REQUEST_TEST(an_answer_is_a_response_on_any_topic),
        REQUEST_TEST(each_answer_finds_its_request),
        REQUEST_TEST(the_deadline_ends_a_request_and_a_late_answer_is_counted),
        REQUEST_TEST(a_second_answer_is_late),
        REQUEST_TEST(only_what_fits_is_an_answer),
        REQUEST_TEST(an_end_without_its_subscription_is_counted),
        REQUEST_TEST(wrong_requests_are_refused),
        REQUEST_TEST(requests_and_timers_are_bounded),
        REQUEST_TEST(a_blocked_answer_ends_nothing),
        REQUEST_TEST(requests_wait_over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
