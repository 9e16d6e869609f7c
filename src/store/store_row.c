/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rows of SQL as objects of JSON.
 */
#include "base/calendar.h"
#include "store/store_query_priv.h"

#include <stdlib.h>
#include <string.h>

bool tt_store_text_add(tt_store_text *text, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = text->capacity ? text->capacity : 4096;
        while (capacity < text->length + length + 1) {
            capacity *= 2;
        }
        char *data = realloc(text->data, capacity);
        if (!data) {
            return false;
        }
        text->data = data;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
    return true;
}

void tt_store_text_fini(tt_store_text *text)
{
    free(text->data);
    *text = (tt_store_text){0};
}

static void write_time(tt_json_writer *writer, int64_t ns)
{
    char text[TT_TIME_TEXT_MAX];
    if (ns <= 0 || ns == TT_TIME_NEVER.ns) {
        tt_json_null(writer);
        return;
    }
    tt_json_string(writer, text, tt_time_format((tt_time){ns}, text));
}

static void write_text(tt_json_writer *writer, sqlite3_stmt *statement, int column, bool is_json)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    size_t length = (size_t)sqlite3_column_bytes(statement, column);
    if (is_json) {
        tt_json_raw(writer, text, length);
    } else {
        tt_json_string(writer, text, length);
    }
}

/* Writes a value as the prefix of its column says; 0 = none. */
static void write_value(tt_json_writer *writer, sqlite3_stmt *statement, int column, char prefix)
{
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL) {
        tt_json_null(writer);
    } else if (prefix == 't') {
        write_time(writer, sqlite3_column_int64(statement, column));
    } else if (prefix == 'b') {
        tt_json_bool(writer, sqlite3_column_int64(statement, column) != 0);
    } else if (type == SQLITE_INTEGER) {
        tt_json_exact_i64(writer, sqlite3_column_int64(statement, column));
    } else {
        write_text(writer, statement, column, prefix == 'j');
    }
}

tutti_status tt_store_add_row(
    tt_store_query *query,
    sqlite3_stmt *statement,
    bool first,
    tt_store_text *text,
    tt_error *error)
{
    tt_json_writer writer;
    size_t length;
    tt_json_writer_init(&writer, query->row, sizeof query->row, false);
    tt_json_begin_object(&writer);
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *name = sqlite3_column_name(statement, i);
        char prefix = name[0] != '\0' && name[1] == ':' ? name[0] : '\0';
        tt_json_key(&writer, prefix ? name + 2 : name);
        write_value(&writer, statement, i, prefix);
    }
    tt_json_end_object(&writer);
    if (tt_json_finish(&writer, &length) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_LIMIT, "a row of %s is too long", query->db.path);
    }
    if ((!first && !tt_store_text_add(text, ",", 1)) ||
        !tt_store_text_add(text, query->row, length)) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
    }
    return TUTTI_OK;
}

tutti_status tt_store_add_number(
    tt_store_query *query, const char *key, int64_t number, tt_store_text *text, tt_error *error)
{
    tt_text_buf part;
    tt_text_init(&part, query->row, sizeof query->row);
    tt_text_appendf(&part, ", \"%s\": %lld", key, (long long)number);
    return tt_store_text_add(text, part.data, part.length)
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
}
