/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers as text. Widths come from the content: the rows are read twice.
 */
#include "cli/session_rows.h"

#include "base/dec.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL_MAX = 192,
    DIGITS_SHOWN = 8,
    SCRATCH = 64 * 1024
};

/** A reading of an answer. */
struct reading {
    tt_json_reader reader;
    unsigned char scratch[SCRATCH];
};

static void start(struct reading *reading, const char *json, size_t size)
{
    tt_json_reader_init(&reading->reader, json, size, reading->scratch, sizeof reading->scratch);
}

/** Takes the tokens up to the key; false if it is not there. */
static bool find_key(struct reading *reading, const char *key)
{
    tt_json_token token;
    while (tt_json_next(&reading->reader, &token) == TUTTI_OK) {
        if (token.kind == TT_JSON_KEY && tt_slice_is(token.text, key)) {
            return true;
        }
    }
    return false;
}

/** Writes a plain value as text; control characters of a stranger do not reach the terminal. */
static bool value_text(const tt_json_token *value, char *text, size_t size)
{
    switch (value->kind) {
    case TT_JSON_NULL:
        text[0] = 0;
        return true;
    case TT_JSON_TRUE:
    case TT_JSON_FALSE:
        snprintf(text, size, "%s", value->kind == TT_JSON_TRUE ? "yes" : "no");
        return true;
    case TT_JSON_NUMBER:
    case TT_JSON_STRING:
        break;
    case TT_JSON_KEY:
    case TT_JSON_OBJECT:
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY:
    case TT_JSON_ARRAY_END:
        return false;
    }
    size_t length = value->text.length < size ? value->text.length : size - 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value->text.data[i];
        text[i] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    text[length] = 0;
    return true;
}

bool tt_session_member(const char *json, size_t size, const char *key, char *text, size_t text_size)
{
    static struct reading reading;
    tt_json_token value;
    start(&reading, json, size);
    return find_key(&reading, key) && tt_json_next(&reading.reader, &value) == TUTTI_OK &&
           value_text(&value, text, text_size);
}

/** A moment without its fraction and letters. */
static void shorten(char *cell)
{
    if (strlen(cell) >= 20 && cell[4] == '-' && cell[10] == 'T') {
        cell[10] = ' ';
        cell[19] = 0;
    }
}

/** An average with more digits than anybody reads; --json has all of them. */
static void round_average(char *cell)
{
    const char *point = strchr(cell, '.');
    tt_dec value;
    if (point == NULL || strlen(point + 1) <= DIGITS_SHOWN ||
        tt_dec_parse(cell, strlen(cell), &value) != TUTTI_OK) {
        return;
    }
    char rounded[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(value, DIGITS_SHOWN, rounded);
    snprintf(cell, CELL_MAX, "%s", rounded);
}

/** A unit, as many times the one before as `size` says. */
typedef struct scale {
    double size;
    const char *name;
} scale;

static const scale time_scales[] = {
    {1, "ns"}, {1e3, "us"}, {1e3, "ms"}, {1e3, "s"}, {60, "min"}, {60, "h"}, {24, "d"}, {0, NULL}};
static const scale byte_scales[] = {
    {1, "B"}, {1024, "KiB"}, {1024, "MiB"}, {1024, "GiB"}, {1024, "TiB"}, {0, NULL}};

void tt_session_measure(char *text, size_t size, const char *unit)
{
    bool is_time = strcmp(unit, "ns") == 0;
    double value = strtod(text, NULL);
    bool is_whole = text[strspn(text, "0123456789")] == '\0';
    if ((!is_time && strcmp(unit, "bytes") != 0) || !is_whole || value <= 0) {
        return;
    }
    const scale *row = is_time ? time_scales : byte_scales;
    while (row[1].name != NULL && value >= row[1].size) {
        row++;
        value /= row->size;
    }
    bool is_round = value >= 100 || value == (double)(int64_t)value;
    snprintf(text, size, "%.*f %s", is_round ? 0 : value < 10 ? 2 : 1, value, row->name);
}

/** Finishes the cells of an item for people. */
static void
make_readable(const tt_session_column *columns, char cells[][CELL_MAX], const char *unit)
{
    for (int i = 0; columns[i].title != NULL; i++) {
        shorten(cells[i]);
        round_average(cells[i]);
        tt_session_measure(cells[i], CELL_MAX, unit);
    }
}

/** Takes one member of an item: a cell, the unit, or nothing. */
static bool take_member(
    struct reading *reading,
    const tt_session_column *columns,
    tt_slice key,
    char cells[][CELL_MAX],
    char unit[CELL_MAX])
{
    tt_json_token token;
    int column = 0;
    while (columns[column].title != NULL && !tt_slice_is(key, columns[column].key)) {
        column++;
    }
    bool is_cell = columns[column].title != NULL;
    if (!is_cell && !tt_slice_is(key, "unit")) {
        return tt_json_skip(&reading->reader) == TUTTI_OK;
    }
    return tt_json_next(&reading->reader, &token) == TUTTI_OK &&
           value_text(&token, is_cell ? cells[column] : unit, CELL_MAX);
}

/** Reads the next object of an array into its cells; false at the end. */
static bool
read_item(struct reading *reading, const tt_session_column *columns, char cells[][CELL_MAX])
{
    tt_json_token token;
    char unit[CELL_MAX] = "";
    memset(cells, 0, TT_SESSION_COLUMNS_MAX * CELL_MAX);
    if (tt_json_next(&reading->reader, &token) != TUTTI_OK || token.kind != TT_JSON_OBJECT) {
        return false;
    }
    while (tt_json_next(&reading->reader, &token) == TUTTI_OK && token.kind == TT_JSON_KEY) {
        if (!take_member(reading, columns, token.text, cells, unit)) {
            return false;
        }
    }
    make_readable(columns, cells, unit);
    return token.kind == TT_JSON_OBJECT_END;
}

static bool open_list(struct reading *reading, const char *json, size_t size, const char *list)
{
    tt_json_token token;
    start(reading, json, size);
    return find_key(reading, list) &&
           tt_json_expect(&reading->reader, TT_JSON_ARRAY, &token) == TUTTI_OK;
}

static void print_row(const tt_session_column *columns, char cells[][CELL_MAX], const int *widths)
{
    for (int i = 0; columns[i].title != NULL; i++) {
        bool is_last = columns[i + 1].title == NULL;
        printf("%-*s%s", is_last ? 0 : widths[i], cells[i], is_last ? "\n" : "  ");
    }
}

int tt_session_table(
    const char *json, size_t size, const char *list, const tt_session_column *columns)
{
    static struct reading reading;
    char cells[TT_SESSION_COLUMNS_MAX][CELL_MAX];
    int widths[TT_SESSION_COLUMNS_MAX] = {0};
    int count = 0;
    if (!open_list(&reading, json, size, list)) {
        return -1;
    }
    for (int i = 0; columns[i].title != NULL; i++) {
        widths[i] = (int)strlen(columns[i].title);
    }
    for (; read_item(&reading, columns, cells); count++) {
        for (int i = 0; columns[i].title != NULL; i++) {
            int width = (int)strlen(cells[i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    if (count == 0) {
        puts("none");
        return 0;
    }
    for (int i = 0; columns[i].title != NULL; i++) {
        snprintf(cells[i], CELL_MAX, "%s", columns[i].title);
    }
    print_row(columns, cells, widths);
    if (open_list(&reading, json, size, list)) {
        while (read_item(&reading, columns, cells)) {
            print_row(columns, cells, widths);
        }
    }
    return count;
}

int tt_session_words(const char *json, size_t size, const char *list)
{
    static struct reading reading;
    char word[CELL_MAX];
    tt_json_token token;
    int count = 0;
    if (!open_list(&reading, json, size, list)) {
        return -1;
    }
    while (tt_json_next(&reading.reader, &token) == TUTTI_OK &&
           value_text(&token, word, sizeof word)) {
        printf("%s%s", count++ == 0 ? "" : ", ", word);
    }
    return count;
}
