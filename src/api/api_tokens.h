/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bearer tokens: who may ask what (ADR 53). A secret is shown once; the file keeps a salted hash.
 *
 * Roles (tt_role), each with what those before it may: a viewer reads; a trader acts on trades (run
 * a task, approve, close, halt); an administrator decides what runs (pause, resume, switch tasks,
 * release a halt).
 *
 * The file is text, a line a token: name, role, id, salt, hash. It must belong to the user who runs
 * Tutti, and nobody else may read or write it.
 */
#ifndef TT_API_API_TOKENS_H
#define TT_API_API_TOKENS_H

#include "base/error.h"
#include "model/enums.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_TOKENS_MAX 64u
/** Room for a name with its NUL; it is the actor of a command in the journal. */
#define TT_TOKEN_NAME_MAX 32
/** Room for a secret with its NUL: "tutti_", 8 digits of the id, "_", 64 digits. */
#define TT_TOKEN_SECRET_MAX 80

/** One token, without its secret. */
typedef struct tt_token {
    char name[TT_TOKEN_NAME_MAX];
    tt_role role;
    uint32_t id; /**< Stands in the secret, so that one hash decides. */
    uint8_t salt[16];
    uint8_t hash[32]; /**< HMAC-SHA-256 of the secret, keyed with the salt. */
} tt_token;

typedef struct tt_tokens {
    uint32_t count;
    tt_token list[TT_TOKENS_MAX];
} tt_tokens;

/** Finds viewer, trader or admin. */
bool tt_role_find(const char *text, tt_role *ret_role);
/** Reads a file. @retval TUTTI_NOT_FOUND there is none. @retval TUTTI_PERMISSION others may read or
 * write it, or it belongs to somebody else. @retval TUTTI_PARSE, TUTTI_LIMIT, TUTTI_IO. `tokens` is
 * empty on failure. @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_tokens_load(const char *path, tt_tokens *tokens, tt_error *error);
/** Writes the file whole or not at all, readable by its owner alone. @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_tokens_save(const char *path, const tt_tokens *tokens, tt_error *error);
/** Makes a token and gives its secret. @retval TUTTI_EXISTS the name is taken. @retval TUTTI_LIMIT
 * there are TT_TOKENS_MAX. @retval TUTTI_INVALID the name. @retval TUTTI_IO no randomness. */
TUTTI_NODISCARD tutti_status tt_tokens_add(
    tt_tokens *tokens,
    const char *name,
    tt_role role,
    char secret[TT_TOKEN_SECRET_MAX],
    tt_error *error);
/** Removes a token. False if there is none of that name. */
bool tt_tokens_remove(tt_tokens *tokens, const char *name);
/** Finds whose secret this is; NULL = nobody's. The time it takes tells nothing of the secret. */
const tt_token *tt_tokens_find(const tt_tokens *tokens, const char *secret);

/** Writes a text that only its owner may read: a secret. @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_secret_write(const char *path, const char *text, size_t size, tt_error *error);
/** Reads such a file up to its first line feed. @retval TUTTI_NOT_FOUND, TUTTI_PERMISSION,
 * TUTTI_PARSE, TUTTI_IO. @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_secret_read(const char *path, char *text, size_t size, tt_error *error);
/** Fills with random bytes fit for secrets. False if the system has none. */
bool tt_secret_random(void *bytes, size_t size);
/** Writes bytes as hexadecimal digits and a NUL. */
void tt_secret_hex(const void *bytes, size_t size, char *text);

#endif
