#include "simbroker/fault/table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "simbroker/fault/named.hpp"
#include "simbroker/fault/rule.hpp"
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {
namespace {

using nlohmann::json;

TEST(FaultTable, IsThatOfTheReadme) {
    std::ifstream file("simbroker/fault/README.md");
    const std::string readme{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_TRUE(readme.contains("\n\n" + fault_table() + "\n")) << "expected there:\n" << fault_table();
}

TEST(FaultTable, HasEachNameOnce) {
    std::set<std::string_view> names;
    for (const auto& verb : all_verbs()) EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    for (const auto& fault : named_faults()) EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
}

json value_for(Parameter::Kind kind) {
    switch (kind) {
        case Parameter::Kind::number:
        case Parameter::Kind::count: return 404;
        case Parameter::Kind::duration: return "2s";
        case Parameter::Kind::text: return "because";
        case Parameter::Kind::boolean: return false;
        case Parameter::Kind::octets: return "x";
        case Parameter::Kind::method: return "basic.get";
    }
    return {};
}

// Every row makes a rule, with what has to be given and nothing else.
TEST(NamedFault, MakesARule) {
    for (const auto& fault : named_faults()) {
        json parameters = json::object();
        for (const auto& parameter : fault.parameters) {
            if (parameter.otherwise.empty()) parameters[std::string(parameter.name)] = value_for(parameter.kind);
        }
        json rule{{"do", {{std::string(fault.name), parameters}}}};
        const auto row = json::parse(fault.rule);
        if (!row.contains("when") && !row.contains("now")) rule["now"] = json::object();
        const auto made = rule_from_json(rule);
        EXPECT_TRUE(made) << fault.name << ": " << to_string(made.error());
        if (made) {
            EXPECT_EQ(made->verb, fault.name);
        }
    }
}

TEST(NamedFault, TakesASingleParameterAlone) {
    const auto rule = rule_from_json(json{{"do", {{"late_confirms", "2s"}}}});
    ASSERT_TRUE(rule) << to_string(rule.error());
    EXPECT_EQ(std::get<Delay>(rule->act).duration, std::chrono::seconds(2));
}

TEST(NamedFault, ActsWhenItIsToldTo) {
    const auto rule = rule_from_json(json{{"when", {{"nth", 3}, {"frame", "header"}}}, {"do", "bad_frame_end"}});
    ASSERT_TRUE(rule) << to_string(rule.error());
    const auto& trigger = std::get<Trigger>(rule->when);
    EXPECT_EQ(trigger.nth, 3);
    EXPECT_EQ(trigger.frame, FrameKind::header);
    EXPECT_EQ(trigger.toward, Toward::client);
}

TEST(NamedFault, SaysWhatIsWrong) {
    const auto error = [](const json& rule) {
        const auto made = rule_from_json(rule);
        return made ? std::string("nothing") : to_string(made.error());
    };
    EXPECT_EQ(
        error(json{{"do", {{"late_confirms", {{"bye", "2s"}}}}}}),
        "/do/late_confirms/bye: expected no such field; there are by"
    );
    EXPECT_EQ(
        error(json{{"do", {{"late_confirms", "soon"}}}}),
        "/do/late_confirms/by: expected a duration such as 150ms, 3s, 30m, 2h or 7d, got \"soon\""
    );
    EXPECT_EQ(error(json{{"do", "late_confirms"}}), "/do: expected {by}: there is no by");
    EXPECT_EQ(
        error(json{{"now", json::object()}, {"do", "unconfirmed"}}),
        "/do/unconfirmed: drop is something that happens to a frame; expected when, not now"
    );
    EXPECT_TRUE(error(json{{"do", {{"close_channel", 404}}}}).starts_with("expected {when:"));
}

}  // namespace
}  // namespace simbroker::fault
