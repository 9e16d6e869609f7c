/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Slices, bounded text, integers.
 */
#include "../../lib/test.h"
#include "base/text.h"

static void slices(void **state)
{
    (void)state;
    tt_slice a = tt_slice_of("abc");
    assert_int_equal(a.length, 3);
    assert_true(tt_slice_is(a, "abc") && !tt_slice_is(a, "ab") && !tt_slice_is(a, "abd"));
    assert_true(tt_slice_eq((tt_slice){0}, tt_slice_of("")));
    assert_true(tt_slice_is(tt_slice_trim(tt_slice_of(" \t a b\r\n")), "a b"));
    assert_int_equal(tt_slice_trim(tt_slice_of(" \n ")).length, 0);
}

static void split(void **state)
{
    (void)state;
    tt_slice rest = tt_slice_of("a,,bc");
    assert_true(tt_slice_is(tt_slice_split(&rest, ','), "a"));
    assert_true(tt_slice_is(tt_slice_split(&rest, ','), ""));
    assert_true(tt_slice_is(tt_slice_split(&rest, ','), "bc"));
    assert_null(rest.data);
    assert_int_equal(tt_slice_split(&rest, ',').length, 0);
    rest = tt_slice_of("x,");
    (void)tt_slice_split(&rest, ',');
    assert_non_null(rest.data); // An empty last field is not the same as no field.
    assert_int_equal(rest.length, 0);
}

static void a_buffer_takes_what_fits(void **state)
{
    (void)state;
    char data[8];
    tt_text_buf buf;
    tt_text_init(&buf, data, sizeof data);
    assert_string_equal(data, "");
    tt_text_append_text(&buf, "abc");
    tt_text_appendf(&buf, "%d", 4567);
    assert_string_equal(data, "abc4567");
    assert_false(buf.truncated);
    tt_text_append(&buf, NULL, 0);
    assert_false(buf.truncated);
    tt_text_append_text(&buf, "x");
    assert_true(buf.truncated);
    assert_string_equal(data, "abc4567");
    assert_int_equal(buf.length, 7);
}

static void a_buffer_is_cut_and_then_closed(void **state)
{
    (void)state;
    char data[6];
    tt_text_buf buf;
    tt_text_init(&buf, data, sizeof data);
    tt_text_appendf(&buf, "%s", "abcdefgh");
    assert_string_equal(data, "abcde");
    assert_true(buf.truncated);
    tt_text_init(&buf, data, sizeof data);
    tt_text_append_text(&buf, "abcdefgh");
    assert_string_equal(data, "abcde");
    tt_text_init(&buf, data, 1);
    tt_text_appendf(&buf, "%s", "x");
    tt_text_appendf(&buf, "%s", "");
    assert_true(buf.truncated && buf.length == 0);
    assert_string_equal(data, "");
}

static tutti_status parse_u64(const char *text, uint64_t *value)
{
    return tt_text_parse_u64(text, strlen(text), value);
}

static void unsigned_integers(void **state)
{
    (void)state;
    uint64_t value = 1;
    assert_int_equal(parse_u64("0", &value), TUTTI_OK);
    assert_true(value == 0);
    assert_int_equal(parse_u64("18446744073709551615", &value), TUTTI_OK);
    assert_true(value == UINT64_MAX);
    assert_int_equal(parse_u64("18446744073709551616", &value), TUTTI_RANGE);
    assert_int_equal(parse_u64("99999999999999999999999", &value), TUTTI_RANGE);
    static const char *const bad[] = {
        "", "-1", "+1", "01", "00", " 1", "1 ", "1.0", "1e3", "0x1", "99999999999999999999999x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse_u64(bad[i], &value), TUTTI_PARSE);
    }
    assert_true(value == UINT64_MAX);
}

static tutti_status parse_i64(const char *text, int64_t *value)
{
    return tt_text_parse_i64(text, strlen(text), value);
}

static void signed_integers(void **state)
{
    (void)state;
    int64_t value = 1;
    assert_int_equal(parse_i64("-9223372036854775808", &value), TUTTI_OK);
    assert_true(value == INT64_MIN);
    assert_int_equal(parse_i64("9223372036854775807", &value), TUTTI_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(parse_i64("-12", &value), TUTTI_OK);
    assert_int_equal(value, -12);
    assert_int_equal(parse_i64("9223372036854775808", &value), TUTTI_RANGE);
    assert_int_equal(parse_i64("-9223372036854775809", &value), TUTTI_RANGE);
    static const char *const bad[] = {"", "-", "-0", "--1", "+1", "-01", "1-"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse_i64(bad[i], &value), TUTTI_PARSE);
    }
    assert_int_equal(value, -12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices),
        cmocka_unit_test(split),
        cmocka_unit_test(a_buffer_takes_what_fits),
        cmocka_unit_test(a_buffer_is_cut_and_then_closed),
        cmocka_unit_test(unsigned_integers),
        cmocka_unit_test(signed_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
