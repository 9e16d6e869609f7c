/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Replies and answers of language models: any bytes. The first byte chooses the protocol or the
 * agent. What is taken must be a payload that the core would take.
 */
#include "llm/llm_answer.h"
#include "llm/llm_protocol.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_reply(tt_llm_protocol protocol, const char *text, size_t size)
{
    static char memory[8192];
    tt_llm_reply reply = {.text = memory, .capacity = sizeof memory};
    tt_error error = {0};
    if (tt_llm_reply_read(protocol, text, size, &reply, &error) == TUTTI_OK) {
        TT_ASSERT(reply.size <= reply.capacity);
    }
}

static void fuzz_answer(uint8_t agent, const char *text, size_t size)
{
    static tt_instruments instruments;
    static tt_agent_request request;
    static tt_agent_answer answer;
    tt_error error = {0};
    instruments.count = 1;
    instruments.list[0].id.n = 1;
    instruments.list[0].price_increment.d = TT_DEC_C(5, 1);
    TT_TEXT_SET(instruments.list[0].symbol, "BTC/USDT");
    request.key = 1;
    request.call.agent = agent;
    memset(&answer, 0, sizeof answer);
    if (tt_llm_answer_read(&instruments, &request, text, size, &answer, &error) != TUTTI_OK) {
        TT_ASSERT(error.message[0] != '\0');
        return;
    }
    const tt_layout *layout = tt_topic_info_get(answer.answer_topic)->layout;
    TT_ASSERT(tt_payload_check(layout, answer.body, answer.count, &error) == TUTTI_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t choice = data[0] % (TT_agent_COUNT + TT_llm_protocol_COUNT);
    const char *text = (const char *)data + 1;
    if (choice < TT_agent_COUNT) {
        fuzz_answer(choice, text, size - 1);
    } else {
        fuzz_reply((tt_llm_protocol)(choice - TT_agent_COUNT), text, size - 1);
    }
    return 0;
}
