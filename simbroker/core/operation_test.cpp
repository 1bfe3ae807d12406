#include "simbroker/core/operation.hpp"

#include <gmock/gmock.h>

namespace simbroker {
namespace {

using namespace operation;
using testing::HasSubstr;

Operation command(std::vector<std::string> words) { return *operation_from_command(words); }

std::string refusal(std::vector<std::string> words) {
    const auto operation = operation_from_command(words);
    return operation ? "no refusal" : operation.error();
}

TEST(Operations, come_from_the_words_rabbitmqctl_takes) {
    EXPECT_EQ(command({"add_user", "anna", "secret"}), Operation(AddUser{"anna", "secret"}));
    EXPECT_EQ(
        command({"set_permissions", "-p", "v", "anna", ".*", "", "r"}),
        Operation(SetPermissions{"v", "anna", ".*", "", "r"})
    );
    EXPECT_EQ(command({"set_user_tags", "anna", "a", "b"}), Operation(SetUserTags{"anna", {"a", "b"}}));
    EXPECT_EQ(command({"set_user_tags", "anna"}), Operation(SetUserTags{"anna", {}}));
    EXPECT_EQ(command({"clear_topic_permissions", "anna"}), Operation(ClearTopicPermissions{"/", "anna", ""}));
}

TEST(Operations, take_options_anywhere_and_in_both_spellings) {
    const Operation expected(DeleteQueue{"v", "q"});
    EXPECT_EQ(command({"delete_queue", "q", "-p", "v"}), expected);
    EXPECT_EQ(command({"delete_queue", "--vhost", "v", "q"}), expected);
    EXPECT_EQ(command({"delete_queue", "--vhost=v", "q"}), expected);
}

TEST(Operations, are_written_as_the_words_they_come_from) {
    const std::vector<Operation> all{
        AddUser{"anna", ""},
        SetUserTags{"anna", {"a", "b"}},
        SetUserTags{"anna", {}},
        ClearTopicPermissions{"v", "anna", ""},
        CloseAllConnections{"", "enough"},
        SetPolicy{"v", "short", "^q", {R"({"max-length":1})"}, -3, "queues"},
    };
    for (const auto& operation : all) EXPECT_EQ(operation_from_command(command_of(operation)), operation);
    EXPECT_EQ(
        command_of(SetPermissions{"v", "anna", ".*", "", "r"}),
        (std::vector<std::string>{"set_permissions", "-p", "v", "anna", ".*", "", "r"})
    );
}

TEST(Operations, say_how_a_command_is_used) {
    EXPECT_EQ(refusal({"add_user", "anna"}), "add_user: not enough arguments; usage: add_user <user> <password>");
    EXPECT_EQ(refusal({"add_vhost", "a", "b"}), "add_vhost: too many arguments; usage: add_vhost <vhost>");
    EXPECT_THAT(refusal({"purge_queue", "q", "-p"}), HasSubstr("--vhost: expected a value after it"));
    EXPECT_THAT(refusal({"nonsense"}), HasSubstr("unknown command \"nonsense\", expected one of add_user, "));
    EXPECT_EQ(refusal({}), "expected a command");
}

TEST(Operations, come_back_from_json_as_they_were) {
    const std::vector<Operation> all{
        AddUser{"a", "\"b"},
        SetUserTags{"a", {"x", "y"}},
        SetVhostLimits{"/", {R"({"max-queues":1})"}},
        ClearVhostLimits{}
    };
    for (const auto& operation : all) EXPECT_EQ(operation_from_json(to_json(operation)), operation);
}

TEST(Operations, take_a_definition_as_an_object_too) {
    const auto operation =
        operation_from_json(R"({"set_user_limits": {"user": "a", "definition": {"max-channels": 1}}})");
    EXPECT_EQ(operation, Operation(SetUserLimits{"a", {R"({"max-channels":1})"}}));
}

TEST(Operations, name_what_is_wrong_in_json) {
    const auto error = [](std::string_view json) { return operation_from_json(json).error(); };
    EXPECT_THAT(error("[]"), HasSubstr("expected an operation"));
    EXPECT_THAT(error(R"({"add_usr": {}})"), HasSubstr("unknown operation \"add_usr\""));
    EXPECT_EQ(error(R"({"add_vhost": {"vhost": 1}})"), "add_vhost.vhost: expected a string, got 1");
    EXPECT_EQ(error(R"({"add_vhost": {"host": "x"}})"), "add_vhost.host: unknown key, expected one of vhost");
}

}  // namespace
}  // namespace simbroker
