#include "conformance/runner/deviation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace conformance::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DeviationTest : public testing::Test {
protected:
    DeviationTest() { scenario_.id = "queue.delete.missing[x]"; }

    Result result(Verdict verdict, const std::string& message = {}) const {
        return {.scenario = &scenario_, .verdict = verdict, .message = message};
    }

    Verdict applied(Result result) const {
        apply_deviations(result, deviations_);
        return result.verdict;
    }

    catalogue::Scenario scenario_;
    std::vector<Deviation> deviations_{
        {{"rabbitmq.yaml", 1}, "queue.delete.*", "why", "https://example.org", "got queue.delete-ok"}
    };
};

TEST_F(DeviationTest, MakesTheFailureItForetellsExpected) {
    auto foretold = result(Verdict::fail, "expected channel.close, got queue.delete-ok()");
    apply_deviations(foretold, deviations_);
    EXPECT_EQ(foretold.verdict, Verdict::expected_failure);
    EXPECT_EQ(foretold.reason, "why");
    EXPECT_EQ(foretold.link, "https://example.org");
}

TEST_F(DeviationTest, LeavesAnotherFailureAFailure) {
    auto other = result(Verdict::fail, "got nothing");
    apply_deviations(other, deviations_);
    EXPECT_EQ(other.verdict, Verdict::fail);
    EXPECT_THAT(other.message, HasSubstr("foretells another failure: got queue.delete-ok"));
}

TEST_F(DeviationTest, MakesAPassUnexpected) { EXPECT_EQ(applied(result(Verdict::pass)), Verdict::unexpected_pass); }

TEST_F(DeviationTest, LeavesOtherVerdictsAndOtherScenariosAlone) {
    EXPECT_EQ(applied(result(Verdict::unsupported, "got queue.delete-ok")), Verdict::unsupported);
    EXPECT_EQ(applied(result(Verdict::inconclusive)), Verdict::inconclusive);
    scenario_.id = "queue.declare";
    EXPECT_EQ(applied(result(Verdict::pass)), Verdict::pass);
}

TEST(Verdicts, ThatSpoilARun) {
    EXPECT_TRUE(as_expected(Verdict::pass));
    EXPECT_TRUE(as_expected(Verdict::unsupported));
    EXPECT_TRUE(as_expected(Verdict::expected_failure));
    EXPECT_FALSE(as_expected(Verdict::fail));
    EXPECT_FALSE(as_expected(Verdict::unexpected_pass));
    EXPECT_FALSE(as_expected(Verdict::inconclusive));
}

class DeviationFiles : public testing::Test {
protected:
    DeviationFiles() : folder_(std::filesystem::path(testing::TempDir()) / "deviation_files_test") {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~DeviationFiles() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }

    std::filesystem::path folder_;
};

TEST_F(DeviationFiles, AreFoundFromTheMostToTheLeastParticular) {
    const auto patch = write("rabbitmq-3.10.8.yaml", "[]");
    const auto product = write("rabbitmq.yaml", "[]");
    write("rabbitmq-4.yaml", "[]");
    EXPECT_THAT(deviation_files(folder_, "RabbitMQ", "3.10.8"), ElementsAre(patch, product));
}

TEST_F(DeviationFiles, MustBeComplete) {
    const auto good = load_deviations(write("good.yaml", "- {scenario: a, reason: b, link: c, message: d}\n"));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->at(0).message, "d");
    const auto bad =
        load_deviations(write("bad.yaml", "- {scenario: a, reason: b, message: d}\n- {scenario: a, colour: red}\n"));
    ASSERT_FALSE(bad);
    ASSERT_EQ(bad.error().size(), 2U);
    EXPECT_EQ(to_string(bad.error()[0]), "bad.yaml:1: the field 'link' is missing");
    EXPECT_THAT(to_string(bad.error()[1]), HasSubstr("bad.yaml:2: unknown field 'colour'"));
}

}  // namespace
}  // namespace conformance::runner
