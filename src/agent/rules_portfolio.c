/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Portfolio check: no position may stay far above its share of equity.
 *
 * Every instrument has the same target, a cap. The excess of a position is |quantity x mark| less
 * the cap; the deviation is the largest excess in percent of equity. From the threshold on every
 * excess of at least min_trade is cut: longs sold, shorts bought back, amounts rounded down to
 * cents. Trades only ever reduce. Sells come first, then larger cuts before smaller; an answer
 * holds TT_MAX_rebalance_trade of them, the rest comes with the next check. All in decimals.
 */
#include "agent/agents.h"
#include "agent/rules.h"

#include <string.h>

/** One position above its cap. */
typedef struct excess {
    uint32_t instrument;
    tt_side side; /**< Of the trade that cuts it. */
    tt_dec amount;
    tt_dec current_pct;
} excess;

/** All of them, in the order in which they are to be cut. */
typedef struct excess_list {
    excess items[TT_INSTRUMENTS_MAX];
    uint32_t count;
    tt_dec deviation_pct;
} excess_list;

/** `part` in percent of `whole` > 0, to 9 decimals; what no ratio can hold is the largest ratio. */
static tt_dec percent_of(tt_dec part, tt_dec whole)
{
    tt_dec pct = TT_DEC_ZERO;
    if (tt_dec_muldiv(part, TT_DEC_C(100, 0), whole, TT_ROUND_HALF_EVEN, &pct) != TUTTI_OK) {
        return TT_RATIO_MAX;
    }
    tutti_status status = tt_dec_quantize(pct, TT_DEC_C(1, 9), TT_ROUND_HALF_EVEN, &pct);
    TT_ASSERT(status == TUTTI_OK);
    return tt_dec_min(pct, TT_RATIO_MAX);
}

static tt_dec round_to_cents(tt_dec amount)
{
    tt_dec result = TT_DEC_ZERO;
    tutti_status status = tt_dec_quantize(amount, TT_DEC_C(1, 2), TT_ROUND_DOWN, &result);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

static bool goes_before(const excess *a, const excess *b)
{
    if (a->side != b->side) {
        return a->side == TT_side_SELL;
    }
    return tt_dec_lt(b->amount, a->amount); // equal amounts keep the order of the instruments
}

static void insert(excess_list *list, const excess *item)
{
    uint32_t at = list->count++;
    for (; at > 0 && goes_before(item, &list->items[at - 1]); at--) {
        list->items[at] = list->items[at - 1];
    }
    list->items[at] = *item;
}

static void
find_excesses(const tt_portfolio_config *config, const tt_agent_request *request, excess_list *list)
{
    tt_dec equity = request->account.equity.d;
    tt_dec cap = tt_dec_xdiv(tt_dec_xmul(equity, config->target_pct.d), TT_DEC_C(100, 0));
    for (uint32_t i = 0; i < request->instrument_count; i++) {
        tt_dec exposure = request->exposures[i].d;
        tt_dec value = tt_dec_xabs(exposure);
        if (tt_dec_le(value, cap)) {
            continue;
        }
        tt_dec over = tt_dec_xsub(value, cap);
        list->deviation_pct = tt_dec_max(list->deviation_pct, percent_of(over, equity));
        excess item = {
            .instrument = i + 1,
            .side = tt_dec_sign(exposure) > 0 ? TT_side_SELL : TT_side_BUY,
            .amount = round_to_cents(over),
            .current_pct = percent_of(value, equity)};
        if (tt_dec_sign(item.amount) > 0 && tt_dec_le(config->min_trade.d, item.amount)) {
            insert(list, &item);
        }
    }
}

static void
list_trades(const tt_portfolio_config *config, const excess_list *list, tt_portfolio_update *update)
{
    for (uint32_t i = 0; i < list->count && i < TT_MAX_rebalance_trade; i++) {
        const excess *item = &list->items[i];
        update->trades[update->count++] = (tt_rebalance_trade){
            .amount = {item->amount},
            .current_pct = {item->current_pct},
            .target_pct = config->target_pct,
            .instrument = item->instrument,
            .side = (uint8_t)item->side,
            .priority = item->side == TT_side_SELL ? 1 : 2};
    }
    update->action = TT_portfolio_action_REBALANCE;
}

static void
explain(const tt_portfolio_config *config, const excess_list *list, tt_portfolio_update *update)
{
    char deviation[TT_DEC_TEXT_MAX];
    char target[TT_DEC_TEXT_MAX];
    char threshold[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(list->deviation_pct, 2, deviation);
    tt_dec_format(config->target_pct.d, target);
    tt_dec_format(config->threshold_pct.d, threshold);
    tt_text_format(
        update->reasoning,
        sizeof update->reasoning,
        "largest excess over %s %% of equity is %s %%, threshold %s %%; %u cuts of %u",
        target,
        deviation,
        threshold,
        (unsigned)update->count,
        (unsigned)list->count);
}

void tt_agent_rules_portfolio(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    (void)instruments;
    const tt_portfolio_config *config = ctx;
    TT_TEXT_SET(answer->model, "rules-portfolio-1");
    if (!request->has_account) {
        tt_rule_decline(answer, "the account has no state yet");
        return;
    }
    tt_portfolio_update update = {
        .equity = request->account.equity,
        .confidence = {TT_DEC_C(1, 0)}, // arithmetic, not judgement
        .call_seq = request->call_seq,
        .action = TT_portfolio_action_NO_ACTION};
    excess_list list = {.count = 0};
    // Without equity there are no shares; what is open then is the breakers' business.
    if (tt_dec_sign(request->account.equity.d) > 0) {
        find_excesses(config, request, &list);
    }
    update.max_deviation_pct.d = list.deviation_pct;
    if (list.count > 0 && tt_dec_le(config->threshold_pct.d, list.deviation_pct)) {
        list_trades(config, &list, &update);
    }
    explain(config, &list, &update);
    tt_agent_answer_set(answer, TT_TOPIC_PORTFOLIO_UPDATES, &update);
}
