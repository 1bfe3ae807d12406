#include "codec/amqp091/generate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "codec/amqp091/prng_for_tests.hpp"

namespace codec::amqp091 {
namespace {

TEST(Generator, makes_the_same_values_from_the_same_numbers) {
    Generator first(numbers(7)), second(numbers(7));
    for (std::size_t row = 0; row < method_rows().size(); ++row) {
        EXPECT_EQ(first.method(row), second.method(row));
        EXPECT_EQ(first.properties(), second.properties());
    }
}

TEST(Generator, makes_other_values_from_other_numbers) {
    Generator first(numbers(7)), second(numbers(8));
    const auto declare = find_method("queue.declare") - method_rows().data();
    EXPECT_NE(first.method(static_cast<std::size_t>(declare)), second.method(static_cast<std::size_t>(declare)));
}

TEST(Generator, makes_the_method_of_the_row_it_is_asked_for) {
    Generator generator(numbers(9));
    for (std::size_t row = 0; row < method_rows().size(); ++row) {
        EXPECT_EQ(name_of(generator.method(row)), method_rows()[row].name);
    }
}

// A property test is worth what its values are: every type, both ends of ranges, empty and full strings.
TEST(Generator, makes_every_type_of_value_the_dialect_has) {
    for (const auto& [dialect, types] : {std::pair{Dialect::rabbitmq, 17u}, std::pair{Dialect::specification, 18u}}) {
        Generator generator(numbers(10), dialect);
        std::set<std::size_t> seen;
        for (int i = 0; i < 2000; ++i) seen.insert(generator.value().index());
        EXPECT_EQ(seen.size(), types);
    }
}

TEST(Generator, makes_values_at_the_ends_of_their_ranges) {
    Generator generator(numbers(11));
    const auto ack = static_cast<std::size_t>(find_method("basic.ack") - method_rows().data());
    std::set<std::uint64_t> tags;
    std::set<std::size_t> sizes;
    for (int i = 0; i < 2000; ++i) {
        tags.insert(std::get<basic::Ack>(generator.method(ack)).delivery_tag);
        sizes.insert(generator.short_string().text().size());
    }
    EXPECT_TRUE(tags.contains(0));
    EXPECT_TRUE(tags.contains(UINT64_MAX));
    EXPECT_TRUE(sizes.contains(0));
    EXPECT_TRUE(sizes.contains(ShortString::max_size));
}

TEST(Generator, makes_properties_present_and_absent) {
    Generator generator(numbers(12));
    int present = 0;
    for (int i = 0; i < 1000; ++i) present += generator.properties().headers.has_value();
    EXPECT_GT(present, 400);
    EXPECT_LT(present, 600);
}

}  // namespace
}  // namespace codec::amqp091
