#include "simbroker/control/command.hpp"

#include <gmock/gmock.h>

#include "simbroker/fault/interceptor.hpp"

namespace simbroker::control {
namespace {

using testing::HasSubstr;

// Commands on a broker that nobody is connected to but who says so.
struct Commands : testing::Test {
    std::unique_ptr<fault::Interceptor> broker = fault::broker_with_faults({}, 1);
    std::vector<Input> injected;

    Reply run_words(std::vector<std::string> words) {
        const Hands hands{
            .ask =
                [this](const Input& input) {
                    if (!std::holds_alternative<Operate>(input)) injected.push_back(input);
                    Answer answer;
                    for (const auto& output : broker->handle(Instant(), input)) answer.hear(std::get<Event>(output));
                    return answer;
                },
            .faults = [this] { return broker->rules(); },
        };
        return run(words, hands);
    }
    std::string text(std::vector<std::string> words) { return run_words(std::move(words)).text; }
    int status(std::vector<std::string> words) { return run_words(std::move(words)).status; }
};

TEST_F(Commands, OperateAndList) {
    EXPECT_EQ(status({"add_user", "anna", "secret"}), 0);
    EXPECT_EQ(status({"set_user_tags", "anna", "monitoring"}), 0);
    EXPECT_EQ(text({"list_users"}), "user\ttags\nanna\t[\"monitoring\"]\nguest\t[]\n");
    EXPECT_EQ(text({"-q", "list_users", "--no-table-headers", "user"}), "anna\nguest\n");
    EXPECT_EQ(text({"list_user_permissions", "guest"}), "vhost\tconfigure\twrite\tread\n/\t.*\t.*\t.*\n");
    EXPECT_EQ(text({"list_vhosts", "--formatter", "json"}), "[{\"name\":\"/\"}]\n");
}

TEST_F(Commands, TakePoliciesWithOptionsAnywhere) {
    const std::vector<std::string> words{
        "set_policy", "-p", "/", "p", "^q$", R"({"max-length":1})", "--apply-to", "queues", "--priority", "7"
    };
    EXPECT_EQ(status(words), 0);
    EXPECT_EQ(text({"list_policies", "--no-table-headers"}), "/\tp\t^q$\tqueues\t{\"max-length\":1}\t7\n");
}

TEST_F(Commands, SayWhatIsWrongAndFail) {
    EXPECT_EQ(text({"delete_user", "nobody"}), "Error:\nUser \"nobody\" does not exist\n");
    EXPECT_EQ(status({"delete_user", "nobody"}), 69);
    EXPECT_THAT(text({"set_policy", "p", "(", R"({"max-length":1})"}), HasSubstr("Validation failed"));
    EXPECT_THAT(text({"add_user"}), HasSubstr("usage: add_user <user> <password>"));
    EXPECT_EQ(status({"add_user"}), 64);
    EXPECT_THAT(text({"nonsense"}), HasSubstr("Command 'nonsense' not found"));
    EXPECT_THAT(text({"list_users", "nonsense"}), HasSubstr("list_users has no column \"nonsense\""));
    EXPECT_EQ(status({"close_connection", "<1.2.3>", "why"}), 69);
}

TEST_F(Commands, RaiseAndClearAlarms) {
    const auto alarm = [&] { return std::get<SetAlarm>(injected.back()); };
    EXPECT_EQ(status({"set_vm_memory_high_watermark", "0"}), 0);
    EXPECT_EQ(alarm().state, SetAlarm::State::raised);
    EXPECT_EQ(status({"set_vm_memory_high_watermark", "0.4"}), 0);
    EXPECT_EQ(alarm().state, SetAlarm::State::cleared);
    EXPECT_EQ(status({"set_disk_free_limit", "9000GB"}), 0);
    EXPECT_EQ(alarm().resource, SetAlarm::Resource::disk);
    EXPECT_EQ(alarm().state, SetAlarm::State::raised);
    EXPECT_EQ(status({"set_disk_free_limit", "50MB"}), 0);
    EXPECT_EQ(alarm().state, SetAlarm::State::cleared);
    EXPECT_EQ(status({"set_disk_free_limit", "lots"}), 64);
}

TEST_F(Commands, AddListAndRemoveFaults) {
    EXPECT_EQ(text({"add_fault", R"({"id": "lost", "do": "unconfirmed"})"}), "lost\n");
    EXPECT_EQ(text({"list_faults"}), "lost\t0\t{\"do\":\"unconfirmed\",\"id\":\"lost\"}\n");
    EXPECT_EQ(status({"add_fault", R"({"id": "lost", "do": "unconfirmed"})"}), 69);
    EXPECT_THAT(text({"add_fault", R"({"when": {"to": "me"}, "do": "drop"})"}), HasSubstr("/when/to: expected client"));
    EXPECT_EQ(status({"add_fault", "nonsense"}), 64);
    EXPECT_EQ(status({"release_held", "slow"}), 0);
    EXPECT_EQ(status({"remove_fault", "lost"}), 0);
    EXPECT_EQ(status({"remove_fault", "lost"}), 69);
    EXPECT_EQ(text({"list_faults"}), "");
}

}  // namespace
}  // namespace simbroker::control
