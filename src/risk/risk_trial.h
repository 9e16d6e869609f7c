/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One proposal before the court: what its checks look at, and the checks themselves. Inside of risk
 * only.
 *
 * A check fills value and limit of its row (and before and after, if it clamps) and returns the
 * outcome. Units of value and limit, by code:
 *   percent   STOP_TOO_TIGHT STOP_TOO_WIDE TRADING_HALTED (drawdown)
 *   money     NO_EQUITY SIZE_REDUCED RISK_PER_TRADE EXPOSURE_LIMIT CORRELATED_EXPOSURE
 *             INSUFFICIENT_MARGIN
 *   number    INVALID_PROPOSAL (broken rules) UNRESOLVED_ORDER MAX_POSITIONS TRADE_COUNT
 *             SIZE_REDUCED_LOSSES
 *             (losses in a row) LEVERAGE_REDUCED CIRCUIT_BREAKER (breakers in force)
 *   ratio     LOW_RR CONFIDENCE_TOO_LOW AGENT_DISAGREEMENT
 *   other     IN_COOLDOWN, PROTECTION_LOCK, ENTRY_WINDOW and NO_PRICE seconds, STOP_LOSS_REQUIRED
 * price, VOLATILITY_SPIKE average true range, SIZE_ADVISED percent taken off by the arbiter beside
 * the regime's factor, SIZE_TOO_SMALL quantity or money, NO_POSITION quantity No check divides
 * money: limits stand ready in money (risk_limits.c), and percentages of a price are whole
 * multiples of 10^-6, rounded against the trade.
 */
#ifndef TT_RISK_RISK_TRIAL_H
#define TT_RISK_RISK_TRIAL_H

#include "model/limits.h"
#include "risk/risk_state.h"

/** The rules that make a proposal well formed. */
#define TT_RISK_RULE_LIST(R)                                                                       \
    R(INSTRUMENT, "the instrument is not configured")                                              \
    R(KIND, "kind, regime or strictness is unknown")                                               \
    R(SIDE, "side must be buy or sell")                                                            \
    R(SIZE, "size or size_pct must be above 0 and within bounds")                                  \
    R(ENTRY, "entry_price must be 0 to 1e9")                                                       \
    R(STOP, "stop_loss must be below the entry of a buy, above that of a sell")                    \
    R(TARGET, "take_profit must be above the entry of a buy, below that of a sell")                \
    R(LEVERAGE, "leverage must be at least 1")                                                     \
    R(CONFIDENCE, "confidence must be 0 to 1")                                                     \
    R(REDUCTION, "size_reduction_pct must be 0 to 100")                                            \
    R(MULTIPLIER, "size_multiplier must be above 0")                                               \
    R(OPPOSITE, "a position of the other side is open: close it first")

typedef enum tt_risk_rule {
#define TT_RISK_RULE_ID_(id, text) TT_RISK_RULE_##id,
    TT_RISK_RULE_LIST(TT_RISK_RULE_ID_)
#undef TT_RISK_RULE_ID_
    TT_RISK_RULE_COUNT
} tt_risk_rule;

struct tt_risk_trial;

/** One check. */
typedef tt_check_outcome (*tt_risk_check_fn)(struct tt_risk_trial *trial, tt_risk_check *row);

/** The checks that the configuration asks for, in their order. */
typedef struct tt_risk_list_row {
    tt_risk_check_fn check;
    tt_risk_code code;
} tt_risk_list_row;
#define TT_RISK_LIST_MAX 28
typedef struct tt_risk_list {
    tt_risk_list_row checks[TT_RISK_LIST_MAX];
    uint32_t count;
} tt_risk_list;

/** A list for each kind of proposal. */
typedef struct tt_risk_plan {
    tt_risk_list entry;
    tt_risk_list increase; /**< What a rebalance buys. */
    tt_risk_list reduction;
    tt_risk_list close;
} tt_risk_plan;

/** Fills the lists. @thread{setup} */
void tt_risk_plan_fill(const tt_risk_module_config *config, tt_risk_plan *plan);

/** A quotient and what it was computed from; all zero: 0 of nothing is 0 %. */
typedef struct tt_risk_quotient {
    tt_money part;
    tt_money whole;
    tt_ratio percent;
} tt_risk_quotient;

/** What the checks of one proposal share. */
typedef struct tt_risk_trial {
    const tt_risk_module_config *config;
    const tt_risk_plan *plan;
    const tt_risk_tables *tables;
    const tt_risk_state *state; /**< Its money limits are those of the present equity. */
    const tt_risk_symbol *symbol;
    tt_risk_leg leg;                 /**< The position that the proposal is about. */
    const tt_instrument *instrument; /**< NULL if the key names none. */
    const tt_trade_proposal *proposal;
    const tt_risk_strategy *strategy; /**< Row of the signal's source; NULL = not counted. */
    tt_risk_quotient *last_exposure;  /**< Of the trial before; depends on its numbers alone. */
    tt_risk_verdict *verdict;
    tt_time now;
    tt_price market_price;   /**< Newest price of the symbol; 0 = none. */
    tt_dur market_price_age; /**< Of a quote since it came, of a bar since the next was due. */
    tt_price reference;      /**< Price that sizes the order; 0 = none. */
    tt_price stop_distance;  /**< 0 = no stop. */
    tt_ratio stop_share;     /**< Of the reference, rounded up; set by STOP_TOO_WIDE. */
    tt_i128 stop_micro;      /**< The same in micro percent; set by STOP_TOO_TIGHT. */
    tt_ratio confidence;     /**< As capped; set by CONFIDENCE_TOO_LOW. */
    tt_money size;           /**< Notional, as reduced so far. */
    tt_money advised;        /**< Notional after what others advised; set by SIZE_ADVISED. */
    tt_money loss;           /**< At the stop, of `loss_size`; set by RISK_PER_TRADE. */
    tt_money loss_size;      /**< 0 = not computed. */
    tt_money margin_available;
    tt_qty qty;
    uint32_t symbol_index;
    uint32_t leverage;
    uint32_t broken_rules; /**< One bit a rule. */
    bool is_blind;         /**< The market data of the symbol are too old to enter by. */
    bool opens;            /**< It would open a position or add to one. */
} tt_risk_trial;

/** Judges: fills the verdict of `trial`, whose fields down to market_price_age are set. */
void tt_risk_judge(tt_risk_trial *trial);

/* risk_check_proposal.c */
tt_check_outcome tt_risk_check_proposal(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_position(tt_risk_trial *trial, tt_risk_check *row);
/* risk_check_account.c */
tt_check_outcome tt_risk_check_halted(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_cooldown(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_protection(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_window(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_trade_count(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_equity(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_equity_share(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_price(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_unresolved(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_positions(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_breakers(tt_risk_trial *trial, tt_risk_check *row);
/* risk_check_signal.c */
tt_check_outcome tt_risk_check_stop_required(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_stop_tight(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_stop_wide(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_reward(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_confidence(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_disagreement(tt_risk_trial *trial, tt_risk_check *row);
/* risk_check_size.c */
tt_check_outcome tt_risk_check_advised(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_position_size(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_loss_at_stop(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_loss_row(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_spike(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_held_size(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_least_size(tt_risk_trial *trial, tt_risk_check *row);
/* risk_check_exposure.c */
tt_check_outcome tt_risk_check_leverage(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_exposure(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_correlation(tt_risk_trial *trial, tt_risk_check *row);
tt_check_outcome tt_risk_check_margin(tt_risk_trial *trial, tt_risk_check *row);

/** Exposure and worst case of what is held and in flight: the larger of the account's word and our
 * own count. */
tt_money tt_risk_exposure_used(const tt_risk_state *state);
/** Loss of the present size at the stop; 0 without a stop. */
tt_money tt_risk_loss_of(tt_risk_trial *trial);
/** The tier of a confidence; NULL below the last one. */
const tt_risk_tier *tt_risk_tier_of(const tt_risk_tables *tables, tt_ratio confidence);
/** Money free for margin: the smaller of the account's word and our own count. */
tt_money tt_risk_margin_free(const tt_risk_state *state);

/** Micro percent in one, and the largest number that may be counted in them with 128 bits. */
#define TT_RISK_MICRO_PERCENT INT64_C(100000000)
#define TT_RISK_MICRO_MAX     ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000000})

/** A count of millionths (>= 0) as a row shows it; the largest ratio if it is beyond. */
static inline tt_ratio tt_risk_micro(tt_i128 count)
{
    const int64_t millionth = TT_DEC_ONE_I64 / 1000000;
    tt_i128 count_max = TT_RATIO_MAX.v / millionth;
    return (tt_ratio){{(count < count_max ? count : count_max) * millionth}};
}
/** A whole number as a row shows it. */
static inline tt_ratio tt_risk_number(uint32_t number)
{
    return (tt_ratio){{(tt_i128)number * TT_DEC_ONE_I64}};
}
/** A span in seconds as a row shows it. */
static inline tt_ratio tt_risk_seconds(int64_t ns)
{
    return (tt_ratio){{(tt_i128)ns * TT_NS_PER_S}};
}

#endif
