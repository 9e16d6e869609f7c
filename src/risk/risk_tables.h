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

/** Regimes that the configuration tells apart; both volatile ones are one. */
typedef enum tt_risk_regime_class {
    TT_RISK_REGIME_UNKNOWN,
    TT_RISK_REGIME_BULL,
    TT_RISK_REGIME_BEAR,
    TT_RISK_REGIME_RANGING,
    TT_RISK_REGIME_VOLATILE,
    TT_RISK_REGIME_CHOPPY,
    TT_RISK_REGIME_BREAKOUT,
    TT_RISK_REGIME_CLASSES
} tt_risk_regime_class;
/** Class of a regime; unknown for what is none. */
tt_risk_regime_class tt_risk_class_of(tt_regime regime);

/** Percentages of the configuration as shares of one, rounded down at 18 digits where they are a
 * limit that must not grow. */
typedef struct tt_risk_shares {
    tt_ratio position;
    tt_ratio rebalance;
    tt_ratio exposure;
    tt_ratio loss_per_trade;
    tt_ratio correlated;
    tt_ratio correlated_warn;
    tt_ratio loss_cut;  /**< What is left of a size after five losses in a row. */
    tt_ratio spike_cut; /**< What is left of a size in a volatility spike. */
    tt_ratio margin;
    tt_ratio margin_warn; /**< Free margin of the equity at which an alert warns. */
    tt_ratio margin_critical;
    tt_ratio kept_day_warn; /**< What is left of the equity where a warning comes. */
    tt_ratio kept_week_warn;
    tt_ratio kept_peak_warn;
    tt_ratio unusual_move; /**< Of a price. */
    tt_ratio kept_day;     /**< What is left of the equity where the daily breaker trips. */
    tt_ratio kept_week;
    tt_ratio kept_peak; /**< What is left of the peak where the drawdown breaker trips. */
} tt_risk_shares;

/** Lot of an instrument. */
typedef struct tt_risk_lot {
    tt_qty size;
    uint64_t count_max; /**< Lots in the largest quantity; counts where per_unit is set. */
    uint64_t per_unit;  /**< Lots in one, if that is a whole number up to 10^8; else 0. */
} tt_risk_lot;

/** A window of the day, in nanoseconds since midnight; `to` may lie before `from`. */
typedef struct tt_risk_window {
    int64_t from_ns;
    int64_t to_ns;
    bool allow;
} tt_risk_window;

/** Tiers of confidence. */
#define TT_RISK_TIERS 4
typedef struct tt_risk_tier {
    tt_ratio confidence; /**< From which it holds. */
    tt_ratio size;
    uint32_t leverage;
} tt_risk_tier;

/** What holds for one symbol. */
typedef struct tt_risk_symbol_table {
    tt_ratio max_stop_pct;
    tt_ratio position; /**< Share of the equity; 0 = that of all. */
    uint32_t max_trades_per_day;
    uint32_t leverage;
    uint32_t stop_max;   /**< max_stop_pct in 10^-6 percent, rounded down. */
    bool is_stop_coarse; /**< It has more decimals than that. */
} tt_risk_symbol_table;

/** Limits in millionths, rounded so that a whole number of them that is within the one is within
 * the other. */
typedef struct tt_risk_millionths {
    uint32_t drawdown_max;
    uint32_t stop_min;
    uint32_t reward_min;
    uint32_t disagreement_max;
    uint32_t coarse; /**< A bit for the place of each whose limit has more decimals. */
} tt_risk_millionths;

/** Least confidence; `micro` is TT_RISK_MICRO_NONE if it has more than six decimals. */
typedef struct tt_risk_confidence_min {
    tt_ratio ratio;
    uint32_t micro;
} tt_risk_confidence_min;
#define TT_RISK_MICRO_NONE UINT32_MAX

typedef struct tt_risk_tables {
    tt_risk_shares shares;
    tt_risk_millionths millionths;
    bool is_coarse; /**< Some limit has more than six decimals. */
    tt_risk_window windows[TT_RISK_ENTRY_WINDOWS_MAX];
    uint32_t window_count;
    tt_risk_tier tiers[TT_RISK_TIERS];     /**< The highest first. */
    tt_ratio regime_size[TT_regime_COUNT]; /**< Part of the loss per trade. */
    tt_risk_symbol_table symbols[TT_INSTRUMENTS_MAX];
    tt_risk_confidence_min confidence_min[TT_regime_COUNT][TT_strictness_COUNT][TT_RISK_LOSS_COUNT];
    uint32_t leverage_max[TT_regime_COUNT][TT_RISK_LOSS_COUNT];
    tt_risk_lot lots[TT_INSTRUMENTS_MAX];
    /** 1 on the diagonal; 0 where a correlation is too low to count. Symmetric. */
    tt_ratio correlation[TT_INSTRUMENTS_MAX][TT_INSTRUMENTS_MAX];
    uint64_t is_listed[TT_INSTRUMENTS_MAX]; /**< One bit for each other symbol of a listed pair. */
} tt_risk_tables;

/** Fills the tables. `config` has passed tt_risk_config_check. @thread{setup} */
void tt_risk_tables_fill(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables);

#endif
