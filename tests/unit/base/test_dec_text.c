/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimals as text.
 */
#include "../../lib/test.h"
#include "base/dec.h"
#include "base/random.h"

static void parse_and_format(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"+1", "1"},
        {"007", "7"},
        {"1.50", "1.5"},
        {"-0.25", "-0.25"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"12.5e-1", "1.25"},
        {"1e-18", "0.000000000000000001"},
        {"0e999999999999999999999", "0"},
        {"100000000000000000000", "100000000000000000000"},
        {"170141183460469231731.687303715884105727", "170141183460469231731.687303715884105727"},
        {"-170141183460469231731.687303715884105728", "-170141183460469231731.687303715884105728"},
        {"0.1000000000000000000000000000000000000000", "0.1"},
        {"0.000000000000000000000000000001e30", "1"},
        {"1000000000000000000000000000000e-30", "1"},
        {"999999999999999999", "999999999999999999"},
        {"12345678901234.5678", "12345678901234.5678"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_dec value = {7};
        char text[TT_DEC_TEXT_MAX];
        assert_int_equal(tt_dec_parse(cases[i][0], strlen(cases[i][0]), &value), TUTTI_OK);
        assert_int_equal(tt_dec_format(value, text), strlen(cases[i][1]));
        assert_string_equal(text, cases[i][1]);
    }
}

static void refused(const char *text, size_t length, tutti_status expected)
{
    tt_dec value = {7};
    assert_int_equal(tt_dec_parse(text, length, &value), expected);
    assert_true(value.v == 7);
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",     "-",   "+",      ".",     ".5",  "5.",  "1..2", "1.2.3", "--1", "+-1", "1e",
        "1e+",  "1e-", "e5",     "1e5.0", " 1",  "1 ",  "1,5",  "0x10",  "nan", "inf", "1_0",
        "1e5e", "１",  "1.5e 3", "-.5",   "- 1", "1\n", "12a",  "1.-5",  "5.e3"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(cases[i], strlen(cases[i]), TUTTI_PARSE);
    }
    refused("1\0", 2, TUTTI_PARSE);
    refused(NULL, 0, TUTTI_PARSE);
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "170141183460469231731.687303715884105728",
        "-170141183460469231731.687303715884105729",
        "1e21",
        "1e99999999999999999999999",
        "1e-19",
        "0.0000000000000000001",
        "1.1111111111111111111",
        "99999999999999999999999999999999999999999999999999",
        "0.12345678901234567890123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(cases[i], strlen(cases[i]), TUTTI_RANGE);
    }
}

static void only_the_given_length_is_read(void **state)
{
    (void)state;
    tt_dec value = {0};
    assert_int_equal(tt_dec_parse("1234", 2, &value), TUTTI_OK);
    assert_true(tt_dec_eq(value, TT_DEC_C(12, 0)));
}

static void very_long_texts(void **state)
{
    (void)state;
    char text[5000];
    memset(text, '0', sizeof text);
    tt_dec value = {0};
    text[1] = '.';
    text[4990] = '1';
    memcpy(text + 4993, "e4990", 5); // 0.000...100e4990 with the 1 at the 4989th decimal
    assert_int_equal(tt_dec_parse(text, 4998, &value), TUTTI_OK);
    assert_true(tt_dec_eq(value, TT_DEC_C(10, 0)));
    memset(text, '9', sizeof text);
    refused(text, sizeof text, TUTTI_RANGE);
}

static void fixed(const char *number, int digits, const char *expected)
{
    tt_dec value = {0};
    char text[TT_DEC_TEXT_MAX];
    assert_int_equal(tt_dec_parse(number, strlen(number), &value), TUTTI_OK);
    assert_int_equal(tt_dec_format_fixed(value, digits, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void fixed_decimals(void **state)
{
    (void)state;
    fixed("1", 2, "1.00");
    fixed("1.005", 2, "1.00");
    fixed("1.015", 2, "1.02");
    fixed("1.0051", 2, "1.01");
    fixed("-0.004", 2, "0.00");
    fixed("-0.006", 2, "-0.01");
    fixed("0.5", 0, "0");
    fixed("1.5", 0, "2");
    fixed("999.995", 2, "1000.00");
    fixed("-170141183460469231731.687303715884105728", 0, "-170141183460469231732");
    fixed(
        "170141183460469231731.687303715884105727", 18, "170141183460469231731.687303715884105727");
}

/* A magnitude with `decimals` decimals, digit by digit from its end. */
static void write_slowly(bool negative, tt_u128 m, int decimals, char *text)
{
    char reversed[64];
    size_t count = 0;
    for (int cut = decimals; cut < TT_DEC_DIGITS; cut++) {
        m /= 10;
    }
    for (int at = 0; at <= decimals || m != 0; at++) {
        if (at == decimals && decimals > 0) {
            reversed[count++] = '.';
        }
        reversed[count++] = (char)('0' + (int)(m % 10));
        m /= 10;
    }
    size_t length = 0;
    if (negative) {
        text[length++] = '-';
    }
    while (count > 0) {
        text[length++] = reversed[--count];
    }
    text[length] = '\0';
}

static void expect_slow(tt_dec value, int digits)
{
    tt_u128 unit = 1;
    for (int i = digits; i < TT_DEC_DIGITS; i++) {
        unit *= 10;
    }
    const tt_u128 m = value.v < 0 ? -(tt_u128)value.v : (tt_u128)value.v;
    const tt_u128 rest = m % unit;
    const bool is_up = 2 * rest > unit || (2 * rest == unit && (m / unit & 1) != 0);
    const tt_u128 rounded = m - rest + (is_up ? unit : 0);
    char expected[TT_DEC_TEXT_MAX + 8];
    char text[TT_DEC_TEXT_MAX];
    write_slowly(value.v < 0 && rounded != 0, rounded, digits, expected);
    assert_int_equal(tt_dec_format_fixed(value, digits, text), strlen(expected));
    assert_string_equal(text, expected);
    int kept = TT_DEC_DIGITS;
    for (tt_u128 left = m; kept > 0 && left % 10 == 0; left /= 10) {
        kept--;
    }
    write_slowly(value.v < 0, m, kept, expected);
    assert_int_equal(tt_dec_format(value, text), strlen(expected));
    assert_string_equal(text, expected);
}

/* Numbers of every length, with few and many decimals, ties and what is next to them. */
static void numbers_are_written_as_digit_by_digit(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 18, 0);
    for (int i = 0; i < 200000; i++) {
        const tt_u128 bits = (tt_u128)tt_random_u64(&random) << 64 | tt_random_u64(&random);
        tt_dec value = {(tt_i128)bits >> tt_random_between(&random, 0, 126)};
        const int digits = (int)tt_random_between(&random, 0, TT_DEC_DIGITS);
        tt_i128 unit = 1;
        for (int j = digits; j < TT_DEC_DIGITS; j++) {
            unit *= 10;
        }
        if (i % 3 != 0 && unit > 1) {
            value.v -= value.v % unit;
            value.v += value.v < 0 ? unit / 2 : -unit / 2;
            value.v += i % 3 == 1 ? 0 : tt_random_between(&random, -1, 1);
        }
        expect_slow(value, digits);
    }
    expect_slow((tt_dec){(tt_i128)((tt_u128)1 << 127)}, 0);
    expect_slow((tt_dec){(tt_i128)(((tt_u128)1 << 127) - 1)}, 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_and_format),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(numbers_that_do_not_fit_are_refused),
        cmocka_unit_test(only_the_given_length_is_read),
        cmocka_unit_test(very_long_texts),
        cmocka_unit_test(fixed_decimals),
        cmocka_unit_test(numbers_are_written_as_digit_by_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
