/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Schemas: the layout is that of the C struct; every wrong text is refused with its place.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "model/schema.h"

static tt_schema schema;

static void parse(const char *text)
{
    tt_error error = {0};
    tutti_status status = tt_schema_parse("t", text, strlen(text), &schema, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s: %s", text, error.message);
    }
}

static const tt_field *field_at(const char *name)
{
    for (uint16_t i = 0; i < schema.layout.field_count; i++) {
        if (strcmp(schema.fields[i].name, name) == 0) {
            return &schema.fields[i];
        }
    }
    fail_msg("no field %s", name);
    return NULL;
}

static void expect_field(const char *name, tt_field_kind kind, size_t offset, size_t size)
{
    const tt_field *field = field_at(name);
    assert_int_equal(field->kind, kind);
    assert_int_equal(field->offset, offset);
    assert_int_equal(field->size, size);
}

/** A struct with a hole before each wider field. */
struct sample {
    uint8_t flag;
    uint16_t u16;
    uint8_t u8;
    uint32_t u32;
    uint8_t side;
    uint64_t u64;
    char note[5];
    tt_price price;
    tt_uuid id;
    tt_time time;
    tt_dur span;
    int64_t i64;
    tt_qty qty;
    tt_money money;
    tt_ratio ratio;
    uint8_t last;
};

static void the_layout_is_that_of_the_c_struct(void **state)
{
    (void)state;
    parse("flag:flag u16:u16, u8:u8\tu32:u32\nside:enum(buy,sell) u64:u64 note:text[5] price:price "
          "id:uuid time:time span:dur i64:i64 qty:qty money:money ratio:ratio last:u8");
    expect_field("flag", TT_KIND_flag, offsetof(struct sample, flag), 1);
    expect_field("u16", TT_KIND_u16, offsetof(struct sample, u16), 2);
    expect_field("u8", TT_KIND_u8, offsetof(struct sample, u8), 1);
    expect_field("u32", TT_KIND_u32, offsetof(struct sample, u32), 4);
    expect_field("side", TT_KIND_enum, offsetof(struct sample, side), 1);
    expect_field("u64", TT_KIND_u64, offsetof(struct sample, u64), 8);
    expect_field("note", TT_KIND_text, offsetof(struct sample, note), 5);
    expect_field("price", TT_KIND_price, offsetof(struct sample, price), 16);
    expect_field("id", TT_KIND_uuid, offsetof(struct sample, id), 16);
    expect_field("time", TT_KIND_time, offsetof(struct sample, time), 8);
    expect_field("span", TT_KIND_dur, offsetof(struct sample, span), 8);
    expect_field("i64", TT_KIND_i64, offsetof(struct sample, i64), 8);
    expect_field("qty", TT_KIND_qty, offsetof(struct sample, qty), 16);
    expect_field("money", TT_KIND_money, offsetof(struct sample, money), 16);
    expect_field("ratio", TT_KIND_ratio, offsetof(struct sample, ratio), 16);
    expect_field("last", TT_KIND_u8, offsetof(struct sample, last), 1);
    assert_int_equal(schema.struct_size, sizeof(struct sample));
    assert_int_equal(schema.layout.size, (sizeof(struct sample) + 15) & ~15u);
    assert_int_equal(schema.layout.fixed_size, schema.layout.size);
    assert_int_equal(schema.layout.item_size, 0);
    assert_true(schema.has_gaps);
}

/** Every byte belongs to exactly one field, reserved ones included. */
static void expect_whole(void)
{
    uint32_t at = 0;
    for (uint16_t i = 0; i < schema.layout.field_count; i++) {
        assert_int_equal(schema.fields[i].offset, at);
        at += schema.fields[i].size;
    }
    assert_int_equal(at, schema.layout.size);
    assert_int_equal(schema.layout.size % 16, 0);
}

static void sizes_round_up_and_gaps_are_told(void **state)
{
    (void)state;
    parse("a:u64");
    assert_int_equal(schema.struct_size, 8);
    assert_int_equal(schema.layout.size, 16);
    assert_true(schema.has_gaps);
    expect_whole();
    parse("a:price b:u64 c:u64");
    assert_int_equal(schema.struct_size, 32);
    assert_int_equal(schema.layout.size, 32);
    assert_false(schema.has_gaps);
    expect_whole();
    parse("a:u8 b:price");
    assert_int_equal(schema.struct_size, 32);
    expect_field("reserved", TT_KIND_reserved, 1, 15);
    expect_whole();
}

static void enumerations_hold_their_values(void **state)
{
    (void)state;
    parse("side:enum( buy , sell ) size:enum(1/2,3.5,-x,a_b)");
    const tt_enum_info *side = field_at("side")->enumeration;
    const tt_enum_info *size = field_at("size")->enumeration;
    assert_int_equal(side->count, 2);
    assert_string_equal(side->texts[0], "buy");
    assert_string_equal(side->texts[1], "sell");
    assert_int_equal(size->count, 4);
    assert_string_equal(size->texts[2], "-x");
    assert_string_equal(size->texts[3], "a_b");
}

static void bytes_stand_alone(void **state)
{
    (void)state;
    parse("bytes[100]");
    const tt_layout *layout = &schema.layout;
    assert_int_equal(layout->size, 112);
    assert_int_equal(layout->fixed_size, 2);
    assert_int_equal(layout->item_max, 100);
    struct {
        uint16_t count;
        unsigned char bytes[100];
    } payload = {.count = 15};
    assert_int_equal(tt_layout_used_size(layout, &payload), 32);
    payload.count = 100;
    assert_int_equal(tt_layout_used_size(layout, &payload), 112);
    payload.count = 101;
    assert_int_equal(tt_layout_used_size(layout, &payload), 0);
    parse(" bytes[4030] ");
    assert_int_equal(layout->size, TT_PAYLOAD_MAX);
}

static void expect_refusal(const char *text, tutti_status status, const char *place_and_what)
{
    tt_error error = {0};
    assert_int_equal(tt_schema_parse("t", text, strlen(text), &schema, &error), status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, place_and_what);
    assert_true(error.hint[0] != '\0');
    assert_int_equal(tt_schema_parse("t", text, strlen(text), &schema, NULL), status);
}

static void wrong_schemas_are_refused_with_their_place(void **state)
{
    (void)state;
    expect_refusal("", TUTTI_PARSE, "t: schema, column 1: here stands the name of a field");
    expect_refusal(" ,", TUTTI_PARSE, "t: schema, column 3: here stands the name of a field");
    expect_refusal("1a:u8", TUTTI_PARSE, "t: schema, column 1: here stands the name of a field");
    expect_refusal("a", TUTTI_PARSE, "t: schema, column 2: a colon and a kind follow the name");
    expect_refusal("a u8", TUTTI_PARSE, "t: schema, column 2: a colon and a kind follow the name");
    expect_refusal("a:", TUTTI_PARSE, "t: schema, column 3: here stands the kind of the field");
    expect_refusal("a: u8", TUTTI_PARSE, "t: schema, column 3: here stands the kind of the field");
    expect_refusal("a:int", TUTTI_PARSE, "t: schema, column 3: no such kind");
    expect_refusal("a:list", TUTTI_PARSE, "t: schema, column 3: no such kind");
    expect_refusal("a:reserved", TUTTI_PARSE, "t: schema, column 3: no such kind");
    expect_refusal(
        "a:u8;b:u8", TUTTI_PARSE, "t: schema, column 5: a blank or a comma ends a field");
    expect_refusal("a:u8[2]", TUTTI_PARSE, "t: schema, column 5: a blank or a comma ends a field");
    expect_refusal("a:u8 a:u8", TUTTI_EXISTS, "t: schema, column 6: the field stands twice");
    expect_refusal("a:enum", TUTTI_PARSE, "t: schema, column 7: an enum names its values");
    expect_refusal(
        "a:enum()", TUTTI_PARSE, "t: schema, column 8: here stands a value of the enumeration");
    expect_refusal(
        "a:enum(b", TUTTI_PARSE, "t: schema, column 9: here stands a value of the enumeration");
    expect_refusal("a:enum(b,b)", TUTTI_EXISTS, "t: schema, column 10: the value stands twice");
}

static void wrong_sizes_are_refused_with_their_place(void **state)
{
    (void)state;
    static const char what[] = "here stands a number of bytes in brackets";
    static const char *const texts[] = {
        "t:text",
        "t:text[",
        "t:text[]",
        "t:text[1]",
        "t:text[1025]",
        "t:text[8",
        "t:text[-8]",
        "t:text[18446744073709551624]"};
    char expected[128];
    (void)snprintf(expected, sizeof expected, "t: schema, column 7: %s", what);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_refusal(texts[i], TUTTI_PARSE, expected);
    }
    (void)snprintf(expected, sizeof expected, "t: schema, column 6: %s", what);
    expect_refusal("bytes[0]", TUTTI_PARSE, expected);
    expect_refusal("bytes[4031]", TUTTI_PARSE, expected);
    expect_refusal("bytes[9] a:u8", TUTTI_PARSE, "t: schema, column 10: bytes stand alone");
    expect_refusal("bytes[9]]", TUTTI_PARSE, "t: schema, column 9: bytes stand alone");
}

/** Appends `count` fields of a kind. */
static const char *many(const char *kind, unsigned count)
{
    static char text[2 * TT_SCHEMA_TEXT_MAX];
    size_t used = 0;
    for (unsigned i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "f%u:%s ", i, kind);
    }
    return text;
}

static void bounds_are_kept(void **state)
{
    (void)state;
    tt_error error;
    parse(many("u64", TT_SCHEMA_FIELDS_MAX));
    assert_int_equal(
        tt_schema_parse(
            "t", many("u64", TT_SCHEMA_FIELDS_MAX + 1), strlen(many("u64", 97)), &schema, &error),
        TUTTI_LIMIT);
    expect_refusal(
        many("u8", TT_SCHEMA_FIELDS_MAX + 1),
        TUTTI_LIMIT,
        "t: schema, column 663: too many fields");
    parse("a:text[1024] b:text[1024] c:text[1024] d:text[960]");
    assert_int_equal(schema.layout.size, TT_PAYLOAD_MAX);
    expect_refusal(
        "a:text[1024] b:text[1024] c:text[1024] d:text[961]",
        TUTTI_LIMIT,
        "t: schema, column 40: the payload is too large");
    char name[64] = "";
    memset(name, 'n', TT_SCHEMA_NAME_MAX);
    (void)snprintf(name + TT_SCHEMA_NAME_MAX, 8, ":u8");
    parse(name);
    (void)snprintf(name + TT_SCHEMA_NAME_MAX, 8, "n:u8");
    expect_refusal(name, TUTTI_LIMIT, "t: schema, column 1: the name is too long");
    parse(many("enum(a)", TT_SCHEMA_ENUMS_MAX));
    assert_int_equal(
        tt_schema_parse("t", many("enum(a)", 17), strlen(many("enum(a)", 17)), &schema, NULL),
        TUTTI_LIMIT);
    char long_text[TT_SCHEMA_TEXT_MAX + 1];
    memset(long_text, ' ', sizeof long_text);
    memcpy(long_text, "a:u8", 4);
    assert_int_equal(
        tt_schema_parse("t", long_text, TT_SCHEMA_TEXT_MAX - 1, &schema, NULL), TUTTI_OK);
    assert_int_equal(
        tt_schema_parse("t", long_text, TT_SCHEMA_TEXT_MAX, &schema, NULL), TUTTI_LIMIT);
}

static void values_are_bounded(void **state)
{
    (void)state;
    char text[1024] = "a:enum(v0";
    size_t used = strlen(text);
    for (unsigned i = 1; i < TT_SCHEMA_VALUES_MAX; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, ",v%u", i);
    }
    text[used] = ')';
    parse(text);
    assert_int_equal(field_at("a")->enumeration->count, TT_SCHEMA_VALUES_MAX);
    (void)snprintf(text + used, sizeof text - used, ",more)");
    assert_int_equal(tt_schema_parse("t", text, strlen(text), &schema, NULL), TUTTI_LIMIT);
}

static void print(const tt_layout *layout, char *text, size_t size)
{
    tt_text_buf buf;
    tt_text_init(&buf, text, size);
    assert_int_equal(tt_schema_print(layout, &buf, NULL), TUTTI_OK);
}

static void one_text_stands_for_a_layout(void **state)
{
    (void)state;
    char text[TT_SCHEMA_TEXT_MAX];
    parse(",,side:enum( buy ,\tsell ) , note:text[32]\n");
    print(&schema.layout, text, sizeof text);
    assert_string_equal(text, "side:enum(buy,sell) note:text[32]");
    parse(" bytes[7],");
    print(&schema.layout, text, sizeof text);
    assert_string_equal(text, "bytes[7]");
    print(&tt_layout_trade, text, sizeof text);
    assert_string_equal(
        text,
        "price:price qty:qty venue_time:time feed_seq:u64 trade_id:u64 "
        "aggressor:enum(none,buy,sell)");
    parse(text);
    assert_int_equal(schema.layout.size, tt_layout_trade.size);
}

static void layouts_that_no_schema_can_tell_are_refused(void **state)
{
    (void)state;
    char text[TT_SCHEMA_TEXT_MAX];
    tt_text_buf buf;
    tt_error error = {0};
    tt_text_init(&buf, text, sizeof text);
    assert_int_equal(tt_schema_print(&tt_layout_depth, &buf, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "depth.levels: no schema has this kind");
    parse("a:u64 b:u64");
    tt_text_init(&buf, text, strlen("a:u64 b:u64"));
    assert_int_equal(tt_schema_print(&schema.layout, &buf, &error), TUTTI_LIMIT);
}

/** Random schemas: what is printed is read back as the same layout, printed as the same text. */
static void random_schemas_come_back(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "price",
        "u8",
        "u16",
        "u32",
        "u64",
        "i64",
        "flag",
        "uuid",
        "text[3]",
        "text[64]",
        "enum(a,b)",
        "time",
        "dur",
        "qty"};
    tt_random random;
    tt_random_init(&random, 7, 0);
    for (int round = 0; round < 2000; round++) {
        char text[TT_SCHEMA_TEXT_MAX];
        char again[TT_SCHEMA_TEXT_MAX];
        size_t used = 0;
        uint64_t count = 1 + tt_random_below(&random, 20);
        unsigned enums = 0;
        for (uint64_t i = 0; i < count; i++) {
            uint64_t kind = tt_random_below(&random, sizeof kinds / sizeof kinds[0]);
            enums += kind == 10;
            kind = enums > TT_SCHEMA_ENUMS_MAX ? 0 : kind;
            used += (size_t)snprintf(
                text + used,
                sizeof text - used,
                "%sf%u:%s",
                i ? " " : "",
                (unsigned)i,
                kinds[kind]);
        }
        parse(text);
        expect_whole();
        print(&schema.layout, again, sizeof again);
        assert_string_equal(again, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_that_of_the_c_struct),
        cmocka_unit_test(sizes_round_up_and_gaps_are_told),
        cmocka_unit_test(enumerations_hold_their_values),
        cmocka_unit_test(bytes_stand_alone),
        cmocka_unit_test(wrong_schemas_are_refused_with_their_place),
        cmocka_unit_test(wrong_sizes_are_refused_with_their_place),
        cmocka_unit_test(bounds_are_kept),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(one_text_stands_for_a_layout),
        cmocka_unit_test(layouts_that_no_schema_can_tell_are_refused),
        cmocka_unit_test(random_schemas_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
