/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Broken sums stop the engine: it says so in the journal and takes nothing more.
 */
#include "stub_modules.h"

static void expect_stop(tt_engine *engine)
{
    tt_input input = stub_bar_input(T0_NS);
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_STATE);
    const tt_bus *bus = tt_engine_bus(engine);
    const tt_msg *event = tt_bus_history(bus, TT_TOPIC_SYSTEM_EVENTS, NULL);
    const tt_system_event *body = TT_PAYLOAD(event, SYSTEM_EVENTS, system_event);
    assert_int_equal(body->event, TT_system_event_type_INVARIANT_BROKEN);
    assert_int_equal(body->severity, TT_severity_CRITICAL);
    assert_string_equal(
        body->message, "account record 2: balance and equity are not the sums of their parts");
    assert_int_equal(event->source, TT_SOURCE_ENGINE);
    assert_int_equal(event->cause, 1);
    assert_non_null(tt_bus_history(bus, TT_TOPIC_NOTIFICATIONS, NULL));
    tt_engine_status status;
    tt_engine_status_get(engine, &status);
    assert_true(status.is_stopped);
    tt_seq next = tt_bus_next_seq(bus);
    stub.breaks_balance = false;
    stub.breaks_equity = false;
    assert_int_equal(tt_engine_step(engine, &input), TUTTI_STATE);
    assert_int_equal(tt_bus_next_seq(bus), next);
}

static void sums_that_hold_pass(void **state)
{
    (void)state;
    tt_engine *engine = stub_engine();
    const tt_input input = stub_bar_input(T0_NS);
    stub_step(engine, &input);
    assert_int_equal(tt_bus_next_seq(tt_engine_bus(engine)), 3);
    tt_engine_free(engine);
}

static void a_balance_that_is_no_sum_stops_the_engine(void **state)
{
    (void)state;
    tt_engine *engine = stub_engine();
    stub.breaks_balance = true; // equity still is balance + unrealised
    expect_stop(engine);
    tt_engine_free(engine);
}

static void an_equity_that_is_no_sum_stops_the_engine(void **state)
{
    (void)state;
    tt_engine *engine = stub_engine();
    stub.breaks_equity = true;
    expect_stop(engine);
    tt_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_that_hold_pass),
        cmocka_unit_test(a_balance_that_is_no_sum_stops_the_engine),
        cmocka_unit_test(an_equity_that_is_no_sum_stops_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
