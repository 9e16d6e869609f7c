/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Look-ups of instruments by id and by symbol.
 */
#include "model/instrument.h"

#include <string.h>

const tt_instrument *tt_instrument_find(const tt_instruments *instruments, tt_instrument_id id)
{
    return id.n >= 1 && id.n <= instruments->count ? &instruments->list[id.n - 1] : NULL;
}

const tt_instrument *
tt_instrument_find_symbol(const tt_instruments *instruments, const char *symbol, size_t length)
{
    for (uint32_t i = 0; i < instruments->count; i++) {
        const tt_instrument *instrument = &instruments->list[i];
        if (strlen(instrument->symbol) == length &&
            memcmp(instrument->symbol, symbol, length) == 0) {
            return instrument;
        }
    }
    return NULL;
}

tt_price tt_liquidation_price(
    const tt_instrument *instrument, tt_price entry, uint8_t leverage, bool is_long)
{
    tt_dec one = {TT_DEC_ONE_I64};
    bool is_spot = tt_dec_le(instrument->max_leverage.d, one);
    if (leverage <= 1 || is_spot || tt_dec_sign(entry.d) <= 0) {
        return (tt_price){TT_DEC_ZERO};
    }
    tt_dec rate = instrument->maintenance_margin_rate.d;
    tt_dec margin = tt_dec_xdiv(entry.d, tt_dec_from_i64(leverage, 0));
    tt_dec edge = is_long ? tt_dec_xsub(entry.d, margin) : tt_dec_xadd(entry.d, margin);
    if (tt_dec_is_zero(rate)) {
        return (tt_price){edge};
    }
    tt_dec kept = is_long ? tt_dec_xsub(one, rate) : tt_dec_xadd(one, rate);
    return (tt_price){tt_dec_xdiv(edge, kept)};
}
