/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Queue of a mailbox whose core side takes messages back: to drop the oldest, or to put a newer one
 * in the place of one that waits.
 *
 * Invariants:
 * 1. head <= tail <= head + cells. Only the core moves tail; both sides move head, over cells that
 *    are taken.
 * 2. The cell of a position p in [head, tail) holds (p, slot + 1), or (p, 0) once it is taken. Only
 *    a compare-and-swap takes a slot out of a cell, so it has one owner.
 * 3. Each slot is spare, in a cell, in the consumer's hand, or on its way back in `returned`.
 */
#include "base/error.h"
#include "mailbox/mailbox_priv.h"

#include <string.h>

#define SLOT_BITS 24
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)

static uint64_t power_of_two(uint64_t least)
{
    uint64_t size = 1;
    while (size < least) {
        size *= 2;
    }
    return size;
}

/** One in hand, and one that the core fills before it takes another back. */
static uint32_t slot_count(uint32_t count_max)
{
    return count_max + 2;
}

size_t tt_cells_memory(uint32_t count_max, bool conflates)
{
    size_t slots = slot_count(count_max);
    size_t cells = power_of_two(slots);
    size_t bytes =
        slots * (MSG_BYTES_MAX + sizeof(uint32_t)) + cells * (sizeof(uint64_t) + sizeof(uint32_t));
    if (conflates) {
        bytes += cells * sizeof(uint64_t) + tt_map_size((uint32_t)cells);
    }
    return bytes + (size_t)64 * 8;
}

tutti_status tt_cells_init(struct cells *cells, uint32_t count_max, bool conflates, tt_arena *arena)
{
    uint32_t slots = slot_count(count_max);
    uint64_t size = power_of_two(slots);
    cells->mask = size - 1;
    cells->slots = tt_arena_alloc(arena, slots, MSG_BYTES_MAX);
    cells->cells = tt_arena_alloc(arena, size, sizeof *cells->cells);
    cells->returned = tt_arena_alloc(arena, size, sizeof *cells->returned);
    cells->spare = tt_arena_alloc(arena, slots, sizeof *cells->spare);
    cells->key_of = conflates ? tt_arena_alloc(arena, size, sizeof *cells->key_of) : NULL;
    cells->waiting = conflates ? tt_map_new(arena, (uint32_t)size) : NULL;
    if (!cells->slots || !cells->cells || !cells->returned || !cells->spare ||
        (conflates && (!cells->key_of || !cells->waiting))) {
        return TUTTI_NO_MEMORY;
    }
    for (uint32_t slot = 0; slot < slots; slot++) {
        cells->spare[slot] = slots - 1 - slot; // the first slot is on top
    }
    cells->spare_count = slots;
    return TUTTI_OK;
}

static uint64_t make_cell(uint64_t position, uint32_t slot_plus_one)
{
    return position << SLOT_BITS | slot_plus_one;
}

static bool is_at(uint64_t cell, uint64_t position)
{
    return cell >> SLOT_BITS == (position << SLOT_BITS) >> SLOT_BITS;
}

static _Atomic uint64_t *cell_at(const struct cells *cells, uint64_t position)
{
    return &cells->cells[position & cells->mask];
}

static tt_msg *msg_at(const struct cells *cells, uint32_t slot)
{
    return (tt_msg *)(void *)(cells->slots + (size_t)slot * MSG_BYTES_MAX);
}

/** Takes back what the consumer has returned. */
static void collect(struct cells *cells)
{
    uint64_t tail = atomic_load_explicit(&cells->return_tail, memory_order_acquire);
    for (; cells->return_head != tail; cells->return_head++) {
        cells->spare[cells->spare_count++] = atomic_load_explicit(
            &cells->returned[cells->return_head & cells->mask], memory_order_relaxed);
    }
}

/** A spare slot with a copy of a message in it. */
static uint32_t fill_slot(struct cells *cells, const tt_msg *msg)
{
    if (cells->spare_count == 0) {
        collect(cells);
    }
    TT_ASSERT(cells->spare_count > 0);
    uint32_t slot = cells->spare[--cells->spare_count];
    memcpy(msg_at(cells, slot), msg, tt_msg_bytes(msg));
    return slot;
}

static uint64_t key_of(const tt_msg *msg)
{
    return (uint64_t)msg->topic << 32 | msg->key;
}

/** Remembers which (topic, key) a position is for, and forgets what its cell was used for. */
static void note_key(struct cells *cells, uint64_t position, const tt_msg *msg)
{
    uint64_t *noted = &cells->key_of[position & cells->mask];
    uint32_t former = 0;
    if (tt_map_find(cells->waiting, *noted, &former) &&
        former == (uint32_t)(position - cells->mask - 1)) {
        (void)tt_map_remove(cells->waiting, *noted);
    }
    *noted = key_of(msg);
    // There is room: at most one entry a cell.
    TT_ASSERT(tt_map_put(cells->waiting, *noted, (uint32_t)position) == TUTTI_OK);
}

void tt_cells_put(struct cells *cells, const tt_msg *msg)
{
    uint64_t tail = atomic_load_explicit(&cells->tail, memory_order_relaxed);
    uint32_t slot = fill_slot(cells, msg);
    if (cells->waiting) {
        note_key(cells, tail, msg);
    }
    atomic_store_explicit(cell_at(cells, tail), make_cell(tail, slot + 1), memory_order_release);
    atomic_store_explicit(&cells->tail, tail + 1, memory_order_release);
}

/** Position in [head, tail) with these low 32 bits; false when there is none. */
static bool find_position(const struct cells *cells, uint32_t low, uint64_t *ret_position)
{
    uint64_t head = atomic_load_explicit(&cells->head, memory_order_acquire);
    uint64_t tail = atomic_load_explicit(&cells->tail, memory_order_relaxed);
    uint64_t position = head + (uint32_t)(low - (uint32_t)head);
    *ret_position = position;
    return position < tail;
}

uint64_t tt_cells_replace(struct cells *cells, const tt_msg *msg)
{
    uint32_t low = 0;
    uint64_t position = 0;
    if (!tt_map_find(cells->waiting, key_of(msg), &low) || !find_position(cells, low, &position)) {
        return 0;
    }
    uint64_t cell = atomic_load_explicit(cell_at(cells, position), memory_order_acquire);
    if (!is_at(cell, position) || (cell & SLOT_MASK) == 0) {
        return 0;
    }
    uint32_t slot = fill_slot(cells, msg);
    bool is_replaced = atomic_compare_exchange_strong_explicit(
        cell_at(cells, position),
        &cell,
        make_cell(position, slot + 1),
        memory_order_acq_rel,
        memory_order_relaxed);
    // Whichever slot is not in the cell now is the core's.
    uint32_t left = is_replaced ? (uint32_t)(cell & SLOT_MASK) - 1 : slot;
    cells->spare[cells->spare_count++] = left;
    return is_replaced ? tt_msg_bytes(msg_at(cells, left)) : 0;
}

/** Takes the slot of the oldest message; false when nothing waits. Both sides. */
static bool take_oldest(struct cells *cells, uint32_t *ret_slot)
{
    for (;;) {
        uint64_t head = atomic_load_explicit(&cells->head, memory_order_acquire);
        if (head >= atomic_load_explicit(&cells->tail, memory_order_acquire)) {
            return false;
        }
        uint64_t cell = atomic_load_explicit(cell_at(cells, head), memory_order_acquire);
        if (!is_at(cell, head)) {
            continue; // the other side has gone on meanwhile
        }
        uint32_t slot = (uint32_t)(cell & SLOT_MASK);
        bool is_mine = slot != 0 && atomic_compare_exchange_strong_explicit(
                                        cell_at(cells, head),
                                        &cell,
                                        make_cell(head, 0),
                                        memory_order_acq_rel,
                                        memory_order_relaxed);
        if (is_mine || (cell & SLOT_MASK) == 0) {
            // Move head over the taken cell, for whoever took it.
            (void)atomic_compare_exchange_strong_explicit(
                &cells->head, &head, head + 1, memory_order_acq_rel, memory_order_relaxed);
        }
        if (is_mine) {
            *ret_slot = slot - 1;
            return true;
        }
    }
}

uint64_t tt_cells_drop_oldest(struct cells *cells)
{
    uint32_t slot = 0;
    if (!take_oldest(cells, &slot)) {
        return 0;
    }
    cells->spare[cells->spare_count++] = slot;
    return tt_msg_bytes(msg_at(cells, slot));
}

const tt_msg *tt_cells_take(struct cells *cells, uint32_t *ret_slot)
{
    return take_oldest(cells, ret_slot) ? msg_at(cells, *ret_slot) : NULL;
}

void tt_cells_return(struct cells *cells, uint32_t slot)
{
    uint64_t tail = atomic_load_explicit(&cells->return_tail, memory_order_relaxed);
    atomic_store_explicit(&cells->returned[tail & cells->mask], slot, memory_order_relaxed);
    atomic_store_explicit(&cells->return_tail, tail + 1, memory_order_release);
}
