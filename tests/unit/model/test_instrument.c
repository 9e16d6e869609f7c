/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Look-ups of instruments.
 */
#include "../../lib/test.h"
#include "model/instrument.h"

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}, {.symbol = "ETH/USDT", .id = {2}}},
    .count = 2,
};

static void an_instrument_is_found_by_its_id(void **state)
{
    (void)state;
    assert_ptr_equal(tt_instrument_find(&instruments, (tt_instrument_id){1}), &instruments.list[0]);
    assert_ptr_equal(tt_instrument_find(&instruments, (tt_instrument_id){2}), &instruments.list[1]);
    assert_null(tt_instrument_find(&instruments, (tt_instrument_id){0}));
    assert_null(tt_instrument_find(&instruments, (tt_instrument_id){3}));
    assert_null(tt_instrument_find(&instruments, (tt_instrument_id){UINT32_MAX}));
}

static void an_instrument_is_found_by_its_symbol(void **state)
{
    (void)state;
    assert_ptr_equal(tt_instrument_find_symbol(&instruments, "ETH/USDT", 8), &instruments.list[1]);
    assert_null(tt_instrument_find_symbol(&instruments, "ETH/USD", 7));
    assert_null(tt_instrument_find_symbol(&instruments, "eth/usdt", 8));
    assert_null(tt_instrument_find_symbol(&instruments, "", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instrument_is_found_by_its_id),
        cmocka_unit_test(an_instrument_is_found_by_its_symbol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
