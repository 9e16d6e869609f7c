/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Profit bags: a share of each profit is set aside and no longer traded with.
 *
 * The money stays in the account; what changes is whose it is. Risk takes it off the equity and the
 * free margin that every limit is computed from, and nothing here allocates it. So account = bags +
 * trading at every moment, to the last digit, without a booking that could get lost.
 */
#include "base/calendar.h"
#include "portfolio/portfolio_priv.h"

#include <string.h>

#define HUNDRED TT_DEC_C(100, 0)

static tutti_status
check_bag(const tt_portfolio_module_config *config, uint32_t index, tt_error *error)
{
    const char *name = config->bags[index].name;
    if (name[0] == '\0') {
        return tt_error_set(error, TUTTI_INVALID, "profit_bags.bags[%u] has no name", index);
    }
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(config->bags[i].name, name) == 0) {
            return tt_error_set(
                error, TUTTI_EXISTS, "profit_bags.bags[%u] has the name %s again", index, name);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_bags_config_check(const tt_portfolio_module_config *config, tt_error *error)
{
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < config->bag_count; i++) {
        TUTTI_TRY(check_bag(config, i, error));
        sum = tt_dec_xadd(sum, config->bags[i].share_pct.d);
    }
    if (config->bag_count > 0 && !tt_dec_eq(sum, HUNDRED)) {
        char text[TT_DEC_TEXT_MAX];
        tt_dec_format(sum, text);
        (void)tt_error_set(
            error,
            TUTTI_INVALID,
            "profit_bags.bags: the shares add up to %s; they must add up to exactly 100",
            text);
        tt_error_hint(error, "such as 33.34, 33.33 and 33.33");
        return TUTTI_INVALID;
    }
    if (config->profit_bags.enabled && config->bag_count == 0) {
        return tt_error_set(
            error, TUTTI_INVALID, "profit_bags.enabled needs rows in profit_bags.bags");
    }
    if (tt_dec_lt(config->profit_bags.max_per_day.d, config->profit_bags.max_per_event.d)) {
        return tt_error_set(
            error, TUTTI_INVALID, "profit_bags.max_per_day is below profit_bags.max_per_event");
    }
    return TUTTI_OK;
}

/* part percent of an amount, whole cents downwards; less than the amount, so it cannot overflow. */
static tt_dec share_of(tt_dec amount, tt_ratio percent)
{
    tt_dec share = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(amount, percent.d, HUNDRED, TT_ROUND_DOWN, &share);
    TT_ASSERT(status == TUTTI_OK);
    return tt_plan_cents(share, TT_ROUND_DOWN);
}

static void begin_day(tt_bags_state *state, tt_time now)
{
    int64_t day = tt_time_day(now);
    if (state->day != day) {
        state->day = day;
        state->day_total.d = TT_DEC_ZERO;
    }
}

/* What a profit gives: its share, within both caps. */
static tt_dec amount_of(const tt_portfolio *portfolio, tt_dec profit, bool *ret_is_capped)
{
    const tt_profit_bags_config *config = &portfolio->config.profit_bags;
    tt_dec wanted = share_of(profit, config->share_pct);
    tt_dec left = tt_dec_xsub(config->max_per_day.d, portfolio->bags->day_total.d);
    tt_dec cap = tt_plan_cents(tt_dec_min(config->max_per_event.d, left), TT_ROUND_DOWN);
    *ret_is_capped = tt_dec_lt(cap, wanted);
    return tt_dec_min(wanted, cap);
}

static void fill_head(const tt_portfolio *portfolio, tt_bag_event event, tt_profit_bag *payload)
{
    const tt_bags_state *state = portfolio->bags;
    payload->set_aside = state->set_aside;
    payload->day_total = state->day_total;
    payload->event = (uint8_t)event;
    payload->count = (uint8_t)portfolio->config.bag_count;
    for (uint32_t i = 0; i < portfolio->config.bag_count; i++) {
        payload->parts[i].pending = state->bags[i].pending;
        payload->parts[i].booked = state->bags[i].booked;
        TT_TEXT_SET(payload->parts[i].name, portfolio->config.bags[i].name);
    }
}

/* Cents that rounding leaves go to the first bag. */
static void allocate(tt_portfolio *portfolio, tt_dec amount, tt_profit_bag *payload)
{
    tt_bags_state *state = portfolio->bags;
    tt_dec left = amount;
    for (uint32_t i = portfolio->config.bag_count; i-- > 0;) {
        tt_dec part = i > 0 ? share_of(amount, portfolio->config.bags[i].share_pct) : left;
        left = tt_dec_xsub(left, part);
        state->bags[i].pending.d = tt_dec_xadd(state->bags[i].pending.d, part);
        payload->parts[i].amount.d = part;
    }
    state->set_aside.d = tt_dec_xadd(state->set_aside.d, amount);
    state->day_total.d = tt_dec_xadd(state->day_total.d, amount);
}

/* Books what has reached its threshold. */
static void execute(tt_portfolio *portfolio)
{
    tt_profit_bag payload = {.event = TT_bag_event_NONE};
    for (uint32_t i = 0; i < portfolio->config.bag_count; i++) {
        struct tt_bag *bag = &portfolio->bags->bags[i];
        bool is_enough = tt_dec_le(portfolio->config.bags[i].threshold.d, bag->pending.d);
        if (!is_enough || tt_dec_is_zero(bag->pending.d)) {
            continue;
        }
        payload.parts[i].amount = bag->pending;
        payload.amount.d = tt_dec_xadd(payload.amount.d, bag->pending.d);
        bag->booked.d = tt_dec_xadd(bag->booked.d, bag->pending.d);
        bag->pending.d = TT_DEC_ZERO;
    }
    if (!tt_dec_is_zero(payload.amount.d)) {
        fill_head(portfolio, TT_bag_event_EXECUTION, &payload);
        (void)tt_portfolio_publish(portfolio, TT_TOPIC_PROFIT_BAGS, 0, NULL, &payload);
    }
}

void tt_bags_take(tt_portfolio *portfolio, const tt_msg *msg, const tt_position_update *position)
{
    const tt_profit_bags_config *config = &portfolio->config.profit_bags;
    tt_dec profit = tt_dec_xsub(position->realized_pnl.d, position->fees.d);
    if (!config->enabled || tt_dec_lt(profit, config->min_profit.d) || tt_dec_sign(profit) <= 0) {
        return;
    }
    begin_day(portfolio->bags, tt_portfolio_now(portfolio));
    bool is_capped = false;
    tt_profit_bag payload = {
        .profit.d = profit,
        .position_id = position->position_id,
        .position_seq = msg->seq,
    };
    payload.amount.d = amount_of(portfolio, profit, &is_capped);
    payload.is_capped = is_capped;
    allocate(portfolio, payload.amount.d, &payload);
    fill_head(portfolio, TT_bag_event_ALLOCATION, &payload);
    (void)tt_portfolio_publish(portfolio, TT_TOPIC_PROFIT_BAGS, msg->key, NULL, &payload);
    execute(portfolio);
}
