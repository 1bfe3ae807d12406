#include "simbroker/model/exchange.hpp"

#include <algorithm>

#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::model {

Exchange::Exchange(std::string name, ExchangeAttributes attributes, Context& context)
    : name_(std::move(name)),
      attributes_(std::move(attributes)),
      router_(extension::make_router(attributes_, context)) {}

bool Exchange::bind(const Binding& binding) {
    if (std::ranges::find(bindings_, binding) != bindings_.end()) return false;
    bindings_.push_back(binding);
    router_->add(binding);
    return true;
}

bool Exchange::unbind(const Binding& binding) {
    if (std::erase(bindings_, binding) == 0) return false;
    router_->remove(binding);
    return true;
}

std::size_t Exchange::unbind_all(const Destination& destination) {
    const auto leads_there = [&](const Binding& binding) { return binding.destination == destination; };
    for (const auto& binding : bindings_) {
        if (leads_there(binding)) router_->remove(binding);
    }
    return std::erase_if(bindings_, leads_there);
}

}  // namespace simbroker::model
