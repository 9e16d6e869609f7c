/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of a session: what its start and its stop share. All of it belongs to the thread that
 * starts and stops; a part belongs to its own thread while that runs.
 */
#ifndef TT_HOST_SESSION_PRIV_H
#define TT_HOST_SESSION_PRIV_H

#include "agent/agents.h"
#include "host/core_thread.h"
#include "host/files.h"
#include "host/journal_thread.h"
#include "host/market_thread.h"
#include "host/pool_threads.h"
#include "host/retain_thread.h"
#include "host/session.h"
#include "host/store_thread.h"
#include "llm/llm.h"

#include <pthread.h>

/** A thread that may have been started. */
typedef struct session_thread {
    pthread_t handle;
    bool is_running;
} session_thread;

struct tt_session {
    const tt_config *config;
    tt_hub hub;
    tt_engine *engine;
    tt_agents agents;
    tt_llm *llm;
    tt_venue venue;
    tt_feed feed;
    tt_journal_writer *writer;
    tt_api *api;
    tt_snapshot_box snapshots;
    tt_recovery recovery;
    bool is_recovered;
    tt_core_thread core;
    tt_journal_thread journal;
    tt_market_thread market;
    tt_pool_worker workers[TT_POOL_WORKERS];
    tt_store_thread store_reader;
    tt_retain_thread retain;
    session_thread core_handle;
    session_thread journal_handle;
    session_thread market_handle;
    session_thread worker_handles[TT_POOL_WORKERS];
    session_thread store_handle;
    session_thread retain_handle;
    session_thread api_handle;
    uint8_t config_hash[32];
    char journal_dir[TT_PATH_MAX];
    char store_path[TT_PATH_MAX];
    char venue_path[TT_PATH_MAX];
    char tokens_path[TT_PATH_MAX];
    char local_path[TT_PATH_MAX];
    char delivery_path[TT_PATH_MAX];
    char address_path[TT_PATH_MAX]; /**< Where the commands of this machine find the interface. */
};

/** Steps a session_events message on the calling thread, which owns the core. */
void tt_session_step_event(tt_session *session, tt_session_event_type type);
/** The same as an input for another thread; it borrows `ret_event`. */
tt_input tt_session_event_input(
    const tt_session *session, tt_session_event_type type, tt_session_event *ret_event);
/** Stops and joins whatever runs, stage by stage. */
void tt_session_join(tt_session *session);
/** Closes what is open, and frees all. After tt_session_join. */
void tt_session_close(tt_session *session);

#endif
