// Small helpers to read a field of JSON text and to write a string of it: no document tree, no
// checks beyond what reading needs. A program with a JSON library of its own needs none of this.

#ifndef JAVARI_JSON_HPP
#define JAVARI_JSON_HPP

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace javari {
namespace json {

namespace detail {

/// Walks over JSON text. Throws `std::invalid_argument` where it is none.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' ||
                                  text_[at_] == '\t')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) throw std::invalid_argument("not JSON");
  }

  bool at_end() { return peek() == '\0' && at_ == text_.size(); }

  /// Skips one value and returns its text.
  std::string_view value(int depth = 0) {
    if (depth > 128) throw std::invalid_argument("JSON is nested too deeply");
    const char first = peek();
    const size_t start = at_;
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      const char last = first == '{' ? '}' : ']';
      ++at_;
      if (!take(last)) {
        do {
          if (first == '{') {
            peek();
            string();
            expect(':');
          }
          value(depth + 1);
        } while (take(','));
        expect(last);
      }
    } else {
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      if (at_ == start) throw std::invalid_argument("not JSON");
    }
    return text_.substr(start, at_ - start);
  }

  /// Reads a string and undoes its escapes.
  std::string string() {
    expect('"');
    std::string out;
    while (true) {
      const char c = next();
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escaped = next();
      switch (escaped) {
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'r': out += '\r'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'u': unicode(out); break;
        default: out += escaped;
      }
    }
  }

 private:
  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '+' || c == '-' ||
           c == '.';
  }

  char next() {
    if (at_ >= text_.size()) throw std::invalid_argument("JSON ends too early");
    return text_[at_++];
  }

  uint32_t hex4() {
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = next();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) throw std::invalid_argument("not JSON");
      unit = unit * 16 + static_cast<uint32_t>(digit);
    }
    return unit;
  }

  void unicode(std::string& out) {
    uint32_t point = hex4();
    if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const uint32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) throw std::invalid_argument("not JSON");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto put = [&](uint32_t byte) { out += static_cast<char>(static_cast<uint8_t>(byte)); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0 | point >> 6), put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      put(0xE0 | point >> 12), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
    } else {
      put(0xF0 | point >> 18), put(0x80 | (point >> 12 & 0x3F));
      put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace detail

/// The text of a JSON string.
inline std::string unquote(std::string_view value) { return detail::Reader(value).string(); }

/// Words as a JSON string.
inline std::string quote(std::string_view words) {
  static const char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : words) {
    if (c == '"' || c == '\\') {
      out += '\\', out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00", out += digits[c >> 4 & 15], out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// The members of an object, in order; the values are views into `object`, which must outlive them.
inline std::vector<std::pair<std::string, std::string_view>> members(std::string_view object) {
  std::vector<std::pair<std::string, std::string_view>> out;
  detail::Reader reader(object);
  reader.expect('{');
  if (reader.take('}')) return out;
  do {
    reader.peek();
    std::string name = reader.string();
    reader.expect(':');
    out.emplace_back(std::move(name), reader.value());
  } while (reader.take(','));
  reader.expect('}');
  return out;
}

/// The items of an array; views into `array`, which must outlive them.
inline std::vector<std::string_view> items(std::string_view array) {
  std::vector<std::string_view> out;
  detail::Reader reader(array);
  reader.expect('[');
  if (reader.take(']')) return out;
  do {
    out.push_back(reader.value());
  } while (reader.take(','));
  reader.expect(']');
  return out;
}

/// The value at a JSON Pointer (RFC 6901) as it is written, or nothing; a view into `document`,
/// which must outlive it.
inline std::optional<std::string_view> view(std::string_view document, std::string_view pointer) {
  std::string_view at = detail::Reader(document).value();
  while (!pointer.empty()) {
    const size_t end = pointer.find('/', 1);
    std::string name;
    const std::string_view part = pointer.substr(1, end == pointer.npos ? end : end - 1);
    for (size_t i = 0; i < part.size(); ++i) {
      const bool escaped = part[i] == '~' && i + 1 < part.size();
      name += !escaped ? part[i] : part[++i] == '1' ? '/' : '~';
    }
    pointer = end == pointer.npos ? std::string_view() : pointer.substr(end);
    std::optional<std::string_view> found;
    if (at.front() == '{') {
      for (const auto& [key, value] : members(at)) {
        if (key == name) found = value;
      }
    } else if (at.front() == '[' && !name.empty() &&
               name.find_first_not_of("0123456789") == name.npos && name.size() < 10) {
      const auto all = items(at);
      const size_t index = std::strtoul(name.c_str(), nullptr, 10);
      if (index < all.size()) found = all[index];
    }
    if (!found) return std::nullopt;
    at = *found;
  }
  return at;
}

/// The value at a JSON Pointer as it is written, or nothing.
inline std::optional<std::string> raw(std::string_view document, std::string_view pointer) {
  const auto found = view(document, pointer);
  return found ? std::optional<std::string>(*found) : std::nullopt;
}

/// The string at a JSON Pointer, empty where there is none.
inline std::string text(std::string_view document, std::string_view pointer) {
  if (document.empty()) return {};
  const auto found = view(document, pointer);
  return found && found->front() == '"' ? unquote(*found) : std::string();
}

/// The number at a JSON Pointer, or nothing.
inline std::optional<double> number(std::string_view document, std::string_view pointer) {
  if (document.empty()) return std::nullopt;
  const auto found = view(document, pointer);
  if (!found || (found->front() != '-' && (found->front() < '0' || found->front() > '9'))) {
    return std::nullopt;
  }
  return std::strtod(std::string(*found).c_str(), nullptr);
}

}  // namespace json
}  // namespace javari

#endif
