/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Amends of orders: state of the trade module beside that of each order.
 */
#ifndef TT_TRADE_ORDER_AMEND_H
#define TT_TRADE_ORDER_AMEND_H

#include "base/types.h"

/** Values of an order that an amend can change. */
typedef struct tt_amend_terms {
    tt_qty qty; /**< Total, with what is filled. */
    tt_price price;
    tt_price trigger_price;
} tt_amend_terms;

/** The amend that risk is judging in this step. */
typedef struct tt_amend_asked {
    tt_amend_terms terms;
    tt_seq proposal_seq; /**< 0 = none. */
    tt_seq command_seq;
    uint64_t order_id;
    uint64_t request_id;
} tt_amend_asked;

/** One region. */
typedef struct tt_amends {
    tt_amend_asked asked;
    uint64_t sent;
    uint64_t refused;  /**< Asked for and not sent. */
    uint64_t rejected; /**< By the venue, or not sent for want of a connection. */
    uint64_t lost;     /**< The venue never had them. */
} tt_amends;

#endif
