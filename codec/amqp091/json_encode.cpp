// From JSON to octets: values of fields and of field tables, with errors that say where and what was expected.
#include <array>
#include <cmath>

#include "codec/amqp091/json_value.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using nlohmann::json;
using wire::Writer;

// Deeper than any decoder takes, so that a harness can send what must be refused; the stack is what is protected.
constexpr int max_json_depth = 1000;

using Made = std::expected<FieldValue, std::string>;

std::unexpected<std::string> expected_but(Path path, std::string_view expected, const json& got) {
    return std::unexpected(fmt::format("{}: expected {}, got {}", path, expected, described(got)));
}

template <class T>
constexpr std::size_t index_of = FieldVariant(std::in_place_type<T>).index();

// Octets that a value made from JSON views until it is written.
using Storage = Bytes;

Made make_decimal(Path path, const json& value) {
    if (!value.is_array() || value.size() != 2) return expected_but(path, "[scale, value] for a decimal", value);
    const auto scale = integer_from_json<std::uint8_t>(path + "[0]", value[0]);
    if (!scale) return std::unexpected(scale.error());
    const auto number = integer_from_json<std::int32_t>(path + "[1]", value[1]);
    if (!number) return std::unexpected(number.error());
    return Decimal{*scale, *number};
}

template <class Float>
Made make_float(Path path, const json& value) {
    if (!value.is_number()) return expected_but(path, "a number", value);
    const auto number = value.get<double>();
    if (std::abs(number) > static_cast<double>(std::numeric_limits<Float>::max())) {
        return expected_but(path, "a number that a 32-bit float can hold", value);
    }
    return static_cast<Float>(number);
}

Made make_text(Path path, const json& value, std::size_t alternative, Storage& storage) {
    auto octets = alternative == index_of<ByteArray> ? bytes_of_hex(path, value) : bytes_of_text(path, value);
    if (!octets) return std::unexpected(octets.error());
    storage = std::move(*octets);
    if (alternative == index_of<ByteArray>) return ByteArray{storage};
    const auto text = wire::as_text(storage);
    if (alternative == index_of<LongString>) return LongString{text};
    if (!ShortString::fits(text)) return expected_but(path, "a string of at most 255 octets", value);
    return ShortText{text};
}

template <class Integer>
Made make_integer(Path path, const json& value) {
    const auto number = integer_from_json<Integer>(path, value);
    if (!number) return std::unexpected(number.error());
    return *number;
}

// What stands behind {"!tag": ...}, for every alternative but bool, array and table, which write themselves.
Made make_scalar(Path path, const json& value, std::size_t alternative, Storage& storage) {
    switch (alternative) {
        case index_of<std::int8_t>: return make_integer<std::int8_t>(path, value);
        case index_of<std::uint8_t>: return make_integer<std::uint8_t>(path, value);
        case index_of<std::int16_t>: return make_integer<std::int16_t>(path, value);
        case index_of<std::uint16_t>: return make_integer<std::uint16_t>(path, value);
        case index_of<std::int32_t>: return make_integer<std::int32_t>(path, value);
        case index_of<std::uint32_t>: return make_integer<std::uint32_t>(path, value);
        case index_of<std::int64_t>: return make_integer<std::int64_t>(path, value);
        case index_of<std::uint64_t>: return make_integer<std::uint64_t>(path, value);
        case index_of<float>: return make_float<float>(path, value);
        case index_of<double>: return make_float<double>(path, value);
        case index_of<Decimal>: return make_decimal(path, value);
        case index_of<Void>:
            if (!value.is_null()) return expected_but(path, "null", value);
            return Void{};
        case index_of<Timestamp>: {
            const auto seconds = integer_from_json<std::uint64_t>(path, value);
            if (!seconds) return std::unexpected(seconds.error());
            return Timestamp{*seconds};
        }
        default: return make_text(path, value, alternative, storage);
    }
}

Outcome write_raw(Writer& writer, Path path, const json& hex) {
    const auto octets = bytes_of_hex(path + ".!raw", hex);
    if (!octets) return std::unexpected(octets.error());
    writer.bytes(*octets);
    return {};
}

class ValueWriter {
public:
    ValueWriter(Writer& writer, Dialect dialect) : writer_(writer), dialect_(dialect) {}

    // A table with its size: an object, or pairs under "!F".
    Outcome table(Path path, const json& value, int depth) {
        const auto length = writer_.reserve_length();
        Outcome outcome;
        if (const auto* pairs = tagged(value, "!F")) {
            outcome = write_pairs(path, *pairs, depth);
        } else {
            outcome = write_object(path, value, depth);
        }
        if (outcome) writer_.fill_length(length);
        return outcome;
    }

    Outcome value(Path path, const json& value, int depth) {
        if (depth > max_json_depth) {
            return std::unexpected(fmt::format("{}: expected at most {} levels", path.substr(0, 60), max_json_depth));
        }
        if (value.is_object()) return write_object_value(path, value, depth);
        if (value.is_array()) return write_array(path, value, depth);
        if (value.is_string()) return write_alternative(path, value, index_of<LongString>);
        if (value.is_null()) return write_alternative(path, value, index_of<Void>);
        if (value.is_number_float()) return write_alternative(path, value, index_of<double>);
        if (value.is_boolean()) {
            write_value(writer_, value.get<bool>(), dialect_);
            return {};
        }
        const bool small = integer_from_json<std::int32_t>(path, value).has_value();
        return write_alternative(path, value, small ? index_of<std::int32_t> : index_of<std::int64_t>);
    }

private:
    Outcome write_name(Path path, const json& name) {
        const auto octets = bytes_of_text(path, name);
        if (!octets) return std::unexpected(octets.error());
        if (octets->size() > ShortString::max_size) {
            return expected_but(path, "a field name of at most 255 octets", name);
        }
        writer_.u8(static_cast<std::uint8_t>(octets->size()));
        writer_.bytes(*octets);
        return {};
    }

    Outcome write_pairs(Path path, const json& pairs, int depth) {
        constexpr std::string_view what = "an array of [name, value] pairs";
        if (!pairs.is_array()) return expected_but(path + ".!F", what, pairs);
        for (const auto& pair : pairs) {
            if (!pair.is_array() || pair.size() != 2) return expected_but(path + ".!F", what, pair);
            if (auto name = write_name(path, pair[0]); !name) return name;
            const auto shown = pair[0].is_string() ? pair[0].get<std::string>() : pair[0].dump();
            if (auto written = value(path + "." + shown, pair[1], depth + 1); !written) return written;
        }
        return {};
    }

    Outcome write_object(Path path, const json& object, int depth) {
        if (!object.is_object()) return expected_but(path, "an object for a table", object);
        for (const auto& [name, element] : object.items()) {
            if (name.starts_with('!')) {
                return expected_but(path, R"(an object without "!", or {"!F": [...]} for a table)", object);
            }
            if (auto written = write_name(path, name); !written) return written;
            if (auto written = value(path + "." + name, element, depth + 1); !written) return written;
        }
        return {};
    }

    // A nested table, or one of the forms that begin with '!'.
    Outcome write_object_value(Path path, const json& object, int depth) {
        const bool explicit_form = object.size() == 1 && object.begin().key().starts_with('!');
        if (!explicit_form || tagged(object, "!F")) {
            if (const auto* inner = tagged(object, "!F"); inner && tagged(*inner, "!raw")) {
                return write_tagged(path, 'F', *inner, depth);
            }
            writer_.u8('F');
            return table(path, object, depth);
        }
        const auto& key = object.begin().key();
        const auto& inner = *object.begin();
        if (key == "!hex") return write_alternative(path, object, index_of<LongString>);
        if (key.size() == 2) return write_tagged(path + "." + key, key[1], inner, depth);
        return expected_but(path, R"({"!tag": value} with a one-letter tag, or {"!hex": "<octets>"})", object);
    }

    Outcome write_tagged(Path path, char tag, const json& inner, int depth) {
        if (const auto* hex = tagged(inner, "!raw")) {
            writer_.u8(static_cast<std::uint8_t>(tag));
            return write_raw(writer_, path, *hex);
        }
        const auto alternative = alternative_of(tag, dialect_);
        if (!alternative) {
            return expected_but(path, R"(a tag of the dialect, or {"!raw": "<octets>"} for an unknown one)", inner);
        }
        if (*alternative == index_of<FieldArray>) {
            if (!inner.is_array()) return expected_but(path, "an array", inner);
            return write_array(path, inner, depth);
        }
        if (*alternative == index_of<bool>) return write_bool(path, tag, inner);
        const auto at = writer_.size();
        auto written = write_alternative(path, inner, *alternative);
        // Where two letters mean one type, the letter asked for stands.
        if (written) writer_.put_u8(at, static_cast<std::uint8_t>(tag));
        return written;
    }

    Outcome write_bool(Path path, char tag, const json& value) {
        auto octet = std::uint8_t{value.is_boolean() && value.get<bool>()};
        if (!value.is_boolean()) {
            const auto number = integer_from_json<std::uint8_t>(path, value);
            if (!number) return std::unexpected(number.error());
            octet = *number;
        }
        writer_.u8(static_cast<std::uint8_t>(tag));
        writer_.u8(octet);
        return {};
    }

    Outcome write_array(Path path, const json& array, int depth) {
        writer_.u8('A');
        const auto length = writer_.reserve_length();
        std::size_t position = 0;
        for (const auto& element : array) {
            auto written = value(fmt::format("{}[{}]", path, position++), element, depth + 1);
            if (!written) return written;
        }
        writer_.fill_length(length);
        return {};
    }

    Outcome write_alternative(Path path, const json& value, std::size_t alternative) {
        Storage storage;
        const auto made = make_scalar(path, value, alternative, storage);
        if (!made) return std::unexpected(made.error());
        write_value(writer_, *made, dialect_);
        return {};
    }

    Writer& writer_;
    Dialect dialect_;
};

template <class Integer>
Outcome write_integer(Writer& writer, Path path, const json& value) {
    const auto number = integer_from_json<Integer>(path, value);
    if (!number) return std::unexpected(number.error());
    if constexpr (sizeof(Integer) == 1) writer.u8(*number);
    if constexpr (sizeof(Integer) == 2) writer.u16(*number);
    if constexpr (sizeof(Integer) == 4) writer.u32(*number);
    if constexpr (sizeof(Integer) == 8) writer.u64(*number);
    return {};
}

Outcome write_string(Writer& writer, Path path, Domain domain, const json& value) {
    const auto octets = bytes_of_text(path, value);
    if (!octets) return std::unexpected(octets.error());
    if (domain == Domain::shortstr) {
        if (octets->size() > ShortString::max_size) return expected_but(path, "at most 255 octets", value);
        writer.u8(static_cast<std::uint8_t>(octets->size()));
    } else {
        writer.u32(static_cast<std::uint32_t>(octets->size()));
    }
    writer.bytes(*octets);
    return {};
}

}  // namespace

const json* tagged(const json& value, std::string_view name) {
    if (!value.is_object() || value.size() != 1 || value.begin().key() != name) return nullptr;
    return &*value.begin();
}

std::string described(const json& value) {
    auto text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

std::expected<Bytes, std::string> bytes_of_hex(Path path, const json& hex) {
    auto octets = hex.is_string() ? wire::from_hex(hex.get_ref<const std::string&>()) : std::nullopt;
    if (!octets) return expected_but(path, "a string of pairs of hexadecimal digits", hex);
    return std::move(*octets);
}

std::expected<Bytes, std::string> bytes_of_text(Path path, const json& text) {
    if (const auto* hex = tagged(text, "!hex")) return bytes_of_hex(path + ".!hex", *hex);
    if (!text.is_string()) return expected_but(path, R"(a string, or {"!hex": "<octets>"})", text);
    const auto octets = wire::as_bytes(text.get_ref<const std::string&>());
    return Bytes(octets.begin(), octets.end());
}

Outcome write_table_from_json(Writer& writer, Path path, const json& table, Dialect dialect) {
    return ValueWriter(writer, dialect).table(path, table, 0);
}

Outcome write_field_from_json(Writer& writer, Path path, Domain domain, const json& value, Dialect dialect) {
    if (const auto* hex = tagged(value, "!raw")) return write_raw(writer, path, *hex);
    switch (domain) {
        case Domain::octet: return write_integer<Octet>(writer, path, value);
        case Domain::short_: return write_integer<Short>(writer, path, value);
        case Domain::long_: return write_integer<Long>(writer, path, value);
        case Domain::longlong: return write_integer<LongLong>(writer, path, value);
        case Domain::timestamp: return write_integer<std::uint64_t>(writer, path, value);
        case Domain::table: return write_table_from_json(writer, path, value, dialect);
        case Domain::shortstr:
        case Domain::longstr: return write_string(writer, path, domain, value);
        case Domain::bit: break;  // bits share octets: the caller collects them
    }
    return expected_but(path, "no bit here", value);
}

}  // namespace codec::amqp091
