// Dialogues from files: YAML documents, one a dialogue. What is not known is refused, with the line it stands on.
#pragma once

#include <filesystem>

#include "conformance/dialogue/dialogue.hpp"

namespace conformance::dialogue {

using Dialogues = std::vector<Dialogue>;

// A file, or every .yaml file in a folder in the order of their names. Ids are unique among all.
std::expected<Dialogues, std::vector<catalogue::LoadError>> load_dialogues(const std::filesystem::path& path);

}  // namespace conformance::dialogue
