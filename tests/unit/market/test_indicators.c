/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The indicator set: values of an independent calculation in exact fractions, and the property that
 * streaming equals a calculation from scratch, bit for bit, on random and on recorded bars.
 */
#include "base/random.h"
#include "btc_bars.h"
#include "market/indicators.h"
#include "market/logarithm.h"
#include "model/limits.h"
#include "model/message.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <float.h>
#include <math.h>

#define FIELD_COUNT 24

// clang-format off
#define FIELDS(X) \
    X(rsi_14) X(ema_9) X(ema_21) X(ema_50) X(ema_200) X(sma_20) X(macd) X(macd_signal) \
    X(macd_hist) X(macd_hist_prev) X(atr_14) X(atr_avg_20) X(adx_14) X(plus_di_14) X(minus_di_14) \
    X(chop_14) X(bb_upper) X(bb_lower) X(bb_width_pct) X(high_20) X(low_20) X(roc_10) X(volume) \
    X(volume_avg_20)
// clang-format on

static const char *const field_names[] = {
#define NAME(f) #f,
    FIELDS(NAME)
#undef NAME
};

static void fields_of(const tt_indicators *indicators, tt_dec values[FIELD_COUNT])
{
    int i = 0;
#define TAKE(f) values[i++] = indicators->f.d;
    FIELDS(TAKE)
#undef TAKE
    assert_int_equal(i, FIELD_COUNT);
}

/** A series by formula, so that another program can make it, too. */
static tt_bar formula_bar(int64_t i)
{
    int64_t close = 10000 + (i * i * 7 + 13 * i) % 101 * 5 + 3 * i;
    int64_t before =
        i == 0 ? 10000 : 10000 + ((i - 1) * (i - 1) * 7 + 13 * (i - 1)) % 101 * 5 + 3 * (i - 1);
    int64_t top = close > before ? close : before;
    int64_t bottom = close < before ? close : before;
    return (tt_bar){
        .open = {tt_dec_from_i64(before, 2)},
        .high = {tt_dec_from_i64(top + i * 11 % 17, 2)},
        .low = {tt_dec_from_i64(bottom - i * 5 % 13, 2)},
        .close = {tt_dec_from_i64(close, 2)},
        .volume = {tt_dec_from_i64(i * i % 50 + 1, 1)},
        .open_time = {i * 60 * TT_NS_PER_S},
        .interval_s = 60};
}

/** Values of the formula series, calculated in rational numbers and, for roots and logarithms, in
 * decimals of 60 digits; rounded to 9. */
// clang-format off
static const struct {
    uint32_t bars;
    const char *values[FIELD_COUNT];
} oracle[] = {
    {10,
     {"0", "102.174444444", "101.925", "101.925", "101.925", "0", "0", "0", "0", "0", "0", "0",
     "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "3.2", "0"}},
    {14,
     {"0", "102.544252444", "102.17", "102.17", "102.17", "0", "0", "0", "0", "0", "0", "0", "0",
     "0", "0", "0", "0", "0", "0", "0", "0", "2.196924306", "2", "0"}},
    {15,
     {"55.721873491", "102.509401956", "102.183333333", "102.183333333", "102.183333333", "0",
     "0", "0", "0", "0", "1.622857143", "0", "0", "26.540492958", "13.996478873", "60.852144147",
     "0", "0", "0", "0", "0", "-0.871501888", "4.7", "0"}},
    {27,
     {"50.354111517", "102.487009816", "102.420753381", "102.438148148", "102.438148148",
     "102.7525", "0.091617329", "0", "0", "0", "1.742551742", "0", "0", "20.589612719",
     "17.343444778", "66.001400317", "104.899561946", "100.605438054", "4.179094321", "104.59",
     "100.69", "-2.630823687", "2.7", "2.65"}},
    {34,
     {"54.71906524", "102.881519729", "102.636612002", "102.508235294", "102.508235294",
     "102.745", "0.205286061", "0.100639473", "0.104646588", "0", "2.195105804", "1.783681227",
     "24.455103612", "25.500873655", "12.296561623", "69.359313174", "105.47961149",
     "100.01038851", "5.323103781", "105.72", "100.69", "0.770416025", "4", "2.65"}},
    {60,
     {"54.784789434", "104.647040247", "104.237703856", "103.470654527", "103.23", "104.2375",
     "0.40903687", "0.313976319", "0.095060551", "-0.006663503", "1.7954239", "1.943426455",
     "13.60358495", "22.835871053", "17.577899388", "67.468571036", "107.121225888",
     "101.353774112", "5.532991272", "106.1", "101.3", "0.951746455", "3.2", "1.95"}},
    {210,
     {"49.631887859", "107.868434478", "107.944855718", "107.775682293", "105.613497821",
     "108.085", "-0.054342122", "-0.027988796", "-0.026353326", "-0.024859125", "1.959176917",
     "1.984402815", "12.774563968", "21.949225154", "16.478688916", "70.300984223",
     "110.783054855", "105.386945145", "4.992468622", "110.9", "105.86", "0.559858169", "3.2",
     "1.95"}},
};
// clang-format on

static void expect_near(const char *name, uint32_t bars, tt_dec is, const char *text)
{
    tt_dec expected;
    assert_int_equal(tt_dec_parse(text, strlen(text), &expected), TUTTI_OK);
    tt_dec distance = tt_dec_xabs(tt_dec_xsub(is, expected));
    if (!tt_dec_le(distance, TT_DEC_C(1, 9))) {
        char is_text[TT_DEC_TEXT_MAX];
        tt_dec_format(is, is_text);
        fail_msg("%s after %u bars is %s, not %s", name, bars, is_text, text);
    }
}

static void expect_oracle(const tt_indicator_set *set, uint32_t bars, const char *const *values)
{
    tt_indicators indicators;
    tt_dec is[FIELD_COUNT];
    tt_indicator_set_read(set, &indicators);
    fields_of(&indicators, is);
    for (int i = 0; i < FIELD_COUNT; i++) {
        expect_near(field_names[i], bars, is[i], values[i]);
    }
    assert_int_equal(indicators.bar_count, bars);
    assert_int_equal(indicators.is_warm, bars >= TT_INDICATORS_WARM_BARS);
    assert_int_equal(indicators.bar_seq, 0);
}

static void test_values_of_an_independent_calculation(void **state)
{
    (void)state;
    tt_indicator_set set;
    tt_indicator_set_init(&set);
    uint32_t next = 0;
    for (uint32_t i = 0; i < 210; i++) {
        tt_bar bar = formula_bar(i);
        tt_indicator_set_update(&set, &bar);
        if (oracle[next].bars == i + 1) {
            expect_oracle(&set, i + 1, oracle[next].values);
            next++;
        }
    }
    assert_int_equal(next, sizeof oracle / sizeof oracle[0]);
}

/* ---- from scratch: the same formulas over arrays, without any state ---- */

typedef struct series {
    uint32_t count;
    double *high;
    double *low;
    double *close;
} series;

static double mean_of(const double *x, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += x[i];
    }
    return sum / count;
}

static double ema_of(const double *x, uint32_t count, uint32_t n)
{
    double value = mean_of(x, count < n ? count : n);
    for (uint32_t i = n; i < count; i++) {
        value = value + (x[i] - value) * (2.0 / (n + 1.0));
    }
    return value;
}

static double wilder_of(const double *x, uint32_t count, uint32_t n)
{
    if (count < n) {
        return 0;
    }
    double value = mean_of(x, n);
    for (uint32_t i = n; i < count; i++) {
        value = (value * (n - 1) + x[i]) / n;
    }
    return value;
}

/** An array for intermediate series; tests run one at a time. */
static double *scratch(uint32_t which)
{
    static double *arrays[8];
    if (arrays[which] == NULL) {
        arrays[which] = calloc(BTC_BARS_MAX, sizeof(double));
        assert_non_null(arrays[which]);
    }
    return arrays[which];
}

static double rsi_of(const series *s)
{
    double *gains = scratch(0);
    double *losses = scratch(1);
    for (uint32_t i = 1; i < s->count; i++) {
        double change = s->close[i] - s->close[i - 1];
        gains[i - 1] = change > 0 ? change : 0;
        losses[i - 1] = change < 0 ? -change : 0;
    }
    double gain = wilder_of(gains, s->count - 1, 14);
    double loss = wilder_of(losses, s->count - 1, 14);
    return s->count < 15 ? 0 : gain + loss > 0 ? 100 * (gain / (gain + loss)) : 50;
}

typedef struct macd_values {
    double line, signal, histogram;
} macd_values;

static macd_values macd_of(const series *s, uint32_t count)
{
    if (count < 26) {
        return (macd_values){0};
    }
    double *line = scratch(2);
    double fast = mean_of(s->close, 12);
    double slow = mean_of(s->close, 26);
    for (uint32_t i = 12; i < 26; i++) {
        fast = fast + (s->close[i] - fast) * (2.0 / 13);
    }
    line[0] = fast - slow;
    for (uint32_t i = 26; i < count; i++) {
        fast = fast + (s->close[i] - fast) * (2.0 / 13);
        slow = slow + (s->close[i] - slow) * (2.0 / 27);
        line[i - 25] = fast - slow;
    }
    uint32_t lines = count - 25;
    macd_values result = {.line = line[lines - 1]};
    if (lines >= 9) {
        result.signal = ema_of(line, lines, 9);
        result.histogram = result.line - result.signal;
    }
    return result;
}

static double range_of(const series *s, uint32_t i)
{
    double top = fmax(s->high[i], s->close[i - 1]);
    return top - fmin(s->low[i], s->close[i - 1]);
}

static uint32_t fill_ranges(const series *s, double *ranges)
{
    for (uint32_t i = 1; i < s->count; i++) {
        ranges[i - 1] = range_of(s, i);
    }
    return s->count - 1;
}

static double usual_atr_of(const series *s)
{
    double *ranges = scratch(3);
    uint32_t count = fill_ranges(s, ranges);
    if (count < 14 + 19) {
        return 0;
    }
    double last[20];
    for (uint32_t i = 0; i < 20; i++) {
        last[i] = wilder_of(ranges, count - 19 + i, 14);
    }
    return mean_of(last, 20);
}

static double share_of(double part, double whole)
{
    return whole > 0 ? 100 * (part / whole) : 0;
}

typedef struct adx_values {
    double plus, minus, adx;
} adx_values;

static adx_values adx_of(const series *s)
{
    double *plus = scratch(4);
    double *minus = scratch(5);
    double *ranges = scratch(3);
    double *dx = scratch(6);
    uint32_t count = fill_ranges(s, ranges);
    adx_values result = {0};
    for (uint32_t i = 1; i < s->count; i++) {
        double up = s->high[i] - s->high[i - 1];
        double down = s->low[i - 1] - s->low[i];
        plus[i - 1] = up > down && up > 0 ? up : 0;
        minus[i - 1] = down > up && down > 0 ? down : 0;
    }
    if (count < 14) {
        return result;
    }
    double p = mean_of(plus, 14);
    double m = mean_of(minus, 14);
    double r = mean_of(ranges, 14);
    for (uint32_t i = 14;; i++) {
        result.plus = share_of(p, r);
        result.minus = share_of(m, r);
        dx[i - 14] = share_of(fabs(result.plus - result.minus), result.plus + result.minus);
        if (i == count) {
            break;
        }
        p = (p * 13 + plus[i]) / 14;
        m = (m * 13 + minus[i]) / 14;
        r = (r * 13 + ranges[i]) / 14;
    }
    result.adx = wilder_of(dx, count - 13, 14);
    return result;
}

static double chop_of(const series *s)
{
    if (s->count < 15) {
        return 0;
    }
    double top = 0;
    double bottom = DBL_MAX;
    double sum = 0;
    for (uint32_t i = s->count - 14; i < s->count; i++) {
        top = fmax(top, fmax(s->high[i], s->close[i - 1]));
        bottom = fmin(bottom, fmin(s->low[i], s->close[i - 1]));
        sum += range_of(s, i);
    }
    if (!(top > bottom)) {
        return 100;
    }
    return fmin(fmax(100 * (tt_log10(sum / (top - bottom)) / tt_log10(14)), 0), 100);
}

static double deviation_of(const double *x, uint32_t count)
{
    double mean = mean_of(x, count);
    double squares = 0;
    for (uint32_t i = 0; i < count; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
    }
    return sqrt(squares / count);
}

static uint64_t bits_of(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void expect_bits(const char *name, uint32_t bars, double is, double expected)
{
    if (bits_of(is) != bits_of(expected)) {
        fail_msg("%s after %u bars: streaming %a, from scratch %a", name, bars, is, expected);
    }
}

static void expect_momentum(const tt_indicator_set *set, const series *s)
{
    uint32_t n = s->count;
    macd_values macd = macd_of(s, n);
    macd_values before = n > 1 ? macd_of(s, n - 1) : (macd_values){0};
    expect_bits("rsi", n, tt_rsi_value(&set->rsi_14), rsi_of(s));
    expect_bits("macd", n, set->macd.line, macd.line);
    expect_bits("macd signal", n, tt_macd_signal_line(&set->macd), macd.signal);
    expect_bits("macd histogram", n, set->macd.histogram, macd.histogram);
    expect_bits("macd histogram before", n, set->macd.histogram_prev, before.histogram);
    double roc = n < 11 ? 0 : 100 * (s->close[n - 1] / s->close[n - 11] - 1);
    expect_bits("roc", n, tt_roc_value(&set->roc_10), roc);
}

static void expect_averages(const tt_indicator_set *set, const series *s)
{
    uint32_t n = s->count;
    expect_bits("ema 9", n, set->ema_9.value, ema_of(s->close, n, 9));
    expect_bits("ema 21", n, set->ema_21.value, ema_of(s->close, n, 21));
    expect_bits("ema 50", n, set->ema_50.value, ema_of(s->close, n, 50));
    expect_bits("ema 200", n, set->ema_200.value, ema_of(s->close, n, 200));
    double mean = n < 20 ? 0 : mean_of(s->close + n - 20, 20);
    double distance = n < 20 ? 0 : 2 * deviation_of(s->close + n - 20, 20);
    expect_bits("bollinger middle", n, set->bollinger_20.middle, mean);
    expect_bits("bollinger upper", n, set->bollinger_20.upper, mean + distance);
    expect_bits("bollinger lower", n, set->bollinger_20.lower, mean - distance);
}

static void expect_ranges(const tt_indicator_set *set, const series *s)
{
    uint32_t n = s->count;
    double *ranges = scratch(3);
    double atr = wilder_of(ranges, fill_ranges(s, ranges), 14);
    expect_bits("atr", n, tt_atr_value(&set->atr_14), atr);
    expect_bits("usual atr", n, tt_atr_usual(&set->atr_14), usual_atr_of(s));
    adx_values adx = adx_of(s);
    expect_bits("+di", n, set->adx_14.plus_di, adx.plus);
    expect_bits("-di", n, set->adx_14.minus_di, adx.minus);
    expect_bits("adx", n, tt_adx_value(&set->adx_14), adx.adx);
    expect_bits("chop", n, tt_chop_value(&set->chop_14), chop_of(s));
}

static void expect_exact_parts(const tt_indicator_set *set, const tt_bar *bars, uint32_t count)
{
    tt_indicators indicators;
    tt_indicator_set_read(set, &indicators);
    tt_dec high = TT_DEC_ZERO;
    tt_dec low = TT_DEC_ZERO;
    tt_dec volume = TT_DEC_ZERO;
    for (uint32_t i = count < 20 ? count : count - 20; i < count; i++) {
        high = tt_dec_max(high, bars[i].high.d);
        low = tt_dec_is_zero(low) ? bars[i].low.d : tt_dec_min(low, bars[i].low.d);
        volume = tt_dec_xadd(volume, bars[i].volume.d);
    }
    assert_true(tt_dec_eq(indicators.high_20.d, high));
    assert_true(tt_dec_eq(indicators.low_20.d, low));
    tt_dec mean;
    assert_int_equal(tt_dec_div(volume, TT_DEC_C(20, 0), TT_ROUND_HALF_EVEN, &mean), TUTTI_OK);
    assert_int_equal(tt_dec_quantize(mean, TT_DEC_C(1, 9), TT_ROUND_HALF_EVEN, &mean), TUTTI_OK);
    assert_true(tt_dec_eq(indicators.volume_avg_20.d, mean));
    assert_true(tt_dec_eq(indicators.close.d, bars[count - 1].close.d));
    assert_true(tt_dec_eq(indicators.volume.d, bars[count - 1].volume.d));
}

static void
expect_from_scratch(const tt_indicator_set *set, series *s, const tt_bar *bars, uint32_t count)
{
    s->count = count;
    expect_averages(set, s);
    expect_momentum(set, s);
    expect_ranges(set, s);
    expect_exact_parts(set, bars, count);
}

static series new_series(const tt_bar *bars, uint32_t count)
{
    series s = {
        .high = calloc(count, sizeof(double)),
        .low = calloc(count, sizeof(double)),
        .close = calloc(count, sizeof(double))};
    TT_ASSERT(s.high != NULL && s.low != NULL && s.close != NULL);
    for (uint32_t i = 0; i < count; i++) {
        s.high[i] = tt_dec_to_double(bars[i].high.d);
        s.low[i] = tt_dec_to_double(bars[i].low.d);
        s.close[i] = tt_dec_to_double(bars[i].close.d);
    }
    return s;
}

static void free_series(series *s)
{
    free(s->high);
    free(s->low);
    free(s->close);
}

#define RANDOM_BARS 260

/** A walk in ticks of very different sizes, with flat stretches, gaps and jumps. */
static void fill_random(tt_random *random, tt_bar *bars)
{
    int digits = (int)tt_random_below(random, 9);
    int64_t price = tt_random_between(random, 2000, 10000000);
    for (int i = 0; i < RANDOM_BARS; i++) {
        int64_t step = tt_random_below(random, 8) == 0 ? 0 : tt_random_between(random, -9, 9);
        step *= tt_random_below(random, 40) == 0 ? 100 : 1;
        int64_t open = price;
        price = price + step < 20 ? 20 : price + step;
        int64_t high = (open > price ? open : price) + tt_random_between(random, 0, 5);
        int64_t low = (open < price ? open : price) - tt_random_between(random, 0, 5);
        bars[i] = (tt_bar){
            .open = {tt_dec_from_i64(open, digits)},
            .high = {tt_dec_from_i64(high, digits)},
            .low = {tt_dec_from_i64(low, digits)},
            .close = {tt_dec_from_i64(price, digits)},
            .volume = {tt_dec_from_i64(tt_random_between(random, 0, 1000000), 5)}};
    }
}

static void test_streaming_equals_from_scratch_on_random_bars(void **state)
{
    (void)state;
    const uint64_t seed = 77;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    static tt_bar bars[RANDOM_BARS];
    for (int run = 0; run < 60; run++) {
        fill_random(&random, bars);
        series s = new_series(bars, RANDOM_BARS);
        tt_indicator_set set;
        tt_indicator_set_init(&set);
        for (uint32_t i = 0; i < RANDOM_BARS; i++) {
            tt_indicator_set_update(&set, &bars[i]);
            expect_from_scratch(&set, &s, bars, i + 1);
        }
        free_series(&s);
    }
}

static void test_streaming_equals_from_scratch_on_recorded_bars(void **state)
{
    (void)state;
    uint32_t count = 0;
    tt_bar *bars = btc_load(&count);
    if (bars == NULL) {
        skip();
        return;
    }
    assert_int_equal(count, BTC_BARS_MAX);
    series s = new_series(bars, count);
    tt_indicator_set set;
    tt_indicator_set_init(&set);
    for (uint32_t i = 0; i < count; i++) {
        tt_indicator_set_update(&set, &bars[i]);
        if (i % 1000 == 997 || i + 1 == count) {
            expect_from_scratch(&set, &s, bars, i + 1);
        }
    }
    free_series(&s);
    free(bars);
}

static void test_cheap_instruments_keep_their_digits(void **state)
{
    (void)state;
    tt_indicator_set set;
    tt_indicator_set_init(&set);
    tt_indicators indicators;
    for (int i = 0; i < 60; i++) {
        tt_bar bar = formula_bar(i); // about 100
        tt_dec *prices[] = {&bar.open.d, &bar.high.d, &bar.low.d, &bar.close.d};
        for (int k = 0; k < 4; k++) {
            prices[k]->v /= 10000000; // about 0.00001
        }
        tt_indicator_set_update(&set, &bar);
    }
    tt_indicator_set_read(&set, &indicators);
    tt_dec distance;
    tt_dec expected =
        TT_DEC_C(103470654527, 16); // ema_50 of the oracle after 60 bars, 7 places down
    assert_int_equal(tt_dec_sub(indicators.ema_50.d, expected, &distance), TUTTI_OK);
    assert_true(tt_dec_le(tt_dec_xabs(distance), TT_DEC_C(1, 15)));
    expect_near("rsi", 60, indicators.rsi_14.d, "54.784789434");
}

static void test_extreme_prices_stay_in_range(void **state)
{
    (void)state;
    tt_indicator_set set;
    tt_indicator_set_init(&set);
    tt_indicators indicators;
    for (int i = 0; i < 100; i++) {
        tt_price price = {i % 2 == 0 ? (tt_dec){1} : TT_PRICE_MAX};
        tt_bar bar = {
            .open = price, .high = price, .low = price, .close = price, .volume = {TT_QTY_MAX}};
        tt_indicator_set_update(&set, &bar);
        tt_indicator_set_read(&set, &indicators);
        tt_error error;
        const tt_topic_info *info = tt_topic_info_get(TT_TOPIC_INDICATORS);
        assert_int_equal(
            tt_payload_check(info->layout, &indicators, sizeof indicators, &error), TUTTI_OK);
    }
    // The last bar rose from 1e-18 to 1e9: beyond what is written, so the bound stands.
    assert_true(tt_dec_eq(indicators.volume_avg_20.d, TT_QTY_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_an_independent_calculation),
        cmocka_unit_test(test_streaming_equals_from_scratch_on_random_bars),
        cmocka_unit_test(test_streaming_equals_from_scratch_on_recorded_bars),
        cmocka_unit_test(test_cheap_instruments_keep_their_digits),
        cmocka_unit_test(test_extreme_prices_stay_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
