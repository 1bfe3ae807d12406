#include "simbroker/yaml/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "codec/wire/utf8.hpp"

namespace simbroker::yaml {

namespace {

using nlohmann::json;

json typed(const std::string& text) {
    static const std::regex integer("[-+]?(0|[1-9][0-9]*)");
    static const std::regex number("[-+]?[0-9]+\\.[0-9]+([eE][-+]?[0-9]+)?");
    if (text.empty() || text == "~" || text == "null") return nullptr;
    if (text == "true") return true;
    if (text == "false") return false;
    if (std::regex_match(text, integer) || std::regex_match(text, number)) {
        auto value = json::parse(text.front() == '+' ? text.substr(1) : text, nullptr, /*allow_exceptions=*/false);
        if (!value.is_discarded()) return value;  // otherwise no number can hold it
    }
    return text;
}

// An alias may stand for what it stands in, or for more and more of the like: neither has an end worth waiting for.
struct Bounds {
    int levels = 100;
    int nodes = 1'000'000;
};

std::expected<json, LoadError> convert(const YAML::Node& node, const std::string& file, Bounds& left);

LoadError not_utf8(const YAML::Node& node, const std::string& file) {
    return {location_of(node, file), "expected UTF-8; other octets are written {hex: ...}"};
}

std::expected<json, LoadError> mapping(const YAML::Node& node, const std::string& file, Bounds& left) {
    auto object = json::object();
    for (const auto& entry : node) {
        if (!entry.first.IsScalar())
            return std::unexpected(LoadError{location_of(entry.first, file), "a key must be text"});
        const auto key = entry.first.Scalar();
        if (!codec::wire::is_utf8(key)) return std::unexpected(not_utf8(entry.first, file));
        if (object.contains(key)) {
            return std::unexpected(
                LoadError{location_of(entry.first, file), fmt::format("the key '{}' is repeated", key)}
            );
        }
        auto value = convert(entry.second, file, left);
        if (!value) return value;
        object[key] = std::move(*value);
    }
    return object;
}

std::expected<json, LoadError> sequence(const YAML::Node& node, const std::string& file, Bounds& left) {
    auto list = json::array();
    for (const auto& entry : node) {
        auto value = convert(entry, file, left);
        if (!value) return value;
        list.push_back(std::move(*value));
    }
    return list;
}

std::expected<json, LoadError> convert(const YAML::Node& node, const std::string& file, Bounds& left) {
    if (left.levels == 0 || left.nodes == 0) {
        const auto* what = left.levels == 0 ? "at most 100 levels" : "at most a million values";
        return std::unexpected(LoadError{location_of(node, file), fmt::format("expected {}, aliases included", what)});
    }
    --left.nodes;
    --left.levels;
    std::expected<json, LoadError> converted(nullptr);
    switch (node.Type()) {
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null: break;
        case YAML::NodeType::Scalar:
            if (!codec::wire::is_utf8(node.Scalar())) return std::unexpected(not_utf8(node, file));
            // yaml-cpp gives quoted scalars the tag "!", plain ones "?".
            converted = node.Tag() == "?" ? typed(node.Scalar()) : json(node.Scalar());
            break;
        case YAML::NodeType::Sequence: converted = sequence(node, file, left); break;
        case YAML::NodeType::Map: converted = mapping(node, file, left); break;
    }
    ++left.levels;
    return converted;
}

}  // namespace

std::expected<std::vector<YAML::Node>, LoadError> documents(
    const std::filesystem::path& path, const std::string& file
) {
    std::ifstream in(path);
    if (!in) return std::unexpected(LoadError{{file, 0}, "cannot be read"});
    return documents_of(in, file);
}

namespace {

// yaml-cpp 0.7 finds documents without end in some texts, such as ",id* x": they are counted before they are kept.
class Counter final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        constexpr int most = 10'000;
        if (++documents_ > most) throw YAML::Exception(mark, "expected at most 10,000 documents");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

private:
    int documents_ = 0;
};

}  // namespace

std::expected<std::vector<YAML::Node>, LoadError> documents_of(std::istream& text, const std::string& file) {
    const std::string whole{std::istreambuf_iterator<char>(text), std::istreambuf_iterator<char>()};
    try {
        std::istringstream once(whole);
        YAML::Parser parser(once);
        Counter counter;
        while (parser.HandleNextDocument(counter)) {
        }
        return YAML::LoadAll(whole);
    } catch (const YAML::Exception& error) {
        return std::unexpected(LoadError{{file, error.mark.line + 1}, "is not YAML: " + error.msg});
    }
}

std::expected<json, LoadError> json_of(const YAML::Node& node, const std::string& file) {
    Bounds bounds;
    return convert(node, file, bounds);
}

namespace {

std::expected<json, LoadError> json_of_one(
    const std::expected<std::vector<YAML::Node>, LoadError>& documents, const std::string& file
) {
    if (!documents) return std::unexpected(documents.error());
    if (documents->size() > 1)
        return std::unexpected(LoadError{location_of(documents->at(1), file), "expected one document, got another"});
    return documents->empty() ? json() : json_of(documents->front(), file);
}

}  // namespace

std::expected<json, LoadError> json_of_file(const std::filesystem::path& path) {
    return json_of_one(documents(path, path.string()), path.string());
}

std::expected<json, LoadError> json_of_text(std::string_view text, const std::string& file) {
    std::istringstream in{std::string(text)};
    return json_of_one(documents_of(in, file), file);
}

Location location_of(const YAML::Node& node, const std::string& file) { return {file, node.Mark().line + 1}; }

}  // namespace simbroker::yaml
