/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sentiment in two parts: one model reads what people write, another the news; both are asked at
 * the same time. The mood is the mean of the two scores, or the one that is there, for a part that
 * does not answer says nothing about the mood. Without either the call has failed: no mood is made
 * up.
 */
#include "agent/rules_sentiment.h"
#include "base/text.h"
#include "llm/llm_parts.h"

#include <string.h>

/** Least confidence of a mood that somebody has answered. */
#define CONFIDENCE_MIN TT_DEC_C(3, 1)

/** Bytes of what a part says that have a place in what both say. */
#define REASONING_PART 45

static const char *const mood_names[] = {
    [TT_LLM_MOOD_SOCIAL] = "social", [TT_LLM_MOOD_NEWS] = "news"};

/** What the parts say. */
struct moods {
    tt_llm_part parts[TT_LLM_MOOD_COUNT];
    tt_sentiment_update said[TT_LLM_MOOD_COUNT];
    bool is_there[TT_LLM_MOOD_COUNT];
};

static bool take_answers(struct moods *moods)
{
    bool is_any = false;
    for (uint32_t i = 0; i < TT_LLM_MOOD_COUNT; i++) {
        const tt_agent_answer *answer = &moods->parts[i].answer;
        moods->is_there[i] = answer->status == TT_answer_status_OK;
        if (moods->is_there[i]) {
            memcpy(&moods->said[i], answer->body, answer->count);
            is_any = true;
        }
    }
    return is_any;
}

/* The mean of two parts is the half of their sum, to the last digit; one part alone stands. */
static tt_dec mean(const struct moods *moods, tt_dec social, tt_dec news)
{
    if (!moods->is_there[TT_LLM_MOOD_SOCIAL]) {
        return news;
    }
    if (!moods->is_there[TT_LLM_MOOD_NEWS]) {
        return social;
    }
    return tt_dec_xdiv(tt_dec_xadd(social, news), TT_DEC_C(2, 0));
}

/* The event of the part that is surer of itself, if it has one. */
static const char *event_of(const struct moods *moods)
{
    const tt_sentiment_update *social = &moods->said[TT_LLM_MOOD_SOCIAL];
    const tt_sentiment_update *news = &moods->said[TT_LLM_MOOD_NEWS];
    bool is_news =
        news->key_event[0] != '\0' &&
        (social->key_event[0] == '\0' || tt_dec_le(social->confidence.d, news->confidence.d));
    return is_news ? news->key_event : social->key_event;
}

static void explain(const struct moods *moods, tt_sentiment_update *update)
{
    tt_text_buf buf;
    char text[sizeof update->reasoning];
    tt_text_init(&buf, text, sizeof text);
    for (uint32_t i = 0; i < TT_LLM_MOOD_COUNT; i++) {
        char score[TT_DEC_TEXT_MAX] = "none";
        if (moods->is_there[i]) {
            (void)tt_dec_format(moods->said[i].score.d, score);
        }
        tt_text_appendf(&buf, "%s%s %s", i == 0 ? "" : "; ", mood_names[i], score);
        if (moods->is_there[i]) {
            char said[REASONING_PART];
            TT_TEXT_SET(said, moods->said[i].reasoning); // Cut between characters.
            tt_text_appendf(&buf, ": %s", said);
        }
    }
    TT_TEXT_SET(update->reasoning, text);
}

static tt_sentiment_update combine(const struct moods *moods, const tt_agent_request *request)
{
    const tt_sentiment_update *social = &moods->said[TT_LLM_MOOD_SOCIAL];
    const tt_sentiment_update *news = &moods->said[TT_LLM_MOOD_NEWS];
    tt_sentiment_update update = {
        .score.d = mean(moods, social->score.d, news->score.d),
        .social_score = social->score,
        .news_score = news->score,
        .call_seq = request->call_seq,
    };
    tt_dec sure = mean(moods, social->confidence.d, news->confidence.d);
    update.confidence.d = tt_dec_lt(sure, CONFIDENCE_MIN) ? CONFIDENCE_MIN : sure;
    update.fear_greed = update.score;
    update.bias = (uint8_t)tt_sentiment_bias_of(update.score.d);
    TT_TEXT_SET(update.key_event, event_of(moods));
    explain(moods, &update);
    return update;
}

void tt_llm_sentiment_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    const tt_llm *llm = ctx;
    int64_t started_ns = llm->world.now_ns(llm->world.ctx);
    struct moods moods = {0};
    tt_sentiment_update update = {0};
    for (uint32_t i = 0; i < TT_LLM_MOOD_COUNT; i++) {
        moods.parts[i].agent = &llm->moods[i];
        moods.parts[i].provider = llm->moods[i].provider;
    }
    TT_TEXT_SET(answer->model, "social and news");
    tt_llm_parts_ask(moods.parts, TT_LLM_MOOD_COUNT, instruments, request);
    if (take_answers(&moods)) {
        update = combine(&moods, request);
        tt_agent_answer_set(answer, TT_TOPIC_SENTIMENT_UPDATES, &update);
    } else {
        tt_llm_parts_fail(moods.parts, "part", answer);
    }
    tt_llm_parts_cost(moods.parts, TT_LLM_MOOD_COUNT, answer);
    tt_llm_parts_record(
        moods.parts, TT_LLM_MOOD_COUNT, "both moods", update.reasoning, started_ns, answer);
}
