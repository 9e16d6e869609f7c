/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Layouts: the field tables describe the structs to the byte.
 */
#include "../../lib/test.h"
#include "model/message.h"

static void check_fields(const tt_layout *layout)
{
    size_t at = 0;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        assert_int_equal(field->offset, at);
        assert_true((field->kind == TT_KIND_enum) == (field->enumeration != NULL));
        assert_true((field->kind == TT_KIND_list) == (field->item != NULL));
        assert_true(field->kind != TT_KIND_list || i + 1 == layout->field_count);
        at += field->size;
    }
    assert_int_equal(layout->size, at);
}

static void fields_cover_every_payload_without_gaps(void **state)
{
    (void)state;
    unsigned layouts = 0;
    for (const tt_layout *const *at = tt_layout_all(); *at; at++, layouts++) {
        const tt_layout *layout = *at;
        check_fields(layout);
        assert_int_equal(
            layout->fixed_size + (size_t)layout->item_max * layout->item_size, layout->size);
        assert_int_equal(layout->size % 16, 0);
        assert_int_equal(layout->fixed_size % 16, 0);
        if (layout->item_size > 0) {
            check_fields(layout->fields[layout->field_count - 1].item);
        }
    }
#define COUNT_ONE(payload) +1
    assert_int_equal(layouts, 0 TT_PAYLOAD_LIST(COUNT_ONE));
}

/** Sizes are part of the journal format. */
static void stored_sizes_stay(void **state)
{
    (void)state;
    assert_int_equal(sizeof(tt_msg), 64);
    assert_int_equal(tt_layout_bar.size, 112);
    assert_int_equal(tt_layout_quote.size, 80);
    assert_int_equal(tt_layout_trade.size, 64);
    assert_int_equal(tt_layout_clock.size, 16);
    assert_int_equal(tt_layout_fill.size, 176);
    assert_int_equal(tt_layout_agent_answer.fixed_size, 208);
    assert_int_equal(tt_layout_agent_answer.size, 1744);
    assert_int_equal(offsetof(tt_msg, correlation), 24);
    assert_int_equal(offsetof(tt_msg, topic), 48);
    assert_int_equal(offsetof(tt_msg, flags), 56);
    assert_int_equal(offsetof(tt_msg, target), 58);
    assert_int_equal(tt_layout_topic_declaration.size, 1120);
    assert_int_equal(tt_layout_source_declaration.size, 48);
    assert_int_equal(tt_layout_bus_command.size, 224);
    assert_int_equal(tt_layout_bus_alert.size, 96);
}

static void used_size_counts_the_used_items(void **state)
{
    (void)state;
    tt_depth depth = {.count = 0};
    assert_int_equal(tt_layout_used_size(&tt_layout_depth, &depth), 48);
    depth.count = 3;
    assert_int_equal(tt_layout_used_size(&tt_layout_depth, &depth), 48 + 3 * 48);
    depth.count = TT_MAX_depth_level;
    assert_int_equal(tt_layout_used_size(&tt_layout_depth, &depth), sizeof depth);
    depth.count = TT_MAX_depth_level + 1;
    assert_int_equal(tt_layout_used_size(&tt_layout_depth, &depth), 0);
    assert_int_equal(tt_layout_item_count(&tt_layout_depth, &depth), TT_MAX_depth_level + 1);
}

static void used_size_is_rounded_up_to_16(void **state)
{
    (void)state;
    tt_agent_answer answer = {.count = 0};
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 208);
    answer.count = 1;
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 224);
    answer.count = 16;
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 224);
    answer.count = 17;
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 240);
    answer.count = 1536; // more than one byte of count
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 1744);
    answer.count = 1537;
    assert_int_equal(tt_layout_used_size(&tt_layout_agent_answer, &answer), 0);
}

static void a_payload_without_list_has_one_size(void **state)
{
    (void)state;
    tt_bar bar = {0};
    assert_int_equal(tt_layout_item_count(&tt_layout_bar, &bar), 0);
    assert_int_equal(tt_layout_used_size(&tt_layout_bar, &bar), sizeof bar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_cover_every_payload_without_gaps),
        cmocka_unit_test(stored_sizes_stay),
        cmocka_unit_test(used_size_counts_the_used_items),
        cmocka_unit_test(used_size_is_rounded_up_to_16),
        cmocka_unit_test(a_payload_without_list_has_one_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
