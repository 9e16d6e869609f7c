/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The risk module.
 */
#ifndef TT_RISK_RISK_H
#define TT_RISK_RISK_H

#include "bus/core.h"
#include "risk/risk_config.h"

typedef struct tt_risk tt_risk;

/** Registers risk: judges trade_proposals, watches account and positions, raises breakers. */
TUTTI_NODISCARD tutti_status tt_risk_setup(
    tt_core *core, const tt_risk_module_config *config, tt_arena *arena, tt_risk **result);

/** Numbers for status pages; a copy. */
typedef struct tt_risk_status {
    tt_money peak_equity;
    tt_money equity;
    tt_ratio drawdown_pct;
    tt_ratio max_drawdown_pct;
    tt_ratio daily_pnl_pct;
    tt_ratio weekly_pnl_pct;
    tt_time cooldown_until;
    uint64_t verdicts;
    uint64_t approved;
    uint64_t rejected[TT_risk_code_COUNT]; /**< By code. */
    uint32_t consecutive_losses;
    bool halted;
} tt_risk_status;
void tt_risk_status_get(const tt_risk *risk, tt_risk_status *ret_status);

#endif
