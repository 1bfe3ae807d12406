#include "conformance/catalogue/yaml.hpp"

#include <gtest/gtest.h>

namespace conformance::catalogue {
namespace {

using nlohmann::json;

json loaded(const char* text) {
    const auto value = json_of(YAML::Load(text), "test.yaml");
    return value ? *value : json("error " + to_string(value.error()));
}

TEST(Yaml, TypesPlainScalars) {
    EXPECT_EQ(
        loaded("[5, -5, 18446744073709551615, 1.5, true, false, null, ~]"),
        json::parse("[5, -5, 18446744073709551615, 1.5, true, false, null, null]")
    );
}

TEST(Yaml, LeavesQuotedScalarsAndOtherWordsText) {
    EXPECT_EQ(
        loaded("['5', \"true\", yes, 0x10, 007, 1e3, 5s, '']"),
        json::parse(R"(["5", "true", "yes", "0x10", "007", "1e3", "5s", ""])")
    );
}

TEST(Yaml, RefusesARepeatedKeyWithItsLine) {
    EXPECT_EQ(loaded("a: 1\nb: {c: 1,\n  c: 2}\n"), json("error test.yaml:3: the key 'c' is repeated"));
}

}  // namespace
}  // namespace conformance::catalogue
