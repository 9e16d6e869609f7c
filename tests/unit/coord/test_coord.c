/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The coordinator as a whole: set-up, memory, transitions.
 *
 * Covers: coord_task.c coord_memory.c coord_publish.c
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void configuration_check(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    tt_error error = {0};
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);

    tt_coord_config config = desk.config;
    config.consensus.low_agreement_threshold = RATIO("0.66");
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_OK);
    config.consensus.low_agreement_threshold = RATIO("0.67");
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "low_agreement_threshold is above"));

    config = desk.config;
    config.degradation.max_failures = 9;
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_OK);
    config.degradation.max_failures = 8;
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "needs at least 9"));

    config = desk.config;
    config.emergency.close_retry_max = config.emergency.close_retry;
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_OK);
    config.emergency.close_retry_max.ns--;
    assert_int_equal(tt_coord_config_check(&config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "close_retry_max is below"));
}

/* Everything that setup takes may be missing: each time a status, and nothing half done is used. */
static void setup_fails_cleanly(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    tt_coord *second = NULL;
    assert_int_equal(tt_coord_setup(&desk.core, &desk.config, &desk.arena, &second), TUTTI_EXISTS);
    assert_null(second);
    desk.config.degradation.max_failures = 1;
    assert_int_equal(tt_coord_setup(&desk.core, &desk.config, &desk.arena, &second), TUTTI_INVALID);
    desk.config.degradation.max_failures = 12;
    tt_core core = {.bus = desk.core.bus, .timers = desk.core.timers};
    core.instruments = &desk.instruments;
    bool has_failed = false;
    for (size_t size = 0; size < 32768; size += 64) {
        unsigned char *block = calloc(1, size + 64);
        assert_non_null(block);
        tt_arena arena = {.block = block, .size = size};
        core.region_count = 0;
        tutti_status status = tt_coord_setup(&core, &desk.config, &arena, &second);
        has_failed = has_failed || status == TUTTI_NO_MEMORY;
        free(block);
        if (status != TUTTI_NO_MEMORY) {
            break;
        }
    }
    assert_true(has_failed);
    desk_close(&desk);
}

static void status_of_a_fresh_coordinator(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    tt_coord_status status = desk_status(&desk);
    assert_int_equal(status.total_task_runs, 0);
    assert_int_equal(status.total_signals, 0);
    assert_int_equal(status.total_conflicts_detected, 0);
    assert_int_equal(status.total_conflicts_resolved, 0);
    assert_int_equal(status.total_trades_routed, 0);
    assert_int_equal(status.consecutive_llm_failures, 0);
    assert_int_equal(status.consecutive_api_failures, 0);
    assert_int_equal(status.state, TT_coordinator_state_RUNNING);
    assert_int_equal(status.degradation, TT_degradation_NORMAL);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        assert_int_equal(status.tasks[i].enabled, i != TT_task_SENTIMENT_ANALYSIS);
        assert_int_equal(status.tasks[i].last_run.ns, 0);
        assert_int_equal(status.tasks[i].next_run.ns, 0);
    }
    desk_close(&desk);
}

/* A status page tells when what ran last and runs next, over all symbols. */
static void status_of_schedules(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    tt_time start = desk.now;
    desk_live(&desk, 7);
    tt_coord_status status = desk_status(&desk);
    assert_int_equal(
        status.tasks[TT_task_REGIME_DETECTION].last_run.ns, start.ns + 300 * TT_NS_PER_S);
    assert_int_equal(
        status.tasks[TT_task_REGIME_DETECTION].next_run.ns, start.ns + 600 * TT_NS_PER_S);
    assert_int_equal(status.tasks[TT_task_REGIME_DETECTION].runs, 2);
    assert_int_equal(status.tasks[TT_task_TRADING_DECISION].last_run.ns, 0);
    assert_int_equal(
        status.tasks[TT_task_TRADING_DECISION].next_run.ns, start.ns + 3600 * TT_NS_PER_S);
    assert_int_equal(status.tasks[TT_task_SENTIMENT_ANALYSIS].next_run.ns, 0);
    assert_int_equal(status.tasks[TT_task_TA_ANALYSIS].runs, 14);
    desk_close(&desk);
}

/* Messages about a symbol that is not configured are refused, not stored beyond the end. */
static void unknown_symbols_are_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, 3, TT_bias_LONG, "0.7");
    desk_regime(&desk, 0, TT_regime_CHOPPY, "0.7");
    desk_sentiment(&desk, 64, TT_sentiment_bias_BULLISH, "0.7");
    desk_position(&desk, 3, "1");
    desk_bar(&desk, 3);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 5);
    desk_close(&desk);
}

/* The regions hold everything and no padding: each byte is a field's. */
static void regions_are_registered(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    static const char *const names[] = {
        "coord.state", "coord.slots", "coord.symbols", "coord.waiting", "coord.counts"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool is_found = false;
        for (uint32_t region = 0; region < desk.core.region_count; region++) {
            is_found = is_found || strcmp(desk.core.regions[region].name, names[i]) == 0;
        }
        assert_true(is_found);
    }
    desk_close(&desk);
}

/* What the bus cannot take is sequence number 0 and a dead letter, and the next message gets
 * through when there is room again. */
static void what_is_refused_is_number_zero(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_bus_limits once = {.topic = {.per_s = 1, .burst = 1}};
    assert_int_equal(tt_bus_limit(desk.core.bus, TT_TOPIC_NOTIFICATIONS, &once), TUTTI_OK);
    const tt_notification note = {.severity = TT_severity_INFO, .message = "of the test"};
    const tt_uuid correlation = {{7}};
    desk_wait(&desk, "10"); // Each of the two has its room.
    tt_bus_begin(desk.core.bus, desk.now);
    tt_seq first = tt_coord_publish(desk.coord, TT_TOPIC_NOTIFICATIONS, XRP, &note);
    const tt_msg *latest = tt_bus_outbox_next(desk.core.bus, NULL);
    assert_non_null(latest);
    assert_int_equal(latest->topic, TT_TOPIC_NOTIFICATIONS);
    assert_int_equal(latest->source, TT_SOURCE_COORDINATOR);
    assert_int_equal(latest->key, XRP);
    assert_true(first != 0 && first == latest->seq);
    uint32_t dead = tt_bus_dead_count(desk.core.bus);
    assert_int_equal(tt_coord_publish(desk.coord, TT_TOPIC_NOTIFICATIONS, XRP, &note), 0);
    assert_int_equal(
        tt_coord_publish_as(
            desk.coord, TT_TOPIC_NOTIFICATIONS, TT_SOURCE_COORDINATOR, XRP, &note, &correlation),
        0);
    tt_bus_run(desk.core.bus);
    assert_int_equal(tt_bus_dead_count(desk.core.bus), dead + 2);
    desk.now.ns += TT_NS_PER_S;
    tt_bus_begin(desk.core.bus, desk.now);
    tt_seq second = tt_coord_publish_as(
        desk.coord, TT_TOPIC_NOTIFICATIONS, TT_SOURCE_COORDINATOR, ETH, &note, &correlation);
    latest = tt_bus_outbox_next(desk.core.bus, NULL);
    assert_non_null(latest);
    assert_true(second > first && second == latest->seq);
    assert_memory_equal(&latest->correlation, &correlation, sizeof correlation);
    tt_bus_run(desk.core.bus);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_check),
        cmocka_unit_test(setup_fails_cleanly),
        cmocka_unit_test(status_of_a_fresh_coordinator),
        cmocka_unit_test(status_of_schedules),
        cmocka_unit_test(unknown_symbols_are_refused),
        cmocka_unit_test(regions_are_registered),
        cmocka_unit_test(what_is_refused_is_number_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
