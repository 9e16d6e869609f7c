/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads one value of a payload from JSON, by the kind of its field.
 */
#include "model/payload_json.h"
#include "model/registry.h"

#include <string.h>

static bool is_text_or_number(const tt_json_token *token)
{
    return token->kind == TT_JSON_STRING || token->kind == TT_JSON_NUMBER;
}

static tutti_status read_dec(struct decode *decode, const tt_json_token *token, tt_dec *ret_value)
{
    if (!is_text_or_number(token)) {
        return tt_decode_fail(decode, token, "this is a decimal number", "such as \"12.5\"");
    }
    tutti_status status = tt_dec_parse(token->text.data, token->text.length, ret_value);
    if (status == TUTTI_RANGE) {
        return tt_decode_fail(
            decode, token, "the number is too large or too fine", "at most 18 decimals");
    }
    if (status != TUTTI_OK) {
        return tt_decode_fail(decode, token, "this is a decimal number", "such as \"12.5\"");
    }
    return TUTTI_OK;
}

static tutti_status
read_decimal(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    tt_dec value = {0};
    TUTTI_TRY(read_dec(decode, token, &value));
    memcpy(bytes, &value, sizeof value);
    return TUTTI_OK;
}

static tutti_status
read_span(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    tt_dec seconds = {0};
    int64_t ns;
    TUTTI_TRY(read_dec(decode, token, &seconds));
    if (tt_dec_to_i64(seconds, 9, TT_ROUND_EXACT, &ns) != TUTTI_OK) {
        return tt_decode_fail(decode, token, "the span is out of range", "seconds, 9 decimals");
    }
    memcpy(bytes, &ns, sizeof ns);
    return TUTTI_OK;
}

static tutti_status
read_time(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    tt_time time = {0};
    bool is_none = token->kind == TT_JSON_NULL ||
                   (token->kind == TT_JSON_NUMBER && tt_slice_is(token->text, "0"));
    bool is_right =
        is_none || (token->kind == TT_JSON_STRING &&
                    tt_time_parse(token->text.data, token->text.length, &time) == TUTTI_OK);
    if (!is_right) {
        return tt_decode_fail(
            decode, token, "this is a time", "such as \"2024-05-01T12:00:00Z\", or null for none");
    }
    memcpy(bytes, &time, sizeof time);
    return TUTTI_OK;
}

static tutti_status
read_signed(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    int64_t value;
    if (!is_text_or_number(token) ||
        tt_text_parse_i64(token->text.data, token->text.length, &value) != TUTTI_OK) {
        return tt_decode_fail(
            decode, token, "this is a whole number", "from -2^63 to 2^63 - 1, digits alone");
    }
    memcpy(bytes, &value, sizeof value);
    return TUTTI_OK;
}

static tutti_status read_unsigned(
    struct decode *decode, const tt_json_token *token, const tt_field *field, unsigned char *bytes)
{
    uint64_t value;
    uint64_t max = field->size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * field->size)) - 1;
    if (!is_text_or_number(token) ||
        tt_text_parse_u64(token->text.data, token->text.length, &value) != TUTTI_OK ||
        value > max) {
        return tt_decode_fail(
            decode,
            token,
            "this is a whole number",
            "from 0 to %llu, digits alone",
            (unsigned long long)max);
    }
    memcpy(bytes, &value, field->size); // little-endian
    return TUTTI_OK;
}

/** An instrument: its symbol, or its number. */
static tutti_status read_key(
    struct decode *decode, const tt_json_token *token, const tt_field *field, unsigned char *bytes)
{
    if (token->kind != TT_JSON_STRING || !decode->instruments) {
        return read_unsigned(decode, token, field, bytes);
    }
    const tt_instrument *instrument =
        tt_instrument_find_symbol(decode->instruments, token->text.data, token->text.length);
    if (!instrument) {
        return tt_decode_fail(
            decode, token, "no such instrument", "a configured symbol, or its number");
    }
    memcpy(bytes, &instrument->id.n, sizeof instrument->id.n);
    return TUTTI_OK;
}

/** A declared topic or source by its number; 0 if it is none. */
static uint16_t declared_number(const tt_json_token *token, uint32_t first, uint32_t max)
{
    uint64_t number = 0;
    bool is_number = token->kind == TT_JSON_NUMBER &&
                     tt_text_parse_u64(token->text.data, token->text.length, &number) == TUTTI_OK;
    return is_number && number >= first && number < first + max ? (uint16_t)number : 0;
}

static tutti_status
read_topic(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    uint16_t topic = TT_TOPIC_NONE;
    if (token->kind == TT_JSON_STRING) {
        topic = (uint16_t)tt_registry_find_topic(
            decode->registry, token->text.data, token->text.length);
    } else if (token->kind == TT_JSON_NUMBER) {
        topic = declared_number(token, TT_TOPIC_USER_FIRST, TT_TOPICS_USER_MAX);
    }
    if (token->kind != TT_JSON_NULL && topic == TT_TOPIC_NONE) {
        return tt_decode_fail(
            decode, token, "no such topic", "such as \"ta_signals\", or null for none");
    }
    memcpy(bytes, &topic, sizeof topic);
    return TUTTI_OK;
}

static tutti_status
read_source(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    uint16_t source = declared_number(token, TT_SOURCE_USER_FIRST, TT_SOURCES_USER_MAX);
    if (source == 0 && (token->kind != TT_JSON_STRING ||
                        !tt_registry_find_source(
                            decode->registry, token->text.data, token->text.length, &source))) {
        return tt_decode_fail(decode, token, "no such source", "such as \"feed\" or \"none\"");
    }
    memcpy(bytes, &source, sizeof source);
    return TUTTI_OK;
}

static tutti_status
read_flag(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    if (token->kind != TT_JSON_TRUE && token->kind != TT_JSON_FALSE) {
        return tt_decode_fail(decode, token, "this is a flag", "true or false");
    }
    bytes[0] = token->kind == TT_JSON_TRUE;
    return TUTTI_OK;
}

/** All values of an enumeration, as many as fit into a hint. */
static void list_values(const tt_enum_info *info, tt_text_buf *text)
{
    for (uint8_t i = 0; i < info->count; i++) {
        tt_text_appendf(text, "%s%s", i == 0 ? "" : ", ", info->texts[i]);
    }
}

static tutti_status read_enum(
    struct decode *decode, const tt_json_token *token, const tt_field *field, unsigned char *bytes)
{
    if (token->kind == TT_JSON_STRING &&
        tt_enum_find(field->enumeration, token->text.data, token->text.length, bytes)) {
        return TUTTI_OK;
    }
    char values[sizeof decode->error->hint - 16];
    tt_text_buf text;
    tt_text_init(&text, values, sizeof values);
    list_values(field->enumeration, &text);
    return tt_decode_fail(decode, token, "no such value", "one of: %s", values);
}

static tutti_status
read_uuid(struct decode *decode, const tt_json_token *token, unsigned char *bytes)
{
    tt_uuid uuid;
    if (token->kind != TT_JSON_STRING ||
        tt_uuid_parse(token->text.data, token->text.length, &uuid) != TUTTI_OK) {
        return tt_decode_fail(decode, token, "this is a UUID", "8-4-4-4-12 hexadecimal digits");
    }
    memcpy(bytes, &uuid, sizeof uuid);
    return TUTTI_OK;
}

/** Value of a hexadecimal digit, or -1. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

tutti_status tt_decode_hex(
    struct decode *decode,
    const tt_json_token *token,
    unsigned char *bytes,
    size_t size,
    unsigned *ret_count)
{
    const tt_slice text = token->text;
    if (text.length % 2 != 0 || text.length / 2 > size) {
        return tt_decode_fail(
            decode, token, "the digits do not fit", "pairs of digits, at most %zu", size);
    }
    for (size_t i = 0; i < text.length; i += 2) {
        int high = digit_value(text.data[i]);
        int low = digit_value(text.data[i + 1]);
        if (high < 0 || low < 0) {
            return tt_decode_fail(decode, token, "this is hexadecimal", "digits 0-9 and a-f");
        }
        bytes[i / 2] = (unsigned char)(high << 4 | low);
    }
    *ret_count = (unsigned)(text.length / 2);
    return TUTTI_OK;
}

static tutti_status read_hash(
    struct decode *decode, const tt_json_token *token, const tt_field *field, unsigned char *bytes)
{
    unsigned count = 0;
    if (token->kind != TT_JSON_STRING || token->text.length != (size_t)2 * field->size) {
        return tt_decode_fail(
            decode, token, "this is a hash", "%u hexadecimal digits", 2u * field->size);
    }
    return tt_decode_hex(decode, token, bytes, field->size, &count);
}

static tutti_status read_text(
    struct decode *decode, const tt_json_token *token, const tt_field *field, unsigned char *bytes)
{
    if (token->kind != TT_JSON_STRING) {
        return tt_decode_fail(decode, token, "this is a text", "\"...\"");
    }
    if (token->text.length >= field->size) {
        return tt_decode_fail(
            decode, token, "the text is too long", "at most %u bytes", field->size - 1u);
    }
    if (token->text.length > 0 && memchr(token->text.data, 0, token->text.length)) {
        return tt_decode_fail(decode, token, "the text holds a NUL", "text without it");
    }
    if (token->text.length > 0) {
        memcpy(bytes, token->text.data, token->text.length);
    }
    return TUTTI_OK;
}

tutti_status tt_decode_value(struct decode *decode, const tt_field *field, unsigned char *bytes)
{
    tt_json_token token;
    TUTTI_TRY(tt_decode_next(decode, &token));
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
        return read_decimal(decode, &token, bytes);
    case TT_KIND_time:
        return read_time(decode, &token, bytes);
    case TT_KIND_dur:
        return read_span(decode, &token, bytes);
    case TT_KIND_i64:
        return read_signed(decode, &token, bytes);
    case TT_KIND_u64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
        return read_unsigned(decode, &token, field, bytes);
    case TT_KIND_key:
        return read_key(decode, &token, field, bytes);
    case TT_KIND_topic:
        return read_topic(decode, &token, bytes);
    case TT_KIND_source:
        return read_source(decode, &token, bytes);
    case TT_KIND_flag:
        return read_flag(decode, &token, bytes);
    case TT_KIND_enum:
        return read_enum(decode, &token, field, bytes);
    case TT_KIND_uuid:
        return read_uuid(decode, &token, bytes);
    case TT_KIND_hash:
        return read_hash(decode, &token, field, bytes);
    case TT_KIND_text:
        return read_text(decode, &token, field, bytes);
    case TT_KIND_reserved:
    case TT_KIND_list:
        break;
    }
    TT_ASSERT(false); // the caller handles lists and never finds reserved fields
}
