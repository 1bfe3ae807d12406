// Defects that were found in AMQP clients, and the scenarios that ask about each: conformance/catalogue/defects.yaml.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/catalogue/text_records.hpp"

namespace conformance::catalogue {

struct Defect {
    std::string id{};           // HS-01
    std::string project{};      // where it was found
    std::string source{};       // what tells of it
    std::string link{};         // the first of that
    std::string level{};        // MUST, SHOULD or ROBUST
    std::string statement{};    // what went wrong, in our words
    std::string evidence{};     // title: no more than that was read
    std::string scenarios{};    // their ids without cases, with blanks between them
    std::string unreachable{};  // why no conversation can show it; such a one has no scenario

    std::vector<std::string> scenario_ids() const;
};

using Defects = ById<Defect>;

std::expected<Defects, std::vector<LoadError>> load_defects(const std::filesystem::path& file);

}  // namespace conformance::catalogue
