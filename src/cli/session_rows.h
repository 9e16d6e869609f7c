/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads what a session answers: single members, and lists as tables for a terminal.
 */
#ifndef TT_CLI_SESSION_ROWS_H
#define TT_CLI_SESSION_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/** Columns of a table at most. */
#define TT_SESSION_COLUMNS_MAX 12

/** One column. */
typedef struct tt_session_column {
    const char *key;   /**< Member of an item. */
    const char *title; /**< NULL ends the columns. */
} tt_session_column;

/** Finds a member of an object, at any depth in the order of the text, and writes its value as
 * text; null is "". False if there is none, or it is no plain value. */
bool tt_session_member(
    const char *json, size_t size, const char *key, char *text, size_t text_size);
/** Prints the objects of the array `list` as a table; numbers of an item with a member "unit" as
 * tt_session_measure() does. Returns how many there are; -1 = there is no
 * such array. */
int tt_session_table(
    const char *json, size_t size, const char *list, const tt_session_column *columns);
/** Writes nanoseconds ("ns") or bytes ("bytes") as people would, in three digits: 528 ms, 3 min, 49
 * MiB. What is in another unit, or no whole number, stays as it is. */
void tt_session_measure(char *text, size_t size, const char *unit);
/** Prints the texts of the array `list` on one line, without its end. Returns how many there are;
 * -1 = there is no such array. */
int tt_session_words(const char *json, size_t size, const char *list);

#endif
