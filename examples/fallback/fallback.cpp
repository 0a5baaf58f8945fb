// Asks one model service and, when it cannot answer, another one; says why, and what it cost.
//
// `fallback "Why is the sky blue?"`, with `OPENAI_API_KEY` and `ANTHROPIC_API_KEY` set, or with the
// settings of a JSON file: `--settings providers.json`.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <javari.hpp>

namespace json = javari::json;

static std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

static void ask(const std::string& settings, const std::string& question) {
  javari::Javari javari(settings);
  const std::string user = json::text(javari.users().ensure(R"({"email":"you@example.com"})"), "/id");
  const javari::Scope scope = javari.scope(user);
  const std::string request =
      R"({"messages":[{"role":"user","content":)" + json::quote(question) + "}]}";
  std::cout << json::text(scope.route().explain(request), "/sentence") << "\n\n";

  javari::Stream answer = scope.provider().chat(request);
  while (const auto event = answer.next()) {
    const std::string type = json::text(*event, "/type");
    if (type == "text") {
      std::cout << json::text(*event, "/delta") << std::flush;
    } else if (type == "warning") {
      std::cout << "note: " << json::text(*event, "/message") << "\n";
    } else if (type == "finished") {
      std::cout << "\n";
      for (const auto failed : json::items(json::view(*event, "/failed_attempts").value_or("[]")))
        std::cout << json::text(failed, "/target") << " did not answer: "
                  << json::text(failed, "/message") << " (" << json::text(failed, "/code") << ")\n";
      const bool known = json::view(*event, "/cost").has_value();
      std::cout << json::text(*event, "/model") << " answered, cost "
                << (known ? json::text(*event, "/cost") + " USD" : "unknown") << "\n";
    }
  }
}

int main(int count, char** given) {
  std::vector<std::string> words(given + 1, given + count);
  std::string settings = R"({"database": ":memory:"})";
  if (words.size() > 1 && words[0] == "--settings") {
    settings = read(words[1]);
    words.erase(words.begin(), words.begin() + 2);
  }
  try {
    ask(settings, words.empty() ? "Why is the sky blue?" : words[0]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
