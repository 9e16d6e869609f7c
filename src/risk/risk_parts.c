/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Parts of the account: see risk_parts.h.
 */
#include "risk/risk_parts.h"

#include "risk/risk_state.h"

tutti_status
tt_risk_parts_note(tt_risk_parts *parts, uint32_t symbol_index, const tt_sub_account_update *update)
{
    if (update->account >= TT_SUB_ACCOUNTS_MAX) {
        return TUTTI_INVALID;
    }
    tt_risk_part *part = &parts->list[update->account];
    bool is_short = update->position_side == TT_side_SELL;
    part->source = update->account_source;
    tt_dec paid_in = tt_dec_xadd(update->initial.d, update->transfers.d);
    part->cash.d = tt_dec_xadd(paid_in, update->cash_flow.d);
    part->has_capital = update->account != 0 && tt_dec_sign(update->initial.d) > 0;
    part->qty[symbol_index + (is_short ? TT_INSTRUMENTS_MAX : 0)] = update->position_qty;
    parts->is_told = 1;
    return TUTTI_OK;
}

const tt_risk_part *tt_risk_part_find(const tt_risk_parts *parts, uint32_t source)
{
    bool is_full = true;
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (source != 0 && parts->list[i].source == source) {
            return &parts->list[i];
        }
        is_full = is_full && parts->list[i].source != 0;
    }
    return is_full || source == 0 ? &parts->list[0] : NULL;
}

static tt_dec on_side(tt_qty part, tt_qty whole)
{
    bool is_there = tt_dec_sign(part.d) == tt_dec_sign(whole.d);
    return is_there ? tt_dec_xabs(part.d) : TT_DEC_ZERO;
}

tt_qty tt_risk_parts_held(
    const tt_risk_parts *parts,
    uint32_t source,
    uint32_t symbol_index,
    bool is_short,
    bool is_close,
    tt_qty qty)
{
    uint32_t place = symbol_index + (is_short ? TT_INSTRUMENTS_MAX : 0);
    const tt_risk_part *part = tt_risk_part_find(parts, source);
    tt_dec own = part == NULL ? TT_DEC_ZERO : on_side(part->qty[place], qty);
    if (is_close && part != &parts->list[0]) {
        own = tt_dec_xadd(own, on_side(parts->list[0].qty[place], qty));
    }
    own = tt_dec_min(own, tt_dec_xabs(qty.d));
    return (tt_qty){tt_dec_sign(qty.d) < 0 ? tt_dec_xneg(own) : own};
}

tt_money tt_risk_part_margin(const tt_risk_state *state, const tt_risk_part *part)
{
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < 2 * TT_INSTRUMENTS_MAX; i++) {
        if (tt_dec_is_zero(part->qty[i].d)) {
            continue;
        }
        const tt_risk_symbol *symbol = &state->symbols[i % TT_INSTRUMENTS_MAX];
        uint8_t leverage = i < TT_INSTRUMENTS_MAX ? symbol->leverage : symbol->short_leg.leverage;
        tt_money notional = {TT_MONEY_MAX};
        tutti_status status = tt_dec_mul(
            tt_dec_xabs(part->qty[i].d), symbol->mark.d, TT_ROUND_HALF_EVEN, &notional.d);
        notional.d = status == TUTTI_OK ? tt_dec_min(notional.d, TT_MONEY_MAX) : TT_MONEY_MAX;
        sum = tt_risk_add_money(sum, tt_risk_margin(notional, leverage).d);
    }
    return (tt_money){sum};
}

tt_money tt_risk_part_equity(const tt_risk_state *state, const tt_risk_part *part)
{
    tt_dec sum = part->cash.d;
    for (uint32_t i = 0; i < 2 * TT_INSTRUMENTS_MAX; i++) {
        tt_dec value = TT_DEC_ZERO;
        const tt_risk_symbol *symbol = &state->symbols[i % TT_INSTRUMENTS_MAX];
        tt_dec qty = part->qty[i].d;
        if (tt_dec_mul(qty, symbol->mark.d, TT_ROUND_HALF_EVEN, &value) == TUTTI_OK) {
            sum = tt_dec_xadd(sum, value);
        }
    }
    return (tt_money){sum};
}
