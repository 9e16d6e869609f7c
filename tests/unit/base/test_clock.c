/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The fake clock.
 */
#include "../../lib/test.h"
#include "base/clock.h"

static void time_passes_only_when_told(void **state)
{
    (void)state;
    tt_fake_timepiece fake;
    tt_timepiece clock = tt_fake_timepiece_init(&fake, (tt_time){1000});
    assert_int_equal(tt_timepiece_wall(&clock).ns, 1000);
    assert_int_equal(tt_timepiece_monotonic(&clock).ns, 0);
    tt_fake_timepiece_advance(&fake, (tt_dur){25});
    assert_int_equal(tt_timepiece_wall(&clock).ns, 1025);
    assert_int_equal(tt_timepiece_monotonic(&clock).ns, 25);
}

static void setting_the_wall_time_leaves_the_monotonic_one(void **state)
{
    (void)state;
    tt_fake_timepiece fake;
    tt_timepiece clock = tt_fake_timepiece_init(&fake, (tt_time){1000});
    tt_fake_timepiece_advance(&fake, (tt_dur){5});
    tt_fake_timepiece_set_wall(&fake, (tt_time){10});
    assert_int_equal(tt_timepiece_wall(&clock).ns, 10);
    assert_int_equal(tt_timepiece_monotonic(&clock).ns, 5);
    TT_EXPECT_ABORT((tt_fake_timepiece_advance(&fake, (tt_dur){-1}), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_passes_only_when_told),
        cmocka_unit_test(setting_the_wall_time_leaves_the_monotonic_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
