/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Replay of single steps, and where a journal and its configuration are found.
 */
#include "host/replay.h"

#include "host/files.h"
#include "model/registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/** Makes the input of a recorded step again, from its first message. It borrows the step. */
static tutti_status make_input(const void *step, size_t size, tt_input *ret_input, tt_error *error)
{
    const tt_msg *msg = tt_step_next(step, size, NULL);
    if (msg == NULL || (msg->flags & TT_MSG_INPUT) == 0) {
        return tt_error_set(
            error,
            TUTTI_CORRUPT,
            "message %" PRIu64 ": a step must begin with an input",
            msg == NULL ? 0 : msg->seq);
    }
    *ret_input = tt_input_of(msg);
    return TUTTI_OK;
}

/** Finds the first pair of messages that differ; both NULL: there is none. */
static void find_difference(
    const void *recorded, size_t recorded_size, const tt_bus *bus, tt_replay_difference *found)
{
    const tt_msg *old = NULL;
    const tt_msg *new = NULL;
    do {
        old = tt_step_next(recorded, recorded_size, old);
        new = tt_bus_outbox_next(bus, new);
    } while (old != NULL && new != NULL && tt_msg_bytes(old) == tt_msg_bytes(new) &&
             memcmp(old, new, tt_msg_bytes(old)) == 0);
    found->recorded = old;
    found->replayed = new;
}

static tutti_status name_difference(const tt_replay_difference *found, tt_error *error)
{
    const tt_msg *old = found->recorded;
    const tt_msg *new = found->replayed;
    if (old != NULL && new != NULL) {
        char topics[2][TT_NUMBER_TEXT_MAX];
        return tt_error_set(
            error,
            TUTTI_CORRUPT,
            "message %" PRIu64 ": the replay gives other bytes (recorded %s, replayed %s)",
            old->seq,
            tt_registry_topic_name(NULL, old->topic, topics[0]),
            tt_registry_topic_name(NULL, new->topic, topics[1]));
    }
    if (old == NULL && new == NULL) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error,
        TUTTI_CORRUPT,
        "message %" PRIu64 ": %s in the replay",
        old != NULL ? old->seq : new->seq,
        old != NULL ? "is missing" : "was not recorded but appears");
}

tutti_status tt_replay_compare(
    tt_engine *engine,
    const void *step,
    size_t size,
    tt_replay_difference *ret_difference,
    tt_error *error)
{
    tt_input input;
    *ret_difference = (tt_replay_difference){0};
    TUTTI_TRY(make_input(step, size, &input, error));
    if (tt_engine_step(engine, &input) == TUTTI_STATE) {
        return tt_error_set(error, TUTTI_STATE, "the engine stopped itself during the replay");
    }
    size_t outbox_size = 0;
    const void *outbox = tt_bus_outbox(tt_engine_bus(engine), &outbox_size);
    if (outbox_size == size && memcmp(outbox, step, size) == 0) {
        return TUTTI_OK;
    }
    find_difference(step, size, tt_engine_bus(engine), ret_difference);
    ret_difference->input = tt_step_next(step, size, NULL);
    return name_difference(ret_difference, error);
}

tutti_status tt_replay_step(tt_engine *engine, const void *step, size_t size, tt_error *error)
{
    tt_replay_difference ignored;
    return tt_replay_compare(engine, step, size, &ignored, error);
}

/** @retval TUTTI_PERMISSION nobody can tell: this user may not look into the directory. */
static tutti_status find_meta(const char *dir, bool *ret_is_there, tt_error *error)
{
    char meta[TT_PATH_MAX];
    struct stat info;
    TUTTI_TRY(tt_path_join(meta, dir, "meta", error));
    *ret_is_there = lstat(meta, &info) == 0;
    if (!*ret_is_there && errno == EACCES) {
        tt_error_set(error, TUTTI_PERMISSION, "this user may not look into %s", dir);
        tt_error_hint(error, "let this user read that directory, or run as one that may");
        return TUTTI_PERMISSION;
    }
    return TUTTI_OK;
}

tutti_status tt_journal_locate(const char *path, char *ret_dir, tt_error *error)
{
    bool is_there = false;
    TUTTI_TRY(tt_path_join(ret_dir, path, "journal", error));
    TUTTI_TRY(find_meta(ret_dir, &is_there, error));
    if (is_there) {
        return TUTTI_OK;
    }
    memcpy(ret_dir, path, strlen(path) + 1); // Shorter than what was joined.
    TUTTI_TRY(find_meta(ret_dir, &is_there, error));
    if (is_there) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_NOT_FOUND, "%s: there is no journal", path);
    tt_error_hint(error, "give the folder that a run wrote (--out), or its folder journal");
    return TUTTI_NOT_FOUND;
}

tutti_status tt_journal_require_all(const char *dir, tt_error *error)
{
    tt_journal_survey survey;
    TUTTI_TRY(tt_journal_survey_read(dir, &survey, error));
    if (survey.first_seq <= 1) {
        return TUTTI_OK;
    }
    tt_error_set(
        error,
        TUTTI_NOT_FOUND,
        "%s: the journal begins with message %" PRIu64 ", and a replay needs all",
        dir,
        survey.first_seq);
    tt_error_hint(error, "older messages were dropped, as its retention says; use a full copy");
    return TUTTI_NOT_FOUND;
}

static tutti_status require_config(const tt_journal_reader *reader, tt_error *error)
{
    if (!tt_journal_is_library(reader)) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_STATE, "the journal was written by a program with libtutti");
    tt_error_hint(error, "it has no configuration to replay; `tutti journal` reads it");
    return TUTTI_STATE;
}

tutti_status
tt_journal_config(const tt_journal_reader *reader, tt_config *ret_config, tt_error *error)
{
    size_t size = 0;
    const void *meta = tt_journal_reader_meta(reader, &size);
    TUTTI_TRY(require_config(reader, error));
    tt_error cause = {0};
    tutti_status status = tt_config_parse_text(meta, size, ret_config, &cause);
    if (status == TUTTI_OK) {
        return TUTTI_OK;
    }
    tt_error_set(error, status == TUTTI_NO_MEMORY ? status : TUTTI_VERSION, "%s", cause.message);
    tt_error_hint(error, TT_JOURNAL_HINT_OTHERS);
    return status == TUTTI_NO_MEMORY ? status : TUTTI_VERSION;
}

tutti_status tt_journal_config_any(
    const tt_journal_reader *reader, tt_config *ret_config, uint32_t *ret_left_out, tt_error *error)
{
    size_t size = 0;
    const void *meta = tt_journal_reader_meta(reader, &size);
    TUTTI_TRY(require_config(reader, error));
    return tt_config_parse_any(meta, size, ret_config, ret_left_out, error);
}

bool tt_journal_is_library(const tt_journal_reader *reader)
{
    static const char mark[] = TT_JOURNAL_META_LIBRARY;
    size_t size = 0;
    const void *meta = tt_journal_reader_meta(reader, &size);
    return size >= sizeof mark - 1 && memcmp(meta, mark, sizeof mark - 1) == 0;
}
