/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Writes messages as JSON.
 */
#include "model/message_json.h"

#include "model/field_number.h"
#include "model/verdict.h"

#include <string.h>

/** What numbers stand for. */
struct names {
    const tt_instruments *instruments; /**< May be NULL. */
    const tt_registry *registry;       /**< May be NULL. */
};

static void write_dec(tt_json_writer *writer, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_json_string(writer, text, tt_dec_format(value, text));
}

static void write_time(tt_json_writer *writer, int64_t ns)
{
    char text[TT_TIME_TEXT_MAX];
    if (ns == 0) {
        tt_json_null(writer);
        return;
    }
    tt_json_string(writer, text, tt_time_format((tt_time){ns}, text));
}

static void write_uuid(tt_json_writer *writer, const unsigned char *bytes)
{
    char text[TT_UUID_TEXT_MAX];
    tt_uuid uuid;
    memcpy(&uuid, bytes, sizeof uuid);
    tt_json_string(writer, text, tt_uuid_format(uuid, text));
}

static void write_hex(tt_json_writer *writer, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * TT_PAYLOAD_MAX];
    TT_ASSERT(2 * size <= sizeof text);
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    tt_json_string(writer, text, 2 * size);
}

/** A topic that the registry does not know is its number; no topic is null. */
static void write_topic(tt_json_writer *writer, uint64_t topic, const struct names *names)
{
    const tt_topic_info *info = tt_registry_topic(names->registry, (uint16_t)topic);
    if (info) {
        tt_json_text(writer, info->name);
    } else if (topic >= TT_TOPIC_USER_FIRST) {
        tt_json_u64(writer, topic);
    } else {
        tt_json_null(writer);
    }
}

static void write_source(tt_json_writer *writer, uint64_t source, const struct names *names)
{
    const char *name = tt_registry_source_text(names->registry, (uint16_t)source);
    if (source >= TT_SOURCE_USER_FIRST && strcmp(name, "?") == 0) {
        tt_json_u64(writer, source);
    } else {
        tt_json_text(writer, name);
    }
}

static void write_key(tt_json_writer *writer, uint32_t key, const struct names *names)
{
    const tt_instrument *instrument =
        names->instruments ? tt_instrument_find(names->instruments, (tt_instrument_id){key}) : NULL;
    if (instrument) {
        tt_json_text(writer, instrument->symbol);
    } else {
        tt_json_u64(writer, key);
    }
}

static void write_value(
    tt_json_writer *writer,
    const tt_field *field,
    const unsigned char *bytes,
    const struct names *names)
{
    tt_dec dec;
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
        memcpy(&dec, bytes, sizeof dec);
        write_dec(writer, dec);
        return;
    case TT_KIND_time:
        write_time(writer, (int64_t)tt_field_number(bytes, 8));
        return;
    case TT_KIND_dur:
        write_dec(writer, tt_dec_from_i64((int64_t)tt_field_number(bytes, 8), 9));
        return;
    case TT_KIND_i64:
        tt_json_exact_i64(writer, (int64_t)tt_field_number(bytes, 8));
        return;
    case TT_KIND_u64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
        tt_json_exact_u64(writer, tt_field_number(bytes, field->size));
        return;
    case TT_KIND_key:
        write_key(writer, (uint32_t)tt_field_number(bytes, 4), names);
        return;
    case TT_KIND_topic:
        write_topic(writer, tt_field_number(bytes, 2), names);
        return;
    case TT_KIND_source:
        write_source(writer, tt_field_number(bytes, 2), names);
        return;
    case TT_KIND_flag:
        tt_json_bool(writer, bytes[0] != 0);
        return;
    case TT_KIND_enum:
        tt_json_text(writer, tt_enum_text(field->enumeration, bytes[0]));
        return;
    case TT_KIND_uuid:
        write_uuid(writer, bytes);
        return;
    case TT_KIND_hash:
        write_hex(writer, bytes, field->size);
        return;
    case TT_KIND_text:
        tt_json_string(writer, (const char *)bytes, strnlen((const char *)bytes, field->size));
        return;
    case TT_KIND_reserved:
    case TT_KIND_list:
        return;
    }
}

static void write_fields(
    tt_json_writer *writer,
    const tt_layout *layout,
    const unsigned char *bytes,
    const struct names *names)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind != TT_KIND_reserved && field->kind != TT_KIND_list) {
            tt_json_key(writer, field->name);
            write_value(writer, field, bytes + field->offset, names);
        }
    }
}

/** The layout that the body of an answer encodes to its last byte, or NULL if it does not. */
static const tt_layout *body_layout(const unsigned char *answer, unsigned count)
{
    uint16_t topic;
    memcpy(&topic, answer + offsetof(tt_agent_answer, answer_topic), sizeof topic);
    const tt_topic_info *info = tt_topic_info_get(topic);
    const unsigned char *body = answer + offsetof(tt_agent_answer, body);
    bool is_right = info && info->layout->item_size != 1 &&
                    tt_payload_check(info->layout, body, count, NULL) == TUTTI_OK &&
                    tt_layout_used_size(info->layout, body) == count;
    return is_right ? info->layout : NULL;
}

static void write_payload(
    tt_json_writer *writer,
    const tt_layout *layout,
    const void *payload,
    const struct names *names);

static void write_body(
    tt_json_writer *writer, const unsigned char *answer, unsigned count, const struct names *names)
{
    const unsigned char *body = answer + offsetof(tt_agent_answer, body);
    const tt_layout *layout = body_layout(answer, count);
    if (layout) {
        write_payload(writer, layout, body, names);
    } else {
        write_hex(writer, body, count);
    }
}

static void write_list(
    tt_json_writer *writer,
    const tt_layout *layout,
    const unsigned char *bytes,
    const struct names *names)
{
    const tt_field *list = &layout->fields[layout->field_count - 1];
    unsigned count = tt_layout_item_count(layout, bytes);
    TT_ASSERT(count <= layout->item_max);
    tt_json_key(writer, list->name);
    if (list->item == &tt_layout_answer_byte) {
        write_body(writer, bytes, count, names);
        return;
    }
    if (layout->item_size == 1) {
        write_hex(writer, bytes + list->offset, count);
        return;
    }
    tt_json_begin_array(writer);
    for (unsigned i = 0; i < count; i++) {
        tt_json_begin_object(writer);
        write_fields(
            writer, list->item, bytes + list->offset + (size_t)i * layout->item_size, names);
        tt_json_end_object(writer);
    }
    tt_json_end_array(writer);
}

static void write_payload(
    tt_json_writer *writer, const tt_layout *layout, const void *payload, const struct names *names)
{
    tt_shown room;
    const unsigned char *shown = tt_payload_shown(layout, payload, &room);
    const tt_layout *shape = tt_layout_shown(layout);
    tt_json_begin_object(writer);
    write_fields(writer, shape, shown, names);
    if (shape->item_size > 0) {
        write_list(writer, shape, shown, names);
    }
    tt_json_end_object(writer);
}

void tt_payload_write_json(
    tt_json_writer *writer,
    const tt_layout *layout,
    const void *payload,
    const tt_instruments *instruments)
{
    const struct names names = {.instruments = instruments};
    write_payload(writer, layout, payload, &names);
}

static void write_head(tt_json_writer *writer, const tt_msg *msg, const struct names *names)
{
    const tt_instrument *instrument =
        names->instruments ? tt_instrument_find(names->instruments, (tt_instrument_id){msg->key})
                           : NULL;
    tt_json_key(writer, "seq");
    tt_json_exact_u64(writer, msg->seq);
    tt_json_key(writer, "time");
    write_time(writer, msg->time.ns);
    tt_json_key(writer, "topic");
    write_topic(writer, msg->topic, names);
    tt_json_key(writer, "kind");
    tt_json_text(writer, tt_enum_text(&tt_enum_msg_kind, msg->kind));
    tt_json_key(writer, "source");
    write_source(writer, msg->source, names);
    tt_json_key(writer, "key");
    tt_json_u64(writer, msg->key);
    if (instrument) {
        tt_json_key(writer, "symbol");
        tt_json_text(writer, instrument->symbol);
    }
    tt_json_key(writer, "priority");
    tt_json_text(writer, tt_enum_text(&tt_enum_priority, msg->priority));
    tt_json_key(writer, "ttl_ms");
    tt_json_u64(writer, msg->ttl_ms);
    tt_json_key(writer, "cause");
    tt_json_exact_u64(writer, msg->cause);
    tt_json_key(writer, "correlation");
    write_uuid(writer, msg->correlation.bytes);
    if (msg->target != 0) {
        tt_json_key(writer, "target");
        write_source(writer, msg->target, names);
    }
    tt_json_key(writer, "input");
    tt_json_bool(writer, (msg->flags & TT_MSG_INPUT) != 0);
}

static void write_message(tt_json_writer *writer, const tt_msg *msg, const struct names *names)
{
    const tt_topic_info *info = tt_registry_topic(names->registry, msg->topic);
    const void *payload = tt_msg_payload(msg);
    tt_json_begin_object(writer);
    write_head(writer, msg, names);
    tt_json_key(writer, "payload");
    if (info && msg->size >= info->layout->fixed_size &&
        msg->size == tt_layout_used_size(info->layout, payload)) {
        write_payload(writer, info->layout, payload, names);
    } else if (msg->size <= TT_PAYLOAD_MAX) {
        write_hex(writer, payload, msg->size); // not to be taken apart
    } else {
        tt_json_null(writer); // no message
    }
    tt_json_end_object(writer);
}

void tt_msg_to_json_by(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text)
{
    const struct names names = {.instruments = instruments, .registry = registry};
    tt_json_writer writer;
    size_t length = 0;
    tt_json_writer_init(&writer, text->data + text->length, text->capacity - text->length, false);
    write_message(&writer, msg, &names);
    if (text->truncated || tt_json_finish(&writer, &length) != TUTTI_OK) {
        text->data[text->length] = '\0';
        text->truncated = true;
        return;
    }
    text->length += length;
}

void tt_msg_to_json(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text)
{
    tt_msg_to_json_by(NULL, msg, instruments, text);
}
