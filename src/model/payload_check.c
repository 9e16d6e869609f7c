/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks a payload from outside against the field table of its layout, before any code of the core
 * sees it. Names the field that is wrong and what would be right.
 */
#include "model/limits.h"
#include "model/message.h"
#include "model/payload_read.h"
#include "model/registry.h"

#include <string.h>

/** A field of a payload, or of one item of its list. */
struct place {
    const tt_layout *layout;
    const tt_field *list; /**< NULL: the field stands in the payload itself. */
    const tt_field *field;
    unsigned index; /**< Of the item. */
};

__attribute__((cold, noinline, format(printf, 4, 5))) static tutti_status
refuse(const struct place *place, tt_error *error, const char *what, const char *hint_format, ...)
{
    char hint[sizeof error->hint];
    va_list args;
    va_start(args, hint_format);
    tt_text_vformat(hint, sizeof hint, hint_format, args);
    va_end(args);
    if (place->list) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "%s.%s[%u].%s: %s",
            place->layout->name,
            place->list->name,
            place->index,
            place->field->name,
            what);
    } else {
        tt_error_set(
            error, TUTTI_INVALID, "%s.%s: %s", place->layout->name, place->field->name, what);
    }
    tt_error_hint(error, "%s", hint);
    return TUTTI_INVALID;
}

/* ---- what is right: asked of each field of each input ---- */

static bool is_decimal(const unsigned char *bytes, tt_dec limit)
{
    tt_dec value;
    memcpy(&value, bytes, sizeof value);
    // From -limit to limit, in one comparison.
    return (tt_u128)value.v + (tt_u128)limit.v <= 2 * (tt_u128)limit.v;
}

static bool is_span(const unsigned char *bytes, int64_t limit)
{
    int64_t value;
    memcpy(&value, bytes, sizeof value);
    return value >= 0 && value <= limit;
}

/* Up to 16 bytes by two loads, which may overlap; more: zero at the start, and each byte as the one
 * before it. `size` > 0. */
static bool is_zero(const unsigned char *bytes, size_t size)
{
    if (size > 16) {
        return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
    }
    if (size >= 8) {
        return (tt_payload_word(bytes) | tt_payload_word(bytes + size - 8)) == 0;
    }
    if (size >= 4) {
        return (tt_payload_u32(bytes) | tt_payload_u32(bytes + size - 4)) == 0;
    }
    return (bytes[0] | bytes[size / 2] | bytes[size - 1]) == 0;
}

static bool is_text_of_any_kind(const unsigned char *bytes, size_t size)
{
    const unsigned char *end = memchr(bytes, 0, size);
    return end && tt_text_is_utf8((const char *)bytes, (size_t)(end - bytes)) &&
           is_zero(end, size - (size_t)(end - bytes));
}

/* Most texts are short and ASCII: their end is found by words, and what is in front of it is right.
 */
static bool is_text(const unsigned char *bytes, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    size_t at = 0;
    uint64_t word = 0;
    for (; at + sizeof word < size; at += sizeof word) {
        word = tt_payload_word(bytes + at);
        if (((word | (word - ones)) & highs) != 0) {
            break; // a byte that is no ASCII, or the end
        }
    }
    if (at + sizeof word >= size || (word & highs) != 0) {
        return is_text_of_any_kind(bytes, size);
    }
    int end = __builtin_ctzll((word - ones) & highs) / 8; // of the first zero: none is in front
    return word >> end * 8 == 0 && is_zero(bytes + at + sizeof word, size - at - sizeof word);
}

/** The numbers that built-in and declared topics and sources have, whether one is declared or not.
 */
static bool is_topic(uint32_t topic)
{
    return topic < TT_TOPIC_COUNT || topic - TT_TOPIC_USER_FIRST < TT_TOPICS_USER_MAX;
}

static bool is_source(uint32_t source)
{
    return source < TT_SOURCE_COUNT || source - TT_SOURCE_USER_FIRST < TT_SOURCES_USER_MAX;
}

static bool is_right(const tt_field *field, const unsigned char *bytes)
{
    switch (field->kind) {
    case TT_KIND_price:
        return is_decimal(bytes, TT_PRICE_MAX);
    case TT_KIND_qty:
        return is_decimal(bytes, TT_QTY_MAX);
    case TT_KIND_money:
        return is_decimal(bytes, TT_MONEY_MAX);
    case TT_KIND_ratio:
        return is_decimal(bytes, TT_RATIO_MAX);
    case TT_KIND_time:
        return is_span(bytes, TT_TIME_MAX.ns);
    case TT_KIND_dur:
        return is_span(bytes, TT_DUR_MAX.ns);
    case TT_KIND_key:
        return tt_payload_u32(bytes) <= TT_INSTRUMENTS_MAX;
    case TT_KIND_topic:
        return is_topic(tt_payload_u16(bytes));
    case TT_KIND_source:
        return is_source(tt_payload_u16(bytes));
    case TT_KIND_flag:
        return bytes[0] < 2;
    case TT_KIND_enum:
        return bytes[0] < field->enumeration->count;
    case TT_KIND_text:
        return is_text(bytes, field->size);
    case TT_KIND_reserved:
        return is_zero(bytes, field->size);
    case TT_KIND_u64:
    case TT_KIND_i64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
    case TT_KIND_uuid:
    case TT_KIND_hash:
    case TT_KIND_list:
        break;
    }
    return true; // Any value of these is right.
}

/* ---- what is wrong: said once it is known that something is ---- */

static tutti_status refuse_decimal(const struct place *place, tt_dec limit, tt_error *error)
{
    char text[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(limit, text);
    return refuse(place, error, "the number is out of range", "from -%s to %s", text, text);
}

static tutti_status refuse_span(const struct place *place, int64_t limit, tt_error *error)
{
    return refuse(place, error, "the time is out of range", "from 0 to %lld ns", (long long)limit);
}

static tutti_status refuse_number(
    const struct place *place, uint32_t value, uint32_t bound, const char *what, tt_error *error)
{
    return refuse(place, error, what, "%u is not below %u", value, bound);
}

static tutti_status
refuse_text(const struct place *place, const unsigned char *bytes, tt_error *error)
{
    size_t size = place->field->size;
    const unsigned char *end = memchr(bytes, 0, size);
    if (!end) {
        return refuse(place, error, "the text has no end", "at most %zu bytes", size - 1);
    }
    if (!tt_text_is_utf8((const char *)bytes, (size_t)(end - bytes))) {
        return refuse(place, error, "the text is not UTF-8", "encode it as UTF-8");
    }
    return refuse(place, error, "bytes follow the end of the text", "zero them");
}

/** Says what is wrong with a field that is not right. */
__attribute__((cold, noinline)) static tutti_status
refuse_field(const struct place *place, const unsigned char *bytes, tt_error *error)
{
    const uint32_t count = place->field->enumeration ? place->field->enumeration->count : 0;
    switch (place->field->kind) {
    case TT_KIND_price:
        return refuse_decimal(place, TT_PRICE_MAX, error);
    case TT_KIND_qty:
        return refuse_decimal(place, TT_QTY_MAX, error);
    case TT_KIND_money:
        return refuse_decimal(place, TT_MONEY_MAX, error);
    case TT_KIND_ratio:
        return refuse_decimal(place, TT_RATIO_MAX, error);
    case TT_KIND_time:
        return refuse_span(place, TT_TIME_MAX.ns, error);
    case TT_KIND_dur:
        return refuse_span(place, TT_DUR_MAX.ns, error);
    case TT_KIND_key:
        return refuse_number(
            place, tt_payload_u32(bytes), TT_INSTRUMENTS_MAX + 1, "no such instrument", error);
    case TT_KIND_topic:
        return refuse_number(place, tt_payload_u16(bytes), TT_TOPIC_COUNT, "no such topic", error);
    case TT_KIND_source:
        return refuse_number(
            place, tt_payload_u16(bytes), TT_SOURCE_COUNT, "no such source", error);
    case TT_KIND_flag:
        return refuse_number(place, bytes[0], 2, "a flag is 0 or 1", error);
    case TT_KIND_enum:
        return refuse_number(place, bytes[0], count, "no such value", error);
    case TT_KIND_text:
        return refuse_text(place, bytes, error);
    case TT_KIND_reserved:
        return refuse(place, error, "reserved bytes are in use", "zero them");
    case TT_KIND_u64:
    case TT_KIND_i64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
    case TT_KIND_uuid:
    case TT_KIND_hash:
    case TT_KIND_list:
        break;
    }
    TT_ASSERT(false); // Any value of these is right.
    return TUTTI_INVALID;
}

/** Kinds of which any value is right. */
#define FREE_KINDS                                                                                 \
    (1u << TT_KIND_u64 | 1u << TT_KIND_i64 | 1u << TT_KIND_seq | 1u << TT_KIND_u32 |               \
     1u << TT_KIND_u16 | 1u << TT_KIND_u8 | 1u << TT_KIND_uuid | 1u << TT_KIND_hash |              \
     1u << TT_KIND_list)

/** Checks all fields of a payload or of an item; `place` knows which. */
static tutti_status check_fields(
    struct place *place, const tt_layout *layout, const unsigned char *bytes, tt_error *error)
{
    const tt_field *end = layout->fields + layout->field_count;
    for (const tt_field *field = layout->fields; field != end; field++) {
        if ((FREE_KINDS >> field->kind & 1) != 0) {
            continue;
        }
        if (__builtin_expect(!is_right(field, bytes + field->offset), 0)) {
            place->field = field;
            return refuse_field(place, bytes + field->offset, error);
        }
    }
    return TUTTI_OK;
}

__attribute__((cold, noinline)) static tutti_status
refuse_size(const tt_layout *layout, const void *payload, size_t size, tt_error *error)
{
    if (size < layout->fixed_size || size > layout->size) {
        tt_error_set(error, TUTTI_INVALID, "%s: the payload has %zu bytes", layout->name, size);
        tt_error_hint(error, "from %u to %u", layout->fixed_size, layout->size);
        return TUTTI_INVALID;
    }
    unsigned count = tt_layout_item_count(layout, payload);
    size_t room = (size - layout->fixed_size) / layout->item_size;
    tt_error_set(error, TUTTI_INVALID, "%s.count: %u items are too many", layout->name, count);
    tt_error_hint(
        error, "the list holds %u, the payload has bytes for %zu", layout->item_max, room);
    return TUTTI_INVALID;
}

/** Tells whether the bytes are there that the payload says it has; `ret_count` gets the items of
 * its list. */
static inline bool
has_size(const tt_layout *layout, const unsigned char *bytes, size_t size, unsigned *ret_count)
{
    *ret_count = 0;
    if (size < layout->fixed_size || size > layout->size || layout->item_size == 0) {
        return size >= layout->fixed_size && size <= layout->size;
    }
    const unsigned char *count = bytes + layout->count_offset;
    *ret_count = layout->count_size == 1 ? count[0] : tt_payload_u16(count);
    return *ret_count <= layout->item_max &&
           *ret_count * (size_t)layout->item_size <= size - layout->fixed_size;
}

/** Looks at each field of a payload whose size is right, and of its items. */
__attribute__((noinline)) static tutti_status
check_each(const tt_layout *layout, const unsigned char *bytes, unsigned count, tt_error *error)
{
    struct place place = {.layout = layout};
    TUTTI_TRY(check_fields(&place, layout, bytes, error));
    place.list = &layout->fields[layout->field_count - 1];
    for (place.index = 0; place.index < count; place.index++) {
        size_t at = place.list->offset + (size_t)place.index * layout->item_size;
        TUTTI_TRY(check_fields(&place, place.list->item, bytes + at, error));
    }
    return TUTTI_OK;
}

static inline bool is_plain(const tt_layout *layout, const unsigned char *bytes)
{
    return layout->is_plain && layout->is_plain(bytes);
}

static inline bool are_plain(const tt_layout *layout, const unsigned char *bytes, unsigned count)
{
    if (!is_plain(layout, bytes)) {
        return false;
    }
    const tt_field *list = &layout->fields[layout->field_count - 1];
    for (unsigned i = 0; i < count; i++) {
        if (!is_plain(list->item, bytes + list->offset + (size_t)i * layout->item_size)) {
            return false;
        }
    }
    return true;
}

tutti_status
tt_payload_check(const tt_layout *layout, const void *payload, size_t size, tt_error *error)
{
    unsigned count;
    if (__builtin_expect(!has_size(layout, payload, size, &count), 0)) {
        return refuse_size(layout, payload, size, error);
    }
    if (layout->item_size == 1) {
        count = 0; // plain bytes, where any value is right
    }
    return are_plain(layout, payload, count) ? TUTTI_OK : check_each(layout, payload, count, error);
}
