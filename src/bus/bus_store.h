/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Whole messages set aside: dead letters, and deliveries that wait for another try. Bounded by
 * count and by bytes; kept in the order of arrival; any one can leave at any time, and its room is
 * free at once. One block without pointers: a region.
 *
 * Payloads lie in chunks of 64 bytes, linked: nothing is ever moved, and there are no gaps.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}
 */
#ifndef TT_BUS_BUS_STORE_H
#define TT_BUS_BUS_STORE_H

#include "model/message.h"

typedef struct tt_bus_store tt_bus_store;

#define TT_BUS_STORE_ENTRIES_MAX 65535u
#define TT_BUS_STORE_CHUNK       64u

/** One message set aside. What stands between the lines belongs to the store. */
typedef struct tt_bus_stored {
    uint64_t id; /**< Never used again; 0 = free. */
    uint32_t next;
    uint32_t previous;
    uint32_t first_chunk;
    uint32_t size; /**< Payload bytes kept; 0 = the head only. */
    /* The owner's. */
    uint32_t attempts;
    uint32_t subscription; /**< Slot of the subscription that failed plus one. */
    tt_time first_failure;
    tt_time last_failure;
    uint64_t timer;
    uint8_t reason;
    uint8_t is_queued;  /**< Waits in a lane for its delivery, or leaves with this step. */
    uint8_t is_outside; /**< Failed outside of the core. */
    uint8_t reserved[5];
    char handler[32];
    char text[160];
    tt_msg head;
} tt_bus_stored;

/** Bytes of a store. @thread{any} */
size_t tt_bus_store_size(uint32_t entries_max, uint32_t bytes_max);
/** Makes an empty store in zeroed memory of that size: 1 to TT_BUS_STORE_ENTRIES_MAX messages,
 * `bytes_max` bytes of payloads, rounded up to whole chunks. @thread{setup} */
tt_bus_store *tt_bus_store_init(void *memory, uint32_t entries_max, uint32_t bytes_max);
/** Adds a copy of head and payload (`size` bytes of it); all other fields are zero. NULL when there
 * is no room. */
tt_bus_stored *
tt_bus_store_add(tt_bus_store *store, const tt_msg *head, const void *payload, uint32_t size);
/** The id that the next message added will get, when there is room for one. */
uint64_t tt_bus_store_next_id(const tt_bus_store *store);
/** Tells whether there is room for a payload of `size` bytes. */
bool tt_bus_store_has_room(const tt_bus_store *store, uint32_t size);
/** Finds a message by its id; NULL if it has left. O(1). */
tt_bus_stored *tt_bus_store_find(tt_bus_store *store, uint64_t id);
/** The entry of a number, and the number of an entry: stable as long as it is there. */
tt_bus_stored *tt_bus_store_at(tt_bus_store *store, uint32_t number);
uint32_t tt_bus_store_number(const tt_bus_stored *stored);
/** Oldest first: the one that came after `previous`, or, for NULL, the oldest. NULL at the end. */
tt_bus_stored *tt_bus_store_next(tt_bus_store *store, const tt_bus_stored *previous);
/** Writes head and payload in one piece to `buffer` of TT_MSG_BYTES_MAX bytes. */
void tt_bus_store_read(const tt_bus_store *store, const tt_bus_stored *stored, void *buffer);
/** Takes a message out. */
void tt_bus_store_remove(tt_bus_store *store, tt_bus_stored *stored);
uint32_t tt_bus_store_count(const tt_bus_store *store);
/** Bytes of payloads in use, in whole chunks. */
uint32_t tt_bus_store_bytes(const tt_bus_store *store);
/** Most messages that were ever there at once. */
uint32_t tt_bus_store_high_water(const tt_bus_store *store);
/** Asserts the invariants. For tests. */
void tt_bus_store_check(const tt_bus_store *store);

#endif
