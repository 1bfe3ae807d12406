#include "codec/amqp091/field_table.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <limits>
#include <set>

#include "codec/amqp091/generate.hpp"
#include "codec/amqp091/json.hpp"
#include "codec/amqp091/prng_for_tests.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::from_hex;
using wire::to_hex;

constexpr int rounds = 2000;

std::string hex_of(const FieldValue& value, Dialect dialect) {
    Bytes out;
    wire::Writer writer(out);
    write_value(writer, value, dialect);
    return to_hex(out);
}

// A value, and its octets in either dialect; an empty string where the dialect has no tag for it.
struct Golden {
    FieldValue value;
    std::string_view rabbitmq;
    std::string_view specification;
};

const Bytes three_octets{1, 2, 3};

// Written by hand from the grammar (4.2.1) and the errata; the tags that differ between the dialects are the point.
std::vector<Golden> golden_values() {
    return {
        {true, "7401", "7401"},
        {false, "7400", "7400"},
        {std::int8_t{-2}, "62fe", "62fe"},
        {std::uint8_t{254}, "42fe", "42fe"},
        {std::int16_t{-2}, "73fffe", "55fffe"},
        {std::uint16_t{65534}, "75fffe", "75fffe"},
        {std::int32_t{-2}, "49fffffffe", "49fffffffe"},
        {std::uint32_t{4294967294}, "69fffffffe", "69fffffffe"},
        {std::int64_t{-2}, "6cfffffffffffffffe", "4cfffffffffffffffe"},
        {std::numeric_limits<std::uint64_t>::max(), "", "6cffffffffffffffff"},
        {1.5f, "663fc00000", "663fc00000"},
        {-2.0, "64c000000000000000", "64c000000000000000"},
        {Decimal{2, -314}, "4402fffffec6", "4402fffffec6"},
        {LongString{"hi"}, "53000000026869", "53000000026869"},
        {LongString{}, "5300000000", "5300000000"},
        {ShortText{"hi"}, "", "73026869"},
        {ByteArray{three_octets}, "7800000003010203", ""},
        {FieldArray(), "4100000000", "4100000000"},
        {Timestamp{4294967297}, "540000000100000001", "540000000100000001"},
        {FieldTable(), "4600000000", "4600000000"},
        {Void{}, "56", "56"},
    };
}

TEST(FieldValues, stand_on_the_wire_as_each_dialect_says) {
    std::set<std::size_t> types;
    for (const auto& golden : golden_values()) {
        types.insert(golden.value.index());
        for (const auto& [dialect, octets] :
             {std::pair{Dialect::rabbitmq, golden.rabbitmq}, std::pair{Dialect::specification, golden.specification}}) {
            SCOPED_TRACE(to_string(golden.value));
            EXPECT_EQ(tag_of(golden.value, dialect).has_value(), !octets.empty());
            if (octets.empty()) continue;
            EXPECT_EQ(hex_of(golden.value, dialect), octets);
            const auto encoded = from_hex(octets).value();
            wire::Reader reader(encoded);
            EXPECT_EQ(read_value(reader, dialect), golden.value);
            EXPECT_FALSE(reader.error());
            EXPECT_EQ(reader.remaining(), 0u);
        }
    }
    EXPECT_EQ(types.size(), std::variant_size_v<FieldVariant>);
}

TEST(FieldValues, read_both_letters_that_rabbitmq_has_for_64_bits) {
    const auto octets = from_hex("4cfffffffffffffffe").value();
    wire::Reader reader(octets);
    EXPECT_EQ(read_value(reader), FieldValue(std::int64_t{-2}));
}

TEST(FieldValues, mean_different_things_under_the_same_letter) {
    const auto octets = from_hex("73026869").value();
    wire::Reader as_rabbitmq(octets), as_specified(octets);
    EXPECT_EQ(read_value(as_rabbitmq), FieldValue(std::int16_t{0x0268}));
    EXPECT_EQ(read_value(as_specified, Dialect::specification), FieldValue(ShortText{"hi"}));
}

TEST(FieldValues, know_the_letters_of_their_dialect_and_no_others) {
    std::string rabbitmq, specification;
    for (int letter = 0; letter < 256; ++letter) {
        const auto tag = static_cast<char>(letter);
        if (alternative_of(tag, Dialect::rabbitmq)) rabbitmq += tag;
        if (alternative_of(tag, Dialect::specification)) specification += tag;
    }
    EXPECT_EQ(rabbitmq, "ABDFILSTVbdfilstux");
    EXPECT_EQ(specification, "ABDFILSTUVbdfilstu");
}

TEST(FieldValues, widen_any_integer) {
    EXPECT_EQ(FieldValue(std::int8_t{-1}).as_integer(), -1);
    EXPECT_EQ(FieldValue(std::uint32_t{4294967295}).as_integer(), 4294967295);
    EXPECT_EQ(FieldValue(std::uint64_t{1} << 63).as_integer(), std::nullopt);
    EXPECT_EQ(FieldValue(true).as_integer(), std::nullopt);
    EXPECT_EQ(FieldValue(1.0).as_integer(), std::nullopt);
    EXPECT_EQ(FieldValue(LongString{"1"}).as_integer(), std::nullopt);
}

TEST(FieldValues, have_the_type_names_of_rabbitmq) {
    EXPECT_EQ(rabbitmq_type_name(LongString{}), "longstr");
    EXPECT_EQ(rabbitmq_type_name(std::int32_t{}), "signedint");
    EXPECT_EQ(rabbitmq_type_name(std::int64_t{}), "long");
    EXPECT_EQ(rabbitmq_type_name(FieldTable()), "table");
}

TEST(FieldTable, is_walked_in_the_order_it_was_built) {
    FieldTableBuilder builder;
    builder.add("z", 1).add("a", LongString{"two"}).add("", Void{});
    std::vector<std::string> names;
    std::vector<FieldValue> values;
    for (const auto& [name, value] : builder.view()) {
        names.emplace_back(name);
        values.push_back(value);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"z", "a", ""}));
    EXPECT_EQ(values, (std::vector<FieldValue>{1, LongString{"two"}, Void{}}));
}

TEST(FieldTable, keeps_repeated_names_and_finds_the_first) {
    FieldTableBuilder builder;
    builder.add("k", 1).add("k", 2);
    EXPECT_EQ(std::ranges::distance(builder.view().begin(), builder.view().end()), 2);
    EXPECT_EQ(builder.view().find("k"), FieldValue(1));
    EXPECT_EQ(builder.view().find("j"), std::nullopt);
}

TEST(FieldTable, holds_tables_and_arrays_as_views) {
    FieldTableBuilder inner;
    inner.add("deep", true);
    FieldArrayBuilder array;
    array.add(1).add(inner.view());
    FieldTableBuilder outer;
    outer.add("list", array.view());
    const auto found = outer.view().find("list");
    ASSERT_TRUE(found);
    const auto* list = found->as<FieldArray>();
    ASSERT_TRUE(list);
    std::vector<FieldValue> elements;
    for (const auto& element : *list) elements.push_back(element);
    ASSERT_EQ(elements.size(), 2u);
    EXPECT_EQ(elements[0], FieldValue(1));
    EXPECT_EQ(elements[1].as<FieldTable>()->find("deep"), FieldValue(true));
}

TEST(FieldTable, is_equal_octet_for_octet) {
    FieldTableBuilder small, large, again;
    small.add("n", std::int8_t{1});
    large.add("n", std::int64_t{1});
    again.add("n", std::int8_t{1});
    EXPECT_NE(small.view(), large.view());
    EXPECT_EQ(small.view(), again.view());
}

TEST(FieldTable, is_written_anew_in_the_dialect_of_its_builder) {
    FieldTableBuilder specified(Dialect::specification);
    specified.add("n", std::int16_t{1});
    EXPECT_EQ(to_hex(specified.view().octets()), "016e550001");
    FieldTableBuilder rabbitmq;
    rabbitmq.add("t", specified.view());
    EXPECT_EQ(
        to_hex(rabbitmq.view().octets()),
        "0174"
        "46"
        "00000005"
        "016e730001"
    );
}

TEST(FieldTable, grows_from_a_copy_of_another) {
    FieldTableBuilder first;
    first.add("a", 1);
    FieldTableBuilder second(first.view());
    second.add("b", 2);
    EXPECT_EQ(second.view().find("a"), FieldValue(1));
    EXPECT_EQ(second.view().find("b"), FieldValue(2));
    EXPECT_EQ(first.view().find("b"), std::nullopt);
}

// Walks the whole table and writes every value again by itself.
FieldTableBuilder rebuilt(FieldTable table) {
    FieldTableBuilder builder(table.dialect());
    for (const auto& [name, value] : table) builder.add(name, value);
    return builder;
}

class EitherDialect : public testing::TestWithParam<Dialect> {};

TEST_P(EitherDialect, reads_back_what_was_built) {
    Generator generator(numbers(4), GetParam());
    for (int round = 0; round < rounds; ++round) {
        const auto table = generator.table(4);
        const auto checked = FieldTable::check(table.octets(), GetParam());
        ASSERT_TRUE(checked) << to_string(checked.error());
        ASSERT_EQ(to_hex(rebuilt(*checked).view().octets()), to_hex(table.octets()));
        generator.forget();
    }
}

TEST_P(EitherDialect, turns_to_json_and_back_octet_for_octet) {
    Generator generator(numbers(5), GetParam());
    for (int round = 0; round < rounds; ++round) {
        const auto table = generator.table(4);
        const auto json = to_json(table);
        // Through text, for that is how JSON travels.
        const auto octets = encode_table_from_json(nlohmann::json::parse(json.dump()), GetParam());
        ASSERT_TRUE(octets) << octets.error() << "\n" << json;
        ASSERT_EQ(to_hex(*octets), to_hex(table.octets())) << json;
        generator.forget();
    }
}

INSTANTIATE_TEST_SUITE_P(
    FieldTable,
    EitherDialect,
    testing::Values(Dialect::rabbitmq, Dialect::specification),
    [](const auto& info) { return info.param == Dialect::rabbitmq ? "rabbitmq" : "specification"; }
);

TEST(FieldTable, is_shown_with_the_letter_of_each_value) {
    FieldArrayBuilder array;
    array.add(1).add(Void{});
    FieldTableBuilder inner;
    inner.add("x", ByteArray{three_octets});
    FieldTableBuilder builder;
    builder.add("a", array.view()).add("f", inner.view()).add("s", LongString{"q\"\n"}).add("d", Decimal{2, 314});
    builder.add("t", true).add("T", Timestamp{7});
    EXPECT_EQ(to_string(builder.view()), R"({a=A[I1,V],f=F{x=x'010203'},s=S"q\"\x0a",d=D2/314,t=ttrue,T=T7})");
}

}  // namespace
}  // namespace codec::amqp091
