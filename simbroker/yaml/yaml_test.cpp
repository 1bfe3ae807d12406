#include "simbroker/yaml/yaml.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace simbroker::yaml {
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

TEST(Yaml, LeavesTextWhatNoNumberCanHold) { EXPECT_EQ(loaded("1.0e999"), "1.0e999"); }

TEST(Yaml, IsUtf8) {
    EXPECT_EQ(loaded("a: \"b\x80\""), "error test.yaml:1: expected UTF-8; other octets are written {hex: ...}");
    EXPECT_EQ(loaded("\x80: b"), "error test.yaml:1: expected UTF-8; other octets are written {hex: ...}");
}

TEST(Yaml, IsOneDocumentWhereOneIsWanted) {
    EXPECT_EQ(json_of_text("", "x.yaml").value(), nullptr);
    EXPECT_EQ(json_of_text("{a: 1}", "x.yaml").value(), json({{"a", 1}}));
    EXPECT_EQ(
        to_string(json_of_text("a: 1\n---\nb: 2\n", "x.yaml").error()), "x.yaml:3: expected one document, got another"
    );
    EXPECT_THAT(to_string(json_of_text("a: [", "x.yaml").error()), ::testing::StartsWith("x.yaml:1: is not YAML: "));
    EXPECT_EQ(to_string(json_of_file("no/such.yaml").error()), "no/such.yaml: cannot be read");
}

TEST(Yaml, HasAnEndWhereYamlCppSeesNone) {
    EXPECT_EQ(
        to_string(json_of_text(",id* \" d1 \"\n", "x.yaml").error()),
        "x.yaml:1: is not YAML: expected at most 10,000 documents"
    );
}

TEST(Yaml, HasAnEndWhateverAliasesStandFor) {
    const auto error = [](const std::string& text) {
        const auto converted = json_of(YAML::Load(text), "x.yaml");
        return converted ? std::string("none") : to_string(converted.error());
    };
    EXPECT_EQ(error("id: &a [*a]"), "x.yaml:1: expected at most 100 levels, aliases included");
    std::string more = "- &l0 x\n";
    for (int level = 1; level < 30; ++level) more += fmt::format("- &l{0} [*l{1}, *l{1}]\n", level, level - 1);
    EXPECT_THAT(error(more), ::testing::HasSubstr("at most a million values"));
}

}  // namespace
}  // namespace simbroker::yaml
