/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The registry: built-in rows and declared ones under one roof; a journal's reader learns them from
 * messages.
 */
#include "../../lib/test.h"
#include "model/message_json.h"
#include "model/registry.h"

struct rig {
    tt_arena arena;
    tt_registry *registry;
};

static void open_rig(struct rig *rig, uint32_t topics, uint32_t sources)
{
    *rig = (struct rig){0};
    assert_int_equal(tt_arena_init(&rig->arena, tt_registry_memory(topics, sources)), TUTTI_OK);
    assert_int_equal(tt_registry_new(topics, sources, &rig->arena, &rig->registry), TUTTI_OK);
}

static int setup(void **state)
{
    static struct rig rig;
    open_rig(&rig, 3, 2);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    tt_arena_fini(&rig->arena);
    return 0;
}

static tt_topic_declaration record_of(uint16_t topic, const char *name, const char *schema)
{
    tt_topic_declaration record;
    tt_error error = {0};
    const tt_topic_decl decl = {.name = name, .schema = schema, .ttl_ms = 9, .key_max = 7};
    tutti_status status = tt_registry_prepare(&decl, 300000, &record, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    record.topic_id = topic;
    return record;
}

static tutti_status add(struct rig *rig, uint16_t topic, const char *name, const char *schema)
{
    const tt_topic_declaration record = record_of(topic, name, schema);
    return tt_registry_add_topic(rig->registry, &record, NULL);
}

static tt_topic find(const struct rig *rig, const char *name)
{
    return tt_registry_find_topic(rig ? rig->registry : NULL, name, strlen(name));
}

static tutti_status add_source(struct rig *rig, uint16_t source, const char *name)
{
    tt_source_declaration record = {.source_id = source};
    TT_TEXT_SET(record.name, name);
    return tt_registry_add_source(rig->registry, &record, NULL);
}

static void built_in_rows_are_there(void **state)
{
    struct rig *rig = *state;
    assert_ptr_equal(
        tt_registry_topic(rig->registry, TT_TOPIC_FILLS), tt_topic_info_get(TT_TOPIC_FILLS));
    assert_ptr_equal(tt_registry_topic(NULL, TT_TOPIC_FILLS), tt_topic_info_get(TT_TOPIC_FILLS));
    assert_int_equal(find(rig, "fills"), TT_TOPIC_FILLS);
    assert_int_equal(find(NULL, "fills"), TT_TOPIC_FILLS);
    assert_int_equal(find(NULL, "news"), TT_TOPIC_NONE);
    assert_string_equal(tt_registry_source_text(NULL, TT_SOURCE_FEED), "feed");
    assert_string_equal(tt_registry_source_text(NULL, 256), "?");
    assert_null(tt_registry_topic(NULL, 1024));
    assert_null(tt_registry_topic(rig->registry, 1024));
    assert_null(tt_registry_topic(rig->registry, UINT16_MAX));
}

static void topics_are_declared_and_found(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(add(rig, 1024, "news.rss", "at:time title:text[32]"), TUTTI_OK);
    assert_int_equal(add(rig, 1026, "b", "x:u64"), TUTTI_OK); // a reader may have missed one
    assert_int_equal(tt_registry_topic_count(rig->registry), 2);
    assert_int_equal(find(rig, "news.rss"), 1024);
    assert_int_equal(find(rig, "b"), 1026);
    assert_int_equal(find(rig, "news"), TT_TOPIC_NONE);
    assert_null(tt_registry_topic(rig->registry, 1025));
    const tt_topic_info *info = tt_registry_topic(rig->registry, 1024);
    assert_string_equal(info->name, "news.rss");
    assert_int_equal(info->topic, 1024);
    assert_int_equal(info->ttl_ms, 9);
    assert_int_equal(info->priority, TT_priority_NORMAL);
    assert_int_equal(info->layout->size, 48);
    assert_ptr_equal(info->layout, &tt_registry_schema(rig->registry, 1024)->layout);
    assert_int_equal(tt_registry_declaration(rig->registry, 1024)->key_max, 7);
    assert_null(tt_registry_declaration(rig->registry, TT_TOPIC_FILLS));
}

/* The number behind the last one is none, however full the tables are. */
static void what_lies_behind_the_tables_is_nothing(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= 8; count++) {
        struct rig rig;
        char name[16];
        open_rig(&rig, count, count);
        for (uint32_t i = 0; i < count; i++) {
            (void)snprintf(name, sizeof name, "t%u", i);
            assert_int_equal(add(&rig, (uint16_t)(1024 + i), name, "x:u64"), TUTTI_OK);
            assert_int_equal(add_source(&rig, (uint16_t)(256 + i), name), TUTTI_OK);
        }
        for (uint32_t i = count; i < count + 8; i++) {
            assert_null(tt_registry_topic(rig.registry, (uint16_t)(1024 + i)));
            assert_null(tt_registry_schema(rig.registry, (uint16_t)(1024 + i)));
            assert_null(tt_registry_declaration(rig.registry, (uint16_t)(1024 + i)));
            assert_string_equal(tt_registry_source_text(rig.registry, (uint16_t)(256 + i)), "?");
        }
        assert_string_equal(tt_registry_source_text(rig.registry, (uint16_t)(255 + count)), name);
        assert_string_equal(tt_registry_topic(rig.registry, (uint16_t)(1023 + count))->name, name);
        tt_arena_fini(&rig.arena);
    }
}

static void the_same_again_is_fine_and_another_is_not(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(add(rig, 1024, "a", "x:u64"), TUTTI_OK);
    assert_int_equal(add(rig, 1024, "a", " x:u64,"), TUTTI_OK);
    assert_int_equal(tt_registry_topic_count(rig->registry), 1);
    assert_int_equal(add(rig, 1024, "a", "x:i64"), TUTTI_EXISTS);
    assert_int_equal(add(rig, 1024, "b", "x:u64"), TUTTI_EXISTS);
    assert_int_equal(add(rig, 1025, "a", "x:u64"), TUTTI_EXISTS);
    assert_int_equal(add(rig, 1025, "fills", "x:u64"), TUTTI_EXISTS);
    assert_int_equal(add(rig, 1027, "c", "x:u64"), TUTTI_LIMIT);
    assert_int_equal(add(rig, 1023, "c", "x:u64"), TUTTI_LIMIT);
    assert_int_equal(add(rig, 0, "c", "x:u64"), TUTTI_LIMIT);
    assert_string_equal(tt_registry_schema(rig->registry, 1024)->fields[0].name, "x");
    assert_int_equal(tt_registry_topic_count(rig->registry), 1);
}

static void sources_are_declared_and_found(void **state)
{
    struct rig *rig = *state;
    uint16_t source = 0;
    assert_int_equal(add_source(rig, 257, "robot"), TUTTI_OK);
    assert_int_equal(add_source(rig, 257, "robot"), TUTTI_OK);
    assert_int_equal(tt_registry_source_count(rig->registry), 1);
    assert_int_equal(add_source(rig, 256, "robot"), TUTTI_EXISTS);
    assert_int_equal(add_source(rig, 257, "other"), TUTTI_EXISTS);
    assert_int_equal(add_source(rig, 256, "feed"), TUTTI_EXISTS);
    assert_int_equal(add_source(rig, 258, "other"), TUTTI_LIMIT);
    assert_int_equal(add_source(rig, 256, "two words"), TUTTI_INVALID);
    assert_string_equal(tt_registry_source_text(rig->registry, 257), "robot");
    assert_string_equal(tt_registry_source_text(rig->registry, 256), "?");
    assert_true(tt_registry_find_source(rig->registry, "robot", 5, &source));
    assert_int_equal(source, 257);
    assert_true(tt_registry_find_source(rig->registry, "feed", 4, &source));
    assert_int_equal(source, TT_SOURCE_FEED);
    assert_false(tt_registry_find_source(rig->registry, "robo", 4, &source));
}

static void expect_refusal(const tt_topic_decl *decl, tutti_status status, const char *message)
{
    tt_error error = {0};
    tt_topic_declaration record = {.topic_id = 99};
    assert_int_equal(tt_registry_prepare(decl, 1, &record, &error), status);
    assert_string_equal(error.message, message);
    assert_true(error.hint[0] != '\0');
    assert_int_equal(record.topic_id, 99); // written on success only
}

static void wrong_declarations_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "1a", ".a", "a b", "a*", "a?", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char message[64];
        (void)snprintf(message, sizeof message, "topic \"%s\": not a name", names[i]);
        expect_refusal(
            &(tt_topic_decl){.name = names[i], .schema = "x:u8"}, TUTTI_INVALID, message);
    }
    char longest[TT_TOPIC_NAME_MAX + 1];
    memset(longest, 'n', sizeof longest);
    longest[TT_TOPIC_NAME_MAX - 1] = '\0';
    (void)record_of(1024, longest, "x:u8");
    longest[TT_TOPIC_NAME_MAX - 1] = 'n';
    longest[TT_TOPIC_NAME_MAX] = '\0';
    tt_topic_declaration record;
    const tt_topic_decl decl = {.name = longest, .schema = "x:u8"};
    assert_int_equal(tt_registry_prepare(&decl, 1, &record, NULL), TUTTI_INVALID);
    expect_refusal(
        &(tt_topic_decl){.name = NULL, .schema = "x:u8"}, TUTTI_INVALID, "topic \"\": not a name");
    expect_refusal(&(tt_topic_decl){.name = "a"}, TUTTI_INVALID, "topic \"a\": no schema, or two");
    expect_refusal(
        &(tt_topic_decl){.name = "a", .schema = "x:u8", .layout = &tt_layout_bar},
        TUTTI_INVALID,
        "topic \"a\": no schema, or two");
    expect_refusal(
        &(tt_topic_decl){.name = "a", .schema = "x:u8", .kind = TT_msg_kind_COUNT},
        TUTTI_INVALID,
        "topic \"a\": no such kind or priority");
    expect_refusal(
        &(tt_topic_decl){.name = "a", .schema = "x:u8", .priority = TT_priority_COUNT},
        TUTTI_INVALID,
        "topic \"a\": no such kind or priority");
    expect_refusal(
        &(tt_topic_decl){.name = "a", .schema = "x:u8", .history_bytes = 1},
        TUTTI_INVALID,
        "topic \"a\": a history of bytes without messages");
    expect_refusal(
        &(tt_topic_decl){.name = "a", .schema = "x:u7"},
        TUTTI_PARSE,
        "a: schema, column 3: no such kind");
}

static void a_layout_stands_for_its_schema(void **state)
{
    (void)state;
    tt_topic_declaration record;
    tt_topic_decl decl = {.name = "trades", .layout = &tt_layout_trade};
    assert_int_equal(tt_registry_prepare(&decl, 5000, &record, NULL), TUTTI_OK);
    assert_int_equal(strncmp(record.schema, "price:price qty:qty venue_time:time", 35), 0);
    assert_int_equal(record.ttl_ms, 5000);
    decl.ttl_ms = TT_TTL_NEVER;
    assert_int_equal(tt_registry_prepare(&decl, 5000, &record, NULL), TUTTI_OK);
    assert_int_equal(record.ttl_ms, 0);
    decl.layout = &tt_layout_notification; // a text needs no gap before it
    expect_refusal(&decl, TUTTI_INVALID, "topic \"trades\": the layout has gaps of its own");
    decl.layout = &tt_layout_depth;
    expect_refusal(&decl, TUTTI_INVALID, "depth.levels: no schema has this kind");
}

static void a_gap_of_its_own_is_refused(void **state)
{
    (void)state;
    static const tt_field fields[] = {
        {.name = "a", .doc = "", .offset = 0, .size = 1, .kind = TT_KIND_u8},
        {.name = "reserved", .doc = "", .offset = 1, .size = 2, .kind = TT_KIND_reserved},
        {.name = "b", .doc = "", .offset = 3, .size = 1, .kind = TT_KIND_u8},
        {.name = "reserved", .doc = "", .offset = 4, .size = 12, .kind = TT_KIND_reserved}};
    static const tt_layout layout = {
        .name = "odd", .fields = fields, .field_count = 4, .size = 16, .fixed_size = 16};
    expect_refusal(
        &(tt_topic_decl){.name = "odd", .layout = &layout},
        TUTTI_INVALID,
        "topic \"odd\": the layout has gaps of its own");
}

/** A message with a payload of a size that the test gives. */
struct message {
    tt_msg head;
    _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
};

static struct message message_of(uint16_t topic, const void *payload, size_t size)
{
    struct message msg = {
        .head = {.seq = 3, .topic = topic, .source = TT_SOURCE_BUS, .size = (uint16_t)size}};
    memcpy(msg.payload, payload, size);
    return msg;
}

static void a_journal_explains_itself(void **state)
{
    struct rig *rig = *state;
    const tt_topic_declaration topic = record_of(1025, "news", "n:u32 side:enum(up,down)");
    tt_source_declaration source = {.source_id = 256};
    TT_TEXT_SET(source.name, "robot");
    struct message msg = message_of(TT_TOPIC_TOPIC_DECLARATIONS, &topic, sizeof topic);
    assert_int_equal(tt_registry_apply(rig->registry, &msg.head, NULL), TUTTI_OK);
    msg = message_of(TT_TOPIC_SOURCE_DECLARATIONS, &source, sizeof source);
    assert_int_equal(tt_registry_apply(rig->registry, &msg.head, NULL), TUTTI_OK);
    msg = message_of(TT_TOPIC_CLOCK, &source, 16);
    assert_int_equal(tt_registry_apply(rig->registry, &msg.head, NULL), TUTTI_OK);
    const unsigned char payload[16] = {7, 0, 0, 0, 1};
    msg = message_of(1025, payload, sizeof payload);
    msg.head.source = 256;
    msg.head.target = 256;
    char json[2048];
    tt_text_buf text;
    tt_text_init(&text, json, sizeof json);
    tt_msg_to_json_by(rig->registry, &msg.head, NULL, &text);
    assert_non_null(strstr(json, "\"topic\":\"news\""));
    assert_non_null(strstr(json, "\"source\":\"robot\""));
    assert_non_null(strstr(json, "\"target\":\"robot\""));
    assert_non_null(strstr(json, "\"payload\":{\"n\":7,\"side\":\"down\"}"));
    tt_text_init(&text, json, sizeof json);
    tt_msg_to_json(&msg.head, NULL, &text);
    assert_non_null(strstr(json, "\"topic\":1025"));
    assert_non_null(strstr(json, "\"source\":256"));
    assert_non_null(strstr(json, "\"payload\":\"07000000010000000000000000000000\""));
}

static void every_topic_has_a_place(void **state)
{
    (void)state;
    bool is_taken[TT_TOPIC_PLACES] = {false};
    for (uint32_t topic = 1; topic <= UINT16_MAX; topic++) {
        uint32_t place = tt_topic_place((uint16_t)topic);
        bool can_be = topic < TT_TOPIC_COUNT || (topic >= TT_TOPIC_USER_FIRST &&
                                                 topic < TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX);
        assert_int_equal(place != 0, can_be);
        assert_true(place < TT_TOPIC_PLACES && (place == 0 || !is_taken[place]));
        is_taken[place % TT_TOPIC_PLACES] = true; // the compiler does not know assert_true
        assert_int_equal(tt_topic_at(place), place == 0 ? 0 : topic);
    }
    for (uint32_t place = 1; place < TT_TOPIC_PLACES; place++) {
        assert_true(is_taken[place]);
    }
}

static void what_a_message_names_is_explained_or_not(void **state)
{
    struct rig *rig = *state;
    const tt_registry *registry = rig->registry;
    tt_dead_letter letter = {.dead_topic = 1024, .dead_source = 256};
    struct message msg = message_of(TT_TOPIC_DEAD_LETTERS, &letter, sizeof letter);
    tt_source_declaration source = {.source_id = 256, .name = "robot"};
    char number[TT_NUMBER_TEXT_MAX];
    assert_false(tt_registry_explains(registry, &msg.head));
    assert_string_equal(tt_registry_topic_name(registry, 1024, number), "1024");
    assert_string_equal(tt_registry_source_name(NULL, 65535, number), "65535");
    assert_int_equal(add(rig, 1024, "news", "n:u32"), TUTTI_OK);
    assert_false(tt_registry_explains(registry, &msg.head)); // the source is still unknown
    assert_int_equal(tt_registry_add_source(rig->registry, &source, NULL), TUTTI_OK);
    assert_true(tt_registry_explains(registry, &msg.head));
    assert_false(tt_registry_explains(NULL, &msg.head));
    assert_string_equal(tt_registry_topic_name(registry, 1024, number), "news");
    assert_string_equal(tt_registry_source_name(registry, 256, number), "robot");
    // Nothing named is nothing to explain.
    letter = (tt_dead_letter){0};
    msg = message_of(TT_TOPIC_DEAD_LETTERS, &letter, sizeof letter);
    assert_true(tt_registry_explains(NULL, &msg.head));
    msg.head.target = 257;
    assert_false(tt_registry_explains(registry, &msg.head));
    msg.head.target = 256;
    assert_true(tt_registry_explains(registry, &msg.head));
    msg.head.topic = 1025;
    assert_false(tt_registry_explains(registry, &msg.head));
}

static void damaged_messages_are_refused(void **state)
{
    struct rig *rig = *state;
    tt_topic_declaration topic = record_of(1024, "news", "n:u32");
    topic.reserved[0] = 1;
    struct message msg = message_of(TT_TOPIC_TOPIC_DECLARATIONS, &topic, sizeof topic);
    assert_int_equal(tt_registry_apply(rig->registry, &msg.head, NULL), TUTTI_INVALID);
    topic = record_of(1024, "news", "n:u32");
    TT_TEXT_SET(topic.schema, "n:u33");
    msg = message_of(TT_TOPIC_TOPIC_DECLARATIONS, &topic, sizeof topic);
    assert_int_equal(tt_registry_apply(rig->registry, &msg.head, NULL), TUTTI_PARSE);
    assert_int_equal(find(rig, "news"), TT_TOPIC_NONE);
    assert_int_equal(tt_registry_topic_count(rig->registry), 0);
    assert_int_equal(add(rig, 1024, "news", "n:u32"), TUTTI_OK); // nothing was left behind
}

static void payloads_of_declared_topics_come_from_json(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(add(rig, 1024, "raw", "bytes[32]"), TUTTI_OK);
    const tt_layout *layout = tt_registry_topic(rig->registry, 1024)->layout;
    struct {
        uint16_t count;
        unsigned char bytes[46];
    } payload;
    static const char json[] = "{\"bytes\":\"00ff10\"}";
    assert_int_equal(
        tt_payload_from_json(layout, json, strlen(json), NULL, &payload, NULL), TUTTI_OK);
    assert_int_equal(payload.count, 3);
    assert_int_equal(payload.bytes[1], 0xff);
    tt_error error;
    static const char wrong[] = "{\"bytes\":[1]}";
    assert_int_equal(
        tt_payload_from_json(layout, wrong, strlen(wrong), NULL, &payload, &error), TUTTI_INVALID);
    assert_string_equal(error.hint, "\"...\" of hexadecimal digits");
    struct message msg = message_of(1024, &payload, 16);
    char text_json[2048];
    tt_text_buf text;
    tt_text_init(&text, text_json, sizeof text_json);
    tt_msg_to_json_by(rig->registry, &msg.head, NULL, &text);
    assert_non_null(strstr(text_json, "\"payload\":{\"count\":3,\"bytes\":\"00ff10\"}"));
}

static void copy_state(struct rig *from, struct rig *to)
{
    size_t size = 0;
    size_t other = 0;
    const void *data = tt_registry_state(from->registry, &size);
    void *target = tt_registry_state(to->registry, &other);
    assert_int_equal(size, other);
    memcpy(target, data, size);
}

static void the_state_brings_everything_back(void **state)
{
    struct rig *rig = *state;
    struct rig other;
    open_rig(&other, 3, 2);
    assert_int_equal(add(rig, 1024, "a", "x:u64"), TUTTI_OK);
    assert_int_equal(add(rig, 1025, "b", "x:u64"), TUTTI_OK);
    assert_int_equal(add_source(rig, 256, "robot"), TUTTI_OK);
    assert_int_equal(add(&other, 1024, "a", "x:u64"), TUTTI_OK); // the same stays
    copy_state(rig, &other);
    assert_int_equal(tt_registry_restore(other.registry, NULL), TUTTI_OK);
    assert_int_equal(find(&other, "b"), 1025);
    assert_int_equal(tt_registry_topic(other.registry, 1025)->layout->size, 16);
    assert_string_equal(tt_registry_source_text(other.registry, 256), "robot");
    assert_int_equal(tt_registry_topic_count(other.registry), 2);
    tt_arena_fini(&other.arena);
}

static void a_state_that_does_not_fit_is_refused(void **state)
{
    struct rig *rig = *state;
    struct rig other;
    size_t size = 0;
    open_rig(&other, 3, 2);
    assert_int_equal(add(rig, 1024, "a", "x:u64"), TUTTI_OK);
    assert_int_equal(add(&other, 1024, "b", "x:u64"), TUTTI_OK);
    copy_state(rig, &other);
    assert_int_equal(tt_registry_restore(other.registry, NULL), TUTTI_VERSION);
    tt_arena_fini(&other.arena);
    open_rig(&other, 3, 2);
    copy_state(rig, &other);
    unsigned char *bytes = tt_registry_state(other.registry, &size);
    bytes[16 + offsetof(tt_topic_declaration, schema)] = ':';
    assert_int_equal(tt_registry_restore(other.registry, NULL), TUTTI_CORRUPT);
    tt_arena_fini(&other.arena);
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    tt_arena arena = {0};
    tt_registry *registry = NULL;
    assert_int_equal(tt_arena_init(&arena, 1 << 16), TUTTI_OK);
    assert_int_equal(tt_registry_new(4097, 0, &arena, &registry), TUTTI_INVALID);
    assert_int_equal(tt_registry_new(0, 257, &arena, &registry), TUTTI_INVALID);
    assert_int_equal(tt_registry_new(100, 0, &arena, &registry), TUTTI_NO_MEMORY);
    tt_arena_fini(&arena);
    struct rig empty;
    size_t size = 1;
    open_rig(&empty, 0, 0);
    assert_null(tt_registry_state(empty.registry, &size));
    assert_int_equal(size, 0);
    assert_int_equal(add(&empty, 1024, "a", "x:u8"), TUTTI_LIMIT);
    tt_arena_fini(&empty.arena);
}

#define RIG_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(built_in_rows_are_there),
        RIG_TEST(topics_are_declared_and_found),
        RIG_TEST(what_lies_behind_the_tables_is_nothing),
        RIG_TEST(the_same_again_is_fine_and_another_is_not),
        RIG_TEST(sources_are_declared_and_found),
        cmocka_unit_test(wrong_declarations_are_refused),
        cmocka_unit_test(a_layout_stands_for_its_schema),
        cmocka_unit_test(every_topic_has_a_place),
        cmocka_unit_test(a_gap_of_its_own_is_refused),
        RIG_TEST(a_journal_explains_itself),
        RIG_TEST(what_a_message_names_is_explained_or_not),
        RIG_TEST(damaged_messages_are_refused),
        RIG_TEST(payloads_of_declared_topics_come_from_json),
        RIG_TEST(the_state_brings_everything_back),
        RIG_TEST(a_state_that_does_not_fit_is_refused),
        cmocka_unit_test(sizes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
