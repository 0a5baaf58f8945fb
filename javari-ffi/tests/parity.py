#!/usr/bin/env python3
"""Writes a C++ program that asks the installed package for everything in parity.json.

parity.py PARITY.json INCLUDE_FOLDER > parity.cpp
"""

import json
import re
import sys
from pathlib import Path

KEPT = {"delete", "new", "export", "import", "register", "default", "do", "if", "for", "try"}


def pascal(name):
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def cpp(name):
    return name + "_" if name in KEPT else name


def main():
    listed = json.loads(Path(sys.argv[1]).read_text())
    header = Path(sys.argv[2], "javari_operations.h").read_text()
    defined = re.findall(r"#define JAVARI_OP_\w+ \"(.+)\"", header)
    names = [operation["name"] for operation in listed["operations"]]
    assert sorted(defined) == sorted(names), set(defined) ^ set(names)

    print('#include <functional>\n#include <iostream>\n#include <type_traits>\n#include "javari.hpp"')
    print("using namespace javari;\n")
    print("template <class T> using In = T (std::string_view, const Blobs&) const;")
    for number, error in enumerate(listed["errors"], 1):
        print(f'static_assert(JAVARI_CODE_{error["code"]} == {number}, "{error["code"]}");')
    rooms = {}
    for operation in listed["operations"]:
        rooms.setdefault(operation["room"], []).append(operation)
    for room, operations in rooms.items():
        scopes = ["Scope"] + ["Javari"] * any(o["access"] == "host" for o in operations)
        for scope in scopes:
            print(
                f"static_assert(std::is_same_v<decltype(std::declval<{scope}>().{cpp(room)}()), "
                f"rooms::{pascal(room)}>);"
            )
        for operation in operations:
            constant = "JAVARI_OP_" + operation["name"].replace(".", "_").upper()
            reply = "Stream" if operation["streams"] else "std::string"
            print(f'static_assert(std::string_view({constant}) == "{operation["name"]}");')
            print(
                f"static_assert(std::is_same_v<decltype(&rooms::{pascal(room)}::"
                f"{cpp(operation['verb'])}), In<{reply}> rooms::{pascal(room)}::*>);"
            )

    print("\nstruct Listed { const char* name; bool streams; std::vector<std::string> fields; };")
    print("static const std::vector<Listed> LISTED = {")
    for operation in listed["operations"]:
        fields = ", ".join(f'"{field}"' for field in operation["fields"])
        streams = str(operation["streams"]).lower()
        print(f'    {{"{operation["name"]}", {streams}, {{{fields}}}}},')
    print("};")
    print(RUN)


# Every field is sent with one more that none has: only that one may be called unknown.
RUN = r"""
int main() {
  Javari javari(R"({"database": ":memory:", "environment": false})");
  const auto user = json::text(javari.users().ensure(R"({"email": "ann@example.com"})"), "/id");
  const auto project =
      json::text(javari.scope(user).projects().ensure(R"({"name": "site"})"), "/id");
  const auto scope = javari.scope(user, project);
  int failures = 0;
  for (const auto& listed : LISTED) {
    std::string unknown, request = "{\"no such field\": 1";
    for (const auto& field : listed.fields) request += ", " + json::quote(field) + ": {\"\": []}";
    request += "}";
    try {
      if (listed.streams) {
        scope.stream(listed.name, request);
      } else {
        scope.call(listed.name, request);
      }
    } catch (const Error& error) {
      for (const auto fault : json::items(error.fields())) {
        const auto path = json::text(fault, "/path");
        const bool is_outer = path.find('/', 1) == path.npos;
        if (is_outer && json::text(fault, "/message") == "is not a field of this request") {
          unknown += path + " ";
        }
      }
      if (error.code() != JAVARI_CODE_INVALID_INPUT) unknown = error.what();
    }
    const bool is = unknown == "/no such field ";
    failures += !is;
    std::cout << (is ? "PASS parity " : "FAIL parity ") << listed.name;
    if (!is) std::cout << ": unknown fields: " << unknown;
    std::cout << std::endl;
  }
  javari_shutdown();
  return failures == 0 ? 0 : 1;
}
"""

main()
