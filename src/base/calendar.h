/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Moments as dates and text: UTC and the proleptic Gregorian calendar only. Arithmetic alone, no
 * time zone data and no clock. All functions: @thread{any} @alloc{never}
 */
#ifndef TT_BASE_CALENDAR_H
#define TT_BASE_CALENDAR_H

#include "base/types.h"

#include <tutti/status.h>

#define TT_NS_PER_DAY (INT64_C(86400) * TT_NS_PER_S)

/** A moment in parts, UTC. */
typedef struct tt_civil {
    int32_t year;
    uint8_t month;  /**< 1 to 12. */
    uint8_t day;    /**< 1 to 31. */
    uint8_t hour;   /**< 0 to 23. */
    uint8_t minute; /**< 0 to 59. */
    uint8_t second; /**< 0 to 59; there are no leap seconds in this count. */
    uint32_t nanosecond;
} tt_civil;

/** Days from 1970-01-01 to a date (negative before). The date must be valid. */
int64_t tt_days_from_civil(int32_t year, uint32_t month, uint32_t day);
/** Returns the whole UTC days since 1970-01-01, rounded down; the day's number for daily limits. */
int64_t tt_time_day(tt_time time);
/** Takes a moment apart. */
tt_civil tt_civil_from_time(tt_time time);
/** @retval TUTTI_INVALID no such date or time of day. @retval TUTTI_RANGE outside 1677 to 2262. */
TUTTI_NODISCARD tutti_status tt_civil_to_time(const tt_civil *civil, tt_time *result);
/** Day of the week: 1 is Monday, 7 is Sunday. */
uint32_t tt_time_weekday(tt_time time);

/** Room for any text of tt_time_format, with the NUL. */
#define TT_TIME_TEXT_MAX 32

/**
 * Writes ISO 8601 in UTC, such as "2022-01-03T10:00:00Z"; a fraction is written with 3, 6 or 9
 * digits when it is not zero. TT_TIME_NEVER is "never". Returns the length without the NUL.
 */
size_t tt_time_format(tt_time time, char text[TT_TIME_TEXT_MAX]);

/**
 * Parses a whole text in UTC. Forms of the date: "YYYY-MM-DD", "YYYYMMDD"; behind it nothing, or
 * 'T' or a blank and "HH:MM", then optionally ":SS", a fraction of 1 to 9 digits, and "Z".
 *
 * @retval TUTTI_PARSE another form, or no such date. @retval TUTTI_RANGE outside 1677 to 2262.
 */
TUTTI_NODISCARD tutti_status tt_time_parse(const char *text, size_t length, tt_time *result);

#endif
