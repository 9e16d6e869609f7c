/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Texts of enumerations: each value has one of its own, and is found by it.
 */
#include "../../lib/test.h"
#include "model/enums.h"

static void every_value_is_found_by_its_text(void **state)
{
    (void)state;
    unsigned enums = 0;
    for (const tt_enum_info *const *info = tt_enum_all(); *info; info++, enums++) {
        assert_true((*info)->count > 0);
        for (uint8_t i = 0; i < (*info)->count; i++) {
            const char *text = tt_enum_text(*info, i);
            uint8_t found = UINT8_MAX;
            assert_true(strlen(text) > 0);
            assert_true(tt_enum_find(*info, text, strlen(text), &found));
            assert_int_equal(found, i);
        }
    }
    assert_true(enums > 50);
}

static void unknown_values_and_texts_are_told(void **state)
{
    (void)state;
    uint8_t value = 77;
    assert_string_equal(tt_enum_text(&tt_enum_side, TT_side_COUNT), "?");
    assert_string_equal(tt_enum_text(&tt_enum_side, 255), "?");
    assert_false(tt_enum_find(&tt_enum_side, "Buy", 3, &value));
    assert_false(tt_enum_find(&tt_enum_side, "bu", 2, &value));
    assert_false(tt_enum_find(&tt_enum_side, "buyer", 5, &value));
    assert_false(tt_enum_find(&tt_enum_side, "", 0, &value));
    assert_int_equal(value, 77);
    assert_true(tt_enum_find(&tt_enum_side, "sellx", 4, &value));
    assert_int_equal(value, TT_side_SELL);
}

/** Values are stored in journals: these numbers must never change. */
static void stored_numbers_stay(void **state)
{
    (void)state;
    assert_int_equal(TT_priority_LOW, 1);
    assert_int_equal(TT_priority_NORMAL, 2);
    assert_int_equal(TT_priority_HIGH, 3);
    assert_int_equal(TT_priority_URGENT, 4);
    assert_int_equal(TT_side_BUY, 1);
    assert_int_equal(TT_order_state_UNKNOWN, 10);
    assert_int_equal(TT_dead_reason_UNKNOWN_ORDER, 7);
    assert_string_equal(tt_enum_text(&tt_enum_order_state, 5), "filled");
    assert_string_equal(tt_enum_text(&tt_enum_risk_code, 23), "UNRESOLVED_ORDER");
    assert_string_equal(tt_enum_text(&tt_enum_action, TT_action_CLOSE_LONG), "CLOSE_LONG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_found_by_its_text),
        cmocka_unit_test(unknown_values_and_texts_are_told),
        cmocka_unit_test(stored_numbers_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
