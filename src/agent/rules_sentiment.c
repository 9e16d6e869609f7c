/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sentiment from a record. Fear and greed is the same score.
 */
#include "agent/rules_sentiment.h"

#include "agent/rules.h"
#include "base/calendar.h"

tt_sentiment_bias tt_sentiment_bias_of(tt_dec score)
{
    return tt_dec_le(TT_DEC_C(6, 1), score)    ? TT_sentiment_bias_VERY_BULLISH
           : tt_dec_le(TT_DEC_C(2, 1), score)  ? TT_sentiment_bias_BULLISH
           : tt_dec_le(TT_DEC_C(-2, 1), score) ? TT_sentiment_bias_NEUTRAL
           : tt_dec_le(TT_DEC_C(-6, 1), score) ? TT_sentiment_bias_BEARISH
                                               : TT_sentiment_bias_VERY_BEARISH;
}

static void format_part(tt_ratio score, bool is_given, char text[TT_DEC_TEXT_MAX])
{
    if (is_given) {
        tt_dec_format(score.d, text);
    } else {
        tt_text_set(text, TT_DEC_TEXT_MAX, "none");
    }
}

static void explain(const tt_sentiment_entry *entry, tt_time now, tt_sentiment_update *update)
{
    char recorded[TT_TIME_TEXT_MAX];
    char score[TT_DEC_TEXT_MAX];
    char social[TT_DEC_TEXT_MAX];
    char news[TT_DEC_TEXT_MAX];
    tt_time_format(entry->time, recorded);
    tt_dec_format(entry->score.d, score);
    format_part(entry->social, entry->has_social, social);
    format_part(entry->news, entry->has_news, news);
    tt_text_format(
        update->reasoning,
        sizeof update->reasoning,
        "recorded %s, %lld s ago: score %s, social %s, news %s",
        recorded,
        (long long)((now.ns - entry->time.ns) / TT_NS_PER_S),
        score,
        social,
        news);
}

void tt_agent_rules_sentiment(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    (void)instruments;
    const tt_sentiment_agent *agent = ctx;
    TT_TEXT_SET(answer->model, "record-sentiment-1");
    if (!agent->has_file) {
        tt_rule_decline(answer, "no sentiment record is configured");
        return;
    }
    const tt_sentiment_entry *entry =
        tt_sentiment_record_find(&agent->record, request->key, request->now);
    if (entry == NULL) {
        tt_rule_decline(answer, "the record has no entry of this symbol so far");
        return;
    }
    if (request->now.ns - entry->time.ns > agent->max_age.ns) {
        tt_rule_decline(answer, "the latest entry of this symbol is too old");
        return;
    }
    tt_sentiment_update update = {
        .score = entry->score,
        .social_score = entry->social,
        .news_score = entry->news,
        .confidence = entry->confidence,
        .fear_greed = entry->score,
        .call_seq = request->call_seq,
        .bias = (uint8_t)tt_sentiment_bias_of(entry->score.d)};
    TT_TEXT_SET(update.key_event, entry->event);
    explain(entry, request->now, &update);
    tt_agent_answer_set(answer, TT_TOPIC_SENTIMENT_UPDATES, &update);
}
