/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recorded sentiment: the form of the file, every error with its line, look-up by time, bounds.
 */
#include "agent/sentiment_record.h"
#include "base/calendar.h"
#include "fixture.h"
#include "temp_file.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#define HEADER "time,symbol,score,confidence,social,news,event\n"

static tt_sentiment_record record;
static tt_error error;

static int teardown(void **state)
{
    (void)state;
    tt_sentiment_record_fini(&record);
    temp_remove();
    return 0;
}

static tutti_status load(const char *text)
{
    tt_instruments instruments = fixture_instruments();
    memset(&error, 0, sizeof error);
    temp_remove();
    return tt_sentiment_record_load(&record, temp_write(text), &instruments, &error);
}

static tt_time at(const char *text)
{
    tt_time time;
    TT_ASSERT(tt_time_parse(text, strlen(text), &time) == TUTTI_OK);
    return time;
}

static void test_rows(void **state)
{
    (void)state;
    assert_int_equal(
        load(HEADER "2022-01-03T10:00:00Z,BTC/USDT,0.25,0.7,0.1,0.4,upgrade\r\n"
                    "\n"
                    "   \n"
                    "2022-01-03 09:00,ETH/USDT,-1,1,,, \n"
                    "2022-01-03T09:30:00Z,BTC/USDT,,0,0.5,-0.25,\"said \"\"no\"\", then yes\"\n"
                    "2022-01-03T08:00:00Z,BTC/USDT, ,0.5,,0.75,no end of line"),
        TUTTI_OK);
    assert_int_equal(record.count, 4);
    const tt_sentiment_entry *entry = &record.entries[0]; // sorted by symbol and time
    assert_int_equal(entry->key, 1);
    assert_int_equal(entry->line, 7);
    assert_int_equal(entry->time.ns, at("2022-01-03T08:00:00Z").ns);
    assert_true(is_ratio(entry->score, 75)); // the one that is given
    assert_false(entry->has_social);
    assert_true(entry->has_news);
    assert_string_equal(entry->event, "no end of line");
    entry = &record.entries[1];
    assert_true(tt_dec_eq(entry->score.d, TT_DEC_C(125, 3))); // the mean
    assert_true(is_ratio(entry->confidence, 0));
    assert_string_equal(entry->event, "said \"no\", then yes");
    entry = &record.entries[2];
    assert_true(is_ratio(entry->score, 25)); // what is given counts
    assert_true(is_ratio(entry->social, 10));
    assert_true(is_ratio(entry->news, 40));
    assert_true(is_ratio(entry->confidence, 70));
    assert_string_equal(entry->event, "upgrade");
    entry = &record.entries[3];
    assert_int_equal(entry->key, 2);
    assert_true(is_ratio(entry->score, -100));
    assert_string_equal(entry->event, "");
}

static void test_columns_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(load("confidence,news,symbol,time\n0.5,-0.5,ETH/USDT,2022-01-03\n"), TUTTI_OK);
    assert_int_equal(record.count, 1);
    assert_true(is_ratio(record.entries[0].score, -50));
    assert_true(is_ratio(record.entries[0].confidence, 50));
    assert_int_equal(record.entries[0].key, 2);
}

static void test_long_events_are_cut(void **state)
{
    (void)state;
    char text[256] = HEADER "2022-01-03,BTC/USDT,0,1,,,";
    size_t length = strlen(text);
    memset(text + length, 'x', 80);
    assert_int_equal(load(text), TUTTI_OK);
    assert_int_equal(strlen(record.entries[0].event), 63);
}

static void test_latest_entry_at_a_moment(void **state)
{
    (void)state;
    assert_int_equal(
        load(HEADER "2022-01-03T10:00:00Z,BTC/USDT,0.1,1,,,\n"
                    "2022-01-03T12:00:00Z,BTC/USDT,0.3,1,,,\n"
                    "2022-01-03T11:00:00Z,BTC/USDT,0.2,1,,,\n"),
        TUTTI_OK);
    assert_null(tt_sentiment_record_find(&record, 1, at("2022-01-03T09:59:59Z")));
    assert_null(tt_sentiment_record_find(&record, 2, at("2023-01-01")));
    assert_null(tt_sentiment_record_find(&record, 0, at("2023-01-01")));
    const struct {
        const char *now;
        int64_t score;
    } rows[] = {
        {"2022-01-03T10:00:00Z", 10}, // at its time it counts
        {"2022-01-03T10:59:59Z", 10},
        {"2022-01-03T11:00:00Z", 20},
        {"2022-01-03T12:00:00Z", 30},
        {"2030-01-01", 30},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_sentiment_entry *entry = tt_sentiment_record_find(&record, 1, at(rows[i].now));
        assert_non_null(entry);
        assert_true(is_ratio(entry->score, rows[i].score));
    }
}

static void test_a_file_without_rows(void **state)
{
    (void)state;
    assert_int_equal(load(HEADER), TUTTI_OK);
    assert_int_equal(record.count, 0);
    assert_null(tt_sentiment_record_find(&record, 1, at("2022-01-03")));
}

/** Each row: a file, the status, the message after the path, the hint. */
static const struct {
    const char *text;
    tutti_status status;
    const char *message;
    const char *hint;
} bad_files[] = {
    {"", TUTTI_PARSE, ":1: the file is empty", "the first line names the columns"},
    {"time,symbol,confidence\n",
     TUTTI_PARSE,
     ":1: the header must name time, symbol, confidence and one of score, social, news",
     "such as: time,symbol,score,confidence,social,news,event"},
    {"time,score,confidence\n",
     TUTTI_PARSE,
     ":1: the header must name time, symbol, confidence and one of score, social, news",
     "such as: time,symbol,score,confidence,social,news,event"},
    {"time,symbol,score,confidence,mood\n",
     TUTTI_PARSE,
     ":1: there is no column \"mood\"",
     "columns are time, symbol, score, confidence, social, news, event"},
    {"time,symbol,score,confidence,score\n",
     TUTTI_EXISTS,
     ":1: the column score is named twice",
     ""},
    {"time,symbol,score,confidence,social,news,event,score\n",
     TUTTI_PARSE,
     ":1: the header must name time, symbol, confidence and one of score, social, news",
     "such as: time,symbol,score,confidence,social,news,event"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,\n",
     TUTTI_PARSE,
     ":2: the row has 6 fields, the header 7",
     "each row has one field a column of the header"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,,a,b,c\n",
     TUTTI_PARSE,
     ":2: the row has 8 fields, the header 7",
     "each row has one field a column of the header"},
    {HEADER "\n2022-13-03,BTC/USDT,0,1,,,\n",
     TUTTI_PARSE,
     ":3: time is no moment: \"2022-13-03\"",
     "ISO 8601 in UTC, such as 2022-01-03T10:00:00Z"},
    {HEADER ",BTC/USDT,0,1,,,\n",
     TUTTI_PARSE,
     ":2: time is no moment: \"\"",
     "ISO 8601 in UTC, such as 2022-01-03T10:00:00Z"},
    {HEADER "2022-01-03,DOGE,0,1,,,\n",
     TUTTI_NOT_FOUND,
     ":2: symbol \"DOGE\" is not configured",
     "the symbols are those of the list instruments"},
    {HEADER "2022-01-03,BTC/USDT,high,1,,,\n",
     TUTTI_PARSE,
     ":2: score is no number: \"high\"",
     "a decimal number such as -0.25"},
    {HEADER "2022-01-03,BTC/USDT,1.01,1,,,\n",
     TUTTI_RANGE,
     ":2: score is out of range: 1.01",
     "from -1 to 1"},
    {HEADER "2022-01-03,BTC/USDT,0,-0.1,,,\n",
     TUTTI_RANGE,
     ":2: confidence is out of range: -0.1",
     "from 0 to 1"},
    {HEADER "2022-01-03,BTC/USDT,0,,,,\n",
     TUTTI_PARSE,
     ":2: there is no confidence",
     "from 0 to 1"},
    {HEADER "2022-01-03,BTC/USDT,,1,,,\n",
     TUTTI_PARSE,
     ":2: there is no score, no social and no news",
     "give score, or social and news, or one of them"},
    {HEADER "2022-01-03,BTC/USDT,0,1,-2,,\n",
     TUTTI_RANGE,
     ":2: social is out of range: -2",
     "from -1 to 1"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,nan,\n",
     TUTTI_PARSE,
     ":2: news is no number: \"nan\"",
     "a decimal number such as -0.25"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,,\"open\n",
     TUTTI_PARSE,
     ":2: the quotes of field 7 do not fit",
     "a field with quotes stands in quotes as a whole, and a quote in it is doubled"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,,an \"x\"\n",
     TUTTI_PARSE,
     ":2: the quotes of field 7 do not fit",
     "a field with quotes stands in quotes as a whole, and a quote in it is doubled"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,,\"a\"b\n",
     TUTTI_PARSE,
     ":2: the quotes of field 7 do not fit",
     "a field with quotes stands in quotes as a whole, and a quote in it is doubled"},
    {HEADER "2022-01-03,BTC/USDT,0,1,,,\n2022-01-04,BTC/USDT,0,1,,,\n"
            "2022-01-03T00:00,BTC/USDT,0.5,1,,,\n",
     TUTTI_EXISTS,
     ":4: symbol and time are those of line 2",
     "one row a symbol and time"},
};

static void test_errors_name_file_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_files / sizeof bad_files[0]; i++) {
        assert_int_equal(load(bad_files[i].text), bad_files[i].status);
        size_t length = strlen(temp_path);
        assert_memory_equal(error.message, temp_path, length);
        assert_string_equal(error.message + length, bad_files[i].message);
        assert_string_equal(error.hint, bad_files[i].hint);
        assert_int_equal(error.status, bad_files[i].status);
        assert_null(record.entries); // nothing is kept
        assert_int_equal(record.count, 0);
    }
}

static void test_a_file_that_is_not_there(void **state)
{
    (void)state;
    tt_instruments instruments = fixture_instruments();
    assert_int_equal(
        tt_sentiment_record_load(&record, "/nonexistent/a.csv", &instruments, &error), TUTTI_IO);
    assert_string_equal(
        error.message, "/nonexistent/a.csv: cannot be opened: No such file or directory");
    assert_string_equal(error.hint, "agents.sentiment.path names a CSV file, or is empty");
    assert_int_equal(
        tt_sentiment_record_load(&record, "/tmp", &instruments, &error), TUTTI_IO); // a folder
    assert_string_equal(error.message, "/tmp: cannot be read: Is a directory");
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    tt_instruments instruments = fixture_instruments();
    static const char bytes[] = HEADER "2022-01-03,BTC/USDT,0,1,,,a\0b\n";
    temp_write_bytes(bytes, sizeof bytes - 1);
    assert_int_equal(
        tt_sentiment_record_load(&record, temp_path, &instruments, &error), TUTTI_PARSE);
    assert_non_null(strstr(error.message, ":2: the line has a byte that is 0"));
    assert_int_equal(load(HEADER "2022-01-03,BTC/USDT,0,1,,,\xff\xfe!\n"), TUTTI_OK);
    assert_string_equal(record.entries[0].event, "?\?!"); // never bytes that are not UTF-8
}

static void test_longest_line(void **state)
{
    (void)state;
    static char text[2 * TT_SENTIMENT_LINE_MAX];
    size_t head = strlen(HEADER);
    size_t length = (size_t)sprintf(text, "%s2022-01-03,BTC/USDT,0,1,,,", HEADER);
    memset(text + length, 'x', head + TT_SENTIMENT_LINE_MAX - length);
    assert_int_equal(load(text), TUTTI_OK);
    tt_sentiment_record_fini(&record);
    text[head + TT_SENTIMENT_LINE_MAX] = 'x';
    assert_int_equal(load(text), TUTTI_LIMIT);
    assert_non_null(strstr(error.message, ":2: the line has more than 4096 bytes"));
}

static void test_most_rows(void **state)
{
    (void)state;
    const size_t row_size = sizeof "2022-01-03T00:00:00.000000000Z,BTC/USDT,0,1\n" - 1;
    char *text = malloc(64 + (TT_SENTIMENT_ROWS_MAX + 1) * row_size + 1);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "time,symbol,score,confidence\n");
    for (int i = 0; i < TT_SENTIMENT_ROWS_MAX; i++) {
        at += (size_t)sprintf(text + at, "2022-01-03T00:00:00.%09dZ,BTC/USDT,0,1\n", i);
    }
    assert_int_equal(load(text), TUTTI_OK);
    assert_int_equal(record.count, TT_SENTIMENT_ROWS_MAX);
    tt_sentiment_record_fini(&record);
    sprintf(text + at, "2022-01-04T00:00:00Z,BTC/USDT,0,1\n");
    assert_int_equal(load(text), TUTTI_LIMIT);
    assert_non_null(strstr(error.message, ":1000002: the file has more than 1000000 rows"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_rows, teardown),
        cmocka_unit_test_teardown(test_columns_in_any_order, teardown),
        cmocka_unit_test_teardown(test_long_events_are_cut, teardown),
        cmocka_unit_test_teardown(test_latest_entry_at_a_moment, teardown),
        cmocka_unit_test_teardown(test_a_file_without_rows, teardown),
        cmocka_unit_test_teardown(test_errors_name_file_and_line, teardown),
        cmocka_unit_test_teardown(test_a_file_that_is_not_there, teardown),
        cmocka_unit_test_teardown(test_bytes_that_are_no_text, teardown),
        cmocka_unit_test_teardown(test_longest_line, teardown),
        cmocka_unit_test_teardown(test_most_rows, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
