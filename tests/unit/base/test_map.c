/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The hash map: against a plain array, at its bound, under long churn.
 */
#include "../../lib/test.h"
#include "base/map.h"
#include "base/random.h"

static tt_arena arena;

static int setup(void **state)
{
    (void)state;
    return tt_arena_init(&arena, 8 << 20) == TUTTI_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tt_arena_fini(&arena);
    return 0;
}

static void put_find_remove(void **state)
{
    (void)state;
    tt_map *map = tt_map_new(&arena, 10);
    uint32_t value = 99;
    assert_false(tt_map_find(map, 0, &value));
    assert_int_equal(value, 99);
    assert_int_equal(tt_map_put(map, 0, 5), TUTTI_OK); // Zero is a key like any other.
    assert_int_equal(tt_map_put(map, UINT64_MAX, 0), TUTTI_OK);
    assert_true(tt_map_find(map, 0, &value));
    assert_int_equal(value, 5);
    assert_true(tt_map_find(map, UINT64_MAX, &value));
    assert_int_equal(value, 0);
    assert_int_equal(tt_map_put(map, 0, 6), TUTTI_OK);
    assert_int_equal(map->count, 2);
    assert_true(tt_map_remove(map, 0));
    assert_false(tt_map_remove(map, 0));
    assert_false(tt_map_find(map, 0, &value));
    assert_int_equal(map->count, 1);
    tt_map_check(map);
}

static void a_full_map_refuses_new_keys_only(void **state)
{
    (void)state;
    tt_map *map = tt_map_new(&arena, 3);
    for (uint64_t key = 0; key < 3; key++) {
        assert_int_equal(tt_map_put(map, key, 1), TUTTI_OK);
    }
    assert_int_equal(tt_map_put(map, 3, 1), TUTTI_LIMIT);
    assert_int_equal(tt_map_put(map, 2, 7), TUTTI_OK);
    assert_true(tt_map_remove(map, 1));
    assert_int_equal(tt_map_put(map, 3, 1), TUTTI_OK);
    tt_map_check(map);
}

/* Random operations on few keys, so that chains form and break, beside an array as the model. */
static void agrees_with_a_model(void **state)
{
    (void)state;
    enum {
        keys = 300,
        bound = 200
    };
    const uint64_t seed = 77;
    print_message("seed %llu\n", (unsigned long long)seed);
    static uint32_t model[keys]; // Value plus one; 0 = absent.
    memset(model, 0, sizeof model);
    tt_map *map = tt_map_new(&arena, bound);
    tt_random random;
    tt_random_init(&random, seed, 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        uint64_t key = tt_random_below(&random, keys);
        uint32_t value = 0;
        if (tt_random_below(&random, 2) == 0) {
            bool fits = model[key] != 0 || count < bound;
            assert_int_equal(tt_map_put(map, key, i), fits ? TUTTI_OK : TUTTI_LIMIT);
            count += fits && model[key] == 0;
            model[key] = fits ? i + 1 : model[key];
        } else {
            assert_int_equal(tt_map_remove(map, key), model[key] != 0);
            count -= model[key] != 0;
            model[key] = 0;
        }
        assert_int_equal(map->count, count);
        assert_int_equal(tt_map_find(map, key, &value), model[key] != 0);
        if (model[key] != 0) {
            assert_int_equal(value, model[key] - 1);
        }
        if (i % 1000 == 0) {
            tt_map_check(map);
        }
    }
}

/* A moving window of sequential ids, as orders make it: searches must stay short for ever. */
static void churn_does_not_decay(void **state)
{
    (void)state;
    enum {
        window = 4096
    };
    tt_map *map = tt_map_new(&arena, window);
    for (uint64_t id = 0; id < 2000000; id++) {
        if (id >= window) {
            assert_true(tt_map_remove(map, id - window));
        }
        assert_int_equal(tt_map_put(map, id, (uint32_t)id), TUTTI_OK);
    }
    tt_map_check(map);
    assert_int_equal(map->count, window);
    assert_in_range(map->probe_max, 1, 64);
}

static void equal_histories_give_equal_bytes(void **state)
{
    (void)state;
    tt_map *a = tt_map_new(&arena, 50);
    tt_map *b = tt_map_new(&arena, 50);
    tt_map *maps[] = {a, b};
    for (size_t m = 0; m < 2; m++) {
        for (uint64_t i = 0; i < 1000; i++) {
            assert_int_equal(tt_map_put(maps[m], i * 17, 3), TUTTI_OK);
            if (i >= 50 - 1) {
                assert_true(tt_map_remove(maps[m], (i - 49) * 17));
            }
        }
    }
    assert_memory_equal(a, b, tt_map_size(50));
    // What was taken out leaves no trace.
    for (uint64_t i = 0; i < 1000; i++) {
        (void)tt_map_remove(b, i * 17);
    }
    tt_map *fresh = tt_map_new(&arena, 50);
    fresh->probe_max = b->probe_max;
    assert_memory_equal(b, fresh, tt_map_size(50));
    tt_map *copy = tt_map_new(&arena, 50);
    memcpy(copy, a, tt_map_size(50));
    tt_map_check(copy);
}

static void impossible_maps(void **state)
{
    (void)state;
    tt_arena small = {0};
    assert_int_equal(tt_arena_init(&small, 64), TUTTI_OK);
    assert_null(tt_map_new(&small, 1000));
    tt_arena_fini(&small);
    TT_EXPECT_ABORT(tt_map_size(0));
    TT_EXPECT_ABORT(tt_map_size(TT_MAP_COUNT_MAX + 1));
    assert_true(tt_map_size(TT_MAP_COUNT_MAX) == sizeof(tt_map) + ((size_t)1 << 29) * 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_find_remove),
        cmocka_unit_test(a_full_map_refuses_new_keys_only),
        cmocka_unit_test(agrees_with_a_model),
        cmocka_unit_test(churn_does_not_decay),
        cmocka_unit_test(equal_histories_give_equal_bytes),
        cmocka_unit_test(impossible_maps),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
