/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sub-accounts: what each source of trades has done with the one account; a region of its own.
 */
#ifndef TT_TRADE_SUB_ACCOUNTS_H
#define TT_TRADE_SUB_ACCOUNTS_H

#include "trade/books.h"

/** What a source holds of a position, as if it held it alone. */
typedef struct tt_sub_position {
    tt_qty qty;
    tt_money cost;
} tt_sub_position;

typedef struct tt_sub_account {
    tt_money initial;      /**< Capital that it started with. */
    tt_money transfers;    /**< Deposits less withdrawals: of the house alone. */
    tt_money realized_pnl; /**< With funding. */
    tt_money fees;
    tt_money funding;
    tt_money cash_flow;
    tt_money cost;   /**< Sum over the positions. */
    uint32_t source; /**< 0 = not in use; of the house, too. */
    uint32_t fills;
    uint8_t reserved[8];
    tt_sub_position positions[TT_LEGS_MAX];
} tt_sub_account;
_Static_assert(sizeof(tt_sub_account) == 128 + TT_LEGS_MAX * sizeof(tt_sub_position), "no padding");

typedef struct tt_sub_accounts {
    tt_sub_account list[TT_SUB_ACCOUNTS_MAX];
} tt_sub_accounts;

#endif
