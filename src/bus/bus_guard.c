/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What keeps messages from handlers: the guard, and the set of blocked correlations.
 */
#include "bus/bus_priv.h"

#include <string.h>

/** Places of the table: at most half of them are in use. */
static uint32_t place_count(uint32_t max)
{
    uint32_t count = 2;
    while (count < 2 * max) {
        count *= 2;
    }
    return count;
}

size_t tt_bus_blocked_size(uint32_t blocked_max)
{
    return sizeof(struct blocked) + place_count(blocked_max) * sizeof(tt_uuid);
}

tutti_status tt_bus_init_blocked(tt_bus *bus, uint32_t blocked_max, tt_arena *arena)
{
    bus->blocked_max = blocked_max;
    bus->blocked = tt_arena_alloc(arena, 1, tt_bus_blocked_size(blocked_max));
    if (!bus->blocked) {
        return TUTTI_NO_MEMORY;
    }
    bus->blocked_mask = place_count(blocked_max) - 1;
    return TUTTI_OK;
}

void tt_bus_watch(tt_bus *bus)
{
    bool is_wary = bus->guard || bus->blocked->count != 0;
    set_pending(bus, CAUTION_WARY, is_wary);
}

void tt_bus_set_guard(tt_bus *bus, tt_bus_guard_fn fn, void *ctx)
{
    bus->guard = fn;
    bus->guard_ctx = ctx;
    tt_bus_watch(bus);
}

static bool is_free(const tt_uuid *uuid)
{
    static const tt_uuid none = {0};
    return memcmp(uuid, &none, sizeof none) == 0;
}

static uint32_t home_of(const tt_bus *bus, const tt_uuid *uuid)
{
    uint64_t words[2];
    memcpy(words, uuid, sizeof words);
    uint64_t hash = (words[0] ^ words[1]) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32) & bus->blocked_mask;
}

/** Where a correlation stands, or the free place where it would. */
static uint32_t find(const tt_bus *bus, const tt_uuid *uuid)
{
    const struct blocked *set = bus->blocked;
    uint32_t place = home_of(bus, uuid);
    while (!is_free(&set->slots[place]) && memcmp(&set->slots[place], uuid, sizeof *uuid) != 0) {
        place = (place + 1) & bus->blocked_mask;
    }
    return place;
}

tutti_status tt_bus_block(tt_bus *bus, tt_uuid correlation)
{
    struct blocked *set = bus->blocked;
    if (is_free(&correlation)) {
        return TUTTI_INVALID;
    }
    uint32_t place = find(bus, &correlation);
    if (!is_free(&set->slots[place])) {
        return TUTTI_OK;
    }
    if (set->count == bus->blocked_max) {
        return TUTTI_LIMIT;
    }
    set->slots[place] = correlation;
    set->count++;
    tt_bus_watch(bus);
    return TUTTI_OK;
}

/** Moves back what could no longer be found across the free place `hole`. */
static void close_hole(const tt_bus *bus, uint32_t hole)
{
    struct blocked *set = bus->blocked;
    uint32_t place = hole;
    for (;;) {
        place = (place + 1) & bus->blocked_mask;
        if (is_free(&set->slots[place])) {
            return;
        }
        uint32_t home = home_of(bus, &set->slots[place]);
        if (((place - home) & bus->blocked_mask) >= ((place - hole) & bus->blocked_mask)) {
            set->slots[hole] = set->slots[place];
            set->slots[place] = (tt_uuid){0};
            hole = place;
        }
    }
}

bool tt_bus_unblock(tt_bus *bus, tt_uuid correlation)
{
    struct blocked *set = bus->blocked;
    uint32_t place = find(bus, &correlation);
    if (is_free(&correlation) || is_free(&set->slots[place])) {
        return false;
    }
    set->slots[place] = (tt_uuid){0};
    set->count--;
    tt_bus_watch(bus);
    close_hole(bus, place);
    return true;
}

bool tt_bus_is_blocked(const tt_bus *bus, tt_uuid correlation)
{
    const struct blocked *set = bus->blocked;
    return set->count != 0 && !is_free(&set->slots[find(bus, &correlation)]);
}

uint32_t tt_bus_blocked_count(const tt_bus *bus)
{
    return bus->blocked->count;
}
