// x-recent-history (plug-in rabbitmq_recent_history_exchange): a fanout that remembers its last messages, 20 or
// x-recent-history-length of them, and gives them to whatever is bound to it. A message with the header
// x-recent-history-no-store set to true is passed on and not remembered.
#include <fmt/format.h>

#include <deque>

#include "simbroker/extension/erlang_value.hpp"
#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using model::Binding;
using model::Destination;
using model::MessagePtr;
using model::Passage;

constexpr std::string_view length_argument = "x-recent-history-length";
constexpr std::string_view no_store_header = "x-recent-history-no-store";
constexpr std::size_t default_length = 20;

bool is_signed_integer(const FieldValue& value) {
    return value.as<std::int8_t>() || value.as<std::int16_t>() || value.as<std::int32_t>() || value.as<std::int64_t>();
}

std::optional<TypeRefusal> refused_length(FieldTable arguments, const BrokerConfig&) {
    const auto value = arguments.find(length_argument);
    if (!value || (is_signed_integer(*value) && *value->as_integer() > 0)) return std::nullopt;
    return TypeRefusal{
        TypeRefusal::Kind::precondition_failed,
        fmt::format("Invalid argument {}, '{}' must be a positive integer", erlang_value(*value), length_argument),
    };
}

// What it remembers counts with what the queues hold.
class RecentHistoryRouter final : public model::Router {
public:
    RecentHistoryRouter(std::size_t length, model::Context& context) : length_(length), context_(context) {}
    RecentHistoryRouter(const RecentHistoryRouter&) = delete;
    RecentHistoryRouter& operator=(const RecentHistoryRouter&) = delete;
    ~RecentHistoryRouter() override { clear(); }

    void add(const Binding& binding) override { bindings_.push_back(binding); }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        const auto no_store = passage.message->headers.find(no_store_header);
        const auto* flag = no_store ? no_store->as<bool>() : nullptr;
        if (!flag || !*flag) remember(passage.message);
        for (const auto& binding : bindings_) out.push_back(&binding.destination);
    }

    std::vector<MessagePtr> history() const override { return {remembered_.begin(), remembered_.end()}; }
    void forget_history() override { clear(); }

private:
    void remember(const MessagePtr& message) {
        context_.memory.take_message(message->memory());
        remembered_.push_back(message);
        if (remembered_.size() > length_) forget_eldest();
    }

    void clear() {
        while (!remembered_.empty()) forget_eldest();
    }

    void forget_eldest() {
        context_.memory.give_message_back(remembered_.front()->memory());
        remembered_.pop_front();
    }

    std::size_t length_;
    model::Context& context_;
    std::deque<MessagePtr> remembered_;
    std::vector<Binding> bindings_;
};

std::size_t length_of(FieldTable arguments) {
    const auto value = arguments.find(length_argument);
    return value ? static_cast<std::size_t>(*value->as_integer()) : default_length;
}

}  // namespace

const ExchangeTypeRow x_recent_history{
    .type = model::ExchangeType::recent_history,
    .name = "x-recent-history",
    .plugin = "rabbitmq_recent_history_exchange",
    .refuse_declaration = refused_length,
    .refuse_binding = nullptr,
    .make_router = [](const model::ExchangeAttributes& attributes,
                      model::Context& context) -> std::unique_ptr<model::Router> {
        return std::make_unique<RecentHistoryRouter>(length_of(FieldTable::trusted(attributes.arguments)), context);
    },
};

}  // namespace simbroker::extension
