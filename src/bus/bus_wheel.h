/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A hierarchical timing wheel over items with fixed numbers: eight levels of 64 slots, one
 * millisecond to the finest. Arming and disarming are O(1); an item moves down at most seven times
 * before it is due. Empty time costs nothing: a word a level says which slots are in use. One block
 * without pointers: a region.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}
 */
#ifndef TT_BUS_BUS_WHEEL_H
#define TT_BUS_BUS_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tt_bus_wheel tt_bus_wheel;

#define TT_BUS_WHEEL_NONE UINT32_MAX
/** Times and deadlines are below: milliseconds of 8,900 years. */
#define TT_BUS_WHEEL_END_MS (UINT64_C(1) << 48)

/** Bytes of a wheel for items 0 to item_count - 1. @thread{any} */
size_t tt_bus_wheel_size(uint32_t item_count);
/** Makes a wheel without armed items in zeroed memory of that size. @thread{setup} */
tt_bus_wheel *tt_bus_wheel_init(void *memory, uint32_t item_count);
/** Arms an item, whether it was armed or not. What is due already comes with the next take. */
void tt_bus_wheel_arm(tt_bus_wheel *wheel, uint32_t item, uint64_t deadline_ms);
/** Disarms an item; nothing happens if it is not armed. */
void tt_bus_wheel_disarm(tt_bus_wheel *wheel, uint32_t item);
bool tt_bus_wheel_is_armed(const tt_bus_wheel *wheel, uint32_t item);
/** Disarms and returns an item whose deadline is at most `now_ms`, which never goes back, earliest
 * deadline first; TT_BUS_WHEEL_NONE when there is none. */
uint32_t tt_bus_wheel_take(tt_bus_wheel *wheel, uint64_t now_ms);
/** Asserts the invariants. For tests. */
void tt_bus_wheel_check(const tt_bus_wheel *wheel);

#endif
