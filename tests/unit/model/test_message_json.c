/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages written as JSON: exact texts, and room for the worst of every layout.
 */
#include "../../lib/test.h"
#include "model/limits.h"
#include "model/message_json.h"

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}, {.symbol = "ETH/USDT", .id = {2}}},
    .count = 2,
};

/** A message with room for any payload. */
struct whole {
    tt_msg head;
    _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
};
_Static_assert(offsetof(struct whole, payload) == sizeof(tt_msg), "the payload follows the head");

static char line[TT_MESSAGE_JSON_MAX];

static const char *json_of(const struct whole *msg, const tt_instruments *known)
{
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_json(&msg->head, known, &text);
    assert_false(text.truncated);
    assert_int_equal(strlen(line), text.length);
    return line;
}

static struct whole message(tt_topic topic, const void *payload, size_t size)
{
    struct whole msg = {
        .head =
            {
                .seq = 7,
                .time = {INT64_C(1700000000123000000)},
                .cause = 5,
                .correlation = {{1, 0x8b, 0xcf, 0xe5, 0x68, 0x7b, 0x70, 0, 0x80, [15] = 7}},
                .key = 2,
                .ttl_ms = 300000,
                .topic = (uint16_t)topic,
                .source = TT_SOURCE_FEED,
                .size = (uint16_t)size,
                .kind = TT_msg_kind_EVENT,
                .priority = TT_priority_NORMAL,
            },
    };
    memcpy(msg.payload, payload, size);
    return msg;
}

static tt_dec dec(const char *text)
{
    tt_dec value;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

static void a_message_is_one_object(void **state)
{
    (void)state;
    const tt_trade trade = {
        .price = {dec("1234.5")},
        .qty = {dec("0.000000000000000001")},
        .feed_seq = (UINT64_C(1) << 53) - 1,
        .trade_id = UINT64_C(1) << 53, // beyond what every reader keeps
        .aggressor = TT_side_SELL,
    };
    struct whole msg = message(TT_TOPIC_MARKET_TRADE, &trade, sizeof trade);
    assert_string_equal(
        json_of(&msg, &instruments),
        "{\"seq\":7,\"time\":\"2023-11-14T22:13:20.123Z\",\"topic\":\"market_data.trade\","
        "\"kind\":\"event\",\"source\":\"feed\",\"key\":2,\"symbol\":\"ETH/USDT\","
        "\"priority\":\"normal\",\"ttl_ms\":300000,\"cause\":5,"
        "\"correlation\":\"018bcfe5-687b-7000-8000-000000000007\",\"input\":false,"
        "\"payload\":{\"price\":\"1234.5\",\"qty\":\"0.000000000000000001\","
        "\"venue_time\":null,\"feed_seq\":9007199254740991,\"trade_id\":\"9007199254740992\","
        "\"aggressor\":\"sell\"}}");
    msg.head.flags = TT_MSG_INPUT;
    msg.head.key = 3;
    const char *json = json_of(&msg, &instruments);
    assert_null(strstr(json, "symbol"));
    assert_non_null(strstr(json, "\"input\":true"));
    msg.head.key = 2;
    assert_null(strstr(json_of(&msg, NULL), "symbol"));
}

static void lists_carry_their_used_items(void **state)
{
    (void)state;
    tt_portfolio_update update = {.count = 1, .action = TT_portfolio_action_REBALANCE};
    update.trades[0] = (tt_rebalance_trade){
        .amount = {dec("-2.5")}, .instrument = 1, .side = TT_side_BUY, .priority = 2};
    struct whole msg = message(
        TT_TOPIC_PORTFOLIO_UPDATES,
        &update,
        tt_layout_used_size(&tt_layout_portfolio_update, &update));
    const char *json = json_of(&msg, &instruments);
    assert_non_null(strstr(
        json,
        "\"count\":1,\"strategy\":\"none\",\"reasoning\":\"\",\"trades\":[{\"amount\":\"-2.5\","
        "\"current_pct\":\"0\","
        "\"target_pct\":\"0\",\"instrument\":\"BTC/USDT\",\"side\":\"buy\",\"priority\":2}]}"));
    assert_non_null(strstr(json_of(&msg, NULL), "\"instrument\":1"));
}

static void an_answer_shows_what_its_body_says(void **state)
{
    (void)state;
    tt_agent_answer answer = {
        .answer_topic = TT_TOPIC_SENTIMENT_UPDATES, .latency = {INT64_C(1500000000)}};
    const tt_sentiment_update update = {.score = {dec("0.25")}, .key_event = "halving"};
    answer.count = sizeof update;
    memcpy(answer.body, &update, sizeof update);
    struct whole msg = message(
        TT_TOPIC_AGENT_ANSWERS, &answer, tt_layout_used_size(&tt_layout_agent_answer, &answer));
    const char *json = json_of(&msg, NULL);
    assert_non_null(strstr(json, "\"latency\":\"1.5\""));
    assert_non_null(strstr(json, "\"answer_topic\":\"sentiment_updates\""));
    assert_non_null(strstr(json, "\"body\":{\"score\":\"0.25\""));
    assert_non_null(strstr(json, "\"key_event\":\"halving\""));
    tt_portfolio_update list = {.count = 0};
    answer.answer_topic = TT_TOPIC_PORTFOLIO_UPDATES;
    answer.count = sizeof list; // an encoding has no bytes behind the used items
    memcpy(answer.body, &list, sizeof list);
    msg = message(
        TT_TOPIC_AGENT_ANSWERS, &answer, tt_layout_used_size(&tt_layout_agent_answer, &answer));
    assert_non_null(strstr(json_of(&msg, NULL), "\"body\":\"00000000"));
    memcpy(answer.body, "\xde\xad\x00", 3); // encodes nothing
    answer.count = 3;
    msg = message(TT_TOPIC_AGENT_ANSWERS, &answer, 224);
    assert_non_null(strstr(json_of(&msg, NULL), "\"body\":\"dead00\""));
    answer.answer_topic = TT_TOPIC_AGENT_ANSWERS; // an answer in an answer is not opened
    answer.count = 176;
    memset(answer.body, 0, sizeof answer.body);
    msg = message(TT_TOPIC_AGENT_ANSWERS, &answer, 384);
    assert_non_null(strstr(json_of(&msg, NULL), "\"body\":\"00000000"));
}

static void special_values_have_texts(void **state)
{
    (void)state;
    tt_session_event event = {.seed = UINT64_MAX, .run_id = "a\"\xC3\xA4\n"};
    memset(event.config_hash, 0xAB, sizeof event.config_hash);
    struct whole msg = message(TT_TOPIC_SESSION_EVENTS, &event, sizeof event);
    const char *json = json_of(&msg, NULL);
    assert_non_null(strstr(json, "\"config_hash\":\"abababab"));
    assert_non_null(strstr(json, "\"seed\":\"18446744073709551615\""));
    assert_non_null(strstr(json, "\"run_id\":\"a\\\"\xC3\xA4\\n\""));
    const tt_system_event change = {.old_value = INT64_MIN, .new_value = -5};
    msg = message(TT_TOPIC_SYSTEM_EVENTS, &change, sizeof change);
    json = json_of(&msg, NULL);
    assert_non_null(strstr(json, "\"old_value\":\"-9223372036854775808\",\"new_value\":-5"));
    const tt_dead_letter letter = {.dead_source = TT_SOURCE_VENUE};
    msg = message(TT_TOPIC_DEAD_LETTERS, &letter, sizeof letter);
    json = json_of(&msg, NULL);
    assert_non_null(strstr(json, "\"dead_topic\":null,\"dead_source\":\"venue\""));
}

static void what_no_bus_published_is_raw_bytes(void **state)
{
    (void)state;
    const tt_clock clock = {.tick = 1};
    struct whole msg = message(TT_TOPIC_CLOCK, &clock, sizeof clock);
    msg.head.topic = TT_TOPIC_COUNT;
    assert_non_null(strstr(json_of(&msg, NULL), "\"topic\":null"));
    assert_non_null(strstr(line, "\"payload\":\"01000000000000000000000000000000\""));
    msg.head.topic = TT_TOPIC_CLOCK;
    msg.head.size = 32;
    assert_non_null(strstr(json_of(&msg, NULL), "\"payload\":\"0100000000"));
    tt_depth depth = {.count = 21};
    msg = message(TT_TOPIC_MARKET_DEPTH, &depth, 48);
    assert_non_null(strstr(json_of(&msg, NULL), "\"payload\":\"00000000"));
    msg.head.size = TT_PAYLOAD_MAX;
    const char *payload = strstr(json_of(&msg, NULL), "\"payload\":\"00000000");
    assert_non_null(payload);
    assert_int_equal(strlen(payload), strlen("\"payload\":\"\"}") + 2 * TT_PAYLOAD_MAX);
    msg.head.size = TT_PAYLOAD_MAX + 1;
    assert_non_null(strstr(json_of(&msg, NULL), "\"payload\":null"));
    msg.head.size = TT_PAYLOAD_MAX + 16;
    assert_non_null(strstr(json_of(&msg, NULL), "\"payload\":null"));
}

static void what_does_not_fit_leaves_the_text_as_it_was(void **state)
{
    (void)state;
    const tt_clock clock = {.tick = 1};
    const struct whole msg = message(TT_TOPIC_CLOCK, &clock, sizeof clock);
    size_t length = strlen(json_of(&msg, NULL));
    char small[1024];
    tt_text_buf text;
    tt_text_init(&text, small, 3 + length + 1);
    tt_text_append_text(&text, "ab ");
    tt_msg_to_json(&msg.head, NULL, &text);
    assert_false(text.truncated);
    assert_int_equal(text.length, 3 + length);
    tt_text_init(&text, small, 3 + length);
    tt_text_append_text(&text, "ab ");
    tt_msg_to_json(&msg.head, NULL, &text);
    assert_true(text.truncated);
    assert_string_equal(small, "ab ");
    assert_int_equal(text.length, 3);
}

/** Fills a field with the value that has the longest text. */
static void fill_worst(const tt_field *field, unsigned char *bytes)
{
    static const char longest[] = "-0.123456789012345678";
    tt_dec value = dec(longest);
    value.v -= (tt_i128)1234567890123456789 * TT_DEC_ONE_I64;
    memset(bytes, field->kind == TT_KIND_text ? 1 : 0xFF, field->size);
    if (field->kind <= TT_KIND_ratio) {
        memcpy(bytes, &value, sizeof value);
    } else if (field->kind == TT_KIND_time) {
        memcpy(bytes, &(int64_t){INT64_C(7258118399999999999)}, 8);
    } else if (field->kind == TT_KIND_enum) {
        uint8_t longest_value = 0;
        for (uint8_t i = 0; i < field->enumeration->count; i++) {
            bool is_longer = strlen(field->enumeration->texts[i]) >
                             strlen(field->enumeration->texts[longest_value]);
            longest_value = is_longer ? i : longest_value;
        }
        bytes[0] = longest_value;
    } else if (field->kind == TT_KIND_text) {
        bytes[field->size - 1] = 0;
    }
}

static void fill_layout(const tt_layout *layout, unsigned char *bytes)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind != TT_KIND_list) {
            fill_worst(field, bytes + field->offset);
            continue;
        }
        for (unsigned item = 0; item < layout->item_max; item++) {
            fill_layout(field->item, bytes + field->offset + (size_t)item * layout->item_size);
        }
        memcpy(bytes + layout->count_offset, &layout->item_max, layout->count_size);
    }
}

static void the_worst_message_of_every_topic_fits(void **state)
{
    (void)state;
    size_t longest = 0;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        static _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
        const tt_layout *layout = tt_topic_info_get(topic)->layout;
        fill_layout(layout, payload);
        const struct whole msg = message((tt_topic)topic, payload, layout->size);
        size_t length = strlen(json_of(&msg, NULL));
        assert_null(strstr(line, "\"payload\":null"));
        longest = length > longest ? length : longest;
    }
    print_message("longest message: %zu of %d bytes\n", longest, TT_MESSAGE_JSON_MAX);
    assert_true(longest > TT_MESSAGE_JSON_MAX / 4); // the room is not wildly too large
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_one_object),
        cmocka_unit_test(lists_carry_their_used_items),
        cmocka_unit_test(an_answer_shows_what_its_body_says),
        cmocka_unit_test(special_values_have_texts),
        cmocka_unit_test(what_no_bus_published_is_raw_bytes),
        cmocka_unit_test(what_does_not_fit_leaves_the_text_as_it_was),
        cmocka_unit_test(the_worst_message_of_every_topic_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
