/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What is in force, and the reference, as JSON: every key, each kind of value, where it comes from.
 * tests/system/bad_input_test.py compares both with the texts for people.
 */
#include "config/config_priv.h"
#include "config_fixture.h"

static char *text;

static void expect_part(const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("there is no %s in %.4000s", part, text);
    }
}

static void each_kind_of_value_is_told(void **state)
{
    (void)state;
    const char *const sets[] = {
        "run.name=a \"b\"", "run.seed=18446744073709551615", "risk.max_leverage=2.5"};
    const tt_config_overrides overrides = {.sets = sets, .set_count = 3};
    static const char file[] =
        ONE_INSTRUMENT "feed: {kind: synthetic}\n"
                       "exits: {max_hold: 600, symbols: [{symbol: BTC/USDT}]}\n";
    if (tt_config_load_text(file, strlen(file), &overrides, &config, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(tt_config_render_json(&config, &text, &error), TUTTI_OK);
    expect_part(
        "\"key\": \"run.name\",\n      \"value\": \"a \\\"b\\\"\",\n      \"origin\": \"--set\"\n");
    expect_part("\"key\": \"run.seed\",\n      \"value\": \"18446744073709551615\",");
    expect_part("\"key\": \"risk.max_leverage\",\n      \"value\": \"2.5\",");
    expect_part("\"key\": \"feed.kind\",\n      \"value\": \"synthetic\",\n      \"origin\": "
                "\"file\",\n      \"line\": ");
    expect_part("\"value\": true,\n      \"origin\": \"default\"\n");
    expect_part("\"key\": \"instruments[0].symbol\",\n      \"value\": \"");
    expect_part("\"key\": \"exits.symbols[0].max_hold\",\n      \"value\": \"600\",\n      \"as\": "
                "\"exits.max_hold\"\n");
    free(text);
}

static void every_key_is_there(void **state)
{
    (void)state;
    assert_int_equal(tt_config_reference_json(&text, &error), TUTTI_OK);
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        for (uint32_t k = 0; k < section->key_count; k++) {
            char part[200];
            const char *list = section->item_size > 0 ? "[]" : "";
            (void)snprintf(
                part,
                sizeof part,
                "\"key\": \"%s%s.%s\",",
                section->path,
                list,
                section->keys[k].name);
            expect_part(part);
        }
    }
    expect_part("\"key\": \"instruments[].symbol\",\n      \"required\": true,");
    expect_part("\"key\": \"run.seed\",\n      \"default\": 1,\n      \"allowed\": \"a whole "
                "number from 0 to "
                "18446744073709551615\",");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_value_is_told),
        cmocka_unit_test(every_key_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
