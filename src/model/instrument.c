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
