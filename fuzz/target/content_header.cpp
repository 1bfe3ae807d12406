// What decodes as a content header with properties encodes to the same octets, but for flags that mean nothing.
//
//   input = octet(dialect) *octet(the payload of a header frame)
#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "fuzz/target/expect.hpp"

using namespace codec::amqp091;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const auto dialect = data[0] % 2 == 0 ? Dialect::rabbitmq : Dialect::specification;
    const BytesView payload(data + 1, size - 1);
    const auto header = decode_content_header(payload);
    fuzz::expect(header.has_value() == (payload.size() >= 12), "a content header is 12 octets and properties");
    if (!header) return 0;
    Bytes encoded;
    encode(*header, encoded);
    fuzz::expect(encoded == Bytes(payload.begin(), payload.end()), "a content header encodes to itself");

    const auto properties = decode_properties(header->property_octets, dialect);
    if (!properties) {
        fuzz::expect(properties.error().offset <= header->property_octets.size(), "a mistake lies inside");
        return 0;
    }
    Bytes property_octets;
    encode(*properties, property_octets);
    Bytes defined(header->property_octets.begin(), header->property_octets.end());
    defined.at(1) = static_cast<Byte>(defined.at(1) & 0xfc);  // the class has 14 properties
    fuzz::expect(property_octets == defined, "properties encode to the octets they came from");
    const auto from_json = encode_properties_from_json(to_json(*properties), dialect);
    fuzz::expect(from_json && *from_json == property_octets, "properties as JSON encode to the same octets");
    fuzz::expect(!to_string(*properties).empty(), "properties can be shown");
    return 0;
}
