/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP interface with a core that the test plays, and tokens of a viewer, a trader and an
 * administrator.
 */
#ifndef TEST_API_COMMANDS_WORLD_H
#define TEST_API_COMMANDS_WORLD_H

#include "../../threads/session_rig.h"
#include "api/api_priv.h"

#include <pthread.h>

/** How the core answers the next command. */
typedef struct script {
    bool is_full;    /**< The ring takes nothing. */
    bool is_silent;  /**< No reply comes. */
    bool is_durable; /**< What is said is durable at once. */
    tt_reply_status status;
    const char *says; /**< What is replied; NULL = something with quotes. */
} script;

struct world {
    pthread_mutex_t lock;
    rig http;
    tt_config *config;
    tt_api *api;
    pthread_t thread;
    script script;
    tt_coordinator_command sent[64];
    uint32_t keys[64];
    unsigned sent_count;
    tt_bus_command sent_bus[16];
    unsigned sent_bus_count;
    tt_engine_bus_status bus; /**< What the status says, when there is one. */
    tt_engine_dead_page dead; /**< What the core says of dead letters. */
    bool is_silent;           /**< It says nothing. */
    bool has_status;
    tt_api_msg waiting[128];
    unsigned first;
    unsigned count;
    tt_seq next_seq;
    tt_seq durable;
    unsigned events; /**< Messages that the stream is to tell. */
    char folder[64];
    char tokens_path[128];
    char local_path[128];
    char viewer[TT_TOKEN_SECRET_MAX];
    char trader[TT_TOKEN_SECRET_MAX];
    char admin[TT_TOKEN_SECRET_MAX];
};
extern struct world world;
/** Head and body of the last answer. */
extern char api_reply[1 << 16];

int api_open(void **state);
int api_open_impatient(void **state);
int api_open_limited(void **state);
int api_close(void **state);
/** Commands that reached the core. */
unsigned api_sent_count(void);
/** A copy of a command that reached the core; lives until the fourth call after. */
const tt_coordinator_command *api_sent(unsigned place);
uint32_t api_sent_key(unsigned place);
/** Asks as somebody; NULL = nobody. Returns the code; `api_reply` holds head and body. */
int api_ask_with(
    const char *method, const char *path, const char *token, const char *more, const char *body);
int api_command(const char *path, const char *token, const char *body);
int api_get(const char *path, const char *token);
bool api_says(const char *text);
void api_check_body(void);
void api_set_script(script next);
/** Asks for a confirmation and gives a body that sends it along. */
const char *api_confirm(const char *path, const char *token);

#define API_TEST(test) cmocka_unit_test_setup_teardown(test, api_open, api_close)

#endif
