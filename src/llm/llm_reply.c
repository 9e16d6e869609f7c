/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Replies of providers. Both protocols are read alike: one object, of which three members matter -
 * where the text stands, how the model ended, and how many tokens were counted.
 */
#include "base/json.h"
#include "llm/llm_protocol.h"

#include <string.h>

enum {
    SCRATCH_BYTES = 32 * 1024
};

/** One reading. */
struct reading {
    tt_json_reader reader;
    tt_llm_reply *reply;
    tt_llm_protocol protocol;
    bool has_text;
    const char *fault; /**< What the caller finds wrong; NULL = the reader says. */
};

static tutti_status refuse(struct reading *run, tutti_status status, const char *fault)
{
    run->fault = fault;
    return status;
}

/* Keeps what the model wrote. */
static tutti_status take_text(struct reading *run, tt_slice text)
{
    tt_llm_reply *reply = run->reply;
    if (run->has_text) {
        return refuse(run, TUTTI_PARSE, "there is more than one text");
    }
    if (text.length > reply->capacity) {
        return refuse(run, TUTTI_LIMIT, "the text is too long");
    }
    memcpy(reply->text, text.data, text.length);
    reply->size = text.length;
    run->has_text = true;
    return TUTTI_OK;
}

static tutti_status take_count(struct reading *run, uint32_t *ret_count)
{
    tt_json_token token;
    uint64_t count = 0;
    TUTTI_TRY(tt_json_expect(&run->reader, TT_JSON_NUMBER, &token));
    if (tt_text_parse_u64(token.text.data, token.text.length, &count) != TUTTI_OK ||
        count > UINT32_MAX) {
        return refuse(run, TUTTI_PARSE, "a count of tokens is no whole number");
    }
    *ret_count = (uint32_t)count;
    return TUTTI_OK;
}

static tutti_status read_usage(struct reading *run)
{
    static const char *const names[2][2] = {
        [TT_llm_protocol_OPENAI] = {"prompt_tokens", "completion_tokens"},
        [TT_llm_protocol_ANTHROPIC] = {"input_tokens", "output_tokens"},
    };
    unsigned found = 0;
    tt_json_token token;
    TUTTI_TRY(tt_json_next(&run->reader, &token));
    if (token.kind == TT_JSON_NULL) {
        return TUTTI_OK;
    }
    if (token.kind != TT_JSON_OBJECT) {
        return refuse(run, TUTTI_PARSE, "usage is no object");
    }
    for (;;) {
        TUTTI_TRY(tt_json_next(&run->reader, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            run->reply->has_usage = found == 3;
            return TUTTI_OK;
        }
        if (tt_slice_is(token.text, names[run->protocol][0])) {
            TUTTI_TRY(take_count(run, &run->reply->tokens_in));
            found |= 1;
        } else if (tt_slice_is(token.text, names[run->protocol][1])) {
            TUTTI_TRY(take_count(run, &run->reply->tokens_out));
            found |= 2;
        } else {
            TUTTI_TRY(tt_json_skip(&run->reader));
        }
    }
}

/* Why the model stopped: by itself, or because it was cut off. */
static tutti_status read_stop(struct reading *run)
{
    tt_json_token token;
    TUTTI_TRY(tt_json_next(&run->reader, &token));
    if (token.kind == TT_JSON_NULL) {
        return TUTTI_OK;
    }
    if (token.kind != TT_JSON_STRING) {
        return refuse(run, TUTTI_PARSE, "the reason of the end is no text");
    }
    run->reply->is_whole =
        run->protocol == TT_llm_protocol_ANTHROPIC
            ? tt_slice_is(token.text, "end_turn") || tt_slice_is(token.text, "stop_sequence")
            : tt_slice_is(token.text, "stop");
    return TUTTI_OK;
}

typedef tutti_status (*member_fn)(struct reading *run);

/** Who reads the member of a name. */
struct member {
    const char *name;
    member_fn read;
};

/* Reads an object: the members that are wanted, and skips the rest. The '{' was taken before. */
static tutti_status read_members(struct reading *run, const struct member *members)
{
    tt_json_token token;
    for (;;) {
        TUTTI_TRY(tt_json_next(&run->reader, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            return TUTTI_OK;
        }
        const struct member *member = members;
        while (member->name != NULL && !tt_slice_is(token.text, member->name)) {
            member++;
        }
        TUTTI_TRY(member->name == NULL ? tt_json_skip(&run->reader) : member->read(run));
    }
}

/* Reads an array of objects, of which each is read alike. */
static tutti_status read_array(struct reading *run, const struct member *members)
{
    tt_json_token token;
    TUTTI_TRY(tt_json_expect(&run->reader, TT_JSON_ARRAY, &token));
    for (;;) {
        TUTTI_TRY(tt_json_next(&run->reader, &token));
        if (token.kind == TT_JSON_ARRAY_END) {
            return TUTTI_OK;
        }
        if (token.kind != TT_JSON_OBJECT) {
            return refuse(run, TUTTI_PARSE, "an item is no object");
        }
        TUTTI_TRY(read_members(run, members));
    }
}

static tutti_status read_text(struct reading *run)
{
    tt_json_token token;
    TUTTI_TRY(tt_json_expect(&run->reader, TT_JSON_STRING, &token));
    return take_text(run, token.text);
}

/* openai: {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}], "usage": ...} */
static tutti_status read_message(struct reading *run)
{
    static const struct member members[] = {{"content", read_text}, {NULL, NULL}};
    tt_json_token token;
    TUTTI_TRY(tt_json_expect(&run->reader, TT_JSON_OBJECT, &token));
    return read_members(run, members);
}

static tutti_status read_choices(struct reading *run)
{
    static const struct member members[] = {
        {"message", read_message}, {"finish_reason", read_stop}, {NULL, NULL}};
    return read_array(run, members);
}

/* anthropic: {"content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", ...} */
static tutti_status read_content(struct reading *run)
{
    static const struct member members[] = {{"text", read_text}, {NULL, NULL}};
    return read_array(run, members);
}

static tutti_status read_whole(struct reading *run)
{
    static const struct member openai[] = {
        {"choices", read_choices}, {"usage", read_usage}, {NULL, NULL}};
    static const struct member anthropic[] = {
        {"content", read_content}, {"stop_reason", read_stop}, {"usage", read_usage}, {NULL, NULL}};
    tt_json_token token;
    TUTTI_TRY(tt_json_expect(&run->reader, TT_JSON_OBJECT, &token));
    TUTTI_TRY(read_members(run, run->protocol == TT_llm_protocol_ANTHROPIC ? anthropic : openai));
    if (tt_json_next(&run->reader, &token) != TUTTI_END) {
        return refuse(run, TUTTI_PARSE, "something stands behind the reply");
    }
    return run->has_text ? TUTTI_OK : refuse(run, TUTTI_PARSE, "there is no text in it");
}

tutti_status tt_llm_reply_read(
    tt_llm_protocol protocol, const char *body, size_t size, tt_llm_reply *reply, tt_error *error)
{
    // Texts with escapes are written here before they are copied.
    _Alignas(16) unsigned char scratch[SCRATCH_BYTES];
    struct reading run = {.reply = reply, .protocol = protocol};
    reply->size = 0;
    reply->tokens_in = 0;
    reply->tokens_out = 0;
    reply->has_usage = false;
    reply->is_whole = false;
    tt_json_reader_init(&run.reader, body, size, scratch, sizeof scratch);
    tutti_status status = read_whole(&run);
    if (status == TUTTI_OK) {
        return TUTTI_OK;
    }
    const char *what = run.fault != NULL ? run.fault : run.reader.error.what;
    return tt_error_set(
        error,
        status == TUTTI_LIMIT ? TUTTI_LIMIT : TUTTI_PARSE,
        "the reply of the provider: %s",
        what == NULL ? "it is incomplete" : what);
}
