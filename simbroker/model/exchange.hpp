// An exchange: its attributes, its bindings, and the router of its type. Which types there are beside the four of the
// specification, and what they ask for, is in extension/exchange_type.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/model/router.hpp"

namespace simbroker::model {

struct Context;

enum class ExchangeType : std::uint8_t {
    direct,
    fanout,
    topic,
    headers,
    consistent_hash,
    modulus_hash,
    random,
    local_random,
    recent_history,
    delayed_message,
};

struct ExchangeAttributes {
    ExchangeType type{};
    bool durable = false;
    bool auto_delete = false;
    bool internal = false;
    codec::wire::Bytes arguments;  // the octets of a field table
};

std::size_t price_of(std::string_view name, const ExchangeAttributes& attributes);
std::size_t price_of(const Binding& binding);

class Exchange {
public:
    Exchange(std::string name, ExchangeAttributes attributes, Context& context);

    const std::string& name() const { return name_; }
    const ExchangeAttributes& attributes() const { return attributes_; }
    codec::amqp091::FieldTable arguments() const { return codec::amqp091::FieldTable::trusted(attributes_.arguments); }

    // False: it was there already (bind), or was not (unbind).
    bool bind(const Binding& binding);
    bool unbind(const Binding& binding);
    // Removes every binding to `destination` and says how many there were.
    std::size_t unbind_all(const Destination& destination);

    bool has_bindings() const { return !bindings_.empty(); }
    const std::vector<Binding>& bindings() const { return bindings_; }
    Router& router() { return *router_; }

    std::optional<std::string> alternate;  // where what it cannot route goes, by argument or policy
    std::string policy;                    // the name of the one that applies, or nothing

private:
    std::string name_;
    ExchangeAttributes attributes_;
    std::vector<Binding> bindings_;  // in the order of binding
    std::unique_ptr<Router> router_;
    Charge charge_;  // with its bindings
};

}  // namespace simbroker::model
