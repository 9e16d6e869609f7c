/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Threads, budget and record of a call that several models answer.
 */
#include "llm/llm_parts.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

static void *ask(void *ctx)
{
    tt_llm_part *part = ctx;
    tt_llm_provider_call(
        part->agent, part->provider, part->budget, part->instruments, part->request, &part->answer);
    return NULL;
}

static tt_money part_of(tt_money budget, uint32_t count)
{
    tt_dec part = TT_DEC_ZERO;
    tutti_status status =
        tt_dec_muldiv(budget.d, TT_DEC_C(1, 0), tt_dec_from_i64(count, 0), TT_ROUND_DOWN, &part);
    TT_ASSERT(status == TUTTI_OK);
    return (tt_money){part};
}

/* The last one is asked on this thread. One without a thread is asked after it. */
void tt_llm_parts_ask(
    tt_llm_part *parts,
    uint32_t count,
    const tt_instruments *instruments,
    const tt_agent_request *request)
{
    for (uint32_t i = 0; i < count; i++) {
        tt_llm_part *part = &parts[i];
        part->instruments = instruments;
        part->request = request;
        part->budget = part_of(request->call.budget, count);
        part->has_thread = i + 1 < count && pthread_create(&part->thread, NULL, ask, part) == 0;
    }
    for (uint32_t i = count; i > 0; i--) {
        tt_llm_part *part = &parts[i - 1];
        if (part->has_thread) {
            (void)pthread_join(part->thread, NULL);
        } else {
            (void)ask(part);
        }
    }
}

void tt_llm_parts_cost(const tt_llm_part *parts, uint32_t count, tt_agent_answer *answer)
{
    uint64_t tokens = 0;
    for (uint32_t i = 0; i < count; i++) {
        const tt_agent_answer *said = &parts[i].answer;
        answer->cost.d = tt_dec_min(TT_MONEY_MAX, tt_dec_xadd(answer->cost.d, said->cost.d));
        tokens += said->tokens;
    }
    answer->tokens = tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
}

void tt_llm_parts_fail(const tt_llm_part *parts, const char *who, tt_agent_answer *answer)
{
    answer->status = parts[0].answer.status;
    tt_text_format(
        answer->error,
        sizeof answer->error,
        "no %s has answered; %s: %s",
        who,
        parts[0].provider->config->name,
        parts[0].answer.error);
}

/* The hashes of the calls, as JSON. */
static tt_slice render_calls(const tt_llm_part *parts, uint32_t count, char *text, size_t capacity)
{
    tt_json_writer writer;
    size_t size = 0;
    tt_json_writer_init(&writer, text, capacity, false);
    tt_json_begin_object(&writer);
    tt_json_key(&writer, "calls");
    tt_json_begin_array(&writer);
    for (uint32_t i = 0; i < count; i++) {
        char hex[TT_LLM_HEX_MAX];
        tt_llm_hex(parts[i].answer.record, hex);
        tt_json_string(&writer, hex, strlen(hex));
    }
    tt_json_end_array(&writer);
    tt_json_end_object(&writer);
    tutti_status status = tt_json_finish(&writer, &size);
    TT_ASSERT(status == TUTTI_OK); // A row has 67 bytes.
    return (tt_slice){text, size};
}

void tt_llm_parts_record(
    const tt_llm_part *parts,
    uint32_t count,
    const char *name,
    const char *reasoning,
    int64_t started_ns,
    tt_agent_answer *answer)
{
    const tt_llm *llm = parts[0].agent->llm;
    uint64_t call_seq = parts[0].request->call_seq;
    char text[TT_LLM_VOTERS_MAX * 68 + 32];
    tt_slice calls = render_calls(parts, count, text, sizeof text);
    tt_error error = {0};
    tutti_status status = TUTTI_OK;
    if (llm->replay != NULL) {
        tt_llm_call entry;
        status =
            tt_llm_record_find(llm->replay, call_seq, name, calls, &entry, answer->record, &error);
    } else if (llm->record_folder[0] != '\0') {
        const tt_llm_call entry = {
            .call_seq = call_seq,
            .provider = name,
            .model = "",
            .request = calls,
            .answer = tt_slice_of(reasoning),
            .latency.ns = llm->world.now_ns(llm->world.ctx) - started_ns,
            .attempts = count,
            .error = answer->error,
            .status = (tt_answer_status)answer->status,
            .cost = answer->cost,
        };
        status = tt_llm_record_write(llm->record_folder, &entry, answer->record, &error);
    }
    if (status != TUTTI_OK) {
        tt_llm_answer_void(answer, &error);
    }
}
