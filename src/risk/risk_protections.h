/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Protections: small configured rules that look back over closed trades and hold entries back for a
 * time. Inside of risk only.
 */
#ifndef TT_RISK_RISK_PROTECTIONS_H
#define TT_RISK_RISK_PROTECTIONS_H

#include "bus/core.h"

/** Closed trades that the rules can look back over; beyond it the oldest is forgotten, whatever the
 * lookback. */
#define TT_RISK_TRADES_MAX 512

/** A closed trade. */
typedef struct tt_risk_trade {
    tt_money result;     /**< After fees. */
    tt_ratio profit_pct; /**< Of the largest cost of the position; 0 if that is not known. */
    tt_time closed_at;
    uint32_t key;
    uint8_t side; /**< Of its entry. */
    uint8_t exit_reason;
    uint8_t reserved[2];
} tt_risk_trade;

/** The newest closed trades; part of the region. */
typedef struct tt_risk_trades {
    tt_risk_trade list[TT_RISK_TRADES_MAX]; /**< A ring. */
    uint32_t count;
    uint32_t next; /**< Place of the next trade. */
    uint8_t reserved[8];
} tt_risk_trades;

/** Trade `back` before the newest, which is 0. */
static inline const tt_risk_trade *tt_risk_trade_at(const tt_risk_trades *trades, uint32_t back)
{
    return &trades->list[(trades->next - 1 - back) % TT_RISK_TRADES_MAX];
}

#endif
