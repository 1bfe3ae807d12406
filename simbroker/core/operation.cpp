// Operations as JSON and as command lines, both read off the rows.
#include "simbroker/core/operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "simbroker/core/operation_shape.hpp"

namespace simbroker {
namespace {

using nlohmann::json;
using operation::Definition;
using operation::Place;
using Problem = std::optional<std::string>;
using Words = std::span<const std::string>;

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

// Calls `with` for a default operation of each kind, until one says that it was meant.
template <class With>
bool any_kind(With&& with) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (with(std::variant_alternative_t<I, Operation>{}) || ...);
    }(std::make_index_sequence<std::variant_size_v<Operation>>());
}

template <class Of, class With>
void each_field(With&& with) {
    std::apply([&](const auto&... field) { (with(field), ...); }, Of::fields);
}

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// ---- JSON

constexpr auto kind_of(const std::string&) { return OperationField::Kind::text; }
constexpr auto kind_of(std::int64_t) { return OperationField::Kind::whole_number; }
constexpr auto kind_of(const std::vector<std::string>&) { return OperationField::Kind::texts; }
constexpr auto kind_of(const Definition&) { return OperationField::Kind::definition; }

json value_of(const std::string& text) { return text; }
json value_of(std::int64_t number) { return number; }
json value_of(const std::vector<std::string>& texts) { return texts; }
json value_of(const Definition& definition) { return definition.json; }

Problem read(const json& value, std::string& into) {
    if (!value.is_string()) return "a string";
    into = value.get<std::string>();
    return {};
}

Problem read(const json& value, std::int64_t& into) {
    if (!value.is_number_integer()) return "a whole number";
    into = value.get<std::int64_t>();
    return {};
}

Problem read(const json& value, std::vector<std::string>& into) {
    constexpr auto expected = "an array of strings";
    if (!value.is_array()) return expected;
    into.clear();
    for (const auto& element : value) {
        if (!element.is_string()) return expected;
        into.push_back(element.get<std::string>());
    }
    return {};
}

Problem read(const json& value, Definition& into) {
    if (!value.is_string() && !value.is_object()) return "an object, or the text of one";
    into.json = value.is_string() ? value.get<std::string>() : dumped(value);
    return {};
}

template <class Of>
Problem read_fields(const json& fields, Of& into) {
    Problem problem;
    std::vector<std::string_view> names;
    each_field<Of>([&](const auto& field) {
        names.push_back(field.name);
        if (problem || !fields.contains(field.name)) return;
        if (const auto expected = read(fields.at(std::string(field.name)), into.*field.member)) {
            const auto got = dumped(fields.at(std::string(field.name)));
            problem = fmt::format("{}.{}: expected {}, got {}", Of::name, field.name, *expected, got);
        }
    });
    for (const auto& [key, value] : fields.items()) {
        if (!problem && std::ranges::find(names, key) == names.end()) {
            problem = fmt::format("{}.{}: unknown key, expected one of {}", Of::name, key, joined(names));
        }
    }
    return problem;
}

// ---- command lines

Problem take(const std::string& word, std::string& into) {
    into = word;
    return {};
}

Problem take(const std::string& word, std::int64_t& into) {
    const auto* end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(word.data(), end, into);
    if (error != std::errc{} || stopped != end) return fmt::format("expected a whole number, got \"{}\"", word);
    return {};
}

Problem take(const std::string& word, std::vector<std::string>& into) {
    into.push_back(word);
    return {};
}

Problem take(const std::string& word, Definition& into) {
    into.json = word;
    return {};
}

std::vector<std::string> words_of(const std::string& text) { return {text}; }
std::vector<std::string> words_of(std::int64_t number) { return {std::to_string(number)}; }
std::vector<std::string> words_of(const std::vector<std::string>& texts) { return texts; }
std::vector<std::string> words_of(const Definition& definition) { return {definition.json}; }

template <class Of>
std::string usage() {
    std::string text(Of::name);
    each_field<Of>([&](const auto& field) {
        switch (field.place) {
            case Place::option: text += fmt::format(" [{} {}]", field.flag, field.name); break;
            case Place::argument: text += fmt::format(" <{}>", field.name); break;
            case Place::last_arguments: text += fmt::format(" [<{}> ...]", field.name); break;
            case Place::may_be_left_out: text += fmt::format(" [<{}>]", field.name); break;
        }
    });
    return text;
}

// Takes the options out of `words` and leaves the rest in `arguments`. Options may stand anywhere, as -p x, --vhost x
// or --vhost=x.
template <class Of>
Problem take_options(Words words, Of& into, std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        bool taken = false;
        Problem problem;
        each_field<Of>([&](const auto& field) {
            if (taken || field.place != Place::option) return;
            auto long_flag = "--" + std::string(field.name);
            std::ranges::replace(long_flag, '_', '-');
            if (words[i].starts_with(long_flag + "=")) {
                taken = true;
                problem = take(words[i].substr(long_flag.size() + 1), into.*field.member);
            } else if (words[i] == field.flag || words[i] == long_flag) {
                taken = true;
                problem = ++i < words.size() ? take(words[i], into.*field.member) : "expected a value after it";
            }
            if (problem) problem = fmt::format("{}: {}", long_flag, *problem);
        });
        if (problem) return problem;
        if (!taken) arguments.push_back(words[i]);
    }
    return {};
}

template <class Of>
std::expected<Operation, std::string> from_words(Words words) {
    Of made{};
    std::vector<std::string> arguments;
    if (auto problem = take_options(words, made, arguments)) {
        return std::unexpected(fmt::format("{}: {}; usage: {}", Of::name, *problem, usage<Of>()));
    }
    Problem problem;
    std::size_t next = 0;
    each_field<Of>([&](const auto& field) {
        if (problem || field.place == Place::option) return;
        if (next == arguments.size()) {
            if (field.place == Place::argument) problem = "not enough arguments";
            return;
        }
        const auto end = field.place == Place::last_arguments ? arguments.size() : next + 1;
        while (!problem && next < end) problem = take(arguments[next++], made.*field.member);
    });
    if (!problem && next < arguments.size()) problem = "too many arguments";
    if (problem) return std::unexpected(fmt::format("{}: {}; usage: {}", Of::name, *problem, usage<Of>()));
    return made;
}

}  // namespace

std::string_view operation::name_of(const Operation& operation) {
    return std::visit([](const auto& held) { return std::decay_t<decltype(held)>::name; }, operation);
}

std::vector<std::string_view> operation_names() {
    std::vector<std::string_view> names;
    any_kind([&]<class Of>(const Of&) {
        names.push_back(Of::name);
        return false;
    });
    return names;
}

std::vector<OperationShape> operation_shapes() {
    std::vector<OperationShape> shapes;
    any_kind([&]<class Of>(const Of& made) {
        OperationShape shape{Of::name, {}};
        each_field<Of>([&](const auto& field) {
            shape.fields.push_back({field.name, kind_of(made.*field.member), field.place == Place::argument});
        });
        shapes.push_back(std::move(shape));
        return false;
    });
    return shapes;
}

std::string to_json(const Operation& operation) {
    auto fields = json::object();
    std::visit(
        [&]<class Of>(const Of& held) {
            each_field<Of>([&](const auto& field) { fields[std::string(field.name)] = value_of(held.*field.member); });
        },
        operation
    );
    return dumped({{std::string(name_of(operation)), std::move(fields)}});
}

std::expected<Operation, std::string> operation_from_json(std::string_view text) {
    const auto value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object() || value.size() != 1 || !value.begin().value().is_object()) {
        return std::unexpected(fmt::format("expected an operation, {{\"name\": {{...}}}}, got {}", text.substr(0, 80)));
    }
    const auto& key = value.begin().key();
    std::expected<Operation, std::string> result =
        std::unexpected(fmt::format("unknown operation \"{}\", expected one of {}", key, joined(operation_names())));
    any_kind([&]<class Of>(Of made) {
        if (Of::name != key) return false;
        if (auto problem = read_fields(value.begin().value(), made)) {
            result = std::unexpected(std::move(*problem));
        } else {
            result = std::move(made);
        }
        return true;
    });
    return result;
}

std::expected<Operation, std::string> operation_from_command(Words words) {
    if (words.empty()) return std::unexpected("expected a command");
    std::expected<Operation, std::string> result =
        std::unexpected(fmt::format("unknown command \"{}\", expected one of {}", words[0], joined(operation_names())));
    any_kind([&]<class Of>(const Of&) {
        if (Of::name != words[0]) return false;
        result = from_words<Of>(words.subspan(1));
        return true;
    });
    return result;
}

std::vector<std::string> command_of(const Operation& operation) {
    std::vector<std::string> words{std::string(name_of(operation))};
    std::visit(
        [&]<class Of>(const Of& held) {
            each_field<Of>([&](const auto& field) {
                auto value = words_of(held.*field.member);
                // An option that is not given, and a last argument, may be left out; an empty argument is one.
                const bool empty = value == std::vector<std::string>{""};
                if (empty && field.place != Place::argument) return;
                if (field.place == Place::option) words.emplace_back(field.flag);
                std::ranges::move(value, std::back_inserter(words));
            });
        },
        operation
    );
    return words;
}

}  // namespace simbroker
