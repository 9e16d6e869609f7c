/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Start-up memory. Pages come zeroed from the system and cost nothing until they are touched, so an
 * arena may be sized generously.
 */
#include "base/arena.h"

#include "base/error.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_ALIGNMENT ((size_t)64) /* One cache line, so that two objects never share one. */
#define LARGE_PAGE      ((uintptr_t)2 << 20)
#define PAGE            ((uintptr_t)4096)

tutti_status tt_arena_init(tt_arena *arena, size_t size)
{
    TT_ASSERT(arena);
    if (size == 0 || size > (size_t)PTRDIFF_MAX) {
        return TUTTI_NO_MEMORY;
    }
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return TUTTI_NO_MEMORY;
    }
    *arena = (tt_arena){.block = block, .size = size};
    return TUTTI_OK;
}

void tt_arena_fini(tt_arena *arena)
{
    if (!arena || !arena->block) {
        return;
    }
    (void)munmap(arena->block, arena->size);
    *arena = (tt_arena){0};
}

void tt_arena_forget(tt_arena *arena)
{
    TT_ASSERT(arena->block);
    // Anonymous pages read as zero after it; a system that refuses would leave old bytes.
    if (madvise(arena->block, arena->size, MADV_DONTNEED) != 0) {
        memset(arena->block, 0, arena->size);
    }
    arena->used = 0;
}

void *tt_arena_alloc(tt_arena *arena, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena->size - arena->used) {
        return NULL;
    }
    unsigned char *place = arena->block + arena->used;
    // The last object may end inside a line; `used` then stops at the end of the block.
    size_t rounded = (bytes + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
    size_t left = arena->size - arena->used;
    arena->used += rounded < left ? rounded : left;
    return place;
}

/* Where pages are larger the system refuses what does not begin at one. */
void tt_pages_give_back(void *memory, size_t size)
{
    uintptr_t start = ((uintptr_t)memory + PAGE - 1) & ~(PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(PAGE - 1);
    if (start < end) {
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
}

void tt_arena_prefer_large_pages(void *memory, size_t size)
{
    uintptr_t start = ((uintptr_t)memory + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(LARGE_PAGE - 1);
    if (start < end) {
        (void)madvise((void *)start, end - start, MADV_HUGEPAGE); // without it all goes on as well
    }
}
