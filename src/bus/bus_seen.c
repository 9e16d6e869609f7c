/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Idempotency keys: a ring in order of arrival, and a table that finds a key in the ring.
 *
 * Invariants: the table holds the ring place plus one of every key in the ring, and nothing else;
 * between the home place of an entry and the entry there is no free place. At most half of the
 * table is used, so a search ends.
 */
#include "bus/bus_seen.h"

#include "base/error.h"
#include "base/uuid.h"

#include <string.h>

#define KEYS_MAX (UINT32_C(1) << 24)

struct seen_entry {
    tt_uuid key;
    tt_seq seq;
};

/** The ring follows, then the table of mask + 1 numbers. */
struct tt_bus_seen {
    uint32_t count;
    uint32_t next; /**< Place of the next key in the ring; when full, the oldest. */
    uint32_t keys_max;
    uint32_t mask;
    struct seen_entry ring[];
};

static uint32_t place_count(uint32_t keys_max)
{
    TT_ASSERT(keys_max >= 1 && keys_max <= KEYS_MAX);
    uint32_t places = 4;
    while (places < 2 * keys_max) {
        places *= 2;
    }
    return places;
}

static const uint32_t *table_of(const tt_bus_seen *seen)
{
    return (const uint32_t *)(const void *)(seen->ring + seen->keys_max);
}

static uint32_t *table_to_change(tt_bus_seen *seen)
{
    return (uint32_t *)(void *)(seen->ring + seen->keys_max);
}

/** Where the search for a key begins. Keys are hashes or random in most uses; the finaliser of
 * murmur3 serves those that count upwards. */
static uint32_t home_of(const tt_bus_seen *seen, const tt_uuid *key)
{
    uint64_t high = 0;
    uint64_t low = 0;
    memcpy(&high, key->bytes, 8);
    memcpy(&low, key->bytes + 8, 8);
    uint64_t mixed = (high ^ (high >> 33)) * UINT64_C(0xff51afd7ed558ccd) + low;
    mixed = (mixed ^ (mixed >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(mixed ^ (mixed >> 33)) & seen->mask;
}

/** Place of the key in the table, or the free place where it would go. */
static uint32_t seek(const tt_bus_seen *seen, const tt_uuid *key)
{
    const uint32_t *table = table_of(seen);
    uint32_t place = home_of(seen, key);
    while (table[place] != 0 && !tt_uuid_eq(seen->ring[table[place] - 1].key, *key)) {
        place = (place + 1) & seen->mask;
    }
    return place;
}

size_t tt_bus_seen_size(uint32_t keys_max)
{
    return sizeof(tt_bus_seen) + keys_max * sizeof(struct seen_entry) +
           place_count(keys_max) * sizeof(uint32_t);
}

tt_bus_seen *tt_bus_seen_init(void *memory, uint32_t keys_max)
{
    tt_bus_seen *seen = memory;
    seen->keys_max = keys_max;
    seen->mask = place_count(keys_max) - 1;
    return seen;
}

tt_seq tt_bus_seen_find(const tt_bus_seen *seen, const tt_uuid *key)
{
    uint32_t entry = table_of(seen)[seek(seen, key)];
    return entry == 0 ? 0 : seen->ring[entry - 1].seq;
}

/** Takes the key at `hole` out of the table; entries behind it move back, so that no search breaks.
 */
static void remove_at(tt_bus_seen *seen, uint32_t hole)
{
    uint32_t *table = table_to_change(seen);
    uint32_t place = (hole + 1) & seen->mask;
    for (; table[place] != 0; place = (place + 1) & seen->mask) {
        uint32_t home = home_of(seen, &seen->ring[table[place] - 1].key);
        if (((place - home) & seen->mask) >= ((place - hole) & seen->mask)) {
            table[hole] = table[place];
            hole = place;
        }
    }
    table[hole] = 0;
}

void tt_bus_seen_add(tt_bus_seen *seen, const tt_uuid *key, tt_seq seq)
{
    struct seen_entry *entry = &seen->ring[seen->next];
    if (seen->count == seen->keys_max) {
        remove_at(seen, seek(seen, &entry->key));
    } else {
        seen->count++;
    }
    uint32_t place = seek(seen, key);
    TT_ASSERT(table_of(seen)[place] == 0);
    *entry = (struct seen_entry){.key = *key, .seq = seq};
    table_to_change(seen)[place] = seen->next + 1;
    seen->next = seen->next + 1 == seen->keys_max ? 0 : seen->next + 1;
}

uint32_t tt_bus_seen_count(const tt_bus_seen *seen)
{
    return seen->count;
}

void tt_bus_seen_check(const tt_bus_seen *seen)
{
    uint32_t used = 0;
    for (uint32_t place = 0; place <= seen->mask; place++) {
        uint32_t entry = table_of(seen)[place];
        if (entry != 0) {
            used++;
            TT_ASSERT(entry <= seen->count);
            TT_ASSERT(seek(seen, &seen->ring[entry - 1].key) == place);
        }
    }
    TT_ASSERT(used == seen->count && seen->count <= seen->keys_max);
}
