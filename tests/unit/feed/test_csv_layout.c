/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Finding the columns of a file by name or number.
 */
#include "feed/csv_layout.h"
#include "fixture.h"

static tt_csv_row header;
static tt_csv_places places;

static tutti_status find(const feed_bench *bench, const char *line, tt_error *error)
{
    const tt_feed_setup setup = {&bench->config, &bench->instruments, 1};
    tt_feed_refusal refusal = {0};
    if (line != NULL) {
        assert_int_equal(tt_csv_split(tt_slice_of(line), &header, &refusal), TUTTI_OK);
    }
    return tt_csv_places_find(&setup, line == NULL ? NULL : &header, "a.csv", &places, error);
}

static void
expect_refused(const feed_bench *bench, const char *line, const char *message, const char *hint)
{
    tt_error error = {0};
    assert_int_equal(find(bench, line, &error), TUTTI_INVALID);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

static void test_names(void **state)
{
    const feed_bench *bench = *state;
    tt_error error = {0};
    assert_int_equal(find(bench, "volume,close,low,high,open,x,timestamp", &error), TUTTI_OK);
    const uint32_t expected[TT_CSV_COLUMN_COUNT] = {6, 4, 3, 2, 1, 0, TT_CSV_NO_COLUMN};
    assert_memory_equal(places.layout.index, expected, sizeof expected);
    assert_int_equal(places.layout.field_count, 7);
    assert_int_equal(tt_csv_places_needed(&places), 7);
}

static void test_numbers(void **state)
{
    feed_bench *bench = *state;
    tt_csv_config *csv = &bench->config.csv;
    strcpy(csv->timestamp, "0");
    strcpy(csv->open, "1");
    strcpy(csv->high, "2");
    strcpy(csv->low, "3");
    strcpy(csv->close, "4");
    strcpy(csv->volume, "");
    strcpy(csv->symbol, "9");
    tt_error error = {0};
    assert_int_equal(find(bench, NULL, &error), TUTTI_OK);
    const uint32_t expected[TT_CSV_COLUMN_COUNT] = {0, 1, 2, 3, 4, TT_CSV_NO_COLUMN, 9};
    assert_memory_equal(places.layout.index, expected, sizeof expected);
    assert_int_equal(places.layout.field_count, 0);
    assert_int_equal(tt_csv_places_needed(&places), 10);
    strcpy(csv->symbol, "512");
    expect_refused(
        bench,
        NULL,
        "a.csv: csv.symbol is '512', but the file has no header line",
        "give the number of the column, from 0; or csv.header: true");
    // With a header a number must be one of its columns, and a name is looked for first.
    strcpy(csv->symbol, "5");
    expect_refused(
        bench,
        "0,1,2,3,4",
        "a.csv: the file has no column '5', which csv.symbol names",
        "its columns are: 0, 1, 2, 3, 4");
    strcpy(csv->symbol, "");
    assert_int_equal(find(bench, "4,3,2,1,0", &error), TUTTI_OK);
    assert_int_equal(places.layout.index[TT_CSV_TIME], 4);
}

static void test_missing_columns(void **state)
{
    feed_bench *bench = *state;
    expect_refused(
        bench,
        "Date,Open",
        "a.csv: the file has no column 'timestamp', which csv.timestamp names",
        "its columns are: Date, Open");
    expect_refused(
        bench,
        NULL,
        "a.csv: csv.timestamp is 'timestamp', but the file has no header line",
        "give the number of the column, from 0; or csv.header: true");
    strcpy(bench->config.csv.volume, "Volume");
    expect_refused(
        bench,
        "timestamp,open,high,low,close,volume",
        "a.csv: the file has no column 'Volume', which csv.volume names",
        "its columns are: timestamp, open, high, low, close, volume");
}

static void test_wide(void **state)
{
    feed_bench *bench = *state;
    bench_instrument(bench, "XOM", 86400);
    bench_instrument(bench, "AAPL", 86400);
    strcpy(bench->config.csv.timestamp, "Date");
    bench->config.csv.wide = true;
    tt_error error = {0};
    assert_int_equal(find(bench, "Date,AAPL,AMD,xom", &error), TUTTI_OK);
    assert_int_equal(places.wide[0], 3);
    assert_int_equal(places.wide[1], 1);
    expect_refused(
        bench,
        "Date,AAPL",
        "a.csv: the file has no column 'XOM', which csv.wide names",
        "its columns are: Date, AAPL");
    strcpy(bench->config.csv.timestamp, "0");
    expect_refused(bench, NULL, "a.csv: csv.wide needs a header line (csv.header: true)", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_numbers, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_missing_columns, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_wide, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
