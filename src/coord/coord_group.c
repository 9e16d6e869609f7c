/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two entries of which the first that fills cancels the other: asked for by a strategy on
 * entry_groups, or by a person. Each becomes a proposal that risk judges by itself, as if both
 * could fill; whether both are sent, and what becomes of them, is the trade module's
 * (order_group.c).
 *
 *   style       upper entry                      lower entry
 *   breakout    buys when the price has come up  sells when it has come down
 *   reversion   sells at a limit                 buys at a limit
 *
 * A group is refused, with the reason as an entry_group_events message, where a single entry would
 * be suppressed, and while a position is open: one half of it would be a closing.
 */
#include "coord/coord_priv.h"

/* One half of a group. */
typedef struct half {
    tt_side side;
    tt_price entry;
    tt_price stop;
    tt_price target;
} half;

static half upper_half(const tt_entry_group *group)
{
    bool is_breakout = group->style == TT_group_style_BREAKOUT;
    return (half){
        is_breakout ? TT_side_BUY : TT_side_SELL,
        group->upper_entry,
        group->upper_stop,
        group->upper_target};
}

static half lower_half(const tt_entry_group *group)
{
    bool is_breakout = group->style == TT_group_style_BREAKOUT;
    return (half){
        is_breakout ? TT_side_SELL : TT_side_BUY,
        group->lower_entry,
        group->lower_stop,
        group->lower_target};
}

/* What is wrong with the form of a group; NULL if nothing is. Levels are for risk to judge. */
static const char *form_fault(const tt_entry_group *group)
{
    if (group->style >= TT_group_style_COUNT) {
        return "the style is none";
    }
    if (tt_dec_sign(group->lower_entry.d) <= 0 || tt_dec_lt(TT_PRICE_MAX, group->upper_entry.d)) {
        return "both entries need a price";
    }
    if (!tt_dec_lt(group->lower_entry.d, group->upper_entry.d)) {
        return "the upper entry must be above the lower one";
    }
    bool is_size =
        tt_dec_sign(group->size_pct.d) > 0 && tt_dec_le(group->size_pct.d, tt_dec_from_i64(100, 0));
    return is_size ? NULL : "size_pct must be above 0 and at most 100";
}

const char *tt_coord_group_fault(const tt_coord *coord, uint32_t key, const tt_entry_group *group)
{
    if (!tt_coord_is_symbol(coord, key)) {
        return "a group is about one instrument";
    }
    const char *fault = form_fault(group);
    if (fault != NULL) {
        return fault;
    }
    if (!tt_coord_is_running(coord)) {
        return "the coordinator is not running";
    }
    if (!tt_dec_is_zero(tt_coord_symbol_get(coord, key)->position_qty.d)) {
        return "a position of this symbol is open";
    }
    return tt_coord_reason_against_entry(coord, key);
}

static void refuse(tt_coord *coord, const tt_msg *msg, const char *reason)
{
    tt_entry_group_event event = {.group_seq = msg->seq, .new_state = TT_group_state_REFUSED};
    TT_TEXT_SET(event.reason, reason);
    coord->state->entries_suppressed++;
    (void)tt_coord_publish_as(
        coord,
        TT_TOPIC_ENTRY_GROUP_EVENTS,
        TT_SOURCE_COORDINATOR,
        msg->key,
        &event,
        &msg->correlation);
}

static void
propose(tt_coord *coord, const tt_msg *msg, const tt_entry_group *group, const half *which)
{
    tt_trade_proposal proposal = {
        .size_pct = group->size_pct,
        .entry_price = which->entry,
        .stop_loss = which->stop,
        .take_profit = which->target,
        .confidence = group->confidence,
        .group_seq = msg->seq,
        .leverage = group->leverage < 1 ? 1 : group->leverage,
        .kind = TT_proposal_kind_ENTRY,
        .side = (uint8_t)which->side,
        .is_stop_entry = group->style == TT_group_style_BREAKOUT,
    };
    tt_coord_known known;
    tt_coord_known_get(coord, msg->key, &known);
    tt_coord_proposal_context(coord, msg->key, &known, &proposal);
    tt_seq seq = tt_coord_publish_as(
        coord,
        TT_TOPIC_TRADE_PROPOSALS,
        TT_SOURCE_COORDINATOR,
        msg->key,
        &proposal,
        &msg->correlation);
    coord->state->trades_routed += seq != 0;
}

tutti_status tt_coord_on_group(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_entry_group *group = TT_PAYLOAD(msg, ENTRY_GROUPS, entry_group);
    const char *fault = tt_coord_group_fault(coord, msg->key, group);
    if (fault != NULL) {
        refuse(coord, msg, fault);
        return TUTTI_OK;
    }
    const half halves[] = {upper_half(group), lower_half(group)};
    propose(coord, msg, group, &halves[0]);
    propose(coord, msg, group, &halves[1]);
    return TUTTI_OK;
}

tt_entry_group tt_coord_group_of(const tt_coordinator_command *command)
{
    return (tt_entry_group){
        .size_pct = command->size_pct,
        .confidence.d = tt_dec_from_i64(1, 0), // A person has decided.
        .upper_entry = command->upper_entry,
        .upper_stop = command->upper_stop,
        .upper_target = command->upper_target,
        .lower_entry = command->lower_entry,
        .lower_stop = command->lower_stop,
        .lower_target = command->lower_target,
        .style = command->style,
        .leverage = command->leverage,
    };
}
