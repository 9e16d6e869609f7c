/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What each source of signals holds of a symbol, while sub_account_updates tell it.
 *
 * A signal then is about what its source holds itself, and what no source stands for: who holds
 * nothing has nothing to close or to turn around. While others hold the opposite side, an entry
 * waits: one account cannot hold both sides of a netting position.
 */
#include "coord/coord_priv.h"

tutti_status tt_coord_on_sub_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_sub_account_update *update = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
    if (!tt_coord_is_symbol(coord, msg->key) || update->account >= TT_SUB_ACCOUNTS_MAX) {
        return TUTTI_INVALID;
    }
    tt_coord_parts *parts = coord->parts;
    uint32_t place = update->position_side == TT_side_SELL ? 1 : 0;
    parts->is_told = 1;
    parts->sources[update->account] = update->account_source;
    parts->held[msg->key - 1][place][update->account] = update->position_qty;
    return TUTTI_OK;
}

uint32_t tt_coord_source_of(const tt_coord *coord, tt_seq signal_seq)
{
    const tt_msg *signal =
        signal_seq == 0 ? NULL : tt_bus_find(coord->bus, TT_TOPIC_TRADING_SIGNALS, signal_seq);
    return signal == NULL ? 0 : signal->source;
}

/* The sub-account of a source; the house while it has none. */
static uint32_t account_of(const tt_coord_parts *parts, uint32_t source)
{
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (parts->sources[i] == source) {
            return i;
        }
    }
    return 0;
}

bool tt_coord_parts_apply(const tt_coord *coord, uint32_t source)
{
    return coord->parts->is_told != 0 && source != 0;
}

tt_side tt_coord_parts_side(
    const tt_coord *coord, uint32_t key, uint32_t source, tt_side held, bool is_short)
{
    const tt_coord_parts *parts = coord->parts;
    const tt_qty *list = parts->held[key - 1][is_short ? 1 : 0];
    uint32_t account = account_of(parts, source);
    int side = held == TT_side_BUY ? 1 : held == TT_side_SELL ? -1 : 0;
    bool has_own = tt_dec_sign(list[account].d) == side || tt_dec_sign(list[0].d) == side;
    return side != 0 && has_own ? held : TT_side_NONE;
}
