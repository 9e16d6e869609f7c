/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Steps of the engine: time, timers, order of the modules, refusals, status, failures of the start.
 */
#include "engine/engine_priv.h"
#include "stub_modules.h"

static tt_engine *engine;

static int setup(void **state)
{
    (void)state;
    engine = stub_engine();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_engine_free(engine);
    return 0;
}

static const tt_session_event started = {.event = TT_session_event_type_STARTED};
static const tt_clock tick = {.tick = 1};

static tt_input session_input(int64_t time_ns)
{
    return (tt_input){
        .time = {time_ns},
        .topic = TT_TOPIC_SESSION_EVENTS,
        .source = TT_SOURCE_HOST,
        .payload = &started,
        .payload_size = sizeof started,
    };
}

static tt_input clock_input(int64_t time_ns)
{
    return (tt_input){
        .time = {time_ns},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &tick,
        .payload_size = sizeof tick,
    };
}

static const tt_msg *outbox_at(uint32_t index)
{
    const tt_bus *bus = tt_engine_bus(engine);
    const tt_msg *msg = tt_bus_outbox_next(bus, NULL);
    for (uint32_t i = 0; i < index && msg; i++) {
        msg = tt_bus_outbox_next(bus, msg);
    }
    return msg;
}

static void modules_see_a_message_in_the_order_of_their_rank(void **state)
{
    (void)state;
    assert_string_equal(stub.setup, "mstrcp");
    const tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    assert_string_equal(stub.log, "mstrcp");
}

static void an_input_becomes_the_first_message_of_its_step(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS);
    input.correlation.bytes[0] = 5;
    stub_step(engine, &input);
    input.cause = 2;
    input.time.ns += 10;
    stub_step(engine, &input);
    const tt_msg *msg = outbox_at(0);
    assert_int_equal(msg->seq, 3);
    assert_int_equal(msg->flags, TT_MSG_INPUT);
    assert_int_equal(msg->time.ns, T0_NS + 10);
    assert_int_equal(msg->cause, 2);
    assert_int_equal(msg->correlation.bytes[0], 5);
    assert_int_equal(msg->key, 1);
    assert_memory_equal(tt_msg_payload(msg), stub_bar(), sizeof(tt_bar));
    assert_int_equal(outbox_at(1)->topic, TT_TOPIC_ACCOUNT_UPDATES);
    assert_int_equal(outbox_at(1)->cause, 3);
    assert_int_equal(outbox_at(1)->flags, 0);
    assert_null(outbox_at(2));
}

static void time_never_goes_back(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS + 100);
    stub_step(engine, &input);
    input.time.ns = T0_NS;
    stub_step(engine, &input);
    assert_int_equal(tt_engine_now(engine).ns, T0_NS + 100);
    assert_int_equal(outbox_at(0)->time.ns, T0_NS + 100);
    input.time.ns = T0_NS + 101;
    stub_step(engine, &input);
    assert_int_equal(tt_engine_now(engine).ns, T0_NS + 101);
}

static void due_timers_fire_as_part_of_the_input(void **state)
{
    (void)state;
    const int64_t minute = 60 * TT_NS_PER_S;
    assert_int_equal(tt_engine_next_deadline(engine).ns, TT_TIME_NEVER.ns);
    tt_input input = session_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(tt_engine_next_deadline(engine).ns, T0_NS + minute);
    input = clock_input(T0_NS + minute - 1);
    stub_step(engine, &input);
    assert_null(outbox_at(1));
    input = stub_bar_input(T0_NS + 2 * minute); // two firings are due
    stub_step(engine, &input);
    const tt_msg *first = outbox_at(1);
    const tt_msg *second = outbox_at(2);
    assert_int_equal(first->topic, TT_TOPIC_AGENT_CALLS);
    assert_int_equal(first->cause, outbox_at(0)->seq);
    assert_memory_equal(&first->correlation, &outbox_at(0)->correlation, sizeof(tt_uuid));
    assert_int_equal(TT_PAYLOAD(first, AGENT_CALLS, agent_call)->attempt, 1);
    assert_int_equal(TT_PAYLOAD(second, AGENT_CALLS, agent_call)->attempt, 2);
    assert_int_equal(second->time.ns, T0_NS + 2 * minute);
    assert_int_equal(stub.timer_deadline.ns, T0_NS + 2 * minute);
    assert_int_equal(outbox_at(3)->topic, TT_TOPIC_ACCOUNT_UPDATES); // delivered after the timers
    assert_int_equal(tt_engine_next_deadline(engine).ns, T0_NS + 3 * minute);
}

/** The driver sends a clock for the deadline: one in the past must not be too late to be taken. */
static void a_deadline_that_has_passed_is_due_now(void **state)
{
    (void)state;
    stub.arms_late = true;
    tt_input input = session_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(tt_engine_next_deadline(engine).ns, T0_NS);
    input = clock_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(outbox_at(1)->topic, TT_TOPIC_AGENT_CALLS);
}

static void a_refused_input_is_recorded_and_changes_nothing_else(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    input.time.ns += TT_NS_PER_S;
    input.key = 3;
    stub.log[0] = 0;
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_INVALID);
    assert_string_equal(stub.log, "");
    assert_int_equal(stub.dead_letters, 1);
    assert_int_equal(tt_engine_now(engine).ns, T0_NS);
    const tt_msg *msg = outbox_at(0);
    assert_null(outbox_at(1));
    assert_int_equal(msg->seq, 3);
    assert_int_equal(msg->flags, TT_MSG_INPUT);
    assert_int_equal(msg->source, TT_SOURCE_ENGINE);
    assert_int_equal(msg->key, 0);
    const tt_dead_letter *letter = TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->dead_seq, 0);
    assert_int_equal(letter->dead_topic, TT_TOPIC_MARKET_BAR);
    assert_int_equal(letter->dead_source, TT_SOURCE_FEED);
    assert_int_equal(letter->reason, TT_dead_reason_INVALID_INPUT);
    assert_string_equal(letter->handler, "engine");
    assert_string_equal(letter->message, "there is no instrument 3 (from 1 to 2)");
}

/** A replay feeds what was recorded, the refusal included, and gets the same bytes. */
static void a_replay_of_the_recorded_inputs_gives_the_same_bytes(void **state)
{
    (void)state;
    tt_engine *other = stub_engine();
    const tt_input inputs[] = {
        session_input(T0_NS),
        stub_bar_input(T0_NS + 5 * TT_NS_PER_S),
        stub_bar_input(T0_NS - 1000 * TT_NS_PER_S), // too late: refused
        clock_input(T0_NS + 3 * TT_NS_PER_S),
        stub_bar_input(T0_NS + 200 * TT_NS_PER_S),
        stub_bar_input(-1), // refused
        clock_input(T0_NS + 300 * TT_NS_PER_S),
    };
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        bool is_refused = i == 2 || i == 5;
        assert_int_equal(tt_engine_step(engine, &inputs[i]), is_refused ? TUTTI_INVALID : TUTTI_OK);
        const tt_msg *first = outbox_at(0);
        const tt_input recorded = {
            .time = first->time,
            .topic = (tt_topic)first->topic,
            .source = (tt_source)first->source,
            .key = first->key,
            .cause = first->cause,
            .correlation = first->correlation,
            .payload = tt_msg_payload(first),
            .payload_size = first->size,
        };
        stub_step(other, &recorded);
        size_t size = 0;
        size_t other_size = 0;
        const void *outbox = tt_bus_outbox(tt_engine_bus(engine), &size);
        const void *other_outbox = tt_bus_outbox(tt_engine_bus(other), &other_size);
        assert_int_equal(size, other_size);
        assert_memory_equal(outbox, other_outbox, size);
    }
    tt_engine_free(other);
}

static void status_collects_the_numbers_of_all_parts(void **state)
{
    (void)state;
    tt_input input = session_input(T0_NS);
    stub_step(engine, &input);
    input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    input.key = 0;
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_INVALID);
    tt_engine_status status;
    tt_engine_status_get(engine, &status);
    assert_int_equal(status.now.ns, T0_NS);
    assert_int_equal(status.last_seq, 4);
    assert_int_equal(status.inputs, 3);
    assert_int_equal(status.refused_inputs, 1);
    assert_int_equal(status.market.bars, 1);
    assert_int_equal(status.strategy.signals, 2);
    assert_int_equal(status.trade.fills, 3);
    assert_int_equal(status.risk.verdicts, 4);
    assert_int_equal(status.coord.total_signals, 5);
    assert_int_equal(status.portfolio.plans, 6);
    assert_int_equal(status.timers.armed, 1);
    assert_int_equal(status.bus_totals.published, 4);
    assert_int_equal(status.bus_topics[TT_TOPIC_MARKET_BAR].delivered, 7);
    assert_int_equal(status.bus_topics[TT_TOPIC_MARKET_BAR].dead_lettered, 1);
    assert_int_equal(status.queue_high_water, 1);
    assert_false(status.is_stopped);
}

static void expect_no_start(const tt_engine_config *config, tutti_status status, const char *text)
{
    tt_engine *none = NULL;
    tt_error error = {0};
    assert_int_equal(tt_engine_new(config, &none, &error), status);
    assert_null(none);
    assert_string_equal(error.message, text);
}

static void a_configuration_that_cannot_work_does_not_start(void **state)
{
    (void)state;
    static tt_engine_config config; // Static: two of them are too much for one frame.
    config = stub_config();
    config.instruments.count = 0;
    expect_no_start(&config, TUTTI_INVALID, "0 instruments are configured");
    config.instruments.count = TT_INSTRUMENTS_MAX + 1;
    expect_no_start(&config, TUTTI_INVALID, "65 instruments are configured");
    config = stub_config();
    config.instruments.list[1].id.n = 1;
    expect_no_start(&config, TUTTI_INVALID, "instrument 2 has no symbol or a wrong id");
    config = stub_config();
    config.instruments.list[0].symbol[0] = 0;
    expect_no_start(&config, TUTTI_INVALID, "instrument 1 has no symbol or a wrong id");
    config = stub_config();
    memcpy(config.instruments.list[1].symbol, "BTC/USDT", 9);
    expect_no_start(&config, TUTTI_INVALID, "the instrument BTC/USDT stands twice");
    config = stub_config();
    config.instruments.list[1].qty_increment = (tt_qty){0};
    expect_no_start(
        &config,
        TUTTI_INVALID,
        "the instrument ETH/USDT needs a tick, a lot and a bar interval above zero");
    config = stub_config();
    memset(config.run_id, 'x', sizeof config.run_id);
    expect_no_start(&config, TUTTI_INVALID, "the run id is longer than 31 bytes");
    config = stub_config();
    config.bus.depth_max = 1000000;
    expect_no_start(
        &config, TUTTI_INVALID, "the bus cannot start: an argument or a value is not valid");
}

static void the_core_knows_its_run(void **state)
{
    (void)state;
    assert_int_equal(engine->core.seed, 1);
    assert_string_equal(engine->core.run_id, "test");
    assert_ptr_equal(engine->core.instruments, &engine->config.instruments);
}

static void a_module_that_cannot_start_is_named(void **state)
{
    (void)state;
    static const struct {
        char letter;
        const char *text;
    } cases[] = {
        {'m', "the module market cannot start: memory could not be had at start-up"},
        {'s', "the module strategy cannot start: memory could not be had at start-up"},
        {'t', "the module trade cannot start: memory could not be had at start-up"},
        {'r', "the module risk cannot start: memory could not be had at start-up"},
        {'c', "the module coord cannot start: memory could not be had at start-up"},
        {'p', "the module portfolio cannot start: memory could not be had at start-up"},
    };
    const tt_engine_config config = stub_config();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stub = (stub_control){.failing = cases[i].letter};
        expect_no_start(&config, TUTTI_NO_MEMORY, cases[i].text);
    }
    stub.failing = 0;
}

static void options_of_the_bus_reach_it(void **state)
{
    (void)state;
    tt_engine_config config = stub_config();
    config.bus = (tt_bus_config){.history_scale_pct = 10, .depth_max = 5};
    tt_engine *small = NULL;
    assert_int_equal(tt_engine_new(&config, &small, NULL), TUTTI_OK);
    for (int i = 0; i < 10; i++) {
        const tt_input input = clock_input(T0_NS + i);
        stub_step(small, &input);
    }
    tt_engine_status status;
    tt_engine_status_get(small, &status);
    assert_int_equal(status.bus_topics[TT_TOPIC_CLOCK].history_count, 1);
    tt_engine_free(small);
    tt_engine_free(NULL);
}

#define ENGINE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(modules_see_a_message_in_the_order_of_their_rank),
        ENGINE_TEST(an_input_becomes_the_first_message_of_its_step),
        ENGINE_TEST(time_never_goes_back),
        ENGINE_TEST(due_timers_fire_as_part_of_the_input),
        ENGINE_TEST(a_deadline_that_has_passed_is_due_now),
        ENGINE_TEST(a_refused_input_is_recorded_and_changes_nothing_else),
        ENGINE_TEST(a_replay_of_the_recorded_inputs_gives_the_same_bytes),
        ENGINE_TEST(status_collects_the_numbers_of_all_parts),
        cmocka_unit_test(a_configuration_that_cannot_work_does_not_start),
        ENGINE_TEST(the_core_knows_its_run),
        cmocka_unit_test(a_module_that_cannot_start_is_named),
        cmocka_unit_test(options_of_the_bus_reach_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
