/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Start-up memory: one block, handed out once, never given back piece by piece. Zeroed, so that the
 * bytes of state are defined.
 */
#ifndef TT_BASE_ARENA_H
#define TT_BASE_ARENA_H

#include <tutti/status.h>

#include <stddef.h>

/** A bump allocator over one block of memory. */
typedef struct tt_arena {
    unsigned char *block;
    size_t size;
    size_t used;
} tt_arena;

/** Takes `size` bytes from the system, zeroed (pages are touched only when used).
 * @retval TUTTI_NO_MEMORY. @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_arena_init(tt_arena *arena, size_t size);
/** Gives the block back. A zeroed arena is fine. */
void tt_arena_fini(tt_arena *arena);
/** Returns `count` x `size` zeroed bytes at an alignment of 64, or NULL when the arena is full. */
void *tt_arena_alloc(tt_arena *arena, size_t count, size_t size);
/** Asks the system to back memory of an arena by large pages as it is first used: for some MiB that
 * are used in no order. Only an advice; the bytes stay the same. @thread{setup} */
void tt_arena_prefer_large_pages(void *memory, size_t size);
/** Gives the pages of a whole arena back to the system; its bytes are zero again and its objects
 * gone. For memory that is used now and then. @thread{owner} */
void tt_arena_forget(tt_arena *arena);
/** Gives the whole pages within some memory back to the system. Its bytes may be zero afterwards or
 * as they were: for memory whose contents nobody needs. @thread{owner} */
void tt_pages_give_back(void *memory, size_t size);

#endif
