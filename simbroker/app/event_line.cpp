// One line an event: when, where, what.
#include "simbroker/app/event_line.hpp"

#include <fmt/format.h>

namespace simbroker::app {

namespace {

using Kind = Event::Kind;

std::string where(const Event& event) {
    std::string text;
    if (event.connection.value != 0) text += fmt::format("connection {}  ", event.connection.value);
    if (event.channel != 0) text += fmt::format("channel {}  ", event.channel);
    return text;
}

std::string kind_in_words(Kind kind) {
    std::string text(to_string(kind));
    for (auto& c : text) {
        if (c == '_') c = ' ';
    }
    return text;
}

std::string what(const Event& event) {
    if (event.kind == Kind::connection_opened) return fmt::format("opened  {}", event.subject);
    if (event.kind == Kind::connection_closed) {
        return event.detail.empty() ? "closed" : fmt::format("closed  {}", event.detail);
    }
    if (event.kind == Kind::violation) {
        return fmt::format("violation {} ({}): {}", event.subject, event.number, event.detail);
    }
    std::string text = kind_in_words(event.kind);
    if (!event.subject.empty()) text += fmt::format("  \"{}\"", event.subject);
    if (!event.detail.empty()) text += fmt::format("  {}", event.detail);
    if (event.number != 0) text += fmt::format("  {}", event.number);
    return text;
}

// What a peer chose must not break or colour the log: everything but printable ASCII and UTF-8 becomes \xNN.
std::string printable(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        out += octet < 0x20 || octet == 0x7f ? fmt::format("\\x{:02x}", octet) : std::string(1, c);
    }
    return out;
}

}  // namespace

bool is_worth_a_line(const Event& event, Loudness loudness) {
    if (loudness != Loudness::normal) return loudness == Loudness::verbose;
    return event.kind == Kind::connection_opened || event.kind == Kind::connection_closed ||
           event.kind == Kind::violation || event.kind == Kind::alarm || event.kind == Kind::tls_handshake_failed ||
           event.kind == Kind::fault_fired || event.kind == Kind::fault_refused;
}

std::string event_line(Instant at, const Event& event) {
    const auto seconds = std::chrono::duration<double>(at.time_since_epoch()).count();
    return fmt::format("{:12.6f}  {}", seconds, printable(where(event) + what(event)));
}

}  // namespace simbroker::app
