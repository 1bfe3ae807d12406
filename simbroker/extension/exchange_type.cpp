#include "simbroker/extension/exchange_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simbroker/extension/erlang_value.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using model::Context;
using model::ExchangeAttributes;
using model::ExchangeType;
using model::Router;

std::optional<std::string> invalid_x_match(const BindingRequest& request, const BrokerConfig&) {
    const auto value = request.arguments.find("x-match");
    if (!value) return std::nullopt;
    const auto* mode = value->as<LongString>();
    if (!mode) {
        return fmt::format(
            "Invalid x-match field type {} (value {}); expected longstr",
            rabbitmq_type_name(*value),
            erlang_value(*value)
        );
    }
    for (const auto known : {"all", "any", "all-with-x", "any-with-x"}) {
        if (mode->text == known) return std::nullopt;
    }
    return fmt::format(
        "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x", erlang_value(*value)
    );
}

constexpr ExchangeTypeRow direct{
    .type = ExchangeType::direct,
    .name = "direct",
    .plugin = "",
    .refuse_declaration = nullptr,
    .refuse_binding = nullptr,
    .make_router = [](const ExchangeAttributes&, Context&) { return model::make_direct_router(); },
};

constexpr ExchangeTypeRow fanout{
    .type = ExchangeType::fanout,
    .name = "fanout",
    .plugin = "",
    .refuse_declaration = nullptr,
    .refuse_binding = nullptr,
    .make_router = [](const ExchangeAttributes&, Context&) { return model::make_fanout_router(); },
};

constexpr ExchangeTypeRow topic{
    .type = ExchangeType::topic,
    .name = "topic",
    .plugin = "",
    .refuse_declaration = nullptr,
    .refuse_binding = nullptr,
    .make_router = [](const ExchangeAttributes&, Context&) { return model::make_topic_router(); },
};

constexpr ExchangeTypeRow headers{
    .type = ExchangeType::headers,
    .name = "headers",
    .plugin = "",
    .refuse_declaration = nullptr,
    .refuse_binding = invalid_x_match,
    .make_router = [](const ExchangeAttributes&,
                      Context& context) { return model::make_headers_router(context.profile().header_numbers); },
};

constexpr std::array rows{
    &direct,
    &fanout,
    &topic,
    &headers,
    &x_consistent_hash,
    &x_modulus_hash,
    &x_random,
    &x_local_random,
    &x_recent_history,
    &x_delayed_message,
};

const ExchangeTypeRow& row_of(ExchangeType type) { return **std::ranges::find(rows, type, &ExchangeTypeRow::type); }

}  // namespace

std::string_view to_string(ExchangeType type) { return row_of(type).name; }

std::optional<ExchangeType> exchange_type(std::string_view name, const BrokerConfig& config) {
    const auto found = std::ranges::find(rows, name, &ExchangeTypeRow::name);
    if (found == rows.end()) return std::nullopt;
    const auto& row = **found;
    const bool there = profile::lists(config.profile.exchange_types.core, name) || config.has_plugin(row.plugin);
    if (!there) return std::nullopt;
    return row.type;
}

std::optional<TypeRefusal> refused_declaration(ExchangeType type, FieldTable arguments, const BrokerConfig& config) {
    const auto& row = row_of(type);
    return row.refuse_declaration ? row.refuse_declaration(arguments, config) : std::nullopt;
}

std::optional<std::string> refused_binding(const BindingRequest& request, const BrokerConfig& config) {
    const auto& row = row_of(request.source.type);
    return row.refuse_binding ? row.refuse_binding(request, config) : std::nullopt;
}

std::unique_ptr<Router> make_router(const ExchangeAttributes& attributes, Context& context) {
    return row_of(attributes.type).make_router(attributes, context);
}

std::vector<std::string> known_plugins() {
    std::vector<std::string> names;
    for (const auto* row : rows) {
        if (!row->plugin.empty()) names.emplace_back(row->plugin);
    }
    return names;
}

std::optional<std::string> refused_plugin(std::string_view name) {
    const auto known = known_plugins();
    if (std::ranges::find(known, name) != known.end()) return std::nullopt;
    return fmt::format("expected one of {}, got \"{}\"", fmt::join(known, ", "), name);
}

}  // namespace simbroker::extension
