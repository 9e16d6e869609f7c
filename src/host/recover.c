/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshot, then replay.
 */
#include "host/recover.h"

#include "host/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Puts those settings of `config` into `recorded` that may change from process to process. */
static void adopt_free_settings(tt_config *recorded, const tt_config *config)
{
    recorded->api = config->api;
    recorded->store = config->store;
    recorded->clock = config->clock;
    recorded->journal.archive = config->journal.archive;
    recorded->journal.retain_age = config->journal.retain_age;
    recorded->journal.retain_mib = config->journal.retain_mib;
}

static tutti_status
compare_configs(tt_config *recorded, const tt_config *config, const char *dir, tt_error *error)
{
    char *old = NULL;
    char *new = NULL;
    adopt_free_settings(recorded, config);
    tutti_status status = tt_config_render(recorded, &old, error);
    if (status == TUTTI_OK) {
        status = tt_config_render(config, &new, error);
    }
    if (status == TUTTI_OK && strcmp(old, new) != 0) {
        status = tt_error_set(
            error, TUTTI_INVALID, "%s: this session was started with another configuration", dir);
        tt_error_hint(
            error,
            "go on with the same configuration, or give --out another folder; only api, store, "
            "clock and what of the journal is kept may change");
    }
    free(old);
    free(new);
    return status;
}

tutti_status
tt_recover_check_config(const char *journal_dir, const tt_config *config, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    TUTTI_TRY(tt_journal_reader_open(journal_dir, &reader, error));
    tt_config *recorded = calloc(1, sizeof *recorded);
    tutti_status status = recorded == NULL ? tt_error_set(error, TUTTI_NO_MEMORY, "no memory")
                                           : tt_journal_config(reader, recorded, error);
    if (status == TUTTI_OK) {
        status = compare_configs(recorded, config, journal_dir, error);
    }
    free(recorded);
    tt_journal_reader_close(reader);
    return status;
}

/** The journal does not reach the snapshot, or has other contents there. */
static tutti_status
fail_snapshot(const char *dir, tt_seq snapshot_seq, const tt_error *cause, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s: a snapshot was made after message %llu, and the journal does not confirm it: %.300s",
        dir,
        (unsigned long long)snapshot_seq,
        cause->message);
    tt_error_hint(
        error,
        "messages that were durable are gone, and orders may stand at the venue that the journal "
        "does not know: restore the folder from a copy; to go on without them all the same, move "
        "the files snapshot-*.tts away");
    return TUTTI_CORRUPT;
}

tutti_status tt_recover_check_snapshot(const char *journal_dir, tt_error *error)
{
    tt_error cause = {0};
    tt_journal_end end;
    tt_journal_end begin;
    tt_journal_reader *reader = NULL;
    void *state = NULL;
    size_t size = 0;
    if (tt_snapshot_read(journal_dir, &end, &state, &size, &cause) != TUTTI_OK) {
        return TUTTI_OK; // The journal alone is enough.
    }
    free(state);
    TUTTI_TRY(tt_journal_reader_open(journal_dir, &reader, error));
    tt_journal_reader_begin(reader, &begin);
    tutti_status status = TUTTI_OK;
    if (end.last_seq >= begin.last_seq) {
        status = tt_journal_reader_seek(reader, &end, &cause);
    }
    tt_journal_reader_close(reader);
    if (status == TUTTI_OK) {
        return TUTTI_OK;
    }
    return status == TUTTI_CORRUPT ? fail_snapshot(journal_dir, end.last_seq, &cause, error)
                                   : tt_error_set(error, status, "%s", cause.message);
}

/** Tries the newest snapshot. One that cannot be used is no error: the journal alone is enough. */
static tutti_status load_snapshot(
    const char *dir,
    tt_engine *engine,
    tt_journal_reader *reader,
    tt_recovery *recovery,
    tt_error *error)
{
    tt_journal_end end;
    void *state = NULL;
    size_t size = 0;
    if (tt_snapshot_read(dir, &end, &state, &size, error) != TUTTI_OK) {
        return TUTTI_NOT_FOUND;
    }
    tutti_status status = tt_journal_reader_seek(reader, &end, error);
    if (status == TUTTI_OK) {
        status = tt_engine_load(engine, state, size, error);
    }
    free(state);
    recovery->used_snapshot = status == TUTTI_OK;
    return status;
}

static tutti_status
replay_rest(tt_engine *engine, tt_journal_reader *reader, tt_recovery *recovery, tt_error *error)
{
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_END) {
            tt_journal_reader_end(reader, &recovery->end);
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        TUTTI_TRY(tt_replay_step(engine, step, size, error));
        recovery->steps_replayed++;
    }
}

static uint64_t feed_seq_of(const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_MARKET_BAR) {
        return TT_PAYLOAD(msg, MARKET_BAR, bar)->feed_seq;
    }
    if (msg->topic == TT_TOPIC_MARKET_QUOTE) {
        return TT_PAYLOAD(msg, MARKET_QUOTE, quote)->feed_seq;
    }
    if (msg->topic == TT_TOPIC_MARKET_TRADE) {
        return TT_PAYLOAD(msg, MARKET_TRADE, trade)->feed_seq;
    }
    if (msg->topic == TT_TOPIC_MARKET_DEPTH) {
        return TT_PAYLOAD(msg, MARKET_DEPTH, depth)->feed_seq;
    }
    return TT_PAYLOAD(msg, FEED_EVENTS, feed_event)->feed_seq;
}

/** The newest position in the feed that any topic of the feed remembers. */
static uint64_t last_feed_seq(const tt_engine *engine)
{
    static const tt_topic topics[] = {
        TT_TOPIC_MARKET_BAR,
        TT_TOPIC_MARKET_QUOTE,
        TT_TOPIC_MARKET_TRADE,
        TT_TOPIC_MARKET_DEPTH,
        TT_TOPIC_FEED_EVENTS};
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        const tt_msg *msg = tt_bus_history(tt_engine_bus(engine), topics[i], NULL);
        // Bars that the core built itself carry 0: look past them.
        while (msg != NULL && feed_seq_of(msg) == 0) {
            msg = tt_bus_history(tt_engine_bus(engine), topics[i], msg);
        }
        uint64_t seq = msg == NULL ? 0 : feed_seq_of(msg);
        last = seq > last ? seq : last;
    }
    return last;
}

/** A journal whose beginning was dropped cannot stand without its snapshot. */
static tutti_status
check_beginning(const char *dir, const tt_journal_reader *reader, tt_error *error)
{
    tt_journal_end begin;
    tt_journal_reader_begin(reader, &begin);
    if (begin.last_seq == 0) {
        return TUTTI_OK;
    }
    (void)tt_error_set(
        error,
        TUTTI_NOT_FOUND,
        "%s: no snapshot can be used, and the messages up to %llu were dropped",
        dir,
        (unsigned long long)begin.last_seq);
    tt_error_hint(
        error, "use the release that wrote the snapshot, or restore the folder from a copy");
    return TUTTI_NOT_FOUND;
}

/** One attempt: with the snapshot, or without. */
static tutti_status attempt(
    const char *dir,
    const tt_config *config,
    bool with_snapshot,
    tt_engine **ret_engine,
    tt_recovery *recovery,
    tt_error *error)
{
    tt_journal_reader *reader = NULL;
    tt_engine *engine = NULL;
    *recovery = (tt_recovery){0};
    tutti_status status = tt_journal_reader_open(dir, &reader, error);
    if (status == TUTTI_OK) {
        status = tt_engine_new(&config->engine, &engine, error);
    }
    if (status == TUTTI_OK && with_snapshot) {
        status = load_snapshot(dir, engine, reader, recovery, error);
    }
    if (status == TUTTI_OK && !with_snapshot) {
        status = check_beginning(dir, reader, error);
    }
    if (status == TUTTI_OK) {
        status = replay_rest(engine, reader, recovery, error);
    }
    tt_journal_reader_close(reader);
    if (status != TUTTI_OK) {
        tt_engine_free(engine);
        return status;
    }
    recovery->feed_seq = last_feed_seq(engine);
    *ret_engine = engine;
    return TUTTI_OK;
}

tutti_status tt_recover_engine(
    const char *journal_dir,
    const tt_config *config,
    tt_engine **ret_engine,
    tt_recovery *recovery,
    tt_error *error)
{
    tt_error why = {0};
    tutti_status status = attempt(journal_dir, config, true, ret_engine, recovery, &why);
    if (status == TUTTI_OK) {
        return TUTTI_OK;
    }
    bool has_snapshot = status != TUTTI_NOT_FOUND;
    status = attempt(journal_dir, config, false, ret_engine, recovery, error);
    if (status == TUTTI_NOT_FOUND && has_snapshot) {
        // Not the words of the beginning alone: what is wrong with the snapshot, too.
        size_t used = strlen(error->message);
        (void)snprintf(
            error->message + used,
            sizeof error->message - used,
            "; the newest: %.200s",
            why.message);
    }
    TUTTI_TRY(status);
    if (has_snapshot) {
        (void)snprintf(recovery->left_aside, sizeof recovery->left_aside, "%.300s", why.message);
    }
    return TUTTI_OK;
}
