/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages read from JSON: what is written comes back; a head that is not right is refused with the
 * place and what would be right.
 */
#include "../../lib/test.h"
#include "model/message_json.h"

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}, {.symbol = "ETH/USDT", .id = {2}}},
    .count = 2,
};

static _Alignas(16) unsigned char first[TT_MSG_BYTES_MAX];
static _Alignas(16) unsigned char second[TT_MSG_BYTES_MAX];
static char line[TT_MESSAGE_JSON_MAX];

static const tt_msg *read_into(unsigned char *to, const char *json, const tt_instruments *known)
{
    tt_error error = {0};
    memset(to, 0xee, TT_MSG_BYTES_MAX);
    tutti_status status = tt_msg_from_json(NULL, json, strlen(json), known, to, &error);
    if (status != TUTTI_OK) {
        print_error("%s: %s\n", json, error.message);
    }
    assert_int_equal(status, TUTTI_OK);
    return (const tt_msg *)(void *)to;
}

static const char *json_of(const tt_msg *msg, const tt_instruments *known)
{
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_json(msg, known, &text);
    assert_false(text.truncated);
    return line;
}

static void every_member_comes_back(void **state)
{
    (void)state;
    const char *json =
        "{\"seq\":\"9007199254740993\",\"time\":\"2023-11-14T22:13:20.123456789Z\",\"topic\":"
        "\"market_"
        "data.trade\",\"kind\":\"veto\",\"source\":\"venue\",\"key\":2,\"symbol\":\"ETH/USDT\","
        "\"priority\":\"urgent\",\"ttl_ms\":77,\"cause\":5,\"correlation\":\"018bcfe5-687b-7000-"
        "8000-"
        "000000000007\",\"target\":\"risk\",\"input\":true,\"payload\":{\"price\":\"1234.5\","
        "\"aggressor\":\"sell\"}}";
    const tt_msg *msg = read_into(first, json, &instruments);
    assert_int_equal(msg->seq, UINT64_C(9007199254740993));
    assert_int_equal(msg->time.ns, INT64_C(1700000000123456789));
    assert_int_equal(msg->topic, TT_TOPIC_MARKET_TRADE);
    assert_int_equal(msg->kind, TT_msg_kind_VETO);
    assert_int_equal(msg->source, TT_SOURCE_VENUE);
    assert_int_equal(msg->key, 2);
    assert_int_equal(msg->priority, TT_priority_URGENT);
    assert_int_equal(msg->ttl_ms, 77);
    assert_int_equal(msg->cause, 5);
    assert_int_equal(msg->correlation.bytes[15], 7);
    assert_int_equal(msg->target, TT_SOURCE_RISK);
    assert_int_equal(msg->flags, TT_MSG_INPUT);
    assert_int_equal(msg->size, tt_layout_trade.fixed_size);
    assert_int_equal(TT_PAYLOAD(msg, MARKET_TRADE, trade)->aggressor, TT_side_SELL);
    assert_int_equal(first[tt_msg_bytes(msg)], 0xee); // and nothing behind it
    const tt_msg *again = read_into(second, json_of(msg, &instruments), &instruments);
    assert_memory_equal(again, msg, tt_msg_bytes(msg));
}

static void what_is_not_said_is_as_the_topic_says(void **state)
{
    (void)state;
    const tt_msg *msg = read_into(
        first, "{\"payload\":{},\"source\":\"feed\",\"topic\":\"market_data.trade\"}", NULL);
    const tt_topic_info *info = tt_topic_info_get(TT_TOPIC_MARKET_TRADE);
    assert_int_equal(msg->kind, info->kind);
    assert_int_equal(msg->priority, info->priority);
    assert_int_equal(msg->ttl_ms, info->ttl_ms);
    assert_int_equal(msg->seq, 0);
    msg = read_into(
        first,
        "{\"ttl_ms\":0,\"topic\":\"market_data.trade\",\"source\":\"feed\",\"payload\":{}}",
        NULL);
    assert_int_equal(msg->ttl_ms, 0); // said, and so not the topic's
}

static void every_topic_comes_back(void **state)
{
    (void)state;
    uint32_t read = 0;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        char json[160];
        tt_text_format(
            json,
            sizeof json,
            "{\"topic\":\"%s\",\"source\":\"engine\",\"payload\":{}}",
            tt_topic_info_get(topic)->name);
        if (tt_msg_from_json(NULL, json, strlen(json), NULL, first, NULL) != TUTTI_OK) {
            continue; // an empty payload is none of this topic
        }
        const tt_msg *msg = (const tt_msg *)(void *)first;
        assert_int_equal(msg->topic, topic);
        const tt_msg *again = read_into(second, json_of(msg, NULL), NULL);
        assert_memory_equal(again, msg, tt_msg_bytes(msg));
        read++;
    }
    assert_true(read > TT_TOPIC_COUNT / 2);
}

static void a_topic_that_is_not_known_has_digits(void **state)
{
    (void)state;
    const tt_msg *msg = read_into(
        first,
        "{\"topic\":1030,\"source\":300,\"priority\":\"low\",\"payload\":"
        "\"000102030405060708090a0b0c0d0e0f\"}",
        NULL);
    assert_int_equal(msg->topic, 1030);
    assert_int_equal(msg->source, 300);
    assert_int_equal(msg->size, 16);
    assert_int_equal(((const unsigned char *)tt_msg_payload(msg))[15], 15);
    const tt_msg *again = read_into(second, json_of(msg, NULL), NULL);
    assert_memory_equal(again, msg, tt_msg_bytes(msg));
}

/** Texts that are no message. */
static const struct {
    const char *json;
    tutti_status status;
    const char *says; /**< Part of the message. */
    const char *hint; /**< Part of the hint; NULL = none is demanded. */
} wrong[] = {
    {"{\"source\":\"feed\",\"payload\":{}}", TUTTI_INVALID, "has a topic", "ta_signals"},
    {"{\"topic\":null,\"source\":\"feed\",\"payload\":{}}",
     TUTTI_INVALID,
     "has a topic",
     "ta_signals"},
    {"{\"topic\":\"clocks\",\"source\":\"feed\",\"payload\":{}}",
     TUTTI_INVALID,
     "message.topic: no such topic",
     "ta_signals"},
    {"{\"topic\":\"clock\",\"payload\":{}}", TUTTI_INVALID, "has a source", "feed"},
    {"{\"topic\":\"clock\",\"source\":\"none\",\"payload\":{}}",
     TUTTI_INVALID,
     "has a source",
     "feed"},
    {"{\"topic\":\"clock\",\"source\":\"nobody\",\"payload\":{}}",
     TUTTI_INVALID,
     "message.source: no such source",
     "feed"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"priority\":\"highest\",\"payload\":{}}",
     TUTTI_INVALID,
     "message.priority: no such value",
     "urgent"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"priority\":\"none\",\"payload\":{}}",
     TUTTI_INVALID,
     "has a priority",
     "low"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"kind\":\"shout\",\"payload\":{}}",
     TUTTI_INVALID,
     "message.kind: no such value",
     "veto"},
    {"{\"topic\":\"clock\",\"source\":\"feed\"}", TUTTI_INVALID, "has a payload", "payload"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"payload\":\"00\"}",
     TUTTI_INVALID,
     "message.payload: a payload is an object",
     "{...}"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"payload\":{\"tack\":1}}",
     TUTTI_INVALID,
     "message.payload.tack: unknown field",
     "tick"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"prioritz\":\"low\",\"payload\":{}}",
     TUTTI_INVALID,
     "message.prioritz: unknown field",
     "priority"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"key\":4294967296,\"payload\":{}}",
     TUTTI_INVALID,
     "message.key",
     "4294967295"},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"key\":1,\"symbol\":\"ETH/"
     "USDT\",\"payload\":{}}",
     TUTTI_INVALID,
     "not that of the key",
     "leave one"},
    {"{\"topic\":1030,\"source\":\"feed\",\"payload\":\"0011\"}",
     TUTTI_INVALID,
     "no payload has this size",
     "16"},
    {"{\"topic\":\"clock\",\"topic\":\"clock\",\"source\":\"feed\",\"payload\":{}}",
     TUTTI_EXISTS,
     "message",
     NULL},
    {"{\"topic\":\"clock\",\"source\":\"feed\",\"payload\":{}} x", TUTTI_PARSE, "message", NULL},
    {"{\"topic\":\"clock\"", TUTTI_PARSE, "message", NULL},
    {"[]", TUTTI_INVALID, "is an object", "{...}"},
    {"", TUTTI_PARSE, "message", NULL},
};

static void a_head_that_is_not_right_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tt_error error = {0};
        memset(first, 0xee, sizeof first);
        tutti_status status = tt_msg_from_json(
            NULL, wrong[i].json, strlen(wrong[i].json), &instruments, first, &error);
        bool is_right = status == wrong[i].status && error.status == status &&
                        strstr(error.message, wrong[i].says) &&
                        (!wrong[i].hint || strstr(error.hint, wrong[i].hint));
        if (!is_right) {
            print_error("%s: %d %s | %s\n", wrong[i].json, status, error.message, error.hint);
        }
        assert_true(is_right);
        for (size_t at = 0; at < sizeof first; at++) {
            assert_int_equal(first[at], 0xee);
        }
    }
}

static void declared_names_are_those_of_the_registry(void **state)
{
    (void)state;
    tt_arena arena;
    tt_registry *registry = NULL;
    tt_topic_declaration topic;
    const tt_topic_decl decl = {.name = "my.topic", .schema = "x:u64", .key_max = 8};
    tt_source_declaration source = {.source_id = TT_SOURCE_USER_FIRST};
    TT_TEXT_SET(source.name, "robot");
    assert_int_equal(tt_arena_init(&arena, tt_registry_memory(4, 4) + 4096), TUTTI_OK);
    assert_int_equal(tt_registry_new(4, 4, &arena, &registry), TUTTI_OK);
    assert_int_equal(tt_registry_prepare(&decl, 1000, &topic, NULL), TUTTI_OK);
    topic.topic_id = TT_TOPIC_USER_FIRST;
    assert_int_equal(tt_registry_add_topic(registry, &topic, NULL), TUTTI_OK);
    assert_int_equal(tt_registry_add_source(registry, &source, NULL), TUTTI_OK);
    const char *json = "{\"topic\":\"my.topic\",\"source\":\"robot\",\"payload\":{\"x\":5}}";
    assert_int_equal(tt_msg_from_json(registry, json, strlen(json), NULL, first, NULL), TUTTI_OK);
    const tt_msg *msg = (const tt_msg *)(void *)first;
    assert_int_equal(msg->topic, TT_TOPIC_USER_FIRST);
    assert_int_equal(msg->source, TT_SOURCE_USER_FIRST);
    assert_int_equal(msg->ttl_ms, 1000);
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_json_by(registry, msg, NULL, &text);
    assert_int_equal(tt_msg_from_json(registry, line, strlen(line), NULL, second, NULL), TUTTI_OK);
    assert_memory_equal(second, first, tt_msg_bytes(msg));
    assert_int_equal(tt_msg_from_json(NULL, json, strlen(json), NULL, second, NULL), TUTTI_INVALID);
    tt_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_comes_back),
        cmocka_unit_test(what_is_not_said_is_as_the_topic_says),
        cmocka_unit_test(every_topic_comes_back),
        cmocka_unit_test(a_topic_that_is_not_known_has_digits),
        cmocka_unit_test(a_head_that_is_not_right_is_refused),
        cmocka_unit_test(declared_names_are_those_of_the_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
