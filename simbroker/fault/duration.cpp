#include "simbroker/fault/duration.hpp"

#include <fmt/format.h>

#include <charconv>

namespace simbroker::fault {

namespace {

using std::chrono::duration_cast;

constexpr std::pair<std::string_view, Duration> units[] = {
    {"ms", std::chrono::milliseconds(1)},
    {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
    {"d", std::chrono::days(1)},
};

constexpr std::uint64_t longest_in_days = 36500;

}  // namespace

std::expected<Duration, std::string> duration_from_text(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (error == std::errc()) {
        for (const auto& [name, length] : units) {
            const auto most = std::chrono::days(longest_in_days) / length;
            if (unit == name && count <= static_cast<std::uint64_t>(most))
                return static_cast<Duration::rep>(count) * length;
        }
    }
    return std::unexpected(fmt::format("'{}' is no duration; expected one such as 150ms, 3s, 30m, 2h or 7d", text));
}

std::expected<Duration, std::string> duration_from_json(const nlohmann::json& value) {
    if (value.is_string()) return duration_from_text(value.get_ref<const std::string&>());
    return duration_from_text(value.dump());
}

std::string duration_to_text(Duration duration) {
    const auto milliseconds = duration_cast<std::chrono::milliseconds>(duration).count();
    if (milliseconds < 1000) return fmt::format("{}ms", milliseconds);
    return fmt::format("{:g}s", static_cast<double>(milliseconds) / 1000);
}

}  // namespace simbroker::fault
