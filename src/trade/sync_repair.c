/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What an answer of the venue means for one position.
 *
 * An answer that describes a moment before the last change of the position here says nothing: a
 * fill may have come since. Else, when the quantities differ, the position is suspected: entries of
 * the instrument are held back, and every order that may hide a fill is asked about. If they agree
 * at the next look, a report had been late or lost, and the query brought it. If the next answer
 * shows the same difference, and no order waits for an answer, it is confirmed, and the venue wins:
 *
 *     | the venue says                                        | cause             |
 *     | a liquidation, deleveraging of just this quantity     | liquidation, adl  |
 *     | trades without an order of ours of just this quantity | external_trade, or
 *     |                                                       | closed_outside if it is flat now |
 *     | nothing that explains it, flat now                    | closed_outside    |
 *     | nothing that explains it                              | size_mismatch     |
 *
 * The difference is booked as an adjusting fill, never silently: with an event and an alert. An
 * order at the venue that is not known here holds entries back until it is gone. A position that
 * others opened is not managed, and holds entries back, until a person assigns it or it is flat.
 */
#include "trade/trade_priv.h"

/* Final orders of an instrument that are asked about again. */
#define RECENT_ASKED 16u

static tt_sync_leg *sync_of(tt_trade_module *trade, uint32_t leg)
{
    return &trade->books->sync.legs[leg - 1];
}

static bool blocks_by_position(const tt_trade_module *trade, uint32_t instrument)
{
    const tt_sync *sync = &trade->books->sync;
    return sync->legs[instrument - 1].blocks_entries != 0 ||
           sync->legs[instrument - 1 + TT_INSTRUMENTS_MAX].blocks_entries != 0;
}

bool tt_sync_blocks(const tt_trade_module *trade, uint32_t instrument)
{
    return trade->books->sync.balance.query_id != 0 || blocks_by_position(trade, instrument);
}

/* What a message of the topic says beside the position. */
typedef struct finding {
    tt_reconcile_stage stage;
    tt_discrepancy cause;
    tt_qty local_qty;
    tt_qty venue_qty;
    tt_qty repaired_qty;
    uint64_t query_id;
    uint64_t venue_order_id;
} finding;

static void publish(tt_trade_module *trade, uint32_t leg, const finding *found)
{
    const tt_position *position = tt_trade_position(trade, leg);
    uint32_t instrument = tt_leg_instrument(leg);
    tt_reconciliation payload = {
        .local_qty = found->local_qty,
        .venue_qty = found->venue_qty,
        .repaired_qty = found->repaired_qty,
        .query_id = found->query_id,
        .position_id = position->position_id,
        .venue_order_id = found->venue_order_id,
        .stage = (uint8_t)found->stage,
        .cause = (uint8_t)found->cause,
        .position_side = tt_leg_side(trade, leg),
        .blocks_entries = blocks_by_position(trade, instrument),
    };
    tt_trade_post post = {TT_TOPIC_RECONCILIATIONS, instrument, NULL, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
}

static bool is_unmanaged(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    return position->is_external != 0 && !tt_dec_is_zero(position->qty.d);
}

/* Brings the block in line with its reasons; `found` NULL = say so only if it is lifted. */
static void settle(tt_trade_module *trade, uint32_t leg, const finding *found)
{
    tt_sync_leg *sync = sync_of(trade, leg);
    bool was_blocked = sync->blocks_entries != 0;
    sync->blocks_entries =
        sync->query_id != 0 || sync->foreign_order != 0 || is_unmanaged(trade, leg);
    if (found != NULL) {
        publish(trade, leg, found);
    } else if (was_blocked && !sync->blocks_entries) {
        tt_qty held = tt_trade_position(trade, leg)->qty;
        publish(
            trade,
            leg,
            &(finding){.stage = TT_reconcile_stage_RELEASED, .local_qty = held, .venue_qty = held});
    }
}

void tt_sync_follow(tt_trade_module *trade, uint32_t leg)
{
    if (sync_of(trade, leg)->blocks_entries != 0) {
        settle(trade, leg, NULL);
    }
}

/* --- orders that may hide a fill --- */

static bool may_hide_a_fill(const tt_order *order)
{
    return order->state == TT_order_state_UNKNOWN || order->query_open || tt_order_has_gap(order);
}

bool tt_sync_awaits_word(tt_trade_module *trade, uint32_t leg)
{
    if (tt_waiting_blocks(trade, tt_leg_instrument(leg))) {
        return true;
    }
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (may_hide_a_fill(order)) {
            return true;
        }
    }
    return false;
}

static void ask_about_recent(tt_trade_module *trade, uint32_t leg)
{
    tt_order_table *table = trade->orders.table;
    uint32_t asked = 0;
    for (uint32_t slot = table->recent_last;
         slot != 0 && asked < RECENT_ASKED && tt_trade_rate_has(trade, TT_SEND_REQUESTS, 1);
         slot = table->records[slot - 1].previous) {
        tt_order *order = &table->records[slot - 1];
        if (tt_order_leg(trade, order) == leg) {
            tt_order_send_query(trade, order);
            order->query_open = 0; /* Nothing waits for it: the order is final. */
            asked++;
        }
    }
}

static void ask_about_orders(tt_trade_module *trade, uint32_t leg)
{
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (!may_hide_a_fill(order)) {
            tt_order_check_status(trade, order);
        }
    }
    ask_about_recent(trade, leg);
}

/* --- confirmed differences --- */

/* The part of what the venue traded without us that is not booked yet. */
static tt_qty unseen_of(const tt_sync_leg *sync, const tt_venue_position *told)
{
    return (tt_qty){tt_dec_xsub(told->external_qty.d, sync->adopted_qty.d)};
}

static tt_discrepancy cause_of(const tt_sync_leg *sync, const tt_venue_position *told, tt_qty delta)
{
    bool is_explained = tt_dec_eq(unseen_of(sync, told).d, delta.d);
    if (is_explained && told->last_external == TT_external_kind_LIQUIDATION) {
        return TT_discrepancy_LIQUIDATION;
    }
    if (is_explained && told->last_external == TT_external_kind_ADL) {
        return TT_discrepancy_ADL;
    }
    if (tt_dec_is_zero(told->qty.d)) {
        return TT_discrepancy_CLOSED_OUTSIDE;
    }
    return is_explained ? TT_discrepancy_EXTERNAL_TRADE : TT_discrepancy_SIZE_MISMATCH;
}

static uint8_t kind_of(tt_discrepancy cause)
{
    switch (cause) {
    case TT_discrepancy_LIQUIDATION:
        return TT_external_kind_LIQUIDATION;
    case TT_discrepancy_ADL:
        return TT_external_kind_ADL;
    case TT_discrepancy_NONE:
    case TT_discrepancy_MISSED_FILL:
    case TT_discrepancy_UNKNOWN_ORDER:
    case TT_discrepancy_EXTERNAL_TRADE:
    case TT_discrepancy_CLOSED_OUTSIDE:
    case TT_discrepancy_SIZE_MISMATCH:
    case TT_discrepancy_COUNT:
        break;
    }
    return TT_external_kind_TRADE;
}

/* What it was traded at, as far as the venue says; else what it is worth. */
static tt_price
price_of(const tt_position *position, const tt_venue_position *told, bool is_explained)
{
    const tt_price prices[] = {
        is_explained ? told->external_price : (tt_price){TT_DEC_ZERO},
        told->mark,
        position->mark,
        told->entry_price,
    };
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        if (tt_dec_sign(prices[i].d) > 0) {
            return prices[i];
        }
    }
    return (tt_price){TT_DEC_ZERO};
}

static void
raise_discrepancy(tt_trade_module *trade, uint32_t leg, const tt_msg *msg, const finding *found)
{
    char local[TT_DEC_TEXT_MAX];
    char venue[TT_DEC_TEXT_MAX];
    tt_dec_format(found->local_qty.d, local);
    tt_dec_format(found->venue_qty.d, venue);
    bool is_liquidation = found->cause == TT_discrepancy_LIQUIDATION;
    tt_trade_alert alert = {
        .type = is_liquidation ? TT_alert_type_LIQUIDATION_DETECTED
                               : TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_CRITICAL,
        .key = tt_leg_instrument(leg),
        .subject = msg->seq,
    };
    bool is_repaired = found->stage == TT_reconcile_stage_REPAIRED;
    tt_trade_raise(
        trade,
        &alert,
        "%s: the books held %s, the venue holds %s; %s",
        tt_enum_text(&tt_enum_discrepancy, (uint8_t)found->cause),
        local,
        venue,
        is_repaired ? "the venue's quantity is booked" : "it cannot be booked, entries are held");
}

static void repair(tt_trade_module *trade, uint32_t leg, const tt_msg *msg)
{
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    tt_sync_leg *sync = sync_of(trade, leg);
    const tt_position *position = tt_trade_position(trade, leg);
    tt_qty delta = {tt_dec_xsub(told->qty.d, position->qty.d)};
    finding found = {
        .cause = cause_of(sync, told, delta),
        .local_qty = position->qty,
        .venue_qty = told->qty,
        .query_id = told->query_id,
    };
    bool is_explained = tt_dec_eq(unseen_of(sync, told).d, delta.d);
    tt_venue_trade what = {
        .price = price_of(position, told, is_explained),
        .qty = {tt_dec_xabs(delta.d)},
        .exec_id = msg->seq,
        .venue_time = told->venue_time,
        .side = tt_dec_sign(delta.d) > 0 ? TT_side_BUY : TT_side_SELL,
        .kind = kind_of(found.cause),
        .position_side = tt_leg_side(trade, leg),
    };
    trade->books->counters.discrepancies++;
    bool is_booked =
        tt_dec_sign(what.price.d) > 0 && tt_external_book(trade, leg, &what, &msg->correlation);
    found.stage = TT_reconcile_stage_SUSPECTED;
    if (is_booked) {
        found.stage = TT_reconcile_stage_REPAIRED;
        found.repaired_qty = delta;
        sync->adopted_qty = told->external_qty;
        sync->query_id = 0;
    }
    raise_discrepancy(trade, leg, msg, &found);
    settle(trade, leg, &found);
}

/* --- the comparison --- */

static void suspect(tt_trade_module *trade, uint32_t leg, const tt_venue_position *told)
{
    tt_sync_leg *sync = sync_of(trade, leg);
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_new = sync->query_id == 0;
    sync->local_qty = position->qty;
    sync->venue_qty = told->qty;
    sync->query_id = told->query_id;
    if (!is_new) {
        return;
    }
    sync->suspected_at = tt_trade_now(trade);
    const finding found = {
        .stage = TT_reconcile_stage_SUSPECTED,
        .local_qty = position->qty,
        .venue_qty = told->qty,
        .query_id = told->query_id,
    };
    settle(trade, leg, &found);
    ask_about_orders(trade, leg);
}

static void clear(tt_trade_module *trade, uint32_t leg, const tt_venue_position *told)
{
    tt_sync_leg *sync = sync_of(trade, leg);
    if (sync->query_id == 0) {
        return;
    }
    bool has_changed = !tt_dec_eq(sync->local_qty.d, told->qty.d);
    const finding found = {
        .stage = TT_reconcile_stage_CLEARED,
        .cause = has_changed ? TT_discrepancy_MISSED_FILL : TT_discrepancy_NONE,
        .local_qty = sync->local_qty,
        .venue_qty = told->qty,
        .query_id = told->query_id,
    };
    sync->query_id = 0;
    settle(trade, leg, &found);
}

/* The venue's id of an order that works there and is not known here, or is over; 0 = none. */
static uint64_t foreign_order_of(tt_trade_module *trade, const tt_venue_position *told)
{
    for (uint8_t i = 0; i < told->count; i++) {
        tt_order *order = tt_order_find(&trade->orders, told->orders[i].order_id);
        if (order == NULL) {
            return told->orders[i].venue_order_id;
        }
        if (tt_order_state_is_final(order->state) && told->order_count != 0) {
            tt_order_send_query(trade, order);
            order->query_open = 0;
        }
    }
    return 0;
}

static void look_at_orders(tt_trade_module *trade, uint32_t leg, const tt_msg *msg)
{
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    tt_sync_leg *sync = sync_of(trade, leg);
    uint64_t foreign = foreign_order_of(trade, told);
    bool is_new = foreign != 0 && foreign != sync->foreign_order;
    sync->foreign_order = foreign;
    if (!is_new) {
        tt_sync_follow(trade, leg);
        return;
    }
    trade->books->counters.discrepancies++;
    const finding found = {
        .stage = TT_reconcile_stage_SUSPECTED,
        .cause = TT_discrepancy_UNKNOWN_ORDER,
        .local_qty = tt_trade_position(trade, leg)->qty,
        .venue_qty = told->qty,
        .query_id = told->query_id,
        .venue_order_id = foreign,
    };
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_HIGH,
        .key = msg->key,
        .subject = msg->seq,
    };
    tt_trade_raise(
        trade,
        &alert,
        "unknown_order: order %llu works at the venue and is not one of ours",
        (unsigned long long)foreign);
    settle(trade, leg, &found);
}

bool tt_sync_compare(tt_trade_module *trade, uint32_t leg, const tt_msg *msg)
{
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    tt_sync_leg *sync = sync_of(trade, leg);
    const tt_position *position = tt_trade_position(trade, leg);
    look_at_orders(trade, leg, msg);
    if (told->venue_time.ns < sync->changed_at.ns) {
        return sync->query_id != 0;
    }
    if (tt_dec_eq(told->qty.d, position->qty.d)) {
        clear(trade, leg, told);
        return false;
    }
    bool is_seen_twice = sync->query_id != 0 && sync->query_id != told->query_id &&
                         tt_dec_eq(sync->venue_qty.d, told->qty.d) &&
                         tt_dec_eq(sync->local_qty.d, position->qty.d);
    if (is_seen_twice && !tt_sync_awaits_word(trade, leg)) {
        repair(trade, leg, msg);
        return sync->query_id != 0;
    }
    suspect(trade, leg, told);
    return true;
}

void tt_sync_note_external(tt_trade_module *trade, uint32_t leg, const tt_venue_trade *what)
{
    tt_sync_leg *sync = sync_of(trade, leg);
    tt_dec change = what->side == TT_side_BUY ? what->qty.d : tt_dec_xneg(what->qty.d);
    sync->adopted_qty.d = tt_dec_xadd(sync->adopted_qty.d, change);
    if (!is_unmanaged(trade, leg) || sync->blocks_entries != 0) {
        return;
    }
    tt_qty held = tt_trade_position(trade, leg)->qty;
    const finding found = {
        .stage = TT_reconcile_stage_REPAIRED,
        .cause = TT_discrepancy_EXTERNAL_TRADE,
        .local_qty = {tt_dec_xsub(held.d, change)},
        .venue_qty = held,
        .repaired_qty = {change},
    };
    settle(trade, leg, &found);
}
