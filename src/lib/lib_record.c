/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A bus that is recorded: every step goes into a journal before any mailbox sees it. Opening an
 * existing journal takes over what stands in it: the next number, the time, the declarations, so
 * that topics and sources keep their numbers for ever, and the limits of rate.
 */
#include "journal/journal.h"
#include "lib/lib_priv.h"

#include <string.h>

static const char meta[] = TT_JOURNAL_META_LIBRARY;

_Static_assert(
    (int)TUTTI_DURABILITY_ALWAYS == (int)TT_durability_ALWAYS &&
        (int)TUTTI_DURABILITY_BATCH == (int)TT_durability_BATCH &&
        (int)TUTTI_DURABILITY_NONE == (int)TT_durability_NONE,
    "the public numbers are those of the journal");

tutti_status tt_lib_record_step(void *ctx, const void *step, size_t bytes)
{
    tutti_bus *bus = ctx;
    tt_seq ticket = 0;
    return tt_journal_group_append_step(bus->group, step, bytes, TT_WAIT_FOREVER, &ticket);
}

/** Declares again what a message of the journal declares; the numbers must come out the same. */
static tutti_status declare_again(tutti_bus *bus, const tt_msg *msg, tt_error *error)
{
    if (msg->topic == TT_TOPIC_TOPIC_DECLARATIONS) {
        const tt_topic_declaration *record = tt_msg_payload(msg);
        const tt_topic_decl decl = {
            .name = record->name,
            .schema = record->schema,
            .ttl_ms = record->ttl_ms == 0 ? TT_TTL_NEVER : record->ttl_ms,
            .history_count = record->history_count,
            .history_bytes = record->history_bytes,
            .key_max = record->key_max,
            .rate_per_s = record->rate_per_s,
            .burst = record->burst,
            .kind = record->kind,
            .priority = record->priority,
        };
        tt_topic topic = TT_TOPIC_NONE;
        TUTTI_TRY(tt_bus_declare(bus->bus, &decl, &topic, error));
        tt_lib_learn_shape(bus, topic);
        TUTTI_TRY(tt_inbox_set_topic_priority(bus->inbox, (uint16_t)topic, record->priority));
        return (uint16_t)topic == record->topic_id ? TUTTI_OK : TUTTI_CORRUPT;
    }
    if (msg->topic == TT_TOPIC_SOURCE_DECLARATIONS) {
        const tt_source_declaration *record = tt_msg_payload(msg);
        tt_source source = TT_SOURCE_NONE;
        TUTTI_TRY(tt_bus_declare_source(bus->bus, record->name, &source, error));
        return (uint16_t)source == record->source_id ? TUTTI_OK : TUTTI_CORRUPT;
    }
    if (msg->topic == TT_TOPIC_BUS_COMMANDS) {
        const tt_bus_command *command = tt_msg_payload(msg);
        bool is_setting = command->command == TT_bus_command_type_LIMIT ||
                          command->command == TT_bus_command_type_EXEMPT;
        return is_setting ? tt_bus_command_set(bus->bus, command) : TUTTI_OK;
    }
    return TUTTI_OK;
}

static tutti_status take_over(tutti_bus *bus, tt_journal_reader *reader, tt_error *error)
{
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_END) {
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
             msg = tt_step_next(step, size, msg)) {
            tt_bus_loop_recall(bus->loop, msg);
            status = declare_again(bus, msg, error);
            if (status != TUTTI_OK) {
                return tt_error_set(
                    error,
                    status,
                    "message %llu of the journal declares what this bus cannot hold",
                    (unsigned long long)msg->seq);
            }
        }
    }
}

/** Declarations of a journal are made again in one step that nobody sees. */
static tutti_status read_declarations(tutti_bus *bus, const tt_journal_end *end, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    TUTTI_TRY(tt_journal_reader_open(bus->options.journal, &reader, error));
    tt_bus_begin(bus->bus, end->last_time);
    tutti_status status = take_over(bus, reader, error);
    tt_journal_reader_close(reader);
    TUTTI_TRY(status);
    tt_bus_run(bus->bus);
    if (end->last_seq + 1 > tt_bus_next_seq(bus->bus)) {
        tt_bus_set_next_seq(bus->bus, end->last_seq + 1);
    }
    return TUTTI_OK;
}

/** Whether a journal stands there that no library wrote: the record of a run, which would no longer
 * be what a replay of it gives. What cannot be read is told by who opens it to write. */
static bool is_of_a_run(const char *dir)
{
    tt_journal_reader *reader = NULL;
    size_t size = 0;
    if (tt_journal_reader_open_any(dir, &reader, NULL) != TUTTI_OK) {
        return false;
    }
    const void *text = tt_journal_reader_meta(reader, &size);
    bool is_own = size >= sizeof meta - 1 && memcmp(text, meta, sizeof meta - 1) == 0;
    tt_journal_reader_close(reader);
    return !is_own;
}

tutti_status tt_lib_open_writer(
    const char *dir,
    tutti_durability durability,
    tt_journal_writer **result,
    tt_journal_end *ret_end,
    tutti_error *error)
{
    if (!dir) {
        return tt_error_set(error, TUTTI_INVALID, "a journal needs a directory");
    }
    if ((uint32_t)durability > TUTTI_DURABILITY_NONE) {
        return tt_error_set(error, TUTTI_INVALID, "there is no durability %d", (int)durability);
    }
    const tt_journal_options options = {
        .durability = (tt_durability)durability, .prepares_when_busy = true};
    if (is_of_a_run(dir)) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "the journal in %s is that of a run of tutti", dir);
        tt_error_hint(error, "give a directory of its own; tutti_journal_reader_open reads any");
        return TUTTI_INVALID;
    }
    tutti_error why = {0}; // that there is none yet is no failure
    tutti_status status = tt_journal_resume(dir, &options, result, ret_end, &why);
    if (status != TUTTI_NOT_FOUND) {
        if (status != TUTTI_OK && error) {
            *error = why;
        }
        return status;
    }
    *ret_end = (tt_journal_end){0};
    return tt_journal_create(dir, meta, sizeof meta - 1, &options, result, error);
}

tutti_status tt_lib_record_open(tutti_bus *bus, tutti_error *error)
{
    tt_journal_writer *writer = NULL;
    tt_journal_end end = {0};
    TUTTI_TRY(
        tt_lib_open_writer(bus->options.journal, bus->options.durability, &writer, &end, error));
    tutti_status status = end.last_seq > 0 ? read_declarations(bus, &end, error) : TUTTI_OK;
    if (status != TUTTI_OK) {
        tt_journal_close(writer);
        return status;
    }
    const tt_journal_group_options options = {
        .batch_ns = bus->options.durability == TUTTI_DURABILITY_BATCH ? TT_LIB_BATCH_NS : 0};
    return tt_journal_group_start(writer, &options, &bus->group, error);
}
