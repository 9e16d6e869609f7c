/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Moving-average crossover.
 *
 * Invariants, per instrument: (1) `slow_sum` is the exact sum of the last min(count, slow) closes
 * and `fast_sum` of the last min(count, fast): integers in 10^-18, so nothing drifts; (2) |sum| <=
 * 5000 x 1e27 < 2^127, and multiplied by a length <= 5000 it still is; (3) `side` is the sign of
 * fast average less slow average at the last bar at which they differed, 0 before that.
 */
#include "market/market.h"
#include "model/limits.h"
#include "strategy/strategy.h"

static const char handler_name[] = "strategy.ma_cross";

/** State of one instrument; no pointers. Its closes are a ring in the region strategy.closes. */
typedef struct ma_state {
    tt_i128 fast_sum;
    tt_i128 slow_sum;
    tt_time last_open;
    uint32_t next;  /**< Place of the next close in the ring. */
    uint32_t count; /**< Closes held; at most `slow`. */
    int32_t side;
    uint32_t reserved[3];
} ma_state;

struct tt_strategy {
    tt_core *core;
    const tt_ma_cross_config *config;
    ma_state *states;           /**< Region; [i] is instrument i + 1. */
    tt_dec *closes;             /**< Region; `slow` of each instrument. */
    tt_strategy_status *status; /**< Region. */
};

/** Adds a close to ring and sums. */
static void
push_close(const tt_ma_cross_config *config, ma_state *state, tt_dec *ring, tt_dec close)
{
    uint32_t slow = config->slow;
    if (state->count >= config->fast) {
        uint32_t oldest = state->next >= config->fast ? state->next - config->fast
                                                      : state->next + slow - config->fast;
        state->fast_sum -= ring[oldest].v;
    }
    if (state->count == slow) {
        state->slow_sum -= ring[state->next].v;
    } else {
        state->count++;
    }
    state->fast_sum += close.v;
    state->slow_sum += close.v;
    ring[state->next] = close;
    state->next = state->next + 1 == slow ? 0 : state->next + 1;
}

/** Sign of fast average - slow average, without a division. */
static int32_t compare_averages(const tt_ma_cross_config *config, const ma_state *state)
{
    tt_i128 fast = state->fast_sum * config->slow;
    tt_i128 slow = state->slow_sum * config->fast;
    return (fast > slow) - (fast < slow);
}

/** `pct` percent of the close. */
static tt_dec share_of(tt_dec close, tt_ratio pct)
{
    return tt_dec_xdiv(tt_dec_xmul(close, pct.d), TT_DEC_C(100, 0));
}

static tt_dec round_to_tick(tt_dec price, tt_dec tick, tt_round round)
{
    tt_dec result = TT_DEC_ZERO;
    tutti_status status = tt_dec_quantize(price, tick, round, &result);
    TT_ASSERT(status == TUTTI_OK); // prices and percentages are bounded far below the range
    return result;
}

/**
 * Stop and target on the tick. The stop is rounded towards the close and the target away from it,
 * so that rounding never worsens the ratio of reward to risk; a stop on the close itself moves one
 * tick off. A target that would not be a price (0 or less, or above TT_PRICE_MAX) is none. Returns
 * false if there is no room for a stop.
 */
static bool
set_prices(const tt_ma_cross_config *config, tt_dec tick, tt_dec close, tt_trading_signal *signal)
{
    tt_dec risk = share_of(close, config->stop_loss_pct);
    tt_dec reward = share_of(close, config->take_profit_pct);
    tt_dec stop;
    tt_dec target;
    if (signal->action == TT_action_BUY) {
        stop = round_to_tick(tt_dec_xsub(close, risk), tick, TT_ROUND_CEILING);
        stop = tt_dec_lt(stop, close) ? stop : tt_dec_xsub(stop, tick);
        target = round_to_tick(tt_dec_xadd(close, reward), tick, TT_ROUND_CEILING);
    } else {
        stop = round_to_tick(tt_dec_xadd(close, risk), tick, TT_ROUND_FLOOR);
        stop = tt_dec_lt(close, stop) ? stop : tt_dec_xadd(stop, tick);
        target = round_to_tick(tt_dec_xsub(close, reward), tick, TT_ROUND_FLOOR);
    }
    bool has_target = tt_dec_sign(target) > 0 && tt_dec_le(target, TT_PRICE_MAX);
    signal->stop_loss.d = stop;
    signal->take_profit.d = has_target ? target : TT_DEC_ZERO;
    return tt_dec_sign(stop) > 0 && tt_dec_le(stop, TT_PRICE_MAX);
}

static void format_mean(tt_i128 sum, uint32_t count, tt_dec tick, char text[TT_DEC_TEXT_MAX])
{
    tt_dec mean = {sum / count};
    tt_dec_format(round_to_tick(mean, tick, TT_ROUND_HALF_EVEN), text);
}

static void explain(
    const tt_ma_cross_config *config,
    const ma_state *state,
    tt_dec tick,
    tt_dec close,
    tt_trading_signal *signal)
{
    char fast[TT_DEC_TEXT_MAX];
    char slow[TT_DEC_TEXT_MAX];
    char last[TT_DEC_TEXT_MAX];
    format_mean(state->fast_sum, config->fast, tick, fast);
    format_mean(state->slow_sum, config->slow, tick, slow);
    tt_dec_format(close, last);
    tt_text_format(
        signal->reasoning,
        sizeof signal->reasoning,
        "SMA %u %s crossed %s SMA %u %s at close %s",
        (unsigned)config->fast,
        fast,
        signal->action == TT_action_BUY ? "above" : "below",
        (unsigned)config->slow,
        slow,
        last);
}

/** The strategy is one model with one vote. */
static void set_vote(tt_trading_signal *signal)
{
    signal->valid_votes = 1;
    signal->agreement.d = TT_DEC_C(1, 0);
    signal->count = 1;
    signal->votes[0] = (tt_model_vote){
        .confidence = signal->confidence,
        .stop_loss = signal->stop_loss,
        .take_profit = signal->take_profit,
        .action = signal->action};
    TT_TEXT_SET(signal->votes[0].model, "ma_cross");
}

static void publish_cross(tt_strategy *strategy, const tt_msg *msg, const ma_state *state)
{
    const tt_ma_cross_config *config = strategy->config;
    tt_dec close = TT_PAYLOAD(msg, MARKET_BAR, bar)->close.d;
    tt_dec tick = strategy->core->instruments->list[msg->key - 1].price_increment.d;
    tt_trading_signal signal = {
        .confidence = config->confidence,
        .position_size_pct = config->position_size_pct,
        .action = state->side > 0 ? TT_action_BUY : TT_action_SELL,
        .leverage = 1};
    if (!set_prices(config, tick, close, &signal)) {
        strategy->status->skipped++;
        return;
    }
    set_vote(&signal);
    explain(config, state, tick, close, &signal);
    tt_bus_post post = {
        .topic = TT_TOPIC_TRADING_SIGNALS,
        .source = TT_SOURCE_STRATEGY,
        .key = msg->key,
        .payload = &signal};
    strategy->status->signals++;
    // At a bound the bus counts it and leaves a dead letter; there is nothing to add.
    (void)tt_bus_publish(strategy->core->bus, &post, NULL);
}

/** The rules of the market module, without its dead letters. */
static bool is_next_bar(const tt_strategy *strategy, const tt_msg *msg, const tt_bar *bar)
{
    const tt_instruments *instruments = strategy->core->instruments;
    if (msg->key < 1 || msg->key > instruments->count) {
        return false;
    }
    const ma_state *state = &strategy->states[msg->key - 1];
    return bar->interval_s == instruments->list[msg->key - 1].bar_interval_s &&
           bar->open_time.ns < msg->time.ns &&
           (state->count == 0 || bar->open_time.ns > state->last_open.ns) &&
           tt_market_bar_is_whole(bar);
}

static tutti_status on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_strategy *strategy = ctx;
    const tt_ma_cross_config *config = strategy->config;
    const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
    if (!is_next_bar(strategy, msg, bar)) {
        return TUTTI_OK;
    }
    ma_state *state = &strategy->states[msg->key - 1];
    push_close(
        config, state, &strategy->closes[(size_t)(msg->key - 1) * config->slow], bar->close.d);
    state->last_open = bar->open_time;
    strategy->status->bars++;
    if (state->count < config->slow) {
        return TUTTI_OK;
    }
    int32_t side = compare_averages(config, state);
    if (side != 0 && side != state->side) {
        bool is_cross = state->side != 0;
        state->side = side;
        if (is_cross) {
            publish_cross(strategy, msg, state);
        }
    }
    return TUTTI_OK;
}

static tutti_status allocate(tt_strategy *strategy, tt_arena *arena)
{
    tt_core *core = strategy->core;
    size_t count = core->instruments->count;
    size_t closes = count * strategy->config->slow;
    strategy->states = tt_arena_alloc(arena, count, sizeof *strategy->states);
    strategy->closes = tt_arena_alloc(arena, closes, sizeof *strategy->closes);
    if (strategy->states == NULL || strategy->closes == NULL) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(tt_core_add_region(
        core, "strategy.states", strategy->states, count * sizeof *strategy->states));
    return tt_core_add_region(
        core, "strategy.closes", strategy->closes, closes * sizeof *strategy->closes);
}

static tutti_status start(tt_strategy *strategy, tt_arena *arena)
{
    if (strategy->config->fast >= strategy->config->slow) {
        return TUTTI_INVALID;
    }
    TUTTI_TRY(allocate(strategy, arena));
    return tt_bus_subscribe(
        strategy->core->bus, TT_TOPIC_MARKET_BAR, handler_name, on_bar, strategy);
}

tutti_status tt_strategy_setup(
    tt_core *core, const tt_ma_cross_config *config, tt_arena *arena, tt_strategy **result)
{
    tt_strategy *strategy = tt_arena_alloc(arena, 1, sizeof *strategy);
    tt_strategy_status *status = tt_arena_alloc(arena, 1, sizeof *status);
    if (strategy == NULL || status == NULL) {
        return TUTTI_NO_MEMORY;
    }
    *strategy = (tt_strategy){.core = core, .config = config, .status = status};
    TUTTI_TRY(tt_core_add_region(core, "strategy.status", status, sizeof *status));
    if (config->enabled) {
        TUTTI_TRY(start(strategy, arena));
    }
    *result = strategy;
    return TUTTI_OK;
}

void tt_strategy_status_get(const tt_strategy *strategy, tt_strategy_status *ret_status)
{
    *ret_status = *strategy->status;
}
