/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rule arbiter: settles conflicts in no time and always in the same way.
 *
 * Each conflict is judged by itself: a signal whose confidence after consensus reaches the bound of
 * that conflict goes on with less (size, in a choppy regime leverage too); below the bound the
 * configured action is taken (wait for TA against sentiment, abort in a choppy regime). Of several
 * judgements the most cautious wins; modifications add up to the largest reduction and the lowest
 * leverage. Nothing here can enlarge a trade.
 */
#include "coord/coord_priv.h"

#include <string.h>

static const char rules_name[] = "rules";

bool tt_coord_is_rules(const tt_arbiter_step_config *arbiter)
{
    return strcmp(arbiter->provider, rules_name) == 0;
}

/** Judgement of one conflict. */
struct judgement {
    tt_resolution action;
    tt_ratio size_reduction_pct;
    uint8_t leverage_cap; /**< 0 = unchanged. */
};

int tt_coord_caution_of(tt_resolution action)
{
    switch (action) {
    case TT_resolution_PROCEED:
        return 0;
    case TT_resolution_MODIFY:
        return 1;
    case TT_resolution_WAIT:
        return 2;
    case TT_resolution_ABORT:
    case TT_resolution_COUNT:
        break;
    }
    return 3;
}

/** What the configuration says of one type of conflict. */
struct rule {
    tt_ratio bound;      /**< Confidence from which the trade goes on. */
    tt_resolution above; /**< In which way. */
    tt_resolution below;
    uint8_t leverage_cap;
};

static struct rule rule_of(const tt_arbiter_config *config, tt_conflict_type type)
{
    const tt_resolution less = TT_resolution_MODIFY;
    const uint8_t leverage = (uint8_t)config->regime_leverage_cap;
    const tt_resolution change = config->regime_change_action;
    switch (type) {
    case TT_conflict_type_TA_SENTIMENT:
        return (struct rule){config->ta_sentiment_confidence, less, config->ta_sentiment_action, 0};
    case TT_conflict_type_REGIME:
        return (struct rule){config->regime_confidence, less, config->regime_action, leverage};
    case TT_conflict_type_CONTRADICTING_SYMBOLS:
        return (struct rule){config->symbols_confidence, less, config->symbols_action, 0};
    case TT_conflict_type_REGIME_CHANGE:
        return (struct rule){{TT_DEC_ZERO}, change, change, 0};
    case TT_conflict_type_RISK_MODIFICATION:
        return (struct rule){
            config->risk_modification_confidence,
            TT_resolution_PROCEED,
            config->risk_modification_action,
            0};
    case TT_conflict_type_COUNT:
        break;
    }
    TT_ASSERT(false); // only we write types of conflicts
    return (struct rule){.above = TT_resolution_ABORT, .below = TT_resolution_ABORT};
}

static struct judgement
judge(const tt_arbiter_config *config, tt_ratio confidence, const tt_conflict_item *item)
{
    struct rule rule = rule_of(config, (tt_conflict_type)item->type);
    struct judgement judgement = {
        .action = tt_dec_le(rule.bound.d, confidence.d) ? rule.above : rule.below,
    };
    if (judgement.action == TT_resolution_MODIFY) {
        judgement.size_reduction_pct = config->size_reduction_pct;
        judgement.leverage_cap = rule.leverage_cap;
    }
    return judgement;
}

static void take_caution(tt_conflict_decision *conflict, const struct judgement *judgement)
{
    if (tt_coord_caution_of(judgement->action) >
        tt_coord_caution_of((tt_resolution)conflict->action)) {
        conflict->action = (uint8_t)judgement->action;
    }
    conflict->size_reduction_pct.d =
        tt_dec_max(conflict->size_reduction_pct.d, judgement->size_reduction_pct.d);
    bool is_lower = conflict->leverage_cap == 0 || judgement->leverage_cap < conflict->leverage_cap;
    if (judgement->leverage_cap != 0 && is_lower) {
        conflict->leverage_cap = judgement->leverage_cap;
    }
}

static void explain(tt_ratio confidence, tt_conflict_decision *conflict)
{
    char stated[TT_DEC_TEXT_MAX];
    char reduction[TT_DEC_TEXT_MAX];
    size_t stated_length = tt_dec_format_fixed(confidence.d, 4, stated);
    size_t reduction_length = tt_dec_format(conflict->size_reduction_pct.d, reduction);
    const char *first = tt_enum_text(&tt_enum_conflict_type, conflict->conflicts[0].type);
    const char *others = conflict->count > 1 ? " and others" : "";
    const char *action = tt_enum_text(&tt_enum_resolution, conflict->action);
    bool is_less = conflict->action == TT_resolution_MODIFY;
    TT_COORD_JOIN(
        conflict->reasoning,
        TT_COORD_PIECE(first),
        TT_COORD_PIECE(others),
        TT_COORD_PIECE(" at confidence "),
        {.data = stated, .length = stated_length},
        TT_COORD_PIECE(": "),
        TT_COORD_PIECE(action),
        TT_COORD_PIECE(is_less ? ", size -" : ""),
        {.data = reduction, .length = is_less ? reduction_length : 0},
        TT_COORD_PIECE(is_less ? " %" : ""));
}

void tt_coord_arbiter_decide(
    const tt_arbiter_config *config, tt_ratio confidence, tt_conflict_decision *conflict)
{
    TT_ASSERT(conflict->count > 0);
    conflict->action = TT_resolution_PROCEED;
    for (uint8_t i = 0; i < conflict->count; i++) {
        struct judgement judgement = judge(config, confidence, &conflict->conflicts[i]);
        take_caution(conflict, &judgement);
    }
    if (conflict->action != TT_resolution_MODIFY) {
        conflict->size_reduction_pct.d = TT_DEC_ZERO;
        conflict->leverage_cap = 0;
    }
    conflict->confidence.d = tt_dec_from_i64(1, 0); // A rule is sure of itself.
    TT_TEXT_SET(conflict->arbiter, rules_name);
    explain(confidence, conflict);
}
