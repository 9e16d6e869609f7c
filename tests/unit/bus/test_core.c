/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The list of state regions.
 */
#include "../../lib/test.h"
#include "bus/core.h"

static void regions_are_listed_in_their_order(void **state)
{
    (void)state;
    tt_core core = {0};
    int one = 0;
    long two = 0;
    assert_int_equal(tt_core_add_region(&core, "one", &one, sizeof one), TUTTI_OK);
    assert_int_equal(tt_core_add_region(&core, "two", &two, sizeof two), TUTTI_OK);
    assert_int_equal(tt_core_add_region(&core, "one", &two, sizeof two), TUTTI_EXISTS);
    assert_int_equal(core.region_count, 2);
    assert_string_equal(core.regions[1].name, "two");
    assert_ptr_equal(core.regions[1].data, &two);
    assert_int_equal(core.regions[1].size, sizeof two);
}

static void their_number_is_bounded(void **state)
{
    (void)state;
    tt_core core = {0};
    static char names[TT_REGIONS_MAX][16];
    int data = 0;
    for (int i = 0; i < TT_REGIONS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "r%d", i);
        assert_int_equal(tt_core_add_region(&core, names[i], &data, sizeof data), TUTTI_OK);
    }
    assert_int_equal(tt_core_add_region(&core, "more", &data, sizeof data), TUTTI_LIMIT);
    assert_int_equal(core.region_count, TT_REGIONS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_listed_in_their_order),
        cmocka_unit_test(their_number_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
