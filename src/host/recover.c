/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshot, then replay.
 */
#include "host/recover.h"

#include "host/replay.h"

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

/** Tries the newest snapshot. One that cannot be used is no error: the journal alone is enough. */
static bool
load_snapshot(const char *dir, tt_engine *engine, tt_journal_reader *reader, tt_recovery *recovery)
{
    tt_error ignored = {0};
    tt_journal_end end;
    void *state = NULL;
    size_t size = 0;
    if (tt_snapshot_read(dir, &end, &state, &size, &ignored) != TUTTI_OK) {
        return false;
    }
    bool is_loaded = tt_journal_reader_seek(reader, &end, &ignored) == TUTTI_OK &&
                     tt_engine_load(engine, state, size, &ignored) == TUTTI_OK;
    free(state);
    recovery->used_snapshot = is_loaded;
    return is_loaded;
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
        TUTTI_STATE,
        "%s: no snapshot can be used, and the messages up to %llu were dropped",
        dir,
        (unsigned long long)begin.last_seq);
    tt_error_hint(
        error, "use the release that wrote the snapshot, or restore the folder from a copy");
    return TUTTI_STATE;
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
    if (status == TUTTI_OK && with_snapshot && !load_snapshot(dir, engine, reader, recovery)) {
        status = tt_error_set(error, TUTTI_NOT_FOUND, "no usable snapshot");
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
    tt_error ignored = {0};
    if (attempt(journal_dir, config, true, ret_engine, recovery, &ignored) == TUTTI_OK) {
        return TUTTI_OK;
    }
    return attempt(journal_dir, config, false, ret_engine, recovery, error);
}
