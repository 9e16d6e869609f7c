/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A position seen by its parts, when account.sub_accounts is on: each source closes and reduces
 * what it holds itself, and the exit rules and protective orders are of what is traded, not of what
 * the portfolio has allocated. Without sub-accounts the position is one.
 */
#include "model/message.h"
#include "trade/trade_priv.h"

bool tt_sub_is_parted(const tt_trade_module *trade)
{
    return trade->config.account.sub_accounts;
}

static const tt_sub_position *part(const tt_trade_module *trade, uint32_t leg, uint8_t number)
{
    return &trade->sub_accounts->list[number].positions[leg - 1];
}

static tt_dec held_of(const tt_trade_module *trade, uint32_t leg)
{
    return trade->books->positions[leg - 1].qty.d;
}

tt_qty tt_sub_held(const tt_trade_module *trade, uint32_t leg, uint8_t number)
{
    tt_dec held = held_of(trade, leg);
    tt_dec own = part(trade, leg, number)->qty.d;
    bool is_there = tt_dec_sign(own) != 0 && tt_dec_sign(own) == tt_dec_sign(held);
    return (tt_qty){is_there ? tt_dec_min(tt_dec_xabs(own), tt_dec_xabs(held)) : TT_DEC_ZERO};
}

uint8_t tt_sub_find(const tt_trade_module *trade, uint32_t source)
{
    for (uint8_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (source != 0 && trade->sub_accounts->list[i].source == source) {
            return i;
        }
    }
    return 0;
}

uint8_t tt_sub_allocation(const tt_trade_module *trade)
{
    return tt_sub_find(trade, TT_SOURCE_PORTFOLIO);
}

tt_qty tt_sub_allocated(const tt_trade_module *trade, uint32_t leg)
{
    uint8_t number = tt_sub_is_parted(trade) ? tt_sub_allocation(trade) : 0;
    return number != 0 ? tt_sub_held(trade, leg, number) : (tt_qty){TT_DEC_ZERO};
}

tt_qty tt_sub_traded(const tt_trade_module *trade, uint32_t leg)
{
    tt_dec held = tt_dec_xabs(held_of(trade, leg));
    return (tt_qty){tt_dec_xsub(held, tt_sub_allocated(trade, leg).d)};
}

bool tt_sub_others_trade(const tt_trade_module *trade, uint32_t leg, uint8_t own)
{
    uint8_t allocation = tt_sub_allocation(trade);
    bool found = false;
    for (uint8_t i = 0; tt_sub_is_parted(trade) && i < TT_SUB_ACCOUNTS_MAX; i++) {
        bool is_other = i != own && (i == 0 || i != allocation);
        found = found || (is_other && !tt_dec_is_zero(tt_sub_held(trade, leg, i).d));
    }
    return found;
}

tt_sub_position tt_sub_trade(const tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = &trade->books->positions[leg - 1];
    tt_sub_position sum = {position->qty, position->cost};
    uint8_t allocation = tt_sub_is_parted(trade) ? tt_sub_allocation(trade) : 0;
    if (allocation == 0) {
        return sum;
    }
    sum = (tt_sub_position){{TT_DEC_ZERO}, {TT_DEC_ZERO}};
    for (uint8_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        const tt_sub_position *one = part(trade, leg, i);
        if (i != allocation && tt_dec_sign(one->qty.d) == tt_dec_sign(position->qty.d)) {
            sum.qty.d = tt_dec_xadd(sum.qty.d, one->qty.d);
            sum.cost.d = tt_dec_xadd(sum.cost.d, one->cost.d);
        }
    }
    return sum;
}
