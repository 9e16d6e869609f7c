/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The last N idempotency keys and the number that each one's first message got. When a new key
 * comes to a full set, the oldest leaves. One block without pointers: a region.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}
 */
#ifndef TT_BUS_BUS_SEEN_H
#define TT_BUS_BUS_SEEN_H

#include "base/types.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct tt_bus_seen tt_bus_seen;

/** Bytes of a set of `keys_max` keys, 1 to 2^24. @thread{any} */
size_t tt_bus_seen_size(uint32_t keys_max);
/** Makes an empty set in zeroed memory of that size. @thread{setup} */
tt_bus_seen *tt_bus_seen_init(void *memory, uint32_t keys_max);
/** Number of the message that first had this key; 0 if it is not among the last. O(1). */
tt_seq tt_bus_seen_find(const tt_bus_seen *seen, const tt_uuid *key);
/** Adds a key that is not there. O(1). */
void tt_bus_seen_add(tt_bus_seen *seen, const tt_uuid *key, tt_seq seq);
uint32_t tt_bus_seen_count(const tt_bus_seen *seen);
/** Asserts the invariants. For tests. */
void tt_bus_seen_check(const tt_bus_seen *seen);

#endif
