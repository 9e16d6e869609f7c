/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Functions that run on the thread of a loop.
 */
#include "fixture.h"

#include <pthread.h>

static fixture fix;

/** What a call has done. */
struct work {
    pthread_t thread;
    uint32_t runs;
    tt_seq seq;
    tutti_status status;
};

static void publish(void *ctx, tt_bus *bus)
{
    struct work *work = ctx;
    tt_bus_post post = fixture_post(7, 1);
    post.flags = TT_MSG_INPUT;
    work->thread = pthread_self();
    work->runs++;
    work->status = tt_bus_publish(bus, &post, &work->seq);
}

static tutti_status refuse(void *ctx, const void *step, size_t bytes)
{
    (void)ctx;
    (void)step;
    (void)bytes;
    return TUTTI_IO;
}

static void a_call_is_a_step_that_mailboxes_see(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){0});
    tt_mailbox *box = fixture_box(&fix, &(tt_mailbox_options){.name = "all"});
    const tt_mailbox_subscription all = {.pattern = "*"};
    assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    struct work work = {0};
    assert_int_equal(tt_bus_loop_within(fix.loop, publish, &work), TUTTI_OK);
    assert_int_equal(work.status, TUTTI_OK);
    assert_int_equal(work.seq, 1);
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(fixture_number(tt_msg_payload(msg)), 7);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.steps, 1);
    fixture_close(&fix);
}

/** What a call must not do: publish what is no input, and redrive. */
struct forbidden {
    uint64_t dead_id; /**< 0: publish. */
    tutti_status status;
};

static void do_forbidden(void *ctx, tt_bus *bus)
{
    struct forbidden *forbidden = ctx;
    const tt_bus_post post = fixture_post(9, 1);
    forbidden->status = forbidden->dead_id != 0 ? tt_bus_dead_redrive(bus, forbidden->dead_id)
                                                : tt_bus_publish(bus, &post, NULL);
}

static tutti_status fail_always(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    (void)msg;
    (*(uint32_t *)ctx)++;
    return TUTTI_IO;
}

/** A step that no input begins could not be replayed. */
static void a_call_makes_no_step_without_an_input(void **state)
{
    (void)state;
    uint32_t handled = 0;
    fixture_open(&fix, &(fixture_options){0});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_MARKET_QUOTE, "q", fail_always, &handled), TUTTI_OK);
    struct forbidden forbidden = {0};
    assert_int_equal(tt_bus_loop_within(fix.loop, do_forbidden, &forbidden), TUTTI_INVALID);
    assert_int_equal(forbidden.status, TUTTI_INVALID);
    assert_int_equal(handled, 0);
    assert_int_equal(tt_bus_next_seq(fix.bus), 1); // nothing was published, no dead letter either
    struct work work = {0};
    assert_int_equal(tt_bus_loop_within(fix.loop, publish, &work), TUTTI_OK); // as before
    assert_int_equal(work.status, TUTTI_OK);
    assert_int_equal(handled, 1);
    tt_bus_dead dead;
    assert_true(tt_bus_dead_next(fix.bus, 0, &dead));
    forbidden.dead_id = dead.id;
    tt_seq next = tt_bus_next_seq(fix.bus);
    assert_int_equal(tt_bus_loop_within(fix.loop, do_forbidden, &forbidden), TUTTI_INVALID);
    assert_int_equal(forbidden.status, TUTTI_INVALID);
    assert_int_equal(handled, 1);
    assert_int_equal(tt_bus_next_seq(fix.bus), next);
    fixture_close(&fix);
}

#define CALLERS 4
#define CALLS   500

static void *call_often(void *ctx)
{
    struct work *work = ctx;
    for (int i = 0; i < CALLS; i++) {
        if (tt_bus_loop_call(fix.loop, publish, work) != TUTTI_OK) {
            break;
        }
    }
    return NULL;
}

static void many_threads_call_one_loop(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.clock = &fixture_real_clock});
    assert_int_equal(tt_bus_loop_start(fix.loop), TUTTI_OK);
    struct work work[CALLERS] = {0};
    pthread_t threads[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &work[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_int_equal(work[i].runs, CALLS);
        assert_false(pthread_equal(work[i].thread, threads[i]));
        assert_true(pthread_equal(work[i].thread, work[0].thread));
    }
    tt_loop_report report;
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){10 * TT_NS_PER_S}, &report), TUTTI_OK);
    assert_int_equal(tt_bus_next_seq(fix.bus), CALLERS * CALLS + 1);
    struct work late = {0};
    assert_int_equal(tt_bus_loop_call(fix.loop, publish, &late), TUTTI_STATE);
    assert_int_equal(tt_bus_loop_within(fix.loop, publish, &late), TUTTI_STATE);
    assert_int_equal(late.runs, 0);
    fixture_close(&fix);
}

static void a_halted_loop_refuses_calls(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.clock = &fixture_real_clock, .loop = {.sink = refuse}});
    assert_int_equal(tt_bus_loop_start(fix.loop), TUTTI_OK);
    struct work work = {0};
    // It ran, but is not recorded, and halts the loop: it must not pass for done.
    assert_int_equal(tt_bus_loop_call(fix.loop, publish, &work), TUTTI_STATE);
    assert_int_equal(work.runs, 1);
    assert_int_equal(tt_bus_loop_call(fix.loop, publish, &work), TUTTI_STATE);
    assert_int_equal(work.runs, 1);
    tt_loop_report report;
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){10 * TT_NS_PER_S}, &report), TUTTI_STATE);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_a_step_that_mailboxes_see),
        cmocka_unit_test(a_call_makes_no_step_without_an_input),
        cmocka_unit_test(many_threads_call_one_loop),
        cmocka_unit_test(a_halted_loop_refuses_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
