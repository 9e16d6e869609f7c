/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rings of the hub between threads: inputs of all sizes arrive whole and in order while the
 * ring runs full, commands of several producers likewise, and event time never passes the market.
 *
 * Covers: host/hub.c
 */
#include "../lib/test.h"
#include "host/hub.h"

#include <pthread.h>
#include <sched.h>

enum {
    INPUTS = 8000,
    PRODUCERS = 3,
    COMMANDS = 700
};

/** The i-th input of a producer: size and bytes follow from `i`. */
static tt_input make_input(uint64_t i, uint32_t producer, unsigned char *payload)
{
    size_t size = 8 + (size_t)(i * 37 % (TT_PAYLOAD_MAX - 8));
    memset(payload, (int)(i & 0xff), size);
    memcpy(payload, &i, sizeof i);
    return (tt_input){
        .time = {(int64_t)i},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .key = producer,
        .cause = i + 1,
        .payload = payload,
        .payload_size = size,
    };
}

static void check_input(const tt_input *got, uint64_t i)
{
    static unsigned char payload[TT_PAYLOAD_MAX];
    tt_input wanted = make_input(i, got->key, payload);
    assert_int_equal(got->time.ns, wanted.time.ns);
    assert_int_equal(got->cause, wanted.cause);
    assert_int_equal(got->payload_size, wanted.payload_size);
    assert_memory_equal(got->payload, payload, wanted.payload_size);
}

static void *produce_inputs(void *argument)
{
    static unsigned char payload[TT_PAYLOAD_MAX];
    tt_hub *hub = argument;
    for (uint64_t i = 0; i < INPUTS; i++) {
        tt_input input = make_input(i, 7, payload);
        while (!tt_hub_push_input(&hub->answers_in[0], &input)) {
            tt_hub_wait_for_room(hub);
        }
        atomic_store_explicit(&hub->market_ns, (int64_t)i, memory_order_release);
    }
    return NULL;
}

static void inputs_arrive_whole_and_in_order(void **state)
{
    static tt_input_record record;
    tt_hub *hub = *state;
    tt_input input;
    pthread_t producer;
    // The clock is far ahead: the market alone holds event time back.
    tt_paper_clock_start(&hub->clock, (tt_time){TT_NS_PER_S}, (tt_ratio){tt_dec_from_i64(1, 0)});
    assert_int_equal(pthread_create(&producer, NULL, produce_inputs, hub), 0);
    for (uint64_t i = 0; i < INPUTS;) {
        if (tt_hub_pop_input(&hub->answers_in[0], &record, &input)) {
            check_input(&input, i++);
        } else {
            sched_yield();
        }
        assert_true(tt_hub_now(hub).ns <= INPUTS);
    }
    pthread_join(producer, NULL);
    assert_false(tt_hub_pop_input(&hub->answers_in[0], &record, &input));
    // The ring holds 256 KiB: it ran full, and every refusal was counted as a wait.
    assert_true(atomic_load(&hub->full_waits) > 0);
    assert_int_equal(tt_ring_stats_get(&hub->answers_in[0]).refused, atomic_load(&hub->full_waits));
}

/** A thread that sends commands. */
typedef struct producer {
    tt_hub *hub;
    uint32_t number;
    pthread_t thread;
} producer;

static void *produce_commands(void *argument)
{
    producer *self = argument;
    unsigned char *payload = malloc(TT_PAYLOAD_MAX);
    for (uint64_t i = 0; payload != NULL && i < COMMANDS;) {
        tt_input input = make_input(i, self->number, payload);
        bool is_taken = tt_hub_push_command(&self->hub->commands_in, &input);
        i += is_taken;
        if (!is_taken) {
            sched_yield();
        }
    }
    free(payload);
    return NULL;
}

static void commands_of_several_threads_keep_their_order(void **state)
{
    static tt_input_record record;
    static producer producers[PRODUCERS];
    uint64_t next[PRODUCERS] = {0};
    tt_hub *hub = *state;
    tt_input input;
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (producer){.hub = hub, .number = i};
        assert_int_equal(
            pthread_create(&producers[i].thread, NULL, produce_commands, &producers[i]), 0);
    }
    for (uint64_t got = 0; got < (uint64_t)PRODUCERS * COMMANDS;) {
        if (tt_hub_pop_command(&hub->commands_in, &record, &input)) {
            assert_true(input.key < PRODUCERS);
            check_input(&input, next[input.key]++);
            got++;
        } else {
            sched_yield();
        }
    }
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        pthread_join(producers[i].thread, NULL);
    }
    assert_false(tt_hub_pop_command(&hub->commands_in, &record, &input));
}

static void a_full_ring_refuses_and_loses_nothing(void **state)
{
    static tt_input_record record;
    static unsigned char payload[TT_PAYLOAD_MAX];
    tt_hub *hub = *state;
    tt_input input;
    uint64_t taken = 0;
    for (;; taken++) {
        input = make_input(taken, 0, payload);
        if (!tt_hub_push_command(&hub->commands_in, &input)) {
            break;
        }
    }
    assert_true(taken > 0);
    assert_false(tt_hub_push_command(&hub->commands_in, &input));
    assert_int_equal(tt_mpsc_stats_get(&hub->commands_in).refused, 2);
    for (uint64_t i = 0; i < taken; i++) {
        assert_true(tt_hub_pop_command(&hub->commands_in, &record, &input));
        check_input(&input, i);
    }
    assert_false(tt_hub_pop_command(&hub->commands_in, &record, &input));
    input = make_input(taken, 0, payload);
    assert_true(tt_hub_push_command(&hub->commands_in, &input));
}

static int open_hub(void **state)
{
    static tt_hub hub;
    *state = &hub;
    return tt_hub_init(&hub) != TUTTI_OK;
}

static int close_hub(void **state)
{
    tt_hub_fini(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_ring_refuses_and_loses_nothing, open_hub, close_hub),
        cmocka_unit_test_setup_teardown(inputs_arrive_whole_and_in_order, open_hub, close_hub),
        cmocka_unit_test_setup_teardown(
            commands_of_several_threads_keep_their_order, open_hub, close_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
