/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * All that messages change in the risk module: plain structs without pointers or padding, one
 * region. Inside of risk only.
 *
 * Invariants, checked by tt_risk_state_check:
 *  1. exposure, margin, pending and pending_margin are the sums over the symbols.
 *  2. active lists, without repeats, exactly the symbols with a position or an entry in flight.
 *  3. The pending of a symbol is the sum of the notional of its entries in flight.
 *  4. Once known: trough <= peak, equity <= peak, and the current day and week contain `now`.
 */
#ifndef TT_RISK_RISK_STATE_H
#define TT_RISK_RISK_STATE_H

#include "bus/core.h"
#include "model/verdict.h"
#include "risk/risk_correlation.h"
#include "risk/risk_locks.h"
#include "risk/risk_protections.h"
#include "risk/risk_tables.h"

/** Entries in flight that risk can follow at once; at the bound further entries are refused. */
#define TT_RISK_ENTRIES_MAX 256

/** Losses in a row from which rules tighten, and tighten again. */
#define TT_RISK_LOSSES_LOW  3u
#define TT_RISK_LOSSES_HIGH TT_VERDICT_LOSSES_HIGH

/** What must be flat before entries are let through again. */
typedef enum tt_risk_closing {
    TT_RISK_CLOSING_NONE,
    TT_RISK_CLOSING_SYMBOL, /**< Its own entries wait. */
    TT_RISK_CLOSING_ALL     /**< All entries wait. */
} tt_risk_closing;

/** Levels of the free margin. */
typedef enum tt_risk_margin_level {
    TT_RISK_MARGIN_FINE,
    TT_RISK_MARGIN_LOW,
    TT_RISK_MARGIN_CRITICAL
} tt_risk_margin_level;

/** Sources of signals whose entries of a day are counted; the others are counted together. */
#define TT_RISK_STRATEGIES_MAX 15

/** Entries of one source of signals in this UTC day. */
typedef struct tt_risk_strategy {
    uint32_t source; /**< 0 in the first row: all that have no row of their own. */
    uint32_t entries;
} tt_risk_strategy;

/** One position of an instrument. */
typedef struct tt_risk_leg {
    tt_qty qty;        /**< Signed; 0 = none. */
    tt_money exposure; /**< |qty| x mark. */
    tt_money margin;   /**< exposure / leverage. */
    uint64_t position_id;
    uint8_t leverage;
    uint8_t reserved[7];
} tt_risk_leg;

/** What a proposal is about. */
typedef struct tt_risk_held {
    tt_qty qty; /**< Signed; 0 = none. */
    uint64_t position_id;
    uint8_t leverage;
} tt_risk_held;

/** What risk knows of one instrument. */
typedef struct tt_risk_symbol {
    tt_price bar_close;
    tt_price mark;           /**< Last mark of the position. */
    tt_qty qty;              /**< Of the netting or long position, signed; 0 = none. */
    tt_money exposure;       /**< |qty| x mark, in hedging of both positions. */
    tt_money margin;         /**< exposure / leverage, likewise. */
    tt_risk_leg short_leg;   /**< The short position of hedging. */
    tt_money cost_max;       /**< Largest cost of the position so far. */
    tt_money pending;        /**< Worst case of entries in flight. */
    tt_money pending_margin; /**< Margin that they would need. */
    tt_ratio atr;            /**< Last average true range. */
    tt_ratio atr_limit;      /**< Above it is a spike; 0 = not known. */
    tt_time bar_due;         /**< When the bar after the last one completes. */
    tt_time bar_end;         /**< Of which moment the last one is (tt_bar_end). */
    tt_seq bar_seq;
    uint64_t position_id;
    uint32_t unknown_orders;
    uint32_t entry_count;   /**< Entries in flight. */
    uint32_t entries_today; /**< Approved in this UTC day. */
    uint8_t leverage;       /**< Of the position. */
    uint8_t closing;        /**< tt_risk_closing: entries wait until it is flat. */
    uint8_t is_spike;
    uint8_t is_active;    /**< In the list of active symbols. */
    uint8_t is_unsettled; /**< What the venue holds, of it or of cash, is not resolved. */
    uint8_t is_position_unsettled;
    uint8_t reserved[14];
} tt_risk_symbol;

/** An approved entry until its order is final. */
typedef struct tt_risk_entry {
    tt_qty qty;         /**< Ordered. */
    tt_price reference; /**< Price that sized it. */
    tt_money notional;  /**< Of the part that is not filled; at least `amended`. */
    tt_money margin;
    tt_money amended; /**< Worst case of an amend on its way; 0 = none. */
    tt_seq verdict_seq;
    uint64_t order_id; /**< 0 = the order intent has not been seen. */
    uint32_t symbol_index;
    uint32_t source; /**< Whose trade it is; 0 = not known. */
    uint8_t leverage;
    uint8_t regime;     /**< In which it was approved: an amend is judged in it. */
    uint8_t strictness; /**< Likewise. */
    uint8_t reserved[5];
} tt_risk_entry;

/** The account and its history, as far as breakers need it. */
typedef struct tt_risk_account {
    tt_money equity;
    tt_money exposure; /**< As the account says. */
    tt_money pending_exposure;
    tt_money margin_available;
    tt_money peak;
    tt_money trough;         /**< Lowest equity since the peak. */
    tt_money day_start;      /**< Equity when the UTC day began. */
    tt_money week_start;     /**< Equity when the ISO week began. */
    tt_money daily_floor;    /**< At or below it the daily breaker trips. */
    tt_money weekly_floor;   /**< Likewise of the week. */
    tt_money drawdown_floor; /**< Likewise of `floor_peak`. */
    tt_money daily_warn;     /**< At or below it a warning comes; not below the floor. */
    tt_money weekly_warn;
    tt_money drawdown_warn;
    tt_money set_aside;        /**< In profit bags: no part of `equity`. */
    tt_money transfers;        /**< Deposits less withdrawals, part of `equity`. */
    tt_money floor_peak;       /**< Peak for which drawdown_floor was computed. */
    tt_ratio max_drawdown_pct; /**< Of all drawdowns that have ended in a new peak. */
    tt_time day_end;
    tt_time week_end;
    uint32_t open_positions; /**< As the account says. */
    uint8_t is_known;
    uint8_t reserved[11];
} tt_risk_account;

/** Money limits of the present equity; computed again when equity or peak differ. */
typedef struct tt_risk_money_limits {
    tt_money for_equity;
    tt_money for_peak;
    tt_money position;
    tt_money rebalance; /**< Position that a rebalance may build. */
    tt_money exposure;
    tt_money margin;
    tt_money loss; /**< At the stop of one trade. */
    tt_money correlated;
    tt_money correlated_warn;
    tt_ratio drawdown_pct;
    uint32_t drawdown_leverage; /**< Leverage cap of this drawdown. */
    uint8_t is_valid;
    uint8_t reserved[11];
} tt_risk_money_limits;

/** Counters for status pages. */
typedef struct tt_risk_counters {
    uint64_t verdicts;
    uint64_t approved;
    uint64_t rejected[TT_risk_code_COUNT];
    uint64_t reserved[(TT_risk_code_COUNT % 2) != 0 ? 1 : 2]; /**< No padding behind it. */
} tt_risk_counters;

/** The region. */
typedef struct tt_risk_state {
    tt_risk_account account;
    tt_risk_money_limits limits;
    tt_money exposure; /**< Sums over the symbols. */
    tt_money margin;
    tt_money pending;
    tt_money pending_margin;
    tt_risk_locks locks; /**< Cooldowns and protections. */
    tt_risk_correlations correlations;
    tt_risk_trades trades;                      /**< What protections look back over. */
    tt_risk_symbol symbols[TT_INSTRUMENTS_MAX]; /**< [0] is instrument 1. */
    tt_risk_entry entries[TT_RISK_ENTRIES_MAX];
    uint32_t entry_count;
    uint32_t unclaimed_count; /**< Entries whose order intent has not been seen. */
    uint32_t active_count;
    uint32_t consecutive_losses;
    uint32_t entries_today;  /**< Approved in this UTC day. */
    uint32_t trades_today;   /**< Closed in this UTC day. */
    uint32_t closing_count;  /**< Symbols that must be flat before any entry. */
    uint32_t strategy_count; /**< Rows of `strategies` in use, the first included. */
    tt_risk_strategy strategies[TT_RISK_STRATEGIES_MAX + 1];
    tt_time margin_told_at;                 /**< When the alert of `margin_level` was raised. */
    uint8_t active[TT_INSTRUMENTS_MAX];     /**< Indexes of active symbols, oldest first. */
    uint8_t breached[TT_breach_type_COUNT]; /**< Breakers in force. */
    uint8_t warned[TT_breach_type_COUNT];   /**< Warned of the loss that is near its breaker. */
    uint8_t margin_level;                   /**< tt_risk_margin_level that was told last. */
    uint8_t is_killed;                      /**< The coordinator is halted. */
    uint8_t is_hedging;                     /**< Positions are named by their side. */
    uint8_t is_cash_unsettled;              /**< The cash differs from the venue's. */
    uint8_t reserved[10];
    tt_risk_counters counters;
} tt_risk_state;

/** Share of a sum of money, rounded down; TT_MONEY_MAX where the product would be larger, so that a
 * limit too large to hold becomes a smaller one. */
tt_money tt_risk_share_of(tt_money amount, tt_ratio share);
/** Fall from `peak` to `equity` in percent of the peak, rounded down at 18 digits. Above 100 for a
 * negative equity; 100 for a fall from a peak that was not positive. */
tt_ratio tt_risk_drawdown(tt_money peak, tt_money equity);

/** Begins a new UTC day or ISO week if `now` lies in one: takes the last known equity as its start
 * and ends the breaker of the old one. */
void tt_risk_state_roll(tt_risk_state *state, const tt_risk_shares *shares, tt_time now);
/** `total` lies in profit bags from now on. A transfer is no loss: peak, and the starts of day and
 * week, move with the equity. */
void tt_risk_state_set_aside(tt_risk_state *state, const tt_risk_shares *shares, tt_money total);
/** Takes over the numbers of an account_updates message; days and weeks are up to date. A deposit
 * or a withdrawal that it tells of is no result: peak, trough, the starts of day and week, and the
 * results that protections look back over change in the same proportion as the equity, so that each
 * loss stays the same in percent. */
void tt_risk_state_account(
    tt_risk_state *state,
    const tt_risk_shares *shares,
    const tt_account_update *update,
    tt_time now);
/** Brings the money limits up to the present equity and peak. Cheap when neither has changed. */
void tt_risk_limits_refresh(
    tt_risk_state *state, const tt_risk_shares *shares, const tt_leverage_config *leverage);
/** Takes over the numbers of a position_updates message. */
void tt_risk_state_position(
    tt_risk_state *state, uint32_t symbol_index, const tt_position_update *update);
/** Adds the symbol to the active ones or removes it, as its position and entries demand. */
void tt_risk_state_activate(tt_risk_state *state, uint32_t symbol_index);
/** Holds entries back until what is active is flat: of one symbol, or of all (`is_all`). */
void tt_risk_state_close(tt_risk_state *state, uint32_t symbol_index, bool is_all);
/** The row that counts the entries of a source of signals. */
tt_risk_strategy *tt_risk_state_strategy(tt_risk_state *state, uint32_t source);
/** Makes the present equity the peak and the start of day and week, ends all breakers, cooldowns
 * and the row of losses. */
void tt_risk_state_reset(tt_risk_state *state, const tt_risk_shares *shares, tt_time now);
/** Asserts the invariants of the state; for tests and after a restored snapshot. */
void tt_risk_state_check(const tt_risk_state *state);

/** The position that a trade of `side` is about: in hedging, a trade that opens is about the one of
 * its side, one that closes (`closes`) about the other. */
static inline tt_risk_held tt_risk_state_held(
    const tt_risk_state *state, const tt_risk_symbol *symbol, uint8_t side, bool closes)
{
    bool is_short = (side == TT_side_SELL) != closes;
    // A close without a side means whatever is open.
    bool takes_short = side == TT_side_NONE ? tt_dec_is_zero(symbol->qty.d) : is_short;
    if (state->is_hedging && takes_short) {
        const tt_risk_leg *leg = &symbol->short_leg;
        return (tt_risk_held){leg->qty, leg->position_id, leg->leverage};
    }
    return (tt_risk_held){symbol->qty, symbol->position_id, symbol->leverage};
}

static inline tt_risk_loss_level tt_risk_loss_level_of(uint32_t consecutive_losses)
{
    if (consecutive_losses >= TT_RISK_LOSSES_HIGH) {
        return TT_RISK_LOSS_HIGH;
    }
    return consecutive_losses >= TT_RISK_LOSSES_LOW ? TT_RISK_LOSS_LOW : TT_RISK_LOSS_NONE;
}

#endif
