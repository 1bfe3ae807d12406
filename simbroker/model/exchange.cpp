#include "simbroker/model/exchange.hpp"

#include <algorithm>

#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::model {

Exchange::Exchange(std::string name, ExchangeAttributes attributes, Context& context)
    : name_(std::move(name)),
      attributes_(std::move(attributes)),
      router_(extension::make_router(attributes_, context)),
      charge_(context.memory, price_of(name_, attributes_)) {}

std::size_t price_of(std::string_view name, const ExchangeAttributes& attributes) {
    return price::exchange + price::kept_octet * (name.size() + attributes.arguments.size());
}

std::size_t price_of(const Binding& binding) {
    const auto texts = binding.routing_key.size() + binding.destination.name.size();
    return price::binding + price::kept_octet * (texts + binding.arguments.size());
}

bool Exchange::bind(const Binding& binding) {
    if (std::ranges::find(bindings_, binding) != bindings_.end()) return false;
    bindings_.push_back(binding);
    router_->add(binding);
    charge_.add(price_of(binding));
    return true;
}

bool Exchange::unbind(const Binding& binding) {
    if (std::erase(bindings_, binding) == 0) return false;
    router_->remove(binding);
    charge_.subtract(price_of(binding));
    return true;
}

std::size_t Exchange::unbind_all(const Destination& destination) {
    const auto leads_there = [&](const Binding& binding) { return binding.destination == destination; };
    for (const auto& binding : bindings_) {
        if (!leads_there(binding)) continue;
        router_->remove(binding);
        charge_.subtract(price_of(binding));
    }
    return std::erase_if(bindings_, leads_there);
}

}  // namespace simbroker::model
