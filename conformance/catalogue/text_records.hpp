// A YAML file that is a list of records whose fields are all text, the first of them the record's id.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/catalogue/location.hpp"

namespace conformance::catalogue {

enum class Need : std::uint8_t { required, optional };

template <class Record>
struct TextField {
    std::string_view name;
    std::string Record::* member;
    Need need = Need::required;
};

// What stands in the file; `known` are the names that may stand there.
struct TextRecord {
    Location at;
    std::map<std::string, std::string, std::less<>> fields;
};

std::vector<TextRecord> read_text_records(
    const std::filesystem::path& file, std::span<const std::string_view> known, std::vector<LoadError>& errors
);

template <class Record>
using ById = std::map<std::string, Record, std::less<>>;

template <class Record, std::size_t count>
std::expected<ById<Record>, std::vector<LoadError>> load_text_records(
    const std::filesystem::path& file, const TextField<Record> (&fields)[count]
) {
    std::vector<std::string_view> known;
    for (const auto& field : fields) known.push_back(field.name);
    std::vector<LoadError> errors;
    ById<Record> records;
    for (const auto& [at, texts] : read_text_records(file, known, errors)) {
        Record record;
        for (const auto& field : fields) {
            const auto found = texts.find(field.name);
            if (found != texts.end()) record.*field.member = found->second;
            if (field.need == Need::required && (record.*field.member).empty())
                errors.push_back({at, fmt::format("the field '{}' is missing", field.name)});
        }
        const auto id = record.*fields[0].member;
        if (!records.try_emplace(id, std::move(record)).second)
            errors.push_back({at, fmt::format("the id '{}' is given twice", id)});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return records;
}

}  // namespace conformance::catalogue
