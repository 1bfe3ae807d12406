#include "conformance/runner/operator_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conformance::runner {
namespace {

using simbroker::SetAlarm;
namespace operation = simbroker::operation;

// A command that says its words, one in angle brackets each, and fails: what it said is the error.
const OperatorCommand echo("sh -c 'printf \"<%s>\" \"$@\"; exit 1' rabbitmqctl");

std::string said(const simbroker::Input& input) {
    const auto done = echo.perform(input, 0);
    return done ? "no error" : done.error();
}

TEST(OperatorCommand, GivesTheWordsOfRabbitmqctl) {
    using testing::HasSubstr;
    const operation::SetPermissions permissions{"v", "anna", ".*", "", "it's"};
    EXPECT_THAT(said(simbroker::Operate{permissions}), HasSubstr("<set_permissions><-p><v><anna><.*><><it's>"));
    EXPECT_THAT(
        said(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised}),
        HasSubstr("<set_vm_memory_high_watermark><0>")
    );
    EXPECT_THAT(said(simbroker::Shutdown{}), HasSubstr("<stop_app>"));
    EXPECT_EQ(said(simbroker::Crash{}), "no operator of a real broker can do this");
}

TEST(OperatorCommand, FindsAConnectionByItsPort) {
    const OperatorCommand listing(
        "sh -c 'case $1 in list_connections) echo \"<a.1.2.0> 4711\";; *) printf \"<%s>\" \"$@\"; exit 1;; esac' ctl"
    );
    const auto done = listing.perform(simbroker::CloseConnection{{7}, "enough"}, 4711);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error(), testing::HasSubstr("<close_connection><<a.1.2.0>><enough>"));
    EXPECT_EQ(
        listing.perform(simbroker::CloseConnection{{7}, "enough"}, 1).error(), "no connection from port 1 is listed"
    );
}

TEST(OperatorCommand, IsContentWithStatusZero) { EXPECT_TRUE(OperatorCommand("true").perform(simbroker::Start{}, 0)); }

}  // namespace
}  // namespace conformance::runner
