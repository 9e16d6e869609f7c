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
    assert_int_equal(tt_bus_loop_call(fix.loop, publish, &work), TUTTI_OK); // and halts
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
        cmocka_unit_test(many_threads_call_one_loop),
        cmocka_unit_test(a_halted_loop_refuses_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
