/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the size and of the leverage: each can only take away.
 */
#ifndef TT_RISK_RISK_CHECK_SIZE_H
#define TT_RISK_RISK_CHECK_SIZE_H

#include "base/error.h"
#include "risk/risk_trial.h"

/* Sets the size to `size` if that is less, and lists the row then. */
#define CLAMP_SIZE(trial, place, value, limit, to)                                                 \
    do {                                                                                           \
        if (tt_dec_lt((to), (trial)->size.d)) {                                                    \
            tt_risk_size_row(                                                                      \
                TT_RISK_APPEND(trial, place, CLAMP), (value), (limit), (trial)->size.d, (to));     \
            (trial)->size.d = (to);                                                                \
        }                                                                                          \
    } while (0)

/* Tells whether a share of at most one has six decimals, and how many millionths it is. */
static inline bool to_millionths(tt_dec share, uint64_t *ret_count)
{
    *ret_count = (uint64_t)share.v / TT_RISK_MILLIONTH;
    return (tt_i128)((tt_u128)*ret_count * (uint64_t)TT_RISK_MILLIONTH) == share.v;
}

/* n / d with its rest, for a constant d of at most 10^6. Numbers of money mostly are below 2^108:
 * there the upper half is a multiple of 2^64 / d and of the rest of that, and all that is divided
 * are 64 bits by a constant, which are products. */
static inline tt_u128 divide_fixed(tt_u128 n, uint64_t d, uint64_t *ret_rest)
{
    const uint64_t high = (uint64_t)(n >> 64);
    const uint64_t whole = UINT64_MAX / d; // 2^64 / d: no d is a power of two.
    const uint64_t left = 0 - whole * d;   // 2^64 % d, below 2^20.
    if (high >> 44 != 0) {
        return tt_divide_word(n, d, ret_rest);
    }
    const uint64_t rest = high * left + (uint64_t)n % d;
    *ret_rest = rest % d;
    return (tt_u128)high * whole + (uint64_t)n / d + rest / d;
}

/* size (within TT_RISK_MICRO_MAX) x millionths, cut off. */
static inline tt_dec millionths_of_size(tt_dec size, uint64_t count)
{
    uint64_t rest = 0;
    return (tt_dec){(tt_i128)divide_fixed((tt_u128)size.v * count, 1000000, &rest)};
}

/* A share of at most one: no overflow. Most shares have six decimals. */
static inline tt_dec part_of(tt_dec size, tt_dec share)
{
    uint64_t count = 0;
    if (to_millionths(share, &count) && tt_risk_is_within(size, TT_RISK_MICRO_MAX)) {
        return millionths_of_size(size, count);
    }
    tt_dec part = TT_DEC_ZERO;
    TT_ASSERT(tt_dec_mul(size, share, TT_ROUND_DOWN, &part) == TUTTI_OK);
    return part;
}

/* Tells whether a number is a multiple of 2^twos x odd, and how many of it; without those twos it
 * must fit 64 bits. */
static inline bool to_multiple(tt_dec number, unsigned twos, uint64_t odd, uint64_t *ret_count)
{
    const uint64_t shifted = (uint64_t)((tt_u128)number.v >> twos);
    const uint64_t lost = (uint64_t)number.v & ((UINT64_C(1) << twos) - 1);
    *ret_count = shifted / odd;
    return *ret_count * odd == shifted && (lost | tt_risk_high(number) >> twos) == 0;
}

/* Tells whether a reduction is a whole number of percent up to 100. 10^18 = 2^18 x 5^18. */
static inline bool to_percent(tt_dec reduction, uint64_t *ret_whole)
{
    return to_multiple(reduction, 18, UINT64_C(3814697265625), ret_whole) && *ret_whole <= 100;
}

/* Tells whether a percentage has six decimals and is at most 100, and how many parts of 10^8 it is.
 * 10^12 = 2^12 x 5^12. */
static inline bool to_micro_percent(tt_dec percent, uint64_t *ret_micro)
{
    return to_multiple(percent, 12, 244140625, ret_micro) && *ret_micro <= TT_RISK_MICRO_PERCENT;
}

/* That share of the equity, cut off: it stands ready in whole parts of 10^8 and a rest. */
static inline tt_dec micro_percent_of_equity(const tt_risk_ready *ready, uint64_t micro)
{
    uint64_t of_rest = ready->equity_rest * micro / TT_RISK_MICRO_PERCENT;
    return (tt_dec){(tt_i128)(ready->equity_whole * micro + of_rest)};
}

/* size (within TT_RISK_MICRO_MAX) x percent / 100, rounded half to even. */
static inline tt_dec percent_of_size(tt_dec size, uint64_t percent)
{
    uint64_t rest = 0;
    tt_u128 part = divide_fixed((tt_u128)size.v * percent, 100, &rest);
    bool goes_up =
        rest + ((uint64_t)part & 1) > 50; // From 51, and from 50 if that makes an even number.
    return (tt_dec){(tt_i128)(part + goes_up)};
}

/* What is left of a size whose numbers are not plain: size x (100 - reduction) / 100, each step
 * rounded half to even, and of that the factor. */
TT_RISK_COLD tt_dec advised_by_quotient(tt_dec size, tt_dec reduction, tt_dec factor)
{
    tt_dec kept = tt_dec_xsub(TT_DEC_C(100, 0), reduction);
    tt_dec reduced = tt_dec_xdiv(tt_dec_xmul(size, kept), TT_DEC_C(100, 0));
    return part_of(tt_dec_min(size, reduced), factor);
}

/* What arbiter and regime took off. A regime may ask for more than was proposed; it gets no more.
 */
static inline void check_advised(tt_risk_trial *trial)
{
    const tt_dec one = TT_DEC_C(1, 0);
    const tt_dec reduction = trial->proposal->size_reduction_pct.d;
    const tt_dec factor = tt_dec_min(trial->proposal->size_multiplier.d, one);
    if (!trial->is_begun) {
        trial->advised.d = advised_by_quotient(trial->size.d, reduction, factor);
    }
    if (!tt_dec_is_zero(reduction) || !tt_dec_eq(factor, one)) {
        // Listed also if nothing is left to take away: value and limit say what was asked.
        tt_risk_check *row = TT_RISK_APPEND(trial, SIZE_ADVISED, PASS);
        tt_risk_size_row(row, reduction, factor, trial->size.d, trial->advised.d);
    }
    trial->size = trial->advised;
}

/* The whole position on the symbol counts: what is held, what is in flight, and this. */
static inline void check_position_size(tt_risk_trial *trial)
{
    tt_dec held = trial->verdict->position_used.d;
    tt_dec limit = trial->verdict->position_limit.d;
    tt_dec after = tt_dec_xadd(held, trial->size.d);
    if (!tt_risk_is_below(after, limit)) {
        tt_dec left = tt_dec_max(tt_dec_xsub(limit, held), TT_DEC_ZERO);
        CLAMP_SIZE(trial, SIZE_REDUCED, after, limit, left);
    }
}

/* The tier of a confidence; NULL below the last one. */
static inline const tt_risk_tier *tier_of(const tt_risk_tables *tables, tt_ratio confidence)
{
    for (int i = 0; i < TT_RISK_TIERS; i++) {
        if (tt_dec_le(tables->tiers[i].confidence.d, confidence.d)) {
            return &tables->tiers[i];
        }
    }
    return NULL;
}

/* What confidence and regime leave of the loss that a trade may make. */
TT_RISK_COLD tt_dec scaled_loss(const tt_risk_trial *trial, tt_dec limit)
{
    const tt_risk_tier *tier = tier_of(trial->tables, trial->confidence);
    tt_dec regime = trial->tables->regime_size[trial->proposal->regime].d;
    return tier ? part_of(part_of(limit, tier->size.d), regime) : TT_DEC_ZERO;
}

/* Tells whether no stop that has passed could lose the limit: none is farther than the largest. */
static inline bool is_loss_free(const tt_risk_trial *trial, tt_dec limit)
{
    tt_i128 stop_max = trial->tables->symbols[trial->symbol_index].stop_max;
    return tt_risk_is_within(trial->size.d, TT_RISK_MICRO_MAX) &&
           tt_risk_is_within(limit, TT_RISK_MICRO_MAX) &&
           trial->size.d.v * stop_max <= limit.v * TT_RISK_MICRO_PERCENT;
}

/* Cuts the size to what may be lost at the stop. */
TT_RISK_COLD void cut_to_loss(tt_risk_trial *trial, tt_dec limit)
{
    tt_i128 stop = tt_risk_distance_of(trial->reference, trial->stop_distance).up;
    tt_dec share = {stop * (TT_DEC_ONE_I64 / TT_RISK_MICRO_PERCENT)};
    tt_dec loss = tt_risk_loss_at(trial->size, stop).d;
    if (tt_dec_lt(limit, loss)) {
        tt_dec size = TT_DEC_ZERO;
        // Less than the size: the quotient cannot overflow.
        TT_ASSERT(tt_dec_div(limit, share, TT_ROUND_DOWN, &size) == TUTTI_OK);
        CLAMP_SIZE(trial, RISK_PER_TRADE, loss, limit, size);
    }
}

/* Where a loss at the farthest stop is within the limit, the stop itself needs no quotient. Without
 * tiers of confidence the size up to which that is so stands ready. */
static inline void check_loss_at_stop(tt_risk_trial *trial)
{
    tt_dec limit = trial->state->limits.loss.d;
    bool is_scaled = trial->config->sizing.enabled;
    if (is_scaled) {
        limit = scaled_loss(trial, limit);
        trial->verdict->loss_limit.d = limit;
    }
    if (tt_dec_is_zero(trial->stop_distance.d)) {
        trial->skipped |= TT_RISK_PLACE_BIT(RISK_PER_TRADE);
    } else if (
        is_scaled ? !is_loss_free(trial, limit)
                  : !tt_risk_is_below(trial->size.d, trial->ready->loss_free)) {
        cut_to_loss(trial, limit);
    }
}

static inline void check_loss_row(tt_risk_trial *trial)
{
    uint32_t losses = trial->state->consecutive_losses;
    trial->verdict->losses_in_row = (uint8_t)losses;
    if (losses < TT_RISK_LOSSES_HIGH) {
        return;
    }
    tt_dec cut = part_of(trial->size.d, trial->tables->shares.loss_cut.d);
    tt_dec limit = tt_risk_number(TT_RISK_LOSSES_HIGH).d;
    tt_risk_check *row = TT_RISK_APPEND(trial, SIZE_REDUCED_LOSSES, PASS);
    tt_risk_size_row(row, tt_risk_number(losses).d, limit, trial->size.d, cut);
    trial->size.d = cut;
}

static inline void check_spike(tt_risk_trial *trial)
{
    const tt_risk_symbol *symbol = trial->symbol;
    if (symbol->is_spike) {
        tt_dec cut = part_of(trial->size.d, trial->tables->shares.spike_cut.d);
        CLAMP_SIZE(trial, VOLATILITY_SPIKE, symbol->atr.d, symbol->atr_limit.d, cut);
    }
}

static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline void check_leverage(tt_risk_trial *trial)
{
    tt_risk_loss_level level = trial->loss_level;
    uint32_t cap = trial->tables->leverage_max[trial->proposal->regime][level];
    cap = smaller(cap, trial->tables->symbols[trial->symbol_index].leverage);
    cap = smaller(cap, trial->state->limits.drawdown_leverage);
    if (trial->config->sizing.enabled) {
        const tt_risk_tier *tier = tier_of(trial->tables, trial->confidence);
        cap = tier ? smaller(cap, tier->leverage) : 1;
    }
    trial->verdict->leverage_max = (uint8_t)cap;
    if (cap >= trial->leverage) {
        return;
    }
    tt_dec asked = tt_risk_number(trial->leverage).d;
    tt_dec allowed = tt_risk_number(cap).d;
    tt_risk_size_row(
        TT_RISK_APPEND(trial, LEVERAGE_REDUCED, CLAMP), asked, allowed, asked, allowed);
    trial->leverage = cap;
}

/* The lower half of n >> shift; shift < 64. */
static inline uint64_t shifted_low(tt_u128 n, unsigned shift)
{
    return (uint64_t)n >> shift | (uint64_t)(n >> 64) << 1 << (63 - shift);
}

/* Powers of two that divide the price are taken off both sides: exact, and what is left of the
 * price mostly fits 64 bits. Prices are whole ticks, so there are at least ten. */
static inline tt_u128 divide_by_price(tt_u128 n, tt_u128 price)
{
    unsigned twos = (unsigned)__builtin_ctzll((uint64_t)price | UINT64_C(1) << 63);
    uint64_t low = shifted_low(price, twos);
    uint64_t n_high = (uint64_t)(n >> 64) >> twos;
    bool is_short = (uint64_t)(price >> 64) >> twos == 0 && n_high < low;
    if (TT_RISK_MOSTLY(is_short)) {
        uint64_t rest = 0;
        return tt_divide_wide((tt_u128)n_high << 64 | shifted_low(n, twos), low, &rest);
    }
    return n / price;
}

/* Whole lots that the size buys at the reference price, up to the largest quantity: a price below
 * 10^-5 could ask for more. */
TT_RISK_COLD tt_qty lots_by_quotient(const tt_risk_trial *trial, tt_dec size)
{
    const tt_risk_lot *lot = &trial->tables->lots[trial->symbol_index];
    tt_qty qty = {TT_QTY_MAX};
    if (tt_dec_div(size, trial->reference.d, TT_ROUND_DOWN, &qty.d) != TUTTI_OK) {
        qty.d = TT_QTY_MAX;
    }
    qty.d = tt_dec_min(qty.d, TT_QTY_MAX);
    TT_ASSERT(tt_dec_quantize(qty.d, lot->size.d, TT_ROUND_DOWN, &qty.d) == TUTTI_OK);
    return qty;
}

/* Sets the quantity, and whether its notional is above the least for sure: whole lots cost at
 * least the size less one lot, so it is where the size is above the least by more than a lot. */
static inline void set_lots_of(tt_risk_trial *trial, tt_dec size)
{
    const tt_risk_lot *lot = &trial->tables->lots[trial->symbol_index];
    uint64_t per_unit = lot->per_unit;
    trial->lots_for.d = size;
    trial->is_clearly_enough = false;
    if (per_unit == 0 || !tt_risk_is_within(size, TT_RISK_MICRO_MAX)) {
        trial->qty = lots_by_quotient(trial, size);
        return;
    }
    tt_u128 count = divide_by_price((tt_u128)size.v * per_unit, (tt_u128)trial->reference.d.v);
    bool is_within = count < lot->count_max;
    uint64_t lots = is_within ? (uint64_t)count : lot->count_max;
    trial->qty.d.v = (tt_i128)((tt_u128)lots * (uint64_t)lot->size.d.v);
    // Both are within 2^100, so that what is below zero is large without its sign.
    tt_u128 above = (tt_u128)(size.v - trial->instrument->min_notional.d.v);
    trial->is_clearly_enough =
        is_within && above >> 100 == 0 && above * per_unit > (tt_u128)trial->reference.d.v;
}

/* The same for the size as it is now: something has cut it since its lots were counted. */
TT_RISK_COLD void set_lots(tt_risk_trial *trial)
{
    set_lots_of(trial, trial->size.d);
}

/* A reduction ends at flat: what is asked beyond the position is cut off. */
TT_RISK_COLD void check_held_size(tt_risk_trial *trial)
{
    tt_qty held = trial->qty;
    tt_dec value = tt_dec_xmul(held.d, trial->reference.d);
    tt_dec asked = trial->size.d;
    trial->size.d = tt_dec_min(asked, value);
    tt_risk_check *row = TT_RISK_APPEND(trial, SIZE_REDUCED, PASS);
    tt_risk_size_row(row, asked, value, asked, trial->size.d);
    if (tt_dec_lt(trial->size.d, value)) {
        set_lots(trial);
    }
}

TT_RISK_COLD bool pass_least_notional(tt_risk_trial *trial)
{
    tt_dec notional = tt_dec_xmul(trial->qty.d, trial->reference.d);
    tt_dec least = trial->instrument->min_notional.d;
    return !tt_dec_lt(notional, least) ||
           tt_risk_refuse(trial, TT_RISK_PLACE_SIZE_TOO_SMALL, notional, least);
}

static inline bool pass_least_quantity(tt_risk_trial *trial)
{
    tt_dec qty = trial->qty.d;
    tt_dec least = trial->instrument->min_qty.d;
    bool is_enough = !tt_dec_lt(qty, least) && !tt_dec_is_zero(qty);
    return is_enough || tt_risk_refuse(trial, TT_RISK_PLACE_SIZE_TOO_SMALL, qty, least);
}

/* Of what opens. */
static inline bool pass_least_size(tt_risk_trial *trial)
{
    if (!tt_dec_eq(trial->lots_for.d, trial->size.d)) {
        set_lots(trial);
    }
    return pass_least_quantity(trial) && (trial->is_clearly_enough || pass_least_notional(trial));
}

/* Begins what an entry's size needs of divisions before anything else is done: they wait for each
 * other, and the processor writes the facts and asks for the rules meanwhile. Nothing has been
 * checked yet: what is not plain is left to its check. */
static inline void begin_size(tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    const tt_dec factor = tt_dec_min(proposal->size_multiplier.d, TT_DEC_C(1, 0));
    uint64_t percent = 0;
    uint64_t millionths = 0;
    tt_dec size = trial->size.d;
    trial->is_begun = to_percent(proposal->size_reduction_pct.d, &percent) &&
                      to_millionths(factor, &millionths) &&
                      tt_risk_is_within(size, TT_RISK_MICRO_MAX);
    if (!trial->is_begun) {
        return;
    }
    size = percent == 0 ? size : percent_of_size(size, 100 - percent);
    size = millionths == 1000000 ? size : millionths_of_size(size, millionths);
    trial->advised.d = size;
    if (trial->instrument && tt_risk_is_positive(trial->reference.d)) {
        set_lots_of(trial, size);
    }
}

/* From SIZE_ADVISED to SIZE_TOO_SMALL. */
static inline bool pass_size(tt_risk_trial *trial)
{
    check_advised(trial);
    check_position_size(trial);
    check_loss_at_stop(trial);
    check_loss_row(trial);
    check_spike(trial);
    check_leverage(trial);
    return pass_least_size(trial);
}

static inline bool pass_size_of_increase(tt_risk_trial *trial)
{
    check_position_size(trial);
    return pass_least_size(trial);
}

/* What closes all may be as small as it is. */
static inline bool pass_size_of_reduction(tt_risk_trial *trial)
{
    check_held_size(trial);
    bool closes_all = tt_dec_eq(trial->qty.d, tt_dec_xabs(trial->held.qty.d));
    return closes_all || (pass_least_quantity(trial) && pass_least_notional(trial));
}

#endif
