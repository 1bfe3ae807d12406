// topic: the binding key is a pattern of words (3.1.3.3). Words may be empty ("a..b" has three), partial
// wildcards ("a*") are ordinary words.
#include <optional>

#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view text) {
    Words words;
    if (text.empty()) return words;
    std::size_t start = 0;
    for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', start)) {
        words.push_back(text.substr(start, dot - start));
        start = dot + 1;
    }
    words.push_back(text.substr(start));
    return words;
}

// The classic glob match with one point of return: linear in memory, at most |pattern| * |key| steps.
bool matches(const Words& pattern, const Words& key) {
    std::size_t p = 0;
    std::size_t k = 0;
    std::optional<std::size_t> hash;  // the last '#' passed, and the word it gave way at
    std::size_t hash_word = 0;
    while (k < key.size()) {
        if (p < pattern.size() && pattern[p] == "#") {
            hash = p++;
            hash_word = k;
        } else if (p < pattern.size() && (pattern[p] == "*" || pattern[p] == key[k])) {
            ++p;
            ++k;
        } else if (hash) {
            p = *hash + 1;
            k = ++hash_word;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == "#") ++p;
    return p == pattern.size();
}

class TopicRouter final : public Router {
public:
    void add(const Binding& binding) override { bindings_.push_back(binding); }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        for (const auto& key : passage.keys) {
            const auto words = split(key);
            for (const auto& binding : bindings_) {
                if (matches(split(binding.routing_key), words)) out.push_back(&binding.destination);
            }
        }
    }

private:
    std::vector<Binding> bindings_;
};

}  // namespace

bool topic_matches(std::string_view pattern, std::string_view routing_key) {
    return matches(split(pattern), split(routing_key));
}

std::unique_ptr<Router> make_topic_router() { return std::make_unique<TopicRouter>(); }

}  // namespace simbroker::model
