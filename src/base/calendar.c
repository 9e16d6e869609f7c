/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Civil dates, after Howard Hinnant's "chrono-compatible low-level date algorithms": years are
 * counted from March, so that the leap day comes last, in eras of 400 years.
 */
#include "base/calendar.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAYS_PER_ERA  146097
#define DAYS_TO_EPOCH 719468 /* From 0000-03-01 to 1970-01-01. */

int64_t tt_days_from_civil(int32_t year, uint32_t month, uint32_t day)
{
    int64_t from_march = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = (from_march >= 0 ? from_march : from_march - 399) / 400;
    int64_t year_of_era = from_march - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

static void set_date(tt_civil *civil, int64_t days)
{
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; // 0 is March.
    civil->day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1);
    civil->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
    civil->year = (int32_t)(year_of_era + era * 400 + (civil->month <= 2 ? 1 : 0));
}

int64_t tt_time_day(tt_time time)
{
    int64_t days = time.ns / TT_NS_PER_DAY;
    return time.ns % TT_NS_PER_DAY < 0 ? days - 1 : days;
}

tt_civil tt_civil_from_time(tt_time time)
{
    int64_t days = tt_time_day(time);
    int64_t rest = time.ns % TT_NS_PER_DAY;
    int64_t ns = rest < 0 ? rest + TT_NS_PER_DAY : rest;
    int64_t seconds = ns / TT_NS_PER_S;
    tt_civil civil = {
        .hour = (uint8_t)(seconds / 3600),
        .minute = (uint8_t)(seconds / 60 % 60),
        .second = (uint8_t)(seconds % 60),
        .nanosecond = (uint32_t)(ns % TT_NS_PER_S),
    };
    set_date(&civil, days);
    return civil;
}

static uint32_t days_of_month(int32_t year, uint32_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

static bool is_valid(const tt_civil *civil)
{
    return civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
           civil->day <= days_of_month(civil->year, civil->month) && civil->hour <= 23 &&
           civil->minute <= 59 && civil->second <= 59 && civil->nanosecond < TT_NS_PER_S;
}

tutti_status tt_civil_to_time(const tt_civil *civil, tt_time *result)
{
    if (!is_valid(civil)) {
        return TUTTI_INVALID;
    }
    int64_t days = tt_days_from_civil(civil->year, civil->month, civil->day);
    int64_t seconds = civil->hour * INT64_C(3600) + civil->minute * INT64_C(60) + civil->second;
    // In 128 bits, as the first day of the range begins before its first nanosecond.
    tt_i128 ns = ((tt_i128)days * 86400 + seconds) * TT_NS_PER_S + civil->nanosecond;
    if (ns < INT64_MIN || ns > INT64_MAX) {
        return TUTTI_RANGE;
    }
    result->ns = (int64_t)ns;
    return TUTTI_OK;
}

static uint32_t weekday_of(int64_t days)
{
    int64_t since_monday = (days + 3) % 7; // 1970-01-01 was a Thursday.
    return (uint32_t)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

uint32_t tt_time_weekday(tt_time time)
{
    return weekday_of(tt_time_day(time));
}

/* Writes a fraction with as few groups of three digits as show it whole. */
static int write_fraction(uint32_t nanosecond, char *text, size_t size)
{
    if (nanosecond == 0) {
        return 0;
    }
    if (nanosecond % 1000000 == 0) {
        return snprintf(text, size, ".%03u", nanosecond / 1000000);
    }
    if (nanosecond % 1000 == 0) {
        return snprintf(text, size, ".%06u", nanosecond / 1000);
    }
    return snprintf(text, size, ".%09u", nanosecond);
}

size_t tt_time_format(tt_time time, char text[TT_TIME_TEXT_MAX])
{
    if (time.ns == TT_TIME_NEVER.ns) {
        return (size_t)snprintf(text, TT_TIME_TEXT_MAX, "never");
    }
    tt_civil c = tt_civil_from_time(time);
    int length = snprintf(
        text,
        TT_TIME_TEXT_MAX,
        "%04d-%02u-%02uT%02u:%02u:%02u",
        (int)c.year,
        c.month,
        c.day,
        c.hour,
        c.minute,
        c.second);
    TT_ASSERT(length == 19); // All years of the range have four digits.
    length += write_fraction(c.nanosecond, text + length, TT_TIME_TEXT_MAX - (size_t)length);
    text[length] = 'Z';
    text[length + 1] = '\0';
    return (size_t)length + 1;
}

/* Text that is being read from the left. */
typedef struct time_cursor {
    const char *at;
    const char *end;
} time_cursor;

static bool take_char(time_cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c) {
        return false;
    }
    cursor->at++;
    return true;
}

/* Takes exactly `count` digits. */
static bool take_digits(time_cursor *cursor, int count, uint32_t *value)
{
    uint32_t number = 0;
    for (int i = 0; i < count; i++, cursor->at++) {
        if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9') {
            return false;
        }
        number = number * 10 + (uint32_t)(*cursor->at - '0');
    }
    *value = number;
    return true;
}

static bool take_date(time_cursor *cursor, tt_civil *civil)
{
    uint32_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    if (!take_digits(cursor, 4, &year)) {
        return false;
    }
    bool dashes = take_char(cursor, '-');
    if (!take_digits(cursor, 2, &month) || (dashes && !take_char(cursor, '-')) ||
        !take_digits(cursor, 2, &day)) {
        return false;
    }
    civil->year = (int32_t)year;
    civil->month = (uint8_t)month;
    civil->day = (uint8_t)day;
    return true;
}

/* Takes the digits behind the point: 1 to 9. */
static bool take_fraction(time_cursor *cursor, uint32_t *nanosecond)
{
    uint32_t value = 0;
    uint32_t unit = 1000000000;
    while (unit > 1 && cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        unit /= 10;
        value += (uint32_t)(*cursor->at - '0') * unit;
        cursor->at++;
    }
    *nanosecond = value;
    return unit < 1000000000;
}

static bool take_time_of_day(time_cursor *cursor, tt_civil *civil)
{
    uint32_t hour = 0;
    uint32_t minute = 0;
    uint32_t second = 0;
    if (!take_digits(cursor, 2, &hour) || !take_char(cursor, ':') ||
        !take_digits(cursor, 2, &minute)) {
        return false;
    }
    if (take_char(cursor, ':')) {
        if (!take_digits(cursor, 2, &second)) {
            return false;
        }
        if (take_char(cursor, '.') && !take_fraction(cursor, &civil->nanosecond)) {
            return false;
        }
    }
    (void)take_char(cursor, 'Z');
    civil->hour = (uint8_t)hour;
    civil->minute = (uint8_t)minute;
    civil->second = (uint8_t)second;
    return true;
}

tutti_status tt_time_parse(const char *text, size_t length, tt_time *result)
{
    time_cursor cursor = {.at = text, .end = text + length};
    tt_civil civil = {0};
    if (length == 0 || !take_date(&cursor, &civil)) {
        return TUTTI_PARSE;
    }
    if (cursor.at < cursor.end) {
        if (!take_char(&cursor, 'T') && !take_char(&cursor, ' ')) {
            return TUTTI_PARSE;
        }
        if (!take_time_of_day(&cursor, &civil) || cursor.at < cursor.end) {
            return TUTTI_PARSE;
        }
    }
    tutti_status status = tt_civil_to_time(&civil, result);
    return status == TUTTI_INVALID ? TUTTI_PARSE : status;
}
