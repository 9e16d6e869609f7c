/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Who asks: the token file, the token of this machine, the key of the status page.
 *
 * Everything fails closed: while the file cannot be used, nobody is let in. The file is looked at
 * once a second, so that a revoked token ends without a restart.
 */
#include "api/api_priv.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

static const int64_t look_every_ns = INT64_C(1000000000);

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static tutti_status read_file(tt_api *api, tt_error *error)
{
    tt_api_tokens *auth = &api->auth;
    memset(&auth->facts, 0, sizeof auth->facts);
    (void)stat(api->options.tokens_path, &auth->facts); // If it is not there, loading says so.
    tutti_status status = tt_tokens_load(api->options.tokens_path, &auth->tokens, error);
    auth->is_failed = status != TUTTI_OK;
    auth->reload_count++;
    return status;
}

/** A new folder: one token for who runs the session, so that the commands of this machine work. */
static tutti_status make_local(tt_api *api, tt_error *error)
{
    char secret[TT_TOKEN_SECRET_MAX + 1];
    tt_tokens *tokens = &api->auth.tokens;
    TUTTI_TRY(tt_tokens_add(tokens, "local", TT_role_ADMIN, secret, error));
    size_t length = strlen(secret);
    secret[length] = '\n';
    tutti_status status = tt_secret_write(api->options.local_path, secret, length + 1, error);
    OPENSSL_cleanse(secret, sizeof secret);
    return status == TUTTI_OK ? tt_tokens_save(api->options.tokens_path, tokens, error) : status;
}

static tutti_status open_file(tt_api *api, tt_error *error)
{
    tt_error missing = {0};
    tutti_status status = read_file(api, &missing);
    if (status != TUTTI_NOT_FOUND) {
        *error = missing;
        return status;
    }
    bool is_loopback = tt_http_server_is_loopback(api->server);
    if (api->options.local_path == NULL || !is_loopback) {
        tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "api.tokens: there is no %s%s",
            api->options.tokens_path,
            is_loopback ? "" : ", and others can reach this address");
        tt_error_hint(
            error, "make it: tutti token add NAME ROLE --tokens %s", api->options.tokens_path);
        return TUTTI_NOT_FOUND;
    }
    TUTTI_TRY(make_local(api, error));
    return read_file(api, error);
}

/** The status page gets a key of its own: it may look, as long as this process lives. */
static tutti_status make_page_key(tt_api *api, tt_error *error)
{
    tt_tokens page = {0};
    TUTTI_TRY(tt_tokens_add(&page, "status_page", TT_role_VIEWER, api->auth.page_secret, error));
    api->auth.page = page.list[0];
    return TUTTI_OK;
}

tutti_status tt_api_auth_open(tt_api *api, tt_error *error)
{
    TUTTI_TRY(open_file(api, error));
    return make_page_key(api, error);
}

void tt_api_auth_refresh(tt_api *api, int64_t now_ns)
{
    tt_api_tokens *auth = &api->auth;
    struct stat facts;
    if (auth->reload_count == 0 || now_ns - auth->checked_ns < look_every_ns) {
        return;
    }
    auth->checked_ns = now_ns;
    bool is_there = stat(api->options.tokens_path, &facts) == 0;
    if (!is_there || !is_unchanged(&facts, &auth->facts)) {
        tt_error ignored = {0};
        (void)!read_file(api, &ignored);
    }
}

/** The secret of "Authorization: Bearer SECRET", or NULL. */
static const char *find_secret(const tt_http_request *request)
{
    const char *value = tt_http_head_field(request->head, "Authorization");
    if (value == NULL || strncasecmp(value, "Bearer ", 7) != 0) {
        return NULL;
    }
    return value + 7 + strspn(value + 7, " ");
}

static const tt_token *find_token(const tt_api *api, const char *secret)
{
    const tt_token *found = tt_tokens_find(&api->auth.tokens, secret);
    if (found == NULL && api->auth.page.id != 0) {
        tt_tokens page = {.count = 1, .list = {api->auth.page}};
        found = tt_tokens_find(&page, secret) == NULL ? NULL : &api->auth.page;
    }
    return found;
}

const tt_token *tt_api_auth_who(tt_api *api, const tt_http_request *request, tt_http_reply *reply)
{
    if (api->auth.is_failed) {
        tt_api_problem_detail(
            reply,
            503,
            "nobody can be let in",
            "the file of tokens cannot be used; 'tutti token list' says why");
        return NULL;
    }
    const char *secret = find_secret(request);
    const tt_token *found = secret == NULL ? NULL : find_token(api, secret);
    if (found == NULL) {
        tt_api_problem_detail(
            reply,
            401,
            secret == NULL ? "a token is needed" : "this token is not known",
            "send the header 'Authorization: Bearer TOKEN'");
        tt_api_add_header(reply, "WWW-Authenticate: Bearer realm=\"tutti\"\r\n");
        api->denied++;
    }
    return found;
}

bool tt_api_auth_knows(const tt_api *api, const char *name)
{
    if (api->auth.page.id != 0 && strcmp(api->auth.page.name, name) == 0) {
        return true;
    }
    for (uint32_t i = 0; i < api->auth.tokens.count; i++) {
        if (strcmp(api->auth.tokens.list[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- pages of other sites ---- */

/** Length of the name in "name:port" or "[::1]:port". */
static size_t host_length(const char *host)
{
    const char *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
    return bracket != NULL ? (size_t)(bracket - host) + 1 : strcspn(host, ":");
}

static bool is_host(const char *host, const char *name)
{
    size_t length = host_length(host);
    return length == strlen(name) && strncasecmp(host, name, length) == 0;
}

/** A name that leads to this machine only by a trick of the resolver is refused. */
static bool is_own_host(const tt_api *api, const char *host)
{
    static const char *const local[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *listen = api->options.config->listen;
    if (!tt_http_server_is_loopback(api->server)) {
        return true; // Under which names others know it is theirs to decide.
    }
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        if (is_host(host, local[i])) {
            return true;
        }
    }
    return host_length(host) == host_length(listen) &&
           strncasecmp(host, listen, host_length(host)) == 0;
}

const char *tt_api_find_foreign(const tt_api *api, const tt_http_request *request)
{
    const char *host = tt_http_head_field(request->head, "Host");
    const char *origin = tt_http_head_field(request->head, "Origin");
    if (!is_own_host(api, host)) {
        return "the Host header does not name this machine";
    }
    const char *name = origin == NULL ? NULL : strstr(origin, "://");
    if (origin != NULL && (name == NULL || strcasecmp(name + 3, host) != 0)) {
        return "the request comes from a page of another site";
    }
    return NULL;
}
