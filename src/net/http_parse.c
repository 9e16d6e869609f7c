/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads the request line, the headers, then what they say together.
 */
#include "net/http_parse.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

enum {
    BAD_REQUEST = 400,
    TOO_LARGE = 413,
    HEADERS_TOO_MANY = 431,
    NOT_IMPLEMENTED = 501,
    VERSION_UNKNOWN = 505
};

/** A head that is being read. */
struct parse {
    char *at;
    char *end; /**< Of the head; the last line is empty. */
    tt_http_head *head;
    const char *why;
};

static int refuse(struct parse *parse, int code, const char *why)
{
    parse->why = why;
    return code;
}

/** A character of a method or of the name of a header. */
static bool is_token(char c)
{
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_word || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/** Takes the next line and ends it with NUL; NULL when it is not ended as it must be. */
static char *take_line(struct parse *parse)
{
    char *line = parse->at;
    char *feed = memchr(line, '\n', (size_t)(parse->end - line));
    if (feed == NULL || feed == line || feed[-1] != '\r') {
        return NULL;
    }
    feed[-1] = 0;
    parse->at = feed + 1;
    // A NUL or a lone carriage return inside of the line would end it early for somebody.
    bool is_whole = strlen(line) == (size_t)(feed - 1 - line) && strchr(line, '\r') == NULL;
    return is_whole ? line : NULL;
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/** Decodes %XX (and '+' in a query) in place. False if it is not valid or hides control bytes. */
static bool decode(char *text, bool is_query)
{
    char *out = text;
    for (const char *in = text; *in != 0; in++) {
        char c = *in;
        if (c == '%') {
            int high = hex_of(in[1]);
            int low = high < 0 ? -1 : hex_of(in[2]);
            if (low < 0) {
                return false;
            }
            c = (char)(unsigned char)(high * 16 + low);
            in += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (is_control(c)) {
            return false;
        }
        *out++ = c;
    }
    *out = 0;
    return true;
}

static int read_query(struct parse *parse, char *query)
{
    tt_http_head *head = parse->head;
    for (char *rest = query; rest != NULL && *rest != 0;) {
        char *param = rest;
        rest = strchr(param, '&');
        if (rest != NULL) {
            *rest++ = 0;
        }
        char *value = strchr(param, '=');
        if (value != NULL) {
            *value++ = 0;
        } else {
            value = param + strlen(param);
        }
        if (head->param_count == TT_HTTP_PARAMS_MAX) {
            return refuse(parse, BAD_REQUEST, "the query has too many parameters");
        }
        if (!decode(param, true) || !decode(value, true)) {
            return refuse(parse, BAD_REQUEST, "the address of the request is not valid");
        }
        head->params[head->param_count++] = (tt_http_field){param, value};
    }
    return 0;
}

static int read_target(struct parse *parse, char *target)
{
    for (const char *at = target; *at != 0; at++) {
        if (*at <= 0x20 || *at >= 0x7f || *at == '#') {
            return refuse(parse, BAD_REQUEST, "the address of the request is not valid");
        }
    }
    char *query = strchr(target, '?');
    if (query != NULL) {
        *query++ = 0;
    }
    if (target[0] != '/' || !decode(target, false)) {
        return refuse(parse, BAD_REQUEST, "the address of the request is not valid");
    }
    parse->head->path = target;
    return query == NULL ? 0 : read_query(parse, query);
}

static tt_http_method method_of(const char *text)
{
    static const char *const names[] = {"GET", "HEAD", "POST"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            return (tt_http_method)i;
        }
    }
    return TT_HTTP_OTHER;
}

static int read_request_line(struct parse *parse)
{
    char *method = take_line(parse);
    char *target = method == NULL ? NULL : strchr(method, ' ');
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');
    if (version == NULL || target == method) {
        return refuse(parse, BAD_REQUEST, "the request line is not valid");
    }
    *target++ = 0;
    *version++ = 0;
    for (const char *at = method; *at != 0; at++) {
        if (!is_token(*at)) {
            return refuse(parse, BAD_REQUEST, "the request line is not valid");
        }
    }
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
        bool is_http = strncmp(version, "HTTP/", 5) == 0;
        return is_http ? refuse(parse, VERSION_UNKNOWN, "only HTTP/1.1 is spoken here")
                       : refuse(parse, BAD_REQUEST, "the request line is not valid");
    }
    parse->head->method = method_of(method);
    parse->head->wants_close = strcmp(version, "HTTP/1.0") == 0;
    return read_target(parse, target);
}

static int read_field(struct parse *parse, char *line)
{
    tt_http_head *head = parse->head;
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line) {
        return refuse(parse, BAD_REQUEST, "a header is not valid");
    }
    *colon = 0;
    for (const char *at = line; *at != 0; at++) {
        if (!is_token(*at)) {
            return refuse(parse, BAD_REQUEST, "the name of a header is not valid");
        }
    }
    char *value = colon + 1;
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t')) {
        value[--length] = 0;
    }
    for (const char *at = value; *at != 0; at++) {
        if (is_control(*at) && *at != '\t') {
            return refuse(parse, BAD_REQUEST, "a header holds control characters");
        }
    }
    if (head->field_count == TT_HTTP_FIELDS_MAX) {
        return refuse(parse, HEADERS_TOO_MANY, "the request has too many headers");
    }
    head->fields[head->field_count++] = (tt_http_field){line, value};
    return 0;
}

static int read_fields(struct parse *parse)
{
    for (;;) {
        char *line = take_line(parse);
        if (line == NULL) {
            return refuse(parse, BAD_REQUEST, "a line of the head is not valid");
        }
        if (*line == 0) {
            return parse->at == parse->end ? 0
                                           : refuse(parse, BAD_REQUEST, "the head ends too early");
        }
        int code = read_field(parse, line);
        if (code != 0) {
            return code;
        }
    }
}

static unsigned count(const tt_http_head *head, const char *name)
{
    unsigned found = 0;
    for (uint32_t i = 0; i < head->field_count; i++) {
        found += strcasecmp(head->fields[i].name, name) == 0;
    }
    return found;
}

static int read_length(struct parse *parse)
{
    tt_http_head *head = parse->head;
    unsigned lengths = count(head, "Content-Length");
    unsigned encodings = count(head, "Transfer-Encoding");
    if (lengths > 1 || (lengths > 0 && encodings > 0)) {
        return refuse(parse, BAD_REQUEST, "the length of the body is given more than once");
    }
    if (encodings > 0) {
        return refuse(parse, NOT_IMPLEMENTED, "send the body with Content-Length");
    }
    const char *length = tt_http_head_field(head, "Content-Length");
    if (length == NULL) {
        return 0;
    }
    tutti_status status = tt_text_parse_u64(length, strlen(length), &head->body_size);
    if (status == TUTTI_RANGE) {
        return refuse(parse, TOO_LARGE, "the body is too large");
    }
    return status == TUTTI_OK ? 0 : refuse(parse, BAD_REQUEST, "Content-Length is no number");
}

/** What may stand once only, because two readers could take different ones. */
static const char *find_repeated(const tt_http_head *head)
{
    static const char *const once[] = {"Authorization", "Content-Type", "Origin", "Expect"};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        if (count(head, once[i]) > 1) {
            return once[i];
        }
    }
    return NULL;
}

static int read_meaning(struct parse *parse)
{
    tt_http_head *head = parse->head;
    if (count(head, "Host") != 1) {
        return refuse(parse, BAD_REQUEST, "exactly one Host header is needed");
    }
    if (find_repeated(head) != NULL) {
        return refuse(parse, BAD_REQUEST, "a header that may stand once stands twice");
    }
    const char *connection = tt_http_head_field(head, "Connection");
    head->wants_close |= connection != NULL && strcasecmp(connection, "close") == 0;
    const char *expect = tt_http_head_field(head, "Expect");
    if (expect != NULL && strcasecmp(expect, "100-continue") != 0) {
        return refuse(parse, 417, "only 100-continue can be expected");
    }
    head->expects_continue = expect != NULL;
    return read_length(parse);
}

int tt_http_parse_head(char *text, size_t length, tt_http_head *head, const char **ret_why)
{
    struct parse parse = {.at = text, .end = text + length, .head = head};
    head->path = "/";
    head->body_size = 0;
    head->field_count = head->param_count = 0;
    head->method = TT_HTTP_OTHER;
    head->wants_close = head->expects_continue = false;
    int code = read_request_line(&parse);
    if (code == 0) {
        code = read_fields(&parse);
    }
    if (code == 0) {
        code = read_meaning(&parse);
    }
    *ret_why = parse.why;
    return code;
}

const char *tt_http_head_field(const tt_http_head *head, const char *name)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (strcasecmp(head->fields[i].name, name) == 0) {
            return head->fields[i].value;
        }
    }
    return NULL;
}
