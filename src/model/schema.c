/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads and writes schemas. One pass: each field is laid out as soon as it has been read.
 */
#include "model/schema.h"

#include <string.h>

#define SIZE_UNIT 16u /* of a payload in a message */

/** What a kind takes in a struct. */
struct kind_info {
    const char *name;
    tt_field_kind kind;
    uint16_t size; /**< 0: stated in brackets. */
    uint16_t align;
};
static const struct kind_info kinds[] = {
    {"price", TT_KIND_price, 16, 16},
    {"qty", TT_KIND_qty, 16, 16},
    {"money", TT_KIND_money, 16, 16},
    {"ratio", TT_KIND_ratio, 16, 16},
    {"time", TT_KIND_time, 8, 8},
    {"dur", TT_KIND_dur, 8, 8},
    {"u64", TT_KIND_u64, 8, 8},
    {"i64", TT_KIND_i64, 8, 8},
    {"u32", TT_KIND_u32, 4, 4},
    {"u16", TT_KIND_u16, 2, 2},
    {"u8", TT_KIND_u8, 1, 1},
    {"flag", TT_KIND_flag, 1, 1},
    {"enum", TT_KIND_enum, 1, 1},
    {"uuid", TT_KIND_uuid, 16, 1},
    {"text", TT_KIND_text, 0, 1},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])
_Static_assert(sizeof(tt_uuid) == 16 && _Alignof(tt_uuid) == 1, "a uuid is sixteen bytes");
_Static_assert(sizeof(tt_price) == 16 && _Alignof(tt_price) == 16, "decimals are aligned");

/** A byte of a payload without fields. */
static const tt_field byte_fields[] = {{.name = "byte", .doc = "", .size = 1, .kind = TT_KIND_u8}};
static const tt_layout byte_layout = {
    .name = "byte", .fields = byte_fields, .field_count = 1, .size = 1, .fixed_size = 1};

/** One reading. */
struct reading {
    const char *text;
    size_t length;
    size_t at;
    tt_schema *schema;
    tt_error *error;
    size_t names_used;
    uint32_t offset; /**< Where the next field may start. */
    uint32_t align;  /**< Of the struct so far. */
    uint16_t enum_count;
    uint16_t value_count;
};

__attribute__((format(printf, 5, 6))) static tutti_status fail(
    const struct reading *reading,
    size_t at,
    tutti_status status,
    const char *what,
    const char *hint_format,
    ...)
{
    char hint[sizeof reading->error->hint];
    va_list args;
    va_start(args, hint_format);
    tt_text_vformat(hint, sizeof hint, hint_format, args);
    va_end(args);
    tt_error_set(
        reading->error,
        status,
        "%s: schema, column %zu: %s",
        reading->schema->layout.name,
        at + 1,
        what);
    tt_error_hint(reading->error, "%s", hint);
    return status;
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** What a value of an enumeration may hold beyond letters and digits. */
static bool is_mark(char c)
{
    return c == '-' || c == '.' || c == '/' || c == '+';
}

static void skip_separators(struct reading *reading)
{
    while (reading->at < reading->length && is_separator(reading->text[reading->at])) {
        reading->at++;
    }
}

static bool take_char(struct reading *reading, char c)
{
    bool is_there = reading->at < reading->length && reading->text[reading->at] == c;
    reading->at += is_there ? 1 : 0;
    return is_there;
}

/** Takes a name: letters and digits, a letter first; of a value also marks and a digit first. */
static tutti_status
take_name(struct reading *reading, bool is_value, const char *what, tt_slice *ret_name)
{
    size_t start = reading->at;
    while (reading->at < reading->length) {
        char c = reading->text[reading->at];
        bool may_lead = is_letter(c) || (is_value && (is_digit(c) || is_mark(c)));
        if (!may_lead && !(is_digit(c) && reading->at > start)) {
            break;
        }
        reading->at++;
    }
    *ret_name = (tt_slice){reading->text + start, reading->at - start};
    if (ret_name->length == 0) {
        return fail(reading, start, TUTTI_PARSE, what, "such as price:price side:enum(buy,sell)");
    }
    if (ret_name->length > TT_SCHEMA_NAME_MAX) {
        return fail(
            reading,
            start,
            TUTTI_LIMIT,
            "the name is too long",
            "at most %d bytes",
            TT_SCHEMA_NAME_MAX);
    }
    return TUTTI_OK;
}

/** Keeps a name. Each is followed in the text by something that is no name, so all fit. */
static const char *keep_name(struct reading *reading, tt_slice name)
{
    char *kept = reading->schema->names + reading->names_used;
    TT_ASSERT(reading->names_used + name.length < sizeof reading->schema->names);
    memcpy(kept, name.data, name.length);
    kept[name.length] = '\0';
    reading->names_used += name.length + 1;
    return kept;
}

/** Takes a number in brackets. */
static tutti_status take_size(struct reading *reading, uint32_t min, uint32_t max, uint16_t *ret)
{
    size_t start = reading->at;
    uint64_t value = 0;
    bool is_right = take_char(reading, '[');
    size_t digits = reading->at;
    while (reading->at < reading->length && is_digit(reading->text[reading->at])) {
        reading->at++;
    }
    is_right = is_right &&
               tt_text_parse_u64(reading->text + digits, reading->at - digits, &value) == TUTTI_OK;
    is_right = take_char(reading, ']') && is_right && value >= min && value <= max;
    if (!is_right) {
        return fail(
            reading,
            start,
            TUTTI_PARSE,
            "here stands a number of bytes in brackets",
            "from [%u] to [%u]",
            min,
            max);
    }
    *ret = (uint16_t)value;
    return TUTTI_OK;
}

static tutti_status take_value(struct reading *reading, tt_enum_info *info)
{
    tt_slice name;
    uint8_t found;
    size_t start = reading->at;
    TUTTI_TRY(take_name(reading, true, "here stands a value of the enumeration", &name));
    if (tt_enum_find(info, name.data, name.length, &found)) {
        return fail(
            reading, start, TUTTI_EXISTS, "the value stands twice", "each value of an enum once");
    }
    if (reading->value_count == TT_SCHEMA_VALUES_MAX) {
        return fail(
            reading, start, TUTTI_LIMIT, "too many values", "at most %d", TT_SCHEMA_VALUES_MAX);
    }
    reading->schema->values[reading->value_count++] = keep_name(reading, name);
    info->count++;
    return TUTTI_OK;
}

/** Takes (a,b,c). */
static tutti_status
take_enum(struct reading *reading, const char *field_name, const tt_enum_info **ret_info)
{
    size_t start = reading->at;
    if (reading->enum_count == TT_SCHEMA_ENUMS_MAX) {
        return fail(
            reading,
            start,
            TUTTI_LIMIT,
            "too many enumerations",
            "at most %d",
            TT_SCHEMA_ENUMS_MAX);
    }
    if (!take_char(reading, '(')) {
        return fail(
            reading, start, TUTTI_PARSE, "an enum names its values", "such as enum(buy,sell)");
    }
    tt_enum_info *info = &reading->schema->enums[reading->enum_count++];
    *info =
        (tt_enum_info){.name = field_name, .texts = reading->schema->values + reading->value_count};
    do {
        skip_separators(reading);
        TUTTI_TRY(take_value(reading, info));
        skip_separators(reading);
    } while (!take_char(reading, ')'));
    *ret_info = info;
    return TUTTI_OK;
}

static const struct kind_info *find_kind(tt_slice name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (tt_slice_is(name, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

static tutti_status append_field(struct reading *reading, size_t at, const tt_field *field)
{
    tt_layout *layout = &reading->schema->layout;
    if (layout->field_count == TT_SCHEMA_FIELDS_MAX) {
        return fail(
            reading,
            at,
            TUTTI_LIMIT,
            "too many fields",
            "at most %d, gaps between them included",
            TT_SCHEMA_FIELDS_MAX);
    }
    if ((uint32_t)field->offset + field->size > TT_PAYLOAD_MAX) {
        return fail(
            reading,
            at,
            TUTTI_LIMIT,
            "the payload is too large",
            "at most %d bytes",
            TT_PAYLOAD_MAX);
    }
    reading->schema->fields[layout->field_count++] = *field;
    return TUTTI_OK;
}

/** Fills up to `offset` with a reserved field. */
static tutti_status close_gap(struct reading *reading, size_t at, uint32_t offset)
{
    if (offset == reading->offset) {
        return TUTTI_OK;
    }
    const tt_field gap = {
        .name = "reserved",
        .doc = "",
        .offset = (uint16_t)reading->offset,
        .size = (uint16_t)(offset - reading->offset),
        .kind = TT_KIND_reserved,
    };
    reading->schema->has_gaps = true;
    return append_field(reading, at, &gap);
}

static uint32_t round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static tutti_status place_field(struct reading *reading, size_t at, tt_field *field, uint16_t align)
{
    uint32_t offset = round_up(reading->offset, align);
    TUTTI_TRY(close_gap(reading, at, offset));
    field->offset = (uint16_t)offset;
    TUTTI_TRY(append_field(reading, at, field));
    reading->offset = offset + field->size;
    reading->align = reading->align > align ? reading->align : align;
    return TUTTI_OK;
}

static bool has_field(const tt_schema *schema, tt_slice name)
{
    for (uint16_t i = 0; i < schema->layout.field_count; i++) {
        const tt_field *field = &schema->fields[i];
        if (field->kind != TT_KIND_reserved && tt_slice_is(name, field->name)) {
            return true;
        }
    }
    return false;
}

static tutti_status take_kind(struct reading *reading, tt_field *field, uint16_t *ret_align)
{
    size_t start = reading->at;
    tt_slice name;
    TUTTI_TRY(take_name(reading, false, "here stands the kind of the field", &name));
    const struct kind_info *info = find_kind(name);
    if (!info) {
        return fail(
            reading,
            start,
            TUTTI_PARSE,
            "no such kind",
            "one of price qty money ratio time dur u64 i64 u32 u16 u8 flag uuid text[N] "
            "enum(a,b,c)");
    }
    field->kind = info->kind;
    field->size = info->size;
    *ret_align = info->align;
    if (info->kind == TT_KIND_enum) {
        return take_enum(reading, field->name, &field->enumeration);
    }
    return info->size != 0 ? TUTTI_OK
                           : take_size(reading, 2, TT_SCHEMA_TEXT_FIELD_MAX, &field->size);
}

static tutti_status take_field(struct reading *reading)
{
    size_t start = reading->at;
    tt_slice name;
    uint16_t align = 1;
    TUTTI_TRY(take_name(reading, false, "here stands the name of a field", &name));
    if (has_field(reading->schema, name)) {
        return fail(
            reading,
            start,
            TUTTI_EXISTS,
            "the field stands twice",
            "each field under its own name");
    }
    if (!take_char(reading, ':')) {
        return fail(
            reading,
            reading->at,
            TUTTI_PARSE,
            "a colon and a kind follow the name",
            "such as price:price");
    }
    tt_field field = {.name = keep_name(reading, name), .doc = ""};
    TUTTI_TRY(take_kind(reading, &field, &align));
    if (reading->at < reading->length && !is_separator(reading->text[reading->at])) {
        return fail(
            reading,
            reading->at,
            TUTTI_PARSE,
            "a blank or a comma ends a field",
            "such as price:price qty:qty");
    }
    return place_field(reading, start, &field, align);
}

/** Rounds the size up as the compiler does, and then to whole units of a message. */
static tutti_status finish_layout(struct reading *reading)
{
    tt_schema *schema = reading->schema;
    uint32_t size = round_up(reading->offset, SIZE_UNIT);
    schema->struct_size = (uint16_t)round_up(reading->offset, reading->align);
    TUTTI_TRY(close_gap(reading, reading->length, size));
    schema->layout.size = (uint16_t)size;
    schema->layout.fixed_size = (uint16_t)size;
    return TUTTI_OK;
}

/** The schema bytes[N]. */
static tutti_status take_bytes(struct reading *reading)
{
    tt_schema *schema = reading->schema;
    uint16_t max = 0;
    TUTTI_TRY(take_size(reading, 1, TT_PAYLOAD_MAX - 2, &max));
    skip_separators(reading);
    if (reading->at != reading->length) {
        return fail(
            reading,
            reading->at,
            TUTTI_PARSE,
            "bytes stand alone",
            "bytes[%u], or fields with a name",
            max);
    }
    schema->fields[0] = (tt_field){.name = "count", .doc = "", .size = 2, .kind = TT_KIND_u16};
    schema->fields[1] = (tt_field){
        .name = "bytes",
        .doc = "",
        .item = &byte_layout,
        .offset = 2,
        .size = max,
        .kind = TT_KIND_list};
    schema->struct_size = (uint16_t)round_up(2u + max, 2);
    schema->layout.field_count = 2;
    schema->layout.size = (uint16_t)round_up(2u + max, SIZE_UNIT);
    schema->layout.fixed_size = 2;
    schema->layout.item_size = 1;
    schema->layout.item_max = max;
    schema->layout.count_size = 2;
    return TUTTI_OK;
}

static bool starts_with_bytes(const struct reading *reading)
{
    static const char word[] = "bytes[";
    size_t length = sizeof word - 1;
    return reading->length - reading->at >= length &&
           memcmp(reading->text + reading->at, word, length) == 0;
}

tutti_status tt_schema_parse(
    const char *name, const char *text, size_t length, tt_schema *ret_schema, tt_error *error)
{
    struct reading reading = {
        .text = text, .length = length, .schema = ret_schema, .error = error, .align = 1};
    memset(ret_schema, 0, sizeof *ret_schema);
    ret_schema->layout.name = name;
    ret_schema->layout.fields = ret_schema->fields;
    if (length >= TT_SCHEMA_TEXT_MAX) {
        return fail(
            &reading,
            TT_SCHEMA_TEXT_MAX - 1,
            TUTTI_LIMIT,
            "the schema is too long",
            "at most %d bytes",
            TT_SCHEMA_TEXT_MAX - 1);
    }
    skip_separators(&reading);
    if (starts_with_bytes(&reading)) {
        reading.at += strlen("bytes");
        return take_bytes(&reading);
    }
    do {
        TUTTI_TRY(take_field(&reading));
        skip_separators(&reading);
    } while (reading.at < reading.length);
    return finish_layout(&reading);
}

static const struct kind_info *kind_of(const tt_field *field)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].kind == field->kind) {
            return &kinds[i];
        }
    }
    return NULL;
}

static void print_field(const tt_field *field, const struct kind_info *kind, tt_text_buf *text)
{
    tt_text_appendf(text, "%s:%s", field->name, kind->name);
    if (field->kind == TT_KIND_text) {
        tt_text_appendf(text, "[%u]", field->size);
    }
    if (field->kind != TT_KIND_enum) {
        return;
    }
    for (uint8_t i = 0; i < field->enumeration->count; i++) {
        tt_text_appendf(text, "%s%s", i == 0 ? "(" : ",", field->enumeration->texts[i]);
    }
    tt_text_append_text(text, ")");
}

tutti_status tt_schema_print(const tt_layout *layout, tt_text_buf *text, tt_error *error)
{
    if (layout->item_size == 1 && layout->fixed_size == 2) {
        tt_text_appendf(text, "bytes[%u]", layout->item_max);
    } else {
        const char *between = "";
        for (uint16_t i = 0; i < layout->field_count; i++) {
            const tt_field *field = &layout->fields[i];
            const struct kind_info *kind = kind_of(field);
            if (field->kind == TT_KIND_reserved) {
                continue;
            }
            if (!kind) {
                tt_error_set(
                    error,
                    TUTTI_INVALID,
                    "%s.%s: no schema has this kind",
                    layout->name,
                    field->name);
                tt_error_hint(error, "a topic with such a field is built in");
                return TUTTI_INVALID;
            }
            tt_text_append_text(text, between);
            print_field(field, kind, text);
            between = " ";
        }
    }
    if (text->truncated) {
        tt_error_set(error, TUTTI_LIMIT, "%s: the schema does not fit its text", layout->name);
        tt_error_hint(error, "fewer fields or shorter names");
        return TUTTI_LIMIT;
    }
    return TUTTI_OK;
}
