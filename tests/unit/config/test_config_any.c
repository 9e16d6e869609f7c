/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What another release recorded, read by those who only look: each thing that this release would
 * refuse is left out by itself and counted, its default stands there, and all else is taken.
 *
 * Covers: config.c config_apply.c
 */
#include "config_fixture.h"

/* Reads a text of another release; returns how much was left out. Who would run it is refused. */
static uint32_t left_out(const char *text)
{
    static tt_config strict;
    uint32_t count = UINT32_MAX;
    memset(&error, 0, sizeof error);
    assert_int_equal(tt_config_parse_any(text, strlen(text), &config, &count, &error), TUTTI_OK);
    assert_string_equal(error.message, "");
    tutti_status status = tt_config_parse_text(text, strlen(text), &strict, &error);
    assert_int_equal(status == TUTTI_OK, count == 0);
    return count;
}

static void what_this_release_wrote_comes_back(void **state)
{
    (void)state;
    static tt_config same;
    char *text = NULL;
    assert_loads(ONE_INSTRUMENT "risk: {max_leverage: 3}\n");
    assert_int_equal(tt_config_render(&config, &text, &error), TUTTI_OK);
    same = config;
    assert_int_equal(left_out(text), 0);
    assert_memory_equal(&same, &config, offsetof(tt_config, origins));
    free(text);
}

static void unknown_names_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(
        left_out(ONE_INSTRUMENT "run: {sed: 1, seed: 7}\n"
                                "astrology: {sign: aries, moon: {phase: full}}\n"
                                "risk: {max_leverage: 3, stars: [1, 2]}\n"),
        3);
    assert_int_equal(config.engine.seed, 7);
    assert_true(tt_dec_eq(config.engine.risk.limits.max_leverage.d, TT_DEC_C(3, 0)));
}

static void refused_values_leave_the_default(void **state)
{
    (void)state;
    assert_int_equal(
        left_out(ONE_INSTRUMENT "risk: {max_leverage: 900}\n"
                                "feed: {kind: telepathy}\n"
                                "run: {seed: many}\n"
                                "clock: {speed: [1]}\n"
                                "journal: fast\n"),
        5);
    assert_true(tt_dec_eq(config.engine.risk.limits.max_leverage.d, TT_DEC_C(5, 0)));
    assert_int_equal(config.engine.seed, 1);
    assert_int_equal(config.engine.instruments.count, 1);
}

static void items_of_lists_are_read_as_far_as_known(void **state)
{
    (void)state;
    assert_int_equal(
        left_out("instruments:\n"
                 "  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001, colour: red}\n"
                 "  - {symbol: ETH/USDT, price_increment: 0.01}\n"),
        2 + 1); // the key, the increment that is missing, and what the check says of it
    assert_int_equal(config.engine.instruments.count, 2);
    assert_string_equal(config.engine.instruments.list[0].symbol, "BTC/USDT");
    assert_string_equal(config.engine.instruments.list[1].symbol, "ETH/USDT");
    assert_true(tt_dec_eq(config.engine.instruments.list[1].price_increment.d, TT_DEC_C(1, 2)));
}

/* A list that is too long for this release could be kept in part, and would say something wrong. */
static void a_list_that_is_no_list_or_too_long_is_left_out_whole(void **state)
{
    (void)state;
    static char text[32768];
    size_t used =
        (size_t)snprintf(text, sizeof text, "%srisk:\n  correlation_pairs:\n", ONE_INSTRUMENT);
    for (int i = 0; i < 300; i++) {
        used += (size_t)snprintf(
            text + used,
            sizeof text - used,
            "    - {first: BTC/USDT, second: ETH/USDT, correlation: 0.5}\n");
    }
    assert_true(left_out(text) >= 1);
    assert_int_equal(config.engine.risk.correlation_pair_count, 0);
    assert_int_equal(left_out(ONE_INSTRUMENT "risk: {correlation_pairs: 5}\n"), 1);
}

static void a_rule_between_keys_that_does_not_hold_counts_once(void **state)
{
    (void)state;
    assert_int_equal(
        left_out(ONE_INSTRUMENT
                 "coordinator: {emergency: {close_retry: 60, close_retry_max: 30}}\n"),
        1);
    assert_int_equal(config.engine.coord.emergency.close_retry.ns, 60000000000);
}

static void what_is_no_document_is_an_error(void **state)
{
    (void)state;
    uint32_t count = 7;
    static const char text[] = "run: {seed: 1\n";
    assert_int_not_equal(
        tt_config_parse_any(text, sizeof text - 1, &config, &count, &error), TUTTI_OK);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_this_release_wrote_comes_back),
        cmocka_unit_test(unknown_names_are_left_out),
        cmocka_unit_test(refused_values_leave_the_default),
        cmocka_unit_test(items_of_lists_are_read_as_far_as_known),
        cmocka_unit_test(a_list_that_is_no_list_or_too_long_is_left_out_whole),
        cmocka_unit_test(a_rule_between_keys_that_does_not_hold_counts_once),
        cmocka_unit_test(what_is_no_document_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
