// The requirements of the specification that scenarios cite: conformance/catalogue/requirements.yaml.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conformance/catalogue/location.hpp"

namespace conformance::catalogue {

struct Requirement {
    std::string id{};          // 091/basic.ack.multiple.exists
    std::string role{};        // server, client or both: who has to keep it
    std::string level{};       // the word of the specification
    std::string clause{};      // section and method
    std::string statement{};   // in our words
    std::string rabbitmq{};    // how RabbitMQ deviates, if it does
    std::string ambiguity{};   // what the specification leaves open, or says twice
    std::string accepted{};    // where there is one of these: the outcomes that scenarios take
    std::string untestable{};  // why no conversation can show whether it is kept; such a one has no scenario
};

using Requirements = std::map<std::string, Requirement, std::less<>>;  // by id

std::expected<Requirements, std::vector<LoadError>> load_requirements(const std::filesystem::path& file);

}  // namespace conformance::catalogue
