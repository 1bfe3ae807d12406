// Prints a libFuzzer dictionary made from the table: what a fuzzer would take long to guess.
#include <fmt/format.h>

#include <cctype>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/field_tags.hpp"
#include "codec/amqp091/frame.hpp"

using namespace codec::amqp091;

namespace {

void print(std::string name, BytesView octets) {
    for (auto& c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    }
    fmt::print("{}=\"", name);
    for (const auto octet : octets) fmt::print("\\x{:02x}", octet);
    fmt::print("\"\n");
}

// A whole frame: an empty one, and one that a method with all its fields empty fits into.
void print_frames() {
    for (const auto type : {frame_type::method, frame_type::header, frame_type::body, frame_type::heartbeat}) {
        Bytes frame;
        append_frame(frame, {type, {1}, {}});
        print(fmt::format("frame_{}", type), frame);
        print(fmt::format("frame_header_{}", type), BytesView(frame).first(frame_header_size));
    }
    print("frame_end", Bytes{frame_end});
    print("protocol_header", protocol_header_091);
}

void print_methods() {
    for (const auto& row : method_rows()) {
        Bytes id;
        codec::wire::Writer writer(id);
        writer.u16(row.id.class_id);
        writer.u16(row.id.method_id);
        print(std::string(row.name), id);
    }
}

void print_properties() {
    for (std::size_t i = 0; i < property_rows().size(); ++i) {
        Bytes flags;
        codec::wire::Writer(flags).u16(static_cast<std::uint16_t>(1u << (15 - i)));
        print(fmt::format("flag_{}", property_rows()[i].name), flags);
    }
}

// A field with an empty value of each type: name, tag and zeros.
void print_tags() {
    for (const auto& row : tag_rows) {
        Bytes field{1, 'k', static_cast<Byte>(row.rabbitmq == ' ' ? row.specification : row.rabbitmq)};
        const std::size_t zeros = row.shape == Shape::fixed ? row.size : row.shape == Shape::short_text ? 1u : 4u;
        field.resize(field.size() + zeros);
        print(fmt::format("field_{}_{}", row.rabbitmq_name, static_cast<char>(field[2])), field);
    }
}

}  // namespace

int main() {
    fmt::print("# Made from the table of methods; see fuzz/dictionary.cpp.\n");
    print_frames();
    print_methods();
    print_properties();
    print_tags();
}
