/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The trade module.
 */
#ifndef TT_TRADE_TRADE_H
#define TT_TRADE_TRADE_H

#include "bus/core.h"
#include "trade/trade_config.h"

typedef struct tt_trade tt_trade;

/** Registers orders, positions and the account. */
TUTTI_NODISCARD tutti_status tt_trade_setup(
    tt_core *core, const tt_trade_config *config, tt_arena *arena, tt_trade **result);

/** Numbers for status pages; a copy. */
typedef struct tt_trade_status {
    tt_account_update account;
    uint64_t orders;
    uint64_t fills;
    uint64_t closed_trades;
    uint64_t duplicate_reports;
} tt_trade_status;
void tt_trade_status_get(const tt_trade *trade, tt_trade_status *ret_status);

#endif
