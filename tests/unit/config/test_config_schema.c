/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The schema itself: every table of every module must be usable.
 */
#include "config/config_priv.h"
#include "config_fixture.h"

static void check_key(const tt_config_section *section, const tt_config_key *key)
{
    static const tt_config_place place = {.source = "schema"};
    unsigned char field[1024];
    const char *const texts[] = {key->initial, key->min, key->max};
    assert_true(strlen(key->name) > 0 && strlen(key->doc) > 0);
    assert_true(key->size <= sizeof field);
    for (size_t i = 0; i < 3; i++) {
        // Defaults lie within the bounds, and the bounds within themselves.
        tt_slice text = tt_slice_of(texts[i]);
        bool is_given = text.length > 0;
        if (is_given && tt_config_set_value(key, text, false, &place, field, &error) != TUTTI_OK) {
            fail_msg("%s.%s: %s", section->path, key->name, error.message);
        }
        bool may_lack = i > 0 || key->kind == TT_CONFIG_KIND_text || section->item_size > 0;
        assert_true(is_given || may_lack);
    }
}

static void every_key_is_usable(void **state)
{
    (void)state;
    uint32_t count = 0;
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        assert_true(strlen(section->doc) > 0);
        for (uint32_t k = 0; k < section->key_count; k++) {
            check_key(section, &section->keys[k]);
            for (uint32_t other = 0; other < k; other++) {
                assert_string_not_equal(section->keys[k].name, section->keys[other].name);
            }
            assert_int_equal(tt_config_key_index(section, &section->keys[k]), count);
            count++;
        }
    }
    assert_in_range(count, 100, TT_CONFIG_KEYS_MAX);
}

/* A name must mean one thing: a key or a section. */
static void sections_do_not_hide_keys(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const char *path = tt_config_sections[i].path;
        const tt_config_section *section = NULL;
        const tt_config_key *key = NULL;
        assert_false(tt_config_find_path(path, &section, &key));
        assert_ptr_equal(tt_config_find_section(path), &tt_config_sections[i]);
        assert_true(tt_config_sections[i].item_size == 0 || !tt_config_is_branch(path));
    }
}

/* Fields of different keys must not overlap. */
static void fields_lie_apart(void **state)
{
    (void)state;
    static unsigned char owner[sizeof(tt_config)];
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        size_t items = section->item_size > 0 ? 0 : 1;
        for (uint32_t k = 0; k < section->key_count * items; k++) {
            size_t begin = section->offset + section->keys[k].offset;
            for (size_t at = begin; at < begin + section->keys[k].size; at++) {
                assert_int_equal(owner[at], 0);
                owner[at] = 1;
            }
        }
    }
}

static void look_ups(void **state)
{
    (void)state;
    const tt_config_section *section = NULL;
    const tt_config_key *key = NULL;
    assert_true(tt_config_find_path("coordinator.schedules.ta_analysis.timeout", &section, &key));
    assert_string_equal(section->path, "coordinator.schedules.ta_analysis");
    assert_string_equal(key->name, "timeout");
    assert_false(tt_config_find_path("timeout", &section, &key));
    assert_false(tt_config_find_path("instruments.symbol", &section, &key));
    assert_false(tt_config_find_path("run.", &section, &key));
    assert_false(tt_config_find_path("", &section, &key));
    assert_true(tt_config_is_branch("coordinator.schedules"));
    assert_false(tt_config_is_branch("coordinator.sched"));
    assert_null(tt_config_find_section("coordinator.schedules"));
    assert_null(tt_config_find_section(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_usable),
        cmocka_unit_test(sections_do_not_hide_keys),
        cmocka_unit_test(fields_lie_apart),
        cmocka_unit_test(look_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
