/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Where a step begins: what an earlier one left, what is too old by then, and what is misuse.
 */
#include "bus_fixture.h"

static tutti_status note_a(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'a', msg);
    return TUTTI_OK;
}

static void subscribe(fixture *fix, tt_topic topic, tt_bus_handler_fn handler)
{
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, "test", handler, fix), TUTTI_OK);
}

static void left_over(fixture *fix, int64_t seconds, const char *expected)
{
    subscribe(fix, TT_TOPIC_MARKET_BAR, note_a); // lives for 300 s
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    fixture_later(fix, seconds);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, expected);
}

static void a_message_as_old_as_its_ttl_is_delivered(void **state)
{
    fixture *fix = *state;
    left_over(fix, 300, "a1 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_MARKET_BAR).expired, 0);
}

static void a_message_older_than_its_ttl_is_not(void **state)
{
    fixture *fix = *state;
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 1});
    left_over(fix, 300, "a1 ");
    fix->log[0] = 0;
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    tt_bus_begin(fix->bus, (tt_time){tt_bus_now(fix->bus).ns + 300 * TT_NS_PER_S + 1});
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_MARKET_BAR).expired, 1);
    assert_int_equal(fixture_dead(fix).reason, TT_dead_reason_EXPIRED);
    assert_int_equal(fixture_dead(fix).dead_seq, 2);
}

static void what_never_expires_is_delivered_at_any_age(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_FILLS, note_a);
    fixture_publish(fix, TT_TOPIC_FILLS);
    fixture_later(fix, 100000000);
    fixture_publish(fix, TT_TOPIC_FILLS);
    size_t bytes = 0;
    (void)tt_bus_outbox(fix->bus, &bytes);
    assert_int_equal(bytes, 64 + 176); // what was left over is part of its own step
    assert_int_equal(tt_bus_outbox_next(fix->bus, NULL)->seq, 2);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a1 a2 ");
}

static tutti_status begin_inside(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    tt_bus_begin(bus, msg->time);
    return TUTTI_OK;
}

static void misuse_is_a_broken_invariant(void **state)
{
    fixture *fix = *state;
    TT_EXPECT_ABORT((tt_bus_begin(fix->bus, (tt_time){T0_NS - 1}), 0)); // time goes back
    fixture_publish(fix, TT_TOPIC_CLOCK);
    TT_EXPECT_ABORT((tt_bus_set_next_seq(fix->bus, 1), 0)); // numbers go back
    subscribe(fix, TT_TOPIC_CLOCK, begin_inside);
    TT_EXPECT_ABORT((tt_bus_run(fix->bus), 0));
}

/** A caution that lasted would make all later deliveries look closer. */
static void what_made_a_step_look_closer_ends_with_it(void **state)
{
    fixture *fix = *state;
    left_over(fix, 1, "a1 ");
    assert_int_equal(fix->bus->pending & CAUTION_ANY, CAUTION_LEFT);
    fixture_later(fix, 1);
    assert_int_equal(fix->bus->pending & CAUTION_ANY, 0);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.target = TT_SOURCE_FEED;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(fix->bus->pending & CAUTION_ANY, CAUTION_DIRECTED);
    tt_bus_run(fix->bus);
    fixture_later(fix, 0);
    assert_int_equal(fix->bus->pending & CAUTION_ANY, 0);
}

/** What begins a step is an input; what is none is counted, by whatever way it came. */
static void only_inputs_begin_a_step_that_is_made_of_them(void **state)
{
    fixture *fix = *state;
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    const uint64_t where = tt_bus_where(&post);
    fixture_publish(fix, TT_TOPIC_CLOCK); // the first of a topic is never a plain one
    tt_bus_run(fix->bus);
    fixture_later(fix, 1);
    tt_bus_inputs_begin(fix->bus);
    assert_int_equal(
        tt_bus_publish_plain(fix->bus, post.payload, where, post.key, post.flags), TUTTI_INVALID);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
    assert_null(tt_bus_outbox_next(fix->bus, NULL));
    post.flags = TT_MSG_INPUT;
    assert_int_equal(
        tt_bus_publish_plain(fix->bus, post.payload, where, post.key, post.flags), TUTTI_OK);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_inputs_end(fix->bus), 2);
    post.flags = 0;
    assert_int_equal(
        tt_bus_publish_plain(fix->bus, post.payload, where, post.key, post.flags), TUTTI_OK);
    assert_int_equal(tt_bus_next_seq(fix->bus), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_message_as_old_as_its_ttl_is_delivered),
        FIXTURE_TEST(a_message_older_than_its_ttl_is_not),
        FIXTURE_TEST(what_never_expires_is_delivered_at_any_age),
        FIXTURE_TEST(only_inputs_begin_a_step_that_is_made_of_them),
        FIXTURE_TEST(misuse_is_a_broken_invariant),
        FIXTURE_TEST(what_made_a_step_look_closer_ends_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
