#include "codec/amqp091/codec.hpp"

#include <gtest/gtest.h>

#include "codec/amqp091/frame_splitter.hpp"
#include "codec/amqp091/generate.hpp"
#include "codec/amqp091/prng_for_tests.hpp"
#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::as_text;
using wire::from_hex;
using wire::to_hex;
using Kind = DecodeError::Kind;

constexpr int rounds = 40;  // generated values for each row

Bytes encoded(const Method& method) {
    Bytes out;
    encode(method, out);
    return out;
}

std::string hex_of(const Method& method) { return to_hex(encoded(method)); }

DecodeError error_of(std::string_view hex, Dialect dialect = Dialect::rabbitmq) {
    const auto octets = from_hex(hex).value();
    const auto method = decode_method(octets, dialect);
    EXPECT_FALSE(method) << to_string(*method);
    return method ? DecodeError{} : method.error();
}

class EveryRow : public testing::TestWithParam<std::size_t> {
protected:
    // Calls test(method, dialect) for generated methods of the row in both dialects.
    static void with_generated_methods(auto&& test) {
        for (const auto dialect : {Dialect::rabbitmq, Dialect::specification}) {
            Generator generator(numbers(GetParam()), dialect);
            for (int round = 0; round < rounds; ++round) {
                const auto method = generator.method(GetParam());
                SCOPED_TRACE(to_string(method));
                test(method, dialect);
                if (testing::Test::HasFatalFailure()) return;
                generator.forget();
            }
        }
    }
};

TEST_P(EveryRow, decodes_to_what_was_encoded) {
    with_generated_methods([](const Method& method, Dialect dialect) {
        const auto octets = encoded(method);
        const auto decoded = decode_method(octets, dialect);
        ASSERT_TRUE(decoded) << to_string(decoded.error());
        ASSERT_EQ(*decoded, method);
        ASSERT_EQ(encoded(*decoded), octets);
    });
}

TEST_P(EveryRow, is_refused_when_cut_at_any_octet) {
    with_generated_methods([](const Method& method, Dialect dialect) {
        const auto octets = encoded(method);
        for (std::size_t size = 0; size < octets.size(); ++size) {
            // A copy of just that size, so that reading one octet too far is seen by a sanitizer.
            const Bytes cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
            const auto decoded = decode_method(cut, dialect);
            ASSERT_FALSE(decoded) << size << " of " << octets.size() << " octets gave " << to_string(*decoded);
            ASSERT_EQ(decoded.error().kind, Kind::truncated);
            ASSERT_LE(decoded.error().offset, size);
        }
    });
}

TEST_P(EveryRow, is_refused_with_an_octet_left_over) {
    with_generated_methods([](const Method& method, Dialect dialect) {
        auto octets = encoded(method);
        octets.push_back(0);
        const auto decoded = decode_method(octets, dialect);
        ASSERT_FALSE(decoded);
        ASSERT_EQ(decoded.error(), (DecodeError{Kind::trailing, octets.size() - 1, "the end of the method"}));
    });
}

TEST_P(EveryRow, survives_any_octet_changed) {
    with_generated_methods([](const Method& method, Dialect dialect) {
        const auto octets = encoded(method);
        for (std::size_t at = 4; at < octets.size(); ++at) {
            auto changed = octets;
            changed[at] = static_cast<Byte>(changed[at] ^ 0xff);
            const auto decoded = decode_method(changed, dialect);
            // Bits above the defined ones are let through and not written again: those octets alone may differ.
            if (decoded) {
                ASSERT_EQ(encoded(*decoded).size(), changed.size());
            } else {
                ASSERT_LE(decoded.error().offset, changed.size());
            }
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    Methods,
    EveryRow,
    testing::Range(std::size_t{0}, std::variant_size_v<Method>),
    [](const auto& info) {
        std::string name(method_rows()[info.param].name);
        for (auto& c : name) {
            if (c == '.' || c == '-') c = '_';
        }
        return name;
    }
);

// Octets written down by hand from the specification, for the encoder and decoder could agree on a mistake.
TEST(EncodedMethods, stand_on_the_wire_as_the_specification_says) {
    EXPECT_EQ(
        hex_of(basic::Ack{.delivery_tag = 258, .multiple = true}),
        "003c0050"
        "0000000000000102"
        "01"
    );
    EXPECT_EQ(
        hex_of(basic::Publish{.exchange = "ex", .routing_key = "rk", .immediate = true}),
        "003c0028"
        "0000"
        "026578"
        "02726b"
        "02"
    );
    EXPECT_EQ(
        hex_of(connection::TuneOk{.channel_max = 2047, .frame_max = 131072, .heartbeat = 60}),
        "000a001f"
        "07ff"
        "00020000"
        "003c"
    );
    EXPECT_EQ(
        hex_of(channel::OpenOk{}),
        "0014000b"
        "00000000"
    );
    EXPECT_EQ(
        hex_of(connection::Open{.virtual_host = "/"}),
        "000a0028"
        "012f"
        "00"
        "00"
    );
}

TEST(EncodedMethods, put_the_first_bit_lowest) {
    const auto bits = [](const queue::Declare& declare) { return encoded(declare).at(4 + 2 + 1); };
    EXPECT_EQ(bits({.passive = true}), 0x01);
    EXPECT_EQ(bits({.durable = true}), 0x02);
    EXPECT_EQ(bits({.exclusive = true}), 0x04);
    EXPECT_EQ(bits({.auto_delete = true}), 0x08);
    EXPECT_EQ(bits({.no_wait = true}), 0x10);
}

TEST(DecodedMethods, view_the_octets_they_came_from) {
    const auto octets = encoded(basic::Publish{.routing_key = "key"});
    const auto decoded = decode_method(octets);
    ASSERT_TRUE(decoded);
    const auto key = std::get<basic::Publish>(*decoded).routing_key.text();
    EXPECT_EQ(key, "key");
    EXPECT_EQ(static_cast<const void*>(key.data()), octets.data() + 8);
}

TEST(DecodedMethods, ignore_what_reserved_fields_and_bits_hold) {
    const auto octets = from_hex(
                            "003c0046"
                            "ffff"
                            "0171"
                            "ff"
    )
                            .value();
    const auto decoded = decode_method(octets);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, Method(basic::Get{.queue = "q", .no_ack = true}));
}

TEST(DecodeMethod, refuses_a_method_that_does_not_exist) {
    EXPECT_EQ(error_of("003c0029"), (DecodeError{Kind::unknown_method, 0, "a known class-id and method-id"}));
    EXPECT_EQ(error_of("ffffffff").kind, Kind::unknown_method);
    EXPECT_EQ(error_of("00000000").kind, Kind::unknown_method);
    EXPECT_EQ(error_of("0080000a").kind, Kind::unknown_method);
}

TEST(DecodeMethod, says_which_field_broke_off) {
    EXPECT_EQ(error_of("00"), (DecodeError{Kind::truncated, 0, "a class-id"}));
    EXPECT_EQ(error_of("003c00"), (DecodeError{Kind::truncated, 2, "a method-id"}));
    EXPECT_EQ(error_of("003c0046000005"), (DecodeError{Kind::truncated, 7, "the octets of a short string"}));
    EXPECT_EQ(error_of("000a001400000010"), (DecodeError{Kind::truncated, 8, "the octets of a long string"}));
    EXPECT_EQ(error_of("003c005000000000000000"), (DecodeError{Kind::truncated, 4, "a long long integer"}));
    EXPECT_EQ(error_of("003c00500000000000000001"), (DecodeError{Kind::truncated, 12, "an octet of bits"}));
}

TEST(DecodeMethod, says_where_in_a_table_the_mistake_is) {
    // queue.declare with arguments {k: tag 'Z'}: 4 ids, 2 reserved, 1 name, 1 bits, 4 size, 2 key, tag.
    EXPECT_EQ(
        error_of("0032000a"
                 "0000"
                 "00"
                 "00"
                 "00000003"
                 "016b5a"),
        (DecodeError{Kind::unknown_tag, 14, "a field-value tag of the dialect"})
    );
}

TEST(PeekMethodId, reads_the_first_four_octets) {
    EXPECT_EQ(peek_method_id(Bytes{0, 60, 0, 40, 1, 2}), (MethodId{60, 40}));
    EXPECT_EQ(peek_method_id(Bytes{0, 60, 0}), std::nullopt);
}

std::vector<Bytes> payloads_of(const Bytes& octets) {
    FrameSplitter splitter(1 << 20);
    splitter.feed(octets);
    std::vector<Bytes> payloads;
    while (const auto frame = splitter.next()) {
        EXPECT_TRUE(*frame);
        EXPECT_EQ((*frame)->channel.value, 9);
        payloads.emplace_back((*frame)->payload.begin(), (*frame)->payload.end());
    }
    EXPECT_EQ(splitter.unread(), 0u);
    return payloads;
}

TEST(AppendMethod, is_one_frame) {
    const Method method = basic::Cancel{.consumer_tag = "c"};
    Bytes out{0xaa};
    append_method(out, {9}, method);
    EXPECT_EQ(
        to_hex(out),
        "aa"
        "01"
        "0009"
        "00000007" +
            hex_of(method) + "ce"
    );
}

// Small bodies take a shorter way than large ones: both must give the same frames, for properties in either form.
TEST(AppendMessage, is_method_header_and_body_frames) {
    const Method method = basic::Deliver{.consumer_tag = "c", .delivery_tag = 1};
    const BasicProperties properties{.content_type = "t", .delivery_mode = Octet{2}};
    Bytes property_octets;
    encode(properties, property_octets);
    constexpr std::size_t frame_max = frame_min_size;
    for (const std::size_t size : {0u, 1u, 64u, 511u, 512u, 513u, 4087u, 4088u, 4089u, 10000u}) {
        const Bytes body(size, 'b');
        Bytes expected;
        append_method(expected, {9}, method);
        append_content(expected, {9}, property_octets, body, frame_max);
        Bytes from_octets, from_properties;
        append_message(from_octets, {9}, method, BytesView(property_octets), body, frame_max);
        append_message(from_properties, {9}, method, properties, body, frame_max);
        EXPECT_EQ(from_octets, expected) << size;
        EXPECT_EQ(from_properties, expected) << size;

        const auto payloads = payloads_of(expected);
        ASSERT_EQ(payloads.size(), 2 + (size + frame_max - 9) / (frame_max - 8)) << size;
        EXPECT_EQ(payloads[0], encoded(method));
        const auto header = decode_content_header(payloads[1]);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->body_size, size);
        EXPECT_EQ(decode_properties(header->property_octets), properties);
        Bytes joined;
        for (std::size_t i = 2; i < payloads.size(); ++i) {
            EXPECT_LE(payloads[i].size(), frame_max - frame_overhead);
            joined.insert(joined.end(), payloads[i].begin(), payloads[i].end());
        }
        EXPECT_EQ(joined, body);
    }
}

TEST(AppendMessage, keeps_to_a_frame_max_smaller_than_a_small_body) {
    Bytes out;
    append_message(out, {9}, basic::Publish{}, BasicProperties{}, Bytes(100, 'b'), 40);
    const auto payloads = payloads_of(out);
    ASSERT_EQ(payloads.size(), 2u + 4u);
    EXPECT_EQ(payloads[2].size(), 32u);
    EXPECT_EQ(payloads[5].size(), 4u);
}

}  // namespace
}  // namespace codec::amqp091
