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
        judge(result, deviations_, Standard::usual);
        return result.verdict;
    }

    catalogue::Scenario scenario_;
    std::vector<Deviation> deviations_{
        {{"rabbitmq.yaml", 1}, "queue.delete.*", "why", "https://example.org", "got queue.delete-ok"}
    };
};

TEST_F(DeviationTest, MakesTheFailureItForetellsExpected) {
    auto foretold = result(Verdict::fail, "expected channel.close, got queue.delete-ok()");
    judge(foretold, deviations_, Standard::usual);
    EXPECT_EQ(foretold.verdict, Verdict::expected_failure);
    EXPECT_EQ(foretold.reason, "why");
    EXPECT_EQ(foretold.link, "https://example.org");
}

TEST_F(DeviationTest, LeavesAnotherFailureAFailure) {
    auto other = result(Verdict::fail, "got nothing");
    judge(other, deviations_, Standard::usual);
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

TEST_F(DeviationTest, AdviceNotTakenIsAWarningUnlessThePeerHasAListOrIsHeldToAll) {
    const auto judged = [&](catalogue::Level level, Standard standard) {
        scenario_.level = level;
        auto failed = result(Verdict::fail, "anything");
        judge(failed, {}, standard);
        return failed.verdict;
    };
    EXPECT_EQ(judged(catalogue::Level::should, Standard::usual), Verdict::warning);
    EXPECT_EQ(judged(catalogue::Level::may, Standard::usual), Verdict::warning);
    EXPECT_EQ(judged(catalogue::Level::should, Standard::listed), Verdict::fail);
    EXPECT_EQ(judged(catalogue::Level::may, Standard::strict), Verdict::fail);
    for (const auto level : {catalogue::Level::must, catalogue::Level::extension, catalogue::Level::robust})
        EXPECT_EQ(judged(level, Standard::usual), Verdict::fail);
}

TEST_F(DeviationTest, WhatIsForetoldIsNoExcuseWhereAllIsHeldAgainstThePeer) {
    auto foretold = result(Verdict::fail, "got queue.delete-ok");
    judge(foretold, deviations_, Standard::strict);
    EXPECT_EQ(foretold.verdict, Verdict::fail);
    EXPECT_EQ(foretold.reason, "why");
}

TEST_F(DeviationTest, EntriesAreAboutOneModeOfTheWireOrAllButTheOneThatCuts) {
    const std::vector<Deviation> all{
        {{"x.yaml", 1}, "a", "why", "link", "m"},
        {{"x.yaml", 2}, "a", "why", "link", "m", "split"},
        {{"x.yaml", 3}, "a", "why", "link", "m", "cut-each-step"},
    };
    const auto lines = [&](WireMode mode) {
        std::vector<int> some;
        for (const auto& each : deviations_of(all, mode)) some.push_back(each.at.line);
        return some;
    };
    EXPECT_THAT(lines(WireMode::whole), ElementsAre(1));
    EXPECT_THAT(lines(WireMode::split), ElementsAre(1, 2));
    EXPECT_THAT(lines(WireMode::cut_each_step), ElementsAre(3));
}

TEST_F(DeviationTest, EntriesAboutNothingAreFound) {
    const std::vector all{scenario_};
    EXPECT_THAT(idle_deviations(deviations_, all), testing::IsEmpty());
    auto more = deviations_;
    more.push_back({{"rabbitmq.yaml", 7}, "queue.delete.missing[x]", "why", "link", "message"});
    more.push_back({{"rabbitmq.yaml", 9}, "queue.delete.mising[x]", "why", "link", "message"});
    more.push_back({{"rabbitmq-3.yaml", 1}, "queue.delete.missing[x]", "why", "link", "message"});
    const auto idle = idle_deviations(more, all);
    ASSERT_EQ(idle.size(), 2U);
    EXPECT_EQ(to_string(idle[0]), "rabbitmq.yaml:7: earlier entries are about all of 'queue.delete.missing[x]'");
    EXPECT_EQ(
        to_string(idle[1]),
        "rabbitmq.yaml:9: no scenario has the id 'queue.delete.mising[x]'; did you mean 'queue.delete.missing[x]'?"
    );
}

TEST(Verdicts, ThatSpoilARun) {
    EXPECT_TRUE(as_expected(Verdict::pass));
    EXPECT_TRUE(as_expected(Verdict::warning));
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
    const auto wire =
        load_deviations(write("wire.yaml", "- {scenario: a, reason: b, link: c, message: d, wire: silk}\n"));
    ASSERT_FALSE(wire);
    EXPECT_THAT(to_string(wire.error()[0]), HasSubstr("wire: expected one of whole, split, coalesce, cut-each-step"));
    EXPECT_EQ(to_string(bad.error()[0]), "bad.yaml:1: the field 'link' is missing");
    EXPECT_THAT(to_string(bad.error()[1]), HasSubstr("bad.yaml:2: unknown field 'colour'"));
}

}  // namespace
}  // namespace conformance::runner
