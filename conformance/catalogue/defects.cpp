#include "conformance/catalogue/defects.hpp"

#include <sstream>

namespace conformance::catalogue {

namespace {

constexpr TextField<Defect> fields[] = {
    {"id", &Defect::id},
    {"project", &Defect::project},
    {"source", &Defect::source},
    {"link", &Defect::link},
    {"level", &Defect::level},
    {"statement", &Defect::statement},
    {"evidence", &Defect::evidence, Need::optional},
    {"scenarios", &Defect::scenarios, Need::optional},
    {"unreachable", &Defect::unreachable, Need::optional},
};

}  // namespace

std::vector<std::string> Defect::scenario_ids() const {
    std::istringstream text(scenarios);
    return {std::istream_iterator<std::string>(text), {}};
}

std::expected<Defects, std::vector<LoadError>> load_defects(const std::filesystem::path& file) {
    return load_text_records(file, fields);
}

}  // namespace conformance::catalogue
