// A table that passes its check can be walked, shown, built anew, and turned to JSON and back octet for octet.
//
//   input = octet(dialect) *octet(a field table without its size)
#include "codec/amqp091/field_table.hpp"

#include "codec/amqp091/json.hpp"
#include "fuzz/target/expect.hpp"

using namespace codec::amqp091;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const auto dialect = data[0] % 2 == 0 ? Dialect::rabbitmq : Dialect::specification;
    const BytesView octets(data + 1, size - 1);
    const auto table = FieldTable::check(octets, dialect);
    if (!table) {
        fuzz::expect(table.error().offset <= octets.size(), "a mistake lies inside the table");
        return 0;
    }
    FieldTableBuilder builder(dialect);
    for (const auto& [name, value] : *table) builder.add(name, value);
    const auto rebuilt = builder.view();
    fuzz::expect(FieldTable::check(rebuilt.octets(), dialect).has_value(), "a table built anew passes its check");
    fuzz::expect(to_string(rebuilt) == to_string(*table), "a table built anew holds the same values");
    for (const auto& [name, value] : *table)
        fuzz::expect(table->find(name).has_value(), "a name that is there is found");

    const auto from_json = encode_table_from_json(to_json(*table), dialect);
    fuzz::expect(from_json && *from_json == Bytes(octets.begin(), octets.end()), "JSON keeps every octet of a table");
    const auto readable = encode_table_from_json(to_json(*table, JsonForm::readable), dialect);
    fuzz::expect(readable.has_value(), "readable JSON is a table, too");
    return 0;
}
