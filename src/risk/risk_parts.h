/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What each source of trades holds, as sub_account_updates tell it, and what is reserved for it of
 * the account's capital (risk.budgets, and commands; risk_budget.c); a region of its own. Inside of
 * risk only.
 *
 * A reservation is a limit of use: the margin of what a source holds, of its entries in flight and
 * of the new one together is at most what is reserved for it. A source with a capital of its own
 * (account.capital) has its own equity as the limit as well. Sources without either share what is
 * left of the equity of the account.
 */
#ifndef TT_RISK_RISK_PARTS_H
#define TT_RISK_RISK_PARTS_H

#include "base/error.h"
#include "model/limits.h"
#include "model/payloads.h"
#include "risk/risk_config.h"

/** What one sub-account holds. */
typedef struct tt_risk_part {
    tt_money cash;   /**< Capital + cash flow: its equity less the value of what it holds. */
    uint32_t source; /**< 0 = the house, or not in use. */
    uint8_t has_capital;
    uint8_t reserved[11];
    tt_qty
        qty[2 * TT_INSTRUMENTS_MAX]; /**< Signed; short positions of hedging behind the others. */
} tt_risk_part;
_Static_assert(sizeof(tt_risk_part) == 32 + 32 * TT_INSTRUMENTS_MAX, "no padding");

/** What is reserved for one source. */
typedef struct tt_risk_budget {
    tt_money reserved; /**< Above 0. */
    uint32_t source;
    uint8_t reserved_bytes[12];
} tt_risk_budget;
_Static_assert(sizeof(tt_risk_budget) == 32, "no padding");

/** The region. */
typedef struct tt_risk_parts {
    tt_risk_part list[TT_SUB_ACCOUNTS_MAX]; /**< [0] is the house. */
    tt_risk_budget budgets[TT_RISK_BUDGETS_MAX];
    uint32_t budget_count;
    uint8_t is_told; /**< The parts are published. */
    uint8_t reserved[11];
} tt_risk_parts;

struct tt_risk_state;

/** The part of a source; the house for one that has no part of its own because all are taken; NULL
 * while it has traded nothing. */
const tt_risk_part *tt_risk_part_find(const tt_risk_parts *parts, uint32_t source);
/** Margin of what a part holds, at the marks of the positions; at most TT_MONEY_MAX. */
tt_money tt_risk_part_margin(const struct tt_risk_state *state, const tt_risk_part *part);
/** What a part is worth, at the marks of the positions. */
tt_money tt_risk_part_equity(const struct tt_risk_state *state, const tt_risk_part *part);

/** The sum where it is money; else the largest money: what cannot be counted is too much. */
static inline tt_dec tt_risk_add_money(tt_dec a, tt_dec b)
{
    tt_dec sum = TT_MONEY_MAX;
    return tt_dec_add(a, b, &sum) == TUTTI_OK ? tt_dec_min(sum, TT_MONEY_MAX) : TT_MONEY_MAX;
}

/** Checks the rows of risk.budgets. @retval TUTTI_INVALID with the row in `error`. */
TUTTI_NODISCARD tutti_status
tt_risk_budgets_check(const tt_risk_module_config *config, tt_error *error);
/** Reserves what the rows ask for; rows of one source add up. @thread{setup} */
void tt_risk_budgets_fill(const tt_risk_module_config *config, tt_risk_parts *parts);
/** Takes over what a sub_account_updates message says of an instrument.
 * @retval TUTTI_INVALID its account is none. */
TUTTI_NODISCARD tutti_status tt_risk_parts_note(
    tt_risk_parts *parts, uint32_t symbol_index, const tt_sub_account_update *update);
/** What a source may close (`is_close`: with what nobody stands for) or reduce of a position of
 * `qty`: signed, at most the position. `is_short`: the short position of hedging. */
tt_qty tt_risk_parts_held(
    const tt_risk_parts *parts,
    uint32_t source,
    uint32_t symbol_index,
    bool is_short,
    bool is_close,
    tt_qty qty);

#endif
