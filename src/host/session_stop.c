/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The orderly stop of a session: entries are withdrawn, positions closed if the data has ended and
 * orders.close_at_end asks for it, then each stage works off what the one before it has left.
 */
#include "host/files.h"
#include "host/session_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Most that a stop waits for working entries to be withdrawn. */
#define WITHDRAW_PATIENCE_NS (2 * TT_NS_PER_S)
/** Most that a stop at the end of the data waits until what it closes is closed. */
#define CLOSE_PATIENCE_NS (30 * TT_NS_PER_S)
/** Most that a stop waits until the last orders are durable. */
#define SEND_PATIENCE_NS (2 * TT_NS_PER_S)

static void join_thread(session_thread *thread, _Atomic int *stop)
{
    atomic_store_explicit(stop, 1, memory_order_release);
    if (thread->is_running) {
        pthread_join(thread->handle, NULL);
        thread->is_running = false;
    }
}

/** Entries are withdrawn while the exchange still hears us: nothing may open a position that nobody
 * watches. Stops stay, except at the end of the data, which closes positions if the configuration
 * says so. What is not known by the end of the patience is asked for after the next start. */
static void withdraw_entries(tt_session *session)
{
    tt_hub *hub = &session->hub;
    tt_session_event event;
    tt_input input = tt_session_event_input(session, TT_session_event_type_STOPPING, &event);
    bool is_closing = session->core.closes_at_end && atomic_load(&hub->data_ended) != 0;
    int64_t limit = tt_mono_ns() + (is_closing ? CLOSE_PATIENCE_NS : WITHDRAW_PATIENCE_NS);
    bool is_told = false;
    while (session->core_handle.is_running && atomic_load(&hub->has_failed) == 0 &&
           atomic_load(&hub->entries_withdrawn) == 0 && tt_mono_ns() < limit) {
        is_told = is_told || tt_hub_push_command(&hub->commands_in, &input);
        tt_sleep_ns(TT_NS_PER_MS);
    }
}

/** Orders and cancels of the last steps, such as the stop of a position that was just opened: they
 * become durable now, and the exchange still takes them. Its word on them is asked for after the
 * next start. */
static void send_rest(tt_session *session)
{
    int64_t limit = tt_mono_ns() + SEND_PATIENCE_NS;
    bool is_sending = session->journal_handle.is_running;
    while (is_sending && atomic_load(&session->hub.has_failed) == 0 && tt_mono_ns() < limit) {
        bool ignored = false;
        uint32_t size = 0;
        (void)tt_core_thread_release(&session->core);
        if (tt_market_thread_send(&session->market, &ignored) != TUTTI_OK) {
            session->market.has_failed = true;
            return;
        }
        is_sending = tt_ring_peek(&session->core.effects, &size) != NULL;
        if (is_sending) {
            tt_sleep_ns(TT_IDLE_NS);
        }
    }
}

void tt_session_join(tt_session *session)
{
    tt_hub *hub = &session->hub;
    bool was_running = session->core_handle.is_running;
    withdraw_entries(session);
    join_thread(&session->market_handle, &hub->stop_market);
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        join_thread(&session->worker_handles[i], &hub->stop_pool);
    }
    join_thread(&session->core_handle, &hub->stop_core);
    if (was_running && atomic_load(&hub->has_failed) == 0) {
        tt_session_step_event(session, TT_session_event_type_STOPPED);
        send_rest(session);
    }
    join_thread(&session->journal_handle, &hub->stop_journal);
    join_thread(&session->store_handle, &hub->stop_store);
    join_thread(&session->retain_handle, &hub->stop_retain);
    if (session->api != NULL) {
        tt_api_stop(session->api);
        if (session->api_handle.is_running) {
            pthread_join(session->api_handle.handle, NULL);
            session->api_handle.is_running = false;
        }
    }
}

void tt_session_close(tt_session *session)
{
    tt_error ignored = {0};
    if (session->api != NULL && session->core.engine != NULL) {
        (void)!tt_path_remove(session->address_path, &ignored);
    }
    tt_api_close(session->api);
    tt_store_thread_close(&session->store_reader);
    if (session->feed.close != NULL) {
        session->feed.close(session->feed.ctx);
    }
    if (session->venue.close != NULL) {
        session->venue.close(session->venue.ctx);
    }
    tt_llm_close(session->llm);
    tt_agents_close(&session->agents);
    tt_core_thread_fini(&session->core);
    tt_journal_thread_fini(&session->journal);
    tt_report_free(session->journal.report);
    tt_journal_close(session->writer);
    tt_engine_free(session->engine);
    tt_arena_fini(&session->snapshots.memory);
    tt_hub_fini(&session->hub);
    free(session);
}

/** What a thread said when it failed; the first one in the order of the stages counts. */
static tutti_status collect_failure(const tt_session *session, tt_error *error)
{
    const tt_error *failure = NULL;
    if (session->journal.has_failed) {
        failure = &session->journal.error;
    } else if (session->market.has_failed) {
        failure = &session->market.error;
    } else if (atomic_load(&session->hub.has_failed) != 0) {
        return tt_error_set(
            error, TUTTI_STATE, "the engine stopped itself: a rule of the core is broken");
    } else {
        return TUTTI_OK;
    }
    *error = *failure;
    return failure->status;
}

/** A last snapshot makes the next start quick. The journal is complete without it. */
static void write_last_snapshot(tt_session *session)
{
    tt_error ignored = {0};
    tt_journal_end end;
    tt_journal_state(session->writer, &end);
    if (!session->journal.has_failed && atomic_load(&session->hub.has_failed) == 0) {
        tt_engine_save(session->engine, session->snapshots.memory.block);
        (void)!tt_snapshot_write(
            session->journal_dir,
            &end,
            session->snapshots.memory.block,
            session->snapshots.size,
            &ignored);
    }
}

/** Counts what every stage has left, and leaves it beside the journal. The journal does not hold
 * it: it is known only when nothing is recorded any more. */
static void take_delivery(tt_session *session, tt_seq last_seq, tt_delivery *ret_delivery)
{
    tt_hub *hub = &session->hub;
    tt_error ignored = {0};
    char *text = NULL;
    size_t size = 0;
    tt_delivery_take(ret_delivery, hub, &session->core.effects);
    if (session->config->store.enabled) {
        tt_delivery_add_store(ret_delivery, atomic_load(&hub->stored_seq), last_seq);
    }
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        tt_delivery_json(ret_delivery, out);
        fputc('\n', out);
        if (fclose(out) == 0) {
            (void)!tt_file_write(session->delivery_path, text, size, &ignored);
        }
        free(text);
    }
}

tutti_status tt_session_stop(
    tt_session *session,
    tt_report **ret_report,
    uint8_t digest[32],
    tt_delivery *ret_delivery,
    tt_error *error)
{
    tt_session_join(session);
    tutti_status status = collect_failure(session, error);
    write_last_snapshot(session);
    tt_journal_end end;
    tt_journal_state(session->writer, &end);
    take_delivery(session, end.last_seq, ret_delivery);
    memcpy(digest, end.chain, TT_DIGEST_SIZE);
    *ret_report = session->journal.report;
    session->journal.report = NULL;
    tt_session_close(session);
    return status;
}
