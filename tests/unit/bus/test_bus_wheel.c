/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The timing wheel: at the edges of its levels, and against a plain array of deadlines.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/bus_wheel.h"

enum {
    ITEMS = 200
};

static _Alignas(16) unsigned char memory[64 << 10];
static _Alignas(16) unsigned char copy[64 << 10];

static tt_bus_wheel *fresh(void)
{
    assert_true(tt_bus_wheel_size(ITEMS) <= sizeof memory);
    memset(memory, 0, sizeof memory);
    return tt_bus_wheel_init(memory, ITEMS);
}

static void an_item_is_due_at_its_millisecond(void **state)
{
    (void)state;
    static const uint64_t spans[] = {
        0, 1, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, UINT64_C(1) << 24, UINT64_C(1) << 32};
    static const uint64_t starts[] = {
        0,
        1,
        63,
        64,
        4095,
        UINT64_C(1700000000123),
        (UINT64_C(25) << 36) - 1}; // before all low digits turn over
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        for (size_t j = 0; j < sizeof spans / sizeof spans[0]; j++) {
            tt_bus_wheel *wheel = fresh();
            assert_true(tt_bus_wheel_take(wheel, starts[i]) == TT_BUS_WHEEL_NONE);
            uint64_t deadline = starts[i] + spans[j];
            tt_bus_wheel_arm(wheel, 7, deadline);
            assert_true(tt_bus_wheel_is_armed(wheel, 7));
            if (deadline > 0) {
                assert_true(
                    tt_bus_wheel_take(wheel, deadline - 1) == TT_BUS_WHEEL_NONE || spans[j] == 0);
            }
            if (spans[j] > 0) {
                tt_bus_wheel_check(wheel);
                assert_int_equal(tt_bus_wheel_take(wheel, deadline), 7);
            }
            assert_false(tt_bus_wheel_is_armed(wheel, 7) && spans[j] > 0);
            tt_bus_wheel_check(wheel);
        }
    }
}

static void what_is_due_already_comes_next(void **state)
{
    (void)state;
    tt_bus_wheel *wheel = fresh();
    assert_true(tt_bus_wheel_take(wheel, 5000) == TT_BUS_WHEEL_NONE);
    tt_bus_wheel_arm(wheel, 1, 3000);
    tt_bus_wheel_arm(wheel, 2, 5000);
    assert_int_equal(tt_bus_wheel_take(wheel, 5000), 1);
    assert_int_equal(tt_bus_wheel_take(wheel, 5000), 2);
    assert_true(tt_bus_wheel_take(wheel, 5000) == TT_BUS_WHEEL_NONE);
}

static void equal_deadlines_come_in_the_order_of_arming(void **state)
{
    (void)state;
    tt_bus_wheel *wheel = fresh();
    tt_bus_wheel_arm(wheel, 9, 100000);
    tt_bus_wheel_arm(wheel, 3, 100000);
    assert_true(tt_bus_wheel_take(wheel, 99990) == TT_BUS_WHEEL_NONE);
    tt_bus_wheel_arm(wheel, 5, 100000);
    tt_bus_wheel_arm(wheel, 9, 100000); // armed anew: to the end
    assert_int_equal(tt_bus_wheel_take(wheel, 100000), 3);
    assert_int_equal(tt_bus_wheel_take(wheel, 100000), 5);
    assert_int_equal(tt_bus_wheel_take(wheel, 100000), 9);
}

static void disarming_what_is_not_armed_does_nothing(void **state)
{
    (void)state;
    tt_bus_wheel *wheel = fresh();
    tt_bus_wheel_disarm(wheel, 3);
    tt_bus_wheel_arm(wheel, 3, 10);
    tt_bus_wheel_disarm(wheel, 3);
    tt_bus_wheel_disarm(wheel, 3);
    assert_true(tt_bus_wheel_take(wheel, 100) == TT_BUS_WHEEL_NONE);
    tt_bus_wheel_check(wheel);
    TT_EXPECT_ABORT((tt_bus_wheel_disarm(wheel, ITEMS), 0));
    TT_EXPECT_ABORT((tt_bus_wheel_arm(wheel, 0, TT_BUS_WHEEL_END_MS), 0));
}

/** Deadlines of all items; 0 = not armed. `order` decides ties. */
static uint64_t deadlines[ITEMS];
static uint64_t orders[ITEMS];

static uint32_t model_take(uint64_t now)
{
    uint32_t best = TT_BUS_WHEEL_NONE;
    for (uint32_t i = 0; i < ITEMS; i++) {
        bool is_due = deadlines[i] != 0 && deadlines[i] <= now;
        if (is_due && (best == TT_BUS_WHEEL_NONE || deadlines[i] < deadlines[best] ||
                       (deadlines[i] == deadlines[best] && orders[i] < orders[best]))) {
            best = i;
        }
    }
    if (best != TT_BUS_WHEEL_NONE) {
        deadlines[best] = 0;
    }
    return best;
}

static uint64_t random_span(tt_random *random)
{
    return tt_random_u64(random) >> (31 + tt_random_below(random, 33));
}

static void agrees_with_an_array(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        tt_random random;
        tt_random_init(&random, seed, 0);
        tt_bus_wheel *wheel = fresh();
        memset(deadlines, 0, sizeof deadlines);
        uint64_t now = seed % 2 == 0 ? UINT64_C(1700000000000) : 1;
        assert_true(tt_bus_wheel_take(wheel, now) == TT_BUS_WHEEL_NONE);
        for (uint64_t i = 0; i < 5000; i++) {
            uint32_t item = (uint32_t)tt_random_below(&random, ITEMS);
            uint64_t what = tt_random_below(&random, 10);
            if (what < 6) {
                deadlines[item] = now + 1 + random_span(&random);
                orders[item] = i;
                tt_bus_wheel_arm(wheel, item, deadlines[item]);
            } else if (what < 8) {
                deadlines[item] = 0;
                tt_bus_wheel_disarm(wheel, item);
            } else {
                now += random_span(&random) >> 4;
                uint32_t expected = 0;
                while ((expected = model_take(now)) != TT_BUS_WHEEL_NONE) {
                    assert_int_equal(tt_bus_wheel_take(wheel, now), expected);
                }
                assert_true(tt_bus_wheel_take(wheel, now) == TT_BUS_WHEEL_NONE);
            }
            assert_int_equal(tt_bus_wheel_is_armed(wheel, item), deadlines[item] != 0);
            if (i % 100 == 0) {
                tt_bus_wheel_check(wheel);
            }
        }
    }
}

static void a_copy_goes_on_as_the_original(void **state)
{
    (void)state;
    tt_bus_wheel *wheel = fresh();
    for (uint32_t i = 0; i < ITEMS; i++) {
        tt_bus_wheel_arm(wheel, i, 1000 + (uint64_t)i * i * i);
    }
    memcpy(copy, memory, sizeof memory);
    tt_bus_wheel *other = (tt_bus_wheel *)(void *)copy;
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t item = tt_bus_wheel_take(wheel, UINT64_C(1) << 40);
        assert_int_equal(item, i);
        assert_int_equal(tt_bus_wheel_take(other, UINT64_C(1) << 40), item);
    }
    assert_memory_equal(copy, memory, sizeof memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_due_at_its_millisecond),
        cmocka_unit_test(what_is_due_already_comes_next),
        cmocka_unit_test(equal_deadlines_come_in_the_order_of_arming),
        cmocka_unit_test(disarming_what_is_not_armed_does_nothing),
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(a_copy_goes_on_as_the_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
