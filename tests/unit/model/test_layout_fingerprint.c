/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The fingerprint of layouts changes with all that decides how bytes are understood.
 */
#include "../../lib/test.h"
#include "model/enums.h"
#include "model/topics.h"

#include <string.h>

static const char *const texts[] = {"a", "b"};
static const tt_enum_info enumeration = {.name = "e", .texts = texts, .count = 2};
static const tt_field item_fields[] = {{.name = "p", .size = 16, .kind = TT_KIND_price}};
static const tt_layout item = {.name = "i", .fields = item_fields, .field_count = 1, .size = 16};
static const tt_field fields[] = {
    {.name = "one", .size = 1, .kind = TT_KIND_enum, .enumeration = &enumeration},
    {.name = "two", .offset = 8, .size = 8, .kind = TT_KIND_u64},
    {.name = "rest", .offset = 16, .size = 64, .kind = TT_KIND_list, .item = &item}};
static const tt_layout layout = {
    .name = "l",
    .fields = fields,
    .field_count = 3,
    .size = 80,
    .fixed_size = 16,
    .item_size = 16,
    .item_max = 4};

/* Fingerprint of the layout with another field in place of number `index`. */
static uint64_t with_field(size_t index, tt_field field)
{
    tt_field changed[3];
    memcpy(changed, fields, sizeof changed);
    changed[index] = field;
    tt_layout other = layout;
    other.fields = changed;
    return tt_layout_mix(7, &other);
}

static void test_everything_counts(void **state)
{
    (void)state;
    const uint64_t own = tt_layout_mix(7, &layout);
    assert_int_equal(with_field(1, fields[1]), own);
    tt_field field = fields[1];
    field.name = "three";
    assert_int_not_equal(with_field(1, field), own);
    field = fields[1];
    field.kind = TT_KIND_i64; // Of the same size: a size alone would not tell.
    assert_int_not_equal(with_field(1, field), own);
    field = fields[1];
    field.offset = 4;
    assert_int_not_equal(with_field(1, field), own);
    field = fields[1];
    field.size = 4;
    assert_int_not_equal(with_field(1, field), own);
    const char *const swapped[] = {"b", "a"};
    const tt_enum_info other_enumeration = {.name = "e", .texts = swapped, .count = 2};
    field = fields[0];
    field.enumeration = &other_enumeration;
    assert_int_not_equal(with_field(0, field), own);
    const tt_field other_fields[] = {{.name = "q", .size = 16, .kind = TT_KIND_price}};
    tt_layout other_item = item;
    other_item.fields = other_fields;
    field = fields[2];
    field.item = &other_item;
    assert_int_not_equal(with_field(2, field), own);
    tt_layout other = layout;
    other.item_max = 5;
    assert_int_not_equal(tt_layout_mix(7, &other), own);
    other = layout;
    other.field_count = 2;
    assert_int_not_equal(tt_layout_mix(7, &other), own);
    assert_int_not_equal(tt_layout_mix(8, &layout), own);
}

static void test_the_own_one_stays(void **state)
{
    (void)state;
    assert_int_not_equal(tt_layout_fingerprint(), 0);
    assert_int_equal(tt_layout_fingerprint(), tt_layout_fingerprint());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_counts),
        cmocka_unit_test(test_the_own_one_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
