#include "conformance/catalogue/requirements.hpp"

#include "conformance/catalogue/text_records.hpp"

namespace conformance::catalogue {

namespace {

constexpr TextField<Requirement> fields[] = {
    {"id", &Requirement::id},
    {"role", &Requirement::role},
    {"level", &Requirement::level},
    {"clause", &Requirement::clause},
    {"statement", &Requirement::statement},
    {"rabbitmq", &Requirement::rabbitmq, Need::optional},
    {"ambiguity", &Requirement::ambiguity, Need::optional},
    {"accepted", &Requirement::accepted, Need::optional},
    {"untestable", &Requirement::untestable, Need::optional},
};

}  // namespace

std::expected<Requirements, std::vector<LoadError>> load_requirements(const std::filesystem::path& file) {
    return load_text_records(file, fields);
}

}  // namespace conformance::catalogue
