// Answers of a broker to dialogues, in a file: lines `id<TAB>answer`, and lines of remarks that begin with '#'.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace conformance::dialogue {

using Answers = std::map<std::string, std::string>;

std::expected<Answers, std::string> read_answers(const std::filesystem::path& file);

struct Difference {
    std::string id;
    std::string asked;     // what came now
    std::string observed;  // what the file says
};

// Of those that both have an answer to.
std::vector<Difference> differences(const Answers& asked, const Answers& observed);

// The two answers one above the other, with the part that differs in a line of its own.
std::string to_string(const Difference& difference);

}  // namespace conformance::dialogue
