/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Values read from JSON: each kind of field with what it takes and what it refuses.
 */
#include "../../lib/test.h"
#include "model/message_json.h"

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}, {.symbol = "ETH/USDT", .id = {2}}},
    .count = 2,
};

/** Every kind of field once; hash and uuid stand in payloads of their own. */
static _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];

static const void *accept(const tt_layout *layout, const char *member)
{
    char json[512];
    tt_error error = {0};
    (void)snprintf(json, sizeof json, "{%s}", member);
    tutti_status status =
        tt_payload_from_json(layout, json, strlen(json), &instruments, payload, &error);
    if (status != TUTTI_OK) {
        print_error("%s: %s\n", json, error.message);
    }
    assert_int_equal(status, TUTTI_OK);
    return payload;
}

static void refuse(const tt_layout *layout, const char *member, const char *message)
{
    char json[512];
    char expected[256];
    tt_error error = {0};
    (void)snprintf(json, sizeof json, "{%s}", member);
    const char *value = strchr(json, ':') + 2;
    (void)snprintf(
        expected, sizeof expected, "%s (line 1, column %d)", message, (int)(value - json) + 1);
    assert_int_equal(
        tt_payload_from_json(layout, json, strlen(json), &instruments, payload, &error),
        TUTTI_INVALID);
    assert_string_equal(error.message, expected);
    assert_true(strlen(error.hint) > 0);
}

static tt_i128 open_of(const char *member)
{
    const tt_bar *bar = accept(&tt_layout_bar, member);
    return bar->open.d.v;
}

static void decimals_keep_every_digit(void **state)
{
    (void)state;
    assert_true(open_of("\"open\": \"0.000000000000000001\"") == 1);
    assert_true(open_of("\"open\": 0.1") == TT_DEC_ONE_I64 / 10);
    assert_true(open_of("\"open\": -12.5e1") == -(tt_i128)TT_DEC_ONE_I64 * 125);
    refuse(
        &tt_layout_bar,
        "\"open\": \"0.0000000000000000001\"",
        "bar.open: the number is too large or too fine");
    refuse(&tt_layout_bar, "\"open\": \"\"", "bar.open: this is a decimal number");
    refuse(&tt_layout_bar, "\"open\": \"1,5\"", "bar.open: this is a decimal number");
    refuse(&tt_layout_bar, "\"open\": null", "bar.open: this is a decimal number");
    refuse(&tt_layout_bar, "\"open\": true", "bar.open: this is a decimal number");
}

static void integers_fit_their_fields(void **state)
{
    (void)state;
    const tt_bar *bar = accept(
        &tt_layout_bar, "\"feed_seq\": \"18446744073709551615\", \"interval_s\": 4294967295");
    assert_true(bar->feed_seq == UINT64_MAX);
    assert_int_equal(bar->interval_s, UINT32_MAX);
    refuse(&tt_layout_bar, "\"interval_s\": 4294967296", "bar.interval_s: this is a whole number");
    refuse(&tt_layout_bar, "\"interval_s\": -1", "bar.interval_s: this is a whole number");
    refuse(&tt_layout_bar, "\"interval_s\": 1.0", "bar.interval_s: this is a whole number");
    refuse(&tt_layout_bar, "\"interval_s\": 1e3", "bar.interval_s: this is a whole number");
    refuse(&tt_layout_bar, "\"interval_s\": null", "bar.interval_s: this is a whole number");
    refuse(
        &tt_layout_bar,
        "\"feed_seq\": 18446744073709551616",
        "bar.feed_seq: this is a whole number");
    const tt_trading_signal *signal = accept(&tt_layout_trading_signal, "\"leverage\": 255");
    assert_int_equal(signal->leverage, 255);
    refuse(
        &tt_layout_trading_signal,
        "\"leverage\": 256",
        "trading_signal.leverage: this is a whole number");
    const tt_system_event *event =
        accept(&tt_layout_system_event, "\"old_value\": \"-9223372036854775808\"");
    assert_true(event->old_value == INT64_MIN);
    refuse(
        &tt_layout_system_event,
        "\"old_value\": 9223372036854775808",
        "system_event.old_value: this is a whole number");
}

static void times_are_iso_or_none(void **state)
{
    (void)state;
    const tt_bar *bar = accept(&tt_layout_bar, "\"open_time\": \"2023-11-14T22:13:20.5Z\"");
    assert_int_equal(bar->open_time.ns, INT64_C(1700000000500000000));
    bar = accept(&tt_layout_bar, "\"open_time\": null");
    assert_int_equal(bar->open_time.ns, 0);
    bar = accept(&tt_layout_bar, "\"open_time\": 0");
    assert_int_equal(bar->open_time.ns, 0);
    refuse(&tt_layout_bar, "\"open_time\": 1700000000", "bar.open_time: this is a time");
    refuse(&tt_layout_bar, "\"open_time\": \"yesterday\"", "bar.open_time: this is a time");
    refuse(&tt_layout_bar, "\"open_time\": \"never\"", "bar.open_time: this is a time");
}

static void spans_are_seconds(void **state)
{
    (void)state;
    const tt_agent_answer *answer = accept(&tt_layout_agent_answer, "\"latency\": \"0.000000001\"");
    assert_int_equal(answer->latency.ns, 1);
    answer = accept(&tt_layout_agent_answer, "\"latency\": 90");
    assert_int_equal(answer->latency.ns, INT64_C(90000000000));
    refuse(
        &tt_layout_agent_answer,
        "\"latency\": 0.0000000001",
        "agent_answer.latency: the span is out of range");
}

static void instruments_are_symbols_or_numbers(void **state)
{
    (void)state;
    const tt_portfolio_update *update =
        accept(&tt_layout_portfolio_update, "\"trades\": [{\"instrument\": \"ETH/USDT\"}]");
    assert_int_equal(update->trades[0].instrument, 2);
    update = accept(&tt_layout_portfolio_update, "\"trades\": [{\"instrument\": 7}]");
    assert_int_equal(update->trades[0].instrument, 7);
    tt_error error;
    const char *json = "{\"trades\": [{\"instrument\": \"DOGE\"}]}";
    assert_int_equal(
        tt_payload_from_json(
            &tt_layout_portfolio_update, json, strlen(json), &instruments, payload, &error),
        TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "portfolio_update.trades[0].instrument: no such instrument (line 1, column 28)");
    assert_int_equal(
        tt_payload_from_json(
            &tt_layout_portfolio_update, json, strlen(json), NULL, payload, &error),
        TUTTI_INVALID);
}

static void names_are_found_exactly(void **state)
{
    (void)state;
    const tt_dead_letter *letter = accept(
        &tt_layout_dead_letter,
        "\"dead_topic\": \"fills\", \"dead_source\": \"venue\", \"reason\": \"expired\"");
    assert_int_equal(letter->dead_topic, TT_TOPIC_FILLS);
    assert_int_equal(letter->dead_source, TT_SOURCE_VENUE);
    assert_int_equal(letter->reason, TT_dead_reason_EXPIRED);
    letter = accept(&tt_layout_dead_letter, "\"dead_topic\": null");
    assert_int_equal(letter->dead_topic, 0);
    refuse(
        &tt_layout_dead_letter,
        "\"dead_topic\": \"fill\"",
        "dead_letter.dead_topic: no such topic");
    refuse(&tt_layout_dead_letter, "\"dead_topic\": 31", "dead_letter.dead_topic: no such topic");
    refuse(
        &tt_layout_dead_letter, "\"dead_source\": null", "dead_letter.dead_source: no such source");
    refuse(&tt_layout_dead_letter, "\"reason\": \"Expired\"", "dead_letter.reason: no such value");
    refuse(&tt_layout_dead_letter, "\"reason\": 2", "dead_letter.reason: no such value");
}

static void flags_are_true_or_false(void **state)
{
    (void)state;
    const tt_depth *depth = accept(&tt_layout_depth, "\"is_last\": true");
    assert_int_equal(depth->is_last, 1);
    depth = accept(&tt_layout_depth, "\"is_last\": false");
    assert_int_equal(depth->is_last, 0);
    refuse(&tt_layout_depth, "\"is_last\": 1", "depth.is_last: this is a flag");
    refuse(&tt_layout_depth, "\"is_last\": \"true\"", "depth.is_last: this is a flag");
    refuse(&tt_layout_depth, "\"is_last\": null", "depth.is_last: this is a flag");
}

static void hashes_have_all_their_digits(void **state)
{
    (void)state;
    const tt_session_event *event = accept(
        &tt_layout_session_event,
        "\"config_hash\": "
        "\"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\"");
    assert_int_equal(event->config_hash[1], 0x11);
    assert_int_equal(event->config_hash[31], 0xff);
    refuse(
        &tt_layout_session_event,
        "\"config_hash\": \"0011\"",
        "session_event.config_hash: this is a hash");
    refuse(
        &tt_layout_session_event,
        "\"config_hash\": \"g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"",
        "session_event.config_hash: this is hexadecimal");
    refuse(
        &tt_layout_session_event,
        "\"config_hash\": 12",
        "session_event.config_hash: this is a hash");
}

/** No payload holds a UUID today; a layout of its own does. */
static void uuids_are_read_and_written(void **state)
{
    (void)state;
    static const tt_field fields[] = {{.name = "id", .size = 16, .kind = TT_KIND_uuid}};
    static const tt_layout layout = {
        .name = "holder", .fields = fields, .field_count = 1, .size = 16, .fixed_size = 16};
    const unsigned char *bytes =
        accept(&layout, "\"id\": \"018BCFE5-687b-7000-8000-0000000000ff\"");
    assert_int_equal(bytes[0], 0x01);
    assert_int_equal(bytes[15], 0xff);
    char json[128];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, json, sizeof json, false);
    tt_payload_write_json(&writer, &layout, payload, NULL);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    assert_string_equal(json, "{\"id\":\"018bcfe5-687b-7000-8000-0000000000ff\"}");
    refuse(&layout, "\"id\": \"018bcfe5\"", "holder.id: this is a UUID");
    refuse(&layout, "\"id\": 18", "holder.id: this is a UUID");
}

static void texts_fit_and_are_never_cut(void **state)
{
    (void)state;
    const tt_coordinator_command *command =
        accept(&tt_layout_coordinator_command, "\"actor\": \"1234567890123456789012345678901\"");
    assert_string_equal(command->actor, "1234567890123456789012345678901");
    refuse(
        &tt_layout_coordinator_command,
        "\"actor\": \"12345678901234567890123456789012\"",
        "coordinator_command.actor: the text is too long");
    refuse(
        &tt_layout_coordinator_command,
        "\"actor\": \"a\\u0000b\"",
        "coordinator_command.actor: the text holds a NUL");
    refuse(
        &tt_layout_coordinator_command,
        "\"actor\": 5",
        "coordinator_command.actor: this is a text");
    command = accept(&tt_layout_coordinator_command, "\"actor\": \"\\u00e4\\n\"");
    assert_string_equal(command->actor, "\xC3\xA4\n");
    command = accept(&tt_layout_coordinator_command, "\"actor\": \"\"");
    assert_string_equal(command->actor, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_keep_every_digit),
        cmocka_unit_test(integers_fit_their_fields),
        cmocka_unit_test(times_are_iso_or_none),
        cmocka_unit_test(spans_are_seconds),
        cmocka_unit_test(instruments_are_symbols_or_numbers),
        cmocka_unit_test(names_are_found_exactly),
        cmocka_unit_test(flags_are_true_or_false),
        cmocka_unit_test(hashes_have_all_their_digits),
        cmocka_unit_test(uuids_are_read_and_written),
        cmocka_unit_test(texts_fit_and_are_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
