/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lines for people: columns, what is left out, rounding, hostile texts, and that no payload of any
 * topic is too long.
 */
#include "../../lib/test.h"
#include "report/message_text.h"
#include "steps.h"

static steps made;
static tt_instruments instruments;

static int clear(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    made.now.ns = INT64_C(1704067200) * TT_NS_PER_S + 123456789;
    instruments = (tt_instruments){.count = 1};
    strcpy(instruments.list[0].symbol, "BTC/USDT");
    instruments.list[0].id.n = 1;
    return 0;
}

static const char *line_of(tt_topic topic, uint32_t key, const void *payload)
{
    static char line[TT_MESSAGE_TEXT_MAX];
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    size_t at = made.size;
    (void)add_message(&made, topic, TT_SOURCE_TRADE, key, payload);
    tt_msg_to_text((const tt_msg *)(const void *)(made.bytes + at), &instruments, &text);
    assert_false(text.truncated);
    return line;
}

static void a_line_has_columns_and_what_says_something(void **state)
{
    (void)state;
    tt_quote quote = {.bid.d = TT_DEC_C(472135, 1), .ask.d = TT_DEC_C(47214, 0), .feed_seq = 7};
    assert_string_equal(
        line_of(TT_TOPIC_MARKET_QUOTE, 1, &quote),
        "        1  2024-01-01T00:00:00.123Z  market_data.quote   BTC/USDT    trade                "
        "bid=47213.5 ask=47214 feed_seq=7");
}

static void ratios_are_rounded_and_prices_are_not(void **state)
{
    (void)state;
    tt_indicators row = {
        .close.d = TT_DEC_C(472131234567, 7),
        .rsi_14.d = TT_DEC_C(519534824999, 10),
        .ema_9.d = TT_DEC_C(5, 1),
        .is_warm = 1};
    const char *line = line_of(TT_TOPIC_INDICATORS, 0, &row);
    assert_non_null(strstr(line, " -           trade "));
    assert_non_null(strstr(line, " close=47213.1234567 rsi_14=51.953482 ema_9=0.5 is_warm=yes"));
    assert_null(strstr(line, "ema_21"));
}

static void names_spans_lists_and_no_none(void **state)
{
    (void)state;
    tt_agent_answer answer = {
        .latency.ns = 100 * TT_NS_PER_MS, .answer_topic = TT_TOPIC_TA_SIGNALS, .count = 3};
    const char *line = line_of(TT_TOPIC_AGENT_ANSWERS, 1, &answer);
    assert_non_null(strstr(line, " latency=0.1s answer_topic=ta_signals status=ok body=[3]"));
    tt_fill fill = {.side = TT_side_SELL, .exit_reason = TT_exit_reason_NONE};
    line = line_of(TT_TOPIC_FILLS, 1, &fill);
    assert_non_null(strstr(line, " side=sell"));
    assert_null(strstr(line, "exit_reason"));
}

static void texts_cannot_break_a_line(void **state)
{
    (void)state;
    tt_notification note = {0};
    TT_TEXT_SET(note.message, "a b\n\x1b[2J");
    assert_non_null(
        strstr(line_of(TT_TOPIC_NOTIFICATIONS, 0, &note), " message=\"a b\\x0a\\x1b[2J\""));
    TT_TEXT_SET(note.message, "plain");
    assert_non_null(strstr(line_of(TT_TOPIC_NOTIFICATIONS, 0, &note), " message=plain"));
}

/** Every byte that may be set is set: the longest line that there can be. */
static void every_topic_fits(void **state)
{
    (void)state;
    static unsigned char payload[TT_PAYLOAD_MAX];
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        const tt_layout *layout = tt_topic_info_get(topic)->layout;
        memset(payload, 0, sizeof payload);
        for (uint16_t i = 0; i < layout->field_count; i++) {
            const tt_field *field = &layout->fields[i];
            bool is_wide = field->kind != TT_KIND_enum && field->kind != TT_KIND_list &&
                           field->kind != TT_KIND_topic && field->kind != TT_KIND_source;
            memset(payload + field->offset, is_wide ? 1 : 0, field->size);
        }
        if (layout->item_size > 0) {
            memset(payload + layout->count_offset, 0, layout->count_size);
        }
        made.size = 0;
        assert_true(strlen(line_of((tt_topic)topic, 1, payload)) < TT_MESSAGE_TEXT_MAX - 1);
    }
}

/** The largest payload that a journal can hold, of a topic whose declaration is gone. */
static void undeclared_topics_are_numbers_and_bytes(void **state)
{
    (void)state;
    static char line[TT_MESSAGE_TEXT_MAX];
    static struct {
        tt_msg head;
        unsigned char payload[TT_PAYLOAD_MAX];
    } msg = {.head = {.seq = 9, .topic = 5119, .source = 511, .size = TT_PAYLOAD_MAX}};
    memset(msg.payload, 0xa5, sizeof msg.payload);
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_text(&msg.head, &instruments, &text);
    assert_false(text.truncated);
    assert_non_null(
        strstr(line, "  5119                -           511                  4032 bytes a5a5a5"));
    assert_int_equal(strspn(strstr(line, "a5a5"), "a5"), 2 * TT_PAYLOAD_MAX);
    // A payload that has not the size of its topic is taken apart by nobody.
    msg.head.topic = TT_TOPIC_CLOCK;
    msg.head.size = 32;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_text(&msg.head, &instruments, &text);
    assert_non_null(strstr(line, " 32 bytes a5a5"));
}

/** A dead letter names a topic and a source that were declared. */
static void fields_name_what_was_declared(void **state)
{
    (void)state;
    char line[TT_MESSAGE_TEXT_MAX];
    tt_arena arena = {0};
    tt_registry *registry = NULL;
    tt_topic_declaration topic = {
        .topic_id = 1024, .name = "news", .schema = "n:u64", .priority = TT_priority_NORMAL};
    tt_source_declaration source = {.source_id = 256, .name = "robot"};
    tt_dead_letter letter = {.dead_topic = 1024, .dead_source = 256};
    assert_int_equal(tt_arena_init(&arena, tt_registry_memory(1, 1)), TUTTI_OK);
    assert_int_equal(tt_registry_new(1, 1, &arena, &registry), TUTTI_OK);
    (void)add_message(&made, TT_TOPIC_DEAD_LETTERS, (tt_source)256, 0, &letter);
    const tt_msg *msg = (const tt_msg *)(const void *)made.bytes;
    tt_text_buf text;
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_text_by(registry, msg, &instruments, &text);
    assert_non_null(strstr(line, " dead_topic=1024 dead_source=256"));
    assert_int_equal(tt_registry_add_topic(registry, &topic, NULL), TUTTI_OK);
    assert_int_equal(tt_registry_add_source(registry, &source, NULL), TUTTI_OK);
    tt_text_init(&text, line, sizeof line);
    tt_msg_to_text_by(registry, msg, &instruments, &text);
    assert_non_null(strstr(line, " robot "));
    assert_non_null(strstr(line, " dead_topic=news dead_source=robot"));
    tt_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_has_columns_and_what_says_something, clear),
        cmocka_unit_test_setup(ratios_are_rounded_and_prices_are_not, clear),
        cmocka_unit_test_setup(names_spans_lists_and_no_none, clear),
        cmocka_unit_test_setup(texts_cannot_break_a_line, clear),
        cmocka_unit_test_setup(every_topic_fits, clear),
        cmocka_unit_test_setup(undeclared_topics_are_numbers_and_bytes, clear),
        cmocka_unit_test_setup(fields_name_what_was_declared, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
