// From octets to JSON: values of field tables, each in the shortest form that leads back to the same octets.
#include <cmath>

#include "codec/amqp091/json_value.hpp"
#include "codec/wire/hex.hpp"
#include "codec/wire/utf8.hpp"

namespace codec::amqp091 {
namespace {

using nlohmann::json;

Element read_element(wire::Reader& reader, BytesView all, Dialect dialect) {
    const auto start = reader.offset();
    const auto value = read_value(reader, dialect);
    return {static_cast<char>(all[start]), all.subspan(start + 1, reader.offset() - start - 1), value, dialect};
}

json under_tag(char tag, json value) { return {{std::string{'!', tag}, std::move(value)}}; }

json raw(const Element& element) { return under_tag(element.tag, {{"!raw", wire::to_hex(element.octets)}}); }

// The names of an object are text, and one that begins with '!' has a meaning.
bool has_plain_names(FieldTable table) {
    bool plain = true;
    for_each_element(table, [&](std::string_view name, const Element&) {
        plain = plain && wire::is_utf8(name) && !name.starts_with('!');
    });
    return plain;
}

// An object keeps neither order nor repetition.
bool has_sorted_names(FieldTable table) {
    std::optional<std::string_view> last;
    bool sorted = true;
    for_each_element(table, [&](std::string_view name, const Element&) {
        sorted = sorted && (!last || *last < name);
        last = name;
    });
    return sorted;
}

json table_to_pairs(FieldTable table, JsonForm form) {
    auto pairs = json::array();
    for_each_element(table, [&](std::string_view name, const Element& element) {
        pairs.push_back(json::array({text_to_json(name), element_to_json(element, form)}));
    });
    return under_tag('F', std::move(pairs));
}

json table_to_object(FieldTable table, JsonForm form) {
    auto object = json::object();
    for_each_element(table, [&](std::string_view name, const Element& element) {
        const std::string key(name);
        if (!object.contains(key)) object[key] = element_to_json(element, form);
    });
    return object;
}

struct ElementToJson {
    const Element& element;
    JsonForm form;

    json operator()(bool value) const {
        if (element.octets.front() > 1) return under_tag(element.tag, element.octets.front());
        return value;
    }
    json operator()(std::int32_t value) const { return value; }
    json operator()(std::int64_t value) const {
        const bool preferred = tag_of(element.value, element.dialect) == element.tag;
        if (preferred && !std::in_range<std::int32_t>(value)) return value;
        return under_tag(element.tag, value);
    }
    json operator()(float value) const {
        if (!std::isfinite(value)) return raw(element);
        return under_tag(element.tag, static_cast<double>(value));
    }
    json operator()(double value) const {
        if (!std::isfinite(value)) return raw(element);
        return value;
    }
    json operator()(Decimal value) const { return under_tag(element.tag, json::array({value.scale, value.value})); }
    json operator()(LongString value) const { return text_to_json(value.text); }
    json operator()(ShortText value) const { return under_tag(element.tag, text_to_json(value.text)); }
    json operator()(ByteArray value) const { return under_tag(element.tag, wire::to_hex(value.octets)); }
    json operator()(Timestamp value) const { return under_tag(element.tag, value.seconds); }
    json operator()(FieldTable value) const { return to_json(value, form); }
    json operator()(Void) const { return nullptr; }
    json operator()(FieldArray value) const {
        auto array = json::array();
        for_each_element(value, [&](std::string_view, const Element& inner) {
            array.push_back(element_to_json(inner, form));
        });
        return array;
    }
    template <class Integer>
    json operator()(Integer value) const {
        return under_tag(element.tag, value);
    }
};

}  // namespace

json text_to_json(std::string_view text) {
    if (wire::is_utf8(text)) return std::string(text);
    return {{"!hex", wire::to_hex(wire::as_bytes(text))}};
}

void for_each_element(FieldTable table, const ElementVisitor& visitor) {
    wire::Reader reader(table.octets());
    while (reader.remaining() > 0) {
        const auto name = wire::as_text(reader.take(reader.u8(), ""));
        visitor(name, read_element(reader, table.octets(), table.dialect()));
    }
}

void for_each_element(FieldArray array, const ElementVisitor& visitor) {
    wire::Reader reader(array.octets());
    while (reader.remaining() > 0) visitor({}, read_element(reader, array.octets(), array.dialect()));
}

json element_to_json(const Element& element, JsonForm form) {
    return std::visit(ElementToJson{element, form}, element.value.variant());
}

json to_json(FieldTable table, JsonForm form) {
    const bool fits = has_plain_names(table) && (form == JsonForm::readable || has_sorted_names(table));
    return fits ? table_to_object(table, form) : table_to_pairs(table, form);
}

json content_to_json(const FieldContent& content, JsonForm form) {
    return std::visit(
        [&]<class T>(const T& value) -> json {
            if constexpr (std::is_same_v<T, ShortString>) return text_to_json(value.text());
            if constexpr (std::is_same_v<T, LongString>) return text_to_json(value.text);
            if constexpr (std::is_same_v<T, FieldTable>) return to_json(value, form);
            if constexpr (std::is_same_v<T, Timestamp>) return value.seconds;
            if constexpr (std::is_integral_v<T>) return value;
        },
        content
    );
}

}  // namespace codec::amqp091
