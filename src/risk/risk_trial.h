/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One proposal before the court: what its checks look at, and the checks themselves. Inside of risk
 * only.
 *
 * The facts of a verdict are written once, before the checks (tt_risk_facts_write); a check that
 * passes adds nothing, or its own fact. Rows are listed for what clamps, warns or refuses, and
 * where value and limit do not follow from the facts (model/verdict.h makes all rows from both).
 * Units of value and limit, by code:
 *   percent   STOP_TOO_TIGHT STOP_TOO_WIDE TRADING_HALTED (drawdown)
 *   money     NO_EQUITY SIZE_REDUCED RISK_PER_TRADE EXPOSURE_LIMIT CORRELATED_EXPOSURE
 *             INSUFFICIENT_MARGIN BUDGET
 *   number    INVALID_PROPOSAL (broken rules) UNRESOLVED_ORDER MAX_POSITIONS TRADE_COUNT
 *             SIZE_REDUCED_LOSSES
 *             (losses in a row) LEVERAGE_REDUCED CIRCUIT_BREAKER (breakers in force)
 *   ratio     LOW_RR CONFIDENCE_TOO_LOW AGENT_DISAGREEMENT
 *   other     IN_COOLDOWN, PROTECTION_LOCK, ENTRY_WINDOW and NO_PRICE seconds, STOP_LOSS_REQUIRED
 * price, VOLATILITY_SPIKE average true range, SIZE_ADVISED percent taken off by the arbiter beside
 * the regime's factor, SIZE_TOO_SMALL quantity or money, NO_POSITION quantity.
 *
 * Limits stand ready in money (risk_limits.c) and in millionths (risk_tables.c). A quotient is
 * compared by its products: floor(a / b) < n is a < n x b, ceil(a / b) > n is a > n x b; both are
 * exact, and within 128 bits for prices up to TT_PRICE_MAX. What passes divides once, for the lots.
 */
#ifndef TT_RISK_RISK_TRIAL_H
#define TT_RISK_RISK_TRIAL_H

#include "model/limits.h"
#include "model/verdict.h"
#include "risk/risk_parts.h"
#include "risk/risk_ready.h"
#include "risk/risk_state.h"

#include <string.h>

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

/** The checks that the configuration asks for: a bit for each place, by kind of proposal. */
typedef struct tt_risk_plan {
    uint32_t entry;
    uint32_t increase; /**< What a rebalance buys. */
    uint32_t reduction;
    uint32_t close;
} tt_risk_plan;

/** Fills the masks, with the check of budgets or without. @thread{setup} */
void tt_risk_plan_fill(const tt_risk_module_config *config, bool has_budgets, tt_risk_plan *plan);

/** What the checks of one proposal share. */
typedef struct tt_risk_trial {
    const tt_risk_module_config *config;
    const tt_risk_plan *plan;
    const tt_risk_tables *tables;
    const tt_risk_state *state; /**< Its money limits are those of the present equity. */
    const tt_risk_parts *parts;
    const tt_risk_symbol *symbol;
    const tt_instrument *instrument; /**< NULL if the key names none. */
    const tt_trade_proposal *proposal;
    const tt_risk_strategy *strategy; /**< Row of the signal's source; NULL = not counted. */
    tt_risk_ready *ready;             /**< Of the symbol; brought up to date by the trial. */
    tt_risk_verdict *verdict;
    tt_risk_held held; /**< The position that the proposal is about. */
    tt_time now;
    tt_dur market_price_age; /**< Of a quote since it came, of a bar since the next was due. */
    tt_price market_price;   /**< Newest price of the symbol; 0 = none. */
    uint32_t symbol_index;
    uint32_t source; /**< Whose trade it is; 0 = not known. For budgets alone. */
    bool is_blind;   /**< The market data of the symbol are too old to enter by. */

    /* From here on: set by tt_risk_judge and the checks. */
    bool opens;             /**< It would open a position or add to one. */
    tt_price reference;     /**< Price that sizes the order; 0 = none. */
    tt_price stop_distance; /**< 0 = no stop. */
    tt_ratio confidence;    /**< As capped; set by CONFIDENCE_TOO_LOW. */
    tt_money size;          /**< Notional, as reduced so far. */
    tt_money advised;       /**< Notional after what others advised; set by SIZE_ADVISED. */
    tt_qty qty;
    tt_money lots_for;      /**< The size whose lots `qty` counts; -1 = none. */
    bool is_begun;          /**< `advised` is worked out. */
    bool is_clearly_enough; /**< The notional of `qty` is above the least for sure. */
    uint32_t leverage;
    tt_risk_loss_level loss_level;
    uint32_t broken_rules; /**< One bit a rule. */
    uint32_t plan_mask;    /**< Checks of this proposal. */
    uint32_t skipped;      /**< Those that had nothing to look at. */
    uint32_t listed;       /**< Those that have a row in the list of the verdict. */
} tt_risk_trial;

/** Judges: fills the verdict of `trial`, whose fields down to is_blind are set. */
void tt_risk_judge(tt_risk_trial *trial);

/** Makes what a plain pass of the symbol needs (risk_plain.h). Of `trial` the fields down to
 * `ready` are set, but for the proposal, and symbol_index; others mean nothing behind it. */
void tt_risk_ready_plain(tt_risk_trial *trial);
/** Judges an entry with what is ready, if that is enough to see that it passes. Of `trial` ready,
 * proposal, verdict, now, is_blind and, where the entry names no price, the market price are set.
 * @return false: tt_risk_judge must say; what the verdict holds means nothing. */
bool tt_risk_pass_plainly(tt_risk_trial *trial);

/* risk_facts.c */
/** Brings `trial->ready` up to the present equity. */
void tt_risk_ready_refresh(tt_risk_trial *trial);
/** Lists rows whose limit has more than six decimals: the facts hold six. */
void tt_risk_facts_list(tt_risk_trial *trial);

/* risk_trial.c */
/** Lists the row of a check, in the order of places; its code is that of the place unless it has
 * one. */
void tt_risk_list(tt_risk_trial *trial, tt_risk_place place, tt_risk_check row);
/** Lists the refusal. Returns false: the trial ends. */
bool tt_risk_refuse(tt_risk_trial *trial, tt_risk_place place, tt_dec value, tt_dec limit);

/* risk_budget.c */
/** The last check: what is reserved for the source of the trade, or left for all without. */
bool tt_risk_pass_budget(tt_risk_trial *trial);

/** What is seldom run stays out of the way of what passes: its own function, never inlined. */
#define TT_RISK_COLD __attribute__((cold, noinline, unused)) static

/* ---- rows ---- */

/** Adds a row behind all others: checks run in their order. Its numbers are the caller's to set. */
static inline tt_risk_check *tt_risk_append(
    tt_risk_trial *trial, tt_risk_place place, tt_risk_code code, tt_check_outcome outcome)
{
    tt_risk_verdict *verdict = trial->verdict;
    TT_ASSERT(trial->listed >> place == 0 && verdict->count < TT_MAX_risk_check);
    tt_risk_check *row = &verdict->checks[verdict->count++];
    trial->listed |= UINT32_C(1) << place;
    row->code = (uint8_t)code;
    row->outcome = (uint8_t)outcome;
    memset(row->reserved, 0, sizeof row->reserved);
    return row;
}
/** The same by the code, which is the name of the place. */
#define TT_RISK_APPEND(trial, code, outcome)                                                       \
    tt_risk_append(trial, TT_RISK_PLACE_##code, TT_risk_code_##code, TT_check_outcome_##outcome)

/** Makes the last row of the list a refusal. Returns false: the trial ends. */
TT_RISK_COLD bool tt_risk_refuse_listed(tt_risk_trial *trial, tt_risk_place place)
{
    tt_risk_verdict *verdict = trial->verdict;
    verdict->checks[verdict->count - 1].outcome = TT_check_outcome_REJECT;
    verdict->code = (uint8_t)tt_risk_code_at(place);
    trial->plan_mask &= (UINT32_C(2) << place) - 1;
    return false;
}

/** Adds the row of a size that a check leaves as it is, or makes `after`. */
static inline void
tt_risk_size_row(tt_risk_check *row, tt_dec value, tt_dec limit, tt_dec before, tt_dec after)
{
    row->value.d = value;
    row->limit.d = limit;
    row->before.d = before;
    row->after.d = after;
    bool is_less = tt_dec_lt(after, before);
    row->outcome = is_less ? TT_check_outcome_CLAMP : TT_check_outcome_PASS;
}

/* ---- numbers ---- */

/** A condition that mostly holds: it gets a branch of its own. */
#define TT_RISK_MOSTLY(condition) __builtin_expect((condition), 1)

/** The upper half of a number; that of a negative one is the largest. */
static inline uint64_t tt_risk_high(tt_dec value)
{
    return (uint64_t)((tt_u128)value.v >> 64);
}

/* Not inlined: the compiler would ask both questions at once. */
__attribute__((noinline, unused)) static bool tt_risk_is_at_most(tt_dec value, tt_dec max)
{
    return value.v <= max.v;
}

/** 0 to `max` (18 or more); the upper half mostly tells. */
static inline bool tt_risk_is_within(tt_dec value, tt_dec max)
{
    return TT_RISK_MOSTLY(tt_risk_high(value) < tt_risk_high(max)) ||
           (value.v >= 0 && tt_risk_is_at_most(value, max));
}

/** At most `max`: the same for what may be negative, and for small numbers. */
static inline bool tt_risk_is_below(tt_dec value, tt_dec max)
{
    return TT_RISK_MOSTLY((int64_t)tt_risk_high(value) < (int64_t)tt_risk_high(max)) ||
           tt_risk_is_at_most(value, max);
}

/** Above zero; prices and sizes mostly are in their upper half. */
static inline bool tt_risk_is_positive(tt_dec value)
{
    return TT_RISK_MOSTLY((int64_t)tt_risk_high(value) > 0) || value.v > 0;
}

/** Exposure and worst case of what is held and in flight: the larger of the account's word and our
 * own count. */
static inline tt_money tt_risk_exposure_used(const tt_risk_state *state)
{
    tt_dec counted = tt_dec_xadd(state->exposure.d, state->pending.d);
    tt_dec stated = tt_dec_xadd(state->account.exposure.d, state->account.pending_exposure.d);
    return (tt_money){tt_dec_max(counted, stated)};
}

#endif
