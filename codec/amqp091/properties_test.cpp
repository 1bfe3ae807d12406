#include "codec/amqp091/properties.hpp"

#include <gtest/gtest.h>

#include <array>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/generate.hpp"
#include "codec/amqp091/prng_for_tests.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::from_hex;
using wire::to_hex;
using Kind = DecodeError::Kind;

constexpr int rounds = 2000;

Bytes encoded(const BasicProperties& properties) {
    Bytes out;
    encode(properties, out);
    return out;
}

std::expected<BasicProperties, DecodeError> decoded(std::string_view hex) {
    static Bytes octets;
    octets = from_hex(hex).value();
    return decode_properties(octets);
}

// 1.8.3 names the fourteen, in this order.
TEST(PropertyTable, has_the_fourteen_of_the_specification) {
    constexpr std::array<std::pair<std::string_view, Domain>, 14> specified{{
        {"content_type", Domain::shortstr},
        {"content_encoding", Domain::shortstr},
        {"headers", Domain::table},
        {"delivery_mode", Domain::octet},
        {"priority", Domain::octet},
        {"correlation_id", Domain::shortstr},
        {"reply_to", Domain::shortstr},
        {"expiration", Domain::shortstr},
        {"message_id", Domain::shortstr},
        {"timestamp", Domain::timestamp},
        {"type", Domain::shortstr},
        {"user_id", Domain::shortstr},
        {"app_id", Domain::shortstr},
        {"cluster_id", Domain::shortstr},
    }};
    ASSERT_EQ(property_rows().size(), specified.size());
    for (std::size_t i = 0; i < specified.size(); ++i) {
        EXPECT_EQ(property_rows()[i].name, specified[i].first);
        EXPECT_EQ(property_rows()[i].domain, specified[i].second) << specified[i].first;
    }
}

TEST(Properties, stand_on_the_wire_as_the_specification_says) {
    EXPECT_EQ(to_hex(encoded({})), "0000");
    EXPECT_EQ(
        to_hex(encoded({.content_type = "t"})),
        "8000"
        "0174"
    );
    EXPECT_EQ(
        to_hex(encoded({.cluster_id = "c"})),
        "0004"
        "0163"
    );
    EXPECT_EQ(
        to_hex(encoded({.delivery_mode = Octet{2}, .priority = Octet{9}})),
        "1800"
        "02"
        "09"
    );
    EXPECT_EQ(
        to_hex(encoded({.headers = FieldTable()})),
        "2000"
        "00000000"
    );
    EXPECT_EQ(
        to_hex(encoded({.timestamp = Timestamp{258}})),
        "0040"
        "0000000000000102"
    );
}

TEST(Properties, tell_absent_from_empty) {
    const auto empty = decoded(
        "8000"
        "00"
    );
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->content_type);
    EXPECT_TRUE(empty->content_type->empty());
    const auto absent = decoded("0000");
    ASSERT_TRUE(absent);
    EXPECT_FALSE(absent->content_type);
    EXPECT_NE(*empty, *absent);
}

TEST(Properties, decode_to_what_was_encoded) {
    for (const auto dialect : {Dialect::rabbitmq, Dialect::specification}) {
        Generator generator(numbers(1), dialect);
        for (int round = 0; round < rounds; ++round) {
            const auto properties = generator.properties();
            const auto octets = encoded(properties);
            const auto again = decode_properties(octets, dialect);
            ASSERT_TRUE(again) << to_string(again.error());
            ASSERT_EQ(*again, properties) << to_string(properties);
            ASSERT_EQ(encoded(*again), octets);
            generator.forget();
        }
    }
}

TEST(Properties, are_refused_when_cut_at_any_octet_or_longer_than_they_say) {
    Generator generator(numbers(2));
    for (int round = 0; round < 100; ++round) {
        auto octets = encoded(generator.properties());
        for (std::size_t size = 0; size < octets.size(); ++size) {
            const Bytes cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
            const auto again = decode_properties(cut);
            ASSERT_FALSE(again) << size;
            ASSERT_LE(again.error().offset, size);
        }
        octets.push_back(0);
        const auto again = decode_properties(octets);
        ASSERT_FALSE(again);
        ASSERT_EQ(again.error(), (DecodeError{Kind::trailing, octets.size() - 1, "the end of the properties"}));
        generator.forget();
    }
}

TEST(Properties, let_undefined_flags_through) {
    const auto properties = decoded(
        "8002"
        "0174"
    );
    ASSERT_TRUE(properties);
    EXPECT_EQ(properties->content_type, ShortString("t"));
    EXPECT_TRUE(decoded("0001"));
}

TEST(Properties, are_refused_with_a_second_word_of_flags) {
    const auto properties = decoded("00018000");
    ASSERT_FALSE(properties);
    EXPECT_EQ(properties.error().kind, Kind::bad_flags);
    EXPECT_EQ(properties.error().offset, 2u);
}

TEST(Properties, say_where_in_the_headers_the_mistake_is) {
    const auto properties = decoded(
        "2000"
        "00000003"
        "016b5a"
    );
    ASSERT_FALSE(properties);
    EXPECT_EQ(properties.error(), (DecodeError{Kind::unknown_tag, 8, "a field-value tag of the dialect"}));
}

TEST(Properties, are_shown_when_present) {
    EXPECT_EQ(
        to_string(BasicProperties{.content_type = "t", .priority = Octet{3}}), R"({content_type="t", priority=3})"
    );
    EXPECT_EQ(to_string(BasicProperties{}), "{}");
}

TEST(ContentHeader, stands_on_the_wire_as_the_specification_says) {
    const auto property_octets = encoded({.delivery_mode = Octet{1}});
    Bytes out;
    encode(ContentHeader{.body_size = 258, .property_octets = property_octets}, out);
    EXPECT_EQ(
        to_hex(out),
        "003c"
        "0000"
        "0000000000000102"
        "100001"
    );
}

TEST(ContentHeader, decodes_to_what_was_encoded) {
    Generator generator(numbers(3));
    for (int round = 0; round < 200; ++round) {
        const auto property_octets = encoded(generator.properties());
        const ContentHeader header{
            .class_id = static_cast<std::uint16_t>(generator.below(65536)),
            .weight = static_cast<std::uint16_t>(generator.below(65536)),
            .body_size = generator.below(UINT64_MAX),
            .property_octets = property_octets
        };
        Bytes out;
        encode(header, out);
        const auto again = decode_content_header(out);
        ASSERT_TRUE(again);
        ASSERT_EQ(*again, header);
    }
}

TEST(ContentHeader, is_refused_when_shorter_than_its_fixed_part) {
    const Bytes octets(12);
    for (std::size_t size = 0; size < 12; ++size) {
        const auto header = decode_content_header(BytesView(octets).first(size));
        ASSERT_FALSE(header) << size;
        EXPECT_EQ(header.error().kind, Kind::truncated);
    }
    EXPECT_TRUE(decode_content_header(octets));
}

}  // namespace
}  // namespace codec::amqp091
