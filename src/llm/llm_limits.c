/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rate, breaker and repetition.
 */
#include "llm/llm_limits.h"

#include "base/error.h"

static const int64_t window_ns = 60 * TT_NS_PER_S;

void tt_llm_rate_init(tt_llm_rate *rate, uint32_t limit)
{
    TT_ASSERT(limit >= 1 && limit <= TT_LLM_RATE_MAX);
    *rate = (tt_llm_rate){.limit = limit};
}

tt_dur tt_llm_rate_take(tt_llm_rate *rate, int64_t now_ns)
{
    if (rate->count == rate->limit) {
        int64_t free_ns = rate->sent_ns[rate->oldest] + window_ns;
        if (free_ns > now_ns) {
            return (tt_dur){free_ns - now_ns};
        }
        rate->oldest = (rate->oldest + 1) % rate->limit;
        rate->count--;
    }
    rate->sent_ns[(rate->oldest + rate->count) % rate->limit] = now_ns;
    rate->count++;
    return (tt_dur){0};
}

void tt_llm_breaker_init(tt_llm_breaker *breaker, uint32_t failures_max, tt_dur open)
{
    *breaker = (tt_llm_breaker){.failures_max = failures_max, .open = open};
}

bool tt_llm_breaker_enter(tt_llm_breaker *breaker, int64_t now_ns, bool *ret_is_trial)
{
    *ret_is_trial = false;
    if (!breaker->is_open) {
        return true;
    }
    bool may_try = !breaker->is_trying && now_ns - breaker->opened_ns >= breaker->open.ns;
    breaker->is_trying = breaker->is_trying || may_try;
    *ret_is_trial = may_try;
    return may_try;
}

void tt_llm_breaker_leave(tt_llm_breaker *breaker, bool was_trial, bool has_failed, int64_t now_ns)
{
    breaker->is_trying = breaker->is_trying && !was_trial;
    if (breaker->is_open && !was_trial) {
        return; // Let in before it opened: the trial decides.
    }
    if (!has_failed) {
        breaker->is_open = false;
        breaker->failures = 0;
        return;
    }
    breaker->failures++;
    if (breaker->is_open || breaker->failures >= breaker->failures_max) {
        breaker->is_open = true;
        breaker->opened_ns = now_ns;
    }
}

tt_llm_retry tt_llm_retry_of_code(int code)
{
    bool is_busy = code == 408 || code == 425 || code == 429;
    return is_busy || code >= 500 ? TT_LLM_RETRY_LATER : TT_LLM_RETRY_NO;
}

tt_llm_retry tt_llm_retry_of_status(tutti_status status)
{
    return status == TUTTI_BUSY || status == TUTTI_TIMEOUT ? TT_LLM_RETRY_LATER : TT_LLM_RETRY_NO;
}

tt_dur tt_llm_retry_wait(tt_dur backoff, tt_dur backoff_max, uint32_t attempt, tt_dur retry_after)
{
    if (retry_after.ns >= 0) {
        return retry_after;
    }
    int64_t wait = backoff.ns;
    for (uint32_t i = 1; i < attempt && wait < backoff_max.ns; i++) {
        wait *= 2;
    }
    return (tt_dur){wait < backoff_max.ns ? wait : backoff_max.ns};
}
