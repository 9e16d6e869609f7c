/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Idempotency keys of posts: a repeat makes no step, now, at the bound, and after a restart.
 *
 * Covers: loop_keys.c
 */
#include "fixture.h"

static fixture fix;
static tt_publisher *feed;

static void open_with(fixture_options options)
{
    options.bus.key_max = 100;
    fixture_open(&fix, &options);
    fix.clock.step_ns = 0;
    feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
}

static void turn(uint32_t steps)
{
    assert_int_equal(tt_bus_loop_turn(fix.loop), steps);
}

static void a_repeated_key_makes_no_step(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_bus_post post = fixture_post(1, 1);
    post.idempotency.bytes[3] = 7;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    post.idempotency.bytes[3] = 8;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(3);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.posts, 3);
    assert_int_equal(stats.steps, 2);
    assert_int_equal(stats.duplicates, 1);
    assert_int_equal(tt_bus_next_seq(fix.bus), 5); // each with its key
    fixture_close(&fix);
}

static void a_refused_key_may_come_again(void **state)
{
    (void)state;
    open_with((fixture_options){0});
    tt_bus_post post = fixture_post(1, 101);
    post.idempotency.bytes[0] = 1;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
    post.key = 100;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
    assert_int_equal(tt_bus_history(fix.bus, TT_TOPIC_MARKET_QUOTE, NULL)->key, 100);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.duplicates, 0);
    fixture_close(&fix);
}

static void a_key_is_forgotten_at_the_bound(void **state)
{
    (void)state;
    open_with((fixture_options){.loop.idempotency_max = 2});
    static const uint8_t keys[] = {1, 2, 1, 3, 1, 2};
    for (uint32_t i = 0; i < sizeof keys; i++) {
        tt_bus_post post = fixture_post(i, 1);
        post.idempotency.bytes[0] = keys[i];
        assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    }
    turn(6);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.duplicates, 1); // the third; 3 made the bus forget 1, and 1 then 2
    fixture_close(&fix);
}

/** What the sink got. */
static struct {
    _Alignas(16) unsigned char bytes[1 << 16];
    size_t used;
    uint32_t steps;
} record;

static tutti_status note(void *ctx, const void *step, size_t bytes)
{
    (void)ctx;
    assert_true(record.used + bytes <= sizeof record.bytes);
    memcpy(record.bytes + record.used, step, bytes);
    record.used += bytes;
    record.steps++;
    return TUTTI_OK;
}

static void recall_all(void)
{
    for (size_t at = 0; at < record.used;) {
        const tt_msg *msg = (const void *)(record.bytes + at);
        tt_bus_loop_recall(fix.loop, msg);
        at += tt_msg_bytes(msg);
    }
}

static void post_key(uint8_t key)
{
    tt_bus_post post = fixture_post(key, 1);
    post.idempotency.bytes[0] = key;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
}

static tt_bus_loop_stats stats_of(void)
{
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    return stats;
}

/** The key stands in the step of its post, as its second input, and mailboxes do not see it. */
static void a_key_is_recorded_with_its_post(void **state)
{
    (void)state;
    memset(&record, 0, sizeof record);
    open_with((fixture_options){.loop = {.sink = note}});
    tt_mailbox *box = fixture_box(&fix, &(tt_mailbox_options){.name = "all"});
    const tt_mailbox_subscription all = {.pattern = "*"};
    assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    post_key(9);
    assert_int_equal(record.steps, 1);
    const tt_msg *post = (const void *)record.bytes;
    const tt_msg *key = (const void *)(record.bytes + tt_msg_bytes(post));
    assert_int_equal(record.used, tt_msg_bytes(post) + tt_msg_bytes(key));
    assert_int_equal(post->topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(key->topic, TT_TOPIC_POST_KEYS);
    assert_int_equal(key->cause, post->seq);
    assert_true((key->flags & TT_MSG_INPUT) != 0);
    const tt_post_key *payload = TT_PAYLOAD(key, POST_KEYS, post_key);
    assert_int_equal(payload->idempotency.bytes[0], 9);
    assert_int_equal(payload->post_seq, post->seq);
    assert_int_equal(fixture_box_stats(box).put, 1);
    fixture_close(&fix);
}

static void a_restart_does_not_make_a_key_new(void **state)
{
    (void)state;
    memset(&record, 0, sizeof record);
    open_with((fixture_options){.loop = {.sink = note}});
    post_key(1);
    post_key(2);
    post_key(1);
    assert_int_equal(stats_of().duplicates, 1);
    fixture_close(&fix);

    open_with((fixture_options){0});
    recall_all();
    assert_int_equal(stats_of().recalled, 2);
    recall_all(); // a record that is read twice changes nothing
    assert_int_equal(stats_of().recalled, 2);
    post_key(2);
    post_key(1);
    assert_int_equal(stats_of().duplicates, 2);
    assert_int_equal(stats_of().steps, 0);
    assert_int_equal(tt_bus_loop_duplicates(fix.loop, TT_TOPIC_MARKET_QUOTE), 2);
    assert_int_equal(tt_bus_loop_duplicates(fix.loop, TT_TOPIC_CLOCK), 0);
    post_key(3);
    assert_int_equal(stats_of().steps, 1);
    fixture_close(&fix);
}

/** As many as fit are recalled, the newest. */
static void what_is_recalled_has_a_bound(void **state)
{
    (void)state;
    memset(&record, 0, sizeof record);
    open_with((fixture_options){.loop = {.sink = note}});
    for (uint8_t key = 1; key <= 5; key++) {
        post_key(key);
    }
    fixture_close(&fix);

    open_with((fixture_options){.loop.idempotency_max = 2});
    recall_all();
    assert_int_equal(stats_of().recalled, 5);
    post_key(4);
    post_key(5);
    assert_int_equal(stats_of().duplicates, 2);
    post_key(3);
    assert_int_equal(stats_of().duplicates, 2);
    assert_int_equal(stats_of().steps, 1);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_key_makes_no_step),
        cmocka_unit_test(a_refused_key_may_come_again),
        cmocka_unit_test(a_key_is_forgotten_at_the_bound),
        cmocka_unit_test(a_key_is_recorded_with_its_post),
        cmocka_unit_test(a_restart_does_not_make_a_key_new),
        cmocka_unit_test(what_is_recalled_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
