#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

using Keys = std::vector<std::string>;

const Keys keys{"",     "a",       "b", ".", "a.", ".a", "a.a", "a.b", "a.b.a", "a.x.b",
                "a..b", "a.x.y.b", "*", "#", "a*", "..", "A",   "b.a", "x.b.y", "**"};

Keys matched_by(std::string_view pattern) {
    Keys matched;
    for (const auto& key : keys) {
        if (topic_matches(pattern, key)) matched.push_back(key);
    }
    return matched;
}

// What RabbitMQ 3.10.8, 4.0.5 and 4.3.6 all answered.
TEST(TopicRouter, MatchesLikeRabbitMQ) {
    const std::map<std::string, Keys> observed{
        {"", {""}},
        {"#", keys},
        {"*", {"a", "b", "*", "#", "a*", "A", "**"}},
        {"a", {"a"}},
        {"a.#", {"a", "a.", "a.a", "a.b", "a.b.a", "a.x.b", "a..b", "a.x.y.b"}},
        {"#.a", {"a", ".a", "a.a", "a.b.a", "b.a"}},
        {"a.*", {"a.", "a.a", "a.b"}},
        {"*.a", {".a", "a.a", "b.a"}},
        {"a.*.b", {"a.x.b", "a..b"}},
        {"*.*", {".", "a.", ".a", "a.a", "a.b", "b.a"}},
        {"#.#", keys},
        {"a.#.b", {"a.b", "a.x.b", "a..b", "a.x.y.b"}},
        {"#.a.#", {"a", "a.", ".a", "a.a", "a.b", "a.b.a", "a.x.b", "a..b", "a.x.y.b", "b.a"}},
        {"a..b", {"a..b"}},
        {"a.", {"a."}},
        {".a", {".a"}},
        {"**", {"**"}},
        {"a*", {"a*"}},
        {"*.*.#", {".", "a.", ".a", "a.a", "a.b", "a.b.a", "a.x.b", "a..b", "a.x.y.b", "..", "b.a", "x.b.y"}},
        {"a.#.#", {"a", "a.", "a.a", "a.b", "a.b.a", "a.x.b", "a..b", "a.x.y.b"}},
        {".", {"."}},
        {"#.b.*", {"a.b.a", "b.a", "x.b.y"}},
    };
    for (const auto& [pattern, expected] : observed) EXPECT_EQ(matched_by(pattern), expected) << pattern;
}

TEST(TopicRouter, ManyHashesTakeNoMoreThanPolynomialTime) {
    std::string pattern = "#";
    std::string key = "a";
    for (int i = 0; i < 100; ++i) {
        pattern += ".a.#";
        key += ".a";
    }
    EXPECT_TRUE(topic_matches(pattern, key));
    EXPECT_FALSE(topic_matches(pattern + ".b", key));
}

}  // namespace
}  // namespace simbroker::model
