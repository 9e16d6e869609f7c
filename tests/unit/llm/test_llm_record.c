/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What names a record of a call: all of it but how long it took. Covers: llm_record.c
 */
#include "../../lib/folder.h"
#include "../../lib/test.h"
#include "journal/sha256.h"
#include "llm/llm_record.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/tutti-record-%d", (int)getpid());
    return tt_llm_record_make(folder, NULL) == TUTTI_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    tt_test_remove_folder(folder);
    return 0;
}

/* The texts look like the member that is left out. */
static tt_llm_call sample(int64_t latency_ns)
{
    return (tt_llm_call){
        .call_seq = 7,
        .provider = "one",
        .model = "m",
        .request = tt_slice_of("{\"latency_ns\": 12}"),
        .answer = tt_slice_of("\"latency_ns\": 34 or \\\"latency_ns\": 56"),
        .error = "",
        .status = TT_answer_status_OK,
        .cost.d = TT_DEC_C(1, 2),
        .latency.ns = latency_ns,
        .tokens_in = 1000,
        .tokens_out = 10,
        .attempts = 1,
        .http_code = 200,
    };
}

static void write_call(const tt_llm_call *call, uint8_t hash[32])
{
    tt_error error = {0};
    assert_int_equal(tt_llm_record_write(folder, call, hash, &error), TUTTI_OK);
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *item = readdir(dir); item != NULL; item = readdir(dir)) {
        count += strstr(item->d_name, ".json") != NULL;
    }
    (void)closedir(dir);
    return count;
}

static void path_of(const uint8_t hash[32], char path[256])
{
    char hex[TT_LLM_HEX_MAX];
    tt_llm_hex(hash, hex);
    (void)snprintf(path, 256, "%s/%s.json", folder, hex);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* Replaces the first `from` of the text by a `to` of the same length. */
static void replace(char *text, const char *from, const char *to)
{
    char *place = strstr(text, from);
    assert_non_null(place);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(place, to, strlen(to));
}

static tutti_status open_and_find(tt_llm_call *ret_call, uint8_t ret_hash[32])
{
    tt_llm_record *record = NULL;
    tt_error error = {0};
    tutti_status status = tt_llm_record_open(folder, &record, &error);
    if (status == TUTTI_OK) {
        tt_slice request = sample(0).request;
        status = tt_llm_record_find(record, 7, "one", request, ret_call, ret_hash, &error);
    }
    tt_llm_record_close(record);
    return status;
}

static void a_call_has_the_same_name_however_long_it_took(void **state)
{
    (void)state;
    uint8_t first[32];
    uint8_t second[32];
    tt_llm_call quick = sample(5);
    tt_llm_call slow = sample(INT64_C(12345678901));
    write_call(&quick, first);
    write_call(&slow, second);
    assert_memory_equal(first, second, sizeof first);
    assert_int_equal(files(), 1);
    tt_llm_call found;
    assert_int_equal(open_and_find(&found, second), TUTTI_OK);
    assert_memory_equal(first, second, sizeof first);
    assert_int_equal(found.latency.ns, INT64_C(12345678901)); // It is still told.
}

static void all_else_is_in_the_name(void **state)
{
    (void)state;
    uint8_t name[32];
    uint8_t other[32];
    tt_llm_call call = sample(5);
    write_call(&call, name);
    tt_llm_call changed[6];
    for (unsigned i = 0; i < 6; i++) {
        changed[i] = call;
    }
    changed[0].attempts = 2;
    changed[1].answer = tt_slice_of("\"latency_ns\": 35 or \\\"latency_ns\": 56");
    changed[2].request = tt_slice_of("{\"latency_ns\": 13}");
    changed[3].cost.d = TT_DEC_C(1, 3);
    changed[4].call_seq = 8;
    changed[5].http_code = 201;
    for (unsigned i = 0; i < 6; i++) {
        write_call(&changed[i], other);
        assert_memory_not_equal(name, other, sizeof name);
    }
    assert_int_equal(files(), 7);
}

/* A person who changes anything but the latency is found out. */
static void a_changed_file_is_found_by_its_name(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"attempts\": 1", "\"attempts\": 2"},
        {"ns\\\": 34", "ns\\\": 35"},
        {"{\\\"latency_ns\\\": 12", "{\\\"latency_ns\\\": 13"},
        {"\"latency_ns\": 5", "\"latency_ms\": 5"},
        {"\"latency_ns\": 5", "\"latency_ns\": x"},
    };
    char path[256];
    uint8_t name[32];
    tt_llm_call call = sample(5);
    tt_llm_call found;
    tt_error error = {0};
    write_call(&call, name);
    path_of(name, path);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char *text = NULL;
        write_call(&call, name);
        assert_int_equal(tt_llm_record_text(folder, name, &text, &error), TUTTI_OK);
        replace(text, changes[i][0], changes[i][1]);
        put_file(path, text);
        free(text);
        assert_int_equal(open_and_find(&found, name), TUTTI_CORRUPT);
        assert_int_equal(tt_llm_record_text(folder, name, &text, &error), TUTTI_CORRUPT);
    }
}

/* Files of before have the hash of all their bytes as name. */
static void a_record_named_with_its_latency_is_read(void **state)
{
    (void)state;
    char path[256];
    uint8_t name[32];
    uint8_t whole[32];
    char *text = NULL;
    tt_error error = {0};
    tt_llm_call call = sample(5);
    write_call(&call, name);
    assert_int_equal(tt_llm_record_text(folder, name, &text, &error), TUTTI_OK);
    path_of(name, path);
    assert_int_equal(unlink(path), 0);
    tt_sha256(text, strlen(text), whole);
    assert_memory_not_equal(whole, name, sizeof name);
    path_of(whole, path);
    put_file(path, text);
    free(text);
    tt_llm_call found;
    assert_int_equal(open_and_find(&found, name), TUTTI_OK);
    assert_memory_equal(name, whole, sizeof name);
    assert_int_equal(found.latency.ns, 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_call_has_the_same_name_however_long_it_took),
        CASE(all_else_is_in_the_name),
        CASE(a_changed_file_is_found_by_its_name),
        CASE(a_record_named_with_its_latency_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
