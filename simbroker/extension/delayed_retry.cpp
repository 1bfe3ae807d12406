#include "simbroker/extension/delayed_retry.hpp"

#include <algorithm>
#include <array>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::DelayedRetry;
using std::chrono::milliseconds;

namespace {

constexpr std::array kinds{
    std::pair{std::string_view("disabled"), DelayedRetry::none},
    std::pair{std::string_view("all"), DelayedRetry::all},
    std::pair{std::string_view("failed"), DelayedRetry::failed},
    std::pair{std::string_view("returned"), DelayedRetry::returned},
};

auto find_kind(std::string_view name) {
    return std::ranges::find(kinds, name, [](const auto& row) { return row.first; });
}

// The versions that do not know the arguments do not check them either.
std::optional<milliseconds> as_pause(const FieldValue& value) {
    const auto number = value.as_integer();
    if (!number || *number < 0) return std::nullopt;
    return milliseconds(std::min(*number, milliseconds_max));
}

bool is_delayed(DelayedRetry kind, bool failed) {
    switch (kind) {
        case DelayedRetry::none: return false;
        case DelayedRetry::all: return true;
        case DelayedRetry::failed: return failed;
        case DelayedRetry::returned: return !failed;
    }
    return false;
}

}  // namespace

const QueueArgument x_delayed_retry_type{
    .name = "x-delayed-retry-type",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        if (find_kind(text_of(value)) != kinds.end()) return std::nullopt;
        return "invalid_delayed_retry_type";
    },
    .apply =
        [](const FieldValue& value, model::QueueSettings& settings) {
            const auto* text = value.as<LongString>();
            const auto found = text ? find_kind(text->text) : kinds.end();
            settings.delayed_retry = found == kinds.end() ? DelayedRetry::none : found->second;
        },
    .policy = set_by_policy("delayed retry type"),
};

const QueueArgument x_delayed_retry_min{
    .name = "x-delayed-retry-min",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_milliseconds(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings) { settings.retry_min = as_pause(value); },
    .policy = set_by_policy("minimum delay of a retry"),
};

const QueueArgument x_delayed_retry_max{
    .name = "x-delayed-retry-max",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_milliseconds(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings) { settings.retry_max = as_pause(value); },
    .policy = set_by_policy("maximum delay of a retry"),
};

std::optional<Duration> retry_delay(
    const model::Queue& queue, const model::QueuedMessage& message, Return how, const profile::Profile& profile
) {
    const auto& settings = queue.settings();
    if (settings.delayed_retry == DelayedRetry::none || !settings.retry_min) return std::nullopt;
    const auto known = familiarity(profile.queue_arguments, x_delayed_retry_type.name, queue.attributes().type);
    if (known != Familiarity::known) return std::nullopt;
    if (!is_delayed(settings.delayed_retry, is_failure(how, profile.quorum))) return std::nullopt;
    // What was returned and never failed waits as if it had failed once.
    const auto most = settings.retry_max.value_or(*settings.retry_min);
    const auto times = std::clamp<std::int64_t>(message.delivery_count, 1, std::max<std::int64_t>(most.count(), 1));
    const auto pause = *settings.retry_min > most / times ? most : *settings.retry_min * times;
    if (pause.count() == 0) return std::nullopt;
    return pause;
}

}  // namespace simbroker::extension
