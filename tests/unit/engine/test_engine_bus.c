/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus within the engine: options, limits of rate on inputs, retries by the engine's timers,
 * stopwatch and status.
 */
#include "bus/bus_priv.h"
#include "engine/engine_priv.h"
#include "stub_modules.h"

static tt_engine *engine;
static uint32_t calls;

static int setup(void **state)
{
    (void)state;
    engine = stub_engine();
    calls = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_engine_free(engine);
    return 0;
}

/** The bus as a module of the core has it. */
static tt_bus *bus_of(const tt_engine *owner)
{
    return (tt_bus *)(uintptr_t)tt_engine_bus(owner);
}

static void limit_bars(const tt_engine *owner, uint32_t per_s, uint32_t burst)
{
    const tt_bus_limits limits = {.topic = {.per_s = per_s, .burst = burst}};
    assert_int_equal(tt_bus_limit(bus_of(owner), TT_TOPIC_MARKET_BAR, &limits), TUTTI_OK);
}

static const tt_msg *first_msg(const tt_engine *owner)
{
    return tt_bus_outbox_next(tt_engine_bus(owner), NULL);
}

static void an_input_beyond_a_limit_is_refused_as_others_are(void **state)
{
    (void)state;
    limit_bars(engine, 1, 2);
    tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    stub_step(engine, &input);
    stub.log[0] = 0;
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_INVALID);
    assert_string_equal(stub.log, "");
    const tt_msg *msg = first_msg(engine);
    assert_null(tt_bus_outbox_next(tt_engine_bus(engine), msg));
    assert_int_equal(msg->flags, TT_MSG_INPUT);
    const tt_dead_letter *letter = TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->reason, TT_dead_reason_RATE_LIMIT);
    assert_int_equal(letter->dead_topic, TT_TOPIC_MARKET_BAR);
    input.time.ns += TT_NS_PER_S - 1;
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_INVALID);
    input.time.ns += 1; // the time of the input counts, not that of the last step
    stub_step(engine, &input);
}

static void a_replay_with_refusals_of_rate_gives_the_same_bytes(void **state)
{
    (void)state;
    tt_engine *other = stub_engine();
    limit_bars(engine, 3, 2);
    limit_bars(other, 3, 2);
    uint32_t refused = 0;
    for (int i = 0; i < 40; i++) {
        const tt_input input = stub_bar_input(T0_NS + i * (TT_NS_PER_S / 7));
        refused += tt_engine_step(engine, &input) == TUTTI_INVALID;
        const tt_msg *first = first_msg(engine);
        const tt_input recorded = {
            .time = first->time,
            .topic = (tt_topic)first->topic,
            .source = (tt_source)first->source,
            .key = first->key,
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
    assert_true(refused > 10 && refused < 30);
    tt_engine_free(other);
}

static tutti_status fail_twice(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    return ++calls < 3 ? TUTTI_BUSY : TUTTI_OK;
}

static uint64_t subscribe_failing(const tt_bus_retry *retry)
{
    uint64_t id = 0;
    const tt_bus_subscription request = {
        .name = "failing",
        .topic = TT_TOPIC_MARKET_BAR,
        .handler = fail_twice,
        .retry = retry,
    };
    assert_int_equal(tt_bus_subscribe_to(bus_of(engine), &request, &id), TUTTI_OK);
    return id;
}

static void tick_at(int64_t time_ns)
{
    static const tt_clock tick = {.tick = 1};
    const tt_input input = {
        .time = {time_ns},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &tick,
        .payload_size = sizeof tick,
    };
    stub_step(engine, &input);
}

static void retries_run_on_the_timers_of_the_engine(void **state)
{
    (void)state;
    const tt_bus_retry retry = {.count = 2, .delay_ns = {TT_NS_PER_S, 2 * TT_NS_PER_S}};
    subscribe_failing(&retry);
    const tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(calls, 1);
    assert_int_equal(tt_engine_next_deadline(engine).ns, T0_NS + TT_NS_PER_S);
    tick_at(T0_NS + TT_NS_PER_S);
    assert_int_equal(calls, 2);
    assert_int_equal(tt_engine_next_deadline(engine).ns, T0_NS + 3 * TT_NS_PER_S);
    tick_at(T0_NS + 3 * TT_NS_PER_S);
    assert_int_equal(calls, 3);
    assert_int_equal(tt_bus_dead_count(tt_engine_bus(engine)), 0);
    static tt_engine_bus_status status;
    tt_engine_bus_status_get(engine, &status);
    assert_int_equal(status.failures.retry_count, 0);
    assert_int_equal(status.recent.retried, 2);
}

static uint64_t read_stopwatch(void *ctx)
{
    return *(uint64_t *)ctx += 10;
}

static const tt_engine_handler *find(const tt_engine_bus_status *status, const char *name)
{
    for (uint32_t i = 0; i < status->handler_count; i++) {
        if (strcmp(status->handlers[i].name, name) == 0) {
            return &status->handlers[i];
        }
    }
    fail_msg("no handler %s", name);
    return NULL;
}

static void the_status_tells_handlers_lanes_and_times(void **state)
{
    (void)state;
    static tt_engine_bus_status status;
    uint64_t stopwatch = 0;
    tt_engine_config config = stub_config();
    teardown(NULL);
    config.bus.timing_sample = 1;
    config.bus.window_ms = 2000;
    assert_int_equal(tt_engine_new(&config, &engine, NULL), TUTTI_OK);
    subscribe_failing(NULL);
    tt_engine_set_stopwatch(engine, read_stopwatch, &stopwatch);
    const tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    tt_engine_bus_status_get(engine, &status);
    const tt_engine_handler *failing = find(&status, "failing");
    assert_int_equal(failing->topic, TT_TOPIC_MARKET_BAR);
    assert_int_equal(failing->failed, 1);
    assert_int_equal(failing->recent_failed, 1);
    assert_int_equal(failing->times.count, 1);
    assert_int_equal(failing->times.p50, 10);
    assert_int_equal(failing->times.max, 10);
    assert_int_equal(status.handler_count, tt_bus_subscriber_count(bus_of(engine), TT_TOPIC_NONE));
    assert_int_equal(status.handlers_left_out, 0);
    assert_int_equal(status.rest.count, 0);
    assert_int_equal(status.recent.failed, 1);
    assert_int_equal(status.window_ms, 2000);
    assert_int_equal(status.failures.dead_count, 1);
    uint8_t lane = tt_topic_info_get(TT_TOPIC_MARKET_BAR)->priority;
    assert_true(status.delays[lane].count >= 1 && status.delays[lane].max >= 10);
    assert_true(status.lanes[lane].high_water >= 1);
    assert_int_equal(status.lanes[lane].max, 8192);
    tick_at(T0_NS + 2 * TT_NS_PER_S);
    tt_engine_bus_status_get(engine, &status);
    assert_int_equal(status.recent.failed, 0);
    assert_int_equal(find(&status, "failing")->recent_failed, 0);
    assert_int_equal(find(&status, "failing")->failed, 1);
}

static void a_sample_of_zero_measures_nothing(void **state)
{
    (void)state;
    uint64_t stopwatch = 0;
    tt_engine_set_stopwatch(engine, read_stopwatch, &stopwatch);
    const tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(stopwatch, 0);
}

static void ignore_reply(void *ctx, tt_bus *bus, const tt_bus_reply *reply)
{
    (void)ctx;
    (void)bus;
    (void)reply;
}

static void the_status_tells_requests(void **state)
{
    (void)state;
    static tt_engine_bus_status status;
    uint64_t asker = 0;
    const tt_bus_subscription subscription = {
        .name = "asker", .reply = ignore_reply, .address = TT_SOURCE_STRATEGY};
    assert_int_equal(tt_bus_subscribe_to(bus_of(engine), &subscription, &asker), TUTTI_OK);
    const tt_clock payload = {0};
    const tt_bus_post post = {
        .topic = TT_TOPIC_CLOCK, .source = TT_SOURCE_STRATEGY, .payload = &payload};
    const tt_time deadline = {tt_engine_now(engine).ns + 1};
    assert_int_equal(tt_bus_request(bus_of(engine), &post, deadline, asker, 0, NULL), TUTTI_OK);
    tt_engine_bus_status_get(engine, &status);
    assert_int_equal(status.requests.requested, 1);
    assert_int_equal(status.requests.pending, 1);
    assert_int_equal(status.requests.timed_out, 0);
}

static void more_handlers_than_fit_are_counted(void **state)
{
    (void)state;
    static tt_engine_bus_status status;
    uint32_t before = tt_bus_subscriber_count(bus_of(engine), TT_TOPIC_NONE);
    for (uint32_t i = before; i < TT_ENGINE_HANDLERS_MAX + 2; i++) {
        tt_topic topic = i % 2 == 0 ? TT_TOPIC_FILLS : TT_TOPIC_CLOCK;
        assert_int_equal(
            tt_bus_subscribe(bus_of(engine), topic, "more", fail_twice, NULL), TUTTI_OK);
    }
    tt_engine_bus_status_get(engine, &status);
    assert_int_equal(status.handler_count, TT_ENGINE_HANDLERS_MAX);
    assert_int_equal(status.handlers_left_out, 2);
}

static void every_option_of_the_bus_reaches_it(void **state)
{
    (void)state;
    tt_engine_config config = stub_config();
    config.bus = (tt_bus_config){
        .outbox_bytes = 65536,
        .queue_messages = 17,
        .depth_max = 18,
        .history_scale_pct = 50,
        .keep_expired = true,
        .dead_max = 19,
        .dead_bytes = 8192,
        .idempotency_max = 20,
        .subscriptions_max = 65,
        .requests_max = 21,
        .blocked_max = 22,
        .retries_max = 23,
        .retry_bytes = 9000,
        .cares_max = 24,
        .quarantine_after = 25,
        .probe_ms = 2500,
        .window_ms = 2600,
        .timing_sample = 27,
        .timings_max = 28,
    };
    const tt_bus_options options = tt_engine_bus_options(&config);
    assert_int_equal(options.outbox_bytes, 65536);
    assert_int_equal(options.queue_messages, 17);
    assert_int_equal(options.depth_max, 18);
    assert_int_equal(options.history_scale_pct, 50);
    assert_true(options.keep_expired);
    assert_int_equal(options.dead_max, 19);
    assert_int_equal(options.dead_bytes, 8192);
    assert_int_equal(options.idempotency_max, 20);
    assert_int_equal(options.subscriptions_max, 65);
    assert_int_equal(options.requests_max, 21);
    assert_int_equal(options.blocked_max, 22);
    assert_int_equal(options.retries_max, 23);
    assert_int_equal(options.retry_bytes, 9000);
    assert_int_equal(options.cares_max, 24);
    assert_int_equal(options.quarantine_after, 25);
    assert_int_equal(options.probe_ms, 2500);
    assert_int_equal(options.window_ms, 2600);
    assert_int_equal(options.timings_max, 28);
    teardown(NULL);
    assert_int_equal(tt_engine_new(&config, &engine, NULL), TUTTI_OK);
    const tt_bus *bus = tt_engine_bus(engine);
    assert_int_equal(bus->subscriptions_max, 65);
    assert_int_equal(bus->requests_max, 21);
    assert_int_equal(bus->blocked_max, 22);
    assert_int_equal(bus->care_max, 24);
    assert_int_equal(bus->quarantine_after, 25);
    assert_int_equal(bus->probe_ns, 2500 * TT_NS_PER_MS);
    assert_int_equal(tt_bus_window_ms(bus), 2600);
    assert_non_null(bus->timers);
}

#define BUS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUS_TEST(an_input_beyond_a_limit_is_refused_as_others_are),
        BUS_TEST(a_replay_with_refusals_of_rate_gives_the_same_bytes),
        BUS_TEST(retries_run_on_the_timers_of_the_engine),
        BUS_TEST(the_status_tells_handlers_lanes_and_times),
        BUS_TEST(a_sample_of_zero_measures_nothing),
        BUS_TEST(the_status_tells_requests),
        BUS_TEST(more_handlers_than_fit_are_counted),
        BUS_TEST(every_option_of_the_bus_reaches_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
