/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The model of the synthetic market: correlation, volatility, clustering, regimes, bounds.
 */
#include "feed/synthetic_market.h"
#include "fixture.h"

#include <math.h>

#define HOURS     2000
#define TURNS_MAX (HOURS * 60)

static tt_synthetic_market market;

static const tt_time start = {INT64_C(1704067200) * TT_NS_PER_S};

static void init(feed_bench *bench, uint64_t seed)
{
    tt_error error = {0};
    if (tt_synthetic_market_init(
            &market, &bench->config.synthetic, &bench->instruments, seed, start, &error) !=
        TUTTI_OK) {
        fail_msg("%s", error.message);
    }
}

/* Runs `turns` rounds; keeps the returns of the first two instruments. */
static void run(int turns, double *first, double *second)
{
    tt_time now = start;
    for (int i = 0; i < turns; i++) {
        double before[2] = {market.assets[0].price, market.assets[1].price};
        tt_synthetic_market_round(&market, now);
        for (uint32_t asset = 0; asset < market.count; asset++) {
            tt_synthetic_market_turn(&market, asset, now);
        }
        first[i] = market.assets[0].price / before[0] - 1;
        second[i] = market.assets[1].price / before[1] - 1;
        now.ns += market.config->tick_interval.ns * market.count;
    }
}

static double mean_of(const double *x, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += x[i];
    }
    return sum / count;
}

static double correlation_of(const double *x, const double *y, int count)
{
    double mx = mean_of(x, count);
    double my = mean_of(y, count);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < count; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static double first[TURNS_MAX];
static double second[TURNS_MAX];

/* Turns of one minute without trends, so that shocks alone are seen. */
static void quiet(feed_bench *bench, const char *correlation)
{
    bench_instrument(bench, "BTC/USDT", 60);
    bench_instrument(bench, "ETH/USDT", 60);
    bench->config.synthetic.tick_interval.ns = 30 * TT_NS_PER_S;
    bench->config.synthetic.trend_strength.d = num("0");
    bench->config.synthetic.correlation.d = num(correlation);
}

static void test_correlation(void **state)
{
    static const struct {
        const char *wanted;
        double low;
        double high;
    } cases[] = {{"0", -0.05, 0.05}, {"0.6", 0.45, 0.62}, {"1", 0.85, 1.0001}};
    for (size_t i = 0; i < 3; i++) {
        feed_bench *bench = *state;
        bench->instruments.count = 0;
        quiet(bench, cases[i].wanted);
        init(bench, 11);
        run(TURNS_MAX, first, second);
        double found = correlation_of(first, second, TURNS_MAX);
        if (found < cases[i].low || found > cases[i].high) {
            fail_msg("correlation %f for %s", found, cases[i].wanted);
        }
    }
}

static double daily_sigma_of(const double *returns, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += returns[i] * returns[i];
    }
    return sqrt(sum / count * 1440);
}

static void test_volatility(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    strcpy(bench->config.synthetic.volatilities, "0.04, 0.08");
    init(bench, 3);
    run(TURNS_MAX, first, second);
    double a = daily_sigma_of(first, TURNS_MAX);
    double b = daily_sigma_of(second, TURNS_MAX);
    // Regimes of 0.7 to 2.2 times the usual one mix to about 1.1 of it.
    if (a < 0.035 || a > 0.06 || b < 0.07 || b > 0.12) {
        fail_msg("daily volatility %f and %f", a, b);
    }
}

static void test_volatility_clusters(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0");
    init(bench, 4);
    run(TURNS_MAX, first, second);
    for (int i = 0; i < TURNS_MAX; i++) {
        first[i] = first[i] * first[i];
    }
    double found = correlation_of(first, first + 1, TURNS_MAX - 1);
    assert_true(found > 0.05); // Squares of independent returns have about 0 +- 0.003.
}

static void test_trends_move_the_price(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    bench->config.synthetic.trend_strength.d = num("0.3");
    bench->config.synthetic.regime_min.ns = bench->config.synthetic.regime_max.ns =
        7200 * TT_NS_PER_S;
    int ups = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        init(bench, seed);
        bool is_up = market.phase.regime == TT_SYNTHETIC_TREND_UP;
        assert_true(is_up || market.phase.regime == TT_SYNTHETIC_TREND_DOWN);
        assert_int_equal(market.assets[0].phase.regime, market.phase.regime);
        double price = market.assets[0].price;
        run(119, first, second);
        bool did_rise = market.assets[0].price > price;
        ups += did_rise == is_up;
    }
    // 36 standard deviations of a minute against a noise of 11: the trend nearly always wins.
    assert_true(ups >= 48);
}

static void test_regimes_change(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    init(bench, 5);
    int seen[TT_SYNTHETIC_REGIME_COUNT] = {0};
    int follows = 0;
    tt_time now = start;
    for (int i = 0; i < 20000; i++) {
        tt_synthetic_market_round(&market, now);
        tt_synthetic_market_turn(&market, 0, now);
        seen[market.assets[0].phase.regime]++;
        follows += market.assets[0].phase.regime == market.phase.regime;
        int64_t left = market.assets[0].phase.until.ns - now.ns;
        assert_true(left > 0 && left <= market.config->regime_max.ns);
        now.ns += 60 * TT_NS_PER_S;
    }
    for (int i = 0; i < TT_SYNTHETIC_REGIME_COUNT; i++) {
        assert_true(seen[i] > 500);
    }
    assert_true(follows > 6000 && follows < 18000);
}

static void test_price_stays_within_bounds(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    strcpy(bench->config.synthetic.volatilities, "2");
    bench->config.synthetic.trend_strength.d = num("5");
    bench->config.synthetic.tick_interval.ns = 3600 * TT_NS_PER_S;
    init(bench, 6);
    for (int i = 0; i < 20000; i++) {
        run(1, first, second);
        for (uint32_t asset = 0; asset < 2; asset++) {
            const tt_synthetic_asset *it = &market.assets[asset];
            assert_true(it->price >= it->price_low && it->price <= it->price_high);
            tt_synthetic_quote quote = tt_synthetic_market_quote(&market, asset);
            assert_true(quote.bid >= 1 && quote.bid < quote.ask);
            assert_true(tt_synthetic_market_lots(&market, asset, 1) >= 1);
        }
    }
}

static void test_outages(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    bench->config.synthetic.gaps_per_day.d = num("1000");
    init(bench, 7);
    int count = 0;
    for (int i = 0; i < 1440; i++) {
        double before = market.assets[0].price;
        uint32_t silent_s = tt_synthetic_market_outage(&market);
        count += silent_s > 0;
        assert_true(silent_s == 0 || (silent_s >= 30 && silent_s <= 300));
        // No outage, no move; an outage moves the price.
        assert_int_equal(before != market.assets[0].price, silent_s > 0);
    }
    assert_in_range(count, 900, 1100);
    bench->config.synthetic.gaps_per_day.d = num("0");
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(tt_synthetic_market_outage(&market), 0);
    }
}

static void test_spread(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    init(bench, 8);
    market.assets[0].phase.regime = TT_SYNTHETIC_TREND_UP;
    tt_synthetic_quote quote = tt_synthetic_market_quote(&market, 0);
    assert_int_equal(quote.ask - quote.bid, 1000); // 2 basis points of 50,000 are 10.
    bench->config.synthetic.spread_bps.d = num("0");
    quote = tt_synthetic_market_quote(&market, 0);
    assert_int_equal(quote.ask - quote.bid, 1);
}

static void expect_refused(feed_bench *bench, const char *part)
{
    tt_error error = {0};
    assert_int_equal(
        tt_synthetic_market_init(
            &market, &bench->config.synthetic, &bench->instruments, 1, start, &error),
        TUTTI_INVALID);
    if (strstr(error.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", error.message, part);
    }
}

static void test_refused_configuration(void **state)
{
    feed_bench *bench = *state;
    quiet(bench, "0.6");
    tt_synthetic_config *config = &bench->config.synthetic;
    static const char *const bad_lists[] = {"", "x", "5,,6", "5,-1", "0", "1,2,", "1e9"};
    for (size_t i = 0; i < sizeof bad_lists / sizeof bad_lists[0]; i++) {
        strcpy(config->start_prices, bad_lists[i]);
        expect_refused(bench, "synthetic.start_prices '");
    }
    strcpy(config->start_prices, "50000,0.99");
    expect_refused(bench, "synthetic.start_prices: 0.99 is less than 100 ticks of ETH/USDT");
    strcpy(config->start_prices, "1");
    strcpy(config->volatilities, "2.1");
    expect_refused(bench, "synthetic.volatilities '2.1' is no list");
    strcpy(config->volatilities, "2");
    config->regime_min.ns = config->regime_max.ns + 1;
    expect_refused(bench, "synthetic.regime_min is above synthetic.regime_max");
    config->regime_min.ns = config->regime_max.ns;
    init(bench, 1);
    assert_true(market.assets[1].price == 1.0 && market.assets[1].daily_sigma == 2.0);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_correlation),
        BENCH_TEST(test_volatility),
        BENCH_TEST(test_volatility_clusters),
        BENCH_TEST(test_trends_move_the_price),
        BENCH_TEST(test_regimes_change),
        BENCH_TEST(test_price_stays_within_bounds),
        BENCH_TEST(test_outages),
        BENCH_TEST(test_spread),
        BENCH_TEST(test_refused_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
