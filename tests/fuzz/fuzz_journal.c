/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as files of a journal. Neither the reader nor recovery may crash or hand out a step
 * that is not whole messages in sequence, and both must agree on where the journal ends.
 *
 * The first byte of the input says what the rest is: 0 a segment behind a right header, 1 a whole
 * segment, 2 the file meta, otherwise a script that builds records with right checksums, so that
 * what lies behind them is reached too.
 */
#include "journal/journal_format.h"
#include "journal/journal_hash.h"
#include "journal/journal_names.h"
#include "model/message_json.h"
#include "report/message_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_MAX (256u * 1024)
#define META        "seed: 1\n"
#define META_SIZE   (sizeof META - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[128];

static void remove_dir(void)
{
    static const char *const names[] = {"meta", "lock", "00000000000000000001.ttj"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void make_dir(void)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(dir, sizeof dir, "%s/tutti-fuzz-XXXXXX", base);
    TT_ASSERT(mkdtemp(dir) != NULL);
    TT_ASSERT(atexit(remove_dir) == 0);
}

static void store(const char *name, const void *bytes, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    TT_ASSERT(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
}

static void store_meta(void)
{
    unsigned char file[sizeof(tt_meta_header) + META_SIZE];
    tt_meta_header header;
    tt_meta_header_seal(&header, META, META_SIZE);
    memcpy(file, &header, sizeof header);
    memcpy(file + sizeof header, META, META_SIZE);
    store("meta", file, sizeof file);
}

/* A segment under construction. */
typedef struct builder {
    _Alignas(16) unsigned char bytes[SEGMENT_MAX];
    size_t size;
    size_t batch;       /* Offset of the first record after the last commit. */
    tt_journal_end end; /* What a right commit would say. */
    tt_journal_hash hash;
} builder;

static void begin(builder *b)
{
    b->size = b->batch = sizeof(tt_segment_header);
    b->end = (tt_journal_end){0};
    tt_journal_hash_two(&b->hash, META, META_SIZE, "", 0, b->end.chain);
    tt_segment_header header = {.first_seq = 1};
    memcpy(header.chain, b->end.chain, sizeof header.chain);
    tt_segment_header_seal(&header);
    memcpy(b->bytes, &header, sizeof header);
}

/* Adds a step record; its body is one message whose head is made right as far as `mend` says. */
static void add_step(builder *b, const uint8_t *data, size_t size, uint8_t mend)
{
    tt_record_head *head = (void *)(b->bytes + b->size);
    size_t body = (sizeof(tt_msg) + size + 15) / 16 * 16;
    memset(head, 0, sizeof *head + body);
    tt_msg *msg = (void *)(head + 1);
    memcpy(msg, data, size < sizeof *msg ? size : sizeof *msg);
    if (size > sizeof *msg) {
        memcpy(msg + 1, data + sizeof *msg, size - sizeof *msg);
    }
    if (mend & 1) {
        msg->seq = b->end.last_seq + 1;
    }
    if (mend & 2) {
        msg->size = (uint16_t)(body - sizeof *msg);
    }
    if (mend & 8) {
        msg->topic = (uint16_t)(TT_TOPIC_USER_FIRST + msg->topic % 4);
    } else if (mend & 4) {
        // The topic, and the size that it wants.
        const tt_topic_info *info =
            tt_topic_info_get((uint16_t)(1 + msg->topic % (TT_TOPIC_COUNT - 1)));
        msg->topic = (uint16_t)info->topic;
        if (info->layout->fixed_size <= body - sizeof *msg) {
            body = sizeof *msg + info->layout->fixed_size;
            msg->size = info->layout->fixed_size;
        }
    }
    head->length = (uint32_t)body;
    head->type = TT_RECORD_STEP;
    tt_record_seal_as(head, b->size, TT_JOURNAL_VERSION);
    b->end.last_seq = msg->seq;
    b->end.last_time = msg->time;
    b->end.step_count++;
    b->size += sizeof *head + body;
}

static void add_commit(builder *b, uint8_t flags, uint8_t spoil)
{
    tt_commit_record *record = (void *)(b->bytes + b->size);
    b->end.commit_count++;
    tt_commit_fill(record, &b->end, b->size - b->batch, flags);
    tt_journal_hash_batch(&b->hash, b->end.chain, b->bytes + b->batch, b->size - b->batch);
    if (spoil & 0x80) {
        ((unsigned char *)&record->body)[spoil % sizeof record->body] ^= 1;
    }
    tt_record_seal_as(&record->head, b->size, TT_JOURNAL_VERSION);
    b->size += sizeof *record;
    b->batch = b->size;
}

/* Runs the script; each command is an opcode, a length, and that many bytes. */
static void build(builder *b, const uint8_t *data, size_t size)
{
    begin(b);
    while (size >= 2 && b->size + 2048 < sizeof b->bytes) {
        uint8_t op = data[0];
        size_t length = (size_t)data[1] * (op & 8 ? 4 : 1);
        data += 2;
        size -= 2;
        length = length < size ? length : size;
        if ((op & 3) == 0) {
            add_commit(b, op >> 4, length > 0 ? data[0] : 0);
        } else if ((op & 3) == 1) {
            memcpy(b->bytes + b->size, data, length); // Bytes as they are.
            b->size += length / 16 * 16;
        } else {
            add_step(b, data, length, op >> 4);
        }
        data += length;
        size -= length;
    }
}

/* Prints a message, with and without the names that were declared. Whatever it says, it fits. */
static void print(const tt_registry *registry, const tt_msg *msg)
{
    static char line[TT_MESSAGE_TEXT_MAX];
    const tt_registry *both[] = {NULL, registry};
    for (int i = 0; i < 2; i++) {
        tt_text_buf text;
        tt_text_init(&text, line, TT_MESSAGE_JSON_MAX);
        tt_msg_to_json_by(both[i], msg, NULL, &text);
        TT_ASSERT(!text.truncated);
        tt_text_init(&text, line, sizeof line);
        tt_msg_to_text_by(both[i], msg, NULL, &text);
        TT_ASSERT(!text.truncated);
    }
}

/* Reads all; each step must be what the header promises. */
static tutti_status read_all(tt_journal_end *ret_end)
{
    tt_journal_reader *reader;
    tt_journal_names *names;
    tt_error error = {0};
    TT_ASSERT(tt_journal_names_new(&names, NULL) == TUTTI_OK);
    tutti_status status = tt_journal_reader_open(dir, &reader, &error);
    if (status != TUTTI_OK) {
        TT_ASSERT(error.status == status && error.message[0] != '\0');
        tt_journal_names_free(names);
        return status;
    }
    const void *step;
    size_t size;
    tt_seq last = 0;
    while ((status = tt_journal_reader_next(reader, &step, &size, &error)) == TUTTI_OK) {
        size_t used = 0;
        tt_journal_names_take(names, step, size);
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
             msg = tt_step_next(step, size, msg)) {
            TT_ASSERT(msg->seq == ++last && tt_topic_place(msg->topic) != 0);
            print(tt_journal_names_registry(names), msg);
            used += tt_msg_bytes(msg);
        }
        TT_ASSERT(used == size && size > 0);
    }
    TT_ASSERT(status == TUTTI_END || error.message[0] != '\0');
    tt_journal_reader_end(reader, ret_end);
    tt_journal_reader_close(reader);
    tt_journal_names_free(names);
    return status;
}

/* Recovery must agree with the reader, and what it leaves must be whole. */
static void check_recovery(tutti_status expected, const tt_journal_end *end)
{
    tt_journal_options options = {.durability = TT_durability_NONE};
    tt_journal_writer *writer;
    tt_journal_end found;
    tutti_status status = tt_journal_resume(dir, &options, &writer, &found, NULL);
    TT_ASSERT((status == TUTTI_OK) == (expected == TUTTI_END));
    if (status == TUTTI_OK) {
        TT_ASSERT(memcmp(found.chain, end->chain, sizeof found.chain) == 0);
        TT_ASSERT(found.last_seq == end->last_seq && found.cut_bytes == end->cut_bytes);
        tt_journal_close(writer);
        TT_ASSERT(read_all(&found) == TUTTI_END && found.cut_bytes == 0);
        TT_ASSERT(memcmp(found.chain, end->chain, sizeof found.chain) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static builder b;
    if (!b.hash.digests) {
        make_dir();
        TT_ASSERT(tt_journal_hash_init(&b.hash, NULL) == TUTTI_OK);
    }
    if (size == 0 || size > SEGMENT_MAX / 2) {
        return 0;
    }
    store_meta();
    begin(&b);
    switch (data[0]) {
    case 0:
        memcpy(b.bytes + b.size, data + 1, size - 1);
        b.size += size - 1;
        break;
    case 1:
        memcpy(b.bytes, data + 1, size - 1);
        b.size = size - 1;
        break;
    case 2:
        store("meta", data + 1, size - 1);
        break;
    default:
        build(&b, data + 1, size - 1);
        break;
    }
    store("00000000000000000001.ttj", b.bytes, b.size);
    tt_journal_end end = {0};
    tutti_status status = read_all(&end);
    check_recovery(status, &end);
    return 0;
}
