/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The real world of language models.
 */
#include "host/llm_world.h"

#include "host/paper_clock.h"

static tutti_status
call_post(void *ctx, const tt_http_post *post, tt_http_result *result, tt_error *error)
{
    (void)ctx;
    return tt_http_client_post(post, result, error);
}

static int64_t read_now(void *ctx)
{
    (void)ctx;
    return tt_mono_ns();
}

static void sleep_ns(void *ctx, int64_t span_ns)
{
    (void)ctx;
    tt_sleep_ns(span_ns);
}

const tt_llm_world tt_real_llm_world = {
    .post = call_post, .now_ns = read_now, .sleep_ns = sleep_ns};
