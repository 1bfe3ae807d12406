#include <gtest/gtest.h>

#include "codec/amqp091/field_table.hpp"
#include "codec/amqp091/generate.hpp"
#include "codec/amqp091/prng_for_tests.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::from_hex;
using Kind = DecodeError::Kind;

DecodeError error_of(std::string_view hex, Dialect dialect = Dialect::rabbitmq) {
    const auto table = FieldTable::check(from_hex(hex).value(), dialect);
    EXPECT_FALSE(table);
    return table ? DecodeError{} : table.error();
}

TEST(FieldTableCheck, takes_an_empty_table) {
    const auto table = FieldTable::check({});
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->empty());
    EXPECT_EQ(table->begin(), table->end());
}

TEST(FieldTableCheck, refuses_a_tag_the_dialect_does_not_have) {
    EXPECT_EQ(error_of("016b5a00"), (DecodeError{Kind::unknown_tag, 2, "a field-value tag of the dialect"}));
    EXPECT_EQ(error_of("016b550001").kind, Kind::unknown_tag);
    EXPECT_EQ(error_of("016b7800000000", Dialect::specification).kind, Kind::unknown_tag);
}

TEST(FieldTableCheck, says_which_part_does_not_fit_and_where) {
    EXPECT_EQ(error_of("05"), (DecodeError{Kind::bad_table, 1, "the octets of a field name"}));
    EXPECT_EQ(error_of("016b"), (DecodeError{Kind::bad_table, 2, "the tag of a field value"}));
    EXPECT_EQ(error_of("016b49000000"), (DecodeError{Kind::bad_table, 3, "a signed 32-bit integer"}));
    EXPECT_EQ(error_of("016b530000"), (DecodeError{Kind::bad_table, 3, "a 32-bit size"}));
    EXPECT_EQ(error_of("016b530000000261"), (DecodeError{Kind::bad_table, 7, "the octets of a long string"}));
    EXPECT_EQ(error_of("016b53ffffffff61"), (DecodeError{Kind::bad_table, 7, "the octets of a long string"}));
    EXPECT_EQ(
        error_of("016b7400"
                 "02"),
        (DecodeError{Kind::bad_table, 5, "the octets of a field name"})
    );
    EXPECT_EQ(
        error_of("016b730261", Dialect::specification),
        (DecodeError{Kind::bad_table, 4, "the octets of a short string"})
    );
}

TEST(FieldTableCheck, counts_offsets_from_the_start_of_everything_also_inside) {
    // {k: F{l: A[V, tag 'Z']}}
    EXPECT_EQ(
        error_of("016b"
                 "46"
                 "00000009"
                 "016c"
                 "41"
                 "00000002"
                 "565a"),
        (DecodeError{Kind::unknown_tag, 15, "a field-value tag of the dialect"})
    );
    EXPECT_EQ(
        error_of("016b"
                 "41"
                 "00000003"
                 "490000"),
        (DecodeError{Kind::bad_table, 8, "a signed 32-bit integer"})
    );
}

TEST(FieldTableCheck, refuses_a_part_that_reaches_beyond_the_table_around_it) {
    EXPECT_EQ(
        error_of("016b"
                 "46"
                 "00000004"
                 "016c4900"
                 "00000000"),
        (DecodeError{Kind::bad_table, 10, "a signed 32-bit integer"})
    );
}

// `levels` arrays inside a table.
Bytes nested(int levels) {
    Bytes octets{'V'};
    for (int level = 0; level < levels; ++level) {
        Bytes outer{'A'};
        wire::Writer writer(outer);
        writer.u32(static_cast<std::uint32_t>(octets.size()));
        writer.bytes(octets);
        octets = outer;
    }
    octets.insert(octets.begin(), {1, 'k'});
    return octets;
}

TEST(FieldTableCheck, allows_nesting_up_to_its_limit) {
    EXPECT_TRUE(FieldTable::check(nested(max_table_depth - 1)));
    const auto deeper = FieldTable::check(nested(max_table_depth));
    ASSERT_FALSE(deeper);
    EXPECT_EQ(deeper.error().kind, Kind::too_deep);
    EXPECT_TRUE(FieldTable::check(nested(1), Dialect::rabbitmq, 0, 2));
    EXPECT_FALSE(FieldTable::check(nested(2), Dialect::rabbitmq, 0, 2));
}

TEST(FieldTableCheck, is_not_exhausted_by_a_hundred_thousand_levels) {
    Bytes octets{1, 'k'};
    constexpr int levels = 100000;
    for (int left = levels; left > 0; --left) {
        octets.push_back('A');
        wire::Writer(octets).u32(static_cast<std::uint32_t>(5 * (left - 1)));
    }
    const auto table = FieldTable::check(octets);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().kind, Kind::too_deep);
}

TEST(FieldTableCheck, survives_any_cut_and_any_octet_changed) {
    for (const auto dialect : {Dialect::rabbitmq, Dialect::specification}) {
        Generator generator(numbers(6), dialect);
        for (int round = 0; round < 100; ++round) {
            const auto octets = generator.table(4).octets();
            for (std::size_t at = 0; at < octets.size(); ++at) {
                const Bytes cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(at));
                const auto shorter = FieldTable::check(cut, dialect);
                ASSERT_TRUE(shorter || shorter.error().offset <= at);
                Bytes changed(octets.begin(), octets.end());
                changed[at] = static_cast<Byte>(generator.below(256));
                const auto table = FieldTable::check(changed, dialect);
                // What passes can be walked to its end.
                ASSERT_FALSE(table && to_string(*table).empty());
            }
            generator.forget();
        }
    }
}

TEST(ReadTable, takes_the_size_before_the_octets) {
    const auto octets = from_hex("00000003016b56ff").value();
    wire::Reader reader(octets);
    const auto table = read_table(reader);
    EXPECT_FALSE(reader.error());
    EXPECT_EQ(table.find("k"), FieldValue(Void{}));
    EXPECT_EQ(reader.remaining(), 1u);
}

TEST(ReadTable, leaves_the_mistake_with_its_reader) {
    const auto octets = from_hex("00000004016b56").value();
    wire::Reader reader(octets, 10);
    EXPECT_TRUE(read_table(reader).empty());
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(*reader.error(), (DecodeError{Kind::truncated, 14, "the octets of a field table"}));
}

}  // namespace
}  // namespace codec::amqp091
