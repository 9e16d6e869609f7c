/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages set aside.
 *
 * Invariants: every entry is either in the list of ages or in the list of free ones; every chunk is
 * in the chain of one entry or in the free list. Links are numbers plus one, 0 = none, so that
 * memory of zeros needs only the free lists. An id is the order of arrival over the entry's number:
 * it finds its entry in one look and never comes back.
 */
#include "bus/bus_store.h"

#include "base/error.h"

#include <string.h>

#define ENTRY_BITS 16u
#define ENTRY_MASK ((1u << ENTRY_BITS) - 1)

/** The entries follow, then the chunks, then the links of the chunks. */
struct tt_bus_store {
    uint64_t next_order;
    uint32_t entries_max;
    uint32_t chunks_max;
    uint32_t oldest;
    uint32_t newest;
    uint32_t free_entry;
    uint32_t free_chunk;
    uint32_t count;
    uint32_t chunk_count;
    uint32_t high_water;
    uint32_t reserved;
    tt_bus_stored entries[];
};

static uint32_t chunks_for(uint32_t bytes)
{
    return (bytes + TT_BUS_STORE_CHUNK - 1) / TT_BUS_STORE_CHUNK;
}

static const unsigned char *chunks_of(const tt_bus_store *store)
{
    return (const unsigned char *)(store->entries + store->entries_max);
}

static unsigned char *chunk_at(tt_bus_store *store, uint32_t chunk)
{
    return (unsigned char *)(store->entries + store->entries_max) +
           (size_t)(chunk - 1) * TT_BUS_STORE_CHUNK;
}

static const uint32_t *links_of(const tt_bus_store *store)
{
    const unsigned char *end = chunks_of(store) + (size_t)store->chunks_max * TT_BUS_STORE_CHUNK;
    return (const uint32_t *)(const void *)end;
}

static uint32_t *link_at(tt_bus_store *store, uint32_t chunk)
{
    return (uint32_t *)(void *)chunk_at(store, store->chunks_max + 1) + (chunk - 1);
}

size_t tt_bus_store_size(uint32_t entries_max, uint32_t bytes_max)
{
    return sizeof(tt_bus_store) + entries_max * sizeof(tt_bus_stored) +
           (size_t)chunks_for(bytes_max) * (TT_BUS_STORE_CHUNK + sizeof(uint32_t));
}

tt_bus_store *tt_bus_store_init(void *memory, uint32_t entries_max, uint32_t bytes_max)
{
    TT_ASSERT(entries_max >= 1 && entries_max <= TT_BUS_STORE_ENTRIES_MAX);
    tt_bus_store *store = memory;
    store->next_order = 1;
    store->entries_max = entries_max;
    store->chunks_max = chunks_for(bytes_max);
    store->free_entry = 1;
    for (uint32_t i = 1; i < entries_max; i++) {
        store->entries[i - 1].next = i + 1;
    }
    store->free_chunk = store->chunks_max == 0 ? 0 : 1;
    for (uint32_t i = 1; i < store->chunks_max; i++) {
        *link_at(store, i) = i + 1;
    }
    return store;
}

/** Copies a payload into free chunks, which are there; returns the first. */
static uint32_t fill_chunks(tt_bus_store *store, const unsigned char *payload, uint32_t size)
{
    uint32_t first = size == 0 ? 0 : store->free_chunk;
    uint32_t chunk = 0;
    for (uint32_t at = 0; at < size; at += TT_BUS_STORE_CHUNK) {
        chunk = store->free_chunk;
        store->free_chunk = *link_at(store, chunk);
        store->chunk_count++;
        uint32_t rest = size - at;
        memcpy(
            chunk_at(store, chunk),
            payload + at,
            rest < TT_BUS_STORE_CHUNK ? rest : TT_BUS_STORE_CHUNK);
    }
    if (chunk != 0) {
        *link_at(store, chunk) = 0;
    }
    return first;
}

static void link_newest(tt_bus_store *store, tt_bus_stored *stored, uint32_t number)
{
    stored->previous = store->newest;
    if (store->newest != 0) {
        store->entries[store->newest - 1].next = number;
    } else {
        store->oldest = number;
    }
    store->newest = number;
}

bool tt_bus_store_has_room(const tt_bus_store *store, uint32_t size)
{
    return store->free_entry != 0 && chunks_for(size) <= store->chunks_max - store->chunk_count;
}

uint64_t tt_bus_store_next_id(const tt_bus_store *store)
{
    TT_ASSERT(store->free_entry != 0);
    return store->next_order << ENTRY_BITS | (store->free_entry - 1);
}

tt_bus_stored *
tt_bus_store_add(tt_bus_store *store, const tt_msg *head, const void *payload, uint32_t size)
{
    if (!tt_bus_store_has_room(store, size)) {
        return NULL;
    }
    uint32_t number = store->free_entry;
    tt_bus_stored *stored = &store->entries[number - 1];
    uint64_t id = tt_bus_store_next_id(store);
    store->free_entry = stored->next;
    *stored = (tt_bus_stored){
        .id = id,
        .size = size,
        .head = *head,
    };
    store->next_order++;
    stored->first_chunk = fill_chunks(store, payload, size);
    link_newest(store, stored, number);
    store->count++;
    if (store->count > store->high_water) {
        store->high_water = store->count;
    }
    return stored;
}

tt_bus_stored *tt_bus_store_find(tt_bus_store *store, uint64_t id)
{
    uint32_t number = (uint32_t)(id & ENTRY_MASK);
    bool is_there = id != 0 && number < store->entries_max && store->entries[number].id == id;
    return is_there ? &store->entries[number] : NULL;
}

tt_bus_stored *tt_bus_store_at(tt_bus_store *store, uint32_t number)
{
    TT_ASSERT(number < store->entries_max && store->entries[number].id != 0);
    return &store->entries[number];
}

uint32_t tt_bus_store_number(const tt_bus_stored *stored)
{
    return (uint32_t)(stored->id & ENTRY_MASK);
}

tt_bus_stored *tt_bus_store_next(tt_bus_store *store, const tt_bus_stored *previous)
{
    uint32_t number = previous ? previous->next : store->oldest;
    return number == 0 ? NULL : &store->entries[number - 1];
}

void tt_bus_store_read(const tt_bus_store *store, const tt_bus_stored *stored, void *buffer)
{
    unsigned char *to = buffer;
    memcpy(to, &stored->head, sizeof stored->head);
    to += sizeof stored->head;
    uint32_t chunk = stored->first_chunk;
    for (uint32_t at = 0; at < stored->size; at += TT_BUS_STORE_CHUNK) {
        uint32_t rest = stored->size - at;
        memcpy(
            to + at,
            chunks_of(store) + (size_t)(chunk - 1) * TT_BUS_STORE_CHUNK,
            rest < TT_BUS_STORE_CHUNK ? rest : TT_BUS_STORE_CHUNK);
        chunk = links_of(store)[chunk - 1];
    }
}

static void free_chunks(tt_bus_store *store, uint32_t chunk)
{
    while (chunk != 0) {
        uint32_t next = *link_at(store, chunk);
        *link_at(store, chunk) = store->free_chunk;
        store->free_chunk = chunk;
        store->chunk_count--;
        chunk = next;
    }
}

void tt_bus_store_remove(tt_bus_store *store, tt_bus_stored *stored)
{
    TT_ASSERT(stored->id != 0);
    if (stored->previous != 0) {
        store->entries[stored->previous - 1].next = stored->next;
    } else {
        store->oldest = stored->next;
    }
    if (stored->next != 0) {
        store->entries[stored->next - 1].previous = stored->previous;
    } else {
        store->newest = stored->previous;
    }
    free_chunks(store, stored->first_chunk);
    *stored = (tt_bus_stored){.next = store->free_entry};
    store->free_entry = (uint32_t)(stored - store->entries) + 1;
    store->count--;
}

uint32_t tt_bus_store_count(const tt_bus_store *store)
{
    return store->count;
}

uint32_t tt_bus_store_bytes(const tt_bus_store *store)
{
    return store->chunk_count * TT_BUS_STORE_CHUNK;
}

uint32_t tt_bus_store_high_water(const tt_bus_store *store)
{
    return store->high_water;
}

static uint32_t chain_length(const tt_bus_store *store, uint32_t chunk)
{
    uint32_t length = 0;
    for (; chunk != 0; chunk = links_of(store)[chunk - 1]) {
        TT_ASSERT(chunk <= store->chunks_max && length < store->chunks_max);
        length++;
    }
    return length;
}

void tt_bus_store_check(const tt_bus_store *store)
{
    uint32_t count = 0;
    uint32_t chunks = 0;
    uint32_t previous = 0;
    for (uint32_t at = store->oldest; at != 0; at = store->entries[at - 1].next) {
        const tt_bus_stored *stored = &store->entries[at - 1];
        TT_ASSERT(stored->id != 0 && (stored->id & ENTRY_MASK) == at - 1);
        TT_ASSERT(stored->previous == previous);
        TT_ASSERT(chain_length(store, stored->first_chunk) == chunks_for(stored->size));
        chunks += chunks_for(stored->size);
        count++;
        previous = at;
    }
    TT_ASSERT(store->newest == previous && count == store->count);
    TT_ASSERT(chunks == store->chunk_count);
    TT_ASSERT(chunks + chain_length(store, store->free_chunk) == store->chunks_max);
    for (uint32_t at = store->free_entry; at != 0; at = store->entries[at - 1].next) {
        TT_ASSERT(store->entries[at - 1].id == 0 && count < store->entries_max);
        count++;
    }
    TT_ASSERT(count == store->entries_max);
}
