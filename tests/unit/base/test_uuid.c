/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ids in UUID form.
 */
#include "../../lib/test.h"
#include "base/uuid.h"

static void the_example_of_the_rfc(void **state)
{
    (void)state;
    // RFC 9562, A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
    tt_uuid uuid = tt_uuid_make(UINT64_C(0x017f22e279b0), 0xcc3, UINT64_C(0x18c4dc0c0c07398f));
    char text[TT_UUID_TEXT_MAX];
    assert_int_equal(tt_uuid_format(uuid, text), 36);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    tt_uuid back = {0};
    assert_int_equal(tt_uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36, &back), TUTTI_OK);
    assert_true(tt_uuid_eq(uuid, back));
}

static void bits_beyond_the_fields_are_ignored(void **state)
{
    (void)state;
    tt_uuid all = tt_uuid_make(UINT64_MAX, UINT32_MAX, UINT64_MAX);
    char text[TT_UUID_TEXT_MAX];
    (void)tt_uuid_format(all, text);
    assert_string_equal(text, "ffffffff-ffff-7fff-bfff-ffffffffffff");
    (void)tt_uuid_format(tt_uuid_make(0, 0, 0), text);
    assert_string_equal(text, "00000000-0000-7000-8000-000000000000");
}

static void ids_sort_by_their_parts(void **state)
{
    (void)state;
    tt_uuid ids[] = {
        tt_uuid_make(1, 0xfff, UINT64_MAX),
        tt_uuid_make(2, 0, 5),
        tt_uuid_make(2, 0, 6),
        tt_uuid_make(2, 1, 0),
        tt_uuid_make(256, 0, 0),
    };
    for (size_t i = 1; i < sizeof ids / sizeof ids[0]; i++) {
        assert_true(memcmp(ids[i - 1].bytes, ids[i].bytes, 16) < 0);
    }
}

static void zero_means_none(void **state)
{
    (void)state;
    assert_true(tt_uuid_is_zero((tt_uuid){0}));
    assert_false(tt_uuid_is_zero((tt_uuid){.bytes = {[15] = 1}}));
    assert_false(tt_uuid_eq((tt_uuid){0}, (tt_uuid){.bytes = {1}}));
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e2x79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
    };
    tt_uuid uuid = {.bytes = {9}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(tt_uuid_parse(bad[i], strlen(bad[i]), &uuid), TUTTI_PARSE);
    }
    assert_int_equal(uuid.bytes[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc),
        cmocka_unit_test(bits_beyond_the_fields_are_ignored),
        cmocka_unit_test(ids_sort_by_their_parts),
        cmocka_unit_test(zero_means_none),
        cmocka_unit_test(other_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
