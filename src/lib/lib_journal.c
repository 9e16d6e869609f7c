/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal by itself: topics that are declared in it, records of bytes, a reader.
 *
 * Invariant: `registry` holds what stands in the journal; it changes under `lock` alone, and a
 * topic is in `topic_count` only once its declaration is appended.
 */
#include "journal/journal.h"
#include "journal/journal_group.h"
#include "lib/lib_priv.h"
#include "model/registry.h"

#include <tutti/text.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TOPICS_MAX  TT_TOPICS_USER_MAX
#define SOURCES_MAX TT_SOURCES_USER_MAX

static const char record_schema[] = "bytes[4000]";
_Static_assert(TUTTI_RECORD_MAX == 4000, "as the schema says");

struct tutti_journal {
    tt_journal_group *group;
    tt_arena arena;
    tt_registry *registry;
    pthread_mutex_t lock;
    _Atomic uint32_t topic_count;
};

struct tutti_journal_reader {
    tt_journal_reader *reader;
    tt_arena arena;
    tt_registry *registry;
    const void *step;
    size_t step_size;
    const tt_msg *msg;
};

/** Bytes of any content as they lie in a message. */
struct record {
    _Alignas(16) uint16_t count;
    unsigned char bytes[TUTTI_RECORD_MAX + 14];
};

static tutti_status new_registry(tt_arena *arena, tt_registry **result, tutti_error *error)
{
    tutti_status status = tt_arena_init(arena, tt_registry_memory(TOPICS_MAX, SOURCES_MAX));
    if (status == TUTTI_OK) {
        status = tt_registry_new(TOPICS_MAX, SOURCES_MAX, arena, result);
    }
    return status == TUTTI_OK ? TUTTI_OK : tt_error_set(error, status, "no memory for the topics");
}

/** Fills the registry with what the journal declares. */
static tutti_status learn(tutti_journal *journal, const char *directory, tutti_error *error)
{
    tutti_journal_reader *reader = NULL;
    TUTTI_TRY(tutti_journal_reader_open(directory, &reader, error));
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        const tutti_message *message = NULL;
        status = tutti_journal_reader_next(reader, &message, error);
        if (status == TUTTI_OK) {
            status =
                tt_registry_apply(journal->registry, (const tt_msg *)(const void *)message, error);
        }
    }
    tutti_journal_reader_close(reader);
    atomic_store(&journal->topic_count, tt_registry_topic_count(journal->registry));
    return status == TUTTI_END ? TUTTI_OK : status;
}

static tutti_status start(
    tutti_journal *journal,
    const char *directory,
    tutti_durability durability,
    uint64_t *ret_cut,
    tutti_error *error)
{
    TUTTI_TRY(new_registry(&journal->arena, &journal->registry, error));
    tt_journal_writer *writer = NULL;
    tt_journal_end end;
    TUTTI_TRY(tt_lib_open_writer(directory, durability, &writer, &end, error));
    if (ret_cut) {
        *ret_cut = end.cut_bytes;
    }
    tutti_status status = learn(journal, directory, error);
    if (status != TUTTI_OK) {
        tt_journal_close(writer);
        return status;
    }
    const tt_journal_group_options options = {
        .batch_ns = durability == TUTTI_DURABILITY_BATCH ? TT_LIB_BATCH_NS : 0};
    return tt_journal_group_start(writer, &options, &journal->group, error);
}

static void drop(tutti_journal *journal)
{
    tt_journal_group_free(journal->group);
    (void)pthread_mutex_destroy(&journal->lock);
    tt_arena_fini(&journal->arena);
    free(journal);
}

tutti_status tutti_journal_open(
    const char *directory,
    tutti_durability durability,
    tutti_journal **result,
    uint64_t *ret_cut,
    tutti_error *error)
{
    tutti_journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a log");
    }
    (void)pthread_mutex_init(&journal->lock, NULL);
    tutti_status status = start(journal, directory, durability, ret_cut, error);
    if (status != TUTTI_OK) {
        drop(journal);
        return status;
    }
    *result = journal;
    return TUTTI_OK;
}

/** Records a new topic. Under the lock. */
static tutti_status
declare(tutti_journal *journal, const char *name, tt_topic *ret_topic, tutti_error *error)
{
    tt_topic_declaration record;
    const tt_topic_decl decl = {.name = name, .schema = record_schema, .key_max = UINT16_MAX};
    TUTTI_TRY(tt_registry_prepare(&decl, TT_TTL_NEVER, &record, error));
    uint32_t count = tt_registry_topic_count(journal->registry);
    if (count == TOPICS_MAX) {
        return tt_error_set(error, TUTTI_LIMIT, "the log has %u topics already", count);
    }
    record.topic_id = (uint16_t)(TT_TOPIC_USER_FIRST + count);
    const tt_msg head = {
        .time = tt_lib_wall(),
        .topic = TT_TOPIC_TOPIC_DECLARATIONS,
        .source = TT_SOURCE_HOST,
        .size = sizeof record,
        .priority = TT_priority_NORMAL,
        .flags = TT_MSG_INPUT,
    };
    tt_seq seq = 0;
    tutti_status status =
        tt_journal_group_append(journal->group, &head, &record, TT_WAIT_FOREVER, &seq);
    if (status != TUTTI_OK) {
        return tt_error_set(
            error, status, "\"%s\" cannot be recorded: %s", name, tutti_status_text(status));
    }
    TUTTI_TRY(tt_registry_add_topic(journal->registry, &record, error));
    atomic_store_explicit(&journal->topic_count, count + 1, memory_order_release);
    *ret_topic = (tt_topic)record.topic_id;
    return TUTTI_OK;
}

tutti_status tutti_journal_topic(
    tutti_journal *journal, const char *name, tutti_topic *ret_topic, tutti_error *error)
{
    *ret_topic = 0;
    if (!name) {
        return tt_error_set(error, TUTTI_INVALID, "a topic needs a name");
    }
    (void)pthread_mutex_lock(&journal->lock);
    tt_topic topic = tt_registry_find_topic(journal->registry, name, strlen(name));
    tutti_status status = TUTTI_OK;
    if (topic == TT_TOPIC_NONE) {
        status = declare(journal, name, &topic, error);
    } else if ((uint32_t)topic < TT_TOPIC_USER_FIRST) {
        status = tt_error_set(error, TUTTI_INVALID, "\"%s\" is the name of a built-in topic", name);
    }
    (void)pthread_mutex_unlock(&journal->lock);
    *ret_topic = status == TUTTI_OK ? (tutti_topic)topic : 0;
    return status;
}

tutti_status tutti_journal_append(
    tutti_journal *journal,
    tutti_topic topic,
    uint32_t key,
    const void *bytes,
    uint32_t size,
    int64_t wait_ns,
    uint64_t *ret_seq)
{
    uint32_t topics = atomic_load_explicit(&journal->topic_count, memory_order_acquire);
    if (topic < TT_TOPIC_USER_FIRST || topic - TT_TOPIC_USER_FIRST >= topics) {
        return TUTTI_INVALID;
    }
    if (size > TUTTI_RECORD_MAX) {
        return TUTTI_RANGE;
    }
    struct record record;
    record.count = (uint16_t)size;
    if (size > 0) {
        memcpy(record.bytes, bytes, size);
    }
    uint32_t used = (uint32_t)sizeof record.count + size;
    uint32_t padded = (used + 15) & ~15U;
    memset(record.bytes + size, 0, padded - used);
    const tt_msg head = {
        .time = tt_lib_wall(),
        .key = key,
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .size = (uint16_t)padded,
        .priority = TT_priority_NORMAL,
        .flags = TT_MSG_INPUT,
    };
    tt_seq seq = 0;
    TUTTI_TRY(tt_journal_group_append(journal->group, &head, &record, wait_ns, &seq));
    if (ret_seq) {
        *ret_seq = seq;
    }
    return TUTTI_OK;
}

uint64_t tutti_journal_durable(const tutti_journal *journal)
{
    return tt_journal_group_durable(journal->group);
}

tutti_status tutti_journal_wait(tutti_journal *journal, uint64_t seq, int64_t wait_ns)
{
    tutti_status status = tt_journal_group_wait(journal->group, seq, wait_ns);
    return status == TUTTI_BUSY ? TUTTI_TIMEOUT : status;
}

tutti_status tutti_journal_close(tutti_journal *journal, uint64_t *ret_lost)
{
    if (!journal) {
        return TUTTI_OK;
    }
    tt_journal_group_report report;
    tutti_status status = tt_journal_group_stop(journal->group, TT_WAIT_FOREVER, &report);
    if (ret_lost) {
        *ret_lost = report.lost;
    }
    drop(journal);
    return status;
}

tutti_status
tutti_journal_reader_open(const char *directory, tutti_journal_reader **result, tutti_error *error)
{
    if (!directory) {
        return tt_error_set(error, TUTTI_INVALID, "a journal needs a directory");
    }
    tutti_journal_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a reader");
    }
    tutti_status status = new_registry(&reader->arena, &reader->registry, error);
    if (status == TUTTI_OK) {
        status = tt_journal_reader_open_any(directory, &reader->reader, error);
    }
    if (status != TUTTI_OK) {
        tutti_journal_reader_close(reader);
        return status;
    }
    *result = reader;
    return TUTTI_OK;
}

tutti_status tutti_journal_reader_next(
    tutti_journal_reader *reader, const tutti_message **ret_message, tutti_error *error)
{
    const tt_msg *next =
        reader->step ? tt_step_next(reader->step, reader->step_size, reader->msg) : NULL;
    if (!next) {
        reader->step = NULL;
        TUTTI_TRY(tt_journal_reader_next(reader->reader, &reader->step, &reader->step_size, error));
        next = tt_step_next(reader->step, reader->step_size, NULL);
    }
    reader->msg = next;
    TUTTI_TRY(tt_registry_apply(reader->registry, next, error));
    *ret_message = (const tutti_message *)(const void *)next;
    return TUTTI_OK;
}

const char *tutti_journal_reader_topic(const tutti_journal_reader *reader, tutti_topic topic)
{
    const tt_topic_info *info = tt_registry_topic(reader->registry, topic);
    return info ? info->name : NULL;
}

tutti_status tutti_journal_reader_to_json(
    const tutti_journal_reader *reader, const tutti_message *message, char *text, size_t size)
{
    return tt_lib_to_json(reader->registry, message, text, size);
}

void tutti_journal_reader_close(tutti_journal_reader *reader)
{
    if (reader) {
        tt_journal_reader_close(reader->reader);
        tt_arena_fini(&reader->arena);
        free(reader);
    }
}
