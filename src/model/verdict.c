/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rows of a verdict, made from the facts that it holds.
 *
 * Size and leverage run along: a row that clamped is in the list, and what it left is what the next
 * check saw.
 */
#include "model/verdict.h"

#include "model/limits.h"

#include <string.h>

tt_risk_code tt_risk_code_at(tt_risk_place place)
{
    static const uint8_t codes[] = {
#define CODE_OF_PLACE(code) TT_risk_code_##code,
        TT_RISK_PLACE_LIST(CODE_OF_PLACE)
#undef CODE_OF_PLACE
    };
    return place < TT_RISK_PLACE_COUNT ? (tt_risk_code)codes[place] : TT_risk_code_NONE;
}

/* ---- numbers ---- */

tt_risk_distance tt_risk_distance_of(tt_price reference, tt_price distance)
{
    bool is_there = tt_dec_sign(reference.d) > 0 && tt_dec_le(reference.d, TT_PRICE_MAX) &&
                    tt_dec_sign(distance.d) > 0 && tt_dec_le(distance.d, TT_PRICE_MAX);
    if (!is_there) {
        return (tt_risk_distance){0, 0};
    }
    tt_i128 scaled = distance.d.v * TT_RISK_MICRO_PERCENT;
    tt_i128 down = scaled / reference.d.v;
    bool is_exact = down * reference.d.v == scaled;
    return (tt_risk_distance){.down = down, .up = down + !is_exact};
}

tt_money tt_risk_loss_at(tt_money size, tt_i128 stop_up)
{
    tt_money loss = {TT_MONEY_MAX};
    if (tt_dec_sign(size.d) < 0 || stop_up < 0 || stop_up > TT_RISK_MICRO_PERCENT) {
        return loss;
    }
    if (tt_dec_le(size.d, TT_RISK_MICRO_MAX)) {
        uint64_t rest = 0;
        tt_u128 whole = tt_risk_divide_micro((tt_u128)(size.d.v * stop_up), &rest);
        const uint64_t half = TT_RISK_MICRO_PERCENT / 2;
        bool goes_up = rest > half || (rest == half && (whole & 1) != 0);
        return (tt_money){{(tt_i128)whole + goes_up}};
    }
    tt_dec share = {stop_up * (TT_DEC_ONE_I64 / TT_RISK_MICRO_PERCENT)};
    tutti_status status = tt_dec_mul(size.d, share, TT_ROUND_HALF_EVEN, &loss.d);
    return status == TUTTI_OK ? loss : (tt_money){TT_MONEY_MAX};
}

/* part / whole in percent, cut off behind six decimals; 0 where there is no such number. */
static tt_ratio percent_of(tt_dec part, tt_dec whole)
{
    tt_ratio percent = {TT_DEC_ZERO};
    if (tt_dec_sign(part) <= 0 || tt_dec_sign(whole) <= 0) {
        return percent;
    }
    if (tt_dec_le(part, TT_RISK_MICRO_MAX)) {
        return tt_risk_micro(part.v * TT_RISK_MICRO_PERCENT / whole.v);
    }
    tutti_status status = tt_dec_muldiv(part, TT_DEC_C(100, 0), whole, TT_ROUND_DOWN, &percent.d);
    return status == TUTTI_OK ? percent : (tt_ratio){TT_RATIO_MAX};
}

/* ---- rows ---- */

/* What the walk over the checks knows. */
typedef struct walk {
    const tt_risk_verdict *verdict;
    const tt_risk_check *next; /* Of the list. */
    const tt_risk_check *end;
    tt_dec size;
    uint32_t leverage;
    tt_risk_distance stop;
} walk;

static tt_dec add(tt_dec a, tt_dec b)
{
    tt_dec sum = TT_DEC_ZERO;
    return tt_dec_add(a, b, &sum) == TUTTI_OK ? sum : TT_MONEY_MAX;
}

static tt_price distance_between(tt_price a, tt_price b)
{
    tt_price distance = {TT_DEC_ZERO};
    bool is_there = tt_dec_sub(a.d, b.d, &distance.d) == TUTTI_OK &&
                    tt_dec_abs(distance.d, &distance.d) == TUTTI_OK;
    return is_there ? distance : (tt_price){TT_DEC_ZERO};
}

static tt_risk_distance stop_of(const tt_risk_verdict *verdict)
{
    if (tt_dec_sign(verdict->stop_loss.d) <= 0) {
        return (tt_risk_distance){0, 0};
    }
    tt_price distance = distance_between(verdict->reference_price, verdict->stop_loss);
    return tt_risk_distance_of(verdict->reference_price, distance);
}

static tt_ratio reward_of(const tt_risk_verdict *verdict)
{
    tt_dec risk = distance_between(verdict->reference_price, verdict->stop_loss).d;
    tt_dec reward = distance_between(verdict->take_profit, verdict->reference_price).d;
    if (tt_dec_is_zero(risk) || tt_dec_lt(TT_PRICE_MAX, reward)) {
        return (tt_ratio){TT_DEC_ZERO};
    }
    return tt_risk_micro(reward.v * 1000000 / risk.v);
}

/* Checks of the state of affairs and of the idea. */
static void fill_number(const walk *at, tt_risk_place place, tt_risk_check *row)
{
    const tt_risk_verdict *verdict = at->verdict;
    switch ((int)place) {
    case TT_RISK_PLACE_TRADING_HALTED:
        row->value = verdict->drawdown_pct;
        row->limit = tt_risk_micro(verdict->drawdown_max_micro);
        return;
    case TT_RISK_PLACE_TRADE_COUNT:
        row->value = tt_risk_number(verdict->entries_today);
        row->limit = tt_risk_number(verdict->entries_max);
        return;
    case TT_RISK_PLACE_NO_EQUITY:
        row->value.d = verdict->equity.d;
        return;
    case TT_RISK_PLACE_NO_PRICE:
        row->limit = tt_risk_seconds(verdict->price_age_max.ns);
        return;
    case TT_RISK_PLACE_MAX_POSITIONS:
        row->value = tt_risk_number(verdict->positions);
        row->limit = tt_risk_number(verdict->positions_max);
        return;
    case TT_RISK_PLACE_STOP_LOSS_REQUIRED:
        row->value.d = verdict->stop_loss.d;
        return;
    case TT_RISK_PLACE_STOP_TOO_TIGHT:
        row->value = tt_risk_micro(at->stop.down);
        row->limit = tt_risk_micro(verdict->stop_min_micro);
        return;
    case TT_RISK_PLACE_STOP_TOO_WIDE:
        row->value = tt_risk_micro(at->stop.up);
        row->limit = tt_risk_micro(verdict->stop_max_micro);
        return;
    case TT_RISK_PLACE_LOW_RR:
        row->value = reward_of(verdict);
        row->limit = tt_risk_micro(verdict->reward_min_micro);
        return;
    case TT_RISK_PLACE_CONFIDENCE_TOO_LOW:
        row->value = verdict->confidence;
        row->limit = tt_risk_micro(verdict->confidence_min_micro);
        return;
    case TT_RISK_PLACE_AGENT_DISAGREEMENT:
        row->value = verdict->disagreement;
        row->limit = tt_risk_micro(verdict->disagreement_max_micro);
        return;
    default:
        return; // Nothing was found: 0 of 0.
    }
}

static tt_dec margin_of(const walk *at)
{
    bool is_size = tt_dec_sign(at->size) >= 0 && tt_dec_le(at->size, TT_MONEY_MAX);
    return is_size ? tt_risk_margin((tt_money){at->size}, (uint8_t)at->leverage).d : TT_MONEY_MAX;
}

/* Checks of size, leverage and exposure. */
static void fill_amount(const walk *at, tt_risk_place place, tt_risk_check *row)
{
    const tt_risk_verdict *verdict = at->verdict;
    switch ((int)place) {
    case TT_RISK_PLACE_SIZE_ADVISED:
        row->limit.d = TT_DEC_C(1, 0);
        return;
    case TT_RISK_PLACE_SIZE_REDUCED:
        row->value.d = add(verdict->position_used.d, at->size);
        row->limit.d = verdict->position_limit.d;
        return;
    case TT_RISK_PLACE_RISK_PER_TRADE:
        row->value.d = tt_risk_loss_at((tt_money){at->size}, at->stop.up).d;
        row->limit.d = verdict->loss_limit.d;
        return;
    case TT_RISK_PLACE_SIZE_REDUCED_LOSSES:
        row->value = tt_risk_number(verdict->losses_in_row);
        row->limit = tt_risk_number(TT_VERDICT_LOSSES_HIGH);
        return;
    case TT_RISK_PLACE_VOLATILITY_SPIKE:
        row->value = verdict->atr;
        row->limit = verdict->atr_limit;
        return;
    case TT_RISK_PLACE_LEVERAGE_REDUCED:
        row->value = tt_risk_number(at->leverage);
        row->limit = tt_risk_number(verdict->leverage_max);
        row->before = row->value;
        row->after = row->value;
        return;
    case TT_RISK_PLACE_SIZE_TOO_SMALL:
        row->value.d = verdict->qty.d;
        row->limit.d = verdict->min_qty.d;
        return;
    case TT_RISK_PLACE_EXPOSURE_LIMIT:
        row->value.d = add(verdict->exposure_used.d, at->size);
        row->limit.d = verdict->exposure_limit.d;
        return;
    case TT_RISK_PLACE_CORRELATED_EXPOSURE:
        row->value.d = add(verdict->correlated_used.d, at->size);
        row->limit.d = verdict->correlated_limit.d;
        return;
    case TT_RISK_PLACE_INSUFFICIENT_MARGIN:
        row->value.d = margin_of(at);
        row->limit.d = verdict->margin_limit.d;
        return;
    default:
        fill_number(at, place, row);
        return;
    }
}

/* Checks that may take from the size. */
#define SIZES                                                                                      \
    (TT_RISK_PLACE_BIT(SIZE_ADVISED) | TT_RISK_PLACE_BIT(SIZE_REDUCED) |                           \
     TT_RISK_PLACE_BIT(RISK_PER_TRADE) | TT_RISK_PLACE_BIT(SIZE_REDUCED_LOSSES) |                  \
     TT_RISK_PLACE_BIT(VOLATILITY_SPIKE))

static void derive_row(const walk *at, tt_risk_place place, tt_risk_check *row)
{
    bool is_skipped = (at->verdict->checks_skipped >> place & 1u) != 0;
    row->code = (uint8_t)tt_risk_code_at(place);
    row->outcome = is_skipped ? TT_check_outcome_SKIP : TT_check_outcome_PASS;
    if ((SIZES >> place & 1u) != 0 && !is_skipped) {
        row->before.d = at->size;
        row->after.d = at->size;
    }
    fill_amount(at, place, row);
    if (is_skipped) {
        row->value.d = TT_DEC_ZERO;
    }
}

/* A warning of correlation has a code of its own. */
static bool is_listed(const walk *at, tt_risk_place place)
{
    if (at->next == at->end) {
        return false;
    }
    bool is_warning = place == TT_RISK_PLACE_CORRELATED_EXPOSURE &&
                      at->next->code == TT_risk_code_HIGH_CORRELATION;
    return is_warning || at->next->code == tt_risk_code_at(place);
}

static void take_listed(walk *at, tt_risk_place place, tt_risk_check *row)
{
    *row = *at->next++;
    if ((SIZES >> place & 1u) != 0 && row->outcome == TT_check_outcome_CLAMP) {
        at->size = row->after.d;
    } else if (place == TT_RISK_PLACE_LEVERAGE_REDUCED) {
        at->leverage = (uint32_t)(row->after.d.v / TT_DEC_ONE_I64);
    }
}

static void show_rows(const tt_risk_verdict *verdict, tt_verdict_view *view)
{
    uint32_t listed = verdict->count < TT_MAX_risk_check ? verdict->count : TT_MAX_risk_check;
    bool is_rebalance = verdict->kind == TT_proposal_kind_REBALANCE;
    walk at = {
        .verdict = verdict,
        .next = verdict->checks,
        .end = verdict->checks + listed,
        .size = verdict->size_before.d,
        .leverage = is_rebalance ? 1 : verdict->leverage_before,
        .stop = stop_of(verdict),
    };
    for (int place = 0; place < TT_RISK_PLACE_COUNT; place++) {
        if ((verdict->checks_run >> place & 1u) == 0) {
            continue;
        }
        tt_risk_check *row = &view->checks[view->count++];
        if (is_listed(&at, (tt_risk_place)place)) {
            take_listed(&at, (tt_risk_place)place, row);
        } else {
            derive_row(&at, (tt_risk_place)place, row);
        }
    }
}

/* What an approved entry loses at its stop, in percent of the equity. */
static tt_ratio risk_of(const tt_risk_verdict *verdict)
{
    bool is_entry = verdict->kind == TT_proposal_kind_ENTRY && verdict->code == TT_risk_code_NONE;
    tt_risk_distance stop = stop_of(verdict);
    if (!is_entry || stop.up == 0) {
        return (tt_ratio){TT_DEC_ZERO};
    }
    return percent_of(tt_risk_loss_at(verdict->size_after, stop.up).d, verdict->equity.d);
}

void tt_verdict_show(const tt_risk_verdict *verdict, tt_verdict_view *ret_view)
{
    *ret_view = (tt_verdict_view){
        .size_before = verdict->size_before,
        .size_after = verdict->size_after,
        .qty = verdict->qty,
        .reference_price = verdict->reference_price,
        .entry_price = verdict->entry_price,
        .stop_loss = verdict->stop_loss,
        .take_profit = verdict->take_profit,
        .equity = verdict->equity,
        .margin_available = verdict->margin_available,
        .exposure_pct = percent_of(verdict->exposure_used.d, verdict->equity.d),
        .risk_per_trade_pct = risk_of(verdict),
        .proposal_seq = verdict->proposal_seq,
        .position_id = verdict->position_id,
        .leverage_before = verdict->leverage_before,
        .leverage_after = verdict->leverage_after,
        .status = verdict->status,
        .code = verdict->code,
        .kind = verdict->kind,
        .side = verdict->side,
        .exit_reason = verdict->exit_reason,
        .locked_until = verdict->locked_until,
        .lock = verdict->lock,
    };
    show_rows(verdict, ret_view);
}

/* ---- what is shown of a payload ---- */

const tt_layout *tt_layout_shown(const tt_layout *layout)
{
    return layout == &tt_layout_risk_verdict ? &tt_layout_verdict_view : layout;
}

const void *tt_payload_shown(const tt_layout *layout, const void *payload, tt_shown *room)
{
    if (layout != &tt_layout_risk_verdict) {
        return payload;
    }
    tt_verdict_show(payload, &room->verdict);
    return &room->verdict;
}
