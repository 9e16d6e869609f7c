/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hash map from u64 to u32 with a fixed capacity, in one block without pointers: it can stand in a
 * region of state and be copied as bytes.
 *
 * Open addressing at a load of at most one half; removal shifts entries back, so that no amount of
 * insertions and removals slows lookups down. There is no iteration: its order would be that of the
 * hash. The place of an entry depends on what was inserted before, so equal histories give equal
 * bytes.
 */
#ifndef TT_BASE_MAP_H
#define TT_BASE_MAP_H

#include "base/arena.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One place of the table; all zero when free. */
typedef struct tt_map_entry {
    uint64_t key;
    uint32_t value;
    uint32_t is_used;
} tt_map_entry;

/** A map; made by tt_map_new. */
typedef struct tt_map {
    uint32_t count;
    uint32_t count_max; /**< Bound of entries. */
    uint32_t mask;      /**< Places less one; places are a power of two. */
    uint32_t probe_max; /**< Longest search that an insertion took; a measure of health. */
    tt_map_entry entries[];
} tt_map;

#define TT_MAP_COUNT_MAX (UINT32_C(1) << 28)

/** Bytes of a map for `count_max` entries: what to register as a region. */
size_t tt_map_size(uint32_t count_max);
/** Makes an empty map for 1 to TT_MAP_COUNT_MAX entries; NULL when the arena is full.
 * @thread{setup} */
tt_map *tt_map_new(tt_arena *arena, uint32_t count_max);
/** Sets the value of a key, new or not. @retval TUTTI_LIMIT full and the key is new. @thread{owner}
 */
TUTTI_NODISCARD tutti_status tt_map_put(tt_map *map, uint64_t key, uint32_t value);
/** Looks a key up; `ret_value` is written only when the result is true. @thread{owner} */
bool tt_map_find(const tt_map *map, uint64_t key, uint32_t *ret_value);
/** Takes a key out; false if it was not there. @thread{owner} */
bool tt_map_remove(tt_map *map, uint64_t key);
/** Asserts the invariants: count right, every entry reachable from its home place. For tests. */
void tt_map_check(const tt_map *map);

#endif
