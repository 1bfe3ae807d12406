// Field tables as people read them in reports and logs.
#include <fmt/format.h>

#include "codec/amqp091/field_table.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 || octet == 0x7f) {
            out += fmt::format("\\x{:02x}", octet);
        } else {
            out += c;
        }
    }
    return out + '"';
}

struct Printer {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(Decimal value) const { return fmt::format("{}/{}", value.scale, value.value); }
    std::string operator()(LongString value) const { return quoted(value.text); }
    std::string operator()(ShortText value) const { return quoted(value.text); }
    std::string operator()(Timestamp value) const { return fmt::format("{}", value.seconds); }
    std::string operator()(FieldTable value) const { return to_string(value); }
    std::string operator()(Void) const { return ""; }
    std::string operator()(ByteArray value) const { return "'" + wire::to_hex(value.octets) + "'"; }
    std::string operator()(FieldArray value) const {
        std::string out = "[";
        for (const auto& element : value) out += (out.size() > 1 ? "," : "") + to_string(element);
        return out + "]";
    }
    template <class Number>
    std::string operator()(Number value) const {
        return fmt::format("{}", value);
    }
};

}  // namespace

std::string to_string(const FieldValue& value) {
    // The letter names the type; the two types that only the other dialect has borrow its letter.
    const auto tag = tag_of(value, Dialect::rabbitmq).value_or(value.as<ShortText>() ? 'z' : 'U');
    return tag + std::visit(Printer{}, value.variant());
}

std::string to_string(FieldTable table) {
    std::string out = "{";
    for (const auto& [name, value] : table) {
        if (out.size() > 1) out += ",";
        out += std::string(name) + "=" + to_string(value);
    }
    return out + "}";
}

}  // namespace codec::amqp091
