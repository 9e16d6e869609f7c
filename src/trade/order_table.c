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

/* Room is checked for entries alone. The others cannot run out: an instrument has at most
 * TT_PROTECT_LIVE_MAX live stops, as many targets, and one closing order. */
_Static_assert(TT_ORDERS_RESERVED < TT_ORDERS_MAX / 2, "entries keep most of the table");

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
    return reduce_only || orders->table->live_count < TT_ORDERS_MAX - TT_ORDERS_RESERVED;
}

static tt_order *take_slot(tt_order_table *table)
{
    tt_order *order = record_at(table, table->free_first);
    if (order == NULL) {
        TT_ASSERT(table->used < TT_ORDER_SLOTS);
        table->used++;
        return record_at(table, table->used);
    }
    table->free_first = order->next;
    return order;
}

tt_order *tt_order_add(tt_orders *orders, const tt_order_intent *intent, uint32_t instrument)
{
    tt_order_table *table = orders->table;
    TT_ASSERT(instrument >= 1 && instrument <= TT_INSTRUMENTS_MAX);
    TT_ASSERT(table->live_count < TT_ORDERS_MAX);
    tt_order *order = take_slot(table);
    *order = (tt_order){.intent = *intent, .instrument = instrument};
    append(table, &table->first[instrument - 1], &table->last[instrument - 1], order);
    table->live_count++;
    tutti_status status = tt_map_put(orders->map, intent->order_id, slot_of(table, order));
    TT_ASSERT(status == TUTTI_OK);
    return order;
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
    *oldest = (tt_order){.next = table->free_first};
    table->free_first = slot_of(table, oldest);
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

bool tt_order_state_is_final(uint8_t state)
{
    return tt_sm_is_final(&tt_order_machine, state);
}

tt_qty tt_order_remaining(const tt_order *order)
{
    tt_dec rest = tt_dec_xsub(order->intent.qty.d, order->filled_qty.d);
    return (tt_qty){tt_dec_max(rest, TT_DEC_ZERO)};
}

bool tt_order_has_gap(const tt_order *order)
{
    return tt_dec_lt(order->filled_qty.d, order->venue_filled.d);
}

/* The ring holds the ids of the newest executions. An older one is recognised by its cumulative
 * quantity: whenever booked and cumulative quantity agree, everything up to there is booked
 * (covered_qty), and no id from before is needed. `execs_uncovered` counts the ids that still are:
 * they must not be pushed out of the ring. */
tt_execution_check tt_order_check_execution(const tt_order *order, const tt_venue_report *report)
{
    uint32_t kept = order->exec_count < TT_ORDER_EXECS ? order->exec_count : TT_ORDER_EXECS;
    for (uint32_t i = 0; i < kept; i++) {
        if (order->exec_ids[i] == report->exec_id) {
            return TT_EXECUTION_REPEATED;
        }
    }
    if (tt_dec_le(report->cumulative_qty.d, order->covered_qty.d)) {
        bool all_ids_known = order->exec_count <= TT_ORDER_EXECS;
        return all_ids_known ? TT_EXECUTION_CONTRADICTED : TT_EXECUTION_REPEATED;
    }
    return order->execs_uncovered < TT_ORDER_EXECS ? TT_EXECUTION_NEW : TT_EXECUTION_UNTRACKED;
}

void tt_order_note_execution(tt_order *order, const tt_venue_report *report, tt_money notional)
{
    order->exec_ids[order->exec_count % TT_ORDER_EXECS] = report->exec_id;
    order->exec_count++;
    order->filled_qty.d = tt_dec_xadd(order->filled_qty.d, report->qty.d);
    order->filled_notional.d = tt_dec_xadd(order->filled_notional.d, notional.d);
    order->venue_filled.d = tt_dec_max(order->venue_filled.d, report->cumulative_qty.d);
    if (tt_order_has_gap(order)) {
        order->execs_uncovered++;
    } else {
        order->execs_uncovered = 0;
        order->covered_qty = order->venue_filled;
    }
}

static void check_record(tt_order_table *table, const tt_order *order, bool is_final)
{
    TT_ASSERT(tt_order_state_is_final(order->state) == is_final);
    TT_ASSERT(order->intent.order_id != 0);
    TT_ASSERT(tt_dec_sign(order->filled_qty.d) >= 0);
    TT_ASSERT(tt_dec_sign(order->pending_exposure.d) >= 0);
    TT_ASSERT(!is_final || order->timer.n == 0);
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
        unused++;
    }
    TT_ASSERT(live == table->live_count && recent == table->recent_count);
    TT_ASSERT(live + recent + unused == table->used && orders->map->count == live + recent);
}
