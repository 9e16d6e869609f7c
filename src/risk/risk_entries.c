/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Entries in flight. The table is small and dense; looking through it is cheaper than a map.
 */
#include "risk/risk_entries.h"

#include "base/error.h"

/* Moves the sums of symbol and account to a new worst case of the entry. */
static void set_notional(tt_risk_state *state, tt_risk_entry *entry, tt_money notional)
{
    tt_risk_symbol *symbol = &state->symbols[entry->symbol_index];
    tt_money margin = tt_risk_margin(notional, entry->leverage);
    tt_dec more = tt_dec_xsub(notional.d, entry->notional.d);
    tt_dec more_margin = tt_dec_xsub(margin.d, entry->margin.d);
    symbol->pending.d = tt_dec_xadd(symbol->pending.d, more);
    symbol->pending_margin.d = tt_dec_xadd(symbol->pending_margin.d, more_margin);
    state->pending.d = tt_dec_xadd(state->pending.d, more);
    state->pending_margin.d = tt_dec_xadd(state->pending_margin.d, more_margin);
    entry->notional = notional;
    entry->margin = margin;
}

/* Worst case of what is not filled. The product is bounded by TT_NOTIONAL_MAX at the verdict. */
static tt_money open_notional(const tt_risk_entry *entry, tt_qty filled)
{
    tt_dec open = tt_dec_max(tt_dec_xsub(entry->qty.d, filled.d), TT_DEC_ZERO);
    return (tt_money){tt_dec_xmul(open, entry->reference.d)};
}

/* Brings the worst case up to date, with that of an amend on its way. */
static void refresh_notional(tt_risk_state *state, tt_risk_entry *entry, tt_qty filled)
{
    tt_dec open = open_notional(entry, filled).d;
    set_notional(state, entry, (tt_money){tt_dec_max(open, entry->amended.d)});
}

static tt_risk_entry *add_entry(tt_risk_state *state, uint32_t symbol_index)
{
    TT_ASSERT(tt_risk_entries_have_room(state));
    tt_risk_entry *entry = &state->entries[state->entry_count++];
    *entry = (tt_risk_entry){.symbol_index = symbol_index};
    state->symbols[symbol_index].entry_count++;
    tt_risk_state_activate(state, symbol_index);
    return entry;
}

static void remove_entry(tt_risk_state *state, tt_risk_entry *entry)
{
    uint32_t symbol_index = entry->symbol_index;
    set_notional(state, entry, (tt_money){TT_DEC_ZERO});
    if (entry->order_id == 0) {
        state->unclaimed_count--;
    }
    state->entry_count--;
    *entry = state->entries[state->entry_count];
    state->entries[state->entry_count] = (tt_risk_entry){0};
    state->symbols[symbol_index].entry_count--;
    tt_risk_state_activate(state, symbol_index);
}

void tt_risk_entries_reserve(
    tt_risk_state *state, uint32_t symbol_index, const tt_risk_verdict *verdict, tt_seq verdict_seq)
{
    tt_risk_entry *entry = add_entry(state, symbol_index);
    entry->qty = verdict->qty;
    entry->reference = verdict->reference_price;
    entry->leverage = verdict->leverage_after;
    entry->verdict_seq = verdict_seq;
    state->unclaimed_count++;
    set_notional(state, entry, open_notional(entry, (tt_qty){TT_DEC_ZERO}));
}

static tt_risk_entry *find_verdict(tt_risk_state *state, tt_seq verdict_seq)
{
    for (uint32_t i = 0; i < state->entry_count && verdict_seq != 0; i++) {
        if (state->entries[i].verdict_seq == verdict_seq) {
            return &state->entries[i];
        }
    }
    return NULL;
}

tt_risk_entry *tt_risk_entries_find(tt_risk_state *state, uint64_t order_id)
{
    for (uint32_t i = 0; i < state->entry_count; i++) {
        if (state->entries[i].order_id == order_id) {
            return &state->entries[i];
        }
    }
    return NULL;
}

void tt_risk_entries_claim(
    tt_risk_state *state, uint32_t symbol_index, const tt_order_intent *intent)
{
    if (intent->role != TT_order_role_ENTRY) {
        return;
    }
    bool is_as_reserved = false;
    tt_risk_entry *entry = find_verdict(state, intent->verdict_seq);
    if (!entry) {
        // Beyond the bound the account's own pending exposure still counts it.
        if (!tt_risk_entries_have_room(state)) {
            return;
        }
        entry = add_entry(state, symbol_index);
    } else if (entry->order_id == 0) {
        state->unclaimed_count--;
        is_as_reserved = tt_dec_eq(entry->qty.d, intent->qty.d) &&
                         tt_dec_eq(entry->reference.d, intent->reference_price.d) &&
                         entry->leverage == intent->leverage;
    }
    entry->order_id = intent->order_id;
    entry->verdict_seq = intent->verdict_seq;
    entry->qty = intent->qty;
    entry->reference = intent->reference_price;
    entry->leverage = intent->leverage;
    if (!is_as_reserved) {
        set_notional(state, entry, open_notional(entry, (tt_qty){TT_DEC_ZERO}));
    }
}

static void count_unknown(tt_risk_symbol *symbol, const tt_execution_event *event)
{
    bool was_unknown = event->old_state == TT_order_state_UNKNOWN;
    bool is_unknown = event->new_state == TT_order_state_UNKNOWN;
    if (is_unknown && !was_unknown) {
        symbol->unknown_orders++;
    } else if (was_unknown && !is_unknown && symbol->unknown_orders > 0) {
        symbol->unknown_orders--;
    }
}

/* The answer to an amend: the event has the values that are in force. */
static bool ends_amend(const tt_execution_event *event)
{
    return event->event == TT_execution_event_type_ORDER_AMENDED ||
           event->event == TT_execution_event_type_ORDER_AMEND_REJECTED ||
           event->event == TT_execution_event_type_ORDER_AMEND_LOST;
}

void tt_risk_entries_follow(
    tt_risk_state *state, uint32_t symbol_index, const tt_execution_event *event)
{
    count_unknown(&state->symbols[symbol_index], event);
    if (event->role != TT_order_role_ENTRY || event->order_id == 0) {
        return;
    }
    tt_risk_entry *entry = tt_risk_entries_find(state, event->order_id);
    if (!entry) {
        return;
    }
    if (tt_order_state_is_final(event->new_state)) {
        remove_entry(state, entry);
        return;
    }
    if (ends_amend(event)) {
        entry->amended = (tt_money){TT_DEC_ZERO};
        entry->qty = event->qty;
        entry->reference = event->price;
        refresh_notional(state, entry, event->filled_qty);
        return;
    }
    // What is filled never becomes less: while it is nothing, the entry is worth what it was
    // claimed with.
    if (!tt_dec_is_zero(event->filled_qty.d)) {
        refresh_notional(state, entry, event->filled_qty);
    }
}

tt_risk_lifted tt_risk_entries_lift(tt_risk_state *state, tt_risk_entry *entry)
{
    tt_risk_account *account = &state->account;
    const tt_risk_lifted lifted = {
        entry, entry->notional, account->pending_exposure, account->margin_available};
    tt_dec stated = tt_dec_xsub(account->pending_exposure.d, entry->notional.d);
    account->pending_exposure.d = tt_dec_max(stated, TT_DEC_ZERO);
    // What is stated ends at 0: beyond it there may be less than nothing.
    if (tt_dec_sign(account->margin_available.d) > 0) {
        account->margin_available.d = tt_dec_xadd(account->margin_available.d, entry->margin.d);
    }
    set_notional(state, entry, (tt_money){TT_DEC_ZERO});
    return lifted;
}

void tt_risk_entries_lower(tt_risk_state *state, const tt_risk_lifted *lifted)
{
    state->account.pending_exposure = lifted->pending_exposure;
    state->account.margin_available = lifted->margin_available;
    set_notional(state, lifted->entry, lifted->notional);
}

void tt_risk_entries_amend(
    tt_risk_state *state, tt_risk_entry *entry, const tt_risk_verdict *verdict)
{
    entry->amended.d = tt_dec_xmul(verdict->qty.d, verdict->reference_price.d);
    tt_dec worst = tt_dec_max(entry->notional.d, entry->amended.d);
    set_notional(state, entry, (tt_money){worst});
}

void tt_risk_entries_expire(tt_risk_state *state, tt_seq step_seq)
{
    // Backwards: removing puts the last entry, which has been looked at, in the gap.
    for (uint32_t i = state->entry_count; i > 0 && state->unclaimed_count > 0; i--) {
        tt_risk_entry *entry = &state->entries[i - 1];
        if (entry->order_id == 0 && entry->verdict_seq < step_seq) {
            remove_entry(state, entry);
        }
    }
}
