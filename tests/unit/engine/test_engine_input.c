/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of inputs: head, payload, meaning of market data, lateness. Each rule has an input that
 * breaks it, and one at its edge that does not.
 *
 * Covers: engine_input.c engine_market.c
 */
#include "stub_modules.h"

static tt_engine *engine;

static int setup(void **state)
{
    (void)state;
    engine = stub_engine();
    const tt_input first = stub_bar_input(T0_NS);
    stub_step(engine, &first);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_engine_free(engine);
    return 0;
}

static void refuse_for(const tt_input *input, tt_dead_reason reason, const char *text)
{
    tt_time now = tt_engine_now(engine);
    tt_seq next = tt_bus_next_seq(tt_engine_bus(engine));
    assert_int_equal(tt_engine_step(engine, input), TUTTI_INVALID);
    assert_int_equal(tt_engine_now(engine).ns, now.ns);
    assert_int_equal(tt_bus_next_seq(tt_engine_bus(engine)), next + 1);
    const tt_msg *msg = tt_bus_outbox_next(tt_engine_bus(engine), NULL);
    const tt_dead_letter *letter = TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->reason, reason);
    assert_string_equal(letter->message, text);
}

static void refuse(const tt_input *input, const char *text)
{
    refuse_for(input, TT_dead_reason_INVALID_INPUT, text);
}

static void only_topics_of_inputs_may_enter(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS);
    input.topic = TT_TOPIC_FILLS;
    refuse(&input, "fills is no topic of inputs");
    input.topic = TT_TOPIC_NONE;
    refuse(&input, "an unknown number is no topic of inputs");
    input.topic = TT_TOPIC_COUNT;
    refuse(&input, "an unknown number is no topic of inputs");
    input.topic = (tt_topic)(0x10000u + TT_TOPIC_CLOCK); // must not be cut to 16 bits
    refuse(&input, "an unknown number is no topic of inputs");
}

static void the_head_is_checked(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS);
    input.source = TT_SOURCE_NONE;
    refuse(&input, "source 0 is unknown");
    input.source = TT_SOURCE_COUNT;
    char text[32];
    (void)snprintf(text, sizeof text, "source %d is unknown", (int)TT_SOURCE_COUNT);
    refuse(&input, text);
    input = stub_bar_input(T0_NS);
    input.key = 0;
    refuse(&input, "there is no instrument 0 (from 1 to 2)");
    input.key = 2;
    stub_step(engine, &input);
    input = stub_bar_input(-1);
    refuse(&input, "the time is out of range (from 1970 to 2199)");
    input.time.ns = TT_TIME_MAX.ns + 1;
    refuse(&input, "the time is out of range (from 1970 to 2199)");
    input = stub_bar_input(T0_NS);
    input.cause = tt_bus_next_seq(tt_engine_bus(engine));
    refuse(&input, "the cause 10 is no message yet");
    input.cause = tt_bus_next_seq(tt_engine_bus(engine)) - 1;
    stub_step(engine, &input);
    input.payload = NULL;
    refuse(&input, "market_data.bar: there is no payload");
}

static void inputs_that_are_no_market_data_need_no_instrument(void **state)
{
    (void)state;
    const tt_clock clock = {.tick = 1};
    tt_input input = {
        .time = {T0_NS},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &clock,
        .payload_size = sizeof clock,
    };
    stub_step(engine, &input);
    input.key = 3;
    refuse(&input, "there is no instrument 3 (from 1 to 2)");
}

static void the_payload_is_checked(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS);
    stub_bar()->reserved[0] = 1;
    refuse(&input, "bar.reserved: reserved bytes are in use (zero them)");
    input = stub_bar_input(T0_NS);
    input.payload_size--;
    refuse(&input, "bar: the payload has 111 bytes (from 112 to 112)");
}

static tt_price price(int64_t units)
{
    return (tt_price){tt_dec_from_i64(units, 0)};
}

static tt_qty qty(int64_t units)
{
    return (tt_qty){tt_dec_from_i64(units, 0)};
}

static void a_bar_must_make_sense(void **state)
{
    (void)state;
    const tt_input input = stub_bar_input(T0_NS);
    tt_bar *bar = stub_bar(); // 10 12 9 11
    bar->high = price(11);
    bar->low = price(10);
    stub_step(engine, &input); // high == close, low == open
    bar->high = (tt_price){(tt_dec){price(11).d.v - 1}};
    refuse(&input, "bar.high: below open or close (at least both)");
    bar = stub_bar();
    bar->low = (tt_price){(tt_dec){price(10).d.v + 1}};
    refuse(&input, "bar.low: above open or close (at most both)");
    bar = stub_bar();
    bar->low = price(0);
    refuse(&input, "bar: a price is not positive (all four prices above 0)");
    bar = stub_bar();
    bar->open = price(-1);
    refuse(&input, "bar: a price is not positive (all four prices above 0)");
    bar = stub_bar();
    bar->volume = qty(-1);
    refuse(&input, "bar.volume: negative (0 or more)");
    (void)stub_bar();
    stub_step(engine, &input);
}

static void a_quote_must_make_sense(void **state)
{
    (void)state;
    tt_quote quote = {.bid = price(10), .ask = price(10)};
    tt_input input = stub_bar_input(T0_NS);
    input.topic = TT_TOPIC_MARKET_QUOTE;
    input.payload = &quote;
    input.payload_size = sizeof quote;
    stub_step(engine, &input); // locked
    quote.ask.d.v--;
    refuse(&input, "quote.bid: above the ask (at most the ask)");
    quote.ask = price(0); // no ask
    stub_step(engine, &input);
    quote.bid = price(-1);
    refuse(&input, "quote: a price is negative (above 0, or 0 for no price)");
    quote = (tt_quote){.bid = price(1), .ask_qty = qty(-1)};
    refuse(&input, "quote: a quantity is negative (0 or more)");
}

static void a_trade_must_make_sense(void **state)
{
    (void)state;
    tt_trade trade = {.price = price(1)};
    tt_input input = stub_bar_input(T0_NS);
    input.topic = TT_TOPIC_MARKET_TRADE;
    input.payload = &trade;
    input.payload_size = sizeof trade;
    stub_step(engine, &input);
    trade.qty = qty(-1);
    refuse(&input, "trade.qty: negative (0 or more)");
    trade.price = price(0);
    refuse(&input, "trade.price: not positive (above 0)");
}

static void every_level_of_a_depth_must_make_sense(void **state)
{
    (void)state;
    tt_depth depth = {.count = 2};
    depth.levels[0] = (tt_depth_level){.price = price(1), .side = TT_side_BUY};
    depth.levels[1] = depth.levels[0];
    tt_input input = stub_bar_input(T0_NS);
    input.topic = TT_TOPIC_MARKET_DEPTH;
    input.payload = &depth;
    input.payload_size = 48 + 2 * 48;
    stub_step(engine, &input);
    depth.levels[1].qty = qty(-1);
    refuse(&input, "depth.levels: a quantity is negative (0 or more)");
    depth.levels[1].qty = qty(0);
    depth.levels[1].side = TT_side_NONE;
    refuse(&input, "depth.levels: a level has no side (buy or sell)");
    depth.levels[1].price = price(0);
    refuse(&input, "depth.levels: a price is not positive (above 0)");
    depth.count = 1; // the bad one is not used
    stub_step(engine, &input);
}

static void what_is_older_than_its_ttl_is_too_late(void **state)
{
    (void)state;
    tt_input input = stub_bar_input(T0_NS - 300 * TT_NS_PER_S); // the engine is at T0
    stub_step(engine, &input);
    input.time.ns--;
    refuse_for(
        &input,
        TT_dead_reason_EXPIRED,
        "market_data.bar: the input is too late (at most 300000 ms behind the engine)");
    const tt_venue_report report = {.kind = TT_report_kind_ACCEPTED};
    input.topic = TT_TOPIC_VENUE_REPORTS; // what the venue says never expires
    input.time.ns = 0;
    input.payload = &report;
    input.payload_size = sizeof report;
    stub_step(engine, &input);
}

#define ENGINE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(only_topics_of_inputs_may_enter),
        ENGINE_TEST(the_head_is_checked),
        ENGINE_TEST(inputs_that_are_no_market_data_need_no_instrument),
        ENGINE_TEST(the_payload_is_checked),
        ENGINE_TEST(a_bar_must_make_sense),
        ENGINE_TEST(a_quote_must_make_sense),
        ENGINE_TEST(a_trade_must_make_sense),
        ENGINE_TEST(every_level_of_a_depth_must_make_sense),
        ENGINE_TEST(what_is_older_than_its_ttl_is_too_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
