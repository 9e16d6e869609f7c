/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The two protocols: the bytes of a request, and every way in which a reply can be none.
 *
 * Covers: llm_request.c
 */
#include "../../lib/test.h"
#include "llm/llm_protocol.h"

#define OPENAI                                                                                     \
    "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"     \
    "\"{\\\"a\\\":1}\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":12,"             \
    "\"completion_tokens\":3,\"total_tokens\":15}}"
#define ANTHROPIC                                                                                  \
    "{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],\"stop_reason\":\"end_turn\",\"usage\":{"  \
    "\"input_tokens\":7,\"output_tokens\":2}}"

static char text[256];

static tutti_status read_reply(tt_llm_protocol protocol, const char *body, tt_llm_reply *reply)
{
    tt_error error = {0};
    *reply = (tt_llm_reply){.text = text, .capacity = sizeof text};
    tutti_status status = tt_llm_reply_read(protocol, body, strlen(body), reply, &error);
    assert_true((status == TUTTI_OK) == (error.message[0] == '\0'));
    return status;
}

static void both_protocols_are_read(void **state)
{
    (void)state;
    tt_llm_reply reply;
    assert_int_equal(read_reply(TT_llm_protocol_OPENAI, OPENAI, &reply), TUTTI_OK);
    assert_int_equal(reply.size, 7);
    assert_memory_equal(reply.text, "{\"a\":1}", 7);
    assert_int_equal(reply.tokens_in, 12);
    assert_int_equal(reply.tokens_out, 3);
    assert_true(reply.has_usage && reply.is_whole);
    assert_int_equal(read_reply(TT_llm_protocol_ANTHROPIC, ANTHROPIC, &reply), TUTTI_OK);
    assert_memory_equal(reply.text, "hi", 2);
    assert_int_equal(reply.tokens_in, 7);
    assert_true(reply.has_usage && reply.is_whole);
}

static void a_reply_that_was_cut_is_told(void **state)
{
    (void)state;
    tt_llm_reply reply;
    assert_int_equal(
        read_reply(
            TT_llm_protocol_OPENAI,
            "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"length\"}]}",
            &reply),
        TUTTI_OK);
    assert_false(reply.is_whole);
    assert_false(reply.has_usage);
    assert_int_equal(
        read_reply(
            TT_llm_protocol_ANTHROPIC,
            "{\"content\":[{\"text\":\"x\"}],\"stop_reason\":\"max_tokens\",\"usage\":{"
            "\"input_tokens\":1}}",
            &reply),
        TUTTI_OK);
    assert_false(reply.is_whole);
    assert_false(reply.has_usage); // Half a count is none.
}

static void what_is_no_reply_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"choices\":[]}",
        "{\"choices\":{}}",
        "{\"choices\":[1]}",
        "{\"choices\":[{\"message\":null}]}",
        "{\"choices\":[{\"message\":{\"content\":null}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}},{\"message\":{\"content\":\"b\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":1}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":3}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":-1}}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":1.5}}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":4294967296}"
        "}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}]} x",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}]",
        "{\"choices\":[{\"message\":{\"content\":\"\xff\"}}]}",
        "<html>Bad Gateway</html>",
    };
    tt_llm_reply reply;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(read_reply(TT_llm_protocol_OPENAI, bodies[i], &reply), TUTTI_PARSE);
    }
    assert_int_equal(read_reply(TT_llm_protocol_ANTHROPIC, OPENAI, &reply), TUTTI_PARSE);
    // A body that ends anywhere too early is none.
    for (size_t length = 0; length + 1 < sizeof OPENAI; length++) {
        tt_error error = {0};
        reply = (tt_llm_reply){.text = text, .capacity = sizeof text};
        assert_int_equal(
            tt_llm_reply_read(TT_llm_protocol_OPENAI, OPENAI, length, &reply, &error), TUTTI_PARSE);
    }
}

static void a_text_that_is_too_long_is_refused(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_llm_reply reply = {.text = text, .capacity = 6};
    assert_int_equal(
        tt_llm_reply_read(TT_llm_protocol_OPENAI, OPENAI, strlen(OPENAI), &reply, &error),
        TUTTI_LIMIT);
    reply = (tt_llm_reply){.text = text, .capacity = 7};
    assert_int_equal(
        tt_llm_reply_read(TT_llm_protocol_OPENAI, OPENAI, strlen(OPENAI), &reply, &error),
        TUTTI_OK);
}

static void requests_are_these_bytes(void **state)
{
    (void)state;
    const tt_llm_prompt prompt = {tt_slice_of("be\n\"good\""), tt_slice_of("what?")};
    tt_llm_provider_config provider = {
        .model = "m", .max_tokens = 5, .temperature.d = TT_DEC_C(3, 1), .json_mode = true};
    char body[512];
    size_t size = 0;
    assert_int_equal(tt_llm_request_write(&provider, &prompt, body, sizeof body, &size), TUTTI_OK);
    assert_string_equal(
        body,
        "{\"model\":\"m\",\"max_tokens\":5,\"temperature\":0.3,\"messages\":[{\"role\":\"system\","
        "\"content\":\"be\\n\\\"good\\\"\"},{\"role\":\"user\",\"content\":\"what?\"}],"
        "\"response_format\":{\"type\":\"json_object\"}}");
    assert_int_equal(size, strlen(body));
    assert_int_equal(tt_llm_request_write(&provider, &prompt, body, size, &size), TUTTI_LIMIT);
    provider.protocol = TT_llm_protocol_ANTHROPIC;
    assert_int_equal(tt_llm_request_write(&provider, &prompt, body, sizeof body, &size), TUTTI_OK);
    assert_string_equal(
        body,
        "{\"model\":\"m\",\"max_tokens\":5,\"temperature\":0.3,\"system\":\"be\\n\\\"good\\\"\","
        "\"messages\":[{\"role\":\"user\",\"content\":\"what?\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_protocols_are_read),
        cmocka_unit_test(a_reply_that_was_cut_is_told),
        cmocka_unit_test(what_is_no_reply_is_refused),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(requests_are_these_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
