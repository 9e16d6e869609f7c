/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Exit rules about the market itself: a spread that is too wide, or too little to trade against,
 * for longer than market_grace.
 *
 * Liquidity is what the best bid and ask are worth together, as the venue quotes them. A quote
 * without any quantity says nothing about it; a side without a price has none.
 */
#include "trade/trade_priv.h"

/* What is wrong with a quote. */
typedef struct finding {
    tt_exit_reason reason; /* NONE = nothing. */
    tt_ratio value;
} finding;

static finding find_spread(const tt_exits_config *config, const tt_quote *quote)
{
    bool has_both = tt_dec_sign(quote->bid.d) > 0 && tt_dec_sign(quote->ask.d) > 0;
    if (tt_dec_is_zero(config->max_spread_pct.d) || !has_both) {
        return (finding){0};
    }
    tt_dec spread = tt_dec_xsub(quote->ask.d, quote->bid.d);
    tt_dec sum = tt_dec_xadd(quote->ask.d, quote->bid.d);
    tt_dec pct = TT_DEC_ZERO;
    /* The middle is half of the sum. */
    tutti_status status =
        tt_dec_muldiv(spread, tt_dec_from_i64(200, 0), sum, TT_ROUND_HALF_EVEN, &pct);
    bool is_wide = status == TUTTI_OK && tt_dec_lt(config->max_spread_pct.d, pct);
    return (finding){is_wide ? TT_exit_reason_SPREAD : TT_exit_reason_NONE, {pct}};
}

static tt_dec worth(tt_price price, tt_qty qty)
{
    tt_dec value = TT_DEC_ZERO;
    bool is_usable = tt_dec_sign(price.d) > 0 && tt_dec_sign(qty.d) > 0 &&
                     tt_dec_mul(price.d, qty.d, TT_ROUND_HALF_EVEN, &value) == TUTTI_OK;
    return is_usable ? tt_dec_min(value, TT_RATIO_MAX) : TT_DEC_ZERO;
}

static finding find_liquidity(const tt_exits_config *config, const tt_quote *quote)
{
    bool has_qty = tt_dec_sign(quote->bid_qty.d) > 0 || tt_dec_sign(quote->ask_qty.d) > 0;
    bool has_price = tt_dec_sign(quote->bid.d) > 0 && tt_dec_sign(quote->ask.d) > 0;
    if (tt_dec_is_zero(config->min_liquidity.d) || (has_price && !has_qty)) {
        return (finding){0};
    }
    tt_dec sum = tt_dec_xadd(worth(quote->bid, quote->bid_qty), worth(quote->ask, quote->ask_qty));
    bool is_thin = tt_dec_lt(sum, config->min_liquidity.d);
    return (finding){is_thin ? TT_exit_reason_LOW_LIQUIDITY : TT_exit_reason_NONE, {sum}};
}

void tt_exits_on_quote(tt_trade_module *trade, uint32_t instrument, const tt_quote *quote)
{
    tt_exit *exit = &trade->exits[instrument - 1];
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    if (tt_exit_is_over(trade, instrument)) {
        return;
    }
    finding found = find_spread(config, quote);
    found = found.reason == TT_exit_reason_NONE ? find_liquidity(config, quote) : found;
    if (found.reason == TT_exit_reason_NONE) {
        exit->market_at = (tt_time){0};
    } else if (exit->market_at.ns == 0) {
        exit->market_at.ns = tt_trade_now(trade).ns + config->market_grace.ns;
    }
    exit->bad_reason = (uint8_t)found.reason;
    exit->bad_value = found.value;
    tt_exit_arm(trade, instrument);
    if (exit->market_at.ns != 0 && config->market_grace.ns == 0) {
        tt_exit_market_due(trade, instrument);
    }
}

void tt_exit_market_due(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = &trade->exits[instrument - 1];
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    bool is_spread = exit->bad_reason == TT_exit_reason_SPREAD;
    tt_exit_decision decision = {
        .action = TT_exit_action_CLOSE,
        .reason = (tt_exit_reason)exit->bad_reason,
        .stop_before = tt_trade_position(trade, instrument)->stop_loss,
        .value = exit->bad_value,
        .limit = {is_spread ? config->max_spread_pct.d : config->min_liquidity.d},
        .due = exit->market_at,
        .message = is_spread ? "the spread is too wide (exits.max_spread_pct)"
                             : "too little is offered (exits.min_liquidity)",
    };
    tt_exit_decide(trade, instrument, &decision);
}
