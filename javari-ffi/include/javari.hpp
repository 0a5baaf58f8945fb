// Javari for C++17: owning handles, exceptions and rooms over javari.h. JSON stays text; what is
// needed to read a field of it is in javari_json.hpp. Link with libjavari (pkg-config javari).
//
//   javari::Javari javari(R"({"database": "javari.db"})");
//   auto user = javari.users().ensure(R"({"email": "ann@example.com"})");
//   auto scope = javari.scope(javari::json::text(user, "/id"));
//   scope.vault().put(R"({"name": "STRIPE", "value": "sk-1"})");

#ifndef JAVARI_HPP
#define JAVARI_HPP

#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "javari.h"
#include "javari_json.hpp"

namespace javari {

/// Why a call failed. `what()` is one line with the code, the operation and the sentence.
class Error : public std::runtime_error {
 public:
  Error(javari_code code, std::string json)
      : std::runtime_error(json::text(json, "/code") + " at " + json::text(json, "/operation") +
                           ": " + json::text(json, "/message")),
        code_(code),
        json_(std::move(json)) {}

  /// The number of the code, such as `JAVARI_CODE_NOT_FOUND`.
  javari_code code() const noexcept { return code_; }
  /// The stable code, such as `NOT_FOUND`.
  std::string name() const { return json::text(json_, "/code"); }
  /// One sentence for a person.
  std::string message() const { return json::text(json_, "/message"); }
  /// The operation that failed, `room.verb`.
  std::string operation() const { return json::text(json_, "/operation"); }
  /// The wrong fields of a request: a JSON array of `{"path", "message"}`.
  std::string_view fields() const { return json::view(json_, "/details/fields").value_or("[]"); }
  /// Names and ids that tell one failure from another: a JSON object.
  std::string_view context() const { return json::view(json_, "/details/context").value_or("{}"); }
  /// Seconds to wait before trying again; nothing when trying again cannot help.
  std::optional<double> retry_after() const { return json::number(json_, "/retry_after"); }
  /// The whole error.
  const std::string& json() const noexcept { return json_; }

 private:
  javari_code code_;
  std::string json_;
};

/// Bytes that go with a request, such as a file; they stay the caller's.
using Blobs = std::vector<javari_bytes>;

namespace detail {

inline javari_text text(std::string_view words) {
  // An empty view may hold no pointer, and NULL is no text.
  return javari_text{words.empty() ? "" : words.data(), words.size()};
}

/// A buffer that frees itself.
struct Buffer {
  javari_buffer raw{nullptr, 0};

  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { javari_buffer_free(&raw); }

  std::string string() const { return raw.ptr ? std::string(raw.ptr, raw.len) : std::string(); }
};

inline void check(javari_code code, const Buffer& error) {
  if (code != JAVARI_CODE_OK) throw Error(code, error.string());
}

}  // namespace detail

/// The events of a streaming operation, each as JSON: an input range, read once. Destroying it
/// stops the work behind it.
///
///   for (const std::string& event : scope.provider().chat(request)) ...
class Stream {
 public:
  explicit Stream(uint64_t handle) : handle_(handle) {}
  Stream(Stream&& other) noexcept : handle_(std::exchange(other.handle_, 0)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Stream() { javari_stream_free(&handle_, nullptr); }

  /// Waits for the next event; nothing at the end.
  std::optional<std::string> next() {
    detail::Buffer event, error;
    detail::check(javari_stream_next(handle_, &event.raw, &error.raw), error);
    if (!event.raw.ptr) return std::nullopt;
    return event.string();
  }

  /// Stops the work, from any thread; who waits for an event then finds the end.
  void cancel() {
    detail::Buffer error;
    detail::check(javari_stream_cancel(handle_, &error.raw), error);
  }

  /// An input iterator over the events.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string*;
    using reference = const std::string&;

    Iterator() = default;
    explicit Iterator(Stream* stream) : stream_(stream) { ++*this; }
    reference operator*() const { return *event_; }
    pointer operator->() const { return &*event_; }
    Iterator& operator++() {
      event_ = stream_->next();
      if (!event_) stream_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.stream_ == b.stream_; }
    friend bool operator!=(const Iterator& a, const Iterator& b) { return !(a == b); }

   private:
    Stream* stream_ = nullptr;
    std::optional<std::string> event_;
  };

  Iterator begin() { return Iterator(this); }
  Iterator end() { return Iterator(); }

 private:
  uint64_t handle_;
};

/// What rooms call through: a Javari's handle, not owned, and a scope. Using it after the Javari
/// was closed throws `JAVARI_CODE_CLOSED`.
class Caller {
 public:
  Caller(uint64_t handle, std::string scope) : handle_(handle), scope_(std::move(scope)) {}

  /// Runs an operation by name and returns its reply, JSON.
  std::string call(std::string_view operation, std::string_view request,
                   const Blobs& blobs = {}) const {
    detail::Buffer reply, error;
    detail::check(
        javari_call(handle_, detail::text(operation), detail::text(scope_), detail::text(request),
                    blobs.data(), blobs.size(), &reply.raw, &error.raw),
        error);
    return reply.string();
  }

  /// Begins a streaming operation by name.
  Stream stream(std::string_view operation, std::string_view request,
                const Blobs& blobs = {}) const {
    uint64_t stream = 0;
    detail::Buffer error;
    detail::check(
        javari_stream(handle_, detail::text(operation), detail::text(scope_), detail::text(request),
                      blobs.data(), blobs.size(), &stream, &error.raw),
        error);
    return Stream(stream);
  }

 protected:
  uint64_t handle_;
  std::string scope_;
};

}  // namespace javari

#include "javari_rooms.hpp"

namespace javari {

/// Whose data the calls on its rooms touch.
class Scope : public rooms::OfScope {
 public:
  using OfScope::OfScope;
};

/// The events of one answer of a host's provider.
class Events {
 public:
  virtual ~Events() = default;
  /// The next event (JSON, `{"type": "text", "delta": "..."}` and so on); nothing at the end.
  virtual std::optional<std::string> next() = 0;
};

/// A provider of the host's own. Each answer is read on a thread of its own, several at once.
/// What a method throws reaches the caller of the operation as HOST_FAILED with its words.
class Provider {
 public:
  virtual ~Provider() = default;
  /// Begins to answer a chat request (JSON, the fields of `provider.chat`).
  virtual std::unique_ptr<Events> stream(std::string request) = 0;
  /// The models on offer (JSON, `[{"id": "..."}]`).
  virtual std::string models() { return "[]"; }
};

namespace detail {

/// The functions of a `javari_provider` whose `user` is a `std::shared_ptr<Provider>`.
struct Adapter {
  struct Open {
    std::unique_ptr<Events> events;
    std::string last;
  };

  /// Runs `work` and turns what it throws into words that live as long as the thread.
  template <class Work>
  static int32_t guarded(javari_text* words, Work work) noexcept {
    thread_local std::string failure;
    try {
      work();
      return 0;
    } catch (const std::exception& fault) {
      try {
        failure = fault.what();
      } catch (...) {
        failure.clear();
      }
    } catch (...) {
      failure = "unknown exception";
    }
    *words = javari_text{failure.c_str(), failure.size()};
    return 1;
  }

  static Provider& provider(void* user) { return **static_cast<std::shared_ptr<Provider>*>(user); }

  static int32_t stream(void* user, javari_text request, void** iterator, javari_text* error) {
    return guarded(error, [&] {
      auto open = std::make_unique<Open>();
      open->events = provider(user).stream(std::string(request.ptr, request.len));
      if (!open->events) throw std::runtime_error("the provider gave no events");
      *iterator = open.release();
    });
  }

  static int32_t next(void*, void* iterator, javari_text* event) {
    return guarded(event, [&] {
      auto* open = static_cast<Open*>(iterator);
      auto next = open->events->next();
      if (!next) return;
      open->last = std::move(*next);
      *event = text(open->last);
    });
  }

  static void stop(void*, void* iterator) { delete static_cast<Open*>(iterator); }

  static int32_t models(void* user, javari_text* models) {
    thread_local std::string last;
    return guarded(models, [&] {
      last = provider(user).models();
      *models = text(last);
    });
  }

  static void release(void* user) { delete static_cast<std::shared_ptr<Provider>*>(user); }
};

}  // namespace detail

/// One opened Javari, closed when destroyed. Its rooms need no user; those of a scope do.
class Javari : public rooms::OfHost {
 public:
  /// Opens as the settings, a JSON object such as `{"database": "javari.db"}`, say.
  explicit Javari(std::string_view settings) : OfHost(opened(settings), "null") {}
  /// Opens as the seed's eleven environment variables say; the database is `JAVARI_DATABASE`, or
  /// `javari.db`. The `fields()` of a `JAVARI_CODE_CONFIGURATION` name every variable at fault.
  static Javari from_env() {
    Handle handle;
    detail::Buffer error;
    detail::check(javari_open_from_env(&handle.value, &error.raw), error);
    return Javari(handle);
  }
  /// The id of the root key that the database of these settings was sealed with, empty where it is new:
  /// for a host that keeps its keys by their ids and then opens with `root_key`.
  static std::string needed_key(std::string_view settings) {
    detail::Buffer id, error;
    detail::check(javari_needed_key(detail::text(settings), &id.raw, &error.raw), error);
    return id.string();
  }
  Javari(Javari&& other) noexcept : OfHost(std::move(other)) { other.handle_ = 0; }
  Javari& operator=(Javari&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Javari(const Javari&) = delete;
  Javari& operator=(const Javari&) = delete;
  ~Javari() { javari_close(&handle_, nullptr); }

  /// Closes the database; later calls throw `JAVARI_CODE_CLOSED`. Closing twice is no fault.
  void close() {
    detail::Buffer error;
    detail::check(javari_close(&handle_, &error.raw), error);
  }

  /// The scope of a user, and optionally of one project and subproject: their ids. `member` is who acts
  /// in a project of `user`, where it is not `user`.
  Scope scope(std::string_view user, std::string_view project = {},
              std::string_view subproject = {}, std::string_view member = {}) const {
    std::string scope = "{\"user\":" + json::quote(user);
    if (!project.empty()) scope += ",\"project\":" + json::quote(project);
    if (!subproject.empty()) scope += ",\"subproject\":" + json::quote(subproject);
    if (!member.empty()) scope += ",\"member\":" + json::quote(member);
    return Scope(handle_, scope + "}");
  }

  /// The scope that JSON names: `null` or an object of ids.
  Scope scope_of(std::string json) const { return Scope(handle_, std::move(json)); }

  /// Registers the host's own provider: a request with the model `name/anything` is answered by
  /// it from then on.
  void register_provider(std::string_view name, std::shared_ptr<Provider> provider) {
    if (!provider) throw std::invalid_argument("there is no provider");
    using detail::Adapter;
    auto user = std::make_unique<std::shared_ptr<Provider>>(std::move(provider));
    javari_provider table{sizeof(javari_provider), user.get(),      Adapter::stream, Adapter::next,
                          Adapter::stop,           Adapter::models, Adapter::release};
    detail::Buffer error;
    detail::check(
        javari_register(handle_, detail::text("provider"), detail::text(name), &table, &error.raw),
        error);
    user.release();
  }

 private:
  struct Handle {
    uint64_t value = 0;
  };
  explicit Javari(Handle handle) : OfHost(handle.value, "null") {}

  static uint64_t opened(std::string_view settings) {
    uint64_t handle = 0;
    detail::Buffer error;
    detail::check(javari_open(detail::text(settings), &handle, &error.raw), error);
    return handle;
  }
};

}  // namespace javari

#endif
