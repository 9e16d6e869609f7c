/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages of another build become messages of this one: by name, or not at all.
 */
#include "../../lib/test.h"
#include "base/crc32c.h"
#include "model/enums.h"
#include "model/layout_map.h"
#include "model/registry.h"

/** A build, and the way from it. */
struct build {
    tt_arena arena;
    tt_layout_set set;
    tt_layout_map *map;
};

static void open_build(struct build *build, const char *text)
{
    tt_error error = {0};
    static char whole[TT_LAYOUT_TEXT_MAX];
    uint32_t checksum = tt_crc32c(0, text, strlen(text));
    bool is_whole = strstr(text, "\nend ") != NULL;
    int length = is_whole ? snprintf(whole, sizeof whole, "%s", text)
                          : snprintf(whole, sizeof whole, "%send %u\n", text, checksum);
    assert_int_equal(tt_arena_init(&build->arena, TT_LAYOUT_SET_MEMORY), TUTTI_OK);
    tutti_status status =
        tt_layout_set_read(whole, (size_t)length, &build->arena, &build->set, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, TUTTI_OK);
    assert_int_equal(tt_layout_map_make(&build->set, &build->arena, &build->map), TUTTI_OK);
}

/** Room for a message. */
typedef union message {
    tt_msg head;
    unsigned char bytes[TT_MSG_BYTES_MAX];
} message;

/* A build that had other numbers, another order of sides, fields that are gone and lacked others.
 */
static const char older[] = "tutti layouts 1\n"
                            "enum sides 3\n"
                            "= sell\n"
                            "= gift\n"
                            "= buy\n"
                            "payload vote 16 16 0 0 0 0\n"
                            "field u8 legacy 0 1\n"
                            "field reserved r 1 7\n"
                            "field seq output_seq 8 8\n"
                            "payload vote_list 96 16 16 5 8 2\n"
                            "field seq signal_seq 0 8\n"
                            "field u16 count 8 2\n"
                            "field u8 agreeing 10 1\n"
                            "field u64 present 0 8\n"
                            "field reserved r 11 5\n"
                            "field list votes 16 80 vote\n"
                            "payload filled 48 48 0 0 0 0\n"
                            "field u64 fill_id 0 8\n"
                            "field enum side 8 1 sides\n"
                            "field u32 order_id 12 4\n"
                            "field price price 16 16\n"
                            "field u64 nonsense 32 8\n"
                            "field reserved r 40 8\n"
                            "payload lost 64 64 0 0 0 0\n"
                            "field text handler 0 40\n"
                            "field topic dead_topic 40 2\n"
                            "field reserved r 42 22\n"
                            "topic 3 fills filled\n"
                            "topic 5 consensus vote_list\n"
                            "topic 7 dead_letters lost\n"
                            "topic 9 gone filled\n";

static tutti_status
carry(const struct build *build, const message *from, message *to, tt_error *error)
{
    memset(to, 0xAA, sizeof *to);
    return tt_layout_map_message(build->map, &from->head, &to->head, error);
}

static message old_message(uint16_t topic, uint16_t size)
{
    message from = {.head = {.seq = 41, .time = {7}, .cause = 40, .key = 2, .ttl_ms = 3}};
    from.head.topic = topic;
    from.head.source = TT_SOURCE_TRADE;
    from.head.size = size;
    from.head.kind = 1;
    from.head.priority = 2;
    return from;
}

static void fields_are_matched_by_name_and_kind(void **state)
{
    (void)state;
    static struct build build;
    static message from;
    static message to;
    tt_error error = {0};
    open_build(&build, older);
    from = old_message(3, 48);
    unsigned char *payload = from.bytes + sizeof(tt_msg);
    const uint64_t fill_id = 77;
    const tt_dec price = TT_DEC_C(12345, 2);
    memcpy(payload, &fill_id, sizeof fill_id);
    payload[8] = 2; // buy
    memset(payload + 12, 0xFF, 4);
    memcpy(payload + 16, &price, sizeof price);
    memset(payload + 32, 0xFF, 8);
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_OK);
    const tt_fill expected = {.fill_id = 77, .price.d = price, .side = TT_side_BUY};
    tt_msg head = from.head;
    head.topic = TT_TOPIC_FILLS;
    head.size = sizeof expected;
    assert_memory_equal(&to.head, &head, sizeof head);
    // The order's number was of another kind: it is left out, as what is unknown.
    assert_memory_equal(TT_PAYLOAD(&to.head, FILLS, fill), &expected, sizeof expected);
    tt_arena_fini(&build.arena);
}

static void lists_are_carried_item_by_item(void **state)
{
    (void)state;
    static struct build build;
    static message from;
    static message to;
    tt_error error = {0};
    open_build(&build, older);
    for (uint16_t count = 0; count <= 5; count++) {
        from = old_message(5, (uint16_t)(16 + 16 * count));
        unsigned char *payload = from.bytes + sizeof(tt_msg);
        payload[0] = 9;
        memcpy(payload + 8, &count, sizeof count);
        payload[10] = 1;
        for (uint16_t i = 0; i < count; i++) {
            payload[16 + 16 * i] = 0xEE; // Left out.
            payload[16 + 16 * i + 8] = (unsigned char)(100 + i);
        }
        error = (tt_error){0};
        if (count > TT_MAX_consensus_vote) {
            assert_int_equal(carry(&build, &from, &to, &error), TUTTI_RANGE);
            assert_string_equal(
                error.message,
                "consensus, field count: more items than a list of this release holds");
            continue;
        }
        assert_int_equal(carry(&build, &from, &to, &error), TUTTI_OK);
        const tt_consensus *own = TT_PAYLOAD(&to.head, CONSENSUS, consensus);
        assert_int_equal(to.head.size, tt_layout_used_size(&tt_layout_consensus, own));
        assert_int_equal(own->count, count);
        assert_int_equal(own->signal_seq, 9);
        assert_int_equal(own->agreeing, 1);
        assert_int_equal(own->present, 0);
        for (uint16_t i = 0; i < count; i++) {
            const tt_consensus_vote vote = {.output_seq = 100 + (tt_seq)i};
            assert_memory_equal(&own->votes[i], &vote, sizeof vote);
        }
    }
    tt_arena_fini(&build.arena);
}

static void what_cannot_be_said_is_an_error(void **state)
{
    (void)state;
    static struct build build;
    static message from;
    static message to;
    tt_error error = {0};
    open_build(&build, older);
    from = old_message(3, 48);
    for (int value = 1; value < 256; value += 254) { // "gift", and none at all.
        from.bytes[sizeof(tt_msg) + 8] = (unsigned char)value;
        assert_int_equal(carry(&build, &from, &to, &error), TUTTI_RANGE);
        assert_string_equal(error.message, "fills, field side: this release has no such value");
    }
    from = old_message(7, 64);
    unsigned char *payload = from.bytes + sizeof(tt_msg);
    memset(payload, 'h', 31);
    payload[40] = 5; // Their number of consensus.
    error = (tt_error){0};
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_OK);
    const tt_dead_letter *letter = TT_PAYLOAD(&to.head, DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->dead_topic, TT_TOPIC_CONSENSUS);
    assert_int_equal(strlen(letter->handler), 31);
    payload[31] = 'h';
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_RANGE);
    assert_string_equal(
        error.message, "dead_letters, field handler: the text is longer than in this release");
    payload[31] = 0;
    payload[40] = 9; // "gone"
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_RANGE);
    assert_string_equal(
        error.message, "dead_letters, field dead_topic: this release has no such topic");
    tt_arena_fini(&build.arena);
}

static void unknown_topics_are_told_and_declared_ones_kept(void **state)
{
    (void)state;
    static struct build build;
    static message from;
    static message to;
    tt_error error = {0};
    open_build(&build, older);
    from = old_message(9, 48); // We have none of that name.
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_NOT_FOUND);
    from = old_message(4, 48); // They had none of that number.
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_NOT_FOUND);
    from = old_message(TT_TOPIC_USER_FIRST + 3, 32);
    memset(from.bytes + sizeof(tt_msg), 0x5C, 32);
    assert_int_equal(carry(&build, &from, &to, &error), TUTTI_OK);
    assert_memory_equal(&to, &from, sizeof(tt_msg) + 32);
    tt_arena_fini(&build.arena);
}

/* A build with our layouts says what we say: every byte of every field but the spare ones. */
static void our_own_layouts_change_nothing(void **state)
{
    (void)state;
    static struct build build;
    static char text[TT_LAYOUT_TEXT_MAX];
    static message from;
    static message to;
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    tt_layout_set_write(&buf);
    open_build(&build, text);
    for (uint16_t number = 1; number < TT_TOPIC_COUNT; number++) {
        const tt_layout *layout = tt_topic_info_get(number)->layout;
        from = old_message(number, 0);
        unsigned char *payload = from.bytes + sizeof(tt_msg);
        for (uint16_t i = 0; i < layout->field_count; i++) {
            const tt_field *field = &layout->fields[i];
            bool is_plain = field->kind != TT_KIND_reserved && field->kind != TT_KIND_list &&
                            field->kind != TT_KIND_enum && field->kind != TT_KIND_topic &&
                            field->kind != TT_KIND_text;
            memset(payload + field->offset, is_plain ? 0x40 + i : 0, field->size);
            if (field->kind == TT_KIND_enum) {
                payload[field->offset] = (unsigned char)(field->enumeration->count - 1);
            } else if (field->kind == TT_KIND_topic) {
                payload[field->offset] = TT_TOPIC_FILLS;
            } else if (field->kind == TT_KIND_text) {
                memset(payload + field->offset, 't', field->size - 1u);
            }
        }
        const uint16_t count = 1;
        memcpy(payload + layout->count_offset, &count, layout->count_size);
        from.head.size = tt_layout_used_size(layout, payload);
        tt_error error = {0};
        assert_int_equal(carry(&build, &from, &to, &error), TUTTI_OK);
        assert_memory_equal(&to, &from, tt_msg_bytes(&from.head));
    }
    tt_arena_fini(&build.arena);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    static struct build build;
    tt_layout_map *map = NULL;
    tt_arena small;
    open_build(&build, older);
    assert_int_equal(tt_arena_init(&small, 512), TUTTI_OK);
    tutti_status status = TUTTI_OK;
    for (int i = 0; i < 200 && status == TUTTI_OK; i++) {
        status = tt_layout_map_make(&build.set, &small, &map);
    }
    assert_int_equal(status, TUTTI_NO_MEMORY);
    tt_arena_fini(&small);
    tt_arena_fini(&build.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_matched_by_name_and_kind),
        cmocka_unit_test(lists_are_carried_item_by_item),
        cmocka_unit_test(what_cannot_be_said_is_an_error),
        cmocka_unit_test(unknown_topics_are_told_and_declared_ones_kept),
        cmocka_unit_test(our_own_layouts_change_nothing),
        cmocka_unit_test(a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
