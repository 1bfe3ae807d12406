// The types of exchange: the four of the specification, and those that RabbitMQ has in its core or as plug-ins. Each
// has a file of its own with its row; exchange_type.cpp lists the rows and knows which of them a broker has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/model/context.hpp"
#include "simbroker/model/exchange.hpp"

namespace simbroker::extension {

// Why an exchange is not declared.
struct TypeRefusal {
    enum class Kind : std::uint8_t {
        precondition_failed,
        unknown_type,    // of the exchange or, for a delayed one, of the exchange within
        internal_error,  // RabbitMQ itself fails at it, without a word
    };
    Kind kind{};
    std::string text;  // the words, or the name of the unknown type
};

// A binding about to be made. RabbitMQ checks it when both its ends are known to exist.
struct BindingRequest {
    const model::ExchangeAttributes& source;
    model::Destination::Kind destination{};
    codec::amqp091::FieldTable queue_arguments;  // of the destination, if it is a queue
    std::string_view routing_key;
    codec::amqp091::FieldTable arguments;
};

struct ExchangeTypeRow {
    model::ExchangeType type{};
    std::string_view name;
    std::string_view plugin;  // that brings it, where it is not in the profile's core

    std::optional<TypeRefusal> (*refuse_declaration)(codec::amqp091::FieldTable arguments, const BrokerConfig& config);
    std::optional<std::string> (*refuse_binding)(const BindingRequest& request, const BrokerConfig& config);
    std::unique_ptr<model::Router> (*make_router)(const model::ExchangeAttributes& attributes, model::Context& context);
};

std::string_view to_string(model::ExchangeType);

// Nothing where this broker has no such type: nobody has, or its plug-in is not enabled.
std::optional<model::ExchangeType> exchange_type(std::string_view name, const BrokerConfig& config);

std::optional<TypeRefusal> refused_declaration(
    model::ExchangeType type, codec::amqp091::FieldTable arguments, const BrokerConfig& config
);
// RabbitMQ's words.
std::optional<std::string> refused_binding(const BindingRequest& request, const BrokerConfig& config);

std::unique_ptr<model::Router> make_router(const model::ExchangeAttributes& attributes, model::Context& context);

// All that bring a type of exchange.
std::vector<std::string> known_plugins();

// Why a name is none of the plug-ins that change anything here; they are called as rabbitmq-plugins calls them.
std::optional<std::string> refused_plugin(std::string_view name);

// The rows, each defined by its extension.
extern const ExchangeTypeRow x_consistent_hash;
extern const ExchangeTypeRow x_modulus_hash;
extern const ExchangeTypeRow x_random;
extern const ExchangeTypeRow x_local_random;
extern const ExchangeTypeRow x_recent_history;
extern const ExchangeTypeRow x_delayed_message;

}  // namespace simbroker::extension
