// What decodes as a method encodes to as many octets, decodes to the same again, and survives the way over JSON.
//
//   input = octet(dialect) *octet(the payload of a method frame)
#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "fuzz/target/expect.hpp"

using namespace codec::amqp091;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const auto dialect = data[0] % 2 == 0 ? Dialect::rabbitmq : Dialect::specification;
    const BytesView payload(data + 1, size - 1);
    const auto method = decode_method(payload, dialect);
    if (!method) {
        fuzz::expect(method.error().offset <= payload.size(), "a mistake lies inside the payload");
        return 0;
    }
    Bytes encoded;
    encode(*method, encoded);
    // Reserved fields and undefined bits are not kept, only their octets.
    if (encoded.size() != payload.size()) {
        const auto& row = *find_method(id_of(*method));
        bool reserved = false;
        for (const auto& field : row.fields) reserved = reserved || field.reserved;
        fuzz::expect(reserved, "a method without reserved fields keeps its size");
    }
    const auto again = decode_method(encoded, dialect);
    fuzz::expect(again && *again == *method, "an encoded method decodes to itself");
    fuzz::expect(!to_string(*method).empty(), "a method can be shown");
    const auto from_json = encode_method_from_json(name_of(*method), fields_to_json(*method), dialect);
    fuzz::expect(from_json && *from_json == encoded, "a method as JSON encodes to the same octets");
    fuzz::expect(!mismatch(*method, nlohmann::json::object()), "a method matches no expectation at all");
    return 0;
}
