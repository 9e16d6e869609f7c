/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Runs a fuzz target over the files of the folders that are given, each whole and cut after every
 * byte, so that the corpus is a test under any compiler. Behind --whole, files are not cut: for
 * targets that take long and whose bytes have no form that a cut could break.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CUTS_MAX 4096 /* Larger files are cut only after each of their first bytes. */

/* Copies each prefix to memory of exactly its size, so that a sanitizer sees any read beyond it. */
static int run_input(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (!copy) {
        return -1;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 0;
}

static int run_file(const char *path, size_t size, bool is_cut)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    int result = file && data && fread(data, 1, size, file) == size ? 0 : -1;
    for (size_t cut = 0; is_cut && result == 0 && cut < size && cut < CUTS_MAX; cut++) {
        result = run_input(data, cut);
    }
    if (result == 0) {
        result = run_input(data, size);
    }
    free(data);
    if (file) {
        (void)fclose(file);
    }
    return result;
}

/* Returns how many files were run, or -1. */
static int run_folder(const char *folder, bool is_cut)
{
    int count = 0;
    DIR *entries = opendir(folder);
    if (!entries) {
        return -1;
    }
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char path[4096];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || stat(path, &info) != 0) {
            count = -1;
            break;
        }
        if (!S_ISREG(info.st_mode)) {
            continue;
        }
        if (run_file(path, (size_t)info.st_size, is_cut) != 0) {
            count = -1;
            break;
        }
        count++;
    }
    (void)closedir(entries);
    return count;
}

int main(int argc, char **argv)
{
    bool is_cut = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--whole") == 0) {
            is_cut = false;
            continue;
        }
        int count = run_folder(argv[i], is_cut);
        if (count <= 0) {
            (void)fprintf(stderr, "%s: no corpus, or it cannot be read\n", argv[i]);
            return 1;
        }
        (void)printf("%s: %d inputs\n", argv[i], count);
    }
    return argc > 1 ? 0 : 1;
}
