// x-modulus-hash (plug-in rabbitmq_sharding, core since RabbitMQ 4.3): each message goes to one of the bindings, by
// erlang:phash2 of the list of its routing keys, modulo the number of bindings. The binding key does not matter, save
// that older versions count through the bindings in its order.
#include <algorithm>

#include "simbroker/extension/erlang_hash.hpp"
#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::extension {
namespace {

using model::Binding;
using model::Destination;
using model::Passage;

// In Erlang's order of terms the atom exchange comes before queue.
bool comes_before(const Destination& a, const Destination& b) {
    if (a.kind != b.kind) return a.kind == Destination::Kind::exchange;
    return a.name < b.name;
}

class ModulusHashRouter final : public model::Router {
public:
    explicit ModulusHashRouter(profile::ModulusOrder order) : order_(order) {}

    void add(const Binding& binding) override {
        bindings_.insert(
            std::ranges::upper_bound(
                bindings_, binding, [this](const auto& a, const auto& b) { return precedes(a, b); }
            ),
            binding
        );
    }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        if (bindings_.empty()) return;
        ErlangHash hash;
        for (const auto& key : passage.keys) hash.binary(key);
        out.push_back(&bindings_[hash.nil().value() % bindings_.size()].destination);
    }

private:
    bool precedes(const Binding& a, const Binding& b) const {
        if (order_ == profile::ModulusOrder::by_routing_key && a.routing_key != b.routing_key) {
            return a.routing_key < b.routing_key;
        }
        return comes_before(a.destination, b.destination);
    }

    profile::ModulusOrder order_;
    std::vector<Binding> bindings_;
};

}  // namespace

const ExchangeTypeRow x_modulus_hash{
    .type = model::ExchangeType::modulus_hash,
    .name = "x-modulus-hash",
    .plugin = "rabbitmq_sharding",
    .refuse_declaration = nullptr,
    .refuse_binding = nullptr,
    .make_router = [](const model::ExchangeAttributes&, model::Context& context) -> std::unique_ptr<model::Router> {
        return std::make_unique<ModulusHashRouter>(context.profile().exchange_types.modulus_order);
    },
};

}  // namespace simbroker::extension
