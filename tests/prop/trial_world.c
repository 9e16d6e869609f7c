/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a trial is made of, drawn.
 */
#include "trial_world.h"

#include "../lib/config_defaults.h"
#include "base/random.h"

#include <string.h>

static tt_random source;
static bool is_plain_run;

/* ---- numbers ---- */

bool tw_chance(uint64_t in)
{
    return tt_random_below(&source, in) == 0;
}

uint64_t tw_below(uint64_t bound)
{
    return tt_random_below(&source, bound);
}

/* A decimal in [low, high] with `digits` digits. */
static tt_dec draw(int64_t low, int64_t high, int digits)
{
    int64_t scale = 1;
    for (int i = 0; i < digits; i++) {
        scale *= 10;
    }
    return tt_dec_from_i64(tt_random_between(&source, low * scale, high * scale), digits);
}

/* Any number of digits, up to `max`. */
static tt_dec draw_fine(tt_dec max)
{
    unsigned shift = (unsigned)tw_below(120);
    tt_u128 bits = (tt_u128)tt_random_u64(&source) << 64 | tt_random_u64(&source);
    return (tt_dec){(tt_i128)((bits >> 1) % ((tt_u128)max.v + 1) >> shift)};
}

/* A percentage: mostly a plain one, at times with more decimals than the facts hold. */
static tt_ratio draw_limit(int64_t low, int64_t high)
{
    tt_ratio limit = {draw(low, high, tw_chance(3) ? 6 : 1)};
    if (tw_chance(20) && limit.d.v > 0 && limit.d.v < tt_dec_from_i64(high, 0).v) {
        limit.d.v += (tt_i128)tw_below(2000000000000);
        limit.d = tt_dec_min(limit.d, tt_dec_from_i64(high, 0));
    }
    return limit;
}

/* One unit around an edge. */
static tt_dec around(tt_dec edge)
{
    return (tt_dec){edge.v + (tt_i128)tw_below(3) - 1};
}
/* ---- the world ---- */

static void draw_instruments(world *w)
{
    static const char *const names[] = {"BTC/USDT", "XRP/USDT", "XRP/BTC", "ETH/USDT"};
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        tt_instrument *instrument = &w->instruments.list[i];
        *instrument = (tt_instrument){
            .price_increment.d = TT_DEC_C(1, 2),
            .qty_increment.d = tt_dec_from_i64(tw_chance(6) ? 3 : 1, (int)tw_below(9)),
            .min_qty.d = draw(0, 1, 3),
            .min_notional.d = draw(0, 20, 1),
            .max_leverage.d = draw(1, 12, 1),
            .id = {i + 1},
        };
        TT_TEXT_SET(instrument->symbol, names[i]);
    }
    w->instruments.count = INSTRUMENTS;
}

static void draw_lists(tt_risk_module_config *config)
{
    if (tw_chance(3)) {
        config->symbol_count = 1;
        TT_TEXT_SET(config->symbols[0].symbol, "ETH/USDT");
        config->symbols[0].max_stop_pct = draw_limit(4, 100);
        config->symbols[0].max_position_pct = draw_limit(1, 50);
        config->symbols[0].max_trades_per_day = (uint32_t)tw_below(5);
    }
    if (tw_chance(3)) {
        config->window_count = 1;
        TT_TEXT_SET(config->windows[0].from, "22:00");
        TT_TEXT_SET(config->windows[0].to, "02:00");
    }
    config->protection_count = tw_chance(2) ? 1 : 0;
}

static void draw_config(world *w)
{
    tt_risk_module_config *config = &w->config;
    memset(config, 0, sizeof *config);
    TT_TEST_DEFAULTS(risk, &config->limits);
    TT_TEST_DEFAULTS(confidence, &config->confidence);
    TT_TEST_DEFAULTS(leverage, &config->leverage);
    TT_TEST_DEFAULTS(correlation, &config->correlation);
    TT_TEST_DEFAULTS(volatility, &config->volatility);
    TT_TEST_DEFAULTS(breakers, &config->breakers);
    TT_TEST_DEFAULTS(cooldowns, &config->cooldowns);
    TT_TEST_DEFAULTS(sizing, &config->sizing);
    tt_risk_config *limits = &config->limits;
    limits->max_position_pct = draw_limit(1, 60);
    limits->max_total_exposure_pct = draw_limit(20, 200);
    limits->max_risk_per_trade_pct = draw_limit(tw_chance(2) ? 0 : 1, 3);
    limits->max_margin_pct = draw_limit(20, 100);
    limits->min_stop_pct = draw_limit(0, 2);
    limits->max_stop_pct = draw_limit(3, tw_chance(4) ? 100 : 8);
    limits->min_reward_risk = draw_limit(0, 3);
    limits->loss_size_cut_pct = draw_limit(0, 100);
    limits->require_stop_loss = !tw_chance(3);
    limits->max_open_positions = (uint32_t)(1 + tw_below(tw_chance(2) ? 5 : 64));
    limits->max_trades_per_day = tw_chance(3) ? (uint32_t)tw_below(40) : 0;
    limits->max_trades_per_strategy = tw_chance(6) ? (uint32_t)tw_below(40) : 0;
    config->volatility.spike_size_cut_pct = draw_limit(0, 100);
    config->confidence.disagreement = (tt_ratio){draw(0, 1, tw_chance(4) ? 9 : 2)};
    config->confidence.trending = (tt_ratio){draw(0, 1, tw_chance(4) ? 9 : 2)};
    config->breakers.max_drawdown_pct = draw_limit(1, 100);
    config->sizing.enabled = tw_chance(2);
    config->sizing.size_2.d = draw(0, 1, tw_chance(4) ? 9 : 2);
    draw_lists(config);
}

static void cut_to_millionths(tt_ratio *limit)
{
    limit->d.v -= limit->d.v % TT_RISK_MILLIONTH;
}

static void make_config_plain(tt_risk_module_config *config)
{
    tt_ratio *const limits[] = {
        &config->limits.min_stop_pct,
        &config->limits.max_stop_pct,
        &config->limits.min_reward_risk,
        &config->breakers.max_drawdown_pct,
        &config->confidence.disagreement,
        &config->symbols[0].max_stop_pct,
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        cut_to_millionths(limits[i]);
    }
    config->window_count = 0;
    config->symbols[0].max_trades_per_day = 0;
    config->limits.max_trades_per_day = 0;
    config->limits.max_trades_per_strategy = 0;
    config->limits.max_open_positions = 20;
    config->sizing.enabled = false;
}

/* Most of what stops all entries is taken away. */
static void make_state_plain(tt_risk_state *state)
{
    if (tw_chance(8)) {
        return;
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        tt_risk_symbol *symbol = &state->symbols[i];
        symbol->unknown_orders = 0;
        symbol->is_unsettled = 0;
        symbol->is_spike = tw_chance(20);
        symbol->closing = TT_RISK_CLOSING_NONE;
        symbol->exposure.d = tt_dec_min(symbol->exposure.d, TT_DEC_C(tw_chance(3) ? 400 : 10, 0));
    }
    if (tw_chance(2)) {
        state->active_count = 0;
    }
    state->account.open_positions %= 20;
    state->account.equity.d = tt_dec_xadd(state->account.equity.d, TT_DEC_C(4000, 0));
    state->account.peak.d = tt_dec_xadd(state->account.peak.d, TT_DEC_C(4000, 0));
    state->entry_count = 0;
    state->consecutive_losses %= 5;
    memset(state->breached, 0, sizeof state->breached);
}

static tt_money draw_amount(int64_t most)
{
    if (tw_chance(40)) {
        return (tt_money){draw_fine(TT_DEC_C(1000000000000, 0))};
    }
    return (tt_money){draw(0, most, tw_chance(4) ? 9 : 2)};
}

static void draw_symbol(tt_risk_symbol *symbol)
{
    bool is_held = tw_chance(2);
    symbol->mark.d = draw(90, 110, 2);
    symbol->qty.d = is_held ? draw(-10, 10, 3) : TT_DEC_ZERO;
    symbol->exposure = is_held ? draw_amount(1500) : (tt_money){TT_DEC_ZERO};
    symbol->pending = tw_chance(4) ? draw_amount(500) : (tt_money){TT_DEC_ZERO};
    symbol->short_leg = (tt_risk_leg){.qty.d = draw(-3, 0, 2), .position_id = 9, .leverage = 2};
    symbol->atr.d = draw(0, 9, 4);
    symbol->atr_limit.d = draw(0, 9, 4);
    symbol->is_spike = tw_chance(8);
    symbol->unknown_orders = tw_chance(60) ? 1 : 0;
    symbol->is_unsettled = tw_chance(60);
    symbol->entries_today = (uint32_t)tw_below(4);
    symbol->position_id = 77;
    symbol->leverage = (uint8_t)(1 + tw_below(5));
    symbol->closing = tw_chance(80) ? TT_RISK_CLOSING_SYMBOL : TT_RISK_CLOSING_NONE;
}

static void draw_account(tt_risk_state *state)
{
    tt_risk_account *account = &state->account;
    account->is_known = !tw_chance(60);
    account->equity = draw_amount(tw_chance(4) ? 1000000 : 12000);
    account->peak.d = tt_dec_xadd(account->equity.d, draw(0, tw_chance(3) ? 3000 : 100, 2));
    account->exposure = tw_chance(3) ? draw_amount(9000) : (tt_money){TT_DEC_ZERO};
    account->pending_exposure = tw_chance(4) ? draw_amount(900) : (tt_money){TT_DEC_ZERO};
    account->margin_available = tw_chance(3) ? draw_amount(12000) : account->equity;
    account->open_positions = tw_chance(60) ? 400 : (uint32_t)tw_below(5);
}

void tw_draw_state(world *w)
{
    tt_risk_state *state = &w->state;
    memset(state, 0, sizeof *state);
    draw_account(state);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        draw_symbol(&state->symbols[i]);
        if (tw_chance(2)) {
            state->symbols[i].is_active = true;
            state->active[state->active_count++] = (uint8_t)i;
        }
    }
    for (uint32_t i = 0; i < TT_RISK_PAIRS_MAX && i < 16; i++) {
        state->correlations.pairs[i].weight.d = tw_chance(2) ? draw(0, 1, 6) : TT_DEC_ZERO;
    }
    state->exposure = tw_chance(2) ? draw_amount(4000) : (tt_money){TT_DEC_ZERO};
    state->pending = tw_chance(3) ? draw_amount(900) : (tt_money){TT_DEC_ZERO};
    state->margin = tw_chance(2) ? draw_amount(2000) : (tt_money){TT_DEC_ZERO};
    state->pending_margin = tw_chance(3) ? draw_amount(900) : (tt_money){TT_DEC_ZERO};
    state->entry_count = tw_chance(80) ? TT_RISK_ENTRIES_MAX : 0;
    state->consecutive_losses = (uint32_t)tw_below(tw_chance(40) ? 400 : 7);
    state->entries_today = (uint32_t)tw_below(30);
    state->is_killed = tw_chance(80);
    state->is_hedging = tw_chance(5);
    for (int i = 0; i < TT_breach_type_COUNT; i++) {
        state->breached[i] = tw_chance(60);
    }
    if (tw_chance(10)) {
        tt_risk_lock lock = {
            .until.ns = (int64_t)tw_below(172800) * TT_NS_PER_S + 1,
            .key = (uint32_t)tw_below(3),
            .reason = (uint8_t)(1 + tw_below(TT_lock_reason_LOW_PROFIT)),
        };
        (void)tt_risk_lock_begin(&state->locks, &lock, (tt_time){0});
    }
    if (is_plain_run) {
        make_state_plain(state);
    }
    tt_risk_limits_refresh(state, &w->tables.shares, &w->config.leverage);
}

/* ---- proposals ---- */

/* A stop at a distance that a limit allows to the last digit, or one unit beside it. */
static tt_price edge_stop(const world *w, tt_dec reference, int sign, uint32_t index)
{
    tt_dec pct =
        tw_chance(2) ? w->config.limits.min_stop_pct.d : w->tables.symbols[index].max_stop_pct.d;
    tt_dec distance = TT_DEC_ZERO;
    if (tt_dec_muldiv(reference, pct, TT_DEC_C(100, 0), TT_ROUND_HALF_EVEN, &distance) !=
        TUTTI_OK) {
        return (tt_price){TT_DEC_ZERO};
    }
    distance = around(distance);
    return (tt_price){{reference.v - sign * distance.v}};
}

/* A target at the least reward, or one unit beside it. */
static tt_price edge_target(const world *w, tt_dec reference, tt_dec stop, int sign)
{
    tt_dec risk = {reference.v > stop.v ? reference.v - stop.v : stop.v - reference.v};
    tt_dec reward = TT_DEC_ZERO;
    tt_dec ratio = w->config.limits.min_reward_risk.d;
    if (tt_dec_mul(risk, ratio, TT_ROUND_HALF_EVEN, &reward) != TUTTI_OK) {
        return (tt_price){TT_DEC_ZERO};
    }
    return (tt_price){{reference.v + sign * around(reward).v}};
}

/* A size at the edge of one of the limits in money. */
static tt_dec edge_size(const world *w, uint32_t index)
{
    const tt_risk_money_limits *limits = &w->state.limits;
    const tt_risk_symbol *symbol = &w->state.symbols[index];
    const tt_dec held = tt_dec_xadd(symbol->exposure.d, symbol->pending.d);
    const tt_dec used = tt_dec_xadd(w->state.exposure.d, w->state.pending.d);
    const tt_dec margin = tt_dec_xadd(w->state.margin.d, w->state.pending_margin.d);
    const tt_dec edges[] = {
        tt_dec_xsub(limits->position.d, held),
        tt_dec_xsub(limits->exposure.d, used),
        tt_dec_xsub(limits->margin.d, margin),
        tt_dec_xmul(limits->loss.d, draw(10, 60, 0)),
        w->instruments.list[index].min_notional.d,
        TT_RISK_MICRO_MAX,
    };
    return around(edges[tw_below(sizeof edges / sizeof edges[0])]);
}

static tt_dec draw_size(const world *w, uint32_t index)
{
    switch (tw_below(8)) {
    case 0:
        return edge_size(w, index);
    case 1:
        return draw_fine(TT_NOTIONAL_MAX);
    case 2:
        return TT_DEC_ZERO;
    default:
        return draw(0, 1500, tw_chance(3) ? 9 : 2);
    }
}

static void draw_prices(world *w, uint32_t index, tt_dec market)
{
    tt_trade_proposal *proposal = &w->proposal;
    int sign = proposal->side == TT_side_BUY ? 1 : -1;
    proposal->entry_price.d = tw_chance(2) ? TT_DEC_ZERO : draw(90, 110, 2);
    if (tw_chance(30)) {
        proposal->entry_price.d = draw_fine(TT_PRICE_MAX);
    }
    bool is_market = tt_dec_is_zero(proposal->entry_price.d);
    tt_dec reference = is_market ? market : proposal->entry_price.d;
    proposal->stop_loss = edge_stop(w, reference, sign, index);
    if (!tw_chance(3)) {
        tt_i128 distance = reference.v / 10000 * tt_random_between(&source, 10, 900);
        proposal->stop_loss.d.v = reference.v - sign * distance;
    }
    proposal->take_profit = edge_target(w, reference, proposal->stop_loss.d, sign);
    if (!tw_chance(3)) {
        tt_i128 distance = reference.v / 1000 * tt_random_between(&source, 1, 300);
        proposal->take_profit.d.v = reference.v + sign * distance;
    }
    proposal->stop_loss.d = tw_chance(20) ? TT_DEC_ZERO : proposal->stop_loss.d;
    proposal->take_profit.d = tw_chance(8) ? TT_DEC_ZERO : proposal->take_profit.d;
}

/* Most proposals of others are sound; what stands in their way then are size, leverage and the
 * state of affairs. The size, and what others advise of it, stay as drawn. */
static void make_plain(const world *w, tt_trade_proposal *proposal, tt_dec market)
{
    bool is_buy = proposal->side != TT_side_SELL;
    bool is_market = tw_chance(2);
    tt_dec reference = is_market ? market : draw(90, 110, 4);
    tt_i128 stop = reference.v / 100000 * tt_random_between(&source, 1900, 3100);
    tt_i128 target = stop * tt_random_between(&source, 29, 40) / 10;
    proposal->kind = TT_proposal_kind_ENTRY;
    proposal->side = is_buy ? TT_side_BUY : TT_side_SELL;
    proposal->regime %= TT_regime_COUNT;
    proposal->entry_strictness %= TT_strictness_COUNT;
    proposal->entry_price.d = is_market ? TT_DEC_ZERO : reference;
    proposal->stop_loss.d.v = is_buy ? reference.v - stop : reference.v + stop;
    proposal->take_profit.d.v = is_buy ? reference.v + target : reference.v - target;
    proposal->confidence.d = draw(tw_chance(6) ? 0 : 1, 1, tw_chance(2) ? 2 : 9);
    proposal->leverage = (uint8_t)(1 + tw_below(6));
    if (tt_dec_le(TT_DEC_C(100000, 0), proposal->size.d)) {
        proposal->size.d = draw(0, 1500, 2);
    }
    if (tt_dec_le(proposal->size_multiplier.d, TT_DEC_ZERO)) {
        proposal->size_multiplier.d = w->config.volatility.spike_ratio.d;
    }
}

/* Numbers of a few digits, as most proposals have them. */
static void make_numbers_plain(tt_trade_proposal *proposal)
{
    proposal->size.d = tw_chance(2) ? proposal->size.d : TT_DEC_ZERO;
    proposal->size_pct.d = draw(0, tw_chance(4) ? 30 : 5, tw_chance(4) ? 6 : 1);
    proposal->size_reduction_pct.d =
        tw_chance(3) ? TT_DEC_ZERO : draw(0, tw_chance(9) ? 100 : 90, 0);
    proposal->size_multiplier.d = tw_chance(3) ? TT_DEC_C(1, 0) : draw(0, 2, tw_chance(2) ? 2 : 6);
    proposal->confidence.d = draw(0, 1, 2);
    proposal->confidence.d = tt_dec_max(proposal->confidence.d, draw(0, 1, 2));
    proposal->leverage = (uint8_t)(1 + tw_below(3));
    proposal->is_opposed = tw_chance(20);
}

void tw_draw_proposal(world *w, uint32_t index, tt_dec market)
{
    static const uint8_t kinds[] = {
        TT_proposal_kind_ENTRY,
        TT_proposal_kind_CLOSE,
        TT_proposal_kind_REBALANCE,
        TT_proposal_kind_COUNT,
    };
    tt_trade_proposal *proposal = &w->proposal;
    *proposal = (tt_trade_proposal){
        .size.d = draw_size(w, index),
        .size_pct.d =
            tw_chance(30) ? draw_fine(TT_DEC_C(20000, 0)) : draw(0, 30, tw_chance(2) ? 8 : 1),
        .confidence.d = tw_chance(3) ? draw(0, 1, 9) : draw(0, 1, 2),
        .ta_confidence.d = draw(tw_chance(3) ? -1 : 0, 1, 2),
        .sentiment_confidence.d = draw(tw_chance(3) ? -1 : 0, 1, 2),
        .size_reduction_pct.d = tw_chance(2) ? TT_DEC_ZERO : draw(0, 100, tw_chance(2) ? 0 : 8),
        .size_multiplier.d = tw_chance(2) ? TT_DEC_C(1, 0) : draw(0, 2, tw_chance(2) ? 2 : 9),
        .hold_reduction_pct.d = tw_chance(2) ? TT_DEC_ZERO : draw(0, 100, 1),
        .leverage = (uint8_t)tw_below(tw_chance(20) ? 256 : 7),
        .kind = kinds[tw_chance(3) ? tw_below(sizeof kinds) : 0],
        .side = (uint8_t)(1 + tw_below(2)),
        .regime = (uint8_t)tw_below(tw_chance(40) ? 255 : TT_regime_COUNT),
        .entry_strictness = (uint8_t)tw_below(tw_chance(40) ? 255 : TT_strictness_COUNT),
        .is_opposed = tw_chance(8),
        .exit_reason = TT_exit_reason_SIGNAL,
    };
    int held = tt_dec_sign(w->state.symbols[index].qty.d);
    if (held != 0 && !tw_chance(6)) {
        proposal->side = held > 0 ? TT_side_BUY : TT_side_SELL; // Adds to what is held.
    }
    if (tw_chance(40)) {
        proposal->side = (uint8_t)tw_below(4);
    }
    if (tw_chance(60)) {
        proposal->confidence.d = around(tw_chance(2) ? TT_DEC_ZERO : TT_DEC_C(1, 0));
    }
    draw_prices(w, index, market);
    if (tw_chance(2)) {
        make_plain(w, proposal, market);
    }
    if (is_plain_run && !tw_chance(6)) {
        make_numbers_plain(proposal);
    }
}

/* ---- all of it ---- */

void tw_begin(uint64_t seed, bool is_plain)
{
    tt_random_init(&source, seed, 0);
    is_plain_run = is_plain;
}

tt_dec tw_draw_market(void)
{
    return tw_chance(60) ? draw_fine(TT_PRICE_MAX) : draw(90, 110, 2);
}

void tw_draw_set(world *w)
{
    memset(w, 0, sizeof *w);
    draw_instruments(w);
    draw_config(w);
    if (is_plain_run) {
        make_config_plain(&w->config);
    }
    tt_risk_tables_fill(&w->config, &w->instruments, &w->tables);
    tt_risk_plan_fill(&w->config, w->config.budget_count > 0, &w->plan);
    ref_plan_fill(&w->config, &w->ref_plan);
}
