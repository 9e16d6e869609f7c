/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A mailbox on one thread: each policy at its bound with exact counts, taking and giving back,
 * retries by the clock, the end.
 * Covers: mailbox_take.c mailbox_retry.c
 */
#include "fixture.h"

static fixture fix;

static void open_default(void)
{
    fixture_open(&fix, &(fixture_options){0});
}

static tt_mailbox *box_of(tt_mailbox_policy policy, uint32_t count_max)
{
    return fixture_box(&fix, &(tt_mailbox_options){.policy = policy, .count_max = count_max});
}

static tt_mailbox_put put(tt_mailbox *box, uint64_t number, uint32_t key)
{
    return tt_mailbox_put_msg(box, fixture_msg(number, key, 32));
}

static void put_range(tt_mailbox *box, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i <= last; i++) {
        assert_int_equal(put(box, i, 0), TT_MAILBOX_PUT_TAKEN);
    }
}

static void options_are_checked(void **state)
{
    (void)state;
    open_default();
    static const tt_mailbox_retry many = {.count = 9};
    static const tt_mailbox_retry back = {.count = 1, .delay_ns = {-1}};
    const tt_mailbox_options good = {
        .name = "b", .dead_letters = fix.dead, .idle.clock = &fix.clock.clock};
    tt_mailbox_options wrong[9];
    for (int i = 0; i < 9; i++) {
        wrong[i] = good;
    }
    wrong[0].name = NULL;
    wrong[1].dead_letters = NULL;
    wrong[2].idle.clock = NULL;
    wrong[3].bytes_max = 4095;
    wrong[4].policy = TT_MAILBOX_POLICY_COUNT;
    wrong[5].retry = &many;
    wrong[6].retry = &back;
    wrong[7].policy = TT_MAILBOX_CONFLATE;
    wrong[7].count_max = 65537;
    wrong[8].name = "12345678901234567890123456789012";
    tt_mailbox *box = NULL;
    for (int i = 0; i < 9; i++) {
        assert_int_equal(tt_mailbox_new(&wrong[i], &fix.arena, &box), TUTTI_INVALID);
    }
    for (uint32_t policy = 0; policy < TT_MAILBOX_POLICY_COUNT; policy++) {
        tt_mailbox_options options = good;
        options.policy = (tt_mailbox_policy)policy;
        tt_arena small;
        assert_int_equal(tt_arena_init(&small, tt_mailbox_memory(&options)), TUTTI_OK);
        assert_int_equal(tt_mailbox_new(&options, &small, &box), TUTTI_OK);
        assert_string_equal(tt_mailbox_name(box), "b");
        assert_int_equal(tt_mailbox_new(&options, &small, &box), TUTTI_NO_MEMORY);
        tt_arena_fini(&small);
        assert_string_not_equal(tt_mailbox_policy_text((tt_mailbox_policy)policy), "?");
    }
    assert_string_equal(tt_mailbox_policy_text(TT_MAILBOX_POLICY_COUNT), "?");
    fixture_close(&fix);
}

static void messages_come_whole_and_in_order(void **state)
{
    (void)state;
    open_default();
    for (uint32_t policy = 0; policy < TT_MAILBOX_POLICY_COUNT; policy++) {
        tt_mailbox *box = box_of((tt_mailbox_policy)policy, 8);
        const tt_msg *msg = NULL;
        fixture_expect_none(box);
        assert_int_equal(tt_mailbox_done(box), TUTTI_STATE);
        assert_int_equal(tt_mailbox_failed(box, "x"), TUTTI_STATE);
        for (uint64_t i = 1; i <= 500; i++) {
            uint16_t size = (uint16_t)(16 * (1 + i * 7 % 252));
            assert_int_equal(
                tt_mailbox_put_msg(box, fixture_msg(i, (uint32_t)i, size)), TT_MAILBOX_PUT_TAKEN);
            assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
            assert_int_equal(fixture_msg_number(msg), i);
            assert_int_equal(msg->size, size);
            assert_int_equal(tt_mailbox_attempt(box), 1);
            assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_STATE); // one in hand
            assert_false(tt_mailbox_is_idle(box));
            assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
            assert_int_equal(tt_mailbox_attempt(box), 0);
            assert_true(tt_mailbox_is_idle(box));
        }
        tt_mailbox_stats stats = fixture_box_stats(box);
        assert_int_equal(stats.put, 500);
        assert_int_equal(stats.taken, 500);
        assert_int_equal(stats.done, 500);
        assert_int_equal(stats.count_max, 1);
        assert_int_equal(stats.bytes_max, 64 + 16 * 246);
        assert_int_equal(stats.waiting, 0);
        assert_int_equal(stats.wakes, 0);
    }
    fixture_close(&fix);
}

static void drop_newest_keeps_the_old_ones(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_DROP_NEWEST, 3);
    put_range(box, 1, 5);
    tt_mailbox_stats stats = fixture_box_stats(box);
    assert_int_equal(stats.dropped_newest, 2);
    assert_int_equal(stats.waiting, 3);
    assert_int_equal(stats.count_max, 3);
    assert_int_equal(stats.bytes_max, 3 * 96);
    fixture_expect(box, 1);
    put_range(box, 6, 6);
    fixture_expect(box, 2);
    fixture_expect(box, 3);
    fixture_expect(box, 6);
    fixture_expect_none(box);
    fixture_close(&fix);
}

static void drop_oldest_keeps_the_new_ones(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_DROP_OLDEST, 3);
    put_range(box, 1, 100);
    tt_mailbox_stats stats = fixture_box_stats(box);
    assert_int_equal(stats.dropped_oldest, 97);
    assert_int_equal(stats.waiting, 3);
    assert_int_equal(stats.count_max, 3);
    fixture_expect(box, 98);
    put_range(box, 101, 102);
    fixture_expect(box, 100);
    fixture_expect(box, 101);
    fixture_expect(box, 102);
    fixture_expect_none(box);
    stats = fixture_box_stats(box);
    assert_int_equal(stats.dropped_oldest, 98);
    assert_int_equal(stats.done, 4);
    assert_true(tt_mailbox_is_idle(box));
    fixture_close(&fix);
}

static void what_is_in_hand_is_not_dropped(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_DROP_OLDEST, 2);
    const tt_msg *msg = NULL;
    put_range(box, 1, 2);
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    put_range(box, 3, 50);
    assert_int_equal(fixture_msg_number(msg), 1);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    fixture_expect(box, 49);
    fixture_expect(box, 50);
    fixture_close(&fix);
}

static void conflate_replaces_in_place(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_CONFLATE, 3);
    const tt_msg *msg = NULL;
    assert_int_equal(put(box, 1, 10), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 2, 20), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 3, 10), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 4, 30), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 5, 20), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 6, 10), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(put(box, 7, 40), TT_MAILBOX_PUT_OVERFLOW); // a fourth key
    tt_mailbox_stats stats = fixture_box_stats(box);
    assert_int_equal(stats.conflated, 3);
    assert_int_equal(stats.overflowed, 1);
    assert_int_equal(stats.waiting, 3);
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(put(box, 8, 10), TT_MAILBOX_PUT_TAKEN); // what is in hand stays as it is
    assert_int_equal(fixture_msg_number(msg), 6);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    fixture_expect(box, 5);
    fixture_expect(box, 4);
    fixture_expect(box, 8);
    fixture_expect_none(box);
    assert_true(tt_mailbox_is_idle(box));
    fixture_close(&fix);
}

static void topics_are_conflated_apart(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_CONFLATE, 4);
    struct {
        _Alignas(16) tt_msg head;
        uint64_t payload[2];
    } other;
    memcpy(&other, fixture_msg(2, 9, 16), sizeof other);
    other.head.topic = TT_TOPIC_MARKET_TRADE;
    assert_int_equal(put(box, 1, 9), TT_MAILBOX_PUT_TAKEN);
    assert_int_equal(tt_mailbox_put_msg(box, &other.head), TT_MAILBOX_PUT_TAKEN);
    fixture_expect(box, 1);
    fixture_expect(box, 2);
    fixture_close(&fix);
}

static void the_bound_of_bytes_holds(void **state)
{
    (void)state;
    open_default();
    const uint16_t size = TT_PAYLOAD_MAX; // with its head 4096 bytes
    for (uint32_t policy = 0; policy < TT_MAILBOX_POLICY_COUNT; policy++) {
        tt_mailbox *box = fixture_box(
            &fix,
            &(tt_mailbox_options){
                .policy = (tt_mailbox_policy)policy,
                .count_max = 100,
                .bytes_max = 3 * 4096,
                .block_ns = 1000});
        for (uint64_t i = 1; i <= 4; i++) {
            (void)tt_mailbox_put_msg(box, fixture_msg(i, (uint32_t)i, size));
        }
        tt_mailbox_stats stats = fixture_box_stats(box);
        assert_int_equal(stats.waiting, 3);
        assert_int_equal(stats.bytes_max, 3 * 4096);
        assert_int_equal(stats.dropped_oldest + stats.dropped_newest + stats.overflowed, 1);
        fixture_expect(box, policy == TT_MAILBOX_DROP_OLDEST ? 2 : 1);
        assert_int_equal(tt_mailbox_put_msg(box, fixture_msg(5, 5, size)), TT_MAILBOX_PUT_TAKEN);
    }
    fixture_close(&fix);
}

static void dead_letter_and_halt_tell_the_loop(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *dead = box_of(TT_MAILBOX_DEAD_LETTER, 1);
    tt_mailbox *halt = box_of(TT_MAILBOX_HALT, 1);
    put_range(dead, 1, 1);
    put_range(halt, 1, 1);
    assert_int_equal(put(dead, 2, 0), TT_MAILBOX_PUT_OVERFLOW);
    assert_int_equal(put(halt, 2, 0), TT_MAILBOX_PUT_HALT);
    assert_int_equal(fixture_box_stats(dead).overflowed, 1);
    assert_int_equal(fixture_box_stats(halt).overflowed, 1);
    fixture_expect(dead, 1);
    put_range(dead, 3, 3);
    fixture_close(&fix);
}

static void block_waits_once_for_a_consumer_that_is_stuck(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = fixture_box(
        &fix,
        &(tt_mailbox_options){
            .policy = TT_MAILBOX_BLOCK, .count_max = 2, .block_ns = 40 * TT_NS_PER_US});
    put_range(box, 1, 2);
    int64_t before = fix.clock.fake.monotonic.ns;
    assert_int_equal(put(box, 3, 0), TT_MAILBOX_PUT_OVERFLOW);
    assert_in_range(fix.clock.fake.monotonic.ns - before, 40000, 42000);
    before = fix.clock.fake.monotonic.ns;
    for (uint64_t i = 4; i < 10; i++) {
        assert_int_equal(put(box, i, 0), TT_MAILBOX_PUT_OVERFLOW);
    }
    assert_int_equal(fix.clock.fake.monotonic.ns, before); // not waited for again
    assert_int_equal(fixture_box_stats(box).blocked, 1);
    fixture_expect(box, 1);
    put_range(box, 10, 10);
    assert_int_equal(put(box, 11, 0), TT_MAILBOX_PUT_OVERFLOW);
    assert_int_equal(fixture_box_stats(box).blocked, 2);
    assert_int_equal(fixture_box_stats(box).overflowed, 8);
    fixture_close(&fix);
}

static void a_timed_take_gives_up_in_time(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_BLOCK, 2);
    const tt_msg *msg = NULL;
    int64_t before = fix.clock.fake.monotonic.ns;
    assert_int_equal(tt_mailbox_take_timed(box, (tt_dur){30 * TT_NS_PER_US}, &msg), TUTTI_TIMEOUT);
    assert_in_range(fix.clock.fake.monotonic.ns - before, 30000, 34000);
    put_range(box, 1, 1);
    assert_int_equal(tt_mailbox_take_wait(box, &msg), TUTTI_OK);
    assert_int_equal(fixture_msg_number(msg), 1);
    fixture_close(&fix);
}

static void advance(int64_t ns)
{
    tt_fake_timepiece_advance(&fix.clock.fake, (tt_dur){ns});
}

static void expect_attempt(tt_mailbox *box, uint64_t number, uint32_t attempt)
{
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(fixture_msg_number(msg), number);
    assert_int_equal(tt_mailbox_attempt(box), attempt);
}

static void give_up(tt_mailbox *box)
{
    assert_int_equal(tt_mailbox_failed(box, "the disk is full"), TUTTI_OK);
}

/** Requires the next record to be a dead report, and takes it. */
static void expect_dead(uint64_t number, uint32_t attempts, tt_dead_reason reason)
{
    tt_inbox_record record;
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_int_equal(record.kind, TT_INBOX_DEAD);
    assert_int_equal(fixture_msg_number(record.dead), number);
    assert_int_equal(record.dead_report.attempts, attempts);
    assert_int_equal(record.dead_report.reason, reason);
    assert_string_equal(record.dead_report.handler, "box");
    tt_inbox_release(fix.inbox);
}

static void a_failure_is_tried_again_after_1_2_4_seconds(void **state)
{
    (void)state;
    static const int64_t delays[3] = {TT_NS_PER_S, 2 * TT_NS_PER_S, 4 * TT_NS_PER_S};
    open_default();
    fix.clock.step_ns = 0;
    tt_mailbox *box = box_of(TT_MAILBOX_BLOCK, 4);
    put_range(box, 1, 2);
    expect_attempt(box, 1, 1);
    give_up(box);
    fixture_expect(box, 2); // the others go on meanwhile
    for (uint32_t i = 0; i < 3; i++) {
        advance(delays[i] - 1);
        fixture_expect_none(box);
        assert_int_equal(fixture_box_stats(box).retrying, 1);
        advance(1);
        expect_attempt(box, 1, i + 2);
        give_up(box);
    }
    fixture_expect_none(box);
    tt_inbox_record record;
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_string_equal(record.dead_report.text, "the disk is full");
    expect_dead(1, 4, TT_dead_reason_HANDLER_FAILED);
    tt_mailbox_stats stats = fixture_box_stats(box);
    assert_int_equal(stats.taken, 5);
    assert_int_equal(stats.failed, 4);
    assert_int_equal(stats.retried, 3);
    assert_int_equal(stats.dead_lettered, 1);
    assert_int_equal(stats.retrying, 0);
    assert_true(tt_mailbox_is_idle(box));
    fixture_close(&fix);
}

static void a_retry_that_succeeds_is_done(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_DROP_OLDEST, 4);
    put_range(box, 1, 2);
    expect_attempt(box, 1, 1);
    give_up(box);
    advance(TT_NS_PER_S);
    expect_attempt(box, 1, 2); // what is due comes first
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    fixture_expect(box, 2);
    assert_int_equal(fixture_box_stats(box).done, 2);
    assert_int_equal(fixture_box_stats(box).retrying, 0);
    assert_true(tt_mailbox_is_idle(box));
    fixture_close(&fix);
}

static void a_timed_take_wakes_for_a_retry(void **state)
{
    (void)state;
    static const tt_mailbox_retry soon = {.count = 1, .delay_ns = {TT_NS_PER_MS}};
    open_default();
    tt_mailbox *box =
        fixture_box(&fix, &(tt_mailbox_options){.retry = &soon, .idle.park_max_ns = 1000});
    const tt_msg *msg = NULL;
    put_range(box, 1, 1);
    expect_attempt(box, 1, 1);
    give_up(box);
    int64_t before = fix.clock.fake.monotonic.ns;
    assert_int_equal(tt_mailbox_take_timed(box, (tt_dur){TT_NS_PER_S}, &msg), TUTTI_OK);
    assert_in_range(fix.clock.fake.monotonic.ns - before, TT_NS_PER_MS - 3000, TT_NS_PER_MS + 5000);
    assert_int_equal(tt_mailbox_attempt(box), 2);
    fixture_close(&fix);
}

static void too_many_retries_become_dead_letters_early(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = fixture_box(&fix, &(tt_mailbox_options){.retries_waiting_max = 2});
    put_range(box, 1, 3);
    for (uint64_t i = 1; i <= 3; i++) {
        expect_attempt(box, i, 1);
        give_up(box);
    }
    expect_dead(3, 1, TT_dead_reason_HANDLER_FAILED);
    advance(TT_NS_PER_S);
    expect_attempt(box, 1, 2);
    fixture_close(&fix);
}

static void no_room_for_a_dead_letter_loses_nothing(void **state)
{
    (void)state;
    static const tt_mailbox_retry none = {.count = 0};
    open_default();
    tt_mailbox *box =
        fixture_box(&fix, &(tt_mailbox_options){.retry = &none, .retries_waiting_max = 1});
    const tt_msg *filler = fixture_msg(0, 0, 2048);
    const tt_dead_report report = {.reason = TT_dead_reason_EXPIRED, .handler = "box"};
    uint32_t fillers = 0;
    while (tt_inbox_post_dead(fix.dead, filler, &report) == TUTTI_OK) {
        fillers++;
    }
    const tt_msg *msg = NULL;
    for (uint64_t i = 1; i <= 3; i++) {
        (void)tt_mailbox_put_msg(box, fixture_msg(i, 0, 2048));
    }
    expect_attempt(box, 1, 1);
    give_up(box); // kept
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(tt_mailbox_failed(box, "x"), TUTTI_LIMIT); // stays in hand
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_STATE);
    assert_int_equal(tt_mailbox_attempt(box), 1);
    for (uint32_t i = 0; i < fillers; i++) {
        expect_dead(0, 0, TT_dead_reason_EXPIRED);
    }
    assert_int_equal(tt_mailbox_failed(box, "x"), TUTTI_OK);
    expect_dead(2, 1, TT_dead_reason_HANDLER_FAILED);
    fixture_expect(box, 3);
    expect_dead(1, 1, TT_dead_reason_HANDLER_FAILED);
    assert_int_equal(fixture_box_stats(box).dead_lettered, 2);
    assert_true(tt_mailbox_is_idle(box));
    fixture_close(&fix);
}

static void what_is_too_old_is_not_taken(void **state)
{
    (void)state;
    open_default();
    fix.clock.step_ns = 0;
    for (uint32_t policy = 0; policy < TT_MAILBOX_POLICY_COUNT; policy++) {
        tt_mailbox *box = box_of((tt_mailbox_policy)policy, 8);
        struct {
            _Alignas(16) tt_msg head;
            unsigned char payload[16];
        } aging;
        for (uint64_t i = 1; i <= 3; i++) {
            memcpy(&aging, fixture_msg(i, (uint32_t)i, 16), sizeof aging);
            aging.head.ttl_ms = i == 2 ? 0 : 100;
            aging.head.time = fix.clock.fake.wall;
            assert_int_equal(tt_mailbox_put_msg(box, &aging.head), TT_MAILBOX_PUT_TAKEN);
        }
        advance(100 * TT_NS_PER_MS);
        fixture_expect(box, 1); // exactly as old as allowed
        advance(1);
        fixture_expect(box, 2); // never too old
        fixture_expect_none(box);
        expect_dead(3, 0, TT_dead_reason_EXPIRED);
        assert_int_equal(fixture_box_stats(box).expired, 1);
        assert_true(tt_mailbox_is_idle(box));
    }
    fixture_close(&fix);
}

/** Writes down what a harvest finds. */
struct found {
    uint64_t numbers[16];
    uint32_t attempts[16];
    uint32_t count;
};

static void find(void *ctx, const tt_msg *msg, uint32_t attempts)
{
    struct found *found = ctx;
    found->numbers[found->count] = fixture_msg_number(msg);
    found->attempts[found->count++] = attempts;
}

static void a_harvest_finds_everything_that_is_left(void **state)
{
    (void)state;
    open_default();
    for (uint32_t policy = 0; policy < TT_MAILBOX_POLICY_COUNT; policy++) {
        tt_mailbox *box = box_of((tt_mailbox_policy)policy, 8);
        struct found found = {0};
        const tt_msg *msg = NULL;
        for (uint64_t i = 1; i <= 5; i++) {
            assert_int_equal(put(box, i, (uint32_t)i), TT_MAILBOX_PUT_TAKEN);
        }
        expect_attempt(box, 1, 1);
        give_up(box);
        fixture_expect(box, 2);
        assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK); // 3 is in hand
        assert_true(tt_mailbox_harvest(box, find, &found));
        assert_int_equal(found.count, 4);
        assert_int_equal(found.numbers[0], 3);
        assert_int_equal(found.attempts[0], 1);
        assert_int_equal(found.numbers[1], 1);
        assert_int_equal(found.attempts[1], 1);
        assert_int_equal(found.numbers[2], 4);
        assert_int_equal(found.attempts[2], 0);
        assert_int_equal(found.numbers[3], 5);
        assert_int_equal(fixture_msg_number(msg), 3); // still whole
        assert_int_equal(tt_mailbox_done(box), TUTTI_STATE);
        assert_int_equal(tt_mailbox_failed(box, "x"), TUTTI_STATE);
        assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_END);
        assert_int_equal(put(box, 6, 6), TT_MAILBOX_PUT_TAKEN);
        assert_int_equal(fixture_box_stats(box).dropped_newest, 1);
    }
    fixture_close(&fix);
}

static void a_drained_mailbox_gives_what_it_has_and_then_the_end(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_BLOCK, 8);
    const tt_msg *msg = NULL;
    put_range(box, 1, 2);
    expect_attempt(box, 1, 1);
    give_up(box);
    tt_mailbox_drain(box);
    fixture_expect(box, 2);
    fixture_expect_none(box); // a retry is still to come
    advance(TT_NS_PER_S);
    fixture_expect(box, 1);
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_END);
    assert_int_equal(tt_mailbox_take_wait(box, &msg), TUTTI_END);
    fixture_close(&fix);
}

static void subscriptions_are_bounded(void **state)
{
    (void)state;
    open_default();
    tt_mailbox *box = box_of(TT_MAILBOX_BLOCK, 8);
    const tt_mailbox_subscription all = {.pattern = "*"};
    assert_int_equal(tt_mailbox_subscribe(box, &(tt_mailbox_subscription){0}), TUTTI_INVALID);
    assert_int_equal(
        tt_mailbox_subscribe(box, &(tt_mailbox_subscription){.pattern = ""}), TUTTI_INVALID);
    assert_int_equal(
        tt_mailbox_subscribe(box, &(tt_mailbox_subscription){.pattern = "a b"}), TUTTI_INVALID);
    for (int i = 0; i < TT_MAILBOX_SUBSCRIPTIONS_MAX; i++) {
        assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_OK);
    }
    assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_LIMIT);
    TT_EXPECT_ABORT((tt_mailbox_unsubscribe(box, TT_MAILBOX_SUBSCRIPTIONS_MAX), 0));
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_STATE);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(messages_come_whole_and_in_order),
        cmocka_unit_test(drop_newest_keeps_the_old_ones),
        cmocka_unit_test(drop_oldest_keeps_the_new_ones),
        cmocka_unit_test(what_is_in_hand_is_not_dropped),
        cmocka_unit_test(conflate_replaces_in_place),
        cmocka_unit_test(topics_are_conflated_apart),
        cmocka_unit_test(the_bound_of_bytes_holds),
        cmocka_unit_test(dead_letter_and_halt_tell_the_loop),
        cmocka_unit_test(block_waits_once_for_a_consumer_that_is_stuck),
        cmocka_unit_test(a_timed_take_gives_up_in_time),
        cmocka_unit_test(a_failure_is_tried_again_after_1_2_4_seconds),
        cmocka_unit_test(a_retry_that_succeeds_is_done),
        cmocka_unit_test(a_timed_take_wakes_for_a_retry),
        cmocka_unit_test(too_many_retries_become_dead_letters_early),
        cmocka_unit_test(no_room_for_a_dead_letter_loses_nothing),
        cmocka_unit_test(what_is_too_old_is_not_taken),
        cmocka_unit_test(a_harvest_finds_everything_that_is_left),
        cmocka_unit_test(a_drained_mailbox_gives_what_it_has_and_then_the_end),
        cmocka_unit_test(subscriptions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
