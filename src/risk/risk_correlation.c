/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Correlation of closes. Bounds: returns are within 10^9, a window has at most 2^7 of them, so each
 * sum of products is below 2^67 and each variance below 2^74; a root is rounded down and the
 * correlation up, against the trade.
 */
#include "risk/risk_correlation.h"

#include "base/error.h"
#include "risk/risk_priv.h"

#include <string.h>

#define NANO_MAX INT64_C(1000000000)
#define MILLION  1000000

static int32_t return_of(tt_price close, tt_price before)
{
    tt_i128 change = (close.d.v - before.d.v) * NANO_MAX / before.d.v;
    if (change > NANO_MAX) {
        return (int32_t)NANO_MAX;
    }
    return (int32_t)(change < -NANO_MAX ? -NANO_MAX : change);
}

/* Steps from one slot to another, which may have wrapped. */
static int32_t steps_between(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

void tt_risk_returns_note(tt_risk_returns *returns, const tt_bar *bar, tt_price before)
{
    if (bar->interval_s == 0) {
        return;
    }
    uint32_t slot = (uint32_t)(bar->open_time.ns / TT_NS_PER_S / bar->interval_s + 1);
    if (bar->interval_s != returns->interval_s) {
        uint32_t generation = returns->generation;
        memset(returns, 0, sizeof *returns);
        returns->interval_s = bar->interval_s;
        returns->generation = generation;
    }
    int32_t steps = returns->last_slot == 0 ? 0 : steps_between(returns->last_slot, slot);
    if (returns->last_slot != 0 && steps <= 0) {
        return; // An interval that has been seen.
    }
    bool follows = steps == 1 && tt_dec_sign(before.d) > 0;
    returns->ring[slot % TT_RISK_RETURNS_MAX] = (tt_risk_return){
        .slot = follows ? slot : 0,
        .nano = follows ? return_of(bar->close, before) : 0,
    };
    returns->last_slot = slot;
    returns->generation++;
}

/* Sums over the common returns. */
typedef struct sums {
    int64_t count;
    tt_i128 x;
    tt_i128 y;
    tt_i128 xx;
    tt_i128 yy;
    tt_i128 xy;
} sums;

static sums add_up(
    const tt_risk_returns *first, const tt_risk_returns *second, uint32_t newest, uint32_t window)
{
    sums total = {0};
    for (uint32_t i = 0; i < window; i++) {
        uint32_t slot = newest - i;
        const tt_risk_return *a = &first->ring[slot % TT_RISK_RETURNS_MAX];
        const tt_risk_return *b = &second->ring[slot % TT_RISK_RETURNS_MAX];
        if (slot == 0 || a->slot != slot || b->slot != slot) {
            continue;
        }
        int64_t x = a->nano;
        int64_t y = b->nano;
        total.count++;
        total.x += x;
        total.y += y;
        total.xx += x * x;
        total.yy += y * y;
        total.xy += x * y;
    }
    return total;
}

/* Whole part of the square root; the argument is below 2^74. */
static tt_i128 root_of(tt_i128 square)
{
    tt_i128 root = 0;
    for (tt_i128 bit = (tt_i128)1 << 37; bit > 0; bit >>= 1) {
        tt_i128 trial = root | bit;
        if (trial * trial <= square) {
            root = trial;
        }
    }
    return root;
}

int32_t tt_risk_correlation_measure(
    const tt_risk_returns *first,
    const tt_risk_returns *second,
    uint32_t window,
    uint32_t samples_min)
{
    if (first->last_slot == 0 || second->last_slot == 0 ||
        first->interval_s != second->interval_s) {
        return TT_RISK_CORRELATION_UNKNOWN;
    }
    bool is_later = steps_between(first->last_slot, second->last_slot) > 0;
    uint32_t newest = is_later ? second->last_slot : first->last_slot;
    sums total = add_up(first, second, newest, window);
    tt_i128 of_x = total.count * total.xx - total.x * total.x;
    tt_i128 of_y = total.count * total.yy - total.y * total.y;
    if (total.count < samples_min || of_x == 0 || of_y == 0) {
        return TT_RISK_CORRELATION_UNKNOWN;
    }
    tt_i128 common = total.count * total.xy - total.x * total.y;
    // Which side is held of each is not looked at: moving apart is moving together.
    tt_i128 scaled = (common < 0 ? -common : common) * MILLION;
    tt_i128 scale = of_x == of_y ? of_x : root_of(of_x) * root_of(of_y);
    tt_i128 correlation = (scaled + scale - 1) / scale;
    return (int32_t)(correlation < MILLION ? correlation : MILLION);
}

static uint32_t place_of(uint32_t first, uint32_t second)
{
    uint32_t low = first < second ? first : second;
    uint32_t high = first < second ? second : first;
    TT_ASSERT(low < high && high < TT_INSTRUMENTS_MAX);
    return high * (high - 1) / 2 + low;
}

const tt_risk_pair *
tt_risk_pair_of(const tt_risk_correlations *correlations, uint32_t first, uint32_t second)
{
    return &correlations->pairs[place_of(first, second)];
}

/* What counts of a pair: the larger of what is configured and what is measured. */
static tt_ratio weight_of(const tt_risk *risk, uint32_t first, uint32_t second, int32_t measured)
{
    const tt_correlation_config *config = &risk->config.correlation;
    const tt_risk_tables *tables = risk->tables;
    tt_ratio configured = tables->correlation[first][second];
    tt_ratio found = {TT_DEC_ZERO};
    if (measured != TT_RISK_CORRELATION_UNKNOWN) {
        found.d = tt_dec_from_i64(measured, 6);
    } else if ((tables->is_listed[first] >> second & 1u) == 0) {
        found = config->unmeasured;
    }
    bool is_counted = tt_dec_lt(config->counted_above.d, found.d);
    return is_counted ? (tt_ratio){tt_dec_max(found.d, configured.d)} : configured;
}

static void refresh_pair(tt_risk *risk, uint32_t first, uint32_t second)
{
    tt_risk_correlations *all = &risk->state->correlations;
    const tt_risk_returns *low = &all->symbols[first < second ? first : second];
    const tt_risk_returns *high = &all->symbols[first < second ? second : first];
    tt_risk_pair *pair = &all->pairs[place_of(first, second)];
    if (pair->first_generation == low->generation + 1 &&
        pair->second_generation == high->generation + 1) {
        return;
    }
    const tt_correlation_config *config = &risk->config.correlation;
    int32_t measured = tt_risk_correlation_measure(low, high, config->window, config->min_samples);
    pair->weight = weight_of(risk, first, second, measured);
    pair->first_generation = low->generation + 1;
    pair->second_generation = high->generation + 1;
    pair->is_measured = measured != TT_RISK_CORRELATION_UNKNOWN;
}

void tt_risk_correlation_refresh(tt_risk *risk, uint32_t symbol_index)
{
    const tt_risk_state *state = risk->state;
    for (uint32_t i = 0; i < state->active_count; i++) {
        if (state->active[i] != symbol_index) {
            refresh_pair(risk, symbol_index, state->active[i]);
        }
    }
}
