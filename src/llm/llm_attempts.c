/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The attempts of one call: within its time, its budget, the minute of the provider, and its
 * patience. An attempt that may have reached the provider and gave no answer counts as all that it
 * may cost; an answer that is an error costs nothing.
 */
#include "llm/llm_priv.h"

#include <stdio.h>
#include <string.h>

tt_money
tt_llm_cost(const tt_llm_provider_config *provider, uint64_t tokens_in, uint64_t tokens_out)
{
    const tt_dec million = TT_DEC_C(1000000, 0);
    const uint64_t most = UINT32_MAX;
    tt_dec in = tt_dec_from_i64((int64_t)(tokens_in < most ? tokens_in : most), 0);
    tt_dec out = tt_dec_from_i64((int64_t)(tokens_out < most ? tokens_out : most), 0);
    tt_dec cost_in = TT_MONEY_MAX;
    tt_dec cost_out = TT_MONEY_MAX;
    // Prices and counts are bounded: neither can leave the range, and nothing is rounded down.
    (void)!tt_dec_muldiv(in, provider->input_price.d, million, TT_ROUND_UP, &cost_in);
    (void)!tt_dec_muldiv(out, provider->output_price.d, million, TT_ROUND_UP, &cost_out);
    return (tt_money){tt_dec_min(TT_MONEY_MAX, tt_dec_xadd(cost_in, cost_out))};
}

static int64_t now_of(const tt_llm_attempts *run)
{
    return run->llm->world.now_ns(run->llm->world.ctx);
}

/* Waits; false, at once, if the time of the call would be over by then. */
static bool wait_for(const tt_llm_attempts *run, tt_dur span)
{
    if (span.ns >= run->deadline_ns - now_of(run)) {
        return false;
    }
    if (span.ns > 0) {
        run->llm->world.sleep_ns(run->llm->world.ctx, span.ns);
    }
    return true;
}

/* Waits for a place within the minute. */
static tutti_status wait_for_rate(const tt_llm_attempts *run, tt_error *error)
{
    for (;;) {
        pthread_mutex_lock(&run->provider->lock);
        tt_dur wait = tt_llm_rate_take(&run->provider->rate, now_of(run));
        pthread_mutex_unlock(&run->provider->lock);
        if (wait.ns == 0) {
            return TUTTI_OK;
        }
        if (!wait_for(run, wait)) {
            return tt_error_set(
                error,
                TUTTI_LIMIT,
                "%u requests a minute are made already",
                run->provider->config->requests_per_minute);
        }
    }
}

static tutti_status check_budget(const tt_llm_attempts *run, tt_error *error)
{
    tt_dec after = tt_dec_xadd(run->cost.d, run->worst.d);
    if (tt_dec_le(after, run->budget.d)) {
        return TUTTI_OK;
    }
    char budget[TT_DEC_TEXT_MAX];
    char needed[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(run->budget.d, budget);
    (void)tt_dec_format(after, needed);
    return tt_error_set(
        error, TUTTI_LIMIT, "the call may cost %s, but its budget is %s", needed, budget);
}

/* Headers with the key; the caller wipes `line`. */
static void
fill_headers(const tt_llm_provider *provider, char *line, size_t size, tt_http_post *post)
{
    int count = 0;
    post->headers[count++] = "Content-Type: application/json";
    if (provider->config->protocol == TT_llm_protocol_ANTHROPIC) {
        post->headers[count++] = "anthropic-version: 2023-06-01";
        (void)snprintf(line, size, "x-api-key: %s", provider->key);
    } else {
        (void)snprintf(line, size, "Authorization: Bearer %s", provider->key);
    }
    if (provider->key[0] != '\0') {
        post->headers[count++] = line;
    }
}

static const char *text_or_null(const char *text)
{
    return strcmp(text, "none") == 0 ? NULL : text;
}

static tutti_status ask_once(tt_llm_attempts *run, tt_error *error)
{
    const tt_llm_provider_config *config = run->provider->config;
    char line[TT_LLM_KEY_MAX + 32];
    int64_t left_ns = run->deadline_ns - now_of(run);
    tt_http_post post = {
        .url = config->url,
        .body = run->request.data,
        .body_size = run->request.length,
        .connect_timeout = config->connect_timeout,
        .timeout.ns = left_ns,
        .proxy = text_or_null(config->proxy),
        .ca_file = text_or_null(config->ca_file),
    };
    if (left_ns <= 0) {
        return tt_error_set(error, TUTTI_TIMEOUT, "the time of the call is over");
    }
    fill_headers(run->provider, line, sizeof line, &post);
    run->count++;
    tutti_status status = run->llm->world.post(run->llm->world.ctx, &post, run->result, error);
    explicit_bzero(line, sizeof line);
    if (status != TUTTI_OK && run->result->was_sent) {
        run->cost.d = tt_dec_xadd(run->cost.d, run->worst.d);
    }
    return status;
}

/* What an attempt came to: done, to be repeated, or the end. */
static tutti_status
judge(const tt_llm_attempts *run, tutti_status status, bool *ret_again, tt_error *error)
{
    int code = run->result->code;
    *ret_again = false;
    if (status != TUTTI_OK) {
        *ret_again = tt_llm_retry_of_status(status) == TT_LLM_RETRY_LATER;
        return status;
    }
    if (code == 200) {
        return TUTTI_OK;
    }
    *ret_again = tt_llm_retry_of_code(code) == TT_LLM_RETRY_LATER;
    return tt_error_set(error, TUTTI_BUSY, "the provider answered HTTP %d", code);
}

tutti_status tt_llm_attempts_run(tt_llm_attempts *run, tt_error *error)
{
    const tt_llm_config *config = &run->llm->config->llm;
    for (uint32_t attempt = 1;; attempt++) {
        TUTTI_TRY(check_budget(run, error));
        TUTTI_TRY(wait_for_rate(run, error));
        bool again = false;
        tutti_status status = judge(run, ask_once(run, error), &again, error);
        if (!again || attempt > run->provider->config->retries) {
            return status;
        }
        tt_dur wait = tt_llm_retry_wait(
            config->backoff, config->backoff_max, attempt, run->result->retry_after);
        if (!wait_for(run, wait)) {
            return status; // What went wrong says more than that there is no time for more.
        }
    }
}
