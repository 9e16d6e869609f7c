/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Templates of prompts: one row of a table a placeholder.
 */
#include "llm/llm_prompt.h"

#include "model/message_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What the values are taken from. */
struct source {
    const tt_instruments *instruments;
    const tt_agent_request *request;
    const tt_instrument *instrument; /**< NULL for the portfolio. */
};

typedef void (*put_fn)(const struct source *source, tt_json_writer *writer);

static void put_payload(
    const struct source *source,
    tt_json_writer *writer,
    bool is_there,
    const tt_layout *layout,
    const void *payload)
{
    if (is_there) {
        tt_payload_write_json(writer, layout, payload, source->instruments);
    } else {
        tt_json_null(writer);
    }
}

#define PUT(name) static void put_##name(const struct source *source, tt_json_writer *writer)
#define PUT_PAYLOAD(name, layout)                                                                  \
    PUT(name)                                                                                      \
    {                                                                                              \
        const tt_agent_request *request = source->request;                                         \
        put_payload(source, writer, request->has_##name, &tt_layout_##layout, &request->name);     \
    }

PUT_PAYLOAD(indicators, indicators)
PUT_PAYLOAD(ta, ta_signal)
PUT_PAYLOAD(regime, regime_update)
PUT_PAYLOAD(sentiment, sentiment_update)
PUT_PAYLOAD(account, account_update)
PUT_PAYLOAD(position, position_update)
PUT_PAYLOAD(conflict, conflict_case)

PUT(symbol)
{
    tt_json_text(writer, source->instrument == NULL ? "portfolio" : source->instrument->symbol);
}

PUT(tick)
{
    if (source->instrument == NULL) {
        tt_json_null(writer);
    } else {
        tt_json_dec(writer, source->instrument->price_increment.d);
    }
}

PUT(now)
{
    char text[TT_TIME_TEXT_MAX];
    tt_time_format(source->request->now, text);
    tt_json_text(writer, text);
}

PUT(positions)
{
    tt_json_begin_object(writer);
    for (uint32_t i = 0; i < source->request->instrument_count; i++) {
        tt_json_key(writer, source->instruments->list[i].symbol);
        tt_json_dec(writer, source->request->exposures[i].d);
    }
    tt_json_end_object(writer);
}

static const struct placeholder {
    const char *name;
    put_fn put;
} placeholders[] = {
    {"symbol", put_symbol},
    {"tick", put_tick},
    {"now", put_now},
    {"indicators", put_indicators},
    {"ta", put_ta},
    {"regime", put_regime},
    {"sentiment", put_sentiment},
    {"account", put_account},
    {"position", put_position},
    {"positions", put_positions},
    {"conflict", put_conflict},
};
enum {
    PLACEHOLDER_COUNT = sizeof placeholders / sizeof placeholders[0],
    VALUE_BYTES = 16 * 1024
};
static const char hint[] = "placeholders are symbol, tick, now, indicators, ta, regime, sentiment, "
                           "account, position, positions, conflict";

static const struct placeholder *find_placeholder(tt_slice name)
{
    for (size_t i = 0; i < PLACEHOLDER_COUNT; i++) {
        if (tt_slice_is(name, placeholders[i].name)) {
            return &placeholders[i];
        }
    }
    return NULL;
}

/* Finds the next "{{" from `at`, or `size`. */
static size_t find_open(const char *text, size_t size, size_t at)
{
    while (at + 1 < size && !(text[at] == '{' && text[at + 1] == '{')) {
        at++;
    }
    return at + 1 < size ? at : size;
}

/* Name between the braces at `at`; NULL data if they are not closed on this line. */
static tt_slice name_at(const char *text, size_t size, size_t at)
{
    for (size_t end = at + 2; end + 1 < size && text[end] != '\n'; end++) {
        if (text[end] == '}' && text[end + 1] == '}') {
            return (tt_slice){text + at + 2, end - at - 2};
        }
    }
    return (tt_slice){0};
}

/* ---- reading ---- */

static tutti_status fail_at(
    const char *name, const char *text, size_t at, const char *what, tt_slice word, tt_error *error)
{
    unsigned line = 1;
    unsigned column = 1;
    for (size_t i = 0; i < at; i++) {
        column = text[i] == '\n' ? 1 : column + (((unsigned char)text[i] & 0xc0) != 0x80);
        line += text[i] == '\n';
    }
    tt_error_set(
        error,
        TUTTI_PARSE,
        "%s:%u:%u: %s%.*s",
        name,
        line,
        column,
        what,
        (int)(word.length < 32 ? word.length : 32),
        word.length == 0 ? "" : word.data);
    tt_error_hint(error, "%s", hint);
    return TUTTI_PARSE;
}

static tutti_status
check_placeholders(const char *name, const char *text, size_t size, tt_error *error)
{
    for (size_t at = find_open(text, size, 0); at < size; at = find_open(text, size, at)) {
        tt_slice word = name_at(text, size, at);
        if (word.data == NULL) {
            return fail_at(name, text, at, "a placeholder is not closed", word, error);
        }
        if (find_placeholder(word) == NULL) {
            return fail_at(name, text, at, "there is no placeholder ", word, error);
        }
        at += word.length + 4;
    }
    return TUTTI_OK;
}

/* Finds the line "---". */
static tutti_status split(const char *name, tt_llm_template *template, tt_error *error)
{
    tt_slice rest = {template->text, template->size};
    while (rest.data != NULL) {
        tt_slice line = tt_slice_split(&rest, '\n');
        if (tt_slice_is(line, "---")) {
            template->system_size = (size_t)(line.data - template->text);
            template->user_at =
                rest.data == NULL ? template->size : (size_t)(rest.data - template->text);
            return TUTTI_OK;
        }
    }
    tt_error_set(error, TUTTI_PARSE, "%s: there is no line ---", name);
    tt_error_hint(error, "it separates what the system is told from what the user asks");
    return TUTTI_PARSE;
}

static tutti_status parse(
    const char *name, const char *text, size_t size, tt_llm_template *ret_template, tt_error *error)
{
    tt_llm_template template = {.size = size};
    TUTTI_TRY(check_placeholders(name, text, size, error));
    if (!tt_text_is_utf8(text, size)) {
        return tt_error_set(error, TUTTI_PARSE, "%s: it is not UTF-8", name);
    }
    template.text = malloc(size + 1);
    if (template.text == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a prompt");
    }
    memcpy(template.text, text, size);
    template.text[size] = '\0';
    tutti_status status = split(name, &template, error);
    if (status != TUTTI_OK) {
        tt_llm_template_free(&template);
        return status;
    }
    *ret_template = template;
    return TUTTI_OK;
}

tutti_status tt_llm_template_load(
    const char *path, size_t size_max, tt_llm_template *ret_template, tt_error *error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        tutti_status status = errno == ENOENT ? TUTTI_NOT_FOUND : TUTTI_IO;
        return tt_error_set(error, status, "%s: the prompt cannot be read", path);
    }
    tutti_status status = TUTTI_OK;
    char *text = malloc(size_max + 1);
    size_t size = text == NULL ? 0 : fread(text, 1, size_max + 1, file);
    if (text == NULL) {
        status = tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a prompt");
    } else if (ferror(file) != 0) {
        status = tt_error_set(error, TUTTI_IO, "%s: the prompt cannot be read", path);
    } else if (size > size_max) {
        status = tt_error_set(
            error, TUTTI_LIMIT, "%s: more than the %zu bytes of llm.prompt_max", path, size_max);
    } else {
        status = parse(path, text, size, ret_template, error);
    }
    free(text);
    (void)fclose(file);
    return status;
}

void tt_llm_template_free(tt_llm_template *template)
{
    free(template->text);
    *template = (tt_llm_template){0};
}

/* ---- filling in ---- */

static void put_value(const struct source *source, put_fn put, tt_text_buf *out)
{
    char value[VALUE_BYTES];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, value, sizeof value, false);
    put(source, &writer);
    if (tt_json_finish(&writer, &length) == TUTTI_OK) {
        tt_text_append(out, value, length);
    } else {
        out->truncated = true; // A prompt with half a value must not be sent.
    }
}

static void
render_part(const struct source *source, const char *text, size_t size, tt_text_buf *out)
{
    size_t from = 0;
    for (size_t at = find_open(text, size, 0); at < size; at = find_open(text, size, from)) {
        tt_slice name = name_at(text, size, at);
        tt_text_append(out, text + from, at - from);
        put_value(source, find_placeholder(name)->put, out);
        from = at + name.length + 4;
    }
    tt_text_append(out, text + from, size - from);
}

tutti_status tt_llm_template_render(
    const tt_llm_template *template,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    char *memory,
    size_t capacity,
    tt_llm_prompt *ret_prompt)
{
    const struct source source = {
        .instruments = instruments,
        .request = request,
        .instrument = tt_instrument_find(instruments, (tt_instrument_id){request->key}),
    };
    tt_text_buf out;
    tt_text_init(&out, memory, capacity);
    render_part(&source, template->text, template->system_size, &out);
    size_t system_size = out.length;
    render_part(
        &source, template->text + template->user_at, template->size - template->user_at, &out);
    if (out.truncated) {
        return TUTTI_LIMIT;
    }
    ret_prompt->system = (tt_slice){memory, system_size};
    ret_prompt->user = (tt_slice){memory + system_size, out.length - system_size};
    return TUTTI_OK;
}
