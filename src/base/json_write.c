/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bounded writer: places commas, indents, escapes; leaves out what does not fit and remembers
 * it.
 */
#include "base/error.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

/** Whole numbers up to here are the same in every JSON reader. */
#define SAFE_INTEGER_MAX ((UINT64_C(1) << 53) - 1)

void tt_json_writer_init(tt_json_writer *writer, char *data, size_t capacity, bool pretty)
{
    *writer = (tt_json_writer){.data = data, .capacity = capacity, .pretty = pretty};
}

/* Appends bytes, keeping one free for the NUL. After the first loss nothing more is appended. */
static void put(tt_json_writer *writer, const char *text, size_t length)
{
    if (writer->overflow || length + 1 > writer->capacity - writer->length) {
        writer->overflow = true;
        return;
    }
    memcpy(writer->data + writer->length, text, length);
    writer->length += length;
}

static void put_line_break(tt_json_writer *writer)
{
    if (!writer->pretty) {
        return;
    }
    put(writer, "\n", 1);
    for (uint32_t i = 0; i < writer->depth; i++) {
        put(writer, "  ", 2);
    }
}

static uint64_t level_bit(const tt_json_writer *writer)
{
    return UINT64_C(1) << (writer->depth - 1);
}

/* Puts the comma and the line break in front of a member. */
static void begin_member(tt_json_writer *writer)
{
    uint64_t bit = level_bit(writer);
    if (writer->filled & bit) {
        put(writer, ",", 1);
    }
    writer->filled |= bit;
    put_line_break(writer);
}

/* Puts what belongs in front of a value and checks that one may stand here. */
static void begin_value(tt_json_writer *writer)
{
    TT_ASSERT(!writer->is_complete);
    if (writer->depth == 0) {
        writer->is_complete = true;
        return;
    }
    if (writer->objects & level_bit(writer)) {
        TT_ASSERT(writer->after_key);
        writer->after_key = false;
        return;
    }
    begin_member(writer);
}

static void open_level(tt_json_writer *writer, bool is_object)
{
    begin_value(writer);
    TT_ASSERT(writer->depth < TT_JSON_DEPTH_MAX);
    writer->is_complete = false;
    writer->depth++;
    uint64_t bit = level_bit(writer);
    writer->filled &= ~bit;
    writer->objects = is_object ? writer->objects | bit : writer->objects & ~bit;
    put(writer, is_object ? "{" : "[", 1);
}

static void close_level(tt_json_writer *writer, bool is_object)
{
    TT_ASSERT(writer->depth > 0 && !writer->after_key);
    uint64_t bit = level_bit(writer);
    TT_ASSERT(((writer->objects & bit) != 0) == is_object);
    writer->depth--;
    if (writer->filled & bit) {
        put_line_break(writer);
    }
    put(writer, is_object ? "}" : "]", 1);
    writer->is_complete = writer->depth == 0;
}

void tt_json_begin_object(tt_json_writer *writer)
{
    open_level(writer, true);
}

void tt_json_end_object(tt_json_writer *writer)
{
    close_level(writer, true);
}

void tt_json_begin_array(tt_json_writer *writer)
{
    open_level(writer, false);
}

void tt_json_end_array(tt_json_writer *writer)
{
    close_level(writer, false);
}

/* Writes the character at `text` as it stands in a string; returns how many bytes it took. */
static size_t put_char(tt_json_writer *writer, const char *text, size_t left)
{
    static const char short_names[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    unsigned char c = (unsigned char)text[0];
    if (c == '"' || c == '\\') {
        put(writer, (const char[]){'\\', (char)c}, 2);
        return 1;
    }
    if (c < 0x20 && short_names[c]) {
        put(writer, (const char[]){'\\', short_names[c]}, 2);
        return 1;
    }
    if (c < 0x20) {
        char escape[8];
        (void)snprintf(escape, sizeof escape, "\\u%04x", c);
        put(writer, escape, 6);
        return 1;
    }
    size_t size = tt_utf8_size(text, left);
    if (size == 0) {
        put(writer, "\xef\xbf\xbd", 3);
        return 1;
    }
    put(writer, text, size);
    return size;
}

/* Bytes at `text` that a string holds unchanged; spares the common case the look at each. */
static size_t plain_run(const char *text, size_t length)
{
    size_t run = 0;
    while (run < length && text[run] >= 0x20 && text[run] < 0x7f && text[run] != '"' &&
           text[run] != '\\') {
        run++;
    }
    return run;
}

static void put_string(tt_json_writer *writer, const char *text, size_t length)
{
    put(writer, "\"", 1);
    for (size_t at = 0; at < length;) {
        size_t run = plain_run(text + at, length - at);
        if (run > 0) {
            put(writer, text + at, run);
            at += run;
        } else {
            at += put_char(writer, text + at, length - at);
        }
    }
    put(writer, "\"", 1);
}

void tt_json_key(tt_json_writer *writer, const char *key)
{
    TT_ASSERT(writer->depth > 0 && (writer->objects & level_bit(writer)) && !writer->after_key);
    begin_member(writer);
    put_string(writer, key, strlen(key));
    put(writer, ": ", writer->pretty ? 2 : 1);
    writer->after_key = true;
}

void tt_json_string(tt_json_writer *writer, const char *text, size_t length)
{
    begin_value(writer);
    put_string(writer, text, length);
}

void tt_json_text(tt_json_writer *writer, const char *text)
{
    tt_json_string(writer, text, strlen(text));
}

void tt_json_raw(tt_json_writer *writer, const char *json, size_t length)
{
    begin_value(writer);
    put(writer, json, length);
}

void tt_json_u64(tt_json_writer *writer, uint64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    tt_json_raw(writer, text, (size_t)length);
}

void tt_json_i64(tt_json_writer *writer, int64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);
    tt_json_raw(writer, text, (size_t)length);
}

void tt_json_exact_u64(tt_json_writer *writer, uint64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    if (value <= SAFE_INTEGER_MAX) {
        tt_json_raw(writer, text, (size_t)length);
    } else {
        tt_json_string(writer, text, (size_t)length);
    }
}

void tt_json_exact_i64(tt_json_writer *writer, int64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);
    if (value >= -(int64_t)SAFE_INTEGER_MAX && value <= (int64_t)SAFE_INTEGER_MAX) {
        tt_json_raw(writer, text, (size_t)length);
    } else {
        tt_json_string(writer, text, (size_t)length);
    }
}

void tt_json_dec(tt_json_writer *writer, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_json_raw(writer, text, tt_dec_format(value, text));
}

void tt_json_bool(tt_json_writer *writer, bool value)
{
    tt_json_raw(writer, value ? "true" : "false", value ? 4 : 5);
}

void tt_json_null(tt_json_writer *writer)
{
    tt_json_raw(writer, "null", 4);
}

tutti_status tt_json_finish(tt_json_writer *writer, size_t *ret_length)
{
    if (!writer->is_complete) {
        return TUTTI_STATE;
    }
    if (writer->overflow) {
        return TUTTI_LIMIT;
    }
    writer->data[writer->length] = '\0';
    *ret_length = writer->length;
    return TUTTI_OK;
}
