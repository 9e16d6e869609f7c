/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The numbers of a mailbox: at each bound and one beyond, and what 0 stands for.
 * Covers: mailbox.c
 */
#include "fixture.h"

static fixture fix;

static tt_mailbox_options of_policy(tt_mailbox_policy policy)
{
    return (tt_mailbox_options){
        .name = "b", .policy = policy, .dead_letters = fix.dead, .idle.clock = &fix.clock.clock};
}

static int setup(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&fix);
    return 0;
}

/** A mailbox can be made of it in as much memory as it asks for. */
static void expect_good(const tt_mailbox_options *options)
{
    tt_arena arena = {0};
    tt_mailbox *box = NULL;
    const size_t bytes = tt_mailbox_memory(options);
    assert_true(bytes > 0);
    assert_int_equal(tt_arena_init(&arena, bytes), TUTTI_OK);
    assert_int_equal(tt_mailbox_new(options, &arena, &box), TUTTI_OK);
    tt_arena_fini(&arena);
}

/** It is refused, and nobody is told how much memory it would take. */
static void expect_beyond(const tt_mailbox_options *options)
{
    tt_mailbox *box = NULL;
    assert_int_equal(tt_mailbox_memory(options), 0);
    assert_int_equal(tt_mailbox_new(options, &fix.arena, &box), TUTTI_INVALID);
    assert_null(box);
}

static bool has_slots(tt_mailbox_policy policy)
{
    return policy == TT_MAILBOX_DROP_OLDEST || policy == TT_MAILBOX_CONFLATE;
}

static void the_count_is_bounded_by_what_holds_the_messages(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < TT_MAILBOX_POLICY_COUNT; i++) {
        tt_mailbox_options options = of_policy((tt_mailbox_policy)i);
        const uint32_t most = has_slots(options.policy) ? 65536 : 1048576;
        options.count_max = most;
        assert_true(tt_mailbox_memory(&options) > most * (size_t)8);
        if (!has_slots(options.policy)) {
            expect_good(&options); // that of slots takes a quarter of a gigabyte
        }
        const uint32_t beyond[] = {most + 1, 1u << 28, (1u << 28) + 1, 1u << 31, UINT32_MAX};
        for (size_t k = 0; k < sizeof beyond / sizeof beyond[0]; k++) {
            options.count_max = beyond[k];
            expect_beyond(&options);
        }
    }
}

static void bytes_tries_and_times_are_bounded(void **state)
{
    (void)state;
    tt_mailbox_options options = of_policy(TT_MAILBOX_BLOCK);
    options.bytes_max = 4095; // no room for the largest message
    expect_beyond(&options);
    options.bytes_max = 4096;
    expect_good(&options);
    options.bytes_max = 1u << 28;
    assert_true(tt_mailbox_memory(&options) > 1u << 28);
    options.bytes_max = (1u << 28) + 1;
    expect_beyond(&options);
    options = of_policy(TT_MAILBOX_BLOCK);
    options.retries_waiting_max = 1024;
    expect_good(&options);
    options.retries_waiting_max = 1025;
    expect_beyond(&options);
    options = of_policy(TT_MAILBOX_BLOCK);
    options.block_ns = 1;
    expect_good(&options);
    options.block_ns = -1;
    expect_beyond(&options);
    options = of_policy(TT_MAILBOX_POLICY_COUNT);
    expect_beyond(&options);
    tt_mailbox_retry retry = {.count = TT_MAILBOX_RETRIES_MAX};
    options = of_policy(TT_MAILBOX_BLOCK);
    options.retry = &retry;
    expect_good(&options);
    retry.count++;
    expect_beyond(&options);
}

static void what_is_not_asked_for_has_its_default(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < TT_MAILBOX_POLICY_COUNT; i++) {
        const tt_mailbox_options plain = of_policy((tt_mailbox_policy)i);
        tt_mailbox_options spelled = plain;
        spelled.count_max = 1024;
        spelled.bytes_max = 1u << 20;
        spelled.retries_waiting_max = 64;
        assert_int_equal(tt_mailbox_memory(&plain), tt_mailbox_memory(&spelled));
        spelled.retries_waiting_max = 65;
        assert_true(tt_mailbox_memory(&plain) < tt_mailbox_memory(&spelled));
    }
    const tt_mailbox_options plain = of_policy(TT_MAILBOX_DROP_NEWEST);
    tt_mailbox *box = fixture_box(&fix, &plain);
    for (uint64_t i = 1; i <= 1025; i++) {
        (void)tt_mailbox_put_msg(box, fixture_msg(i, 1, 16));
    }
    assert_int_equal(fixture_box_stats(box).waiting, 1024);
    assert_int_equal(fixture_box_stats(box).dropped_newest, 1);
}

/** The bound of bytes counts what a message takes with its head: a mebibyte is 256 of the largest.
 */
static void the_bytes_that_wait_are_bounded_by_default(void **state)
{
    (void)state;
    const tt_mailbox_options plain = of_policy(TT_MAILBOX_DROP_NEWEST);
    tt_mailbox *box = fixture_box(&fix, &plain);
    for (uint64_t i = 1; i <= 257; i++) {
        (void)tt_mailbox_put_msg(box, fixture_msg(i, 1, 4032));
    }
    assert_int_equal(fixture_box_stats(box).waiting, 256);
    assert_int_equal(fixture_box_stats(box).dropped_newest, 1);
    assert_int_equal(fixture_box_stats(box).bytes_max, 256 * 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_count_is_bounded_by_what_holds_the_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_tries_and_times_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_asked_for_has_its_default, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_bytes_that_wait_are_bounded_by_default, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
