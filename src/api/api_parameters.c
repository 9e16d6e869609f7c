/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Parameters of an address. One that a route does not take is refused, and so is one that is given
 * twice: a name mistyped must never make a command that was meant for one symbol one for all. What
 * is asked by scrapers and load balancers (takes_any) changes nothing and takes whatever they add.
 */
#include "api/api_priv.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static const char *const of_lists[] = {"limit", "offset", "id", "symbol", "state", "status", NULL};
static const char *const of_kept[] = {"before", "limit", NULL};
static const char *const of_equity[] = {"points", NULL};
static const char *const of_symbol[] = {"symbol", NULL};
static const char *const of_topic[] = {"topic", NULL};
static const char *const of_none[] = {NULL};

const char *const *tt_api_route_parameters(const tt_api_route *route)
{
    if (route->answer == tt_api_answer_list) {
        return of_lists;
    }
    if (route->answer == tt_api_answer_kept) {
        return of_kept;
    }
    if (route->answer == tt_api_answer_equity) {
        return of_equity;
    }
    TT_ASSERT(!route->takes_symbol || !route->takes_topic);
    return route->takes_symbol ? of_symbol : route->takes_topic ? of_topic : of_none;
}

static bool has_name(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static void refuse_unknown(const char *const *names, const char *name, tt_http_reply *reply)
{
    char detail[160];
    tt_text_buf text;
    tt_text_init(&text, detail, sizeof detail);
    tt_text_appendf(&text, "'%.40s'; it takes ", name);
    tt_text_append_text(&text, names[0] == NULL ? "none" : "");
    for (size_t i = 0; names[i] != NULL; i++) {
        tt_text_appendf(&text, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    tt_api_problem_detail(reply, 400, "this address has no such parameter", detail);
}

bool tt_api_check_parameters(const tt_api_call *call, tt_http_reply *reply)
{
    const tt_http_head *head = call->request->head;
    const char *const *names = tt_api_route_parameters(call->route);
    if (call->route->takes_any) {
        return true;
    }
    for (uint32_t i = 0; i < head->param_count; i++) {
        const char *name = head->params[i].name;
        if (!has_name(names, name)) {
            refuse_unknown(names, name, reply);
            return false;
        }
        if (tt_http_query(call->request, name) != head->params[i].value) {
            tt_api_problem_detail(reply, 400, "a parameter is given twice", name);
            return false;
        }
    }
    return true;
}

bool tt_api_take_number(
    const tt_http_request *request,
    const tt_api_number *wanted,
    uint64_t *ret_number,
    tt_http_reply *reply)
{
    const char *text = tt_http_query(request, wanted->name);
    char detail[160];
    *ret_number = 0;
    if (text == NULL || (tt_text_parse_u64(text, strlen(text), ret_number) == TUTTI_OK &&
                         *ret_number >= wanted->least && *ret_number <= wanted->most)) {
        return true;
    }
    snprintf(
        detail,
        sizeof detail,
        "%s is a whole number from %" PRIu64 " to %" PRIu64 ", not '%.40s'",
        wanted->name,
        wanted->least,
        wanted->most,
        text);
    tt_api_problem_detail(reply, 400, "a parameter is not right", detail);
    return false;
}

/** Lists the instruments; "..." when there are too many. */
static void list_symbols(const tt_instruments *instruments, char *detail, size_t size)
{
    tt_text_buf text;
    tt_text_init(&text, detail, size - sizeof ", ...");
    tt_text_append_text(&text, "instruments are");
    for (uint32_t i = 0; i < instruments->count && !text.truncated; i++) {
        size_t before = text.length;
        tt_text_appendf(&text, "%s %s", i == 0 ? "" : ",", instruments->list[i].symbol);
        if (text.truncated) {
            snprintf(detail + before, size - before, ", ...");
        }
    }
}

bool tt_api_take_symbol(
    const tt_api *api,
    const tt_http_request *request,
    int code,
    uint32_t *ret_key,
    tt_http_reply *reply)
{
    const char *symbol = tt_http_query(request, "symbol");
    const tt_instruments *instruments = api->options.instruments;
    char title[96];
    char detail[200];
    *ret_key = 0;
    if (symbol == NULL) {
        return true;
    }
    const tt_instrument *found = tt_instrument_find_symbol(instruments, symbol, strlen(symbol));
    if (found != NULL) {
        *ret_key = found->id.n;
        return true;
    }
    snprintf(title, sizeof title, "there is no symbol '%.40s'", symbol);
    list_symbols(instruments, detail, sizeof detail);
    tt_api_problem_detail(reply, code, title, detail);
    return false;
}
