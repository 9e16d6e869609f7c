/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What leaves the module.
 */
#include "portfolio/portfolio_priv.h"

tt_seq tt_portfolio_publish(
    tt_portfolio *portfolio,
    tt_topic topic,
    uint32_t key,
    const tt_uuid *correlation,
    const void *payload)
{
    tt_bus_post post = {
        .topic = topic,
        .source = TT_SOURCE_PORTFOLIO,
        .key = key,
        .payload = payload,
    };
    if (correlation != NULL) {
        post.correlation = *correlation;
    }
    tt_seq seq = 0;
    if (tt_bus_publish(portfolio->core->bus, &post, &seq) != TUTTI_OK) {
        portfolio->state->publish_failures++; // the bus leaves a dead letter
        return 0;
    }
    return seq;
}

void tt_portfolio_tell_leg(
    tt_portfolio *portfolio, const tt_leg *leg, uint8_t old_state, const char *reason)
{
    const tt_plan_state *plan = &portfolio->state->plan;
    tt_rebalance_batch payload = {
        .planned = leg->planned,
        .amount = leg->amount,
        .filled = leg->filled,
        .plan_seq = plan->plan_seq,
        .proposal_seq = leg->proposal_seq,
        .verdict_seq = leg->verdict_seq,
        .order_id = leg->order_id,
        .due = {plan->start.ns + plan->interval.ns * leg->batch},
        .retry_at = leg->retry_at,
        .state = leg->state,
        .old_state = old_state,
        .side = leg->side,
        .batch = leg->batch,
        .batches = plan->batches,
        .attempts = leg->attempts,
        .code = leg->code,
    };
    TT_TEXT_SET(payload.reason, reason);
    (void)tt_portfolio_publish(
        portfolio, TT_TOPIC_REBALANCE_BATCHES, leg->instrument, &plan->correlation, &payload);
}

static tt_severity level_of(const tt_allocation_config *config, tt_ratio deviation)
{
    if (tt_dec_le(config->high_pct.d, deviation.d)) {
        return TT_severity_HIGH;
    }
    return tt_dec_le(config->warn_pct.d, deviation.d) ? TT_severity_WARNING : TT_severity_INFO;
}

void tt_portfolio_tell_drift(tt_portfolio *portfolio, tt_ratio deviation)
{
    tt_severity before = (tt_severity)portfolio->state->drift;
    tt_severity level = level_of(&portfolio->config.allocation, deviation);
    if (level == before) {
        return;
    }
    portfolio->state->drift = (uint8_t)level;
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(deviation.d, 2, text);
    tt_system_event event = {
        .old_value = before,
        .new_value = level,
        .event = TT_system_event_type_ALLOCATION_DRIFT,
        .severity = (uint8_t)level,
    };
    TT_TEXT_SET(event.subject, tt_enum_text(&tt_enum_severity, (uint8_t)level));
    tt_text_format(
        event.message, sizeof event.message, "largest distance from a target: %s %%", text);
    (void)tt_portfolio_publish(portfolio, TT_TOPIC_SYSTEM_EVENTS, 0, NULL, &event);
    if (level == TT_severity_HIGH) {
        tt_notification notification = {.severity = TT_severity_HIGH};
        tt_text_format(
            notification.message,
            sizeof notification.message,
            "the portfolio is %s %% off a target",
            text);
        (void)tt_portfolio_publish(portfolio, TT_TOPIC_NOTIFICATIONS, 0, NULL, &notification);
    }
}
