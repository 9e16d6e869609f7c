/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as the head of a request: whatever is taken holds no byte that a reader behind could
 * take for an end, and one Host; whatever is refused has a code and a reason.
 */
#include "base/error.h"
#include "net/http_parse.h"

#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, const char *start, const char *end)
{
    TT_ASSERT(text >= start && text < end);
    for (const char *at = text; *at != 0; at++) {
        TT_ASSERT(at < end);
        TT_ASSERT(((unsigned char)*at >= 0x20 || *at == '\t') && *at != 0x7f);
    }
}

static void check_head(const tt_http_head *head, const char *start, const char *end)
{
    unsigned hosts = 0;
    check_text(head->path, start, end);
    TT_ASSERT(head->path[0] == '/' && strchr(head->path, '\t') == NULL);
    for (uint32_t i = 0; i < head->field_count; i++) {
        check_text(head->fields[i].name, start, end);
        check_text(head->fields[i].value, start, end);
        hosts += strcasecmp(head->fields[i].name, "Host") == 0;
        TT_ASSERT(strcasecmp(head->fields[i].name, "Transfer-Encoding") != 0);
    }
    TT_ASSERT(hosts == 1);
    for (uint32_t i = 0; i < head->param_count; i++) {
        check_text(head->params[i].name, start, end);
        check_text(head->params[i].value, start, end);
    }
    TT_ASSERT(head->body_size == 0 || tt_http_head_field(head, "Content-Length") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TT_HTTP_HEAD_MAX + 1];
    static tt_http_head head;
    const char *why = NULL;
    if (size > TT_HTTP_HEAD_MAX) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = 0;
    int code = tt_http_parse_head(text, size, &head, &why);
    TT_ASSERT(code == 0 || (code >= 400 && code < 600 && why != NULL && strchr(why, '"') == NULL));
    if (code == 0) {
        check_head(&head, text, text + size);
    }
    return 0;
}
