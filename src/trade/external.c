/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Trades on our account that no order of ours caused: liquidation, automatic deleveraging, and what
 * somebody traded by hand.
 *
 * They happened, so they are booked: as a fill of role adjustment with its own effect, without an
 * order, once (a repeat is known by its execution id). Each raises an alert; a liquidation closes
 * the position with that exit reason. A position that such a trade opens is external: it is counted
 * as exposure, but nobody manages it until a person assigns it.
 */
#include "trade/trade_priv.h"

#include <string.h>

static const char *fault_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_venue_trade *what = TT_PAYLOAD(msg, VENUE_TRADES, venue_trade);
    if (!tt_trade_has_instrument(trade, msg->key)) {
        return "no instrument has this key";
    }
    if (what->side != TT_side_BUY && what->side != TT_side_SELL) {
        return "side must be buy or sell";
    }
    bool names_position = what->position_side == TT_side_BUY || what->position_side == TT_side_SELL;
    if (names_position != tt_trade_is_hedging(trade)) {
        return "position_side is none for a netting position, buy or sell in hedging";
    }
    if (what->kind == TT_external_kind_NONE) {
        return "kind must say why it happened";
    }
    if (what->exec_id == 0) {
        return "a trade without exec_id cannot be told from its repeat";
    }
    if (tt_dec_sign(what->price.d) <= 0 || tt_dec_sign(what->qty.d) <= 0) {
        return "a trade needs a price and a quantity above zero";
    }
    return NULL;
}

static uint32_t leg_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_venue_trade *what = TT_PAYLOAD(msg, VENUE_TRADES, venue_trade);
    return tt_trade_leg(trade, msg->key, what->position_side);
}

static bool is_repeat(const tt_venue_side *side, uint64_t exec_id)
{
    uint32_t kept = side->exec_count < TT_EXTERNAL_SEEN ? side->exec_count : TT_EXTERNAL_SEEN;
    for (uint32_t i = 0; i < kept; i++) {
        if (side->exec_ids[i] == exec_id) {
            return true;
        }
    }
    return false;
}

static uint8_t exit_reason_of(uint8_t kind)
{
    switch ((tt_external_kind)kind) {
    case TT_external_kind_LIQUIDATION:
        return TT_exit_reason_LIQUIDATED;
    case TT_external_kind_ADL:
        return TT_exit_reason_ADL;
    case TT_external_kind_TRADE:
    case TT_external_kind_NONE:
    case TT_external_kind_COUNT:
        break;
    }
    return TT_exit_reason_EXTERNAL;
}

static void make_order(
    tt_trade_module *trade,
    uint32_t leg,
    const tt_venue_trade *what,
    const tt_uuid *correlation,
    tt_order *ret_order)
{
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_held = !tt_dec_is_zero(position->qty.d);
    uint8_t position_side = tt_leg_side(trade, leg);
    *ret_order = (tt_order){
        .intent =
            {
                .qty = what->qty,
                .side = what->side,
                .type = TT_order_type_MARKET,
                .role = TT_order_role_ADJUSTMENT,
                .reduce_only = position_side != TT_side_NONE && position_side != what->side,
                .position_side = position_side,
                .leverage = is_held ? position->leverage : 1,
                .exit_reason = exit_reason_of(what->kind),
            },
        .correlation = is_held ? position->correlation : *correlation,
        .instrument = tt_leg_instrument(leg),
        .state = TT_order_state_FILLED,
    };
}

bool tt_external_book(
    tt_trade_module *trade, uint32_t leg, const tt_venue_trade *what, const tt_uuid *correlation)
{
    tt_order order;
    make_order(trade, leg, what, correlation, &order);
    const tt_venue_report report = {
        .price = what->price,
        .qty = what->qty,
        .cumulative_qty = what->qty,
        .fee = what->fee,
        .exec_id = what->exec_id,
        .venue_time = what->venue_time,
        .venue_order_id = what->venue_order_id,
        .kind = TT_report_kind_FILL,
        .liquidity = TT_liquidity_TAKER,
    };
    if (!tt_position_can_book(trade, &order, &report)) {
        return false;
    }
    trade->books->counters.external_trades++;
    tt_position_book(trade, &order, &report);
    tt_leg_follow_up(trade, leg);
    uint32_t other = tt_leg_of_excess(trade, leg);
    if (other != leg) {
        tt_leg_follow_up(trade, other);
    }
    return true;
}

/* `before`: the position as it was. */
static void tell(
    tt_trade_module *trade,
    const tt_msg *msg,
    const tt_position *before,
    const tt_venue_trade *what)
{
    bool is_liquidation = what->kind == TT_external_kind_LIQUIDATION;
    char qty[TT_DEC_TEXT_MAX];
    char price[TT_DEC_TEXT_MAX];
    char entry[TT_DEC_TEXT_MAX] = "none";
    tt_dec_format(what->qty.d, qty);
    tt_dec_format(what->price.d, price);
    if (!tt_dec_is_zero(before->qty.d)) {
        tt_dec_format_fixed(tt_dec_xdiv(before->cost.d, before->qty.d), 8, entry);
    }
    tt_trade_alert alert = {
        .type = is_liquidation ? TT_alert_type_LIQUIDATION_DETECTED
                               : TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = what->kind == TT_external_kind_TRADE ? TT_severity_HIGH : TT_severity_CRITICAL,
        .key = msg->key,
        .subject = msg->seq,
        .correlation = &before->correlation,
    };
    tt_trade_raise(
        trade,
        &alert,
        "%s at the venue: %s %s at %s, entry was %s",
        tt_enum_text(&tt_enum_external_kind, what->kind),
        tt_enum_text(&tt_enum_side, what->side),
        qty,
        price,
        entry);
}

tutti_status tt_trade_on_venue_trade(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_venue_trade *what = TT_PAYLOAD(msg, VENUE_TRADES, venue_trade);
    const char *fault = fault_of(trade, msg);
    if (fault == NULL) {
        uint32_t leg = leg_of(trade, msg);
        tt_venue_side *side = &trade->books->venue_sides[leg - 1];
        if (is_repeat(side, what->exec_id)) {
            trade->books->counters.duplicate_reports++;
            return TUTTI_OK;
        }
        const tt_position before = *tt_trade_position(trade, leg);
        if (tt_external_book(trade, leg, what, &msg->correlation)) {
            side->exec_ids[side->exec_count % TT_EXTERNAL_SEEN] = what->exec_id;
            side->exec_count++;
            tell(trade, msg, &before, what);
            tt_sync_note_external(trade, leg, what);
            tt_account_flush(trade);
            return TUTTI_OK;
        }
        fault = "the trade is larger than the books can hold";
    }
    trade->books->counters.refused_reports++;
    tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.venue_trade", fault);
    return TUTTI_OK;
}
