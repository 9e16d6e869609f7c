/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From an approved verdict to an order intent: the one place where orders are born.
 *
 * The intent is published first; its sequence number is the order id and, after the run id, the
 * idempotency key at the venue. Nothing here publishes an intent a second time: what became of an
 * order is asked (order_timeout.c), and another try is another order.
 */
#include "trade/trade_priv.h"

#include <string.h>

/* "<run_id>-<order_id>". It fits: the run id has been checked against RUN_ID_MAX. */
static void write_client_id(const tt_trade_module *trade, tt_order_intent *intent)
{
    enum {
        DIGITS_MAX = 20
    };
    char digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;
    uint64_t left = intent->order_id;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    size_t length = strlen(trade->core->run_id);
    size_t count = DIGITS_MAX - at;
    TT_ASSERT(length + 1 + count < sizeof intent->client_order_id);
    memset(intent->client_order_id, 0, sizeof intent->client_order_id);
    memcpy(intent->client_order_id, trade->core->run_id, length);
    intent->client_order_id[length] = '-';
    memcpy(intent->client_order_id + length + 1, digits + at, count);
}

/* In hedging an order that opens acts on the position of its side, one that reduces on the other.
 */
static uint8_t position_side_of(const tt_trade_module *trade, const tt_order_intent *intent)
{
    if (!tt_trade_is_hedging(trade)) {
        return TT_side_NONE;
    }
    bool is_long = (intent->side == TT_side_BUY) == (intent->reduce_only == 0);
    return is_long ? TT_side_BUY : TT_side_SELL;
}

tt_order *tt_order_submit(
    tt_trade_module *trade,
    tt_order_intent *intent,
    uint32_t instrument,
    const tt_uuid *correlation)
{
    if (!tt_order_has_room(&trade->orders, intent->reduce_only != 0)) {
        return NULL;
    }
    tt_seq seq = 0;
    intent->order_id = tt_bus_next_seq(trade->core->bus);
    intent->position_side = position_side_of(trade, intent);
    write_client_id(trade, intent);
    tt_trade_post post = {TT_TOPIC_ORDER_INTENTS, instrument, correlation, intent};
    if (!tt_trade_publish(trade, &post, &seq)) {
        return NULL;
    }
    TT_ASSERT(seq == intent->order_id);
    tt_trade_rate_take(trade, TT_SEND_ORDERS);
    tt_trade_rate_take(trade, TT_SEND_REQUESTS);
    trade->books->counters.orders++;
    tt_order *order = tt_order_add(&trade->orders, intent, instrument);
    order->correlation = *correlation;
    order->expire_at = intent->expire_time;
    order->doubt_at.ns = tt_trade_now(trade).ns + trade->config.orders.ack_timeout.ns;
    bool is_legal =
        tt_order_step(trade, order, TT_ORDER_EVENT_CREATE, TT_report_kind_NONE, "intent recorded");
    TT_ASSERT(is_legal);
    tt_order_arm(trade, order);
    return order;
}

/* The bus delivers the intent to the edge of the core; from here on it may reach the venue. */
tutti_status tt_trade_on_intent(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    tt_order *order = tt_order_find(&trade->orders, msg->seq);
    if (order != NULL) {
        (void)tt_order_step(
            trade, order, TT_ORDER_EVENT_SENT, TT_report_kind_NONE, "handed to the venue edge");
    }
    return TUTTI_OK;
}

static void
refuse_entry(tt_trade_module *trade, const tt_msg *msg, tt_risk_code code, const char *reason)
{
    trade->books->counters.refused_entries++;
    tt_trade_alert alert = {
        .type = TT_alert_type_TRADE_REJECTED,
        .severity = TT_severity_HIGH,
        .code = code,
        .key = msg->key,
        .subject = msg->seq,
    };
    tt_trade_raise(trade, &alert, "approved entry not sent: %s", reason);
}

/* An order worth more than the bound would break the arithmetic that everything relies on. */
bool tt_order_verdict_is_usable(const tt_risk_verdict *verdict)
{
    bool has_side = verdict->side == TT_side_BUY || verdict->side == TT_side_SELL;
    tt_dec worst = tt_dec_max(verdict->entry_price.d, verdict->reference_price.d);
    tt_dec notional = TT_DEC_ZERO;
    return has_side && tt_dec_sign(verdict->qty.d) > 0 && tt_dec_sign(worst) > 0 &&
           tt_dec_mul(verdict->qty.d, worst, TT_ROUND_HALF_EVEN, &notional) == TUTTI_OK &&
           tt_dec_le(notional, TT_NOTIONAL_MAX);
}

bool tt_order_fits_books(
    tt_trade_module *trade, uint32_t leg, const tt_order *except, uint8_t side, tt_qty qty)
{
    tt_dec held = tt_trade_position(trade, leg)->qty.d;
    int sign = side == TT_side_BUY ? 1 : -1;
    tt_dec sum = tt_dec_sign(held) == sign ? tt_dec_xabs(held) : TT_DEC_ZERO;
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        const tt_order_intent *intent = &order->intent;
        if (order != except && intent->reduce_only == 0 && intent->side == side) {
            tt_dec rest = tt_dec_xsub(tt_order_full_qty(order).d, order->filled_qty.d);
            sum = tt_dec_xadd(sum, tt_dec_max(rest, TT_DEC_ZERO));
        }
    }
    return tt_dec_le(tt_dec_xadd(sum, qty.d), TT_QTY_MAX);
}

tt_order_intent tt_order_entry_intent(
    const tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict, bool is_stop)
{
    uint32_t leg = tt_trade_leg(trade, msg->key, verdict->side);
    const tt_position *position = &trade->books->positions[leg - 1];
    bool is_limit = tt_dec_sign(verdict->entry_price.d) > 0;
    int64_t expiry_ns = trade->config.orders.entry_expiry.ns;
    const tt_price none = {TT_DEC_ZERO};
    tt_order_type waiting = is_stop ? TT_order_type_STOP : TT_order_type_LIMIT;
    return (tt_order_intent){
        .qty = verdict->qty,
        .price = is_stop ? none : verdict->entry_price,
        .trigger_price = is_stop ? verdict->entry_price : none,
        .stop_loss = verdict->stop_loss,
        .take_profit = verdict->take_profit,
        .reference_price = verdict->reference_price,
        .verdict_seq = msg->seq,
        .position_id = tt_dec_is_zero(position->qty.d) ? 0 : position->position_id,
        .expire_time = {is_limit ? tt_trade_now(trade).ns + expiry_ns : 0},
        .side = verdict->side,
        .type = (uint8_t)(is_limit ? waiting : TT_order_type_MARKET),
        .tif = (uint8_t)(is_limit && !is_stop ? trade->config.orders.entry_tif : TT_tif_GTC),
        .role = TT_order_role_ENTRY,
        .leverage = verdict->leverage_after == 0 ? 1 : verdict->leverage_after,
    };
}

/* An entry needs room for itself and for the stop and target that follow it. */
static bool has_rate(tt_trade_module *trade, const tt_risk_verdict *verdict)
{
    uint32_t count =
        1u + !tt_dec_is_zero(verdict->stop_loss.d) + !tt_dec_is_zero(verdict->take_profit.d);
    return tt_trade_rate_has(trade, TT_SEND_ORDERS, count) &&
           tt_trade_rate_has(trade, TT_SEND_REQUESTS, count);
}

static void submit_entry(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    if (!tt_order_verdict_is_usable(verdict)) {
        refuse_entry(
            trade, msg, TT_risk_code_INVALID_PROPOSAL, "side, quantity or price is invalid");
        return;
    }
    uint32_t leg = tt_trade_leg(trade, msg->key, verdict->side);
    if (!tt_order_fits_books(trade, leg, NULL, verdict->side, verdict->qty)) {
        refuse_entry(
            trade,
            msg,
            TT_risk_code_INVALID_PROPOSAL,
            "the position would be larger than the books can hold");
        return;
    }
    if (tt_close_is_active(trade, leg)) {
        refuse_entry(trade, msg, TT_risk_code_UNRESOLVED_ORDER, "the position is being closed");
        return;
    }
    if (tt_sync_blocks(trade, msg->key)) {
        refuse_entry(
            trade, msg, TT_risk_code_UNRESOLVED_ORDER, "the venue holds what is not resolved");
        return;
    }
    if (tt_waiting_blocks(trade, msg->key)) {
        refuse_entry(
            trade,
            msg,
            TT_risk_code_UNRESOLVED_ORDER,
            "a close was told before its entry and waits for it");
        return;
    }
    if (!tt_order_has_room(&trade->orders, false)) {
        refuse_entry(trade, msg, TT_risk_code_UNRESOLVED_ORDER, "too many orders are open");
        return;
    }
    if (!has_rate(trade, verdict)) {
        trade->books->counters.rate_refused++;
        refuse_entry(trade, msg, TT_risk_code_NONE, "too many orders or requests were sent");
        return;
    }
    tt_order_intent intent = tt_order_entry_intent(trade, msg, verdict, false);
    tt_order *order = tt_order_submit(trade, &intent, msg->key, &msg->correlation);
    if (order == NULL) {
        refuse_entry(trade, msg, TT_risk_code_NONE, "the bus has no room for the intent");
        return;
    }
    order->is_allocation = verdict->kind == TT_proposal_kind_REBALANCE;
    order->account = tt_sub_of_source(trade, tt_sub_source(trade, msg->seq));
}

tutti_status tt_trade_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_risk_verdict *verdict = TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict);
    if (tt_group_on_verdict(trade, msg, verdict) || tt_amend_on_verdict(trade, msg, verdict)) {
        tt_account_flush(trade);
        return TUTTI_OK;
    }
    if (verdict->status != TT_verdict_APPROVED && verdict->status != TT_verdict_MODIFIED) {
        return TUTTI_OK;
    }
    if (!tt_trade_has_instrument(trade, msg->key)) {
        tt_bus_dead_letter(
            bus, msg, TT_dead_reason_INVALID_INPUT, "trade.verdict", "no instrument has this key");
        return TUTTI_OK;
    }
    switch ((tt_proposal_kind)verdict->kind) {
    case TT_proposal_kind_ENTRY:
        submit_entry(trade, msg, verdict);
        break;
    case TT_proposal_kind_REBALANCE:
        // A reduction names the position that it reduces; a purchase that names none adds.
        if (verdict->position_id == 0 && verdict->side == TT_side_BUY) {
            submit_entry(trade, msg, verdict);
            break;
        }
        tt_close_by_verdict(trade, msg, verdict);
        break;
    case TT_proposal_kind_CLOSE:
        tt_close_by_verdict(trade, msg, verdict);
        break;
    case TT_proposal_kind_COUNT:
        break;
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}
