/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Fees to the last digit, prices of takers, and parts of fills.
 */
#include "fixture.h"

static void test_fees_are_exact(void **state)
{
    floor_bench *bench = *state;
    tt_instrument *btc = &bench->instruments.list[BTC - 1];
    btc->qty_increment.d = num("0.00000001");
    btc->price_increment.d = num("0.00000001");
    btc->taker_fee_rate.d = num("0.00075");
    btc->maker_fee_rate.d = num("-0.00025"); // A rebate.
    floor_open(bench);
    floor_quote(bench, "61837.63123456", "9", "61837.64987654", "0.12345678");
    floor_market(bench, 1, TT_side_BUY, "0.12345678");
    expect(bench, "1 accepted");
    // 61837.64987654 x 0.12345678 x 0.00075 has 19 digits behind the point; 18 are kept.
    expect(
        bench, "1 fill 0.12345678 @ 61837.64987654 taker fee 5.725707852393769456 cum 0.12345678");
    floor_limit(bench, 2, TT_side_SELL, "0.00200000", "61900");
    expect(bench, "2 accepted");
    floor_trade(bench, "61900.00000001", "1", TT_side_BUY);
    expect(bench, "2 fill 0.002 @ 61900 maker fee -0.03095 cum 0.002");
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0.12145678");
}

static void test_price_never_below_a_tick(void **state)
{
    floor_bench *bench = *state;
    bench->instruments.list[BTC - 1].min_notional.d = num("0");
    bench->config.half_spread_bps.d = num("1000");
    floor_open(bench);
    floor_market(bench, 1, TT_side_SELL, "1");
    floor_bar(bench, "0.1", "0.1", "0.1", "0.1");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 0.1 taker fee 0.00005 cum 1");
}

/* Data need not be on the tick; fills are, to the worse side. */
static void test_price_off_the_tick(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_SELL, "1");
    floor_market(bench, 2, TT_side_BUY, "1");
    floor_bar(bench, "100.07", "101", "100", "100.5");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
    expect(bench, "2 fill 1 @ 100.1 taker fee 0.05005 cum 1");
}

static void test_parts(void **state)
{
    floor_bench *bench = *state;
    bench->config.partial_fill_probability.d = num("0.3");
    floor_open(bench);
    int split = 0;
    for (uint64_t id = 1; id <= 500; id++) {
        floor_quote(bench, "100", "900", "100.2", "900");
        floor_market(bench, id, TT_side_BUY, "0.1");
        tt_dec sum = TT_DEC_ZERO;
        int fills = 0;
        for (int i = 0; i < 2; i++) { // The rest of a split fill comes with the next quote.
            while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
                if (bench->output.report.kind == TT_report_kind_FILL) {
                    fills++;
                    sum = tt_dec_xadd(sum, bench->output.report.qty.d);
                    assert_true(tt_dec_is_multiple(bench->output.report.qty.d, num("0.001")));
                }
            }
            floor_quote(bench, "100", "900", "100.2", "900");
        }
        assert_true(tt_dec_eq(sum, num("0.1")));
        assert_true(fills == 1 || fills == 2);
        split += fills == 2;
    }
    assert_in_range(split, 110, 190);
}

/* One lot cannot be split. */
static void test_one_lot(void **state)
{
    floor_bench *bench = *state;
    bench->config.partial_fill_probability.d = num("1");
    bench->instruments.list[BTC - 1].min_qty.d = num("0.001");
    bench->instruments.list[BTC - 1].min_notional.d = num("0");
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "0.001");
    floor_bar(bench, "100", "101", "100", "100.5");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 0.001 @ 100 taker fee 0.00005 cum 0.001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_fees_are_exact),
        FLOOR_TEST(test_price_never_below_a_tick),
        FLOOR_TEST(test_price_off_the_tick),
        FLOOR_TEST(test_parts),
        FLOOR_TEST(test_one_lot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
