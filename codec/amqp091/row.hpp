// What a table row is made of: the fields of a method or of a property list, in wire order, as constexpr values.
// Encoding, decoding, comparing, printing, JSON and random generation all fold over these rows.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace codec::amqp091 {

// Class-id and method-id, as both travel on the wire.
struct MethodId {
    std::uint16_t class_id{};
    std::uint16_t method_id{};

    friend constexpr bool operator==(MethodId, MethodId) = default;
};

// Who may send a method (the <chassis> of the official XML names the receiver).
enum class Peer : std::uint8_t { client, server, both };

// Whether a content (header and body frames) follows the method.
enum class Carries : std::uint8_t { nothing, content };

template <class Owner, class Type>
struct Field {
    using type = Type;
    std::string_view name;
    Type Owner::* member;
};

template <class Owner, class Type>
constexpr Field<Owner, Type> field(std::string_view name, Type Owner::* member) {
    return {name, member};
}

// On the wire but without meaning (4.2.1): written as zero or empty, ignored when read.
template <class Type>
struct Reserved {
    using type = Type;
    std::string_view name;
};

template <class Type>
constexpr Reserved<Type> reserved(std::string_view name) {
    return {name};
}

template <class... Fields>
constexpr std::tuple<Fields...> row(Fields... fields) {
    return {fields...};
}

// Calls visit(field) for each field in wire order. Always inline, unlike std::apply: what a decoder keeps in registers
// from field to field is what makes it fast.
template <class Row, class Visit>
[[gnu::always_inline]] constexpr void for_each_in(const Row& row, Visit&& visit) {
    [&]<std::size_t... I> [[gnu::always_inline]] (std::index_sequence<I...>) {
        (visit(std::get<I>(row)), ...);
    }(std::make_index_sequence<std::tuple_size_v<Row>>{});
}

template <class T>
inline constexpr bool is_reserved = false;
template <class T>
inline constexpr bool is_reserved<Reserved<T>> = true;

}  // namespace codec::amqp091
