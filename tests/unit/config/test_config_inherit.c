/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Items that are as their section in what they do not name.
 */
#include "config_fixture.h"

#include <stdlib.h>

#define ROW0 (&config.engine.trade.symbol_exits[0])

static void assert_pct(tt_ratio actual, int64_t integer, int digits)
{
    assert_true(tt_dec_eq(actual.d, tt_dec_from_i64(integer, digits)));
}

/* The row stands before what it takes; whatever stands above the file counts for it as well. */
static void what_is_not_named_is_as_in_the_section(void **state)
{
    (void)state;
    static const char text[] =
        ONE_INSTRUMENT "exits:\n"
                       "  symbols:\n"
                       "    - {symbol: BTC/USDT, max_hold: 0, ladder: true}\n"
                       "  max_hold: 600\n"
                       "  trailing_stop: true\n"
                       "  trailing_distance_pct: 2.5\n"
                       "  ladder: {share_1_pct: 20}\n";
    const char *const environment[] = {"TUTTI__EXITS__BREAK_EVEN_AT_PCT=3", NULL};
    const char *const sets[] = {"exits.ladder.at_3_pct=80", "exits.trailing_activation_pct=0.5"};
    const tt_config_overrides overrides = {
        .environment = environment, .sets = sets, .set_count = 2};
    assert_int_equal(
        tt_config_load_text(text, strlen(text), &overrides, &config, &error), TUTTI_OK);
    assert_int_equal(config.engine.trade.symbol_exits_count, 1);
    assert_string_equal(ROW0->symbol, "BTC/USDT");
    assert_int_equal(ROW0->max_hold.ns, 0); // Named, though it is the default.
    assert_true(ROW0->ladder);
    assert_true(ROW0->trailing_stop);
    assert_pct(ROW0->trailing_distance_pct, 25, 1);
    assert_pct(ROW0->trailing_activation_pct, 5, 1);
    assert_pct(ROW0->break_even_at_pct, 3, 0);
    assert_pct(ROW0->ladder_share_1_pct, 20, 0);
    assert_pct(ROW0->ladder_at_3_pct, 80, 0);
    assert_false(config.engine.trade.ladder.enabled);
}

/* What was written down is complete, and comes back the same. */
static void a_row_survives_being_written(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "exits: {max_hold: 600, symbols: [{symbol: BTC/USDT}]}\n");
    char *text = NULL;
    char *again = NULL;
    assert_int_equal(tt_config_render(&config, &text, &error), TUTTI_OK);
    assert_non_null(strstr(text, "- symbol: \"BTC/USDT\"\n"));
    assert_int_equal(tt_config_parse_text(text, strlen(text), &config, &error), TUTTI_OK);
    assert_int_equal(ROW0->max_hold.ns, 600 * TT_NS_PER_S);
    assert_int_equal(tt_config_render(&config, &again, &error), TUTTI_OK);
    assert_string_equal(text, again);
    free(text);
    free(again);
}

static void show_says_where_a_value_comes_from(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "exits:\n  symbols:\n    - {symbol: BTC/USDT, max_hold: 5}\n");
    char *text = NULL;
    assert_int_equal(tt_config_render_origins(&config, &text, &error), TUTTI_OK);
    assert_non_null(strstr(text, "- symbol: \"BTC/USDT\" # file, line 7\n"));
    assert_non_null(strstr(text, "max_hold: 5 # file, line 7\n"));
    assert_non_null(strstr(text, "ladder: false # as exits.ladder.enabled\n"));
    assert_non_null(strstr(text, "ladder_at_2_pct: 50 # as exits.ladder.at_2_pct\n"));
    assert_non_null(strstr(text, "break_even: false # as exits.break_even\n"));
    free(text);
}

static void rows_are_checked(void **state)
{
    (void)state;
    assert_refused(
        ONE_INSTRUMENT "exits:\n  symbols:\n    - {symbol: ETH/USDT}\n",
        TUTTI_INVALID,
        "configuration:7:7: exits.symbols[0].symbol: ETH/USDT is no instrument",
        "name one of the section instruments");
    assert_refused(
        ONE_INSTRUMENT "exits:\n  symbols:\n    - {symbol: BTC/USDT}\n    - {symbol: BTC/USDT}\n",
        TUTTI_INVALID,
        "configuration:8:7: exits.symbols[1].symbol: BTC/USDT has a row already",
        "put all keys of a symbol into one row");
    assert_refused(
        ONE_INSTRUMENT
        "exits:\n  symbols:\n    - {symbol: BTC/USDT, time_limit: 11, max_hold: 10}\n",
        TUTTI_INVALID,
        "configuration:7:7: exits.symbols[0].time_limit must be at most exits.symbols[0].max_hold",
        "a longer limit would never act");
    // Each part may be right for itself: what was taken over counts.
    assert_refused(
        ONE_INSTRUMENT "exits:\n  break_even: true\n  symbols:\n    - {symbol: BTC/USDT, "
                       "break_even_at_pct: 0.1}\n",
        TUTTI_INVALID,
        "configuration:8:7: exits.symbols[0].break_even_buffer_pct must be less than "
        "break_even_at_pct",
        "else the stop would stand beyond the price that moves it");
    assert_refused(
        ONE_INSTRUMENT "exits:\n  symbols:\n    - {symbol: BTC/USDT, trailing_distance_pct: 100}\n",
        TUTTI_RANGE,
        "configuration:7:49: exits.symbols[0].trailing_distance_pct: `100` is too large",
        "write a number from 0.01 to 99");
    assert_refused(
        ONE_INSTRUMENT "exits:\n  symbols:\n    - {max_hold: 5}\n",
        TUTTI_INVALID,
        "configuration:7:7: exits.symbols[0]: the key `symbol` is missing",
        "Symbol of the instrument that the row is about.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_named_is_as_in_the_section),
        cmocka_unit_test(a_row_survives_being_written),
        cmocka_unit_test(show_says_where_a_value_comes_from),
        cmocka_unit_test(rows_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
