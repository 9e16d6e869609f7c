/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pages of dead letters: what the engine copies, and how the question gets to the core and back.
 */
#include "fixture.h"
#include "host/dead_box.h"
#include "host/paper_clock.h"

#include <pthread.h>

static tt_config *config;
static tt_engine *engine;
static tt_dead_box box;
static uint64_t ids[100];

static tutti_status refuse(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    return TUTTI_IO;
}

/** An engine whose bus keeps 100 letters. */
static int begin(void **state)
{
    static const char *const sets[] = {"ma_cross.enabled=false", NULL};
    (void)state;
    tt_error error = {0};
    config = fx_config(sets);
    fx_ok(tt_engine_new(&config->engine, &engine, &error), &error);
    tt_bus *bus = (tt_bus *)(uintptr_t)tt_engine_bus(engine); // to subscribe, as a module would
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "refuser", refuse, NULL), TUTTI_OK);
    for (uint64_t i = 0; i < 100; i++) {
        const tt_clock clock = {.tick = i + 1};
        const tt_input input = {
            .time = {(int64_t)(i + 1) * TT_NS_PER_S},
            .topic = TT_TOPIC_CLOCK,
            .source = TT_SOURCE_HOST,
            .payload = &clock,
            .payload_size = sizeof clock};
        assert_int_equal(tt_engine_step(engine, &input), TUTTI_OK);
    }
    tt_bus_dead dead = {0};
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(tt_bus_dead_next(bus, dead.id, &dead));
        ids[i] = dead.id;
    }
    assert_false(tt_bus_dead_next(bus, dead.id, &dead));
    memset(&box, 0, sizeof box);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tt_engine_free(engine);
    free(config);
    return 0;
}

static void pages_hold_the_newest_below_an_id(void **state)
{
    (void)state;
    static tt_engine_dead_page page;
    tt_engine_dead_page_get(engine, 0, 1000, &page);
    assert_int_equal(page.count, TT_ENGINE_DEAD_MAX);
    assert_int_equal(page.left_out, 100 - TT_ENGINE_DEAD_MAX);
    assert_int_equal(page.rows[0].id, ids[100 - TT_ENGINE_DEAD_MAX]);
    assert_int_equal(page.rows[TT_ENGINE_DEAD_MAX - 1].id, ids[99]);
    tt_engine_dead_page_get(engine, page.rows[0].id, 1000, &page);
    assert_int_equal(page.count, 100 - TT_ENGINE_DEAD_MAX);
    assert_int_equal(page.left_out, 0);
    assert_int_equal(page.rows[0].id, ids[0]);
    assert_string_equal(page.rows[0].handler, "refuser");
    assert_int_equal(page.rows[0].attempts, 1);
    tt_engine_dead_page_get(engine, ids[10], 3, &page);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.left_out, 7);
    assert_int_equal(page.rows[0].id, ids[7]);
    assert_int_equal(page.rows[2].id, ids[9]);
    tt_engine_dead_page_get(engine, ids[0], 3, &page);
    assert_int_equal(page.count, 0);
}

/** Stands for the thread of the core: comes round until it is told to end. */
static _Atomic int is_over;
static void *come_round(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&is_over)) {
        tt_dead_box_answer(&box, engine);
        tt_sleep_ns(TT_NS_PER_MS / 10);
    }
    return NULL;
}

/** Asks until there is an answer: a machine under load may be slow. Gives the newest id of it. */
static uint64_t ask(uint64_t before)
{
    static tt_engine_dead_page page;
    while (!tt_dead_box_ask(&box, before, 2, &page)) {
    }
    assert_int_equal(page.count, 2);
    return page.rows[1].id;
}

static void the_core_answers_between_two_turns(void **state)
{
    (void)state;
    pthread_t core;
    tt_dead_box_answer(&box, engine); // nobody has asked
    assert_int_equal(atomic_load(&box.state), TT_DEAD_BOX_IDLE);
    atomic_store(&is_over, 0);
    assert_int_equal(pthread_create(&core, NULL, come_round, NULL), 0);
    assert_int_equal(ask(0), ids[99]);
    assert_int_equal(ask(ids[98]), ids[97]);
    atomic_store(&is_over, 1);
    assert_int_equal(pthread_join(core, NULL), 0);
}

/** The wait is bounded; an answer that comes too late is not taken for that of the next question.
 */
static void a_core_that_does_not_come_round_is_not_waited_for(void **state)
{
    (void)state;
    static tt_engine_dead_page page;
    pthread_t core;
    int64_t begin_ns = tt_mono_ns();
    assert_false(tt_dead_box_ask(&box, 0, 2, &page));
    assert_true(tt_mono_ns() - begin_ns >= TT_DEAD_BOX_WAIT_NS);
    assert_false(tt_dead_box_ask(&box, 0, 2, &page)); // the first question still waits
    tt_dead_box_answer(&box, engine);
    atomic_store(&is_over, 0);
    assert_int_equal(pthread_create(&core, NULL, come_round, NULL), 0);
    assert_int_equal(ask(ids[50]), ids[49]);
    assert_int_equal(ask(ids[60]), ids[59]);
    atomic_store(&is_over, 1);
    assert_int_equal(pthread_join(core, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_hold_the_newest_below_an_id, begin, end),
        cmocka_unit_test_setup_teardown(the_core_answers_between_two_turns, begin, end),
        cmocka_unit_test_setup_teardown(
            a_core_that_does_not_come_round_is_not_waited_for, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
