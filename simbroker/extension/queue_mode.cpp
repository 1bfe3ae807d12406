// x-queue-mode, x-queue-version and x-queue-master-locator: how and where a classic queue keeps its messages. On the
// wire it shows in dead letters of old versions only (dead_letter.cpp).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using profile::Profile;
using Term = std::optional<std::string>;

namespace {

Term refused_mode(const FieldValue& value) {
    if (auto term = refuse_unless_longstr(value)) return term;
    const auto mode = text_of(value);
    if (mode == "default" || mode == "lazy") return std::nullopt;
    return fmt::format("\"unsupported queue mode '{}'\"", mode);
}

Term refused_version(const FieldValue& value, std::int64_t oldest) {
    constexpr std::int64_t newest = 2;
    if (auto term = refuse_unless_natural(value)) return term;
    const auto version = *value.as_integer();
    if (version >= oldest && version <= newest) return std::nullopt;
    return fmt::format("\"unsupported queue version '{}'\"", version);
}

}  // namespace

const QueueArgument x_queue_mode{
    .name = "x-queue-mode",
    .refusal = [](const FieldValue& value, FieldTable) { return refused_mode(value); },
    .apply =
        [](const FieldValue& value, model::QueueSettings& settings) {
            const auto* mode = value.as<codec::amqp091::LongString>();
            settings.lazy = mode && mode->text == "lazy";
        },
    .policy = set_by_policy("queue-mode value"),
    .refusal_here = [](const FieldValue& value, const Profile& profile) -> Term {
        if (profile.classic.queue_mode == profile::QueueMode::not_looked_at) return std::nullopt;
        return refused_mode(value);
    },
};

const QueueArgument x_queue_version{
    .name = "x-queue-version",
    .refusal = [](const FieldValue& value, FieldTable) { return refused_version(value, 1); },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("queue-version value"),
    .refusal_here = [](const FieldValue& value,
                       const Profile& profile) { return refused_version(value, profile.classic.oldest_version); },
};

const QueueArgument x_queue_master_locator{
    .name = "x-queue-master-locator",
    .refusal = [](const FieldValue&, FieldTable) -> Term { return std::nullopt; },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .crash =
        [](const FieldValue& value, const Profile& profile) {
            constexpr std::array<std::string_view, 3> registered{"client-local", "min-masters", "random"};
            const auto* text = value.as<LongString>();
            return profile.classic.unknown_master_locator == profile::UnknownMasterLocator::fails_inside &&
                   (!text || std::ranges::find(registered, text->text) == registered.end());
        },
};

}  // namespace simbroker::extension
