/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Entries in flight: approved, and not yet final. Each counts with its worst case, from the verdict
 * on, so that two proposals in a row cannot both use the same room. Inside of risk only.
 *
 *   reserve (verdict) -> claim (order intent) -> follow (fills) -> gone (order final)
 *                     -> expire: no order intent in the step of the verdict
 */
#ifndef TT_RISK_RISK_ENTRIES_H
#define TT_RISK_RISK_ENTRIES_H

#include "risk/risk_state.h"

/** Tells whether another entry can be followed. */
static inline bool tt_risk_entries_have_room(const tt_risk_state *state)
{
    return state->entry_count < TT_RISK_ENTRIES_MAX;
}

/** Counts an approved entry. There is room. */
void tt_risk_entries_reserve(
    tt_risk_state *state,
    uint32_t symbol_index,
    const tt_risk_verdict *verdict,
    tt_seq verdict_seq);
/** Takes over the order of an entry; other orders are ignored. An entry
 * that was never reserved is counted too, if there is room. */
void tt_risk_entries_claim(
    tt_risk_state *state, uint32_t symbol_index, const tt_order_intent *intent);
/** The entry of an order, or NULL. */
tt_risk_entry *tt_risk_entries_find(tt_risk_state *state, uint64_t order_id);
/** What was taken out of the sums. */
typedef struct tt_risk_lifted {
    tt_risk_entry *entry;
    tt_money notional;
    tt_money pending_exposure; /**< As the account said. */
    tt_money margin_available; /**< Likewise. */
} tt_risk_lifted;
/** Takes an entry out of all sums, so that its amend can be judged as an entry without it. The
 * next call is tt_risk_entries_lower. */
tt_risk_lifted tt_risk_entries_lift(tt_risk_state *state, tt_risk_entry *entry);
/** Puts it back. */
void tt_risk_entries_lower(tt_risk_state *state, const tt_risk_lifted *lifted);
/** Counts an approved amend: until its answer the entry is worth the more of both. */
void tt_risk_entries_amend(
    tt_risk_state *state, tt_risk_entry *entry, const tt_risk_verdict *verdict);
/** Takes over a change of an order's state: what is filled or final is no longer in flight, and an
 * order of any role that is unknown blocks its symbol. */
void tt_risk_entries_follow(
    tt_risk_state *state, uint32_t symbol_index, const tt_execution_event *event);
/** Forgets entries reserved before message `step_seq` that no order intent has claimed: the order
 * was never made. */
void tt_risk_entries_expire(tt_risk_state *state, tt_seq step_seq);

#endif
