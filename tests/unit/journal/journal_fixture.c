/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t fx_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t fx_seed(uint64_t fallback)
{
    const char *text = getenv("TT_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : fallback;
    print_message("seed %llu (TT_TEST_SEED=... repeats another)\n", (unsigned long long)seed);
    return seed;
}

void *fx_step_add(fx_step *step, tt_topic topic, tt_seq seq, size_t payload_size)
{
    tt_msg *msg = (tt_msg *)(void *)(step->bytes + step->size);
    assert_true(step->size + sizeof *msg + payload_size <= sizeof step->bytes);
    memset(msg, 0, sizeof *msg + payload_size);
    msg->seq = seq;
    msg->time.ns = (int64_t)seq * TT_NS_PER_S;
    msg->topic = (uint16_t)topic;
    msg->source = TT_SOURCE_HOST;
    msg->size = (uint16_t)payload_size;
    step->size += sizeof *msg + payload_size;
    step->last_seq = seq;
    return msg + 1;
}

static void add_depth(fx_step *step, tt_seq seq, uint8_t count)
{
    size_t size = offsetof(tt_depth, levels) + count * sizeof(tt_depth_level);
    tt_depth *depth = fx_step_add(step, TT_TOPIC_MARKET_DEPTH, seq, size);
    depth->count = count;
    for (uint8_t i = 0; i < count; i++) {
        depth->levels[i].price.d = tt_dec_from_i64((int64_t)seq + i, 2);
    }
}

void fx_step_make(fx_step *step, tt_seq first_seq, uint64_t seed)
{
    uint64_t state = seed ^ (first_seq * 77);
    step->size = 0;
    size_t count = 1 + fx_random(&state) % 4;
    for (size_t i = 0; i < count; i++) {
        tt_seq seq = first_seq + i;
        uint64_t pick = fx_random(&state);
        switch (pick % 4) {
        case 0:
            ((tt_clock *)fx_step_add(step, TT_TOPIC_CLOCK, seq, sizeof(tt_clock)))->tick = pick;
            break;
        case 1:
            ((tt_bar *)fx_step_add(step, TT_TOPIC_MARKET_BAR, seq, sizeof(tt_bar)))->close.d =
                tt_dec_from_i64((int64_t)(pick % 1000000), 4);
            break;
        case 2:
            TT_TEXT_SET(
                ((tt_notification *)fx_step_add(
                     step, TT_TOPIC_NOTIFICATIONS, seq, sizeof(tt_notification)))
                    ->message,
                "a text with much that is zero behind it");
            break;
        default:
            add_depth(step, seq, (uint8_t)(pick / 4 % TT_MAX_depth_level));
            break;
        }
    }
}

void fx_dir_make(char path[FX_PATH_MAX])
{
    // In memory where there is such a place: these tests write the same small files many times.
    const char *base = getenv("TMPDIR");
    if (!base) {
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    (void)snprintf(path, FX_PATH_MAX, "%.200s/tutti-test-XXXXXX", base);
    assert_non_null(mkdtemp(path));
}

static void remove_files(const char *path, bool with_directories)
{
    DIR *stream = opendir(path);
    if (!stream) {
        return;
    }
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char name[FX_PATH_MAX + 300];
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (unlink(name) != 0 && with_directories) {
            remove_files(name, false);
            (void)rmdir(name);
        }
    }
    (void)closedir(stream);
}

void fx_dir_remove(const char *path)
{
    remove_files(path, true);
    (void)rmdir(path);
}

tt_journal_options fx_options(tt_durability durability, uint64_t segment_bytes)
{
    return (tt_journal_options){.durability = durability, .segment_bytes = segment_bytes};
}

tt_journal_writer *fx_create(const char *dir, const tt_journal_options *options)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    tutti_status status = tt_journal_create(dir, FX_META, FX_META_SIZE, options, &writer, &error);
    if (status != TUTTI_OK) {
        fail_msg("create: %s", error.message);
    }
    return writer;
}

tt_journal_writer *
fx_resume(const char *dir, const tt_journal_options *options, tt_journal_end *ret_end)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    if (tt_journal_resume(dir, options, &writer, ret_end, &error) != TUTTI_OK) {
        fail_msg("resume: %s", error.message);
    }
    return writer;
}

void fx_append(tt_journal_writer *writer, size_t count, size_t per_commit, uint64_t seed)
{
    static fx_step step;
    tt_error error = {0};
    for (size_t i = 0; i < count; i++) {
        tt_journal_end end;
        tt_journal_state(writer, &end);
        fx_step_make(&step, end.last_seq + 1, seed);
        if (tt_journal_append(writer, step.bytes, step.size, &error) != TUTTI_OK ||
            ((i + 1) % per_commit == 0 && tt_journal_commit(writer, &error) != TUTTI_OK)) {
            fail_msg("append: %s", error.message);
        }
    }
}

tutti_status fx_read(const char *dir, tt_journal_end *ret_end, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    tutti_status status = tt_journal_reader_open(dir, &reader, error);
    if (status != TUTTI_OK) {
        return status;
    }
    const void *step;
    size_t size;
    do {
        status = tt_journal_reader_next(reader, &step, &size, error);
    } while (status == TUTTI_OK);
    if (ret_end) {
        tt_journal_reader_end(reader, ret_end);
    }
    tt_journal_reader_close(reader);
    return status;
}

int fx_mark(int fd, bool is_marked)
{
    int flags = fcntl(fd, F_GETFL);
    return fcntl(fd, F_SETFL, is_marked ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

bool fx_is_marked(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const fx_file *)a)->name, ((const fx_file *)b)->name);
}

static void load_file(const char *dir, const char *name, fx_file *file)
{
    char path[FX_PATH_MAX + 300];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    struct stat info;
    assert_int_equal(fstat(fileno(stream), &info), 0);
    file->size = (size_t)info.st_size;
    file->bytes = malloc(file->size + 1);
    assert_int_equal(fread(file->bytes, 1, file->size, stream), file->size);
    (void)fclose(stream);
    (void)snprintf(file->name, sizeof file->name, "%.60s", name);
}

/* What an image is of: all but the lock, and the description of our own layouts, which nobody needs
 * who has them. */
static bool is_of_journal(const char *name)
{
    return name[0] != '.' && strcmp(name, "lock") != 0 && strncmp(name, "layouts-", 8) != 0;
}

void fx_image_load(const char *dir, fx_image *image)
{
    memset(image, 0, sizeof *image);
    DIR *stream = opendir(dir);
    assert_non_null(stream);
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (is_of_journal(entry->d_name)) {
            assert_true(image->count < sizeof image->files / sizeof image->files[0]);
            load_file(dir, entry->d_name, &image->files[image->count++]);
        }
    }
    (void)closedir(stream);
    qsort(image->files, image->count, sizeof image->files[0], compare_files);
}

void fx_file_store(const char *dir, const fx_file *file)
{
    char path[FX_PATH_MAX + 300];
    (void)snprintf(path, sizeof path, "%s/%s", dir, file->name);
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(file->bytes, 1, file->size, stream), file->size);
    assert_int_equal(fclose(stream), 0);
}

void fx_image_store(const char *dir, const fx_image *image)
{
    remove_files(dir, false);
    (void)mkdir(dir, 0777);
    for (size_t i = 0; i < image->count; i++) {
        fx_file_store(dir, &image->files[i]);
    }
}

void fx_image_free(fx_image *image)
{
    for (size_t i = 0; i < image->count; i++) {
        free(image->files[i].bytes);
    }
    memset(image, 0, sizeof *image);
}

fx_file *fx_image_last(fx_image *image, const char *suffix)
{
    for (size_t i = image->count; i > 0; i--) {
        fx_file *file = &image->files[i - 1];
        size_t length = strlen(file->name);
        if (length >= strlen(suffix) && strcmp(file->name + length - strlen(suffix), suffix) == 0) {
            return file;
        }
    }
    fail_msg("no file ends in %s", suffix);
    return NULL;
}

char fx_root[FX_PATH_MAX];
char fx_journal[FX_PATH_MAX + 16];

int fx_set_up(void **state)
{
    (void)state;
    fx_dir_make(fx_root);
    (void)snprintf(fx_journal, sizeof fx_journal, "%s/journal", fx_root);
    return 0;
}

int fx_tear_down(void **state)
{
    (void)state;
    fx_dir_remove(fx_root);
    return 0;
}

void fx_make_closed(fx_image *image)
{
    tt_journal_options options = fx_options(TT_durability_NONE, 2000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 15, 3, 31);
    tt_journal_close(writer);
    fx_image_load(fx_journal, image);
    assert_true(image->count >= 4);
}

void fx_make_points(tt_journal_end *points, size_t snapshot_steps)
{
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_journal_state(writer, &points[0]);
    for (size_t i = 1; i <= FX_POINTS; i++) {
        fx_append(writer, 1, 1, 17);
        tt_journal_state(writer, &points[i]);
        if (i == snapshot_steps) {
            assert_int_equal(tt_snapshot_write(fx_journal, &points[i], "state", 5, NULL), TUTTI_OK);
        }
    }
    tt_journal_close(writer);
}

tt_journal_retained fx_retain(const tt_journal_retention *rules)
{
    tt_journal_retained retained;
    tt_error error = {0};
    if (tt_journal_retain(fx_journal, rules, &retained, &error) != TUTTI_OK) {
        fail_msg("retain: %s", error.message);
    }
    return retained;
}

void fx_check_points(const tt_journal_end *points, size_t first)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    if (tt_journal_reader_open(fx_journal, &reader, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    tt_journal_end end;
    tt_journal_reader_begin(reader, &end);
    assert_int_equal(end.last_seq, points[first].last_seq);
    assert_int_equal(end.step_count, first);
    assert_memory_equal(end.chain, points[first].chain, 32);
    for (size_t i = first; i < FX_POINTS; i++) {
        const void *bytes = NULL;
        size_t size = 0;
        if (tt_journal_reader_next(reader, &bytes, &size, &error) != TUTTI_OK) {
            fail_msg("step %zu: %s", i, error.message);
        }
        fx_step_make(&step, points[i].last_seq + 1, 17);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
        tt_journal_reader_end(reader, &end);
        assert_memory_equal(end.chain, points[i + 1].chain, 32);
    }
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

size_t fx_step_before(const tt_journal_end *points, tt_seq first_seq)
{
    for (size_t i = 0; i <= FX_POINTS; i++) {
        if (points[i].last_seq + 1 == first_seq) {
            return i;
        }
    }
    fail_msg("%llu begins no step", (unsigned long long)first_seq);
    return 0;
}
