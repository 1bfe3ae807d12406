// x-consistent-hash (plug-in rabbitmq_consistent_hash_exchange): each message goes to one of the destinations, the same
// for the same key. The binding key is a weight: how many buckets of the ring the destination has.
//
// The key is the routing key, or the header or property that the arguments hash-header and hash-property name. What
// becomes of a key, bit for bit, was read off RabbitMQ 3.10.8, 4.0.5 and 4.3.6, and their choices were compared.
#include "simbroker/extension/consistent_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/amqp091/properties.hpp"
#include "simbroker/extension/erlang_hash.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldArray;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using model::Binding;
using model::Destination;
using model::Passage;

constexpr std::string_view hash_header = "hash-header";
constexpr std::string_view hash_property = "hash-property";

// More buckets than memory could hold are as good as this many.
constexpr std::uint64_t weight_ceiling = std::uint64_t{1} << 53;

// Erlang's list_to_integer: an optional sign, then digits and nothing else.
struct Weight {
    bool negative = false;
    std::uint64_t magnitude = 0;  // at most weight_ceiling
};

std::optional<Weight> read_weight(std::string_view text) {
    Weight weight{.negative = text.starts_with('-')};
    if (weight.negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        weight.magnitude = std::min(weight.magnitude * 10 + static_cast<std::uint64_t>(c - '0'), weight_ceiling);
    }
    return weight;
}

std::optional<std::string> refused_weight(const BindingRequest& request, const BrokerConfig& config) {
    const auto weight = read_weight(request.routing_key);
    if (!weight) {
        return fmt::format(
            "The binding key must be an integer: {}",
            server091::erlang_text_or_octets(codec::wire::as_bytes(request.routing_key))
        );
    }
    if (weight->negative || weight->magnitude == 0) return "The binding key must be greater than 0";
    const auto most = config.profile.exchange_types.consistent_hash_weight_max;
    if (most != 0 && weight->magnitude > most) return fmt::format("The binding key must not exceed {}", most);
    return std::nullopt;
}

std::optional<TypeRefusal> refused_arguments(FieldTable arguments, const BrokerConfig&) {
    const auto header = arguments.find(hash_header);
    const auto property = arguments.find(hash_property);
    if ((header && !header->as<LongString>()) || (property && !property->as<LongString>())) {
        return TypeRefusal{TypeRefusal::Kind::internal_error, ""};
    }
    if (header && property) {
        return TypeRefusal{
            TypeRefusal::Kind::precondition_failed, "hash-header and hash-property are mutually exclusive"
        };
    }
    if (!property) return std::nullopt;
    const auto name = property->as<LongString>()->text;
    for (const auto known : {"correlation_id", "message_id", "timestamp"}) {
        if (name == known) return std::nullopt;
    }
    return TypeRefusal{TypeRefusal::Kind::precondition_failed, fmt::format("Unsupported property: {}", name)};
}

// xorshift1024* (Vigna 2014), seeded from one number as Erlang's rand:seed(exs1024, {K, K, K}) is.
class Exs1024 {
public:
    explicit Exs1024(std::int64_t key) {
        constexpr std::uint64_t mask = (1 << 21) - 1;
        const auto part = [&](std::uint64_t factor) {
            return (((static_cast<std::uint64_t>(key) & mask) + 1) * factor) & mask;
        };
        std::uint64_t seed = (part(2097131) << 43) | (part(2097133) << 22) | (part(2097143) << 1) | 1;
        for (auto i = words_.size(); i-- > 0;) {
            seed ^= seed >> 12;
            seed ^= seed << 25;
            seed ^= seed >> 27;
            words_[i] = seed * 2685821657736338717;
        }
    }

    // Evenly from 0 to 1.
    double next() {
        const auto first = words_[at_];
        at_ = (at_ + 1) % words_.size();
        auto second = words_[at_];
        second ^= second << 31;
        second ^= second >> 11;
        words_[at_] = second ^ first ^ (first >> 30);
        return static_cast<double>(words_[at_] * 1181783497276652981) / 18446744073709551616.0;
    }

private:
    std::array<std::uint64_t, 16> words_{};
    std::size_t at_ = 0;
};

std::int64_t hash_of_text(std::string_view text) { return ErlangHash().binary(text).value(); }

std::int64_t hash_of_nothing() { return ErlangHash().atom("undefined").value(); }

// An array or a table is a list in Erlang, and of a list RabbitMQ takes the first element.
std::int64_t hash_of_list(const FieldValue& list) {
    ErlangHash hash;
    if (const auto* array = list.as<FieldArray>(); array && !array->empty()) {
        feed_tagged(hash, *array->begin());
    } else if (const auto* table = list.as<FieldTable>(); table && !table->empty()) {
        const auto [name, held] = *table->begin();
        hash.tuple(3).binary(name).atom(rabbitmq_type_name(held));
        feed_value(hash, held);
    } else {
        hash.nil();
    }
    return hash.value();
}

// A whole number is its own hash.
std::int64_t hash_of_bare(const FieldValue& value) {
    if (const auto whole = value.as_integer()) return *whole;
    if (const auto* time = value.as<Timestamp>()) return static_cast<std::int64_t>(time->seconds * 1000);
    if (value.as<FieldArray>() || value.as<FieldTable>()) return hash_of_list(value);
    ErlangHash hash;
    feed_value(hash, value);
    return hash.value();
}

class ConsistentHashRouter final : public model::Router {
public:
    ConsistentHashRouter(FieldTable arguments, profile::HashedHeader hashed) : hashed_(hashed) {
        const auto text = [&](std::string_view name) -> std::optional<std::string> {
            const auto value = arguments.find(name);
            if (!value || !value->as<LongString>()) return std::nullopt;
            return std::string(value->as<LongString>()->text);
        };
        header_ = text(hash_header);
        property_ = text(hash_property);
    }

    // A destination is on the ring once: another binding to it changes nothing ...
    void add(const Binding& binding) override {
        if (std::ranges::find(ring_, binding.destination, &Arc::destination) != ring_.end()) return;
        const auto weight = read_weight(binding.routing_key);
        if (!weight) return;
        ring_.push_back({binding.destination, weight->magnitude});
        buckets_ += weight->magnitude;
    }

    // ... but the end of any binding to it takes it off.
    void remove(const Binding& binding) override {
        const auto found = std::ranges::find(ring_, binding.destination, &Arc::destination);
        if (found == ring_.end()) return;
        buckets_ -= found->weight;
        ring_.erase(found);
    }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        if (ring_.empty()) return;
        auto bucket = jump_consistent_hash(key_of(passage), buckets_);
        for (const auto& arc : ring_) {
            if (bucket < arc.weight) return out.push_back(&arc.destination);
            bucket -= arc.weight;
        }
    }

private:
    struct Arc {
        Destination destination;
        std::uint64_t weight = 0;
    };

    std::int64_t key_of(const Passage& passage) const {
        if (header_) return hash_of_header(passage.message->headers);
        if (property_) return hash_of_property(passage.message->property_octets);
        return hash_of_text(passage.keys.front());
    }

    std::int64_t hash_of_header(FieldTable headers) const {
        const auto value = headers.find(*header_);
        if (!value) return hash_of_nothing();
        if (hashed_ == profile::HashedHeader::bare) return hash_of_bare(*value);
        ErlangHash hash;
        feed_tagged(hash, *value);
        return hash.value();
    }

    std::int64_t hash_of_property(codec::wire::BytesView octets) const {
        const auto properties = codec::amqp091::decode_properties(octets);
        if (!properties) return hash_of_nothing();
        if (property_ == "timestamp") {
            if (!properties->timestamp) return hash_of_nothing();
            return hash_of_text(fmt::format("{}", properties->timestamp->seconds));
        }
        const auto& text = property_ == "message_id" ? properties->message_id : properties->correlation_id;
        return text ? hash_of_text(text->text()) : hash_of_nothing();
    }

    profile::HashedHeader hashed_;
    std::optional<std::string> header_;
    std::optional<std::string> property_;
    std::vector<Arc> ring_;  // in the order of binding
    std::uint64_t buckets_ = 0;
};

}  // namespace

std::uint64_t jump_consistent_hash(std::int64_t key, std::uint64_t buckets) {
    if (buckets <= 1) return 0;
    Exs1024 random(key);
    const auto limit = static_cast<double>(buckets);
    std::uint64_t bucket = 0;
    for (double jump = 0; jump < limit;) {
        bucket = static_cast<std::uint64_t>(jump);
        jump = static_cast<double>(bucket + 1) / random.next();
    }
    return bucket;
}

const ExchangeTypeRow x_consistent_hash{
    .type = model::ExchangeType::consistent_hash,
    .name = "x-consistent-hash",
    .plugin = "rabbitmq_consistent_hash_exchange",
    .refuse_declaration = refused_arguments,
    .refuse_binding = refused_weight,
    .make_router = [](const model::ExchangeAttributes& attributes,
                      model::Context& context) -> std::unique_ptr<model::Router> {
        return std::make_unique<ConsistentHashRouter>(
            FieldTable::trusted(attributes.arguments), context.profile().exchange_types.hashed_header
        );
    },
};

}  // namespace simbroker::extension
