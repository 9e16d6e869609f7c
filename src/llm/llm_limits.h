/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What keeps a provider from being asked too often: a window of one minute, and a breaker that
 * leaves a failing provider alone. Plain values; time is handed in. One owner at a time.
 */
#ifndef TT_LLM_LLM_LIMITS_H
#define TT_LLM_LLM_LIMITS_H

#include "base/types.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <stdint.h>

/** Largest requests_per_minute. */
#define TT_LLM_RATE_MAX 600

/** When the last requests were sent. */
typedef struct tt_llm_rate {
    int64_t sent_ns[TT_LLM_RATE_MAX]; /**< Ring of the last `limit` moments. */
    uint32_t limit;                   /**< Requests in any 60 s. */
    uint32_t count;
    uint32_t oldest;
} tt_llm_rate;

/** `limit` is from 1 to TT_LLM_RATE_MAX. */
void tt_llm_rate_init(tt_llm_rate *rate, uint32_t limit);
/** Returns the wait until a request may be sent; 0 = now, and it counts as sent. Time that is
 * waited elsewhere is not credited: the caller asks again. */
tt_dur tt_llm_rate_take(tt_llm_rate *rate, int64_t now_ns);

/** Closed: all may call. Open: nobody. After `open` one may try; how that ends decides. */
typedef struct tt_llm_breaker {
    uint32_t failures_max;
    uint32_t failures; /**< In a row. */
    tt_dur open;
    int64_t opened_ns;
    bool is_open;
    bool is_trying; /**< The one trial is on its way. */
} tt_llm_breaker;

void tt_llm_breaker_init(tt_llm_breaker *breaker, uint32_t failures_max, tt_dur open);
/** Tells whether a call may be made, and whether it is the trial; then nobody else may until it
 * ends. */
bool tt_llm_breaker_enter(tt_llm_breaker *breaker, int64_t now_ns, bool *ret_is_trial);
/** A call that was let in has ended. */
void tt_llm_breaker_leave(tt_llm_breaker *breaker, bool was_trial, bool has_failed, int64_t now_ns);

/** What a failed attempt means. */
typedef enum tt_llm_retry {
    TT_LLM_RETRY_NO,    /**< Repeating cannot help: wrong key, wrong request, wrong address. */
    TT_LLM_RETRY_LATER, /**< May pass: the server is busy, broken or out of reach. */
} tt_llm_retry;
/** Class of an answer by its code (200 is none). */
tt_llm_retry tt_llm_retry_of_code(int code);
/** Class of a transport failure. */
tt_llm_retry tt_llm_retry_of_status(tutti_status status);
/** Pause before repetition `attempt` (1 = the first): what the server asks for (-1 = nothing), else
 * `backoff` doubled each time, at most `backoff_max`. */
tt_dur tt_llm_retry_wait(tt_dur backoff, tt_dur backoff_max, uint32_t attempt, tt_dur retry_after);

#endif
