/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The folder of calls: written call by call, read as a whole.
 *
 * A file is named by the SHA-256 of its content with 0 as latency. How long a call took hangs on
 * the machine and the network of the moment, and nothing of the run hangs on it: two runs that said
 * and heard the same are the same bytes. Records of before, named with their latency, are read too.
 */
#include "llm/llm_record.h"

#include "base/json.h"
#include "journal/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 16 << 20,
    FIXED_BYTES = 4096 /**< Of a file, beside request and answer. */
};

void tt_llm_hex(const uint8_t hash[32], char text[TT_LLM_HEX_MAX])
{
    for (int i = 0; i < 32; i++) {
        (void)snprintf(text + (size_t)i * 2, 3, "%02x", hash[i]);
    }
}

static tutti_status fail_errno(tt_error *error, const char *path, const char *what)
{
    int number = errno;
    return tt_error_set(
        error, tt_status_of_errno(number), "%s: %s: %s", path, what, strerror(number));
}

tutti_status tt_llm_record_make(const char *folder, tt_error *error)
{
    if (mkdir(folder, 0700) == 0 || errno == EEXIST) {
        return TUTTI_OK;
    }
    return fail_errno(error, folder, "cannot be made");
}

/* ---- writing ---- */

static void put_slice(tt_json_writer *writer, const char *key, tt_slice text)
{
    tt_json_key(writer, key);
    tt_json_string(writer, text.data == NULL ? "" : text.data, text.length);
}

static void put_number(tt_json_writer *writer, const char *key, uint64_t value)
{
    tt_json_key(writer, key);
    tt_json_u64(writer, value);
}

static tutti_status
render(const tt_llm_call *call, tt_dur latency, char *text, size_t capacity, size_t *ret_size)
{
    uint8_t hash[32];
    char hex[TT_LLM_HEX_MAX];
    tt_json_writer writer;
    tt_sha256(call->request.data, call->request.length, hash);
    tt_llm_hex(hash, hex);
    tt_json_writer_init(&writer, text, capacity, true);
    tt_json_begin_object(&writer);
    put_number(&writer, "version", 1);
    put_number(&writer, "call_seq", call->call_seq);
    put_slice(&writer, "provider", tt_slice_of(call->provider));
    put_slice(&writer, "model", tt_slice_of(call->model));
    put_slice(&writer, "request_sha256", tt_slice_of(hex));
    put_slice(&writer, "request", call->request);
    put_slice(&writer, "answer", call->answer);
    put_slice(
        &writer,
        "status",
        tt_slice_of(tt_enum_text(&tt_enum_answer_status, (uint8_t)call->status)));
    put_slice(&writer, "error", tt_slice_of(call->error));
    tt_json_key(&writer, "cost");
    tt_json_dec(&writer, call->cost.d);
    tt_json_key(&writer, "latency_ns");
    tt_json_i64(&writer, latency.ns);
    put_number(&writer, "tokens_in", call->tokens_in);
    put_number(&writer, "tokens_out", call->tokens_out);
    put_number(&writer, "attempts", call->attempts);
    put_number(&writer, "http_code", (uint64_t)call->http_code);
    tt_json_end_object(&writer);
    return tt_json_finish(&writer, ret_size);
}

static tutti_status
path_of(const char *folder, const char *name, char path[TT_LLM_PATH_MAX], tt_error *error)
{
    int length = snprintf(path, TT_LLM_PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < TT_LLM_PATH_MAX
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_LIMIT, "%s: the path is too long", folder);
}

static tutti_status
write_all(int file, const char *text, size_t size, const char *path, tt_error *error)
{
    while (size > 0) {
        ssize_t done = write(file, text, size);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return fail_errno(error, path, "cannot be written");
        }
        text += done;
        size -= (size_t)done;
    }
    return fsync(file) == 0 ? TUTTI_OK : fail_errno(error, path, "cannot be made durable");
}

static tutti_status sync_folder(const char *folder, tt_error *error)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return fail_errno(error, folder, "cannot be opened");
    }
    int result = fsync(file);
    (void)close(file);
    return result == 0 ? TUTTI_OK : fail_errno(error, folder, "cannot be made durable");
}

/* Writes under a name of its own, then renames: a file of the record is always whole. */
static tutti_status
store(const char *folder, const char *hex, const char *text, size_t size, tt_error *error)
{
    char name[TT_LLM_HEX_MAX + 32];
    char partial[TT_LLM_PATH_MAX];
    char path[TT_LLM_PATH_MAX];
    (void)snprintf(name, sizeof name, "%s.json", hex);
    TUTTI_TRY(path_of(folder, name, path, error));
    (void)snprintf(name, sizeof name, "%s.new", hex);
    TUTTI_TRY(path_of(folder, name, partial, error));
    int file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail_errno(error, partial, "cannot be made");
    }
    tutti_status status = write_all(file, text, size, partial, error);
    (void)close(file);
    if (status == TUTTI_OK && rename(partial, path) != 0) {
        status = fail_errno(error, path, "cannot be put in its place");
    }
    if (status != TUTTI_OK) {
        (void)unlink(partial);
        return status;
    }
    return sync_folder(folder, error);
}

tutti_status tt_llm_record_write(
    const char *folder, const tt_llm_call *call, uint8_t ret_hash[32], tt_error *error)
{
    // A byte of text can become six of JSON.
    size_t capacity = FIXED_BYTES + 6 * (call->request.length + call->answer.length);
    size_t size = 0;
    char *text = malloc(capacity);
    if (text == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the record of a call");
    }
    tutti_status status = render(call, (tt_dur){0}, text, capacity, &size);
    if (status == TUTTI_OK) {
        tt_sha256(text, size, ret_hash);
        status = render(call, call->latency, text, capacity, &size);
    }
    if (status != TUTTI_OK) {
        (void)tt_error_set(error, status, "the record of a call does not fit");
    } else {
        char hex[TT_LLM_HEX_MAX];
        tt_llm_hex(ret_hash, hex);
        status = store(folder, hex, text, size, error);
    }
    free(text);
    return status;
}

/* ---- reading ---- */

/** One call of a record in memory. */
struct entry {
    tt_llm_call call;
    uint8_t hash[32];
    char *memory; /**< Holds the texts of the call. */
};

struct tt_llm_record {
    struct entry *entries; /**< By call number and provider. */
    size_t count;
    size_t capacity;
};

static tutti_status read_file(const char *path, char **ret_text, size_t *ret_size, tt_error *error)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return errno == ENOENT
                   ? tt_error_set(error, TUTTI_NOT_FOUND, "%s: there is no such file", path)
                   : fail_errno(error, path, "cannot be read");
    }
    tutti_status status = TUTTI_OK;
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end >= 0 && end <= FILE_BYTES_MAX ? malloc((size_t)end + 1) : NULL;
    rewind(file);
    if (text == NULL || fread(text, 1, (size_t)end, file) != (size_t)end) {
        status = tt_error_set(error, TUTTI_IO, "%s: cannot be read", path);
        free(text);
    } else {
        text[end] = '\0';
        *ret_text = text;
        *ret_size = (size_t)end;
    }
    (void)fclose(file);
    return status;
}

/* The content with 0 as latency. Quotes within a text are escaped, so that the key stands once. */
static void without_latency(const char *text, size_t size, char *copy, size_t *ret_size)
{
    static const char key[] = "\"latency_ns\": ";
    const char *end = text + size;
    const char *found = memmem(text, size, key, sizeof key - 1);
    const char *number = found == NULL ? end : found + sizeof key - 1;
    const char *rest = number;
    while (rest < end && (*rest == '-' || (*rest >= '0' && *rest <= '9'))) {
        rest++;
    }
    size_t head = (size_t)(number - text);
    memcpy(copy, text, head);
    copy[head] = '0';
    memcpy(copy + head + 1, rest, (size_t)(end - rest));
    *ret_size = head + 1 + (size_t)(end - rest);
}

static bool is_named(const char *name, const char *text, size_t size, uint8_t ret_hash[32])
{
    char hex[TT_LLM_HEX_MAX];
    tt_sha256(text, size, ret_hash);
    tt_llm_hex(ret_hash, hex);
    return strncmp(name, hex, 64) == 0 && strcmp(name + 64, ".json") == 0;
}

/* Tells whether a file is what its name says. */
static bool is_whole(const char *name, const char *text, size_t size, uint8_t ret_hash[32])
{
    if (is_named(name, text, size, ret_hash)) {
        return true;
    }
    size_t copy_size = 0;
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return false;
    }
    without_latency(text, size, copy, &copy_size);
    bool is = is_named(name, copy, copy_size, ret_hash);
    free(copy);
    return is;
}

static tutti_status read_checked(
    const char *folder,
    const char *name,
    struct entry *entry,
    char **ret_text,
    size_t *ret_size,
    tt_error *error)
{
    char path[TT_LLM_PATH_MAX];
    TUTTI_TRY(path_of(folder, name, path, error));
    TUTTI_TRY(read_file(path, ret_text, ret_size, error));
    if (is_whole(name, *ret_text, *ret_size, entry->hash)) {
        return TUTTI_OK;
    }
    free(*ret_text);
    return tt_error_set(error, TUTTI_CORRUPT, "%s: is not what its name says", path);
}

/* Moves a string of the reader into the memory of the entry. */
static tt_slice keep(char **at, tt_slice text)
{
    tt_slice kept = {*at, text.length};
    memcpy(*at, text.data, text.length);
    (*at)[text.length] = '\0';
    *at += text.length + 1;
    return kept;
}

static tutti_status take_text(tt_llm_call *call, const char *key, tt_slice text, char **at)
{
    uint8_t status = 0;
    if (strcmp(key, "request") == 0) {
        call->request = keep(at, text);
    } else if (strcmp(key, "answer") == 0) {
        call->answer = keep(at, text);
    } else if (strcmp(key, "error") == 0) {
        call->error = keep(at, text).data;
    } else if (strcmp(key, "provider") == 0) {
        call->provider = keep(at, text).data;
    } else if (strcmp(key, "model") == 0) {
        call->model = keep(at, text).data;
    } else if (strcmp(key, "status") == 0) {
        if (!tt_enum_find(&tt_enum_answer_status, text.data, text.length, &status)) {
            return TUTTI_PARSE;
        }
        call->status = (tt_answer_status)status;
    }
    return TUTTI_OK;
}

static tutti_status take_number(tt_llm_call *call, const char *key, tt_slice text)
{
    uint64_t value = 0;
    if (strcmp(key, "cost") == 0) {
        return tt_dec_parse(text.data, text.length, &call->cost.d);
    }
    TUTTI_TRY(tt_text_parse_u64(text.data, text.length, &value));
    if (strcmp(key, "call_seq") == 0) {
        call->call_seq = value;
    } else if (strcmp(key, "latency_ns") == 0) {
        call->latency.ns = (int64_t)value;
    } else if (strcmp(key, "tokens_in") == 0) {
        call->tokens_in = (uint32_t)value;
    } else if (strcmp(key, "tokens_out") == 0) {
        call->tokens_out = (uint32_t)value;
    } else if (strcmp(key, "attempts") == 0) {
        call->attempts = (uint32_t)value;
    } else if (strcmp(key, "http_code") == 0) {
        call->http_code = (int)value;
    } else if (strcmp(key, "version") == 0 && value != 1) {
        return TUTTI_VERSION;
    }
    return TUTTI_OK;
}

static tutti_status
parse_call(const char *text, size_t size, void *scratch, size_t scratch_size, struct entry *entry)
{
    tt_json_reader reader;
    tt_json_token token;
    char key[32];
    char *at = entry->memory;
    entry->call.error = "";
    entry->call.provider = "";
    entry->call.model = "";
    tt_json_reader_init(&reader, text, size, scratch, scratch_size);
    TUTTI_TRY(tt_json_expect(&reader, TT_JSON_OBJECT, &token));
    for (;;) {
        TUTTI_TRY(tt_json_next(&reader, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            return TUTTI_OK;
        }
        (void)snprintf(key, sizeof key, "%.*s", (int)token.text.length, token.text.data);
        TUTTI_TRY(tt_json_next(&reader, &token));
        TUTTI_TRY(
            token.kind == TT_JSON_STRING   ? take_text(&entry->call, key, token.text, &at)
            : token.kind == TT_JSON_NUMBER ? take_number(&entry->call, key, token.text)
                                           : TUTTI_PARSE);
    }
}

static tutti_status
load_entry(const char *folder, const char *name, struct entry *entry, tt_error *error)
{
    char *text = NULL;
    size_t size = 0;
    TUTTI_TRY(read_checked(folder, name, entry, &text, &size, error));
    size_t scratch_size = size + FIXED_BYTES;
    void *scratch = malloc(scratch_size);
    entry->memory = malloc(size + 16); // No text is longer than its JSON.
    tutti_status status = scratch == NULL || entry->memory == NULL
                              ? TUTTI_NO_MEMORY
                              : parse_call(text, size, scratch, scratch_size, entry);
    free(scratch);
    free(text);
    if (status != TUTTI_OK) {
        free(entry->memory);
        entry->memory = NULL;
        return tt_error_set(error, status, "%s/%s: is no record of a call", folder, name);
    }
    return TUTTI_OK;
}

static int compare_entries(const void *left, const void *right)
{
    const tt_llm_call *a = &((const struct entry *)left)->call;
    const tt_llm_call *b = &((const struct entry *)right)->call;
    int order = (a->call_seq > b->call_seq) - (a->call_seq < b->call_seq);
    return order != 0 ? order : strcmp(a->provider, b->provider);
}

static tutti_status
add_entry(tt_llm_record *record, const char *folder, const char *name, tt_error *error)
{
    if (record->count == record->capacity) {
        size_t capacity = record->capacity == 0 ? 64 : 2 * record->capacity;
        struct entry *entries = realloc(record->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a record of calls");
        }
        record->entries = entries;
        record->capacity = capacity;
    }
    struct entry *entry = &record->entries[record->count];
    memset(entry, 0, sizeof *entry);
    TUTTI_TRY(load_entry(folder, name, entry, error));
    record->count++;
    return TUTTI_OK;
}

static tutti_status load_all(tt_llm_record *record, const char *folder, DIR *dir, tt_error *error)
{
    for (;;) {
        const struct dirent *item = readdir(dir);
        if (item == NULL) {
            return TUTTI_OK;
        }
        size_t length = strlen(item->d_name);
        if (length == 64 + 5 && strcmp(item->d_name + 64, ".json") == 0) {
            TUTTI_TRY(add_entry(record, folder, item->d_name, error));
        }
    }
}

tutti_status tt_llm_record_open(const char *folder, tt_llm_record **result, tt_error *error)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return tt_error_set(error, TUTTI_NOT_FOUND, "%s: there is no record of calls", folder);
    }
    tt_llm_record *record = calloc(1, sizeof *record);
    tutti_status status = record == NULL
                              ? tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a record")
                              : load_all(record, folder, dir, error);
    (void)closedir(dir);
    if (status != TUTTI_OK) {
        tt_llm_record_close(record);
        return status;
    }
    if (record->count > 0) {
        qsort(record->entries, record->count, sizeof *record->entries, compare_entries);
    }
    *result = record;
    return TUTTI_OK;
}

void tt_llm_record_close(tt_llm_record *record)
{
    if (record == NULL) {
        return;
    }
    for (size_t i = 0; i < record->count; i++) {
        free(record->entries[i].memory);
    }
    free(record->entries);
    free(record);
}

tutti_status tt_llm_record_find(
    const tt_llm_record *record,
    tt_seq call_seq,
    const char *provider,
    tt_slice request,
    tt_llm_call *ret_call,
    uint8_t ret_hash[32],
    tt_error *error)
{
    const struct entry wanted = {.call = {.call_seq = call_seq, .provider = provider}};
    const struct entry *found =
        record->count == 0
            ? NULL
            : bsearch(&wanted, record->entries, record->count, sizeof wanted, compare_entries);
    if (found == NULL) {
        return tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "call %llu to %s is not in the record",
            (unsigned long long)call_seq,
            provider);
    }
    if (!tt_slice_eq(found->call.request, request)) {
        return tt_error_set(
            error,
            TUTTI_CORRUPT,
            "call %llu to %s was recorded with another request",
            (unsigned long long)call_seq,
            provider);
    }
    *ret_call = found->call;
    memcpy(ret_hash, found->hash, 32);
    return TUTTI_OK;
}

tutti_status
tt_llm_record_text(const char *folder, const uint8_t hash[32], char **ret_text, tt_error *error)
{
    char name[TT_LLM_HEX_MAX + 8];
    char hex[TT_LLM_HEX_MAX];
    struct entry entry = {0};
    size_t size = 0;
    tt_llm_hex(hash, hex);
    (void)snprintf(name, sizeof name, "%s.json", hex);
    return read_checked(folder, name, &entry, ret_text, &size, error);
}
