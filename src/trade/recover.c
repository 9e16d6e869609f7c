/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * After a restart: the journal gave back what was known, the venue is asked about the rest.
 *
 * An intent that was durable may have been sent or not, and reports may have been missed while
 * nobody listened. So every live order is queried: one without an acknowledgement is unknown from
 * now on; one that the venue had acknowledged keeps its state, and becomes unknown if no answer
 * comes in time. No intent is sent again. Protection and closings are then brought in line.
 */
#include "trade/trade_priv.h"

static void recover_order(tt_trade_module *trade, tt_order *order)
{
    if (order->state == TT_order_state_UNKNOWN) {
        tt_order_ask_again(trade, order);
        return;
    }
    if (!order->acked) {
        tt_order_doubt(
            trade, order, TT_report_kind_NONE, "restarted before the venue acknowledged");
        return;
    }
    tt_order_check_status(trade, order);
}

void tt_trade_recover(tt_trade_module *trade)
{
    tt_trade_check(trade);
    for (uint32_t i = 1; i <= trade->core->instruments->count; i++) {
        for (tt_order *order = tt_order_first(&trade->orders, i); order != NULL;
             order = tt_order_after(&trade->orders, order)) {
            recover_order(trade, order);
        }
    }
    tt_waiting_recover(trade);
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        tt_leg_follow_up(trade, leg);
    }
}
