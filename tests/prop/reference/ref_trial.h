/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The model that risk is compared with: the same checks, one function each, with every quotient
 * formed and every row written.
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
#ifndef REF_TRIAL_H
#define REF_TRIAL_H

#include "model/limits.h"
#include "risk/risk_trial.h"

struct ref_trial;

/** One check. */
typedef tt_check_outcome (*ref_check_fn)(struct ref_trial *trial, tt_risk_check *row);

/** The checks that the configuration asks for, in their order. */
typedef struct ref_list_row {
    ref_check_fn check;
    tt_risk_code code;
} ref_list_row;
#define REF_LIST_MAX 29
typedef struct ref_list {
    ref_list_row checks[REF_LIST_MAX];
    uint32_t count;
} ref_list;

/** A list for each kind of proposal. */
typedef struct ref_plan {
    ref_list entry;
    ref_list increase; /**< What a rebalance buys. */
    ref_list reduction;
    ref_list close;
} ref_plan;

/** Fills the lists. @thread{setup} */
void ref_plan_fill(const tt_risk_module_config *config, ref_plan *plan);

/** A quotient and what it was computed from; all zero: 0 of nothing is 0 %. */
typedef struct ref_quotient {
    tt_money part;
    tt_money whole;
    tt_ratio percent;
} ref_quotient;

/** What the checks of one proposal share. */
typedef struct ref_trial {
    const tt_risk_module_config *config;
    const ref_plan *plan;
    const tt_risk_tables *tables;
    const tt_risk_state *state; /**< Its money limits are those of the present equity. */
    const tt_risk_symbol *symbol;
    tt_risk_held leg;                /**< The position that the proposal is about. */
    const tt_instrument *instrument; /**< NULL if the key names none. */
    const tt_trade_proposal *proposal;
    const tt_risk_strategy *strategy; /**< Row of the signal's source; NULL = not counted. */
    ref_quotient *last_exposure;      /**< Of the trial before; depends on its numbers alone. */
    tt_verdict_view *verdict;
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
} ref_trial;

/** Judges: fills the verdict of `trial`, whose fields down to market_price_age are set. */
void ref_judge(ref_trial *trial);

/* risk_check_proposal.c */
tt_check_outcome ref_check_proposal(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_position(ref_trial *trial, tt_risk_check *row);
/* risk_check_account.c */
tt_check_outcome ref_check_halted(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_cooldown(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_protection(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_window(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_trade_count(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_equity(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_equity_share(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_price(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_unresolved(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_positions(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_breakers(ref_trial *trial, tt_risk_check *row);
/* risk_check_signal.c */
tt_check_outcome ref_check_stop_required(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_stop_tight(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_stop_wide(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_reward(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_confidence(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_disagreement(ref_trial *trial, tt_risk_check *row);
/* risk_check_size.c */
tt_check_outcome ref_check_advised(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_position_size(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_loss_at_stop(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_loss_row(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_spike(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_held_size(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_least_size(ref_trial *trial, tt_risk_check *row);
/* risk_check_exposure.c */
tt_check_outcome ref_check_leverage(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_exposure(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_correlation(ref_trial *trial, tt_risk_check *row);
tt_check_outcome ref_check_margin(ref_trial *trial, tt_risk_check *row);

/** Exposure and worst case of what is held and in flight: the larger of the account's word and our
 * own count. */
tt_money ref_exposure_used(const tt_risk_state *state);
/** Loss of the present size at the stop; 0 without a stop. */
tt_money ref_loss_of(ref_trial *trial);
/** The tier of a confidence; NULL below the last one. */
const tt_risk_tier *ref_tier_of(const tt_risk_tables *tables, tt_ratio confidence);
/** Money free for margin: the smaller of the account's word and our own count. */
tt_money ref_margin_free(const tt_risk_state *state);

/** Micro percent in one, and the largest number that may be counted in them with 128 bits. */
#define REF_MICRO_PERCENT INT64_C(100000000)
#define REF_MICRO_MAX     ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000000})

/** Margin that a notional needs at a leverage, rounded up. */
static inline tt_money ref_margin(tt_money notional, uint8_t leverage)
{
    if (leverage > 1) {
        notional.d.v = (notional.d.v + leverage - 1) / leverage;
    }
    return notional;
}

/** A count of millionths (>= 0) as a row shows it; the largest ratio if it is beyond. */
static inline tt_ratio ref_micro(tt_i128 count)
{
    const int64_t millionth = TT_DEC_ONE_I64 / 1000000;
    tt_i128 count_max = TT_RATIO_MAX.v / millionth;
    return (tt_ratio){{(count < count_max ? count : count_max) * millionth}};
}
/** A whole number as a row shows it. */
static inline tt_ratio ref_number(uint32_t number)
{
    return (tt_ratio){{(tt_i128)number * TT_DEC_ONE_I64}};
}
/** A span in seconds as a row shows it. */
static inline tt_ratio ref_seconds(int64_t ns)
{
    return (tt_ratio){{(tt_i128)ns * TT_NS_PER_S}};
}

#endif
