/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Large blocks go back to the system, whatever was freed before. Here and not among the unit tests,
 * which run under sanitizers: these have an allocator of their own.
 *
 * Covers: host/memory.c
 */
#include "../lib/resident.h"
#include "../lib/test.h"
#include "host/memory.h"

#include <malloc.h>
#include <stdlib.h>

/* Bytes that the heaps of the C library keep: blocks with pages of their own do not count. */
static size_t kept_bytes(void)
{
    return mallinfo2().arena;
}

static void large_blocks_have_pages_of_their_own(void **state)
{
    (void)state;
    const size_t size = (size_t)8 << 20;
    tt_memory_keep_small();
    for (int i = 0; i < 3; i++) {
        size_t before = kept_bytes();
        char *block = calloc(1, size);
        assert_non_null(block);
        block[0] = 1;
        assert_false(tt_is_resident(block + size / 2)); // nothing was cleared by hand
        assert_int_equal(kept_bytes(), before);
        free(block);
        assert_int_equal(kept_bytes(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_blocks_have_pages_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
