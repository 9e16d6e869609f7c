/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lookup tables that follow from the configuration, computed once: what a check would otherwise
 * work out for every proposal. Inside of risk only.
 */
#ifndef TT_RISK_RISK_TABLES_H
#define TT_RISK_RISK_TABLES_H

#include "base/error.h"
#include "model/instrument.h"
#include "risk/risk_config.h"

/** How far a row of losses has gone: none, from three, from five. */
typedef enum tt_risk_loss_level {
    TT_RISK_LOSS_NONE,
    TT_RISK_LOSS_LOW,
    TT_RISK_LOSS_HIGH,
    TT_RISK_LOSS_COUNT
} tt_risk_loss_level;

/** Percentages of the configuration as shares of one, rounded down at 18 digits where they are a
 * limit that must not grow. */
typedef struct tt_risk_shares {
    tt_ratio position;
    tt_ratio rebalance;
    tt_ratio exposure;
    tt_ratio loss_per_trade;
    tt_ratio correlated;
    tt_ratio correlated_warn;
    tt_ratio loss_cut;     /**< What is left of a size after five losses in a row. */
    tt_ratio spike_cut;    /**< What is left of a size in a volatility spike. */
    tt_ratio unusual_move; /**< Of a price. */
    tt_ratio kept_day;     /**< What is left of the equity where the daily breaker trips. */
    tt_ratio kept_week;
    tt_ratio kept_peak; /**< What is left of the peak where the drawdown breaker trips. */
} tt_risk_shares;

/** Lot of an instrument. */
typedef struct tt_risk_lot {
    tt_qty size;
    tt_i128 count_max; /**< Lots in the largest quantity. */
    int64_t per_unit;  /**< Lots in one, if that is a whole number up to 10^8; else 0. */
} tt_risk_lot;

typedef struct tt_risk_tables {
    tt_risk_shares shares;
    tt_ratio confidence_min[TT_regime_COUNT][TT_strictness_COUNT][TT_RISK_LOSS_COUNT];
    uint32_t leverage_max[TT_regime_COUNT][TT_RISK_LOSS_COUNT];
    uint32_t instrument_leverage[TT_INSTRUMENTS_MAX];
    tt_risk_lot lots[TT_INSTRUMENTS_MAX];
    /** 1 on the diagonal; 0 where a correlation is too low to count. Symmetric. */
    tt_ratio correlation[TT_INSTRUMENTS_MAX][TT_INSTRUMENTS_MAX];
} tt_risk_tables;

/** Fills the tables. `config` has passed tt_risk_config_check. @thread{setup} */
void tt_risk_tables_fill(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables);

#endif
