// Runs the stories named on the command line over javari.hpp, and tests what is C++ about it.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include "javari.hpp"

namespace json = javari::json;

static const char* SETTINGS = R"({"database": ":memory:", "environment": false})";

static void require(bool condition, const std::string& words) {
  if (!condition) throw std::runtime_error(words);
}

/// Whether two JSON values say the same, however they are written.
static bool same(std::string_view a, std::string_view b) {
  if (a.front() == '"' && b.front() == '"') return json::unquote(a) == json::unquote(b);
  if (a.front() == '[' && b.front() == '[') {
    const auto left = json::items(a), right = json::items(b);
    for (size_t i = 0; i < left.size() && i < right.size(); ++i) {
      if (!same(left[i], right[i])) return false;
    }
    return left.size() == right.size();
  }
  if (a.front() == '{' && b.front() == '{') {
    const auto left = json::members(a), right = json::members(b);
    for (const auto& [name, value] : left) {
      bool found = false;
      for (const auto& [other, theirs] : right) found |= name == other && same(value, theirs);
      if (!found) return false;
    }
    return left.size() == right.size();
  }
  const auto left = json::number(a, ""), right = json::number(b, "");
  return left && right ? *left == *right : a == b;
}

/// One story on its own Javari. A saved value stands as `"$name"` from then on.
class Story {
 public:
  void step(std::string_view step) {
    const std::string scope = filled(step, "/scope", "null");
    const std::string request = filled(step, "/request", "{}");
    const std::string error = json::text(step, "/error");
    std::string reply;
    try {
      if (json::view(step, "/stream")) {
        reply = stream(step, scope, request);
      } else {
        reply = javari_.scope_of(scope).call(json::text(step, "/call"), request);
      }
    } catch (const javari::Error& fault) {
      require(!error.empty(), std::string("unexpected ") + fault.what());
      require(fault.name() == error, "not " + error + " but " + fault.what());
      const auto fields = json::view(step, "/fields");
      if (!fields) return;
      std::string paths;
      for (const auto fault_of_field : json::items(fault.fields())) {
        paths += (paths.empty() ? "" : ",") + *json::raw(fault_of_field, "/path");
      }
      require(same("[" + paths + "]", *fields), "the fields are " + paths);
      return;
    }
    require(error.empty(), "no " + error + " but " + reply);
    expect(step, "/expect", reply);
    expect(step, "/expect_last", reply);
    if (const auto saves = json::view(step, "/save")) {
      for (const auto& [name, pointer] : json::members(*saves)) {
        const auto value = json::raw(reply, json::unquote(pointer));
        require(value.has_value(), "nothing to save as " + name + " in " + reply);
        saved_["\"$" + name + "\""] = *value;
      }
    }
  }

 private:
  /// Reads a stream, checks the types of its events and returns the last one.
  std::string stream(std::string_view step, const std::string& scope, const std::string& request) {
    javari::Stream stream = javari_.scope_of(scope).stream(json::text(step, "/stream"), request);
    std::string last = "{}", types, before;
    for (const std::string& event : stream) {
      last = event;
      const std::string type = json::text(event, "/type");
      if (type != before) types += (types.empty() ? "" : ",") + json::quote(type);
      before = type;
    }
    const auto wanted = json::view(step, "/expect_events");
    require(!wanted || same("[" + types + "]", *wanted), "the events are " + types);
    return last;
  }

  void expect(std::string_view step, std::string_view place, const std::string& reply) const {
    const std::string expected = filled(step, place, "{}");
    for (const auto& [pointer, value] : json::members(expected)) {
      const auto found = json::raw(reply, pointer).value_or("null");
      require(same(found, value), pointer + " is " + found + " and not " + std::string(value));
    }
  }

  std::string filled(std::string_view step, std::string_view place, const char* otherwise) const {
    std::string text = json::raw(step, place).value_or(otherwise);
    for (const auto& [name, value] : saved_) {
      for (size_t at = 0; (at = text.find(name, at)) != text.npos; at += value.size()) {
        text.replace(at, name.size(), value);
      }
    }
    return text;
  }

  javari::Javari javari_{SETTINGS};
  std::map<std::string, std::string> saved_;
};

static void tell(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const auto steps = json::view(document, "/steps");
  require(steps.has_value(), "this is no story");
  Story story;
  size_t number = 0;
  for (const auto step : json::items(*steps)) {
    ++number;
    try {
      story.step(step);
    } catch (const std::exception& fault) {
      throw std::runtime_error("step " + std::to_string(number) + ", " + std::string(step) + ": " +
                               fault.what());
    }
  }
  require(number > 0, "the story has no steps");
}

static javari::Scope user_scope(const javari::Javari& javari) {
  const auto user = javari.users().ensure(R"({"email": "ann@example.com"})");
  return javari.scope(json::text(user, "/id"));
}

static void rooms_take_and_return_json() {
  javari::Javari javari(SETTINGS);
  const auto scope = user_scope(javari);
  scope.vault().put(R"({"name": "STRIPE", "value": "sk-1"})");
  require(json::text(scope.vault().reveal(R"({"name": "STRIPE"})"), "/value") == "sk-1", "value");
  require(json::raw(scope.audit().verify(), "/verified") == "true", "verify");
  const auto project = scope.projects().ensure(R"({"name": "site"})");
  const auto inner = javari.scope(json::text(scope.users().get(), "/id"), json::text(project, "/id"));
  require(json::text(inner.vault().reveal(R"({"name": "STRIPE"})"), "/value") == "sk-1", "inherit");
}

static void an_error_says_what_where_and_which_fields() {
  javari::Javari javari(SETTINGS);
  try {
    user_scope(javari).vault().put(R"({"name": "9 bad", "value": 5})");
    require(false, "no error");
  } catch (const javari::Error& error) {
    require(error.code() == JAVARI_CODE_INVALID_INPUT && error.name() == "INVALID_INPUT", "code");
    require(error.operation() == "vault.put" && !error.message().empty(), "operation");
    require(json::items(error.fields()).size() == 2, error.json());
    require(!error.retry_after() && error.context() == "{}", error.json());
    require(std::string(error.what()).find("INVALID_INPUT at vault.put: ") == 0, error.what());
  }
}

static void a_javari_moves_closes_twice_and_then_says_closed() {
  javari::Javari first(SETTINGS);
  auto scope = user_scope(first);
  javari::Javari second(std::move(first));
  require(json::items(*json::view(scope.vault().list(), "/items")).empty(), "list");
  second.close();
  second.close();
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { scope.vault().list(); }, [&] { second.system().version(); },
           [&] { first.system().version(); }}) {
    try {
      call();
      require(false, "no error");
    } catch (const javari::Error& error) {
      require(error.code() == JAVARI_CODE_CLOSED, error.what());
    }
  }
}

/// Repeats the last message word by word, or throws.
class Parrot : public javari::Provider {
 public:
  explicit Parrot(int* alive) : alive_(alive) { ++*alive_; }
  ~Parrot() override { --*alive_; }

  std::unique_ptr<javari::Events> stream(std::string request) override {
    const auto said = json::text(request, "/messages/0/content");
    if (said == "sleep") throw std::runtime_error("the parrot sleeps");
    return std::make_unique<Answer>(said);
  }

  std::string models() override { return R"([{"id": "green"}])"; }

 private:
  struct Answer : javari::Events {
    explicit Answer(std::string words) : said(std::move(words)) {}
    std::optional<std::string> next() override {
      switch (at++) {
        case 0: return R"({"type": "started", "provider": "parrot", "model": "green"})";
        case 1: return R"({"type": "text", "delta": )" + json::quote(said) + "}";
        case 2:
          if (said == "choke") throw std::runtime_error("the parrot choked");
          return R"({"type": "finished", "reason": "stop", "usage": {}, "model": "green"})";
        default: return std::nullopt;
      }
    }
    std::string said;
    int at = 0;
  };

  int* alive_;
};

static std::string chat(const std::string& words) {
  return R"({"model": "parrot/green", "messages": [{"role": "user", "content": )" +
         json::quote(words) + "}]}";
}

static void the_environment_opens_one_or_is_told_what_it_lacks() {
  const std::pair<const char*, const char*> variables[] = {
      {"NEXT_PUBLIC_SUPABASE_URL", "https://example.supabase.co"},
      {"NEXT_PUBLIC_SUPABASE_ANON_KEY", "anon-canary"},
      {"SUPABASE_SERVICE_ROLE_KEY", "service-canary"},
      {"OPENAI_API_KEY", "sk-canary"},
      {"CREDENTIAL_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
      {"VERCEL_TOKEN", "vercel-canary"},
      {"VERCEL_TEAM_ID", "team_example"},
      {"GITHUB_TOKEN", "github-canary"},
      {"JAVARI_DATABASE", ":memory:"}};
  for (const auto& [name, value] : variables) setenv(name, value, 1);
  javari::Javari opened = javari::Javari::from_env();
  require(!json::text(opened.users().ensure(R"({"email": "ann@example.com"})"), "/id").empty(),
          "a user");
  setenv("CREDENTIAL_ENCRYPTION_KEY", "canary", 1);
  unsetenv("GITHUB_TOKEN");
  try {
    javari::Javari::from_env();
    require(false, "opened");
  } catch (const javari::Error& error) {
    require(error.code() == JAVARI_CODE_CONFIGURATION, "code");
    std::string named;
    for (const auto fault : json::items(error.fields())) named += json::text(fault, "/path") + " ";
    require(named == "GITHUB_TOKEN CREDENTIAL_ENCRYPTION_KEY ", named);
    require(error.json().find("canary") == std::string::npos, "a value");
  }
  for (const auto& [name, value] : variables) unsetenv(name);
}

static void a_host_is_told_which_root_key_the_database_needs() {
  const auto folder = std::filesystem::temp_directory_path() / ("javari-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto path = (folder / "a.db").string();
  const auto settings = R"({"environment": false, "database": )" + json::quote(path);
  require(javari::Javari::needed_key(settings + "}").empty(), "there is none");
  require(!std::filesystem::exists(path), "nothing is made");
  const std::string key(64, '7');
  javari::Javari(settings + R"(, "root_key": ")" + key + "\"}").close();
  require(javari::Javari::needed_key(settings + "}").size() == 32, "the id of the key");
  std::filesystem::remove_all(folder);
}

static void a_provider_of_the_hosts_streams_and_throws() {
  int alive = 0;
  {
    javari::Javari javari(SETTINGS);
    const auto scope = user_scope(javari);
    javari.register_provider("parrot", std::make_shared<Parrot>(&alive));
    const std::string words = "Straße \"漢字\" 😀\n";
    const auto reply = scope.provider().complete(chat(words));
    require(json::text(reply, "/text") == words, reply);
    for (const auto& [said, fault] : {std::pair{"sleep", "the parrot sleeps"},
                                      std::pair{"choke", "the parrot choked"}}) {
      try {
        scope.provider().complete(chat(said));
        require(false, "no error");
      } catch (const javari::Error& error) {
        require(error.code() == JAVARI_CODE_HOST_FAILED && error.message() == fault, error.what());
      }
    }
    for (const std::string& event : scope.provider().chat(chat("cut"))) {
      require(json::text(event, "/type") == "started", event);
      break;  // The rest is not read: the stream stops its work when it goes.
    }
    try {
      javari.register_provider("parrot", std::make_shared<Parrot>(&alive));
      require(false, "no error");
    } catch (const javari::Error& error) {
      require(error.code() == JAVARI_CODE_INVALID_INPUT && alive == 1, error.what());
    }
  }
  javari_shutdown();
}

static void helpers_read_and_write_json() {
  const char* document = R"( {"a/b": [1, {"~": "\u00e9\ud83d\ude00\n\""}], "n": -1.5e1, "x": null} )";
  require(json::text(document, "/a~1b/1/~0") == "é😀\n\"", "pointer");
  require(json::number(document, "/n") == -15.0 && json::raw(document, "/x") == "null", "number");
  require(!json::raw(document, "/a~1b/2") && !json::raw(document, "/n/0"), "absent");
  for (const std::string& words : {std::string(), std::string("\"\\\n\x01 é"), std::string("\0", 1)}) {
    require(json::unquote(json::quote(words)) == words, "quote");
  }
  for (const char* broken : {"", "{", "[1", "\"", "\"\\u12", "{\"a\" 1}", "[1,]"}) {
    try {
      json::view(broken, "/a");
      require(false, std::string("read ") + broken);
    } catch (const std::invalid_argument&) {
    }
  }
}

static int failures = 0;

static void run(const std::string& name, const std::function<void()>& test) {
  try {
    test();
    std::cout << "PASS " << name << std::endl;
  } catch (const std::exception& fault) {
    ++failures;
    std::cout << "FAIL " << name << ": " << fault.what() << std::endl;
  }
}

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string path = arguments[i];
    run("story " + path.substr(path.rfind('/') + 1), [&] { tell(path); });
  }
  run("rooms_take_and_return_json", rooms_take_and_return_json);
  run("an_error_says_what_where_and_which_fields", an_error_says_what_where_and_which_fields);
  run("a_javari_moves_closes_twice_and_then_says_closed",
      a_javari_moves_closes_twice_and_then_says_closed);
  run("a_provider_of_the_hosts_streams_and_throws", a_provider_of_the_hosts_streams_and_throws);
  run("the_environment_opens_one_or_is_told_what_it_lacks",
      the_environment_opens_one_or_is_told_what_it_lacks);
  run("a_host_is_told_which_root_key_the_database_needs",
      a_host_is_told_which_root_key_the_database_needs);
  run("helpers_read_and_write_json", helpers_read_and_write_json);
  javari_shutdown();
  return failures == 0 ? 0 : 1;
}
