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

/* Beginning and end of a reason: text and length are constants. */
struct phrase {
    char text[48];
    uint8_t length;
};
#define PHRASE(text_)                                                                              \
    {                                                                                              \
        .text = text_, .length = sizeof(text_) - 1                                                 \
    }
#define ONE_ROW(e, name, text)    [TT_##e##_##name] = PHRASE(text " at confidence "),
#define MORE_ROW(e, name, text)   [TT_##e##_##name] = PHRASE(text " and others at confidence "),
#define ACTION_ROW(e, name, text) [TT_##e##_##name] = PHRASE(": " text),
static const struct phrase one_phrases[] = {TT_ENUM_conflict_type(ONE_ROW)};
static const struct phrase more_phrases[] = {TT_ENUM_conflict_type(MORE_ROW)};
static const struct phrase action_phrases[] = {TT_ENUM_resolution(ACTION_ROW)};
static const struct phrase size_phrase = PHRASE(", size -");
static const struct phrase percent_phrase = PHRASE(" %");

/* The longest reason, and what a phrase writes beyond its length. */
#define REASON_ROOM (3 * sizeof(((struct phrase *)0)->text) + 2 * TT_DEC_TEXT_MAX)

static size_t put_phrase(char *reason, size_t at, const struct phrase *phrase)
{
    memcpy(reason + at, phrase->text, sizeof phrase->text);
    return at + phrase->length;
}

static void explain(tt_ratio confidence, tt_conflict_decision *conflict)
{
    char reason[REASON_ROOM] = {0}; // and so is what lies behind the text, whatever is put
    const struct phrase *begins = conflict->count > 1 ? more_phrases : one_phrases;
    size_t at = put_phrase(reason, 0, &begins[conflict->conflicts[0].type]);
    at += tt_dec_format_fixed(confidence.d, 4, reason + at);
    at = put_phrase(reason, at, &action_phrases[conflict->action]);
    if (conflict->action == TT_resolution_MODIFY) {
        at = put_phrase(reason, at, &size_phrase);
        at += tt_dec_format(conflict->size_reduction_pct.d, reason + at);
        at = put_phrase(reason, at, &percent_phrase);
    }
    TT_ASSERT(at < sizeof reason);
    memcpy(conflict->reasoning, reason, sizeof conflict->reasoning - 1);
    conflict->reasoning[sizeof conflict->reasoning - 1] = '\0';
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
    memset(conflict->arbiter, 0, sizeof conflict->arbiter);
    memcpy(conflict->arbiter, rules_name, sizeof rules_name);
    explain(confidence, conflict);
}
