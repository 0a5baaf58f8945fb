// Asks your own documents: opens one file, reads a folder, answers with citations.

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include <javari.hpp>

namespace json = javari::json;

#ifndef JAVARI_DOCS
#define JAVARI_DOCS "docs"
#endif

static int quickstart(const std::string& folder, const std::string& question, bool as_json) {
  const auto started = std::chrono::steady_clock::now();
  javari::Javari javari(R"({"database": "javari.db"})");
  const std::string version = javari.system().version();
  for (const auto notice : json::items(json::view(version, "/notices").value_or("[]")))
    std::cout << "note: " << json::unquote(notice) << "\n";

  const std::string user = json::text(javari.users().ensure(R"({"email":"you@example.com"})"), "/id");
  const std::string name = json::quote("quickstart " + folder);
  const std::string project =
      json::text(javari.scope(user).projects().ensure("{\"name\":" + name + "}"), "/id");
  const javari::Scope scope = javari.scope(user, project);

  try {
    scope.vault().get(R"({"name":"EXAMPLE_TOKEN"})");
  } catch (const javari::Error& error) {
    if (error.code() != JAVARI_CODE_NOT_FOUND) throw;
    scope.vault().put(R"({"name":"EXAMPLE_TOKEN","value":"not-a-real-token"})");
  }

  std::string total = "0", chunks_added = "0";
  int done = 0;
  javari::Stream ingested = scope.knowledge().ingest("{\"folder\":" + json::quote(folder) + "}");
  while (const auto event = ingested.next()) {
    const std::string type = json::text(*event, "/type");
    if (type == "found") {
      total = json::view(*event, "/documents").value_or("0");
    } else if (type == "failed") {
      std::cout << "not read: " << json::text(*event, "/path") << " ("
                << json::text(*event, "/reason") << ")\n";
    } else if (type == "finished") {
      chunks_added = json::view(*event, "/report/chunks").value_or("0");
      std::cout << json::view(*event, "/report/found").value_or("0") << " of " << total
                << " documents read, " << chunks_added << " chunks added\n";
    } else {
      std::cout << "\r" << ++done << "/" << total << " " << std::flush;
    }
  }

  std::cout << "\n" << question << "\n\n";
  std::string reply;
  javari::Stream answer = scope.knowledge().answer("{\"question\":" + json::quote(question) + "}");
  while (const auto event = answer.next()) {
    const std::string type = json::text(*event, "/type");
    if (type == "text") std::cout << json::text(*event, "/delta") << std::flush;
    if (type == "finished") reply = std::string(json::view(*event, "/reply").value_or("{}"));
  }
  std::cout << "\n";

  std::string citations;
  for (const auto found : json::items(json::view(reply, "/citations").value_or("[]"))) {
    const auto part = [&](const char* pointer) { return std::string(json::view(found, pointer).value_or("null")); };
    std::cout << "[" << part("/number") << "] " << json::text(found, "/path") << ":" << part("/start")
              << "-" << part("/end") << "\n";
    citations += (citations.empty() ? "{\"path\":" : ",{\"path\":") + part("/path") + ",\"start\":" +
                 part("/start") + ",\"end\":" + part("/end") + ",\"score\":" + part("/score") + "}";
  }

  const std::string stats = scope.knowledge().stats();
  const std::string verified(json::view(scope.audit().verify(), "/verified").value_or("false"));
  const std::string provider(json::view(reply, "/provider").value_or("null"));
  std::string cost(json::view(reply, "/cost").value_or("null"));
  if (cost == "null") cost = "\"0\"";
  std::cout << "\nprovider " << (provider == "null" ? "none" : json::unquote(provider)) << ", cost "
            << json::unquote(cost) << " USD, audit verified: " << verified << "\n";
  if (as_json) {
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    std::cout << "{\"answer\":" << json::view(reply, "/answer").value_or("null")
              << ",\"provider\":" << provider << ",\"citations\":[" << citations
              << "],\"documents\":" << json::view(stats, "/documents").value_or("0")
              << ",\"chunks_added\":" << chunks_added
              << ",\"chunks_total\":" << json::view(stats, "/chunks").value_or("0")
              << ",\"cost_usd\":" << cost << ",\"audit_verified\":" << verified
              << ",\"elapsed_ms\":" << elapsed.count() << "}\n";
  }
  return 0;
}

int main(int count, char** arguments) {
  std::vector<std::string> words;
  bool as_json = false;
  for (int index = 1; index < count; ++index) {
    const std::string word = arguments[index];
    if (word == "--json") as_json = true;
    else words.push_back(word);
  }
  try {
    return quickstart(words.empty() ? JAVARI_DOCS : words[0],
                      words.size() > 1 ? words[1] : "How is a credential sealed in the vault?", as_json);
  } catch (const javari::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
