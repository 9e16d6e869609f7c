/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the tree to the configuration: each kind of error, with its exact place and words.
 */
#include "config_fixture.h"

#define PLACE "configuration:"

static void unknown_names(void **state)
{
    (void)state;
    assert_refused(
        ONE_INSTRUMENT "rsk:\n  x: 1\n",
        TUTTI_NOT_FOUND,
        PLACE "5:1: there is no key `rsk`",
        "did you mean `risk`?");
    assert_refused(
        ONE_INSTRUMENT "risk:\n  max_levrage: 3\n",
        TUTTI_NOT_FOUND,
        PLACE "6:3: risk: there is no key `max_levrage`",
        "did you mean `max_leverage`?");
    assert_refused(
        ONE_INSTRUMENT "run: {seed: 1, initial_balance: 5}\n",
        TUTTI_NOT_FOUND,
        PLACE "5:16: run: there is no key `initial_balance`",
        "`initial_balance` belongs to the section `account`");
    assert_refused(
        ONE_INSTRUMENT "coordinator:\n  schedules:\n    wibble: {}\n",
        TUTTI_NOT_FOUND,
        PLACE "7:5: coordinator.schedules: there is no key `wibble`",
        "allowed here: ta_analysis, regime_detection, sentiment_analysis, trading_decision, "
        "portfolio_check");
    assert_refused(
        ONE_INSTRUMENT "    colour: red\n",
        TUTTI_NOT_FOUND,
        PLACE "5:5: instruments[0]: there is no key `colour`",
        "allowed here: symbol, price_increment, qty_increment, min_qty, min_notional, "
        "maker_fee_rate, taker_fee_rate, max_leverage, "
        "maintenance_margin_rate, bar_interval_s");
}

static void very_long_names(void **state)
{
    (void)state;
    char text[400];
    (void)snprintf(text, sizeof text, "%.0d%0200d: 1\n", 0, 0);
    assert_int_equal(load(text), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, PLACE "1:1: there is no key `000000"));
    (void)snprintf(text, sizeof text, "risk:\n  %0200d: 1\n", 0);
    assert_int_equal(load(text), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, PLACE "2:3: risk: there is no key `000000"));
}

static void repeated_names(void **state)
{
    (void)state;
    assert_refused(
        ONE_INSTRUMENT "run:\n  seed: 1\n  name: x\n  seed: 1\n",
        TUTTI_EXISTS,
        PLACE "8:3: seed: this key is given twice",
        "the first one stands in line 6");
    assert_refused(
        ONE_INSTRUMENT "instruments: []\n",
        TUTTI_EXISTS,
        PLACE "5:1: instruments: this key is given twice",
        "the first one stands in line 1");
    assert_refused(
        ONE_INSTRUMENT "    symbol: X\n",
        TUTTI_EXISTS,
        PLACE "5:5: symbol: this key is given twice",
        "the first one stands in line 2");
}

static void wrong_shapes(void **state)
{
    (void)state;
    assert_refused(
        ONE_INSTRUMENT "clock: 5\n",
        TUTTI_PARSE,
        PLACE "5:8: clock: a section must stand here: lines of `key: value`",
        "allowed here: speed");
    assert_refused(
        ONE_INSTRUMENT "clock: [1]\n",
        TUTTI_PARSE,
        PLACE "5:8: clock: a section must stand here: lines of `key: value`",
        "allowed here: speed");
    assert_refused(
        ONE_INSTRUMENT "clock:\n  speed: {a: 1}\n",
        TUTTI_PARSE,
        PLACE "6:3: clock.speed: a single value must stand here",
        "write a number from 0.001 to 1000000");
    assert_refused(
        ONE_INSTRUMENT "clock:\n  speed:\n",
        TUTTI_PARSE,
        PLACE "6:3: clock.speed: the value is missing",
        "write a number from 0.001 to 1000000");
    assert_refused(
        ONE_INSTRUMENT "run: {name: ~}\n",
        TUTTI_PARSE,
        PLACE "5:7: run.name: the value is missing",
        "write text of at most 95 bytes");
    assert_refused(
        "7\n",
        TUTTI_PARSE,
        PLACE "1:1: a section must stand here: lines of `key: value`",
        "allowed here: run, clock, feed, csv, equity_ticks, synthetic, instruments, bus, market, "
        "ma_cross, coordinator, risk, account, orders, exits, portfolio, reconciliation, "
        "profit_bags, venue, agents, llm, journal, store, health, api");
}

static void wrong_lists(void **state)
{
    (void)state;
    const char *keys = "allowed here: symbol, price_increment, qty_increment, min_qty, "
                       "min_notional, maker_fee_rate, taker_fee_rate, max_leverage, "
                       "maintenance_margin_rate, bar_interval_s";
    assert_refused(
        "instruments: BTC/USDT\n",
        TUTTI_PARSE,
        PLACE "1:14: instruments: a list must stand here: items that begin with `-`",
        keys);
    assert_refused(
        "instruments:\n  symbol: BTC/USDT\n",
        TUTTI_PARSE,
        PLACE "2:3: instruments: a list must stand here: items that begin with `-`",
        keys);
    assert_refused(
        "instruments: [BTC/USDT]\n",
        TUTTI_PARSE,
        PLACE "1:15: instruments[0]: lines of `key: value` must stand here",
        keys);
    assert_refused(
        "instruments:\n  - symbol: BTC/USDT\n    price_increment: 1\n",
        TUTTI_INVALID,
        PLACE "2:5: instruments[0]: the key `qty_increment` is missing",
        "Lot: quantities are multiples of it.");
    assert_refused(
        ONE_INSTRUMENT "  - symbol: X\n    price_increment: 0\n",
        TUTTI_RANGE,
        PLACE "6:22: instruments[1].price_increment: `0` is too small",
        "write a number from 0.000000001 to 1000000000");
}

/* Text with `count` instruments. */
static void list_instruments(char *text, size_t size, int count)
{
    size_t length = (size_t)snprintf(text, size, "instruments:\n");
    for (int i = 0; i < count; i++) {
        length += (size_t)snprintf(
            text + length,
            size - length,
            "- {symbol: S%d/USDT, price_increment: 1, qty_increment: 1}\n",
            i);
    }
}

static void lists_have_a_largest_length(void **state)
{
    (void)state;
    char text[8192];
    list_instruments(text, sizeof text, TT_INSTRUMENTS_MAX);
    assert_loads(text);
    assert_int_equal(config.engine.instruments.count, TT_INSTRUMENTS_MAX);
    assert_string_equal(config.engine.instruments.list[63].symbol, "S63/USDT");
    assert_int_equal(config.engine.instruments.list[63].id.n, 64);
    list_instruments(text, sizeof text, TT_INSTRUMENTS_MAX + 1);
    assert_refused(text, TUTTI_LIMIT, PLACE "66:3: instruments: more than 64 items", "");
}

static void an_empty_file_lacks_an_instrument(void **state)
{
    (void)state;
    const char *message = "configuration: instruments: there must be at least one instrument";
    const char *hint = "add `instruments:` and below it `- symbol: BTC/USDT`, with price_increment "
                       "and qty_increment";
    assert_refused("", TUTTI_INVALID, message, hint);
    assert_refused("# nothing\n", TUTTI_INVALID, message, hint);
    assert_refused("---\n...\n", TUTTI_INVALID, message, hint);
    assert_refused("instruments:\n", TUTTI_INVALID, message, hint);
    assert_refused("instruments: []\n", TUTTI_INVALID, message, hint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(very_long_names),
        cmocka_unit_test(repeated_names),
        cmocka_unit_test(wrong_shapes),
        cmocka_unit_test(wrong_lists),
        cmocka_unit_test(lists_have_a_largest_length),
        cmocka_unit_test(an_empty_file_lacks_an_instrument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
