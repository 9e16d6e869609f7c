/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The timing wheel.
 *
 * The level of an item is decided by the highest bit in which its deadline differs from the time of
 * the wheel; its slot by the six bits of the deadline at that level. So all items of a slot of
 * level 0 are due at the same millisecond, and a slot of a higher level is spread over lower ones
 * when the wheel reaches its beginning.
 *
 * Invariants: an armed item is in the one list that (wheel time, deadline) name; bit s of used[l]
 * is set exactly if list (l, s) is not empty; no deadline in a list is before the wheel's time.
 */
#include "bus/bus_wheel.h"

#include "base/error.h"

#define SLOT_BITS   6u
#define SLOTS       (1u << SLOT_BITS)
#define LEVELS      8u
#define NOT_ARMED   0u
#define LIST_COUNT  (LEVELS * SLOTS)
#define NO_DEADLINE UINT64_MAX

/** One item; all zero = not armed. Links are item numbers plus one; 0 = none. */
struct wheel_item {
    uint64_t deadline_ms;
    uint32_t next;
    uint32_t previous;
    uint32_t list; /**< Number of its list plus one, or NOT_ARMED. */
    uint32_t reserved;
};

struct tt_bus_wheel {
    uint64_t time_ms; /**< Everything before has been taken. */
    uint64_t used[LEVELS];
    uint32_t first[LIST_COUNT]; /**< First and last item of each list, plus one. */
    uint32_t last[LIST_COUNT];
    uint32_t item_count;
    uint32_t armed_count;
    struct wheel_item items[];
};

size_t tt_bus_wheel_size(uint32_t item_count)
{
    return sizeof(tt_bus_wheel) + (size_t)item_count * sizeof(struct wheel_item);
}

tt_bus_wheel *tt_bus_wheel_init(void *memory, uint32_t item_count)
{
    tt_bus_wheel *wheel = memory;
    wheel->item_count = item_count;
    return wheel;
}

static uint32_t list_of(const tt_bus_wheel *wheel, uint64_t deadline_ms)
{
    uint64_t differs = (wheel->time_ms ^ deadline_ms) | (SLOTS - 1);
    uint32_t level = (63u - (uint32_t)__builtin_clzll(differs)) / SLOT_BITS;
    return level * SLOTS + ((uint32_t)(deadline_ms >> (level * SLOT_BITS)) & (SLOTS - 1));
}

/** Appends to its list: items of equal deadline come out in the order in which they went in. */
static void link_item(tt_bus_wheel *wheel, uint32_t number)
{
    struct wheel_item *item = &wheel->items[number];
    uint32_t list = list_of(wheel, item->deadline_ms);
    item->list = list + 1;
    item->next = 0;
    item->previous = wheel->last[list];
    if (item->previous != 0) {
        wheel->items[item->previous - 1].next = number + 1;
    } else {
        wheel->first[list] = number + 1;
    }
    wheel->last[list] = number + 1;
    wheel->used[list / SLOTS] |= UINT64_C(1) << list % SLOTS;
    wheel->armed_count++;
}

void tt_bus_wheel_disarm(tt_bus_wheel *wheel, uint32_t number)
{
    TT_ASSERT(number < wheel->item_count);
    struct wheel_item *item = &wheel->items[number];
    if (item->list == NOT_ARMED) {
        return;
    }
    uint32_t list = item->list - 1;
    if (item->previous != 0) {
        wheel->items[item->previous - 1].next = item->next;
    } else {
        wheel->first[list] = item->next;
    }
    if (item->next != 0) {
        wheel->items[item->next - 1].previous = item->previous;
    } else {
        wheel->last[list] = item->previous;
    }
    if (wheel->first[list] == 0) {
        wheel->used[list / SLOTS] &= ~(UINT64_C(1) << list % SLOTS);
    }
    *item = (struct wheel_item){0};
    wheel->armed_count--;
}

void tt_bus_wheel_arm(tt_bus_wheel *wheel, uint32_t number, uint64_t deadline_ms)
{
    TT_ASSERT(deadline_ms < TT_BUS_WHEEL_END_MS);
    tt_bus_wheel_disarm(wheel, number);
    bool is_due = deadline_ms < wheel->time_ms;
    wheel->items[number].deadline_ms = is_due ? wheel->time_ms : deadline_ms;
    link_item(wheel, number);
}

bool tt_bus_wheel_is_armed(const tt_bus_wheel *wheel, uint32_t item)
{
    return wheel->items[item].list != NOT_ARMED;
}

/** When the wheel must next do something, and with which list. At no level is a slot behind the
 * time's own in use, and any item of a lower level comes before those of a higher one. */
static uint64_t next_event(const tt_bus_wheel *wheel, uint32_t *ret_list)
{
    for (uint32_t level = 0; level < LEVELS; level++) {
        if (wheel->used[level] != 0) {
            uint32_t slot = (uint32_t)__builtin_ctzll(wheel->used[level]);
            uint32_t shift = level * SLOT_BITS;
            uint64_t around = wheel->time_ms & ~((UINT64_C(1) << (shift + SLOT_BITS)) - 1);
            *ret_list = level * SLOTS + slot;
            return around | (uint64_t)slot << shift;
        }
    }
    return NO_DEADLINE;
}

/** Deals a list out anew, now that the wheel stands at its beginning. */
static void spread(tt_bus_wheel *wheel, uint32_t list)
{
    uint32_t next = wheel->first[list];
    wheel->first[list] = 0;
    wheel->last[list] = 0;
    wheel->used[list / SLOTS] &= ~(UINT64_C(1) << list % SLOTS);
    while (next != 0) {
        uint32_t number = next - 1;
        next = wheel->items[number].next;
        wheel->armed_count--;
        link_item(wheel, number);
    }
}

uint32_t tt_bus_wheel_take(tt_bus_wheel *wheel, uint64_t now_ms)
{
    TT_ASSERT(now_ms < TT_BUS_WHEEL_END_MS);
    uint32_t list = 0;
    for (;;) {
        uint64_t event_ms = next_event(wheel, &list);
        if (event_ms == NO_DEADLINE || event_ms > now_ms) {
            break;
        }
        wheel->time_ms = event_ms;
        uint32_t number = wheel->first[list] - 1;
        if (wheel->items[number].deadline_ms <= event_ms) {
            tt_bus_wheel_disarm(wheel, number);
            return number;
        }
        spread(wheel, list);
    }
    if (now_ms > wheel->time_ms) {
        wheel->time_ms = now_ms; // no list begins between, so every item stays where it is
    }
    return TT_BUS_WHEEL_NONE;
}

void tt_bus_wheel_check(const tt_bus_wheel *wheel)
{
    uint32_t found = 0;
    for (uint32_t list = 0; list < LIST_COUNT; list++) {
        bool is_used = (wheel->used[list / SLOTS] >> list % SLOTS & 1) != 0;
        TT_ASSERT(is_used == (wheel->first[list] != 0));
        uint32_t previous = 0;
        for (uint32_t at = wheel->first[list]; at != 0; at = wheel->items[at - 1].next) {
            const struct wheel_item *item = &wheel->items[at - 1];
            TT_ASSERT(item->list == list + 1 && item->previous == previous);
            TT_ASSERT(item->deadline_ms >= wheel->time_ms);
            TT_ASSERT(list_of(wheel, item->deadline_ms) == list);
            previous = at;
            found++;
        }
        TT_ASSERT(wheel->last[list] == previous);
    }
    TT_ASSERT(found == wheel->armed_count);
}
