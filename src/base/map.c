/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hash map with linear probing and backward-shift deletion.
 *
 * Invariant: between the home place of an entry and the entry itself there is no free place.
 */
#include "base/map.h"

#include "base/error.h"

#include <string.h>

static uint32_t place_count(uint32_t count_max)
{
    TT_ASSERT(count_max >= 1 && count_max <= TT_MAP_COUNT_MAX);
    uint32_t places = 4;
    while (places < 2 * count_max) {
        places *= 2;
    }
    return places;
}

/* Where the search for a key begins. The finaliser of murmur3 spreads sequential ids. */
static uint32_t home_of(const tt_map *map, uint64_t key)
{
    key = (key ^ (key >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    key = (key ^ (key >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(key ^ (key >> 33)) & map->mask;
}

/* Place of the key, or the free place where it would go. Ends because half of the places are free.
 */
static uint32_t seek(const tt_map *map, uint64_t key)
{
    uint32_t place = home_of(map, key);
    while (map->entries[place].is_used && map->entries[place].key != key) {
        place = (place + 1) & map->mask;
    }
    return place;
}

size_t tt_map_size(uint32_t count_max)
{
    return sizeof(tt_map) + place_count(count_max) * sizeof(tt_map_entry);
}

tt_map *tt_map_new(tt_arena *arena, uint32_t count_max)
{
    tt_map *map = tt_arena_alloc(arena, 1, tt_map_size(count_max));
    if (map) {
        map->count_max = count_max;
        map->mask = place_count(count_max) - 1;
    }
    return map;
}

tutti_status tt_map_put(tt_map *map, uint64_t key, uint32_t value)
{
    uint32_t place = seek(map, key);
    tt_map_entry *entry = &map->entries[place];
    if (entry->is_used) {
        entry->value = value;
        return TUTTI_OK;
    }
    if (map->count == map->count_max) {
        return TUTTI_LIMIT;
    }
    uint32_t probes = ((place - home_of(map, key)) & map->mask) + 1;
    map->probe_max = probes > map->probe_max ? probes : map->probe_max;
    *entry = (tt_map_entry){.key = key, .value = value, .is_used = 1};
    map->count++;
    return TUTTI_OK;
}

bool tt_map_find(const tt_map *map, uint64_t key, uint32_t *ret_value)
{
    const tt_map_entry *entry = &map->entries[seek(map, key)];
    if (!entry->is_used) {
        return false;
    }
    *ret_value = entry->value;
    return true;
}

bool tt_map_remove(tt_map *map, uint64_t key)
{
    uint32_t hole = seek(map, key);
    if (!map->entries[hole].is_used) {
        return false;
    }
    uint32_t place = (hole + 1) & map->mask;
    for (; map->entries[place].is_used; place = (place + 1) & map->mask) {
        // An entry may move back into the hole only if that is not before its home.
        uint32_t from_home = (place - home_of(map, map->entries[place].key)) & map->mask;
        uint32_t from_hole = (place - hole) & map->mask;
        if (from_home >= from_hole) {
            map->entries[hole] = map->entries[place];
            hole = place;
        }
    }
    map->entries[hole] = (tt_map_entry){0};
    map->count--;
    return true;
}

void tt_map_check(const tt_map *map)
{
    uint32_t count = 0;
    for (uint32_t place = 0; place <= map->mask; place++) {
        if (map->entries[place].is_used) {
            count++;
            TT_ASSERT(seek(map, map->entries[place].key) == place);
        }
    }
    TT_ASSERT(count == map->count && count <= map->count_max);
}
