/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of what an arbiter says. It may take from a trade and never add to it: less size, less
 * leverage, a nearer stop, less confidence. Whatever else it asks for is a refusal of the whole
 * answer; nothing is clamped, because nobody may act on what the arbiter did not say.
 */
#include "coord/coord_priv.h"

static tutti_status
check_within(const char *name, tt_dec value, tt_dec max, bool max_is_allowed, tt_error *error)
{
    bool is_high = max_is_allowed ? tt_dec_lt(max, value) : tt_dec_le(max, value);
    if (tt_dec_sign(value) >= 0 && !is_high) {
        return TUTTI_OK;
    }
    char found[TT_DEC_TEXT_MAX];
    char limit[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, found);
    (void)tt_dec_format(max, limit);
    return tt_error_set(
        error,
        TUTTI_INVALID,
        "arbiter_opinion.%s is %s; it must be from 0 to %s%s",
        name,
        found,
        max_is_allowed ? "" : "below ",
        limit);
}

static bool has_modification(const tt_arbiter_opinion *opinion)
{
    return !tt_dec_is_zero(opinion->size_reduction_pct.d) || opinion->leverage != 0 ||
           !tt_dec_is_zero(opinion->stop_loss.d) || !tt_dec_is_zero(opinion->confidence_limit.d);
}

static tutti_status refuse_stop(const char *why, tt_error *error)
{
    return tt_error_set(error, TUTTI_INVALID, "arbiter_opinion.stop_loss %s", why);
}

/* The new stop lies between the old one and where the trade begins, or, for a trade at the market,
 * its target: there it can only lose less. */
static tutti_status
check_stop(const tt_coord_case *open, const tt_arbiter_opinion *opinion, tt_error *error)
{
    const tt_trading_signal *signal = &open->signal;
    tt_dec stop = opinion->stop_loss.d;
    if (tt_dec_is_zero(stop)) {
        return TUTTI_OK;
    }
    bool is_market = tt_dec_is_zero(signal->entry_price.d);
    tt_dec edge = is_market ? signal->take_profit.d : signal->entry_price.d;
    if (tt_dec_is_zero(signal->stop_loss.d) || tt_dec_is_zero(edge)) {
        return refuse_stop(
            "cannot be compared: the trade lacks a stop, an entry or a target", error);
    }
    bool is_buy = open->side == TT_side_BUY;
    bool is_wider =
        is_buy ? tt_dec_lt(stop, signal->stop_loss.d) : tt_dec_lt(signal->stop_loss.d, stop);
    if (is_wider) {
        return refuse_stop("lies farther away than the stop of the trade", error);
    }
    bool is_past = is_buy ? tt_dec_le(edge, stop) : tt_dec_le(stop, edge);
    return is_past ? refuse_stop("lies on the wrong side of the trade", error) : TUTTI_OK;
}

static tutti_status
check_leverage(const tt_coord_case *open, const tt_arbiter_opinion *opinion, tt_error *error)
{
    uint8_t wanted = open->signal.leverage > 1 ? open->signal.leverage : 1;
    if (opinion->leverage <= wanted) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error,
        TUTTI_INVALID,
        "arbiter_opinion.leverage is %u; it must not exceed the %u of the trade",
        opinion->leverage,
        wanted);
}

tutti_status tt_coord_check_opinion(
    const tt_coord_case *open, const tt_arbiter_opinion *opinion, tt_error *error)
{
    const tt_dec one = TT_DEC_C(1, 0);
    TUTTI_TRY(check_within("confidence", opinion->confidence.d, one, true, error));
    TUTTI_TRY(check_within(
        "size_reduction_pct", opinion->size_reduction_pct.d, TT_DEC_C(100, 0), false, error));
    TUTTI_TRY(check_within(
        "confidence_limit", opinion->confidence_limit.d, open->confidence.d, true, error));
    TUTTI_TRY(check_within("stop_loss", opinion->stop_loss.d, TT_PRICE_MAX, true, error));
    TUTTI_TRY(check_leverage(open, opinion, error));
    TUTTI_TRY(check_stop(open, opinion, error));
    bool modifies = opinion->action == TT_resolution_MODIFY;
    if (open->is_review && modifies && tt_dec_is_zero(opinion->size_reduction_pct.d)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "arbiter_opinion.action is modify: of a position that is its size");
    }
    if (modifies == has_modification(opinion)) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error,
        TUTTI_INVALID,
        modifies ? "arbiter_opinion.action is modify, but nothing is modified"
                 : "arbiter_opinion.action is %s; only modify may come with modifications",
        tt_enum_text(&tt_enum_resolution, opinion->action));
}
