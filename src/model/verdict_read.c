/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The way back from what is shown of a verdict. The rows say all that they are made from, so they
 * are listed as they are; two numbers of the view are quotients, which must be those of its fields.
 */
#include "model/verdict.h"

/* The place of a row that stands behind the places before `from`; TT_RISK_PLACE_COUNT = none. */
static int place_of(const tt_risk_check *row, int from)
{
    // A warning of correlation has a code of its own.
    bool is_warning = row->code == TT_risk_code_HIGH_CORRELATION;
    uint8_t code = is_warning ? TT_risk_code_CORRELATED_EXPOSURE : row->code;
    int place = from;
    while (place < TT_RISK_PLACE_COUNT && tt_risk_code_at((tt_risk_place)place) != code) {
        place++;
    }
    return place;
}

static tutti_status
list_rows(const tt_verdict_view *view, tt_risk_verdict *verdict, tt_error *error)
{
    int place = -1;
    for (uint8_t i = 0; i < view->count; i++) {
        const tt_risk_check *row = &view->checks[i];
        place = place_of(row, place + 1);
        if (place == TT_RISK_PLACE_COUNT) {
            tt_error_set(
                error,
                TUTTI_INVALID,
                "risk_verdict.checks[%u]: %s does not stand here",
                i,
                tt_enum_text(&tt_enum_risk_code, row->code));
            tt_error_hint(error, "each check once, in the order in which they run");
            return TUTTI_INVALID;
        }
        verdict->checks_run |= UINT32_C(1) << place;
        verdict->checks[i] = *row;
    }
    verdict->count = view->count;
    return TUTTI_OK;
}

/* The least exposure of which the equity makes this share. */
static tt_money exposure_of(const tt_verdict_view *view)
{
    tt_money exposure = {TT_DEC_ZERO};
    tutti_status status = tt_dec_muldiv(
        view->exposure_pct.d, view->equity.d, TT_DEC_C(100, 0), TT_ROUND_UP, &exposure.d);
    return status == TUTTI_OK ? exposure : (tt_money){TT_DEC_ZERO};
}

static tutti_status
check_quotient(const char *name, tt_ratio found, tt_ratio right, const char *from, tt_error *error)
{
    if (tt_dec_eq(found.d, right.d)) {
        return TUTTI_OK;
    }
    char text[TT_DEC_TEXT_MAX];
    char right_text[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(found.d, text);
    (void)tt_dec_format(right.d, right_text);
    tt_error_set(
        error, TUTTI_INVALID, "risk_verdict.%s: %s does not follow from %s", name, text, from);
    tt_error_hint(error, "%s does", right_text);
    return TUTTI_INVALID;
}

tutti_status
tt_verdict_read(const tt_verdict_view *view, tt_risk_verdict *ret_verdict, tt_error *error)
{
    tt_risk_verdict verdict = {
        .size_before = view->size_before,
        .size_after = view->size_after,
        .qty = view->qty,
        .reference_price = view->reference_price,
        .entry_price = view->entry_price,
        .stop_loss = view->stop_loss,
        .take_profit = view->take_profit,
        .equity = view->equity,
        .margin_available = view->margin_available,
        .exposure_used = exposure_of(view),
        .proposal_seq = view->proposal_seq,
        .position_id = view->position_id,
        .leverage_before = view->leverage_before,
        .leverage_after = view->leverage_after,
        .status = view->status,
        .code = view->code,
        .kind = view->kind,
        .side = view->side,
        .exit_reason = view->exit_reason,
        .locked_until = view->locked_until,
        .lock = view->lock,
    };
    tt_verdict_view again;
    TUTTI_TRY(list_rows(view, &verdict, error));
    tt_verdict_show(&verdict, &again);
    TUTTI_TRY(check_quotient(
        "exposure_pct", view->exposure_pct, again.exposure_pct, "any exposure", error));
    TUTTI_TRY(check_quotient(
        "risk_per_trade_pct",
        view->risk_per_trade_pct,
        again.risk_per_trade_pct,
        "size, stop and equity",
        error));
    *ret_verdict = verdict;
    return TUTTI_OK;
}
