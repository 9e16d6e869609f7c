/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What replies are made of.
 */
#include "api/api_priv.h"
#include "base/calendar.h"
#include "report/render.h"

#include <stdarg.h>
#include <string.h>

void tt_api_put_text(FILE *out, const char *text)
{
    tt_render_json_text(out, text);
}

void tt_api_put_time(FILE *out, const char *key, tt_time time)
{
    char text[TT_TIME_TEXT_MAX];
    if (time.ns <= 0 || time.ns == TT_TIME_NEVER.ns) {
        fprintf(out, "\"%s\": null", key);
        return;
    }
    tt_time_format(time, text);
    fprintf(out, "\"%s\": \"%s\"", key, text);
}

void tt_api_put_dec(FILE *out, const char *key, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(out, "\"%s\": \"%s\"", key, text);
}

const char *tt_api_symbol(const tt_api *api, uint32_t key)
{
    const tt_instrument *found =
        tt_instrument_find(api->options.instruments, (tt_instrument_id){key});
    return found == NULL ? "" : found->symbol;
}

void tt_api_problem_detail(tt_http_reply *reply, int code, const char *title, const char *detail)
{
    FILE *out = open_memstream(&reply->body, &reply->size);
    reply->code = code;
    reply->kind = TT_HTTP_WHOLE;
    reply->content_type = "application/problem+json";
    if (out == NULL) {
        return;
    }
    fputs("{\"type\": \"about:blank\", \"title\": ", out);
    tt_api_put_text(out, title);
    fprintf(out, ", \"status\": %d", code);
    if (detail != NULL) {
        fputs(", \"detail\": ", out);
        tt_api_put_text(out, detail);
    }
    fputs("}\n", out);
    fclose(out);
}

void tt_api_problem(tt_http_reply *reply, int code, const char *title)
{
    tt_api_problem_detail(reply, code, title, NULL);
}

void tt_api_add_header(tt_http_reply *reply, const char *format, ...)
{
    size_t length = strlen(reply->headers);
    size_t room = sizeof reply->headers - length;
    va_list args;
    va_start(args, format);
    int size = vsnprintf(reply->headers + length, room, format, args);
    va_end(args);
    TT_ASSERT(size >= 0 && (size_t)size < room); // All of them are short and ours.
}
