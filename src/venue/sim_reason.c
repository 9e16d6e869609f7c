/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Why an order was rejected or ended, in words with numbers.
 */
#include "venue/sim_priv.h"

/** Writes "what A is wrong B". */
static void
write_pair(char text[96], const char *what, tt_dec value, const char *relation, tt_dec limit)
{
    char value_text[TT_DEC_TEXT_MAX];
    char limit_text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, value_text);
    tt_dec_format(limit, limit_text);
    tt_text_format(text, 96, "%s %s %s %s", what, value_text, relation, limit_text);
}

/** Reasons without numbers; NULL where there are numbers. */
static const char *const plain_texts[TT_SIM_REASON_COUNT] = {
    [TT_SIM_REASON_NONE] = "",
    [TT_SIM_REASON_INSTRUMENT] = "no instrument has this key",
    [TT_SIM_REASON_SIDE] = "the side is neither buy nor sell",
    [TT_SIM_REASON_TYPE] = "type or time in force is unknown",
    [TT_SIM_REASON_NOTHING_TO_REDUCE] = "reduce only, but there is no position on the other side",
    [TT_SIM_REASON_MEMORY] = "the exchange remembers as many orders as venue.orders_max allows",
    [TT_SIM_REASON_RANDOM] = "rejected by chance (venue.reject_probability)",
    [TT_SIM_REASON_FAULT] = "rejected as asked (fault)",
    [TT_SIM_REASON_POSITION_CLOSED] = "reduce only, and the position is closed",
    [TT_SIM_REASON_NOT_FILLED_NOW] = "not filled at once, as its time in force asks",
    [TT_SIM_REASON_EXPIRED] = "its time has passed",
    [TT_SIM_REASON_CANCELLED] = "cancelled as asked",
    [TT_SIM_REASON_WOULD_TAKE] = "post only, but it would take at once",
    [TT_SIM_REASON_AMENDED_BELOW] = "amended to no more than what is filled",
    [TT_SIM_REASON_TRIGGERED] = "its trigger was reached already",
};

const char *tt_sim_reason_plain(tt_sim_reason reason)
{
    return plain_texts[reason];
}

static void write_quantity(
    const tt_instrument *instrument,
    const tt_order_intent *intent,
    tt_sim_reason reason,
    char *text)
{
    if (reason == TT_SIM_REASON_QTY_LOT) {
        write_pair(
            text, "quantity", intent->qty.d, "is no multiple of", instrument->qty_increment.d);
    } else if (reason == TT_SIM_REASON_QTY_MIN) {
        write_pair(text, "quantity", intent->qty.d, "is below", instrument->min_qty.d);
    } else {
        write_pair(text, "quantity", intent->qty.d, "is not above 0 and up to", TT_QTY_MAX);
    }
}

static void write_price(
    const tt_instrument *instrument,
    const tt_order_intent *intent,
    tt_sim_reason reason,
    char *text)
{
    tt_dec tick = instrument->price_increment.d;
    if (reason == TT_SIM_REASON_PRICE_TICK) {
        write_pair(text, "price", intent->price.d, "is no multiple of", tick);
    } else if (reason == TT_SIM_REASON_TRIGGER_TICK) {
        write_pair(text, "trigger", intent->trigger_price.d, "is no multiple of", tick);
    } else if (reason == TT_SIM_REASON_TRIGGER_RANGE) {
        write_pair(
            text, "trigger", intent->trigger_price.d, "is not above 0 and up to", TT_PRICE_MAX);
    } else {
        write_pair(text, "price", intent->price.d, "is not above 0 and up to", TT_PRICE_MAX);
    }
}

static void write_notional(const tt_instrument *instrument, tt_sim_reason reason, char *text)
{
    bool is_small = reason == TT_SIM_REASON_NOTIONAL_MIN;
    char limit[TT_DEC_TEXT_MAX];
    tt_dec_format(is_small ? instrument->min_notional.d : TT_NOTIONAL_MAX, limit);
    tt_text_format(text, 96, "the order is worth %s than %s", is_small ? "less" : "more", limit);
}

void tt_sim_reason_text(const tt_sim *sim, const tt_sim_order *order, char text[96])
{
    tt_sim_reason reason = (tt_sim_reason)order->reason;
    if (plain_texts[reason] != NULL) {
        tt_text_set(text, 96, plain_texts[reason]);
        return;
    }
    const tt_instrument *instrument =
        tt_instrument_find(&sim->instruments, (tt_instrument_id){order->key});
    TT_ASSERT(instrument != NULL);
    if (reason >= TT_SIM_REASON_QTY_RANGE && reason <= TT_SIM_REASON_QTY_MIN) {
        write_quantity(instrument, &order->intent, reason, text);
    } else if (reason >= TT_SIM_REASON_PRICE_RANGE && reason <= TT_SIM_REASON_TRIGGER_TICK) {
        write_price(instrument, &order->intent, reason, text);
    } else if (reason == TT_SIM_REASON_OPEN_ORDERS) {
        tt_text_format(text, 96, "there are %d open orders already", TT_ORDERS_MAX);
    } else {
        write_notional(instrument, reason, text);
    }
}
