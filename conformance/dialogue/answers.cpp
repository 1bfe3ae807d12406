#include "conformance/dialogue/answers.hpp"

#include <fmt/format.h>

#include <fstream>

namespace conformance::dialogue {

std::expected<Answers, std::string> read_answers(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) return std::unexpected(file.string() + " cannot be read");
    Answers answers;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const auto tab = line.find('\t');
        if (tab == std::string::npos) {
            return std::unexpected(fmt::format("{}:{}: expected id<TAB>answer", file.string(), number));
        }
        if (!answers.emplace(line.substr(0, tab), line.substr(tab + 1)).second) {
            return std::unexpected(
                fmt::format("{}:{}: '{}' is answered twice", file.string(), number, line.substr(0, tab))
            );
        }
    }
    return answers;
}

std::vector<Difference> differences(const Answers& asked, const Answers& observed) {
    std::vector<Difference> all;
    for (const auto& [id, answer] : asked) {
        const auto found = observed.find(id);
        if (found != observed.end() && found->second != answer) all.push_back({id, answer, found->second});
    }
    return all;
}

std::string to_string(const Difference& difference) {
    return fmt::format(
        "{}\n    asked:    {}\n    observed: {}\n", difference.id, difference.asked, difference.observed
    );
}

}  // namespace conformance::dialogue
