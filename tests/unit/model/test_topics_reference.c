/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rendered catalogue names everything, and says what every field means.
 */
#include "../../lib/test.h"
#include "model/message.h"
#include "model/topics_reference.h"

static char page[1 << 18];

static void render(void)
{
    tt_text_buf text;
    tt_text_init(&text, page, sizeof page);
    tt_topics_reference(&text);
    assert_false(text.truncated);
}

static void expect(const char *format, const char *name)
{
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "%s%s", format, name);
    if (!strstr(page, wanted)) {
        print_error("missing: %s\n", wanted);
    }
    assert_non_null(strstr(page, wanted));
}

static void everything_is_named(void **state)
{
    (void)state;
    render();
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        expect("`", tt_topic_info_get(i)->name);
        expect("", tt_topic_info_get(i)->doc);
    }
    for (const tt_layout *const *layout = tt_layout_all(); *layout; layout++) {
        expect("### ", (*layout)->name);
    }
    for (const tt_enum_info *const *info = tt_enum_all(); *info; info++) {
        expect("<a id=\"enum-", (*info)->name);
    }
    expect("### ", "depth_level");
    assert_non_null(strstr(page, "| 31 | `fills` | [fill](#fill) | event | high | 0 | 1000 |"));
    assert_non_null(strstr(page, "| 48 | levels | list of 20 [depth_level](#depth_level) |"));
}

static void every_field_has_a_meaning(void **state)
{
    (void)state;
    for (const tt_layout *const *layout = tt_layout_all(); *layout; layout++) {
        for (uint16_t i = 0; i < (*layout)->field_count; i++) {
            const tt_field *field = &(*layout)->fields[i];
            bool is_told = field->kind == TT_KIND_reserved || strlen(field->doc) > 0;
            if (!is_told) {
                print_error("%s.%s has no meaning\n", (*layout)->name, field->name);
            }
            assert_true(is_told);
            assert_null(strchr(field->doc, '|')); // it stands in a table
        }
    }
}

/** docs/spec/topics.md is the rendered page. */
static void the_documentation_is_the_rendered_page(void **state)
{
    (void)state;
    static char stored[1 << 18];
    render();
    FILE *file = fopen(TT_TEST_SOURCE_DIR "/docs/spec/topics.md", "rb");
    assert_non_null(file);
    size_t size = fread(stored, 1, sizeof stored - 1, file);
    (void)fclose(file);
    assert_int_equal(size, strlen(page));
    assert_memory_equal(stored, page, size); // else: tutti topics > docs/spec/topics.md
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_named),
        cmocka_unit_test(every_field_has_a_meaning),
        cmocka_unit_test(the_documentation_is_the_rendered_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
