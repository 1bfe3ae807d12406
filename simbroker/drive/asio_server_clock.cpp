// Wall, scaled and manual time, and their names on the command line.
#include "simbroker/drive/asio_server_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace simbroker::drive {

namespace {

constexpr double slowest = 0.001;
constexpr double fastest = 100'000;

std::optional<double> positive_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

// The largest number of nanoseconds that both a double and an Instant hold.
constexpr double most_nanoseconds = 9.2e18;

}  // namespace

std::expected<ClockChoice, std::string> ClockChoice::parse(std::string_view text) {
    if (text == "wall") return ClockChoice{.kind = ClockKind::wall};
    if (text == "manual") return ClockChoice{.kind = ClockKind::manual};
    if (text.starts_with('x')) {
        const auto factor = positive_number(text.substr(1));
        if (factor && *factor >= slowest && *factor <= fastest) return ClockChoice{ClockKind::scaled, *factor};
    }
    return std::unexpected(fmt::format(
        "clock: expected wall, manual or x and a factor from {} to {} (x100), got \"{}\"", slowest, fastest, text
    ));
}

std::string to_string(const ClockChoice& choice) {
    switch (choice.kind) {
        case ClockKind::wall: return "wall";
        case ClockKind::manual: return "manual";
        case ClockKind::scaled: return fmt::format("x{}", choice.factor);
    }
    return {};
}

void TimeSource::begin_again() {
    start_ = Wall::now().time_since_epoch().count();
    manual_ = 0;
}

Instant TimeSource::now() const {
    if (is_manual()) return Instant(Duration(manual_.load()));
    const auto passed = std::chrono::duration_cast<Duration>(Wall::now().time_since_epoch() - Wall::duration(start_));
    if (choice_.kind == ClockKind::wall) return Instant(passed);
    const auto scaled = std::min(static_cast<double>(passed.count()) * choice_.factor, most_nanoseconds);
    return Instant(Duration(static_cast<Duration::rep>(scaled)));
}

TimeSource::Wall::time_point TimeSource::wall_of(Instant at) const {
    const auto wait = at - now();
    const auto scaled = static_cast<double>(wait.count()) / choice_.factor;
    constexpr auto longest = std::chrono::hours(1);
    if (scaled >= static_cast<double>(Duration(longest).count())) return Wall::now() + longest;
    return Wall::now() + std::max(Duration(static_cast<Duration::rep>(std::ceil(scaled))), Duration::zero());
}

}  // namespace simbroker::drive
