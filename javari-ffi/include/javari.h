/* Javari's C ABI. Made by cbindgen from javari-ffi/src/c; do not edit.

   Every function answers 0 (JAVARI_CODE_OK) or why it failed, and then writes the error to `error`
   as JSON: {"code", "message", "operation", "retry_after", "details": {"fields", "context"}}.
   `error` may be NULL. What a function writes to is emptied first, so it can be read after a
   failure. Buffers are freed by their receiver with javari_buffer_free.

   A handle is a number and never a pointer: 0 is none, and one that is closed, freed, of another
   kind or made up is answered with JAVARI_CODE_CLOSED. Handles and functions may be used from any
   thread. A Javari does not survive a fork: its handle is answered with JAVARI_CODE_CLOSED in the
   child. */


#ifndef JAVARI_H
#define JAVARI_H

#include <stddef.h>
#include <stdint.h>
#include "javari_operations.h"

/*
 What a function answers: 0, or why it failed. The numbers are those of this version's list.
 */
enum javari_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   It was done.
   */
  JAVARI_CODE_OK = 0,
  /*
   The request does not fit its schema or its rules; `fields` names each fault.
   */
  JAVARI_CODE_INVALID_INPUT = 1,
  /*
   No valid identity came with the call.
   */
  JAVARI_CODE_UNAUTHORIZED = 2,
  /*
   The identity is known and may not do this.
   */
  JAVARI_CODE_FORBIDDEN = 3,
  /*
   A person has to approve the action first.
   */
  JAVARI_CODE_APPROVAL_REQUIRED = 4,
  /*
   The address is private, local or not allowed for a request that a user can steer.
   */
  JAVARI_CODE_ADDRESS_REFUSED = 5,
  /*
   Nothing of that name or id exists in this scope.
   */
  JAVARI_CODE_NOT_FOUND = 6,
  /*
   Something of that name exists already.
   */
  JAVARI_CODE_ALREADY_EXISTS = 7,
  /*
   Somebody else changed it first; read it again.
   */
  JAVARI_CODE_CONFLICT = 8,
  /*
   The input is larger than the stated limit.
   */
  JAVARI_CODE_TOO_LARGE = 9,
  /*
   The document, media type or feature is not supported here.
   */
  JAVARI_CODE_UNSUPPORTED = 10,
  /*
   The document is damaged, encrypted or not what its name says.
   */
  JAVARI_CODE_UNREADABLE = 11,
  /*
   Too many calls; wait as told.
   */
  JAVARI_CODE_RATE_LIMITED = 12,
  /*
   The caller gave up; work already paid for is recorded.
   */
  JAVARI_CODE_CANCELLED = 13,
  /*
   The settings are missing or malformed; the context names each one.
   */
  JAVARI_CODE_CONFIGURATION = 14,
  /*
   No root key is configured where one is needed.
   */
  JAVARI_CODE_KEY_MISSING = 15,
  /*
   The root key is not the one this database was sealed with; nothing was written.
   */
  JAVARI_CODE_WRONG_KEY = 16,
  /*
   The sealed value was altered, moved or made with another key.
   */
  JAVARI_CODE_CANNOT_UNSEAL = 17,
  /*
   The audit trail does not verify: an entry was altered, removed or reordered.
   */
  JAVARI_CODE_AUDIT_BROKEN = 18,
  /*
   The database needs a newer version of the library.
   */
  JAVARI_CODE_SCHEMA_TOO_NEW = 19,
  /*
   This is a database of the seed, which has to be adopted first; nothing was changed.
   */
  JAVARI_CODE_ADOPTION_NEEDED = 20,
  /*
   The database answered with a fault that no other kind names.
   */
  JAVARI_CODE_STORAGE = 21,
  /*
   The database file is damaged or is not a database.
   */
  JAVARI_CODE_STORAGE_CORRUPT = 22,
  /*
   Another process holds the database; nothing was written.
   */
  JAVARI_CODE_STORAGE_BUSY = 23,
  /*
   The disk is full or not writable; nothing was written.
   */
  JAVARI_CODE_STORAGE_FULL = 24,
  /*
   A program that Javari ran, such as git or a build, failed or is missing.
   */
  JAVARI_CODE_COMMAND_FAILED = 25,
  /*
   An object that the host registered failed.
   */
  JAVARI_CODE_HOST_FAILED = 26,
  /*
   The connection could not be made or broke.
   */
  JAVARI_CODE_NETWORK = 27,
  /*
   No trusted TLS connection could be made: the certificate is unknown, expired or for another name; nothing was sent.
   */
  JAVARI_CODE_TLS_FAILED = 28,
  /*
   The provider answered with an error or with something that is not its protocol.
   */
  JAVARI_CODE_PROVIDER_FAILED = 29,
  /*
   The provider refused the request; trying again cannot help.
   */
  JAVARI_CODE_PROVIDER_REFUSED = 30,
  /*
   The provider refused the key: it is wrong, revoked or may not do this.
   */
  JAVARI_CODE_CREDENTIAL_REFUSED = 31,
  /*
   The credit or quota of the provider's account is used up; waiting does not help soon.
   */
  JAVARI_CODE_QUOTA_EXHAUSTED = 32,
  /*
   The provider does not have the model, or not for this account.
   */
  JAVARI_CODE_MODEL_NOT_FOUND = 33,
  /*
   The request is longer than the model reads.
   */
  JAVARI_CODE_CONTEXT_TOO_LONG = 34,
  /*
   The provider has too much to do; another one may answer.
   */
  JAVARI_CODE_PROVIDER_OVERLOADED = 35,
  /*
   The budget of the user or project does not allow the call; nothing was sent.
   */
  JAVARI_CODE_BUDGET_EXCEEDED = 36,
  /*
   This Javari was closed.
   */
  JAVARI_CODE_CLOSED = 37,
  /*
   The time limit passed.
   */
  JAVARI_CODE_TIMEOUT = 38,
  /*
   A fault in Javari itself; please report it.
   */
  JAVARI_CODE_UNEXPECTED = 39,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum javari_code javari_code;
#else
typedef int32_t javari_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 UTF-8 text made by Javari and owned by whoever received it: free it with
 `javari_buffer_free`. A NUL stands behind it, not counted in `len`.
 */
typedef struct {
  /*
   Where the text begins, or NULL when there is none.
   */
  char *ptr;
  /*
   How many bytes it has, without the NUL.
   */
  size_t len;
} javari_buffer;

/*
 UTF-8 text that its owner keeps: `len` bytes from `ptr`, with no NUL needed behind them.
 */
typedef struct {
  /*
   Where the text begins. NULL is no text, not even an empty one.
   */
  const char *ptr;
  /*
   How many bytes it has.
   */
  size_t len;
} javari_text;

/*
 Bytes that their owner keeps, such as a file.
 */
typedef struct {
  /*
   Where they begin; may be NULL when there are none.
   */
  const uint8_t *ptr;
  /*
   How many there are.
   */
  size_t len;
} javari_bytes;

/*
 A provider of the host's: a table of functions that Javari calls.

 Threads: each call of `stream` comes on a new thread of Javari's, and so do all calls of `next`
 and `stop` for the iterator it gave, one after another. Several iterators may be at work at
 once, and `models` may be called beside them, on threads of their own. `release` comes once, on
 any thread, after everything else. The functions may call Javari. They must not throw or jump
 out.

 Texts that a function writes stay the host's. Javari copies them as soon as the function
 returns, before it calls the host again on that thread: memory of the iterator, of the thread
 or of the program will do.

 Each function answers 0, or anything else for a failure; the text it wrote then says why.
 The caller of the operation is told HOST_FAILED with these words.
 */
typedef struct {
  /*
   `sizeof(javari_provider)`.
   */
  size_t size;
  /*
   Whatever the host wants; handed to every function.
   */
  void *user;
  /*
   Begins to answer a chat request (JSON, the fields of `provider.chat`) and writes an
   iterator of the host's own making. On failure it writes `error` and no iterator.
   */
  int32_t (*stream)(void *user, javari_text request, void **iterator, javari_text *error);
  /*
   Writes the next event (JSON, `{"type": "text", "delta": "..."}` and so on); leaves it
   `{NULL, 0}` at the end. On failure the text says why and the iterator is at its end.
   A caller that gave up waits for nothing, but this iterator is stopped only when `next`
   has returned: keep its waits short or bounded.
   */
  int32_t (*next)(void *user, void *iterator, javari_text *event);
  /*
   Ends an iterator, read to its end or not; called exactly once for each.
   */
  void (*stop)(void *user, void *iterator);
  /*
   Writes the models on offer (JSON, `[{"id": "..."}]`). May be NULL: none.
   */
  int32_t (*models)(void *user, javari_text *models);
  /*
   Frees `user`: the provider is never called again. May be NULL.
   */
  void (*release)(void *user);
} javari_provider;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Frees a buffer and makes it `{NULL, 0}`; a NULL or an empty buffer is left alone.

 # Safety
 1. `buffer` is NULL or points to a buffer that Javari filled or that is `{NULL, 0}`.
 2. Neither `ptr` nor `len` was changed, and no copy of it was freed before.
 */
void javari_buffer_free(javari_buffer *buffer);

/*
 Opens a Javari as `settings` (a JSON object, such as `{"database": "javari.db"}`) say and
 writes its handle to `out`. Waits on this thread. Any number may be open; handles may be used
 from any thread, also several at once.

 # Safety
 1. `settings.ptr` is NULL or points to `settings.len` readable bytes.
 2. `out` is NULL or points to a writable handle.
 3. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_open(javari_text settings, uint64_t *out, javari_buffer *error);

/*
 Opens a Javari as the seed's eleven environment variables say and writes its handle to `out`.
 The database is `JAVARI_DATABASE`, or `javari.db`. The `fields` of a CONFIGURATION error name
 every missing and every malformed variable. Waits on this thread; no other thread may change
 the environment meanwhile.

 # Safety
 1. `out` is NULL or points to a writable handle.
 2. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_open_from_env(uint64_t *out, javari_buffer *error);

/*
 Writes to `id` which root key the database of `settings` (as for `javari_open`) was sealed with, an empty
 text where it is new. A host that keeps its keys by their ids asks this first and then gives
 `root_key` among the settings. Nothing is made and nothing changed. Waits on this thread.

 # Safety
 1. `settings.ptr` is NULL or points to `settings.len` readable bytes.
 2. `id` is NULL or points to a writable buffer; what it held is not freed.
 3. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_needed_key(javari_text settings,
                              javari_buffer *id,
                              javari_buffer *error);

/*
 Closes a Javari and makes the handle 0. Closing a handle that is 0 does nothing; a copy of a
 closed handle is answered with CLOSED.

 # Safety
 1. `javari` is NULL or points to a writable handle.
 2. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_close(uint64_t *javari, javari_buffer *error);

/*
 Runs an operation that answers once (see `javari_operations.h`) and writes its reply, JSON, to
 `reply`. `scope` is `null` for the host itself, or a JSON object with the ids `user`,
 `project` and `subproject`; `request` is a JSON object. Waits on this thread.

 # Safety
 1. The `ptr` of each text is NULL or points to `len` readable bytes.
 2. `blobs` is NULL or points to `blob_count` elements, each with `len` readable bytes.
 3. `reply` is NULL or points to a writable buffer; what it held is not freed.
 4. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_call(uint64_t javari,
                        javari_text operation,
                        javari_text scope,
                        javari_text request,
                        const javari_bytes *blobs,
                        size_t blob_count,
                        javari_buffer *reply,
                        javari_buffer *error);

/*
 Begins an operation that answers with events and writes the stream's handle to `stream`. The
 rest is as in `javari_call`. Free the stream with `javari_stream_free`.

 # Safety
 1. The `ptr` of each text is NULL or points to `len` readable bytes.
 2. `blobs` is NULL or points to `blob_count` elements, each with `len` readable bytes.
 3. `stream` is NULL or points to a writable handle.
 4. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_stream(uint64_t javari,
                          javari_text operation,
                          javari_text scope,
                          javari_text request,
                          const javari_bytes *blobs,
                          size_t blob_count,
                          uint64_t *stream,
                          javari_buffer *error);

/*
 Waits for the next event and writes it, JSON, to `event`; at the end `event` is `{NULL, 0}`.
 After an error the stream is at its end.

 # Safety
 1. `event` is NULL or points to a writable buffer; what it held is not freed.
 2. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_stream_next(uint64_t stream, javari_buffer *event, javari_buffer *error);

/*
 Stops the work behind a stream, from any thread, also while another one waits for its next
 event: that one then finds the end, and so does every later call. What was not read yet is
 dropped. The stream must still be freed.

 # Safety
 1. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_stream_cancel(uint64_t stream, javari_buffer *error);

/*
 Stops the work behind a stream, frees it and makes the handle 0. Freeing a handle that is 0
 does nothing; a copy of a freed handle is answered with CLOSED.

 # Safety
 1. `stream` is NULL or points to a writable handle.
 2. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_stream_free(uint64_t *stream, javari_buffer *error);

/*
 Registers an object of the host's; today `kind` is `provider`. The table is copied. From then
 on a request with the model `name/anything` is answered by it. When this fails, `release` is
 not called.

 # Safety
 1. The `ptr` of each text is NULL or points to `len` readable bytes.
 2. `object` is NULL or points to a table whose `size` bytes are readable and whose functions
    are NULL or behave as `javari_provider` says.
 3. `error` is NULL or points to a writable buffer; what it held is not freed.
 */
javari_code javari_register(uint64_t javari,
                            javari_text kind,
                            javari_text name,
                            const javari_provider *object,
                            javari_buffer *error);

/*
 Stops Javari's threads, waiting at most two seconds for work that still runs. For the end of a
 program; close what is open before. A later call starts them again.
 */
void javari_shutdown(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* JAVARI_H */
