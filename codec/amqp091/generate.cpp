#include "codec/amqp091/generate.hpp"

#include <array>
#include <bit>
#include <limits>

#include "codec/amqp091/field_tags.hpp"

namespace codec::amqp091 {
namespace {

// A type that no alternative before it in the list handles is a compile error, not a zero.
template <class T>
inline constexpr bool always_false = false;

template <class Integer>
Integer edge(std::uint64_t choice) {
    using Limits = std::numeric_limits<Integer>;
    constexpr std::array<Integer, 6> edges{
        0, 1, Limits::max(), Limits::min(), static_cast<Integer>(Limits::max() - 1), static_cast<Integer>(-1)
    };
    return edges[choice % edges.size()];
}

template <class M>
Method make_method(Generator& generator) {
    M method;
    for_each_in(M::fields, [&]<class F>(const F& row) {
        if constexpr (!is_reserved<F>) method.*row.member = generator.make<typename F::type>(3);
    });
    return method;
}

using MakeMethod = Method (*)(Generator&);

template <std::size_t... I>
constexpr auto make_makers(std::index_sequence<I...>) {
    return std::array<MakeMethod, sizeof...(I)>{&make_method<std::variant_alternative_t<I, Method>>...};
}

constexpr auto makers = make_makers(std::make_index_sequence<std::variant_size_v<Method>>{});

using MakeValue = FieldValue (*)(Generator&, int);

template <std::size_t... I>
constexpr auto make_value_makers(std::index_sequence<I...>) {
    return std::array<MakeValue, sizeof...(I)>{[](Generator& generator, int max_depth) {
        return FieldValue(generator.make<std::variant_alternative_t<I, FieldVariant>>(max_depth));
    }...};
}

constexpr auto value_makers = make_value_makers(std::make_index_sequence<std::variant_size_v<FieldVariant>>{});

}  // namespace

template <class T>
T Generator::make(int max_depth) {
    if constexpr (std::is_same_v<T, bool>) {
        return chance(2);
    } else if constexpr (std::is_integral_v<T>) {
        return chance(2) ? edge<T>(draw_()) : static_cast<T>(draw_());
    } else if constexpr (std::is_same_v<T, float>) {
        return std::bit_cast<float>(make<std::uint32_t>(0));
    } else if constexpr (std::is_same_v<T, double>) {
        return std::bit_cast<double>(make<std::uint64_t>(0));
    } else if constexpr (std::is_same_v<T, Decimal>) {
        return {make<std::uint8_t>(0), make<std::int32_t>(0)};
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return {make<std::uint64_t>(0)};
    } else if constexpr (std::is_same_v<T, ShortString>) {
        return short_string();
    } else if constexpr (std::is_same_v<T, ShortText>) {
        return {text(ShortString::max_size)};
    } else if constexpr (std::is_same_v<T, LongString>) {
        return long_string();
    } else if constexpr (std::is_same_v<T, ByteArray>) {
        return {octets(300)};
    } else if constexpr (std::is_same_v<T, FieldArray>) {
        return array(max_depth);
    } else if constexpr (std::is_same_v<T, FieldTable>) {
        return table(max_depth);
    } else if constexpr (std::is_same_v<T, Void>) {
        return {};
    } else {
        static_assert(always_false<T>);
    }
}

Method Generator::method(std::size_t index) { return makers.at(index)(*this); }

BasicProperties Generator::properties() {
    BasicProperties properties;
    for_each_in(BasicProperties::fields, [&]<class F>(const F& row) {
        if (chance(2)) properties.*row.member = make<typename F::type::value_type>(3);
    });
    return properties;
}

FieldTable Generator::table(int max_depth) {
    FieldTableBuilder builder(dialect_);
    for (auto left = below(6); left > 0; --left) {
        // One after the other: compilers order the arguments of a call as they like.
        const auto name = text(chance(8) ? ShortString::max_size : 12);
        builder.add(name, value(max_depth - 1));
    }
    const auto octets = builder.view().octets();
    return FieldTable::trusted(keep({octets.begin(), octets.end()}), dialect_);
}

FieldArray Generator::array(int max_depth) {
    FieldArrayBuilder builder(dialect_);
    for (auto left = below(6); left > 0; --left) builder.add(value(max_depth - 1));
    const auto octets = builder.view().octets();
    return FieldArray::trusted(keep({octets.begin(), octets.end()}), dialect_);
}

FieldValue Generator::value(int max_depth) {
    while (true) {
        const auto& row = tag_rows[below(tag_rows.size())];
        const bool nested = row.shape == Shape::table || row.shape == Shape::array;
        if (letter(row, dialect_) == ' ' || (nested && max_depth <= 0)) continue;
        return value_makers[row.alternative](*this, max_depth);
    }
}

ShortString Generator::short_string() { return text(ShortString::max_size); }
LongString Generator::long_string() { return {text(1000)}; }

BytesView Generator::octets(std::size_t max_size) {
    const auto size = chance(4) ? 0 : chance(8) ? max_size : below(std::min<std::size_t>(max_size, 24) + 1);
    Bytes made(size);
    for (auto& octet : made) octet = static_cast<Byte>(draw_());
    return keep(std::move(made));
}

// Mostly what people write, sometimes any octets.
std::string_view Generator::text(std::size_t max_size) {
    if (chance(4)) return wire::as_text(octets(max_size));
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_*#/:@ {}\"\\";
    Bytes made(chance(8) ? max_size : below(std::min<std::size_t>(max_size, 20) + 1));
    for (auto& octet : made) octet = static_cast<Byte>(letters[below(letters.size())]);
    return wire::as_text(keep(std::move(made)));
}

}  // namespace codec::amqp091
