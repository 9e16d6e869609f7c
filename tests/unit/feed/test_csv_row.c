/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rows of comma-separated values and the bars in them.
 */
#include "feed/csv_row.h"
#include "fixture.h"

static tt_csv_row row;

/* Splits and joins again with '|'. */
static void expect_fields(const char *line, uint32_t count, const char *joined)
{
    tt_feed_refusal refusal = {0};
    if (tt_csv_split(tt_slice_of(line), &row, &refusal) != TUTTI_OK) {
        fail_msg("'%s': %s", line, refusal.message);
    }
    assert_int_equal(row.count, count);
    char text[200];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    for (uint32_t i = 0; i < row.count; i++) {
        tt_text_append_text(&buf, i == 0 ? "" : "|");
        tt_text_append(&buf, row.fields[i].data, row.fields[i].length);
    }
    assert_string_equal(text, joined);
}

static void expect_no_fields(const char *line, const char *part)
{
    tt_feed_refusal refusal = {0};
    assert_int_equal(tt_csv_split(tt_slice_of(line), &row, &refusal), TUTTI_INVALID);
    if (strstr(refusal.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", refusal.message, part);
    }
}

static void test_split(void **state)
{
    (void)state;
    expect_fields("a,b,c", 3, "a|b|c");
    expect_fields("", 1, "");
    expect_fields(",", 2, "|");
    expect_fields("a,,", 3, "a||");
    expect_fields(" a , b\t,c ", 3, "a|b|c");
    expect_fields("\"a,b\",c", 2, "a,b|c");
    expect_fields("\"\",\"x\"", 2, "|x");
    expect_no_fields("a\"b,c", "a quote is out of place");
    expect_no_fields("\"a\"b,c", "a quote is out of place");
    expect_no_fields("\"a,b", "a quote is out of place");
    expect_no_fields("\"a\"\"b\"", "a quote is out of place");
    expect_no_fields("\"", "a quote is out of place");
}

static void test_field_bound(void **state)
{
    (void)state;
    char line[2 * TT_CSV_FIELDS_MAX + 2];
    memset(line, ',', sizeof line);
    tt_feed_refusal refusal = {0};
    tt_slice most = {line, TT_CSV_FIELDS_MAX - 1};
    assert_int_equal(tt_csv_split(most, &row, &refusal), TUTTI_OK);
    assert_int_equal(row.count, TT_CSV_FIELDS_MAX);
    tt_slice more = {line, TT_CSV_FIELDS_MAX};
    assert_int_equal(tt_csv_split(more, &row, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, "the row has more than 512 fields");
}

static tt_csv_layout layout = {
    .index =
        {
            [TT_CSV_TIME] = TT_CSV_NO_COLUMN,
            [TT_CSV_OPEN] = 0,
            [TT_CSV_HIGH] = 1,
            [TT_CSV_LOW] = 2,
            [TT_CSV_CLOSE] = 3,
            [TT_CSV_VOLUME] = 4,
            [TT_CSV_SYMBOL] = TT_CSV_NO_COLUMN,
        },
};

static tutti_status parse(const char *line, tt_bar *bar, tt_feed_refusal *refusal)
{
    assert_int_equal(tt_csv_split(tt_slice_of(line), &row, refusal), TUTTI_OK);
    layout.price_scale.d = TT_DEC_C(1, 0);
    return tt_csv_parse_bar(&row, &layout, bar, refusal);
}

static void test_bar(void **state)
{
    (void)state;
    tt_bar bar = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(parse("10,12.5,9,11,100.25", &bar, &refusal), TUTTI_OK);
    assert_num(bar.open, "10");
    assert_num(bar.high, "12.5");
    assert_num(bar.low, "9");
    assert_num(bar.close, "11");
    assert_num(bar.volume, "100.25");
    assert_int_equal(parse("5,5,5,5,0", &bar, &refusal), TUTTI_OK);
}

static void expect_no_bar(const char *line, const char *reason)
{
    tt_bar bar = {0};
    tt_feed_refusal refusal = {0};
    assert_int_equal(parse(line, &bar, &refusal), TUTTI_INVALID);
    assert_string_equal(refusal.message, reason);
}

static void test_bad_bars(void **state)
{
    (void)state;
    expect_no_bar("x,12,9,11,1", "open 'x' is not a number");
    expect_no_bar("10,nan,9,11,1", "high 'nan' is not a number");
    expect_no_bar("10,12,0,11,1", "low 0 is not above 0");
    expect_no_bar("10,12,9,-11,1", "close -11 is not above 0");
    expect_no_bar("10,12,9,11,-1", "volume -1 is below 0");
    expect_no_bar("10,9,12,11,1", "high is below low");
    expect_no_bar("13,12,9,11,1", "high is below open or close");
    expect_no_bar("10,12,9,12.5,1", "high is below open or close");
    expect_no_bar("10,12,10.5,11,1", "low is above open or close");
    expect_no_bar("10,12,9.5,9,1", "low is above open or close");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_field_bound),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_bad_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
