/* What needs a build or a process of its own: a panic on purpose, and a fork. */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "javari.h"

/* In libraries built with the feature `panic-test` alone. */
javari_code javari_test_panic(javari_buffer *error);

static javari_text text(const char *words) {
  javari_text made = {words, strlen(words)};
  return made;
}

static int version(uint64_t javari) {
  javari_buffer reply;
  javari_code code = javari_call(javari, text("system.version"), text("null"), text("{}"), NULL, 0,
                                 &reply, NULL);
  javari_buffer_free(&reply);
  return code;
}

int main(void) {
  javari_buffer error;
  int well = javari_test_panic(&error) == JAVARI_CODE_UNEXPECTED && error.ptr &&
             strstr(error.ptr, "\"UNEXPECTED\"") && !strstr(error.ptr, "canary");
  javari_buffer_free(&error);
  well = well && javari_test_panic(NULL) == JAVARI_CODE_UNEXPECTED;
  printf("%s a_panic_is_an_error_without_its_words\n", well ? "PASS" : "FAIL");

  uint64_t javari = 0;
  javari_text settings = text("{\"database\": \":memory:\", \"environment\": false}");
  javari_open(settings, &javari, NULL);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    uint64_t own = 0;
    int is = version(javari) == JAVARI_CODE_CLOSED &&
             javari_open(settings, &own, NULL) == JAVARI_CODE_OK && version(own) == JAVARI_CODE_OK;
    _exit(is ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  int forked = WIFEXITED(status) && WEXITSTATUS(status) == 0 && version(javari) == JAVARI_CODE_OK;
  printf("%s a_forked_child_is_told_closed_and_opens_its_own\n", forked ? "PASS" : "FAIL");
  javari_close(&javari, NULL);
  javari_shutdown();
  return well && forked ? 0 : 1;
}
