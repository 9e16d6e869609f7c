/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread of the core, run on the thread of the test until it has nothing to do: which time
 * inputs get that are no market data, and when it tells that no entry works any more.
 */
#include "engine/engine.h"
#include "fixture.h"
#include "host/core_thread.h"

#include <stdatomic.h>

#define S TT_NS_PER_S

static const tt_time begin_time = {INT64_C(1700000040) * S};

/** A core with its hub, without the other threads. */
static struct world {
    tt_config *config;
    tt_hub hub;
    tt_engine *engine;
    tt_snapshot_box snapshots;
    tt_core_thread core;
    bool has_entry; /**< The next bar brings one. */
    tt_seq intent;  /**< What came of it: the first order. */
    tt_qty qty;     /**< Of that. */
    char client_order_id[48];
} world;

static tt_bus *bus_of(void)
{
    return (tt_bus *)(uintptr_t)tt_engine_bus(world.engine); // to subscribe, as a module would
}

/** Stands for agents, coordinator and risk: an entry that was approved. */
static tutti_status approve(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    if (!world.has_entry) {
        return TUTTI_OK;
    }
    world.has_entry = false;
    const tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(1, 0)},
        .entry_price = {tt_dec_from_i64(100, 0)},
        .reference_price = {tt_dec_from_i64(100, 0)},
        .stop_loss = {tt_dec_from_i64(90, 0)},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = TT_side_BUY,
        .leverage_after = 1,
    };
    const tt_bus_post post = {
        .topic = TT_TOPIC_RISK_VERDICTS,
        .source = TT_SOURCE_RISK,
        .key = msg->key,
        .payload = &verdict};
    return tt_bus_publish(bus, &post, NULL);
}

static tutti_status see_intent(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    if (world.intent == 0) {
        world.intent = msg->seq;
        world.qty = intent->qty;
        TT_TEXT_SET(world.client_order_id, intent->client_order_id);
    }
    return TUTTI_OK;
}

static int begin(void **state)
{
    static const char *const sets[] = {
        "api.enabled=false",
        "store.enabled=false",
        "market.aggregate_bars=false",
        "ma_cross.enabled=false",
        "health.interval=0",
        NULL};
    (void)state;
    tt_error error = {0};
    memset(&world, 0, sizeof world);
    world.config = fx_config(sets);
    fx_ok(tt_engine_new(&world.config->engine, &world.engine, &error), &error);
    assert_int_equal(tt_hub_init(&world.hub), TUTTI_OK);
    tt_paper_clock_start(
        &world.hub.clock, (tt_time){begin_time.ns + 7200 * S}, (tt_ratio){TT_DEC_C(1, 0)});
    atomic_store(&world.hub.market_ns, begin_time.ns);
    world.core.hub = &world.hub;
    world.core.engine = world.engine;
    world.core.instruments = &world.config->engine.instruments;
    world.core.snapshots = &world.snapshots;
    world.core.safe = begin_time;
    tt_core_watch_init(&world.core.watch, world.config, false, begin_time, tt_mono_ns());
    assert_int_equal(tt_core_thread_init(&world.core), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(bus_of(), TT_TOPIC_MARKET_BAR, "approve", approve, NULL), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(bus_of(), TT_TOPIC_ORDER_INTENTS, "see", see_intent, NULL), TUTTI_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tt_core_thread_fini(&world.core);
    tt_engine_free(world.engine);
    tt_hub_fini(&world.hub);
    free(world.config);
    return 0;
}

/** Works off all that waits. */
static void run(void)
{
    atomic_store(&world.hub.stop_core, 1);
    assert_null(tt_core_thread_run(&world.core));
    assert_int_equal(atomic_load(&world.hub.has_failed), 0);
}

static void
send_market(tt_topic topic, tt_source source, tt_time at, const void *payload, uint32_t size)
{
    const tt_input input = {
        .time = at,
        .topic = topic,
        .source = source,
        .key = topic == TT_TOPIC_FEED_EVENTS ? 0 : 1,
        .payload = payload,
        .payload_size = size};
    assert_true(tt_hub_push_input(&world.hub.market_in, &input));
}

static void send_bar(tt_time at)
{
    static uint64_t feed_seq;
    const tt_price price = {tt_dec_from_i64(100, 0)};
    const tt_bar bar = {
        .open = price,
        .high = price,
        .low = price,
        .close = price,
        .interval_s = 60,
        .open_time = {at.ns - 60 * S},
        .feed_seq = ++feed_seq};
    send_market(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, at, &bar, sizeof bar);
}

static void send_command(tt_topic topic, tt_source source, const void *payload, uint32_t size)
{
    const tt_input input = {
        .topic = topic, .source = source, .payload = payload, .payload_size = size};
    assert_true(tt_hub_push_command(&world.hub.commands_in, &input));
}

static void send_session(tt_session_event_type event)
{
    const tt_session_event session = {.event = (uint8_t)event, .mode = TT_mode_PAPER};
    send_command(TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, &session, sizeof session);
}

static void send_report(tt_report_kind kind)
{
    tt_venue_report report = {.order_id = world.intent, .kind = (uint8_t)kind};
    if (kind == TT_report_kind_FILL) {
        report.price = (tt_price){tt_dec_from_i64(100, 0)};
        report.qty = world.qty;
        report.cumulative_qty = world.qty;
        report.exec_id = 1;
    }
    TT_TEXT_SET(report.client_order_id, world.client_order_id);
    send_market(
        TT_TOPIC_VENUE_REPORTS,
        TT_SOURCE_VENUE,
        (tt_time){begin_time.ns + 61 * S},
        &report,
        sizeof report);
}

static int64_t time_of_latest(tt_topic topic)
{
    const tt_msg *msg = tt_bus_history(bus_of(), topic, NULL);
    assert_non_null(msg);
    return msg->time.ns;
}

static bool is_withdrawn(void)
{
    return atomic_load(&world.hub.entries_withdrawn) != 0;
}

/** Market data that waits is older than the moment at which a command is taken: the command must
 * not make it late. */
static void a_command_waits_in_time_for_market_data(void **state)
{
    (void)state;
    const tt_coordinator_command resume = {.command = TT_command_RESUME, .actor = "test"};
    const int64_t bar_ns = begin_time.ns + 60 * S;
    atomic_store(&world.hub.market_ns, begin_time.ns + 3600 * S);
    send_bar((tt_time){bar_ns});
    send_command(TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, &resume, sizeof resume);
    run();
    assert_int_equal(time_of_latest(TT_TOPIC_COORDINATOR_COMMANDS), begin_time.ns);
    assert_int_equal(time_of_latest(TT_TOPIC_MARKET_BAR), bar_ns);
    // Nothing waits any more: the time is that up to which market data has been delivered.
    send_command(TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, &resume, sizeof resume);
    run();
    assert_int_equal(time_of_latest(TT_TOPIC_COORDINATOR_COMMANDS), begin_time.ns + 3600 * S);
    // Market data itself says how far it is.
    const int64_t later_ns = begin_time.ns + 7200 * S;
    send_bar((tt_time){later_ns});
    run();
    assert_int_equal(world.core.safe.ns, later_ns);
    // And it never goes back.
    atomic_store(&world.hub.market_ns, begin_time.ns + 1800 * S);
    send_command(TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, &resume, sizeof resume);
    run();
    assert_int_equal(world.core.safe.ns, later_ns);
}

static void nothing_is_withdrawn_before_a_stop(void **state)
{
    (void)state;
    send_bar((tt_time){begin_time.ns + 60 * S});
    run();
    assert_false(is_withdrawn());
    send_session(TT_session_event_type_STOPPING);
    run();
    assert_true(is_withdrawn());
}

/** An entry works at the exchange until the exchange says that it does not. */
static void an_entry_at_the_exchange_is_waited_for(void **state)
{
    (void)state;
    world.has_entry = true;
    send_bar((tt_time){begin_time.ns + 60 * S});
    run();
    assert_true(world.intent > 0);
    send_session(TT_session_event_type_STOPPING);
    run();
    assert_false(is_withdrawn());
    atomic_store(&world.hub.durable_seq, UINT64_MAX); // the order goes, and its cancel
    run();
    assert_true(tt_ring_is_empty(&world.core.effects));
    assert_false(is_withdrawn());
    send_report(TT_report_kind_CANCELLED);
    run();
    assert_true(is_withdrawn());
}

/** The entry is over, but what was to be sent has not been sent: it could still be. */
static void what_is_not_sent_is_waited_for(void **state)
{
    (void)state;
    world.has_entry = true;
    send_bar((tt_time){begin_time.ns + 60 * S});
    send_session(TT_session_event_type_STOPPING);
    run();
    send_report(TT_report_kind_REJECTED);
    run();
    assert_false(tt_ring_is_empty(&world.core.effects));
    assert_false(is_withdrawn());
    atomic_store(&world.hub.durable_seq, UINT64_MAX);
    run();
    assert_true(is_withdrawn());
}

/** What the end of the data closes is known only when the end has been stepped. */
static void the_end_of_the_data_is_waited_for(void **state)
{
    (void)state;
    world.core.closes_at_end = true;
    atomic_store(&world.hub.data_ended, 1);
    send_session(TT_session_event_type_STOPPING);
    run();
    assert_false(is_withdrawn());
    const tt_feed_event ended = {.event = TT_feed_event_type_END_OF_DATA};
    send_market(
        TT_TOPIC_FEED_EVENTS,
        TT_SOURCE_FEED,
        (tt_time){begin_time.ns + 60 * S},
        &ended,
        sizeof ended);
    run();
    assert_true(is_withdrawn());
}

/** Brings about an open position, a stop, and the end of the data. */
static void end_with_a_position(bool closes_at_end)
{
    world.core.closes_at_end = closes_at_end;
    atomic_store(&world.hub.data_ended, 1);
    atomic_store(&world.hub.durable_seq, UINT64_MAX);
    world.has_entry = true;
    send_bar((tt_time){begin_time.ns + 60 * S});
    run();
    send_report(TT_report_kind_ACCEPTED);
    send_report(TT_report_kind_FILL);
    run();
    const tt_feed_event ended = {.event = TT_feed_event_type_END_OF_DATA};
    send_market(
        TT_TOPIC_FEED_EVENTS,
        TT_SOURCE_FEED,
        (tt_time){begin_time.ns + 62 * S},
        &ended,
        sizeof ended);
    send_session(TT_session_event_type_STOPPING);
    run();
    assert_true(world.core.has_ended);
    assert_int_equal(world.core.status.engine.trade.account.open_positions, 1);
}

static void what_the_end_closes_is_waited_for(void **state)
{
    (void)state;
    end_with_a_position(true);
    assert_false(is_withdrawn());
}

static void what_the_end_does_not_close_is_not_waited_for(void **state)
{
    (void)state;
    end_with_a_position(false);
    assert_true(is_withdrawn());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_command_waits_in_time_for_market_data, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_withdrawn_before_a_stop, begin, end),
        cmocka_unit_test_setup_teardown(an_entry_at_the_exchange_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_sent_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(the_end_of_the_data_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(what_the_end_closes_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(what_the_end_does_not_close_is_not_waited_for, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
