/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows over counters: at the edges of parts, and against a list of all changes.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/bus_window.h"

enum {
    COUNT = 3
};

static tt_bus_window window;
static uint64_t marks[TT_BUS_WINDOW_PARTS * COUNT];
static uint64_t totals[COUNT];

static int setup(void **state)
{
    (void)state;
    memset(&window, 0, sizeof window);
    memset(marks, 0, sizeof marks);
    memset(totals, 0, sizeof totals);
    return 0;
}

static void add(int64_t part, uint32_t counter, uint64_t amount)
{
    if (part != window.newest) {
        for (int64_t i = tt_bus_window_move(&window, part); i <= part; i++) {
            memcpy(marks + tt_bus_window_row(i) * COUNT, totals, sizeof totals);
        }
    }
    totals[counter] += amount;
}

static uint64_t growth(int64_t part, uint32_t counter)
{
    uint64_t result[COUNT];
    tt_bus_window_read(&window, marks, COUNT, totals, COUNT, part, result);
    return result[counter];
}

static void parts_of_time(void **state)
{
    (void)state;
    assert_int_equal(tt_bus_window_part((tt_time){0}, 100), 0);
    assert_int_equal(tt_bus_window_part((tt_time){99}, 100), 0);
    assert_int_equal(tt_bus_window_part((tt_time){100}, 100), 1);
}

static void a_change_is_seen_for_eight_parts(void **state)
{
    (void)state;
    assert_int_equal(growth(0, 0), 0);
    add(0, 0, 5); // part 0 needs no mark: everything was zero before
    assert_int_equal(growth(0, 0), 5);
    assert_int_equal(growth(7, 0), 5);
    assert_int_equal(growth(8, 0), 0);
    add(3, 1, 2);
    assert_int_equal(growth(7, 0), 5);
    assert_int_equal(growth(8, 0), 0);
    assert_int_equal(growth(10, 1), 2);
    assert_int_equal(growth(11, 1), 0);
}

static void after_a_long_silence_only_the_new_counts(void **state)
{
    (void)state;
    add(100, 0, 1);
    add(1000000, 0, 7);
    assert_int_equal(growth(1000000, 0), 7);
    assert_int_equal(growth(1000007, 0), 7);
    assert_int_equal(growth(1000008, 0), 0);
    add(1000007, 0, 1); // eight parts less one later: both are in
    assert_int_equal(growth(1000007, 0), 8);
    assert_int_equal(growth(1000008, 0), 1);
    add(1000015, 0, 1); // exactly eight parts later
    assert_int_equal(growth(1000015, 0), 1);
    assert_int_equal(totals[0], 10);
}

static void agrees_with_a_list(void **state)
{
    (void)state;
    enum {
        changes = 4000
    };
    static struct {
        int64_t part;
        uint32_t counter;
        uint64_t amount;
    } list[changes];
    tt_random random;
    tt_random_init(&random, 7, 0);
    int64_t part = 0;
    for (int i = 0; i < changes; i++) {
        part += tt_random_below(&random, 3) == 0 ? tt_random_between(&random, 0, 12) : 0;
        list[i].part = part;
        list[i].counter = (uint32_t)tt_random_below(&random, COUNT);
        list[i].amount = tt_random_below(&random, 10);
        add(part, list[i].counter, list[i].amount);
        int64_t asked = part + tt_random_between(&random, 0, 10);
        for (uint32_t counter = 0; counter < COUNT; counter++) {
            uint64_t expected = 0;
            for (int j = i; j >= 0 && list[j].part > asked - TT_BUS_WINDOW_PARTS; j--) {
                expected += list[j].counter == counter ? list[j].amount : 0;
            }
            assert_int_equal(growth(asked, counter), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(parts_of_time, setup),
        cmocka_unit_test_setup(a_change_is_seen_for_eight_parts, setup),
        cmocka_unit_test_setup(after_a_long_silence_only_the_new_counts, setup),
        cmocka_unit_test_setup(agrees_with_a_list, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
