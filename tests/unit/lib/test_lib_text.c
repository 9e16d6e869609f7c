/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimals and messages as text.
 */
#include "fixture.h"

#include <tutti/text.h>

static void decimals_are_exact_both_ways(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0", "-0.25", "101.5", "0.000000000000000001", "-170141183460469231731.687303715884105728"};
    char text[TUTTI_DECIMAL_TEXT_MAX];
    tutti_decimal decimal;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(tutti_decimal_parse(texts[i], strlen(texts[i]), &decimal), TUTTI_OK);
        assert_int_equal(tutti_decimal_format(decimal, text), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
    assert_int_equal(tutti_decimal_parse("1", 1, &decimal), TUTTI_OK);
    assert_int_equal(decimal.low, UINT64_C(1000000000000000000));
    assert_int_equal(decimal.high, 0);
    assert_int_equal(tutti_decimal_parse("-1e-18", 6, &decimal), TUTTI_OK);
    assert_int_equal(decimal.low, UINT64_MAX);
    assert_int_equal(decimal.high, -1);
    assert_int_equal(tutti_decimal_parse("1 ", 2, &decimal), TUTTI_PARSE);
    assert_int_equal(tutti_decimal_parse("1e21", 4, &decimal), TUTTI_RANGE);
    assert_int_equal(tutti_decimal_parse("1e-19", 5, &decimal), TUTTI_RANGE);
}

static tutti_status
from(const struct plant *plant, tutti_topic topic, const char *json, tutti_error *error)
{
    struct reading reading[2] = {{0}};
    uint32_t size = 0;
    tutti_status status = tutti_bus_from_json(
        plant->bus, topic, json, strlen(json), reading, sizeof reading, &size, error);
    if (status == TUTTI_OK) {
        assert_int_equal(size, 16);
        const tutti_post post = {
            .topic = topic, .source = plant->source, .key = 3, .payload = reading, .size = size};
        assert_int_equal(tutti_bus_publish(plant->bus, &post, NULL), TUTTI_OK);
    }
    return status;
}

static void a_payload_goes_through_json(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    char text[TUTTI_JSON_MAX];
    plant_open(&plant, NULL);
    assert_int_equal(
        from(&plant, plant.readings, "{\"celsius\": -40, \"sensor\": 7}", &error), TUTTI_OK);
    const tutti_message *message = tutti_bus_latest(plant.bus, plant.readings, 0, 3, 0);
    const struct reading *reading = tutti_message_payload(message);
    assert_int_equal(reading->sensor, 7);
    assert_int_equal(reading->celsius, -40);
    assert_int_equal(tutti_bus_to_json(plant.bus, message, text, sizeof text), TUTTI_OK);
    assert_non_null(strstr(text, "\"topic\":\"plant.readings\""));
    assert_non_null(strstr(text, "\"source\":\"plant\""));
    assert_non_null(strstr(text, "\"payload\":{\"sensor\":7,\"celsius\":-40}"));
    size_t length = strlen(text);
    assert_int_equal(tutti_bus_to_json(plant.bus, message, text, length + 1), TUTTI_OK);
    assert_int_equal(strlen(text), length);
    assert_int_equal(tutti_bus_to_json(plant.bus, message, text, length), TUTTI_LIMIT);
    plant_close(&plant);
}

static void what_is_not_right_is_told(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    plant_open(&plant, NULL);
    assert_int_equal(from(&plant, plant.readings, "{\"kelvin\": 1}", &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "kelvin"));
    assert_int_equal(from(&plant, plant.readings, "{\"sensor\": 1", &error), TUTTI_PARSE);
    assert_int_equal(
        from(&plant, plant.readings, "{\"sensor\": 1, \"sensor\": 2}", &error), TUTTI_EXISTS);
    assert_int_equal(from(&plant, plant.notes, "{}", &error), TUTTI_STATE);
    assert_string_equal(error.hint, "post the bytes themselves");
    assert_int_equal(from(&plant, 9999, "{}", &error), TUTTI_NOT_FOUND);
    assert_string_equal(error.message, "no topic 9999 was declared");
    unsigned char small[15];
    uint32_t size = 0;
    assert_int_equal(
        tutti_bus_from_json(plant.bus, plant.readings, "{}", 2, small, sizeof small, &size, &error),
        TUTTI_LIMIT);
    assert_string_equal(error.message, "the payload takes 16 bytes, there is room for 15");
    plant_close(&plant);
}

static void the_version_is_known(void **state)
{
    (void)state;
    assert_string_equal(tutti_version(), TUTTI_VERSION_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_exact_both_ways),
        cmocka_unit_test(a_payload_goes_through_json),
        cmocka_unit_test(what_is_not_right_is_told),
        cmocka_unit_test(the_version_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
