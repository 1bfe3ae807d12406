#include "simbroker/model/exchange.hpp"

#include <algorithm>
#include <array>

namespace simbroker::model {
namespace {

struct TypeRow {
    ExchangeType type;
    std::string_view name;
};

constexpr std::array type_rows{
    TypeRow{ExchangeType::direct, "direct"},
    TypeRow{ExchangeType::fanout, "fanout"},
    TypeRow{ExchangeType::topic, "topic"},
    TypeRow{ExchangeType::headers, "headers"},
};

std::unique_ptr<Router> make_router(ExchangeType type, profile::HeaderNumbers numbers) {
    switch (type) {
        case ExchangeType::direct: return make_direct_router();
        case ExchangeType::fanout: return make_fanout_router();
        case ExchangeType::topic: return make_topic_router();
        case ExchangeType::headers: return make_headers_router(numbers);
    }
    return nullptr;
}

}  // namespace

std::string_view to_string(ExchangeType type) { return std::ranges::find(type_rows, type, &TypeRow::type)->name; }

std::optional<ExchangeType> exchange_type(std::string_view name) {
    const auto found = std::ranges::find(type_rows, name, &TypeRow::name);
    if (found == type_rows.end()) return std::nullopt;
    return found->type;
}

Exchange::Exchange(std::string name, ExchangeAttributes attributes, profile::HeaderNumbers numbers)
    : name_(std::move(name)), attributes_(std::move(attributes)), router_(make_router(attributes_.type, numbers)) {}

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
