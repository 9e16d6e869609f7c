/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The set of idempotency keys: at its bound, and against a list that is searched from end to end.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/bus_seen.h"

static _Alignas(16) unsigned char memory[1 << 20];
static _Alignas(16) unsigned char copy[1 << 20];

static tt_bus_seen *fresh(uint32_t keys_max)
{
    assert_true(tt_bus_seen_size(keys_max) <= sizeof memory);
    memset(memory, 0, sizeof memory);
    return tt_bus_seen_init(memory, keys_max);
}

static tt_uuid key_of(uint64_t n)
{
    tt_uuid key = {{0}};
    memcpy(key.bytes + 8, &n, sizeof n);
    key.bytes[0] = 1;
    return key;
}

static tt_seq find(const tt_bus_seen *seen, uint64_t n)
{
    const tt_uuid key = key_of(n);
    return tt_bus_seen_find(seen, &key);
}

static void add(tt_bus_seen *seen, uint64_t n, tt_seq seq)
{
    const tt_uuid key = key_of(n);
    tt_bus_seen_add(seen, &key, seq);
}

static void the_oldest_leaves_at_the_bound(void **state)
{
    (void)state;
    tt_bus_seen *seen = fresh(3);
    assert_int_equal(find(seen, 1), 0);
    for (uint64_t i = 1; i <= 3; i++) {
        add(seen, i, 100 + i);
    }
    assert_int_equal(find(seen, 1), 101);
    add(seen, 4, 104);
    assert_int_equal(find(seen, 1), 0);
    assert_int_equal(find(seen, 2), 102);
    assert_int_equal(find(seen, 4), 104);
    assert_int_equal(tt_bus_seen_count(seen), 3);
    add(seen, 1, 105); // what was forgotten counts as new
    assert_int_equal(find(seen, 1), 105);
    assert_int_equal(find(seen, 2), 0);
    tt_bus_seen_check(seen);
}

static void a_set_of_one(void **state)
{
    (void)state;
    tt_bus_seen *seen = fresh(1);
    add(seen, 9, 1);
    add(seen, 8, 2);
    assert_int_equal(find(seen, 9), 0);
    assert_int_equal(find(seen, 8), 2);
    tt_bus_seen_check(seen);
}

static void keys_differ_in_every_byte(void **state)
{
    (void)state;
    tt_bus_seen *seen = fresh(200);
    for (uint32_t bit = 0; bit < 128; bit++) {
        tt_uuid key = {{0}};
        key.bytes[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_int_equal(tt_bus_seen_find(seen, &key), 0);
        tt_bus_seen_add(seen, &key, bit + 1);
    }
    for (uint32_t bit = 0; bit < 128; bit++) {
        tt_uuid key = {{0}};
        key.bytes[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_int_equal(tt_bus_seen_find(seen, &key), bit + 1);
    }
}

/** The newest `bound` keys, by a search through all that ever came. */
static void agrees_with_a_list(void **state)
{
    (void)state;
    enum {
        operations = 20000,
        bound = 100,
        keys = 180
    };
    static uint64_t came[operations];
    tt_random random;
    tt_random_init(&random, 3, 0);
    tt_bus_seen *seen = fresh(bound);
    uint32_t count = 0;
    for (uint32_t i = 0; i < operations; i++) {
        uint64_t key = tt_random_below(&random, keys);
        tt_seq expected = 0;
        for (uint32_t j = count; j-- > 0 && j + bound >= count;) {
            if (came[j] == key) {
                expected = j + 1;
                break;
            }
        }
        assert_int_equal(find(seen, key), expected);
        if (expected == 0) {
            add(seen, key, count + 1);
            came[count++] = key;
        }
        if (i % 500 == 0) {
            tt_bus_seen_check(seen);
        }
    }
    assert_true(count > bound * 10);
}

static void a_copy_goes_on_as_the_original(void **state)
{
    (void)state;
    tt_bus_seen *seen = fresh(50);
    for (uint64_t i = 0; i < 130; i++) {
        add(seen, i, i + 1);
    }
    memcpy(copy, memory, tt_bus_seen_size(50));
    tt_bus_seen *other = (tt_bus_seen *)(void *)copy;
    for (uint64_t i = 130; i < 300; i++) {
        add(seen, i, i + 1);
        add(other, i, i + 1);
    }
    assert_memory_equal(memory, copy, tt_bus_seen_size(50));
    TT_EXPECT_ABORT(tt_bus_seen_size(0));
    TT_EXPECT_ABORT((add(seen, 299, 1), 0)); // a key that is there
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_leaves_at_the_bound),
        cmocka_unit_test(a_set_of_one),
        cmocka_unit_test(keys_differ_in_every_byte),
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(a_copy_goes_on_as_the_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
