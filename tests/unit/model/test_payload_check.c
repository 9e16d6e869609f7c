/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The check of payloads from outside: each rule has a payload that breaks it, and the error names
 * the field.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "model/limits.h"
#include "model/message.h"
#include "model/registry.h"

static void accept_sized(const tt_layout *layout, const void *payload, size_t size)
{
    tt_error error = {0};
    assert_int_equal(tt_payload_check(layout, payload, size, &error), TUTTI_OK);
    assert_int_equal(error.status, TUTTI_OK);
}

static void
refuse_sized(const tt_layout *layout, const void *payload, size_t size, const char *expected)
{
    tt_error error = {0};
    assert_int_equal(tt_payload_check(layout, payload, size, &error), TUTTI_INVALID);
    assert_int_equal(error.status, TUTTI_INVALID);
    assert_string_equal(error.message, expected);
    assert_true(strlen(error.hint) > 0);
    assert_int_equal(tt_payload_check(layout, payload, size, NULL), TUTTI_INVALID);
}

#define ACCEPT(type, payload) accept_sized(&tt_layout_##type, &(payload), sizeof(payload))
#define REFUSE(type, payload, message)                                                             \
    refuse_sized(&tt_layout_##type, &(payload), sizeof(payload), message)

static void an_empty_payload_of_every_layout_passes(void **state)
{
    (void)state;
    static const unsigned char zeros[TT_PAYLOAD_MAX];
    for (const tt_layout *const *layout = tt_layout_all(); *layout; layout++) {
        accept_sized(*layout, zeros, (*layout)->size);
        accept_sized(*layout, zeros, (*layout)->fixed_size);
    }
}

/** Built-in ones, and those that can be declared, whether they are or not. */
static void topics_and_sources_have_the_numbers_that_can_be(void **state)
{
    (void)state;
    static const uint16_t topics[][2] = {
        // the last that is right, and the next one
        {TT_TOPIC_COUNT - 1, TT_TOPIC_COUNT},
        {TT_TOPIC_USER_FIRST, TT_TOPIC_USER_FIRST - 1},
        {TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX - 1, TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX},
    };
    static const uint16_t sources[][2] = {
        {TT_SOURCE_COUNT - 1, TT_SOURCE_COUNT},
        {TT_SOURCE_USER_FIRST, TT_SOURCE_USER_FIRST - 1},
        {TT_SOURCE_USER_FIRST + TT_SOURCES_USER_MAX - 1,
         TT_SOURCE_USER_FIRST + TT_SOURCES_USER_MAX},
    };
    for (int i = 0; i < 3; i++) {
        tt_dead_letter letter = {.dead_topic = topics[i][0], .dead_source = sources[i][0]};
        ACCEPT(dead_letter, letter);
        letter.dead_topic = topics[i][1];
        REFUSE(dead_letter, letter, "dead_letter.dead_topic: no such topic");
        letter.dead_topic = topics[i][0];
        letter.dead_source = sources[i][1];
        REFUSE(dead_letter, letter, "dead_letter.dead_source: no such source");
    }
}

static tt_dec beyond(tt_dec limit, int steps)
{
    return (tt_dec){limit.v + steps};
}

static void decimals_stay_within_their_bounds(void **state)
{
    (void)state;
    tt_bar bar = {.high.d = TT_PRICE_MAX, .volume.d = TT_QTY_MAX};
    ACCEPT(bar, bar);
    bar.high.d = beyond(TT_PRICE_MAX, 1);
    REFUSE(bar, bar, "bar.high: the number is out of range");
    bar.high.d = (tt_dec){-TT_PRICE_MAX.v - 1};
    REFUSE(bar, bar, "bar.high: the number is out of range");
    bar.high.d = (tt_dec){-TT_PRICE_MAX.v};
    ACCEPT(bar, bar);
    bar.volume.d = beyond(TT_QTY_MAX, 1);
    REFUSE(bar, bar, "bar.volume: the number is out of range");
    tt_venue_report report = {.fee.d = TT_MONEY_MAX};
    ACCEPT(venue_report, report);
    report.fee.d = beyond(TT_MONEY_MAX, 1);
    REFUSE(venue_report, report, "venue_report.fee: the number is out of range");
    tt_ta_signal signal = {.confidence.d = TT_RATIO_MAX};
    ACCEPT(ta_signal, signal);
    signal.confidence.d = beyond(TT_RATIO_MAX, 1);
    REFUSE(ta_signal, signal, "ta_signal.confidence: the number is out of range");
}

static void the_extreme_decimal_is_refused(void **state)
{
    (void)state;
    tt_bar bar = {0};
    tt_u128 lowest = (tt_u128)1 << 127; // the value without a negative
    memcpy(&bar.open.d.v, &lowest, sizeof lowest);
    REFUSE(bar, bar, "bar.open: the number is out of range");
}

static void times_and_spans_stay_within_their_bounds(void **state)
{
    (void)state;
    tt_bar bar = {.open_time = TT_TIME_MAX};
    ACCEPT(bar, bar);
    bar.open_time.ns++;
    REFUSE(bar, bar, "bar.open_time: the time is out of range");
    bar.open_time.ns = -1;
    REFUSE(bar, bar, "bar.open_time: the time is out of range");
    tt_agent_answer answer = {.latency = TT_DUR_MAX};
    ACCEPT(agent_answer, answer);
    answer.latency.ns++;
    REFUSE(agent_answer, answer, "agent_answer.latency: the time is out of range");
    answer.latency.ns = -1;
    REFUSE(agent_answer, answer, "agent_answer.latency: the time is out of range");
}

static void enumerations_flags_topics_and_sources_are_known(void **state)
{
    (void)state;
    tt_trade trade = {.aggressor = TT_side_SELL};
    ACCEPT(trade, trade);
    trade.aggressor = TT_side_COUNT;
    REFUSE(trade, trade, "trade.aggressor: no such value");
    tt_venue_report report = {.is_query_reply = 1};
    ACCEPT(venue_report, report);
    report.is_query_reply = 2;
    REFUSE(venue_report, report, "venue_report.is_query_reply: a flag is 0 or 1");
    tt_agent_answer answer = {.answer_topic = TT_TOPIC_COUNT - 1};
    ACCEPT(agent_answer, answer);
    answer.answer_topic = TT_TOPIC_COUNT;
    REFUSE(agent_answer, answer, "agent_answer.answer_topic: no such topic");
    tt_dead_letter letter = {.dead_source = TT_SOURCE_COUNT - 1};
    ACCEPT(dead_letter, letter);
    letter.dead_source = TT_SOURCE_COUNT;
    REFUSE(dead_letter, letter, "dead_letter.dead_source: no such source");
}

static void texts_end_and_are_utf8_and_clean(void **state)
{
    (void)state;
    tt_coordinator_command command = {0};
    memset(command.actor, 'a', sizeof command.actor);
    REFUSE(coordinator_command, command, "coordinator_command.actor: the text has no end");
    command.actor[31] = 0;
    ACCEPT(coordinator_command, command);
    command.actor[10] = 0;
    REFUSE(
        coordinator_command,
        command,
        "coordinator_command.actor: bytes follow the end of the text");
    memset(command.actor, 0, sizeof command.actor);
    command.actor[0] = (char)0xC3;
    REFUSE(coordinator_command, command, "coordinator_command.actor: the text is not UTF-8");
}

/** What is right of a text, said byte by byte. */
static bool is_right_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    for (size_t i = length; i < size; i++) {
        if (text[i] != 0) {
            return false;
        }
    }
    return length < size && tt_text_is_utf8(text, length);
}

static void fill_text(tt_random *random, char *text, size_t size)
{
    static const char *const pieces[] = {
        "a", "\x7f", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    size_t length = tt_random_below(random, size);
    bool is_ascii = tt_random_below(random, 2) == 0;
    memset(text, 0, size);
    for (size_t at = 0; at < length;) {
        const char *piece = pieces[tt_random_below(random, is_ascii ? 2 : 5)];
        size_t bytes = strlen(piece);
        if (at + bytes > length) {
            break;
        }
        memcpy(text + at, piece, bytes);
        at += bytes;
    }
}

/** Texts of every length, whole and with a byte that is wrong, agree with what is said above. */
static void texts_of_any_length_are_judged_right(void **state)
{
    (void)state;
    static const char wrong[] = {0, 1, 'z', (char)0x80, (char)0x81, (char)0xc3, (char)0xff};
    uint32_t refused = 0;
    tt_random random;
    tt_random_init(&random, 89, 0);
    for (int i = 0; i < 200000; i++) {
        tt_agent_answer answer = {0};
        fill_text(&random, answer.model, sizeof answer.model);
        fill_text(&random, answer.error, sizeof answer.error);
        if (i % 4 != 0) {
            char *text = i % 2 ? answer.model : answer.error;
            size_t size = i % 2 ? sizeof answer.model : sizeof answer.error;
            text[tt_random_below(&random, size)] = wrong[tt_random_below(&random, sizeof wrong)];
        }
        bool is_right = is_right_text(answer.model, sizeof answer.model) &&
                        is_right_text(answer.error, sizeof answer.error);
        tutti_status status =
            tt_payload_check(&tt_layout_agent_answer, &answer, sizeof answer, NULL);
        assert_int_equal(status, is_right ? TUTTI_OK : TUTTI_INVALID);
        refused += !is_right;
    }
    assert_in_range(refused, 60000, 140000); // both happen often
}

/** A bit in any byte that must be zero is seen. */
static void each_reserved_byte_is_looked_at(void **state)
{
    (void)state;
    static unsigned char bytes[TT_PAYLOAD_MAX];
    uint32_t seen = 0;
    for (const tt_layout *const *layout = tt_layout_all(); *layout; layout++) {
        for (uint16_t i = 0; i < (*layout)->field_count; i++) {
            const tt_field *field = &(*layout)->fields[i];
            for (uint16_t at = 0; field->kind == TT_KIND_reserved && at < field->size; at++) {
                bytes[field->offset + at] = 0x10;
                assert_int_equal(
                    tt_payload_check(*layout, bytes, (*layout)->size, NULL), TUTTI_INVALID);
                bytes[field->offset + at] = 0;
                seen++;
            }
        }
    }
    assert_true(seen > 200);
}

static void reserved_bytes_are_zero(void **state)
{
    (void)state;
    tt_clock clock = {.tick = UINT64_MAX};
    ACCEPT(clock, clock);
    clock.reserved[7] = 1;
    REFUSE(clock, clock, "clock.reserved: reserved bytes are in use");
}

static void sizes_fit_the_layout(void **state)
{
    (void)state;
    tt_bar bars[2] = {{.open_time = {0}}};
    refuse_sized(&tt_layout_bar, bars, sizeof bars[0] - 1, "bar: the payload has 111 bytes");
    refuse_sized(&tt_layout_bar, bars, sizeof bars[0] + 1, "bar: the payload has 113 bytes");
    refuse_sized(&tt_layout_bar, bars, 0, "bar: the payload has 0 bytes");
    tt_depth depth = {.count = 2};
    accept_sized(&tt_layout_depth, &depth, 48 + 2 * 48);
    refuse_sized(&tt_layout_depth, &depth, 48 + 2 * 48 - 1, "depth.count: 2 items are too many");
    refuse_sized(&tt_layout_depth, &depth, 47, "depth: the payload has 47 bytes");
    depth.count = TT_MAX_depth_level + 1;
    REFUSE(depth, depth, "depth.count: 21 items are too many");
}

static void used_items_are_checked_and_no_others(void **state)
{
    (void)state;
    tt_depth depth = {.count = 2};
    memset(&depth.levels[2], 0xFF, sizeof depth.levels[2]); // not used: never becomes a message
    ACCEPT(depth, depth);
    depth.levels[1].side = TT_side_COUNT;
    REFUSE(depth, depth, "depth.levels[1].side: no such value");
    depth.levels[1].side = TT_side_BUY;
    depth.levels[0].reserved[14] = 9;
    REFUSE(depth, depth, "depth.levels[0].reserved: reserved bytes are in use");
}

static void a_key_is_a_possible_instrument(void **state)
{
    (void)state;
    tt_portfolio_update update = {.count = 1};
    update.trades[0].instrument = TT_INSTRUMENTS_MAX;
    ACCEPT(portfolio_update, update);
    update.trades[0].instrument = TT_INSTRUMENTS_MAX + 1;
    REFUSE(portfolio_update, update, "portfolio_update.trades[0].instrument: no such instrument");
}

static void the_body_of_an_answer_may_be_any_bytes(void **state)
{
    (void)state;
    tt_agent_answer answer = {.count = 5};
    memset(answer.body, 0xFF, 5);
    accept_sized(&tt_layout_agent_answer, &answer, 213);
    refuse_sized(&tt_layout_agent_answer, &answer, 212, "agent_answer.count: 5 items are too many");
}

static void the_payload_need_not_be_aligned(void **state)
{
    (void)state;
    unsigned char buffer[sizeof(tt_bar) + 1];
    tt_bar bar = {.high.d = TT_PRICE_MAX};
    memcpy(buffer + 1, &bar, sizeof bar);
    accept_sized(&tt_layout_bar, buffer + 1, sizeof bar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_payload_of_every_layout_passes),
        cmocka_unit_test(topics_and_sources_have_the_numbers_that_can_be),
        cmocka_unit_test(decimals_stay_within_their_bounds),
        cmocka_unit_test(the_extreme_decimal_is_refused),
        cmocka_unit_test(times_and_spans_stay_within_their_bounds),
        cmocka_unit_test(enumerations_flags_topics_and_sources_are_known),
        cmocka_unit_test(texts_end_and_are_utf8_and_clean),
        cmocka_unit_test(texts_of_any_length_are_judged_right),
        cmocka_unit_test(reserved_bytes_are_zero),
        cmocka_unit_test(each_reserved_byte_is_looked_at),
        cmocka_unit_test(sizes_fit_the_layout),
        cmocka_unit_test(used_items_are_checked_and_no_others),
        cmocka_unit_test(a_key_is_a_possible_instrument),
        cmocka_unit_test(the_body_of_an_answer_may_be_any_bytes),
        cmocka_unit_test(the_payload_need_not_be_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
