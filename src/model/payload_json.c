/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads payloads from JSON: walks the tokens and the field table side by side. Values are read in
 * payload_json_value.c.
 */
#include "model/payload_json.h"

#include "model/message_json.h"
#include "model/verdict.h"

#include <string.h>

tutti_status tt_decode_fail(
    struct decode *decode,
    const tt_json_token *token,
    const char *what,
    const char *hint_format,
    ...)
{
    char hint[sizeof decode->error->hint];
    va_list args;
    va_start(args, hint_format);
    tt_text_vformat(hint, sizeof hint, hint_format, args);
    va_end(args);
    (void)tt_json_refuse(&decode->reader, token, TUTTI_INVALID, what);
    tt_error_set(
        decode->error,
        TUTTI_INVALID,
        "%s: %s (line %u, column %u)",
        decode->path,
        what,
        decode->reader.error.line,
        decode->reader.error.column);
    tt_error_hint(decode->error, "%s", hint);
    return TUTTI_INVALID;
}

/** Passes on what the reader found: no JSON, a key twice, too deep. */
static tutti_status fail_syntax(struct decode *decode)
{
    const tt_json_error *cause = &decode->reader.error;
    return tt_error_set(
        decode->error,
        cause->status,
        "%s: %s (line %u, column %u)",
        decode->path,
        cause->what,
        cause->line,
        cause->column);
}

tutti_status tt_decode_next(struct decode *decode, tt_json_token *ret_token)
{
    tutti_status status = tt_json_next(&decode->reader, ret_token);
    return status == TUTTI_OK ? TUTTI_OK : fail_syntax(decode);
}

tutti_status tt_decode_end(struct decode *decode)
{
    tt_json_token token;
    return tt_json_next(&decode->reader, &token) == TUTTI_END ? TUTTI_OK : fail_syntax(decode);
}

size_t tt_decode_enter(struct decode *decode, const char *name)
{
    size_t length = strlen(decode->path);
    tt_text_format(decode->path + length, sizeof decode->path - length, ".%s", name);
    return length;
}

static size_t enter_item(struct decode *decode, unsigned index)
{
    size_t length = strlen(decode->path);
    tt_text_format(decode->path + length, sizeof decode->path - length, "[%u]", index);
    return length;
}

void tt_decode_leave(struct decode *decode, size_t length)
{
    decode->path[length] = '\0';
}

const tt_field *tt_decode_find(const tt_layout *layout, tt_slice name)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind != TT_KIND_reserved && tt_slice_is(name, field->name)) {
            return field;
        }
    }
    return NULL;
}

/** Number of edits (insert, remove, replace) that make one name the other. */
static unsigned edit_distance(tt_slice a, const char *b)
{
    unsigned row[64];
    size_t width = strlen(b);
    if (a.length >= 64 || width >= 64) {
        return UINT32_MAX;
    }
    for (unsigned j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (unsigned i = 0; i < a.length; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (unsigned j = 1; j <= width; j++) {
            unsigned replaced = diagonal + (a.data[i] != b[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[width];
}

static const char *nearest_field(const tt_layout *layout, tt_slice name)
{
    const char *nearest = layout->fields[0].name;
    unsigned best = UINT32_MAX;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        unsigned distance = edit_distance(name, field->name);
        if (field->kind != TT_KIND_reserved && distance < best) {
            nearest = field->name;
            best = distance;
        }
    }
    return nearest;
}

tutti_status
tt_decode_unknown(struct decode *decode, const tt_layout *layout, const tt_json_token *key)
{
    char name[64];
    tt_text_buf text;
    tt_text_init(&text, name, sizeof name);
    tt_text_append(&text, key->text.data, key->text.length);
    const char *nearest = nearest_field(layout, key->text);
    (void)tt_decode_enter(decode, name);
    return tt_decode_fail(decode, key, "unknown field", "did you mean '%s'?", nearest);
}

static tutti_status read_item(
    struct decode *decode, const tt_layout *item, const tt_json_token *token, unsigned char *bytes)
{
    if (token->kind != TT_JSON_OBJECT) {
        return tt_decode_fail(decode, token, "an item of this list is an object", "{...}");
    }
    return tt_decode_fields(decode, item, bytes);
}

static tutti_status read_list(
    struct decode *decode,
    const tt_layout *layout,
    const tt_field *list,
    unsigned char *bytes,
    unsigned *ret_count)
{
    tt_json_token token;
    TUTTI_TRY(tt_decode_next(decode, &token));
    if (token.kind != TT_JSON_ARRAY) {
        return tt_decode_fail(decode, &token, "this is a list", "[{...}, ...]");
    }
    for (unsigned count = 0;; count++) {
        TUTTI_TRY(tt_decode_next(decode, &token));
        if (token.kind == TT_JSON_ARRAY_END) {
            *ret_count = count;
            return TUTTI_OK;
        }
        if (count == layout->item_max) {
            return tt_decode_fail(
                decode, &token, "the list is too long", "at most %u items", layout->item_max);
        }
        size_t length = enter_item(decode, count);
        unsigned char *item = bytes + list->offset + (size_t)count * layout->item_size;
        TUTTI_TRY(read_item(decode, list->item, &token, item));
        tt_decode_leave(decode, length);
    }
}

/** The body of an answer: an object of the topic that stands before it, or hexadecimal digits. */
static tutti_status read_body(struct decode *decode, unsigned char *bytes, unsigned *ret_count)
{
    tt_json_token token;
    uint16_t topic;
    unsigned char *body = bytes + offsetof(tt_agent_answer, body);
    TUTTI_TRY(tt_decode_next(decode, &token));
    if (token.kind == TT_JSON_STRING) {
        return tt_decode_hex(decode, &token, body, TT_MAX_answer_byte, ret_count);
    }
    memcpy(&topic, bytes + offsetof(tt_agent_answer, answer_topic), sizeof topic);
    const tt_topic_info *info = tt_topic_info_get(topic);
    if (token.kind != TT_JSON_OBJECT || !info || info->layout->size > TT_MAX_answer_byte) {
        return tt_decode_fail(
            decode,
            &token,
            "a body is an object of the topic answer_topic, or hexadecimal digits",
            "let answer_topic stand before it");
    }
    TUTTI_TRY(tt_decode_fields(decode, info->layout, body));
    *ret_count = tt_layout_used_size(info->layout, body);
    return TUTTI_OK;
}

/** A list of plain bytes. */
static tutti_status
read_bytes(struct decode *decode, const tt_field *list, unsigned char *bytes, unsigned *ret_count)
{
    tt_json_token token;
    TUTTI_TRY(tt_decode_next(decode, &token));
    if (token.kind != TT_JSON_STRING) {
        return tt_decode_fail(decode, &token, "these are bytes", "\"...\" of hexadecimal digits");
    }
    return tt_decode_hex(decode, &token, bytes, list->size, ret_count);
}

static void set_count(const tt_layout *layout, unsigned char *bytes, unsigned count)
{
    bytes[layout->count_offset] = (unsigned char)count;
    if (layout->count_size == 2) {
        bytes[layout->count_offset + 1] = (unsigned char)(count >> 8);
    }
}

/** Items of the list, as stated by the field `count` and as read; -1 = not there. */
struct list_size {
    int64_t stated;
    int64_t read;
};

static tutti_status read_field(
    struct decode *decode,
    const tt_layout *layout,
    const tt_field *field,
    unsigned char *bytes,
    struct list_size *size)
{
    unsigned count = 0;
    if (field->kind != TT_KIND_list) {
        TUTTI_TRY(tt_decode_value(decode, field, bytes + field->offset));
        bool is_count = layout->item_size > 0 && field->offset == layout->count_offset;
        size->stated = is_count ? tt_layout_item_count(layout, bytes) : size->stated;
        return TUTTI_OK;
    }
    if (field->item == &tt_layout_answer_byte) {
        TUTTI_TRY(read_body(decode, bytes, &count));
    } else if (layout->item_size == 1) {
        TUTTI_TRY(read_bytes(decode, field, bytes + field->offset, &count));
    } else {
        TUTTI_TRY(read_list(decode, layout, field, bytes, &count));
    }
    size->read = count;
    return TUTTI_OK;
}

static tutti_status finish_list(
    struct decode *decode,
    const tt_layout *layout,
    const tt_json_token *end,
    const struct list_size *size,
    unsigned char *bytes)
{
    int64_t count = size->read < 0 ? 0 : size->read;
    if (size->stated >= 0 && size->stated != count) {
        (void)tt_decode_enter(decode, "count");
        return tt_decode_fail(
            decode, end, "the list has another number of items", "%lld", (long long)count);
    }
    set_count(layout, bytes, (unsigned)count);
    return TUTTI_OK;
}

static tutti_status
read_fields(struct decode *decode, const tt_layout *layout, unsigned char *bytes)
{
    struct list_size size = {-1, -1};
    for (;;) {
        tt_json_token key;
        TUTTI_TRY(tt_decode_next(decode, &key));
        if (key.kind == TT_JSON_OBJECT_END) {
            bool has_list = layout->item_size > 0;
            return has_list ? finish_list(decode, layout, &key, &size, bytes) : TUTTI_OK;
        }
        const tt_field *field = tt_decode_find(layout, key.text);
        if (!field) {
            return tt_decode_unknown(decode, layout, &key);
        }
        size_t length = tt_decode_enter(decode, field->name);
        TUTTI_TRY(read_field(decode, layout, field, bytes, &size));
        tt_decode_leave(decode, length);
    }
}

/* What is written of a verdict is its view, and so is what is read. */
static tutti_status read_verdict(struct decode *decode, unsigned char *bytes)
{
    const tt_layout *layout = &tt_layout_verdict_view;
    tt_verdict_view view = {0};
    tt_risk_verdict verdict;
    TUTTI_TRY(read_fields(decode, layout, (unsigned char *)&view));
    TUTTI_TRY(tt_payload_check(layout, &view, layout->size, decode->error));
    TUTTI_TRY(tt_verdict_read(&view, &verdict, decode->error));
    memcpy(bytes, &verdict, sizeof verdict);
    return TUTTI_OK;
}

tutti_status tt_decode_fields(struct decode *decode, const tt_layout *layout, unsigned char *bytes)
{
    return layout == &tt_layout_risk_verdict ? read_verdict(decode, bytes)
                                             : read_fields(decode, layout, bytes);
}

static tutti_status
read_payload(struct decode *decode, const tt_layout *layout, unsigned char *bytes)
{
    tt_json_token token;
    TUTTI_TRY(tt_decode_next(decode, &token));
    if (token.kind != TT_JSON_OBJECT) {
        return tt_decode_fail(decode, &token, "a payload is an object", "{...}");
    }
    TUTTI_TRY(tt_decode_fields(decode, layout, bytes));
    return tt_decode_end(decode);
}

tutti_status tt_payload_from_json(
    const tt_layout *layout,
    const char *json,
    size_t length,
    const tt_instruments *instruments,
    void *payload,
    tt_error *error)
{
    _Alignas(16) unsigned char bytes[TT_PAYLOAD_MAX] = {0};
    unsigned char scratch[TT_DECODE_SCRATCH];
    tt_error ignored;
    struct decode decode = {.instruments = instruments, .error = error ? error : &ignored};
    TT_TEXT_SET(decode.path, layout->name);
    tt_json_reader_init(&decode.reader, json, length, scratch, sizeof scratch);
    TUTTI_TRY(read_payload(&decode, layout, bytes));
    TUTTI_TRY(tt_payload_check(layout, bytes, layout->size, error));
    memcpy(payload, bytes, layout->size);
    return TUTTI_OK;
}
