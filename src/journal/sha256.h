/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 and its HMAC (RFC 2104) of bytes in memory, over the plain functions of libcrypto: its
 * general ones would set up providers, tables of errors and a configuration that nothing here needs
 * (ADR 100).
 *
 * All functions: @thread{any} @blocks{never} @alloc{never}
 */
#ifndef TT_JOURNAL_SHA256_H
#define TT_JOURNAL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define TT_SHA256_SIZE 32
/** Longest key of tt_sha256_hmac: one block. A longer one would have to be hashed first. */
#define TT_SHA256_KEY_MAX 64

/** The digest of some bytes. */
void tt_sha256(const void *bytes, size_t size, uint8_t digest[TT_SHA256_SIZE]);
/** The code of some bytes under a key of at most TT_SHA256_KEY_MAX bytes. What it knew of the key
 * is erased from memory. */
void tt_sha256_hmac(
    const void *key, size_t key_size, const void *bytes, size_t size, uint8_t code[TT_SHA256_SIZE]);

#endif
