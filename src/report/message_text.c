/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A message as one line, from the table of its fields.
 */
#include "report/message_text.h"

#include "model/field_number.h"
#include "model/verdict.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static void put_dec(tt_text_buf *text, const unsigned char *bytes, bool is_rounded)
{
    enum {
        DIGITS = 6
    };
    char digits[TT_DEC_TEXT_MAX];
    tt_dec value;
    memcpy(&value, bytes, sizeof value);
    if (!is_rounded) {
        tt_text_append(text, digits, tt_dec_format(value, digits));
        return;
    }
    size_t length = tt_dec_format_fixed(value, DIGITS, digits);
    while (digits[length - 1] == '0') {
        length--;
    }
    tt_text_append(text, digits, digits[length - 1] == '.' ? length - 1 : length);
}

static void put_time(tt_text_buf *text, int64_t ns)
{
    char time[TT_TIME_TEXT_MAX];
    tt_text_append(text, time, tt_time_format((tt_time){ns}, time));
}

static void put_span(tt_text_buf *text, int64_t ns)
{
    char digits[TT_DEC_TEXT_MAX];
    tt_text_append(text, digits, tt_dec_format(tt_dec_from_i64(ns, 9), digits));
    tt_text_append_text(text, "s");
}

static void put_uuid(tt_text_buf *text, const unsigned char *bytes)
{
    char digits[TT_UUID_TEXT_MAX];
    tt_uuid uuid;
    memcpy(&uuid, bytes, sizeof uuid);
    tt_text_append(text, digits, tt_uuid_format(uuid, digits));
}

static void put_key(tt_text_buf *text, uint32_t key, const tt_instruments *instruments)
{
    const tt_instrument *instrument =
        instruments == NULL ? NULL : tt_instrument_find(instruments, (tt_instrument_id){key});
    if (instrument != NULL) {
        tt_text_append_text(text, instrument->symbol);
    } else {
        tt_text_appendf(text, "%" PRIu32, key);
    }
}

/** A text with quotes where a blank or a control character would deceive the reader. */
static void put_text(tt_text_buf *text, const char *bytes, size_t size)
{
    size_t length = strnlen(bytes, size);
    bool is_plain = true;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        is_plain = is_plain && c > ' ' && c != '"' && c != 0x7f;
    }
    if (is_plain) {
        tt_text_append(text, bytes, length);
        return;
    }
    tt_text_append_text(text, "\"");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < ' ' || c == 0x7f) {
            tt_text_appendf(text, "\\x%02x", c);
        } else {
            tt_text_append(text, bytes + i, 1);
        }
    }
    tt_text_append_text(text, "\"");
}

static void put_hash(tt_text_buf *text, const unsigned char *bytes)
{
    enum {
        SHOWN = 8
    };
    for (size_t i = 0; i < SHOWN; i++) {
        tt_text_appendf(text, "%02x", bytes[i]);
    }
    tt_text_append_text(text, "...");
}

/** A source or topic by name. */
static void put_name(
    const tt_registry *registry,
    const tt_field *field,
    const unsigned char *bytes,
    tt_text_buf *text)
{
    char digits[TT_NUMBER_TEXT_MAX];
    uint16_t number = (uint16_t)tt_field_number(bytes, 2);
    const char *name = field->kind == TT_KIND_source
                           ? tt_registry_source_name(registry, number, digits)
                           : tt_registry_topic_name(registry, number, digits);
    tt_text_append_text(text, name);
}

void tt_field_to_text(
    const tt_field *field, const void *bytes, const tt_instruments *instruments, tt_text_buf *text)
{
    const unsigned char *at = bytes;
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
        put_dec(text, at, field->kind == TT_KIND_ratio);
        return;
    case TT_KIND_time:
        put_time(text, (int64_t)tt_field_number(at, 8));
        return;
    case TT_KIND_dur:
        put_span(text, (int64_t)tt_field_number(at, 8));
        return;
    case TT_KIND_i64:
        tt_text_appendf(text, "%" PRId64, (int64_t)tt_field_number(at, 8));
        return;
    case TT_KIND_u64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
        tt_text_appendf(text, "%" PRIu64, tt_field_number(at, field->size));
        return;
    case TT_KIND_key:
        put_key(text, (uint32_t)tt_field_number(at, 4), instruments);
        return;
    case TT_KIND_topic:
    case TT_KIND_source:
        put_name(NULL, field, at, text);
        return;
    case TT_KIND_flag:
        tt_text_append_text(text, *at != 0 ? "yes" : "no");
        return;
    case TT_KIND_enum:
        tt_text_append_text(text, tt_enum_text(field->enumeration, *at));
        return;
    case TT_KIND_uuid:
        put_uuid(text, at);
        return;
    case TT_KIND_hash:
        put_hash(text, at);
        return;
    case TT_KIND_text:
        put_text(text, (const char *)at, field->size);
        return;
    case TT_KIND_reserved:
    case TT_KIND_list:
        return;
    }
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/** The length of a list is told by the list itself; 0 of an enumeration has a name, mostly. */
static bool says_something(const tt_layout *layout, const tt_field *field, const unsigned char *at)
{
    if (field->kind == TT_KIND_reserved || field->kind == TT_KIND_list) {
        return false;
    }
    if (layout->item_size > 0 && field->offset == layout->count_offset) {
        return false;
    }
    if (field->kind == TT_KIND_enum) {
        return strcasecmp(tt_enum_text(field->enumeration, *at), "none") != 0;
    }
    return !is_zero(at, field->size);
}

static void put_bytes(const unsigned char *bytes, size_t size, tt_text_buf *text)
{
    for (size_t i = 0; i < size; i++) {
        tt_text_appendf(text, "%02x", bytes[i]);
    }
}

/** Takes the payload apart only if it has the size of its topic. */
static const tt_layout *layout_of(const tt_registry *registry, const tt_msg *msg)
{
    const tt_topic_info *info = tt_registry_topic(registry, msg->topic);
    bool is_right = info != NULL && msg->size >= info->layout->fixed_size &&
                    msg->size == tt_layout_used_size(info->layout, tt_msg_payload(msg));
    return is_right ? info->layout : NULL;
}

/** A list is told by its length, the plain bytes of a declared topic as they are. */
static void
put_list(const tt_layout *layout, bool is_raw, const unsigned char *payload, tt_text_buf *text)
{
    const tt_field *list = &layout->fields[layout->field_count - 1];
    unsigned count = tt_layout_item_count(layout, payload);
    if (is_raw && layout->item_size == 1) {
        tt_text_appendf(text, " %s=", list->name);
        put_bytes(payload + list->offset, count, text);
    } else {
        tt_text_appendf(text, " %s=[%u]", list->name, count);
    }
}

void tt_payload_to_text(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text)
{
    const unsigned char *payload = tt_msg_payload(msg);
    const tt_layout *layout = layout_of(registry, msg);
    if (layout == NULL) {
        tt_text_appendf(text, " %u bytes ", msg->size);
        put_bytes(payload, msg->size, text);
        return;
    }
    tt_shown room;
    payload = tt_payload_shown(layout, payload, &room);
    layout = tt_layout_shown(layout);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (says_something(layout, field, payload + field->offset)) {
            tt_text_appendf(text, " %s=", field->name);
            if (field->kind == TT_KIND_topic || field->kind == TT_KIND_source) {
                put_name(registry, field, payload + field->offset, text);
            } else {
                tt_field_to_text(field, payload + field->offset, instruments, text);
            }
        }
    }
    if (layout->item_size > 0) {
        put_list(layout, msg->topic >= TT_TOPIC_USER_FIRST, payload, text);
    }
}

void tt_msg_to_text(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text)
{
    tt_msg_to_text_by(NULL, msg, instruments, text);
}

void tt_msg_to_text_by(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text)
{
    char time[TT_TIME_TEXT_MAX];
    char topic[TT_NUMBER_TEXT_MAX];
    char source[TT_NUMBER_TEXT_MAX];
    const tt_instrument *instrument =
        instruments == NULL ? NULL : tt_instrument_find(instruments, (tt_instrument_id){msg->key});
    // To the millisecond, so that the columns stand under each other.
    tt_time_format((tt_time){msg->time.ns - msg->time.ns % TT_NS_PER_MS}, time);
    tt_text_appendf(
        text,
        "%9" PRIu64 "  %-24s  %-18s  %-10s  %-19s ",
        msg->seq,
        time,
        tt_registry_topic_name(registry, msg->topic, topic),
        instrument == NULL ? "-" : instrument->symbol,
        tt_registry_source_name(registry, msg->source, source));
    tt_payload_to_text(registry, msg, instruments, text);
}
