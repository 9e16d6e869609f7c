/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimal arithmetic: examples, rounding rules, edges of the range.
 *
 * Covers: dec_wide.c
 */
#include "../../lib/test.h"
#include "base/dec.h"
#include "base/random.h"

#define DEC_MAX ((tt_dec){(tt_i128)(((tt_u128)1 << 127) - 1)})
#define DEC_MIN ((tt_dec){-DEC_MAX.v - 1})

/* Decimal of a text, for readable examples. */
static tt_dec d(const char *text)
{
    tt_dec value = {0};
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

static void assert_dec(tt_dec value, const char *expected)
{
    char text[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, text);
    assert_string_equal(text, expected);
}

static void constants(void **state)
{
    (void)state;
    assert_dec(TT_DEC_C(66, 2), "0.66");
    assert_dec(TT_DEC_C(-5, 0), "-5");
    assert_dec(TT_DEC_C(1, 18), "0.000000000000000001");
    assert_dec(TT_DEC_C(123456789, 9), "0.123456789");
    assert_dec(TT_DEC_C(7, 10), "0.0000000007");
    assert_dec(TT_DEC_ZERO, "0");
}

static void comparison(void **state)
{
    (void)state;
    tt_dec a = d("-1.5");
    tt_dec b = d("2");
    assert_int_equal(tt_dec_cmp(a, b), -1);
    assert_int_equal(tt_dec_cmp(b, a), 1);
    assert_int_equal(tt_dec_cmp(a, d("-1.50")), 0);
    assert_true(tt_dec_eq(a, d("-1.500")) && !tt_dec_eq(a, b));
    assert_true(tt_dec_lt(a, b) && !tt_dec_lt(b, a) && !tt_dec_lt(a, a));
    assert_true(tt_dec_le(a, a) && tt_dec_le(a, b) && !tt_dec_le(b, a));
    assert_true(tt_dec_is_zero(d("0.0")) && !tt_dec_is_zero(a));
    assert_int_equal(tt_dec_sign(a), -1);
    assert_int_equal(tt_dec_sign(b), 1);
    assert_int_equal(tt_dec_sign(d("0")), 0);
    assert_dec(tt_dec_min(a, b), "-1.5");
    assert_dec(tt_dec_max(a, b), "2");
}

static void sums_overflow_with_an_answer(void **state)
{
    (void)state;
    tt_dec r = d("42");
    tt_dec unit = {1};
    assert_int_equal(tt_dec_add(DEC_MAX, unit, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_sub(DEC_MIN, unit, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_sub(d("0"), DEC_MIN, &r), TUTTI_RANGE);
    assert_dec(r, "42");
    assert_int_equal(tt_dec_add(d("0.1"), d("0.2"), &r), TUTTI_OK);
    assert_dec(r, "0.3");
    assert_int_equal(tt_dec_sub(DEC_MAX, DEC_MAX, &r), TUTTI_OK);
    assert_dec(r, "0");
    assert_int_equal(tt_dec_add(DEC_MAX, DEC_MIN, &r), TUTTI_OK);
    assert_dec(r, "-0.000000000000000001");
}

/* One row a rounding case: a / b under each rule but EXACT, in the order of the enumeration. */
typedef struct rounding_case {
    const char *a;
    const char *b;
    const char *expected[6];
} rounding_case;

static void division_rounds_as_named(void **state)
{
    (void)state;
    static const rounding_case cases[] = {
#define U  "0.000000000000000001"
#define U2 "0.000000000000000002"
#define U3 "0.000000000000000003"
        {U, "2", {"0", U, "0", U, "0", U}},
        {U3, "2", {U, U2, U, U2, U2, U2}},
        {"-" U, "2", {"0", "-" U, "-" U, "0", "0", "-" U}},
        {"-" U3, "2", {"-" U, "-" U2, "-" U2, "-" U, "-" U2, "-" U2}},
        {U, "3", {"0", U, "0", U, "0", "0"}},
        {U2, "3", {"0", U, "0", U, U, U}},
        {U2, "-3", {"0", "-" U, "-" U, "0", "-" U, "-" U}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int rule = 0; rule < 6; rule++) {
            tt_dec r = d("9");
            tt_round round = (tt_round)(TT_ROUND_DOWN + rule);
            assert_int_equal(tt_dec_div(d(cases[i].a), d(cases[i].b), round, &r), TUTTI_OK);
            assert_dec(r, cases[i].expected[rule]);
        }
        tt_dec r = d("9");
        assert_int_equal(tt_dec_div(d(cases[i].a), d(cases[i].b), TT_ROUND_EXACT, &r), TUTTI_RANGE);
        assert_dec(r, "9");
    }
}

static void products(void **state)
{
    (void)state;
    tt_dec r = d("1");
    assert_int_equal(tt_dec_mul(d("67123.45"), d("-0.125"), TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_dec(r, "-8390.43125");
    assert_int_equal(tt_dec_mul(d("1e9"), d("1e10"), TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_dec(r, "10000000000000000000");
    assert_int_equal(tt_dec_mul(d("1e10"), d("1.8e10"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_mul(DEC_MAX, DEC_MAX, TT_ROUND_DOWN, &r), TUTTI_RANGE);
    // The smallest product whose quotient needs more than 128 bits: 10^18 x 2^128.
    tt_dec quarter = {(tt_i128)1 << 126};
    assert_int_equal(tt_dec_mul(quarter, d("4"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_mul(DEC_MIN, DEC_MIN, TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_dec(r, "10000000000000000000");
    assert_int_equal(tt_dec_mul(DEC_MIN, d("1"), TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_true(tt_dec_eq(r, DEC_MIN));
    assert_int_equal(tt_dec_mul(DEC_MIN, d("-1"), TT_ROUND_EXACT, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_mul(d("1e-9"), d("1e-9"), TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_dec(r, "0.000000000000000001");
    assert_int_equal(tt_dec_mul(d("1e-9"), d("1e-10"), TT_ROUND_EXACT, &r), TUTTI_RANGE);
}

static void quotients_at_the_edges(void **state)
{
    (void)state;
    tt_dec r = d("7");
    assert_int_equal(tt_dec_div(d("1"), d("0"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_muldiv(d("1"), d("1"), d("0"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_div(DEC_MAX, d("0.5"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_div(DEC_MIN, d("-1"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_dec(r, "7");
    assert_int_equal(tt_dec_div(DEC_MIN, DEC_MIN, TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_dec(r, "1");
    assert_int_equal(tt_dec_div(d("1"), d("3"), TT_ROUND_HALF_EVEN, &r), TUTTI_OK);
    assert_dec(r, "0.333333333333333333");
}

/* Whole divisors have a way of their own; a x 1 / d goes the long way. */
static void whole_divisors_divide_as_all_others(void **state)
{
    (void)state;
    const tt_dec one = d("1");
    tt_random random;
    tt_random_init(&random, 7, 0);
    for (int turn = 0; turn < 20000; turn++) {
        tt_u128 bits = (tt_u128)tt_random_u64(&random) << 64 | tt_random_u64(&random);
        tt_dec a = {(tt_i128)bits >> tt_random_between(&random, 0, 127)};
        if (turn % 8 == 0) {
            a = turn % 16 == 0 ? DEC_MIN : DEC_MAX;
        }
        for (int whole = 1; whole <= 19; whole++) {
            for (int round = TT_ROUND_EXACT; round <= TT_ROUND_HALF_UP; round++) {
                tt_dec divisor = tt_dec_from_i64(whole, 0);
                tt_dec quotient = {-1};
                tt_dec expected = {-1};
                assert_int_equal(
                    tt_dec_div(a, divisor, (tt_round)round, &quotient),
                    tt_dec_muldiv(a, one, divisor, (tt_round)round, &expected));
                assert_true(tt_dec_eq(quotient, expected));
            }
        }
    }
}

static void muldiv_rounds_once(void **state)
{
    (void)state;
    tt_dec r = {0};
    // 2/3 of the cost of a position: rounding between the steps would lose the last digit.
    assert_int_equal(tt_dec_muldiv(d("1"), d("2"), d("3"), TT_ROUND_HALF_EVEN, &r), TUTTI_OK);
    assert_dec(r, "0.666666666666666667");
    assert_int_equal(tt_dec_muldiv(DEC_MAX, DEC_MAX, DEC_MAX, TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_true(tt_dec_eq(r, DEC_MAX));
    assert_int_equal(tt_dec_muldiv(d("-1e15"), d("1e4"), d("1e15"), TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_dec(r, "-10000");
}

static void quantize_to_steps(void **state)
{
    (void)state;
    tt_dec r = {0};
    tt_dec tick = d("0.05");
    assert_int_equal(tt_dec_quantize(d("10.12"), tick, TT_ROUND_FLOOR, &r), TUTTI_OK);
    assert_dec(r, "10.1");
    assert_int_equal(tt_dec_quantize(d("10.12"), tick, TT_ROUND_CEILING, &r), TUTTI_OK);
    assert_dec(r, "10.15");
    assert_int_equal(tt_dec_quantize(d("-10.12"), tick, TT_ROUND_FLOOR, &r), TUTTI_OK);
    assert_dec(r, "-10.15");
    assert_int_equal(tt_dec_quantize(d("10.125"), tick, TT_ROUND_HALF_EVEN, &r), TUTTI_OK);
    assert_dec(r, "10.1");
    assert_int_equal(tt_dec_quantize(d("10.175"), tick, TT_ROUND_HALF_EVEN, &r), TUTTI_OK);
    assert_dec(r, "10.2");
    assert_int_equal(tt_dec_quantize(d("10.1"), tick, TT_ROUND_EXACT, &r), TUTTI_OK);
    assert_int_equal(tt_dec_quantize(d("10.11"), tick, TT_ROUND_EXACT, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_quantize(d("1"), d("0"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_quantize(d("1"), d("-1"), TT_ROUND_DOWN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_quantize(DEC_MAX, d("1"), TT_ROUND_UP, &r), TUTTI_RANGE);
    assert_true(tt_dec_is_multiple(d("-0.15"), tick));
    assert_false(tt_dec_is_multiple(d("0.16"), tick));
    assert_false(tt_dec_is_multiple(d("0.15"), d("0")));
}

static void negation(void **state)
{
    (void)state;
    tt_dec r = {0};
    assert_int_equal(tt_dec_neg(DEC_MIN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_abs(DEC_MIN, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_neg(DEC_MAX, &r), TUTTI_OK);
    assert_true(r.v == DEC_MIN.v + 1);
    assert_int_equal(tt_dec_abs(d("-3"), &r), TUTTI_OK);
    assert_dec(r, "3");
    assert_int_equal(tt_dec_neg(d("0"), &r), TUTTI_OK);
    assert_dec(r, "0");
}

static void the_asserting_forms(void **state)
{
    (void)state;
    assert_dec(tt_dec_xadd(d("1.1"), d("2.2")), "3.3");
    assert_dec(tt_dec_xsub(d("1.1"), d("2.2")), "-1.1");
    assert_dec(tt_dec_xmul(d("-1.5"), d("1e-18")), "-0.000000000000000002");
    assert_dec(tt_dec_xdiv(d("10"), d("-4")), "-2.5");
    assert_dec(tt_dec_xneg(d("-4")), "4");
    assert_dec(tt_dec_xabs(d("-4")), "4");
    assert_dec(tt_dec_xabs(d("4")), "4");
    TT_EXPECT_ABORT(tt_dec_xadd(DEC_MAX, DEC_MAX));
    TT_EXPECT_ABORT(tt_dec_xsub(DEC_MIN, DEC_MAX));
    TT_EXPECT_ABORT(tt_dec_xmul(DEC_MAX, DEC_MAX));
    TT_EXPECT_ABORT(tt_dec_xdiv(d("1"), d("0")));
    TT_EXPECT_ABORT(tt_dec_xneg(DEC_MIN));
}

static void counts_of_units(void **state)
{
    (void)state;
    int64_t n = 5;
    assert_dec(tt_dec_from_i64(-12345, 2), "-123.45");
    assert_dec(tt_dec_from_i64(INT64_MAX, 0), "9223372036854775807");
    assert_dec(tt_dec_from_i64(INT64_MIN, 18), "-9.223372036854775808");
    TT_EXPECT_ABORT(tt_dec_from_i64(1, 19));
    assert_int_equal(tt_dec_to_i64(d("-123.45"), 2, TT_ROUND_EXACT, &n), TUTTI_OK);
    assert_int_equal(n, -12345);
    assert_int_equal(tt_dec_to_i64(d("0.125"), 2, TT_ROUND_HALF_EVEN, &n), TUTTI_OK);
    assert_int_equal(n, 12);
    assert_int_equal(tt_dec_to_i64(d("0.125"), 2, TT_ROUND_EXACT, &n), TUTTI_RANGE);
    assert_int_equal(tt_dec_to_i64(d("9223372036854775808"), 0, TT_ROUND_EXACT, &n), TUTTI_RANGE);
    assert_int_equal(n, 12);
    assert_int_equal(tt_dec_to_i64(d("-9223372036854775808"), 0, TT_ROUND_EXACT, &n), TUTTI_OK);
    assert_true(n == INT64_MIN);
}

static void doubles(void **state)
{
    (void)state;
    tt_dec r = d("3");
    assert_true(tt_dec_to_double(d("0.1")) == 0.1);
    assert_true(tt_dec_to_double(d("-67123.45")) == -67123.45);
    assert_true(tt_dec_to_double(d("1e-18")) == 1e-18);
    assert_true(tt_dec_to_double(DEC_MIN) == -170141183460469231731.687303715884105728);
    assert_true(tt_dec_to_double(d("0")) == 0.0);
    // Half way between two doubles: the even one; a hair above: the upper one.
    assert_true(tt_dec_to_double(d("9007199254740993")) == 9007199254740992.0);
    assert_true(tt_dec_to_double(d("9007199254740993.000000000000000001")) == 9007199254740994.0);
    assert_int_equal(tt_dec_from_double(0.1, &r), TUTTI_OK);
    assert_dec(r, "0.1");
    assert_int_equal(tt_dec_from_double(-2.5e-9, &r), TUTTI_OK);
    assert_dec(r, "-0.000000002");
    assert_int_equal(tt_dec_from_double(1.6e-9, &r), TUTTI_OK);
    assert_dec(r, "0.000000002");
    assert_int_equal(tt_dec_from_double(-9e9, &r), TUTTI_OK);
    assert_dec(r, "-9000000000");
    assert_int_equal(tt_dec_from_double(9.1e9, &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_from_double((double)__builtin_nanf(""), &r), TUTTI_RANGE);
    assert_int_equal(tt_dec_from_double(-(double)__builtin_inff(), &r), TUTTI_RANGE);
    assert_dec(r, "-9000000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants),
        cmocka_unit_test(comparison),
        cmocka_unit_test(sums_overflow_with_an_answer),
        cmocka_unit_test(division_rounds_as_named),
        cmocka_unit_test(products),
        cmocka_unit_test(quotients_at_the_edges),
        cmocka_unit_test(whole_divisors_divide_as_all_others),
        cmocka_unit_test(muldiv_rounds_once),
        cmocka_unit_test(quantize_to_steps),
        cmocka_unit_test(negation),
        cmocka_unit_test(the_asserting_forms),
        cmocka_unit_test(counts_of_units),
        cmocka_unit_test(doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
