#include "conformance/catalogue/closest.hpp"

#include <gtest/gtest.h>

namespace conformance::catalogue {
namespace {

const std::vector<std::string> words{"MUST", "SHOULD", "MAY", "queue.declare", "queue.delete"};

TEST(Closest, IsTheWordThatTheFewestSlipsLeadTo) {
    EXPECT_EQ(closest("queue.delcare", words), "queue.declare");
    EXPECT_EQ(closest("queue.delet", words), "queue.delete");
    EXPECT_EQ(closest("shuold", words), "SHOULD");
    EXPECT_EQ(closest("MSUT", words), "MUST");
}

TEST(Closest, IsNothingIfNoWordIsNear) {
    EXPECT_EQ(closest("exchange", words), std::nullopt);
    EXPECT_EQ(closest("HIGH", words), std::nullopt);
    EXPECT_EQ(closest("MUST", {}), std::nullopt);
    EXPECT_EQ(did_you_mean("exchange", words), "");
    EXPECT_EQ(did_you_mean("MYA", words), "; did you mean 'MAY'?");
}

}  // namespace
}  // namespace conformance::catalogue
