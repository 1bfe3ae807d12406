#include "codec/amqp091/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json operator""_j(const char* text, std::size_t size) { return json::parse(text, text + size); }

std::string hex_of_table(const json& table, Dialect dialect = Dialect::rabbitmq) {
    const auto octets = encode_table_from_json(table, dialect);
    return octets ? wire::to_hex(*octets) : octets.error();
}

std::string error_of_table(const json& table, Dialect dialect = Dialect::rabbitmq) {
    const auto octets = encode_table_from_json(table, dialect);
    return octets ? "no error" : octets.error();
}

std::string error_of_method(std::string_view name, const json& fields) {
    const auto octets = encode_method_from_json(name, fields);
    return octets ? "no error" : octets.error();
}

// Octets of a table, which must be well formed, to JSON.
json json_of_table(std::string_view hex, JsonForm form = JsonForm::exact, Dialect dialect = Dialect::rabbitmq) {
    const auto octets = wire::from_hex(hex);
    const auto table = FieldTable::check(octets.value(), dialect);
    EXPECT_TRUE(table) << to_string(table.error());
    return table ? to_json(*table, form) : json();
}

TEST(MethodToJson, names_every_field_that_is_not_reserved) {
    FieldTableBuilder arguments;
    arguments.add("x-max-length", 5);
    const Method method = queue::Declare{.queue = "q", .durable = true, .arguments = arguments.view()};
    EXPECT_EQ(to_json(method), R"({"queue.declare": {
        "queue": "q", "passive": false, "durable": true, "exclusive": false, "auto_delete": false, "no_wait": false,
        "arguments": {"x-max-length": 5}}})"_j);
}

TEST(MethodToJson, shows_a_method_without_fields_as_an_empty_object) {
    EXPECT_EQ(to_json(Method(tx::Select{})), R"({"tx.select": {}})"_j);
}

TEST(MethodToJson, shows_text_that_is_no_utf8_as_hex) {
    const Method method = connection::Close{.reply_code = 320, .reply_text = "\xff\xfe"};
    EXPECT_EQ(fields_to_json(method)["reply_text"], R"({"!hex": "fffe"})"_j);
}

TEST(MethodFromJson, encodes_what_the_table_encodes) {
    FieldTableBuilder arguments;
    arguments.add("x-expires", 1000);
    Bytes expected;
    encode(queue::Declare{.queue = "q", .exclusive = true, .no_wait = true, .arguments = arguments.view()}, expected);
    const auto octets = encode_method_from_json(
        "queue.declare", R"({"queue": "q", "exclusive": true, "no_wait": true, "arguments": {"x-expires": 1000}})"_j
    );
    ASSERT_TRUE(octets) << octets.error();
    EXPECT_EQ(wire::to_hex(*octets), wire::to_hex(expected));
}

TEST(MethodFromJson, takes_reserved_fields) {
    const auto octets = encode_method_from_json("basic.get", R"({"reserved_1": 258, "queue": "q"})"_j);
    ASSERT_TRUE(octets) << octets.error();
    EXPECT_EQ(
        wire::to_hex(*octets),
        "003c004601020171"
        "00"
    );
}

TEST(MethodFromJson, takes_raw_octets_for_a_field) {
    const auto octets = encode_method_from_json("connection.blocked", R"({"reason": {"!raw": "ff61"}})"_j);
    ASSERT_TRUE(octets) << octets.error();
    EXPECT_EQ(wire::to_hex(*octets), "000a003cff61");
}

TEST(MethodFromJson, takes_text_as_hex) {
    const auto octets = encode_method_from_json("connection.secure", R"({"challenge": {"!hex": "00ff"}})"_j);
    ASSERT_TRUE(octets) << octets.error();
    EXPECT_EQ(wire::to_hex(*octets), "000a00140000000200ff");
}

TEST(MethodFromJson, refuses_an_unknown_method) {
    EXPECT_THAT(error_of_method("queue.declar", json::object()), HasSubstr("'queue.declar' is no method"));
}

TEST(MethodFromJson, refuses_an_unknown_field_and_names_the_known_ones) {
    EXPECT_EQ(
        error_of_method("basic.ack", R"({"tag": 1})"_j),
        "basic.ack has no field 'tag'; its fields: delivery_tag, multiple"
    );
}

TEST(MethodFromJson, refuses_a_value_out_of_range) {
    EXPECT_EQ(
        error_of_method("basic.qos", R"({"prefetch_count": 65536})"_j),
        "basic.qos.prefetch_count: expected an integer from 0 to 65535, got 65536"
    );
    EXPECT_THAT(error_of_method("basic.qos", R"({"prefetch_count": -1})"_j), HasSubstr("from 0 to 65535, got -1"));
    EXPECT_THAT(
        error_of_method("basic.get", {{"queue", std::string(256, 'q')}}),
        HasSubstr("basic.get.queue: expected at most 255")
    );
}

TEST(MethodFromJson, refuses_a_value_of_another_type) {
    EXPECT_EQ(
        error_of_method("basic.ack", R"({"multiple": 1})"_j), "basic.ack.multiple: expected true or false, got 1"
    );
    EXPECT_THAT(error_of_method("basic.get", R"({"queue": 1})"_j), HasSubstr("basic.get.queue: expected a string"));
    EXPECT_THAT(
        error_of_method("queue.declare", R"({"arguments": []})"_j),
        HasSubstr("queue.declare.arguments: expected an object for a table, got []")
    );
    EXPECT_THAT(error_of_method("basic.ack", "[]"_j), HasSubstr("basic.ack: expected an object of fields"));
}

TEST(MethodFromJson, says_where_in_a_table_it_went_wrong) {
    EXPECT_EQ(
        error_of_method("queue.bind", R"({"arguments": {"a": [1, {"b": {"!b": 128}}]}})"_j),
        "queue.bind.arguments.a[1].b.!b: expected an integer from -128 to 127, got 128"
    );
}

TEST(TableFromJson, writes_natural_json_with_the_common_tags) {
    EXPECT_EQ(hex_of_table(R"({"k": true})"_j), "016b7401");
    EXPECT_EQ(hex_of_table(R"({"k": -1})"_j), "016b49ffffffff");
    EXPECT_EQ(hex_of_table(R"({"k": 2147483648})"_j), "016b6c0000000080000000");
    EXPECT_EQ(hex_of_table(R"({"k": 1.5})"_j), "016b643ff8000000000000");
    EXPECT_EQ(hex_of_table(R"({"k": "hi"})"_j), "016b53000000026869");
    EXPECT_EQ(hex_of_table(R"({"k": null})"_j), "016b56");
    EXPECT_EQ(hex_of_table(R"({"k": {"l": true}})"_j), "016b4600000004016c7401");
    EXPECT_EQ(hex_of_table(R"({"k": [true, null]})"_j), "016b4100000003740156");
}

TEST(TableFromJson, writes_64_bit_integers_with_the_letter_of_the_dialect) {
    EXPECT_EQ(hex_of_table(R"({"k": 2147483648})"_j, Dialect::specification), "016b4c0000000080000000");
    EXPECT_EQ(hex_of_table(R"({"k": {"!L": 1}})"_j), "016b4c0000000000000001");
    EXPECT_EQ(
        hex_of_table(R"({"k": {"!l": 18446744073709551615}})"_j, Dialect::specification), "016b6cffffffffffffffff"
    );
}

TEST(TableFromJson, writes_the_tag_it_is_told) {
    EXPECT_EQ(hex_of_table(R"({"k": {"!b": -5}})"_j), "016b62fb");
    EXPECT_EQ(hex_of_table(R"({"k": {"!B": 251}})"_j), "016b42fb");
    EXPECT_EQ(hex_of_table(R"({"k": {"!s": 5}})"_j), "016b730005");
    EXPECT_EQ(hex_of_table(R"({"k": {"!s": "five"}})"_j, Dialect::specification), "016b730466697665");
    EXPECT_EQ(hex_of_table(R"({"k": {"!u": 5}})"_j), "016b750005");
    EXPECT_EQ(hex_of_table(R"({"k": {"!i": 4294967295}})"_j), "016b69ffffffff");
    EXPECT_EQ(hex_of_table(R"({"k": {"!f": 1.5}})"_j), "016b663fc00000");
    EXPECT_EQ(hex_of_table(R"({"k": {"!D": [2, 314]}})"_j), "016b44020000013a");
    EXPECT_EQ(hex_of_table(R"({"k": {"!T": 1000}})"_j), "016b5400000000000003e8");
    EXPECT_EQ(hex_of_table(R"({"k": {"!x": "00ff"}})"_j), "016b780000000200ff");
    EXPECT_EQ(hex_of_table(R"({"k": {"!t": 2}})"_j), "016b7402");
}

TEST(TableFromJson, writes_what_no_dialect_allows_when_told_the_octets) {
    EXPECT_EQ(hex_of_table(R"({"k": {"!Z": {"!raw": "0102"}}})"_j), "016b5a0102");
    EXPECT_EQ(hex_of_table(R"({"k": {"!S": {"!raw": "ffffffff61"}}})"_j), "016b53ffffffff61");
    EXPECT_EQ(hex_of_table(R"({"k": {"!F": {"!raw": "00000001"}}})"_j), "016b4600000001");
}

TEST(TableFromJson, keeps_the_order_and_repetition_of_pairs) {
    EXPECT_EQ(
        hex_of_table(R"({"!F": [["b", null], ["a", null], ["b", true]]})"_j),
        "016256016156"
        "01627401"
    );
    EXPECT_EQ(hex_of_table(R"({"k": {"!F": [["!s", 1]]}})"_j), "016b46000000080221734900000001");
}

TEST(TableFromJson, refuses_a_form_it_does_not_know) {
    EXPECT_THAT(error_of_table(R"({"k": {"!Z": 1}})"_j), HasSubstr("table.k.!Z: expected a tag of the dialect"));
    EXPECT_THAT(error_of_table(R"({"k": {"!x": 1}})"_j, Dialect::specification), HasSubstr("a tag of the dialect"));
    EXPECT_THAT(error_of_table(R"({"k": {"!s": 1, "!b": 1}})"_j), HasSubstr("table.k: expected an object without"));
    EXPECT_THAT(error_of_table(R"({"k": {"!hax": "00"}})"_j), HasSubstr("table.k: expected {\"!tag\": value}"));
    EXPECT_THAT(error_of_table(R"({"k": {"!x": "0"}})"_j), HasSubstr("table.k.!x: expected a string of pairs"));
    EXPECT_THAT(error_of_table(R"({"k": {"!D": [2]}})"_j), HasSubstr("table.k.!D: expected [scale, value]"));
    EXPECT_THAT(error_of_table(R"({"k": {"!f": 1e300}})"_j), HasSubstr("table.k.!f: expected a number that a 32-bit"));
    EXPECT_THAT(error_of_table(R"({"k": {"!V": 0}})"_j), HasSubstr("table.k.!V: expected null, got 0"));
    EXPECT_THAT(error_of_table(R"({"k": 9223372036854775808})"_j), HasSubstr("table.k: expected an integer from"));
    EXPECT_THAT(error_of_table({{std::string(256, 'n'), 1}}), HasSubstr("a field name of at most 255 octets"));
}

TEST(TableFromJson, refuses_nesting_that_could_exhaust_the_stack) {
    json nested = 1;
    for (int i = 0; i < 2000; ++i) nested = json::array({nested});
    EXPECT_THAT(error_of_table({{"k", nested}}), HasSubstr("expected at most 1000 levels"));
}

TEST(TableToJson, keeps_apart_what_natural_json_would_merge) {
    EXPECT_EQ(json_of_table("016b62fb"), R"({"k": {"!b": -5}})"_j);
    EXPECT_EQ(json_of_table("016b6c0000000000000001"), R"({"k": {"!l": 1}})"_j);
    EXPECT_EQ(json_of_table("016b4c0000000080000000"), R"({"k": {"!L": 2147483648}})"_j);
    EXPECT_EQ(json_of_table("016b7402"), R"({"k": {"!t": 2}})"_j);
    EXPECT_EQ(json_of_table("016b5300000002fffe"), R"({"k": {"!hex": "fffe"}})"_j);
    EXPECT_EQ(json_of_table("016b647ff0000000000000"), R"({"k": {"!d": {"!raw": "7ff0000000000000"}}})"_j);
    EXPECT_EQ(json_of_table("016b667fc00001"), R"({"k": {"!f": {"!raw": "7fc00001"}}})"_j);
    EXPECT_EQ(json_of_table("01ff56"), R"({"!F": [[{"!hex": "ff"}, null]]})"_j);
    EXPECT_EQ(json_of_table("02217356"), R"({"!F": [["!s", null]]})"_j);
}

TEST(TableToJson, shows_unsorted_names_as_pairs_unless_it_shall_be_readable) {
    EXPECT_EQ(json_of_table("016256016156"), R"({"!F": [["b", null], ["a", null]]})"_j);
    EXPECT_EQ(json_of_table("016256016156", JsonForm::readable), R"({"a": null, "b": null})"_j);
}

TEST(TableToJson, keeps_the_first_of_a_repeated_name_when_readable) {
    EXPECT_EQ(json_of_table("016b7401016b7400", JsonForm::readable), R"({"k": true})"_j);
}

TEST(PropertiesFromJson, encode_what_the_table_encodes) {
    Bytes expected;
    encode(BasicProperties{.content_type = "text/plain", .priority = Octet{3}, .timestamp = Timestamp{7}}, expected);
    const auto octets =
        encode_properties_from_json(R"({"timestamp": 7, "content_type": "text/plain", "priority": 3, "app_id": null})"_j
        );
    ASSERT_TRUE(octets) << octets.error();
    EXPECT_EQ(wire::to_hex(*octets), wire::to_hex(expected));
}

TEST(PropertiesFromJson, refuse_what_is_no_property) {
    const auto unknown = encode_properties_from_json(R"({"content-type": "a"})"_j);
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error(), HasSubstr("properties has no field 'content-type'; its fields: content_type, "));
    const auto wrong = encode_properties_from_json(R"({"delivery_mode": 256})"_j);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), "properties.delivery_mode: expected an integer from 0 to 255, got 256");
}

TEST(PropertiesToJson, show_only_what_is_present) {
    const BasicProperties properties{.delivery_mode = Octet{2}, .message_id = ShortString("")};
    EXPECT_EQ(to_json(properties), R"({"delivery_mode": 2, "message_id": ""})"_j);
}

std::string method_mismatch(const json& expected) {
    FieldTableBuilder arguments;
    FieldArrayBuilder list;
    list.add(1).add(LongString{"two"});
    FieldTableBuilder inner;
    inner.add("count", std::int64_t{2}).add("reason", LongString{"expired"});
    arguments.add("n", std::int16_t{5}).add("list", list.view()).add("inner", inner.view());
    const Method method = queue::Declare{.queue = "orders-17", .durable = true, .arguments = arguments.view()};
    return mismatch(method, expected).value_or("match");
}

TEST(Mismatch, compares_only_the_fields_that_are_named) {
    EXPECT_EQ(method_mismatch(R"({})"_j), "match");
    EXPECT_EQ(method_mismatch(R"({"queue": "orders-17", "durable": true})"_j), "match");
    EXPECT_EQ(
        method_mismatch(R"({"queue": "orders"})"_j), R"(queue.declare.queue: expected "orders", got "orders-17")"
    );
    EXPECT_EQ(method_mismatch(R"({"durable": false})"_j), "queue.declare.durable: expected false, got true");
}

TEST(Mismatch, says_that_a_field_does_not_exist) {
    EXPECT_THAT(
        method_mismatch(R"({"name": "q"})"_j), HasSubstr("queue.declare has no field 'name'; its fields: queue")
    );
}

TEST(Mismatch, matches_text_between_slashes_as_a_regular_expression_of_the_whole) {
    EXPECT_EQ(method_mismatch(R"({"queue": "/orders-\\d+/"})"_j), "match");
    EXPECT_THAT(method_mismatch(R"({"queue": "/orders/"})"_j), HasSubstr("expected to match /orders/"));
    EXPECT_THAT(method_mismatch(R"({"queue": "/(/"})"_j), HasSubstr("is no ECMAScript regular expression"));
    EXPECT_FALSE(mismatch(Method(connection::Open{.virtual_host = "/"}), R"({"virtual_host": "/"})"_j));
    EXPECT_TRUE(mismatch(Method(connection::Open{.virtual_host = "x"}), R"({"virtual_host": "/"})"_j));
}

TEST(Mismatch, takes_a_table_by_the_names_that_are_named) {
    EXPECT_EQ(method_mismatch(R"({"arguments": {"inner": {"reason": "expired"}}})"_j), "match");
    EXPECT_EQ(
        method_mismatch(R"({"arguments": {"inner": {"reason": "maxlen"}}})"_j),
        R"(queue.declare.arguments.inner.reason: expected "maxlen", got "expired")"
    );
    EXPECT_THAT(
        method_mismatch(R"({"arguments": {"m": 1}})"_j), HasSubstr("arguments.m: expected 1, got no such name")
    );
}

TEST(Mismatch, compares_numbers_by_value_and_tagged_numbers_by_tag_too) {
    EXPECT_EQ(method_mismatch(R"({"arguments": {"n": 5}})"_j), "match");
    EXPECT_EQ(method_mismatch(R"({"arguments": {"n": {"!s": 5}}})"_j), "match");
    EXPECT_THAT(
        method_mismatch(R"({"arguments": {"n": {"!I": 5}}})"_j), HasSubstr("expected {\"!I\":5}, got {\"!s\":5}")
    );
    EXPECT_THAT(method_mismatch(R"({"arguments": {"n": 6}})"_j), HasSubstr("arguments.n: expected 6, got {\"!s\":5}"));
    EXPECT_EQ(method_mismatch(R"({"arguments": {"inner": {"count": {"!l": 2}}}})"_j), "match");
    EXPECT_THAT(method_mismatch(R"({"arguments": {"n": "5"}})"_j), HasSubstr("expected \"5\""));
}

TEST(Mismatch, takes_an_explicit_form_where_the_natural_one_would_do) {
    EXPECT_EQ(method_mismatch(R"({"arguments": {"list": [{"!I": 1}, {"!S": "/t.o/"}]}})"_j), "match");
    EXPECT_THAT(
        method_mismatch(R"({"arguments": {"list": [{"!I": 2}, "two"]}})"_j), HasSubstr("list[0]: expected 2, got 1")
    );
}

TEST(Mismatch, compares_arrays_element_by_element) {
    EXPECT_EQ(method_mismatch(R"({"arguments": {"list": [1, "two"]}})"_j), "match");
    EXPECT_THAT(method_mismatch(R"({"arguments": {"list": [1, "one"]}})"_j), HasSubstr("arguments.list[1]: expected"));
    EXPECT_THAT(method_mismatch(R"({"arguments": {"list": [1]}})"_j), HasSubstr("list: expected 1 elements, got 2"));
    EXPECT_THAT(
        method_mismatch(R"({"arguments": {"list": [1, "two", 3]}})"_j), HasSubstr("expected 3 elements, got 2")
    );
}

TEST(Mismatch, can_expect_that_a_name_is_absent) {
    EXPECT_EQ(method_mismatch(R"({"arguments": {"x-death": {"!absent": true}}})"_j), "match");
    EXPECT_THAT(
        method_mismatch(R"({"arguments": {"n": {"!absent": true}}})"_j), HasSubstr("arguments.n: expected to be absent")
    );
}

TEST(Mismatch, compares_pairs_exactly) {
    FieldTableBuilder table;
    table.add("a", true);
    EXPECT_FALSE(mismatch(table.view(), R"({"!F": [["a", true]]})"_j));
    EXPECT_TRUE(mismatch(table.view(), R"({"!F": []})"_j));
}

TEST(Mismatch, compares_properties) {
    FieldTableBuilder headers;
    headers.add("k", LongString{"v"});
    const BasicProperties properties{.headers = headers.view(), .delivery_mode = Octet{2}};
    EXPECT_FALSE(mismatch(properties, R"({"delivery_mode": 2, "headers": {"k": "v"}, "app_id": null})"_j));
    EXPECT_EQ(mismatch(properties, R"({"delivery_mode": 1})"_j), "properties.delivery_mode: expected 1, got 2");
    EXPECT_EQ(mismatch(properties, R"({"app_id": "x"})"_j), "properties.app_id: expected \"x\", got none");
    EXPECT_EQ(mismatch(properties, R"({"delivery_mode": null})"_j), "properties.delivery_mode: expected null, got 2");
    EXPECT_EQ(mismatch(properties, R"({"mode": 2})"_j), "the basic class has no property 'mode'");
}

}  // namespace
}  // namespace codec::amqp091
