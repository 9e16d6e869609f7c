/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dates, weeks and times as text.
 */
#include "../../lib/test.h"
#include "base/calendar.h"

#include <time.h>

static tt_time parse(const char *text)
{
    tt_time time = {-7};
    assert_int_equal(tt_time_parse(text, strlen(text), &time), TUTTI_OK);
    return time;
}

static void assert_text(tt_time time, const char *expected)
{
    char text[TT_TIME_TEXT_MAX];
    assert_int_equal(tt_time_format(time, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void known_days(void **state)
{
    (void)state;
    assert_int_equal(tt_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(tt_days_from_civil(1969, 12, 31), -1);
    assert_int_equal(tt_days_from_civil(2000, 2, 29), 11016);
    assert_int_equal(tt_days_from_civil(2000, 3, 1), 11017);
    assert_int_equal(tt_days_from_civil(2022, 1, 3), 18995);
    assert_int_equal(tt_days_from_civil(1, 1, 1), -719162);
    assert_int_equal(tt_days_from_civil(-400, 3, 1), -719468 - 146097);
}

/* Each day of the whole range, against the C library. */
static void every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    const int64_t first = INT64_MIN / TT_NS_PER_DAY;
    const int64_t last = INT64_MAX / TT_NS_PER_DAY;
    for (int64_t day = first; day <= last; day++) {
        time_t seconds = (time_t)(day * 86400);
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        tt_time time = {day * TT_NS_PER_DAY};
        tt_civil civil = tt_civil_from_time(time);
        assert_int_equal(civil.year, tm.tm_year + 1900);
        assert_int_equal(civil.month, tm.tm_mon + 1);
        assert_int_equal(civil.day, tm.tm_mday);
        assert_int_equal(tt_days_from_civil(civil.year, civil.month, civil.day), day);
        assert_int_equal(tt_time_weekday(time), tm.tm_wday == 0 ? 7 : tm.tm_wday);
        assert_int_equal(tt_time_day(time), day);
    }
}

static void times_before_1970_round_down(void **state)
{
    (void)state;
    tt_civil civil = tt_civil_from_time((tt_time){-1});
    assert_int_equal(civil.year, 1969);
    assert_int_equal(civil.month, 12);
    assert_int_equal(civil.day, 31);
    assert_int_equal(civil.hour, 23);
    assert_int_equal(civil.minute, 59);
    assert_int_equal(civil.second, 59);
    assert_int_equal(civil.nanosecond, 999999999);
    assert_int_equal(tt_time_day((tt_time){-1}), -1);
    assert_int_equal(tt_time_day((tt_time){0}), 0);
    assert_int_equal(tt_time_weekday((tt_time){-1}), 3);
}

static void civil_round_trip_at_the_edges(void **state)
{
    (void)state;
    static const int64_t moments[] = {
        INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_C(1641204000123456789), INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        tt_civil civil = tt_civil_from_time((tt_time){moments[i]});
        tt_time back = {0};
        assert_int_equal(tt_civil_to_time(&civil, &back), TUTTI_OK);
        assert_true(back.ns == moments[i]);
    }
}

static void impossible_dates_are_refused(void **state)
{
    (void)state;
    static const tt_civil bad[] = {
        {2022, 0, 1, 0, 0, 0, 0},
        {2022, 13, 1, 0, 0, 0, 0},
        {2022, 1, 0, 0, 0, 0, 0},
        {2022, 2, 29, 0, 0, 0, 0},
        {1900, 2, 29, 0, 0, 0, 0},
        {2022, 4, 31, 0, 0, 0, 0},
        {2022, 1, 1, 24, 0, 0, 0},
        {2022, 1, 1, 0, 60, 0, 0},
        {2022, 1, 1, 0, 0, 60, 0},
        {2022, 1, 1, 0, 0, 0, 1000000000},
    };
    tt_time time = {3};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(tt_civil_to_time(&bad[i], &time), TUTTI_INVALID);
    }
    tt_civil leap = {2000, 2, 29, 0, 0, 0, 0};
    assert_int_equal(tt_civil_to_time(&leap, &time), TUTTI_OK);
    tt_civil late = {2263, 1, 1, 0, 0, 0, 0};
    tt_civil early = {1677, 9, 21, 0, 12, 43, 145224191};
    assert_int_equal(tt_civil_to_time(&late, &time), TUTTI_RANGE);
    assert_int_equal(tt_civil_to_time(&early, &time), TUTTI_RANGE);
    assert_int_equal(time.ns, INT64_C(951782400) * TT_NS_PER_S);
}

static void formats(void **state)
{
    (void)state;
    assert_text((tt_time){0}, "1970-01-01T00:00:00Z");
    assert_text(parse("2022-01-03T10:00:00Z"), "2022-01-03T10:00:00Z");
    assert_text(parse("2022-01-03T10:00:00.5Z"), "2022-01-03T10:00:00.500Z");
    assert_text(parse("2022-01-03T10:00:00.0001"), "2022-01-03T10:00:00.000100Z");
    assert_text(parse("2022-01-03T10:00:00.000000001Z"), "2022-01-03T10:00:00.000000001Z");
    assert_text((tt_time){INT64_MIN}, "1677-09-21T00:12:43.145224192Z");
    assert_text((tt_time){INT64_MAX - 1}, "2262-04-11T23:47:16.854775806Z");
    assert_text(TT_TIME_NEVER, "never");
}

static void accepted_forms(void **state)
{
    (void)state;
    const int64_t ten = INT64_C(1641204000) * TT_NS_PER_S;
    assert_true(parse("2022-01-03").ns == ten - 10 * 3600 * TT_NS_PER_S);
    assert_true(parse("20220103").ns == ten - 10 * 3600 * TT_NS_PER_S);
    assert_true(parse("2022-01-03T10:00").ns == ten);
    assert_true(parse("2022-01-03 10:00").ns == ten);
    assert_true(parse("2022-01-03 10:00Z").ns == ten);
    assert_true(parse("20220103 10:00").ns == ten);
    assert_true(parse("20220103 10:00:01").ns == ten + TT_NS_PER_S);
    assert_true(parse("2022-01-03T10:00:00.123456789Z").ns == ten + 123456789);
    assert_true(parse("2022-01-03 10:00:00.12").ns == ten + 120000000);
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2022",
        "2022-1-3",
        "2022-01",
        "2022-01-3",
        "2022-0103",
        "202201-03",
        "22-01-03",
        "2022/01/03",
        "2022-01-03T",
        "2022-01-03 ",
        "2022-01-03Z",
        "2022-01-03T10",
        "2022-01-03T10:0",
        "2022-01-03T10:00:",
        "2022-01-03T10:00:0",
        "2022-01-03T10:00:00.",
        "2022-01-03T10:00:00.1234567890",
        "2022-01-03T10:00:00+00:00",
        "2022-01-03T10:00:00ZZ",
        "2022-01-03  10:00",
        " 2022-01-03",
        "2022-02-29",
        "2022-01-03T24:00",
        "2022-01-03T23:59:60",
        "-2022-01-03",
    };
    tt_time time = {3};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(tt_time_parse(bad[i], strlen(bad[i]), &time), TUTTI_PARSE);
    }
    assert_int_equal(tt_time_parse("9999-12-31", 10, &time), TUTTI_RANGE);
    assert_int_equal(tt_time_parse("0001-01-01", 10, &time), TUTTI_RANGE);
    assert_int_equal(tt_time_parse(NULL, 0, &time), TUTTI_PARSE);
    assert_int_equal(time.ns, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days),
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(times_before_1970_round_down),
        cmocka_unit_test(civil_round_trip_at_the_edges),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(formats),
        cmocka_unit_test(accepted_forms),
        cmocka_unit_test(other_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
