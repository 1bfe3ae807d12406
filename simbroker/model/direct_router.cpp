// direct: a message passes where the binding key equals its routing key (3.1.3.1).
#include <algorithm>
#include <map>
#include <string>

#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

class DirectRouter final : public Router {
public:
    void add(const Binding& binding) override { by_key_[binding.routing_key].push_back(binding); }

    void remove(const Binding& binding) override {
        const auto found = by_key_.find(binding.routing_key);
        std::erase(found->second, binding);
        if (found->second.empty()) by_key_.erase(found);
    }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        for (const auto& key : passage.keys) {
            const auto found = by_key_.find(key);
            if (found == by_key_.end()) continue;
            for (const auto& binding : found->second) out.push_back(&binding.destination);
        }
    }

private:
    std::map<std::string, std::vector<Binding>, std::less<>> by_key_;
};

}  // namespace

std::unique_ptr<Router> make_direct_router() { return std::make_unique<DirectRouter>(); }

}  // namespace simbroker::model
