#include "simbroker/extension/erlang_hash.hpp"

#include <bit>

namespace simbroker::extension {
namespace {

using codec::amqp091::ByteArray;
using codec::amqp091::Decimal;
using codec::amqp091::FieldArray;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::ShortText;
using codec::amqp091::Timestamp;
using codec::amqp091::Void;

// Each kind of term has a multiple of this of its own, so that 1, 1.0 and <<1>> differ.
constexpr std::uint32_t golden_ratio = 0x9e3779b9;

constexpr std::uint32_t of_integer = 1;
constexpr std::uint32_t of_nil_within = 2;
constexpr std::uint32_t of_atom_within = 3;
constexpr std::uint32_t of_tuple = 9;
constexpr std::uint32_t of_negative_big = 10;
constexpr std::uint32_t of_big = 11;
constexpr std::uint32_t of_float = 12;
constexpr std::uint32_t of_binary = 13;

constexpr std::uint32_t nil_alone = 3468870702;
constexpr std::uint32_t nil_tag = 2;

// Integers that need more than 28 bits are hashed as Erlang's bignums are.
constexpr std::int64_t small_max = (1 << 27) - 1;
constexpr std::int64_t small_min = -(1 << 27);

struct State {
    std::uint32_t a, b, c;

    void stir() {
        step(a, b, c, 13, 8, 13);
        step(a, b, c, 12, 16, 5);
        step(a, b, c, 3, 10, 15);
    }

private:
    static void step(std::uint32_t& x, std::uint32_t& y, std::uint32_t& z, int right, int left, int last) {
        x = (x - y - z) ^ (z >> right);
        y = (y - z - x) ^ (x << left);
        z = (z - x - y) ^ (y >> last);
    }
};

std::uint32_t word(std::string_view octets) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(octets[i])) << (8 * i);
    }
    return value;
}

// Twelve octets at a time; the lowest octet of the last word is left to the length.
std::uint32_t hash_octets(std::string_view octets, std::uint32_t before) {
    State state{golden_ratio, golden_ratio, before};
    const auto length = static_cast<std::uint32_t>(octets.size());
    while (octets.size() >= 12) {
        state.a += word(octets.substr(0, 4));
        state.b += word(octets.substr(4, 4));
        state.c += word(octets.substr(8, 4));
        state.stir();
        octets.remove_prefix(12);
    }
    state.c += length;
    state.a += word(octets.substr(0, 4));
    if (octets.size() > 4) state.b += word(octets.substr(4, 4));
    if (octets.size() > 8) state.c += word(octets.substr(8)) << 8;
    state.stir();
    return state.c;
}

// The number by which Erlang's table of atoms knows a name (the hash of Weinberger's compiler).
std::uint32_t atom_number(std::string_view name) {
    std::uint32_t hash = 0;
    for (const char c : name) {
        hash = (hash << 4) + static_cast<unsigned char>(c);
        const auto top = hash & 0xf0000000;
        if (top != 0) hash ^= (top >> 24) ^ top;
    }
    return hash;
}

}  // namespace

void ErlangHash::mix(std::uint32_t a, std::uint32_t b, std::uint32_t multiple) {
    const auto constant = golden_ratio * multiple;
    State state{constant + a, constant + b, hash_};
    state.stir();
    hash_ = state.c;
}

ErlangHash& ErlangHash::atom(std::string_view name) {
    if (hash_ == 0) {
        hash_ = atom_number(name);
    } else {
        mix(atom_number(name), 0, of_atom_within);
    }
    return *this;
}

ErlangHash& ErlangHash::integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value < small_min || value > small_max) {
        const auto magnitude = value < 0 ? 0 - bits : bits;
        const auto low = static_cast<std::uint32_t>(magnitude);
        mix(low, static_cast<std::uint32_t>(magnitude >> 32), value < 0 ? of_negative_big : of_big);
        return *this;
    }
    if (value < 0) mix(static_cast<std::uint32_t>(0 - bits), 0, of_integer);
    mix(static_cast<std::uint32_t>(bits), 0, of_integer);
    return *this;
}

ErlangHash& ErlangHash::big_integer(std::uint64_t magnitude) {
    mix(static_cast<std::uint32_t>(magnitude), static_cast<std::uint32_t>(magnitude >> 32), of_big);
    return *this;
}

ErlangHash& ErlangHash::real(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    mix(static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits), of_float);
    return *this;
}

ErlangHash& ErlangHash::binary(std::string_view octets) {
    const auto before = golden_ratio * of_binary + hash_;
    hash_ = octets.empty() ? before : hash_octets(octets, before);
    return *this;
}

ErlangHash& ErlangHash::tuple(std::uint32_t arity) {
    mix(arity, 0, of_tuple);
    return *this;
}

ErlangHash& ErlangHash::nil() {
    if (hash_ == 0) {
        hash_ = nil_alone;
    } else {
        mix(nil_tag, 0, of_nil_within);
    }
    return *this;
}

void feed_tagged(ErlangHash& hash, const FieldValue& value) {
    hash.tuple(2).atom(rabbitmq_type_name(value));
    feed_value(hash, value);
}

void feed_value(ErlangHash& hash, const FieldValue& value) {
    if (const auto* flag = value.as<bool>()) {
        hash.atom(*flag ? "true" : "false");
    } else if (const auto* text = value.as<LongString>()) {
        hash.binary(text->text);
    } else if (const auto* short_text = value.as<ShortText>()) {
        hash.binary(short_text->text);
    } else if (const auto* octets = value.as<ByteArray>()) {
        hash.binary(codec::wire::as_text(octets->octets));
    } else if (const auto* time = value.as<Timestamp>()) {
        hash.integer(static_cast<std::int64_t>(time->seconds));
    } else if (const auto* single = value.as<float>()) {
        hash.real(*single);
    } else if (const auto* number = value.as<double>()) {
        hash.real(*number);
    } else if (const auto* decimal = value.as<Decimal>()) {
        hash.tuple(2).integer(decimal->scale).integer(decimal->value);
    } else if (const auto* table = value.as<FieldTable>()) {
        for (const auto& [name, held] : *table) {
            hash.tuple(3).binary(name).atom(rabbitmq_type_name(held));
            feed_value(hash, held);
        }
        hash.nil();
    } else if (const auto* array = value.as<FieldArray>()) {
        for (const auto& held : *array) feed_tagged(hash, held);
        hash.nil();
    } else if (value.as<Void>()) {
        hash.atom("undefined");
    } else if (const auto whole = value.as_integer()) {
        hash.integer(*whole);
    } else if (const auto* big = value.as<std::uint64_t>()) {
        hash.big_integer(*big);
    }
}

}  // namespace simbroker::extension
