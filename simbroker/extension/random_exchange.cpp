// x-random (plug-in rabbitmq_random_exchange) and x-local-random (core since RabbitMQ 4.0): each message goes to one of
// the bindings, chosen by the broker's seed. A destination that is bound twice has two chances. x-local-random wants
// classic queues and no binding key; all queues of a simulated broker are local.
#include <fmt/format.h>

#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using model::Binding;
using model::Destination;
using model::Passage;

class RandomRouter final : public model::Router {
public:
    explicit RandomRouter(Prng& chance) : chance_(chance) {}

    void add(const Binding& binding) override { bindings_.push_back(binding); }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage&, std::vector<const Destination*>& out) override {
        if (bindings_.empty()) return;
        const auto chosen = bindings_.size() == 1 ? 0 : chance_.below(bindings_.size());
        out.push_back(&bindings_[chosen].destination);
    }

private:
    Prng& chance_;
    std::vector<Binding> bindings_;
};

std::unique_ptr<model::Router> make(const model::ExchangeAttributes&, model::Context& context) {
    return std::make_unique<RandomRouter>(context.choices);
}

std::optional<std::string> refused_local_binding(const BindingRequest& request, const BrokerConfig&) {
    if (!request.routing_key.empty()) {
        return fmt::format("Non empty binding '{}' key not permitted", request.routing_key);
    }
    if (request.destination == Destination::Kind::exchange) return "Destination not found";
    const auto type = request.queue_arguments.find("x-queue-type");
    const auto* name = type ? type->as<LongString>() : nullptr;
    if (!name || name->text == "classic") return std::nullopt;
    return fmt::format("Queue type rabbit_{}_queue not valid for this exchange type", name->text);
}

}  // namespace

const ExchangeTypeRow x_random{
    .type = model::ExchangeType::random,
    .name = "x-random",
    .plugin = "rabbitmq_random_exchange",
    .refuse_declaration = nullptr,
    .refuse_binding = nullptr,
    .make_router = make,
};

const ExchangeTypeRow x_local_random{
    .type = model::ExchangeType::local_random,
    .name = "x-local-random",
    .plugin = "",
    .refuse_declaration = nullptr,
    .refuse_binding = refused_local_binding,
    .make_router = make,
};

}  // namespace simbroker::extension
