/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Start-up memory.
 */
#include "../../lib/resident.h"
#include "../../lib/test.h"
#include "base/arena.h"

static void blocks_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, 4096), TUTTI_OK);
    unsigned char *a = tt_arena_alloc(&arena, 3, 7);
    unsigned char *b = tt_arena_alloc(&arena, 1, 64);
    unsigned char *c = tt_arena_alloc(&arena, 1, 1);
    assert_non_null(a);
    assert_int_equal((uintptr_t)a % 64, 0);
    assert_ptr_equal(b, a + 64);
    assert_ptr_equal(c, b + 64);
    for (size_t i = 0; i < 129; i++) {
        assert_int_equal(a[i], 0);
    }
    tt_arena_fini(&arena);
    assert_null(arena.block);
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static void large_pages_change_no_byte(void **state)
{
    (void)state;
    const size_t size = (size_t)5 << 20;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, size + 128), TUTTI_OK);
    unsigned char *before = tt_arena_alloc(&arena, 1, 64);
    unsigned char *memory = tt_arena_alloc(&arena, 1, size);
    unsigned char *behind = tt_arena_alloc(&arena, 1, 64);
    memory[7] = 1;
    tt_arena_prefer_large_pages(memory, size);
    tt_arena_prefer_large_pages(memory, 4096); // holds none: nothing is asked for
    assert_int_equal(memory[7], 1);
    memory[7] = 0;
    assert_true(is_zero(memory, size));
    assert_true(is_zero(before, 64) && is_zero(behind, 64));
    tt_arena_fini(&arena);
}

static void a_forgotten_arena_is_zero_and_empty(void **state)
{
    (void)state;
    const size_t size = (size_t)1 << 20;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, size), TUTTI_OK);
    memset(tt_arena_alloc(&arena, 1, size), 7, size);
    tt_arena_forget(&arena);
    assert_false(tt_is_resident(arena.block + size / 2));
    unsigned char *again = tt_arena_alloc(&arena, 1, size);
    assert_ptr_equal(again, arena.block);
    assert_true(is_zero(again, size));
    tt_arena_fini(&arena);
    TT_EXPECT_ABORT((tt_arena_forget(&arena), 0));
}

static void whole_pages_alone_are_given_back(void **state)
{
    (void)state;
    const size_t page = 4096;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, 4 * page), TUTTI_OK);
    unsigned char *memory = tt_arena_alloc(&arena, 4, page);
    memset(memory, 7, 4 * page);
    tt_pages_give_back(memory + 1, 3 * page);
    assert_int_equal(memory[page - 1], 7);
    assert_int_equal(memory[3 * page], 7);
    assert_false(tt_is_resident(memory + page) || tt_is_resident(memory + 2 * page));
    assert_true(is_zero(memory + page, 2 * page));
    memory[page] = 7;
    tt_pages_give_back(memory + page, page - 1); // holds none
    assert_int_equal(memory[page], 7);
    tt_arena_fini(&arena);
}

static void a_full_arena_returns_null_and_stays_usable(void **state)
{
    (void)state;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, 200), TUTTI_OK);
    assert_non_null(tt_arena_alloc(&arena, 1, 128));
    assert_null(tt_arena_alloc(&arena, 1, 73));
    unsigned char *last = tt_arena_alloc(&arena, 1, 72);
    assert_non_null(last);
    last[71] = 1;
    assert_int_equal(arena.used, 200);
    assert_null(tt_arena_alloc(&arena, 1, 1));
    assert_non_null(tt_arena_alloc(&arena, 1, 0));
    tt_arena_fini(&arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, 4096), TUTTI_OK);
    assert_null(tt_arena_alloc(&arena, SIZE_MAX / 2, 3));
    assert_null(tt_arena_alloc(&arena, 1, SIZE_MAX));
    assert_int_equal(arena.used, 0);
    tt_arena_fini(&arena);
}

static void impossible_arenas_are_refused(void **state)
{
    (void)state;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, 0), TUTTI_NO_MEMORY);
    assert_int_equal(tt_arena_init(&arena, SIZE_MAX), TUTTI_NO_MEMORY);
    assert_int_equal(tt_arena_init(&arena, (size_t)PTRDIFF_MAX), TUTTI_NO_MEMORY);
    assert_null(arena.block);
    tt_arena_fini(&arena);
    tt_arena_fini(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(large_pages_change_no_byte),
        cmocka_unit_test(a_forgotten_arena_is_zero_and_empty),
        cmocka_unit_test(whole_pages_alone_are_given_back),
        cmocka_unit_test(a_full_arena_returns_null_and_stays_usable),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(impossible_arenas_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
