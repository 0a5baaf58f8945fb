/* The C ABI in the hands of a careless caller: every mistake is answered, none crashes. */

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "javari.h"

static int passed, failed;
static bool well;

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      well = false;                                                             \
      printf("  %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);          \
    }                                                                           \
  } while (0)

static javari_text text(const char *words) {
  javari_text made = {words, words ? strlen(words) : 0};
  return made;
}

static const char *SETTINGS = "{\"database\": \":memory:\", \"environment\": false}";
static const char *HELLO =
    "{\"model\": \"parrot/x\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}";

/* For the provider that needs no network. */
static const char *QUOTE = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}";

static uint64_t opened(void) {
  uint64_t javari = 0;
  javari_buffer error;
  CHECK(javari_open(text(SETTINGS), &javari, &error) == JAVARI_CODE_OK);
  CHECK(javari != 0 && error.ptr == NULL && error.len == 0);
  return javari;
}

static void closed(uint64_t javari) { CHECK(javari_close(&javari, NULL) == JAVARI_CODE_OK); }

/* Whether an error is one of `code` and speaks of `words`; frees it. */
static bool is_error(javari_buffer *error, const char *code, const char *words) {
  char wanted[80];
  snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", code);
  bool is = error->ptr && strlen(error->ptr) == error->len && strstr(error->ptr, wanted) &&
            strstr(error->ptr, words);
  if (!is) printf("  the error is %s\n", error->ptr ? error->ptr : "(none)");
  javari_buffer_free(error);
  return is && error->ptr == NULL && error->len == 0;
}

static javari_code call(uint64_t javari, const char *operation, const char *scope,
                        const char *request, javari_buffer *reply, javari_buffer *error) {
  return javari_call(javari, text(operation), text(scope), text(request), NULL, 0, reply, error);
}

/* A scope with a user, for provider.chat. */
static void user_scope(uint64_t javari, char *scope, size_t size) {
  javari_buffer reply, error;
  CHECK(call(javari, JAVARI_OP_USERS_ENSURE, "null", "{\"email\": \"ann@example.com\"}", &reply,
             &error) == JAVARI_CODE_OK);
  const char *id = reply.ptr ? strstr(reply.ptr, "\"id\":\"") : NULL;
  CHECK(id != NULL);
  snprintf(scope, size, "{\"user\": \"%.36s\"}", id ? id + 6 : "");
  javari_buffer_free(&reply);
}

static void a_reply_is_json_with_a_nul_behind_it(void) {
  uint64_t javari = opened();
  javari_buffer reply, error;
  CHECK(call(javari, JAVARI_OP_SYSTEM_VERSION, "null", "{}", &reply, &error) == JAVARI_CODE_OK);
  CHECK(reply.ptr && strlen(reply.ptr) == reply.len && strstr(reply.ptr, "\"version\""));
  CHECK(error.ptr == NULL);
  javari_buffer_free(&reply);
  closed(javari);
}

static void a_place_that_is_null_is_invalid_input(void) {
  javari_buffer error, reply;
  CHECK(javari_open(text(SETTINGS), NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  uint64_t javari = opened(), stream = 0;
  CHECK(call(javari, "system.version", "null", "{}", NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  CHECK(javari_stream(javari, text("provider.chat"), text("null"), text("{}"), NULL, 0, NULL,
                      &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  CHECK(javari_stream_next(stream, NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  CHECK(javari_close(NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  CHECK(javari_stream_free(NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  /* The error itself may be left out, also with everything else wrong. */
  CHECK(javari_open(text(NULL), NULL, NULL) == JAVARI_CODE_INVALID_INPUT);
  CHECK(call(javari, NULL, NULL, NULL, &reply, NULL) == JAVARI_CODE_INVALID_INPUT);
  CHECK(reply.ptr == NULL);
  closed(javari);
}

static void an_environment_that_lacks_everything_is_told_at_once(void) {
  static const char *const names[] = {
      "NEXT_PUBLIC_SUPABASE_URL",  "NEXT_PUBLIC_SUPABASE_ANON_KEY",
      "SUPABASE_SERVICE_ROLE_KEY", "OPENAI_API_KEY",
      "CREDENTIAL_ENCRYPTION_KEY", "VERCEL_TOKEN",
      "VERCEL_TEAM_ID",            "GITHUB_TOKEN"};
  uint64_t javari = 7;
  javari_buffer error;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) unsetenv(names[i]);
  CHECK(javari_open_from_env(&javari, &error) == JAVARI_CODE_CONFIGURATION && javari == 0);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    CHECK(error.ptr && strstr(error.ptr, names[i]));
  CHECK(is_error(&error, "CONFIGURATION", "is not set"));
  CHECK(javari_open_from_env(NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/out\""));
  CHECK(javari_open_from_env(&javari, NULL) == JAVARI_CODE_CONFIGURATION);
}

static void a_text_that_is_null_or_no_utf8_or_no_json_is_invalid_input(void) {
  static const struct {
    const char *words, *fault;
  } bad[] = {{NULL, "is NULL"}, {"\xff\xfe", "is not UTF-8"}, {"\xed\xa0\x80", "is not UTF-8"}};
  uint64_t javari = opened(), other = 7;
  javari_buffer reply, error;
  javari_provider none;
  memset(&none, 0, sizeof none);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const char *words = bad[i].words, *fault = bad[i].fault;
    CHECK(javari_open(text(words), &other, &error) == JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault) && other == 0);
    CHECK(call(javari, words, "null", "{}", &reply, &error) == JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", "/operation") && reply.ptr == NULL);
    CHECK(call(javari, "system.version", words, "{}", &reply, &error) == JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault));
    CHECK(call(javari, "system.version", "null", words, &reply, &error) ==
          JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault));
    CHECK(javari_stream(javari, text("provider.chat"), text("null"), text(words), NULL, 0, &other,
                        &error) == JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault) && other == 0);
    CHECK(javari_register(javari, text(words), text("x"), &none, &error) ==
          JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault));
    CHECK(javari_register(javari, text("provider"), text(words), &none, &error) ==
          JAVARI_CODE_INVALID_INPUT);
    CHECK(is_error(&error, "INVALID_INPUT", fault));
  }
  static const char *no_json[] = {"", "{", "canary", "{\"a\": canary}", "{} {}"};
  for (size_t i = 0; i < sizeof no_json / sizeof no_json[0]; i++) {
    CHECK(call(javari, "system.version", "null", no_json[i], &reply, &error) ==
          JAVARI_CODE_INVALID_INPUT);
    CHECK(error.ptr && !strstr(error.ptr, "canary"));
    CHECK(is_error(&error, "INVALID_INPUT", "is not JSON"));
  }
  char deep[4001];
  memset(deep, '[', 4000);
  deep[4000] = 0;
  CHECK(call(javari, "system.version", "null", deep, &reply, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "is not JSON"));
  javari_text endless = {"{}", SIZE_MAX};
  CHECK(javari_open(endless, &other, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "longer than memory"));
  closed(javari);
}

static void blobs_are_checked_before_they_are_read(void) {
  uint64_t javari = opened();
  javari_buffer reply, error;
  javari_bytes good[2] = {{(const uint8_t *)"ab", 2}, {NULL, 0}}, bad = {NULL, 3};
  javari_bytes endless = {(const uint8_t *)"a", SIZE_MAX};
  javari_text version = text("system.version"), host = text("null"), request = text("{}");
  CHECK(javari_call(javari, version, host, request, good, 2, &reply, &error) == JAVARI_CODE_OK);
  javari_buffer_free(&reply);
  CHECK(javari_call(javari, version, host, request, NULL, 1, &reply, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/blobs"));
  CHECK(javari_call(javari, version, host, request, &bad, 1, &reply, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/blobs"));
  CHECK(javari_call(javari, version, host, request, &endless, 1, &reply, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/blobs"));
  CHECK(javari_call(javari, version, host, request, good, SIZE_MAX, &reply, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/blobs"));
  closed(javari);
}

static void a_handle_is_good_until_it_is_closed_and_never_again(void) {
  uint64_t javari = opened(), copy = javari;
  javari_buffer reply, error;
  CHECK(javari_close(&javari, &error) == JAVARI_CODE_OK && javari == 0);
  CHECK(javari_close(&javari, &error) == JAVARI_CODE_OK);
  uint64_t again = copy;
  CHECK(javari_close(&again, &error) == JAVARI_CODE_CLOSED && again == 0);
  CHECK(is_error(&error, "CLOSED", "handle"));
  CHECK(call(copy, "system.version", "null", "{}", &reply, &error) == JAVARI_CODE_CLOSED);
  CHECK(is_error(&error, "CLOSED", "handle"));
  /* A newer one in the same place is another one. */
  uint64_t newer = opened();
  CHECK(newer != copy);
  CHECK(call(copy, "system.version", "null", "{}", &reply, &error) == JAVARI_CODE_CLOSED);
  CHECK(is_error(&error, "CLOSED", "handle"));
  again = copy;
  CHECK(javari_close(&again, NULL) == JAVARI_CODE_CLOSED);
  CHECK(call(newer, "system.version", "null", "{}", &reply, &error) == JAVARI_CODE_OK);
  javari_buffer_free(&reply);
  closed(newer);
}

static void a_foreign_handle_is_closed(void) {
  uint64_t javari = opened(), stream = 0;
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  javari_buffer out, error;
  CHECK(javari_stream(javari, text("provider.chat"), text(scope), text(QUOTE), NULL, 0, &stream,
                      &error) == JAVARI_CODE_OK);
  uint64_t foreign[] = {0, 1, 42, UINT64_MAX, (uint64_t)(uintptr_t)&javari, javari ^ 1, stream};
  for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
    CHECK(call(foreign[i], "system.version", "null", "{}", &out, &error) == JAVARI_CODE_CLOSED ||
          foreign[i] == javari);
    CHECK(is_error(&error, "CLOSED", "handle"));
    CHECK(javari_register(foreign[i], text("provider"), text("x"), NULL, NULL) ==
          JAVARI_CODE_CLOSED);
  }
  /* A Javari is no stream, and trying does not close it. */
  uint64_t copy = javari;
  CHECK(javari_stream_next(javari, &out, NULL) == JAVARI_CODE_CLOSED);
  CHECK(javari_stream_cancel(javari, NULL) == JAVARI_CODE_CLOSED);
  CHECK(javari_stream_free(&copy, NULL) == JAVARI_CODE_CLOSED);
  copy = stream;
  CHECK(javari_close(&copy, NULL) == JAVARI_CODE_CLOSED);
  CHECK(javari_stream_next(stream, &out, NULL) == JAVARI_CODE_OK && out.ptr);
  javari_buffer_free(&out);
  CHECK(javari_stream_free(&stream, NULL) == JAVARI_CODE_OK);
  closed(javari);
}

static void a_buffer_is_freed_once_however_often_it_is_asked(void) {
  uint64_t javari = opened();
  javari_buffer reply, none = {NULL, 0};
  CHECK(call(javari, "system.version", "null", "{}", &reply, NULL) == JAVARI_CODE_OK);
  javari_buffer_free(&reply);
  CHECK(reply.ptr == NULL && reply.len == 0);
  javari_buffer_free(&reply);
  javari_buffer_free(&none);
  javari_buffer_free(NULL);
  closed(javari);
}

static void a_stream_ends_stays_ended_and_is_freed_once(void) {
  uint64_t javari = opened(), stream = 0;
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  javari_buffer event, error;
  CHECK(javari_stream(javari, text(JAVARI_OP_PROVIDER_CHAT), text(scope), text(QUOTE), NULL, 0,
                      &stream, &error) == JAVARI_CODE_OK);
  int events = 0;
  bool finished = false;
  for (;;) {
    CHECK(javari_stream_next(stream, &event, &error) == JAVARI_CODE_OK);
    if (!event.ptr) break;
    events++;
    finished = strstr(event.ptr, "\"finished\"") != NULL;
    javari_buffer_free(&event);
  }
  CHECK(events >= 3 && finished);
  CHECK(javari_stream_next(stream, &event, &error) == JAVARI_CODE_OK && event.ptr == NULL);
  uint64_t copy = stream;
  CHECK(javari_stream_free(&stream, &error) == JAVARI_CODE_OK && stream == 0);
  CHECK(javari_stream_free(&stream, &error) == JAVARI_CODE_OK);
  CHECK(javari_stream_next(copy, &event, &error) == JAVARI_CODE_CLOSED);
  CHECK(is_error(&error, "CLOSED", "handle"));
  CHECK(javari_stream_cancel(copy, NULL) == JAVARI_CODE_CLOSED);
  CHECK(javari_stream_free(&copy, NULL) == JAVARI_CODE_CLOSED);
  /* One that is cancelled, one that outlives its Javari, one that nobody reads. */
  CHECK(javari_stream(javari, text("provider.chat"), text(scope), text(QUOTE), NULL, 0, &stream,
                      NULL) == JAVARI_CODE_OK);
  CHECK(javari_stream_cancel(stream, NULL) == JAVARI_CODE_OK);
  uint64_t unread = 0;
  CHECK(javari_stream(javari, text("provider.chat"), text(scope), text(QUOTE), NULL, 0, &unread,
                      NULL) == JAVARI_CODE_OK);
  closed(javari);
  do {
    CHECK(javari_stream_next(stream, &event, NULL) == JAVARI_CODE_OK);
    finished = event.ptr == NULL;
    javari_buffer_free(&event);
  } while (!finished);
  CHECK(javari_stream_free(&stream, NULL) == JAVARI_CODE_OK);
  CHECK(javari_stream_free(&unread, NULL) == JAVARI_CODE_OK);
}

/* --- A provider of the host's own ------------------------------------------------------------- */

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t javari;
  pthread_t main;
  int streams, stops, releases, on_main_thread, inner_calls;
  bool waits, waiting;
  const char *refuses; /* Words to fail `stream` with. */
  const char *says;    /* The event to send instead of text. */
} host;

typedef struct {
  int at;
  char last[200];
} iterator;

static void host_new(host *made, uint64_t javari) {
  memset(made, 0, sizeof *made);
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->changed, NULL);
  made->javari = javari;
  made->main = pthread_self();
}

static int32_t host_stream(void *user, javari_text request, void **out, javari_text *error) {
  host *self = user;
  pthread_mutex_lock(&self->lock);
  self->streams++;
  self->on_main_thread += pthread_equal(self->main, pthread_self()) != 0;
  pthread_mutex_unlock(&self->lock);
  if (self->refuses) {
    *error = text(self->refuses);
    return JAVARI_CODE_RATE_LIMITED;
  }
  if (!memchr(request.ptr, '{', request.len)) return 1;
  /* A callback may call Javari. */
  javari_buffer reply;
  if (call(self->javari, "system.version", "null", "{}", &reply, NULL) == JAVARI_CODE_OK) {
    pthread_mutex_lock(&self->lock);
    self->inner_calls++;
    pthread_mutex_unlock(&self->lock);
  }
  javari_buffer_free(&reply);
  *out = calloc(1, sizeof(iterator));
  return 0;
}

static int32_t host_next(void *user, void *opened_iterator, javari_text *event) {
  host *self = user;
  iterator *it = opened_iterator;
  pthread_mutex_lock(&self->lock);
  self->on_main_thread += pthread_equal(self->main, pthread_self()) != 0;
  while (self->waits && it->at == 1) {
    self->waiting = true;
    pthread_cond_broadcast(&self->changed);
    pthread_cond_wait(&self->changed, &self->lock);
  }
  pthread_mutex_unlock(&self->lock);
  static const char *events[] = {
      "{\"type\": \"started\", \"provider\": \"parrot\", \"model\": \"x\"}",
      "{\"type\": \"text\", \"delta\": \"Hello\"}",
      "{\"type\": \"finished\", \"reason\": \"stop\", \"usage\": {}, \"model\": \"x\"}"};
  if (it->at == 3) return 0;
  const char *words = it->at == 1 && self->says ? self->says : events[it->at];
  it->at++;
  if (words[0] == '!') {
    *event = text(words + 1);
    return 5;
  }
  /* The iterator's own memory, overwritten by the next event. */
  snprintf(it->last, sizeof it->last, "%s", words);
  *event = text(it->last);
  return 0;
}

static void host_stop(void *user, void *opened_iterator) {
  host *self = user;
  free(opened_iterator);
  pthread_mutex_lock(&self->lock);
  self->stops++;
  pthread_cond_broadcast(&self->changed);
  pthread_mutex_unlock(&self->lock);
}

static int32_t host_models(void *user, javari_text *models) {
  (void)user;
  *models = text("[{\"id\": \"x\"}]");
  return 0;
}

static void host_release(void *user) {
  host *self = user;
  pthread_mutex_lock(&self->lock);
  self->releases++;
  pthread_cond_broadcast(&self->changed);
  pthread_mutex_unlock(&self->lock);
}

static javari_provider table(host *user) {
  javari_provider made = {sizeof made, user,        host_stream, host_next,
                          host_stop,   host_models, host_release};
  return made;
}

/* Waits for a count that another thread brings up, and then says whether it is that. */
static bool reaches(host *self, const int *count, int wanted) {
  pthread_mutex_lock(&self->lock);
  while (*count < wanted) pthread_cond_wait(&self->changed, &self->lock);
  bool is = *count == wanted;
  pthread_mutex_unlock(&self->lock);
  return is;
}

static void a_hosts_provider_answers_from_other_threads_and_is_released_once(void) {
  uint64_t javari = opened();
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  host self;
  host_new(&self, javari);
  javari_provider provider = table(&self);
  javari_buffer reply, error;
  CHECK(javari_register(javari, text("provider"), text("parrot"), &provider, &error) ==
        JAVARI_CODE_OK);
  memset(&provider, 0, sizeof provider); /* The table was copied. */
  CHECK(call(javari, "provider.complete", scope, HELLO, &reply, &error) == JAVARI_CODE_OK);
  CHECK(reply.ptr && strstr(reply.ptr, "\"text\":\"Hello\""));
  javari_buffer_free(&reply);
  CHECK(call(javari, "provider.models", scope, "{}", &reply, &error) == JAVARI_CODE_OK);
  CHECK(reply.ptr && strstr(reply.ptr, "\"parrot/x\""));
  javari_buffer_free(&reply);
  CHECK(reaches(&self, &self.stops, 1));
  CHECK(self.streams == 1 && self.inner_calls == 1 && self.on_main_thread == 0);
  CHECK(self.releases == 0);
  closed(javari);
  CHECK(reaches(&self, &self.releases, 1));
}

static void a_hosts_failure_is_told_in_its_words(void) {
  static const struct {
    const char *refuses, *says, *words;
  } faults[] = {{"the parrot sleeps", NULL, "the parrot sleeps"},
                {NULL, "!the parrot choked", "the parrot choked"},
                {NULL, "{\"type\": \"song\"}", "no chat event"},
                {NULL, "{", "not JSON"},
                {NULL, "\xff", "not UTF-8"}};
  uint64_t javari = opened();
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  host self;
  host_new(&self, javari);
  javari_provider provider = table(&self);
  CHECK(javari_register(javari, text("provider"), text("parrot"), &provider, NULL) ==
        JAVARI_CODE_OK);
  javari_buffer reply, error;
  int stops = 0;
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    self.refuses = faults[i].refuses;
    self.says = faults[i].says;
    CHECK(call(javari, "provider.complete", scope, HELLO, &reply, &error) ==
          JAVARI_CODE_HOST_FAILED);
    CHECK(is_error(&error, "HOST_FAILED", faults[i].words));
    stops += faults[i].refuses == NULL;
    CHECK(reaches(&self, &self.stops, stops));
  }
  closed(javari);
  CHECK(reaches(&self, &self.releases, 1));
}

typedef struct {
  uint64_t stream;
  javari_code code;
  bool ended;
} reader;

static void *read_all(void *argument) {
  reader *self = argument;
  javari_buffer event;
  do {
    self->code = javari_stream_next(self->stream, &event, NULL);
    self->ended = event.ptr == NULL;
    javari_buffer_free(&event);
  } while (self->code == JAVARI_CODE_OK && !self->ended);
  return NULL;
}

static void a_stream_is_cancelled_while_another_thread_waits_for_it(void) {
  uint64_t javari = opened();
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  host self;
  host_new(&self, javari);
  self.waits = true;
  javari_provider provider = table(&self);
  CHECK(javari_register(javari, text("provider"), text("parrot"), &provider, NULL) ==
        JAVARI_CODE_OK);
  reader reading = {0, JAVARI_CODE_OK, false};
  CHECK(javari_stream(javari, text("provider.chat"), text(scope), text(HELLO), NULL, 0,
                      &reading.stream, NULL) == JAVARI_CODE_OK);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, read_all, &reading) == 0);
  pthread_mutex_lock(&self.lock);
  while (!self.waiting) pthread_cond_wait(&self.changed, &self.lock);
  pthread_mutex_unlock(&self.lock);
  CHECK(javari_stream_cancel(reading.stream, NULL) == JAVARI_CODE_OK);
  pthread_join(thread, NULL);
  CHECK(reading.code == JAVARI_CODE_OK && reading.ended);
  CHECK(self.stops == 0);
  pthread_mutex_lock(&self.lock);
  self.waits = false;
  pthread_cond_broadcast(&self.changed);
  pthread_mutex_unlock(&self.lock);
  CHECK(reaches(&self, &self.stops, 1));
  CHECK(javari_stream_free(&reading.stream, NULL) == JAVARI_CODE_OK);
  closed(javari);
  CHECK(reaches(&self, &self.releases, 1));
}

static void a_table_that_does_not_fit_is_refused_and_stays_the_hosts(void) {
  uint64_t javari = opened();
  host self;
  host_new(&self, javari);
  javari_buffer error;
  javari_text kind = text("provider"), name = text("parrot");
  CHECK(javari_register(javari, kind, name, NULL, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "\"/object\""));
  javari_provider provider = table(&self);
  provider.size = 8;
  CHECK(javari_register(javari, kind, name, &provider, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/object/size"));
  provider = table(&self);
  provider.stream = NULL;
  CHECK(javari_register(javari, kind, name, &provider, &error) == JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/object/stream"));
  provider = table(&self);
  provider.next = NULL;
  CHECK(javari_register(javari, kind, name, &provider, NULL) == JAVARI_CODE_INVALID_INPUT);
  provider = table(&self);
  provider.stop = NULL;
  CHECK(javari_register(javari, kind, name, &provider, NULL) == JAVARI_CODE_INVALID_INPUT);
  provider = table(&self);
  CHECK(javari_register(javari, text("parrot"), name, &provider, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/kind"));
  CHECK(javari_register(javari, kind, text("local"), &provider, &error) ==
        JAVARI_CODE_INVALID_INPUT);
  CHECK(is_error(&error, "INVALID_INPUT", "/name"));
  closed(javari);
  CHECK(self.releases == 0);
  /* Without models and release it is a provider too. */
  javari = opened();
  char scope[80];
  user_scope(javari, scope, sizeof scope);
  provider = table(&self);
  provider.models = NULL;
  provider.release = NULL;
  javari_buffer reply;
  CHECK(javari_register(javari, kind, name, &provider, NULL) == JAVARI_CODE_OK);
  CHECK(call(javari, "provider.models", scope, "{}", &reply, NULL) == JAVARI_CODE_OK);
  CHECK(reply.ptr && !strstr(reply.ptr, "parrot"));
  javari_buffer_free(&reply);
  closed(javari);
}

typedef struct {
  uint64_t javari;
  javari_code code;
} caller;

static void *call_until_closed(void *argument) {
  caller *self = argument;
  javari_buffer reply;
  do {
    self->code = call(self->javari, JAVARI_OP_USERS_ENSURE, "null",
                      "{\"email\": \"ann@example.com\"}", &reply, NULL);
    javari_buffer_free(&reply);
  } while (self->code == JAVARI_CODE_OK);
  return NULL;
}

static void calls_in_flight_end_well_when_another_thread_closes(void) {
  enum { THREADS = 6 };
  uint64_t javari = opened();
  caller callers[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    callers[i].javari = javari;
    CHECK(pthread_create(&threads[i], NULL, call_until_closed, &callers[i]) == 0);
  }
  javari_buffer reply;
  for (int i = 0; i < 20; i++) {
    CHECK(call(javari, "system.version", "null", "{}", &reply, NULL) == JAVARI_CODE_OK);
    javari_buffer_free(&reply);
  }
  closed(javari);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    CHECK(callers[i].code == JAVARI_CODE_CLOSED);
  }
}

static void *call_on_a_small_stack(void *argument) {
  caller *self = argument;
  char scope[64];
  javari_buffer reply;
  user_scope(self->javari, scope, sizeof scope);
  const char *calls[][2] = {
      {JAVARI_OP_VAULT_PUT, "{\"name\": \"A\", \"value\": \"one\"}"},
      {JAVARI_OP_VAULT_ROTATE, "{\"name\": \"A\", \"value\": \"two\", \"grace_seconds\": 60}"},
      {JAVARI_OP_VAULT_ACCEPTED, "{\"name\": \"A\"}"},
      {JAVARI_OP_KNOWLEDGE_SEARCH, "{\"query\": \"a lock\"}"},
      {JAVARI_OP_AUDIT_VERIFY, "{}"},
  };
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    self->code = call(self->javari, calls[i][0], scope, calls[i][1], &reply, NULL);
    javari_buffer_free(&reply);
    if (self->code != JAVARI_CODE_OK) break;
  }
  return NULL;
}

/* As musl gives every thread. */
static void a_thread_with_a_small_stack_can_call(void) {
  caller self = {.javari = opened()};
  pthread_attr_t small;
  pthread_t thread;
  CHECK(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 128 * 1024) == 0);
  CHECK(pthread_create(&thread, &small, call_on_a_small_stack, &self) == 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&small);
  CHECK(self.code == JAVARI_CODE_OK);
  closed(self.javari);
}

static void run(const char *name, void (*test)(void)) {
  well = true;
  test();
  well ? passed++ : failed++;
  printf("%s %s\n", well ? "PASS" : "FAIL", name);
  fflush(stdout);
}

#define RUN(test) run(#test, test)

int main(void) {
  RUN(a_reply_is_json_with_a_nul_behind_it);
  RUN(a_place_that_is_null_is_invalid_input);
  RUN(an_environment_that_lacks_everything_is_told_at_once);
  RUN(a_text_that_is_null_or_no_utf8_or_no_json_is_invalid_input);
  RUN(blobs_are_checked_before_they_are_read);
  RUN(a_handle_is_good_until_it_is_closed_and_never_again);
  RUN(a_foreign_handle_is_closed);
  RUN(a_buffer_is_freed_once_however_often_it_is_asked);
  RUN(a_stream_ends_stays_ended_and_is_freed_once);
  RUN(a_hosts_provider_answers_from_other_threads_and_is_released_once);
  RUN(a_hosts_failure_is_told_in_its_words);
  RUN(a_stream_is_cancelled_while_another_thread_waits_for_it);
  RUN(a_table_that_does_not_fit_is_refused_and_stays_the_hosts);
  RUN(calls_in_flight_end_well_when_another_thread_closes);
  RUN(a_thread_with_a_small_stack_can_call);
  javari_shutdown();
  return failed == 0 ? 0 : 1;
}
