// The C++ of the project's README, without this line.

#include <iostream>
#include <javari.hpp>

namespace json = javari::json;

int main() {
  javari::Javari javari(R"({"database": "javari.db"})");
  const auto user = json::text(javari.users().ensure(R"({"email": "you@example.com"})"), "/id");
  const auto project = javari.scope(user).projects().ensure(R"({"name": "quickstart"})");
  const auto scope = javari.scope(user, json::text(project, "/id"));

  auto ingest = scope.knowledge().ingest(R"({"folder": "docs"})");
  while (ingest.next()) {}

  auto answer = scope.knowledge().answer(R"({"question": "How is a credential sealed?"})");
  while (const auto event = answer.next())
    if (json::text(*event, "/type") == "text") std::cout << json::text(*event, "/delta");
}
