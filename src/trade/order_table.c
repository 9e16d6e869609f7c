/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of orders: fixed records, linked by slot numbers, so that a copy of the bytes is a copy
 * of the table.
 *
 * A live order stands in the list of its instrument, in the order of creation. A final one stands
 * in the list of recent orders until TT_ORDERS_RECENT newer ones pushed it out; late and repeated
 * reports still find it there. Slots come from the free list, else from the unused end of the
 * array, so that memory is touched only as it is needed.
 */
#include "base/error.h"
#include "trade/order.h"

#include <string.h>

_Static_assert(TT_ORDERS_RESERVED < TT_ORDERS_MAX / 2, "entries keep most of the table");

/* Remembered orders that are never pushed out: among them are those that ended in the present step.
 */
#define RECENT_MIN 16u

static uint32_t slot_of(const tt_order_table *table, const tt_order *order)
{
    return (uint32_t)(order - table->records) + 1;
}

static tt_order *record_at(tt_order_table *table, uint32_t slot)
{
    TT_ASSERT(slot <= table->used);
    return slot == 0 ? NULL : &table->records[slot - 1];
}

static void append(tt_order_table *table, uint32_t *first, uint32_t *last, tt_order *order)
{
    uint32_t slot = slot_of(table, order);
    order->previous = *last;
    order->next = 0;
    if (*last != 0) {
        record_at(table, *last)->next = slot;
    } else {
        *first = slot;
    }
    *last = slot;
}

static void unlink_from(tt_order_table *table, uint32_t *first, uint32_t *last, tt_order *order)
{
    if (order->previous != 0) {
        record_at(table, order->previous)->next = order->next;
    } else {
        *first = order->next;
    }
    if (order->next != 0) {
        record_at(table, order->next)->previous = order->previous;
    } else {
        *last = order->previous;
    }
}

tutti_status tt_orders_init(tt_orders *orders, tt_arena *arena)
{
    orders->table = tt_arena_alloc(arena, 1, sizeof *orders->table);
    orders->map = tt_map_new(arena, TT_ORDER_SLOTS);
    if (orders->table == NULL || orders->map == NULL) {
        return TUTTI_NO_MEMORY;
    }
    return tt_sm_init(&orders->machine, &tt_order_machine, NULL);
}

tt_order *tt_order_find(tt_orders *orders, uint64_t order_id)
{
    uint32_t slot = 0;
    return tt_map_find(orders->map, order_id, &slot) ? record_at(orders->table, slot) : NULL;
}

tt_order *tt_order_first(tt_orders *orders, uint32_t instrument)
{
    TT_ASSERT(instrument >= 1 && instrument <= TT_INSTRUMENTS_MAX);
    return record_at(orders->table, orders->table->first[instrument - 1]);
}

tt_order *tt_order_after(tt_orders *orders, const tt_order *order)
{
    return record_at(orders->table, order->next);
}

bool tt_order_has_room(const tt_orders *orders, bool reduce_only)
{
    uint32_t bound = TT_ORDERS_MAX - TT_ORDERS_RESERVED;
    if (reduce_only) {
        bound = TT_ORDER_SLOTS - RECENT_MIN;
    }
    return orders->table->live_count < bound;
}

static void forget_oldest(tt_orders *orders)
{
    tt_order_table *table = orders->table;
    tt_order *oldest = record_at(table, table->recent_first);
    TT_ASSERT(oldest != NULL);
    unlink_from(table, &table->recent_first, &table->recent_last, oldest);
    table->recent_count--;
    bool was_there = tt_map_remove(orders->map, oldest->intent.order_id);
    TT_ASSERT(was_there);
    memset(oldest, 0, sizeof *oldest); // as it will be taken
    oldest->next = table->free_first;
    table->free_first = slot_of(table, oldest);
}

/* Takes a record, which is zero but for its place in a list. */
static tt_order *take_slot(tt_orders *orders)
{
    tt_order_table *table = orders->table;
    if (table->free_first == 0 && table->used < TT_ORDER_SLOTS) {
        table->used++;
        return record_at(table, table->used);
    }
    if (table->free_first == 0) {
        forget_oldest(orders);
    }
    tt_order *order = record_at(table, table->free_first);
    table->free_first = order->next;
    return order;
}

tt_order *tt_order_add(tt_orders *orders, const tt_order_intent *intent, uint32_t instrument)
{
    tt_order_table *table = orders->table;
    TT_ASSERT(instrument >= 1 && instrument <= TT_INSTRUMENTS_MAX);
    TT_ASSERT(tt_order_has_room(orders, true));
    tt_order *order = take_slot(orders);
    order->intent = *intent;
    order->instrument = instrument;
    append(table, &table->first[instrument - 1], &table->last[instrument - 1], order);
    table->live_count++;
    tutti_status status = tt_map_put(orders->map, intent->order_id, slot_of(table, order));
    TT_ASSERT(status == TUTTI_OK);
    return order;
}

void tt_order_retire(tt_orders *orders, tt_order *order)
{
    tt_order_table *table = orders->table;
    TT_ASSERT(tt_order_state_is_final(order->state) && order->timer.n == 0);
    uint32_t index = order->instrument - 1;
    unlink_from(table, &table->first[index], &table->last[index], order);
    table->live_count--;
    if (table->recent_count == TT_ORDERS_RECENT) {
        forget_oldest(orders);
    }
    append(table, &table->recent_first, &table->recent_last, order);
    table->recent_count++;
}

tt_qty tt_order_remaining(const tt_order *order)
{
    tt_dec rest = tt_dec_xsub(order->intent.qty.d, order->filled_qty.d);
    return (tt_qty){tt_dec_max(rest, TT_DEC_ZERO)};
}

tt_qty tt_order_full_qty(const tt_order *order)
{
    bool is_amended = order->amend.id != 0;
    tt_dec qty = order->intent.qty.d;
    return (tt_qty){is_amended ? tt_dec_max(qty, order->amend.qty.d) : qty};
}

tt_price tt_order_value_price(tt_price price, tt_price trigger, tt_price reference)
{
    if (tt_dec_sign(price.d) > 0) {
        return price;
    }
    return tt_dec_sign(trigger.d) > 0 ? trigger : reference;
}

bool tt_order_has_gap(const tt_order *order)
{
    return tt_dec_lt(order->filled_qty.d, order->venue_filled.d);
}

static bool is_known_id(const tt_order *order, uint64_t exec_id)
{
    uint32_t kept = order->exec_count < TT_ORDER_EXECS ? order->exec_count : TT_ORDER_EXECS;
    for (uint32_t i = 0; i < kept; i++) {
        if (order->exec_ids[i] == exec_id) {
            return true;
        }
    }
    for (uint32_t i = 0; i < order->ahead_count; i++) {
        if (order->ahead[i].exec_id == exec_id) {
            return true;
        }
    }
    return false;
}

static tt_qty start_of(const tt_venue_report *report)
{
    return (tt_qty){tt_dec_xsub(report->cumulative_qty.d, report->qty.d)};
}

/* Each execution covers a stretch of the order's cumulative quantity. Everything up to covered_qty
 * is booked, so whatever ends there or before is a repeat, however old. Stretches beyond a missing
 * one are kept one by one until it comes. The ids of the newest executions are kept as well, for
 * venues that repeat an execution with another cumulative quantity. */
tt_execution_check tt_order_check_execution(const tt_order *order, const tt_venue_report *report)
{
    if (is_known_id(order, report->exec_id)) {
        return TT_EXECUTION_REPEATED;
    }
    if (tt_dec_le(report->cumulative_qty.d, order->covered_qty.d)) {
        bool all_ids_known = order->exec_count <= TT_ORDER_EXECS;
        return all_ids_known ? TT_EXECUTION_CONTRADICTED : TT_EXECUTION_REPEATED;
    }
    bool is_next = tt_dec_le(start_of(report).d, order->covered_qty.d);
    bool has_room = order->ahead_count < TT_ORDER_AHEAD;
    return is_next || has_room ? TT_EXECUTION_NEW : TT_EXECUTION_UNTRACKED;
}

/* Takes a stretch that follows directly out of those ahead; false if there is none. */
static bool absorb_next(tt_order *order)
{
    for (uint32_t i = 0; i < order->ahead_count; i++) {
        if (tt_dec_le(order->ahead[i].from.d, order->covered_qty.d)) {
            order->covered_qty.d = tt_dec_max(order->covered_qty.d, order->ahead[i].to.d);
            order->ahead_count--;
            order->ahead[i] = order->ahead[order->ahead_count];
            order->ahead[order->ahead_count] = (tt_execution_ahead){0};
            return true;
        }
    }
    return false;
}

static void cover(tt_order *order, const tt_venue_report *report)
{
    tt_qty start = start_of(report);
    if (tt_dec_lt(order->covered_qty.d, start.d)) {
        TT_ASSERT(order->ahead_count < TT_ORDER_AHEAD);
        order->ahead[order->ahead_count] =
            (tt_execution_ahead){start, report->cumulative_qty, report->exec_id, 0};
        order->ahead_count++;
        return;
    }
    order->covered_qty.d = tt_dec_max(order->covered_qty.d, report->cumulative_qty.d);
    while (absorb_next(order)) {
    }
}

void tt_order_note_execution(tt_order *order, const tt_venue_report *report, tt_money notional)
{
    order->exec_ids[order->exec_count % TT_ORDER_EXECS] = report->exec_id;
    order->exec_count++;
    order->filled_qty.d = tt_dec_xadd(order->filled_qty.d, report->qty.d);
    order->filled_notional.d = tt_dec_xadd(order->filled_notional.d, notional.d);
    order->venue_filled.d = tt_dec_max(order->venue_filled.d, report->cumulative_qty.d);
    cover(order, report);
}

static void check_record(tt_order_table *table, const tt_order *order, bool is_final)
{
    TT_ASSERT(tt_order_state_is_final(order->state) == is_final);
    TT_ASSERT(order->intent.order_id != 0);
    TT_ASSERT(tt_dec_sign(order->filled_qty.d) >= 0);
    TT_ASSERT(tt_dec_sign(order->pending_exposure.d) >= 0);
    TT_ASSERT(!is_final || (order->timer.n == 0 && order->amend.id == 0));
    if (order->next != 0) {
        TT_ASSERT(record_at(table, order->next)->previous == slot_of(table, order));
    }
}

void tt_order_table_check(tt_orders *orders)
{
    tt_order_table *table = orders->table;
    uint32_t live = 0;
    for (uint32_t i = 1; i <= TT_INSTRUMENTS_MAX; i++) {
        for (tt_order *o = tt_order_first(orders, i); o != NULL; o = tt_order_after(orders, o)) {
            check_record(table, o, false);
            TT_ASSERT(o->instrument == i && tt_order_find(orders, o->intent.order_id) == o);
            live++;
        }
    }
    uint32_t recent = 0;
    for (uint32_t slot = table->recent_first; slot != 0; slot = record_at(table, slot)->next) {
        check_record(table, record_at(table, slot), true);
        recent++;
    }
    uint32_t unused = 0;
    for (uint32_t slot = table->free_first; slot != 0; slot = record_at(table, slot)->next) {
        static const tt_order blank;
        const tt_order *order = record_at(table, slot);
        const size_t before = offsetof(tt_order, next);
        const size_t behind = offsetof(tt_order, previous);
        TT_ASSERT(memcmp(order, &blank, before) == 0);
        TT_ASSERT(memcmp(&order->previous, &blank.previous, sizeof blank - behind) == 0);
        unused++;
    }
    TT_ASSERT(live == table->live_count && recent == table->recent_count);
    TT_ASSERT(live + recent + unused == table->used && orders->map->count == live + recent);
}
