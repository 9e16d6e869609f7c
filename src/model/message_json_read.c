/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads whole messages from JSON. The head is a layout like that of a payload, so that its members
 * are read and refused by the same code.
 */
#include "model/message_json.h"
#include "model/payload_json.h"

#include <string.h>

#define HEAD_FIELD(field_name, member, field_kind, enum_info)                                      \
    {                                                                                              \
        .name = #field_name, .enumeration = (enum_info), .offset = offsetof(tt_msg, member),       \
        .size = sizeof(((tt_msg *)NULL)->member), .kind = TT_KIND_##field_kind                     \
    }

static const tt_field head_fields[] = {
    HEAD_FIELD(seq, seq, seq, NULL),
    HEAD_FIELD(time, time, time, NULL),
    HEAD_FIELD(topic, topic, topic, NULL),
    HEAD_FIELD(kind, kind, enum, &tt_enum_msg_kind),
    HEAD_FIELD(source, source, source, NULL),
    HEAD_FIELD(key, key, u32, NULL),
    HEAD_FIELD(priority, priority, enum, &tt_enum_priority),
    HEAD_FIELD(ttl_ms, ttl_ms, u32, NULL),
    HEAD_FIELD(cause, cause, seq, NULL),
    HEAD_FIELD(correlation, correlation, uuid, NULL),
    HEAD_FIELD(target, target, source, NULL),
    HEAD_FIELD(input, flags, flag, NULL),
};

static const tt_layout head_layout = {
    .name = "message",
    .fields = head_fields,
    .field_count = sizeof head_fields / sizeof head_fields[0],
    .size = sizeof(tt_msg),
    .fixed_size = sizeof(tt_msg),
};

/** A message under way. */
struct reading {
    struct decode decode;
    tt_msg head;
    bool has_payload;
    bool has_symbol;
    uint32_t symbol; /**< Number of the instrument that was named. */
    _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
};

/** Takes what the topic says of messages that do not say it themselves. */
static void take_topic(struct reading *reading, const tt_topic_info *info)
{
    if (info) {
        reading->head.kind = info->kind;
        reading->head.priority = info->priority;
        reading->head.ttl_ms = info->ttl_ms == TT_TTL_NEVER ? 0 : info->ttl_ms;
    }
}

/** The payload of a topic that is not known is digits. */
static tutti_status read_digits(struct reading *reading, const tt_json_token *token)
{
    unsigned count = 0;
    if (token->kind != TT_JSON_STRING) {
        return tt_decode_fail(
            &reading->decode, token, "the topic is not known here", "hexadecimal digits");
    }
    TUTTI_TRY(tt_decode_hex(&reading->decode, token, reading->payload, TT_PAYLOAD_MAX, &count));
    if (count == 0 || count % 16 != 0) {
        return tt_decode_fail(
            &reading->decode, token, "no payload has this size", "a multiple of 16 bytes");
    }
    reading->head.size = (uint16_t)count;
    return TUTTI_OK;
}

static tutti_status read_payload(struct reading *reading)
{
    struct decode *decode = &reading->decode;
    const tt_topic_info *info = tt_registry_topic(decode->registry, reading->head.topic);
    tt_json_token token;
    TUTTI_TRY(tt_decode_next(decode, &token));
    reading->has_payload = true;
    if (!info) {
        return read_digits(reading, &token);
    }
    if (token.kind != TT_JSON_OBJECT) {
        return tt_decode_fail(decode, &token, "a payload is an object", "{...}");
    }
    TUTTI_TRY(tt_decode_fields(decode, info->layout, reading->payload));
    TUTTI_TRY(tt_payload_check(info->layout, reading->payload, info->layout->size, decode->error));
    reading->head.size = tt_layout_used_size(info->layout, reading->payload);
    return TUTTI_OK;
}

/** The name of an instrument beside the key, for people: it must be that of the key. */
static tutti_status read_symbol(struct reading *reading)
{
    struct decode *decode = &reading->decode;
    static const tt_field symbol = {.name = "symbol", .size = 4, .kind = TT_KIND_key};
    tt_json_token token;
    if (decode->instruments) {
        reading->has_symbol = true;
        return tt_decode_value(decode, &symbol, (unsigned char *)&reading->symbol);
    }
    TUTTI_TRY(tt_decode_next(decode, &token));
    return token.kind == TT_JSON_STRING
               ? TUTTI_OK
               : tt_decode_fail(decode, &token, "this is a symbol", "\"...\"");
}

static tutti_status read_member(struct reading *reading, const tt_json_token *key)
{
    struct decode *decode = &reading->decode;
    if (tt_slice_is(key->text, "payload")) {
        return read_payload(reading);
    }
    if (tt_slice_is(key->text, "symbol")) {
        return read_symbol(reading);
    }
    const tt_field *field = tt_decode_find(&head_layout, key->text);
    TT_ASSERT(field); // as the caller has found
    return tt_decode_value(decode, field, (unsigned char *)&reading->head + field->offset);
}

static bool is_member(tt_slice name)
{
    return tt_slice_is(name, "payload") || tt_slice_is(name, "symbol") ||
           tt_decode_find(&head_layout, name);
}

static tutti_status check_whole(struct reading *reading, const tt_json_token *end)
{
    struct decode *decode = &reading->decode;
    const tt_msg *head = &reading->head;
    if (head->source == TT_SOURCE_NONE) {
        return tt_decode_fail(decode, end, "a message has a source", "\"source\": \"feed\"");
    }
    if (!reading->has_payload) {
        return tt_decode_fail(decode, end, "a message has a payload", "\"payload\": {...}");
    }
    if (head->priority == TT_priority_NONE) {
        return tt_decode_fail(decode, end, "a message has a priority", "low to urgent");
    }
    if (reading->has_symbol && reading->symbol != head->key) {
        return tt_decode_fail(
            decode, end, "the symbol is not that of the key", "leave one of them out");
    }
    return TUTTI_OK;
}

static tutti_status fail_topic(struct decode *decode, const tt_json_token *token)
{
    return tt_decode_fail(
        decode, token, "a message has a topic", "such as \"topic\": \"ta_signals\"");
}

/** Finds the topic first: what it says of its messages comes before what a message says. */
static tutti_status
find_topic(struct reading *reading, const char *json, size_t length, unsigned char *scratch)
{
    struct decode *decode = &reading->decode;
    tt_json_token token;
    uint32_t depth = 0;
    const tt_field *topic = tt_decode_find(&head_layout, tt_slice_of("topic"));
    tt_json_reader_init(&decode->reader, json, length, scratch, TT_DECODE_SCRATCH);
    do {
        TUTTI_TRY(tt_decode_next(decode, &token));
        if (depth == 0 && token.kind != TT_JSON_OBJECT) {
            return tt_decode_fail(decode, &token, "a message is an object", "{...}");
        }
        if (depth == 1 && token.kind == TT_JSON_KEY && tt_slice_is(token.text, "topic")) {
            size_t before = tt_decode_enter(decode, topic->name);
            TUTTI_TRY(
                tt_decode_value(decode, topic, (unsigned char *)&reading->head + topic->offset));
            tt_decode_leave(decode, before);
            take_topic(reading, tt_registry_topic(decode->registry, reading->head.topic));
            return reading->head.topic != TT_TOPIC_NONE ? TUTTI_OK : fail_topic(decode, &token);
        }
        depth += token.kind == TT_JSON_OBJECT || token.kind == TT_JSON_ARRAY;
        depth -= token.kind == TT_JSON_OBJECT_END || token.kind == TT_JSON_ARRAY_END;
    } while (depth > 0);
    return fail_topic(decode, &token);
}

static tutti_status read_message(struct reading *reading)
{
    struct decode *decode = &reading->decode;
    tt_json_token key;
    TUTTI_TRY(tt_decode_next(decode, &key)); // the brace
    for (;;) {
        TUTTI_TRY(tt_decode_next(decode, &key));
        if (key.kind == TT_JSON_OBJECT_END) {
            TUTTI_TRY(check_whole(reading, &key));
            return tt_decode_end(decode);
        }
        if (!is_member(key.text)) {
            return tt_decode_unknown(decode, &head_layout, &key);
        }
        char name[16];
        tt_text_buf text;
        tt_text_init(&text, name, sizeof name);
        tt_text_append(&text, key.text.data, key.text.length);
        size_t before = tt_decode_enter(decode, name);
        TUTTI_TRY(read_member(reading, &key));
        tt_decode_leave(decode, before);
    }
}

tutti_status tt_msg_from_json(
    const tt_registry *registry,
    const char *json,
    size_t length,
    const tt_instruments *instruments,
    void *ret_msg,
    tt_error *error)
{
    unsigned char scratch[TT_DECODE_SCRATCH];
    tt_error ignored = {0};
    struct reading reading = {
        .decode =
            {.instruments = instruments, .registry = registry, .error = error ? error : &ignored},
    };
    TT_TEXT_SET(reading.decode.path, head_layout.name);
    TUTTI_TRY(find_topic(&reading, json, length, scratch));
    tt_json_reader_init(&reading.decode.reader, json, length, scratch, sizeof scratch);
    TUTTI_TRY(read_message(&reading));
    unsigned char *to = ret_msg;
    memcpy(to, &reading.head, sizeof reading.head);
    memcpy(to + sizeof reading.head, reading.payload, reading.head.size);
    return TUTTI_OK;
}
