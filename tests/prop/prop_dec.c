/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The decimal against vectors made with Python's decimal (tools/make_dec_vectors.py), and algebraic
 * properties over seeded random values. TUTTI_SEED in the environment sets another seed.
 */
#include "../lib/test.h"
#include "base/dec.h"
#include "base/random.h"
#include "base/text.h"

static const char *const round_names[] = {
    "exact", "down", "up", "floor", "ceiling", "half_even", "half_up"};

static tt_round find_round(tt_slice name)
{
    for (size_t i = 0; i < sizeof round_names / sizeof round_names[0]; i++) {
        if (tt_slice_is(name, round_names[i])) {
            return (tt_round)i;
        }
    }
    fail_msg("no such rounding: %.*s", (int)name.length, name.data);
    return TT_ROUND_EXACT;
}

static tt_dec take_number(tt_slice *line)
{
    tt_dec value = {0};
    tt_slice word = tt_slice_split(line, ' ');
    assert_int_equal(tt_dec_parse(word.data, word.length, &value), TUTTI_OK);
    return value;
}

static tutti_status apply(tt_slice operation, tt_round round, const tt_dec *in, tt_dec *out)
{
    if (tt_slice_is(operation, "add")) {
        return tt_dec_add(in[0], in[1], out);
    }
    if (tt_slice_is(operation, "sub")) {
        return tt_dec_sub(in[0], in[1], out);
    }
    if (tt_slice_is(operation, "mul")) {
        return tt_dec_mul(in[0], in[1], round, out);
    }
    if (tt_slice_is(operation, "div")) {
        return tt_dec_div(in[0], in[1], round, out);
    }
    if (tt_slice_is(operation, "muldiv")) {
        return tt_dec_muldiv(in[0], in[1], in[2], round, out);
    }
    assert_true(tt_slice_is(operation, "quantize"));
    return tt_dec_quantize(in[0], in[1], round, out);
}

static void check_line(const char *text, int number)
{
    tt_slice line = tt_slice_trim(tt_slice_of(text));
    tt_slice operation = tt_slice_split(&line, ' ');
    tt_round round = find_round(tt_slice_split(&line, ' '));
    tt_dec in[3] = {{0}};
    in[0] = take_number(&line);
    in[1] = take_number(&line);
    if (tt_slice_is(operation, "muldiv")) {
        in[2] = take_number(&line);
    }
    assert_true(tt_slice_is(tt_slice_split(&line, ' '), "="));
    tt_dec out = {123};
    tutti_status status = apply(operation, round, in, &out);
    char result[TT_DEC_TEXT_MAX] = "range";
    if (status == TUTTI_OK) {
        (void)tt_dec_format(out, result);
    } else {
        assert_int_equal(status, TUTTI_RANGE);
        assert_true(out.v == 123);
    }
    if (!tt_slice_is(line, result)) {
        fail_msg("line %d: %s gives %s", number, text, result);
    }
}

static void vectors(void **state)
{
    (void)state;
    FILE *file = fopen(TT_PROP_DIR "/dec_vectors.txt", "r");
    assert_non_null(file);
    char text[512];
    int number = 0;
    while (fgets(text, sizeof text, file)) {
        check_line(text, ++number);
    }
    (void)fclose(file);
    assert_int_equal(number, 4200);
}

static uint64_t seed_of_run(void)
{
    const char *text = getenv("TUTTI_SEED");
    uint64_t seed = 20220103;
    if (text) {
        assert_int_equal(tt_text_parse_u64(text, strlen(text), &seed), TUTTI_OK);
    }
    print_message("TUTTI_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* A value of random size: every number of bits is as likely. */
static tt_dec draw(tt_random *random, uint32_t bits_max)
{
    uint32_t bits = (uint32_t)tt_random_below(random, bits_max) + 1;
    tt_u128 m = (tt_u128)tt_random_u64(random) << 64 | tt_random_u64(random);
    tt_i128 v = (tt_i128)(m >> (128 - bits));
    return (tt_dec){tt_random_below(random, 2) ? -v : v};
}

enum {
    rounds = 100000
};

static void sums_undo_each_other(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 1);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 126);
        tt_dec b = draw(&random, 126);
        tt_dec sum = tt_dec_xadd(a, b);
        assert_true(tt_dec_eq(sum, tt_dec_xadd(b, a)));
        assert_true(tt_dec_eq(tt_dec_xsub(sum, b), a));
        assert_true(tt_dec_eq(tt_dec_xsub(a, b), tt_dec_xneg(tt_dec_xsub(b, a))));
    }
}

static void products_commute_and_are_bracketed(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 2);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 92);
        tt_dec b = draw(&random, 92);
        tt_dec low = {0};
        tt_dec high = {0};
        tt_dec near = {0};
        tt_dec swapped = {0};
        assert_int_equal(tt_dec_mul(a, b, TT_ROUND_FLOOR, &low), TUTTI_OK);
        assert_int_equal(tt_dec_mul(a, b, TT_ROUND_CEILING, &high), TUTTI_OK);
        assert_int_equal(tt_dec_mul(a, b, TT_ROUND_HALF_EVEN, &near), TUTTI_OK);
        assert_int_equal(tt_dec_mul(b, a, TT_ROUND_HALF_EVEN, &swapped), TUTTI_OK);
        assert_true(tt_dec_eq(near, swapped) && tt_dec_eq(near, tt_dec_xmul(a, b)));
        assert_true(high.v - low.v == 0 || high.v - low.v == 1);
        assert_true(near.v == low.v || near.v == high.v);
        tt_dec exact = {0};
        bool is_exact = tt_dec_mul(a, b, TT_ROUND_EXACT, &exact) == TUTTI_OK;
        assert_int_equal(is_exact, low.v == high.v);
        // -(a x b) == (-a) x b, so floor and ceiling mirror each other.
        tt_dec mirrored = {0};
        assert_int_equal(tt_dec_mul(tt_dec_xneg(a), b, TT_ROUND_CEILING, &mirrored), TUTTI_OK);
        assert_true(mirrored.v == -low.v);
    }
}

static void quotients_times_divisor_come_back(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 3);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 120);
        tt_dec b = draw(&random, 120);
        tt_dec r = {0};
        if (b.v == 0) {
            continue;
        }
        assert_int_equal(tt_dec_muldiv(a, b, b, TT_ROUND_EXACT, &r), TUTTI_OK);
        assert_true(tt_dec_eq(r, a));
        tt_dec q = {0};
        if (tt_dec_div(a, b, TT_ROUND_DOWN, &q) != TUTTI_OK) {
            continue;
        }
        // |a| - |q x b| lies in [0, |b| x 10^-18], so that rounding the product up gives at most
        // |a|, but for the digit that is rounded.
        tt_dec back = {0};
        assert_int_equal(tt_dec_mul(q, b, TT_ROUND_DOWN, &back), TUTTI_OK);
        tt_dec missing = tt_dec_xsub(tt_dec_xabs(a), tt_dec_xabs(back));
        tt_dec bound = {0};
        assert_int_equal(tt_dec_mul(tt_dec_xabs(b), (tt_dec){1}, TT_ROUND_UP, &bound), TUTTI_OK);
        assert_true(missing.v >= 0 && missing.v <= bound.v);
    }
}

static void quantized_values_stay_and_are_near(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 4);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 120);
        tt_dec step = tt_dec_xabs(draw(&random, 100));
        if (step.v == 0) {
            continue;
        }
        for (int round = TT_ROUND_DOWN; round <= TT_ROUND_HALF_UP; round++) {
            tt_dec once = {0};
            tt_dec twice = {0};
            assert_int_equal(tt_dec_quantize(a, step, (tt_round)round, &once), TUTTI_OK);
            assert_true(tt_dec_is_multiple(once, step));
            assert_true(tt_dec_lt(tt_dec_xabs(tt_dec_xsub(once, a)), step));
            assert_int_equal(tt_dec_quantize(once, step, TT_ROUND_EXACT, &twice), TUTTI_OK);
            assert_true(tt_dec_eq(once, twice));
        }
    }
}

static void text_comes_back(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 5);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 127);
        tt_dec back = {0};
        char text[TT_DEC_TEXT_MAX];
        size_t length = tt_dec_format(a, text);
        assert_int_equal(tt_dec_parse(text, length, &back), TUTTI_OK);
        assert_true(tt_dec_eq(a, back));
        length = tt_dec_format_fixed(a, TT_DEC_DIGITS, text);
        assert_int_equal(tt_dec_parse(text, length, &back), TUTTI_OK);
        assert_true(tt_dec_eq(a, back));
    }
}

static void doubles_are_the_nearest(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, seed_of_run(), 6);
    for (int i = 0; i < rounds; i++) {
        tt_dec a = draw(&random, 127);
        char text[TT_DEC_TEXT_MAX];
        (void)tt_dec_format(a, text);
        assert_true(tt_dec_to_double(a) == strtod(text, NULL)); // The C library rounds to nearest.
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(sums_undo_each_other),
        cmocka_unit_test(products_commute_and_are_bracketed),
        cmocka_unit_test(quotients_times_divisor_come_back),
        cmocka_unit_test(quantized_values_stay_and_are_near),
        cmocka_unit_test(text_comes_back),
        cmocka_unit_test(doubles_are_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
