/* Microseconds of a call with an empty body. */
#define _POSIX_C_SOURCE 200809L
#include <javari.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 20000, ROUNDS = 15 };

static javari_text text(const char *characters) {
  return (javari_text){characters, strlen(characters)};
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int ascending(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

int main(void) {
  uint64_t javari = 0;
  javari_buffer reply, error;
  double rounds[ROUNDS];
  if (javari_open(text("{\"database\": \":memory:\"}"), &javari, &error)) return 1;
  for (int round = 0; round < ROUNDS; round++) {
    double started = now();
    for (int call = 0; call < CALLS; call++) {
      if (javari_call(javari, text(JAVARI_OP_SYSTEM_VERSION), text("null"), text("{}"), NULL, 0,
                      &reply, &error))
        return 1;
      javari_buffer_free(&reply);
    }
    rounds[round] = (now() - started) / CALLS;
  }
  qsort(rounds, ROUNDS, sizeof *rounds, ascending);
  printf("C %.2f\n", rounds[ROUNDS / 2]);
  javari_close(&javari, NULL);
  javari_shutdown();
}
