/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opens a session and starts its threads. Until a thread is started, and after it is joined,
 * what it owns belongs to the thread that calls these functions.
 */
#include "host/api_edge.h"
#include "host/files.h"
#include "host/llm_world.h"
#include "host/recover.h"
#include "host/session_priv.h"
#include "venue/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ---- */

static tutti_status open_journal(tt_session *session, tt_session_info *info, tt_error *error)
{
    const tt_config *config = session->config;
    char *meta = NULL;
    TUTTI_TRY(tt_config_render(config, &meta, error));
    tt_hash_text(meta, strlen(meta), session->config_hash);
    tt_journal_options options = {
        .durability = config->journal.durability,
        .segment_bytes = (uint64_t)config->journal.segment_mib << 20,
        .prepares_ahead = true,
        .fills_later = true,
    };
    tutti_status status = TUTTI_OK;
    session->is_recovered = tt_path_exists(session->journal_dir);
    if (!session->is_recovered) {
        status = tt_journal_create(
            session->journal_dir, meta, strlen(meta), &options, &session->writer, error);
    } else {
        status = tt_recover_check_config(session->journal_dir, config, error);
        if (status == TUTTI_OK) {
            status = tt_recover_check_snapshot(session->journal_dir, error);
        }
        if (status == TUTTI_OK) {
            tt_journal_end end;
            status =
                tt_journal_resume(session->journal_dir, &options, &session->writer, &end, error);
            info->cut_bytes = end.cut_bytes;
        }
    }
    free(meta);
    return status;
}

static tutti_status open_engine(tt_session *session, tt_session_info *info, tt_error *error)
{
    if (!session->is_recovered) {
        return tt_engine_new(&session->config->engine, &session->engine, error);
    }
    TUTTI_TRY(tt_recover_engine(
        session->journal_dir, session->config, &session->engine, &session->recovery, error));
    info->is_recovered = true;
    info->steps_replayed = session->recovery.steps_replayed;
    info->used_snapshot = session->recovery.used_snapshot;
    info->last_seq = session->recovery.end.last_seq;
    memcpy(info->left_aside, session->recovery.left_aside, sizeof info->left_aside);
    return TUTTI_OK;
}

/** Reads the feed up to where the engine stopped. The exchange sees what it has not seen yet. */
static tutti_status forward_feed(tt_session *session, tt_error *error)
{
    tt_market_thread *market = &session->market;
    for (uint64_t position = 0; position < session->recovery.feed_seq; position++) {
        tutti_status status = session->feed.next(session->feed.ctx, &market->item, error);
        if (status == TUTTI_END) {
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        TUTTI_TRY(session->venue.market(
            session->venue.ctx,
            market->item.time,
            market->item.topic,
            market->item.key,
            &market->item.payload,
            error));
    }
    tutti_status status = session->feed.next(session->feed.ctx, &market->item, error);
    market->has_item = status == TUTTI_OK;
    return status == TUTTI_END ? TUTTI_OK : status;
}

/** What only reads: nothing is written before this has worked. */
static tutti_status open_sources(tt_session *session, tt_error *error)
{
    const tt_config *config = session->config;
    const tt_instruments *instruments = &config->engine.instruments;
    TUTTI_TRY(tt_agents_open(&config->agents, instruments, &session->agents, error));
    return tt_feed_open(&config->feed, instruments, config->engine.seed, &session->feed, error);
}

/** Calls are recorded beside the journal; a key or prompt that is missing stops the start. */
static tutti_status open_llm(tt_session *session, const char *out_dir, tt_error *error)
{
    char record_dir[TT_PATH_MAX];
    TUTTI_TRY(tt_path_join(record_dir, out_dir, "llm", error));
    const tt_llm_options options = {
        .world = &tt_real_llm_world,
        .config = &session->config->llm,
        .coord = &session->config->engine.coord,
        .record_folder = record_dir,
    };
    return tt_llm_open(&options, &session->agents, &session->llm, error);
}

static tutti_status open_exchange(tt_session *session, tt_error *error)
{
    const tt_config *config = session->config;
    TUTTI_TRY(tt_sim_venue_open(
        &config->venue,
        &config->engine.instruments,
        config->engine.seed,
        session->venue_path,
        &session->venue,
        error));
    const tt_account_config *account = &config->engine.trade.account;
    tt_sim_venue_endow(&session->venue, account->initial_balance, account->currency);
    return forward_feed(session, error);
}

/** The thread opens the read model itself: a session starts without one as it goes on without one.
 */
static void prepare_store(tt_session *session)
{
    session->store_reader = (tt_store_thread){
        .hub = &session->hub,
        .instruments = &session->config->engine.instruments,
        .path = session->store_path,
        .journal_dir = session->journal_dir,
    };
}

static tutti_status open_api(tt_session *session, tt_session_info *info, tt_error *error)
{
    const tt_config *config = session->config;
    if (!config->api.enabled) {
        return TUTTI_OK;
    }
    // A file that is named is the user's: nothing is made in its place.
    bool is_own = config->api.tokens[0] == 0;
    tt_api_options options = {
        .config = &config->api,
        .tokens_path = is_own ? session->tokens_path : config->api.tokens,
        .local_path = is_own ? session->local_path : NULL,
        .store_path = config->store.enabled ? session->store_path : NULL,
        .run_name = config->run.name,
        .currency = config->engine.trade.account.currency,
        .instruments = &config->engine.instruments,
        .mode = TT_mode_PAPER,
    };
    tt_api_edge_fill(&options, &session->hub);
    TUTTI_TRY(tt_api_open(&options, &session->api, error));
    tt_api_address(session->api, info->address, sizeof info->address);
    return TUTTI_OK;
}

/** Lets people in, and leaves the address where the commands of this machine look for it. */
static tutti_status secure_api(tt_session *session, tt_session_info *info, tt_error *error)
{
    char line[sizeof info->address + 1];
    if (session->api == NULL) {
        return TUTTI_OK;
    }
    TUTTI_TRY(tt_api_secure(session->api, error));
    tt_api_page_link(session->api, info->page_link, sizeof info->page_link);
    int length = snprintf(line, sizeof line, "%s\n", info->address);
    return tt_file_write(session->address_path, line, (size_t)length, error);
}

static tutti_status prepare_journal_thread(tt_session *session, tt_error *error)
{
    const tt_config *config = session->config;
    tt_journal_thread *journal = &session->journal;
    *journal = (tt_journal_thread){
        .hub = &session->hub,
        .writer = session->writer,
        .snapshots = &session->snapshots,
        .dir = session->journal_dir,
        .batch_ns = config->journal.batch_interval.ns,
        .batch_bytes = config->journal.batch_bytes,
        .commit_each = config->journal.durability == TT_durability_ALWAYS,
    };
    session->snapshots.size = tt_engine_snapshot_size(session->engine);
    if (tt_arena_init(&session->snapshots.memory, session->snapshots.size) != TUTTI_OK ||
        tt_journal_thread_init(journal) != TUTTI_OK ||
        tt_report_new(config->engine.instruments.count, &journal->report) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal thread");
    }
    return TUTTI_OK;
}

/** Tells whether nothing has happened yet: a process may have died before its first commit. */
static bool is_fresh(const tt_session *session)
{
    return session->recovery.end.last_seq == 0;
}

/** Tells whether anything is asked of the thread that keeps the journal small. */
static bool wants_retention(const tt_session *session)
{
    const tt_journaling_config *journal = &session->config->journal;
    return journal->archive || journal->retain_age.ns > 0 || journal->retain_mib > 0;
}

static void prepare_retention(tt_session *session)
{
    const tt_journaling_config *journal = &session->config->journal;
    session->retain = (tt_retain_thread){
        .hub = &session->hub,
        .dir = session->journal_dir,
        .age_ns = journal->retain_age.ns,
        .bytes = (uint64_t)journal->retain_mib << 20,
        .has_store = session->config->store.enabled,
    };
}

static tutti_status prepare_threads(tt_session *session, tt_error *error)
{
    const tt_config *config = session->config;
    TUTTI_TRY(prepare_journal_thread(session, error));
    prepare_store(session);
    prepare_retention(session);
    tt_time start = is_fresh(session) ? session->market.item.time : tt_engine_now(session->engine);
    tt_paper_clock_start(&session->hub.clock, start, config->clock.speed);
    atomic_store(&session->hub.market_ns, start.ns);
    session->market.hub = &session->hub;
    session->market.feed = &session->feed;
    session->market.venue = &session->venue;
    session->core.hub = &session->hub;
    session->core.engine = session->engine;
    session->core.safe = start;
    session->core.instruments = &config->engine.instruments;
    session->core.has_interface = session->api != NULL;
    session->core.closes_at_end = config->engine.trade.orders.close_at_end;
    atomic_store(&session->hub.market_beat_ns, tt_mono_ns());
    tt_core_watch_init(&session->core.watch, config, session->is_recovered, start, tt_mono_ns());
    session->core.snapshots = &session->snapshots;
    session->core.snapshot_steps = config->journal.snapshot_steps;
    session->core.host = (tt_host_numbers){.started = start, .is_recovered = session->is_recovered};
    for (uint32_t i = 0; i < TT_POOL_WORKERS; i++) {
        session->workers[i].hub = &session->hub;
        session->workers[i].agents = &session->agents;
        session->workers[i].instruments = &config->engine.instruments;
        session->workers[i].index = i;
    }
    atomic_store(&session->hub.durable_seq, session->recovery.end.last_seq);
    return tt_core_thread_init(&session->core) == TUTTI_OK
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the core thread");
}

/** A folder is new, or holds a session of its own: never a backtest, nor an exchange whose orders
 * are in no journal (it would take new orders for old ones). */
static tutti_status check_folder(const tt_session *session, const char *out_dir, tt_error *error)
{
    char report[TT_PATH_MAX];
    TUTTI_TRY(tt_path_join(report, out_dir, "report.json", error));
    const char *obstacle = NULL;
    if (tt_path_exists(report)) {
        obstacle = "holds a backtest";
    } else if (tt_path_exists(session->venue_path) && !tt_path_exists(session->journal_dir)) {
        obstacle = "holds exchange.log of a session, but not its journal";
    }
    if (obstacle == NULL) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_EXISTS, "%s: %s", out_dir, obstacle);
    tt_error_hint(error, "give --out another folder, or remove what is there yourself");
    return TUTTI_EXISTS;
}

static tutti_status
open_all(tt_session *session, const char *out_dir, tt_session_info *info, tt_error *error)
{
    TUTTI_TRY(tt_folder_make(out_dir, error));
    TUTTI_TRY(tt_path_join(session->journal_dir, out_dir, "journal", error));
    TUTTI_TRY(tt_path_join(session->store_path, out_dir, "store.db", error));
    TUTTI_TRY(tt_path_join(session->venue_path, out_dir, "exchange.log", error));
    TUTTI_TRY(tt_path_join(session->tokens_path, out_dir, "api.tokens", error));
    TUTTI_TRY(tt_path_join(session->local_path, out_dir, "api.token", error));
    TUTTI_TRY(tt_path_join(session->delivery_path, out_dir, "delivery.json", error));
    TUTTI_TRY(tt_path_join(session->address_path, out_dir, "api.address", error));
    TUTTI_TRY(check_folder(session, out_dir, error));
    if (tt_hub_init(&session->hub) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the rings");
    }
    // The port and the sources first: when one of them fails nothing has been written yet.
    TUTTI_TRY(open_api(session, info, error));
    TUTTI_TRY(open_sources(session, error));
    TUTTI_TRY(open_llm(session, out_dir, error));
    TUTTI_TRY(open_journal(session, info, error));
    TUTTI_TRY(open_engine(session, info, error));
    TUTTI_TRY(open_exchange(session, error));
    TUTTI_TRY(secure_api(session, info, error));
    return prepare_threads(session, error);
}

/* ---- running ---- */

tt_input tt_session_event_input(
    const tt_session *session, tt_session_event_type type, tt_session_event *ret_event)
{
    *ret_event = (tt_session_event){
        .seed = session->config->engine.seed, .event = (uint8_t)type, .mode = TT_mode_PAPER};
    memcpy(ret_event->config_hash, session->config_hash, sizeof ret_event->config_hash);
    TT_TEXT_SET(ret_event->run_id, session->config->engine.run_id);
    return (tt_input){
        .time = tt_hub_now(&session->hub),
        .topic = TT_TOPIC_SESSION_EVENTS,
        .source = TT_SOURCE_HOST,
        .payload = ret_event,
        .payload_size = sizeof *ret_event,
    };
}

void tt_session_step_event(tt_session *session, tt_session_event_type type)
{
    tt_session_event event;
    tt_input input = tt_session_event_input(session, type, &event);
    tt_core_thread_step(&session->core, &input);
}

static void *run_api(void *api)
{
    tt_api_run(api);
    return NULL;
}

static tutti_status
start_thread(session_thread *thread, void *(*body)(void *), void *argument, tt_error *error)
{
    if (pthread_create(&thread->handle, NULL, body, argument) != 0) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "the system gave no thread");
    }
    thread->is_running = true;
    return TUTTI_OK;
}

static tutti_status start_threads(tt_session *session, tt_error *error)
{
    TUTTI_TRY(
        start_thread(&session->journal_handle, tt_journal_thread_run, &session->journal, error));
    tt_session_step_event(
        session,
        is_fresh(session) ? TT_session_event_type_STARTED : TT_session_event_type_RECOVERED);
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        TUTTI_TRY(start_thread(
            &session->worker_handles[i], tt_pool_worker_run, &session->workers[i], error));
    }
    TUTTI_TRY(start_thread(&session->core_handle, tt_core_thread_run, &session->core, error));
    TUTTI_TRY(start_thread(&session->market_handle, tt_market_thread_run, &session->market, error));
    if (session->config->store.enabled) {
        TUTTI_TRY(start_thread(
            &session->store_handle, tt_store_thread_run, &session->store_reader, error));
    }
    if (wants_retention(session)) {
        TUTTI_TRY(
            start_thread(&session->retain_handle, tt_retain_thread_run, &session->retain, error));
    }
    return session->api == NULL ? TUTTI_OK
                                : start_thread(&session->api_handle, run_api, session->api, error);
}

bool tt_session_take_activity(tt_session *session, tt_msg_copy *ret_msg)
{
    uint32_t size = 0;
    return tt_ring_pop(&session->hub.activity_out, ret_msg, sizeof *ret_msg, &size) == TUTTI_OK;
}

bool tt_session_is_over(const tt_session *session)
{
    return atomic_load(&session->hub.has_failed) != 0 || atomic_load(&session->hub.data_ended) != 0;
}

bool tt_session_command(tt_session *session, const tt_coordinator_command *command, uint32_t key)
{
    return tt_api_edge_post(&session->hub, command, key);
}

/** Ends a start that failed. A journal that this start has made goes again; an older one stays. */
static void abandon(tt_session *session)
{
    bool has_made_journal = session->writer != NULL && !session->is_recovered;
    char journal_dir[TT_PATH_MAX];
    char venue_path[TT_PATH_MAX];
    char store_path[TT_PATH_MAX];
    memcpy(journal_dir, session->journal_dir, sizeof journal_dir);
    memcpy(venue_path, session->venue_path, sizeof venue_path);
    memcpy(store_path, session->store_path, sizeof store_path);
    tt_session_join(session);
    tt_session_close(session);
    if (has_made_journal) {
        tt_error ignored = {0};
        (void)!tt_path_remove(venue_path, &ignored);
        (void)!tt_path_remove(store_path, &ignored);
        (void)!tt_path_remove(journal_dir, &ignored);
    }
}

tutti_status tt_session_start(
    const tt_config *config,
    const char *out_dir,
    tt_session **result,
    tt_session_info *ret_info,
    tt_error *error)
{
    *ret_info = (tt_session_info){0};
    tt_session *session = aligned_alloc(
        TT_CACHE_LINE, (sizeof *session + TT_CACHE_LINE - 1) / TT_CACHE_LINE * TT_CACHE_LINE);
    if (session == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a session");
    }
    memset(session, 0, sizeof *session);
    session->config = config;
    tutti_status status = open_all(session, out_dir, ret_info, error);
    if (status == TUTTI_OK) {
        status = start_threads(session, error);
    }
    if (status != TUTTI_OK) {
        abandon(session);
        return status;
    }
    *result = session;
    return TUTTI_OK;
}
