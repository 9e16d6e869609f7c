/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How far two symbols move together, from the closes of their bars. Whole numbers throughout: the
 * same bars give the same correlation everywhere. Inside of risk only.
 *
 * A return is the change from one close to the next, in 10^-9, of bars that follow each other;
 * where a bar is missing there is none. A pair is measured over the returns that both symbols have
 * in the last risk.correlation.window intervals, when a proposal needs it, and again after the next
 * bar.
 */
#ifndef TT_RISK_RISK_CORRELATION_H
#define TT_RISK_RISK_CORRELATION_H

#include "bus/core.h"

/** Returns kept for a symbol; the largest window. */
#define TT_RISK_RETURNS_MAX 128

/** One return: of the interval whose number is `slot` - 1, modulo 2^32; 0 = none. */
typedef struct tt_risk_return {
    uint32_t slot;
    int32_t nano; /**< 10^-9 of the price; a change beyond 100 % counts as that. */
} tt_risk_return;

/** Returns of a symbol; a ring by slot. */
typedef struct tt_risk_returns {
    tt_risk_return ring[TT_RISK_RETURNS_MAX];
    uint32_t last_slot;  /**< Of the newest bar; 0 = none yet. */
    uint32_t interval_s; /**< Of its bars. */
    uint32_t generation; /**< Bars noted. */
    uint8_t reserved[4];
} tt_risk_returns;

/** A measured pair: how much the exposure of one counts for the other. */
typedef struct tt_risk_pair {
    tt_ratio weight;
    uint32_t first_generation; /**< One more than those it was measured with; 0 = never. */
    uint32_t second_generation;
    uint8_t is_measured; /**< False: too few returns, or a price that does not move. */
    uint8_t reserved[7];
} tt_risk_pair;

#define TT_RISK_PAIRS_MAX (TT_INSTRUMENTS_MAX * (TT_INSTRUMENTS_MAX - 1) / 2)

/** All of it; part of the region. */
typedef struct tt_risk_correlations {
    tt_risk_pair pairs[TT_RISK_PAIRS_MAX];
    tt_risk_returns symbols[TT_INSTRUMENTS_MAX];
} tt_risk_correlations;

/** What a measurement gives: millionths, rounded up; -1 if it cannot be told. */
#define TT_RISK_CORRELATION_UNKNOWN (-1)

/** Notes a bar; `before` is the close of the one before it, 0 = none. */
void tt_risk_returns_note(tt_risk_returns *returns, const tt_bar *bar, tt_price before);
/** Measures |correlation| of two symbols in millionths over the last `window` intervals. Fewer than
 * `samples_min` common returns, other intervals, or a price that does not move: unknown. */
int32_t tt_risk_correlation_measure(
    const tt_risk_returns *first,
    const tt_risk_returns *second,
    uint32_t window,
    uint32_t samples_min);
/** The pair of two different symbols, in any order. */
const tt_risk_pair *
tt_risk_pair_of(const tt_risk_correlations *correlations, uint32_t first, uint32_t second);

#endif
